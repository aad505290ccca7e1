"""How what an exported network says changes with a picture, in NumPy: the way back.

`helpers.networks.running` goes forward, one picture at a time; here some pictures go
through at once, and the slopes of a class's logit come back to any layer. The page
computes the same in ``parts/learn.js``. Networks are those that the page can go through
backward: a plain chain of layers. Keras is not needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, learning
from helpers.networks.exported import Network

Array = NDArray[np.float64]
Layer = dict[str, Any]
Weights = dict[str, Array]

_UNKNOWN = ("most", "slope", "threshold")  # settings of a relu: no slope here


class Chain:
    """A network as a chain of layers, forward and backward, some pictures at a time.

    Parameters
    ----------
    network
        As `helpers.networks.export` writes it.
    weights
        By the layers' names, in place of the network's own.

    Raises
    ------
    ValueError
        For a network that is no plain chain, or has a layer without a way back.

    Examples
    --------
    >>> from helpers.networks import exported
    >>> digits = Chain(exported.shipped("mnist"))
    >>> made = digits.forward(np.zeros((2, 28, 28, 1)))
    >>> made["filters1"].shape, digits.logits(made).shape
    ((2, 14, 14, 16), (2, 10))
    >>> digits.slopes(made, 3, "filters1").shape
    (2, 14, 14, 16)
    """

    def __init__(
        self, network: Network, weights: dict[str, Weights] | None = None
    ) -> None:
        if (why := _trouble(network)) is not None:
            need = "Give one whose layers follow each other, of kinds known backward"
            raise _arguments.refusal("network", why, need)
        self._network = network
        self.layers: list[Layer] = network.description["layers"]
        own: dict[str, Any] = (
            {name: network.weights(name) for name in network.names}
            if weights is None
            else weights
        )
        self.weights: dict[str, Weights] = {
            name: {part: array.astype(np.float64) for part, array in kept.items()}
            for name, kept in own.items()
        }
        self._ends_with_softmax = _is_softmax(self.layers[-1])

    def forward(self, x: ArrayLike) -> dict[str, Array]:
        """Return what every layer makes of some pictures, by its name.

        Parameters
        ----------
        x
            (N, …) as the network takes them.

        Returns
        -------
        dict
            Arrays (N, …) of float64, the pictures first. A softmax at the end is left
            out, so that the last are the logits. What is no map of a layer, but needed
            on the way back, stands under the layer's name and " before".

        Raises
        ------
        ValueError
            Pictures of another shape.
        """
        first, *others = self.layers
        given, shape = _arguments.array(x, "x"), tuple(first["shape"])
        if given.shape[1:] != shape or not given.ndim:
            sides = ", ".join(map(str, shape))
            came = f"numbers of shape {given.shape}"
            raise _arguments.refusal("x", came, f"Give some of shape (N, {sides})")
        made = {first["name"]: given.astype(np.float64)}
        last = made[first["name"]]
        for layer in others:
            name = layer["name"]
            last = _STEPS[layer["kind"]].forward(
                layer, self.weights.get(name, {}), last
            )
            activation = layer.get("activation")
            if activation and not (self._ends_with_softmax and layer is others[-1]):
                made[f"{name} before"] = last
                last = _value(activation, last)
            made[name] = last
        return made

    def logits(self, made: dict[str, Array]) -> Array:
        """Return the logits, (N, classes), of what `forward` made."""
        return made[self.layers[-1]["name"]]

    def slopes(
        self, made: dict[str, Array], label: int, layer: str | None = None
    ) -> Array:
        """Return how the logit of a class changes with all numbers of a layer.

        Parameters
        ----------
        made
            What `forward` returned.
        label
            The class.
        layer
            Its name; None for the pictures.

        Returns
        -------
        (N, …) of float64
            Of the shape of that layer's maps.

        Raises
        ------
        ValueError
            No such class, no such layer.
        """
        outgoing = np.zeros_like(self.logits(made))
        label = _arguments.whole(label, "label", 0, outgoing.shape[-1] - 1)
        outgoing[:, label] = 1
        return self.backward(made, outgoing, layer)

    def backward(
        self, made: dict[str, Array], outgoing: ArrayLike, layer: str | None = None
    ) -> Array:
        """Return how a number made of the logits changes with those of a layer.

        Parameters
        ----------
        made, layer
            As `slopes` takes them.
        outgoing
            (N, classes), the gradient of the number by the logits.

        Returns
        -------
        (N, …) of float64
            Of the shape of that layer's maps.

        Raises
        ------
        ValueError
            A gradient of another shape, no such layer.
        """
        names = self._network.names
        stop = 0
        if layer is not None:
            stop = names.index(_arguments.word(layer, "layer", names))
        slopes = _arguments.array(outgoing, "outgoing").astype(np.float64)
        if slopes.shape != (shape := self.logits(made).shape):
            came, need = f"shape {slopes.shape}", f"Give {shape}, as the logits have"
            raise _arguments.refusal("outgoing", came, need)
        for number in range(len(names) - 1, stop, -1):
            here, name = self.layers[number], names[number]
            if f"{name} before" in made:
                slopes = slopes * _slope(here["activation"], made[f"{name} before"])
            x = made[names[number - 1]]
            step = _STEPS[here["kind"]]
            slopes = step.backward(here, self.weights.get(name, {}), x, slopes)
        return slopes


def has_way_back(network: Network) -> bool:
    """Whether `Chain`, and the page, can go through a network backward.

    Examples
    --------
    >>> from helpers.networks import exported
    >>> has_way_back(exported.shipped("quickdraw"))
    True
    """
    return _trouble(network) is None


def _trouble(network: Network) -> str | None:
    """Return the layer that makes a network no chain that goes back; else None."""
    first, *layers = network.description["layers"]
    for number, layer in enumerate(layers):
        activation = layer.get("activation", {})
        bends = activation.get("name", "relu")
        known = (
            first["kind"] == "input"
            and layer["inputs"] == [number]
            and layer["kind"] in _STEPS
            and _STEPS[layer["kind"]].knows(layer)
            and bends in learning.ACTIVATIONS
            and (bends != "softmax" or layer is layers[-1])
            and not any(setting in activation for setting in _UNKNOWN)
        )
        if not known:
            return f"one with {layer['name']}, {layer['kind']}"
    return None


def _is_softmax(layer: Layer) -> bool:
    return layer.get("activation", {}).get("name") == "softmax"


# -- activations -----------------------------------------------------------------------


def _settings(name: str, setting: float | None) -> dict[str, float]:
    if setting is None:
        return {}
    return {{"elu": "alpha", "leaky_relu": "negative_slope"}[name]: setting}


def _value(activation: dict[str, Any], x: Array) -> Array:
    name = activation["name"]
    settings = _settings(name, activation.get("setting"))
    return np.asarray(learning.ACTIVATIONS[name](x, **settings), np.float64)


def _slope(activation: dict[str, Any], x: Array) -> Array:
    name = activation["name"]
    settings = _settings(name, activation.get("setting"))
    return np.asarray(learning.derivative(name, x, **settings), np.float64)


# -- layers ----------------------------------------------------------------------------


class _Step(NamedTuple):
    """A kind of layer: (layer, weights, x), then the slopes at what came out, too."""

    forward: Callable[[Layer, Weights, Array], Array]
    backward: Callable[[Layer, Weights, Array, Array], Array]
    knows: Callable[[Layer], bool] = lambda layer: True


def _windows(x: Array, layer: Layer) -> tuple[Array, list[tuple[slice, slice]]]:
    """Return the windows of padded pictures, and where each of their taps lies.

    The windows are (N, rows, columns, channels, height, width), a view. The taps are
    rows and columns of the padded pictures, in the order of a kernel.
    """
    (height, width), strides = layer["size"], layer.get("stride") or layer["size"]
    spread = layer.get("dilation", (1, 1))
    reach = [(n - 1) * d + 1 for n, d in zip((height, width), spread, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(1, 2))
    windows = windows[:, :: strides[0], :: strides[1], :, :: spread[0], :: spread[1]]
    taps = [
        tuple(
            slice(k * d, k * d + (n - 1) * step + 1, step)
            for k, d, n, step in zip(
                (a, b), spread, windows.shape[1:3], strides, strict=True
            )
        )
        for a in range(height)
        for b in range(width)
    ]
    return windows, taps  # type: ignore[return-value]


def _padded(x: Array, layer: Layer) -> Array:
    return np.pad(x, ((0, 0), *map(tuple, layer["padding"]), (0, 0)))


def _conv2d(layer: Layer, weights: Weights, x: Array) -> Array:
    windows, _ = _windows(_padded(x, layer), layer)
    kernel = weights["kernel"]
    flat = np.moveaxis(windows, 3, 5).reshape(*windows.shape[:3], -1)
    return flat @ kernel.reshape(-1, kernel.shape[-1]) + weights.get("bias", 0)


def _conv2d_back(layer: Layer, weights: Weights, x: Array, slopes: Array) -> Array:
    padded = _padded(x, layer)
    _, taps = _windows(padded, layer)
    kernel = weights["kernel"]
    back = np.zeros_like(padded)
    for (rows, columns), tap in zip(
        taps, kernel.reshape(-1, *kernel.shape[-2:]), strict=True
    ):
        back[:, rows, columns] += slopes @ tap.T
    (top, _), (left, _) = layer["padding"]
    return back[:, top : top + x.shape[1], left : left + x.shape[2]]


def _pool2d(layer: Layer, _: Weights, x: Array) -> Array:
    windows, _taps = _windows(x, layer)
    reduced = windows.max((4, 5)) if layer["reduce"] == "max" else windows.mean((4, 5))
    return reduced.reshape(len(x), *layer["shape"])


def _pool2d_back(layer: Layer, _: Weights, x: Array, slopes: Array) -> Array:
    windows, taps = _windows(x, layer)
    slopes = slopes.reshape(windows.shape[:4])
    shares: list[Any] = [1 / len(taps)] * len(taps)
    if layer["reduce"] == "max":
        flat = windows.reshape(*windows.shape[:4], -1)
        winners = flat.argmax(axis=-1)  # of equals the first
        shares = [winners == number for number in range(len(taps))]
    back = np.zeros_like(x)
    for (rows, columns), share in zip(taps, shares, strict=True):
        back[:, rows, columns] += slopes * share
    return back


def _scale(layer: Layer, weights: Weights) -> Array:
    spread = np.sqrt(weights["variance"] + layer["epsilon"])
    return weights.get("gamma", 1) / spread


def _alone(layer: Layer) -> bool:
    return layer.get("groups", 1) == 1 and len(layer["weights"]["kernel"]["shape"]) == 4


_STEPS: dict[str, _Step] = {
    "conv2d": _Step(_conv2d, _conv2d_back, _alone),
    "pool2d": _Step(
        _pool2d, _pool2d_back, lambda layer: not np.any(layer.get("padding", 0))
    ),
    "dense": _Step(
        lambda _, w, x: x @ w["kernel"] + w.get("bias", 0),
        lambda _, w, x, slopes: slopes @ w["kernel"].T,
    ),
    "batchNormalization": _Step(
        lambda layer, w, x: (x - w["mean"]) * _scale(layer, w) + w.get("beta", 0),
        lambda layer, w, x, slopes: slopes * _scale(layer, w),
    ),
    "rescaling": _Step(
        lambda layer, _, x: x * layer["scale"] + layer["offset"],
        lambda layer, _, x, slopes: slopes * np.asarray(layer["scale"]),
    ),
    "reshape": _Step(
        lambda _, w, x: x.reshape(len(x), -1),
        lambda _, w, x, slopes: slopes.reshape(x.shape),
        lambda layer: len(layer["shape"]) == 1,
    ),
    "prelu": _Step(
        lambda _, w, x: np.where(x > 0, x, w["alpha"] * x),
        lambda _, w, x, slopes: slopes * np.where(x > 0, 1, w["alpha"] * (x < 0)),
        lambda layer: np.prod(layer["weights"]["alpha"]["shape"]) == layer["shape"][-1],
    ),
    "activation": _Step(lambda _, w, x: x, lambda _, w, x, slopes: slopes),
}
