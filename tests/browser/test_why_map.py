"""WhyMap on a bare page: maps, and what covering does, against the same in Python."""

import io
import re

import hands
import numpy as np
import photo_networks
import pytest
from hands import (
    RESTS,
    array,
    choose,
    different_states,
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
from PIL import Image
from stage import read

from helpers import images
from helpers.widgets import WhyMap
from helpers.widgets.explorers import why_map
from helpers.widgets.parts import reasons

NETWORK = photo_networks.small()
SETTINGS = ("label", "method", "layer", "random_weights", "strength", "patch")

SEE = """() => {
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
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


def overlay(why, found):
    cell = why._source.step if why.method == "occlusion" else len(why.view) / len(found)
    gray = images.gray(why.view)
    return reasons.over(gray, found, why.strength / 100, cell)


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
    return seen


def said_agrees(strip, why):
    change, where, sane, message = strip
    assert message == ""
    name = why.class_names[why._label_now()]
    assert where.startswith(f"“{name}” depends most on what is around row ")
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
    assert bool(sane) <= why.random_weights


def random_move(page, rng):
    kind = rng.choice(["slide", "choose", "choose", "tick", "cover", "photo"])
    if kind == "slide":
        label = str(rng.choice(["Strength", "Cover"]))
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
        shares = [int(number(one.split()[-3])) for one in said[:-1]]
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
            assert [caption.split(", ")[1] for caption in seen["captions"][1:3]] == [
                "trained",
                "random",
            ]
        found = np.corrcoef(*[rank(one) for one in (why.map, why.random_map)])[0, 1]
        said = re.search(r"of the two maps: (\S+) ", seen["strip"][2])[1]
        assert number(said) == pytest.approx(found, abs=0.01)


def rank(found):
    return found.ravel().argsort().argsort()


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
    slide(asking, "Cover", 9)
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
