"""Why a network says what it says: maps of a picture's places, by four methods.

``parts/reasons.js`` computes the same in the page, with the same random numbers. For
Keras models `helpers.networks.probe` has the same methods, with NumPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import colours, ops
from helpers.networks.exported import Network
from helpers.networks.slopes import Chain
from helpers.widgets.parts import photo_views
from helpers.widgets.parts.random import normals, uniforms

Array = NDArray[np.float64]

METHODS = ("grad_cam", "saliency", "smooth_grad", "occlusion")
SEED = 0  # of random weights and of noise
NOISE = 0.15  # SmoothGrad's deviation, a share of the picture's range
DRAWS = 25  # pictures with noise that SmoothGrad takes the mean of
_MOST = 0.99  # of a map's numbers: what is larger has the full colour, too
_AT_ONCE = 16  # pictures
_FIRST = {"gamma": 1, "variance": 1}  # what is not drawn begins with; else with 0


class Asked(NamedTuple):
    """What a map is asked for.

    Attributes
    ----------
    picture
        (side, side, 3), 0 to 255.
    label
        The class.
    method
        One of `METHODS`.
    layer
        The name of Grad-CAM's.
    side, step
        Of occlusion: pixels a side of the patch, and from one place to the next.
    """

    picture: Array
    label: int
    method: str = "grad_cam"
    layer: str = ""
    side: int = 24
    step: int = 10


def drawn_anew(network: Network, seed: int = SEED) -> dict[str, dict[str, Array]]:
    """Return weights as before a training, by the layers' names.

    Kernels are drawn evenly between ±√(6 / (inputs + outputs)), as Keras does (Glorot
    and Bengio 2010), and rounded to float32; the same for the same seed.

    Examples
    --------
    >>> from helpers.networks import exported
    >>> kernel = drawn_anew(exported.shipped("mnist"))["filters1"]["kernel"]
    >>> kernel.shape, float(np.abs(kernel).max().round(3))
    ((5, 5, 1, 16), 0.119)
    >>> round((6 / (25 * 1 + 25 * 16)) ** 0.5, 3)
    0.119
    """
    own = {name: network.weights(name) for name in network.names}
    kernels = {name: kept["kernel"] for name, kept in own.items() if "kernel" in kept}
    numbers = uniforms(seed, sum(kernel.size for kernel in kernels.values()))
    drawn: dict[str, dict[str, Array]] = {}
    used = 0
    for name, kept in own.items():
        drawn[name] = {
            part: np.full(values.shape, _FIRST.get(part, 0.0))
            for part, values in kept.items()
        }
        if name in kernels:
            shape, size = kernels[name].shape, kernels[name].size
            taps = math.prod(shape[:-2])  # 1 of a dense layer
            limit = math.sqrt(6 / (taps * (shape[-2] + shape[-1])))
            kernel = limit * (2 * numbers[used : used + size].reshape(shape) - 1)
            drawn[name]["kernel"] = kernel.astype(np.float32).astype(np.float64)
            used += size
    return drawn


def reason(chain: Chain, asked: Asked) -> Array:
    """Return the map, (rows, columns)."""
    return _METHODS[asked.method](chain, asked)


def probabilities(chain: Chain, pictures: Array) -> Array:
    """Return the probability of each class, (N, classes), some pictures at a time."""
    parts = [
        ops.softmax(chain.logits(chain.forward(pictures[start : start + _AT_ONCE])))
        for start in range(0, len(pictures), _AT_ONCE)
    ]
    return np.concatenate(parts)


# -- methods ---------------------------------------------------------------------------


def _slopes(chain: Chain, pictures: Array, label: int) -> Array:
    return chain.slopes(chain.forward(pictures), label)


def _largest_sizes(slopes: Array) -> Array:
    return np.abs(slopes).max(axis=-1)


def _saliency(chain: Chain, asked: Asked) -> Array:
    """How much the class's logit changes with a pixel (Simonyan and others 2013)."""
    return _largest_sizes(_slopes(chain, asked.picture[np.newaxis], asked.label)[0])


