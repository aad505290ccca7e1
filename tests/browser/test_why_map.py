"""WhyMap on a bare page: maps, and what covering does, against the same in Python."""

import io
import re
import warnings

import hands
import numpy as np
import photo_networks
import pytest
from hands import (
    RESTS,
    array,
    choose,
    different_states,
    grave,
    left_behind,
    lose_the_kernel,
    number,
    push,
    slide,
    slide_to,
    tick,
    trait,
    watched,
    width_needed,
)
from lab_browser import closing
from PIL import Image
from scipy import stats
from stage import load, read

from helpers import images
from helpers.widgets import WhyMap
from helpers.widgets.explorers import why_map
from helpers.widgets.parts import reasons

NETWORK = photo_networks.small()
NAMES = {
    "grad_cam": "Grad-CAM",
    "saliency": "Saliency",
    "smooth_grad": "SmoothGrad",
    "occlusion": "Occlusion",
}
SETTINGS = ("label", "method", "layer", "random_weights", "strength", "patch")

SEE = """() => {
  const texts = (selector) => [...document.querySelectorAll(selector)]
    .filter((one) => one.checkVisibility()).map((one) => one.textContent);
  const shown = [...document.querySelectorAll("canvas")].map((canvas, k) =>
    canvas.checkVisibility() ? model.painted(k) : null);
  return {
    state: Object.fromEntries(NAMES.map((name) => [name, model.get(name)])),
    photo: model.get("photo"),
    covered: model.get("covered"),
    bars: [...document.querySelectorAll(".hc-bars .hc-track i")].map((bar) =>
      parseFloat(bar.style.width) / 100),
    guess: texts(".wm-guess")[0],
    strip: texts(".hc-strip > p"),
    captions: texts("figcaption"),
    shown,
  };
}""".replace("NAMES", str([*SETTINGS]))


@pytest.fixture
def page(browser):
    with watched(browser, WhyMap(NETWORK, "chelsea")) as page:
        yield page


@pytest.fixture
def python():
    why = WhyMap(NETWORK, "chelsea")
    yield why
    why.close()


def follow(why, seen):
    """Give the explorer in Python the state that the page has."""
    if seen["photo"] != "own":
        why.photo = seen["photo"]
    for name in SETTINGS:
        value = seen["state"][name]
        setattr(why, name, None if name == "label" and value == -1 else value)
    why.covered = seen["covered"] or None


def cell_of(why, found):
    return why._source.step if why.method == "occlusion" else len(why.view) / len(found)


def overlay(why, found):
    gray = images.gray(why.view)
    return reasons.over(gray, found, why.strength / 100, cell_of(why, found))


def agrees(page, why):
    """What the page shows is what Python makes of the same photo."""
    page.wait_for_function(RESTS)
    seen = read(page, SEE)
    follow(why, seen)
    view = why.view
    if why.covered is not None:
        view = why._with_patch(view, why.covered, why.patch)
    assert np.abs(seen["shown"][0][..., :3] - view).max() <= 1
    likely = why._likely(view)
    np.testing.assert_allclose(seen["bars"], likely, atol=1e-4)
    assert np.abs(seen["shown"][1][..., :3] - overlay(why, why.map)).max() <= 2
    if not why.random_weights:
        assert seen["shown"][2] is None
    else:
        wanted = overlay(why, why.random_map)
        assert np.abs(seen["shown"][2][..., :3] - wanted).max() <= 2
    said_agrees(seen["strip"], why)
    method = NAMES[why.method]
    captions = [f"{method}, trained", f"{method}, random"]
    if not why.random_weights:
        captions = [method]
    assert seen["captions"][1 : 1 + len(captions)] == captions
    return seen


def where_agrees(where, why):
    """The place is that of the largest number, as near as two arithmetics are."""
    name, found = why.class_names[why._label_now()], why.map
    fine = reasons.stretched(found, len(why.view), cell_of(why, found))
    if where.startswith("The map is nowhere above 0"):
        assert where.endswith(f"nothing here speaks for “{name}”.")
        assert fine.max() <= 1e-6
        return
    form = rf"The map of “{name}” is strongest around row (\d+), column (\d+)\."
    row, column = map(int, re.fullmatch(form, where).groups())
    assert fine[row, column] >= fine.max() - 1e-3 * np.ptp(fine) - 1e-6


