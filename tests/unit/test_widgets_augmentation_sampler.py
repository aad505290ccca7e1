"""The Python side of AugmentationSampler: views, traits, refusals, still picture."""

import math

import numpy as np
import pytest
from traitlets import TraitError

from helpers import colours, images
from helpers.widgets import AugmentationSampler
from helpers.widgets.explorers.augmentation_sampler import (
    PRESETS,
    SIDE,
    VIEWS,
    pictures,
)
from helpers.widgets.parts import augmentation
from helpers.widgets.parts.augmentation import Settings, Way, corners, view, ways

STILL = {"mirror": False, "colour": 0}
AS_IT_IS = Way(0, 0, 256, False, 0, 0, (0, 0, 0))
NONE = np.zeros((3, 3))


@pytest.fixture
def sampler():
    sampler = AugmentationSampler("coffee", turn=20, brightness=0.2, seed=5)
    yield sampler
    sampler.close()


def test_a_fixed_crop_is_a_part_of_the_photo():
    sampler = AugmentationSampler("chelsea", crop="fixed size", size=200, colour=0)
    starts, mirrored = set(), []
    for way, seen in zip(sampler.ways, sampler.views, strict=True):
        top, left = way.top, way.left
        part = sampler.image[top : top + 200, left : left + 200]
        np.testing.assert_array_equal(seen, part[:, ::-1] if way.mirrored else part)
        starts.add((top, left))
        mirrored.append(way.mirrored)
    assert len(starts) == VIEWS
    assert 0 < sum(mirrored) < VIEWS
    sampler.close()


def test_without_any_change_the_photo_comes_out():
    sampler = AugmentationSampler("coffee", size=256, least=1, **STILL)
    for seen in sampler.views:
        np.testing.assert_allclose(seen, sampler.image, atol=1e-9)
    assert sampler.count == 1
    sampler.close()


def test_turning_is_counter_clockwise():
    photo = pictures()["astronaut"]
    for quarters in (1, 2, 3):
        turned = view(photo, AS_IT_IS._replace(angle=90 * quarters), 256, NONE)
        np.testing.assert_allclose(turned, np.rot90(photo, quarters), atol=1e-6)
        both = AS_IT_IS._replace(angle=90 * quarters, mirrored=True)
        mirrored = np.rot90(photo, quarters)[:, ::-1]
        np.testing.assert_allclose(view(photo, both, 256, NONE), mirrored, atol=1e-6)


def test_a_window_is_scaled_in_straight_lines():
    """Of a ramp comes a ramp, as steep as the window is small."""
    ramp = np.broadcast_to(np.arange(256.0)[:, np.newaxis, np.newaxis], (256, 256, 3))
    way = AS_IT_IS._replace(top=40, left=10, window=64)
    seen = view(ramp, way, 32, NONE)
    wanted = 40 + (np.arange(32) + 0.5) * 2 - 0.5
    np.testing.assert_allclose(seen[:, 7, 1], wanted)


def test_the_frame_is_where_the_view_comes_from():
    rows, columns = np.mgrid[:256.0, :256.0]
    places = np.stack([rows, columns, columns], axis=-1)
    for angle in (0, 30, -75):
        way = Way(90, 70, 80, False, angle, 0, (0, 0, 0))
        seen = view(places, way, 800, NONE)[..., :2]
        outer = seen[[0, 0, -1, -1], [0, -1, -1, 0]]
        np.testing.assert_allclose(outer, corners(way) - 0.5, atol=0.2)


def test_colours_are_shifted_along_the_axes():
    photo, axes = pictures()["coffee"], images.principal_colours(pictures()["coffee"])
    way = AS_IT_IS._replace(brightness=7, amounts=(0.5, -1, 2))
    shift = view(photo, way, 256, axes) - photo
    wanted = 7 + 0.5 * axes[0] - axes[1] + 2 * axes[2]
    np.testing.assert_allclose(shift, np.broadcast_to(wanted, shift.shape), atol=1e-9)


