"""The Python side of SpectrogramLab: what it is given, what it hears, what it says."""

import contextlib
import io

import numpy as np
import pytest
import sound_networks
from traitlets import TraitError

from helpers import ops, sounds
from helpers.datasets import load_spoken_digits
from helpers.datasets.sound_set import Ear, LogMels
from helpers.networks import exported, running
from helpers.widgets import SpectrogramLab
from helpers.widgets.explorers import spectrogram_lab
from helpers.widgets.parts import waves

RNG = np.random.default_rng(9)
NETWORK = sound_networks.small()


@pytest.fixture
def lab():
    lab = SpectrogramLab("changing hum", network=NETWORK)
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def digits():
    with contextlib.redirect_stdout(io.StringIO()):
        return load_spoken_digits()


# ---- sounds ----


def test_a_sound_is_one_second(lab):
    short, long = RNG.uniform(-1, 1, 700), RNG.uniform(-1, 1, 9000)
    lab.wave = short
    np.testing.assert_array_equal(lab.wave, np.pad(short, (0, 7300)))
    assert lab.sound == "own"
    lab.wave = long.astype(np.float32)
    np.testing.assert_array_equal(lab.wave, long.astype(np.float32)[:8000])
    lab.sound = "clicks"
    np.testing.assert_array_equal(lab.wave, lab.sounds["clicks"])


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (np.ones((2, 9)), r"wave: got an array of shape \(2, 9\)\. Give \(samples,\)"),
        ([0.5, -1.5], r"wave: got values from -1\.5 to 0\.5"),
        ([np.nan], "not finite"),
        ([], "empty"),
        (3, r"shape \(\)"),
        ("click", 'Did you mean "clicks"'),
        ("own", "sound: got 'own'"),
    ],
    ids=str,
)
def test_sounds_that_are_refused(sound, said):
    with pytest.raises(TraitError, match=said):
        SpectrogramLab(sound, network=None)


def test_own_is_no_sound_of_the_menu(lab):
    with pytest.raises(TraitError, match="a sound of your own: assign it to wave"):
        lab.sound = "own"


def test_a_menu_of_ones_own():
    lab = SpectrogramLab(sounds={"a": [0.5, 1], "b": sounds.tone(300, 2)}, network=None)
    assert (lab.sound, list(lab.sounds)) == ("a", ["a", "b"])
    # As a WAV file of 16 bits keeps them: 1 itself lies just beyond.
    np.testing.assert_array_equal(lab.wave[:3], [0.5, 32767 / 32768, 0])
    lab.sound = "b"
    np.testing.assert_allclose(lab.wave, sounds.tone(300), atol=1 / 32000)
    with pytest.raises(TraitError, match='Give "a", "b" or "own"'):
        lab.sound = "clicks"
    for other in ({}, [1], {"own": [1]}, {3: [1]}, dict.fromkeys(map(str, range(21)))):
        with pytest.raises(TraitError, match=r"sounds: got .* 1 to 20"):
            SpectrogramLab(sounds=other, network=None)
    with pytest.raises(TraitError, match="wave: got values"):
        SpectrogramLab(sounds={"a": [7]}, network=None)


def test_a_set_of_recordings_as_a_menu(digits):
    lab = SpectrogramLab(sounds=digits, network=None)
    assert len(lab.sounds) == len(digits.class_names)
    for label, (name, wave) in enumerate(lab.sounds.items()):
        title, speaker = digits.class_names[label], name.split("(")[1].rstrip(")")
        assert name == f"{title} ({speaker})"
        who = digits.speaker_names.index(speaker)
        assert who == label % len(digits.speaker_names)
        said = (digits.test_labels == label) & (digits.test_speakers == who)
        first = digits.test_waves[np.flatnonzero(said)[0]]
        np.testing.assert_allclose(wave, sounds.fitted(first), atol=1e-4)


def test_recordings_of_another_rate(digits):
    import dataclasses

    other = dataclasses.replace(digits, rate=16_000)
    with pytest.raises(TraitError, match=r"16,000 samples a second\. Give .* 8,000"):
        SpectrogramLab(sounds=other, network=None)


def test_sounds_travel_as_16_bits(lab):
    sent = lab.get_state()["_sounds"]
    assert list(sent) == list(waves.made())
    for name, message in sent.items():
        whole = np.frombuffer(message["data"], message["dtype"])
        assert whole.dtype == np.int16
        np.testing.assert_array_equal(whole / 32768, lab.sounds[name])


