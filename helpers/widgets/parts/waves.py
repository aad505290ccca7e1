"""Sounds of one second that explorers are given, or have themselves."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments, sounds
from helpers.datasets.sound_set import SoundSet
from helpers.widgets.parts.named_picture import OWN
from helpers.widgets.parts.traits import to_message

Wave = NDArray[np.float64]

SECONDS = 1.0
MOST_SOUNDS = 20
_FULL = 32768  # of a WAV file of 16 bits
_LASTS = 0.8  # seconds of the sounds that are made here
_PITCH = 110  # hertz of the voice that hums
_RESONANCES = ((300, 2300), (700, 1200))  # hertz, as for "ee" and "ah"


def checked_wave(value: Any) -> Wave:
    """Return a sound of one second: cut at its end, or silence put there.

    Raises
    ------
    ValueError
        For what is no wave of numbers from −1 to 1.

    Examples
    --------
    >>> checked_wave([0.5, -1]).shape
    (8000,)
    """
    wave = _arguments.array(value, "wave", finite=True)
    need = f"Give (samples,), {sounds.RATE:,} of them a second, from -1 to 1"
    if wave.ndim != 1:
        raise _arguments.refusal("wave", f"an array of shape {wave.shape}", need)
    wave = wave.astype(np.float64)
    if np.abs(wave).max() > 1:
        came = f"values from {wave.min():.6g} to {wave.max():.6g}"
        raise _arguments.refusal("wave", came, need)
    return sounds.fitted(wave, SECONDS)


@functools.cache
def made() -> dict[str, Wave]:
    """Return sounds that are made by rule, as a menu has them.

    Examples
    --------
    >>> list(made())
    ['rising chirp', 'falling chirp', 'two tones', 'clicks', 'hum', 'changing hum']
    """
    times = np.arange(round(_LASTS * sounds.RATE)) / sounds.RATE
    along = times / _LASTS
    ends = 0.5 * np.minimum(1, np.minimum(times, _LASTS - times) / 0.04)
    rising = ends * np.sin(2 * np.pi * (300 * times + 1500 * times**2))
    low, high = (sounds.tone(hertz, 0.35, peak=0.5) for hertz in (440, 1760))
    clicks = np.zeros(sounds.RATE)
    clicks[400:7000:800] = 0.8
    begun, ended = (ends * _hum(times, *resonances) for resonances in _RESONANCES)
    given = {
        "rising chirp": rising,
        "falling chirp": rising[::-1],
        "two tones": np.concatenate([low, np.zeros(sounds.RATE // 10), high]),
        "clicks": clicks,
        "hum": begun,
        "changing hum": (1 - along) * begun + along * ended,
    }
    return {name: _kept(wave) for name, wave in given.items()}


def _hum(times: Wave, *resonances: float) -> Wave:
    """Return overtones of a low voice, loud near resonances, at most 1."""
    overtones = _PITCH * np.arange(1, 28)
    away = (overtones - np.array(resonances)[:, np.newaxis]) / 90
    loud = (1 / (1 + away**2)).sum(axis=0)
    wave = loud @ np.sin(2 * np.pi * overtones[:, np.newaxis] * times)
    return np.asarray(sounds.levelled(wave))


def checked_sounds(value: Any) -> dict[str, Wave]:
    """Return the learner's own menu: sounds by their names.

    Parameters
    ----------
    value
        Waves by names, or a set of recordings, of which each class is heard once, its
        first test recording by one speaker after the other.

    Raises
    ------
    ValueError
        For anything else.
    """
    if isinstance(value, SoundSet):
        value = _one_of_each(value)
    need = f"Give waves by their names, 1 to {MOST_SOUNDS}, or a SoundSet"
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MOST_SOUNDS:
        raise _arguments.refusal("sounds", _arguments.shown(value), need)
    for name in value:
        if not isinstance(name, str) or name in ("", OWN):
            raise _arguments.refusal("sounds", f"the name {name!r}", need)
    return {name: _kept(checked_wave(wave)) for name, wave in value.items()}


def _one_of_each(recordings: SoundSet) -> dict[str, NDArray[np.float32]]:
    if recordings.rate != sounds.RATE:
        came = f"recordings of {recordings.rate:,} samples a second"
        raise _arguments.refusal("sounds", came, f"Give some of {sounds.RATE:,}")
    speakers = recordings.speaker_names
    chosen = {}
    for label, title in enumerate(recordings.class_names[:MOST_SOUNDS]):
        wanted = label % len(speakers)
        said = np.flatnonzero(recordings.test_labels == label)
        by = said[recordings.test_speakers[said] == wanted]
        if len(said):
            first = int(by[0] if len(by) else said[0])
            who = speakers[recordings.test_speakers[first]]
            chosen[f"{title} ({who})"] = recordings.test_waves[first]
    return chosen


def _kept(wave: NDArray[Any]) -> Wave:
    """Return a second of a wave as a WAV file of 16 bits keeps it, never written to."""
    whole = np.clip(np.rint(wave * _FULL), -_FULL, _FULL - 1)
    kept = sounds.fitted(whole / _FULL, SECONDS)
    kept.flags.writeable = False
    return kept


def to_messages(waves: Mapping[str, Wave], _: Any) -> dict[str, Any]:
    """Return waves of a menu as the page gets them, 16 bits a sample."""
    return {
        name: to_message(np.rint(wave * _FULL).astype(np.int16), _)
        for name, wave in waves.items()
    }
