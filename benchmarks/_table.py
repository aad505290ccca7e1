"""What the benchmarks print alike: the machine's line and the rows of a table."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version

NAME, NUMBER = 38, 12  # characters


def machine(*packages: str) -> str:
    """Return two lines: the machine and its load, the versions of the packages."""
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
        f"Python {platform.python_version()}, {versions}"
    )


def header(title: str, columns: Iterable[str]) -> None:
    """Print a table's title and the heads of its columns."""
    print(
        f"\n{title}\n  {'':{NAME}}" + "".join(f"{head:>{NUMBER}}" for head in columns)
    )


def row(name: str, numbers: Iterable[float | str], digits: int = 1) -> None:
    """Print one row; numbers get `digits` decimals, text stands as it is."""
    texts = (n if isinstance(n, str) else f"{n:,.{digits}f}" for n in numbers)
    print(f"  {name:{NAME}}" + "".join(f"{text:>{NUMBER}}" for text in texts))
