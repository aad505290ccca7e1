// ConvolutionStepper: slide kernels over an image and see the sum behind every output.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { codeLine, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make } from "../parts/elements.js";
import { paddingControl, sideSlider } from "../parts/grid_controls.js";
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
  within,
} from "../parts/grids.js";
import { beside, group, layout, line, sign } from "../parts/layout.js";
import { alike, bracketed, by, counted, format, held } from "../parts/numbers.js";
import { array, conv2d, outputSize, pad2d, padding2d } from "../parts/ops.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, listed } from "../parts/saving.js";
import { getArray, listen, state, toMessage } from "../parts/state.js";
import { walker } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const SETTINGS = ["stride", "padding", "mode", "dilation"];
const MODES = {
  zeros: "zeros",
  symmetric: "mirror with the edge (symmetric)",
  reflect: "mirror without the edge (reflect)",
  edge: "repeat the edge",
};

// ----------------------------------------------------------------------------- arithmetic
// Settings are { image, kernels, stride, padding, mode, dilation }, arrays { shape, data }.

/** Cells of padding: [[top, bottom], [left, right]]. */
export const padsOf = ({ image, kernels: [kernel], padding, stride, dilation }) =>
  padding2d(padding, image.shape, kernel.shape, { stride, dilation });

/** Rows and columns of the output; below 1 where the kernel does not fit. */
export function sizesOf(settings) {
  const { image, kernels: [kernel], stride, dilation } = settings;
  const pads = padsOf(settings);
  return [0, 1].map((axis) =>
    outputSize(image.shape[axis], kernel.shape[axis], {
      stride,
      dilation,
      padding: pads[axis],
    }),
  );
}

/** The places of the input that an output is made of; those in the padding lie outside. */
export function windowOf(settings, [i, j]) {
  const { kernels: [kernel], stride, dilation } = settings;
  const [[top], [left]] = padsOf(settings);
  return places(i * stride - top, j * stride - left, ...kernel.shape, dilation);
}

/** The outputs that a cell of the input, or of its padding, takes part in. */
export function outputsOf(settings, [row, column], padded) {
  const { image, kernels, stride, padding, mode, dilation } = settings;
  const [[top], [left]] = padsOf(settings);
  const [rows, columns] = image.shape;
  const inside = row >= 0 && row < rows && column >= 0 && column < columns;
  const ones = array(kernels[0].shape);
  ones.data.fill(1);
  const one = array(inside ? image.shape : padded.shape);
  if (inside) one.data[row * columns + column] = 1;
  else one.data[(row + top) * padded.shape[1] + column + left] = 1;
  const around = inside ? { padding, mode } : {}; // a mode may repeat what is inside
  const counts = conv2d(one, ones, { stride, dilation, ...around });
  return places(0, 0, ...counts.shape).filter((_, k) => counts.data[k]);
}

// ------------------------------------------------------------------------------ sentences

/** Why the kernel does not fit into the padded input; "" where it does. */
export function misfit(settings) {
  if (Math.min(...sizesOf(settings)) >= 1) return "";
  const { image, kernels: [kernel], dilation } = settings;
  const pads = padsOf(settings);
  const reaches = kernel.shape.map((n) => (n - 1) * dilation + 1);
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
    const n = kernel.shape[axis];
    const reach = dilation > 1 ? `(${dilation}·(${n} − 1) + 1)` : n;
    const padding = before + after ? ` + ${before} + ${after}` : "";
    return `⌊(${image.shape[axis]}${padding} − ${reach}) / ${stride}⌋ + 1 = ${sizes[axis]}`;
  };
  const [down, across] = [along(0), along(1)];
  const formula = t("⌊(input + padding − kernel) / stride⌋ + 1: {sizes}", {
    sizes: down === across ? down : t("rows {down}, columns {across}", { down, across }),
  });
  return formula;
}

