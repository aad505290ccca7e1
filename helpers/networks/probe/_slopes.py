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


def of(model: keras.Model, measure: Callable[..., Any]) -> Slope:
    """Return a function that measures a model's outputs, and how they change.

    The model's weights are handed over at each call: on JAX they would else be taken
    for constants, and compiled with the rest.

    Parameters
    ----------
    model
        Computes as outside training.
    measure
        From the model's output, or the list of its outputs, a batch of one each, and
        more tensors if need be, to a tensor without axes.

    Returns
    -------
    callable
        From (H, W, C) and those more tensors to the value and the slope, (H, W, C) of
        float32.
    """
    both = by_several(model, measure)

    def found(picture: NDArray, *more: Any) -> tuple[float, Floats]:
        value, [slope] = both([picture], *more)
        return value, slope

    return found


def by_several(
    model: keras.Model, measure: Callable[..., Any]
) -> Callable[..., tuple[float, list[Floats]]]:
    """Return `of` a measure that depends on more arrays, with its slopes by them, too.

    Parameters
    ----------
    model
        As for `of`.
    measure
        From the model's output or outputs, the other arrays, each one an argument, and
        more tensors if need be, to a tensor without axes.

    Returns
    -------
    callable
        From a list, the picture and the other arrays, and those more tensors to the
        value and the list of the slopes.
    """

    def measured(values: list[Any], learned: Any, others: Any, *more: Any) -> Any:
        batch = keras.ops.expand_dims(values[0], 0)
        made, _ = model.stateless_call(learned, others, batch, training=False)
        return measure(made, *values[1:], *more)

    backward = value_and_gradients(measured, compiled=True)

    def found(arrays: list[NDArray], *more: Any) -> tuple[float, list[Floats]]:
        learned = [variable.value for variable in model.trainable_variables]
        others = [variable.value for variable in model.non_trainable_variables]
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
