// KernelLab: a photo, a kernel whose cells you edit, and what the kernel makes of the photo.

import {
  alike,
  bracketed,
  button,
  explorer,
  format,
  fromMessage,
  getArray,
  held,
  listen,
  make,
  menu,
  messageLine,
  photoMessage,
  picture,
  readPhoto,
  same,
  share,
  SIGNED_GRADIENT,
  slider,
  spoken,
  sumOf,
  toMessage,
} from "../parts/base.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { numberGrid } from "../parts/grids.js";
import { conv2d } from "../parts/ops.js";
import { explorerKeys, movingKeys } from "../parts/stepper.js";

const OWN = "own";
const CUSTOM = "custom";
const DISPLAYS = [
  ["auto", "choose for me"],
  ["photo", "as a photo (cut at black and white)"],
  ["signed", "signed (blue − · white 0 · red +)"],
  ["absolute", "absolute value"],
];
const MOST_PRODUCTS = 5; // a table of more than 5 × 5 products is not read by anyone

function extremes(data) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** The kernel with rows and columns of zeros added, or its rim cut off, around the centre. */
function resized({ shape: [n], data }, size) {
  const shift = (size - n) / 2;
  const next = new Float64Array(size * size);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [row, column] = [i + shift, j + shift];
      if (Math.min(row, column) >= 0 && Math.max(row, column) < size)
        next[row * size + column] = data[i * n + j];
    }
  return { shape: [size, size], data: next };
}

/** The kernel turned by a quarter, counter-clockwise, like numpy.rot90. */
function turned({ shape: [n], data }) {
  const next = data.map((_, k) => data[(k % n) * n + (n - 1 - Math.floor(k / n))]);
  return { shape: [n, n], data: next };
}

