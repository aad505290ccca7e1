"""What `export.network` writes of a Keras model, and what it refuses."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import export, exported
from helpers.networks.layers import PositionBias


def sequential(*made, shape=(8, 8, 2), **settings):
    return keras.Sequential([keras.Input(shape), *made], **settings)


def only(layer, shape=(8, 8, 2)):
    """The description of a single layer."""
    network = export.network(sequential(layer, shape=shape))
    entry, described = network.description["layers"]
    assert entry["kind"] == "input"
    assert entry["shape"] == list(shape)
    return described


def random_weights(model, seed=0):
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        layer.set_weights([rng.uniform(0.5, 1, w.shape) for w in layer.weights])
    return model


def small_model():
    return random_weights(
        sequential(
            layers.Conv2D(4, 3, padding="same", activation="relu", name="edges"),
            layers.BatchNormalization(name="norm"),
            layers.DepthwiseConv2D(3, depth_multiplier=2, name="depth"),
            layers.PReLU(shared_axes=(1, 2), name="bend"),
            PositionBias(name="places"),
            layers.Flatten(name="list"),
            layers.Dense(3, activation="softmax", name="digit"),
        )
    )


# -- what is written -------------------------------------------------------------------


@pytest.mark.parametrize("kind", exported.WEIGHTS)
def test_json_takes_the_description(kind):
    network = export.network(small_model(), weights=kind)
    said = json.dumps(network.description, allow_nan=False)
    assert json.loads(said) == network.description
    assert network.description["inputs"] == [0]
    assert network.description["outputs"] == [7]
    for number, layer in enumerate(network.description["layers"]):
        assert layer["inputs"] == ([number - 1] if number else [])


def test_weights_come_back_as_they_were():
    model = small_model()
    network = export.network(model, weights="float32")
    for layer in model.layers:
        ours = list(network.weights(layer.name).values())
        theirs = layer.get_weights()
        assert len(ours) == len(theirs)
        for array in theirs:
            assert any(np.array_equal(array, other) for other in ours), layer.name
    assert network.count == model.count_params()


def test_what_is_rounded_and_what_is_not():
    found = export.network(small_model(), weights="8 bits").description["layers"]
    kinds = {
        f"{layer['name']} {part}": place["type"]
        for layer in found
        for part, place in layer.get("weights", {}).items()
    }
    whole = ["edges kernel", "depth kernel", "bend alpha", "places bias"]
    whole += ["digit kernel"]
    assert {name for name, kind in kinds.items() if kind == "int8"} == set(whole)
    kept = {*kinds} - set(whole)
    assert {kinds[name] for name in kept} == {"float32"}
    assert "norm variance" in kept


def test_every_channel_has_a_scale():
    network = export.network(small_model(), weights="8 bits")
    places = {e["name"]: e.get("weights", {}) for e in network.description["layers"]}
    assert places["edges"]["kernel"]["channels"] == 4
    assert places["depth"]["kernel"]["channels"] == 4 * 2


def test_sizes_go_down():
    model = small_model()
    sizes = [len(export.network(model, weights=k).data) for k in exported.WEIGHTS]
    assert sizes[0] == 4 * model.count_params()
    assert sizes[0] > sizes[1] > sizes[2]
    assert sizes[1] < 0.6 * sizes[0]


@pytest.mark.parametrize("kind", exported.WEIGHTS)
def test_rounded_models_hold_what_the_browser_holds(kind):
    model = small_model()
    before = model.get_weights()
    copy = export.rounded(model, weights=kind)
    network = export.network(model, weights=kind)
    for layer in copy.layers:
        ours = list(network.weights(layer.name).values())
        for array in layer.get_weights():
            assert any(np.array_equal(array, other) for other in ours), layer.name
    for array, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(array, kept)
    # To round what is rounded changes nothing: 8 bits up to the last digit of a scale.
    again = export.rounded(copy, weights=kind)
    for array, other in zip(copy.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(array, other, rtol=1e-6)


def test_rounding_costs_little():
    model = small_model()
    x = np.random.default_rng(1).normal(size=(50, 8, 8, 2)).astype("float32")
    exact = np.asarray(model(x, training=False))
    off = {
        kind: np.abs(
            np.asarray(export.rounded(model, weights=kind)(x, training=False)) - exact
        ).max()
        for kind in exported.WEIGHTS
    }
    assert off["float32"] == 0
    assert 0 < off["float16"] < off["8 bits"]


# -- the graph -------------------------------------------------------------------------


def test_a_model_that_is_built_by_what_comes():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    model(np.ones((1, 4), "float32"))
    network = export.network(model)
    assert [e["shape"] for e in network.description["layers"]] == [[4], [3], [2]]
    weights = export.rounded(model).get_weights()
    assert [w.shape for w in weights] == [(4, 3), (3,), (3, 2), (2,)]


def test_models_within_models_are_laid_flat():
    def parts(flat):
        a = [layers.Conv2D(2, 3, name="a"), layers.ReLU(name="b")]
        x = keras.Input((2,), name="x")
        inner = [layers.Dense(3, name="c"), layers.Dense(3, name="d")]
        if flat:
            return [*a, *inner]
        y = keras.Sequential([inner[1]], name="deep")(inner[0](x))
        return [keras.Sequential(a), keras.Model(x, y, name="row")]

    images = keras.Input((6, 6, 1))
    features, head = parts(flat=False)
    outer = keras.Model(images, head(layers.GlobalMaxPooling2D()(features(images))))
    a, b, c, d = parts(flat=True)
    flat = sequential(a, b, layers.GlobalMaxPooling2D(), c, d, shape=(6, 6, 1))
    flat.set_weights(outer.get_weights())
    ours, theirs = export.network(outer), export.network(flat)
    assert ours.names[1:3] + ours.names[4:] == ["a", "b", "c", "d"]
    for mine, other in zip(
        ours.description["layers"], theirs.description["layers"], strict=True
    ):
        assert {**mine, "name": 0} == {**other, "name": 0}
    assert ours.data == theirs.data
    copy = export.rounded(outer)
    assert len(copy.get_weights()) == len(outer.get_weights())
    x = np.ones((1, 6, 6, 1), "float32")
    flat.set_weights(export.rounded_weights(flat))
    np.testing.assert_allclose(copy(x), flat(x), rtol=1e-6)


def test_a_layer_that_is_used_twice_has_its_weights_once():
    x = keras.Input((4,))
    same = layers.Dense(4, name="same")
    network = export.network(keras.Model(x, layers.Add()([same(same(x)), x])))
    _, first, second, total = network.description["layers"]
    assert [first["name"], second["name"]] == ["same", "same (2)"]
    assert first["weights"] == second["weights"]
    assert total["inputs"] == [2, 0]
    assert network.count == 20


def test_several_inputs_and_outputs():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    both = layers.Concatenate()([b, a])
    network = export.network(keras.Model([a, b], [both, layers.Dense(1)(a), a]))
    description = network.description
    assert [description["layers"][k]["shape"] for k in description["inputs"]] == [
        [3],
        [2],
    ]
    assert [description["layers"][k]["shape"] for k in description["outputs"]] == [
        [5],
        [1],
        [3],
    ]
    assert description["outputs"][2] == description["inputs"][0]


def test_a_part_of_a_model():
    model = small_model()
    part = keras.Model(model.inputs, model.get_layer("bend").output)
    names = export.network(part).names
    assert names[1:] == ["edges", "norm", "depth", "bend"]


def test_a_deep_model():
    x = y = keras.Input((1,))
    for _ in range(400):
        y = layers.ReLU()(y)
    assert len(export.network(keras.Model(x, y)).names) == 401


# -- layers that do nothing outside training -------------------------------------------


class Jitter(layers.Layer):
    """One of our own."""

    only_in_training = True

    def call(self, x, training=False):
        return x + 1 if training else x


def dropped():
    ways = {"RandomContrast": (0.5,), "RandomBrightness": (0.5,), "RandomHue": (0.5,)}
    ways |= {"RandomTranslation": (0.2, 0.2), "RandomRotation": (0.3,)}
    ways |= {"Dropout": (0.5,), "AlphaDropout": (0.5,), "GaussianDropout": (0.5,)}
    ways |= {"GaussianNoise": (1.0,), "SpatialDropout2D": (0.5,), "RandomZoom": (0.5,)}
    ways |= {"RandomPosterization": (3,), "RandomElasticTransform": (0.5,)}
    ways |= {"RandomColorDegeneration": (0.5,), "RandomSaturation": (0.5,)}
    ways |= {"RandomSharpness": (0.5,)}
    for name in export._ONLY_IN_TRAINING:
        if name in vars(layers) and name != "SpatialDropout1D":
            kind = getattr(layers, name)
            yield pytest.param(lambda k=kind, n=name: k(*ways.get(n, ())), id=name)
    yield pytest.param(Jitter, id="our own")


@pytest.mark.parametrize("make", list(dropped()))
def test_what_does_nothing_is_left_out(make):
    """What Keras makes of it is what came, outside training."""
    model = sequential(make(), layers.Flatten(), shape=(8, 8, 3))
    names = [layer["kind"] for layer in export.network(model).description["layers"]]
    assert names == ["input", "reshape"]
    x = np.random.default_rng(2).uniform(0, 255, (2, 8, 8, 3)).astype("float32")
    np.testing.assert_array_equal(model(x, training=False), x.reshape(2, -1))


def test_a_model_that_does_nothing_at_all():
    network = export.network(sequential(layers.Dropout(0.5)))
    assert network.description["outputs"] == network.description["inputs"] == [0]
    assert network.data == b""


# -- settings --------------------------------------------------------------------------


def test_same_padding_is_uneven_as_keras_has_it():
    found = only(layers.Conv2D(1, (3, 4), strides=(2, 1), padding="same"))
    assert found["padding"] == [[0, 1], [1, 2]]
    assert found["stride"] == [2, 1]
    assert found["size"] == [3, 4]


def test_a_causal_row_looks_back():
    found = only(layers.Conv1D(1, 3, padding="causal", dilation_rate=2), (9, 2))
    assert found["padding"] == [[0, 0], [4, 0]]
    assert (found["size"], found["dilation"]) == ([1, 3], [1, 2])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("relu", {"name": "relu"}),
        ("relu6", {"name": "relu", "most": 6.0}),
        ("silu", {"name": "swish"}),
        (layers.LeakyReLU(0.25), {"name": "leaky_relu", "setting": 0.25}),
        (layers.ReLU(2, 0.5, 1), {"name": "relu", "most": 2, "slope": 0.5}),
        (layers.ELU(0.5), {"name": "elu", "setting": 0.5}),
        (layers.Activation("tanh"), {"name": "tanh"}),
        (layers.Softmax(), {"name": "softmax"}),
    ],
)
def test_an_activation_as_argument_or_as_a_layer(given, said):
    as_argument = only(layers.Dense(2, activation=given), (3,))["activation"]
    assert said.items() <= as_argument.items()
    as_layer = given if isinstance(given, layers.Layer) else layers.Activation(given)
    if not isinstance(given, str):
        as_layer = type(given).from_config(given.get_config())
    assert only(as_layer, (3,))["activation"] == as_argument


def test_no_activation():
    assert "activation" not in only(layers.Dense(2, activation="linear"), (3,))
    assert only(layers.Activation("linear"), (3,))["kind"] == "reshape"


# -- refusals --------------------------------------------------------------------------


def own_dense():
    class Loud(layers.Dense):
        def call(self, x):
            return 2 * super().call(x)

    return Loud(2, name="bad")


def sum_of_two():
    x = keras.Input((3,))
    return keras.Model(x, x + layers.Dense(3)(x))


def unequal_sum():
    x = keras.Input((4, 3))
    narrow = layers.Dense(1)(x)
    return keras.Model(x, layers.Add(name="bad")([x, narrow]))


def joined_batches():
    x = keras.Input((3,))
    return keras.Model(x, layers.Concatenate(axis=0, name="bad")([x, x]))


def any_size():
    return sequential(layers.Conv2D(2, 3, name="bad"), shape=(None, None, 1))


def too_large():
    model = sequential(layers.Dense(2, name="bad"), shape=(3,))
    model.set_weights([np.full((3, 2), 1e6), np.zeros(2)])
    return model


def not_finite():
    model = sequential(layers.Dense(2, name="bad"), shape=(3,))
    model.set_weights([np.full((3, 2), np.nan), np.zeros(2)])
    return model


class Own(keras.Model):
    def call(self, x):
        return x


class OwnSequential(keras.Sequential):
    def call(self, x, training=None, mask=None):
        return x


def image(layer):
    return lambda: sequential(layer)


def row(layer):
    return lambda: sequential(layer, shape=(6, 2))


BAD = {"name": "bad"}
REFUSED = {
    "no model": (lambda: 3, "model: got 3. Give a keras.Sequential or a functional"),
    "a layer": (lambda: layers.Dense(2), "model: got .*Give a keras.Sequential"),
    "not built": (
        lambda: keras.Sequential([layers.Dense(2)]),
        "model: got a Sequential that is not built. Let it begin with keras.Input",
    ),
    "own": (Own, "model: got a Own, a model with a way to compute of its own"),
    "own sequential": (
        lambda: OwnSequential([keras.Input((3,)), layers.Dense(2)]),
        "model: got a OwnSequential, a model with a way",
    ),
    "own layer": (image(own_dense()), 'layer "bad": got a Loud. The browser knows no'),
    "other layer": (
        image(layers.Conv2DTranspose(2, 3, **BAD)),
        'layer "bad": got a Conv2DTranspose. The browser knows no such layer',
    ),
    "lambda": (image(layers.Lambda(lambda x: x, **BAD)), 'layer "bad": got a Lambda'),
    "a plus": (sum_of_two, 'layer "add.*": got a Add. Use one of keras.layers'),
    "channels": (
        image(layers.ZeroPadding2D(1, data_format="channels_first", **BAD)),
        'layer "bad": got a ZeroPadding2D with data_format="channels_first"',
    ),
    "gelu": (
        image(layers.Dense(2, activation="gelu", **BAD)),
        'layer "bad": got the activation gelu. The browser knows elu, leaky_relu',
    ),
    "own activation": (
        image(layers.Activation(lambda x: 2 * x, **BAD)),
        'layer "bad": got the activation <lambda>',
    ),
    "layer as activation": (
        image(layers.Dense(2, activation=layers.Flatten(), **BAD)),
        'layer "bad": got the activation Flatten',
    ),
    "softmax": (
        image(layers.Softmax(axis=1, **BAD)),
        'layer "bad": got a Softmax over axis 1. Take the last',
    ),
    "norm": (
        image(layers.BatchNormalization(axis=1, **BAD)),
        'layer "bad": got a BatchNormalization of axis 1. Take the last',
    ),
    "mask": (
        lambda: sequential(layers.Embedding(5, 2, mask_zero=True, **BAD), shape=(4,)),
        'layer "bad": got an Embedding with mask_zero=True',
    ),
    "rescaling": (
        image(layers.Rescaling(np.ones((8, 1)), **BAD)),
        'layer "bad": got a Rescaling with 8 numbers as scale',
    ),
    "sum": (
        unequal_sum,
        r'layer "bad": got an Add of the shapes \(4, 3\), \(4, 1\)',
    ),
    "batches": (joined_batches, 'layer "bad": got a Concatenate of batches'),
    "any size": (any_size, r"numbers of shape \(None, None, None, 1\).*keras.Input"),
    "too large": (too_large, r'layer "bad", weights: got a weight of 1e\+06'),
}


@pytest.mark.parametrize(("make", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_by_the_name_of_the_layer(make, said):
    with pytest.raises(ValueError, match=said):
        export.network(make())


def test_weights_that_are_no_numbers_are_refused_in_8_bits():
    with pytest.raises(ValueError, match='layer "bad", weights: got weights that are'):
        export.network(not_finite(), weights="8 bits")
    found = export.network(not_finite(), weights="float16").weights("bad")
    assert np.isnan(found["kernel"]).all()


@pytest.mark.parametrize("kind", ["int8", 16, None, "float"])
def test_other_kinds_of_weights_are_refused(kind):
    said = 'weights: got .*Give "float32", "float16" or "8 bits"'
    with pytest.raises(ValueError, match=said):
        export.network(small_model(), weights=kind)


# -- back into a model -----------------------------------------------------------------


@pytest.mark.parametrize("kind", exported.WEIGHTS)
def test_a_model_takes_the_weights_of_a_file(kind, tmp_path):
    trained, fresh = small_model(), small_model()
    export.network(trained, weights=kind, about={"by": "test"}).save(tmp_path / "it")
    export.load_weights(fresh, exported.load(tmp_path / "it"))
    wanted = export.rounded_weights(trained, weights=kind)
    for got, want in zip(fresh.get_weights(), wanted, strict=True):
        np.testing.assert_array_equal(got, want)


def test_what_is_said_about_a_network_is_kept(tmp_path):
    about = {"classes": ["cat", "fish"], "accuracy": 0.5}
    export.network(small_model(), about=about).save(tmp_path / "it")
    assert exported.load(tmp_path / "it").description["about"] == about
    assert "about" not in export.network(small_model()).description


ANOTHER = {
    "another kind": (
        lambda: [layers.MaxPooling2D(name="pool")],
        '"edges" where the model has "pool"',
    ),
    "another size": (lambda: [layers.Conv2D(4, 5, name="edges")], "of other settings"),
    "one more": (
        lambda: [layers.Conv2D(4, 3, name="edges"), layers.ReLU(name="bend")],
        'no more layer where the model has "bend"',
    ),
    "one less": (  # dropout is not written
        lambda: [layers.Dropout(0.5)],
        '"edges" where the model has no more layer',
    ),
}


@pytest.mark.parametrize(("made", "said"), ANOTHER.values(), ids=ANOTHER)
def test_weights_of_another_network_are_refused(made, said):
    network = export.network(sequential(layers.Conv2D(4, 3, name="edges")))
    other = sequential(*made())
    before = other.get_weights()
    with pytest.raises(ValueError, match=f"network: got one that has .*{said}.*Build"):
        export.load_weights(other, network)
    for got, want in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, want)


# -- PositionBias ----------------------------------------------------------------------


@pytest.mark.parametrize("per_channel", [False, True])
def test_a_bias_for_every_place(per_channel, tmp_path):
    model = sequential(PositionBias(per_channel), shape=(3, 4, 2))
    bias = np.arange(24 if per_channel else 12.0).reshape(3, 4, -1)
    model.set_weights([bias])
    x = np.random.default_rng(4).normal(size=(2, 3, 4, 2)).astype("float32")
    np.testing.assert_allclose(model(x), x + bias, rtol=1e-6)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model(x), again(x))
    assert again.layers[0].per_channel is per_channel


def test_a_bias_for_every_place_learns():
    model = sequential(PositionBias(), shape=(5, 1))
    model.compile(keras.optimizers.SGD(1.0), "mse")
    target = np.tile(np.arange(5.0)[:, None], (64, 1, 1))
    model.fit(np.zeros_like(target), target, epochs=20, verbose=0)
    loss = model.evaluate(np.zeros_like(target), target, verbose=0)
    assert loss < 0.01


def test_a_bias_of_unknown_places_is_refused():
    with pytest.raises(ValueError, match="Give one whose sides are known"):
        sequential(PositionBias(), shape=(None, 3))
