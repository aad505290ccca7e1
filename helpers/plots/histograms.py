"""Pictures of how often values occur."""

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from helpers import colours
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, MARGIN
from helpers.plots.picture import Picture


def histogram(
    image: ArrayLike, title: str | None = None, *, alt: str | None = None
) -> Picture:
    """Count how often each brightness occurs in a gray image.

    Parameters
    ----------
    image
        (H, W), values 0–255; each is rounded, and what lies outside counts as 0 or 255.
    title
        A title above.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis with 256 bars.

    Raises
    ------
    ValueError
        For anything that is no gray image.

    Examples
    --------
    >>> histogram([[0, 0, 255]]).alt
    'How often each brightness occurs in 1 × 3 pixels, values from 0 to 255. ...'
    """
    image = _given.matrix(image, "A gray image")
    values = _given.finite(image)
    values = values[np.isfinite(values)]
    counts = np.bincount(np.rint(np.clip(values, 0, 255)).astype(int), minlength=256)
    used = int((counts > 0).sum())
    alt = alt or _words.sentence(
        (f"{title}. " if title else "")
        + f"How often each brightness occurs in {_words.size(image)} pixels, "
        f"{_words.span(image)}. {used} of 256 brightnesses occur, {counts.argmax()} "
        "most often"
    )
    top = MARGIN + (24 if title else 0)
    picture = Picture(520, top + 210, alt)
    ax = _layout.axis(picture, (64, top, 520 - 64 - 16, 160))
    ax.bar(np.arange(256), counts, width=1, color=colours.INPUT)
    ax.set_xlim(-1.5, 256.5)
    ax.set_xticks([0, 64, 128, 192, 255])
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.tick_params(labelsize=_layout.points(CAPTION), colors=colours.INK, length=3)
    ax.set_xlabel("brightness", size=_layout.points(CAPTION), color=colours.INK)
    ax.set_ylabel("pixels", size=_layout.points(CAPTION), color=colours.INK)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    _layout.write_titles(picture, [ax], [""], title)
    return picture
