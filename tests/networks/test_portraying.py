"""Portraits of units: made from a model, kept in a file, read again."""

import dataclasses
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from helpers.datasets.photo_set import PhotoSet
from helpers.networks import portraits, probe
from helpers.networks.probe import units

SIDE = 24


def photo_set(train=30, validation=20):
    rng = np.random.default_rng(2)

    def some(count, part):
        # Smooth, as photos are: four blobs of colour.
        small = rng.integers(0, 256, (count, 4, 4, 3), np.uint8)
        labels = np.arange(count) % 2
        names = tuple(f"{'ab'[k % 2]}/{part}{k}.jpg" for k in range(count))
        large = small.repeat(SIDE // 4, axis=1).repeat(SIDE // 4, axis=2)
        return large, labels, names

    parts = [some(n, part) for n, part in ((train, "t"), (validation, "v"), (2, "x"))]
    return PhotoSet(
        "blobs",
        *(one for part in parts for one in part),
        class_names=("a", "b"),
        credits={
            f"a/t{k}.jpg": f"Person {k}, https://a.example/{k}" for k in range(30)
        },
        licence="CC0",
    )


def small():
    keras.utils.set_random_seed(4)
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(6, 5, strides=2, use_bias=False, name="filters1"),
            layers.BatchNormalization(),
            layers.ReLU(name="bend1"),
            layers.Conv2D(8, 3, padding="same", name="filters2"),
            layers.ReLU(name="bend2"),
            layers.Flatten(),
            layers.Dense(5, activation="relu", name="hidden"),
        ],
        name="small",
    )
    kernel, bias = model.get_layer("filters2").get_weights()
    bias[3] = -1e6  # a dead one
    model.get_layer("filters2").set_weights([kernel, bias])
    return model


@pytest.fixture(scope="module")
def data():
    return photo_set()


@pytest.fixture(scope="module")
def model():
    return small()


@pytest.fixture(scope="module")
def found(model, data):
    def ascend(layer, unit):
        return np.full((SIDE, SIDE, 3), 10.0 * unit)

    names = ["bend1", "bend2", "hidden"]
    return probe.portray(model, data, names, count=None, ascend=ascend, progress=False)


def test_every_unit_has_its_patches_and_its_classes(found, model, data):
    assert found.names == ["bend1", "bend2", "hidden"]
    assert (
        repr(found)
        == f"<Portraits of 19 units in 3 layers, {len(found.thumbnails)} photos>"
    )
    for layer in found.layers:
        maps = probe.feature_maps(model, data.train_images)[layer.name]
        aside = probe.feature_maps(model, data.validation_images)[layer.name]
        means = probe.activation(aside, reduce="mean")
        wanted = probe.selectivity(means, data.validation_labels)
        np.testing.assert_allclose(layer.selectivity, wanted.index, rtol=1e-3)
        np.testing.assert_allclose(layer.means, wanted.means, rtol=1e-3, atol=1e-5)
        for k in range(2):
            some = means[data.validation_labels == k]
            np.testing.assert_allclose(
                [layer.low[k], layer.high[k]],
                np.percentile(some, (25, 75), axis=0),
                rtol=1e-3,
                atol=1e-5,
            )
        for row, unit in enumerate(layer.units):
            best = probe.best_patches(
                model, data.train_images, layer.name, int(unit), 4, progress=False
            )
            there = layer.photos[row] >= 0
            assert there.sum() == len(best)
            np.testing.assert_allclose(layer.strengths[row][there], best.strengths)
            np.testing.assert_allclose(layer.boxes[row][there], best.boxes / SIDE)
            assert layer.dead[row] == (maps[..., unit] == 0).all()
    assert found.layer("bend2").dead.tolist() == [k == 3 for k in range(8)]


def test_thumbnails_are_the_photos_and_have_their_credits(found, data):
    for layer in found.layers:
        for photos, boxes in zip(layer.photos, layer.boxes, strict=True):
            for photo, box in zip(photos, boxes, strict=True):
                if photo < 0:
                    assert not box.any()
                    continue
                credit = found.credits[photo]
                assert credit == "" or credit.startswith("Person ")
                if credit:
                    k = int(credit.split()[1].strip(","))
                    shown = found.thumbnails[photo].astype(int)
                    assert abs(shown.mean() - data.train_images[k].mean()) < 3


