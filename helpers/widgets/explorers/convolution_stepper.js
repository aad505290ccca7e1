// ConvolutionStepper: slide kernels over an image and see the sum behind every output.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { checkbox, codeLine, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { paddingControl, pairSlider } from "../parts/grid_controls.js";
import {
  memory,
  numberGrid,
  places,
  reachedLines,
  repeating,
  separate,
  titled,
  together,
  UNEVEN,
  unreached,
  widen,
  within,
} from "../parts/grids.js";
import { beside, group, layout, line, sign } from "../parts/layout.js";
import { alike, bracketed, by, counted, format, held } from "../parts/numbers.js";
import { array, conv2d, outputSize, pad2d, padding2d, pair } from "../parts/ops.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, listed, tuples } from "../parts/saving.js";
import { getArray, listen, state, toMessage } from "../parts/state.js";
import { walker } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const PAIRS = ["stride", "dilation"];
const SETTINGS = [...PAIRS, "padding", "mode"];
const MODES = {
  zeros: "zeros",
  symmetric: "mirror with the edge (symmetric)",
  reflect: "mirror without the edge (reflect)",
  edge: "repeat the edge",
};

// ----------------------------------------------------------------------------- arithmetic
// Settings are { image, kernels, stride, padding, mode, dilation }, arrays { shape, data };
// a stride or dilation is a number, or [rows, columns] where these differ.

/** [rows, columns] as a number where both are alike. */
export const short = ([rows, columns]) => (rows === columns ? rows : [rows, columns]);

/** All padding before, as much as the kernel reaches: the size stays, nothing looks ahead. */
export const causalPads = ({ kernels: [kernel], dilation }) =>
  kernel.shape.map((n, axis) => [(n - 1) * pair(dilation)[axis], 0]);

/** Cells of padding: [[top, bottom], [left, right]]. */
export function padsOf(settings) {
  const { image, kernels: [kernel], padding, stride, dilation } = settings;
  if (padding === "causal") return causalPads(settings);
  return padding2d(padding, image.shape, kernel.shape, { stride, dilation });
}

/** Rows and columns of the output; below 1 where the kernel does not fit. */
export function sizesOf(settings) {
  const { image, kernels: [kernel], stride, dilation } = settings;
  const pads = padsOf(settings);
  return [0, 1].map((axis) =>
    outputSize(image.shape[axis], kernel.shape[axis], {
      stride: pair(stride)[axis],
      dilation: pair(dilation)[axis],
      padding: pads[axis],
    }),
  );
}

/** Whether there is but one row all the way: a convolution in one dimension. */
export const isFlat = (settings) =>
  settings.image.shape[0] === 1 &&
  settings.kernels[0].shape[0] === 1 &&
  !padsOf(settings)[0].some(Boolean);

/** Whether any setting differs in rows and columns. */
export const differs = ({ image, kernels: [kernel], stride, dilation }) =>
  [image.shape, kernel.shape, stride, dilation].some((two) => Array.isArray(short(pair(two))));

/** The places of the input that an output is made of; those in the padding lie outside. */
export function windowOf(settings, [i, j]) {
  const { kernels: [kernel], stride, dilation } = settings;
  const [[top], [left]] = padsOf(settings);
  const [down, across] = pair(stride);
  return places(i * down - top, j * across - left, ...kernel.shape, dilation);
}

/** The outputs that a cell of the input, or of its padding, takes part in. */
export function outputsOf(settings, [row, column], padded) {
  const { image, kernels, stride, mode, dilation } = settings;
  const pads = padsOf(settings);
  const [[top], [left]] = pads;
  const [rows, columns] = image.shape;
  const inside = row >= 0 && row < rows && column >= 0 && column < columns;
  const ones = array(kernels[0].shape);
  ones.data.fill(1);
  const one = array(inside ? image.shape : padded.shape);
  if (inside) one.data[row * columns + column] = 1;
  else one.data[(row + top) * padded.shape[1] + column + left] = 1;
  const around = inside ? { padding: pads, mode } : {}; // a mode may repeat what is inside
  const counts = conv2d(one, ones, { stride, dilation, ...around });
  return places(0, 0, ...counts.shape).filter((_, k) => counts.data[k]);
}

// ------------------------------------------------------------------------------ sentences

