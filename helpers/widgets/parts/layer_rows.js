// A table of layers: numbers to change in each, what follows from them; layers come and go.

import { actions, button, numberField } from "./controls.js";
import { make, setText } from "./elements.js";
import { t } from "./texts.js";

/** The same layer, a list or an object, with another number. */
const changed = (layer, key, value) => Object.assign(structuredClone(layer), { [key]: value });

/**
 * A row for each layer of a stack, and a button that adds the layer `fresh`; there are from
 * counts[0] to counts[1] of them. `head` are controls that stand above. Many rows scroll inside.
 *
 * A layer holds its numbers by key: it is a list, or an object. `parts` are the numbers that
 * can be changed: [{ key, label, low, high, nameOf }], where nameOf(number of the layer) is
 * what a sentence calls one. Where a layer has no such key, its row has no such field. `facts`
 * are the heads of the columns for what follows from them.
 *
 * tell(layer, index) returns { kind, facts }: what the layer is called, and a text for each
 * such column.
 * onChange(layers) comes with every number and returns whether it was taken, onResize(layers)
 * where one is to be added or taken away, onRefuse(sentence) with a text that is no number.
 */
export function layerRows({
  head = [],
  parts,
  facts: factHeads,
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
    scroll.scrollTop = scroll.scrollHeight; // to the new one
    if (add.disabled) rows.at(-1).remove.focus(); // there is no room for more
  });

  function makeRow(index) {
    const number = index + 1;
    const kind = make("span", { class: "hc-layer-kind" });
    const facts = factHeads.map(() => make("td", { class: "hc-layer-fact" }));
    const fields = parts.map(({ key, low, high, nameOf }) =>
      numberField({
        label: "",
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
      "tr",
      { class: "hc-layer" },
      make("th", { scope: "row" }, make("b", {}, number), " ", kind),
      ...fields.map((field) => make("td", {}, field.element)),
      ...facts,
      make("td", {}, remove),
    );

    function show(layer) {
      const told = tell(layer, index);
      setText(kind, told.kind);
      facts.forEach((cell, k) => setText(cell, told.facts[k]));
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

  const heads = [t("layer"), ...parts.map(({ label }) => label), ...factHeads];
  const table = make(
    "table",
    {},
    make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)), make("td"))),
    make("tbody", {}, ...rows.map(({ element }) => element)),
  );
  const scroll = make(
    "div",
    { class: "hc-scroll", tabindex: "0", role: "group", "aria-label": t("Table of layers") },
    table,
  );

  return {
    element: make("div", { class: "hc-layers" }, ...head, scroll, actions(add)),
    show(next) {
      layers = next;
      add.disabled = layers.length === most;
      rows.forEach(({ element, remove, show }, index) => {
        element.hidden = index >= layers.length;
        remove.disabled = layers.length === least;
        if (index < layers.length) show(layers[index]);
      });
    },
    /** Mark the row of one layer, or of none. */
    mark(index) {
      for (const [k, { element }] of rows.entries())
        if (k === index) element.setAttribute("aria-current", "true");
        else element.removeAttribute("aria-current");
    },
  };
}
