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
import { explorerKeys, keysLine, player, playerLine } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { paintPaths, percent, power, shareMap } from "./receptive_field_map.js";
import {
  extent,
  fieldOf,
  isInside,
  leastSize,
  litIn,
  middleHalf,
  middleOfTheTop,
  moved,
  nextUnit,
  outsideOf,
  pathsOf,
  placeOf,
  planesOf,
  reachOf,
  shareInPadding,
  shareOutside,
  spanOf,
  within,
} from "./receptive_field_paths.js";
import { sideView } from "./receptive_field_side.js";

const PARTS = ["kernel", "stride", "dilation", "padding"];
const NEW_LAYER = [3, 1, 1, 0];
const FAINTEST = 0.3; // how strong one path is painted beside a million
const MOST_LINES = 28; // units a side; of more, the lines between them would hide them
const MOST_WHOLE = 64; // pixels a side; of more, none can be a whole number of dots wide
const MOST_PLANES = 7; // that stand in rows; more stand in one, which scrolls
const MOST_READ = 1e6; // paths whose number is written out
const LEVELS = { PageUp: 1, "+": 1, PageDown: -1, "-": -1, "−": -1 };

const square = (n) => by([n, n]);
/** 1,849 or 5.1 × 10¹¹. */
const whole = (n) => (n < MOST_READ ? n.toLocaleString("en") : power(n));

// ------------------------------------------------------------------------------ sentences
// Settings are { layers, size, unit }; a layer is [kernel, stride, dilation, padding], a unit
// [layer, row, column], where layer 0 is the input.

/** What a layer of these numbers is usually called. */
export function nameOf([kernel, stride, dilation]) {
  if (dilation > 1 && kernel > 1) return t("dilated convolution");
  if (kernel === stride && kernel > 1) return t("pooling");
  return stride > 1 ? t("strided layer") : t("convolution");
}

/** The term that a layer adds to the receptive field, written out. */
const termOf = ([kernel, , dilation], step) => `(${kernel}−1)·${dilation}·${step}`;

/** What follows from the numbers of a layer: as FACTS names it. */
export const factsOf = (below, plane) => [
  square(plane.units),
  plane.jump,
  `${below.field} + ${plane.field - below.field} = ${plane.field}`,
  plane.start,
  outsideOf(plane),
];
const FACTS = ["units", "step", "field", "start", "outside"];

/** Why the layers do not fit on the input, or "". */
export function misfit({ layers, size }) {
  const wide = layers.findIndex((layer) => 2 * layer[3] > reachOf(layer));
  if (wide >= 0)
    return t(
      "Layer {number} does not fit: a padding of {padding} is more than half of its window, " +
        "which reaches over {units}. Take less padding or a larger kernel.",
      {
        number: wide + 1,
        padding: layers[wide][3],
        units: counted(reachOf(layers[wide]), "unit"),
      },
    );
  const planes = planesOf({ layers, size });
  const index = layers.findIndex((_, k) => planes[k + 1].units < 1);
  if (index < 0) return "";
  const [kernel, , dilation, padding] = layers[index];
  const below = square(planes[index].units + 2 * padding);
  return t(
    "Layer {number} does not fit: a kernel of {kernel} with dilation {dilation} reaches " +
      "over {units}, and the plane below it has {below}. Take a smaller kernel, dilation " +
      "or stride, or a larger input.",
    {
      number: index + 1,
      kernel,
      dilation,
      units: counted(reachOf(layers[index]), "unit"),
      below: padding ? t("{below} with its padding", { below }) : below,
    },
  );
}

/** The receptive field of the top layer, with its sum. */
export function formulaOf(layers, planes) {
  const { field, jump } = planes.at(-1);
  const terms = layers.map((layer, index) => termOf(layer, planes[index].jump));
  return t("Receptive field of the top layer: {sum} = {pixels} a side, in steps of {step}", {
    sum: ["1", ...terms].join(" + "),
    pixels: counted(field, "pixel"),
    step: jump,
  });
}

/** Layers as Python takes them: a dilation of 1 and no padding need not be said. */
const tuplesOf = (layers) =>
  layers.map(([kernel, stride, dilation, padding]) => {
    if (padding) return tuple(kernel, stride, dilation, padding);
    return dilation > 1 ? tuple(kernel, stride, dilation) : tuple(kernel, stride);
  });

/** The grid of the top layer in Python, and what comes out. */
function gridLine(layers, size, { units, field, jump, start }) {
  const real = Number.isInteger(start) ? `${start}.0` : start;
  const grid = `Grid(units=${units}, field=${field}, jump=${jump}, start=${real})`;
  return `ops.unit_grids(${literal(tuplesOf(layers))}, ${size})[-1]  # ${grid}`;
}

