"""Photos as lists of numbers, and what is near them."""

import keras
import numpy as np
import pytest

from helpers.networks import models, probe
from helpers.networks.probe import _fitting, _steps


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return models.alexnet(67, 5, width=0.1)


@pytest.fixture(scope="module")
def photos():
    return np.random.default_rng(0).integers(0, 256, (5, 67, 67, 3), np.uint8)


@pytest.mark.parametrize("layer", ["filters1", "pool2", "filters5"])
@pytest.mark.parametrize("pool", ["mean", "max"])
def test_maps_become_a_number_each(network, photos, layer, pool):
    maps = probe.feature_maps(network, photos)[layer]
    found = probe.features(network, photos, layer, pool=pool, progress=False)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, getattr(maps, pool)(axis=(1, 2)), rtol=1e-4)


@pytest.mark.parametrize("layer", ["list", "hidden7", "logits"])
def test_a_layer_without_maps_is_taken_as_it_is(network, photos, layer):
    wanted = probe.feature_maps(network, photos)[layer]
    found = probe.features(network, photos, layer, progress=False)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


def test_unless_one_is_named_it_is_the_last_with_maps(network, photos):
    named = probe.features(network, photos, "pool5", progress=False)
    found = probe.features(network, photos, progress=False)
    np.testing.assert_allclose(found, named, rtol=1e-5)


@pytest.mark.parametrize("pool", ["mean", "max"])
def test_several_layers_at_one_go(network, photos, pool):
    wanted = ["hidden7", "filters1", "pool5", "filters1"]
    for names in (wanted, wanted[:1]):
        found = probe.features(network, photos, names, pool=pool, progress=False)
        assert list(found) == list(dict.fromkeys(names))
        for name, one in found.items():
            alone = probe.features(network, photos, name, pool=pool, progress=False)
            np.testing.assert_allclose(one, alone, rtol=1e-4, atol=1e-6)


def test_maps_that_keras_ops_made_are_maps():
    keras.utils.set_random_seed(0)
    photo = keras.Input((8, 8, 3))
    made = keras.ops.multiply(keras.layers.Conv2D(4, 3, name="maps")(photo), 2.0)
    model = keras.Model(photo, keras.layers.Flatten()(made))
    x = np.random.default_rng(1).uniform(0, 255, (2, 8, 8, 3))
    wanted = 2 * probe.features(model, x, "maps", progress=False)
    found = probe.features(model, x, progress=False)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


def test_a_few_at_a_time_give_the_same(network, photos, monkeypatch):
    at_once = probe.features(network, photos, progress=False)
    for count in (1, 2, 8):
        monkeypatch.setattr(_fitting, "at_once", lambda *_, count=count, **__: count)
        found = probe.features(network, photos, progress=False)
        np.testing.assert_allclose(found, at_once, rtol=1e-4, atol=1e-6)
    one = probe.features(network, photos[:1], progress=False)
    np.testing.assert_allclose(one, at_once[:1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float64, np.float16])
def test_photos_of_any_type(network, photos, kind):
    wanted = probe.features(network, photos, progress=False)
    given = photos.astype(kind)
    before = given.copy()
    found = probe.features(network, given, progress=False)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-8)
    np.testing.assert_array_equal(given, before)


def test_gray_pictures_and_constant_ones():
    keras.utils.set_random_seed(0)
    digits = models.mnist_cnn()
    found = probe.features(digits, np.full((2, 28, 28, 1), 7), progress=False)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)
    assert found.shape == (2, 50)


def test_photos_of_any_size_where_the_model_takes_them():
    photo = keras.Input((None, None, 3))
    model = keras.Model(photo, keras.layers.Conv2D(4, 3, name="maps")(photo))
    for sides in ((9, 9), (10, 16)):
        x = np.random.default_rng(1).uniform(0, 255, (2, *sides, 3))
        maps = probe.feature_maps(model, x)["maps"]
        found = probe.features(model, x, progress=False)
        np.testing.assert_allclose(found, maps.mean(axis=(1, 2)), rtol=1e-4, atol=1e-4)


def test_a_bar_shows_what_takes_long_and_can_be_switched_off(
    network, photos, monkeypatch, capfd
):
    probe.features(network, photos)
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(_steps, "_PATIENCE", 0)
    probe.features(network, photos, progress=False)
    assert capfd.readouterr() == ("", "")
    probe.features(network, photos)
    assert "Features" in capfd.readouterr().err


