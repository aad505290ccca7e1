"""Spoken digits: the set as it is, what stands in, and all that can go wrong."""

import errno
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from itertools import product
from pathlib import Path

import numpy as np
import pooch
import pytest
from data_server import LASTING, serving
from scipy.io import wavfile
from sklearn.linear_model import RidgeClassifier

from helpers import datasets, sounds
from helpers.datasets import fetch, places, registry, spoken_digits, stand_in_sounds
from helpers.datasets.sound_set import Ear, SoundSet

PARTS = ("train", "test")


def rows(loaded, part):
    """What is known of each recording, as rows of (label, speaker, take)."""
    fields = (
        getattr(loaded, f"{part}_{what}") for what in ("labels", "speakers", "takes")
    )
    return [tuple(map(int, row)) for row in zip(*fields, strict=True)]


@pytest.fixture(scope="module", params=["as it is here", "nothing here"])
def loaded(request, tmp_path_factory):
    """The set as this machine has it, real or not, and as one has that has nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_OFFLINE", "1")
        if request.param == "nothing here":
            patch.delenv("COURSE_DATA", raising=False)
            empty = tmp_path_factory.mktemp("empty")
            patch.setattr(places, "own", lambda: iter([empty]))
        return datasets.load_spoken_digits()


# -- the set ---------------------------------------------------------------------------


def test_every_take_of_all_is_in_one_part(loaded):
    takes = stand_in_sounds.TAKES if loaded.is_fallback else 50
    train, test = rows(loaded, "train"), rows(loaded, "test")
    assert set(test) == set(product(range(10), range(6), range(5)))
    assert set(train) == set(product(range(10), range(6), range(5, takes)))
    assert len(train) + len(test) == 60 * takes


def test_waves_are_waves(loaded):
    longest = 0.7 if loaded.is_fallback else 2.3
    for part in PARTS:
        waves = getattr(loaded, f"{part}_waves")
        assert len(waves) == len(getattr(loaded, f"{part}_labels"))
        for wave in waves:
            assert wave.dtype == np.float32
            assert wave.ndim == 1
            assert 0.1 < len(wave) / loaded.rate < longest
            assert 0.005 < np.abs(wave).max() <= 1
        assert not np.shares_memory(waves[0], waves[1])
        assert waves[0].flags.writeable
    assert loaded.rate == 8000


def test_it_says_what_it_is(loaded):
    start = "Stand-in for " if loaded.is_fallback else ""
    sizes = "600 + 300" if loaded.is_fallback else "2,700 + 300"
    assert repr(loaded) == (
        f"<{start}Free Spoken Digit Dataset: {sizes} recordings, 10 classes, "
        "6 speakers>"
    )
    assert all([loaded.source, loaded.licence])
    assert (loaded.licence == registry.entry("spoken_digits").licence) is not (
        loaded.is_fallback
    )


def test_recordings_are_those_of_their_files(loaded):
    """Digit, speaker and take, against the archive that was given."""
    path = Path(os.environ.get("COURSE_DATA", "none")) / "fsdd" / "fsdd_recordings.zip"
    if loaded.is_fallback or not path.is_file():
        return
    with zipfile.ZipFile(path) as archive:
        for part, number in (("test", 0), ("test", 277), ("train", 5), ("train", 2699)):
            digit, speaker, take = rows(loaded, part)[number]
            name = f"recordings/{digit}_{loaded.speaker_names[speaker]}_{take}.wav"
            _, numbers = wavfile.read(io.BytesIO(archive.read(name)))
            wave = getattr(loaded, f"{part}_waves")[number]
            np.testing.assert_array_equal(wave * 2**15, numbers)


def test_labels_go_with_their_sounds(loaded):
    """A linear classifier tells them apart, and understands a stranger less well."""

    def right(split):
        features = split.log_mels()
        train, test = (
            part[:, :, ::4].reshape(len(part), -1)
            for part in (features.train, features.test)
        )
        known = RidgeClassifier(300).fit(train, split.train_labels)
        return known.score(test, split.test_labels)

    everyone, stranger = right(loaded), right(loaded.without(loaded.speaker_names[2]))
    assert everyone > 0.85
    assert 0.25 < stranger < everyone


# -- a speaker left out ----------------------------------------------------------------


def test_a_speaker_is_left_out(loaded):
    name = loaded.speaker_names[4]
    split = loaded.without(name)
    assert set(split.test_speakers) == {4}
    assert set(split.train_speakers) == {0, 1, 2, 3, 5}
    everyone = sorted(rows(loaded, "train") + rows(loaded, "test"))
    assert sorted(rows(split, "train") + rows(split, "test")) == everyone
    assert len(split.test_waves) == len(everyone) // 6
    by_row = {
        row: wave
        for part in PARTS
        for row, wave in zip(
            rows(loaded, part), getattr(loaded, f"{part}_waves"), strict=True
        )
    }
    for part in PARTS:
        waves = getattr(split, f"{part}_waves")
        for row, wave in zip(rows(split, part), waves, strict=True):
            assert wave is by_row[row]
    assert split.name == f"{loaded.name} without {name}"
    assert split.class_names == loaded.class_names
    assert split.is_fallback == loaded.is_fallback


def test_speakers_that_are_not_there(loaded):
    name = loaded.speaker_names[0]
    with pytest.raises(ValueError, match=f'^speaker: .*Did you mean "{name}"'):
        loaded.without(name.upper())
    with pytest.raises(ValueError, match=r"^speaker: got 0\."):
        loaded.without(0)


# -- features --------------------------------------------------------------------------


def small(seed=0, train=30, test=10):
    """A set of noises, of different lengths and loudness."""
    rng = np.random.default_rng(seed)

    def part(name, count):
        waves = [
            (rng.normal(size=rng.integers(2000, 9000)) * rng.uniform(0.01, 0.1))
            .clip(-1, 1)
            .astype(np.float32)
            for _ in range(count)
        ]
        numbers = np.arange(count)
        return {
            f"{name}_waves": tuple(waves),
            f"{name}_labels": numbers % 2,
            f"{name}_speakers": numbers % 5,
            f"{name}_takes": numbers // 10,
        }

    return SoundSet(
        "Noises",
        **part("train", train),
        **part("test", test),
        class_names=("one", "two"),
        speaker_names=tuple("abcde"),
        rate=8000,
    )


def test_features_are_scaled_by_the_training_part_alone():
    noises = small()
    features = noises.log_mels()
    assert features.train.shape == (30, 40, 49)
    assert features.test.shape == (10, 40, 49)
    assert features.train.dtype == features.test.dtype == np.float32
    assert abs(features.train.mean()) < 1e-4
    assert features.train.std() == pytest.approx(1, abs=1e-4)
    raw = features.ear.hears(noises.train_waves)
    assert features.mean == pytest.approx(raw.mean(), abs=1e-4)
    assert features.deviation == pytest.approx(raw.std(), abs=1e-4)
    louder = small(test=3).log_mels()
    assert (louder.mean, louder.deviation) == (features.mean, features.deviation)
    left_out = noises.without("b").log_mels()
    others = np.concatenate([noises.train_speakers, noises.test_speakers]) != 1
    waves = noises.train_waves + noises.test_waves
    raw = Ear().hears([waves[k] for k in np.flatnonzero(others)])
    assert left_out.mean == pytest.approx(raw.mean(), abs=1e-4)


def test_features_of_one_more_are_made_likewise():
    noises = small()
    for settings in ({}, {"level": False, "seconds": 0.5, "mels": 20, "hop": 80}):
        features = noises.log_mels(**settings)
        for wave, wanted in zip(noises.test_waves, features.test, strict=True):
            np.testing.assert_allclose(features.of(wave), wanted, atol=1e-4)


def test_features_are_log_mels_of_fitted_waves():
    noises = small(train=300)
    features = noises.log_mels(level=False, seconds=0.8, mels=30, window=200, hop=100)
    assert features.train.shape == (300, 30, 63)
    wave = sounds.fitted(noises.train_waves[299], 0.8)
    wanted = sounds.log_mel(wave, mels=30, window=200, hop=100)
    ours = features.train[299] * features.deviation + features.mean
    np.testing.assert_allclose(ours, wanted, atol=1e-4)
    assert repr(features) == "<300 + 10 log-mel spectrograms of 30 × 63>"


def test_how_loud_somebody_spoke_makes_no_difference():
    wave = small().test_waves[0]
    ear = Ear()
    np.testing.assert_allclose(ear.hears([wave]), ear.hears([wave / 5]), atol=1e-4)
    loud = Ear(level=False).hears([wave, wave / 5])
    assert np.abs(loud[0] - loud[1]).max() > 1


def test_silence_alone_is_no_reason_to_stop():
    noises = small(train=2, test=1)
    silent = tuple(np.zeros(900, np.float32) for _ in range(2))
    object.__setattr__(noises, "train_waves", silent)
    features = noises.log_mels()
    assert not features.train.any()
    assert np.isfinite(features.test).all()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"seconds": 0.01}, "^wave: got 80 samples"),
        ({"level": 1}, "^level: got 1"),
        ({"mels": 0}, "^count: got 0"),
        ({"hop": 1.5}, "^hop: got 1.5"),
    ],
)
def test_settings_that_will_not_do(settings, said):
    with pytest.raises(ValueError, match=said):
        small().log_mels(**settings)


def test_nothing_cannot_be_heard():
    with pytest.raises(ValueError, match=r"^waves: got no recordings\. Give at least"):
        Ear().hears([])


# -- what stands in --------------------------------------------------------------------


def test_patterns_say_so_in_one_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(places, "own", lambda: iter([tmp_path]))
    made = datasets.load_spoken_digits()
    assert capsys.readouterr().out == (
        "Using 900 patterns of tones in place of the Free Spoken Digit Dataset "
        "(COURSE_OFFLINE is set): for the real one, unset it, or set COURSE_DATA to a "
        "folder with fsdd/ in it.\n"
    )
    assert list(tmp_path.iterdir()) == []
    assert made.class_names == tuple(f"pattern {k}" for k in range(1, 11))
    assert made.speaker_names == tuple(f"voice {k}" for k in range(1, 7))
    assert "made by rule" in made.source
    assert "CC BY" not in made.licence


def test_patterns_are_the_same_in_every_process():
    code = (
        "import hashlib\n"
        "from helpers.datasets import stand_in_sounds\n"
        "waves = stand_in_sounds.tone_patterns(2)\n"
        "print(hashlib.sha256(b''.join(w.tobytes() for w in waves)).hexdigest())"
    )
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    waves = stand_in_sounds.tone_patterns(3)[:120]  # more of them change none
    here = hashlib.sha256(b"".join(wave.tobytes() for wave in waves)).hexdigest()
    assert said.strip() == here


def test_some_patterns_are_others_backwards():
    first, last = zip(*stand_in_sounds._PATTERNS, strict=True)
    pairs = set(zip(first, last, strict=True))
    moving = {pair for pair in pairs if pair[0] != pair[1]}
    assert len(moving) == 6
    assert {(end, start) for start, end in moving} == moving


# -- from the server to the waves ------------------------------------------------------

RNG = np.random.default_rng(4)
TAKES = 2
WAVES = {
    (take, speaker, digit): RNG.integers(-(2**15), 2**15, RNG.integers(40, 90)).astype(
        np.int16
    )
    for take, speaker, digit in product(
        range(TAKES), spoken_digits.SPEAKERS, "0123456789"
    )
}
TOP = "free-spoken-digit-dataset-1.0.10/"


def wav(numbers, rate=8000):
    file = io.BytesIO()
    wavfile.write(file, rate, numbers)
    return file.getvalue()


def members(top=""):
    return {
        f"{top}recordings/{digit}_{speaker}_{take}.wav": wav(wave)
        for (take, speaker, digit), wave in reversed(WAVES.items())
    }


def zipped(files, kind=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


GIVEN, PUBLISHED = zipped(members()), zipped(members(TOP) | {f"{TOP}README.md": b"hi"})
CONTENT = hashlib.sha256(
    np.array([len(wave) for wave in WAVES.values()], "<u4").tobytes()
    + b"".join(wave.astype("<i2").tobytes() for wave in WAVES.values())
).hexdigest()


class Course:
    """A clone of the course that knows spoken digits alone."""

    def __init__(self, folder, address, given=GIVEN):
        self.data, self.cache = folder / "data", folder / "data" / "cache"
        self.user, self.given = folder / "user", folder / "given"
        self.data.mkdir()
        self.register(address, given)

    def register(self, address, given=GIVEN):
        text = '[spoken_digits]\ntitle = "Free Spoken Digit Dataset"\n'
        text += 'source = "a test"\nlicence = "CC0"\ncitation = "none"\n'
        text += (
            f"classes = {json.dumps(list('0123456789'))}\ntraining = 60\ntest = 60\n"
        )
        text += f'content = "{CONTENT}"\naddress = "{address}/v1.zip"\n'
        text += '[[spoken_digits.archives]]\npath = "fsdd/fsdd_recordings.zip"\n'
        text += f"size = {len(given)}\n"
        text += f'sha256 = "{hashlib.sha256(given).hexdigest()}"\n'
        (self.data / "registry.toml").write_text(text, encoding="utf-8")
        registry.entries.cache_clear()

    def give(self, data=GIVEN):
        path = self.given / "fsdd" / "fsdd_recordings.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def files(self):
        found = (p for f in (self.cache, self.user) for p in f.rglob("*"))
        return [path for path in found if path.is_file()]


@pytest.fixture
def server():
    with serving() as server:
        server.files["v1.zip"] = PUBLISHED
        yield server


@pytest.fixture
def course(server, tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "given"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch, "TIMEOUT", (60, 60))
    monkeypatch.setattr(pooch.core.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(stand_in_sounds, "tone_patterns", tone_patterns)
    monkeypatch.setattr(registry, "CLONE", tmp_path / "data")
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "user" / name)
    yield Course(tmp_path, server.address)
    registry.entries.cache_clear()


def tone_patterns(_=6, real=stand_in_sounds.tone_patterns):
    """Fewer of them: there are many loads here that fail."""
    return real(1) * 6


def is_real(loaded):
    """Say whether these are the recordings of this course, number by number."""
    if loaded.is_fallback:
        return False
    assert (len(loaded.train_waves), len(loaded.test_waves)) == (60, 60)
    for part, first in (("test", 0), ("train", 1)):
        waves = getattr(loaded, f"{part}_waves")
        for (digit, speaker, take), wave in zip(rows(loaded, part), waves, strict=True):
            key = take, spoken_digits.SPEAKERS[speaker], str(digit)
            assert take == first
            np.testing.assert_array_equal(wave * 2**15, WAVES[key])
    return True


def test_they_are_fetched_once_and_kept_decoded(course, server, capsys):
    assert is_real(datasets.load_spoken_digits())
    [kept] = course.files()
    assert kept.parent == course.cache / "decoded"
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == CONTENT
    assert is_real(datasets.load_spoken_digits())
    assert server.asked == [("/v1.zip", None)]
    assert capsys.readouterr().out == ""


def test_an_archive_that_is_given_needs_no_network(course, server, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    course.give()
    before = sorted(course.given.rglob("*"))
    assert is_real(datasets.load_spoken_digits())
    assert sorted(course.given.rglob("*")) == before
    assert server.asked == []
    assert len(course.files()) == 1


@pytest.mark.parametrize("how", ["truncated", "empty", "one bit", "longer"])
def test_a_damaged_archive_that_was_given_is_left_alone(course, server, how):
    data = bytearray(GIVEN)
    data[len(data) // 2] ^= how == "one bit"
    size = {"truncated": len(data) // 2, "empty": 0}.get(how, len(data))
    course.give(data[:size] + b"more" * (how == "longer"))
    before = [path.read_bytes() for path in course.given.rglob("*.zip")]
    assert is_real(datasets.load_spoken_digits())
    assert len(server.asked) == 1
    assert [path.read_bytes() for path in course.given.rglob("*.zip")] == before


def test_missing_says_what_would_be_fetched(course, server):
    assert datasets.missing() == ["Free Spoken Digit Dataset"]
    course.give()
    assert datasets.missing() == []
    assert server.asked == []
    datasets.load_spoken_digits()
    course.give(b"something else")
    assert datasets.missing() == []  # decoded, they are here
    [kept] = course.files()
    kept.write_bytes(kept.read_bytes()[:-1])
    assert datasets.missing() == ["Free Spoken Digit Dataset"]


@pytest.mark.parametrize("fault", ["cut", "503", "429", "page", "other", "hang up"])
def test_a_fault_that_passes_is_tried_again(course, server, fault):
    server.faults.extend([fault, fault])
    assert is_real(datasets.load_spoken_digits())
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_lasts_is_survived(course, server, fault, capsys):
    server.always = fault
    loaded = datasets.load_spoken_digits()
    assert loaded.is_fallback
    assert f"Dataset ({LASTING[fault]}): for the real one" in capsys.readouterr().out
    assert len(server.asked) == (1 if fault == "404" else 3)
    assert course.files() == []


def changed(name, data):
    files = members(TOP)
    files[f"{TOP}recordings/{name}.wav"] = data
    return files


def without(name):
    files = members(TOP)
    del files[f"{TOP}recordings/{name}.wav"]
    return files


FIRST = WAVES[0, "george", "0"]
WRONG = {
    "one recording less": without("9_theo_1"),
    "another number": changed("0_george_0", wav(FIRST + np.int16(1))),
    "one sample less": changed("0_george_0", wav(FIRST[:-1])),
    "another rate": changed("0_george_0", wav(FIRST, 16_000)),
    "no sound": changed("0_george_0", b"a text"),
    "a recording of 1 MB": changed("0_george_0", wav(np.zeros(500_000, np.int16))),
    "two speakers changed": members(TOP)
    | {
        f"{TOP}recordings/3_theo_0.wav": wav(WAVES[0, "lucas", "3"]),
        f"{TOP}recordings/3_lucas_0.wav": wav(WAVES[0, "theo", "3"]),
    },
    "a folder of another name": members("../recordings/"),
}


@pytest.mark.parametrize("what", WRONG)
def test_another_archive_is_not_used(course, server, what, capsys):
    server.files["v1.zip"] = zipped(WRONG[what])
    assert datasets.load_spoken_digits().is_fallback
    why = "what the server sent is damaged or another file"
    assert why in capsys.readouterr().out
    assert course.files() == []


@pytest.mark.parametrize("what", WRONG)
def test_another_archive_that_is_given_is_not_used(course, server, what):
    """Even where it has the hash that is known; then the publisher's is fetched."""
    data = zipped(WRONG[what])
    course.register(server.address, data)
    course.give(data)
    assert is_real(datasets.load_spoken_digits())
    assert len(server.asked) == 1


