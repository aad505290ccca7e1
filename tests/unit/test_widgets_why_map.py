"""The Python side of WhyMap: what it is given, its maps, what it says."""

import numpy as np
import photo_networks
import pytest
from traitlets import TraitError

from helpers import images, ops
from helpers.networks import exported, running
from helpers.widgets import WhyMap
from helpers.widgets.parts import reasons

RNG = np.random.default_rng(8)
NETWORK = photo_networks.small()


@pytest.fixture
def why():
    why = WhyMap(NETWORK, "chelsea")
    yield why
    why.close()


def shares(view):
    return running.maps(NETWORK, view)["shares"]


def logit(view, label):
    return running.maps(NETWORK, view)["logits"][label]


def test_it_begins_with_the_class_that_it_names(why):
    photo = images.photo("chelsea", size=256, colour=True)
    view = images.square(photo, 32).astype(float)
    np.testing.assert_array_equal(why.view, view)
    np.testing.assert_allclose(why.probabilities, shares(view), atol=1e-12)
    assert why.guess == photo_networks.CLASSES[shares(view).argmax()]
    assert (why.label, why.method, why.layer) == (None, "grad_cam", "bend")
    assert (why.patch, why.covered, why.change) == (6, None, None)
    found = why.map
    why.label = int(shares(view).argmax())
    np.testing.assert_array_equal(why.map, found)
    assert why.network is NETWORK
    assert not why.in_kernel


def test_saliency_is_the_steepest_slope_of_a_pixel(why):
    why.method, why.label = "saliency", 1
    assert why.map.shape == (32, 32)
    view = why.view
    for row, column in RNG.integers(0, 32, (10, 2)):
        steepest = 0.0
        for channel in range(3):
            near = [view.copy(), view.copy()]
            near[0][row, column, channel] -= 1e-4
            near[1][row, column, channel] += 1e-4
            low, high = (logit(one, 1) for one in near)
            steepest = max(steepest, abs(high - low) / 2e-4)
        assert why.map[row, column] == pytest.approx(steepest, abs=1e-6)


def test_grad_cam_by_its_formula(why):
    """Weights: the mean slope of the logit with a map, moved as a whole."""
    why.label = 3
    layers = NETWORK.description["layers"]
    kernel = NETWORK.weights("logits")["kernel"]
    for name, k in (("bend", 3), ("pool", 4)):
        why.layer = name
        maps = running.maps(NETWORK, why.view)[name]
        rows, columns, count = maps.shape
        weights = np.zeros(count)
        for c in range(count):
            near = [maps.copy(), maps.copy()]
            # A rise of all that keeps which of a window is largest.
            near[0][..., c] -= 1e-4
            near[1][..., c] += 1e-4
            pooled = [
                one
                if k == 4
                else ops.pool2d(one, tuple(layers[4]["size"]), reduce="max")
                for one in near
            ]
            low, high = ((one.mean((0, 1)) @ kernel)[3] for one in pooled)
            weights[c] = (high - low) / 2e-4 / (rows * columns)
        wanted = np.maximum(maps @ weights, 0)
        np.testing.assert_allclose(why.map, wanted, atol=1e-6 * wanted.max())


def test_smooth_grad_is_the_mean_over_noise(why):
    why.method, why.label = "smooth_grad", 0
    view = why.view
    noise = reasons.normals(reasons.SEED, 25 * view.size).reshape(25, *view.shape)
    noisy = view + 0.15 * (view.max() - view.min()) * noise
    chain = why._source._trained
    made = [chain.slopes(chain.forward(one[np.newaxis]), 0)[0] for one in noisy]
    wanted = np.abs(np.mean(made, axis=0)).max(axis=2)
    np.testing.assert_allclose(why.map, wanted, atol=1e-12)


def test_occlusion_by_the_direct_loop(why):
    why.method, why.label, why.patch = "occlusion", 4, 7
    view, found = why.view, why.map
    assert found.shape == (16, 16)
    for row, column in RNG.integers(0, 16, (12, 2)):
        middle = (2 * row + 1, 2 * column + 1)
        covered = view.copy()
        top, left = (max(n - 3, 0) for n in middle)
        covered[top : middle[0] + 4, left : middle[1] + 4] = 127.5
        fall = shares(view)[4] - shares(covered)[4]
        assert found[row, column] == pytest.approx(fall, abs=1e-9)


