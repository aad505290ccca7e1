"""Gradient ascent: every objective, every prior, and what it does with odd things."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import gc
import weakref

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import models, probe
from helpers.networks.probe import _canvas, _fitting, _once, _slopes, ascent, priors


def small_model(channels=3, sides=(None, None), seed=0):
    """Two layers of maps, smooth, and scores where the size is known."""
    inputs = keras.Input((*sides, channels))
    x = layers.Rescaling(1 / 127.5, -1)(inputs)
    x = layers.Conv2D(4, 3, activation="tanh", name="maps")(x)
    x = layers.Conv2D(5, 3, strides=2, activation="softplus", name="more")(x)
    if None not in sides:
        x = layers.Flatten()(x)
        x = layers.Dense(6, activation="tanh", name="hidden")(x)
        x = layers.Dense(3, activation="softmax", name="sure")(x)
    model = keras.Model(inputs, x, name="small")
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.4, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def model():
    """One for all that change nothing about it: on JAX each is compiled anew."""
    return small_model()


@pytest.fixture(scope="module")
def sized():
    return small_model(sides=(9, 11))


@pytest.fixture(scope="module")
def digits():
    keras.utils.set_random_seed(0)
    return models.mnist_cnn()


def noise(*shape, seed=1):
    return np.random.default_rng(seed).uniform(50, 200, shape)


def of_unit(model, layer, unit, place, picture):
    """The objective, from the layer's own output."""
    if layer == "logits":
        inner = model.get_layer("sure")
        x = probe.feature_maps(model, picture[np.newaxis])["hidden"][0]
        return (x @ inner.get_weights()[0] + inner.get_weights()[1])[unit]
    maps = probe.feature_maps(model, picture[np.newaxis])[layer][0]
    if place is not None:
        return maps[place][unit]
    return maps[..., unit].mean()


OBJECTIVES = [
    ("maps", 2, None),
    ("more", 4, None),
    ("more", 1, (1, 2)),
    ("hidden", 5, None),
    ("logits", 2, None),
]


@pytest.mark.parametrize(("layer", "unit", "place"), OBJECTIVES)
def test_the_slope_is_what_differences_say(sized, layer, unit, place):
    picture = noise(9, 11, 3)
    part = _fitting.part_of(sized, layer)
    score = ascent._score(sized, part, layer, unit, place, picture)
    value, slope = score(picture)
    assert value == pytest.approx(of_unit(sized, layer, unit, place, picture), rel=1e-4)
    assert slope.shape == picture.shape
    rng = np.random.default_rng(2)
    # Along whole directions, where float32 has digits left for the difference.
    for _ in range(5):
        way = rng.normal(size=picture.shape)
        ends = [
            of_unit(sized, layer, unit, place, picture + sign * way) for sign in (1, -1)
        ]
        difference = (ends[0] - ends[1]) / 2
        assert np.sum(slope * way) == pytest.approx(difference, rel=0.02, abs=2e-5)


def test_a_place_has_no_slope_beyond_its_field_of_view(model):
    part = _fitting.part_of(model, "more")
    _, slope = ascent._score(model, part, "more", 0, (1, 2), noise(12, 14, 3))(
        noise(12, 14, 3)
    )
    seen = np.zeros((12, 14), bool)
    seen[2:7, 4:9] = True
    assert not slope[~seen].any()
    assert (slope[seen] != 0).all()


def test_a_step_goes_up_the_slope_by_its_root_mean_square(model):
    picture = noise(8, 8, 3)
    part = _fitting.part_of(model, "maps")
    _, slope = ascent._score(model, part, "maps", 1, None, picture)(picture)
    wanted = picture + 3 * slope / np.sqrt(np.mean(slope**2))
    made = probe.ascend(model, "maps", 1, start=picture, steps=1, rate=3)
    np.testing.assert_allclose(made.picture, wanted, rtol=1e-4)
    assert made.picture.dtype == np.float32


def test_what_a_unit_does_not_see_does_not_count_in_that(model):
    """Else a unit with a small field of view would move further than others."""
    picture = noise(12, 14, 3)
    part, place = _fitting.part_of(model, "more"), (1, 2)
    _, slope = ascent._score(model, part, "more", 0, place, picture)(picture)
    seen = slope[2:7, 4:9]
    made = probe.ascend(
        model, "more", 0, place=place, start=picture, steps=1, rate=2
    ).picture
    wanted = picture[2:7, 4:9] + 2 * seen / np.sqrt(np.mean(seen**2))
    np.testing.assert_allclose(made[2:7, 4:9], wanted, rtol=1e-4)
    moved = (made - picture)[2:7, 4:9]
    assert np.sqrt(np.mean(moved**2)) == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize("frequencies", [False, True])
