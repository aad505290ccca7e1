"""Models and pictures that fit each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.networks import _graph, memory
from helpers.networks.probe import _once, _within

Floats = NDArray[np.float32]

WHITE = 255

#: Numbers that all layers together make at a time: 512 MB.
_NUMBERS = 2**27
_MOST = 256  # … and no more samples than that

# -- parts of a model ------------------------------------------------------------------


def part_of(model: keras.Model, layer: str) -> keras.Model:
    """Return a model that gives what a layer makes; "logits" are a class's scores.

    It takes pictures of any size, where no layer on the way holds them to one: a dense
    layer behind maps does, which has weights for each place.
    """
    input_shape(model)
    names = _within.names(model)
    if isinstance(layer, str) and layer == "logits" and layer not in names:
        return _once.made(model, "logits", lambda: _scores(model))
    layer = _arguments.word(layer, "layer", names)
    return _once.made(
        model,
        ("part", layer),
        lambda: _of_any_size(_within.up_to(model, layer), model.name),
    )


def parts_of(model: keras.Model, **layers: Iterable[str]) -> keras.Model:
    """Return a model that gives the maps of several layers, as a list; as `part_of`.

    Parameters
    ----------
    model
        Takes one picture.
    **layers
        Names of layers, by the argument that they came as.
    """
    input_shape(model)
    names, found = _within.names(model), []
    for argument, some in layers.items():
        for layer in some:
            found.append(_arguments.word(layer, argument, names))
            if len(_within.up_to(model, layer).outputs[0].shape) != 4:
                came = f'"{layer}", which makes no maps'
                need = "Give a layer with rows and columns"
                raise _arguments.refusal(argument, came, need)

    def made() -> keras.Model:
        maps = [_within.up_to(model, layer).outputs[0] for layer in found]
        return _of_any_size(keras.Model(model.inputs, maps), model.name)

    return _once.made(model, ("parts", *found), made)


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


def as_list(made: Any) -> list[Any]:
    """Return what a model makes as a list, also where it is one tensor."""
    return list(made) if isinstance(made, list | tuple) else [made]


def _scores(model: keras.Model) -> keras.Model:
    """Return a model that gives a score for each class."""
    part = _within.up_to_logits(model)
    if len(part.outputs[0].shape) != 2:
        came = f'"logits" of "{model.name}", which gives no scores of classes'
        need = f'Give one of its layers, for example "{_within.names(model)[-1]}"'
        raise _arguments.refusal("layer", came, need)
    return _of_any_size(part, model.name)


def _of_any_size(part: keras.Model, name: str) -> keras.Model:
    """Return a model that takes pictures of any size, if it can be; and with a name."""
    made = part.outputs if len(part.outputs) > 1 else part.outputs[0]
    part = keras.Model(part.inputs[0], made, name=name)
    if input_shape(part)[:2] == (None, None):
        return part
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


# -- what a model takes ----------------------------------------------------------------


def input_shape(model: keras.Model) -> tuple[int | None, int | None, int]:
    """Return (H, W, C) that a model takes; H and W are None where they are free."""
    _within.check(model)
    shape = tuple(model.inputs[0].shape[1:])
    if len(model.inputs) != 1 or len(shape) != 3 or shape[2] is None:
        came = f'"{model.name}", which does not take one picture (H, W, C)'
        raise _arguments.refusal("model", came, "Give a network that looks at pictures")
    return shape


def class_count(model: keras.Model) -> int:
    """Return how many classes there are, of a model that has a number for each."""
    _within.check(model)
    takes, gives = tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])
    single = len(model.inputs) == len(model.outputs) == 1
    if not single or len(takes) != 3 or len(gives) != 1:
        came = f'"{model.name}", from {written(takes)} to {written(gives)}'
        need = "Give a network from one picture to one number a class"
        raise _arguments.refusal("model", came, need)
    return gives[0]


def written(shape: tuple[int | None, ...]) -> str:
    """Return a shape as it is written, with letters for the sides that are free.

    Examples
    --------
    >>> written((None, None, 3)), written((5,)), written((None, 4))
    ('(H, W, 3)', '(5,)', '(any, 4)')
    """
    return f"({_listed(shape)},)" if len(shape) == 1 else f"({_listed(shape)})"


def _listed(shape: tuple[int | None, ...]) -> str:
    letters = "HWC" if len(shape) == 3 else ["any"] * len(shape)
    return ", ".join(
        letter if side is None else str(side)
        for letter, side in zip(letters, shape, strict=True)
    )


def values(given: ArrayLike, name: str) -> NDArray[Any]:
    """Return gray levels, checked: an array of any shape and type, 0–255."""
    pixels = _arguments.array(given, name, finite=True)
    if pixels.min() < 0 or pixels.max() > WHITE:
        came = f"values from {pixels.min():.6g} to {pixels.max():.6g}"
        raise _arguments.refusal(name, came, "Give values from 0 to 255")
    return pixels


def picture(part: keras.Model, given: ArrayLike, name: str) -> Floats:
    """Return a copy of a picture that a model takes, checked: (H, W, C), 0–255."""
    shape = input_shape(part)
    pixels = values(given, name)
    if pixels.ndim != 3 or pixels.shape[2] != shape[2]:
        need = f'Give {written(shape)}, as "{part.name}" takes them'
        raise _arguments.refusal(name, f"shape {pixels.shape}", need)
    refuse_size(part, pixels.shape[:2], name)
    return pixels.astype(np.float32)


def batch(model: keras.Model, given: ArrayLike, name: str) -> NDArray[Any]:
    """Return pictures that a model takes, checked: (N, H, W, C), 0–255, of any type.

    Where a model takes lists of numbers, they are such lists.
    """
    wanted = tuple(model.inputs[0].shape[1:])
    pixels = values(given, name)
    fits = pixels.ndim == len(wanted) + 1 and all(
        side in (None, came)
        for side, came in zip(wanted, pixels.shape[1:], strict=True)
    )
    if not fits:
        need = f'Give (N, {_listed(wanted)}), as "{model.name}" takes them'
        raise _arguments.refusal(name, f"shape {pixels.shape}", need)
    return pixels


def labels(given: ArrayLike, name: str, count: int, classes: int) -> NDArray[np.int64]:
    """Return the classes of so many pictures, checked: (count,) whole numbers."""
    numbers = _arguments.array(given, name)
    if numbers.shape != (count,) or numbers.dtype.kind not in "iu":
        came = f"{numbers.dtype} of shape {numbers.shape}"
        need = f"Give a whole number for each picture, {count:,}"
        raise _arguments.refusal(name, came, need)
    if numbers.min() < 0 or numbers.max() >= classes:
        came = f"numbers from {numbers.min()} to {numbers.max()}"
        raise _arguments.refusal(name, came, f"Give them from 0 to {classes - 1}")
    return numbers.astype(np.int64)


def sides(part: keras.Model, size: Any, otherwise: tuple[int, int]) -> tuple[int, int]:
    """Return (rows, columns) of a picture that is wanted, checked; None for others."""
    wanted = otherwise if size is None else _arguments.pair(size, "size", 1, 4096)
    refuse_size(part, wanted, "size")
    return wanted


def refuse_size(
    part: keras.Model,
    sides: tuple[int, ...],
    name: str,
    came: str = "",
    need: str = "Give a larger picture",
) -> None:
    """Refuse pictures that a model does not take, or of which nothing is left.

    Parameters
    ----------
    part
        Takes one picture.
    sides
        (rows, columns).
    name
        The argument that decides about them.
    came, need
        For the sentence: what came, if that is not the sides themselves, and what would
        do.
    """
    height, width, channels = input_shape(part)
    came = came or f"{sides[0]} × {sides[1]} pixels"
    if (height or sides[0], width or sides[1]) != tuple(sides):
        takes = f'"{part.name}" takes {height} × {width} there'
        raise _arguments.refusal(name, came, takes)
    free = None in (height, width)
    if free and not all(_left(part, (*sides, channels))):
        need += ": of this one nothing is left in that layer"
        raise _arguments.refusal(name, came, need)


def shapes(part: keras.Model, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the shapes of what a model makes of a picture, without the batch."""
    return [tuple(one[1:]) for one in _outputs(part, [shape])]


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


