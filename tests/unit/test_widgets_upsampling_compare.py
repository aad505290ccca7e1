"""The Python side of UpsamplingCompare: traits, refusals, results, still picture."""

import numpy as np
import pytest
from traitlets import TraitError

from helpers import ops
from helpers.widgets import UpsamplingCompare
from helpers.widgets.explorers import upsampling_compare
from helpers.widgets.parts.named_picture import photographs

METHODS = ["nearest", "bilinear", "unpooling", "transposed", "resize_conv"]


@pytest.fixture
def explorer():
    explorer = UpsamplingCompare(
        "camera", 4, kernel="tent", kernel_size=8, corner=(30, 50)
    )
    yield explorer
    explorer.close()


def test_results_are_those_of_ops(explorer):
    patch = photographs()["camera"][30:94, 50:114] * 1.0
    mean = patch.reshape(16, 4, 16, 4).mean(axis=(1, 3))
    most, winners = ops.pool2d(patch, 4, return_indices=True)
    row = np.array([1, 3, 5, 7, 7, 5, 3, 1]) / 32
    kernel = np.outer(row, row)
    nearest = np.kron(mean, np.ones((4, 4)))
    expected = {
        "nearest": nearest,
        "bilinear": ops.upsample2d(mean, 4, method="bilinear"),
        "unpooling": ops.unpool2d(most, winners, (64, 64)),
        "transposed": ops.conv_transpose2d(mean, 16 * kernel, stride=4, padding="same"),
        "resize_conv": ops.conv2d(nearest, kernel, padding="same", mode="edge"),
    }
    np.testing.assert_array_equal(explorer.patch, patch)
    np.testing.assert_allclose(explorer.pooled["mean"], mean)
    np.testing.assert_array_equal(explorer.pooled["max"], most)
    assert list(explorer.results) == METHODS
    for name, wanted in expected.items():
        np.testing.assert_allclose(explorer.results[name], wanted, err_msg=name)
        assert explorer.errors[name] == pytest.approx(np.abs(wanted - patch).mean())
        mse = ((wanted - patch) ** 2).mean()
        assert explorer.psnr[name] == pytest.approx(10 * np.log10(255**2 / mse))


def test_the_best_has_the_smallest_error(explorer):
    assert explorer.errors[explorer.best] == min(explorer.errors.values())
    assert explorer.describe().endswith(
        f"best: {upsampling_compare.METHODS[explorer.best]}"
    )


def test_a_tent_twice_as_wide_as_the_stride_is_bilinear(explorer):
    inner = (slice(4, -4),) * 2
    np.testing.assert_allclose(
        explorer.results["transposed"][inner], explorer.results["bilinear"][inner]
    )


@pytest.mark.parametrize("kernel", upsampling_compare.KERNELS)
@pytest.mark.parametrize("size", range(1, 17))
@pytest.mark.parametrize("factor", upsampling_compare.FACTORS)
def test_flat_range_is_what_a_flat_picture_is_painted_as(kernel, size, factor):
    row = upsampling_compare.profile(kernel, size)
    assert row.sum() == pytest.approx(1)
    assert (row >= 0).all()
    np.testing.assert_allclose(row, row[::-1])
    painted = ops.conv_transpose2d(
        np.full((40, 40), 100), np.outer(row, row) * factor**2, stride=factor
    )
    inner = painted[16 : 16 + factor, 16 : 16 + factor]  # beyond every rim
    expected = inner.min(), inner.max()
    given = upsampling_compare.flat_range(kernel, size, factor)
    assert given == pytest.approx(expected, abs=1e-9)
    flat = UpsamplingCompare(
        np.full((64, 64), 100), factor, kernel=kernel, kernel_size=size
    )
    middle = flat.results["transposed"][24:40, 24:40]
    assert (middle.min(), middle.max()) == pytest.approx(given, abs=1e-9)
    np.testing.assert_allclose(flat.results["resize_conv"], 100)
    flat.close()


def test_even_kernels_leave_no_checkerboard():
    for factor in upsampling_compare.FACTORS:
        low, high = upsampling_compare.flat_range("ones", factor * 2, factor)
        assert high - low < 1e-9
        low, high = upsampling_compare.flat_range("ones", factor + 1, factor)
        assert high > 1.5 * low


def test_nothing_is_lost_where_nothing_was_there(explorer):
    explorer.image = np.full((64, 64), 90, np.uint8)
    assert explorer.errors["nearest"] == explorer.errors["bilinear"] == 0
    assert explorer.best == "nearest"
    assert explorer.psnr["nearest"] == np.inf


