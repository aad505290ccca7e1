"""A short training that is the same for every network, and how well it did.

Networks for digits are compared: each learns from the same pictures in the same way,
and is judged by others of the training set. The test set stays out of it. `fault` says
what a network lacks before it is tried.

>>> from helpers.networks import models
>>> fault(models.mnist_cnn())
''
"""

from __future__ import annotations

import time
import weakref
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from helpers.datasets.data_set import DataSet
from helpers.networks import probe, training

#: Pictures to learn from, and pictures to judge by: the first of the training set, and
#: those that follow.
PICTURES, ASIDE = 5_000, 5_000
EPOCHS, BATCH, RATE = 16, 128, 0.01
#: Seconds after which a training is stopped.
LIMIT = 60.0
#: What `training.seed` gets before a network is made and tried.
SEED = 0

_IN, _OUT = (28, 28, 1), 10
#: Layers that `train` trained: in another network they would go on from there.
_LEARNED: weakref.WeakSet[keras.Layer] = weakref.WeakSet()

Ending = Literal["complete", "diverged", "out of time", "interrupted"]


@dataclass(frozen=True)
class Tryout:
    """How a network did.

    Attributes
    ----------
    parameters
        How many numbers the network has, learned or not.
    accuracy
        The share of the pictures set aside that it reads rightly; 0 where it diverged.
    ending
        ``"complete"``, ``"diverged"`` where its numbers are no longer finite, ``"out of
        time"`` or ``"interrupted"`` where it did not see all epochs.
    tells
        Whether the accuracy means something; see `training.in_full`.
    """

    parameters: int
    accuracy: float
    ending: Ending
    tells: bool


