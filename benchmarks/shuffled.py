"""Claim: who shuffles the pixels takes from a convolution its lead, from dense nothing.

MNIST as it is, and with its pixels in another order, the same for all digits: lesson
06's dense and convolutional network learn from both, with the same settings. What tells
digits apart is still there, pixel by pixel; that neighbours belong together is not.

Run ``python benchmarks/shuffled.py [EXPERIMENT ...]``; without names it runs all, in
ten minutes on two cores. ``--print`` only prints what was measured, ``--quick`` tries
the script in a folder of its own (``--folder``). Nothing is asserted about time.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import Experiment, as_seconds, clocks, command
from _table import header, machine, row

from helpers import datasets
from helpers.experiments import Experiments
from helpers.networks import models, probe, training


@dataclass(frozen=True)
class Settings:
    """How a network learns; these stand beside every result.

    Attributes
    ----------
    network
        One of `NETWORKS`.
    shuffled
        Whether the pixels come in another order.
    epochs, batch_size, learning_rate
        As everywhere; the rate warms up and goes down like a cosine.
    """

    network: str
    shuffled: bool
    epochs: int = 4
    batch_size: int = 128
    learning_rate: float = 0.003


NETWORKS: dict[str, Callable[[], keras.Model]] = {
    "convolutional": models.mnist_cnn,
    "dense": models.mnist_dense,
}

EXPERIMENTS = {
    f"{network}{', shuffled' if shuffled else ''}": Experiment(
        Settings(network, shuffled), 3
    )
    for network in NETWORKS
    for shuffled in (False, True)
}


def in_another_order(pictures: np.ndarray) -> np.ndarray:
    """Return pictures (N, H, W) with their pixels in an order that is always the same.

    Examples
    --------
    >>> one = in_another_order(np.arange(9).reshape(1, 3, 3))
    >>> sorted(one.ravel().tolist()) == list(range(9))
    True
    """
    flat = pictures.reshape(len(pictures), -1)
    order = np.random.RandomState(0).permutation(flat.shape[1])
    return flat[:, order].reshape(pictures.shape)


def measured(settings: Settings, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Train one network, and return what it came to.

    Parameters
    ----------
    settings
        How.
    seed
        Of the weights and the order of the pictures; that of the pixels is one for all.
    few
        With a few pictures only, to try the script.
    """
    data = datasets.load_mnist()
    if data.is_fallback and not few:
        sys.exit(f"{data.name} is not on this machine: run `make data` first.")
    x, tests = data.train_images, data.test_images
    y, tests_y = data.train_labels, data.test_labels
    if few:
        x, y, tests, tests_y = x[:300], y[:300], tests[:200], tests_y[:200]
        settings = replace(settings, epochs=1)
    if settings.shuffled:
        x, tests = in_another_order(x), in_another_order(tests)
    x, tests = x[..., None], tests[..., None]
    training.seed(seed)
    model = NETWORKS[settings.network]()
    rate = training.cosine(
        settings.learning_rate,
        epochs=settings.epochs,
        samples=len(x),
        batch_size=settings.batch_size,
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss)
    start = clocks()
    training.fit(
        model,
        x,
        y,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        progress=False,
    )
    took = clocks() - start
    accuracy = {
        name: float((probe.outputs(model, some).argmax(axis=1) == labels).mean())
        for name, some, labels in (("training", x, y), ("test", tests, tests_y))
    }
    return {
        "pictures": len(x),
        "parameters": model.count_params(),
        **as_seconds(took),
        "accuracy": {name: round(one, 5) for name, one in accuracy.items()},
    }


def printed(found: Experiments) -> None:
    """Print the mean over the seeds, and the worst and the best."""
    print(machine("keras", "numpy"))
    header("Right, %", ["weights", "seeds", "mean", "worst", "best", "CPU s"])
    for name in found.names:
        tests = 100 * found.values(name, "accuracy", "test")
        shares = [f"{one:.2f}" for one in (tests.mean(), tests.min(), tests.max())]
        weights, used = (
            f"{found.values(name, part).mean():,.0f}"
            for part in ("parameters", "cpu seconds")
        )
        row(name, [weights, str(len(tests)), *shares, used])


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the table."""
    return command("shuffled", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
