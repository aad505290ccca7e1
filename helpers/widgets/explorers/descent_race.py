"""DescentRace: four optimisers roll down the same landscape (lesson 05)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import _arguments, learning, plots
from helpers.widgets.parts import given
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.landscapes import LANDSCAPES, Landscape
from helpers.widgets.parts.random import normals
from helpers.widgets.parts.traits import Checked, Whole, Word

RACERS = ("SGD", "momentum", "RMSprop", "Adam")
SCHEDULES = ("constant", "step", "cosine", "warm-up")
SLOWEST, FASTEST = 0.0001, 2  # learning rates
LOUDEST = 5  # deviation of the noise
MOST_STEPS = 200
LARGEST_SEED = 9999
NOTHING = 1e-8  # smaller losses are not told apart
PIECES, FALL = 4, 0.3  # of the schedule "step"


class Preset(NamedTuple):
    """Settings that show one thing."""

    landscape: str
    start: tuple[float, float]
    learning_rate: float
    momentum: float = 0.9
    schedule: str = "constant"
    noise: float = 0
    steps: int = 100


PRESETS = {
    "ravine: momentum helps": Preset("valley", (-2.6, 1.2), 0.02),
    "too large a step": Preset("valley", (-2.6, 0.4), 0.12),
    "saddle: SGD rests, Adam leaves": Preset("saddle", (-2.4, 0.001), 0.03),
    "two minima: where you drop decides": Preset("two_minima", (2.4, 1.2), 0.05),
    "noise: a schedule calms it": Preset(
        "bowl", (-2.4, 1.4), 0.1, momentum=0.5, schedule="cosine", noise=2
    ),
    "Rosenbrock": Preset("rosenbrock", (-1.2, 1), 0.1, steps=200),
}


def _checked_start(value: Any) -> tuple[float, float]:
    pair = tuple(value) if _arguments.is_sequence(value) else ()
    if len(pair) != 2:
        raise _arguments.refusal(
            "start", _arguments.shown(value), "Give two numbers, (w1, w2)"
        )
    first, second = (_arguments.real(number, "start") for number in pair)
    return first, second


def _checked_racers(value: Any) -> tuple[str, ...]:
    if not _arguments.is_sequence(value):
        need = f"Give a list of {', '.join(RACERS)}, or of some of them"
        raise _arguments.refusal("racers", _arguments.shown(value), need)
    words = {str(_arguments.word(word, "racers", RACERS)) for word in value}
    return tuple(name for name in RACERS if name in words)


def _number(name: str, least: float, most: float, default: float) -> Checked:
    return Checked(lambda value: _arguments.real(value, name, least, most), default)


def rates(schedule: str, learning_rate: float, steps: int) -> learning.Schedule:
    """Return the schedule of a run of so many steps, as Keras would have it.

    ``"step"`` is ExponentialDecay with ``staircase=True``: × 0.3 after each quarter of
    the steps; ``"cosine"`` is CosineDecay to 0. ``"warm-up"`` is CosineDecay with
    ``warmup_steps``: in a tenth of the steps up from 0 to the learning rate, then down.

    >>> rate = rates("warm-up", 0.2, 100)
    >>> [round(rate(step), 3) for step in (0, 5, 10, 55, 100)]
    [0.0, 0.1, 0.2, 0.1, 0.0]
    """
    if schedule == "step":
        return learning.step_decay(learning_rate, -(-steps // PIECES), FALL)
    if schedule == "cosine":
        return learning.cosine_decay(learning_rate, steps)
    if schedule == "warm-up":
        warm = max(1, steps // 10)
        return learning.cosine_decay(
            0, steps - warm, warmup_target=learning_rate, warmup_steps=warm
        )
    return learning.constant(learning_rate)


def path(
    landscape: Landscape,
    start: tuple[float, float],
    optimizer: learning.Optimizer,
    noises: np.ndarray,
) -> np.ndarray:
    """Return (k + 1, 2) points: the start, and one after each step.

    Parameters
    ----------
    noises
        (steps, 2), what is added to the gradient at each step.

    Returns
    -------
    ndarray
        As many points as steps and one more, or fewer: it ends with the first point
        that lies ten half widths of the picture from its centre, or farther.
    """
    points = [np.array(start, float)]
    for noise in noises:
        if landscape.is_lost(*points[-1]):
            break
        gradient = np.array(landscape.gradient(*points[-1])) + noise
        points.append(optimizer.step(points[-1], gradient))
    return np.array(points)


class DescentRace(Explorer):
    """Race down a landscape: SGD, SGD with momentum, RMSprop and Adam from one point.

    Each makes the steps that Keras's optimiser of that name makes, with Keras's own
    settings but for the learning rate and the momentum.

    Parameters
    ----------
    landscape
        ``"bowl"``, ``"valley"`` (20 times as steep one way as the other), ``"saddle"``,
        ``"two_minima"``, ``"rosenbrock"`` (divided by 200) or ``"bumpy"``.
    start
        (w1, w2), where the ball is dropped, in the picture; None: the landscape's own.
    learning_rate
        Of all four, 0.0001 to 2; what a schedule starts from, or warms up to.
    momentum
        Of SGD with momentum, 0 to 0.99.
    schedule
        ``"constant"``, ``"step"``, ``"cosine"`` or ``"warm-up"`` (then cosine).
    noise
        Standard deviation of what is added to each derivative at each step, the same
        for all four, 0 to 5: as if it came from a batch.
    seed
        Of the noise, 0 to 9,999.
    steps
        How many, 10 to 200.
    goal
        Who first has a loss below this wins, 1e-7 to 1.
    racers
        Which of ``"SGD"``, ``"momentum"``, ``"RMSprop"``, ``"Adam"`` are shown.

    Attributes
    ----------
    landscape, start, learning_rate, momentum, schedule, noise
        As above. Setting one moves the screen; another landscape has its own start.
    seed, steps, goal, racers
        As above.
    step : int
        Up to which step the paths are drawn, from 0.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> race = DescentRace("bowl", (1, 0), learning_rate=0.25, steps=10)
    >>> race.paths["SGD"][:3].tolist()
    [[1.0, 0.0], [0.5, 0.0], [0.25, 0.0]]
    >>> race.first_below["SGD"]
    4
    """

    module = "explorers/descent_race.js"

    landscape = Word(tuple(LANDSCAPES), "valley")
    start = Checked(_checked_start, LANDSCAPES["valley"].start)
    learning_rate = _number("learning_rate", SLOWEST, FASTEST, 0.02)
    momentum = _number("momentum", 0, 0.99, 0.9)
    schedule = Word(SCHEDULES, "constant")
    noise = _number("noise", 0, LOUDEST, 0)
    seed = Whole(0, 0, LARGEST_SEED)
    steps = Whole(100, 10, MOST_STEPS)
    goal = _number("goal", 1e-7, 1, 0.01)
    racers = Checked(_checked_racers, RACERS)
    step = Whole(100, 0, MOST_STEPS)

    _landscapes = traitlets.Dict(
        {name: landscape.as_plain() for name, landscape in LANDSCAPES.items()}
    ).tag(sync=True)
    _presets = given.presets_by_name()

    _is_made = False  # from then on another landscape brings its own start

    def __init__(
        self,
        landscape: str = "valley",
        start: tuple[float, float] | None = None,
        *,
        learning_rate: float = 0.02,
        momentum: float = 0.9,
        schedule: str = "constant",
        noise: float = 0,
        seed: int = 0,
        steps: int = 100,
        goal: float = 0.01,
        racers: tuple[str, ...] = RACERS,
    ) -> None:
        known = LANDSCAPES.get(landscape) if isinstance(landscape, str) else None
        if start is None:
            start = (known or LANDSCAPES["valley"]).start
        super().__init__(
            landscape=landscape,
            start=start,
            learning_rate=learning_rate,
            momentum=momentum,
            schedule=schedule,
            noise=noise,
            seed=seed,
            steps=steps,
            goal=goal,
            racers=racers,
            step=steps if _arguments.is_whole(steps) else 0,
            _presets=PRESETS,
        )
        self._is_made = True

    # ---- what happens ----

    @property
    def paths(self) -> dict[str, np.ndarray]:
        """The points of each run, all steps done, (steps + 1, 2), by name.

        Fewer where it diverged: it ends with the first point far outside the picture.
        """
        noises = self.noise * normals(self.seed, 2 * self.steps).reshape(-1, 2)
        rate = rates(self.schedule, self.learning_rate, self.steps)
        optimizers = {
            "SGD": learning.SGD(rate),
            "momentum": learning.SGD(rate, momentum=self.momentum),
            "RMSprop": learning.RMSprop(rate),
            "Adam": learning.Adam(rate),
        }
        landscape = LANDSCAPES[self.landscape]
        return {
            name: path(landscape, self.start, optimizers[name], noises)
            for name in self.racers
        }

    @property
    def losses(self) -> dict[str, np.ndarray]:
        """The loss at each point of `paths`, by name."""
        value = LANDSCAPES[self.landscape].value
        return {name: value(*points.T) for name, points in self.paths.items()}

    @property
    def diverged(self) -> dict[str, int | None]:
        """At which step each run was lost, None where it was not, by name."""
        lost = LANDSCAPES[self.landscape].is_lost
        return {
            name: len(points) - 1 if lost(*points[-1]) else None
            for name, points in self.paths.items()
        }

    @property
    def first_below(self) -> dict[str, int | None]:
        """The first step after which each loss is below the goal, None for never."""
        reached = {
            name: np.flatnonzero(losses < self.goal)
            for name, losses in self.losses.items()
        }
        return {name: int(at[0]) if at.size else None for name, at in reached.items()}

    # ---- what fits together ----

    @traitlets.observe("landscape")
    def _drop_anew(self, _: Any) -> None:
        if self._is_made and "start" not in self._told:
            self.start = LANDSCAPES[self.landscape].start

    @traitlets.observe("steps")
    def _all_done(self, _: Any) -> None:
        if "step" not in self._told:
            self.step = self.steps

    @traitlets.validate("start")
    def _in_the_picture(self, proposal: dict[str, Any]) -> tuple[float, float]:
        landscape, start = LANDSCAPES[self.landscape], proposal["value"]
        if not landscape.holds(*start):
            raise traitlets.TraitError(
                f"start: {start} lies outside the picture; give w1 from "
                f"{landscape.w1[0]:g} to {landscape.w1[1]:g} and w2 from "
                f"{landscape.w2[0]:g} to {landscape.w2[1]:g}."
            )
        return start

    @traitlets.validate("step")
    def _possible(self, proposal: dict[str, Any]) -> int:
        if proposal["value"] > self.steps:
            raise traitlets.TraitError(
                f"step: {proposal['value']} came; this run has steps from 0 to "
                f"{self.steps}."
            )
        return proposal["value"]

    # ---- what is said and drawn ----

    def describe(self) -> str:
        """Return one line: the settings, the loss of each run, who was first."""
        settings = (
            f"{self.landscape.replace('_', ' ')} from {_point(self.start)}, "
            f"learning rate {self.learning_rate:g} ({self.schedule}), "
            f"momentum {self.momentum:g}, noise {self.noise:g}"
        )
        if self.noise:
            settings += f" (seed {self.seed})"
        return (
            f"DescentRace: {settings}; loss after {self.step} of {self.steps} steps: "
            f"{', '.join(self._said_losses()) or 'nobody is shown'}; "
            f"first below {self.goal:g}: {self._said_winner()}"
        )

    def _said_losses(self) -> Iterator[str]:
        diverged = self.diverged
        for name, losses in self.losses.items():
            at = diverged[name]
            if at is not None and at <= self.step:
                yield f"{name} diverged at step {at}"
            else:
                loss = losses[self.step]
                yield f"{name} {f'{loss:.3g}' if loss > NOTHING else 'below 1e-08'}"

    def _said_winner(self) -> str:
        reached = {name: at for name, at in self.first_below.items() if at is not None}
        if not reached:
            return "none"
        first = min(reached.values())
        names = [name for name, at in reached.items() if at == first]
        return f"{' and '.join(names)} at step {first}"

    def picture(self) -> plots.Picture:
        """Return the landscape from above with the paths up to the present step."""
        landscape = LANDSCAPES[self.landscape]
        w1, w2 = np.linspace(*landscape.w1, 181), np.linspace(*landscape.w2, 121)
        return plots.contours(
            landscape.value(*np.meshgrid(w1, w2)),
            w1,
            w2,
            {name: points[: self.step + 1] for name, points in self.paths.items()},
            f"{self.landscape.replace('_', ' ')}: {self.step} steps, "
            f"learning rate {self.learning_rate:g}",
            crosses=landscape.minima,
            x_label="w₁",
            y_label="w₂",
        )


def _point(place: tuple[float, float]) -> str:
    return f"({', '.join(f'{number:g}' for number in place)})"
