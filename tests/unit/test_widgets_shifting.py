"""The Python side of ShiftTest: traits, refusals, measures, the still picture."""

import numpy as np
import pytest
from traitlets import TraitError

from helpers import images, kernels, ops
from helpers.widgets import ShiftTest
from helpers.widgets.explorers import shifting


@pytest.fixture
def explorer():
    explorer = ShiftTest("digit 7", "vertical_edges", shift=(1, 3), twice=True)
    yield explorer
    explorer.close()


def in_field(image, rows, columns):
    """The picture in its margin, rolled: nothing reaches the other side."""
    return np.roll(np.pad(image * 1.0, 10), (rows, columns), (0, 1))


def test_maps_are_those_of_ops(explorer):
    field = in_field(images.digit(7), 1, 3)
    kernel = kernels.named("vertical_edges")
    feature = ops.relu(ops.conv2d(field, kernel, padding="same"))
    expected = {
        "input": field,
        "feature": feature,
        "pooled": ops.pool2d(feature),
        "pooled_twice": ops.pool2d(ops.pool2d(feature)),
        "global": feature.max(keepdims=True),
    }
    assert explorer.maps.keys() == expected.keys()
    for name, wanted in expected.items():
        np.testing.assert_array_equal(explorer.maps[name], wanted, err_msg=name)


def test_the_mean_pools_everywhere(explorer):
    explorer.reduce = "mean"
    maps = explorer.maps
    np.testing.assert_array_equal(
        maps["pooled"], ops.pool2d(maps["feature"], reduce="mean")
    )
    assert maps["global"][0, 0] == pytest.approx(maps["feature"].mean())


def test_nothing_changes_where_nothing_moves(explorer):
    explorer.shift = (0, 0)
    assert set(explorer.changes.values()) == {0}
    assert set(explorer.realigned.values()) == {0}


def test_input_and_features_move_along_exactly(explorer):
    for shift in [(8, -8), (-1, 2), (0, 5)]:
        explorer.shift = shift
        assert explorer.changes["input"] > 0
        assert explorer.realigned["input"] == 0
        assert explorer.realigned["feature"] == 0
        assert explorer.changes["global"] == 0


@pytest.mark.parametrize("size", range(1, 9))
def test_pooling_moves_along_by_whole_windows(size):
    for cells in range(-(8 // size), 8 // size + 1):
        explorer = ShiftTest("square", size=size, shift=(0, cells * size))
        assert explorer.realigned["pooled"] == 0
    off = ShiftTest("digit 3", size=size, shift=(0, 1))
    assert (off.realigned["pooled"] > 0) == (size > 1)


def test_a_thin_line_within_its_window_is_not_seen_to_move():
    explorer = ShiftTest("line", "identity", shift=(0, 1))
    assert explorer.changes["pooled"] == 0  # 14 and 15 share a window
    explorer.shift = (0, -1)
    assert explorer.changes["pooled"] == pytest.approx(100 * 2**0.5)


def test_change_is_the_relative_difference():
    before, now = np.array([3.0, 4.0]), np.array([3.0, 5.0])
    assert shifting.relative_change(before, now) == pytest.approx(20)
    assert np.isnan(shifting.relative_change(np.zeros(2), now))


def test_a_black_picture_has_no_change_to_measure():
    explorer = ShiftTest(np.zeros((5, 5)), shift=(0, 1))
    assert all(np.isnan(value) for value in explorer.changes.values())
    assert "nothing to compare" in explorer.describe()
    assert explorer.picture().to_png()


@pytest.mark.parametrize(
    "image",
    [
        [[3]],
        np.eye(5, dtype=bool),
        np.zeros((8, 9, 3), np.uint8),
        np.full((48, 48), -1.5),
    ],
    ids=str,
)
def test_pictures_that_are_taken(image):
    explorer = ShiftTest(image, kernels.box(5), size=8, shift=(-8, 8), twice=True)
    assert explorer.subject == "own"
    rows, columns = np.shape(image)[:2]
    assert explorer.maps["input"].shape == (rows + 20, columns + 20)
    assert explorer.picture().to_png()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("image", np.ones((49, 3)), "at most 48"),
        ("image", np.ones((3, 3, 4)), "gray"),
        ("image", [[np.nan]], "not finite"),
        ("image", [[1, 2], [3]], "different lengths"),
        ("image", [["a"]], "real numbers"),
        ("kernel", np.ones((2, 2)), "odd side up to 5"),
        ("kernel", np.ones((7, 7)), "odd side up to 5"),
        ("kernel", np.ones(3), "odd side up to 5"),
        ("kernel", [[1e9]], "up to 1,000,000"),
        ("kernel", [[np.inf]], "not finite"),
        ("kernel", "outlin", "outline"),
        ("size", 0, "from 1 to 8"),
        ("size", 9, "from 1 to 8"),
        ("shift", (0, 9), "from -8 to 8"),
        ("shift", (-9, 0), "from -8 to 8"),
        ("reduce", "min", "min"),
        ("subject", "own", "assign it to image"),
        ("subject", "digit 10", "digit 10"),
        ("display", "signed", "signed"),
    ],
)
def test_what_is_refused(explorer, name, value, said):
    before = getattr(explorer, name)
    with pytest.raises(TraitError, match=said):
        setattr(explorer, name, value)
    assert getattr(explorer, name) is before


@pytest.mark.parametrize("name", ["seven", "own", "digit"])
def test_an_unknown_picture_is_refused_with_the_names(name):
    with pytest.raises(TraitError, match="digit 7, digit 8, digit 9, square"):
        ShiftTest(name)


def test_subject_and_image_follow_each_other(explorer):
    explorer.subject = "cross"
    np.testing.assert_array_equal(explorer.image, shifting.pictures()["cross"])
    explorer.image = np.eye(9)
    assert explorer.subject == "own"
    explorer.subject = "digit 0"
    np.testing.assert_array_equal(explorer.image, images.digit(0))


def test_our_pictures_are_one_size_and_not_to_be_written_to():
    assert tuple(shifting.pictures()) == shifting.PICTURES
    for picture in shifting.pictures().values():
        assert picture.shape == (28, 28)
        assert not picture.flags.writeable


def test_it_shows_a_picture_and_a_line_beside_the_live_view(explorer):
    explorer.subject, explorer.shift, explorer.twice = "line", (0, 1), False
    explorer.kernel = "identity"
    data, metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == (
        "ShiftTest: line moved by (0, 1), kernel identity, ReLU, max pooling 2 × 2; "
        "changed: input 141.4 %, feature map 141.4 %, pooled 0 %, global 0 %"
    )
    assert metadata["image/png"]["alt"] == repr(explorer)
    assert data["image/png"].startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_picture_shows_every_map(explorer):
    assert len(explorer.picture().axes) == 4
    explorer.twice = False
    assert len(explorer.picture().axes) == 3
