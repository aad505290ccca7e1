// TransposedPainter: every cell of the input stamps its kernel; overlaps add up.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { codeLine, messageLine, slider, spoken } from "../parts/controls.js";
import { make } from "../parts/elements.js";
import { paddingControl, sideSlider } from "../parts/grid_controls.js";
import { memory, numberGrid, places, repeating, titled, widen, within } from "../parts/grids.js";
import { beside, group, layout, line, sign } from "../parts/layout.js";
import { alike, bracketed, by, clamp, counted, format, held } from "../parts/numbers.js";
import { array, convTranspose2d, transposedEnds } from "../parts/ops.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, listed } from "../parts/saving.js";
import { getArray, listen, state, toMessage } from "../parts/state.js";
import { walker } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const NO_PADDING = [[0, 0], [0, 0]];

// ----------------------------------------------------------------------------- arithmetic
// Settings are { image, kernel, stride, padding }, arrays { shape, data }. The canvas is what
// the stamps paint on, before anything is cut off.

const ones = (shape) => ({ shape, data: array(shape).data.fill(1) });

/** Rows and columns of the canvas that stay: [[start, end], [start, end]]. */
export const keptOf = ({ image, kernel, stride, padding }) =>
  [0, 1].map((axis) =>
    transposedEnds(image.shape[axis], kernel.shape[axis], {
      stride,
      padding: padding === "same" ? padding : Array(2).fill(Number(padding) || 0),
    }),
  );

/** Rows and columns of the output; below 1 where nothing stays. */
export const sizesOf = (settings) => keptOf(settings).map(([start, end]) => end - start);

/** Rows and columns of the canvas. */
export const canvasOf = (settings) => sizesOf({ ...settings, padding: "valid" });

/** Cells that are cut off: [[top, bottom], [left, right]]. */
export function cutOf(settings) {
  const canvas = canvasOf(settings);
  return keptOf(settings).map(([start, end], axis) => [start, canvas[axis] - end]);
}

/** The places of the output that an input cell paints; those cut off lie outside. */
export function stampOf(settings, [i, j]) {
  const [[top], [left]] = keptOf(settings);
  const { kernel, stride } = settings;
  return places(i * stride - top, j * stride - left, ...kernel.shape);
}

/** The first `done` stamps that meet in a cell: [{ source, tap, value, weight }]. */
export function meetingIn(settings, [row, column], done) {
  const { image, kernel, stride } = settings;
  const [[top], [left]] = keptOf(settings);
  return places(0, 0, ...image.shape)
    .slice(0, done)
    .map(([i, j], k) => {
      const tap = [row + top - i * stride, column + left - j * stride];
      const weight = kernel.data[tap[0] * kernel.shape[1] + tap[1]];
      return { source: [i, j], tap, value: image.data[k], weight };
    })
    .filter(({ tap }) => within(tap, kernel.shape, NO_PADDING));
}

/** How many stamps the inner cells get, those that miss none at the rim. */
export function stampsInside({ kernel, stride }) {
  const [down, across] = kernel.shape.map((k) => [
    Math.floor(k / stride),
    Math.ceil(k / stride),
  ]);
  const counts = down.flatMap((a) => across.map((b) => a * b));
  return [...new Set(counts)].sort((a, b) => a - b);
}

// ------------------------------------------------------------------------------ sentences

/** Why nothing of the canvas would stay; "" where something does. */
export function misfit(settings) {
  if (Math.min(...sizesOf(settings)) >= 1) return "";
  return t(
    "The canvas has {canvas} cells; cutting {padding} off every side leaves nothing. " +
      "Choose a larger input, kernel or stride, or cut off less.",
    { canvas: by(canvasOf(settings)), padding: settings.padding },
  );
}

/** Where an input cell paints, and what. */
export function stampSentence(settings, [i, j]) {
  const { image, kernel } = settings;
  const [[row, column]] = stampOf(settings, [i, j]);
  const [high, wide] = kernel.shape;
  const rows = { from: format(row), to: format(row + high - 1) };
  const columns = { from: format(column), to: format(column + wide - 1) };
  return t("{cell} = {value} paints {value} × kernel at {rows}, {columns}.", {
    cell: `${t("input")}[${i}, ${j}]`,
    value: format(image.data[i * image.shape[1] + j]),
    rows: high === 1 ? t("row {from}", rows) : t("rows {from} to {to}", rows),
    columns: wide === 1 ? t("column {from}", columns) : t("columns {from} to {to}", columns),
  });
}

