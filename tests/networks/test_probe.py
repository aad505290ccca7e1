"""Looking inside a network, and at what it gets wrong."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers
from sklearn import metrics

from helpers.networks import models, probe


def numbers(tensor):
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def pictures(count=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 28, 28, 1), np.uint8)


def by_hand(model, x):
    """What every layer of a chain makes, one called after the other."""
    found, values = {}, keras.ops.cast(x, "float32")
    for layer in model.layers:
        if not isinstance(layer, layers.InputLayer):
            values = layer(values, training=False)
            found[layer.name] = numbers(values)
    return found


def alike(maps, wanted):
    assert list(maps) == list(wanted)
    for name, array in wanted.items():
        assert maps[name].shape == array.shape, name
        np.testing.assert_allclose(maps[name], array, rtol=1e-4, atol=1e-4)


def as_sequential():
    return models.mnist_better()


def as_functional():
    model = models.mnist_cnn()
    inputs = keras.Input((28, 28, 1))
    values = inputs
    for layer in model.layers:
        values = layer(values)
    return keras.Model(inputs, values)


def as_with_softmax():
    return models.with_softmax(models.quickdraw())


# -- feature_maps ----------------------------------------------------------------------


@pytest.mark.parametrize("make", [as_sequential, as_functional, as_with_softmax])
@pytest.mark.parametrize("saved", [False, True], ids=["as made", "read again"])
def test_maps_of_every_layer(make, saved, tmp_path):
    model = make()
    x = pictures()
    wanted = by_hand(model, x)
    if saved:
        model.save(tmp_path / "model.keras")
        model = keras.saving.load_model(tmp_path / "model.keras")
    before = model.get_weights()
    maps = probe.feature_maps(model, x)
    alike(maps, wanted)
    assert all(array.dtype == np.float32 for array in maps.values())
    # To look changes nothing, and the model can still be asked as before.
    for array, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(array, kept)
    np.testing.assert_allclose(
        numbers(model(x, training=False)), [*maps.values()][-1], rtol=1e-4, atol=1e-4
    )


def test_dropout_and_noise_are_off():
    model = keras.Sequential(
        [keras.Input((4,)), layers.GaussianNoise(1, name="n"), layers.Dropout(0.9)]
    )
    x = np.ones((3, 4), "float32")
    for array in probe.feature_maps(model, x).values():
        np.testing.assert_array_equal(array, x)


def test_branches_and_several_inputs():
    one, other = keras.Input((3,), name="one"), keras.Input((3,), name="other")
    shared = layers.Dense(2, name="shared")
    total = layers.Add(name="sum")([shared(one), shared(other)])
    model = keras.Model([one, other], [total, layers.Softmax(name="sure")(total)])
    a, b = np.random.default_rng(1).normal(size=(2, 4, 3)).astype("float32")
    maps = probe.feature_maps(model, [a, b])
    assert set(maps) == {"shared", "shared (2)", "sum", "sure"}
    np.testing.assert_allclose(maps["shared"], numbers(shared(a)), rtol=1e-5)
    np.testing.assert_allclose(maps["shared (2)"], numbers(shared(b)), rtol=1e-5)
    total = maps["shared"] + maps["shared (2)"]
    np.testing.assert_allclose(maps["sum"], total, rtol=1e-5)


def test_a_model_within_the_model():
    inner = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(2, 3, name="edges"),
            layers.MaxPooling2D(name="pool"),
        ],
        name="trunk",
    )
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Rescaling(2.0, name="twice"), inner]
    )
    x = np.random.default_rng(2).normal(size=(3, 8, 8, 1)).astype("float32")
    maps = probe.feature_maps(model, x)
    assert list(maps) == ["twice", "trunk/edges", "trunk/pool", "trunk"]
    alike({k[6:]: v for k, v in maps.items() if "/" in k}, by_hand(inner, 2 * x))
    np.testing.assert_array_equal(maps["trunk"], maps["trunk/pool"])


def test_more_than_fit_into_a_batch():
    model = models.mnist_dense((5,))
    x = pictures(600)
    maps = probe.feature_maps(model, x)
    assert maps["hidden1"].shape == (600, 5)
    np.testing.assert_allclose(
        maps["logits"], numbers(model(x, training=False)), rtol=1e-4, atol=1e-4
    )


class OwnWay(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("net", "model: got 'net'. Give a keras.Sequential or a functional model"),
        (
            keras.Sequential([layers.Dense(1)], name="loose"),
            'model: got "loose", whose',
        ),
        (OwnWay(name="own"), 'model: got "own", whose layers are not known'),
    ],
    ids=["no model", "not built", "its own way"],
)
def test_models_that_cannot_be_looked_into(model, said):
    with pytest.raises(ValueError, match=said):
        probe.feature_maps(model, np.zeros((1, 3)))


def test_no_samples_are_refused():
    with pytest.raises(ValueError, match=r"x: got no samples. Give at least one"):
        probe.feature_maps(models.mnist_dense((2,)), pictures(0))


# -- outputs and probabilities ---------------------------------------------------------


def test_outputs_are_what_predict_gives():
    model = models.mnist_better()
    x = pictures(300)
    found = probe.outputs(model, x)
    wanted = model.predict(x, verbose=0)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


def nested_softmax(model):
    inner = models.with_softmax(model)
    return keras.Sequential([keras.Input((28, 28, 1)), inner])


def in_the_layer(model):
    last = layers.Dense(10, activation="softmax")
    made = keras.Sequential([*model.layers[:-1], last])
    made.build((None, 28, 28, 1))
    last.set_weights(model.layers[-1].get_weights())
    return made


@pytest.mark.parametrize(
    "changed", [lambda model: model, models.with_softmax, nested_softmax, in_the_layer]
)
def test_probabilities_whatever_the_model_ends_with(changed):
    model = models.mnist_cnn()
    x = pictures()
    found = probe.probabilities(changed(model), x)
    wanted = numbers(keras.ops.softmax(model(x, training=False)))
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert found.dtype == np.float32


def test_probabilities_of_large_logits():
    model = keras.Sequential([keras.Input((3,)), layers.Rescaling(1.0)])
    found = probe.probabilities(model, np.array([[1e30, -1e30, 0], [1e4, 1e4, 0]]))
    np.testing.assert_allclose(found, [[1, 0, 0], [0.5, 0.5, 0]])


# -- confusion -------------------------------------------------------------------------


def test_confusion_is_scikit_learn_s():
    rng = np.random.default_rng(0)
    for _ in range(100):
        classes, count = rng.integers(2, 8), rng.integers(1, 60)
        labels, logits = (
            rng.integers(0, classes, count),
            rng.normal(size=(count, classes)),
        )
        predicted = logits.argmax(axis=1)
        wanted = metrics.confusion_matrix(labels, predicted, labels=range(classes))
        for guess in (predicted, logits, predicted.astype(np.uint8)):
            found = probe.confusion(labels, guess, classes)
            np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([0, 3], [0, 1], 3), "labels: got a class 3. Give .* from 0 to 2"),
        (([0, -1], [0, 1], 3), "labels: got a class -1"),
        (([0, 1], [0, 5], 3), "predicted: got a class 5"),
        (([0, 1], [0.0, 1.0], 3), r"predicted: got float64 of shape \(2,\)"),
        (([[0], [1]], [0, 1], 3), r"labels: got int64 of shape \(2, 1\)"),
        (([0, 1], [0, 1, 2], 3), "predicted: got 3 for 2 samples"),
        (([0, 1], [0, 1], 0), "classes: got 0"),
    ],
)
def test_confusion_refuses(arguments, said):
    with pytest.raises(ValueError, match=said):
        probe.confusion(*arguments)


# -- mistakes --------------------------------------------------------------------------


def some_guesses(seed, count=200, classes=4):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, classes)) * 2
    sure = np.exp(logits)
    sure /= sure.sum(axis=1, keepdims=True)
    return sure, rng.integers(0, classes, count)


@pytest.mark.parametrize("count", [None, 0, 7, 10_000])
def test_the_surest_mistake_comes_first(count):
    sure, labels = some_guesses(0)
    found = probe.mistakes(sure, labels, count)
    wrong = np.flatnonzero(sure.argmax(axis=1) != labels)
    least = len(wrong) if count is None else min(count, len(wrong))
    assert len(found) == len(found.places) == least
    assert (np.diff(found.confidence) <= 0).all()
    np.testing.assert_array_equal(found.labels, labels[found.places])
    np.testing.assert_array_equal(found.predicted, sure.argmax(axis=1)[found.places])
    np.testing.assert_array_equal(found.confidence, sure.max(axis=1)[found.places])
    assert (found.labels != found.predicted).all()
    left = np.setdiff1d(wrong, found.places)
    if least:
        assert (sure.max(axis=1)[left] <= found.confidence[-1]).all()


def test_equally_sure_mistakes_keep_their_order():
    sure = np.tile([0.7, 0.3], (5, 1))
    found = probe.mistakes(sure, [1, 0, 1, 1, 0])
    assert found.places.tolist() == [0, 2, 3]


def test_no_mistakes():
    assert len(probe.mistakes([[0.9, 0.1]], [0])) == 0


REFUSED = {
    "one row": ([0.5, 0.5], [0], r"probabilities: got numbers of shape \(2,\)"),
    "logits": (
        [[3.0, 1.0]],
        [0],
        "got rows with sums from 4 to 4.*probe.probabilities",
    ),
    "negative": ([[1.5, -0.5]], [0], "probabilities: got a negative one, -0.5"),
    "NaN": ([[np.nan, 1]], [0], "probabilities: got values that are not finite"),
    "labels": ([[0.5, 0.5]], [2], "labels: got a class 2. Give .* from 0 to 1"),
    "too many": ([[0.5, 0.5]], [1, 1], "labels: got 2 for 1 samples"),
    "one-hot": ([[0.5, 0.5]], [[0, 1]], r"labels: got int64 of shape \(1, 2\)"),
}


@pytest.mark.parametrize("ask", [probe.mistakes, probe.calibration])
@pytest.mark.parametrize(("sure", "labels", "said"), REFUSED.values(), ids=REFUSED)
def test_what_are_no_probabilities_is_refused(ask, sure, labels, said):
    with pytest.raises(ValueError, match=said):
        ask(sure, labels)


# -- calibration -----------------------------------------------------------------------


def slowly(sure, labels, bins):
    """The same with a plain loop over the bins: (lower, upper]."""
    top, right = sure.max(axis=1), sure.argmax(axis=1) == labels
    rows, error = [], 0.0
    for k in range(bins):
        inside = (top > k / bins) & (top <= (k + 1) / bins)
        if k == 0:
            inside |= top == 0
        count = inside.sum()
        mean = (top[inside].mean(), right[inside].mean()) if count else (np.nan,) * 2
        rows.append((count, *mean))
        error += count / len(labels) * abs(mean[0] - mean[1]) if count else 0
    return np.array(rows).T, error


@pytest.mark.parametrize("bins", [1, 4, 10, 15])
def test_bins_and_error(bins):
    for seed in range(20):
        sure, labels = some_guesses(seed, count=50 + seed)
        found = probe.calibration(sure, labels, bins=bins)
        (counts, confidence, accuracy), error = slowly(sure, labels, bins)
        np.testing.assert_array_equal(found.counts, counts)
        np.testing.assert_allclose(found.confidence, confidence)
        np.testing.assert_allclose(found.accuracy, accuracy)
        assert found.error == pytest.approx(error)
        np.testing.assert_allclose(found.edges, np.arange(bins + 1) / bins)


def test_a_network_as_good_as_it_says():
    rng = np.random.default_rng(0)
    top = rng.uniform(0.5, 1, 100_000)
    labels = (rng.random(100_000) > top).astype(int)
    sure = np.stack([top, 1 - top], axis=1)
    assert probe.calibration(sure, labels).error < 0.01
    boasting = np.stack([(1 + top) / 2, (1 - top) / 2], axis=1)
    gap = ((1 + top) / 2 - top).mean()
    found = probe.calibration(boasting, labels).error
    assert found == pytest.approx(gap, abs=0.01)


def test_certainty_falls_into_the_last_bin():
    found = probe.calibration([[1.0, 0.0], [0.0, 1.0]], [0, 0], bins=5)
    assert found.counts.tolist() == [0, 0, 0, 0, 2]
    assert found.accuracy[-1] == 0.5
    assert np.isnan(found.accuracy[:-1]).all()
    assert found.error == 0.5


@pytest.mark.parametrize("bins", [0, 2.5, None])
def test_other_bins_are_refused(bins):
    with pytest.raises(ValueError, match="bins: got"):
        probe.calibration([[0.5, 0.5]], [0], bins=bins)