@pytest.mark.parametrize(
    ("image", "largest"),
    [
        (np.eye(64, dtype=bool), 255),
        (np.linspace(0, 1, 64 * 70).reshape(64, 70), 255),
        (np.full((512, 64), 3, np.int8), 3),
        (np.full((64, 64, 3), 200, np.uint8), 200),
    ],
    ids=["booleans", "from 0 to 1", "tall", "colour"],
)
def test_photos_that_are_taken(image, largest):
    explorer = UpsamplingCompare(image, 8, kernel_size=16)
    assert explorer.photo == "own"
    rows, columns = image.shape[:2]
    assert explorer.corner == ((rows - 64) // 2, (columns - 64) // 2)
    explorer.corner = (rows - 64, columns - 64)
    assert explorer.patch.max() == pytest.approx(largest)
    assert explorer.picture().to_png()
    explorer.close()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("image", np.ones((63, 80)), "at least 64"),
        ("image", np.ones((80, 513)), "at most 512"),
        ("image", np.ones((80, 80, 4)), "gray"),
        ("image", np.full((64, 64), np.nan), "not finite"),
        ("image", [[1, 2], [3]], "different lengths"),
        ("photo", "own", "assign it to image"),
        ("photo", "camra", "camra"),
        ("factor", 3, "3"),
        ("factor", 1, "1"),
        ("kernel", "box", "box"),
        ("kernel_size", 0, "from 1 to 16"),
        ("kernel_size", 17, "from 1 to 16"),
        ("corner", (193, 0), "row from 0 to 192"),
        ("corner", (0, -1), "row from 0 to 192"),
        ("position", (64, 0), "row from 0 to 63"),
        ("display", "signed", "signed"),
    ],
)
def test_what_is_refused(explorer, name, value, said):
    before = getattr(explorer, name)
    with pytest.raises(TraitError, match=said):
        setattr(explorer, name, value)
    assert getattr(explorer, name) is before


def test_an_unknown_photo_is_refused_with_the_names():
    for name in ("camra", "own"):
        with pytest.raises(TraitError, match="astronaut, coffee, chelsea, camera"):
            UpsamplingCompare(name)
    with pytest.raises(TraitError, match="corner"):
        UpsamplingCompare("camera", corner=(0, 200))


def test_photo_image_and_corner_follow_each_other(explorer):
    explorer.photo = "coffee"
    np.testing.assert_array_equal(explorer.image, photographs()["coffee"])
    assert explorer.corner == upsampling_compare.CORNERS["coffee"]
    explorer.corner = (192, 192)
    explorer.image = photographs()["coffee"][:100, :200]
    assert explorer.photo == "own"
    assert explorer.corner == (18, 68)  # the old one lay outside
    explorer.photo = "coffee"
    np.testing.assert_array_equal(explorer.image, photographs()["coffee"])


def test_it_shows_a_picture_and_a_line_beside_the_live_view(explorer):
    data, metadata = explorer._repr_mimebundle_()
    errors = explorer.errors
    assert data["text/plain"] == repr(explorer)
    assert data["text/plain"].startswith(
        "UpsamplingCompare: 64 × 64 pixels of camera at (30, 50), pooled 4 × 4 and "
        "enlarged, kernel tent 8 × 8; mean error in grays: "
        f"nearest {errors['nearest']:.1f}, bilinear {errors['bilinear']:.1f}"
    )
    assert metadata["image/png"]["alt"] == repr(explorer)
    assert data["image/png"].startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_picture_follows_the_display(explorer):
    assert len(explorer.picture().axes) == 6
    explorer.display = "errors"
    assert len(explorer.picture().axes) == 6  # five and the bar


def test_name_and_picture_stay_together():
    explorer = UpsamplingCompare("astronaut")
    own = np.random.default_rng(1).integers(0, 256, (70, 80))
    with explorer.hold_trait_notifications():
        explorer.image = own
        explorer.photo = "camera"
    shown = explorer.image if explorer.photo == "own" else photographs()[explorer.photo]
    np.testing.assert_array_equal(explorer.image, shown)
    explorer.photo = "camera"
    explorer.image = photographs()["camera"].copy()  # as the page sends it
    with pytest.raises(TraitError, match="assign it to image"):
        explorer.photo = "own"
    explorer.close()


def test_the_corner_that_the_page_sends_with_a_photo_stays():
    explorer = UpsamplingCompare("astronaut")
    explorer.set_state({"photo": "camera", "corner": [5, 6]})
    assert (explorer.photo, explorer.corner) == ("camera", (5, 6))
    explorer.photo = "coffee"
    assert explorer.corner == (96, 96)
    explorer.close()
