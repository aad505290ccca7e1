"""Makes arrays of files. Nothing is unpickled, and nothing grows beyond its size."""

import gzip
import hashlib
import math
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Shapes = Sequence[tuple[int, ...]]

#: The numbers of one drawing of 28 × 28.
DRAWING = 28 * 28

#: A header of NumPy's .npy files is far shorter.
HEADER = 4096

# What readers raise on files that are cut short, or are something else.
DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    RuntimeError,
    NotImplementedError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    tarfile.TarError,
)


class Damaged(ValueError):  # noqa: N818  (an adjective says it best)
    """A file that does not hold what it should."""


def arrays(kind: str, paths: Sequence[Path], shapes: Shapes) -> list[Bytes]:
    """Read the four arrays of a set.

    Parameters
    ----------
    kind
        "npz": one file of NumPy's with x_train, y_train, x_test, y_test. "idx": four
        files as MNIST's publisher has them, packed with gzip.
    paths
        Of the files.
    shapes
        What the arrays must have.

    Returns
    -------
    list of ndarray of uint8
        Training images and labels, test images and labels; they can be written.

    Raises
    ------
    Damaged
        For anything else than these arrays, whatever it is.
    """
    try:
        return _READERS[kind](paths, shapes)
    except DAMAGE as error:
        raise Damaged(f"{paths[0].name} can't be read ({error})") from None


def content(decoded: Sequence[Bytes]) -> str:
    """Return one hash of several arrays: SHA-256 over their bytes, one by one."""
    hashed = hashlib.sha256()
    for array in decoded:
        hashed.update(np.ascontiguousarray(array).data)
    return hashed.hexdigest()


def split(data: Bytes, shapes: Shapes) -> list[Bytes]:
    """Cut bytes that lie one behind the other into arrays; they share the memory.

    Examples
    --------
    >>> import numpy as np
    >>> [part.tolist() for part in split(np.arange(3, dtype=np.uint8), [(1, 2), (1,)])]
    [[[0, 1]], [2]]
    """
    ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    parts = np.split(data, ends)
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def drawings(opened: BinaryIO, count: int, size: int | None = None) -> Bytes:
    """Read the first drawings of one of Quick, Draw!'s files.

    Parameters
    ----------
    opened
        A .npy of (N, 784) uint8, at its start. It may end after `count` drawings.
    count
        How many.
    size
        Of the whole file in bytes, where it is known: then its length must be right.

    Returns
    -------
    ndarray of uint8, (count, 28, 28)
        Less than `count` where the file has no more.

    Raises
    ------
    Damaged
        For anything else: another file, a cut one, drawings without ink.
    """
    try:
        (total, *rest), kind = _header(opened)
        if (rest, kind) != ([DRAWING], "uint8"):
            raise ValueError(f"it holds {kind}, not rows of {DRAWING} bytes")
        if total < 1:
            raise ValueError("it holds no drawings")
        start = opened.tell()
        if size is not None and size != start + total * DRAWING:
            raise ValueError(f"it should have {start + total * DRAWING:,} bytes")
        pixels = np.empty((min(count, total), DRAWING), np.uint8)
        if _fill(opened, pixels) != pixels.nbytes:
            raise ValueError("it is cut short")
        if pixels.max(axis=1).min() < 128:
            raise ValueError("it holds an empty drawing")
    except DAMAGE as error:
        raise Damaged(f"not a file of drawings ({error})") from None
    return pixels.reshape(-1, 28, 28)


def weights(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Floats]:
    """Read the weights of a network from one of NumPy's .npz.

    Parameters
    ----------
    path
        Of the file.
    shapes
        What the arrays must have, by their names. There may be no others.

    Returns
    -------
    dict of ndarray of float32
        In the order of `shapes`. Half floats (float16) in the file become float32.

    Raises
    ------
    Damaged
        For anything else than these arrays, whatever it is; for NaN and infinity.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if {*archive.namelist()} != {f"{name}.npy" for name in shapes}:
                raise ValueError("it holds arrays of other names")
            found = {name: _array(archive, name) for name in shapes}
        for name, array in found.items():
            if array.dtype.kind != "f" or array.shape != shapes[name]:
                came = f"{array.dtype} of shape {array.shape}"
                raise ValueError(f"{name} is {came}, not {shapes[name]}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} has numbers that are not finite")
    except DAMAGE as error:
        raise Damaged(f"{path.name} can't be read ({error})") from None
    return {name: array.astype(np.float32) for name, array in found.items()}


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as opened:
        return np.lib.format.read_array(opened, allow_pickle=False)


def _header(opened: Any) -> tuple[tuple[int, ...], str]:
    """Return the shape that a .npy names and what its numbers are.

    The header is a literal, and read as one; a type that names objects stays a name.
    """
    if np.lib.format.read_magic(opened) != (1, 0):
        raise ValueError("it was written in another form of NumPy's")
    shape, columns_first, dtype = np.lib.format.read_array_header_1_0(opened)
    return shape, f"{dtype}{' by columns' if columns_first else ''}"


def _fill(opened: BinaryIO, array: Bytes) -> int:
    """Read into an array, as much as there is; return how many bytes came."""
    view, done = array.data.cast("B"), 0
    while done < len(view):
        piece = opened.read(min(len(view) - done, 1 << 20))
        if not piece:
            break
        view[done : done + len(piece)] = piece
        done += len(piece)
    return done


def _npz(paths: Sequence[Path], shapes: Shapes) -> list[Bytes]:
    names = ("x_train", "y_train", "x_test", "y_test")
    read = []
    with zipfile.ZipFile(paths[0]) as archive:
        for name, shape in zip(names, shapes, strict=True):
            with archive.open(f"{name}.npy") as opened:
                read.append(_npy(opened, shape))
    return read


def _npy(opened: Any, shape: tuple[int, ...]) -> Bytes:
    found = _header(opened)
    if found != (shape, "uint8"):
        raise ValueError(f"it holds {found[1]} of shape {found[0]}, not {shape}")
    return _rest(opened, shape)


def _idx(paths: Sequence[Path], shapes: Shapes) -> list[Bytes]:
    read = []
    for path, shape in zip(paths, shapes, strict=True):
        with gzip.open(path) as opened:
            # Two zeros, the type (8: bytes), how many axes; then the length of each.
            wanted = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)
            if opened.read(len(wanted)) != wanted:
                raise ValueError(f"not bytes of shape {shape}")
            read.append(_rest(opened, shape))
    return read


def _rest(opened: Any, shape: tuple[int, ...]) -> Bytes:
    """Read one array to the end of the file, which must be its own end, too."""
    array = np.empty(shape, np.uint8)
    if _fill(opened, array) != array.nbytes:
        raise ValueError("it is cut short")
    if opened.read(1):
        raise ValueError("it is longer than it should be")
    return array


_READERS: dict[str, Callable[[Sequence[Path], Shapes], list[Bytes]]] = {
    "npz": _npz,
    "idx": _idx,
}
