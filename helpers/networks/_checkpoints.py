"""A training in a file: all that it needs to go on after its last full epoch.

Keras saves weights and the optimiser's numbers. That is not enough: the counters of
`keras.random.SeedGenerator` in dropout and augmentation, and the order of the samples,
would begin anew, and a training that was broken off would end elsewhere than one that
was not.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import math
import os
import random
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from helpers import _arguments

_FORMAT = "a training of Hands-on convolutional networks, 1"
_LOOKED_AT = 64  # samples, of which a cheap hash is made
_INSTEAD = "Give another name, or delete that file to begin anew"
_LONG = 60  # characters of a value that is not shown in a sentence
_ABANDONED = 3600  # seconds after which a file that nobody writes on is left over

# Of a layer or an optimiser: what has no bearing, or differs from one run to the next.
_LEFT_OUT = {"name", "seed", "module", "registered_name", "build_config"}


class Batches(keras.utils.PyDataset):
    """Samples in batches; the order of an epoch follows from a seed and its number.

    Keras's own order follows from all that was drawn before. Here an epoch that was
    broken off can begin anew in the same order.

    Parameters
    ----------
    parts
        x, y and weights of the samples: arrays of equal length, or lists, tuples and
        dicts of them; None for what is not there.
    size
        Samples a batch.
    steps
        Batches an epoch; None for all.
    shuffle
        False for the order in which they came.

    Examples
    --------
    >>> batches = Batches((np.arange(5), None, None), 2, None, True)
    >>> batches.begin(3)
    >>> first = [batches[k][0].tolist() for k in range(len(batches))]
    >>> batches.begin(4)
    >>> batches.begin(3)
    >>> first == [batches[k][0].tolist() for k in range(len(batches))]
    True
    """

    def __init__(
        self, parts: tuple[Any, ...], size: int, steps: int | None, shuffle: bool
    ) -> None:
        super().__init__()
        while parts[-1] is None:  # as Keras takes them: (x,), (x, y), (x, y, weights)
            parts = parts[:-1]
        # Lists in a batch are several inputs; TensorFlow would take them for numbers.
        self.parts = keras.tree.lists_to_tuples(
            keras.tree.map_structure(_as_array, parts)
        )
        self.size, self.shuffle = size, shuffle
        counts = [len(part) for part in keras.tree.flatten(self.parts)]
        self.count = counts[0]
        if len(set(counts)) > 1:
            came = " and ".join(f"{count:,}" for count in counts)
            need = "Give as many of one as of the other"
            raise _arguments.refusal("x, y", f"{came} samples", need)
        every = math.ceil(self.count / size)
        self.steps = every if steps is None else min(steps, every)
        self.seed = random.randrange(2**32)  # `training.seed` sets where this begins
        self.begin(0)

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple:
        some = self.order[index * self.size : (index + 1) * self.size]
        return keras.tree.map_structure(lambda part: _as_keras(part[some]), self.parts)

    def begin(self, epoch: int) -> None:
        """Lay the samples out for an epoch."""
        self.order = np.arange(self.count)
        if self.shuffle:
            np.random.default_rng((self.seed, epoch)).shuffle(self.order)


class Checkpoint:
    """A training that is kept in a file after each epoch.

    Parameters
    ----------
    path
        Of the file. Folders are made where they lack.
    model
        Built and compiled.
    batches
        What it learns from.
    plan
        What else makes this training the one that it is, as plain values by their
        names: a file with other ones is refused.

    Attributes
    ----------
    epoch
        How many epochs are in the file: 0 where none is.
    curves, seconds
        Of these epochs.
    """

    def __init__(
        self, path: Any, model: keras.Model, batches: Batches, plan: dict[str, Any]
    ) -> None:
        self.path = _file(path)
        self.model, self.batches = model, batches
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        plan = {**plan, **_of_model(model), **_of_optimizer(model)}
        self.plan = json.loads(json.dumps(plan))  # as it will be read again
        self.epoch = 0
        self.curves: dict[str, list[float]] = {}
        self.seconds = 0.0
        self._fails = False

    def resume(self) -> None:
        """Go back to the last full epoch in the file, if there is one.

        The model is changed only where all of the file was read and fits.

        Raises
        ------
        ValueError
            It holds another training, or is damaged.
        OSError
            It cannot be read.
        """
        _sweep(self.path)
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            told, states = self._read(file)
        variables = self._variables()
        for variable, state in zip(variables, states, strict=True):
            variable.assign(state)
        # What this call does not know, a first learning rate for one, stays.
        self.plan |= told["plan"]
        self.epoch, self.seconds = told["epoch"], told["seconds"]
        self.curves, self.batches.seed = told["curves"], told["seed"]

    def write(
        self, epoch: int, curves: dict[str, list[float]], seconds: float
    ) -> str | None:
        """Put an epoch in the place of the one before.

        The file is there whole or not at all, also where two write it at once.

        Returns
        -------
        str or None
            A sentence where it could not be written, unless that was said before.
        """
        told = {
            "format": _FORMAT,
            "plan": self.plan,
            "epoch": epoch,
            "seconds": seconds,
            "seed": self.batches.seed,
            "curves": {name: [*map(float, some)] for name, some in curves.items()},
        }
        states = (_stored(variable) for variable in self._variables())
        arrays = {str(number): state for number, state in enumerate(states)}
        arrays["training"] = np.frombuffer(json.dumps(told).encode(), np.uint8)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write(self.path, arrays)
        except OSError as error:
            known, self._fails = self._fails, True
            if known:
                return None
            reason = error.strerror or error
            return (
                f"The training could not be kept in {self.path}: {reason}. It goes on, "
                "and the next epoch tries again."
            )
        self._fails = False
        return None

    def _variables(self) -> list[Any]:
        """Return all that changes: weights, seeds, and the optimiser's."""
        return [*self.model.variables, *self.model.optimizer.variables]

    def _read(self, file: Any) -> tuple[dict[str, Any], list[NDArray]]:
        """Return what a file tells, and the states of the variables."""
        with _refused_where_damaged(self.path):
            parts = np.load(file, allow_pickle=False)
            told = json.loads(parts["training"].tobytes())
            whole = (
                told["format"] == _FORMAT
                and max(map(len, told["curves"].values()), default=0) <= told["epoch"]
                and isinstance(told["plan"], dict)
                and {"seconds", "seed"} <= told.keys()
            )
            if not whole:
                raise KeyError("something is missing")
        self._refuse_another(told["plan"])
        with _refused_where_damaged(self.path):
            states = [parts[str(k)] for k in range(len(self._variables()))]
            for state, variable in zip(states, self._variables(), strict=True):
                if state.shape != tuple(variable.shape):
                    raise ValueError("a state has another shape")
        return told, states

    def _refuse_another(self, plan: dict[str, Any]) -> None:
        """Refuse a training that is not this one."""
        for what, here in self.plan.items():
            there = plan.get(what, here)
            if there == here:
                continue
            came = f"{self.path}, a training with other {what}"
            shown = [_arguments.shown(one) for one in (there, here)]
            if max(map(len, shown)) < _LONG and not what.startswith("values"):
                came += f": {shown[0]}, where this one has {shown[1]}"
            raise _arguments.refusal("checkpoint", came, _INSTEAD)


