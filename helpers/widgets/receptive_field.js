// ReceptiveField: a stack of layers; point at a unit and see which pixels it depends on.

import {
  button,
  counted,
  explorer,
  listen,
  make,
  menu,
  messageLine,
  picture,
  share,
  slider,
  spoken,
} from "./base.js";
import { INPUT, KERNEL, OUTPUT } from "./colours.js";
import { outputSize, receptiveField } from "./ops.js";

const CUSTOM = "custom";
const PARTS = ["kernel", "stride", "dilation"];
const NEW_LAYER = [3, 1, 1];
const FAINTEST = 0.3; // how strong one path is painted beside a million
const MOST_LINES = 28; // units a side; of more, the lines between them would hide them
const ARROWS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const LEVELS = { PageUp: 1, "+": 1, PageDown: -1, "-": -1, "−": -1 };

const clamp = (value, size) => Math.min(Math.max(value, 0), size - 1);
const square = (n) => `${n} × ${n}`;
const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// ----------------------------------------------------------------------------- arithmetic

/** What a layer of these numbers is usually called. */
function nameOf([kernel, stride, dilation]) {
  if (dilation > 1 && kernel > 1) return "dilated convolution";
  if (kernel === stride && kernel > 1) return "pooling";
  return stride > 1 ? "strided convolution" : "convolution";
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
  const lit = paths.reduce((all, n, k) => (n ? [...all, k] : all), []);
  const counts = lit.map((k) => paths[k]);
  return {
    first: lit[0],
    last: lit.at(-1),
    lit: lit.length,
    fewest: Math.min(...counts),
    most: Math.max(...counts),
  };
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

const WIDE = 880;
const GAP = 44;
const TALLEST = 40; // of the bars under the input
const MARGIN = 14;

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The stack cut along a row: units as dots, paths as lines, their number as bars. */
function sideView() {
  const line = (role) => svg("path", { class: "rf-line", stroke: role });
  const dots = (role) => svg("path", { class: "rf-dots", stroke: role });
  const all = dots("var(--dot)");
  const [linesBelow, linesAbove] = [line(INPUT), line(OUTPUT)];
  const [below, above, chosen] = [dots(INPUT), dots(OUTPUT), dots(KERNEL)];
  const bars = svg("path", { fill: INPUT });
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
  );
  let layers, planes;
  const y = (layer) => MARGIN + (planes.length - 1 - layer) * GAP;
  const x = (layer, index) => ((centre(planes[layer], index) + 0.5) * WIDE) / planes[0].n;
  const dot = (layer, index) => `M${x(layer, index)} ${y(layer)}h0`;

  /** A dot for each unit of the layers that has a path. */
  function lit(paths, from, to) {
    let written = "";
    for (let k = from; k < to; k++)
      for (let i = 0; i < paths[k].length; i++) if (paths[k][i]) written += dot(k, i);
    return written;
  }

  /** The lines from layer k − 1 to layer k whose ends both have a path. */
  function lines(paths, from, to) {
    let written = "";
    for (let k = from; k < to; k++) {
      const [kernel, stride, dilation] = layers[k - 1];
      for (let i = 0; i < paths[k].length; i++)
        for (let t = 0; paths[k][i] && t < kernel; t++) {
          const under = i * stride + t * dilation;
          if (paths[k - 1][under])
            written += `M${x(k, i)} ${y(k)}L${x(k - 1, under)} ${y(k - 1)}`;
        }
    }
    return written;
  }

  return {
    element: drawing,
    layout(nextLayers, nextPlanes) {
      [layers, planes] = [nextLayers, nextPlanes];
      drawing.setAttribute("viewBox", `0 0 ${WIDE} ${y(0) + MARGIN + TALLEST}`);
      drawing.style.setProperty("--dots", Math.min(14, (0.7 * WIDE) / planes[0].n));
      all.setAttribute(
        "d",
        planes.map(({ n }, k) => Array.from({ length: n }, (_, i) => dot(k, i)).join("")).join(""),
      );
    },
    show(paths, layer, index) {
      const width = WIDE / planes[0].n;
      const most = Math.max(...paths[0]);
      const top = y(0) + MARGIN - 3;
      linesBelow.setAttribute("d", lines(paths, 1, layer + 1));
      linesAbove.setAttribute("d", lines(paths, layer + 1, planes.length));
      below.setAttribute("d", lit(paths, 0, layer));
      above.setAttribute("d", lit(paths, layer + 1, planes.length));
      chosen.setAttribute("d", dot(layer, index));
      bars.setAttribute(
        "d",
        [...paths[0]]
          .map((n, i) => n && `M${(i + 0.15) * width} ${top}h${0.7 * width}v${(n / most) * TALLEST}h${-0.7 * width}z`)
          .filter(Boolean)
          .join(""),
      );
      drawing.setAttribute(
        "aria-label",
        `Side view, cut along the row of the unit: ${counted(extent(paths[0]).lit, "pixel")} ` +
          `with up to ${counted(most, "path")} each.`,
      );
    },
  };
}

