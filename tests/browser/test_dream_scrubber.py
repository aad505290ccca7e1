"""DreamScrubber on a page: every picture as it was given, every line as measured."""

import numpy as np
import pytest
from hands import (
    RESTS,
    choose,
    decode,
    hold_pictures_back,
    menu,
    number_after,
    press,
    push,
    silent_at_first,
    slide,
    slider,
    tick,
    trait,
    watched,
    width_needed,
)
from stage import read

from helpers import images
from helpers.widgets import DreamScrubber

COUNTS = {"block 4": 12, "block 5": 7, "conv 1": 12}
SIDES = (24, 32)
STEPS = 61  # that were measured; pictures were kept of some


def dream(count, seed, sides=SIDES):
    """A smooth picture that grows out of a gradient."""
    rows, columns = np.mgrid[: sides[0], : sides[1]]
    begin = 60 + 2 * np.stack([rows, columns, rows + columns], -1)
    wave = np.stack([np.sin((rows + k * columns) / (5 + seed)) for k in range(3)], -1)
    return [begin + 50 * wave * k / (count - 1) for k in range(count)]


PICTURES = {
    name: dream(count, seed) for seed, (name, count) in enumerate(COUNTS.items())
}
BEFORE = PICTURES["block 4"][0]
VALUES = {
    "block 4": {"activation": np.linspace(1, 40, STEPS)},
    "block 5": {"activation": np.linspace(2, 9, STEPS)},
}

LOOK = """() => {
  const seen = (selector) => [...document.querySelectorAll(selector)].filter(
    (one) => one.checkVisibility());
  const pixels = (canvas) => [...document.querySelectorAll("canvas")].indexOf(canvas);
  return {
    captions: seen(".hc-scene figcaption").map((one) => one.textContent),
    pictures: seen(".hc-scene .hc-view canvas").map((one) =>
      model.painted(pixels(one))),
    said: seen(".hc-strip p").map((one) => one.textContent),
    busy: document.querySelector(".hc").getAttribute("aria-busy"),
    legend: seen(".hc-legend-entry").map((one) => one.textContent),
    at: document.querySelector(".hc-legend-x b")?.textContent,
    scrub: Number(document.querySelector("input[type=range]").value),
  };
}"""


def made(**settings):
    return DreamScrubber(PICTURES, BEFORE, values=VALUES, **settings)


@pytest.fixture
def page(browser):
    with watched(browser, made()) as page:
        page.wait_for_function(RESTS)
        yield page


def as_sent(picture):
    return images.load(images.to_webp(np.rint(picture).astype(np.uint8))) * 1.0


SENT = {name: [as_sent(one) for one in series] for name, series in PICTURES.items()}
SENT_BEFORE = as_sent(BEFORE)


def expected(state):
    """The captions and pictures that are to be seen, by NumPy alone."""
    names = list(dict.fromkeys(n for n in (state["left"], state["right"]) if n))
    found = [("Before", SENT_BEFORE)]
    begin = np.rint(BEFORE)
    most = max(np.abs(np.rint(PICTURES[n]) - begin).max() for n in names)
    for name in names:
        k = min(state["step"], COUNTS[name] - 1)
        picture = SENT[name][k]
        if state["difference"]:
            picture = 127.5 + 127.5 / most * (picture - SENT_BEFORE)
        found.append((f"{name}, {k} of {COUNTS[name] - 1}", picture))
    return names, found, most


def assert_right(page):
    names = ("step", "left", "right", "difference")
    state = {name: trait(page, name) for name in names}
    seen = read(page, LOOK)
    shown, wanted, most = expected(state)
    assert seen["busy"] == "false"
    assert seen["captions"] == [caption for caption, _ in wanted]
    slack = 127.5 / most * 4 if state["difference"] else 3  # decoders round differently
    for painted, (caption, picture) in zip(seen["pictures"], wanted, strict=True):
        room = 3 if caption == "Before" else slack + 1
        close = np.abs(painted[..., :3] - np.clip(picture, 0, 255)) <= room
        assert close.mean() > 0.99, caption
    assert seen["scrub"] == state["step"]
    entries = [name for name in shown if name in VALUES]
    assert len(seen["legend"]) == len(entries)
    for said, name in zip(seen["said"], shown, strict=False):
        k = min(state["step"], COUNTS[name] - 1)
        last = STEPS - 1 if name in VALUES else COUNTS[name] - 1
        at = round(np.linspace(0, last, COUNTS[name])[k])
        assert said.startswith(f"{name}: after step {at}")
        if name in VALUES:
            value = VALUES[name]["activation"][at]
            assert number_after(said.replace(",", ""), "activation") == pytest.approx(
                value, rel=1e-3
            )
    scale = [line for line in seen["said"] if line.startswith("Difference")]
    assert len(scale) == state["difference"]
    if scale:
        assert number_after(scale[0], "by") == most


