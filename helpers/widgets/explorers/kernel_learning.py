"""KernelLearning: a kernel of random numbers learns to be a secret one (lesson 05)."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import _arguments, kernels, plots
from helpers.learning import SGD, mean_squared_error
from helpers.widgets.parts import given
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.named_picture import photographs
from helpers.widgets.parts.random import RandomFrom
from helpers.widgets.parts.traits import Array, Checked, OneOf, Whole

SIDE = 12  # pixels of a side of the pictures
MOST_EXAMPLES = 32
HELD_OUT = 8  # pictures that are never learned from
SIDES = (3, 5, 7)  # of kernels
FASTEST = 1.0  # learning rate
NOISIEST = 3.0
LEAST_STEPS, MOST_STEPS = 10, 1000
LAST_SEED = 999_999
RUNAWAY = 1e6  # times its start: a loss that has grown so much has diverged
TINY = 1e-9  # a loss below is rounding, and not the same on every machine

_WIDE_EDGE = np.tile([0.1, 0.1, 0.1, 0, -0.1, -0.1, -0.1], (7, 1))

#: The secret kernels by name, that of lesson 01 first.
SECRETS: dict[str, np.ndarray] = {
    "vertical_edges": kernels.BANK["vertical_edges"],
    **kernels.BANK,
    "box_5": kernels.box(5),
    "gaussian_5": kernels.gaussian(5),
    "wide_edge_7": _WIDE_EDGE,
}


class Preset(NamedTuple):
    """All settings of an example, but for the seed."""

    title: str
    secret: np.ndarray
    size: int = 3
    examples: int = 8
    noise: float = 0.0
    learning_rate: float = 0.1
    batch: int = 8
    steps: int = 300


_EDGE = SECRETS["vertical_edges"]
_NOISY = Preset(
    "few and noisy: it overfits",
    _EDGE,
    size=7,
    examples=4,
    noise=2.0,
    learning_rate=0.05,
    batch=MOST_EXAMPLES,
    steps=600,
)
PRESETS = {
    "edge": Preset("the edge of lesson 01", _EDGE),
    "blur": Preset("a blur", SECRETS["blur"]),
    "sharpen": Preset("sharpen", SECRETS["sharpen"]),
    "few": _NOISY,
    "many": _NOISY._replace(title="many and noisy: it does not", examples=32),
    "fast": Preset("too large a learning rate", _EDGE, learning_rate=0.4),
}


# ---- the pictures ----


def _detail(piece: np.ndarray) -> float:
    """Tell how much neighbours differ, for the contrast that there is."""
    spread = piece.std()
    if spread < 25:  # a wall, a sky: nothing to learn from
        return 0.0
    return float(sum(np.diff(piece, axis=axis).std() for axis in (0, 1)) / spread)


@functools.cache
def pictures() -> np.ndarray:
    """Return the pictures, (40, 12, 12), float64, read-only; the last 8 are held out.

    Pieces of the photographs in turn, those of each with the most detail. Each has mean
    0 and deviation 1: so a step of descent fits all of them.
    """
    best = []
    each = (MOST_EXAMPLES + HELD_OUT) // len(photographs())
    for photo in photographs().values():
        rows, columns = (n // SIDE for n in photo.shape)
        cut = photo[: rows * SIDE, : columns * SIDE].astype(np.float64)
        pieces = cut.reshape(rows, SIDE, columns, SIDE).swapaxes(1, 2)
        ranked = sorted(pieces.reshape(-1, SIDE, SIDE), key=_detail, reverse=True)
        best.append(ranked[:each])
    in_turn = [piece for several in zip(*best, strict=True) for piece in several]
    pieces = np.stack(in_turn)
    pieces -= pieces.mean(axis=(1, 2), keepdims=True)
    pieces /= pieces.std(axis=(1, 2), keepdims=True)
    pieces.flags.writeable = False
    return pieces


# ---- learning ----


class Settings(NamedTuple):
    """What a run depends on; the secret kernel as a tuple of its rows."""

    secret: tuple[tuple[float, ...], ...]
    size: int
    examples: int
    noise: float
    learning_rate: float
    batch: int
    steps: int
    seed: int


class Run(NamedTuple):
    """The kernel and both losses before the first step and after each."""

    kernels: np.ndarray  # (steps + 1, size, size)
    training: np.ndarray  # (steps + 1,)
    held_out: np.ndarray  # (steps + 1,)
    has_diverged: bool


def _windows(images: np.ndarray, size: int, widest: int) -> np.ndarray:
    """Return the windows of each picture as rows, (n, windows, size · size).

    Where ``widest`` is larger there are only as many as it would have.
    """
    rim = (widest - size) // 2
    inner = images[:, rim : SIDE - rim, rim : SIDE - rim]
    windows = np.lib.stride_tricks.sliding_window_view(inner, (size, size), axis=(1, 2))
    return windows.reshape(len(images), -1, size * size)


def _random(settings: Settings, use: int) -> RandomFrom:
    """Return one of the three sources of chance: start 0, noise 1, order 2."""
    return RandomFrom(3 * settings.seed + use)


def first_kernel(settings: Settings) -> np.ndarray:
    """Return the random numbers that a run begins with, Keras's Glorot uniform."""
    random, taps = _random(settings, 0), settings.size**2
    limit = np.sqrt(6 / (taps + taps))
    numbers = [limit * (2 * random.uniform() - 1) for _ in range(taps)]
    return np.reshape(numbers, (settings.size, settings.size))