def test_how_long_a_step_with_variation_is(model, frequencies):
    """In pixels it comes on top of the unit's; waves are as long as both together."""
    picture = noise(20, 20, 3)
    settings = {"variation": 2.0, "steps": 1, "rate": 1e-2, "start": picture}
    made = probe.ascend(model, "maps", 1, frequencies=frequencies, **settings)
    if frequencies:
        before, after = (_canvas.Frequencies(p).z for p in (picture, made.picture))
        moved = 255 / 4 * (after - before)
        assert np.sqrt(np.mean(moved**2)) == pytest.approx(1e-2, rel=0.05)
        return
    part = _fitting.part_of(model, "maps")
    _, slope = ascent._score(model, part, "maps", 1, None, picture)(picture)
    _, rough = probe.total_variation(picture)
    way = slope / np.sqrt(np.mean(slope**2)) - 2 * picture.size * rough
    np.testing.assert_allclose(made.picture - picture, 1e-2 * way, atol=1e-4)
    assert np.sqrt(np.mean(way**2)) > 1.5


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"jitter": 2},
        {"blur": 0.5},
        {"variation": 0.2},
        {"frequencies": True},
        {"frequencies": True, "jitter": 2, "blur": 0.3, "variation": 0.1},
    ],
    ids=str,
)
def test_it_excites_the_unit_more(model, settings):
    made = probe.ascend(model, "more", 1, size=20, steps=30, **settings)
    assert made.activation.shape == (30,)
    assert made.activation[-1] > made.activation[0]
    assert np.diff(made.activation).max() < np.ptp(made.activation)
    assert made.picture.shape == (20, 20, 3)
    assert 0 <= made.picture.min() < made.picture.max() <= 255
    # The last number is before the last step: the picture itself is no worse by much.
    score = of_unit(model, "more", 1, None, made.picture)
    assert score > made.activation[0]


@pytest.mark.parametrize("label", [0, 3, 9])
@pytest.mark.parametrize("frequencies", [False, True])
def test_a_class_picture_is_taken_for_the_class(digits, label, frequencies):
    made = probe.ascend(
        digits, "logits", label, steps=20, frequencies=frequencies, rate=8
    )
    assert made.picture.shape == (28, 28, 1)
    [sure] = probe.probabilities(digits, made.picture[np.newaxis])
    assert sure.argmax() == label


def test_a_softmax_at_the_end_changes_nothing(digits):
    plain = probe.ascend(digits, "logits", 4, steps=3)
    sure = probe.ascend(models.with_softmax(digits), "logits", 4, steps=3)
    np.testing.assert_allclose(plain.picture, sure.picture, atol=1e-3)


def test_the_same_seed_gives_the_same_picture(model):
    settings = {"size": 12, "steps": 4, "jitter": 3}
    one, same, other = (
        probe.ascend(model, "maps", 0, seed=seed, **settings) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.picture, same.picture)
    assert np.abs(one.picture - other.picture).max() > 1


def test_other_kinds_of_numbers_give_the_same_and_stay_as_they_are(model):
    whole = noise(8, 8, 3).astype(np.uint8)
    kept = whole.copy()
    whole.setflags(write=False)
    wanted = probe.ascend(model, "maps", 0, start=whole, steps=3)
    for kind in (np.float64, np.float32, np.int32):
        made = probe.ascend(model, "maps", 0, start=whole.astype(kind), steps=3)
        np.testing.assert_array_equal(made.picture, wanted.picture)
    made = probe.ascend(model, "maps", 0, start=whole.tolist(), steps=3)
    np.testing.assert_array_equal(made.picture, wanted.picture)
    np.testing.assert_array_equal(whole, kept)


@pytest.mark.parametrize("level", [0, 127, 255])
@pytest.mark.parametrize("frequencies", [False, True])
def test_constant_pictures_are_taken(model, level, frequencies):
    start = np.full((10, 10, 3), level)
    made = probe.ascend(model, "maps", 0, start=start, steps=5, frequencies=frequencies)
    assert np.isfinite(made.picture).all()
    assert np.isfinite(made.activation).all()


