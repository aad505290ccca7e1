// ReceptiveField: a stack of layers; point at a unit and see which pixels it depends on.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { codeLine, messageLine, slider, spoken } from "../parts/controls.js";
import { make } from "../parts/elements.js";
import { layerRows } from "../parts/layer_rows.js";
import { group, layout, line } from "../parts/layout.js";
import { alike, by, counted, held } from "../parts/numbers.js";
import { picture } from "../parts/pictures.js";
import { ARROWS } from "../parts/pointing.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, literal, tuple } from "../parts/saving.js";
import { listen, share, state } from "../parts/state.js";
import { explorerKeys, keysLine, player } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import {
  extent,
  isInside,
  litIn,
  middleOfTheTop,
  moved,
  nextUnit,
  pathsOf,
  placeOf,
  planesOf,
} from "./receptive_field_paths.js";
import { sideView } from "./receptive_field_side.js";

const PARTS = ["kernel", "stride", "dilation"];
const NEW_LAYER = [3, 1, 1];
const FAINTEST = 0.3; // how strong one path is painted beside a million
const MOST_LINES = 28; // units a side; of more, the lines between them would hide them
const LEVELS = { PageUp: 1, "+": 1, PageDown: -1, "-": -1, "−": -1 };

const square = (n) => by([n, n]);
const whole = (n) => n.toLocaleString("en");

// ------------------------------------------------------------------------------ sentences
// Settings are { layers, size, unit }; a layer is [kernel, stride, dilation], a unit
// [layer, row, column], where layer 0 is the input.

/** What a layer of these numbers is usually called. */
export function nameOf([kernel, stride, dilation]) {
  if (dilation > 1 && kernel > 1) return t("dilated convolution");
  if (kernel === stride && kernel > 1) return t("pooling");
  return stride > 1 ? t("strided layer") : t("convolution");
}

/** The term that a layer adds to the receptive field, written out. */
const termOf = ([kernel, , dilation], step) => `(${kernel}−1)·${dilation}·${step}`;

/** What follows from the numbers of a layer. */
export const noteOf = (layer, below, plane) =>
  t("{size}, step {step}, field {before} + {term} = {field}", {
    size: square(plane.n),
    step: plane.step,
    before: below.field,
    term: termOf(layer, below.step),
    field: plane.field,
  });

/** Why the layers do not fit on the input, or "". */
export function misfit({ layers, size }) {
  const planes = planesOf({ layers, size });
  const index = layers.findIndex((_, k) => planes[k + 1].n < 1);
  if (index < 0) return "";
  const [kernel, , dilation] = layers[index];
  return t(
    "Layer {number} does not fit: a kernel of {kernel} with dilation {dilation} reaches " +
      "over {units}, and the plane below it has {below}. Take a smaller kernel, dilation " +
      "or stride, or a larger input.",
    {
      number: index + 1,
      kernel,
      dilation,
      units: counted((kernel - 1) * dilation + 1, "unit"),
      below: square(planes[index].n),
    },
  );
}

/** The receptive field of the top layer, with its sum. */
export function formulaOf(layers, planes) {
  const { field, step } = planes.at(-1);
  const terms = layers.map((layer, index) => termOf(layer, planes[index].step));
  return t("Receptive field of the top layer: {sum} = {pixels} a side, in steps of {step}", {
    sum: ["1", ...terms].join(" + "),
    pixels: counted(field, "pixel"),
    step,
  });
}

/** Layers as Python takes them: a dilation of 1 need not be said. */
const tuplesOf = (layers) =>
  layers.map(([kernel, stride, dilation]) =>
    dilation > 1 ? tuple(kernel, stride, dilation) : tuple(kernel, stride),
  );

const several = (n) => (n === 1 ? t("1 path") : t("{n} paths", { n: whole(n) }));
const ranging = ({ fewest, most }) =>
  fewest === most
    ? several(most)
    : t("{fewest} to {most}", { fewest: whole(fewest), most: several(most) });

