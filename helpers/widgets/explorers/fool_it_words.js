// FoolIt: what happened, in sentences.

import { bestOf } from "../parts/arrays.js";
import { counted } from "../parts/numbers.js";
import { percent } from "../parts/probabilities.js";
import { t } from "../parts/texts.js";
import { ANY, isFooled } from "./fool_it_attack.js";

const taken = (names, shares) => {
  const best = bestOf(shares);
  return { name: names[best], share: percent(shares[best]) };
};

/** What the network takes the digit for while the misled one is not there yet. */
export const waitingText = (names, before) =>
  t("It sees: {name} ({share}). It is being misled …", taken(names, before));

/** What the network takes the digit for: as it is, misled, changed by chance. */
export function verdict(names, { before, after, noisy }, { aim, strength }) {
  const found = taken(names, before);
  if (strength === 0)
    return t("It sees: {name} ({share}). Nothing is changed yet: move the strength.", found);
  const levels = counted(strength, "gray level");
  const now = taken(names, after);
  const said = { ...found, levels, other: now.name, rest: now.share, wanted: names[aim.target] };
  const first = () => {
    if (bestOf(after) === bestOf(before))
      return aim.target === aim.label
        ? t("It sees {name} ({share}); led on to it by {levels} it still does ({rest}).", said)
        : t("It sees {name} ({share}); misled by {levels} it still does ({rest}).", said);
    return isFooled(after, aim)
      ? t("It saw {name} ({share}); misled by {levels} it sees {other} ({rest}).", said)
      : t("It saw {name} ({share}); misled by {levels} it sees {other} ({rest}), not {wanted}.", said);
  };
  const second = t("Noise of the same strength: {name} ({share}).", taken(names, noisy));
  return `${first()} ${second}`;
}

/**
 * The smallest strength that fools the network: `found` is { strength }, null where none does,
 * or while it is looked for { tried }, the last that does not.
 */
export function smallestText(names, found, { label, target, steps }, most) {
  if (found.tried === 0) return t("The smallest strength that fools it is being looked for …");
  if (found.tried)
    return t("The smallest strength that fools it is being looked for: none up to {n} …", {
      n: found.tried,
    });
  const name = names[target === ANY ? label : target];
  if (found.strength === 0)
    return t("It needs no change: it takes the digit for “{name}” already.", { name });
  const way = counted(steps, "step");
  if (found.strength === null) {
    const said = { way, name, levels: counted(most, "gray level") };
    return target === ANY
      ? t("No strength up to {levels} makes it see another class in {way}.", said)
      : t("No strength up to {levels} makes it see “{name}” in {way}.", said);
  }
  const said = { way, name, n: found.strength };
  return target === ANY
    ? t(
        "The smallest strength that makes it see another class in {way}: {n} of 255 gray levels.",
        said,
      )
    : t(
        "The smallest strength that makes it see “{name}” in {way}: {n} of 255 gray levels.",
        said,
      );
}
