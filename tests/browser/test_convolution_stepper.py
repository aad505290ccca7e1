"""ConvolutionStepper on a bare page: every control, and its numbers against ops.py."""

import re

import numpy as np
import pytest
from hands import (
    array,
    choose,
    choose_padding,
    different_states,
    enter,
    grave,
    grids,
    lose_the_kernel,
    menu,
    number,
    push,
    read_with_grids,
    slide,
    slide_to,
    slider,
    tap,
    tick,
    trait,
    watched,
    width_needed,
)

from helpers import ops, widgets
from helpers.widgets import ConvolutionStepper
from helpers.widgets.explorers.convolution_stepper import MODES, PRESETS

ALIKE = {
    "Input size": range(1, 13),
    "Kernel size": range(1, 8),
    "Stride": range(1, 7),
    "Dilation": range(1, 7),
}
APART = {
    **dict.fromkeys(("Input rows", "Input columns"), ALIKE["Input size"]),
    **dict.fromkeys(("Kernel rows", "Kernel columns"), ALIKE["Kernel size"]),
    **dict.fromkeys(("Stride down", "Stride across"), ALIKE["Stride"]),
    **dict.fromkeys(("Dilation down", "Dilation across"), ALIKE["Dilation"]),
}
SIDES = ("Cells above", "Cells below", "Cells left", "Cells right")
SLIDERS = {
    **ALIKE,
    **APART,
    "Filters": range(1, 5),
    **dict.fromkeys((*SIDES, "Cells of padding"), range(7)),
}
PADDINGS = ("valid", "same", "causal", "count", "sides")
SETTINGS = ("stride", "padding", "mode", "dilation", "position", "filter", "step")

LINES = """() => {
  const text = (start) => [...document.querySelectorAll(".hc-note")]
    .map((line) => line.textContent).find((line) => start.test(line)) ?? "";
  return {
    sum: document.querySelector(".hc-sum").textContent,
    size: text(/^⌊/),
    rim: text(/pale/),
    uneven: text(/odd number/),
    causal: text(/^Causal|\\. Causal/),
    apart: document.querySelector(".hc-group input[type=checkbox]").checked,
    sliders: Object.fromEntries(
      [...document.querySelectorAll(".hc-group input[type=range]")]
        .filter((input) => input.checkVisibility())
        .map((input) => [input.labels[0].firstChild.textContent, Number(input.value)])),
    menu: document.querySelectorAll(".hc-group select")[0].value,
    code: document.querySelector(".hc-foot code").textContent,
    holds: [...document.querySelectorAll("select")].some((menu) =>
      menu.labels[0].textContent.startsWith("Padding holds") && menu.checkVisibility()),
    refused: document.querySelector("[role=alert]").textContent,
    image: model.array("image"),
    kernel: model.array("kernel"),
    ...Object.fromEntries(%s.map((name) => [name, model.get(name)])),
  };
}""" % list(SETTINGS)  # noqa: UP031  (braces all over)


@pytest.fixture
def page(browser):
    with watched(browser, ConvolutionStepper("binary")) as page:
        yield page


def in_python(page, seen):
    """An explorer in Python, in the state that the page is in."""
    twin = ConvolutionStepper(
        seen["image"],
        seen["kernel"],
        **{name: seen[name] for name in ("stride", "padding", "mode", "dilation")},
    )
    twin.filter, twin.position, twin.step = (
        seen["filter"],
        tuple(seen["position"]),
        seen["step"],
    )
    return twin


def two(value):
    """Rows and columns, where one number may stand for both."""
    return tuple(value) if np.ndim(value) else (value, value)


def pads_of(twin):
    """((top, bottom), (left, right)) of the padding, by hand."""
    dilation, size = two(twin.dilation), twin.kernel.shape[:2]
    match twin.padding:
        case "valid":
            return ((0, 0), (0, 0))
        case "same":
            return ops.same_padding(
                twin.image.shape, size, stride=twin.stride, dilation=twin.dilation
            )
        case "causal":
            return tuple(((k - 1) * d, 0) for k, d in zip(size, dilation, strict=True))
    rows, columns = two(twin.padding)
    return two(rows), two(columns)