def said_agrees(strip, why):
    change, where, sane, message = strip
    assert message == ""
    where_agrees(where, why)
    name = why.class_names[why._label_now()]
    if why.covered is None:
        assert change == ""
    else:
        found = re.match(r"Covered there, “(\w+)” (falls|rises|is as likely)", change)
        assert found[1] == name
        if found[2] == "is as likely":
            assert abs(why.change) < 6e-4
        else:
            points = number(re.search(r"by (\S+) points", change)[1])
            sign = -1 if found[2] == "falls" else 1
            assert sign * points == pytest.approx(100 * why.change, rel=0.02, abs=0.02)
    correlation = np.nan
    if why.random_weights:
        with warnings.catch_warnings(
            action="ignore"
        ):  # one of them is the same all over
            both = why.map.ravel(), why.random_map.ravel()
            correlation = stats.spearmanr(*both).statistic
    if np.isnan(correlation):
        assert sane == ""
    else:
        said = re.search(r"of the two maps: (\S+) ", sane)[1]
        assert number(said) == pytest.approx(correlation, abs=0.02)


def random_move(page, rng):
    kind = rng.choice(["slide", "choose", "choose", "tick", "cover", "photo"])
    if kind == "slide":
        label = str(rng.choice(["Strength", "Patch"]))
        slide_to(page, label, float(rng.random()))
    elif kind == "choose":
        label = str(rng.choice(["Class", "Method", "Layer"]))
        options = {
            "Class": [str(n) for n in range(-1, 5)],
            # SmoothGrad's 25 ways back have a test of their own.
            "Method": ["grad_cam", "saliency", "occlusion"],
            "Layer": ["filters", "bend", "pool"],
        }
        if label != "Layer" or trait(page, "method") == "grad_cam":
            choose(page, label, str(rng.choice(options[label])))
    elif kind == "tick":
        tick(page, "the same with random weights")
    elif kind == "cover":
        stage = page.locator("[role=application]")
        stage.press(str(rng.choice(["ArrowUp", "ArrowRight", "ArrowDown", "Delete"])))
    else:
        photo = str(rng.choice(["chelsea", "coffee", "astronaut", "rocket"]))
        choose(page, "Photo", photo)


def test_random_states(page, python):
    rng = np.random.default_rng(5)
    for _ in different_states(page):
        random_move(page, rng)
        agrees(page, python)


@pytest.mark.parametrize("way", ["worker", "page"])
@pytest.mark.parametrize("method", ["smooth_grad", "occlusion"])
def test_what_takes_long_gets_better(browser, python, way, method):
    """Rough first, with how much is done; the same in a worker and on the page."""
    with watched(browser, WhyMap(NETWORK, "chelsea", random_weights=True)) as page:
        if way == "page":
            page.evaluate("() => { window.Worker = undefined }")
        hands.wear_out(page)
        page.wait_for_function(RESTS)
        page.evaluate(
            """() => {
              window.said = [];
              const caption = document.querySelectorAll("figcaption")[1];
              new MutationObserver(() => said.push(caption.textContent)).observe(
                caption, { childList: true });
            }"""
        )
        choose(page, "Method", method)
        agrees(page, python)
        name = {"smooth_grad": "SmoothGrad", "occlusion": "Occlusion"}[method]
        said = page.evaluate("said")
        assert said[-1] == f"{name}, trained"
        shares = [int(number(one.split()[-2])) for one in said[:-1]]
        assert len(shares) > 3
        assert shares == sorted(shares)
        assert 0 < shares[0] < 50


def test_the_network_of_the_course(browser):
    """AlexNet: padding, overlapping windows, normalisation, 8 bits a weight."""
    why = WhyMap("flowers", "sunflower", random_weights=True)
    with watched(browser, why) as page:
        for method in ("grad_cam", "saliency"):
            choose(page, "Method", method)
            seen = agrees(page, why)
            assert seen["guess"].startswith("It sees: sunflowers")


