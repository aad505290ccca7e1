"""Deep Dream: its objective, octaves, tiles."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import memory, models, probe
from helpers.networks.probe import _fitting, _slopes, _steps, dreaming, priors


def small_model(channels=3, seed=0):
    """Smooth, any size, a pooling in it: what VGG16 is like, only small."""
    inputs = keras.Input((None, None, channels))
    x = layers.Rescaling(1 / 127.5, -1)(inputs)
    x = layers.Conv2D(4, 3, padding="same", activation="tanh", name="maps")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(5, 3, padding="same", activation="softplus", name="more")(x)
    model = keras.Model(inputs, x, name="small")
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.4, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def model():
    """One for all, and none changes it: on JAX each is compiled anew."""
    return small_model()


def noise(*shape, seed=1):
    return np.random.default_rng(seed).uniform(50, 200, shape)


def excitement(model, weights, small, picture):
    """The objective, from the layers' own outputs."""
    total = 0.0
    for layer, weight in weights.items():
        squares = [
            np.mean(probe.feature_maps(model, one[np.newaxis])[layer] ** 2)
            for one in (picture, small)
        ]
        total += weight * squares[0] / squares[1]
    return total


def test_its_slope_is_what_differences_say(model):
    weights = {"maps": 0.5, "more": 2.0}
    small, picture = noise(8, 8, 3), noise(10, 12, 3, seed=2)
    part = _fitting.parts_of(model, layers=weights)
    shares = dreaming._shares(part, small.astype(np.float32), weights)
    value, slope = _slopes.of(part, dreaming._squares)(picture, shares)
    wanted = excitement(model, weights, small, picture)
    assert value == pytest.approx(wanted, rel=1e-4)
    rng = np.random.default_rng(3)
    for _ in range(5):
        way = rng.normal(size=picture.shape)
        ends = [
            excitement(model, weights, small, picture + sign * way) for sign in (1, -1)
        ]
        difference = (ends[0] - ends[1]) / 2
        assert np.sum(slope * way) == pytest.approx(difference, rel=0.02, abs=1e-4)


def test_one_step_without_octaves(model):
    photo = noise(12, 16, 3)
    part = _fitting.parts_of(model, layers=["more"])
    shares = dreaming._shares(part, photo.astype(np.float32), {"more": 1})
    value, slope = _slopes.of(part, dreaming._squares)(photo, shares)
    wanted = photo + 2 * slope / np.sqrt(np.mean(slope**2))
    made = probe.dream(model, photo, "more", octaves=1, steps=1, rate=2, jitter=0)
    np.testing.assert_allclose(made.picture, wanted, rtol=1e-4)
    assert made.activation == pytest.approx([value])
    assert value == pytest.approx(1)  # as much as the photo itself makes


@pytest.mark.parametrize("settings", [{}, {"tile": 16}, {"frequencies": True}], ids=str)
def test_it_excites_the_layer_more(model, settings):
    photo = noise(40, 30, 3)
    made = probe.dream(model, photo, "more", octaves=3, steps=5, keep=4, **settings)
    assert made.activation.shape == (15,)
    assert made.activation[-1] > 1.2 * made.activation[0]
    assert made.picture.shape == photo.shape
    assert made.picture.dtype == np.float32
    assert 0 <= made.picture.min() <= made.picture.max() <= 255
    assert made.kept.tolist() == [0, 5, 10, 15]
    assert made.pictures.shape == (4, 40, 30, 3)
    np.testing.assert_allclose(made.pictures[0], photo, rtol=1e-6)
    np.testing.assert_array_equal(made.pictures[-1], made.picture)
    apart = [np.abs(one - photo).mean() for one in made.pictures]
    assert apart == sorted(apart)


def test_tiles_have_the_slope_of_the_whole_away_from_seams(model):
    picture = noise(64, 96, 3).astype(np.float32)
    part = _fitting.parts_of(model, layers=["more"])
    squares = _slopes.of(part, dreaming._squares)

    def score(one):
        return squares(one, np.ones(1, np.float32))

    value, whole = score(picture)
    again, tiled = dreaming.tiled(score, picture, 32)
    assert again == pytest.approx(value, rel=0.1)
    # A number of "more" sees pixels up to 4 away; a pixel counts through all of those.
    apart = np.abs(tiled - whole).max(axis=2) / np.abs(whole).max()
    inner = np.pad(np.ones((16, 16), bool), 8)
    inner = np.tile(inner, (2, 3))
    assert apart[inner].max() < 1e-5
    assert apart[:, 31:33].max() > 1e-3  # at a seam it is another one


