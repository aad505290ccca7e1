// The picture of an explorer: one of its photographs, or the learner's own.

import { make } from "./elements.js";
import { menu } from "./controls.js";
import { call, variable } from "./saving.js";
import { columnsScaled, rowsScaled } from "./scaling.js";
import { fromMessage, numbersFrom } from "./state.js";
import { t } from "./texts.js";

const OWN = "own";
const ROWS = 256; // of a photo that stand on a canvas at a time

/** A colour photo as bytes, without the way over floats: it has up to 800,000 of them. */
export const photoFrom = ({ shape, data }) => ({ shape, data: numbersFrom(data, Uint8Array) });

/**
 * A menu of pictures by name, and a button for a file where `file` is given: { side, most,
 * read, dropOn }, the side that it is shrunk to, the most pixels that are taken, the function
 * that reads it (`readPhoto`, gray; or `readSquare`) and an element onto which a file may be
 * dropped. `messageOf(message)` makes a picture of what came from Python. Where it is none of
 * pictures, `holds` names the trait, `own` says what it is, and `file` has { accept, open } too.
 *
 * onChoose(image, name) comes with every choice, onRefuse(sentence) where a file cannot be
 * read, or where misfit(image, file name) says why it will not do. `follow()` shows what the
 * traits say: `named` has the name, `holds` the picture. call(argument, others) is saving.js's
 * `call`, with the picture as one of the arguments.
 */
export function pictureChooser({
  model,
  label,
  pictures,
  named = "photo",
  holds = "image",
  own: ownText = t("your own picture, as an array"),
  file,
  misfit = () => "",
  messageOf = fromMessage,
  onChoose,
  onRefuse,
}) {
  let own; // the last picture that was not one of ours
  let choices = 0; // how many were shown: a file that was read too late is dropped
  const chosen = menu({
    label,
    options: [...Object.keys(pictures), OWN].map((name) => [
      name,
      name === OWN ? t("your own") : t(name),
    ]),
    value: model.get(named),
    onChange: (name) => onChoose(name === OWN ? own : messageOf(pictures[name]), name),
  });
  const input = make("input", {
    type: "file",
    accept: file?.accept ?? "image/*",
    class: "hc-hidden",
    onchange: () => take(input.files[0]),
  });
  const opener = make("label", { class: "hc-filelabel" }, file?.open ?? t("Open a photo…"), input);

  async function take(picked) {
    if (!picked) return;
    input.value = ""; // the same file can be chosen again
    const before = ++choices;
    try {
      const read = file.read ?? readPhoto;
      const image = await read(picked, file.side, file.most);
      const sentence = misfit(image, picked.name);
      if (sentence) throw new Error(sentence);
      if (before === choices) onChoose(image, OWN);
    } catch (error) {
      if (before === choices) onRefuse(error.message);
    }
  }

  if (file?.dropOn) takeDropped(file.dropOn, take);

  return {
    elements: file ? [chosen.element, opener] : [chosen.element],
    /** The picture that the menu shows: its name, and the text for it. */
    get shown() {
      return chosen.value;
    },
    get text() {
      return chosen.select.selectedOptions[0].text;
    },
    follow() {
      choices += 1;
      if (model.get(named) === OWN) own = messageOf(model.get(holds));
      chosen.select.querySelector(`[value=${OWN}]`).disabled = !own;
      chosen.value = model.get(named);
    },
    call(argument, others) {
      const name = model.get(named);
      if (name !== OWN) return call(model, { [argument]: name, ...others });
      const code = call(model, { [argument]: variable(holds), ...others });
      return `${code}  # ${holds}: ${ownText}`;
    },
    stop: () => (choices += 1),
  };
}

/** Take a file that is dropped onto an element; text and links go their usual way. */
function takeDropped(element, take) {
  const isFile = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  element.addEventListener("dragover", (event) => {
    if (isFile(event)) event.preventDefault();
  });
  element.addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault(); // else the page goes away and shows the file
    event.stopPropagation(); // JupyterLab would upload it
    take(event.dataTransfer.files[0]);
  });
}

