"""ReceptiveField on a bare page: every control, and its planes against ops.py."""

import re

import numpy as np
import pytest
from hands import (
    choose,
    different_states,
    enter,
    grave,
    lose_the_kernel,
    menu,
    press,
    push,
    read,
    slide,
    slider,
    tap,
    trait,
    watched,
    width_needed,
)

from helpers import ops
from helpers.widgets import ReceptiveField
from helpers.widgets.explorers.receptive_field import LIMITS, PRESETS

PARTS = ["kernel", "stride", "dilation"]
DEFAULT = [[3, 1, 1], [2, 2, 1], [3, 1, 1]]


@pytest.fixture
def page(browser):
    with watched(browser, ReceptiveField()) as page:
        yield page


def sizes_of(layers, size):
    """Side of every plane, or None where a layer does not fit."""
    sizes = [size]
    for kernel, stride, dilation in layers:
        try:
            sizes.append(
                ops.output_size(sizes[-1], kernel, stride=stride, dilation=dilation)
            )
        except ValueError:
            return None
    return sizes


def paths(layers, size, unit):
    """Paths between the unit and those of every plane, with transposed convolution."""
    layer, row, column = unit
    planes = [np.zeros((n, n)) for n in sizes_of(layers, size)]
    planes[layer][row, column] = 1
    for k in range(layer, 0, -1):
        kernel, stride, dilation = layers[k - 1]
        reach = (kernel - 1) * dilation + 1
        ones = np.zeros((reach, reach))
        ones[::dilation, ::dilation] = 1
        painted = ops.conv_transpose2d(planes[k], ones, stride=stride)
        painted = np.rint(
            painted
        )  # whole numbers; by FFT they come with a dust of 1e-16
        n = min(len(painted), len(planes[k - 1]))
        planes[k - 1][:n, :n] = painted[:n, :n]
        assert not painted[n:].any()
    for k in range(layer, len(layers)):
        kernel, stride, dilation = layers[k]
        ones = np.ones((kernel, kernel))
        planes[k + 1] = ops.conv2d(planes[k], ones, stride=stride, dilation=dilation)
    return planes


# All that stands on the page, in one go.
SCREEN = """() => {
  const texts = (marks) =>
    [...document.querySelectorAll(marks)].map((element) => element.textContent);
  const frames = document.querySelectorAll(".hc-view:not([hidden]) .hc-frame");
  const inputs = document.querySelectorAll(".hc-layer:not([hidden]) input");
  return {
    layers: model.get("layers"),
    size: model.get("size"),
    unit: model.get("unit"),
    captions: texts(".hc-view:not([hidden]) figcaption"),
    sums: texts(".hc-layer:not([hidden]) .hc-layer-note"),
    formula: texts(".rf-formula")[0],
    note: texts(".rf-note")[0],
    slider: document.querySelector("input[type=range]").value,
    numbers: [...inputs].map((input) => Number(input.value)),
    framed: [...frames].map((frame) => frame.getClientRects().length > 0),
    painted: [...frames].map((_, k) => model.alpha(k)),
    refused: texts("[role=alert]")[0],
    code: texts(".hc-foot code")[0],
    side: [...document.querySelectorAll(".rf-side path")].map(
      (path) => path.getAttribute("d")),
    sideLabel: document.querySelector(".rf-side svg").getAttribute("aria-label"),
  };
}"""


def captions(page):
    return read(page, SCREEN)["captions"]


def note(page):
    return page.locator(".rf-note").inner_text()


def agrees(page, unit=None):
    """The screen shows what ops.py makes of the same layers, size and unit."""
    agrees_on(read(page, SCREEN), unit)


