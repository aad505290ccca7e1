// ReceptiveField: a stack of layers; point at a unit and see which pixels it depends on.

import {
  alike,
  button,
  by,
  codeLine,
  counted,
  each,
  explorer,
  held,
  listen,
  make,
  messageLine,
  picture,
  share,
  slider,
  spoken,
} from "../parts/base.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { outputSize, receptiveField } from "../parts/ops.js";
import { ARROWS } from "../parts/pointing.js";
import { presetMenu } from "../parts/grid_controls.js";
import { explorerKeys, player } from "../parts/stepper.js";

const PARTS = ["kernel", "stride", "dilation"];
const NEW_LAYER = [3, 1, 1];
const FAINTEST = 0.3; // how strong one path is painted beside a million
const MOST_LINES = 28; // units a side; of more, the lines between them would hide them
const KEYS =
  "Keys: arrows move the unit, Page Up and Page Down change the layer, space plays, Esc lets go.";
const LEVELS = { PageUp: 1, "+": 1, PageDown: -1, "-": -1, "−": -1 };

const clamp = (value, size) => Math.min(Math.max(value, 0), size - 1);
const square = (n) => by([n, n]);
const whole = (n) => n.toLocaleString("en");

// ----------------------------------------------------------------------------- arithmetic

/** What a layer of these numbers is usually called. */
function nameOf([kernel, stride, dilation]) {
  if (dilation > 1 && kernel > 1) return "dilated convolution";
  if (kernel === stride && kernel > 1) return "pooling";
  return stride > 1 ? "strided layer" : "convolution";
}

/** The term that a layer adds to the receptive field, written out. */
const termOf = ([kernel, , dilation], step) => `(${kernel}−1)·${dilation}·${step}`;

/**
 * The input and the plane of every layer: units a side, the pixels that each sees a side
 * (field), and the pixels from one unit to the next (step).
 */
function planesOf(layers, size) {
  const planes = [{ n: size, field: 1, step: 1 }];
  for (const [index, [kernel, stride, dilation]] of layers.entries()) {
    const below = planes[index];
    planes.push({
      n: outputSize(below.n, kernel, { stride, dilation }),
      field: receptiveField(layers.slice(0, index + 1)),
      step: below.step * stride,
    });
  }
  return planes;
}

/** Why the layers do not fit on the input, or "". */
function misfit(layers, size) {
  const planes = planesOf(layers, size);
  const index = layers.findIndex((_, k) => planes[k + 1].n < 1);
  if (index < 0) return "";
  const [kernel, , dilation] = layers[index];
  return (
    `Layer ${index + 1} does not fit: a kernel of ${kernel} with dilation ${dilation} ` +
    `reaches over ${counted((kernel - 1) * dilation + 1, "unit")}, and the plane below it ` +
    `has ${square(planes[index].n)}. Take a smaller kernel, dilation or stride, or a larger ` +
    "input."
  );
}

/**
 * Along one axis, the number of paths between a unit and those of every plane, below it and
 * above. Kernels are square, so in the plane it is the product of both axes.
 */
function pathsAlong(layers, planes, layer, index) {
  const paths = planes.map(({ n }) => new Float64Array(n));
  paths[layer][index] = 1;
  for (let k = layer; k > 0; k--) {
    const [kernel, stride, dilation] = layers[k - 1];
    for (let i = 0; i < planes[k].n; i++)
      for (let t = 0; t < kernel; t++)
        paths[k - 1][i * stride + t * dilation] += paths[k][i];
  }
  for (let k = layer + 1; k < planes.length; k++) {
    const [kernel, stride, dilation] = layers[k - 1];
    for (let i = 0; i < planes[k].n; i++)
      for (let t = 0; t < kernel; t++)
        paths[k][i] += paths[k - 1][i * stride + t * dilation];
  }
  return paths;
}

/** First and last index with a path, how many have one, the fewest paths and the most. */
function extent(paths) {
  const found = { first: 0, last: -1, lit: 0, fewest: Infinity, most: 0 };
  for (const [k, n] of paths.entries()) {
    if (!n) continue;
    if (!found.lit) found.first = k;
    found.last = k;
    found.lit += 1;
    found.fewest = Math.min(found.fewest, n);
    found.most = Math.max(found.most, n);
  }
  return found;
}

