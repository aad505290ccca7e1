// What the explorers share: state, controls, grids of numbers, pictures.

import { INPUT, KERNEL, OUTPUT, SIGNED } from "./colours.js";

// ------------------------------------------------------------------------------- elements

/** Make an element: make("p", { class: "hc-note" }, "text", child). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Keep the keys that are pressed inside an explorer from the notebook, where X cuts a cell and
 * A adds one. JupyterLab takes keys before they come here, so they cannot be stopped; but it
 * looks for a mark, first on the very element that has the focus. A click beside the controls
 * gives the focus to the explorer itself, which has a tabindex to that end.
 */
function keepKeys(root) {
  const mark = (element) => (element.dataset.lmSuppressShortcuts = "true");
  mark(root);
  root.addEventListener("focusin", (event) => mark(event.target));
}

/** The outermost element of an explorer, with what puts it on a slide. */
export function explorer(label, ...children) {
  const large = make("button", { type: "button", "aria-pressed": "false" }, "Large");
  const full = make("button", { type: "button" }, "Full screen");
  const bar = make("div", { class: "hc-slide" }, large);
  const root = make(
    "div",
    { class: "hc", role: "group", "aria-label": label, tabindex: -1 },
    bar,
    ...children,
  );
  for (const [role, colour] of Object.entries({ INPUT, KERNEL, OUTPUT }))
    root.style.setProperty(`--${role.toLowerCase()}`, colour);
  // After a click the keys belong to the explorer: space plays, and does not click again.
  const handOver = (event) => event.detail && root.focus({ preventScroll: true });
  large.addEventListener("click", (event) => {
    const on = root.classList.toggle("hc-large");
    large.setAttribute("aria-pressed", on);
    handOver(event);
  });
  full.addEventListener("click", (event) => {
    if (document.fullscreenElement === root) document.exitFullscreen();
    else root.requestFullscreen().catch(() => large.click());
    handOver(event);
  });
  if (document.fullscreenEnabled) bar.append(full); // not in every frame of every site
  keepKeys(root);
  return root;
}

// ---------------------------------------------------------------------------------- state

const TYPES = { float64: Float64Array, uint8: Uint8Array };

/** The array that a trait of Python's class Array holds. */
export function getArray(model, name) {
  return fromMessage(model.get(name));
}

/** Bytes come as a DataView in JupyterLab; elsewhere as another view, or as an ArrayBuffer. */
export function fromMessage({ shape, dtype, data }) {
  const view = ArrayBuffer.isView(data) ? data : new DataView(data);
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return { shape, data: Float64Array.from(new TYPES[dtype](bytes)) };
}

export function toMessage({ shape, data }, dtype = "float64") {
  return { shape, dtype, data: new DataView(TYPES[dtype].from(data).buffer) };
}

/** A photo: bytes where that loses nothing. */
export function photoMessage(photo) {
  const bytes = photo.data.every((v) => Number.isInteger(v) && v >= 0 && v <= 255);
  return toMessage(photo, bytes ? "uint8" : "float64");
}

/** Tell Python. The explorer goes on alone where no kernel listens any more. */
export function share(model, changes) {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  try {
    model.save_changes();
  } catch (error) {
    console.info("The explorer goes on without its kernel:", error.message);
  }
}

/**
 * Call a listener for each trait that changes, until the returned function is called: from
 * Python, from here, or from another view of the same model.
 *
 * Traits that change together come one by one. So the listeners wait until those of one
 * message, or of one `share`, are there, and run in the order in which they are given, each
 * once however many of its traits changed. Where a trait is null the explorer is being closed.
 */
export function listen(model, listeners) {
  let changed = new Set();
  function run() {
    const names = changed;
    changed = new Set(); // what a listener changes itself comes next
    if (Object.keys(listeners).some((name) => model.get(name) === null)) return;
    const due = Object.entries(listeners).filter(([name]) => names.has(name));
    for (const listener of new Set(due.map(([, listener]) => listener))) listener();
  }
  const wired = Object.keys(listeners).map((name) => [
    `change:${name}`,
    () => {
      if (!changed.size) queueMicrotask(run);
      changed.add(name);
    },
  ]);
  for (const [event, listener] of wired) model.on(event, listener);
  return () => {
    for (const [event, listener] of wired) model.off(event, listener);
    changed.clear();
  };
}

/** The same listener for several traits. */
export const each = (names, listener) =>
  Object.fromEntries(names.map((name) => [name, listener]));

// -------------------------------------------------------------------------------- numbers

/** A short way to write a number; the minus is a real one. */
export function format(value, digits = 4) {
  if (Number.isNaN(value)) return "NaN";
  const text = String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
}

/** Larger weights only make numbers that nobody can read. */
export const LARGEST = 1e6;

