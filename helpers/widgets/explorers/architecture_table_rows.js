// The table of ArchitectureTable: a row for each layer, its numbers to change, what follows.

import { HALVED } from "../parts/architecture.js";
import { menu, numberField } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { t } from "../parts/texts.js";
import { bytesText, kindOf, percent, shapeText, whole } from "./architecture_table_words.js";

const FIGURES = {
  parameters: { label: "parameters", write: whole },
  multiply_adds: { label: "multiply-adds", write: whole },
  activation_bytes: { label: "memory", write: bytesText },
};
const NOTES = {
  photo: "the picture: red, green, blue",
  list: "the maps, read one after the other",
  dense: "dense: every unit sees all numbers",
};
const NAMES = {
  kernel: "kernel of {name}",
  stride: "stride of {name}",
  filters: "number of filters of {name}",
  units: "number of units of {name}",
  classes: "number of classes",
};

/** A name that stands in the cell itself where there is no room for the table's head. */
const label = (text) => make("span", { class: "at-label", "aria-hidden": "true" }, text);

export const figureName = (quantity) => t(FIGURES[quantity].label);

/**
 * All layers, from the picture up, and their sums. onChange(name, key, value) comes with a
 * number of a layer and returns whether it was taken, onRefuse(name, sentence) with a text that
 * is none. refuse(name, sentence) says in the row of a layer why something was not taken,
 * point(name, sentence) in the row in which it was wanted where to look.
 */
export function layerTable({ layers, limits, onChange, onRefuse }) {
  const alert = make("p", { class: "hc-message at-refusal", role: "alert" });
  const pointer = make("p", { class: "hc-message at-refusal" });

  function field(name, key) {
    const [low, high] = limits[key];
    return numberField({
      label: label(t(key)),
      name: t(NAMES[key], { name: t(name) }),
      low,
      high,
      onChange: (value) => onChange(name, key, value),
      onRefuse: (sentence) => onRefuse(name, sentence),
    });
  }

  function paddingMenu(name) {
    const [first, last] = limits.padding;
    const counts = Array.from({ length: last + 1 - first }, (_, k) => String(first + k));
    const control = menu({
      label: t("padding"),
      options: [["valid", t("valid")], ["same", t("same")], ...counts.map((n) => [n, n])],
      onChange: (word) => {
        const value = counts.includes(word) ? Number(word) : word;
        if (!onChange(name, "padding", value)) control.value = String(shown);
      },
    });
    let shown;
    control.select.setAttribute("aria-label", t("padding of {name}", { name: t(name) }));
    return { element: control.element, show: (value) => (control.value = shown = value) };
  }

  /** What can be changed in a row, by its key; and the cells of the table in which it stands. */
  function settingsOf(name) {
    const kind = kindOf(name);
    if (kind === "photo" || kind === "list")
      return [{}, [make("td", { colspan: 4, class: "at-note" }, t(NOTES[kind]))]];
    const keys = name === "logits" ? ["classes"] : Object.keys(layers[name]);
    const fields = Object.fromEntries(
      keys.map((key) => [key, key === "padding" ? paddingMenu(name) : field(name, key)]),
    );
    const cell = (kind, ...parts) => {
      const one = [kind, ...parts].map((key) => fields[key]).find(Boolean);
      return make("td", { class: `at-setting at-${kind}` }, ...(one ? [one.element] : []));
    };
    const count = cell("count", "filters", "units", "classes");
    if (kind === "dense")
      return [fields, [make("td", { colspan: 3, class: "at-note" }, t(NOTES.dense)), count]];
    return [fields, [cell("kernel"), cell("stride"), cell("padding"), count]];
  }

  function rowOf(name) {
    const [fields, cells] = settingsOf(name);
    const halves = make("small", {}, t("in two halves"));
    const shape = make("td", { class: "at-shape" });
    const figures = Object.entries(FIGURES).map(([quantity, { label: text, write }]) => {
      const value = make("span", {});
      const element = make("td", { class: `at-figure at-${quantity}` }, label(t(text)), value);
      return { quantity, value, write, element };
    });
    const [bar, share] = [make("i", {}), make("span", {})];
    const track = make("div", { class: "at-track" }, bar);
    const element = make(
      "tr",
      { class: `at-${kindOf(name)}` },
      make("th", { scope: "row" }, t(name), halves),
      ...cells,
      shape,
      ...figures.map((figure) => figure.element),
      make("td", { class: "at-bar" }, make("div", {}, track, share)),
    );
    return {
      element,
      refused: figures[0].element,
      show(row, { layers, classes, groups, shown }, { most, all }) {
        const settings = name === "logits" ? { classes } : layers[name];
        for (const [key, one] of Object.entries(fields)) one.show(settings[key]);
        halves.hidden = groups === 1 || !HALVED.includes(name);
        setText(shape, shapeText(row.output));
        for (const { quantity, value, write } of figures)
          setText(value, row[quantity] ? write(row[quantity]) : "–");
        bar.style.width = `${((100 * row[shown]) / most).toFixed(2)}%`;
        setText(share, row[shown] ? percent(row[shown] / all) : "–");
      },
    };
  }

  const named = (key) => Object.keys(layers).filter((name) => key in layers[name]);
  const order = ["photo", ...named("kernel"), "list", ...named("units"), "logits"];
  const rows = Object.fromEntries(order.map((name) => [name, rowOf(name)]));
  const sums = Object.keys(FIGURES).map((quantity) => {
    const value = make("span", {});
    const text = label(figureName(quantity));
    const element = make("td", { class: `at-figure at-${quantity}` }, text, value);
    return { quantity, value, element };
  });
  const heading = (text, kind) =>
    make("th", { scope: "col", class: `at-${kind}` }, make("span", {}, text));
  const bars = heading("", "bar");
  const head = [
    heading(t("layer"), "name"),
    ...["kernel", "stride", "padding"].map((key) => heading(t(key), `setting at-${key}`)),
    heading(t("filters, units"), "setting at-count"),
    heading(t("output"), "shape"),
    ...Object.keys(FIGURES).map((one) => heading(figureName(one), `figure at-${one}`)),
    bars,
  ];
  const element = make(
    "table",
    { class: "at-layers", "aria-label": t("The layers, from the picture up") },
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...order.map((name) => rows[name].element)),
    make(
      "tfoot",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "row" }, t("all layers")),
        make("td", { colspan: 5, class: "at-note" }, t("for one picture, on its way forward")),
        ...sums.map((sum) => sum.element),
        make("td", { class: "at-bar" }),
      ),
    ),
  );

  /** Write a sentence over the figures of a row, which keep their place. */
  function say(element, name, sentence) {
    setText(element, sentence);
    if (!sentence) element.remove();
    else if (!rows[name].refused.contains(element)) rows[name].refused.prepend(element);
  }

  return {
    element,
    refuse: (name, sentence) => say(alert, name, sentence),
    point: (name, sentence) => say(pointer, name, sentence),
    show(computed, totals, network) {
      const { shown } = network;
      element.dataset.shown = shown;
      setText(bars.firstChild, t("{quantity} as bars", { quantity: figureName(shown) }));
      const most = Math.max(...computed.map((row) => row[shown]));
      for (const row of computed)
        rows[row.name].show(row, network, { most, all: totals[shown] });
      for (const { quantity, value } of sums)
        setText(value, FIGURES[quantity].write(totals[quantity]));
    },
  };
}