def controls_agree(seen, twin, pads):
    """One slider while rows and columns are alike, two where they stand apart."""
    sides = {
        "Input": twin.image.shape,
        "Kernel": twin.kernel.shape[:2],
        "Stride": two(twin.stride),
        "Dilation": two(twin.dilation),
    }
    ways = {"Input": "size rows columns", "Kernel": "size rows columns"}
    wanted = {"Filters": twin.kernel.shape[3] if twin.kernel.ndim == 4 else 1}
    for name, (rows, columns) in sides.items():
        whole, down, across = ways.get(name, " down across").split(" ")
        if seen["apart"]:
            wanted |= {f"{name} {down}": rows, f"{name} {across}": columns}
        else:
            assert rows == columns, name
            wanted[f"{name} {whole}".strip()] = rows
    if isinstance(twin.padding, int):
        wanted["Cells of padding"] = twin.padding
    if isinstance(twin.padding, tuple):
        wanted |= dict(zip(SIDES, (n for ends in pads for n in ends), strict=True))
    assert seen["sliders"] == wanted
    kinds = {int: "count", tuple: "sides"}
    assert seen["menu"] == kinds.get(type(twin.padding), twin.padding)


def agrees(page):
    """Everything on the screen is what ops.py makes of the same settings."""
    seen, shown = read_with_grids(page, LINES)
    twin = in_python(page, seen)
    many = twin.kernel.ndim == 4
    pads, stride, dilation = pads_of(twin), two(twin.stride), two(twin.dilation)
    assert twin._pads == pads
    settings = {"stride": stride, "dilation": dilation, "mode": twin.mode}
    controls_agree(seen, twin, pads)

    # the input with its padding
    inputs = shown["input"]
    padded = ops.pad2d(twin.image, pads, mode=twin.mode)
    np.testing.assert_allclose(inputs.padded, padded, rtol=1e-3)
    np.testing.assert_allclose(inputs.numbers, twin.image, rtol=1e-3)
    assert inputs.corner == (pads[0][0], pads[1][0])

    # kernels and outputs; what is not done yet is empty
    kernels = twin.kernel[:, :, 0] if many else twin.kernel[:, :, np.newaxis]
    assert len(shown) == 1 + 2 * kernels.shape[2]
    rows, columns = twin.places
    done = np.arange(rows * columns).reshape(rows, columns) < twin.step
    for f in range(kernels.shape[2]):
        kernel = kernels[:, :, f]
        np.testing.assert_allclose(shown[f"kernel {f + 1}"].numbers, kernel, rtol=1e-3)
        wanted = ops.conv2d(twin.image, kernel, padding=pads, **settings)
        output = shown[f"output {f + 1}"]
        assert output.numbers.shape == wanted.shape
        np.testing.assert_allclose(
            output.numbers, np.where(done, wanted, np.nan), rtol=1e-3, atol=1e-9
        )
        ringed = {twin.position} if f == twin.filter else set()
        assert output.marks.get("current", set()) == ringed

    # the sum behind the position, term by term, and its window
    (i, j), kernel = twin.position, kernels[:, :, twin.filter]
    result = twin.result[..., twin.filter] if many else twin.result
    corner = (i * stride[0] - pads[0][0], j * stride[1] - pads[1][0])
    places = [
        (corner[0] + a * dilation[0], corner[1] + b * dilation[1])
        for a, b in np.ndindex(kernel.shape)
    ]
    assert inputs.marks.get("window", set()) == set(places)
    name, terms, total = re.fullmatch(
        r"(output[ \d]*\[\d+, \d+\]) = (.*) = ([^=]*)", seen["sum"]
    ).groups()
    assert name == f"output{f' {twin.filter + 1}' if many else ''}[{i}, {j}]"
    factors = [
        [number(part.strip("()")) for part in term.split("·")]
        for term in terms.split(" + ")
    ]
    values = [padded[r + pads[0][0], c + pads[1][0]] for r, c in places]
    np.testing.assert_allclose(
        factors, np.column_stack([values, kernel.ravel()]), rtol=1e-3
    )
    assert number(total) == pytest.approx(result[i, j], rel=1e-5, abs=1e-9)

    # the size, the rim that is not reached, Keras
    flat = twin.image.shape[0] == kernel.shape[0] == 1 and pads[0] == (0, 0)
    for axis in (1,) if flat else (0, 1):
        answer = f"/ {stride[axis]}⌋ + 1 = {twin.places[axis]}"
        assert answer in seen["size"]
    assert ("rows" in seen["size"]) <= (not flat)
    used = np.zeros(padded.shape, bool)
    for place in np.ndindex(rows, columns):
        used[
            tuple(
                slice(n * s, n * s + k * d, d)
                for n, k, s, d in zip(
                    place, kernel.shape, stride, dilation, strict=True
                )
            )
        ] = True
    assert inputs.marks.get("unused", set()) == {
        (r - pads[0][0], c - pads[1][0]) for r, c in np.argwhere(~used).tolist()
    }
    left = [np.argmax(line[::-1]) for line in (used.any(axis=1), used.any(axis=0))]
    rim = [
        f"the last {f'{n} {word}s' if n > 1 else word}"
        for n, word in zip(left, ("row", "column"), strict=True)
        if n
    ]
    assert " and ".join(rim) in seen["rim"]
    assert bool(rim) == ("does not fit" in seen["rim"])
    gaps = not used[: padded.shape[0] - left[0], : padded.shape[1] - left[1]].all()
    assert gaps == ("in between are skipped" in seen["rim"])
    uneven = twin.padding == "same" and any(a != b for a, b in pads)
    assert uneven == bool(seen["uneven"])
    causal = twin.padding == "causal" and any(map(any, pads))
    assert causal == bool(seen["causal"])
    assert seen["code"] == twin.keras
    return seen, twin


