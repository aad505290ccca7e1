"""The Python side of PoolingStepper: traits, refusals, the gradient, Keras's lines."""

import numpy as np
import pytest
from traitlets import TraitError

from helpers import ops
from helpers.quiet import quiet
from helpers.widgets import PoolingStepper
from helpers.widgets.explorers.pooling_stepper import PRESETS


@pytest.fixture
def stepper():
    stepper = PoolingStepper()
    yield stepper
    stepper.close()


def test_the_numbers_of_the_lesson(stepper):
    assert stepper.result.tolist() == [[256, 153], [23, 55]]
    assert stepper.winners.tolist() == [[1, 2], [12, 11]]
    hill = PoolingStepper("hill")
    assert hill.result.tolist() == [[6, 8], [7, 5]]
    hill.reduce = "mean"
    assert hill.result.tolist() == [[3.5, 5.5], [4.5, 2.5]]
    assert hill.winners is None
    hill.reduce = "global mean"
    assert hill.result.tolist() == [[hill.image.mean()]]


@pytest.mark.parametrize("reduce", ["max", "mean"])
@pytest.mark.parametrize("padding", ["valid", "same", 0, 1])
@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 2), (3, 1), (2, 3)])
def test_result_and_gradient_are_those_of_ops(reduce, padding, size, stride):
    rng = np.random.default_rng(1)
    image = rng.permutation(56).reshape(7, 8) / 4  # no two are equal
    settings = {"stride": stride, "padding": padding, "reduce": reduce}
    stepper = PoolingStepper(image, size, **settings)
    wanted = ops.pool2d(image, size, **settings)
    np.testing.assert_allclose(stepper.result, wanted)
    stepper.incoming = incoming = rng.normal(size=wanted.shape)
    slope = np.zeros(image.shape)
    for place in np.ndindex(image.shape):  # by finite differences
        moved = image.astype(float)
        moved[place] += 1e-3
        change = ops.pool2d(moved, size, **settings) - wanted
        slope[place] = (incoming * change).sum() / 1e-3
    np.testing.assert_allclose(stepper.gradient, slope, atol=1e-8)


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("image", np.ones((13, 3)), "at most 12"),
        ("image", np.ones(3), "at most 12"),
        ("image", [[np.nan]], "not finite"),
        ("image", [[1.0]], "size"),
        ("size", 5, "size"),
        ("size", 0, "size"),
        ("size", 7, "size"),
        ("stride", 0, "stride"),
        ("stride", 7, "stride"),
        ("padding", 2, "padding"),
        ("padding", "full", '"valid", "same"'),
        ("reduce", "min", "reduce"),
        ("incoming", np.ones((3, 3)), "one number for each output"),
        ("view", "both", "view"),
        ("position", (2, 0), "row from 0 to 1"),
        ("step", 5, "from 1 to 4"),
    ],
)
def test_what_is_refused_leaves_the_last_good_state(stepper, trait, value, said):
    before = getattr(stepper, trait)
    with pytest.raises(TraitError, match=said):
        setattr(stepper, trait, value)
    assert np.array_equal(getattr(stepper, trait), before)
    assert stepper.result.tolist() == [[256, 153], [23, 55]]


def test_an_unknown_preset_is_refused_with_the_names():
    with pytest.raises(TraitError, match="choose one of lesson, hill"):
        PoolingStepper("valley")


def test_new_sizes_start_anew(stepper):
    stepper.position, stepper.step = (1, 1), 2
    stepper.incoming = [[1, 2], [3, 4]]
    stepper.stride = 1
    assert (stepper.position, stepper.step) == ((1, 1), 9)
    assert stepper.incoming.tolist() == [[1, 2, 1], [3, 4, 1], [1, 1, 1]]
    stepper.reduce = "global max"
    assert (stepper.position, stepper.step) == ((0, 0), 1)
    stepper.incoming = None
    assert stepper.incoming.tolist() == [[1]]


def test_describe_and_pictures(stepper):
    assert stepper.describe() == (
        "PoolingStepper: image 4 × 4, max, window 2 × 2, stride 2, padding valid, "
        "output 2 × 2 from 23 to 256"
    )
    for view in ("values", "gradient"):
        stepper.view = view
        assert "image/png" in stepper.picture()._repr_mimebundle_()[0]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("reduce", ["max", "mean", "global max", "global mean"])
def test_the_lines_of_keras_give_the_same_numbers(preset, reduce):
    with quiet():
        import keras

        keras.ops.zeros(1)
    stepper = PoolingStepper(preset, reduce=reduce)
    for padding in ("valid", "same", 0, 1):
        stepper.padding = padding
        names = {"keras": keras, "x": stepper.image.astype("float32")[None, :, :, None]}
        if "x = " in stepper.keras:
            exec(stepper.keras, names)
            answer = names["x"]
        else:
            answer = eval(stepper.keras, names)(names["x"])
        np.testing.assert_allclose(
            np.reshape(answer, stepper.result.shape), stepper.result, rtol=1e-5
        )
