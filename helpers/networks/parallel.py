"""Train on two devices at once, for real, on any machine: what several GPUs do.

Each device has a copy of the model and a half of every batch. After each step the
gradients are averaged, so that the copies stay alike, and as they would be on one
device. `two_devices` is the program that is run, in processes of its own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments

_PROGRAM = "helpers.networks.two_devices"
#: The folder that holds the package, wherever it came from.
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Way:
    """One way to train on two devices.

    Attributes
    ----------
    title
        What does it.
    backend
        What Keras runs on there, whatever it runs on here.
    processes
        How many processes there are.
    """

    title: str
    backend: str
    processes: int


#: The ways, by the names that `run` takes.
WAYS = {
    "mirrored": Way("tf.distribute.MirroredStrategy", "tensorflow", 1),
    "data_parallel": Way("keras.distribution.DataParallel", "jax", 1),
    "two_processes": Way("keras.distribution.DataParallel", "jax", 2),
}


@dataclass(frozen=True)
class Comparison:
    """How a training on two devices differed from one on one.

    Attributes
    ----------
    way
        Its name in `WAYS`.
    versions
        "keras 3.15.1, jax 0.10.2".
    losses, losses_of_one
        (steps,) the loss of each step, on two devices and on one.
    difference
        The largest difference of any weight afterwards.
    moved
        By how much training changed the weight that it changed most: what the
        difference is to be compared with.
    seconds
        Of all of it, starting and both trainings.
    """

    way: str
    versions: str
    losses: NDArray[np.float64]
    losses_of_one: NDArray[np.float64]
    difference: float
    moved: float
    seconds: float

    def __str__(self) -> str:
        way = WAYS[self.way]
        places = "two processes" if way.processes == 2 else "one process"
        lines = [f"{way.title}, two devices in {places} ({self.versions})"]
        for name, losses in (("two", self.losses), ("one", self.losses_of_one)):
            said = " ".join(f"{loss:.5f}" for loss in losses)
            lines.append(f"  losses on {name}: {said}")
        lines.append(
            f"  the weights moved by up to {self.moved:.1e} and differ by up to "
            f"{self.difference:.1e}; {self.seconds:.0f} s"
        )
        return "\n".join(lines)


def lacking(way: str) -> str:
    """Say why a way cannot be had on this machine; nothing where it can.

    Parameters
    ----------
    way
        One of `WAYS`.

    Returns
    -------
    str
        A sentence, or "".

    Examples
    --------
    >>> lacking("mirrored")
    ''
    """
    way = _arguments.word(way, "way", WAYS)
    if importlib.util.find_spec(WAYS[way].backend) is None:
        name = {"jax": "JAX", "tensorflow": "TensorFlow"}[WAYS[way].backend]
        wanted = f"`pip install {WAYS[way].backend}`"
        return f"{way} needs {name}, which is not installed here: {wanted}."
    if WAYS[way].processes == 2 and platform.system() == "Windows":
        return (
            f"{way} needs Linux or a Mac: on Windows, JAX's processes cannot add up "
            "their gradients. It runs in WSL2 and on Colab."
        )
    return ""


def run(
    way: str,
    model: keras.Model,
    x: ArrayLike,
    y: ArrayLike,
    *,
    batch_size: int = 32,
    limit: float = 300,
) -> Comparison:
    """Train a copy of a model on two virtual devices, and another one on one device.

    Once through the data, in their order. Two devices give the numbers of one where
    each sample's share in the loss depends on that sample alone. Batch normalisation on
    TensorFlow does not: each device takes the mean of its own half of the batch, unless
    it is made with ``synchronized=True``. Nor does dropout, where each device draws its
    own numbers. On JAX both are one program's, and stay the same in one process.

    Parameters
    ----------
    way
        "mirrored" (TensorFlow), "data_parallel" or "two_processes" (both JAX).
    model
        Compiled. It is saved for the other processes and stays as it is: a layer of
        your own must be registered with Keras in a module that they can import.
    x, y
        (N, …) samples and (N, …) targets. Whole batches of them are used.
    batch_size
        Of both devices together: an even number.
    limit
        After so many seconds what still runs is ended.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        Something that cannot be, among it a way that this machine lacks.
    RuntimeError
        A process failed; the message holds what it said last.
    TimeoutError
        It took longer than the limit.

    Notes
    -----
    The processes see no graphics card. They are ended with this call, however it ends.
    Two processes find each other at a free port of 127.0.0.1.

    Examples
    --------
    >>> run("mirrored", keras.Sequential(), [[0.0]], [0.0], batch_size=3)
    Traceback (most recent call last):
    ValueError: batch_size: got 3. Give an even number: each device takes a half.
    """
    if reason := lacking(way):
        raise ValueError(reason)
    batch_size = _arguments.whole(batch_size, "batch_size", 2)
    if batch_size % 2:
        need = "Give an even number: each device takes a half"
        raise _arguments.refusal("batch_size", batch_size, need)
    limit = _arguments.real(limit, "limit", above=0)
    _refuse_models(model)
    samples, targets = _arguments.array(x, "x"), _arguments.array(y, "y")
    if len(samples) != len(targets):
        came = f"{len(targets):,} targets for {len(samples):,} samples"
        raise _arguments.refusal("y", came, "Give one for each")
    if len(samples) < batch_size:
        need = f"Give at least a batch of {batch_size}, or a smaller batch_size"
        raise _arguments.refusal("x", f"{len(samples)} samples", need)
    whole = len(samples) // batch_size * batch_size
    begun = time.perf_counter()
    # Windows does not remove a file that an ended process still seems to hold.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        model.save(folder / "model.keras")
        np.savez(
            folder / "data.npz",
            x=samples[:whole],
            y=targets[:whole],
            batch_size=batch_size,
        )
        _train(way, folder, begun + limit)
        found = _read(folder)
    return Comparison(
        way=way,
        versions=", ".join(f"{n} {version(n)}" for n in ("keras", WAYS[way].backend)),
        losses=np.array(found.pop("losses")),
        losses_of_one=np.array(found.pop("losses_of_one")),
        seconds=time.perf_counter() - begun,
        **found,
    )


def _refuse_models(model: Any) -> None:
    """Refuse what cannot be saved and trained elsewhere."""
    is_model = isinstance(model, keras.Model)
    if not is_model or not model.built or not model.compiled:
        came = f'"{model.name}"' if is_model else _arguments.shown(model)
        need = "Give a keras.Model that begins with keras.Input(shape) and is compiled"
        raise _arguments.refusal("model", came, need)


# -- the processes ---------------------------------------------------------------------


def _train(way: str, folder: Path, until: float) -> None:
    """Run the processes of a way to their end."""
    arguments = [[way, str(folder)]]
    if WAYS[way].processes == 2:
        address = f"127.0.0.1:{_free_port()}"
        arguments = [[way, str(folder), str(rank), address] for rank in range(2)]
    with _started(arguments, _surroundings(WAYS[way].backend), folder) as processes:
        while (codes := [one.poll() for one in processes]) != [0] * len(processes):
            for rank, code in enumerate(codes):
                if code:
                    raise RuntimeError(_last_words(way, code, _log(folder, rank)))
            if time.perf_counter() > until:
                still = f"{way}: it has not ended in time. Give a longer limit"
                raise TimeoutError(f"{still}, fewer samples or a smaller model.")
            time.sleep(0.05)


@contextmanager
def _started(
    arguments: list[list[str]], surroundings: dict[str, str], folder: Path
) -> Iterator[list[subprocess.Popen]]:
    """Start the program once for each list of arguments; end what still runs after."""
    processes: list[subprocess.Popen] = []
    try:
        for rank, some in enumerate(arguments):
            with _log(folder, rank).open("wb") as log:
                command = [sys.executable, "-m", _PROGRAM, *some]
                processes.append(
                    subprocess.Popen(
                        command,
                        env=surroundings,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                    )
                )
        yield processes
    finally:
        for one in processes:
            one.kill()  # does nothing to one that has ended
            one.wait()


def _surroundings(backend: str) -> dict[str, str]:
    """Return the environment of a process: the backend, the processor alone."""
    kept = {
        name: value
        for name, value in os.environ.items()
        # JAX's processes would look for each other through a proxy.
        if not name.lower().endswith("_proxy")
    }
    paths = [str(_ROOT), kept.get("PYTHONPATH", "")]
    return kept | {
        "KERAS_BACKEND": backend,
        "CUDA_VISIBLE_DEVICES": "-1",
        "JAX_PLATFORMS": "cpu",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONIOENCODING": "utf-8",
    }


def _free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _log(folder: Path, rank: int) -> Path:
    return folder / f"log{rank}.txt"


def _read(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text("utf-8"))


def _last_words(way: str, code: int, log: Path) -> str:
    """Say how a process ended, with the error that it wrote last."""
    lines = log.read_text("utf-8", errors="replace").strip().splitlines() or ["nothing"]
    errors = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    said = [lines[-1], *errors][-1]
    if said.endswith(":"):
        said = f"{said} {lines[-1].strip()}"
    return f"{way}: a process ended with code {code}. It said last: {said}"
