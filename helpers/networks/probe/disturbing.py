"""What pictures go through on their way: a blur, a crop and back, a file."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

from helpers import _arguments
from helpers.networks.probe import _fitting

BLUR = 1.0  # pixels that the Gaussian reaches, its deviation
CROP = 1 / 16  # of each side is cut away
QUALITY = 75  # of the JPEG file, Pillow's own choice

#: What can happen to pictures.
DISTURBANCES = ("rounding", "blur", "crop", "JPEG")


def disturbed(x: ArrayLike, how: str) -> NDArray[np.float32]:
    """Return pictures after something that hardly changes them for us.

    Parameters
    ----------
    x : (N, H, W, C)
        Pictures of one or three channels, values 0 to 255, eight pixels a side at
        least. They are rounded to whole gray levels first, as a file of bytes does.
    how
        "rounding": nothing more than that, to compare the others with. "blur": under a
        Gaussian with a deviation of one pixel. "crop": a sixteenth of each side is cut
        away, and the rest enlarged to the old size. "JPEG": written as a file of
        quality 75, and read again.

    Returns
    -------
    (N, H, W, C) of float32
        Values 0 to 255.

    Raises
    ------
    ValueError
        Anything that cannot be.

    Examples
    --------
    >>> point = np.zeros((1, 9, 9, 1))
    >>> point[0, 4, 4] = 255
    >>> bool(35 < disturbed(point, "blur").max() < 50)
    True
    """
    pictures = _fitting.values(x, "x")
    if pictures.ndim != 4 or pictures.shape[3] not in (1, 3):
        came = f"shape {pictures.shape}"
        need = "Give pictures (N, rows, columns, 1) or (N, rows, columns, 3)"
        raise _arguments.refusal("x", came, need)
    if min(pictures.shape[1:3]) < 8:
        came = f"pictures of {pictures.shape[1]} × {pictures.shape[2]}"
        raise _arguments.refusal("x", came, "Give at least 8 pixels a side")
    change = _WAYS[_arguments.word(how, "how", DISTURBANCES)]
    made = [np.asarray(change(_image(one)), np.float32) for one in pictures]
    return np.stack(made).reshape(pictures.shape)


def _image(picture: NDArray) -> Image.Image:
    whole = np.rint(picture).astype(np.uint8)
    return Image.fromarray(whole[..., 0] if whole.shape[2] == 1 else whole)


def _rounded(image: Image.Image) -> Image.Image:
    return image


def _blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(BLUR))


def _cropped(image: Image.Image) -> Image.Image:
    across, down = (max(1, round(side * CROP)) for side in image.size)
    part = (across, down, image.width - across, image.height - down)
    return image.resize(image.size, Image.Resampling.BICUBIC, box=part)


def _from_a_file(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return Image.open(file)


_WAYS = {
    "rounding": _rounded,
    "blur": _blurred,
    "crop": _cropped,
    "JPEG": _from_a_file,
}
