"""ChannelSum on a bare page: every control, and its numbers against ops.py."""

import re

import numpy as np
import pytest
from hands import (
    array,
    choose,
    different_states,
    enter,
    lose_the_kernel,
    menu,
    number,
    read,
    read_with_grids,
    slide,
    slide_to,
    tap,
    trait,
    watched,
    width_needed,
)

from helpers.widgets import ChannelSum
from helpers.widgets.explorers.channel_sum import CHANNELS, KERNELS, PICTURES

SLIDERS = {"Input size": range(1, 9), "Kernel size": range(1, 6)}
MAPS = [*(f"{name} map" for name in CHANNELS), "sum", "output"]

# All that is on the screen, and the state that it should show, in one go.
SEE = """() => {
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((line) => line.textContent);
  const value = (label) => [...document.querySelectorAll(".hc label")]
    .find((one) => one.textContent.startsWith(label))
    .querySelector("input, select").value;
  const canvas = document.querySelector("canvas");
  const [box, frame] = [canvas, document.querySelector(".hc-frame")].map((element) =>
    element.getBoundingClientRect());
  const [wide, high] = [box.width / canvas.width, box.height / canvas.height];
  return {
    picture: model.painted(0),
    frame: [(frame.top - box.top) / high, (frame.left - box.left) / wide,
      frame.height / high, frame.width / wide],
    captions: texts("figcaption"),
    sums: texts(".hc-sum"),
    notes: texts(".hc-note").join("\\n"),
    code: document.querySelector(".hc-foot code").textContent,
    refused: document.querySelector("[role=alert]").textContent,
    shown: Object.fromEntries(
      ["Picture", "Kernel", "Input size", "Kernel size", "Step"].map((label) =>
        [label, value(label)])),
    biasText: [...document.querySelectorAll(".hc-slider")]
      .find((one) => one.textContent.startsWith("Bias"))
      .querySelector("output").textContent,
    image: model.array("image"),
    kernel: model.array("kernel"),
    bias: model.get("bias"),
    position: model.get("position"),
    step: model.get("step"),
  };
}"""


@pytest.fixture
def page(browser):
    with watched(browser, ChannelSum("flower", "red_minus_green", 0.5)) as page:
        yield page


def see(page):
    """What is on the screen, and an explorer in Python in the same state."""
    seen, grids = read_with_grids(page, SEE)
    twin = ChannelSum(seen["image"], seen["kernel"], seen["bias"])
    twin.position, twin.step = seen["position"], seen["step"]
    return seen, twin, grids


def factors(terms):
    """The pairs that are multiplied in a sum: 1·2 + 3·(−4)."""
    return [
        [number(part.strip("()")) for part in term.split("·")]
        for term in terms.split(" + ")
    ]


def expected_picture(image):
    """Red, green and blue of the pixels, 0 to 255, and the number that is white."""
    white = next((w for w in (1, 10, 255) if image.max() <= w), 255)
    return np.floor(255 * np.clip(image / white, 0, 1) + 0.5), white


