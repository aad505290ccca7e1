"""PoolingStepper: pool window by window, and follow the gradient back (lesson 03)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import ops, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.stepper import Stepper
from helpers.widgets.parts.traits import Array, Flag, Padding, Whole, Word

LARGEST_IMAGE = 12
MOST = 6  # of window and stride
LARGEST_OUTPUT = LARGEST_IMAGE + MOST - 1  # padding stays narrower than the window
REDUCTIONS = ("max", "mean", "global max", "global mean")
VIEWS = ("values", "gradient")


class Preset(NamedTuple):
    """An image and the window that goes with it; stride None is the window's side."""

    title: str
    image: np.ndarray
    size: int = 2
    stride: int | None = None


PRESETS = {
    "lesson": Preset(
        "4 × 4 from the lesson: 110 256 153 67 …",
        np.array(
            [[110.0, 256, 153, 67], [12, 89, 88, 43], [10, 15, 50, 55], [23, 9, 49, 23]]
        ),
    ),
    "hill": Preset(
        "1 … 8 … 0",
        np.array([[1.0, 2, 3, 4], [5, 6, 7, 8], [7, 6, 5, 4], [3, 2, 1, 0]]),
    ),
    "ties": Preset(
        "6 × 6 with ties",
        np.array(
            [
                [3.0, 3, 0, 1, 2, 2],
                [1, 3, 0, 1, 2, 2],
                [0, 0, 5, 1, 4, 0],
                [0, 0, 1, 5, 0, 4],
                [2, 1, 7, 7, 0, 6],
                [1, 2, 7, 7, 6, 6],
            ]
        ),
    ),
    "overlapping": Preset(
        "7 × 7, overlapping 3 / 2 as in AlexNet",
        np.array(
            [
                [1.0, 0, 2, 1, 0, 3, 1],
                [0, 4, 1, 0, 2, 0, 0],
                [2, 1, 9, 3, 1, 5, 2],
                [0, 3, 1, 0, 6, 1, 0],
                [1, 0, 2, 8, 0, 2, 4],
                [5, 2, 0, 1, 3, 0, 1],
                [0, 1, 3, 0, 7, 2, 0],
            ]
        ),
        size=3,
        stride=2,
    ),
}


def _checked_image(value: Any) -> np.ndarray:
    return given.grid_of_numbers(value, "image", most=LARGEST_IMAGE)


_ONES = np.ones((0, 0))  # stands for ones until it is known how many
_ONES.flags.writeable = False


def _checked_incoming(value: Any) -> np.ndarray:
    if value is None or value is _ONES:
        return _ONES
    return given.grid_of_numbers(value, "incoming", most=LARGEST_OUTPUT)