// ------------------------------------------------------------------------------ the planes

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const COLOURS = { below: channels(INPUT), chosen: channels(KERNEL), above: channels(OUTPUT) };

/** How strong so many paths are painted, from 0 to 1. */
const strength = (paths, most) => paths && FAINTEST + ((1 - FAINTEST) * paths) / most;

const ramp = (hex) =>
  `linear-gradient(to right, color-mix(in srgb, ${hex} ${100 * FAINTEST}%, transparent), ${hex})`;

/** A plane of units, each painted as strongly as it has paths. */
function planeView(index, { onPoint, onPick, onLeave, onKey }) {
  const view = picture({ caption: "", role: index ? OUTPUT : INPUT, onPoint, onPick, onLeave });
  const stage = view.canvas.parentElement;
  const frame = stage.querySelector(".hc-frame");
  const context = view.canvas.getContext("2d");
  let pixels;
  stage.classList.add("rf-plane");
  stage.tabIndex = 0;
  stage.dataset.lmSuppressShortcuts = "true";
  stage.setAttribute("role", "application");
  stage.addEventListener("keydown", onKey);

  return {
    element: view.element,
    stage,
    layout(plane, name) {
      const [left, width] = place(plane);
      for (const [property, value] of Object.entries({ left, width, units: plane.n }))
        stage.style.setProperty(`--${property}`, value);
      stage.classList.toggle("rf-ruled", plane.n <= MOST_LINES);
      view.caption(`${name}: ${square(plane.n)}`);
      stage.setAttribute(
        "aria-label",
        `${name}, ${square(plane.n)} units. Arrow keys move the unit, ` +
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

  const remove = button("Remove", onRemove, { "aria-label": `Remove layer ${index + 1}` });
  return {
    element: make(
      "div",
      { class: "rf-layer", role: "group", "aria-label": `Layer ${index + 1}` },
      name,
      ...inputs.map((input, k) => make("label", {}, PARTS[k], input)),
      remove,
      sum,
    ),
    remove,
    show(next, below, plane) {
      layer = next;
      name.textContent = `${index + 1} ${nameOf(layer)}`;
      for (const [k, input] of inputs.entries())
        if (input !== document.activeElement || Number(input.value) !== layer[k]) write(k);
      sum.textContent =
        `${square(plane.n)}, step ${plane.step}, sees ${below.field} + ` +
        `${termOf(layer, below.step)} = ${counted(plane.field, "pixel")}`;
    },
  };
}

// ---------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = model.get("_presets");
  const mostLayers = limits.layers[1];
  let layers = model.get("layers");
  let size = model.get("size");
  let unit = model.get("unit"); // what is followed while nobody points
  let planes;
  let shown; // what is followed now
  let pinned = false; // a click holds the unit while the pointer goes elsewhere
  let sharing = false;

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const presetMenu = menu({
    label: "Layers",
    options: [...presets.map(([name]) => name), CUSTOM].map((name) => [name, name]),
    onChange: (chosen) => {
      const preset = presets.find(([name]) => name === chosen);
      if (preset) change({ size: preset[1], layers: preset[2] }, true);
      else showControls();
    },
  });
  const sizeSlider = slider({
    label: "Input",
    min: limits.size[0],
    max: limits.size[1],
    value: size,
    show: square,
    onInput: resize,
  });
  const add = button("Add a layer", () => change({ layers: [...layers, NEW_LAYER] }, true));
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

  // ------------------------------------------------------------------------------ pictures
  const views = Array.from({ length: mostLayers + 1 }, (_, layer) =>
    planeView(layer, {
      onPoint: (at) => pinned || point([layer, ...at]),
      onPick: (at) => pick([layer, ...at]),
      onLeave: () => pinned || point(unit),
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
  const note = make("p", { class: "hc-note" });
  const held = make("p", { class: "hc-note" });
  const side = sideView();
  const sideNote = make("figcaption", {});

  const root = explorer(
    "ReceptiveField",
    make("div", { class: "hc-bar" }, presetMenu.element, sizeSlider.element, add),
    make("div", { class: "rf-layers" }, ...rows.map((row) => row.element)),
    message.element,
    formula,
    make("div", { class: "rf-planes" }, ...views.map((view) => view.element)),
    legend,
    note,
    held,
    make("figure", { class: "rf-side" }, side.element, sideNote),
    voice.element,
  );
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") release();
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
      showControls();
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

  function publish() {
    sharing = true;
    share(model, { layers, size, unit });
    sharing = false;
  }

  function pick(next) {
    if (pinned && equal(next, unit)) return release();
    follow(next);
  }

  function follow(next) {
    pinned = true;
    unit = next;
    publish();
    point(unit);
  }

  function release() {
    pinned = false;
    point(unit);
  }

  function keyed(event, layer) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const level = LEVELS[event.key];
    const arrow = ARROWS[event.key];
    if (!level && !arrow) return;
    event.preventDefault();
    const [from, ...at] = unit;
    const to = clamp(layer + (level ?? 0), planes.length);
    const here = at.map((k) => (from === to ? k : nearest(planes[from], k, planes[to])));
    follow([to, ...here.map((k, axis) => clamp(k + (arrow?.[axis] ?? 0), planes[to].n))]);
    if (to !== layer) views[to].stage.focus();
  }

  // ------------------------------------------------------------------------------- drawing
  function showControls() {
    const match = presets.find(([, , preset]) => equal(preset, layers));
    presetMenu.select.value = match ? match[0] : CUSTOM;
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
      `Receptive field of the top layer: 1 + ${terms.join(" + ")} = ${counted(field, "pixel")} ` +
      `a side; its units step by ${step}. Each layer adds (kernel−1)·dilation·step below it.`;
    root.style.setProperty("--size", size);
    for (const [index, view] of views.entries()) {
      view.element.hidden = index >= planes.length;
      if (index < planes.length)
        view.layout(planes[index], index ? `${index} ${nameOf(layers[index - 1])}` : "input");
    }
    side.layout(layers, planes);
    shown = undefined;
    point(unit);
  }

  /** Light up what the unit depends on, and what depends on it. */
  function point(next) {
    held.textContent = pinned ? "Held. Click it again, or press Esc, to let go." : "";
    if (equal(next, shown)) return;
    shown = next;
    const [layer, row, column] = shown;
    const down = pathsAlong(layers, planes, layer, row);
    const across = pathsAlong(layers, planes, layer, column);
    for (const k of planes.keys()) {
      const role = k === layer ? "chosen" : k < layer ? "below" : "above";
      views[k].show(down[k], across[k], COLOURS[role]);
    }
    side.show(across, layer, column);
    note.textContent = layer ? looksDown(down[0], across[0]) : looksUp(down, across);
    sideNote.textContent =
      `From the side, cut along row ${row} of layer ${layer}: bars count the paths to each ` +
      "pixel of that row. In the plane, the paths of row and column multiply.";
    voice.say(note.textContent);
  }

  /** What a unit depends on. */
  function looksDown(rows, columns) {
    const [layer, row, column] = shown;
    const [down, across] = [extent(rows), extent(columns)];
    const [lit, most] = [down.lit * across.lit, down.most * across.most];
    const field = planes[layer].field;
    const used =
      lit === field ** 2
        ? "all of them"
        : `but only on ${lit} of these ${field ** 2}: stride or dilation skips the others`;
    return (
      `Unit [${row}, ${column}] of layer ${layer} depends on ${square(field)} pixels, ` +
      `rows ${down.first} to ${down.last} and columns ${across.first} to ${across.last}, ` +
      `${used}; from each ${ranging(down.fewest * across.fewest, most)}.`
    );
  }

  /** Which units of the top depend on a pixel. */
  function looksUp(rows, columns) {
    const [, row, column] = shown;
    const [down, across] = [extent(rows.at(-1)), extent(columns.at(-1))];
    const all = planes.at(-1).n ** 2;
    const lit = down.lit * across.lit;
    const seen = lit
      ? `counts in ${lit} of the ${counted(all, "unit")} of the top layer, ` +
        `to each ${ranging(down.fewest * across.fewest, down.most * across.most)}.`
      : `counts in none of the ${counted(all, "unit")} of the top layer: the windows miss it.`;
    return `Pixel [${row}, ${column}] of the input ${seen}`;
  }

  const ranging = (fewest, most) =>
    fewest === most ? counted(most, "path") : `${fewest} to ${counted(most, "path")}`;

  // ---------------------------------------------------------------- what Python sets later
  /** Layers and size may come one after the other: wait until they fit each other. */
  function fromPython() {
    const next = ["layers", "size", "unit"].map((name) => model.get(name));
    if (sharing || equal(next, [layers, size, unit]) || misfit(next[0], next[1])) return;
    [layers, size, unit] = next;
    pinned = false;
    message.clear();
    showAll();
  }
  const stopListening = listen(model, {
    layers: fromPython,
    size: fromPython,
    unit: fromPython,
  });

  showAll();

  return () => {
    stopListening();
    voice.stop();
  };
}