def test_filters_are_pictures_where_they_look_at_colours(found, model):
    kernel = np.asarray(keras.ops.convert_to_numpy(model.get_layer("filters1").kernel))
    layer = found.layer("bend1")
    assert layer.filters.shape == (6, 5, 5, 3)
    assert not layer.inputs.size
    for k in range(6):
        mine = kernel[..., k]
        wanted = 127.5 + 127.5 * mine / np.abs(mine).max()
        assert np.abs(layer.filters[k] - wanted).max() <= 0.5001
    deeper = found.layer("bend2")
    assert not deeper.filters.size
    kernel = np.asarray(keras.ops.convert_to_numpy(model.get_layer("filters2").kernel))
    shares = (kernel**2).sum(axis=(0, 1))
    shares /= shares.sum(axis=0)
    for k in range(8):
        order = np.argsort(-shares[:, k])
        assert deeper.inputs[k].tolist() == order[:6].tolist()
        np.testing.assert_allclose(deeper.shares[k], shares[order[:6], k], rtol=1e-4)


def test_no_inputs_where_a_weight_goes_to_a_place(found):
    """Behind a flattening numbers are places of maps; a mean of each map is a map."""
    assert found.layer("bend2").inputs.size
    assert not found.layer("hidden").inputs.size
    photo = keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(4, 5, strides=4, activation="relu")(photo)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    x = layers.Dense(5, activation="relu", name="first")(x)
    x = layers.Dense(3, activation="relu", name="second")(layers.Dropout(0.5)(x))
    other = keras.Model(photo, x)
    made = probe.portray(other, photo_set(), ["first", "second"], progress=False)
    assert [layer.inputs.shape for layer in made.layers] == [(5, 4), (3, 5)]


@pytest.mark.parametrize("at", [1, 2])
def test_an_interruption_makes_no_portraits(model, data, monkeypatch, at):
    """Neither in the first way through the photos, nor in the second."""
    responses, calls = units.responses, []

    def some(*given, **settings):
        calls.append(given)
        model, photos, *rest = given
        return responses(
            model, photos[: -2 if len(calls) == at else None], *rest, **settings
        )

    monkeypatch.setattr(units, "responses", some)
    with pytest.raises(KeyboardInterrupt):
        probe.portray(model, data, ["bend1"], count=2, progress=False)
    assert len(calls) == at


def test_some_units_evenly_picked_and_no_ascent(model, data):
    some = probe.portray(model, data, ["bend2"], count=3, patches=2, progress=False)
    [layer] = some.layers
    assert layer.units.tolist() == [0, 4, 7]
    assert (layer.total, layer.maps, layer.looks_at) == (8, (10, 10), (9, 9))
    assert layer.patches.shape == (3, 2, 32, 32, 3)
    assert layer.ascents.shape == (0, 32, 32, 3)
    assert some.about["photos"] == "blobs"
    assert some.about["numbers"] == [30, 20]


