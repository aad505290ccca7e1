"""Style transfer: Gram matrices, both distances, what it makes."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import memory, models, probe
from helpers.networks.probe import _fitting, _slopes, _steps, style


def small_model(channels=3, seed=0):
    inputs = keras.Input((None, None, channels))
    x = layers.Rescaling(1 / 127.5, -1)(inputs)
    x = layers.Conv2D(4, 3, activation="tanh", name="maps")(x)
    x = layers.Conv2D(5, 3, strides=2, activation="softplus", name="more")(x)
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


LAYERS = {"photo_layer": "more", "style_layers": ["maps", "more"]}


def gram_by_loops(maps):
    """The formula, number by number."""
    height, width, channels = maps.shape
    made = np.zeros((channels, channels))
    for one, other in np.ndindex(channels, channels):
        for place in np.ndindex(height, width):
            made[one, other] += maps[place][one] * maps[place][other]
    return made / (height * width)


def by_gatys(ours, theirs):
    """What a layer adds to the style's loss, as arXiv 1508.06576 writes it, (4)."""
    height, width, count = ours.shape
    places = height * width
    grams = [gram_by_loops(maps) * places for maps in (ours, theirs)]
    return np.sum((grams[0] - grams[1]) ** 2) / (4 * count**2 * places**2)


def distance(model, photo, painting):
    """What measures how far a picture is, by picture and weights."""
    part = _fitting.parts_of(model, photo_layer=["more"], style_layers=["maps", "more"])
    wanted = style._wanted(part, photo.astype("float32"), painting.astype("float32"))
    apart = _slopes.by_several(part, style._distances, compiled=True)

    def found(picture, *weights):
        batch = picture[np.newaxis]
        total, [[slope], parts] = apart([batch, np.array(weights)], *wanted)
        return total, [slope, parts]

    return found


# -- Gram matrices ---------------------------------------------------------------------


def test_a_gram_matrix_by_hand():
    maps = np.array([[[1, 2], [0, 2]], [[0, 2], [3, 2]]])
    # 1·1 + 3·3 = 10 and 1·2 + 3·2 = 8 and 4 · 2·2 = 16, each by 4 places.
    assert probe.gram(maps).tolist() == [[2.5, 2.0], [2.0, 4.0]]


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 5, 3), (4, 3, 7)])
def test_a_gram_matrix_is_its_formula(shape):
    maps = np.random.default_rng(0).normal(size=shape)
    np.testing.assert_allclose(probe.gram(maps), gram_by_loops(maps), atol=1e-12)


def test_a_gram_matrix_does_not_know_where_things_are():
    maps = np.random.default_rng(0).normal(size=(6, 4, 3))
    turned = np.roll(maps[::-1], 2, axis=1)
    np.testing.assert_allclose(probe.gram(turned), probe.gram(maps))
    twice = np.concatenate([maps, maps])
    np.testing.assert_allclose(probe.gram(twice), probe.gram(maps))
    assert (np.linalg.eigvalsh(probe.gram(maps)) > 0).all()


def test_a_gram_matrix_of_whole_numbers_does_not_wrap():
    assert probe.gram(np.full((9, 9, 1), 200, np.uint8)).tolist() == [[40000.0]]


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 2)), np.zeros((1, 2, 2, 3)), np.full((2, 2, 2), np.nan)]
)
def test_gram_refuses(wrong):
    with pytest.raises(ValueError, match="maps: "):
        probe.gram(wrong)


# -- the distances ---------------------------------------------------------------------


def test_the_distances_are_those_of_gatys_but_for_a_factor_a_layer(model):
    seen = [noise(12, 14, 3, seed=seed) for seed in range(3)]
    _, [_, found] = distance(model, *seen[1:])(seen[0], 1, 1)
    ours, photo, painting = (
        {k: v[0] for k, v in probe.feature_maps(model, x[np.newaxis]).items()}
        for x in seen
    )
    content = np.sum((ours["more"] - photo["more"]) ** 2) / 2  # (1) in the paper
    assert found[0] == pytest.approx(2 * content / np.sum(photo["more"] ** 2), rel=1e-3)
    shares = [
        by_gatys(ours[name], painting[name])
        * (2 * painting[name].shape[2]) ** 2
        / np.sum(gram_by_loops(painting[name]) ** 2)
        for name in ("maps", "more")
    ]
    assert found[1] == pytest.approx(np.mean(shares), rel=1e-3)


