"""What came: one array or several, checked for being what we draw."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from helpers import _arguments
from helpers._arguments import refusal

Window = tuple[int, int, int, int]  # row, column, rows, columns


def numbers(value: ArrayLike, what: str) -> np.ndarray:
    """Return a checked array of real numbers; ``what`` begins the error's sentence."""
    array = _arguments.array(value, what)
    return array if array.dtype != np.float16 else array.astype(np.float32)


def text(value: Any, name: str) -> str:
    """Return a checked text, empty where none came."""
    if value is None or isinstance(value, str):
        return value or ""
    raise refusal(name, repr(value), "Give a text in quotes")


def matrix(value: ArrayLike, what: str) -> np.ndarray:
    """Return a checked (H, W); (H, W, 1) is taken for one."""
    array = numbers(value, what)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2:
        raise ValueError(
            f"{what} has rows and columns, shape (H, W); this array has shape "
            f"{array.shape}. Choose one plane of it, for example x[..., 0]."
        )
    return array


def image(value: ArrayLike) -> np.ndarray:
    """Return a checked (H, W) or (H, W, 3)."""
    array = numbers(value, "An image")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] == 3):
        raise ValueError(
            "An image has shape (H, W) for gray or (H, W, 3) for colour; this array "
            f"has shape {array.shape}. For a stack of maps there is "
            "plots.feature_maps."
        )
    return array


def stack(maps: ArrayLike | Sequence[ArrayLike]) -> np.ndarray:
    """Return checked maps (H, W, C), from any form that `feature_maps` takes."""
    if isinstance(maps, list | tuple) and maps and depth(maps[0]) == 2:
        planes = [matrix(m, "A feature map") for m in maps]
        sizes = {m.shape for m in planes}
        if len(sizes) > 1:
            raise ValueError(
                "All feature maps of a mosaic have one size; these have "
                + ", ".join(sorted({f"{rows} × {cols}" for rows, cols in sizes}))
                + "."
            )
        return np.stack(planes, axis=-1)
    stack = numbers(cast(ArrayLike, maps), "A stack of feature maps")
    if stack.ndim == 4 and stack.shape[0] == 1:
        stack = stack[0]
    if stack.ndim == 2:
        stack = stack[..., np.newaxis]
    if stack.ndim != 3:
        raise ValueError(
            "Feature maps have shape (H, W, C), channels last; this array has shape "
            f"{stack.shape}. Of a batch, take one: maps[0]."
        )
    return stack


def depth(value: Any) -> int:
    """Return how many axes an array or nested lists have; 1 for unequal rows."""
    try:
        return np.ndim(value)
    except ValueError:
        return 1


def several(arrays: Any, names: Any, check: Any) -> tuple[list[np.ndarray], list[str]]:
    """Return a list of checked arrays and a title for each."""
    if isinstance(arrays, Mapping):
        names = list(arrays) if names is None else names
        arrays = list(arrays.values())
    elif not (isinstance(arrays, list | tuple) and arrays and depth(arrays[0]) >= 2):
        arrays = [arrays]
    if not arrays:
        raise ValueError("There is nothing to draw: the dictionary is empty.")
    arrays = [check(array) for array in arrays]
    return arrays, titles(names, len(arrays))


def titles(titles: Any, count: int) -> list[str]:
    """Return one title for each of ``count`` arrays, empty ones where none came."""
    if titles is None:
        return [""] * count
    titles = [titles] if isinstance(titles, str) else titles
    return ["" if t is None else str(t) for t in one_each("titles", titles, count)]


def one_each(name: str, values: Any, count: int) -> list:
    """Return a checked list with one entry for each array."""
    try:
        values = [values] if isinstance(values, str) else list(values)
    except TypeError:
        need = "Give a list, one entry for each array"
        raise refusal(name, repr(values), need) from None
    if len(values) != count:
        raise ValueError(
            f"{name} must have one entry for each array; {len(values)} came for "
            f"{count}."
        )
    return values


def limits(value: Any) -> tuple[float, float]:
    """Return checked (low, high)."""
    need = "Give two numbers, the smaller first, like (0, 255)"
    if not _arguments.is_sequence(value) or len(value) != 2:
        raise refusal("limits", repr(value), need)
    low, high = (_arguments.real(number, "limits") for number in value)
    if low >= high:
        raise refusal("limits", repr(value), need)
    return low, high


def end(arrays: Sequence[np.ndarray], limit: Any) -> float:
    """Return the number at the end of a scale that starts or is centred at 0."""
    if limit is not None:
        return _arguments.real(limit, "limit", above=0)
    reach = [abs(n) for array in arrays for n in extremes(array) if math.isfinite(n)]
    return max(reach, default=0.0) or 1.0


def window(value: Any, shape: tuple[int, ...], name: str = "window") -> Window:
    """Return a checked window that lies inside the shape."""
    four = list(value) if _arguments.is_sequence(value) else []
    if len(four) != 4 or not all(map(_arguments.is_whole, four)):
        need = "Give a window: four whole numbers, (row, column, rows, columns)"
        raise refusal(name, repr(value), need)
    row, column, rows, cols = map(int, four)
    inside = 0 <= row <= shape[0] - rows and 0 <= column <= shape[1] - cols
    if rows < 1 or cols < 1 or not inside:
        raise ValueError(
            f"The window (row, column, rows, columns) = {(row, column, rows, cols)} "
            f"does not lie inside {shape[0]} × {shape[1]}."
        )
    return row, column, rows, cols


def place(value: Any, shape: tuple[int, int], name: str) -> tuple[int, int]:
    """Return a checked (row, column) that lies inside the shape."""
    two = list(value) if _arguments.is_sequence(value) else []
    whole = len(two) == 2 and all(map(_arguments.is_whole, two))
    if not whole or not all(0 <= i < n for i, n in zip(two, shape, strict=True)):
        need = f"Give (row, column) inside {shape[0]} × {shape[1]}"
        raise refusal(name, repr(value), need)
    return int(two[0]), int(two[1])


def extremes(array: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest number, NaN where none is finite.

    Nothing as large as the array is made, apart from one byte for each number.
    """
    good = np.isfinite(array)
    if not good.any():
        return math.nan, math.nan
    if good.all():
        return float(array.min()), float(array.max())
    low = array.min(where=good, initial=np.inf)
    return float(low), float(array.max(where=good, initial=-np.inf))


def total(kernel: np.ndarray) -> float:
    """Return the sum of a kernel's numbers, NaN where infinities cancel."""
    with np.errstate(invalid="ignore"):
        return float(kernel.sum(dtype=np.float64))


def finite(array: np.ndarray) -> np.ndarray:
    """Return a float copy in which infinite values are NaN: drawn as no number."""
    array = array.astype(np.float64)
    array[~np.isfinite(array)] = np.nan
    return array
