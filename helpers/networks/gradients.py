"""Gradients on any backend: Keras itself has none that is the same on all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments

_BACKENDS = ("tensorflow", "jax")


def value_and_gradients(
    function: Callable[..., Any], *, compiled: bool = False
) -> Callable[..., tuple[Any, list[Any]]]:
    """Return a function that also says how its value changes with its arrays.

    All that the course does backward goes through here. On JAX the new function is
    compiled at its first call, which takes seconds: make it once and call it often.

    Parameters
    ----------
    function
        Takes a list of tensors, and more arguments if need be, and returns one number,
        a tensor without axes. It is written with `keras.ops` and layers, changes
        nothing, and calls a model by ``stateless_call`` where its weights are in the
        list.
    compiled
        True to have it compiled on TensorFlow, too (`tf.function`), at its first call
        and at the first with arrays of another shape. That pays for large networks and
        many calls. The other arguments are arrays or tensors then, or lists of them.

    Returns
    -------
    callable
        Takes a list of arrays or tensors (whole numbers are taken for float32) and the
        other arguments. It returns the value and a list of gradients, one for each of
        the arrays and of its shape; zeros where nothing depends on it.

    Raises
    ------
    ValueError
        Keras runs on another backend than TensorFlow or JAX.

    Examples
    --------
    >>> def squares(values):
    ...     return keras.ops.sum(values[0] ** 2)
    >>> value, [gradient] = value_and_gradients(squares)([[1.0, -3.0]])
    >>> float(value), keras.ops.convert_to_numpy(gradient).tolist()
    (10.0, [2.0, -6.0])
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        need = 'Set KERAS_BACKEND to "tensorflow" or "jax" before Keras is imported'
        raise _arguments.refusal("backend", _arguments.shown(backend), need)
    compiled = _arguments.flag(compiled, "compiled")
    backward = (
        _on_jax(function) if backend == "jax" else _on_tensorflow(function, compiled)
    )

    def both(values: Sequence[Any], *others: Any) -> tuple[Any, list[Any]]:
        return backward([_real(value) for value in values], *others)

    return both


def _on_jax(function: Callable[..., Any]) -> Callable[..., tuple[Any, list[Any]]]:
    import jax

    return jax.jit(jax.value_and_grad(function))


def _on_tensorflow(
    function: Callable[..., Any], compiled: bool
) -> Callable[..., tuple[Any, list[Any]]]:
    import tensorflow as tf

    def backward(tensors: list[Any], *others: Any) -> tuple[Any, list[Any]]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(tensors)
            value = function(tensors, *others)
        found = tape.gradient(value, tensors, unconnected_gradients="zero")
        # An embedding's gradient comes with the rows alone that were looked up.
        return value, [tf.convert_to_tensor(one) for one in found]

    if not compiled:
        return backward
    # At the second shape it is compiled for all, in place of once for each. Python's
    # branches stay Python's, as on JAX: what is written here has none to translate.
    quick = tf.function(backward, reduce_retracing=True, autograph=False)
    # Several short ones in a row are no fault; TensorFlow would print a warning.
    quick._omit_frequent_tracing_warning = True
    return quick


def gradients(
    model: keras.Model,
    loss: Any,
    x: ArrayLike,
    y: ArrayLike,
    *,
    training: bool = False,
) -> list[NDArray]:
    """Return how the loss changes with each of a model's weights.

    Nothing about the model is changed, moving averages included.

    Parameters
    ----------
    model
        Built; it need not be compiled.
    loss
        Takes (y, what the model makes of x): one of `keras.losses`, its name, or a
        function of your own. Where it gives a number a sample, their mean counts. What
        layers add to the loss by themselves (``kernel_regularizer``) does not.
    x, y
        A batch: (N, …) and (N, …).
    training
        True to compute as while training: with dropout, and with the batch's own mean
        and variance where there is batch normalisation.

    Returns
    -------
    list of arrays
        In the order of ``model.trainable_variables``, of their shapes.

    Examples
    --------
    The square of 3w - 1 has the slope 2 (3w - 1) 3, for w = 2: 30.

    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.set_weights([np.array([[2.0]]), np.array([0.0])])
    >>> [float(g.squeeze()) for g in gradients(model, "mse", [[3.0]], [[1.0]])]
    [30.0, 10.0]
    """
    return gradient_function(model, loss, training=training)(x, y)


def gradient_function(
    model: keras.Model, loss: Any, *, training: bool = False
) -> Callable[[ArrayLike, ArrayLike], list[NDArray]]:
    """Return `gradients` of a model and a loss, to be called with many batches.

    Parameters
    ----------
    model, loss, training
        As `gradients` takes them.

    Returns
    -------
    callable
        Takes x and y; the gradients are those at the weights that the model has then.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> slopes = gradient_function(model, "mse")
    >>> for weight in (2.0, 3.0):
    ...     model.set_weights([np.array([[weight]]), np.array([0.0])])
    ...     print(slopes([[3.0]], [[1.0]])[0].item())
    30.0
    48.0
    """
    measure = keras.losses.get(loss)

    @value_and_gradients
    def backward(weights: list[Any], others: list[Any], x: Any, y: Any) -> Any:
        made, _ = model.stateless_call(weights, others, x, training=training)
        return keras.ops.mean(measure(y, made))

    def found(x: ArrayLike, y: ArrayLike) -> list[NDArray]:
        weights = [variable.value for variable in model.trainable_variables]
        others = [variable.value for variable in model.non_trainable_variables]
        batch = _as_keras_takes_it(x), _as_keras_takes_it(y)
        _, made = backward(weights, others, *batch)
        return [np.asarray(keras.ops.convert_to_numpy(one)) for one in made]

    return found


def _real(value: Any) -> Any:
    tensor = keras.ops.convert_to_tensor(value)
    if keras.backend.is_float_dtype(keras.backend.standardize_dtype(tensor.dtype)):
        return tensor
    return keras.ops.cast(tensor, "float32")


def _as_keras_takes_it(value: Any) -> Any:
    """Return a batch: NumPy's float64 becomes the type that models compute in."""
    tensor = keras.ops.convert_to_tensor(value)
    if keras.backend.standardize_dtype(tensor.dtype) == "float64":
        return keras.ops.cast(tensor, keras.config.floatx())
    return tensor
