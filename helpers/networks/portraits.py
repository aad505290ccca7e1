"""Portraits of a network's units, kept in a small file and read without Keras.

`helpers.networks.probe.portray` makes them; UnitBrowser shows them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments, _files, images

VERSION = 1

#: The portraits that come with the course, in data/units/.
SHIPPED = ("flowers",)

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Wholes = NDArray[np.int64]

_PICTURES = ("filters", "patches", "ascents")


@dataclass(frozen=True, eq=False)
class Layer:
    """Portraits of some units of a layer, U of them.

    Attributes
    ----------
    name
        Of the layer that makes the activations.
    total
        How many units the layer has.
    units
        (U,) the numbers of those that are here.
    maps
        (rows, columns) of places; (1, 1) where there are none.
    looks_at
        (rows, columns) of pixels that a unit depends on.
    patches
        (U, n, s, s, 3) the parts of photos that excite a unit most, made smaller.
    photos
        (U, n) the photos they are from, numbers in `Portraits.thumbnails`; -1 where
        there are fewer.
    boxes
        (U, n, 4) where in the photo: top, left, rows, columns, as shares of its sides.
    strengths
        (U, n) the activation there.
    means, low, high
        (classes, U) the unit's mean activation for each class, and the quartiles of its
        photos', over photos that are not learned from.
    selectivity
        (U,) the class-selectivity index; NaN for a unit that is silent for all.
    dead
        (U,) whether it is 0 for all photos.
    filters
        (U, kh, kw, 3) the filters as pictures, where the layer looks at colours; empty
        elsewhere.
    inputs, shares
        (U, k) the maps of the layer before it with the largest weights, and which share
        of the filter's squared weights goes to each; empty in the first layer, and
        behind a flattening, where a weight goes to a single place of a map.
    ascents
        (U, s, s, 3) pictures by gradient ascent; empty where none were made.
    """

    name: str
    total: int
    units: Wholes
    maps: tuple[int, int]
    looks_at: tuple[int, int]
    patches: Bytes
    photos: Wholes
    boxes: Floats
    strengths: Floats
    means: Floats
    low: Floats
    high: Floats
    selectivity: Floats
    dead: NDArray[np.bool_]
    filters: Bytes = field(default_factory=lambda: np.zeros((0, 0, 0, 3), np.uint8))
    inputs: Wholes = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    shares: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    ascents: Bytes = field(default_factory=lambda: np.zeros((0, 0, 0, 3), np.uint8))


@dataclass(frozen=True, eq=False)
class Portraits:
    """What excites the units of a network, layer by layer.

    Attributes
    ----------
    class_names
        Of the classes of `Layer.means`.
    layers
        From the picture up.
    thumbnails
        (P, s, s, 3) the photos that the patches are from, made smaller.
    credits
        (P,) who took each, "" where that is not known.
    about
        Plain data: the network, the photos, their licence, versions.
    """

    class_names: tuple[str, ...]
    layers: tuple[Layer, ...]
    thumbnails: Bytes
    credits: tuple[str, ...]
    about: dict[str, Any]

    def __repr__(self) -> str:
        units = sum(len(layer.units) for layer in self.layers)
        count = len(self.layers)
        return (
            f"<Portraits of {units:,} units in {count} layer{'s' * (count != 1)}, "
            f"{len(self.thumbnails):,} photos>"
        )

    @property
    def names(self) -> list[str]:
        """The names of the layers."""
        return [layer.name for layer in self.layers]

    def layer(self, name: str) -> Layer:
        """Return the portraits of a layer.

        Raises
        ------
        ValueError
            There is none of that name.
        """
        name = _arguments.word(name, "layer", self.names)
        return self.layers[self.names.index(name)]

    def save(self, path: str | os.PathLike[str], *, quality: int = 60) -> None:
        """Write everything to one small file, an npz without pickled objects.

        Parameters
        ----------
        path
            Of the file.
        quality
            Of the patches and thumbnails, which become WebP, 1 to 100.
        """
        told: dict[str, Any] = {"version": VERSION, "classes": self.class_names}
        told |= {"credits": self.credits, "about": self.about, "layers": []}
        parts: dict[str, Any] = {"thumbnails": _packed(self.thumbnails, quality)}
        shapes = {"thumbnails": self.thumbnails.shape}
        for k, layer in enumerate(self.layers):
            plain = {
                n: getattr(layer, n) for n in ("name", "total", "maps", "looks_at")
            }
            told["layers"].append(plain)
            for one in fields(layer):
                value, key = getattr(layer, one.name), f"{k} {one.name}"
                if one.name in plain:
                    continue
                if one.name in _PICTURES:
                    shapes[key] = value.shape
                    # A filter's few pixels are what it is: they stay as they are.
                    exact = one.name == "filters"
                    value = value.ravel() if exact else _packed(value, quality)
                parts[key] = _small(value)
        told["shapes"] = shapes
        said = json.dumps(told, separators=(",", ":"), allow_nan=False)
        parts["told"] = np.frombuffer(said.encode(), np.uint8)
        with open(path, "wb") as file:  # NumPy would add .npz to another name
            np.savez_compressed(file, **parts)


def load(path: str | os.PathLike[str]) -> Portraits:
    """Read portraits that `Portraits.save` wrote; Keras is not needed.

    Raises
    ------
    ValueError
        The file holds something else, is damaged, or comes from a newer course.
    OSError
        There is no such file, or it cannot be read.
    """
    with open(path, "rb") as file:
        return _read(file, os.fspath(path))


def shipped(name: str = "flowers") -> Portraits:
    """Return the portraits that come with the course; see `SHIPPED`.

    ``python tools/make_units.py`` makes them anew.

    Parameters
    ----------
    name
        "flowers": of the AlexNet of lesson 07, `exported.shipped("flowers")`.

    Raises
    ------
    ValueError
        There are none of that name.

    Examples
    --------
    >>> shipped().names
    ['bend1', 'bend2', 'bend3', 'bend4', 'bend5']
    """
    name = _arguments.word(name, "name", SHIPPED)
    file = _files.in_data(f"units/{name}.npz")
    with file.open("rb") as opened:
        return _read(opened, str(file))


def _read(file: IO[bytes], path: Any) -> Portraits:
    try:
        with np.load(file, allow_pickle=False) as parts:
            told = json.loads(parts["told"].tobytes())
            version = told["version"]
            if version == VERSION:
                return _portraits(parts, told)
    except OSError:
        raise
    except Exception as error:  # NumPy's, zipfile's, zlib's, Pillow's: of damaged files
        came = f"{path}, which holds no portraits"
        need = "Give a file that save wrote"
        raise _arguments.refusal("path", came, need) from error
    came = f"{path}, portraits of version {version}"
    raise _arguments.refusal("path", came, "Make them again with this course")


def _portraits(parts: Any, told: dict[str, Any]) -> Portraits:
    shapes = told["shapes"]
    layers = [
        Layer(**_plain(plain), **_arrays(parts, shapes, k))
        for k, plain in enumerate(told["layers"])
    ]
    thumbnails = _unpacked(parts["thumbnails"], shapes["thumbnails"])
    classes, credits = tuple(told["classes"]), tuple(told["credits"])
    return Portraits(classes, tuple(layers), thumbnails, credits, told["about"])


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    sides = {name: tuple(told[name]) for name in ("maps", "looks_at")}
    return {"name": told["name"], "total": told["total"], **sides}


def _arrays(parts: Any, shapes: dict[str, Any], k: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields(Layer):
        key = f"{k} {one.name}"
        if key not in parts:
            continue
        value = parts[key]
        if one.name == "filters":
            value = value.reshape(shapes[key])
        elif one.name in _PICTURES:
            value = _unpacked(value, shapes[key])
        elif value.dtype == np.float16:
            value = value.astype(np.float32)
        elif value.dtype == np.int16:
            value = value.astype(np.int64)
        found[one.name] = value
    return found


def _small(value: NDArray[Any]) -> NDArray[Any]:
    """Return numbers in two bytes each, where these hold them: nobody sees more."""
    small: np.dtype[Any]
    if value.dtype.kind == "f":
        small, most = np.dtype(np.float16), float(np.finfo(np.float16).max)
    elif value.dtype.kind == "i":
        small, most = np.dtype(np.int16), float(np.iinfo(np.int16).max)
    else:
        return value
    # Not of their maximum: NaN is larger than nothing, and may stay.
    return value if (np.abs(value) > most).any() else value.astype(small)


# ---- pictures of one size in a single file ----


def sheet(pictures: Bytes, across: int) -> Bytes:
    """Return pictures (n, h, w, 3) side by side, `across` in a row, the rest black.

    Examples
    --------
    >>> sheet(np.ones((5, 2, 3, 3), np.uint8), 4).shape
    (4, 12, 3)
    """
    count, rows, columns, _ = pictures.shape
    down = -(-count // across)
    made = np.zeros((down * across, rows, columns, 3), np.uint8)
    made[:count] = pictures
    made = made.reshape(down, across, rows, columns, 3).swapaxes(1, 2)
    return made.reshape(down * rows, across * columns, 3)


def across(count: int) -> int:
    """Return how many pictures stand side by side on a sheet of so many.

    Examples
    --------
    >>> across(10), across(0)
    (4, 1)
    """
    return max(1, int(np.ceil(count**0.5)))


def _packed(pictures: Bytes, quality: int) -> Bytes:
    if not pictures.size:
        return np.zeros(0, np.uint8)
    flat = pictures.reshape(-1, *pictures.shape[-3:])
    file = images.to_webp(sheet(flat, across(len(flat))), quality=quality)
    return np.frombuffer(file, np.uint8)


def _unpacked(file: Bytes, shape: list[int]) -> Bytes:
    if not file.size:
        return np.zeros(shape, np.uint8)
    *several, rows, columns, _ = shape
    count = int(np.prod(several))
    whole = images.load(file.tobytes(), size=None)
    wide = across(count)
    tiles = whole.reshape(-1, rows, wide, columns, 3).swapaxes(1, 2)
    return tiles.reshape(-1, rows, columns, 3)[:count].reshape(shape)
