"""What stands in where real data cannot be had: honest about what it is.

Nothing here is named after what it stands in for: a digit is a digit, a figure drawn by
rule a "blob" or a "doodle" with a number. All are the same in every run and on every
machine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers import images
from helpers.datasets.data_set import DataSet, Images, Labels, every_fifth_tests
from helpers.datasets.fetch import Missing
from helpers.datasets.photo_set import PARTS, PhotoSet, parted
from helpers.datasets.registry import Entry

_OURS = "drawn by rule, helpers/datasets/stand_ins.py of this course"


@dataclass(frozen=True)
class StandIn:
    """Pictures, and what they are in a few words.

    Attributes
    ----------
    what
        The few words, in the plural.
    images, labels
        (N, 28, 28) and (N,).
    class_names
        What each label shows.
    source, licence, citation
        As in `DataSet`.
    """

    what: str
    images: Images
    labels: Labels
    class_names: tuple[str, ...]
    source: str = _OURS
    licence: str = "MIT, as the course's code"
    citation: str = ""


def stand_in(entry: Entry, missing: Missing, made: StandIn) -> DataSet:
    """Return a stand-in as a data set, and say so in one printed sentence."""
    print(
        f"Using {len(made.images):,} {made.what} in place of {entry.title} "
        f"({missing.why}): for the real one, {missing.remedy}."
    )
    return DataSet(
        entry.title,
        *every_fifth_tests(made.images, made.labels),
        made.class_names,
        source=made.source,
        licence=made.licence,
        citation=made.citation,
        is_fallback=True,
    )


def small_digits() -> StandIn:
    """Return scikit-learn's handwritten digits, scaled to 28 × 28.

    Examples
    --------
    >>> small_digits().images.shape
    (1797, 28, 28)
    """
    pixels, labels = images.digits()
    return StandIn(
        "small digits of scikit-learn's",
        pixels,
        labels,
        tuple("0123456789"),
        source=images.credit("digit"),
        licence="CC BY 4.0",
        citation="E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten "
        "Digits, UCI Machine Learning Repository",
    )


def blobs() -> StandIn:
    """Return ten kinds of gray blobs, 250 of each.

    Examples
    --------
    >>> blobs().class_names[:2]
    ('blob 1', 'blob 2')
    """
    pixels = _figures(10, 250, filled=True)
    return _made("gray blobs drawn by rule", "blob", pixels)


def doodles(classes: int, count: int) -> StandIn:
    """Return some kinds of closed lines, drawn as if by a hand that is not steady.

    Examples
    --------
    >>> doodles(3, 5).images.shape
    (15, 28, 28)
    """
    pixels = _figures(classes, count, filled=False)
    return _made("doodles drawn by rule", "doodle", pixels)


_PATCHES = 60  # of each photograph
_PATCHED = ("astronaut", "chelsea", "coffee", "rocket", "grass")


def photos_stand_in(entry: Entry, missing: Missing, side: int) -> PhotoSet:
    """Return patches of five photographs in place of photos, and say so.

    Patches of a photograph overlap, so what they are is easily told: they are there to
    run a lesson, not to learn from.
    """
    print(
        f"Using {_PATCHES * len(_PATCHED)} patches of scikit-image's photographs in "
        f"place of {entry.title} ({missing.why}): for the real ones, {missing.remedy}."
    )
    # RandomState's numbers are promised to stay the same; a Generator's are not.
    random = np.random.RandomState(7)
    labels = np.tile(np.arange(len(_PATCHED)), _PATCHES)
    whole = [images.photo(name, size=256, colour=True) for name in _PATCHED]
    made = np.stack([_patch(whole[label], side, random) for label in labels])
    names = [f"{_PATCHED[label]}/{k}.png" for k, label in enumerate(labels)]
    # Of each photograph's patches 14 of 20 are to learn from, 3 to choose by.
    turns = np.repeat(np.arange(_PATCHES), len(_PATCHED)) % 20
    parts = [PARTS[int(turn >= 14) + int(turn >= 17)] for turn in turns]
    return PhotoSet(
        entry.title,
        **parted(made, labels, names, parts),  # type: ignore[arg-type]
        class_names=tuple(f"patch of {name}" for name in _PATCHED),
        source=" ".join(images.credit(name) for name in _PATCHED),
        licence="public domain and CC0, see the source",
        is_fallback=True,
    )


def _patch(photo: Images, side: int, random: np.random.RandomState) -> Images:
    from PIL import Image

    length = random.randint(96, 160)
    top, left = random.randint(0, 256 - length, 2)
    box = (left, top, left + length, top + length)
    picture = Image.fromarray(photo).resize((side, side), Image.Resampling.BICUBIC, box)
    return np.asarray(picture)


def _made(what: str, kind: str, pixels: Images) -> StandIn:
    count, classes = pixels.shape[:2]
    names = tuple(f"{kind} {number}" for number in range(1, classes + 1))
    labels = np.tile(np.arange(classes), count)
    return StandIn(what, pixels.reshape(-1, 28, 28), labels, names)


# A figure is a line around its middle, at a distance that swings with the angle:
# r(t) = size · (1 + sum of a_m cos(m t) + b_m sin(m t)). A kind of figure has swings
# of its own; those of one drawing differ a little from them.
_SWINGS = range(1, 6)
_PIECE = 100  # figures that are drawn at a time


def _figures(classes: int, count: int, *, filled: bool) -> Images:
    """Draw figures, (count, classes, 28, 28)."""
    out = np.empty((count, classes, 28, 28), np.uint8)
    for kind in range(classes):
        # RandomState's numbers are promised to stay the same; a Generator's are not.
        random = np.random.RandomState([kind, filled])
        swings = random.normal(0, 0.3, (2, len(_SWINGS))) / np.sqrt(_SWINGS)
        swings[:, 0] *= 0.3  # the first only moves the middle
        for start in range(0, count, _PIECE):
            part = out[start : start + _PIECE, kind]
            part[:] = _drawn(swings, len(part), filled, random)
    return out


def _drawn(
    swings: NDArray[np.float64],
    count: int,
    filled: bool,
    random: np.random.RandomState,
) -> Images:
    """Draw figures of one kind, (count, 28, 28)."""
    own = swings + random.normal(0, 0.05, (count, *swings.shape))
    turn = random.normal(0, 0.2, (count, 1, 1))
    size = random.uniform(6, 8.5, (count, 1, 1))
    row, col = random.uniform(12, 15, (2, count, 1, 1))
    gray = random.uniform(90, 230, (count, 1, 1))
    down = (np.arange(28)[:, np.newaxis] - row).astype(np.float32)
    across = (np.arange(28) - col).astype(np.float32)
    away = np.maximum(np.hypot(down, across), 1e-3)
    # Of the angle, less the turn; of its multiples by the rule for a sum of two angles.
    cos_1 = (across * np.cos(turn) + down * np.sin(turn)).astype(np.float32) / away
    sin_1 = (down * np.cos(turn) - across * np.sin(turn)).astype(np.float32) / away
    cos, sin = cos_1, sin_1
    edge, slope = np.ones_like(away), np.zeros_like(away)
    for m in _SWINGS:
        a, b = own[:, :, m - 1].T[..., np.newaxis, np.newaxis].astype(np.float32)
        edge += a * cos + b * sin
        slope += m * (b * cos - a * sin)
        cos, sin = cos * cos_1 - sin * sin_1, sin * cos_1 + cos * sin_1
    edge = np.maximum(edge, 0.15)
    # How far outside, about: along the ray, less where the line runs askew to it.
    outside = (away - size * edge) / np.hypot(1, np.clip(slope / edge, -3, 3))
    if filled:
        ink = np.clip(0.5 - outside, 0, 1) * np.clip(gray + 6 * down, 60, 255)
    else:
        ink = np.clip(1.5 - np.abs(outside), 0, 1) * 255
    return np.rint(ink).astype(np.uint8)
