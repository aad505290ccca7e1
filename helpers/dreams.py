"""Pictures that networks made step by step, stored: dreams, ascents, style transfers.

A lesson makes small ones within seconds. Large ones, with many steps, were made before
by ``python benchmarks/dreams.py``, and some of the pictures on the way were kept in
``data/dreams/``, with their settings, versions and credits.

>>> series = read("ascent")
>>> series.pictures.shape[1:], series.steps.tolist()[0]
((128, 128, 3), 0)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, _files, images

#: Those that there are.
NAMES = (
    "dream_block3",
    "dream_block4",
    "dream_block5",
    "style_weak",
    "style_strong",
    "ascent",
)

_QUALITY = 70  # of WebP: what it leaves out is not seen beside the photo


@dataclass(frozen=True, eq=False)
class Series:
    """Pictures on the way, and how it went.

    Attributes
    ----------
    pictures
        (n, H, W, 3) of uint8.
    steps
        (n,) after how many steps each.
    values
        By their names, a number a step: "activation", or losses.
    about
        "credit" of what it was made from, "settings", "weights" of the network, "made"
        (the day), "with" (versions).
    """

    pictures: NDArray[np.uint8]
    steps: NDArray[np.int64]
    values: Mapping[str, NDArray[np.float64]]
    about: Mapping[str, Any]

    def __repr__(self) -> str:
        count, height, width, _ = self.pictures.shape
        return (
            f"<{count} pictures of {height} × {width} pixels, after "
            f"{self.steps[0]:,} to {self.steps[-1]:,} steps>"
        )

    @classmethod
    def of(
        cls,
        pictures: ArrayLike,
        steps: ArrayLike,
        values: Mapping[str, ArrayLike],
        about: Mapping[str, Any],
    ) -> Series:
        """Return what was made as a series, in whole gray levels.

        Parameters
        ----------
        pictures
            (n, H, W, 3), 0–255.
        steps
            (n,).
        values
            By their names, a number a step.
        about
            Plain data, as JSON takes it.

        Examples
        --------
        >>> Series.of(np.zeros((2, 8, 8, 3)), [0, 5], {"activation": [1.0] * 5}, {})
        <2 pictures of 8 × 8 pixels, after 0 to 5 steps>
        """
        return cls(
            np.rint(np.clip(pictures, 0, 255)).astype(np.uint8),
            np.asarray(steps, np.int64),
            {name: np.asarray(numbers, np.float64) for name, numbers in values.items()},
            dict(about),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one small file, an npz without pickled objects."""
        files = [images.to_webp(one, quality=_QUALITY) for one in self.pictures]
        values = {
            # Five digits are more than a line on a screen can show.
            name: [float(f"{number:.5g}") for number in numbers]
            for name, numbers in self.values.items()
        }
        said = {"about": self.about, "steps": self.steps.tolist(), "values": values}
        text = json.dumps(said, separators=(",", ":"), allow_nan=False)
        with open(path, "wb") as file:  # NumPy would add .npz to another name
            np.savez(
                file,
                description=np.frombuffer(text.encode(), np.uint8),
                lengths=np.array([len(one) for one in files]),
                data=np.frombuffer(b"".join(files), np.uint8),
            )


def read(name: str) -> Series:
    """Return one of the stored series, one of `NAMES`.

    Raises
    ------
    ValueError
        There is no such series.

    Examples
    --------
    >>> sorted(read("style_weak").values)
    ['photo', 'style', 'total']
    """
    name = _arguments.word(name, "name", NAMES)
    with _files.in_data(f"dreams/{name}.npz").open("rb") as file:
        return _parsed(file)


def load(path: str | os.PathLike[str]) -> Series:
    """Return a series that `Series.save` wrote to a file of your own.

    Raises
    ------
    ValueError
        The file holds something else, or is damaged.
    OSError
        There is no such file, or it cannot be read.
    """
    with open(path, "rb") as file:
        try:
            return _parsed(file)
        except OSError:
            raise
        except Exception as error:  # NumPy's, zipfile's, zlib's: of a damaged file
            came = f"{os.fspath(path)}, which holds no series"
            need = "Give a file that save wrote"
            raise _arguments.refusal("path", came, need) from error


def _parsed(file: Any) -> Series:
    with np.load(file, allow_pickle=False) as found:
        said = json.loads(found["description"].tobytes())
        ends = np.cumsum(found["lengths"])
        data = found["data"].tobytes()
    pictures = [
        images.load(data[begin:end], size=None)
        for begin, end in zip([0, *ends[:-1]], ends, strict=True)
    ]
    return Series.of(np.stack(pictures), said["steps"], said["values"], said["about"])
