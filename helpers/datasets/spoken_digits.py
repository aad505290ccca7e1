"""The Free Spoken Digit Dataset: six men, who say each digit fifty times."""

import contextlib
import re
import zipfile
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import sounds
from helpers.datasets import decode, fetch, places, registry, stand_in_sounds
from helpers.datasets.sound_set import SoundSet

#: Those who speak; in the order in which their recordings are hashed.
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")

#: Where the recordings lie in the publisher's archive, and in one of them alone.
_RECORDING = re.compile(
    r"(?:free-spoken-digit-dataset-[\w.]+/)?recordings/(\d)_([a-z]+)_(\d+)\.wav"
)
_MOST = 200_000  # bytes of a recording; the longest has 36,568
_SIZE = 16_000_000  # bytes of the archive, about
_LOUDEST = 2**15


class Recordings(NamedTuple):
    """All waves, one behind the other: digits take turns, then speakers, then takes.

    Attributes
    ----------
    lengths
        (N,) of each wave.
    samples
        (sum of lengths,) int16.
    """

    lengths: NDArray[np.uint32]
    samples: NDArray[np.int16]

    @property
    def content(self) -> list[decode.Bytes]:
        """What is hashed, and kept: all numbers, the low byte first."""
        lengths, samples = self.lengths.astype("<u4"), self.samples.astype("<i2")
        return [lengths.view(np.uint8), samples.view(np.uint8)]


def load_spoken_digits() -> SoundSet:
    """Return the Free Spoken Digit Dataset: 3,000 recordings, 2,700 of them to learn.

    Six men say the digits 0 to 9 fifty times each, at 8,000 samples a second, 0.14 to
    2.28 s long: jackson and theo with an American accent, george with a Greek one,
    lucas and yweweler with a German, nicolas with a French. By Zohar Jackson and
    others, CC BY-SA 4.0 (fetched once, 16 MB; decoded it is kept as 21 MB). The archive
    is read, never unpacked onto the disk.

    The official split is used: takes 0 to 4 of each speaker and digit are for the test.
    So all voices are in both parts; `SoundSet.without` leaves one out.

    Where it cannot be had, 900 patterns of tones by six made-up voices stand in, of
    ten kinds; their names, a printed sentence and ``is_fallback`` say so.

    Returns
    -------
    SoundSet
        Waves of float32 from −1 to 1; labels, the digits 0 to 9.

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
    ...     digits = load_spoken_digits()
    >>> digits.rate, len(digits.class_names), len(digits.speaker_names)
    (8000, 10, 6)
    """
    entry = registry.entry("spoken_digits")
    try:
        found = kept(entry) or given(entry) or _fetched(entry)
    except fetch.Missing as missing:
        return _stand_in(entry, missing)
    ends = np.cumsum(found.lengths)[:-1]
    return _parted(
        entry.title,
        np.split(found.samples, ends),
        entry.test // (len(entry.classes) * len(SPEAKERS)),
        entry.classes,
        SPEAKERS,
        source=entry.source,
        licence=entry.licence,
        citation=entry.citation,
    )


# -- where the recordings come from ----------------------------------------------------


def is_here(entry: registry.Entry) -> bool:
    """Say whether the recordings can be read without fetching anything."""
    return kept(entry) is not None or any(map(places.found, entry.archives))


def kept(entry: registry.Entry) -> Recordings | None:
    """Read recordings that were decoded before, or return None.

    As in `whole.kept`, the file holds nothing but the bytes that are hashed.
    """
    count = entry.training + entry.test
    for folder in places.own():
        with contextlib.suppress(OSError):
            data = np.fromfile(folder / _name(entry), np.uint8)
            if decode.content([data]) == entry.content:
                lengths, samples = np.split(data, [4 * count])
                return Recordings(lengths.view("<u4"), samples.view("<i2"))
    return None


def given(entry: registry.Entry) -> Recordings | None:
    """Decode an archive that is on this machine, or return None."""
    for file in entry.archives:
        path = places.found(file)
        if path is not None:
            with contextlib.suppress(decode.Damaged):
                return _keep(entry, _decoded(entry, path))
    return None


