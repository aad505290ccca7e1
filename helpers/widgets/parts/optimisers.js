// Optimisers and schedules with the formulas and defaults of Keras 3, as in
// helpers/learning.py; numbers change in place, so nothing is made at a step.

// Each: its settings, how many arrays of memory it needs beside the weights, and how one
// array of weights changes; w weights, g gradient, m memory, time counts from 1.
const RULES = {
  sgd: {
    defaults: { learningRate: 0.01, momentum: 0, nesterov: false },
    memories: ({ momentum }) => (momentum ? 1 : 0),
    change(w, g, [velocity], rate, { momentum, nesterov }) {
      for (let k = 0; k < w.length; k++) {
        let move = -rate * g[k];
        if (velocity) {
          velocity[k] = momentum * velocity[k] + move;
          move = nesterov ? momentum * velocity[k] + move : velocity[k];
        }
        w[k] += move;
      }
    },
  },
  rmsprop: {
    defaults: {
      learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false,
    },
    memories: () => 3,
    change(w, g, [squares, mean, moved], rate, { rho, momentum, epsilon, centered }) {
      for (let k = 0; k < w.length; k++) {
        squares[k] = rho * squares[k] + (1 - rho) * g[k] * g[k];
        mean[k] = rho * mean[k] + (1 - rho) * g[k];
        const size = centered ? squares[k] - mean[k] * mean[k] : squares[k];
        moved[k] = momentum * moved[k] + (rate * g[k]) / Math.sqrt(size + epsilon);
        w[k] -= moved[k];
      }
    },
  },
  adam: {
    defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    memories: () => 2,
    change(w, g, [mean, squares], rate, { beta1, beta2, epsilon }, time) {
      const corrected = (rate * Math.sqrt(1 - beta2 ** time)) / (1 - beta1 ** time);
      for (let k = 0; k < w.length; k++) {
        mean[k] += (g[k] - mean[k]) * (1 - beta1);
        squares[k] += (g[k] * g[k] - squares[k]) * (1 - beta2);
        w[k] -= (mean[k] * corrected) / (Math.sqrt(squares[k]) + epsilon);
      }
    },
  },
};

/** Each array of weights with its gradient, out of lists and objects that hold them. */
function* pairs(weights, gradients) {
  if (weights.data) yield [weights, gradients];
  else
    for (const name of Object.keys(weights)) yield* pairs(weights[name], gradients[name]);
}

/**
 * "sgd", "rmsprop" or "adam"; learningRate is a number or a schedule. settings may be
 * changed between steps: { settings, steps, step(weights, gradients) }. weights and
 * gradients are an array, or lists or objects of arrays of the same names.
 */
export function optimizer(name, given = {}) {
  const rule = RULES[name];
  const settings = { ...rule.defaults, ...given };
  const remembered = new WeakMap();
  const self = { settings, steps: 0, step };

  function memory(array) {
    const need = rule.memories(settings);
    const arrays = remembered.get(array) ?? [];
    while (arrays.length < need) arrays.push(new Float64Array(array.data.length));
    remembered.set(array, arrays);
    return arrays;
  }

  /** Change the weights by one step. */
  function step(weights, gradients) {
    const { learningRate } = settings;
    const rate =
      typeof learningRate === "function" ? learningRate(self.steps) : learningRate;
    self.steps += 1;
    for (const [array, gradient] of pairs(weights, gradients))
      rule.change(array.data, gradient.data, memory(array), rate, settings, self.steps);
  }

  return self;
}

const SCHEDULES = {
  constant: ({ learningRate }) => () => learningRate,

  /** Keras's PiecewiseConstantDecay: each boundary is the last step of its piece. */
  piecewise:
    ({ boundaries, values }) =>
    (step) =>
      values[boundaries.filter((boundary) => boundary < step).length],

  /** Keras's ExponentialDecay with staircase=True. */
  step:
    ({ learningRate, decaySteps, decayRate }) =>
    (step) =>
      learningRate * decayRate ** Math.floor(step / decaySteps),

  /** Keras's CosineDecay: with a warmupTarget it first rises to that. */
  cosine({ learningRate, decaySteps, alpha = 0, warmupTarget = null, warmupSteps = 0 }) {
    const top = warmupTarget ?? learningRate;
    const start = warmupTarget === null ? 0 : warmupSteps;
    return (step) => {
      if (step < start) return learningRate + ((top - learningRate) * step) / start;
      const fallen = Math.min(step - start, decaySteps) / decaySteps;
      return top * (((1 - alpha) * (1 + Math.cos(Math.PI * fallen))) / 2 + alpha);
    };
  },
};

/** "constant", "piecewise", "step" or "cosine": from the steps made to the next rate. */
export function schedule(name, settings) {
  return SCHEDULES[name](settings);
}
