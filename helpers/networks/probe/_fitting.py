"""Models and pictures that fit each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.networks import _graph
from helpers.networks.probe import _within

Floats = NDArray[np.float32]


def part_of(model: keras.Model, layer: str) -> keras.Model:
    """Return a model that gives what a layer makes; "logits" are a class's scores.

    It takes pictures of any size, where no layer on the way holds them to one: a dense
    layer behind maps does, which has weights for each place.
    """
    _within.check(model)
    if layer != "logits" or "logits" in _within.names(model):
        return _of_any_size(_within.up_to(model, layer), model.name)
    part = _within.up_to_logits(model)
    if len(part.outputs[0].shape) != 2:
        came = f'"logits" of "{model.name}", which gives no scores of classes'
        need = f'Give one of its layers, for example "{_within.names(model)[-1]}"'
        raise _arguments.refusal("layer", came, need)
    return _of_any_size(part, model.name)


def parts_of(model: keras.Model, layers: Iterable[str], name: str) -> keras.Model:
    """Return a model that gives the maps of several layers, as a list; as `part_of`."""
    made = [_within.up_to(model, layer).outputs[0] for layer in layers]
    for layer, tensor in zip(layers, made, strict=True):
        if len(tensor.shape) != 4:
            came = f'"{layer}", which makes no maps'
            raise _arguments.refusal(name, came, "Give a layer with rows and columns")
    return _of_any_size(keras.Model(model.inputs, made), model.name)


def picture(part: keras.Model, given: ArrayLike, name: str) -> Floats:
    """Return a copy of a picture that a model takes, checked: (H, W, C), 0–255."""
    channels = input_shape(part)[2]
    pixels = _arguments.array(given, name, finite=True)
    if pixels.ndim != 3 or pixels.shape[2] != channels:
        need = f'Give (H, W, {channels}), as "{part.name}" takes them'
        raise _arguments.refusal(name, f"shape {pixels.shape}", need)
    refuse_size(part, pixels.shape[:2], name)
    if pixels.min() < 0 or pixels.max() > 255:
        came = f"values from {pixels.min():.4g} to {pixels.max():.4g}"
        raise _arguments.refusal(name, came, "Give values from 0 to 255")
    return pixels.astype(np.float32)


def sides(part: keras.Model, size: Any, otherwise: tuple[int, int]) -> tuple[int, int]:
    """Return (rows, columns) of a picture that is wanted, checked; None for others."""
    wanted = otherwise if size is None else _arguments.pair(size, "size", 1, 4096)
    refuse_size(part, wanted, "size")
    return wanted


def input_shape(model: keras.Model) -> tuple[int | None, int | None, int]:
    """Return (H, W, C) that a model takes; H and W are None where they are free."""
    _within.check(model)
    shape = tuple(model.inputs[0].shape[1:])
    if len(model.inputs) != 1 or len(shape) != 3 or shape[2] is None:
        came = f'"{model.name}", which does not take one picture (H, W, C)'
        raise _arguments.refusal("model", came, "Give a network that looks at pictures")
    return shape


def refuse_size(part: keras.Model, sides: tuple[int, ...], name: str) -> None:
    """Refuse pictures that a model does not take, or of which nothing is left."""
    height, width, channels = input_shape(part)
    came = f"{sides[0]} × {sides[1]} pixels"
    if (height or sides[0], width or sides[1]) != tuple(sides):
        need = f'"{part.name}" takes {height} × {width} there'
        raise _arguments.refusal(name, came, need)
    if not all(_left(part, (*sides, channels))):
        need = "Give a larger picture: of this one nothing is left in that layer"
        raise _arguments.refusal(name, came, need)


def shapes(part: keras.Model, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the shapes of what a model makes of a picture, without the batch."""
    made = part.compute_output_shape((1, *shape))
    several = made if isinstance(made, list) else [made]
    return [tuple(one[1:]) for one in several]


def as_list(made: Any) -> list[Any]:
    """Return what a model makes as a list, also where it is one tensor."""
    return list(made) if isinstance(made, list | tuple) else [made]


def _left(part: keras.Model, shape: tuple[int, ...]) -> list[bool]:
    """Whether anything is left of a picture, output by output."""
    try:
        return [min(made) > 0 for made in shapes(part, shape)]
    except ValueError:  # so Keras's convolutions say it
        return [False]


def of_size(part: keras.Model, sides: tuple[int | None, int | None]) -> keras.Model:
    """Return a model with the same layers that takes pictures of another size.

    Parameters
    ----------
    part
        A functional model.
    sides
        (rows, columns), None where they are to be free.

    Raises
    ------
    ValueError
        A layer does not take it.
    """
    channels = input_shape(part)[2]
    return keras.models.clone_model(
        part,
        input_tensors=keras.Input((*sides, channels)),
        clone_function=lambda layer: layer,
    )


def resized(picture: Floats, sides: tuple[int, int]) -> Floats:
    """Return a picture of another size; smoothed first where it becomes smaller.

    Bilinear, by scikit-image.

    Examples
    --------
    >>> resized(np.ones((4, 6, 3), np.float32), (2, 9)).shape
    (2, 9, 3)
    """
    from skimage import transform  # slow to load, and few need it

    if picture.shape[:2] == sides:
        return picture
    smaller = sides[0] < picture.shape[0] or sides[1] < picture.shape[1]
    made = transform.resize(
        picture, sides, order=1, anti_aliasing=smaller, preserve_range=True
    )
    return made.astype(np.float32)


def _of_any_size(part: keras.Model, name: str) -> keras.Model:
    """Return a model that takes pictures of any size, if it can be; and with a name."""
    made = part.outputs if len(part.outputs) > 1 else part.outputs[0]
    part = keras.Model(part.inputs[0], made, name=name)
    try:
        free = of_size(part, (None, None))
    except ValueError:  # so some layers refuse
        return part
    # Others would only when they compute: a dense layer, of a list of unknown length.
    lists = any(
        tensor.shape[-1] is None
        for node in _graph.calls(free)
        for tensor in node.outputs
    )
    return part if lists else free