/** Why the kernel does not fit into the padded input; "" where it does. */
export function misfit(settings) {
  if (Math.min(...sizesOf(settings)) >= 1) return "";
  const { image, kernels: [kernel], dilation } = settings;
  const pads = padsOf(settings);
  const reaches = kernel.shape.map((n, axis) => (n - 1) * pair(dilation)[axis] + 1);
  const there = image.shape.map((n, axis) => n + pads[axis][0] + pads[axis][1]);
  return t(
    "The kernel would reach over {reaches} cells, and the padded input has {there}. " +
      "Choose a larger input, more padding, a smaller kernel or dilation.",
    { reaches: by(reaches), there: by(there) },
  );
}

/** The sum behind an output: pixels · weights, term by term. */
export function sumBehind(settings, { filter, position: [i, j] }, padded, map) {
  const { kernels } = settings;
  const [[top], [left]] = padsOf(settings);
  const terms = windowOf(settings, [i, j]).map(([row, column], k) => {
    const value = padded.data[(row + top) * padded.shape[1] + column + left];
    return `${bracketed(value)}·${bracketed(kernels[filter].data[k])}`;
  });
  const name = kernels.length > 1 ? t("output {number}", { number: filter + 1 }) : t("output");
  const value = format(map.data[i * map.shape[1] + j], 6);
  return `${name}[${i}, ${j}] = ${terms.join(" + ")} = ${value}`;
}

/** In how many outputs a cell of the input, or of its padding, takes part. */
export function reachOf({ image, kernels }, [row, column], count) {
  const inside = within([row, column], image.shape, [[0, 0], [0, 0]]);
  const cell = `${inside ? t("input") : t("padding")}[${row}, ${column}]`;
  const outputs = counted(count, "output");
  return kernels.length > 1
    ? t("{cell} takes part in {outputs} of each map.", { cell, outputs })
    : t("{cell} takes part in {outputs}.", { cell, outputs });
}

/** ⌊(input + padding − kernel) / stride⌋ + 1, with its numbers. */
export function sizeFormula(settings) {
  const { image, kernels: [kernel], stride, dilation } = settings;
  const pads = padsOf(settings);
  const sizes = sizesOf(settings);
  const along = (axis) => {
    const [before, after] = pads[axis];
    const [n, step, spread] = [kernel.shape[axis], pair(stride)[axis], pair(dilation)[axis]];
    const reach = spread > 1 ? `(${spread}·(${n} − 1) + 1)` : n;
    const padding = before + after ? ` + ${before} + ${after}` : "";
    return `⌊(${image.shape[axis]}${padding} − ${reach}) / ${step}⌋ + 1 = ${sizes[axis]}`;
  };
  const [down, across] = [along(0), along(1)];
  const one = down === across || isFlat(settings);
  return t("⌊(input + padding − kernel) / stride⌋ + 1: {sizes}", {
    sizes: one ? across : t("rows {down}, columns {across}", { down, across }),
  });
}

/** What there is to say of the padding: that it looks back only, or that it is uneven. */
export function paddingSentences({ padding, mode }, pads) {
  const padded = pads.flat().some(Boolean);
  if (padding === "causal" && padded)
    return [
      mode === "zeros" || mode === "edge"
        ? t("Causal: all padding stands before, so no output looks ahead of its place.")
        : t("Causal, but a mirror as padding can show the first outputs what comes later."),
    ];
  const uneven = padding === "same" && pads.some(([before, after]) => before !== after);
  return uneven ? [t(UNEVEN)] : [];
}

/** Keras's word for the padding, where it has one. */
function paddingInKeras(settings) {
  const { padding, mode } = settings;
  if (mode !== "zeros") return null;
  if (padding === "same") return "same";
  return isFlat(settings) && alike(padsOf(settings), causalPads(settings)) ? "causal" : null;
}