def test_their_slope_is_what_differences_say(model):
    picture, photo = noise(10, 11, 3), noise(10, 11, 3, seed=2)
    weights = 0.7, 20.0
    measure = distance(model, photo, noise(9, 13, 3, seed=3))
    total, [slope, parts] = measure(picture, *weights)
    assert total == pytest.approx(np.dot(parts, weights), rel=1e-5)
    rng = np.random.default_rng(4)
    for _ in range(5):
        way = rng.normal(size=picture.shape)
        ends = [measure(picture + sign * way, *weights)[0] for sign in (1, -1)]
        difference = (ends[0] - ends[1]) / 2
        assert np.sum(slope * way) == pytest.approx(difference, rel=0.02, abs=1e-4)


def test_a_picture_is_no_way_from_itself(model):
    painting = noise(12, 12, 3)
    _, [_, parts] = distance(model, painting, painting)(painting, 1, 1)
    assert parts == pytest.approx([0, 0], abs=1e-8)
    made = probe.style_transfer(model, painting, painting, steps=1, **LAYERS)
    assert made.losses["style"][0] == pytest.approx(0, abs=1e-8)
    # Laid side by side twice it has the same style, but for what the seam makes new.
    twice = np.concatenate([painting] * 2, axis=1)
    _, [_, parts] = distance(model, twice, painting)(twice, 1, 1)
    assert parts[1] < 0.02


def test_nothing_but_black_has_distances_too(model):
    black = np.zeros((8, 8, 3))
    _, [slope, parts] = distance(model, black, black)(black, 1, 1)
    assert np.isfinite(slope).all()
    assert np.isfinite(parts).all()


# -- what it makes ---------------------------------------------------------------------


def test_it_comes_nearer_to_both(model):
    photo, painting = noise(24, 20, 3), 255 - noise(18, 30, 3, seed=2)
    made = probe.style_transfer(
        model, photo, painting, start="noise", steps=40, keep=3, **LAYERS
    )
    assert list(made.losses) == ["photo", "style", "total"]
    for losses in made.losses.values():
        assert losses.shape == (40,)
        assert losses[-1] < losses[0]
    total = made.losses["photo"] + 10 * made.losses["style"]
    np.testing.assert_allclose(made.losses["total"], total, rtol=1e-5)
    assert made.picture.shape == (24, 20, 3)
    assert made.picture.dtype == np.float32
    assert made.kept.tolist() == [0, 20, 40]
    np.testing.assert_array_equal(made.pictures[-1], made.picture)
    assert 0 <= made.picture.min() <= made.picture.max() <= 255


def test_weights_decide_which(model):
    photo, painting = noise(20, 20, 3), 255 - noise(20, 20, 3, seed=2)
    ends = [
        probe.style_transfer(
            model, photo, painting, style_weight=weight, steps=30, **LAYERS
        ).losses
        for weight in (0.1, 100)
    ]
    assert ends[0]["photo"][-1] < ends[1]["photo"][-1]
    assert ends[0]["style"][-1] > ends[1]["style"][-1]


def test_it_begins_with_the_photo_or_with_noise(model):
    photo, painting = noise(16, 16, 3), noise(16, 16, 3, seed=2)
    settings = {"steps": 1, "keep": 2, **LAYERS}
    made = probe.style_transfer(model, photo, painting, **settings)
    np.testing.assert_allclose(made.pictures[0], photo, rtol=1e-6)
    settings["start"] = "noise"
    one, same, other = (
        probe.style_transfer(model, photo, painting, seed=seed, **settings)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one.picture, same.picture)
    assert np.abs(one.pictures[0] - other.pictures[0]).mean() > 20


def test_variation_makes_it_smoother(model):
    photo, painting = noise(20, 20, 3), noise(20, 20, 3, seed=2)
    rough, smooth = (
        probe.style_transfer(model, photo, painting, variation=one, steps=20, **LAYERS)
        for one in (0.0, 0.1)
    )
    found = [probe.total_variation(made.picture)[0] for made in (rough, smooth)]
    assert found[1] < 0.8 * found[0]
    parts = smooth.losses["photo"] + 10 * smooth.losses["style"]
    first = probe.total_variation(photo)[0]
    assert smooth.losses["total"][0] - parts[0] == pytest.approx(0.1 * first, rel=1e-3)


def test_the_longer_side_is_what_is_wanted(model):
    photo, painting = noise(24, 12, 3), noise(50, 100, 3)
    made = probe.style_transfer(model, photo, painting, size=16, steps=1, **LAYERS)
    assert made.picture.shape == (16, 8, 3)


