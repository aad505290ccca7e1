"""PoolingStepper on a bare page: every control, and its numbers against ops.py."""

import re

import numpy as np
import pytest
from hands import (
    array,
    can_be_chosen_again,
    choose,
    choose_padding,
    different_states,
    enter,
    grids,
    lose_the_kernel,
    menu,
    number,
    number_after,
    read,
    read_with_grids,
    slide,
    slide_to,
    slider,
    tick,
    trait,
    watched,
    width_needed,
)

from helpers import ops
from helpers.widgets import PoolingStepper
from helpers.widgets.explorers.pooling_stepper import PRESETS, REDUCTIONS

SLIDERS = {"Input size": range(1, 13), "Window": range(1, 7), "Stride": range(1, 7)}
COUNT = "Cells of padding"

LINES = """() => {
  const sums = document.querySelectorAll(".hc-sum");
  const text = (start) => [...document.querySelectorAll(".hc-note")]
    .map((line) => line.textContent).find((line) => start.test(line)) ?? "";
  return {
    sum: sums[0].textContent,
    hand: sums[1].textContent,
    size: text(/^(⌊|Global)/),
    share: text(/ in, /),
    rim: text(/pale|Padding is empty/), // uneven sides come with padding
    code: document.querySelector(".hc-foot code").textContent,
    refused: document.querySelector("[role=alert]").textContent,
    resting: [...document.querySelectorAll("select")].find((menu) =>
      menu.labels[0].textContent.startsWith("Padding")).disabled,
    image: model.array("image"),
    incoming: model.array("incoming"),
    ...Object.fromEntries(["size", "stride", "padding", "reduce", "view", "position",
      "step", "all_winners"].map((name) => [`_${name}`, model.get(name)])),
  };
}"""


@pytest.fixture
def page(browser):
    with watched(browser, PoolingStepper()) as page:
        yield page


