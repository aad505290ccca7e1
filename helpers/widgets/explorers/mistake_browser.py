"""MistakeBrowser: what a network takes for what, and the pictures (lesson 06)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, images, plots
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Checked, Flag, Whole, Word

ORDERS = ("surest first", "least sure first", "as they came")
MOST_PICTURES = 10_000
MOST_PIXELS = 12_000_000  # of all pictures together
LARGEST_SIDE = 128
MOST_CLASSES = 20
_STILL = 8  # pictures in the still picture


class Given(NamedTuple):
    """What is browsed: N pictures, what they are, what they are taken for."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    class_names: tuple[str, ...]


def _checked_images(value: ArrayLike) -> NDArray[np.uint8]:
    """Return pictures (N, H, W) of 0 to 255; those from 0 to 1 are enlarged to it."""
    pictures = _arguments.array(value, "images", finite=True)
    if pictures.ndim == 4 and pictures.shape[3] == 1:
        pictures = pictures[..., 0]
    if pictures.ndim == 4 and pictures.shape[3] == 3:
        pictures = np.stack([images.gray(one) for one in pictures])
    if pictures.ndim != 3 or not 1 <= len(pictures) <= MOST_PICTURES:
        came = f"shape {pictures.shape}"
        need = f"Give 1 to {MOST_PICTURES:,} pictures (N, rows, columns)"
        raise _arguments.refusal("images", came, need)
    sides = pictures.shape[1:]
    if not 1 <= min(sides) <= max(sides) <= LARGEST_SIDE or pictures.size > MOST_PIXELS:
        came = f"{len(pictures):,} pictures of {sides[0]} × {sides[1]}"
        need = (
            f"Give 1 to {LARGEST_SIDE} pixels a side, {MOST_PIXELS:,} in all pictures"
        )
        raise _arguments.refusal("images", came, need)
    low, high = pictures.min(), pictures.max()
    if low < 0 or high > 255:
        came = f"values from {low:.6g} to {high:.6g}"
        raise _arguments.refusal("images", came, "Give them from 0 to 255, or to 1")
    if pictures.dtype == np.uint8:
        return pictures
    share = pictures.dtype.kind == "f" and high <= 1
    return np.rint(pictures * (255 if share else 1)).astype(np.uint8)


def _checked_probabilities(value: ArrayLike, count: int) -> NDArray[np.float32]:
    probabilities = _arguments.array(value, "probabilities", finite=True)
    rows, classes = probabilities.shape if probabilities.ndim == 2 else (0, 0)
    if rows != count or not 2 <= classes <= MOST_CLASSES:
        came = f"shape {probabilities.shape}"
        need = f"Give ({count:,}, classes), 2 to {MOST_CLASSES} classes"
        raise _arguments.refusal("probabilities", came, need)
    sums = probabilities.sum(axis=1, dtype=np.float64)
    if probabilities.min() < 0 or np.abs(sums - 1).max() > 0.01:
        came = "rows that are no probabilities"
        need = "Give softmax of them: numbers from 0 on that add up to 1"
        raise _arguments.refusal("probabilities", came, need)
    return probabilities.astype(np.float32)


def _checked_labels(value: ArrayLike, count: int, classes: int) -> NDArray[np.uint8]:
    labels = _arguments.array(value, "labels")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        came = f"{labels.dtype} of shape {labels.shape}"
        raise _arguments.refusal("labels", came, f"Give {count:,} whole numbers")
    if labels.min() < 0 or labels.max() >= classes:
        came = f"numbers from {labels.min()} to {labels.max()}"
        need = f"Give them from 0 to {classes - 1}, as there are probabilities"
        raise _arguments.refusal("labels", came, need)
    return labels.astype(np.uint8)


def _checked_names(value: Any, classes: int) -> tuple[str, ...]:
    if value is None:
        return tuple(map(str, range(classes)))
    names = tuple(map(str, value)) if _arguments.is_sequence(value) else ()
    if len(names) != classes or len(set(names)) != classes or not all(names):
        came = _arguments.shown(value)
        raise _arguments.refusal("class_names", came, f"Give {classes} different names")
    return names


