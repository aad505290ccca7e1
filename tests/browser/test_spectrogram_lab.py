"""SpectrogramLab on a bare page: all it shows against sounds, ops and NumPy."""

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


def test_every_control_by_hand(page, python):
    for label in ("Window", "Hop", "Kernel rows", "Kernel columns", "Step"):
        control = slider(page, label)
        for end in ("Home", "End"):
            control.press(end)
            agrees(page, python)
    menu(page, "Frequencies").select_option("hertz")
    menu(page, "Slides in").select_option("time")
    menu(page, "Sound").select_option("clicks")
    menu(page, "Layer").select_option("logits")
    menu(page, "Pattern").select_option("onset")
    seen = agrees(page, python)
    assert (python.slides, python.scale, python.layer) == ("time", "hertz", "logits")
    assert seen["controls"]["Pattern"] == "onset"


def test_largest_and_smallest_spectrograms(page, python):
    """The most numbers that there can be, 513 × 219, and the fewest."""
    slide(page, "Window", 5)
    slide(page, "Hop", 32)
    choose(page, "Frequencies", "hertz")
    for slides in SLIDES:
        choose(page, "Slides in", slides)
        agrees(page, python)
    assert python.spectrogram.shape == (513, 219)
    slide(page, "Hop", 512)
    slide(page, "Window", 0)
    choose(page, "Frequencies", "mel")
    for label in ("Kernel rows", "Kernel columns"):
        slide(page, label, 5)
    for slides in SLIDES:
        choose(page, "Slides in", slides)
        agrees(page, python)
    assert python.spectrogram.shape == (14, 16)


def test_a_wrong_spectrogram_is_seen(page, python):
    """The comparison can fail."""
    seen = read(page, SEE)
    follow(python, seen)
    python.hop = 161
    with pytest.raises(AssertionError):
        spectrogram_agrees(seen, python)
    python.hop, python.kernel = 160, np.eye(3)
    with pytest.raises(AssertionError):
        response_agrees(seen, python)


# ---- the filter ----


def test_the_way_a_filter_slides_is_seen(page):
    """A map, a row, or a column; its frame reaches over all that it covers."""

    def sizes():
        boxes = [page.locator("canvas").nth(k).bounding_box() for k in (0, 1)]
        frame = page.locator(".sl-spectrogram .hc-frame").bounding_box()
        return (*boxes, frame)

    spectrogram, response, frame = sizes()
    assert response["width"] > 0.9 * spectrogram["width"]
    assert response["height"] > 0.9 * spectrogram["height"]
    menu(page, "Slides in").select_option("time")
    spectrogram, response, frame = sizes()
    assert response["width"] > 0.9 * spectrogram["width"]
    assert response["height"] < 40
    assert frame["height"] == pytest.approx(spectrogram["height"], abs=1)
    middle = frame["x"] + frame["width"] / 2  # of the first place: they lie on a line
    cell = page.locator(".sl-response .hc-frame").bounding_box()
    assert cell["x"] + cell["width"] / 2 == pytest.approx(middle, abs=2)
    menu(page, "Slides in").select_option("frequency")
    spectrogram, response, frame = sizes()
    assert response["height"] > 0.9 * spectrogram["height"]
    assert response["width"] < 40
    assert response["x"] > spectrogram["x"] + spectrogram["width"]
    assert frame["width"] == pytest.approx(spectrogram["width"], abs=1)
    middle = frame["y"] + frame["height"] / 2
    cell = page.locator(".sl-response .hc-frame").bounding_box()
    assert cell["y"] + cell["height"] / 2 == pytest.approx(middle, abs=2)


@pytest.mark.parametrize(
    "change",
    [
        lambda page: enter(page, ".hc-grid input", 0.5, "7.5"),
        lambda page: slide(page, "Kernel rows", 5),
        lambda page: slide(page, "Kernel columns", 1),
    ],
    ids=["typed", "more rows", "fewer columns"],
)
def test_a_pattern_can_be_chosen_again(page, python, change):
    for name, kernel in spectrogram_lab.PATTERNS.items():
        choose(page, "Pattern", name)
        change(page)
        shown = menu(page, "Pattern").locator("option:checked").inner_text()
        assert shown == f"changed: {name.replace('_', ' ')}"
        choose(page, "Pattern", name)
        np.testing.assert_array_equal(array(page, "kernel"), kernel)
        agrees(page, python)


