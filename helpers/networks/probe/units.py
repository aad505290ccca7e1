"""What excites a unit: its degree of activation, its best patches, its classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, _bars
from helpers.networks import _graph
from helpers.networks.probe import _within
from helpers.networks.probe.fields import Field, field

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Wholes = NDArray[np.int64]

REDUCTIONS = ("sum", "mean", "max")

_AT_ONCE = 2**25  # numbers of the largest map that are held at a time: 128 MB
_MOST_AT_ONCE = 256  # photos
_GRAY = 127.5  # of what lies beyond a photo's rim


def activation(maps: ArrayLike, *, reduce: str = "sum") -> Doubles:
    """Return the degree of activation of each map: its sum over all places.

    For the k-th map of n × n numbers a^k = Σᵢ Σⱼ a^k_ij.

    Parameters
    ----------
    maps
        (N, h, w, C) of a convolution, as `feature_maps` gives them; or (N, C) of a
        dense layer, whose units have one place.
    reduce
        "sum", "mean" (which compares layers of different size) or "max" (the strongest
        place alone).

    Returns
    -------
    (N, C) of float64

    Raises
    ------
    ValueError
        Maps of another shape.

    Examples
    --------
    >>> maps = np.zeros((1, 2, 2, 3))
    >>> maps[0, :, :, 1] = [[1, 2], [3, 4]]
    >>> activation(maps).tolist()
    [[0.0, 10.0, 0.0]]
    """
    reduce = _arguments.word(reduce, "reduce", REDUCTIONS)
    given = _arguments.array(maps, "maps")
    if given.ndim not in (2, 4):
        need = "Give (N, h, w, C), maps[np.newaxis] for one picture's; or (N, C)"
        raise _arguments.refusal("maps", f"shape {given.shape}", need)
    if given.ndim == 2:
        return given.astype(np.float64)
    if reduce == "max":
        return given.max(axis=(1, 2)).astype(np.float64)
    made = given.sum(axis=(1, 2), dtype=np.float64)
    return made / (given.shape[1] * given.shape[2]) if reduce == "mean" else made


# ---- the patches that excite a unit ----


@dataclass(frozen=True, eq=False)
class Responses:
    """What the units of a layer answered to photos.

    Attributes
    ----------
    layer
        Its name.
    field
        Where its units look.
    size
        (rows, columns) of the photos.
    strongest, weakest
        (N, C) the largest and the smallest number of each map.
    places
        (N, C, 2) row and column of the largest; where there are several, the first.
    means
        (N, C) the mean of each map: its degree of activation, divided by its places.
    """

    layer: str
    field: Field
    size: tuple[int, int]
    strongest: Floats
    weakest: Floats
    places: Wholes
    means: Floats

    def __len__(self) -> int:
        return len(self.strongest)

    @property
    def units(self) -> int:
        """How many units, or maps, the layer has."""
        return self.strongest.shape[1]


def responses(
    model: keras.Model, photos: ArrayLike, layer: str, *, progress: bool = True
) -> Responses:
    """Show photos to a network, and note what the units of a layer answer.

    One way through the photos for all units: hand what comes to `best_patches`.

    Parameters
    ----------
    model
        With one picture as its input.
    photos
        (N, H, W, C), 0–255, as the model takes them.
    layer
        Its name.
    progress
        False for no bar.

    Returns
    -------
    Responses
        Of the photos so far where it was interrupted; a sentence says how many.

    Raises
    ------
    ValueError
        No such layer, photos of another shape, NaN.
    """
    part = _within.up_to(model, layer)
    given = _photos(part, photos)
    where = field(model, layer, given.shape[1:3])
    found: list[tuple[NDArray[Any], ...]] = []
    tensors = [tensor for node in _graph.calls(part) for tensor in node.outputs]
    largest = max(_numbers(tensor, given) for tensor in tensors)
    step = min(max(_AT_ONCE // largest, 1), _MOST_AT_ONCE)
    hidden = not _arguments.flag(progress, "progress")
    # Without the bar where all is done within a second.
    settings = {"desc": layer, "unit": " photos", "disable": hidden, "delay": 1}
    with _bars.bar(total=len(given), **settings) as bar:
        try:
            for first in range(0, len(given), step):
                some = given[first : first + step]
                made = keras.ops.convert_to_numpy(part(some, training=False))
                found.append(_noted(np.asarray(made)))
                bar.update(len(some))
        except KeyboardInterrupt:
            if not found:
                raise
            bar.close()
            done = sum(len(one) for one, *_ in found)
            print(
                f"Interrupted: {done:,} of {len(given):,} photos are done. This "
                "is what there is so far."
            )
    strongest, weakest, places, means = map(np.concatenate, zip(*found, strict=True))
    size = given.shape[1], given.shape[2]
    return Responses(layer, where, size, strongest, weakest, places, means)


def _numbers(tensor: Any, photos: NDArray[Any]) -> int:
    """Return how many numbers a tensor has for a photo, at the most."""
    sides = iter(photos.shape[1:3])  # those of a map of any size
    return int(np.prod([next(sides, 1) if n is None else n for n in tensor.shape[1:]]))


def _noted(maps: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return the strongest, the weakest, the places and the means of (N, …, C)."""
    if maps.ndim not in (2, 4):
        need = "Choose one that makes maps (h, w, C), or a list of numbers"
        came = f"one that makes shape {maps.shape[1:]}"
        raise _arguments.refusal("layer", came, need)
    count, units = len(maps), maps.shape[-1]
    flat = maps.reshape(count, -1, units)
    best = flat.argmax(axis=1)
    columns = maps.shape[2] if maps.ndim == 4 else 1
    places = np.stack([best // columns, best % columns], axis=-1).astype(np.int64)
    means = flat.mean(axis=1, dtype=np.float64).astype(np.float32)
    return flat.max(axis=1), flat.min(axis=1), places, means


@dataclass(frozen=True, eq=False)
class Patches:
    """The parts of photos that excite a unit most, the strongest first.

    Attributes
    ----------
    layer, unit
        Whose.
    pictures
        (n, rows, columns, channels) of float32, 0–255: what the unit looked at, its
        whole receptive field. What lies beyond a photo's rim is gray.
    photos
        (n,) the numbers of the photos, each at most once.
    places
        (n, 2) row and column of the unit in its map.
    boxes
        (n, 4) top, left, rows, columns of the patch in its photo; a negative top or
        left is beyond the rim.
    strengths
        (n,) the unit's activation there.
    beyond
        (n,) the share of each patch that lies beyond the rim.
    """

    layer: str
    unit: int
    pictures: Floats
    photos: Wholes
    places: Wholes
    boxes: Wholes
    strengths: Floats
    beyond: Doubles

    def __len__(self) -> int:
        return len(self.photos)

    def __repr__(self) -> str:
        sides = _by(self.pictures.shape[1:3])
        count = f"{len(self)} patch{'es' * (len(self) != 1)} of {sides}"
        rim = f", {self.beyond.mean():.0%} beyond the rim" if self.beyond.any() else ""
        return f"<{count} for unit {self.unit} of {self.layer}{rim}>"


def best_patches(
    model: keras.Model,
    photos: ArrayLike,
    layer: str,
    unit: int,
    count: int = 9,
    *,
    seen: Responses | None = None,
    progress: bool = True,
) -> Patches:
    """Find the parts of photos that excite a unit most, at most one a photo.

    Parameters
    ----------
    model
        With one picture as its input.
    photos
        (N, H, W, C), 0–255, as the model takes them.
    layer, unit
        Which unit, or map.
    count
        How many.
    seen
        What `responses` returned for these photos and this layer, so that the network
        need not look at them once more.
    progress
        False for no bar.

    Returns
    -------
    Patches
        Fewer where the unit makes a difference in fewer photos: a dead one has none.

    Raises
    ------
    ValueError
        No such layer or unit, photos of another shape, what was `seen` of other photos.

    References
    ----------
    Zeiler & Fergus, Visualizing and understanding convolutional networks, arXiv
    1311.2901, show such patches for every layer.

    Examples
    --------
    A filter that looks for a bright dot finds the brightest:

    >>> model = keras.Sequential([keras.Input((5, 5, 1)), keras.layers.Conv2D(1, 1)])
    >>> model.set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
    >>> photos = np.zeros((3, 5, 5, 1))
    >>> photos[0, 1, 2], photos[2, 4, 4] = 100, 200
    >>> found = best_patches(model, photos, model.layers[-1].name, 0, progress=False)
    >>> found.photos.tolist(), found.places.tolist(), found.strengths.tolist()
    ([2, 0], [[4, 4], [1, 2]], [200.0, 100.0])
    """
    count = _arguments.whole(count, "count")
    if seen is None:
        unit = _arguments.whole(unit, "unit", 0)
        seen = responses(model, photos, layer, progress=progress)
    _within.check(model)
    given = _photos(model, photos)
    size = given.shape[1:3]
    if (seen.layer, seen.size) != (layer, size) or len(seen) > len(given):
        came = f"answers of {seen.layer} to {len(seen):,} photos of {_by(seen.size)}"
        need = f"Give those of {layer} to these {len(given):,} of {_by(size)}"
        raise _arguments.refusal("seen", came, need)
    unit = _arguments.whole(unit, "unit", 0, seen.units - 1)
    strengths = seen.strongest[:, unit]
    differs = np.flatnonzero(strengths > seen.weakest[:, unit])
    if seen.field.places == (1, 1):  # one place, which differs from none
        differs = np.flatnonzero(strengths != strengths.min())
    order = np.argsort(-strengths[differs], kind="stable")[:count]
    best = differs[order].astype(np.int64)
    places = seen.places[best, unit]
    boxes = [seen.field.box(tuple(place)) for place in places.tolist()]
    cut = [_cut(given[k], box) for k, box in zip(best, boxes, strict=True)]
    shape = (*seen.field.size, given.shape[-1])
    return Patches(
        layer,
        unit,
        np.array([picture for picture, _ in cut], np.float32).reshape(-1, *shape),
        best,
        places,
        np.array(boxes, np.int64).reshape(-1, 4),
        strengths[best],
        np.array([share for _, share in cut], np.float64),
    )


def _by(sides: tuple[int, ...]) -> str:
    return " × ".join(map(str, sides))


def _cut(photo: NDArray[Any], box: tuple[int, ...]) -> tuple[Floats, float]:
    """Cut a box out of a photo; return it, and the share of it beyond the rim."""
    top, left, rows, columns = box
    made = np.full((rows, columns, photo.shape[-1]), _GRAY, np.float32)
    inside = np.s_[max(top, 0) : top + rows, max(left, 0) : left + columns]
    part = photo[inside]
    down, right = max(-top, 0), max(-left, 0)
    made[down : down + part.shape[0], right : right + part.shape[1]] = part
    return made, 1 - part.shape[0] * part.shape[1] / (rows * columns)


def _photos(model: keras.Model, value: ArrayLike) -> NDArray[Any]:
    """Return checked photos (N, H, W, C) of the shape that a model takes."""
    given = _arguments.array(value, "photos", finite=True)
    wanted = tuple(model.inputs[0].shape[1:])
    fits = given.ndim == len(wanted) + 1 == 4 and all(
        want in (None, have) for want, have in zip(wanted, given.shape[1:], strict=True)
    )
    if not fits:
        sides = ", ".join("any" if n is None else str(n) for n in wanted)
        need = f"Give (N, {sides}), as the model takes them"
        raise _arguments.refusal("photos", f"shape {given.shape}", need)
    return given


# ---- what the answers say ----


@dataclass(frozen=True, eq=False)
class Selectivity:
    """Which class excites each unit most, and by how much more than the others.

    Attributes
    ----------
    classes
        (C,) the class with the largest mean activation.
    index
        (C,) from 0, all classes alike, to 1, this class alone; NaN for a unit that is
        silent for all.
    means
        (classes, C) the mean activation for each class.
    """

    classes: Wholes
    index: Doubles
    means: Doubles


def selectivity(
    activations: ArrayLike, labels: ArrayLike, classes: int | None = None
) -> Selectivity:
    """Return for each unit the class that excites it most, and its selectivity index.

    The index is (μ - ν) / (μ + ν): μ is the mean activation for that class, ν the mean
    over the other classes' means. Measure it on photos that were not learned from.

    Parameters
    ----------
    activations
        (N, C), 0 or above: behind a ReLU, as `activation` gives them.
    labels
        (N,) classes of the samples, counted from 0.
    classes
        How many there are; None: as many as the labels say.

    Returns
    -------
    Selectivity

    Raises
    ------
    ValueError
        Negative activations, a class without a sample, numbers that differ.

    References
    ----------
    Morcos, Barrett, Rabinowitz & Botvinick, On the importance of single directions for
    generalization, arXiv 1803.06959. They also show that a network may do without its
    most selective units.

    Examples
    --------
    The first unit answers to class 1 alone, the second to both alike:

    >>> found = selectivity([[0, 2], [0, 2], [3, 2]], [0, 0, 1])
    >>> found.classes.tolist(), found.index.tolist()
    ([1, 0], [1.0, 0.0])
    """
    given = _activations(activations)
    true = _labels(labels, len(given))
    count = int(true.max()) + 1 if classes is None else classes
    count = _arguments.whole(count, "classes", max(2, int(true.max()) + 1))
    each = np.bincount(true, minlength=count)
    if not each.all():
        came = f"no sample of class {int(each.argmin())}"
        raise _arguments.refusal("labels", came, "Give samples of every class")
    if given.min() < 0:
        came = f"a negative one, {given.min():.4g}"
        need = "Give those of a layer behind its ReLU, or its probabilities"
        raise _arguments.refusal("activations", came, need)
    means = np.stack([given[true == k].mean(axis=0) for k in range(count)])
    best = means.argmax(axis=0)
    most = means.max(axis=0)
    others = (means.sum(axis=0) - most) / (count - 1)
    with np.errstate(invalid="ignore"):
        index = (most - others) / (most + others)
    return Selectivity(best.astype(np.int64), index, means)


def dead(activations: ArrayLike) -> NDArray[np.bool_]:
    """Say which units are 0 everywhere, for all samples.

    Parameters
    ----------
    activations
        (N, C) or (N, h, w, C), behind a ReLU. The more samples, the surer: one that
        none of a few excites may answer to another.

    Returns
    -------
    (C,) of bool

    Examples
    --------
    >>> dead([[0, 1, 0], [0, 0, 2]]).tolist()
    [True, False, False]
    """
    given = _arguments.array(activations, "activations", finite=True)
    if given.ndim not in (2, 4):
        came = f"shape {given.shape}"
        raise _arguments.refusal("activations", came, "Give (N, C) or (N, h, w, C)")
    return ~(given != 0).reshape(-1, given.shape[-1]).any(axis=0)


class Pair(NamedTuple):
    """Two units that are much alike.

    Attributes
    ----------
    first, second
        Their numbers, the smaller first.
    correlation
        Up to 1, the same but for a factor and a constant.
    """

    first: int
    second: int
    correlation: float


def duplicates(values: ArrayLike, least: float = 0.95) -> list[Pair]:
    """Find pairs of units, or filters, that are nearly the same.

    Parameters
    ----------
    values
        The last axis is the units': (N, C) or (N, h, w, C), what they answered; or a
        kernel (kh, kw, channels, filters).
    least
        The correlation from which on two count as the same, above 0, up to 1.

    Returns
    -------
    list of Pair
        The most alike first. What is the same everywhere, a dead unit for one, has no
        correlation and is in no pair.

    Raises
    ------
    ValueError
        Less than two axes, NaN, a `least` that is no share.

    Examples
    --------
    >>> duplicates([[1, 2, 3], [2, 4, 1], [3, 6.1, 0]])
    [Pair(first=0, second=1, correlation=0.9999...)]
    """
    given = _arguments.array(values, "values", finite=True)
    least = _arguments.real(least, "least", most=1, above=0)
    if given.ndim < 2:
        need = "Give (N, C), (N, h, w, C) or a kernel: the units are the last axis"
        raise _arguments.refusal("values", f"shape {given.shape}", need)
    flat = given.reshape(-1, given.shape[-1]).astype(np.float64)
    flat -= flat.mean(axis=0)
    lengths = np.linalg.norm(flat, axis=0)
    # What rounding leaves of a constant is no variation.
    varies = lengths > 1e-9 * np.abs(given).max() * len(flat) ** 0.5
    flat[:, varies] /= lengths[varies]
    alike = flat.T @ flat
    alike[~varies] = alike[:, ~varies] = 0
    first, second = np.nonzero(np.triu(alike >= least, 1))
    strong = np.minimum(alike[first, second], 1)
    found = map(Pair, first.tolist(), second.tolist(), strong.tolist())
    return sorted(found, key=lambda pair: -pair.correlation)


def _activations(value: ArrayLike) -> Doubles:
    given = _arguments.array(value, "activations", finite=True)
    if given.ndim != 2:
        need = "Give (N, C): probe.activation(maps) makes them"
        raise _arguments.refusal("activations", f"shape {given.shape}", need)
    return given.astype(np.float64)


def _labels(value: ArrayLike, count: int) -> Wholes:
    labels = _arguments.array(value, "labels")
    if labels.shape != (count,) or labels.dtype.kind not in "iu" or labels.min() < 0:
        came = f"{labels.dtype} of shape {labels.shape}"
        need = f"Give {count:,} whole numbers, classes counted from 0"
        raise _arguments.refusal("labels", came, need)
    return labels.astype(np.int64)