def test_covering_changes_the_probability(why):
    why.covered, why.patch, why.label = (10, 0), 5, 2
    covered = why.view
    covered[8:13, 0:3] = 127.5
    change = shares(covered)[2] - shares(why.view)[2]
    assert why.change == pytest.approx(change, abs=1e-12)


def test_random_weights_are_those_of_a_new_network(why):
    drawn = reasons.drawn_anew(NETWORK)
    assert drawn.keys() == set(NETWORK.names)
    kernel = drawn["filters"]["kernel"]
    limit = np.sqrt(6 / (25 * 3 + 25 * 12))
    assert 0.95 * limit < np.abs(kernel).max() < limit
    assert abs(kernel.mean()) < 0.05 * limit
    before = why.map
    assert why.random_map.shape == before.shape
    assert not np.allclose(why.random_map, before)
    again = WhyMap(NETWORK, "chelsea")
    again.label = int(why.probabilities.argmax())
    np.testing.assert_array_equal(again.random_map, why.random_map)
    norms = reasons.drawn_anew(exported.shipped("flowers"))["norm1"]
    assert {name: set(array.ravel()) for name, array in norms.items()} == {
        "mean": {0.0},
        "variance": {1.0},
        "gamma": {1.0},
        "beta": {0.0},
    }


def test_what_takes_long_is_computed_once(why, monkeypatch):
    """Not pushed out by places that are pointed at, nor by a patch of no meaning."""
    asked = []
    reason, likely = why._source.reason, why._source.likely

    def spied(*given):
        asked.append(given)
        return reason(*given)

    monkeypatch.setattr(why._source, "reason", spied)
    found = why.map
    picture = why.view.astype(np.uint8)
    for row in range(20):
        why.said(picture, [row, 3], 5)
    why.patch = 9
    np.testing.assert_array_equal(why.map, found)
    label = int(why.probabilities.argmax())
    answer = why.explained(picture, label, "grad_cam", "bend", 0, 2, False)
    np.testing.assert_array_equal(answer["map"], found)
    assert len(asked) == 1
    why.method = "occlusion"
    wide = why.map
    why.patch = 3
    assert not np.array_equal(why.map, wide)
    assert len(asked) == 3

    def none(_):
        raise AssertionError("computed already")

    why.said(picture, [19, 3], 5)
    monkeypatch.setattr(why._source, "likely", none)
    np.testing.assert_array_equal(why.probabilities, likely(why.view))


def test_a_photo_of_the_menu_comes_uncovered(why):
    """As on the page."""
    why.covered = (3, 4)
    why.photo = "coffee"
    assert why.covered is None
    assert WhyMap(NETWORK, "coffee", covered=(3, 4)).covered == (3, 4)


def test_classes_may_have_the_same_name():
    names = ["crane", "kite", "crane", "rose", "tulip"]
    why = WhyMap(NETWORK, class_names=names, label=2)
    assert why.class_names == ("crane (0)", "kite", "crane (2)", "rose", "tulip")
    assert '"crane (2)"' in repr(why)
    with pytest.raises(TraitError, match=r"class_names: .* Give 5 names\."):
        WhyMap(NETWORK, class_names=names[:4])


