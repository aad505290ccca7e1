"""How long a training takes on several devices, and what it waits for.

Plain arithmetic of measured speeds: no Keras, no devices are needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from helpers import _arguments

#: Photos of ImageNet's training set of 2012, the epochs and weights of AlexNet.
PHOTOS, EPOCHS, WEIGHTS = 1_281_167, 90, 62_378_344


@dataclass(frozen=True)
class Estimate:
    """How long a training takes, and what it waits for.

    Attributes
    ----------
    devices
        How many.
    compute, traffic, reading
        Hours that each part would take alone: the arithmetic, the exchange of
        gradients, and the photos, read and scaled.
    hours
        Of the training. Photos are read beside it, so they count only where they take
        longer than the rest.
    bottleneck
        What it waits for most: "compute", "traffic" or "reading".
    speed_up
        How many times as fast it is as one device that waits for nothing.

    Examples
    --------
    >>> print(Estimate(8, compute=0.5, traffic=1.0, reading=0.25))
    8 devices: 1.50 hours; compute 0.50, traffic 1.00, reading 0.25: waits for traffic
    """

    devices: int
    compute: float
    traffic: float
    reading: float

    @property
    def hours(self) -> float:
        """Of the training."""
        return max(self.compute + self.traffic, self.reading)

    @property
    def bottleneck(self) -> str:
        """What it waits for most."""
        if self.reading > self.compute + self.traffic:
            return "reading"
        return "traffic" if self.traffic > self.compute else "compute"

    @property
    def speed_up(self) -> float:
        """How many times as fast it is as one device that waits for nothing."""
        return self.compute * self.devices / self.hours

    def __str__(self) -> str:
        parts = ("compute", "traffic", "reading")
        said = ", ".join(f"{part} {getattr(self, part):.2f}" for part in parts)
        count = f"{self.devices} device{'s' * (self.devices != 1)}"
        return f"{count}: {self.hours:.2f} hours; {said}: waits for {self.bottleneck}"


def training_time(
    devices: int,
    *,
    photos_a_second: float,
    decoded_a_second: float,
    cores: int,
    bandwidth: float,
    batch_size: int = 128,
    gradient_bytes: float = 4 * WEIGHTS,
    photos: int = PHOTOS,
    epochs: int = EPOCHS,
) -> Estimate:
    """Return how long a training takes, AlexNet's on ImageNet unless told otherwise.

    Every device has the whole model and a batch of its own. After each step the
    gradients are added up around a ring: each device sends and receives
    2 (n - 1) / n times their bytes. Nothing else is sent meanwhile, and no gradient
    before the way back is done: clever libraries begin earlier, and hide some of it.

    Parameters
    ----------
    devices
        How many, n.
    photos_a_second
        That one device trains on, where it waits for nothing.
    decoded_a_second
        That one core reads: decoded and scaled.
    cores
        That read, of all machines together.
    bandwidth
        Bytes a second of the slowest link of the ring, each way.
    batch_size
        Of each device.
    gradient_bytes
        4 a weight in float32.
    photos, epochs
        How many there are, and how often each is seen.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        Anything that cannot be.

    References
    ----------
    The ring: Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters
    of workstations (2009).

    Examples
    --------
    >>> one, eight = (
    ...     training_time(n, photos_a_second=1000, decoded_a_second=200, cores=2 * n,
    ...                   bandwidth=50e9)
    ...     for n in (1, 8)
    ... )
    >>> one.bottleneck, round(one.hours), round(eight.hours)
    ('reading', 80, 10)
    """
    devices = _arguments.whole(devices, "devices")
    cores = _arguments.whole(cores, "cores")
    batch_size = _arguments.whole(batch_size, "batch_size")
    photos = _arguments.whole(photos, "photos")
    epochs = _arguments.whole(epochs, "epochs")
    trained = _arguments.real(photos_a_second, "photos_a_second", above=0)
    decoded = _arguments.real(decoded_a_second, "decoded_a_second", above=0)
    bandwidth = _arguments.real(bandwidth, "bandwidth", above=0)
    gradient_bytes = _arguments.real(gradient_bytes, "gradient_bytes", 0)
    sent = 2 * (devices - 1) / devices * gradient_bytes
    steps = epochs * math.ceil(photos / (devices * batch_size))
    return Estimate(
        devices,
        compute=epochs * photos / trained / devices / 3600,
        traffic=steps * sent / bandwidth / 3600,
        reading=epochs * photos / decoded / cores / 3600,
    )
