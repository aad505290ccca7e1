"""DigitPad on a bare page: what it shows against the same arithmetic in NumPy."""

import re

import hands
import numpy as np
import pytest
from hands import (
    array,
    choose,
    different_states,
    lose_the_kernel,
    number,
    painted,
    push,
    read,
    red_of,
    slide,
    slide_to,
    tick,
    trait,
    watched,
)

from helpers.networks import exported, running
from helpers.widgets import DigitPad

SEVEN = [[(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]]
NAMES = ("network", "strokes", "prepare", "shift", "turn", "scale", "covered", "patch")
PLACES = ("layer", "unit", "errors", "label")

SEE = """() => {
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
  const labels = [...document.querySelectorAll("label")];
  return {
    state: Object.fromEntries(NAMES.map((name) => [name, model.get(name)])),
    base: model.array("_base"),
    bars: [...document.querySelectorAll(".hc-bars li")].map((row) => ({
      name: row.querySelector("b").textContent,
      share: row.querySelector(".hc-share").textContent,
      width: parseFloat(row.querySelector(".hc-track i").style.width),
      best: row.classList.contains("hc-best"),
    })),
    guess: texts(".dp-guess")[0],
    strip: texts(".hc-strip p"),
    title: texts(".hc-unittitle")[0],
    parts: texts(".hc-maprow > :not([hidden]) .hc-mappart figcaption"),
    current: texts(".hc-tile[data-current] > figcaption"),
    controls: Object.fromEntries(labels.map((label) => {
      const input = label.querySelector("input, select");
      const value = input.type === "checkbox" ? input.checked : input.value;
      return [label.querySelector("span").textContent, value];
    })),
    picture: model.red(1),
  };
}""".replace("NAMES", str([*NAMES, *PLACES]))

# A stroke of the mouse on the pad, in sides of it.
DRAW = """(points) => {
  const canvas = document.querySelector(".dp-pad canvas");
  const box = canvas.getBoundingClientRect();
  const send = (name, [x, y]) => canvas.dispatchEvent(new PointerEvent(name, {
    clientX: box.left + x * box.width, clientY: box.top + y * box.height,
    bubbles: true, pointerId: 1, button: 0 }));
  send("pointerdown", points[0]);
  for (const point of points.slice(1)) send("pointermove", point);
  send("pointerup", points.at(-1));
}"""
# A click on a share of the mosaic of a share of the layers.
CLICK_LAYER = """([which, down, across]) => {
  const stages = [...document.querySelectorAll(".hc-layertiles .hc-stage")];
  const stage = stages[Math.floor(which * stages.length)];
  const box = stage.querySelector("canvas").getBoundingClientRect();
  stage.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, button: 0,
    clientX: box.left + across * box.width, clientY: box.top + down * box.height }));
}"""


@pytest.fixture
def page(browser):
    with watched(browser, DigitPad(strokes=SEVEN)) as page:
        yield page


@pytest.fixture
def python():
    pad = DigitPad()
    yield pad
    pad.close()


def share_of(text):
    return number(text.removesuffix("\u00a0%").removesuffix(" %").lstrip("<> ")) / 100


def share_agrees(text, p):
    if text.startswith("<"):
        assert 0 < p < 0.0005 + 1e-6
    elif text.startswith(">"):
        assert p > 0.9995 - 1e-6
    else:
        assert share_of(text) == pytest.approx(p, abs=0.00051)


def follow(pad, seen):
    """Give the explorer in Python the state that the page has."""
    state = seen["state"]
    if pad.network != state["network"]:
        pad.network = state["network"]
    pad._base = seen["base"]
    for name in (*NAMES[1:], *PLACES):
        value = state[name]
        setattr(pad, name, None if name == "covered" and not value else value)


def agrees(page, pad):
    """What the page shows is what Python makes of the same drawing."""
    seen = read(page, SEE)
    follow(pad, seen)
    image = pad.image
    assert np.abs(seen["picture"] - image).max() <= 0.51
    answers_agree(seen, pad)
    unit_agrees(seen, pad)
    controls_agree(seen, pad)
    return seen


def answers_agree(seen, pad):
    probabilities = pad.probabilities
    assert [bar["name"] for bar in seen["bars"]] == list(pad.classes)
    for bar, p in zip(seen["bars"], probabilities, strict=True):
        assert bar["width"] == pytest.approx(100 * p, abs=1e-3)
        share_agrees(bar["share"], p)
    best, then = np.sort(probabilities)[-1:-3:-1]
    if best - then > 1e-5:
        assert seen["guess"].startswith(f"It sees: {pad.guess} (")
        assert [bar["best"] for bar in seen["bars"]].index(True) == np.argmax(
            probabilities
        )


def near(text, value, scale):
    """A number in four digits; what cancels is as near as its parts are large."""
    assert number(text) == pytest.approx(value, rel=6e-4, abs=1e-5 * max(scale, 1))


def unit_agrees(seen, pad):
    name = pad.trained.names[pad.layer]
    layer = pad.trained.description["layers"][pad.layer]
    maps = pad.maps
    row, column, channel = pad.unit
    rank = len(layer["shape"])
    place = (row, column, channel)[-rank:] if rank > 1 else (channel,)
    value = maps[name][place]
    unit_line, sum_line, error_line, message = seen["strip"]
    assert message == ""
    assert seen["title"].startswith(f"{name}: ")
    assert seen["current"] == [seen["title"]]
    said = f"Unit {channel} of" if rank == 1 else f"Unit [{row}, {column}] of map"
    assert unit_line.startswith(said)
    scale = max(
        np.abs(maps[pad.trained.names[k]]).max() for k in layer["inputs"] or [0]
    )
    if layer["kind"] in ("conv2d", "dense"):
        found = re.match(
            r"(\d+) products add up to (\S+); with the bias (\S+): (\S+)\.", sum_line
        )
        near(found[4], value, scale)
        bias = pad.trained.weights(name).get("bias", np.zeros(channel + 1))[channel]
        near(found[3], bias, 0)
        assert number(found[2]) + number(found[3]) == pytest.approx(
            number(found[4]), rel=2e-3, abs=2e-3 * abs(number(found[2])) + 1e-4
        )
        sides = pad.trained.weights(name)["kernel"].shape[:-1]
        assert int(found[1]) == np.prod(sides)
        assert {"what it saw", "its weights", "products"} <= set(seen["parts"])
    elif layer.get("activation", {}).get("name") == "softmax":
        share_agrees(sum_line.rsplit(": ", 1)[1].rstrip("."), value)
    elif layer["kind"] != "input":
        numbers = re.findall(r"−?\d+\.?\d*(?:e[+−]\d+)?", sum_line)
        near(numbers[-2] if "makes" in sum_line else numbers[-1], value, scale)
    assert bool(error_line) == pad.errors


def controls_agree(seen, pad):
    shown = seen["controls"]
    assert shown["Turn"] == str(pad.turn)
    assert shown["Size"] == str(pad.scale)
    assert shown["Cover"] == str(pad.patch)
    assert shown["Prepare"] == pad.prepare
    assert shown["Network"] == pad.network
    assert shown["Layer"] == str(pad.layer)
    assert shown["Right class"] == str(pad.label)
    assert shown["show errors"] == pad.errors


def random_move(page, rng):
    kind = rng.choice(["draw", "draw", "layer", "layer", "slide", "step", "other"])
    if kind == "draw":
        if rng.random() < 0.25:
            push(page, "Rubber")
        if rng.random() < 0.3:
            # Nothing stands in for sketches, where none are here.
            sample = page.get_by_role("button", name="Sample").is_enabled()
            push(page, str(rng.choice(["Clear", "Undo", *["Sample"] * sample])))
        points = rng.random((int(rng.integers(1, 7)), 2))
        page.evaluate(DRAW, points.tolist())
    elif kind == "layer":
        page.evaluate(CLICK_LAYER, rng.random(3).tolist())
    elif kind == "slide":
        label = str(rng.choice(["Turn", "Size", "Cover"]))
        slide_to(page, label, float(rng.random()))
    elif kind == "step":
        slide_to(page, "Layer", float(rng.random()))
    else:
        other_move(page, rng)


def other_move(page, rng):
    which = int(rng.integers(6))
    if which == 0:
        push(page, str(rng.choice(["Move left", "Move up", "Move down", "Move right"])))
    elif which == 1:
        push(page, "As it was")
    elif which == 2:
        choose(page, "Prepare", str(rng.choice(["mnist", "quickdraw", "as drawn"])))
    elif which == 3:
        choose(page, "Network", str(rng.choice(["mnist", "quickdraw"])))
    elif which == 4:
        tick(page, "show errors")
    else:
        choose(page, "Right class", str(rng.integers(6)))


def test_random_states(page, python):
    rng = np.random.default_rng(1)
    for move in different_states(page):
        random_move(page, rng)
        seen = agrees(page, python)
        if move % 15 == 0:
            maps_agree(page, python)
            field_agrees(seen, python)


TILES = """() =>
  [...document.querySelectorAll(".hc-layertiles .hc-stage")].map((stage) =>
  [...document.querySelectorAll("canvas")].indexOf(stage.querySelector("canvas")))"""


def mosaic(stack, shape, empty):
    """Maps side by side, as many on a line as the picture is wide, a pixel apart."""
    rows, cols, depth = stack.shape
    gap = 0 if rows == cols == 1 else 1
    across = (shape[1] + gap) // (cols + gap)
    made = np.full(shape, empty)
    for k in range(depth):
        top, left = (k // across) * (rows + gap), (k % across) * (cols + gap)
        made[top : top + rows, left : left + cols] = stack[..., k]
    return made


def maps_agree(page, pad):
    """Every pixel of every layer's mosaic."""
    tiles = page.evaluate(TILES)
    for tile, (name, values) in zip(tiles, pad.maps.items(), strict=True):
        shown = painted(page, tile)
        stack = values.reshape((1, 1, *values.shape)[-3:])
        most = np.abs(stack).max() or 1
        laid = mosaic(stack / most, shown.shape, np.nan)
        signed = name.startswith(("filters", "norm", "logits"))
        wanted = red_of(laid) if signed else np.floor(255 * laid + 0.5)
        inside = ~np.isnan(laid)
        assert inside.sum() == values.size
        # Full colour falls by some steps from one of the signed scale to the next.
        off = np.abs(shown[inside] - wanted[inside])
        assert off.max() <= (4 if signed else 1), name


def field_agrees(seen, pad):
    """Where a NaN in the picture reaches the unit, and where it does not."""
    found = re.findall(r"rows (\d+) to (\d+), columns (\d+) to (\d+)", seen["strip"][0])
    top, bottom, left, right = map(int, found[0])
    name, unit = pad.trained.names[pad.layer], pad.unit
    if name == "probabilities":
        return  # its logit's NaN makes NaN of all

    def reaches(spoilt):
        image = np.where(spoilt, np.nan, pad.image)[..., None]
        made = running.maps(pad.trained, image)[name]
        return np.isnan(made.reshape((1, 1, *made.shape)[-3:])[unit])

    rows, cols = np.indices((28, 28))
    inside = (rows >= top) & (rows <= bottom) & (cols >= left) & (cols <= right)
    assert not reaches(~inside)
    for edge in (rows == top, rows == bottom, cols == left, cols == right):
        assert reaches(edge & inside), name


# ---- by hand ----


def test_drawing_with_the_mouse(page):
    push(page, "Clear")
    box = page.locator(".dp-pad canvas").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    before = trait(page, "strokes")
    for share in np.linspace(0.2, 0.8, 12):
        page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + share * box["height"])
    page.wait_for_function(
        "document.querySelector('.dp-guess').textContent.includes('1 (')"
    )  # while the pen is still down
    assert trait(page, "strokes") == before == []
    page.mouse.move(box["x"] - 50, box["y"])  # and out of the pad
    page.mouse.up()
    [stroke] = trait(page, "strokes")
    assert len(stroke) > 10
    assert stroke[0] == [0.5, pytest.approx(0.2, abs=0.01)]
    assert stroke[-1] == [0, 0]


def test_drawing_with_a_finger_does_not_scroll_the_page(page):
    touch = page.locator(".dp-pad canvas").evaluate(
        "c => getComputedStyle(c).touchAction"
    )
    assert touch == "none"
    others = (
        "all => all.filter((c) => getComputedStyle(c).touchAction === 'none').length"
    )
    assert page.eval_on_selector_all("*", others) == 1


def test_drawing_with_keys(page, python):
    page.locator(".dp-pad").focus()
    page.keyboard.press("Delete")
    assert trait(page, "strokes") == []
    for _ in range(10):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    [stroke] = trait(page, "strokes")
    assert len(stroke) == 21
    assert stroke[0] == [0.5, 0.2]
    assert stroke[-1] == [0.5, 0.8]
    agrees(page, python)
    assert python.guess == "1"
    page.keyboard.press("e")
    page.get_by_role("button", name="Rubber", pressed=True).wait_for()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Escape")
    assert trait(page, "strokes")[1] == {"erase": [[0.5, 0.8], [0.5, 0.79]]}
    page.keyboard.press("Backspace")
    assert trait(page, "strokes") == [stroke]


def test_a_stroke_of_the_keys_ends_where_the_pad_is_left(page):
    page.locator(".dp-pad").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    assert trait(page, "strokes")[1] == [[0.5, 0.5], [0.47, 0.5]]


def test_covering_by_click_and_by_keys(page, python):
    picture = page.locator("figure.hc-view canvas").nth(1)
    box = picture.bounding_box()
    at = {"x": 10.5 * box["width"] / 28, "y": 12.5 * box["height"] / 28}
    picture.click(position=at)
    assert trait(page, "covered") == [12, 10]
    seen = agrees(page, python)
    assert (seen["picture"][9:15, 7:13] == 0).all()
    assert page.locator(".dp-cover").is_visible()
    page.keyboard.press("ArrowRight")
    assert trait(page, "covered") == [12, 11]
    page.keyboard.press("Delete")
    assert trait(page, "covered") == []
    assert not page.locator(".dp-cover").is_visible()
    picture.click(position=at)
    picture.click(position=at)  # a second click uncovers
    assert trait(page, "covered") == []
    agrees(page, python)


@pytest.mark.parametrize("way", ["worker", "page"])
def test_where_covering_hurts(browser, python, way):
    with watched(browser, DigitPad(strokes=SEVEN)) as page:
        if way == "page":
            page.evaluate("() => { window.Worker = undefined }")
            hands.wear_out(page)
        tick(page, "where covering hurts")
        slide(page, "Cover", 7)
        page.wait_for_function(hands.RESTS)
        python.strokes, python.patch = SEVEN, 7
        best = int(python.probabilities.argmax())
        before, falls = python.probabilities[best], np.zeros((28, 28))
        ink = python.image > 0
        for row in range(2, 28, 5):
            for column in range(3, 28, 4):
                python.covered = (row, column)
                falls[row, column] = before - python.probabilities[best]
        shown = painted(page, 2)
        text = page.locator("canvas").nth(2).get_attribute("aria-label")
        worst = tuple(
            map(int, re.search(r"row (\d+), column (\d+) takes", text).groups())
        )
        python.covered = worst
        most = before - python.probabilities[best]
        assert share_of(re.search(r"”: (.*%) of", text)[1]) == pytest.approx(
            most, abs=6e-4
        )
        rest = np.abs(falls).max()
        assert most >= rest - 1e-6
        steps = np.s_[2:28:5, 3:28:4]
        wanted = red_of(falls[steps] / max(most, rest))
        assert np.abs(shown[steps] - wanted).max() <= 4
        assert ink.any()


def test_python_moves_the_page(page, python):
    page.evaluate(
        """() => {
          model.set("strokes", [[[0.5, 0.2], [0.5, 0.8]]]);
          model.set("turn", 5);
          model.set("layer", 9);
          model.set("unit", [3, 3, 60]);
        }"""
    )
    seen = agrees(page, python)
    assert seen["state"]["unit"] == [3, 3, 60]
    assert python.guess == "1"


def test_without_a_kernel_it_goes_on(page, python):
    lose_the_kernel(page)
    push(page, "Clear")
    page.evaluate(DRAW, [[0.5, 0.2], [0.5, 0.8]])
    seen = agrees(page, python)
    assert seen["guess"].startswith("It sees: 1")
    push(page, "Sample")
    agrees(page, python)
    choose(page, "Network", "quickdraw")
    page.evaluate(DRAW, [[0.2, 0.5], [0.8, 0.4]])
    agrees(page, python)


def test_box_and_centre_of_mass(page, python):
    tick(page, "box and centre of mass")
    text = page.locator(".hc-keys", has_text="Ink: rows").inner_text()
    python.strokes = SEVEN
    image = python.image
    rows, cols = np.nonzero(image >= 0.5)
    assert (
        f"rows {rows.min()} to {rows.max()}, columns {cols.min()} to {cols.max()}"
        in text
    )
    found = re.search(r"at row (\S+), column (\S+)\.", text).groups()
    for axis, told in enumerate(found):
        mean = (np.indices((28, 28))[axis] * image).sum() / image.sum()
        assert float(told) == pytest.approx(mean, abs=0.051)
    assert page.locator(".dp-box").is_visible()
    push(page, "Clear")
    assert not page.locator(".dp-box").is_visible()


def test_there_is_an_end_to_strokes(page):
    page.evaluate("model.set('strokes', new Array(400).fill([[0.5, 0.5]]))")
    page.evaluate(DRAW, [[0.1, 0.1], [0.2, 0.2]])
    assert "no room" in page.get_by_role("alert").inner_text()
    assert len(trait(page, "strokes")) == 400
    push(page, "Clear")
    page.evaluate(DRAW, [[0.1, 0.1], [0.2, 0.2]])
    assert page.get_by_role("alert").inner_text() == ""
    assert len(trait(page, "strokes")) == 1


def test_a_network_of_ones_own(browser):
    """Another graph than ours: no softmax, no convolution, and a list goes in."""
    rng = np.random.default_rng(7)
    parts = {"kernel": rng.normal(0, 0.05, (784, 12)), "bias": rng.normal(size=12)}
    hidden = exported.Weights(parts, "float32")
    layer = {"kind": "dense", "inputs": [1], "shape": [12], "weights": hidden.places}
    entry = {"name": "pixels", "kind": "input", "inputs": [], "shape": [784]}
    scale = {"kind": "rescaling", "inputs": [0], "shape": [784]}
    scale |= {"name": "scaled", "scale": [1 / 255], "offset": [-0.1]}
    bend = {"name": "tanh", "kind": "activation", "inputs": [2], "shape": [12]}
    bend |= {"activation": {"name": "tanh"}}
    last = {"name": "both", "kind": "add", "inputs": [2, 3], "shape": [12]}
    layers = [entry, scale, {**layer, "name": "units"}, bend, last]
    described = {"version": exported.VERSION, "weights": "float32", "layers": layers}
    described |= {"inputs": [0], "outputs": [4]}
    own = DigitPad(exported.Network(described, hidden.data), strokes=SEVEN)
    other = DigitPad(own.trained)
    with watched(browser, own) as page:
        assert trait(page, "network") == "own"
        for k in range(5):
            slide(page, "Layer", k)
            agrees(page, other)
        tick(page, "show errors")
        said = page.locator(".hc-strip").inner_text()
        assert "The page knows no way back through this network." in said
        push(page, "Sample")
        choose(page, "Network", "mnist")
        tick(page, "show errors")
        agrees(page, other)
        assert len(read(page, SEE)["bars"]) == 10
    own.close()
    other.close()


def test_samples_take_turns(page, python):
    for k in (0, 1, 2):
        push(page, "Sample")
        np.testing.assert_array_equal(array(page, "_base"), python.samples[k])
        assert np.abs(painted(page, 1) - python.samples[k]).max() == 0


def test_arrows_walk_through_the_units_of_a_layer(page, python):
    tile = page.locator(".hc-layertiles .hc-stage").nth(5)
    tile.press("ArrowRight")
    assert [trait(page, "layer"), trait(page, "unit")] == [5, [7, 7, 0]]
    tile.press("ArrowRight")
    tile.press("PageDown")
    assert trait(page, "unit") == [7, 8, 1]
    agrees(page, python)
    probabilities = page.locator(".hc-layertiles .hc-stage").nth(14)
    probabilities.press("ArrowRight")
    probabilities.press("ArrowRight")
    assert [trait(page, "layer"), trait(page, "unit")] == [14, [0, 0, 1]]
