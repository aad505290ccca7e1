"""What every layer of a network makes of samples, and how sure it is of them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.networks import _graph
from helpers.networks.probe import _fitting, _within

Floats = NDArray[np.float32]


def feature_maps(model: keras.Model, x: ArrayLike) -> dict[str, Floats]:
    """Return what every layer makes of some samples, as outside training.

    Parameters
    ----------
    model
        A `keras.Sequential` or a functional model, built; a saved one that was read
        again, too.
    x
        (N, …) samples, as the model takes them. A list of arrays for several inputs.

    Returns
    -------
    dict
        By the layers' names, in the order in which they are computed: (N, …). A layer
        that is used again has "name (2)" too. A model within the model has its own
        output under its name, and its layers as "name/layer".

    Raises
    ------
    ValueError
        A model that is not built, or computes in a way of its own.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((28, 28, 1)),
    ...     keras.layers.Conv2D(8, 3, name="edges"),
    ...     keras.layers.MaxPooling2D(name="pool"),
    ... ])
    >>> maps = feature_maps(model, np.zeros((2, 28, 28, 1)))
    >>> {name: array.shape for name, array in maps.items()}
    {'edges': (2, 26, 26, 8), 'pool': (2, 13, 13, 8)}
    """
    _within.check(model)
    nodes = list(_graph.calls(model))
    tensors = [tensor for node in nodes for tensor in node.outputs]
    inputs = list(model.inputs)
    given = inputs if len(inputs) > 1 else inputs[0]
    found = _run(keras.Model(given, [*inputs, *tensors]), x)
    values = dict(zip(map(id, [*inputs, *tensors]), found, strict=True))
    maps: dict[str, Floats] = {}
    for node in nodes:
        layer = node.operation
        name = _free(layer.name, maps)
        if isinstance(layer, keras.Model):
            arrived = [values[id(tensor)] for tensor in node.input_tensors]
            inner = feature_maps(layer, arrived if len(arrived) > 1 else arrived[0])
            maps |= {f"{name}/{part}": array for part, array in inner.items()}
        maps[name] = values[id(node.outputs[0])]
    return maps


def outputs(model: keras.Model, x: ArrayLike) -> Floats:
    """Return what a model gives for samples, as outside training.

    Like ``model.predict``, which is made for long runs: called again and again it lets
    the memory grow.

    Parameters
    ----------
    model
        With a single output.
    x
        (N, …) samples, as the model takes them.

    Returns
    -------
    (N, …) of float32

    Examples
    --------
    >>> double = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(2.0)])
    >>> outputs(double, [[1], [3]]).tolist()
    [[2.0], [6.0]]
    """
    return _run(model, x)[0]


def probabilities(model: keras.Model, x: ArrayLike) -> Floats:
    """Return how sure a model is of each class.

    Parameters
    ----------
    model
        One that gives logits, as those of `helpers.networks.models` do; or one that
        ends with a softmax.
    x
        (N, …) samples, as the model takes them.

    Returns
    -------
    (N, classes) of float32
        Rows with the sum 1.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    >>> model.set_weights([np.eye(2), np.zeros(2)])
    >>> probabilities(model, [[0.0, 0.0]]).tolist()
    [[0.5, 0.5]]
    """
    found = outputs(model, x)
    if _within.ends_with_softmax(model):
        return found
    # In float64, of the distances from the largest: nothing overflows.
    powers = np.exp(found.astype(np.float64) - found.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)


def _run(model: keras.Model, x: Any) -> list[Floats]:
    """Return all outputs of a model, computed some samples at a time."""
    several = isinstance(x, list | tuple) and len(model.inputs) > 1
    arrays = [np.asarray(one) for one in (x if several else [x])]
    count = len(arrays[0])
    if not count:
        raise _arguments.refusal("x", "no samples", "Give at least one")
    size = _fitting.at_once(model, *(array.shape[1:] for array in arrays))
    parts = []
    for start in range(0, count, size):
        given = [array[start : start + size] for array in arrays]
        made = model(given if several else given[0], training=False)
        made = made if isinstance(made, list | tuple) else [made]
        parts.append([np.asarray(keras.ops.convert_to_numpy(one)) for one in made])
    return [np.concatenate(one) for one in zip(*parts, strict=True)]


def _free(name: str, taken: dict[str, Any]) -> str:
    """Return a name that is not taken yet: name, name (2) and so on."""
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
