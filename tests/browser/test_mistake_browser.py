"""MistakeBrowser on a page: every list against NumPy, by mouse and by keyboard."""

import numpy as np
import pytest
from hands import (
    choose,
    different_states,
    menu,
    press,
    push,
    tap,
    tick,
    trait,
    watched,
    width_needed,
)
from stage import read

from helpers.widgets import MistakeBrowser

RNG = np.random.default_rng(8)
NAMES = ["cat", "dog", "cow", "hen", "owl"]
PER_PAGE = 24
ORDERS = ("surest first", "least sure first", "as they came")

LOOK = """() => {
  const seen = (selector) => [...document.querySelectorAll(selector)].filter(
    (one) => one.checkVisibility());
  return {
    matrix: [...document.querySelectorAll("tbody tr")].map((row) =>
      [...row.cells].map((cell) => cell.textContent)),
    current: [...document.querySelectorAll(".hc-is-current")].map((box) =>
      [box.parentElement.sectionRowIndex, box.cellIndex - 1]),
    tiles: seen(".hc-tile").map((tile) => ({
      caption: tile.querySelector("figcaption").textContent,
      label: tile.querySelector("button").getAttribute("aria-label"),
      pressed: tile.querySelector("button").getAttribute("aria-pressed"),
      certainty: tile.querySelector(".hc-tile-notes").textContent,
    })),
    bars: seen(".hc-bars li").map((row) => ({
      name: row.querySelector("b").textContent,
      share: row.querySelector(".hc-share").textContent,
      right: row.querySelector(".hc-right").textContent !== "",
      best: row.classList.contains("hc-best"),
    })),
    where: document.querySelector(".mb-pages p").textContent,
    said: document.querySelector(".hc-strip").textContent,
    stops: seen("[tabindex='0']").filter((one) => one.matches("td, .hc-pick")).length,
  };
}"""