def test_pointing_covers_and_a_click_holds(page, python):
    page.wait_for_function(RESTS)
    before = read(page, SEE)
    for canvas in (0, 1):  # the photo, the map
        box = page.locator("canvas").nth(canvas).bounding_box()
        place = box["x"] + 0.3 * box["width"], box["y"] + 0.51 * box["height"]
        page.mouse.move(*place)
        page.mouse.click(*place)
        page.mouse.move(2, 2)
        assert agrees(page, python)["covered"] == [16, 9]
        page.mouse.click(*place)  # a second click uncovers
        page.mouse.move(2, 2)
        assert agrees(page, python)["covered"] == []
    after = read(page, SEE)
    assert after["strip"][0] == before["strip"][0] == ""


def test_pointing_at_the_map_covers_too(page, python):
    page.wait_for_function(RESTS)
    box = page.locator("canvas").nth(1).bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.51 * box["height"])
    page.wait_for_function(RESTS)
    assert trait(page, "covered") == []
    seen = read(page, SEE)
    covered = python._with_patch(python.view, (16, 9), python.patch)
    assert np.abs(seen["shown"][0][..., :3] - covered).max() <= 1
    assert seen["strip"][0].startswith("Covered there, ")
    assert page.locator(".hc-frame:visible").count() == 2


def test_a_finger_uncovers(page, python):
    """Wherever it meets the patch: nobody hits the same pixel twice."""
    page.wait_for_function(RESTS)
    for canvas in (0, 1):
        box = page.locator("canvas").nth(canvas).bounding_box()
        pixel = box["width"] / 32
        for row, column, covered in (
            (16, 9, [16, 9]),
            (18, 11, []),
            (16, 9, [16, 9]),
            (16, 13, [16, 13]),  # beside the patch of 6: it goes there
            (13, 10, []),
        ):
            page.mouse.click(
                box["x"] + (column + 0.5) * pixel, box["y"] + (row + 0.5) * pixel
            )
            assert trait(page, "covered") == covered
        page.mouse.move(2, 2)
    agrees(page, python)


def test_the_caption_follows_the_check_box(page, python):
    assert agrees(page, python)["captions"][1] == "Grad-CAM"
    for wanted in (["Grad-CAM, trained", "Grad-CAM, random"], ["Grad-CAM"]) * 2:
        tick(page, "the same with random weights")
        seen = agrees(page, python)
        assert seen["captions"][1 : 1 + len(wanted)] == wanted
        name = page.locator("canvas").nth(1).get_attribute("aria-label")
        assert name == f"{wanted[0]}. {seen['strip'][1]}"


# Another photo is chosen as soon as a map of the first is on its way; what is said.
CHANGE_EARLY = """() => {
  window.said = [];
  const where = document.querySelectorAll(".hc-strip > p")[1];
  const caption = document.querySelectorAll("figcaption")[1];
  const all = { subtree: true, childList: true, characterData: true };
  const record = new MutationObserver(() =>
    said.push([where.textContent, caption.textContent]));
  const watch = new MutationObserver(() => {
    if (!caption.textContent.includes(" %")) return;
    watch.disconnect();
    const [menu] = document.querySelectorAll("select");
    menu.value = "coffee";
    menu.dispatchEvent(new Event("change", { bubbles: true }));
    setTimeout(() => record.observe(document.querySelector(".hc"), all));
  });
  watch.observe(caption, all);
}"""


@pytest.mark.parametrize("way", ["worker", "page"])
def test_no_map_of_another_photo_is_shown(browser, python, way):
    with watched(browser, WhyMap(NETWORK, "chelsea")) as page:
        if way == "page":
            page.evaluate("() => { window.Worker = undefined }")
        hands.wear_out(page)
        page.wait_for_function(RESTS)
        first = read(page, SEE)["strip"][1]
        page.evaluate(CHANGE_EARLY)
        choose(page, "Method", "smooth_grad")
        page.wait_for_function("model.get('photo') === 'coffee'")
        agrees(page, python)
        said = page.evaluate("said")
        waiting = [caption for where, caption in said if where == ""]
        assert {*waiting} <= {"SmoothGrad, on its way"}
        begun = said[len(waiting) :]
        assert all(where not in ("", first) for where, _ in begun)
        shares = [int(number(one.split()[-2])) for _, one in begun if "%" in one]
        assert shares == sorted(shares)
        assert shares[0] < 10  # a new one


