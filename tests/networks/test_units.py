"""What excites a unit: where it looks, its best patches, its classes."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from helpers import ops
from helpers.networks import models, probe
from helpers.networks.gradients import value_and_gradients
from helpers.networks.probe import _within, units


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# -- activation ------------------------------------------------------------------------


def test_the_degree_of_activation_is_the_sum_of_a_map(rng):
    maps = rng.normal(size=(3, 11, 11, 5)).astype(np.float32)
    by_hand = np.zeros((3, 5))
    for picture in range(3):
        for k in range(5):
            for i in range(11):
                for j in range(11):
                    by_hand[picture, k] += maps[picture, i, j, k]
    np.testing.assert_allclose(probe.activation(maps), by_hand, atol=1e-5)
    np.testing.assert_allclose(
        probe.activation(maps, reduce="mean"), by_hand / 121, atol=1e-7
    )
    largest = probe.activation(maps, reduce="max")
    assert largest.tolist() == maps.max(axis=(1, 2)).tolist()
    dense = rng.normal(size=(4, 6))
    for reduce in units.REDUCTIONS:
        assert (probe.activation(dense, reduce=reduce) == dense).all()


def test_the_sum_is_exact_where_bytes_would_wrap():
    maps = np.full((1, 20, 20, 2), 255, np.uint8)
    assert probe.activation(maps).tolist() == [[102_000.0, 102_000.0]]


@pytest.mark.parametrize(
    ("maps", "reduce", "said"),
    [
        (np.zeros((3, 4, 5)), "sum", "np.newaxis"),
        (np.zeros(3), "sum", "Give"),
        (np.zeros((1, 2)), "median", 'Give "sum", "mean" or "max"'),
        ([], "sum", "at least one number"),
        ("maps", "sum", "maps"),
    ],
)
def test_what_has_no_activation_is_refused(maps, reduce, said):
    with pytest.raises(ValueError, match=said):
        probe.activation(maps, reduce=reduce)


# -- where units look ------------------------------------------------------------------


def uneven():
    """Everything that slides: uneven paddings, strides and dilations, no two alike."""
    return keras.Sequential(
        [
            keras.Input((37, 30, 2)),
            layers.Rescaling(1 / 255),
            layers.ZeroPadding2D(((2, 1), (1, 0))),
            layers.Conv2D(3, (3, 2), strides=(2, 1), padding="same", name="first"),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.AveragePooling2D((2, 3), strides=(1, 2), padding="same"),
            layers.DepthwiseConv2D(3, dilation_rate=2, name="second"),
            layers.Cropping2D(((1, 0), (0, 1))),
            layers.SeparableConv2D(4, (2, 3), padding="same", name="third"),
            layers.Dropout(0.5),
            layers.Dense(5, name="mixed"),
            layers.GlobalAveragePooling2D(name="mean"),
            layers.Dense(2, name="logits"),
        ]
    )


def branched():
    inputs = keras.Input((24, 24, 2))
    x = layers.Conv2D(4, 3, strides=2, padding="same", name="stem")(inputs)
    narrow = layers.Conv2D(4, 1)(x)
    wide = layers.Conv2D(4, 5, padding="same")(x)
    x = layers.Add(name="both")([narrow, wide])
    x = layers.LeakyReLU()(keras.ops.multiply(x, 2.0))
    inner = keras.Sequential([keras.Input((12, 12, 4)), layers.Conv2D(4, 3)])
    outputs = layers.Conv2D(2, 3, name="last")(inner(x))
    return keras.Model(inputs, outputs)


def support_of(model, layer):
    """A function: which pixels have a gradient, rows and columns, first and last."""
    part = _within.up_to(model, layer)

    def chosen(values, mask):
        return keras.ops.sum(part(values[0], training=False) * mask)

    slopes = value_and_gradients(chosen)
    rng = np.random.default_rng(3)
    x = rng.random((1, *model.input_shape[1:])).astype(np.float32)

    def support(place):
        mask = np.zeros((1, *part.output.shape[1:]), np.float32)
        mask[(0, *(place or ()))] = rng.random(mask.shape[-1])
        _, [gradient] = slopes([x], mask)
        size = np.abs(np.asarray(keras.ops.convert_to_numpy(gradient)))[0].max(axis=-1)
        rows, columns = (np.flatnonzero(size.any(axis=axis)) for axis in (1, 0))
        return rows[0], rows[-1], columns[0], columns[-1]

    return support


@pytest.mark.parametrize(
    ("make", "layer"),
    [
        *((uneven, name) for name in ("first", "second", "third", "mixed", "logits")),
        *((branched, name) for name in ("stem", "both", "last")),
    ],
)
def test_the_field_is_where_the_gradient_is(make, layer):
    keras.utils.set_random_seed(3)
    model = make()
    where = probe.field(model, layer)
    sides = model.input_shape[1:3]
    rows, columns = where.places
    shape = _within.up_to(model, layer).output.shape[1:]
    assert where.places == (tuple(shape[:2]) if len(shape) == 3 else (1, 1))
    support = support_of(model, layer)
    places = [None]
    if len(shape) == 3:
        places = [(0, 0), (rows - 1, columns - 1), (rows // 2, columns // 3)]
    for place in places:
        top, left, tall, wide = where.box(place)
        bottom, right = (
            min(a + n, side) - 1
            for a, n, side in zip((top, left), (tall, wide), sides, strict=True)
        )
        wanted = (max(top, 0), bottom, max(left, 0), right)
        assert support(place) == wanted


@pytest.mark.once
def test_alexnet_and_the_arithmetic_of_lesson_02():
    model = models.alexnet(128, 5, width=0.05, batch_normalization=True)
    stack = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1)]
    names = ["filters1", "pool1", "bend2", "pool2", "bend3", "norm4", "bend5"]
    for k, name in enumerate(names):
        where = probe.field(model, name)
        assert where.size == (ops.receptive_field(stack[: k + 1]),) * 2
    assert where.size == (163, 163)
    assert where.places == (6, 6)
    # After the last pooling comes a list: each of its units sees all.
    assert probe.field(model, "hidden6").places == (1, 1)


def test_a_model_that_takes_any_size():
    model = keras.Sequential(
        [keras.Input((None, None, 3)), layers.Conv2D(4, 3, strides=2, name="conv")]
    )
    with pytest.raises(ValueError, match=r"size: .*Give|size: .*give"):
        probe.field(model, "conv")
    assert probe.field(model, "conv", (31, 64)).places == (15, 31)
    fixed = uneven()
    with pytest.raises(ValueError, match=r"The model takes \(37, 30\)"):
        probe.field(fixed, "first", (37, 31))


class Shifted(layers.Layer):
    """Looks at its neighbour, and tells nobody."""

    def call(self, x):
        return keras.ops.roll(x, 1, axis=1)


@pytest.mark.parametrize(
    "odd",
    [
        Shifted(name="odd"),
        layers.UpSampling2D(name="odd"),
        layers.Conv2DTranspose(2, 3, name="odd"),
        layers.GroupNormalization(1, name="odd"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_of_which_nothing_is_known_is_named(odd):
    model = keras.Sequential([keras.Input((8, 8, 2)), odd, layers.Conv2D(2, 1)])
    with pytest.raises(ValueError, match=f'"odd", a {type(odd).__name__}'):
        probe.field(model, model.layers[-1].name)


def test_what_has_no_field_is_refused():
    model = uneven()
    with pytest.raises(ValueError, match='Did you mean "first"'):
        probe.field(model, "frist")
    with pytest.raises(ValueError, match="Give one that takes one picture"):
        probe.field(
            models.with_softmax(
                keras.Sequential([keras.Input((4,)), layers.Dense(2, name="d")])
            ),
            "d",
        )
    with pytest.raises(ValueError, match="Give a row below"):
        probe.field(model, "first").box((99, 0))
    a, b = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    both = keras.Model([a, b], layers.Add(name="sum")([a, b]))
    with pytest.raises(ValueError, match="of 2 inputs"):
        probe.field(both, "sum")
    x = keras.Input((8, 8, 1))
    fine = layers.Conv2D(1, 2, strides=2, name="fine")(x)
    coarse = layers.Conv2D(1, 5, name="coarse")(x)
    joined = keras.Model(x, layers.Add(name="sum")([fine, coarse]))
    with pytest.raises(ValueError, match="branches of other steps"):
        probe.field(joined, "sum")


# -- best patches ----------------------------------------------------------------------


def small(size=20, gray=False):
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((size, size, 1 if gray else 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(6, 5, strides=2, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(4, 3, padding="same", activation="relu", name="deep"),
            layers.Flatten(),
            layers.Dense(3, activation="relu", name="dense"),
        ]
    )


def photos(count=40, size=20, channels=3):
    rng = np.random.default_rng(2)
    return rng.integers(0, 256, (count, size, size, channels), np.uint8)


@pytest.mark.parametrize("gray", [False, True])
def test_patches_are_found_and_cut_as_by_hand(gray):
    model, x = small(gray=gray), photos(channels=1 if gray else 3)
    maps = probe.feature_maps(model, x)["deep"]
    before = x.copy()
    for unit in range(4):
        found = probe.best_patches(model, x, "deep", unit, 5, progress=False)
        order = np.argsort(-maps[..., unit].max(axis=(1, 2)), kind="stable")
        alive = [k for k in order if maps[k, ..., unit].max() > 0][:5]
        assert found.photos.tolist() == alive
        for n, k in enumerate(alive):
            row, column = found.places[n]
            assert found.strengths[n] == maps[k, ..., unit].max()
            assert maps[k, row, column, unit] == found.strengths[n]
            top, left, tall, wide = found.boxes[n]
            assert (tall, wide) == found.pictures.shape[1:3]
            outside = 0
            for i in range(tall):
                for j in range(wide):
                    inside = 0 <= top + i < 20 and 0 <= left + j < 20
                    wanted = x[k, top + i, left + j] if inside else 127.5
                    outside += not inside
                    assert (found.pictures[n, i, j] == wanted).all()
            assert found.beyond[n] == pytest.approx(outside / (tall * wide))
    np.testing.assert_array_equal(x, before)
    assert found.pictures.dtype == np.float32


def test_the_patch_alone_excites_the_unit_as_the_photo_did():
    """All that it looks at is in the patch, where the patch lies inside."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            layers.Conv2D(8, 5, strides=2, activation="relu"),
            layers.MaxPooling2D(3, strides=2),
            layers.Conv2D(8, 3, name="deep"),
        ]
    )
    x = photos(10, 40)
    part = _within.up_to(model, "deep")
    for unit in range(8):
        found = probe.best_patches(model, x, "deep", unit, 4, progress=False)
        assert not found.beyond.any()
        alone = np.asarray(keras.ops.convert_to_numpy(part(found.pictures)))
        assert alone.shape[1:3] == (1, 1)
        np.testing.assert_allclose(
            alone[:, 0, 0, unit], found.strengths, rtol=1e-4, atol=1e-3
        )


