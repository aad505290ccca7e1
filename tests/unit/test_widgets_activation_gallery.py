"""The Python side of ActivationGallery: against Keras, refusals, words, pictures."""

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from tensorflow_activations import ACTIVATIONS
from traitlets import TraitError

from helpers.widgets import ActivationGallery
from helpers.widgets.explorers.activation_gallery import (
    CURVES,
    PRESETS,
    at,
    slope_at,
)

STATES = 300
SLOPES = {"elu": "alpha", "leaky_relu": "negative_slope", "prelu": "prelu_slope"}


def of_keras(name, xs, slope):
    """A curve and its derivative as Keras and TensorFlow have them."""
    x = tf.constant(xs, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        if name == "prelu":
            layer = keras.layers.PReLU(dtype="float64")
            layer.build((None, len(xs)))
            layer.alpha.assign(np.full(len(xs), slope))
            y = layer(x[None])[0]
        elif name in SLOPES:
            y = ACTIVATIONS[name](x, slope)
        else:
            y = ACTIVATIONS[name](x)
    gradient = tape.gradient(y, x)
    return y.numpy(), np.zeros(len(xs)) if gradient is None else gradient.numpy()


@pytest.mark.parametrize("name", CURVES)
def test_curves_are_those_of_keras(name):
    rng = np.random.default_rng(list(CURVES).index(name))
    xs = np.append(rng.uniform(-6, 6, STATES), [-6, 6, 0])
    # float32, in which TensorFlow keeps slopes, has it exactly
    slope = int(rng.integers(1, 16)) / 16 if name in SLOPES else None
    values, slopes = of_keras(name, xs, slope)
    np.testing.assert_allclose(at(name, xs, slope), values, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        slope_at(name, xs, slope), slopes, rtol=1e-10, atol=1e-12
    )
    settings = {SLOPES[name]: slope} if name in SLOPES else {}
    for x, value, rate in zip(xs[-5:], values[-5:], slopes[-5:], strict=True):
        gallery = ActivationGallery(name, x=x, **settings)
        assert gallery.value == pytest.approx(value, rel=1e-12, abs=1e-13)
        assert gallery.derivative == pytest.approx(rate, rel=1e-10, abs=1e-12)
        gallery.close()


def test_softmax_is_that_of_scipy_and_its_derivative_tensorflows():
    rng = np.random.default_rng(0)
    for _ in range(STATES):
        count = int(rng.integers(2, 6))
        logits = rng.normal(0, 10 ** rng.uniform(-1, 2), count).clip(-1000, 1000)
        temperature = 10 ** rng.uniform(-1, 1)
        marked = int(rng.integers(count))
        gallery = ActivationGallery(
            "softmax", logits=logits, temperature=temperature, marked=marked
        )
        wanted = scipy.special.softmax(logits / temperature)
        np.testing.assert_allclose(gallery.probabilities, wanted, rtol=1e-12)
        z = tf.constant(logits)
        with tf.GradientTape() as tape:
            tape.watch(z)
            share = tf.nn.softmax(z / temperature)[marked]
        np.testing.assert_allclose(
            gallery.gradients, tape.gradient(share, z), rtol=1e-9, atol=1e-12
        )
        gallery.close()


@pytest.mark.parametrize("size", [1000, -1000])
def test_softmax_of_large_logits(size):
    for temperature in (0.1, 1, 10):
        gallery = ActivationGallery(
            "softmax", logits=[size, size, -size], temperature=temperature
        )
        wanted = [0.5, 0.5, 0] if size > 0 else [0, 0, 1]
        np.testing.assert_allclose(gallery.probabilities, wanted, atol=1e-80)
        assert np.isfinite(gallery.gradients).all()
        gallery.close()


def test_by_hand():
    gallery = ActivationGallery("softmax", logits=[np.log(3), 0], temperature=1)
    np.testing.assert_allclose(gallery.probabilities, [0.75, 0.25])
    np.testing.assert_allclose(gallery.gradients, [0.1875, -0.1875])
    gallery.temperature = 0.5  # squares them before they are shared out
    np.testing.assert_allclose(gallery.probabilities, [0.9, 0.1])
    np.testing.assert_allclose(gallery.gradients, [0.18, -0.18])
    assert gallery.value is gallery.derivative is None


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("x", 6.1, "x: got 6.1. Give a number from -6 to 6"),
        ("x", "2", "x: got '2'"),
        ("x", np.nan, "x: got nan"),
        ("x", True, "x: got True"),
        ("alpha", -0.1, "alpha: got -0.1. Give a number from 0 to 2"),
        ("negative_slope", 1.5, "Give a number from 0 to 1"),
        ("prelu_slope", -2, "Give a number from -1 to 1"),
        ("temperature", 0, "Give a number from 0.1 to 10"),
        ("temperature", np.inf, "Give a finite number from 0.1 to 10"),
        ("logits", [1], "logits: .* Give a list of 2 to 5 numbers"),
        ("logits", [1] * 6, "Give a list of 2 to 5 numbers"),
        ("logits", 3, "Give a list of 2 to 5 numbers"),
        ("logits", [1, "2"], r"logits\[1\]: got '2'. Give a number from -1000 to 1000"),
        ("logits", [1001, 2], r"logits\[0\]: got 1001"),
        ("logits", [1, np.nan], r"logits\[1\]: got nan. Give a finite number"),
        ("marked", 3, "marked: got 3. Give a whole number from 0 to 2, one of 3"),
        ("marked", -1, "marked: got -1"),
        ("activation", "ReLU", 'Did you mean "relu"'),
        ("compare", "softmax", "compare: got 'softmax'"),
    ],
)
def test_refusals(trait, value, said):
    gallery = ActivationGallery("relu", "mish", x=-1)
    before = gallery.describe(), getattr(gallery, trait)
    with pytest.raises(TraitError, match=said):
        setattr(gallery, trait, value)
    assert (gallery.describe(), getattr(gallery, trait)) == before
    with pytest.raises(TraitError, match=said):
        ActivationGallery(**{trait: value})
    gallery.close()


