"""AugmentationSampler on a bare page: every control, each pixel against NumPy."""

import re
from pathlib import Path

import numpy as np
import pytest
from hands import (
    array,
    choose,
    different_states,
    grave,
    lose_the_kernel,
    menu,
    press,
    push,
    read,
    slide,
    slider,
    tap,
    tick,
    trait,
    watched,
    width_needed,
)
from PIL import Image

from helpers import images
from helpers.widgets import AugmentationSampler
from helpers.widgets.explorers.augmentation_sampler import PICTURES, PRESETS
from helpers.widgets.parts.augmentation import FIXED, RANDOM, Settings, colour_shift

STATE = [*Settings._fields, "seed", "chosen", "photo"]
DEVIATIONS = range(-2, 3)
WHOLE, FIRST_VIEW, FIRST_SHIFTED = 0, 1, 13  # canvases
LOOK = f"""() => {{
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
  const picks = [...document.querySelectorAll(".hc-pick")];
  const {{ top, left, width, height, transform }} =
    document.querySelector(".hc-scene > .hc-view .hc-frame").style;
  return {{
    state: Object.fromEntries({STATE}.map((name) => [name, model.get(name)])),
    image: model.array("image"),
    frame: [top, left, width, height].map(parseFloat),
    transform,
    notes: texts(".hc-tile-notes"),
    names: picks.map((one) => one.getAttribute("aria-label")),
    pressed: picks.map((one) => one.getAttribute("aria-pressed")),
    stops: picks.map((one) => one.tabIndex),
    said: texts(".hc-strip .hc-note"),
    counted: texts(".hc-settings .hc-note")[0],
    axes: texts(".as-axis > b"),
    directions: texts(".as-axis > .hc-note"),
  }};
}}"""
PAINTED = """() => [...document.querySelectorAll("canvas")].map((_, k) =>
  model.painted(k))"""


@pytest.fixture
def page(browser):
    with watched(browser, AugmentationSampler("astronaut")) as page:
        yield page


@pytest.fixture(scope="module")
def python_side():
    """An explorer in Python that is put into the state of the page."""
    sampler = AugmentationSampler("astronaut")
    yield sampler
    sampler.close()


def levels(values):
    return np.rint(np.clip(values, 0, 255))


def assert_painted(canvas, wanted, ties=0.01):
    """The same levels; those that lie on a tie may be rounded the other way."""
    assert (canvas[..., 3] == 255).all()
    found = canvas[..., :3].astype(float)
    assert np.abs(found - levels(wanted)).max() <= 1
    assert (found != levels(wanted)).mean() < ties


def agrees(page, sampler):
    """The screen shows what Python makes of the same state."""
    seen, painted = read(page, f"() => [({LOOK})(), ({PAINTED})()]")
    sampler.image = seen["image"]
    for name in STATE:
        setattr(sampler, name, seen["state"][name])
    ways, axes = sampler.ways, sampler.axes
    assert_painted(painted[WHOLE], sampler.image)
    for canvas, view in zip(painted[FIRST_VIEW:], sampler.views, strict=False):
        assert_painted(canvas, view)
    small = sampler.image.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    shifted = [small + n * axis for axis in axes for n in DEVIATIONS]
    assert len(painted) == FIRST_SHIFTED + len(shifted)
    for canvas, wanted in zip(painted[FIRST_SHIFTED:], shifted, strict=True):
        assert_painted(canvas, wanted, ties=0.2)  # means of 16 pixels: many
    frames(seen, sampler, ways)
    says(seen, sampler, ways, axes)
    return seen


def frames(seen, sampler, ways):
    way = ways[sampler.chosen - 1]
    wanted = [way.top, way.left, way.window, way.window]
    np.testing.assert_allclose(
        seen["frame"], [100 * n / 256 for n in wanted], atol=1e-3
    )
    turned = re.findall(r"rotate\((.*)deg\)", seen["transform"])
    wanted = [way.angle] if way.angle else []
    assert [float(n) for n in turned] == pytest.approx(wanted, abs=1e-3)