def parts(data: DataSet) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return the pictures to learn from and those to judge by.

    Parameters
    ----------
    data
        Digits, MNIST or what stands in for it.

    Returns
    -------
    x, y, x_aside, y_aside
        (N, 28, 28, 1) of float32, 0 to 255, and (N,). Of a small set a fifth is set
        aside.

    Examples
    --------
    >>> images, labels = np.zeros((50, 28, 28), np.uint8), np.zeros(50, np.int64)
    >>> tiny = DataSet("Tiny", images, labels, images, labels, ("nothing",),
    ...     source="this example", licence="CC0", citation="", is_fallback=True)
    >>> [len(part) for part in parts(tiny)]
    [40, 40, 10, 10]
    """
    count = len(data.train_images)
    aside = min(ASIDE, count // 5)
    learned = min(PICTURES, count - aside)
    images = data.train_images[: learned + aside, ..., np.newaxis].astype(np.float32)
    labels = data.train_labels[: learned + aside]
    return images[:learned], labels[:learned], images[learned:], labels[learned:]


def is_network(value: Any) -> bool:
    """Say whether something is a Keras model.

    Examples
    --------
    >>> is_network(keras.Sequential()), is_network(keras.Sequential)
    (True, False)
    """
    return isinstance(value, keras.Model)


def fault(model: Any) -> str:
    """Say what keeps a network from being tried, or nothing.

    Parameters
    ----------
    model
        Anything.

    Returns
    -------
    str
        A sentence; empty where nothing is wrong.

    Examples
    --------
    >>> fault(7)
    'a Keras model is wanted; something of type int came.'
    >>> fault(keras.Sequential([keras.Input((28, 28)), keras.layers.Dense(10)]))
    'the network takes (28, 28). Pictures of shape (28, 28, 1) come in.'
    """
    if not is_network(model):
        return (
            f"a Keras model is wanted; something of type {type(model).__name__} came."
        )
    if not model.built or not getattr(model, "inputs", None):
        if not isinstance(model, keras.Sequential):
            return (
                "the network is of a class of its own, which can't be looked into. "
                "Make it with keras.Sequential([…]) or keras.Model(inputs, outputs)."
            )
        return (
            "the network does not know yet what comes in. Let it begin with "
            "keras.Input((28, 28, 1))."
        )
    single = len(model.inputs) == len(model.outputs) == 1
    if not single or isinstance(getattr(model, "output", None), dict):
        return "a network with one input and one output is wanted."
    came = tuple(model.inputs[0].shape[1:])
    if len(came) != len(_IN) or any(
        side not in (None, wanted) for side, wanted in zip(came, _IN, strict=True)
    ):  # None: it takes any size
        return f"the network takes {came}. Pictures of shape {_IN} come in."
    came = tuple(model.outputs[0].shape[1:])
    if came != (_OUT,):
        return (
            f"{came} comes out of the network. Ten numbers are wanted, one for each "
            "digit: (10,)."
        )
    optimiser = getattr(model, "optimizer", None)
    if optimiser is not None and int(optimiser.iterations) > 0:
        return "the network has learned already. Make it anew inside the function."
    if any(layer in _LEARNED for layer in model.layers):
        return (
            "layers of the network have learned already. Make them anew inside the "
            "function, too."
        )
    if not model.trainable_variables:
        frozen = "no weights that may change (trainable=False)"
        lacks = frozen if model.weights else "no weights"
        return f"the network has nothing that it could learn: {lacks}."
    return ""


def largest(model: keras.Model) -> tuple[str, int]:
    """Return the name of the layer with most parameters, and how many these are.

    Examples
    --------
    >>> from helpers.networks import models
    >>> largest(models.mnist_cnn())
    ('hidden', 125100)
    """
    layer = max(model.layers, key=lambda one: one.count_params())
    return layer.name, layer.count_params()


def train(model: keras.Model, data: DataSet, *, progress: bool = True) -> Tryout:
    """Train a network by the recipe, and judge it by pictures set aside.

    Adam with `training.cosine`, cross-entropy from logits or, where the network ends
    with a softmax, from probabilities. However it was compiled, it is compiled anew.
    Call ``training.seed(SEED)`` before the network is made, and the same network gives
    the same result on the same machine.

    Parameters
    ----------
    model
        One in which `fault` finds nothing.
    data
        Digits, MNIST or what stands in for it.
    progress
        False for no bar.

    Returns
    -------
    Tryout

    Examples
    --------
    >>> from helpers.datasets.stand_ins import small_digits
    >>> digits = small_digits()
    >>> few, labels = digits.images[:50], digits.labels[:50]
    >>> data = DataSet("Few", few, labels, few, labels, digits.class_names,
    ...     source=digits.source, licence=digits.licence, citation="", is_fallback=True)
    >>> dense = keras.layers.Dense(10)
    >>> model = keras.Sequential(
    ...     [keras.Input((28, 28, 1)), keras.layers.Flatten(), dense]
    ... )
    >>> result = train(model, data, progress=False)
    >>> result.parameters, result.ending, result.tells
    (7850, 'complete', False)
    """
    x, y, x_aside, y_aside = parts(data)
    rate = training.cosine(RATE, epochs=EPOCHS, samples=len(x), batch_size=BATCH)
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=not _gives_probabilities(model, x[:16])
    )
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    clock = _Clock()
    _LEARNED.update(layer for layer in model.layers if layer.weights)
    record = training.fit(
        model,
        x,
        y,
        epochs=EPOCHS,
        batch_size=BATCH,
        progress=progress,
        callbacks=[clock],
    )
    scores = probe.outputs(model, x_aside)
    finite = bool(np.isfinite(scores).all())
    right = float((scores.argmax(axis=1) == y_aside).mean()) if finite else 0.0
    ending: Ending = "complete"
    if not finite:
        ending = "diverged"
    elif record.interrupted:
        ending = "interrupted"
    elif clock.is_over:
        ending = "out of time"
    return Tryout(model.count_params(), right, ending, training.in_full(data))


def _gives_probabilities(model: keras.Model, x: NDArray) -> bool:
    """Say whether a network gives probabilities, however it comes by them."""
    found = probe.outputs(model, x)
    return bool((found >= 0).all() and np.allclose(found.sum(axis=1), 1, atol=1e-3))


class _Clock(keras.callbacks.Callback):
    """Stops a training that takes too long, or that has diverged."""

    async_safe = True  # as it reads no figures of a batch, none is waited for

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0.0
        self.is_over = False

    def on_train_begin(self, logs: Any = None) -> None:
        self.begun = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Look at the clock before each batch."""
        if time.perf_counter() - self.begun > LIMIT:
            self.is_over = self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop where the loss is no number any more."""
        if not np.isfinite((logs or {}).get("loss", 0.0)):
            self.model.stop_training = True
