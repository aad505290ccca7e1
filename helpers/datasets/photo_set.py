"""What loads of photos return: squares in three parts, by a split that stays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from helpers.datasets.data_set import Images, Labels

PARTS = ("train", "validation", "test")
#: Where the parts end, as shares of all photos.
_ENDS = (0.7, 0.85, 1.0)


@dataclass(frozen=True, repr=False, eq=False)
class PhotoSet:
    """Photos with their classes: a part to learn from, one to choose by, one to test.

    Attributes
    ----------
    name
        What to call the set.
    train_images, validation_images, test_images
        (N, side, side, 3) uint8, RGB. Fresh arrays with every call.
    train_labels, validation_labels, test_labels
        (N,) int64: places in `class_names`.
    train_names, validation_names, test_names
        What each photo is called, "daisy/754296579_30a9ae018c_n.jpg".
    class_names
        What each label means.
    left_out
        What was not taken, and why, a sentence each.
    credits
        Photographers, by the names of their photos, where they are known.
    source, licence, citation
        As in `DataSet`.
    is_fallback
        True where something stands in for the real set.
    """

    name: str
    train_images: Images
    train_labels: Labels
    train_names: tuple[str, ...]
    validation_images: Images
    validation_labels: Labels
    validation_names: tuple[str, ...]
    test_images: Images
    test_labels: Labels
    test_names: tuple[str, ...]
    class_names: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    credits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    source: str = ""
    licence: str = ""
    citation: str = ""
    is_fallback: bool = False

    def __repr__(self) -> str:
        name = f"Stand-in for {self.name}" if self.is_fallback else self.name
        counts = [len(self.train_labels), len(self.validation_labels)]
        sizes = " + ".join(f"{n:,}" for n in (*counts, len(self.test_labels)))
        side = self.train_images.shape[1]
        return f"<{name}: {sizes} photos of {side} × {side}, {self._classes()}>"

    def _classes(self) -> str:
        count = len(self.class_names)
        return f"{count} class{'' if count == 1 else 'es'}"

    def credit(self, name: str) -> str:
        """Say who took a photo, or nothing where that is not known."""
        return self.credits.get(name, "")


def part_of(name: str) -> str:
    """Return which part a photo belongs to: its name decides, and nothing else.

    So it is the same on every machine, and more photos move none from one part to
    another.

    Examples
    --------
    >>> [part_of(f"daisy/{k}.jpg") for k in range(5)]
    ['train', 'validation', 'validation', 'train', 'test']
    """
    digest = hashlib.sha256(name.encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    return next(part for part, end in zip(PARTS, _ENDS, strict=True) if share < end)


def parted(
    images: Images, labels: Labels, names: Sequence[str], parts: Sequence[str]
) -> dict[str, NDArray | tuple[str, ...]]:
    """Return the parts of a set as `PhotoSet` takes them, by the names of its fields.

    Photos of a part that is none of `PARTS` are left out.

    Examples
    --------
    >>> images, labels = np.zeros((2, 8, 8, 3), np.uint8), np.array([0, 1])
    >>> found = parted(images, labels, ["a/1.jpg", "b/2.jpg"], ["train", "test"])
    >>> found["train_images"].shape, found["test_names"]
    ((1, 8, 8, 3), ('b/2.jpg',))
    """
    found: dict[str, NDArray | tuple[str, ...]] = {}
    for part in PARTS:
        here = np.flatnonzero(np.array([one == part for one in parts], bool))
        found[f"{part}_images"] = images[here]
        found[f"{part}_labels"] = labels[here]
        found[f"{part}_names"] = tuple(names[int(k)] for k in here)
    return found


def near_duplicates(images: Images, least: float = 0.97) -> list[tuple[int, int]]:
    """Find photos that are nearly the same, also where one was cut or brightened a bit.

    Each is brought to 16 × 16 grays of mean 0 and length 1; two are alike where these
    correlate strongly.

    Parameters
    ----------
    images
        (N, side, side, 3) uint8.
    least
        The correlation from which on two count as the same, up to 1.

    Returns
    -------
    list of (int, int)
        Pairs of their places, the smaller first.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> photos = rng.integers(0, 200, (3, 32, 32, 3), np.uint8)
    >>> photos[2] = photos[0] + 20
    >>> near_duplicates(photos)
    [(0, 2)]
    """
    small = np.stack([_thumbnail(image) for image in images])
    small -= small.mean(axis=1, keepdims=True)
    small /= np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-6)
    pairs = []
    for start in range(0, len(small), 512):  # so that no large matrix is needed
        alike = small[start : start + 512] @ small.T
        first, second = np.nonzero(alike >= least)
        first += start
        pairs += [(int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b]
    return pairs


def _thumbnail(image: Images) -> NDArray[np.float32]:
    """Return 16 × 16 grays of a photo, in one row."""
    from PIL import Image

    gray = Image.fromarray(image).convert("L")
    small = gray.resize((16, 16), Image.Resampling.BOX)
    return np.asarray(small, np.float32).ravel()
