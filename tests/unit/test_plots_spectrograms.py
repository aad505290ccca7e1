"""Sounds drawn: what stands where, what is said, what is refused."""

import numpy as np
import pytest

from helpers import plots, sounds

TONE = sounds.tone(1000, 0.5)


def ticks(axis):
    return {
        float(text.get_text().replace("−", "-")): place
        for place, text in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
    }


@pytest.mark.parametrize("scale", ["mel", "hertz"])
@pytest.mark.parametrize("rate", [8000, 16_000])
def test_a_tone_is_drawn_beside_its_frequency(scale, rate):
    wave = sounds.tone(2000, 0.5, rate)
    if scale == "mel":
        bands = sounds.log_mel(wave, rate)
    else:
        bands = np.log(sounds.spectrogram(wave) + 1e-6)
    (ax,) = plots.spectrogram(bands, scale=scale, rate=rate).axes
    drawn = np.asarray(ax.get_images()[0].get_array())
    assert abs(drawn[:, 5].argmax() - ticks(ax.yaxis)[2000]) <= 1


def test_columns_stand_at_their_times():
    click = np.zeros(8000)
    click[4000:4010] = 1
    bands = sounds.log_mel(click)
    (ax,) = plots.spectrogram(bands).axes
    loud = np.flatnonzero(bands.max(axis=0) > 0)
    half = ticks(ax.xaxis)[0.4]
    # Column t is drawn from t − 0.5 on, where the samples from t · hop on begin.
    assert half == pytest.approx(0.4 * 8000 / 160 - 0.5)
    assert loud.min() <= 4000 / 160 <= loud.max() + 256 / 160


def test_several_have_one_scale():
    quiet, loud = sounds.log_mel(TONE / 100), sounds.log_mel(TONE)
    picture = plots.spectrogram({"quiet": quiet, "loud": loud})
    first, second = (ax.get_images()[0] for ax in picture.axes)
    assert first.get_clim() == second.get_clim()
    assert first.get_clim()[1] == pytest.approx(loud.max())


def test_what_is_said():
    alt = plots.spectrogram(np.eye(3), "one", title="Three").alt
    assert alt == "Three. One: 3 mel bands, 0.06 seconds, values from 0 to 1."
    alt = plots.spectrogram([np.eye(3), np.ones((2, 5))], scale="hertz").alt
    assert alt == (
        "Two spectrograms side by side. 1: 3 frequencies, 0.06 seconds, values from 0 "
        "to 1. 2: 2 frequencies, 0.1 seconds, every value 1."
    )
    assert plots.waveform(TONE, "A tone", rate=4000).alt == (
        "A tone. A wave of 1 second, 4,000 samples, values from −1 to 1."
    )


def test_flat_ones_and_such_without_numbers_are_drawn():
    for array in (np.zeros((40, 49)), np.full((4, 4), np.nan), np.ones((1, 1))):
        for scale in ("mel", "hertz"):
            assert plots.spectrogram(array, scale=scale).to_png()
    for wave in ([0.0], np.zeros(99), np.full(9, np.nan), [1e300, -1e300], [5e-324]):
        assert plots.waveform(wave).to_png()


def test_a_wave_is_drawn_from_end_to_end():
    wave = TONE[:3000]
    (ax,) = plots.waveform(wave * 0.3).axes
    assert ax.get_xlim() == (0, 0.375)
    np.testing.assert_allclose(ax.get_lines()[-1].get_ydata(), wave, atol=1e-6)
    assert {-0.2, 0, 0.2} == set(ticks(ax.yaxis))


def test_of_a_long_wave_every_peak_is_drawn():
    wave = np.zeros(100_000)
    wave[[3, 51_234, 99_999]] = 1, -0.7, 0.4
    (ax,) = plots.waveform(wave).axes
    times, heights = ax.get_lines()[-1].get_data()
    assert len(times) < 4000
    for sample, height in ((3, 1), (51_234, -0.7), (99_999, 0.4)):
        nearest = np.abs(times - sample / 8000) < 0.02
        assert height in heights[nearest].round(6)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: plots.waveform(np.ones((2, 5))), r"^wave: got an array of shape \(2"),
        (lambda: plots.waveform(TONE, rate=0), "^rate: got 0"),
        (lambda: plots.spectrogram(TONE), "A spectrogram has rows and columns"),
        (lambda: plots.spectrogram(np.eye(3), scale="bark"), '^scale: .*Give "mel"'),
        (lambda: plots.spectrogram(np.eye(3), low=4000), "^low: got 4000. Give less"),
        (lambda: plots.spectrogram(np.eye(3), hop=0), "^hop: got 0"),
        (lambda: plots.spectrogram([np.eye(3)], ["a", "b"]), "one entry for each"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(ValueError, match=said):
        call()