def test_as_it_comes(page):
    assert_right(page)
    note = page.locator(".hc-foot").inner_text()
    assert "32 pictures of 24 × 32 are on this page," in note


def test_random_moves(page):
    rng = np.random.default_rng(4)
    for _ in range(200):  # of 288 different states
        move = rng.integers(0, 7)
        if move <= 2:
            slide(page, "Picture", int(rng.integers(0, 12)))
        elif move == 3:
            choose(page, "Setting", str(rng.choice(list(COUNTS))))
        elif move == 4:
            choose(page, "Beside it", str(rng.choice(["", *COUNTS])))
        elif move == 5:
            tick(page, "difference")
        else:
            press(page, str(rng.choice(["ArrowLeft", "ArrowRight", "Home", "End"])))
        page.wait_for_function(RESTS)
        assert_right(page)


def test_by_keyboard_and_mouse(page):
    root = page.locator(".hc")
    root.focus()
    for key, step in (("End", 11), ("ArrowLeft", 10), ("Home", 0), ("ArrowRight", 1)):
        page.keyboard.press(key)
        assert trait(page, "step") == step
    menu(page, "Beside it").select_option("block 5")
    page.get_by_role("checkbox", name="difference from the beginning").check()
    assert_right(page)
    slider(page, "Picture").fill("8")
    assert_right(page)
    push(page, "Step on")
    assert trait(page, "step") == 9


def test_a_click_on_the_lines_goes_there(page):
    area = page.locator(".hc-chart-area")
    box = area.bounding_box()
    area.click(position={"x": box["width"] - 1, "y": box["height"] / 2})
    assert trait(page, "step") == 11
    area.click(position={"x": 1, "y": box["height"] / 2})
    assert trait(page, "step") == 0
    assert read(page, LOOK)["at"] == "0"


def test_it_follows_python(page):
    page.evaluate(
        "async () => { model.set('left', 'conv 1'); model.set('right', 'block 5');"
        " model.set('step', 9); model.set('difference', true);"
        " await new Promise(requestAnimationFrame); }"
    )
    page.wait_for_function(RESTS)
    assert_right(page)


def test_one_setting_alone_on_a_phone(browser):
    explorer = DreamScrubber(dream(6, 1))
    with watched(browser, explorer, width=360) as page:
        page.wait_for_function(RESTS)
        assert width_needed(page) <= 360
        assert page.get_by_role("combobox", name="Beside it").count() == 0
        assert page.locator(".hc-chart").is_visible() is False
        assert page.locator(".hc-scene .hc-chart").count() == 1
        tick(page, "difference")
        slide(page, "Picture", 0)
        seen = read(page, LOOK)
        [start] = seen["pictures"]
        assert np.abs(start[..., :3] - 127.5).max() <= 1  # none, from the first


def test_settings_may_be_called_as_they_like(browser):
    """Also as what every object of JavaScript has; also very long."""
    names = ["__proto__", "constructor", "x" * 138]
    pictures = dict(zip(names, PICTURES.values(), strict=True))
    values = {name: {"activation": np.arange(12.0)} for name in names}
    explorer = DreamScrubber(pictures, values=values, right=names[2])
    with watched(browser, explorer, width=360) as page:
        page.wait_for_function(RESTS)
        assert width_needed(page) <= 360
        seen = read(page, LOOK)
        assert seen["captions"] == [f"{names[0]}, 0 of 11", f"{names[2]}, 0 of 11"]
        choose(page, "Setting", "constructor")
        page.wait_for_function(RESTS)
        assert read(page, LOOK)["captions"][0] == "constructor, 0 of 6"


def test_a_narrow_strip_is_no_tower(browser):
    strip = [np.full((512, 4, 3), 20 * k) for k in range(3)]
    with watched(browser, DreamScrubber(strip)) as page:
        page.wait_for_function(RESTS)
        box = page.locator(".hc-scene .hc-view canvas:visible").bounding_box()
        assert box["height"] <= 60 * 14


def test_the_last_picture_may_come_after_the_last_measurement(browser):
    """As of an ascent: what is measured is measured before each step."""
    explorer = DreamScrubber(dream(4, 1), values=np.arange(30.0), at=[0, 10, 20, 30])
    with watched(browser, explorer) as page:
        page.wait_for_function(RESTS)
        slide(page, "Picture", 3)
        assert page.locator(".hc-strip").inner_text().strip() == (
            "the picture: after step 30, value –."
        )
        assert page.locator(".hc-chart-mark").is_visible()
        slide(page, "Picture", 2)
        assert "after step 20, value 20." in page.locator(".hc-strip").inner_text()