def test_pictures_on_the_way(model):
    made = probe.ascend(model, "maps", 0, size=8, steps=10, keep=3)
    assert made.kept.tolist() == [0, 5, 10]
    assert made.pictures.shape == (3, 8, 8, 3)
    np.testing.assert_array_equal(made.pictures[-1], made.picture)
    half = probe.ascend(model, "maps", 0, size=8, steps=5)
    np.testing.assert_array_equal(made.pictures[1], half.picture)
    assert probe.ascend(model, "maps", 0, size=8, steps=3).pictures.shape == (
        0,
        8,
        8,
        3,
    )
    all_of_them = probe.ascend(model, "maps", 0, size=8, steps=3, keep=9)
    assert all_of_them.kept.tolist() == [0, 1, 2, 3]
    assert probe.ascend(model, "maps", 0, size=8, steps=3, keep=1).kept.tolist() == [3]


def test_an_interruption_leaves_what_there_is(model, monkeypatch, capsys):
    draw, drawn = priors.shift, []

    def pressed(*given):
        drawn.append(given)
        if len(drawn) == 4:
            raise KeyboardInterrupt
        return draw(*given)

    with monkeypatch.context() as patched:
        patched.setattr(priors, "shift", pressed)
        made = probe.ascend(model, "maps", 0, size=8, steps=10, keep=2)
    assert "Interrupted: 3 of 10 steps are done" in capsys.readouterr().out
    assert made.activation.shape == (3,)
    assert made.kept.tolist() == [0, 3]
    wanted = probe.ascend(model, "maps", 0, size=8, steps=3)
    np.testing.assert_array_equal(made.picture, wanted.picture)


def test_a_silent_unit_is_looked_for_at_random():
    model = keras.Sequential(
        [keras.Input((6, 6, 1)), layers.Conv2D(1, 3, activation="relu", name="maps")]
    )
    model.set_weights([np.full((3, 3, 1, 1), -1.0), np.zeros(1)])
    made = probe.ascend(model, "maps", 0, steps=4, rate=5)
    assert not made.activation.any()
    assert np.abs(made.picture - 127.5).max() > 10  # it has moved, and no NaN
    # One that a little less light wakes: the random steps find it.
    model.set_weights([np.full((3, 3, 1, 1), -1.0), np.full(1, 9 * 120.0)])
    start = np.full((6, 6, 1), 121)
    made = probe.ascend(model, "maps", 0, start=start, steps=60, rate=3)
    assert made.activation[0] == 0
    assert made.activation[-1] > 100


def test_layers_before_dense_ones_take_other_sizes(model, digits):
    made = probe.ascend(digits, "filters2", 3, size=(20, 40), steps=2)
    assert made.picture.shape == (20, 40, 1)
    assert probe.ascend(digits, "filters2", 3, steps=1).picture.shape == (28, 28, 1)
    assert probe.ascend(model, "maps", 3, steps=1).picture.shape == (96, 96, 3)


def test_weights_that_change_count_at_once():
    model = small_model()
    before = probe.ascend(model, "maps", 0, size=8, steps=1).activation
    model.set_weights([2 * array for array in model.get_weights()])
    after = probe.ascend(model, "maps", 0, size=8, steps=1).activation
    assert abs(after - before) > 1e-3


def test_what_was_made_of_a_model_is_used_again():
    """The layers do not learn of more and more calls, and nothing is compiled anew."""
    model, shortest = small_model(sides=(20, 20)), {"steps": 1, "progress": False}
    style = {"photo_layer": "more", "style_layers": ["maps"]}

    def all_ways():
        for unit in (0, 1):
            probe.ascend(model, "more", unit, **shortest)
        probe.ascend(model, "logits", 0, **shortest)
        probe.dream(model, noise(20, 20, 3), "more", octaves=1, **shortest)
        photo, painting = noise(20, 20, 3), noise(20, 20, 3, seed=2)
        probe.style_transfer(model, photo, painting, **style, **shortest)
        return [len(layer._inbound_nodes) for layer in model.layers]

    first, made = all_ways(), dict(_once._MADE[model][1])
    assert all_ways() == first
    assert _once._MADE[model][1] == made


def test_other_layers_at_the_end_count_at_once():
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten()])
    for weights in ([1.0, -1.0], [-2.0, 1.0]):
        last = layers.Dense(1, name="last")
        model.add(last)
        kernel = np.repeat(weights, 8)[:, np.newaxis]
        last.set_weights([kernel, np.zeros(1)])
        gray = np.full((4, 4, 1), 100)
        made = probe.ascend(model, "last", 0, start=gray, steps=1, rate=8)
        size = np.sqrt(np.mean(kernel**2))
        wanted = 100 + 8 * kernel.reshape(4, 4, 1) / size
        np.testing.assert_allclose(made.picture, wanted, rtol=1e-5)
        model.pop()


def test_nothing_holds_a_model_that_is_gone():
    model = small_model()
    probe.ascend(model, "maps", 0, size=8, steps=1)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


