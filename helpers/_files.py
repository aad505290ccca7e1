"""Finds the small files of the course's own, wherever the helpers came from.

In a clone they lie in ``data/`` at the top. In an installed copy, also in one that was
installed from an archive, they are packed as ``helpers/data`` (pyproject.toml,
``package-dir``), where `importlib.resources` finds them.
"""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

#: Where a clone has its data.
CLONE = Path(__file__).resolve().parents[1] / "data"


def in_data(name: str, clone: Path = CLONE) -> Traversable:
    """Return a file of data/, to be opened or read; it need not be on a disk.

    Examples
    --------
    >>> "[mnist]" in in_data("registry.toml").read_text("utf-8")
    True
    """
    packed = resources.files("helpers") / "data" / name
    return packed if packed.is_file() else clone / name
