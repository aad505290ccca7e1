"""parts/network_errors.js sends errors back as TensorFlow does, through every layer."""

import base64
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from lab_browser import closing
from stage import load

from helpers.networks import export, exported, models

NETWORKS = 40
TOLERANCE = 1e-4  # of the largest error of a layer

ERRORS = """([description, bytes, pixels, label]) => {
  const bytesOf = (text) =>
    Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const textOf = (data) =>
    btoa(Array.from(new Uint8Array(data.slice().buffer), (byte) =>
      String.fromCharCode(byte)).join(""));
  const made = network.networkFrom(description, bytesOf(bytes));
  const chain = network_errors.chainOf(made.layers);
  if (!chain) return null;
  const shape = [1, ...made.layers[0].shape];
  const x = { shape, data: new Float32Array(bytesOf(pixels).buffer) };
  const { loss, errors } = network_errors.errorsOf(made.layers, chain, x, label);
  return [loss, errors.map(({ data }) => textOf(Float32Array.from(data)))];
}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/network.js")
        load(page, "parts/network_errors.js")
        yield page


def text(data):
    return base64.b64encode(data).decode()


def on_page(page, network, x, label):
    pixels = text(np.asarray(x, "<f4").tobytes())
    told = page.evaluate(
        ERRORS, [network.description, text(network.data), pixels, label]
    )
    if told is None:
        return None
    loss, errors = told
    return loss, [np.frombuffer(base64.b64decode(one), "<f4") for one in errors]


def on_tensorflow(model, names, x, label):
    """The loss, and its gradient by the output of each layer of that name."""
    kept = []
    with tf.GradientTape(persistent=True) as tape:
        y = tf.constant(x[None])
        tape.watch(y)
        kept.append(y)
        for layer in model.layers:
            if isinstance(layer, keras.layers.InputLayer):
                continue
            y = layer(y, training=False)
            if layer.name in names:
                kept.append(y)
        cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        loss = cross_entropy(np.array([label]), y)
    return float(loss), [np.asarray(tape.gradient(loss, one)).ravel() for one in kept]


def random_chain(rng):
    sides = rng.integers(8, 15, 2).tolist()
    bends = ["relu", "tanh", "elu", "sigmoid", "leaky_relu", "silu", None]
    made = [keras.Input((*sides, int(rng.integers(1, 4)))), layers.Rescaling(0.5, 0.1)]
    for _ in range(int(rng.integers(1, 3))):
        bend = bends[rng.integers(len(bends))]
        # No stride for a kernel of 1: TensorFlow 2.21 with oneDNN writes beyond its
        # memory then, on the way back and on some processors, and crashes later.
        size, stride = int(rng.integers(1, 4)), int(rng.integers(1, 3))
        stride = stride if size > 1 else 1
        padding = str(rng.choice(["same", "valid"]))
        made.append(
            layers.Conv2D(
                *(int(rng.integers(2, 6)), size, stride), padding, activation=bend
            )
        )
        if rng.random() < 0.5:
            made.append(layers.BatchNormalization())
        if rng.random() < 0.3:
            made.append(layers.PReLU(shared_axes=[1, 2]))
        if rng.random() < 0.3:
            made.append(layers.Activation("relu"))
    if rng.random() < 0.6:
        pools = (layers.MaxPooling2D, layers.AveragePooling2D)
        made.append(pools[rng.integers(2)](2, strides=int(rng.integers(1, 3))))
    ends = (layers.Flatten, layers.GlobalAveragePooling2D)
    made += [ends[rng.integers(2)](), layers.Dropout(0.5)]
    if rng.random() < 0.5:
        made.append(layers.Dense(6, activation=bends[rng.integers(len(bends))]))
    model = keras.Sequential([*made, layers.Dense(4)])
    model.set_weights(
        [
            rng.uniform(0.5, 1.5, w.shape)
            if "variance" in v.path
            else rng.normal(size=w.shape)
            for w, v in zip(model.get_weights(), model.weights, strict=True)
        ]
    )
    return model


def compare(found, wanted):
    assert found[0] == pytest.approx(wanted[0], rel=1e-4, abs=1e-6)
    for got, right in zip(found[1], wanted[1], strict=True):
        largest = np.abs(right).max()
        np.testing.assert_allclose(got, right, rtol=0, atol=TOLERANCE * largest)


def test_random_chains(page):
    rng = np.random.default_rng(4)
    for _ in range(NETWORKS):
        model = random_chain(rng)
        network = export.network(model, weights="float32")
        x = rng.normal(size=model.input_shape[1:]).astype("float32")
        label = int(np.argmin(model(x[None])))  # of p near 1, p − 1 is rounding
        found = on_page(page, network, x, label)
        assert found, network.description
        compare(found, on_tensorflow(model, network.names, x, label))


def test_a_softmax_within_the_last_layer_is_left_out(page):
    rng = np.random.default_rng(6)
    model = random_chain(rng)
    last = model.layers[-1]
    sure = keras.Sequential([*model.layers[:-1], layers.Dense(4, "softmax")])
    sure.build((None, *model.input_shape[1:]))
    sure.layers[-1].set_weights(last.get_weights())
    x = rng.normal(size=model.input_shape[1:]).astype("float32")
    found = on_page(page, export.network(sure, weights="float32"), x, 2)
    compare(found, on_page(page, export.network(model, weights="float32"), x, 2))


@pytest.mark.parametrize(
    ("name", "build"), [("mnist", "mnist_better"), ("quickdraw", "quickdraw")]
)
def test_the_trained_networks(page, name, build):
    network = exported.shipped(name)
    model = getattr(models, build)()
    sure = models.with_softmax(model)
    export.load_weights(sure, network)
    rng = np.random.default_rng(5)
    for label in range(3):
        x = (255 * rng.random((28, 28, 1)) ** 4).astype("float32")
        loss, errors = on_page(page, network, x, label)
        names = network.names[:-1]
        compare((loss, errors[:-1]), on_tensorflow(model, names, x, label))
        p = np.asarray(sure(x[None]))[0, label]
        wanted = np.zeros(len(errors[-1]))
        wanted[label] = -1 / p
        np.testing.assert_allclose(errors[-1], wanted, rtol=1e-3)


def test_other_networks_have_no_way_back(page):
    x = keras.Input((8, 8, 2))
    both = layers.Add()([layers.Conv2D(2, 3, padding="same")(x), x])
    branched = keras.Model(x, layers.Dense(3)(layers.Flatten()(both)))
    grouped = keras.Sequential(
        [keras.Input((8, 8, 2)), layers.Conv2D(4, 3, groups=2), layers.Flatten()]
    )
    padded = keras.Sequential(
        [keras.Input((7, 7, 2)), layers.MaxPooling2D(2, padding="same")]
    )
    bent = keras.Sequential([keras.Input((3,)), layers.ReLU(max_value=1)])
    for model in (branched, grouped, padded, bent):
        network = export.network(model)
        shape = model.input_shape[1:]
        assert on_page(page, network, np.zeros(shape, "float32"), 0) is None
