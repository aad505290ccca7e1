"""A small network for Go, with random weights, made without Keras."""

import numpy as np

from helpers.networks.exported import VERSION, Network, Weights

PLANES = 14


def small(size: int = 9, seed: int = 0, kind: str = "8 bits") -> Network:
    """Return a network from (size, size, 14) to size · size logits.

    As `helpers.networks.beyond.go_policy(filters=8, convolutions=3)`: padding by 2, 5 ×
    5, twice 3 × 3, each normalised and bent; 1 × 1, and a bias for each point.

    Examples
    --------
    >>> small()
    <Network of 14 layers, 4,137 weights as 8 bits in 4,628 bytes>
    """
    rng = np.random.default_rng(seed)
    filters, store = 8, Weights({}, kind)
    sides, points = [size, size], size * size
    none, rim = [[0, 0], [0, 0]], [[2, 2], [2, 2]]
    layers = []

    def add(name, kind_, shape, weights=None, **settings):
        inputs = [len(layers) - 1] if layers else []
        layer = {"name": name, "kind": kind_, "inputs": inputs, "shape": shape}
        if weights:
            laid = {part: store.lay(w, kind) for part, w in weights.items()}
            settings["weights"] = laid
        layers.append(layer | settings)

    def convolved(name, kernel, maps, out, padding=none):
        spread = (8 if name == "score" else 1.4) / np.sqrt(kernel**2 * maps)
        weights = {"kernel": rng.normal(0, spread, (kernel, kernel, maps, out))}
        window = {"size": [kernel, kernel], "stride": [1, 1], "padding": padding}
        add(name, "conv2d", [*sides, out], weights, **window)

    add("board", "input", [*sides, PLANES])
    add("rim", "zeroPadding2d", [size + 4, size + 4, PLANES], padding=rim)
    for number in (1, 2, 3):
        first = number == 1
        beyond = none if first else [[1, 1], [1, 1]]
        given = (5, PLANES) if first else (3, filters)
        convolved(f"filters{number}", *given, filters, beyond)
        parts = {
            "mean": rng.normal(0, 0.2, filters),
            "variance": rng.uniform(0.5, 2, filters),
            "gamma": rng.uniform(0.5, 1.5, filters),
            "beta": rng.normal(0, 0.2, filters),
        }
        shape = [*sides, filters]
        add(f"norm{number}", "batchNormalization", shape, parts, epsilon=0.001)
        add(f"bend{number}", "activation", shape, activation={"name": "relu"})
    convolved("score", 1, filters, 1)
    add("places", "bias", [*sides, 1], {"bias": rng.normal(0, 0.4, (*sides, 1))})
    add("logits", "reshape", [points])
    head = {"version": VERSION, "weights": kind}
    ends = {"inputs": [0], "outputs": [len(layers) - 1]}
    return Network({**head, **ends, "layers": layers}, store.data)
