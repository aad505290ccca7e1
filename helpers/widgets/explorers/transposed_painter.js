// TransposedPainter: every cell of the input stamps its kernel; overlaps add up.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { codeLine, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make } from "../parts/elements.js";
import { paddingControl, sideSlider } from "../parts/grid_controls.js";
import { memory, numberGrid, places, repeating, titled, widen, within } from "../parts/grids.js";
import { beside, group, layout, line, sign } from "../parts/layout.js";
import { alike, bracketed, by, clamp, counted, extremes, format, held } from "../parts/numbers.js";
import { array, convTranspose2d, transposedEnds } from "../parts/ops.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, listed } from "../parts/saving.js";
import { getArray, listen, state, toMessage } from "../parts/state.js";
import { walker } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const NO_PADDING = [[0, 0], [0, 0]];
const AUTO = "auto"; // the output padding that Keras adds by itself
const SETTINGS = ["stride", "dilation", "padding", "output_padding"];

// ----------------------------------------------------------------------------- arithmetic
// Settings are { image, kernel } and SETTINGS, arrays { shape, data }. The canvas is what the
// stamps paint on, and what output padding adds to that, before anything is cut off.

const ones = (shape) => ({ shape, data: array(shape).data.fill(1) });

/** The same settings as ops.js has them, all but the padding. */
const wayOf = ({ stride, dilation, output_padding }) => ({
  stride,
  dilation,
  outputPadding: output_padding === AUTO ? null : output_padding,
});

/** Cells from the first weight of a stamp to its last, down and across. */
const reachesOf = ({ kernel, dilation }) => kernel.shape.map((k) => (k - 1) * dilation + 1);

/** Rows and columns of the canvas that stay: [[start, end], [start, end]]. */
export const keptOf = ({ image, kernel, padding, ...others }) =>
  [0, 1].map((axis) =>
    transposedEnds(image.shape[axis], kernel.shape[axis], {
      ...wayOf(others),
      padding: padding === "same" ? padding : Array(2).fill(Number(padding) || 0),
    }),
  );

/** Rows and columns of the output; below 1 where nothing stays. */
export const sizesOf = (settings) => keptOf(settings).map(([start, end]) => end - start);

/** Rows and columns that stamps reach, from the first to the last. */
const reachedOf = (settings) =>
  reachesOf(settings).map((reach, axis) => (settings.image.shape[axis] - 1) * settings.stride + reach);

/** Rows and columns of the canvas. */
export const canvasOf = (settings) => {
  const reached = reachedOf(settings);
  return keptOf(settings).map(([, end], axis) => Math.max(end, reached[axis]));
};

/** Cells that are cut off: [[top, bottom], [left, right]]. */
export function cutOf(settings) {
  const canvas = canvasOf(settings);
  return keptOf(settings).map(([start, end], axis) => [start, canvas[axis] - end]);
}

/** The places of rows and columns that were added at the end, where no stamp reaches. */
export function addedPlaces(settings) {
  const reached = reachedOf(settings);
  const starts = keptOf(settings).map(([start]) => start);
  return places(...starts.map((start) => -start), ...canvasOf(settings)).filter((place) =>
    place.some((n, axis) => n + starts[axis] >= reached[axis]),
  );
}

/** The places of the output that an input cell paints; those cut off lie outside. */
export function stampOf(settings, [i, j]) {
  const [[top], [left]] = keptOf(settings);
  const { kernel, stride, dilation } = settings;
  return places(i * stride - top, j * stride - left, ...kernel.shape, dilation);
}

/** The first `done` stamps that meet in a cell: [{ source, tap, value, weight }]. */
export function meetingIn(settings, [row, column], done) {
  const { image, kernel, stride, dilation } = settings;
  const [[top], [left]] = keptOf(settings);
  return places(0, 0, ...image.shape)
    .slice(0, done)
    .map(([i, j], k) => {
      const apart = [row + top - i * stride, column + left - j * stride];
      const tap = apart.map((n) => n / dilation); // between two weights it is a fraction
      const weight = kernel.data[tap[0] * kernel.shape[1] + tap[1]];
      return { source: [i, j], tap, value: image.data[k], weight };
    })
    .filter(({ tap }) => tap.every(Number.isInteger) && within(tap, kernel.shape, NO_PADDING));
}

