"""Hands and eyes for the tests of explorers: move a control, read the page."""

import contextlib
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from weakref import WeakSet

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from lab_browser import closed_by_failure
from playwright.sync_api import Browser, Locator, Page
from stage import PATIENCE, mount, read

from helpers.colours import SIGNED
from helpers.widgets.parts.base import Explorer

# An explorer that learns says so until it is done.
RESTS = "!document.querySelector('[data-running=true], [aria-busy=true]')"
STATES = 300  # different ones, at random, that every explorer is tried in
MOVES = 1000  # after which nothing may be left behind


# A page that was emptied for the next explorer: a new one takes three times as long.
_waiting: list[Page] = []
_worn: WeakSet[Page] = WeakSet()


def wear_out(page: Page) -> None:
    """Say that the page got what emptying it does not undo."""
    _worn.add(page)


@contextlib.contextmanager
def watched(
    browser: Browser,
    explorer: Explorer,
    *,
    width: int = 900,
    dark: bool = False,
    new: bool = False,
    bytes_as: str = "DataView",
    kernel: bool = False,
) -> Iterator[Page]:
    """Show an explorer alone on an empty page; fail if a script on the page did.

    With ``new`` nothing was on the page before, nor where it has a kernel; ``bytes_as``
    and ``kernel`` are `mount`'s.
    """
    new = new or kernel
    page = _waiting.pop() if _waiting and not new else browser.new_page()
    with closed_by_failure(page):
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme="dark" if dark else "light")
        mount(page, explorer, bytes_as=bytes_as, kernel=kernel)
        yield page
        assert [str(error) for error in page.page_errors()] == []
        if new or page in _worn or _waiting:
            page.close()
        else:
            _empty(page)
            _waiting.append(page)


def _empty(page: Page) -> None:
    page.mouse.move(-10, -10)
    page.goto("about:blank")
    page.context.clear_permissions()
    page.clear_page_errors()
    page.clear_console_messages()


def different_states(page: Page) -> Iterator[int]:
    """Count moves until the explorer was read in `STATES` different states."""
    missing, move = STATES, 0
    while move < 20 * STATES:
        for _ in range(missing):  # as many moves it takes at the least
            yield move
            move += 1
        missing = STATES - page.evaluate("model.states()")
        if missing <= 0:
            return
    raise AssertionError(f"After {move} moves {missing} different states are missing.")


def trait(page: Page, name: str):
    """A trait as the page has it."""
    return page.evaluate("name => model.get(name)", name)


def array(page: Page, name: str) -> np.ndarray:
    """An array trait as the page has it."""
    return read(page, f"() => model.array({json.dumps(name)})")


def number(text: str) -> float:
    """The number that is written there; the page writes a real minus."""
    return float(text.strip(" .").replace("−", "-"))


def number_after(text: str, mark: str) -> float:
    """The number that follows a word in a line of the explorer."""
    found = re.search(mark + r" (−?\d+(\.\d+)?(e[+−]?\d+)?)", text)
    return number(found[1])


GRIDS = """() => {
  const read = (text) => text === "" ? null : Number(text.replace("−", "-"));
  const tables = document.querySelectorAll("table.hc-grid[aria-label]:has(td)");
  return [...tables].map((table) => {
    const cells = [...table.querySelectorAll("td")];
    const inner = cells.filter((cell) => !cell.classList.contains("hc-padding"));
    const [top, left] = inner.length
      ? [inner[0].parentElement.rowIndex, inner[0].cellIndex] : [0, 0];
    const marks = {};
    for (const cell of cells)
      for (const name of cell.classList)
        if (name.startsWith("hc-is-"))
          (marks[name.slice(6)] ??= []).push(
            [cell.parentElement.rowIndex - top, cell.cellIndex - left]);
    return {
      label: table.getAttribute("aria-label"),
      corner: [top, left],
      rows: [...table.rows].map((row) => [...row.cells].map((cell) =>
        read(cell.querySelector("input")?.value ?? cell.textContent))),
      inside: [...table.rows].map((row) => [...row.cells].map((cell) =>
        !cell.classList.contains("hc-padding"))),
      marks,
    };
  });
}"""