def test_an_interruption_returns_what_is_done(network, photos, monkeypatch, capsys):
    monkeypatch.setattr(_fitting, "at_once", lambda *_, **__: 2)
    wanted = probe.features(network, photos, progress=False)
    mean, calls = keras.ops.mean, []

    def interrupted(*given, **settings):
        calls.append(given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return mean(*given, **settings)

    monkeypatch.setattr(keras.ops, "mean", interrupted)
    found = probe.features(network, photos)
    np.testing.assert_allclose(found, wanted[:4], rtol=1e-5, atol=1e-8)
    assert "Interrupted: 4 of 5 photos are done" in capsys.readouterr().out


def test_an_interruption_of_the_first_is_passed_on(network, photos, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.ops, "mean", interrupted)
    with pytest.raises(KeyboardInterrupt):
        probe.features(network, photos, progress=False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"layer": "filters9"}, r"layer: got 'filters9'. Did you mean \"filters"),
        ({"layer": []}, "layer: got no names. Give at least one"),
        ({"layer": ["filters1", "filters9"]}, "layer: got 'filters9'"),
        ({"layer": ["filters1", 2]}, "layer: got 2"),
        ({"pool": "sum"}, 'pool: got .sum.. Give "mean" or "max"'),
        ({"progress": 1}, "progress: "),
        ({"photos": np.ones((67, 67, 3))}, r"photos: got shape \(67, 67, 3\)\. Give"),
        ({"photos": np.ones((2, 66, 67, 3))}, r"photos: got shape .*\(N, 67, 67, 3\)"),
        ({"photos": np.ones((2, 67, 67, 1))}, "photos: got shape"),
        ({"photos": np.zeros((0, 67, 67, 3))}, "photos: got an empty array"),
        ({"photos": np.full((1, 67, 67, 3), np.nan)}, "photos: got values that are"),
        ({"photos": np.full((1, 67, 67, 3), -1)}, "photos: got values from -1 to -1"),
        ({"photos": "roses"}, "photos: "),
        ({"model": None}, "model: "),
    ],
)
def test_what_cannot_be_is_refused(network, photos, given, said):
    arguments = {"model": network, "photos": photos} | given
    with pytest.raises(ValueError, match=said):
        probe.features(**arguments)


def test_a_model_without_maps_needs_a_layers_name():
    dense = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="three")])
    with pytest.raises(ValueError, match="layer: got None for a model without maps"):
        probe.features(dense, np.ones((2, 4)))
    assert probe.features(dense, np.ones((2, 4)), "three", progress=False).shape == (
        2,
        3,
    )


# -- what is near ----------------------------------------------------------------------


def by_the_formula(table, query):
    """Cosines, one after the other."""
    return [
        sum(a * b for a, b in zip(row, query, strict=True))
        / (sum(a * a for a in row) * sum(b * b for b in query)) ** 0.5
        for row in table
    ]


@pytest.mark.parametrize("seed", range(5))
def test_nearest_by_the_formula(seed):
    rng = np.random.default_rng(seed)
    table, query = rng.normal(size=(20, 7)).astype(np.float32), rng.normal(size=7)
    cosines = np.array(by_the_formula(table.tolist(), query.tolist()))
    found = probe.nearest(table, query, 20)
    np.testing.assert_array_equal(found.photos, np.argsort(-cosines))
    np.testing.assert_allclose(found.similarities, np.sort(cosines)[::-1], rtol=1e-6)
    row = int(rng.integers(20))
    others = probe.nearest(table, row, 19)
    assert row not in others.photos
    assert probe.nearest(table, table[row], 1).photos == [row]
    np.testing.assert_array_equal(
        probe.nearest(table, table[row], 20).photos[1:], others.photos
    )


def test_how_long_the_lists_are_does_not_count():
    table = np.random.default_rng(0).normal(size=(6, 4))
    wanted = probe.nearest(table, 2, 5)
    for scale in (1e-200, 1e-3, 1e200):
        found = probe.nearest(table * scale, 2, 5)
        np.testing.assert_array_equal(found.photos, wanted.photos)
        np.testing.assert_allclose(found.similarities, wanted.similarities, rtol=1e-9)


def test_what_has_no_direction_is_like_nothing():
    table = np.array([[0, 0], [1, 2], [-1, -2]])
    found = probe.nearest(table, [2, 4], 3)
    np.testing.assert_array_equal(found.photos, [1, 0, 2])
    np.testing.assert_allclose(found.similarities, [1, 0, -1])
    assert not probe.nearest(table, 0, 2).similarities.any()


def test_of_equals_the_first_comes_first():
    assert probe.nearest(np.ones((4, 3)), 2, 3).photos.tolist() == [0, 1, 3]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"features": [1, 2, 3]}, r"features: got shape \(3,\)\. Give a row a photo"),
        ({"features": [[1, np.nan]]}, "features: got values that are not finite"),
        ({"query": [1, 2, 3]}, r"query: got shape \(3,\)\. Give \(2,\) as"),
        ({"query": [np.inf, 1]}, "query: got values that are not finite"),
        ({"query": 3}, "query: got 3. Give a whole number from 0 to 2"),
        ({"query": [[1], [1, 2]]}, "query: got rows of different lengths"),
        ({"query": None}, "query: got None. Give a whole number"),
        ({"query": "first"}, "query: got 'first'"),
        ({"query": 1.0}, "query: got 1.0. Give a whole number"),
        ({"count": 3}, "count: got 3. Give a whole number from 1 to 2"),
        ({"count": 0}, "count: got 0"),
    ],
)
def test_what_has_no_nearest_is_refused(given, said):
    arguments = {"features": [[1, 0], [0, 1], [1, 1]], "query": 0, "count": 1} | given
    with pytest.raises(ValueError, match=said):
        probe.nearest(**arguments)