/**
 * What the inner cells get of a flat input of 1, those that miss no stamp at the rim: the sums
 * of the weights that meet there. Cells whose places differ by the stride get the same.
 */
export function sumsInside({ kernel, stride, dilation }) {
  const sums = new Float64Array(stride * stride);
  kernel.data.forEach((weight, k) => {
    const tap = [Math.floor(k / kernel.shape[1]), k % kernel.shape[1]];
    const [a, b] = tap.map((n) => (n * dilation) % stride);
    sums[a * stride + b] += weight;
  });
  return sums;
}

/** How many stamps the inner cells get. */
export function stampsInside({ kernel, ...others }) {
  const counts = sumsInside({ kernel: ones(kernel.shape), ...others });
  return [...new Set(counts)].sort((a, b) => a - b);
}

/**
 * The sizes that a convolution with this kernel, stride and padding brings to the size of the
 * input, each with the output padding that brings it back: [{ shape, extra }].
 */
export function sizesBefore(settings) {
  const extras = [...Array(settings.stride).keys(), AUTO];
  const sizes = new Map();
  for (const extra of extras) {
    const one = { ...settings, output_padding: extra };
    const shape = sizesOf(one);
    if (!misfit(one) && !sizes.has(by(shape))) sizes.set(by(shape), { shape, extra });
  }
  return [...sizes.values()];
}

const divisor = (a, b) => (b ? divisor(b, a % b) : a);

// ------------------------------------------------------------------------------ sentences

/** Why the settings do not fit together; "" where they do. */
export function misfit(settings) {
  const { stride, padding, output_padding: extra } = settings;
  const isEven = reachesOf(settings).some((reach) => reach % 2 === 0);
  const least = padding === "same" && isEven ? 1 : 0;
  if (extra !== AUTO && least >= stride)
    return t(
      'At stride {stride}, "same" and this kernel have nothing to tell apart: choose auto as ' +
        "the output padding.",
      { stride },
    );
  if (extra !== AUTO && (extra < least || extra >= stride))
    return t(
      "With this kernel, stride {stride} and padding {padding}, output padding is auto or {extras}; " +
        "{extra} does not fit.",
      { stride, padding, extra, extras: span(least, stride - 1) },
    );
  if (Math.min(...sizesOf(settings)) >= 1) return "";
  return t(
    "The canvas has {canvas} cells; cutting {padding} off every side leaves nothing. " +
      "Choose a larger input, kernel or stride, or cut off less.",
    { canvas: by(sizesOf({ ...settings, padding: "valid" })), padding },
  );
}

/** "1", or "0 to 3". */
const span = (from, to) => (from === to ? `${from}` : t("{from} to {to}", { from, to }));

