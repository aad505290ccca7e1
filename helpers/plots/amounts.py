"""Amounts as bars: one row for each thing, one panel a kind."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers import colours
from helpers._arguments import flag, is_sequence, refusal, shown
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

_COLOURS = (colours.INPUT, colours.OUTPUT, colours.KERNEL)
_ROW = 14  # pixels
_MOST = 30  # rows
_LONGEST = 1e12  # a whole number from here on is written as any other


def amounts(
    names: Sequence[str],
    kinds: Mapping[str, ArrayLike],
    title: str | None = None,
    *,
    log: bool = True,
    alt: str | None = None,
) -> Picture:
    """Draw amounts as bars, each with its number.

    Parameters
    ----------
    names
        N names, one a row, 30 at most.
    kinds
        A name and N numbers, none below 0, for each panel; three at most.
    title
        A title above.
    log
        True for one logarithmic scale for all kinds, on which 0 has no place: its
        number stands there without a bar. False for a scale from 0 for each kind, with
        whole numbers in full.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each kind.

    Raises
    ------
    ValueError
        Where a kind has not N numbers from 0 up, finite ones, or there are too many.

    Examples
    --------
    >>> amounts(["cat", "dog"], {"kg": [4, 0]}).alt
    'Bars on a logarithmic scale. Kg: cat 4, dog 0.'
    >>> amounts(["dense"], {"weights": [4096 * 4096]}, log=False).alt
    'Bars. Weights: dense 16,777,216.'
    """
    log = flag(log, "log")
    written = _written if log else _in_full
    if not is_sequence(names):
        raise refusal("names", shown(names), 'Give a list of names, like ["cat"]')
    names = [str(name) for name in names]
    if not 1 <= len(names) <= _MOST:
        raise ValueError(f"{len(names)} rows came; 1 to {_MOST} can be read.")
    if not isinstance(kinds, Mapping) or not 1 <= len(kinds) <= len(_COLOURS):
        need = 'Give a dictionary of one to three names and numbers, {"kg": [4, 0]}'
        raise refusal("kinds", repr(kinds), need)
    panels = {str(kind): _checked(kind, kinds[kind], len(names)) for kind in kinds}
    texts = [[written(size) for size in sizes] for sizes in panels.values()]
    said = [
        f"{kind}: " + ", ".join(f"{a} {b}" for a, b in zip(names, text, strict=True))
        for kind, text in zip(panels, texts, strict=True)
    ]
    said.insert(0, "bars on a logarithmic scale" if log else "bars")
    label = max(_layout.text_width(name, CAPTION) for name in names) + 6
    widest = max(_layout.text_width(text, CAPTION) for some in texts for text in some)
    numbers = max(58, widest + 6)
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
    ends = _ends(np.concatenate(list(panels.values())))
    for ax, sizes, text, colour in zip(
        axes, panels.values(), texts, _COLOURS, strict=False
    ):
        if log:
            _on_a_log_scale(ax, sizes, ends, colour)
        else:
            ax.barh(range(sizes.size), sizes, 0.7, color=colour)
            ax.set_xlim(0, sizes.max() or 1)
        _write(ax, text)
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


def _on_a_log_scale(
    ax: Axes, sizes: np.ndarray, ends: tuple[float, float], colour: str
) -> None:
    low, high = ends
    rows = np.arange(sizes.size)
    some = sizes > 0
    ax.barh(rows[some], np.log10(sizes[some]) - low, 0.7, low, color=colour)
    ax.set_xlim(low, high)
    ax.axvline(0, color=colours.LINE, linewidth=points(1))  # where 1 is


def _write(ax: Axes, texts: Sequence[str]) -> None:
    ax.set_ylim(len(texts) - 0.5, -0.5)
    for row, text in enumerate(texts):
        ax.annotate(
            text,
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


def _in_full(size: float) -> str:
    """Return a whole number with all its digits: 1,000; any other in two."""
    in_full = size < _LONGEST and float(size).is_integer()
    return f"{size:,.0f}" if in_full else _written(size)