def test_what_else_is_in_an_archive_is_passed_over(course, server, tmp_path):
    more = {
        f"{TOP}recordings/0_george_99.wav": b"one more",
        f"{TOP}recordings/": b"",
        f"{TOP}acquire_data/say.py": b"print('hi')",
        "../recordings/0_george_0.wav": b"outside",
        "/recordings/0_george_0.wav": b"at the top",
        "recordings/../0_george_0.wav": b"above",
        "../../escaped.txt": b"outside",
    }
    server.files["v1.zip"] = zipped(more | members(TOP) | more, zipfile.ZIP_STORED)
    before = set(tmp_path.rglob("*"))
    assert is_real(datasets.load_spoken_digits())
    new = set(tmp_path.rglob("*")) - before
    assert {path.suffix for path in new if path.is_file()} == {".bytes"}


@pytest.mark.parametrize("how", ["truncated", "empty", "one bit", "longer", "a folder"])
def test_what_was_kept_and_changed_is_not_used(course, server, how):
    datasets.load_spoken_digits()
    [kept] = course.files()
    data = bytearray(kept.read_bytes())
    if how == "a folder":
        kept.unlink()
        kept.mkdir()
    else:
        data[len(data) // 2] ^= how == "one bit"
        size = {"truncated": len(data) // 2, "empty": 0}.get(how, len(data))
        kept.write_bytes(data[:size] + b"more" * (how == "longer"))
    assert is_real(datasets.load_spoken_digits())
    assert len(server.asked) == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_no_disk_is_needed_to_keep_them(course, monkeypatch, number):
    def refuses(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(places, "_write", refuses)
    assert is_real(datasets.load_spoken_digits())
    assert course.files() == []


def test_a_disk_that_is_full_while_they_come(course, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(fetch._Downloader, "_write", full)
    assert datasets.load_spoken_digits().is_fallback
    assert "(the disk is full): for the real one, free 16 MB" in capsys.readouterr().out


def test_no_network(course, monkeypatch, capsys):
    course.register("http://127.0.0.1:9")
    assert datasets.load_spoken_digits().is_fallback
    assert "(no network): for the real one, go online" in capsys.readouterr().out
