// TransposedPainter: every cell of the input stamps its kernel; overlaps add up.

import {
  bracketed,
  by,
  codeLine,
  counted,
  explorer,
  format,
  fromMessage,
  getArray,
  held,
  listen,
  make,
  messageLine,
  same,
  slider,
  spoken,
  toMessage,
} from "../parts/base.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { memory, numberGrid, places, repeating, titled } from "../parts/grids.js";
import { array, convTranspose2d, transposedEnds } from "../parts/ops.js";
import { paddingControl, presetMenu, sideSlider } from "../parts/grid_controls.js";
import { state, walker } from "../parts/stepper.js";

const SETTINGS = ["stride", "padding"];

const clamp = (n, [least, most]) => Math.min(Math.max(n, least), most);
const ones = (shape) => ({ shape, data: array(shape).data.fill(1) });

/** Rows or columns of the canvas that stay: [start, end]. */
const keptAlong = (axis, { image, kernel, stride, padding }) =>
  transposedEnds(image.shape[axis], kernel.shape[axis], {
    stride,
    padding: padding === "same" ? padding : Array(2).fill(Number(padding) || 0),
  });
const sizesOf = (settings) =>
  [0, 1].map((axis) => {
    const [start, end] = keptAlong(axis, settings);
    return end - start;
  });

/** Where the cells along a side begin and end that can be pointed at, what is cut off too. */
const cellsAlong = (axis, { image, kernel, stride, padding }) => {
  const [start] = keptAlong(axis, { image, kernel, stride, padding });
  const whole = (image.shape[axis] - 1) * stride + Math.max(kernel.shape[axis], stride);
  return [-start, whole - start - 1];
};

/** How many stamps the cells along a side can get, away from its ends: [least, most]. */
const stampsAlong = (kernel, stride) => [
  Math.floor(kernel / stride),
  Math.ceil(kernel / stride),
];