/** The pixel of the input, a fraction between two, over which a unit stands. */
const centre = ({ field, step }, index) => index * step + (field - 1) / 2;

/** The unit of another plane that stands nearest over the same pixel. */
const nearest = (from, index, to) =>
  clamp(Math.round((centre(from, index) - (to.field - 1) / 2) / to.step), to.n);

/** Where a plane lies over the input: left edge and width, in pixels of the input. */
function place({ n, field, step }) {
  // Units further apart than they see are drawn as wide as what they see altogether.
  if (step > field) return [0, (n - 1) * step + field];
  return [(field - step) / 2, n * step];
}

// --------------------------------------------------------------------------- the side view

// In units of the drawing, which is as wide as the explorer.
const WIDE = 800;
const NAMES = 80; // left of the dots
const GAP = 42;
const TALLEST = 40; // of the bars under the input
const MARGIN = 14;

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The stack cut along a row: units as dots, paths as lines, their number as bars. */
function sideView(mostPlanes) {
  const line = (role) => svg("path", { class: "rf-line", style: `--role: ${role}` });
  const dots = (role) => svg("path", { class: "rf-dots", stroke: role });
  const all = dots("var(--dot)");
  const [linesBelow, linesAbove] = [line(INPUT), line(OUTPUT)];
  const [below, above, chosen] = [dots(INPUT), dots(OUTPUT), dots(KERNEL)];
  const bars = svg("path", { fill: INPUT });
  const names = Array.from({ length: mostPlanes }, (_, k) =>
    svg("text", { x: -NAMES, class: "rf-text" }, k ? `layer ${k}` : "input"),
  );
  const drawing = svg(
    "svg",
    { role: "img" },
    linesBelow,
    linesAbove,
    all,
    below,
    above,
    chosen,
    bars,
    ...names,
  );
  let layers, planes;
  const y = (layer) => MARGIN + (planes.length - 1 - layer) * GAP;
  const x = (layer, index) => ((centre(planes[layer], index) + 0.5) * WIDE) / planes[0].n;
  const dot = (layer, index) => `M${x(layer, index)} ${y(layer)}h0`;

  const written = (n, piece) => Array.from({ length: n }, (_, i) => piece(i)).join("");

  /** A dot for each unit of the layers that has a path. */
  function lit(paths, from, to) {
    let d = "";
    for (let k = from; k < to; k++)
      d += written(paths[k].length, (i) => (paths[k][i] ? dot(k, i) : ""));
    return d;
  }

  /** The lines from layer k − 1 to layer k whose ends both have a path. */
  function lines(paths, from, to) {
    let d = "";
    for (let k = from; k < to; k++) {
      const [kernel, stride, dilation] = layers[k - 1];
      for (let i = 0; i < paths[k].length; i++)
        for (let t = 0; paths[k][i] && t < kernel; t++) {
          const under = i * stride + t * dilation;
          if (paths[k - 1][under])
            d += `M${x(k, i)} ${y(k)}L${x(k - 1, under)} ${y(k - 1)}`;
        }
    }
    return d;
  }

  return {
    element: drawing,
    layout(nextLayers, nextPlanes) {
      [layers, planes] = [nextLayers, nextPlanes];
      const size = [WIDE + NAMES, y(0) + MARGIN + TALLEST];
      drawing.setAttribute("viewBox", `${-NAMES} 0 ${size.join(" ")}`);
      for (const [k, name] of names.entries()) {
        name.toggleAttribute("hidden", k >= planes.length);
        if (k < planes.length) name.setAttribute("y", y(k) + 5);
      }
      drawing.style.setProperty("--dots", Math.min(14, (0.7 * WIDE) / planes[0].n));
      all.setAttribute(
        "d",
        planes.map(({ n }, k) => written(n, (i) => dot(k, i))).join(""),
      );
    },
    show(paths, layer, index) {
      linesBelow.setAttribute("d", lines(paths, 1, layer + 1));
      linesAbove.setAttribute("d", lines(paths, layer + 1, planes.length));
      below.setAttribute("d", lit(paths, 0, layer));
      above.setAttribute("d", lit(paths, layer + 1, planes.length));
      chosen.setAttribute("d", dot(layer, index));
      const width = WIDE / planes[0].n;
      const { lit: pixels, most } = extent(paths[0]);
      const bar = (i) => {
        const corner = `M${(i + 0.15) * width} ${y(0) + MARGIN - 3}`;
        return `${corner}h${0.7 * width}v${(paths[0][i] / most) * TALLEST}h${-0.7 * width}z`;
      };
      const counts = layer > 0; // a pixel has no paths to itself
      bars.setAttribute(
        "d",
        written(planes[0].n, (i) => (counts && paths[0][i] ? bar(i) : "")),
      );
      drawing.setAttribute(
        "aria-label",
        "Side view, cut along the row of the unit" +
          (counts ? `: ${counted(pixels, "pixel")}, up to ${counted(most, "path")} each` : ""),
      );
    },
  };
}

