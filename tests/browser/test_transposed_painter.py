"""TransposedPainter on a bare page: every control, and its numbers against ops.py."""

import math
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

SLIDERS = {
    "Input size": range(1, 7),
    "Kernel size": range(1, 8),
    "Stride": range(1, 5),
    "Dilation": range(1, 4),
}
CUT = "Cells cut off"
EXTRA = "Output padding"
EXTRAS = ["auto", *range(4)]
PRESET_TRAITS = ("image", "kernel", "stride", "padding", "dilation", "output_padding")

LINES = """() => {
  const text = (start) => [...document.querySelectorAll(".hc-note")]
    .map((line) => line.textContent).find((line) => start.test(line)) ?? "";
  return {
    sum: document.querySelector(".hc-sum").textContent,
    size: text(/^(\\(input|input ·)/),
    sizes: text(/^A convolution/),
    cut: text(/^The hatched/),
    overlap: text(/^(kernel %|. divides)/),
    flat: text(/^A flat input/),
    code: document.querySelector(".hc-foot code").textContent,
    refused: document.querySelector("[role=alert]").textContent,
    image: model.array("image"),
    kernel: model.array("kernel"),
    stride: model.get("stride"),
    padding: model.get("padding"),
    dilation: model.get("dilation"),
    output_padding: model.get("output_padding"),
    step: model.get("step"),
    position: model.get("position"),
  };
}"""


@pytest.fixture
def page(browser):
    with watched(browser, TransposedPainter()) as page:
        yield page


def reached_by(twin):
    """Rows and columns from the first that a stamp reaches to the last."""
    return tuple(
        (n - 1) * twin.stride + (k - 1) * twin.dilation + 1
        for n, k in zip(twin.image.shape, twin.kernel.shape, strict=True)
    )


