"""Claim: units are dead, or double, in some layers and hardly in others.

A row a layer of the course's AlexNet, behind each ReLU, and of VGG16's convolutions:
how many units are 0 everywhere for 150 photos of flowers that no network here learned
from; how many pairs answer nearly alike (a correlation of 0.95 and more of their mean
activations over the photos), or have nearly the same kernel (0.9); and how selective
they are for one of the five flowers. Three draws of photos, 30 of each flower, so that
one sees what depends on the photos.

Run ``python benchmarks/units.py``; ``--keep`` writes a line a layer and draw to
data/experiments/units.jsonl. It takes some minutes.
"""

import argparse
import json
import os
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import FOLDER, backend
from _table import header, machine, row

from helpers import datasets
from helpers.networks import pretrained, probe

SEEDS = (0, 1, 2)
PHOTOS = 150
ALIKE, SAME_KERNEL = 0.95, 0.9
SIDES = {"AlexNet": 128, "VGG16": 96}
LOADERS = {"AlexNet": pretrained.alexnet, "VGG16": pretrained.vgg16}


def drawn(
    photos: datasets.PhotoSet, seed: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return photos that are not learned from, as many of each flower."""
    x = np.concatenate([photos.validation_images, photos.test_images])
    y = np.concatenate([photos.validation_labels, photos.test_labels])
    rng, classes = np.random.default_rng(seed), len(photos.class_names)
    each = count // classes
    chosen = [rng.permutation(np.flatnonzero(y == k))[:each] for k in range(classes)]
    places = np.concatenate(chosen)
    return x[places], y[places]


def answers(
    model: keras.Model, layers: list[str], x: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the largest and the mean number of every map, by the layers' names."""
    largest, means = (
        probe.features(model, x, layers, pool=pool, progress=False)
        for pool in ("max", "mean")
    )
    return {name: (largest[name], means[name]) for name in layers}


def layers_of(network: pretrained.Pretrained) -> dict[str, str]:
    """Return the layers behind a ReLU, each with its convolution."""
    names = [name for block in network.blocks for name in block]
    if network.name == "AlexNet":
        return {name.replace("filters", "bend"): name for name in names}
    return {name: name for name in names}


def figures(
    largest: np.ndarray, means: np.ndarray, kernel: np.ndarray, y: np.ndarray
) -> dict[str, Any]:
    """Return what is said of a layer."""
    found = probe.selectivity(means, y)
    index = np.nan_to_num(found.index)
    best = int(index.argmax())
    return {
        "units": len(index),
        "dead": int(probe.dead(largest).sum()),
        "answer alike": len(probe.duplicates(means, ALIKE)),
        "same kernel": len(probe.duplicates(kernel, SAME_KERNEL)),
        "median selectivity": round(float(np.nanmedian(found.index)), 3),
        "most selective": [
            best,
            int(found.classes[best]),
            round(float(index[best]), 3),
        ],
    }


def measured(
    name: str, count: int, seeds: tuple[int, ...], *, stored: bool = False
) -> list[dict[str, Any]]:
    """Return a line for each layer of a network, and each draw of photos.

    What is stored comes of no stand-in.
    """
    network = LOADERS[name]()
    photos = datasets.load_flowers(side=SIDES[name])
    if stored and (network.name != name or photos.is_fallback):
        missing = photos.name if network.name == name else f"weights of {name}"
        sys.exit(f"{missing}: not on this machine. Run `make data` first.")
    layers = layers_of(network)
    about = {
        "made": date.today().isoformat(),
        "with": {one: version(one) for one in ("keras", backend(), "numpy")},
        "network": network.name,
        "weights": network.weights,
        "data": photos.name,
        "side": SIDES[name],
        "photos": count,
    }
    lines = []
    for seed in seeds:
        x, y = drawn(photos, seed, count)
        found = answers(network.model, list(layers), x)
        for layer, convolution in layers.items():
            weights = network.model.get_layer(convolution).kernel
            kernel = np.asarray(keras.ops.convert_to_numpy(weights))
            key = {"experiment": f"{name}, {layer}", "seed": seed, "layer": layer}
            lines.append({**key, **about, **figures(*found[layer], kernel, y)})
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=LOADERS, default=[*LOADERS])
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args(arguments)
    print(machine("keras", backend(), "numpy"))
    lines = []
    for name in given.networks:
        stored = given.keep and given.folder == FOLDER
        lines += measured(name, given.photos, tuple(given.seeds), stored=stored)
    header(f"Units, {given.photos} photos a draw", ["dead", "alike", "selectivity"])
    for experiment in dict.fromkeys(one["experiment"] for one in lines):
        runs = [one for one in lines if one["experiment"] == experiment]
        columns = ("dead", "answer alike", "median selectivity")
        spans = [[one[column] for one in runs] for column in columns]
        row(experiment, [f"{min(some):g}-{max(some):g}" for some in spans])
    if given.keep:
        text = "".join(json.dumps(one) + "\n" for one in lines)
        given.folder.mkdir(parents=True, exist_ok=True)
        (given.folder / "units.jsonl").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