/** What a unit depends on, and in which units of the top it counts. */
export function explanation([layer, row, column], planes, paths) {
  const top = planes.length - 1;
  const above = litIn(paths, top);
  const counts = {
    row,
    column,
    lit: above.lit,
    units: counted(planes[top].n ** 2, "unit"),
    paths: ranging(above),
  };
  if (!layer)
    return above.lit
      ? t("Pixel [{row}, {column}] of the input counts in {lit} of the {units} of the top layer, in each by {paths}.", counts)
      : t("Pixel [{row}, {column}] of the input counts in none of the {units} of the top layer: their windows miss it.", counts);
  const { down, across, lit, ...range } = litIn(paths, 0);
  const { field } = planes[layer];
  const seen = {
    row,
    column,
    layer,
    field: square(field),
    rows: t("rows {first} to {last}", down),
    columns: t("columns {first} to {last}", across),
    lit,
    all: field ** 2,
    paths: ranging(range),
  };
  const depends =
    lit === field ** 2
      ? t("Unit [{row}, {column}] of layer {layer} depends on {field} pixels, {rows} and {columns}, all of them, on each by {paths}.", seen)
      : t("Unit [{row}, {column}] of layer {layer} depends on {field} pixels, {rows} and {columns}, but only on {lit} of these {all} (stride or dilation skips the others), on each by {paths}.", seen);
  if (layer === top) return depends;
  const also = above.lit
    ? t("It counts in {lit} of the {units} of the top layer, in each by {paths}.", counts)
    : t("It counts in none of the {units} of the top layer: their windows miss it.", counts);
  return `${depends} ${also}`;
}

/** How many paths there are between the unit that is held and another. */
export function pathsBetween([layer, row, column], paths) {
  const n = paths[0][layer][row] * paths[1][layer][column];
  const other = layer
    ? t("unit [{row}, {column}] of layer {layer}", { layer, row, column })
    : t("pixel [{row}, {column}] of the input", { row, column });
  if (!n) return t("There is no path between it and {other}.", { other });
  return n > 1
    ? t("There are {paths} between it and {other}.", { paths: several(n), other })
    : t("There is {paths} between it and {other}.", { paths: several(n), other });
}

/** Where the side view is cut. */
export const sideNote = ([layer, row]) =>
  layer
    ? t(
        "From the side, cut along row {row} of layer {layer}. Bars: the paths to each pixel " +
          "of the cut. In a plane, those of row and column multiply.",
        { row, layer },
      )
    : t("From the side, cut along row {row} of the input.", { row });

// ------------------------------------------------------------------------------ the planes

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const COLOURS = { below: channels(INPUT), chosen: channels(KERNEL), above: channels(OUTPUT) };

/** How strong so many paths are painted, from 0 to 1. */
const strength = (paths, most) => paths && FAINTEST + ((1 - FAINTEST) * paths) / most;

function ramp(hex) {
  const faint = `color-mix(in srgb, ${hex} ${100 * FAINTEST}%, transparent)`;
  return `linear-gradient(to right, ${faint}, ${hex})`;
}

/** What the colours of the planes mean. */
function legend() {
  const swatch = (background, text) =>
    make("span", { class: "rf-key" }, make("i", { style: `background: ${background}` }), text);
  return make(
    "p",
    { class: "hc-note rf-legend" },
    swatch(KERNEL, t("the unit")),
    swatch(ramp(INPUT), t("it depends on these")),
    swatch(ramp(OUTPUT), t("these depend on it")),
    t("the stronger, the more paths"),
  );
}

