"""Make the portraits of units that come with the course, in data/units/.

``python tools/make_units.py`` shows the AlexNet of lesson 07, as it comes with the
course, all flowers, and writes what excites its units to ``data/units/flowers.npz``:
24 units a layer, evenly picked, at most 300 kB. It takes a few minutes, most of them
for the pictures by gradient ascent.
"""

from pathlib import Path

import keras

from helpers import datasets
from helpers.networks import exported, models, probe

ROOT = Path(__file__).resolve().parent.parent
LAYERS = [f"bend{k}" for k in range(1, 6)]
MOST_BYTES = 300_000

#: How the pictures by ascent are made.
ASCENT = {"steps": 64, "jitter": 8, "frequencies": True, "progress": False}


def flowers() -> keras.Model:
    """Return the AlexNet of flowers with the weights that come with the course."""
    network = exported.shipped("flowers")
    model = models.alexnet(128, 5, width=0.25, batch_normalization=True)
    for layer in model.layers:
        if layer.weights:
            parts = network.weights(layer.name)
            names = {"moving_mean": "mean", "moving_variance": "variance"}
            layer.set_weights(
                [
                    parts[names.get(one.name, one.name)].reshape(one.shape)
                    for one in layer.weights
                ]
            )
    return model


def main(path: Path = ROOT / "data" / "units" / "flowers.npz") -> None:
    """Write the file."""
    data = datasets.load_flowers(side=128)
    if data.is_fallback:
        raise SystemExit("The flowers are not here: see data/README.md.")
    model = flowers()

    def ascend(layer: str, unit: int) -> object:
        return probe.ascend(model, layer, unit, **ASCENT).picture

    found = probe.portray(model, data, LAYERS, ascend=ascend)
    path.parent.mkdir(exist_ok=True)
    found.save(path)
    size = path.stat().st_size
    print(f"{path.name}: {found}, {size:,} bytes")
    assert size <= MOST_BYTES


if __name__ == "__main__":
    main()