def corner_of(twin):
    """Rows and columns that are cut off above and on the left."""
    if twin.padding == "same":
        sides = zip(reached_by(twin), twin.result.shape, strict=True)
        return tuple(max(reached - n, 0) // 2 for reached, n in sides)
    count = 0 if twin.padding == "valid" else twin.padding
    return count, count


def whole(twin, image, kernel):
    """All that is painted, with what is cut off, and what output padding adds."""
    reached = reached_by(twin)
    ends = [c + n for c, n in zip(corner_of(twin), twin.result.shape, strict=True)]
    canvas = np.zeros([max(*sides) for sides in zip(reached, ends, strict=True)])
    painted = ops.conv_transpose2d(
        image, kernel, stride=twin.stride, dilation=twin.dilation
    )
    canvas[: reached[0], : reached[1]] = painted[: reached[0], : reached[1]]
    return canvas


def places(corner, shape, step=1):
    return {(corner[0] + a * step, corner[1] + b * step) for a, b in np.ndindex(shape)}


def inner_cells(twin, kernel):
    """What the cells get that miss no stamp at the rim, of many stamps."""
    many = 24
    painted = ops.conv_transpose2d(
        np.ones((many, many)), kernel, stride=twin.stride, dilation=twin.dilation
    )
    reach = [(k - 1) * twin.dilation + 1 for k in kernel.shape]
    starts = [max(r - twin.stride, 0) for r in reach]
    end = many * twin.stride
    return painted[starts[0] : end, starts[1] : end]


def speaks_of_the_weights(said, twin):
    """The sentence on a flat input is what comes of painting one."""
    inner = inner_cells(twin, twin.kernel)
    tiny = 1e-9 * np.abs(twin.kernel).max()
    numbers = said.split(" comes out as ")[1].split(" in every")[0].split(":")[0]
    low, _, high = numbers.partition(" to ")
    close = {"rel": 2e-3, "abs": 1e-9}
    assert number(low) == pytest.approx(inner.min(), **close)
    flat = np.ptp(inner) <= tiny
    assert ("no checkerboard" in said) == flat == (not high)
    if not flat:
        assert number(high) == pytest.approx(inner.max(), **close)
    stamps = inner_cells(twin, np.ones(twin.kernel.shape))
    assert ("all the same" in said) == (flat != (np.ptp(stamps) == 0))
    assert ("a grid with gaps" in said) == (not flat and stamps.min() == 0)
    assert ("checkerboard" in said) == (flat or stamps.min() > 0)


def speaks_of_the_sizes(said, twin):
    """The sentence names all sizes that a convolution brings to the input's."""
    settings = {"stride": twin.stride, "dilation": twin.dilation}

    def comes_to(n, axis):
        """All that comes to n along an axis."""
        found = set()
        for m in range(1, 60):
            try:
                size = ops.output_size(
                    m, twin.kernel.shape[axis], padding=twin.padding, **settings
                )
            except ValueError:  # a kernel larger than the picture
                continue
            found |= {m} if size == n else set()
        return found

    wanted = [comes_to(n, axis) for axis, n in enumerate(twin.image.shape)]
    if max(map(len, wanted)) == 1:
        assert not said
        return
    listed = re.search(r" of (\d.*) alike\.", said)[1].split(" and of ")
    listed = [one for part in listed for one in part.split(", ")]
    shapes = [tuple(map(int, one.split(" × "))) for one in listed]
    assert [{shape[axis] for shape in shapes} for axis in (0, 1)] == wanted
    assert twin.result.shape in shapes
    h, w = twin.image.shape
    assert f" makes {h} × {w} of " in said
    rows, columns = twin.result.shape
    assert f"here {rows} × {columns}." in said
    # each by the output padding that stands in its place
    extras = re.search(r"padding, ([\w, ]+), says", said)[1].replace(" or ", ", ")
    for extra, shape in zip(extras.split(", "), shapes, strict=True):
        size = ops.output_size(
            twin.image.shape,
            twin.kernel.shape,
            padding=twin.padding,
            transpose=True,
            output_padding=None if extra == "auto" else int(extra),
            **settings,
        )
        assert size == shape


def agrees(page):
    """Everything on the screen is what ops.py makes of the same settings."""
    seen, shown = read_with_grids(page, LINES)
    twin = TransposedPainter(
        seen["image"],
        seen["kernel"],
        stride=seen["stride"],
        padding=seen["padding"],
        dilation=seen["dilation"],
        output_padding=seen["output_padding"],
    )
    twin.step, twin.position = seen["step"], tuple(seen["position"])
    corner, stride = corner_of(twin), twin.stride

    def shows(name, numbers, canvas):
        np.testing.assert_allclose(
            shown[name].numbers, numbers, rtol=1e-3, atol=1e-9, err_msg=name
        )
        np.testing.assert_allclose(
            shown[name].padded, canvas, rtol=1e-3, atol=1e-9, err_msg=name
        )
        assert shown[name].corner == corner
        # what no stamp reaches at the end is striped
        striped = {
            (i - corner[0], j - corner[1])
            for i, j in np.ndindex(canvas.shape)
            if i >= reached_by(twin)[0] or j >= reached_by(twin)[1]
        }
        assert shown[name].marks.get("unused", set()) == striped
        return bool(striped)

    # the grids; what is cut off is there, around what stays
    np.testing.assert_allclose(shown["input"].numbers, twin.image, rtol=1e-3)
    np.testing.assert_allclose(shown["kernel"].numbers, twin.kernel, rtol=1e-3)
    done = np.arange(twin.image.size).reshape(twin.image.shape) < twin.step
    so_far = np.where(done, twin.image, 0)
    ones = np.ones(twin.image.shape), np.ones(twin.kernel.shape)
    shows("output", twin.painted, whole(twin, so_far, twin.kernel))
    striped = shows("stamps a cell", twin.overlap, whole(twin, *ones))

    # the stamp of the position
    (i, j), (high, wide) = twin.position, twin.kernel.shape
    at = (i * stride - corner[0], j * stride - corner[1])
    assert shown["input"].marks["current"] == {(i, j)}
    stamp = places(at, (high, wide), twin.dilation)
    assert shown["output"].marks["window"] == stamp
    assert shown["stamps a cell"].marks["window"] == stamp
    spans = [
        f"{'' if n == 1 else 's'} {first}"
        + ("" if n == 1 else f" to {first + (n - 1) * twin.dilation}")
        for first, n in zip(at, (high, wide), strict=True)
    ]
    is_spread = twin.dilation > 1 and max(high, wide) > 1
    steps = f", in steps of {twin.dilation}" if is_spread else ""
    said = seen["sum"].replace("−", "-")
    assert said.startswith(f"input[{i}, {j}] = ")
    assert said.endswith(f" × kernel at row{spans[0]}, column{spans[1]}{steps}.")
    assert number(seen["sum"].split(" ")[3]) == pytest.approx(
        twin.image[i, j], rel=1e-3
    )

    # sizes, overlaps, Keras
    for n in twin.result.shape:
        assert f"= {n}" in seen["size"]
    canvas = shown["output"].padded.shape
    assert bool(seen["cut"]) == (canvas != twin.result.shape)
    sides = zip(canvas, twin.result.shape, corner, strict=True)
    more = [n_all - n - 2 * before for n_all, n, before in sides]  # at the end
    assert ("odd number" in seen["cut"]) == (max(more) > 0)
    assert ("gives some back" in seen["cut"]) == (max(more) <= 0 and min(more) < 0)
    speaks_of_the_sizes(seen["sizes"], twin)
    assert ("leaves out" in seen["sizes"]) == (striped and bool(seen["sizes"]))
    # what the line says of inner cells holds on this canvas, or on one that has some
    reach = [(k - 1) * twin.dilation + 1 for k in (high, wide)]
    sides = zip(twin.image.shape, reach, strict=True)
    has_inner = all(n * stride >= r for n, r in sides)
    assert ("on a larger input" in seen["overlap"]) == (not has_inner)
    inner = np.unique(inner_cells(twin, ones[1]))
    if has_inner:
        rim = [max(r - stride, 0) for r in reach]
        ends = [n * stride for n in twin.image.shape]
        here = whole(twin, *ones)[rim[0] : ends[0], rim[1] : ends[1]]
        np.testing.assert_array_equal(np.unique(here), inner)
    listed = re.search(r"gets? ([\d, or]+?) stamps?\b", seen["overlap"])[1]
    assert [int(n) for n in re.findall(r"\d+", listed)] == inner.tolist()
    assert ("overlap is even" in seen["overlap"]) == (len(inner) == 1)
    assert ("gaps" in seen["overlap"]) == (0 in inner)
    if math.gcd(stride, twin.dilation) == 1:
        assert (high % stride == wide % stride == 0) == (len(inner) == 1)
        for k in (high, wide):
            assert f"{k} % {stride} = {k % stride}" in seen["overlap"]
    else:
        assert "divides stride and dilation" in seen["overlap"]
    speaks_of_the_weights(seen["flat"], twin)
    assert seen["code"] == twin.keras
    return seen, twin


def test_random_states(page):
    rng = np.random.default_rng(3)
    refused = 0
    for _ in different_states(page):
        match rng.integers(7):
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
            case 6:
                choose(page, EXTRA, str(EXTRAS[rng.integers(5)]))
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
        for setting in PRESET_TRAITS[2:]:
            assert getattr(twin, setting) == getattr(preset, setting)
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
    "dilation": lambda page: slide(page, "Dilation", 3),
    "output padding": lambda page: (
        choose(page, EXTRA, "0"),
        # where "same" and an even kernel take no 0
        trait(page, "output_padding") == "auto" and choose(page, EXTRA, "1"),
    ),
    "a number": lambda page: type_into(page, "input, row 1, column 1", "-7"),
    "a weight": lambda page: type_into(page, "kernel, row 1, column 1", "-7"),
}


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
        lambda: TransposedPainter("two_sizes", output_padding="auto"),
        lambda: TransposedPainter("two_sizes", stride=3, output_padding=2, dilation=2),
        lambda: TransposedPainter("dilated", dilation=1),
        lambda: TransposedPainter([[1, 2.5]], dilation=3, output_padding=0),
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


