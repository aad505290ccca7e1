// The classes of a network, one of which may be chosen.

import { t } from "./texts.js";

export const NO_CLASS = -1; // what stands for None in a trait of Python's ClassNumber

/** What a menu of classes offers: `none`, a text, and each by its number. */
export const classOptions = (none, names) => [
  [NO_CLASS, none],
  ...names.map((name, k) => [k, t("{name}", { name })]),
];
