"""Train the networks that come with the course, and write them to data/.

``python tools/make_weights.py`` (`make weights`) trains all, ``… mnist`` one of them.
What a file says of its network (``exported.shipped("mnist").description["about"]``) was
measured here: the accuracy before and after its weights were rounded, on the test
pictures, which are looked at once, at the very end. Training pictures are moved,
turned and scaled a little, so that the network knows them again when a learner draws
them elsewhere.

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

from helpers import datasets
from helpers.networks import export, exported, models, probe, training

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
class Recipe:
    """Which network learns which set, and how."""

    load: Callable[[], datasets.DataSet]
    network: Callable[[int], keras.Model]
    settings: Settings


RECIPES = {
    "mnist": Recipe(datasets.load_mnist, models.mnist_better, Settings()),
    "quickdraw": Recipe(
        datasets.load_quickdraw, models.quickdraw, Settings(epochs=40, turn=20.0)
    ),
}


def trained(recipe: Recipe, pictures: datasets.DataSet) -> tuple[keras.Model, float]:
    """Return a trained model, and its accuracy on the pictures set aside."""
    settings = recipe.settings
    training.seed(settings.seed)
    x, y, *aside = training.split(
        pictures.train_images[..., None],
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


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Return the share of samples whose class a model finds."""
    return float((probe.outputs(model, x).argmax(axis=-1) == y).mean())


def written(recipe: Recipe, pictures: datasets.DataSet) -> exported.Network:
    """Train, round and measure one network."""
    model, validation = trained(recipe, pictures)
    tests = pictures.test_images[..., None], pictures.test_labels
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


def quick(recipe: Recipe, pictures: datasets.DataSet) -> tuple[Recipe, Any]:
    """Return what trains a few steps on a few pictures."""
    few = replace(
        pictures,
        train_images=pictures.train_images[:200],
        train_labels=pictures.train_labels[:200],
        test_images=pictures.test_images[:100],
        test_labels=pictures.test_labels[:100],
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
