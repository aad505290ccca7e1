import numpy as np
import pytest

from helpers import kernels


def test_bank_holds_the_kernels_of_the_lesson():
    assert kernels.names() == [
        "identity",
        "brighten",
        "darken",
        "blur",
        "sharpen",
        "outline",
        "emboss",
        "vertical_edges",
        "horizontal_edges",
    ]
    sums = {name: kernel.sum() for name, kernel in kernels.BANK.items()}
    assert sums == {
        "identity": 1,
        "brighten": 1.5,
        "darken": 0.5,
        "blur": 1,
        "sharpen": 1,
        "outline": 0,
        "emboss": 1,
        "vertical_edges": 0,
        "horizontal_edges": 0,
    }
    assert kernels.named("vertical_edges").tolist() == [
        [1, 0, -1],
        [2, 0, -2],
        [1, 0, -1],
    ]
    np.testing.assert_array_equal(
        kernels.named("horizontal_edges"), kernels.named("vertical_edges").T
    )


def test_rounded_blur_is_the_blur_rounded():
    rounded = np.floor(kernels.named("blur") * 100 + 0.5) / 100
    np.testing.assert_allclose(kernels.BLUR_ROUNDED, rounded)
    assert kernels.BLUR_ROUNDED.sum() == pytest.approx(1.01)


@pytest.mark.parametrize("name", kernels.names())
def test_named_gives_a_fresh_float_array(name):
    kernel = kernels.named(name)
    assert kernel.dtype == np.float64
    assert kernel.shape == (3, 3)
    kernel[:] = 7
    assert not np.array_equal(kernels.named(name), kernel)
    assert kernels.describe(name)


def test_the_bank_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        kernels.BANK["blur"][0, 0] = 3
    with pytest.raises(TypeError):
        kernels.BANK["blur"] = 3
    with pytest.raises(ValueError, match="read-only"):
        kernels.BLUR_ROUNDED[0, 0] = 3


def test_names_may_be_written_as_read():
    for spelling in ("Vertical edges", "vertical-edges", " VERTICAL_EDGES "):
        np.testing.assert_array_equal(
            kernels.named(spelling), kernels.named("vertical_edges")
        )


@pytest.mark.parametrize("ask", [kernels.named, kernels.describe])
@pytest.mark.parametrize("name", ["sharp", "", None, 3, ["blur"]])
def test_unknown_name_lists_the_names(ask, name):
    with pytest.raises(ValueError, match=r'^name: got .* Give "identity", "brighten",'):
        ask(name)


@pytest.mark.parametrize("name", ["sharpn", "SHARPN", "Sharpen!"])
def test_unknown_name_offers_a_close_one(name):
    with pytest.raises(ValueError, match=f"got '{name}'. Did you mean \"sharpen\"?"):
        kernels.named(name)


@pytest.mark.parametrize("size", [1, 3, 5, 99])
def test_box_and_gaussian_are_blurs(size):
    box, bell = kernels.box(size), kernels.gaussian(size)
    for kernel in (box, bell):
        assert kernel.shape == (size, size)
        assert kernel.dtype == np.float64
        assert kernel.sum() == pytest.approx(1)
        np.testing.assert_allclose(kernel, kernel[::-1, ::-1])
        np.testing.assert_allclose(kernel, kernel.T)
    assert np.ptp(box) == 0
    assert bell.max() == bell[size // 2, size // 2]


def test_gaussian_follows_its_formula():
    y, x = np.mgrid[-3:4, -3:4]
    bell = np.exp(-(x**2 + y**2) / (2 * 1.7**2))
    np.testing.assert_allclose(kernels.gaussian(7, 1.7), bell / bell.sum())
    np.testing.assert_allclose(kernels.gaussian(5), kernels.gaussian(5, 1.1))
    np.testing.assert_allclose(kernels.gaussian(5, 1e9), kernels.box(5))
    needle = kernels.gaussian(3, 1e-300)
    np.testing.assert_array_equal(needle, kernels.named("identity"))


@pytest.mark.parametrize("make", [kernels.box, kernels.gaussian])
@pytest.mark.parametrize(
    "size", [0, 2, -3, 3.0, "3", None, True, np.nan, [3], 4097, 10**9 + 1, 10**400 + 1]
)
def test_sizes_that_have_no_centre_are_refused(make, size):
    with pytest.raises(ValueError, match=r"size: got .*Give an odd whole number"):
        make(size)


def test_numpy_numbers_are_sizes_and_widths():
    expected = kernels.gaussian(5, 0.5)
    given = kernels.gaussian(np.int64(5), np.float32(0.5))
    np.testing.assert_array_equal(given, expected)
    given = kernels.gaussian(np.array(5), np.array(0.5))
    np.testing.assert_array_equal(given, expected)


@pytest.mark.parametrize("sigma", [0, -1, np.nan, np.inf, "wide", [1, 2], True])
def test_impossible_sigma_is_refused(sigma):
    with pytest.raises(
        ValueError, match=r"sigma: got .*Give a (finite )?number above 0"
    ):
        kernels.gaussian(3, sigma)


def test_normalise():
    given = np.array([[1, 2], [3, -2]])
    kept = given.copy()
    result = kernels.normalise(given)
    assert result.sum() == pytest.approx(1)
    np.testing.assert_allclose(result * 4, given)
    np.testing.assert_array_equal(given, kept)
    np.testing.assert_allclose(kernels.normalise(-np.ones((3, 3))), kernels.box(3))


@pytest.mark.parametrize(
    "kernel", [kernels.named("outline"), np.zeros((3, 3)), [[0.1, 0.2, -0.3]]]
)
def test_normalise_refuses_sum_zero(kernel):
    with pytest.raises(ValueError, match="sum is 0"):
        kernels.normalise(kernel)


def test_normalise_takes_weights_whose_sum_is_too_large_for_a_float():
    np.testing.assert_allclose(kernels.normalise([[1e308, 1e308, 2e307]]).sum(), 1)
    with pytest.raises(ValueError, match="sum is 0"):
        kernels.normalise([[1.5e308, 1.5e308, -1.5e308, -1.5e308]])


@pytest.mark.parametrize("function", [kernels.normalise, kernels.flip])
@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ([], "Give at least one number"),
        ([[np.nan]], r"not finite .* Replace them first"),
        ([[np.inf]], r"not finite .* Replace them first"),
        ("abc", "Give real numbers"),
        (None, "Give real numbers"),
        ([[1j]], "Give real numbers"),
        ([["a"]], "Give real numbers"),
        ([[1, 2], [3]], "Give rows of equal length"),
    ],
)
def test_what_is_no_kernel_is_refused(function, bad, said):
    with pytest.raises(ValueError, match=f"^kernel: got .*{said}"):
        function(bad)


def test_flip():
    given = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    flipped = kernels.flip(given)
    np.testing.assert_array_equal(flipped, given[::-1, ::-1])
    assert not np.shares_memory(flipped, given)
    with pytest.raises(ValueError, match="rows and columns"):
        kernels.flip([1, 2, 3])
