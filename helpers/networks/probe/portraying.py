"""Portraits of units: all that is known of each, for UnitBrowser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers.datasets.photo_set import PhotoSet
from helpers.networks import _graph
from helpers.networks.portraits import Layer, Portraits
from helpers.networks.probe import _within, units

_INPUTS = 6  # of the strongest maps before a layer
_PATCH, _THUMBNAIL = 32, 32  # pixels a side


def portray(
    model: keras.Model,
    data: PhotoSet,
    layers: Sequence[str],
    *,
    count: int | None = 24,
    patches: int = 4,
    ascend: Callable[[str, int], ArrayLike] | None = None,
    progress: bool = True,
) -> Portraits:
    """Show a network all photos, and keep what excites its units.

    The best patches are from the photos of the training; activations over the classes
    from those of the validation, which the network has not learned from.

    Parameters
    ----------
    model
        With one colour picture as its input.
    data
        Photos of the size that the model takes: ``load_flowers(side=128)``, say.
    layers
        Names of layers behind a ReLU, from the picture up.
    count
        How many units of each layer, evenly picked; None for all.
    patches
        How many of each unit.
    ascend
        Makes a picture (H, W, 3), 0–255, that excites a unit: takes the layer's name
        and the unit's number. None for no such pictures.
    progress
        False for no bar.

    Returns
    -------
    Portraits

    Raises
    ------
    ValueError
        Photos of another size, no such layer, one with negative activations.
    KeyboardInterrupt
        Where it was interrupted: portraits by a part of the photos would be wrong.
    """
    if not isinstance(data, PhotoSet):
        need = "Give what load_flowers(side=…) or photos.folder returns"
        raise _arguments.refusal("data", _arguments.shown(data), need)
    if count is not None:
        count = _arguments.whole(count, "count")
    patches = _arguments.whole(patches, "patches")
    _within.check(model)
    known = _within.names(model)
    layers = [_arguments.word(name, "layers", known) for name in layers]
    shown: dict[int, int] = {}  # photos that are needed, by their numbers
    made = [
        _layer(model, data, name, count, patches, ascend, shown, progress)
        for name in layers
    ]
    thumbnails = [_resized(data.train_images[k], _THUMBNAIL) for k in shown]
    return Portraits(
        data.class_names,
        tuple(made),
        np.array(thumbnails, np.uint8).reshape(-1, _THUMBNAIL, _THUMBNAIL, 3),
        tuple(data.credit(data.train_names[k]) for k in shown),
        {
            "network": model.name,
            "photos": data.name,
            "licence of the photos": data.licence,
            "numbers": [len(data.train_images), len(data.validation_images)],
            "made": date.today().isoformat(),
            "with": {one: version(one) for one in ("keras", "numpy")},
        },
    )


def _layer(
    model: keras.Model,
    data: PhotoSet,
    name: str,
    count: int | None,
    patches: int,
    ascend: Callable[[str, int], ArrayLike] | None,
    shown: dict[int, int],
    progress: bool,
) -> Layer:
    seen = _all_of(model, data.train_images, name, progress)
    aside = _all_of(model, data.validation_images, name, progress)
    total = seen.units
    chosen = np.arange(total)
    if count is not None and count < total:
        chosen = np.rint(np.linspace(0, total - 1, count)).astype(np.int64)
    ends = np.concatenate([seen.strongest, seen.weakest])
    side = np.array(data.train_images.shape[1:3])
    tiles = np.zeros((len(chosen), patches, _PATCH, _PATCH, 3), np.uint8)
    photos = np.full((len(chosen), patches), -1, np.int64)
    boxes = np.zeros((len(chosen), patches, 4), np.float32)
    strengths = np.zeros((len(chosen), patches), np.float32)
    for row, unit in enumerate(chosen.tolist()):
        best = units.best_patches(
            model, data.train_images, name, unit, patches, seen=seen, progress=False
        )
        for k in range(len(best)):
            tiles[row, k] = _resized(best.pictures[k], _PATCH)
            photos[row, k] = shown.setdefault(int(best.photos[k]), len(shown))
            boxes[row, k] = best.boxes[k] / np.tile(side, 2)
            strengths[row, k] = best.strengths[k]
    of_class = [aside.means[data.validation_labels == k] for k in range(_classes(data))]
    spread = [np.percentile(some[:, chosen], (25, 75), axis=0) for some in of_class]
    found = units.selectivity(aside.means, data.validation_labels, _classes(data))
    drawn = []
    if ascend is not None:
        drawn = [_resized(ascend(name, unit), _PATCH) for unit in chosen.tolist()]
    return Layer(
        name=name,
        total=total,
        units=chosen,
        maps=seen.field.places,
        looks_at=seen.field.size,
        patches=tiles,
        photos=photos,
        boxes=boxes,
        strengths=strengths,
        means=found.means[:, chosen].astype(np.float32),
        low=np.array([low for low, _ in spread], np.float32),
        high=np.array([high for _, high in spread], np.float32),
        selectivity=found.index[chosen].astype(np.float32),
        dead=units.dead(ends)[chosen],
        **_weights(model, name, chosen),
        ascents=np.array(drawn, np.uint8).reshape(len(drawn), _PATCH, _PATCH, 3),
    )


def _all_of(
    model: keras.Model, photos: NDArray[Any], name: str, progress: bool
) -> units.Responses:
    """Return the answers to all photos, or be interrupted."""
    found = units.responses(model, photos, name, progress=progress)
    if len(found) < len(photos):
        raise KeyboardInterrupt
    return found


def _classes(data: PhotoSet) -> int:
    return len(data.class_names)


def _weights(model: keras.Model, name: str, chosen: NDArray[Any]) -> dict[str, Any]:
    """Return the filters as pictures, or else the strongest maps before the layer.

    The filters are those of the last convolution, or dense layer, up to that layer.
    """
    nodes = list(_graph.calls(_within.up_to(model, name)))
    kinds = keras.layers.Conv2D | keras.layers.Dense
    before = [node.operation for node in nodes if isinstance(node.operation, kinds)]
    if not before or before[-1].kernel.shape[-1] <= chosen.max():
        return {}
    given = next(node for node in nodes if node.operation is before[-1]).input_tensors
    if _is_of_places(nodes, given[0]):
        return {}
    kernel = np.asarray(keras.ops.convert_to_numpy(before[-1].kernel))[..., chosen]
    if kernel.ndim == 4 and kernel.shape[2] == 3 and len(before) == 1:
        return {"filters": _as_pictures(kernel)}
    size = (kernel.astype(np.float64) ** 2).reshape(-1, *kernel.shape[-2:]).sum(axis=0)
    order = np.argsort(-size, axis=0, kind="stable")[:_INPUTS]
    shares = np.take_along_axis(size, order, axis=0) / size.sum(axis=0)
    return {"inputs": order.T.copy(), "shares": shares.T.astype(np.float32)}


def _is_of_places(nodes: list[Any], tensor: Any) -> bool:
    """Whether a list of numbers was flattened: each is a place of a map, not a map."""
    made = {id(one): node for node in nodes for one in node.outputs}
    while id(tensor) in made and len(tensor.shape) == 2:
        node = made[id(tensor)]
        if isinstance(node.operation, keras.layers.Dense):
            return False
        tensor = node.input_tensors[0]
        if isinstance(node.operation, keras.layers.Flatten | keras.layers.Reshape):
            return any(side != 1 for side in tensor.shape[1:-1])
    return False


def _as_pictures(kernel: NDArray[Any]) -> NDArray[np.uint8]:
    """Return filters (kh, kw, 3, F) as pictures (F, kh, kw, 3): 0 is gray.

    Each on a scale of its own, the same for its three colours.
    """
    most = np.abs(kernel).max(axis=(0, 1, 2), keepdims=True)
    shares = kernel / np.where(most, most, 1)
    return np.rint(127.5 + 127.5 * np.moveaxis(shares, -1, 0)).astype(np.uint8)


def _resized(picture: ArrayLike, side: int) -> NDArray[np.uint8]:
    """Return a picture as a square of so many pixels a side; a gray one in colours."""
    from PIL import Image

    given = np.clip(np.rint(np.asarray(picture)), 0, 255).astype(np.uint8)
    image = Image.fromarray(given[..., 0] if given.shape[-1] == 1 else given)
    way = (
        Image.Resampling.BOX
        if min(given.shape[:2]) > side
        else Image.Resampling.NEAREST
    )
    return np.asarray(image.convert("RGB").resize((side, side), way))
