"""The Python side of TransposedPainter: traits, refusals, the line of Keras."""

import itertools

import numpy as np
import pytest
from traitlets import TraitError

from helpers import ops
from helpers.quiet import quiet
from helpers.widgets import TransposedPainter
from helpers.widgets.explorers.transposed_painter import FOUR, PRESETS


@pytest.fixture
def painter():
    painter = TransposedPainter()
    yield painter
    painter.close()


def test_the_numbers_of_the_lesson():
    single = TransposedPainter("single")
    assert single.result.tolist() == [[55, 110, 55], [110, 55, 110], [55, 55, 110]]
    assert single.overlap.tolist() == np.ones((3, 3)).tolist()
    board = TransposedPainter("checkerboard").overlap
    assert board[2].tolist() == [2, 2, 4, 2, 2]
    two_sizes = TransposedPainter("two_sizes")
    assert two_sizes.result.shape == (8, 8)
    for size in (7, 8):
        assert ops.output_size((size, size), 3, stride=2) == two_sizes.image.shape
    two_sizes.output_padding = 0
    assert two_sizes.result.shape == (7, 7)
    dilated = TransposedPainter("dilated")
    assert dilated.result.shape == (6, 6)
    assert dilated.result[:2, :2].tolist() == FOUR.tolist()  # the holes let 4 through
    nearest = TransposedPainter("nearest")
    np.testing.assert_array_equal(nearest.result, ops.upsample2d(FOUR))
    rng = np.random.default_rng(1)
    image = rng.normal(size=(5, 5))
    bilinear = TransposedPainter("bilinear")
    bilinear.image = image
    inner = (slice(1, -1), slice(1, -1))  # at the border the zeros outside come in
    np.testing.assert_allclose(
        bilinear.result[inner], ops.upsample2d(image, method="bilinear")[inner]
    )


def test_even_overlaps_say_nothing_of_the_weights():
    """Kernel 4 at stride 2 with weights of mean 0, and a flat input."""
    mixed = TransposedPainter("mixed")
    assert mixed.kernel.sum() == pytest.approx(0)
    assert np.ptp(mixed.image) == 0
    inner = (slice(2, 6), slice(2, 6))
    assert np.ptp(mixed.overlap[inner]) == 0
    assert np.ptp(mixed.result[inner]) > 1
    # Keras draws within this limit.
    assert np.abs(mixed.kernel).max() <= np.sqrt(6 / (16 + 16))


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("padding", ["valid", "same", 0, 1])
@pytest.mark.parametrize(
    ("dilation", "extra"), [(1, "auto"), (2, "auto"), (1, 0), (3, 1), (2, 2)]
)
def test_what_is_painted_is_that_of_ops(stride, padding, dilation, extra):
    rng = np.random.default_rng(2)
    image, kernel = rng.normal(size=(3, 4)), rng.normal(size=(4, 3))
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    made = {**settings, "output_padding": extra}
    settings["output_padding"] = None if extra == "auto" else extra
    even = padding == "same" and dilation % 2 == 1  # the reach of the 4 rows
    if extra != "auto" and not even <= extra < stride:
        with pytest.raises(TraitError, match="output_padding: got"):
            TransposedPainter(image, kernel, **made)
        return
    painter = TransposedPainter(image, kernel, **made)
    wanted = ops.conv_transpose2d(image, kernel, **settings)
    np.testing.assert_allclose(painter.result, wanted)
    np.testing.assert_allclose(painter.painted, wanted)  # all stamps at first
    sums = np.zeros_like(wanted)
    for step in range(1, 13):
        one = np.zeros(image.shape)
        one.flat[step - 1] = image.flat[step - 1]
        sums += ops.conv_transpose2d(one, kernel, **settings)
        painter.step = step
        np.testing.assert_allclose(painter.painted, sums)
    touched = sum(
        ops.conv_transpose2d(one, np.ones(kernel.shape), **settings)
        for one in np.eye(12).reshape(12, 3, 4)
    )
    np.testing.assert_array_equal(painter.overlap, touched)


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("image", np.ones((7, 3)), "at most 6"),
        ("image", np.ones(3), "at most 6"),
        ("image", [["a"]], "real numbers"),
        ("image", [[np.inf]], "not finite"),
        ("image", [[2e6]], "up to 1,000,000"),
        ("kernel", np.ones((8, 1)), "at most 7"),
        ("kernel", np.ones((2, 2, 2)), "at most 7"),
        ("kernel", [], "empty"),
        ("stride", 0, "stride"),
        ("stride", 5, "stride"),
        ("padding", "full", '"valid", "same"'),
        ("padding", 4, "from 0 to 3"),
        ("padding", None, "from 0 to 3"),
        ("padding", 3, "padding"),  # it leaves nothing of five rows
        ("dilation", 0, "dilation"),
        ("dilation", 4, "from 1 to 3"),
        ("output_padding", 4, 'Give "auto" or a whole number from 0 to 3'),
        ("output_padding", None, 'Give "auto"'),
        ("output_padding", "none", 'Give "auto"'),
        ("output_padding", (1, 1), 'Give "auto"'),
        ("output_padding", 2, "With stride 2 and this kernel and padding give 0 … 1"),
        ("position", (2, 0), "row from 0 to 1"),
        ("step", 5, "from 1 to 4"),
    ],
)
def test_what_is_refused_leaves_the_last_good_state(painter, trait, value, said):
    before = getattr(painter, trait)
    with pytest.raises(TraitError, match=said):
        setattr(painter, trait, value)
    assert np.array_equal(getattr(painter, trait), before)
    assert painter.result.shape == (5, 5)


