"""Finds the notebooks in a folder of a class, reads their bytes, tells whose they are.

>>> from pathlib import PurePath
>>> for file in (
...     "alice/05_learning.ipynb",
...     "submitted/alice/05_learning/05_learning.ipynb",
...     "Alice Wong_12345_assignsubmission_file_/05_learning.ipynb",
...     "05_learning-alice.ipynb",
...     "Copy of 05_learning (1).ipynb",
... ):
...     print(whose(PurePath(file)))
Person(name='alice', number='')
Person(name='alice', number='')
Person(name='Alice Wong', number='12345')
Person(name='alice', number='')
Person(name='Copy of 05_learning (1)', number='')
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from helpers.exercises.stored import clean

__all__ = ["MOST", "TITLES", "Person", "find", "read", "shown", "whose"]

#: Bytes of a file that no notebook of a learner needs.
MOST = 25_000_000

#: How the notebooks of the lessons go on after their number, ``05_learning``.
TITLES = (
    "kernels",
    "convolution",
    "pooling",
    "upsampling",
    "learning",
    "mnist",
    "alexnet",
    "inside",
    "beyond",
)

_LESSON = rf"(?:\d\d[ _-]?(?:{'|'.join(TITLES)})|lesson[ _-]*\d+)(?:\.ipynb)?"
_COPY = r"\bcopy(?: of)?\s*\d*\b|的?副本|\(\d+\)"
_NOT_A_NAME = re.compile(f"{_LESSON}|{_COPY}", re.I)
_EDGES = " -_.,+()[]“”\"'"
# What is left may say where a file lies, or be a number such as a browser adds.
_A_PLACE = re.compile(
    r"(?:submitted|submissions?|handed[ _-]?in|autograded|feedback|inbound|collected"
    r"|notebooks?|colab notebooks|lessons?|homeworks?|assignments?|week"
    r"|hands-on-convnets(?:-main|-v?[\d.]+)?)?[ _-]*\d{0,2}",
    re.I,
)
_MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_.*", re.S)


@dataclass(frozen=True)
class Person:
    """Whose a notebook is.

    Attributes
    ----------
    name
        As it is shown.
    number
        What Moodle adds, which tells two people of the same name apart; else empty.
    """

    name: str
    number: str = ""


def find(folder: Path) -> tuple[list[PurePath], list[tuple[PurePath, str]]]:
    """Return the notebooks in a folder and in those inside it, in a stable order.

    Hidden folders, such as ``.ipynb_checkpoints``, and what macOS adds to archives are
    left out without a word. Links are not followed.

    Returns
    -------
    list of PurePath
        The files, seen from the folder.
    list of (PurePath, str)
        What can't be looked into, or is called a notebook and is none; and why.
    """
    files: list[PurePath] = []
    left_out: list[tuple[PurePath, str]] = []

    def unreadable(error: OSError) -> None:
        place = PurePath(os.path.relpath(error.filename, folder))
        left_out.append((place, f"it cannot be opened: {error.strerror}."))

    for place, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(place)
        inside = []
        for name in sorted(folders):
            path = here / name
            if name.startswith(".") or name == "__MACOSX":
                continue
            if path.is_symlink():
                left_out.append((path.relative_to(folder), "it is a link to a folder."))
            elif name.lower().endswith(".ipynb"):
                left_out.append((path.relative_to(folder), "it is a folder."))
            else:
                inside.append(name)
        folders[:] = inside
        files += (
            (here / name).relative_to(folder)
            for name in names
            if name.lower().endswith(".ipynb") and not name.startswith(".")
        )
    return sorted(files), left_out


def read(path: Path) -> bytes:
    """Return the bytes of a file that may be a notebook.

    Raises
    ------
    ValueError
        With a sentence, where it is no plain file, is too large, or can't be read.
    """
    try:
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            raise ValueError("it is a link, and may lead anywhere.")
        if not stat.S_ISREG(about.st_mode):
            raise ValueError("it is no file.")  # a pipe, say: reading would never end
        if about.st_size > MOST:
            size = f"{about.st_size / 1e6:,.0f} MB"
            raise ValueError(f"it has {size}; at most {MOST // 10**6} MB are read.")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"it cannot be read: {error.strerror}.") from None


def shown(file: PurePath) -> str:
    """Return how a file is named to a reader."""
    return clean(file.as_posix())


def whose(file: PurePath) -> Person:
    """Say whose a notebook is, by the names of its folders, then by its own.

    The nearest folder that is named after somebody counts: not after a lesson, and not
    after a place such as ``submitted``. Where there is none, it is what is left of the
    file's name without the lesson's; where nothing is left, the nearest folder that is
    a number, ``07``; and where there is none, the file's name itself.

    Parameters
    ----------
    file
        Seen from the folder of the class.
    """
    for part in _names(file):
        if moodle := _MOODLE.fullmatch(part):
            return Person(moodle[1].strip(), moodle[2])
        left = _NOT_A_NAME.sub("", part).strip(_EDGES)
        if not _A_PLACE.fullmatch(left):
            return Person(left)
    for folder in map(clean, reversed(file.parts[:-1])):
        if folder.isdecimal():
            return Person(folder)
    return Person(clean(file.with_suffix("").as_posix()))


def _names(file: PurePath) -> Iterator[str]:
    """Give the names of a file's folders, the nearest first, then its own."""
    yield from (clean(part) for part in reversed(file.parts[:-1]))
    yield clean(file.stem)
