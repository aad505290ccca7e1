"""Photographs to work on: samples that need no download, and the learner's own.

A gray image is an array (H, W), a colour image (H, W, 3) with red, green and blue
planes; values run from 0 (black) to 255 (white).

>>> from helpers import images
>>> images.photo("astronaut", size=256).shape
(256, 256)
>>> images.photo("astronaut", size=256, colour=True).shape
(256, 256, 3)

A picture of Pillow's is taken wherever an array is, in the colours that it shows.

The samples come inside scikit-image and scikit-learn. They are read straight from their
folders, because importing either takes longer than reading a picture.
"""

import contextlib
import functools
import gzip
import importlib.util
import io
import math
import os
import re
import stat
import urllib.parse
import warnings
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from helpers import _arguments, _files

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "add_noise",
    "credit",
    "digit",
    "digits",
    "enlarged",
    "gray",
    "load",
    "names",
    "photo",
    "quantise",
    "square",
    "to_png",
    "to_webp",
    "white",
]

Pixels = NDArray[np.uint8]

#: `load` refuses pictures with more pixels than this. A phone's 50-megapixel photo
#: passes. Pillow decodes to four bytes a pixel: 256 MB for so many.
MAX_PIXELS = 64_000_000

#: `load` refuses files larger than this, in bytes.
MAX_BYTES = 100_000_000

#: What Pillow may try to read. Formats that start other programs stay out.
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")

# What a file says it is, in its first box: the brands of ISO 14496-12.
_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# The camera's rotation mark (EXIF), and what makes the picture upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's modes by what they hold; whatever follows a ";" (as in I;16) left out.
_GRAY_MODES = ("1", "L", "LA", "La", "I", "F")
_CLEAR_MODES = ("LA", "La", "PA", "RGBA", "RGBa")

_GRAY_WEIGHTS = np.array([0.2125, 0.7154, 0.0721])  # of red, green and blue

_SIDE = 1024  # pixels of a large picture that are worked on at a time, down and across


_COURSE = "the course"  # where a photo comes from that scikit-image has not


class _Photo(NamedTuple):
    file: str
    credit: str
    source: str = "scikit-image"


# What scikit-image's documentation says of each of its pictures.
_PHOTOS = {
    "astronaut": _Photo(
        "astronaut.png",
        "Eileen Collins, astronaut. Photograph: NASA, Great Images collection; "
        "no known copyright restrictions, public domain.",
    ),
    "chelsea": _Photo(
        "chelsea.png", "Chelsea the cat. Photograph: Stefan van der Walt; CC0."
    ),
    "coffee": _Photo(
        "coffee.png",
        "A cup at Pikolo Espresso Bar. Photograph: Rachel Michetti; CC0.",
    ),
    "rocket": _Photo(
        "rocket.jpg",
        "Launch of DSCOVR on a Falcon 9. Photograph: SpaceX; public domain.",
    ),
    "camera": _Photo(
        "camera.png", "A man with a camera. Photograph: Lav Varshney; CC0."
    ),
    "coins": _Photo(
        "coins.png",
        "Greek coins from Pompeii. Photograph: Brooklyn Museum Collection; "
        "no known copyright restrictions.",
    ),
    "brick": _Photo("brick.png", "A brick wall. Photograph: CC0Textures; CC0."),
    "grass": _Photo("grass.png", "Grass. Photograph: linolafett, DeviantArt; CC0."),
    "sunflower": _Photo(
        "sunflower.jpg",
        "A sunflower. Photograph: Rob Young, flickr.com/photos/rob-young/1240624822, "
        "cut to a square; CC BY 2.0.",
        _COURSE,
    ),
    "starry_night": _Photo(
        "starry_night.jpg",
        "The Starry Night, 1889. Painting: Vincent van Gogh, scaled down; "
        "public domain.",
        _COURSE,
    ),
}

_DIGITS = _Photo(
    "digits.csv.gz",
    "Handwritten digits, 8 × 8 pixels. E. Alpaydin and C. Kaynak (1998), Optical "
    "Recognition of Handwritten Digits, UCI Machine Learning Repository; CC BY 4.0.",
)

_OWN_PHOTO = "for a photo of your own there is images.load"

# MNIST draws its digits into a box of 20 × 20 pixels, in the middle of 28 × 28.
_BOX = 20 / 28


def names() -> list[str]:
    """Return the names of the samples; the first four are photographs in colour.

    "starry_night" is a painting.

    Examples
    --------
    >>> names()[:4]
    ['astronaut', 'chelsea', 'coffee', 'rocket']
    """
    return list(_PHOTOS)


def credit(name: str) -> str:
    """Say what a sample shows, who took it, and under which licence.

    Parameters
    ----------
    name
        One of `names`, or "digit".

    Raises
    ------
    ValueError
        For a name that is not among them.

    Examples
    --------
    >>> credit("camera")
    'A man with a camera. Photograph: Lav Varshney; CC0. It comes with scikit-image.'
    """
    known = _arguments.word(name, "name", [*_PHOTOS, "digit"], _OWN_PHOTO)
    if known == "digit":
        return f"{_DIGITS.credit} They come with scikit-learn."
    return f"{_PHOTOS[known].credit} It comes with {_PHOTOS[known].source}."