/** Where an input cell paints, and what. */
export function stampSentence(settings, [i, j]) {
  const { image, dilation } = settings;
  const [place] = stampOf(settings, [i, j]);
  const [rows, columns] = reachesOf(settings).map((reach, axis) => ({
    from: format(place[axis]),
    to: format(place[axis] + reach - 1),
  }));
  const one = reachesOf(settings).map((reach) => reach === 1);
  const words = {
    cell: `${t("input")}[${i}, ${j}]`,
    value: format(image.data[i * image.shape[1] + j]),
    rows: one[0] ? t("row {from}", rows) : t("rows {from} to {to}", rows),
    columns: one[1] ? t("column {from}", columns) : t("columns {from} to {to}", columns),
  };
  return dilation === 1 || one.every(Boolean)
    ? t("{cell} = {value} paints {value} × kernel at {rows}, {columns}.", words)
    : t(
        "{cell} = {value} paints {value} × kernel at {rows}, {columns}, in steps of {dilation}.",
        { ...words, dilation },
      );
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
  const { image, kernel, stride, dilation, padding, output_padding: extra } = settings;
  const [sizes, reaches] = [sizesOf(settings), reachesOf(settings)];
  const cut = Number(padding) || 0;
  const isGiven = extra !== AUTO;
  const along = (axis) => {
    const [n, k] = [image.shape[axis], kernel.shape[axis]];
    if (padding === "same")
      return isGiven
        ? `(${n} − 1)·${stride} + ${reaches[axis] % 2} + ${extra} = ${sizes[axis]}`
        : `${n}·${stride} = ${sizes[axis]}`;
    const spread = dilation > 1 ? `(${dilation}·(${k} − 1) + 1)` : k;
    const reach = !isGiven && reaches[axis] < stride ? `max(${spread}, ${stride})` : spread;
    const more = isGiven ? ` + ${extra}` : "";
    const less = cut ? ` − ${cut} − ${cut}` : "";
    return `(${n} − 1)·${stride} + ${reach}${more}${less} = ${sizes[axis]}`;
  };
  const reach = dilation > 1 ? t("reach of the kernel") : t("kernel");
  const words = { sizes: bothWays(along(0), along(1)), reach };
  if (padding === "same")
    return isGiven
      ? t("(input − 1)·stride + {reach} % 2 + output padding: {sizes}", words)
      : t("input · stride: {sizes}", words);
  if (!isGiven && reaches.some((one) => one < stride))
    words.reach = t("max({reach}, stride)", { reach });
  words.more = isGiven ? ` + ${t("output padding")}` : "";
  words.less = cut ? ` − ${t("what is cut off")}` : "";
  return t("(input − 1)·stride + {reach}{more}{less}: {sizes}", words);
}

/** What kernel % stride says about overlaps: how many stamps a cell gets, and no more. */
export function overlapSentence(settings) {
  const { image, kernel, stride, dilation } = settings;
  const [down, across] = kernel.shape.map((k) => `${k} % ${stride} = ${k % stride}`);
  const counts = stampsInside(settings);
  const words = {
    sum: bothWays(down, across),
    stamps: counted(counts[0], "stamp"),
    counts: t("{some} or {last}", {
      some: counts.slice(0, -1).join(", "),
      last: counts.at(-1),
    }),
    common: divisor(stride, dilation),
  };
  // A small input has no inner cells.
  const inner = reachesOf(settings).every((reach, axis) => image.shape[axis] * stride >= reach);
  const choose = (now, larger) => t(inner ? now : larger, words);
  if (counts.length === 1)
    return choose(
      "kernel % stride: {sum}, so every inner cell gets {stamps}: the overlap is even.",
      "kernel % stride: {sum}, so on a larger input every inner cell would get {stamps}: " +
        "the overlap is even.",
    );
  if (counts[0] > 0)
    return choose(
      "kernel % stride: {sum}, so inner cells get {counts} stamps in turn: the overlap is " +
        "uneven.",
      "kernel % stride: {sum}, so on a larger input inner cells would get {counts} stamps in " +
        "turn: the overlap is uneven.",
    );
  if (words.common > 1)
    return choose(
      "{common} divides stride and dilation, so inner cells get {counts} stamps: the stamps " +
        "leave gaps.",
      "{common} divides stride and dilation, so on a larger input inner cells would get " +
        "{counts} stamps: the stamps leave gaps.",
    );
  return choose(
    "kernel % stride: {sum}, so inner cells get {counts} stamps: the kernel is smaller than " +
      "the stride, and there are gaps.",
    "kernel % stride: {sum}, so on a larger input inner cells would get {counts} stamps: the " +
      "kernel is smaller than the stride, and there are gaps.",
  );
}