/** A plane of units, each painted as strongly as it has paths. */
function planeView(number, { onPoint, onPick, onLeave, onKey }) {
  const view = picture({ caption: "", role: number ? OUTPUT : INPUT, onPoint, onPick, onLeave });
  const stage = view.canvas.parentElement;
  const frame = stage.querySelector(".hc-frame");
  const context = view.canvas.getContext("2d");
  let pixels;
  stage.classList.add("rf-plane");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.addEventListener("keydown", onKey);

  return {
    element: view.element,
    stage,
    layout(plane) {
      for (const [name, value] of Object.entries({ ...placeOf(plane), units: plane.n }))
        stage.style.setProperty(`--${name}`, value);
      stage.classList.toggle("rf-ruled", plane.n <= MOST_LINES);
      const where = number ? t("layer {number}", { number }) : t("input");
      const size = square(plane.n);
      view.caption(`${where}: ${size}`);
      stage.setAttribute(
        "aria-label",
        t(
          "{where}, {size} units. Arrow keys move the unit, Page Up and Page Down change " +
            "the layer.",
          { where, size },
        ),
      );
      view.canvas.width = view.canvas.height = plane.n;
      pixels = context.createImageData(plane.n, plane.n);
    },
    /** Paint paths along the rows times paths along the columns. */
    show(rows, columns, [red, green, blue]) {
      const words = new Uint32Array(pixels.data.buffer);
      const [down, across] = [extent(rows), extent(columns)];
      const most = down.most * across.most;
      const opaque = (blue << 16) | (green << 8) | red;
      for (let i = 0, k = 0; i < rows.length; i++)
        for (let j = 0; j < columns.length; j++, k++)
          words[k] = (Math.round(255 * strength(rows[i] * columns[j], most)) << 24) | opaque;
      context.putImageData(pixels, 0, 0);
      const lit = down.lit * across.lit;
      const size = ({ first, last }) => last - first + 1;
      frame.hidden = !lit;
      if (lit) view.frame(down.first, across.first, size(down), size(across));
      view.describe(
        t("{lit} of {all} units have a path", { lit, all: rows.length * columns.length }),
      );
    },
  };
}

