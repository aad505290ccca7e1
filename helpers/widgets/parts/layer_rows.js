// Rows of layers: numbers to change in each, what follows from them; layers come and go.

import { actions, button, numberField } from "./controls.js";
import { make } from "./elements.js";
import { t } from "./texts.js";

/** The same layer, a list or an object, with another number. */
const changed = (layer, key, value) => Object.assign(structuredClone(layer), { [key]: value });

/**
 * A row for each layer of a stack, and a button that adds the layer `fresh`; there are from
 * counts[0] to counts[1] of them. `head` are controls that stand above, in the same columns.
 *
 * A layer holds its numbers by key: it is a list, or an object. `parts` are the numbers that
 * can be changed: [{ key, label, low, high, nameOf }], where nameOf(number of the layer) is
 * what a sentence calls one. Where a layer has no such key, its row has no such field.
 *
 * tell(layer, index) returns { name, note }: what stands before and behind the numbers.
 * onChange(layers) comes with every number and returns whether it was taken, onResize(layers)
 * where one is to be added or taken away, onRefuse(sentence) with a text that is no number.
 */
export function layerRows({
  head = [],
  parts,
  counts: [least, most],
  fresh,
  tell,
  onChange,
  onResize,
  onRefuse,
}) {
  let layers = [];
  const rows = Array.from({ length: most }, (_, index) => makeRow(index));
  const add = button(t("Add a layer"), () => {
    onResize([...layers, fresh]);
    if (add.disabled) rows.at(-1).remove.focus(); // there is no room for more
  });

  function makeRow(index) {
    const number = index + 1;
    const [name, note] = [
      make("b", { class: "hc-layer-name" }),
      make("span", { class: "hc-layer-note" }),
    ];
    const fields = parts.map(({ key, label, low, high, nameOf }) =>
      numberField({
        label,
        name: nameOf(number),
        low,
        high,
        onChange: (value) => onChange(layers.with(index, changed(layers[index], key, value))),
        onRefuse,
      }),
    );
    const remove = button("×", () => takeAway(index), {
      "aria-label": t("Remove layer {number}", { number }),
    });
    const element = make(
      "div",
      { class: "hc-layer", role: "group", "aria-label": t("Layer {number}", { number }) },
      name,
      ...fields.map((field) => field.element),
      note,
      remove,
    );

    function show(layer) {
      const told = tell(layer, index);
      name.textContent = told.name;
      note.textContent = told.note;
      fields.forEach((field, k) => {
        const { key } = parts[k];
        field.element.hidden = !(key in layer);
        if (key in layer) field.show(layer[key]);
      });
    }
    return { element, remove, show };
  }

  function takeAway(index) {
    onResize(layers.toSpliced(index, 1));
    if (rows[index].remove.matches(":disabled, [hidden] *")) add.focus();
  }

  const table = make(
    "div",
    { class: "hc-layers" },
    ...head,
    ...rows.map(({ element }) => element),
    actions(add),
  );
  table.style.setProperty("--parts", parts.length);

  return {
    element: table,
    show(next) {
      layers = next;
      add.disabled = layers.length === most;
      rows.forEach(({ element, remove, show }, index) => {
        element.hidden = index >= layers.length;
        remove.disabled = layers.length === least;
        if (index < layers.length) show(layers[index]);
      });
    },
  };
}