def added_noise(settings: Settings) -> np.ndarray:
    """Return what is added to the wanted outputs, (examples, windows)."""
    side = SIDE + 1 - max(settings.size, len(settings.secret))
    random, count = _random(settings, 1), settings.examples * side * side
    numbers = np.array([random.normal() for _ in range(count)])
    return settings.noise * numbers.reshape(settings.examples, side * side)


def batches(settings: Settings) -> list[list[int]]:
    """Return which examples each step learns from: all once, in a new order, again."""
    random = _random(settings, 2)
    order: list[int] = []
    found = []
    for _ in range(settings.steps):
        order = order or random.shuffled(settings.examples)
        found.append(order[: settings.batch])
        order = order[settings.batch :]
    return found


@functools.lru_cache(maxsize=32)
def learned(settings: Settings) -> Run:
    """Descend: a convolution is the product of all windows with the weights."""
    secret, size = np.array(settings.secret), settings.size
    widest = max(size, len(secret))
    wanted = _windows(pictures(), len(secret), widest) @ secret.ravel()
    seen = _windows(pictures(), size, widest)
    x, y = seen[: settings.examples], wanted[: settings.examples]
    y = y + added_noise(settings)
    held_x, held_y = seen[-HELD_OUT:], wanted[-HELD_OUT:]

    def losses(kernel: np.ndarray) -> tuple[float, float]:
        pairs = ((x @ kernel, y), (held_x @ kernel, held_y))
        training, held_out = (mean_squared_error(*pair)[0] for pair in pairs)
        return training, held_out

    kernel, descent = first_kernel(settings).ravel(), SGD(settings.learning_rate)
    path, course = [kernel], [losses(kernel)]
    diverged = False
    for chosen in batches(settings):
        _, gradient = mean_squared_error(x[chosen] @ kernel, y[chosen])
        kernel = descent.step(kernel, np.einsum("nwk,nw->k", x[chosen], gradient))
        path.append(kernel)
        course.append(losses(kernel))
        if diverged := not course[-1][0] <= RUNAWAY * course[0][0]:
            break
    training, held_out = np.array(course).T
    return Run(np.reshape(path, (-1, size, size)), training, held_out, diverged)


