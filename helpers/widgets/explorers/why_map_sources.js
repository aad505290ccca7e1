// WhyMap: who answers what a network says, and why: the page itself, or the kernel.
//
// read({ view, covered, patch, before }, then): then({ before, after, took }, isLatest) comes with
// the probabilities of the view, which may be known already, and of the view with the patch
// covered; took, the milliseconds, only from the page.
// explain(asked, isRandom, { onProgress, onDone, onError }) asks for a map, as `reasonJob` of
// reasons.js takes it and gives it; forget(isRandom) takes that back.

import { heavy } from "../parts/heavy.js";
import { COVER, coveredView } from "../parts/photo_views.js";
import { reader } from "../parts/reading.js";
import { HERE, reasonJob } from "../parts/reasons.js";

let count = 0; // networks on this page

/** A network that the page has. */
export function pageSource(network, onError) {
  const number = ++count;
  const reads = reader(network, onError);
  const jobs = [heavy(reasonJob, HERE), heavy(reasonJob, HERE)]; // trained, random
  return {
    element: null,
    read({ view, covered, patch, before }, then) {
      const isCovered = covered.length > 0;
      const pictures = before ? [] : [view];
      if (isCovered) pictures.push(coveredView(view, covered, patch));
      reads.read(pictures, ({ answers, took }, isLatest) => {
        const after = isCovered ? answers.at(-1) : null;
        then({ before: before ?? answers[0], after, took }, isLatest);
      });
    },
    explain(asked, isRandom, told) {
      jobs[Number(isRandom)].run({ ...network, ...asked, number, isRandom, cover: COVER }, told);
    },
    forget: (isRandom) => jobs[Number(isRandom)].cancel(),
    close() {
      reads.close();
      for (const job of jobs) job.close();
    },
  };
}

/** One that only the kernel has. */
export function kernelSource(asker) {
  const slotOf = (isRandom) => (isRandom ? "random" : "trained");
  return {
    element: asker.element,
    read({ view, covered, patch }, then, onError) {
      const onAnswer = ({ before, after }) =>
        then({ before: before.data, after: covered.length ? after.data : null }, true);
      asker.ask("said", { picture: view, covered, patch }, { onAnswer, onError });
    },
    explain(asked, isRandom, { onDone, onError }) {
      const given = { ...asked, is_random: isRandom };
      asker.ask("explained", given, { onAnswer: onDone, onError }, slotOf(isRandom));
    },
    forget: (isRandom) => asker.forget(slotOf(isRandom)),
    close: asker.close,
  };
}
