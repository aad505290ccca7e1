"""Brings files over the network, each checked, tried again, and whole or not at all.

`pooch` keeps the files, checks their hashes and tries again. What it is given here to
fetch with stops after as many bytes as are needed, does not wait for ever, and shows
how far it is.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from helpers import _bars
from helpers.datasets import decode, places, registry

#: What is in a file.
Read = TypeVar("Read")

#: Seconds to wait for a connection, and for the next bytes of an answer.
TIMEOUT = (6, 20)

#: Seconds after which a file that trickles in is given up.
PATIENCE = 600

#: What a server answers that has too many visitors: alone of its kind, it may pass.
BUSY = 429

#: How often a file is tried again that came wrong, or not.
RETRIES = 2

_PIECE = 1 << 16  # bytes


class Missing(Exception):  # noqa: N818  (it is no error: something stands in)
    """What is missing cannot be had; says why, and what a learner can do.

    Attributes
    ----------
    why
        In a few words: "no network".
    remedy
        What to do, as the end of a sentence: "For the real one, …".
    """

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(f"{why}: {remedy}")
        self.why, self.remedy = why, remedy


class _GivenUp(OSError):  # noqa: N818  (it says that we did)
    """Not worth another try at this address."""


ONLINE = "go online and run this cell again"
LATER = "run this cell again later"


def offline(folder: str) -> Missing:
    """Return what to say where the course may not use the network."""
    remedy = f"unset it, or set COURSE_DATA to a folder with {folder}/ in it"
    return Missing("COURSE_OFFLINE is set", remedy)


def file(wanted: registry.File, title: str) -> Path:
    """Fetch a file of the registry, unless it is here.

    Parameters
    ----------
    wanted
        The file.
    title
        What the progress bar calls it.

    Returns
    -------
    Path
        Of the file; its hash is right.

    Raises
    ------
    Missing
        Where it cannot be had.
    """
    here = places.found(wanted)
    if here is not None:
        return here
    folder = wanted.path.partition("/")[0]
    if places.offline():
        raise offline(folder)
    errors: list[Exception] = []
    for place in _writable(wanted):
        for address in wanted.addresses:
            try:
                return _fetched(wanted, address, place, title)
            except (OSError, ValueError) as error:
                errors.append(error)
                if isinstance(error, OSError) and places.is_disk(error):
                    break  # no other address makes room here; another place may
        else:
            break  # no other place makes these addresses better
    raise _missing(errors, wanted.size)


def _writable(wanted: registry.File) -> Iterator[Path]:
    """Go through the folders that a file may be fetched into.

    One of this name that was given, and is not the right one, is left as it is.
    """
    for folder in places.everywhere():
        if folder != places.given() or not (folder / wanted.path).exists():
            yield folder


def _fetched(wanted: registry.File, address: str, place: Path, title: str) -> Path:
    import pooch

    keeper = pooch.create(
        path=place,
        base_url="",
        registry={wanted.path: ":".join(wanted.hash)},
        urls={wanted.path: address},
        retry_if_failed=RETRIES,
    )
    with _silent(pooch):
        return Path(keeper.fetch(wanted.path, downloader=_Downloader(title)))


def drawings(address: str, count: int, title: str) -> decode.Bytes:
    """Fetch the first drawings of a class of Quick, Draw!, and no more.

    The server is asked for the beginning of its file. Where it sends all of it all the
    same, reading stops as soon as there is enough.

    Parameters
    ----------
    address
        Of the file of a class.
    count
        How many drawings.
    title
        What the progress bar calls it.

    Returns
    -------
    ndarray of uint8, (count, 28, 28)
        Less than `count` where the class has no more.

    Raises
    ------
    Missing
        Where they cannot be had.
    """

    def read(path: Path) -> decode.Bytes:
        with path.open("rb") as opened:
            return decode.drawings(opened, count)

    limit = decode.HEADER + count * decode.DRAWING
    return contents(address, read, title, "quickdraw", size=limit, limit=limit)


def contents(
    address: str,
    read: Callable[[Path], Read],
    title: str,
    folder: str,
    *,
    size: int,
    limit: int | None = None,
) -> Read:
    """Fetch a file of which no hash is known, and return what is in it.

    The file itself is not kept: that is for the caller to do with what it holds.

    Parameters
    ----------
    address
        Of the file.
    read
        Reads it, and raises `decode.Damaged` for anything else than what it should be:
        then it is fetched again.
    title
        What the progress bar calls it.
    folder
        Of ``COURSE_DATA``, where the set may be given.
    size
        About how many bytes it has.
    limit
        How many bytes are needed from its beginning; None for all.

    Returns
    -------
    object
        What `read` returned.

    Raises
    ------
    Missing
        Where it cannot be had.
    """
    import pooch

    if places.offline():
        raise offline(folder)
    name = address.rpartition("/")[2]
    downloader = _Downloader(title, limit, read)
    try:
        with tempfile.TemporaryDirectory() as temporary, _silent(pooch):
            keeper = pooch.create(
                path=temporary,
                base_url="",
                registry={name: None},
                urls={name: address},
                retry_if_failed=RETRIES,
            )
            keeper.fetch(name, downloader=downloader)
            return downloader.found
    except (OSError, ValueError) as error:
        raise _missing([error], size) from None


class _Downloader:
    """Fetches for pooch.

    Parameters
    ----------
    title
        What the progress bar calls the file.
    limit
        How many bytes are needed; None for all.
    read
        Reads what came, or refuses it; None where pooch knows the hash.

    Attributes
    ----------
    found
        What `read` returned.
    """

    def __init__(
        self,
        title: str,
        limit: int | None = None,
        read: Callable[[Path], Any] | None = None,
    ) -> None:
        self.title, self.limit, self.read = title, limit, read
        self.found: Any = None

    def __call__(self, url: str, output_file: Any, pooch: Any) -> None:
        """Write what the address gives into a file."""
        import requests

        # As it lies on the server: unpacked on the way, it would have another hash.
        headers = {"Accept-Encoding": "identity"}
        if self.limit is not None:
            headers["Range"] = f"bytes=0-{self.limit - 1}"
        try:
            answer = requests.get(url, headers=headers, stream=True, timeout=TIMEOUT)
        except requests.exceptions.ConnectionError as error:
            if _nobody_there(error):
                raise _GivenUp("no network") from None
            raise
        with answer, open(output_file, "wb") as opened:
            if answer.status_code in range(400, 500) and answer.status_code != BUSY:
                raise _GivenUp(f"the server answered {answer.status_code}")
            answer.raise_for_status()
            self._write(answer, opened)
        # pooch makes it for this user alone; a class may share the folder.
        Path(output_file).chmod(0o644)
        if self.read is not None:
            self.found = self.read(Path(output_file))

    def _write(self, answer: Any, opened: Any) -> None:
        total = int(answer.headers.get("content-length", 0)) or None
        left = self.limit if self.limit is not None else float("inf")
        total = total if total is None else int(min(total, left))
        ends = time.monotonic() + PATIENCE
        bar = _bars.bar(total=total, desc=self.title, unit="B", unit_scale=True)
        with bar:
            for piece in answer.iter_content(_PIECE):
                piece = piece[: int(min(len(piece), left))]
                opened.write(piece)
                bar.update(len(piece))
                left -= len(piece)
                if left <= 0:
                    return
                if time.monotonic() > ends:
                    raise _GivenUp("the network is too slow")


def _nobody_there(error: Exception) -> bool:
    """Say whether no connection came about at all, so that to try again is idle."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    kinds = {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}
    return type(reason).__name__ in kinds


def _missing(errors: list[Exception], size: int) -> Missing:
    """Say in a few words what the last of several errors was."""
    if not errors:
        return Missing("no address has it", LATER)
    error = errors[-1]
    for disk in errors:
        if isinstance(disk, OSError) and places.is_disk(disk):
            error = disk  # this says more than what else went wrong
    if isinstance(error, OSError) and places.is_disk(error):
        room = f"{max(1, round(size / 1e6))} MB"
        if places.is_full(error):
            return Missing("the disk is full", f"free {room} and run this cell again")
        remedy = f"set COURSE_DATA to a folder that can be, with {room} free"
        return Missing("no folder can be written", remedy)
    if isinstance(error, _GivenUp):
        why = str(error)
        return Missing(why, ONLINE if why == "no network" else LATER)
    name = type(error).__name__
    if "Timeout" in name or "timed out" in str(error):
        return Missing("the server does not answer in time", LATER)
    if name == "HTTPError":
        return Missing("the server has a fault", LATER)
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return Missing("what the server sent is damaged or another file", LATER)
    return Missing("the connection broke", LATER)


@contextlib.contextmanager
def _silent(pooch: Any) -> Iterator[None]:
    """Keep pooch from writing of each step; the progress bar says enough."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)