def agrees_on(screen, unit=None):
    layers, size, unit = screen["layers"], screen["size"], unit or screen["unit"]
    sizes, tuples = sizes_of(layers, size), [tuple(layer) for layer in layers]
    assert screen["slider"] == str(size)
    assert screen["numbers"] == [n for layer in layers for n in layer]
    names = ["input", *(f"layer {k}" for k in range(1, len(sizes)))]
    assert screen["captions"] == [
        f"{name}: {n} × {n}" for name, n in zip(names, sizes, strict=True)
    ]

    field = ops.receptive_field(tuples)
    terms, result = re.search(r": (.*) = (\d+) pixel", screen["formula"]).groups()
    assert int(result) == field
    assert eval(terms.replace("−", "-").replace("·", "*")) == field
    step = 1
    for k, text in enumerate(screen["sums"], 1):
        step *= layers[k - 1][1]
        assert text.startswith(f"{sizes[k]} × {sizes[k]}, step {step}, field ")
        assert text.endswith(f" = {ops.receptive_field(tuples[:k])}")
    assert screen["formula"].endswith(f"in steps of {step}")

    counts = paths(layers, size, unit)
    for wanted, shown, framed in zip(
        counts, screen["painted"], screen["framed"], strict=True
    ):
        shown = shown * 1.0  # how strongly it is painted
        np.testing.assert_array_equal(shown > 0, wanted > 0)
        strength = 0.3 + 0.7 * wanted / max(wanted.max(), 1)
        assert np.abs(shown - 255 * strength * (wanted > 0)).max() <= 0.51
        assert framed == wanted.any()
    says_the_same(screen["note"], layers, unit, counts)
    from_the_side(screen, layers, size, unit, counts)
    code, result = screen["code"].split("  # ")
    assert eval(code, {"ops": ops}) == int(result) == field


def from_the_side(screen, layers, size, unit, counts):
    """The drawing from the side: lines and dots where there are paths, bars as high."""
    layer, _, index = unit
    lines_below, lines_above, dots, below, above, chosen, bars = screen["side"]
    across = [count.max(axis=0) for count in counts]  # rows and columns multiply
    lit = [np.count_nonzero(count) for count in across]

    def lines(k):
        kernel, stride, dilation = layers[k - 1]
        return sum(
            across[k][i] > 0 and across[k - 1][i * stride + t * dilation] > 0
            for i in range(len(across[k]))
            for t in range(kernel)
        )

    last = len(layers)
    assert lines_below.count("M") == sum(lines(k) for k in range(1, layer + 1))
    assert lines_above.count("M") == sum(lines(k) for k in range(layer + 1, last + 1))
    assert dots.count("M") == sum(map(len, across))
    assert (below.count("M"), above.count("M")) == (
        sum(lit[:layer]),
        sum(lit[layer + 1 :]),
    )
    step = int(np.prod([stride for _, stride, _ in layers[:layer]]))
    field = ops.receptive_field([tuple(part) for part in layers[:layer]])
    x = float(re.fullmatch(r"M([\d.]+) [\d.]+h0", chosen)[1])
    assert x == pytest.approx((index * step + (field - 1) / 2 + 0.5) * 800 / size)
    heights = [float(v) for v in re.findall(r"v([\d.e-]+)h-", bars)]
    if layer:
        seen = across[0][across[0] > 0]
        np.testing.assert_allclose(heights, 40 * seen / seen.max())
        assert f": {lit[0]} pixel" in screen["sideLabel"]
    else:
        assert heights == []


def says_the_same(text, layers, unit, counts):
    layer, row, column = unit
    bottom, top = counts[0], counts[-1]
    if layer:
        field = ops.receptive_field([tuple(below) for below in layers[:layer]])
        assert f"depends on {field} × {field} pixels" in text
        assert text.startswith(f"Unit [{row}, {column}] of layer {layer} ")
        down, across = (np.flatnonzero(bottom.any(axis=a)) for a in (1, 0))
        assert f"rows {down[0]} to {down[-1]} and" in text
        assert f"columns {across[0]} to {across[-1]}," in text
        skipped = f"only on {(bottom > 0).sum()} of"
        dense = (bottom > 0).sum() == len(range(down[0], down[-1] + 1)) ** 2
        assert ("all of them" in text) if dense else (skipped in text)
        most = int(bottom.max())
        assert ("by 1 path." if most == 1 else f"{most:,} paths.") in text
    else:
        assert text.startswith(f"Pixel [{row}, {column}] of the input counts in ")
    if layer < len(layers):
        units = int((top > 0).sum())
        assert f"counts in {units or 'none'} of the {top.size} unit" in text


