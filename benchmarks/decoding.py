"""Claim: a core reads photos as lessons do at least as fast as TensorFlow's own way.

Each row decodes JPEGs of 500 × 375, what ImageNet's are like, and makes squares of 256
of them. The time is the processor's, all threads together, so that it holds for one
core and on a busy machine; what is printed and kept is the median of the rounds, which
take turns. The peers do the same job: Pillow, decoded whole and enlarged or shrunk with
its way for shrinking, and TensorFlow, with antialiasing and without.

Run ``python benchmarks/decoding.py``; ``--keep`` writes a line a row to
data/experiments/decoding.jsonl. Nothing is asserted about time.
"""

import argparse
import io
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from _experiments import FOLDER
from _table import header, machine, row
from PIL import Image, ImageOps

from helpers import images
from helpers.datasets import photos

SIDE, SIZE, QUALITY = 256, (500, 375), 98
NAMES = ("astronaut", "chelsea", "coffee", "rocket")
PACKAGES = ("pillow", "tensorflow", "numpy")

Reader = Callable[[bytes], Any]


def files() -> list[bytes]:
    """Return photos as JPEGs, 50 to 100 kB each."""
    made = []
    for name in NAMES:
        picture = Image.fromarray(images.photo(name, colour=True))
        kept = io.BytesIO()
        ImageOps.fit(picture, SIZE).save(kept, "JPEG", quality=QUALITY)
        made.append(kept.getvalue())
    return made


def pillow(data: bytes) -> np.ndarray:
    """Decode it whole, cut out its middle, shrink it."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE)))


def tensorflow(data: bytes, antialias: bool) -> np.ndarray:
    """Do so as tf.data's users write it."""
    picture = tf.io.decode_jpeg(data, channels=3)
    shorter = min(picture.shape[:2])
    middle = tf.image.resize_with_crop_or_pad(picture, shorter, shorter)
    small = tf.image.resize(middle, (SIDE, SIDE), antialias=antialias)
    return tf.cast(tf.clip_by_value(tf.round(small), 0, 255), tf.uint8).numpy()


READERS: dict[str, Reader] = {
    "photos.square": lambda data: photos.square(data, SIDE),
    "Pillow": pillow,
    "TensorFlow, antialiased": lambda data: tensorflow(data, True),
    "TensorFlow": lambda data: tensorflow(data, False),
}


def speed(read: Reader, data: list[bytes], count: int) -> float:
    """Return how many photos a core reads a second."""
    start = time.process_time()
    for number in range(count):
        read(data[number % len(data)])
    return count / (time.process_time() - start)


def measured(count: int, rounds: int) -> list[dict[str, Any]]:
    """Return a line for each way of reading."""
    data = files()
    found: dict[str, list[float]] = {name: [] for name in READERS}
    for read in READERS.values():
        assert read(data[0]).shape == (SIDE, SIDE, 3)
    for _ in range(rounds):
        for name, read in READERS.items():
            found[name].append(speed(read, data, count))
    about = {
        "made": date.today().isoformat(),
        "with": {one: version(one) for one in PACKAGES},
        "machine": {
            "device": platform.machine(),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
        },
        "bytes a photo": round(statistics.mean(map(len, data))),
        "pixels": SIZE,
        "side": SIDE,
    }
    return [
        {
            "experiment": name,
            "seed": 0,
            **about,
            "photos a second": round(statistics.median(speeds), 1),
            "rounds": [round(one, 1) for one in speeds],
        }
        for name, speeds in found.items()
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args(arguments)
    print(machine(*PACKAGES))
    found = measured(given.photos, given.rounds)
    header("Decoding and scaling, one core", ["photos/s", "ms a photo", "spread"])
    for one in found:
        speeds = one["rounds"]
        row(
            one["experiment"],
            [
                one["photos a second"],
                1000 / one["photos a second"],
                f"{min(speeds):.0f}-{max(speeds):.0f}",
            ],
        )
    if given.keep:
        lines = "".join(json.dumps(one) + "\n" for one in found)
        given.folder.mkdir(parents=True, exist_ok=True)
        (given.folder / "decoding.jsonl").write_text(lines, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