def agrees(page):
    """Everything on the screen is what ops.py makes of the same settings."""
    seen, shown = read_with_grids(page, LINES)
    names = ("size", "padding", "reduce", "view")
    twin = PoolingStepper(
        seen["image"],
        stride=seen["_stride"] or None,
        incoming=seen["incoming"],
        **{name: seen[f"_{name}"] for name in names},
    )
    twin.step, twin.position = seen["_step"], tuple(seen["_position"])
    twin.all_winners = seen["_all_winners"]
    whole, mean = twin.reduce.startswith("global"), twin.reduce.endswith("mean")
    assert seen["resting"] == whole
    (rows, columns), (h, w) = twin.places, twin.image.shape
    window = (h, w) if whole else (twin.size, twin.size)
    stride = window if whole else (twin.stride or twin.size,) * 2
    pads = ((0, 0), (0, 0))
    if not whole and twin.padding == "same":
        pads = ops.same_padding((h, w), window, stride=stride)
    elif not whole and twin.padding != "valid":
        pads = ((twin.padding,) * 2,) * 2

    # the input, empty cells around it, what stays and what is not done yet
    inputs = shown["input"]
    padded = np.pad(twin.image, pads, constant_values=np.nan)
    np.testing.assert_allclose(inputs.padded, padded, rtol=1e-3)
    assert inputs.corner == (pads[0][0], pads[1][0])
    done = np.arange(rows * columns).reshape(rows, columns) < twin.step
    np.testing.assert_allclose(
        shown["output"].numbers,
        np.where(done, twin.result, np.nan),
        rtol=1e-3,
        atol=1e-9,
    )

    # the window of the position, its winner, its arithmetic
    (i, j) = twin.position
    corner = (i * stride[0] - pads[0][0], j * stride[1] - pads[1][0])
    cells = [(corner[0] + a, corner[1] + b) for a, b in np.ndindex(*window)]
    real = [(r, c) for r, c in cells if 0 <= r < h and 0 <= c < w]
    assert inputs.marks["window"] == set(cells)
    assert shown["output"].marks["current"] == {(i, j)}
    winners = set()
    if not mean:
        winner = divmod(int(twin.winners[i, j]), w)
        every = {divmod(int(k), w) for k in twin.winners.ravel()}
        winners = every if twin.all_winners else {winner}
    assert inputs.marks.get("winner", set()) == winners
    assert seen["sum"].startswith(f"output[{i}, {j}] = ")
    pattern = (
        r"mean = \((.*)\) / \d+ = (\S+)\.( Padding.*)?$"
        if mean
        else r"max\((.*)\) = (\S+), found"
    )
    listed, total = re.search(pattern, seen["sum"]).groups()[:2]
    values = [number(value.strip("()")) for value in re.split(r" \+ |, ", listed)]
    np.testing.assert_allclose(values, [twin.image[p] for p in real], rtol=1e-3)
    assert number(total) == pytest.approx(twin.result[i, j], rel=1e-5, abs=1e-9)
    if mean:
        assert f" / {len(real)} = " in seen["sum"]
    else:
        assert "found at input[{}, {}]".format(*winner) in seen["sum"]
        equals = values.count(max(values))  # as far as four digits tell
        assert equals > 1 or "equals" not in seen["sum"]

    # the gradient of what is done
    if twin.view == "gradient":
        incoming = twin.incoming
        twin.incoming = np.where(done, incoming, 0)
        np.testing.assert_allclose(
            shown["gradient"].numbers, twin.gradient, rtol=1e-3, atol=1e-9
        )
        twin.incoming = incoming
        np.testing.assert_allclose(
            shown["incoming gradient"].numbers, twin.incoming, rtol=1e-3
        )
        arriving = twin.incoming[i, j]
        assert number_after(seen["hand"], "gradient") == pytest.approx(
            arriving, rel=1e-3
        )
        if mean:
            each = number(re.search(r"= (\S+) each", seen["hand"])[1])
            assert each == pytest.approx(arriving / len(real), rel=1e-5)
        else:
            assert "goes to input[{}, {}] alone".format(*winner) in seen["hand"]

    # sizes, share, rim, Keras
    if not whole:
        for axis, out in enumerate((rows, columns)):
            around = " + {} + {}".format(*pads[axis]) if any(pads[axis]) else ""
            inside = f"({(h, w)[axis]}{around} − {window[axis]})"
            assert f"⌊{inside} / {stride[axis]}⌋ + 1 = {out}" in seen["size"]
    share = 100 * rows * columns / (h * w)
    said = number(re.search(r": ([\d.e+]+) %", seen["share"])[1])
    assert said == pytest.approx(share, rel=0.01)
    overlap = any(s < n for s, n in zip(stride, window, strict=True))
    assert seen["share"].endswith("as many." if overlap else "stay.")
    covered = np.zeros(padded.shape, bool)
    for a, b in np.ndindex(rows, columns):
        r, c = a * stride[0], b * stride[1]
        covered[r : r + window[0], c : c + window[1]] = True
    unused = {(r - pads[0][0], c - pads[1][0]) for r, c in np.argwhere(~covered)}
    assert inputs.marks.get("unused", set()) == unused
    assert ("pale" in seen["rim"]) == bool(unused)
    uneven = any(a != b for a, b in pads)
    assert ("An odd number of cells" in seen["rim"]) == uneven
    assert ("Padding is empty" in seen["rim"]) == any(map(any, pads))
    assert seen["code"] == twin.keras
    return seen, twin


def test_random_states(page):
    rng = np.random.default_rng(4)
    refused = 0
    seen, twin = agrees(page)
    for _ in different_states(page):
        resting = seen["resting"]
        match rng.integers(8):
            case 0 | 1:
                label = str(rng.choice(list(SLIDERS)))
                if label == "Input size" or not resting:
                    slide(page, label, int(rng.choice(SLIDERS[label])))
            case 2 if not resting:
                choose_padding(
                    page, ["valid", "same", int(rng.integers(6))][rng.choice(3)], COUNT
                )
            case 3:
                reduce = str(rng.choice(REDUCTIONS, p=[0.4, 0.4, 0.1, 0.1]))
                choose(page, "Pooling", reduce)
            case 4:
                enter(page, ".hc-grid input", rng.random(), f"{rng.normal():.2f}")
            case 5:
                slide_to(page, "Step", rng.random())
            case 6:
                choose(page, "Show", str(rng.choice(["values", "gradient"])))
            case 7:
                if rng.random() < 0.3:
                    choose(page, "Example", str(rng.choice(list(PRESETS))))
                elif twin.reduce.endswith("max"):
                    tick(page, "Mark all winners")
        seen, twin = agrees(page)
        refused += bool(seen["refused"])
    assert refused


@pytest.mark.parametrize("label", SLIDERS)
@pytest.mark.parametrize("reduce", ["max", "mean"])
def test_every_value_of_every_slider(page, label, reduce):
    menu(page, "Pooling").select_option(reduce)
    for padding in ("valid", "same"):
        slide(page, "Input size", 7)
        slide(page, "Window", 3)
        choose_padding(page, padding, COUNT)
        for value in SLIDERS[label]:
            slide(page, label, value)
            agrees(page)


