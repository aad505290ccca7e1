"""What few photos teach: with features of VGG16, and in a training from nothing.

What a trained network makes of photos is a start for another task (transfer learning,
Donahue and others 2013, arXiv:1310.1531): a linear classifier, scikit-learn's logistic
regression, learns five flowers from the means of a layer's maps. It sees 10 or 50 of
the training photos of each flower, or all; a seed says which. Layer and strength of the
classifier are those with the best validation accuracy of the run, and all that were
tried are kept. The peer is the network of lesson 07 that one would build ten years
after AlexNet, trained from nothing on the same photos as in benchmarks/flowers.py, for
about a minute: longer than the features of these photos take. With all photos, its
three trainings are those of "small resnet" in data/experiments/flowers.jsonl.

Which weights VGG16 has stands in every run. Those that were trained further to find
edges serve worst in their last block; with all photos, the training from nothing is
ahead of them.

The course's AlexNet stands beside them. It has learned from all training photos and
their names, so it is no fair rival where few are given.

VGG16's features of all photos take minutes on two cores. They are kept in data/cache,
so an interrupted script goes on behind the part of the photos that was done. The test
photos are looked at once, with all training photos to learn from.

Run ``python benchmarks/transfer.py [EXPERIMENT ...]``; without names it runs all.
``--print`` only prints what was measured, ``--quick`` tries the script in a folder of
its own (``--folder``). Nothing is asserted about time.
"""

import hashlib
import io
import os
import sys
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import flowers
import keras
import numpy as np
from _experiments import Experiment, as_seconds, clocks, command
from _table import header, machine, row
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers import experiments, images
from helpers.datasets import PhotoSet, places
from helpers.experiments import Experiments
from helpers.networks import pretrained, probe, training

#: What flowers learn from nothing, as lesson 07 has it.
RECIPE = flowers.EXPERIMENTS["small resnet"].settings


@dataclass(frozen=True)
class Settings:
    """How flowers are learned; these stand beside every result.

    Attributes
    ----------
    network
        "VGG16" or "AlexNet", whose features a linear classifier learns from; "small
        resnet", which learns from nothing.
    each
        How many photos of each flower; None for all.
    layers
        Whose features are tried.
    strengths
        C of the logistic regression, all that are tried: the larger, the less its
        weights are kept small.
    size
        Pixels a side of the photos.
    epochs
        Of the network that learns from nothing.
    tested
        Whether the test photos are looked at, once, at the end.
    """

    network: str
    each: int | None
    layers: tuple[str, ...] = ()
    strengths: tuple[float, ...] = ()
    size: int = RECIPE.size
    epochs: int = 0
    tested: bool = False


_LAYERS = {
    "VGG16": (
        "block1_conv2",
        "block2_conv2",
        "block3_conv3",
        "block4_conv3",
        "block5_conv3",
    ),
    "AlexNet": ("bend1", "bend2", "bend3", "bend4", "bend5", "hidden6", "hidden7"),
}


def _linear(network: str, each: int | None) -> Settings:
    strengths = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
    return Settings(network, each, _LAYERS[network], strengths, tested=each is None)


# As many steps for few photos as for more: about 520, which take a minute.
_EPOCHS = {10: 260, 50: 65}

_NAMES = {10: "10 of each", 50: "50 of each", None: "all"}

EXPERIMENTS = {
    **{
        f"{network}, {_NAMES[each]}": Experiment(
            _linear(network, each),
            # With all photos there is nothing random left.
            1 if each is None else 3,
        )
        for network in _LAYERS
        for each in _NAMES
    },
    **{
        f"small resnet, {_NAMES[each]}": Experiment(
            Settings("small resnet", each, epochs=epochs), 3
        )
        for each, epochs in _EPOCHS.items()
    },
}


