"""Pictures for the lessons: every function takes arrays and returns a `Picture`.

A `Picture` is a matplotlib Figure that shows itself as the last line of a cell, carries
a description for those who can't see it, and belongs to nobody else: pyplot is never
imported, so there is nothing to close, and no other figure or setting is touched.

>>> from helpers import images, plots
>>> photo = images.photo("camera", size=64)
>>> plots.images([photo, 255 - photo], ["photo", "negative"])
<Picture: Two images side by side. 1, photo: 64 × 64 pixels, gray, values from ...>

Numbers that are pixels are drawn from 0 (black) to 255 (white); numbers with a sign on
a scale from blue (negative) over white (0) to red (positive); what is not a number, in
yellow. Input, kernel and output have the frames of `helpers.colours`.
"""

from helpers.plots._given import Window
from helpers.plots._layout import WIDTH
from helpers.plots.amounts import amounts
from helpers.plots.boards import go_board
from helpers.plots.contours import contours
from helpers.plots.curves import curves
from helpers.plots.graphs import Box, graph
from helpers.plots.grids import Fill, Role, equation, kernels, numbers
from helpers.plots.hourglasses import hourglass
from helpers.plots.maps import feature_maps, filtering, signed
from helpers.plots.mosaics import mosaic
from helpers.plots.overlays import overlays
from helpers.plots.painting import centres, stamps
from helpers.plots.photos import channels, images, zoom
from helpers.plots.picture import Picture
from helpers.plots.pooling import pooling, pooling_gradient
from helpers.plots.sliding import placements, steps
from helpers.plots.spectrograms import spectrogram, waveform
from helpers.plots.sums import sums
from helpers.plots.weights import tied, wiring

__all__ = [
    "WIDTH",
    "Box",
    "Fill",
    "Picture",
    "Role",
    "Window",
    "amounts",
    "centres",
    "channels",
    "contours",
    "curves",
    "equation",
    "feature_maps",
    "filtering",
    "go_board",
    "graph",
    "hourglass",
    "images",
    "kernels",
    "mosaic",
    "numbers",
    "overlays",
    "placements",
    "pooling",
    "pooling_gradient",
    "signed",
    "spectrogram",
    "stamps",
    "steps",
    "sums",
    "tied",
    "waveform",
    "wiring",
    "zoom",
]