def test_one_way_through_the_photos_serves_all_units(monkeypatch):
    model, x = small(), photos(30)
    monkeypatch.setattr(units, "_MOST_AT_ONCE", 7)  # the last part is smaller
    seen = probe.responses(model, x, "deep", progress=False)
    assert (len(seen), seen.units) == (30, 4)
    maps = probe.feature_maps(model, x)["deep"]
    np.testing.assert_allclose(seen.strongest, maps.max(axis=(1, 2)), atol=1e-6)
    np.testing.assert_allclose(
        seen.means, probe.activation(maps, reduce="mean"), atol=1e-5
    )
    for unit in range(4):
        once = probe.best_patches(model, x, "deep", unit, seen=seen)
        again = probe.best_patches(model, x, "deep", unit, progress=False)
        assert once.photos.tolist() == again.photos.tolist()
        np.testing.assert_array_equal(once.pictures, again.pictures)


def test_a_dense_unit_looks_at_the_whole_photo():
    model, x = small(), photos()
    kernel, _ = model.get_layer("dense").get_weights()
    model.get_layer("dense").set_weights([kernel, np.full(3, 10)])  # alive for all
    found = probe.best_patches(model, x, "dense", 0, 3, progress=False)
    answers = probe.outputs(model, x)[:, 0]
    assert found.photos.tolist() == np.argsort(-answers, kind="stable")[:3].tolist()
    assert found.boxes[:, 2:].min() >= 20


