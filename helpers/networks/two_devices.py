"""Train a model on two devices at once, in three ways; `parallel.run` starts this.

In a process of its own, since a backend must be told of its devices before it starts,
and two backends do not share a process well. The devices are virtual: each is a part of
this machine's processor. On graphics cards the same lines are written, without those
that make two of one.

``python -m helpers.networks.two_devices WAY FOLDER [RANK ADDRESS]``, with KERAS_BACKEND
set to the way's; the folder holds what is trained, and gets ``result.json``.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

import helpers.networks.layers  # noqa: F401  (a model that is loaded may hold some)

Weights = list[np.ndarray]


def mirrored() -> Any:
    """Return TensorFlow's strategy: a copy of the model on each device of a process."""
    import tensorflow as tf

    processor = tf.config.list_physical_devices("CPU")[0]
    two = [tf.config.LogicalDeviceConfiguration() for _ in range(2)]
    tf.config.set_logical_device_configuration(processor, two)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def data_parallel() -> Any:
    """Return Keras's distribution, on JAX: one program, its batch cut in two."""
    import jax

    jax.config.update("jax_num_cpu_devices", 2)
    return keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"])


def two_processes(rank: int, address: str) -> Any:
    """Return the same for several machines: each process has a device and its data.

    Parameters
    ----------
    rank
        Which of the two this is: 0 or 1.
    address
        Where the first one is found, ``"127.0.0.1:1234"``.
    """
    import jax

    jax.distributed.initialize(address, 2, rank, coordinator_bind_address=address)
    return keras.distribution.DataParallel(auto_shard_dataset=False)


def train(
    folder: Path, place: Any, rank: int = 0, processes: int = 1
) -> tuple[list[float], Weights, Weights]:
    """Load the model, in a place, and train it once through the data.

    Parameters
    ----------
    folder
        Holds ``model.keras``, compiled, and ``data.npz``: x, y and batch_size.
    place
        What makes variables, and cuts batches, while it is entered.
    rank, processes
        Each process takes every so many-th sample, its part of every batch.

    Returns
    -------
    list of float, list of arrays, list of arrays
        The loss of each step; the weights before and after.
    """
    with np.load(folder / "data.npz") as data:
        x, y, batch_size = data["x"], data["y"], int(data["batch_size"])
    means: list[float] = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: means.append(float(logs["loss"]))
    )
    keras.utils.set_random_seed(
        0
    )  # where each draws its own, JAX sees that they differ
    with place:
        model = keras.saving.load_model(folder / "model.keras")
        if keras.backend.backend() == "tensorflow":
            model.jit_compile = False  # XLA does not reach another virtual device
        before = model.get_weights()
        model.fit(
            x[rank::processes],
            y[rank::processes],
            batch_size=batch_size // processes,
            shuffle=False,
            verbose=0,
            callbacks=[note],
        )
    # Keras reports the mean of all steps so far.
    sums = np.array(means) * np.arange(1, len(means) + 1)
    return np.diff(sums, prepend=0).tolist(), before, model.get_weights()


def main(way: str, folder: str, rank: str = "0", address: str = "") -> None:
    """Train on two devices, then on one, and write down how they differ."""
    job = Path(folder)
    if way == "two_processes":
        place = two_processes(int(rank), address)
        losses, _, weights = train(job, place.scope(), int(rank), processes=2)
    else:
        place = {"mirrored": mirrored, "data_parallel": data_parallel}[way]()
        losses, _, weights = train(job, place.scope())
    if rank != "0":
        return
    losses_of_one, before, weights_of_one = train(job, contextlib.nullcontext())
    result = {
        "losses": losses,
        "losses_of_one": losses_of_one,
        "difference": _furthest(weights, weights_of_one),
        "moved": _furthest(weights_of_one, before),
    }
    (job / "result.json").write_text(json.dumps(result), "utf-8")


def _furthest(some: Weights, others: Weights) -> float:
    """Return the largest difference of any two weights."""
    pairs = zip(some, others, strict=True)
    return max(float(np.abs(one - other).max()) for one, other in pairs)


if __name__ == "__main__":
    main(*sys.argv[1:])