def in_python_words(page):
    """What Copy as Python writes."""
    push(page, "Copy as Python")
    return page.evaluate(
        "document.querySelector('[aria-label=\"The same in Python\"]').textContent"
    )


def test_random_states(page):
    rng = np.random.default_rng(2)
    refused = 0
    seen, _ = agrees(page)
    for move in different_states(page):
        match rng.integers(9):
            case 0 | 1:
                label = str(rng.choice(list(seen["sliders"])))
                slide(page, label, int(rng.choice(SLIDERS[label])))
            case 2:
                choose(page, "Padding", str(rng.choice(PADDINGS)))
            case 8:
                if rng.random() < 0.5:
                    tick(page, "Rows and columns apart")
            case 3:
                if seen["holds"]:
                    choose(page, "Padding holds", str(rng.choice(MODES)))
            case 4:
                enter(page, ".hc-grid input", rng.random(), f"{rng.normal():.2f}")
            case 5:
                slide_to(page, "Step", rng.random())
            case 6:
                if rng.random() < 0.3:
                    choose(page, "Example", str(rng.choice(list(PRESETS))))
            case 7:
                tap(page, "table[aria-label^=output] td", rng.random(), key="Escape")
        seen, twin = agrees(page)
        refused += bool(seen["refused"])
        if move % 10 == 0:
            made = eval(in_python_words(page), vars(widgets))
            for name in ("image", "kernel", *SETTINGS):
                was, again = getattr(twin, name), getattr(made, name)
                np.testing.assert_array_equal(again, was, err_msg=name)
            made.close()
        twin.close()
    assert refused


