"""Says which real sets are on this machine, and shows a few pictures of them."""

import numpy as np

from helpers.datasets import (
    flowers,
    go,
    places,
    quickdraw,
    registry,
    snippets,
    spoken_digits,
    whole,
)
from helpers.datasets.data_set import Images, Labels, is_test

# Sets that say themselves whether they are here.
_ROOMS = {
    "flowers": flowers,
    "go": go,
    "snippets": snippets,
    "spoken_digits": spoken_digits,
}


def missing() -> list[str]:
    """Return the titles of the sets that would have to be fetched.

    Returns
    -------
    list of str
        Empty where all are here. Of Quick, Draw!, the classes that lessons use count.

    Examples
    --------
    >>> {*missing()} <= {entry.title for entry in registry.entries().values()}
    True
    """
    entries = registry.entries().values()
    return [entry.title for entry in entries if not _present(entry)]


def examples(name: str, each: int) -> tuple[Images, Labels] | None:
    """Return a few test pictures of a set that is here; nothing is fetched.

    Parameters
    ----------
    name
        In the registry: "mnist", "fashion_mnist", "quickdraw".
    each
        How many of each class.

    Returns
    -------
    tuple or None
        (N, 28, 28) and (N,), the classes taking turns; None where it is not here.

    Examples
    --------
    >>> found = examples("mnist", 2)
    >>> found is None or (found[0].shape, found[1][:3].tolist())
    ((20, 28, 28), [0, 1, 2])
    """
    entry = registry.entry(name)
    found = _of_whole(entry) if entry.ways else _of_drawings(entry, each)
    if found is None:
        return None
    images, labels = found
    order = [np.flatnonzero(labels == label)[:each] for label in np.unique(labels)]
    chosen = np.stack(order, axis=1).ravel()
    return images[chosen], labels[chosen]


def _of_whole(entry: registry.Entry) -> tuple[Images, Labels] | None:
    decoded = whole.kept(entry) or whole.given(entry)
    return (decoded[2], decoded[3].astype(np.int64)) if decoded else None


def _of_drawings(entry: registry.Entry, each: int) -> tuple[Images, Labels] | None:
    tests = is_test(5 * each)
    found = []
    for name in quickdraw.CLASSES:
        drawings = quickdraw.given(entry, name, len(tests))
        if drawings is None or len(drawings) < len(tests):
            drawings = quickdraw.kept(name, len(tests))
        if drawings is None:
            return None
        found.append(drawings[tests])
    return np.concatenate(found), np.repeat(np.arange(len(found)), each)


def _present(entry: registry.Entry) -> bool:
    if entry.name in _ROOMS:
        return _ROOMS[entry.name].is_here(entry)
    if entry.ways:
        files = (map(places.found, way.files) for way in entry.ways)
        return any(map(all, files)) or whole.kept(entry) is not None
    return all(_drawings_present(entry, name) for name in quickdraw.CLASSES)


def _drawings_present(entry: registry.Entry, name: str) -> bool:
    count = quickdraw.COUNT
    found = quickdraw.given(entry, name, count)
    if found is not None and len(found) == count:
        return True
    return quickdraw.kept(name, count) is not None