/** The line of Keras that computes the same; it says what Keras cannot do. */
export function kerasLine(settings) {
  const { kernels, stride, padding, mode, dilation } = settings;
  const pads = padsOf(settings);
  const [rows, columns] = kernels[0].shape;
  const isPadded = pads.flat().some(Boolean);
  const byHand = isPadded && (mode !== "zeros" || padding !== "same");
  const given = [
    kernels.length,
    rows === columns ? rows : `(${rows}, ${columns})`,
    stride > 1 && `strides=${stride}`,
    isPadded && !byHand && 'padding="same"',
    dilation > 1 && `dilation_rate=${dilation}`,
    "use_bias=False",
  ];
  const code = `keras.layers.Conv2D(${given.filter(Boolean).join(", ")})`;
  if (stride > 1 && dilation > 1)
    return `# ${t("Keras takes a stride or a dilation, not both:")} ${code}`;
  if (!byHand) return code;
  if (mode === "zeros")
    return `keras.Sequential([keras.layers.ZeroPadding2D(${padding}), ${code}])`;
  const tuple = `(${pads.map((sides) => `(${sides.join(", ")})`).join(", ")})`;
  return `${code}  # ${t("after")} np.pad(image, ${tuple}, mode="${mode}")`;
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = presetsOf(model);
  let now = read(); // the settings on the screen
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
    settingsOf: ({ image, kernel }) => ({
      image,
      kernels: separate(kernel),
      stride: 1,
      padding: "valid",
      mode: "zeros",
      dilation: 1,
    }),
    onChoose(settings) {
      imageMemory.fill(repeating(settings.image));
      rememberKernels(settings.kernels);
      attempt(settings);
    },
  });
  const count = (label, name, max) =>
    slider({ label, min: 1, max, onInput: (value) => attempt({ [name]: value }) });
  const sizeSlider = sideSlider({
    label: t("Input size"),
    max: limits.image,
    onInput: (n) => attempt({ image: imageMemory.cut([n, n]) }),
  });
  const kernelSlider = sideSlider({
    label: t("Kernel size"),
    max: limits.kernel,
    onInput: (n) =>
      attempt({ kernels: now.kernels.map((_, f) => kernelMemories[f].cut([n, n])) }),
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
  const strideSlider = count(t("Stride"), "stride", limits.most);
  const dilationSlider = count(t("Dilation"), "dilation", limits.most);
  const paddings = paddingControl({
    texts: {
      valid: t("valid: none"),
      same: t("same: as Keras"),
      count: t("a count of cells"),
    },
    most: limits.most,
    fits: (padding) => !misfit({ ...now, padding }),
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
      group(t("Sizes"), sizeSlider.element, kernelSlider.element, filterSlider.element),
      group(
        t("How the kernel slides"),
        strideSlider.element,
        dilationSlider.element,
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

  /** One kernel is (rows, columns), several are (rows, columns, 1, filters). */
  function asKernel(kernels) {
    const { shape, data } = together(kernels);
    return { shape: kernels.length > 1 ? shape.toSpliced(2, 0, 1) : shape, data };
  }

  function python() {
    const { image, kernels, ...others } = now;
    const named = presets.find(
      (preset) => alike([preset.image, separate(preset.kernel)], [image, kernels]),
    );
    const arrays = named
      ? { image: named.name }
      : { image: listed(image), kernel: listed(asKernel(kernels)) };
    return call(model, { ...arrays, ...others });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { image, kernels, stride, mode, dilation } = now;
    const pads = padsOf(now);
    padded = pad2d(image, pads, mode);
    maps = kernels.map((kernel) => conv2d(padded, kernel, { stride, dilation }));
    filters.forEach(({ element, kernel }, f) => {
      const before = f ? filters[f - 1].element : inputFigure.element;
      if (f >= kernels.length) element.remove();
      else if (element.previousSibling !== before) before.after(element);
      if (f < kernels.length) kernel.show(kernels[f]);
    });
    inputGrid.show(image, { pads, padded });
    inputFigure.say(t("input {size}", { size: by(image.shape) }));
    showControls();
    showMaps();
    showSizes(pads);
    explain();
  }

  function showControls() {
    const { image, kernels, stride, padding, mode, dilation } = now;
    examples.show(now);
    sizeSlider.show(image.shape);
    kernelSlider.show(kernels[0].shape);
    filterSlider.value = kernels.length;
    strideSlider.value = stride;
    dilationSlider.value = dilation;
    paddings.show(padding);
    modeMenu.value = mode;
    modeMenu.element.hidden = padding === "valid" || padding === 0;
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
    const { kernels: [{ shape }], stride, dilation, padding } = now;
    const reached = maps[0].shape.map((n, axis) =>
      reachedLines(padded.shape[axis], { count: n, size: shape[axis], stride, dilation }),
    );
    const missed = unreached(reached, pads);
    const uneven = padding === "same" && pads.some(([before, after]) => before !== after);
    inputGrid.mark("unused", missed.places);
    sizeLine.textContent = sizeFormula(now);
    rimLine.textContent = [...missed.sentences, ...(uneven ? [t(UNEVEN)] : [])].join(" ");
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
