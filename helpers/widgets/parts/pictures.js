// Arrays as pictures.

import { SIGNED } from "./colours.js";
import { make, setText } from "./elements.js";

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

/** The place of a number in a table. */
const placeIn = (table, number) => {
  const index = Math.round(number);
  return index < 0 ? 0 : index >= table.length ? table.length - 1 : index;
};

/** The colours of numbers on the signed scale: three bytes each; `full` has the full colour. */
export function signedColours(data, full) {
  const colours = new Uint8ClampedArray(3 * data.length);
  for (let k = 0; k < data.length; k++) {
    const word = SIGNED_TABLE[placeIn(SIGNED_TABLE, (data[k] / full + 1) * 255)];
    colours[3 * k] = word & 255;
    colours[3 * k + 1] = (word >> 8) & 255;
    colours[3 * k + 2] = (word >> 16) & 255;
  }
  return colours;
}

/** Red, green and blue, a pixel after the other, into the bytes of a canvas. */
function paintColours(bytes, data) {
  for (let k = 0, to = 0; k < data.length; k += 3, to += 4) {
    bytes[to] = data[k]; // clamped, and rounded
    bytes[to + 1] = data[k + 1];
    bytes[to + 2] = data[k + 2];
    bytes[to + 3] = 255;
  }
}

/**
 * A picture of an array: gray between `low` and `high`, signed around zero, or in colours; and
 * a frame around the part in question, if it is `framed`. onPoint([row, column]) and onPick say where
 * the pointer is. One without a caption is part of something that has one.
 */
export function picture({ caption, role, framed = true, onPoint, onPick, onLeave }) {
  const canvas = make("canvas", { role: "img", width: 1, height: 1 });
  const context = canvas.getContext("2d");
  const frame = make("div", { class: "hc-frame", hidden: !framed });
  const stage = make("div", { class: "hc-stage" }, canvas, frame);
  const title = make("figcaption", {}, caption ?? "");
  const element =
    caption === undefined
      ? make("div", { class: "hc-view" }, stage)
      : make("figure", { class: "hc-view" }, title, stage);
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
  function resize(rows, columns) {
    if (canvas.height === rows && canvas.width === columns && pixels) return;
    canvas.height = rows;
    canvas.width = columns;
    pixels = context.createImageData(columns, rows);
  }
  stage.classList.toggle("hc-idle", !onPick);
  if (onPick) {
    stage.addEventListener("pointermove", (event) => onPoint(at(event)));
    stage.addEventListener("pointerdown", (event) => onPick(at(event)));
    stage.addEventListener("pointerleave", () => onLeave());
  }

  return {
    element,
    canvas,
    describe(text) {
      canvas.setAttribute("aria-label", text);
    },
    caption(text) {
      setText(title, text);
    },
    /**
     * Paint array.data; `scale` is { low, high } or { signed: the value of full colour }. An
     * array (rows, columns, 3) is painted in its colours, without a scale; what leaves 0 to 255
     * is cut off.
     */
    paint({ shape: [rows, columns, channels], data }, scale) {
      resize(rows, columns);
      if (channels === 3) {
        paintColours(pixels.data, data);
        context.putImageData(pixels, 0, 0);
        return;
      }
      const words = new Uint32Array(pixels.data.buffer);
      const signed = scale.signed !== undefined;
      const [table, low, factor] = signed
        ? [SIGNED_TABLE, -scale.signed, 255 / (scale.signed || 1)]
        : [GRAYS, scale.low, 255 / (scale.high - scale.low || 1)];
      for (let k = 0; k < data.length; k++)
        words[k] = table[placeIn(table, (data[k] - low) * factor)];
      context.putImageData(pixels, 0, 0);
    },
    /**
     * Frame `height` × `width` pixels whose corner is (row, column), cut at the border; turned
     * about its middle by `angle` degrees, clockwise.
     */
    frame(row, column, height, width, angle = 0) {
      const [top, left] = [Math.max(row, 0), Math.max(column, 0)];
      const bottom = Math.min(row + height, canvas.height);
      const right = Math.min(column + width, canvas.width);
      const percent = (value, n) => `${(100 * value) / n}%`;
      Object.assign(frame.style, {
        top: percent(top, canvas.height),
        left: percent(left, canvas.width),
        height: percent(bottom - top, canvas.height),
        width: percent(right - left, canvas.width),
        transform: angle ? `rotate(${angle}deg)` : "",
      });
    },
  };
}