def test_every_output_padding(page):
    """Those that fit are taken, the others refused with a sentence, in place."""
    for padding in ("valid", "same", 1):
        for kernel in (2, 3):
            menu(page, EXTRA).select_option("auto")
            choose_padding(page, padding, CUT)
            slide(page, "Kernel size", kernel)
            slide(page, "Stride", 3)
            before = "auto"
            for extra in range(4):
                menu(page, EXTRA).select_option(str(extra))
                seen, twin = agrees(page)
                least = int(padding == "same" and kernel == 2)
                if least <= extra < 3:
                    before = extra
                    assert not seen["refused"]
                else:
                    fits = f"is auto or {least} to 2; {extra} does not fit"
                    assert fits in seen["refused"]
                assert twin.output_padding == before
                assert menu(page, EXTRA).input_value() == str(before)


def test_a_stride_that_output_padding_does_not_fit_is_refused_in_place(page):
    menu(page, "Example").select_option("two_sizes")
    slide(page, "Stride", 1)
    said = page.get_by_role("alert").inner_text()
    assert "stride 1 and padding valid, output padding is auto or 0; 1 does" in said
    assert slider(page, "Stride").input_value() == "2"
    agrees(page)
    menu(page, EXTRA).select_option("auto")
    slide(page, "Stride", 1)
    assert page.get_by_role("alert").inner_text() == ""
    slide(page, "Kernel size", 2)
    choose_padding(page, "same", CUT)
    menu(page, EXTRA).select_option("0")
    assert "nothing to tell apart" in page.get_by_role("alert").inner_text()
    agrees(page)


