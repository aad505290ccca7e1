"""The weights of a layer: as a matrix in which they recur, and as wires."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from numpy.typing import ArrayLike

from helpers import colours
from helpers._arguments import flag, pair, real, refusal
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots._scales import SIGNED
from helpers.plots.picture import Picture

#: One colour for each of up to nine weights. Paul Tol's "muted" scheme: also told apart
#: by colour-blind eyes, and the number of the weight stands beside it.
_NINE = (
    *("#332288", "#88CCEE", "#44AA99", "#117733", "#999933"),
    *("#DDCC77", "#CC6677", "#882255", "#AA4499"),
)
_MOST_NODES = 16


def tied(
    kernel: ArrayLike,
    matrix: ArrayLike,
    *,
    groups: tuple[int, int] | None = None,
    titles: Sequence[str] = ("kernel", "matrix"),
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw a kernel and a matrix made of its weights, equal weights in one colour.

    Parameters
    ----------
    kernel
        (kh, kw), with at most nine different weights, 0 not counted.
    matrix
        (M, N), at most 32 a side: only the kernel's weights, and 0 elsewhere.
    groups
        (rows, columns) after which a heavier line is drawn: as many as a row of the
        output, and of the image, has pixels.
    titles
        Of the kernel and of the matrix.
    title
        A title for the whole picture.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        Two axes.

    Raises
    ------
    ValueError
        For a matrix with other numbers, or more than nine different weights.

    Examples
    --------
    >>> tied([[1, 2]], [[1, 2, 0], [0, 1, 2]]).alt
    'Kernel, rows 1 2. Matrix of 2 × 3 numbers, 2 zeros and 2 different weights: ...'
    """
    kernel = _given.matrix(kernel, "A kernel")
    matrix = _given.matrix(matrix, "A matrix")
    if max(*kernel.shape, *matrix.shape) > 32:
        raise ValueError(
            f"A matrix of {_words.size(matrix)} is too large for its numbers to be "
            "read; at most 32 × 32 can be drawn."
        )
    for array, name in ((kernel, "kernel"), (matrix, "matrix")):
        if not np.isfinite(array).all():
            came = "values that are not finite (NaN or infinity)"
            raise refusal(name, came, "Replace them first")
    if groups is not None:
        groups = pair(groups, "groups")
    palette = _palette(kernel)
    strangers = sorted({float(v) for v in matrix.flat if v} - palette.keys())
    if strangers:
        raise ValueError(
            f"The matrix has {_words.number(strangers[0])} in it, which is no weight "
            "of the kernel."
        )
    titles = _given.titles(titles, 2)
    zeros = int((matrix == 0).sum())
    different = len(np.unique(matrix[matrix != 0]))
    said = (
        f"{titles[0]}, {_words.rows(kernel)}. {titles[1][:1].upper()}"
        f"{titles[1][1:]} of {_words.size(matrix)} numbers, {zeros} zeros and "
        f"{different} different weights: {_words.rows(matrix)}. Equal weights have one "
        "colour"
    )
    block: _layout.Block = [
        _layout.fitted(kernel.shape, (200, 440), 34, title=titles[0], fixed=True),
        _layout.Sign("", 24),
        _layout.grid(matrix.shape, 34, titles[1]),
    ]
    picture, axes = _layout.arrange([block], _words.alt(alt, title, said), title)
    _weights(axes[0], kernel, palette, None)
    _weights(axes[1], matrix, palette, groups)
    _layout.frame_axis(axes[0], colours.KERNEL)
    return picture


