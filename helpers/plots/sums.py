"""Numbers that add up: bars to both sides of 0, and their sum."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers import colours
from helpers._arguments import is_sequence, refusal, shown
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

_ROW = 16  # pixels
_MOST = 40  # rows
_NUMBERS = 60  # pixels for what is written beside a bar


def sums(
    names: Sequence[str],
    values: ArrayLike,
    title: str | None = None,
    *,
    total: str = "sum",
    alt: str | None = None,
) -> Picture:
    """Draw numbers as bars, negative ones to the left, and below them their sum.

    Parameters
    ----------
    names
        N names, one a row, 40 at most.
    values
        N finite numbers.
    title
        A title above.
    total
        What the sum is called.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        Of one axis.

    Raises
    ------
    ValueError
        Where there are not as many numbers as names, finite ones, or too many.

    Examples
    --------
    >>> sums(["good", "not"], [2, -3], total="praise").alt
    'Bars: good 2, not −3. Together, praise: −1.'
    """
    if not is_sequence(names) or not 1 <= len(names) <= _MOST:
        need = f"Give a list of 1 to {_MOST} names"
        raise refusal("names", shown(names), need)
    names = [str(name) for name in names]
    array = _given.numbers(values, "Values").ravel().astype(np.float64)
    if array.size != len(names) or not np.isfinite(array).all():
        need = f"Give {len(names)} finite numbers, one for each name"
        raise refusal("values", shown(values), need)
    total = _given.text(total, "total")
    rows = [*names, total]
    numbers = np.append(array, array.sum())
    texts = [_words.number(value) for value in numbers]
    each = ", ".join(f"{a} {b}" for a, b in zip(names, texts, strict=False))
    said = f"Bars: {each}. Together, {total}: {texts[-1]}."
    label = max(_layout.text_width(name, CAPTION) for name in rows) + 6
    panel = _layout.Panel(
        _layout.share(1, label) - _NUMBERS,
        _ROW * len(rows),
        "",
        left=label,
        right=_NUMBERS,
        fixed=True,
    )
    picture, [ax] = _layout.arrange([[panel]], _words.alt(alt, title, said), title)
    negative, positive = colours.SIGNED[1], colours.SIGNED[-2]
    shades = [positive if value > 0 else negative for value in numbers]
    ax.barh(range(len(rows)), numbers, 0.7, color=shades)
    reach = np.abs(numbers).max() or 1
    ax.set_xlim(-1.02 * reach, 1.02 * reach)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.axvline(0, color=colours.LINE, linewidth=points(1))
    ax.axhline(len(rows) - 1.5, color=colours.LINE, linewidth=points(1))
    ax.set_xticks([])
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(labelsize=points(CAPTION), colors=colours.INK, length=0)
    for side in ax.spines.values():
        side.set_visible(False)
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
    return picture
