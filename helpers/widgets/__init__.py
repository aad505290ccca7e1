"""The explorers: live in JupyterLab and Colab, a picture and a line elsewhere."""

from helpers.widgets.kernel_lab import KernelLab

__all__ = ["KernelLab"]