def says(seen, sampler, ways, axes):
    for k, way in enumerate(ways):
        percent, *sign = seen["notes"][k].split(" %")
        assert float(percent) == pytest.approx(100 * way.window / 256, abs=0.501)
        assert ("⇆" in sign[0]) == way.mirrored
        name = seen["names"][k]
        assert name.startswith(f"View {k + 1}: ")
        assert ("not mirrored" not in name) == way.mirrored
        assert ("turned" in name) == (abs(way.angle) >= 0.5)
        assert ("left" in name) == (way.angle >= 0.5)
        chosen = k + 1 == sampler.chosen
        assert seen["pressed"][k] == str(chosen).lower()
        assert seen["stops"][k] == (0 if chosen else -1)
    said, misread = seen["said"][:2]
    way = ways[sampler.chosen - 1]
    numbers = re.findall(r"\d+", said.replace("\u00a0", " "))
    place = [sampler.chosen, way.window, way.window, way.top, way.left]
    assert [int(n) for n in numbers[:5]] == pytest.approx(place, abs=0.501)
    shift = colour_shift(way, axes)
    if "levels added" in said:
        added = re.search("red (.*), green (.*), blue (.*)\\.", said).groups()
        added = [float(n.replace("−", "-")) for n in added]
        assert added == pytest.approx(shift, rel=0.01, abs=0.0501)
    else:
        assert np.abs(shift).max() < 0.0501
    assert ("label" in misread) == is_misread(sampler.photo, way)
    for k, (axis, text) in enumerate(zip(axes, seen["axes"], strict=True)):
        length = np.linalg.norm(axis)
        if length < 0.05:
            assert "No difference" in text
            continue
        assert text.startswith(f"{k + 1}. from ")
        found = re.search(r"± ([\d.]+) levels, ([\d.e−]+) %", text).groups()
        share = 100 * length**2 / (axes**2).sum()
        assert [float(n.replace("−", "-")) for n in found] == pytest.approx(
            [length, share], abs=0.0501
        )
    if sampler.crop == FIXED:
        assert f" = {sampler.count:,} different" in seen["counted"]
        assert ("2,048" in seen["counted"]) == (sampler.size == 224 and sampler.mirror)
    else:
        found = re.findall(r"\d+(?= to| %)", seen["counted"])
        least = 100 * sampler.least
        assert float(found[0]) == pytest.approx(least, abs=0.501)
        assert float(found[-1]) == pytest.approx(least**2 / 100, abs=0.501)


def is_misread(photo, way):
    turned = abs(way.angle) > 135
    return photo in ("letter b", "digit 6") and (turned or way.mirrored)


def test_random_states(page, python_side):
    rng = np.random.default_rng(4)
    for move in different_states(page):
        match rng.integers(10) if move else 7:
            case 0:
                choose(page, "Photo", str(rng.choice(PICTURES)))
            case 1:
                choose(page, "Windows", str(rng.choice([FIXED, RANDOM])))
            case 2:
                if trait(page, "crop") == RANDOM:
                    slide(page, "Least window", float(rng.uniform(0.1, 1)))
            case 3:
                slide(page, "Turn up to", int(rng.integers(181)))
            case 4:
                slide(page, "Brightness", float(rng.choice([0, rng.random()])))
            case 5:
                slide(page, "Colour", float(rng.choice([0, 0.1, rng.random()])))
            case 6:
                tick(page, "every second")
            case 7:
                slide(page, "View’s side", int(rng.integers(32, 70)))
            case 8:
                push(page, "Another draw")
            case _:
                tap(page, ".hc-pick", float(rng.random()))
        agrees(page, python_side)


def test_every_control_reaches_both_ends(page, python_side):
    ends = {
        "View’s side": ("size", 32, 256),
        "Least window": ("least", 0.1, 1),
        "Turn up to": ("turn", 0, 180),
        "Brightness": ("brightness", 0, 1),
        "Colour": ("colour", 0, 1),
        "Seed": ("seed", 1, 1000),
    }
    for label, (name, least, most) in ends.items():
        slider(page, label).press("End")
        assert trait(page, name) == most
        agrees(page, python_side)
        slider(page, label).press("Home")
        assert trait(page, name) == least
        agrees(page, python_side)
    menu(page, "Windows").select_option(FIXED)
    assert slider(page, "Least window").is_disabled()
    agrees(page, python_side)
    page.get_by_role("checkbox", name="every second view mirrored").uncheck()
    assert trait(page, "mirror") is False
    agrees(page, python_side)


