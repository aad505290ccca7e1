"""The Python side of TransposedPainter: traits, refusals, the line of Keras."""

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


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("padding", ["valid", "same", 0, 1])
def test_what_is_painted_is_that_of_ops(stride, padding):
    rng = np.random.default_rng(2)
    image, kernel = rng.normal(size=(3, 4)), rng.normal(size=(4, 3))
    settings = {"stride": stride, "padding": padding}
    painter = TransposedPainter(image, kernel, **settings)
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
    big = TransposedPainter(np.ones((6, 6)), np.ones((7, 7)), stride=4)
    assert "image/png" in big.picture()._repr_mimebundle_()[0]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_line_of_keras_gives_the_same_numbers(preset):
    with quiet():
        import keras

        keras.ops.zeros(1)
    if keras.backend.backend() == "torch":
        pytest.skip("Keras 3.13's Conv2DTranspose is wrong with the torch backend")
    painter = TransposedPainter(preset)
    for stride in (1, 2, 3):
        for padding in ("valid", "same", 0, 1):
            if min(painter.image.shape) == 1 and stride == 1 and padding == 1:
                continue
            painter.stride, painter.padding = stride, padding
            layer = eval(painter.keras, {"keras": keras})
            layer.build((None, *painter.image.shape, 1))
            rows, columns = painter.kernel.shape
            layer.set_weights([painter.kernel.reshape(rows, columns, 1, 1)])
            image = painter.image.astype("float32")[None, :, :, None]
            answer = np.asarray(layer(image))[0, :, :, 0]
            np.testing.assert_allclose(answer, painter.result, rtol=1e-5)