@pytest.mark.parametrize("text", ["", "x", "1/0", "NaN"])
def test_bad_numbers_are_refused_in_place(page, python, text):
    before = array(page, "kernel")
    cell = page.get_by_label("kernel weight, row 2, column 2")
    cell.fill(text)
    assert "is not a number" in page.get_by_role("alert").inner_text()
    assert cell.get_attribute("aria-invalid") == "true"
    np.testing.assert_array_equal(array(page, "kernel"), before)
    cell.blur()
    assert cell.input_value() == "2"
    agrees(page, python)


def test_low_frequencies_lie_below(page):
    """The grid's last row is the kernel's first."""
    page.get_by_label("kernel weight, row 3, column 1").fill("9")
    assert array(page, "kernel")[0].tolist() == [9, -1, -1]


def at(page, canvas, row, column, shape):
    """Where a number of a picture stands on the page, counted from below."""
    box = page.locator("canvas").nth(canvas).bounding_box()
    down, across = (shape[0] - row - 0.5) / shape[0], (column + 0.5) / shape[1]
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def test_pointing_and_holding(page, python):
    line = page.locator(".hc-sum")
    held = page.get_by_text("Held.")
    page.mouse.move(*at(page, 1, 30, 20, (38, 47)))
    assert line.inner_text().startswith("response[30, 20] = ")
    assert trait(page, "position") == [0, 0]  # nothing that Python would keep
    page.mouse.move(*at(page, 0, 12, 33, (40, 49)))  # in the filter's middle
    assert line.inner_text().startswith("response[11, 32] = ")
    page.mouse.move(*at(page, 0, 0, 0, (40, 49)))  # as near as it fits
    assert line.inner_text().startswith("response[0, 0] = ")
    page.mouse.move(*at(page, 1, 7, 8, (38, 47)))
    page.mouse.down()
    page.mouse.up()
    assert trait(page, "position") == [7, 8]
    assert held.is_visible()
    page.mouse.move(0, 0)
    agrees(page, python)
    page.locator(".hc").press("Escape")
    assert held.count() == 0


def test_the_strongest_answer(page, python):
    push(page, "Go to the strongest answer")
    seen = agrees(page, python)
    result = python.result
    assert python.position == np.unravel_index(result.argmax(), result.shape)
    assert seen["strip"][2].startswith("Held.")
    push(page, "Go to the strongest answer")  # once more: it stays
    assert agrees(page, python)["strip"][2].startswith("Held.")


def test_walking_by_keys(page, python):
    root = page.get_by_role("group", name="SpectrogramLab")
    root.press("Home")
    assert (trait(page, "step"), trait(page, "position")) == (1, [0, 0])
    root.press("ArrowRight")
    root.press("ArrowUp")  # up on the screen: a higher frequency
    assert (trait(page, "step"), trait(page, "position")) == (49, [1, 1])
    agrees(page, python)
    root.press("ArrowDown")
    assert (trait(page, "step"), trait(page, "position")) == (2, [0, 1])
    root.press("ArrowDown")  # there is none
    assert trait(page, "step") == 2
    root.press("End")
    assert trait(page, "step") == 38 * 47
    agrees(page, python)


def test_playing_comes_to_the_end(page, clock):
    page.get_by_role("button", name="Play").click()
    before = trait(page, "step")
    clock.run_for(700)
    assert trait(page, "step") == before + 30  # all of it in a minute's half
    clock.run_for(700 * 60)
    assert trait(page, "step") == 38 * 47
    page.get_by_role("button", name="Play").wait_for()


# ---- sounds in ----


def wav(wave, rate=8000, name="mine.wav", kind=np.int16):
    """A WAV file, as a browser's file chooser hands it over."""
    file = io.BytesIO()
    scaled = (
        np.rint(np.asarray(wave) * 32767).astype(kind) if kind == np.int16 else wave
    )
    wavfile.write(file, rate, scaled)
    return {"name": name, "mimeType": "audio/wav", "buffer": file.getvalue()}


def opened(page, file):
    before = page.evaluate("model.saves")
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_function("(n) => model.saves > n", arg=before)
    return array(page, "wave")