def test_those_that_are_made_are_heard():
    for name, wave in waves.made().items():
        assert 0.4 < np.abs(wave).max() < 1, name
        assert not wave.flags.writeable
    hum = sounds.log_mel(waves.made()["changing hum"])
    # Its resonances move: those of "ee" at first, of "ah" at the end.
    low, high = (sounds.hertz_to_mel([300, 900]) / 2146 * 41 - 1).astype(int)
    assert hum[low, 5] - hum[high, 5] > hum[low, 35] - hum[high, 35] + 1.5


# ---- spectrogram and filter ----


def test_the_spectrogram_in_both_scales(lab):
    np.testing.assert_array_equal(lab.spectrogram, sounds.log_mel(lab.wave))
    lab.window, lab.hop = 64, 100
    wanted = sounds.log_mel(lab.wave, mels=29, window=64, hop=100)
    np.testing.assert_array_equal(lab.spectrogram, wanted)
    lab.scale = "hertz"
    power = sounds.spectrogram(lab.wave, window=64, hop=100)
    np.testing.assert_array_equal(lab.spectrogram, np.log(power + 1e-6))
    assert lab.bands == 33


def test_more_bands_would_be_refused():
    for window in spectrogram_lab.WINDOWS:
        bands = spectrogram_lab.most_bands(window)
        assert sounds.mel_filters(bands, window).shape[0] == bands
        if bands < sounds.MELS:
            with pytest.raises(ValueError, match="holds no frequency"):
                sounds.mel_filters(bands + 1, window)


@pytest.mark.parametrize("pattern", spectrogram_lab.PATTERNS)
def test_patterns_answer_to_what_they_are_called(pattern):
    """Each is largest where its pattern is, and says nothing of a constant sound."""
    lab = SpectrogramLab("rising chirp", pattern, network=None)
    assert abs(lab.kernel.sum()) < 1e-12
    rising = lab.result.max()
    lab.sound = "falling chirp"
    falling = lab.result.max()
    if pattern == "rising":
        assert rising > falling + 3
    if pattern == "falling":
        assert falling > rising + 2
    lab.sound = "two tones"
    row, column = np.unravel_index(lab.result.argmax(), lab.result.shape)
    hertz = sounds.mel_to_hertz(
        np.linspace(*sounds.hertz_to_mel([50, 4000]), 42)[row + 2]
    )
    if pattern == "steady_tone":
        assert abs(hertz - 440) < 80 or abs(hertz - 1760) < 160
    if pattern == "onset":
        begins = np.array([0, 0.45]) * 50
        assert np.abs(column + 1.5 - begins).min() < 3


def test_a_filter_over_all_frequencies_or_all_of_the_time(lab):
    kernel = RNG.normal(size=(3, 2))
    lab.kernel = kernel
    np.testing.assert_array_equal(lab.filter, kernel)
    lab.slides = "time"
    parts = [shown.mean(axis=0) for shown in np.split(lab.spectrogram, [14, 27])]
    wanted = ops.conv2d(np.stack(parts), kernel)
    assert lab.filter.shape == (40, 2)
    np.testing.assert_allclose(lab.result, wanted)
    lab.slides = "frequency"
    parts = [shown.mean(axis=1) for shown in np.split(lab.spectrogram, [25], axis=1)]
    wanted = ops.conv2d(np.stack(parts, axis=1), kernel)
    assert lab.filter.shape == (3, 49)
    np.testing.assert_allclose(lab.result, wanted)


def test_the_largest_kernel_has_room_in_the_smallest_spectrogram(lab):
    lab.kernel, lab.hop = np.ones((5, 5)), 512
    for scale in ("mel", "hertz"):
        for window in spectrogram_lab.WINDOWS:
            lab.scale, lab.window = scale, window
            for slides in spectrogram_lab.SLIDES:
                lab.slides = slides
                assert lab.result.shape == lab.places
    lab.scale = "mel"
    for lab.window in (32, 1024):
        for lab.slides in spectrogram_lab.SLIDES:
            assert lab.picture().axes
    with pytest.raises(TraitError, match="at most 5 a side"):
        lab.kernel = np.ones((6, 1))


def test_other_places_are_all_done(lab):
    assert (lab.step, lab.position) == (38 * 47, (0, 0))
    lab.position, lab.step = (30, 40), 7
    lab.hop = 100
    assert (lab.step, lab.position) == (38 * 76, (30, 40))
    lab.slides = "time"
    assert (lab.step, lab.position) == (76, (0, 0))
    lab.set_state({"slides": "frequency", "step": 5, "position": [3, 0]})
    assert (lab.step, lab.position) == (5, (3, 0))