def test_other_numbers_and_networks():
    digits = models.mnist_cnn()
    photo = noise(28, 28, 1).astype(np.uint8)
    painting = noise(40, 28, 1, seed=2).astype(np.uint8)
    kept = photo.copy(), painting.copy()
    given = {"photo_layer": "filters2", "style_layers": ("filters1",), "steps": 2}
    one = probe.style_transfer(digits, photo, painting, **given)
    assert one.picture.shape == (28, 28, 1)
    same = probe.style_transfer(digits, photo.astype(float), painting, **given)
    np.testing.assert_array_equal(one.picture, same.picture)
    np.testing.assert_array_equal(photo, kept[0])
    np.testing.assert_array_equal(painting, kept[1])


def test_an_interruption_leaves_what_there_is(model, monkeypatch, capsys):
    draw, drawn = probe.total_variation, []

    def pressed(picture):
        drawn.append(picture)
        if len(drawn) == 4:
            raise KeyboardInterrupt
        return draw(picture)

    monkeypatch.setattr(style.priors, "total_variation", pressed)
    made = probe.style_transfer(
        model, noise(9, 9, 3), noise(9, 9, 3), steps=9, keep=2, **LAYERS
    )
    assert "Interrupted: 3 of 9 steps are done" in capsys.readouterr().out
    assert {len(losses) for losses in made.losses.values()} == {3}
    assert made.kept.tolist() == [0, 3]


def test_time_and_memory_are_said_where_it_takes_long(model, monkeypatch, capsys):
    clock = iter(range(0, 99, 5))
    monkeypatch.setattr(_steps.time, "perf_counter", lambda: next(clock))
    given = model, noise(20, 16, 3), noise(9, 9, 3)
    probe.style_transfer(*given, steps=12, **LAYERS)
    said = capsys.readouterr()
    sentence = "20 × 16 pixels: about 50 seconds to go, and about "
    assert sentence in said.out + said.err
    probe.style_transfer(*given, steps=12, progress=False, **LAYERS)
    said = capsys.readouterr()
    assert not said.out + said.err


def test_what_surely_does_not_fit_is_refused(model, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 1000)
    for name, size in (("photo", None), ("size", 20)):
        sentence = f"{name}: got 20 × 16 pixels, for which about"
        with pytest.raises(ValueError, match=sentence):
            probe.style_transfer(
                model,
                noise(20, 16, 3),
                noise(9, 9, 3),
                size=size,
                steps=1,
                **LAYERS,
            )


REFUSED = [
    ({"photo": np.zeros((9, 9))}, "photo: got shape"),
    ({"style": np.zeros((9, 9, 1))}, "style: got shape"),
    ({"style": np.full((9, 9, 3), np.nan)}, "style: got values that are not finite"),
    ({"photo": np.full((9, 9, 3), -1)}, "photo: got values from -1 to -1"),
    ({"photo": np.zeros((3, 3, 3))}, "photo: got 3 × 3 pixels. Give a larger picture"),
    ({"size": 3}, "size: got 3 × 3 pixels"),
    ({"style": np.zeros((9, 1, 3)), "size": 9}, "style: got 9 × 1 pixels"),
    ({"size": 1.5}, "size: got 1.5"),
    ({"photo_layer": "mops"}, "photo_layer: got 'mops'"),
    (
        {"style_layers": "maps"},
        "style_layers: got 'maps'. Give a list of layers' names",
    ),
    ({"style_layers": []}, "style_layers: got "),
    ({"style_layers": ["mops"]}, "style_layers: got 'mops'"),
    ({"progress": "no"}, "progress: got 'no'"),
    ({"photo_weight": -1}, "photo_weight: got -1"),
    ({"style_weight": np.inf}, "style_weight: got inf"),
    ({"variation": -1}, "variation: got -1"),
    ({"rate": 0}, "rate: got 0"),
    ({"steps": 0}, "steps: got 0"),
    ({"start": "phto"}, "start: got 'phto'. Did you mean \"photo\""),
]


@pytest.mark.parametrize(("wrong", "sentence"), REFUSED)
def test_refused_with_a_sentence(model, wrong, sentence):
    given = {"photo": noise(9, 9, 3), "style": noise(9, 9, 3), "steps": 1, **LAYERS}
    with pytest.raises(ValueError, match=sentence):
        probe.style_transfer(model, **given | wrong)


def test_layers_without_maps_are_refused():
    digits = models.mnist_cnn()
    with pytest.raises(ValueError, match='photo_layer: got "hidden", which makes no'):
        probe.style_transfer(
            digits,
            noise(28, 28, 1),
            noise(28, 28, 1),
            photo_layer="hidden",
            style_layers=["filters1"],
        )
