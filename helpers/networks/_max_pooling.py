"""Max pooling in JAX, which notes on its way forward where each maximum stood.

The way back then spreads the gradients of the windows to these places, with nothing but
comparisons of small numbers. XLA's own goes over all windows again, comparing.
"""

from __future__ import annotations

import functools
from itertools import product
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    import jax

Pair = tuple[int, int]


@functools.cache
def pays() -> bool:
    """Say whether this is faster than Keras's: with JAX, on an accelerator."""
    if keras.backend.backend() != "jax":
        return False
    import jax

    return jax.default_backend() != "cpu"


def pooled(x: jax.Array, size: Pair, strides: Pair) -> jax.Array:
    """Return the largest number of each window that lies within the maps.

    Where it is there more than once, the first place, by rows, has the gradient.

    Parameters
    ----------
    x
        (batch, height, width, channels).
    size, strides
        Down and across.
    """
    return _function()(x, tuple(size), tuple(strides), x.shape[1:3])


@functools.cache
def _function() -> Any:
    import jax
    from jax import lax
    from jax import numpy as jnp

    def forward(x: Any, size: Pair, strides: Pair, whole: Pair) -> tuple[Any, Any]:
        rows, columns = (
            range(0, side - window + 1, stride)
            for side, window, stride in zip(whole, size, strides, strict=True)
        )
        slices = [
            x[
                :,
                top : top + rows[-1] + 1 : rows.step,
                left : left + columns[-1] + 1 : columns.step,
            ]
            for top, left in product(*map(range, size))
        ]
        best, place = slices[0], jnp.zeros(slices[0].shape, jnp.uint8)
        for number, one in enumerate(slices[1:], 1):
            place = jnp.where(one > best, jnp.uint8(number), place)
            best = jnp.maximum(one, best)
        return best, place

    def backward(size: Pair, strides: Pair, whole: Pair, place: Any, slope: Any) -> Any:
        total = jnp.float32(0)
        for number, offset in enumerate(product(*map(range, size))):
            around = [(0, 0, 0)]
            for start, side, count, stride in zip(
                offset, whole, place.shape[1:3], strides, strict=True
            ):
                end = start + (count - 1) * stride + 1
                around.append((start, side - end, stride - 1))
            here = jnp.where(place == number, slope, jnp.zeros_like(slope))
            spread = lax.pad(here, jnp.zeros((), slope.dtype), [*around, (0, 0, 0)])
            total = total + spread.astype(jnp.float32)
        return (total.astype(slope.dtype),)

    @functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3))
    def pool(x: Any, size: Pair, strides: Pair, whole: Pair) -> Any:
        return forward(x, size, strides, whole)[0]

    pool.defvjp(forward, backward)
    return pool
