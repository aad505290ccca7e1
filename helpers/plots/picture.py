"""Picture: a figure that shows itself, describes itself, and is stored small."""

import io
import warnings
from typing import Any, cast

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from helpers import colours
from helpers.plots import _fonts
from helpers.plots._scales import SIGNED

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
        return _small_png(pixels)

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


def _small_png(pixels: np.ndarray) -> bytes:
    """Return RGB pixels as a PNG: one byte a pixel, gray or from a palette of 256."""
    gray = (pixels[..., :1] == pixels).all()
    picture = Image.fromarray(pixels[..., 0].copy() if gray else pixels)
    if not gray:
        # A palette is made for the many pixels; a fifth of what it is made from is the
        # signed scale, or a colour bar among photos would break into a few broad steps.
        ramp = np.rint(SIGNED(np.linspace(0, 1, 256))[:, :3] * 255).astype(np.uint8)
        ramps = np.resize(ramp, (pixels.shape[0] // 5 + 1, pixels.shape[1], 3))
        seen = np.concatenate([pixels, ramps]) if _has_scale(pixels, ramp) else pixels
        palette = Image.fromarray(seen).quantize(255, dither=Image.Dither.NONE)
        indices = np.array(picture.quantize(palette=palette, dither=Image.Dither.NONE))
        # Pillow finds colours roughly; the page and the zero of the scale are white.
        indices[(pixels == 255).all(axis=-1)] = 255
        picture = Image.fromarray(indices)  # gray as yet: the palette makes it coloured
        entries = (palette.getpalette() or [])[: 3 * 255]  # shorter where few suffice
        unused = [0] * (3 * 255 - len(entries))
        picture.putpalette([*entries, *unused, 255, 255, 255])
    file = io.BytesIO()
    picture.save(file, "png")
    return file.getvalue()


def _has_scale(pixels: np.ndarray, ramp: np.ndarray) -> bool:
    """Tell whether both ends of the signed scale occur in a picture."""
    ends = ramp[[0, -1]].astype(int)
    return all((np.abs(pixels - end).sum(axis=-1) < 12).any() for end in ends)
