"""Several equations of small matrices below each other, as one picture."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from helpers import colours
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import MARGIN, WIDTH
from helpers.plots.grids import Role
from helpers.plots.picture import Picture

_LARGEST_CELL = 32.0
_SIGN = 24.0  # the room of a sign
_BETWEEN = 12.0  # two lines


def equations(
    lines: Sequence[Sequence[ArrayLike | str]],
    titles: Sequence[Sequence[str]] | None = None,
    *,
    roles: Sequence[Sequence[Role | None]] | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw equations of small matrices below each other, with cells of one size.

    Parameters
    ----------
    lines
        For each equation its matrices and signs in the order in which they are read,
        for example ``[[plane, "⋆", kernel, "=", part], [part, "+", other, "=", y]]``.
    titles
        For each equation a title for each of its matrices.
    roles
        For each equation ``"input"``, ``"kernel"``, ``"output"`` or None for each of
        its matrices: the colour of its frame. Left out, input, kernel, output.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each matrix.

    Raises
    ------
    ValueError
        Where a matrix can't be drawn, or the lists don't match the matrices.

    Examples
    --------
    >>> picture = equations([[[[1]], "+", [[2]]], [[[3]]]], roles=[[None] * 2, [None]])
    >>> picture.alt
    'Equations. Matrix, rows 1 + matrix, rows 2; matrix, rows 3.'
    """
    if not lines:
        raise ValueError("There is no equation to draw here. Give at least one.")
    parsed = [
        [p if isinstance(p, str) else _given.matrix(p, "A grid") for p in line]
        for line in lines
    ]
    grids = [[p for p in line if not isinstance(p, str)] for line in parsed]
    if not all(grids):
        raise ValueError("There is an equation without a matrix. Give it one.")
    titles = _for_each_line("titles", titles, [[""] * len(line) for line in grids])
    usual: Sequence[Role] = ("input", "kernel", "output")
    roles = _for_each_line(
        "roles", roles, [[usual[min(k, 2)] for k in range(len(g))] for g in grids]
    )
    cell = min(_LARGEST_CELL, *map(_cell_that_fits, parsed))
    heads = [4 + 17 * any(line) for line in titles]
    heights = [
        head + cell * max(len(grid) for grid in line)
        for head, line in zip(heads, grids, strict=True)
    ]
    widths = [_signs(line) + cell * _columns(line) for line in parsed]
    width = max(widths) + 2 * MARGIN
    tall = sum(heights) + _BETWEEN * (len(lines) - 1) + 2 * MARGIN
    picture = Picture(width, tall, alt or _said(parsed, titles))

    top = MARGIN
    for line, names, kinds, head, height, wide in zip(
        parsed, titles, roles, heads, heights, widths, strict=True
    ):
        _draw(picture, line, names, kinds, cell, (width - wide) / 2, top + head)
        top += height + _BETWEEN
    return picture


def _draw(
    picture: Picture,
    line: Sequence[Any],
    titles: Sequence[str],
    roles: Sequence[Role | None],
    cell: float,
    left: float,
    top: float,
) -> None:
    """Draw one equation whose grids begin at ``left`` and ``top``."""
    tall = cell * max(len(part) for part in line if not isinstance(part, str))
    axes = []
    for part in line:
        if isinstance(part, str):
            picture.text(
                (left + _SIGN / 2) / picture.width,
                1 - (top + tall / 2) / picture.height,
                part,
                # The star of a convolution is a small sign in this font.
                size=_layout.points(cell * (1.0 if part == "⋆" else 0.6)),
                color=colours.INK,
                ha="center",
                va="center",
            )
            left += _SIGN
            continue
        rows, columns = part.shape
        up = top + (tall - rows * cell) / 2
        ax = _layout.axis(picture, (left, up, columns * cell, rows * cell))
        role = roles[len(axes)]
        _layout.cells(ax, part, role, "auto", None, None, cell, None)
        axes.append(ax)
        left += columns * cell
    _layout.write_titles(picture, axes, titles, None)


def _columns(line: Sequence[Any]) -> int:
    return sum(part.shape[1] for part in line if not isinstance(part, str))


def _signs(line: Sequence[Any]) -> float:
    return _SIGN * sum(isinstance(part, str) for part in line)


def _cell_that_fits(line: Sequence[Any]) -> float:
    return (WIDTH - 2 * MARGIN - _signs(line)) / _columns(line)


def _for_each_line(name: str, given: Any, usual: list[list]) -> list[list]:
    """Return a list for each equation, or the usual ones where none were given."""
    if given is None:
        return usual
    if list(map(len, given)) != list(map(len, usual)):
        raise ValueError(
            f"{name}: lists of {list(map(len, given))} came for equations of "
            f"{list(map(len, usual))} matrices. Give one for each matrix."
        )
    return [list(line) for line in given]


def _said(lines: Sequence[Sequence[Any]], titles: Sequence[Sequence[str]]) -> str:
    """Return the equations in words."""
    said = []
    for line, names in zip(lines, titles, strict=True):
        name = iter(names)
        said.append(
            " ".join(
                part
                if isinstance(part, str)
                else _words.grid(part, next(name), None, None)
                for part in line
            )
        )
    return "Equations. " + _words.sentence("; ".join(said))