def photo(
    name: str = "astronaut", *, size: int | None = None, colour: bool = False
) -> Pixels:
    """Return a sample photograph, cut to a square.

    Parameters
    ----------
    name
        One of `names`.
    size
        Side of the square in pixels. Left out, as large as the photograph allows
        (300 to 512).
    colour
        True for red, green and blue planes. A photograph that was taken in gray has
        three equal ones.

    Returns
    -------
    ndarray of uint8, (size, size) or (size, size, 3)
        A fresh array, values 0–255.

    Raises
    ------
    ValueError
        For a name or size that cannot be had.

    Examples
    --------
    >>> cat = photo("chelsea", size=128)
    >>> cat.shape, cat.dtype
    ((128, 128), dtype('uint8'))
    """
    entry = _PHOTOS[_arguments.word(name, "name", _PHOTOS, _OWN_PHOTO)]
    if size is not None:
        size = _arguments.whole(size, "size", 1, 4096)
    picture = _ours(entry.file) if entry.source == _COURSE else _sample(entry.file)
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    picture = picture.crop((left, top, left + side, top + side))
    pixels = np.asarray(picture)
    if not colour:
        pixels = gray(pixels)
    elif pixels.ndim == 2:
        pixels = np.stack([pixels] * 3, axis=-1)
    if size is None or size == side:
        return pixels.copy()
    return np.array(_resized(Image.fromarray(pixels), (size, size)))


def digit(label: int, *, index: int = 0, size: int = 28) -> Pixels:
    """Return a handwritten digit, white on black, with margins like MNIST's.

    The digits are scikit-learn's: 1,797 of them, written by 13 people, 8 × 8 pixels
    with 17 grays. They are enlarged smoothly to 20/28 of the picture and stand in its
    middle, as in MNIST, but they stay softer than real digits of 28 × 28 pixels.
    `credit("digit")` names source and licence (CC BY 4.0).

    Parameters
    ----------
    label
        Which digit, 0 to 9.
    index
        Which of those with this label, from 0 on; there are about 180 of each.
    size
        Side of the square in pixels, from 8 on.

    Returns
    -------
    ndarray of uint8, (size, size)
        A fresh array, values 0–255.

    Raises
    ------
    ValueError
        For a label, index or size that cannot be had.
    ModuleNotFoundError
        Where scikit-learn is not installed.

    Examples
    --------
    >>> seven = digit(7)
    >>> seven.shape, seven.dtype
    ((28, 28), dtype('uint8'))
    """
    label = _arguments.whole(label, "label", 0, 9)
    size = _arguments.whole(size, "size", 8, 4096)
    pixels, labels = _digits()
    found = np.flatnonzero(labels == label)
    index = _arguments.whole(index, "index", 0, len(found) - 1)
    picture = np.empty((size, size), np.uint8)
    _enlarge(pixels[found[index]], picture)
    return picture


def digits(*, size: int = 28) -> tuple[Pixels, NDArray[np.int64]]:
    """Return all 1,797 handwritten digits of scikit-learn, as `digit` gives one.

    Parameters
    ----------
    size
        Side of the squares in pixels, from 8 on.

    Returns
    -------
    ndarray of uint8, (1797, size, size)
        Fresh, values 0–255, in scikit-learn's order.
    ndarray of int64, (1797,)
        Which digits they are.

    Raises
    ------
    ValueError
        For a size that cannot be had.
    ModuleNotFoundError
        Where scikit-learn is not installed.

    Examples
    --------
    >>> pictures, labels = digits()
    >>> pictures.shape, labels[:5]
    ((1797, 28, 28), array([0, 1, 2, 3, 4]))
    """
    size = _arguments.whole(size, "size", 8, 4096)
    pixels, labels = _digits()
    pictures = np.empty((len(pixels), size, size), np.uint8)
    for picture, small in zip(pictures, pixels, strict=True):
        _enlarge(small, picture)
    return pictures, labels.astype(np.int64)


def _enlarge(pixels: Pixels, picture: Pixels) -> None:
    """Bring a digit of 8 × 8 with values 0–16 into the middle of a larger square."""
    # With a rim of black, so that strokes that reach the border end round, not cut off.
    grays = np.zeros((10, 10))
    grays[1:-1, 1:-1] = pixels * (255 / 16)
    small = Image.fromarray(np.rint(grays).astype(np.uint8))
    size = len(picture)
    side = round(size * _BOX * 10 / 8)
    start = (size - side) // 2
    picture[:] = 0
    enlarged = small.resize((side, side), Image.Resampling.BICUBIC)
    picture[start : start + side, start : start + side] = np.asarray(enlarged)


