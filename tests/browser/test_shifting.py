"""ShiftTest on a bare page: every control, its numbers and pictures against ops.py."""

import numpy as np
import pytest
from hands import (
    array,
    choose,
    different_states,
    grave,
    lose_the_kernel,
    menu,
    moves_under_the_hand,
    read,
    red_of,
    slide,
    slider,
    tick,
    trait,
    watched,
    width_needed,
)

from helpers import kernels, ops
from helpers.widgets import ShiftTest
from helpers.widgets.explorers.shifting import (
    PICTURES,
    moved,
    relative_change,
    whole_cells,
)

CANVAS = {"input": 0, "feature": 1, "pooled": 2, "twice": 3}
ARROWS = {"Up": (-1, 0), "Down": (1, 0), "Left": (0, -1), "Right": (0, 1)}


@pytest.fixture
def page(browser):
    with watched(browser, ShiftTest("digit 7")) as page:
        yield page


# All that is on the screen, and the state that it should show, in one go.
SEE = """() => ({
  image: model.array("image"),
  kernel: model.array("kernel"),
  ...Object.fromEntries(["reduce", "size", "twice", "shift", "display"].map((name) =>
    [name, model.get(name)])),
  figures: [...document.querySelectorAll("figure.hc-view")].map((figure) => ({
    shown: !figure.hidden,
    changed: figure.querySelector("b").textContent,
    left: [...figure.querySelectorAll("p")].at(-1).textContent,
  })),
  painted: [...document.querySelectorAll(".hc-view canvas")]
    .map((_, k) => model.red(k)),
  pooledOver: [...document.querySelectorAll(".hc-note")]
    .map((note) => note.textContent).filter((text) => text.includes("Pooled over")),
})"""


def stages(seen, shift):
    """The maps that ops.py makes of what the page holds."""
    field = moved(np.pad(seen["image"] * 1.0, 10), *shift)
    kernel, reduce = seen["kernel"], seen["reduce"]
    maps = {"input": field}
    maps["feature"] = ops.relu(ops.conv2d(field, kernel, padding="same"))
    maps["pooled"] = ops.pool2d(maps["feature"], seen["size"], reduce=reduce)
    if seen["twice"]:
        maps["twice"] = ops.pool2d(maps["pooled"], 2, reduce=reduce)
    return maps


def per_cent(text):
    """The number before the per cent sign, NaN where there is nothing to measure."""
    if "nothing" in text or "no change" in text:
        return np.nan
    return float(text.split("%")[0].split()[-1].replace("−", "-"))


def close(said, wanted):
    return per_cent(said) == pytest.approx(wanted, rel=6e-3, abs=1e-8, nan_ok=True)


def agrees(page):
    """The screen shows what ops.py measures and paints."""
    seen = read(page, SEE)
    shift, size = tuple(seen["shift"]), seen["size"]
    still, now = stages(seen, (0, 0)), stages(seen, shift)
    strides = {"input": 1, "feature": 1, "pooled": size, "twice": 2 * size}
    assert len(seen["figures"]) == len(CANVAS)
    for name, index in CANVAS.items():
        figure = seen["figures"][index]
        assert figure["shown"] == (name in now)
        if name not in now:
            continue
        wanted = relative_change(still[name], now[name])
        assert close(figure["changed"], wanted), name
        cells = [whole_cells(n, strides[name]) for n in shift]
        if any(cells):
            wanted = relative_change(moved(still[name], *cells), now[name])
            assert close(figure["left"].split(":")[1], wanted), name
        else:
            assert figure["left"] == ""
        paints(seen["painted"][index], seen["display"], still[name], now[name])
    (said,) = seen["pooledOver"]
    reduce = {"max": np.max, "mean": np.mean}[seen["reduce"]]
    before, after = reduce(still["feature"]), reduce(now["feature"])
    wanted = 100 * abs(before - after) / before if before else np.nan
    assert close(
        said.split("now:")[1], wanted if wanted is np.nan or wanted > 1e-9 else 0
    )
    return seen


def paints(red, display, still, now):
    """A canvas holds the map, or its difference to the unmoved one."""
    most = np.abs(still).max() or 1
    if display == "maps":
        wanted = np.clip(np.floor(now / most * 255 + 0.5), 0, 255)
    else:
        wanted = red_of((now - still) / most)
    difference = np.abs(red * 1.0 - wanted)
    assert difference.max() <= 2  # sums in another order may cross a tie
    assert (difference != 0).sum() <= max(1, 0.01 * difference.size)


def test_random_states(page):
    rng = np.random.default_rng(3)
    for _ in different_states(page):
        wanted = {}
        match rng.integers(8):
            case 0:
                choose(page, "Picture", str(rng.choice(PICTURES)))
            case 1:
                name = str(rng.choice(list(kernels.BANK)))
                choose(page, "Kernel", name)
                wanted = {"kernel": kernels.BANK[name]}
            case 2:
                choose(page, "Pool by", str(rng.choice(["max", "mean"])))
            case 3:
                slide(page, "Window", int(rng.integers(1, 9)))
            case 4:
                tick(page, "pool again")
            case 5:
                wanted = {"display": str(rng.choice(["maps", "differences"]))}
                choose(page, "Show", wanted["display"])
            case _:
                slide(page, "Rows down", int(rng.integers(-8, 9)))
                slide(page, "Columns right", int(rng.integers(-8, 9)))
        seen = agrees(page)
        for name, value in wanted.items():
            np.testing.assert_array_equal(seen[name], value)
        if rng.random() < 0.1:
            curve_agrees(page)


