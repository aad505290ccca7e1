// MistakeBrowser: what a network takes for what, and the pictures.

import { INPUT, OUTPUT } from "../parts/colours.js";
import { actions, bound, button, checkbox, menu, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { numberGrid, titled } from "../parts/grids.js";
import { group, layout, line } from "../parts/layout.js";
import { alike, clamp, counted, square, by } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { pickButton, picking } from "../parts/picking.js";
import { picture, signedColour } from "../parts/pictures.js";
import { ARROWS } from "../parts/pointing.js";
import { presetMenu } from "../parts/presets.js";
import { percent, probabilityBars } from "../parts/probabilities.js";
import { call, tuple, variable } from "../parts/saving.js";
import { each, listen, numbersFrom, share } from "../parts/state.js";
import { explorerKeys, keysLine } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { tile, tileRow } from "../parts/tiles.js";

const PER_PAGE = 24;
const ORDERS = ["surest first", "least sure first", "as they came"];
const SETTINGS = ["cell", "order", "only_mistakes"];
const DEEPEST = 0.8; // of the full colour: what the largest count has

// ------------------------------------------------------------------------ what is browsed

/** What Python sent: pictures, what they are, what they are taken for, how surely. */
export function browsed({ sides: [rows, columns], ...bytes }, names) {
  const boxes = numbersFrom(bytes.boxes, Uint8Array);
  const pixels = numbersFrom(bytes.pixels, Uint8Array);
  const labels = numbersFrom(bytes.labels, Uint8Array);
  const shares = numbersFrom(bytes.probabilities, Float32Array);
  const [count, classes] = [labels.length, names.length];
  const probabilities = (k) => [...shares.subarray(k * classes, (k + 1) * classes)];
  const starts = new Uint32Array(count);
  const guesses = new Uint8Array(count);
  const certainty = new Float64Array(count);
  for (let k = 0, at = 0; k < count; k++) {
    starts[k] = at;
    at += boxes[4 * k + 2] * boxes[4 * k + 3];
    const mine = probabilities(k);
    certainty[k] = Math.max(...mine);
    guesses[k] = mine.indexOf(certainty[k]);
  }
  return {
    ...{ rows, columns, count, names, labels, guesses, certainty, probabilities },
    /** A picture; the empty rims that were not sent are there again. */
    picture(k) {
      const made = array([rows, columns]);
      const [top, left, tall, wide] = boxes.subarray(4 * k, 4 * k + 4);
      for (let i = 0; i < tall; i++) {
        const from = starts[k] + i * wide;
        made.data.set(pixels.subarray(from, from + wide), (top + i) * columns + left);
      }
      return made;
    },
  };
}

/** Counts (true, taken for) of all pictures. */
export function matrixOf({ labels, guesses, names }) {
  const made = array([names.length, names.length]);
  labels.forEach((label, k) => made.data[label * names.length + guesses[k]]++);
  return made;
}

/** Numbers of the pictures that are shown, in their order. */
export function shownOf({ labels, guesses, certainty }, { cell, order, only_mistakes }) {
  const found = [];
  labels.forEach((label, k) => {
    const wrong = label !== guesses[k];
    const inside = !cell.length || (label === cell[0] && guesses[k] === cell[1]);
    if (inside && (wrong || !only_mistakes)) found.push(k);
  });
  const sign = { "surest first": -1, "least sure first": 1 }[order];
  return sign ? found.sort((a, b) => sign * (certainty[a] - certainty[b]) || a - b) : found;
}

/** The place of the largest count beside the diagonal; null where there is none. */
export function commonest({ shape: [classes], data }) {
  let [best, most] = [null, 0];
  data.forEach((count, k) => {
    const place = [Math.floor(k / classes), k % classes];
    if (place[0] !== place[1] && count > most) [best, most] = [place, count];
  });
  return best;
}

const rowOf = ({ shape: [classes], data }, row) => [...data.slice(row * classes, (row + 1) * classes)];
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** A cell in a sentence. */
export function cellText(matrix, names, [row, column]) {
  const of = rowOf(matrix, row);
  const all = sum(of);
  const given = { true: names[row], taken: names[column], n: counted(of[column], "picture") };
  if (!all) return t("No picture is {true}.", given);
  return t("{true}, taken for {taken}: {n}, {share} of the {all} that are {true}.", {
    ...given,
    share: percent(of[column] / all),
    all,
  });
}

/** All of the matrix in a sentence. */
export function allText(matrix) {
  const all = sum([...matrix.data]);
  const right = sum(matrix.data.filter((_, k) => k % (matrix.shape[1] + 1) === 0));
  if (right === all) return t("No mistake: all {all} are taken for what they are.", { all });
  return t("{wrong} of {all} are taken for something else: {share}.", {
    wrong: all - right,
    all: counted(all, "picture"),
    share: percent((all - right) / all),
  });
}

/** A picture in words. */
export const pictureText = ({ names, labels, guesses, certainty }, k) =>
  t("Picture {k}: {true}, taken for {taken}, {share}", {
    k,
    true: names[labels[k]],
    taken: names[guesses[k]],
    share: percent(certainty[k]),
  });

/** What is said where no picture is shown. */
const nothingText = ({ cell }) =>
  cell.length && cell[0] === cell[1]
    ? t("These are taken for what they are: untick “only mistakes” to see them.")
    : cell.length
      ? t("There is no such picture.")
      : t("There is no mistake: untick “only mistakes” to see all pictures.");

// --------------------------------------------------------------------------- the explorer

/** A confusion matrix whose cells are gone through by arrows: onPick(cell), onPoint(cell). */
function matrixGrid(matrix, names, { onPick, onPoint, onLeave }) {
  const most = Math.max(...matrix.data);
  const shade = (part) => signedColour((DEEPEST * Math.log1p(part * most)) / Math.log1p(most));
  const grid = numberGrid({
    label: t("Confusion matrix"),
    role: OUTPUT,
    editable: false,
    digits: 6,
    colour: shade,
    names: { corner: t("↓ →"), rows: names, columns: names },
    onPick: (place) => {
      rove(place);
      onPick(place);
    },
    onPoint,
    onLeave,
  });
  const empty = matrix.data.map((count) => count || NaN);
  grid.show(array(matrix.shape, empty), { most });
  grid.table.setAttribute("role", "grid");
  const boxAt = ([row, column]) => grid.table.tBodies[0].rows[row].cells[column + 1];
  let here = [0, 0]; // the one cell that Tab goes to
  function rove(place) {
    boxAt(here).tabIndex = -1;
    here = place;
    boxAt(here).tabIndex = 0;
  }
  names.forEach((_, row) =>
    names.forEach((_, column) => {
      const box = boxAt([row, column]);
      box.tabIndex = -1;
      box.setAttribute("aria-label", cellText(matrix, names, [row, column]));
      box.addEventListener("focus", () => {
        rove([row, column]);
        onPoint([row, column]);
      });
      box.addEventListener("blur", onLeave);
    }),
  );
  rove(here);
  grid.table.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = ARROWS[event.key];
    if (!step && !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    if (!step) return onPick(here);
    rove(here.map((n, axis) => clamp(n + step[axis], 0, names.length - 1)));
    boxAt(here).focus();
  });
  return {
    element: titled(t("What they are (rows), and what they are taken for (columns)"), grid).element,
    choose(cell) {
      grid.mark("current", cell.length ? [cell] : []);
      for (const one of grid.table.querySelectorAll("[aria-selected]")) one.removeAttribute("aria-selected");
      if (!cell.length) return;
      boxAt(cell).setAttribute("aria-selected", true);
      if (!grid.table.contains(document.activeElement)) rove(cell);
    },
  };
}

