// FoolIt: changes that mislead a network, and the search for the smallest. Nothing here
// touches the page: it may run in a worker.

import { bestOf } from "../parts/arrays.js";
import { NO_CLASS as ANY } from "../parts/classes.js";
import { asInput, probabilitiesOf } from "../parts/covering.js";
import { backward, forward } from "../parts/learn.js";
import { networkFrom } from "../parts/network.js";
import { chainOf } from "../parts/network_errors.js";
import { clamp } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { randomFrom } from "../parts/random.js";

/** Where a worker finds this module. */
export const HERE = import.meta.url;

const WHITE = 255;
const STRIDE = 2.5; // all steps together are so many times as long as the strength

export { ANY }; // the target where any other class will do

/** A network that is ready for attacks: { layers, run, chain }. */
export function openedFrom({ description, bytes }) {
  const made = networkFrom(description, bytes);
  return { ...made, chain: chainOf(made.layers).map(({ layer }) => layer) };
}

/** What a network answers to a picture. */
export function answerOf({ layers, run }, picture) {
  return probabilitiesOf(layers, run(asInput(picture, layers)).output);
}

/**
 * How ln((1 − p) / p) of a class changes with each logit: cross-entropy's slope, by 1 − p,
 * which is nearly 0 where a network is sure.
 */
export function marginSlope({ shape, data }, label) {
  let most = -Infinity;
  for (const [k, value] of data.entries()) if (k !== label) most = Math.max(most, value);
  const powers = data.map((value, k) => (k === label ? 0 : Math.exp(value - most)));
  const sum = powers.reduce((a, b) => a + b, 0);
  return array(shape, powers.map((power, k) => (k === label ? -1 : power / sum)));
}

/** How it changes with each pixel. */
export function slopeOf({ layers, chain }, picture, label) {
  const { output, kept } = forward(chain, asInput(picture, layers));
  return backward(chain, kept, marginSlope(output, label)).input.data;
}

/** A picture, each pixel moved by `step` the way that `ways` says, kept within reach. */
function moved({ shape, data }, start, ways, step, strength) {
  const out = data.map((value, k) => {
    const low = Math.max(start.data[k] - strength, 0);
    const high = Math.min(start.data[k] + strength, WHITE);
    return clamp(value + step * Math.sign(ways[k]), low, high);
  });
  return array(shape, out);
}

/**
 * A function (strength) for a picture that misleads a network: in some steps, to a target or,
 * ANY, away from `label`. It is a generator that pauses between the steps and returns the
 * picture; `at(strength)` gives it at once. The first slope is the same for all strengths.
 */
export function attackOn(network, picture, { label, target, steps }) {
  const led = target === ANY ? label : target;
  const way = target === ANY ? 1 : -1;
  const waysAt = (x) => slopeOf(network, x, led).map((slope) => way * slope);
  let first = null;
  function* attack(strength) {
    first ??= waysAt(picture);
    const step = (STRIDE * strength) / steps;
    let x = moved(picture, picture, first, step, strength);
    for (let n = 1; n < steps; n++) {
      yield;
      x = moved(x, picture, waysAt(x), step, strength);
    }
    return x;
  }
  return Object.assign(attack, {
    at(strength) {
      const going = attack(strength);
      for (;;) {
        const { value, done } = going.next();
        if (done) return value;
      }
    },
  });
}

/** A picture in which chance says of each pixel whether it goes up or down. */
export function byChance(picture, strength, seed) {
  const random = randomFrom(seed);
  const ways = Array.from(picture.data, () => (random.uniform() < 0.5 ? -1 : 1));
  return moved(picture, picture, ways, strength, strength);
}

/** The difference of two pictures. */
export const changeOf = (after, before) =>
  array(before.shape, after.data.map((value, k) => value - before.data[k]));

/** Whether an answer is what the attack wants. */
export const isFooled = (shares, { label, target }) =>
  target === ANY ? bestOf(shares) !== label : bestOf(shares) === target;

let kept; // where the work is done: the network and the attack that were asked for last

/** A misled picture and what the network answers to it. A job for heavy.js. */
export function* misleadingJob({ number, description, bytes, picture, aim, strength }) {
  if (kept?.number !== number) {
    const network = openedFrom({ description, bytes });
    kept = { number, network, attack: attackOn(network, picture, aim) };
  }
  const { network, attack } = kept;
  const attacked = yield* attack(strength);
  return { attacked, after: answerOf(network, attacked) };
}

/**
 * The smallest strength, in whole gray levels, that fools a network: { strength }, null where
 * none up to `most` does. All of them are tried in turn, for one that fools it may lie below
 * one that does not; { tried } comes after each in vain. A job for heavy.js.
 */
export function* smallestJob({ description, bytes, picture, aim, most }) {
  const network = openedFrom({ description, bytes });
  const attack = attackOn(network, picture, aim);
  const fools = (x) => isFooled(answerOf(network, x), aim);
  if (fools(picture)) return { strength: 0 };
  for (let strength = 1; strength <= most; strength++) {
    yield { tried: strength - 1 };
    if (fools(yield* attack(strength))) return { strength };
  }
  return { strength: null };
}