# ---- the network ----


def test_it_hears_the_same_whatever_the_screen_has(lab):
    heard = Ear().hears([lab.wave])[0]
    np.testing.assert_allclose(lab.heard, (heard + 5) / 3, atol=1e-4)
    before = lab.probabilities
    lab.window, lab.hop, lab.scale = 64, 100, "hertz"
    np.testing.assert_array_equal(lab.probabilities, before)
    made = running.maps(NETWORK, lab.heard[..., np.newaxis])
    np.testing.assert_array_equal(before, ops.softmax(made["logits"]))
    assert lab.guess == sound_networks.CLASSES[made["logits"].argmax()]
    assert lab.layer == "bend1"
    np.testing.assert_array_equal(lab.feature_maps, made["bend1"])
    lab.layer = "pool1"
    np.testing.assert_array_equal(lab.feature_maps, made["pool1"])
    with pytest.raises(TraitError, match="Did you mean"):
        lab.layer = "pool"


def test_features_say_how_it_hears():
    nothing = np.zeros((1, 40, 49), np.float32)
    features = LogMels(nothing, nothing, 1.0, 2.0, Ear(level=False))
    about = {**NETWORK.description, "about": {}}
    bare = exported.Network(about, NETWORK.data)
    lab = SpectrogramLab("clicks", network=bare, features=features)
    wanted = (sounds.log_mel(lab.wave) - 1) / 2
    np.testing.assert_allclose(lab.heard, wanted)
    assert lab.class_names == ("0", "1", "2", "3", "4")
    with pytest.raises(TraitError, match="features: got none, and a network"):
        SpectrogramLab(network=bare)
    with pytest.raises(TraitError, match="features: got 3"):
        SpectrogramLab(network=bare, features=3)
    fast = LogMels(nothing, nothing, 1.0, 2.0, Ear(rate=16_000))
    with pytest.raises(TraitError, match="16,000 samples a second"):
        SpectrogramLab(network=bare, features=fast)
    fine = LogMels(nothing, nothing, 1.0, 2.0, Ear(hop=80))
    with pytest.raises(
        TraitError, match=r"takes \(40, 49, 1\)\. Give one that takes \(40, 97, 1\)"
    ):
        SpectrogramLab(network=bare, features=fine)


def test_a_description_says_how_it_hears():
    told = sound_networks.small(ear={"level": False})
    lab = SpectrogramLab("clicks", network=told)
    np.testing.assert_allclose(lab.heard, (sounds.log_mel(lab.wave) + 5) / 3)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (exported.shipped("mnist"), "features: got none"),
        ("mnist", 'network: got .* Give "spoken"'),
        (3, "network: got 3"),
    ],
    ids=str,
)
def test_networks_that_are_refused(network, said):
    with pytest.raises(TraitError, match=said):
        SpectrogramLab(network=network)


def test_without_a_network():
    lab = SpectrogramLab("clicks", network=None)
    assert lab.network is lab.heard is lab.feature_maps is lab.probabilities is None
    assert (lab.guess, lab.layer, lab.class_names) == (None, "", ())
    assert "network" not in repr(lab)
    with pytest.raises(TraitError, match="layer"):
        lab.layer = "bend1"


def test_a_course_without_the_shipped_network(monkeypatch):
    def missing(_):
        raise FileNotFoundError

    monkeypatch.setattr("helpers.widgets.parts.networks.shipped", missing)
    assert SpectrogramLab().network is None


# ---- elsewhere than on a page ----


def test_its_line_and_its_picture(lab):
    assert repr(lab).startswith(
        "SpectrogramLab: changing hum, 40 mel bands × 49 stretches of 256 samples, "
        "hop 160; filter rising, 3 × 3 numbers, slides in time and frequency: "
        "response 38 × 47 from "
    )
    assert repr(lab).endswith("; a network of 5 classes hears it")
    lab.wave, lab.kernel, lab.scale = [0.0, 1, 0], [[1, -1]], "hertz"
    assert repr(lab).startswith(
        "SpectrogramLab: a sound of your own, 129 frequencies × 49 stretches of 256 "
        "samples, hop 160; filter custom, 1 × 2 numbers, slides in time and frequency"
    )
    assert len(lab.picture().axes) == 4


def test_silence(lab):
    lab.wave = np.zeros(8000)
    assert (lab.spectrogram == np.log(1e-6)).all()
    assert np.abs(lab.result).max() < 1e-9
    assert np.isfinite(lab.probabilities).all()
    assert lab.picture().axes
