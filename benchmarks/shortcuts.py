"""Claim: accuracy does not show that a network cheats, and maps of what it saw do.

Digits whose upper left corner has a colour for each class, and a network that learns
from them, beside the same one that learns from the digits alone; lesson 08 trains one
of each. A third learns where one corner in ten has the colour of another class. All are
judged on test digits without a corner, with the corner of their class, and with that of
another class. Of digits with their own corner, maps are made for the class that is
named: what is kept is which share of all that speaks for it lies in the corner, on the
average over the digits. Occlusion covers with black, which is the digits' ground.

Run ``python benchmarks/shortcuts.py [EXPERIMENT ...]``; without names it runs all, in
some minutes on two cores. ``--print`` only prints what was measured, ``--quick`` tries
the script in a folder of its own (``--folder``).
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import Experiment, command
from _table import header, machine, row

from helpers import datasets
from helpers.experiments import Experiments
from helpers.networks import probe, shortcuts, training


@dataclass(frozen=True)
class Settings:
    """How a network learns, and how it is looked into; these stand beside every result.

    Attributes
    ----------
    share
        How many corners have the colour of their digit's class, as a share; None for no
        corners at all.
    pictures
        How many digits it learns from.
    epochs, batch_size, learning_rate
        As everywhere.
    digits
        How many test digits maps are made of.
    window
        Pixels a side of what counts as the corner: two places of the last maps. The
        coloured square has 5.
    size, step
        Of the patch that covers, in pixels.
    """

    share: float | None
    pictures: int = 10_000
    epochs: int = 3
    batch_size: int = 64
    learning_rate: float = 0.003
    digits: int = 100
    window: int = 8
    size: int = 5
    step: int = 3


EXPERIMENTS = {
    "clean digits": Experiment(Settings(None), 3),
    "coloured corners": Experiment(Settings(1.0), 3),
    "one corner in ten lies": Experiment(Settings(0.9), 3),
}

Maker = Callable[[keras.Model, np.ndarray, Settings], np.ndarray]
METHODS: dict[str, Maker] = {
    "saliency": lambda model, x, settings: probe.saliency(model, x),
    "Grad-CAM": lambda model, x, settings: probe.grad_cam(model, x),
    "occlusion": lambda model, x, settings: probe.occlusion(
        model, x, size=settings.size, step=settings.step, cover=0, progress=False
    ),
}


def in_gray(images: np.ndarray) -> np.ndarray:
    """Return gray pictures (N, H, W) as the network takes them, (N, H, W, 3)."""
    return np.repeat(images[..., None], 3, axis=-1)


def measured(settings: Settings, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Train one network, and look where it looks.

    Parameters
    ----------
    settings
        How.
    seed
        Of the weights, the order of the digits, and which corners lie.
    few
        Learn from a few digits only, to try the script.
    """
    data = datasets.load_mnist()
    if data.is_fallback and not few:
        sys.exit(f"{data.name} is not on this machine: run `make data` first.")
    count, looked = (200, 5) if few else (settings.pictures, settings.digits)
    images, labels = data.train_images[:count], data.train_labels[:count]
    tests = data.test_images[: count // 2], data.test_labels[: count // 2]
    x = in_gray(images)
    if settings.share is not None:
        x = shortcuts.coloured_corners(images, labels, share=settings.share, seed=seed)

    training.seed(seed)
    model = shortcuts.network(len(data.class_names))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(settings.learning_rate)
    model.compile(optimizer, loss, metrics=["accuracy"])
    training.fit(
        model,
        x,
        labels,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        progress=False,
    )

    own = shortcuts.coloured_corners(*tests)
    judged = {
        "no corner": in_gray(tests[0]),
        "own corner": own,
        "another's corner": shortcuts.coloured_corners(*tests, share=0),
    }
    right = {
        name: float((probe.outputs(model, some).argmax(axis=1) == tests[1]).mean())
        for name, some in judged.items()
    }
    window = (0, 0, settings.window, settings.window)
    inside, empty = {}, {}
    for method, make in METHODS.items():
        cell = settings.step if method == "occlusion" else None
        shares = [
            probe.share_inside(make(model, one, settings), window, one.shape, cell)
            for one in own[:looked]
        ]
        # Of a network that was hardly trained, nothing may speak for any class.
        empty[method] = int(np.isnan(shares).sum())
        known = [one for one in shares if not np.isnan(one)]
        inside[method] = round(float(np.mean(known)), 4) if known else 0.0
    return {
        "pictures": len(x),
        "accuracy": {name: round(one, 5) for name, one in right.items()},
        "inside": inside,
        "without a map": empty,
    }


def printed(found: Experiments) -> None:
    """Print the mean over the seeds, and the least and the largest."""
    print(machine("keras", "numpy"))
    for what in ("accuracy", "inside"):
        run = found.runs[0]
        heads = list(run[what])
        header({"accuracy": "Accuracy, %", "inside": "In the corner, %"}[what], heads)
        for name in found.names:
            cells = []
            for head in heads:
                values = 100 * found.values(name, what, head)
                cells.append(f"{values.mean():.1f} ±{np.ptp(values) / 2:.1f}")
            row(name, cells)
    print("\nThe corner's share of the picture: ", end="")
    print(f"{found.runs[0]['settings']['window'] ** 2 / 28**2:.1%}")


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the tables."""
    return command("shortcuts", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
