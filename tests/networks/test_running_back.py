"""The way back through an exported network, in NumPy, against Keras's gradients."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import export, models, running
from helpers.networks.gradients import value_and_gradients

RNG = np.random.default_rng(12)

NETWORKS = {
    "strides and uneven sides": lambda: [
        keras.Input((11, 9, 2)),
        layers.Rescaling([0.5, 2], offset=[1, -1]),
        layers.Conv2D(5, (3, 4), strides=(2, 3), padding="same", activation="tanh"),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(4),
    ],
    "windows that overlap": lambda: [
        keras.Input((12, 10, 1)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(3, 3, dilation_rate=2, use_bias=False),
        layers.LeakyReLU(0.3),
        layers.MaxPooling2D(3, strides=2),
        layers.Conv2D(4, 2, activation="elu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(6, activation="sigmoid"),
        layers.Dense(3, activation="softmax"),
    ],
    "rows that no window reads": lambda: [
        keras.Input((10, 10, 3)),
        layers.Conv2D(4, 2, strides=3),
        layers.PReLU(shared_axes=[1, 2]),
        layers.AveragePooling2D(2, strides=1),
        layers.Flatten(),
        layers.Dense(5),
        layers.Softmax(),
    ],
    "digits": lambda: models.with_softmax(models.mnist_better()),
    "Hung-yi Lee's": models.mnist_cnn,
}


@pytest.fixture(params=NETWORKS)
def model(request):
    keras.utils.set_random_seed(5)
    made = NETWORKS[request.param]()
    model = made if isinstance(made, keras.Model) else keras.Sequential(made)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            moved = [RNG.uniform(0.5, 2, one.shape) for one in layer.get_weights()]
            layer.set_weights(moved)
    return model


def test_it_is_the_gradient_of_keras(model):
    from helpers.networks.probe import _within

    network = export.network(model, weights="float32")
    logits = _within.up_to_logits(model)
    x = RNG.uniform(0, 255, model.input_shape[1:]).astype(np.float32)
    weights = RNG.normal(size=model.output_shape[-1])

    @value_and_gradients
    def weighed(x):
        made = logits(x[0], training=False)[0]
        return keras.ops.sum(made * weights.astype(np.float32))

    _, [wanted] = weighed([x[None]])
    found_logits, found = running.backward(network, x, lambda logits: weights)
    made = keras.ops.convert_to_numpy(logits(x[None], training=False))[0]
    np.testing.assert_allclose(found_logits, made, rtol=1e-4, atol=1e-4)
    wanted = keras.ops.convert_to_numpy(wanted)[0]
    assert found.shape == x.shape
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_what_cannot_be():
    network = export.network(models.mnist_cnn())
    with pytest.raises(ValueError, match=r"x: got shape \(28, 28\)"):
        running.backward(network, np.zeros((28, 28)), lambda logits: logits)
    x = keras.Input((8, 8, 2))
    inner = layers.Conv2D(2, 1, name="inner")(x)
    added = keras.Model(x, layers.Flatten()(layers.Add()([x, inner])))
    with pytest.raises(ValueError, match=r"one with add.*kinds known backward"):
        running.chain(export.network(added))
    padded = keras.Sequential(
        [keras.Input((8, 8, 2)), layers.MaxPooling2D(3, padding="same", name="wide")]
    )
    with pytest.raises(ValueError, match="one with wide, pool2d"):
        running.chain(export.network(padded))
