"""What every `load_…` returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True, repr=False, eq=False)
class DataSet:
    """Pictures with their classes, in a part for training and a part for testing.

    Attributes
    ----------
    name
        What to call it, "MNIST"; where something stands in, of what it holds the place.
    train_images, test_images
        (N, 28, 28) uint8: 0 is the ground, 255 the strongest ink. Fresh arrays with
        every call, so that writing into them changes nothing else.
    train_labels, test_labels
        (N,) int64: places in `class_names`.
    class_names
        What each label means. Those of a stand-in say what it shows itself.
    source, licence, citation
        Who made the pictures and where they come from, what may be done with them, and
        the publication to cite.
    is_fallback
        True where something stands in for the real set.

    Examples
    --------
    >>> import numpy as np
    >>> images, labels = np.zeros((5, 28, 28), np.uint8), np.zeros(5, np.int64)
    >>> DataSet(
    ...     "Tiny", images[:4], labels[:4], images[4:], labels[4:], ("nothing",),
    ...     source="this example", licence="CC0", citation="", is_fallback=False,
    ... )
    <Tiny: 4 + 1 images of 28 × 28, 1 class>
    """

    name: str
    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels
    class_names: tuple[str, ...]
    source: str
    licence: str
    citation: str
    is_fallback: bool

    def __repr__(self) -> str:
        name = f"Stand-in for {self.name}" if self.is_fallback else self.name
        sizes = f"{len(self.train_images):,} + {len(self.test_images):,} images"
        height, width = self.train_images.shape[1:]
        count = len(self.class_names)
        classes = f"{count} class{'' if count == 1 else 'es'}"
        return f"<{name}: {sizes} of {height} × {width}, {classes}>"


def every_fifth_tests(
    images: Images, labels: Labels
) -> tuple[Images, Labels, Images, Labels]:
    """Split what has no official split: of every five of a class, the fifth is a test.

    Which part a picture belongs to depends on its place in its class alone, so asking
    for more of them moves none from one part to the other.

    Parameters
    ----------
    images, labels
        (N, 28, 28) and (N,).

    Returns
    -------
    tuple
        Training images and labels, then those for testing; fresh arrays.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 1])
    >>> every_fifth_tests(np.zeros((10, 28, 28), np.uint8), labels)[3]
    array([0, 1])
    """
    tests = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels == label)
        tests[of_class[is_test(len(of_class))]] = True
    return images[~tests], labels[~tests], images[tests], labels[tests]


def is_test(count: int) -> NDArray[np.bool_]:
    """Say of each picture of a class, in their order, whether it is for the test.

    Examples
    --------
    >>> is_test(7).tolist()
    [False, False, False, False, True, False, False]
    """
    return np.arange(count) % 5 == 4
