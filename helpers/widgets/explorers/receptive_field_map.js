// The map of ReceptiveField: which share of the paths to a unit begins at each pixel.

import { INPUT } from "../parts/colours.js";
import { make } from "../parts/elements.js";
import { format } from "../parts/numbers.js";
import { picture } from "../parts/pictures.js";
import { IDLE } from "../parts/pointing.js";
import { t } from "../parts/texts.js";
import { allPaths, extent, fieldOf, middleHalf, overhangOf } from "./receptive_field_paths.js";

const [RED, GREEN, BLUE] = [1, 3, 5].map((at) => parseInt(INPUT.slice(at, at + 2), 16));
const OPAQUE = (BLUE << 16) | (GREEN << 8) | RED;

const RAISED = Object.fromEntries([..."0123456789-"].map((sign, k) => [sign, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"[k]]));
const LEAST_READ = 1e-3; // percent that is written out

/** A number as 5.1 × 10¹¹. */
export function power(n) {
  const [digits, exponent] = n.toExponential(1).replace("+", "").split("e");
  return `${digits}\u00a0×\u00a010${[...exponent].map((sign) => RAISED[sign]).join("")}`;
}

/** A share, 0 to 1, as a text: 12 %, 0.019 %, 1.9 × 10⁻¹⁰ %; 100 % is all of it, not nearly all. */
export function percent(share) {
  const hundreds = 100 * share;
  if (hundreds && hundreds < LEAST_READ) return `${power(hundreds)}\u00a0%`;
  let digits = 2;
  while (hundreds < 100 && Number(hundreds.toPrecision(digits)) === 100) digits += 1;
  return `${format(hundreds, digits)}\u00a0%`;
}

/**
 * Paint the paths along the rows times those along the columns into the pixels of a canvas:
 * the most of them opaque, none not at all, and one `faintest` at the least, from 0 to 1.
 */
export function paintPaths(pixels, [rows, columns], [down, across], opaque, faintest) {
  const words = new Uint32Array(pixels.data.buffer).fill(0);
  for (let i = down.first; i <= down.last; i++) {
    if (!rows[i]) continue;
    const further = (255 * (1 - faintest) * rows[i]) / down.most / across.most;
    const least = 255 * faintest + 0.5; // rounded
    for (let j = across.first, k = i * columns.length + j; j <= across.last; j++, k++)
      if (columns[j]) words[k] = ((least + further * columns[j]) << 24) | opaque;
  }
}

/**
 * The picture with room around it for what fields see outside, hatched; pixels are painted on
 * an even scale from 0 to the largest share. The full frame is the field of the unit, the
 * dashed one its middle, in which half of the paths begin.
 */
export function shareMap() {
  const view = picture({ role: INPUT, framed: false, ...IDLE });
  const context = view.canvas.getContext("2d");
  const [field, middle] = ["rf-field", "rf-middle"].map((kind) => make("i", { class: kind }));
  const room = make("div", { class: "rf-room" }, view.element, field, middle);
  const most = make("b");
  const element = make(
    "figure",
    { class: "rf-map" },
    make("figcaption", {}, t("share of the paths")),
    room,
    make("div", { class: "hc-scale" }, "0", make("span"), most),
    make("p", { class: "hc-note" }, t("Frame: the field. Dashed: its middle, with half of the paths.")),
  );
  let overhang, size, pixels;

  /** Frame the square from [top, left] to [bottom, right], in pixels of the input. */
  function around(frame, [top, bottom], [left, right]) {
    const share = (n) => `${(100 * n) / (size + 2 * overhang)}%`;
    Object.assign(frame.style, {
      top: share(top + overhang),
      left: share(left + overhang),
      height: share(bottom - top),
      width: share(right - left),
    });
  }

  return {
    element,
    layout(planes) {
      size = planes[0].units;
      overhang = overhangOf(planes);
      around(view.element, [0, size], [0, size]);
      view.canvas.width = view.canvas.height = size;
      pixels = context.createImageData(size, size);
    },
    /** Show the shares of the paths to a unit; `plane` is its plane. */
    show(layers, plane, paths, unit) {
      const [rows, columns] = paths.map(([along]) => along);
      const [tall, wide] = [extent(rows), extent(columns)];
      paintPaths(pixels, [rows, columns], [tall, wide], OPAQUE, 0);
      context.putImageData(pixels, 0, 0);
      const [, ...at] = unit;
      const [down, across] = at.map((index) => fieldOf(plane, index));
      const cut = (plane.field - middleHalf(paths, plane, unit)) / 2;
      around(field, down, across);
      around(middle, ...[down, across].map(([first, end]) => [first + cut, end - cut]));
      const all = allPaths(layers, unit[0]);
      most.textContent = percent((tall.most / all) * (wide.most / all));
      view.describe(
        t("The share of the paths that begins at each pixel, up to {most}", {
          most: most.textContent,
        }),
      );
    },
  };
}
