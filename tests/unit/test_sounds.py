"""sounds.py against SciPy and sums written out; WAV files of every kind and fault."""

import io
import struct
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from scipy.io import wavfile

from helpers import sounds

RNG = np.random.default_rng(5)
NOISE = RNG.normal(size=2000) * 0.2


# -- waves -----------------------------------------------------------------------------


def test_a_tone_swings_as_often_as_it_says():
    wave = sounds.tone(300, seconds=2, rate=6000, peak=0.5)
    assert wave.dtype == np.float32
    assert wave.shape == (12_000,)
    assert np.abs(wave).max() == pytest.approx(0.5)
    upwards = (wave[:-1] < 0) & (wave[1:] >= 0)
    assert upwards.sum() == pytest.approx(600, abs=1)


def test_fitting_cuts_at_the_end_or_adds_silence_there():
    wave = NOISE.astype(np.float32)
    longer, shorter = sounds.fitted(wave), sounds.fitted(wave, 0.1)
    assert longer.dtype == shorter.dtype == np.float32
    np.testing.assert_array_equal(longer[:2000], wave)
    assert longer.shape == (8000,)
    assert not longer[2000:].any()
    np.testing.assert_array_equal(shorter, wave[:800])
    assert not np.shares_memory(shorter, wave)


def test_levels_are_made_equal():
    quiet, loud = sounds.levelled(NOISE / 50, 0.5), sounds.levelled(NOISE, 0.5)
    np.testing.assert_allclose(quiet, loud, rtol=1e-12)
    assert np.abs(loud).max() == pytest.approx(0.5)
    silence = np.zeros(9, np.float32)
    np.testing.assert_array_equal(sounds.levelled(silence), silence)


# -- frequencies -----------------------------------------------------------------------