def test_a_file_comes_as_it_does_in_python(page, python):
    wave = sounds.tone(700, 0.4, peak=0.6)
    file = wav(wave)
    found = opened(page, file)
    wanted = sounds.fitted(sounds.read(file["buffer"], rate=8000).wave)
    # Chromium divides positive numbers by 32,767, and negative ones by 32,768.
    np.testing.assert_allclose(found, wanted, atol=1 / 32_000)
    assert trait(page, "sound") == "own"
    agrees(page, python)
    choose(page, "Sound", "clicks")
    agrees(page, python)
    choose(page, "Sound", "own")
    np.testing.assert_array_equal(array(page, "wave"), found)
    agrees(page, python)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_other_rates_and_stereo(page, python, rate):
    """The browser resamples in its own way; the same tone comes out."""
    tone = sounds.tone(700, 0.5, rate, peak=0.8)
    found = opened(page, wav(np.stack([tone, 0.5 * tone], axis=1), rate))
    wanted = sounds.tone(700, 0.5, peak=0.6)
    inside = slice(200, 3800)
    off = min(
        np.abs(np.roll(found, k)[:4000][inside] - wanted[inside]).max()
        for k in range(-3, 4)
    )
    assert off < 0.25  # the browser may shift it by a part of a sample
    assert np.abs(found[4100:]).max() < 0.01
    power = sounds.spectrogram(found)[:, 10]
    assert abs(power.argmax() * 8000 / 256 - 700) < 32
    agrees(page, python)


def test_a_long_file_begins_where_the_sound_does(page, python):
    wave = np.zeros(24_000)
    wave[10_000:13_000] = 0.5 * sounds.tone(900, 3000 / 8000)
    found = opened(page, wav(wave))
    begin = int(np.flatnonzero(np.abs(found) > 0.1)[0])
    assert begin < 400
    assert np.abs(found).max() > 0.45
    agrees(page, python)


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.wav"), (b"no sound", "text.wav"), (b"RIFF\0\0\0\0WAVE", "cut.wav")],
)
def test_broken_files_are_refused(page, python, content, name):
    before = array(page, "wave")
    file = {"name": name, "mimeType": "audio/wav", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text(f"{name} cannot be read as a sound.").wait_for()
    np.testing.assert_array_equal(array(page, "wave"), before)
    assert trait(page, "sound") == "changing hum"
    slide(page, "Hop", 200)
    agrees(page, python)  # and the sentence has gone


def test_a_huge_file_is_refused(page, tmp_path):
    with (tmp_path / "huge.wav").open("wb") as file:
        file.truncate(20_000_001)
    page.locator("input[type=file]").set_input_files(tmp_path / "huge.wav")
    page.get_by_text("huge.wav has 20 MB; at most 20 are taken.").wait_for()
    assert trait(page, "sound") == "changing hum"


# ---- the microphone ----

# A stand-in for it: a stream with a tone, of a real MediaRecorder.
MICROPHONE = """() => {
  window.tracks = [];
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: {
    async getUserMedia({ audio }) {
      if (!audio) throw new TypeError();
      const context = new AudioContext();
      await context.resume();
      const from = context.createOscillator();
      const to = context.createMediaStreamDestination();
      from.frequency.value = 1000;
      from.connect(to);
      from.start();
      tracks.push(...to.stream.getTracks());
      return to.stream;
    },
  } });
}"""
REFUSING = """(name) => Object.defineProperty(navigator, "mediaDevices", {
  configurable: true,
  value: { getUserMedia: async () => { throw new DOMException("no", name); } } })"""


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def test_recording(page, python):
    wear_out(page)
    page.evaluate(MICROPHONE)
    button(page, "Record").click()
    stop = button(page, "Stop recording")
    stop.wait_for()
    assert stop.get_attribute("aria-pressed") == "true"
    page.wait_for_timeout(700)  # of sound, which only time can bring
    stop.click()
    page.wait_for_function("model.get('sound') === 'own'")
    assert button(page, "Record").get_attribute("aria-pressed") == "false"
    found = array(page, "wave")
    assert found.shape == (8000,)
    power = sounds.spectrogram(found).sum(axis=1)
    assert abs(power.argmax() * 8000 / 256 - 1000) < 40
    assert page.evaluate("tracks.map((one) => one.readyState)") == ["ended"]
    agrees(page, python)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NotAllowedError", "does not let this page use the microphone"),
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "cannot be used (NotReadableError)"),
    ],
)
def test_a_microphone_that_is_refused(page, python, name, said):
    wear_out(page)
    page.evaluate(REFUSING, name)
    button(page, "Record").click()
    page.get_by_role("alert").filter(has_text=said).wait_for()
    assert button(page, "Record").is_enabled()
    assert trait(page, "sound") == "changing hum"
    slide(page, "Hop", 200)
    agrees(page, python)


def test_a_recorder_that_does_not_start(page):
    """What was asked for is given back."""
    wear_out(page)
    page.evaluate(MICROPHONE)
    page.evaluate(
        """() => { MediaRecorder.prototype.start = () => {
          throw new DOMException("no", "NotSupportedError"); } }"""
    )
    button(page, "Record").click()
    page.get_by_text("cannot be used (NotSupportedError)").wait_for()
    assert page.evaluate("tracks.map((one) => one.readyState)") == ["ended"]