/** The number a learner typed: 2, −0.5, 0,5 or 1/16, also full-width. NaN if it is none. */
export function parse(text) {
  const plain = text.normalize("NFKC").trim().replace("−", "-").replace(",", ".");
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const parts = plain.split("/").map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => number.test(part))) return NaN;
  const value = parts.length === 2 ? parts[0] / parts[1] : Number(plain);
  return Math.abs(value) <= LARGEST ? value : NaN;
}

/** A factor of a product: negative numbers stand in brackets. */
export const bracketed = (value) => (value < 0 ? `(${format(value)})` : format(value));

export const sumOf = (data) => data.reduce((a, b) => a + b, 0);

export const same = (a, b) =>
  a.shape.join() === b.shape.join() && a.data.every((value, k) => value === b.data[k]);

/** Whether two values are equal: numbers, texts, arrays, lists and objects of them. */
export function alike(a, b) {
  if (a === b) return true;
  if (!a || !b || typeof a !== "object" || typeof b !== "object") return false;
  if (a.shape && b.shape) return same(a, b);
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => alike(a[name], b[name]))
  );
}

/** 3 × 5, for a shape or any other list of sides. */
export const by = (sides) => sides.join(" × ");

/** 3 × 3, for a side; the parts stay on one line. */
export const square = (side) => `${side}\u00a0×\u00a0${side}`;

/** What stands under a sum while a click holds it. */
export const held = (pinned) => (pinned ? "Held. Click again, or press Esc, to let go." : "");

/** "1 row", "3 rows". */
export const counted = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

// ------------------------------------------------------------------------------- controls

export function slider({ label, min, max, step = 1, value, onInput, show = format }) {
  const input = make("input", { type: "range", min, max, step });
  const output = make("output", { "aria-hidden": "true" });
  const control = {
    element: make("label", { class: "hc-slider" }, label, input, output),
    input,
    get value() {
      return Number(input.value);
    },
    set value(next) {
      control.set(next);
    },
    /** Go to a value; what is written beside it may be told too. */
    set(next, text = show(next)) {
      input.value = next;
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    },
  };
  input.addEventListener("input", () => {
    control.value = Number(input.value);
    onInput(control.value);
  });
  control.value = value;
  return control;
}

/** A menu of [value, text] pairs. */
export function menu({ label, options, value, onChange }) {
  const select = make(
    "select",
    {},
    ...options.map(([name, text]) => make("option", { value: name }, text)),
  );
  select.value = value;
  select.addEventListener("change", () => onChange(select.value));
  return { element: make("label", {}, label, select), select };
}

export function button(text, onClick, attributes = {}) {
  return make("button", { type: "button", onclick: onClick, ...attributes }, text);
}

export function checkbox({ label, value, onChange }) {
  const input = make("input", { type: "checkbox", onchange: () => onChange(input.checked) });
  input.checked = value;
  return { element: make("label", {}, input, label), input };
}

/** A line of code with a button that copies it. */
export function codeLine(label) {
  const code = make("code", { "aria-label": label });
  const said = make("span", { role: "status" });
  async function copy() {
    try {
      await navigator.clipboard.writeText(code.textContent);
      said.textContent = "Copied.";
    } catch {
      // Without the right to write: select it, so that Ctrl+C does the rest.
      getSelection().selectAllChildren(code);
      said.textContent = "Selected: copy it with Ctrl+C.";
    }
  }
  return {
    element: make("div", { class: "hc-code" }, code, button("Copy", copy), said),
    say(text) {
      if (code.textContent === text) return;
      code.textContent = text;
      said.textContent = "";
    },
  };
}

/** One line for what went wrong; the state on the screen stays as it was. */
export function messageLine() {
  const element = make("p", { class: "hc-message", role: "alert" });
  return {
    element,
    say(text) {
      if (element.textContent !== text) element.textContent = text;
    },
    clear() {
      this.say("");
    },
  };
}

/** Text for screen readers, spoken once the learner pauses. */
export function spoken() {
  const element = make("p", { class: "hc-hidden", "aria-live": "polite" });
  let timer;
  return {
    element,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => (element.textContent = text), 500);
    },
    stop: () => clearTimeout(timer),
  };
}

// -------------------------------------------------------------------------------- pictures

const STOPS = SIGNED.map((hex) =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)),
);

/** [red, green, blue] of a number from −1 over 0 (white) to 1. */
export function signedColour(value) {
  const place = ((Math.min(Math.max(value, -1), 1) + 1) / 2) * (STOPS.length - 1);
  const low = Math.min(Math.floor(place), STOPS.length - 2);
  return STOPS[low].map((channel, k) =>
    Math.round(channel + (place - low) * (STOPS[low + 1][k] - channel)),
  );
}

/** Black or white, whichever stands out more on a colour (WCAG's relative luminance). */
export function readableOn(colour) {
  const [red, green, blue] = colour.map((channel) =>
    channel <= 10 ? channel / 3294 : ((channel / 255 + 0.055) / 1.055) ** 2.4,
  );
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? "#000" : "#fff";
}