/** Make a grid's columns wide enough for all of these numbers, now and later. */
function widen(grid, { data }) {
  const letters = data.reduce((most, value) => Math.max(most, format(value).length), 1);
  const { style } = grid.table;
  if (style.getPropertyValue("--letters") !== String(letters))
    style.setProperty("--letters", letters);
}

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = Object.entries(model.get("_presets")).map(([name, preset]) => ({
    ...preset,
    name,
    image: fromMessage(preset.image),
    kernel: fromMessage(preset.kernel),
  }));
  let now = read(); // what stands on the screen: image, kernel, stride, padding
  let whole; // the canvas after all stamps, before anything is cut off
  let kept; // [[top, bottom], [left, right]]: where the part of the canvas that stays is

  const imageMemory = memory(limits.image, repeating(now.image));
  const kernelMemory = memory(limits.kernel, () => 1);
  keep(now);

  function read() {
    const [image, kernel] = ["image", "kernel"].map((name) => getArray(model, name));
    return { image, kernel, stride: model.get("stride"), padding: model.get("padding") };
  }

  function keep({ image, kernel }) {
    imageMemory.keep(image);
    kernelMemory.keep(kernel);
  }

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const examples = presetMenu({ presets, onChange: choosePreset });
  const sizeSlider = sideSlider({
    label: "Input size",
    max: limits.image,
    onInput: (n) => attempt({ image: imageMemory.cut([n, n]) }),
  });
  const kernelSlider = sideSlider({
    label: "Kernel size",
    max: limits.kernel,
    onInput: (n) => attempt({ kernel: kernelMemory.cut([n, n]) }),
  });
  const strideSlider = slider({
    label: "Stride",
    min: 1,
    max: limits.stride,
    value: 1,
    onInput: (stride) => attempt({ stride }),
  });
  const paddings = paddingControl({
    texts: {
      valid: "valid: all of it stays",
      same: "same: input × stride stays",
      count: "cut off a count of cells",
    },
    label: "Cells cut off",
    most: limits.padding,
    fits: (padding) => Math.min(...sizesOf({ ...now, padding })) >= 1,
    onChange: (padding) => attempt({ padding }),
  });
  // A place is the input cell whose stamp is shown, or a cell of the canvas: { output }.
  const walk = walker({
    model,
    label: "Stamp",
    fit({ position, output }) {
      if (output) return { output: output.map((n, axis) => clamp(n, cellsAlong(axis, now))) };
      const inside = position.every((n, axis) => n < now.image.shape[axis]);
      return { position: inside ? position : [0, 0] };
    },
    draw: showCanvas,
    explain,
  });

  // --------------------------------------------------------------------------------- grids
  const inputGrid = numberGrid({
    label: "input",
    role: INPUT,
    step: 1,
    onInput: (image) => attempt({ image }),
    onRefuse: (sentence) => message.say(sentence),
    onPoint: (position) => walk.point({ position }),
    onLeave: walk.leave,
  });
  const kernelGrid = numberGrid({
    label: "kernel",
    role: KERNEL,
    onInput: (kernel) => attempt({ kernel }),
    onRefuse: (sentence) => message.say(sentence),
  });
  const pointing = {
    editable: false,
    role: OUTPUT,
    onPoint: (output) => walk.point({ output }),
    onPick: (output) => walk.pick({ output }, { goes: false }),
    onLeave: walk.leave,
  };
  const canvasGrid = numberGrid({ label: "output", ...pointing });
  const overlapGrid = numberGrid({ label: "stamps a cell", ...pointing });
  const inputFigure = titled("input", inputGrid);
  const canvasFigure = titled("output", canvasGrid);
  const overlapFigure = titled("stamps a cell", overlapGrid);
  canvasFigure.element.classList.add("hc-sums");
  overlapFigure.element.classList.add("hc-counts");

  const sumLine = make("p", { class: "hc-note hc-sum" });
  const heldLine = make("p", { class: "hc-note" });
  const sizeLine = make("p", { class: "hc-note" });
  const overlapLine = make("p", { class: "hc-note" });
  const cutLine = make("p", { class: "hc-note" });
  const code = codeLine("The same in Keras");

  const root = explorer(
    "TransposedPainter",
    make("div", { class: "hc-bar" }, examples.element),
    make(
      "div",
      { class: "hc-row" },
      make(
        "div",
        { class: "hc-stamping" },
        inputFigure.element,
        titled("kernel", kernelGrid).element,
      ),
      canvasFigure.element,
      overlapFigure.element,
    ),
    walk.element,
    sumLine,
    heldLine,
    message.element,
    make(
      "div",
      { class: "hc-bar" },
      sizeSlider.element,
      kernelSlider.element,
      strideSlider.element,
    ),
    make("div", { class: "hc-bar" }, ...paddings.elements),
    sizeLine,
    overlapLine,
    cutLine,
    code.element,
    voice.element,
  );
  walk.listen(root);
  el.append(root);

  // --------------------------------------------------------------------------------- state
  /** Why nothing of the canvas would stay; "" where something does. */
  function misfit(next) {
    if (Math.min(...sizesOf(next)) >= 1) return "";
    return (
      `The canvas has ${by(sizesOf({ ...next, padding: "valid" }))} cells; cutting ` +
      `${next.padding} off every side leaves nothing. Choose a larger input, kernel or ` +
      "stride, or cut off less."
    );
  }

  const { attempt, listeners } = state({
    model,
    traits: ["image", "kernel", ...SETTINGS],
    now: () => now,
    read,
    misfit,
    take(next) {
      now = next;
      keep(now);
      message.clear();
      walk.resize(...now.image.shape);
      update();
    },
    refuse(sentence) {
      message.say(sentence);
      showControls();
    },
    traitsOf: ({ image, kernel, ...others }, before) => ({
      ...others,
      ...(image !== before.image && { image: toMessage(image) }),
      ...(kernel !== before.kernel && { kernel: toMessage(kernel) }),
    }),
    walk,
  });

  function choosePreset(preset) {
    if (!preset) return showControls();
    const { image, kernel, stride, padding } = preset;
    attempt({ image, kernel, stride, padding });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { image, kernel } = now;
    kept = [0, 1].map((axis) => keptAlong(axis, now));
    inputGrid.show(image);
    kernelGrid.show(kernel);
    widen(inputGrid, image);
    widen(kernelGrid, kernel);
    inputFigure.say(`input ${by(image.shape)}`);
    canvasFigure.say(`output ${by(sizesOf(now))}`);
    whole = convTranspose2d(image, kernel, { stride: now.stride });
    widen(canvasGrid, whole);
    showCanvas();
    const stamps = [ones(image.shape), ones(kernel.shape)];
    paint(overlapGrid, ...stamps, convTranspose2d(...stamps, { stride: now.stride }));
    showControls();
    showSizes();
    explain();
  }

  function showControls() {
    const { image, kernel, stride, padding } = now;
    const preset = presets.find(
      (other) =>
        same(other.image, image) &&
        same(other.kernel, kernel) &&
        SETTINGS.every((name) => other[name] === now[name]),
    );
    examples.show(preset);
    sizeSlider.show(image.shape);
    kernelSlider.show(kernel.shape);
    strideSlider.value = stride;
    paddings.show(padding);
  }

  /** The sums of the stamps so far, in the colours of the whole. */
  function showCanvas() {
    const { image, kernel } = now;
    const done = { ...image, data: image.data.map((value, k) => (k < walk.done ? value : 0)) };
    paint(canvasGrid, done, kernel, whole);
  }

  /** Paint onto a grid; what is cut off lies around what stays. */
  function paint(grid, image, kernel, full) {
    const { stride, padding } = now;
    const padded = convTranspose2d(image, kernel, { stride });
    grid.show(convTranspose2d(image, kernel, { stride, padding }), {
      pads: kept.map(([start, end], axis) => [start, padded.shape[axis] - end]),
      padded,
      most: Math.max(...full.data.map(Math.abs)) || 1,
    });
  }

  function showSizes() {
    const { image, kernel, stride, padding } = now;
    const along = (axis) => {
      const [n, k] = [image.shape[axis], kernel.shape[axis]];
      const [start, end] = kept[axis];
      if (padding === "same") return `${n}·${stride} = ${end - start}`;
      const reach = k < stride ? `max(${k}, ${stride})` : k;
      const cut = Number(padding) ? ` − ${padding} − ${padding}` : "";
      return `(${n} − 1)·${stride} + ${reach}${cut} = ${end - start}`;
    };
    const short = kernel.shape.some((k) => k < stride);
    const rule =
      padding === "same"
        ? "input · stride"
        : `(input − 1)·stride + ${short ? "max(kernel, stride)" : "kernel"}` +
          (Number(padding) ? " − what is cut off" : "");
    const [down, across] = [along(0), along(1)];
    sizeLine.textContent =
      `${rule}: ` + (down === across ? down : `rows ${down}, columns ${across}`);

    const cut = kept.map(([start, end], axis) => {
      const whole = (image.shape[axis] - 1) * stride + Math.max(kernel.shape[axis], stride);
      return [start, whole - end];
    });
    const uneven = cut.some(([before, after]) => before !== after);
    cutLine.textContent = cut.flat().some(Boolean)
      ? "The hatched cells are painted too, then cut off." +
        (uneven ? " An odd number goes: the extra one at the bottom and the right." : "")
      : "";
    overlapLine.textContent = checkerboard();
    code.say(kerasLine());
  }

  /** What kernel % stride says about overlaps. */
  function checkerboard() {
    const { image, kernel, stride } = now;
    const [rows, columns] = kernel.shape;
    const remainder = (k) => `${k} % ${stride} = ${k % stride}`;
    const sum =
      rows === columns
        ? remainder(rows)
        : `rows ${remainder(rows)}, columns ${remainder(columns)}`;
    const [down, across] = [rows, columns].map((k) => stampsAlong(k, stride));
    const counts = [...new Set(down.flatMap((a) => across.map((b) => a * b)))];
    counts.sort((a, b) => a - b);
    // Inner cells are those that miss no stamp at the rim; a small input has none.
    const inner = [0, 1].every((axis) => image.shape[axis] * stride >= kernel.shape[axis]);
    const get = inner ? "get" : "would get";
    const start = `kernel % stride: ${sum}, so ${inner ? "" : "on a larger input "}`;
    if (counts.length === 1)
      return (
        `${start}every inner cell ${inner ? "gets" : get} ` +
        `${counted(counts[0], "stamp")}: no checkerboard.`
      );
    const listed = `${counts.slice(0, -1).join(", ")} or ${counts.at(-1)}`;
    return counts[0] === 0
      ? `${start}inner cells ${get} ${listed} stamps: the kernel is smaller than the ` +
          "stride, and there are gaps."
      : `${start}inner cells ${get} ${listed} stamps in turn: a checkerboard.`;
  }

  function kerasLine() {
    const { kernel, stride, padding } = now;
    const [rows, columns] = kernel.shape;
    const settings = [
      1,
      rows === columns ? rows : `(${rows}, ${columns})`,
      stride > 1 && `strides=${stride}`,
      padding === "same" && 'padding="same"',
      "use_bias=False",
    ];
    const line = `keras.layers.Conv2DTranspose(${settings.filter(Boolean).join(", ")})`;
    if (!Number(padding)) return line;
    return `keras.Sequential([${line}, keras.layers.Cropping2D(${padding})])`;
  }

  /** Write out what is pointed at: the stamp of an input cell, or an output cell's sum. */
  function explain() {
    const { output, position } = walk.place;
    if (output) explainOutput(output);
    else explainStamp(position);
    heldLine.textContent = held(walk.isHeld);
    voice.say(sumLine.textContent);
  }

  function mark({ input, taps = [], stamp = [], output = [], sources = [] }) {
    inputGrid.mark("current", input ? [input] : []);
    inputGrid.mark("reached", sources);
    kernelGrid.mark("window", taps);
    for (const grid of [canvasGrid, overlapGrid]) {
      grid.mark("window", stamp);
      grid.mark("current", output);
    }
  }

  function explainStamp([i, j]) {
    const { image, kernel, stride } = now;
    const [row, column] = [i * stride - kept[0][0], j * stride - kept[1][0]];
    const [high, wide] = kernel.shape;
    mark({ input: [i, j], stamp: places(row, column, high, wide) });
    const value = format(image.data[i * image.shape[1] + j]);
    const span = (from, n) =>
      n === 1 ? format(from) : `${format(from)} to ${format(from + n - 1)}`;
    sumLine.textContent =
      `input[${i}, ${j}] = ${value} paints ${value} × kernel at ` +
      `${high === 1 ? "row" : "rows"} ${span(row, high)}, ` +
      `${wide === 1 ? "column" : "columns"} ${span(column, wide)}.`;
  }

  /** The stamps that met in one cell of the canvas, kept or cut off. */
  function explainOutput([row, column]) {
    const { image, kernel, stride } = now;
    const [down, across] = [row + kept[0][0], column + kept[1][0]];
    const sources = [];
    const taps = [];
    const terms = [];
    let sum = 0;
    image.data.forEach((value, k) => {
      const [i, j] = [Math.floor(k / image.shape[1]), k % image.shape[1]];
      const [a, b] = [down - i * stride, across - j * stride];
      const hit = a >= 0 && a < kernel.shape[0] && b >= 0 && b < kernel.shape[1];
      if (!hit || k >= walk.done) return;
      const weight = kernel.data[a * kernel.shape[1] + b];
      sources.push([i, j]);
      taps.push([a, b]);
      terms.push(`${bracketed(value)}·${bracketed(weight)}`);
      sum += value * weight;
    });
    mark({ sources, taps, output: [[row, column]] });
    const [rows, columns] = sizesOf(now);
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    const name = `${inside ? "output" : "cut off"}[${format(row)}, ${format(column)}]`;
    sumLine.textContent = terms.length
      ? `${name} = ${terms.join(" + ")} = ${format(sum, 6)}`
      : `${name} = 0: no stamp ${walk.done < image.data.length ? "so far " : ""}touches it.`;
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, listeners);

  walk.resize(...now.image.shape);
  update();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    voice.stop();
  };
}
