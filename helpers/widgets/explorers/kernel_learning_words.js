// What KernelLearning says of a run.

import { short } from "../parts/axes.js";
import { format, square } from "../parts/numbers.js";
import { t } from "../parts/texts.js";

const RISEN = 1.2; // times its least: a held-out loss that has risen, not one that trembles

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
        "learning rate of {rate} each step jumps farther past the valley; try {less}.",
      { rate: format(rate), less: format(rate / 4, 2) },
    );
  if (step === 0) return t("Random numbers: nothing is learned yet.");
  const best = heldOut.slice(0, step).reduce((at, loss, k, all) => (loss < all[at] ? k : at), 0);
  if (training[step] < floor && heldOut[step] > RISEN * heldOut[best])
    return t(
      "It overfits: the training loss is less than the {floor} of the secret kernel itself, and " +
        "the held-out loss has risen from {best} at step {at}. The kernel learns the noise.",
      { floor: short(floor, 3), best: short(heldOut[best], 3), at: best },
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
