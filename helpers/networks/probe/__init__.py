"""Looking inside a trained network, and at what it gets wrong."""

from helpers.networks.probe.judging import (
    Calibration,
    Mistakes,
    calibration,
    confusion,
    mistakes,
)
from helpers.networks.probe.maps import feature_maps, outputs, probabilities
from helpers.networks.probe.reasons import (
    grad_cam,
    occlusion,
    randomised,
    saliency,
    share_inside,
    smooth_grad,
)

__all__ = [
    "Calibration",
    "Mistakes",
    "calibration",
    "confusion",
    "feature_maps",
    "grad_cam",
    "mistakes",
    "occlusion",
    "outputs",
    "probabilities",
    "randomised",
    "saliency",
    "share_inside",
    "smooth_grad",
]
