"""What a picture is painted in: pixels, or frequencies and colours of photographs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helpers.networks.probe import _slopes, priors

Floats = NDArray[np.float32]


class Pixels:
    """A picture as it is: each pixel moves by itself, from 0 to 255.

    Parameters
    ----------
    picture
        (H, W, C) to begin with.
    """

    def __init__(self, picture: Floats) -> None:
        self.picture = picture

    def move(self, slope: NDArray, rate: float) -> None:
        """Go up, `rate` gray levels where the slope is 1."""
        self.picture = _clipped(self.picture + rate * slope)

    def blur(self, sigma: float) -> None:
        """Smooth it."""
        self.picture = _clipped(priors.blurred(self.picture, sigma))


class Frequencies:
    """A picture as a sum of waves, slow ones stronger, in the colours of photographs.

    Chris Olah and others, Feature visualization, Distill 2017
    (doi.org/10.23915/distill.00007). The picture is ``255 · sigmoid(z)``; z is white
    noise that went through a filter, `priors.falling`, and whose channels were mixed,
    `priors.colours`. The noise is what moves. Its slope takes the same way backward:
    since the filter is symmetric, that is through the filter once more. So slow waves
    grow more, and neighbours and channels move together as they do in photographs.
    (They ascend in the coefficients of the Fourier transform. The transform only turns
    the space, so that the steepest way up is the same as that in the noise.)

    Parameters
    ----------
    picture
        (H, W, C) to begin with; pure black and white become a little less so.
    """

    def __init__(self, picture: Floats) -> None:
        height, width, channels = picture.shape
        self.strength = priors.falling((height, width))
        self.colours = priors.colours() if channels == 3 else np.eye(channels)
        share = np.clip(picture / 255.0, 0.01, 0.99)
        self._take(np.log(share / (1 - share)))

    def move(self, slope: NDArray, rate: float) -> None:
        """Go up; a mid gray changes by `rate` gray levels, root mean square."""
        share = self.picture / 255.0
        inner = slope * share * (1 - share)  # by z, but for a factor
        noise = self._filtered(inner @ self.colours.T)
        change = self._filtered(noise) @ self.colours
        # The sigmoid is steepest in the middle: 255 / 4 gray levels for 1.
        self._take(self.z + rate * 4 / 255 * _slopes.normalised(change))

    def blur(self, sigma: float) -> None:
        """Smooth it."""
        self._take(priors.blurred(self.z, sigma))

    def _take(self, z: NDArray) -> None:
        self.z = z
        self.picture = (255 / (1 + np.exp(-z))).astype(np.float32)

    def _filtered(self, channels: NDArray) -> NDArray:
        waves = np.fft.rfft2(channels, axes=(0, 1))
        waves *= self.strength[..., np.newaxis]
        return np.fft.irfft2(waves, channels.shape[:2], axes=(0, 1))


def _clipped(picture: NDArray) -> Floats:
    return np.clip(picture, 0, 255).astype(np.float32)