def test_what_failed_is_not_asked_again_by_pointing(page):
    """A job that throws, and a pointer that goes on; another method may do better."""
    hands.wear_out(page)
    page.wait_for_function(RESTS)
    page.evaluate(
        """() => {
          window.jobs = 0;
          const post = Worker.prototype.postMessage;
          Worker.prototype.postMessage = function (message, ...rest) {
            if (message.input?.method) jobs++;
            return post.call(this, message, ...rest);
          };
          model.set("layer", "no layer of this network");
        }"""
    )
    page.get_by_text("The calculation came to no end: ").wait_for()
    for key in ("ArrowLeft", "ArrowUp", "Delete"):
        page.locator("[role=application]").press(key)
        page.wait_for_function(RESTS)
    assert page.evaluate("jobs") == 1
    assert page.get_by_text("The calculation came to no end: ").is_visible()
    choose(page, "Method", "saliency")
    page.wait_for_function(RESTS)
    assert read(page, SEE)["strip"][3] == ""


WORDS = (
    """([name, most]) => why_map_words.whereText(name, { most, row: 3, column: 4 })"""
)


def test_a_map_of_zeros_has_no_strongest_place(browser):
    with closing(browser.new_page()) as page:
        load(page, "explorers/why_map_words.js")
        nothing = page.evaluate(WORDS, ["rose", 0])
        assert nothing == page.evaluate(WORDS, ["rose", -0.1])
        assert nothing.startswith("The map is nowhere above 0")
        assert page.evaluate(WORDS, ["rose", 0.1]) == (
            "The map of “rose” is strongest around row 3, column 4."
        )


def test_the_map_is_spoken(page):
    page.wait_for_function(RESTS)
    choose(page, "Method", "saliency")
    page.wait_for_function(RESTS)
    where = read(page, SEE)["strip"][1]
    page.locator(".hc-hidden[aria-live]").filter(has_text=where).wait_for(
        state="attached"
    )


def test_covering_by_keys(page, python):
    stage = page.locator("[role=application]")
    stage.press("ArrowLeft")
    assert trait(page, "covered") == [16, 16]
    stage.press("Shift+ArrowRight")
    assert agrees(page, python)["covered"] == [16, 17]
    stage.press("Delete")
    assert agrees(page, python)["covered"] == []


def test_only_grad_cam_has_a_layer(page):
    layer = hands.menu(page, "Layer")
    assert layer.is_enabled()
    hands.menu(page, "Method").select_option("saliency")
    assert not layer.is_enabled()
    said = page.locator(".hc-foot").inner_text()
    assert "Saliency: how much the class’s logit changes" in said


def test_the_strength_of_the_map_is_drawn_at_once(page, python):
    """Without asking anew: nothing is busy."""
    page.wait_for_function(RESTS)
    for strength in (0, 100):
        slide(page, "Strength", strength)
        page.wait_for_function(f"model.get('strength') === {strength}")
        python.strength = strength
        painted = read(page, SEE)["shown"][1][..., :3]
        assert np.abs(painted - overlay(python, python.map)).max() <= 2


def test_python_moves_the_page(page, python):
    page.evaluate(
        """() => {
          model.set("label", 2);
          model.set("method", "saliency");
          model.set("random_weights", true);
          model.set("covered", [4, 5]);
        }"""
    )
    agrees(page, python)
    assert python.label == 2
    assert hands.menu(page, "Method").input_value() == "saliency"
    assert hands.menu(page, "Class").input_value() == "2"