def test_a_dead_unit_has_no_patch():
    model, x = small(), photos()
    kernel, bias = model.get_layer("deep").get_weights()
    bias[2] = -1e6
    model.get_layer("deep").set_weights([kernel, bias])
    found = probe.best_patches(model, x, "deep", 2, progress=False)
    assert len(found) == 0
    assert found.pictures.shape == (0, *probe.field(model, "deep").size, 3)
    assert repr(found).startswith("<0 patches of ")
    maps = probe.feature_maps(model, x)["deep"]
    assert probe.dead(maps).tolist() == [False, False, True, False]
    assert probe.dead(probe.activation(maps)).tolist() == [False, False, True, False]


def test_other_types_and_one_photo():
    model, x = small(), photos(1)
    wanted = probe.best_patches(model, x, "deep", 0, progress=False)
    for same in (x.astype(np.float64), x.astype(np.int32), x.tolist()):
        found = probe.best_patches(model, same, "deep", 0, progress=False)
        np.testing.assert_array_equal(found.pictures, wanted.pictures)
    flat = np.full((2, 20, 20, 3), 127.5)
    assert len(probe.best_patches(model, flat, "dense", 0, progress=False)) == 0


def test_an_interruption_keeps_the_photos_so_far(monkeypatch, capsys):
    model, x = small(), photos(20)
    monkeypatch.setattr(units, "_MOST_AT_ONCE", 8)
    noted, calls = units._noted, []

    def twice(maps):
        calls.append(maps)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return noted(maps)

    monkeypatch.setattr(units, "_noted", twice)
    assert len(probe.responses(model, x, "deep", progress=False)) == 16
    said = "Interrupted: 16 of 20 photos are done. This is what there is so far.\n"
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"photos": np.zeros((2, 20, 21, 3))}, r"Give \(N, 20, 20, 3\)"),
        ({"photos": np.zeros((20, 20, 3))}, r"Give \(N, 20, 20, 3\)"),
        ({"photos": np.full((2, 20, 20, 3), np.nan)}, "not finite"),
        ({"layer": "depe"}, 'Did you mean "deep"'),
        ({"unit": 4}, "from 0 to 3"),
        ({"unit": -1}, "unit: got -1"),
        ({"count": 0}, "count: got 0"),
        ({"model": "model"}, "model"),
        ({"progress": "no"}, "progress: got 'no'"),
    ],
)
def test_what_has_no_patches_is_refused(given, said):
    usual = {"model": small(), "photos": photos(3), "layer": "deep", "unit": 0}
    with pytest.raises(ValueError, match=said):
        probe.best_patches(**{**usual, "progress": False, **given})


