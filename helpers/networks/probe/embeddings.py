"""Photos as lists of numbers: what a trained network makes of them, and what is near.

A layer's maps, each brought down to one number, say of a photo how much of each thing
is in it that the layer looks for. Photos of like things have like lists, also where the
network never learned their names (Donahue and others 2013, arXiv:1310.1531).
"""

from __future__ import annotations

from typing import Any, NamedTuple, overload

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.networks.probe import _fitting, _steps, _within

Floats = NDArray[np.float32]

#: How a map becomes one number.
POOLS = ("mean", "max")


@overload
def features(
    model: keras.Model,
    photos: ArrayLike,
    layer: str | None = None,
    *,
    pool: str = "mean",
    progress: bool = True,
) -> Floats: ...


@overload
def features(
    model: keras.Model,
    photos: ArrayLike,
    layer: list[str] | tuple[str, ...],
    *,
    pool: str = "mean",
    progress: bool = True,
) -> dict[str, Floats]: ...


def features(
    model: keras.Model,
    photos: ArrayLike,
    layer: str | list[str] | tuple[str, ...] | None = None,
    *,
    pool: str = "mean",
    progress: bool = True,
) -> Floats | dict[str, Floats]:
    """Return photos as lists of numbers, one for each channel of a layer.

    They are computed some at a time, so that thousands fit into memory. An interruption
    (■, or Ctrl-C) returns those that are done.

    Parameters
    ----------
    model
        A `keras.Sequential` or a functional model, built.
    photos
        (N, H, W, C), 0 to 255, as the model takes them.
    layer
        The name of a layer; None for the last one that still has maps. Names of
        several, to go through the photos once for all.
    pool
        How each map becomes one number: "mean", how much of it is there; "max", how
        surely it is anywhere. A layer without maps gives its numbers as they are.
    progress
        False for no bar.

    Returns
    -------
    (N, channels) of float32
        In the order of the photos. For several layers a dict, by their names.

    Raises
    ------
    ValueError
        A model that is not built, or without such a layer; other photos.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((8, 8, 1)),
    ...     keras.layers.AveragePooling2D(2, name="halves"),
    ...     keras.layers.Flatten(),
    ...     keras.layers.Dense(3),
    ... ])
    >>> photos = np.zeros((2, 8, 8, 1))
    >>> photos[1, :4] = 100
    >>> features(model, photos).tolist(), features(model, photos, pool="max").tolist()
    ([[0.0], [50.0]], [[0.0], [100.0]])
    """
    _within.check(model)
    pool = _arguments.word(pool, "pool", POOLS)
    several = _arguments.is_sequence(layer)
    asked = _last_with_maps(model) if layer is None else layer
    names: list[Any] = list(asked) if several else [asked]
    if not names:
        raise _arguments.refusal("layer", "no names", "Give at least one")
    part = _within.up_to(model, *names)
    x = _fitting.batch(model, photos, "photos")
    size = _fitting.at_once(part, x.shape[1:])
    found: list[list[Floats]] = []
    with _steps.counted(len(x), "Features", progress, "photos", least=1) as counted:
        for some in counted.portions(size):
            made = part(x[some].astype("float32"), training=False)
            found.append([_pooled(one, pool) for one in _fitting.as_list(made)])
    tables = [np.concatenate(one) for one in zip(*found, strict=True)]
    return dict(zip(names, tables, strict=True)) if several else tables[0]


def _pooled(made: Any, pool: str) -> Floats:
    axes = tuple(range(1, len(made.shape) - 1))
    if axes:
        reduce = keras.ops.mean if pool == "mean" else keras.ops.max
        made = reduce(made, axis=axes)
    return np.asarray(keras.ops.convert_to_numpy(made), np.float32)


class Nearest(NamedTuple):
    """What is most like something, the nearest first.

    Attributes
    ----------
    photos
        (count,), the numbers of their rows among the features.
    similarities
        (count,), the cosine of the angle between the two lists of numbers: 1 for the
        same direction, 0 for nothing in common.
    """

    photos: NDArray[np.int64]
    similarities: NDArray[np.float64]


def nearest(features: ArrayLike, query: ArrayLike | int, count: int = 5) -> Nearest:
    """Return which photos are most like one of them, or like another one.

    Lists of numbers are compared by their cosine, which does not see how long they are,
    as of a photo that is darker: Σ aᵢ bᵢ / √(Σ aᵢ² Σ bᵢ²).

    Parameters
    ----------
    features
        (N, C), a row a photo, from `features`.
    query
        (C,), of another photo. Or the number of a row: that photo itself is then not
        among the nearest.
    count
        How many.

    Returns
    -------
    Nearest
        Photos and similarities, the nearest first; of equals, the first first.

    Raises
    ------
    ValueError
        Other shapes, NaN, more than there are.

    Examples
    --------
    >>> table = [[1, 0], [2, 0.1], [0, 1]]
    >>> found = nearest(table, 0, count=2)
    >>> found.photos.tolist(), found.similarities.round(3).tolist()
    ([1, 2], [0.999, 0.0])
    """
    table = _arguments.array(features, "features", finite=True).astype(np.float64)
    if table.ndim != 2:
        came = f"shape {table.shape}"
        raise _arguments.refusal("features", came, "Give a row a photo, (N, C)")
    itself = None
    if not _arguments.is_sequence(query):
        itself = _arguments.whole(query, "query", 0, len(table) - 1)
        asked = table[itself]
    else:
        asked = _arguments.array(query, "query", finite=True).astype(np.float64)
    if asked.shape != table.shape[1:]:
        need = f"Give ({table.shape[1]},) as the features have, or a row's number"
        raise _arguments.refusal("query", f"shape {asked.shape}", need)
    most = len(table) - (itself is not None)
    count = _arguments.whole(count, "count", 1, most)
    similarities = _directions(table) @ _directions(asked)
    order = np.argsort(-similarities, kind="stable")
    if itself is not None:
        order = order[order != itself]
    order = order[:count]
    return Nearest(order, similarities[order])


def _directions(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows of length 1; those without a length stay 0, and are like nothing."""
    # By the largest first, so that no square is too large or too small for a float.
    most = np.abs(rows).max(axis=-1, keepdims=True)
    rows = rows / np.where(most > 0, most, 1)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def _last_with_maps(model: keras.Model) -> str:
    """Return the name of the last layer that gives (N, H, W, C)."""
    if found := _within.with_maps(model):
        return found[-1].name
    need = "Name a layer of this model"
    raise _arguments.refusal("layer", "None for a model without maps", need)
