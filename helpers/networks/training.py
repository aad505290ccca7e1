"""Training, and what is kept of it to scrub through: seeds, `fit`, schedules.

`fit` is Keras's own with one progress bar for all epochs, an interruption that leaves a
good model, a checkpoint from which a training goes on, and a `Record` of how it went.

With ``COURSE_QUICK=1`` in the environment every `fit` makes two steps and no more: so
tests run a whole lesson in seconds. A lesson that says what a network knows asks
`in_full` first.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, _bars
from helpers.datasets.data_set import DataSet
from helpers.networks import memory, probe
from helpers.networks._checkpoints import Batches, Checkpoint, of_data
from helpers.networks.gradients import gradient_function

#: Seconds between two looks at how far it is; where nobody looks on, longer.
OFTEN, SELDOM = 0.5, 30

#: Told while training: the epoch, 2.5 in the middle of the third, and the figures.
Live = Callable[[float, dict[str, float]], object]


def quick() -> bool:
    """Return whether trainings are cut to two steps: ``COURSE_QUICK=1`` is set."""
    return os.environ.get("COURSE_QUICK", "0") not in ("", "0")


def in_full(*data: DataSet) -> bool:
    """Return whether what a network has learned means something.

    Parameters
    ----------
    *data
        What it learned from.

    Returns
    -------
    bool
        False where trainings are cut short, or where something stands in for one of
        the data sets.

    Examples
    --------
    >>> in_full() == (not quick())
    True
    """
    return not quick() and not any(one.is_fallback for one in data)


def seed(number: int) -> None:
    """Make all that follows the same in every run on this machine.

    Weights of models that are made from now on, the order of the pictures, dropout and
    augmentation. Make the model after this: its layers draw their seeds when they are
    made. Another machine, another backend or another version gives another result, not
    far from it.

    Parameters
    ----------
    number
        Any whole number from 0 to 2³² - 1.

    Examples
    --------
    >>> seed(1)
    >>> first = keras.layers.Dense(3)(np.ones((1, 4), "float32"))
    >>> seed(1)
    >>> second = keras.layers.Dense(3)(np.ones((1, 4), "float32"))
    >>> bool(keras.ops.all(first == second))
    True
    """
    keras.utils.set_random_seed(_arguments.whole(number, "number", 0, 2**32 - 1))


def split(
    x: ArrayLike, y: ArrayLike, *, share: float = 0.1, seed: int = 0
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Set a part of the samples aside for validation, the same share of every class.

    They are drawn at random. Keras's ``validation_split`` takes the last ones instead,
    unshuffled: where the samples are sorted these are all of one class.

    Parameters
    ----------
    x
        (N, …) samples.
    y
        (N,) classes: whole numbers.
    share
        Of each class, above 0 and below 1. It is rounded to whole samples; each class
        keeps at least one on either side.
    seed
        The same number gives the same parts.

    Returns
    -------
    x_train, y_train, x_validation, y_validation
        Copies, in the order in which they came.

    Raises
    ------
    ValueError
        Numbers of samples that differ, a class with a single sample …

    Examples
    --------
    >>> x, y = np.arange(20), np.repeat([0, 1], 10)
    >>> _, y_train, _, y_validation = split(x, y, share=0.2)
    >>> y_train.sum(), y_validation.tolist()
    (np.int64(8), [0, 0, 1, 1])
    """
    samples, classes = np.asarray(x), _arguments.array(y, "y")
    if classes.ndim != 1 or classes.dtype.kind not in "iu":
        came = f"{classes.dtype} of shape {classes.shape}"
        raise _arguments.refusal("y", came, "Give one whole number a sample")
    if len(samples) != len(classes):
        came = f"{len(classes):,} classes for {len(samples):,} samples"
        raise _arguments.refusal("y", came, "Give one for each")
    share = _arguments.real(share, "share", above=0)
    if share >= 1:
        need = "Give a share below 1, like 0.1"
        raise _arguments.refusal("share", _arguments.shown(share), need)
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    aside = np.zeros(len(classes), bool)
    for label in np.unique(classes):
        places = np.flatnonzero(classes == label)
        if len(places) < 2:
            came = f"a single sample of class {label}"
            raise _arguments.refusal("y", came, "Give at least two of each class")
        count = min(max(1, round(share * len(places))), len(places) - 1)
        aside[rng.choice(places, count, replace=False)] = True
    return samples[~aside], classes[~aside], samples[aside], classes[aside]