// ---------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const mostLayers = limits.layers[1];
  const read = () => ({
    layers: model.get("layers"),
    size: model.get("size"),
    unit: model.get("unit"), // what is followed while nobody points
  });
  let now = read(); // the settings on the screen
  let planes;
  let shown; // what is followed now
  let paths; // to and from it, in every plane, along the rows and along the columns
  let pinned = false; // a click holds the unit while the pointer goes elsewhere

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const examples = presetMenu({
    label: t("Layers"),
    presets: presetsOf(model),
    settingsOf: ({ size, layers }) => ({ size, layers }),
    onChoose: followTheTop,
  });
  const sizeSlider = slider({
    label: t("Input"),
    min: limits.size[0],
    max: limits.size[1],
    show: square,
    onInput: resize,
  });
  const rows = layerRows({
    head: [sizeSlider.element],
    parts: PARTS.map((part, key) => ({
      key,
      label: t(part),
      low: limits[part][0],
      high: limits[part][1],
      nameOf: (number) => t(`${part} of layer {number}`, { number }),
    })),
    counts: limits.layers,
    fresh: NEW_LAYER,
    tell: (layer, k) => ({
      name: `${k + 1} ${nameOf(layer)}`,
      note: noteOf(layer, planes[k], planes[k + 1]),
    }),
    onChange: (layers) => attempt({ layers }),
    onResize: (layers) => followTheTop({ layers }),
    onRefuse: message.say,
  });
  const playing = player({ onTick: () => follow(nextUnit(planes, now.unit)) });

  // ------------------------------------------------------------------------------ pictures
  const views = Array.from({ length: mostLayers + 1 }, (_, layer) =>
    planeView(layer, {
      onPoint: (at) => (pinned ? tell([layer, ...at]) : point([layer, ...at])),
      onPick: (at) => pick([layer, ...at]),
      onLeave: () => point(now.unit),
      onKey: (event) => keyed(event, layer),
    }),
  );
  const side = sideView(mostLayers + 1);
  const cut = make("figcaption");
  const [note, heldLine, formula, rule] = [line("rf-note"), line(), line("rf-formula"), line()];
  rule.textContent = t("Each layer adds (kernel − 1) · dilation · step of the plane below it.");
  const code = codeLine(t("The field in Python"));
  const stack = make("div", { class: "rf-planes" }, ...views.map(({ element }) => element));

  const frame = layout("ReceptiveField", {
    head: [examples.element],
    scene: [stack, legend(), make("figure", { class: "rf-side" }, side.element, cut)],
    strip: [note, heldLine, message.element],
    player: [
      make("div", { class: "hc-transport" }, playing.element, playing.speed),
      keysLine(
        t(
          "Keys: arrows move the unit, Page Up and Page Down change the layer, space plays, " +
            "Esc lets go.",
        ),
      ),
    ],
    settings: [group(t("Layers, from the input up"), rows.element)],
    foot: [formula, rule, code.element, voice.element],
    python: () => call(model, { layers: tuplesOf(now.layers), size: now.size }),
  });
  const step = (by) => () => {
    playing.stop();
    moveBy(by, now.unit[0]);
  };
  const moves = Object.entries({ ...ARROWS, ...LEVELS }).map(([key, by]) => [key, step(by)]);
  explorerKeys(frame.root, {
    ...Object.fromEntries(moves),
    " ": playing.toggle,
    Escape: release,
  });
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  const { attempt, listeners } = state({
    model,
    traits: ["layers", "size", "unit"],
    now: () => now,
    read,
    misfit,
    take(next) {
      planes = planesOf(next);
      const unit = next.unit && isInside(planes, next.unit) ? next.unit : middleOfTheTop(planes);
      pinned &&= alike(unit, now.unit);
      now = { ...next, unit };
      message.clear();
      update();
    },
    refuse: message.say,
    traitsOf: (next) => next,
  });

  /** Other layers: the unit in the middle of the top is followed. */
  function followTheTop(changes) {
    attempt({ ...changes, unit: null });
  }

  function resize(size) {
    const { field } = planes.at(-1);
    if (size >= field) return attempt({ size });
    message.say(
      t(
        "A unit of the top layer sees {field} pixels: the input stays {size}. Take smaller " +
          "or fewer layers first.",
        { field: square(field), size: square(now.size) },
      ),
    );
    sizeSlider.value = now.size;
  }

  function pick(next) {
    playing.stop();
    message.clear();
    if (pinned && alike(next, now.unit)) return release();
    follow(next);
  }

  function follow(unit) {
    message.clear();
    pinned = true;
    now = { ...now, unit };
    share(model, now);
    point(unit);
  }

  function release() {
    playing.stop();
    pinned = false;
    point(now.unit);
  }

  function keyed(event, layer) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = LEVELS[event.key] ?? ARROWS[event.key];
    if (!by) return;
    event.preventDefault();
    playing.stop();
    moveBy(by, layer);
    if (now.unit[0] !== layer) views[now.unit[0]].stage.focus();
  }

  function moveBy(by, layer) {
    follow(moved(planes, now.unit, by, layer));
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { layers, size, unit } = now;
    examples.show(now);
    sizeSlider.value = size;
    rows.show(layers);
    formula.textContent = formulaOf(layers, planes);
    code.say(`ops.receptive_field(${literal(tuplesOf(layers))})  # ${planes.at(-1).field}`);
    stack.style.setProperty("--size", size);
    stack.style.setProperty("--columns", Math.ceil(planes.length / (planes.length > 5 ? 2 : 1)));
    for (const [k, view] of views.entries()) {
      view.element.hidden = k >= planes.length;
      if (k < planes.length) view.layout(planes[k]);
    }
    side.layout(layers, planes);
    shown = undefined;
    point(unit);
  }

  /** Light up what the unit depends on, and what depends on it. */
  function point(next) {
    heldLine.textContent = held(pinned);
    if (alike(next, shown)) return;
    shown = next;
    paths = pathsOf(now.layers, planes, shown);
    for (const k of planes.keys()) {
      const role = k === shown[0] ? "chosen" : k < shown[0] ? "below" : "above";
      views[k].show(paths[0][k], paths[1][k], COLOURS[role]);
    }
    side.show(paths, shown);
    note.textContent = explanation(shown, planes, paths);
    cut.textContent = sideNote(shown);
    voice.say(note.textContent);
  }

  /** While a unit is held: the paths between it and what the pointer is over. */
  function tell(other) {
    const between = alike(other, now.unit) ? "" : ` ${pathsBetween(other, paths)}`;
    heldLine.textContent = `${held(pinned)}${between}`;
  }

  const stopListening = listen(model, listeners);
  planes = planesOf(now);
  update();

  return () => {
    stopListening();
    playing.stop();
    voice.stop();
    frame.close();
  };
}