def test_a_photo_of_ones_own(page, python):
    stored = io.BytesIO()
    photo = np.random.default_rng(3).integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(photo).save(stored, "PNG")
    mine = {"name": "mine.png", "mimeType": "image/png", "buffer": stored.getvalue()}
    page.locator("input[type=file]").set_input_files(mine)
    page.wait_for_function("model.get('photo') === 'own'")
    python.image = photo
    np.testing.assert_array_equal(array(page, "image"), python.image)
    agrees(page, python)


def test_it_goes_on_without_a_kernel(page, python):
    lose_the_kernel(page)
    choose(page, "Method", "saliency")
    page.locator("[role=application]").press("ArrowDown")
    agrees(page, python)


# Every caption that maps may have, and where the pictures stand under it.
STAND = """(captions) => {
  const views = [...document.querySelectorAll(".wm-top > .hc-view")]
    .filter((view) => view.checkVisibility());
  const found = captions.map((texts) => {
    texts.forEach((text, k) => {
      views[k + 1].querySelector("figcaption").textContent = text;
    });
    return views.map((view) => {
      const box = view.querySelector(".hc-stage").getBoundingClientRect();
      return [box.left, box.top, box.width].map(Math.round);
    });
  });
  return found;
}"""
PROGRESS = ("", ", on its way", ": 100 %", ": no map")


@pytest.mark.parametrize("width", [360, 500, 700, 1200])
@pytest.mark.parametrize("random", [False, True])
def test_no_picture_moves_while_a_map_comes(browser, width, random):
    why = WhyMap(NETWORK, "chelsea", random_weights=random)
    kinds = [", trained", ", random"] if random else [""]
    captions = [
        [f"{name}{kind}{part if k == 0 else other}" for k, kind in enumerate(kinds)]
        for name in NAMES.values()
        for part in PROGRESS
        for other in PROGRESS
    ]
    with watched(browser, why, width=width) as page:
        page.wait_for_function(RESTS)
        stand = page.evaluate(STAND, captions)
    assert stand == [stand[0]] * len(stand)
    view, *maps = stand[0]
    assert {one[2] for one in maps} == {view[2]}  # all of a size
    assert len({top for _, top, _ in maps}) == 1  # to be compared
    assert random or view[1] == maps[0][1]


LONG = [f"Ein_sehr_langer_Name_ohne_jede_Luecke_der_Klasse{k}" for k in range(5)]


def test_long_names_fit_a_phone(browser):
    why = WhyMap(NETWORK, "chelsea", LONG, label=2, covered=(9, 9))
    with watched(browser, why, width=360) as page:
        page.wait_for_function(RESTS)
        assert width_needed(page) <= 360
        cut = ".wm-guess, .hc-strip p"
        assert page.locator(cut).evaluate_all(
            "all => all.every((one) => one.scrollWidth <= one.clientWidth)"
        )
        titles = page.locator(".hc-bars b")
        assert [one.get_attribute("title") for one in titles.all()] == LONG


def test_large_fits(page):
    page.wait_for_function(RESTS)
    push(page, "Large")
    assert width_needed(page) <= 900


# ---- a network that only the kernel has ----


