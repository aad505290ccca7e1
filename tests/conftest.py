"""What all tests share."""

from pathlib import Path

import matplotlib
import pytest

# Here only: an environment variable would reach the kernels of the lessons too.
matplotlib.use("agg")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return Path(__file__).resolve().parent.parent
