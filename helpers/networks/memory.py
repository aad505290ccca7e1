"""How much memory a training takes, before it begins.

A network that is trained holds its weights, a gradient for each, what the optimiser
remembers of each, and, for every sample of a batch, all that is needed on the way back.
The first three do not depend on the batch; the last grows with it. So where memory is
short, smaller batches help, up to a point.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from helpers import _arguments
from helpers.networks import _graph, devices

# Layers that hand on the numbers that they get, in another shape or none at all.
_VIEWS = ("Flatten", "Identity", "InputLayer", "Permute", "Reshape")

# Layers whose slope is the same wherever they are: their way back needs no numbers.
_LINEAR = (
    "Add",
    "Average",
    "AveragePooling2D",
    "Concatenate",
    "Cropping2D",
    "Dropout",
    "GaussianNoise",
    "GlobalAveragePooling2D",
    "Rescaling",
    "SpatialDropout2D",
    "Subtract",
    "UpSampling2D",
    "ZeroPadding2D",
)
# Layers whose slope can be read off what comes out of them, and activations.
_READ_OFF = ("ELU", "LeakyReLU", "ReLU", "Softmax")
_READ_OFF_ACTIVATIONS = ("elu", "leaky_relu", "relu", "sigmoid", "softmax", "tanh")

#: An estimate may be too high: `refuse` steps in where this share of it is too much.
SURE = 0.7

_MEMINFO = Path("/proc/meminfo")
#: Where a container's limit stands: newer systems, older ones.
_LIMITS = (
    ("memory.max", "memory.current", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "total_inactive_file",
    ),
)
_CONTROL = Path("/sys/fs/cgroup")
_UNLIMITED = 1 << 60  # bytes: older systems write a number beyond this for no limit


@dataclass(frozen=True)
class Estimate:
    """What a training takes at its fullest moment, in bytes.

    Attributes
    ----------
    name, batch_size
        Of the model, and what it is for.
    weights
        All that the model keeps from batch to batch, moving averages too.
    gradients
        One for each weight that learns, of its type.
    optimizer
        What it remembers: nothing for plain SGD, twice the weights for Adam.
    activations
        What the way back needs of the way forward, in the type that layers compute in:
        with mixed precision half as large, while weights and optimiser stay as they
        are.
    working
        What is needed for a while: the batch and the one after it, the gradients before
        and behind the widest layer, as much again for its convolution to work in, and
        with mixed precision the weights in half precision.
    """

    name: str
    batch_size: int
    weights: int
    gradients: int
    optimizer: int
    activations: int
    working: int

    @property
    def total(self) -> int:
        """All of it together."""
        return sum(self.parts.values())

    @property
    def parts(self) -> dict[str, int]:
        """The bytes by their names."""
        names = ("weights", "gradients", "optimizer", "activations", "working")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        parts = ", ".join(
            f"{name} {words(count)}" for name, count in self.parts.items()
        )
        return (
            f'<"{self.name}" in batches of {self.batch_size:,}: about '
            f"{words(self.total)}: {parts}>"
        )


def estimate(model: keras.Model, batch_size: int) -> Estimate:
    """Return how much memory a training takes, from shapes and types alone.

    Nothing is computed, and no memory is taken. Of the full AlexNet on a graphics card
    (data/experiments/alexnet.jsonl) it finds 83 to 95 % of what was measured; of small
    networks on a processor 40 to 120 % of what XLA plans. Compilers lay out memory each
    in its own way, so take it for a guess.

    Parameters
    ----------
    model
        A `keras.Sequential` or a functional model that begins with
        ``keras.Input(shape)``, all sides known. If it is not compiled, Adam is assumed.
    batch_size
        How many samples make a step.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        A model that cannot be looked into.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10)])
    >>> estimate(model, 100).parts
    {'weights': 360, 'gradients': 360, 'optimizer': 720, 'activations': 7200, \
'working': 14400}
    """
    size = _arguments.whole(batch_size, "batch_size")
    _refuse_unreadable(model)
    learned = model.trainable_variables
    gradients = sum(_bytes(one.shape, one.dtype) for one in learned)
    kept, widest = _samples(model)
    fed = sum(_bytes(one.shape[1:], one.dtype) for one in model.inputs)
    halves = sum(
        _bytes(one.shape, layer.compute_dtype)
        for layer in _layers(model)
        for one in layer.trainable_variables
        if layer.compute_dtype != one.dtype
    )
    return Estimate(
        name=model.name,
        batch_size=size,
        weights=sum(_bytes(one.shape, one.dtype) for one in model.variables),
        gradients=gradients,
        optimizer=_remembered(getattr(model, "optimizer", None), learned),
        activations=size * kept,
        working=size * 2 * (fed + widest) + halves,
    )


def available() -> int | None:
    """Return the free memory of the device that Keras uses, in bytes.

    Of a graphics card where there is one, else main memory; in a container, what its
    limit leaves.

    Returns
    -------
    int or None
        None where it cannot be known.

    Examples
    --------
    >>> found = available()
    >>> found is None or found > 0
    True
    """
    return _device()[0]


def fitting(model: keras.Model, wanted: int) -> int:
    """Return the largest batch that fits into the memory that is free.

    Parameters
    ----------
    model
        As `estimate` takes it.
    wanted
        Samples a batch.

    Returns
    -------
    int
        `wanted`, also where the free memory is not known, or the next lower power of
        two that fits; 0 where not even single samples do.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10)])
    >>> fitting(model, 100)
    100
    """
    wanted = _arguments.whole(wanted, "wanted")
    free = available()
    sizes = [wanted, *(1 << power for power in reversed(range(_power_below(wanted))))]
    if free is None:
        return wanted
    return next((size for size in sizes if _needed(model, size) <= free), 0)


def refuse(model: keras.Model, batch_size: int) -> None:
    """Refuse batches that surely do not fit, with a sentence that says which do.

    An estimate is no measurement: what may fit is let through. So is a model that
    cannot be looked into.

    Raises
    ------
    ValueError
        `SURE` of what is needed is more than what is free.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10)])
    >>> refuse(model, 100)
    """
    free, where = _device()
    if free is None or not _is_readable(model):
        return
    if SURE * _needed(model, batch_size) > free:
        raise _arguments.refusal("batch_size", *_said(model, batch_size, free, where))


@contextlib.contextmanager
def said_where_short(model: keras.Model, batch_size: int) -> Iterator[None]:
    """Say in a sentence what to do where memory does not suffice after all.

    Raises
    ------
    MemoryError
        In place of the errors of TensorFlow, JAX and NumPy, which stays its cause.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10)])
    >>> with said_where_short(model, 100):
    ...     raise MemoryError
    Traceback (most recent call last):
    MemoryError: batch_size: got 100, for which memory did not suffice. Give 64 or \