# -- what makes a training the one that it is ------------------------------------------


def of_data(name: str, data: Any) -> dict[str, Any]:
    """Return a few words on samples: how many, of which shape, and a hash of some.

    Examples
    --------
    >>> plan = of_data("x", np.zeros((5, 2)))
    >>> plan["shapes of x"], plan["types of x"]
    ([[5, 2]], ['float64'])
    """
    arrays = [_as_array(part) for part in keras.tree.flatten(data) if part is not None]
    some = hashlib.sha256()
    for array in arrays:
        places = np.linspace(0, len(array) - 1, min(len(array), _LOOKED_AT), dtype=int)
        some.update(np.ascontiguousarray(array[places]).tobytes())
    return {
        f"shapes of {name}": [[*array.shape] for array in arrays],
        f"types of {name}": [str(array.dtype) for array in arrays],
        f"values of {name}": some.hexdigest(),
    }


def _of_model(model: keras.Model) -> dict[str, Any]:
    """Return what a model is made of; names that Keras gives are left out."""
    layers = [*_all_layers(model)]
    plan: dict[str, Any] = {"layers": [type(layer).__name__ for layer in layers]}
    for number, layer in enumerate(layers, 1):
        for name, value in _config(layer).items():
            if _is_plain(value):
                kind = type(layer).__name__
                plan[f"settings of layer {number}, {kind}: {name}"] = value
    plan["shapes of weights"] = [[*weight.shape] for weight in model.variables]
    loss = getattr(model.loss, "name", getattr(model.loss, "__name__", model.loss))
    return plan | ({"loss": loss} if _is_plain(loss) else {})


