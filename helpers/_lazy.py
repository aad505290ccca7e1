"""Names of a package, each read from its room when it is asked for."""

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any


def names(
    package: str, rooms: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], Iterable[str]]]:
    """Return a package's ``__getattr__`` and ``__dir__`` (PEP 562).

    Parameters
    ----------
    package
        Its ``__name__``.
    rooms
        By each public name the module that has it, seen from the package.

    Examples
    --------
    >>> get, listed = names("helpers", {"relu": "ops"})
    >>> float(get("relu")(-2)), "relu" in listed()
    (0.0, True)
    """

    def get(name: str) -> Any:
        if name not in rooms:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(f"{package}.{rooms[name]}"), name)
        setattr(sys.modules[package], name, found)  # the next time without this detour
        return found

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *rooms})

    return get, listed
