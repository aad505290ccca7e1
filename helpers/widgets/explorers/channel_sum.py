"""ChannelSum: one kernel over the three planes of a colour picture (lesson 02)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import _arguments, kernels, ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.stepper import Stepper
from helpers.widgets.parts.traits import Array, Real

CHANNELS = ("red", "green", "blue")
LARGEST_IMAGE = 8
LARGEST_KERNEL = 5
LARGEST_NUMBER = 1_000_000


class Preset(NamedTuple):
    """A picture or a kernel of the menus."""

    title: str
    array: np.ndarray


def _painted(rows: list[str], colours: dict[str, tuple[float, ...]]) -> np.ndarray:
    """Return a picture (H, W, 3), one letter of ``rows`` a pixel."""
    return np.array([[colours[letter] for letter in row] for row in rows], np.float64)


_SKY, _BALL, _GRASS, _WHITE = (120, 180, 240), (220, 40, 40), (60, 160, 60), (250,) * 3

#: The menu of pictures, (H, W, 3).
PICTURES = {
    "flower": Preset(
        "flower, of 0 and 1",
        _painted(
            ["bbrbb", "bryrb", "bbrbb", "bbgbb", "ggggg"],
            {"r": (1, 0, 0), "g": (0, 1, 0), "b": (0, 0, 1), "y": (1, 1, 0)},
        ),
    ),
    "ball": Preset(
        "red ball on the grass, 0 to 255",
        _painted(
            ["sssss", "sbwbs", "sbbbs", "gbbbg", "ggggg"],
            {"s": _SKY, "b": _BALL, "g": _GRASS, "w": _WHITE},
        ),
    ),
    # A gray photograph of it is flat: 0.2125 · 212 is nearly 0.7154 · 63.
    "same_gray": Preset(
        "red beside an equally bright green",
        _painted(["rrrgg"] * 5, {"r": (212, 0, 0), "g": (0, 63, 0)}),
    ),
}

_NONE = np.zeros((3, 3))
_CENTRE = kernels.named("identity")
_VERTICAL = kernels.named("vertical_edges")
_HORIZONTAL = kernels.named("horizontal_edges")


def _slices(red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> np.ndarray:
    return np.stack([red, green, blue], axis=-1)


#: The menu of kernels, (kh, kw, 3).
KERNELS = {
    "red_detector": Preset(
        "red detector", _slices(_CENTRE, -0.5 * _CENTRE, -0.5 * _CENTRE)
    ),
    "gray": Preset(
        "gray", _slices(0.2125 * _CENTRE, 0.7154 * _CENTRE, 0.0721 * _CENTRE)
    ),
    "green_edges": Preset(
        "vertical edges of the green plane", _slices(_NONE, _VERTICAL, _NONE)
    ),
    "red_minus_green": Preset(
        "red minus green, vertical edges", _slices(_VERTICAL, -_VERTICAL, _NONE)
    ),
    "horizontal_edges": Preset(
        "horizontal edges of all planes", _slices(_HORIZONTAL, _HORIZONTAL, _HORIZONTAL)
    ),
}


def _checked(
    value: Any, name: str, presets: dict[str, Preset], most: int
) -> np.ndarray:
    """Return (rows, columns, 3), float64, for an array or the name of a preset."""
    if isinstance(value, str):
        return given.preset(value, presets, name).array
    array = _arguments.array(value, name, finite=True).astype(np.float64)
    if array.ndim != 3 or array.shape[2] != 3:
        raise ValueError(
            f"{name}: an array of shape {array.shape} came; give (rows, columns, 3), "
            "a red, a green and a blue plane, channels last."
        )
    if max(array.shape[:2]) > most:
        raise ValueError(
            f"{name}: {array.shape[0]} × {array.shape[1]} numbers a channel came; give "
            f"at most {most} a side, so that they can be read, for example "
            f"{name}[:{most}, :{most}]."
        )
    for plane in np.moveaxis(array, 2, 0):
        given.grid_of_numbers(plane, name, most=most)
    return array


def _checked_image(value: Any) -> np.ndarray:
    return _checked(value, "image", PICTURES, LARGEST_IMAGE)


def _checked_kernel(value: Any) -> np.ndarray:
    return _checked(value, "kernel", KERNELS, LARGEST_KERNEL)


class ChannelSum(Stepper):
    """One kernel over a colour picture: three planes, three maps, one sum.

    Each plane meets its own slice of the kernel; the three maps and the bias are added
    up to one feature map. The stride is 1 and there is no padding:
    :class:`~helpers.widgets.ConvolutionStepper` has both.

    Parameters
    ----------
    image
        A picture of the menu, ``"flower"``, ``"ball"`` or ``"same_gray"``; or an array
        (H, W, 3), sides 1 to 8. None takes the flower.
    kernel
        A kernel of the menu, ``"red_detector"``, ``"gray"``, ``"green_edges"``,
        ``"red_minus_green"`` or ``"horizontal_edges"``; or an array (kh, kw, 3), sides
        1 to 5. None takes the red detector.
    bias
        The number that is added to every output.
    position, step
        Where to begin, see below. None takes the first output, with all of them
        written.

    Attributes
    ----------
    image, kernel : ndarray of float64, (H, W, 3) and (kh, kw, 3)
        What stands on the screen. Setting one moves the screen.
    bias : float
        As above.
    position : tuple of int
        Row and column of the output whose sum is written out.
    step : int
        How many outputs are written, in reading order; from 1 to all of them.
    partial : ndarray of float64, (oh, ow, 3)
        What each channel adds: ``ops.conv2d(image[..., c], kernel[..., c])``.
    result : ndarray of float64, (oh, ow)
        ``ops.conv2d(image, kernel, bias=bias)``, the sum of the three and the bias.
    keras : str
        The line of Keras that computes the same.

    Raises
    ------
    TraitError
        With a sentence, for what cannot be taken or does not fit together; what was
        there before stays.

    Examples
    --------
    >>> explorer = ChannelSum("flower", "red_detector", bias=0.5)
    >>> explorer.partial.shape
    (3, 3, 3)
    >>> explorer.result
    array([[1.5, 1. , 1.5],
           [0. , 1.5, 0. ],
           [0. , 0. , 0. ]])
    """

    module = "explorers/channel_sum.js"

    image = Array(_checked_image, "flower")
    kernel = Array(_checked_kernel, "red_detector")
    bias = Real(0.0, LARGEST_NUMBER)

    _pictures = given.presets_by_name()
    _kernels = given.presets_by_name()
    _limits = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        kernel: Any = None,
        bias: float = 0.0,
        *,
        position: tuple[int, int] | None = None,
        step: int | None = None,
    ) -> None:
        super().__init__(
            image="flower" if image is None else image,
            kernel="red_detector" if kernel is None else kernel,
            bias=bias,
            _pictures=PICTURES,
            _kernels=KERNELS,
            _limits={"image": LARGEST_IMAGE, "kernel": LARGEST_KERNEL},
        )
        self._go_to(position=position, step=step)

    @traitlets.validate("image", "kernel")
    def _fits(self, proposal: dict[str, Any]) -> Any:
        """Refuse an image or a kernel with which the kernel no longer fits in."""
        new = {proposal["trait"].name: proposal["value"]}
        try:
            self._size(**new)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return proposal["value"]

    @traitlets.observe("image", "kernel")
    def _refit(self, _: dict[str, Any]) -> None:
        self._start_anew()

    def _size(self, **new: np.ndarray) -> tuple[int, int]:
        """Rows and columns of the output, with another image or kernel."""
        now = {"image": self.image, "kernel": self.kernel} | new
        return ops.output_size(now["image"].shape[:2], now["kernel"].shape[:2])

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the output."""
        return self._size()

    @property
    def partial(self) -> np.ndarray:
        """What each channel adds to the sum, (oh, ow, 3), float64."""
        maps = [ops.conv2d(self.image[:, :, c], self.kernel[:, :, c]) for c in range(3)]
        return np.stack(maps, axis=-1)

    @property
    def result(self) -> np.ndarray:
        """The feature map: the three partial maps and the bias added up, (oh, ow)."""
        return ops.conv2d(self.image, self.kernel, bias=self.bias)

    @property
    def keras(self) -> str:
        """The line of Keras that computes the same: one filter, with a bias."""
        rows, columns = self.kernel.shape[:2]
        size = rows if rows == columns else (rows, columns)
        return f"keras.layers.Conv2D(1, {size})"

    def describe(self) -> str:
        """Return one line: the sizes, the parameters, the range of the result."""
        (h, w, _), (kh, kw, _) = self.image.shape, self.kernel.shape
        (rows, columns), result = self.places, self.result
        return (
            f"ChannelSum: colour picture {h} × {w}, kernel {kh} × {kw} × 3 and bias "
            f"{self.bias:.4g} ({self.kernel.size + 1} parameters), "
            f"output {rows} × {columns} from {result.min():.4g} to {result.max():.4g}"
        )

    def picture(self) -> plots.Picture:
        """Return plane ⋆ kernel = map for each channel, and their sum below."""
        partial = self.partial
        parts, titles = [], []
        roles: list[plots.Role | None] = ["input", "kernel", "output"]
        for c, name in enumerate(CHANNELS):
            parts += [self.image[..., c], "⋆", self.kernel[..., c], "="]
            parts += [partial[..., c], "\n"]
            titles += [f"{name} plane", f"{name} kernel", f"{name} map"]
        return plots.equation(
            [*parts, partial.sum(axis=-1), "+", [[self.bias]], "=", self.result],
            [*titles, "red + green + blue", "bias", "output"],
            roles=[*roles * 3, "output", "kernel", "output"],
        )
