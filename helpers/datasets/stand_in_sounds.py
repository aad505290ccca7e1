"""Sounds that stand in where spoken digits cannot be had: patterns of tones.

Each is what a voice is in its simplest form: a pitch with its overtones, of which those
near two resonances are loud. A pattern is where the resonances lie at its beginning and
at its end; a voice is its pitch, and by how much all resonances lie higher or lower in
it. Some patterns are others backwards: order in time tells them apart, and little else.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from helpers import sounds

SOURCE = "made by rule, helpers/datasets/stand_in_sounds.py of this course"
LICENCE = "MIT, as the course's code"

# Hertz of the lower and the higher resonance, at the beginning and at the end.
_PATTERNS = (
    ((300, 2300), (300, 2300)),
    ((700, 1200), (700, 1200)),
    ((400, 800), (400, 800)),
    ((550, 1600), (550, 1600)),
    ((300, 2300), (700, 1200)),
    ((700, 1200), (300, 2300)),
    ((400, 800), (700, 1200)),
    ((700, 1200), (400, 800)),
    ((300, 2300), (400, 800)),
    ((400, 800), (300, 2300)),
)

# Hertz of the pitch, the factor of all resonances, and how loud.
_VOICES = (
    (95, 0.94, 0.4),
    (110, 1.0, 0.5),
    (125, 0.9, 0.1),
    (160, 1.08, 0.3),
    (185, 1.14, 0.6),
    (210, 1.1, 0.2),
)

CLASSES = tuple(f"pattern {k}" for k in range(1, len(_PATTERNS) + 1))
SPEAKERS = tuple(f"voice {k}" for k in range(1, len(_VOICES) + 1))

#: Of each voice and pattern, how many, and how many of them are for the test.
TAKES, TEST_TAKES = 15, 5

_WIDTH = 90  # hertz at which a resonance is down to half
_HIGHEST = 3000  # hertz, of the overtones that are made
_FADE = 0.04  # seconds in which a sound comes and goes


def tone_patterns(takes: int = TAKES) -> list[NDArray[np.int16]]:
    """Return sounds, the same in every run: patterns take turns, then voices, takes.

    Parameters
    ----------
    takes
        How many of each voice and pattern.

    Returns
    -------
    list of ndarray of int16, (samples,)
        takes · 6 · 10 of them, 0.3 to 0.6 s each, at `sounds.RATE`.

    Examples
    --------
    >>> len(tone_patterns(2))
    120
    """
    # RandomState's numbers are promised to stay the same; a Generator's are not.
    random = np.random.RandomState(9)
    kinds = product(range(takes), _VOICES, _PATTERNS)
    return [_made(voice, pattern, random) for _, voice, pattern in kinds]


def _made(
    voice: tuple[float, float, float],
    pattern: tuple[tuple[int, int], tuple[int, int]],
    random: np.random.RandomState,
) -> NDArray[np.int16]:
    seconds, pitch_by, tract_by, loud_by = random.uniform(
        (0.3, 0.93, 0.96, 0.7), (0.6, 1.07, 1.04, 1.4)
    )
    pitch, tract, loud = voice
    samples = round(seconds * sounds.RATE)
    along = np.linspace(0, 1, samples)
    frequency = pitch * pitch_by * (1.05 - 0.1 * along)  # it falls, as voices do
    overtones = np.arange(1, int(_HIGHEST / (pitch * pitch_by)) + 1)
    phase = 2 * np.pi * np.cumsum(frequency) / sounds.RATE
    # sin(h · phase) of each overtone h, from powers of one number: no sine for each.
    turns = np.broadcast_to(np.exp(1j * phase), (len(overtones), samples))
    swings = np.cumprod(turns, axis=0).imag
    begun, ended = (
        _strengths(
            overtones * pitch * pitch_by, tract * tract_by * np.array(resonances)
        )
        for resonances in pattern
    )
    wave = (1 - along) * (begun @ swings) + along * (ended @ swings)
    ends = np.minimum(along, 1 - along) * seconds / _FADE
    wave *= np.minimum(ends, 1)
    wave *= loud * loud_by / np.abs(wave).max()
    wave += random.normal(0, 0.002, samples)
    return np.rint(np.clip(wave, -1, 1) * 32767).astype(np.int16)


def _strengths(
    frequencies: NDArray[np.float64], resonances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how loud each frequency is: 1 at a resonance, half of it `_WIDTH` away."""
    away = (frequencies - resonances[:, np.newaxis]) / _WIDTH
    return (1 / (1 + away**2)).sum(axis=0)