/** Pictures on a page that are clicked, or gone through by arrows: onPick(number). */
function pictureTiles(data, onPick) {
  let numbers = []; // of the pictures that stand there
  const tiles = Array.from({ length: Math.min(PER_PAGE, data.count) }, (_, place) => {
    const view = picture({ role: INPUT, framed: false });
    const pick = pickButton(view, () => onPick(numbers[place]));
    const certainty = make("span");
    return { ...tile({ views: [{ element: pick }], notes: [certainty] }), view, pick, certainty };
  });
  const row = tileRow(tiles, { columns: 12, least: "4.6em" });
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", t("Pictures"));
  const picks = picking(
    row,
    tiles.map(({ pick }) => pick),
    (place) => onPick(numbers[place]),
    () => numbers.length,
  );
  return {
    element: row,
    show(next) {
      numbers = next;
      tiles.forEach(({ element, caption, view, pick, certainty }, place) => {
        element.hidden = place >= numbers.length;
        if (element.hidden) return;
        const k = numbers[place];
        const given = { true: data.names[data.labels[k]], taken: data.names[data.guesses[k]] };
        caption(t("{true} → {taken}", given));
        view.paint(data.picture(k), { low: 0, high: 255 });
        const words = pictureText(data, k);
        view.describe(words);
        pick.setAttribute("aria-label", words);
        setText(certainty, percent(data.certainty[k]));
      });
    },
    choose: (k) => picks.choose(numbers.indexOf(k)),
  };
}

