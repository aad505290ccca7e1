"""What lesson 09's exercises and questions say is what Keras does."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from helpers import go
from helpers.exercises import lesson_09 as ex
from helpers.networks import beyond

RNG = np.random.default_rng(9)


def solved(exercise):
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


def answers(model, x):
    return keras.ops.convert_to_numpy(model(x, training=False))


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(9)


def test_conv1d():
    layer = layers.Conv1D(5, 3, use_bias=False)
    x = RNG.normal(size=(1, 20, 8)).astype(np.float32)
    theirs = answers(keras.Sequential([keras.Input((20, 8)), layer]), x)[0]
    mine = solved(ex.q2)(x[0], layer.get_weights()[0])
    assert np.allclose(mine, theirs, atol=1e-5)


def test_the_first_maps_of_alphago():
    model = beyond.alphago_policy()
    first = model.get_layer("filters1")
    assert [*first.output.shape[1:]] == ex.p1.answer
    assert first.count_params() == ex.p2.answer
    for name in ("filters2", "filters12"):
        assert f"{model.get_layer(name).count_params():,}" in ex.p2.why
    last = [model.get_layer(name).count_params() for name in ("score", "places")]
    assert f"{sum(last)}." in ex.p2.why


def test_a_dense_unit_of_our_network():
    model = beyond.go_dense([1])
    assert model.get_layer("hidden1").kernel.shape[0] == ex.p3.answer
    filters = beyond.go_policy().get_layer("filters1").kernel.shape
    assert np.prod(filters[:3]) == 350
    network = beyond.go_policy().count_params()
    assert 99_000 < network < 105_000  # "about 100,000"
    assert beyond.go_dense([19]).count_params() == pytest.approx(network, rel=0.03)


def test_what_comes_of_a_sentence():
    model = beyond.sentence_cnn(50, widths=(3,), filters=100)
    found = model.get_layer("width3")
    x = np.zeros((1, 20, 64), np.float32)
    assert [*found(x).shape[1:]] == ex.p6.answer
    assert np.prod(found.kernel.shape[:2]) == 192


@pytest.mark.parametrize(
    ("slides", "axis", "shuffled"),
    [("time", 1, "rows"), ("frequency", 2, "columns"), ("nothing", 1, "pixels")],
)
def test_weights_in_another_order_undo_a_shuffle(slides, axis, shuffled):
    """What does not hurt: the network is as it was, its first weights shuffled."""
    key = f"slides in {slides}, {shuffled}" if shuffled != "pixels" else "dense, pixels"
    assert ex.q5.truth[key] == "nothing"
    model = beyond.spoken(slides)
    x = RNG.normal(size=(2, 40, 49, 1)).astype(np.float32)
    before = answers(model, x)
    order = RNG.permutation(x.shape[axis])
    mixed = np.take(x, order, axis)
    assert not np.allclose(answers(model, mixed), before, atol=1e-3)
    first = model.get_layer("hidden1" if slides == "nothing" else "filters1")
    weights = first.get_weights()[0]
    if slides == "nothing":
        pixels = weights.reshape(40, 49, -1)
        first.set_weights([np.take(pixels, order, 0).reshape(weights.shape)])
    else:
        first.set_weights([np.take(weights, order, axis - 1)])
    assert np.allclose(answers(model, mixed), before, atol=1e-4)


def test_a_go_network_can_be_turned():
    """All filters a quarter round, and the bias of each point: the same network."""
    assert ex.q5.truth["Go, turned"] == "nothing"
    model = beyond.go_policy(filters=4, convolutions=2)
    places = model.get_layer("places")
    places.set_weights([RNG.normal(size=w.shape) for w in places.get_weights()])
    x = RNG.integers(0, 2, (1, 19, 19, 14)).astype(np.float32)
    before = answers(model, x).reshape(19, 19)
    for name in ("filters1", "filters2"):
        layer = model.get_layer(name)
        layer.set_weights([np.rot90(layer.get_weights()[0])])
    [bias] = places.get_weights()
    places.set_weights([np.rot90(bias.reshape(19, 19)).reshape(bias.shape)])
    after = answers(model, np.rot90(x, axes=(1, 2)).copy()).reshape(19, 19)
    assert np.allclose(after, np.rot90(before), atol=1e-4)


def test_asked_eight_times_a_network_knows_the_symmetries():
    model = beyond.go_policy(filters=4, convolutions=2)

    def policy(planes):
        return answers(model, np.array(planes[None], np.float32)).reshape(19, 19)

    planes = RNG.integers(0, 2, (19, 19, 14)).astype(np.uint8)
    ask = solved(ex.q6)
    mean = ask(policy, planes)
    for k in (1, 5):
        turned = go.turned(planes, k)
        assert np.allclose(go.back(ask(policy, turned), k), mean, atol=1e-5)
        assert not np.allclose(go.back(policy(turned), k), policy(planes), atol=1e-3)