/** The sum of the stamps that met in a cell of the canvas, kept or cut off. */
export function sumBehind(settings, place, done) {
  const meeting = meetingIn(settings, place, done);
  const name = within(place, sizesOf(settings), NO_PADDING) ? t("output") : t("cut off");
  const cell = `${name}[${place.map((n) => format(n)).join(", ")}]`;
  if (meeting.length) {
    const terms = meeting.map(({ value, weight }) => `${bracketed(value)}·${bracketed(weight)}`);
    const sum = meeting.reduce((so, { value, weight }) => so + value * weight, 0);
    return `${cell} = ${terms.join(" + ")} = ${format(sum, 6)}`;
  }
  return done < settings.image.data.length
    ? t("{cell} = 0: no stamp so far touches it.", { cell })
    : t("{cell} = 0: no stamp touches it.", { cell });
}

/** A text for rows and for columns, once where they are equal. */
const bothWays = (down, across) =>
  down === across ? down : t("rows {down}, columns {across}", { down, across });

/** How large the output is, with its numbers. */
export function sizeFormula(settings) {
  const { image, kernel, stride, padding } = settings;
  const sizes = sizesOf(settings);
  const cut = Number(padding) || 0;
  const along = (axis) => {
    const [n, k] = [image.shape[axis], kernel.shape[axis]];
    if (padding === "same") return `${n}·${stride} = ${sizes[axis]}`;
    const reach = k < stride ? `max(${k}, ${stride})` : k;
    const less = cut ? ` − ${cut} − ${cut}` : "";
    return `(${n} − 1)·${stride} + ${reach}${less} = ${sizes[axis]}`;
  };
  const words = { sizes: bothWays(along(0), along(1)) };
  if (padding === "same") return t("input · stride: {sizes}", words);
  const short = kernel.shape.some((k) => k < stride);
  words.reach = short ? t("max(kernel, stride)") : t("kernel");
  return cut
    ? t("(input − 1)·stride + {reach} − what is cut off: {sizes}", words)
    : t("(input − 1)·stride + {reach}: {sizes}", words);
}

/** What kernel % stride says about overlaps. */
export function overlapSentence(settings) {
  const { image, kernel, stride } = settings;
  const [down, across] = kernel.shape.map((k) => `${k} % ${stride} = ${k % stride}`);
  const counts = stampsInside(settings);
  const words = {
    sum: bothWays(down, across),
    stamps: counted(counts[0], "stamp"),
    counts: t("{some} or {last}", {
      some: counts.slice(0, -1).join(", "),
      last: counts.at(-1),
    }),
  };
  // A small input has no inner cells.
  const inner = image.shape.every((n, axis) => n * stride >= kernel.shape[axis]);
  const [now, larger] =
    counts.length === 1
      ? [
          "kernel % stride: {sum}, so every inner cell gets {stamps}: no checkerboard.",
          "kernel % stride: {sum}, so on a larger input every inner cell would get " +
            "{stamps}: no checkerboard.",
        ]
      : counts[0] === 0
        ? [
            "kernel % stride: {sum}, so inner cells get {counts} stamps: the kernel is " +
              "smaller than the stride, and there are gaps.",
            "kernel % stride: {sum}, so on a larger input inner cells would get {counts} " +
              "stamps: the kernel is smaller than the stride, and there are gaps.",
          ]
        : [
            "kernel % stride: {sum}, so inner cells get {counts} stamps in turn: a " +
              "checkerboard.",
            "kernel % stride: {sum}, so on a larger input inner cells would get {counts} " +
              "stamps in turn: a checkerboard.",
          ];
  return t(inner ? now : larger, words);
}

