"""Maps of some networks and pictures, the same on every backend; a file of them.

``python tests/reasons_elsewhere.py PATH`` writes it, on the backend that is set.
"""

import sys
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers.networks import models, probe

#: How many there are.
FOUND = 8

QUIET = {"progress": False}


def networks():
    """Give networks with weights from NumPy's random numbers."""
    made = {
        "digits": models.mnist_cnn(),
        "photos": models.alexnet(67, 5, width=1 / 16, batch_normalization=True),
    }
    for seed, (name, model) in enumerate(made.items()):
        yield name, probe.randomised(model, seed=seed)


def found():
    """Return maps by the names of networks and methods."""
    maps = {}
    for name, model in networks():
        shape = model.input_shape[1:]
        x = np.random.default_rng(7).uniform(0, 255, shape)
        # For the surest class some place of the last maps speaks, most likely.
        label = int(probe.outputs(model, x[None]).argmax())
        maps |= {
            f"{name}, saliency": probe.saliency(model, x, label),
            f"{name}, smooth": probe.smooth_grad(model, x, label, draws=4, **QUIET),
            f"{name}, cam": probe.grad_cam(model, x, label),
            f"{name}, occlusion": probe.occlusion(
                model, x, label, size=9, step=9, cover=0, **QUIET
            ),
        }
    return maps


if __name__ == "__main__":
    np.savez(sys.argv[1], backend=keras.backend.backend(), **found())
