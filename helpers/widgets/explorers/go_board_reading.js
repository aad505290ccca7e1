// GoBoard: the network reads positions beside the page, one view of them after the other.

import { asInput } from "../parts/covering.js";
import { SYMMETRIES, inverseOf, turned } from "../parts/go.js";
import { heavy } from "../parts/heavy.js";
import { networkFrom } from "../parts/network.js";
import { array } from "../parts/ops.js";
import { softmaxInto } from "../parts/pointwise.js";

const HERE = import.meta.url;

let kept; // where the work is done: the network that read last
let count = 0; // readers on this page, so that each network has a number

/**
 * What a network says of planes: the scores of all points, the milliseconds that took and, if
 * they are wanted, the maps of all layers.
 */
export function* policyJob({ number, description, bytes, planes, withMaps }) {
  if (kept?.number !== number) kept = { number, ...networkFrom(description, bytes) };
  const start = performance.now();
  const { output, maps } = yield* kept.inSteps(asInput(planes, kept.layers));
  const took = performance.now() - start;
  // Copies: the next run writes into the same arrays.
  const copy = ({ shape, data }) => array(shape, data.slice());
  return { scores: output.data.slice(), took, maps: withMaps ? maps.map(copy) : null };
}

/** Scores as probabilities of the points that are allowed; 0 elsewhere. */
export function sharesOf(scores, allowed, areShares) {
  const places = [...allowed.keys()].filter((place) => allowed[place]);
  const some = Float64Array.from(places, (place) =>
    areShares ? Math.log(Math.max(scores[place], 1e-30)) : scores[place],
  );
  if (some.length) softmaxInto(some, some, some.length);
  const shares = new Float64Array(allowed.length);
  places.forEach((place, k) => (shares[place] = some[k]));
  return shares;
}

/** The mean of several lists of numbers. */
export const meanOf = (lists) =>
  lists[0].map((_, k) => lists.reduce((sum, list) => sum + list[k], 0) / lists.length);

/**
 * Reads positions under the symmetries that are wanted, the latest position first:
 * want({ planes, allowed, size, symmetry, all }) says which; with `all` the other seven
 * views follow. onAnswer({ shares, maps, took, isDone }) comes with each answer: shares[k]
 * are the probabilities under symmetry k, turned back, or undefined; maps are those of
 * `symmetry`. `ask()` goes on where only `symmetry` or `all` are others.
 */
export function reader({ description, bytes }, onAnswer, onError) {
  const number = ++count;
  const place = heavy(policyJob, HERE);
  const areShares = description.layers.at(-1).activation?.name === "softmax";
  let wanted = null;
  let known = null; // what was answered of the position
  let works = false;

  function missing() {
    if (known.seen !== wanted.symmetry) return wanted.symmetry;
    if (!wanted.all) return undefined;
    return [...Array(SYMMETRIES).keys()].find((k) => !known.shares[k]);
  }
  function tell() {
    const isDone = missing() === undefined;
    onAnswer({ ...known, isDone });
  }
  function next() {
    const k = works || !wanted ? undefined : missing();
    if (k === undefined) return;
    const { planes, allowed, size, symmetry } = wanted;
    const mine = known;
    const withMaps = k === symmetry;
    const data = turned(planes.data, k, size, planes.shape[2]);
    const input = { number, description, bytes, planes: array(planes.shape, data), withMaps };
    works = true;
    place.run(input, {
      onDone({ scores, maps, took }) {
        works = false;
        if (mine === known) {
          const back = turned(scores, inverseOf(k), size);
          known.shares[k] = sharesOf(back, allowed, areShares);
          if (maps) Object.assign(known, { maps, seen: k, took });
          tell();
        }
        next();
      },
      onError(sentence) {
        works = false;
        onError(sentence);
      },
    });
  }
  return {
    want(position) {
      if (position.key !== wanted?.key) known = { shares: Array(SYMMETRIES), seen: null };
      wanted = position;
      if (missing() === undefined) tell();
      else next();
    },
    close: place.close,
  };
}
