"""Training against attacks: a part of every batch is attacked before it is learned."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.networks import probe, training
from helpers.networks.probe import _fitting, _steps

_STEP = 1.25  # times the strength: of an attack that starts anywhere in reach


def train(
    model: keras.Model,
    x: ArrayLike,
    y: ArrayLike,
    *,
    strength: float,
    share: float = 0.5,
    epochs: int = 1,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = True,
) -> list[float]:
    """Train a model with batches of which a part is attacked, as the model stands then.

    It goes on from what the model knows. The attack is one step of
    `probe.fast_gradient_sign` from a random place in reach: with that start one step
    hardens a network about as well as ten do, without it the network learns to fend off
    that one step alone.

    Parameters
    ----------
    model
        Compiled, with a loss that takes whole numbers as labels.
    x : (N, H, W, C)
        Pictures, values 0 to 255.
    y : (N,)
        Their classes.
    strength
        Gray levels that a pixel may change by.
    share
        Of each batch, 0 to 1: how much of it is attacked.
    epochs, batch_size
        As everywhere. With ``COURSE_QUICK=1`` two batches are learned, and no more.
    seed
        Of the order of the pictures, and of where attacks start.
    progress
        Whether a bar shows how far it is.

    Returns
    -------
    list of float
        The loss of every batch, as far as it came: an interruption ends it early, and
        what the model has learned stays.

    Raises
    ------
    ValueError
        Anything that cannot be.

    References
    ----------
    Goodfellow, Shlens and Szegedy, arXiv 1412.6572; the random start: Wong, Rice and
    Kolter, Fast is better than free, arXiv 2001.03994.

    Examples
    --------
    >>> from helpers.networks import models
    >>> model = models.mnist_dense((8,))
    >>> model.compile("adam", keras.losses.SparseCategoricalCrossentropy(True))
    >>> x, y = np.zeros((64, 28, 28, 1)), np.arange(64) % 10
    >>> len(train(model, x, y, strength=32, batch_size=32, progress=False))
    2
    """
    classes = _fitting.class_count(model)
    pictures = _fitting.batch(model, x, "x")
    labels = _fitting.labels(y, "y", len(pictures), classes)
    if not getattr(model, "compiled", False):
        came = "a model that is not compiled"
        raise _arguments.refusal("model", came, "Compile it first")
    strength = _arguments.real(strength, "strength", 0, 255)
    share = _arguments.real(share, "share", 0, 1)
    epochs = _arguments.whole(epochs, "epochs")
    batch_size = _arguments.whole(batch_size, "batch_size")
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))

    order = np.concatenate([rng.permutation(len(labels)) for _ in range(epochs)])
    batches = [order[k : k + batch_size] for k in range(0, len(order), batch_size)]
    if training.quick():
        batches = batches[:2]
    losses: list[float] = []
    with _steps.counted(len(batches), "Hardening", progress, "batches") as numbers:
        for number in numbers:
            which = batches[number]
            seen, true = pictures[which].astype(np.float32), labels[which]
            count = round(share * len(which))
            if count:
                seen[:count] = _attacked(
                    model, seen[:count], true[:count], strength, rng
                )
            losses.append(float(np.ravel(model.train_on_batch(seen, true))[0]))
            numbers.bar.set_postfix_str(f"loss {losses[-1]:.3f}", refresh=False)
    return losses


def _attacked(
    model: keras.Model,
    x: NDArray[np.float32],
    y: NDArray,
    strength: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    return probe.attack(
        model,
        x,
        y,
        strength=strength,
        steps=1,
        rate=min(_STEP * strength, 255),
        seed=int(rng.integers(2**32)),
        progress=False,
    )