def gray(image: ArrayLike | Image.Image) -> NDArray[Any]:
    """Turn colour into gray: 0.2125 red + 0.7154 green + 0.0721 blue.

    The weights are those of scikit-image's ``rgb2gray``, very close to ITU-R BT.709's:
    our eyes see green as far brighter than blue. The scale stays what it was, 0–255.

    Parameters
    ----------
    image
        (H, W, 3) with red, green and blue last; a gray (H, W) comes back as it is. Or a
        picture of Pillow's.

    Returns
    -------
    ndarray, (H, W)
        A new array: uint8, rounded, for uint8; float64 for everything else.

    Raises
    ------
    ValueError
        For any other shape, or for entries that are not real numbers.

    Examples
    --------
    >>> gray([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]]).round(1)
    array([[ 54.2, 182.4,  18.4]])
    """
    array = _picture(image)
    if array.ndim == 2:
        return array.astype(np.uint8 if array.dtype == np.uint8 else np.float64)
    if array.dtype != np.uint8:
        return (array @ _GRAY_WEIGHTS).astype(np.float64, copy=False)
    pixels = array.reshape(-1, 3)
    mixed = np.empty(len(pixels), np.uint8)
    for start in range(0, len(pixels), _SIDE**2):  # as floats, all would take 24 B each
        part = slice(start, start + _SIDE**2)
        mixed[part] = np.rint(pixels[part] @ _GRAY_WEIGHTS)
    return mixed.reshape(array.shape[:2])


def enlarged(
    found: ArrayLike, shape: tuple[int, ...], cell: float | None = None
) -> NDArray[np.float32]:
    """Return a map at the size of a picture, straight lines between its places.

    Parameters
    ----------
    found
        (h, w) numbers, as a layer or a map of what a network looked at has them.
    shape
        Of the picture, no smaller than the map: (H, W), or (H, W, C).
    cell
        How many pixels of the picture, down and across, belong to each number, from the
        upper left corner on; the last ones may reach beyond the picture. None: all are
        as large, and together they are the picture.

    Returns
    -------
    (H, W) of float32
        Each number stands in the middle of the part of the picture that belongs to it.

    Raises
    ------
    ValueError
        What is no map, or no shape of a picture; cells that do not cover it.

    Examples
    --------
    >>> enlarged([[0, 4]], (1, 4)).tolist()
    [[0.0, 1.0, 3.0, 4.0]]
    >>> enlarged([[0, 4]], (1, 3), cell=2).tolist()
    [[0.0, 1.0, 3.0]]
    """
    array = _arguments.array(found, "found").astype(np.float32)
    if array.ndim != 2:
        need = "Give a map (rows, columns)"
        raise _arguments.refusal("found", f"numbers of shape {array.shape}", need)
    if not _arguments.is_sequence(shape) or len(shape) not in (2, 3):
        need = "Give that of a picture, (H, W) or (H, W, C)"
        raise _arguments.refusal("shape", _arguments.shown(shape), need)
    height, width = (_arguments.whole(side, "shape") for side in shape[:2])
    box = None
    if cell is not None:
        cell = _arguments.real(cell, "cell", 1)
        rows, columns = array.shape
        if rows * cell < height or columns * cell < width:
            came = f"{cell:g} for {rows} × {columns} numbers"
            need = f"Give one with which these cover {height} × {width} pixels"
            raise _arguments.refusal("cell", came, need)
        box = (0, 0, width / cell, height / cell)
    way = Image.Resampling.BILINEAR
    return np.array(Image.fromarray(array).resize((width, height), way, box))


def quantise(image: ArrayLike | Image.Image, levels: int) -> NDArray[Any]:
    """Round every value to one of a few evenly spaced levels from black to white.

    Parameters
    ----------
    image
        Any shape. White is 255, or 1 where no value is above 1, as `white` has it.
        What lies outside is cut off.
    levels
        How many levels are left, 2 to 256. With 2, every value becomes black or white.

    Returns
    -------
    ndarray
        A new array of the same shape: uint8 for uint8, otherwise float64. NaN stays.

    Raises
    ------
    ValueError
        For levels that are not a whole number from 2 to 256.

    Examples
    --------
    >>> quantise([0, 60, 100, 200, 255], 4)
    array([  0.,  85.,  85., 170., 255.])
    >>> quantise([0, 0.3, 0.7, 1], 3)
    array([0. , 0.5, 0.5, 1. ])
    """
    levels = _arguments.whole(levels, "levels", 2, 256)
    array = _numbers(image)
    top = white(array)
    step = top / (levels - 1)
    rounded = np.rint(np.clip(array.astype(np.float64), 0, top) / step) * step
    return np.rint(rounded).astype(np.uint8) if array.dtype == np.uint8 else rounded


def add_noise(
    image: ArrayLike | Image.Image, sigma: float, *, seed: int = 0
) -> NDArray[np.float64]:
    """Add Gaussian noise: every value moves up or down by its own random amount.

    The result is not cut off at black and white. Cutting would push the noise in dark
    places up and in bright places down, and its mean would no longer be 0. Pictures
    drawn by `plots.images` cut it for display only.

    Parameters
    ----------
    image
        Any shape.
    sigma
        Standard deviation of the noise, on the picture's own scale: where white is 255,
        0 is none and 25 is strong; where white is 1, 0.1 is.
    seed
        A whole number from 0 on. The same seed gives the same noise.

    Returns
    -------
    ndarray of float64
        A new array of the same shape.

    Raises
    ------
    ValueError
        For a sigma that is not a number from 0 on, for another seed.

    Examples
    --------
    >>> add_noise([[100, 100]], sigma=10, seed=1).round(1)
    array([[103.5, 108.2]])
    """
    sigma = _arguments.real(sigma, "sigma", 0)
    random = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    array = _numbers(image).astype(np.float64)
    return array + sigma * random.standard_normal(array.shape)


