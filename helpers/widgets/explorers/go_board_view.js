// GoBoard: the board, drawn in lines and stones; a cursor that goes over it by keyboard.

import { make, svg } from "../parts/elements.js";
import { BLACK, nameOf, pointOf } from "../parts/go.js";
import { clamp } from "../parts/numbers.js";
import { ARROWS } from "../parts/pointing.js";
import { t } from "../parts/texts.js";

const CELL = 20; // units of the drawing from line to line
const RIM = 24; // around the outermost lines, with letters and numbers

let boards = 0; // on this page, so that each point has a name of its own

/** The points that boards mark, on those of usual sizes. */
function starsOf(size) {
  if (size < 7 || size % 2 === 0) return [];
  const near = size < 13 ? 2 : 3;
  const lines = size < 13 ? [near, size - 1 - near] : [near, (size - 1) / 2, size - 1 - near];
  return lines.flatMap((row) => lines.map((column) => [row, column]));
}

/** Set an attribute where it is another one. */
function put(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Lines, stars, letters and numbers. */
function ground(size) {
  const end = (size - 1) * CELL;
  const ways = Array.from({ length: size }, (_, n) => {
    const at = n * CELL;
    return `M0 ${at}H${end}M${at} 0V${end}`;
  });
  const letter = (x, y, text) => {
    const made = svg("text", { x, y, class: "gb-letter" });
    made.textContent = text;
    return made;
  };
  const names = Array.from({ length: size }, (_, n) => {
    const [name, at] = [nameOf(n * size + n, size), n * CELL];
    return [letter(at, end + RIM - 7, name[0]), letter(7 - RIM, at, name.slice(1))];
  });
  const whole = size * CELL + 2 * (RIM - CELL / 2);
  return svg(
    "g",
    { "aria-hidden": "true" },
    svg("rect", { x: -RIM, y: -RIM, width: whole, height: whole, class: "gb-wood" }),
    svg("path", { d: ways.join(""), class: "gb-lines" }),
    ...starsOf(size).map(([row, column]) =>
      svg("circle", { cx: column * CELL, cy: row * CELL, r: 2.4, class: "gb-star" }),
    ),
    ...names.flat(),
  );
}

/** One point: its heat, its stone, a number on it. */
function pointMark(place, size, id) {
  const [y, x] = pointOf(place, size).map((n) => n * CELL);
  const heat = svg("rect", {
    x: x - CELL / 2 + 1, y: y - CELL / 2 + 1, width: CELL - 2, height: CELL - 2,
    class: "gb-heat", opacity: 0,
  });
  const stone = svg("circle", { cx: x, cy: y, r: CELL * 0.46, class: "gb-none" });
  const number = svg("text", { x, y, class: "gb-number" });
  const element = svg("g", { role: "gridcell", id }, heat, stone, number);
  return { element, heat, stone, number };
}

/**
 * A board of a size: show({ board, heat, numbers, last, next, field, nameOfPoint }) draws a
 * position: heat from 0 to 1 of each place or null; numbers, a text by place; the last move,
 * and the one that comes next; the places [first, end) of rows and columns that a unit sees,
 * or null; and what each point is called for who cannot see it. onPlay(place) comes with a
 * click or Enter, onPoint(place) where pointer or cursor go, −1 where they leave.
 */
export function boardView(size, { onPlay, onPoint }) {
  const number = ++boards;
  const whole = size * CELL + 2 * (RIM - CELL / 2);
  const idOf = (place) => `gb-${number}-${place}`;
  const points = Array.from({ length: size * size }, (_, place) =>
    pointMark(place, size, idOf(place)),
  );
  const rows = Array.from({ length: size }, (_, row) =>
    svg("g", { role: "row" }, ...points.slice(row * size, (row + 1) * size).map((one) => one.element)),
  );
  const taken = svg("path", { class: "gb-taken", d: "" });
  const last = svg("circle", { r: CELL * 0.2, class: "gb-last" });
  const next = svg("circle", { r: CELL * 0.38, class: "gb-next" });
  const field = svg("rect", { class: "gb-field" });
  const cursor = svg("rect", { width: CELL, height: CELL, class: "gb-cursor" });
  const marks = svg("g", { "aria-hidden": "true" }, taken, last, next, field, cursor);
  const drawing = svg(
    "svg",
    {
      viewBox: `${-RIM} ${-RIM} ${whole} ${whole}`,
      role: "grid",
      tabindex: 0,
      "aria-label": t("Go board, {size} × {size}. Arrow keys move the cursor, Enter plays.", { size }),
    },
    ground(size),
    ...rows,
    marks,
  );
  const element = make("div", { class: "gb-board" }, drawing);
  const hide = (mark, hidden) => mark.toggleAttribute("hidden", hidden);
  let at = Math.floor((size * size) / 2); // the cursor, in the middle at first
  let hasFocus = false;

  function moveCursor(to) {
    at = to;
    const [row, column] = pointOf(at, size);
    put(cursor, "x", (column - 0.5) * CELL);
    put(cursor, "y", (row - 0.5) * CELL);
    drawing.setAttribute("aria-activedescendant", idOf(at));
  }
  /** Which place the pointer is over; beside the lines, the nearest. */
  function under({ clientX, clientY }) {
    const box = drawing.getBoundingClientRect();
    const along = (offset, side) => {
      const unit = (offset / side) * whole - RIM;
      return clamp(Math.round(unit / CELL), 0, size - 1);
    };
    const [row, column] = [along(clientY - box.top, box.height), along(clientX - box.left, box.width)];
    return row * size + column;
  }
  drawing.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = ARROWS[event.key];
    if (!by && event.key !== "Enter") return;
    event.preventDefault();
    if (!by) return onPlay(at);
    const [row, column] = pointOf(at, size).map((n, axis) => clamp(n + by[axis], 0, size - 1));
    moveCursor(row * size + column);
    return onPoint(at);
  });
  drawing.addEventListener("focus", () => {
    hasFocus = true;
    hide(cursor, !drawing.matches(":focus-visible"));
    onPoint(at);
  });
  drawing.addEventListener("blur", () => {
    hasFocus = false;
    hide(cursor, true);
    onPoint(-1);
  });
  drawing.addEventListener("pointermove", (event) => onPoint(under(event)));
  drawing.addEventListener("pointerleave", () => onPoint(hasFocus ? at : -1));
  drawing.addEventListener("click", (event) => {
    moveCursor(under(event));
    onPlay(at);
  });
  hide(cursor, true);
  moveCursor(at);

  /** Put a mark on a place, or away. */
  function putOn(mark, place) {
    hide(mark, place < 0);
    if (place < 0) return;
    const [row, column] = pointOf(place, size);
    put(mark, "cx", column * CELL);
    put(mark, "cy", row * CELL);
  }
  return {
    element,
    drawing,
    /** What is said of the point under the cursor. */
    name(place, text) {
      put(points[place].element, "aria-label", text);
    },
    show({ board, heat, numbers, last: lastPlace, next: nextPlace, field: seen, nameOfPoint }) {
      points.forEach((point, place) => {
        const stone = board.stones[place];
        put(point.heat, "opacity", heat ? heat[place].toFixed(3) : 0);
        put(point.stone, "class", stone ? (stone === BLACK ? "gb-black" : "gb-white") : "gb-none");
        const text = numbers.get(place) ?? "";
        if (point.number.textContent !== text) point.number.textContent = text;
        put(point.number, "class", `gb-number${stone ? (stone === BLACK ? " gb-on-black" : " gb-on-white") : ""}`);
        put(point.element, "aria-label", nameOfPoint(place));
      });
      const size_ = CELL * 0.22;
      const crosses = board.captured.map((place) => {
        const [y, x] = pointOf(place, size).map((n) => n * CELL);
        const [left, right, up, down] = [x - size_, x + size_, y - size_, y + size_];
        return `M${left} ${up}L${right} ${down}M${left} ${down}L${right} ${up}`;
      });
      put(taken, "d", crosses.join(""));
      const isNumbered = numbers.has(lastPlace);
      putOn(last, isNumbered ? -1 : lastPlace);
      put(last, "class", `gb-last ${board.stones[lastPlace] === BLACK ? "gb-on-black" : "gb-on-white"}`);
      putOn(next, nextPlace);
      hide(field, !seen);
      if (!seen) return;
      const [[top, bottom], [left, right]] = seen;
      put(field, "x", (left - 0.5) * CELL);
      put(field, "y", (top - 0.5) * CELL);
      put(field, "width", (right - left) * CELL);
      put(field, "height", (bottom - top) * CELL);
    },
  };
}
