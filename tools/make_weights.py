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
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from helpers import datasets, images
from helpers.networks import export, exported, models, probe, training

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "benchmarks"))
# Scripts, in no package.
import flowers  # noqa: E402
from _experiments import as_kept, backend  # noqa: E402

#: Of the flowers' network: those of an experiment, whose first seed it is.
ALEXNET = flowers.EXPERIMENTS["all together"].settings


@dataclass(frozen=True)
class Settings:
    """How a network of digits or drawings learns.

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
    """

    seed: int = 0
    epochs: int = 20
    batch_size: int = 128
    learning_rate: float = 0.004
    validation: float = 0.1
    shift: float = 0.08
    zoom: float = 0.15
    turn: float = 12.0


@dataclass(frozen=True)
class Recipe:
    """Which network learns which set, and how.

    Attributes
    ----------
    load
        Returns the set.
    settings
        How; these stand in the network's file.
    train
        Recipe and set to a trained network, and its accuracy on what was set aside.
    views
        Pictures of the set to what the network takes.
    weights
        How they are rounded, see `export.network`.
    """

    load: Callable[[], Any]
    settings: Any  # a dataclass
    train: Callable[["Recipe", Any], tuple[keras.Model, float]]
    views: Callable[[np.ndarray], np.ndarray]
    weights: str = "float16"


def drawn(
    network: Callable[[int], keras.Model], recipe: Recipe, pictures: datasets.DataSet
) -> tuple[keras.Model, float]:
    """Train on pictures of digits and drawings; some of them are set aside."""
    settings = recipe.settings
    training.seed(settings.seed)
    x, y, *aside = training.split(
        recipe.views(pictures.train_images),
        pictures.train_labels,
        share=settings.validation,
        seed=settings.seed,
    )
    model = network(len(pictures.class_names))
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
    """Train as benchmarks/flowers.py does, with its first seed."""
    settings: flowers.Settings = recipe.settings
    training.seed(0)
    x, classes = photos.train_images, len(photos.class_names)
    network, learner = flowers.compiled(settings, photos, len(x))
    y = keras.utils.to_categorical(photos.train_labels, classes)
    training.fit(learner, x, y, epochs=settings.epochs, batch_size=settings.batch_size)
    aside = recipe.views(photos.validation_images), photos.validation_labels
    return network, accuracy(network, *aside)


def planes(pictures: np.ndarray) -> np.ndarray:
    """Return gray pictures (N, H, W) as networks take them, (N, H, W, 1)."""
    return pictures[..., None]


def squares(photos: np.ndarray) -> np.ndarray:
    """Return photos as explorers scale them, (N, size, size, 3)."""
    return np.stack([images.square(photo, ALEXNET.size) for photo in photos])


RECIPES = {
    "mnist": Recipe(
        datasets.load_mnist, Settings(), partial(drawn, models.mnist_better), planes
    ),
    "quickdraw": Recipe(
        datasets.load_quickdraw,
        Settings(epochs=40, turn=20.0),
        partial(drawn, models.quickdraw),
        planes,
    ),
    "flowers": Recipe(
        lambda: datasets.load_flowers(side=ALEXNET.side),
        ALEXNET,
        photographed,
        squares,
        weights="8 bits",
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
        "settings": as_kept(recipe.settings),
        "accuracy": {"validation": round(validation, 5), "test": rounded},
        "made": date.today().isoformat(),
        "with": {name: version(name) for name in ("keras", backend(), "numpy")},
    }
    model = models.with_softmax(model)
    return export.network(model, weights=recipe.weights, about=about)


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
