// The picture of an explorer: one of its photographs, or the learner's own.

import { make } from "./elements.js";
import { menu } from "./controls.js";
import { call, variable } from "./saving.js";
import { fromMessage, getArray } from "./state.js";
import { t } from "./texts.js";

const OWN = "own";

/**
 * A menu of pictures by name, and a button for a file where `file` is given: { side, most,
 * … }, the most pixels that are taken and all else that `readPhoto` wants.
 *
 * onChoose(image, name) comes with every choice, onRefuse(sentence) where a file cannot be
 * read, or where misfit(image, file name) says why it will not do. `follow()` shows what the
 * traits say: `named` has the name, `image` the picture. call(argument, others) is saving.js's
 * `call`, with the picture as one of the arguments.
 */
export function pictureChooser({
  model,
  label,
  pictures,
  named = "photo",
  file,
  misfit = () => "",
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
    onChange: (name) => onChoose(name === OWN ? own : fromMessage(pictures[name]), name),
  });
  const input = make("input", {
    type: "file",
    accept: "image/*",
    class: "hc-hidden",
    onchange: () => take(input.files[0]),
  });
  const opener = make("label", { class: "hc-filelabel" }, t("Open a photo…"), input);

  async function take(picked) {
    if (!picked) return;
    input.value = ""; // the same file can be chosen again
    const before = ++choices;
    try {
      const image = await readPhoto(picked, file);
      const sentence = misfit(image, picked.name);
      if (sentence) throw new Error(sentence);
      if (before === choices) onChoose(image, OWN);
    } catch (error) {
      if (before === choices) onRefuse(error.message);
    }
  }

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
      if (model.get(named) === OWN) own = getArray(model, "image");
      chosen.select.querySelector(`[value=${OWN}]`).disabled = !own;
      chosen.value = model.get(named);
    },
    call(argument, others) {
      const name = model.get(named);
      if (name !== OWN) return call(model, { [argument]: name, ...others });
      const code = call(model, { [argument]: variable("image"), ...others });
      return `${code}  # image: ${t("your own picture, as an array")}`;
    },
    stop: () => (choices += 1),
  };
}

/** Which part of h × w pixels is read, { top, left, tall, wide }, and its new size. */
function partOf(h, w, side, square) {
  if (square) {
    const all = Math.min(h, w);
    return { top: (h - all) / 2, left: (w - all) / 2, tall: all, wide: all, size: [side, side] };
  }
  const factor = Math.min(1, side / Math.max(w, h));
  const size = [h, w].map((n) => Math.max(1, Math.round(n * factor)));
  return { top: 0, left: 0, tall: h, wide: w, size };
}

/**
 * Read a photo file as bytes: gray, (rows, columns), or in `colour`, (rows, columns, 3); its
 * longer side at most `side`, or its middle `square` with just that side. No more than `most`
 * pixels are taken. The browser applies the EXIF rotation; transparency is laid on white.
 * Throws an Error with a sentence.
 */
export async function readPhoto(file, { side, most, colour = false, square = false }) {
  const image = new Image();
  try {
    await new Promise((resolve, reject) => {
      const sentence = t("{name} cannot be read as a picture. Choose a JPEG or PNG file.", file);
      image.onload = resolve;
      image.onerror = () => reject(new Error(sentence));
      image.src = URL.createObjectURL(file);
    });
    const [w, h] = [image.naturalWidth, image.naturalHeight];
    if (w * h > most)
      throw new Error(
        t(
          "{name} has {w} × {h} pixels; at most {most} million are taken. Make it smaller first.",
          { name: file.name, w, h, most: most / 1e6 },
        ),
      );
    const { top, left, tall, wide, size } = partOf(h, w, side, square);
    const canvas = make("canvas", { height: size[0], width: size[1] });
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, size[1], size[0]);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, left, top, wide, tall, 0, 0, size[1], size[0]);
    const colours = context.getImageData(0, 0, size[1], size[0]).data;
    if (colour) {
      const data = Float64Array.from(colours.filter((_, k) => k % 4 < 3));
      return { shape: [...size, 3], data };
    }
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
