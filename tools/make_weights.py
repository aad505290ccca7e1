"""Train the networks that come with the course, and write them to data/.

``python tools/make_weights.py`` (`make weights`) trains all, ``… mnist`` one of them.
What a file says of its network (``exported.shipped("mnist").description["about"]``) was
measured here: the accuracy before and after its weights were rounded, on the test
pictures, which are looked at once, at the very end. Training pictures are moved,
turned and scaled a little, so that the network knows them again when a learner draws
them elsewhere; of photos a part is cut out, mirrored or not, its colours shifted.

The same machine makes the same file again; another one makes one about as good.
``--quick`` trains a few steps only, to try the script.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from helpers import datasets, images
from helpers.networks import export, exported, models, probe, training
from helpers.networks.augmentation import ColourJitter, RandomCrop

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """How a network learns; these stand in its file.

    Attributes
    ----------
    seed
        Of all that is random.
    epochs, batch_size, learning_rate
        As everywhere; the rate warms up and goes down like a cosine.
    validation
        Which share of the training pictures is set aside, never learned from.
    shift, zoom
        Up to which share of its side a picture is moved, made larger or smaller.
    turn
        Up to how many degrees it is turned.
    weights
        How they are rounded, see `export.network`.
    """

    seed: int = 0
    epochs: int = 20
    batch_size: int = 128
    learning_rate: float = 0.004
    validation: float = 0.1
    shift: float = 0.08
    zoom: float = 0.15
    turn: float = 12.0
    weights: str = "float16"


@dataclass(frozen=True)
class PhotoSettings:
    """How a network of photos learns; these stand in its file.

    Attributes
    ----------
    seed, epochs, batch_size, learning_rate, weights
        As for `Settings`.
    side, size
        Pixels a side of the photos, and of what the network takes.
    zoom
        The least share of its side that a square cut out of a photo has.
    colours
        Standard deviation of the shifts along the directions of colours.
    decay
        The share of each weight that AdamW takes off at a step, times the rate.
    smoothing
        How much of each label goes to all classes alike.
    """

    seed: int = 0
    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 0.003
    side: int = 160
    size: int = 128
    zoom: float = 0.7
    colours: float = 0.1
    decay: float = 0.02
    smoothing: float = 0.1
    weights: str = "8 bits"


@dataclass(frozen=True)
class Recipe:
    """Which network learns which set, and how.

    Attributes
    ----------
    load
        Returns the set.
    network
        Number of classes to a new network that gives logits.
    settings
        `Settings` or `PhotoSettings`.
    train
        Recipe and set to a trained network, and its accuracy on what was set aside.
    views
        Pictures of the set to what the network takes.
    """

    load: Callable[[], Any]
    network: Callable[[int], keras.Model]
    settings: Any
    train: Callable[["Recipe", Any], tuple[keras.Model, float]]
    views: Callable[[np.ndarray], np.ndarray]


def drawn(recipe: Recipe, pictures: datasets.DataSet) -> tuple[keras.Model, float]:
    """Train on pictures of digits and drawings; some of them are set aside."""
    settings = recipe.settings
    training.seed(settings.seed)
    x, y, *aside = training.split(
        recipe.views(pictures.train_images),
        pictures.train_labels,
        share=settings.validation,
        seed=settings.seed,
    )
    model = recipe.network(len(pictures.class_names))
    learner = models.shaken(
        model, shift=settings.shift, turn=settings.turn, zoom=settings.zoom
    )
    rate = training.cosine(
        settings.learning_rate,
        epochs=settings.epochs,
        samples=len(x),
        batch_size=settings.batch_size,
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    learner.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    training.fit(learner, x, y, epochs=settings.epochs, batch_size=settings.batch_size)
    return model, accuracy(model, *aside)


def photographed(
    recipe: Recipe, photos: datasets.PhotoSet
) -> tuple[keras.Model, float]:
    """Train on photos, each seen in another way every time; a part is set aside."""
    settings = recipe.settings
    training.seed(settings.seed)
    classes = len(photos.class_names)
    model = recipe.network(classes)
    directions = images.principal_colours(photos.train_images)
    learner = keras.Sequential(
        [
            keras.Input(photos.train_images.shape[1:]),
            RandomCrop(settings.size, zoom=(settings.zoom, 1)),
            ColourJitter(directions, settings.colours),
            model,
        ]
    )
    x, y = photos.train_images, photos.train_labels
    rate = training.cosine(
        settings.learning_rate,
        epochs=settings.epochs,
        samples=len(x),
        batch_size=settings.batch_size,
    )
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=settings.smoothing
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.decay)
    learner.compile(optimizer, loss, metrics=["accuracy"])
    y = keras.utils.to_categorical(y, classes)
    training.fit(learner, x, y, epochs=settings.epochs, batch_size=settings.batch_size)
    aside = recipe.views(photos.validation_images), photos.validation_labels
    return model, accuracy(model, *aside)


def planes(pictures: np.ndarray) -> np.ndarray:
    """Return gray pictures (N, H, W) as networks take them, (N, H, W, 1)."""
    return pictures[..., None]


def squares(photos: np.ndarray) -> np.ndarray:
    """Return photos as explorers scale them, (N, size, size, 3)."""
    size = PhotoSettings().size
    return np.stack([images.square(photo, size) for photo in photos])


RECIPES = {
    "mnist": Recipe(
        datasets.load_mnist, models.mnist_better, Settings(), drawn, planes
    ),
    "quickdraw": Recipe(
        datasets.load_quickdraw,
        models.quickdraw,
        Settings(epochs=40, turn=20.0),
        drawn,
        planes,
    ),
    "flowers": Recipe(
        lambda: datasets.load_flowers(side=PhotoSettings().side),
        lambda classes: models.small_resnet(PhotoSettings().size, classes),
        PhotoSettings(),
        photographed,
        squares,
    ),
}


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Return the share of samples whose class a model finds."""
    return float((probe.outputs(model, x).argmax(axis=-1) == y).mean())


