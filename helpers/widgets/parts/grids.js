// Grids of numbers: typed into or computed, with padding around them and marked cells.

import { make, setText } from "./elements.js";
import { counted, format, LARGEST, noNumber, parse } from "./numbers.js";
import { readableOn, signedColour } from "./pictures.js";
import { t } from "./texts.js";
import { array, pair } from "./ops.js";

const NO_PADDING = [[0, 0], [0, 0]];

/**
 * A grid of numbers, coloured by value. Places are [row, column]; padding has places
 * outside the array, such as [−1, 0].
 *
 * Where it is editable, ↑ and ↓ change a cell by `step` (with Shift by 1), Tab goes to the
 * next, and a text that is no number is refused in place: onInput(array) comes with every
 * change, onSelect(index) with every move to a cell, onRefuse(sentence) with a bad text,
 * onRefuse("") when it is mended.
 *
 * onPoint(place), onPick(place) and onLeave() say where the pointer is, or the focus in a cell
 * that is typed into. `colour` makes [red, green, blue] of a value's share of the full one.
 * `names` are { corner, rows, columns }: headings of the lines, where there is no padding.
 */
export function numberGrid({
  label,
  role,
  editable = true,
  step = 0.1,
  digits = 4,
  colour = signedColour,
  onInput,
  onSelect = () => {},
  onRefuse,
  onPoint,
  onPick,
  onLeave,
  names,
}) {
  const body = make("tbody");
  const table = make("table", { class: "hc-grid", "aria-label": label }, body);
  if (names) table.prepend(headOf(names));
  if (editable) table.setAttribute("role", "group");
  table.style.setProperty("--role", role);
  let current = { shape: [0, 0], data: new Float64Array() };
  let sides = NO_PADDING;
  let cells = []; // of array and padding, in reading order: { box, input, index, text … }
  let inputs = []; // the cells that can be typed into, in reading order
  const made = new Map(); // every cell and row there ever was: most fit the next shape too
  const marked = new Map();

  const columns = () => sides[1][0] + current.shape[1] + sides[1][1];
  function cellAt([row, column]) {
    const [i, j] = [row + sides[0][0], column + sides[1][0]];
    return j >= 0 && j < columns() ? cells[i * columns() + j] : undefined;
  }

  // ---------------------------------------------------------------------------- writing
  const keep = (key, makeIt) => {
    if (!made.has(key)) made.set(key, makeIt());
    return made.get(key);
  };
  /** Make these the children; those that stay are not moved, so none loses the focus. */
  function arrange(parent, children) {
    const wanted = new Set(children);
    for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
    children.forEach((child, k) => {
      if (parent.children[k] !== child) parent.insertBefore(child, parent.children[k] ?? null);
    });
  }

  function build() {
    const [rows, inner] = current.shape;
    const [[top, bottom], [left]] = sides;
    const wide = columns();
    for (const name of marked.keys()) mark(name, []);
    cells = [];
    inputs = [];
    table.style.setProperty("--hc-columns", wide);
    table.style.setProperty("--cell", wide > 12 ? "2.2em" : wide > 5 ? "2.8em" : "3.6em");
    const lines = [];
    for (let i = -top; i < rows + bottom; i++) {
      const line = [];
      for (let j = -left; j < wide - left; j++) {
        const inside = i >= 0 && i < rows && j >= 0 && j < inner;
        const cell = keep(`${i} ${j} ${inside}`, () => makeCell(inside, i, j));
        cells.push(cell);
        line.push(cell.box);
        if (!cell.input) continue;
        cell.index = inputs.length;
        inputs.push(cell);
      }
      lines.push(keep(i, () => make("tr")));
      if (names) line.unshift(keep(`name ${i}`, () => heading("row", names.rows[i])));
      arrange(lines.at(-1), line);
    }
    arrange(body, lines);
  }

  function makeCell(inside, row, column) {
    const box = make("td", { class: inside ? "hc-number" : "hc-number hc-padding" });
    const cell = { box };
    if (!inside || !editable) return cell;
    cell.input = make("input", {
      type: "text",
      inputmode: "decimal",
      autocomplete: "off",
      "aria-label": t("{label}, row {row}, column {column}", {
        label,
        row: row + 1,
        column: column + 1,
      }),
      oninput: () => typed(cell.index),
      onkeydown: (event) => keyed(event, cell.index),
      onfocus: () => {
        cell.input.select();
        onSelect(cell.index);
        onPoint?.([row, column]);
      },
      onblur: (event) => {
        if (inputs[cell.index] !== cell) return; // it left because the grid was rebuilt
        if (cell.refused) onRefuse("");
        cell.refused = false;
        write(cell, current.data[cell.index]);
        if (!table.contains(event.relatedTarget)) onLeave?.();
      },
    });
    box.className = "";
    box.append(cell.input);
    return cell;
  }

  function write(cell, value) {
    const text = Number.isNaN(value) ? "" : format(value, digits);
    if (cell.input) {
      if (cell.input.value !== text) cell.input.value = text;
      cell.input.removeAttribute("aria-invalid");
    } else if (cell.text !== text) {
      cell.text = text;
      cell.box.textContent = text;
    }
  }

  function shade(cell, value, most) {
    const painted = Number.isNaN(value) ? "" : colour(value / most).join(" ");
    if (cell.colour === painted) return;
    cell.colour = painted;
    cell.box.style.backgroundColor = painted && `rgb(${painted})`;
    const ink = painted && readableOn(painted.split(" ").map(Number));
    if (cell.ink === ink) return;
    cell.ink = ink;
    (cell.input ?? cell.box).style.color = ink;
  }

  const largest = (data) => data.reduce((most, v) => Math.max(most, Math.abs(v) || 0), 0) || 1;

  /**
   * Show an array; NaN is an empty cell. `padded` is the array with its padding, whose
   * rows and columns `pads` counts: [[top, bottom], [left, right]]. `most` is the value of
   * full colour.
   */
  function show(next, { pads = NO_PADDING, padded = next, most = largest(next.data) } = {}) {
    const rebuilt =
      next.shape.join() !== current.shape.join() || pads.join() !== sides.join();
    current = next;
    sides = pads;
    if (rebuilt) build();
    for (let k = 0; k < cells.length; k++) {
      const { input } = cells[k];
      const value = padded.data[k];
      const typing = input && input === document.activeElement;
      if (!typing || parse(input.value) !== value) write(cells[k], value);
      shade(cells[k], value, most);
    }
  }

  // ----------------------------------------------------------------------------- typing
  function change(index, value) {
    const data = Float64Array.from(current.data);
    data[index] = value;
    current = { shape: current.shape, data };
    onInput(current); // which shows it, and what follows from it
  }

  function typed(index) {
    const { input } = inputs[index];
    const value = parse(input.value);
    if (Number.isNaN(value)) {
      input.setAttribute("aria-invalid", "true");
      inputs[index].refused = true;
      onRefuse(noNumber(input.value, current.data[index]));
      return;
    }
    input.removeAttribute("aria-invalid");
    onRefuse("");
    change(index, value);
  }

  function keyed(event, index) {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Enter") inputs[(index + 1) % inputs.length].input.focus();
    if (!direction) return;
    event.preventDefault();
    const next = current.data[index] + direction * (event.shiftKey ? 1 : step);
    if (Math.abs(next) > LARGEST) {
      inputs[index].refused = true;
      onRefuse(
        t("Numbers go up to a million; {number} stays.", {
          number: format(current.data[index]),
        }),
      );
      return;
    }
    change(index, Number(next.toFixed(10)));
    write(inputs[index], current.data[index]);
    onRefuse("");
  }

  // --------------------------------------------------------------------------- pointing
  const placeOf = (box) => [
    box.parentElement.sectionRowIndex - sides[0][0],
    box.cellIndex - (names ? 1 : 0) - sides[1][0],
  ];
  let over; // the box under the pointer: a cell is entered once, not again at its input
  table.addEventListener("pointerover", ({ target }) => {
    const box = target.closest("td");
    if (box && box !== over) onPoint?.(placeOf(box));
    over = box;
  });
  table.addEventListener("click", ({ target }) => {
    const box = target.closest("td");
    if (box) onPick?.(placeOf(box));
  });
  table.addEventListener("pointerleave", () => {
    over = undefined;
    const typing = document.activeElement?.closest?.("td");
    if (typing && table.contains(typing)) onPoint?.(placeOf(typing));
    else onLeave?.();
  });

  /** Mark these places and no others: "window", "current", "reached", "unused" … */
  function mark(name, places) {
    const before = marked.get(name) ?? new Set();
    const now = new Set(places.map((place) => cellAt(place)?.box).filter(Boolean));
    for (const box of before) if (!now.has(box)) box.classList.remove(`hc-is-${name}`);
    for (const box of now) if (!before.has(box)) box.classList.add(`hc-is-${name}`);
    marked.set(name, now);
  }

  return {
    element: make("div", { class: "hc-scroll" }, table),
    table,
    show,
    get value() {
      return current;
    },
    set value(next) {
      show(next);
    },
    mark,
  };
}

