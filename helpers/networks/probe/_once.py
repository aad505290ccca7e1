"""What is made of a model once and used often: its parts, slopes, how large it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

import keras

#: What was made of each model, for as long as that lasts, with the output that it had.
_MADE: WeakKeyDictionary[keras.Model, tuple[Any, dict[Hashable, Any]]] = (
    WeakKeyDictionary()
)


def made(model: keras.Model, key: Hashable, make: Callable[[], Any]) -> Any:
    """Return what was made of a model under a key, made now if it was not yet.

    A part of a model shares its layers, and each layer remembers for good that it was
    called once more; a function is compiled at its first call, which takes seconds. So
    both are made once. Where other layers stand at the model's end, all is made anew.

    Parameters
    ----------
    model
        Whose; nothing keeps it from being forgotten.
    key
        What is made, and of which of the model's layers, say.
    make
        Makes it. What it returns may hold the model's layers, not the model itself.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    >>> made(model, "weights", model.count_params), made(model, "weights", lambda: 0)
    (9, 9)
    >>> model.add(keras.layers.Dense(1))
    >>> made(model, "weights", model.count_params)
    13
    """
    output, found = _MADE.get(model, (None, {}))
    if output is not model.outputs[0]:  # it is new, or other layers stand at its end
        found = {}
        _MADE[model] = model.outputs[0], found
    if key not in found:
        found[key] = make()
    return found[key]