def test_a_page_that_may_not_use_a_microphone(page):
    wear_out(page)
    page.evaluate(
        "() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"
    )
    button(page, "Record").click()
    page.get_by_text("This page may not use a microphone").wait_for()


def test_silence_is_no_recording(page):
    wear_out(page)
    page.evaluate(MICROPHONE.replace("from.start();", ""))
    button(page, "Record").click()
    stop = button(page, "Stop recording")
    stop.wait_for()
    page.wait_for_timeout(200)  # of silence
    stop.click()
    page.get_by_text("Nothing was heard.").wait_for()
    assert trait(page, "sound") == "changing hum"


def test_closing_lets_go_of_the_microphone(page):
    wear_out(page)
    page.evaluate(MICROPHONE)
    button(page, "Record").click()
    button(page, "Stop recording").wait_for()
    page.evaluate("unmount()")
    page.wait_for_function("tracks.every((one) => one.readyState === 'ended')")
    # Also where it is closed while the browser still asks.
    page.evaluate(hands.AGAIN)
    button(page, "Record").click()
    page.evaluate("unmount()")
    page.wait_for_function(
        "tracks.length === 2 && tracks.every((one) => one.readyState === 'ended')"
    )
    assert trait(page, "sound") == "changing hum"


# ---- sounds out ----

# What would be played is written down: as a file, or as numbers.
LISTENING = """(refuses) => {
  window.heard = [];
  const refusing = () => { throw new DOMException("no", "NotSupportedError"); };
  HTMLMediaElement.prototype.play = async function () {
    if (refuses.includes("files")) refusing();
    const bytes = new Uint8Array(await (await fetch(this.src)).arrayBuffer());
    heard.push(["file", [...bytes]]);
    window.player = this;
  };
  window.AudioContext = class {
    constructor() { if (refuses.includes("numbers")) refusing(); }
    createBuffer(channels, length, rate) {
      return { copyToChannel: (data) => heard.push(["numbers", [...data], rate]) };
    }
    createBufferSource() {
      const start = () => heard.push("started");
      return { connect() {}, addEventListener() {}, start };
    }
    close() { heard.push("closed"); }
  };
}"""


def heard(page, count=1):
    page.wait_for_function("(count) => heard.length >= count", arg=count)
    return page.evaluate("heard")


def test_listening(page):
    wear_out(page)
    page.evaluate(LISTENING, [])
    button(page, "Listen").click()
    [[kind, file]] = heard(page)
    rate, wave = wavfile.read(io.BytesIO(bytes(file)))
    assert (kind, rate) == ("file", 8000)
    shown = array(page, "wave")
    wanted = shown / np.abs(shown).max() * 0.9  # as loud as others
    np.testing.assert_allclose(wave / 32768, wanted, atol=1 / 32000)
    url = page.evaluate("player.src")
    button(page, "Listen").click()  # once more: the first ends
    assert len(heard(page, 2)) == 2
    assert page.evaluate(
        "url => fetch(url).then(() => 'there', () => 'gone')", url
    ) == ("gone")
    page.evaluate("unmount()")
    assert page.evaluate("player.getAttribute('src')") is None


def test_listening_where_no_file_is_played(page):
    wear_out(page)
    page.evaluate(LISTENING, ["files"])
    button(page, "Listen").click()
    (kind, wave, rate), started = heard(page, 2)
    assert (kind, rate, started) == ("numbers", 8000, "started")
    shown = array(page, "wave")
    np.testing.assert_allclose(wave, shown / np.abs(shown).max() * 0.9, atol=1e-6)
    page.evaluate("unmount()")
    assert page.evaluate("heard.at(-1)") == "closed"


POLICY = """() => {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "media-src 'none'";
  document.head.append(policy);
  window.heard = [];
  const Context = AudioContext;
  window.AudioContext = class extends Context {
    constructor() {
      super();
      this.addEventListener("statechange", () => heard.push(this.state));
    }
  };
}"""


def test_a_policy_that_lets_no_file_be_played(page):
    """Nothing stands in for the browser here: the sound comes to its end."""
    wear_out(page)
    page.evaluate(POLICY)
    button(page, "Listen").click()
    page.wait_for_function("heard.at(-1) === 'closed'")
    assert page.get_by_role("alert").inner_text() == ""