def _fetched(entry: registry.Entry) -> Recordings:
    """Fetch the publisher's archive, and decode it.

    GitHub packs it anew whenever it likes, so it has no hash to be known by; what the
    recordings decode to has.

    Raises
    ------
    Missing
        Where it cannot be had.
    """

    def read(path: Path) -> Recordings:
        return _decoded(entry, path)

    found = fetch.contents(entry.address, read, entry.title, "fsdd", size=_SIZE)
    return _keep(entry, found)


def _decoded(entry: registry.Entry, path: Path) -> Recordings:
    """Decode an archive.

    Raises
    ------
    Damaged
        For anything else than one with all recordings of the registry.
    """
    try:
        found = {}
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                match = _RECORDING.fullmatch(info.filename)
                if match and info.file_size <= _MOST:
                    digit, speaker, take = match.groups()
                    found[int(take), speaker, digit] = archive.read(info)
        takes = (entry.training + entry.test) // (len(SPEAKERS) * len(entry.classes))
        order = product(range(takes), SPEAKERS, entry.classes)
        waves = [_samples(found[key]) for key in order]
    except decode.DAMAGE as error:
        raise decode.Damaged(f"its recordings can't be read ({error})") from None
    lengths = np.array([len(wave) for wave in waves], np.uint32)
    read = Recordings(lengths, np.concatenate(waves))
    if decode.content(read.content) != entry.content:
        raise decode.Damaged(f"{entry.title} decodes to other numbers")
    return read


def _samples(data: bytes) -> NDArray[np.int16]:
    """Return the numbers of a recording as they stand in its file."""
    sound = sounds.read(data)
    if sound.rate != sounds.RATE:
        raise decode.Damaged(f"a recording has {sound.rate} samples a second")
    return np.rint(sound.wave * _LOUDEST).astype(np.int16)


def _keep(entry: registry.Entry, found: Recordings) -> Recordings:
    places.keep(_name(entry), (part.data for part in found.content))
    return found


def _name(entry: registry.Entry) -> str:
    return f"decoded/{entry.name}-{entry.content[:16]}.bytes"


# -- what stands in --------------------------------------------------------------------


def _stand_in(entry: registry.Entry, missing: fetch.Missing) -> SoundSet:
    """Return patterns of tones as a set, and say so in one printed sentence."""
    waves = stand_in_sounds.tone_patterns()
    print(
        f"Using {len(waves)} patterns of tones in place of the {entry.title} "
        f"({missing.why}): for the real one, {missing.remedy}."
    )
    return _parted(
        entry.title,
        waves,
        stand_in_sounds.TEST_TAKES,
        stand_in_sounds.CLASSES,
        stand_in_sounds.SPEAKERS,
        source=stand_in_sounds.SOURCE,
        licence=stand_in_sounds.LICENCE,
        is_fallback=True,
    )


def _parted(
    name: str,
    waves: list[NDArray[np.int16]],
    test_takes: int,
    classes: tuple[str, ...],
    speakers: tuple[str, ...],
    **about: Any,
) -> SoundSet:
    """Return a set of waves: classes take turns, then speakers, then takes."""
    shape = (-1, len(speakers), len(classes))
    numbers = np.arange(len(waves)).reshape(shape)
    takes, speaker, label = np.unravel_index(numbers.ravel(), numbers.shape)
    parts: dict[str, Any] = {}
    for part, chosen in (("train", takes >= test_takes), ("test", takes < test_takes)):
        parts[f"{part}_labels"] = label[chosen]
        parts[f"{part}_speakers"] = speaker[chosen]
        parts[f"{part}_takes"] = takes[chosen]
        parts[f"{part}_waves"] = tuple(
            waves[k].astype(np.float32) / _LOUDEST for k in np.flatnonzero(chosen)
        )
    return SoundSet(
        name,
        **parts,
        class_names=classes,
        speaker_names=speakers,
        rate=sounds.RATE,
        **about,
    )