const heading = (scope, name) => make("th", { scope }, t("{name}", { name }));

/** The headings of a grid's columns, above them. */
const headOf = ({ corner, columns }) =>
  make("thead", {}, make("tr", {}, make("th", {}, corner), ...columns.map((name) => heading("col", name))));

/** Make a grid's columns wide enough for all of these numbers, now and later. */
export function widen(grid, { data }) {
  const letters = data.reduce((most, value) => Math.max(most, format(value).length), 1);
  const { style } = grid.table;
  if (style.getPropertyValue("--letters") !== String(letters))
    style.setProperty("--letters", letters);
}

/** A grid with a caption above and, if there is any, a note below. */
export function titled(title, grid, ...below) {
  const caption = make("figcaption", {}, title);
  return {
    element: make("figure", { class: "hc-titled" }, caption, grid.element, ...below),
    say: (text) => setText(caption, text),
  };
}

/** Every place of a window of height × width whose corner is (row, column). */
export function places(row, column, height, width, dilation = 1) {
  const [down, across] = pair(dilation);
  const all = [];
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) all.push([row + i * down, column + j * across]);
  return all;
}

/** Whether a place lies in an array of that shape or in its padding. */
export const within = (place, shape, pads) =>
  place.every((n, axis) => n >= -pads[axis][0] && n < shape[axis] + pads[axis][1]);

