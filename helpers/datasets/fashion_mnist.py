"""Fashion-MNIST: 70,000 pictures of clothes."""

from helpers.datasets import stand_ins, whole
from helpers.datasets.data_set import DataSet


def load_fashion_mnist() -> DataSet:
    """Return Fashion-MNIST: clothes, 60,000 to learn from and 10,000 for the test.

    By Zalando Research, from its own four files (31 MB, fetched once); MIT licence.
    Decoded it is kept as 55 MB.

    Where it cannot be had, 2,500 gray blobs stand in, drawn by rule: ten kinds, of
    shapes that nobody wears, 2,000 and 500. Their class names say so ("blob 1" …), a
    printed sentence does, and ``is_fallback``.

    Returns
    -------
    DataSet
        Images (60000, 28, 28) and (10000, 28, 28) uint8, light clothes on black; labels
        (60000,) and (10000,), 0 to 9.

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
    ...     clothes = load_fashion_mnist()
    >>> clothes.test_images.shape[1:], len(clothes.class_names)
    ((28, 28), 10)
    """
    return whole.load("fashion_mnist", stand_ins.blobs)
