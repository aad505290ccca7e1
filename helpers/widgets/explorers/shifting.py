"""ShiftTest: move a picture and measure how much of every map changes (lesson 03)."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import traitlets

from helpers import images, kernels, ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.named_picture import OWN, NamedPicture
from helpers.widgets.parts.traits import Array, Flag, Place, Whole, Word

SIDE = 28  # pixels of a side of our own pictures
FARTHEST = 8  # pixels that a picture moves, each way
MARGIN = 10  # black pixels around it: nothing leaves the field, kernels see the rim
LARGEST_IMAGE = 48
LARGEST_KERNEL = 5
LARGEST_WINDOW = 8


def _shapes() -> dict[str, np.ndarray]:
    """Draw white shapes on black, each 16 pixels tall, in the middle."""
    square, line, cross = np.zeros((3, SIDE, SIDE), np.uint8)
    square[6:22, 6:22] = 255
    line[6:22, 14] = 255
    np.fill_diagonal(cross[6:22, 6:22], 255)
    cross |= cross[:, ::-1]
    return {"square": square, "line": line, "cross": cross}


@functools.cache
def pictures() -> dict[str, np.ndarray]:
    """Return the pictures of the menu, (28, 28), bytes, never written to."""
    digits = {f"digit {n}": images.digit(n, size=SIDE) for n in range(10)}
    all_of_them = {**digits, **_shapes()}
    for picture in all_of_them.values():
        picture.flags.writeable = False
    return all_of_them


_TITLES = {
    "input": "input",
    "feature": "feature map",
    "pooled": "pooled",
    "pooled_twice": "pooled again",
    "global": "global",
}

PICTURES = (*(f"digit {n}" for n in range(10)), "square", "line", "cross")


def moved(array: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return a map moved down and to the right, zeros where nothing comes in.

    Examples
    --------
    >>> moved(np.array([[1, 2, 3]]), 0, 1)
    array([[0, 1, 2]])
    """
    (to_rows, from_rows), (to_columns, from_columns) = (
        (slice(max(k, 0), n + min(k, 0)), slice(max(-k, 0), n - max(k, 0)))
        for k, n in zip((rows, columns), array.shape, strict=True)
    )
    out = np.zeros_like(array)
    out[to_rows, to_columns] = array[from_rows, from_columns]
    return out


def relative_change(before: np.ndarray, now: np.ndarray) -> float:
    """Return ‖before − now‖ / ‖before‖ in per cent, NaN where before is all 0.

    Two pictures of equal strength that share no pixel differ by √2, 141 %.

    Examples
    --------
    >>> relative_change(np.array([3.0, 4.0]), np.array([3.0, 4.0]))
    0.0
    """
    strength = float(np.linalg.norm(before))
    return 100 * float(np.linalg.norm(before - now)) / strength if strength else np.nan


def _checked_image(value: Any) -> np.ndarray:
    return given.gray_picture(value, most=LARGEST_IMAGE)


def _checked_kernel(value: Any) -> np.ndarray:
    return given.square_kernel(value, most=LARGEST_KERNEL)