@pytest.mark.parametrize(("window", "hop"), [(256, 160), (32, 7), (31, 40), (2, 1)])
def test_a_spectrogram_is_the_sum_written_out(window, hop):
    ours = sounds.spectrogram(NOISE[:600], window=window, hop=hop)
    n = np.arange(window)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(window // 2 + 1), n) / window)
    for t in range(ours.shape[1]):
        stretch = NOISE[t * hop : t * hop + window] * np.sin(np.pi * n / window) ** 2
        np.testing.assert_allclose(ours[:, t], np.abs(waves @ stretch) ** 2, atol=1e-9)
    assert ours.shape == (window // 2 + 1, (600 - window) // hop + 1)


@given(data=st.data())
def test_a_spectrogram_is_scipys(data):
    window = data.draw(st.integers(2, 400), "window")
    hop = data.draw(st.integers(1, window), "hop")
    wave = NOISE[: data.draw(st.integers(400, 2000), "samples")]
    _, _, theirs = signal.stft(
        wave, 1, "hann", window, window - hop, boundary=None, padded=False
    )
    theirs = theirs * signal.get_window("hann", window).sum()  # it divides by that
    ours = sounds.spectrogram(wave, window=window, hop=hop)
    np.testing.assert_allclose(ours, np.abs(theirs) ** 2, rtol=1e-6, atol=1e-9)


def test_float32_stays_and_several_waves_go_at_once():
    waves = RNG.normal(size=(3, 900)).astype(np.float32)
    for function in (sounds.spectrogram, sounds.log_mel):
        together = function(waves)
        assert together.dtype == np.float32
        assert function(waves.astype(np.float64)).dtype == np.float64
        for one, wave in zip(together, waves, strict=True):
            np.testing.assert_allclose(one, function(wave), rtol=1e-4, atol=1e-5)


def test_a_second_is_40_by_49():
    assert sounds.log_mel(sounds.tone(440)).shape == (40, 49)


def test_nothing_is_changed():
    wave = NOISE.copy()
    sounds.log_mel(wave), sounds.levelled(wave), sounds.fitted(wave)
    np.testing.assert_array_equal(wave, NOISE)


def test_mels_and_back():
    hertz = np.linspace(0, 20_000, 999)
    np.testing.assert_allclose(
        sounds.mel_to_hertz(sounds.hertz_to_mel(hertz)), hertz, atol=1e-8
    )
    assert sounds.hertz_to_mel(1000) == pytest.approx(1000, abs=0.1)  # by its making
    assert (np.diff(sounds.hertz_to_mel(hertz), 2) < 0).all()


@pytest.mark.parametrize("low", [0, 50, 300])
def test_bands_are_triangles_that_pass_on_to_the_next(low):
    filters = sounds.mel_filters(40, 2048, 8000, low=low)
    assert filters.shape == (40, 1025)
    assert filters.min() == 0
    assert 0.9 < filters.max(axis=1).min() <= filters.max() <= 1
    hertz = np.arange(1025) * 8000 / 2048
    middles = sounds.mel_to_hertz(
        np.linspace(sounds.hertz_to_mel(low), sounds.hertz_to_mel(4000), 42)
    )
    between = (hertz >= middles[1]) & (hertz <= middles[-2])
    np.testing.assert_allclose(filters.sum(axis=0)[between], 1)
    assert not filters[:, hertz <= low].any()
    for number, one in enumerate(filters, 1):
        inside = (hertz > middles[number - 1]) & (hertz < middles[number + 1])
        np.testing.assert_array_equal(one > 0, inside)


@pytest.mark.parametrize("frequency", [120, 440, 1000, 1900, 3500])
@pytest.mark.parametrize(("rate", "window", "hop"), [(8000, 256, 160), (16e3, 512, 99)])
def test_a_pure_tone_is_in_its_band(frequency, rate, window, hop):
    rate = int(rate)
    wave = sounds.tone(frequency, 0.5, rate, peak=0.3)
    bands = sounds.log_mel(wave, rate, window=window, hop=hop)
    middles = np.linspace(
        sounds.hertz_to_mel(sounds.LOW), sounds.hertz_to_mel(rate / 2), 42
    )[1:-1]
    away = np.abs(middles - sounds.hertz_to_mel(frequency))
    allowed = np.flatnonzero(away <= middles[1] - middles[0])  # two share a tone
    assert set(bands.argmax(axis=0)) <= set(allowed)


def test_silence_has_a_logarithm():
    silent = sounds.log_mel(np.zeros(8000, np.float32))
    np.testing.assert_allclose(silent, np.log(1e-6), rtol=1e-6)


# -- refusals --------------------------------------------------------------------------

WAVE = np.zeros(1000)
REFUSED = {
    "a shorter wave": (
        lambda: sounds.spectrogram(np.zeros(255)),
        r"^wave: got 255 samples\. Give at least as many as the window has, 256",
    ),
    "two channels": (lambda: sounds.fitted(np.zeros((2, 9))), r"^wave: .*shape \(2, 9"),
    "three axes": (lambda: sounds.log_mel(np.zeros((1, 2, 900))), r"\(N, samples\)"),
    "text": (lambda: sounds.levelled("hum"), "^wave: got 'hum'"),
    "NaN": (lambda: sounds.log_mel(WAVE * np.nan), "^wave: .*not finite"),
    "window": (lambda: sounds.spectrogram(WAVE, window=1), "^window: got 1"),
    "a window of log_mel": (lambda: sounds.log_mel(WAVE, window=2.5), "^window: got"),
    "hop": (lambda: sounds.spectrogram(WAVE, hop=0), "^hop: got 0"),
    "too high": (lambda: sounds.tone(4001), "^frequency: .*from 0 to 4000"),
    "peak": (lambda: sounds.levelled(WAVE, 2), "^peak: got 2"),
    "no time": (lambda: sounds.fitted(WAVE, 0), "^seconds: got 0. Give at least"),
    "rate": (lambda: sounds.tone(1, rate=8000.0), "^rate: got 8000.0. Give a whole"),
    "a negative frequency": (
        lambda: sounds.hertz_to_mel([1, -2]),
        "^frequency: got -2",
    ),
    "a negative mel": (lambda: sounds.mel_to_hertz(-1), "^mel: got -1"),
    "bands upside down": (
        lambda: sounds.mel_filters(low=3000, high=200),
        "^low: got 3000. Give less than high, 200",
    ),
    "bands above half the rate": (lambda: sounds.mel_filters(high=4001), "^high: got"),
    "narrow bands": (
        lambda: sounds.mel_filters(100, 256),
        r"^count: got 100 bands, of which that between \d+ and \d+ Hz holds no freq",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals(what):
    call, said = REFUSED[what]
    with pytest.raises(ValueError, match=said):
        call()


# -- files -----------------------------------------------------------------------------


def wav(numbers, rate=8000):
    file = io.BytesIO()
    wavfile.write(file, rate, numbers)
    return file.getvalue()


def packed(body, channels=1, bits=16, rate=8000, tag=1, more=b""):
    """A WAV file with this body, written byte by byte."""
    block = channels * -(-bits // 8)
    head = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + more
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


HALF = np.array([0, 0.5, -0.5, -1, 0.25])
INTEGERS = (HALF * 2**31).astype(np.int64)
KINDS = {
    "8 bit": wav((128 + HALF * 128).astype(np.uint8)),
    "16 bit": wav((HALF * 2**15).astype(np.int16)),
    "24 bit": packed(
        b"".join(int(n >> 8).to_bytes(3, "little", signed=True) for n in INTEGERS),
        bits=24,
    ),
    "32 bit": wav(INTEGERS.astype(np.int32)),
    "float": wav(HALF.astype(np.float32)),
    "double": wav(HALF),
    "stereo": wav(np.stack([HALF + 0.1, HALF - 0.1], axis=1).astype(np.float32)),
    "six channels": wav(np.repeat(HALF[:, None], 6, axis=1).astype(np.float32)),
    "with a title": packed(
        (HALF * 2**15).astype("<i2").tobytes(),
        more=b"LIST" + struct.pack("<I", 10) + b"INFOabcdef",
    ),
    "with an unknown chunk": packed(
        (HALF * 2**15).astype("<i2").tobytes(),
        more=b"abcd" + struct.pack("<I", 2) + b"xy",
    ),
    "big-endian": None,
}


def big_endian():
    body = (HALF * 2**15).astype(">i2").tobytes()
    head = struct.pack(">HHIIHH", 1, 1, 8000, 16_000, 2, 16)
    chunks = b"fmt " + struct.pack(">I", 16) + head
    chunks += b"data" + struct.pack(">I", len(body)) + body
    return b"RIFX" + struct.pack(">I", 4 + len(chunks)) + b"WAVE" + chunks


KINDS["big-endian"] = big_endian()


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_every_kind_hold_the_same(kind, tmp_path):
    (tmp_path / "a.wav").write_bytes(KINDS[kind])
    for source in (KINDS[kind], bytearray(KINDS[kind]), tmp_path / "a.wav"):
        sound = sounds.read(source)
        assert sound.rate == 8000
        assert sound.wave.dtype == np.float32
        np.testing.assert_allclose(sound.wave, HALF, atol=1e-6)
    assert sounds.read(str(tmp_path / "a.wav"), 8000).seconds == 5 / 8000


def test_16_bits_come_back_exactly():
    numbers = np.arange(-(2**15), 2**15).astype(np.int16)
    wave = sounds.read(wav(numbers)).wave
    np.testing.assert_array_equal(wave * 2**15, numbers)


def test_floats_that_are_too_loud_are_scaled_down():
    wave = sounds.read(wav((HALF * 2**15).astype(np.float32))).wave
    np.testing.assert_allclose(wave, HALF)


@pytest.mark.parametrize("rate", [4000, 11_025, 16_000, 44_100, 48_000])
def test_other_rates_are_brought_to_the_one_wanted(rate):
    there = sounds.tone(700, 0.5, rate, peak=0.5)
    sound = sounds.read(wav((there * 2**15).astype(np.int16), rate), rate=8000)
    assert sound.rate == 8000
    assert len(sound.wave) == 4000
    wanted = sounds.tone(700, 0.5, peak=0.5)
    middle = slice(400, -400)  # at the ends there is nothing to go by
    np.testing.assert_allclose(sound.wave[middle], wanted[middle], atol=0.01)
    assert np.abs(sound.wave).max() <= 1


def test_what_is_too_high_for_a_rate_is_left_out():
    high = wav((sounds.tone(6000, 0.5, 44_100) * 2**14).astype(np.int16), 44_100)
    assert np.abs(sounds.read(high, rate=8000).wave[400:-400]).max() < 0.01


PCM = wav((NOISE * 2**14).astype(np.int16))
BAD_FILES = {
    "empty": (b"", "source: got an empty file"),
    "text": (b"not a sound at all", "a file that is no WAV. Save it as WAV"),
    "MP3": (b"ID3\x04" + bytes(99), "a file of the kind MP3. Save it as WAV"),
    "M4A": (bytes(4) + b"ftypM4A " + bytes(99), "of the kind MP4"),
    "WebM": (b"\x1aE\xdf\xa3" + bytes(99), "of the kind WebM"),
    "Ogg": (b"OggS" + bytes(99), "of the kind Ogg"),
    "an AVI": (b"RIFF" + bytes(4) + b"AVI ", "a file that is no WAV"),
    "µ-law": (packed(bytes(99), bits=8, tag=7), "a compressed WAV file. Save it"),
    "ADPCM": (packed(bytes(99), bits=4, tag=2), "a compressed WAV file"),
    "cut in its sound": (PCM[:1000], "cut short or damaged"),
    "cut in a number": (PCM[:1001], "cut short or damaged"),
    "cut in its head": (PCM[:30], "cut short or damaged"),
    "only a head": (PCM[:44], "cut short or damaged"),
    "without sound": (packed(b""), "it holds no sound"),
    "no channels": (packed(bytes(8), channels=0), "cut short or damaged"),
    "NaN": (wav(np.float32([0, np.nan])), "not finite"),
    "slow": (packed(bytes(98), rate=3), "a recording of 3 samples a second"),
    "fast": (packed(bytes(98), rate=2**30), "samples a second"),
    "long": (packed(bytes(2_000_000), rate=1000), "a recording of 17 minutes"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_bad_files_are_refused_in_a_sentence(what, tmp_path):
    data, said = BAD_FILES[what]
    (tmp_path / "a.wav").write_bytes(data)
    for source in (data, tmp_path / "a.wav"):
        with pytest.raises(ValueError, match=said) as error:
            sounds.read(source)
        sentence = str(error.value)
        assert sentence.startswith("source: got ")
        assert sentence.endswith(".")
        assert "\n" not in sentence


def test_sources_that_will_not_do(tmp_path, monkeypatch):
    with pytest.raises(
        FileNotFoundError, match=r"^source: there is no file '.*b\.wav'"
    ):
        sounds.read(tmp_path / "b.wav")
    with pytest.raises(ValueError, match="which is no file"):
        sounds.read(tmp_path)
    with pytest.raises(ValueError, match=r"^source: got 7\. Give the path of a WAV"):
        sounds.read(7)
    with pytest.raises(ValueError, match=r"which is no path\. Give the path of a WAV"):
        sounds.read("a\0.wav")
    with pytest.raises(ValueError, match=r"which is no file\."):
        sounds.read("")
    with pytest.raises(ValueError, match=r"which can't be read \(.+\)\."):
        sounds.read("~nobody-of-this-name/a.wav")
    with pytest.raises(ValueError, match=r"which can't be read \(File name too long"):
        sounds.read("a" * 5000)
    with pytest.raises(ValueError, match=r"^rate: got 10\."):
        sounds.read(PCM, rate=10)
    monkeypatch.setattr(sounds, "MAX_BYTES", 1000)
    (tmp_path / "a.wav").write_bytes(PCM)
    for source in (PCM, tmp_path / "a.wav"):
        with pytest.raises(ValueError, match=r"^source: got 0 MB\. Give at most"):
            sounds.read(source)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    (tmp_path / "a.wav").write_bytes(PCM)

    def refuses(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "read_bytes", refuses)
    with pytest.raises(ValueError, match=r"can't be read \(Permission denied\)"):
        sounds.read(tmp_path / "a.wav")


@settings(max_examples=300)
@given(data=st.data())
def test_damaged_files_are_read_or_refused_and_nothing_else(data):
    """Bytes changed, left out or added anywhere: a sound, or a sentence."""
    file = bytearray(data.draw(st.sampled_from(list(KINDS.values()))))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(file) - 1))
        file[place] = data.draw(st.integers(0, 255))
    file = file[: data.draw(st.integers(len(file) // 2, len(file)))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            sound = sounds.read(file)
        except ValueError as error:
            assert str(error).startswith("source: got ")  # noqa: PT017
        else:
            assert np.isfinite(sound.wave).all()
            assert np.abs(sound.wave).max() <= 1