def test_a_file_brings_them_back(found, tmp_path):
    path = tmp_path / "units.npz"
    found.save(path, quality=90)
    again = portraits.load(path)
    assert again.class_names == found.class_names
    assert again.credits == found.credits
    assert again.about == found.about
    assert np.abs(again.thumbnails - found.thumbnails.astype(int)).mean() < 12
    for old, new in zip(found.layers, again.layers, strict=True):
        for name in ("name", "total", "maps", "looks_at"):
            assert getattr(new, name) == getattr(old, name)
        for name in ("units", "photos", "inputs", "dead", "filters"):
            np.testing.assert_array_equal(getattr(new, name), getattr(old, name))
        for name in ("boxes", "strengths", "means", "low", "high", "selectivity"):
            np.testing.assert_allclose(
                getattr(new, name), getattr(old, name), rtol=1e-3, atol=1e-3
            )
        assert np.abs(new.patches - old.patches.astype(int)).mean() < 16
        assert new.ascents.shape == old.ascents.shape
        np.testing.assert_allclose(new.ascents[2].mean(), 20, atol=3)
    found.save(tmp_path / "again.npz", quality=90)
    with np.load(path) as one, np.load(tmp_path / "again.npz") as other:
        assert all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_numbers_too_large_for_two_bytes_keep_four(found, tmp_path):
    """As VGG16's activations, on pixels of 0 to 255, may be."""
    path = tmp_path / "units.npz"
    first, *others = found.layers
    large = dataclasses.replace(
        first,
        strengths=first.strengths + np.float32(1e5),
        means=first.means - np.float32(1e5),
        inputs=np.full((6, 2), 40_000),
        selectivity=np.full(6, np.nan, np.float32),
    )
    dataclasses.replace(found, layers=(large, *others)).save(path)
    again = portraits.load(path).layers[0]
    for name in ("strengths", "means"):
        kept = getattr(again, name)
        assert kept.dtype == np.float32
        np.testing.assert_array_equal(kept, getattr(large, name))
    assert again.inputs.dtype == np.int64
    np.testing.assert_array_equal(again.inputs, large.inputs)
    assert np.isnan(again.selectivity).all()


def test_a_file_that_holds_something_else_is_refused(found, tmp_path):
    path = tmp_path / "units.npz"
    for content in (b"", b"no archive"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="holds no portraits"):
            portraits.load(path)
    found.save(path)
    whole = path.read_bytes()
    with np.load(path) as kept:
        parts = dict(kept)
    for odd in (
        {"0 patches": parts["0 patches"] * 0},  # no WebP
        {"told": parts["told"] * 0},
        {"0 filters": parts["0 filters"][1:]},
    ):
        np.savez(path, **(parts | odd))
        with pytest.raises(ValueError, match=r"units\.npz, which holds no portraits"):
            portraits.load(path)
    for content in (whole[:-50], whole[: len(whole) // 2], whole[100:]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="holds no portraits"):
            portraits.load(path)
    at = whole.index(b"0 patches.npy") + 200  # a byte inside, changed
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    with pytest.raises(ValueError, match="holds no portraits"):
        portraits.load(path)
    np.savez(path, told=np.frombuffer(b'{"version": 2}', np.uint8))
    with pytest.raises(ValueError, match="portraits of version 2"):
        portraits.load(path)
    with pytest.raises(OSError, match="nowhere"):
        portraits.load(tmp_path / "nowhere.npz")
    with pytest.raises(ValueError, match='Give "flowers"'):
        portraits.shipped("digits")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"data": np.zeros((3, 24, 24, 3))}, "Give what load_flowers"),
        ({"layers": ["bend1", "bend3"]}, "layers: got 'bend3'. Did you mean"),
        ({"model": None}, "model: got None"),
        ({"count": 0}, "count: got 0"),
        ({"patches": 0}, "patches: got 0"),
        ({"layers": ["filters1"]}, "behind its ReLU"),
    ],
)
def test_what_cannot_be_portrayed_is_refused(model, data, given, said):
    usual = {"model": model, "data": data, "layers": ["bend1"], "progress": False}
    with pytest.raises(ValueError, match=said):
        probe.portray(**{**usual, **given})


def test_those_of_the_course():
    """Small enough to come along, with everyone's name."""
    found = portraits.shipped()
    assert [len(layer.units) for layer in found.layers] == [24] * 5
    assert [layer.total for layer in found.layers] == [24, 64, 96, 96, 64]
    assert found.class_names == ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    assert all(credit for credit in found.credits)
    assert len(found.credits) == len(found.thumbnails)
    assert "CC BY" in found.about["licence of the photos"]
    for layer in found.layers:
        assert layer.patches.shape == (24, 4, 32, 32, 3)
        assert layer.photos.max() < len(found.thumbnails)
        assert ((layer.selectivity >= 0) | np.isnan(layer.selectivity)).all()
