"""ConvolutionStepper: slide a kernel over an image, one output after the other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import _arguments, kernels, ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.stepper import Stepper
from helpers.widgets.parts.traits import Array, Pair, SidedPadding, Whole, Word

LARGEST_IMAGE = 12
LARGEST_KERNEL = 7
LARGEST_PADDED = 16  # that the still picture shows
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
SIGNAL = np.array([[2.0, 4, 3, 5, 9, 8, 6, 7, 3, 1]])


class Preset(NamedTuple):
    """An image, the kernel or kernels that go with it, and how they slide."""

    title: str
    image: np.ndarray
    kernel: np.ndarray
    padding: str = "valid"
    dilation: int = 1


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
    "signal": Preset("1-D: a signal, rise and fall", SIGNAL, np.array([[-1.0, 0, 1]])),
    "causal": Preset(
        "1-D, causal: a mean of what came so far",
        SIGNAL,
        np.array([[0.25, 0.25, 0.5]]),
        padding="causal",
    ),
    "wavenet": Preset(
        "1-D, causal and dilated, as in WaveNet",
        SIGNAL,
        np.array([[1.0, 1]]),
        padding="causal",
        dilation=4,
    ),
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


def causal_padding(size: tuple[int, ...], dilation: int | tuple[int, int]) -> ops.Sides:
    """Return ((top, 0), (left, 0)): all padding before, as much as the kernel reaches.

    At stride 1 the size stays, and no output sees what lies below or to the right of
    its own place. Along a row of one line this is Keras's ``Conv1D(padding="causal")``.

    Examples
    --------
    >>> causal_padding((1, 3), dilation=2)
    ((0, 0), (4, 0))
    """
    rows, columns = _arguments.pair(dilation, "dilation")
    return ((size[0] - 1) * rows, 0), ((size[1] - 1) * columns, 0)


class ConvolutionStepper(Stepper):
    """Slide a kernel over an image and see the sum behind every output.

    An image of one row and a kernel of one row are a convolution in one dimension.

    Parameters
    ----------
    image
        A preset, ``"nine"``, ``"binary"`` (three filters), ``"diagonal"``,
        ``"horizontal"``, ``"zebra"``, ``"blur"``, or in one dimension ``"signal"``,
        ``"causal"``, ``"wavenet"``; or an array (H, W), sides 1 to 12.
    kernel
        (kh, kw), or (kh, kw, 1, F) for up to 4 filters, as :func:`helpers.ops.conv2d`
        and Keras read it; sides 1 to 7. None takes the preset's.
    stride, dilation
        1 to 6, or a pair (rows, columns) of such numbers. None takes the preset's, 1
        for an array.
    padding
        ``"valid"``, ``"same"``, ``"causal"`` (all of it before: see `causal_padding`),
        or 0 to 6 cells: a count for every side, (rows, columns) or ((top, bottom),
        (left, right)). None takes the preset's, ``"valid"`` for an array.
    mode
        What the padding holds: ``"zeros"``, ``"symmetric"``, ``"reflect"``, ``"edge"``.
    filter, position, step
        Where to begin, see below. None takes the first output, with all of them
        written.

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
    stride = Pair(1, 1, MOST)
    padding = SidedPadding(MOST)
    mode = Word(MODES, "zeros")
    dilation = Pair(1, 1, MOST)
    filter = Whole(0, 0)

    _presets = given.presets_by_name()
    _limits = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        image: Any = "nine",
        kernel: Any = None,
        *,
        stride: int | tuple[int, int] | None = None,
        padding: str | int | tuple | None = None,
        mode: str = "zeros",
        dilation: int | tuple[int, int] | None = None,
        filter: int = 0,
        position: tuple[int, int] | None = None,
        step: int | None = None,
    ) -> None:
        preset = Preset("", image, DIAGONAL)
        if image is None or isinstance(image, str):
            preset = given.preset(image or "nine", PRESETS)
        super().__init__(
            image=preset.image,
            kernel=preset.kernel if kernel is None else kernel,
            stride=1 if stride is None else stride,
            padding=preset.padding if padding is None else padding,
            mode=mode,
            dilation=preset.dilation if dilation is None else dilation,
            _presets=PRESETS,
            _limits={
                "image": LARGEST_IMAGE,
                "kernel": LARGEST_KERNEL,
                "filters": MOST_FILTERS,
                "most": MOST,
            },
        )
        self._go_to(filter=filter, position=position, step=step)

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

    def _settings(self, **new: Any) -> dict[str, Any]:
        """The arguments of ops, with some settings replaced by new ones."""
        names = ("image", "kernel", "stride", "padding", "dilation")
        now = {name: getattr(self, name) for name in names} | new
        if now["padding"] == "causal":
            now["padding"] = causal_padding(now["kernel"].shape[:2], now["dilation"])
        return now

    def _size(self, **new: Any) -> tuple[int, int]:
        """Rows and columns of the output, with some settings replaced by new ones."""
        now = self._settings(**new)
        image, kernel = now.pop("image"), now.pop("kernel")
        return ops.output_size(image.shape, kernel.shape[:2], **now)

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
        now = self._settings()
        return ops.conv2d(now.pop("image"), now.pop("kernel"), mode=self.mode, **now)

    @property
    def keras(self) -> str:
        """The line of Keras that computes the same; it says what Keras cannot do."""
        pads, size = self._pads, self.kernel.shape[:2]
        flat = self.image.shape[0] == size[0] == 1 and not any(pads[0])
        padded, word = any(map(any, pads)), self._padding_in_keras(flat)

        def written(pair: Any) -> str:
            rows, columns = pair
            return str(columns if flat or rows == columns else (rows, columns))

        stride, dilation = (
            written(_arguments.pair(getattr(self, name), name))
            for name in ("stride", "dilation")
        )
        arguments = [f"{self._filters}, {written(size)}"]
        if stride != "1":
            arguments.append(f"strides={stride}")
        if padded and word:
            arguments.append(f'padding="{word}"')
        if dilation != "1":
            arguments.append(f"dilation_rate={dilation}")
        axes = "1D" if flat else "2D"
        line = f"keras.layers.Conv{axes}({', '.join(arguments)}, use_bias=False)"
        if stride != "1" and dilation != "1":
            return f"# Keras takes a stride or a dilation, not both: {line}"
        if not padded or word:
            return line
        if self.mode != "zeros":
            return f'{line}  # after np.pad(image, {pads}, mode="{self.mode}")'
        sides: Any = pads[1] if flat else pads
        cells = {n for side in (pads[1:] if flat else pads) for n in side}
        sides = sides if len(cells) > 1 else cells.pop()
        return f"keras.Sequential([keras.layers.ZeroPadding{axes}({sides}), {line}])"

    def _padding_in_keras(self, flat: bool) -> str | None:
        """Keras's word for the padding, where it has one; ``flat`` is one dimension."""
        if self.mode != "zeros":
            return None
        if self.padding == "same":
            return "same"
        causal = causal_padding(self.kernel.shape[:2], self.dilation)
        return "causal" if flat and self._pads == causal else None

    @property
    def _pads(self) -> ops.Sides:
        """((top, bottom), (left, right)) of the padding."""
        now = self._settings()
        image, kernel, padding = now.pop("image"), now.pop("kernel"), now.pop("padding")
        if padding == "same":
            return ops.same_padding(image.shape, kernel.shape[:2], **now)
        cells: Any = 0 if padding == "valid" else padding
        rows, columns = cells if _arguments.is_sequence(cells) else (cells, cells)
        return (
            _arguments.pair(rows, "padding", 0),
            _arguments.pair(columns, "padding", 0),
        )

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
        """Return image ⋆ kernel = feature map, of the filter in question.

        The padding is shown where there is room for its numbers; what has one row
        stands in two lines.
        """
        image, kernel, result, which = self.image, self.kernel, self.result, ""
        padded, title = ops.pad2d(image, self._pads, mode=self.mode), "input"
        if padded.shape != image.shape and max(padded.shape) <= LARGEST_PADDED:
            image, title = padded, "input with its padding"
        if kernel.ndim == 4:
            kernel, result = kernel[:, :, 0, self.filter], result[:, :, self.filter]
            which = f" {self.filter + 1} of {self._filters}"
        flat = image.shape[0] == kernel.shape[0] == 1
        return plots.equation(
            [image, "⋆", kernel, *(["\n"] if flat else []), "=", result],
            titles=[title, f"kernel{which}", "output"],
            roles=["input", "kernel", "output"],
        )