class Grid:
    """What one grid of numbers shows.

    Attributes
    ----------
    padded : ndarray
        All numbers, padding included; NaN where a cell is empty.
    numbers : ndarray
        The numbers without the padding.
    corner : tuple of int
        Rows of padding above, columns of padding on the left.
    marks : dict
        Name of a mark to the set of (row, column) that have it.
    """

    def __init__(self, seen: dict):
        self.padded = np.array(seen["rows"], float)  # None becomes NaN
        inside = np.array(seen["inside"])
        rows, columns = inside.any(axis=1), inside.any(axis=0)
        self.numbers = self.padded[np.ix_(rows, columns)]
        self.corner = tuple(seen["corner"])
        self.marks = {
            name: {tuple(place) for place in found}
            for name, found in seen["marks"].items()
        }


def named(grids: list[dict]) -> dict[str, Grid]:
    """The grids that `GRIDS` found, by their names."""
    return {seen["label"]: Grid(seen) for seen in grids}


def grids(page: Page) -> dict[str, Grid]:
    """The grids on the page by their names, read in one go."""
    return named(read(page, GRIDS))


def read_with_grids(page: Page, script: str) -> tuple[dict, dict[str, Grid]]:
    """What a function on the page returns, and the grids, all in one go."""
    seen, found = read(page, f"() => [({script})(), ({GRIDS})()]")
    return seen, named(found)


def painted(page: Page, canvas: int) -> np.ndarray:
    """The red of every pixel of a canvas, counted from the first on the page."""
    return read(page, f"() => model.red({canvas})") * 1.0


def menu(page: Page, label: str) -> Locator:
    """The menu of that name."""
    return page.get_by_role("combobox", name=label, exact=True)


def slider(page: Page, label: str) -> Locator:
    """The slider whose name begins with the label."""
    return page.get_by_role("slider", name=re.compile(f"^{label}"))


# What follows is done by a script, as one trip to the page: the keyboard and the mouse
# themselves take five to ten. So it is for what is done hundreds of times; each control
# is also tried by hand, with Playwright's fill, click, press and select_option.
FIND = """
  const seen = (selector, fits = () => true) =>
    [...document.querySelectorAll(selector)].filter((element) =>
      element.checkVisibility() && fits(element));
  const usable = (found, name) => {
    if (found.length !== 1) throw new Error(`${found.length} have the name “${name}”`);
    if (found[0].disabled) throw new Error(`“${name}” is disabled`);
    return found[0];
  };
  /** One of many, by the share of them that comes before it. */
  const among = (selector, share) => {
    const found = seen(selector);
    return usable(found.slice(share * found.length).slice(0, 1), selector);
  };
  const label = (control) => control.labels[0]?.firstChild.textContent;
  const send = (element, ...names) => {
    for (const name of names) element.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const press = (key) => {
    for (const name of ["keydown", "keyup"])
      document.activeElement.dispatchEvent(
        new KeyboardEvent(name, { key, bubbles: true, cancelable: true }));
  };
"""


def _act(page: Page, script: str, *arguments: object) -> None:
    page.evaluate(f"(given) => {{ {FIND} ({script})(...given); }}", arguments)


def slide(page: Page, label: str, value: float) -> None:
    """Drag the one slider whose name begins with the label to a value."""
    script = """(name, value) => {
      const fits = (input) => label(input)?.startsWith(name);
      const slider = usable(seen("input[type=range]", fits), name);
      slider.value = value;
      send(slider, "input");
    }"""
    _act(page, script, label, value)


def slide_to(page: Page, label: str, share: float) -> None:
    """Drag a slider to a share of its way, between 0 and 1."""
    script = """(name, share) => {
      const fits = (input) => label(input)?.startsWith(name);
      const slider = usable(seen("input[type=range]", fits), name);
      slider.value = Number(slider.min) + share * (slider.max - slider.min);
      send(slider, "input");
    }"""
    _act(page, script, label, share)


def choose(page: Page, label: str, value: str) -> None:
    """Choose an entry of the menu of that name."""
    script = """(name, value) => {
      const menu = usable(seen("select", (select) => label(select) === name), name);
      usable([...menu.options].filter((option) => option.value === value), value);
      menu.value = value;
      send(menu, "input", "change");
    }"""
    _act(page, script, label, value)


def enter(
    page: Page, fields: str, share: float, text: str, *, stay: bool = False
) -> None:
    """Type a text into one of the fields, the one at a share of them, and leave it."""
    script = """(fields, share, text, stay) => {
      const field = among(fields, share);
      field.focus();
      field.value = text;
      send(field, "input");
      if (stay) return;
      send(field, "change");
      field.blur();
    }"""
    _act(page, script, fields, share, text, stay)


