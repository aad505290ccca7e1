// SentenceScanner: what it says.

import { bracketed, counted, format } from "../parts/numbers.js";
import { t } from "../parts/texts.js";

/** A number with its sign, also where it is positive. */
export const signed = (value) => (value > 0 ? `+${format(value, 3)}` : format(value, 3));

/** The words of a window; none where it lies behind the last one. */
export function windowText({ words }, width, place) {
  const seen = words.slice(place, place + width);
  return seen.length ? t("“{words}”", { words: seen.join(" ") }) : t("the paddings");
}

/** Which words the network does not know; "" where it knows all. */
export const unknownText = ({ unknown }) =>
  unknown.length
    ? t("Not in its vocabulary, so all the same to it: {words}.", {
        words: unknown.map((word) => t("“{words}”", { words: word })).join(", "),
      })
    : t("It knows all of these words.");

/** How many words were cut off; "" where none were. */
export const cutText = ({ cut }, most) =>
  cut
    ? t("It reads {most} words: {cut} cut off at the end.", { most, cut: counted(cut, "word") })
    : "";

/** What a filter says where its window stands, and where it says most. */
export function filterText(answer, { filter, width, place }) {
  const value = answer.responses[filter][place];
  const most = answer.strongest[filter];
  const best = answer.places[filter];
  const told = {
    filter,
    sees: counted(width, "word"),
    value: format(value),
    window: windowText(answer, width, place),
    most: format(most),
    best: windowText(answer, width, best),
  };
  if (most === 0) return t("Filter {filter} sees {sees} at a time. It finds nothing anywhere.", told);
  if (place === best)
    return t("Filter {filter} sees {sees} at a time. Its strongest window: {window}, {value}.", told);
  return t(
    "Filter {filter} sees {sees} at a time. It says {value} to {window}; its strongest window: " +
      "{best}, {most}.",
    told,
  );
}

/** What the largest number of a filter counts. */
export const countsText = ({ strongest, weights, contributions }, filter, names) =>
  t("It counts {most} · {weight} = {value} for {one}, against {other}.", {
    most: format(strongest[filter]),
    weight: bracketed(weights[filter]),
    value: format(contributions[filter]),
    ...names,
  });

/** The verdict as a sum. */
export const sumText = (count, names) =>
  t(
    "logit({one}) − logit({other}) = the sum over {count} filters of largest number · " +
      "(weight to {one} − weight to {other}) + (bias of {one} − bias of {other})",
    { count, ...names },
  );

/** What the whole sum is, in words. */
export const verdictText = ({ difference }, names) =>
  t("Together {difference}: {for}.", {
    difference: signed(difference),
    for: difference > 0 ? t("for {one}", names) : t("for {other}", names),
  });

/** Why a text is refused; "" where it is not. */
export function refusalText(sentence, found, letters) {
  const count = [...sentence].length;
  if (count > letters)
    return t("{count} letters are too many: {letters} at most. The sentence before stays.", {
      count,
      letters,
    });
  if (!found.length) return t("Type a sentence with a word in it. The one before stays.");
  return "";
}