/** Open a photo file, call use(image, width, height), and close it. */
async function withPhoto(file, mostPixels, use) {
  const image = new Image();
  try {
    await new Promise((resolve, reject) => {
      const sentence = t("{name} cannot be read as a picture. Choose a JPEG or PNG file.", file);
      image.onload = resolve;
      image.onerror = () => reject(new Error(sentence));
      image.src = URL.createObjectURL(file);
    });
    const [w, h] = [image.naturalWidth, image.naturalHeight];
    if (w * h > mostPixels)
      throw new Error(
        t(
          "{name} has {w} × {h} pixels; at most {most} million are taken. Make it smaller first.",
          { name: file.name, w, h, most: mostPixels / 1e6 },
        ),
      );
    return use(image, w, h);
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/** A canvas on white ground, so that what is transparent lies on that. */
function whiteCanvas(width, height) {
  const canvas = make("canvas", { height, width });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  return context;
}

/**
 * Read a photo file as gray bytes, its longer side at most `side`. The browser applies the
 * EXIF rotation; transparency is laid on white. Throws an Error with a sentence.
 */
export function readPhoto(file, side, mostPixels) {
  return withPhoto(file, mostPixels, (image, w, h) => {
    const factor = Math.min(1, side / Math.max(w, h));
    const size = [h, w].map((n) => Math.max(1, Math.round(n * factor)));
    const context = whiteCanvas(size[1], size[0]);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, size[1], size[0]);
    const colours = context.getImageData(0, 0, size[1], size[0]).data;
    const data = new Float64Array(size[0] * size[1]);
    for (let k = 0; k < data.length; k++)
      data[k] = Math.round(
        0.2125 * colours[4 * k] + 0.7154 * colours[4 * k + 1] + 0.0721 * colours[4 * k + 2],
      );
    return { shape: size, data };
  });
}

/**
 * Read the square in the middle of a photo file in colour, at most `side` pixels a side, or
 * `exactly` so many, scaled as helpers/images.py's `square` does: bytes (S, S, 3). Throws an
 * Error with a sentence.
 *
 * A canvas only hands the pixels over, some rows at a time: a photo of 50 megapixels would not
 * fit. Of a PNG the same bytes come as in Python, and of a JPEG where the browser unpacks it as
 * Pillow does (Chromium: to the byte). A colour profile is obeyed here, and not in Python.
 */
export function readSquare(file, side, mostPixels, exactly = false) {
  return withPhoto(file, mostPixels, (image, w, h) => {
    const shorter = Math.min(w, h);
    const size = exactly ? side : Math.min(shorter, side);
    const [left, top] = [w, h].map((n) => Math.floor((n - shorter) / 2));
    const rows = new Uint8ClampedArray(shorter * size * 3);
    for (let first = 0; first < shorter; first += ROWS) {
      const count = Math.min(ROWS, shorter - first);
      const context = whiteCanvas(shorter, count);
      context.imageSmoothingEnabled = false; // pixel for pixel
      context.drawImage(image, left, top + first, shorter, count, 0, 0, shorter, count);
      const strip = withoutAlpha(context.getImageData(0, 0, shorter, count).data);
      rows.set(size !== shorter ? rowsScaled(strip, shorter, size) : strip, first * size * 3);
    }
    return {
      shape: [size, size, 3],
      data: size !== shorter ? columnsScaled(rows, size, size) : rows,
    };
  });
}

/** The colours of a canvas alone. */
function withoutAlpha(pixels) {
  const colours = new Uint8ClampedArray((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4, to += 3) {
    colours[to] = pixels[from];
    colours[to + 1] = pixels[from + 1];
    colours[to + 2] = pixels[from + 2];
  }
  return colours;
}
