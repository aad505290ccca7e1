"""Trained networks, and pictures for them, that explorers are given."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from helpers import _arguments, go, images
from helpers.datasets import present
from helpers.networks import exported
from helpers.networks.exported import Network
from helpers.widgets.parts import given

SIDE = 28  # pixels of a picture
WHITE = 255
OWN = "own"  # the name of a network of the learner's
MOST_SAMPLES = 100
LEAST_PHOTO, MOST_PHOTO = 16, 256  # pixels a side of what a network of photos takes
LEAST_BOARD, MOST_BOARD = 2, 25  # points a side

#: The networks of the course that know pictures of 28 × 28, drawings among them.
DRAWN = ("mnist", "quickdraw")

Picture = NDArray[np.uint8] | NDArray[np.float64]


def checked_network(
    value: Any, shipped: tuple[str, ...] = DRAWN, takes: str = "(28, 28, 1)"
) -> Any:
    """Return the name of a network, or one of the learner's own as a Network.

    Parameters
    ----------
    value
        What came: a name, a Keras model, a Network.
    shipped
        The names of those that come with the course and would do.
    takes
        The shape that one of the learner's own takes, for the sentence.

    Raises
    ------
    ValueError
        For anything else.
    """
    if is_keras(value):
        from helpers.networks import export  # Keras is here already

        value = export.network(value)
    if isinstance(value, Network):
        for name in value.names:
            refuse_not_finite(name, value.weights(name).values())
        return value
    names = shipped
    if isinstance(value, str) and value == OWN:  # whether there is one says `_taken`
        names = (*names, OWN)
    other = f"a keras.Model that takes {takes}, or a Network that export gives"
    return _arguments.word(value, "network", names, other)


def refuse_not_finite(layer: str, weights: Iterable[NDArray[Any]]) -> None:
    """Refuse a network some weights of whose layer are no numbers any more."""
    if not all(np.isfinite(array).all() for array in weights):
        came = f'one whose weights in "{layer}" are not all finite (NaN or infinity)'
        need = "Train it anew, with a smaller learning rate for example"
        raise _arguments.refusal("network", came, need)


def is_keras(value: Any) -> bool:
    """Whether a value comes from Keras, which need not be imported to know."""
    kinds = {kind.__module__.split(".")[0] for kind in type(value).__mro__}
    return "keras" in kinds


def refuse_other_shapes(network: Network) -> None:
    """Refuse a network that does not go from a picture to some classes."""
    shape = takes(network)
    if shape not in ((SIDE, SIDE, 1), (SIDE, SIDE), (SIDE * SIDE,)):
        came = f"one that takes {shape}"
        raise _arguments.refusal("network", came, "Give one that takes (28, 28, 1)")


def photo_side(network: Network) -> int:
    """Return how many pixels a side a network's photos have.

    Raises
    ------
    ValueError
        For one that does not go from a colour photo, square, to some classes.
    """
    return _photo_side(takes(network))


def board_side(network: Network) -> int:
    """Return how many points a side the boards of a network for Go have.

    Raises
    ------
    ValueError
        For one that does not go from planes to a number for each point.
    """
    shape = takes(network)
    [gives] = network.description["outputs"]
    [count] = network.description["layers"][gives]["shape"]
    side, depth = (shape[0] or 0, len(go.PLANES)) if shape else (0, 0)
    square = shape == (side, side, depth) and count == side**2
    if not square or not LEAST_BOARD <= side <= MOST_BOARD:
        came = f"one that takes {shape} and gives ({count},)"
        need = (
            f"Give one that takes planes (size, size, {len(go.PLANES)}) and gives "
            "size · size numbers"
        )
        raise _arguments.refusal("network", came, need)
    return int(side)


def model_side(model: Any) -> int:
    """Return the same for a Keras model."""
    ends = (model.inputs, model.outputs)
    shapes = [tuple(tuple(one.shape[1:]) for one in end) for end in ends]
    return _photo_side(_taken_by(*shapes))


def _photo_side(takes: tuple[int, ...]) -> int:
    square = len(takes) == 3 and takes[0] == takes[1] and takes[2] == 3
    if not square or not LEAST_PHOTO <= (takes[0] or 0) <= MOST_PHOTO:
        came = f"one that takes {takes}"
        need = (
            "Give one that takes colour photos (side, side, 3), "
            f"{LEAST_PHOTO} to {MOST_PHOTO} pixels a side"
        )
        raise _arguments.refusal("network", came, need)
    return int(takes[0])


def classes_of(network: Network) -> tuple[str, ...]:
    """Return the names of a network's classes, or their numbers."""
    described = network.description
    [count] = described["layers"][described["outputs"][0]]["shape"]
    named = described.get("about", {}).get("classes", ())
    return tuple(named) if len(named) == count else tuple(map(str, range(count)))


