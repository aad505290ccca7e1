"""Claim: a map of what a network looked at depends on what it learned, or it is none.

The sanity check of Adebayo and others (2018, arXiv 1810.03292), which lesson 08 shows:
maps of the course's AlexNet for flowers that it was not shown in training, beside those
of the same network with weights drawn anew, from its output down to a layer. Asked is
always about the class that the trained network names. Numbers are rank correlations
(Spearman): 1 for the same order of all places, about 0 for nothing in common. The same
is measured against the edges of the photo, which know nothing of any network, and
against the map of another photo. All of it once more for maps that are made coarse:
the first layer's stride leaves a grid in those of single pixels. Of each class some
photos are taken, the first ones; seeds are those of the weights that are drawn and of
SmoothGrad's noise.

Run ``python benchmarks/reasons.py [EXPERIMENT ...]``; without names it runs all, in
ten minutes on two cores. ``--print`` only prints what was measured,
``--quick`` tries the script in a folder of its own (``--folder``).
"""

import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import Experiment, command
from _table import header, machine, row
from scipy.stats import spearmanr

from helpers import datasets, images, kernels, ops
from helpers.experiments import Experiments
from helpers.networks import pretrained, probe


@dataclass(frozen=True)
class Settings:
    """What is compared; these stand beside every result.

    Attributes
    ----------
    down_to
        From the output down to which layer weights are drawn anew; "" for none.
    photos
        How many of each class.
    draws
        SmoothGrad's noisy copies.
    size, step
        Of the patch that covers, in pixels.
    """

    down_to: str
    photos: int = 4
    draws: int = 25
    size: int = 32
    step: int = 16


#: Pixels a side that a coarse map takes the mean of: twice the first layer's stride,
#: which leaves a grid in maps of single pixels, whatever the photo.
SQUARE = 8

EXPERIMENTS = {
    "trained": Experiment(Settings(""), 3),
    "new logits": Experiment(Settings("logits"), 3),
    "new from hidden6": Experiment(Settings("hidden6"), 3),
    "new from filters3": Experiment(Settings("filters3"), 3),
    "all new": Experiment(Settings("filters1"), 3),
}

#: Settings and a seed, to a function from a network, a photo and a class to a map.
METHODS: dict[str, Callable[[Settings, int], Callable[..., np.ndarray]]] = {
    "saliency": lambda settings, seed: probe.saliency,
    "SmoothGrad": lambda settings, seed: (
        lambda *given: probe.smooth_grad(
            *given, draws=settings.draws, seed=seed, progress=False
        )
    ),
    "Grad-CAM": lambda settings, seed: probe.grad_cam,
    "occlusion": lambda settings, seed: (
        lambda *given: probe.occlusion(
            *given, size=settings.size, step=settings.step, progress=False
        )
    ),
}


@cache
def network() -> keras.Model:
    """Return the course's AlexNet, trained."""
    return pretrained.alexnet().model


@cache
def photos(each: int) -> tuple[np.ndarray, np.ndarray]:
    """Return validation photos as the network takes them, and what it names."""
    size = network().input_shape[1]
    data = datasets.load_flowers(side=144)
    chosen = [
        number
        for label in range(len(data.class_names))
        for number in np.flatnonzero(data.validation_labels == label)[:each]
    ]
    x = np.stack([images.square(data.validation_images[k], size) for k in chosen])
    return x, probe.outputs(network(), x).argmax(axis=1)


def edges(photo: np.ndarray) -> np.ndarray:
    """Return how steep a photo is at each place, by two kernels of lesson 01."""
    gray = images.gray(photo).astype(float)
    down, across = (
        ops.conv2d(gray, kernels.named(name), padding="same", mode="edge")
        for name in ("horizontal_edges", "vertical_edges")
    )
    return np.hypot(down, across)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Return the rank correlation of two maps; NaN where one has a single value."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one.ravel(), other.ravel()).statistic)


