// What the units of a network are called and how their numbers came about, in sentences.

import { activationText } from "./network_layers.js";
import { counted, format } from "./numbers.js";
import { percent } from "./probabilities.js";
import { t } from "./texts.js";

const number = (value) => format(Number(value.toPrecision(4)), 6);

/** Which unit it is, and which part of the picture it depends on. */
export function unitText(layer, [row, column, map], field) {
  const [rows, columns] = field;
  const where = { name: layer.name, row, column, map, number: map };
  const which =
    layer.shape.length === 1
      ? t("Unit {number} of {name}", where)
      : t("Unit [{row}, {column}] of map {map} of {name}", where);
  return t("{which} depends on rows {top} to {bottom}, columns {left} to {right} of the picture.", {
    which,
    top: rows[0],
    bottom: rows[1] - 1,
    left: columns[0],
    right: columns[1] - 1,
  });
}

/** How its number came about. */
export function sumText(layer, unit, found, classes) {
  const { value, from } = found;
  const end = { value: number(value) };
  const name = layer.activation && activationText(layer.activation);
  if (found.products) {
    const sum = t("{products} add up to {sum}; with the bias {bias}: {before}.", {
      products: counted(found.products.data.length, "product"),
      sum: number(found.sum),
      bias: number(found.bias),
      before: number(found.before),
    });
    return name ? t("{sum} {name} makes {value} of it.", { sum, name, ...end }) : sum;
  }
  if (layer.kind === "pool2d")
    return layer.reduce === "max"
      ? t("Of its {numbers} the largest stays: {value}.", { numbers: numbersOf(found.saw), ...end })
      : t("The mean of its {numbers}: {value}.", { numbers: numbersOf(found.saw), ...end });
  if (found.origin) {
    const [row, column, map] = found.origin;
    return t("Nothing is computed: it is unit [{row}, {column}] of map {map}, {value}.", {
      ...{ row, column, map },
      ...end,
    });
  }
  if (layer.activation?.name === "softmax")
    return t("{score} becomes e^{score} by the sum of all {numbers} such powers: {share}.", {
      score: number(from),
      numbers: found.saw.data.length,
      share: percent(value),
      class: classes[unit[2]],
    });
  if (layer.kind === "batchNormalization") return normalText(layer, unit[2], from, end);
  if (layer.kind === "rescaling") {
    const { scale, offset } = layer;
    return t("{from} · {scale} + {offset} = {value}.", {
      from: number(from),
      scale: number(scale[unit[2] % scale.length]),
      offset: number(offset[unit[2] % offset.length]),
      ...end,
    });
  }
  if (name && from !== undefined)
    return t("{name} makes {value} of {from}.", { name, from: number(from), ...end });
  return t("Its number is {value}.", end);
}

/** How many numbers a window holds; the padding has none. */
const numbersOf = ({ data }) => counted(data.filter((value) => !Number.isNaN(value)).length, "number");

function normalText({ weights, epsilon }, map, from, end) {
  const at = (values, usual) => number(values ? values.data[map] : usual);
  return t("({from} − mean {mean}) by {spread}, times {gamma}, plus {beta} = {value}.", {
    from: number(from),
    mean: at(weights.mean, 0),
    spread: number(Math.sqrt(weights.variance.data[map] + epsilon)),
    gamma: at(weights.gamma, 1),
    beta: at(weights.beta, 0),
    ...end,
  });
}

/** What the error of a unit says. */
export function errorText(error, loss, name) {
  const rises = error > 0 ? t("less") : t("more");
  if (error === 0)
    return t("If {name} is right, the loss is {loss}; this unit changes nothing about it.", {
      name,
      loss: number(loss),
    });
  return t(
    "If {name} is right, the loss is {loss}. The error here is {error}: " +
      "{rises} of this unit lowers the loss.",
    { name, loss: number(loss), error: number(error), rises },
  );
}
