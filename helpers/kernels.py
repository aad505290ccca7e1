"""The bank of named kernels: small matrices that each do one thing to a picture.

Ask for a kernel by its name, change your copy as you like, and make new ones:

>>> from helpers import kernels
>>> kernels.named("sharpen")
array([[ 0., -1.,  0.],
       [-1.,  5., -1.],
       [ 0., -1.,  0.]])
>>> kernels.box(3).sum()
np.float64(1.0)

`named` hands out a fresh array every time, so nothing you do to it spoils the bank.
The names are those of the field; `names` lists them and `describe` says what each does.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments

__all__ = [
    "BANK",
    "BLUR_ROUNDED",
    "box",
    "describe",
    "flip",
    "gaussian",
    "named",
    "names",
    "normalise",
]

Kernel = NDArray[np.float64]

_LARGEST = 4095  # side in pixels: as large as the largest picture of `images`


def _read_only(rows: ArrayLike) -> Kernel:
    kernel = np.array(rows, dtype=np.float64)
    kernel.flags.writeable = False
    return kernel


_ENTRIES: dict[str, tuple[Any, str]] = {
    "identity": (
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        "leaves every pixel as it is",
    ),
    "brighten": (
        [[0, 0, 0], [0, 1.5, 0], [0, 0, 0]],
        "makes every pixel half as bright again",
    ),
    "darken": (
        [[0, 0, 0], [0, 0.5, 0], [0, 0, 0]],
        "halves the brightness of every pixel",
    ),
    "blur": (
        np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
        "mixes every pixel with its neighbours, the near ones most",
    ),
    "sharpen": (
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        "exaggerates how a pixel differs from its neighbours",
    ),
    "outline": (
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        "keeps only what differs from its surroundings, in any direction",
    ),
    "emboss": (
        [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
        "lights the picture from the upper left, so that it looks raised",
    ),
    "vertical_edges": (
        [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
        "finds edges that run up and down: positive where the left is brighter (Sobel)",
    ),
    "horizontal_edges": (
        [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
        "finds edges that run left and right: positive where the top is brighter "
        "(Sobel)",
    ),
}

#: Every named kernel, read-only, in the order in which the course meets them.
BANK: Mapping[str, Kernel] = MappingProxyType(
    {name: _read_only(rows) for name, (rows, _) in _ENTRIES.items()}
)

#: The blur as it is often printed, rounded to two digits. Its sum is 1.01, not 1, so it
#: brightens a little with every use; ``named("blur")`` is the exact one.
BLUR_ROUNDED: Kernel = _read_only(
    [[0.06, 0.13, 0.06], [0.13, 0.25, 0.13], [0.06, 0.13, 0.06]]
)


def names() -> list[str]:
    """Return the names of all kernels of the bank.

    Examples
    --------
    >>> names()[:4]
    ['identity', 'brighten', 'darken', 'blur']
    """
    return list(BANK)


def named(name: str) -> Kernel:
    """Return a fresh copy of the kernel with this name.

    Parameters
    ----------
    name
        One of `names`. A space or a hyphen in place of the underscore, and capital
        letters, are fine: ``"Vertical edges"``.

    Returns
    -------
    ndarray of float64, (3, 3)

    Raises
    ------
    ValueError
        For a name that is not in the bank; the message lists those that are.

    Examples
    --------
    >>> named("brighten")
    array([[0. , 0. , 0. ],
           [0. , 1.5, 0. ],
           [0. , 0. , 0. ]])
    """
    return BANK[_key(name)].copy()


def describe(name: str) -> str:
    """Say in half a sentence what a kernel of the bank does to a picture.

    Parameters
    ----------
    name
        As for `named`.

    Examples
    --------
    >>> describe("darken")
    'halves the brightness of every pixel'
    """
    return _ENTRIES[_key(name)][1]


def box(size: int = 3) -> Kernel:
    """Return the box blur: the plain mean of size × size pixels.

    Parameters
    ----------
    size
        Side of the kernel in pixels: odd, so that it has a centre.

    Returns
    -------
    ndarray of float64, (size, size)
        All entries 1 / size², sum 1.

    Raises
    ------
    ValueError
        For a size that is not an odd whole number from 1 to 4095.

    Examples
    --------
    >>> box(3).round(2)
    array([[0.11, 0.11, 0.11],
           [0.11, 0.11, 0.11],
           [0.11, 0.11, 0.11]])
    """
    size = _odd(size)
    return np.full((size, size), 1 / size**2)


def gaussian(size: int = 3, sigma: float | None = None) -> Kernel:
    """Return a Gaussian blur: weights that fall off as a bell around the centre.

    The weight at distance r from the centre is exp(−r² / 2σ²), divided by the sum of
    all weights.

    Parameters
    ----------
    size
        Side of the kernel in pixels: odd, so that it has a centre.
    sigma
        Width σ of the bell in pixels. Left out, it grows with the size, by the formula
        in the manual of OpenCV: 0.3 · ((size − 1) / 2 − 1) + 0.8.

    Returns
    -------
    ndarray of float64, (size, size)
        Sum 1.

    Raises
    ------
    ValueError
        For a size that is not an odd whole number from 1 to 4095, or a sigma that is
        not a number above 0.

    Examples
    --------
    >>> gaussian(3, sigma=1).round(2)
    array([[0.08, 0.12, 0.08],
           [0.12, 0.2 , 0.12],
           [0.08, 0.12, 0.08]])
    """
    size = _odd(size)
    if sigma is None:
        sigma = 0.3 * ((size - 1) / 2 - 1) + 0.8
    sigma = _arguments.real(sigma, "sigma", above=0)
    with np.errstate(over="ignore"):  # a needle-thin bell: exp(−inf) is 0, as it should
        bell = np.exp(-0.5 * ((np.arange(size) - size // 2) / sigma) ** 2)
    bell /= bell.sum()
    return np.outer(bell, bell)


def normalise(kernel: ArrayLike) -> Kernel:
    """Divide a kernel by its sum, so that flat areas keep their brightness.

    Parameters
    ----------
    kernel
        Numbers of any shape, with a sum other than 0.

    Returns
    -------
    ndarray of float64
        A new array of the same shape, sum 1.

    Raises
    ------
    ValueError
        Where the sum is 0 (an edge kernel, say), or an entry is not a number.

    Examples
    --------
    >>> normalise([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    array([[0.0625, 0.125 , 0.0625],
           [0.125 , 0.25  , 0.125 ],
           [0.0625, 0.125 , 0.0625]])
    """
    weights = _numbers(kernel)
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not np.isfinite(total):  # each is a number, but so large that their sum is none
        weights /= np.abs(weights).max()
        total = weights.sum()
    if abs(total) <= 1e-12 * np.abs(weights).sum():
        need = "Leave it as it is: it answers flat areas with 0 at any strength"
        raise _arguments.refusal("kernel", "weights whose sum is 0", need)
    return weights / total


def flip(kernel: ArrayLike) -> Kernel:
    """Turn a kernel by half a turn: upside down and left to right.

    Convolution in a textbook is our `ops.conv2d` (a cross-correlation) with the
    flipped kernel.

    Parameters
    ----------
    kernel
        (kh, kw), or with more axes behind: (kh, kw, C), (kh, kw, C, F).

    Returns
    -------
    ndarray of float64
        A new array of the same shape.

    Raises
    ------
    ValueError
        For fewer than two axes, or an entry that is not a number.

    Examples
    --------
    >>> flip([[0, 1], [2, 3]])
    array([[3., 2.],
           [1., 0.]])
    """
    kernel = _numbers(kernel)
    if kernel.ndim < 2:
        need = "Give rows and columns: a list of rows"
        raise _arguments.refusal("kernel", f"shape {kernel.shape}", need)
    return kernel[::-1, ::-1].copy()


def _key(name: str) -> str:
    if isinstance(name, str):
        key = name.strip().lower().replace(" ", "_").replace("-", "_")
        if key in BANK:
            return key
    return _arguments.word(name, "name", BANK)


def _odd(size: int) -> int:
    whole = _arguments.is_whole(size)
    if not whole or not 1 <= size <= _LARGEST or size % 2 == 0:
        need = f"Give an odd whole number from 1 to {_LARGEST}, so that it has a centre"
        raise _arguments.refusal("size", _arguments.shown(size), need)
    return int(size)


def _numbers(kernel: ArrayLike) -> Kernel:
    return _arguments.array(kernel, "kernel", finite=True).astype(np.float64)