def test_one_tile_that_holds_all_is_the_whole(model):
    photo = noise(20, 24, 3)
    settings = {"octaves": 1, "steps": 2}
    whole = probe.dream(model, photo, "maps", jitter=24, **settings)
    tile = probe.dream(model, photo, "maps", jitter=0, tile=24, **settings)
    np.testing.assert_allclose(whole.picture, tile.picture, atol=1e-3)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 17, 31, 50])
def test_tiles_are_alike_and_cover_all(length):
    cuts = list(dreaming._cuts(length, 8))
    assert {cut.stop - cut.start for cut in cuts} == {min(8, length)}
    covered = np.concatenate([np.arange(cut.start, cut.stop) for cut in cuts])
    assert set(covered) == set(range(length))


def test_detail_is_added_to_the_photo_of_each_size(model):
    """Where nothing is added, the photo stays as sharp as it was."""
    photo = noise(30, 30, 3)
    made = probe.dream(model, photo, "more", octaves=4, steps=1, rate=1e-4)
    np.testing.assert_allclose(made.picture, photo, atol=0.01)


def test_the_sizes_of_octaves():
    assert dreaming._sizes((140, 70), 3, 1.4) == [(71, 36), (100, 50), (140, 70)]
    assert dreaming._sizes((5, 5), 1, 2.0) == [(5, 5)]


def test_weights_decide_whose_patterns_come(model):
    photo = noise(24, 24, 3)
    settings = {"octaves": 2, "steps": 3}
    name = probe.dream(model, photo, "maps", **settings).picture
    alone = probe.dream(model, photo, {"maps": 3}, **settings).picture
    np.testing.assert_allclose(name, alone, atol=1e-2)
    both = probe.dream(model, photo, {"maps": 1, "more": 1}, **settings).picture
    assert np.abs(name - both).max() > 1
    less = probe.dream(model, photo, {"maps": -1}, octaves=1, steps=5)
    assert less.activation[0] == pytest.approx(-1, abs=0.1)
    assert less.activation[-1] > 0.9 * less.activation[0]


def test_other_networks_numbers_and_seeds():
    digits = models.mnist_cnn()
    whole = noise(40, 36, 1).astype(np.uint8)
    kept = whole.copy()
    settings = {"octaves": 2, "steps": 2}
    one = probe.dream(digits, whole, "filters2", **settings)
    assert one.picture.shape == (40, 36, 1)
    same = probe.dream(digits, whole.astype(float), "filters2", **settings)
    np.testing.assert_array_equal(one.picture, same.picture)
    other = probe.dream(digits, whole, "filters2", seed=1, **settings)
    assert np.abs(one.picture - other.picture).max() > 1
    np.testing.assert_array_equal(whole, kept)
    flat = probe.dream(digits, np.zeros((28, 28, 1)), "filters2", **settings)
    assert np.isfinite(flat.picture).all()


def test_an_interruption_leaves_what_there_is(model, monkeypatch, capsys):
    photo, draw, drawn = noise(30, 30, 3), priors.shift, []

    def pressed(*given):
        drawn.append(given)
        if len(drawn) == 6:  # in the second octave
            raise KeyboardInterrupt
        return draw(*given)

    monkeypatch.setattr(priors, "shift", pressed)
    made = probe.dream(model, photo, "maps", octaves=2, steps=4, keep=2)
    assert "Interrupted: 5 of 8 steps are done" in capsys.readouterr().out
    assert made.activation.shape == (5,)
    assert made.kept.tolist() == [0, 5]
    assert made.picture.shape == photo.shape
    assert np.abs(made.picture - photo).max() > 1


