// KernelLab: a photo, a kernel whose cells you edit, and what the kernel makes of the photo.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { actions, bound, button, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make } from "../parts/elements.js";
import { numberGrid, titled } from "../parts/grids.js";
import { group, layout, line } from "../parts/layout.js";
import { alike, bracketed, clamp, extremes, format, held, sumOf } from "../parts/numbers.js";
import { conv2d } from "../parts/ops.js";
import { pictureChooser } from "../parts/photos.js";
import { picture, SIGNED_GRADIENT } from "../parts/pictures.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { listed, tuple } from "../parts/saving.js";
import { each, getArray, listen, photoMessage, share, toMessage } from "../parts/state.js";
import { explorerKeys, keysLine, movingKeys } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const DISPLAYS = {
  auto: "choose for me",
  photo: "as a photo (cut at black and white)",
  signed: "signed (blue − · white 0 · red +)",
  absolute: "absolute value",
};
const MOST_PRODUCTS = 5; // a table of more than 5 × 5 products is not read by anyone
const HAIR = 1e-9; // what rounding may leave of a sum

// ----------------------------------------------------------------------------- arithmetic

/** The kernel with rows and columns of zeros added, or its rim cut off, around the centre. */
export function resized({ shape: [n], data }, size) {
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
export function turned({ shape: [n], data }) {
  const next = data.map((_, k) => data[(k % n) * n + (n - 1 - Math.floor(k / n))]);
  return { shape: [n, n], data: next };
}

/** The n × n pixels around one; where they lie outside, those of the edge. */
export function pixelsAround({ shape: [rows, columns], data }, [row, column], n) {
  const half = (n - 1) / 2;
  return Array.from({ length: n * n }, (_, k) => {
    const i = clamp(row - half + Math.floor(k / n), 0, rows - 1);
    const j = clamp(column - half + (k % n), 0, columns - 1);
    return data[i * columns + j];
  });
}

/** The value that is painted white. */
const whiteOf = ({ data }) => (extremes(data).high <= 1 ? 1 : 255);

const isBalanced = ({ data }) => Math.abs(sumOf(data)) < HAIR;

/** What is painted, on which scale, and what its ends are: { shown, scale, ends }. */
export function displayed(result, display, white) {
  const { low, high } = extremes(result.data);
  const reach = Math.max(Math.abs(low), Math.abs(high));
  if (display === "signed")
    return { shown: result, scale: { signed: reach }, ends: [-reach, reach] };
  if (display === "absolute") {
    const shown = { shape: result.shape, data: result.data.map(Math.abs) };
    return { shown, scale: { low: 0, high: reach }, ends: [0, reach] };
  }
  return { shown: result, scale: { low: 0, high: white }, ends: [0, white] };
}

// ------------------------------------------------------------------------------ sentences

/** What the sum of the weights does to the brightness. */
export function effectOf({ data }) {
  const sum = sumOf(data);
  const number = format(sum);
  if (Math.abs(sum) < HAIR)
    return t("Sum of the weights {sum}: flat areas become 0.", { sum: number });
  if (Math.abs(sum - 1) < HAIR)
    return t("Sum of the weights {sum}: brightness stays.", { sum: number });
  return t("Sum of the weights {sum}: brightness × {sum}.", { sum: number });
}

/** From where to where the result goes; as a photo, also how much of it is cut off. */
export function rangeOf({ data }, display, white) {
  const { low, high } = extremes(data);
  const range = t("From {low} to {high}.", { low: format(low), high: format(high) });
  if (display !== "photo") return range;
  const hair = 1e-6 * white; // what rounding alone may add
  const cut = data.reduce((n, v) => n + (v < -hair || v > white + hair), 0);
  const percent = format((100 * cut) / data.length, 2);
  return `${range} ${t("{percent} % of the pixels are cut off here.", { percent })}`;
}

/** The sum behind a pixel of the result, written out where it is short. */
export function sumBehind(kernel, pixels, [row, column], value) {
  const n = kernel.shape[0];
  const terms = pixels.map((pixel, k) => `${bracketed(kernel.data[k])}·${bracketed(pixel)}`);
  const written =
    n <= 3 ? terms.join(" + ") : t("sum of {n} × {n} products", { n });
  return `${t("result")}[${row}, ${column}] = ${written} = ${format(value, 6)}`;
}

/** weight × pixel = product, for every weight. */
const productsOf = (kernel, pixels) =>
  pixels.map((pixel, k) => {
    const weight = kernel.data[k];
    return `${bracketed(weight)} × ${bracketed(pixel)} = ${format(weight * pixel)}`;
  });

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const presets = presetsOf(model);
  let image = getArray(model, "image");
  let kernel = getArray(model, "kernel");
  let result;
  let selected = (kernel.data.length - 1) / 2; // the weight that the slider moves
  let pinned = false; // a click holds the position while the pointer goes elsewhere

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const photos = pictureChooser({
    model,
    label: t("Photo"),
    pictures: model.get("_photos"),
    file: { side: model.get("_side"), most: model.get("_most_pixels") },
    onChoose: (next, photo) =>
      share(model, {
        image: photoMessage(next),
        photo,
        position: inside(model.get("position"), next),
      }),
    onRefuse: message.say,
  });
  const kernels = presetMenu({
    label: t("Kernel"),
    presets,
    settingsOf: ({ array }) => ({ kernel: array }),
    onChoose: (settings) => setKernel(settings.kernel),
  });
  const grid = numberGrid({
    label: t("kernel weight"),
    role: KERNEL,
    onInput: setKernel,
    onSelect: (index) => {
      selected = index;
      showWeight();
    },
    onRefuse: message.say,
  });
  const sizeSlider = slider({
    label: t("Size"),
    min: 1,
    max: model.get("_largest"),
    step: 2,
    show: (n) => `${n} × ${n}`,
    onInput: (size) => {
      selected = (size * size - 1) / 2;
      setKernel(resized(kernel, size));
    },
  });
  const weightSlider = slider({
    label: t("Weight"),
    min: -10,
    max: 10,
    step: 0.05,
    onInput: (value) =>
      setKernel({ shape: kernel.shape, data: kernel.data.with(selected, value) }),
  });
  const displayMenu = bound(model, "display", menu, {
    label: t("Show the result"),
    options: Object.entries(DISPLAYS).map(([name, text]) => [name, t(text)]),
  });
  const [rowSlider, columnSlider] = [t("Row"), t("Column")].map((label) =>
    slider({ label, min: 0, max: 0, onInput: steer }),
  );
  const kernelNote = line();
  const kernelActions = actions(
    button(t("Make the sum 1"), normalise),
    button(t("Turn 90°"), () => setKernel(turned(kernel))),
    button(t("Flip"), () => setKernel({ ...kernel, data: kernel.data.toReversed() })),
  );

  // ------------------------------------------------------------------------------ pictures
  const pointing = {
    onPoint: (place) => pinned || explain(place),
    onPick: (place) => {
      pinned = !(pinned && alike(place, position()));
      hold(place);
    },
    onLeave: () => pinned || explain(position()),
  };
  const input = picture({ caption: t("Photo"), role: INPUT, ...pointing });
  const output = picture({ caption: t("Result"), role: OUTPUT, ...pointing });
  const [low, high, ramp] = [make("b"), make("b"), make("span")];
  const rangeLine = line("kl-range");
  output.element.append(make("div", { class: "hc-scale" }, low, ramp, high), rangeLine);

  const [sumLine, heldLine] = [line("hc-sum"), line()];
  const products = make("table", { class: "hc-grid" });
  products.style.setProperty("--role", OUTPUT);
  const table = make(
    "div",
    { class: "hc-scroll", tabindex: "0", role: "group", "aria-label": t("Products") },
    products,
  );

  const frame = layout("KernelLab", {
    head: [...photos.elements, kernels.element],
    scene: [
      input.element,
      titled(t("Kernel"), grid, kernelNote, kernelActions).element,
      output.element,
    ],
    strip: [sumLine, heldLine, message.element, table, voice.element],
    settings: [
      group(t("The kernel"), sizeSlider.element, weightSlider.element),
      group(
        t("What is shown"),
        displayMenu.element,
        rowSlider.element,
        columnSlider.element,
        keysLine(t("Keys: arrows move the pixel, Esc lets go.")),
      ),
    ],
    python,
  });
  explorerKeys(frame.root, {
    ...movingKeys((step) => {
      pinned = true;
      hold(position().map((n, k) => clamp(n + step[k], 0, image.shape[k] - 1)));
    }),
    Escape() {
      pinned = false;
      explain(position());
    },
  });
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function setKernel(next) {
    showKernel(next);
    share(model, { kernel: toMessage(kernel) });
  }

  function normalise() {
    if (isBalanced(kernel))
      message.say(
        t(
          "These weights sum to 0, and nothing divided by 0 gives 1. Change a weight first.",
        ),
      );
    else {
      const sum = sumOf(kernel.data);
      setKernel({ ...kernel, data: kernel.data.map((weight) => weight / sum) });
    }
  }

  function steer() {
    pinned = true;
    hold([rowSlider.value, columnSlider.value]);
  }

  function hold(place) {
    share(model, { position: place });
    explain(place); // also if the place is the one that was shared before
  }

  /** A place of the picture: the one that is given, or the middle until it lies inside. */
  function inside(place, { shape } = image) {
    const fits = place.every((n, axis) => n < shape[axis]);
    return fits ? place : shape.map((n) => Math.floor(n / 2));
  }

  const position = () => inside(model.get("position"));
  const middle = () => inside([Infinity, Infinity]);

  function python() {
    const preset = presets.find(({ array }) => alike(array, kernel));
    return photos.call("image", {
      kernel: preset?.name ?? listed(kernel),
      display: model.get("display"),
      position: alike(position(), middle()) ? null : tuple(...position()),
    });
  }

  // ------------------------------------------------------------------------------- drawing
  function showPicture() {
    image = getArray(model, "image");
    message.clear();
    photos.follow();
    const [rows, columns] = image.shape;
    rowSlider.input.max = rows - 1;
    columnSlider.input.max = columns - 1;
    input.paint(image, { low: 0, high: whiteOf(image) });
    input.describe(
      t("The photo {name}, {rows} × {columns} pixels", { name: photos.text, rows, columns }),
    );
    compute();
  }

  function showKernel(next) {
    kernel = next;
    message.clear();
    kernels.show({ kernel });
    grid.value = kernel;
    sizeSlider.value = kernel.shape[0];
    showWeight();
    kernelNote.textContent = effectOf(kernel);
    compute();
  }

  function showWeight() {
    selected = Math.min(selected, kernel.data.length - 1);
    weightSlider.value = kernel.data[selected];
    const [row, column] = [Math.floor(selected / kernel.shape[1]), selected % kernel.shape[1]];
    weightSlider.input.setAttribute(
      "aria-label",
      t("Weight in row {row}, column {column}", { row: row + 1, column: column + 1 }),
    );
  }

  function compute() {
    result = conv2d(image, kernel, { padding: "same", mode: "edge" });
    paintResult();
    explain(position());
  }

  function paintResult() {
    const asked = model.get("display");
    const display = asked !== "auto" ? asked : isBalanced(kernel) ? "signed" : "photo";
    const white = whiteOf(image);
    const { shown, scale, ends } = displayed(result, display, white);
    output.paint(shown, scale);
    [low.textContent, high.textContent] = ends.map((end) => format(end));
    ramp.style.background =
      display === "signed" ? SIGNED_GRADIENT : "linear-gradient(to right, #000, #fff)";
    rangeLine.textContent = rangeOf(result, display, white);
    output.caption(t("Result ({display})", { display: t(display) }));
    const range = extremes(result.data);
    output.describe(
      t("Result of the {kernel} kernel, from {low} to {high}, shown {display}", {
        kernel: kernels.text,
        low: format(range.low),
        high: format(range.high),
        display: t(display),
      }),
    );
  }

  /** Write out the sum behind one pixel of the result, and frame its window. */
  function explain([row, column]) {
    const n = kernel.shape[0];
    const half = (n - 1) / 2;
    input.frame(row - half, column - half, n, n);
    output.frame(row, column, 1, 1);
    [rowSlider.value, columnSlider.value] = [row, column];

    const pixels = pixelsAround(image, [row, column], n);
    const value = result.data[row * result.shape[1] + column];
    sumLine.textContent = sumBehind(kernel, pixels, [row, column], value);
    heldLine.textContent = held(pinned);
    voice.say(sumLine.textContent);

    products.replaceChildren();
    table.hidden = n > MOST_PRODUCTS;
    if (table.hidden) return;
    products.createCaption().textContent = t("weight × pixel = product");
    for (const [k, text] of productsOf(kernel, pixels).entries()) {
      const lineOf = k % n ? products.rows[products.rows.length - 1] : products.insertRow();
      const cell = lineOf.insertCell();
      cell.className = "hc-number";
      cell.textContent = text;
    }
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, {
    ...each(["image", "photo"], showPicture),
    kernel: () => {
      const next = getArray(model, "kernel");
      if (!alike(next, kernel)) showKernel(next); // else it is what was told from here
    },
    display: () => {
      displayMenu.follow();
      paintResult();
    },
    position: () => explain(position()),
  });

  showPicture();
  showKernel(kernel);

  return () => {
    stopListening();
    voice.stop();
    photos.stop();
    frame.close();
  };
}