// ------------------------------------------------------------------ what windows leave out

/** Which of `n` lines are reached by `count` windows of `size` lines, `stride` apart. */
export function reachedLines(n, { count, size, stride, dilation = 1 }) {
  const lines = new Array(n).fill(false);
  for (let i = 0; i < count; i++)
    for (let t = 0; t < size; t++) lines[i * stride + t * dilation] = true;
  return lines;
}

/**
 * The places that no window reaches, and sentences that say so.
 *
 * `lines` are the rows and the columns of the padded input, true where they are reached;
 * `pads` is the padding: [[top, bottom], [left, right]].
 */
export function unreached(lines, pads) {
  const corner = pads.map(([before]) => -before);
  const missed = places(...corner, ...lines.map(({ length }) => length)).filter((place) =>
    place.some((n, axis) => !lines[axis][n - corner[axis]]),
  );
  const ends = lines.map((reached) => reached.lastIndexOf(true));
  const left = lines.map(({ length }, axis) => length - 1 - ends[axis]);
  const rim = [lastLines(left[0], "row"), lastLines(left[1], "column")].filter(Boolean);
  const gaps = lines.some((reached, axis) => reached.slice(0, ends[axis]).includes(false));
  return {
    places: missed,
    sentences: [
      rim.length &&
        (left[0] + left[1] > 1
          ? t("The size does not fit: {rim} (pale) are never reached.", { rim: both(rim) })
          : t("The size does not fit: {rim} (pale) is never reached.", { rim: both(rim) })),
      gaps && t("The pale cells in between are skipped: no window reaches them."),
    ].filter(Boolean),
  };
}

const both = ([first, second]) => (second ? t("{first} and {second}", { first, second }) : first);

/** "the last row", "the last 2 rows"; texts to look up as `counted` in numbers.js. */
const lastLines = (n, word) =>
  n && (n > 1 ? t("the last {lines}", { lines: counted(n, word) }) : t(`the last ${word}`));

/** What is said where padding cannot be the same on both sides. */
export const UNEVEN =
  "An odd number of cells is to be padded: the extra one goes to the bottom and the right.";

// ------------------------------------------------------------------- arrays for the grids

/** (rows, columns), (rows, columns, n) or (rows, columns, 1, n) as a list of n arrays. */
export function separate({ shape: [rows, columns, ...rest], data }) {
  const count = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: count }, (_, n) =>
    array([rows, columns], data.filter((_, k) => k % count === n)),
  );
}

/** A list of arrays (rows, columns) as one (rows, columns, n); a single one stays. */
export function together(arrays) {
  const [{ shape }] = arrays;
  if (arrays.length === 1) return arrays[0];
  const data = new Float64Array(arrays.length * arrays[0].data.length);
  arrays.forEach((single, n) =>
    single.data.forEach((value, k) => (data[k * arrays.length + n] = value)),
  );
  return { shape: [...shape, arrays.length], data };
}

/** What new cells of a larger image hold: the image, repeated. */
export const repeating =
  ({ shape: [rows, columns], data }) =>
  (i, j) =>
    data[(i % rows) * columns + (j % columns)];

/**
 * Numbers that remember what stood in the cells which a smaller size leaves out. They lie in
 * a square of `size`, from its first corner on, or `centred` in it; initial(row, column) is
 * what a cell holds that was never shown.
 */
export function memory(size, initial, { centred = false } = {}) {
  const start = ([rows, columns]) =>
    [rows, columns].map((n) => (centred ? Math.floor((size - n) / 2) : 0));
  const kept = array([size, size]);
  /** Forget what stood there. */
  const fill = (from) =>
    kept.data.forEach((_, k) => (kept.data[k] = from(Math.floor(k / size), k % size)));
  fill(initial);
  return {
    fill,
    keep({ shape, data }) {
      const [top, left] = start(shape);
      data.forEach((value, k) => {
        const [i, j] = [Math.floor(k / shape[1]), k % shape[1]];
        kept.data[(top + i) * size + left + j] = value;
      });
    },
    cut(shape) {
      const [top, left] = start(shape);
      const next = array(shape);
      next.data.forEach((_, k) => {
        const [i, j] = [Math.floor(k / shape[1]), k % shape[1]];
        next.data[k] = kept.data[(top + i) * size + left + j];
      });
      return next;
    },
  };
}
