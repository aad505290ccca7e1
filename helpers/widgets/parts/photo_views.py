"""What a network sees of a photo: a square of it, scaled, changed, a patch covered.

``parts/photo_views.js`` computes the same in the page.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments, drawings, images

Array = NDArray[np.float64]

LEAST, LARGEST = 16, 512  # pixels a side of a photo that is kept
WHITE = 255
COVER = 127.5  # what a covered patch is: 0 to a network whose pixels run from −1 to 1


class Look(NamedTuple):
    """All that a network's view of a photo depends on.

    Attributes
    ----------
    image
        (S, S, 3) of uint8: the photo, a square.
    crop
        (row, column, side) of the part that is looked at.
    mirror
        Whether left and right change places.
    turn
        Degrees clockwise; what comes in from outside is black.
    gray
        Whether the colours are taken away.
    brightness
        Percent of what it was; what becomes lighter than white is white.
    covered
        (row, column) in the view of the middle of a patch that is covered, or None.
    patch
        Pixels of the view that a side of the patch has.
    """

    image: NDArray[np.uint8]
    crop: tuple[int, int, int]
    mirror: bool = False
    turn: int = 0
    gray: bool = False
    brightness: int = 100
    covered: tuple[int, int] | None = None
    patch: int = 24


def view(look: Look, size: int) -> Array:
    """Return what the network gets, (size, size, 3), 0 to 255.

    Examples
    --------
    >>> photo = np.full((32, 32, 3), 100, np.uint8)
    >>> seen = view(Look(photo, (0, 0, 16), brightness=150, covered=(0, 0)), 20)
    >>> seen.shape, seen[0, 0].tolist(), seen[19, 19].tolist()
    ((20, 20, 3), [127.5, 127.5, 127.5], [150.0, 150.0, 150.0])
    """
    made = images.square(look.image, size, part=look.crop).astype(np.float64)
    if look.mirror:
        made = made[:, ::-1]
    if look.turn:
        planes = np.moveaxis(made, 2, 0)
        turned = [drawings.moved_picture(one, turn=look.turn) for one in planes]
        made = np.stack(turned, axis=2)
    if look.gray:
        made = np.repeat(images.gray(made)[..., np.newaxis], 3, axis=2)
    made = np.clip(made * (look.brightness / 100), 0, WHITE)
    if look.covered is not None:
        rows, cols = patch_at(look.covered, look.patch, size)
        made[rows, cols] = COVER
    return made


def patch_at(middle: tuple[int, int], side: int, size: int) -> tuple[slice, slice]:
    """Return the rows and columns of a patch, cut at the border of the view.

    Examples
    --------
    >>> patch_at((0, 10), 5, 20)
    (slice(0, 3, None), slice(8, 13, None))
    """
    first = [n - side // 2 for n in middle]
    rows, cols = (slice(max(n, 0), min(n + side, size)) for n in first)
    return rows, cols


# -- what came -------------------------------------------------------------------------


def checked_photo(value: Any, name: str = "image") -> NDArray[np.uint8]:
    """Return the square in the middle of a photo, at most `LARGEST` pixels a side.

    Parameters
    ----------
    value
        (H, W) or (H, W, 3), 0 to 255, or 0 to 1 where none is above 1 and they are no
        whole numbers.
    name
        Of the argument, for the sentence.

    Returns
    -------
    ndarray of uint8, (S, S, 3)

    Raises
    ------
    ValueError
        For anything else, with a sentence that begins with ``name``.

    Examples
    --------
    >>> checked_photo(np.zeros((700, 600))).shape
    (512, 512, 3)
    """
    photo = _arguments.array(value, name, finite=True)
    if photo.ndim == 3 and photo.shape[2] == 1:
        photo = photo[..., 0]
    if photo.ndim != 2 and not (photo.ndim == 3 and photo.shape[2] == 3):
        need = "Give a photo (rows, columns, 3), or (rows, columns) for gray"
        raise _arguments.refusal(name, f"shape {photo.shape}", need)
    shorter = min(photo.shape[:2])
    if shorter < LEAST:
        came = f"{photo.shape[0]} × {photo.shape[1]} pixels"
        raise _arguments.refusal(name, came, f"Give at least {LEAST} a side")
    low, high = photo.min(), photo.max()
    if low < 0 or high > WHITE:
        came = f"values from {low:.6g} to {high:.6g}"
        raise _arguments.refusal(name, came, "Give them from 0 to 255")
    if photo.dtype != np.uint8:
        scale = WHITE if photo.dtype.kind == "f" and high <= 1 else 1
        photo = np.rint(photo.astype(np.float64) * scale).astype(np.uint8)
    if photo.ndim == 2:
        photo = np.stack([photo] * 3, axis=2)
    return images.square(photo, min(shorter, LARGEST))


def checked_place(value: Any) -> tuple[int, int] | None:
    """Return (row, column) of a place in a view, or None.

    How large the view is, the explorer knows.
    """
    if value is None:
        return None
    place = tuple(value) if _arguments.is_sequence(value) else ()
    if len(place) != 2 or not all(_arguments.is_whole(n) and n >= 0 for n in place):
        need = "Give (row, column) in the view, counted from 0, or None"
        raise _arguments.refusal("covered", _arguments.shown(value), need)
    return int(place[0]), int(place[1])