def test_answers_to_other_photos_are_refused():
    model, x = small(), photos(5)
    seen = probe.responses(model, x, "deep", progress=False)
    for layer, some in (("dense", x), ("deep", x[:3])):
        with pytest.raises(ValueError, match="seen: got answers of deep to 5 photos"):
            probe.best_patches(model, some, layer, 0, seen=seen)
    for some in (photos(5, 21), x[..., 0], x[0]):
        with pytest.raises(ValueError, match=r"photos: got shape .* Give \(N, 20, 20"):
            probe.best_patches(model, some, "deep", 0, seen=seen)
    free = keras.Sequential(
        [keras.Input((None, None, 3)), layers.Conv2D(2, 3, name="deep")]
    )
    seen = probe.responses(free, x, "deep", progress=False)
    said = "answers of deep to 5 photos of 20 × 20. Give those of deep to these 5 of 24"
    with pytest.raises(ValueError, match=said):
        probe.best_patches(free, photos(5, 24), "deep", 0, seen=seen)


# -- selectivity, dead ones, duplicates ------------------------------------------------


def test_selectivity_by_the_formula(rng):
    activations, labels = rng.random((50, 7)), rng.integers(0, 4, 50)
    activations[:, 3] = 0
    found = probe.selectivity(activations, labels)
    for unit in range(7):
        means = [activations[labels == k, unit].mean() for k in range(4)]
        best = int(np.argmax(means))
        others = np.mean([mean for k, mean in enumerate(means) if k != best])
        assert found.classes[unit] == best
        if unit == 3:
            assert np.isnan(found.index[unit])
            continue
        wanted = (means[best] - others) / (means[best] + others)
        assert found.index[unit] == pytest.approx(wanted)
        np.testing.assert_allclose(found.means[:, unit], means)
    # A factor changes nothing.
    tenfold = probe.selectivity(10 * activations, labels)
    np.testing.assert_allclose(tenfold.index, found.index)