def test_a_page_that_plays_nothing(page):
    wear_out(page)
    page.evaluate(LISTENING, ["files", "numbers"])
    button(page, "Listen").click()
    page.get_by_text("This page does not let sounds be played.").wait_for()


# ---- Python ----


def test_python_moves_the_screen(page, python):
    page.evaluate(
        """() => {
          model.set("window", 64);
          model.set("slides", "time");
          model.set("layer", "pool1");
          model.set("wave", { shape: [8000], dtype: "float64", data: new DataView(
            Float64Array.from({ length: 8000 }, (_, k) => Math.sin(k) / 2).buffer) });
          model.set("sound", "own");
          model.set("step", 12);
          model.set("position", [0, 11]);
        }"""
    )
    before = page.evaluate("model.saves")
    agrees(page, python)
    assert (python.step, python.position, python.window) == (12, (0, 11), 64)
    assert page.evaluate("model.saves") == before  # and is not answered


def test_goes_on_when_the_kernel_is_gone(page, python):
    lose_the_kernel(page)
    choose(page, "Sound", "two tones")
    choose(page, "Slides in", "frequency")
    slide(page, "Window", 1)
    agrees(page, python)


def in_python(page):
    """What Copy as Python writes."""
    button(page, "Copy as Python").click()
    return page.get_by_label("The same in Python").inner_text()


def test_copy_as_python_of_ones_own(page):
    opened(page, wav(sounds.tone(700, 0.4)))
    enter(page, ".hc-grid input", 0, "0.5")
    choose(page, "Layer", "logits")
    slide(page, "Step", 100)
    code, comment = in_python(page).split("  # ")
    assert comment == "wave: your own sound, as an array"
    names = {"wave": array(page, "wave"), "model": NETWORK}
    made = eval(code, {"SpectrogramLab": SpectrogramLab, **names})
    np.testing.assert_array_equal(made.wave, names["wave"])
    np.testing.assert_array_equal(made.kernel, array(page, "kernel"))
    assert (made.layer, made.step) == ("logits", 100)
    assert made.position == tuple(trait(page, "position"))


def test_a_menu_of_ones_own_and_no_network(browser):
    own = {"low": sounds.tone(300), "high": sounds.tone(3000)}
    lab = SpectrogramLab("high", sounds=own, network=None)
    with watched(browser, lab) as page:
        code = in_python(page)
        assert code == 'SpectrogramLab("high", sounds=sounds, network=None)'
        assert page.locator(".sl-network").count() == 0
        assert page.get_by_role("combobox", name="Layer").count() == 0
        names = {"SpectrogramLab": SpectrogramLab, "sounds": own}
        np.testing.assert_array_equal(eval(code, names).wave, lab.wave)
        choose(page, "Sound", "low")
        np.testing.assert_array_equal(array(page, "wave"), lab.sounds["low"])


# ---- how it looks ----


IN_A_CELL = 260  # px that JupyterLab leaves of a phone's 360


@pytest.mark.parametrize("slides", SLIDES)
@pytest.mark.parametrize("width", [360, IN_A_CELL])
def test_fits_a_phone(browser, slides, width):
    lab = SpectrogramLab("clicks", "onset", slides, window=32, network=NETWORK)
    with watched(browser, lab, width=width) as page:
        assert width_needed(page) <= width
        push(page, "Large")
        for window in range(len(WINDOWS)):
            slide(page, "Window", window)
            assert width_needed(page) <= width


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("width", [IN_A_CELL, 900])
def test_no_slider_moves_away_either(browser, width, large):
    """Neither down, where a sentence above it needs another line."""
    with watched(browser, SpectrogramLab(network=NETWORK), width=width) as page:
        if large:
            push(page, "Large")
        for slides in SLIDES:
            choose(page, "Slides in", slides)
            for name in ("Window", "Hop", "Step"):
                assert len(hands.stands(page, name)) == 1, (slides, name)


@pytest.mark.parametrize("dark", [False, True])
def test_accessibility_of_every_way_to_slide(browser, dark):
    with watched(browser, SpectrogramLab(network=NETWORK), dark=dark) as page:
        for slides in SLIDES[1:]:
            choose(page, "Slides in", slides)
            assert hands.grave(page) == []


def test_what_it_hears_is_said(page, clock):
    spoken = page.locator("[aria-live]")
    choose(page, "Sound", "clicks")
    clock.run_for(600)
    assert spoken.text_content().startswith("It hears: ")
    slide(page, "Step", 5)
    clock.run_for(600)
    assert spoken.text_content().startswith("response[0, 4] = ")
