"""Reads many photos of any kind and size: squares, in parallel, none of them fatal."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from helpers import _arguments, _bars, images
from helpers.datasets.data_set import Images
from helpers.datasets.photo_set import PARTS, PhotoSet, part_of, parted

#: Endings of files that are taken for photos.
KINDS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
#: Pixels a side below which a photo says nothing.
LEAST = 16
#: Bytes of a file that no photo of a lesson needs.
MOST = 50_000_000

#: What a file is called, and how its bytes are had.
Named = tuple[str, Callable[[], bytes]]


def square(data: bytes, side: int) -> Images:
    """Return a photo as AlexNet took them: its shorter side scaled, its middle cut out.

    Parameters
    ----------
    data
        Of a file: JPEG, PNG and what else `images.load` reads, of any mode and depth,
        upright as its mark says; of an animation the first picture.
    side
        Pixels a side.

    Returns
    -------
    ndarray of uint8, (side, side, 3)

    Raises
    ------
    ValueError
        For what is no photo, or too small to be one; the message says what came.

    Examples
    --------
    >>> square(images.to_png(images.photo("coffee", colour=True)), 64).shape
    (64, 64, 3)
    """
    pixels = images.load(data, size=None)
    shorter = min(pixels.shape[:2])
    if shorter < LEAST:
        height, width = pixels.shape[:2]
        raise ValueError(f"it has {width} × {height} pixels")
    return images.square(pixels, side)


def squares(
    files: Iterable[Named], count: int, side: int, title: str
) -> tuple[Images, list[str], list[str]]:
    """Read many photos, several at a time, with a bar.

    Parameters
    ----------
    files
        Names, and how their bytes are had. They are asked for in this thread, in order.
    count
        How many there are.
    side
        Pixels a side.
    title
        What the bar calls them.

    Returns
    -------
    (N, side, side, 3) of uint8, list of str, list of str
        The photos, their names, and a sentence on each file that is left out.
    """
    made = np.empty((count, side, side, 3), np.uint8)
    names: list[str] = []
    left_out: list[str] = []
    bar = _bars.bar(total=count, desc=title, unit=" photos")
    with bar, ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for name, future in _ahead(files, pool, side):
            try:
                made[len(names)] = future.result()
                names.append(name)
            except (ValueError, OSError) as error:
                left_out.append(f"{name}: {error}")
            bar.update()
    return made[: len(names)], names, left_out


def _ahead(
    files: Iterable[Named], pool: ThreadPoolExecutor, side: int
) -> Iterator[tuple[str, Future[Images]]]:
    """Go through files while a few are read ahead: not all, their bytes take room."""
    waiting: deque[tuple[str, Future[Images]]] = deque()
    for name, read in files:
        try:
            data = read()
        except (ValueError, OSError) as error:
            failed: Future[Images] = Future()
            failed.set_exception(error)
            waiting.append((name, failed))
        else:
            waiting.append((name, pool.submit(square, data, side)))
        if len(waiting) > 64:
            yield waiting.popleft()
    yield from waiting


# -- a folder of one's own -------------------------------------------------------------


def load_folder(folder: str | os.PathLike[str], *, side: int = 160) -> PhotoSet:
    """Return photos of your own, from a folder that has one sub-folder for each class.

    ``pets/cats/….jpg`` and ``pets/dogs/….jpg``, say. Each photo's name decides to which
    part it belongs: about 70 of 100 to training, 15 to validation, 15 to the test. What
    cannot be read is left out and named.

    Parameters
    ----------
    folder
        Where the sub-folders are. Their names, in the order of the alphabet, are the
        classes.
    side
        Pixels a side of the squares that are cut out of the middle, 16 to 512.

    Returns
    -------
    PhotoSet

    Raises
    ------
    ValueError
        For a folder that is none, holds fewer than two classes, or a class without
        photos in each of the parts; the message says what is missing.

    Examples
    --------
    >>> load_folder("no/such/folder")
    Traceback (most recent call last):
    ValueError: folder: got 'no/such/folder', which is no folder. Give one with a \
sub-folder of photos for each class.
    """
    side = _arguments.whole(side, "side", LEAST, 512)
    top = Path(folder).expanduser()
    need = "Give one with a sub-folder of photos for each class"
    if not top.is_dir():
        raise _arguments.refusal("folder", f"{str(folder)!r}, which is no folder", need)
    classes = sorted(one.name for one in top.iterdir() if _is_class(one))
    if len(classes) < 2:
        came = f"{str(folder)!r}, with {len(classes)} sub-folders that hold photos"
        raise _arguments.refusal("folder", came, f"{need}, two at least")
    paths = [path for name in classes for path in _photos_in(top / name)]
    files = [(f"{path.parent.name}/{path.name}", _reader(path)) for path in paths]
    pictures, names, left_out = squares(files, len(files), side, top.name)
    labels = np.array([classes.index(name.split("/")[0]) for name in names], np.int64)
    parts = [part_of(name) for name in names]
    _refuse_empty_parts(classes, labels, parts, str(folder))
    say_left_out(left_out)
    return PhotoSet(
        top.resolve().name,
        **parted(pictures, labels, names, parts),  # type: ignore[arg-type]
        class_names=tuple(classes),
        left_out=tuple(left_out),
        source=str(folder),
        licence="yours to know",
    )


def say_left_out(left_out: list[str]) -> None:
    """Print how many files were left out, and the first of them; nothing where none."""
    if not left_out:
        return
    count = len(left_out)
    first = "; ".join(left_out[:3]) + (" …" if count > 3 else "")
    print(f"{count} file{'s were' if count > 1 else ' was'} left out: {first}")


def _is_class(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return (
            path.is_dir() and not path.name.startswith(".") and bool(_photos_in(path))
        )
    return False


def _photos_in(folder: Path) -> list[Path]:
    """Return the files of a folder that may be photos, in the order of their names."""
    found = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in found if path.suffix.lower() in KINDS)


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        if path.stat().st_size > MOST:
            raise ValueError(f"it has more than {MOST // 10**6} MB")
        return path.read_bytes()

    return read


def _refuse_empty_parts(
    classes: list[str], labels: np.ndarray, parts: list[str], folder: str
) -> None:
    for number, name in enumerate(classes):
        here = {
            part for part, label in zip(parts, labels, strict=True) if label == number
        }
        lacking = [part for part in PARTS if part not in here]
        if lacking:
            count = int((labels == number).sum())
            came = f"{folder!r}, whose class {name!r} has {count} photos"
            need = f"None is for {' and '.join(lacking)}: add some, 20 at least"
            raise _arguments.refusal("folder", came, need)
