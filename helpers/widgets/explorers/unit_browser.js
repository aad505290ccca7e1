// UnitBrowser: what excites the units of a network, layer by layer.

import { bestOf } from "../parts/arrays.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { bound, menu, messageLine, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { cutOut, decoded, filesIn } from "../parts/encoded.js";
import { layout, line } from "../parts/layout.js";
import { track } from "../parts/marks.js";
import { by, clamp, format } from "../parts/numbers.js";
import { pickButton, picking } from "../parts/picking.js";
import { picture } from "../parts/pictures.js";
import { ARROWS } from "../parts/pointing.js";
import { percent } from "../parts/probabilities.js";
import { call, variable } from "../parts/saving.js";
import { each, fromMessage, listen, share } from "../parts/state.js";
import { keysLine } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { tile, tileRow } from "../parts/tiles.js";

const TRAITS = ["layer", "unit", "order", "patch"];
const ORDERS = ["by number", "most selective first"];
const NUMBERS = ["units", "photos", "boxes", "strengths", "means", "low", "high", "selectivity", "dead", "inputs", "shares"];

// ------------------------------------------------------------------------- what is browsed

/** A layer as Python sent it; its numbers as arrays. Pictures come once they are decoded. */
export function layerFrom(message) {
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, fromMessage(message[name])]));
  const { patches, ascents, filters, ...rest } = message;
  return { ...rest, ...numbers, filters: fromMessage(filters) };
}

/** The row of a unit among those that are there; −1 where it is not. */
export const rowOf = ({ units }, unit) => units.data.indexOf(unit);

/** One row of an array (rows, …), or of its part `k`. */
export function rowIn({ shape: [, ...rest], data }, row) {
  const size = rest.reduce((a, b) => a * b, 1);
  return data.subarray(row * size, (row + 1) * size);
}

/** The column of an array (classes, units). */
export const columnIn = ({ shape: [rows, columns], data }, column) =>
  Array.from({ length: rows }, (_, k) => data[k * columns + column]);

/** The rows of a layer's units in an order; those without a selectivity come last. */
export function inOrder({ units, selectivity }, order) {
  const rows = [...units.data.keys()];
  if (order === "by number") return rows;
  const key = (row) => (Number.isNaN(selectivity.data[row]) ? -1 : selectivity.data[row]);
  return rows.sort((a, b) => key(b) - key(a) || a - b);
}

/** How many patches a unit has. */
export const patchesOf = ({ photos }, row) => rowIn(photos, row).filter((photo) => photo >= 0).length;

/** How many tiles stand side by side: about as wide as tall. */
export const acrossOf = (count) => Math.max(1, Math.ceil(Math.sqrt(1.4 * count)));

/** Pictures of one size in one, side by side, with a gap of a pixel. */
export function mosaic(pictures, across) {
  const [rows, columns] = pictures[0].shape;
  const [tall, wide] = [rows + 1, columns + 1];
  const sides = [Math.ceil(pictures.length / across) * tall - 1, across * wide - 1];
  const made = { shape: [...sides, 3], data: new Uint8Array(3 * sides[0] * sides[1]).fill(0xff) };
  pictures.forEach(({ data }, k) => {
    const [top, left] = [Math.floor(k / across) * tall, (k % across) * wide];
    for (let i = 0; i < rows; i++)
      made.data.set(data.subarray(3 * i * columns, 3 * (i + 1) * columns), 3 * ((top + i) * sides[1] + left));
  });
  return made;
}

/** What is known of a unit, in a sentence. */
export function unitText(layer, name, row, classes) {
  const given = { unit: layer.units.data[row], name, looks: by(layer.looks_at) };
  if (layer.dead.data[row]) return t("Unit {unit} of {name} is 0 everywhere, for all photos: a dead one.", given);
  const means = columnIn(layer.means, row);
  const best = bestOf(means);
  const index = layer.selectivity.data[row];
  if (Number.isNaN(index)) return t("Unit {unit} of {name} is silent for the photos of all classes.", given);
  const others = means.reduce((a, b) => a + b, 0) - means[best];
  return t(
    "Unit {unit} of {name} looks at {looks} pixels. It answers most to {best}: {most} on average, {rest} to the others; selectivity {index}.",
    {
      ...given,
      best: classes[best],
      most: format(means[best], 3),
      rest: format(others / (means.length - 1), 3),
      index: index.toFixed(2),
    },
  );
}