def principal_colours(photos: ArrayLike) -> NDArray[np.float64]:
    """Return the directions in which the colours of photos differ most.

    The principal components of all pixels, each as long as one standard deviation of
    the pixels along it. AlexNet's colour augmentation moves along them (Krizhevsky,
    Sutskever and Hinton 2012, section 4.1), see
    `helpers.networks.augmentation.ColourJitter`.

    The paper multiplies by eigenvalues, which are squares of lengths, for pixels on a
    scale that it does not name; on 0 to 255 such shifts would leave no picture. A
    standard deviation has the unit of a pixel on every scale.

    Parameters
    ----------
    photos
        (…, 3), red, green and blue.

    Returns
    -------
    (3, 3) of float64
        A row a direction, the longest first, in the unit of the pixels; its sum is
        not below 0.

    Raises
    ------
    ValueError
        No colours, or fewer than two pixels.

    Examples
    --------
    >>> principal_colours([[0, 0, 0], [10, 10, 10]]).round(1) + 0
    array([[5., 5., 5.],
           [0., 0., 0.],
           [0., 0., 0.]])
    """
    colours = _numbers(photos, finite=True)
    if colours.ndim < 2 or colours.shape[-1] != 3 or colours.size < 6:
        need = "Give pixels of red, green and blue: (…, 3), two or more"
        raise _arguments.refusal("photos", f"shape {colours.shape}", need)
    pixels = colours.reshape(-1, 3)
    # In pieces: as floats, a set of photos would take eight times its memory.
    count, total, products = len(pixels), np.zeros(3), np.zeros((3, 3))
    middle = pixels[:: max(1, count // 1000)].mean(axis=0, dtype=np.float64)
    for start in range(0, count, 1_000_000):
        part = pixels[start : start + 1_000_000] - middle
        total += part.sum(axis=0)
        products += part.T @ part
    mean = total / count
    sizes, axes = np.linalg.eigh(products / count - np.outer(mean, mean))
    order = np.argsort(sizes)[::-1]
    axes = axes.T[order] * np.sqrt(np.maximum(sizes[order], 0))[:, np.newaxis]
    return axes * np.where(axes.sum(axis=1, keepdims=True) < 0, -1, 1)


def load(source: Any, *, size: int | None = 512, colour: bool = True) -> Pixels:
    """Read a photo of your own: a JPEG or PNG (also GIF, WebP, BMP, TIFF).

    It comes upright (the camera's rotation mark is obeyed), with anything transparent
    laid on white, and shrunk to a handy size. Deeper pixels than 8 bits are scaled:
    16 bits from 0–65535; other whole numbers from 0–255 where none is larger, else from
    0–65535; fractions from 0–1, else from 0–255; what fits nowhere, from its own
    smallest and largest. AVIF is read where the Pillow installed here can.

    Parameters
    ----------
    source
        A path; the bytes of a file; an open binary file, which is read from its start;
        a picture of Pillow's; or an ``ipywidgets.FileUpload`` or its ``value``, of
        ipywidgets 7 or 8.
    size
        The longer side has at most this many pixels afterwards; smaller photos stay as
        they are. None keeps every size.
    colour
        False for gray.

    Returns
    -------
    ndarray of uint8, (H, W, 3) or (H, W)
        Values 0–255.

    Raises
    ------
    FileNotFoundError
        Where there is no file of that name.
    ValueError
        For anything that cannot be read as a picture: another kind of file, one that is
        empty or cut short, a folder, more than `MAX_PIXELS` pixels. The message says
        what came and what to do.

    Notes
    -----
    While it is read, a picture takes 4 bytes a pixel (palettes 1, deep grays 2 or 4),
    and its file as it is: 240 MB for a PNG of 50 megapixels, at any `size`. A JPEG is
    decoded smaller from the start, 20 MB. ``size=None`` adds what is returned, 3 bytes
    a pixel in colour and 1 in gray, and as much again where it must be turned.

    Examples
    --------
    >>> load(to_png(photo("camera", size=64))).shape
    (64, 64, 3)
    """
    if size is not None:
        size = _arguments.whole(size, "size", 1, 4096)
    given = isinstance(source, Image.Image)
    if given and 0 in source.size:
        raise _arguments.refusal("source", "a picture without pixels", "Give another")
    data, label = (b"", "The picture") if given else _read(source)
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # Pillow's, in its own words
            contextlib.nullcontext(source)
            if given
            else Image.open(io.BytesIO(data), formats=_formats(data)) as picture,
        ):
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise _TooLarge(width, height)
            if size is not None and not given:
                # A JPEG can be read at 1/2, 1/4, 1/8 of its size: less time and memory.
                picture.draft(None, (size, size))
            picture.load()
            return _upright(picture, _eight_bits(picture, size, colour))
    except _TooLarge as error:
        raise ValueError(
            f"{label} has {error.width:,} × {error.height:,} pixels, which is more "
            f"than the {MAX_PIXELS // 10**6} million we read here. Make it smaller in "
            "a photo program and try again."
        ) from None
    except Image.DecompressionBombError:
        raise ValueError(
            f"{label} has more than the {MAX_PIXELS // 10**6} million pixels we read "
            "here. Make it smaller in a photo program and try again."
        ) from None
    except UnidentifiedImageError:
        raise ValueError(f"{label} {_what_else(data)}") from None
    except Exception as error:  # Pillow's readers raise many kinds on damaged files
        raise ValueError(
            f"{label} starts like a picture, but can't be read to its end: it is cut "
            f"short or damaged ({error}). Fetch or save it again."
        ) from None


def square(
    image: ArrayLike | Image.Image,
    size: int,
    *,
    part: tuple[int, int, int] | None = None,
) -> Pixels:
    """Cut a square out of a photo and scale it, as networks take their photos.

    Where it is made smaller, each new pixel is a weighted mean of all those it stands
    for (Pillow's Hamming filter); where it is enlarged, a smooth curve goes through the
    pixels (bicubic). In an explorer's page ``parts/scaling.js`` gives the very same
    bytes.

    Parameters
    ----------
    image
        (H, W) or (H, W, 3), values 0–255; what lies outside is cut off.
    size
        Pixels a side of what is returned, 1 to 4096.
    part
        (row, column, side) of the square, in pixels of the photo; None for the largest
        one in its middle.

    Returns
    -------
    ndarray of uint8, (size, size) or (size, size, 3)
        A fresh array.

    Raises
    ------
    ValueError
        For no photo, another size, or a part that is not inside the photo.

    Examples
    --------
    >>> square(photo("coffee", colour=True), 64).shape
    (64, 64, 3)
    >>> square([[0, 10, 20, 30], [40, 50, 60, 70]], 2)
    array([[10, 20],
           [50, 60]], dtype=uint8)
    >>> square([[0, 10, 20, 30], [40, 50, 60, 70]], 1, part=(1, 3, 1))
    array([[70]], dtype=uint8)
    """
    size = _arguments.whole(size, "size", 1, 4096)
    pixels = _picture(image, finite=True)
    if pixels.dtype != np.uint8:
        pixels = np.rint(np.clip(pixels, 0, 255)).astype(np.uint8)
    height, width = pixels.shape[:2]
    if part is None:
        side = min(height, width)
        row, column = (height - side) // 2, (width - side) // 2
    else:
        row, column, side = _part_inside(part, height, width)
    cut = Image.fromarray(pixels[row : row + side, column : column + side])
    way = Image.Resampling.HAMMING if side > size else Image.Resampling.BICUBIC
    return np.array(cut.resize((size, size), way))


def _part_inside(part: Any, height: int, width: int) -> tuple[int, int, int]:
    """Return (row, column, side) of a square that lies inside a photo."""
    given = tuple(part) if _arguments.is_sequence(part) else ()
    whole = len(given) == 3 and all(map(_arguments.is_whole, given))
    row, column, side = map(int, given) if whole else (0, 0, 0)
    fits = row >= 0 and column >= 0 and row + side <= height and column + side <= width
    if side < 1 or not fits:
        need = f"Give (row, column, side) of a square inside {height} × {width} pixels"
        raise _arguments.refusal("part", _arguments.shown(part), need)
    return row, column, side


def to_png(image: ArrayLike | Image.Image) -> bytes:
    r"""Return an image as the bytes of a PNG file.

    Parameters
    ----------
    image
        (H, W) or (H, W, 3). White is 255, or 1 where no value is above 1; uint8 is
        0–255, whatever it holds. Fractions are rounded, what lies outside is cut off.

    Raises
    ------
    ValueError
        For any other shape, for NaN, or for an array without pixels.

    Examples
    --------
    >>> to_png([[0, 255]])[:4]
    b'\x89PNG'
    """
    file = io.BytesIO()
    Image.fromarray(_bytes(image)).save(file, "png")
    return file.getvalue()


def to_webp(image: ArrayLike | Image.Image, *, quality: int | None = 85) -> bytes:
    """Return an image as the bytes of a WebP file: a tenth of its bytes, or less.

    What is lost is seen where neighbouring pixels have nothing to do with each other.
    Without any loss a photo takes half of its bytes, or more.

    Parameters
    ----------
    image
        As for `to_png`; `load` reads it again.
    quality
        From 1 to 100; None where nothing may be lost.

    Raises
    ------
    ValueError
        For any other shape, for NaN, for another quality.

    Examples
    --------
    >>> file = to_webp(photo("coffee", size=64, colour=True))
    >>> file[8:12], len(file) < 64 * 64 * 3 / 4
    (b'WEBP', True)
    """
    how: dict[str, Any] = {"lossless": True, "method": 2}  # more takes long
    if quality is not None:
        quality = _arguments.whole(quality, "quality", 1, 100)
        how = {"quality": quality, "method": 6}
    file = io.BytesIO()
    Image.fromarray(_bytes(image)).convert("RGB").save(file, "webp", **how)
    return file.getvalue()


def white(image: ArrayLike) -> float:
    """Return the value that is white: 255, or 1 where no value is above 1.

    A photo runs from 0 to 255, or, as many libraries have it, from 0 to 1. Which of the
    two is told from the values alone, in the same way everywhere in the course; NaN and
    infinity don't count.

    Parameters
    ----------
    image
        Any shape.

    Returns
    -------
    float
        255.0 or 1.0.

    Examples
    --------
    >>> white([[0, 60], [255, 3]]), white([[0.25, 1.0]])
    (255.0, 1.0)
    """
    values = np.asarray(image)
    return 255.0 if ((values > 1) & np.isfinite(values)).any() else 1.0


class _TooLarge(Exception):  # noqa: N818  (never leaves this module)
    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height


def _ours(file: str) -> Image.Image:
    """Open a picture of data/, in mode RGB."""
    with _files.in_data(file).open("rb") as opened, Image.open(opened) as picture:
        return picture.convert("RGB")


def _sample(file: str) -> Image.Image:
    """Open a picture of scikit-image's, in mode L or RGB."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "The sample photos come with scikit-image, which is not installed here. "
            "Run: pip install scikit-image"
        )
    path = Path(spec.submodule_search_locations[0]) / "data" / file
    if path.exists():
        with Image.open(path) as picture:
            return picture.convert("L" if picture.mode in ("1", "L") else "RGB")
    from skimage import data  # a version that keeps its pictures elsewhere

    return Image.fromarray(getattr(data, path.stem)())


@functools.cache
def _digits() -> tuple[Pixels, Pixels]:
    """Read scikit-learn's digits, (1797, 8, 8) with values 0–16, and their labels."""
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "The handwritten digits come with scikit-learn, which is not installed "
            "here. Run: pip install scikit-learn"
        )
    folder = Path(spec.submodule_search_locations[0]) / "datasets" / "data"
    path = folder / _DIGITS.file
    if path.exists():
        with gzip.open(path) as file:
            table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
        return table[:, :-1].reshape(-1, 8, 8), table[:, -1]
    from sklearn.datasets import load_digits  # a version that keeps them elsewhere

    digits = load_digits()
    return digits.images.astype(np.uint8), digits.target.astype(np.uint8)


