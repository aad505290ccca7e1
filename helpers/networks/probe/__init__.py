"""Looking inside a trained network, and at what it gets wrong."""

from helpers.networks.probe.embeddings import Nearest, features, nearest
from helpers.networks.probe.fields import Field, field
from helpers.networks.probe.judging import (
    Calibration,
    Mistakes,
    calibration,
    confusion,
    mistakes,
)
from helpers.networks.probe.maps import feature_maps, outputs, probabilities
from helpers.networks.probe.portraying import portray
from helpers.networks.probe.units import (
    Patches,
    Responses,
    Selectivity,
    activation,
    best_patches,
    dead,
    duplicates,
    responses,
    selectivity,
)

__all__ = [
    "Calibration",
    "Field",
    "Mistakes",
    "Nearest",
    "Patches",
    "Responses",
    "Selectivity",
    "activation",
    "best_patches",
    "calibration",
    "confusion",
    "dead",
    "duplicates",
    "feature_maps",
    "features",
    "field",
    "mistakes",
    "nearest",
    "outputs",
    "portray",
    "probabilities",
    "responses",
    "selectivity",
]