// ------------------------------------------------------------------------------ the planes

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const COLOURS = { below: channels(INPUT), chosen: channels(KERNEL), above: channels(OUTPUT) };

/** How strong so many paths are painted, from 0 to 1. */
const strength = (paths, most) => paths && FAINTEST + ((1 - FAINTEST) * paths) / most;

function ramp(hex) {
  const faint = `color-mix(in srgb, ${hex} ${100 * FAINTEST}%, transparent)`;
  return `linear-gradient(to right, ${faint}, ${hex})`;
}

/** A plane of units, each painted as strongly as it has paths. */
function planeView(index, { onPoint, onPick, onLeave, onKey }) {
  const view = picture({ caption: "", role: index ? OUTPUT : INPUT, onPoint, onPick, onLeave });
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
      const [left, width] = place(plane);
      for (const [property, value] of Object.entries({ left, width, units: plane.n }))
        stage.style.setProperty(`--${property}`, value);
      stage.classList.toggle("rf-ruled", plane.n <= MOST_LINES);
      const where = index ? `layer ${index}` : "input";
      view.caption(`${where}: ${square(plane.n)}`);
      stage.setAttribute(
        "aria-label",
        `${where}, ${square(plane.n)} units. Arrow keys move the unit, ` +
          "Page Up and Page Down change the layer.",
      );
      view.canvas.width = view.canvas.height = plane.n;
      pixels = context.createImageData(plane.n, plane.n);
    },
    /** Paint paths along the rows times paths along the columns. */
    show(rows, columns, colour) {
      const words = new Uint32Array(pixels.data.buffer);
      const [down, across] = [extent(rows), extent(columns)];
      const most = down.most * across.most;
      const [red, green, blue] = colour;
      const opaque = (blue << 16) | (green << 8) | red;
      for (let i = 0, k = 0; i < rows.length; i++)
        for (let j = 0; j < columns.length; j++, k++)
          words[k] = (Math.round(255 * strength(rows[i] * columns[j], most)) << 24) | opaque;
      context.putImageData(pixels, 0, 0);
      const lit = down.lit * across.lit;
      frame.hidden = !lit;
      if (lit)
        view.frame(
          down.first,
          across.first,
          down.last - down.first + 1,
          across.last - across.first + 1,
        );
      view.describe(`${lit} of ${rows.length * columns.length} units have a path`);
    },
  };
}

// ------------------------------------------------------------------------------ the layers