export default function render({ model, el }) {
  const presets = Object.entries(model.get("_presets")).map(([name, message]) => [
    name,
    fromMessage(message),
  ]);
  const photos = model.get("_photos");
  const side = model.get("_side");
  let image = getArray(model, "image");
  let kernel = getArray(model, "kernel");
  let result;
  let selected = (kernel.data.length - 1) / 2; // the weight that the slider moves
  let pinned = false; // a click holds the position while the pointer goes elsewhere
  let ownPhoto; // the last picture that was not one of ours
  let pictures = 0; // how many were shown: a file that was read too late is dropped

  // ------------------------------------------------------------------------------ controls
  const photoMenu = menu({
    label: "Photo",
    options: [...Object.keys(photos), OWN].map((name) => [
      name,
      name === OWN ? "your own" : name,
    ]),
    value: model.get("photo"),
    onChange: choosePhoto,
  });
  const file = make("input", {
    type: "file",
    accept: "image/*",
    class: "hc-hidden",
    onchange: () => takeFile(file.files[0]),
  });
  const fileLabel = make("label", { class: "hc-filelabel" }, "Open a photo…", file);
  const displayMenu = menu({
    label: "Show the result",
    options: DISPLAYS,
    value: model.get("display"),
    onChange: (display) => share(model, { display }),
  });
  const presetMenu = menu({
    label: "Kernel",
    options: [...presets.map(([name]) => name), CUSTOM].map((name) => [
      name,
      name.replaceAll("_", " "),
    ]),
    onChange: (name) => {
      const preset = presets.find(([other]) => other === name);
      if (preset) setKernel(preset[1]);
      else showKernel();
    },
  });
  const message = messageLine();
  const voice = spoken();
  const grid = numberGrid({
    label: "kernel weight",
    role: KERNEL,
    onInput: (next) => setKernel(next),
    onSelect: (index) => {
      selected = index;
      showWeight();
    },
    onRefuse: (sentence) => message.say(sentence),
  });
  const sizeSlider = slider({
    label: "Size",
    min: 1,
    max: model.get("_largest"),
    step: 2,
    value: kernel.shape[0],
    show: (n) => `${n} × ${n}`,
    onInput: (size) => {
      selected = (size * size - 1) / 2;
      setKernel(resized(kernel, size));
    },
  });
  const weightSlider = slider({
    label: "Weight",
    min: -10,
    max: 10,
    step: 0.05,
    value: 0,
    onInput: (value) => {
      const data = Float64Array.from(kernel.data);
      data[selected] = value;
      setKernel({ shape: kernel.shape, data });
    },
  });
  const rowSlider = slider({ label: "Row", min: 0, max: 0, value: 0, onInput: steer });
  const columnSlider = slider({ label: "Column", min: 0, max: 0, value: 0, onInput: steer });
  const buttons = make(
    "div",
    { class: "hc-bar" },
    button("Make the sum 1", normalise),
    button("Turn 90°", () => setKernel(turned(kernel))),
    button("Flip", () => setKernel({ ...kernel, data: kernel.data.toReversed() })),
  );
  const kernelNote = make("p", { class: "hc-note" });

  // ------------------------------------------------------------------------------ pictures
  const pointing = {
    onPoint: (position) => pinned || explain(position),
    onPick: (place) => {
      pinned = !(pinned && alike(place, position()));
      hold(place);
    },
    onLeave: () => pinned || explain(position()),
  };
  const input = picture({ caption: "Photo", role: INPUT, ...pointing });
  const output = picture({ caption: "Result", role: OUTPUT, ...pointing });
  const low = make("b");
  const high = make("b");
  const ramp = make("span");
  const outputNote = make("p", { class: "hc-note" });
  output.element.append(make("div", { class: "hc-scale" }, low, ramp, high), outputNote);

  const sumLine = make("p", { class: "hc-note" });
  const heldLine = make("p", { class: "hc-note" });
  const products = make("table", { class: "hc-grid" });
  products.style.setProperty("--role", OUTPUT);

  const root = explorer(
    "KernelLab",
    make("div", { class: "hc-bar" }, photoMenu.element, fileLabel, displayMenu.element),
    make(
      "div",
      { class: "hc-row" },
      input.element,
      make(
        "div",
        { class: "hc-view hc-controls" },
        presetMenu.element,
        make("div", { class: "hc-row" }, grid.element),
        sizeSlider.element,
        weightSlider.element,
        buttons,
        kernelNote,
      ),
      output.element,
    ),
    message.element,
    make("div", { class: "hc-bar" }, rowSlider.element, columnSlider.element),
    make("p", { class: "hc-note hc-keys" }, "Keys: arrows move the pixel, Esc lets go."),
    sumLine,
    heldLine,
    make("div", { class: "hc-scroll" }, products),
    voice.element,
  );
  explorerKeys(root, {
    ...movingKeys((step) => {
      pinned = true;
      const last = image.shape.map((n) => n - 1);
      hold(position().map((n, k) => Math.min(Math.max(n + step[k], 0), last[k])));
    }),
    Escape() {
      pinned = false;
      explain(position());
    },
  });
  el.append(root);

  // --------------------------------------------------------------------------------- state
  function setKernel(next) {
    kernel = next;
    message.clear();
    showKernel();
    compute();
    share(model, { kernel: toMessage(kernel) });
  }

  function setImage(next, photo) {
    image = next;
    message.clear();
    share(model, { image: photoMessage(image), photo, position: position() });
    showImage();
    compute();
  }

  function choosePhoto(name) {
    setImage(name === OWN ? ownPhoto : fromMessage(photos[name]), name);
  }

  async function takeFile(chosen) {
    if (!chosen) return;
    file.value = ""; // the same file can be chosen again
    const before = ++pictures;
    try {
      const photo = await readPhoto(chosen, side, model.get("_most_pixels"));
      if (before === pictures) setImage(photo, OWN);
    } catch (error) {
      if (before === pictures) message.say(error.message);
    }
  }

  function normalise() {
    const sum = sumOf(kernel.data);
    if (Math.abs(sum) < 1e-9)
      message.say(
        "These weights sum to 0, and nothing divided by 0 gives 1. Change a weight first.",
      );
    else setKernel({ ...kernel, data: kernel.data.map((weight) => weight / sum) });
  }

  function steer() {
    pinned = true;
    hold([rowSlider.value, columnSlider.value]);
  }

  function hold(place) {
    share(model, { position: place });
    explain(place); // also if the place is the one that was shared before
  }

  /** The pixel that is written out: the trait's, or the middle until there is one inside. */
  function position() {
    const place = model.get("position");
    const inside = place.every((n, axis) => n < image.shape[axis]);
    return inside ? place : image.shape.map((n) => Math.floor(n / 2));
  }

  // ------------------------------------------------------------------------------- drawing
  function compute() {
    result = conv2d(image, kernel, { padding: "same", mode: "edge" });
    paintResult();
    explain(position());
  }

  function showImage() {
    const [rows, columns] = image.shape;
    pictures += 1;
    if (model.get("photo") === OWN) ownPhoto = image;
    photoMenu.select.querySelector(`[value=${OWN}]`).disabled = !ownPhoto;
    photoMenu.select.value = model.get("photo");
    rowSlider.input.max = rows - 1;
    columnSlider.input.max = columns - 1;
    input.paint(image, { low: 0, high: white() });
    input.describe(`The photo ${model.get("photo")}, ${rows} × ${columns} pixels`);
  }

  const white = () => (extremes(image.data).high <= 1 ? 1 : 255);

  function showKernel() {
    const match = presets.find(([, preset]) => same(preset, kernel));
    presetMenu.select.value = match ? match[0] : CUSTOM;
    grid.value = kernel;
    sizeSlider.value = kernel.shape[0];
    showWeight();
    const sum = sumOf(kernel.data);
    const effect =
      Math.abs(sum) < 1e-9
        ? "flat areas become 0"
        : Math.abs(sum - 1) < 1e-9
          ? "brightness stays"
          : `brightness × ${format(sum)}`;
    kernelNote.textContent = `Sum of the weights ${format(sum)}: ${effect}.`;
  }

  function showWeight() {
    selected = Math.min(selected, kernel.data.length - 1);
    weightSlider.value = kernel.data[selected];
    const [row, column] = [Math.floor(selected / kernel.shape[1]), selected % kernel.shape[1]];
    weightSlider.input.setAttribute(
      "aria-label",
      `Weight in row ${row + 1}, column ${column + 1}`,
    );
  }

  function paintResult() {
    const asked = model.get("display");
    const balanced = Math.abs(sumOf(kernel.data)) < 1e-9;
    const display = asked === "auto" ? (balanced ? "signed" : "photo") : asked;
    const { low: least, high: most } = extremes(result.data);
    const reach = Math.max(Math.abs(least), Math.abs(most));
    let note = `From ${format(least)} to ${format(most)}.`;
    if (display === "signed") {
      output.paint(result, { signed: reach });
      [low.textContent, high.textContent] = [format(-reach), format(reach)];
    } else {
      const shown =
        display === "absolute"
          ? { shape: result.shape, data: result.data.map(Math.abs) }
          : result;
      const top = display === "absolute" ? reach : white();
      output.paint(shown, { low: 0, high: top });
      [low.textContent, high.textContent] = ["0", format(top)];
      if (display === "photo") {
        const hair = 1e-6 * top; // what rounding alone may add
        const cut = result.data.reduce((n, v) => n + (v < -hair || v > top + hair), 0);
        const percent = (100 * cut) / result.data.length;
        note += ` ${format(percent, 2)} % of the pixels are cut off here.`;
      }
    }
    ramp.style.background =
      display === "signed" ? SIGNED_GRADIENT : "linear-gradient(to right, #000, #fff)";
    outputNote.textContent = note;
    output.caption(`Result (${display})`);
    output.describe(
      `Result of the ${presetMenu.select.selectedOptions[0].text} kernel, ` +
        `from ${format(least)} to ${format(most)}, shown ${display}`,
    );
  }

  /** Write out the sum behind one pixel of the result, and frame its window. */
  function explain([row, column]) {
    const n = kernel.shape[0];
    const half = (n - 1) / 2;
    input.frame(row - half, column - half, n, n);
    output.frame(row, column, 1, 1);
    [rowSlider.value, columnSlider.value] = [row, column];

    const value = result.data[row * result.shape[1] + column];
    const pixels = windowAt(row, column);
    const terms = pixels.map((pixel, k) => [bracketed(kernel.data[k]), bracketed(pixel)]);
    const written = n <= 3
      ? terms.map((term) => term.join("·")).join(" + ") : `sum of ${n} × ${n} products`;
    sumLine.textContent = `result[${row}, ${column}] = ${written} = ${format(value, 6)}`;
    heldLine.textContent = held(pinned);
    voice.say(sumLine.textContent);

    products.replaceChildren();
    if (n > MOST_PRODUCTS) return;
    products.createCaption().textContent = "weight × pixel = product";
    for (let i = 0; i < n; i++) {
      const line = products.insertRow();
      for (let j = 0; j < n; j++) {
        const k = i * n + j;
        const cell = line.insertCell();
        cell.className = "hc-number";
        cell.textContent = `${terms[k].join(" × ")} = ${format(kernel.data[k] * pixels[k])}`;
      }
    }
  }

  function windowAt(row, column) {
    const n = kernel.shape[0];
    const half = (n - 1) / 2;
    const [rows, columns] = image.shape;
    const clamp = (value, size) => Math.min(Math.max(value, 0), size - 1);
    return Array.from(
      { length: n * n },
      (_, k) =>
        image.data[
          clamp(row - half + Math.floor(k / n), rows) * columns +
            clamp(column - half + (k % n), columns)
        ],
    );
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, {
    image: () => {
      const next = getArray(model, "image");
      if (same(next, image)) return;
      image = next;
      showImage();
      compute();
    },
    kernel: () => {
      const next = getArray(model, "kernel");
      if (same(next, kernel)) return;
      kernel = next;
      message.clear();
      showKernel();
      compute();
    },
    photo: showImage,
    display: () => {
      displayMenu.select.value = model.get("display");
      paintResult();
    },
    position: () => explain(position()),
  });

  showImage();
  showKernel();
  compute();

  return () => {
    stopListening();
    voice.stop();
    pictures += 1;
  };
}