def agrees(page):
    """Everything on the screen is what ops.py makes of the same numbers."""
    seen, twin, grids = see(page)
    assert list(grids) == [
        *(f"{c} {part}" for c in CHANNELS for part in ("plane", "kernel", "map")),
        "sum",
        "bias",
        "output",
    ]
    (rows, columns), (i, j) = twin.places, twin.position
    kh, kw, _ = twin.kernel.shape
    window = {(i + a, j + b) for a in range(kh) for b in range(kw)}

    # planes, kernels and maps; what is not done yet is empty
    for c, name in enumerate(CHANNELS):
        plane, kernel = grids[f"{name} plane"], grids[f"{name} kernel"]
        np.testing.assert_allclose(plane.numbers, twin.image[..., c], rtol=1e-3)
        np.testing.assert_allclose(kernel.numbers, twin.kernel[..., c], rtol=1e-3)
        assert plane.marks == {"window": window}
        assert kernel.marks == {}
    done = np.arange(rows * columns).reshape(rows, columns) < twin.step
    partial = np.moveaxis(twin.partial, -1, 0)
    for name, values in zip(
        MAPS, [*partial, partial.sum(axis=0), twin.result], strict=True
    ):
        np.testing.assert_allclose(
            grids[name].numbers, np.where(done, values, np.nan), rtol=1e-4, atol=1e-9
        )
        assert grids[name].marks == {"current": {(i, j)}}
    assert grids["bias"].numbers.item() == pytest.approx(twin.bias, rel=1e-3)

    # the sum behind the position, channel by channel
    *channels, total = seen["sums"]
    for c, (name, line) in enumerate(zip(CHANNELS, channels, strict=True)):
        said, terms, value = re.fullmatch(r"(\w+): (.*) = ([^=]*)", line).groups()
        assert said == name
        pixels = twin.image[i : i + kh, j : j + kw, c]
        np.testing.assert_allclose(
            factors(terms),
            np.column_stack([pixels.ravel(), twin.kernel[..., c].ravel()]),
            rtol=1e-5,
        )
        assert number(value) == pytest.approx(partial[c, i, j], rel=1e-5, abs=1e-9)
    parts, value = re.fullmatch(
        rf"output\[{i}, {j}\] = red \+ green \+ blue \+ bias = (.*) = ([^=]*)", total
    ).groups()
    np.testing.assert_allclose(
        [number(part.strip("()")) for part in parts.split(" + ")],
        [*partial[:, i, j], twin.bias],
        rtol=1e-5,
        atol=1e-9,
    )
    assert number(value) == pytest.approx(twin.result[i, j], rel=1e-5, abs=1e-9)

    # the picture, and the window in it
    pixels, white = expected_picture(twin.image)
    np.testing.assert_array_equal(seen["picture"][..., :3], pixels)
    cut = (twin.image < 0).any() or (twin.image > white).any()
    assert seen["captions"][0] == f"picture, 0 to {white}{', cut off' if cut else ''}"
    np.testing.assert_allclose(seen["frame"], [i, j, kh, kw], atol=0.2)

    # captions, parameters, sizes, Keras, the controls
    for name in CHANNELS:
        h, w, _ = twin.image.shape
        assert f"{name} plane {h} × {w}" in seen["captions"]
        assert f"{name} kernel {kh} × {kw}" in seen["captions"]
        assert f"{name} map {rows} × {columns}" in seen["captions"]
    assert seen["captions"][-1] == f"output {rows} × {columns}"
    weights = kh * kw * 3
    assert (
        f"{kh} × {kw} × 3 = {weights}, and with 1 bias {weights + 1} p" in seen["notes"]
    )
    down, across = f"{h} − {kh} + 1 = {rows}", f"{w} − {kw} + 1 = {columns}"
    sizes = down if down == across else f"rows {down}, columns {across}"
    assert f"input − kernel + 1: {sizes}. Stride 1" in seen["notes"]
    assert seen["code"] == twin.keras
    named = [
        next((n for n, p in presets.items() if np.array_equal(p.array, now)), "custom")
        for presets, now in ((PICTURES, twin.image), (KERNELS, twin.kernel))
    ]
    assert seen["shown"] == {
        "Picture": named[0],
        "Kernel": named[1],
        "Input size": str(max(h, w)),
        "Kernel size": str(max(kh, kw)),
        "Step": str(twin.step),
    }
    assert number(seen["biasText"]) == pytest.approx(twin.bias, rel=1e-3)
    return seen, twin


def cell(page, grid, row, column):
    """A cell of a grid, counted from 0."""
    table = page.locator(f"table[aria-label='{grid}']")
    return table.locator("tr").nth(row).locator("td").nth(column)


def test_random_states(page):
    rng = np.random.default_rng(4)
    refused = 0
    for _ in different_states(page):
        match rng.integers(8):
            case 0 | 1:
                label = str(rng.choice(list(SLIDERS)))
                slide(page, label, int(rng.choice(SLIDERS[label])))
            case 2:
                if rng.random() < 0.5:
                    choose(page, "Picture", str(rng.choice(list(PICTURES))))
                else:
                    choose(page, "Kernel", str(rng.choice(list(KERNELS))))
            case 3 | 4:
                typed = f"{rng.choice([0.5, 5, 200]) * rng.normal():.2f}"
                enter(page, ".hc-grid input", rng.random(), typed)
            case 5:
                slide_to(page, "Step", rng.random())
            case 6:
                slide_to(page, "Bias", rng.random())
            case 7:
                cells = f"table[aria-label='{rng.choice(MAPS)}'] td"
                tap(page, cells, rng.random(), key="Escape")
        seen, _ = agrees(page)
        refused += bool(seen["refused"])
    assert refused


