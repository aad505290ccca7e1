"""Train the networks that come with the course, and write them to data/.

``python tools/make_weights.py`` (`make weights`) trains all, ``… mnist`` one of them.
What a file says of its network (``exported.shipped("mnist").description["about"]``) was
measured here: the accuracy before and after its weights were rounded, on the test
pictures, which are looked at once, at the very end. Training pictures are moved,
turned and scaled a little, so that the network knows them again when a learner draws
them elsewhere; of photos a part is cut out, mirrored or not, its colours shifted. The
networks of photos, boards, sounds and sentences are the first seeds of experiments.

The same machine makes the same file again; another one makes one about as good.
``--quick`` trains a few steps only, to try the script.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from helpers import datasets, go, images
from helpers.networks import export, exported, models, playing, probe, training

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "benchmarks"))
# Scripts, in no package.
import flowers  # noqa: E402
import go_moves  # noqa: E402
import sentences  # noqa: E402
import speech  # noqa: E402
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
class Trained:
    """A network that has learned.

    Attributes
    ----------
    model
        It gives logits.
    judged
        A model like it to the share of the test that it gets right.
    validation
        The same of what was set aside; None where all was learned from.
    about
        What is to be said of it besides.
    """

    model: keras.Model
    judged: Callable[[keras.Model], float]
    validation: float | None = None
    about: dict[str, Any] = field(default_factory=dict)


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
        Settings and the set to a trained network.
    few
        The set to a small part of it, to try the script.
    weights
        How they are rounded, see `export.network`.
    """

    load: Callable[[], Any]
    settings: Any  # a dataclass
    train: Callable[[Any, Any], Trained]
    few: Callable[[Any], Any]
    weights: str = "8 bits"


# -- pictures --------------------------------------------------------------------------