const several = (n) => (n === 1 ? t("1 path") : t("{n} paths", { n: whole(n) }));
function ranging({ fewest, most }) {
  if (!most) return ""; // there are none
  if (fewest === most) return several(most);
  return t("{fewest} to {most}", { fewest: whole(fewest), most: several(most) });
}

/** In which units of the top a unit counts, as the end of a sentence. */
function countsIn(units, { lit, ...range }) {
  const words = { lit, units: counted(units, "unit"), paths: ranging(range) };
  if (units === 1)
    return lit
      ? t("counts in the one unit of the top layer, by {paths}.", words)
      : t("does not count in the one unit of the top layer: its window misses it.");
  if (!lit) return t("counts in none of the {units} of the top layer: their windows miss it.", words);
  return lit === 1
    ? t("counts in 1 of the {units} of the top layer, by {paths}.", words)
    : t("counts in {lit} of the {units} of the top layer, in each by {paths}.", words);
}

/** What a unit depends on, and in which units of the top it counts. */
export function explanation([layer, row, column], planes, paths) {
  const top = planes.length - 1;
  const counts = countsIn(planes[top].units ** 2, litIn(paths, top));
  if (!layer) return t("Pixel [{row}, {column}] of the input {counts}", { row, column, counts });
  const depends = dependence([layer, row, column], planes, paths);
  return layer === top ? depends : `${depends} ${t("It {counts}", { counts })}`;
}

/** The pixels that a unit depends on, those of its field that lie in the picture. */
function dependence([layer, row, column], planes, paths) {
  const { down, across, lit, ...range } = litIn(paths, 0);
  const plane = planes[layer];
  const [high, wide] = [row, column].map((k) => within(fieldOf(plane, k), planes[0].units));
  const along = ({ first, last }, one, many) => t(first === last ? one : many, { first, last });
  const seen = {
    row,
    column,
    layer,
    field: square(plane.field),
    inside: by([high, wide]),
    pixel: `[${down.first}, ${across.first}]`,
    rows: along(down, "row {first}", "rows {first} to {last}"),
    columns: along(across, "column {first}", "columns {first} to {last}"),
    lit,
    all: high * wide,
    paths: ranging(range),
  };
  if (!lit)
    return t("Unit [{row}, {column}] of layer {layer} depends on no pixel: all that it reads is padding.", seen);
  if (lit === 1)
    return plane.field === 1
      ? t("Unit [{row}, {column}] of layer {layer} depends on one pixel, {pixel}, by {paths}.", seen)
      : t("Unit [{row}, {column}] of layer {layer} has a field of {field} pixels, but depends on one alone, {pixel}, by {paths}.", seen);
  const cut = seen.all < plane.field ** 2;
  const pixels = cut
    ? t("{field} pixels, of which {inside} lie in the picture", seen)
    : t("{field} pixels", seen);
  return lit === seen.all
    ? t("Unit [{row}, {column}] of layer {layer} depends on {pixels}, {rows} and {columns}, all of them, on each by {paths}.", { ...seen, pixels })
    : t("Unit [{row}, {column}] of layer {layer} depends on {pixels}, {rows} and {columns}, but only on {lit} of these {all} (stride or dilation skips the others), on each by {paths}.", { ...seen, pixels });
}