class ShiftTest(NamedPicture):
    """Move a picture by pixels: input, feature map and pooled map, and their change.

    The picture stands in a black field with a margin of 10 pixels, so that nothing of
    it is lost. Every stage is compared with what it is when the picture has not moved.

    Parameters
    ----------
    picture
        ``"digit 0"`` … ``"digit 9"``, ``"square"``, ``"line"``, ``"cross"``, or an
        array, gray (H, W) or colour (H, W, 3), at most 48 pixels a side.
    kernel
        Name of a kernel of :mod:`helpers.kernels`, or a square array of odd side ≤ 5.
    size
        Side of the pooling window in cells, 1 to 8; windows touch.
    reduce
        ``"max"`` or ``"mean"``.
    shift
        Rows down and columns to the right, each from −8 to 8.
    twice
        Whether the pooled map is pooled again, 2 × 2.
    display
        ``"maps"``, or ``"differences"`` from the maps of the unmoved picture.

    Attributes
    ----------
    image : ndarray, (H, W)
        The picture without its field.
    subject : str
        Name of that picture, ``"own"`` for one of the learner's.
    kernel : ndarray of float64
        The weights of the kernel.
    size, reduce, shift, twice, display
        As above. Setting one moves the screen.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> test = ShiftTest("square", "vertical_edges", shift=(0, 2))
    >>> test.realigned["pooled"]
    0.0
    """

    module = "explorers/shifting.js"
    named = "subject"
    menu = staticmethod(pictures)

    image = Array(_checked_image, [[0]])
    subject = Word((*PICTURES, OWN), OWN)
    kernel = Array(_checked_kernel, [[1]])
    size = Whole(2, 1, LARGEST_WINDOW)
    reduce = Word(("max", "mean"), "max")
    twice = Flag(False)
    shift = Place((0, 0), ("rows", "columns"), least=-FARTHEST, most=FARTHEST)
    display = Word(("maps", "differences"), "maps")

    _pictures = given.arrays_by_name()
    _presets = given.arrays_by_name()
    _limits = traitlets.Dict(
        {"margin": MARGIN, "farthest": FARTHEST, "window": LARGEST_WINDOW}
    ).tag(sync=True)

    def __init__(
        self,
        picture: Any = "digit 7",
        kernel: Any = "outline",
        *,
        size: int = 2,
        reduce: str = "max",
        shift: tuple[int, int] = (0, 0),
        twice: bool = False,
        display: str = "maps",
    ) -> None:
        super().__init__(
            **self._chosen(picture, "picture"),
            kernel=kernel,
            size=size,
            reduce=reduce,
            shift=shift,
            twice=twice,
            display=display,
            _pictures=pictures(),
            _presets=dict(kernels.BANK),
        )

    def _stages(self, shift: tuple[int, int]) -> dict[str, np.ndarray]:
        field = np.pad(self.image.astype(np.float64), MARGIN)
        stages = {"input": moved(field, *shift)}
        stages["feature"] = ops.relu(
            ops.conv2d(stages["input"], self.kernel, padding="same")
        )
        stages["pooled"] = ops.pool2d(stages["feature"], self.size, reduce=self.reduce)
        if self.twice:
            stages["pooled_twice"] = ops.pool2d(stages["pooled"], 2, reduce=self.reduce)
        stages["global"] = ops.pool2d(
            stages["feature"], stages["feature"].shape, reduce=self.reduce
        )
        return stages

    @property
    def maps(self) -> dict[str, np.ndarray]:
        """The maps on the screen, float64, of the picture that has moved.

        ``"input"`` and ``"feature"`` of the field's size, (H + 20, W + 20);
        ``"pooled"`` and, if asked for, ``"pooled_twice"``, smaller by their windows;
        ``"global"``, (1, 1), the feature map pooled to one number.
        """
        return self._stages(self.shift)

    @property
    def changes(self) -> dict[str, float]:
        """How much each map changed, in place: ‖before − now‖ / ‖before‖ in per cent.

        NaN where the map of the unmoved picture is all 0.
        """
        still = self._stages((0, 0))
        return {
            name: relative_change(still[name], now) for name, now in self.maps.items()
        }

    @property
    def realigned(self) -> dict[str, float]:
        """How much of each change is left, in per cent, once the map is moved back.

        A cell of a pooled map is as many pixels wide as its window: it is moved back by
        the nearest whole number of cells. 0 means that the map moved along with the
        picture and is otherwise the same (equivariance).
        """
        still, now, left = self._stages((0, 0)), self.maps, {}
        for name, stride in self._strides().items():
            cells = (whole_cells(pixels, stride) for pixels in self.shift)
            left[name] = relative_change(moved(still[name], *cells), now[name])
        return left

    def _strides(self) -> dict[str, int]:
        """Pixels from one cell of a map to the next."""
        strides = {"input": 1, "feature": 1, "pooled": self.size}
        return {**strides, "pooled_twice": 2 * self.size} if self.twice else strides

    def _kernel_name(self) -> str:
        known = (n for n, k in kernels.BANK.items() if np.array_equal(k, self.kernel))
        return next(known, "custom").replace("_", " ")

    def describe(self) -> str:
        """Return one line with the picture, its shift, and the change of each map."""
        changed = ", ".join(
            f"{_TITLES[name]} {_per_cent(value)}"
            for name, value in self.changes.items()
        )
        return (
            f"ShiftTest: {self.subject} moved by {self.shift}, "
            f"kernel {self._kernel_name()}, ReLU, {self.reduce} pooling "
            f"{self.size} × {self.size}; changed: {changed}"
        )

    def picture(self) -> plots.Picture:
        """Return the maps side by side, each from 0 to its own largest value."""
        changes, maps = self.changes, self.maps
        del maps["global"]
        shown = {
            f"{_TITLES[name]}: {_per_cent(changes[name])} changed": (
                np.clip(values, 0, None) * (255 / (values.max() or 1))
            )
            for name, values in maps.items()
        }
        return plots.images(
            shown,
            title=f"{self.subject} moved by {self.shift}: rows down, columns right",
        )


def whole_cells(pixels: int, stride: int) -> int:
    """Return the number of cells nearest to a shift, halves towards 0.

    Examples
    --------
    >>> whole_cells(3, 2), whole_cells(-3, 2), whole_cells(2, 3)
    (1, -1, 1)
    """
    cells = (2 * abs(pixels) + stride - 1) // (2 * stride)
    return cells if pixels > 0 else -cells


def _per_cent(value: float) -> str:
    return "nothing to compare" if np.isnan(value) else f"{round(value, 1):g} %"
