"""Pictures of numbers in cells: a matrix, an equation of matrices, kernels."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from helpers._arguments import refusal, whole, word
from helpers.plots import _given, _layout, _words
from helpers.plots._given import Window
from helpers.plots._layout import FRAMES
from helpers.plots.picture import Picture

Role = Literal["input", "kernel", "output"]
Fill = Literal["auto", "gray", "signed", "none"]

_MOST_CELLS = 32  # a side of a grid of numbers; smaller cells can't be read


def numbers(
    array: ArrayLike,
    title: str | None = None,
    *,
    role: Role | None = "input",
    fill: Fill = "auto",
    limits: tuple[float, float] | None = None,
    decimals: int | None = None,
    highlight: Window | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw a small matrix as a grid with its number in each cell.

    Parameters
    ----------
    array
        (H, W), at most 32 × 32. Of a larger image take a crop: ``image[:12, :12]``.
    title
        A title above the grid.
    role
        ``"input"``, ``"kernel"`` or ``"output"``: the colour of the frame. None for a
        plain one.
    fill
        How the cells are filled: ``"gray"`` between the limits; ``"signed"``, blue for
        negative, red for positive; ``"none"``. ``"auto"`` takes gray for bytes (uint8)
        and truth values, signed for kernels and where a number is negative, and none
        otherwise.
    limits
        What is drawn black and white with a gray fill; left out, 0 and 255. With a
        signed fill the larger size of the two is the end of the scale on both sides;
        left out, the largest number.
    decimals
        Digits after the point; left out, as many as the numbers need, two at most.
    highlight
        (row, column, rows, columns) of a window to mark.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis.

    Raises
    ------
    ValueError
        For an array that is empty, too large, or not a matrix of real numbers.

    Examples
    --------
    >>> numbers([[0, 1], [2, 3]], "input").alt
    'Input: a grid of 2 × 2 numbers, rows 0 1; 2 3.'
    """
    return equation(
        [array],
        titles=[_given.text(title, "title")],
        roles=[role],
        fill=fill,
        limits=limits,
        decimals=decimals,
        highlight=[highlight],
        alt=alt,
    )


def equation(
    parts: Sequence[ArrayLike | str],
    titles: Sequence[str] | None = None,
    *,
    title: str | None = None,
    roles: Sequence[Role | None] | None = None,
    fill: Fill | Sequence[Fill] = "auto",
    limits: tuple[float, float] | None = None,
    decimals: int | None = None,
    highlight: Sequence[Window | None] | None = None,
    alt: str | None = None,
) -> Picture:
    r"""Draw small matrices in a row with signs between them: input ⋆ kernel = output.

    Parameters
    ----------
    parts
        Matrices and signs in the order in which they are read, for example
        ``[x, "⋆", kernel, "=", y]``. The sign ``"\n"`` begins another equation, below
        the one before; all have cells of one size.
    titles
        A title for each matrix.
    title
        A title for the whole picture.
    roles
        For each matrix ``"input"``, ``"kernel"``, ``"output"`` or None: the colour of
        its frame. Left out, in each equation three matrices are input, kernel and
        output, and two are input and output.
    fill
        As for `numbers`; one for all, or one for each matrix.
    limits, decimals
        As for `numbers`; limits hold for the matrices that are no kernels.
    highlight
        For each matrix None or a window (row, column, rows, columns) to mark.
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
    >>> import numpy as np
    >>> x, k = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
    >>> picture = equation([x, "⋆", k, "=", [[19, 25], [37, 43]]])
    >>> picture.alt
    'An equation: input, rows 0 1 2; 3 4 5; 6 7 8 ⋆ kernel, rows 0 1; 2 3 = output, ...'
    """
    parts = _parts(parts)
    lines, grids = _lines(parts), _matrices(parts)
    titles = _given.titles(titles, len(grids))
    roles = _roles(roles, [len(_matrices(line)) for line in lines])
    fills = [fill] * len(grids) if isinstance(fill, str) else fill
    fills = [
        word(kind, "fill", get_args(Fill))
        for kind in _given.one_each("fill", fills, len(grids))
    ]
    if highlight is None:
        highlight = [None] * len(grids)
    frames = [
        None if window is None else _given.window(window, grid.shape, "highlight")
        for window, grid in zip(
            _given.one_each("highlight", highlight, len(grids)), grids, strict=True
        )
    ]
    limits = None if limits is None else _given.limits(limits)
    decimals = _decimals(decimals)
    about = list(zip(titles, roles, frames, strict=True))
    alt = _words.alt(alt, None, _said(lines, about, _given.text(title, "title")))

    cell, names = 46 if len(lines) == 1 else 32, iter(titles)
    blocks = [_block(line, cell, names) for line in lines]
    picture, axes = _layout.arrange(blocks, alt, title, between=12)
    for ax, grid, role, kind, frame in zip(
        axes, grids, roles, fills, frames, strict=True
    ):
        ends = None if role == "kernel" else limits
        _layout.cells(ax, grid, role, kind, ends, decimals, frame)
    return picture


