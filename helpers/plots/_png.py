"""How drawn pixels become a small PNG: gray, from a palette, or in true colour.

Gray pictures are stored exactly. Others get a palette of 256 colours where that is near
enough to all that is drawn, as it is for charts, signed maps and gray photos with a
frame. A palette falsifies colour photos (brown turns to dark red), so these are stored
in true colour.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

#: No channel of a stored pixel is further than this from what was drawn, of 255: with a
#: palette, and in true colour.
PALETTE_OFF, COLOUR_OFF = 24, 1
#: And on average, with a palette, by no more than this.
PALETTE_MEAN = 1.0

_SIZE = 256  # colours of a palette
_COMMON = 16  # of them for the commonest colours: the page, the ink, wide areas
_WIDE = 128  # up to so many, wide areas count for more than single pixels
_ENOUGH = 6  # nowhere off by more than this, a palette needs no further colours
_MANY = 8192  # colours; a picture of more is a photo


def encoded(pixels: Pixels) -> bytes:
    """Return drawn pixels (H, W, 3) as the bytes of a PNG."""
    if (pixels[..., :1] == pixels).all():
        picture = Image.fromarray(pixels[..., 0].copy())
    else:
        picture = _with_palette(pixels) or _true_colour(pixels)
    file = io.BytesIO()
    picture.save(file, "png", optimize=True)
    return file.getvalue()


def _true_colour(pixels: Pixels) -> Image.Image:
    """Round every channel to multiples of 3: off by 1 at most, a quarter smaller."""
    step = 2 * COLOUR_OFF + 1  # 255 is a multiple of it, so white stays white
    return Image.fromarray((np.rint(pixels / np.float32(step)) * step).astype(np.uint8))


def _with_palette(pixels: Pixels) -> Image.Image | None:
    """Return a picture of at most 256 colours, or nothing where these do not do."""
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    found, places, counts = np.unique(packed, return_inverse=True, return_counts=True)
    if len(found) > _MANY:
        return None
    seen = np.stack([found >> 16, found >> 8 & 255, found & 255], -1).astype(np.int16)
    if len(found) <= _SIZE:
        entries, nearest = list(range(len(found))), np.arange(len(found))
    else:
        entries, nearest = _chosen(seen, counts)
    off = np.abs(seen - seen[entries][nearest])
    mean = np.average(off.mean(axis=1), weights=counts)
    if off.max() > PALETTE_OFF or mean > PALETTE_MEAN:
        return None
    indices = nearest.astype(np.uint8)[places].reshape(pixels.shape[:2])
    picture = Image.fromarray(indices)  # gray as yet: the palette makes it coloured
    picture.putpalette(seen[entries].astype(np.uint8).tobytes())
    return picture


def _chosen(seen: NDArray, counts: NDArray) -> tuple[list[int], NDArray]:
    """Choose the colours of a palette, and for each colour seen the entry next to it.

    After the commonest colours, the one that is furthest from all entries so far gets
    an entry of its own, again and again. So a thin line keeps its colour beside a large
    photo, and the largest error falls as fast as it can.
    """
    tints = 2 * np.diff(seen, axis=1)  # a gray that turns bluish is seen at once
    features = np.concatenate([seen, tints], axis=1)
    entries = list(np.argsort(-counts, kind="stable")[:_COMMON])
    off = np.abs(features[:, np.newaxis] - features[entries]).max(axis=-1)
    nearest, off = off.argmin(axis=1), off.min(axis=1)
    while len(entries) < _SIZE:
        if off.max() <= _ENOUGH and np.average(off, weights=counts) <= PALETTE_MEAN:
            break
        wide = len(entries) < _WIDE
        entries.append(int((off * counts**0.25 if wide else off).argmax()))
        distance = np.abs(features - features[entries[-1]]).max(axis=-1)
        nearest[distance < off] = len(entries) - 1
        off = np.minimum(off, distance)
    return entries, nearest