/** Where the paths to a unit begin: how many in the middle of its field, how many outside. */
export function effect(layers, planes, paths, unit) {
  const [layer, ...at] = unit;
  const plane = planes[layer];
  const { lit } = litIn(paths, 0);
  if (!layer || !lit || plane.field === 1) return ""; // nothing, or one pixel
  const middle = t(
    "At least half of the paths that begin in the picture do so in the middle {side} of {field} " +
      "pixels.",
    { side: square(middleHalf(paths, plane, unit)), field: square(plane.field) },
  );
  const outside = shareOutside(plane, at, planes[0].units);
  if (!outside) return middle;
  const lost = shareInPadding(layers, paths, layer);
  return t("{middle} {outside} of the field lies outside, and {lost} of all paths end in padding.", {
    middle,
    outside: percent(outside),
    lost: percent(lost),
  });
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
    layout(plane, [first, end], pictured) {
      const { left, width } = placeOf(plane);
      const place = {
        left: left - first,
        width,
        span: end - first,
        pictured,
        before: -first, // pixels between the edge of the drawing and the picture
        units: plane.units,
        grain: end - first > MOST_WHOLE ? "0.01px" : "1px",
      };
      for (const [name, value] of Object.entries(place))
        stage.style.setProperty(`--${name}`, value);
      stage.classList.toggle("rf-ruled", plane.units <= MOST_LINES);
      stage.classList.toggle("rf-fine", plane.units > MOST_WHOLE);
      const where = number ? t("layer {number}", { number }) : t("input");
      const size = square(plane.units);
      view.caption(`${where}: ${size.replaceAll(" ", "\u00a0")}`); // a size stays on one line
      stage.setAttribute(
        "aria-label",
        t(
          "{where}, {size} units. Arrow keys move the unit, Page Up and Page Down change " +
            "the layer.",
          { where, size },
        ),
      );
      view.canvas.width = view.canvas.height = plane.units;
      pixels = context.createImageData(plane.units, plane.units);
    },
    /** Paint paths along the rows times paths along the columns. */
    show(rows, columns, [red, green, blue]) {
      const [down, across] = [extent(rows), extent(columns)];
      const opaque = (blue << 16) | (green << 8) | red;
      paintPaths(pixels, [rows, columns], [down, across], opaque, FAINTEST);
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
    facts: FACTS.map((fact) => t(fact)),
    tell: (layer, k) => ({ kind: nameOf(layer), facts: factsOf(planes[k], planes[k + 1]) }),
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
  const shares = shareMap();
  const [note, effectLine, heldLine] = [line("rf-note"), line("rf-effect"), line()];
  const [formula, rule] = [line("rf-formula"), line()];
  rule.textContent = t(
    "Each layer adds (kernel − 1) · dilation · step of the plane below it to the field. Start is " +
      "the pixel under the middle of the first unit's field, outside the pixels by which that " +
      "field begins before the picture: padding · step, added up.",
  );
  const code = codeLine(t("The grid of the top layer in Python"));
  const stack = make("div", { class: "rf-planes" }, ...views.map(({ element }) => element));

  const frame = layout("ReceptiveField", {
    head: [examples.element],
    scene: [
      stack,
      legend(),
      make("figure", { class: "rf-side" }, side.element, cut),
      shares.element,
    ],
    strip: [note, effectLine, heldLine, message.element],
    player: [
      playerLine(playing.element, playing.speed),
      keysLine(
        t(
          "Keys: arrows move the unit, Page Up and Page Down change the layer, space plays, " +
            "Esc lets go.",
        ),
      ),
    ],
    settings: [group(t("Layers, from the input up"), rows.element)],
    foot: [formula, rule, code.element, voice.element],
    python,
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
      const elsewhere = unit[0] !== now.unit[0] || next.layers.length !== now.layers.length;
      now = { ...next, unit };
      message.clear();
      update();
      if (elsewhere) reveal(); // it looks at the page, which a slider should not wait for
    },
    refuse: message.say,
    traitsOf: (next) => next,
  });

  function python() {
    const { layers, size, unit } = now;
    const usual = alike(unit, middleOfTheTop(planes));
    return call(model, { layers: tuplesOf(layers), size, unit: usual ? null : tuple(...unit) });
  }

  /** Other layers: the unit in the middle of the top is followed. */
  function followTheTop(changes) {
    attempt({ ...changes, unit: null });
  }

  function resize(size) {
    const least = leastSize(now.layers);
    if (size >= least) return attempt({ size });
    message.say(
      t(
        "These layers need {least} pixels: the input stays {size}. Take smaller or fewer " +
          "layers first.",
        { least: square(least), size: square(now.size) },
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
    const elsewhere = unit[0] !== now.unit[0];
    now = { ...now, unit };
    share(model, now);
    if (elsewhere) reveal();
    point(unit);
  }

  /** Scroll the row of planes, not the page, to the one that is followed. */
  function reveal() {
    if (!now.unit[0] || planes.length <= MOST_PLANES) return; // the input stays in sight
    const [input, plane, all] = [views[0], views[now.unit[0]], { element: stack }].map(
      ({ element }) => element.getBoundingClientRect(),
    );
    const gap = parseFloat(getComputedStyle(stack).columnGap);
    const [hidden, beyond] = [input.right + gap - plane.left, plane.right - all.right];
    if (hidden > 0) stack.scrollLeft -= hidden;
    else if (beyond > 0) stack.scrollLeft += beyond;
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
    if (now.unit[0] !== layer) views[now.unit[0]].stage.focus({ preventScroll: true });
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
    code.say(gridLine(layers, size, planes.at(-1)));
    const deep = planes.length > MOST_PLANES;
    stack.classList.toggle("rf-deep", deep);
    formula.classList.toggle("rf-long", deep);
    stack.style.setProperty("--columns", Math.ceil(planes.length / (planes.length > 5 ? 2 : 1)));
    const span = spanOf(planes);
    for (const [k, view] of views.entries()) {
      view.element.hidden = k >= planes.length;
      if (k < planes.length) view.layout(planes[k], span, size);
    }
    shares.layout(planes);
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
    shares.show(now.layers, planes[shown[0]], paths, shown);
    rows.mark(shown[0] - 1);
    note.textContent = explanation(shown, planes, paths);
    effectLine.textContent = effect(now.layers, planes, paths, shown);
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
  const resized = new ResizeObserver(reveal); // also when it gets its first size
  resized.observe(stack);

  return () => {
    stopListening();
    resized.disconnect();
    playing.stop();
    voice.stop();
    frame.close();
  };
}
