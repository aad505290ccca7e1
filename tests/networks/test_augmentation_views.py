"""Views of AugmentationSampler are what our layers make of the same random numbers."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from helpers import images
from helpers.networks.augmentation import ColourJitter, RandomCrop
from helpers.widgets.parts.augmentation import (
    FIXED,
    RANDOM,
    WHITE,
    Settings,
    view,
    ways,
)
from helpers.widgets.parts.random import RandomFrom

SIDE = 64
VIEWS = 12
CASES = 40 if keras.backend.backend() == "tensorflow" else 10  # each is compiled
PHOTO = images.photo("coffee", size=SIDE, colour=True)
AXES = images.principal_colours(PHOTO)


def drawn(seed):
    """The numbers behind each view: six even ones, three normal ones."""
    random = RandomFrom(seed)
    rows = [
        [random.uniform() for _ in range(6)] + [random.normal() for _ in range(3)]
        for _ in range(VIEWS)
    ]
    return np.array(rows)


@pytest.fixture
def fed(monkeypatch):
    """Let Keras draw the numbers of a seed: returns what sets it."""

    def feed(seed):
        numbers = drawn(seed)
        even = numbers[:, :4].T[..., np.newaxis].astype("float32")
        normal = numbers[:, 6:].astype("float32")
        monkeypatch.setattr(
            keras.random, "uniform", lambda *_, **__: keras.ops.array(even)
        )
        monkeypatch.setattr(
            keras.random,
            "normal",
            lambda *_, stddev, **__: keras.ops.array(normal * stddev),
        )

    return feed


def random_settings(rng):
    return Settings(
        crop=str(rng.choice([FIXED, RANDOM])),
        size=int(rng.integers(1, SIDE + 1)),
        least=float(rng.choice([0.1, 1, rng.uniform(0.1, 1)])),
        mirror=bool(rng.integers(2)),
        colour=float(rng.choice([0, 0.1, 1])),
    )


def by_keras(settings):
    zoom = (settings.least, 1) if settings.crop == RANDOM else None
    crop = RandomCrop(settings.size, zoom=zoom, flip=settings.mirror)
    batch = np.stack([PHOTO.astype("float32")] * VIEWS)
    seen = ColourJitter(AXES, settings.colour)(
        crop(batch, training=True), training=True
    )
    return keras.ops.convert_to_numpy(seen)


def test_every_view_is_the_layers_own(fed):
    rng = np.random.default_rng(0)
    for seed in range(CASES):
        settings = random_settings(rng)
        fed(seed)
        found = ways(settings, SIDE, seed, VIEWS)
        views = [view(PHOTO, way, settings.size, AXES) for way in found]
        np.testing.assert_allclose(
            views, by_keras(settings), atol=0.02, err_msg=f"{seed} {settings}"
        )


def test_brightness_is_kerass_own(monkeypatch):
    """RandomBrightness adds a share of white, drawn evenly both ways."""
    settings = Settings(least=1, mirror=False, colour=0, brightness=0.3)
    found = ways(settings, SIDE, 3, VIEWS)
    views = np.stack([view(PHOTO, way, SIDE, AXES) for way in found])
    light = 0.3 * (2 * drawn(3)[:, 5] - 1)
    layer = keras.layers.RandomBrightness(0.3, value_range=(0, WHITE))
    batch = np.stack([PHOTO.astype("float32")] * VIEWS)
    shape = (VIEWS, 1, 1, 1)
    change = keras.ops.array(light.reshape(shape).astype("float32"))
    wanted = keras.ops.convert_to_numpy(
        layer.transform_images(batch, {"rgb_delta": change * WHITE})
    )
    np.testing.assert_allclose(views.clip(0, WHITE), wanted, atol=0.02)


def test_in_use_a_square_of_any_size_is_the_whole_photo_scaled():
    """So that networks trained with it and without it are asked about the same."""
    photos = np.random.default_rng(0).integers(0, 256, (3, 144, 144, 3), np.uint8)
    crop, resized = RandomCrop(128, zoom=(0.5, 1)), keras.layers.Resizing(128, 128)
    seen = [
        keras.ops.convert_to_numpy(
            keras.Sequential([keras.Input((144, 144, 3)), layer])(photos)
        )
        for layer in (crop, resized)
    ]
    np.testing.assert_allclose(seen[0], seen[1], atol=1e-3)
