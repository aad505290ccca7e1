"""parts/sounds.js makes of waves what helpers/sounds.py makes of them."""

import base64

import numpy as np
import pytest
from lab_browser import closing
from scipy.io import wavfile
from stage import load

from helpers import sounds
from helpers.datasets.sound_set import Ear

CASES = 300

# All of them in one trip; arrays come as the bytes of their numbers.
MADE = """(cases) => {
  const text = ({ data }) => {
    const bytes = new Uint8Array(Float64Array.from(data).buffer);
    let letters = "";
    for (let k = 0; k < bytes.length; k += 8192)
      letters += String.fromCharCode(...bytes.subarray(k, k + 8192));
    return btoa(letters);
  };
  return cases.map(({ wave, window, hop, mels, rate, low, high, samples, peak }) => {
    const bytes = Uint8Array.from(atob(wave), (letter) => letter.charCodeAt(0));
    const given = new Float64Array(bytes.buffer);
    const power = sounds.spectrogram(given, window, hop);
    const filters = sounds.melFilters(mels, window, rate, low, high);
    const loud = sounds.logMel(given, { rate, mels, window, hop, low, high });
    return {
      shapes: [power.shape, filters.shape, loud.shape],
      power: text(power),
      filters: text(filters),
      loud: text(loud),
      fitted: text({ data: sounds.fitted(given, samples) }),
      levelled: text({ data: sounds.levelled(given, peak) }),
    };
  });
}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/sounds.js")
        load(page, "parts/audio.js")
        yield page


def random_case(rng):
    """Windows of every kind: powers of two, others, odd ones, the smallest."""
    window = int(rng.choice([2, 4, 32, 64, 128, 256, 512, rng.integers(2, 300)]))
    length = window + int(rng.integers(0, 1000))
    wave = rng.normal(0, 0.3, length).clip(-1, 1)
    if rng.random() < 0.1:
        wave[:] = 0
    rate = int(rng.integers(1000, 48_001))
    low = float(rng.uniform(0, rate / 4)) if rng.random() < 0.7 else 0.0
    return {
        "wave": wave,
        "window": window,
        "hop": int(rng.integers(1, 20) ** 2),
        "mels": int(rng.integers(1, 12)),
        "rate": rate,
        "low": low,
        "high": float(rng.uniform(low + 100, rate / 2)),
        "samples": int(rng.integers(1, 3000)),
        "peak": float(rng.uniform(0, 1)),
    }


def as_page_takes(case):
    return {**case, "wave": base64.b64encode(case["wave"].tobytes()).decode()}


def numbers(text):
    return np.frombuffer(base64.b64decode(text))


def test_the_page_makes_the_same(page):
    rng = np.random.default_rng(0)
    cases, bands = [random_case(rng) for _ in range(CASES)], 0
    told = page.evaluate(MADE, [as_page_takes(case) for case in cases])
    for case, made in zip(cases, told, strict=True):
        wave, window, hop = case["wave"], case["window"], case["hop"]
        power = sounds.spectrogram(wave, window=window, hop=hop)
        assert tuple(made["shapes"][0]) == power.shape
        np.testing.assert_allclose(
            numbers(made["power"]), power.ravel(), rtol=1e-8, atol=1e-9, err_msg=case
        )
        np.testing.assert_array_equal(
            numbers(made["fitted"]),
            sounds.fitted(wave, case["samples"] / 8000),
        )
        np.testing.assert_allclose(
            numbers(made["levelled"]), sounds.levelled(wave, case["peak"]), rtol=1e-12
        )
        bank = {name: case[name] for name in ("rate", "low", "high")}
        try:
            filters = sounds.mel_filters(case["mels"], window, **bank)
        except ValueError:
            # Some band has no frequency: the page gives it, too, all zeros.
            found = numbers(made["filters"]).reshape(made["shapes"][1])
            assert (found.max(axis=1) == 0).any(), case
            continue
        np.testing.assert_allclose(
            numbers(made["filters"]), filters.ravel(), rtol=1e-9, atol=1e-9
        )
        rate = bank.pop("rate")
        loud = sounds.log_mel(
            wave, rate, mels=case["mels"], window=window, hop=hop, **bank
        )
        assert tuple(made["shapes"][2]) == loud.shape
        np.testing.assert_allclose(numbers(made["loud"]), loud.ravel(), atol=1e-7)
        bands += 1
    assert bands > CASES / 3
    sizes = {case["window"] for case in cases}
    assert {2, 256, 512} < sizes
    assert any(size % 2 for size in sizes)


def test_the_usual_settings_are_those_of_python(page):
    names = {"RATE", "WINDOW", "HOP", "MELS", "LOW", "FLOOR"}
    found = page.evaluate("(names) => names.map((name) => sounds[name])", [*names])
    assert found == [getattr(sounds, name) for name in names]
    wave = sounds.tone(700).astype(np.float64)
    bytes_ = base64.b64encode(wave.tobytes()).decode()
    made = page.evaluate(
        """(wave) => {
          const bytes = Uint8Array.from(atob(wave), (letter) => letter.charCodeAt(0));
          const { shape, data } = sounds.logMel(new Float64Array(bytes.buffer));
          return [shape, [...data]];
        }""",
        bytes_,
    )
    assert made[0] == [40, 49]
    np.testing.assert_allclose(made[1], sounds.log_mel(wave).ravel(), atol=1e-8)
    np.testing.assert_allclose(made[1], Ear(level=False).hears([wave]).ravel(), atol=1)


def test_a_wrong_transform_is_seen(page):
    """The comparison can fail: without its fade a spectrogram is another one."""
    wave = np.random.default_rng(1).normal(0, 0.3, 64)
    powers = page.evaluate("(x) => [...sounds.powersOf(64)(x)]", wave.tolist())
    faded = sounds.spectrogram(wave, window=64)[:, 0]
    assert not np.allclose(powers, faded, rtol=0.1)
    np.testing.assert_allclose(powers, np.abs(np.fft.rfft(wave)) ** 2, rtol=1e-9)


# ---- files, and where a sound begins ----


def test_wav_files(page, tmp_path):
    wave = np.random.default_rng(2).uniform(-1, 1, 500)
    wave[:3] = -1, 1, 0
    made = page.evaluate(
        "(wave) => [...new Uint8Array(audio.wavFile(Float64Array.from(wave), 8000))]",
        wave.tolist(),
    )
    path = tmp_path / "made.wav"
    path.write_bytes(bytes(made))
    rate, whole = wavfile.read(path)
    assert rate == 8000
    assert whole.dtype == np.int16
    np.testing.assert_array_equal(whole, np.rint(wave * 32768).clip(-32768, 32767))
    np.testing.assert_allclose(sounds.read(path).wave, wave, atol=1 / 32000)


def one_second(page, wave):
    script = "(wave) => [...audio.oneSecond(Float64Array.from(wave), 8000)]"
    return np.array(page.evaluate(script, wave.tolist()))


def test_one_second_begins_where_the_sound_does(page):
    rng = np.random.default_rng(3)
    said = rng.normal(0, 0.2, 3000)
    for begin in (0, 160, 5001):
        wave = np.concatenate([np.zeros(begin), said, np.zeros(9000)])
        wave += rng.normal(0, 0.001, len(wave))  # the room
        found = one_second(page, wave)
        first = max(begin // 160 - 1, 0) * 160
        np.testing.assert_array_equal(found, wave[first : first + 8000])
    short = rng.normal(0, 0.2, 700)
    np.testing.assert_array_equal(one_second(page, short), np.pad(short, (0, 7300)))
    np.testing.assert_array_equal(one_second(page, np.zeros(9000)), np.zeros(8000))
