"""TransposedPainter on a bare page: every control, and its numbers against ops.py."""

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
    read_with_grids,
    slide,
    slide_to,
    slider,
    trait,
    watched,
    width_needed,
)

from helpers import ops
from helpers.widgets import TransposedPainter
from helpers.widgets.explorers.transposed_painter import PRESETS

SLIDERS = {"Input size": range(1, 7), "Kernel size": range(1, 8), "Stride": range(1, 5)}
CUT = "Cells cut off"

LINES = """() => {
  const text = (start) => [...document.querySelectorAll(".hc-note")]
    .map((line) => line.textContent).find((line) => start.test(line)) ?? "";
  return {
    sum: document.querySelector(".hc-sum").textContent,
    size: text(/^(\\(input|input ·)/),
    cut: text(/^The hatched/),
    overlap: text(/ % /),
    code: document.querySelector(".hc-foot code").textContent,
    refused: document.querySelector("[role=alert]").textContent,
    image: model.array("image"),
    kernel: model.array("kernel"),
    stride: model.get("stride"),
    padding: model.get("padding"),
    step: model.get("step"),
    position: model.get("position"),
  };
}"""


@pytest.fixture
def page(browser):
    with watched(browser, TransposedPainter()) as page:
        yield page


def corner_of(twin):
    """Rows and columns that are cut off above and on the left."""
    if twin.padding == "same":
        canvas = [
            (n - 1) * twin.stride + k - n * twin.stride
            for n, k in zip(twin.image.shape, twin.kernel.shape, strict=True)
        ]
        return tuple(max(c, 0) // 2 for c in canvas)
    count = 0 if twin.padding == "valid" else twin.padding
    return count, count


def places(corner, shape):
    return {(corner[0] + a, corner[1] + b) for a, b in np.ndindex(shape)}


def agrees(page):
    """Everything on the screen is what ops.py makes of the same settings."""
    seen, shown = read_with_grids(page, LINES)
    twin = TransposedPainter(
        seen["image"],
        seen["kernel"],
        stride=seen["stride"],
        padding=seen["padding"],
    )
    twin.step, twin.position = seen["step"], tuple(seen["position"])
    corner, stride = corner_of(twin), twin.stride

    def shows(name, numbers, whole):
        np.testing.assert_allclose(
            shown[name].numbers, numbers, rtol=1e-3, atol=1e-9, err_msg=name
        )
        np.testing.assert_allclose(
            shown[name].padded, whole, rtol=1e-3, atol=1e-9, err_msg=name
        )
        assert shown[name].corner == corner

    # the grids; what is cut off is there, around what stays
    np.testing.assert_allclose(shown["input"].numbers, twin.image, rtol=1e-3)
    np.testing.assert_allclose(shown["kernel"].numbers, twin.kernel, rtol=1e-3)
    done = np.arange(twin.image.size).reshape(twin.image.shape) < twin.step
    so_far = np.where(done, twin.image, 0)
    ones = np.ones(twin.image.shape), np.ones(twin.kernel.shape)
    shows(
        "output",
        twin.painted,
        ops.conv_transpose2d(so_far, twin.kernel, stride=stride),
    )
    shows("stamps a cell", twin.overlap, ops.conv_transpose2d(*ones, stride=stride))

    # the stamp of the position
    (i, j), (high, wide) = twin.position, twin.kernel.shape
    at = (i * stride - corner[0], j * stride - corner[1])
    assert shown["input"].marks["current"] == {(i, j)}
    assert shown["output"].marks["window"] == places(at, (high, wide))
    assert shown["stamps a cell"].marks["window"] == places(at, (high, wide))
    spans = [
        f"{'' if n == 1 else 's'} {first}" + ("" if n == 1 else f" to {first + n - 1}")
        for first, n in zip(at, (high, wide), strict=True)
    ]
    said = seen["sum"].replace("−", "-")
    assert said.startswith(f"input[{i}, {j}] = ")
    assert said.endswith(f" × kernel at row{spans[0]}, column{spans[1]}.")
    assert number(seen["sum"].split(" ")[3]) == pytest.approx(
        twin.image[i, j], rel=1e-3
    )

    # sizes, overlaps, Keras
    for n in twin.result.shape:
        assert f"= {n}" in seen["size"]
    whole = shown["output"].padded.shape
    assert bool(seen["cut"]) == (whole != twin.result.shape)
    ends = [w - n - c for w, n, c in zip(whole, twin.result.shape, corner, strict=True)]
    assert ("odd number" in seen["cut"]) == (tuple(ends) != corner)
    # what the line says of inner cells holds on this canvas, or on one that has some
    sides = zip(twin.image.shape, twin.kernel.shape, strict=True)
    has_inner = all(n * stride >= k for n, k in sides)
    assert ("on a larger input" in seen["overlap"]) == (not has_inner)
    shape = twin.image.shape if has_inner else (7, 7)
    stamps = ops.conv_transpose2d(np.ones(shape), ones[1], stride=stride)
    inner = np.unique(
        stamps[
            max(high - stride, 0) : shape[0] * stride,
            max(wide - stride, 0) : shape[1] * stride,
        ]
    )
    listed = re.search(r"gets? ([\d, or]+?) stamps?\b", seen["overlap"])[1]
    assert [int(n) for n in re.findall(r"\d+", listed)] == inner.tolist()
    even = high % stride == wide % stride == 0
    assert ("no checkerboard" in seen["overlap"]) == even == (len(inner) == 1)
    assert ("gaps" in seen["overlap"]) == (0 in inner)
    for k in (high, wide):
        assert f"{k} % {stride} = {k % stride}" in seen["overlap"]
    assert seen["code"] == twin.keras
    return seen, twin


def test_random_states(page):
    rng = np.random.default_rng(3)
    refused = 0
    for _ in different_states(page):
        match rng.integers(6):
            case 0 | 1:
                label = str(rng.choice(list(SLIDERS)))
                slide(page, label, int(rng.choice(SLIDERS[label])))
            case 2:
                choose_padding(
                    page, ["valid", "same", int(rng.integers(4))][rng.choice(3)], CUT
                )
            case 3:
                enter(page, ".hc-grid input", rng.random(), f"{rng.normal():.2f}")
            case 4:
                slide_to(page, "Stamp", rng.random())
            case 5:
                if rng.random() < 0.3:
                    choose(page, "Example", str(rng.choice(list(PRESETS))))
        seen, _ = agrees(page)
        refused += bool(seen["refused"])
    assert refused


@pytest.mark.parametrize("label", SLIDERS)
def test_every_value_of_every_slider(page, label):
    for padding in ("valid", "same", 1):
        slide(page, "Input size", 3)
        slide(page, "Kernel size", 4)
        choose_padding(page, padding, CUT)
        for value in SLIDERS[label]:
            slide(page, label, value)
            agrees(page)


def test_every_padding(page):
    for kind in ("same", "count", "valid"):
        menu(page, "Padding").select_option(kind)
        _, twin = agrees(page)
        assert twin.padding == (1 if kind == "count" else kind)
    slide(page, "Input size", 4)
    for padding in ("same", *range(4), "valid"):
        choose_padding(page, padding, CUT)
        _, twin = agrees(page)
        assert twin.padding == padding
    assert not slider(page, CUT).is_visible()


def test_every_example(page):
    for name, preset in PRESETS.items():
        menu(page, "Example").select_option(name)
        _, twin = agrees(page)
        np.testing.assert_array_equal(twin.image, preset.image)
        np.testing.assert_array_equal(twin.kernel, preset.kernel)
        assert (twin.stride, twin.padding) == (preset.stride, preset.padding)
        assert menu(page, "Example").input_value() == name
    page.get_by_label("kernel, row 1, column 1").fill("7")
    assert menu(page, "Example").input_value() == "custom"


def type_into(page, cell, text):
    page.get_by_label(cell).fill(text)
    page.get_by_label(cell).blur()  # what is typed into is pointed at


CHANGES = {
    "input size": lambda page: slide(page, "Input size", 5),
    "kernel size": lambda page: slide(page, "Kernel size", 6),
    "stride": lambda page: slide(page, "Stride", 4),
    "padding": lambda page: (
        choose_padding(page, "valid", CUT)
        if trait(page, "padding") == "same"
        else choose_padding(page, "same", CUT)
    ),
    "cells cut off": lambda page: choose_padding(page, 0, CUT),
    "a number": lambda page: type_into(page, "input, row 1, column 1", "-7"),
    "a weight": lambda page: type_into(page, "kernel, row 1, column 1", "-7"),
}
PRESET_TRAITS = ("image", "kernel", "stride", "padding")


def shows_the_preset(page, name):
    """All that the preset sets is as in an explorer that was made with it."""
    _, twin = agrees(page)
    fresh = TransposedPainter(name)
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


def test_an_example_that_becomes_another_is_named_so(page):
    """Nearest neighbour and gaps differ by the stride alone."""
    examples = menu(page, "Example")
    examples.select_option("gaps")
    slide(page, "Stride", 2)
    shows_the_preset(page, "nearest")
    examples.select_option("gaps")
    shows_the_preset(page, "gaps")


@pytest.mark.parametrize("name", PRESETS)
def test_an_example_is_enlarged_by_its_own_numbers(browser, name):
    """Nothing is left over of what was shown before, or typed."""

    def enlarged(page):
        slide(page, "Input size", 6)
        slide(page, "Kernel size", 7)
        agrees(page)
        return array(page, "image"), array(page, "kernel")

    with watched(browser, TransposedPainter(name)) as page:
        fresh = enlarged(page)
    others = np.full((6, 6), 9), np.full((7, 7), 9)
    with watched(browser, TransposedPainter(*others)) as page:
        for other in PRESETS:
            menu(page, "Example").select_option(other)
            enlarged(page)
            type_into(page, "input, row 6, column 6", "-5")
            type_into(page, "kernel, row 7, column 7", "-5")
        menu(page, "Example").select_option(name)
        for numbers, wanted in zip(enlarged(page), fresh, strict=True):
            np.testing.assert_array_equal(numbers, wanted)


@pytest.mark.parametrize(
    "made",
    [
        *(lambda name=name: TransposedPainter(name) for name in PRESETS),
        lambda: TransposedPainter("gaps", stride=4, padding=1),
        lambda: TransposedPainter("bilinear", padding="valid"),
        lambda: TransposedPainter([[1, 2.5]], [[1], [-2]]),
        lambda: TransposedPainter([[1, 2.5]], stride=1, padding="same"),
    ],
)
def test_copy_as_python_tells_stride_and_padding(browser, made):
    """None is the preset's."""
    with watched(browser, made()) as page:
        page.get_by_role("button", name="Copy as Python").click()
        code = page.get_by_label("The same in Python").inner_text()
    shown, again = made(), eval(code, {"TransposedPainter": TransposedPainter})
    for trait_name in PRESET_TRAITS:
        np.testing.assert_array_equal(
            getattr(again, trait_name), getattr(shown, trait_name), err_msg=code
        )


def test_every_stamp(page):
    slide(page, "Input size", 3)
    for step in range(9, 0, -1):
        slide(page, "Stamp", step)
        _, twin = agrees(page)
        assert twin.step == step
        assert twin.position == divmod(step - 1, 3)


def test_cutting_everything_off_is_refused_in_place(page):
    choose_padding(page, 2, CUT)
    slide(page, CUT, 3)
    said = page.get_by_role("alert").inner_text()
    assert "cutting 3 off every side leaves nothing" in said
    assert "The canvas has 5 × 5 cells" in said
    assert slider(page, CUT).input_value() == "2"
    agrees(page)
    slide(page, "Kernel size", 1)
    assert "leaves nothing" in page.get_by_role("alert").inner_text()
    agrees(page)
    slide(page, "Input size", 4)
    assert page.get_by_role("alert").inner_text() == ""


@pytest.mark.parametrize("text", ["", "x", "1/0", "NaN", "2000001"])
def test_bad_text_is_refused_in_place(page, text):
    for grid in ("input", "kernel"):
        cell = page.get_by_label(f"{grid}, row 1, column 2")
        before = cell.input_value()
        cell.fill(text)
        assert "is not a number" in page.get_by_role("alert").inner_text()
        cell.blur()
        page.mouse.move(0, 0)
        assert cell.input_value() == before
        agrees(page)


def test_nothing_is_lost_when_a_grid_shrinks(page):
    for grid, label in (("input", "Input size"), ("kernel", "Kernel size")):
        slide(page, label, 3)
        page.get_by_label(f"{grid}, row 3, column 3").fill("9")
        slide(page, label, 1)
        slide(page, label, 3)
        cell = page.get_by_label(f"{grid}, row 3, column 3")
        assert cell.input_value() == "9"
    agrees(page)


def test_keys_walk_and_play(page):
    root = page.get_by_role("group", name="TransposedPainter")
    root.focus()
    page.keyboard.press("Home")
    for key, step in [("ArrowRight", 2), ("ArrowDown", 4), ("ArrowUp", 2), ("End", 4)]:
        page.keyboard.press(key)
        assert trait(page, "step") == step
        agrees(page)
    menu(page, "Speed").select_option("fast")
    root.focus()
    page.keyboard.press("Space")  # from the end it starts anew
    assert trait(page, "step") == 1
    page.wait_for_function("model.get('step') === 4")
    page.get_by_role("button", name="Play").wait_for()  # it stopped by itself
    agrees(page)


@pytest.mark.parametrize("name", ["checkerboard", "bilinear", "gaps"])
def test_pointing_at_a_cell_writes_out_its_sum(page, name):
    menu(page, "Example").select_option(name)
    page.get_by_label("kernel, row 1, column 2").fill("-0.5")
    slide(page, "Stamp", 3)
    _, twin = agrees(page)
    corner, line = corner_of(twin), page.locator(".hc-sum")
    whole = grids(page)["output"].padded
    for row, column in np.ndindex(whole.shape):
        table = page.locator("table[aria-label=output] tr").nth(row).locator("td")
        table.nth(column).hover()
        place = (row - corner[0], column - corner[1])
        inside = all(0 <= p < n for p, n in zip(place, twin.result.shape, strict=True))
        shown, said = grids(page), line.inner_text().replace("−", "-")
        said_place = f"[{place[0]}, {place[1]}] = "
        assert said.startswith(("output" if inside else "cut off") + said_place)
        assert shown["output"].marks["current"] == {place}
        sources = shown["input"].marks.get("reached", set())
        if not sources:
            assert "no stamp so far touches it" in said
            assert whole[row, column] == 0
            continue
        terms, total = said.split(" = ")[1:]
        assert number(total) == pytest.approx(whole[row, column], rel=1e-3)
        factors = sorted(
            tuple(float(factor.strip("()")) for factor in term.split("·"))
            for term in terms.split(" + ")
        )
        taps = [(row - i * twin.stride, column - j * twin.stride) for i, j in sources]
        assert shown["kernel"].marks["window"] == set(taps)
        wanted = sorted(
            (twin.image[source], twin.kernel[tap])
            for source, tap in zip(sources, taps, strict=True)
        )
        np.testing.assert_allclose(factors, wanted, rtol=1e-3)


def test_pinning(page):
    cells = page.locator("table[aria-label='stamps a cell'] td")
    line, held = page.locator(".hc-sum"), page.get_by_text("Held.")
    cells.nth(12).click()
    assert line.inner_text().startswith("output[2, 2] = 1·1 + 2·1 + 3·1 + 4·1 = 10")
    assert held.is_visible()
    cells.nth(0).hover()
    assert line.inner_text().startswith("output[2, 2]")
    page.keyboard.press("Escape")
    assert held.count() == 0
    page.mouse.move(0, 0)
    agrees(page)
    page.get_by_label("input, row 2, column 1").hover()
    assert line.inner_text().startswith(
        "input[1, 0] = 3 paints 3 × kernel at rows 2 to 4"
    )


def test_python_moves_the_screen(page):
    page.evaluate(
        """() => {
          model.set("kernel", { shape: [1, 2], dtype: "float64",
            data: new DataView(Float64Array.of(2, -3).buffer) });
          model.set("stride", 3);
          model.set("padding", "same");
          model.set("step", 2);
          model.set("position", [0, 1]);
        }"""
    )
    _, twin = agrees(page)
    assert (twin.kernel.shape, twin.padding, twin.step) == ((1, 2), "same", 2)
    page.evaluate(
        """() => {
          model.set("step", 5); // it may come before the image that has so many cells
          model.set("image", { shape: [2, 3], dtype: "float64",
            data: new DataView(Float64Array.of(1, 2, 3, 4, 5, 6).buffer) });
        }"""
    )
    _, twin = agrees(page)
    assert (twin.image.shape, twin.step) == ((2, 3), 5)


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    slide(page, "Stride", 3)
    choose_padding(page, "same", CUT)
    agrees(page)


def test_fits_a_phone(browser):
    painter = TransposedPainter(np.ones((6, 6)), np.ones((7, 7)), stride=4, padding=2)
    with watched(browser, painter, width=360) as page:
        assert width_needed(page) <= 360
        agrees(page)
