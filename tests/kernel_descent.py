"""How a kernel learns, written as lesson 05 writes it: one picture after the other."""

import numpy as np

from helpers import ops
from helpers.learning import SGD, conv2d_gradients
from helpers.widgets.explorers.kernel_learning import (
    HELD_OUT,
    RUNAWAY,
    SIDE,
    Settings,
    pictures,
)
from helpers.widgets.parts.random import RandomFrom


def cut(picture: np.ndarray, rim: int) -> np.ndarray:
    return picture[rim : SIDE - rim, rim : SIDE - rim]


def lesson(settings: Settings) -> tuple[list, list, np.ndarray]:
    """Pairs of picture and wanted output to learn from, those held out, the start."""
    secret, size = np.array(settings.secret), settings.size
    widest = max(len(secret), size)
    noise, start = (RandomFrom(3 * settings.seed + use) for use in (1, 0))

    def pair(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        wanted = ops.conv2d(cut(picture, (widest - len(secret)) // 2), secret)
        return cut(picture, (widest - size) // 2), wanted

    training = []
    for picture in pictures()[: settings.examples]:
        x, wanted = pair(picture)
        added = [settings.noise * noise.normal() for _ in range(wanted.size)]
        training.append((x, wanted + np.reshape(added, wanted.shape)))
    held_out = [pair(picture) for picture in pictures()[-HELD_OUT:]]
    limit = np.sqrt(6 / (2 * size * size))
    numbers = [limit * (2 * start.uniform() - 1) for _ in range(size * size)]
    return training, held_out, np.reshape(numbers, (size, size))


def mean_loss(kernel: np.ndarray, pairs: list) -> float:
    return float(
        np.mean([(ops.conv2d(x, kernel) - wanted) ** 2 for x, wanted in pairs])
    )


def descent(settings: Settings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernels, training losses and held-out losses, before the first step and after."""
    training, held_out, kernel = lesson(settings)
    order, waiting = RandomFrom(3 * settings.seed + 2), []
    optimizer = SGD(settings.learning_rate)
    kernels = [kernel]
    losses = [(mean_loss(kernel, training), mean_loss(kernel, held_out))]
    for _ in range(settings.steps):
        waiting = waiting or order.shuffled(settings.examples)
        batch, waiting = waiting[: settings.batch], waiting[settings.batch :]
        gradient = np.zeros_like(kernel)
        for x, wanted in (training[n] for n in batch):
            error = ops.conv2d(x, kernel) - wanted
            incoming = 2 * error / (error.size * len(batch))
            gradient += conv2d_gradients(x, kernel, incoming)[1]
        kernel = optimizer.step(kernel, gradient)
        kernels.append(kernel)
        losses.append((mean_loss(kernel, training), mean_loss(kernel, held_out)))
        if not losses[-1][0] <= RUNAWAY * losses[0][0]:
            break
    return np.array(kernels), *np.array(losses).T


def random_settings(rng: np.random.Generator, *, most_steps: int = 12) -> Settings:
    """A small run of any kind."""
    side = rng.choice([1, 3, 5, 7])
    secret = rng.normal(0, rng.choice([0.1, 1, 10]), (side, side))
    examples = int(rng.integers(1, 6))
    return Settings(
        secret=tuple(map(tuple, secret.tolist())),
        size=int(rng.choice([3, 5, 7])),
        examples=examples,
        noise=float(rng.choice([0, rng.uniform(0, 3)])),
        learning_rate=float(10 ** rng.uniform(-3, 0)),
        batch=int(rng.integers(1, examples + 2)),
        steps=int(rng.integers(10, most_steps)),
        seed=int(rng.integers(0, 1_000_000)),
    )