/** The line of a layer: three numbers to change, and what follows from them. */
function layerRow(index, limits, { onChange, onRefuse, onRemove }) {
  let layer = NEW_LAYER;
  const name = make("b", { class: "rf-name" });
  const sum = make("span", { class: "rf-sum" });
  const inputs = PARTS.map((part, k) => {
    const input = make("input", {
      type: "number",
      min: limits[part][0],
      max: limits[part][1],
      "aria-label": `${part} of layer ${index + 1}`,
      oninput: () => typed(k),
      onblur: () => {
        if (input.getAttribute("aria-invalid")) onRefuse("");
        write(k);
      },
    });
    return input;
  });

  function write(k) {
    inputs[k].value = layer[k];
    inputs[k].removeAttribute("aria-invalid");
  }

  function typed(k) {
    const [low, high] = limits[PARTS[k]];
    const value = inputs[k].value === "" ? NaN : Number(inputs[k].value);
    const next = layer.with(k, value);
    if (!Number.isInteger(value) || value < low || value > high) {
      onRefuse(
        `The ${PARTS[k]} of layer ${index + 1} is a whole number from ${low} to ${high}; ` +
          `${layer[k]} stays until you type one.`,
      );
      inputs[k].setAttribute("aria-invalid", "true");
    } else if (onChange(next)) inputs[k].removeAttribute("aria-invalid");
    else inputs[k].setAttribute("aria-invalid", "true");
  }

  const remove = button("×", onRemove, { "aria-label": `Remove layer ${index + 1}` });
  return {
    element: make(
      "div",
      { class: "rf-layer", role: "group", "aria-label": `Layer ${index + 1}` },
      name,
      ...inputs.map((input, k) => make("label", {}, PARTS[k], input)),
      sum,
      remove,
    ),
    remove,
    show(next, below, plane) {
      layer = next;
      name.textContent = `${index + 1} ${nameOf(layer)}`;
      for (const [k, input] of inputs.entries())
        if (input !== document.activeElement || Number(input.value) !== layer[k]) write(k);
      sum.textContent =
        `${square(plane.n)}, step ${plane.step}, ` +
        `field ${below.field} + ${termOf(layer, below.step)} = ${plane.field}`;
    },
  };
}