def coarse(found: np.ndarray) -> np.ndarray:
    """Return the means of a map over squares of pixels; a coarse one as it is."""
    rows, columns = (side // SQUARE for side in found.shape)
    if min(rows, columns) < 2 * SQUARE:
        return found
    return found.reshape(rows, SQUARE, columns, SQUARE).mean(axis=(1, 3))


def alike(maps: Iterable[np.ndarray], others: Iterable[np.ndarray]) -> list:
    """Return correlations, each of two maps, as a file keeps them."""
    pairs = zip(maps, others, strict=True)
    values = [likeness(one, other) for one, other in pairs]
    return [None if np.isnan(one) else round(one, 4) for one in values]


@cache
def trained_maps(settings: Settings, method: str) -> list[np.ndarray]:
    """Return the maps of the trained network, seed 0."""
    find = METHODS[method](settings, 0)
    x, labels = photos(settings.photos)
    return [find(network(), *pair) for pair in zip(x, map(int, labels), strict=True)]


def measured(settings: Settings, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Compare the maps of one network with those of the trained one.

    Parameters
    ----------
    settings
        Which weights are drawn anew.
    seed
        Of these, and of SmoothGrad's noise.
    few
        Look at a single photo of each class, to try the script.
    """
    base = Settings("", 1, 2, 48, 32) if few else Settings("", *_rest(settings))
    if datasets.load_flowers(side=144).is_fallback and not few:
        sys.exit("The flowers are not on this machine: run `make data` first.")
    model = network()
    if settings.down_to:
        # Not the numbers of the seed that draws the noise.
        model = probe.randomised(model, down_to=settings.down_to, seed=100 + seed)
    x, labels = photos(base.photos)
    found: dict[str, Any] = {"photos": len(x)}
    for method, make in METHODS.items():
        find, start = make(base, seed), time.process_time()
        maps = [find(model, *pair) for pair in zip(x, map(int, labels), strict=True)]
        took = time.process_time() - start
        trained = trained_maps(base, method)
        others = [maps[k] for k in np.roll(np.arange(len(x)), 1 + seed)]
        steep = [edges(photo) for photo in x]
        large = [images.enlarged(one, x[0].shape) for one in maps]
        found[method] = {
            "trained": alike(maps, trained),
            "trained, coarse": alike(map(coarse, maps), map(coarse, trained)),
            "another photo": alike(maps, others),
            "another photo, coarse": alike(map(coarse, maps), map(coarse, others)),
            "edges": alike(large, steep),
            "edges, coarse": alike(map(coarse, large), map(coarse, steep)),
            "CPU seconds a map": round(took / len(x), 3),
        }
    return found


def _rest(settings: Settings) -> tuple[int, int, int, int]:
    return settings.photos, settings.draws, settings.size, settings.step


def printed(found: Experiments) -> None:
    """Print the mean over photos and seeds, and the least and largest of a seed."""
    print(machine("keras", "numpy", "scipy"))
    for what in ("trained", "another photo", "edges"):
        for how in (what, f"{what}, coarse"):
            header(f"Rank correlation with: {how}", METHODS)
            for name in found.names:
                cells = []
                for method in METHODS:
                    means = np.nanmean(found.values(name, method, how), axis=1)
                    cells.append(f"{means.mean():.2f} ±{np.ptp(means) / 2:.2f}")
                row(name, cells)
    header("Spread over photos (standard deviation), and maps of one value", METHODS)
    for name in found.names:
        cells = []
        for method in METHODS:
            values = found.values(name, method, "trained")
            empty = np.isnan(values).sum()
            cells.append(f"{np.nanstd(values):.2f}" + (f", {empty}" if empty else ""))
        row(name, cells)
    header("CPU seconds a map", METHODS)
    row(
        "",
        [found.values("trained", one, "CPU seconds a map").mean() for one in METHODS],
        3,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the tables."""
    return command("reasons", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