def _read(images: Any, labels: Any, probabilities: Any, class_names: Any) -> Given:
    """Return what is given, checked, or raise ``TraitError`` with a sentence."""
    try:
        pictures = _checked_images(images)
        shares = _checked_probabilities(probabilities, len(pictures))
        classes = shares.shape[1]
        right = _checked_labels(labels, len(pictures), classes)
        names = _checked_names(class_names, classes)
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None
    return Given(_frozen(pictures), _frozen(right), _frozen(shares), names)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def trimmed(pictures: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bytes]:
    """Return pictures without their empty rims: less is sent, and nothing is lost.

    Parameters
    ----------
    pictures : (N, H, W)

    Returns
    -------
    boxes : (N, 4) of uint8
        First row, first column, rows and columns of what is left of each.
    pixels : bytes
        What is left, one after the other.

    Examples
    --------
    >>> boxes, pixels = trimmed(np.array([[[0, 0, 0], [0, 7, 9]]], np.uint8))
    >>> boxes.tolist(), list(pixels)
    ([[1, 1, 1, 2]], [7, 9])
    """
    spans = []
    for axis in (2, 1):  # rows that hold something, then columns
        some = np.asarray(pictures.any(axis=axis))
        first = some.argmax(axis=1)
        after = some.shape[1] - some[:, ::-1].argmax(axis=1)
        spans += [first, np.where(some.any(axis=1), after - first, 0)]
    boxes = np.stack([spans[0], spans[2], spans[1], spans[3]], axis=1).astype(np.uint8)
    parts = [
        picture[top : top + tall, left : left + wide].tobytes()
        for picture, (top, left, tall, wide) in zip(
            pictures, boxes.astype(int), strict=True
        )
    ]
    return boxes, b"".join(parts)


def _checked_cell(value: Any) -> tuple[int, ...]:
    if value is None or (_arguments.is_sequence(value) and len(value) == 0):
        return ()
    place = tuple(value) if _arguments.is_sequence(value) else ()
    fits = len(place) == 2 and all(map(_arguments.is_whole, place))
    if not fits or not all(0 <= n < MOST_CLASSES for n in place):
        need = "Give (true class, class it is taken for), counted from 0, or None"
        raise _arguments.refusal("cell", _arguments.shown(value), need)
    return int(place[0]), int(place[1])


