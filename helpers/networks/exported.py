"""A network as plain data: a description of its layers, and one row of bytes.

`helpers.networks.export` writes it from a Keras model; ``parts/network.js`` runs it in
the browser. Here it is kept in a file and read again, without Keras, so that explorers
show trained networks where nothing was trained yet.
"""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, _files

VERSION = 1  # of the description, so that an old page refuses what it cannot read
WEIGHTS = ("float32", "float16", "8 bits")

#: The trained networks that come with the course, in data/.
SHIPPED = ("mnist", "quickdraw", "flowers", "go", "spoken", "sentences")

_LARGEST = (
    127  # of a weight of 8 bits; -128 stays unused, so that both signs reach as far
)
_ALIGNED = 4  # bytes: where numbers begin, so that any kind of array may look at them
_IN_FILE = {"float32": "<f4", "float16": "<f2", "int8": "i1"}


@dataclass(frozen=True)
class Network:
    """A trained network for the browser: what it is made of, and its weights.

    Attributes
    ----------
    description
        Plain data, as JSON takes it. ``layers`` has each layer's ``name``, ``kind``,
        ``inputs`` (numbers of earlier layers), ``shape`` of what comes out (without the
        batch), settings, and ``weights``: by their part, where they lie in ``data``.
        ``inputs`` and ``outputs`` of the whole are numbers of layers.
        Of the networks in data/ ``about`` says what they learned, and how well.
    data
        All weights, little-endian, one after the other.

    Examples
    --------
    >>> kernel = Weights({"kernel": [[0.5], [2]]}, "float16")
    >>> layer = {"name": "sum", "kind": "dense", "weights": kernel.places}
    >>> network = Network({"weights": "float16", "layers": [layer]}, kernel.data)
    >>> network
    <Network of 1 layer, 2 weights as float16 in 4 bytes>
    >>> network.weights("sum")["kernel"].tolist()
    [[0.5], [2.0]]
    """

    description: dict[str, Any]
    data: bytes

    def __repr__(self) -> str:
        layers = len(self.description["layers"])
        return (
            f"<Network of {layers} layer{'s' * (layers != 1)}, {self.count:,} weights "
            f"as {self.description['weights']} in {len(self.data):,} bytes>"
        )

    @property
    def count(self) -> int:
        """How many weights there are; those of a layer used twice count once."""
        places = {p["at"]: p for p in self._places() if "at" in p}
        return sum(int(np.prod(place["shape"])) for place in places.values())

    @property
    def names(self) -> list[str]:
        """The names of the layers, in the order in which they are computed."""
        return [layer["name"] for layer in self.description["layers"]]

    def weights(self, name: str) -> dict[str, NDArray[np.float32]]:
        """Return the weights of a layer, rounded as the browser has them.

        Parameters
        ----------
        name
            Of the layer, one of `names`.

        Returns
        -------
        dict
            Arrays of float32 by their part: kernel, bias, mean …

        Raises
        ------
        ValueError
            There is no such layer.
        """
        name = _arguments.word(name, "name", self.names)
        layer = self.description["layers"][self.names.index(name)]
        places = layer.get("weights", {}).items()
        return {part: read(self.data, place) for part, place in places}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one small file, an npz without pickled objects.

        The same network gives the same bytes each time.
        """
        said = json.dumps(self.description, separators=(",", ":"), allow_nan=False)
        with open(path, "wb") as file:  # NumPy would add .npz to another name
            np.savez_compressed(
                file,
                description=np.frombuffer(said.encode(), np.uint8),
                data=np.frombuffer(self.data, np.uint8),
            )

    def _places(self) -> list[dict[str, Any]]:
        layers = self.description["layers"]
        return [p for layer in layers for p in layer.get("weights", {}).values()]


def load(path: str | os.PathLike[str]) -> Network:
    """Read a network that `Network.save` wrote; Keras is not needed.

    Parameters
    ----------
    path
        Of the file.

    Raises
    ------
    ValueError
        The file holds something else, is damaged, or comes from a newer course.
    OSError
        There is no such file, or it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> nothing = Network({"version": 1, "weights": "float32", "layers": []}, b"")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nothing.save(f"{folder}/nothing.npz")
    ...     load(f"{folder}/nothing.npz") == nothing
    True
    """
    # Opened here: NumPy leaves a file open that it finds damaged.
    with open(path, "rb") as file:
        return _read(file, os.fspath(path))


def _read(file: IO[bytes], path: Any) -> Network:
    came = f"{path}, which holds no network"
    need = "Give a file that Network.save wrote"
    try:
        with np.load(file, allow_pickle=False) as parts:
            description = json.loads(parts["description"].tobytes())
            network = Network(description, parts["data"].tobytes())
            version = description["version"]
    except OSError:
        raise
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _arguments.refusal("path", came, need) from error
    except Exception as error:  # zlib's, of a damaged file
        raise _arguments.refusal("path", came, need) from error
    if version != VERSION:
        came = f"{path}, a network of version {version}"
        raise _arguments.refusal("path", came, "Write it again with this course")
    return network


def shipped(name: str) -> Network:
    """Return one of the trained networks that come with the course; see `SHIPPED`.

    ``make weights`` makes them anew (tools/make_weights.py); ``description["about"]``
    says from which pictures, and how many of the test's they get right.

    Parameters
    ----------
    name
        "mnist": digits, `models.mnist_better` with probabilities. "quickdraw": six
        kinds of drawings, `models.quickdraw` with probabilities. "flowers": photos of
        five flowers, `models.alexnet` at a quarter of its width with probabilities.
        "go": positions of Go, `beyond.go_policy` with probabilities. "spoken": log-mel
        spectrograms of digits, "sentences": the words of film critics, `beyond.spoken`
        and `beyond.sentence_cnn` with probabilities.

    Raises
    ------
    ValueError
        There is no such network.

    Examples
    --------
    >>> digits = shipped("mnist")
    >>> digits.description["layers"][-1]["shape"]
    [10]
    >>> digits.description["about"]["classes"][:3]
    ['0', '1', '2']
    """
    name = _arguments.word(name, "name", SHIPPED)
    file = _files.in_data(f"{name}.network.npz")
    with file.open("rb") as opened:
        return _read(opened, str(file))


# -- weights as bytes ------------------------------------------------------------------


class Weights:
    """Bytes that grow: weights are laid one after the other, and their places noted.

    Parameters
    ----------
    parts
        The first arrays, by their names.
    kind
        One of `WEIGHTS`, for all of them.

    Attributes
    ----------
    places
        Where each lies: its ``shape``, its ``type`` (float32, float16 or int8), ``at``
        which byte it begins, for int8 also at which byte its ``scales`` begin, and how
        many ``channels`` there are: number k is multiplied by scale k % channels.

    Examples
    --------
    >>> Weights({"kernel": np.eye(2)}, "8 bits").places["kernel"]
    {'shape': [2, 2], 'type': 'int8', 'at': 0, 'scales': 4, 'channels': 2}
    """

    def __init__(self, parts: dict[str, ArrayLike], kind: str) -> None:
        self._bytes = bytearray()
        self.places = {name: self.lay(array, kind) for name, array in parts.items()}

    @property
    def data(self) -> bytes:
        """All bytes so far."""
        return bytes(self._bytes)

    def lay(self, weights: ArrayLike, kind: str, channel_axes: int = 1) -> dict:
        """Lay one array, and return its place.

        Parameters
        ----------
        weights
            Numbers of any shape.
        kind
            One of `WEIGHTS`.
        channel_axes
            How many of the last axes tell the channels apart that have scales of their
            own, where a weight takes 8 bits.

        Raises
        ------
        ValueError
            Numbers that this kind cannot hold.
        """
        array = np.asarray(weights, np.float32)
        place: dict[str, Any] = {"shape": list(array.shape)}
        if kind == "8 bits":
            channels = int(np.prod(array.shape[array.ndim - channel_axes :]))
            whole, scales = in_8_bits(array.reshape(-1, channels))
            place |= {"type": "int8", "at": self._append(whole, "int8")}
            place |= {"scales": self._append(scales, "float32"), "channels": channels}
            return place
        if kind == "float16" and (np.abs(array[np.isfinite(array)]) >= 65520).any():
            came = f"a weight of {np.nanmax(np.abs(array)):.6g}, too large for float16"
            raise _arguments.refusal("weights", came, 'Take weights="float32"')
        return place | {"type": kind, "at": self._append(array, kind)}

    def _append(self, array: NDArray, kind: str) -> int:
        self._bytes += bytes(-len(self._bytes) % _ALIGNED)
        at = len(self._bytes)
        self._bytes += array.astype(_IN_FILE[kind]).tobytes()
        return at


def in_8_bits(array: NDArray) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round weights to whole numbers from -127 to 127, times a scale for each column.

    No weight moves by more than half its column's scale, 1/254 of its largest.

    Parameters
    ----------
    array : (n, channels)
        The weights.

    Returns
    -------
    whole : (n, channels) of int8
    scales : (channels,) of float32

    Raises
    ------
    ValueError
        NaN or infinity among them.

    Examples
    --------
    >>> whole, scales = in_8_bits(np.array([[1, 254], [0.5, -1]]))
    >>> whole.tolist(), scales.tolist()
    ([[127, 127], [64, 0]], [0.007874015718698502, 2.0])
    """
    if not np.isfinite(array).all():
        came = "weights that are not finite (NaN or infinity)"
        raise _arguments.refusal("weights", came, 'Take weights="float32"')
    most = np.abs(array).max(axis=0, initial=0)
    scales = (most / _LARGEST).astype(np.float32)
    scales[scales == 0] = 1  # also where so little is left that nothing could divide
    whole = np.rint(array / scales)
    return np.clip(whole, -_LARGEST, _LARGEST).astype(np.int8), scales


def read(data: bytes, place: dict[str, Any]) -> NDArray[np.float32]:
    """Return the array at a place in the bytes, as the browser has it.

    Examples
    --------
    >>> some = Weights({"bias": [0.1]}, "float16")
    >>> read(some.data, some.places["bias"])
    array([0.09997559], dtype=float32)
    """
    count = int(np.prod(place["shape"]))
    array = np.frombuffer(data, _IN_FILE[place["type"]], count, place["at"])
    values = array.astype(np.float32)
    if place["type"] == "int8":
        scales = np.frombuffer(data, "<f4", place["channels"], place["scales"])
        values = (values.reshape(-1, place["channels"]) * scales).ravel()
    return values.reshape(place["shape"])
