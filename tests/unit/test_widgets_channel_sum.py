"""The Python side of ChannelSum: traits, refusals, the line of Keras."""

import numpy as np
import pytest
from traitlets import TraitError

from helpers import images, ops
from helpers.quiet import quiet
from helpers.widgets import ChannelSum
from helpers.widgets.explorers.channel_sum import KERNELS, PICTURES

RNG = np.random.default_rng(3)


@pytest.fixture
def explorer():
    explorer = ChannelSum("ball", "red_minus_green", 2.5)
    yield explorer
    explorer.close()


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_maps_and_the_bias_add_up(picture, kernel):
    explorer = ChannelSum(picture, kernel, bias=-1.5)
    np.testing.assert_array_equal(explorer.image, PICTURES[picture].array)
    np.testing.assert_array_equal(explorer.kernel, KERNELS[kernel].array)
    for c in range(3):
        wanted = ops.conv2d(explorer.image[..., c], explorer.kernel[..., c])
        np.testing.assert_array_equal(explorer.partial[..., c], wanted)
    np.testing.assert_allclose(explorer.result, explorer.partial.sum(axis=2) - 1.5)
    assert explorer.step == explorer.result.size


def test_the_default_is_a_flower_and_a_red_detector():
    explorer = ChannelSum()
    assert explorer.result.tolist() == [[1, 0.5, 1], [-0.5, 1, -0.5], [-0.5] * 3]
    assert (explorer.bias, explorer.step, explorer.position) == (0, 9, (0, 0))


def test_what_the_presets_are_there_to_show():
    """Gray cannot see where red meets an equally bright green; red minus green can."""
    gray = ChannelSum("same_gray", "gray").result
    assert np.ptp(gray) < 0.1
    np.testing.assert_allclose(
        gray, images.gray(PICTURES["same_gray"].array)[1:-1, 1:-1], atol=0.5
    )
    edges = ChannelSum("same_gray", "red_minus_green").result
    assert edges[:, 0].tolist() == [0, 0, 0]
    assert edges[:, 1:].min() > 1000
    assert not ChannelSum("same_gray", "horizontal_edges").result.any()


@pytest.mark.parametrize("shape", [(1, 1), (4, 7), (8, 8)])
def test_sizes_from_one_to_the_largest(shape):
    kernel = RNG.normal(size=(min(5, shape[0]), min(3, shape[1]), 3))
    explorer = ChannelSum(RNG.normal(size=(*shape, 3)), kernel, 0.25)
    assert explorer.result.shape == explorer.places == explorer.partial.shape[:2]
    np.testing.assert_allclose(explorer.result, explorer.partial.sum(axis=2) + 0.25)
    assert "image/png" in explorer.picture()._repr_mimebundle_()[0]


def test_bytes_and_truth_values_are_taken():
    image = np.full((4, 4, 3), 255, np.uint8)
    explorer = ChannelSum(image, np.ones((2, 2, 3), bool))
    assert explorer.image.dtype == explorer.kernel.dtype == np.float64
    assert explorer.result.tolist() == [[255 * 12] * 3] * 3


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("image", "apple", "choose one of flower, ball, same_gray"),
        ("image", np.ones((5, 5)), r"give \(rows, columns, 3\)"),
        ("image", np.ones((5, 5, 4)), r"give \(rows, columns, 3\)"),
        ("image", np.ones((9, 5, 3)), r"at most 8 a side.*image\[:8, :8\]"),
        ("image", [["a"]], "real numbers"),
        ("image", np.full((5, 5, 3), np.nan), "not finite"),
        ("image", np.full((5, 5, 3), 2e6), "up to 1,000,000"),
        ("image", np.ones((2, 2, 3)), "smaller"),
        ("image", None, "image"),
        ("kernel", "blur", "choose one of red_detector, gray"),
        ("kernel", np.ones((3, 3)), r"give \(rows, columns, 3\)"),
        ("kernel", np.ones((6, 1, 3)), "at most 5"),
        ("kernel", [], "empty"),
        ("bias", np.nan, "up to 1,000,000"),
        ("bias", -np.inf, "up to 1,000,000"),
        ("bias", 1e7, "up to 1,000,000"),
        ("bias", "much", "bias"),
        ("position", (3, 0), "row from 0 to 2"),
        ("step", 10, "from 1 to 9"),
        ("step", 0, "from 1 to 9"),
    ],
)
def test_what_is_refused_leaves_the_last_good_state(explorer, trait, value, said):
    before, result = getattr(explorer, trait), explorer.result
    with pytest.raises(TraitError, match=said):
        setattr(explorer, trait, value)
    assert np.array_equal(getattr(explorer, trait), before)
    np.testing.assert_array_equal(explorer.result, result)


def test_what_cannot_be_made():
    with pytest.raises(TraitError, match="choose one of flower"):
        ChannelSum("ladybird")
    with pytest.raises(TraitError, match="choose one of red_detector"):
        ChannelSum(kernel="sobel")
    with pytest.raises(TraitError, match="smaller"):
        ChannelSum(np.ones((2, 2, 3)))
    with pytest.raises(TraitError, match="bias"):
        ChannelSum(bias=np.inf)


def test_new_sizes_start_anew(explorer):
    explorer.position, explorer.step = (2, 2), 4
    explorer.image, explorer.bias = "flower", 0  # the same size: nothing else changes
    assert (explorer.position, explorer.step) == ((2, 2), 4)
    explorer.kernel = np.ones((4, 4, 3))
    assert (explorer.position, explorer.step) == ((0, 0), 4)
    explorer.kernel = np.ones((1, 2, 3))
    assert (explorer.position, explorer.step) == ((0, 0), 20)


def test_describe(explorer):
    assert explorer.describe() == (
        "ChannelSum: colour picture 5 × 5, kernel 3 × 3 × 3 and bias 2.5 "
        "(28 parameters), output 3 × 3 from -817.5 to 822.5"
    )


def test_the_still_picture_has_every_matrix(explorer):
    assert len(explorer.picture().axes) == 12
    assert "red + green + blue" in explorer.picture().alt


@pytest.mark.parametrize("shape", [(3, 3), (1, 1), (2, 5), (5, 4)])
def test_the_line_of_keras_gives_the_same_numbers(shape):
    with quiet():
        import keras

        keras.ops.zeros(1)
    for bias in (0, -2.5):
        explorer = ChannelSum("ball", RNG.normal(size=(*shape, 3)), bias)
        layer = eval(explorer.keras, {"keras": keras})
        layer.build((None, *explorer.image.shape))
        layer.set_weights([explorer.kernel[..., np.newaxis], np.array([bias])])
        answer = layer(explorer.image[np.newaxis].astype("float32"))
        answer = np.asarray(answer)[0, :, :, 0]
        np.testing.assert_allclose(answer, explorer.result, rtol=1e-4, atol=1e-3)
        assert layer.count_params() == explorer.kernel.size + 1
        assert f"({layer.count_params()} parameters)" in explorer.describe()