def written(recipe: Recipe, pictures: Any) -> exported.Network:
    """Train, round and measure one network."""
    model, validation = recipe.train(recipe, pictures)
    tests = recipe.views(pictures.test_images), pictures.test_labels
    rounded = {
        kind: round(accuracy(export.rounded(model, weights=kind), *tests), 5)
        for kind in exported.WEIGHTS
    }
    about = {
        "data": pictures.name,
        "licence of the data": pictures.licence,
        "classes": list(pictures.class_names),
        "settings": asdict(recipe.settings),
        "accuracy": {"validation": round(validation, 5), "test": rounded},
        "made": date.today().isoformat(),
        "with": {name: version(name) for name in ("keras", backend(), "numpy")},
    }
    model = models.with_softmax(model)
    return export.network(model, weights=recipe.settings.weights, about=about)


def backend() -> str:
    """Return the package that Keras runs on."""
    return str(keras.backend.backend())


def quick(recipe: Recipe, pictures: Any) -> tuple[Recipe, Any]:
    """Return what trains a few steps on a few pictures."""
    first = {"train": 200, "validation": 100, "test": 100}
    few = replace(
        pictures,
        **{
            name: getattr(pictures, name)[:count]
            for part, count in first.items()
            for name in (f"{part}_images", f"{part}_labels")
            if hasattr(pictures, name)
        },
    )
    return replace(recipe, settings=replace(recipe.settings, epochs=1)), few


def main(arguments: list[str] | None = None) -> int:
    """Make what is named; return 1 where the real pictures are missing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--folder", type=Path, default=ROOT / "data")
    parser.add_argument("--quick", action="store_true", help="a few steps only")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(RECIPES):
        parser.error(f"no network is called {', '.join(sorted(unknown))}")
    for name in given.names or RECIPES:
        recipe, pictures = RECIPES[name], RECIPES[name].load()
        if given.quick:
            recipe, pictures = quick(recipe, pictures)
        elif pictures.is_fallback:
            print(f"{name} is made from the real pictures alone: run `make data` first")
            return 1
        network = written(recipe, pictures)
        path = given.folder / f"{name}.network.npz"
        network.save(path)
        print(f"{path}: {path.stat().st_size:,} bytes, {network}")
        print(network.description["about"]["accuracy"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
