"""What a picture should be like: small helps on the way up, each a function of its own.

Without them the steepest way up leads to noise: it excites a unit, and looks like
nothing. Each of these asks for something that photographs have.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, images

Floats = NDArray[np.float32]

#: Below this many gray levels a difference between neighbours counts as its square.
_ROUND = 1.0


def total_variation(picture: ArrayLike) -> tuple[float, NDArray[np.float64]]:
    """Return how much the pixels differ from their neighbours, and how to lessen that.

    The mean over pixels and channels of ``√(down² + right² + 1) − 1``, the differences
    to the neighbours below and to the right, 0 at the rim. Large steps count as they
    are, which keeps edges; the 1 rounds off the corner at 0, where there would be no
    slope.

    Parameters
    ----------
    picture
        (H, W, C), in gray levels.

    Returns
    -------
    value
        In gray levels; 0 for a constant picture.
    slope
        (H, W, C) of float64: how the value changes with each pixel. Times the number
        of pixels it is from -2 to 2. A step against it smooths.

    Raises
    ------
    ValueError
        No picture, or NaN in it.

    References
    ----------
    Rudin, Osher and Fatemi 1992; for pictures from networks Mahendran and Vedaldi,
    arXiv 1412.0035.

    Examples
    --------
    >>> value, slope = total_variation([[[0.0], [10.0]]])
    >>> round(value, 2), slope[..., 0].round(2).tolist()
    (4.52, [[-0.5, 0.5]])
    """
    pixels = _arguments.array(picture, "picture", finite=True).astype(np.float64)
    if pixels.ndim != 3:
        raise _arguments.refusal("picture", f"shape {pixels.shape}", "Give (H, W, C)")
    down = np.diff(pixels, axis=0, append=pixels[-1:])
    right = np.diff(pixels, axis=1, append=pixels[:, -1:])
    length = np.sqrt(down**2 + right**2 + _ROUND**2)
    down, right = down / length, right / length
    slope = -(down + right)
    slope[1:] += down[:-1]
    slope[:, 1:] += right[:, :-1]
    return float(np.mean(length - _ROUND)), slope / slope.size


def blurred(picture: NDArray, sigma: float) -> NDArray:
    """Return a picture through a Gaussian filter, its rim repeated outside.

    Parameters
    ----------
    picture
        (H, W, C).
    sigma
        Standard deviation in pixels; 0 changes nothing.

    Examples
    --------
    >>> spot = np.zeros((3, 3, 1))
    >>> spot[1, 1] = 16
    >>> blurred(spot, 0.85)[..., 0].round().tolist()
    [[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]
    """
    from skimage import filters  # slow to load, and few need it

    return filters.gaussian(
        picture, sigma, mode="nearest", preserve_range=True, channel_axis=-1
    )


def shift(jitter: int, rng: np.random.Generator) -> tuple[int, int]:
    """Draw rows and columns by which a picture is shifted before a step.

    Parameters
    ----------
    jitter
        How far at most, in pixels, either way.
    rng
        Draws them.

    Examples
    --------
    >>> shift(0, np.random.default_rng(0))
    (0, 0)
    """
    rows, columns = rng.integers(-jitter, jitter + 1, 2)
    return int(rows), int(columns)


def shifted(picture: NDArray, by: tuple[int, int]) -> NDArray:
    """Return a picture shifted in a circle: what leaves on one side comes in opposite.

    Parameters
    ----------
    picture
        (H, W, C).
    by
        Rows downward, columns to the right.

    Examples
    --------
    >>> shifted(np.array([[[1], [2], [3]]]), (0, 1))[..., 0].tolist()
    [[3, 1, 2]]
    """
    return np.roll(picture, by, (0, 1))


@functools.cache
def colours() -> NDArray[np.float64]:
    """Return the directions in which the colours of photographs differ, (3, 3).

    Principal components of the four colour photographs that come with scikit-image, of
    each pixel's distance from its photograph's mean: a row a direction, as long as one
    standard deviation along it, where the first has length 1.

    Examples
    --------
    >>> np.linalg.norm(colours(), axis=1).round(1).tolist()
    [1.0, 0.4, 0.1]
    """
    names = images.names()[:4]
    photos = np.stack([images.photo(name, size=64, colour=True) for name in names])
    found = images.principal_colours(photos - photos.mean(axis=(1, 2), keepdims=True))
    return found / np.linalg.norm(found[0])


def falling(sides: tuple[int, int]) -> NDArray[np.float64]:
    """Return a filter for the frequencies of a picture, 1 / √frequency.

    A step goes through it twice (see `_canvas.Frequencies`), so that its waves fall
    like 1 / frequency, as those of photographs do (Field 1987).

    Parameters
    ----------
    sides
        Rows and columns of the picture.

    Returns
    -------
    (H, W // 2 + 1) of float64
        In the order of `numpy.fft.rfft2`; 1 for the slowest wave. The mean brightness,
        of frequency 0, counts like that.

    Examples
    --------
    >>> falling((8, 8))[0].round(2).tolist()
    [1.0, 1.0, 0.71, 0.58, 0.5]
    """
    rows, columns = np.fft.fftfreq(sides[0]), np.fft.fftfreq(sides[1])
    frequency = np.hypot(rows[:, np.newaxis], columns)
    slowest = 1 / max(sides)
    strength = np.sqrt(slowest / np.maximum(frequency, slowest))
    return strength[:, : sides[1] // 2 + 1]
