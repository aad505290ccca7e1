// What layers do to each number, or to each row, by itself: written into an array that
// stands already, which may be the one it is read from. layers.js makes a new one each
// time, network.js uses the same again and again.

/** value(number, setting) of each number; NaN stays NaN. */
export function activateInto(out, x, value, setting) {
  for (let k = 0; k < x.length; k++) {
    const number = x[k];
    out[k] = Number.isNaN(number) ? NaN : value(number, setting);
  }
}

/** Softmax of each row of numbers. */
export function softmaxInto(out, x, classes) {
  for (let start = 0; start < x.length; start += classes) {
    let most = -Infinity;
    for (let c = start; c < start + classes; c++) most = Math.max(most, x[c]);
    let sum = 0;
    for (let c = start; c < start + classes; c++)
      sum += out[c] = Math.exp(x[c] - most);
    for (let c = start; c < start + classes; c++) out[c] /= sum;
  }
}

/** relu(x) − slope · relu(−x), as Keras: at 0 nothing comes through. */
export function bendInto(out, x, slopes) {
  for (let k = 0; k < x.length; k++)
    out[k] = x[k] * (x[k] > 0 ? 1 : slopes[k % slopes.length]);
}

/** (x − mean) · inverse · gamma + beta, each with one number a channel. */
export function normaliseInto(out, x, { mean, inverse, gamma, beta }) {
  const channels = mean.length;
  for (let k = 0; k < x.length; )
    for (let c = 0; c < channels; c++, k++)
      out[k] = (x[k] - mean[c]) * inverse[c] * gamma[c] + beta[c];
}
