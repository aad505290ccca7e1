"""Style transfer: a photo's things in a painting's colours, strokes and patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.learning import Adam
from helpers.networks import memory
from helpers.networks.probe import _fitting, _once, _slopes, priors
from helpers.networks.probe._steps import Kept, counted

Floats = NDArray[np.float32]

_STARTS = ("photo", "noise")
_TINY = 1e-12  # nothing is divided by 0


def gram(maps: ArrayLike) -> NDArray[np.float64]:
    """Return how far each two maps of a layer light up at the same places.

    The mean over all places of the product of the two: ``Fᵀ F / (H · W)``, F being a
    list of the places, (H · W, C). Where things are does not matter, only what comes
    together: that is what is left of a picture's style.

    Parameters
    ----------
    maps
        (H, W, C), what a layer makes of a picture.

    Returns
    -------
    (C, C) of float64
        Symmetric; on the diagonal the mean squares. Gatys and others do not divide by
        the number of places; so divided, pictures of any size can be compared.

    Raises
    ------
    ValueError
        Another number of axes, NaN.

    References
    ----------
    Gatys, Ecker and Bethge, arXiv 1508.06576.

    Examples
    --------
    One map has 1 and 3 on a diagonal, the other 2 everywhere:

    >>> gram([[[1, 2], [0, 2]], [[0, 2], [3, 2]]])
    array([[2.5, 2. ],
           [2. , 4. ]])
    """
    array = _arguments.array(maps, "maps", finite=True).astype(np.float64)
    if array.ndim != 3:
        raise _arguments.refusal("maps", f"shape {array.shape}", "Give (H, W, C)")
    places = array.reshape(-1, array.shape[2])
    return places.T @ places / len(places)


@dataclass(frozen=True, eq=False)
class Transfer:
    """A picture with the things of a photo and the style of another picture.

    Attributes
    ----------
    picture
        (H, W, C) of float32, 0–255.
    losses
        A number a step: "photo" and "style", how far the picture is from each, and
        "total", what was made smaller.
    pictures
        (n, H, W, C), those that were kept on the way.
    kept
        (n,) after how many steps.
    """

    picture: Floats
    losses: dict[str, NDArray[np.float64]]
    pictures: Floats
    kept: NDArray[np.int64]


def style_transfer(
    model: keras.Model,
    photo: ArrayLike,
    style: ArrayLike,
    *,
    photo_layer: str,
    style_layers: Sequence[str],
    photo_weight: float = 1.0,
    style_weight: float = 10.0,
    variation: float = 0.0,
    rate: float = 8.0,
    steps: int = 100,
    size: int | None = None,
    start: str = "photo",
    seed: int = 0,
    keep: int = 0,
    progress: bool = True,
) -> Transfer:
    """Change a picture until it holds what a photo shows, in the style of another.

    Two distances are made smaller at once, by Adam on the pixels. That to the photo is
    between maps of one layer, place by place; that to the style between Gram matrices
    of some layers, `gram`, their mean. Both are shares: the sum of the squared
    differences, divided by that of the squares of what is wanted. So 0 is the very
    same, 1 as far as if all were 0, whatever the network; Gatys and others have a
    factor of its own for each layer in place of that.

    Parameters
    ----------
    model
        Takes pictures (H, W, C), 0–255.
    photo, style
        (H, W, C) each, 0–255; their sizes may differ.
    photo_layer, style_layers
        Names of layers that make maps.
    photo_weight, style_weight
        How much the two distances count.
    variation
        How much `total_variation` counts, in gray levels: 0.01, say, for a smoother
        picture.
    rate
        Adam's, in gray levels: how far a pixel moves at most in a step, about.
    steps
        How many.
    size
        The longer side of the picture, in pixels; None for the photo's own. The style's
        longer side becomes the same, so it decides how large strokes are, too.
    start
        "photo", or "noise".
    seed
        Of the noise.
    keep
        How many pictures on the way to keep: evenly, the first and the last among them.
    progress
        Show a bar, and say after two steps how long it will take, and how much memory.

    Returns
    -------
    Transfer
        If it is interrupted, what there is so far.

    Raises
    ------
    ValueError
        No such layer, a picture that the model does not take, or one so large that
        memory surely does not suffice.

    References
    ----------
    Gatys, Ecker and Bethge, arXiv 1508.06576.

    Examples
    --------
    >>> model = keras.Sequential(
    ...     [keras.Input((None, None, 1)), keras.layers.Conv2D(2, 3, name="maps")]
    ... )
    >>> photo, style = np.random.default_rng(0).uniform(0, 255, (2, 16, 16, 1))
    >>> made = style_transfer(
    ...     model, photo, style, photo_layer="maps", style_layers=["maps"], steps=5
    ... )
    >>> list(made.losses), bool(made.losses["total"][-1] < made.losses["total"][0])
    (['photo', 'style', 'total'], True)
    """
    names = _names(style_layers)
    part = _fitting.parts_of(model, photo_layer=[photo_layer], style_layers=names)
    weights = np.array(
        [
            _arguments.real(photo_weight, "photo_weight", 0),
            _arguments.real(style_weight, "style_weight", 0),
        ]
    )
    variation = _arguments.real(variation, "variation", 0)
    count = _arguments.whole(steps, "steps")
    start = _arguments.word(start, "start", _STARTS)
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    kept = Kept(_arguments.whole(keep, "keep", 0), count)
    photo = _of_size(part, photo, size, "photo", "size")
    style = _of_size(part, style, max(photo.shape[:2]), "style", "style")
    height, width = photo.shape[:2]
    name, need = "size", "Give a smaller one"
    if size is None:
        name, need = "photo", f"Give a size below {max(height, width)}"
    needed = _fitting.memory_for(part, (height, width), name, need)

    wanted = _wanted(part, photo, style)
    apart = _once.made(
        model,
        ("style", photo_layer, *names),
        lambda: _slopes.by_several(part, _distances, compiled=True),
    )
    optimizer = Adam(_arguments.real(rate, "rate", above=0))
    picture = photo if start == "photo" else _noise(photo, rng)
    losses: list[tuple[float, ...]] = []
    with counted(count, "Style transfer", progress) as numbers:
        told = f"{height} × {width} pixels: {{time}} to go, and about "
        numbers.will_tell(f"{told}{memory.words(needed)} of memory.", [1] * count)
        for number in numbers:
            kept.look(number, picture)
            # A sum's slope by a weight is what the weight multiplies: the distance.
            batch = picture[np.newaxis]
            total, [[slope], distances] = apart([batch, weights], *wanted)
            value, rough = priors.total_variation(picture)
            picture = _clipped(optimizer.step(picture, slope + variation * rough))
            losses.append((*distances, total + variation * value))
    kept.look(len(losses), picture, last=True)
    pictures = np.reshape(kept.pictures, (-1, *photo.shape)).astype(np.float32)
    columns = np.reshape(losses, (-1, 3)).astype(np.float64).T
    return Transfer(
        picture,
        dict(zip(("photo", "style", "total"), columns, strict=True)),
        pictures,
        np.array(kept.steps, np.int64),
    )


def style_distance(maps: Any, wanted: Any) -> Any:
    """Return how far the Gram matrix of maps is from one that is wanted, as a share.

    Parameters
    ----------
    maps
        (1, H, W, C), a tensor.
    wanted
        (C, C), a Gram matrix.
    """
    places = keras.ops.reshape(maps, (-1, maps.shape[-1]))
    found = keras.ops.matmul(keras.ops.transpose(places), places)
    return _share(
        found / keras.ops.cast(keras.ops.shape(places)[0], found.dtype), wanted
    )


def _distances(made: list[Any], weights: Any, photo: Any, *grams: Any) -> Any:
    """Return the weighted sum of the distances to the photo and to the style."""
    styles = [style_distance(m, g) for m, g in zip(made[1:], grams, strict=True)]
    style = sum(styles) / len(styles)
    return weights[0] * _share(made[0], photo) + weights[1] * style


def _share(found: Any, wanted: Any) -> Any:
    """Return the sum of the squared differences by that of the squares."""
    apart = keras.ops.sum(keras.ops.square(found - wanted))
    return apart / (keras.ops.sum(keras.ops.square(wanted)) + _TINY)


def _wanted(part: keras.Model, photo: Floats, style: Floats) -> list[Floats]:
    """Return the photo's maps, and the Gram matrices of the style."""
    maps, *_ = _maps(part, photo)
    _, *others = _maps(part, style)
    return [maps, *(gram(one[0]).astype(np.float32) for one in others)]