export const SIGNED_GRADIENT = `linear-gradient(to right, ${SIGNED.join(", ")})`;

function pixel([red, green, blue]) {
  return (255 << 24) | (blue << 16) | (green << 8) | red;
}

const GRAYS = Uint32Array.from({ length: 256 }, (_, g) => pixel([g, g, g]));
const SIGNED_TABLE = Uint32Array.from({ length: 511 }, (_, k) =>
  pixel(signedColour(k / 255 - 1)),
);

/**
 * A picture of an array: gray between `low` and `high`, or signed around zero, and a frame
 * around the part in question. onPoint([row, column]) and onPick say where the pointer is.
 */
export function picture({ caption, role, onPoint, onPick, onLeave }) {
  const canvas = make("canvas", { role: "img", width: 1, height: 1 });
  const context = canvas.getContext("2d");
  const frame = make("div", { class: "hc-frame" });
  const stage = make("div", { class: "hc-stage" }, canvas, frame);
  const title = make("figcaption", {}, caption);
  stage.style.setProperty("--role", role);
  let pixels;

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const place = (offset, size, n) =>
      Math.min(Math.max(Math.floor((offset / size) * n), 0), n - 1);
    return [
      place(event.clientY - box.top, box.height, canvas.height),
      place(event.clientX - box.left, box.width, canvas.width),
    ];
  }
  stage.addEventListener("pointermove", (event) => onPoint(at(event)));
  stage.addEventListener("pointerdown", (event) => onPick(at(event)));
  stage.addEventListener("pointerleave", () => onLeave());

  return {
    element: make("figure", { class: "hc-view" }, title, stage),
    canvas,
    describe(text) {
      canvas.setAttribute("aria-label", text);
    },
    caption(text) {
      title.textContent = text;
    },
    /** Paint array.data; `scale` is { low, high } or { signed: the value of full colour }. */
    paint({ shape: [rows, columns], data }, scale) {
      if (canvas.height !== rows || canvas.width !== columns || !pixels) {
        canvas.height = rows;
        canvas.width = columns;
        pixels = context.createImageData(columns, rows);
      }
      const words = new Uint32Array(pixels.data.buffer);
      const signed = scale.signed !== undefined;
      const [table, low, factor] = signed
        ? [SIGNED_TABLE, -scale.signed, 255 / (scale.signed || 1)]
        : [GRAYS, scale.low, 255 / (scale.high - scale.low || 1)];
      const last = table.length - 1;
      for (let k = 0; k < data.length; k++) {
        const index = Math.round((data[k] - low) * factor);
        words[k] = table[index < 0 ? 0 : index > last ? last : index];
      }
      context.putImageData(pixels, 0, 0);
    },
    /** Frame `height` × `width` pixels whose corner is (row, column), cut at the border. */
    frame(row, column, height, width) {
      const [top, left] = [Math.max(row, 0), Math.max(column, 0)];
      const bottom = Math.min(row + height, canvas.height);
      const right = Math.min(column + width, canvas.width);
      const percent = (value, n) => `${(100 * value) / n}%`;
      Object.assign(frame.style, {
        top: percent(top, canvas.height),
        left: percent(left, canvas.width),
        height: percent(bottom - top, canvas.height),
        width: percent(right - left, canvas.width),
      });
    },
  };
}

// ---------------------------------------------------------------------- the learner's photo

/**
 * Read a photo file as gray bytes, its longer side at most `side`. The browser applies the
 * EXIF rotation; transparency is laid on white. Throws an Error with a sentence.
 */
export async function readPhoto(file, side, mostPixels) {
  const image = new Image();
  try {
    await new Promise((resolve, reject) => {
      const sentence = `${file.name} cannot be read as a picture. Choose a JPEG or PNG file.`;
      image.onload = resolve;
      image.onerror = () => reject(new Error(sentence));
      image.src = URL.createObjectURL(file);
    });
    const [w, h] = [image.naturalWidth, image.naturalHeight];
    if (w * h > mostPixels)
      throw new Error(
        `${file.name} has ${w} × ${h} pixels; at most ${mostPixels / 1e6} million ` +
          "are taken. Make it smaller first.",
      );
    const factor = Math.min(1, side / Math.max(w, h));
    const size = [h, w].map((n) => Math.max(1, Math.round(n * factor)));
    const canvas = make("canvas", { height: size[0], width: size[1] });
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, size[1], size[0]);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, size[1], size[0]);
    const colours = context.getImageData(0, 0, size[1], size[0]).data;
    const data = new Float64Array(size[0] * size[1]);
    for (let k = 0; k < data.length; k++)
      data[k] = Math.round(
        0.2125 * colours[4 * k] + 0.7154 * colours[4 * k + 1] + 0.0721 * colours[4 * k + 2],
      );
    return { shape: size, data };
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