def _all_layers(model: Any) -> Iterator[Any]:
    """Give the layers of a model, and of the models in it."""
    for layer in model.layers:
        yield from _all_layers(layer) if hasattr(layer, "layers") else [layer]


def _of_optimizer(model: keras.Model) -> dict[str, Any]:
    """Return an optimiser's settings, schedules and wrapped ones included."""
    optimizer = model.optimizer
    plan = {"optimiser": type(optimizer).__name__}
    # Of one that has made steps a callback may have changed the rate on the way.
    unsure = {"learning_rate"} if int(optimizer.iterations) else set()

    def add(name: str, values: dict[str, Any]) -> None:
        for key, value in values.items():
            if isinstance(value, dict):
                add(f"{name}, {key}", value)
            elif key not in _LEFT_OUT | unsure and _is_plain(value):
                plan[f"{name}: {key}"] = value

    add("settings of the optimiser", _config(optimizer))
    return plan


def _config(thing: Any) -> dict[str, Any]:
    """Return settings; none where somebody's own class does not tell them."""
    try:
        config = thing.get_config()
    except (NotImplementedError, TypeError, ValueError):
        return {}
    return {name: value for name, value in config.items() if name not in _LEFT_OUT}


def _is_plain(value: Any) -> bool:
    """Say whether JSON has a word for it; a function would differ in each process."""
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


# -- arrays and files ------------------------------------------------------------------


def _as_array(part: Any) -> NDArray:
    return part if isinstance(part, np.ndarray) else np.asarray(part)


def _as_keras(part: NDArray) -> NDArray:
    """Return samples in the type that Keras would make of NumPy's float64."""
    return part.astype(keras.config.floatx()) if part.dtype == np.float64 else part


def _stored(variable: Any) -> NDArray:
    """Return a variable's state in a type that npz knows: bfloat16 as float32."""
    state = np.asarray(keras.ops.convert_to_numpy(variable.value))
    return state if state.dtype.isbuiltin == 1 else state.astype(np.float32)


@contextlib.contextmanager
def _refused_where_damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # of zipfile, zlib, NumPy, json: damage has many
        came = f"{path}, which is damaged or holds something else"
        raise _arguments.refusal("checkpoint", came, _INSTEAD) from error


def _file(path: Any) -> Path:
    need = 'Give the name of a file, like "trained/flowers.npz"'
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise _arguments.refusal("checkpoint", _arguments.shown(path), need)
    file = Path(os.fspath(path)).expanduser()
    if file.is_dir():
        raise _arguments.refusal("checkpoint", f"{file}, which is a folder", need)
    return file


def _write(target: Path, arrays: dict[str, Any]) -> None:
    part = target.with_name(f".{target.name}-{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as opened:
            np.savez(opened, **arrays)
            opened.flush()
            os.fsync(opened.fileno())  # all of it, before it gets its name
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _sweep(target: Path) -> None:
    """Take away what a process left that was killed while it wrote."""
    for part in target.parent.glob(f".{glob.escape(target.name)}-*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()
