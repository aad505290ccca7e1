"""ReceptiveField on a bare page: every control, and its planes against ops.py."""

import math
import re
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hands import (
    choose,
    different_states,
    enter,
    grave,
    lose_the_kernel,
    menu,
    moves_under_the_hand,
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

PARTS = ["kernel", "stride", "dilation", "padding"]
DEFAULT = [[3, 1, 1, 0], [2, 2, 1, 0], [3, 1, 1, 0]]
VGG16 = next(rest for name, *rest in PRESETS if name.startswith("VGG16"))


@pytest.fixture
def page(browser):
    with watched(browser, ReceptiveField()) as page:
        yield page


def sizes_of(layers, size):
    """Side of every plane, or None where a layer does not fit."""
    sizes = [size]
    for kernel, stride, dilation, padding in layers:
        options = {"stride": stride, "dilation": dilation, "padding": padding}
        if 2 * padding > (kernel - 1) * dilation + 1:
            return None
        try:
            sizes.append(ops.output_size(sizes[-1], kernel, **options))
        except ValueError:
            return None
    return sizes


def paths(layers, size, unit):
    """Paths between the unit and those of every plane, with transposed convolution."""
    layer, row, column = unit
    planes = [np.zeros((n, n)) for n in sizes_of(layers, size)]
    planes[layer][row, column] = 1
    for k in range(layer, 0, -1):
        kernel, stride, dilation, padding = layers[k - 1]
        reach = (kernel - 1) * dilation + 1
        ones = np.zeros((reach, reach))
        ones[::dilation, ::dilation] = 1
        painted = ops.conv_transpose2d(planes[k], ones, stride=stride)
        painted = np.rint(
            painted
        )  # whole numbers; by FFT they come with a dust of 1e-16
        n = len(planes[k - 1])  # what is painted beyond it is padding
        canvas = np.zeros((max(n + 2 * padding, len(painted)),) * 2)
        canvas[: len(painted), : len(painted)] = painted
        planes[k - 1] = canvas[padding : padding + n, padding : padding + n]
    for k in range(layer, len(layers)):
        kernel, stride, dilation, padding = layers[k]
        ones = np.ones((kernel, kernel))
        options = {"stride": stride, "dilation": dilation, "padding": padding}
        planes[k + 1] = ops.conv2d(planes[k], ones, **options)
    return planes


# All that stands on the page, in one go.
SCREEN = """() => {
  const texts = (marks) =>
    [...document.querySelectorAll(marks)].map((element) => element.textContent);
  const plane = ".rf-planes > .hc-view:not([hidden])";
  const frames = document.querySelectorAll(`${plane} .hc-frame`);
  const room = document.querySelector(".rf-room").getBoundingClientRect();
  const boxOf = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left - room.left, top - room.top, right - room.left, bottom - room.top];
  };
  const inputs = document.querySelectorAll(".hc-layer:not([hidden]) input");
  return {
    layers: model.get("layers"),
    size: model.get("size"),
    unit: model.get("unit"),
    captions: texts(`${plane} figcaption`).map((text) =>
      text.replaceAll("\u00a0", " ")),
    facts: [...document.querySelectorAll(".hc-layer:not([hidden])")].map((row) =>
      [...row.querySelectorAll(".hc-layer-fact")].map((cell) => cell.textContent)),
    marked: [...document.querySelectorAll(".hc-layer:not([hidden])")].findIndex((row) =>
      row.matches("[aria-current]")),
    effect: texts(".rf-effect")[0],
    map: model.alpha(document.querySelectorAll("canvas").length - 1),
    most: texts(".rf-map .hc-scale b")[0],
    room: room.width,
    picture: boxOf(document.querySelector(".rf-room .hc-view")),
    field: boxOf(document.querySelector(".rf-field")),
    middle: boxOf(document.querySelector(".rf-middle")),
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
    grids = ops.unit_grids(tuples, size)
    for k, (units, jump, added, start, outside) in enumerate(screen["facts"], 1):
        assert units == f"{sizes[k]} × {sizes[k]}"
        assert int(jump) == grids[k].jump
        assert added.endswith(f" = {ops.receptive_field(tuples[:k])}")
        assert eval(added.replace(" = ", " == "))
        assert float(start) == grids[k].start
        assert int(outside) == grids[k].outside
    assert len(screen["facts"]) == len(layers)
    assert screen["formula"].endswith(f"in steps of {grids[-1].jump}")
    assert screen["marked"] == unit[0] - 1

    counts = paths(layers, size, unit)
    for wanted, shown, framed in zip(
        counts, screen["painted"], screen["framed"], strict=True
    ):
        shown = shown * 1.0  # how strongly it is painted
        np.testing.assert_array_equal(shown > 0, wanted > 0)
        strength = 0.3 + 0.7 * wanted / max(wanted.max(), 1)
        assert np.abs(shown - 255 * strength * (wanted > 0)).max() <= 0.51
        assert framed == wanted.any()
    says_the_same(screen["note"], layers, unit, counts, grids[unit[0]])
    from_the_side(screen, layers, size, unit, counts)
    on_the_map(screen, tuples, size, unit, counts[0], grids)
    code, result = screen["code"].split("  # ")
    assert str(eval(code, {"ops": ops})) == result == str(grids[-1])


def in_percent(text):
    digits, _, power = text.removesuffix("\u00a0%").partition("\u00a0×\u00a010")
    exponent = "".join("-" if k == "⁻" else str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(k)) for k in power)
    return float(f"{digits}e{exponent or 0}") / 100


def middle_half(counts, unit, grid):
    """Side of the least square in the middle of a field with half of what is in it."""
    first = [index * grid.jump - grid.outside for index in unit[1:]]
    for side in range(grid.field % 2, grid.field + 1, 2):
        begins = [f + (grid.field - side) // 2 for f in first]
        rows, columns = (slice(max(b, 0), max(b + side, 0)) for b in begins)
        if 2 * counts[rows, columns].sum() >= counts.sum():
            return side
    raise AssertionError("The whole field holds all paths.")


def on_the_map(screen, layers, size, unit, counts, grids):
    """The map: the shares of the paths, the frames, what is said of both."""
    layer, *place = unit
    grid, shares = grids[layer], ops.path_shares(layers[:layer], size, place)
    most = shares.max()
    strength = 255 * shares / (most or 1)
    assert np.abs(screen["map"] - strength).max() <= 0.51
    assert in_percent(screen["most"]) == pytest.approx(most, rel=0.06)

    overhang = max(
        max(g.outside, (g.units - 1) * g.jump - g.outside + g.field - size)
        for g in grids
    )
    pixel = (screen["room"] - 2) / (size + 2 * overhang)  # 1 for the line on each side
    side = middle_half(counts, unit, grid)
    squares = [(screen["picture"], (size / 2,) * 2, size)]
    middle = [index * grid.jump + grid.start + 0.5 for index in place]
    squares += [(screen["field"], middle, grid.field), (screen["middle"], middle, side)]
    for box, centre, wide in squares:
        for axis, at in enumerate(reversed(centre)):  # columns go across
            first = 1 + (at - wide / 2 + overhang) * pixel
            assert box[axis] == pytest.approx(first, abs=0.1)
            # A frame is at least as wide as its own lines are.
            last = first + wide * pixel
            assert box[axis + 2] == pytest.approx(last, abs=0.1) or wide * pixel < 4
    text = screen["effect"]
    if not layer or not counts.any() or grid.field == 1:
        assert text == ""
        return
    assert (
        f"in the middle {side} × {side} of {grid.field} × {grid.field} pixels" in text
    )
    rows, columns = (len(grid.seen(index, size)) for index in place)
    outside = 1 - rows * columns / grid.field**2
    assert ("outside" in text) == (outside > 0)
    if outside:
        lies, lost = re.search(
            r"\. (.*) of the field .* and (.*) of all", text
        ).groups()
        assert in_percent(lies) == pytest.approx(outside, rel=0.06)
        assert in_percent(lost) == pytest.approx(1 - shares.sum(), rel=0.06, abs=1e-9)


def from_the_side(screen, layers, size, unit, counts):
    """The drawing from the side: lines and dots where there are paths, bars as high."""
    layer, _, index = unit
    lines_below, lines_above, dots, below, above, chosen, bars = screen["side"]
    across = [count.max(axis=0) for count in counts]  # rows and columns multiply
    lit = [np.count_nonzero(count) for count in across]

    def lines(k):
        kernel, stride, dilation, padding = layers[k - 1]
        under = [
            i * stride + tap * dilation - padding
            for i in np.flatnonzero(across[k])
            for tap in range(kernel)
        ]
        below = across[k - 1]
        return sum(0 <= j < len(below) and below[j] > 0 for j in under)

    last = len(layers)
    assert lines_below.count("M") == sum(lines(k) for k in range(1, layer + 1))
    assert lines_above.count("M") == sum(lines(k) for k in range(layer + 1, last + 1))
    assert dots.count("M") == sum(map(len, across))
    assert (below.count("M"), above.count("M")) == (
        sum(lit[:layer]),
        sum(lit[layer + 1 :]),
    )
    grids = ops.unit_grids(layers, size)
    x = float(re.fullmatch(r"M([\d.]+) [\d.]+h0", chosen)[1])
    ends = [drawn for grid in grids for drawn in drawn_over(grid)]
    first, end = min(ends), max(ends)
    pixel = index * grids[layer].jump + grids[layer].start + 0.5
    assert x == pytest.approx((pixel - first) * 800 / (end - first))
    heights = [float(v) for v in re.findall(r"v([\d.e-]+)h-", bars)]
    if layer:
        seen = across[0][across[0] > 0]
        np.testing.assert_allclose(heights, 40 * seen / max(seen, default=1))
        assert f": {lit[0]} pixel" in screen["sideLabel"]
    else:
        assert heights == []


def drawn_over(grid):
    """Where a plane begins and ends over the input: half a unit beyond its ends."""
    own = min(grid.jump, grid.field) / 2
    first = grid.start + 0.5
    return first - own, first + (grid.units - 1) * grid.jump + own


def in_writing(n):
    """A number of paths as the page writes it, without its spaces."""
    if n < 1e6:
        return f"{int(n):,}"
    digits, power = f"{n:.1e}".split("e+")
    return f"{digits}×10" + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(k)] for k in str(int(power)))


def says_the_same(text, layers, unit, counts, grid):
    layer, row, column = unit
    bottom, top = counts[0], counts[-1]
    if layer:
        assert text.startswith(f"Unit [{row}, {column}] of layer {layer} ")
    if layer and not bottom.any():
        assert "depends on no pixel: all that it reads is padding" in text
    elif layer and np.count_nonzero(bottom) == 1:
        ((down, across),) = np.argwhere(bottom)
        ways = f"{in_writing(bottom.max())} path{'s' if bottom.max() > 1 else ''}"
        said = f"[{down}, {across}], by {ways}."
        assert said.replace(" ", "") in re.sub(r"\s", "", text)
        own = f"a field of {grid.field} × {grid.field} pixels"
        assert (own in text) == (grid.field > 1)
    elif layer:
        assert f"depends on {grid.field} × {grid.field} pixels" in text
        rows, columns = (len(grid.seen(k, len(bottom))) for k in (row, column))
        cut = rows * columns < grid.field**2
        assert (f"of which {rows} × {columns} lie in the picture" in text) == cut
        down, across = (np.flatnonzero(bottom.any(axis=a)) for a in (1, 0))
        assert f", {lines_of('row', down)} and" in text
        assert f" {lines_of('column', across)}," in text
        skipped = f"only on {(bottom > 0).sum()} of"
        dense = (bottom > 0).sum() == rows * columns
        assert ("all of them" in text) if dense else (skipped in text)
        most = bottom.max()
        written = "1path." if most == 1 else f"{in_writing(most)}paths."
        assert written in re.sub(r"\s", "", text)
    else:
        assert text.startswith(f"Pixel [{row}, {column}] of the input ")
    if layer < len(layers):
        units = np.count_nonzero(top)
        if top.size == 1:
            assert ("counts in the one unit of the top layer, by" in text) == (
                units > 0
            )
            assert ("does not count in the one unit" in text) == (units == 0)
            return
        assert f"counts in {units or 'none'} of the {top.size} units" in text
        assert ("in each by" in text) == (units > 1)


def lines_of(word, found):
    """ "row 3", or "rows 3 to 5"."""
    first, last = found[0], found[-1]
    return f"{word} {first}" if first == last else f"{word}s {first} to {last}"


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
    page.get_by_label(f"{part} of layer {layer}", exact=True).fill(str(value))


def alert(page):
    return page.get_by_role("alert").inner_text()


def test_random_states(page):
    rng = np.random.default_rng(1)
    refused = 0
    screen = read(page, SCREEN)
    for _ in different_states(page):
        layers, size, unit = screen["layers"], screen["size"], None
        wanted, wanted_size = [list(layer) for layer in layers], size
        match rng.choice(7, p=[0.04, 0.14, 0.32, 0.12, 0.08, 0.15, 0.15]):
            case 0:
                name, wanted_size, wanted = PRESETS[rng.integers(len(PRESETS))]
                wanted = [list(layer) for layer in wanted]
                choose(page, "Layers", name)
            case 1:
                wanted_size = int(rng.integers(4, rng.choice([65, 257])))
                slide(page, "Input", wanted_size)
            case 2:
                index, part = int(rng.integers(len(layers))), int(rng.integers(4))
                low, high = LIMITS[PARTS[part]]
                if part == 3:  # about as wide as fits
                    high = min(layers[index][0] * layers[index][2] // 2 + 1, high)
                wanted[index][part] = int(rng.integers(low, high + 1))
                field = f"[aria-label='{PARTS[part]} of layer {index + 1}']"
                enter(page, field, 0, str(wanted[index][part]), stay=True)
            case 3 if len(layers) < 20:
                wanted.append([3, 1, 1, 0])
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
                if len(sizes) > 7 and layer:  # only what is in sight can be clicked
                    unit, layer = None, 0
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
    for part in PARTS[:3]:
        for layer in (1, 3):
            low, high = LIMITS[part]
            for value in [*range(low, high + 1), low]:
                fill(page, part, layer, value)
                assert trait(page, "layers")[layer - 1][PARTS.index(part)] == value
                agrees(page)


def test_padding_goes_through_its_whole_range(page):
    slide(page, "Input", 128)
    for layer in (1, 3):
        fill(page, "kernel", layer, 11)
        fill(page, "dilation", layer, 4)
        for value in [*range(LIMITS["padding"][1] + 1), 3]:
            fill(page, "padding", layer, value)
            assert trait(page, "layers")[layer - 1][3] == value
            agrees(page)


def test_padding_wider_than_half_of_the_window_is_refused(page):
    padding = page.get_by_label("padding of layer 1", exact=True)
    padding.fill("2")
    assert "a padding of 2 is more than half of its window" in alert(page)
    assert "reaches over 3 units" in alert(page)
    assert padding.get_attribute("aria-invalid") == "true"
    assert trait(page, "layers") == DEFAULT
    padding.fill("1")
    assert alert(page) == ""
    assert trait(page, "layers")[0] == [3, 1, 1, 1]
    agrees(page)
    fill(page, "kernel", 1, 1)  # the padding that is there does not fit it
    assert "a padding of 1 is more than half of its window" in alert(page)
    assert trait(page, "layers")[0] == [3, 1, 1, 1]


def test_the_input_goes_from_the_field_to_the_end(page):
    for size in (*range(8, 65), 255, 256):
        slide(page, "Input", size)
        assert trait(page, "size") == size
        agrees(page)
    for size in (4, 7):
        slide(page, "Input", size)
        assert "These layers need 8 × 8 pixels: the input stays" in alert(page)
        assert slider(page, "Input").input_value() == "256"
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
    slide(page, "Input", 256)
    menu(page, "Layers").select_option(name)
    changed = set()
    for kind, change in changes.items():
        if len(layers) == {"fewer": 1, "more": 20}.get(kind):
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


@pytest.mark.parametrize("width", [360, 700, 900, 1100])
@pytest.mark.parametrize("depth", [5, 6, 20])
def test_captions_stand_over_their_own_plane(browser, width, depth):
    stack = ReceptiveField([(3, 1, 1, 1)] * depth, 256)
    with watched(browser, stack, width=width) as page:
        gaps = page.evaluate("""() =>
            [...document.querySelectorAll(".rf-planes figcaption")]
              .filter((caption) => caption.checkVisibility())
              .map((caption) => {
                const text = document.createRange();
                text.selectNodeContents(caption);
                const column = caption.parentElement.getBoundingClientRect();
                return column.right - text.getBoundingClientRect().right;
              })""")
        assert len(gaps) == depth + 1
        assert min(gaps) > -8  # half of what lies between two planes


# Whether an element is in sight in the part of the page that scrolls around it.
IN_SIGHT = """(element) => {
  const around = element.closest(".hc-scroll, .rf-planes").getBoundingClientRect();
  const box = element.getBoundingClientRect();
  return box.top >= around.top - 1 && box.bottom <= around.bottom + 1
    && box.left >= around.left - 1 && box.right <= around.right + 1;
}"""


@pytest.mark.parametrize("width", [360, 700, 1100])
def test_a_deep_stack_scrolls_inside(browser, width):
    size, layers = VGG16
    with watched(browser, ReceptiveField(layers, size), width=width) as page:
        agrees(page)
        assert width_needed(page) <= width
        views = page.locator(".rf-planes > .hc-view")
        frame = page.locator(".rf-planes").bounding_box()
        height = read(page, "() => document.querySelector('.hc').offsetHeight")
        page.locator(".rf-plane").nth(18).focus()
        for layer in (*range(17, -1, -1), *range(1, 19)):
            page.keyboard.press("PageDown" if layer < trait(page, "unit")[0] else "+")
            assert trait(page, "unit")[0] == layer
            assert views.nth(0).evaluate(IN_SIGHT)  # the input stays
            assert views.nth(layer).evaluate(IN_SIGHT)
            if layer:  # beside the input, not under it
                left = views.nth(0).bounding_box()
                assert left["x"] + left["width"] <= views.nth(layer).bounding_box()["x"]
        assert page.locator(".rf-planes").bounding_box() == frame
        assert read(page, "() => document.querySelector('.hc').offsetHeight") == height
        agrees(page)
        table = page.get_by_role("group", name="Table of layers")
        heads = table.locator("thead")
        table.evaluate("table => (table.scrollTop = table.scrollHeight)")
        assert page.get_by_label("kernel of layer 18", exact=True).evaluate(IN_SIGHT)
        assert not page.get_by_label("kernel of layer 1", exact=True).evaluate(IN_SIGHT)
        assert heads.locator("th").first.evaluate(IN_SIGHT)  # they stay


def test_the_field_of_vgg16(page):
    menu(page, "Layers").select_option("VGG16 (2014)")
    last = read(page, SCREEN)["facts"][-1]
    assert last == ["7 × 7", "32", "196 + 16 = 212", "15.5", "90"]
    assert "middle 60 × 60 of 212 × 212 pixels" in read(page, SCREEN)["effect"]
    page.evaluate("model.set('unit', [18, 0, 0])")
    agrees(page)
    assert "67 % of the field lies outside" in (
        read(page, SCREEN)["effect"].replace("\u00a0", " ")
    )


def share_in_padding(layers, size, place):
    """Which part of a unit's paths ends in padding, in whole numbers."""
    kept = Fraction(1)
    for index in place:
        counts, sizes = Counter({index: 1}), sizes_of(layers, size)
        for (kernel, stride, dilation, padding), below in zip(
            reversed(layers), reversed(sizes[:-1]), strict=True
        ):
            further = Counter()
            for i, n in counts.items():
                for step in range(kernel):
                    further[i * stride - padding + step * dilation] += n
            counts = Counter({j: n for j, n in further.items() if 0 <= j < below})
        kept *= Fraction(counts.total(), math.prod(kernel for kernel, *_ in layers))
    return float(1 - kept)


@pytest.mark.parametrize("place", [(99, 128), (98, 128), (90, 150), (0, 0), (5, 255)])
def test_few_paths_that_end_in_padding_are_counted(browser, place):
    """1.5 × 10⁻¹⁹ % of them, say, which as a difference from 1 would be lost."""
    layers = [(11, 1, 1, 5)] * 20
    with watched(browser, ReceptiveField(layers, 256, unit=(20, *place))) as page:
        lost = re.search(r"and (.*) of all", read(page, SCREEN)["effect"])[1]
        wanted = share_in_padding(layers, 256, place)
        assert in_percent(lost) == pytest.approx(wanted, rel=0.06, abs=0)


def test_nearly_all_is_not_100_per_cent(browser):
    """All but 16 pixels of the field, 41 × 41 or 81 × 81, lie outside."""
    layers = [(11, 1, 4, 20)]
    with watched(browser, ReceptiveField(layers, 4, unit=(1, 0, 0))) as page:
        said = read(page, SCREEN)["effect"].replace("\u00a0", " ")
        assert " 99 % of the field lies outside" in said
    with watched(browser, ReceptiveField(layers * 2, 4, unit=(2, 0, 0))) as page:
        said = read(page, SCREEN)["effect"].replace("\u00a0", " ")
        outside = 1 - 16 / 81**2
        assert f" {100 * outside:.1f} % of the field lies outside" in said


def test_a_unit_that_reads_padding_alone(page):
    page.evaluate("model.set('layers', [[4, 2, 1, 0], [2, 1, 2, 1]])")
    page.evaluate("model.set('size', 4)")
    agrees(page, [2, 0, 0])
    assert "depends on no pixel" in note(page)


def test_copied_python_brings_the_stack_back(page):
    for name in ("VGG16 (2014)", "dilated 1, 2, 4", "conv – pool – conv"):
        menu(page, "Layers").select_option(name)
        page.get_by_role("button", name="Copy as Python").click()
        code = page.locator("code[aria-label='The same in Python']").inner_text()
        stack = eval(code, {"ReceptiveField": ReceptiveField})
        assert [list(layer) for layer in stack.layers] == trait(page, "layers")
        assert stack.size == trait(page, "size")
        assert ", 1, 0)" not in code  # what is usual is not said
        stack.close()
        page.get_by_role("button", name="Copy as Python").click()  # puts it away


# The places of the page's zones, from the top of the explorer.
ZONES = """() => {
  const top = document.querySelector(".hc").offsetTop;
  const zones = document.querySelectorAll(".hc > *, .rf-side, .rf-map, .rf-effect");
  return [...zones].map((zone) => [zone.offsetTop - top, zone.offsetHeight]);
}"""


@pytest.mark.parametrize("width", [360, 700, 1100])
@pytest.mark.parametrize(
    "name",
    ["gridding: dilated 2, 2, 2", "the start of VGG", "padded: three 3 × 3, same size"],
)
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


@pytest.mark.parametrize("width", [360, 700, 1100])
@pytest.mark.parametrize("depth", [3, 6])
def test_the_input_slider_stays_under_the_hand_that_drags_it(browser, width, depth):
    """Planes are whole dots wide: of other sizes, but nothing below them moves."""
    stack = ReceptiveField([(3, 1, 1, 1)] * depth, 64)
    with watched(browser, stack, width=width) as page:
        assert moves_under_the_hand(page, "Input") < 0.5


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
    slide(page, "Input", 100)
    for count in range(6, 21):
        add.click()
        assert len(trait(page, "layers")) == count
        last = page.get_by_label(f"Remove layer {count}", exact=True)
        assert last.evaluate(IN_SIGHT)  # of the table, which scrolls
    assert add.is_disabled()
    agrees(page)
    for count in range(19, 0, -1):
        remove = page.get_by_label("Remove layer 1", exact=True)
        remove.focus()
        remove.press("Enter")
        assert len(trait(page, "layers")) == count
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"
        agrees(page)
    assert page.get_by_label("Remove layer 1", exact=True).is_disabled()


@pytest.mark.parametrize("value", ["", "0", "12", "2.5", "-1", "1e9"])
def test_a_number_out_of_range_is_refused_in_place(page, value):
    kernel = page.get_by_label("kernel of layer 2", exact=True)
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
    kernel = page.get_by_label("kernel of layer 3", exact=True)
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
    page.evaluate("model.set('layers', [[5, 2, 1, 1]])")
    assert trait(page, "unit") == [1, 2, 3]
    agrees(page)
    page.evaluate("model.set('size', 40)")
    agrees(page)


def test_layers_and_size_from_python_wait_for_each_other(page):
    before = captions(page)
    page.evaluate("model.set('layers', [[11, 4, 1, 0], [3, 2, 1, 0], [5, 1, 1, 0]])")
    assert captions(page) == before
    page.evaluate("model.set('size', 64)")
    page.evaluate("model.set('unit', [3, 1, 1])")
    agrees(page)


def test_a_unit_that_python_has_not_moved_yet(page):
    page.evaluate("model.set('layers', [[3, 1, 1, 0]])")
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
@pytest.mark.parametrize("layers", [[(3, 1, 2)] * 3, [(3, 1)] * 6, [(3, 1, 1, 1)] * 20])
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