def test_what_is_drawn_is_as_strong_as_was_asked():
    asked = Settings(least=0.3, turn=40, brightness=0.2, colour=0.1)
    drawn = ways(asked, SIDE, 1, 4000)
    share, angle, light = (
        np.array([getattr(way, name) for way in drawn])
        for name in ("window", "angle", "brightness")
    )
    share = share / SIDE
    assert 0.3 <= share.min() < 0.31
    assert 0.99 < share.max() <= 1
    assert share.mean() == pytest.approx(0.65, abs=0.01)
    for values, most in ((angle, 40), (light, 0.2 * 255)):
        assert -most <= values.min() < -0.99 * most
        assert 0.99 * most < values.max() <= most
        assert abs(values.mean()) < 0.05 * most
    amounts = np.array([way.amounts for way in drawn])
    np.testing.assert_allclose(amounts.std(axis=0), 0.1, rtol=0.05)
    assert np.mean([way.mirrored for way in drawn]) == pytest.approx(0.5, abs=0.03)
    for way in drawn:
        assert 0 <= way.top <= SIDE - way.window
        assert 0 <= way.left <= SIDE - way.window


def test_a_fixed_crop_begins_everywhere_alike():
    drawn = ways(Settings(augmentation.FIXED, 224), SIDE, 2, 20_000)
    for name in ("top", "left"):
        counts = np.bincount([getattr(way, name) for way in drawn])
        assert len(counts) == 33
        assert counts.min() > 0.7 * 20_000 / 33
        assert counts.max() < 1.3 * 20_000 / 33


@pytest.mark.parametrize(
    ("name", "value", "changed"),
    [
        ("colour", 0.9, {"amounts"}),
        ("turn", 77, {"angle"}),
        ("brightness", 0.9, {"brightness"}),
        ("mirror", False, {"mirrored"}),
        ("least", 0.2, {"window", "top", "left"}),
        ("size", 50, set()),
        ("chosen", 7, set()),
    ],
)
def test_another_strength_changes_only_what_belongs_to_it(
    sampler, name, value, changed
):
    before = sampler.ways
    setattr(sampler, name, value)
    found = {
        field
        for one, other in zip(before, sampler.ways, strict=True)
        for field in Way._fields
        if getattr(one, field) != getattr(other, field)
    }
    assert found == changed


def test_another_seed_is_another_draw(sampler):
    before = sampler.views
    sampler.seed = 6
    assert np.abs(sampler.views - before).mean() > 5
    sampler.seed = 5
    np.testing.assert_array_equal(sampler.views, before)


def test_how_many_crops_there_are():
    for size, mirror, count in (
        (224, True, 2178),
        (224, False, 1089),
        (256, True, 2),
        (256, False, 1),
        (32, True, 101_250),
    ):
        sampler = AugmentationSampler(crop="fixed size", size=size, mirror=mirror)
        assert sampler.count == count
        sampler.crop = "random size"
        assert sampler.count == math.inf
        sampler.close()


def test_the_names_of_pictures():
    for name in pictures():
        sampler = AugmentationSampler(name)
        assert (sampler.photo, sampler.image.shape) == (name, (256, 256, 3))
        np.testing.assert_array_equal(sampler.image, pictures()[name])
        sampler.close()
    letter = pictures()["letter b"][..., 0]
    upper = letter[:110] > 0  # above the bowl stands the stem, on the left
    assert upper[:, :110].sum() > 1000
    assert not upper[:, 110:].any()
    assert letter.max() == 255
    assert letter.min() == 0


def square(side):
    rng = np.random.default_rng(side)
    return rng.integers(0, 256, (side, side, 3), np.uint8)


def test_of_a_photo_the_middle_square_is_taken():
    photo = square(256)
    wide = np.zeros((256, 300, 3), np.uint8)
    wide[:, 22:278] = photo
    for given in (photo, wide, wide.swapaxes(0, 1), photo.astype(float), photo / 255):
        sampler = AugmentationSampler(given)
        wanted = photo.swapaxes(0, 1) if given.shape[0] > 256 else photo
        np.testing.assert_array_equal(sampler.image, wanted)
        assert sampler.photo == "own"
        sampler.close()


