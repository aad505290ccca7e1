"""Pictures of sounds: the wave over time, and its frequencies over time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from helpers import _arguments, colours, sounds
from helpers._arguments import refusal
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

_RATES = (1, 1_000_000)  # samples a second
_ROUND = (60, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000)  # hertz
_ENOUGH = 1600  # lines that a wave is drawn with: two for each pixel of a screen


def waveform(
    wave: ArrayLike,
    title: str | None = None,
    *,
    rate: int = sounds.RATE,
    alt: str | None = None,
) -> Picture:
    """Draw the wave of a sound over time.

    Parameters
    ----------
    wave
        (samples,). NaN leaves a gap.
    title
        A title above.
    rate
        Samples a second.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis, 0 in the middle of its height.

    Raises
    ------
    ValueError
        For anything that is no wave.

    Examples
    --------
    >>> waveform(sounds.tone(440, seconds=0.5)).alt
    'A wave of 0.5 seconds, 4,000 samples, values from −1 to 1.'
    """
    wave = _given.numbers(wave, "wave")
    if wave.ndim != 1:
        came = f"an array of shape {wave.shape}"
        raise refusal("wave", came, "Give one channel, (samples,)")
    rate = _arguments.whole(rate, "rate", *_RATES)
    long = _seconds(len(wave) / rate)
    said = f"A wave of {long}, {len(wave):,} samples, {_words.span(wave)}"
    alt = _words.alt(alt, title, said)
    panel = _layout.Panel(560, 140, left=62, right=8, below=42)
    picture, (ax,) = _layout.arrange([[panel]], alt, title)
    end = _given.end([wave], None)
    times, heights = _outline(_given.finite(wave / end))
    ax.axhline(0, color=colours.LINE, linewidth=points(0.8))
    ax.plot(times / rate, heights, color=colours.INPUT, linewidth=points(1))
    ax.set_xlim(0, len(wave) / rate)
    ax.set_ylim(-1.05, 1.05)
    ticks = [-_round_below(end), 0, _round_below(end)]
    ax.set_yticks([t / end for t in ticks], labels=[_words.number(t) for t in ticks])
    ax.xaxis.set_major_locator(_ticks(6))
    ax.xaxis.set_major_formatter(lambda value, _: _words.number(round(value, 9)))
    _name(ax, "seconds", "")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return picture


def _round_below(end: float) -> float:
    """Return the largest of … 0.1, 0.2, 0.5, 1, 2, 5 … that is not above a number."""
    whole = 10.0 ** np.floor(np.log10(end))
    return max((k * whole for k in (1, 2, 5) if k * whole <= end), default=end)


def _ticks(most: int) -> MaxNLocator:
    return MaxNLocator(most, steps=[1, 2, 5, 10])


def _outline(wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places and heights of a line; of a long wave lowest and highest in turn.

    Otherwise a line for each sample lies in the same few pixels.
    """
    if len(wave) <= 2 * _ENOUGH:
        return np.arange(len(wave)), wave
    starts = np.arange(_ENOUGH // 2) * len(wave) // (_ENOUGH // 2)
    both = [np.fmin.reduceat(wave, starts), np.fmax.reduceat(wave, starts)]
    return np.repeat(starts, 2), np.stack(both, axis=1).ravel()


def spectrogram(
    arrays: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    titles: Sequence[str] | str | None = None,
    *,
    title: str | None = None,
    scale: str = "mel",
    rate: int = sounds.RATE,
    hop: int = sounds.HOP,
    low: float = sounds.LOW,
    high: float | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw spectrograms in a row, time to the right and frequency upwards.

    Black is the smallest number in any of them, white the largest. Give logarithms, as
    `sounds.log_mel` does: power itself is black nearly everywhere.

    Parameters
    ----------
    arrays
        One spectrogram (bands, frames), low bands first, a list of them, or a
        dictionary of titles and spectrograms.
    titles
        A title for each.
    title
        A title for the whole picture.
    scale
        What the bands are: "mel" for those of `sounds.log_mel`, "hertz" for equal steps
        from 0 to half of `rate`, as `sounds.spectrogram` has them.
    rate, hop
        Samples a second, and from one frame to the next.
    low, high
        Hertz where the first band begins and the last ends, on the scale "mel"; `high`
        left out is half of `rate`.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each spectrogram, at most three in a line.

    Raises
    ------
    ValueError
        For anything that is no spectrogram, or where titles and arrays don't match.

    Examples
    --------
    >>> picture = spectrogram(sounds.log_mel(sounds.tone(440)))
    >>> picture.alt[:53]
    'A spectrogram: 40 mel bands, 0.98 seconds, values fro'
    """
    arrays, titles = _given.several(
        arrays, titles, lambda a: _given.matrix(a, "A spectrogram")
    )
    scale = _arguments.word(scale, "scale", ("mel", "hertz"))
    rate = _arguments.whole(rate, "rate", *_RATES)
    hop = _arguments.whole(hop, "hop", 1, rate)
    high = _arguments.real(rate / 2 if high is None else high, "high", above=0)
    low = _arguments.real(low, "low", 0)
    if low >= high:
        raise refusal("low", f"{low:g}", f"Give less than high, {high:g}")
    bands = "mel bands" if scale == "mel" else "frequencies"
    lengths = [a.shape[1] * hop / rate for a in arrays]
    words = [
        f"{len(a)} {bands}, {_seconds(n)}, {_words.span(a)}"
        for a, n in zip(arrays, lengths, strict=True)
    ]
    alt = _words.alt(
        alt, None, _words.listed("spectrogram", titles, words, title, None)
    )

    ends = [n for a in arrays for n in _given.extremes(a) if np.isfinite(n)]
    black, white = min(ends, default=0.0), max(ends, default=1.0)
    white = white if white > black else black + 1
    across = min(3, len(arrays))
    wide, tall = ((420, 240), (230, 200), (150, 150))[across - 1]
    blocks = [
        [_layout.Panel(wide, tall, t, left=58, right=8, below=42)] for t in titles
    ]
    sharp = arrays[0].shape[1]
    picture, axes = _layout.arrange(blocks, alt, title, across=across, sharp=sharp)
    for ax, array, length in zip(axes, arrays, lengths, strict=True):
        # Down is up here: the first band lies at the bottom.
        _layout.draw_pixels(ax, array[::-1], black, white)
        place = _places(scale, len(array), rate, low, high)
        _write_hertz(ax, len(array), tall, place, scale, rate, high)
        times = _ticks(6 if across == 1 else 3).tick_values(0, length)
        times = [s for s in times if 0 <= s <= length]
        ax.set_xticks(
            [s * rate / hop - 0.5 for s in times],
            labels=[_words.number(round(s, 9)) for s in times],
        )
        _name(ax, "seconds", "hertz")
    return picture


def _places(
    scale: str, rows: int, rate: int, low: float, high: float
) -> Callable[[Any], Any]:
    """Return what says in which band, from the lowest on, a frequency lies."""
    if scale == "hertz":
        return lambda hertz: np.asarray(hertz) * 2 / rate * (rows - 1)
    first, last = sounds.hertz_to_mel([low, high])
    step = (last - first) / (rows + 1)
    return lambda hertz: (sounds.hertz_to_mel(hertz) - first) / step - 1


def _write_hertz(
    ax: Axes,
    rows: int,
    tall: float,
    place: Callable[[Any], Any],
    scale: str,
    rate: int,
    high: float,
) -> None:
    """Write round frequencies where there is room for them."""
    if scale == "hertz":
        candidates = _ticks(5).tick_values(0, rate / 2)
        hertz = [f for f in candidates if 0 <= f <= rate / 2]
    else:
        hertz = [f for f in _ROUND if f <= high]
    shown: list[tuple[float, float]] = []
    for frequency in hertz:
        row = float(place(frequency))
        far = not shown or (row - shown[-1][0]) / rows * tall > 1.3 * CAPTION
        if -0.5 <= row <= rows - 0.5 and far:
            shown.append((row, frequency))
    ax.set_yticks(
        [rows - 1 - row for row, _ in shown],
        labels=[_words.number(round(frequency, 6)) for _, frequency in shown],
    )


def _seconds(length: float) -> str:
    said = _words.number(round(length, 3))
    return f"{said} second{'' if said == '1' else 's'}"


def _name(ax: Axes, x_label: str, y_label: str) -> None:
    ax.tick_params(labelsize=points(CAPTION), colors=colours.INK, length=3)
    ax.set_xlabel(x_label, size=points(CAPTION), color=colours.INK)
    ax.set_ylabel(y_label, size=points(CAPTION), color=colours.INK)
