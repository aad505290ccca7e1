// FoolIt: what happened, in sentences.

import { counted } from "../parts/numbers.js";
import { percent } from "../parts/probabilities.js";
import { t } from "../parts/texts.js";
import { ANY, bestOf, isFooled } from "./fool_it_attack.js";

const taken = (names, shares) => {
  const best = bestOf(shares);
  return { name: names[best], share: percent(shares[best]) };
};

/** What the network takes the digit for: as it is, misled, changed by chance. */
export function verdict(names, { before, after, noisy }, { aim, strength }) {
  const found = taken(names, before);
  if (strength === 0)
    return t("It sees: {name} ({share}). Nothing is changed yet: move the strength.", found);
  const levels = counted(strength, "gray level");
  const [now, chance] = [taken(names, after), taken(names, noisy)];
  const said = { ...found, levels, other: now.name, rest: now.share, wanted: names[aim.target] };
  const first =
    bestOf(after) === bestOf(before)
      ? t("It sees {name} ({share}); misled by {levels} it still does ({rest}).", said)
      : isFooled(after, aim)
        ? t("It saw {name} ({share}); misled by {levels} it sees {other} ({rest}).", said)
        : t("It saw {name} ({share}); misled by {levels} it sees {other} ({rest}), not {wanted}.", said);
  const second =
    bestOf(noisy) === bestOf(before)
      ? t("As much by chance leaves it at {name} ({share}).", chance)
      : t("As much by chance makes {name} of it ({share}).", chance);
  return `${first} ${second}`;
}

/** The smallest strength that fools the network: `found` is null while it is searched. */
export function smallestText(names, found, { label, target }, steps, most) {
  const way = counted(steps, "step");
  if (!found) return t("The smallest strength that fools it is being searched …");
  if (found.strength === 0)
    return t("It needs no change: it takes the digit for “{name}” already.", {
      name: names[target === ANY ? label : target],
    });
  const aim =
    target === ANY ? t("to see another class") : t("to see “{name}”", { name: names[target] });
  if (found.strength === null)
    return t("Nothing up to {levels} brings it, in {way}, {aim}.", {
      levels: counted(most, "gray level"),
      way,
      aim,
    });
  return t("The smallest strength that brings it, in {way}, {aim}: {levels} of 255.", {
    way,
    aim,
    levels: counted(found.strength, "gray level"),
  });
}
