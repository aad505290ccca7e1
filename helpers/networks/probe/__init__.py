"""Looking inside a trained network, and at what it gets wrong."""

from helpers.networks.probe.embeddings import Nearest, features, nearest
from helpers.networks.probe.judging import (
    Calibration,
    Mistakes,
    calibration,
    confusion,
    mistakes,
)
from helpers.networks.probe.maps import feature_maps, outputs, probabilities

__all__ = [
    "Calibration",
    "Mistakes",
    "Nearest",
    "calibration",
    "confusion",
    "feature_maps",
    "features",
    "mistakes",
    "nearest",
    "outputs",
    "probabilities",
]
