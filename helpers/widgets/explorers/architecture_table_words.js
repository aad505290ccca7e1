// What ArchitectureTable says: sizes, shares, what does not fit, what is left out.

import { edges } from "../parts/architecture.js";
import { by, format, sumOf } from "../parts/numbers.js";
import { t } from "../parts/texts.js";

const UNITS = [
  [1e9, (n) => t("{n}\u00a0GB", { n })],
  [1e6, (n) => t("{n}\u00a0MB", { n })],
  [1e3, (n) => t("{n}\u00a0kB", { n })],
  [1, (n) => t("{n}\u00a0bytes", { n })],
];

/** All digits; from ten billion on, millions. */
export const whole = (n) =>
  n < 1e10
    ? n.toLocaleString("en")
    : t("{n}\u00a0M", { n: Math.round(n / 1e6).toLocaleString("en") });
const pictures = (n) => (n === 1 ? t("1 picture") : t("{n} pictures", { n: whole(n) }));

/** A share of all: 60.5 %, 1.42 %; what is not nothing is no 0. */
export function percent(share) {
  const hundredths = 100 * share;
  if (hundredths < 0.005) return "< 0.01\u00a0%";
  return `${Number(hundredths.toFixed(hundredths < 10 ? 2 : 1))}\u00a0%`;
}

/** So many bytes: 1.16 MB; a MB has a million. */
export function bytesText(bytes) {
  const three = UNITS.map(([size, text]) => [Number((bytes / size).toPrecision(3)), text]);
  const [n, text] = three.find(([n]) => n >= 1) ?? [bytes, UNITS.at(-1)[1]];
  return text(String(n));
}

/** 55 × 55 × 96, or 4,096. */
export const shapeText = (output) => by(output.map(whole)).replaceAll(" ", "\u00a0");

const across = (side) => shapeText([side, side]);

/** Why there can be no such layer. */
export function troubleText({ name, reason, numbers: [first, second] }, layers) {
  const told = { name: t(name), first, second };
  if (reason === "kernel") {
    told.side = across(second);
    return layers[name].padding === "valid"
      ? t("Nothing is left for {name}: a kernel of {first} does not fit on {side}. The last sizes stay.", told)
      : t("Nothing is left for {name}: a kernel of {first} does not fit on {side}, padding included. The last sizes stay.", told);
  }
  if (reason === "padding")
    return t("A padding of {first} is too wide for {name}: a window of {second} could lie in it and see nothing.", told);
  if (reason === "maps")
    return t("{name} lies in two halves: the {first} maps that come in cannot be halved. Take an even number of filters below.", told);
  return t("{name} lies in two halves: {first} filters cannot be halved. Take an even number.", told);
}

/** What kind of layer has a name. */
export function kindOf(name) {
  if (name === "photo" || name === "list") return name;
  if (name.startsWith("filters")) return "convolution";
  return name.startsWith("pool") ? "pooling" : "dense";
}

const SHARES = {
  photo: (share) => t("the picture {share}", { share }),
  convolution: (share) => t("convolutions {share}", { share }),
  pooling: (share) => t("poolings {share}", { share }),
  dense: (share) => t("dense layers {share}", { share }),
};

const MOST = {
  parameters: "Most parameters: {name}, {n}. Of all: {shares}.",
  multiply_adds: "Most multiply-adds: {name}, {n}. Of all: {shares}.",
  activation_bytes: "Most memory: what {name} gives, {n}. Of all: {shares}.",
};

/** Which layer has the most of the quantity, and which share each kind of layer has. */
export function mostText(rows, quantity) {
  const sum = (some) => sumOf(some.map((row) => row[quantity]));
  const most = rows.reduce((best, row) => (row[quantity] > best[quantity] ? row : best));
  const all = sum(rows);
  const shares = Object.entries(SHARES)
    .map(([kind, text]) => [sum(rows.filter(({ name }) => kindOf(name) === kind)), text])
    .filter(([some]) => some)
    .map(([some, text]) => text(percent(some / all)));
  return t(MOST[quantity], {
    name: t(most.name),
    n: quantity === "activation_bytes" ? bytesText(most[quantity]) : whole(most[quantity]),
    shares: shares.join(", "),
  });
}

/** What becomes of the last pixels: rows and columns that no window of a layer sees. */
export function leftOutText(rows, layers) {
  const leaving = rows
    .map((row, k) => ({ ...row, side: rows[k - 1]?.output[0] }))
    .filter((row) => row.left_out);
  if (!leaving.length)
    return t("No layer leaves a row or a column out: the windows reach to the last one.");
  const [{ name, left_out: n, side }, ...others] = leaving;
  const { kernel, stride, padding } = layers[name];
  const { padded, count } = edges(side, layers[name]);
  const told = {
    name: t(name), kernel, stride, padded, count, n,
    fits: format((padded - kernel) / stride, 6),
  };
  const fits =
    padding === "valid"
      ? t("{name}: ({padded} − {kernel}) / {stride} = {fits} is not whole, so its {count} windows a side", told)
      : t("{name}: ({padded} with its padding − {kernel}) / {stride} = {fits} is not whole, so its {count} windows a side", told);
  const never =
    n === 1
      ? t("{fits} never see the last row and the last column.", { fits })
      : t("{fits} never see the last {n} rows and columns.", { fits, n });
  if (!others.length) return never;
  const also = others.map((row) =>
    t("{name} ({n}\u00a0of\u00a0{side})", { name: t(row.name), n: row.left_out, side: row.side }),
  );
  return t("{never} Also left out: {also}.", { never, also: also.join(", ") });
}

/** What a batch takes, forward and for the way back. */
export function memoryText({ parameters, activation_bytes, pair_bytes }, batch) {
  const told = {
    batch: pictures(batch),
    kept: bytesText(batch * activation_bytes),
    forward: bytesText(batch * pair_bytes),
    weights: bytesText(4 * parameters),
  };
  return t(
    "Activations of {batch} at a time: {kept} in training, where all are kept for the way back; " +
      "{forward} at most on the way forward alone, where a layer needs only what comes in and what " +
      "goes out. The parameters take {weights}, whatever the batch.",
    told,
  );
}