def cosine(
    learning_rate: float,
    *,
    epochs: int,
    samples: int,
    batch_size: int = 128,
    warm_up: float = 0.1,
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return a learning rate that warms up and then goes down to 0 like a cosine.

    The first steps of a new network point anywhere, so they are small; the last ones
    are small so that it comes to rest. It counts batches: hand `fit` the same numbers.

    Parameters
    ----------
    learning_rate
        The highest.
    epochs, samples, batch_size
        How long training takes.
    warm_up
        The share of all steps in which it rises from 0, in a straight line.

    Returns
    -------
    keras.optimizers.schedules.CosineDecay
        For an optimiser's ``learning_rate``.

    References
    ----------
    Loshchilov and Hutter, SGDR, arXiv 1608.03983; warm-up: Goyal and others, arXiv
    1706.02677.

    Examples
    --------
    >>> rate = cosine(0.01, epochs=2, samples=1000, batch_size=100, warm_up=0.2)
    >>> [round(float(rate(step)), 4) for step in (0, 2, 4, 12, 20)]
    [0.0, 0.005, 0.01, 0.005, 0.0]
    """
    highest = _arguments.real(learning_rate, "learning_rate", above=0)
    epochs = _arguments.whole(epochs, "epochs")
    samples = _arguments.whole(samples, "samples")
    share = _arguments.real(warm_up, "warm_up", 0, 1)
    batch_size = _arguments.whole(batch_size, "batch_size")
    steps = epochs * math.ceil(samples / batch_size)
    rising = min(round(share * steps), steps - 1)
    if not rising:
        return keras.optimizers.schedules.CosineDecay(highest, steps)
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps - rising, warmup_target=highest, warmup_steps=rising
    )


# -- what is kept ----------------------------------------------------------------------


@dataclass(frozen=True)
class Keep:
    """What `fit` keeps before the first epoch and after each, to scrub through later.

    Attributes
    ----------
    weights
        True for all weights, at 4 bytes each and epoch.
    maps_of
        Some inputs, (n, …): what every layer makes of them is kept.
    gradients_of
        A batch (x, y): how strongly its loss pulls at each layer is kept, one number a
        layer.
    limit
        How many bytes all of this may take.

    Examples
    --------
    >>> x, y = np.zeros((9, 28, 28, 1)), np.arange(9)
    >>> Keep(maps_of=x[:3], gradients_of=(x, y)).weights
    True
    """

    weights: bool = True
    maps_of: ArrayLike | None = None
    gradients_of: tuple[ArrayLike, ArrayLike] | None = None
    limit: int = 500_000_000


class Record:
    """How a training went, epoch by epoch. `fit` returns it.

    Attributes
    ----------
    curves
        Figures of every full epoch by their names: "loss", "accuracy", "val_loss" …
        Without ``val_`` they are means over the epoch, while the network changed; with
        it, of the network as it stood at the epoch's end.
    epochs
        How many were completed.
    seconds
        How long it took; with a checkpoint, all calls together.
    interrupted
        Whether it was stopped before its end.
    memory
        How many bytes are kept.
    """

    def __init__(self) -> None:
        self.curves: dict[str, list[float]] = {}
        self.epochs = 0
        self.seconds = 0.0
        self.interrupted = False
        self.memory = 0
        self._weights: list[list[NDArray]] = []
        self._maps: list[dict[str, NDArray]] = []
        self._norms: list[dict[str, float]] = []
        self._places: dict[str, list[int]] = {}

    def __repr__(self) -> str:
        epochs = f"{self.epochs} epoch{'s' * (self.epochs != 1)}"
        stopped = ", interrupted" if self.interrupted else ""
        figures = ", ".join(_figures(self.last)) or "no figures"
        kept = f"; {memory.words(self.memory)} kept" if self.memory else ""
        return f"<Record of {epochs} in {self.seconds:.0f} s{stopped}: {figures}{kept}>"

    @property
    def last(self) -> dict[str, float]:
        """The figures of the last full epoch."""
        return {name: values[-1] for name, values in self.curves.items() if values}

    def weights(self, layer: str) -> list[NDArray[np.float32]]:
        """Return a layer's weights through time.

        Parameters
        ----------
        layer
            Its name.

        Returns
        -------
        list of arrays
            One for each array of weights (kernel, bias …), (epochs + 1, …): before the
            first epoch, then after each.

        Raises
        ------
        ValueError
            There is no such layer, or weights were not kept.
        """
        _refuse_unless(self._weights, "weights", "keep=Keep(weights=True)")
        name = _arguments.word(layer, "layer", self._places)
        return [np.stack([w[k] for w in self._weights]) for k in self._places[name]]

    def maps(self, layer: str) -> NDArray[np.float32]:
        """Return what a layer made of the inputs, through time: (epochs + 1, n, …).

        Parameters
        ----------
        layer
            Its name.

        Raises
        ------
        ValueError
            There is no such layer, or maps were not kept.
        """
        _refuse_unless(self._maps, "maps", "keep=Keep(maps_of=x[:3])")
        name = _arguments.word(layer, "layer", self._maps[0])
        return np.stack([maps[name] for maps in self._maps])

    def gradient_norms(self, layer: str) -> NDArray[np.float64]:
        """Return how strongly the loss pulled at a layer's weights: (epochs + 1,).

        The length of the gradient of the loss of one and the same batch, all weights of
        the layer taken together, outside training (no dropout, moving averages).

        Parameters
        ----------
        layer
            Its name.

        Raises
        ------
        ValueError
            There is no such layer, or it learns nothing, or gradients were not kept.
        """
        needed = "keep=Keep(gradients_of=(x[:256], y[:256]))"
        _refuse_unless(self._norms, "gradients", needed)
        name = _arguments.word(layer, "layer", self._norms[0])
        return np.array([norms[name] for norms in self._norms])

    def restore(self, model: keras.Model, epoch: int) -> None:
        """Give a model the weights that it had after an epoch; 0 is before the first.

        Parameters
        ----------
        model
            The one that was trained, or one made like it.
        epoch
            From 0 to `epochs`.

        Raises
        ------
        ValueError
            There is no such epoch, or weights were not kept.
        """
        _refuse_unless(self._weights, "weights", "keep=Keep(weights=True)")
        epoch = _arguments.whole(epoch, "epoch", 0, len(self._weights) - 1)
        model.set_weights(self._weights[epoch])


def _refuse_unless(kept: Sequence[Any], what: str, needed: str) -> None:
    if not kept:
        came = f"a record that has kept no {what}"
        raise _arguments.refusal("record", came, f"Train with fit(…, {needed})")


class _Keeper:
    """Puts into a record what is to be kept of a model."""

    def __init__(self, model: keras.Model, keep: Keep, epochs: int) -> None:
        self.model, self.keep, self.record = model, keep, Record()
        self.record._places = _places(model)
        if keep.gradients_of is not None:
            self.slopes = gradient_function(model, model.loss)
        self.take()
        planned = self.record.memory * (epochs + 1)
        if planned > keep.limit:
            came = f"what takes {memory.words(planned)} in {epochs} epochs"
            need = (
                "Keep the maps of fewer inputs, or no weights (weights=False), or "
                f"raise its limit of {memory.words(keep.limit)}"
            )
            raise _arguments.refusal("keep", came, need)

    def take(self) -> None:
        """Keep what the model is like now."""
        keep, record = self.keep, self.record
        if keep.weights:
            weights = [np.array(array) for array in self.model.get_weights()]
            record._weights.append(weights)
            record.memory += sum(array.nbytes for array in weights)
        if keep.maps_of is not None:
            maps = probe.feature_maps(self.model, keep.maps_of)
            record._maps.append(maps)
            record.memory += sum(array.nbytes for array in maps.values())
        if keep.gradients_of is not None:
            found = self.slopes(*keep.gradients_of)
            record._norms.append(_norms(self.model, found))


def gradient_norms(
    model: keras.Model, x: ArrayLike, y: ArrayLike, *, loss: Any = None
) -> dict[str, float]:
    """Return how strongly the loss pulls at each layer.

    Parameters
    ----------
    model
        Compiled, unless a loss is given.
    x, y
        A batch.
    loss
        As `gradients` takes it; None for the one that the model was compiled with.

    Returns
    -------
    dict
        The length of the gradient by each layer that learns, all its weights together.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="a")])
    >>> model.set_weights([np.array([[2.0]]), np.array([0.0])])
    >>> round(gradient_norms(model, [[3.0]], [[1.0]], loss="mse")["a"], 3)
    31.623
    """
    loss = model.loss if loss is None else loss
    return _norms(model, gradient_function(model, loss)(x, y))


def _norms(model: keras.Model, found: list[NDArray]) -> dict[str, float]:
    """Return the length of the gradient by each layer that learns."""
    squares = {
        id(variable): float(np.sum(np.square(gradient, dtype=np.float64)))
        for variable, gradient in zip(model.trainable_variables, found, strict=True)
    }
    return {
        layer.name: math.sqrt(sum(squares[id(v)] for v in layer.trainable_variables))
        for layer in model.layers
        if layer.trainable_variables
    }


def _places(model: keras.Model) -> dict[str, list[int]]:
    """Return where the weights of each layer stand among all of the model."""
    order = {id(weight): k for k, weight in enumerate(model.weights)}
    return {
        layer.name: [order[id(weight)] for weight in layer.weights]
        for layer in model.layers
        if layer.weights
    }


# -- fit -------------------------------------------------------------------------------


def fit(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    epochs: int = 1,
    batch_size: int = 128,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    keep: Keep | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    live: Live | None = None,
    progress: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    **settings: Any,
) -> Record:
    """Train a compiled model with ``model.fit``, and record how it goes.

    A bar shows how far the whole training is, and the time left. To stop, interrupt the
    cell (■, or Ctrl-C): the batch is finished, a sentence says where the model stands,
    and it can be used, or trained on with another `fit`. Only a third interruption
    breaks off at once.

    A second `fit` goes on from the weights that the model has. Make it anew to start
    anew.

    With a `checkpoint` the training is kept in a file after every epoch: weights, what
    the optimiser knows, the states of all random numbers, the curves. However it ends,
    by an interruption, an error, or because the machine stops, the same call goes on
    after the last full epoch, with the same model made anew in another process, too,
    and ends where it would have ended at one go. What callbacks know is not kept.

    Parameters
    ----------
    model
        Built and compiled.
    x, y
        Samples and what they are, (N, …) and (N, …); or what else ``model.fit`` takes.
    epochs
        How often each sample is seen.
    batch_size
        How many samples make a step.
    validation
        (x, y) to look at after each epoch, see `split`; None for none.
    keep
        What to keep of the model epoch by epoch; None for the curves alone.
    checkpoint
        A file to go on from and to keep the training in, ``"trained/flowers.npz"``;
        None for none. Samples are then arrays, and `keep` is None. With
        ``COURSE_QUICK=1`` it is neither read nor written.
    live
        Called with the epoch (2.5 in the middle of the third) and figures by their
        names, twice a second at most and after each epoch; first, with those that come
        from a checkpoint.
    progress
        False for no bar.
    callbacks
        Of Keras, more of them.
    **settings
        Whatever else ``model.fit`` takes: ``class_weight``, ``steps_per_epoch`` …

    Returns
    -------
    Record

    Raises
    ------
    ValueError
        A model that is not compiled or not built, more kept than allowed, a checkpoint
        of another training, or a damaged one, batches that surely do not fit into
        memory; see `helpers.networks.memory` …
    MemoryError
        Memory did not suffice after all. Smaller batches need less.

    Examples
    --------
    >>> seed(0)
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> line = keras.layers.Dense(1, name="line")
    >>> model = keras.Sequential([keras.Input((1,)), line])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse")
    >>> record = fit(model, x, 3 * x, epochs=5, batch_size=8, keep=Keep())
    >>> record.epochs, record.weights("line")[0].shape, record.last["loss"] < 0.01
    (5, (6, 1, 1), True)
    """
    _refuse_models(model)
    _refuse_settings(settings)
    epochs = _arguments.whole(epochs, "epochs")
    if quick():
        epochs, checkpoint = min(epochs, 2), None
        settings |= {"steps_per_epoch": 1, "validation_steps": 1}
    keeper = _Keeper(model, keep or Keep(weights=False), epochs)
    watch = _Watch(keeper, epochs, live, _arguments.flag(progress, "progress"))
    settings["batch_size"] = _size_of_batch(batch_size, x)
    short: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if settings["batch_size"] is not None:
        memory.refuse(model, batch_size)
        short = memory.said_where_short(model, batch_size)
    if checkpoint is not None:
        if keep is not None:
            need = "Of a training with a checkpoint the curves alone are kept"
            raise _arguments.refusal("keep", _arguments.shown(keep), need)
        kept = _checkpoint(checkpoint, model, x, y, epochs, validation, settings)
        watch.go_on_from(kept)
        x, y = kept.batches, None
        # They come in their order; Keras would shuffle batches with numbers of its own.
        settings |= {"batch_size": None, "shuffle": False, "initial_epoch": kept.epoch}
    with short, _interruptions(watch), contextlib.closing(watch):
        model.fit(
            x,
            y,
            epochs=epochs,
            validation_data=validation,
            callbacks=[*callbacks, watch],
            verbose=0,
            **settings,
        )
    watch.say()
    return keeper.record


def _checkpoint(
    path: Any,
    model: keras.Model,
    x: Any,
    y: Any,
    epochs: int,
    validation: Any,
    settings: dict[str, Any],
) -> Checkpoint:
    """Return what keeps a training in a file; takes its own out of the settings."""
    size = settings["batch_size"]
    if size is None:
        came = f"samples of type {type(x).__name__}, whose order is not known"
        raise _arguments.refusal("checkpoint", came, "Give x and y as arrays")
    weights = settings.pop("sample_weight", None)
    steps = settings.pop("steps_per_epoch", None)
    if steps is not None:
        steps = _arguments.whole(steps, "steps_per_epoch")
    shuffle = bool(settings.pop("shuffle", True))
    # Keras takes the batches' size for these, too; of `Batches` it knows none.
    settings.setdefault("validation_batch_size", size)
    plan = {
        "backend": keras.backend.backend(),
        "epochs": epochs,
        "batch_size": size,
        "steps_per_epoch": steps,
        "shuffle": shuffle,
        "class_weight": {
            str(name): float(weight)
            for name, weight in (settings.get("class_weight") or {}).items()
        },
        **of_data("x", x),
        **of_data("y", y),
        **of_data("sample_weight", weights),
        **of_data("validation", validation),
    }
    batches = Batches((x, y, weights), size, steps, shuffle)
    kept = Checkpoint(path, model, batches, plan)
    kept.resume()
    return kept


def _size_of_batch(value: Any, x: Any) -> int | None:
    """Return how many samples make a step; what comes in batches has its own size."""
    size = _arguments.whole(value, "batch_size")
    return size if hasattr(x, "shape") or isinstance(x, list | tuple | dict) else None


def _refuse_models(model: Any) -> None:
    if not isinstance(model, keras.Model):
        raise _arguments.refusal("model", _arguments.shown(model), "Give a keras.Model")
    if not model.compiled:
        came = f'"{model.name}", which is not compiled'
        need = "Call model.compile(optimizer, loss) first"
        raise _arguments.refusal("model", came, need)
    if not model.built:
        came = f'"{model.name}", which is not built'
        raise _arguments.refusal("model", came, "Let it begin with keras.Input(shape)")


_OURS = {
    "validation_split": "It takes the last samples, unshuffled. Use split(x, y)",
    "validation_data": "Give it as validation=(x, y)",
    "verbose": "Use progress=True or progress=False",
    "initial_epoch": 'To go on with a training, give a checkpoint="….npz"',
}


def _refuse_settings(settings: dict[str, Any]) -> None:
    for name, need in _OURS.items():
        if name in settings:
            raise _arguments.refusal(name, _arguments.shown(settings[name]), need)


class _Watch(keras.callbacks.Callback):
    """Follows a training: the bar, live figures, the record, interruptions.

    Keras calls what comes after a batch from other threads, so that nothing waits for
    the figures: there they are only noted. They are shown before the next batch.
    """

    async_safe = True

    def __init__(
        self, keeper: _Keeper, epochs: int, live: Live | None, progress: bool
    ) -> None:
        super().__init__()
        self.keeper, self.record, self.epochs = keeper, keeper.record, epochs
        self.live, self.progress = live, progress
        self.checkpoint: Checkpoint | None = None
        self.presses = 0
        self.figures: dict[str, float] = {}
        # The epoch that runs, the batches of it that are done, and those being done.
        self.epoch = self.batch = self.running = 0
        self.begun = self.shown = time.perf_counter()
        self.bar: Any = None

    def go_on_from(self, checkpoint: Checkpoint) -> None:
        """Take over what a file has of earlier calls, and keep on keeping it there."""
        self.checkpoint, self.record.epochs = checkpoint, checkpoint.epoch
        self.record.curves = checkpoint.curves
        if self.live is not None:
            # Where validation is rarer than epochs, it is not told which these were.
            curves = [
                (n, c)
                for n, c in checkpoint.curves.items()
                if len(c) == checkpoint.epoch
            ]
            for epoch in range(checkpoint.epoch):
                self.live(epoch + 1, {name: curve[epoch] for name, curve in curves})
        if checkpoint.epoch == self.epochs:
            print(
                f"All {self.epochs} epochs are complete, in {checkpoint.path}. To "
                "train anew, delete that file."
            )
        elif checkpoint.epoch:
            print(f"Epoch {checkpoint.epoch} of {self.epochs}, from {checkpoint.path}.")
        else:
            self._write()

    # What Keras calls.

    def on_train_begin(self, logs: Any = None) -> None:
        """Show an empty bar: the first batch takes its time."""
        self.begun = self.shown = time.perf_counter()
        if self.progress:
            done = self.record.epochs
            self.bar = _bar(self.epochs, self.params.get("steps"), done)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the epoch, and lay out what it learns from."""
        self.epoch, self.batch, self.running, self.figures = epoch, 0, 0, {}
        if self.checkpoint is not None:
            self.checkpoint.batches.begin(epoch)
        if self.presses:  # it came between two epochs, or before the first
            self.model.stop_training = True

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Show how far it is, now and then."""
        self.batch, self.running = batch, int(self.model.steps_per_execution)
        now = time.perf_counter()
        # As time goes on less often, so that a long training does not flood the page.
        pause = max(_pause(), (now - self.begun) / 50)
        if now - self.shown > pause:
            self.shown = now
            self._show()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Note the figures; called from any thread."""
        self.figures = logs or {}

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Look no further at the samples for validation, if this epoch is none."""
        if self._is_broken_off():
            self.model.stop_evaluating = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep what there is to keep of a full epoch."""
        if self._is_broken_off():
            return
        self.epoch, self.batch, self.running = epoch + 1, 0, 0
        self.figures = dict(logs or {})
        self.record.epochs = epoch + 1
        for name, value in self.figures.items():
            self.record.curves.setdefault(name, []).append(value)
        self.keeper.take()
        self._show()
        self._write()

    # What it does.

    def press(self) -> None:
        """Stop after this batch."""
        self.presses += 1
        self.model.stop_training = True

    def close(self) -> None:
        """Take the bar away and note how it ended."""
        self.record.seconds = self._seconds()
        self.record.interrupted = bool(self.presses)
        if self.bar is not None:
            self.bar.close()

    def say(self) -> None:
        """Say where the model stands, if it was interrupted."""
        if not self.record.interrupted:
            return
        done = self.batch + self.running
        part = f", and {done:,} batch{'es' * (done != 1)} of the next" if done else ""
        goes_on = "another fit goes on"
        if self.checkpoint is not None:
            goes_on = f"the same fit goes on after epoch {self.record.epochs}"
        print(
            f"Interrupted: {self.record.epochs} of {self.epochs} epochs are complete"
            f"{part}. The model can be used as it is, and {goes_on}."
        )

    def _seconds(self) -> float:
        """Return how long it took so far, earlier calls included."""
        earlier = self.checkpoint.seconds if self.checkpoint is not None else 0.0
        return earlier + time.perf_counter() - self.begun

    def _write(self) -> None:
        """Put the epoch into the checkpoint's file, and say where it cannot be."""
        if self.checkpoint is None:
            return
        record = self.record
        trouble = self.checkpoint.write(record.epochs, record.curves, self._seconds())
        if trouble:
            if self.bar is not None:
                self.bar.clear()
            print(trouble)

    def _is_broken_off(self) -> bool:
        steps = self.params.get("steps")
        done = self.batch + self.running
        return bool(self.presses) and (steps is None or done < steps)

    def _show(self) -> None:
        steps = self.params.get("steps")
        if self.bar is not None:
            number = min(self.epoch + 1, self.epochs)
            figures = ", ".join(_figures(self.figures))
            self.bar.set_description_str(f"Epoch {number} of {self.epochs}", False)
            self.bar.set_postfix_str(figures, False)
            done = self.epoch * (steps or 0) + self.batch
            self.bar.update(max(0, done - self.bar.n))
        if self.live is not None and self.figures:
            part = self.batch / steps if steps else 0
            self.live(self.epoch + part, dict(self.figures))


