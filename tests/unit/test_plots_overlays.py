"""Maps over a photo: what is seen where."""

import numpy as np
import pytest

from helpers import images, plots

PHOTO = np.random.default_rng(0).integers(0, 256, (24, 30, 3), np.uint8)


def pixels(picture):
    """What stands on each axis, 0 to 255."""
    return [np.asarray(ax.images[0].get_array(), float) for ax in picture.axes]


def pale(photo):
    return 255 - 0.75 * (255 - np.asarray(images.gray(photo), float))


@pytest.mark.parametrize("photo", [PHOTO, PHOTO / 255, PHOTO[..., 0]])
def test_where_a_map_is_0_the_pale_photo_is_seen(photo):
    found = np.zeros((24, 30))
    found[3, 4], found[20, 7] = 2, -1
    seen = pixels(plots.overlays(photo, found, strength=1))
    assert len(seen) == 2
    white = 255 / images.white(photo)
    ground = np.broadcast_to(pale(photo * white)[..., None], (24, 30, 3))
    plain = found == 0
    np.testing.assert_allclose(seen[1][plain], ground[plain], atol=1)
    red, blue = seen[1][3, 4], seen[1][20, 7]
    assert red[0] > red[2] + 50
    assert blue[2] > blue[0] + 50


def test_each_map_has_a_scale_of_its_own():
    found = np.random.default_rng(1).normal(size=(6, 6))
    _, one, other = pixels(plots.overlays(PHOTO, {"a": found, "b": 1000 * found}))
    np.testing.assert_allclose(one, other, atol=1)


def test_how_strong():
    found = np.random.default_rng(1).normal(size=(6, 6))
    ground = pale(PHOTO)[..., None]
    off = [
        np.abs(pixels(plots.overlays(PHOTO, found, strength=s))[1] - ground).max()
        for s in (0, 0.3, 0.9)
    ]
    assert off[0] <= 1
    assert off[0] < off[1] < off[2]


def test_maps_of_one_value_and_of_none():
    for value in (0, np.nan):
        assert len(plots.overlays(PHOTO, np.full((3, 3), value)).axes) == 2
    part = np.full((24, 30), np.nan)
    part[:12] = 1
    seen = pixels(plots.overlays(PHOTO, part))[1]
    assert len(np.unique(seen[13:].reshape(-1, 3), axis=0)) == 1  # the one yellow


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ((0, 0), "most at the upper left."),
        ((4, 4), "most in the middle."),
        ((8, 4), "most at the bottom."),
        ((0, 4), "most at the top."),
        ((4, 8), "most at the right."),
        ((8, 0), "most at the lower left."),
    ],
)
def test_where_most_is_is_said(at, said):
    found = np.zeros((9, 9))
    found[at] = 3
    alt = plots.overlays(PHOTO, {"occlusion": found}).alt
    assert alt.startswith("Two images side by side. 1, photo: 24 × 30 pixels, colour")
    assert alt.endswith(
        f"2, occlusion: a map of 9 × 9 over it, values from 0 to 3, {said}"
    )
    assert "most" not in plots.overlays(PHOTO, np.ones((2, 2))).alt


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((PHOTO[None], np.ones((2, 2))), "An image has shape"),
        ((PHOTO, np.ones((2, 2, 2, 2))), "A map"),
        ((PHOTO, {}), "nothing to draw"),
        ((PHOTO, [np.ones((2, 2))], ["a", "b"]), "titles"),
    ],
)
def test_what_cannot_be_drawn(given, said):
    with pytest.raises(ValueError, match=said):
        plots.overlays(*given)
    with pytest.raises(ValueError, match="strength: got 2"):
        plots.overlays(PHOTO, np.ones((2, 2)), strength=2)
