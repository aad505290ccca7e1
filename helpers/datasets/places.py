"""Where data lie: the folder that was given, and the course's own caches.

`given` is the folder that ``COURSE_DATA`` names. `own` are the course's: data/cache in
a clone, then a cache of the user's. Files of others are looked for in all of them; what
is fetched goes to the first that takes it. What the course makes of it, decoded, goes
to its own caches alone.
"""

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from helpers.datasets import registry

#: What a disk says that is full, or may not be written. Windows has words of its own.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
# … and where a file stands in the place of a folder, or a folder in that of a file.
_TAKEN = {errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOENT}


def given() -> Path | None:
    """Return the folder that ``COURSE_DATA`` names, or None."""
    named = os.environ.get("COURSE_DATA", "").strip()
    return Path(named).expanduser() if named else None


def own() -> Iterator[Path]:
    """Go through the course's own caches, the best first; none may exist yet."""
    if (registry.CLONE / "registry.toml").is_file():
        yield registry.CLONE / "cache"
    import pooch  # here: it takes a while, and is not needed where all is at hand

    yield Path(pooch.os_cache("hands-on-convnets"))


def everywhere() -> Iterator[Path]:
    """Go through all folders, in the order in which they are looked into."""
    named = given()
    if named is not None:
        yield named
    yield from own()


def offline() -> bool:
    """Say whether ``COURSE_OFFLINE`` keeps the course off the network."""
    return os.environ.get("COURSE_OFFLINE", "").strip() not in {"", "0"}


def found(file: registry.File) -> Path | None:
    """Return where a whole and right copy of a file lies, or None.

    A file that is cut short, or is another one under this name, is passed over.
    """
    for folder in everywhere():
        path = folder / file.path
        with contextlib.suppress(OSError):
            if path.stat().st_size == file.size and _is_whole(path, file):
                return path
    return None


def _is_whole(path: Path, file: registry.File) -> bool:
    kind, known = file.hash
    return _hash(path, kind) == known


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in 64 hexadecimal digits."""
    return _hash(path, "sha256")


def _hash(path: Path, kind: str) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, kind).hexdigest()


def keep(path: str, pieces: Iterator[memoryview]) -> Path | None:
    """Write a file into the first of the course's own caches that takes it.

    It is there whole or not at all, also where two write it at once: it gets its name
    when it is complete.

    Parameters
    ----------
    path
        Below the cache, with slashes.
    pieces
        Its bytes.

    Returns
    -------
    Path or None
        None where no cache can be written. All works without, next time more slowly.
    """
    data = list(pieces)
    for folder in own():
        target = folder / path
        with contextlib.suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, data)
            return target
    return None


def _write(target: Path, data: list[memoryview]) -> None:
    half = target.with_name(f".half-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with half.open("xb") as opened:
            opened.writelines(data)
        half.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            half.unlink()
        raise


def is_disk(error: OSError) -> bool:
    """Say whether an error comes from the disk, not from the network."""
    # pooch says so in words of its own, without a number.
    return isinstance(error, PermissionError) or error.errno in _FULL | _CLOSED | _TAKEN


def is_full(error: OSError) -> bool:
    """Say whether an error comes from a disk that is full."""
    return error.errno in _FULL
