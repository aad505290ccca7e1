"""Reads data/registry.toml: the sets, their files, addresses and hashes."""

import functools
import tomllib
from dataclasses import dataclass
from typing import Any

from helpers import _files

#: Where a clone has its registry and its cache.
CLONE = _files.CLONE


@dataclass(frozen=True)
class File:
    """One file, and how to know that it is the right one.

    Attributes
    ----------
    path
        Where it lies below the folder of the data, with slashes.
    size
        In bytes.
    sha256
        Of the whole file, 64 hexadecimal digits.
    addresses
        Where it can be fetched, in this order; none for what can only be given.
    """

    path: str
    size: int
    sha256: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """The files that together hold a whole set, packed as `kind` says."""

    kind: str
    files: tuple[File, ...]


@dataclass(frozen=True)
class Entry:
    """A data set of the registry.

    Attributes
    ----------
    name, title
        The name in the registry, and what people call it.
    classes
        The names of the classes.
    source, licence, citation
        As in `DataSet`.
    training, test
        How many pictures each part has; 0 where there is no official split.
    content
        SHA-256 of the decoded bytes; empty where the registry has none.
    ways
        Each holds the whole set.
    files
        Files that hold one class each, and may be given.
    address
        Of the file of a class, whose name stands for ``{}``.
    archives
        Of photos: the whole set, then a smaller copy of it that may be given.
    photos
        How many there are in each.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    source: str
    licence: str
    citation: str
    training: int = 0
    test: int = 0
    content: str = ""
    ways: tuple[Way, ...] = ()
    files: tuple[File, ...] = ()
    address: str = ""
    archives: tuple[File, ...] = ()
    photos: int = 0

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of the training images and labels, then of those for testing."""
        n, m = self.training, self.test
        return (n, 28, 28), (n,), (m, 28, 28), (m,)


def entry(name: str) -> Entry:
    """Return a set of the registry.

    Raises
    ------
    KeyError
        For a name that is not in it.

    Examples
    --------
    >>> entry("mnist").licence
    'CC BY-SA 3.0, as Keras states it; the original site stated none'
    """
    return entries()[name]


@functools.cache
def entries() -> dict[str, Entry]:
    """Return all sets of the registry by their names.

    Examples
    --------
    >>> list(entries())
    ['mnist', 'fashion_mnist', 'quickdraw', 'flowers']
    """
    found = tomllib.loads(text())
    return {name: _entry(name, table) for name, table in found.items()}


def text() -> str:
    """Return the registry as it is written, from an installed copy or a clone."""
    return _files.in_data("registry.toml", CLONE).read_text(encoding="utf-8")


def _entry(name: str, table: dict[str, Any]) -> Entry:
    ways = (Way(way["kind"], _listed(way, "files")) for way in table.pop("ways", []))
    table = table | {
        "classes": tuple(table["classes"]),
        "files": _listed(table, "files"),
        "archives": _listed(table, "archives"),
    }
    return Entry(name, ways=tuple(ways), **table)


def _listed(table: dict[str, Any], name: str) -> tuple[File, ...]:
    return tuple(
        File(**file | {"addresses": tuple(file.get("addresses", ()))})
        for file in table.get(name, [])
    )