@pytest.mark.parametrize("label", SLIDERS)
def test_every_value_of_every_slider(page, label):
    slide(page, "Input size", 12)
    if label in APART:
        tick(page, "Rows and columns apart")
    if label.startswith("Cells"):
        choose(page, "Padding", "sides" if label in SIDES else "count")
    for value in SLIDERS[label]:
        slide(page, label, value)
        seen, _ = agrees(page)
        assert seen["sliders"][label] == value or seen["refused"]
        if label.startswith(("Stride", "Dilation")):
            for padding in ("same", "causal", "valid"):
                choose_padding(page, padding, "Cells of padding")
                agrees(page)


def test_rows_and_columns_apart_by_hand(page):
    box = page.get_by_label("Rows and columns apart")
    assert not slider(page, "Stride across").is_visible()
    box.check()
    agrees(page)
    assert not slider(page, "Stride$").is_visible()
    slider(page, "Stride across").press("ArrowRight")
    slider(page, "Kernel rows").press("Home")
    slider(page, "Input columns").fill("8")
    _, twin = agrees(page)
    assert (twin.stride, twin.kernel.shape) == ((1, 2), (1, 3, 1, 3))
    assert twin.image.shape == (5, 8)
    box.uncheck()  # the larger of both
    _, twin = agrees(page)
    assert (twin.stride, twin.kernel.shape) == (2, (3, 3, 1, 3))
    assert twin.image.shape == (8, 8)


def test_sliders_stay_apart_under_the_hand_that_makes_them_alike(page):
    page.evaluate("model.set('stride', [1, 2]); model.set('step', 6)")
    seen, _ = agrees(page)
    assert seen["apart"]
    slider(page, "Stride across").press("ArrowLeft")
    assert trait(page, "stride") == 1
    assert slider(page, "Stride across").is_visible()
    assert slider(page, "Stride across").evaluate(
        "one => one === document.activeElement"
    )
    menu(page, "Example").select_option("blur")
    seen, _ = agrees(page)
    assert not seen["apart"]


def test_what_does_not_fit_as_squares_stays_apart(browser):
    stepper = ConvolutionStepper(np.ones((1, 8)), np.ones((1, 4)), dilation=(6, 2))
    with watched(browser, stepper) as page:
        page.get_by_label("Rows and columns apart").click()
        assert "reach over 19 × 19 cells" in page.get_by_role("alert").inner_text()
        seen, twin = agrees(page)
        assert seen["apart"]
        assert (twin.image.shape, twin.dilation) == ((1, 8), (6, 2))


def test_a_stride_of_two_equal_numbers_is_one_number_on_the_page(page):
    page.evaluate("model.set('stride', [2, 2]); model.set('step', 4)")
    seen, _ = agrees(page)
    assert not seen["apart"]
    assert "strides=2," in seen["code"]


def test_one_dimension(page):
    menu(page, "Example").select_option("causal")
    seen, twin = agrees(page)
    assert twin.places == (1, 10)
    assert seen["size"].endswith(": ⌊(10 + 2 + 0 − 3) / 1⌋ + 1 = 10")
    assert seen["code"] == (
        'keras.layers.Conv1D(1, 3, padding="causal", use_bias=False)'
    )
    assert seen["causal"].startswith("Causal: all padding stands before")
    menu(page, "Padding holds").select_option("reflect")
    seen, _ = agrees(page)
    assert "a mirror as padding" in seen["causal"]
    menu(page, "Padding holds").select_option("zeros")
    menu(page, "Padding").select_option("sides")  # the cells stay where they are
    seen, twin = agrees(page)
    assert twin.padding == ((0, 0), (2, 0))
    assert 'padding="causal"' in seen["code"]
    slider(page, "Cells right").press("ArrowRight")
    seen, _ = agrees(page)
    assert "keras.layers.ZeroPadding1D((2, 1))" in seen["code"]


def test_nothing_looks_ahead(page):
    """Another number at the end of a causal signal changes no output before it."""
    menu(page, "Example").select_option("wavenet")
    for column in range(10):
        cell = f"input, row 1, column {column + 1}"
        page.get_by_label(cell, exact=True).hover()
        wanted = {(0, column), (0, column + 4)} - {(0, n) for n in range(10, 14)}
        assert grids(page)["output 1"].marks["reached"] == wanted