def curve_agrees(page):
    """The curve's table, and the legend at its mark, say what ops.py measures."""
    page.locator("details").evaluate("details => { details.open = true }")
    page.wait_for_function("document.querySelector('details table').rows.length > 3")
    lines = page.eval_on_selector_all(
        "details tr",
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))",
    )
    rows = list(zip(*lines, strict=True))  # a row a curve
    title = page.locator(".hc-chart figcaption").inner_text()
    seen = read(page, SEE)
    shift = seen["shift"]
    axis = 0 if ": rows" in title else 1
    still = stages(seen, (0, 0))
    assert len(rows) == len(still) + 1
    for place, pixels in enumerate(range(-8, 9)):
        there = list(shift)
        there[axis] = pixels
        now = stages(seen, there)
        for row, name in zip(rows[1:], still, strict=True):
            wanted = relative_change(still[name], now[name])
            assert close(row[place + 1], wanted), (name, there)
    legend = page.locator(".hc-legend-entry b").all_inner_texts()
    assert legend == [row[shift[axis] + 9] for row in rows[1:]]
    assert rows[0][shift[axis] + 9] == page.locator(".hc-legend-x b").inner_text()
    page.locator("details").evaluate("details => { details.open = false }")


def test_every_control_reaches_both_ends(page):
    for label in ("Window", "Rows down", "Columns right"):
        for end in ("Home", "End"):
            slider(page, label).press(end)
            agrees(page)
            curve_agrees(page)
    assert trait(page, "size") == 8
    assert trait(page, "shift") == [8, 8]
    for name in PICTURES:
        menu(page, "Picture").select_option(name)
        assert trait(page, "subject") == name
        agrees(page)
    for name in kernels.BANK:
        menu(page, "Kernel").select_option(name)
        agrees(page)
    page.get_by_role("button", name="Back to 0, 0").click()
    assert trait(page, "shift") == [0, 0]
    agrees(page)
    assert "Not moved yet" in page.locator(".hc").inner_text()


def test_arrow_keys_move_the_picture_and_stop_at_the_end(page):
    canvas = page.locator("canvas").first
    shift = np.zeros(2, int)
    for arrow, step in ARROWS.items():
        for _ in range(10):
            canvas.press(f"Arrow{arrow}")
            shift = np.clip(shift + step, -8, 8)
            assert trait(page, "shift") == shift.tolist()
        agrees(page)


def test_dragging_moves_the_picture(page):
    box = page.locator("canvas").first.bounding_box()
    pixel = box["width"] / 48
    x, y = box["x"] + 24 * pixel, box["y"] + 24 * pixel
    page.mouse.move(x, y)
    page.mouse.move(x + 9, y)
    assert trait(page, "shift") == [0, 0]  # not taken hold of yet
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3.2 * pixel, y - 2.2 * pixel, steps=4)
    assert trait(page, "shift") == [-3, 3] or trait(page, "shift") == [-2, 3]
    agrees(page)
    page.mouse.up()
    held = trait(page, "shift")
    page.mouse.move(x, y)
    assert trait(page, "shift") == held
    page.mouse.down()
    page.mouse.move(x + 20 * pixel, y, steps=4)
    assert trait(page, "shift") == [held[0], 8]  # no farther
    page.mouse.up()


def test_moving_it_ends_playing(page):
    for move in (
        lambda: slide(page, "Rows down", 2),
        lambda: page.locator("canvas").first.press("ArrowDown"),
        lambda: page.get_by_role("button", name="Back to 0, 0").click(),
        lambda: page.locator(".hc-chart-area").click(),
        lambda: page.locator("canvas").first.click(),
        lambda: page.keyboard.press("Escape"),
    ):
        page.get_by_role("button", name="Play").click()
        page.get_by_role("button", name="Pause").wait_for()
        move()
        page.get_by_role("button", name="Play").wait_for()


def test_space_on_the_numbers_opens_them(page):
    before = trait(page, "shift")
    summary = page.get_by_text("The curves in numbers")
    summary.press("Space")
    assert page.locator("details").get_attribute("open") is not None
    page.get_by_role("button", name="Play").wait_for()
    page.locator("details .hc-scroll").press("ArrowRight")
    assert trait(page, "shift") == before


def test_a_click_on_the_curve_goes_there(page):
    box = page.locator(".hc-chart-area").bounding_box()
    page.mouse.click(box["x"] + box["width"] * (13.5 / 17), box["y"] + 20)
    assert trait(page, "shift") == [0, 5]
    agrees(page)