def _maps(part: keras.Model, picture: Floats) -> list[Floats]:
    made = _fitting.as_list(part(picture[np.newaxis], training=False))
    return [np.asarray(keras.ops.convert_to_numpy(maps)) for maps in made]


def _names(layers: Any) -> list[str]:
    """Return the names of layers for the style, at least one."""
    if isinstance(layers, str) or not isinstance(layers, Sequence) or not layers:
        need = "Give a list of layers' names"
        raise _arguments.refusal("style_layers", _arguments.shown(layers), need)
    return list(layers)


def _of_size(
    part: keras.Model, given: ArrayLike, size: Any, name: str, decides: str
) -> Floats:
    """Return a picture, checked, whose longer side is as long as is wanted.

    Where nothing is left of it then, that is the fault of what `decides`.
    """
    picture = _fitting.picture(part, given, name)
    if size is None:
        return picture
    longer = _arguments.whole(size, "size", 1, 4096)
    height, width = picture.shape[:2]
    factor = longer / max(height, width)
    sides = max(1, round(height * factor)), max(1, round(width * factor))
    _fitting.refuse_size(part, sides, decides)
    return _clipped(_fitting.resized(picture, sides))


def _noise(photo: Floats, rng: np.random.Generator) -> Floats:
    return rng.uniform(0, 255, photo.shape).astype(np.float32)


def _clipped(picture: NDArray) -> Floats:
    return np.clip(picture, 0, 255).astype(np.float32)