def test_two_sizes_that_come_to_one_are_told_apart(page):
    menu(page, "Example").select_option("two_sizes")
    seen, twin = agrees(page)
    assert twin.result.shape == (8, 8)
    assert seen["sizes"] == (
        "A convolution with this kernel, stride and padding makes 3 × 3 of 7 × 7 and "
        "of 8 × 8 alike. Output padding, 0 or 1, says which of them comes back: here "
        "8 × 8. That convolution leaves out what no stamp reaches at the end (striped)."
    )
    menu(page, EXTRA).select_option("auto")
    seen, twin = agrees(page)
    assert twin.result.shape == (7, 7)
    assert seen["sizes"].endswith("comes back: here 7 × 7.")
    slide(page, "Stride", 1)
    assert agrees(page)[0]["sizes"] == ""


def test_even_overlaps_and_even_sums_are_two_things(page):
    said = {}
    for name in ("checkerboard", "even", "mixed", "bilinear"):
        menu(page, "Example").select_option(name)
        seen, _ = agrees(page)
        said[name] = seen["overlap"].split(": ")[-1], seen["flat"].split(": ")[-1]
    even, uneven = "the overlap is even.", "the overlap is uneven."
    assert said == {
        "checkerboard": (uneven, "a checkerboard."),
        "even": (even, "no checkerboard."),
        "mixed": (even, "these weights paint a checkerboard all the same."),
        "bilinear": (even, "no checkerboard."),
    }
    # A tent of 3 × 3: at stride 2 uneven overlaps, and even sums.
    menu(page, "Example").select_option("checkerboard")
    for (i, j), weight in np.ndenumerate(np.outer([1, 2, 1], [1, 2, 1]) / 4):
        page.get_by_label(f"kernel, row {i + 1}, column {j + 1}").fill(str(weight))
    page.get_by_label("kernel, row 3, column 3").blur()
    seen, _ = agrees(page)
    assert seen["overlap"].endswith(uneven)
    assert "weights make up for the overlap, no checkerboard" in seen["flat"]


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


@pytest.mark.parametrize(
    "name", ["checkerboard", "bilinear", "gaps", "two_sizes", "dilated"]
)
def test_pointing_at_a_cell_writes_out_its_sum(page, name):
    menu(page, "Example").select_option(name)
    page.get_by_label("kernel, row 1, column 2").fill("-0.5")
    slide(page, "Stamp", 3)
    _, twin = agrees(page)
    step = twin.dilation
    corner, line = corner_of(twin), page.locator(".hc-sum")
    canvas = grids(page)["output"].padded
    for row, column in np.ndindex(canvas.shape):
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
            assert canvas[row, column] == 0
            continue
        terms, total = said.split(" = ")[1:]
        assert number(total) == pytest.approx(canvas[row, column], rel=1e-3)
        factors = sorted(
            tuple(float(factor.strip("()")) for factor in term.split("·"))
            for term in terms.split(" + ")
        )
        taps = [
            ((row - i * twin.stride) // step, (column - j * twin.stride) // step)
            for i, j in sources
        ]
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
          model.set("output_padding", 1); // it fits, once the stride is there
          model.set("dilation", 2);
          model.set("step", 2);
          model.set("position", [0, 1]);
        }"""
    )
    _, twin = agrees(page)
    assert (twin.kernel.shape, twin.padding, twin.step) == ((1, 2), "same", 2)
    assert (twin.dilation, twin.output_padding) == (2, 1)
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
    painter = TransposedPainter(
        np.ones((6, 6)),
        np.ones((7, 7)),
        stride=4,
        padding=2,
        dilation=3,
        output_padding=3,
    )
    with watched(browser, painter, width=360) as page:
        assert width_needed(page) <= 360
        agrees(page)