def test_every_padding(page):
    for padding in ("same", "causal", *range(7)):
        choose_padding(page, padding, "Cells of padding")
        for mode in MODES:
            if padding != 0:
                menu(page, "Padding holds").select_option(mode)
            _, twin = agrees(page)
            assert twin.padding == padding
    menu(page, "Padding").select_option("valid")
    assert not menu(page, "Padding holds").is_visible()
    agrees(page)


def test_every_example(page):
    choose_padding(page, 2, "Cells of padding")
    slide(page, "Stride", 2)
    for name, preset in PRESETS.items():
        menu(page, "Example").select_option(name)
        _, twin = agrees(page)
        np.testing.assert_array_equal(twin.image, preset.image)
        np.testing.assert_array_equal(twin.kernel, preset.kernel)
        assert (twin.stride, twin.padding) == (1, preset.padding)
        assert twin.dilation == preset.dilation
        assert menu(page, "Example").input_value() == name
    page.get_by_label("input, row 1, column 1", exact=True).fill("7")
    assert menu(page, "Example").input_value() == "custom"


def test_every_step(page):
    choose_padding(page, 1, "Cells of padding")
    for step in range(25, 0, -1):
        slide(page, "Step", step)
        _, twin = agrees(page)
        assert twin.step == step
        assert twin.position == divmod(step - 1, 5)


def test_a_kernel_that_does_not_fit_is_refused_in_place(page):
    slide(page, "Kernel size", 7)
    said = page.get_by_role("alert").inner_text()
    assert "reach over 7 × 7 cells" in said
    assert "padded input has 5 × 5" in said
    assert slider(page, "Kernel size").input_value() == "3"
    agrees(page)
    slide(page, "Dilation", 2)
    assert page.get_by_role("alert").inner_text() == ""
    slide(page, "Input size", 4)
    assert "reach over 5 × 5" in page.get_by_role("alert").inner_text()
    agrees(page)


@pytest.mark.parametrize("text", ["", "x", "1/0", "NaN", "2000001"])
def test_bad_text_is_refused_in_place(page, text):
    for grid in ("input", "kernel 2"):
        cell = page.get_by_label(f"{grid}, row 1, column 2")
        before = cell.input_value()
        cell.fill(text)
        assert "is not a number" in page.get_by_role("alert").inner_text()
        cell.blur()
        assert cell.input_value() == before
        agrees(page)


def test_a_long_text_is_refused_in_few_words(page):
    """A page of something that was pasted into a cell by mistake."""
    before = page.locator(".hc").bounding_box()["height"]
    page.get_by_label("input, row 1, column 2").fill("12 W" * 500)
    said = page.get_by_role("alert").inner_text()
    assert said.startswith("“12 W12 W12 W12 W12 W…” is not a number")
    assert page.locator(".hc").bounding_box()["height"] < before + 50
    assert width_needed(page) <= 900


NUMBERS = [[-0.1234, 1234.5], [-99999, 0.5]]


@pytest.mark.parametrize("width", [360, 900])
def test_no_number_is_cut_off(browser, width):
    stepper = ConvolutionStepper(np.tile(NUMBERS, (6, 6)), np.array(NUMBERS))
    with watched(browser, stepper, width=width) as page:
        cut = page.evaluate("""() => [...document.querySelectorAll("td input")]
            .filter((input) => input.scrollWidth > input.clientWidth)
            .map((input) => input.value)""")
        assert cut == []


def test_an_output_keeps_its_width_while_it_fills(browser):
    stepper = ConvolutionStepper(np.tile(NUMBERS, (2, 4)), np.array(NUMBERS))
    with watched(browser, stepper) as page:
        output = page.get_by_role("table", name="output 1")
        wide = output.bounding_box()["width"]
        for step in (1, 10, 21):
            slide(page, "Step", step)  # a minus is a hair wider than a digit
            assert output.bounding_box()["width"] == pytest.approx(wide, abs=1)
        assert width_needed(page) <= 900