// ---------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = model
    .get("_presets")
    .map(([name, size, layers]) => ({ name, title: name, size, layers }));
  const mostLayers = limits.layers[1];
  let layers = model.get("layers");
  let size = model.get("size");
  let unit = model.get("unit"); // what is followed while nobody points
  let planes;
  let shown; // what is followed now
  let paths; // to and from it, in every plane, along the rows and along the columns
  let pinned = false; // a click holds the unit while the pointer goes elsewhere

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const examples = presetMenu({
    label: "Layers",
    presets,
    onChange: (preset) =>
      preset ? change({ size: preset.size, layers: preset.layers }, true) : showControls(),
  });
  const sizeSlider = slider({
    label: "Input",
    min: limits.size[0],
    max: limits.size[1],
    value: size,
    show: square,
    onInput: resize,
  });
  const add = button("Add a layer", () => {
    change({ layers: [...layers, NEW_LAYER] }, true);
    if (add.disabled) rows.at(-1).remove.focus(); // there is no room for more
  });
  const rows = Array.from({ length: mostLayers }, (_, index) =>
    layerRow(index, limits, {
      onChange: (layer) => change({ layers: layers.with(index, layer) }),
      onRefuse: (sentence) => message.say(sentence),
      onRemove: () => {
        change({ layers: layers.toSpliced(index, 1) }, true);
        if (rows[index].remove.matches(":disabled, [hidden] *")) add.focus();
      },
    }),
  );
  const formula = make("p", { class: "hc-note rf-formula" });
  const rule = "Each layer adds (kernel − 1) · dilation · step of the plane below it.";

  // ------------------------------------------------------------------------------ pictures
  const views = Array.from({ length: mostLayers + 1 }, (_, layer) =>
    planeView(layer, {
      onPoint: (at) => (pinned ? tell([layer, ...at]) : point([layer, ...at])),
      onPick: (at) => pick([layer, ...at]),
      onLeave: () => point(unit),
      onKey: (event) => keyed(event, layer),
    }),
  );
  const swatch = (background, text) =>
    make("span", { class: "rf-key" }, make("i", { style: `background: ${background}` }), text);
  const legend = make(
    "p",
    { class: "hc-note rf-legend" },
    swatch(KERNEL, "the unit"),
    swatch(ramp(INPUT), "it depends on these"),
    swatch(ramp(OUTPUT), "these depend on it"),
    "the stronger, the more paths",
  );
  const note = make("p", { class: "hc-note rf-note" });
  const heldLine = make("p", { class: "hc-note" });
  const code = codeLine("The same in Python");
  const side = sideView(mostLayers + 1);
  const sideNote = make("figcaption", {});

  const playing = player({ onTick: () => follow(nextUnit()) });

  const root = explorer(
    "ReceptiveField",
    make("div", { class: "hc-bar" }, examples.element, sizeSlider.element, add),
    make("div", { class: "rf-layers" }, ...rows.map((row) => row.element)),
    message.element,
    formula,
    make("p", { class: "hc-note" }, rule),
    code.element,
    make("div", { class: "rf-planes" }, ...views.map((view) => view.element)),
    make("div", { class: "hc-bar" }, playing.element, playing.speed, legend),
    make("p", { class: "hc-note hc-keys" }, KEYS),
    note,
    heldLine,
    make("figure", { class: "rf-side" }, side.element, sideNote),
    voice.element,
  );
  const walk = (by) => () => {
    playing.stop();
    moveBy(by, unit[0]);
  };
  explorerKeys(root, {
    ...Object.fromEntries(
      [...Object.entries(ARROWS), ...Object.entries(LEVELS)].map(([key, by]) => [
        key,
        walk(by),
      ]),
    ),
    " ": playing.toggle,
    Escape: release,
  });
  el.append(root);

  // --------------------------------------------------------------------------------- state
  const inside = ([layer, ...at]) =>
    layer >= 0 && layer < planes.length && at.every((k) => k >= 0 && k < planes[layer].n);

  function middleOfTheTop() {
    const middle = Math.floor(planes.at(-1).n / 2);
    return [layers.length, middle, middle];
  }

  /** Take what fits, and tell whether it did. */
  function change(next, followTheTop = false) {
    const wanted = { layers, size, ...next };
    const sentence = misfit(wanted.layers, wanted.size);
    if (sentence) {
      message.say(sentence);
      return false;
    }
    message.clear();
    ({ layers, size } = wanted);
    showAll(followTheTop);
    publish();
    return true;
  }

  function resize(next) {
    const field = planes.at(-1).field;
    if (next >= field) return change({ size: next });
    message.say(
      `A unit of the top layer sees ${square(field)} pixels: the input stays ` +
        `${square(size)}. Take smaller or fewer layers first.`,
    );
    sizeSlider.value = size;
  }

  const publish = () => share(model, { layers, size, unit });

  function pick(next) {
    playing.stop();
    if (pinned && alike(next, unit)) return release();
    follow(next);
  }

  function follow(next) {
    message.clear();
    pinned = true;
    unit = next;
    publish();
    point(unit);
  }

  function release() {
    playing.stop();
    pinned = false;
    point(unit);
  }

  function keyed(event, layer) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = LEVELS[event.key] ?? ARROWS[event.key];
    if (!by) return;
    event.preventDefault();
    playing.stop();
    moveBy(by, layer);
    if (unit[0] !== layer) views[unit[0]].stage.focus();
  }

  /** Move the unit within a layer by [rows, columns], or by a number of layers. */
  function moveBy(by, layer) {
    const [levels, steps] = Array.isArray(by) ? [0, by] : [by, [0, 0]];
    const [from, ...at] = unit;
    const to = clamp(layer + levels, planes.length);
    const here = at.map((k) => (from === to ? k : nearest(planes[from], k, planes[to])));
    follow([to, ...here.map((k, axis) => clamp(k + steps[axis], planes[to].n))]);
  }

  /** The next unit of the same layer in reading order; after the last comes the first. */
  function nextUnit() {
    const [layer, row, column] = unit;
    const { n } = planes[layer];
    const next = (row * n + column + 1) % (n * n);
    return [layer, Math.floor(next / n), next % n];
  }

  // ------------------------------------------------------------------------------- drawing
  function showControls() {
    examples.show(presets.find((preset) => alike(preset.layers, layers)));
    sizeSlider.value = size;
    add.disabled = layers.length === mostLayers;
    for (const [index, row] of rows.entries()) {
      row.element.hidden = index >= layers.length;
      row.remove.disabled = layers.length === limits.layers[0];
      if (index < layers.length) row.show(layers[index], planes[index], planes[index + 1]);
    }
  }

  function showAll(followTheTop = false) {
    planes = planesOf(layers, size);
    if (followTheTop || !inside(unit)) unit = middleOfTheTop();
    showControls();
    const terms = layers.map((layer, index) => termOf(layer, planes[index].step));
    const { field, step } = planes.at(-1);
    formula.textContent =
      `Receptive field of the top layer: 1 + ${terms.join(" + ")} = ` +
      `${counted(field, "pixel")} a side, in steps of ${step}`;
    const tuples = layers.map(([k, s, d]) => `(${d > 1 ? [k, s, d].join(", ") : `${k}, ${s}`})`);
    code.say(`ops.receptive_field([${tuples.join(", ")}])  # ${field}`);
    root.style.setProperty("--size", size);
    for (const [index, view] of views.entries()) {
      view.element.hidden = index >= planes.length;
      if (index < planes.length) view.layout(planes[index]);
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
    const [layer, row, column] = shown;
    paths = [row, column].map((index) => pathsAlong(layers, planes, layer, index));
    for (const k of planes.keys()) {
      const role = k === layer ? "chosen" : k < layer ? "below" : "above";
      views[k].show(paths[0][k], paths[1][k], COLOURS[role]);
    }
    // From the side, too, there is no path where the rows have none.
    const cut = paths[1].map((along, k) =>
      paths[0][k].some(Boolean) ? along : along.map(() => 0),
    );
    side.show(cut, layer, column);
    const said = layer ? looksDown() : `${thing(shown)} ${looksUp()}`;
    note.textContent = said[0].toUpperCase() + said.slice(1);
    const bars =
      "Bars: the paths to each pixel of the cut. In a plane, those of row and column multiply.";
    sideNote.textContent =
      `From the side, cut along row ${row} of ${plane(layer)}. ${layer ? bars : ""}`;
    voice.say(note.textContent);
  }

  /** While a unit is held: the paths between it and what the pointer is over. */
  function tell([layer, row, column]) {
    const n = paths[0][layer][row] * paths[1][layer][column];
    const between = n ? `${several(n)} between it and` : "no path between it and";
    heldLine.textContent = alike([layer, row, column], unit)
      ? held(pinned)
      : `${held(pinned)} There ${n > 1 ? "are" : "is"} ${between} ${thing([layer, row, column])}.`;
  }

  const plane = (layer) => (layer ? `layer ${layer}` : "the input");
  const thing = ([layer, row, column]) =>
    `${layer ? "unit" : "pixel"} [${row}, ${column}] of ${plane(layer)}`;
  const several = (n) => (n === 1 ? "1 path" : `${whole(n)} paths`);
  const ranging = (fewest, most) =>
    fewest === most ? several(most) : `${whole(fewest)} to ${several(most)}`;

  /** Rows and columns with a path in a plane, how many units, and how many paths. */
  function litIn(layer) {
    const [down, across] = paths.map((along) => extent(along[layer]));
    return {
      down,
      across,
      lit: down.lit * across.lit,
      range: ranging(down.fewest * across.fewest, down.most * across.most),
    };
  }

  /** What a unit depends on. */
  function looksDown() {
    const { down, across, lit, range } = litIn(0);
    const side = planes[shown[0]].field;
    const used =
      lit === side ** 2
        ? "all of them"
        : `but only on ${lit} of these ${side ** 2} (stride or dilation skips the others)`;
    const up = shown[0] < layers.length ? ` It ${looksUp()}` : "";
    return (
      `${thing(shown)} depends on ${square(side)} pixels, ` +
      `rows ${down.first} to ${down.last} and columns ${across.first} to ${across.last}, ` +
      `${used}, on each by ${range}.${up}`
    );
  }

  /** Which units of the top depend on what is shown. */
  function looksUp() {
    const { lit, range } = litIn(layers.length);
    const units = `of the ${counted(planes.at(-1).n ** 2, "unit")} of the top layer`;
    return lit
      ? `counts in ${lit} ${units}, in each by ${range}.`
      : `counts in none ${units}: their windows miss it.`;
  }

  // ---------------------------------------------------------------- what Python sets later
  /** Layers and size may come one after the other: wait until they fit each other. */
  function fromPython() {
    const next = ["layers", "size", "unit"].map((name) => model.get(name));
    if (alike(next, [layers, size, unit]) || misfit(next[0], next[1])) return;
    [layers, size, unit] = next;
    pinned = false;
    message.clear();
    showAll();
  }
  const stopListening = listen(model, each(["layers", "size", "unit"], fromPython));

  showAll();

  return () => {
    stopListening();
    playing.stop();
    voice.stop();
  };
}