def click(page, unit):
    layer, row, column = unit
    canvas = page.locator(".rf-plane canvas").nth(layer)
    box, n = canvas.bounding_box(), sizes_of(trait(page, "layers"), trait(page, "size"))
    place = {
        "x": (column + 0.5) * box["width"] / n[layer],
        "y": (row + 0.5) * box["height"] / n[layer],
    }
    canvas.click(position=place)


def fill(page, part, layer, value):
    page.get_by_label(f"{part} of layer {layer}").fill(str(value))


def alert(page):
    return page.get_by_role("alert").inner_text()


def test_random_states(page):
    rng = np.random.default_rng(1)
    refused = 0
    screen = read(page, SCREEN)
    for _ in different_states(page):
        layers, size, unit = screen["layers"], screen["size"], None
        wanted, wanted_size = [list(layer) for layer in layers], size
        match rng.choice(7, p=[0.06, 0.14, 0.3, 0.1, 0.1, 0.15, 0.15]):
            case 0:
                name, wanted_size, wanted = PRESETS[rng.integers(len(PRESETS))]
                wanted = [list(layer) for layer in wanted]
                choose(page, "Layers", name)
            case 1:
                wanted_size = int(rng.integers(4, 65))
                slide(page, "Input", wanted_size)
            case 2:
                index, part = int(rng.integers(len(layers))), int(rng.integers(3))
                low, high = LIMITS[PARTS[part]]
                wanted[index][part] = int(rng.integers(low, high + 1))
                field = f"[aria-label='{PARTS[part]} of layer {index + 1}']"
                enter(page, field, 0, str(wanted[index][part]), stay=True)
            case 3 if len(layers) < 6:
                wanted.append([3, 1, 1])
                push(page, "Add a layer")
            case 4 if len(layers) > 1:
                index = int(rng.integers(len(layers)))
                del wanted[index]
                push(page, f"Remove layer {index + 1}")
            case 5:
                sizes = sizes_of(layers, size)
                layer = int(rng.integers(len(sizes)))
                unit = [layer, *rng.integers(0, sizes[layer], 2).tolist()]
                press(page, "Escape", ".hc")  # let go of what is held
                place = [(n + 0.5) / sizes[layer] for n in unit[1:]]
                tap(page, ".rf-plane canvas", (layer + 0.5) / len(sizes), place=place)
            case _:
                key = rng.choice(
                    ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "-"]
                )
                press(page, str(key), ".rf-plane", rng.random())
        screen = read(page, SCREEN)
        fits = sizes_of(wanted, wanted_size) is not None
        assert unit is None or screen["unit"] == unit
        assert (screen["layers"] == wanted) == (fits or wanted == layers)
        assert (screen["size"] == wanted_size) == (fits or wanted_size == size)
        said = screen["refused"]
        assert bool(said) == (not fits)
        if not fits:
            refused += 1
            assert "fit" in said or "the input stays" in said
            page.evaluate("document.activeElement.blur()")
            screen = read(page, SCREEN)
        agrees_on(screen)
    assert refused > 10


def test_every_number_goes_through_its_whole_range(page):
    slide(page, "Input", 64)
    for part in PARTS:
        for layer in (1, 3):
            low, high = LIMITS[part]
            for value in [*range(low, high + 1), low]:
                fill(page, part, layer, value)
                assert trait(page, "layers")[layer - 1][PARTS.index(part)] == value
                agrees(page)


def test_the_input_goes_from_the_field_to_the_end(page):
    for size in range(8, 65):
        slide(page, "Input", size)
        assert trait(page, "size") == size
        agrees(page)
    for size in (4, 7):
        slide(page, "Input", size)
        assert "A unit of the top layer sees 8 × 8 pixels" in alert(page)
        assert slider(page, "Input").input_value() == "64"
    slide(page, "Input", 20)
    assert alert(page) == ""
    agrees(page)


@pytest.mark.parametrize(("name", "size", "layers"), PRESETS, ids=lambda p: str(p)[:20])
def test_presets(page, name, size, layers):
    menu(page, "Layers").select_option(name)
    assert trait(page, "size") == size
    assert trait(page, "layers") == [list(layer) for layer in layers]
    assert trait(page, "unit")[0] == len(layers)
    assert menu(page, "Layers").input_value() == name
    agrees(page)
    fill(page, "kernel", 1, layers[0][0] - 1 or 2)
    assert menu(page, "Layers").input_value() == "custom"