/** What the hatched cells are; "" where nothing is cut off. */
export function cutSentence(settings) {
  const cut = cutOf(settings);
  if (!cut.flat().some(Boolean)) return "";
  return cut.some(([before, after]) => before !== after)
    ? t(
        "The hatched cells are painted too, then cut off. An odd number goes: the extra one " +
          "at the bottom and the right.",
      )
    : t("The hatched cells are painted too, then cut off.");
}

/** The line of Keras that computes the same. */
export function kerasLine({ kernel, stride, padding }) {
  const [rows, columns] = kernel.shape;
  const given = [
    1,
    rows === columns ? rows : `(${rows}, ${columns})`,
    stride > 1 && `strides=${stride}`,
    padding === "same" && 'padding="same"',
    "use_bias=False",
  ];
  const code = `keras.layers.Conv2DTranspose(${given.filter(Boolean).join(", ")})`;
  if (!Number(padding)) return code;
  return `keras.Sequential([${code}, keras.layers.Cropping2D(${padding})])`;
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = presetsOf(model);
  let now = read(); // the settings on the screen
  let whole; // the canvas after all stamps

  const imageMemory = memory(limits.image, repeating(now.image));
  const kernelMemory = memory(limits.kernel, () => 1);
  kernelMemory.keep(now.kernel);

  function read() {
    return {
      image: getArray(model, "image"),
      kernel: getArray(model, "kernel"),
      stride: model.get("stride"),
      padding: model.get("padding"),
    };
  }

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const set = (name) => (value) => attempt({ [name]: value });
  const examples = presetMenu({
    presets,
    settingsOf: ({ image, kernel, stride, padding }) => ({ image, kernel, stride, padding }),
    onChoose(settings) {
      imageMemory.fill(repeating(settings.image));
      kernelMemory.fill(() => 1);
      attempt(settings);
    },
  });
  const sizeSlider = sideSlider({
    label: t("Input size"),
    max: limits.image,
    onInput: (n) => attempt({ image: imageMemory.cut([n, n]) }),
  });
  const kernelSlider = sideSlider({
    label: t("Kernel size"),
    max: limits.kernel,
    onInput: (n) => attempt({ kernel: kernelMemory.cut([n, n]) }),
  });
  const strideSlider = slider({
    label: t("Stride"),
    min: 1,
    max: limits.stride,
    onInput: set("stride"),
  });
  const paddings = paddingControl({
    texts: {
      valid: t("valid: all of it stays"),
      same: t("same: input × stride stays"),
      count: t("cut off a count of cells"),
    },
    label: t("Cells cut off"),
    most: limits.padding,
    fits: (padding) => !misfit({ ...now, padding }),
    onChange: set("padding"),
  });
  // A place is the input cell whose stamp is shown, or a cell of the canvas: { output }.
  const walk = walker({
    model,
    label: t("Stamp"),
    fit({ position, output }) {
      if (!output)
        return { position: within(position, now.image.shape, NO_PADDING) ? position : [0, 0] };
      const [cut, sizes] = [cutOf(now), sizesOf(now)];
      return {
        output: output.map((n, axis) =>
          clamp(n, -cut[axis][0], sizes[axis] + cut[axis][1] - 1),
        ),
      };
    },
    draw: showCanvas,
    explain,
  });

  // --------------------------------------------------------------------------------- grids
  const inputGrid = numberGrid({
    label: t("input"),
    role: INPUT,
    step: 1,
    onInput: set("image"),
    onRefuse: message.say,
    onPoint: (position) => walk.point({ position }),
    onLeave: walk.leave,
  });
  const kernelGrid = numberGrid({
    label: t("kernel"),
    role: KERNEL,
    onInput: set("kernel"),
    onRefuse: message.say,
  });
  const canvas = (label) =>
    numberGrid({
      label,
      editable: false,
      role: OUTPUT,
      onPoint: (output) => walk.point({ output }),
      onPick: (output) => walk.pick({ output }, { goes: false }),
      onLeave: walk.leave,
    });
  const [canvasGrid, overlapGrid] = [canvas(t("output")), canvas(t("stamps a cell"))];
  const inputFigure = titled("", inputGrid);
  const kernelFigure = titled(t("kernel"), kernelGrid);
  const canvasFigure = titled("", canvasGrid);
  const overlapFigure = titled(t("stamps a cell"), overlapGrid);
  canvasFigure.element.classList.add("hc-sums");
  overlapFigure.element.classList.add("hc-counts");
  const stamping = make(
    "div",
    { class: "hc-stamping" },
    inputFigure.element,
    beside(sign("×"), kernelFigure.element),
  );

  const [sumLine, heldLine] = [line("hc-sum"), line()];
  const [sizeLine, overlapLine, cutLine] = [line(), line(), line()];
  const code = codeLine(t("The same in Keras"));

  const frame = layout("TransposedPainter", {
    head: [examples.element],
    scene: [stamping, beside(sign("→"), canvasFigure.element), overlapFigure.element],
    strip: [sumLine, heldLine, message.element],
    player: walk.elements,
    settings: [
      group(t("Sizes"), sizeSlider.element, kernelSlider.element),
      group(t("How the kernel is stamped"), strideSlider.element, ...paddings.elements),
    ],
    foot: [sizeLine, overlapLine, cutLine, code.element, voice.element],
    python,
  });
  walk.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  const { attempt, listeners } = state({
    model,
    traits: ["image", "kernel", "stride", "padding"],
    now: () => now,
    read,
    misfit,
    take(next) {
      now = next;
      imageMemory.keep(now.image);
      kernelMemory.keep(now.kernel);
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

  function python() {
    const { image, kernel, stride, padding } = now;
    const preset =
      examples.show(now) ??
      presets.find((one) => alike([one.image, one.kernel], [image, kernel]));
    const usual = preset ?? { stride: 2, padding: "valid" };
    return call(model, {
      image: preset?.name ?? listed(image),
      kernel: preset ? null : listed(kernel),
      stride: stride === usual.stride ? null : stride,
      padding: padding === usual.padding ? null : padding,
    });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { image, kernel, stride } = now;
    whole = convTranspose2d(image, kernel, { stride });
    inputGrid.show(image);
    kernelGrid.show(kernel);
    inputFigure.say(t("input {size}", { size: by(image.shape) }));
    canvasFigure.say(t("output {size}", { size: by(sizesOf(now)) }));
    widen(inputGrid, image);
    widen(kernelGrid, kernel);
    widen(canvasGrid, whole);
    showCanvas();
    const stamps = [ones(image.shape), ones(kernel.shape)];
    paint(overlapGrid, ...stamps, convTranspose2d(...stamps, { stride }));
    showControls();
    sizeLine.textContent = sizeFormula(now);
    overlapLine.textContent = overlapSentence(now);
    cutLine.textContent = cutSentence(now);
    code.say(kerasLine(now));
    explain();
  }

  function showControls() {
    examples.show(now);
    sizeSlider.show(now.image.shape);
    kernelSlider.show(now.kernel.shape);
    strideSlider.value = now.stride;
    paddings.show(now.padding);
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
    grid.show(convTranspose2d(image, kernel, { stride, padding }), {
      pads: cutOf(now),
      padded: convTranspose2d(image, kernel, { stride }),
      most: Math.max(...full.data.map(Math.abs)) || 1,
    });
  }

  /** Write out what is pointed at: the stamp of an input cell, or an output cell's sum. */
  function explain() {
    const { output, position } = walk.place;
    const meeting = output ? meetingIn(now, output, walk.done) : [];
    inputGrid.mark("current", output ? [] : [position]);
    inputGrid.mark("reached", meeting.map(({ source }) => source));
    kernelGrid.mark("window", meeting.map(({ tap }) => tap));
    for (const grid of [canvasGrid, overlapGrid]) {
      grid.mark("window", output ? [] : stampOf(now, position));
      grid.mark("current", output ? [output] : []);
    }
    sumLine.textContent = output
      ? sumBehind(now, output, walk.done)
      : stampSentence(now, position);
    heldLine.textContent = held(walk.isHeld);
    voice.say(sumLine.textContent);
  }

  const stopListening = listen(model, listeners);
  walk.resize(...now.image.shape);
  update();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    voice.stop();
    frame.close();
  };
}
