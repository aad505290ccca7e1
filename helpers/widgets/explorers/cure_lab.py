"""CureLab: stored trainings, with cures for overfitting switched on and off (07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import NDArray

from helpers import _arguments, plots
from helpers.experiments import Experiments, Run, Stop, early_stop
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Checked, Whole, Word

METRICS = ("accuracy", "loss")
CURVES = ("accuracy", "loss", "val_accuracy", "val_loss", "seconds")
PARTS = ("training", "validation")
MOST_EXPERIMENTS = 20
MOST_CURES = 8
MOST_SEEDS = 20
MOST_EPOCHS = 500
MOST_PATIENCE = 30
_DIGITS = 5  # after the point: what is sent to the page is short
_NEAREST = 3  # combinations that a refusal names


class Trained(NamedTuple):
    """The runs of one experiment: S seeds, E epochs.

    Attributes
    ----------
    name
        Of the experiment.
    cures
        What was done against overfitting.
    seeds
        S whole numbers.
    curves
        (S, E) numbers for each of `CURVES`; NaN where a run had none that is finite.
    ends
        (S,) accuracies of the finished networks on the "training" and the "validation"
        pictures, both without dropout and augmentation.
    """

    name: str
    cures: tuple[str, ...]
    seeds: tuple[int, ...]
    curves: dict[str, NDArray[np.float64]]
    ends: dict[str, NDArray[np.float64]]

    @property
    def epochs(self) -> int:
        """How many epochs each run had."""
        return self.curves["loss"].shape[1]

    @property
    def gap(self) -> NDArray[np.float64]:
        """Accuracy in training less that in validation at the end, (S,)."""
        return self.ends["training"] - self.ends["validation"]

    def as_plain(self) -> dict[str, Any]:
        """Return the runs as the page takes them: None for what is not finite."""
        return {
            "name": self.name,
            "cures": list(self.cures),
            "seeds": list(self.seeds),
            "curves": {kind: _plain(rows) for kind, rows in self.curves.items()},
            **{part: shares.tolist() for part, shares in self.ends.items()},
        }


def _plain(rows: NDArray[np.float64]) -> list[list[float | None]]:
    return [[None if np.isnan(y) else y for y in row] for row in rows.tolist()]


# ---- what is given ----


def _read(experiments: Any, cures_of: Any) -> tuple[Trained, ...]:
    """Return the experiments that are named, in that order, or raise ``ValueError``."""
    if not isinstance(experiments, Experiments):
        need = 'Give what helpers.experiments.read("flowers") returns'
        raise _arguments.refusal("experiments", _arguments.shown(experiments), need)
    if not isinstance(cures_of, Mapping) or not 1 <= len(cures_of) <= MOST_EXPERIMENTS:
        need = (
            f"Give the cures of 1 to {MOST_EXPERIMENTS} experiments by name, "
            '{"no cure": (), "dropout": ("dropout",)}, say'
        )
        raise _arguments.refusal("cures_of", _arguments.shown(cures_of), need)
    given = {
        _arguments.word(name, "cures_of", experiments.names): _checked_words(
            words, f"cures_of, {name}"
        )
        for name, words in cures_of.items()
    }
    order = tuple(dict.fromkeys(word for words in given.values() for word in words))
    if not 1 <= len(order) <= MOST_CURES:
        need = f"Give experiments with 1 to {MOST_CURES} different ones"
        raise _arguments.refusal("cures_of", f"{len(order)} cures in all", need)
    named: dict[tuple[str, ...], str] = {}
    for name, words in given.items():
        cures = _in_order(words, order)
        if cures in named:
            came = f"the same cures for {named[cures]!r} and {name!r}"
            need = "Give different ones, or leave one experiment out"
            raise _arguments.refusal("cures_of", came, need)
        named[cures] = name
    return tuple(
        _trained(name, cures, experiments.of(name)) for cures, name in named.items()
    )


def _checked_words(value: Any, name: str = "cures") -> tuple[str, ...]:
    """Return the words of a tuple, a list, an array or a set, each once."""
    several = _arguments.is_sequence(value) or isinstance(value, set | frozenset)
    words = list(value) if several else [None]
    if not all(isinstance(word, str) and word for word in words):
        need = 'Give words in brackets, ("dropout",), say, or () for none'
        raise _arguments.refusal(name, _arguments.shown(value), need)
    return tuple(dict.fromkeys(map(str, words)))


def _in_order(words: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in order if word in words)


def _trained(name: str, cures: tuple[str, ...], runs: Sequence[Run]) -> Trained:
    """Return the runs of one experiment as arrays."""
    if len(runs) > MOST_SEEDS:
        came = f"{len(runs)} runs of {name!r}"
        raise _arguments.refusal("experiments", came, f"Give up to {MOST_SEEDS}")
    rows = {kind: [_curve(run, kind) for run in runs] for kind in CURVES}
    lengths = sorted({len(row) for some in rows.values() for row in some})
    if len(lengths) > 1 or not 1 <= lengths[0] <= MOST_EPOCHS:
        came = f"curves of {' and '.join(map(str, lengths))} epochs for {name!r}"
        need = f"Give a number an epoch in all of them, up to {MOST_EPOCHS}"
        raise _arguments.refusal("experiments", came, need)
    shares = {part: [_share(run, part) for run in runs] for part in PARTS}
    return Trained(
        name,
        cures,
        tuple(
            _arguments.whole(run.get("seed"), "experiments, seed", 0) for run in runs
        ),
        {kind: np.array(some) for kind, some in rows.items()},
        {part: np.array(some) for part, some in shares.items()},
    )


def _curve(run: Run, kind: str) -> NDArray[np.float64]:
    """Return a number an epoch, NaN for what is not finite."""
    where = f"experiments, {run['experiment']}, curves, {kind}"
    curves = run.get("curves")
    if not isinstance(curves, Mapping) or kind not in curves:
        raise _arguments.refusal(where, "nothing", "Give a number an epoch")
    numbers = _arguments.array(curves[kind], where).astype(float)
    if numbers.ndim != 1:
        came = f"an array of shape {numbers.shape}"
        raise _arguments.refusal(where, came, "Give a number an epoch")
    return np.where(np.isfinite(numbers), numbers, np.nan).round(_DIGITS)


def _share(run: Run, part: str) -> float:
    where = f"experiments, {run['experiment']}, accuracy, {part}"
    shares = run.get("accuracy")
    share = shares.get(part) if isinstance(shares, Mapping) else None
    return round(_arguments.real(share, where, 0, 1), _DIGITS)


# ---- the explorer ----


class CureLab(Explorer):
    """Long trainings side by side: switch cures for overfitting on and off.

    Nothing is trained here. The experiment that was run with exactly the cures that are
    switched on is shown beside another one: curves of all seeds, where early stopping
    would have ended them, and what gap is left between training and validation.

    Parameters
    ----------
    experiments
        What `helpers.experiments.read` returns. Each run has "seed", "curves" with
        "accuracy", "loss", "val_accuracy", "val_loss" and "seconds" since the start, a
        number an epoch, and "accuracy" of the finished network, "training" and
        "validation".
    cures_of
        The cures of each experiment by its name; others are not shown. No two may have
        the same ones.
    cures
        Which are switched on at first; None: none, or those of the first experiment.
    compared
        Beside which experiment; None: the one without cures, or the first.
    metric
        What the curves are: ``"accuracy"`` or ``"loss"``.
    epoch
        Whose numbers are said, from 1; None: the last.
    patience
        Of early stopping, 1 to 30 epochs.

    Attributes
    ----------
    cures : tuple of str
        As above, in the order of `cures_of`. Only cures that one experiment was run
        with can be set.
    compared, metric, patience
        As above. Setting one moves the screen.
    epoch : int
        As above, up to the longest of the two; where that is another number of epochs
        than before, the last one.
    experiment : str
        The experiment that is shown.
    curves : dict of ndarray, (seeds, epochs)
        Its curves by name; NaN where a run had no finite number.
    gap : ndarray, (seeds,)
        Accuracy in training less that in validation, of its finished networks.
    gaps : dict of ndarray
        The same for all experiments, by name.
    ranking : tuple of str
        All experiments, the one with the largest mean validation accuracy first.
    stops : tuple of Stop
        For each seed, where early stopping on the validation loss would have ended.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> def run(name, right, loss):
    ...     same = [0.75, 0.5, 0.25]
    ...     curves = {"accuracy": same, "loss": same, "val_accuracy": same}
    ...     curves |= {"val_loss": loss, "seconds": [1, 2, 3]}
    ...     ends = {"training": 1, "validation": right}
    ...     return {"experiment": name, "seed": 0, "curves": curves, "accuracy": ends}
    >>> found = Experiments("two", "none", (
    ...     run("plain", 0.5, [2, 1, 3]), run("dropped", 0.75, [3, 2, 1])))
    >>> lab = CureLab(found, {"plain": (), "dropped": ("dropout",)}, patience=1)
    >>> lab.gap.tolist(), lab.stops, lab.ranking
    ([0.5], (Stop(after=3, kept=2),), ('dropped', 'plain'))
    >>> lab.cures = ["dropout"]
    >>> lab.experiment, lab.gap.tolist()
    ('dropped', [0.25])
    """

    module = "explorers/cure_lab.js"

    cures = Checked(_checked_words, None)
    # Which names there are, the explorer knows: see _an_experiment.
    compared = Checked(lambda value: value, None)
    metric = Word(METRICS, METRICS[0])
    epoch = Whole(1, 1, MOST_EPOCHS)
    patience = Whole(3, 1, MOST_PATIENCE)

    _experiments: traitlets.List = traitlets.List().tag(sync=True)
    _most_patience = traitlets.Int(MOST_PATIENCE).tag(sync=True)

    _epochs: int | None = None  # of the two experiments, once the explorer is made

    def __init__(
        self,
        experiments: Experiments,
        cures_of: Mapping[str, Sequence[str]],
        *,
        cures: Sequence[str] | None = None,
        compared: str | None = None,
        metric: str = "accuracy",
        epoch: int | None = None,
        patience: int = 3,
    ) -> None:
        try:
            self._trained = _read(experiments, cures_of)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        self._given = experiments
        first = next((one for one in self._trained if not one.cures), self._trained[0])
        super().__init__(
            _experiments=[one.as_plain() for one in self._trained],
            cures=first.cures if cures is None else cures,
            compared=first.name if compared is None else compared,
            metric=metric,
            patience=patience,
            **({} if epoch is None else {"epoch": epoch}),
        )
        self._epochs = self.epochs
        if epoch is None:
            self.epoch = self.epochs

    # ---- what was measured ----

    @property
    def experiments(self) -> Experiments:
        """What was given."""
        return self._given

    @property
    def cures_of(self) -> dict[str, tuple[str, ...]]:
        """The cures of each experiment by its name."""
        return {one.name: one.cures for one in self._trained}

    def _with(self, cures: Sequence[str]) -> list[Trained]:
        """Return the one experiment that was run with exactly these, or none."""
        return [one for one in self._trained if {*one.cures} == {*cures}]

    def _named(self, name: str) -> list[Trained]:
        return [one for one in self._trained if one.name == name]

    @property
    def _pair(self) -> list[Trained]:
        """The experiment that is shown, and the one that is beside it."""
        return self._with(self.cures) + self._named(self.compared)

    @property
    def experiment(self) -> str:
        """The experiment that is shown."""
        return self._pair[0].name

    @property
    def epochs(self) -> int:
        """How many epochs there are, of the longer of the two experiments."""
        return max(one.epochs for one in self._pair)

    @property
    def curves(self) -> dict[str, NDArray[np.float64]]:
        """The curves of the experiment by name, (seeds, epochs) each."""
        return {kind: rows.copy() for kind, rows in self._pair[0].curves.items()}

    @property
    def gap(self) -> NDArray[np.float64]:
        """Accuracy in training less that in validation at the end, a number a seed."""
        return self._pair[0].gap

    @property
    def gaps(self) -> dict[str, NDArray[np.float64]]:
        """The gap of each experiment by its name."""
        return {one.name: one.gap for one in self._trained}

    @property
    def ranking(self) -> tuple[str, ...]:
        """All experiments, the largest mean validation accuracy first."""
        order = sorted(self._trained, key=lambda one: -one.ends["validation"].mean())
        return tuple(one.name for one in order)

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Where early stopping would have ended the runs, one for each seed."""
        losses = self._pair[0].curves["val_loss"]
        return tuple(early_stop(row, self.patience) for row in losses)

    # ---- what fits together ----

    @traitlets.validate("cures")
    def _that_were_run(self, proposal: dict[str, Any]) -> tuple[str, ...]:
        order = tuple(
            dict.fromkeys(word for one in self._trained for word in one.cures)
        )
        try:
            for word in proposal["value"]:
                _arguments.word(word, "cures", order)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        cures = _in_order(proposal["value"], order)
        if not self._with(cures):
            near = " or ".join(str(one) for one in self._nearest(cures)[:_NEAREST])
            need = f"No experiment was run with exactly these. The nearest: {near}"
            raise traitlets.TraitError(str(_arguments.refusal("cures", cures, need)))
        return cures

    def _nearest(self, cures: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the cures that were run and differ in the fewest from some."""
        away = {one.cures: len({*cures} ^ {*one.cures}) for one in self._trained}
        return [one for one, count in away.items() if count == min(away.values())]

    @traitlets.validate("compared")
    def _an_experiment(self, proposal: dict[str, Any]) -> str:
        names = [one.name for one in self._trained]
        try:
            return _arguments.word(proposal["value"], "compared", names)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.validate("epoch")
    def _there_is(self, proposal: dict[str, Any]) -> int:
        # Where cures or compared came along and cannot be, they are refused, not this.
        if len(self._pair) == 2 and proposal["value"] > self.epochs:
            need = f"Give a whole number from 1 to {self.epochs}, as many epochs as ran"
            error = _arguments.refusal("epoch", proposal["value"], need)
            raise traitlets.TraitError(str(error))
        return proposal["value"]

    @traitlets.observe("cures", "compared")
    def _to_the_end(self, _: Any) -> None:
        if self._epochs is None or self._epochs == self.epochs:
            return
        self._epochs = self.epochs
        if "epoch" not in self._told:
            self.epoch = self.epochs

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: what is shown beside what; no figure that was measured."""
        shown, other = self._pair
        beside = "" if other is shown else f", beside {_said(other)}"
        return (
            f"CureLab: {len(self._trained)} experiments of {self._given.name}; "
            f"{_said(shown)}{beside}; {self.metric}, epoch {self.epoch}, early "
            f"stopping with a patience of {self.patience}"
        )

    def picture(self) -> plots.Picture:
        """Return the mean curves of both experiments, training and validation."""
        shown, other = self._pair
        lines = {}
        for one in (shown, other):
            for kind, prefix in zip(PARTS, ("", "val_"), strict=True):
                mean = one.curves[prefix + self.metric].mean(axis=0)
                rest = np.full(self.epochs - len(mean), np.nan)
                lines[f"{one.name}, {kind}"] = np.concatenate([mean, rest])
        return plots.curves(
            np.arange(1, self.epochs + 1),
            lines,
            x_label="epoch",
            y_label=self.metric,
            percent=self.metric == "accuracy",
            marks=False,
        )


def _said(one: Trained) -> str:
    seeds, epochs = len(one.seeds), one.epochs
    return (
        f"{one.name} ({seeds} seed{'s' * (seeds != 1)}, "
        f"{epochs} epoch{'s' * (epochs != 1)})"
    )
