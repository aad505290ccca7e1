"""parts/grids.js keeps its cells from one size to the next; it must not show."""

import pytest
from lab_browser import closing
from stage import load

# One grid goes through many states; beside it, each state is shown by a new grid.
WANDER = """({ editable, times, seed }) => {
  const random = () => {  // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (n) => Math.floor(random() * n);
  const options = {
    label: "numbers", role: "red", editable, onInput: () => {}, onRefuse: () => {} };
  const shown = ({ table }) => [
    table.style.cssText,
    ...[...table.rows].flatMap((row) => ["row", ...[...row.cells].map((cell) => {
      const input = cell.querySelector("input");
      return [
        [...cell.classList].sort().join(" "), cell.style.backgroundColor,
        (input ?? cell).style.color, input?.value ?? cell.textContent,
        input?.getAttribute("aria-label"), input?.getAttribute("aria-invalid"),
      ].join("|");
    })]),
  ].join("\\n");
  const kept = grids.numberGrid(options);
  document.body.replaceChildren(kept.element);
  for (let time = 0; time < times; time++) {
    const shape = [1 + whole(6), 1 + whole(6)];
    const pads = [[whole(3), whole(3)], [whole(3), whole(3)]];
    const sizes = shape.map((n, axis) => n + pads[axis][0] + pads[axis][1]);
    const padded = { shape: sizes, data: Float64Array.from(
      { length: sizes[0] * sizes[1] },
      () => (random() < 0.1 ? NaN : Math.round(20 * random() - 10))) };
    const inner = [];
    for (let i = 0; i < shape[0]; i++)
      for (let j = 0; j < shape[1]; j++)
        inner.push(padded.data[(i + pads[0][0]) * sizes[1] + j + pads[1][0]]);
    const next = { shape, data: Float64Array.from(inner) };
    const fresh = grids.numberGrid(options);
    for (const grid of [fresh, kept]) {
      grid.show(next, { pads, padded });
      const rest = time % 4;
      grid.mark("window", rest ? grids.places(rest - 2, 0, 2, 2) : []);
      grid.mark("unused", rest === 3 ? [[0, shape[1] - 1]] : []);
    }
    if (shown(fresh) !== shown(kept)) return `${shown(fresh)}\\n---\\n${shown(kept)}`;
    const inputs = [...kept.table.querySelectorAll("input")];
    if (!inputs.length) continue;
    const input = inputs[whole(inputs.length)];
    if (random() < 0.3) input.focus();
    if (random() < 0.5) {
      input.value = ["x", "7", ""][whole(3)];
      input.dispatchEvent(new Event("input"));
      if (input.value === "7" && kept.value.data[inputs.indexOf(input)] !== 7)
        return "a number went to another cell";
    }
    document.activeElement.blur();
  }
  return "";
}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/grids.js")
        yield page


@pytest.mark.parametrize("editable", [True, False])
def test_a_grid_that_was_used_shows_what_a_new_one_shows(page, editable):
    settings = {"editable": editable, "times": 1500, "seed": 3}
    assert page.evaluate(WANDER, settings) == ""