REFUSED = [
    ({"layer": "mops"}, r"layer: got 'mops'. Did you mean \"maps\""),
    ({"layer": "logits"}, 'layer: got "logits" of "small", which gives no scores'),
    ({"unit": 4}, "unit: got 4. Give a whole number from 0 to 3"),
    ({"unit": -1}, "unit: got -1"),
    ({"place": (6, 0)}, r"place: got \(6, 0\). Give \(row, column\) in a map of 6 × 6"),
    ({"place": (0, 1.5)}, "place: "),
    ({"place": 3}, "place: "),
    ({"size": 2}, "size: got 2 × 2 pixels. Give a larger picture"),
    ({"size": 0}, "size: got 0"),
    ({"start": np.zeros((8, 8))}, r"start: got shape \(8, 8\). Give \(H, W, 3\)"),
    ({"start": np.zeros((8, 8, 1))}, "start: got shape"),
    ({"start": np.full((8, 8, 3), np.nan)}, "start: got values that are not finite"),
    ({"start": np.full((8, 8, 3), 256)}, "start: got values from 256 to 256"),
    ({"start": np.zeros((9, 8, 3))}, "start: got a picture of 9 × 8 pixels"),
    ({"steps": 0}, "steps: got 0"),
    ({"rate": 0}, "rate: got 0"),
    ({"jitter": -1}, "jitter: got -1"),
    ({"jitter": 0.5}, "jitter: got 0.5"),
    ({"blur": -0.1}, "blur: got -0.1"),
    ({"variation": np.nan}, "variation: got nan"),
    ({"frequencies": 1}, "frequencies: got 1"),
    ({"seed": -1}, "seed: got -1"),
    ({"keep": -1}, "keep: got -1"),
]


@pytest.mark.parametrize(("wrong", "sentence"), REFUSED)
def test_refused_with_a_sentence(model, wrong, sentence):
    settings = {"layer": "maps", "unit": 0, "size": 8, "steps": 1} | wrong
    with pytest.raises(ValueError, match=sentence):
        probe.ascend(model, **settings)


def test_a_neuron_of_a_dense_layer_has_no_place_and_one_size():
    model = small_model(sides=(9, 9))
    with pytest.raises(ValueError, match=r"place: .* makes no maps. Leave it out"):
        probe.ascend(model, "hidden", 0, place=(0, 0), steps=1)
    with pytest.raises(ValueError, match=r'size: got 8 × 8 .* "small" takes 9 × 9'):
        probe.ascend(model, "hidden", 0, size=8, steps=1)


def test_what_looks_at_no_pictures_is_refused():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="two")])
    with pytest.raises(ValueError, match=r"model: .* does not take one picture"):
        probe.ascend(model, "two", 0)


# -- priors ----------------------------------------------------------------------------


def variation_by_loops(picture):
    """The formula, pixel by pixel."""
    height, width, channels = picture.shape
    total = 0.0
    for row in range(height):
        for column in range(width):
            for channel in range(channels):
                here = picture[row, column, channel]
                below = picture[min(row + 1, height - 1), column, channel]
                beside = picture[row, min(column + 1, width - 1), channel]
                total += np.sqrt((below - here) ** 2 + (beside - here) ** 2 + 1) - 1
    return total / picture.size


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 6, 1), (5, 1, 3), (6, 7, 3)])
def test_total_variation_is_its_formula_and_its_slope_what_differences_say(shape):
    picture = noise(*shape)
    value, slope = probe.total_variation(picture)
    assert value == pytest.approx(variation_by_loops(picture))
    for place in np.ndindex(shape):
        ends = []
        for sign in (1e-4, -1e-4):
            moved = picture.copy()
            moved[place] += sign
            ends.append(variation_by_loops(moved))
        difference = (ends[0] - ends[1]) / 2e-4
        assert slope[place] == pytest.approx(difference, abs=1e-7)


def test_total_variation_of_other_things():
    assert probe.total_variation(np.full((4, 4, 3), 9, np.uint8))[0] == 0
    steep = np.array([[[0], [255]]], np.uint8)
    assert probe.total_variation(steep)[0] == pytest.approx(127, abs=0.1)
    for wrong in ([[1.0, 2.0]], np.full((2, 2, 1), np.nan)):
        with pytest.raises(ValueError, match="picture: "):
            probe.total_variation(wrong)


def test_less_variation_where_it_counts(model):
    settings = {"size": 24, "steps": 20, "rate": 6}
    rough, smooth, soft = (
        probe.total_variation(
            probe.ascend(model, "maps", 0, **settings, **one).picture
        )[0]
        for one in ({}, {"variation": 0.5}, {"blur": 0.7})
    )
    assert smooth < 0.8 * rough
    assert soft < 0.8 * rough