def test_keys_on_the_curve_move_along_it_and_no_farther(page):
    curve = page.get_by_role("slider", name="Change in per cent")
    for key, wanted in [("ArrowRight", 1), ("End", 8), ("ArrowUp", 8), ("Home", -8)]:
        curve.press(key)
        assert trait(page, "shift") == [0, wanted]
        number = str(wanted).replace("-", "−")
        assert f"shift {number}: input" in curve.get_attribute("aria-valuetext")
    assert curve.get_attribute("data-lm-suppress-shortcuts") == "true"
    agrees(page)


def test_the_curve_follows_the_axis_that_moved(page):
    title = page.locator(".hc-chart figcaption")
    slide(page, "Columns right", 3)
    assert "columns moved" in title.inner_text()
    slide(page, "Rows down", 2)
    assert "rows moved by −8 … 8 (columns moved by 3)" in title.inner_text()
    curve_agrees(page)


def test_whole_windows_are_called_equivariance(page):
    words = page.locator(".hc-note", has_text="columns right")
    slide(page, "Window", 4)
    slide(page, "Columns right", 4)
    assert "along by exactly 1 cell" in words.inner_text()
    slide(page, "Columns right", 3)
    assert "equivariance" not in words.inner_text()
    assert "is left" in words.inner_text()


def test_nothing_to_measure_is_said(browser):
    black = np.zeros((4, 5))
    with watched(browser, ShiftTest(black, shift=(1, 1), twice=True)) as page:
        assert "nothing changed" in page.locator("figure.hc-view").first.inner_text()
        agrees(page)
        curve_agrees(page)


@pytest.mark.parametrize("image", [[[7]], np.full((48, 30), 0.5), -np.eye(5)], ids=str)
def test_odd_pictures(browser, image):
    explorer = ShiftTest(image, -np.ones((5, 5)), size=8, shift=(3, -2), twice=True)
    with watched(browser, explorer) as page:
        agrees(page)
        assert menu(page, "Kernel").input_value() == "custom"
        own = menu(page, "Picture").locator("option[value=own]")
        assert own.is_enabled()
        menu(page, "Picture").select_option("cross")
        agrees(page)
        menu(page, "Picture").select_option("own")
        np.testing.assert_array_equal(array(page, "image"), image)
        agrees(page)


def test_there_is_no_own_picture_at_first(page):
    assert menu(page, "Picture").locator("option[value=own]").is_disabled()


def test_python_moves_the_screen(page):
    page.evaluate(
        """() => {
          model.set("kernel", { shape: [1, 1], dtype: "float64",
            data: new DataView(Float64Array.of(2).buffer) });
          model.set("image", { shape: [2, 3], dtype: "uint8",
            data: new DataView(Uint8Array.of(1, 2, 3, 4, 5, 6).buffer) });
          model.set("subject", "own");
          model.set("size", 3);
          model.set("reduce", "mean");
          model.set("twice", true);
          model.set("display", "differences");
          model.set("shift", [-2, 5]);
        }"""
    )
    assert menu(page, "Kernel").input_value() == "custom"
    assert menu(page, "Picture").input_value() == "own"
    assert menu(page, "Pool by").input_value() == "mean"
    assert menu(page, "Show").input_value() == "differences"
    assert page.get_by_role("checkbox").is_checked()
    shown = [slider(page, s).input_value() for s in ("Window", "Rows", "Columns")]
    assert shown == ["3", "-2", "5"]
    agrees(page)
    curve_agrees(page)


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    menu(page, "Picture").select_option("cross")
    menu(page, "Kernel").select_option("emboss")
    slide(page, "Columns right", -3)
    agrees(page)


@pytest.mark.parametrize("dark", [False, True])
def test_accessibility(browser, dark):
    explorer = ShiftTest("digit 3", shift=(0, 3), twice=True)
    with watched(browser, explorer, dark=dark) as page:
        page.locator("details").evaluate("details => { details.open = true }")
        assert grave(page) == []


def test_fits_a_phone(browser):
    explorer = ShiftTest("digit 3", shift=(0, 3), twice=True)
    with watched(browser, explorer, width=360) as page:
        page.locator("details").evaluate("details => { details.open = true }")
        assert width_needed(page) <= 360


def test_keys_and_playing_without_the_picture_in_focus(page, clock):
    page.get_by_role("group", name="ShiftTest").focus()
    page.evaluate("model.set('shift', [0, 6])")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("model.get('shift')") == [0, 7]
    page.keyboard.press("Space")
    clock.run_for(700)
    assert page.evaluate("model.get('shift')") == [0, 8]
    clock.run_for(1400)
    assert page.evaluate("model.get('shift')") == [0, -7]  # round to the other end
    page.keyboard.press("Space")
    clock.run_for(5000)
    assert page.evaluate("model.get('shift')") == [0, -7]


@pytest.mark.parametrize("width", [360, 430, 520, 760, 900, 1200])
def test_a_slider_stays_under_the_hand_that_drags_it(browser, width):
    """However many lines the sentences above it have."""
    with watched(browser, ShiftTest("digit 7", twice=True), width=width) as page:
        for label in ("Rows down", "Columns right"):
            page.evaluate("model.set('shift', [3, -2])")
            assert moves_under_the_hand(page, label) < 0.5
