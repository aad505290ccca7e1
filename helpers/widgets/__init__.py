"""The explorers: live in JupyterLab and Colab, a picture and a line elsewhere.

Each is read when it is asked for: importing one does not read the others.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.widgets.explorers.activation_gallery import ActivationGallery
    from helpers.widgets.explorers.backprop_stepper import BackpropStepper
    from helpers.widgets.explorers.channel_sum import ChannelSum
    from helpers.widgets.explorers.convolution_stepper import ConvolutionStepper
    from helpers.widgets.explorers.descent_race import DescentRace
    from helpers.widgets.explorers.digit_pad import DigitPad
    from helpers.widgets.explorers.filter_browser import FilterBrowser
    from helpers.widgets.explorers.gradient_flow import GradientFlow
    from helpers.widgets.explorers.kernel_lab import KernelLab
    from helpers.widgets.explorers.kernel_learning import KernelLearning
    from helpers.widgets.explorers.mistake_browser import MistakeBrowser
    from helpers.widgets.explorers.pooling_stepper import PoolingStepper
    from helpers.widgets.explorers.receptive_field import ReceptiveField
    from helpers.widgets.explorers.shifting import ShiftTest
    from helpers.widgets.explorers.training_curves import TrainingCurves
    from helpers.widgets.explorers.transposed_painter import TransposedPainter
    from helpers.widgets.explorers.upsampling_compare import UpsamplingCompare

_ROOMS = {
    "ActivationGallery": "activation_gallery",
    "BackpropStepper": "backprop_stepper",
    "ChannelSum": "channel_sum",
    "ConvolutionStepper": "convolution_stepper",
    "DescentRace": "descent_race",
    "DigitPad": "digit_pad",
    "FilterBrowser": "filter_browser",
    "GradientFlow": "gradient_flow",
    "KernelLab": "kernel_lab",
    "KernelLearning": "kernel_learning",
    "MistakeBrowser": "mistake_browser",
    "PoolingStepper": "pooling_stepper",
    "ReceptiveField": "receptive_field",
    "ShiftTest": "shifting",
    "TrainingCurves": "training_curves",
    "TransposedPainter": "transposed_painter",
    "UpsamplingCompare": "upsampling_compare",
}

__all__ = [
    "ActivationGallery",
    "BackpropStepper",
    "ChannelSum",
    "ConvolutionStepper",
    "DescentRace",
    "DigitPad",
    "FilterBrowser",
    "GradientFlow",
    "KernelLab",
    "KernelLearning",
    "MistakeBrowser",
    "PoolingStepper",
    "ReceptiveField",
    "ShiftTest",
    "TrainingCurves",
    "TransposedPainter",
    "UpsamplingCompare",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = importlib.import_module(f"{__name__}.explorers.{_ROOMS[name]}")
    globals()[name] = found = getattr(room, name)  # the next time without this detour
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
