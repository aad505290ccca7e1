"""Networks drawn at random: some can be, some cannot."""

import numpy as np

from helpers.widgets.explorers.architecture_table import LIMITS
from helpers.widgets.parts.architecture import ALEXNET, Network


def settings_of(rng: np.random.Generator, name: str) -> dict:
    """Numbers of a layer, each near AlexNet's or anywhere inside its limits."""
    drawn = {}
    for key, usual in ALEXNET[name].items():
        low, high = LIMITS[key]
        if key == "padding":
            counts = [int(n) for n in range(low, high + 1)]
            drawn[key] = ["valid", "same", *counts][int(rng.integers(2 + len(counts)))]
        elif rng.random() < 0.2:
            drawn[key] = int(rng.integers(low, high + 1))
        else:
            near = int(usual) + int(rng.integers(-2, 3))
            drawn[key] = int(np.clip(near, low, high))
    return drawn


def random_network(rng: np.random.Generator) -> Network:
    """A network with a few layers of its own; their filters may be odd."""
    own = {name for name in ALEXNET if rng.random() < rng.choice([0, 0.3, 1])}
    layers = {
        name: settings_of(rng, name) if name in own else dict(usual)
        for name, usual in ALEXNET.items()
    }
    return Network(
        input_size=int(rng.integers(LIMITS["input_size"][0], 321)),
        width=float(rng.choice([1, 0.125, 0.25, 0.3, 0.5, rng.uniform(0.125, 1)])),
        groups=int(rng.integers(1, 3)),
        classes=int(rng.integers(2, 2000)),
        layers=layers,
    )