class StandIn:
    """A model of two layers, and the methods, by their formulas, that ask it."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.kernel = rng.normal(0, 0.02, (3, 5))
        self.asked = []
        self.zeros = False

    def logits(self, pictures):
        """The classes of the mean colours of the left half."""
        return np.asarray(pictures)[:, :, :16].mean((1, 2)) @ self.kernel

    def probabilities(self, model, pictures):
        self.asked.append("probabilities")
        powers = np.exp(model.logits(pictures))
        return powers / powers.sum(1, keepdims=True)

    def saliency(self, model, x, label):
        self.asked.append(("saliency", label))
        found = np.zeros(x.shape[:2])
        found[:, :16] = np.abs(model.kernel[:, label]).max() / (32 * 16)
        return found

    def smooth_grad(self, model, x, label, *, progress):
        raise ValueError("No room for so many pictures.")

    def grad_cam(self, model, x, label, *, layer):
        self.asked.append(("grad_cam", label, layer))
        if self.zeros:
            return np.zeros((8, 8))
        half = np.pad(x[:, :16], ((0, 0), (0, 16), (0, 0)))
        return np.maximum(half[::4, ::4] @ model.kernel[:, label], 0)

    def occlusion(self, model, x, label, *, size, step, progress):
        self.asked.append(("occlusion", label, size, step))
        return x[step // 2 :: step, step // 2 :: step, 0] / 255

    def randomised(self, model, *, seed):
        return StandIn(seed + 1)


@pytest.fixture
def stand_in(monkeypatch):
    """WhyMap takes it for a Keras model that is too large for the page."""
    model = StandIn()
    large = object.__new__(why_map._InKernel)
    large.network, large.side, large.class_names = model, 32, tuple("abcde")
    large.layers, large.usual_layer, large.step = [["last", 8, 8, 3]], "last", 4
    monkeypatch.setattr(why_map, "_probe", lambda: model)
    monkeypatch.setattr(why_map, "_source", lambda _: large)
    return model


@pytest.fixture
def asking(browser, stand_in):
    with watched(browser, WhyMap(stand_in, "chelsea"), kernel=True) as page:
        page.wait_for_function(RESTS)
        yield page


def test_the_kernel_is_asked(asking, stand_in):
    python = WhyMap(stand_in, "chelsea")
    assert python.in_kernel
    agrees(asking, python)
    for method in ("saliency", "occlusion", "grad_cam"):
        choose(asking, "Method", method)
        agrees(asking, python)
    tick(asking, "the same with random weights")
    choose(asking, "Class", "3")
    agrees(asking, python)
    for key in ("ArrowLeft", "ArrowUp"):
        asking.locator("[role=application]").press(key)
    slide(asking, "Patch", 9)
    assert agrees(asking, python)["covered"] == [15, 16]
    assert ("occlusion", int(python.probabilities.argmax()), 6, 4) in stand_in.asked


def test_an_error_of_the_kernel_leaves_what_was_there(asking):
    before = read(asking, SEE)
    choose(asking, "Method", "smooth_grad")
    alert = asking.get_by_role("alert").filter(has_text="No room for so many pictures.")
    alert.wait_for()
    asking.wait_for_function(RESTS)
    after = read(asking, SEE)
    np.testing.assert_array_equal(after["shown"][1], before["shown"][1])
    assert after["captions"] == before["captions"]
    choose(asking, "Method", "saliency")
    asking.wait_for_function(RESTS)
    assert not alert.is_visible()
    assert read(asking, SEE)["captions"][1] == "Saliency"


def test_a_kernel_that_is_gone_is_noticed(browser, stand_in):
    with watched(browser, WhyMap(stand_in, "chelsea"), kernel=True) as page:
        page.wait_for_function(RESTS)
        page.evaluate("() => { model.send = () => { throw new Error('closed') } }")
        choose(page, "Method", "saliency")
        page.get_by_text("The kernel does not answer; run the cell again").wait_for()
        page.wait_for_function(RESTS)
        assert read(page, SEE)["captions"][1] == "Grad-CAM"


# What the page asks waits until the test lets it go: `release()`.
HOLD = """() => {
  const send = model.send.bind(model);
  window.asked = [];
  window.held = [];
  model.send = (content, ...rest) => {
    asked.push([content.question, content.given.method ?? ""]);
    held.push(() => send(content, ...rest));
  };
  window.release = () => held.shift()();
}"""


# Python answers one after the other.
ANSWERED = "async () => { await askPython({ ask: 1 }, []) }"


def release(page):
    page.wait_for_function("held.length")
    page.evaluate("release()")


def release_all(page):
    while True:
        page.wait_for_function(f"held.length || {RESTS}")
        if not page.evaluate("held.length"):
            return
        page.evaluate("release()")


def test_a_late_answer_is_of_the_photo_that_it_was_asked_for(asking, stand_in):
    python = WhyMap(stand_in, "chelsea")
    asking.evaluate(HOLD)
    choose(asking, "Method", "saliency")
    choose(asking, "Photo", "coffee")  # while that is on its way
    asking.wait_for_function("held.length")
    seen = read(asking, SEE)
    assert seen["captions"][1] == "Saliency, on its way"
    gray = images.gray(WhyMap(stand_in, "coffee").view)[..., np.newaxis]
    assert np.abs(seen["shown"][1][..., :3] - gray).max() <= 1
    assert seen["strip"][1] == ""
    release(asking)  # the map of the first photo
    asking.wait_for_function("asked.length === 2")
    assert read(asking, SEE)["captions"][1] == "Saliency, on its way"
    assert read(asking, SEE)["strip"][1] == ""
    release_all(asking)
    agrees(asking, python)
    assert asking.evaluate("asked") == [
        ["explained", "saliency"],
        ["said", ""],
        ["explained", "saliency"],
    ]


def test_of_methods_chosen_meanwhile_the_last_is_asked(asking, stand_in):
    asking.evaluate(HOLD)
    for method in ("saliency", "occlusion", "saliency", "occlusion"):
        choose(asking, "Method", method)
    release_all(asking)
    assert asking.evaluate("asked") == [
        ["explained", "saliency"],
        ["explained", "occlusion"],
    ]
    agrees(asking, WhyMap(stand_in, "chelsea"))


def test_an_error_is_neither_wiped_off_nor_asked_again_by_pointing(asking):
    asking.evaluate(HOLD)
    choose(asking, "Method", "smooth_grad")
    release_all(asking)
    alert = asking.get_by_role("alert").filter(has_text="No room for so many pictures.")
    alert.wait_for()
    box = asking.locator("canvas").nth(0).bounding_box()
    for share in (0.2, 0.5, 0.8):
        asking.mouse.move(box["x"] + share * box["width"], box["y"] + 9)
        release_all(asking)
    methods = [method for _, method in asking.evaluate("asked")]
    assert methods == ["smooth_grad", "", "", ""]
    assert alert.is_visible()
    choose(asking, "Class", "3")  # another question
    release_all(asking)
    methods = [method for _, method in asking.evaluate("asked")]
    assert methods.count("smooth_grad") == 2


def test_uncovering_asks_for_nothing(asking, stand_in):
    asking.evaluate(HOLD)
    stage = asking.locator("[role=application]")
    stage.press("ArrowLeft")
    release_all(asking)
    stage.press("Delete")
    asking.wait_for_function(RESTS)
    assert asking.evaluate("asked") == [["said", ""]]
    agrees(asking, WhyMap(stand_in, "chelsea"))


def test_an_answer_that_comes_after_uncovering_is_dropped(asking, stand_in):
    asking.evaluate(HOLD)
    stage = asking.locator("[role=application]")
    stage.press("ArrowLeft")
    stage.press("Delete")
    release(asking)
    asking.evaluate(ANSWERED)
    agrees(asking, WhyMap(stand_in, "chelsea"))


def test_a_patch_that_is_dragged_is_asked_for_once(asking, stand_in):
    choose(asking, "Method", "occlusion")
    asking.wait_for_function(RESTS)
    asking.evaluate(HOLD)
    asking.evaluate(
        """async () => {
          const slider = [...document.querySelectorAll("input[type=range]")]
            .find(({ labels: [label] }) => label.textContent.startsWith("Patch"));
          for (const side of [9, 12, 15, 18]) {
            slider.value = side;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            await null; // what listens to the model
          }
        }"""
    )
    release_all(asking)
    assert asking.evaluate("asked") == [["explained", "occlusion"]]
    python = WhyMap(stand_in, "chelsea")
    assert agrees(asking, python)["state"]["patch"] == 18


def test_a_map_that_is_nowhere_above_0(asking, stand_in):
    stand_in.zeros = True
    choose(asking, "Class", "3")
    agrees(asking, WhyMap(stand_in, "chelsea"))


def test_the_kernel_s_times_are_not_this_page_s(asking):
    choose(asking, "Method", "saliency")
    asking.wait_for_function(RESTS)
    measured = asking.locator(".hc-measured")
    assert [one.inner_text() for one in measured.all()] == ["", ""]


def test_closed_while_the_kernel_is_asked(asking):
    asking.evaluate(HOLD)
    choose(asking, "Method", "saliency")
    asking.evaluate("unmount()")
    assert asking.evaluate("model.listening()") == 0
    release(asking)
    asking.evaluate(ANSWERED)
    assert asking.locator(".hc").count() == 0


def test_no_photo_without_an_answer_has_a_map(asking):
    """The kernel is gone: that there is no map is said, and nothing is busy."""
    asking.evaluate("() => { model.send = () => { throw new Error('closed') } }")
    choose(asking, "Photo", "coffee")
    asking.get_by_text("The kernel does not answer").wait_for()
    asking.wait_for_function(RESTS)
    seen = read(asking, SEE)
    assert seen["captions"][1] == "Grad-CAM: no map"
    assert seen["guess"] == ""
    assert seen["bars"] == [0] * 5
    assert asking.locator(".hc-share").all_inner_texts() == [""] * 5
    tick(asking, "the same with random weights")
    captions = ["Grad-CAM, trained: no map", "Grad-CAM, random: no map"]
    asking.wait_for_function(RESTS)
    assert read(asking, SEE)["captions"][1:3] == captions


def test_no_patch_without_an_answer_has_a_sentence(asking, stand_in):
    """The kernel is gone: what was said of another patch is not said of this one."""
    stage = asking.locator("[role=application]")
    stage.press("ArrowLeft")
    asking.wait_for_function(RESTS)
    assert read(asking, SEE)["strip"][0].startswith("Covered there, ")
    asking.evaluate("() => { model.send = () => { throw new Error('closed') } }")
    stage.press("ArrowUp")
    asking.get_by_text("The kernel does not answer").wait_for()
    asking.wait_for_function(RESTS)
    seen = read(asking, SEE)
    assert (seen["strip"][0], seen["guess"], seen["bars"]) == ("", "", [0] * 5)
    stage.press("Delete")  # what it says of the whole photo is known
    seen = read(asking, SEE)
    likely = WhyMap(stand_in, "chelsea").probabilities
    np.testing.assert_allclose(seen["bars"], likely, atol=1e-4)
    assert seen["guess"].startswith("It sees: ")


def test_nothing_is_said_of_a_photo_before_its_answer(asking):
    asking.evaluate(HOLD)
    choose(asking, "Photo", "coffee")
    asking.wait_for_function("held.length")
    assert read(asking, SEE)["guess"] == ""
    release_all(asking)
    assert read(asking, SEE)["guess"].startswith("It sees: ")


def test_the_likeliest_of_many_classes_are_not_known_without_an_answer(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/probabilities.js")
        rows = page.evaluate(
            """() => {
              const bars = probabilities.probabilityBars({ most: 2 });
              bars.build(["a", "b", "c"]);
              bars.show([0.1, 0.2, 0.7]);
              bars.clear();
              return [...bars.element.children].map((row) => row.textContent);
            }"""
        )
        assert rows == ["", ""]


def test_who_asks_leaves_nothing_behind(asking):
    left = left_behind(
        asking,
        """
        const stage = document.querySelector("[role=application]");
        const key = ["ArrowUp", "ArrowLeft", "ArrowDown", "Delete"][k % 4];
        stage.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        const [photo, label, method] = document.querySelectorAll("select");
        const menu = k % 50 ? [label, method][k % 2] : photo; // SmoothGrad fails
        menu.selectedIndex = k % 4;
        menu.dispatchEvent(new Event("change", { bubbles: true }));
        if (k % 10 === 0) document.querySelector("input[type=checkbox]").click();
        """,
    )
    assert left["bytes"] < 500_000
    assert left["nodes"] < 50
    assert left["listeners"] == 0


def test_who_asks_is_as_accessible(asking):
    choose(asking, "Method", "smooth_grad")
    asking.get_by_role("alert").filter(has_text="No room").wait_for()
    assert grave(asking) == []


@pytest.mark.parametrize("large", [False, True])
def test_who_asks_fits_a_phone(browser, stand_in, large):
    why = WhyMap(stand_in, "chelsea", method="smooth_grad", random_weights=True)
    with watched(browser, why, kernel=True, width=360) as page:
        page.get_by_role("alert").filter(has_text="No room").wait_for()
        if large:
            push(page, "Large")
        assert width_needed(page) <= 360