def _resized(
    picture: Image.Image,
    size: tuple[int, int],
    box: tuple[float, float, float, float] | None = None,
) -> Image.Image:
    # Shrinking, each new pixel is a weighted mean of all those it stands for.
    return picture.resize(size, Image.Resampling.HAMMING, box)


def _upright(picture: Image.Image, pixels: Pixels) -> Pixels:
    """Turn a picture's pixels as its rotation mark says."""
    try:
        turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a broken mark says nothing: keep the picture as it lies
        turn = None
    if turn is None:
        return pixels
    return np.array(Image.fromarray(pixels).transpose(turn))


def _eight_bits(picture: Image.Image, size: int | None, colour: bool) -> Pixels:
    """Return a picture's pixels, at most `size` a side, whatever mode it came in.

    A part at a time, so that the picture stands in memory once, as it was decoded.
    """
    longer = max(picture.size)
    scale = 1.0 if size is None or longer <= size else size / longer
    width, height = (max(1, round(side * scale)) for side in picture.size)
    deep = _deep_range(picture) if picture.mode.startswith(("I", "F")) else None
    out = np.empty((height, width, 3) if colour else (height, width), np.uint8)
    down, across = _parts(picture.height, height), _parts(picture.width, width)
    for rows, cols in product(down, across):
        part = picture.crop((cols.first, rows.first, cols.last, rows.last))
        part = _on_white(part) if deep is None else _shallow(part, *deep)
        if not colour:
            part = Image.fromarray(gray(np.asarray(part)))
        to = (cols.stop - cols.start, rows.stop - rows.start)
        part = _resized(part, to, (cols.low, rows.low, cols.high, rows.high))
        out[rows.start : rows.stop, cols.start : cols.stop] = np.asarray(part)
    return out