/** How strong a patch is, and who took its photo where that is known, in a sentence. */
export function patchText(layer, row, patch, credits = []) {
  const count = patchesOf(layer, row);
  if (!count) return t("No photo excites it anywhere more than elsewhere.");
  const k = Math.min(patch, count - 1);
  const credit = credits[rowIn(layer.photos, row)[k]];
  const given = { k, strength: format(rowIn(layer.strengths, row)[k], 3), credit };
  return credit
    ? t("Patch {k}: {strength} there. Photo: {credit}", given)
    : t("Patch {k}: {strength} there.", given);
}

// --------------------------------------------------------------------------- the explorer

/** All pictures of a sheet, (rows, columns, 3) each, as they stand there. */
async function tilesOf({ sides: [rows, columns], across, ...files }, count) {
  const [file] = filesIn(files);
  if (!file) return [];
  const sheet = await decoded(file);
  return Array.from({ length: count }, (_, k) =>
    cutOut(sheet, [Math.floor(k / across) * rows, (k % across) * columns, rows, columns]),
  );
}

/** A line for each of some names: a dot or a bar, a range if there is one, a number. */
function rowsOfMarks(label, marks) {
  const list = make("ul", { class: "ub-rows", "aria-label": label });
  return {
    element: list,
    /** entries: { name, from, to, low, high, text, best }, shares of the way. */
    show(entries) {
      list.replaceChildren(
        ...entries.map(({ name, from, to, low, high, text, best }) => {
          const drawn = track(...marks);
          drawn.element.setAttribute("aria-hidden", true);
          if (marks.includes("range")) drawn.place("range", low, high);
          drawn.place(marks.at(-1), from, to);
          return make("li", { class: best ? "ub-best" : "" }, make("b", {}, name), drawn.element, make("span", {}, text));
        }),
      );
    },
  };
}

const boxed = (caption, kind, ...children) => {
  const title = make("figcaption", {}, caption);
  const element = make("figure", { class: `ub-box ${kind}` }, title, ...children);
  return { element, caption: (text) => setText(title, text) };
};

