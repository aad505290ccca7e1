"""What came: one array or several, checked for being what we draw."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Window = tuple[int, int, int, int]  # row, column, rows, columns


def numbers(value: ArrayLike, what: str) -> np.ndarray:
    """Return a checked array of real numbers; ``what`` begins the error's sentence."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        array = np.empty((), dtype=object)
    if array.dtype.kind not in "biuf":
        came = "complex numbers" if array.dtype.kind == "c" else type(value).__name__
        raise ValueError(
            f"{what} is made of real numbers in rows of equal length; {came} came."
        )
    if not array.size:
        raise ValueError(
            f"{what} needs at least one number; this array is empty, its shape is "
            f"{array.shape}."
        )
    return array if array.dtype != np.float16 else array.astype(np.float32)


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
    if isinstance(maps, list | tuple) and maps and _depth(maps[0]) == 2:
        planes = [matrix(m, "A feature map") for m in maps]
        sizes = {m.shape for m in planes}
        if len(sizes) > 1:
            raise ValueError(
                "All feature maps of a mosaic have one size; these have "
                + ", ".join(sorted({f"{rows} × {cols}" for rows, cols in sizes}))
                + "."
            )
        return np.stack(planes, axis=-1)
    stack = numbers(maps, "A stack of feature maps")
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


def _depth(value: Any) -> int:
    try:
        return np.ndim(value)
    except ValueError:  # rows of unequal length
        return 1


def several(arrays: Any, names: Any, check: Any) -> tuple[list[np.ndarray], list[str]]:
    """Return a list of checked arrays and a title for each."""
    if isinstance(arrays, Mapping):
        names = list(arrays) if names is None else names
        arrays = list(arrays.values())
    elif not (isinstance(arrays, list | tuple) and arrays and _depth(arrays[0]) >= 2):
        arrays = [arrays]
    if not arrays:
        raise ValueError("There is nothing to draw: the dictionary is empty.")
    arrays = [check(array) for array in arrays]
    return arrays, titles(names, len(arrays))


def titles(titles: Sequence[str] | str | None, count: int) -> list[str]:
    """Return one title for each of ``count`` arrays, empty ones where none came."""
    if titles is None:
        return [""] * count
    titles = [titles] if isinstance(titles, str) else [str(t) for t in titles]
    one_each("titles", titles, count)
    return titles


def one_each(
    name: str, values: Iterable, count: int, allowed: Sequence | None = None
) -> list:
    """Return a checked list with one entry, of those allowed, for each array."""
    values = list(values)
    if len(values) != count:
        raise ValueError(
            f"{name} must have one entry for each array; {len(values)} came for "
            f"{count}."
        )
    for value in values:
        if allowed is not None and value not in allowed:
            raise ValueError(
                f"{name} must be one of {', '.join(map(repr, allowed))}; {value!r} "
                "came."
            )
    return values


def limits(limits: tuple[float, float]) -> tuple[float, float]:
    """Return checked (low, high)."""
    try:
        low, high = (float(value) for value in limits)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(
            f"limits must be two numbers, the smaller first, like (0, 255); {limits!r} "
            "came."
        )
    return low, high


def end(arrays: Sequence[np.ndarray], limit: float | None) -> float:
    """Return the number at the end of a scale that starts or is centred at 0."""
    if limit is None:
        sizes = [np.abs(finite(a)) for a in arrays]
        largest = max(float(np.nanmax(s, initial=0)) for s in sizes)
        return largest or 1.0
    try:
        end = float(limit)
    except (TypeError, ValueError):
        end = np.nan
    if not (np.isfinite(end) and end > 0):
        raise ValueError(f"limit must be a number above 0; {limit!r} came.")
    return end


def window(window: Window | None, shape: tuple[int, ...]) -> Window | None:
    """Return a checked window that lies inside the shape, or None where none came."""
    if window is None:
        return None
    try:
        row, column, rows, cols = (int(value) for value in window)
    except (TypeError, ValueError):
        raise ValueError(
            "A window is four whole numbers: (row, column, rows, columns); "
            f"{window!r} came."
        ) from None
    inside = 0 <= row <= shape[0] - rows and 0 <= column <= shape[1] - cols
    if rows < 1 or cols < 1 or not inside:
        raise ValueError(
            f"The window (row, column, rows, columns) = {tuple(window)} does not lie "
            f"inside {shape[0]} × {shape[1]}."
        )
    return row, column, rows, cols


def finite(array: np.ndarray) -> np.ndarray:
    """Return a float copy in which infinite values are NaN: drawn as no number."""
    array = array.astype(np.float64)
    array[~np.isfinite(array)] = np.nan
    return array
