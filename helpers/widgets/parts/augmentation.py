"""Random views of a photo, as a network sees them in training; see augmentation.js.

What `helpers.networks.augmentation` does to a batch is done here to one photo, without
Keras, so that the page can do the same: `RandomCrop` cuts and mirrors, `ColourJitter`
shifts the colours. To that come a turn and a change of brightness.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.widgets.parts.random import RandomFrom

Array = NDArray[np.float64]

WHITE = 255
FIXED, RANDOM = "fixed size", "random size"


class Settings(NamedTuple):
    """How strong each change is; `AugmentationSampler` says what they mean."""

    crop: str = RANDOM
    size: int = 96
    least: float = 0.5
    mirror: bool = True
    turn: float = 0
    brightness: float = 0
    colour: float = 0.1


class Way(NamedTuple):
    """What is done to a photo for one view of it."""

    top: float  # of the window, in pixels of the photo
    left: float
    window: float  # its side
    mirrored: bool
    angle: float  # degrees by which the picture is turned, counter-clockwise
    brightness: float  # levels that are added to all
    amounts: tuple[float, float, float]  # of each principal direction of colour


def ways(settings: Settings, side: int, seed: int, count: int) -> list[Way]:
    """Draw what is done for each of several views.

    As many numbers are drawn whatever the settings are: so another strength changes
    what it belongs to, and nothing else.

    Parameters
    ----------
    settings
        The strengths.
    side
        Of the photo, in pixels.
    seed
        A whole number.
    count
        How many views.

    Examples
    --------
    >>> still = Settings("fixed size", 224, mirror=False, colour=0)
    >>> way = ways(still, 256, seed=1, count=1)[0]
    >>> way.top, way.left, way.window
    (0, 17, 224)
    """
    random = RandomFrom(seed)
    return [_way(settings, side, random) for _ in range(count)]


def _way(settings: Settings, side: int, random: RandomFrom) -> Way:
    large, top, left, flip, turn, light = (random.uniform() for _ in range(6))
    normals = [random.normal() for _ in range(3)]
    fixed = settings.crop == FIXED
    share = settings.least + (1 - settings.least) * large
    window = settings.size if fixed else side * share
    red, green, blue = (settings.colour * number for number in normals)
    return Way(
        top=_start(top, side - window, fixed),
        left=_start(left, side - window, fixed),
        window=window,
        mirrored=settings.mirror and flip < 0.5,
        angle=settings.turn * (2 * turn - 1),
        brightness=settings.brightness * WHITE * (2 * light - 1),
        amounts=(red, green, blue),
    )


def _start(share: float, free: float, fixed: bool) -> float:
    return min(math.floor(share * (free + 1)), free) if fixed else share * free


def colour_shift(way: Way, directions: Array) -> Array:
    """Return the levels that are added to red, green and blue, (3,).

    Parameters
    ----------
    way
        What is done.
    directions
        (3, 3), as `helpers.images.principal_colours` finds them.
    """
    return way.brightness + np.asarray(way.amounts) @ directions


def view(photo: NDArray, way: Way, size: int, directions: Array) -> Array:
    """Return one view of a photo, (size, size, 3), not cut off at black and white.

    Parameters
    ----------
    photo
        (side, side, 3), levels from 0 to 255.
    way
        What is done.
    size
        Pixels a side of what comes out.
    directions
        As for `colour_shift`.

    Notes
    -----
    Each pixel is mixed in a straight line of the four around its place in the photo;
    beyond the photo's rim stand the pixels of the rim.

    Examples
    --------
    >>> photo = np.arange(12.0).reshape(2, 2, 3)
    >>> way = Way(0, 0, 2, True, 0, 0, (0, 0, 0))
    >>> view(photo, way, 2, np.eye(3))[..., 0]
    array([[3., 0.],
           [9., 6.]])
    """
    middle = way.window / 2
    steps = (np.arange(size) + 0.5) * (way.window / size) - middle
    down, right = steps[:, np.newaxis], steps[::-1] if way.mirrored else steps
    cos, sin = math.cos(math.radians(way.angle)), math.sin(math.radians(way.angle))
    last = len(photo) - 1
    rows = np.clip(way.top + middle - 0.5 + down * cos + right * sin, 0, last)
    columns = np.clip(way.left + middle - 0.5 + right * cos - down * sin, 0, last)
    above, before = np.floor(rows).astype(int), np.floor(columns).astype(int)
    below, after = np.minimum(above + 1, last), np.minimum(before + 1, last)
    low, far = (rows - above)[..., np.newaxis], (columns - before)[..., np.newaxis]
    upper = photo[above, before] * (1 - far) + photo[above, after] * far
    lower = photo[below, before] * (1 - far) + photo[below, after] * far
    return upper * (1 - low) + lower * low + colour_shift(way, directions)


def corners(way: Way) -> Array:
    """Return the corners of the window in the photo, (4, 2): rows and columns.

    They follow each other around the window, which is turned about its middle.

    Examples
    --------
    >>> corners(Way(1, 2, 4, False, 0, 0, (0, 0, 0)))
    array([[1., 2.],
           [1., 6.],
           [5., 6.],
           [5., 2.]])
    """
    half = way.window / 2
    down, right = half * np.array([[-1, -1, 1, 1], [-1, 1, 1, -1]])
    cos, sin = math.cos(math.radians(way.angle)), math.sin(math.radians(way.angle))
    rows = way.top + half + down * cos + right * sin
    return np.stack([rows, way.left + half + right * cos - down * sin], axis=1)
