// What AugmentationSampler says: of a view, of all crops that there are, of an axis of colour.

import { FIXED, colourShift, countOf } from "../parts/augmentation.js";
import { format, square } from "../parts/numbers.js";
import { t } from "../parts/texts.js";

const UPSIDE_DOWN = 135; // degrees: from here on a picture is read as if turned by 180
const HUES = [
  "red", "orange", "yellow", "lime", "green", "sea green",
  "cyan", "azure", "blue", "violet", "magenta", "rose",
];
const FLAT = 0.05; // levels: less is rounding
const ALL_GRAY = 0.9; // of its length: an axis that lies so much along the grays is one of them

const whole = (n) => n.toLocaleString("en");
const percent = (share) => format(Math.round(100 * share));
const signed = (n) => (n > 0 ? "+" : "") + format(Number(n.toFixed(1)) || 0, 3);

/** Where a window lies and how large it is. */
function windowText({ top, left, window }, side) {
  const share = window / side;
  return t("{size} pixels from row {row}, column {column} on, {area} % of the photo’s area", {
    size: square(Math.round(window)),
    row: Math.round(top),
    column: Math.round(left),
    area: percent(share * share),
  });
}

function turnText(angle) {
  const n = Math.round(Math.abs(angle));
  if (!n) return [];
  return [angle > 0 ? t("turned {n}° to the left", { n }) : t("turned {n}° to the right", { n })];
}

/** What is added to the colours, brightness included. */
function shiftText(way, directions) {
  const shift = colourShift(way, directions).map(signed);
  if (shift.every((n) => n === "0")) return t("colours as they are");
  const [red, green, blue] = shift;
  return t("levels added: red {red}, green {green}, blue {blue}", { red, green, blue });
}

const mirrorText = ({ mirrored }) => (mirrored ? t("mirrored") : t("not mirrored"));

/** One view in a few words, for those who do not see it. */
export const nameOf = (way, k, side) =>
  [
    t("View {k}: {percent} % of the side", { k, percent: percent(way.window / side) }),
    mirrorText(way),
    ...turnText(way.angle),
  ].join(", ");

/** One view in a sentence. */
export function viewSentence(way, k, side, directions) {
  const parts = [
    t("View {k}: {window}", { k, window: windowText(way, side) }),
    ...turnText(way.angle),
    mirrorText(way),
    shiftText(way, directions),
  ];
  return `${parts.join(", ")}.`;
}

/** What a picture of ours is taken for in this view, or "". */
export function misreading(photo, { mirrored, angle }) {
  const turned = Math.abs(angle) > UPSIDE_DOWN;
  if (photo === "letter b") {
    const [was, is] = ["b", turned ? (mirrored ? "p" : "q") : mirrored ? "d" : "b"];
    return was === is ? "" : t("This view shows {is}, and its label still says {was}.", { is, was });
  }
  if (photo !== "digit 6") return "";
  if (mirrored) return t("No digit looks like this, and the label still says {was}.", { was: 6 });
  return turned
    ? t("This view shows {is}, and its label still says {was}.", { is: 9, was: 6 })
    : "";
}

/** How many different crops there are. */
export function countSentence(settings, side) {
  const { crop, size, least, mirror } = settings;
  if (crop === FIXED) {
    const places = side - size + 1;
    const given = {
      size: square(size),
      side: square(side),
      places,
      count: whole(countOf(settings, side)),
    };
    const said = mirror
      ? t("{size} in {side} pixels: {places} rows · {places} columns · 2 = {count} different crops.", given)
      : t("{size} in {side} pixels: {places} rows · {places} columns = {count} different crops.", given);
    if (size !== 224 || !mirror) return said;
    return `${said} ${t("The paper of 2012 counts 32 · 32 · 2 = 2,048.")}`;
  }
  return t("Windows have {least} to 100 % of the side, and so at least {area} % of the area.", {
    least: percent(least),
    area: percent(least * least),
  });
}

// ----------------------------------------------------------------------- axes of colour

/** From which colour to which an axis leads. */
export function leads([red, green, blue]) {
  const length = Math.hypot(red, green, blue);
  if ((red + green + blue) / Math.sqrt(3) > ALL_GRAY * length) return t("from dark to bright");
  const angle = Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue);
  const to = (Math.round((6 * angle) / Math.PI) + 12) % 12;
  return t("from {from} to {to}", { from: t(HUES[(to + 6) % 12]), to: t(HUES[to]) });
}

/** An axis: where it leads, how far colours differ along it. */
export function axisSentence(axis, k, all) {
  const length = Math.hypot(...axis);
  if (length < FLAT) return t("{k}. No difference: all pixels are alike here.", { k });
  const variance = all.flat().reduce((sum, part) => sum + part * part, 0);
  return t("{k}. {leads}: ± {levels} levels, {share} % of the variance", {
    k,
    leads: leads(axis),
    levels: format(Number(length.toFixed(1))),
    share: format(Number(((100 * length * length) / variance).toFixed(1))),
  });
}

/** What one standard deviation along an axis adds. */
export function deviationText(axis) {
  if (Math.hypot(...axis) < FLAT) return "";
  const [red, green, blue] = axis.map(signed);
  return t("+1: red {red}, green {green}, blue {blue} levels", { red, green, blue });
}