@pytest.mark.parametrize("side", [1, 28, 128, 512, 700])
def test_a_photo_of_any_size(side):
    gray = np.full((side, side), 90, np.uint8)
    gray[: side // 2] = 200
    for given in (gray, gray[..., np.newaxis], gray[:, :, np.newaxis].repeat(3, 2)):
        sampler = AugmentationSampler(given, **STILL)
        assert sampler.image.shape == (256, 256, 3)
        assert np.ptp(sampler.image, axis=2).max() == 0
        assert set(np.unique(sampler.image[[5, -5]])) == (
            {90, 200} if side > 1 else {90}
        )
        assert sampler.picture().to_png()
        sampler.close()


def test_a_gray_picture_differs_in_brightness_alone():
    sampler = AugmentationSampler("digit 6")
    first, *others = np.linalg.norm(sampler.axes, axis=1)
    assert first > 50
    np.testing.assert_allclose(others, 0, atol=1e-4)
    sampler.close()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("image", np.ones((8, 8, 4)), "gray"),
        ("image", np.ones(8), "shape"),
        ("image", np.full((9, 9), np.nan), "not finite"),
        ("photo", "own", "assign it to image"),
        ("photo", "chelsa", 'Did you mean "chelsea"'),
        ("crop", "fixed", "random size"),
        ("size", 31, "from 32 to 256"),
        ("size", 257, "from 32 to 256"),
        ("least", 0.05, "from 0.1 to 1"),
        ("least", 1.1, "from 0.1 to 1"),
        ("turn", 181, "from 0 to 180"),
        ("turn", -1, "from 0 to 180"),
        ("brightness", -0.1, "from 0 to 1"),
        ("colour", 1.5, "from 0 to 1"),
        ("colour", "strong", "from 0 to 1"),
        ("colour", math.nan, "from 0 to 1"),
        ("seed", 0, "from 1 to 1,?000"),
        ("seed", 1001, "from 1 to 1,?000"),
        ("chosen", 0, "from 1 to 12"),
        ("chosen", 13, "from 1 to 12"),
    ],
)
def test_what_is_refused(sampler, name, value, said):
    before = getattr(sampler, name)
    with pytest.raises(TraitError, match=said):
        setattr(sampler, name, value)
    assert getattr(sampler, name) is before


def test_an_unknown_photo_is_refused_with_the_names():
    for name in ("chelsa", "own"):
        with pytest.raises(TraitError, match="astronaut, chelsea, coffee, digit 6"):
            AugmentationSampler(name)


@pytest.mark.parametrize("kind", [float, np.float32, np.float64])
def test_shares_are_taken_as_any_number(sampler, kind):
    for name in ("least", "brightness", "colour"):
        setattr(sampler, name, kind(0.5))
        assert getattr(sampler, name) == 0.5
        setattr(sampler, name, 1)
        assert getattr(sampler, name) == 1


def test_photo_and_image_follow_each_other(sampler):
    sampler.photo = "letter b"
    np.testing.assert_array_equal(sampler.image, pictures()["letter b"])
    sampler.image = square(256)
    assert sampler.photo == "own"
    sampler.photo = "coffee"
    np.testing.assert_array_equal(sampler.image, pictures()["coffee"])


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_set(sampler, name):
    before = sampler.views
    for field, value in PRESETS[name]._asdict().items():
        if field != "title":
            setattr(sampler, field, value)
    same = before.shape == sampler.views.shape and np.allclose(before, sampler.views)
    assert not same
    assert sampler.picture().axes


def test_it_shows_a_picture_and_a_line_beside_the_live_view(sampler):
    data, metadata = sampler._repr_mimebundle_()
    way = sampler.ways[0]
    assert data["text/plain"] == repr(sampler)
    assert repr(sampler).startswith(
        "AugmentationSampler: 12 views of coffee, windows of 50 to 100 % of the side, "
        "scaled to 96 × 96 pixels, mirrored or not, turned by up to 20°, brightness "
        f"± 20 %, colour 0.1, seed 5; view 1 begins at row {way.top:.0f}"
    )
    assert metadata["image/png"]["alt"] == repr(sampler)
    assert data["image/png"].startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in data
    sampler.crop = "fixed size"
    assert "96 × 96 of 256 × 256 pixels, mirrored" in repr(sampler)


def test_the_picture_has_the_views_and_the_frame_of_the_chosen_one():
    sampler = AugmentationSampler("letter b", crop="fixed size", size=100, **STILL)
    sampler.chosen = 4
    photo, mosaic = (ax.images[0].get_array() for ax in sampler.picture().axes)
    scale = photo.shape[0] / 256  # many colour photos in one picture are stored smaller
    assert 0.4 < scale <= 1
    assert mosaic.shape[1] > 1.2 * mosaic.shape[0]  # four in a row, three below
    orange = np.array([int(colours.KERNEL[k : k + 2], 16) for k in (1, 3, 5)])
    near = np.abs(photo.astype(int) - orange) < 40
    rows, columns = np.array(np.nonzero(near.all(axis=-1))) / scale
    way = sampler.ways[3]
    assert (rows.min(), columns.min()) == pytest.approx((way.top, way.left), abs=4)
    assert rows.max() - rows.min() == pytest.approx(100, abs=5)
    sampler.close()