@pytest.mark.parametrize(
    ("activations", "labels", "classes", "said"),
    [
        ([[1.0], [2.0]], [0, 2], None, "no sample of class 1"),
        ([[1.0], [2.0]], [0, 1], 3, "no sample of class 2"),
        ([[1.0], [-2.0]], [0, 1], None, "a negative one, -2"),
        ([[1.0], [2.0]], [0], None, "Give 2 whole numbers"),
        ([[1.0], [2.0]], [0.0, 1.0], None, "Give 2 whole numbers"),
        ([[1.0], [2.0]], [-1, 1], None, "Give 2 whole numbers"),
        ([[np.nan], [2.0]], [0, 1], None, "not finite"),
        (np.ones((2, 3, 3, 1)), [0, 1], None, "probe.activation"),
        ([[1.0], [2.0]], [0, 1], 1, "classes: got 1"),
    ],
)
def test_what_has_no_selectivity_is_refused(activations, labels, classes, said):
    with pytest.raises(ValueError, match=said):
        probe.selectivity(activations, labels, classes)


def test_duplicates_are_those_that_corrcoef_finds(rng):
    kernel = rng.normal(size=(3, 3, 4, 12))
    kernel[..., 5] = 2 * kernel[..., 1] + 3
    kernel[..., 7] = kernel[..., 2] + 0.1 * rng.normal(size=(3, 3, 4))
    kernel[..., 8] = -kernel[..., 3]  # the opposite is no duplicate
    kernel[..., 9] = 0.1  # nothing to compare
    kernel[..., 10] = 0.1
    found = probe.duplicates(kernel, 0.9)
    with np.errstate(invalid="ignore"):
        wanted = np.corrcoef(kernel.reshape(-1, 12).T)
    pairs = {
        (a, b) for a in range(12) for b in range(a + 1, 12) if wanted[a, b] >= 0.9
    } - {(9, 10)}
    assert {pair[:2] for pair in found} == pairs == {(1, 5), (2, 7)}
    for first, second, correlation in found:
        assert correlation == pytest.approx(wanted[first, second])
    assert [pair.correlation for pair in found] == sorted(
        (pair.correlation for pair in found), reverse=True
    )
    assert probe.duplicates(kernel.astype(np.float32), 0.9)[0][:2] == (1, 5)
    assert probe.duplicates(np.ones((4, 3))) == []


@pytest.mark.parametrize(
    ("values", "least", "said"),
    [
        ([1.0, 2.0], 0.9, "the last axis"),
        ([[1.0, np.nan]], 0.9, "not finite"),
        ([[1.0, 2.0]], 0, "least: got 0"),
        ([[1.0, 2.0]], 1.1, "least: got 1.1"),
    ],
)
def test_what_has_no_duplicates_is_refused(values, least, said):
    with pytest.raises(ValueError, match=said):
        probe.duplicates(values, least)


def test_no_dead_ones_among_what_has_no_units():
    with pytest.raises(ValueError, match=r"Give \(N, C\)"):
        probe.dead([1, 2])