def test_what_cannot_be_made():
    with pytest.raises(TraitError, match="choose one of single, checkerboard"):
        TransposedPainter("twin")
    with pytest.raises(TraitError, match="padding"):
        TransposedPainter([[1]], [[1]], stride=1, padding=1)
    with pytest.raises(TraitError, match="padding leave it out"):
        TransposedPainter(
            [[1]], np.ones((2, 2)), stride=1, padding="same", output_padding=0
        )


def test_a_stride_that_output_padding_does_not_fit_is_refused():
    painter = TransposedPainter("two_sizes")
    with pytest.raises(TraitError, match=r"output_padding: got 1\. With stride 1"):
        painter.stride = 1
    assert painter.stride == 2
    with painter.hold_trait_notifications():  # what comes together is judged together
        painter.stride, painter.output_padding = 1, 0
    assert painter.result.shape == (5, 5)


def test_a_new_size_starts_anew(painter):
    painter.position, painter.step = (1, 1), 2
    painter.image = 2 * FOUR  # the same size: nothing else changes
    assert (painter.position, painter.step) == ((1, 1), 2)
    painter.image = np.ones((1, 3))
    assert (painter.position, painter.step) == ((0, 0), 3)


def test_describe_and_picture(painter):
    assert painter.describe() == (
        "TransposedPainter: input 2 × 2, kernel 3 × 3, stride 2, padding valid, output "
        "5 × 5 from 1 to 10, stamps a cell: 1, 2, 4"
    )
    assert "image/png" in painter.picture()._repr_mimebundle_()[0]
    two_sizes = TransposedPainter("two_sizes", stride=3, dilation=2)
    assert two_sizes.describe() == (
        "TransposedPainter: input 3 × 3, kernel 3 × 3, stride 3, padding valid, "
        "dilation 2, output padding 1, output 12 × 12 from 0 to 9, stamps a cell: 0, 1"
    )
    big = TransposedPainter(
        np.ones((6, 6)), np.ones((7, 7)), stride=4, dilation=3, output_padding=3
    )
    assert big.result.shape == (42, 42)
    drawn = big.picture()
    assert "image/png" in drawn._repr_mimebundle_()[0]
    titles = [ax.get_title() for ax in drawn.axes]
    assert "painting, first rows and columns" in titles
    assert "painting" in [ax.get_title() for ax in painter.picture().axes]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_line_of_keras_gives_the_same_numbers(preset):
    with quiet():
        import keras

        keras.ops.zeros(1)
    if keras.backend.backend() == "torch":
        pytest.skip("Keras 3.13's Conv2DTranspose is wrong with the torch backend")
    given = PRESETS[preset]
    compared = 0
    for stride, dilation, padding, extra in itertools.product(
        (1, 2, 3), (1, 2), ("valid", "same", 0, 1), ("auto", 0, 1)
    ):
        settings = {"padding": padding, "dilation": dilation, "output_padding": extra}
        try:
            painter = TransposedPainter(
                given.image, given.kernel, stride=stride, **settings
            )
        except TraitError:  # nothing is left, or the output padding does not fit
            continue
        code, image = painter.keras, painter.image.astype("float32")[None, :, :, None]
        if stride > 1 and dilation > 1:
            assert code.startswith("# Keras takes a stride or a dilation, not both: ")
            with pytest.raises(ValueError, match="not supported in conjunction"):
                eval(code.partition(": ")[2], {"keras": keras})
            continue
        layer = eval(code, {"keras": keras})
        layer.build((None, *painter.image.shape, 1))
        layer.set_weights([painter.kernel[:, :, None, None]])
        answer = keras.ops.convert_to_numpy(layer(image))[0, :, :, 0]
        np.testing.assert_allclose(answer, painter.result, rtol=1e-5, atol=1e-6)
        compared += 1
    assert compared > 20