def _smooth_grad(chain: Chain, asked: Asked) -> Array:
    """The mean slopes of many pictures with noise (Smilkov and others 2017)."""
    shape = (DRAWS, *asked.picture.shape)
    spread = NOISE * np.ptp(asked.picture)
    noise = spread * normals(SEED, math.prod(shape)).reshape(shape)
    total = np.zeros(asked.picture.shape)
    for start in range(0, DRAWS, _AT_ONCE):
        noisy = asked.picture + noise[start : start + _AT_ONCE]
        total += _slopes(chain, noisy, asked.label).sum(axis=0)
    return _largest_sizes(total / DRAWS)


def _grad_cam(chain: Chain, asked: Asked) -> Array:
    """A layer's maps, weighed by their mean slopes (Selvaraju and others 2016)."""
    made = chain.forward(asked.picture[np.newaxis])
    [slopes] = chain.slopes(made, asked.label, asked.layer)
    return np.maximum(made[asked.layer][0] @ slopes.mean(axis=(0, 1)), 0)


def _occlusion(chain: Chain, asked: Asked) -> Array:
    """How much less likely the class is with a patch covered (Zeiler, Fergus 2013)."""
    size = len(asked.picture)
    places = [n * asked.step + asked.step // 2 for n in range(-(-size // asked.step))]
    pictures = [asked.picture]
    for row in places:
        for column in places:
            covered = asked.picture.copy()
            covered[photo_views.patch_at((row, column), asked.side, size)] = (
                photo_views.COVER
            )
            pictures.append(covered)
    before, *after = probabilities(chain, np.stack(pictures))[:, asked.label]
    return before - np.reshape(after, (len(places), len(places)))


_METHODS: dict[str, Callable[[Chain, Asked], Array]] = {
    "grad_cam": _grad_cam,
    "saliency": _saliency,
    "smooth_grad": _smooth_grad,
    "occlusion": _occlusion,
}

# -- a map over its picture ------------------------------------------------------------


def full_colour(found: Array) -> float:
    """Return the size that has the full colour: all but 1 % are no larger.

    Examples
    --------
    >>> full_colour(np.arange(-100, 101.0)), full_colour(np.zeros((2, 2)))
    (99.0, 1.0)
    """
    sizes = np.sort(np.abs(found), axis=None)
    place = math.ceil(_MOST * sizes.size) - 1
    return float(sizes[place] or sizes[-1] or 1)


def stretched(found: Array, size: int, cell: float) -> Array:
    """Return a map as fine as its picture, (size, size).

    Between the middles of its cells, each ``cell`` pixels wide, it goes in straight
    lines.

    Examples
    --------
    >>> stretched(np.array([[0.0, 4.0]]), 4, 2)[0].tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    places = (np.arange(size) + 0.5) / cell - 0.5
    rows, columns = found.shape
    across = [np.interp(places, range(columns), row) for row in found]
    down = [np.interp(places, range(rows), column) for column in np.transpose(across)]
    return np.transpose(down)


def over(gray: Array, found: Array, strength: float, cell: float) -> Array:
    """Return a map over a gray picture, in the colours of signed numbers.

    Parameters
    ----------
    gray
        (size, size), 0 to 255.
    found
        The map.
    strength
        The share of the map's colours, 0 to 1.
    cell
        Pixels of the picture that a number of the map stands for, a side.

    Returns
    -------
    (size, size, 3), 0 to 255
    """
    shares = stretched(found, len(gray), cell) / full_colour(found)
    stops = np.array(
        [[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in colours.SIGNED]
    )
    ends = np.linspace(-1, 1, len(stops))
    painted = np.stack([np.interp(shares, ends, one) for one in stops.T], axis=-1)
    return strength * painted + (1 - strength) * gray[..., np.newaxis]