def press(page: Page, key: str, elements: str | None = None, share: float = 0) -> None:
    """Press a key where the focus is, or on the element at a share of some."""
    script = """(key, elements, share) => {
      if (elements) among(elements, share).focus();
      press(key);
    }"""
    _act(page, script, key, elements, share)


def push(page: Page, name: str) -> None:
    """Click on the button of that name."""
    script = """(name) => {
      const fits = (button) =>
        (button.getAttribute("aria-label") ?? button.textContent) === name;
      const button = usable(seen("button", fits), name);
      button.focus();
      button.click();
    }"""
    _act(page, script, name)


def tick(page: Page, label: str) -> None:
    """Click on the box whose name begins with the label."""
    script = """(name) => {
      const fits = (box) => box.labels[0].textContent.startsWith(name);
      usable(seen("input[type=checkbox]", fits), name).click();
    }"""
    _act(page, script, label)


def tap(
    page: Page,
    elements: str,
    share: float,
    *,
    place: tuple[float, float] = (0.5, 0.5),
    key: str | None = None,
) -> None:
    """Click on one of them, at a share of its height and width.

    Then a key is pressed, if one is given, and the pointer is taken away.
    """
    script = """(elements, share, [down, across], key) => {
      const element = among(elements, share);
      const box = element.getBoundingClientRect();
      const point = (target, names, bubbles = true) => {
        const clientX = box.left + across * box.width;
        const clientY = box.top + down * box.height;
        const how = { clientX, clientY, bubbles, cancelable: true, detail: 1 };
        for (const name of names)
          target.dispatchEvent(new PointerEvent(name, how));
      };
      point(element, ["pointerover", "pointermove", "pointerdown"]);
      element.closest("input, select, button, [tabindex]").focus();
      point(element, ["pointerup", "click"]);
      if (key) press(key);
      point(element, ["pointerout"]);
      for (let one = element; one; one = one.parentElement)
        point(one, ["pointerleave"], false);
    }"""
    _act(page, script, elements, share, place, key)


def choose_padding(page: Page, padding: int | str, label: str) -> None:
    """Choose a kind of padding, or a count on the slider of that label."""
    kind = padding if isinstance(padding, str) else "count"
    choose(page, "Padding", kind)
    if kind == "count" and slider(page, label).is_visible():
        slide(page, label, padding)


def lose_the_kernel(page: Page) -> None:
    """From now on nobody takes what the page wants to tell Python."""
    page.evaluate(
        "() => { model.save_changes = () => { throw new Error('Kernel is dead') } }"
    )


# The explorer once more, on the same page.
AGAIN = """async () => {
  unmount();
  const url = URL.createObjectURL(
    new Blob([model.get("_esm")], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  window.unmount = await widget.render({ model, el: document.querySelector("main") });
}"""
HELD_BACK = """() => {
  unmount(); // or what it still decodes is held back, too
  window.unmount = () => {};
  const decode = createImageBitmap;
  window.held = [];
  window.createImageBitmap = (...given) => new Promise((done, failed) =>
    held.push(() => decode(...given).then(done, failed)));
}"""


def hold_pictures_back(page: Page) -> None:
    """Show the explorer again; its files are decoded when `decode` says so.

    The page must be a new one.
    """
    page.evaluate(HELD_BACK)
    page.evaluate(AGAIN)


def silent_at_first(page: Page) -> Locator:
    """Show an explorer anew, and return what is read out: nothing so far."""
    page.evaluate(AGAIN)
    page.wait_for_function(RESTS)
    spoken = page.locator("[aria-live]")
    page.clock.run_for(2000)
    assert spoken.text_content() == ""
    return spoken


def decode(page: Page, count: int) -> None:
    """Let so many files be decoded, each as soon as the explorer wants it."""
    for _ in range(count):
        page.wait_for_function("held.length")
        page.evaluate("held.shift()()")


def width_needed(page: Page) -> int:
    """How wide the page is, what sticks out included, in pixels."""
    return page.evaluate("document.documentElement.scrollWidth")


_STANDS = """async (name) => {
  const sliders = [...document.querySelectorAll("input[type=range]")];
  const moved = sliders.find(({ labels }) => labels[0].textContent.startsWith(name));
  const [min, max, step] = ["min", "max", "step"].map((which) => Number(moved[which]));
  const found = new Set();
  const by = step * Math.ceil((max - min) / step / 30);
  for (let value = min; value <= max; value += by) {
    moved.value = value;
    moved.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const { left, top, width } = moved.getBoundingClientRect();
    found.add([left, top, width].map((n) => n.toFixed(1)).join(" "));
  }
  return [...found];
}"""


