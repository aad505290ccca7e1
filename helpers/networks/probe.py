"""Looking inside a trained network, and at what it gets wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import confusion_matrix

from helpers import _arguments
from helpers.networks import _graph

Floats = NDArray[np.float32]
Wholes = NDArray[np.int64]

_BATCH = 256  # samples that are computed at a time


# -- what a network makes of samples ---------------------------------------------------


def feature_maps(model: keras.Model, x: ArrayLike) -> dict[str, Floats]:
    """Return what every layer makes of some samples, as outside training.

    Parameters
    ----------
    model
        A `keras.Sequential` or a functional model, built; a saved one that was read
        again, too.
    x
        (N, …) samples, as the model takes them. A list of arrays for several inputs.

    Returns
    -------
    dict
        By the layers' names, in the order in which they are computed: (N, …). A layer
        that is used again has "name (2)" too. A model within the model has its own
        output under its name, and its layers as "name/layer".

    Raises
    ------
    ValueError
        A model that is not built, or computes in a way of its own.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((28, 28, 1)),
    ...     keras.layers.Conv2D(8, 3, name="edges"),
    ...     keras.layers.MaxPooling2D(name="pool"),
    ... ])
    >>> maps = feature_maps(model, np.zeros((2, 28, 28, 1)))
    >>> {name: array.shape for name, array in maps.items()}
    {'edges': (2, 26, 26, 8), 'pool': (2, 13, 13, 8)}
    """
    _refuse_unreadable(model)
    nodes = list(_graph.calls(model))
    tensors = [tensor for node in nodes for tensor in node.outputs]
    inputs = list(model.inputs)
    given = inputs if len(inputs) > 1 else inputs[0]
    found = _run(keras.Model(given, [*inputs, *tensors]), x)
    values = dict(zip(map(id, [*inputs, *tensors]), found, strict=True))
    maps: dict[str, Floats] = {}
    for node in nodes:
        layer = node.operation
        name = _free(layer.name, maps)
        if isinstance(layer, keras.Model):
            arrived = [values[id(tensor)] for tensor in node.input_tensors]
            inner = feature_maps(layer, arrived if len(arrived) > 1 else arrived[0])
            maps |= {f"{name}/{part}": array for part, array in inner.items()}
        maps[name] = values[id(node.outputs[0])]
    return maps


def outputs(model: keras.Model, x: ArrayLike) -> Floats:
    """Return what a model gives for samples, as outside training.

    Like ``model.predict``, which is made for long runs: called again and again it lets
    the memory grow.

    Parameters
    ----------
    model
        With a single output.
    x
        (N, …) samples, as the model takes them.

    Returns
    -------
    (N, …) of float32

    Examples
    --------
    >>> double = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(2.0)])
    >>> outputs(double, [[1], [3]]).tolist()
    [[2.0], [6.0]]
    """
    return _run(model, x)[0]


def probabilities(model: keras.Model, x: ArrayLike) -> Floats:
    """Return how sure a model is of each class.

    Parameters
    ----------
    model
        One that gives logits, as those of `helpers.networks.models` do; or one that
        ends with a softmax.
    x
        (N, …) samples, as the model takes them.

    Returns
    -------
    (N, classes) of float32
        Rows with the sum 1.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    >>> model.set_weights([np.eye(2), np.zeros(2)])
    >>> probabilities(model, [[0.0, 0.0]]).tolist()
    [[0.5, 0.5]]
    """
    found = outputs(model, x)
    if _ends_with_softmax(model):
        return found
    # In float64, of the distances from the largest: nothing overflows.
    powers = np.exp(found.astype(np.float64) - found.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)


def _run(model: keras.Model, x: Any) -> list[Floats]:
    """Return all outputs of a model, computed some samples at a time."""
    several = isinstance(x, list | tuple) and len(model.inputs) > 1
    arrays = [np.asarray(one) for one in (x if several else [x])]
    count = len(arrays[0])
    if not count:
        raise _arguments.refusal("x", "no samples", "Give at least one")
    parts = []
    for start in range(0, count, _BATCH):
        given = [array[start : start + _BATCH] for array in arrays]
        made = model(given if several else given[0], training=False)
        made = made if isinstance(made, list | tuple) else [made]
        parts.append([np.asarray(keras.ops.convert_to_numpy(one)) for one in made])
    return [np.concatenate(one) for one in zip(*parts, strict=True)]


def _free(name: str, taken: dict[str, Any]) -> str:
    """Return a name that is not taken yet: name, name (2) and so on."""
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def _refuse_unreadable(model: Any) -> None:
    if not isinstance(model, keras.Model):
        need = "Give a keras.Sequential or a functional model"
        raise _arguments.refusal("model", _arguments.shown(model), need)
    if getattr(model, "inputs", None) is None or not model.built:
        came = f'"{model.name}", whose layers are not known from outside'
        need = "Build it as keras.Sequential or keras.Model, from keras.Input(shape) on"
        raise _arguments.refusal("model", came, need)


def _ends_with_softmax(model: keras.Model) -> bool:
    last = model.outputs[0]._keras_history.operation
    if isinstance(last, keras.Model):
        return _ends_with_softmax(last)
    softmax = getattr(last, "activation", None) is keras.activations.softmax
    return softmax or isinstance(last, keras.layers.Softmax)


# -- right and wrong -------------------------------------------------------------------


def confusion(labels: ArrayLike, predicted: ArrayLike, classes: int) -> Wholes:
    """Count which class was taken for which.

    Parameters
    ----------
    labels
        (N,) what the samples are: from 0 to classes - 1.
    predicted
        (N,) what they were taken for; or (N, classes), logits or probabilities, of
        which the largest counts.
    classes
        How many there are.

    Returns
    -------
    (classes, classes) of int64
        Rows are the classes, columns what they were taken for.

    Raises
    ------
    ValueError
        Numbers of samples that differ, labels that are no classes.

    Examples
    --------
    >>> confusion([0, 0, 1, 1], [0, 1, 1, 1], 2).tolist()
    [[1, 1], [0, 2]]
    """
    classes = _arguments.whole(classes, "classes")
    true = _labels(labels, "labels", classes)
    guess = np.asarray(predicted)
    if guess.ndim == 2:
        guess = guess.argmax(axis=1)
    guess = _labels(guess, "predicted", classes)
    _refuse_unequal(true, guess, "predicted")
    return confusion_matrix(true, guess, labels=range(classes)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Mistakes:
    """Samples that were taken for something else, the surest mistake first.

    Attributes
    ----------
    places
        (n,) where they stand among the samples.
    labels, predicted
        (n,) what they are, and what they were taken for.
    confidence
        (n,) the probability of what they were taken for.
    """

    places: Wholes
    labels: Wholes
    predicted: Wholes
    confidence: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.places)


def mistakes(
    probabilities: ArrayLike, labels: ArrayLike, count: int | None = None
) -> Mistakes:
    """Find what a network got wrong while it was most sure.

    Parameters
    ----------
    probabilities
        (N, classes), as `probabilities` returns them.
    labels
        (N,) what the samples are.
    count
        How many to give at most; None for all.

    Returns
    -------
    Mistakes
        Equally sure ones in the order of the samples.

    Raises
    ------
    ValueError
        Rows that are no probabilities, labels that are no classes.

    Examples
    --------
    >>> found = mistakes([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], [1, 1, 1])
    >>> found.places.tolist(), found.confidence.tolist()
    ([0, 1], [0.9, 0.6])
    """
    sure, true = _sure(probabilities, labels)
    if count is not None:
        count = _arguments.whole(count, "count", 0)
    predicted, confidence = sure.argmax(axis=1), sure.max(axis=1)
    wrong = np.flatnonzero(predicted != true)
    order = np.argsort(-confidence[wrong], kind="stable")
    places = wrong[order][:count]
    return Mistakes(places, true[places], predicted[places], confidence[places])


@dataclass(frozen=True, eq=False)
class Calibration:
    """Whether a network is as often right as it is sure.

    Attributes
    ----------
    edges
        (bins + 1,) of confidence, from 0 to 1. A bin holds its upper edge.
    counts
        (bins,) how many samples fell into each.
    confidence, accuracy
        (bins,) how sure the network was of them on the average, and the share that it
        got right; NaN where there are none.
    error
        The expected calibration error: the distance between the two, on the average
        over all samples. 0 is perfect.
    """

    edges: NDArray[np.float64]
    counts: Wholes
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    error: float


def calibration(
    probabilities: ArrayLike, labels: ArrayLike, *, bins: int = 10
) -> Calibration:
    """Compare how sure a network is with how often it is right.

    Parameters
    ----------
    probabilities
        (N, classes), as `probabilities` returns them.
    labels
        (N,) what the samples are.
    bins
        How many intervals of equal width confidence is sorted into.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        Rows that are no probabilities, labels that are no classes.

    References
    ----------
    Guo and others, On calibration of modern neural networks, arXiv 1706.04599.

    Examples
    --------
    Four times 75 % sure, and three times right: well calibrated.

    >>> sure = np.tile([0.75, 0.25], (4, 1))
    >>> calibration(sure, [0, 0, 0, 1]).error
    0.0
    >>> calibration(sure, [0, 0, 1, 1]).error
    0.25
    """
    sure, true = _sure(probabilities, labels)
    bins = _arguments.whole(bins, "bins")
    edges = np.linspace(0, 1, bins + 1)
    top, right = sure.max(axis=1), sure.argmax(axis=1) == true
    place = np.clip(np.searchsorted(edges, top, side="left") - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, weights=w, minlength=bins) for w in (top, right)]
    with np.errstate(invalid="ignore"):
        confidence, accuracy = (total / counts for total in sums)
    error = np.abs(sums[0] - sums[1]).sum() / len(true)
    return Calibration(edges, counts, confidence, accuracy, float(error))


def _sure(probabilities: Any, labels: Any) -> tuple[NDArray[np.float64], Wholes]:
    """Return checked probabilities and labels."""
    sure = _arguments.array(probabilities, "probabilities", finite=True)
    sure = sure.astype(np.float64)
    need = "Give (N, classes) of them, each row with the sum 1"
    if sure.ndim != 2:
        came = f"numbers of shape {sure.shape}"
        raise _arguments.refusal("probabilities", came, need)
    sums = sure.sum(axis=1)
    if sure.min() < 0 or not np.allclose(sums, 1, atol=1e-3):
        came = f"rows with sums from {sums.min():.4g} to {sums.max():.4g}"
        if sure.min() < 0:
            came = f"a negative one, {sure.min():.4g}"
        need += ": probe.probabilities(model, x) makes them"
        raise _arguments.refusal("probabilities", came, need)
    true = _labels(labels, "labels", sure.shape[1])
    _refuse_unequal(sure, true, "labels")
    return sure, true


def _labels(values: Any, name: str, classes: int) -> Wholes:
    labels = _arguments.array(values, name)
    need = f"Give one whole number a sample, from 0 to {classes - 1}"
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        came = f"{labels.dtype} of shape {labels.shape}"
        raise _arguments.refusal(name, came, need)
    if labels.min() < 0 or labels.max() >= classes:
        worst = labels.min() if labels.min() < 0 else labels.max()
        raise _arguments.refusal(name, f"a class {worst}", need)
    return labels.astype(np.int64)


def _refuse_unequal(one: NDArray, other: NDArray, name: str) -> None:
    if len(one) != len(other):
        came = f"{len(other):,} for {len(one):,} samples"
        raise _arguments.refusal(name, came, "Give one for each sample")
