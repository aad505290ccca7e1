"""Pictures of numbers in cells: a matrix, an equation of matrices, kernels."""

from collections.abc import Mapping, Sequence
from typing import Literal

from numpy.typing import ArrayLike

from helpers import colours
from helpers.plots import _given, _layout, _words
from helpers.plots._given import Window
from helpers.plots._layout import CAPTION, FRAMES, MARGIN, TITLE, WIDTH
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
        titles=[title or ""],
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
    """Draw small matrices in a row with signs between them: input ⋆ kernel = output.

    Parameters
    ----------
    parts
        Matrices and signs in the order in which they are read, for example
        ``[x, "⋆", kernel, "=", y]``.
    titles
        A title for each matrix.
    title
        A title for the whole picture.
    roles
        For each matrix ``"input"``, ``"kernel"``, ``"output"`` or None: the colour of
        its frame. Left out, three matrices are input, kernel and output, and two are
        input and output.
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
    parts = [p if isinstance(p, str) else _given.matrix(p, "A grid") for p in parts]
    grids = [p for p in parts if not isinstance(p, str)]
    if not grids:
        raise ValueError("There is no matrix to draw here. Give at least one.")
    for grid in grids:
        if max(grid.shape) > _MOST_CELLS:
            raise ValueError(
                f"A matrix of {_words.size(grid)} is too large for its numbers to be "
                f"read. Take a crop of at most {_MOST_CELLS} × {_MOST_CELLS}: "
                "x[:12, :12]."
            )
    count = len(grids)
    titles = _given.titles(titles, count)
    if roles is None:
        default = {2: ("input", "output"), 3: ("input", "kernel", "output")}
        roles = default.get(count, ("input",) * count)
    roles = _given.one_each("roles", roles, count, (*FRAMES, None))
    fills = [fill] * count if isinstance(fill, str) else fill
    fills = _given.one_each("fill", fills, count, ("auto", "gray", "signed", "none"))
    windows = [None] * count if highlight is None else list(highlight)
    windows = _given.one_each("highlight", windows, count)
    frames = [_given.window(w, g.shape) for w, g in zip(windows, grids, strict=True)]
    if limits is not None:
        limits = _given.limits(limits)

    said = iter(zip(grids, titles, roles, windows, strict=True))
    words = [p if isinstance(p, str) else _words.grid(*next(said)) for p in parts]
    if not alt and count == 1:
        alt = _words.sentence(
            (f"{titles[0]}: " if titles[0] else "")
            + f"a grid of {_words.size(grids[0])} numbers, {_words.rows(grids[0])}"
            + (f"; {_words.marked(windows[0])}" if windows[0] else "")
        )
    alt = alt or _words.sentence((title or "An equation") + ": " + " ".join(words))

    sign_width = [14 + 9 * len(p) if isinstance(p, str) else 0 for p in parts]
    gap = 6
    columns = sum(g.shape[1] for g in grids)
    free = WIDTH - 2 * MARGIN - sum(sign_width) - gap * (len(parts) - 1)
    cell = min(46.0, free / columns, 440 / max(g.shape[0] for g in grids))
    tall = max(g.shape[0] for g in grids) * cell
    top = MARGIN + (24 if title else 0) + (20 if any(titles) else 0)
    content = columns * cell + sum(sign_width) + gap * (len(parts) - 1)
    heads = _layout.text_width(title, TITLE + 1)
    if count == 1:  # a lone grid makes room for its title; in a row it is wrapped
        heads = max(heads, _layout.text_width(titles[0], TITLE))
    width = min(WIDTH, max(content, heads) + 2 * MARGIN)
    picture = Picture(width, top + tall + MARGIN, alt)
    left = (width - content) / 2
    axes = []
    for part, wide in zip(parts, sign_width, strict=True):
        if isinstance(part, str):
            picture.text(
                (left + wide / 2) / width,
                1 - (top + tall / 2) / picture.height,
                part,
                # The star of a convolution is a small sign in this font.
                size=_layout.points(
                    min(24, max(14, cell * 0.6)) * (1.7 if part == "⋆" else 1)
                ),
                color=colours.INK,
                ha="center",
                va="center",
            )
            left += wide + gap
            continue
        index = len(axes)
        rows, cols = part.shape
        box = (left, top + (tall - rows * cell) / 2, cols * cell, rows * cell)
        ax = _layout.axis(picture, box)
        end = None if roles[index] == "kernel" else limits
        _layout.cells(
            ax, part, roles[index], fills[index], end, decimals, cell, frames[index]
        )
        axes.append(ax)
        left += cols * cell + gap
    _layout.write_titles(picture, axes, titles, title)
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
    words = [
        f"a kernel of {_words.size(a)} numbers, {_words.rows(a)}; "
        f"sum {_words.number(a.sum())}"
        for a in arrays
    ]
    alt = alt or _words.listed("kernel", titles, words, title)
    count = len(arrays)
    wide = max(a.shape[1] for a in arrays)
    across = min(count, 5)
    gap = 26
    cell = (WIDTH - 2 * MARGIN - gap * (across - 1)) / (across * wide)
    cell = min(46.0, cell, 440 / largest)
    side = wide * cell
    lines = [
        _layout.wrapped(t.replace("_", " "), side + gap - 6, TITLE) for t in titles
    ]
    above = 20 * max(t.count("\n") + 1 if t else 0 for t in lines)
    top = MARGIN + (24 if title else 0)
    tall = max(a.shape[0] for a in arrays) * cell
    step = above + tall + 30
    content = across * side + gap * (across - 1)
    heads = [_layout.text_width(title, TITLE + 1)]
    heads += [_layout.text_width(f"sum = {_words.number(arrays[0].sum())}", CAPTION)]
    width = min(WIDTH, max(content, *heads) + 2 * MARGIN)
    height = top + step * -(-count // across) + MARGIN / 2
    picture = Picture(width, height, alt)
    axes = []
    for index, array in enumerate(arrays):
        row, column = divmod(index, across)
        rows, cols = array.shape
        left = (width - content) / 2 + column * (side + gap) + (side - cols * cell) / 2
        up = top + row * step + above + (tall - rows * cell) / 2
        ax = _layout.axis(picture, (left, up, cols * cell, rows * cell))
        _layout.cells(ax, array, "kernel", "signed", None, decimals, cell, None)
        _layout.under(ax, f"sum = {_words.number(array.sum())}")
        axes.append(ax)
    _layout.write_titles(picture, axes, lines, title)
    return picture
