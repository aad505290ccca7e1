// What KernelLearning says of a run.

import { short } from "../parts/axes.js";
import { format, square } from "../parts/numbers.js";
import { t } from "../parts/texts.js";

// A held-out loss has risen if it is so many times its least, and such a part of the first.
const [RISEN, COUNTS] = [1.2, 0.01];
const GROWN = 2; // times the first training loss: it grows, it does not tremble

/** Losses without their trembling: at each step the mean of the last tenth of all so far. */
export function calmed(losses) {
  let sum = 0;
  const sums = [0, ...losses.map((loss) => (sum += loss))];
  return losses.map((_, k) => {
    const from = k - Math.floor(k / 10);
    return (sums[k + 1] - sums[from]) / (k + 1 - from);
  });
}

/** Where the held-out loss was least, if it has risen since while the other fell; or nothing. */
function overfitting({ step, training, heldOut, floor }) {
  const [learned, other] = [training, heldOut].map((all) => calmed(all.slice(0, step + 1)));
  const at = other.reduce((best, loss, k) => (loss < other[best] ? k : best), 0);
  const now = other[step];
  const hasRisen = now > RISEN * other[at] && now > COUNTS * heldOut[0];
  return learned[step] < floor && hasRisen ? { at, best: other[at] } : undefined;
}

/** A loss; of one that is so small only rounding is left. */
export const written = (loss, tiny) =>
  loss < tiny ? t("below {tiny}", { tiny: short(tiny) }) : short(loss, 3);

/** How far it is at a step. */
export function progress({ step, steps, training, heldOut, difference, tiny }) {
  return t(
    "Step {step} of {steps}: training loss {training}, held-out loss {heldOut}; largest " +
      "difference to the secret kernel {difference}.",
    {
      step,
      steps,
      training: written(training[step], tiny),
      heldOut: written(heldOut[step], tiny),
      difference: written(difference, tiny),
    },
  );
}

/**
 * What is to be seen at this step: of a run { training, heldOut, diverged }, of its `floor`,
 * the training loss of the secret kernel itself, of both sides and the largest weights.
 */
export function verdict({ step, training, heldOut, diverged, floor, ...told }) {
  const { rate, difference, ring, size, side, most } = told;
  if (diverged && step === training.length - 1)
    return t(
      "Diverged: the loss is a million times what it was, so the run ends here. With a " +
        "learning rate of {rate} each step jumps farther past the valley. Halve it, and again, " +
        "until the loss falls.",
      { rate: format(rate) },
    );
  if (step === 0) return t("Random numbers: nothing is learned yet.");
  if (training[step] > GROWN * training[0])
    return t(
      "It grows: the training loss is {n} times what it was at the start. The learning rate of " +
        "{rate} is too large.",
      { n: short(training[step] / training[0], 2), rate: format(rate) },
    );
  const least = overfitting({ step, training, heldOut, floor });
  if (least)
    return t(
      "It overfits: the training loss is less than the {floor} of the secret kernel itself, and " +
        "the held-out loss has risen from {best} around step {at}. The kernel learns the noise.",
      { floor: short(floor, 3), best: short(least.best, 3), at: least.at },
    );
  if (difference < most / 100)
    return t("Found: each weight is that of the secret kernel, to a hundredth of the largest.");
  if (size < side)
    return t("Weights of {size} cannot be a kernel of {side}: some of the error stays.", {
      size: square(size),
      side: square(side),
    });
  const still = floor
    ? t("With this noise the secret kernel itself has a training loss of {floor}.", {
        floor: short(floor, 3),
      })
    : t("Without noise both losses can fall to 0.");
  if (size === side) return still;
  const outer = t("The outer weights should become 0; the largest is {ring}.", {
    ring: short(ring, 2),
  });
  return `${still} ${outer}`;
}

/** What the three pictures of outputs mean, with their one scale. */
export const scaleNote = (most) =>
  t("Outputs and error (wanted − now) on one scale: blue −{most} · white 0 · red +{most}.", {
    most: format(most, 3),
  });
