"""SpectrogramLab on a bare page: all it shows against sounds, ops and NumPy."""

import base64
import io
import re

import hands
import numpy as np
import pytest
import sound_networks
from hands import (
    array,
    choose,
    different_states,
    enter,
    lose_the_kernel,
    menu,
    number,
    press,
    push,
    read,
    red_of,
    slide,
    slide_to,
    slider,
    trait,
    watched,
    wear_out,
    width_needed,
)
from scipy.io import wavfile

from helpers import sounds
from helpers.widgets import SpectrogramLab
from helpers.widgets.explorers import spectrogram_lab
from helpers.widgets.parts import waves

NETWORK = sound_networks.small()
WINDOWS, SLIDES = spectrogram_lab.WINDOWS, spectrogram_lab.SLIDES
SETTINGS = ("window", "hop", "scale", "slides", "layer")

SEE = """() => {
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
  const labels = [...document.querySelectorAll("label.hc-control")];
  const frame = (selector) => {
    const { top, left, height, width } =
      document.querySelector(`${selector} .hc-frame`).style;
    return [top, left, height, width].map((text) => parseFloat(text) / 100);
  };
  return {
    state: Object.fromEntries(NAMES.map((name) => [name, model.get(name)])),
    sound: model.get("sound"),
    wave: model.array("wave"),
    kernel: model.array("kernel"),
    spectrogram: model.red(0),
    response: model.red(1),
    done: model.alpha(1),
    maps: model.red(2),
    frames: [".sl-wave", ".sl-spectrogram", ".sl-response"].map(frame),
    strip: texts(".hc-strip p"),
    captions: texts("figcaption"),
    note: texts(".hc-titled .hc-note")[0],
    foot: texts(".hc-foot p"),
    guess: texts(".sl-guess")[0],
    cells: [...document.querySelectorAll(".hc-grid input")].map((one) => one.value),
    bars: [...document.querySelectorAll(".hc-bars li")].map((row) => ({
      name: row.querySelector("b").textContent,
      width: parseFloat(row.querySelector(".hc-track i").style.width) / 100,
    })),
    controls: Object.fromEntries(labels.map((label) =>
      [label.querySelector("span").textContent,
       label.querySelector("input, select").value])),
  };
}""".replace("NAMES", str([*SETTINGS, "position", "step"]))


@pytest.fixture
def page(browser):
    with watched(browser, SpectrogramLab("changing hum", network=NETWORK)) as page:
        yield page


@pytest.fixture
def python():
    lab = SpectrogramLab("changing hum", network=NETWORK)
    yield lab
    lab.close()


def follow(lab, seen):
    """Give the explorer in Python the state that the page has."""
    if seen["sound"] == "own":
        lab.wave = seen["wave"]
    else:
        lab.sound = seen["sound"]
    np.testing.assert_array_equal(lab.wave, seen["wave"])
    lab.kernel = seen["kernel"]
    for name in SETTINGS:
        setattr(lab, name, seen["state"][name])
    lab.position, lab.step = seen["state"]["position"], seen["state"]["step"]


def agrees(page, lab):
    """What the page shows is what Python makes of the same sound."""
    seen = read(page, SEE)
    follow(lab, seen)
    spectrogram_agrees(seen, lab)
    response_agrees(seen, lab)
    place_agrees(seen, lab)
    network_agrees(seen, lab)
    words_agree(seen, lab)
    return seen


def spectrogram_agrees(seen, lab):
    wanted = lab.spectrogram
    low, high = wanted.min(), wanted.max()
    grays = (wanted[::-1] - low) / (high - low) * 255
    assert seen["spectrogram"].shape == wanted.shape
    assert np.abs(seen["spectrogram"] - grays).max() <= 0.51


def response_agrees(seen, lab):
    result = lab.result
    count = np.arange(result.size).reshape(result.shape)
    done = (count < lab.step)[::-1]
    np.testing.assert_array_equal(seen["done"] > 0, done)
    shares = result[::-1] / (np.abs(result).max() or 1)
    difference = (seen["response"] * 1.0 - red_of(shares))[done]
    assert np.abs(difference).max() <= 4  # a step of the scale
    assert (difference != 0).mean() < 0.02
    shown = np.array([number(text) for text in seen["cells"]])
    np.testing.assert_allclose(shown, lab.kernel[::-1].ravel(), rtol=1e-3, atol=1e-9)


def place_agrees(seen, lab):
    """The sum that is written out, where it lies in the sound, and the frames."""
    (row, column), result = lab.position, lab.result
    summed, where, _, message = seen["strip"]
    assert message == ""
    found = re.match(r"response\[(\d+), (\d+)\] = (.*) = (−?[\d.e−+]+)", summed)
    assert (int(found[1]), int(found[2])) == (row, column)
    value = result[row, column]
    assert number(found[4]) == pytest.approx(value, rel=1e-5, abs=1e-9)
    if lab.kernel.size <= 9:
        assert found[3].count("·") == lab.kernel.size
    else:
        assert found[3] == f"sum of {lab.kernel.size} products"

    high, wide = lab.filter.shape
    begin, end = column * lab.hop, (column + wide - 1) * lab.hop + lab.window
    if lab.scale == "hertz":
        hertz = [k * 8000 / lab.window for k in (row, row + high - 1)]
    else:
        mels = np.linspace(*sounds.hertz_to_mel([50, 4000]), lab.bands + 2)
        hertz = sounds.mel_to_hertz(mels[[row, row + high + 1]])
    told = re.match(
        r"Here it sees ([\d.]+) to ([\d.]+) seconds, (\d+) to (\d+) Hz\.$", where
    )
    assert float(told[1]) == pytest.approx(begin / 8000, abs=0.0051)
    assert float(told[2]) == pytest.approx(end / 8000, abs=0.0051)
    assert [int(told[3]), int(told[4])] == pytest.approx(list(hertz), abs=0.51)

    (bands, frames), (down, across) = lab.spectrogram.shape, result.shape
    wave, window, cell = seen["frames"]
    assert wave == pytest.approx([0, begin / 8000, 1, (end - begin) / 8000], abs=1e-4)
    assert window == pytest.approx(
        [(bands - row - high) / bands, column / frames, high / bands, wide / frames],
        abs=1e-4,
    )
    assert cell == pytest.approx(
        [(down - 1 - row) / down, column / across, 1 / down, 1 / across], abs=1e-4
    )


