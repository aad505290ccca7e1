"""Layers of our own: what they make of a batch, in training and outside it."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import jax
import keras
import numpy as np
import pytest

from helpers import images
from helpers.networks import _max_pooling, export, models, training
from helpers.networks.augmentation import ColourJitter, RandomCrop, RoomNoise
from helpers.networks.layers import MaxPooling2D, ResponseNormalization

RNG = np.random.default_rng(0)
DIRECTIONS = [[9, 9, 9], [5, 0, -5], [1, -2, 1]]


def result(layer, x, **settings):
    return keras.ops.convert_to_numpy(layer(x, **settings))


def photos(batch=4, side=9, channels=3):
    """Photos whose every pixel is another number."""
    count = side * side * channels
    one = np.arange(count, dtype=np.float32).reshape(side, side, channels)
    return np.stack([one] * batch)


# -- the neighbouring maps -------------------------------------------------------------


def test_neighbours_as_the_paper_sums_them():
    x = RNG.normal(0, 30, (2, 3, 4, 7)).astype(np.float32)
    expected = np.empty_like(x)
    for i in range(7):
        around = x[..., max(0, i - 2) : min(6, i + 2) + 1]
        expected[..., i] = x[..., i] / (2 + 1e-4 * (around**2).sum(-1)) ** 0.75
    found = result(ResponseNormalization(), x)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    wide = result(ResponseNormalization(depth=31), x)
    whole = (2 + 1e-4 * (x**2).sum(-1, keepdims=True)) ** 0.75
    np.testing.assert_allclose(wide, x / whole, rtol=1e-5)


def test_alexnet_with_its_neighbours():
    plain = models.alexnet(67, 5, width=0.1)
    model = models.alexnet(67, 5, width=0.1, response_normalization=True)
    names = [layer.name for layer in model.layers]
    assert names.index("filters1") + 1 == names.index("neighbours1")
    assert names.index("neighbours1") + 1 == names.index("pool1")
    assert [name for name in names if "neigh" in name] == ["neighbours1", "neighbours2"]
    assert model.count_params() == plain.count_params()
    with pytest.raises(ValueError, match="neighbours1"):
        export.network(model)


# -- pooling on a graphics card --------------------------------------------------------


@pytest.mark.parametrize("side", [3, 8, 13])
@pytest.mark.parametrize(("size", "strides"), [((3, 3), (2, 2)), ((2, 3), (1, 3))])
def test_the_faster_pooling_is_keras_s(side, size, strides):
    """Forward and back, in JAX, which is there whatever Keras runs on."""
    lax, numpy = jax.lax, jax.numpy
    rng = np.random.default_rng(side)
    x = numpy.asarray(rng.permutation(2 * side * side * 3), "float32")
    x = x.reshape(2, side, side, 3)

    def plain(x):
        window, step = (1, *size, 1), (1, *strides, 1)
        return lax.reduce_window(x, -np.inf, lax.max, window, step, "VALID")

    expected, back = jax.vjp(plain, x)
    found, ours = jax.vjp(lambda x: _max_pooling.pooled(x, size, strides), x)
    np.testing.assert_array_equal(found, expected)
    slopes = numpy.asarray(rng.normal(size=expected.shape), "float32")
    np.testing.assert_allclose(ours(slopes)[0], back(slopes)[0], rtol=1e-6)
    jitted = jax.jit(jax.grad(lambda x: _max_pooling.pooled(x, size, strides).sum()))
    np.testing.assert_allclose(jitted(x), back(numpy.ones_like(slopes))[0], rtol=1e-6)


def test_of_equal_numbers_the_first_has_the_gradient():
    x = jax.numpy.zeros((1, 5, 5, 1))
    slope = jax.grad(lambda x: _max_pooling.pooled(x, (3, 3), (2, 2)).sum())(x)
    firsts = np.zeros((5, 5))
    firsts[:3:2, :3:2] = 1
    np.testing.assert_array_equal(slope[0, :, :, 0], firsts)


def test_the_pooling_layer_is_keras_s_wherever_it_runs(monkeypatch):
    x = RNG.normal(size=(2, 13, 13, 4)).astype(np.float32)
    theirs = result(keras.layers.MaxPooling2D(3, strides=2), x)
    np.testing.assert_array_equal(result(MaxPooling2D(3, strides=2), x), theirs)
    if keras.backend.backend() == "jax":
        monkeypatch.setattr(_max_pooling, "pays", lambda: True)
        np.testing.assert_array_equal(result(MaxPooling2D(3, strides=2), x), theirs)
        same = {"strides": 2, "padding": "same"}
        theirs = result(keras.layers.MaxPooling2D(3, **same), x)
        np.testing.assert_array_equal(result(MaxPooling2D(3, **same), x), theirs)


# -- weight decay ----------------------------------------------------------------------


def test_weights_are_counted_into_the_loss():
    training.seed(0)
    model = models.alexnet(67, 5, width=0.05, l1=0.01, l2=0.03)
    kernels = [w for w in model.weights if w.path.endswith("kernel")]
    assert len(kernels) == 8
    arrays = [keras.ops.convert_to_numpy(one).astype(np.float64) for one in kernels]
    expected = sum(0.01 * np.abs(a).sum() + 0.03 * (a**2).sum() for a in arrays)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-4)
    assert models.alexnet(67, 5, width=0.05).losses == []


# -- views -----------------------------------------------------------------------------


def test_outside_training_the_middle():
    x = photos()
    np.testing.assert_array_equal(result(RandomCrop(5), x), x[:, 2:7, 2:7])
    np.testing.assert_array_equal(result(RandomCrop(9), x), x)
    np.testing.assert_array_equal(result(RandomCrop(9, zoom=(0.5, 1)), x), x)


def test_every_crop_is_there_in_the_photo():
    """All places come, each photo has its own, half of them are mirrored."""
    x, layer = photos(400, 7), RandomCrop(5, seed=1)
    found = result(layer, x, training=True)
    there = {
        (top, left, way): x[0, top : top + 5, left : left + 5][:, ::way].tobytes()
        for top in range(3)
        for left in range(3)
        for way in (1, -1)
    }
    places = {data: place for place, data in there.items()}
    drawn = [places[one.tobytes()] for one in found]  # nothing else is made
    counts = [drawn.count(place) for place in there]
    # 400 in 18 places: 22 expected, a standard deviation of 4.6.
    assert min(counts) >= 6
    assert max(counts) <= 45
    assert drawn != [places[one.tobytes()] for one in result(layer, x, training=True)]


def test_without_flip_nothing_is_mirrored():
    x = photos(50, 9)
    found = result(RandomCrop(9, flip=False), x, training=True)
    np.testing.assert_array_equal(found, x)
    mirrored = result(RandomCrop(9), x, training=True)
    kept = (mirrored == x).all(axis=(1, 2, 3))
    assert 10 < kept.sum() < 40
    np.testing.assert_array_equal(mirrored[~kept], x[~kept][:, :, ::-1])


def test_a_zoomed_square_runs_straight_over_the_photo():
    """Of a photo whose pixels say where they lie, a view says what it shows."""
    side, size = 40, 16
    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    x = np.stack([np.stack([rows, columns], axis=-1)] * 200)
    found = result(RandomCrop(size, zoom=(0.5, 0.9), seed=3), x, training=True)
    steps = np.diff(found[..., 0], axis=1)
    shares = steps.mean(axis=(1, 2)) * size / side
    assert 0.49 <= shares.min() < 0.53
    assert 0.87 < shares.max() <= 0.91
    for one, share in zip(found, shares, strict=True):
        down, across = one[:, 0, 0], one[0, :, 1]
        np.testing.assert_allclose(
            one[..., 0], down[:, None].repeat(size, 1), atol=1e-4
        )
        window, step = share * side, share * side / size
        assert -0.51 <= down[0] - step / 2 <= side - window + 0.51
        np.testing.assert_allclose(np.abs(np.diff(across)), step, atol=1e-3)


def test_the_largest_square_outside_training():
    side, size = 40, 16
    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    x = np.stack([rows, columns], axis=-1)[None]
    found = result(RandomCrop(size, zoom=(0.3, 0.8)), x)[0]
    centres = 4 + (np.arange(size) + 0.5) * 32 / size - 0.5
    np.testing.assert_allclose(found[:, 0, 0], centres, atol=1e-4)
    np.testing.assert_allclose(found[0, :, 1], centres, atol=1e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: RandomCrop(6, seed=seed),
        lambda seed: RandomCrop(6, (0.5, 1), seed=seed),
        lambda seed: ColourJitter(DIRECTIONS, seed=seed),
        lambda seed: RoomNoise((4, 6), seed=seed),
    ],
    ids=["crop", "zoom", "colours", "noise"],
)
def test_a_seed_gives_the_same_views(make, tmp_path):
    x = photos(8)
    one, same, other = (result(make(seed), x, training=True) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert len({view.tobytes() for view in one}) > 4
    training.seed(3)
    free = result(make(None), x, training=True)
    training.seed(3)
    np.testing.assert_array_equal(result(make(None), x, training=True), free)
    model = keras.Sequential([keras.Input(x.shape[1:]), make(1)])
    model.save(tmp_path / "views.keras")
    again = keras.saving.load_model(tmp_path / "views.keras")
    assert again.layers[0].get_config() == model.layers[0].get_config()
    np.testing.assert_array_equal(result(again, x), result(model, x))


def test_bytes_go_in_and_shapes_are_known():
    x = RNG.integers(0, 256, (3, 12, 12, 3), np.uint8)
    model = keras.Sequential(
        [keras.Input((12, 12, 3)), RandomCrop(8), ColourJitter(DIRECTIONS)]
    )
    assert model.output_shape == (None, 8, 8, 3)
    np.testing.assert_array_equal(result(model, x), x[:, 2:10, 2:10])
    assert result(model, x, training=True).dtype == np.float32


@pytest.mark.parametrize("zoom", [None, (0.5, 1)])
def test_they_learn_in_a_compiled_step(zoom):
    """The network learns what is the same in every view of a photo."""
    training.seed(0)
    y = np.arange(40) % 2
    x = RNG.integers(0, 100, (40, 12, 12, 3), np.uint8)
    x[y == 1, ..., 1] += 100
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            *(RandomCrop(8, zoom), ColourJitter(DIRECTIONS)),
            *(layers.Rescaling(1 / 255), layers.GlobalAveragePooling2D()),
            layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss, metrics=["accuracy"])
    model.fit(x, y, batch_size=16, epochs=20, verbose=0)  # the last batch is smaller
    assert model.evaluate(x, y, verbose=0)[1] == 1


def test_a_view_is_whole_in_half_precision():
    """Pixels, and the places they are taken from, survive eight bits."""
    x = RNG.integers(0, 256, (20, 256, 256, 3), np.uint8)
    full, half = (
        RandomCrop(227, seed=5, dtype=d) for d in ("float32", "mixed_bfloat16")
    )
    found = keras.ops.convert_to_numpy(
        keras.ops.cast(half(x, training=True), "float32")
    )
    np.testing.assert_array_equal(found, result(full, x, training=True))


# -- colours ---------------------------------------------------------------------------


def test_each_photo_is_shifted_along_the_directions():
    x, layer = np.full((2000, 2, 2, 3), 100, np.float32), ColourJitter(DIRECTIONS)
    training.seed(4)
    shifts = result(layer, x, training=True) - x
    assert np.ptp(shifts, axis=(1, 2)).max() < 1e-4  # one shift a photo
    found = np.cov(shifts[:, 0, 0].T)
    directions = np.array(DIRECTIONS, float)
    expected = 0.01 * directions.T @ directions
    np.testing.assert_allclose(found, expected, atol=0.12)
    np.testing.assert_array_equal(result(layer, x), x)
    still = result(ColourJitter(DIRECTIONS, strength=0), x, training=True)
    np.testing.assert_array_equal(still, x)


def test_principal_colours_are_numpys():
    pixels = RNG.integers(0, 256, (30, 40, 40, 3), np.uint8)
    pixels[..., 2] = pixels[..., 0] // 2 + 30
    found = images.principal_colours(pixels)
    flat = pixels.reshape(-1, 3).astype(float)
    np.testing.assert_allclose(found.T @ found, np.cov(flat.T, bias=True), rtol=1e-6)
    lengths = np.linalg.norm(found, axis=1)
    assert lengths[0] >= lengths[1] >= lengths[2]
    np.testing.assert_allclose(
        found @ found.T, np.diag(lengths**2), atol=1e-6 * lengths[0] ** 2
    )
    assert (found.sum(axis=1) >= -1e-9).all()


def test_principal_colours_of_many_pixels():
    """More than a million, which are taken in pieces."""
    pixels = RNG.integers(0, 256, (1_100_000, 3), np.uint8)
    found = images.principal_colours(pixels)
    expected = np.cov(pixels.T, bias=True)
    np.testing.assert_allclose(found.T @ found, expected, rtol=1e-6, atol=1e-6)


def test_a_layer_of_training_alone_is_not_exported():
    model = keras.Sequential(
        [
            keras.Input((6, 6, 3)),
            ColourJitter(DIRECTIONS),
            keras.layers.Flatten(),
            keras.layers.Dense(2, name="logits"),
        ]
    )
    assert len(export.network(model).names) == 3


# -- noise -----------------------------------------------------------------------------


def test_a_noise_has_the_power_it_is_said_to_have():
    quiet, scale = np.full((400, 3, 50, 1), -9, np.float32), 5.0
    layer = RoomNoise((0.4, 0.4), scale, seed=0)
    power = np.exp(scale * result(layer, quiet, training=True))
    middle = power[:, 1]  # of low, middle and high it is the one that is not tilted
    assert middle.mean() / np.exp(0.4 * scale) == pytest.approx(1, abs=0.03)
    # As exponentially distributed numbers have it: half lie below ln 2 of the mean.
    assert np.median(middle) / middle.mean() == pytest.approx(np.log(2), abs=0.03)
    low, high = (power[:, row].mean(axis=(1, 2)) for row in (0, 2))
    assert np.corrcoef(np.log(low), np.log(high))[0, 1] < -0.9
    np.testing.assert_array_equal(result(layer, quiet), quiet)


def test_what_is_loud_is_heard_above_a_noise():
    loud = RNG.normal(3, 0.5, (20, 8, 9, 1)).astype(np.float32)
    found = result(RoomNoise((-1, 0)), loud, training=True)
    assert (found >= loud - 1e-5).all()
    np.testing.assert_allclose(found, loud, atol=0.2)


def test_noises_differ_in_loudness():
    quiet = np.full((300, 8, 9, 1), -9, np.float32)
    means = result(RoomNoise((0, 1), 10), quiet, training=True).mean(axis=(1, 2, 3))
    assert means.min() < 0.15
    assert means.max() > 0.8


REFUSED = {
    "one loudness": (lambda: RoomNoise(1), "loudness: got 1. Give the least"),
    "turned round": (lambda: RoomNoise((1, 0)), r"loudness: got \(1, 0\)"),
    "no scale": (lambda: RoomNoise(scale=0), "scale: got 0"),
    "even": (lambda: ResponseNormalization(4), "depth: got 4. Give an odd number"),
    "no size": (lambda: RandomCrop(0), "size: got 0. Give a whole number"),
    "one share": (
        lambda: RandomCrop(4, zoom=(1,)),
        r"zoom: got \(1,\). Give two shares",
    ),
    "a number": (lambda: RandomCrop(4, zoom=0.5), "zoom: got 0.5. Give two shares"),
    "turned": (lambda: RandomCrop(4, zoom=(1, 0.5)), "zoom: got .* Give two shares"),
    "too large": (lambda: RandomCrop(4, zoom=(1, 1.5)), "zoom: got .* Give two shares"),
    "not square": (
        lambda: RandomCrop(4)(np.zeros((1, 6, 8, 3))),
        r"an input of shape \(1, 6, 8, 3\). Give photos of",
    ),
    "small photos": (
        lambda: RandomCrop(4)(np.zeros((1, 3, 3, 3))),
        "photos of 3 pixels. Give photos of 4 pixels a side or more, or a zoom",
    ),
    "two colours": (lambda: ColourJitter(np.eye(2)), r"shape \(2, 2\). Give three"),
    "gray": (lambda: images.principal_colours(np.ones((4, 4))), "Give pixels of red"),
}


@pytest.mark.parametrize(("wrong", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_with_a_sentence(wrong, said):
    with pytest.raises(ValueError, match=said):
        wrong()