def test_numbers_of_any_kind_become_floats():
    gallery = ActivationGallery(x=np.float32(0.5), logits=np.array([1, 2], np.int8))
    assert type(gallery.x) is float
    assert gallery.logits == (1.0, 2.0)
    assert {type(number) for number in gallery.logits} == {float}


def test_the_marked_class_is_one_that_there_is():
    gallery = ActivationGallery("softmax", logits=[0, 1, 2, 3, 4])
    gallery.marked = 4
    gallery.logits = [1, 2, 3]
    assert gallery.marked == 2
    gallery.logits = [3, 2, 1, 0]
    assert gallery.marked == 2
    assert ActivationGallery(logits=[1, 2, 3, 4, 5], marked=4).marked == 4


@pytest.mark.parametrize("name", PRESETS)
def test_every_example_can_be_made(name):
    gallery = ActivationGallery(**PRESETS[name])
    for trait, value in PRESETS[name].items():
        np.testing.assert_array_equal(getattr(gallery, trait), value)


def test_examples_are_what_their_names_say():
    def shares(name):
        return np.sort(ActivationGallery(**PRESETS[name]).probabilities)[::-1]

    assert shares("a_sure_network")[0] > 0.99
    first, second, *_ = shares("a_torn_network")
    assert first - second < 0.1 < second
    hot = ActivationGallery(**PRESETS["hot_and_cold"])
    assert hot.probabilities.max() < 0.25
    hot.temperature = 0.1
    assert hot.probabilities.max() > 0.999


def test_what_it_says():
    gallery = ActivationGallery("elu", "tanh", x=-1, alpha=0.5)
    assert gallery.describe() == (
        "ActivationGallery: at x = -1 ELU, alpha 0.5, is -0.3161, its derivative "
        "0.1839; tanh is -0.7616, its derivative 0.42"
    )
    gallery.x = 2
    assert "at x = 2 ELU" in gallery.describe()
    gallery.activation = "softmax"
    assert gallery.describe() == (
        "ActivationGallery: softmax of 2, 1, 0 at temperature 1 is 0.6652, 0.2447, "
        "0.09003; that of class 1 grows with the logits by 0.2227, -0.1628, -0.05989"
    )


def drawn(gallery):
    """The lines of the still picture by their names."""
    (axis,) = gallery.picture().axes
    return {line.get_label(): line.get_xydata().T for line in axis.get_lines()}


def test_the_picture_has_the_curves_with_a_gap_where_they_jump():
    lines = drawn(ActivationGallery("step", "sinc"))
    assert list(lines) == ["step: f", "step: f′", "sinc: f", "sinc: f′"]
    x, y = lines["step: f"]
    assert set(y[x < 0]) == {0}
    assert set(y[x > 0]) == {1}
    np.testing.assert_array_equal(y[x == 0], [0, np.nan, 1])
    x, y = lines["sinc: f′"]
    np.testing.assert_allclose(y[x != 0], slope_at("sinc", x[x != 0]))
    assert len(drawn(ActivationGallery("elu", "elu"))) == 2
    assert len(ActivationGallery("softmax").picture().axes) == 3
