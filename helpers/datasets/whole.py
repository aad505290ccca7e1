"""Loads the sets that come as a whole: MNIST and Fashion-MNIST."""

import contextlib
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from helpers.datasets import decode, fetch, places, registry
from helpers.datasets.data_set import DataSet
from helpers.datasets.stand_ins import StandIn, stand_in


def load(name: str, instead: Callable[[], StandIn]) -> DataSet:
    """Return a set of the registry, or what stands in for it.

    Parameters
    ----------
    name
        In the registry.
    instead
        Makes the stand-in.
    """
    entry = registry.entry(name)
    try:
        decoded = kept(entry) or given(entry) or fetched(entry)
    except fetch.Missing as missing:
        return stand_in(entry, missing, instead())
    train_images, train_labels, test_images, test_labels = decoded
    return DataSet(
        entry.title,
        train_images,
        train_labels.astype(np.int64),
        test_images,
        test_labels.astype(np.int64),
        entry.classes,
        source=entry.source,
        licence=entry.licence,
        citation=entry.citation,
        is_fallback=False,
    )


def kept(entry: registry.Entry) -> list[decode.Bytes] | None:
    """Read a set that was decoded before, or return None.

    The file holds nothing but the bytes of the arrays, so its hash is that of their
    content, and there is nothing in it to interpret.
    """
    size = sum(math.prod(shape) for shape in entry.shapes)
    for folder in places.own():
        with contextlib.suppress(OSError):
            path = folder / _name(entry)
            if path.stat().st_size != size:
                continue
            data = np.empty(size, np.uint8)
            with path.open("rb") as opened:
                opened.readinto(data.data)
            decoded = decode.split(data, entry.shapes)
            if decode.content([data]) == entry.content:
                return decoded
    return None


def given(entry: registry.Entry) -> list[decode.Bytes] | None:
    """Decode a set whose files are on this machine, or return None."""
    for way in entry.ways:
        paths = [places.found(file) for file in way.files]
        whole = [path for path in paths if path is not None]
        if len(whole) == len(paths):
            with contextlib.suppress(decode.Damaged):
                return _decoded(entry, way, whole)
    return None


def fetched(entry: registry.Entry) -> list[decode.Bytes]:
    """Fetch and decode a set.

    Raises
    ------
    Missing
        Where it cannot be had in any way.
    """
    missing = None
    for way in entry.ways:
        try:
            paths = [fetch.file(file, entry.title) for file in way.files]
            return _decoded(entry, way, paths)
        except decode.Damaged:
            missing = missing or fetch.Missing("its files are damaged", fetch.LATER)
        except fetch.Missing as error:
            missing = missing or error
            if error.why == "no network":
                break  # the other ways need it, too
    raise missing or fetch.Missing("the registry names no files", fetch.LATER)


def _decoded(
    entry: registry.Entry, way: registry.Way, paths: list[Path]
) -> list[decode.Bytes]:
    decoded = decode.arrays(way.kind, paths, entry.shapes)
    if decode.content(decoded) != entry.content:
        raise decode.Damaged(f"{entry.title} decodes to other numbers")
    places.keep(_name(entry), _pieces(decoded))
    return decoded


def _pieces(decoded: list[decode.Bytes]) -> Iterator[memoryview]:
    return (array.data.cast("B") for array in decoded)


def _name(entry: registry.Entry) -> str:
    return f"decoded/{entry.name}-{entry.content[:16]}.bytes"