@pytest.mark.parametrize("label", SLIDERS)
def test_every_value_of_every_size(page, label):
    slide(page, "Input size", 8)
    for value in [*SLIDERS[label], *reversed(SLIDERS[label])]:
        slide(page, label, value)
        seen, twin = agrees(page)
        fits = label == "Kernel size" or value >= 3
        assert bool(seen["refused"]) != fits
        if fits:
            array = twin.image if label == "Input size" else twin.kernel
            assert array.shape == (value, value, 3)


@pytest.mark.parametrize(
    ("picture", "reach", "step"), [("flower", 5, 0.1), ("ball", 255, 1)]
)
def test_every_value_of_the_bias(page, picture, reach, step):
    menu(page, "Picture").select_option(picture)
    before = ChannelSum(picture, "red_minus_green").result
    values = np.round(np.arange(-reach, reach + step / 2, step), 1).tolist()
    found = read(
        page,
        f"""() => {values}.map((value) => {{
          const input = [...document.querySelectorAll(".hc-slider")]
            .find((one) => one.textContent.startsWith("Bias")).querySelector("input");
          input.value = value;
          input.dispatchEvent(new Event("input", {{ bubbles: true }}));
          const cells = document.querySelectorAll("[aria-label=output] td");
          return [input.min, input.max, input.step, model.get("bias"),
            ...[...cells].map((cell) => cell.textContent)];
        }})""",
    )
    for value, (low, high, by, bias, *shown) in zip(values, found, strict=True):
        assert (float(low), float(high), float(by)) == (-reach, reach, step)
        assert bias == pytest.approx(value)
        np.testing.assert_allclose(
            [number(text) for text in shown],
            before.ravel() + bias,
            rtol=1e-4,
            atol=1e-9,
        )
    agrees(page)


def test_a_bias_that_is_typed(page):
    bias = page.get_by_label("bias, row 1, column 1")
    bias.fill("-700.25")
    _, twin = agrees(page)
    assert twin.bias == -700.25
    bias.fill("much")
    assert "is not a number" in page.get_by_role("alert").inner_text()
    bias.blur()
    assert bias.input_value() == "−700.3"  # four digits of what stays
    agrees(page)


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_picture_with_every_kernel(page, kernel):
    slide(page, "Input size", 7)
    slide(page, "Kernel size", 2)
    for picture in PICTURES:
        menu(page, "Picture").select_option(picture)
        menu(page, "Kernel").select_option(kernel)
        _, twin = agrees(page)
        np.testing.assert_array_equal(twin.image, PICTURES[picture].array)
        np.testing.assert_array_equal(twin.kernel, KERNELS[kernel].array)
    page.get_by_label("blue plane, row 1, column 1").fill("7")
    page.get_by_label("blue plane, row 1, column 1").blur()
    assert menu(page, "Picture").input_value() == "custom"
    menu(page, "Kernel").select_option("custom")  # nothing to choose: it goes back
    assert menu(page, "Kernel").input_value() == kernel
    agrees(page)


MENUS = {"Picture": PICTURES, "Kernel": KERNELS}
SETS = {
    "Picture": ("image", "Input size", "red plane"),
    "Kernel": ("kernel", "Kernel size", "red kernel"),
}


@pytest.mark.parametrize("label", MENUS)
def test_a_preset_is_restored_after_any_change(page, label):
    trait_name, size, grid = SETS[label]
    chosen, cell = menu(page, label), page.get_by_label(f"{grid}, row 1, column 1")
    for name, preset in MENUS[label].items():
        chosen.select_option(name)
        side = len(preset.array)
        for change, value in (("size", side + 1), ("size", side - 1), ("cell", 7.5)):
            if change == "size":
                slide(page, size, value)
            else:
                cell.fill(str(value))
                cell.blur()
            said = chosen.locator("option:checked").inner_text()
            assert said == f"changed: {preset.title}"
            chosen.select_option(name)
            np.testing.assert_array_equal(array(page, trait_name), preset.array)
            assert chosen.input_value() == name
            agrees(page)


