"""The networks of the lessons: their shapes, their sizes, what they take and give."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from helpers import ops
from helpers.networks import export, exported, models, training

DIGITS = {
    "mnist_dense": models.mnist_dense,
    "mnist_cnn": models.mnist_cnn,
    "mnist_better": models.mnist_better,
    "mnist_fast": models.mnist_fast,
    "quickdraw": models.quickdraw,
}


def shapes(model):
    return {layer.name: tuple(layer.output.shape[1:]) for layer in model.layers}


def unmade(make):
    """A model of which only shapes are wanted: no weight is drawn."""
    with keras.StatelessScope(initialize_variables=False):
        return make()


# -- pictures of 28 × 28 ---------------------------------------------------------------


def test_the_lessons_shapes():
    """LESSONS 06: 28×28×1 → 26×26×25 → 13×13×25 → 11×11×50 → 5×5×50 → 1,250."""
    model = models.mnist_cnn()
    assert model.input_shape == (None, 28, 28, 1)
    found = shapes(model)
    assert found["filters1"] == (26, 26, 25)
    assert found["pool1"] == (13, 13, 25)
    assert found["filters2"] == (11, 11, 50)
    assert found["pool2"] == (5, 5, 50)
    assert found["list"] == (1250,)
    assert found["logits"] == (10,)
    kernels = [model.get_layer(f"filters{k}").kernel for k in (1, 2)]
    assert [np.prod(kernel.shape[:3]) for kernel in kernels] == [9, 225]
    assert model.count_params() == 25 * 10 + 50 * 226 + 100 * 1251 + 10 * 101


def test_layers_of_a_dense_network():
    model = models.mnist_dense(hidden=(30, 20), classes=4)
    assert model.count_params() == 785 * 30 + 31 * 20 + 21 * 4
    assert shapes(model)["hidden2"] == (20,)
    assert models.mnist_dense(hidden=()).count_params() == 785 * 10


@pytest.mark.parametrize("make", DIGITS.values(), ids=DIGITS)
def test_pixels_go_in_as_they_are(make):
    model = make(classes=7)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (5, 28, 28, 1), np.uint8)
    whole = np.asarray(keras.ops.convert_to_numpy(model(pixels, training=False)))
    real = model(pixels.astype("float32"), training=False)
    assert whole.shape == (5, 7)
    np.testing.assert_allclose(whole, keras.ops.convert_to_numpy(real), rtol=1e-5)
    scaled = shapes(model)
    assert scaled["pixels"] == (28, 28, 1)
    assert [layer.name for layer in model.layers].count("pixels") == 1
    rescaling = model.get_layer("pixels")
    assert rescaling.scale * 255 == pytest.approx(1)
    assert rescaling.offset == 0
    # Logits: some are below 0, and they have any sum.
    assert (whole < 0).any()
    assert not np.allclose(whole.sum(axis=1), 1)
    assert not model.compiled


@pytest.mark.parametrize("make", DIGITS.values(), ids=DIGITS)
def test_a_saved_one_comes_back(make, tmp_path):
    model = make()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(1).integers(0, 256, (3, 28, 28, 1), np.uint8)
    ours, theirs = (
        keras.ops.convert_to_numpy(m(x, training=False)) for m in (model, again)
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize("kind", exported.WEIGHTS)
@pytest.mark.parametrize("name", ["mnist_better", "quickdraw"])
def test_what_ships_is_small(name, kind, tmp_path):
    network = export.network(DIGITS[name](), weights=kind)
    network.save(tmp_path / "network.npz")
    assert (tmp_path / "network.npz").stat().st_size <= 300_000


def test_the_browser_can_run_all_of_them():
    for make in DIGITS.values():
        assert export.network(models.with_softmax(make())).names[-1] == "probabilities"


def test_each_call_makes_a_new_one():
    one, other = models.mnist_better(), models.mnist_better()
    assert one is not other
    kernels = (m.get_layer("filters1").kernel for m in (one, other))
    assert not np.array_equal(*map(keras.ops.convert_to_numpy, kernels))


def test_strides_and_pooling_halve_alike():
    made = [models.mnist_better(pooled=count) for count in range(3)]
    assert len({model.count_params() for model in made}) == 1
    for model in made:
        assert model.get_layer("bend3").output.shape == (None, 7, 7, 64)
    kinds = [[type(layer).__name__ for layer in model.layers] for model in made]
    assert [kind.count("MaxPooling2D") for kind in kinds] == [0, 1, 2]


def test_the_fast_network_pools_before_it_normalises():
    names = [layer.name for layer in models.mnist_fast().layers]
    assert names.index("filters1") < names.index("pool1") < names.index("norm1")
    assert models.mnist_fast(width=2).get_layer("bend3").output.shape[3] == 128


def test_a_wider_network_has_more_filters():
    model = models.mnist_better(width=2)
    assert model.get_layer("bend3").output.shape == (None, 7, 7, 128)


def test_a_shaken_network_moves_what_it_learns_from_and_nothing_else():
    picture = keras.Input((28, 28, 1))
    same = keras.Model(picture, keras.layers.Identity()(picture))
    learner = models.shaken(same, shift=0.2, turn=0, zoom=0)
    dot = np.zeros((8, 28, 28, 1), np.float32)
    dot[:, 14, 14] = 255
    used = keras.ops.convert_to_numpy(learner(dot, training=False))
    np.testing.assert_array_equal(used, dot)
    training.seed(0)
    learnt = keras.ops.convert_to_numpy(learner(dot, training=True))
    assert len({tuple(np.argwhere(one)[0]) for one in learnt}) > 4


# -- AlexNet ---------------------------------------------------------------------------

# LESSONS 07.
ALEXNET = {
    "filters1": (55, 55, 96),
    "pool1": (27, 27, 96),
    "filters2": (27, 27, 256),
    "pool2": (13, 13, 256),
    "filters3": (13, 13, 384),
    "filters4": (13, 13, 384),
    "filters5": (13, 13, 256),
    "pool5": (6, 6, 256),
    "list": (9216,),
    "hidden6": (4096,),
    "hidden7": (4096,),
    "logits": (1000,),
}


@pytest.mark.parametrize(("groups", "count"), [(1, 62_378_344), (2, 60_965_224)])
def test_alexnet_is_as_large_as_it_was(groups, count):
    model = unmade(lambda: models.alexnet(groups=groups))
    assert model.input_shape == (None, 227, 227, 3)
    assert model.count_params() == count
    found = shapes(model)
    assert {name: found[name] for name in ALEXNET} == ALEXNET


@pytest.mark.parametrize("size", [67, 68, 100, 128, 160, 224, 256])
def test_alexnet_of_any_size(size):
    found = shapes(unmade(lambda: models.alexnet(size, 5, width=0.1)))
    side = ops.output_size(size, 11, stride=4)
    for name, way in [
        ("filters1", {}),
        ("pool1", {"kernel": 3, "stride": 2}),
        ("pool2", {"kernel": 3, "stride": 2}),
        ("pool5", {"kernel": 3, "stride": 2}),
    ]:
        if way:
            side = ops.output_size(side, **way)
        assert found[name][:2] == (side, side), name
    assert found["logits"] == (5,)


@pytest.mark.parametrize("width", [0.001, 0.1, 0.25, 0.3, 1.5])
@pytest.mark.parametrize("groups", [1, 2])
def test_alexnet_of_any_width(width, groups):
    found = shapes(unmade(lambda: models.alexnet(67, 5, width=width, groups=groups)))
    for name, full in {"filters1": 96, "filters4": 384}.items():
        assert abs(found[name][-1] - full * width) <= groups
        assert found[name][-1] % groups == 0
    assert abs(found["hidden7"][-1] - 4096 * width) <= 1


def test_alexnet_learns():
    """In two halves, too, which not every backend computes backwards by itself."""
    keras.utils.set_random_seed(0)
    model = models.alexnet(
        67, 3, width=0.05, groups=2, dropout=0, batch_normalization=True
    )
    model.compile(
        keras.optimizers.Adam(0.003),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    y = np.arange(12) % 3
    x = np.zeros((12, 67, 67, 3), np.uint8)
    x[np.arange(12), :, :, y] = 255
    losses = model.fit(x, y, batch_size=6, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


def test_alexnet_s_settings_reach_its_layers():
    model = unmade(
        lambda: models.alexnet(
            67, 5, width=0.1, dropout=0.2, activation="tanh", batch_normalization=True
        )
    )
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("BatchNormalization") == 5
    assert model.get_layer("dropout6").rate == 0.2
    assert model.get_layer("bend3").activation is keras.activations.tanh
    assert model.get_layer("hidden6").activation is keras.activations.tanh
    plain = unmade(lambda: models.alexnet(67, 5, width=0.1, activation="sigmoid"))
    assert plain.get_layer("filters1").activation is keras.activations.sigmoid


# -- ten years later -------------------------------------------------------------------


def test_the_small_resnet_has_what_it_says():
    found = shapes(unmade(models.small_resnet))
    assert found["pool1"] == (32, 32, 24)
    assert found["sum"] == (16, 16, 96)
    assert found["bend6"] == (8, 8, 192)
    assert found["average"] == (192,)
    assert found["logits"] == (5,)


def test_what_is_new_in_it_can_be_left_out():
    plain = unmade(
        lambda: models.small_resnet(
            64, 3, batch_normalization=False, shortcut=False, hidden=(30, 20)
        )
    )
    found = shapes(plain)
    assert not {"norm1", "sum", "average"} & set(found)
    assert found["list"] == (4 * 4 * 192,)
    assert found["hidden8"] == (20,)
    assert plain.get_layer("filters1").use_bias
    assert not unmade(models.small_resnet).get_layer("filters1").use_bias


def test_the_shortcut_goes_around_two_convolutions():
    """Where their filters are 0, what comes in goes on as it is."""
    model = models.small_resnet(32, batch_normalization=False)
    for name in ("filters4", "filters5"):
        layer = model.get_layer(name)
        layer.set_weights([0 * one for one in layer.get_weights()])
    parts = keras.Model(
        model.input, [model.get_layer(name).output for name in ("bend3", "bend5")]
    )
    x = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    before, after = map(keras.ops.convert_to_numpy, parts(x, training=False))
    np.testing.assert_array_equal(before, after)
    assert before.any()


def test_the_browser_can_run_the_small_resnet():
    model = models.with_softmax(models.small_resnet(32, classes=3))
    assert export.network(model).names[-1] == "probabilities"


# -- with_softmax ----------------------------------------------------------------------


def test_probabilities_of_the_same_weights():
    model = models.mnist_cnn()
    sure = models.with_softmax(model)
    x = np.random.default_rng(2).integers(0, 256, (4, 28, 28, 1), np.uint8)
    logits = keras.ops.convert_to_numpy(model(x, training=False))
    found = keras.ops.convert_to_numpy(sure(x, training=False))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    wanted = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, wanted, rtol=1e-4)
    model.get_layer("logits").set_weights([np.zeros((100, 10)), np.zeros(10)])
    np.testing.assert_allclose(sure(x, training=False), np.full((4, 10), 0.1))


# -- refusals --------------------------------------------------------------------------

REFUSED = {
    "one class": (
        lambda: models.mnist_cnn(1),
        "classes: got 1. Give a whole number of",
    ),
    "half a class": (lambda: models.quickdraw(2.5), "classes: got 2.5"),
    "a number": (lambda: models.mnist_dense(64), "hidden: got 64. Give the units"),
    "no units": (lambda: models.mnist_dense((64, 0)), "hidden: got 0"),
    "all dropped": (
        lambda: models.mnist_better(dropout=1),
        "dropout: got 1. Give a share below 1",
    ),
    "no filters": (lambda: models.mnist_better(width=0), "width: got 0. Give a number"),
    "pooled": (lambda: models.mnist_better(pooled=3), "pooled: got 3. Give a whole"),
    "fast": (lambda: models.mnist_fast(width=-1), "width: got -1. Give a number"),
    "turned": (lambda: models.shaken(models.mnist_cnn(), turn=-1), "turn: got -1"),
    "shaken": (lambda: models.shaken("cnn"), "model: got 'cnn'. Give a keras.Model"),
    "too small": (lambda: models.alexnet(66), "size: got 66. Give a whole number of"),
    "no width": (lambda: models.alexnet(width=0), "width: got 0. Give a number above"),
    "groups": (lambda: models.alexnet(groups=3), "groups: got 3. Give a whole number"),
    "activation": (
        lambda: models.alexnet(activation="rleu"),
        "activation: got 'rleu'. Did you mean \"relu\"",
    ),
    "flag": (
        lambda: models.alexnet(batch_normalization=1),
        "batch_normalization: got 1. Give True or False",
    ),
    "no model": (lambda: models.with_softmax("mnist"), "model: got 'mnist'. Give a"),
    "not built": (
        lambda: models.with_softmax(keras.Sequential([keras.layers.Dense(1)])),
        "model: got .*begins with keras.Input",
    ),
}


@pytest.mark.parametrize(("act", "said"), REFUSED.values(), ids=REFUSED)
def test_refused(act, said):
    with pytest.raises(ValueError, match=said):
        act()