def wiring(
    matrices: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    titles: Sequence[str] | str | None = None,
    *,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    bias: float | None = None,
    signed: bool = False,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw layers as neurons and the connections between them, weight 0 as no line.

    Parameters
    ----------
    matrices
        One layer's weights (outputs, inputs), a list of them, or a dictionary of
        titles and weights. At most 16 neurons a side.
    titles
        A title for each layer.
    inputs, outputs
        Numbers to write into the neurons of each layer, on the left and on the right.
    bias
        A number that every output adds: drawn as the weight of a 1 below the inputs.
    signed
        True paints negative weights blue and positive ones red. Otherwise equal
        weights have one colour if there are at most nine, and all are gray if there
        are more.
    title
        A title for the whole picture.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each layer, at most three. Where there is a single output, each
        line carries its weight.

    Raises
    ------
    ValueError
        For too many neurons or layers, or where numbers and neurons don't match.

    Examples
    --------
    >>> wiring([[1, 2, 0], [0, 1, 2]]).alt
    '3 inputs on the left, 2 outputs on the right: 4 connections, 2 different weights.'
    """
    matrices, titles = _given.several(
        matrices, titles, lambda m: _given.matrix(m, "A layer")
    )
    if len(matrices) > 3 or max(max(m.shape) for m in matrices) > _MOST_NODES:
        raise ValueError(
            f"At most 3 layers of {_MOST_NODES} inputs and outputs can be drawn; "
            f"{len(matrices)} came, of {', '.join(map(_words.size, matrices))}."
        )
    if bias is not None:
        bias = real(bias, "bias")
    signed = flag(signed, "signed")
    values = [_values(inputs, "inputs"), _values(outputs, "outputs")]
    for side, name in ((1, "inputs"), (0, "outputs")):
        given = values[1 - side]
        if given is not None and any(m.shape[side] != given.size for m in matrices):
            raise ValueError(
                f"{given.size} numbers came for the {name}; each of them needs one."
            )
    captions = [_connections(m) + " and a bias" * (bias is not None) for m in matrices]
    said = [
        (f"{name}: " if name else "")
        + f"{m.shape[1]} inputs on the left, {m.shape[0]} output"
        f"{'s' * (m.shape[0] > 1)} on the right: {caption}"
        for name, m, caption in zip(titles, matrices, captions, strict=True)
    ]
    for name, given in zip(("inputs", "outputs"), values, strict=True):
        if given is not None:
            said.append(f"{name} {' '.join(map(_words.number, given))}")
    if any(m.shape[0] == 1 for m in matrices):
        said += [
            f"weights {' '.join(map(_words.number, m[0]))}"
            for m in matrices
            if m.shape[0] == 1
        ]
    if bias is not None:
        said.append(f"bias {_words.number(bias)}")
    alt = _words.alt(alt, title, ". ".join(said))

    count, gap = len(matrices), 36.0
    wide = min(330.0, _layout.share(count, gap * (count - 1)))
    step = 36 if bias is None and count > 1 else 40
    tall = step * (max(max(m.shape) for m in matrices) + (bias is not None))
    blocks = [
        [_layout.Panel(wide, tall, name, caption, fixed=True)]
        for name, caption in zip(titles, captions, strict=True)
    ]
    picture, axes = _layout.arrange(blocks, alt, title, across=count, gap=gap)
    for ax, matrix, caption in zip(axes, matrices, captions, strict=True):
        ax.set_xlim(0, wide)
        ax.set_ylim(tall, 0)
        ax.axis("off")
        _wires(ax, matrix, values, bias, signed, wide, tall)
        _layout.under(ax, caption)
    return picture


# ---- what came ----


def _values(given: ArrayLike | None, name: str) -> np.ndarray | None:
    return None if given is None else _given.numbers(given, name).ravel()


def _connections(matrix: np.ndarray) -> str:
    weights = matrix[matrix != 0]
    different = len(np.unique(weights))
    return (
        f"{weights.size} connection{'s' * (weights.size != 1)}, {different} different "
        f"weight{'s' * (different != 1)}"
    )


def _palette(array: np.ndarray) -> dict[float, str]:
    """Return a colour for each weight that is not 0, in reading order."""
    weights = list(dict.fromkeys(float(v) for v in array.flat if v))
    if len(weights) > len(_NINE):
        raise ValueError(
            f"{len(weights)} different weights came; there are colours for "
            f"{len(_NINE)}."
        )
    if len(weights) < 5:  # far apart where there are few
        return dict(zip(weights, (_NINE[i] for i in (0, 5, 2, 6)), strict=False))
    return dict(zip(weights, _NINE, strict=False))


# ---- drawing ----


def _weights(
    ax: Axes,
    array: np.ndarray,
    palette: dict[float, str],
    groups: tuple[int, int] | None,
) -> None:
    """Draw a matrix with the colour of each weight, zeros pale."""
    rows, cols = array.shape
    cell = _layout.size_of(ax)[0] / cols
    rgb = np.ones((rows, cols, 4))
    for weight, colour in palette.items():
        rgb[array == weight] = to_rgba(colour)
    ax.imshow(rgb, aspect="auto", interpolation="nearest")
    _layout.rule(ax, (rows, cols), width=0.4)
    if groups:
        _layout.rule(ax, (rows, cols), groups, colours.INK, 1.2)
    light = _layout.luminance(rgb)
    texts = {value: _words.number(value) for value in np.unique(array)}
    longest = max(map(len, texts.values()))
    size = min(0.5 * cell, 1.5 * cell / longest, 15)
    for (i, j), value in np.ndenumerate(array):
        dark = colours.INK if light[i, j] > 0.19 else colours.PAGE
        _layout.put(ax, j, i, texts[value], size, dark if value else colours.LINE)


def _wires(
    ax: Axes,
    matrix: np.ndarray,
    values: Sequence[np.ndarray | None],
    bias: float | None,
    signed: bool,
    wide: float,
    tall: float,
) -> None:
    """Draw the neurons of a layer and its lines."""
    outputs, inputs = matrix.shape
    radius = 14.0
    near, far = radius + 2, wide - radius - 2
    step = tall / (inputs + (bias is not None))
    starts = [(i + 0.5) * step for i in range(inputs)]
    ends = [(i + 0.5) * tall / outputs for i in range(outputs)]
    few = len(np.unique(matrix[matrix != 0])) <= len(_NINE)
    palette = _palette(matrix) if few and not signed else {}
    lines = [
        (starts[i], ends[o], float(matrix[o, i]))
        for o in range(outputs)
        for i in range(inputs)
        if matrix[o, i]
    ]
    if bias is not None:
        lines += [(tall - step / 2, end, float(bias)) for end in ends]
        _neuron(ax, near, tall - step / 2, radius, "1", colours.LINE)
    largest = max((abs(weight) for *_, weight in lines), default=1) or 1
    for start, end, weight in lines:
        colour = palette.get(weight, colours.LINE)
        if signed:
            colour = SIGNED(0.5 + 0.36 * np.sign(weight))
        ax.plot(
            [near, far],
            [start, end],
            color=colour,
            linewidth=points(1.2 + 1.6 * abs(weight) / largest if signed else 1.8),
            zorder=1,
        )
        if outputs == 1:
            at = 0.3
            _label(ax, near + at * (far - near), start + at * (end - start), weight)
    for x, places, given, colour in (
        (near, starts, values[0], colours.INPUT),
        (far, ends, values[1], colours.OUTPUT),
    ):
        for i, y in enumerate(places):
            text = "" if given is None else _words.number(given[i])
            _neuron(ax, x, y, radius, text, colour)


def _neuron(
    ax: Axes, x: float, y: float, radius: float, text: str, colour: str
) -> None:
    ax.plot(
        x,
        y,
        "o",
        markersize=points(2 * radius),
        markerfacecolor=colours.PAGE,
        markeredgecolor=colour,
        markeredgewidth=points(2.5),
        zorder=3,
        clip_on=False,
    )
    _layout.put(ax, x, y, text, 13 if len(text) < 4 else 10)


def _label(ax: Axes, x: float, y: float, weight: float) -> None:
    """Write a weight on its line, on a ground of its own."""
    ax.text(
        x,
        y,
        "× " + _words.number(weight),
        size=points(CAPTION),
        color=colours.INK,
        ha="center",
        va="center",
        zorder=2,
        bbox={"facecolor": colours.PAGE, "edgecolor": "none", "pad": 1.5},
    )
