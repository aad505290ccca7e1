"""Pictures of how numbers depend on another: one line for each thing compared."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from helpers import colours
from helpers._arguments import flag, refusal
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

# Line and mark differ as well as the colour, which follows Okabe and Ito's palette.
_STYLES = (
    (colours.INPUT, "o", "-"),
    (colours.KERNEL, "s", "--"),
    (colours.OUTPUT, "^", "-."),
    ("#CC79A7", "D", ":"),
    ("#56B4E9", "v", "-"),
    (colours.INK, "x", "--"),
)


def curves(
    x: ArrayLike,
    lines: Mapping[str, ArrayLike],
    title: str | None = None,
    *,
    x_label: str = "",
    y_label: str = "",
    percent: bool = False,
    marks: bool = True,
    alt: str | None = None,
) -> Picture:
    """Draw a line through a few points for each of the things compared.

    Parameters
    ----------
    x
        (N,), where the points stand.
    lines
        A name and N numbers for each line, at most six. NaN leaves a gap. The vertical
        axis starts at 0 where no number is negative.
    title
        A title above.
    x_label, y_label
        What the axes mean.
    percent
        True writes 0.5 as 50 %.
    marks
        False leaves out the marks at the points: for curves of many.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis, with the names of the lines beside it.

    Raises
    ------
    ValueError
        Where a line has not N real numbers, or there are none or more than six.

    Examples
    --------
    >>> curves([1, 2], {"cats": [3, 4]}, x_label="day").alt
    'Cats over day 1, 2: 3, 4.'
    """
    x = _given.numbers(x, "x").ravel()
    x_label, y_label = _given.text(x_label, "x_label"), _given.text(y_label, "y_label")
    percent, marks = flag(percent, "percent"), flag(marks, "marks")
    if not isinstance(lines, Mapping):
        need = 'Give a dictionary of names and numbers, like {"cats": [3, 4]}'
        raise refusal("lines", repr(lines), need)
    lines = {str(name): values for name, values in lines.items()}
    if not 1 <= len(lines) <= len(_STYLES):
        raise ValueError(
            f"{len(lines)} lines came; 1 to {len(_STYLES)} can be told apart."
        )
    ys = {}
    for name, values in lines.items():
        ys[name] = _given.finite(_given.numbers(values, f"The line {name!r}")).ravel()
        if ys[name].shape != x.shape:
            raise ValueError(
                f"The line {name!r} has {ys[name].size} numbers, but x has {x.size} "
                "points. Give one for each."
            )

    def written(value: float) -> str:
        return _words.number(100 * value, 0) + " %" if percent else _words.number(value)

    over = ", ".join(map(_words.number, x))
    said = [f"{name}: {', '.join(map(written, y))}" for name, y in ys.items()]
    first, others = said[0].split(": ", 1)
    said[0] = f"{first} over {x_label or 'x'} {over}: {others}"
    alt = _words.alt(alt, title, " ".join(map(_words.sentence, said)))

    names = [_layout.wrapped(name, 240, CAPTION) for name in ys]
    panel = _layout.Panel(
        400,
        220,
        left=62,
        right=84 + max(_layout.text_width(name, CAPTION) for name in names),
        below=42 if x_label else 22,
    )
    picture, (ax,) = _layout.arrange([[panel]], alt, title)
    for (name, y), (colour, marker, dashes) in zip(ys.items(), _STYLES, strict=False):
        style: dict[str, Any] = {
            "linewidth": points(2.4),
            "markersize": points(8) if marks else 0,
            "clip_on": False,
        }
        ax.plot(x, y, dashes, marker=marker, color=colour, label=name, **style)
    values = np.concatenate(list(ys.values()))
    if np.nanmin(values, initial=0) >= 0:
        ax.set_ylim(0, 1.06 * np.nanmax(values, initial=0) or 1)
    whole = bool((x == np.rint(x)).all())
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=whole))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(lambda value, _: written(round(value, 9)))
    ax.tick_params(labelsize=points(CAPTION), colors=colours.INK, length=3)
    ax.set_xlabel(x_label, size=points(CAPTION), color=colours.INK)
    ax.set_ylabel(y_label, size=points(CAPTION), color=colours.INK)
    ax.grid(axis="y", color=colours.LINE, alpha=0.35, linewidth=points(1))
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    lines_drawn = zip(ax.get_lines(), names, ys.values(), strict=True)
    order = sorted(lines_drawn, key=lambda line: -np.nan_to_num(line[2][-1]))
    ax.legend(
        [line for line, _, _ in order],
        [name for _, name, _ in order],  # in the order in which they end
        loc="center left",
        bbox_to_anchor=(1.02, 0.5),
        frameon=False,
        fontsize=points(CAPTION),
        labelcolor=colours.INK,
        handlelength=3,
    )
    return picture
