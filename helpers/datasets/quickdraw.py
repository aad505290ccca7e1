"""Quick, Draw!: what people drew in twenty seconds."""

import contextlib
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from helpers import _arguments
from helpers.datasets import decode, fetch, places, registry, stand_ins
from helpers.datasets.data_set import DataSet, is_test

#: The classes that come where none are asked for.
CLASSES = ("apple", "bicycle", "cat", "diamond", "eye", "fish")

#: … and how many drawings of each.
COUNT = 3000


def load_quickdraw(classes: Iterable[str] = CLASSES, *, count: int = COUNT) -> DataSet:
    """Return drawings of Quick, Draw!: doodles of people who had twenty seconds.

    By Google, CC BY 4.0. Of the publisher's file of a class only the first drawings are
    fetched, 0.8 MB a thousand, and kept; a folder of your own may hold others of the
    same class (``COURSE_DATA/quickdraw/cat.npy``). They were looked through by Google,
    yet may hold something unfit.

    There is no official split. In the course, of every five drawings of a class the
    fifth is for the test: asking for more moves none from one part to the other. The
    classes take turns, apple, bicycle, cat, apple …, so any piece holds all alike.

    Where they cannot be had, doodles drawn by rule stand in, as many as asked for;
    their class names ("doodle 1"), a printed sentence and ``is_fallback`` say so.

    Parameters
    ----------
    classes
        Names of 1 to 345 classes, in the order of their labels, as
        https://github.com/googlecreativelab/quickdraw-dataset lists them.
    count
        How many drawings of each class, 5 to 100,000, tests included.

    Returns
    -------
    DataSet
        Images uint8 (N, 28, 28), white strokes on black, four fifths of
        ``len(classes) * count`` and the rest; labels (N,), places in `classes`.

    Raises
    ------
    ValueError
        For a class there is none of, one that comes twice, or another count.

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
    ...     doodles = load_quickdraw(["cat", "fish"], count=50)
    >>> doodles.train_images.shape, doodles.test_labels[:4]
    ((80, 28, 28), array([0, 1, 0, 1]))
    """
    entry = registry.entry("quickdraw")
    names = _names(classes, entry)
    count = _arguments.whole(count, "count", 5, 100_000)
    try:
        train, test = _parts(entry, names, count)
    except fetch.Missing as missing:
        made = stand_ins.doodles(len(names), count)
        return stand_ins.stand_in(entry, missing, made)
    labels = np.arange(len(names))
    return DataSet(
        entry.title,
        train.reshape(-1, 28, 28),
        np.tile(labels, len(train)),
        test.reshape(-1, 28, 28),
        np.tile(labels, len(test)),
        names,
        source=entry.source,
        licence=entry.licence,
        citation=entry.citation,
        is_fallback=False,
    )


def _names(classes: Iterable[str], entry: registry.Entry) -> tuple[str, ...]:
    if isinstance(classes, str) or not isinstance(classes, Iterable):
        need = 'Give a list of names, ["cat", "fish"]'
        raise _arguments.refusal("classes", _arguments.shown(classes), need)
    names = tuple(_name(name, entry.classes) for name in classes)
    if not names:
        raise _arguments.refusal("classes", "no names", "Give at least one")
    for name in names:
        if names.count(name) > 1:
            raise _arguments.refusal("classes", f'"{name}" twice', "Give each once")
    return names


def _name(name: object, known: tuple[str, ...]) -> str:
    if isinstance(name, str) and name in known:
        return str(name)
    close = _arguments.closest(name, known)
    guess = f'Did you mean "{close}"? ' if close else ""
    need = f'{guess}Give some of the {len(known)} names, as "cat" or "fish"'
    raise _arguments.refusal("classes", _arguments.shown(name), need)


def _parts(
    entry: registry.Entry, names: tuple[str, ...], count: int
) -> tuple[decode.Bytes, decode.Bytes]:
    """Return drawings to learn from and for the test, (N, classes, 28, 28)."""
    tests = is_test(count)
    train = np.empty((count - tests.sum(), len(names), 28, 28), np.uint8)
    test = np.empty((tests.sum(), len(names), 28, 28), np.uint8)
    for label, name in enumerate(names):
        drawings = _class(entry, name, count)
        train[:, label], test[:, label] = drawings[~tests], drawings[tests]
    return train, test


def _class(entry: registry.Entry, name: str, count: int) -> decode.Bytes:
    """Return the first drawings of a class, (count, 28, 28).

    Raises
    ------
    Missing
        Where there are none, or too few.
    """
    most = 0
    for found in (given(entry, name, count), kept(name, count)):
        if found is not None:
            if len(found) == count:
                return found
            most = max(most, len(found))
    try:
        address = entry.address.format(name.replace(" ", "%20"))
        fetched = fetch.drawings(address, count, f"{entry.title} {name}")
    except fetch.Missing as missing:
        if most < 5:
            raise
        remedy = f"give count={most}"
        why = f'only {most:,} drawings of "{name}" are here, and {missing.why}'
        raise fetch.Missing(why, remedy) from None
    if len(fetched) < count:
        remedy = f"give count={len(fetched)}"
        raise fetch.Missing(f'"{name}" has {len(fetched):,} drawings', remedy)
    _keep(name, fetched)
    return fetched


def given(entry: registry.Entry, name: str, count: int) -> decode.Bytes | None:
    """Read drawings from a .npy on this machine, less than `count` where it has less.

    One that the registry lists must have its hash; another one, the publisher's or your
    own, the right form and length.
    """
    listed = {file.path: file for file in entry.files}.get(f"quickdraw/{name}.npy")
    for folder in places.everywhere():
        with contextlib.suppress(OSError, decode.Damaged):
            path = folder / "quickdraw" / f"{name}.npy"
            size = path.stat().st_size
            if listed and size == listed.size and places.sha256(path) != listed.sha256:
                continue
            with path.open("rb") as opened:
                return decode.drawings(opened, count, size)
    return None


def kept(name: str, count: int) -> decode.Bytes | None:
    """Read drawings that were fetched before, or return None."""
    for folder in places.own():
        for path in _fetched_before(folder, name):
            with contextlib.suppress(OSError):
                data = path.read_bytes()
                if len(data) < count * decode.DRAWING:
                    continue
                if hashlib.sha256(data).hexdigest().startswith(path.stem[-16:]):
                    pixels = np.frombuffer(data, np.uint8, count * decode.DRAWING)
                    return pixels.reshape(-1, 28, 28)
    return None


def _fetched_before(folder: Path, name: str) -> list[Path]:
    """Return the files of a class in a cache; their names end with their hashes."""
    form = re.compile(re.escape(name) + r"-[0-9a-f]{16}\.bytes")
    with contextlib.suppress(OSError):
        found = (folder / "decoded" / "quickdraw").iterdir()
        return sorted(path for path in found if form.fullmatch(path.name))
    return []


def _keep(name: str, drawings: decode.Bytes) -> None:
    digest = decode.content([drawings])[:16]
    path = f"decoded/quickdraw/{name}-{digest}.bytes"
    written = places.keep(path, iter([drawings.data.cast("B")]))
    if written is not None:
        for older in _fetched_before(written.parents[2], name):
            with contextlib.suppress(OSError):
                if older.stat().st_size <= written.stat().st_size and older != written:
                    older.unlink()  # the new one begins with the same drawings