def enlarged(page):
    slide(page, "Input size", 8)
    slide(page, "Kernel size", 5)
    return array(page, "image"), array(page, "kernel")


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_new_cells_hold_nothing_of_what_was_there_before(browser, picture, kernel):
    with watched(browser, ChannelSum(picture, kernel)) as page:
        fresh = enlarged(page)
    with watched(browser, ChannelSum("ball", "horizontal_edges")) as page:
        for grid in ("blue plane", "blue kernel"):  # in all of their cells
            enlarged(page)
            for k in (1, 3, 5):
                page.get_by_label(f"{grid}, row {k}, column {k}").fill("9")
        menu(page, "Picture").select_option(picture)
        menu(page, "Kernel").select_option(kernel)
        for then, now in zip(fresh, enlarged(page), strict=True):
            np.testing.assert_array_equal(now, then)


def test_a_preset_that_is_refused_changes_no_cell_to_come(page):
    before = enlarged(page)
    slide(page, "Kernel size", 1)
    slide(page, "Input size", 2)
    menu(page, "Kernel").select_option("gray")
    assert page.get_by_role("alert").inner_text()
    for then, now in zip(before, enlarged(page), strict=True):
        np.testing.assert_array_equal(now, then)


def test_every_step(page):
    slide(page, "Kernel size", 2)
    for step in range(16, 0, -1):
        slide(page, "Step", step)
        _, twin = agrees(page)
        assert twin.step == step
        assert twin.position == divmod(step - 1, 4)


def test_a_kernel_that_does_not_fit_is_refused_in_place(page):
    slide(page, "Kernel size", 1)
    slide(page, "Input size", 2)
    menu(page, "Kernel").select_option("gray")
    said = page.get_by_role("alert").inner_text()
    assert "A kernel of 3 × 3 does not fit into planes of 2 × 2." in said
    assert menu(page, "Kernel").input_value() == "custom"
    agrees(page)
    slide(page, "Input size", 3)
    assert page.get_by_role("alert").inner_text() == ""
    menu(page, "Kernel").select_option("gray")
    agrees(page)


@pytest.mark.parametrize("text", ["", "x", "1/0", "NaN", "2000001"])
def test_bad_text_is_refused_in_place(page, text):
    for grid in ("red plane", "blue kernel"):
        input_ = page.get_by_label(f"{grid}, row 1, column 2")
        before = input_.input_value()
        input_.fill(text)
        assert "is not a number" in page.get_by_role("alert").inner_text()
        assert input_.get_attribute("aria-invalid") == "true"
        input_.blur()
        assert input_.input_value() == before
        agrees(page)


def test_nothing_is_lost_when_a_grid_shrinks(page):
    page.get_by_label("green plane, row 5, column 5").fill("9")
    page.get_by_label("blue kernel, row 3, column 3").fill("8")
    slide(page, "Kernel size", 1)
    slide(page, "Input size", 2)
    slide(page, "Input size", 5)
    slide(page, "Kernel size", 3)
    assert page.get_by_label("green plane, row 5, column 5").input_value() == "9"
    assert page.get_by_label("blue kernel, row 3, column 3").input_value() == "8"
    agrees(page)


def test_a_kernel_keeps_its_middle(page):
    menu(page, "Kernel").select_option("gray")
    slide(page, "Kernel size", 1)
    assert array(page, "kernel").ravel().tolist() == [0.2125, 0.7154, 0.0721]
    slide(page, "Kernel size", 5)
    np.testing.assert_array_equal(
        array(page, "kernel"), np.pad(KERNELS["gray"].array, [(1, 1), (1, 1), (0, 0)])
    )
    agrees(page)


def test_keys_walk_and_play(page, clock):
    root = page.get_by_role("group", name="ChannelSum")
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
    page.get_by_label("red kernel, row 2, column 2").focus()
    page.keyboard.press("ArrowLeft")
    assert trait(page, "step") == 9
    page.keyboard.press("ArrowUp")
    assert array(page, "kernel")[1, 1, 0] == 0.1
    agrees(page)


@pytest.mark.parametrize("grid", MAPS)
def test_pointing_and_pinning(page, grid):
    total, held = page.locator(".cs-sum"), page.get_by_text("Held.")
    cell(page, grid, 1, 2).hover()
    assert total.inner_text().startswith("output[1, 2]")
    page.mouse.move(0, 0)
    assert total.inner_text().startswith("output[0, 0]")
    cell(page, grid, 2, 0).click()
    assert held.is_visible()
    cell(page, grid, 0, 1).hover()
    cell(page, "red plane", 4, 4).hover()
    agrees(page)
    assert total.inner_text().startswith("output[2, 0]")
    page.keyboard.press("Escape")
    assert held.count() == 0
    page.mouse.move(0, 0)
    _, twin = agrees(page)
    assert twin.position == (2, 0)


