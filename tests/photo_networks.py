"""A small network for photos, with random weights, made without Keras."""

import numpy as np

from helpers.networks.exported import VERSION, Network, Weights

CLASSES = ["daisy", "dandelion", "rose", "sunflower", "tulip"]


def small(size: int = 32, seed: int = 0, kind: str = "8 bits") -> Network:
    """Return a network from (size, size, 3) to the probabilities of five classes.

    Rescaling to -1 … 1, a convolution, the largest of each 4 × 4, the mean of each map,
    a dense layer, softmax.

    Examples
    --------
    >>> small()
    <Network of 8 layers, 960 weights as 8 bits in 1,028 bytes>
    """
    rng = np.random.default_rng(seed)
    half, maps = size // 2, 12
    store = Weights({}, kind)
    first = rng.normal(0, 0.15, (5, 5, 3, maps))
    last = rng.normal(0, 0.7, (maps, len(CLASSES)))
    described = {
        "filters": {"kernel": store.lay(first, kind)},
        "logits": {"kernel": store.lay(last, kind)},
    }

    def layer(name, kind, inputs, shape, **settings):
        weights = {"weights": described[name]} if name in described else {}
        head = {"name": name, "kind": kind, "inputs": inputs, "shape": shape}
        return head | settings | weights

    def named(activation):
        return {"activation": {"name": activation}}

    none = [[0, 0], [0, 0]]
    share = {"scale": [2 / 255], "offset": [-1]}
    window = {"size": [5, 5], "stride": [2, 2], "padding": [[1, 2], [1, 2]]}
    pool = {"reduce": "max", "size": [4, 4], "stride": [4, 4], "padding": none}
    mean = {"size": [half // 4] * 2, "stride": [half // 4] * 2, "padding": none}
    layers = [
        layer("photo", "input", [], [size, size, 3]),
        layer("pixels", "rescaling", [0], [size, size, 3], **share),
        layer("filters", "conv2d", [1], [half, half, maps], **window),
        layer(
            "bend", "activation", [2], [half, half, maps], activation={"name": "relu"}
        ),
        layer("pool", "pool2d", [3], [half // 4, half // 4, maps], **pool),
        layer("means", "pool2d", [4], [maps], reduce="mean", **mean),
        layer("logits", "dense", [5], [len(CLASSES)]),
        layer(
            "shares", "activation", [6], [len(CLASSES)], activation={"name": "softmax"}
        ),
    ]
    head = {"version": VERSION, "weights": kind, "inputs": [0], "outputs": [7]}
    about = {"about": {"classes": CLASSES}}
    return Network({**head, "layers": layers, **about}, store.data)
