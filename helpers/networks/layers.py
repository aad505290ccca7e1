"""Keras layers of our own, on any backend; a saved model finds them by their names.

A layer that does nothing outside training says so with ``only_in_training = True``, and
is left out of what `helpers.networks.export` writes.
"""

from __future__ import annotations

from typing import Any

import keras

from helpers import _arguments
from helpers.networks import _max_pooling


@keras.saving.register_keras_serializable(package="hands_on_convnets")
class PositionBias(keras.layers.Layer):
    """Add a bias that is learned for every place, or for every number.

    A convolution treats all places alike. Where they are not, on the Go board with its
    corners and edges, this says so with one weight a place.

    Parameters
    ----------
    per_channel
        False for one bias a place, shared by its channels; True for one each.
    initializer
        Of the biases, as Keras takes it.
    **settings
        Keras's own: name, dtype …

    Notes
    -----
    What comes has shape (batch, …, channels), all sides known; what goes out has the
    same. The weights have shape (…, 1) or (…, channels).

    Examples
    --------
    >>> layer = PositionBias(initializer="ones")
    >>> y = layer(keras.ops.zeros((1, 2, 2, 3)))
    >>> tuple(y.shape), layer.count_params()
    ((1, 2, 2, 3), 4)
    """

    def __init__(
        self,
        per_channel: bool = False,
        initializer: Any = "zeros",
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.per_channel = per_channel
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the biases, once the sides are known."""
        sides, channels = input_shape[1:-1], input_shape[-1]
        shape = (*sides, channels if self.per_channel else 1)
        if None in shape:
            raise ValueError(
                f"PositionBias: got an input of shape {tuple(input_shape)}. Give one "
                "whose sides are known: every place has a bias of its own."
            )
        self.bias = self.add_weight(
            name="bias", shape=shape, initializer=self.initializer
        )

    def call(self, inputs: Any) -> Any:
        """Add the biases to a batch."""
        return inputs + self.bias

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of what comes, which stays as it is."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to make the layer anew."""
        return {
            **super().get_config(),
            "per_channel": self.per_channel,
            "initializer": keras.initializers.serialize(self.initializer),
        }


@keras.saving.register_keras_serializable(package="hands_on_convnets")
class ResponseNormalization(keras.layers.Layer):
    """Divide each number by a measure of what the maps beside it say at its place.

    AlexNet's local response normalisation (Krizhevsky, Sutskever and Hinton 2012,
    section 3.3): b = a / (bias + alpha · Σ a²)^beta, with the sum over `depth`
    neighbouring channels, fewer at either end. Later networks left it out.

    Parameters
    ----------
    depth
        How many channels are summed: an odd number, since a channel stands in the
        middle of its neighbours.
    bias, alpha, beta
        As above; the paper's are 2, 0.0001 and 0.75.
    **settings
        Keras's own: name, dtype …

    Notes
    -----
    (batch, …, channels) goes in, the same comes out. There are no weights.

    Examples
    --------
    >>> layer = ResponseNormalization(depth=3, bias=1, alpha=1, beta=1)
    >>> y = layer(keras.ops.ones((1, 3)))  # two neighbours, then three, then two
    >>> keras.ops.convert_to_numpy(y).astype(float).round(2).tolist()
    [[0.33, 0.25, 0.33]]
    """

    def __init__(
        self,
        depth: int = 5,
        bias: float = 2.0,
        alpha: float = 1e-4,
        beta: float = 0.75,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.depth = _arguments.whole(depth, "depth")
        if self.depth % 2 == 0:
            raise _arguments.refusal("depth", str(depth), "Give an odd number, like 5")
        self.bias = _arguments.real(bias, "bias", above=0)
        self.alpha = _arguments.real(alpha, "alpha", 0)
        self.beta = _arguments.real(beta, "beta", 0)

    def call(self, inputs: Any) -> Any:
        """Return a batch, each number divided."""
        reach, channels = self.depth // 2, inputs.shape[-1]
        beside = [(0, 0)] * (len(inputs.shape) - 1) + [(reach, reach)]
        squares = keras.ops.pad(keras.ops.square(inputs), beside)
        around = sum(squares[..., k : k + channels] for k in range(self.depth))
        return inputs / keras.ops.power(self.bias + self.alpha * around, self.beta)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of what comes, which stays as it is."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to make the layer anew."""
        names = ("depth", "bias", "alpha", "beta")
        return {**super().get_config(), **{one: getattr(self, one) for one in names}}


@keras.saving.register_keras_serializable(package="hands_on_convnets")
class MaxPooling2D(keras.layers.MaxPooling2D):
    """Keras's layer, with a faster way back on a graphics card under JAX.

    XLA looks for each window's largest number a second time when it goes back, which is
    slow where windows overlap. Here its place is noted on the way forward: AlexNet
    trains a seventh faster (``benchmarks/alexnet.py``). Elsewhere this is Keras's own.

    Parameters
    ----------
    **settings
        Keras's own: pool_size, strides, name …

    Examples
    --------
    >>> layer = MaxPooling2D(3, strides=2)
    >>> tuple(layer(keras.ops.ones((1, 7, 7, 2))).shape)
    (1, 3, 3, 2)
    """

    def call(self, inputs: Any) -> Any:
        """Return the largest number of each window."""
        plain = self.padding == "valid" and self.data_format == "channels_last"
        if plain and _max_pooling.pays():
            return _max_pooling.pooled(inputs, self.pool_size, self.strides)
        return super().call(inputs)
