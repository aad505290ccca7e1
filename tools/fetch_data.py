"""Fetch the real data sets of the course, so that its lessons need no network later.

``python tools/fetch_data.py`` (`make data`) puts them into the folder that
``COURSE_DATA`` names, or into data/cache. It fails where one cannot be had.
"""

import sys

from helpers import datasets


def main() -> int:
    """Load every set, which fetches what is not here; return 1 where one is missing."""
    loads = (
        datasets.load_mnist,
        datasets.load_fashion_mnist,
        datasets.load_quickdraw,
        datasets.load_flowers,
    )
    lacking = 0
    for load in loads:
        found = load()
        print(found, flush=True)
        lacking += found.is_fallback
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