/** All units side by side, gone through by arrows: show(pictures, words), choose(place), onPick(place). */
function unitsView(onPick) {
  let [count, across, sides, chosen] = [0, 1, [1, 1], 0];
  const view = picture({
    caption: "",
    role: OUTPUT,
    onPoint: () => {},
    onLeave: () => {},
    onPick: ([row, column]) => {
      const [line, place] = [Math.floor(row / (sides[0] + 1)), Math.floor(column / (sides[1] + 1))];
      const found = line * across + place;
      if (found < count) onPick(found);
    },
  });
  const stage = view.canvas.parentElement;
  view.element.classList.add("ub-units");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.addEventListener("keydown", (event) => {
    if (view.element.hidden || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = ARROWS[event.key];
    const to = step ? chosen + step[1] + step[0] * across : { Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onPick(clamp(to, 0, count - 1));
  });
  return {
    element: view.element,
    show(pictures, words) {
      [count, across, sides] = [pictures.length, acrossOf(pictures.length), pictures[0].shape];
      view.paint(mosaic(pictures, across));
      view.caption(words);
      view.describe(words);
      stage.setAttribute("aria-label", t("{words}. Arrow keys choose another.", { words }));
    },
    choose(place) {
      chosen = place;
      const [row, column] = [Math.floor(place / across), place % across];
      view.frame(row * (sides[0] + 1), column * (sides[1] + 1), ...sides.slice(0, 2));
    },
  };
}

export default function render({ model, el }) {
  const { classes, credits, layers: names } = model.get("_names");
  const messages = model.get("_layers");
  const layers = Object.fromEntries(names.map((name) => [name, layerFrom(messages[name])]));
  const perUnit = layers[names[0]].photos.shape[1];
  const set = (changes) => share(model, changes);
  const pictures = {}; // of each layer, once they are decoded
  let closed = false;
  let shownUnits = ""; // which of them stand side by side just now
  let heard = ""; // what is said, without addresses

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const layerMenu = menu({
    label: t("Layer"),
    options: names.map((name) => [name, titleOf(name)]),
    onChange: (layer) => set({ layer, unit: firstOf(layer), patch: 0 }),
  });
  const order = bound(model, "order", menu, {
    label: t("Order"),
    options: ORDERS.map((name) => [name, t(name)]),
  });
  const units = unitsView((place) => {
    const layer = layers[model.get("layer")];
    set({ unit: layer.units.data[inOrder(layer, model.get("order"))[place]], patch: 0 });
  });
  function titleOf(name) {
    const { total, maps } = layers[name];
    const given = { name, total, maps: by(maps) };
    return maps.every((side) => side === 1) ? t("{name}: {total} units", given) : t("{name}: {total} maps of {maps}", given);
  }
  function firstOf(name) {
    const layer = layers[name];
    return layer.units.data[inOrder(layer, model.get("order"))[0]];
  }

  // ---------------------------------------------------------------------------------- page
  const filter = picture({ caption: t("Its filter"), role: KERNEL, framed: false });
  const photo = picture({ caption: t("In the photo"), role: INPUT });
  const ascent = picture({ caption: t("By gradient ascent"), role: OUTPUT, framed: false });
  for (const smooth of [photo, ascent]) smooth.element.classList.add("ub-smooth");
  const tiles = Array.from({ length: perUnit }, (_, k) => {
    const view = picture({ role: INPUT, framed: false });
    const pick = pickButton(view, () => set({ patch: k }));
    const strength = make("span");
    return { ...tile({ views: [{ element: pick }], notes: [strength] }), view, pick, strength };
  });
  const row = tileRow(tiles, { columns: Math.min(perUnit, 8), least: "4.4em" });
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", t("Patches"));
  const picks = picking(
    row,
    tiles.map(({ pick }) => pick),
    (patch) => set({ patch }),
    () => patchesOf(layers[model.get("layer")], rowOf(layers[model.get("layer")], model.get("unit"))),
  );
  const patchBox = boxed(t("What excites it most, the strongest first"), "ub-patches", row);
  const classRows = rowsOfMarks(t("Activation by class"), ["range", "dot"]);
  const classBox = boxed(t("Its activation by class: mean, and the middle half of the photos"), "ub-classes", classRows.element);
  const inputRows = rowsOfMarks(t("Strongest inputs"), ["bar"]);
  const inputBox = boxed(t("What it listens to: maps with the largest weights"), "ub-inputs", inputRows.element);
  const [said, credit] = [line(), line()];
  const frame = layout("UnitBrowser", {
    head: [layerMenu.element, order.element],
    scene: [
      units.element,
      make("div", { class: "ub-chosen" }, filter.element, photo.element, ascent.element, classBox.element, inputBox.element, patchBox.element),
    ],
    strip: [said, credit, message.element],
    foot: [keysLine(t("Keys: arrows, Home and End among the units; arrows among the patches.")), voice.element],
    python: () => {
      const { layer, unit, ...rest } = now();
      return call(model, {
        portraits: model.get("_names").shipped ?? variable("portraits"),
        layer: layer === names[0] ? null : layer,
        unit: unit === firstOf(layer) ? null : unit,
        ...rest,
      });
    },
  });
  const now = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

  // -------------------------------------------------------------------------------- drawing
  function update() {
    const state = now();
    const layer = layers[state.layer];
    const at = layer ? rowOf(layer, state.unit) : -1;
    if (at < 0) return; // more comes
    layerMenu.value = state.layer;
    order.follow();
    setText(said, unitText(layer, state.layer, at, classes));
    setText(credit, patchText(layer, at, state.patch, credits));
    heard = `${said.textContent} ${patchText(layer, at, state.patch)}`;
    showClasses(layer, at);
    showInputs(layer, at);
    const found = pictures[state.layer];
    frame.root.setAttribute("aria-busy", !found);
    if (found) showPictures(state, layer, at, found);
    else for (const { element } of views) element.hidden = true;
  }

  function follow() {
    update();
    voice.say(heard);
  }

  function showClasses(layer, at) {
    const [means, low, high] = ["means", "low", "high"].map((name) => columnIn(layer[name], at));
    const most = Math.max(...high, ...means) || 1;
    const best = Math.max(...means);
    classRows.show(
      classes.map((name, k) => ({
        name: t("{name}", { name }),
        ...{ from: means[k] / most, to: means[k] / most, low: low[k] / most, high: high[k] / most },
        text: format(means[k], 3),
        best: best > 0 && means[k] === best,
      })),
    );
  }

  function showInputs(layer, at) {
    inputBox.element.hidden = !layer.inputs.data.length;
    if (inputBox.element.hidden) return;
    const [numbers, shares] = [rowIn(layer.inputs, at), rowIn(layer.shares, at)];
    const most = Math.max(...shares) || 1;
    inputRows.show(
      Array.from(numbers, (map, k) => ({
        name: t("map {map}", { map }),
        ...{ from: 0, to: shares[k] / most },
        text: percent(shares[k]),
      })),
    );
  }

  function showPictures({ layer: name, order: how, patch }, layer, at, { patches, ascents, filters, photos }) {
    const rows = inOrder(layer, how);
    units.element.hidden = !(filters.length || patches.length); // a sheet may be broken
    if (!units.element.hidden && shownUnits !== `${name} ${how}`) {
      shownUnits = `${name} ${how}`;
      const icons = rows.map((row) => filters[row] ?? patches[row * perUnit]);
      const given = { n: rows.length, total: layer.total, name };
      const whole = rows.length === layer.total;
      const words = whole ? t("All {n} units of {name}", given) : t("{n} of the {total} units of {name}", given);
      units.show(icons, filters.length ? t("{words}, as their filters", { words }) : t("{words}, as their best patches", { words }));
    }
    units.choose(rows.indexOf(at));
    filter.element.hidden = !filters.length;
    if (filters.length) filter.paint(filters[at]);
    filter.describe(t("The filter, enlarged: gray is 0"));
    ascent.element.hidden = !ascents.length;
    if (ascents.length) ascent.paint(ascents[at]);
    ascent.describe(t("A picture that excites the unit, made by gradient ascent"));
    const count = patchesOf(layer, at);
    const chosen = Math.min(patch, count - 1);
    patchBox.element.hidden = !(count && patches.length);
    photo.element.hidden = !(count && photos.length);
    tiles.forEach(({ element, view, pick, strength }, k) => {
      element.hidden = k >= count || patchBox.element.hidden;
      if (element.hidden) return;
      view.paint(patches[at * perUnit + k]);
      const words = t("Patch {k} of unit {unit}", { k, unit: layer.units.data[at] });
      view.describe(words);
      pick.setAttribute("aria-label", words);
      setText(strength, format(rowIn(layer.strengths, at)[k], 3));
    });
    picks.choose(chosen);
    if (!photo.element.hidden) showPhoto(layer, at, chosen, photos);
  }

  function showPhoto(layer, at, patch, photos) {
    const found = photos[rowIn(layer.photos, at)[patch]];
    const [rows, columns] = found.shape;
    const [top, left, tall, wide] = rowIn(layer.boxes, at).subarray(4 * patch, 4 * patch + 4);
    photo.paint(found);
    photo.frame(top * rows, left * columns, tall * rows, wide * columns);
    photo.describe(t("The photo, with the patch framed"));
  }

  /** The pictures of a sheet; none where it cannot be read, which is said, or is not needed any more. */
  async function readable(sheet, count) {
    if (closed) return [];
    try {
      return await tilesOf(sheet, count);
    } catch {
      if (!closed) message.say(t("Some of the pictures cannot be read here."));
      return [];
    }
  }

  /** Decode layer by layer, the one that is shown before all others. */
  async function decodeAll(thumbnails) {
    const photos = await readable(thumbnails, credits.length);
    const waiting = new Set(names);
    while (waiting.size && !closed) {
      const shown = model.get("layer");
      const name = waiting.has(shown) ? shown : [...waiting][0];
      waiting.delete(name);
      const { units: numbers, filters } = layers[name];
      const n = numbers.data.length;
      const found = {
        photos,
        patches: await readable(messages[name].patches, n * perUnit),
        ascents: await readable(messages[name].ascents, n),
        filters: Array.from({ length: filters.shape[0] }, (_, k) => ({
          shape: filters.shape.slice(1),
          data: Uint8Array.from(rowIn(filters, k)),
        })),
      };
      if (closed) return;
      pictures[name] = found;
      if (name === model.get("layer")) update();
    }
  }

  el.append(frame.root);
  const views = [units, filter, photo, ascent, patchBox]; // hidden until their pictures are there
  update();
  decodeAll(model.get("_thumbnails"));
  const stop = listen(model, each(TRAITS, follow));
  return () => {
    closed = true;
    stop();
    voice.stop();
    frame.close();
  };
}