def test_slow_waves_come_first_in_frequencies(model):
    def slow(picture):
        power = np.abs(np.fft.fft2(picture - picture.mean(), axes=(0, 1))) ** 2
        rows, columns = (
            np.fft.fftfreq(picture.shape[0]),
            np.fft.fftfreq(picture.shape[1]),
        )
        return power[np.hypot(rows[:, None], columns) < 0.15].sum() / power.sum()

    settings = {"start": np.full((24, 24, 3), 127), "steps": 8, "jitter": 2}
    pixels = probe.ascend(model, "more", 0, **settings).picture
    waves = probe.ascend(model, "more", 0, frequencies=True, **settings).picture
    assert 1 - slow(waves) < 0.5 * (1 - slow(pixels))


def test_the_filter_of_frequencies_is_its_own_way_back():
    """So the slope goes through it forward: it is symmetric."""
    canvas = _canvas.Frequencies(noise(7, 10, 3).astype(np.float32))
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=(2, 7, 10, 3))
    forward = np.sum(canvas._filtered(one) * other)
    assert forward == pytest.approx(np.sum(one * canvas._filtered(other)))


def test_waves_fall_like_those_of_photographs():
    """1 / frequency after both ways through the filter, odd sides and even ones."""
    for sides in ((8, 12), (9, 7), (1, 5)):
        rows, columns = (np.fft.fftfreq(side) for side in sides)
        frequency = np.hypot(rows[:, None], columns)[:, : sides[1] // 2 + 1]
        twice = priors.falling(sides) ** 2
        wanted = np.full(twice.shape, 1.0)
        fast = frequency > 1 / max(sides)
        wanted[fast] = 1 / max(sides) / frequency[fast]
        np.testing.assert_allclose(twice, wanted)


def test_colours_of_photographs_are_mostly_light_and_dark():
    found = priors.colours()
    np.testing.assert_allclose(
        found @ found.T, np.diag(np.sum(found**2, axis=1)), atol=1e-9
    )
    assert (found[0] > 0.5).all()
    lengths = np.linalg.norm(found, axis=1)
    assert lengths[0] == pytest.approx(1)
    assert lengths[1] < 0.5 * lengths[0]
    assert lengths[2] < 0.5 * lengths[1]


def test_a_step_in_frequencies_is_the_steepest_one():
    """Of all changes of the noise as long as this one, none lifts a sum more."""
    start = noise(6, 6, 3).astype(np.float32)
    rng = np.random.default_rng(4)
    slope = rng.normal(size=start.shape)

    def picture(canvas, change):
        z = canvas.z + canvas._filtered(change) @ canvas.colours
        return 255 / (1 + np.exp(-z))

    canvas = _canvas.Frequencies(start)
    np.testing.assert_allclose(canvas.picture, start, atol=1e-3)
    share = start / 255
    best = canvas._filtered((slope * share * (1 - share)) @ canvas.colours.T)
    best *= 1e-4 / np.linalg.norm(best)
    lift = np.sum(slope * (picture(canvas, best) - picture(canvas, 0 * best)))
    for _ in range(20):
        other = rng.normal(size=start.shape)
        other *= 1e-4 / np.linalg.norm(other)
        less = np.sum(slope * (picture(canvas, other) - picture(canvas, 0 * best)))
        assert less < lift
    before = canvas.picture.copy()
    canvas.move(slope, 1e-3)
    moved = (canvas.picture - before).astype(np.float64)
    wanted = picture(_canvas.Frequencies(start), best) - before
    along = np.sum(moved * wanted) / np.linalg.norm(moved) / np.linalg.norm(wanted)
    assert along > 0.99


def test_a_shift_there_and_back():
    picture = noise(5, 6, 2)
    by = priors.shift(3, np.random.default_rng(0))
    back = priors.shifted(priors.shifted(picture, by), (-by[0], -by[1]))
    np.testing.assert_array_equal(back, picture)
    drawn = {priors.shift(1, np.random.default_rng(seed)) for seed in range(99)}
    assert drawn == {(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)}


def test_normalised_slopes():
    slope = np.array([[[3.0], [0.0], [-4.0]]], np.float32)
    np.testing.assert_allclose(
        _slopes.normalised(slope).ravel(), np.array([3, 0, -4]) / np.sqrt(12.5)
    )
    assert not _slopes.normalised(0 * slope).any()
    tiny = _slopes.normalised(slope * np.float32(1e-30))
    np.testing.assert_allclose(tiny, _slopes.normalised(slope), rtol=1e-4)