def test_every_preset_and_picture(page, python_side):
    for photo in PICTURES:
        menu(page, "Photo").select_option(photo)
        assert trait(page, "photo") == photo
        agrees(page, python_side)
    for name, preset in PRESETS.items():
        menu(page, "What is done").select_option(name)
        kept = {"title", "least"} if preset.crop == FIXED else {"title"}
        for field in set(preset._fields) - kept:
            assert trait(page, field) == getattr(preset, field)
        agrees(page, python_side)
        assert menu(page, "What is done").input_value() == name
    slide(page, "Turn up to", 3)
    assert menu(page, "What is done").input_value() == "custom"


def test_as_in_2012(page):
    menu(page, "What is done").select_option("alexnet")
    text = page.locator(".hc-settings").inner_text()
    assert "33 rows · 33 columns · 2 = 2,178 different crops" in text
    assert "32 · 32 · 2 = 2,048" in text


def test_what_another_label_would_fit(page):
    """The label that a view brings along, and what it shows."""

    def all_said():
        said = set()
        for k in range(12):
            tap(page, ".hc-pick", k / 12)
            said.add(page.locator(".as-misread").inner_text())
        return said

    menu(page, "Photo").select_option("letter b")
    assert all_said() == {"", "This view shows d, and its label still says b."}
    menu(page, "What is done").select_option("any_way_up")
    found = set()
    for _ in range(4):
        found |= {text[:17] for text in all_said()}
        push(page, "Another draw")
    assert found == {"", "This view shows d", "This view shows q", "This view shows p"}
    menu(page, "Photo").select_option("digit 6")
    tick(page, "every second")
    found = set()
    for _ in range(4):
        found |= all_said()
        push(page, "Another draw")
    assert found == {"", "This view shows 9, and its label still says 6."}


def test_brightness_is_the_first_axis_of_a_photo(page):
    for photo in ("astronaut", "chelsea", "coffee"):
        menu(page, "Photo").select_option(photo)
        texts = page.locator(".as-axis > b").all_inner_texts()
        assert "from dark to bright" in texts[0]
        assert all("dark" not in text for text in texts[1:])
    menu(page, "Photo").select_option("letter b")
    texts = page.locator(".as-axis > b").all_inner_texts()
    assert "dark" in texts[0]
    assert all("No difference" in text for text in texts[1:])


@pytest.mark.parametrize(
    ("axis", "text"),
    [
        ((1, 1, 1), "from dark to bright"),
        ((1, 0, -1), "from azure to orange"),
        ((1, 1, -2), "from blue to yellow"),
        ((-1, -1, 2), "from yellow to blue"),
        ((2, -1, -1), "from cyan to red"),
        ((-1, 2, -1), "from magenta to green"),
        ((-2, 1, 1), "from red to cyan"),
        ((0, 1, -1), "from violet to lime"),
    ],
)
def test_names_of_directions(browser, axis, text):
    """Pixels that differ along one direction alone."""
    amounts = np.linspace(-30, 30, 256 * 256).reshape(256, 256, 1)
    photo = np.rint(128 + amounts * np.array(axis)).astype(np.uint8)
    # Its sum is 0 up to rounding: either end may be the positive one.
    first, second = re.match("from (.*) to (.*)", text).groups()
    with watched(browser, AugmentationSampler(photo)) as page:
        said = page.locator(".as-axis > b").first.inner_text()
        assert (
            f"from {first} to {second}" in said or f"from {second} to {first}" in said
        )


def test_views_are_picked_by_keyboard(page, python_side):
    first = page.locator(".hc-pick").first
    first.press("ArrowRight")
    assert trait(page, "chosen") == 2
    page.keyboard.press("ArrowDown")
    assert trait(page, "chosen") == 6  # four in a row
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert trait(page, "chosen") == 2
    assert (
        page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    )
    agrees(page, python_side)
    page.get_by_role("group", name="AugmentationSampler").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert trait(page, "chosen") == 5
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert trait(page, "chosen") == 9
    agrees(page, python_side)
    page.locator(".hc-pick").nth(11).click()
    assert trait(page, "chosen") == 12
    agrees(page, python_side)


def test_arrows_of_a_slider_are_its_own(page):
    slider(page, "Seed").press("ArrowRight")
    assert (trait(page, "seed"), trait(page, "chosen")) == (2, 1)


def test_playing_draws_again_and_again(page, clock, python_side):
    page.get_by_role("button", name="Another draw").click()
    assert trait(page, "seed") == 2
    slide(page, "Seed", 999)
    page.get_by_role("button", name="Play").click()
    clock.run_for(700)
    assert trait(page, "seed") == 1000
    clock.run_for(700)
    assert trait(page, "seed") == 1
    push(page, "Another draw")
    clock.run_for(5000)
    assert trait(page, "seed") == 2
    agrees(page, python_side)


