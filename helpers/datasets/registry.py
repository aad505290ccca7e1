"""Reads data/registry.toml: the sets, their files, addresses and hashes.

Networks that others trained stand there, too: `weights`.
"""

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
    md5
        Of the whole file, 32 hexadecimal digits, where its publisher states that alone.
        It tells a cut or damaged file, and no more: two files can be made to share one.
    """

    path: str
    size: int
    sha256: str = ""
    addresses: tuple[str, ...] = ()
    md5: str = ""

    @property
    def hash(self) -> tuple[str, str]:
        """The kind of the hash that is known, "sha256" or "md5", and the hash."""
        return ("sha256", self.sha256) if self.sha256 else ("md5", self.md5)


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
        The names of the classes; none where there are no classes.
    source, licence, citation
        As in `DataSet`.
    training, test
        How many pictures or recordings each part has; 0 where there is no official
        split.
    content
        SHA-256 of the decoded bytes; empty where the registry has none.
    ways
        Each holds the whole set.
    files
        Files that hold one class each, and may be given.
    address
        Of the file of a class, whose name stands for ``{}``; or of an archive without a
        hash of its own.
    archives
        Of photos and games: the publisher's, then a smaller one that may be given. Of
        sentences: the one that holds `files`. Of recordings: what may be given.
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


@dataclass(frozen=True)
class Weights:
    """A network that others trained.

    Attributes
    ----------
    title
        What people call it.
    source, licence, citation
        As in `DataSet`.
    files
        By what they hold.
    """

    title: str
    source: str
    licence: str
    citation: str
    files: dict[str, File]


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
    ['mnist', 'fashion_mnist', 'quickdraw', 'flowers', 'go', 'snippets', \
'spoken_digits']
    """
    found = tomllib.loads(text())
    found.pop("weights", None)
    return {name: _entry(name, table) for name, table in found.items()}


@functools.cache
def weights(name: str) -> Weights:
    """Return a network of the registry that others trained.

    Raises
    ------
    KeyError
        For a name that is not in it.

    Examples
    --------
    >>> list(weights("vgg16").files)
    ['trunk', 'whole', 'classes']
    """
    table = tomllib.loads(text())["weights"][name]
    files = {held: _file(file) for held, file in table.pop("files").items()}
    return Weights(files=files, **table)


def text() -> str:
    """Return the registry as it is written, from an installed copy or a clone."""
    return _files.in_data("registry.toml", CLONE).read_text(encoding="utf-8")


def _entry(name: str, table: dict[str, Any]) -> Entry:
    ways = (Way(way["kind"], _listed(way, "files")) for way in table.pop("ways", []))
    table = table | {
        "classes": tuple(table.get("classes", ())),
        "files": _listed(table, "files"),
        "archives": _listed(table, "archives"),
    }
    return Entry(name, ways=tuple(ways), **table)


def _listed(table: dict[str, Any], name: str) -> tuple[File, ...]:
    return tuple(map(_file, table.get(name, [])))


def _file(table: dict[str, Any]) -> File:
    return File(**table | {"addresses": tuple(table.get("addresses", ()))})
