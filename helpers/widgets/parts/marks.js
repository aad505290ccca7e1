// Marks on a line: bars, ranges and dots, beside each other or on top.

import { make } from "./elements.js";

/**
 * A line with marks, each named by what it is: "bar", "range" and "dot" have a look of their
 * own, others get theirs from the explorer. place(name, from, to) puts one there, shares of
 * the way, NaN for nowhere.
 */
export function track(...names) {
  const marks = Object.fromEntries(
    names.map((name) => [name, make("i", { class: `hc-mark-${name}` })]),
  );
  return {
    element: make("div", { class: "hc-marks" }, ...Object.values(marks)),
    place(name, from, to) {
      marks[name].hidden = !(to >= from);
      if (marks[name].hidden) return;
      marks[name].style.left = `${(100 * from).toFixed(2)}%`;
      marks[name].style.width = `${(100 * (to - from)).toFixed(2)}%`;
    },
  };
}
