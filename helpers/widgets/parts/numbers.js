// Numbers: read, compared and written as a learner reads them.

import { t } from "./texts.js";

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

const QUOTED = 20; // letters of a text that is refused

/** Why a text is refused that `parse` finds no number in; `kept` is the number that stays. */
export const noNumber = (text, kept) =>
  t(
    "“{text}” is not a number up to a million. Type one like 2, −0.5 or 1/16; " +
      "{number} stays until then.",
    {
      text: text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text,
      number: format(kept),
    },
  );

/** A factor of a product: negative numbers stand in brackets. */
export const bracketed = (value) => (value < 0 ? `(${format(value)})` : format(value));

export const sumOf = (data) => data.reduce((a, b) => a + b, 0);

/** The least and the greatest of many numbers. */
export function extremes(data) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

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

/** The number nearest to `value` from `low` to `high`. */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** What stands under a sum while a click holds it. */
export const held = (pinned) =>
  pinned ? t("Held. Click again, or press Esc, to let go.") : "";

/** "1 row", "3 rows": texts to look up are "{n} row" and "{n} rows". */
export const counted = (n, word) => t(`{n} ${word}${n === 1 ? "" : "s"}`, { n });
