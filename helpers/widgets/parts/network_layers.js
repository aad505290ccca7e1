// Layers of a network (network.js) to be looked at: their sides, colours and names.

import { by, square } from "./numbers.js";
import { t } from "./texts.js";

/** [rows, columns, maps] of a layer; a list is one pixel of many maps. */
export const sidesOf = (shape) => [1, 1, ...shape].slice(-3);

/** Whether a layer's numbers are shown in grays: none of them is negative. */
export function isGray(layers, k) {
  const { kind, activation, inputs } = layers[k];
  const above = ["relu", "softmax", "sigmoid", "softplus"];
  if (activation) return above.includes(activation.name);
  if (kind === "input" || kind === "rescaling") return true;
  return ["pool2d", "reshape", "zeroPadding2d"].includes(kind) && isGray(layers, inputs[0]);
}

const size = ([rows, columns]) => (rows === columns ? square(rows) : by([rows, columns]));

/** What a kind of layer is called, with its settings. */
function kindText({ kind, size: window, stride = [1, 1], reduce, activation, shape }) {
  const steps = Math.max(...stride);
  const step = steps > 1 ? t(", stride {steps}", { steps }) : "";
  if (kind === "conv2d") return t("convolution {size}{step}", { size: size(window), step });
  if (kind === "depthwiseConv2d")
    return t("a convolution for each map, {size}{step}", { size: size(window), step });
  if (kind === "pool2d" && shape.length === 1) return t("the mean of each map");
  if (kind === "pool2d")
    return reduce === "max"
      ? t("largest of each {size}", { size: size(window) })
      : t("mean of each {size}", { size: size(window) });
  if (kind === "activation") return activationText(activation);
  const words = {
    input: shape.length === 3 && shape[2] > 3 ? t("{n} planes", { n: shape[2] }) : t("the picture"),
    rescaling: t("rescaling"),
    dense: t("dense"),
    batchNormalization: t("batch normalisation"),
    reshape: t("flatten"),
    prelu: t("PReLU"),
    add: t("sum"),
    concatenate: t("one after the other"),
    zeroPadding2d: t("padding"),
    bias: t("bias"),
    embedding: t("embedding"),
  };
  return words[kind] ?? t("{kind}", { kind });
}

const NAMES = { relu: "ReLU", elu: "ELU", leaky_relu: "leaky ReLU" };
/** What an activation is called. */
export const activationText = ({ name }) => t("{name}", { name: NAMES[name] ?? name });

/** A layer in a line: its name, what it does, the shape of what comes out. */
export function layerText(layer) {
  const own = layer.kind !== "activation" && layer.activation;
  const kind = kindText(layer);
  return t("{name}: {kind} → {shape}", {
    name: layer.name,
    kind: own ? t("{kind}, {bend}", { kind, bend: activationText(layer.activation) }) : kind,
    shape: by(layer.shape),
  });
}