def test_every_padding_and_reduction(page):
    for kind in ("same", "count", "valid"):
        menu(page, "Padding").select_option(kind)
        _, twin = agrees(page)
        assert twin.padding == (1 if kind == "count" else kind)
    slide(page, "Input size", 9)
    slide(page, "Window", 6)
    for reduce in REDUCTIONS[:2]:
        menu(page, "Pooling").select_option(reduce)
        for padding in ("same", *range(6), "valid"):
            choose_padding(page, padding, COUNT)
            _, twin = agrees(page)
            assert twin.padding == padding
    for reduce in REDUCTIONS[2:]:
        menu(page, "Pooling").select_option(reduce)
        _, twin = agrees(page)
        assert twin.places == (1, 1)
        assert slider(page, "Window").is_disabled()


def test_every_example(page):
    for name, preset in PRESETS.items():
        menu(page, "Example").select_option(name)
        _, twin = agrees(page)
        np.testing.assert_array_equal(twin.image, preset.image)
        assert (twin.size, twin.stride) == (preset.size, preset.stride)
        assert menu(page, "Example").input_value() == name


def type_into(page, cell, text):
    page.get_by_label(cell).fill(text)
    page.get_by_label(cell).blur()  # what is typed into is pointed at


CHANGES = {
    "input size": lambda page: slide(page, "Input size", 9),
    "window": lambda page: slide(page, "Window", 1),
    "window and stride": lambda page: (
        slide(page, "Window", 2),
        slide(page, "Stride", 2),
    ),
    "stride": lambda page: slide(page, "Stride", 4),
    "padding": lambda page: choose_padding(page, "same", COUNT),
    "cells of padding": lambda page: choose_padding(page, 1, COUNT),
    "pooling": lambda page: menu(page, "Pooling").select_option("mean"),
    "global pooling": lambda page: menu(page, "Pooling").select_option("global max"),
    "a number": lambda page: type_into(page, "input, row 1, column 1", "-7"),
    "incoming gradient": lambda page: (
        menu(page, "Show").select_option("gradient"),
        type_into(page, "incoming gradient, row 1, column 1", "-7"),
    ),
}
PRESET_TRAITS = ("image", "size", "stride", "padding", "reduce", "incoming")


def shows_the_preset(page, name):
    """All that the preset sets is as in an explorer that was made with it."""
    _, twin = agrees(page)
    fresh = PoolingStepper(name)
    for trait_name in PRESET_TRAITS:
        np.testing.assert_array_equal(
            getattr(twin, trait_name), getattr(fresh, trait_name)
        )


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", PRESETS)
def test_an_example_that_was_changed_can_be_chosen_again(page, name, change):
    can_be_chosen_again(
        page,
        name,
        PRESETS[name].title,
        CHANGES[change],
        lambda: shows_the_preset(page, name),
    )


@pytest.mark.parametrize("name", PRESETS)
def test_an_example_is_enlarged_by_its_own_numbers(browser, name):
    """Nothing is left over of what was shown before, or typed."""

    def enlarged(page):
        slide(page, "Input size", 12)
        choose_padding(page, "same", COUNT)
        slide(page, "Stride", 1)
        agrees(page)
        return array(page, "image"), array(page, "incoming")

    with watched(browser, PoolingStepper(name)) as page:
        fresh = enlarged(page)
    with watched(browser, PoolingStepper(np.full((12, 12), 9), 1)) as page:
        menu(page, "Show").select_option("gradient")
        for other in PRESETS:
            menu(page, "Example").select_option(other)
            type_into(page, "input, row 4, column 4", "-5")
            enlarged(page)
            type_into(page, "incoming gradient, row 9, column 9", "-5")
        menu(page, "Example").select_option(name)
        for image, wanted in zip(enlarged(page), fresh, strict=True):
            np.testing.assert_array_equal(image, wanted)


