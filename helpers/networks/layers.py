"""Keras layers of our own, on any backend; a saved model finds them by their names.

A layer that does nothing outside training says so with ``only_in_training = True``, and
is left out of what `helpers.networks.export` writes.
"""

from __future__ import annotations

from typing import Any

import keras


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
