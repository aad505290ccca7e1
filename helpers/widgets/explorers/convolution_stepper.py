"""ConvolutionStepper: slide a kernel over an image, one output after the other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import _arguments, kernels, ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.stepper import Stepper
from helpers.widgets.parts.traits import Array, Padding, Whole, Word

LARGEST_IMAGE = 12
LARGEST_KERNEL = 7
MOST_FILTERS = 4
MOST = 6  # of stride, padding and dilation
MODES = ("zeros", "symmetric", "reflect", "edge")

DIAGONAL = np.array([[1.0, -1, -1], [-1, 1, -1], [-1, -1, 1]])
HORIZONTAL = np.array([[1.0, 1, 1], [0, 0, 0], [0, 0, 0]])
ZEBRA = np.array([[1.0, -1, 1], [1, -1, 1], [1, -1, 1]])
NINE = np.arange(9.0).reshape(3, 3)
BINARY = np.array(
    [
        [1.0, 1, 1, 0, 1],
        [0, 0, 1, 0, 1],
        [1, 0, 1, 0, 1],
        [0, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
    ]
)
SIX = np.array(
    [
        [1.0, 0, 1, 1, 0, 1],
        [0, 1, 0, 0, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [1, 0, 1, 1, 0, 1],
        [1, 1, 0, 0, 1, 1],
    ]
)


class Preset(NamedTuple):
    """An image and the kernel or kernels that go with it."""

    title: str
    image: np.ndarray
    kernel: np.ndarray


PRESETS = {
    "nine": Preset("0 … 8 and a 2 × 2 kernel", NINE, np.arange(4.0).reshape(2, 2)),
    "binary": Preset(
        "binary image, three filters",
        BINARY,
        np.stack([DIAGONAL, HORIZONTAL, ZEBRA], axis=-1)[:, :, np.newaxis],
    ),
    "diagonal": Preset("binary image, diagonal filter", BINARY, DIAGONAL),
    "horizontal": Preset("binary image, horizontal filter", BINARY, HORIZONTAL),
    "zebra": Preset("binary image, zebra filter", BINARY, ZEBRA),
    "blur": Preset("6 × 6 image, blur", SIX, kernels.BLUR_ROUNDED),
}


def _checked_image(value: Any) -> np.ndarray:
    return given.grid_of_numbers(value, "image", most=LARGEST_IMAGE)


def _checked_kernel(value: Any) -> np.ndarray:
    kernel = _arguments.array(value, "kernel", finite=True).astype(np.float64)
    if kernel.ndim in (3, 4) and kernel.shape[2] != 1:
        raise ValueError(
            f"kernel: an array of shape {kernel.shape} came, for {kernel.shape[2]} "
            "channels; the image here has one. Give (rows, columns), or for several "
            "kernels (rows, columns, 1, filters): np.stack(kernels, -1)[:, :, None]."
        )
    if kernel.ndim < 4:
        return given.grid_of_numbers(
            kernel[:, :, 0] if kernel.ndim == 3 else kernel,
            "kernel",
            most=LARGEST_KERNEL,
        )
    if not 1 <= kernel.shape[3] <= MOST_FILTERS:
        raise ValueError(
            f"kernel: {kernel.shape[3]} filters came; 1 to {MOST_FILTERS} are shown."
        )
    for f in range(kernel.shape[3]):
        given.grid_of_numbers(kernel[:, :, 0, f], "kernel", most=LARGEST_KERNEL)
    return kernel


class ConvolutionStepper(Stepper):
    """Slide a kernel over an image and see the sum behind every output.

    Parameters
    ----------
    image
        A preset, ``"nine"``, ``"binary"`` (three filters), ``"diagonal"``,
        ``"horizontal"``, ``"zebra"`` or ``"blur"``; or an array (H, W), sides 1 to 12.
    kernel
        (kh, kw), or (kh, kw, 1, F) for up to 4 filters, as :func:`helpers.ops.conv2d`
        and Keras read it; sides 1 to 7. None takes the preset's.
    stride, dilation
        1 to 6.
    padding
        ``"valid"``, ``"same"`` or a count of cells on every side, 0 to 6.
    mode
        What the padding holds: ``"zeros"``, ``"symmetric"``, ``"reflect"``, ``"edge"``.

    Attributes
    ----------
    image, kernel : ndarray of float64
        What stands on the screen. Setting one moves the screen.
    stride, padding, mode, dilation
        As above.
    position : tuple of int
        Row and column of the output whose sum is written out.
    filter : int
        Which of the feature maps that output belongs to, from 0.
    step : int
        How many outputs are written, in reading order; from 1 to all of them.
    result : ndarray of float64, (oh, ow) or (oh, ow, F)
        ``ops.conv2d(image, kernel, …)``.
    keras : str
        The line of Keras that computes the same.

    Raises
    ------
    TraitError
        With a sentence, for what cannot be taken or does not fit together; what was
        there before stays.

    Examples
    --------
    >>> ConvolutionStepper("nine").result
    array([[19., 25.],
           [37., 43.]])
    """

    module = "explorers/convolution_stepper.js"

    image = Array(_checked_image, NINE)
    kernel = Array(_checked_kernel, PRESETS["nine"].kernel)
    stride = Whole(1, 1, MOST)
    padding = Padding(MOST)
    mode = Word(MODES, "zeros")
    dilation = Whole(1, 1, MOST)
    filter = Whole(0, 0)

    _presets = given.presets_by_name()
    _limits = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        image: Any = "nine",
        kernel: Any = None,
        *,
        stride: int = 1,
        padding: int | str = "valid",
        mode: str = "zeros",
        dilation: int = 1,
    ) -> None:
        usual = DIAGONAL
        if image is None or isinstance(image, str):
            _, image, usual = given.preset(image or "nine", PRESETS)
        super().__init__(
            image=image,
            kernel=usual if kernel is None else kernel,
            stride=stride,
            padding=padding,
            mode=mode,
            dilation=dilation,
            _presets=PRESETS,
            _limits={
                "image": LARGEST_IMAGE,
                "kernel": LARGEST_KERNEL,
                "filters": MOST_FILTERS,
                "most": MOST,
            },
        )

    @traitlets.validate("image", "kernel", "stride", "padding", "dilation")
    def _fits(self, proposal: dict[str, Any]) -> Any:
        """Refuse a setting with which the kernel no longer fits into the image."""
        new = {proposal["trait"].name: proposal["value"]}
        try:
            self._size(**new)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return proposal["value"]

    @traitlets.validate("filter")
    def _one_of_the_maps(self, proposal: dict[str, Any]) -> int:
        if proposal["value"] >= self._filters:
            raise traitlets.TraitError(
                f"filter: {proposal['value']} came; there are {self._filters} filters, "
                "counted from 0."
            )
        return proposal["value"]

    @traitlets.observe("image", "kernel", "stride", "padding", "dilation")
    def _refit(self, _: dict[str, Any]) -> None:
        self.filter = min(self.filter, self._filters - 1)
        self._start_anew()

    def _size(self, **new: Any) -> tuple[int, int]:
        """Rows and columns of the output, with some settings replaced by new ones."""
        names = ("image", "kernel", "stride", "padding", "dilation")
        now = {name: getattr(self, name) for name in names} | new
        return ops.output_size(
            now["image"].shape,
            now["kernel"].shape[:2],
            stride=now["stride"],
            padding=now["padding"],
            dilation=now["dilation"],
        )

    @property
    def _filters(self) -> int:
        return self.kernel.shape[3] if self.kernel.ndim == 4 else 1

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the output."""
        return self._size()

    @property
    def result(self) -> np.ndarray:
        """The feature map (oh, ow), or the maps (oh, ow, F); float64."""
        return ops.conv2d(
            self.image,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            mode=self.mode,
            dilation=self.dilation,
        )

    @property
    def keras(self) -> str:
        """The line of Keras that computes the same; it says what Keras cannot do."""
        rows, columns = self.kernel.shape[:2]
        arguments = [f"{self._filters}, {rows if rows == columns else (rows, columns)}"]
        pads = self._pads
        padded = any(map(any, pads))
        by_hand = padded and (self.mode != "zeros" or self.padding != "same")
        if self.stride > 1:
            arguments.append(f"strides={self.stride}")
        if padded and not by_hand:
            arguments.append('padding="same"')
        if self.dilation > 1:
            arguments.append(f"dilation_rate={self.dilation}")
        line = f"keras.layers.Conv2D({', '.join(arguments)}, use_bias=False)"
        if self.stride > 1 and self.dilation > 1:
            return f"# Keras takes a stride or a dilation, not both: {line}"
        if by_hand and self.mode == "zeros":
            padding = f"keras.layers.ZeroPadding2D({self.padding})"
            line = f"keras.Sequential([{padding}, {line}])"
        elif by_hand:
            line += f'  # after np.pad(image, {pads}, mode="{self.mode}")'
        return line

    @property
    def _pads(self) -> ops.Sides:
        """((top, bottom), (left, right)) of the padding."""
        if self.padding == "same":
            return ops.same_padding(
                self.image.shape,
                self.kernel.shape[:2],
                stride=self.stride,
                dilation=self.dilation,
            )
        count = 0 if self.padding == "valid" else self.padding
        return (count, count), (count, count)

    def describe(self) -> str:
        """Return one line with the sizes, the settings and the range of the result."""
        (h, w), (kh, kw) = self.image.shape, self.kernel.shape[:2]
        (rows, columns), result = self.places, self.result
        many = f"{self._filters} kernels" if self._filters > 1 else "kernel"
        return (
            f"ConvolutionStepper: image {h} × {w}, {many} {kh} × {kw}, "
            f"stride {self.stride}, padding {self.padding} ({self.mode}), "
            f"dilation {self.dilation}, output {rows} × {columns} "
            f"from {result.min():.4g} to {result.max():.4g}"
        )

    def picture(self) -> plots.Picture:
        """Return image ⋆ kernel = feature map, of the filter in question."""
        kernel, result, which = self.kernel, self.result, ""
        if kernel.ndim == 4:
            kernel, result = kernel[:, :, 0, self.filter], result[:, :, self.filter]
            which = f" {self.filter + 1} of {self._filters}"
        return plots.equation(
            [self.image, "⋆", kernel, "=", result],
            titles=["input", f"kernel{which}", "output"],
        )
