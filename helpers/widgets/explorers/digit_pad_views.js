// DigitPad: what the network sees, what it answers, where covering hurts.

import { INPUT } from "../parts/colours.js";
import { make } from "../parts/elements.js";
import { clamp, square } from "../parts/numbers.js";
import { picture } from "../parts/pictures.js";
import { ARROWS } from "../parts/pointing.js";
import { probabilityBars } from "../parts/probabilities.js";
import { SIDE, squareOf } from "../parts/seen.js";
import { t } from "../parts/texts.js";

const INK = 0.5; // of 255: less is none
const MIDDLE = [14, 14];

/** The rows and columns [first, end) that hold ink, and its centre of mass; null if empty. */
export function inkOf({ shape: [rows, columns], data }) {
  const [rowEnds, columnEnds] = [[rows, 0], [columns, 0]];
  const moment = [0, 0];
  let mass = 0;
  for (let row = 0, k = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, k++) {
      mass += data[k];
      moment[0] += row * data[k];
      moment[1] += column * data[k];
      if (data[k] < INK) continue;
      rowEnds[0] = Math.min(rowEnds[0], row);
      rowEnds[1] = row + 1;
      columnEnds[0] = Math.min(columnEnds[0], column);
      columnEnds[1] = Math.max(columnEnds[1], column + 1);
    }
  if (rowEnds[1] === 0) return null;
  return { box: [rowEnds, columnEnds], centre: moment.map((sum) => sum / mass) };
}

/** That in words. */
export const inkText = (ink) =>
  ink
    ? t(
        "Ink: rows {top} to {bottom}, columns {left} to {right}; " +
          "its centre of mass at row {row}, column {column}.",
        {
          top: ink.box[0][0],
          bottom: ink.box[0][1] - 1,
          left: ink.box[1][0],
          right: ink.box[1][1] - 1,
          row: ink.centre[0].toFixed(1),
          column: ink.centre[1].toFixed(1),
        },
      )
    : t("There is no ink.");

const percents = ([rows, columns]) => ({
  top: `${(100 * rows[0]) / SIDE}%`,
  height: `${(100 * (rows[1] - rows[0])) / SIDE}%`,
  left: `${(100 * columns[0]) / SIDE}%`,
  width: `${(100 * (columns[1] - columns[0])) / SIDE}%`,
});

/**
 * The picture as the network sees it: the part that a unit depends on framed, box and centre
 * of mass on wish, a square of it covered by click or keys, onCover(place), or [] for none.
 */
export function seenView(onCover) {
  let now = []; // where it is covered
  const view = picture({
    caption: t("As the network sees it"),
    role: INPUT,
    onPoint: () => {},
    onLeave: () => {},
    onPick: (place) => onCover(place.join() === now.join() ? [] : place),
  });
  const stage = view.canvas.parentElement;
  const [box, centre, hidden] = ["dp-box", "dp-centre", "dp-cover"].map((name) =>
    make("div", { class: name, hidden: true }),
  );
  stage.append(box, centre, hidden);
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
    const by = ARROWS[event.key];
    if (!by && !(now.length && ["Delete", "Escape"].includes(event.key))) return undefined;
    event.preventDefault();
    if (!by) return onCover([]);
    const next = now.map((n, axis) => clamp(n + by[axis], 0, SIDE - 1));
    return onCover(next.length ? next : MIDDLE);
  });
  return {
    element: view.element,
    show({ picture: image, marks, covered, patch, ink }) {
      now = covered;
      view.paint(image, { low: 0, high: 255 });
      view.describe(inkText(ink));
      box.hidden = centre.hidden = !marks || !ink;
      if (!box.hidden) {
        Object.assign(box.style, percents(ink.box));
        const [top, left] = ink.centre.map((n) => `${(100 * (n + 0.5)) / SIDE}%`);
        Object.assign(centre.style, { top, left });
      }
      hidden.hidden = !covered.length;
      if (covered.length) Object.assign(hidden.style, percents(squareOf(covered, patch)));
      stage.setAttribute(
        "aria-label",
        t(
          "The picture as the network sees it, {size}. {ink} " +
            "Arrow keys cover a square of it, Delete uncovers it.",
          { size: square(SIDE), ink: inkText(ink) },
        ),
      );
    },
    frame([rows, columns]) {
      view.frame(rows[0], columns[0], rows[1] - rows[0], columns[1] - columns[0]);
    },
  };
}

/** The probability of each class, under a title. */
export function answerView() {
  const bars = probabilityBars();
  const title = make("figcaption", {}, t("Probabilities"));
  const element = make("figure", { class: "dp-answers" }, title, bars.element);
  return { ...bars, element };
}
