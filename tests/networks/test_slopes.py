"""An exported network goes backward in NumPy as Keras does."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import (
    export,
    exported,
    gradients,
    models,
    pretrained,
    slopes,
    training,
)
from helpers.networks.probe import _within

TOLERANCE = 1e-4  # of the largest slope of a layer


def in_keras(model, names, x, label):
    """The logits, what each layer makes, and its slopes: a number of the batch each."""
    logits = _within.logits(model)
    parts = [_within.up_to(model, name) for name in names]
    made = [part(x) for part in parts]
    found = []
    for part, here in zip(parts, made, strict=True):
        rest = keras.Model(part.outputs[0], logits)

        @gradients.value_and_gradients
        def score(values, rest=rest):
            return keras.ops.sum(rest(values[0], training=False)[:, label])

        _, [slope] = score([here])
        found.append(np.asarray(keras.ops.convert_to_numpy(slope)))
    whole = keras.Model(model.inputs[0], logits)

    @gradients.value_and_gradients
    def all_of(values):
        return keras.ops.sum(whole(values[0], training=False)[:, label])

    _, [slope] = all_of([x])
    numbers = np.asarray(keras.ops.convert_to_numpy(whole(x, training=False)))
    made = [np.asarray(keras.ops.convert_to_numpy(one)) for one in made]
    return numbers, made, [np.asarray(keras.ops.convert_to_numpy(slope)), *found]


def compare(model, network, x, label, some=None):
    """At every layer, or at some: each is compiled by itself on JAX."""
    learned = set(some or (layer.name for layer in model.layers))
    learned -= {model.layers[-1].name}  # whose slopes are ones and zeros
    names = [name for name in network.names[1:] if name in learned]
    logits, maps, right = in_keras(model, names, x, label)
    chain = slopes.Chain(network)
    made = chain.forward(x)
    np.testing.assert_allclose(chain.logits(made), logits, rtol=1e-3, atol=1e-3)
    for name, wanted in zip(names, maps, strict=True):
        size = np.abs(wanted).max() or 1
        np.testing.assert_allclose(made[name], wanted, rtol=0, atol=TOLERANCE * size)
    for name, wanted in zip([None, *names], right, strict=True):
        found = chain.slopes(made, label, name)
        size = np.abs(wanted).max() or 1
        np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE * size)


def random_chain(rng):
    bends = ["relu", "tanh", "elu", "sigmoid", "leaky_relu", "silu", None]

    def bend():
        return bends[rng.integers(len(bends))]

    sides = rng.integers(9, 15, 2).tolist()
    made = [keras.Input((*sides, int(rng.integers(1, 4)))), layers.Rescaling(0.5, 0.1)]
    for _ in range(int(rng.integers(1, 3))):
        size = int(rng.integers(2, 4))  # test_network_errors_js.py says why not 1
        padding = str(rng.choice(["same", "valid"]))
        stride = int(rng.integers(1, 3))
        made.append(layers.Conv2D(3, size, stride, padding, activation=bend()))
        more = [layers.BatchNormalization(), layers.PReLU(shared_axes=[1, 2])]
        made += [layer for layer in more if rng.random() < 0.5]
    pools = (layers.MaxPooling2D, layers.AveragePooling2D)
    made.append(pools[rng.integers(2)](2, strides=int(rng.integers(1, 3))))
    ends = (layers.Flatten, layers.GlobalAveragePooling2D)
    made += [ends[rng.integers(2)](), layers.Dropout(0.5)]
    made += [layers.Dense(6, activation=bend()), layers.Dense(4)]
    model = keras.Sequential(made)
    model.set_weights(
        [
            rng.uniform(0.5, 1.5, w.shape)
            if "variance" in v.path
            else rng.normal(0, 0.4, w.shape)  # no bend at its end: of equals one wins
            for w, v in zip(model.get_weights(), model.weights, strict=True)
        ]
    )
    return model


@pytest.mark.parametrize("seed", range(4))
def test_random_chains(seed):
    rng = np.random.default_rng(seed)
    model = random_chain(rng)
    x = rng.normal(size=(2, *model.input_shape[1:])).astype("float32")
    network = export.network(model, weights="float32")
    assert slopes.has_way_back(network)
    compare(model, network, x, int(rng.integers(4)))


@pytest.mark.once
def test_the_flowers_network():
    """AlexNet: padding, pooling windows that overlap, normalisation, a softmax."""
    network, model = exported.shipped("flowers"), pretrained.alexnet().model
    x = np.random.default_rng(1).uniform(0, 255, (2, 128, 128, 3)).astype("float32")
    compare(model, network, x, 3, ("pool1", "bend2", "filters5", "hidden6"))


def test_slopes_are_finite_differences():
    network = exported.shipped("mnist")
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 255, (1, 28, 28, 1))
    chain = slopes.Chain(network)
    found = chain.slopes(chain.forward(x), 7)[0]
    for place in rng.integers(4, 24, (12, 2)):
        spot = (*place, 0)
        near = np.repeat(x, 2, axis=0)
        near[0][spot] -= 1e-3
        near[1][spot] += 1e-3
        low, high = chain.logits(chain.forward(near))[:, 7]
        assert found[spot] == pytest.approx((high - low) / 2e-3, abs=1e-7)


def test_other_networks_are_refused():
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
        assert not slopes.has_way_back(network)
        with pytest.raises(
            ValueError, match=r"network: got one with .* known backward"
        ):
            slopes.Chain(network)


def test_weights_of_ones_own():
    """They stand in place of the network's, layer by layer and part by part."""
    training.seed(3)
    network, other = (
        export.network(models.mnist_cnn(), weights="float32") for _ in range(2)
    )
    weights = {name: other.weights(name) for name in other.names}
    x = np.random.default_rng(3).uniform(0, 255, (2, 28, 28, 1))
    own, mine, wanted = (
        slopes.Chain(*given) for given in ((network,), (network, weights), (other,))
    )
    made, right = mine.forward(x), wanted.forward(x)
    assert made.keys() == right.keys()
    for name, numbers in right.items():
        np.testing.assert_array_equal(made[name], numbers)
    for layer in (None, "filters1", "filters2", "hidden"):
        found = mine.slopes(made, 4, layer)
        np.testing.assert_array_equal(found, wanted.slopes(right, 4, layer))
        assert not np.allclose(found, own.slopes(own.forward(x), 4, layer))
    with pytest.raises(KeyError):  # of none, it has no kernel
        slopes.Chain(network, {}).forward(x)