/** The line of Keras that computes the same; it says what Keras cannot do. */
export function kerasLine(settings) {
  const { kernels, stride, mode, dilation } = settings;
  const [pads, flat] = [padsOf(settings), isFlat(settings)];
  const [padded, word] = [pads.flat().some(Boolean), paddingInKeras(settings)];
  const ends = ([first, second]) => `(${first}, ${second})`;
  const tuple = ends(pads.map(ends));
  const written = (two) => {
    const [rows, columns] = pair(two);
    return flat || rows === columns ? String(columns) : ends([rows, columns]);
  };
  const [step, spread] = [written(stride), written(dilation)];
  const given = [
    kernels.length,
    written(kernels[0].shape),
    step !== "1" && `strides=${step}`,
    padded && word && `padding="${word}"`,
    spread !== "1" && `dilation_rate=${spread}`,
    "use_bias=False",
  ];
  const axes = flat ? "1D" : "2D";
  const code = `keras.layers.Conv${axes}(${given.filter(Boolean).join(", ")})`;
  if (step !== "1" && spread !== "1")
    return `# ${t("Keras takes a stride or a dilation, not both:")} ${code}`;
  if (!padded || word) return code;
  if (mode !== "zeros") return `${code}  # ${t("after")} np.pad(image, ${tuple}, mode="${mode}")`;
  const cells = flat ? pads[1] : pads.flat();
  const even = cells.every((n) => n === cells[0]);
  const sides = even ? cells[0] : flat ? ends(pads[1]) : tuple;
  return `keras.Sequential([keras.layers.ZeroPadding${axes}(${sides}), ${code}])`;
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = presetsOf(model);
  let now = read(); // the settings on the screen
  let apart = false; // whether rows and columns have controls of their own
  let maps = []; // one output for each kernel
  let padded; // the image with its padding

  const spare = separate(presets.find(({ name }) => name === "binary").kernel);
  const imageMemory = memory(limits.image, repeating(now.image));
  const kernelMemories = Array.from({ length: limits.filters }, () =>
    memory(limits.kernel, () => 0),
  );
  rememberKernels(now.kernels);

  function read() {
    return {
      image: getArray(model, "image"),
      kernels: separate(getArray(model, "kernel")),
      ...Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)])),
      ...Object.fromEntries(PAIRS.map((name) => [name, short(pair(model.get(name)))])),
    };
  }

  /** What new cells and new kernels hold: these, and nothing of what was there before. */
  function rememberKernels(kernels) {
    kernelMemories.forEach((kept, f) => {
      kept.fill(() => 0);
      kept.keep(kernels[f] ?? spare[f % spare.length]);
    });
  }

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const examples = presetMenu({
    presets,
    settingsOf: ({ image, kernel, padding, dilation }) => ({
      image,
      kernels: separate(kernel),
      stride: 1,
      padding,
      mode: "zeros",
      dilation,
    }),
    onChoose(settings) {
      apart = false; // unless they differ here
      imageMemory.fill(repeating(settings.image));
      rememberKernels(settings.kernels);
      attempt(settings);
    },
  });
  const imageOf = (shape) => ({ image: imageMemory.cut(shape) });
  const kernelsOf = (shape) => ({
    kernels: now.kernels.map((_, f) => kernelMemories[f].cut(shape)),
  });
  const sizeSlider = pairSlider({
    labels: [t("Input size"), t("Input rows"), t("Input columns")],
    max: limits.image,
    text: by,
    onInput: (shape) => attempt(imageOf(shape)),
  });
  const kernelSlider = pairSlider({
    labels: [t("Kernel size"), t("Kernel rows"), t("Kernel columns")],
    max: limits.kernel,
    text: by,
    onInput: (shape) => attempt(kernelsOf(shape)),
  });
  const filterSlider = slider({
    label: t("Filters"),
    min: 1,
    max: limits.filters,
    onInput: (number) => {
      const { shape } = now.kernels[0];
      attempt({ kernels: kernelMemories.slice(0, number).map((kept) => kept.cut(shape)) });
    },
  });
  const strideSlider = pairSlider({
    labels: [t("Stride"), t("Stride down"), t("Stride across")],
    max: limits.most,
    onInput: (stride) => attempt({ stride: short(stride) }),
  });
  const dilationSlider = pairSlider({
    labels: [t("Dilation"), t("Dilation down"), t("Dilation across")],
    max: limits.most,
    onInput: (dilation) => attempt({ dilation: short(dilation) }),
  });
  const apartBox = checkbox({
    label: t("Rows and columns apart"),
    onChange(marked) {
      apart = marked;
      if (marked || !differs(now)) showControls();
      else attempt(asSquares(now)); // and where that does not fit they stay apart
    },
  });
  const paddings = paddingControl({
    texts: {
      valid: t("valid: none"),
      same: t("same: as Keras"),
      causal: t("causal: only before"),
      count: t("a count of cells"),
      sides: t("each side by itself"),
    },
    most: limits.most,
    fits: (padding) => !misfit({ ...now, padding }),
    pads: () => padsOf(now),
    onChange: (padding) => attempt({ padding }),
  });
  const modeMenu = menu({
    label: t("Padding holds"),
    options: Object.entries(MODES).map(([mode, text]) => [mode, t(text)]),
    onChange: (mode) => attempt({ mode }),
  });
  // A place is an output: { filter, position }, or a cell of the input: { input }.
  const walk = walker({
    model,
    traits: ["filter", "position"],
    start: { filter: 0 },
    fit({ filter, position, input }) {
      if (input) return { input: within(input, now.image.shape, padsOf(now)) ? input : [0, 0] };
      const sizes = sizesOf(now);
      return {
        filter: Math.min(filter, now.kernels.length - 1),
        position: position.every((n, axis) => n < sizes[axis]) ? position : [0, 0],
      };
    },
    draw: showMaps,
    explain,
  });

  // --------------------------------------------------------------------------------- grids
  const inputGrid = numberGrid({
    label: t("input"),
    role: INPUT,
    step: 1,
    onInput: (image) => attempt({ image }),
    onRefuse: message.say,
    onPoint: (input) => walk.point({ input }),
    onLeave: walk.leave,
  });
  const inputFigure = titled("", inputGrid);
  const filters = Array.from({ length: limits.filters }, (_, f) => makeFilter(f));

  /** A kernel, and beside it what it makes of the input. */
  function makeFilter(f) {
    const kernel = numberGrid({
      label: t("kernel {number}", { number: f + 1 }),
      role: KERNEL,
      onInput: (next) => attempt({ kernels: now.kernels.with(f, next) }),
      onRefuse: message.say,
    });
    const output = numberGrid({
      label: t("output {number}", { number: f + 1 }),
      role: OUTPUT,
      editable: false,
      onPoint: (position) => walk.point({ filter: f, position }),
      onPick: (position) => walk.pick({ filter: f, position }),
      onLeave: walk.leave,
    });
    const [kernelFigure, outputFigure] = [titled("", kernel), titled("", output)];
    const element = beside(kernelFigure.element, sign("→"), outputFigure.element);
    return { kernel, output, kernelFigure, outputFigure, element };
  }

  const [sumLine, heldLine] = [line("hc-sum"), line()];
  const [sizeLine, rimLine] = [line(), line()];
  const code = codeLine(t("The same in Keras"));

  const frame = layout("ConvolutionStepper", {
    head: [examples.element],
    scene: [inputFigure.element], // and a pair for each kernel
    strip: [sumLine, heldLine, message.element],
    player: walk.elements,
    settings: [
      group(
        t("Sizes"),
        ...sizeSlider.elements,
        ...kernelSlider.elements,
        filterSlider.element,
        apartBox.element,
      ),
      group(
        t("How the kernel slides"),
        ...strideSlider.elements,
        ...dilationSlider.elements,
        ...paddings.elements,
        modeMenu.element,
      ),
    ],
    foot: [sizeLine, rimLine, code.element, voice.element],
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
      now.kernels.forEach((kernel, f) => kernelMemories[f].keep(kernel));
      message.clear();
      walk.resize(...sizesOf(now));
      update();
    },
    refuse(sentence) {
      message.say(sentence);
      showControls();
    },
    traitsOf: ({ image, kernels, ...others }, before) => ({
      ...others,
      ...(image !== before.image && { image: toMessage(image) }),
      ...(kernels !== before.kernels && { kernel: toMessage(asKernel(kernels)) }),
    }),
    walk,
  });

  /** The settings with as many columns as rows: the larger of both. */
  function asSquares({ image, kernels: [kernel], stride, dilation }) {
    const larger = (two) => Math.max(...pair(two));
    const square = ({ shape }) => [larger(shape), larger(shape)];
    return {
      ...imageOf(square(image)),
      ...kernelsOf(square(kernel)),
      stride: larger(stride),
      dilation: larger(dilation),
    };
  }

  /** One kernel is (rows, columns), several are (rows, columns, 1, filters). */
  function asKernel(kernels) {
    const { shape, data } = together(kernels);
    return { shape: kernels.length > 1 ? shape.toSpliced(2, 0, 1) : shape, data };
  }

  function python() {
    const { image, kernels, mode, ...others } = now;
    const named = presets.find(
      (preset) => alike([preset.image, separate(preset.kernel)], [image, kernels]),
    );
    const arrays = named
      ? { image: named.name }
      : { image: listed(image), kernel: listed(asKernel(kernels)) };
    const usual = { stride: 1, padding: "valid", dilation: 1, ...named };
    const unusual = Object.entries(others).map(([name, value]) => [
      name,
      alike(value, usual[name]) ? null : tuples(value),
    ]);
    return call(model, { ...arrays, mode, ...Object.fromEntries(unusual), ...walk.written });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { image, kernels, stride, mode, dilation } = now;
    const pads = padsOf(now);
    padded = pad2d(image, pads, mode);
    maps = kernels.map((kernel) => conv2d(padded, kernel, { stride, dilation }));
    filters.forEach(({ element, kernel, output }, f) => {
      const before = f ? filters[f - 1].element : inputFigure.element;
      if (f >= kernels.length) element.remove();
      else if (element.previousSibling !== before) before.after(element);
      if (f >= kernels.length) return;
      kernel.show(kernels[f]);
      widen(kernel, kernels[f]);
      widen(output, maps[f]);
    });
    inputGrid.show(image, { pads, padded });
    widen(inputGrid, image);
    inputFigure.say(t("input {size}", { size: by(image.shape) }));
    showControls();
    showMaps();
    showSizes(pads);
    explain();
  }

  function showControls() {
    const { image, kernels, stride, padding, mode, dilation } = now;
    apart ||= differs(now);
    examples.show(now);
    sizeSlider.show(image.shape, apart);
    kernelSlider.show(kernels[0].shape, apart);
    filterSlider.value = kernels.length;
    apartBox.value = apart;
    strideSlider.show(pair(stride), apart);
    dilationSlider.show(pair(dilation), apart);
    paddings.show(padding);
    modeMenu.value = mode;
    modeMenu.element.hidden = [padding].flat(2).every((cells) => cells === "valid" || cells === 0);
  }

  /** The outputs done so far; the others are empty cells. */
  function showMaps() {
    const most = Math.max(...maps.flatMap(({ data }) => Array.from(data, Math.abs))) || 1;
    const many = maps.length > 1;
    maps.forEach(({ shape, data }, f) => {
      const { output, kernelFigure, outputFigure } = filters[f];
      const [number, size] = [f + 1, by(shape)];
      output.show({ shape, data: data.map((v, k) => (k < walk.done ? v : NaN)) }, { most });
      kernelFigure.say(many ? t("kernel {number}", { number }) : t("kernel"));
      outputFigure.say(
        many ? t("output {number}: {size}", { number, size }) : t("output {size}", { size }),
      );
    });
  }

  function showSizes(pads) {
    const { kernels: [{ shape }], stride, dilation } = now;
    const reached = maps[0].shape.map((count, axis) =>
      reachedLines(padded.shape[axis], {
        count,
        size: shape[axis],
        stride: pair(stride)[axis],
        dilation: pair(dilation)[axis],
      }),
    );
    const missed = unreached(reached, pads);
    inputGrid.mark("unused", missed.places);
    sizeLine.textContent = sizeFormula(now);
    rimLine.textContent = [...missed.sentences, ...paddingSentences(now, pads)].join(" ");
    code.say(kerasLine(now));
  }

  /** Write out what is pointed at: the sum behind an output, or what an input reaches. */
  function explain() {
    const { input, filter, position } = walk.place;
    const reached = input ? outputsOf(now, input, padded) : [];
    inputGrid.mark("window", input ? [] : windowOf(now, position));
    inputGrid.mark("reached", input ? [input] : []);
    filters.forEach(({ output }, f) => {
      const shown = f < now.kernels.length;
      output.mark("current", shown && f === filter ? [position] : []);
      output.mark("reached", shown ? reached : []);
    });
    sumLine.textContent = input
      ? reachOf(now, input, reached.length)
      : sumBehind(now, walk.place, padded, maps[filter]);
    heldLine.textContent = held(walk.isHeld);
    voice.say(sumLine.textContent);
  }

  const stopListening = listen(model, listeners);
  walk.resize(...sizesOf(now));
  update();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    voice.stop();
    frame.close();
  };
}