REFUSED = [
    ({"layers": "mops"}, "layers: got 'mops'"),
    ({"layers": {"maps": 1, "mops": 2}}, "layers: got 'mops'"),
    ({"layers": {}}, r"layers: got {}. Give a layer's name, or {name: weight}"),
    ({"layers": ["maps"]}, "layers: got"),
    ({"layers": {"maps": "much"}}, r"layers\['maps'\]: got 'much'"),
    ({"photo": np.zeros((20, 20))}, "photo: got shape"),
    ({"photo": np.full((20, 20, 3), np.nan)}, "photo: got values that are not finite"),
    (
        {"photo": np.zeros((3, 3, 3)), "octaves": 4},
        "octaves: got 4, of which the smallest has 1 × 1 pixels. Give fewer: of this "
        "one nothing is left in that layer",
    ),
    ({"progress": 1}, "progress: got 1. Give True or False"),
    ({"octaves": 0}, "octaves: got 0"),
    ({"scale": 1}, "scale: got 1. Give a number above 1"),
    ({"steps": 0}, "steps: got 0"),
    ({"rate": -1}, "rate: got -1"),
    ({"tile": 4}, "tile: got 4"),
    ({"jitter": -1}, "jitter: got -1"),
    ({"frequencies": "yes"}, "frequencies: got 'yes'. Give True or False"),
    ({"keep": 0.5}, "keep: got 0.5"),
]


@pytest.mark.parametrize(("wrong", "sentence"), REFUSED)
def test_refused_with_a_sentence(model, wrong, sentence):
    given = {"photo": noise(20, 20, 3), "layers": "more"} | wrong
    with pytest.raises(ValueError, match=sentence):
        probe.dream(model, **given)


def test_layers_without_maps_are_refused():
    with pytest.raises(ValueError, match='layers: got "hidden", which makes no maps'):
        probe.dream(models.mnist_cnn(), noise(28, 28, 1), "hidden")


def deep_model():
    """Of fewer than 16 pixels a side its last layer makes nothing."""
    inputs = x = keras.Input((None, None, 3))
    for _ in range(4):
        x = layers.MaxPooling2D(2)(x)
    return keras.Model(inputs, layers.Conv2D(2, 1, name="deep")(x), name="deep_one")


def test_tiles_of_which_nothing_is_left_are_refused():
    model, photo = deep_model(), noise(40, 60, 3)
    with pytest.raises(
        ValueError,
        match=r"tile: got 8, which makes pictures of 8 × 8 pixels. Give larger ones: "
        "of this one nothing is left in that layer",
    ):
        probe.dream(model, photo, "deep", octaves=1, steps=1, tile=8)
    made = probe.dream(model, photo, "deep", octaves=1, steps=1, tile=16)
    assert np.isfinite(made.picture).all()


def test_time_and_memory_are_said_where_it_takes_long(model, monkeypatch, capsys):
    """Larger octaves take longer, so more is to go than was done."""
    clock = iter(range(0, 99, 5))
    monkeypatch.setattr(_steps.time, "perf_counter", lambda: next(clock))
    photo, settings = noise(40, 20, 3), {"octaves": 2, "scale": 2.0, "steps": 3}
    probe.dream(model, photo, "more", **settings)
    said = capsys.readouterr()
    # One step of 5 seconds is left in the first octave, three of 20 in the second.
    assert "40 × 20 pixels: about 65 seconds to go, and about " in said.out + said.err
    probe.dream(model, photo, "more", progress=False, **settings)
    said = capsys.readouterr()
    assert not said.out + said.err


def test_what_surely_does_not_fit_is_refused(model, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 1000)
    given, shortest = (model, noise(40, 20, 3), "more"), {"octaves": 1}
    with pytest.raises(ValueError, match=r"photo: got 40 × 20 pixels, for which about"):
        probe.dream(*given, **shortest)
    with pytest.raises(ValueError, match=r"tile: got 8 × 8 pixels, for which about"):
        probe.dream(*given, tile=8, **shortest)


def test_tiles_take_less_memory(model):
    part = _fitting.parts_of(model, layers=["more"])
    whole, tiled = (dreaming._bytes(part, (96, 64), tile) for tile in (None, 32))
    assert tiled < whole / 4
    assert dreaming._bytes(part, (24, 20), 32) < tiled
