"""What loads of recordings return: waves of any length, who speaks, what is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, sounds
from helpers.datasets.data_set import Labels

Waves = tuple[NDArray[np.float32], ...]

_AT_ONCE = 256  # waves that are transformed at a time: all of them would take room


@dataclass(frozen=True, repr=False, eq=False)
class SoundSet:
    """Recordings with their classes and speakers, to learn from and for the test.

    Attributes
    ----------
    name
        What to call the set; where something stands in, of what it holds the place.
    train_waves, test_waves
        N waves (samples,) float32, from −1 to 1, each of its own length. Fresh arrays
        with every call.
    train_labels, test_labels
        (N,) int64: places in `class_names`.
    train_speakers, test_speakers
        (N,) int64: places in `speaker_names`.
    train_takes, test_takes
        (N,) int64: of one speaker saying one thing the how manieth recording, from 0.
    class_names, speaker_names
        What each label, and each speaker's number, means.
    rate
        Samples a second.
    source, licence, citation
        As in `DataSet`.
    is_fallback
        True where something stands in for the real set.
    """

    name: str
    train_waves: Waves
    train_labels: Labels
    train_speakers: Labels
    train_takes: Labels
    test_waves: Waves
    test_labels: Labels
    test_speakers: Labels
    test_takes: Labels
    class_names: tuple[str, ...]
    speaker_names: tuple[str, ...]
    rate: int
    source: str = ""
    licence: str = ""
    citation: str = ""
    is_fallback: bool = False

    def __repr__(self) -> str:
        name = f"Stand-in for {self.name}" if self.is_fallback else self.name
        sizes = f"{len(self.train_waves):,} + {len(self.test_waves):,} recordings"
        kinds = f"{len(self.class_names)} classes, {len(self.speaker_names)} speakers"
        return f"<{name}: {sizes}, {kinds}>"

    def without(self, speaker: str) -> SoundSet:
        """Return the same recordings split anew: one speaker is for the test alone.

        The official parts share their speakers, so they ask whether a network knows
        another recording of a voice it knows. This asks whether it understands a
        stranger.

        Parameters
        ----------
        speaker
            One of `speaker_names`.

        Returns
        -------
        SoundSet
            All recordings of the others to learn from, all of this one for the test,
            those of the official training part first. `class_names`, `speaker_names`
            and the numbers stay as they are. The waves are the same arrays.

        Raises
        ------
        ValueError
            For another name.

        Examples
        --------
        >>> import contextlib, io
        >>> from helpers.datasets import load_spoken_digits
        >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
        ...     digits = load_spoken_digits()
        >>> stranger = digits.speaker_names[0]
        >>> split = digits.without(stranger)
        >>> {split.speaker_names[k] for k in split.test_speakers} == {stranger}
        True
        """
        speaker = _arguments.word(speaker, "speaker", self.speaker_names)
        number = self.speaker_names.index(speaker)
        waves = self.train_waves + self.test_waves
        labels = np.concatenate([self.train_labels, self.test_labels])
        speakers = np.concatenate([self.train_speakers, self.test_speakers])
        takes = np.concatenate([self.train_takes, self.test_takes])
        parts: dict[str, Any] = {}
        for part, chosen in (
            ("train", np.flatnonzero(speakers != number)),
            ("test", np.flatnonzero(speakers == number)),
        ):
            parts[f"{part}_waves"] = tuple(waves[k] for k in chosen)
            parts[f"{part}_labels"] = labels[chosen]
            parts[f"{part}_speakers"] = speakers[chosen]
            parts[f"{part}_takes"] = takes[chosen]
        name = f"{self.name} without {speaker}"
        return dataclasses.replace(self, name=name, **parts)

    def log_mels(
        self,
        *,
        seconds: float = 1.0,
        level: bool = True,
        mels: int = sounds.MELS,
        window: int = sounds.WINDOW,
        hop: int = sounds.HOP,
    ) -> LogMels:
        """Return the log-mel spectrograms of all recordings, ready for a network.

        Each recording is cut at its end, or silence put there, until all are of one
        length. Mean and deviation are those of the training part, and of nothing else:
        so call this after `without`, not before.

        Parameters
        ----------
        seconds
            The length.
        level
            True makes all recordings equally loud first (`sounds.levelled`): how near
            somebody sat to the microphone says nothing of what was said.
        mels, window, hop
            As for `sounds.log_mel`.

        Returns
        -------
        LogMels

        Raises
        ------
        ValueError
            For settings that make no spectrogram.

        Examples
        --------
        >>> import contextlib, io
        >>> from helpers.datasets import load_spoken_digits
        >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
        ...     digits = load_spoken_digits()
        >>> features = digits.log_mels()
        >>> features.train.shape[1:], features.of(digits.test_waves[0]).shape
        ((40, 49), (40, 49))
        """
        ear = Ear(self.rate, seconds, level, mels, window, hop)
        train, test = ear.hears(self.train_waves), ear.hears(self.test_waves)
        mean = float(train.mean(dtype=np.float64))
        deviation = float(train.std(dtype=np.float64)) or 1.0  # of silence alone
        for part in (train, test):
            part -= mean
            part /= deviation
        return LogMels(train, test, mean, deviation, ear)


@dataclass(frozen=True)
class Ear:
    """How a recording of any length becomes a log-mel spectrogram of one size.

    Attributes
    ----------
    rate
        Samples a second of the recordings.
    seconds, level, mels, window, hop
        As for `SoundSet.log_mels`.

    Examples
    --------
    >>> Ear().hears([sounds.tone(440, 0.3), sounds.tone(500, 2)]).shape
    (2, 40, 49)
    """

    rate: int = sounds.RATE
    seconds: float = 1.0
    level: bool = True
    mels: int = sounds.MELS
    window: int = sounds.WINDOW
    hop: int = sounds.HOP

    def hears(self, waves: Sequence[ArrayLike]) -> NDArray[np.float32]:
        """Return the log-mel spectrograms of recordings.

        Parameters
        ----------
        waves
            N waves (samples,), each of its own length.

        Returns
        -------
        ndarray of float32, (N, mels, frames)

        Raises
        ------
        ValueError
            For settings that make no spectrogram, and for what is no wave.
        """
        level = _arguments.flag(self.level, "level")
        if not len(waves):
            raise _arguments.refusal("waves", "no recordings", "Give at least one")
        made = []
        for start in range(0, len(waves), _AT_ONCE):
            some = waves[start : start + _AT_ONCE]
            if level:
                some = [sounds.levelled(wave) for wave in some]
            fitted = np.stack(
                [sounds.fitted(wave, self.seconds, self.rate) for wave in some]
            )
            made.append(
                sounds.log_mel(
                    fitted.astype(np.float32),
                    self.rate,
                    mels=self.mels,
                    window=self.window,
                    hop=self.hop,
                )
            )
        return np.concatenate(made)


@dataclass(frozen=True, eq=False)
class LogMels:
    """Log-mel spectrograms of a set, scaled by what its training part has.

    Attributes
    ----------
    train, test
        (N, mels, frames) float32; those of training have mean 0 and deviation 1.
    mean, deviation
        Of the training part before it was scaled.
    ear
        How they were made.
    """

    train: NDArray[np.float32]
    test: NDArray[np.float32]
    mean: float
    deviation: float
    ear: Ear

    def __repr__(self) -> str:
        mels, frames = self.train.shape[1:]
        sizes = f"{len(self.train):,} + {len(self.test):,}"
        return f"<{sizes} log-mel spectrograms of {mels} × {frames}>"

    def of(self, wave: ArrayLike) -> NDArray[np.float32]:
        """Return the spectrogram of another recording, made and scaled likewise.

        Parameters
        ----------
        wave
            (samples,), with as many samples a second as those of the set: `sounds.read`
            brings a file to that rate.

        Returns
        -------
        ndarray of float32, (mels, frames)

        Raises
        ------
        ValueError
            For what is no wave.
        """
        return (self.ear.hears([wave])[0] - self.mean) / np.float32(self.deviation)
