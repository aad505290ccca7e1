// The layer that is opened: a unit's sum, all that goes in and comes out, errors.

import { INPUT, KERNEL, OUTPUT } from "./colours.js";
import { make, setText } from "./elements.js";
import { line } from "./layout.js";
import { isGray, layerText, sidesOf } from "./network_layers.js";
import { array } from "./ops.js";
import { t } from "./texts.js";
import { namedView } from "./layer_tiles.js";
import { mapOf, placeOf, unitOf } from "./units.js";
import { errorText, sumText, unitText } from "./unit_words.js";

const ROWS = [
  ["saw", "weights", "products"],
  ["before", "after"],
  ["errorAfter", "errorBefore"],
];

/**
 * The pictures of a layer, in `element`, and the sentences about it, in `lines`; `legend` says
 * what the colours mean. show({ layers, maps, classes, index, unit, field, label, errors,
 * noWay }) opens layer `index`; errors are what errorsOf gives, or null, noWay where they are
 * wanted and cannot be had.
 */
export function stepPanel() {
  const parts = {
    saw: namedView(INPUT),
    weights: namedView(KERNEL, "×"),
    products: namedView(OUTPUT, "="),
    before: namedView(INPUT),
    after: namedView(OUTPUT, "→"),
    errorAfter: namedView(OUTPUT),
    errorBefore: namedView(INPUT, "→"),
  };
  const title = make("b", { class: "hc-unittitle" });
  const element = make(
    "div",
    { class: "hc-unitstep", role: "group" },
    title,
    ...ROWS.map((names) =>
      make("div", { class: "hc-maprow" }, ...names.map((name) => parts[name].element)),
    ),
  );
  const [unitLine, sumLine, errorLine, legend] = [line(), line("hc-sum"), line(), line("hc-keys")];
  legend.textContent = t(
    "Gray maps: 0 is black, the layer’s largest number white. Coloured ones: blue below 0, white 0, " +
      "red above, full colour for the largest. Errors: red where more of a number raises the loss.",
  );

  function showErrors({ layers, classes, index, unit, label, errors, noWay }) {
    const [before] = layers[index].inputs;
    const stack = (k) => {
      const found = errors?.errors[k];
      return found ? array(sidesOf(layers[k].shape), found.data) : null;
    };
    const arrived = stack(index);
    parts.errorAfter.show(t("error that arrives"), arrived, false);
    parts.errorBefore.show(t("error handed on"), before === undefined ? null : stack(before), false);
    if (noWay) setText(errorLine, t("The page knows no way back through this network."));
    else if (!arrived) setText(errorLine, "");
    else {
      const error = arrived.data[placeOf(arrived.shape, unit)];
      setText(errorLine, errorText(error, errors.loss, classes[label]));
    }
  }

  return {
    element,
    lines: [unitLine, sumLine, errorLine],
    legend,
    show(given) {
      const { layers, maps, classes, index, unit, field } = given;
      const layer = layers[index];
      const [before] = layer.inputs;
      const found = unitOf(layers, maps, index, unit);
      const gray = before === undefined || isGray(layers, before);
      setText(title, layerText(layer));
      element.setAttribute("aria-label", title.textContent);
      parts.saw.show(t("what it saw"), found.saw, gray);
      parts.weights.show(t("its weights"), found.weights, false);
      parts.products.show(t("products"), found.products, false);
      const goesIn = before === undefined ? null : mapOf(layers, maps, before);
      parts.before.show(t("all that goes in"), goesIn, gray);
      parts.after.show(t("all that comes out"), mapOf(layers, maps, index), isGray(layers, index));
      setText(unitLine, unitText(layer, unit, field));
      setText(sumLine, sumText(layer, unit, found, classes));
      showErrors(given);
    },
  };
}
