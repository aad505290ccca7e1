"""Photographs to work on: samples that need no download, and the learner's own.

A gray image is an array (H, W), a colour image (H, W, 3) with red, green and blue
planes; values run from 0 (black) to 255 (white).

>>> from helpers import images
>>> images.photo("astronaut", size=256).shape
(256, 256)
>>> images.photo("astronaut", size=256, colour=True).shape
(256, 256, 3)

The samples come inside scikit-image and scikit-learn. They are read straight from their
folders, because importing either takes longer than reading a picture.
"""

import difflib
import functools
import gzip
import importlib.util
import io
import operator
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageOps

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "add_noise",
    "credit",
    "digit",
    "gray",
    "load",
    "names",
    "photo",
    "quantise",
    "to_png",
]

Pixels = NDArray[np.uint8]

#: `load` refuses pictures with more pixels than this. A phone's 50-megapixel photo
#: passes; three bytes a pixel, so some 200 MB while it is being read.
MAX_PIXELS = 64_000_000

#: `load` refuses files larger than this, in bytes.
MAX_BYTES = 100_000_000

#: What Pillow may try to read. Formats that start other programs stay out.
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")


class _Photo(NamedTuple):
    file: str
    credit: str


# What scikit-image's documentation says of each picture.
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
}

_DIGITS = _Photo(
    "digits.csv.gz",
    "Handwritten digits, 8 × 8 pixels. E. Alpaydin and C. Kaynak (1998), Optical "
    "Recognition of Handwritten Digits, UCI Machine Learning Repository; CC BY 4.0.",
)

# MNIST draws its digits into a box of 20 × 20 pixels, in the middle of 28 × 28.
_BOX = 20 / 28