@pytest.mark.parametrize(("name", "size", "layers"), PRESETS, ids=lambda p: str(p)[:20])
def test_a_preset_is_restored_after_any_change(page, name, size, layers):
    changes = {
        "size": lambda: slide(page, "Input", size + 1 if size < 64 else size - 1),
        "kernel": lambda: fill(page, "kernel", 1, layers[0][0] - 1),
        "stride": lambda: fill(page, "stride", 1, layers[0][1] % 2 + 1),
        "dilation": lambda: fill(page, "dilation", 1, layers[0][2] % 2 + 1),
        "more": lambda: page.get_by_role("button", name="Add a layer").click(),
        "fewer": lambda: page.get_by_label("Remove layer 1", exact=True).click(),
    }
    slide(page, "Input", 64)
    menu(page, "Layers").select_option(name)
    changed = set()
    for kind, change in changes.items():
        if len(layers) == {"fewer": 1, "more": 6}.get(kind):
            continue  # the button is disabled
        change()
        if alert(page):  # it does not fit on the input, and nothing is changed
            page.evaluate("document.activeElement.blur()")
            assert menu(page, "Layers").input_value() == name
            continue
        changed.add(kind)
        said = menu(page, "Layers").locator("option:checked").inner_text()
        now = trait(page, "size"), tuple(map(tuple, trait(page, "layers")))
        same = [other for other, *rest in PRESETS if tuple(rest) == now]
        assert said == (same[0] if same else f"changed: {name}")
        menu(page, "Layers").select_option(name)
        assert trait(page, "size") == size
        assert trait(page, "layers") == [list(layer) for layer in layers]
        assert menu(page, "Layers").input_value() == name
        agrees(page)
    assert {"size", "kernel"} <= changed


def test_layers_of_no_preset_are_ones_own(browser):
    def shown(explorer):
        with watched(browser, explorer) as page:
            return menu(page, "Layers").locator("option:checked").inner_text()

    assert shown(ReceptiveField([(5, 1), (4, 3)])) == "your own numbers"
    assert shown(ReceptiveField([(7, 1)], 16)) == "one 7 × 7"
    assert shown(ReceptiveField([(7, 1)], 17)) == "changed: one 7 × 7"


# The places of the page's zones, from the top of the explorer.
ZONES = """() => {
  const top = document.querySelector(".hc").offsetTop;
  const zones = document.querySelectorAll(".hc > *, .rf-side");
  return [...zones].map((zone) => [zone.offsetTop - top, zone.offsetHeight]);
}"""