class _Part(NamedTuple):
    """A part of a row or column of pixels, and where it comes from."""

    start: int  # to stop: the new pixels
    stop: int
    first: int  # to last: the old pixels that have a say in them
    last: int
    low: float  # to high: the edges of the new pixels among these
    high: float


def _parts(old: int, new: int) -> Iterator[_Part]:
    """Cut `old` pixels, which become `new`, into parts of about `_SIDE` old ones."""
    scale = old / new
    margin = scale if old > new else 0  # as far as a new pixel looks beyond its edge
    length = max(1, int(_SIDE / scale))
    for start in range(0, new, length):
        stop = min(start + length, new)
        low, high = start * scale, stop * scale
        first = max(0, math.floor(low - margin))
        last = min(old, math.ceil(high + margin))
        yield _Part(start, stop, first, last, low - first, min(high, old) - first)


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture of 8 bits in mode RGB, its transparent parts white."""
    if picture.mode in _CLEAR_MODES or picture.info.get("transparency") is not None:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    return picture.convert("RGB")


def _deep_range(picture: Image.Image) -> tuple[float, float]:
    """Return what becomes black and what white in a picture of more than 8 bits."""
    if picture.mode.startswith("I;16"):
        return 0, 65535
    least, most = math.inf, -math.inf
    for cols, rows in product(*(_parts(side, side) for side in picture.size)):
        part = picture.crop((cols.first, rows.first, cols.last, rows.last))
        values = np.asarray(part)
        if not np.isfinite(values).all():
            raise ValueError("it holds values that are not numbers")
        least, most = min(least, values.min()), max(most, values.max())
    for top in (1, 255) if picture.mode == "F" else (255, 65535):
        if least >= 0 and most <= top:
            return 0, top
    return least, most


def _shallow(picture: Image.Image, low: float, high: float) -> Image.Image:
    """Return a picture of more than 8 bits, always gray, in mode RGB."""
    pixels = np.asarray(picture)
    values = (pixels.astype(np.float64) - low) / (high - low or 1.0) * 255
    scaled = np.rint(values).clip(0, 255).astype(np.uint8)
    clear = picture.info.get("transparency")
    if isinstance(clear, int):
        scaled[pixels == clear] = 255
    return Image.fromarray(scaled).convert("RGB")


def _read(source: Any) -> tuple[bytes, str]:
    """Return the bytes of whatever came, and what to call it in a sentence."""
    if isinstance(source, np.ndarray):
        raise ValueError(
            "This is an array already, so there is nothing to load: use it as it is."
        )
    if hasattr(source, "value"):  # a FileUpload
        source = source.value
    if isinstance(source, Mapping | tuple | list):
        return _uploaded(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return _sized(bytes(source), "What you gave")
    if hasattr(source, "read"):
        return _from_file(source)
    if isinstance(source, str | os.PathLike):
        return _from_path(source)
    raise ValueError(
        f"images.load reads a path, the bytes of a file, an open file or an upload; "
        f"{type(source).__name__} came."
    )


def _from_path(source: str | os.PathLike) -> tuple[bytes, str]:
    text = os.fsdecode(source)
    if not text.strip():
        raise _arguments.refusal("source", repr(text), "Give the path of a picture")
    if re.match(r"(https?|ftp):/|data:", text, re.IGNORECASE):
        raise ValueError(
            "images.load reads files, not web addresses. Save the picture to your "
            "computer and give the path of the file."
        )
    if text.lower().startswith("file:"):
        bare = urllib.parse.unquote(urllib.parse.urlsplit(text).path)
        need = f"Give the path of the file without it: {_arguments.shown(bare)}"
        raise _arguments.refusal("source", 'an address with "file:"', need)
    label = f"The file {_arguments.shown(Path(text).name or text)}"
    try:
        path = Path(text).expanduser()
        found = path.stat()
        kind, too_many = stat.S_IFMT(found.st_mode), found.st_size > MAX_BYTES
        readable = kind == stat.S_IFREG and not too_many
        data = path.read_bytes() if readable else b""
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no file {_arguments.shown(text)} here. Check the spelling; a "
            f"path without a leading slash starts in {Path.cwd().name!r}, the folder "
            "of this notebook."
        ) from None
    except OSError as error:
        raise ValueError(f"{label} can't be opened: {error.strerror}.") from None
    except RuntimeError:  # of expanduser
        need = "There is no user of that name here, so give the path in full"
        raise _arguments.refusal("source", _arguments.shown(text), need) from None
    except ValueError:  # a NUL, or half a character
        need = "It holds a character that no file name has, so write it anew"
        raise _arguments.refusal("source", _arguments.shown(text), need) from None
    if kind == stat.S_IFDIR:
        raise ValueError(
            f"{_arguments.shown(text)} is a folder. Give the path of a picture in it."
        )
    if kind != stat.S_IFREG:
        raise ValueError(f"{label} is a device or a pipe. Give the path of a picture.")
    if too_many:
        raise ValueError(_too_many_bytes(label, found.st_size))
    return _sized(data, label)


def _from_file(file: BinaryIO) -> tuple[bytes, str]:
    """Read an open file from its start, wherever it stands: it may just be written."""
    if getattr(file, "closed", False):
        raise ValueError("This file is closed. Open it again, or give its path.")
    try:
        with contextlib.suppress(AttributeError):  # of a stream that cannot go back
            if file.seekable():
                file.seek(0)
        data: Any = file.read(MAX_BYTES + 1)
    except UnicodeDecodeError:
        data = ""
    except Exception as error:  # a file of somebody's own may raise anything
        raise ValueError(
            f"This file can't be read: {error}. Open it with open(path, 'rb'), or give "
            "its path."
        ) from None
    if not isinstance(data, bytes | bytearray | memoryview):
        raise ValueError(
            "This file was opened as text. Open it with open(path, 'rb'), or give its "
            "path."
        )
    return _sized(bytes(data), "The open file")


def _uploaded(value: Mapping | tuple | list) -> tuple[bytes, str]:
    files: list[Any]
    if isinstance(value, Mapping) and "content" not in value:
        # ipywidgets 7: {name: {"content": bytes, …}}
        files, names = list(value.values()), list(value)
    else:  # ipywidgets 8: a tuple of {"name": …, "content": …}, or one of these
        files = [value] if isinstance(value, Mapping) else list(value)
        names = [file.get("name") for file in files if isinstance(file, Mapping)]
    if not files:
        raise ValueError("No file has been chosen yet. Choose a photo, then run again.")
    contents = [file.get("content") for file in files if isinstance(file, Mapping)]
    if len(contents) == len(files) > 1:
        raise ValueError(
            f"{len(files)} files came. Give one photo at a time: "
            "images.load(upload.value[0])."
        )
    if not contents or not isinstance(contents[0], bytes | bytearray | memoryview):
        raise ValueError(
            "This is not what a FileUpload holds. Give its value, upload.value, or the "
            "path of a picture."
        )
    name = _arguments.shown(names[0]) if names[0] else ""
    return _sized(bytes(contents[0]), f"The file {name}" if name else "The upload")


def _sized(data: bytes, label: str) -> tuple[bytes, str]:
    if not data:
        raise ValueError(
            f"{label} is empty: it has no bytes. Fetch or save the picture again."
        )
    if len(data) > MAX_BYTES:
        raise ValueError(_too_many_bytes(label, len(data)))
    return data, label


def _too_many_bytes(label: str, count: int) -> str:
    return (
        f"{label} has {count / 1e6:,.0f} million bytes; we read at most "
        f"{MAX_BYTES / 1e6:,.0f} million here. Make the picture smaller in a photo "
        "program and try again."
    )


def _brands(data: bytes) -> set[bytes]:
    """Return what a file of boxes says it is: HEIC, AVIF, a film; else nothing."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), 512)
    return {data[start : start + 4] for start in (8, *range(16, end - 3, 4))}


