"""A network for pictures of 28 × 28 of which everything is known, without Keras."""

import numpy as np

from helpers.networks.exported import VERSION, Network, Weights


def banded() -> Network:
    """Return a network that a gray picture is led to class "b" in a band of grays only.

    From a picture that is 100 everywhere, brighter by s, "a" has 19.5, and "b" has
    ``1 + s`` up to 25 for s = 24, from there on ``49 - s``: more than "a" for s from 19
    to 29, no power of two among them.

    Examples
    --------
    >>> banded()
    <Network of 4 layers, 1,576 weights as float32 in 6,304 bytes>
    """
    store = Weights({}, "float32")

    def laid(kernel, bias):
        parts = {"kernel": np.array(kernel), "bias": np.array(bias)}
        return {part: store.lay(array, "float32") for part, array in parts.items()}

    mean = laid(np.full((784, 2), 1 / 784), [-99.0, -124.0])
    sums = laid([[0.0, 1.0], [0.0, -2.0]], [19.5, 0.0])
    layers = [
        {"name": "digit", "kind": "input", "shape": [28, 28, 1], "inputs": []},
        {"name": "list", "kind": "reshape", "shape": [784], "inputs": [0]},
        {"name": "grays", "kind": "dense", "shape": [2], "inputs": [1]},
        {"name": "logits", "kind": "dense", "shape": [2], "inputs": [2]},
    ]
    layers[2] |= {"weights": mean, "activation": {"name": "relu"}}
    layers[3] |= {"weights": sums}
    head = {"version": VERSION, "weights": "float32", "inputs": [0], "outputs": [3]}
    return Network(
        {**head, "layers": layers, "about": {"classes": ["a", "b"]}}, store.data
    )
