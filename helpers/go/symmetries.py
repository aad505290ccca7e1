"""The eight symmetries of the board: turned or mirrored, Go is the same game.

They are numbered 0 to 7, by what is done in this order: 1 more where the rows are
turned upside down, 2 more where the columns are mirrored, 4 more where rows and columns
are swapped at last.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments
from helpers.go.board import Point

Array = TypeVar("Array", bound=NDArray[Any])

#: How many there are.
COUNT = 8

# What undoes each: where the axes are swapped, the two mirrors change places.
_INVERSES = (0, 1, 2, 3, 4, 6, 5, 7)


def turned(array: Array, k: int, axes: tuple[int, int] = (0, 1)) -> Array:
    """Return an array of the board as it is seen under one of the symmetries.

    Parameters
    ----------
    array
        One board (size, size) or (size, size, C); of many, name the axes.
    k
        Which symmetry, 0 to 7; 0 changes nothing.
    axes
        Those of the rows and the columns: (1, 2) for (N, size, size, C).

    Returns
    -------
    ndarray
        Of the same shape; a view.

    Raises
    ------
    ValueError
        For another `k`, for axes that the array has not, or of different lengths.

    Examples
    --------
    >>> import numpy as np
    >>> board = np.array([[1, 2], [3, 4]])
    >>> turned(board, 1).tolist(), turned(board, 4).tolist()
    ([[3, 4], [1, 2]], [[1, 3], [2, 4]])
    """
    k = _arguments.whole(k, "k", 0, COUNT - 1)
    rows, cols = _axes(array, axes)
    flipped = tuple(axis for axis, bit in ((rows, 1), (cols, 2)) if k & bit)
    array = np.flip(array, flipped)
    return array.swapaxes(rows, cols) if k & 4 else array


def back(array: Array, k: int, axes: tuple[int, int] = (0, 1)) -> Array:
    """Undo `turned`: return an array as it was before.

    Examples
    --------
    >>> import numpy as np
    >>> board = np.arange(9).reshape(3, 3)
    >>> bool((back(turned(board, 5), 5) == board).all())
    True
    """
    return turned(array, _INVERSES[_arguments.whole(k, "k", 0, COUNT - 1)], axes)


def symmetries(array: NDArray[Any], axes: tuple[int, int] = (0, 1)) -> NDArray[Any]:
    """Return an array as it is seen under all eight symmetries, one after the other.

    Parameters
    ----------
    array, axes
        As in `turned`.

    Returns
    -------
    ndarray, (8, …)

    Examples
    --------
    >>> import numpy as np
    >>> symmetries(np.zeros((19, 19, 14))).shape
    (8, 19, 19, 14)
    """
    return np.stack([turned(array, k, axes) for k in range(COUNT)])


def turned_point(point: Point, k: int, size: int = 19) -> Point:
    """Return where a point comes under one of the symmetries.

    Whole arrays of rows and columns are taken, too.

    Parameters
    ----------
    point
        Row and column, from 0.
    k
        Which symmetry, 0 to 7.
    size
        Points a side.

    Examples
    --------
    >>> turned_point((0, 2), 1), turned_point((0, 2), 4), turned_point((0, 2), 5)
    ((18, 2), (2, 0), (2, 18))
    """
    k = _arguments.whole(k, "k", 0, COUNT - 1)
    row, col = point
    row = size - 1 - row if k & 1 else row
    col = size - 1 - col if k & 2 else col
    return (col, row) if k & 4 else (row, col)


def _axes(array: NDArray[Any], axes: tuple[int, int]) -> tuple[int, int]:
    try:
        rows, cols = axes
        if rows != cols and array.shape[rows] == array.shape[cols]:
            return rows, cols
    except (TypeError, ValueError, IndexError):
        pass
    came = f"{_arguments.shown(axes)} for an array of shape {np.shape(array)}"
    need = "Give the axes of rows and columns, which have one length: (1, 2), say"
    raise _arguments.refusal("axes", came, need)
