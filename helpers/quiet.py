"""Keep what a library's C++ code writes to the screen out of a notebook."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop all that is written to the standard error stream, also from C++.

    TensorFlow says a lot about graphics cards while it loads, and no setting of its own
    silences all of it. What it says later, while a network learns, is held to warnings
    and errors, unless ``TF_CPP_MIN_LOG_LEVEL`` is set already. Python's exceptions are
    not affected.

    Examples
    --------
    >>> with quiet():
    ...     print(os.write(2, b"as C++ would write"))
    18
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")  # read while TensorFlow loads
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