def some(count=200, classes=5, sides=(6, 8), sure=1.5):
    labels = RNG.integers(0, classes, count)
    scores = RNG.normal(size=(count, classes)) + sure * np.eye(classes)[labels]
    shares = np.exp(scores)
    images = RNG.integers(0, 256, (count, *sides), np.uint8)
    images[: count // 2, :2] = 0
    return images, labels, shares / shares.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def data():
    return some()


@pytest.fixture
def page(browser, data):
    with watched(browser, MistakeBrowser(*data, NAMES)) as page:
        yield page


def percent(share):
    if share > 0.9995:
        return "> 99.9 %" if share < 1 else "100.0 %"
    return "< 0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def near(written, share):
    """The same number; a last digit may be rounded the other way."""
    if written[0] in "<>":
        return written == percent(share)
    return abs(float(written.removesuffix(" %")) - 100 * share) <= 0.0501


def expected(data, state):
    """What is to be shown, by NumPy alone."""
    _, labels, shares = data
    shares = shares.astype(np.float32)
    taken, sure = shares.argmax(1), shares.max(1)
    keep = np.ones(len(labels), bool)
    if state["cell"]:
        keep = (labels == state["cell"][0]) & (taken == state["cell"][1])
    if state["only_mistakes"]:
        keep &= taken != labels
    numbers = np.flatnonzero(keep)
    if state["order"] == "surest first":
        numbers = numbers[np.lexsort((numbers, -sure[numbers]))]
    if state["order"] == "least sure first":
        numbers = numbers[np.lexsort((numbers, sure[numbers]))]
    return numbers, labels, taken, sure, shares


def assert_right(page, data):
    names = ("cell", "order", "only_mistakes", "page", "chosen")
    state = {name: trait(page, name) for name in names}
    seen = read(page, LOOK)
    numbers, labels, taken, sure, shares = expected(data, state)
    pages = max(-(-len(numbers) // PER_PAGE), 1)
    first = min(state["page"], pages - 1) * PER_PAGE
    here = numbers[first : first + PER_PAGE]
    assert len(seen["tiles"]) == len(here)
    chosen = state["chosen"] if state["chosen"] >= 0 else (*here, -1)[0]
    for tile, k in zip(seen["tiles"], here, strict=True):
        assert tile["caption"] == f"{NAMES[labels[k]]} → {NAMES[taken[k]]}"
        assert tile["label"].startswith(f"Picture {k}: {NAMES[labels[k]]}, taken for")
        assert near(tile["certainty"], sure[k])
        assert (tile["pressed"] == "true") == (k == chosen)
    if len(here):
        end = first + len(here)
        assert seen["where"] == f"{first + 1} to {end} of {len(numbers)}"
    assert seen["current"] == ([list(state["cell"])] if state["cell"] else [])
    assert seen["stops"] == 1 + bool(len(here))  # one in the matrix, one of pictures
    if chosen < 0:
        assert seen["bars"] == []
        return
    for k, bar in enumerate(seen["bars"]):
        assert bar["name"] == NAMES[k]
        assert near(bar["share"], shares[chosen, k])
        assert bar["right"] == (k == labels[chosen])
        assert bar["best"] == (k == taken[chosen])


def test_the_matrix(page, data):
    _, labels, shares = data
    counts = np.zeros((5, 5), int)
    np.add.at(counts, (labels, shares.argmax(1)), 1)
    seen = read(page, LOOK)["matrix"]
    assert [row[0] for row in seen] == NAMES
    assert [[int(n or 0) for n in row[1:]] for row in seen] == counts.tolist()
    heads = page.locator("thead th").all_inner_texts()
    assert heads[1:] == NAMES
    label = page.locator("tbody tr").nth(1).locator("td").nth(2)
    share = percent(counts[1, 2] / counts[1].sum())
    pictures = f"{counts[1, 2]} picture{'s' * int(counts[1, 2] != 1)}"
    wanted = f"dog, taken for cow: {pictures}, {share} of the {counts[1].sum()}"
    assert label.get_attribute("aria-label").startswith(wanted)


def test_small_counts_are_seen_beside_large_ones(browser):
    """By logarithm: one mistake among thousands is no white cell."""
    labels = np.zeros(3000, int)
    shares = np.tile([0.9, 0.1], (3000, 1))
    shares[7] = [0.1, 0.9]
    with watched(
        browser, MistakeBrowser(np.ones((3000, 2, 2)), labels, shares)
    ) as page:
        colours = page.locator("tbody td").evaluate_all(
            "cells => cells.map((cell) => getComputedStyle(cell).backgroundColor)"
        )
    many, one = (list(map(int, c[4:-1].split(","))) for c in colours[:2])
    assert 255 - min(one) > 10
    assert min(many) < min(one)


def test_random_moves(page, data):
    rng = np.random.default_rng(2)
    for _ in different_states(page):
        move = rng.integers(0, 9)
        tiles = page.evaluate(
            "document.querySelectorAll('.hc-tile:not([hidden])').length"
        )
        if move <= 2:
            tap(page, "tbody td", rng.random())
        elif move == 3:
            choose(page, "Order", str(rng.choice(ORDERS)))
        elif move == 4:
            tick(page, "only mistakes")
        elif move == 5:
            page_key = str(rng.choice(["PageUp", "PageDown"]))
            press(page, page_key, "tbody td[tabindex='0']")
        elif move <= 7 and tiles:
            push_tile = ".hc-tile:not([hidden]) button"
            tap(page, push_tile, rng.random())
        else:
            choose(
                page, "Show", str(rng.choice(["worst", "unsure", "commonest", "all"]))
            )
        assert_right(page, data)


def test_the_large_picture_is_the_chosen_one(page, data):
    images = data[0]
    for k in (0, 99, 150, 199):
        page.evaluate("k => model.set('chosen', k)", k)
        page.wait_for_function(
            "k => document.querySelector('.mb-chosen figcaption').textContent"
            ".startsWith(`Picture ${k}:`)",
            arg=k,
        )
        canvases = page.evaluate(
            "[...document.querySelectorAll('canvas')].indexOf("
            "document.querySelector('.mb-chosen canvas'))"
        )
        red = read(page, f"() => model.red({canvases})")
        np.testing.assert_array_equal(red, images[k])


def test_by_keyboard(page, data):
    cells = page.locator("tbody td")
    cells.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.cellIndex") == 3
    assert "dog, taken for cow" in page.locator(".hc-strip").inner_text()
    page.keyboard.press("Enter")
    assert trait(page, "cell") == [1, 2]
    page.keyboard.press("Enter")  # once more lets it go
    assert trait(page, "cell") == []
    first = page.locator(".hc-pick[tabindex='0']")
    first.focus()
    page.keyboard.press("ArrowRight")
    assert (
        trait(page, "chosen")
        == expected(data, {"cell": [], "only_mistakes": True, "order": "surest first"})[
            0
        ][1]
    )
    page.keyboard.press("PageDown")
    assert trait(page, "page") == 1
    page.keyboard.press("PageUp")
    assert trait(page, "page") == 0
    cells.nth(6).click()
    assert (trait(page, "cell"), trait(page, "only_mistakes")) == ([1, 1], False)
    page.keyboard.press("Escape")
    assert trait(page, "cell") == []
    assert_right(page, data)


def test_by_mouse(page, data):
    page.get_by_role("button", name="Page on").click()
    assert trait(page, "page") == 1
    page.get_by_role("button", name="Page back").click()
    page.locator(".hc-pick").nth(4).click()
    assert_right(page, data)
    menu(page, "Order").select_option("as they came")
    menu(page, "Show").select_option("commonest")
    assert trait(page, "cell") != []
    page.get_by_role("checkbox", name="only mistakes").uncheck()
    push(page, "All cells")
    assert trait(page, "cell") == []
    assert_right(page, data)


def test_it_follows_python(page, data):
    page.evaluate(
        "async () => { model.set('cell', [0, 0]); model.set('only_mistakes', false);"
        " model.set('order', 'as they came'); model.set('page', 99);"
        " await new Promise(requestAnimationFrame); }"
    )
    assert_right(page, data)
    page.evaluate(
        "async () => { model.set('only_mistakes', true);"
        " await new Promise(requestAnimationFrame); }"
    )
    assert "untick" in page.locator(".mb-pages").inner_text()
    assert_right(page, data)


@pytest.mark.parametrize("classes", [2, 20])
def test_no_mistakes_few_and_many_classes(browser, classes):
    labels = np.arange(60) % classes
    explorer = MistakeBrowser(np.ones((60, 3, 5)), labels, np.eye(classes)[labels])
    with watched(browser, explorer, width=360) as page:
        assert width_needed(page) <= 360
        assert "No mistake: all 60" in page.locator(".hc-strip").inner_text()
        assert "There is no mistake" in page.locator(".mb-pages").inner_text()
        assert menu(page, "Show").locator("option").count() == 4  # no commonest one
        tick(page, "only mistakes")
        assert page.locator(".hc-tile:visible").count() == PER_PAGE
        assert page.locator(".hc-bars li").count() == classes


def test_ten_thousand_are_listed_anew_at_once(browser):
    """Before the next frame; how long it takes, benchmarks/explorers.py measures."""
    data = some(10_000, sides=(28, 28))
    with watched(browser, MistakeBrowser(*data)) as page:
        tick(page, "only mistakes")
        first = page.evaluate("""async () => {
          const order = document.querySelectorAll("select")[1];
          const first = [];
          for (let k = 0; k < 6; k++) {
            order.selectedIndex = k % 3;
            order.dispatchEvent(new Event("change", { bubbles: true }));
            await Promise.resolve();
            first.push(document.querySelector(".hc-pick").getAttribute("aria-label"));
          }
          return first;
        }""")
        assert first[:3] == first[3:]
        assert len(set(first)) == 3
        assert "1 to 24 of 10000" in page.locator(".mb-pages").inner_text()