def in_python(page):
    """What Copy as Python writes."""
    page.get_by_role("button", name="Copy as Python").click()
    return page.get_by_label("The same in Python").inner_text()


def test_copy_as_python(page):
    assert in_python(page) == "AugmentationSampler()"
    menu(page, "Photo").select_option("digit 6")
    menu(page, "What is done").select_option("alexnet")
    slide(page, "Turn up to", 25)
    assert in_python(page) == (
        'AugmentationSampler("digit 6", crop="fixed size", size=224, turn=25)'
    )


def test_own_photo(page, python_side, tmp_path: Path):
    assert menu(page, "Photo").locator("option[value=own]").is_disabled()
    colours = images.photo("rocket", size=300, colour=True)
    wide = np.zeros((300, 500, 3), np.uint8)
    wide[:, 100:400] = colours
    Image.fromarray(wide).save(tmp_path / "mine.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    page.wait_for_function("model.get('photo') === 'own'")
    found = array(page, "image").astype(float)
    assert found.shape == (256, 256, 3)
    np.testing.assert_array_equal(found, images.square(wide, 256))
    agrees(page, python_side)
    assert in_python(page) == (
        "AugmentationSampler(image)  # image: your own picture, as an array"
    )
    menu(page, "Photo").select_option("coffee")
    agrees(page, python_side)
    menu(page, "Photo").select_option("own")
    np.testing.assert_array_equal(array(page, "image"), found)
    agrees(page, python_side)


def test_a_small_photo_of_ones_own_is_enlarged(page, tmp_path):
    small = images.photo("rocket", size=100, colour=True)
    Image.fromarray(small).save(tmp_path / "small.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "small.png")
    page.wait_for_function("model.get('photo') === 'own'")
    np.testing.assert_array_equal(array(page, "image"), images.square(small, 256))


def test_a_file_that_is_no_picture_is_refused_in_place(page, python_side, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture at all")
    page.locator("input[type=file]").set_input_files(tmp_path / "broken.png")
    page.get_by_text("cannot be read as a picture").wait_for()
    assert trait(page, "photo") == "astronaut"
    agrees(page, python_side)
    menu(page, "Photo").select_option("coffee")
    assert page.get_by_role("alert").inner_text() == ""


def test_python_moves_the_screen(page, python_side):
    values = {
        "photo": "own",
        "crop": FIXED,
        "size": 61,
        "least": 0.33,
        "mirror": False,
        "turn": 44,
        "brightness": 0.11,
        "colour": 0.7,
        "seed": 321,
        "chosen": 9,
    }
    page.evaluate(
        """(values) => {
          const pixels = Uint8Array.from({ length: 256 * 256 * 3 }, (_, k) => k % 250);
          model.set("image", { shape: [256, 256, 3], dtype: "uint8",
            data: new DataView(pixels.buffer) });
          for (const [name, value] of Object.entries(values)) model.set(name, value);
        }""",
        values,
    )
    assert menu(page, "Photo").input_value() == "own"
    assert menu(page, "Windows").input_value() == FIXED
    shown = {
        "View’s side": "61",
        "Least window": "0.33",
        "Turn up to": "44",
        "Brightness": "0.11",
        "Colour": "0.7",
        "Seed": "321",
    }
    for label, value in shown.items():
        assert slider(page, label).input_value() == value
    assert not page.get_by_role("checkbox").is_checked()
    agrees(page, python_side)


def test_goes_on_when_the_kernel_is_gone(page, python_side):
    lose_the_kernel(page)
    menu(page, "Photo").select_option("chelsea")
    slide(page, "Turn up to", 90)
    push(page, "Another draw")
    press(page, "ArrowRight", ".hc-pick")
    assert trait(page, "chosen") == 2
    agrees(page, python_side)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 900])
def test_accessibility(browser, dark, width):
    sampler = AugmentationSampler("letter b", turn=180)
    with watched(browser, sampler, dark=dark, width=width) as page:
        assert grave(page) == []


@pytest.mark.parametrize("photo", PICTURES)
def test_fits_a_phone_also_turned(browser, photo):
    sampler = AugmentationSampler(photo, turn=180, least=1)
    with watched(browser, sampler, width=360) as page:
        for k in range(12):
            tap(page, ".hc-pick", k / 12)
            assert width_needed(page) <= 360