@pytest.mark.parametrize("kernel", [(3, 3), (2, 1)])
def test_pointing_at_an_input_lights_what_it_reaches(browser, kernel):
    explorer = ChannelSum(np.ones((4, 5, 3)), np.ones((*kernel, 3)))
    with watched(browser, explorer) as page:
        for row, column in np.ndindex(4, 5):
            changed = explorer.image.copy()
            changed[row, column] += 1
            changed = ChannelSum(changed, explorer.kernel)
            reached = np.argwhere(changed.result - explorer.result)
            reached = {tuple(map(int, place)) for place in reached}
            for c, name in enumerate([*CHANNELS, "pixel"]):
                if name == "pixel":
                    box = page.locator("canvas").bounding_box()
                    page.mouse.move(
                        box["x"] + (column + 0.5) * box["width"] / 5,
                        box["y"] + (row + 0.5) * box["height"] / 4,
                    )
                    lit = set(CHANNELS)
                else:
                    cell(page, f"{name} plane", row, column).hover()
                    lit = {CHANNELS[c]}
                seen, _, grids = see(page)
                for other in CHANNELS:
                    own, here = other in lit, {(row, column)}
                    marks = {
                        "plane": {"reached": here} if own else {},
                        "map": {"reached": reached} if own and reached else {},
                    }
                    for part, wanted in marks.items():
                        assert grids[f"{other} {part}"].marks == wanted
                for total in ("sum", "output"):
                    assert grids[total].marks == (
                        {"reached": reached} if reached else {}
                    )
                assert f"[{row}, {column}] takes part in" in seen["sums"][-1]
                assert f"in {len(reached)} output" in seen["sums"][-1]
        page.mouse.move(0, 0)
        agrees(page)


def test_copying_the_line_of_keras(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("status").get_by_text(re.compile("Copied|Selected")).wait_for()
    assert page.locator(".hc-foot code").inner_text() == "keras.layers.Conv2D(1, 3)"


def test_python_moves_the_screen(page):
    page.evaluate(
        """() => {
          const send = (name, shape, numbers) => model.set(name, { shape,
            dtype: "float64", data: new DataView(Float64Array.from(numbers).buffer) });
          send("kernel", [1, 2, 3], [1, 2, 3, 4, 5, 6]);
          send("image", [2, 3, 3], Array.from({ length: 18 }, (_, k) => k - 4));
          model.set("bias", -3);
          model.set("step", 3);
          model.set("position", [1, 1]);
        }"""
    )
    _, twin = agrees(page)
    assert twin.image.shape == (2, 3, 3)
    assert (twin.bias, twin.step, twin.position) == (-3, 3, (1, 1))


def test_python_sends_an_image_before_the_kernel_that_fits(page):
    page.evaluate(
        """() => {
          const send = (name, shape, numbers) => model.set(name, { shape,
            dtype: "float64", data: new DataView(Float64Array.from(numbers).buffer) });
          send("image", [1, 2, 3], [1, 2, 3, 4, 5, 6]);
          send("kernel", [1, 1, 3], [1, 0, -1]);
          model.set("step", 2);
          model.set("position", [0, 1]);
        }"""
    )
    _, twin = agrees(page)
    assert twin.result.tolist() == [[-1.5, -1.5]]


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    slide(page, "Kernel size", 2)
    slide(page, "Bias", 2)
    menu(page, "Picture").select_option("ball")
    cell(page, "output", 1, 1).click()
    page.keyboard.press("Escape")
    page.mouse.move(0, 0)
    agrees(page)


@pytest.mark.parametrize("width", [360, 700])
def test_fits_a_phone(browser, width):
    full = np.full((8, 8, 3), -123.45)
    for explorer in (ChannelSum(), ChannelSum(full, np.full((5, 5, 3), -98.76), -1e6)):
        with watched(browser, explorer, width=width) as page:
            assert width_needed(page) <= width
            agrees(page)
