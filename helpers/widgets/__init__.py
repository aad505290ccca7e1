"""The explorers: live in JupyterLab and Colab, a picture and a line elsewhere."""

from helpers.widgets.convolution_stepper import ConvolutionStepper
from helpers.widgets.kernel_lab import KernelLab
from helpers.widgets.receptive_field import ReceptiveField
from helpers.widgets.shift_test import ShiftTest

__all__ = ["ConvolutionStepper", "KernelLab", "ReceptiveField", "ShiftTest"]
