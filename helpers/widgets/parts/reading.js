// A network too large for a frame reads pictures beside the page: the latest one counts.

import { asInput, probabilitiesOf } from "./covering.js";
import { latest } from "./heavy.js";
import { networkFrom } from "./network.js";

const HERE = import.meta.url;

let kept; // where the work is done: the network that read last
let count = 0; // readers on this page, so that each network has a number

/** The probabilities of each of some pictures, and the milliseconds that the last one took. */
export function* readingJob({ number, description, bytes, pictures }) {
  if (kept?.number !== number) kept = { number, ...networkFrom(description, bytes) };
  const { layers, inSteps } = kept;
  const answers = [];
  let took = 0;
  for (const picture of pictures) {
    const start = performance.now();
    const { output } = yield* inSteps(asInput(picture, layers));
    answers.push(probabilitiesOf(layers, output));
    took = performance.now() - start;
  }
  return { answers, took };
}

/**
 * A reader for a network: read(pictures, then) reads some, and then({ answers, took }, isLatest)
 * comes with the probabilities of each. What comes while it reads waits; of several that wait
 * only the latest is read. onError(sentence) says what went wrong.
 */
export function reader({ description, bytes }, onError) {
  const number = ++count;
  const place = latest(readingJob, HERE);
  return {
    read(pictures, then) {
      place.run({ number, description, bytes, pictures }, { onDone: then, onError });
    },
    close: place.close,
  };
}
