// The settings that explorers of grids share: sizes, padding.

import { menu, slider } from "./controls.js";
import { by } from "./numbers.js";
import { t } from "./texts.js";

/** A slider for the side of a square; it says the true shape, also where Python gave another. */
export function sideSlider({ label, max, onInput }) {
  const side = (n) => by([n, n]);
  const control = slider({ label, min: 1, max, value: 1, show: side, onInput });
  return {
    element: control.element,
    input: control.input,
    show: (shape) => control.set(Math.max(...shape), by(shape)),
  };
}

/**
 * A menu of "valid", "same" and "count", and a slider for the count, from 0 to `most`.
 *
 * `texts` says what the three mean. A count that is chosen from the menu is the one on the
 * slider, or the nearest that fits(count).
 */
export function paddingControl({ texts, label = t("Cells of padding"), most, fits, onChange }) {
  const kind = menu({
    label: t("Padding"),
    options: Object.entries(texts),
    onChange: (chosen) => onChange(chosen === "count" ? nearest(count.value) : chosen),
  });
  const count = slider({ label, min: 0, max: most, value: 1, onInput: onChange });
  function nearest(wanted) {
    const counts = Array.from({ length: most + 1 }, (_, n) => n);
    counts.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
    return counts.find(fits) ?? wanted;
  }
  return {
    elements: [kind.element, count.element],
    show(padding, { resting = false } = {}) {
      const counting = Number.isInteger(padding);
      kind.select.value = counting ? "count" : padding;
      if (counting) count.value = padding;
      count.element.hidden = !counting;
      kind.select.disabled = count.input.disabled = resting;
    },
  };
}
