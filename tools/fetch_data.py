"""Fetch the real data sets of the course, so that its lessons need no network later.

``python tools/fetch_data.py`` (`make data`) puts them into the folder that
``COURSE_DATA`` names, or into data/cache, and with them ImageNet's weights of VGG16
without its classifier. It fails where one cannot be had.
"""

import sys

from helpers import datasets
from helpers.datasets import fetch, registry


def main() -> int:
    """Load every set, which fetches what is not here; return 1 where one is missing."""
    loads = (
        datasets.load_mnist,
        datasets.load_fashion_mnist,
        datasets.load_quickdraw,
        datasets.load_flowers,
        datasets.load_go,
        datasets.load_snippets,
        datasets.load_spoken_digits,
    )
    lacking = 0
    for load in loads:
        found = load()
        print(found, flush=True)
        lacking += found.is_fallback
    lacking += not weights()
    return 1 if lacking else 0


def weights() -> bool:
    """Fetch the weights of VGG16's convolutions; say whether they are here now."""
    entry = registry.weights("vgg16")
    try:
        path = fetch.file(entry.files["trunk"], entry.title)
    except fetch.Missing as missing:
        print(f"{entry.title}: no weights of ImageNet ({missing.why})", flush=True)
        return False
    print(f"<{entry.title}: weights of ImageNet, {path.name}>", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