export default function render({ model, el }) {
  const data = browsed(model.get("_pictures"), model.get("_class_names"));
  const { names } = data;
  const matrix = matrixOf(data);
  const set = (changes) => share(model, changes);
  const settings = () => Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)]));
  const anew = (changes) => set({ ...changes, page: 0, chosen: -1 });
  let [of, shown] = [{}, []]; // the settings, and what is shown with them
  let pointed; // the cell under the pointer or the focus

  // ------------------------------------------------------------------------------ controls
  const worst = commonest(matrix);
  const mistakes = { cell: [], only_mistakes: true };
  const presets = presetMenu({
    label: t("Show"),
    presets: [
      { name: "worst", title: "all mistakes, the surest first", ...mistakes, order: ORDERS[0] },
      { name: "unsure", title: "all mistakes, the least sure first", ...mistakes, order: ORDERS[1] },
      ...(worst
        ? [{ name: "commonest", title: "the commonest mistake", ...mistakes, cell: worst, order: ORDERS[0] }]
        : []),
      { name: "all", title: "all pictures, the least sure first", ...mistakes, only_mistakes: false, order: ORDERS[1] },
    ],
    settingsOf: ({ cell, only_mistakes, order }) => ({ cell, only_mistakes, order }),
    onChoose: anew,
    own: t("your own choice"),
  });
  const order = bound(model, "order", menu, {
    label: t("Order"),
    options: ORDERS.map((name) => [name, t(name)]),
  });
  order.select.addEventListener("change", () => set({ page: 0, chosen: -1 }));
  const only = checkbox({
    label: t("only mistakes"),
    onChange: (only_mistakes) => anew({ only_mistakes }),
  });
  const everything = button(t("All cells"), () => anew({ cell: [] }));
  const grid = matrixGrid(matrix, names, {
    onPick(cell) {
      const same = alike(cell, model.get("cell"));
      const right = cell[0] === cell[1];
      anew({ cell: same ? [] : cell, ...(right && !same ? { only_mistakes: false } : {}) });
    },
    onPoint: (cell) => explain((pointed = cell)),
    onLeave: () => explain((pointed = undefined)),
  });
  const tiles = pictureTiles(data, (chosen) => set({ chosen }));
  const turn = (by) => {
    const next = clamp(pageNow() + by, 0, pages() - 1);
    if (next !== model.get("page")) set({ page: next, chosen: -1 });
  };
  const back = button("◀", () => turn(-1), { "aria-label": t("Page back") });
  const on = button("▶", () => turn(1), { "aria-label": t("Page on") });
  const where = line();
  const voice = spoken();

  // ---------------------------------------------------------------------------------- page
  const large = picture({ caption: "", role: INPUT, framed: false });
  const bars = probabilityBars();
  bars.build(names);
  const chosenBox = make("div", { class: "mb-chosen" }, large.element, bars.element);
  const said = line();
  const frame = layout("MistakeBrowser", {
    head: [presets.element],
    scene: [
      make("div", { class: "mb-matrix" }, grid.element),
      chosenBox,
      make("div", { class: "mb-pages" }, back, on, where),
      tiles.element,
    ],
    strip: [said],
    settings: [group(t("Pictures"), order.element, only.element, actions(everything))],
    foot: [
      keysLine(
        t("Above a picture: what it is → what it is taken for; below: how surely. Keys: arrows and Enter in the matrix, arrows among the pictures, Page Up and Page Down turn pages, Esc shows all cells."),
      ),
      voice.element,
    ],
    python: () => {
      const plain = names.every((name, k) => name === String(k));
      const { cell, ...rest } = settings();
      return call(model, {
        images: variable("images"),
        labels: variable("labels"),
        probabilities: variable("probabilities"),
        class_names: plain ? null : names,
        cell: cell.length ? tuple(...cell) : null,
        ...rest,
      });
    },
  });
  explorerKeys(frame.root, {
    PageUp: () => turn(-1),
    PageDown: () => turn(1),
    Escape: () => model.get("cell").length && anew({ cell: [] }),
  });

  const pages = () => Math.max(Math.ceil(shown.length / PER_PAGE), 1);
  const pageNow = () => Math.min(model.get("page"), pages() - 1);

  function explain() {
    const { cell } = of;
    const about = pointed ?? cell;
    setText(said, about.length ? cellText(matrix, names, about) : allText(matrix));
    return said.textContent;
  }

  function update() {
    const next = settings();
    if (!alike(next, of)) {
      of = next;
      shown = shownOf(data, of);
    }
    presets.show(of);
    order.follow();
    only.value = of.only_mistakes;
    grid.choose(of.cell);
    everything.disabled = !of.cell.length;
    const first = pageNow() * PER_PAGE;
    const numbers = shown.slice(first, first + PER_PAGE);
    tiles.element.hidden = !numbers.length;
    tiles.show(numbers);
    const range = { from: first + 1, to: first + numbers.length, all: shown.length };
    setText(where, numbers.length ? t("{from} to {to} of {all}", range) : nothingText(of));
    back.disabled = first === 0;
    on.disabled = pageNow() === pages() - 1;
    const chosen = model.get("chosen");
    showChosen(chosen < 0 ? numbers[0] : chosen);
    voice.say(`${explain()} ${where.textContent}`);
  }

  function showChosen(k) {
    tiles.choose(k);
    chosenBox.hidden = k === undefined || k >= data.count;
    if (chosenBox.hidden) return;
    const { rows, columns } = data;
    large.paint(data.picture(k), { low: 0, high: 255 });
    large.caption(pictureText(data, k));
    large.describe(t("{text}; {size} pixels", {
      text: pictureText(data, k),
      size: rows === columns ? square(rows) : by([rows, columns]),
    }));
    bars.show(data.probabilities(k), data.labels[k]);
  }

  el.append(frame.root);
  update();
  const stop = listen(model, each([...SETTINGS, "page", "chosen"], update));
  return () => {
    stop();
    voice.stop();
    frame.close();
  };
}