def _formats(data: bytes) -> tuple[str, ...]:
    """Return what Pillow may try; AVIF where it looks like it, and Pillow knows it."""
    if _AVIF & _brands(data):
        Image.init()  # all readers: slow, so not for every picture
        if "AVIF" in Image.OPEN:
            return (*_FORMATS, "AVIF")
    return _FORMATS


def _what_else(data: bytes) -> str:
    """Say what a file is that Pillow does not know."""
    start, brands = data[:512], _brands(data)
    wanted = "Save the picture as JPEG or PNG and try again."
    if _AVIF & brands:
        return (
            "is an AVIF picture, which the Pillow installed here can't read, or a "
            f"damaged one. {wanted}"
        )
    if _HEIC & brands:
        return (
            "is a HEIC photo, as some phones take them. We can't read those. "
            f"{wanted} On an iPhone, Settings > Camera > Formats > Most Compatible "
            "makes the next ones JPEGs."
        )
    if brands:
        return f"is a film or a sound, not a picture. {wanted}"
    if start.startswith(b"%PDF"):
        return f"is a PDF document, not a picture. {wanted}"
    if b"<svg" in start.lower():
        return f"is an SVG drawing: it has shapes, not pixels. {wanted}"
    if start[:8] == b"\x89PNG\r\n\x1a\n" or start[:2] == b"\xff\xd8":
        return (
            "starts like a picture, but can't be read to its end: it is cut short or "
            "damaged. Fetch or save it again."
        )
    try:
        start.decode("utf-8")
    except UnicodeDecodeError:
        return f"is not a picture that we can read. {wanted}"
    return f"holds text, not a picture. {wanted}"


def _bytes(image: ArrayLike | Image.Image) -> Pixels:
    """Return an image as whole numbers from 0 to 255, what lies outside cut off."""
    array = _picture(image, finite=True)
    scaled = array if array.dtype == np.uint8 else array * (255 / white(array))
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)


def _numbers(image: ArrayLike | Image.Image, *, finite: bool = False) -> NDArray[Any]:
    """Return an array of real numbers; of a picture of Pillow's, its colours."""
    if isinstance(image, Image.Image):
        colour = image.mode.partition(";")[0] not in _GRAY_MODES
        return load(image, size=None, colour=colour)
    return _arguments.array(image, "image", finite=finite)


def _picture(image: ArrayLike | Image.Image, *, finite: bool = False) -> NDArray[Any]:
    """Return an array (H, W) or (H, W, 3); (H, W, 1) is taken for the first."""
    array = _numbers(image, finite=finite)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] == 3):
        need = "Give (rows, columns) for gray, (rows, columns, 3) for colour"
        if array.ndim == 3 and array.shape[2] == 4:
            need += "; image[..., :3] leaves out how opaque it is"
        raise _arguments.refusal("image", f"shape {array.shape}", need)
    return array
