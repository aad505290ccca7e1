"""MNIST: 70,000 handwritten digits."""

from helpers.datasets import stand_ins, whole
from helpers.datasets.data_set import DataSet


def load_mnist() -> DataSet:
    """Return MNIST: handwritten digits, 60,000 to learn from and 10,000 for the test.

    By Yann LeCun, Corinna Cortes and Christopher Burges, from Keras's own file (11 MB,
    fetched once); CC BY-SA 3.0, as Keras states it. Decoded it is kept as 55 MB.

    Where it cannot be had, scikit-learn's 1,797 digits of 8 × 8 pixels stand in, scaled
    to 28 × 28 as `helpers.images.digit` does it: 1,442 and 355 (CC BY 4.0). They are
    softer than MNIST's and far fewer. A printed sentence says so, and so does
    ``is_fallback``.

    Returns
    -------
    DataSet
        Images (60000, 28, 28) and (10000, 28, 28) uint8, white ink on black; labels
        (60000,) and (10000,), the digits 0 to 9.

    Raises
    ------
    ModuleNotFoundError
        Where neither the set nor scikit-learn is there.

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
    ...     digits = load_mnist()
    >>> digits.train_images.shape[1:], digits.train_images.dtype, digits.class_names[7]
    ((28, 28), dtype('uint8'), '7')
    """
    return whole.load("mnist", stand_ins.small_digits)