class PoolingStepper(Stepper):
    """Pool an image window by window, and see who receives the gradient.

    Parameters
    ----------
    image
        A preset, ``"lesson"``, ``"hill"``, ``"ties"`` or ``"overlapping"``; or an array
        (H, W), sides 1 to 12. None is ``"lesson"``.
    size
        Side of the window, 1 to 6. None takes the preset's, 2 for an array.
    stride
        1 to 6. None is the side of the window, so that windows touch, as in Keras; for
        a preset whose size is taken, the preset's.
    padding
        ``"valid"``, ``"same"`` or a count of cells on every side, less than the window.
        Padding is empty: it never wins and does not count in the mean.
    reduce
        ``"max"``, ``"mean"``, ``"global max"`` or ``"global mean"``. Global, the window
        is the whole picture, and size, stride and padding rest.
    view
        ``"values"``, or ``"gradient"`` to see also who receives the gradient.
    all_winners, position, step
        What is ringed, and where to begin, see below. None takes the first output,
        with all of them written.

    Attributes
    ----------
    image : ndarray of float64
        What stands on the screen. Setting it moves the screen.
    size, stride, padding, reduce, view
        As above.
    incoming : ndarray of float64, (oh, ow)
        The gradient that arrives at every output; set it to None for ones.
    all_winners : bool
        Whether the winners of all windows are ringed, not only the present one's.
    position : tuple of int
        Row and column of the output whose arithmetic is written out.
    step : int
        How many outputs are written, in reading order; from 1 to all of them.
    result : ndarray of float64, (oh, ow)
        ``ops.pool2d(image, …)``.
    winners : ndarray of int, (oh, ow), or None
        ``row · W + column`` of every winner, the first in reading order of equals; None
        for a mean.
    gradient : ndarray of float64, (H, W)
        How much of the incoming gradient every cell of the image receives.
    keras : str
        The line of Keras that computes the same, or what to do where there is none.

    Raises
    ------
    TraitError
        With a sentence, for what cannot be taken or does not fit together; what was
        there before stays.

    Examples
    --------
    >>> PoolingStepper().result
    array([[256., 153.],
           [ 23.,  55.]])
    """

    module = "explorers/pooling_stepper.js"

    image = Array(_checked_image, PRESETS["lesson"].image)
    size = Whole(2, 1, MOST)
    # The page has 0 for None: null it has where an explorer is being closed.
    stride = Whole(None, 1, MOST, allow_none=True).tag(
        to_json=lambda stride, _: stride or 0,
        from_json=lambda stride, _: stride or None,
    )
    padding = Padding(MOST - 1)
    reduce = Word(REDUCTIONS, "max")
    incoming = Array(_checked_incoming, np.ones((2, 2)))
    view = Word(VIEWS, "values")
    all_winners = Flag(False)

    _presets = given.presets_by_name()
    _limits = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        size: int | None = None,
        *,
        stride: int | None = None,
        padding: int | str = "valid",
        reduce: str = "max",
        incoming: Any = None,
        view: str = "values",
        all_winners: bool = False,
        position: tuple[int, int] | None = None,
        step: int | None = None,
    ) -> None:
        preset = None
        if image is None or isinstance(image, str):
            preset = given.preset(image or "lesson", PRESETS)
            image = preset.image
        if size is None and preset:
            size, stride = preset.size, preset.stride if stride is None else stride
        super().__init__(
            image=image,
            size=2 if size is None else size,
            stride=stride,
            padding=padding,
            reduce=reduce,
            incoming=incoming,
            view=view,
            all_winners=all_winners,
            _presets=PRESETS,
            _limits={"image": LARGEST_IMAGE, "most": MOST, "output": LARGEST_OUTPUT},
        )
        self._go_to(position=position, step=step)

    @traitlets.validate("image", "size", "stride", "padding", "reduce", "incoming")
    def _fits(self, proposal: dict[str, Any]) -> Any:
        """Refuse a setting with which the window no longer fits into the image."""
        name, value = proposal["trait"].name, proposal["value"]
        try:
            places = self._pooled(**{name: value}).shape
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        if name != "incoming":
            return value
        if value is _ONES:
            return np.ones(places)
        if value.shape != places:
            raise traitlets.TraitError(
                f"incoming: shape {value.shape} came; the output has shape {places}. "
                "Give one number for each output, or None for ones."
            )
        return value

    @traitlets.observe("image", "size", "stride", "padding", "reduce")
    def _refit(self, _: dict[str, Any]) -> None:
        if self.incoming.shape != self.places:
            incoming = np.ones(self.places)
            rows, columns = np.minimum(self.incoming.shape, self.places)
            incoming[:rows, :columns] = self.incoming[:rows, :columns]
            self.incoming = incoming
        self._start_anew()

    def _settings(self, **new: Any) -> dict[str, Any]:
        """Return the arguments of `ops.pool2d`, with some settings replaced."""
        names = ("image", "size", "stride", "padding", "reduce")
        now = {name: getattr(self, name) for name in names} | new
        _, whole, kind = now["reduce"].rpartition("global ")
        if whole:
            return {"x": now["image"], "size": now["image"].shape, "reduce": kind}
        return {
            "x": now["image"],
            **{name: now[name] for name in ("size", "stride", "padding", "reduce")},
        }

    def _pooled(self, **new: Any) -> np.ndarray:
        return ops.pool2d(**self._settings(**new))

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the output."""
        return self._pooled().shape

    @property
    def result(self) -> np.ndarray:
        """What the pooling leaves, (oh, ow), float64."""
        return self._pooled()

    @property
    def winners(self) -> np.ndarray | None:
        """``row · W + column`` of each window's winner, (oh, ow); None for a mean."""
        settings = self._settings()
        if settings["reduce"] == "mean":
            return None
        return ops.pool2d(**settings, return_indices=True)[1]

    @property
    def gradient(self) -> np.ndarray:
        """What every cell of the image receives of `incoming`, (H, W), float64."""
        return ops.pool2d_gradient(incoming=self.incoming, **self._settings())

    @property
    def keras(self) -> str:
        """Lines of Keras that compute the same; they say what Keras cannot do."""
        settings = self._settings()
        mean = settings["reduce"] == "mean"
        if "stride" not in settings:
            return f"keras.layers.Global{'Average' if mean else 'Max'}Pooling2D()"
        arguments = str(self.size)
        if self.stride not in (None, self.size):
            arguments += f", strides={self.stride}"
        if self.padding == "same":
            arguments += ', padding="same"'
        layer = f"keras.layers.{'Average' if mean else 'Max'}Pooling2D({arguments})"
        count = self.padding
        if count in ("valid", "same", 0):
            return layer
        if mean:
            return (
                "# Keras takes no count of padding here. Zeros padded by hand would\n"
                '# count in the mean (those of "same" do not): divide by the share of\n'
                "# real cells.\n"
                f"pad, pool = keras.layers.ZeroPadding2D({count}), {layer}\n"
                "x = pool(pad(x)) / pool(pad(keras.ops.ones_like(x)))"
            )
        sides = f"((0, 0), ({count}, {count}), ({count}, {count}), (0, 0))"
        return (
            "# Keras takes no count of padding here. Pad with -inf, which never wins:\n"
            f'x = keras.ops.pad(x, {sides}, constant_values=-float("inf"))\n'
            f"x = {layer}(x)"
        )

    def describe(self) -> str:
        """Return one line with the sizes, the settings and the range of the result."""
        (h, w), (rows, columns), result = self.image.shape, self.places, self.result
        window = (
            ""
            if self.reduce.startswith("global")
            else f"window {self.size} × {self.size}, "
            f"stride {self.stride or self.size}, padding {self.padding}, "
        )
        return (
            f"PoolingStepper: image {h} × {w}, {self.reduce}, {window}"
            f"output {rows} × {columns} from {result.min():.4g} to {result.max():.4g}"
        )

    def picture(self) -> plots.Picture:
        """Return input → output; in the gradient's view what arrives → who receives."""
        if self.view == "gradient":
            return plots.equation(
                [self.image, "", self.incoming, "→", self.gradient],
                titles=["input", "incoming gradient", f"gradient of the {self.reduce}"],
                roles=["input", "output", "input"],
            )
        if self.reduce.startswith("global") or isinstance(self.padding, int):
            return plots.equation(
                [self.image, "→", self.result], titles=["input", self.reduce]
            )
        return plots.pooling(**self._settings())
