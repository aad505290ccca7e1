"""UnitBrowser on a page: every picture and number as it was given."""

from dataclasses import replace

import numpy as np
import pytest
import unit_portraits
from hands import (
    RESTS,
    choose,
    decode,
    hold_pictures_back,
    menu,
    press,
    silent_at_first,
    tap,
    trait,
    watched,
    width_needed,
)
from stage import read

from helpers.widgets import UnitBrowser

GIVEN = unit_portraits.small()
ORDERS = ("by number", "most selective first")

LOOK = """() => {
  const all = [...document.querySelectorAll("canvas")];
  const seen = (selector) => [...document.querySelectorAll(selector)].filter(
    (one) => one.checkVisibility());
  const marks = (row) => Object.fromEntries([...row.querySelectorAll("i")].map(
    (one) => [one.className.slice(8), one.hidden
      ? null : [one.style.left, one.style.width].map(parseFloat)]));
  const rows = (kind) => seen(`${kind} li`).map((row) => [
    row.querySelector("b").textContent,
    row.querySelector("span").textContent,
    row.classList.contains("ub-best"),
    marks(row),
  ]);
  const frame = (box) => {
    const { top, left, width, height } = box.querySelector(".hc-frame").style;
    return [top, left, height, width].map(parseFloat);
  };
  const views = Object.fromEntries(seen(".hc-scene figure.hc-view").map((view) => [
    view.querySelector("figcaption").textContent,
    [all.indexOf(view.querySelector("canvas")), frame(view)]]));
  return {
    views,
    painted: Object.fromEntries(
      Object.entries(views).map(([name, [k]]) => [name, model.painted(k)])),
    tiles: seen(".hc-tile").map((tile) => ({
      picture: model.painted(all.indexOf(tile.querySelector("canvas"))),
      pressed: tile.querySelector("button").getAttribute("aria-pressed"),
      strength: tile.querySelector(".hc-tile-notes").textContent,
    })),
    classes: rows(".ub-classes"),
    inputs: rows(".ub-inputs"),
    said: seen(".hc-strip p").map((one) => one.textContent),
  };
}"""


@pytest.fixture
def page(browser):
    with watched(browser, UnitBrowser(GIVEN)) as page:
        page.wait_for_function(RESTS)
        yield page


def near(written, value):
    return float(written.replace("−", "-")) == pytest.approx(value, rel=6e-3, abs=1e-6)


def close(painted, picture, room=12):
    """Nearly the same: the page has it as WebP."""
    assert painted.shape[:2] == picture.shape[:2]
    return np.abs(painted[..., :3].astype(int) - picture).mean() < room


def rows_in(layer, order):
    index = np.nan_to_num(layer.selectivity, nan=-1)
    by = -index if order == ORDERS[1] else np.zeros(len(index))
    return np.argsort(by, kind="stable")


