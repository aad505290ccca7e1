"""What a network gets wrong, and whether it is as often right as it is sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import confusion_matrix

from helpers import _arguments

Wholes = NDArray[np.int64]


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