/** What the weights make of that: whether a flat input comes out flat. */
export function flatSentence(settings) {
  const rounding = 1e-9 * Math.max(...settings.kernel.data.map(Math.abs));
  const { low, high } = extremes(
    sumsInside(settings).map((sum) => (Math.abs(sum) <= rounding ? 0 : sum)),
  );
  const isFlat = high - low <= rounding;
  const counts = stampsInside(settings);
  const isEven = counts.length === 1;
  const words = { low: format(low), high: format(high) };
  if (isFlat)
    return isEven
      ? t("A flat input of 1 comes out as {low} in every inner cell: no checkerboard.", words)
      : t(
          "A flat input of 1 comes out as {low} in every inner cell all the same: these " +
            "weights make up for the overlap, no checkerboard.",
          words,
        );
  if (isEven)
    return t(
      "A flat input of 1 comes out as {low} to {high}: these weights paint a checkerboard all " +
        "the same.",
      words,
    );
  return counts[0]
    ? t("A flat input of 1 comes out as {low} to {high}: a checkerboard.", words)
    : t("A flat input of 1 comes out as {low} to {high}: a grid with gaps.", words);
}

/** Which sizes come to this input, and what tells them apart; "" where there is one only. */
export function sizesSentence(settings) {
  const sizes = sizesBefore(settings);
  if (sizes.length < 2) return "";
  const listed = (texts, last) => [texts.slice(0, -1).join(", "), texts.at(-1)].join(last);
  const said = t(
    "A convolution with this kernel, stride and padding makes {input} of {sizes} alike. " +
      "Output padding, {extras}, says which of them comes back: here {output}.",
    {
      sizes: listed(sizes.map(({ shape }) => by(shape)), t(" and of ")),
      extras: listed(sizes.map(({ extra }) => extra), t(" or ")),
      input: by(settings.image.shape),
      output: by(sizesOf(settings)),
    },
  );
  return addedPlaces(settings).length
    ? `${said} ${t(
        "That convolution leaves out what no stamp reaches at the end (striped).",
      )}`
    : said;
}

/** What the hatched cells are; "" where nothing is cut off. */
export function cutSentence(settings) {
  const cut = cutOf(settings);
  if (!cut.flat().some(Boolean)) return "";
  if (cut.some(([before, after]) => before < after))
    return t(
      "The hatched cells are painted too, then cut off. An odd number goes: the extra one " +
        "at the bottom and the right.",
    );
  return cut.some(([before, after]) => before > after)
    ? t(
        "The hatched cells are painted too, then cut off: fewer at the bottom and the right, " +
          "where output padding gives some back.",
      )
    : t("The hatched cells are painted too, then cut off.");
}

