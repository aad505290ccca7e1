"""The explorers: live in JupyterLab and Colab, a picture and a line elsewhere."""

from helpers.widgets.channel_sum import ChannelSum
from helpers.widgets.convolution_stepper import ConvolutionStepper
from helpers.widgets.kernel_lab import KernelLab
from helpers.widgets.pooling_stepper import PoolingStepper
from helpers.widgets.receptive_field import ReceptiveField
from helpers.widgets.shift_test import ShiftTest
from helpers.widgets.transposed_painter import TransposedPainter
from helpers.widgets.upsampling_compare import UpsamplingCompare

__all__ = [
    "ChannelSum",
    "ConvolutionStepper",
    "KernelLab",
    "PoolingStepper",
    "ReceptiveField",
    "ShiftTest",
    "TransposedPainter",
    "UpsamplingCompare",
]