def _left(part: keras.Model, shape: tuple[int, ...]) -> list[bool]:
    """Whether anything is left of a picture, output by output."""
    try:
        return [min(made) > 0 for made in shapes(part, shape)]
    except ValueError:  # so Keras's convolutions say it
        return [False]


def _outputs(
    model: keras.Model, given: Sequence[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Return the shapes of a model's outputs, for one sample of given shapes."""
    batches = [(1, *shape) for shape in given]
    made = model.compute_output_shape(batches if len(batches) > 1 else batches[0])
    return made if isinstance(made, list) else [made]


# -- how much of it at a time ----------------------------------------------------------


def at_once(model: keras.Model, *given: tuple[int, ...], backward: bool = False) -> int:
    """Return how many samples a model computes at a time, so that memory suffices.

    What all layers make of them is held at the same time, on the way back, too, and
    then a slope for each number.

    Parameters
    ----------
    model
        Any; one whose layers are not known from outside counts as small.
    *given
        The shape of a sample, for each of the model's inputs.
    backward
        Whether slopes are computed.

    Returns
    -------
    int
        A power of two, so that few sizes come: on JAX each is compiled anew.

    Examples
    --------
    >>> model = keras.Sequential(
    ...     [keras.Input((None, None, 3)), keras.layers.Conv2D(64, 3, padding="same")]
    ... )
    >>> at_once(model, (32, 32, 3)), at_once(model, (512, 512, 3))
    (256, 4)
    >>> at_once(model, (512, 512, 3), backward=True)
    2
    """
    if getattr(model, "inputs", None) is None:
        return _MOST
    each = _once.made(model, ("numbers", given), lambda: _numbers(model, given))
    count = _NUMBERS // (each * (2 if backward else 1))
    return 2 ** (min(max(count, 1), _MOST).bit_length() - 1)


def memory_for(part: keras.Model, sides: tuple[int, int], name: str, need: str) -> int:
    """Return about how many bytes a step takes, and refuse what surely is too much.

    Parameters
    ----------
    part
        Takes one picture.
    sides
        (rows, columns) of the picture.
    name, need
        Of the refusal: which argument decides, and what would do.
    """

    def made() -> int:
        found = memory.estimate(of_size(part, sides), 1)
        # No weight learns: no gradients of theirs, nothing to remember.
        return found.activations + found.working

    needed = _once.made(part, ("memory", sides), made)
    free = memory.available()
    if free is not None and memory.SURE * needed > free:
        came = (
            f"{sides[0]} × {sides[1]} pixels, for which about {memory.words(needed)} "
            f"are needed; {memory.words(free)} are free"
        )
        raise _arguments.refusal(name, came, need)
    return needed


def _numbers(model: keras.Model, given: Sequence[tuple[int, ...]]) -> int:
    """Return how many numbers all layers make of a sample, also in inner models."""
    nodes = list(_graph.calls(model))
    tensors = [*model.inputs]
    for node in nodes:
        tensors += node.outputs
    shapes = [tuple(tensor.shape[1:]) for tensor in tensors]
    if any(None in shape for shape in shapes):
        inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
        shapes = [one[1:] for one in _outputs(keras.Model(inputs, tensors), given)]
    known = dict(zip(map(id, tensors), shapes, strict=True))
    total = sum(int(np.prod(shape)) for shape in shapes)
    for node in nodes:
        if isinstance(node.operation, keras.Model):
            total += _numbers(
                node.operation, [known[id(one)] for one in node.input_tensors]
            )
    return total