def network_agrees(seen, lab):
    shares = lab.probabilities
    assert [bar["name"] for bar in seen["bars"]] == list(lab.class_names)
    found = [bar["width"] for bar in seen["bars"]]
    np.testing.assert_allclose(found, shares, atol=2e-4)
    if np.diff(np.sort(shares)[-2:])[0] > 1e-3:
        assert seen["guess"].startswith(f"It hears: {lab.guess} (")
    maps = lab.feature_maps
    if maps.ndim == 3 and lab.layer not in ("spectrogram", "filters1", "filters2"):
        first = maps[::-1, :, 0]  # those that are bent: grays
        grays = first * (255 / (maps.max() or 1))
        painted = seen["maps"][: first.shape[0], : first.shape[1]]
        assert np.abs(painted - grays).max() <= 1
    title = next(text for text in seen["captions"] if " → " in text or "hears" in text)
    assert lab.layer == "spectrogram" or title.startswith(f"{lab.layer}: ")


def words_agree(seen, lab):
    bands, frames = lab.spectrogram.shape
    kind = "mel bands" if lab.scale == "mel" else "frequencies"
    assert f"Spectrogram: {bands} {kind} × {frames} stretches" in seen["captions"]
    down, across = lab.result.shape
    rows, columns = lab.kernel.shape
    size = "[\u00a0 ]×[\u00a0 ]".join((str(rows), str(columns)))
    said = {
        "time": f"{size} numbers, spread over all {bands} bands: .* in time alone. "
        f"Its response is a row of {across}.$",
        "frequency": f"{size} numbers, spread over all {frames} stretches: .* "
        f"frequency alone. Its response is a column of {down}.$",
    }
    both = f"{size} numbers: .* Its response is a map of {down} × {across}.$"
    assert re.match(said.get(lab.slides, both), seen["note"]), seen["note"]
    window, fewer, *_ = seen["foot"]
    assert window.startswith(f"A window of {lab.window} samples lasts ")
    assert (f"has only {bands} bands" in fewer) == (kind == "mel bands" and bands < 40)
    controls = seen["controls"]
    assert controls["Sound"] == lab.sound
    assert WINDOWS[int(controls["Window"])] == lab.window
    assert controls["Frequencies"] == lab.scale
    assert controls["Slides in"] == lab.slides
    assert [int(controls[f"Kernel {n}"]) for n in ("rows", "columns")] == [
        rows,
        columns,
    ]
    assert controls["Layer"] == lab.layer
    assert int(controls["Step"]) == lab.step
    patterns = spectrogram_lab.PATTERNS.items()
    known = (name for name, k in patterns if np.array_equal(k, lab.kernel))
    assert controls["Pattern"] == next(known, "custom")


CLICK = """([index, down, across]) => {
  const stage = document.querySelectorAll("canvas")[index].parentElement;
  const box = stage.querySelector("canvas").getBoundingClientRect();
  const send = (name) => stage.dispatchEvent(new PointerEvent(name, { bubbles: true,
    clientX: box.left + across * box.width, clientY: box.top + down * box.height }));
  for (const name of ["pointermove", "pointerdown", "pointerup", "pointerleave"])
    send(name);
}"""


def random_move(page, rng):
    def any_of(names):
        return str(rng.choice(list(names)))

    match rng.integers(10):
        case 0:
            choose(page, "Sound", any_of(waves.made()))
        case 1:
            slide(page, "Window", int(rng.integers(len(WINDOWS))))
        case 2:
            slide_to(page, "Hop", float(rng.random()))
        case 3:
            choose(page, "Frequencies", any_of(["mel", "hertz"]))
        case 4:
            choose(page, "Slides in", any_of(SLIDES))
        case 5:
            choose(page, "Pattern", any_of(spectrogram_lab.PATTERNS))
        case 6:
            size = any_of(["Kernel rows", "Kernel columns"])
            slide(page, size, int(rng.integers(1, 6)))
        case 7:
            enter(page, ".hc-grid input", rng.random(), f"{rng.normal():.3f}")
        case 8:
            choose(page, "Layer", any_of(NETWORK.names))
        case _:
            if rng.random() < 0.5:
                slide_to(page, "Step", float(rng.random()))
            else:
                place = rng.random(2).tolist()
                page.evaluate(CLICK, [int(rng.integers(2)), *place])


def test_random_states(page, python):
    rng = np.random.default_rng(4)
    for _ in different_states(page):
        random_move(page, rng)
        agrees(page, python)