@pytest.mark.parametrize("first", [1e6, 0])
def test_lines_far_apart_have_a_logarithmic_axis(browser, first):
    """Also where one begins at 0, as a content loss does that starts at the photo."""
    values = {"loss": 10.0 ** np.linspace(6, 0, 40), "style": np.full(40, np.nan)}
    values["loss"][0] = first
    with watched(browser, DreamScrubber(dream(4, 1), values=values)) as page:
        page.wait_for_function(RESTS)
        ticks = page.locator(".hc-chart-ys span").all_inner_texts()
        assert ticks == ["1", "100", "10000", "1e6"]
        assert page.locator(".hc-strip").inner_text().count("loss") == 1
        assert "style" not in page.locator(".hc-strip").inner_text()


def broken(row, k):
    """Files in a row, of which one holds nothing."""
    data, begin = bytearray(row["data"]), row["ends"][k - 1] if k else 0
    data[begin : row["ends"][k]] = bytes(row["ends"][k] - begin)
    return {**row, "data": bytes(data)}


def test_a_file_that_cannot_be_read_is_said(browser):
    """And no other picture stands in its place."""
    explorer = DreamScrubber(dream(4, 1), dream(4, 1)[0])
    [sent] = explorer._pictures.values()
    explorer._pictures = {"the picture": broken(sent, 2)}
    with watched(browser, explorer) as page:
        page.get_by_role("alert").filter(has_text="cannot be read").wait_for()
        for changed in (False, True):
            for step in (1, 2, 3):
                slide(page, "Picture", step)
                page.wait_for_function(RESTS)
                seen = read(page, LOOK)
                ending = ", not readable" * (step == 2)
                assert seen["captions"] == [
                    "Before",
                    f"the picture, {step} of 3{ending}",
                ]
                painted = seen["pictures"][1][..., :3]
                assert painted.shape == (*SIDES, 3)
                if step == 2:
                    assert (painted == painted[0, 0]).all()
                elif not changed:
                    assert np.abs(painted - as_sent(dream(4, 1)[step])).mean() < 3
                else:
                    assert painted.std() > 3
            tick(page, "difference")


def test_what_all_began_with_cannot_be_read(browser):
    explorer = DreamScrubber(dream(3, 1), dream(3, 1)[0])
    explorer._before = broken(explorer._before, 0)
    with watched(browser, explorer) as page:
        page.wait_for_function(RESTS)
        shown, without = "the picture, 0 of 2", ", not readable"
        assert read(page, LOOK)["captions"] == [f"Before{without}", shown]
        tick(page, "difference")
        assert read(page, LOOK)["captions"] == [f"Before{without}", f"{shown}{without}"]


def test_what_is_not_decoded_yet_is_gray(browser):
    with watched(browser, DreamScrubber(dream(4, 1)), new=True) as page:
        hold_pictures_back(page)

        def seen():
            found = read(page, LOOK)
            [picture] = found["pictures"]
            is_gray = bool((picture[..., :3] == picture[0, 0, :3]).all())
            return found["busy"], is_gray, picture.shape[:2]

        assert seen() == ("true", True, SIDES)
        decode(page, 1)
        page.wait_for_function(RESTS)
        assert seen() == ("false", False, SIDES)
        slide(page, "Picture", 3)
        assert seen() == ("true", True, SIDES)
        decode(page, 2)  # the second was begun already; the third comes later
        page.wait_for_function(RESTS)
        [last] = read(page, LOOK)["pictures"]
        assert np.abs(last[..., :3] - as_sent(dream(4, 1)[3])).mean() < 3


def test_a_faint_change_is_shown_as_it_is(browser):
    """Noise that changes by two gray levels at the most: compression would drown it."""
    rng = np.random.default_rng(0)
    begin = rng.integers(40, 200, (*SIDES, 3))
    changes = [k * rng.integers(-1, 2, begin.shape) for k in range(3)]
    explorer = DreamScrubber([begin + one for one in changes], begin, difference=True)
    with watched(browser, explorer) as page:
        for step, change in enumerate(changes):
            slide(page, "Picture", step)
            page.wait_for_function(RESTS)
            seen = read(page, LOOK)
            wanted = np.rint(127.5 + 127.5 / 2 * change)
            assert np.abs(seen["pictures"][1][..., :3] - wanted).max() <= 1
        assert "full colour a change by 2 of 255." in seen["said"][2]


def test_it_speaks_of_what_was_done_alone(page, clock):
    """Not of what it shows at first, while its pictures come."""
    spoken = silent_at_first(page)
    slide(page, "Picture", 3)
    clock.run_for(2000)
    assert spoken.text_content().startswith("block 4: after step 16, activation")