/** The line of Keras that computes the same; it says what Keras cannot do. */
export function kerasLine({ kernel, stride, dilation, padding, output_padding: extra }) {
  const [rows, columns] = kernel.shape;
  const given = [
    1,
    rows === columns ? rows : `(${rows}, ${columns})`,
    stride > 1 && `strides=${stride}`,
    padding === "same" && 'padding="same"',
    extra !== AUTO && `output_padding=${extra}`,
    dilation > 1 && `dilation_rate=${dilation}`,
    "use_bias=False",
  ];
  const layer = `keras.layers.Conv2DTranspose(${given.filter(Boolean).join(", ")})`;
  const code = Number(padding)
    ? `keras.Sequential([${layer}, keras.layers.Cropping2D(${padding})])`
    : layer;
  return stride > 1 && dilation > 1
    ? `# ${t("Keras takes a stride or a dilation, not both:")} ${code}`
    : code;
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
      ...Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)])),
    };
  }

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const set = (name) => (value) => attempt({ [name]: value });
  const examples = presetMenu({
    presets,
    settingsOf: (preset) =>
      Object.fromEntries(["image", "kernel", ...SETTINGS].map((name) => [name, preset[name]])),
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
  const count = (label, name) =>
    slider({ label, min: 1, max: limits[name], onInput: set(name) });
  const strideSlider = count(t("Stride"), "stride");
  const dilationSlider = count(t("Dilation"), "dilation");
  const extraMenu = menu({
    label: t("Output padding"),
    options: [
      [AUTO, t("auto: as Keras")],
      ...[...Array(limits.stride).keys()].map((n) => [String(n), String(n)]),
    ],
    onChange: (value) => attempt({ output_padding: value === AUTO ? AUTO : Number(value) }),
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
  const [sizeLine, sizesLine, cutLine] = [line(), line(), line()];
  const [overlapLine, flatLine] = [line(), line()];
  const code = codeLine(t("The same in Keras"));

  const frame = layout("TransposedPainter", {
    head: [examples.element],
    scene: [stamping, beside(sign("→"), canvasFigure.element), overlapFigure.element],
    strip: [sumLine, heldLine, message.element],
    player: walk.elements,
    settings: [
      group(t("Sizes"), sizeSlider.element, kernelSlider.element),
      group(
        t("How the kernel is stamped"),
        strideSlider.element,
        dilationSlider.element,
        ...paddings.elements,
        extraMenu.element,
      ),
    ],
    // Those that may be empty come last: a line keeps its place.
    foot: [sizeLine, overlapLine, flatLine, sizesLine, cutLine, code.element, voice.element],
    python,
  });
  walk.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  const { attempt, listeners } = state({
    model,
    traits: ["image", "kernel", ...SETTINGS],
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
    const { image, kernel } = now;
    const preset =
      examples.show(now) ??
      presets.find((one) => alike([one.image, one.kernel], [image, kernel]));
    const usual = preset ?? { stride: 2, dilation: 1, padding: "valid", output_padding: AUTO };
    const changed = SETTINGS.filter((name) => now[name] !== usual[name]);
    return call(model, {
      image: preset?.name ?? listed(image),
      kernel: preset ? null : listed(kernel),
      ...Object.fromEntries(changed.map((name) => [name, now[name]])),
      ...walk.written,
    });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { image, kernel } = now;
    whole = wholeOf(image, kernel);
    inputGrid.show(image);
    kernelGrid.show(kernel);
    inputFigure.say(t("input {size}", { size: by(image.shape) }));
    canvasFigure.say(t("output {size}", { size: by(sizesOf(now)) }));
    widen(inputGrid, image);
    widen(kernelGrid, kernel);
    widen(canvasGrid, whole);
    showCanvas();
    const stamps = [ones(image.shape), ones(kernel.shape)];
    paint(overlapGrid, ...stamps, wholeOf(...stamps));
    showControls();
    sizeLine.textContent = sizeFormula(now);
    sizesLine.textContent = sizesSentence(now);
    cutLine.textContent = cutSentence(now);
    overlapLine.textContent = overlapSentence(now);
    flatLine.textContent = flatSentence(now);
    code.say(kerasLine(now));
    explain();
  }

  function showControls() {
    examples.show(now);
    sizeSlider.show(now.image.shape);
    kernelSlider.show(now.kernel.shape);
    strideSlider.value = now.stride;
    dilationSlider.value = now.dilation;
    paddings.show(now.padding);
    extraMenu.value = String(now.output_padding);
  }

  /** The sums of the stamps so far, in the colours of the whole. */
  function showCanvas() {
    const { image, kernel } = now;
    const done = { ...image, data: image.data.map((value, k) => (k < walk.done ? value : 0)) };
    paint(canvasGrid, done, kernel, whole);
  }

  /** All that is on the canvas, what is cut off and what was added, too. */
  function wholeOf(image, kernel) {
    const [canvas, reached] = [canvasOf(now), reachedOf(now)];
    const added = canvas.map((n, axis) => n - reached[axis]);
    return convTranspose2d(image, kernel, { ...wayOf(now), outputPadding: added });
  }

  /** Paint onto a grid; what is cut off lies around what stays. */
  function paint(grid, image, kernel, full) {
    grid.show(convTranspose2d(image, kernel, { ...wayOf(now), padding: now.padding }), {
      pads: cutOf(now),
      padded: wholeOf(image, kernel),
      most: Math.max(...full.data.map(Math.abs)) || 1,
    });
    grid.mark("unused", addedPlaces(now));
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
