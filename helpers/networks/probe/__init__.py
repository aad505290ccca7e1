"""Looking inside a trained network, and at what it gets wrong."""

from helpers.networks.probe.ascent import Ascent, ascend
from helpers.networks.probe.disturbing import DISTURBANCES, disturbed
from helpers.networks.probe.dreaming import dream
from helpers.networks.probe.embeddings import Nearest, features, nearest
from helpers.networks.probe.fields import Field, field
from helpers.networks.probe.fooling import (
    FoolingNoise,
    SmallestChange,
    attack,
    fast_gradient_sign,
    fooling_noise,
    random_change,
    smallest_change,
    smallest_strengths,
)
from helpers.networks.probe.judging import (
    Calibration,
    Mistakes,
    calibration,
    confusion,
    mistakes,
)
from helpers.networks.probe.maps import feature_maps, outputs, probabilities
from helpers.networks.probe.portraying import portray
from helpers.networks.probe.priors import total_variation
from helpers.networks.probe.reasons import (
    grad_cam,
    occlusion,
    randomised,
    saliency,
    share_inside,
    smooth_grad,
)
from helpers.networks.probe.style import Transfer, gram, style_transfer
from helpers.networks.probe.units import (
    Pair,
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
    "DISTURBANCES",
    "Ascent",
    "Calibration",
    "Field",
    "FoolingNoise",
    "Mistakes",
    "Nearest",
    "Pair",
    "Patches",
    "Responses",
    "Selectivity",
    "SmallestChange",
    "Transfer",
    "activation",
    "ascend",
    "attack",
    "best_patches",
    "calibration",
    "confusion",
    "dead",
    "disturbed",
    "dream",
    "duplicates",
    "fast_gradient_sign",
    "feature_maps",
    "features",
    "field",
    "fooling_noise",
    "grad_cam",
    "gram",
    "mistakes",
    "nearest",
    "occlusion",
    "outputs",
    "portray",
    "probabilities",
    "random_change",
    "randomised",
    "responses",
    "saliency",
    "selectivity",
    "share_inside",
    "smallest_change",
    "smallest_strengths",
    "smooth_grad",
    "style_transfer",
    "total_variation",
]