class MistakeBrowser(Explorer):
    """What a network takes for what: a cell of the confusion matrix, and its pictures.

    The matrix counts the pictures of each true class (rows) by what they are taken for
    (columns). A click on a cell shows them, the surest first; a click on one of them,
    all its probabilities.

    Parameters
    ----------
    images
        Pictures (N, H, W), (N, H, W, 1) or (N, H, W, 3), which turn gray; N up to
        10,000; values from 0 to 255, or floats from 0 to 1. What goes to the page is as
        large as what is drawn on them.
    labels
        (N,) the true class of each, counted from 0.
    probabilities
        (N, classes) what a network says of each, 2 to 20 classes; rows add up to 1.
    class_names
        A name for each class; left out 0, 1, 2 …
    cell, order, only_mistakes
        As the traits below.

    Attributes
    ----------
    cell : tuple of int
        (true class, class it is taken for) whose pictures are shown; empty: all. None
        empties it.
    order : str
        "surest first", by the largest of their probabilities, "least sure first" or "as
        they came".
    only_mistakes : bool
        Whether pictures that are taken for what they are stay away.
    page : int
        Which page of the pictures is shown, from 0; beyond the last: the last.
    chosen : int
        Number of the picture whose probabilities are shown; -1: the first of the page.
    matrix : ndarray of int, (classes, classes)
        Pictures of each true class (rows) by what they are taken for (columns).
    shown : ndarray of int
        Numbers of all pictures that are shown, in their order.
    images, labels, probabilities, class_names
        What is browsed: uint8, uint8, float32, str.
    guesses, certainty : ndarray, (N,)
        What each is taken for, and its largest probability.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> pictures = np.zeros((3, 28, 28), np.uint8)
    >>> said = [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]
    >>> browser = MistakeBrowser(pictures, [0, 1, 1], said, ["cat", "dog"])
    >>> browser.matrix.tolist(), browser.shown.tolist()
    ([[1, 0], [1, 1]], [1])
    >>> browser.cell = (1, 1)
    >>> browser.only_mistakes = False
    >>> browser.shown.tolist()
    [2]
    >>> browser
    MistakeBrowser: 3 pictures of 28 × 28, 2 classes; dog taken for dog; surest first
    """

    module = "explorers/mistake_browser.js"

    cell = Checked(_checked_cell, ())
    order = Word(ORDERS, ORDERS[0])
    only_mistakes = Flag(True)
    page = Whole(0, 0, MOST_PICTURES)
    chosen = Whole(-1, -1)

    _pictures = traitlets.Dict().tag(sync=True, arrays=True)
    _class_names: traitlets.List = traitlets.List().tag(sync=True)

    def __init__(
        self,
        images: ArrayLike,
        labels: ArrayLike,
        probabilities: ArrayLike,
        class_names: Sequence[str] | None = None,
        *,
        cell: tuple[int, int] | None = None,
        order: str = ORDERS[0],
        only_mistakes: bool = True,
    ) -> None:
        self._given = _read(images, labels, probabilities, class_names)
        boxes, pixels = trimmed(self.images)
        message = {
            "sides": list(self.images.shape[1:]),
            "boxes": boxes.tobytes(),
            "pixels": pixels,
            "labels": self.labels.tobytes(),
            "probabilities": self.probabilities.tobytes(),
        }
        super().__init__(
            _pictures=message,
            _class_names=list(self.class_names),
            cell=cell,
            order=order,
            only_mistakes=only_mistakes,
        )

    # ---- what is browsed ----

    @property
    def images(self) -> NDArray[np.uint8]:
        """The pictures, (N, H, W)."""
        return self._given.images

    @property
    def labels(self) -> NDArray[np.uint8]:
        """What each picture is."""
        return self._given.labels

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """What the network says of each, (N, classes)."""
        return self._given.probabilities

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self._given.class_names

    @property
    def guesses(self) -> NDArray[np.intp]:
        """What each picture is taken for."""
        return self.probabilities.argmax(axis=1)

    @property
    def certainty(self) -> NDArray[np.float32]:
        """The largest probability of each picture."""
        return self.probabilities.max(axis=1)

    @property
    def matrix(self) -> NDArray[np.intp]:
        """Pictures by their true class (rows) and what they are taken for (columns)."""
        counts = np.zeros((len(self.class_names),) * 2, np.intp)
        np.add.at(counts, (self.labels, self.guesses), 1)
        return counts

    @property
    def shown(self) -> NDArray[np.intp]:
        """Numbers of the pictures that are shown, in their order."""
        guesses = self.guesses
        fits = np.ones(len(self.labels), bool)
        if self.cell:
            fits &= (self.labels == self.cell[0]) & (guesses == self.cell[1])
        if self.only_mistakes:
            fits &= self.labels != guesses
        found = np.flatnonzero(fits)
        sign = {"surest first": -1, "least sure first": 1, "as they came": 0}
        keys = sign[self.order] * self.certainty[found]
        return found[np.argsort(keys, kind="stable")]

    # ---- what fits together ----

    @traitlets.validate("cell")
    def _a_cell(self, proposal: dict[str, Any]) -> tuple[int, ...]:
        cell, classes = proposal["value"], len(self.class_names)
        if cell and max(cell) >= classes:
            need = f"Give two classes, each from 0 to {classes - 1}, or None"
            raise traitlets.TraitError(str(_arguments.refusal("cell", cell, need)))
        return cell

    @traitlets.validate("chosen")
    def _a_picture(self, proposal: dict[str, Any]) -> int:
        number, count = proposal["value"], len(self.labels)
        if number >= count:
            need = f"Give a number from 0 to {count - 1}, or -1"
            raise traitlets.TraitError(str(_arguments.refusal("chosen", number, need)))
        return number

    @traitlets.observe("cell", "order", "only_mistakes")
    def _other_pictures(self, _: Any) -> None:
        if not self._told:
            self.page, self.chosen = 0, -1

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: what is browsed, and which pictures are shown."""
        count, *sides = self.images.shape
        if self.cell:
            true, taken = (self.class_names[k] for k in self.cell)
            which = f"{true} taken for {taken}"
        else:
            which = "all mistakes" if self.only_mistakes else "all pictures"
        where = f", page {self.page + 1}" if self.page else ""
        mistakes = ", only mistakes" if self.cell and self.only_mistakes else ""
        if self.cell and self.cell[0] != self.cell[1]:
            mistakes = ""  # there is nothing else in such a cell
        picked = "" if self.chosen < 0 else f"; picture {self.chosen}"
        return (
            f"MistakeBrowser: {count:,} picture{'s' * (count != 1)} of "
            f"{sides[0]} × {sides[1]}, {len(self.class_names)} classes; "
            f"{which}{mistakes}; {self.order}{where}{picked}"
        )

    def picture(self) -> plots.Picture:
        """Return the first pictures that are shown; where none is, some of all."""
        shown = self.shown[:_STILL]
        if not len(shown):
            shown = np.arange(min(_STILL, len(self.labels)))
        names = self.class_names
        titles = [
            f"{names[self.labels[k]]}, taken for {names[self.guesses[k]]}"
            for k in shown
        ]
        return plots.images(list(self.images[shown]), titles, limits=(0, 255))
