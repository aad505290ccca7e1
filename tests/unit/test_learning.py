"""learning.py against Keras and TensorFlow's own gradients, in float64; refusals."""

import os
import subprocess
import sys
from functools import partial

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_activations import ACTIVATIONS, SETTINGS, random_setting

from helpers import learning, ops

CURVES = [name for name in learning.ACTIVATIONS if name != "softmax"]


def gradients_of(function, *arguments):
    """What a function makes of arrays, and its gradients by each of them."""
    tensors = [tf.constant(argument, tf.float64) for argument in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = function(*tensors)
    gradients = tape.gradient(result, tensors, unconnected_gradients="zero")
    return result.numpy(), [gradient.numpy() for gradient in gradients]


# -- derivatives -----------------------------------------------------------------------


def places(rng):
    """Numbers near and far, zero among them, and such that almost are."""
    scales = np.repeat([1e-9, 1e-3, 0.04, 1, 10, 300], 500)
    return np.concatenate([rng.normal(size=scales.size) * scales, [0, 1e3, -1e3]])


def test_all_activations_of_ops_have_a_derivative():
    assert list(learning.ACTIVATIONS) == list(ACTIVATIONS)
    assert learning.ACTIVATIONS["mish"] is ops.mish


@pytest.mark.parametrize("name", CURVES)
def test_derivatives_are_tensorflows(name):
    rng = np.random.default_rng(30)
    for _ in range(20 if name in SETTINGS else 1):
        x, setting = places(rng), {}
        if name in SETTINGS:
            setting = {SETTINGS[name]: random_setting(rng, name)}
        if name == "sinc":  # TensorFlow loses its digits near 0: see below
            x = x[np.abs(x) > 1e-3]
        _, [theirs] = gradients_of(partial(ACTIVATIONS[name], **setting), x)
        ours = learning.derivative(name, x, **setting)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_sinc_near_zero():
    x = np.concatenate([np.geomspace(1e-300, 1e-2, 500), -np.geomspace(1e-9, 1e-2, 99)])
    square = (np.pi * x) ** 2
    series = -(np.pi**2) * x * (1 / 3 - square / 30 + square**2 / 840)
    np.testing.assert_allclose(learning.derivative("sinc", x), series, rtol=1e-9)


@pytest.mark.parametrize("name", CURVES)
def test_derivatives_are_slopes(name):
    """An independent look: what the function gains over a short way, corners apart."""
    x, half = np.linspace(-7, 7, 1000), 1e-5  # 1,000 numbers: 0 is none of them
    function = learning.ACTIVATIONS[name]
    slope = (function(x + half) - function(x - half)) / (2 * half)
    np.testing.assert_allclose(learning.derivative(name, x), slope, atol=1e-8)


def test_softmax_has_a_derivative_for_each_pair():
    rng = np.random.default_rng(31)
    for scale in np.repeat([0.1, 1, 30, 1000], 30):
        x = rng.normal(size=rng.integers([1, 2], 5)) * scale
        ours = learning.derivative("softmax", x)
        assert ours.shape == (*x.shape, x.shape[1])
        for i in range(x.shape[1]):
            _, [theirs] = gradients_of(
                lambda x, i=i: ACTIVATIONS["softmax"](x)[:, i], x
            )
            np.testing.assert_allclose(ours[:, i], theirs, atol=1e-12)


def test_derivatives_at_corners_and_with_settings():
    at_zero = {name: float(learning.derivative(name, 0.0)) for name in CURVES}
    assert at_zero["relu"] == at_zero["step"] == at_zero["sinc"] == 0
    assert (at_zero["leaky_relu"], at_zero["elu"]) == (0.2, 1)
    assert learning.derivative("elu", 0, alpha=0.5) == 0.5
    slopes = learning.derivative("leaky_relu", [[-1, -1]], negative_slope=[0.5, 3])
    np.testing.assert_array_equal(slopes, [[0.5, 3]])


@pytest.mark.parametrize("name", learning.ACTIVATIONS)
def test_nan_stays_nan_and_inputs_stay(name):
    x = np.array([1, np.nan, -2], np.float32)
    before = x.copy()
    x.flags.writeable = False
    slopes = learning.derivative(name, x)
    assert slopes.dtype == np.float64
    assert np.isnan(slopes if name == "softmax" else slopes[1]).all()
    assert name == "softmax" or np.isfinite(slopes[[0, 2]]).all()
    np.testing.assert_array_equal(x, before)


# -- losses ----------------------------------------------------------------------------


def test_mean_squared_error_is_keras():
    rng = np.random.default_rng(32)
    loss = keras.losses.MeanSquaredError(dtype="float64")
    for _ in range(150):
        target, prediction = rng.normal(size=(2, *rng.integers(1, 6, 2))) * 10
        ours, gradient = learning.mean_squared_error(prediction, target)
        theirs, [expected] = gradients_of(partial(loss, target), prediction)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        np.testing.assert_allclose(gradient, expected, rtol=1e-12)


@pytest.mark.parametrize("probabilities", [False, True])
def test_cross_entropy_is_keras(probabilities):
    rng = np.random.default_rng(33)
    losses = keras.losses
    of_classes = losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
    of_shares = losses.CategoricalCrossentropy(from_logits=True, dtype="float64")
    for scale in np.repeat([0.1, 1, 30], 50):
        rows, classes = rng.integers([1, 2], 7)
        logits = rng.normal(size=(rows, classes)) * scale
        loss, labels = of_classes, rng.integers(classes, size=rows)
        if probabilities:
            loss, labels = of_shares, rng.dirichlet(np.ones(classes), rows)
        ours, gradient = learning.cross_entropy(logits, labels)
        theirs, [expected] = gradients_of(partial(loss, labels), logits)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(gradient, expected, atol=1e-12)


def test_cross_entropy_of_one_row_and_of_many_axes():
    loss, gradient = learning.cross_entropy([1, 2, 3], 0)
    rows, gradients = learning.cross_entropy([[[1, 2, 3]] * 2] * 2, [[0, 0], [0, 0]])
    assert rows == pytest.approx(loss)
    np.testing.assert_allclose(gradients, np.tile(gradient / 4, (2, 2, 1)))


@pytest.mark.parametrize("far", [800.0, 1e10, 1e300, 1.7e308])
@pytest.mark.parametrize("labels", [[0, 1], [[1, 0], [0.5, 0.5]]])
def test_cross_entropy_stays_finite(far, labels):
    for logits in ([[far, -far], [far, -far]], [[-far, far], [far, far]]):
        loss, gradient = learning.cross_entropy(logits, labels)
        assert np.isfinite(loss)
        assert np.isfinite(gradient).all()
    assert learning.cross_entropy([[far, -far]], [0])[0] == 0
    assert learning.cross_entropy([[800, -800]], [1])[0] == 1600


# -- convolution -----------------------------------------------------------------------


def random_convolution(rng):
    """Draw x, a kernel of one of the ways that ops takes, and the settings."""
    picture, size = rng.integers(1, 9, 2), rng.integers(1, 5, 2)
    channels, filters = rng.integers(1, 4, 2)
    shapes = [
        (picture, size),
        (picture, [*size, 1, filters]),
        ([*picture, channels], [*size, channels]),
        ([*picture, channels], [*size, channels, filters]),
    ]
    x, kernel = shapes[rng.integers(4)]
    paddings = ["valid", "same", 2, (1, 0), ((0, 1), (2, 3))]
    strides = [1, 2, 3, (1, 2), (3, 1)]
    settings = {
        "stride": strides[rng.integers(5)],
        "padding": paddings[rng.integers(5)],
    }
    return rng.normal(size=x), rng.normal(size=kernel), settings


def keras_conv2d(x, kernel, stride, padding):
    """Keras's convolution of one picture, with explicit pixels of padding too."""
    x = tf.reshape(x, (1, *x.shape[:2], -1))
    kernel = tf.reshape(kernel, (*kernel.shape[:2], x.shape[3], -1))
    if not isinstance(padding, str):
        sides = padding if np.ndim(padding) else (padding, padding)
        rows, cols = (np.broadcast_to(side, 2) for side in sides)
        x, padding = tf.pad(x, [(0, 0), rows, cols, (0, 0)]), "valid"
    return keras.ops.conv(x, kernel, strides=stride, padding=padding)


def test_conv2d_gradients_are_tensorflows():
    rng = np.random.default_rng(34)
    checked = 0
    while checked < 300:
        x, kernel, settings = random_convolution(rng)
        try:
            out = ops.conv2d(x, kernel, **settings)
        except ValueError:  # larger than the picture
            continue
        incoming = rng.normal(size=out.shape)
        ours = learning.conv2d_gradients(x, kernel, incoming, **settings)

        def loss(x, kernel, incoming=incoming, settings=settings):
            out = keras_conv2d(x, kernel, **settings)
            return tf.reduce_sum(out * tf.reshape(incoming, out.shape))

        total, theirs = gradients_of(loss, x, kernel)
        said = f"{x.shape} {kernel.shape} {settings}"
        np.testing.assert_allclose(np.sum(out * incoming), total, atol=1e-10)
        for gradient, expected, given in zip(ours, theirs, (x, kernel), strict=True):
            assert gradient.shape == given.shape, said
            np.testing.assert_allclose(gradient, expected, atol=1e-10, err_msg=said)
        checked += 1


def test_the_gradient_of_a_convolution_is_a_convolution():
    """As the docstring says: of x, with the kernel turned by half a turn."""
    rng = np.random.default_rng(35)
    x, kernel = rng.normal(size=(7, 6)), rng.normal(size=(3, 2))
    incoming = rng.normal(size=(5, 5))
    of_x, of_kernel = learning.conv2d_gradients(x, kernel, incoming)
    turned = kernel[::-1, ::-1]
    np.testing.assert_allclose(of_x, ops.conv2d(incoming, turned, padding=(2, 1)))
    np.testing.assert_allclose(of_kernel, ops.conv2d(x, incoming))


# -- schedules -------------------------------------------------------------------------


def random_schedules(rng):
    """Draw one schedule of each kind, ours and Keras's."""
    theirs = keras.optimizers.schedules
    top, start = (float(np.float32(rate)) for rate in rng.random(2))
    steps, warm = int(rng.integers(1, 40)), int(rng.integers(0, 20))
    ends = sorted(int(end) for end in rng.choice(60, 3, replace=False))
    values = [float(np.float32(rate)) for rate in rng.random(4)]
    alpha = float(rng.choice([0, 0.1]))
    warmed = {"alpha": alpha, "warmup_target": top, "warmup_steps": warm}
    return [
        (
            learning.piecewise_constant(ends, values),
            theirs.PiecewiseConstantDecay(ends, values),
        ),
        (
            learning.step_decay(top, steps, 0.5),
            theirs.ExponentialDecay(top, steps, 0.5, staircase=True),
        ),
        (
            learning.cosine_decay(top, steps, alpha),
            theirs.CosineDecay(top, steps, alpha),
        ),
        (
            learning.cosine_decay(start, steps, **warmed),
            theirs.CosineDecay(start, steps, **warmed),
        ),
    ]


def test_schedules_are_keras():
    rng = np.random.default_rng(36)
    for _ in range(20):
        steps = [0, *(int(step) for step in rng.integers(1, 80, 10))]
        for ours, theirs in random_schedules(rng):
            expected = [float(theirs(step)) for step in steps]
            got = [ours(step) for step in steps]
            np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


# -- optimisers ------------------------------------------------------------------------


def random_optimizers(rng):
    """Draw settings of each optimiser; ours, Keras's."""
    # Keras keeps its settings in float32, which has these exactly.
    rate = float(np.float32(10 ** rng.uniform(-3, 0)))
    most, rho, near = rng.uniform(0, 0.99, 3).astype(np.float32).tolist()
    near = float(rng.choice([near, 1 - 2**-10]))
    flag = bool(rng.integers(2))
    kinds = {
        "SGD": {"momentum": most * int(rng.integers(2)), "nesterov": flag},
        "RMSprop": {"rho": rho, "momentum": most * int(flag)},
        "Adam": {"beta_1": most, "beta_2": near},
    }
    if rng.random() < 0.3:
        kinds["RMSprop"]["centered"] = True
    for name, settings in kinds.items():
        settings = {"learning_rate": rate, **settings}
        yield (
            name,
            settings,
            getattr(learning, name)(**settings),
            getattr(keras.optimizers, name)(**settings),
        )


def walk(rng, ours, theirs, said, rtol, steps=50):
    """Let both go the same way, and compare after every step."""
    shape = rng.integers(1, 4, 2)
    weights, scale = rng.normal(size=shape), 10 ** rng.uniform(-3, 2)
    variable = keras.Variable(weights, dtype="float64")
    for _ in range(steps):
        gradient = rng.normal(size=shape) * scale
        weights = ours.step(weights, gradient)
        theirs.apply([tf.constant(gradient)], [variable])
        np.testing.assert_allclose(
            weights, variable.numpy(), rtol=rtol, atol=rtol, err_msg=said
        )


def test_optimizers_are_keras_step_for_step():
    rng = np.random.default_rng(37)
    for _ in range(7):
        for name, settings, ours, theirs in random_optimizers(rng):
            walk(rng, ours, theirs, f"{name} {settings}", 1e-7)
            assert ours.iterations == 50


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam"])
def test_optimizers_have_keras_defaults(name):
    ours, theirs = getattr(learning, name)(), getattr(keras.optimizers, name)()
    walk(np.random.default_rng(38), ours, theirs, name, 1e-7)
    for setting, value in theirs.get_config().items():
        if hasattr(ours, setting) and setting != "learning_rate":
            assert getattr(ours, setting) == value


def test_a_schedule_is_asked_before_each_step():
    rng = np.random.default_rng(39)
    rate = keras.optimizers.schedules.CosineDecay(0.5, 40)
    ours = learning.SGD(learning.cosine_decay(0.5, 40), momentum=0.5)
    walk(rng, ours, keras.optimizers.SGD(rate, momentum=0.5), "cosine", 1e-5)


def test_divergence_is_silent_and_optimizers_take_numbers():
    optimizer, weight = learning.SGD(1e200), 1.0
    for _ in range(5):
        weight = optimizer.step(weight, weight)
    assert weight.shape == ()
    assert not np.isfinite(weight)
    weights = np.array([1.0])
    assert learning.Adam().step(weights, [0]) is not weights


# -- refusals --------------------------------------------------------------------------

GRAY, K = np.ones((5, 5)), np.ones((3, 3))


def refused(function, *arguments, names, came, **settings):
    return pytest.param(
        function, arguments, settings, names, came, id=f"{function.__name__} {came}"
    )


def one_step(optimizer, *arguments):
    return optimizer.step(*arguments)


def two_steps(first, second):
    optimizer = learning.SGD()
    optimizer.step(first, first)
    return optimizer.step(second, second)


ONE_AND_MORE = [-1, 1.5, "1", None, np.nan]
REFUSALS = [
    refused(learning.derivative, "rleu", 1, names="name", came="'rleu'. Did you mean"),
    refused(learning.derivative, None, 1, names="name", came="None"),
    *(
        refused(learning.derivative, name, x, names="x", came=came)
        for name in learning.ACTIVATIONS
        for x, came in [("a", "'a'"), ([], "(0,)"), ([[1], [1, 2]], "lengths")]
    ),
    refused(learning.derivative, "relu", 1, names="alpha", came="2", alpha=2),
    refused(learning.derivative, "elu", 1, names="slope", came="2", slope=2),
    refused(learning.derivative, "elu", 1, names="alpha", came="'a'", alpha="a"),
    refused(
        learning.derivative, "elu", [1, 2], names="alpha", came="(3,)", alpha=[1] * 3
    ),
    refused(learning.derivative, "softmax", 1, names="axis", came="-1"),
    # losses
    refused(learning.mean_squared_error, [1, 2], [1], names="target", came="(1,)"),
    refused(learning.mean_squared_error, "a", [1], names="prediction", came="'a'"),
    refused(learning.mean_squared_error, [1], [1j], names="target", came="complex"),
    refused(learning.cross_entropy, 1, 0, names="logits", came="()"),
    refused(learning.cross_entropy, [[1, 2]], 0, names="labels", came="()"),
    refused(learning.cross_entropy, [[1, 2]], [0.0], names="labels", came="float64"),
    refused(learning.cross_entropy, [[1, 2]], [2], names="labels", came="2"),
    refused(learning.cross_entropy, [[1, 2]], [-1], names="labels", came="-1"),
    refused(learning.cross_entropy, [1, 2], [0.5, 0.6], names="labels", came="0.6"),
    refused(learning.cross_entropy, [1, 2], [-1, 2], names="labels", came="-1"),
    refused(learning.cross_entropy, [1, 2], [np.nan, 1], names="labels", came="nan"),
    # convolution
    refused(learning.conv2d_gradients, [1], K, K, names="x", came="(1,)"),
    refused(learning.conv2d_gradients, GRAY, [1], K, names="kernel", came="(1,)"),
    refused(learning.conv2d_gradients, K, GRAY, K, names="kernel", came="5×5"),
    refused(learning.conv2d_gradients, GRAY, K, GRAY, names="incoming", came="(5, 5)"),
    refused(learning.conv2d_gradients, GRAY, K, "a", names="incoming", came="'a'"),
    refused(learning.conv2d_gradients, GRAY, K, K, 0, names="stride", came="0"),
    refused(learning.conv2d_gradients, GRAY, K, K, 1, -1, names="padding", came="-1"),
    # schedules
    refused(learning.constant, -1, names="learning_rate", came="-1"),
    refused(learning.piecewise_constant, 3, [1], names="boundaries", came="3"),
    refused(learning.piecewise_constant, [3], 1, names="values", came="1"),
    refused(learning.piecewise_constant, [3], [1], names="values", came="1 values"),
    refused(
        learning.piecewise_constant, [3, 3], [1] * 3, names="boundaries", came="[3, 3]"
    ),
    *(
        refused(learning.step_decay, 1, n, 0.5, names="decay_steps", came=repr(n))
        for n in [0, *ONE_AND_MORE]
    ),
    refused(learning.step_decay, 1, 1, -1, names="decay_rate", came="-1"),
    refused(learning.cosine_decay, 1, 0, names="decay_steps", came="0"),
    refused(learning.cosine_decay, 1, 1, -1, names="alpha", came="-1"),
    refused(
        learning.cosine_decay,
        1,
        1,
        names="warmup_target",
        came="'a'",
        warmup_target="a",
    ),
    refused(
        learning.cosine_decay, 1, 1, names="warmup_steps", came="-1", warmup_steps=-1
    ),
    refused(learning.constant(1), -1, names="step", came="-1"),
    refused(learning.step_decay(1, 1, 1), 0.5, names="step", came="0.5"),
    # optimisers
    *(
        refused(optimizer, names="learning_rate", came=repr(rate), learning_rate=rate)
        for optimizer in (learning.SGD, learning.RMSprop, learning.Adam)
        for rate in [-1, "1", None, np.nan]
    ),
    refused(learning.SGD, names="momentum", came="1.5", momentum=1.5),
    refused(learning.SGD, names="nesterov", came="1", nesterov=1),
    refused(learning.RMSprop, names="rho", came="-1", rho=-1),
    refused(learning.RMSprop, names="momentum", came="2", momentum=2),
    refused(learning.RMSprop, names="epsilon", came="-1", epsilon=-1),
    refused(learning.RMSprop, names="centered", came="None", centered=None),
    refused(learning.Adam, names="beta_1", came="1", beta_1=1),
    refused(learning.Adam, names="beta_2", came="-0.5", beta_2=-0.5),
    refused(learning.Adam, names="epsilon", came="nan", epsilon=np.nan),
    refused(one_step, learning.SGD(), [1, 2], [1], names="gradient", came="(1,)"),
    refused(one_step, learning.Adam(), "a", [1], names="weights", came="'a'"),
    refused(two_steps, [1, 2], [1, 2, 3], names="weights", came="(3,)"),
]


@pytest.mark.parametrize(
    ("function", "arguments", "settings", "names", "came"), REFUSALS
)
def test_refusals_name_the_argument_what_came_and_what_would_do(
    function, arguments, settings, names, came
):
    with pytest.raises(ValueError, match=r"\.$") as refusal:
        function(*arguments, **settings)
    argument, _, rest = str(refusal.value).partition(": got ")
    assert argument == names
    assert came in rest
    assert rest.partition(". ")[2]


def test_numpy_is_all_it_loads():
    code = (
        "import sys, helpers.learning; "
        "print({'scipy', 'keras', 'tensorflow', 'matplotlib'} & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "set()"