@pytest.mark.parametrize(
    "made",
    [
        lambda: PoolingStepper("hill"),
        lambda: PoolingStepper("overlapping", 3, stride=1),
        lambda: PoolingStepper("overlapping", 3),
        lambda: PoolingStepper("overlapping", 2, stride=2, reduce="mean"),
        lambda: PoolingStepper("ties", 2, stride=3, padding=1),
        lambda: PoolingStepper([[1, 2.5], [-3, 4]], 1, reduce="global mean"),
        lambda: PoolingStepper([[1, 2], [3, 4]], incoming=[[2]], view="gradient"),
    ],
)
def test_copy_as_python_tells_size_and_stride(browser, made):
    """None is the preset's size and stride, or the side of the window."""
    with watched(browser, made()) as page:
        page.get_by_role("button", name="Copy as Python").click()
        code = page.get_by_label("The same in Python").inner_text()
    shown, again = made(), eval(code, {"PoolingStepper": PoolingStepper})
    for trait_name in (*PRESET_TRAITS, "view"):
        np.testing.assert_array_equal(
            getattr(again, trait_name), getattr(shown, trait_name), err_msg=code
        )


def test_stride_goes_with_the_window_until_it_is_moved(page):
    slide(page, "Window", 3)
    assert trait(page, "stride") in (0, None)
    assert slider(page, "Stride").input_value() == "3"
    slide(page, "Stride", 1)
    assert not page.get_by_label("Stride same as the window").is_checked()
    agrees(page)
    page.get_by_label("Stride same as the window").click()
    _, twin = agrees(page)
    assert twin.stride is None


def test_a_window_that_does_not_fit_is_refused_in_place(page):
    slide(page, "Window", 5)
    assert page.get_by_role("alert").inner_text()
    assert slider(page, "Window").input_value() == "2"
    agrees(page)
    choose_padding(page, 2, COUNT)  # as wide as the window
    assert page.get_by_role("alert").inner_text()
    agrees(page)


@pytest.mark.parametrize("text", ["", "x", "1/0", "NaN"])
def test_bad_text_is_refused_in_place(page, text):
    menu(page, "Show").select_option("gradient")
    for grid in ("input", "incoming gradient"):
        cell = page.get_by_label(f"{grid}, row 1, column 2")
        before = cell.input_value()
        cell.fill(text)
        assert "is not a number" in page.get_by_role("alert").inner_text()
        cell.blur()
        page.mouse.move(0, 0)
        assert cell.input_value() == before
        agrees(page)


def test_nothing_is_lost_when_the_input_shrinks(page):
    page.get_by_label("input, row 4, column 4").fill("9")
    slide(page, "Input size", 3)
    slide(page, "Input size", 4)
    assert page.get_by_label("input, row 4, column 4").input_value() == "9"
    menu(page, "Show").select_option("gradient")
    page.get_by_label("incoming gradient, row 2, column 2").fill("8")
    slide(page, "Window", 4)
    assert array(page, "incoming").tolist() == [[1]]
    slide(page, "Window", 2)
    assert array(page, "incoming").tolist() == [[1, 1], [1, 8]]
    agrees(page)


def test_ties_go_to_the_first_in_reading_order(page):
    menu(page, "Example").select_option("ties")
    _, twin = agrees(page)
    assert twin.winners[0, 0] == 0
    said = page.locator(".hc-sum").first.inner_text()
    assert said == "output[0, 0] = max(3, 3, 1, 3) = 3, found at input[0, 0], " + (
        "the first of 3 equals."
    )


def test_keys_walk_and_play(page, clock):
    slide(page, "Stride", 1)
    root = page.get_by_role("group", name="PoolingStepper")
    root.focus()
    page.keyboard.press("Home")
    for key, step in [("ArrowRight", 2), ("ArrowDown", 5), ("ArrowUp", 2), ("End", 9)]:
        page.keyboard.press(key)
        assert trait(page, "step") == step
        agrees(page)
    menu(page, "Speed").select_option("fast")
    root.focus()
    page.keyboard.press("Space")  # from the end it starts anew
    assert trait(page, "step") == 1
    clock.run_for(2000)
    assert trait(page, "step") == 9
    page.get_by_role("button", name="Play").wait_for()  # it stopped by itself
    agrees(page)


def test_nothing_moves_at_any_step(browser):
    """The columns have their width from the first step on, and the strip its height."""
    stepper = PoolingStepper("ties", 3, stride=1, reduce="mean", view="gradient")
    with watched(browser, stepper) as page:
        boxes = """() => [".hc", ".hc-scene", ".hc-grid"].flatMap((name) =>
          [...document.querySelectorAll(name)].map((element) =>
            [element.offsetWidth, element.offsetHeight]))"""
        slide(page, "Step", 16)
        last = read(page, boxes)
        sums = set()
        for step in range(15, 0, -1):
            slide(page, "Step", step)
            page.evaluate("() => new Promise(requestAnimationFrame)")
            assert read(page, boxes) == last
            sums.update(grids(page)["gradient"].numbers.ravel())
        assert len({len(str(number)) for number in sums}) > 1  # short and long ones