def test_nothing_is_lost_when_a_grid_shrinks(page):
    page.get_by_label("input, row 5, column 5").fill("9")
    slide(page, "Input size", 3)
    slide(page, "Input size", 5)
    assert page.get_by_label("input, row 5, column 5").input_value() == "9"
    page.get_by_label("kernel 3, row 3, column 3").fill("8")
    slide(page, "Filters", 1)
    slide(page, "Kernel size", 2)
    slide(page, "Kernel size", 3)
    slide(page, "Filters", 3)
    assert page.get_by_label("kernel 3, row 3, column 3").input_value() == "8"
    agrees(page)


def test_keys_walk_and_play(page, clock):
    root = page.get_by_role("group", name="ConvolutionStepper")
    root.focus()
    page.keyboard.press("Home")
    assert trait(page, "step") == 1
    for key, step in [
        ("ArrowRight", 2),
        ("ArrowDown", 5),
        ("ArrowDown", 8),
        ("ArrowDown", 8),
        ("ArrowLeft", 7),
        ("ArrowUp", 4),
        ("End", 9),
        ("ArrowRight", 9),
    ]:
        page.keyboard.press(key)
        assert trait(page, "step") == step
        agrees(page)
    menu(page, "Speed").select_option("fast")
    root.focus()
    page.keyboard.press("Space")  # from the end it starts anew
    assert trait(page, "step") == 1
    page.get_by_role("button", name="Pause").wait_for()
    clock.run_for(500)
    assert trait(page, "step") == 3
    page.keyboard.press("Space")
    clock.run_for(5000)
    assert trait(page, "step") == 3
    agrees(page)
    page.get_by_role("button", name="Play").click()
    clock.run_for(1500)
    assert trait(page, "step") == 9
    page.get_by_role("button", name="Play").wait_for()  # it stopped by itself
    agrees(page)


def test_keys_in_a_cell_do_not_walk(page):
    cell = page.get_by_label("kernel 1, row 2, column 2")
    cell.focus()
    page.keyboard.press("ArrowLeft")
    assert trait(page, "step") == 9
    page.keyboard.press("ArrowUp")
    assert array(page, "kernel")[1, 1, 0, 0] == 1.1
    agrees(page)


def test_pointing_and_pinning(page):
    def output(row, column, f=1):
        return (
            page.locator(f"table[aria-label='output {f}'] tr")
            .nth(row)
            .locator("td")
            .nth(column)
        )

    line = page.locator(".hc-sum")
    output(1, 2).hover()
    assert line.inner_text().startswith("output 1[1, 2]")
    page.mouse.move(0, 0)
    assert line.inner_text().startswith("output 1[0, 0]")
    output(2, 0, f=3).click()
    assert line.inner_text().startswith("output 3[2, 0]")
    held = page.get_by_text("Held.")
    output(0, 1).hover()
    assert line.inner_text().startswith("output 3[2, 0]")
    assert held.is_visible()
    page.keyboard.press("Escape")
    assert held.count() == 0
    page.mouse.move(0, 0)
    _, twin = agrees(page)
    assert (twin.position, twin.filter) == ((2, 0), 2)


@pytest.mark.parametrize("padding", ["valid", "same", 2])
@pytest.mark.parametrize("mode", ["zeros", "symmetric"])
def test_pointing_at_an_input_lights_what_it_reaches(page, padding, mode):
    choose_padding(page, padding, "Cells of padding")
    if padding != "valid":
        menu(page, "Padding holds").select_option(mode)
    slide(page, "Stride", 2)
    _, twin = agrees(page)
    settings = {"stride": 2, "padding": padding, "mode": twin.mode}
    for row, column in np.ndindex(5, 5):
        page.get_by_label(f"input, row {row + 1}, column {column + 1}").hover()
        changed = twin.image.copy()
        changed[row, column] += 1
        ones = np.ones((3, 3))
        difference = ops.conv2d(changed, ones, **settings) - ops.conv2d(
            twin.image, ones, **settings
        )
        wanted = {tuple(map(int, place)) for place in np.argwhere(difference)}
        shown = grids(page)
        for f in (1, 2, 3):
            assert shown[f"output {f}"].marks.get("reached", set()) == wanted
        said = page.locator(".hc-sum").inner_text()
        assert f"takes part in {len(wanted)} output" in said