def drawn(
    network: Callable[[int], keras.Model],
    settings: Settings,
    pictures: datasets.DataSet,
) -> Trained:
    """Train on pictures of digits and drawings; some of them are set aside."""
    training.seed(settings.seed)
    x, y, *aside = training.split(
        planes(pictures.train_images),
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
    tests = planes(pictures.test_images), pictures.test_labels
    return Trained(
        model,
        lambda one: accuracy(one, *tests),
        accuracy(model, *aside),
        {"classes": list(pictures.class_names)},
    )


def photographed(settings: flowers.Settings, photos: datasets.PhotoSet) -> Trained:
    """Train as benchmarks/flowers.py does, with its first seed."""
    training.seed(0)
    x, classes = photos.train_images, len(photos.class_names)
    network, learner = flowers.compiled(settings, photos, len(x))
    y = keras.utils.to_categorical(photos.train_labels, classes)
    training.fit(learner, x, y, epochs=settings.epochs, batch_size=settings.batch_size)
    aside = squares(photos.validation_images), photos.validation_labels
    tests = squares(photos.test_images), photos.test_labels
    return Trained(
        network,
        lambda one: accuracy(one, *tests),
        accuracy(network, *aside),
        {"classes": list(photos.class_names)},
    )


def planes(pictures: np.ndarray) -> np.ndarray:
    """Return gray pictures (N, H, W) as networks take them, (N, H, W, 1)."""
    return pictures[..., None]


def squares(photos: np.ndarray) -> np.ndarray:
    """Return photos as explorers scale them, (N, size, size, 3)."""
    return np.stack([images.square(photo, ALEXNET.size) for photo in photos])


def first_pictures(pictures: Any) -> Any:
    """Return a few pictures of each part."""
    first = {"train": 200, "validation": 100, "test": 100}
    return replace(
        pictures,
        **{
            name: getattr(pictures, name)[:count]
            for part, count in first.items()
            for name in (f"{part}_images", f"{part}_labels")
            if hasattr(pictures, name)
        },
    )


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Return the share of samples whose class a model finds."""
    return float((probe.outputs(model, x).argmax(axis=-1) == y).mean())


# -- boards, sounds, sentences ---------------------------------------------------------


def played(settings: go_moves.Settings, games: datasets.GoGames) -> Trained:
    """Train as benchmarks/go_moves.py does, with its first seed."""
    learned, aside, tests = map(
        go.positions, (games.train, games.validation, games.test)
    )

    def found(model: keras.Model, some: go.Positions) -> float:
        return playing.hits(playing.shares(model, some), some.moves)

    model = go_moves.trained(settings, 0, learned)
    about = {"planes": list(go.PLANES)}
    return Trained(model, lambda one: found(one, tests), found(model, aside), about)


def first_games(games: datasets.GoGames) -> datasets.GoGames:
    """Return a game of each part."""
    parts = {part: getattr(games, part)[:1] for part in ("train", "validation", "test")}
    return replace(games, **parts)


def spoken(settings: speech.Settings, sounds: datasets.SoundSet) -> Trained:
    """Train as benchmarks/speech.py does, with its first seed."""
    found = sounds.log_mels()
    model = speech.trained(settings, 0, speech.seen(found.train), sounds.train_labels)
    tests = speech.seen(found.test), sounds.test_labels
    about = {
        "classes": list(sounds.class_names),
        "ear": asdict(found.ear),
        "mean": found.mean,
        "deviation": found.deviation,
    }
    return Trained(model, lambda one: accuracy(one, *tests), about=about)


def judged(settings: sentences.Learned, snippets: datasets.TextSet) -> Trained:
    """Train as benchmarks/sentences.py does, with its first fold."""
    given = sentences.parts_of(snippets)
    model, vocabulary, _ = sentences.trained(settings, 0, given)
    aside, tests = (
        (sentences.numbers(settings, 0, vocabulary, part), part.labels)
        for part in given[1:]
    )
    about = {
        "classes": list(snippets.class_names),
        # Words beyond these are cut off; as many paddings stand at every end.
        "words": settings.words,
        "paddings": sentences.WIDEST,
        "vocabulary": list(vocabulary.words),
    }
    return Trained(
        model, lambda one: accuracy(one, *tests), accuracy(model, *aside), about
    )


def first_sentences(snippets: datasets.TextSet) -> datasets.TextSet:
    """Return a few sentences of each part."""
    parts = {
        f"{part}_{what}": getattr(snippets, f"{part}_{what}")[:60]
        for part in ("train", "validation", "test")
        for what in ("sentences", "labels")
    }
    return replace(snippets, **parts)


# -- all of them -----------------------------------------------------------------------

RECIPES = {
    "mnist": Recipe(
        datasets.load_mnist,
        Settings(),
        partial(drawn, models.mnist_better),
        first_pictures,
        weights="float16",
    ),
    "quickdraw": Recipe(
        datasets.load_quickdraw,
        Settings(epochs=40, turn=20.0),
        partial(drawn, models.quickdraw),
        first_pictures,
        weights="float16",
    ),
    "flowers": Recipe(
        lambda: datasets.load_flowers(side=ALEXNET.side),
        ALEXNET,
        photographed,
        first_pictures,
    ),
    "go": Recipe(
        datasets.load_go, go_moves.EXPERIMENTS["CNN"].settings, played, first_games
    ),
    "spoken": Recipe(
        datasets.load_spoken_digits,
        speech.EXPERIMENTS["time, average in time"].settings,
        spoken,
        speech.some,
    ),
    "sentences": Recipe(
        datasets.load_snippets,
        sentences.EXPERIMENTS["CNN"].settings,
        judged,
        first_sentences,
    ),
}


def written(recipe: Recipe, data: Any) -> exported.Network:
    """Train, round and measure one network."""
    trained = recipe.train(recipe.settings, data)
    rounded = {
        kind: round(trained.judged(export.rounded(trained.model, weights=kind)), 5)
        for kind in exported.WEIGHTS
    }
    right: dict[str, Any] = {"test": rounded}
    if trained.validation is not None:
        right = {"validation": round(trained.validation, 5), **right}
    about = {
        "data": data.name,
        "licence of the data": data.licence,
        **trained.about,
        "settings": as_kept(recipe.settings),
        "accuracy": right,
        "made": date.today().isoformat(),
        "with": {name: version(name) for name in ("keras", backend(), "numpy")},
    }
    model = models.with_softmax(trained.model)
    return export.network(model, weights=recipe.weights, about=about)


def quick(recipe: Recipe, data: Any) -> tuple[Recipe, Any]:
    """Return what trains a few steps on a small part."""
    recipe = replace(recipe, settings=replace(recipe.settings, epochs=1))
    return recipe, recipe.few(data)


def main(arguments: list[str] | None = None) -> int:
    """Make what is named; return 1 where the real data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--folder", type=Path, default=ROOT / "data")
    parser.add_argument("--quick", action="store_true", help="a few steps only")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(RECIPES):
        parser.error(f"no network is called {', '.join(sorted(unknown))}")
    for name in given.names or RECIPES:
        recipe, data = RECIPES[name], RECIPES[name].load()
        if given.quick:
            recipe, data = quick(recipe, data)
        elif data.is_fallback:
            print(f"{name} is made from the real data alone: run `make data` first")
            return 1
        network = written(recipe, data)
        path = given.folder / f"{name}.network.npz"
        network.save(path)
        print(f"{path}: {path.stat().st_size:,} bytes, {network}")
        print(network.description["about"]["accuracy"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