def names() -> list[str]:
    """Return the names of the sample photographs; the first four are in colour.

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
    if name == "digit":
        return f"{_DIGITS.credit} They come with scikit-learn."
    return f"{_PHOTOS[_known(name)].credit} It comes with scikit-image."


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
    entry = _PHOTOS[_known(name)]
    if size is not None:
        size = _whole("size", size, 1, 4096)
    picture = _sample(entry.file)
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
    label = _whole("label", label, 0, 9)
    size = _whole("size", size, 8, 4096)
    pixels, labels = _digits()
    found = np.flatnonzero(labels == label)
    small = pixels[found[_whole("index", index, 0, len(found) - 1)]]
    # With a rim of black, so that strokes that reach the border end round, not cut off.
    small = Image.fromarray(np.rint(np.pad(small, 1) * (255 / 16)).astype(np.uint8))
    side = round(size * _BOX * 10 / 8)
    start = (size - side) // 2
    picture = np.zeros((size, size), np.uint8)
    picture[start : start + side, start : start + side] = small.resize(
        (side, side), Image.Resampling.BICUBIC
    )
    return picture


def gray(image: ArrayLike) -> NDArray:
    """Turn colour into gray: 0.2125 red + 0.7154 green + 0.0721 blue.

    The weights are those of scikit-image's ``rgb2gray``, very close to ITU-R BT.709's:
    our eyes see green as far brighter than blue. The scale stays what it was, 0–255.

    Parameters
    ----------
    image
        (H, W, 3) with red, green and blue last; a gray (H, W) comes back as it is.

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
    array = _real(image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim == 3 and array.shape[2] == 3:
        mixed = array @ np.array([0.2125, 0.7154, 0.0721])
        return np.rint(mixed).astype(np.uint8) if array.dtype == np.uint8 else mixed
    if array.ndim != 2:
        raise ValueError(
            "An image has shape (rows, columns) for gray or (rows, columns, 3) for "
            f"colour; this array has shape {array.shape}."
        )
    return array.copy() if array.dtype == np.uint8 else array.astype(np.float64)


def quantise(image: ArrayLike, levels: int) -> NDArray:
    """Round every value to one of a few evenly spaced levels from 0 to 255.

    Parameters
    ----------
    image
        Values 0–255, any shape; what lies outside is cut off to 0 or 255.
    levels
        How many levels are left, 2 to 256. With 2, every value becomes 0 or 255.

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
    """
    levels = _whole("levels", levels, 2, 256)
    array = _real(image)
    step = 255 / (levels - 1)
    rounded = np.rint(np.clip(array.astype(np.float64), 0, 255) / step) * step
    return np.rint(rounded).astype(np.uint8) if array.dtype == np.uint8 else rounded


def add_noise(image: ArrayLike, sigma: float, *, seed: int = 0) -> NDArray[np.float64]:
    """Add Gaussian noise: every value moves up or down by its own random amount.

    The result is not cut off at 0 and 255. Cutting would push the noise in dark places
    up and in bright places down, and its mean would no longer be 0. Pictures drawn by
    `plots.images` cut it for display only.

    Parameters
    ----------
    image
        Values 0–255, any shape.
    sigma
        Standard deviation of the noise, on the same scale: 0 is none, 25 is strong.
    seed
        The same seed gives the same noise.

    Returns
    -------
    ndarray of float64
        A new array of the same shape.

    Raises
    ------
    ValueError
        For a sigma that is not a number from 0 on.

    Examples
    --------
    >>> add_noise([[100, 100]], sigma=10, seed=1).round(1)
    array([[103.5, 108.2]])
    """
    try:
        sigma = float(sigma)
    except (TypeError, ValueError):
        sigma = float("nan")
    if not 0 <= sigma < float("inf"):
        raise ValueError("sigma must be a number from 0 on: how strong the noise is.")
    array = _real(image).astype(np.float64)
    return array + sigma * np.random.default_rng(seed).standard_normal(array.shape)


def load(source: Any, *, size: int | None = 512, colour: bool = True) -> Pixels:
    """Read a photo of your own: a JPEG or PNG (also GIF, WebP, BMP, TIFF).

    It comes upright (the camera's rotation mark is obeyed), with anything transparent
    laid on white, deeper than 8 bits scaled to 0–255, and shrunk to a handy size.

    Parameters
    ----------
    source
        A path; the bytes of a file; an open binary file; or an
        ``ipywidgets.FileUpload`` or its ``value``, of ipywidgets 7 or 8.
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

    Examples
    --------
    >>> load(to_png(photo("camera", size=64))).shape
    (64, 64, 3)
    """
    if size is not None:
        size = _whole("size", size, 1, 4096)
    data, label = _read(source)
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # Pillow's, in its own words
            Image.open(io.BytesIO(data), formats=_FORMATS) as picture,
        ):
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise _TooLarge(width, height)
            if size is not None:
                # A JPEG can be read at 1/2, 1/4, 1/8 of its size: less time and memory.
                picture.draft(None, (size, size))
            picture.load()
            picture = _upright(picture)
            picture = _eight_bit_on_white(picture, colour)
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
    except Image.UnidentifiedImageError:
        raise ValueError(f"{label} {_what_else(data)}") from None
    except Exception as error:  # Pillow's readers raise many kinds on damaged files
        raise ValueError(
            f"{label} starts like a picture, but can't be read to its end: it is cut "
            f"short or damaged ({error}). Fetch or save it again."
        ) from None
    if size is not None and max(picture.size) > size:
        scale = size / max(picture.size)
        smaller = tuple(max(1, round(side * scale)) for side in picture.size)
        picture = _resized(picture, smaller)
    return np.array(picture)


