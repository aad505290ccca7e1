"""What Keras computes on here: a graphics card, or the processor and why.

>>> device = found()
>>> device.is_gpu == (device.why == "")
True

``python -m helpers.networks.devices`` says it in a terminal.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import os
import platform
import subprocess
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import keras

#: What a device is called that is no graphics card.
PROCESSOR = "the processor"
#: From this CUDA compute capability on, a card multiplies in bfloat16.
BFLOAT16 = (8, 0)

_NAMES = {"tensorflow": "TensorFlow", "jax": "JAX"}
#: What brings CUDA's libraries to each backend, and a package or module of these.
_CUDA = {
    "tensorflow": '`make lab GPU=1`, or `pip install "tensorflow[and-cuda]"`',
    "jax": '`pip install "jax[cuda12]"`',
}


@dataclass(frozen=True)
class Device:
    """What Keras computes on.

    Attributes
    ----------
    name
        Of the graphics card, or `PROCESSOR`.
    count
        How many such cards, or cores, there are. Keras uses one card unless it is told
        otherwise.
    memory
        Bytes of one card; None where that is not known, and for a processor.
    capability
        CUDA's compute capability of a card, (9, 0) for an H100; None for others.
    why
        Why it is the processor, and what to do; "" for a card.

    Examples
    --------
    >>> card = Device("NVIDIA H100 80GB HBM3", 1, 80 << 30, (9, 0))
    >>> print(card, "in", card.half_precision)
    one NVIDIA H100 80GB HBM3, 80 GB in mixed_bfloat16
    >>> print(Device(PROCESSOR, 2, why="…"))
    the processor, 2 cores
    """

    name: str
    count: int
    memory: int | None = None
    capability: tuple[int, int] | None = None
    why: str = ""

    @property
    def is_gpu(self) -> bool:
        """Whether it is a graphics card."""
        return self.name != PROCESSOR

    @property
    def half_precision(self) -> str:
        """The policy for `keras.config.set_dtype_policy` that is fast here.

        Half the bytes pay on graphics cards only. bfloat16 reaches as far as float32,
        float16 does not: with it Keras scales the loss.
        """
        if not self.is_gpu:
            return "float32"
        can = self.capability is not None and self.capability >= BFLOAT16
        return "mixed_bfloat16" if can else "mixed_float16"

    def __str__(self) -> str:
        if not self.is_gpu:
            return f"{self.name}, {self.count} core{'s' * (self.count != 1)}"
        count = "one" if self.count == 1 else str(self.count)
        each = " each" if self.count > 1 else ""
        size = f", {round(self.memory / 2**30)} GB{each}" if self.memory else ""
        return f"{count} {self.name}{size}"


def found() -> Device:
    """Return what Keras computes on in this process.

    Returns
    -------
    Device
        A graphics card where the backend found one, else the processor with the reason.

    Examples
    --------
    >>> found().half_precision in ("float32", "mixed_float16", "mixed_bfloat16")
    True
    """
    backend = keras.backend.backend()
    looks = {"tensorflow": _seen_by_tensorflow, "jax": _seen_by_jax}
    cards = looks[backend]() if backend in looks else []
    if not cards:
        return Device(PROCESSOR, os.cpu_count() or 1, why=_why_none(backend))
    name, capability = cards[0]
    return Device(name, len(cards), dict(cards_of_nvidia()).get(name), capability)


Cards = list[tuple[str, tuple[int, int] | None]]


def _seen_by_tensorflow() -> Cards:
    tensorflow = importlib.import_module("tensorflow")
    cards: Cards = []
    for one in tensorflow.config.list_physical_devices("GPU"):
        details = tensorflow.config.experimental.get_device_details(one)
        name = str(details.get("device_name", "graphics card"))
        cards.append((name, details.get("compute_capability")))
    return cards


def _seen_by_jax() -> Cards:
    jax = importlib.import_module("jax")
    if jax.default_backend() == "cpu":
        return []
    cards: Cards = []
    for one in jax.local_devices():
        said = str(getattr(one, "compute_capability", ""))
        major, _, minor = said.partition(".")
        known = major.isdigit() and minor.isdigit()
        cards.append((one.device_kind, (int(major), int(minor)) if known else None))
    return cards


def cards_of_nvidia() -> list[tuple[str, int]]:
    """Return the cards that NVIDIA's driver knows, whether or not Keras uses them.

    Returns
    -------
    list of (str, int)
        Names, and bytes of memory; empty where no driver answers.

    Examples
    --------
    >>> all(memory > 0 for name, memory in cards_of_nvidia())
    True
    """
    asked = ["--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(
            ["nvidia-smi", *asked], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode:
        return []
    rows = csv.reader(done.stdout.splitlines(), skipinitialspace=True)
    return [
        (row[0], int(row[1]) << 20)
        for row in rows
        if len(row) == 2 and row[1].isdigit()
    ]


# -- why there is none -----------------------------------------------------------------


def _why_none(backend: str) -> str:
    """Say in a sentence or two why no card was found, and what to do."""
    if backend not in _NAMES:
        return f"Keras runs on {backend} here; the course knows TensorFlow and JAX."
    name, cards = _NAMES[backend], [card for card, _ in cards_of_nvidia()]
    if not cards:
        return _why_no_driver(name)
    here = f"There is a graphics card, {cards[0]}, but"
    if variable := _hiding(backend):
        return f"{here} the environment hides it: {variable}. Start without."
    if platform.system() == "Windows":
        return f"{here} {name} cannot use it on Windows. Install the course in WSL2."
    if not _has_cuda(backend):
        return (
            f"{here} {name} lacks CUDA's libraries. Install them with "
            f"{_CUDA[backend]}, and start the kernel anew."
        )
    return (
        f"{here} {name} cannot use it; often the driver is too old for it. `TF_CPP_MIN_"
        "LOG_LEVEL=0 python -m helpers.networks.devices` shows all that it says."
    )


def _why_no_driver(name: str) -> str:
    if "COLAB_RELEASE_TAG" in os.environ:
        return (
            "This Colab runtime has no graphics card. Choose Runtime → Change runtime "
            "type → T4 GPU, and run the lesson from its top."
        )
    if platform.system() == "Darwin":
        return f"On a Mac, {name} computes on the processor."
    return (
        "No NVIDIA driver answers (`nvidia-smi`): there is no such card, or its driver "
        "is not installed."
    )


def _hiding(backend: str) -> str:
    """Return the setting that hides cards from a backend; "" where there is none."""
    hiding: dict[str, tuple[str, ...]] = {"CUDA_VISIBLE_DEVICES": ("", "-1")}
    if backend == "jax":
        hiding["JAX_PLATFORMS"] = ("cpu",)
    for variable, values in hiding.items():
        if os.environ.get(variable) in values:
            return f"{variable}={os.environ[variable]}"
    return ""


def _has_cuda(backend: str) -> bool:
    """Say whether a backend can find CUDA's libraries among the packages."""
    if backend == "jax":
        plugins = (f"jax_cuda{number}_plugin" for number in (12, 13))
        return any(importlib.util.find_spec(one) for one in plugins)
    tensorflow: Any = importlib.import_module("tensorflow")
    if not tensorflow.test.is_built_with_cuda():
        return False
    names = {one.name for one in metadata.distributions()}
    return "nvidia-cudnn-cu12" in {str(name).lower() for name in names}


def _say() -> None:
    device = found()
    print(f"Keras computes on {device}. {device.why}".strip())


if __name__ == "__main__":
    _say()
