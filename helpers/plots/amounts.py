"""Amounts of very different size as bars: one row for each thing, one panel a kind."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers import colours
from helpers._arguments import is_sequence, refusal, shown
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

_COLOURS = (colours.INPUT, colours.OUTPUT, colours.KERNEL)
_ROW = 14  # pixels
_MOST = 30  # rows


def amounts(
    names: Sequence[str],
    kinds: Mapping[str, ArrayLike],
    title: str | None = None,
    *,
    alt: str | None = None,
) -> Picture:
    """Draw amounts as bars on a logarithmic scale, each with its number.

    Parameters
    ----------
    names
        N names, one a row, 30 at most.
    kinds
        A name and N numbers, none below 0, for each panel; three at most. 0 has no
        place on the scale: its number stands there without a bar.
    title
        A title above.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each kind, all on one scale.

    Raises
    ------
    ValueError
        Where a kind has not N numbers from 0 up, finite ones, or there are too many.

    Examples
    --------
    >>> amounts(["cat", "dog"], {"kg": [4, 0]}).alt
    'Bars on a logarithmic scale. Kg: cat 4, dog 0.'
    """
    if not is_sequence(names):
        raise refusal("names", shown(names), 'Give a list of names, like ["cat"]')
    names = [str(name) for name in names]
    if not 1 <= len(names) <= _MOST:
        raise ValueError(f"{len(names)} rows came; 1 to {_MOST} can be read.")
    if not isinstance(kinds, Mapping) or not 1 <= len(kinds) <= len(_COLOURS):
        need = 'Give a dictionary of one to three names and numbers, {"kg": [4, 0]}'
        raise refusal("kinds", repr(kinds), need)
    panels = {str(kind): _checked(kind, kinds[kind], len(names)) for kind in kinds}
    low, high = _ends(np.concatenate(list(panels.values())))
    said = [
        f"{kind}: "
        + ", ".join(f"{a} {_written(b)}" for a, b in zip(names, sizes, strict=True))
        for kind, sizes in panels.items()
    ]
    said.insert(0, "bars on a logarithmic scale")
    label = max(_layout.text_width(name, CAPTION) for name in names) + 6
    numbers = 58
    wide = _layout.share(len(panels), label) - numbers - 16
    block = [
        _layout.Panel(
            wide,
            _ROW * len(names),
            _layout.wrapped(kind, wide + numbers, _layout.TITLE),
            left=label if k == 0 else 0,
            right=numbers,
            fixed=True,
        )
        for k, kind in enumerate(panels)
    ]
    alt = _words.alt(alt, title, " ".join(map(_words.sentence, said)))
    picture, axes = _layout.arrange([block], alt, title)
    for ax, sizes, colour in zip(axes, panels.values(), _COLOURS, strict=False):
        _bars(ax, sizes, (low, high), colour)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].tick_params(labelsize=points(CAPTION), colors=colours.INK, length=0)
    return picture


def _checked(kind: str, values: ArrayLike, count: int) -> np.ndarray:
    sizes = _given.numbers(values, f"The kind {kind!r}").ravel().astype(np.float64)
    if sizes.size != count:
        raise ValueError(
            f"The kind {kind!r} has {sizes.size} numbers for {count} rows. Give one "
            "for each."
        )
    if not (np.isfinite(sizes).all() and (sizes >= 0).all()):
        raise ValueError(f"The kind {kind!r} has numbers that are not from 0 up.")
    return sizes


def _ends(sizes: np.ndarray) -> tuple[float, float]:
    """Return powers of ten, as exponents, around all sizes above 0, and around 1."""
    powers = np.log10(sizes[sizes > 0]) if (sizes > 0).any() else np.zeros(1)
    low = min(math.floor(powers.min() - 0.3), -3)
    return low, max(math.ceil(powers.max()), 1)


def _bars(ax: Axes, sizes: np.ndarray, ends: tuple[float, float], colour: str) -> None:
    low, high = ends
    rows = np.arange(sizes.size)
    some = sizes > 0
    ax.barh(rows[some], np.log10(sizes[some]) - low, 0.7, low, color=colour)
    ax.set_xlim(low, high)
    ax.set_ylim(sizes.size - 0.5, -0.5)
    ax.axvline(0, color=colours.LINE, linewidth=points(1))  # where 1 is
    for row, size in enumerate(sizes):
        ax.annotate(
            _written(size),
            (1, row),
            (points(4), 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            size=points(CAPTION),
            color=colours.INK,
        )
    for side in ("top", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.spines["left"].set_color(colours.LINE)


def _written(size: float) -> str:
    """Return a size in two digits: 0.5, 12, 3.1e−9."""
    text, _, exponent = f"{size:.2g}".partition("e")
    return f"{text}e{int(exponent)}".replace("-", "−") if exponent else text