less, or take a smaller network.
    """
    try:
        yield
    except Exception as error:
        if not _is_short(error):
            raise
        came = f"{batch_size:,}, for which memory did not suffice"
        smaller = 1 << (_power_below(batch_size) - 1) if batch_size > 1 else 0
        need = f"Give {smaller:,} or less, or take a smaller network"
        if not smaller:
            need = "Take a smaller network, or smaller pictures"
        if any(variable._value is None for variable in model.variables):
            need += ". The model has lost its weights: make it anew"
        text = str(_arguments.refusal("batch_size", came, need))
        raise MemoryError(text) from error


def words(count: int) -> str:
    """Return how many bytes that are, in words.

    Examples
    --------
    >>> words(10**13), words(1_711_276_288), words(360)
    ('10 TB', '1.71 GB', '360 bytes')
    """
    for factor, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count} bytes"


# -- what is needed --------------------------------------------------------------------


def _needed(model: keras.Model, batch_size: int) -> int:
    """Return what a training takes beyond what its model takes already."""
    found = estimate(model, batch_size)
    optimizer = getattr(model, "optimizer", None)
    there = found.optimizer if getattr(optimizer, "built", False) else 0
    return found.total - found.weights - there


def _said(
    model: keras.Model, batch_size: int, free: int, where: str
) -> tuple[str, str]:
    """Return what came, and what would do."""
    came = (
        f'{batch_size:,}, for which "{model.name}" needs about '
        f"{words(_needed(model, batch_size))} more; {words(free)} are free {where}"
    )
    fits = fitting(model, batch_size)
    if fits:
        return came, f"Batches of {fits:,} fit"
    return came, "Not even single samples fit: take a smaller network or pictures"


def _samples(model: Any) -> tuple[int, int]:
    """Return the bytes of a sample that are kept, and those of the widest way back."""
    kept: dict[Any, int] = {}
    source: dict[int, int] = {}  # of what is the same numbers in another shape
    learns: set[int] = set()  # what depends on weights that learn
    widest = 0
    for layer, inputs, outputs in _steps(model):
        kind = type(layer).__name__
        if layer is None or (kind in _VIEWS and len(inputs) == 1):
            [one] = inputs
            source |= {id(other): source.get(id(one), id(one)) for other in outputs}
            continue
        size = _itemsize(layer.compute_dtype)
        came = {source.get(id(one), id(one)): _count(one) * size for one in inputs}
        if not (layer.trainable_variables or came.keys() & learns):
            continue
        made = {id(one): _count(one) * size for one in outputs}
        activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
        read_off = kind in _READ_OFF or activation in _READ_OFF_ACTIVATIONS
        if read_off:
            kept |= made
        if kind == "Activation":
            kept |= {} if read_off or activation == "linear" else came
        elif kind not in (*_LINEAR, *_READ_OFF):
            kept |= came
            if activation != "linear" and not read_off:
                kept |= {("bent", key): count for key, count in made.items()}
        learns |= made.keys()
        back = sum(count for key, count in came.items() if key in learns)
        widest = max(widest, back + sum(made.values()))
    for one in model.outputs:
        key = source.get(id(one), id(one))
        kept.setdefault(key, _count(one) * _itemsize(one.dtype))
    return sum(kept.values()), widest


def _steps(model: Any) -> Iterator[tuple[Any, list[Any], list[Any]]]:
    """Give each layer with what comes in and what goes out; models within, too.

    Such a model has tensors of its own where it begins and ends: None, in place of a
    layer, hands them over.
    """
    for node in _graph.calls(model):
        layer = node.operation
        if not hasattr(layer, "layers"):
            yield layer, [*node.input_tensors], [*node.outputs]
            continue
        for outer, inner in zip(node.input_tensors, layer.inputs, strict=True):
            yield None, [outer], [inner]
        yield from _steps(layer)
        for inner, outer in zip(layer.outputs, node.outputs, strict=True):
            yield None, [inner], [outer]


def _layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield from _layers(layer) if hasattr(layer, "layers") else [layer]


def _remembered(optimizer: Any, learned: list[Any]) -> int:
    """Return the bytes of what an optimiser keeps, whether or not it has them yet."""
    if optimizer is not None and optimizer.built:
        return sum(_bytes(one.shape, one.dtype) for one in optimizer.variables)
    slots = 2 if optimizer is None else _slots(optimizer)
    return slots * sum(_bytes(one.shape, one.dtype) for one in learned)


def _slots(optimizer: Any) -> int:
    """Return how many numbers an optimiser keeps for each weight."""
    kinds = keras.optimizers
    try:
        other = kinds.deserialize(kinds.serialize(optimizer))
    # Keras raises the first for somebody's own class that cannot say its settings.
    except (NotImplementedError, TypeError, ValueError):
        return 2
    one = keras.Variable([[0.0, 0.0, 0.0]])
    other.build([one])
    return sum(tuple(variable.shape) == (1, 3) for variable in other.variables)


def _count(tensor: Any) -> int:
    return math.prod(tensor.shape[1:])


def _bytes(shape: Any, dtype: Any) -> int:
    return math.prod(shape) * _itemsize(dtype)


def _itemsize(dtype: Any) -> int:
    name = keras.backend.standardize_dtype(dtype)
    return 2 if name == "bfloat16" else np.dtype(name).itemsize


def _power_below(count: int) -> int:
    """Return the number of powers of two below a count."""
    return (count - 1).bit_length()


def _is_readable(model: Any) -> bool:
    return (
        isinstance(model, keras.Model)
        and bool(getattr(model, "inputs", None))
        and all(None not in one.shape[1:] for one in _tensors(model))
    )


def _tensors(model: Any) -> Iterator[Any]:
    for _, inputs, outputs in _steps(model):
        yield from inputs
        yield from outputs


def _refuse_unreadable(model: Any) -> None:
    if not _is_readable(model):
        need = (
            "Give a Sequential or functional model that begins with keras.Input(shape)"
        )
        came = _arguments.shown(model)
        if getattr(model, "inputs", None):
            came = f'"{model.name}", of which not all shapes are known'
            need = "Let it begin with keras.Input(shape), all sides given"
        raise _arguments.refusal("model", came, need)


# -- what is there ---------------------------------------------------------------------


def _device() -> tuple[int | None, str]:
    """Return the bytes that are free, and where."""
    backend = keras.backend.backend()
    found = {"jax": _of_jax, "tensorflow": _of_tensorflow}.get(backend, lambda: None)()
    if found is not None:
        return max(0, found), "on the graphics card"
    return _of_main_memory(), "in main memory"


def _of_jax() -> int | None:
    import jax

    stats = jax.devices()[0].memory_stats() or {}
    if not {"bytes_limit", "bytes_in_use"} <= stats.keys():
        return None  # a processor has none
    return stats["bytes_limit"] - stats["bytes_in_use"]


def _of_tensorflow() -> int | None:
    import tensorflow as tf

    if not tf.config.list_logical_devices("GPU"):
        return None
    whole = _of_the_card()
    if whole is None:
        return None
    return whole - tf.config.experimental.get_memory_info("GPU:0")["current"]


@functools.cache
def _of_the_card() -> int | None:
    """Return what TensorFlow takes of the first card: it leaves a twentieth."""
    cards = devices.cards_of_nvidia()
    return cards[0][1] * 19 // 20 if cards else None


def _of_main_memory() -> int | None:
    """Return what a process can still have, in a container what its limit leaves."""
    found = [one for one in (_of_the_system(), _of_the_container()) if one is not None]
    return min(found, default=None)


def _of_the_system() -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return _lines(_MEMINFO)["MemAvailable:"] * 1024
    with contextlib.suppress(
        AttributeError, OSError, ValueError
    ):  # where there is none
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_the_container() -> int | None:
    for limit, used, idle in _LIMITS:
        with contextlib.suppress(OSError, ValueError):  # "max": no limit
            most = int((_CONTROL / limit).read_text())
            now = int((_CONTROL / used).read_text())
            # Files that were read are counted, and go when memory is wanted.
            cached = _lines((_CONTROL / used).with_name("memory.stat")).get(idle, 0)
            if most < _UNLIMITED:
                return max(0, most - now + cached)
    return None


def _lines(path: Path) -> dict[str, int]:
    """Read a file of names and numbers."""
    rows = (line.split() for line in path.read_text().splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) > 1}


def _is_short(error: BaseException) -> bool:
    """Say whether an error means that memory did not suffice."""
    if (
        isinstance(error, MemoryError)
        or type(error).__name__ == "ResourceExhaustedError"
    ):
        return True
    # JAX has one kind of error for all; TensorFlow's XLA says it in this word, too.
    return "RESOURCE_EXHAUSTED" in str(error)
