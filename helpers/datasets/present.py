"""Says which real sets are on this machine."""

from helpers.datasets import places, quickdraw, registry, whole


def missing() -> list[str]:
    """Return the titles of the sets that would have to be fetched.

    Returns
    -------
    list of str
        Empty where all are here. Of Quick, Draw!, the classes that lessons use count.

    Examples
    --------
    >>> set(missing()) <= {"MNIST", "Fashion-MNIST", "Quick, Draw!"}
    True
    """
    entries = registry.entries().values()
    return [entry.title for entry in entries if not _present(entry)]


def _present(entry: registry.Entry) -> bool:
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
