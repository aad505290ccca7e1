"""One look for all progress bars: a line that wipes itself away."""

from __future__ import annotations

import sys
from typing import Any


def bar(**settings: Any) -> Any:
    """Return tqdm's plain bar: its widget would lie dead in a stored notebook.

    In a notebook it goes to standard output, where what is printed next takes its
    place; of standard error a red strip would stay. Elsewhere output is kept clean.

    Parameters
    ----------
    **settings
        Of tqdm: total, desc, unit …

    Examples
    --------
    >>> bar(total=2, disable=True).total
    2
    """
    from tqdm import tqdm

    return tqdm(leave=False, file=sys.stdout if in_notebook() else None, **settings)


def in_notebook() -> bool:
    """Say whether this runs in the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None
