"""UpsamplingCompare: one patch, pooled down and enlarged in five ways (lesson 04)."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from helpers import images, ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.named_picture import (
    LARGEST_PHOTO,
    OWN,
    PHOTO_SIDE,
    PHOTOS,
    NamedPicture,
    photographs,
)
from helpers.widgets.parts.traits import Array, OneOf, Place, Whole, Word

SIDE = 64  # pixels of a side of the patch
LENSES = (4, 8, 16, 32)  # how many pixels a side the lens enlarges
FACTORS = (2, 4, 8)
KERNELS = ("ones", "tent", "gaussian")
LARGEST_KERNEL = 16
REACH = 64  # grays: an error that is painted in full colour

#: Where something is to be seen: top left corner of the patch in our photographs.
CORNERS = {
    "astronaut": (20, 78),
    "coffee": (96, 96),
    "chelsea": (64, 96),
    "camera": (32, 96),
}

#: How the five ways are called.
METHODS = {
    "nearest": "nearest",
    "bilinear": "bilinear",
    "unpooling": "unpooling",
    "transposed": "transposed convolution",
    "resize_conv": "resize, then convolve",
}


def profile(name: str, size: int) -> np.ndarray:
    """Return one row of a kernel, (size,), sum 1; the kernel is its outer product.

    Parameters
    ----------
    name
        ``"ones"``; ``"tent"``, the weights of bilinear interpolation, a triangle whose
        sides are ⌊(size + 1) / 2⌋ wide; ``"gaussian"``, a bell whose width grows with
        the size as in `helpers.kernels.gaussian`.
    size
        1 or more; an even one has its middle between two weights.

    Examples
    --------
    >>> profile("tent", 3)
    array([0.25, 0.5 , 0.25])
    """
    distance = np.abs(np.arange(size) - (size - 1) / 2)
    weights = {
        "ones": lambda: np.ones(size),
        "tent": lambda: 1 - distance / ((size + 1) // 2),
        "gaussian": lambda: np.exp(
            -0.5 * (distance / (0.3 * ((size - 1) / 2 - 1) + 0.8)) ** 2
        ),
    }[name]()
    return weights / weights.sum()


def flat_range(name: str, size: int, factor: int) -> tuple[float, float]:
    """Return the least and most that a flat picture of 100 is painted as.

    Away from the rim, by a transposed convolution of stride ``factor`` whose kernel's
    sum is factor², so that the mean stays 100. Two numbers that differ are a
    checkerboard.

    Examples
    --------
    >>> flat_range("ones", 4, 2)
    (100.0, 100.0)
    >>> [round(value, 1) for value in flat_range("ones", 3, 2)]
    [44.4, 177.8]
    """
    weights = np.zeros(-(-size // factor) * factor)
    weights[:size] = profile(name, size)
    painted = factor * weights.reshape(-1, factor).sum(axis=0)
    return 100 * float(painted.min()) ** 2, 100 * float(painted.max()) ** 2


def _checked_image(value: Any) -> np.ndarray:
    return given.gray_picture(value, least=SIDE, most=LARGEST_PHOTO)


class UpsamplingCompare(NamedPicture):
    """Pool a patch of a photo down and enlarge it in five ways: the best is named.

    Unpooling starts from the maximum of every window and its remembered position, the
    others from the mean.

    Parameters
    ----------
    photo
        Name of a photograph (``"astronaut"``, ``"coffee"``, ``"chelsea"``,
        ``"camera"``) or an array, gray (H, W) or colour (H, W, 3), 64 to 512 pixels a
        side. Values are brightnesses from 0 to 255, or from 0 to 1 where none is above
        1.
    factor
        2, 4 or 8: the pooling window, and how many times the result is enlarged.
    kernel
        ``"ones"``, ``"tent"`` or ``"gaussian"`` (see `profile`), for the transposed
        convolution and for the convolution after resizing.
    kernel_size
        Side of that kernel, 1 to 16.
    corner
        Row and column in the photo where the patch of 64 × 64 pixels begins.
    position, lens, display
        What the lens is on, how much it shows, and what of it: see below.

    Attributes
    ----------
    image : ndarray, (H, W)
        The gray photo.
    photo : str
        Name of that photo, ``"own"`` for one of the learner's.
    factor, kernel, kernel_size, corner
        As above. Setting one moves the screen.
    position : tuple of int
        Row and column in the patch of the pixel in the middle of the lens.
    lens : int
        4, 8, 16 or 32: how many pixels a side the lens enlarges.
    display : str
        ``"pictures"``, or ``"errors"``: the enlarged patch minus the original.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> compare = UpsamplingCompare("camera", factor=4)
    >>> compare.results["nearest"].shape
    (64, 64)
    """

    module = "explorers/upsampling_compare.js"

    image = Array(_checked_image, np.zeros((SIDE, SIDE)))
    photo = Word((*PHOTOS, OWN), OWN)
    factor = OneOf(FACTORS, 2)
    kernel = Word(KERNELS, "ones")
    kernel_size = Whole(3, 1, LARGEST_KERNEL)
    corner = Place((0, 0))
    position = Place((SIDE // 2, SIDE // 2))
    lens = OneOf(LENSES, 8)
    display = Word(("pictures", "errors"), "pictures")

    _photos = given.arrays_by_name()
    _corners = traitlets.Dict(
        {name: list(corner) for name, corner in CORNERS.items()}
    ).tag(sync=True)
    _methods = traitlets.Dict(METHODS).tag(sync=True)
    _limits = traitlets.Dict(
        {
            "side": SIDE,
            "factors": list(FACTORS),
            "kernels": list(KERNELS),
            "lenses": list(LENSES),
            "kernel": LARGEST_KERNEL,
            "reach": REACH,
            "photo": PHOTO_SIDE,
            "pixels": images.MAX_PIXELS,
        }
    ).tag(sync=True)

    def __init__(
        self,
        photo: Any = "astronaut",
        factor: int = 2,
        *,
        kernel: str = "ones",
        kernel_size: int = 3,
        corner: tuple[int, int] | None = None,
        position: tuple[int, int] = (SIDE // 2, SIDE // 2),
        lens: int = 8,
        display: str = "pictures",
    ) -> None:
        super().__init__(
            **self._chosen(photo, "photo"),
            factor=factor,
            kernel=kernel,
            kernel_size=kernel_size,
            position=position,
            lens=lens,
            display=display,
            _photos=photographs(),
        )
        # Not before, for it must lie inside this photo.
        self.corner = self._usual_corner() if corner is None else corner

    @traitlets.validate("corner")
    def _inside_the_photo(self, proposal: dict[str, Any]) -> tuple[int, int]:
        return self._inside("corner", proposal["value"], self._last_corner())

    @traitlets.validate("position")
    def _inside_the_patch(self, proposal: dict[str, Any]) -> tuple[int, int]:
        return self._inside("position", proposal["value"], (SIDE - 1, SIDE - 1))

    @staticmethod
    def _inside(name: str, place: tuple, last: tuple[int, int]) -> tuple[int, int]:
        if not all(0 <= n <= end for n, end in zip(place, last, strict=True)):
            raise traitlets.TraitError(
                f"{name}: {place} came; give a row from 0 to {last[0]} and a column "
                f"from 0 to {last[1]}."
            )
        return place

    def _fit_the_rest(self, *, chosen: bool) -> None:
        pairs = zip(self.corner, self._last_corner(), strict=True)
        if (chosen and "corner" not in self._told) or any(n > end for n, end in pairs):
            self.corner = self._usual_corner()

    def _last_corner(self) -> tuple[int, int]:
        rows, columns = self.image.shape
        return rows - SIDE, columns - SIDE

    def _usual_corner(self) -> tuple[int, int]:
        rows, columns = self._last_corner()
        return CORNERS.get(self.photo, (rows // 2, columns // 2))

    @property
    def patch(self) -> np.ndarray:
        """The patch before pooling, (64, 64), float64, in grays from 0 to 255."""
        row, column = self.corner
        patch = self.image[row : row + SIDE, column : column + SIDE]
        return patch * (1.0 if self.image.max() > 1 else 255.0)

    @property
    def pooled(self) -> dict[str, np.ndarray]:
        """The patch pooled by ``"mean"`` and ``"max"``, (64 / factor, 64 / factor)."""
        return {
            reduce: ops.pool2d(self.patch, self.factor, reduce=reduce)
            for reduce in ("mean", "max")
        }

    @property
    def results(self) -> dict[str, np.ndarray]:
        """The patch enlarged by every method, (64, 64), float64, in grays.

        ``"nearest"``, ``"bilinear"``, ``"unpooling"`` (of the maximum, the others of
        the mean), ``"transposed"`` (stride factor, padding "same", kernel of sum
        factor²), ``"resize_conv"`` (nearest, then the same kernel with sum 1).
        """
        small, factor = self.pooled["mean"], self.factor
        most, winners = ops.pool2d(self.patch, factor, return_indices=True)
        row = profile(self.kernel, self.kernel_size)
        kernel = np.outer(row, row)
        nearest = ops.upsample2d(small, factor)
        return {
            "nearest": nearest,
            "bilinear": ops.upsample2d(small, factor, method="bilinear"),
            "unpooling": ops.unpool2d(most, winners, (SIDE, SIDE)),
            "transposed": ops.conv_transpose2d(
                small, kernel * factor**2, stride=factor, padding="same"
            ),
            "resize_conv": ops.conv2d(nearest, kernel, padding="same", mode="edge"),
        }

    @property
    def errors(self) -> dict[str, float]:
        """Mean absolute difference of every result to the patch, in grays."""
        patch = self.patch
        return {
            name: float(np.abs(result - patch).mean())
            for name, result in self.results.items()
        }

    @property
    def psnr(self) -> dict[str, float]:
        """Peak signal-to-noise ratio, 20·log10(255 / root mean square error), in dB."""
        patch = self.patch
        with np.errstate(divide="ignore"):  # no error: infinite
            return {
                name: float(-10 * np.log10(np.mean(((result - patch) / 255) ** 2)))
                for name, result in self.results.items()
            }

    @property
    def best(self) -> str:
        """The method with the smallest of `errors`; of equals the first."""
        errors = self.errors
        return min(errors, key=errors.__getitem__)

    def describe(self) -> str:
        """Return one line with the patch, the settings and the error of each method."""
        errors = ", ".join(f"{METHODS[n]} {e:.1f}" for n, e in self.errors.items())
        size = self.kernel_size
        return (
            f"UpsamplingCompare: {SIDE} × {SIDE} pixels of {self.photo} at "
            f"{self.corner}, pooled {self.factor} × {self.factor} and enlarged, kernel "
            f"{self.kernel} {size} × {size}; mean error in grays: {errors}; "
            f"best: {METHODS[self.best]}"
        )

    def picture(self) -> plots.Picture:
        """Return the original and the five results, or their signed errors."""
        patch, errors = self.patch, self.errors
        titles = [f"{METHODS[n]}: {error:.1f}" for n, error in errors.items()]
        title = f"Pooled {self.factor} × {self.factor}, enlarged; mean error in grays"
        if self.display == "errors":
            differences = [result - patch for result in self.results.values()]
            return plots.signed(differences, titles, title=title, limit=REACH)
        parts = [patch, *self.results.values()]
        return plots.images(parts, ["original", *titles], title=title)