def kernels(
    arrays: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    titles: Sequence[str] | str | None = None,
    *,
    title: str | None = None,
    decimals: int | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw one kernel or a gallery of them: numbers, signed colours, and the sum.

    Parameters
    ----------
    arrays
        One kernel (kh, kw), a list of kernels, or a dictionary of titles and kernels
        such as ``helpers.kernels.BANK``.
    titles
        A title for each kernel.
    title
        A title for the whole picture.
    decimals
        Digits after the point; left out, as many as the numbers need, two at most.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each kernel. Each has its own scale: its largest number, of either
        sign, has the full colour.

    Raises
    ------
    ValueError
        For anything that is no kernel, or where titles and kernels don't match.

    Examples
    --------
    >>> kernels([[0, 1], [2, 3]]).alt
    'A kernel of 2 × 2 numbers, rows 0 1; 2 3; sum 6.'
    """
    arrays, titles = _given.several(
        arrays, titles, lambda a: _given.matrix(a, "A kernel")
    )
    largest = max(max(a.shape) for a in arrays)
    if largest > _MOST_CELLS:
        raise ValueError(
            f"A kernel of {largest} numbers a side is too large for them to be read. "
            "Draw it with plots.signed."
        )
    decimals = _decimals(decimals)
    sums = [f"sum {_words.number(_given.total(a))}" for a in arrays]
    words = [
        f"a kernel of {_words.size(a)} numbers, {_words.rows(a)}; {total}"
        for a, total in zip(arrays, sums, strict=True)
    ]
    alt = _words.listed("kernel", titles, words, title, alt)
    captions = [total.replace("sum", "sum =") for total in sums]
    blocks = [
        [_layout.grid(a.shape, 46, name.replace("_", " "), caption)]
        for a, name, caption in zip(arrays, titles, captions, strict=True)
    ]
    picture, axes = _layout.arrange(blocks, alt, title, across=5, gap=26)
    for ax, array, caption in zip(axes, arrays, captions, strict=True):
        _layout.cells(ax, array, "kernel", "signed", decimals=decimals)
        _layout.under(ax, caption)
    return picture


# ---- what came ----


def _parts(given: Any) -> list[str | np.ndarray]:
    """Return signs as they are and matrices checked."""
    if not isinstance(given, Iterable) or (hasattr(given, "ndim") and not given.ndim):
        need = 'Give a list of matrices and signs, like [x, "+", y]'
        raise refusal("parts", repr(given), need)
    parts = [p if isinstance(p, str) else _given.matrix(p, "A grid") for p in given]
    for part in parts:
        if not isinstance(part, str) and max(part.shape) > _MOST_CELLS:
            raise ValueError(
                f"A matrix of {_words.size(part)} is too large for its numbers to be "
                f"read. Take a crop of at most {_MOST_CELLS} × {_MOST_CELLS}: "
                "x[:12, :12]."
            )
    return parts


def _lines(parts: Sequence[str | np.ndarray]) -> list[list[str | np.ndarray]]:
    """Return the equations, each with a matrix at least."""
    lines: list[list[str | np.ndarray]] = [[]]
    for part in parts:
        if isinstance(part, str) and part == "\n":
            lines.append([])
        else:
            lines[-1].append(part)
    if not all(map(_matrices, lines)):
        raise ValueError("There is no matrix to draw here. Give at least one.")
    return lines


def _matrices(line: Sequence[str | np.ndarray]) -> list[np.ndarray]:
    return [part for part in line if not isinstance(part, str)]


def _roles(given: Any, counts: Sequence[int]) -> list[str | None]:
    """Return the role of each matrix, the usual ones where none were given."""
    if given is None:
        usual = {2: ("input", "output"), 3: ("input", "kernel", "output")}
        return [r for count in counts for r in usual.get(count, ("input",) * count)]
    given = _given.one_each("roles", given, sum(counts))
    return [None if role is None else word(role, "roles", FRAMES) for role in given]


def _decimals(given: Any) -> int | None:
    return None if given is None else whole(given, "decimals", 0, 12)


# ---- what is drawn and said ----


def _block(
    line: Sequence[str | np.ndarray], cell: float, titles: Iterator[str]
) -> list[_layout.Panel | _layout.Sign]:
    """Return the places of an equation's matrices and signs."""
    block: list[_layout.Panel | _layout.Sign] = []
    for before, part in zip(["", *line], line, strict=False):
        if isinstance(part, str):
            block.append(_layout.Sign(part))
            continue
        if not isinstance(before, str):
            block.append(_layout.Sign("", 6))
        block.append(_layout.grid(part.shape, cell, next(titles)))
    return block


def _said(
    lines: Sequence[Sequence[str | np.ndarray]],
    about: Sequence[tuple[str, str | None, Window | None]],
    title: str,
) -> str:
    """Return equations in words, from title, role and window of each matrix."""
    if len(about) == 1:
        ((name, _, window),), (grid,) = about, _matrices(lines[0])
        start = f"{name or title}: " if name or title else ""
        marked = f"; {_words.marked(window)}" if window else ""
        size = f"a grid of {_words.size(grid)} numbers"
        return f"{start}{size}, {_words.rows(grid)}{marked}"
    each = iter(about)
    said = [
        " ".join(p if isinstance(p, str) else _words.grid(p, *next(each)) for p in line)
        for line in lines
    ]
    if len(lines) == 1:
        return f"{title or 'An equation'}: {said[0]}"
    return f"{title or 'Equations'}. {_words.sentence('; '.join(said))}"