# -- chains of the kinds that FoolIt may be given --------------------------------------

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


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_any_number_made_of_the_logits(make):
    """Its gradient is that of Keras, where the logits have weights of any size."""
    keras.utils.set_random_seed(5)
    rng, made = np.random.default_rng(12), make()
    model = made if isinstance(made, keras.Model) else keras.Sequential(made)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            moved = [rng.uniform(0.5, 2, one.shape) for one in layer.get_weights()]
            layer.set_weights(moved)
    chain = slopes.Chain(export.network(model, weights="float32"))
    logits = _within.up_to_logits(model)
    x = rng.uniform(0, 255, (2, *model.input_shape[1:])).astype(np.float32)
    weights = rng.normal(size=(2, model.output_shape[-1]))

    @gradients.value_and_gradients
    def weighed(values):
        made = logits(values[0], training=False)
        return keras.ops.sum(made * weights.astype(np.float32))

    _, [wanted] = weighed([x])
    wanted = keras.ops.convert_to_numpy(wanted)
    there = chain.forward(x)
    found = chain.backward(there, weights)
    known = keras.ops.convert_to_numpy(logits(x, training=False))
    np.testing.assert_allclose(chain.logits(there), known, rtol=1e-4, atol=1e-4)
    assert found.shape == x.shape
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda chain, made: chain.forward(np.zeros((28, 28, 1))),
            r"x: got numbers of shape \(28, 28, 1\)\. Give some of shape \(N, 28, 28",
        ),
        (lambda chain, made: chain.forward(np.zeros((2, 28, 28))), "x: got numbers"),
        (lambda chain, made: chain.forward("seven"), "x: "),
        (
            lambda chain, made: chain.slopes(made, 99),
            "label: got 99. Give a whole number from 0 to 9",
        ),
        (lambda chain, made: chain.slopes(made, -1), "label: got -1"),
        (
            lambda chain, made: chain.slopes(made, 1, "filter1"),
            'layer: got .filter1.\\. Did you mean "filters1"',
        ),
        (
            lambda chain, made: chain.backward(made, np.ones(10)),
            r"outgoing: got shape \(10,\)\. Give \(2, 10\), as the logits have",
        ),
    ],
)
def test_what_cannot_be_asked(ask, said):
    chain = slopes.Chain(exported.shipped("mnist"))
    made = chain.forward(np.zeros((2, 28, 28, 1)))
    with pytest.raises(ValueError, match=said):
        ask(chain, made)
