"""KernelLab: edit a kernel and watch what it makes of a photograph (lesson 01)."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from helpers import images, kernels, ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.named_picture import (
    LARGEST_PHOTO,
    OWN,
    PHOTO_SIDE,
    PHOTOS,
    NamedPicture,
    photographs,
)
from helpers.widgets.parts.traits import Array, Place, Word

LARGEST_KERNEL = 11


def _checked_image(value: Any) -> np.ndarray:
    return given.gray_picture(value, most=LARGEST_PHOTO)


def _checked_kernel(value: Any) -> np.ndarray:
    return given.square_kernel(value, most=LARGEST_KERNEL)


class KernelLab(NamedPicture):
    """Edit any cell of a kernel; the photo beside it changes with every key press.

    Parameters
    ----------
    image
        Name of a photograph (``"astronaut"``, ``"coffee"``, ``"chelsea"``,
        ``"camera"``) or an array, gray (H, W) or colour (H, W, 3), which is shown gray.
        Values are brightnesses from 0 to 255, or from 0 to 1 where none is above 1.
    kernel
        Name of a kernel of :mod:`helpers.kernels`, or a square array of odd side ≤ 11.
    display
        How the result is shown: ``"photo"`` cuts it off at black and white,
        ``"signed"`` paints negatives blue and positives red, ``"absolute"`` shows the
        size alone; ``"auto"`` takes signed for kernels of sum 0, photo for others.
    position
        Row and column of the pixel to begin with. None takes the middle.

    Attributes
    ----------
    kernel : ndarray of float64
        The weights on the screen. Setting it moves the screen.
    image : ndarray, (H, W)
        The gray picture on the screen.
    photo : str
        Name of that picture, ``"own"`` for one of the learner's.
    position : tuple of int
        Row and column of the pixel whose sum is written out.
    result : ndarray of float64, (H, W)
        The kernel's answer, of the image's size: at the border the outermost pixel is
        repeated (``ops.conv2d(image, kernel, padding="same", mode="edge")``).

    Raises
    ------
    TraitError
        For an image or kernel that cannot be taken, with a sentence; what was there
        before stays.

    Examples
    --------
    >>> lab = KernelLab("camera", "vertical_edges")
    >>> lab.kernel[0]
    array([ 1.,  0., -1.])
    """

    module = "explorers/kernel_lab.js"

    image = Array(_checked_image, [[0]])
    kernel = Array(_checked_kernel, [[1]])
    photo = Word((*PHOTOS, OWN), OWN)
    display = Word(("auto", "photo", "signed", "absolute"), "auto")
    position = Place((0, 0))

    _photos = given.arrays_by_name()
    _presets = given.arrays_by_name()
    _side = traitlets.Int(PHOTO_SIDE).tag(sync=True)
    _most_pixels = traitlets.Int(images.MAX_PIXELS).tag(sync=True)
    _largest = traitlets.Int(LARGEST_KERNEL).tag(sync=True)

    def __init__(
        self,
        image: Any = "astronaut",
        kernel: Any = "identity",
        display: str = "auto",
        *,
        position: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(
            **self._chosen(image, "image"),
            kernel=kernel,
            display=display,
            _photos=photographs(),
            _presets=dict(kernels.BANK),
        )
        # Not before, for it must lie inside this photo.
        self.position = self._middle() if position is None else position

    @traitlets.validate("position")
    def _inside(self, proposal: dict) -> tuple[int, int]:
        rows, columns = self.image.shape
        row, column = proposal["value"]
        if not (0 <= row < rows and 0 <= column < columns):
            raise traitlets.TraitError(
                f"position: ({row}, {column}) lies outside the picture; give a row "
                f"from 0 to {rows - 1} and a column from 0 to {columns - 1}."
            )
        return row, column

    def _fit_the_rest(self, *, chosen: bool) -> None:
        if any(p >= n for p, n in zip(self.position, self.image.shape, strict=True)):
            self.position = self._middle()

    def _middle(self) -> tuple[int, int]:
        rows, columns = self.image.shape
        return rows // 2, columns // 2

    @property
    def result(self) -> np.ndarray:
        """The kernel's answer to the image, (H, W), float64."""
        return ops.conv2d(
            self.image.astype(np.float64), self.kernel, padding="same", mode="edge"
        )

    def describe(self) -> str:
        """Return one line with the photo, the kernel and the range of the result."""
        known = (n for n, k in kernels.BANK.items() if np.array_equal(k, self.kernel))
        size, (rows, columns), result = len(self.kernel), self.image.shape, self.result
        return (
            f"KernelLab: photo {self.photo} ({rows} × {columns}), "
            f"kernel {next(known, 'custom')} ({size} × {size}, "
            f"sum {self.kernel.sum():.4g}), "
            f"result from {result.min():.4g} to {result.max():.4g}"
        )

    def picture(self) -> plots.Picture:
        """Return photo ⋆ kernel = result, the result as it is displayed."""
        result = np.abs(self.result) if self.display == "absolute" else self.result
        return plots.filtering(
            self.image,
            self.kernel,
            result,
            signed={"auto": None, "signed": True}.get(self.display, False),
            titles=(self.photo, "kernel", "result"),
        )
