// GoBoard: what is said of positions, points and answers, in sentences.

import { BLACK, PLANES, groupOf, nameOf, play, refusal } from "../parts/go.js";
import { counted, format } from "../parts/numbers.js";
import { percent } from "../parts/probabilities.js";
import { t } from "../parts/texts.js";

/** What the eight symmetries are called, by their numbers. */
export const VIEWS = [
  "as it is",
  "upside down",
  "left and right swapped",
  "turned by 180°",
  "mirrored at a diagonal",
  "turned right",
  "turned left",
  "mirrored at the other diagonal",
];

export const colourName = (colour) => (colour === BLACK ? t("Black") : t("White"));

/** Why a stone may not be played there. */
export function refusalText(why, place, size, colour) {
  const given = { name: nameOf(place, size), colour: colourName(colour) };
  if (why === "occupied") return t("{name} holds a stone already: play on an empty point.", given);
  if (why === "ko")
    return t("{colour} may not take back on {name} at once (ko): play elsewhere first.", given);
  return t("On {name} a stone of {colour} would have no liberty (suicide).", given);
}

/** How far the game is, what each side has taken, whose turn it is. */
export function turnText({ prisoners: [black, white] }, step, colour) {
  const given = { step, black: counted(black, "stone"), white: counted(white, "stone") };
  const turn = colour === BLACK ? t("Black to move") : t("White to move");
  return t("After {step} moves. Black has taken {black}, White {white}. {turn}.", { ...given, turn });
}

/** What the last move was, and what it took. */
export function lastText({ captured, size }, move) {
  if (!move) return t("No move yet.");
  const { colour, place } = move;
  if (place < 0) return t("{colour} passed.", { colour: colourName(colour) });
  const given = { colour: colourName(colour), name: nameOf(place, size) };
  if (!captured.length) return t("{colour} played {name}.", given);
  const names = captured.map((dead) => nameOf(dead, size)).join(", ");
  const stones = counted(captured.length, "stone");
  return t("{colour} played {name} and took {stones}: {names}.", { ...given, stones, names });
}

/** A point, in few words. */
export function pointName({ stones, liberties, size }, place) {
  const name = nameOf(place, size);
  if (!stones[place]) return t("{name}, empty", { name });
  const given = { name, liberties: libertiesText(liberties[place]) };
  return stones[place] === BLACK
    ? t("{name}, black, {liberties}", given)
    : t("{name}, white, {liberties}", given);
}

const libertiesText = (n) => (n === 1 ? t("1 liberty") : t("{n} liberties", { n }));

/** All that is known of a point for who is to move; `rank` counts from 1. */
export function pointText(board, place, colour, share, rank) {
  const name = pointName(board, place);
  if (board.stones[place]) {
    const stones = counted(groupOf(board, place).stones.length, "stone");
    return t("{name}, a group of {stones}.", { name, stones });
  }
  const why = refusal(board, place, colour);
  if (why) return t("{name}. {why}", { name, why: refusalText(why, place, board.size, colour) });
  const after = play(board, place, colour);
  const given = { name, colour: colourName(colour), liberties: libertiesText(after.liberties[place]) };
  const taken = after.captured.length;
  const stone = taken
    ? t("a stone of {colour} would take {stones} and have {liberties}", {
        ...given,
        stones: counted(taken, "stone"),
      })
    : t("a stone of {colour} would have {liberties}", given);
  if (share === undefined) return t("{name}: {stone}.", { name, stone });
  return t("{name}: {stone}. The network gives it {share}, its choice number {rank}.", {
    ...{ name, stone, rank },
    share: percent(share),
  });
}

/** What was played next in the game, and what the network thinks of it. */
export function nextText({ colour, place }, size, share, rank) {
  const given = { colour: colourName(colour), name: place < 0 ? t("a pass") : nameOf(place, size) };
  if (place < 0 || share === undefined) return t("In the game {colour} now plays {name}.", given);
  return t("In the game {colour} now plays {name}: the network’s choice number {rank}, {share}.", {
    ...given,
    rank,
    share: percent(share),
  });
}

/** What the network would play. */
export function adviceText(shares, size, took) {
  const best = shares.indexOf(Math.max(...shares));
  if (!shares[best]) return t("No point is left to play on: pass.");
  const given = { name: nameOf(best, size), share: percent(shares[best]) };
  return t("The network would play {name} ({share}). It took {ms} ms here.", {
    ...given,
    ms: Math.max(1, Math.round(took)),
  });
}

/** Whether the eight views of a position get one answer. */
export function viewsText(shares, size) {
  const best = shares.map((one) => one.indexOf(Math.max(...one)));
  const names = [...new Set(best)].map((place) => nameOf(place, size));
  return names.length === 1
    ? t("Seen in all eight ways, {name} is the first choice.", { name: names[0] })
    : t("Seen in eight ways, the same position has {n} different first choices: {names}.", {
        n: names.length,
        names: names.join(", "),
      });
}

/** Which unit it is, and which part of the board it depends on, if on any. */
export function unitText(layer, [row, column, map], field, size) {
  const given = { name: layer.name, row, column, map };
  const which =
    layer.shape.length === 1
      ? t("Number {map} of {name}", given)
      : t("Unit [{row}, {column}] of map {map} of {name}", given);
  if (!field) return t("{which} lies in the padding: it depends on no point.", { which });
  const [[top, bottom], [left, right]] = field;
  const [first, last] = [nameOf(top * size + left, size), nameOf((bottom - 1) * size + right - 1, size)];
  return first === last
    ? t("{which} depends on {first} alone.", { which, first })
    : t("{which} depends on the points from {first} to {last}.", { which, first, last });
}

const SAID = 3; // planes

/** Of which planes most of a sum comes, where a unit looks at planes. */
export function planesText(products) {
  const depth = PLANES.length;
  if (products?.shape[2] !== depth) return "";
  const sums = PLANES.map((name, plane) => {
    let sum = 0;
    for (let k = plane; k < products.data.length; k += depth) sum += products.data[k];
    return { name, sum };
  });
  const some = sums.filter(({ sum }) => sum);
  if (!some.length) return "";
  const most = some.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum)).slice(0, SAID);
  const parts = most.map(({ name, sum }) =>
    t("“{name}” {sum}", { name: t(name), sum: format(sum, 3) }),
  );
  return t("Most of it comes from the planes {parts}.", { parts: parts.join(", ") });
}
