"""Why did it say that? Maps of what in a picture spoke for a class.

Four ways to ask, each of a picture and one of its classes: how the class's score would
change with each pixel (`saliency`, and `smooth_grad`, which is calmer); which places of
a layer's maps speak for it (`grad_cam`); what happens where a patch is covered
(`occlusion`). A map that looks convincing may say nothing about the network:
`randomised` makes one that has learned nothing, to compare.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, images
from helpers.networks.probe import _fitting, _once, _steps, _within, maps
from helpers.networks.probe._slopes import by_several

Floats = NDArray[np.float32]
Window = tuple[int, int, int, int]

_POOLINGS = (
    keras.layers.AveragePooling2D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.MaxPooling2D,
)


def saliency(model: keras.Model, x: ArrayLike, label: int | None = None) -> Floats:
    """Return how much a class's score changes with each pixel of a picture.

    The size of the slope; of a pixel's channels the steepest counts. The score is the
    logit: a probability near 1 hardly changes with anything.

    Parameters
    ----------
    model
        From one picture to one number a class: logits, or a softmax of them.
    x
        (H, W, C), values 0–255: one picture as the model takes it.
    label
        The class; None for the one that the model names.

    Returns
    -------
    (H, W) of float32
        Logits a gray level, 0 or more.

    Raises
    ------
    ValueError
        A model that cannot be looked into, what is no picture for it, a label that is
        no class.

    References
    ----------
    Simonyan, Vedaldi and Zisserman, Deep inside convolutional networks, arXiv
    1312.6034.

    Examples
    --------
    The slope of a sum of pixels is its weights.

    >>> layers = [keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    >>> model = keras.Sequential(layers)
    >>> model.set_weights([np.array([[1.0], [-2.0], [0.0], [4.0]]), np.zeros(1)])
    >>> saliency(model, np.full((2, 2, 1), 128)).tolist()
    [[1.0, 2.0], [0.0, 4.0]]
    """
    picture, label = _asked(model, x, label)
    return np.abs(_slopes(model, picture[None], label)[0]).max(axis=-1)


def smooth_grad(
    model: keras.Model,
    x: ArrayLike,
    label: int | None = None,
    *,
    noise: float = 0.15,
    draws: int = 25,
    seed: int = 0,
    progress: bool = True,
) -> Floats:
    """Return a picture's saliency, calmed: the mean slope over noisy copies of it.

    From one pixel to the next slopes jump; what remains of them on the average over the
    neighbourhood of a picture is easier to read.

    Parameters
    ----------
    model, x, label
        As `saliency` takes them.
    noise
        The standard deviation of the noise that is added to each pixel, as a share of
        the picture's own range (its largest value minus its smallest).
    draws
        How many noisy copies there are.
    seed
        Of the noise.
    progress
        False for no bar. An interruption returns the mean of the copies so far.

    Returns
    -------
    (H, W) of float32
        Logits a gray level, 0 or more: the size of the mean slope, of a pixel's
        channels the steepest.

    Raises
    ------
    ValueError
        As `saliency`; noise below 0, no draws.

    References
    ----------
    Smilkov and others, SmoothGrad: removing noise by adding noise, arXiv 1706.03825.

    Examples
    --------
    >>> from helpers.networks import models
    >>> digit = np.random.default_rng(0).integers(0, 256, (28, 28, 1))
    >>> smooth_grad(models.mnist_dense((4,)), digit, draws=3).shape
    (28, 28)
    """
    noise = _arguments.real(noise, "noise", 0)
    draws = _arguments.whole(draws, "draws")
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    picture, label = _asked(model, x, label)
    spread = noise * float(np.ptp(picture))
    total, done = np.zeros(picture.shape), 0
    size = _fitting.at_once(model, picture.shape, backward=True)
    with _steps.counted(draws, "SmoothGrad", progress, "copies", least=1) as copies:
        for some in copies.portions(size):
            count = some.stop - some.start
            noisy = rng.normal(picture, spread, (count, *picture.shape))
            total += _slopes(model, noisy, label).sum(axis=0, dtype=np.float64)
            done += count
    return np.abs(total / done).max(axis=-1).astype(np.float32)


def grad_cam(
    model: keras.Model,
    x: ArrayLike,
    label: int | None = None,
    *,
    layer: str | None = None,
) -> Floats:
    """Return where the maps of a layer speak for a class.

    Each map counts as much as the class's logit rises with it, on the average over all
    places; their sum is kept where it is positive.

    That is exact where the rest of the network sees the mean of each map alone. Behind
    a flattening each place has weights of its own, and their average may mislead.

    Parameters
    ----------
    model, x, label
        As `saliency` takes them.
    layer
        A layer with maps. None for the last one that is no pooling: the last
        convolution, with the normalisation and activation behind it.

    Returns
    -------
    (h, w) of float32
        Of the layer's size, 0 or more; `images.enlarged` brings it to the picture's.

    Raises
    ------
    ValueError
        As `saliency`; a layer that there is not, or that has no maps.

    References
    ----------
    Selvaraju and others, Grad-CAM, arXiv 1610.02391.

    Examples
    --------
    >>> from helpers.networks import models
    >>> grad_cam(models.mnist_cnn(), np.zeros((28, 28, 1))).shape
    (11, 11)
    """
    picture, label = _asked(model, x, label)
    name = _last_maps(model) if layer is None else layer
    name = _arguments.word(name, "layer", _within.names(model))
    first, backward = _once.made(model, ("behind", name), lambda: _behind(model, name))
    made = _fitting.as_list(first(picture[None], training=False))
    here = [np.asarray(keras.ops.convert_to_numpy(one), np.float32) for one in made]
    _, [slopes, *_] = backward(here, np.int32(label))
    weights = slopes[0].mean(axis=(0, 1))
    return np.maximum(here[0][0] @ weights, 0)


def occlusion(
    model: keras.Model,
    x: ArrayLike,
    label: int | None = None,
    *,
    size: int,
    step: int,
    cover: float = 127.5,
    progress: bool = True,
) -> Floats:
    """Return how much less likely a class is with a patch of the picture covered.

    Parameters
    ----------
    model, x, label
        As `saliency` takes them.
    size
        Pixels a side of the square patch. It is cut off at the picture's rim.
    step
        A patch's middle lies every so many pixels, first at step // 2.
    cover
        What stands in the patch, 0–255: 127.5 is a gray that most networks scale to 0,
        for digits 0 is the ground.
    progress
        False for no bar. An interruption returns what there is so far, NaN elsewhere.

    Returns
    -------
    (rows, columns) of float32
        The probability with nothing covered minus that with a patch there: from -1 to
        1, positive where the patch hides what spoke for the class. ceil(H / step) rows
        and ceil(W / step) columns.

    Raises
    ------
    ValueError
        As `saliency`; a size or a step below 1, a cover that is no brightness.

    References
    ----------
    Zeiler and Fergus, Visualizing and understanding convolutional networks, arXiv
    1311.2901.

    Examples
    --------
    >>> from helpers.networks import models
    >>> digit = np.random.default_rng(0).integers(0, 256, (28, 28, 1))
    >>> occlusion(models.mnist_dense((4,)), digit, size=7, step=4, cover=0).shape
    (7, 7)
    """
    size = _arguments.whole(size, "size")
    step = _arguments.whole(step, "step")
    cover = _arguments.real(cover, "cover", 0, 255)
    picture, label = _asked(model, x, label)
    patches = list(_patches(picture.shape[:2], size, step))
    # Where all is as the cover already, nothing changes.
    others = [k for k, patch in enumerate(patches) if (picture[patch] != cover).any()]
    before = _likely(model, picture[None], label)[0]
    falls = np.zeros(len(patches), np.float32)
    falls[others] = np.nan
    at_once = _fitting.at_once(model, picture.shape)
    with _steps.counted(len(others), "Occlusion", progress, "patches") as covers:
        for some in covers.portions(at_once):
            here = others[some]
            covered = np.repeat(picture[None], len(here), axis=0)
            for one, k in zip(covered, here, strict=True):
                one[patches[k]] = cover
            falls[here] = before - _likely(model, covered, label)
    rows, columns = (-(-side // step) for side in picture.shape[:2])
    return falls.reshape(rows, columns)


def randomised(
    model: keras.Model, *, down_to: str | None = None, seed: int = 0
) -> keras.Model:
    """Return a copy of a model that has learned nothing, from its output on downwards.

    A map that hardly changes with it says little about what the network has learned.

    Parameters
    ----------
    model
        A `keras.Sequential` or a functional model. It is not changed.
    down_to
        The first layer, seen from the input, whose weights are drawn anew; it and all
        behind it are. None for all layers.
    seed
        Of the weights. They are the same on every backend.

    Returns
    -------
    keras.Model
        Kernels drawn evenly between ±√(6 / (inputs + outputs)), embeddings between
        ±0.05, as Keras does for new layers; all else, biases and the means and
        variances of a normalisation, as in a new one.

    Raises
    ------
    ValueError
        A layer that there is not.

    References
    ----------
    Adebayo and others, Sanity checks for saliency maps, arXiv 1810.03292; Glorot and
    Bengio, Understanding the difficulty of training deep feedforward networks (2010).

    Examples
    --------
    >>> from helpers.networks import models
    >>> model = models.mnist_cnn()
    >>> copy = randomised(model, down_to="hidden")
    >>> [
    ...     layer.name
    ...     for layer, other in zip(model.layers, copy.layers, strict=True)
    ...     if layer.weights
    ...     and np.allclose(layer.get_weights()[0], other.get_weights()[0])
    ... ]
    ['filters1', 'filters2']
    """
    _within.check(model)
    names = _within.names(model)
    first = 0
    if down_to is not None:
        first = names.index(_arguments.word(down_to, "down_to", names))
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    copy = _new(model)
    for name in dict.fromkeys(names):  # a layer that is used twice stands there twice
        layer = copy.get_layer(name)
        if names.index(name) < first:
            layer.set_weights(model.get_layer(name).get_weights())
        else:
            layer.set_weights([_drawn(rng, one) for one in layer.weights])
    return copy


def share_inside(
    found: ArrayLike,
    window: Window,
    shape: tuple[int, ...],
    cell: float | None = None,
) -> float:
    """Return which share of what speaks for a class lies in a window of the picture.

    Parameters
    ----------
    found
        (h, w), a map of this room. What is negative in it speaks against the class and
        is left out.
    window
        (row, column, rows, columns) of the picture.
    shape
        Of the picture: (H, W), or (H, W, C).
    cell
        Pixels that belong to each number: the `step` of `occlusion`. None: the numbers
        share the picture evenly, as a layer's maps do.

    Returns
    -------
    float
        From 0 to 1; NaN where nothing speaks for the class. A map of equal numbers
        gives the window's share of the picture.

    Raises
    ------
    ValueError
        A window that does not lie in the picture.

    Examples
    --------
    >>> share_inside(np.ones((7, 7)), (0, 0, 14, 14), (28, 28))
    0.25
    """
    positive = np.maximum(_arguments.array(found, "found"), 0)
    large = images.enlarged(positive, shape, cell)
    four = tuple(window) if _arguments.is_sequence(window) else ()
    need = "Give (row, column, rows, columns) inside the picture"
    if len(four) != 4 or not all(map(_arguments.is_whole, four)):
        raise _arguments.refusal("window", _arguments.shown(window), need)
    row, column, rows, columns = map(int, four)
    sides = large.shape
    inside = row >= 0 and column >= 0 and rows > 0 and columns > 0
    if not inside or row + rows > sides[0] or column + columns > sides[1]:
        came = f"{_arguments.shown(window)} in a picture of {sides[0]} × {sides[1]}"
        raise _arguments.refusal("window", came, need)
    total = float(large.sum(dtype=np.float64))
    part = large[row : row + rows, column : column + columns]
    return float(part.sum(dtype=np.float64)) / total if total else float("nan")


# -- what is asked ---------------------------------------------------------------------


def _asked(model: Any, x: Any, label: Any) -> tuple[Floats, int]:
    """Return the picture and the class that are asked about, checked."""
    classes = _fitting.class_count(model)
    picture = _fitting.picture(model, x, "x")
    if label is None:
        return picture, int(maps.outputs(model, picture[None])[0].argmax())
    return picture, _arguments.whole(label, "label", 0, classes - 1)


def _last_maps(model: keras.Model) -> str:
    """Return the last layer with maps that is no pooling, if anything was learned."""
    found = [one for one in _within.with_maps(model) if not isinstance(one, _POOLINGS)]
    if not any(getattr(one, "weights", ()) for one in found):
        came = f'"{model.name}", which makes no maps of what it has learned'
        need = "Give a network with convolutions"
        raise _arguments.refusal("model", came, need)
    return found[-1].name


# -- what is computed ------------------------------------------------------------------


def _slopes(model: keras.Model, pictures: NDArray, label: int) -> Floats:
    """Return how a class's logit changes with each number of pictures (N, H, W, C)."""
    backward = _once.made(
        model,
        "scores",
        lambda: by_several(_within.up_to_logits(model), _score, compiled=False),
    )
    _, [slopes] = backward([pictures], np.int32(label))
    return slopes


def _behind(model: keras.Model, layer: str) -> tuple[keras.Model, Callable[..., Any]]:
    """Return a model up to a layer, and the slope of a logit by that layer's maps."""
    whole = _within.up_to_logits(model)
    shape = _within.up_to(whole, layer).outputs[0].shape
    if len(shape) != 4:
        made = _fitting.written(shape[1:])
        came = f"{_arguments.shown(layer)}, which makes numbers {made}"
        need = "Give a layer with maps (rows, columns, maps)"
        raise _arguments.refusal("layer", came, need)
    first, rest = _within.split(whole, layer)
    return first, by_several(rest, _score, compiled=False)


def _score(logits: Any, label: Any) -> Any:
    """Return the sum of a class's logits over some pictures."""
    return keras.ops.sum(keras.ops.take(logits, label, axis=-1))


def _likely(model: keras.Model, pictures: Floats, label: int) -> Floats:
    """Return the probability of a class for pictures (N, H, W, C)."""
    return maps.probabilities(model, pictures)[:, label]


def _patches(
    sides: tuple[int, int], size: int, step: int
) -> Iterator[tuple[slice, slice]]:
    """Give the patches whose middles lie every `step` pixels, row by row."""

    def along(side: int) -> list[slice]:
        firsts = [at - size // 2 for at in range(step // 2, side + step // 2, step)]
        return [slice(max(0, one), min(one + size, side)) for one in firsts]

    for rows in along(sides[0]):
        for columns in along(sides[1]):
            yield rows, columns


def _new(model: keras.Model) -> keras.Model:
    """Return a model of new layers like those of another one.

    Keras asks Python's random numbers for their seeds; these are put back.
    """
    state = random.getstate()
    try:
        return keras.models.clone_model(model)
    finally:
        random.setstate(state)


def _drawn(rng: np.random.Generator, variable: Any) -> NDArray:
    """Return new weights of a kernel or an embedding; others stay as they are."""
    shape, name = tuple(variable.shape), variable.name
    if name.endswith("kernel"):
        *field, inputs, outputs = shape
        limit = (6 / (np.prod(field) * (inputs + outputs))) ** 0.5
    elif name == "embeddings":
        limit = 0.05
    else:
        return np.asarray(keras.ops.convert_to_numpy(variable))
    return rng.uniform(-limit, limit, shape).astype(variable.dtype)
