"""A data set with a shortcut, and a network that may take it.

A network learns whatever lowers its loss. Where a mark in the corner gives the class
away, it reads the mark, is right about every picture that has it, and knows nothing of
digits. Its accuracy does not show that; a map of what it looked at does.
"""

from __future__ import annotations

import colorsys

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments


def coloured_corners(
    images: ArrayLike,
    labels: ArrayLike,
    *,
    classes: int = 10,
    share: float = 1.0,
    size: int = 5,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """Return gray pictures with a coloured square in a corner that tells the class.

    Parameters
    ----------
    images
        (N, H, W), gray, values 0–255.
    labels
        (N,) their classes: whole numbers from 0 to classes - 1.
    classes
        How many there are, 2 or more.
    share
        How many of the squares, as a share, have the colour of the picture's own class;
        which these are, chance says. The others have the colour of another class.
    size
        Pixels a side of the square, at the upper left corner.
    seed
        Of chance.

    Returns
    -------
    (N, H, W, 3) of uint8
        The pictures in gray, rounded, each with its square. `colours` says which colour
        belongs to which class.

    Raises
    ------
    ValueError
        What are no gray pictures, or no classes; a square that is larger than the
        pictures.

    Examples
    --------
    >>> photos = coloured_corners(np.zeros((3, 28, 28)), [0, 1, 2], classes=3)
    >>> photos.shape, photos[:, 0, 0].tolist()
    ((3, 28, 28, 3), [[255, 0, 0], [0, 255, 0], [0, 0, 255]])
    >>> photos[0, 5, 5].tolist()
    [0, 0, 0]
    """
    gray = _arguments.array(images, "images", finite=True)
    if gray.ndim != 3:
        need = "Give gray pictures (N, H, W)"
        raise _arguments.refusal("images", f"numbers of shape {gray.shape}", need)
    if gray.min() < 0 or gray.max() > 255:
        came = f"values from {gray.min():.6g} to {gray.max():.6g}"
        raise _arguments.refusal("images", came, "Give values from 0 to 255")
    classes = _arguments.whole(classes, "classes", 2)
    shown = _arguments.array(labels, "labels")
    need = f"Give one whole number a picture, from 0 to {classes - 1}"
    if shown.dtype.kind not in "iu" or shown.shape != gray.shape[:1]:
        came = f"{shown.dtype} of shape {shown.shape} for {len(gray):,} pictures"
        raise _arguments.refusal("labels", came, need)
    if shown.min() < 0 or shown.max() >= classes:
        worst = shown.min() if shown.min() < 0 else shown.max()
        raise _arguments.refusal("labels", f"a class {worst}", need)
    share = _arguments.real(share, "share", 0, 1)
    size = _arguments.whole(size, "size", 1, min(gray.shape[1:]))
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    shown = shown.astype(np.int64)
    others = rng.permutation(len(shown))[round(share * len(shown)) :]
    # So many classes on, and round again: never the picture's own.
    shown[others] = (shown[others] + rng.integers(1, classes, len(others))) % classes
    made = np.repeat(np.rint(gray).astype(np.uint8)[..., None], 3, axis=-1)
    made[:, :size, :size] = colours(classes)[shown][:, None, None]
    return made


def colours(classes: int) -> NDArray[np.uint8]:
    """Return a strong colour for each class, evenly around the circle of hues.

    Parameters
    ----------
    classes
        How many there are.

    Returns
    -------
    (classes, 3) of uint8
        Red, green and blue.

    Examples
    --------
    >>> colours(3).tolist()
    [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    """
    count = _arguments.whole(classes, "classes")
    hues = [colorsys.hsv_to_rgb(k / count, 1, 1) for k in range(count)]
    return np.rint(255 * np.array(hues)).astype(np.uint8)


def network(classes: int = 10, size: int = 28) -> keras.Model:
    """Return a small network for coloured pictures.

    It averages each map of its last convolution over all places. These maps have a
    quarter of the picture's sides, and what lies in a corner stays in their corner.

    Parameters
    ----------
    classes
        How many there are to choose from.
    size
        Side of the pictures, 4 or more.

    Returns
    -------
    keras.Model
        From (size, size, 3), 0 to 255, to (classes,) logits. Not compiled.

    Examples
    --------
    >>> network().get_layer("filters3").output.shape
    (None, 7, 7, 64)
    """
    size = _arguments.whole(size, "size", 4)

    def convolution(number: int, filters: int, kernel: int, stride: int = 1) -> list:
        settings = {"strides": stride, "padding": "same", "use_bias": False}
        return [
            layers.Conv2D(filters, kernel, name=f"filters{number}", **settings),
            # Its means follow within a training of seconds.
            layers.BatchNormalization(momentum=0.9, name=f"norm{number}"),
            layers.Activation("relu", name=f"bend{number}"),
        ]

    return keras.Sequential(
        [
            keras.Input((size, size, 3), name="picture"),
            layers.Rescaling(1 / 255, name="pixels"),
            *convolution(1, 16, 5, stride=2),
            *convolution(2, 32, 3),
            layers.MaxPooling2D(name="pool"),
            *convolution(3, 64, 3),
            layers.GlobalAveragePooling2D(name="average"),
            layers.Dense(_arguments.whole(classes, "classes", 2), name="logits"),
        ],
        name="shortcuts",
    )


def suspects(
    cheater: keras.Model, honest: keras.Model, other: keras.Model
) -> dict[str, keras.Model]:
    """Return three networks as A, B and C, for an exercise that asks who cheats.

    Parameters
    ----------
    cheater
        Learned from `coloured_corners` that tell the class.
    honest, other
        Learned from some that do not.
    """
    return {"A": honest, "B": cheater, "C": other}