def embedded(kernel: np.ndarray, side: int) -> np.ndarray:
    """Return a kernel in the middle of a larger one of zeros.

    Examples
    --------
    >>> embedded(np.array([[7.0]]), 3)
    array([[0., 0., 0.],
           [0., 7., 0.],
           [0., 0., 0.]])
    """
    return np.pad(kernel, (side - len(kernel)) // 2)


# ---- the explorer ----


def _checked_secret(value: Any) -> np.ndarray:
    if isinstance(value, str):
        return SECRETS[_arguments.word(value, "secret", SECRETS, "or an array")]
    try:
        return given.square_kernel(value, most=SIDES[-1])
    except ValueError as error:
        raise ValueError(str(error).replace("kernel:", "secret:", 1)) from None


def _checked_noise(value: Any) -> float:
    return _arguments.real(value, "noise", 0, NOISIEST)


def _checked_rate(value: Any) -> float:
    return _arguments.real(value, "learning_rate", above=0, most=FASTEST)


def _written(loss: float) -> str:
    return f"{loss:.2g}" if loss >= TINY else f"below {TINY:g}"


class KernelLearning(Explorer):
    """Pictures in, pictures out: a kernel of random numbers learns what lies between.

    The wanted outputs are those of a secret kernel, if asked for with noise. Descent
    (`helpers.learning.SGD` on the mean squared error) changes the weights step by step;
    the loss on eight other pictures, whose wanted outputs have no noise, tells whether
    the secret kernel is found or the noise learned. Pictures are pieces of photographs,
    12 × 12, each with mean 0 and deviation 1; outputs are those of whole windows.

    Parameters
    ----------
    secret
        Name of a kernel of :mod:`helpers.kernels`, ``"box_5"``, ``"gaussian_5"``,
        ``"wide_edge_7"``, or a square array of odd side ≤ 7.
    size
        Side of the kernel that learns: 3, 5 or 7. It may be larger than the secret one,
        or smaller.
    examples
        How many pictures it learns from, 1 to 32.
    noise
        Deviation of the noise in their wanted outputs, 0 to 3.
    learning_rate
        Of descent, above 0 and at most 1.
    batch
        How many of them a step looks at, 1 to 32; as many as there are at the most.
    steps
        How many steps are made, 10 to 1000. A run whose loss has grown a million times
        ends there.
    seed
        Of the first kernel, the noise and the order of examples.

    Attributes
    ----------
    secret : ndarray of float64
        The weights that are to be found.
    size, examples, noise, learning_rate, batch, steps, seed
        As above. Setting one makes a new run, shown at its end.
    step : int
        The step that is shown, from 0 (the first random numbers) to ``steps``.
    example : int
        Which of the examples is drawn, from 1; the last where there are fewer.
    kernel : ndarray of float64, (size, size)
        The learned weights at this step.
    run : Run
        All of it: ``kernels``, ``training`` and ``held_out`` losses, ``has_diverged``.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> lesson = KernelLearning("vertical_edges", steps=100)
    >>> lesson.kernel.round(1) + 0
    array([[ 1.,  0., -1.],
           [ 2.,  0., -2.],
           [ 1.,  0., -1.]])
    """

    module = "explorers/kernel_learning.js"

    secret = Array(_checked_secret, "vertical_edges")
    size = OneOf(SIDES, 3)
    examples = Whole(8, 1, MOST_EXAMPLES)
    noise = Checked(_checked_noise, 0.0)
    learning_rate = Checked(_checked_rate, 0.1)
    batch = Whole(8, 1, MOST_EXAMPLES)
    steps = Whole(300, LEAST_STEPS, MOST_STEPS)
    seed = Whole(1, 0, LAST_SEED)
    step = Whole(300)
    example = Whole(1, 1, MOST_EXAMPLES)

    _arrays = given.arrays_by_name()
    _secrets = given.arrays_by_name()
    _presets = given.presets_by_name()
    _limits = traitlets.Dict(
        {
            "examples": MOST_EXAMPLES,
            "heldOut": HELD_OUT,
            "sides": SIDES,
            "rate": FASTEST,
            "noise": NOISIEST,
            "steps": [LEAST_STEPS, MOST_STEPS],
            "seed": LAST_SEED,
            "runaway": RUNAWAY,
            "tiny": TINY,
        }
    ).tag(sync=True)

    def __init__(
        self,
        secret: Any = "vertical_edges",
        size: int = 3,
        *,
        examples: int = 8,
        noise: float = 0.0,
        learning_rate: float = 0.1,
        batch: int = 8,
        steps: int = 300,
        seed: int = 1,
    ) -> None:
        super().__init__(
            secret=secret,
            size=size,
            examples=examples,
            noise=noise,
            learning_rate=learning_rate,
            batch=batch,
            steps=steps,
            seed=seed,
            _arrays={"pictures": pictures()},
            _secrets=SECRETS,
            _presets=PRESETS,
        )
        self.step = self.steps

    @property
    def settings(self) -> Settings:
        """What the run depends on."""
        rows = tuple(map(tuple, self.secret.tolist()))
        return Settings(rows, *(getattr(self, name) for name in Settings._fields[1:]))

    @property
    def run(self) -> Run:
        """The kernel and both losses at every step."""
        return learned(self.settings)

    @property
    def _at(self) -> int:
        """The step that is shown; a run that diverged ends early."""
        return min(self.step, len(self.run.kernels) - 1)

    @property
    def kernel(self) -> np.ndarray:
        """The learned weights at the step that is shown, (size, size), float64."""
        return self.run.kernels[self._at].copy()

    @property
    def _both(self) -> tuple[np.ndarray, np.ndarray]:
        """The learned and the secret kernel, the smaller one amid zeros."""
        side = max(self.size, len(self.secret))
        return embedded(self.kernel, side), embedded(self.secret, side)

    @property
    def difference(self) -> float:
        """The largest difference between a learned weight and the secret one."""
        learned_one, secret = self._both
        return float(np.abs(learned_one - secret).max())

    @traitlets.observe(*Settings._fields)
    def _start_anew(self, _: Any) -> None:
        if "step" not in self._told:
            self.step = self.steps

    @traitlets.validate("step")
    def _possible(self, proposal: dict[str, Any]) -> int:
        if not 0 <= proposal["value"] <= self.steps:
            raise traitlets.TraitError(
                f"step: {proposal['value']} came; this run has steps from 0 to "
                f"{self.steps}."
            )
        return proposal["value"]

    def _secret_name(self) -> str:
        known = (n for n, k in SECRETS.items() if np.array_equal(k, self.secret))
        return next(known, "custom").replace("_", " ")

    def describe(self) -> str:
        """Return one line: what is learned from what, and how far it is."""
        side, run, at = len(self.secret), self.run, self._at
        training, held_out = _written(run.training[at]), _written(run.held_out[at])
        return (
            f"KernelLearning: {self._secret_name()} ({side} × {side}) learned by "
            f"{self.size} × {self.size} from {self.examples} pictures, noise "
            f"{self.noise:g}, learning rate {self.learning_rate:g}, batch "
            f"{min(self.batch, self.examples)}, seed {self.seed}; step {at} of "
            f"{self.steps}{', diverged' if run.has_diverged else ''}: training loss "
            f"{training}, held-out loss {held_out}, "
            f"largest difference {self.difference:.2g}"
        )

    def picture(self) -> plots.Picture:
        """Return learned kernel − secret kernel = difference."""
        learned_one, secret = self._both
        most = float(np.abs(secret).max()) or 1.0
        return plots.equation(
            [learned_one, "−", secret, "=", learned_one - secret],
            (f"learned, step {self._at}", "secret", "difference"),
            roles=("kernel", "kernel", "output"),
            fill="signed",
            limits=(-most, most),
            decimals=2,
        )
