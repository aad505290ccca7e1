"""TransposedPainter: transposed convolution as painting, stamp by stamp (lesson 04)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.stepper import Stepper
from helpers.widgets.parts.traits import Array, Padding, Whole

LARGEST_IMAGE = 6
LARGEST_KERNEL = 7
LARGEST_STRIDE = 4
MOST_PADDING = 3

FOUR = np.array([[1.0, 2], [3, 4]])
TENT = np.outer([1.0, 3, 3, 1], [1, 3, 3, 1]) / 16


class Preset(NamedTuple):
    """An image, a kernel, and how the kernel moves."""

    title: str
    image: np.ndarray
    kernel: np.ndarray
    stride: int = 2
    padding: str = "valid"


PRESETS = {
    "single": Preset(
        "a single 55",
        np.array([[55.0]]),
        np.array([[1.0, 2, 1], [2, 1, 2], [1, 1, 2]]),
        stride=1,
    ),
    "checkerboard": Preset("kernel 3, stride 2: a checkerboard", FOUR, np.ones((3, 3))),
    "even": Preset("kernel 4, stride 2: even", FOUR, np.ones((4, 4))),
    "gaps": Preset("kernel 2, stride 3: gaps", FOUR, np.ones((2, 2)), stride=3),
    "nearest": Preset("nearest neighbour: 2 × 2 ones", FOUR, np.ones((2, 2))),
    "bilinear": Preset("bilinear: a tent of 4 × 4", FOUR, TENT, padding="same"),
}


def _checked_image(value: Any) -> np.ndarray:
    return given.grid_of_numbers(value, "image", most=LARGEST_IMAGE)


def _checked_kernel(value: Any) -> np.ndarray:
    return given.grid_of_numbers(value, "kernel", most=LARGEST_KERNEL)


class TransposedPainter(Stepper):
    """Every cell of the input stamps its kernel onto a canvas; overlaps add up.

    Parameters
    ----------
    image
        A preset, ``"single"``, ``"checkerboard"``, ``"even"``, ``"gaps"``,
        ``"nearest"`` or ``"bilinear"``; or an array (h, w), sides 1 to 6. None is
        ``"checkerboard"``.
    kernel
        (kh, kw), sides 1 to 7. None takes the preset's, 3 × 3 ones for an array.
    stride
        Cells from one stamp to the next, 1 to 4. None takes the preset's, 2 for an
        array.
    padding
        What is cut off the canvas: nothing for ``"valid"``, what exceeds n · stride for
        ``"same"``, or a count of cells on every side, 0 to 3. None takes the preset's.

    Attributes
    ----------
    image, kernel : ndarray of float64
        What stands on the screen. Setting one moves the screen.
    stride, padding
        As above.
    position : tuple of int
        Row and column of the input cell whose stamp is shown.
    step : int
        How many cells have stamped, in reading order; from 1 to all of them.
    result : ndarray of float64, (oh, ow)
        ``ops.conv_transpose2d(image, kernel, …)``.
    painted : ndarray of float64, (oh, ow)
        What the stamps up to `step` have painted.
    overlap : ndarray of int, (oh, ow)
        How many stamps touch each cell.
    keras : str
        The line of Keras that computes the same.

    Raises
    ------
    TraitError
        With a sentence, for what cannot be taken or leaves nothing; what was there
        before stays.

    References
    ----------
    Augustus Odena, Vincent Dumoulin, Chris Olah, *Deconvolution and checkerboard
    artifacts*, Distill, 2016.

    Examples
    --------
    >>> TransposedPainter("single").result
    array([[ 55., 110.,  55.],
           [110.,  55., 110.],
           [ 55.,  55., 110.]])
    """

    module = "explorers/transposed_painter.js"

    image = Array(_checked_image, FOUR)
    kernel = Array(_checked_kernel, np.ones((3, 3)))
    stride = Whole(2, 1, LARGEST_STRIDE)
    padding = Padding(MOST_PADDING)

    _presets = given.presets_by_name()
    _limits = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        kernel: Any = None,
        *,
        stride: int | None = None,
        padding: int | str | None = None,
    ) -> None:
        if image is None or isinstance(image, str):
            preset = given.preset(image or "checkerboard", PRESETS)
        else:
            preset = Preset("", image, np.ones((3, 3)))
        super().__init__(
            image=preset.image,
            kernel=preset.kernel if kernel is None else kernel,
            stride=preset.stride if stride is None else stride,
            padding=preset.padding if padding is None else padding,
            _presets=PRESETS,
            _limits={
                "image": LARGEST_IMAGE,
                "kernel": LARGEST_KERNEL,
                "stride": LARGEST_STRIDE,
                "padding": MOST_PADDING,
            },
        )

    @traitlets.validate("image", "kernel", "stride", "padding")
    def _leaves_something(self, proposal: dict[str, Any]) -> Any:
        """Refuse a setting with which the padding would cut off the whole canvas."""
        names = ("image", "kernel", "stride", "padding")
        now = {name: getattr(self, name) for name in names}
        now[proposal["trait"].name] = proposal["value"]
        try:
            ops.output_size(
                now["image"].shape,
                now["kernel"].shape,
                stride=now["stride"],
                padding=now["padding"],
                transpose=True,
            )
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return proposal["value"]

    @traitlets.observe("image")
    def _refit(self, _: dict[str, Any]) -> None:
        self._start_anew()

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the input, whose cells stamp."""
        return self.image.shape

    def _paint(self, image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        return ops.conv_transpose2d(
            image, kernel, stride=self.stride, padding=self.padding
        )

    @property
    def result(self) -> np.ndarray:
        """The whole painting, (oh, ow), float64."""
        return self._paint(self.image, self.kernel)

    @property
    def painted(self) -> np.ndarray:
        """The painting after `step` stamps, (oh, ow), float64."""
        done = np.arange(self.image.size).reshape(self.image.shape) < self.step
        return self._paint(np.where(done, self.image, 0), self.kernel)

    @property
    def overlap(self) -> np.ndarray:
        """How many stamps touch each cell, (oh, ow), int."""
        return self._paint(
            np.ones(self.image.shape), np.ones(self.kernel.shape)
        ).astype(int)

    @property
    def keras(self) -> str:
        """The line of Keras that computes the same."""
        rows, columns = self.kernel.shape
        arguments = [f"1, {rows if rows == columns else (rows, columns)}"]
        if self.stride > 1:
            arguments.append(f"strides={self.stride}")
        if self.padding == "same":
            arguments.append('padding="same"')
        line = f"keras.layers.Conv2DTranspose({', '.join(arguments)}, use_bias=False)"
        if self.padding in ("valid", "same", 0):
            return line
        crop = f"keras.layers.Cropping2D({self.padding})"
        return f"keras.Sequential([{line}, {crop}])"

    def describe(self) -> str:
        """Return one line with the sizes, the settings, the result and its overlaps."""
        (h, w), (kh, kw), result = self.image.shape, self.kernel.shape, self.result
        counts = ", ".join(map(str, np.unique(self.overlap).tolist()))
        return (
            f"TransposedPainter: input {h} × {w}, kernel {kh} × {kw}, stride "
            f"{self.stride}, padding {self.padding}, output {result.shape[0]} × "
            f"{result.shape[1]} from {result.min():.4g} to {result.max():.4g}, stamps "
            f"a cell: {counts}"
        )

    def picture(self) -> plots.Picture:
        """Return input and kernel → painting, and the overlaps."""
        return plots.equation(
            [self.image, "·", self.kernel, "→", self.result, "", self.overlap],
            titles=["input", "kernel", "painting", "stamps a cell"],
            roles=["input", "kernel", "output", None],
        )
