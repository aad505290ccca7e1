// ConvolutionStepper: slide kernels over an image and see the sum behind every output.

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
  menu,
  messageLine,
  same,
  slider,
  spoken,
  toMessage,
} from "../parts/base.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
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
import { array, conv2d, outputSize, pad2d, padding2d } from "../parts/ops.js";
import { paddingControl, presetMenu, sideSlider } from "../parts/grid_controls.js";
import { state, walker } from "../parts/stepper.js";

const SETTINGS = ["stride", "padding", "mode", "dilation"];
const MODES = {
  zeros: "zeros",
  symmetric: "mirror with the edge (symmetric)",
  reflect: "mirror without the edge (reflect)",
  edge: "repeat the edge",
};

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = Object.entries(model.get("_presets")).map(([name, preset]) => ({
    name,
    title: preset.title,
    image: fromMessage(preset.image),
    kernel: fromMessage(preset.kernel),
  }));
  let now = read(); // what stands on the screen: image, kernels, stride, padding …
  let maps = []; // one output for each kernel
  let padded; // the image with its padding
  let pads;

  const spare = separate(presets.find(({ name }) => name === "binary").kernel);
  const imageMemory = memory(limits.image, repeating(now.image));
  const kernelMemories = Array.from({ length: limits.filters }, (_, f) => {
    const kept = memory(limits.kernel, () => 0);
    kept.keep(now.kernels[f] ?? spare[f % spare.length]);
    return kept;
  });

  function read() {
    return {
      image: getArray(model, "image"),
      kernels: separate(getArray(model, "kernel")),
      ...Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)])),
    };
  }

  function keep({ image, kernels }) {
    imageMemory.keep(image);
    kernels.forEach((kernel, f) => kernelMemories[f].keep(kernel));
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
    onInput: (n) =>
      attempt({ kernels: now.kernels.map((_, f) => kernelMemories[f].cut([n, n])) }),
  });
  const filterSlider = slider({
    label: "Filters",
    min: 1,
    max: limits.filters,
    value: 1,
    onInput: (count) => {
      const { shape } = now.kernels[0];
      const kernels = kernelMemories.slice(0, count).map((kept) => kept.cut(shape));
      attempt({ kernels });
    },
  });
  const strideSlider = slider({
    label: "Stride",
    min: 1,
    max: limits.most,
    value: 1,
    onInput: (stride) => attempt({ stride }),
  });
  const dilationSlider = slider({
    label: "Dilation",
    min: 1,
    max: limits.most,
    value: 1,
    onInput: (dilation) => attempt({ dilation }),
  });
  const paddings = paddingControl({
    texts: { valid: "valid: none", same: "same: as Keras", count: "a count of cells" },
    most: limits.most,
    fits: (padding) => Math.min(...sizesOf({ ...now, padding })) >= 1,
    onChange: (padding) => attempt({ padding }),
  });
  const modeMenu = menu({
    label: "Padding holds",
    options: Object.entries(MODES),
    onChange: (mode) => attempt({ mode }),
  });
  // A place is an output: { filter, position }, or a cell of the input: { input }.
  const walk = walker({
    model,
    traits: ["filter", "position"],
    start: { filter: 0 },
    fit({ filter, position, input }) {
      if (input) return { input: within(input, now.image.shape, padsOf(now)) ? input : [0, 0] };
      const inside = position.every((n, axis) => n < sizesOf(now)[axis]);
      return {
        filter: Math.min(filter, now.kernels.length - 1),
        position: inside ? position : [0, 0],
      };
    },
    draw: showMaps,
    explain,
  });

  // --------------------------------------------------------------------------------- grids
  const inputGrid = numberGrid({
    label: "input",
    role: INPUT,
    step: 1,
    onInput: (image) => attempt({ image }),
    onRefuse: (sentence) => message.say(sentence),
    onPoint: (input) => walk.point({ input }),
    onLeave: walk.leave,
  });
  const inputFigure = titled("input", inputGrid);
  const filters = Array.from({ length: limits.filters }, (_, f) => makeFilter(f));
  const row = make("div", { class: "hc-row" }, inputFigure.element);

  function makeFilter(f) {
    const kernelGrid = numberGrid({
      label: `kernel ${f + 1}`,
      role: KERNEL,
      onInput: (kernel) => attempt({ kernels: now.kernels.with(f, kernel) }),
      onRefuse: (sentence) => message.say(sentence),
    });
    const output = numberGrid({
      label: `output ${f + 1}`,
      role: OUTPUT,
      editable: false,
      onPoint: (position) => walk.point({ filter: f, position }),
      onPick: (position) => walk.pick({ filter: f, position }),
      onLeave: walk.leave,
    });
    const [kernelFigure, outputFigure] = [titled("kernel", kernelGrid), titled("", output)];
    return {
      kernelGrid,
      output,
      kernelFigure,
      outputFigure,
      element: make(
        "div",
        { class: "hc-row hc-pair" },
        kernelFigure.element,
        make("span", { class: "hc-sign", "aria-hidden": "true" }, "→"),
        outputFigure.element,
      ),
    };
  }

  const sumLine = make("p", { class: "hc-note hc-sum" });
  const heldLine = make("p", { class: "hc-note" });
  const sizeLine = make("p", { class: "hc-note" });
  const rimLine = make("p", { class: "hc-note" });
  const code = codeLine("The same in Keras");

  const root = explorer(
    "ConvolutionStepper",
    make("div", { class: "hc-bar" }, examples.element),
    row,
    walk.element,
    sumLine,
    heldLine,
    message.element,
    make(
      "div",
      { class: "hc-bar" },
      sizeSlider.element,
      kernelSlider.element,
      filterSlider.element,
      strideSlider.element,
      dilationSlider.element,
    ),
    make(
      "div",
      { class: "hc-bar" },
      ...paddings.elements,
      modeMenu.element,
    ),
    sizeLine,
    rimLine,
    code.element,
    voice.element,
  );
  walk.listen(root);
  el.append(root);

  // --------------------------------------------------------------------------------- state
  const padsOf = ({ image, kernels: [kernel], padding, stride, dilation }) =>
    padding2d(padding, image.shape, kernel.shape, { stride, dilation });
  function sizesOf(settings) {
    const { image, kernels: [kernel], stride, dilation } = settings;
    const around = padsOf(settings);
    return [0, 1].map((axis) =>
      outputSize(image.shape[axis], kernel.shape[axis], {
        stride,
        dilation,
        padding: around[axis],
      }),
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
      ...(kernels !== before.kernels && { kernel: toMessage(together(kernels)) }),
    }),
    walk,
  });

  /** Why the kernel does not fit into the padded input; "" where it does. */
  function misfit(next) {
    if (Math.min(...sizesOf(next)) >= 1) return "";
    const { image, kernels: [kernel], dilation } = next;
    const around = padsOf(next);
    const reaches = kernel.shape.map((n) => (n - 1) * dilation + 1);
    const there = image.shape.map((n, axis) => n + around[axis][0] + around[axis][1]);
    return (
      `The kernel would reach over ${by(reaches)} cells, and the padded input has ` +
      `${by(there)}. Choose a larger input, more padding, a smaller kernel or dilation.`
    );
  }

  function choosePreset(preset) {
    if (!preset) return showControls();
    const kernels = separate(preset.kernel);
    attempt({
      image: preset.image,
      kernels,
      stride: 1,
      padding: "valid",
      mode: "zeros",
      dilation: 1,
    });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { image, kernels, stride, mode, dilation } = now;
    pads = padsOf(now);
    padded = pad2d(image, pads, mode);
    maps = kernels.map((kernel) => conv2d(padded, kernel, { stride, dilation }));
    while (row.childElementCount > 1 + kernels.length) row.lastElementChild.remove();
    while (row.childElementCount <= kernels.length)
      row.append(filters[row.childElementCount - 1].element);
    inputGrid.show(image, { pads, padded });
    kernels.forEach((kernel, f) => filters[f].kernelGrid.show(kernel));
    inputFigure.say(`input ${by(image.shape)}`);
    showControls();
    showMaps();
    showSizes();
    explain();
  }

  function showControls() {
    const { image, kernels, stride, padding, mode, dilation } = now;
    const kernel = together(kernels);
    const preset = presets.find(
      (other) => same(other.image, image) && same(other.kernel, kernel),
    );
    examples.show(preset);
    sizeSlider.show(image.shape);
    kernelSlider.show(kernels[0].shape);
    filterSlider.value = kernels.length;
    strideSlider.value = stride;
    dilationSlider.value = dilation;
    paddings.show(padding);
    modeMenu.select.value = mode;
    modeMenu.element.hidden = padding === "valid" || padding === 0;
  }

  /** The outputs done so far; the others are empty cells. */
  function showMaps() {
    const most = Math.max(...maps.flatMap(({ data }) => Array.from(data, Math.abs))) || 1;
    maps.forEach(({ shape, data }, f) => {
      const done = data.map((value, k) => (k < walk.done ? value : NaN));
      const name = maps.length > 1 ? ` ${f + 1}:` : "";
      filters[f].output.show({ shape, data: done }, { most });
      filters[f].kernelFigure.say(`kernel${name.replace(":", "")}`);
      filters[f].outputFigure.say(`output${name} ${by(shape)}`);
    });
  }

  function showSizes() {
    const { image, kernels, stride, dilation } = now;
    const shape = kernels[0].shape;
    const along = (axis) => {
      const [before, after] = pads[axis];
      const reach = dilation > 1 ? `(${dilation}·(${shape[axis]} − 1) + 1)` : shape[axis];
      const padding = before + after ? ` + ${before} + ${after}` : "";
      const size = maps[0].shape[axis];
      return `⌊(${image.shape[axis]}${padding} − ${reach}) / ${stride}⌋ + 1 = ${size}`;
    };
    const [down, across] = [along(0), along(1)];
    sizeLine.textContent =
      "⌊(input + padding − kernel) / stride⌋ + 1: " +
      (down === across ? down : `rows ${down}, columns ${across}`);
    const lines = [0, 1].map((axis) =>
      reachedLines(padded.shape[axis], {
        count: maps[0].shape[axis],
        size: shape[axis],
        stride,
        dilation,
      }),
    );
    const missed = unreached(lines, pads);
    inputGrid.mark("unused", missed.places);
    const uneven = now.padding === "same" && pads.some(([before, after]) => before !== after);
    rimLine.textContent = [...missed.sentences, ...(uneven ? [UNEVEN] : [])].join(" ");
    code.say(kerasLine());
  }

  function kerasLine() {
    const { kernels, stride, padding, mode, dilation } = now;
    const [rows, columns] = kernels[0].shape;
    const byHand = pads.flat().some(Boolean) && (mode !== "zeros" || padding !== "same");
    const settings = [
      kernels.length,
      rows === columns ? rows : `(${rows}, ${columns})`,
      stride > 1 && `strides=${stride}`,
      pads.flat().some(Boolean) && !byHand && 'padding="same"',
      dilation > 1 && `dilation_rate=${dilation}`,
      "use_bias=False",
    ];
    const line = `keras.layers.Conv2D(${settings.filter(Boolean).join(", ")})`;
    if (stride > 1 && dilation > 1)
      return `# Keras takes a stride or a dilation, not both: ${line}`;
    if (!byHand) return line;
    if (mode === "zeros")
      return `keras.Sequential([keras.layers.ZeroPadding2D(${padding}), ${line}])`;
    const tuple = `(${pads.map((sides) => `(${sides.join(", ")})`).join(", ")})`;
    return `${line}  # after np.pad(image, ${tuple}, mode="${mode}")`;
  }

  /** Write out what is pointed at: the sum behind an output, or what an input reaches. */
  function explain() {
    const { input } = walk.place;
    sumLine.textContent = input ? reach(input) : sumBehind(walk.place);
    heldLine.textContent = held(walk.isHeld);
    voice.say(sumLine.textContent);
  }

  /** Light the window of an output, and return its sum. */
  function sumBehind({ filter, position }) {
    const { kernels, stride, dilation } = now;
    const [i, j] = position;
    const kernel = kernels[filter];
    const corner = [i * stride - pads[0][0], j * stride - pads[1][0]];
    const window = places(...corner, ...kernel.shape, dilation);
    inputGrid.mark("reached", []);
    inputGrid.mark("window", window);
    filters.forEach(({ output }, f) => {
      output.mark("reached", []);
      output.mark("current", f === filter && f < kernels.length ? [position] : []);
    });
    const terms = window.map(([row, column], k) => {
      const value = padded.data[(row + pads[0][0]) * padded.shape[1] + column + pads[1][0]];
      return `${bracketed(value)}·${bracketed(kernel.data[k])}`;
    });
    const value = maps[filter].data[i * maps[filter].shape[1] + j];
    const name = kernels.length > 1 ? `output ${filter + 1}` : "output";
    return `${name}[${i}, ${j}] = ${terms.join(" + ")} = ${format(value, 6)}`;
  }

  /** Light every output that a cell of the input, or of its padding, takes part in. */
  function reach([row, column]) {
    const { image, kernels, stride, padding, mode, dilation } = now;
    const [rows, columns] = image.shape;
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    const ones = array(kernels[0].shape);
    ones.data.fill(1);
    const one = array(inside ? image.shape : padded.shape);
    if (inside) one.data[row * columns + column] = 1;
    else one.data[(row + pads[0][0]) * padded.shape[1] + column + pads[1][0]] = 1;
    const around = inside ? { padding, mode } : {};
    const counts = conv2d(one, ones, { stride, dilation, ...around });
    const reached = places(0, 0, ...counts.shape).filter((_, k) => counts.data[k]);
    inputGrid.mark("window", []);
    inputGrid.mark("reached", [[row, column]]);
    for (const { output } of filters.slice(0, kernels.length)) {
      output.mark("current", []);
      output.mark("reached", reached);
    }
    return (
      `${inside ? "input" : "padding"}[${row}, ${column}] takes part in ` +
      `${counted(reached.length, "output")}${kernels.length > 1 ? " of each map" : ""}.`
    );
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, listeners);

  walk.resize(...sizesOf(now));
  update();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    voice.stop();
  };
}