def test_fewer_filters_under_a_resting_pointer(page):
    page.locator("table[aria-label='output 3'] td").nth(4).hover()
    slider(page, "Filters").focus()
    page.keyboard.press("Home")
    assert array(page, "kernel").shape == (3, 3)
    assert len(grids(page)) == 3
    page.mouse.move(0, 0)
    agrees(page)


def test_what_is_held_stays_while_numbers_change(page):
    output = page.locator("table[aria-label='output 2'] td")
    output.nth(4).click()
    page.get_by_label("kernel 2, row 1, column 1").fill("7")
    assert page.locator(".hc-sum").inner_text().startswith("output 2[1, 1]")
    assert page.get_by_text("Held.").is_visible()
    output.nth(8).click()  # another is held instead
    assert page.locator(".hc-sum").inner_text().startswith("output 2[2, 2]")
    assert page.get_by_text("Held.").is_visible()
    slide(page, "Kernel size", 4)  # there is no [2, 2] any more
    assert page.get_by_text("Held.").count() == 0
    page.mouse.move(0, 0)
    _, twin = agrees(page)
    assert twin.position == (0, 0)


def test_an_example_and_its_place_agree(browser):
    """The place that a smaller output no longer has is told to Python too."""
    stepper = ConvolutionStepper(np.ones((3, 3)), np.ones((2, 2)), padding=6)
    with watched(browser, stepper) as page:
        page.locator("table[aria-label='output 1'] td").nth(14 * 13 + 13).click()
        page.keyboard.press("Escape")
        menu(page, "Example").select_option("blur")
        page.mouse.move(0, 0)
        _, twin = agrees(page)
        assert twin.position == (0, 0)


def test_focus_in_an_input_cell_lights_what_it_reaches(page):
    cell = page.get_by_label("input, row 1, column 1")
    cell.focus()
    assert grids(page)["output 1"].marks["reached"] == {(0, 0)}
    cell.press("Tab")
    assert grids(page)["output 1"].marks["reached"] == {(0, 0), (0, 1)}
    page.get_by_label("kernel 1, row 1, column 1").focus()
    agrees(page)


def test_padding_that_goes_away_keeps_the_focus(page):
    choose_padding(page, 2, "Cells of padding")
    cell = page.get_by_label("input, row 1, column 1")
    cell.focus()
    page.evaluate("model.set('padding', 1)")
    page.evaluate("model.set('padding', 'valid')")
    assert cell.evaluate("cell => cell === document.activeElement")


def test_typing_goes_on_while_python_changes_the_rest(page):
    cell = page.get_by_label("input, row 1, column 1")
    cell.fill("2.")
    page.evaluate("model.set('padding', 2)")
    assert cell.input_value() == "2."
    assert cell.evaluate("cell => cell === document.activeElement")


def test_the_focus_keeps_its_place_while_the_pointer_passes(page):
    cell = page.get_by_label("input, row 3, column 3")
    cell.focus()
    lit = grids(page)["output 1"].marks["reached"]
    cell.fill("5")
    assert grids(page)["output 1"].marks["reached"] == lit
    page.get_by_label("input, row 1, column 1").hover()
    assert grids(page)["output 1"].marks["reached"] == {(0, 0)}
    page.mouse.move(0, 0)
    assert grids(page)["output 1"].marks["reached"] == lit
    cell.blur()
    agrees(page)


def test_what_python_points_at_is_shown_instead_of_what_is_held(page):
    page.locator("table[aria-label='output 1'] td").nth(4).click()
    page.mouse.move(0, 0)
    page.evaluate("model.set('position', [2, 2])")
    assert page.get_by_text("Held.").count() == 0
    _, twin = agrees(page)
    assert twin.position == (2, 2)