def test_a_map_is_the_learners_own(why):
    found = why.map
    found[:] = 7
    assert why.map.max() != 7


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("label", 5, r"label: got 5\. Give the number of a class, 0 to 4, or None"),
        ("label", "rose", "label: got"),
        ("label", True, "label: got True"),
        ("layer", "shares", r"layer: got 'shares'\. Give .*"),
        ("layer", "photo", "layer: got"),
        ("layer", 3, "layer: got 3"),
        ("method", "deepdream", "method: got"),
        ("covered", (32, 0), "each from 0 to 31, or None"),
        ("patch", 33, "Give a whole number from 1 to 32"),
        ("patch", 0, "Give a whole number from 1 to 32"),
        ("patch", 2.5, "Give a whole number from 1 to 32"),
        ("strength", 101, "from 0 to 100"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(why, name, value, said):
    before = getattr(why, name)
    with pytest.raises(TraitError, match=said):
        setattr(why, name, value)
    assert getattr(why, name) == before
    with pytest.raises(TraitError, match=said):
        WhyMap(NETWORK, **{name: value})


def other(**changed):
    return exported.Network({**NETWORK.description, **changed}, NETWORK.data)


def turned_back():
    layers = [dict(layer) for layer in NETWORK.description["layers"]]
    layers[4]["padding"] = [[0, 1], [0, 1]]
    return other(layers=layers)


def diverged():
    """What a training leaves whose steps were too large."""
    network = photo_networks.small(kind="float32")
    nothing = np.float32(np.nan).tobytes()  # the first weight, in "filters"
    return exported.Network(network.description, nothing + network.data[4:])


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (exported.shipped("mnist"), r"one that takes \(28, 28, 1\)\. Give one that"),
        (other(outputs=[4]), r"one that gives \(4, 4, 12\)"),
        (turned_back(), "got one with pool, pool2d. Give one whose layers follow"),
        (diverged(), 'weights in "filters" are not all finite'),
        ("mnist", "network: got"),
        (None, "network: got None"),
    ],
    ids=str,
)
def test_networks_that_are_refused(network, said):
    with pytest.raises(TraitError, match=said):
        WhyMap(network)


@pytest.mark.parametrize("photo", ["chelsea", None])
def test_a_menu_of_names_alone_is_refused(photo):
    with pytest.raises(TraitError, match=rf"^photos\[\"a\"\]: got '?{photo}'?\. Give"):
        WhyMap(NETWORK, photos={"a": photo})


def test_a_photo_may_go_from_0_to_1(why):
    mine = WhyMap(NETWORK, why.photos["chelsea"] / 255)
    np.testing.assert_array_equal(mine.image, why.image)


def test_what_the_page_says(why):
    why.set_state({"label": 3, "covered": [2, 3]})
    assert (why.label, why.covered) == (3, (2, 3))
    why.set_state({"label": -1, "covered": []})
    assert (why.label, why.covered) == (None, None)
    assert why.get_state()["label"] == -1


def test_its_line_and_its_picture(why):
    assert repr(why) == (
        "WhyMap: chelsea, the class that the network names, grad_cam of bend"
    )
    why.image = np.zeros((99, 99))
    why.label, why.method, why.patch = 2, "occlusion", 9
    why.random_weights, why.strength, why.covered = True, 80, (3, 4)
    assert repr(why) == (
        'WhyMap: a photo of your own, "rose", occlusion by 9 × 9, random weights '
        "beside, 80 % strong, 9 × 9 covered at (3, 4)"
    )
    titles = [axes.get_title() for axes in why.picture().axes]
    assert titles[1:] == ["why rose?", "random weights: why rose?"]
    why.random_weights = False
    assert len(why.picture().axes) == 2


def test_an_overlay_is_between_the_photo_and_the_map():
    gray = RNG.uniform(0, 255, (8, 8))
    found = np.array([[0.0, 1.0], [-1.0, 0.5]])
    photo = np.repeat(gray[..., np.newaxis], 3, axis=2)
    np.testing.assert_allclose(reasons.over(gray, found, 0, 4), photo)
    painted = reasons.over(gray, found, 1, 4)
    np.testing.assert_allclose(painted[0, 0], [255, 255, 255])
    np.testing.assert_allclose(painted[0, 7], [0x67, 0x00, 0x1F])
    np.testing.assert_allclose(painted[7, 0], [0x05, 0x30, 0x61])
    half = reasons.over(gray, found, 0.5, 4)
    np.testing.assert_allclose(half, (photo + painted) / 2)


def test_a_map_is_stretched_between_the_middles_of_its_cells():
    found = RNG.normal(size=(6, 6))
    fine = reasons.stretched(found, 48, 8)
    np.testing.assert_allclose(fine[0, 0], found[0, 0])
    wanted = ops.upsample2d(found, 8, method="bilinear")
    np.testing.assert_allclose(fine, wanted, atol=1e-12)