def to_png(image: ArrayLike) -> bytes:
    r"""Return an image as the bytes of a PNG file.

    Parameters
    ----------
    image
        (H, W) or (H, W, 3), values 0–255; fractions are rounded, what lies outside is
        cut off.

    Raises
    ------
    ValueError
        For any other shape, for NaN, or for an array without pixels.

    Examples
    --------
    >>> to_png([[0, 255]])[:4]
    b'\x89PNG'
    """
    array = _real(image)
    if array.dtype.kind == "b":
        array = array * 255.0
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)):
        raise ValueError(
            "An image has shape (rows, columns) for gray or (rows, columns, 3) for "
            f"colour; this array has shape {array.shape}."
        )
    if not array.size or not np.isfinite(array).all():
        raise ValueError("An image needs at least one pixel, and a number in each.")
    pixels = np.rint(np.clip(array, 0, 255)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
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


def _known(name: str) -> str:
    if name in _PHOTOS:
        return name
    close = difflib.get_close_matches(str(name).lower(), _PHOTOS, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"There is no sample photo named {name!r}.{guess} Choose one of: "
        f"{', '.join(_PHOTOS)}. For a photo of your own, use images.load."
    )


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


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    # Shrinking, each new pixel is a weighted mean of all those it stands for.
    return picture.resize(size, Image.Resampling.HAMMING)


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # a broken mark says nothing: keep the picture as it lies
        return picture


def _eight_bit_on_white(picture: Image.Image, colour: bool) -> Image.Image:
    """Return the picture in mode RGB or L, whatever mode it came in."""
    clear = picture.info.get("transparency")
    if picture.mode.startswith(("I", "F")):  # 16-bit and deeper, always gray
        pixels = np.asarray(picture)
        scaled = _to_eight_bits(pixels)
        if isinstance(clear, int):
            scaled[pixels == clear] = 255
        picture = Image.fromarray(scaled)
    elif "A" in picture.mode or "a" in picture.mode or clear is not None:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    picture = picture.convert("RGB")
    return picture if colour else Image.fromarray(gray(np.asarray(picture)))


def _to_eight_bits(pixels: np.ndarray) -> Pixels:
    """Scale deep pixels to 0–255: from their type's full range where that is known."""
    values = pixels.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("it holds values that are not numbers")
    low, high = values.min(), values.max()
    whole = pixels.dtype.kind in "iu"
    if whole and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    elif not whole and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif not whole and low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    spread = high - low or 1.0
    return np.rint((values - low) / spread * 255).clip(0, 255).astype(np.uint8)


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
    text = os.fspath(source)
    if isinstance(text, bytes):
        text = os.fsdecode(text)
    if text.startswith(("http://", "https://")):
        raise ValueError(
            "images.load reads files, not web addresses. Save the picture to your "
            "computer and give the path of the file."
        )
    label = f"The file {Path(text).name or text!r}"
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            raise ValueError(f"{text!r} is a folder. Give the path of a picture in it.")
        if text and path.exists() and path.stat().st_size > MAX_BYTES:
            raise ValueError(_too_many_bytes(label, path.stat().st_size))
        return _sized(path.read_bytes(), label)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no file {text!r} here. Check the spelling; a path without a "
            f"leading slash starts in {Path.cwd().name!r}, the folder of this notebook."
        ) from None
    except OSError as error:
        raise ValueError(f"{label} can't be opened: {error.strerror}.") from None


def _from_file(file: BinaryIO) -> tuple[bytes, str]:
    try:
        data = file.read(MAX_BYTES + 1)
    except (OSError, UnicodeDecodeError):
        data = ""
    if not isinstance(data, bytes):
        raise ValueError(
            "This file was opened as text. Open it with open(path, 'rb'), or give its "
            "path."
        )
    return _sized(data, "The open file")


def _uploaded(value: Mapping | tuple | list) -> tuple[bytes, str]:
    if isinstance(value, Mapping):
        # ipywidgets 7: {name: {"content": bytes, …}}; one entry of 8: {"content": …}
        files = [value] if "content" in value else list(value.values())
        keys = [value.get("name")] if "content" in value else list(value)
    else:  # ipywidgets 8
        files = list(value)
        keys = [item.get("name") if isinstance(item, Mapping) else "" for item in files]
    if not files:
        raise ValueError("No file has been chosen yet. Choose a photo, then run again.")
    if len(files) > 1:
        raise ValueError(
            f"{len(files)} files came. Give one photo at a time: "
            "images.load(upload.value[0])."
        )
    content = files[0].get("content") if isinstance(files[0], Mapping) else None
    if not isinstance(content, bytes | bytearray | memoryview):
        raise ValueError(
            "This is not what a FileUpload holds. Give its value, upload.value, or the "
            "path of a picture."
        )
    return _sized(bytes(content), f"The file {keys[0]!r}" if keys[0] else "The upload")


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


def _what_else(data: bytes) -> str:
    """Say what a file is that Pillow does not know."""
    start = data[:512]
    wanted = "Save the picture as JPEG or PNG and try again."
    if start[4:8] == b"ftyp":
        return (
            "is a HEIC or AVIF photo, as some phones take them, or a film. We can't "
            f"read those. {wanted}"
        )
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


def _real(image: ArrayLike) -> np.ndarray:
    try:
        array = np.asarray(image)
    except ValueError:
        array = np.empty((), dtype=object)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            "An image is made of real numbers, in rows of equal length; "
            f"{type(image).__name__} with other content came."
        )
    return array


def _whole(name: str, value: int, low: int, high: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if isinstance(value, bool) or number is None or not low <= number <= high:
        raise ValueError(
            f"{name} must be a whole number from {low} to {high}; {value!r} came."
        )
    return number