def _bar(epochs: int, steps: int | None, done: int) -> Any:
    """Return one bar for all epochs, some of them done."""
    return _bars.bar(
        total=epochs * steps if steps else None,
        initial=done * (steps or 0),
        desc=f"Epoch {min(done + 1, epochs)} of {epochs}",
        bar_format="{desc} |{bar:20}| {percentage:3.0f} %, {elapsed}, {remaining} left"
        "{postfix}",
        dynamic_ncols=True,
        mininterval=0,  # how often it is drawn, `_Watch` decides
        miniters=1,
        smoothing=0.1,
    )


def _pause() -> float:
    """Return the seconds between two pictures of the bar; many if nobody looks on."""
    return OFTEN if sys.stderr.isatty() or _bars.in_notebook() else SELDOM


@contextlib.contextmanager
def _interruptions(watch: _Watch) -> Iterator[None]:
    """Let an interruption stop the training between two batches.

    In the middle of one, JAX has the weights in its own hands, and they would be lost.
    """
    before: Any = signal.getsignal(signal.SIGINT)
    # Only the main thread may change it; what is no function in Python is left alone.
    ours = threading.current_thread() is threading.main_thread() and callable(before)

    def pressed(number: int, frame: Any) -> None:
        watch.press()
        if watch.presses >= 3:
            before(number, frame)

    if ours:
        signal.signal(signal.SIGINT, pressed)
    try:
        yield
    except KeyboardInterrupt as error:  # the third, or one that a callback raised
        if any(variable._value is None for variable in watch.model.variables):
            error.add_note("The model has lost its weights. Make it anew.")
            raise
        watch.presses += 1
        watch.close()
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)


# -- words -----------------------------------------------------------------------------


def _figures(figures: dict[str, float]) -> list[str]:
    """Return figures as words: loss 0.123."""
    return [f"{name} {value:.4g}" for name, value in figures.items()]
