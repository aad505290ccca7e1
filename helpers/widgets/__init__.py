"""The explorers: live in JupyterLab and Colab, a picture and a line elsewhere.

Each is read when it is asked for: importing one does not read the others.
"""

from typing import TYPE_CHECKING

from helpers import _lazy

if TYPE_CHECKING:
    from helpers.widgets.explorers.activation_gallery import ActivationGallery
    from helpers.widgets.explorers.architecture_table import ArchitectureTable
    from helpers.widgets.explorers.augmentation_sampler import AugmentationSampler
    from helpers.widgets.explorers.backprop_stepper import BackpropStepper
    from helpers.widgets.explorers.channel_sum import ChannelSum
    from helpers.widgets.explorers.convolution_stepper import ConvolutionStepper
    from helpers.widgets.explorers.cure_lab import CureLab
    from helpers.widgets.explorers.descent_race import DescentRace
    from helpers.widgets.explorers.digit_pad import DigitPad
    from helpers.widgets.explorers.dream_scrubber import DreamScrubber
    from helpers.widgets.explorers.dropout_viewer import DropoutViewer
    from helpers.widgets.explorers.filter_browser import FilterBrowser
    from helpers.widgets.explorers.fool_it import FoolIt
    from helpers.widgets.explorers.go_board import GoBoard
    from helpers.widgets.explorers.gradient_flow import GradientFlow
    from helpers.widgets.explorers.kernel_lab import KernelLab
    from helpers.widgets.explorers.kernel_learning import KernelLearning
    from helpers.widgets.explorers.mistake_browser import MistakeBrowser
    from helpers.widgets.explorers.photo_reader import PhotoReader
    from helpers.widgets.explorers.pooling_stepper import PoolingStepper
    from helpers.widgets.explorers.receptive_field import ReceptiveField
    from helpers.widgets.explorers.sentence_scanner import SentenceScanner
    from helpers.widgets.explorers.shifting import ShiftTest
    from helpers.widgets.explorers.spectrogram_lab import SpectrogramLab
    from helpers.widgets.explorers.training_curves import TrainingCurves
    from helpers.widgets.explorers.transposed_painter import TransposedPainter
    from helpers.widgets.explorers.unit_browser import UnitBrowser
    from helpers.widgets.explorers.upsampling_compare import UpsamplingCompare
    from helpers.widgets.explorers.why_map import WhyMap

_ROOMS = {
    "ActivationGallery": "explorers.activation_gallery",
    "ArchitectureTable": "explorers.architecture_table",
    "AugmentationSampler": "explorers.augmentation_sampler",
    "BackpropStepper": "explorers.backprop_stepper",
    "ChannelSum": "explorers.channel_sum",
    "ConvolutionStepper": "explorers.convolution_stepper",
    "CureLab": "explorers.cure_lab",
    "DescentRace": "explorers.descent_race",
    "DigitPad": "explorers.digit_pad",
    "DreamScrubber": "explorers.dream_scrubber",
    "DropoutViewer": "explorers.dropout_viewer",
    "FilterBrowser": "explorers.filter_browser",
    "FoolIt": "explorers.fool_it",
    "GoBoard": "explorers.go_board",
    "GradientFlow": "explorers.gradient_flow",
    "KernelLab": "explorers.kernel_lab",
    "KernelLearning": "explorers.kernel_learning",
    "MistakeBrowser": "explorers.mistake_browser",
    "PhotoReader": "explorers.photo_reader",
    "PoolingStepper": "explorers.pooling_stepper",
    "ReceptiveField": "explorers.receptive_field",
    "SentenceScanner": "explorers.sentence_scanner",
    "ShiftTest": "explorers.shifting",
    "SpectrogramLab": "explorers.spectrogram_lab",
    "TrainingCurves": "explorers.training_curves",
    "TransposedPainter": "explorers.transposed_painter",
    "UnitBrowser": "explorers.unit_browser",
    "UpsamplingCompare": "explorers.upsampling_compare",
    "WhyMap": "explorers.why_map",
}

__all__ = [
    "ActivationGallery",
    "ArchitectureTable",
    "AugmentationSampler",
    "BackpropStepper",
    "ChannelSum",
    "ConvolutionStepper",
    "CureLab",
    "DescentRace",
    "DigitPad",
    "DreamScrubber",
    "DropoutViewer",
    "FilterBrowser",
    "FoolIt",
    "GoBoard",
    "GradientFlow",
    "KernelLab",
    "KernelLearning",
    "MistakeBrowser",
    "PhotoReader",
    "PoolingStepper",
    "ReceptiveField",
    "SentenceScanner",
    "ShiftTest",
    "SpectrogramLab",
    "TrainingCurves",
    "TransposedPainter",
    "UnitBrowser",
    "UpsamplingCompare",
    "WhyMap",
]

__getattr__, __dir__ = _lazy.names(__name__, _ROOMS)