def stands(page: Page, name: str) -> list[str]:
    """Where a slider stands on the page, and how wide, while it goes everywhere."""
    return page.evaluate(_STANDS, name)


def red_of(values: np.ndarray) -> np.ndarray:
    """The red of numbers from −1 to 1 on the signed scale's 511 steps."""
    stops = [int(colour[1:3], 16) for colour in SIGNED]
    steps = np.clip(np.floor((values + 1) * 255 + 0.5), 0, 510) / 255 - 1
    return np.floor(np.interp(steps, np.linspace(-1, 1, len(stops)), stops) + 0.5)


def grave(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html'][:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


# window.toCome holds the timeouts that are still to come.
COUNT_TIMEOUTS = """() => {
  const [set, clear] = [setTimeout, clearTimeout];
  window.toCome = new Set();
  window.setTimeout = (act, ...rest) => {
    const id = set(() => { toCome.delete(id); act(); }, ...rest);
    toCome.add(id);
    return id;
  };
  window.clearTimeout = (id) => { toCome.delete(id); clear(id); };
}"""


def left_behind(page: Page, moves: str) -> dict[str, float]:
    """What a script leaves behind, after garbage collection.

    ``moves`` is the body of a JavaScript function ``move(k)``. It is called a hundred
    times to warm up, then `MOVES` times, each in a task of its own.

    Returns
    -------
    dict
        ``bytes`` of the page's heap, DOM ``nodes`` and event ``listeners`` that are
        there afterwards and were not before, in the better of two rounds: a leak grows
        in both, a table that was not collected yet in one.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate(COUNT_TIMEOUTS)

    def run(times: int) -> None:
        page.evaluate(
            f"""async (times) => {{
              const move = (k) => {{ {moves} }};
              for (let k = 0; k < times; k++) {{
                move(k);
                if (k % 20 === 0) await new Promise((done) => setTimeout(done));
              }}
            }}""",
            times,
        )
        page.wait_for_function(RESTS)
        page.wait_for_function("toCome.size === 0")  # what is spoken late

    def now() -> dict[str, float]:
        counted = []
        while len(set(counted[-3:])) != 1 or len(counted) < 3:  # until no more is found
            session.send("HeapProfiler.collectGarbage")
            metrics = session.send("Performance.getMetrics")
            page_has = {entry["name"]: entry["value"] for entry in metrics["metrics"]}
            counted.append(page_has["Nodes"])
            assert len(counted) < 100, "Collecting garbage never comes to an end."
        heap = session.send("Runtime.getHeapUsage")
        return {
            "bytes": heap["usedSize"] + heap["backingStorageSize"],
            "nodes": page_has["Nodes"],
            "listeners": page_has["JSEventListeners"],
        }

    run(100)
    readings = [now()]
    for _ in range(2):
        run(MOVES)
        readings.append(now())
    first, second = (
        {name: after[name] - before[name] for name in before}
        for before, after in pairwise(readings)
    )
    return {name: min(first[name], second[name]) for name in first}


def can_be_chosen_again(page: Page, name: str, title: str, change, shows_it) -> None:
    """Choose an example, change something, and choose it again: all is as it was.

    ``change(page)`` changes one setting that the example has; ``shows_it()`` checks
    that the page shows all of the example.
    """
    examples = menu(page, "Example")
    shown = "menu => menu.selectedOptions[0].text"
    for again in (False, True):
        if again:
            change(page)
            assert examples.input_value() == "custom"
            assert examples.evaluate(shown) == f"changed: {title}"
        examples.select_option(name)
        shows_it()
        assert examples.input_value() == name
        assert examples.evaluate(shown) == title


# Drag a slider from end to end; where it stands on the page each time.
DRAGGED = """async (name) => {
  const slider = [...document.querySelectorAll("input[type=range]")]
    .find(({ labels: [label] }) => label.textContent.startsWith(name));
  const tops = [];
  for (let value = Number(slider.min); value <= slider.max; value++) {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await null; // what listens to the model
    tops.push(slider.getBoundingClientRect().top);
  }
  return tops;
}"""


def moves_under_the_hand(page: Page, label: str) -> float:
    """By how many pixels a slider moves on the page while it is dragged."""
    tops = page.evaluate(DRAGGED, label)
    return max(tops) - min(tops)
