"""How what a network makes of a picture changes with the picture's pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from helpers.networks.gradients import value_and_gradients

Floats = NDArray[np.float32]

#: From a picture, and more arrays if need be, to a number and its slope.
Slope = Callable[..., tuple[float, Floats]]


def of(part: keras.Model, measure: Callable[..., Any]) -> Slope:
    """Return a function that measures what a model makes of a picture, with the slope.

    Parameters
    ----------
    part
        Takes one batch of pictures.
    measure
        As `by_several` takes it, without other arrays.

    Returns
    -------
    callable
        From (H, W, C) and those more tensors to the value and the slope, (H, W, C) of
        float32.
    """
    both = by_several(part, measure, compiled=True)

    def found(picture: NDArray, *more: Any) -> tuple[float, Floats]:
        value, [slopes] = both([picture[np.newaxis]], *more)
        return value, slopes[0]

    return found


def by_several(
    part: keras.Model, measure: Callable[..., Any], *, compiled: bool
) -> Callable[..., tuple[float, list[Floats]]]:
    """Return a function that measures what a model makes, with the slopes of that.

    The model's weights are handed over at each call, so that it may learn on: on JAX
    they would else be taken for constants, and compiled with the rest. Make it once for
    a model (`_once.made`).

    Parameters
    ----------
    part
        Computes as outside training.
    measure
        From what the model makes, or the list of it, the other arrays, each one an
        argument, and more tensors if need be, to a tensor without axes.
    compiled
        As `value_and_gradients` takes it: True pays for many calls.

    Returns
    -------
    callable
        From a list, an array for each of the model's inputs, (N, …), then the other
        arrays, and those more tensors to the value and the list of the slopes by all of
        these arrays, of float32.
    """
    inputs = len(part.inputs)

    def measured(values: list[Any], learned: Any, others: Any, *more: Any) -> Any:
        given = values[:inputs] if inputs > 1 else values[0]
        made, _ = part.stateless_call(learned, others, given, training=False)
        return measure(made, *values[inputs:], *more)

    backward = value_and_gradients(measured, compiled=compiled)

    def found(arrays: list[Any], *more: Any) -> tuple[float, list[Floats]]:
        learned = [variable.value for variable in part.trainable_variables]
        others = [variable.value for variable in part.non_trainable_variables]
        given = [np.asarray(array, np.float32) for array in arrays]
        value, slopes = backward(given, learned, others, *more)
        return float(value), [
            np.asarray(keras.ops.convert_to_numpy(slope)) for slope in slopes
        ]

    return found


def normalised(slope: NDArray) -> Floats:
    """Return a slope whose root mean square is 1, where it is not 0.

    What a unit does not see has no slope, and does not count: else a unit with a small
    field of view would take larger steps than others.
    """
    seen = slope[slope != 0]
    if not seen.size:
        return slope.astype(np.float32)
    # In float64: the squares of small slopes are 0 in float32.
    size = np.sqrt(np.mean(np.square(seen, dtype=np.float64)))
    return (slope / size).astype(np.float32)
