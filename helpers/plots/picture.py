"""Picture: a figure that shows itself, describes itself, and is stored small."""

import warnings
from typing import Any, cast

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers import colours
from helpers.plots import _fonts, _png

DPI = 100  # one hundredth of an inch is one pixel of the page


class Picture(Figure):
    """A matplotlib Figure that shows itself, and says in words what it shows.

    Attributes
    ----------
    alt : str
        The description: the alternative text of the image, and what stands in its
        place where only text can be shown. Set it to say more than the default.
    scale : float
        Pixels of the PNG for each pixel of the page: above 1 it is crisp on fine
        screens.
    """

    def __init__(self, width: float, height: float, alt: str, scale: float = 2) -> None:
        super().__init__(
            figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=colours.PAGE
        )
        FigureCanvasAgg(self)  # the canvas that draws into memory, and no window
        self.alt = alt
        self.scale = scale

    @property
    def width(self) -> float:
        """Width in pixels of the page."""
        return self.get_figwidth() * DPI

    @property
    def height(self) -> float:
        """Height in pixels of the page."""
        return self.get_figheight() * DPI

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"

    def draw(self, renderer: Any) -> None:
        """Draw it, with fonts that have the characters of its texts."""
        with warnings.catch_warnings():
            if not _fonts.choose(cast("list[Text]", self.findobj(Text))):
                warnings.filterwarnings("ignore", "Glyph .* missing")  # said already
            super().draw(renderer)

    def to_png(self) -> bytes:
        """Return the picture as the bytes of a PNG file, small enough to be stored."""
        usual = self.dpi
        try:
            self.dpi = DPI * self.scale
            self.canvas.draw()
            canvas = cast(FigureCanvasAgg, self.canvas)
            pixels = np.array(canvas.buffer_rgba())[..., :3]
        finally:
            self.dpi = usual
        return _png.encoded(pixels)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        # No height: where the page is narrower, the browser keeps the proportions.
        return (
            {"image/png": self.to_png(), "text/plain": repr(self)},
            {"image/png": {"alt": self.alt, "width": round(self.width)}},
        )

    def _ipython_display_(self) -> None:
        # IPython asks this before anything else. Without it, the inline backend, once
        # pyplot is loaded, would draw the figure its own way and lose the description.
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)
