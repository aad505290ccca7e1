"""Pictures that excite a unit: gradient ascent on a network's input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.networks.probe import _canvas, _fitting, _once, _slopes, priors
from helpers.networks.probe._steps import Kept, counted

Floats = NDArray[np.float32]

#: Pixels a side where neither the model nor the caller says.
_SIDE = 96

#: Standard deviation of the noise around gray to begin with, in gray levels.
_NOISE = 8


@dataclass(frozen=True, eq=False)
class Ascent:
    """A picture that was made by many small steps uphill.

    Attributes
    ----------
    picture
        (H, W, C) of float32, 0–255.
    activation
        A number a step: how much the network was excited before it.
    pictures
        (n, H, W, C), those that were kept on the way.
    kept
        (n,) after how many steps.
    """

    picture: Floats
    activation: NDArray[np.float64]
    pictures: Floats
    kept: NDArray[np.int64]


def ascend(
    model: keras.Model,
    layer: str,
    unit: int,
    *,
    place: tuple[int, int] | None = None,
    size: int | tuple[int, int] | None = None,
    start: ArrayLike | None = None,
    steps: int = 60,
    rate: float = 4.0,
    jitter: int = 0,
    blur: float = 0.0,
    variation: float = 0.0,
    frequencies: bool = False,
    seed: int = 0,
    keep: int = 0,
    progress: bool = True,
) -> Ascent:
    """Change a picture, step by step, so that it excites a unit more and more.

    A step goes up the slope of the unit's activation by the pixels, divided by its root
    mean square over the pixels that the unit sees: where the slope is not 0. Where a
    unit is silent and has no slope (ReLU), the step is a random one. `jitter`, `blur`,
    `variation` and `frequencies` each ask for something that photographs have.

    Parameters
    ----------
    model
        Takes pictures (H, W, C), 0–255.
    layer
        Its name; "logits" for the scores of the classes, softmax or not.
    unit
        The number of the map, the neuron or the class, from 0.
    place
        (row, column) of one neuron in the map; None for the mean of the map.
    size
        Pixels a side, or (rows, columns). None for what the model takes; for 96
        where it takes any. Other sizes are possible for layers that come before any
        dense one.
    start
        (H, W, C), 0–255, to begin with; None for gray with a little noise.
    steps
        How many.
    rate
        How far a step goes, in gray levels, root mean square over the pixels that the
        unit sees.
    jitter
        Before each step the picture is shifted in a circle, by so many pixels at most,
        and back after it: details that depend on the exact place do not grow.
    blur
        After each step a Gaussian filter of this standard deviation, in pixels.
    variation
        How strongly a step goes against `total_variation`, too: with 1 about as
        strongly as for the unit. In pixels that makes the step longer than `rate`; in
        frequencies both together are as long as it.
    frequencies
        True to change waves and colours of photographs in place of pixels.
    seed
        Of the noise and the shifts.
    keep
        How many pictures on the way to keep: evenly, the first and the last among them.
    progress
        Show a bar.

    Returns
    -------
    Ascent
        If it is interrupted, what there is so far.

    Raises
    ------
    ValueError
        No such layer, unit or place; a picture that the model does not take.

    References
    ----------
    Simonyan, Vedaldi and Zisserman, arXiv 1312.6034; Yosinski and others, arXiv
    1506.06579; Olah and others, doi.org/10.23915/distill.00007.

    Examples
    --------
    A network that sees how bright the left pixel is, and how dark the right one:

    >>> model = keras.Sequential(
    ...     [keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    ... )
    >>> model.set_weights([np.array([[1.0], [-1.0]]), np.zeros(1)])
    >>> gray = np.full((1, 2, 1), 100.0)
    >>> made = ascend(model, "logits", 0, start=gray, steps=3, rate=10)
    >>> made.picture[0, :, 0].tolist(), made.activation.tolist()
    ([130.0, 70.0], [0.0, 20.0, 40.0])
    """
    count = _arguments.whole(steps, "steps")
    rate = _arguments.real(rate, "rate", above=0)
    jitter = _arguments.whole(jitter, "jitter", 0)
    blur = _arguments.real(blur, "blur", 0)
    variation = _arguments.real(variation, "variation", 0)
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    part = _fitting.part_of(model, layer)
    picture = _begun(model, part, start, size, rng)
    score = _score(model, part, layer, unit, place, picture)
    waves = _arguments.flag(frequencies, "frequencies")
    canvas = (_canvas.Frequencies if waves else _canvas.Pixels)(picture)
    kept = Kept(_arguments.whole(keep, "keep", 0), count)
    activation: list[float] = []
    with counted(count, f"{layer}, {unit}", progress) as numbers:
        for _ in numbers:
            kept.look(len(activation), canvas.picture)
            by = priors.shift(jitter, rng)
            value, slope = score(priors.shifted(canvas.picture, by))
            slope = priors.shifted(slope, (-by[0], -by[1]))
            if not slope.any():
                slope = rng.normal(size=slope.shape).astype(np.float32)
            way: NDArray = _slopes.normalised(slope)
            if variation:
                _, rough = priors.total_variation(canvas.picture)
                way = way - variation * rough.size * rough
            canvas.move(way, rate)
            if blur:
                canvas.blur(blur)
            activation.append(value)
    kept.look(len(activation), canvas.picture, last=True)
    return made(canvas.picture, activation, kept)


def made(picture: Floats, activation: list[float], kept: Kept) -> Ascent:
    """Return what there is of an ascent."""
    pictures = np.reshape(kept.pictures, (-1, *picture.shape)).astype(np.float32)
    steps = np.array(kept.steps, np.int64)
    return Ascent(picture, np.array(activation), pictures, steps)


def _begun(
    model: keras.Model, part: Any, start: Any, size: Any, rng: np.random.Generator
) -> Floats:
    """Return the picture to begin with."""
    height, width, channels = _fitting.input_shape(model)
    if start is None:
        sides = _fitting.sides(part, size, (height or _SIDE, width or _SIDE))
        noise = rng.normal(0, _NOISE, (*sides, channels))
        return np.clip(127.5 + noise, 0, 255).astype(np.float32)
    picture = _fitting.picture(part, start, "start")
    if size is not None and picture.shape[:2] != _arguments.pair(size, "size"):
        came = f"a picture of {picture.shape[0]} × {picture.shape[1]} pixels"
        need = "Give one of the size that is wanted, or leave size out"
        raise _arguments.refusal("start", came, need)
    return picture


def _score(
    model: keras.Model, part: Any, layer: str, unit: Any, place: Any, picture: Floats
) -> Callable[[NDArray], tuple[float, Floats]]:
    """Return what says how excited a unit is, and how that changes with the pixels."""
    [shape] = _fitting.shapes(part, picture.shape)
    unit = _arguments.whole(unit, "unit", 0, shape[-1] - 1)
    kind = "place" if place is not None else "all" if len(shape) == 3 else "neuron"
    places = (0, 0)
    if place is not None:
        if len(shape) != 3:
            came = f'{_arguments.shown(place)} in "{layer}", which makes no maps'
            raise _arguments.refusal("place", came, "Leave it out")
        places = _inside(place, shape[:2])
    # Once for all units of a layer: it is compiled.
    slope = _once.made(
        model, ("ascent", layer, kind), lambda: _slopes.of(part, _MEASURES[kind])
    )
    given = [np.int32(number) for number in (unit, *places)]
    return lambda picture: slope(picture, *given)


def _of_map(made: Any, unit: Any, row: Any, column: Any) -> Any:
    return keras.ops.mean(keras.ops.take(made[0], unit, axis=-1))


def _at_place(made: Any, unit: Any, row: Any, column: Any) -> Any:
    return keras.ops.take(made[0, row, column], unit, axis=-1)


def _of_neuron(made: Any, unit: Any, row: Any, column: Any) -> Any:
    return keras.ops.take(made[0], unit, axis=-1)


_MEASURES = {"all": _of_map, "place": _at_place, "neuron": _of_neuron}


def _inside(place: Any, sides: tuple[int, ...]) -> tuple[int, int]:
    """Return (row, column), checked: inside a map."""
    given = tuple(place) if _arguments.is_sequence(place) else ()
    if (
        len(given) != 2
        or not all(map(_arguments.is_whole, given))
        or not all(0 <= n < side for n, side in zip(given, sides, strict=True))
    ):
        need = f"Give (row, column) in a map of {sides[0]} × {sides[1]}"
        raise _arguments.refusal("place", _arguments.shown(place), need)
    return int(given[0]), int(given[1])
