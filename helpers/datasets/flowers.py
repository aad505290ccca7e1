"""flower_photos: 3,670 photographs of five kinds of flowers."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from helpers import _arguments
from helpers.datasets import (
    archives,
    decode,
    fetch,
    photos,
    places,
    registry,
    stand_ins,
)
from helpers.datasets.data_set import Images
from helpers.datasets.photo_set import PARTS, PhotoSet, near_duplicates, part_of, parted

#: Pixels of the shorter side of the photos in the small archive.
SMALL = 160

_LARGEST = 512
_FORM = 2  # of what is kept of decoded photos; the first missed nine photographers
# The photographer, then the address; of nine photos the other way round.
_CREDIT = re.compile(
    r"^(\S+/\S+\.jpg) CC-BY (?:by (.+) - (https?://\S+)|(https?://\S+) - by (.+?))\s*$",
    re.MULTILINE,
)


class Read(NamedTuple):
    """What an archive holds, decoded."""

    images: Images
    names: list[str]
    left_out: list[str]
    credits: dict[str, str]


def load_flowers(*, side: int = SMALL) -> PhotoSet:
    """Return photos of daisies, dandelions, roses, sunflowers and tulips.

    TensorFlow's flower_photos, by many photographers, CC BY 2.0 (fetched once, 229 MB).
    Each is scaled until its shorter side fits, and the middle is cut out. They are
    decoded once for a side and kept, 77 kB a photo of 160 × 160.

    A photo's name decides to which part it belongs. Some photos are there twice, nearly
    the same; where the two would be in different parts, the one that is learned from,
    or chosen by, is left out.

    Where only the set scaled to 160 pixels is on this machine (``COURSE_DATA``, see
    data/README.md), a larger side enlarges that. Where neither can be had, patches of
    scikit-image's photographs stand in; their class names, a printed sentence and
    ``is_fallback`` say so.

    Parameters
    ----------
    side
        Pixels a side, 16 to 512.

    Returns
    -------
    PhotoSet

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
    ...     flowers = load_flowers(side=32)
    >>> flowers.train_images.shape[1:], len(flowers.class_names)
    ((32, 32, 3), 5)
    """
    side = _arguments.whole(side, "side", photos.LEAST, _LARGEST)
    entry = registry.entry("flowers")
    try:
        read = _read(entry, side)
    except fetch.Missing as missing:
        return stand_ins.photos_stand_in(entry, missing, side)
    labels = np.array(
        [entry.classes.index(name.split("/")[0]) for name in read.names], np.int64
    )
    parts = [part_of(name) for name in read.names]
    twins = _twins(read, parts)
    for number in twins:
        parts[number] = "none"
    return PhotoSet(
        entry.title,
        **parted(read.images, labels, read.names, parts),  # type: ignore[arg-type]
        class_names=entry.classes,
        left_out=(*read.left_out, *twins.values()),
        credits=MappingProxyType(read.credits),
        source=entry.source,
        licence=entry.licence,
        citation=entry.citation,
    )


def _twins(read: Read, parts: list[str]) -> dict[int, str]:
    """Say which photos have a twin in a later part, and where it is."""
    out = {}
    for pair in near_duplicates(read.images):
        early, late = sorted(pair, key=lambda k: PARTS.index(parts[k]))
        if parts[early] != parts[late]:
            twin = f"nearly the same as {read.names[late]} ({parts[late]})"
            out[early] = f"{read.names[early]}: {twin}"
    return out


# -- where the photos come from --------------------------------------------------------


def _read(entry: registry.Entry, side: int) -> Read:
    """Return the photos of the best archive that can be had.

    Raises
    ------
    Missing
        Where none can.
    """
    whole, small = entry.archives
    order = (small, whole) if side <= SMALL else (whole,)
    for file in order:
        found = _kept(file, side) or _given(entry, file, side)
        if found is not None:
            return found
    try:
        path = fetch.file(whole, entry.title)
        return _decoded(entry, whole, path, side)
    except (fetch.Missing, *decode.DAMAGE) as error:
        if side > SMALL:
            found = _kept(small, side) or _given(entry, small, side)
            if found is not None:
                return found
        if isinstance(error, fetch.Missing):
            raise
        raise fetch.Missing("its archive is damaged", fetch.LATER) from None


def is_here(entry: registry.Entry) -> bool:
    """Say whether photos can be read without fetching anything."""
    return any(
        places.found(file) or _kept(file, SMALL) is not None for file in entry.archives
    )


def _given(entry: registry.Entry, file: registry.File, side: int) -> Read | None:
    path = places.found(file)
    if path is None:
        return None
    with contextlib.suppress(*decode.DAMAGE):
        return _decoded(entry, file, path, side)
    return None


def _decoded(entry: registry.Entry, file: registry.File, path: Path, side: int) -> Read:
    """Decode an archive, and keep what comes of it."""
    credits: dict[str, str] = {}
    found = photos.squares(
        _members(path, entry.classes, credits), entry.photos, side, entry.title
    )
    read = Read(*found, credits)
    _keep(file, side, read)
    return read


def _members(
    path: Path, classes: tuple[str, ...], credits: dict[str, str]
) -> Iterator[photos.Named]:
    """Go through the photos of an archive; nothing of it is written anywhere.

    The photographers, from its LICENSE.txt, come into `credits`.
    """
    for name, data in archives.members(path, photos.MOST):
        parts = name.split("/")
        if parts[-1] == "LICENSE.txt":
            text = data.decode("utf-8", "replace")
            for photo, who, where, other_where, other_who in _CREDIT.findall(text):
                credits[photo] = f"{who or other_who}, {where or other_where}"
        elif len(parts) > 1 and parts[-2] in classes and parts[-1].endswith(".jpg"):
            yield "/".join(parts[-2:]), functools.partial(bytes, data)


# -- what was decoded before -----------------------------------------------------------


def _form(file: registry.File, side: int) -> tuple[str, re.Pattern[str]]:
    start = f"flowers-{side}-{file.sha256[:8]}-{_FORM}-"
    return start, re.compile(re.escape(start) + r"([0-9a-f]{16})\.photos")


def _keep(file: registry.File, side: int, read: Read) -> None:
    about = {"names": read.names, "left_out": read.left_out, "credits": read.credits}
    head = json.dumps(about).encode()
    length = len(head).to_bytes(8, "big")
    pieces = [memoryview(length), memoryview(head), read.images.data.cast("B")]
    hashed = hashlib.sha256()
    for piece in pieces:
        hashed.update(piece)
    name = f"decoded/{_form(file, side)[0]}{hashed.hexdigest()[:16]}.photos"
    places.keep(name, iter(pieces))


def _kept(file: registry.File, side: int) -> Read | None:
    """Read photos that were decoded before; one whose hash is wrong is passed over."""
    _, form = _form(file, side)
    for folder in places.own():
        with contextlib.suppress(OSError):
            for path in sorted((folder / "decoded").iterdir()):
                match = form.fullmatch(path.name)
                if match and (read := _unpacked(path, match[1], side)):
                    return read
    return None


def _unpacked(path: Path, digest: str, side: int) -> Read | None:
    with contextlib.suppress(*decode.DAMAGE):
        data = np.fromfile(path, np.uint8)
        if hashlib.sha256(data.data).hexdigest().startswith(digest):
            length = int.from_bytes(data[:8].tobytes(), "big")
            about: dict[str, Any] = json.loads(data[8 : 8 + length].tobytes())
            images = data[8 + length :].reshape(-1, side, side, 3)
            return Read(images, about["names"], about["left_out"], about["credits"])
    return None