def measured(settings: Settings, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Learn flowers once, and return what it came to.

    Parameters
    ----------
    settings
        How.
    seed
        Of which photos are learned from, and of all else that is random.
    few
        With a few small photos only, to try the script.
    """
    photos = flowers.flowers(RECIPE.side)
    if photos.is_fallback and not few:
        sys.exit(f"{photos.name} is not on this machine: run `make data` first.")
    if few:
        photos = _few(photos)
        settings = replace(settings, each=2, epochs=1)
    chosen = choice(photos.train_labels, settings.each, seed)
    if settings.network == "small resnet":
        return _from_nothing(settings, photos, chosen, seed)
    return _on_features(settings, photos, chosen, few)


def choice(labels: np.ndarray, each: int | None, seed: int) -> np.ndarray:
    """Return the places of so many samples of each class, or of all, in their order.

    Examples
    --------
    >>> choice(np.array([0, 0, 1, 1, 1, 0]), None, seed=0).tolist()
    [0, 1, 2, 3, 4, 5]
    >>> len(choice(np.array([0, 0, 1, 1, 1, 0]), 2, seed=0))
    4
    """
    if each is None:
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    found = [
        rng.choice(np.flatnonzero(labels == label), each, replace=False)
        for label in np.unique(labels)
    ]
    return np.sort(np.concatenate(found))


def _few(photos: PhotoSet) -> PhotoSet:
    """Return three photos of each class in each part."""
    found: dict[str, Any] = {}
    for part in ("train", "validation", "test"):
        images_, labels = (getattr(photos, f"{part}_{x}") for x in ("images", "labels"))
        order = [np.flatnonzero(labels == label)[:3] for label in np.unique(labels)]
        some = np.concatenate(order)
        names = getattr(photos, f"{part}_names")
        found |= {f"{part}_images": images_[some], f"{part}_labels": labels[some]}
        found[f"{part}_names"] = tuple(names[place] for place in some)
    return replace(photos, **found)


# -- a linear classifier on features ---------------------------------------------------


@dataclass(frozen=True)
class Features:
    """Of all photos of a part: by layer, (N, channels), and the time they took."""

    by_layer: dict[str, np.ndarray]
    took: np.ndarray  # seconds, and seconds of the processor


@cache
def network(name: str) -> pretrained.Pretrained:
    """Return a trained network."""
    return pretrained.alexnet() if name == "AlexNet" else pretrained.vgg16()


def _on_features(
    settings: Settings, photos: PhotoSet, chosen: np.ndarray, few: bool
) -> dict[str, Any]:
    trained = network(settings.network)
    if trained.name != settings.network:  # VGG16 is not here
        if not few:
            sys.exit("VGG16's weights are not on this machine: run `make data` first.")
        settings = replace(settings, layers=_LAYERS[trained.name][:5])
    learned = features(trained, settings, photos, "train", few)
    aside = features(trained, settings, photos, "validation", few)
    y, y_aside = photos.train_labels[chosen], photos.validation_labels
    start = clocks()
    tried: dict[str, dict[str, float]] = {}
    best: tuple[float, str, Any] = (-1.0, "", None)
    for layer in settings.layers:
        x = learned.by_layer[layer][chosen]
        for strength in settings.strengths:
            classifier = make_pipeline(
                StandardScaler(), LogisticRegression(C=strength, max_iter=3000)
            ).fit(x, y)
            right = classifier.score(aside.by_layer[layer], y_aside)
            tried.setdefault(layer, {})[f"{strength:g}"] = round(right, 5)
            if right > best[0]:
                best = right, layer, classifier
    took = clocks() - start
    of_features = learned.took * len(chosen) / len(photos.train_labels)
    right, layer, classifier = best
    accuracy = {
        "training": classifier.score(learned.by_layer[layer][chosen], y),
        "validation": right,
    }
    if settings.tested:
        tests = features(trained, settings, photos, "test", few)
        accuracy["test"] = classifier.score(tests.by_layer[layer], photos.test_labels)
    return {
        "weights": trained.weights,
        "pictures": len(chosen),
        "layer": layer,
        "strength": classifier[-1].C,
        "tried": tried,
        **as_seconds(of_features + took),
        "of features": as_seconds(of_features),
        "accuracy": {part: round(float(one), 5) for part, one in accuracy.items()},
    }


def features(
    trained: pretrained.Pretrained,
    settings: Settings,
    photos: PhotoSet,
    part: str,
    few: bool = False,
) -> Features:
    """Return the features of a part of the photos, kept from an earlier run or new."""
    path = _path(trained, settings, getattr(photos, f"{part}_names"), part)
    found = None if few else _kept(path)
    if found is None:
        found = _computed(trained, settings, getattr(photos, f"{part}_images"))
        if not few:
            _keep(path, found)
    by_layer = {name: found[name] for name in settings.layers}
    return Features(by_layer, found["took"])


def _path(
    trained: pretrained.Pretrained,
    settings: Settings,
    names: tuple[str, ...],
    part: str,
) -> str:
    """Return where features are kept: elsewhere for all that would change them."""
    told = ("by layer", settings.layers, settings.size, names)
    hashed = hashlib.sha256(repr(told).encode())
    for weight in trained.model.get_weights():
        hashed.update(np.ascontiguousarray(weight))
    return f"features/{trained.name}-{part}-{hashed.hexdigest()[:16]}.npz"


def _computed(
    trained: pretrained.Pretrained, settings: Settings, photos: np.ndarray
) -> dict[str, np.ndarray]:
    """Compute the features of all layers at one go."""
    squares = np.stack([images.square(photo, settings.size) for photo in photos])
    start = clocks()
    found = probe.features(trained.model, squares, settings.layers)
    if len(found[settings.layers[0]]) < len(photos):
        raise KeyboardInterrupt
    return {**found, "took": clocks() - start}


def _keep(path: str, found: dict[str, np.ndarray]) -> None:
    file = io.BytesIO()
    np.savez(file, **found)
    places.keep(path, iter([memoryview(file.getvalue())]))


def _kept(path: str) -> dict[str, np.ndarray] | None:
    for folder in places.own():
        if (folder / path).is_file():
            with np.load(folder / path, allow_pickle=False) as arrays:
                return dict(arrays)
    return None


# -- from nothing ----------------------------------------------------------------------


def _from_nothing(
    settings: Settings, photos: PhotoSet, chosen: np.ndarray, seed: int
) -> dict[str, Any]:
    x, labels = photos.train_images[chosen], photos.train_labels[chosen]
    # Also the colours by which it moves are those of these photos alone.
    known = replace(photos, train_images=x)
    recipe = replace(RECIPE, epochs=settings.epochs)
    training.seed(seed)
    made, learner = flowers.compiled(recipe, known, len(x))
    classes = len(photos.class_names)
    y = keras.utils.to_categorical(labels, classes)
    start = clocks()
    training.fit(
        learner,
        x,
        y,
        epochs=settings.epochs,
        batch_size=recipe.batch_size,
        progress=False,
    )
    took = clocks() - start
    aside = keras.utils.to_categorical(photos.validation_labels, classes)
    parts = {"training": (x, y), "validation": (photos.validation_images, aside)}
    accuracy = {
        part: round(learner.evaluate(*both, batch_size=64, verbose=0)[1], 5)
        for part, both in parts.items()
    }
    return {
        "pictures": len(x),
        "parameters": made.count_params(),
        **as_seconds(took),
        "accuracy": accuracy,
    }


# -- what is printed -------------------------------------------------------------------


_COLUMNS = ("seeds", "photos", "valid.", "worst", "best", "test", "s", "CPU s")


def printed(found: Experiments) -> None:
    """Print the figures of all experiments that have run."""
    print(machine("keras", "numpy", "scikit-learn"))
    header("Accuracy", _COLUMNS)
    rows = [(found, name) for name in found.names]
    stored = experiments.read("flowers")
    for one, name in [*rows, (stored, "small resnet")]:
        runs = one.of(name)
        aside = one.values(name, "accuracy", "validation")
        tests = [run["accuracy"].get("test") for run in runs]
        shares = [f"{100 * x:.1f}" for x in (aside.mean(), aside.min(), aside.max())]
        test = "" if None in tests else f"{100 * np.mean(tests):.1f}"
        times = [one.values(name, f"{kind}seconds").mean() for kind in ("", "cpu ")]
        name = name if one is found else f"{name}, all (flowers.jsonl)"
        counts = [str(len(runs)), str(runs[0]["pictures"])]
        row(name, [*counts, *shares, test, *(f"{took:.0f}" for took in times)])
    for name in found.names:
        chosen = [
            f"{run['layer']}, C {run['strength']:g}"
            for run in found.of(name)
            if "layer" in run
        ]
        if chosen:
            print(
                f"{name}: weights {found.of(name)[0]['weights']}; {'; '.join(chosen)}"
            )


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the table."""
    return command("transfer", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