def test_pointing_and_pinning(page):
    cells = page.locator("table[aria-label=output] td")
    line, held = page.locator(".hc-sum").first, page.get_by_text("Held.")
    cells.nth(3).hover()
    assert line.inner_text().startswith("output[1, 1] = max(50, 55, 49, 23) = 55")
    page.mouse.move(0, 0)
    assert line.inner_text().startswith("output[0, 0]")
    cells.nth(2).click()
    cells.nth(1).hover()
    assert line.inner_text().startswith("output[1, 0]")
    assert held.is_visible()
    page.keyboard.press("Escape")
    page.mouse.move(0, 0)
    assert held.count() == 0
    agrees(page)


def test_pointing_at_an_input_lights_what_it_reaches(page):
    slide(page, "Window", 3)
    slide(page, "Stride", 1)
    _, twin = agrees(page)
    for place in np.ndindex(4, 4):
        row, column = place
        page.get_by_label(f"input, row {row + 1}, column {column + 1}").hover()
        wanted = {
            (i, j)
            for i, j in np.ndindex(twin.places)
            if i <= row < i + 3 and j <= column < j + 3
        }
        assert grids(page)["output"].marks.get("reached", set()) == wanted
        won = int((twin.winners == 4 * row + column).sum())
        said = page.locator(".hc-sum").first.inner_text()
        assert f"takes part in {len(wanted)} output" in said
        assert f"wins {won} of them" in said


def test_pointing_at_padding_says_that_it_is_empty(page):
    slide(page, "Window", 3)
    choose_padding(page, 1, COUNT)
    page.locator("table[aria-label=input] td").first.hover()
    said = page.locator(".hc-sum").first.inner_text()
    assert said.startswith("padding[-1, -1] is empty: it lies in the windows of 1 out")
    assert grids(page)["output"].marks["reached"] == {(0, 0)}
    page.mouse.move(0, 0)
    agrees(page)


@pytest.mark.parametrize("reduce", ["max", "mean"])
def test_pointing_at_the_gradient_adds_up_what_a_cell_receives(page, reduce):
    menu(page, "Example").select_option("overlapping")
    menu(page, "Pooling").select_option(reduce)
    menu(page, "Show").select_option("gradient")
    page.get_by_label("incoming gradient, row 1, column 2").fill("-2")
    slide(page, "Step", 6)  # the others have handed out nothing yet
    _, twin = agrees(page)
    done = np.arange(9).reshape(3, 3) < 6
    twin.incoming = np.where(done, twin.incoming, 0)
    cells = page.locator("table[aria-label=gradient] td")
    for k, received in enumerate(twin.gradient.ravel()):
        cells.nth(k).hover()
        said = page.locator(".hc-sum").first.inner_text()
        assert said.startswith(f"input[{k // 7}, {k % 7}] receives ")
        total = re.search(r"(\S+), from|receives (0): ", said)
        assert number(total[1] or total[2]) == pytest.approx(received, abs=1e-5)
        givers = grids(page)["incoming gradient"].marks.get("reached", set())
        assert len(givers) == said.count("output[")


def test_pointing_at_an_incoming_gradient_lights_its_window(page):
    menu(page, "Show").select_option("gradient")
    page.get_by_label("incoming gradient, row 1, column 2").hover()
    shown = grids(page)
    for grid in ("input", "gradient"):
        assert shown[grid].marks["window"] == {(0, 2), (0, 3), (1, 2), (1, 3)}
        assert shown[grid].marks["winner"] == {(0, 2)}


def test_python_moves_the_screen(page):
    page.evaluate(
        """() => {
          model.set("incoming", { shape: [3, 3], dtype: "float64",
            data: new DataView(Float64Array.from({ length: 9 }, (_, k) => k).buffer) });
          model.set("stride", 1);
          model.set("view", "gradient");
          model.set("step", 4);
        }"""
    )
    _, twin = agrees(page)
    assert (twin.stride, twin.view, twin.step) == (1, "gradient", 4)


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    slide(page, "Stride", 1)
    menu(page, "Pooling").select_option("mean")
    agrees(page)


def test_fits_a_phone(browser):
    stepper = PoolingStepper(np.ones((12, 12)), 6, stride=1, padding=5, view="gradient")
    with watched(browser, stepper, width=360) as page:
        assert width_needed(page) <= 360
        agrees(page)
