"""What holds for every explorer in JupyterLab: its keys stay in it, its cell fits.

JupyterLab has one-letter shortcuts: x cuts the cell, a and b add one, m makes it text.
No key that is pressed inside an explorer may reach the notebook around it.
"""

import pytest
from explorers_given import IMPORTS, made
from playwright.sync_api import expect

from helpers import widgets

NAMES = list(widgets.__all__)
WITH_A_SUMMARY = {
    "ActivationGallery",
    "CureLab",
    "DescentRace",
    "DropoutViewer",
    "GoBoard",
    "KernelLearning",
    "ShiftTest",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
KEYS = [
    *LETTERS,
    *LETTERS.upper(),  # with Shift
    *"0123456789",
    *("Enter", "Shift+Enter", "Control+Enter", "Alt+Enter", "Delete", "Backspace"),
    *("d", "d", "0", "0", "i", "i"),  # twice: delete the cell, restart, interrupt
    *("ArrowUp", "ArrowDown", "Shift+ArrowUp", "Shift+ArrowDown", "Control+Shift+-"),
    *("Home", "End", "PageUp", "PageDown", " ", "Shift+ ", "Escape"),
]
THE_BROWSERS = ["Tab", "Shift+Tab", "Control+c", "Control+f", "Control+a", "F5"]

# What the notebook is: its cells, which one is selected, which ones ran; open dialogs.
NOTEBOOK = """() => JSON.stringify([
  document.querySelector(".jp-Notebook").classList.contains("jp-mod-editMode"),
  document.querySelectorAll(".jp-Dialog").length,
  [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map((cell) => [
    [...cell.classList].filter((name) => /^jp-(mod|.*Cell$)/.test(name)).sort(),
    cell.querySelector(".jp-InputArea-prompt").textContent,
    cell.querySelector(".cm-content")?.textContent,
    cell.querySelectorAll(".hc").length,
  ]),
])"""
WALK = """async ([index, keys, browsers]) => {
  const root = document.querySelectorAll(".hc")[index];
  for (const details of root.querySelectorAll("details")) details.open = true;
  await new Promise(requestAnimationFrame);
  const press = (target, name) => {
    const parts = name.split(/[+](?=.)/);
    const key = parts.pop();
    const shiftKey = parts.includes("Shift") || /^[A-Z]$/.test(key);
    const code = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}`
      : /^[0-9]$/.test(key) ? `Digit${key}`
      : { " ": "Space", "-": "Minus" }[key] ?? key;
    const numbers = { Enter: 13, Delete: 46, Backspace: 8, Tab: 9, Escape: 27, " ": 32,
      PageUp: 33, PageDown: 34, End: 35, Home: 36, ArrowUp: 38, ArrowDown: 40, "-": 189,
      F5: 116 };
    const keyCode = numbers[key] ?? key.toUpperCase().charCodeAt(0);
    const told = { key, code, keyCode, shiftKey, bubbles: true, cancelable: true,
      ctrlKey: parts.includes("Control"), altKey: parts.includes("Alt") };
    const stays = target.dispatchEvent(new KeyboardEvent("keydown", told));
    target.dispatchEvent(new KeyboardEvent("keyup", told));
    return stays;
  };
  const walked = {};
  const taken = [];
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (!element.isConnected || !element.checkVisibility()) continue;
    element.focus({ preventScroll: true });
    if (document.activeElement !== element) continue;
    const kind = element.tagName.toLowerCase();
    walked[kind] = (walked[kind] ?? 0) + 1;
    for (const key of browsers) if (!press(element, key)) taken.push(`${kind} ${key}`);
    for (const key of keys) {
      element.focus({ preventScroll: true });
      press(element.isConnected ? element : document.activeElement, key);
    }
  }
  await new Promise(requestAnimationFrame);
  return { walked, taken };
}"""


@pytest.fixture(scope="module")
def notebook(browser, lab):
    """A notebook with every explorer, in cells 1, 2, …"""
    cells = [IMPORTS, *map(made, NAMES)]
    with lab.open(browser, lab.write("keys.ipynb", *cells)) as notebook:
        notebook.run_all()
        expect(notebook.page.locator(".hc")).to_have_count(len(NAMES))
        yield notebook
        assert notebook.errors() == []


def seen(notebook):
    return notebook.page.evaluate(NOTEBOOK)


def enter(notebook, index):
    """Click into an explorer, beside its controls."""
    explorer = notebook.page.locator(".hc").nth(index)
    explorer.scroll_into_view_if_needed()
    explorer.click(position={"x": 2, "y": 2})
    assert explorer.evaluate("root => root === document.activeElement")


@pytest.mark.parametrize("name", NAMES)
def test_every_key_on_everything_that_can_have_the_focus(notebook, name):
    enter(notebook, NAMES.index(name))
    before = seen(notebook)
    walk = [NAMES.index(name), KEYS, THE_BROWSERS]
    said = notebook.page.evaluate(WALK, walk)
    assert seen(notebook) == before
    assert said["taken"] == []  # what the browser does with its keys it still does
    assert {"div", "button"} <= set(said["walked"])
    assert ("select" in said["walked"]) == (name != "TrainingCurves")
    assert ("summary" in said["walked"]) == (name in WITH_A_SUMMARY)


# The first of each kind of element that can have the focus, in all explorers together.
KINDS = """() => {
  const kinds = new Map();
  for (const element of document.querySelectorAll(".hc, .hc *")) {
    if (!element.checkVisibility()) continue;
    element.focus({ preventScroll: true });
    if (document.activeElement !== element) continue;
    const { tagName, type, className } = element;
    const kind = [tagName, type ?? "", element.getAttribute("role"), String(className)];
    if (!kinds.has(kind.join())) kinds.set(kind.join(), element);
  }
  return [...kinds.values()];
}"""


def test_real_keys_on_every_kind_of_element(notebook):
    """The keyboard's own, not events that a script makes."""
    page = notebook.page
    kinds = page.evaluate_handle(KINDS)
    count = kinds.evaluate("kinds => kinds.length")
    assert count > 10
    for index in range(count):
        kinds.evaluate("(kinds, index) => kinds[index].focus()", index)
        before = seen(notebook)
        for key in [*LETTERS, *"1239", "Enter", "Shift+Enter", "Delete", "d", "d"]:
            page.keyboard.press(key)
        assert seen(notebook) == before


def test_those_keys_do_reach_the_notebook_from_elsewhere(notebook):
    """So the tests above can fail: a b pressed beside an explorer adds a cell."""
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    cells.first.locator(".jp-InputArea-prompt").click()
    notebook.page.keyboard.press("b")
    expect(cells).to_have_count(before + 1)
    notebook.page.keyboard.press("d")
    notebook.page.keyboard.press("d")
    expect(cells).to_have_count(before)


# By how many pixels what is in an output of the notebook is taller or wider than the
# output: then it has a scroll bar, and takes the first turn of the wheel for itself.
STICKS_OUT = """() => {
  const out = {};
  for (const root of document.querySelectorAll(".hc"))
    for (let e = root; !e.classList.contains("jp-Cell"); e = e.parentElement) {
      const excess = [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth];
      if (Math.max(...excess) > 0)
        (out[root.getAttribute("aria-label")] ??= []).push([e.className, ...excess]);
    }
  return out;
}"""


def choose_theme(page, theme):
    bar = page.locator(".lm-MenuBar")
    bar.get_by_text("Settings", exact=True).click()
    menu = page.locator(".lm-Menu")
    menu.get_by_text("Theme", exact=True).click()
    menu.get_by_text(f"JupyterLab {theme}", exact=True).click()
    chosen = page.locator(f"body[data-jp-theme-name='JupyterLab {theme}']")
    chosen.wait_for(state="attached")


@pytest.mark.parametrize("theme", ["Dark", "Light"])
@pytest.mark.parametrize("width", [1100, 360])
def test_nothing_sticks_out_of_its_cell(notebook, width, theme):
    page, before = notebook.page, notebook.page.viewport_size
    choose_theme(page, theme)
    page.set_viewport_size({**before, "width": width})
    large = page.get_by_role("button", name="Large").all()
    for _ in ("usual", "large"):
        assert page.evaluate(STICKS_OUT) == {}
        for button in large:
            button.click()
    page.set_viewport_size(before)
