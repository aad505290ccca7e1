"""A small network for sounds, with random weights, made without Keras."""

import numpy as np

from helpers.networks.exported import VERSION, Network, Weights

CLASSES = ["zero", "one", "two", "three", "four"]
#: How its spectrograms are scaled, as a network's description tells it.
SCALING = {"mean": -5.0, "deviation": 3.0}


def small(seed: int = 0, kind: str = "8 bits", **about: object) -> Network:
    """Return a network from (40, 49, 1) to the logits of five classes.

    A convolution that slides both ways, bent, the largest of each 2 × 2, one that
    slides in time alone, the mean of each map, a dense layer.

    Examples
    --------
    >>> small()
    <Network of 8 layers, 1,006 weights as 8 bits in 1,084 bytes>
    """
    rng = np.random.default_rng(seed)
    store = Weights({}, kind)
    arrays = {
        "filters1": rng.normal(0, 0.4, (3, 3, 1, 6)),
        "filters2": rng.normal(0, 0.1, (19, 1, 6, 8)),
        "logits": rng.normal(0, 1, (8, len(CLASSES))),
    }
    described = {
        name: {"kernel": store.lay(numbers, kind)} for name, numbers in arrays.items()
    }

    def layer(name, kind, inputs, shape, **settings):
        weights = {"weights": described[name]} if name in described else {}
        head = {"name": name, "kind": kind, "inputs": inputs, "shape": shape}
        return head | settings | weights

    none = [[0, 0], [0, 0]]
    slides = {"stride": [1, 1], "padding": none}
    relu = {"activation": {"name": "relu"}}
    pool = {"reduce": "max", "size": [2, 2], "stride": [2, 2], "padding": none}
    mean = {"reduce": "mean", "size": [1, 23], "stride": [1, 23], "padding": none}
    layers = [
        layer("spectrogram", "input", [], [40, 49, 1]),
        layer("filters1", "conv2d", [0], [38, 47, 6], size=[3, 3], **slides),
        layer("bend1", "activation", [1], [38, 47, 6], **relu),
        layer("pool1", "pool2d", [2], [19, 23, 6], **pool),
        layer("filters2", "conv2d", [3], [1, 23, 8], size=[19, 1], **slides),
        layer("bend2", "activation", [4], [1, 23, 8], **relu),
        layer("average", "pool2d", [5], [8], **mean),
        layer("logits", "dense", [6], [len(CLASSES)]),
    ]
    head = {"version": VERSION, "weights": kind, "inputs": [0], "outputs": [7]}
    told = {"classes": CLASSES, **SCALING, **about}
    return Network({**head, "layers": layers, "about": told}, store.data)
