"""Find a lesson by any of its names; run as a script, print where it lies.

``python tools/lessons.py 03`` prints ``notebooks/03_pooling.ipynb``, and so it does for
``3``, ``03_pooling`` and the path itself.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def find(name: str, root: Path = ROOT) -> Path:
    """Find the lesson that a name stands for.

    Parameters
    ----------
    name : str
        A number (``3``, ``03``), a name (``03_pooling``) or a path.
    root : Path
        Folder of the repository.

    Returns
    -------
    Path
        The notebook.

    Raises
    ------
    LookupError
        Where there is no such lesson; the sentence names those there are.

    Examples
    --------
    >>> find("1").name
    '01_kernels.ipynb'
    """
    lessons = sorted((root / "notebooks").glob("*.ipynb"))
    for lesson in lessons:
        number = lesson.stem.split("_")[0]
        if name in (lesson.stem, lesson.name, number, number.lstrip("0")):
            return lesson
        if (root / name).resolve() == lesson.resolve():
            return lesson
    known = ", ".join(lesson.stem for lesson in lessons) or "none yet"
    raise LookupError(
        f"There is no lesson {name!r}. There are: {known}. "
        "The number is enough, as in LESSON=01."
    )


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Print the path of the lesson named; any other path that exists, as given."""
    (name,) = arguments
    try:
        found = find(name, root).relative_to(root)
    except LookupError as error:
        found = Path(name)
        if not (root / found).exists():
            print(error, file=sys.stderr)
            return 1
    print(found.as_posix())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
