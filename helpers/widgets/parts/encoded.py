"""Pictures on their way to the page as files, which take a tenth of their bytes.

`helpers.images.to_webp` writes them, the browser itself decodes them (``encoded.js``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments

MOST_BYTES = 8_000_000  # of all pictures of an explorer


def in_a_row(files: list[bytes]) -> dict[str, Any]:
    """Return several files as the page takes them: all bytes, and where each ends.

    Examples
    --------
    >>> in_a_row([b"ab", b"cde"])
    {'data': b'abcde', 'ends': [2, 5]}
    """
    ends = np.cumsum([len(one) for one in files]).tolist()
    return {"data": b"".join(files), "ends": ends}


def size_of(rows: Iterable[dict[str, Any]]) -> int:
    """Return how many bytes several of them take.

    Examples
    --------
    >>> size_of([in_a_row([b"ab", b"cde"]), in_a_row([])])
    5
    """
    return sum(len(row["data"]) for row in rows)


def refuse_too_much(rows: Iterable[dict[str, Any]], name: str, do: str) -> None:
    """Refuse pictures that together are too much for a page.

    Parameters
    ----------
    rows
        All that goes there, each as `in_a_row` returns it.
    name
        Of the argument, for the sentence.
    do
        What would make them fewer, for the sentence.

    Raises
    ------
    ValueError
        They take more than `MOST_BYTES`.
    """
    size = size_of(rows)
    if size > MOST_BYTES:
        came = f"{size / 1e6:.1f} MB of pictures"
        need = f"{do}: a page takes {MOST_BYTES / 1e6:.0f} MB of them"
        raise _arguments.refusal(name, came, need)


def colours(value: ArrayLike, name: str, most: int) -> NDArray[np.uint8]:
    """Return a checked picture (H, W, 3) of uint8; a gray one, (H, W), in colours.

    Parameters
    ----------
    value
        (H, W, 3), (H, W, 1) or (H, W), 0–255.
    name
        Of the argument, for the sentence.
    most
        How many pixels a side may have.

    Raises
    ------
    ValueError
        For any other shape, size or value, with a sentence that begins with the name.
    """
    given = _arguments.array(value, name, finite=True)
    if given.ndim == 2 or given.shape[2:] == (1,):
        given = np.repeat(given.reshape(*given.shape[:2], 1), 3, axis=2)
    if given.ndim != 3 or given.shape[2] != 3:
        need = "Give (rows, columns, 3), or a gray (rows, columns)"
        raise _arguments.refusal(name, f"shape {given.shape}", need)
    if max(given.shape[:2]) > most:
        came = f"{given.shape[0]} × {given.shape[1]} pixels"
        raise _arguments.refusal(name, came, f"Give at most {most} a side")
    low, high = given.min(), given.max()
    if low < 0 or high > 255:
        came = f"values from {low:.6g} to {high:.6g}"
        raise _arguments.refusal(name, came, "Give them from 0 to 255")
    return np.rint(given).astype(np.uint8)
