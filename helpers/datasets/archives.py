"""Reads what is in an archive; nothing of it is written anywhere."""

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path


def members(path: Path, most: int) -> Iterator[tuple[str, bytes]]:
    """Go through the files of an archive, in its order.

    Folders and links are passed over, and so are files that are too large. A name is
    what the archive says, and may point anywhere: it is good for telling files apart.

    Parameters
    ----------
    path
        Of the archive: a ``.zip``, or a tar packed with gzip.
    most
        Bytes of the largest file that is read.

    Yields
    ------
    str, bytes
        What each is called, with slashes, and what is in it.

    Raises
    ------
    one of `decode.DAMAGE`
        For an archive that is cut short, or is none.
    """
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir() and info.file_size <= most:
                    yield info.filename, archive.read(info)
        return
    with tarfile.open(path, "r:gz") as tar:
        for member in tar:
            if member.isfile() and member.size <= most:
                opened = tar.extractfile(member)
                if opened is not None:
                    yield member.name, opened.read()
