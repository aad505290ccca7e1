// The activations of helpers/ops.py and their derivatives, as helpers/learning.py has
// them, for single numbers; softmax, which needs several, stands in layers.js.

const sigmoid = (x) => {
  const power = Math.exp(-Math.abs(x));
  return (x < 0 ? power : 1) / (1 + power);
};
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** 1 − tanh²(x) without the difference, which loses digits far out. */
const slopeOfTanh = (x) => 4 * sigmoid(2 * x) * sigmoid(-2 * x);

/** (cos(πx) − sinc(x)) / x; near 0 the first terms of its power series. */
function slopeOfSinc(x) {
  const angle = Math.PI * x;
  if (Math.abs(angle) >= 0.1) return (Math.cos(angle) - sinc(x)) / x;
  const square = angle * angle;
  const series = -1 / 3 + square * (1 / 30 + square * (-1 / 840 + square / 45360));
  return Math.PI * angle * series;
}

function slopeOfMish(x) {
  const opening = softplus(x);
  return Math.tanh(opening) + x * slopeOfTanh(opening) * sigmoid(x);
}

/** Each by its name in Python: value(x, setting), slope(x, setting), the usual setting. */
export const ACTIVATIONS = {
  sigmoid: { value: sigmoid, slope: (x) => sigmoid(x) * sigmoid(-x) },
  tanh: { value: Math.tanh, slope: slopeOfTanh },
  step: { value: (x) => (x >= 0 ? 1 : 0), slope: () => 0 },
  softplus: { value: softplus, slope: sigmoid },
  relu: { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) },
  softsign: {
    value: (x) => x / (1 + Math.abs(x)),
    slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
  },
  elu: {
    value: (x, alpha) => (x > 0 ? x : alpha * Math.expm1(x)),
    slope: (x, alpha) => (x > 0 ? 1 : alpha * Math.exp(x)),
    setting: 1,
  },
  log_sigmoid: { value: (x) => -softplus(-x), slope: (x) => sigmoid(-x) },
  swish: {
    value: (x) => x * sigmoid(x),
    slope: (x) => sigmoid(x) * (1 + x * sigmoid(-x)),
  },
  sinc: { value: sinc, slope: slopeOfSinc },
  leaky_relu: {
    value: (x, slope) => (x > 0 ? x : slope * x),
    slope: (x, slope) => (x > 0 ? 1 : slope),
    setting: 0.2,
  },
  mish: { value: (x) => x * Math.tanh(softplus(x)), slope: slopeOfMish },
};

/** An activation of one number; setting is ELU's alpha or leaky ReLU's slope. */
export function activate(name, x, setting = ACTIVATIONS[name].setting) {
  return Number.isNaN(x) ? NaN : ACTIVATIONS[name].value(x, setting);
}

/** How steeply it rises there. */
export function slopeOf(name, x, setting = ACTIVATIONS[name].setting) {
  return Number.isNaN(x) ? NaN : ACTIVATIONS[name].slope(x, setting);
}
