"""Deep Dream: what a network sees in a photo, made stronger until we see it, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.networks import memory
from helpers.networks.probe import (
    _canvas,
    _fitting,
    _once,
    _slopes,
    ascent,
    priors,
)
from helpers.networks.probe._steps import Kept, counted

Floats = NDArray[np.float32]


def dream(
    model: keras.Model,
    photo: ArrayLike,
    layers: str | Mapping[str, float],
    *,
    octaves: int = 4,
    scale: float = 1.4,
    steps: int = 10,
    rate: float = 3.0,
    tile: int | None = None,
    jitter: int = 16,
    frequencies: bool = False,
    seed: int = 0,
    keep: int = 0,
    progress: bool = True,
) -> ascent.Ascent:
    """Change a photo so that a layer is excited by it more: whatever it sees there.

    No unit is chosen: the mean of the squares of all its numbers grows, so what is
    strong already becomes stronger. It begins with the photo made small, where patterns
    are large in it, and goes on with larger and larger ones (octaves); what was added
    is enlarged and added to the next.

    Parameters
    ----------
    model
        Takes pictures (H, W, C), 0–255.
    photo
        (H, W, C), 0–255.
    layers
        The name of a layer that makes maps; or names, each with a weight: how much its
        growth counts, measured by what it makes of the small photo.
    octaves
        How many sizes.
    scale
        By which they differ.
    steps
        In each size.
    rate
        How far a step goes, in gray levels, root mean square over the pixels that the
        layers see.
    tile
        None for a step that looks at the whole picture. Else the picture is cut into
        tiles of at most so many pixels a side, one after the other, so that a large
        photo takes no more memory than a small one. No tile sees beyond its rim; since
        the picture is shifted before each step, no seam stays in its place. The shift
        is then as large as a tile.
    jitter
        Before each step the picture is shifted in a circle, by so many pixels at most,
        and back after it.
    frequencies
        True to change waves and colours of photographs in place of pixels, as `ascend`
        can.
    seed
        Of the shifts.
    keep
        How many pictures on the way to keep: evenly, the first and the last among them,
        all as large as the photo.
    progress
        Show a bar, and say after two steps how long it will take, and how much memory.

    Returns
    -------
    Ascent
        ``activation`` is 1 for the small photo, its weights' sum to be exact. If it is
        interrupted, what there is so far.

    Raises
    ------
    ValueError
        No such layer, one without maps, a photo that the model does not take, or that
        is too small for so many octaves; tiles of which nothing is left in a layer; a
        photo so large that memory surely does not suffice.

    References
    ----------
    Mordvintsev, Olah and Tyka, Inceptionism, Google Research Blog 2015.

    Examples
    --------
    >>> model = keras.Sequential(
    ...     [keras.Input((None, None, 1)), keras.layers.Conv2D(2, 3, name="maps")]
    ... )
    >>> photo = np.random.default_rng(0).uniform(0, 255, (24, 20, 1))
    >>> made = dream(model, photo, "maps", octaves=2, steps=3, keep=3)
    >>> made.picture.shape, made.kept.tolist()
    ((24, 20, 1), [0, 3, 6])
    """
    weights = _weights(layers)
    part = _fitting.parts_of(model, layers=weights)
    photo = _fitting.picture(part, photo, "photo")
    octaves = _arguments.whole(octaves, "octaves")
    scale = _arguments.real(scale, "scale", above=1)
    each = _arguments.whole(steps, "steps")
    rate = _arguments.real(rate, "rate", above=0)
    if tile is not None:
        tile = _arguments.whole(tile, "tile", 8)
    jitter = _arguments.whole(jitter, "jitter", 0)
    waves = _arguments.flag(frequencies, "frequencies")
    paint = _canvas.Frequencies if waves else _canvas.Pixels
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    kept = Kept(_arguments.whole(keep, "keep", 0), octaves * each)
    sizes = _sizes(photo.shape[:2], octaves, scale)
    _refuse_small(part, sizes[0], octaves, tile)
    needed = _bytes(part, photo.shape[:2], tile)
    excitement = _once.made(
        model, ("dream", *weights), lambda: _slopes.of(part, _squares)
    )
    small = _fitting.resized(photo, sizes[0])
    shares = _shares(part, small, weights)

    detail = np.zeros_like(photo)  # what was added to the photo
    activation: list[float] = []
    with counted(octaves * each, "Dream", progress) as numbers:
        height, width = sizes[-1]
        told = f"{height} × {width} pixels: {{time}} to go, and about "
        told += f"{memory.words(needed)} of memory."
        numbers.will_tell(told, np.repeat([h * w for h, w in sizes], each).tolist())
        octave = -1
        for number in numbers:
            if number in kept.wanted:
                kept.look(number, _dreamt(photo, detail))
            if number // each > octave:
                octave = number // each
                base = _fitting.resized(photo, sizes[octave])
                canvas = paint(_dreamt(base, detail))
            by = priors.shift(max(jitter, tile or 0), rng)
            value, slope = tiled(
                lambda piece: excitement(piece, shares),
                priors.shifted(canvas.picture, by),
                tile,
            )
            slope = _slopes.normalised(priors.shifted(slope, (-by[0], -by[1])))
            canvas.move(slope, rate)
            detail = canvas.picture - base
            activation.append(value)
    picture = _dreamt(photo, detail)
    kept.look(len(activation), picture, last=True)
    return ascent.made(picture, activation, kept)


def tiled(
    score: Callable[[Floats], tuple[float, Floats]], picture: Floats, tile: int | None
) -> tuple[float, Floats]:
    """Return the value and the slope of a picture, computed tile by tile.

    Parameters
    ----------
    score
        From a picture to a mean over its places, and its slope.
    picture
        (H, W, C).
    tile
        Pixels a side at most; None for the whole at once.

    Returns
    -------
    value, slope
        The mean over the tiles, and its slope. Away from the rims of the tiles that is
        the slope of the whole, where the tiles begin in step with the network's
        strides.
    """
    if tile is None:
        return score(picture)
    height, width = picture.shape[:2]
    slope = np.zeros_like(picture)
    values = []
    for rows in _cuts(height, tile):
        for columns in _cuts(width, tile):
            value, part = score(picture[rows, columns])
            # Its mean is one over fewer places.
            slope[rows, columns] = part * (part[..., 0].size / (height * width))
            values.append(value)
    return float(np.mean(values)), slope


def _dreamt(photo: Floats, detail: Floats) -> Floats:
    """Return a photo with what was added to it, which has another size perhaps."""
    added = _fitting.resized(detail, photo.shape[:2])
    return np.clip(photo + added, 0, 255).astype(np.float32)


def _cuts(length: int, tile: int) -> Iterator[slice]:
    """Give parts of equal length that cover a side; the last may lie over another."""
    count = -(-length // tile)
    side = min(tile, length)
    for number in range(count):
        begin = min(number * side, length - side)
        yield slice(begin, begin + side)


def _sizes(sides: tuple[int, int], octaves: int, scale: float) -> list[tuple[int, int]]:
    """Return rows and columns of all octaves, the smallest first."""
    factors = [scale ** -(octaves - 1 - number) for number in range(octaves)]
    height, width = sides
    return [(max(1, round(height * f)), max(1, round(width * f))) for f in factors]


def _refuse_small(
    part: keras.Model, smallest: tuple[int, int], octaves: int, tile: int | None
) -> None:
    """Refuse an octave or tiles of which nothing is left in a layer."""
    height, width = smallest
    came = f"{octaves}, of which the smallest has {height} × {width} pixels"
    _fitting.refuse_size(part, smallest, "octaves", came, "Give fewer")
    if tile is not None:
        sides = min(tile, height), min(tile, width)
        came = f"{tile}, which makes pictures of {sides[0]} × {sides[1]} pixels"
        _fitting.refuse_size(part, sides, "tile", came, "Give larger ones")


def _bytes(part: keras.Model, sides: tuple[int, ...], tile: int | None) -> int:
    """Return about how much memory a step takes, and refuse what surely is too much."""
    height, width = (min(tile or side, side) for side in sides)
    name, need = "photo", "Give a smaller one, or tile=128"
    if tile is not None:
        name, need = "tile", "Give smaller ones"
    return _fitting.memory_for(part, (height, width), name, need)


def _weights(layers: Any) -> dict[str, float]:
    """Return names of layers with their weights."""
    if isinstance(layers, str):
        return {layers: 1.0}
    if not isinstance(layers, Mapping) or not layers:
        need = "Give a layer's name, or {name: weight}"
        raise _arguments.refusal("layers", _arguments.shown(layers), need)
    return {
        layer: _arguments.real(weight, f"layers[{layer!r}]")
        for layer, weight in layers.items()
    }


def _squares(made: Any, shares: Any) -> Any:
    """Return the weighted sum of what layers make, squared and averaged."""
    squares = [
        keras.ops.mean(keras.ops.square(maps)) for maps in _fitting.as_list(made)
    ]
    return keras.ops.sum(keras.ops.stack(squares) * shares)


def _shares(part: keras.Model, photo: Floats, weights: Mapping[str, float]) -> Floats:
    """Return what a layer's square counts: its weight by what the photo makes there."""
    made = _fitting.as_list(part(photo[np.newaxis], training=False))
    sizes = [float(keras.ops.mean(keras.ops.square(maps))) for maps in made]
    pairs = zip(weights.values(), sizes, strict=True)
    return np.array([weight / (size or 1.0) for weight, size in pairs], np.float32)
