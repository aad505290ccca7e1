// The settings that explorers of grids share: sizes, padding.

import { menu, slider } from "./controls.js";
import { by, clamp } from "./numbers.js";
import { pair } from "./ops.js";
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
 * A slider for rows and columns alike, and two in its place where these stand apart.
 *
 * `labels` are those of the one, of the rows and of the columns; text(pair) is what the one says.
 * onInput([rows, columns]) comes with every change; show([rows, columns], apart) shows them.
 */
export function pairSlider({ labels: [both, ...each], max, text, onInput }) {
  let now = [1, 1];
  const single = (label, changed, show) =>
    slider({ label, min: 1, max, show, onInput: (n) => onInput(changed(n)) });
  const one = single(both, (n) => [n, n], text && ((n) => text([n, n])));
  const two = each.map((label, axis) => single(label, (n) => now.with(axis, n)));
  return {
    elements: [one, ...two].map(({ element }) => element),
    show(sides, apart) {
      now = sides;
      one.value = Math.max(...sides);
      one.element.hidden = apart;
      two.forEach((control, axis) => {
        control.value = sides[axis];
        control.element.hidden = !apart;
      });
    },
  };
}

/**
 * A menu of "valid", "same" and "count", and a slider for the count, from 0 to `most`.
 *
 * `texts` says what the three mean; other words may stand there too, and "sides": then each side
 * has a slider, which begins where pads(), [[top, bottom], [left, right]], says that it is. A
 * count that is chosen from the menu is the one on the slider, or the nearest that fits(count).
 */
export function paddingControl({
  texts,
  label = t("Cells of padding"),
  most,
  fits,
  pads,
  onChange,
}) {
  const kind = menu({
    label: t("Padding"),
    options: Object.entries(texts),
    onChange(chosen) {
      if (chosen === "count") onChange(nearest(count.value));
      else if (chosen === "sides") onChange(sides.within(pads()));
      else onChange(chosen);
    },
  });
  const count = slider({ label, min: 0, max: most, value: 1, onInput: onChange });
  const sides = texts.sides && sideSliders(most, onChange);
  function nearest(wanted) {
    const counts = Array.from({ length: most + 1 }, (_, n) => n);
    counts.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
    return counts.find(fits) ?? wanted;
  }
  return {
    elements: [kind.element, count.element, ...(sides?.elements ?? [])],
    show(padding, { resting = false } = {}) {
      const [counting, apart] = [Number.isInteger(padding), Array.isArray(padding)];
      kind.select.value = counting ? "count" : apart ? "sides" : padding;
      if (counting) count.value = padding;
      count.element.hidden = !counting;
      sides?.show(apart ? padding.map(pair) : null);
      kind.select.disabled = count.input.disabled = resting;
    },
  };
}

/** A slider for the padding on each side: onChange([[top, bottom], [left, right]]). */
function sideSliders(most, onChange) {
  const names = [[t("Cells above"), t("Cells below")], [t("Cells left"), t("Cells right")]];
  const read = () => onChange(sliders.map((ends) => ends.map((end) => end.value)));
  const sliders = names.map((ends) =>
    ends.map((label) => slider({ label, min: 0, max: most, value: 0, onInput: read })),
  );
  return {
    elements: sliders.flat().map((end) => end.element),
    /** The nearest paddings that the sliders have. */
    within: (pads) => pads.map((ends) => ends.map((n) => clamp(n, 0, most))),
    /** Show a padding; nothing where it is null. */
    show(pads) {
      sliders.forEach((ends, axis) =>
        ends.forEach((end, at) => {
          end.element.hidden = !pads;
          if (pads) end.value = pads[axis][at];
        }),
      );
    },
  };
}