@pytest.mark.parametrize("width", [360, 700, 1100])
@pytest.mark.parametrize("name", ["gridding: dilated 2, 2, 2", "the start of VGG"])
def test_nothing_jumps_while_one_points(browser, width, name):
    (size, layers), *_ = [rest for preset, *rest in PRESETS if preset == name]
    with watched(browser, ReceptiveField(layers, size), width=width) as page:
        before = read(page, ZONES)
        for layer, n in enumerate(sizes_of(layers, size)):
            for place in (0, n // 2, n - 1):
                canvas = page.locator(".rf-plane canvas").nth(layer)
                box = canvas.bounding_box()
                at = (place + 0.5) * box["width"] / n
                canvas.hover(position={"x": at, "y": at})
                page.evaluate("() => new Promise(requestAnimationFrame)")
                assert read(page, ZONES) == before, note(page)


def test_layers_come_and_go(page):
    add = page.get_by_role("button", name="Add a layer")
    for count in (4, 5):
        add.click()
        assert len(trait(page, "layers")) == count
        assert trait(page, "unit")[0] == count  # the new top is followed
        agrees(page)
    add.click()
    assert "Layer 6 does not fit" in alert(page)
    assert len(trait(page, "layers")) == 5
    slide(page, "Input", 30)
    add.click()
    assert add.is_disabled()
    agrees(page)
    for count in range(5, 0, -1):
        remove = page.get_by_label("Remove layer 1", exact=True)
        remove.focus()
        remove.press("Enter")
        assert len(trait(page, "layers")) == count
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"
        agrees(page)
    assert page.get_by_label("Remove layer 1", exact=True).is_disabled()


@pytest.mark.parametrize("value", ["", "0", "12", "2.5", "-1", "1e9"])
def test_a_number_out_of_range_is_refused_in_place(page, value):
    kernel = page.get_by_label("kernel of layer 2")
    kernel.fill(value)
    assert "is a whole number from 1 to 11; 2 stays" in alert(page)
    assert kernel.get_attribute("aria-invalid") == "true"
    assert trait(page, "layers") == DEFAULT
    kernel.blur()
    assert kernel.input_value() == "2"  # the last good number is back
    assert kernel.get_attribute("aria-invalid") is None
    assert alert(page) == ""
    agrees(page)


def test_a_layer_that_does_not_fit_is_refused_in_place(page):
    kernel = page.get_by_label("kernel of layer 3")
    kernel.fill("8")
    assert "Layer 3 does not fit" in alert(page)
    assert "reaches over 8 units" in alert(page)
    assert "7 × 7" in alert(page)
    assert kernel.get_attribute("aria-invalid") == "true"
    assert trait(page, "layers") == DEFAULT
    kernel.fill("7")
    assert alert(page) == ""
    assert kernel.get_attribute("aria-invalid") is None
    agrees(page)


def test_pointing_and_pinning(page):
    start = trait(page, "unit")

    def point(layer, row, column):
        box = page.locator(".rf-plane canvas").nth(layer).bounding_box()
        n = sizes_of(DEFAULT, 16)[layer]
        page.mouse.move(
            box["x"] + (column + 0.5) * box["width"] / n,
            box["y"] + (row + 0.5) * box["height"] / n,
        )

    point(3, 0, 1)
    agrees(page, [3, 0, 1])
    assert trait(page, "unit") == start  # looking is not choosing
    point(0, 4, 5)  # a pixel: which units of the top see it
    agrees(page, [0, 4, 5])
    page.mouse.move(0, 0)
    agrees(page, start)
    click(page, [2, 3, 4])
    held = page.get_by_text("Held.")
    point(3, 0, 0)
    agrees(page, [2, 3, 4])
    assert "no path between it and unit [0, 0] of layer 3" in held.inner_text()
    point(0, 7, 9)
    assert "1 path between it and pixel [7, 9]" not in held.inner_text()
    many = int(paths(DEFAULT, 16, [2, 3, 4])[0][7, 9])
    assert f"are {many} paths between it and pixel [7, 9] of the input" in (
        held.inner_text()
    )
    click(page, [1, 3, 4])  # a click elsewhere holds that one
    assert trait(page, "unit") == [1, 3, 4]
    agrees(page)
    click(page, [1, 3, 4])  # on the held one, lets go
    assert held.count() == 0
    point(3, 4, 4)
    agrees(page, [3, 4, 4])
    click(page, [3, 1, 1])
    page.keyboard.press("Escape")
    assert held.count() == 0
    assert trait(page, "unit") == [3, 1, 1]


def test_a_click_takes_a_refusal_away_whatever_else_it_does(page):
    for _ in range(2):  # it holds the unit, then lets go of it
        slide(page, "Input", 4)
        assert "the input stays" in alert(page)
        click(page, [3, 2, 2])
        assert alert(page) == ""


def test_keyboard_in_the_planes(page):
    plane = page.locator(".rf-plane")
    for k in range(4):
        assert plane.nth(k).get_attribute("tabindex") == "0"
        plane.nth(k).focus()
        assert plane.nth(k).get_attribute("data-lm-suppress-shortcuts") == "true"
    top = plane.nth(3)
    for key, unit in [
        ("ArrowUp", [3, 1, 2]),
        ("ArrowLeft", [3, 1, 1]),
        ("ArrowDown", [3, 2, 1]),
        ("ArrowRight", [3, 2, 2]),
    ]:
        top.press(key)
        assert trait(page, "unit") == unit
        agrees(page)
    for _ in range(9):
        top.press("ArrowUp")
    assert trait(page, "unit") == [3, 0, 2]  # it stops at the edge
    top.press("Escape")
    assert page.get_by_text("Held.").count() == 0

    visited = []
    for key in ("PageDown", "-", "PageDown", "PageDown", "+", "PageUp", "+", "+"):
        page.keyboard.press(key)  # the focus goes along
        layer = trait(page, "unit")[0]
        assert plane.nth(layer).evaluate("plane => plane === document.activeElement")
        visited.append(layer)
        agrees(page)
    assert visited == [2, 1, 0, 0, 1, 2, 3, 3]
    assert trait(page, "unit") == [3, 0, 2]  # straight down and up again


def test_keys_of_the_browser_stay_its_own(page):
    before = trait(page, "unit")
    for key in ("Control+-", "Control++", "Alt+ArrowLeft", "a", "Home"):
        page.locator(".rf-plane").nth(3).press(key)
    assert trait(page, "unit") == before


def test_keys_and_playing_without_a_plane_in_focus(page, clock):
    page.get_by_role("group", name="ReceptiveField").focus()
    page.keyboard.press("ArrowLeft")
    assert trait(page, "unit") == [3, 2, 1]
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    clock.run_for(2100)
    assert trait(page, "unit") == [3, 2, 4]
    clock.run_for(700)
    assert trait(page, "unit") == [3, 3, 0]  # on to the next row
    page.keyboard.press("Escape")
    clock.run_for(5000)
    assert trait(page, "unit") == [3, 3, 0]
    page.get_by_role("button", name="Play").click()
    page.keyboard.press("PageDown")  # stepping stops it
    page.get_by_role("button", name="Play").wait_for()
    assert trait(page, "unit")[0] == 2


def test_pixels_that_nobody_sees(page):
    menu(page, "Layers").select_option("gaps: stride 3, kernel 2")
    click(page, [0, 2, 2])
    assert "counts in none of the 16 units" in note(page)
    agrees(page)


def test_a_single_unit(page):
    slide(page, "Input", 8)
    agrees(page)
    assert captions(page)[-1] == "layer 3: 1 × 1"
    fill(page, "kernel", 3, 1)
    agrees(page)


def test_python_moves_the_screen(page):
    page.evaluate("model.set('unit', [1, 2, 3])")
    agrees(page)
    page.evaluate("model.set('layers', [[5, 2, 1]])")
    assert trait(page, "unit") == [1, 2, 3]
    agrees(page)
    page.evaluate("model.set('size', 40)")
    agrees(page)


def test_layers_and_size_from_python_wait_for_each_other(page):
    before = captions(page)
    page.evaluate("model.set('layers', [[11, 4, 1], [3, 2, 1], [5, 1, 1]])")
    assert captions(page) == before
    page.evaluate("model.set('size', 64)")
    page.evaluate("model.set('unit', [3, 1, 1])")
    agrees(page)


def test_a_unit_that_python_has_not_moved_yet(page):
    page.evaluate("model.set('layers', [[3, 1, 1]])")
    assert captions(page) == ["input: 16 × 16", "layer 1: 14 × 14"]
    agrees(page, [1, 7, 7])


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    menu(page, "Layers").select_option("the start of VGG")
    fill(page, "kernel", 2, 5)
    click(page, [3, 2, 2])
    slide(page, "Input", 48)
    agrees(page)


def test_one_move_is_one_message(page):
    saves = page.evaluate("model.saves")
    menu(page, "Layers").select_option("the start of AlexNet")
    assert page.evaluate("model.saves") == saves + 1
    fill(page, "kernel", 1, 10)
    assert page.evaluate("model.saves") == saves + 2
    page.mouse.move(200, 400)
    assert page.evaluate("model.saves") == saves + 2


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("layers", [[(3, 1, 2)] * 3, [(3, 1)] * 6])
def test_accessibility(browser, dark, layers):
    with watched(browser, ReceptiveField(layers, 20), dark=dark) as page:
        assert grave(page) == []
        fill(page, "kernel", 1, 11)
        assert grave(page) == []


@pytest.mark.parametrize(("name", "size", "layers"), PRESETS, ids=lambda p: str(p)[:20])
def test_fits_a_phone(browser, name, size, layers):
    with watched(browser, ReceptiveField(layers, size), width=360) as page:
        assert width_needed(page) <= 360
        agrees(page)
