// One stack after the other is measured, off the page's thread; the last wishes come first.

import { flow } from "../parts/flows.js";
import { heavy } from "../parts/heavy.js";

export { flow };

const PAUSE = 150; // ms without a new wish until what is only to be compared is measured

/**
 * want(first, others) says which stacks are to be measured: the first at once, the others when
 * nothing else was wanted for a moment. onNew() comes with each that is; of(stack) is what was
 * measured, as long as it is wanted. What is at work comes to its end: it takes milliseconds,
 * a worker that is called off would have to be started anew.
 */
export function measurer({ onNew, onError }) {
  const work = heavy(flow, import.meta.url);
  const known = new Map(); // what was measured, by the stack as text
  let [first, others] = [[], []];
  let timer;
  let [working, rested] = [false, false];
  const keyOf = (stack) => JSON.stringify(Object.entries(stack).sort());
  const missing = (stacks) => stacks.find((one) => !known.has(keyOf(one)));

  function goOn() {
    const next = missing(first) ?? (rested ? missing(others) : undefined);
    if (working || !next) return;
    working = true;
    work.run(next, {
      onDone(measured) {
        working = false;
        known.set(keyOf(next), measured);
        onNew();
        goOn();
      },
      onError(sentence) {
        working = false;
        onError(sentence);
      },
    });
  }

  return {
    want(...wanted) {
      [first, others] = wanted;
      const needed = new Set(wanted.flat().map(keyOf));
      for (const key of known.keys()) if (!needed.has(key)) known.delete(key);
      rested = false;
      clearTimeout(timer);
      timer = setTimeout(() => {
        rested = true;
        goOn();
      }, PAUSE);
      goOn();
    },
    of: (stack) => known.get(keyOf(stack)),
    get isDone() {
      return !missing(first) && !missing(others);
    },
    close() {
      clearTimeout(timer);
      work.close();
    },
  };
}
