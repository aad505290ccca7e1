"""What an exported network makes of a picture, in NumPy: every layer's map.

The page computes the same in ``parts/network.js``, many times as fast. This is for
asking in Python what an explorer shows, where there is a page and where there is none;
Keras is not needed. `helpers.networks.slopes` goes the way back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, learning, ops
from helpers.networks.exported import Network

Array = NDArray[np.floating]
Layer = dict[str, Any]
Weights = dict[str, Any]


def maps(network: Network, x: ArrayLike) -> dict[str, Array]:
    """Return what every layer makes of one input, the input itself first.

    Parameters
    ----------
    network
        With one input, as `helpers.networks.export` writes it.
    x
        Of the shape that the first layer has; there is no batch.

    Returns
    -------
    dict
        Arrays of float64 by the names of their layers, of the shapes that the
        description tells.

    Raises
    ------
    ValueError
        A network of several inputs, an input of another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.networks import exported
    >>> made = maps(exported.shipped("mnist"), np.zeros((28, 28, 1)))
    >>> made["filters1"].shape, made["probabilities"].shape
    ((14, 14, 16), (10,))
    >>> round(float(made["probabilities"].sum()), 6)
    1.0
    """
    description = network.description
    if len(description["inputs"]) != 1:
        came = f"one of {len(description['inputs'])} inputs"
        raise _arguments.refusal("network", came, "Give one with a single input")
    [first] = description["inputs"]
    shape = tuple(description["layers"][first]["shape"])
    given = _arguments.array(x, "x").astype(np.float64)
    if given.shape != shape:
        raise _arguments.refusal("x", f"shape {given.shape}", f"Give {shape}")
    made: list[Array] = []
    for number, layer in enumerate(description["layers"]):
        inputs = [made[k] for k in layer["inputs"]]
        made.append(given if number == first else _step(network, layer, inputs))
    return dict(zip(network.names, made, strict=True))


def gives_probabilities(network: Network) -> bool:
    """Say whether a network ends in a softmax, or in logits.

    Examples
    --------
    >>> from helpers.networks import exported
    >>> gives_probabilities(exported.shipped("quickdraw"))
    True
    """
    last = network.description["layers"][network.description["outputs"][0]]
    return last.get("activation", {}).get("name") == "softmax"


def _weights(network: Network, layer: Layer) -> Weights:
    parts = network.weights(layer["name"])
    return {part: values.astype(np.float64) for part, values in parts.items()}


def _step(network: Network, layer: Layer, inputs: list[Array]) -> Array:
    out = _KINDS[layer["kind"]](layer, _weights(network, layer), *inputs)
    if "activation" in layer:
        out = _activated(out, **layer["activation"])
    return out.reshape(layer["shape"])


def _activated(x: Array, name: str, **settings: float) -> Array:
    if name == "relu" and settings:
        slope, start = settings.get("slope", 0), settings.get("threshold", 0)
        most = settings.get("most", np.inf)
        return np.where(x > start, np.minimum(x, most), slope * (x - start))
    function = learning.ACTIVATIONS[name]
    if "setting" not in settings:
        return function(x)
    return function(x, settings["setting"])


# -- layers: (description, weights, inputs) to what comes out --------------------------


def _as_picture(x: Array) -> Array:
    """Return a list (steps, channels) as a picture one row high."""
    return x[np.newaxis] if x.ndim == 2 else x


def _conv2d(layer: Layer, weights: Weights, x: Array) -> Array:
    kernel = weights["kernel"]
    sums = ops.conv2d(
        _as_picture(x),
        kernel.reshape(*layer["size"], *kernel.shape[-2:]),
        stride=tuple(layer["stride"]),
        padding=layer["padding"],
        dilation=tuple(layer.get("dilation", (1, 1))),
        groups=layer.get("groups", 1),
    )
    return sums + weights.get("bias", 0)


def _depthwise(layer: Layer, weights: Weights, x: Array) -> Array:
    channels, multiplier = weights["kernel"].shape[-2:]
    kernel = weights["kernel"].reshape(*layer["size"], 1, channels * multiplier)
    alone = {"kernel": kernel, "bias": weights.get("bias", 0)}
    return _conv2d({**layer, "groups": channels}, alone, x)


def _pool2d(layer: Layer, weights: Weights, x: Array) -> Array:
    return ops.pool2d(
        _as_picture(x),
        tuple(layer["size"]),
        stride=tuple(layer.get("stride") or layer["size"]),
        padding=layer.get("padding", "valid"),
        reduce=layer["reduce"],
    )


def _dense(layer: Layer, weights: Weights, x: Array) -> Array:
    return x @ weights["kernel"] + weights.get("bias", 0)


def _batch_normalization(layer: Layer, weights: Weights, x: Array) -> Array:
    spread = np.sqrt(weights["variance"] + layer["epsilon"])
    normal = (x - weights["mean"]) / spread
    return normal * weights.get("gamma", 1) + weights.get("beta", 0)


def _embedding(layer: Layer, weights: Weights, x: Array) -> Array:
    return weights["embeddings"][x.astype(np.int64)]


def _zero_padding(layer: Layer, weights: Weights, x: Array) -> Array:
    return ops.pad2d(_as_picture(x), layer["padding"])


_KINDS: dict[str, Callable[..., Array]] = {
    "conv2d": _conv2d,
    "depthwiseConv2d": _depthwise,
    "pool2d": _pool2d,
    "dense": _dense,
    "batchNormalization": _batch_normalization,
    "embedding": _embedding,
    "zeroPadding2d": _zero_padding,
    "rescaling": lambda layer, _, x: x * layer["scale"] + layer["offset"],
    "concatenate": lambda layer, _, *xs: np.concatenate(xs, axis=layer["axis"]),
    "activation": lambda layer, _, x: x,
    "prelu": lambda _, w, x: np.where(x > 0, x, w["alpha"] * x),
    "bias": lambda _, w, x: x + w["bias"],
    "reshape": lambda _, w, x: x,
    "add": lambda _, w, *xs: sum(xs[1:], xs[0]),
}
