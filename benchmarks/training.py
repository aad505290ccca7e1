"""Claim: our `fit`, with bar and record, is at most 3 % slower than Keras's own.

All train the same network on the same pictures for the same epochs, in one process, in
turns: in every round each once, in an order that is drawn. Before that each runs once
without a clock, so that all is compiled. *Keras* is ``model.fit(…, verbose=0)``; with
its bar it is ``verbose=1``. Ours has the bar, drawn as often as on a page; *kept* adds
the weights, the maps of eight pictures, the gradients of 256 and live figures. What is
printed is the median time, and the median over the rounds of each one's time divided by
that of Keras without a bar, with the quarter of rounds on either side.

The weights are those of the same seed afterwards, or it stops. Run ``python
benchmarks/training.py [--rounds N] [--samples N] [--epochs N]``; with
``KERAS_BACKEND=jax`` for JAX. Where MNIST is not here, random pictures do: time does
not depend on them. Nothing is asserted about time.
"""

import argparse
import contextlib
import io
import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["COURSE_OFFLINE"] = "1"

import keras
import numpy as np
from _table import header, machine, row

from helpers import datasets
from helpers.networks import models, training

BATCH = 128

Act = Callable[[keras.Model, np.ndarray, np.ndarray, int], object]


def pictures(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return MNIST's first pictures, or random ones, and their classes."""
    if "MNIST" not in datasets.missing():
        mnist = datasets.load_mnist()
        return mnist.train_images[:count, ..., None], mnist.train_labels[:count]
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (count, 28, 28, 1), np.uint8)
    return x, rng.integers(0, 10, count)


def keras_alone(model: keras.Model, x: np.ndarray, y: np.ndarray, epochs: int) -> None:
    """Train as Keras does, silently."""
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0)


def keras_with_bar(
    model: keras.Model, x: np.ndarray, y: np.ndarray, epochs: int
) -> None:
    """Train as Keras does, with its bar."""
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=1)


def ours(model: keras.Model, x: np.ndarray, y: np.ndarray, epochs: int) -> None:
    """Train with our bar."""
    training.fit(model, x, y, batch_size=BATCH, epochs=epochs)


def ours_kept(model: keras.Model, x: np.ndarray, y: np.ndarray, epochs: int) -> None:
    """Train with our bar and everything kept and told."""
    keep = training.Keep(maps_of=x[:8], gradients_of=(x[:256], y[:256]))
    told: list[object] = []
    training.fit(
        model,
        x,
        y,
        batch_size=BATCH,
        epochs=epochs,
        keep=keep,
        live=lambda *figures: told.append(figures),
    )


WAYS: dict[str, Act] = {
    "Keras, no bar": keras_alone,
    "Keras, its bar": keras_with_bar,
    "ours, its bar": ours,
    "ours, its bar, all kept and live": ours_kept,
}


def made() -> keras.Model:
    """Return the network of lesson 06, compiled, with the same weights each time."""
    training.seed(1)
    model = models.mnist_cnn()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(), loss, metrics=["accuracy"])
    return model


def seconds(act: Act, model: keras.Model, *rest: object) -> float:
    """Return how long a training takes; its bar goes nowhere, but is drawn."""
    nowhere = io.StringIO()
    with contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
        start = time.perf_counter()
        act(model, *rest)
        return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=2)
    given = parser.parse_args()
    training.SELDOM = training.OFTEN  # as where somebody looks on
    x, y = pictures(given.samples)
    print(machine("keras", "tensorflow", "numpy", "tqdm"))
    print(f"{keras.backend.backend()}: {len(x):,} pictures, {given.epochs} epochs")
    networks = {name: made() for name in WAYS}
    start = networks["Keras, no bar"].get_weights()
    found = {}
    for name, act in WAYS.items():  # compiles
        training.seed(2)
        seconds(act, networks[name], x, y, given.epochs)
        found[name] = networks[name].get_weights()
    same(found)
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    rng = np.random.default_rng(0)
    for _ in range(given.rounds):
        for name in rng.permutation(list(WAYS)):
            networks[name].set_weights(start)
            took = seconds(WAYS[name], networks[name], x, y, given.epochs)
            times[name].append(took)
    header("Training", ["s", "÷ Keras", "quarter", "quarter"])
    first = np.array(times["Keras, no bar"])
    for name, took in times.items():
        ratios = np.quantile(np.array(took) / first, [0.5, 0.25, 0.75])
        row(name, [float(np.median(took)), *map(float, ratios)], 3)


def same(found: dict[str, list[np.ndarray]]) -> None:
    """Stop where one way to train gave other weights than the next."""
    names = list(found)
    for name in names[1:]:
        for one, other in zip(found[names[0]], found[name], strict=True):
            if not np.array_equal(one, other):
                sys.exit(f"{names[0]} and {name} gave other weights.")


if __name__ == "__main__":
    main()
