"""What is done to photos, and sounds, while a network learns: layers for any backend.

They stand in front of a network and compute where it does, so that nothing waits for a
processor. Each photo of a batch is changed in a way of its own, and anew when it comes
again; with a seed the same ways come in the same order. So is each spectrogram.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from helpers import _arguments

#: What `RandomCrop` draws for a photo, where nothing is left to chance: the largest
#: side, the middle both ways, not mirrored.
_MIDDLE = (1.0, 0.5, 0.5, 1.0)


@keras.saving.register_keras_serializable(package="hands_on_convnets")
class RandomCrop(keras.layers.Layer):
    """Cut a square out of each photo, somewhere, and mirror every second one.

    In training each photo of a batch gets a square of its own, and another one when it
    comes again. Otherwise the middle is cut out, and nothing is mirrored; a photo that
    has the size already stays as it is.

    A view is made by two small matrices, one that picks rows and one that picks
    columns: an accelerator multiplies them fast, and crop, mirror and zoom cost the
    same. (Keras's layer of this name cuts a whole batch at one place.)

    Parameters
    ----------
    size
        Pixels a side of what comes out.
    zoom
        (least, most), each above 0 and at most 1: the side of the square as a share of
        the photo's, drawn evenly. It is then scaled to `size`. None cuts `size` pixels
        as they are, as in 2012. Outside training the square is as large as it can be.
    flip
        True to mirror left and right, with a chance of ½.
    seed
        None for one that follows from `helpers.networks.training.seed`.
    **settings
        Keras's own: name, dtype …

    Notes
    -----
    (batch, side, side, channels) goes in, (batch, size, size, channels) comes out.
    Pixels between two others are mixed of them in a straight line.

    Examples
    --------
    >>> photos = keras.ops.ones((2, 6, 6, 3))
    >>> tuple(RandomCrop(4)(photos, training=True).shape)
    (2, 4, 4, 3)
    """

    def __init__(
        self,
        size: int,
        zoom: tuple[float, float] | None = None,
        flip: bool = True,
        seed: int | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.size = _arguments.whole(size, "size")
        self.zoom = None if zoom is None else _least_and_most(zoom, "zoom")
        self.flip = _arguments.flag(flip, "flip")
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Refuse what no such square can be cut from."""
        side = input_shape[1] if len(input_shape) == 4 else None
        if side is None or side != input_shape[2]:
            came = f"an input of shape {tuple(input_shape)}"
            need = "Give photos of (batch, side, side, channels), the side known"
            raise _arguments.refusal("RandomCrop", came, need)
        if self.zoom is None and side < self.size:
            need = f"Give photos of {self.size} pixels a side or more, or a zoom"
            raise _arguments.refusal("RandomCrop", f"photos of {side} pixels", need)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return a view of each photo of a batch."""
        side = inputs.shape[1]
        photos = keras.ops.cast(inputs, self.compute_dtype)
        if not training and side == self.size and self._shares(side)[1] == 1:
            return photos
        chances = (4, keras.ops.shape(inputs)[0], 1)
        if training:
            drawn = keras.random.uniform(chances, dtype="float32", seed=self.generator)
        else:
            middle = keras.ops.reshape(keras.ops.array(_MIDDLE, "float32"), (4, 1, 1))
            drawn = keras.ops.broadcast_to(middle, chances)
        rows, columns = self._picks(side, drawn)
        photos = keras.ops.einsum("bih,bhwc->biwc", rows, photos)
        return keras.ops.einsum("bjw,biwc->bijc", columns, photos)

    def _shares(self, side: int) -> tuple[float, float]:
        """Return the least and the most that a square has of the photo's side."""
        return self.zoom or (self.size / side, self.size / side)

    def _picks(self, side: int, drawn: Any) -> list[Any]:
        """Return a matrix (batch, size, side) for the rows, and one for the columns.

        Each line of it has a one where its pixel lies, or two shares of one where that
        is between two of the photo's.
        """
        ops = keras.ops
        large, top, left, mirror = ops.unstack(drawn, 4, axis=0)
        least, most = self._shares(side)
        window = side * (least + (most - least) * large)
        steps = ops.arange(self.size, dtype="float32")
        turned = ops.where(mirror < 0.5, steps[::-1], steps) if self.flip else steps
        matrices = []
        for share, step in ((top, steps), (left, turned)):
            free = side - window
            if self.zoom is None:  # whole pixels
                start = ops.minimum(ops.floor(share * (free + 1)), free)
                places = start + step
            else:
                places = share * free + (step + 0.5) * window / self.size - 0.5
                places = ops.clip(places, 0, side - 1)
            away = ops.abs(places[..., None] - ops.arange(side, dtype="float32"))
            matrices.append(ops.cast(ops.relu(1 - away), self.compute_dtype))
        return matrices

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of what comes out."""
        return (input_shape[0], self.size, self.size, input_shape[3])

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to make the layer anew."""
        names = ("size", "zoom", "flip", "seed")
        return {**super().get_config(), **{one: getattr(self, one) for one in names}}


@keras.saving.register_keras_serializable(package="hands_on_convnets")
class ColourJitter(keras.layers.Layer):
    """Shift the colours of each photo, along the directions in which colours differ.

    AlexNet's second augmentation (2012, section 4.1): to every pixel of a photo the
    same is added, a random amount of each direction. Most photos differ in brightness,
    then from blue to yellow, so they are shifted that way, too. Nothing is done outside
    training.

    Parameters
    ----------
    directions
        (3, 3): each row a direction, as long as one standard deviation of the colours
        along it, as `helpers.images.principal_colours` finds them.
    strength
        The standard deviation of the amounts; 0.1 in the paper.
    seed
        None for one that follows from `helpers.networks.training.seed`.
    **settings
        Keras's own: name, dtype …

    Notes
    -----
    (batch, …, 3) goes in, the same comes out, not clipped: what leaves 0 to 255 by a
    little does no harm to a network.

    Examples
    --------
    >>> layer = ColourJitter([[9, 9, 9], [5, 0, -5], [1, -2, 1]], seed=1)
    >>> photos = keras.ops.full((2, 4, 4, 3), 100.0)
    >>> bool(keras.ops.all(layer(photos) == photos))
    True
    >>> bool(keras.ops.all(layer(photos, training=True) == photos))
    False
    """

    only_in_training = True

    def __init__(
        self,
        directions: ArrayLike,
        strength: float = 0.1,
        seed: int | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        given = _arguments.array(directions, "directions").astype(np.float32)
        if given.shape != (3, 3):
            need = "Give three directions in red, green and blue: a shape of (3, 3)"
            raise _arguments.refusal("directions", f"shape {given.shape}", need)
        self.directions = given
        self.strength = _arguments.real(strength, "strength", 0)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return a batch, every photo with its own shift."""
        photos = keras.ops.cast(inputs, self.compute_dtype)
        if not training:
            return photos
        amounts = keras.random.normal(
            (keras.ops.shape(inputs)[0], 3),
            stddev=self.strength,
            dtype="float32",
            seed=self.generator,
        )
        shifts = keras.ops.matmul(amounts, keras.ops.array(self.directions))
        shape = (-1, *[1] * (len(inputs.shape) - 2), 3)
        return photos + keras.ops.cast(
            keras.ops.reshape(shifts, shape), self.compute_dtype
        )

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of what comes, which stays as it is."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to make the layer anew."""
        return {
            **super().get_config(),
            "directions": self.directions.tolist(),
            "strength": self.strength,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable(package="hands_on_convnets")
class RoomNoise(keras.layers.Layer):
    """Let a room rustle behind each sound, now louder, now hardly to be heard.

    To the powers of a log-mel spectrogram those of a noise are added, all cells
    different: exponentially distributed, as those of a steady noise are. Its loudness,
    and how much of it is low or high, are drawn for each sound. So a network learns
    what is said in front of a rustling microphone from recordings that have none.
    Nothing is done outside training.

    Parameters
    ----------
    loudness
        The least and the most, as the spectrograms have them.
    scale
        By which the logarithms of the powers were divided, `LogMels.deviation`.
    seed
        None for one that follows from `helpers.networks.training.seed`.
    **settings
        Keras's own: name, dtype …

    Notes
    -----
    (batch, mels, frames, 1) goes in, the same comes out.

    Examples
    --------
    >>> layer = RoomNoise((0, 1), seed=1)
    >>> silence = keras.ops.full((2, 40, 49, 1), -1.0)
    >>> bool(keras.ops.all(layer(silence) == silence))
    True
    >>> bool(keras.ops.all(layer(silence, training=True) > silence))
    True
    """

    only_in_training = True

    def __init__(
        self,
        loudness: tuple[float, float] = (0.0, 1.2),
        scale: float = 6.3,
        seed: int | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        need = "Give the least and the most, like (0, 1.2)"
        if not _arguments.is_sequence(loudness) or len(loudness) != 2:
            came = _arguments.shown(loudness)
            raise _arguments.refusal("loudness", came, need)
        least, most = (_arguments.real(one, "loudness") for one in loudness)
        if least > most:
            came = _arguments.shown(loudness)
            raise _arguments.refusal("loudness", came, need)
        self.loudness = least, most
        self.scale = _arguments.real(scale, "scale", above=0)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return a batch, behind every sound another noise."""
        if not training:
            return inputs
        ops, seed = keras.ops, self.generator
        sounds, mels = ops.shape(inputs)[0], inputs.shape[1]
        one = (sounds, 1, 1, 1)
        loud = self.scale * keras.random.uniform(one, *self.loudness, seed=seed)
        # From low to high it falls, or rises, by about e each way.
        falling = np.linspace(1, -1, mels, dtype=np.float32).reshape(1, mels, 1, 1)
        tilted = keras.random.normal(one, seed=seed) * falling
        # The logarithm of numbers that are exponentially distributed.
        cells = keras.random.uniform(ops.shape(inputs), 0.001, 0.999, seed=seed)
        noise = loud + tilted + ops.log(-ops.log(cells))
        heard = ops.logaddexp(self.scale * ops.cast(inputs, "float32"), noise)
        return ops.cast(heard / self.scale, self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape of what comes, which stays as it is."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to make the layer anew."""
        return {
            **super().get_config(),
            "loudness": self.loudness,
            "scale": self.scale,
            "seed": self.seed,
        }


def _least_and_most(value: Any, name: str) -> tuple[float, float]:
    need = "Give two shares of the side, the least and the most, like (0.7, 1)"
    if not _arguments.is_sequence(value) or len(value) != 2:
        raise _arguments.refusal(name, _arguments.shown(value), need)
    least, most = (_arguments.real(one, name, above=0) for one in value)
    if not least <= most <= 1:
        raise _arguments.refusal(name, _arguments.shown(value), need)
    return least, most