def assert_right(page):
    state = {name: trait(page, name) for name in ("layer", "unit", "order", "patch")}
    seen = read(page, LOOK)
    layer = GIVEN.layer(state["layer"])
    row = layer.units.tolist().index(state["unit"])
    rows = rows_in(layer, state["order"])
    place = rows.tolist().index(row)
    # All units, one of them framed.
    what = "filters" if len(layer.filters) else "best patches"
    count = len(layer.units)
    all_of = f"All {count}" if count == layer.total else f"{count} of the {layer.total}"
    name = f"{all_of} units of {state['layer']}, as their {what}"
    painted, (_, frame) = seen["painted"][name], seen["views"][name]
    side = 5 if len(layer.filters) else 16
    across = int(np.ceil(np.sqrt(1.4 * count)))
    icons = layer.filters if len(layer.filters) else layer.patches[:, 0]
    for k, icon in enumerate(icons[rows]):
        top, left = (side + 1) * (k // across), (side + 1) * (k % across)
        part = painted[top : top + side, left : left + side]
        assert close(part, icon, 1 if side == 5 else 12)
    tall, wide = painted.shape[:2]
    corner = np.array([place // across, place % across]) * (side + 1) * 100
    np.testing.assert_allclose(frame[:2], corner / [tall, wide], atol=0.01)
    # The filter, the picture by ascent.
    assert ("Its filter" in seen["views"]) == bool(len(layer.filters))
    if len(layer.filters):
        assert close(seen["painted"]["Its filter"], layer.filters[row], 1)
    assert ("By gradient ascent" in seen["views"]) == bool(len(layer.ascents))
    if len(layer.ascents):
        assert close(seen["painted"]["By gradient ascent"], layer.ascents[row])
    # Its patches, and the photo of one.
    photos = layer.photos[row][layer.photos[row] >= 0]
    assert len(seen["tiles"]) == len(photos)
    chosen = min(state["patch"], len(photos) - 1)
    for k, found in enumerate(seen["tiles"]):
        assert close(found["picture"], layer.patches[row, k])
        assert near(found["strength"], layer.strengths[row, k])
        assert found["pressed"] == str(k == chosen).lower()
    assert ("In the photo" in seen["views"]) == bool(len(photos))
    if len(photos):
        photo = GIVEN.thumbnails[photos[chosen]]
        assert close(seen["painted"]["In the photo"], photo)
        box = layer.boxes[row, chosen]
        first, last = np.maximum(box[:2], 0), np.minimum(box[:2] + box[2:], 1)
        wanted = 100 * np.array([*first, *(last - first)])
        np.testing.assert_allclose(seen["views"]["In the photo"][1], wanted, atol=0.01)
        credit = GIVEN.credits[photos[chosen]]
        assert seen["said"][1].startswith(f"Patch {chosen}: ")
        assert ("Photo: " + credit in seen["said"][1]) == bool(credit)
    else:
        assert seen["said"][1].startswith("No photo excites it")
    # Its classes, its inputs, what is said.
    means, low, high = (
        one[:, row].astype(float) for one in (layer.means, layer.low, layer.high)
    )
    share = 100 / (max(high.max(), means.max()) or 1)
    assert len(seen["classes"]) == len(GIVEN.class_names)
    for k, (name, text, best, marks) in enumerate(seen["classes"]):
        assert name == GIVEN.class_names[k]
        assert near(text, means[k])
        assert best == (means[k] == means.max() > 0)
        assert list(marks) == ["range", "dot"]
        wanted = [share * low[k], share * (high[k] - low[k])]
        np.testing.assert_allclose(marks["range"], wanted, atol=0.01)
        np.testing.assert_allclose(marks["dot"], [share * means[k], 0], atol=0.01)
    assert len(seen["inputs"]) == (layer.inputs.shape[1] if layer.inputs.size else 0)
    for k, (name, text, _, marks) in enumerate(seen["inputs"]):
        shares = layer.shares[row].astype(float)
        assert name == f"map {layer.inputs[row, k]}"
        assert text == f"{100 * shares[k]:.1f} %"
        wanted = [0, 100 * shares[k] / shares.max()]
        np.testing.assert_allclose(marks["bar"], wanted, atol=0.01)
    if layer.dead[row]:
        assert "a dead one" in seen["said"][0]
    else:
        best = int(means.argmax())
        answer = f"It answers most to {GIVEN.class_names[best]}: "
        most, rest = seen["said"][0].partition(answer)[2].split(" on average, ")
        assert near(most, means[best])
        others = np.delete(means, best).mean()
        assert near(rest.partition(" to the others;")[0], others)
        assert f"selectivity {layer.selectivity[row]:.2f}." in seen["said"][0]


def test_as_it_comes(page):
    assert_right(page)


def test_random_moves(page):
    """There are not so many states: each is come to, and most more than once."""
    rng = np.random.default_rng(1)
    for _ in range(150):
        move = rng.integers(0, 6)
        if move == 0:
            choose(page, "Layer", str(rng.choice(GIVEN.names)))
        elif move == 1:
            choose(page, "Order", str(rng.choice(ORDERS)))
        elif move <= 3:
            keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]
            press(page, str(rng.choice(keys)), "[role=application]")
        elif page.locator(".hc-tile:visible").count():
            tap(page, ".hc-tile button", rng.random())
        page.wait_for_function(RESTS)  # a layer that is not decoded yet
        assert_right(page)


def test_by_mouse_and_keyboard(page):
    stage = page.locator("[role=application]")
    box = stage.bounding_box()
    stage.click(position={"x": box["width"] / 2, "y": box["height"] / 4})
    assert trait(page, "unit") == 1  # the second of three side by side
    assert_right(page)
    stage.focus()
    page.keyboard.press("End")
    assert trait(page, "unit") == 4
    page.locator(".hc-pick").nth(1).click()
    assert trait(page, "patch") == 1
    page.keyboard.press("ArrowRight")
    assert trait(page, "patch") == 2
    menu(page, "Layer").select_option("hidden")
    page.wait_for_function(RESTS)
    assert [trait(page, name) for name in ("unit", "patch")] == [0, 0]
    assert_right(page)


def test_in_order_of_selectivity(page):
    choose(page, "Order", "most selective first")
    press(page, "Home", "[role=application]")
    layer, units = GIVEN.layers[0], []
    for _ in layer.units:
        units.append(trait(page, "unit"))
        press(page, "ArrowRight", "[role=application]")
    assert units == layer.units[rows_in(layer, ORDERS[1])].tolist()
    assert units[-1] == 1  # a dead one has none


def test_it_follows_python(page):
    page.evaluate(
        "async () => { model.set('layer', 'hidden'); model.set('unit', 11);"
        " model.set('patch', 2); model.set('order', 'most selective first');"
        " await new Promise(requestAnimationFrame); }"
    )
    page.wait_for_function(RESTS)
    assert_right(page)


def test_those_of_the_course(browser):
    with watched(browser, UnitBrowser(layer="bend3")) as page:
        page.wait_for_function(RESTS)
        assert page.locator(".hc-tile:visible").count() == 4
        assert "Photo: " in page.locator(".hc-strip").inner_text()
        assert page.locator(".ub-classes li").count() == 5


NOTHING = {"data": b"nothing", "ends": [7]}


def views(page):
    return [name.split(" units of ")[-1] for name in read(page, LOOK)["views"]]


def test_pictures_that_cannot_be_read_are_said(browser):
    """Those of the other sheets are there, and nothing is waited for."""
    explorer = UnitBrowser(GIVEN)
    explorer._thumbnails = {**explorer._thumbnails, **NOTHING}
    with watched(browser, explorer) as page:
        page.get_by_role("alert").filter(has_text="cannot be read").wait_for()
        page.wait_for_function(RESTS)
        assert views(page) == ["bend1, as their filters", "Its filter"]
        assert len(read(page, LOOK)["tiles"]) == 3
        choose(page, "Layer", "hidden")
        page.wait_for_function(RESTS)
        assert views(page) == ["hidden, as their best patches", "By gradient ascent"]
        assert page.locator(".ub-inputs li").count() == 4


def test_patches_that_cannot_be_read_are_missing_alone(browser):
    explorer = UnitBrowser(GIVEN, "hidden")
    layers = {name: dict(layer) for name, layer in explorer._layers.items()}
    layers["hidden"]["patches"] = {**layers["hidden"]["patches"], **NOTHING}
    explorer._layers = layers
    with watched(browser, explorer) as page:
        page.get_by_role("alert").filter(has_text="cannot be read").wait_for()
        page.wait_for_function(RESTS)
        assert views(page) == ["In the photo", "By gradient ascent"]
        assert not page.locator(".ub-patches").is_visible()
        choose(page, "Layer", "bend1")
        page.wait_for_function(RESTS)
        assert_right(page)
        choose(page, "Layer", "hidden")
        assert views(page) == ["In the photo", "By gradient ascent"]


def test_the_layer_that_is_shown_is_decoded_first(browser):
    explorer = UnitBrowser(GIVEN, "hidden")
    with watched(browser, explorer, new=True) as page:
        hold_pictures_back(page)
        assert page.locator(".hc").get_attribute("aria-busy") == "true"
        assert views(page) == []
        decode(page, 3)  # thumbnails, patches, pictures by ascent
        page.wait_for_function(RESTS)
        assert_right(page)
        choose(page, "Layer", "bend1")
        assert page.locator(".hc").get_attribute("aria-busy") == "true"
        assert views(page) == []
        choose(page, "Layer", "hidden")
        assert_right(page)
        choose(page, "Layer", "bend1")
        decode(page, 1)  # it has no pictures by ascent
        page.wait_for_function(RESTS)
        assert_right(page)


def test_nothing_is_decoded_any_more_once_it_is_closed(browser):
    with watched(browser, UnitBrowser(GIVEN), new=True) as page:
        hold_pictures_back(page)
        page.evaluate("unmount()")
        decode(page, 1)
        assert page.evaluate("held.length") == 0


def test_an_address_is_not_read_out(page, clock):
    """Nor is anything said before something was done."""
    spoken = silent_at_first(page)
    press(page, "End", "[role=application]")
    clock.run_for(2000)
    said = spoken.text_content()
    assert said.startswith("Unit 4 of bend1 looks at")
    assert "Patch 0: " in said
    assert "Photo" not in said
    assert "Photo: Person" in page.locator(".hc-strip").inner_text()


def test_copy_as_python_of_portraits_of_ones_own(browser):
    explorer = UnitBrowser(GIVEN, "hidden", 11, order="most selective first", patch=2)
    with watched(browser, explorer) as page:
        page.get_by_role("button", name="Copy as Python").click()
        code = page.get_by_label("The same in Python").inner_text()
        made = eval(code, {"UnitBrowser": UnitBrowser, "portraits": GIVEN})
        assert made.data is GIVEN
        assert made.describe() == explorer.describe()
        # The first of its layer in that order need not be written.
        press(page, "Home", "[role=application]")
        page.get_by_role("button", name="Copy as Python").click()
        code = page.get_by_label("The same in Python").inner_text()
        wanted = 'UnitBrowser(portraits, "hidden", order="most selective first")'
        assert code == wanted
        made = eval(code, {"UnitBrowser": UnitBrowser, "portraits": GIVEN})
        assert made.unit == trait(page, "unit")


@pytest.mark.parametrize("large", [False, True])
def test_long_names_of_classes_fit_a_phone(browser, large):
    names = tuple(f"{name}, tabby, tiger cat, Egyptian cat, lynx" for name in "abc")
    given = replace(GIVEN, class_names=names)
    with watched(browser, UnitBrowser(given), width=360) as page:
        page.wait_for_function(RESTS)
        if large:
            page.get_by_role("button", name="Large").click()
        assert width_needed(page) <= 360
        inside = page.evaluate(
            "() => [...document.querySelectorAll('.ub-classes :is(.hc-marks, span)')]"
            ".every((one) => one.getBoundingClientRect().right <= 360"
            " && one.getBoundingClientRect().width > 10)"
        )
        assert inside