def test_two_views_of_one_explorer(page):
    """A cell whose output has a second view: both show the same."""
    page.evaluate(
        """async () => {
          const url = URL.createObjectURL(
            new Blob([model.get("_esm")], { type: "text/javascript" }));
          const other = document.createElement("section");
          other.hidden = true;
          document.body.append(other);
          const { default: widget } = await import(url);
          await widget.render({ model, el: other });
          window.views = () => [document.querySelector("main"), other].map((view) =>
            [...view.querySelectorAll("td")].map(
              (cell) => cell.querySelector("input")?.value ?? cell.textContent));
        }"""
    )
    slide(page, "Stride", 2)
    page.locator("main table[aria-label='output 2'] td").nth(3).click()
    page.locator("main").get_by_label("input, row 1, column 1").fill("7")
    first, second = page.evaluate("views()")
    assert first == second
    assert "7" in second


def test_numbers_stop_at_a_million(page):
    cell = page.get_by_label("input, row 1, column 1")
    cell.fill("1000000")
    cell.press("ArrowUp")
    assert "go up to a million" in page.get_by_role("alert").inner_text()
    assert cell.input_value() == "1000000"
    cell.blur()
    assert page.get_by_role("alert").inner_text() == ""
    agrees(page)


def test_sides_are_told(browser):
    stepper = ConvolutionStepper(np.ones((4, 6)), np.ones((1, 3)))
    with watched(browser, stepper) as page:
        agrees(page)
        told = slider(page, "Kernel columns").get_attribute("aria-valuetext")
        assert told == "3"
        menu(page, "Example").select_option("binary")
        told = slider(page, "Input size").get_attribute("aria-valuetext")
        assert told == "5 × 5"


def test_copying_the_line_of_keras(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("status").get_by_text(re.compile("Copied|Selected")).wait_for()
    assert "Conv2D(3, 3, use_bias=False)" in page.locator(".hc-foot code").inner_text()


def test_python_moves_the_screen(page):
    page.evaluate(
        """() => {
          model.set("kernel", { shape: [1, 2], dtype: "float64",
            data: new DataView(Float64Array.of(2, -3).buffer) });
          model.set("filter", 0);
          model.set("stride", 2);
          model.set("padding", 3);
          model.set("step", 4);
        }"""
    )
    _, twin = agrees(page)
    assert (twin.kernel.shape, twin.padding, twin.step) == ((1, 2), 3, 4)


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    slide(page, "Stride", 2)
    choose_padding(page, "same", "Cells of padding")
    agrees(page)


@pytest.mark.parametrize("dark", [False, True])
def test_all_controls_can_be_read(browser, dark):
    stepper = ConvolutionStepper("causal", padding=((0, 0), (2, 1)), stride=(1, 4))
    with watched(browser, stepper, dark=dark) as page:
        assert page.locator(".hc-is-unused").count()
        assert grave(page) == []


def test_what_python_writes_is_short(page):
    assert in_python_words(page) == 'ConvolutionStepper("binary")'
    menu(page, "Example").select_option("wavenet")
    assert in_python_words(page) == 'ConvolutionStepper("wavenet")'
    slide(page, "Stride across", 2)
    slide(page, "Dilation across", 1)
    choose(page, "Padding", "sides")
    slide(page, "Step", 2)
    assert in_python_words(page) == (
        'ConvolutionStepper("wavenet", stride=(1, 2), padding=((0, 0), (1, 0)), '
        "dilation=(4, 1), position=(0, 1), step=2)"
    )


@pytest.mark.parametrize("sides", [6, ((6, 5), (0, 6))])
def test_fits_a_phone(browser, sides):
    stepper = ConvolutionStepper(np.ones((12, 12)), np.ones((7, 7)), padding=sides)
    with watched(browser, stepper, width=360) as page:
        assert width_needed(page) <= 360
        agrees(page)
