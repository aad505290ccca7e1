"""Looking inside a trained network, and at what it gets wrong."""

from helpers.networks.probe.ascent import Ascent, ascend
from helpers.networks.probe.dreaming import dream
from helpers.networks.probe.embeddings import Nearest, features, nearest
from helpers.networks.probe.judging import (
    Calibration,
    Mistakes,
    calibration,
    confusion,
    mistakes,
)
from helpers.networks.probe.maps import feature_maps, outputs, probabilities
from helpers.networks.probe.priors import total_variation
from helpers.networks.probe.style import Transfer, gram, style_transfer

__all__ = [
    "Ascent",
    "Calibration",
    "Mistakes",
    "Nearest",
    "Transfer",
    "ascend",
    "calibration",
    "confusion",
    "dream",
    "feature_maps",
    "features",
    "gram",
    "mistakes",
    "nearest",
    "outputs",
    "probabilities",
    "style_transfer",
    "total_variation",
]