def checked_names(
    value: Any, classes: int, *, different: bool = True
) -> tuple[str, ...]:
    """Return the learner's names of a network's classes, all different unless told."""
    names = tuple(map(str, value)) if _arguments.is_sequence(value) else ()
    twice = different and len(set(names)) != classes
    if len(names) != classes or twice or not all(names):
        came = _arguments.shown(value)
        wanted = "different names" if different else "names"
        raise _arguments.refusal("class_names", came, f"Give {classes} {wanted}")
    return names


def told_apart(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names, behind those that come more than once their numbers.

    Examples
    --------
    >>> told_apart(("crane", "kite", "crane"))
    ('crane (0)', 'kite', 'crane (2)')
    """
    counted = Counter(names)
    return tuple(
        name if counted[name] == 1 else f"{name} ({number})"
        for number, name in enumerate(names)
    )


def takes(network: Network) -> tuple[int, ...]:
    """Return the shape that goes in, where classes come out."""
    described = network.description
    shapes = [tuple(layer["shape"]) for layer in described["layers"]]
    ends = (described["inputs"], described["outputs"])
    return _taken_by(*(tuple(shapes[k] for k in end) for end in ends))


def _taken_by(
    inputs: tuple[tuple[int, ...], ...], outputs: tuple[tuple[int, ...], ...]
) -> tuple[int, ...]:
    if len(inputs) != 1 or len(outputs) != 1:
        came = f"{len(inputs)} inputs and {len(outputs)} outputs"
        raise _arguments.refusal("network", came, "Give one with one of each")
    [takes], [gives] = inputs, outputs
    if len(gives) != 1 or gives[0] < 2:
        came = f"one that gives {gives}"
        need = "Give one whose last layer has a number for each class, two at least"
        raise _arguments.refusal("network", came, need)
    return takes


def checked_picture(value: Any) -> Picture:
    """Return a picture of 28 × 28, 0 to 255."""
    picture = given.gray_picture(value, least=SIDE, most=SIDE)
    if picture.min() < 0 or picture.max() > WHITE:
        came = f"values from {picture.min():.6g} to {picture.max():.6g}"
        raise _arguments.refusal("image", came, "Give them from 0 to 255")
    if picture.dtype != np.uint8 and 0 < picture.max() <= 1:
        came = "values from 0 to 1, which is nearly black"
        raise _arguments.refusal("image", came, "Give them from 0 to 255: 255 * image")
    return picture


def checked_samples(value: Any) -> NDArray[np.uint8]:
    """Return some pictures, (N, 28, 28), as bytes."""
    samples = _arguments.array(value, "samples", finite=True)
    if samples.ndim == 4 and samples.shape[3] == 1:
        samples = samples[..., 0]
    if samples.ndim != 3 or samples.shape[1:] != (SIDE, SIDE):
        came = f"shape {samples.shape}"
        raise _arguments.refusal("samples", came, "Give pictures (N, 28, 28)")
    if not 1 <= len(samples) <= MOST_SAMPLES:
        came = f"{len(samples):,} pictures"
        need = f"Give 1 to {MOST_SAMPLES}, samples[:20] for example"
        raise _arguments.refusal("samples", came, need)
    if samples.min() < 0 or samples.max() > WHITE:
        came = f"values from {samples.min():.6g} to {samples.max():.6g}"
        raise _arguments.refusal("samples", came, "Give them from 0 to 255")
    return np.rint(samples).astype(np.uint8)


@functools.cache
def samples_of(name: str) -> NDArray[np.uint8]:
    """Return sample pictures of a network: real ones where they are on this machine.

    Of MNIST's test digits two of each, else as many of scikit-learn's; of Quick, Draw!
    two of each class, else none. Nothing is fetched.
    """
    found = present.examples("quickdraw" if name == "quickdraw" else "mnist", 2)
    if found is not None:
        return found[0]
    if name == "quickdraw":
        return np.zeros((0, SIDE, SIDE), np.uint8)
    digits = [images.digit(k, index=n) for n in range(2) for k in range(10)]
    return np.stack(digits)


@functools.cache
def shipped(name: str) -> Network:
    """Return a network of the course; it is read once."""
    return exported.shipped(name)


def taken(
    read: Callable[[Any], Network], network: Any, class_names: Any
) -> tuple[Network, dict[str, Any]]:
    """Return an explorer's network, and what its page is told of it.

    Parameters
    ----------
    read
        Returns the network that is asked for, or raises ``ValueError``.
    network, class_names
        What came, the names None where they are left out.

    Returns
    -------
    network : Network
    told : dict
        The traits ``_network``, ``_class_names`` and ``_own``: which of both are the
        learner's own.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence.
    """
    try:
        found = read(network)
        names = classes_of(found)
        if class_names is not None:
            names = checked_names(class_names, len(names))
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None
    return found, {
        "_network": {"description": found.description, "data": found.data},
        "_class_names": list(names),
        "_own": {
            "network": not isinstance(network, str),
            "class_names": class_names is not None,
        },
    }
