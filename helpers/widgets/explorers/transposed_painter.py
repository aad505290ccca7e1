"""TransposedPainter: transposed convolution as painting, stamp by stamp (lesson 04)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import _arguments, ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.stepper import Stepper
from helpers.widgets.parts.traits import Array, Checked, Padding, Whole

LARGEST_IMAGE = 6
LARGEST_KERNEL = 7
LARGEST_STRIDE = 4
LARGEST_DILATION = 3
MOST_PADDING = 3
MOST_DRAWN = 32  # rows and columns whose numbers can be read in a picture

FOUR = np.array([[1.0, 2], [3, 4]])
NINE = np.arange(1.0, 10).reshape(3, 3)
TENT = np.outer([1.0, 3, 3, 1], [1, 3, 3, 1]) / 16
# A draw as Keras starts with, glorot_uniform, rounded; the mean is 0.
AS_KERAS_STARTS = np.array(
    [
        [-0.2, 0.3, -0.1, -0.4],
        [0.2, -0.1, -0.1, 0.4],
        [-0.4, -0.2, 0.2, 0.4],
        [-0.1, 0, -0.3, 0.4],
    ]
)


class Preset(NamedTuple):
    """An image, a kernel, and how the kernel is stamped."""

    title: str
    image: np.ndarray
    kernel: np.ndarray
    stride: int = 2
    padding: str = "valid"
    dilation: int = 1
    output_padding: int | str = "auto"


PRESETS = {
    "single": Preset(
        "a single 55",
        np.array([[55.0]]),
        np.array([[1.0, 2, 1], [2, 1, 2], [1, 1, 2]]),
        stride=1,
    ),
    "checkerboard": Preset("kernel 3, stride 2: a checkerboard", FOUR, np.ones((3, 3))),
    "even": Preset("kernel 4, stride 2: even overlap", FOUR, np.ones((4, 4))),
    "mixed": Preset(
        "kernel 4, stride 2, weights as Keras starts", np.ones((3, 3)), AS_KERAS_STARTS
    ),
    "gaps": Preset("kernel 2, stride 3: gaps", FOUR, np.ones((2, 2)), stride=3),
    "nearest": Preset("nearest neighbour: 2 × 2 ones", FOUR, np.ones((2, 2))),
    "bilinear": Preset("bilinear: a tent of 4 × 4", FOUR, TENT, padding="same"),
    "two_sizes": Preset(
        "output padding: 3 was 7 or 8", NINE, np.ones((3, 3)), output_padding=1
    ),
    "dilated": Preset(
        "dilation 2: a stamp with holes", FOUR, np.ones((3, 3)), stride=1, dilation=2
    ),
}


def _checked_image(value: Any) -> np.ndarray:
    return given.grid_of_numbers(value, "image", most=LARGEST_IMAGE)


def _checked_kernel(value: Any) -> np.ndarray:
    return given.grid_of_numbers(value, "kernel", most=LARGEST_KERNEL)


def _checked_output_padding(value: Any) -> int | str:
    if isinstance(value, str) and value == "auto":
        return "auto"
    if _arguments.is_whole(value) and 0 <= value < LARGEST_STRIDE:
        return int(value)
    need = f'Give "auto" or a whole number from 0 to {LARGEST_STRIDE - 1}'
    raise _arguments.refusal("output_padding", _arguments.shown(value), need)


class TransposedPainter(Stepper):
    """Every cell of the input stamps its kernel onto a canvas; overlaps add up.

    Parameters
    ----------
    image
        A preset, ``"single"``, ``"checkerboard"``, ``"even"``, ``"mixed"``,
        ``"gaps"``, ``"nearest"``, ``"bilinear"``, ``"two_sizes"`` or ``"dilated"``; or
        an array (h, w), sides 1 to 6. None is ``"checkerboard"``.
    kernel
        (kh, kw), sides 1 to 7. None takes the preset's, 3 × 3 ones for an array.
    stride
        Cells from one stamp to the next, 1 to 4. None takes the preset's, 2 for an
        array.
    padding
        What is cut off the canvas: nothing for ``"valid"``, what exceeds n · stride for
        ``"same"``, or a count of cells on every side, 0 to 3. None takes the preset's.
    dilation
        Cells from one weight of the stamp to the next, 1 to 3. None takes the preset's,
        1 for an array.
    output_padding
        Rows and columns added at the bottom and right, from 0 to stride − 1, or
        ``"auto"`` for what Keras adds by itself. Several sizes come to one under a
        convolution with a stride; this tells which of them comes back. None takes the
        preset's, ``"auto"`` for an array.
    position, step
        Where to begin, see below. None takes the first cell, with all of them stamped.

    Attributes
    ----------
    image, kernel : ndarray of float64
        What stands on the screen. Setting one moves the screen.
    stride, padding, dilation, output_padding
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
    dilation = Whole(1, 1, LARGEST_DILATION)
    output_padding = Checked(_checked_output_padding, "auto")

    _presets = given.presets_by_name()
    _limits = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        kernel: Any = None,
        *,
        stride: int | None = None,
        padding: int | str | None = None,
        dilation: int | None = None,
        output_padding: int | str | None = None,
        position: tuple[int, int] | None = None,
        step: int | None = None,
    ) -> None:
        if image is None or isinstance(image, str):
            preset = given.preset(image or "checkerboard", PRESETS)
        else:
            preset = Preset("", image, np.ones((3, 3)))
        given_settings = {
            "kernel": kernel,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "output_padding": output_padding,
        }
        super().__init__(
            image=preset.image,
            **{
                name: getattr(preset, name) if value is None else value
                for name, value in given_settings.items()
            },
            _presets=PRESETS,
            _limits={
                "image": LARGEST_IMAGE,
                "kernel": LARGEST_KERNEL,
                "stride": LARGEST_STRIDE,
                "dilation": LARGEST_DILATION,
                "padding": MOST_PADDING,
            },
        )
        self._go_to(position=position, step=step)

    @traitlets.validate(
        "image", "kernel", "stride", "padding", "dilation", "output_padding"
    )
    def _fits(self, proposal: dict[str, Any]) -> Any:
        """Refuse what leaves nothing of the canvas, or adds as much as the stride."""
        arrays = {"image": self.image, "kernel": self.kernel}
        now = arrays | self._settings()
        now[proposal["trait"].name] = proposal["value"]
        image, kernel = now.pop("image"), now.pop("kernel")
        if now["output_padding"] == "auto":
            now["output_padding"] = None
        try:
            ops.output_size(image.shape, kernel.shape, transpose=True, **now)
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

    def _settings(self) -> dict[str, Any]:
        """How the kernel is stamped, in the words of `ops`."""
        extra = self.output_padding
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "output_padding": None if extra == "auto" else extra,
        }

    def _paint(self, image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        return ops.conv_transpose2d(image, kernel, **self._settings())

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
        """The line of Keras that computes the same; it says what Keras cannot do."""
        rows, columns = self.kernel.shape
        arguments = [f"1, {rows if rows == columns else (rows, columns)}"]
        if self.stride > 1:
            arguments.append(f"strides={self.stride}")
        if self.padding == "same":
            arguments.append('padding="same"')
        if self.output_padding != "auto":
            arguments.append(f"output_padding={self.output_padding}")
        if self.dilation > 1:
            arguments.append(f"dilation_rate={self.dilation}")
        line = f"keras.layers.Conv2DTranspose({', '.join(arguments)}, use_bias=False)"
        if self.padding not in ("valid", "same", 0):
            crop = f"keras.layers.Cropping2D({self.padding})"
            line = f"keras.Sequential([{line}, {crop}])"
        if self.stride > 1 and self.dilation > 1:
            return f"# Keras takes a stride or a dilation, not both: {line}"
        return line

    def describe(self) -> str:
        """Return one line with the sizes, the settings, the result and its overlaps."""
        (h, w), (kh, kw), result = self.image.shape, self.kernel.shape, self.result
        counts = ", ".join(map(str, np.unique(self.overlap).tolist()))
        unusual = f"dilation {self.dilation}, " if self.dilation > 1 else ""
        if self.output_padding != "auto":
            unusual += f"output padding {self.output_padding}, "
        return (
            f"TransposedPainter: input {h} × {w}, kernel {kh} × {kw}, stride "
            f"{self.stride}, padding {self.padding}, {unusual}output "
            f"{result.shape[0]} × "
            f"{result.shape[1]} from {result.min():.4g} to {result.max():.4g}, stamps "
            f"a cell: {counts}"
        )

    def picture(self) -> plots.Picture:
        """Return input and kernel → painting, and the overlaps; the first of many."""
        first = (slice(MOST_DRAWN), slice(MOST_DRAWN))
        painting, overlap = self.result[first], self.overlap[first]
        part = "" if painting.shape == self.result.shape else ", first rows and columns"
        return plots.equation(
            [self.image, "·", self.kernel, "→", painting, "", overlap],
            titles=["input", "kernel", f"painting{part}", "stamps a cell"],
            roles=["input", "kernel", "output", None],
        )
