// GoBoard: a game of Go, and where a network would play.

import { INPUT, OUTPUT } from "../parts/colours.js";
import { actions, bound, button, checkbox, menu, messageLine, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import {
  BLACK, NOWHERE, SYMMETRIES, WHITE, boardOf, inverseOf, legal, nameOf, placeOf, planes, play,
  refusal, turned, turnedPoint,
} from "../parts/go.js";
import { layerTiles } from "../parts/layer_tiles.js";
import { group, layout, line } from "../parts/layout.js";
import { networkFrom } from "../parts/network.js";
import { alike, extremes } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { pickButton, picking } from "../parts/picking.js";
import { picture } from "../parts/pictures.js";
import { percent, probabilityBars } from "../parts/probabilities.js";
import { call, tuple, tuples, variable } from "../parts/saving.js";
import { each, listen, numbersFrom, share } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { tile, tileRow } from "../parts/tiles.js";
import { stepPanel } from "../parts/unit_step.js";
import { fieldOf, firstUnit, isInside, unitOf } from "../parts/units.js";
import { meanOf, reader } from "./go_board_reading.js";
import { boardView } from "./go_board_view.js";
import {
  VIEWS, adviceText, lastText, nextText, planesText, pointName, pointText, refusalText, turnText,
  unitText, viewsText,
} from "./go_board_words.js";

const POSITION = ["game", "moves", "step", "stone"];
const READING = ["symmetry", "averaged"];
const UNIT = ["layer", "unit"];
const BEST = 5;
const MOST_MOVES = 1000; // as Python takes them
const [GROUND, HEAT] = [[235, 217, 180], [0, 110, 80]]; // of the small boards
const NAMES = { black: BLACK, white: WHITE };

// ------------------------------------------------------------------------------ positions

/** A move in words, "black D4", as { colour, place }. */
export function moveOf(words, size) {
  const [colour, name] = words.split(" ");
  return { colour: NAMES[colour], place: name === "pass" ? NOWHERE : placeOf(name, size) };
}

/** The same in words. */
export const wordsOf = ({ colour, place }, size) =>
  `${colour === BLACK ? "black" : "white"} ${place === NOWHERE ? "pass" : nameOf(place, size)}`;

/**
 * The boards before, between and after the moves of a game, kept as far as the next moves
 * begin in the same way: of(name, start, moves) gives them, or null where a move is none.
 */
export function boardKeeper(size) {
  let had = { name: null, moves: [], boards: [] };
  return {
    of(name, start, moves) {
      if (name !== had.name) had = { name, moves: [], boards: [boardOf(size, start)] };
      const same = had.moves.findIndex((words, k) => words !== moves[k]);
      const first = same < 0 ? had.moves.length : same;
      had.moves.length = first;
      had.boards.length = first + 1;
      for (const words of moves.slice(first)) {
        const { colour, place } = moveOf(words, size);
        const board = had.boards.at(-1);
        if (place !== NOWHERE && refusal(board, place, colour)) return null;
        had.moves.push(words);
        had.boards.push(play(board, place, colour));
      }
      return had.boards;
    },
  };
}

/** Whose turn it is, where that is told neither by a choice nor by the game. */
export function nextColour(start, moves) {
  if (moves.length) return -moves.at(-1).colour;
  return start.reduce((sum, stone) => sum + stone, 0) > 0 ? WHITE : BLACK;
}

/** The places by their shares, the largest first. */
export const ranked = (shares) =>
  [...shares.keys()].sort((a, b) => shares[b] - shares[a]).filter((place) => shares[place] > 0);

/** A position with its heat as a small picture, each point a pixel. */
export function smallBoard(stones, shares, size) {
  const most = extremes(shares).high || 1;
  const data = new Uint8ClampedArray(3 * stones.length);
  stones.forEach((stone, place) => {
    const heat = shares[place] / most;
    for (let c = 0; c < 3; c++)
      data[3 * place + c] = stone
        ? 255 * (stone !== BLACK)
        : GROUND[c] + heat * (HEAT[c] - GROUND[c]);
  });
  return array([size, size, 3], data);
}

/** Rows and columns [first, end) as they lie before a symmetry turned them. */
export function turnedBack([rows, columns], k, size) {
  const back = inverseOf(k);
  const corners = [
    turnedPoint([rows[0], columns[0]], back, size),
    turnedPoint([rows[1] - 1, columns[1] - 1], back, size),
  ];
  return [0, 1].map((axis) => {
    const [a, b] = corners.map((point) => point[axis]);
    return [Math.min(a, b), Math.max(a, b) + 1];
  });
}

// ---------------------------------------------------------------------------- the explorer

/** The eight views in a row: show(stones, shares, size) those that are known, choose(k). */
function eightViews(onPick) {
  const views = VIEWS.map((name, k) => {
    const view = picture({ role: INPUT, framed: false });
    const note = line();
    const pick = pickButton(view, () => onPick(k));
    const one = tile({ caption: t(name), views: [{ element: pick }], notes: [note] });
    return { view, note, pick, element: one.element };
  });
  const row = tileRow(views, { columns: 8, least: "7em" });
  const going = picking(row, views.map(({ pick }) => pick), onPick);
  return {
    element: row,
    choose: going.choose,
    show(stones, shares, size) {
      views.forEach(({ view, note, pick }, k) => {
        const mine = shares[k] ?? new Float64Array(stones.length);
        view.paint(smallBoard(turned(stones, k, size), turned(mine, k, size), size));
        const [best] = ranked(mine);
        const given = { name: t(VIEWS[k]) };
        const said = !shares[k]
          ? t("not asked yet")
          : best === undefined
            ? t("no move")
            : t("{move} {share}", { move: nameOf(best, size), share: percent(mine[best]) });
        setText(note, said);
        view.describe(t("The board {name}", given));
        pick.setAttribute("aria-label", t("{name}: {said}", { ...given, said }));
      });
    },
  };
}

export default function render({ model, el }) {
  const get = (name) => model.get(name);
  const set = (changes) => share(model, changes);
  const games = get("_games");
  const { description, data } = get("_network");
  const bytes = numbersFrom(data, Uint8Array);
  const { layers } = networkFrom(description, bytes);
  const [size] = layers[description.inputs[0]].shape;
  const names = Array.from({ length: size * size }, (_, place) => nameOf(place, size));
  const keeper = boardKeeper(size);
  let now = null; // { key, board, moves, step, colour, allowed } on the screen
  let answer = null; // what is known of it: { shares of the views, maps, took, isDone }
  let shares = null; // the probabilities on the board, once they are known
  let order = []; // the places by them
  let pointed = NOWHERE; // where pointer or cursor are
  let awaited = null; // the position that the network is to play in: { key, colour }
  let painted = null; // the maps that are on the screen
  let closed = false;

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const gameMenu = menu({
    label: t("Game"),
    options: Object.keys(games).map((name) => [name, t("{name}", { name })]),
    onChange(game) {
      const { moves } = games[game];
      message.clear();
      set({ game, moves, step: moves.length });
    },
  });
  const changed = make("option", { value: "", disabled: true, hidden: true });
  gameMenu.select.append(changed);
  const view = boardView(size, { onPlay: playAt, onPoint: pointAt });
  const bars = probabilityBars({ most: BEST });
  bars.build(names);
  const best = make(
    "figure",
    { class: "gb-best", "aria-busy": "true" },
    make("figcaption", {}, t("The five likeliest moves")),
    bars.element,
  );
  const views = eightViews((symmetry) => set({ symmetry }));
  const eight = make(
    "details",
    { class: "gb-eight", ontoggle: read },
    make("summary", {}, t("The eight symmetries side by side")),
    views.element,
  );
  const tiles = layerTiles((layer, unit) => set({ layer, unit }));
  tiles.build(layers);
  const network = reader({ description, bytes }, heard, (sentence) => {
    best.setAttribute("aria-busy", "false");
    awaited = null;
    message.say(sentence);
  });
  const steps = transport({
    label: t("Move"),
    first: 0,
    keysText: "Keys: ← → go from move to move, space plays, Home, End; on the board, arrows and Enter.",
    onStep: (step) => set({ step }),
    onEscape: () => message.clear(),
  });
  const options = (words) => words.map((word) => [word, t(word)]);
  const controls = {
    shown: bound(model, "shown", menu, {
      label: t("On the board"),
      options: options(["probabilities", "liberties", "nothing"]),
    }),
    stone: bound(model, "stone", menu, {
      label: t("Next stone"),
      options: options(["in turn", "black", "white"]),
    }),
    answers: bound(model, "answers", checkbox, { label: t("it answers your moves") }),
    averaged: bound(model, "averaged", checkbox, { label: t("mean of all eight views") }),
  };
  const back = button(t("Take back"), () => now.step && set({ step: now.step - 1 }));
  const doings = actions(
    button(t("Network moves"), () => awaitAnswer(now.colour)),
    button(t("Pass"), () => playAt(NOWHERE)),
    back,
  );

  // ---------------------------------------------------------------------------------- page
  const [turn, last, next, advice] = [line("gb-turn"), line(), line(), line("hc-measured")];
  const [pointLine, unitLine, planesLine, agree] = [line(), line(), line(), line()];
  eight.append(agree);
  const step = stepPanel();
  const [, sumLine] = step.lines;
  const inside = make(
    "details",
    { class: "gb-layers", ontoggle: explain },
    make("summary", {}, t("What every layer makes of it, and what one unit saw")),
    tiles.element,
    step.element,
    make("div", { class: "gb-unit" }, unitLine, sumLine, planesLine),
  );
  const legend = line("hc-keys");
  const frame = layout("GoBoard", {
    head: [gameMenu.element],
    scene: [
      make(
        "div",
        { class: "gb-top" },
        view.element,
        make(
          "div",
          { class: "gb-side" },
          ...[turn, last, next, best, advice, doings, pointLine, message.element],
        ),
      ),
      eight,
      inside,
    ],
    player: steps.elements,
    settings: [
      group(t("The board"), controls.shown.element, controls.stone.element),
      group(t("The network"), controls.answers.element, controls.averaged.element),
    ],
    foot: [legend, voice.element],
    python,
  });
  setText(
    legend,
    t(
      "On the board the likeliest move has the full colour, the five likeliest have numbers; a ring " +
        "marks the last move, a dashed one the game’s next, crosses what was taken; a frame is what a " +
        "unit sees. Gray maps: 0 is black, the layer’s largest number white. Coloured ones: blue " +
        "below 0, white 0, red above.",
    ),
  );
  steps.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function python() {
    const [own, game, moves, at] = ["_own", "game", "moves", "step"].map(get);
    const usual = moves.join() === games[game].moves.join();
    const [layer, unit] = UNIT.map(get);
    const isFirst = alike({ layer, unit }, firstUnit(layers));
    const rest = ["stone", "shown", "symmetry", "averaged", "answers"];
    return call(model, {
      network: own.network ? variable("model") : "go",
      game: game === Object.keys(games)[0] ? null : game,
      games: own.games ? variable("games") : null,
      moves: usual ? null : tuple(...moves),
      step: at === moves.length ? null : at,
      ...Object.fromEntries(rest.map((name) => [name, get(name)])),
      layer: isFirst ? null : layer,
      unit: isFirst ? null : tuples(unit),
    });
  }

  /** Play a move of whose turn it is, −1 is a pass; the moves that came next are gone. */
  function playAt(place) {
    const { board, colour, step: at } = now;
    const why = place === NOWHERE ? "" : refusal(board, place, colour);
    message.say(why && refusalText(why, place, size, colour));
    if (why) return;
    steps.stop();
    playMove(place, colour);
    if (get("answers")) awaited = { key: keyOf(at + 1), colour: -colour };
  }
  function playMove(place, colour) {
    const [moves, words] = [get("moves"), wordsOf({ colour, place }, size)];
    const at = now.step;
    if (at >= MOST_MOVES) {
      message.say(t("There is no room for more than {n} moves: take some back.", { n: MOST_MOVES }));
      return;
    }
    const known = moves[at] === words; // it is the game's own
    set({ ...(known ? {} : { moves: [...moves.slice(0, at), words] }), step: at + 1 });
  }
  const keyOf = (at) => [get("game"), ...get("moves").slice(0, at)].join();

  /** The network is to play in this position, as soon as it has seen it. */
  function awaitAnswer(colour) {
    message.clear();
    steps.stop();
    awaited = { key: now.key, colour };
    if (shares) answerNow();
  }
  function answerNow() {
    const { colour } = awaited;
    awaited = null;
    playMove(order[0] ?? NOWHERE, colour);
  }

  // ------------------------------------------------------------------------------- drawing
  /** The position is another. */
  function update() {
    const [game, moves, at] = ["game", "moves", "step"].map(get);
    const { start } = games[game];
    const boards = keeper.of(game, start, moves);
    if (!boards || at >= boards.length) return; // the rest is on its way
    const key = keyOf(at);
    if (awaited && awaited.key !== key) awaited = null;
    const before = moves.slice(0, at).map((words) => moveOf(words, size));
    const following = at < moves.length ? moveOf(moves[at], size) : null;
    const stone = get("stone");
    const usual = following?.colour ?? nextColour(start, before);
    const colour = awaited?.colour ?? NAMES[stone] ?? usual;
    const board = boards[at];
    now = { key, board, moves: before, step: at, colour, following, allowed: legal(board, colour) };
    steps.resize(moves.length, 1);
    steps.at = at;
    back.disabled = !at;
    const isChanged = moves.join() !== games[game].moves.join();
    changed.hidden = !isChanged;
    setText(changed, isChanged ? t("changed: {name}", { name: game }) : "");
    gameMenu.value = isChanged ? "" : game;
    controls.stone.follow();
    shares = null;
    answer = null;
    draw();
    read();
  }

  /** Ask the network for what is missing. */
  function read() {
    const [symmetry, averaged] = READING.map(get);
    for (const name of ["averaged", "answers"]) controls[name].follow();
    views.choose(symmetry);
    const { board, colour, allowed, moves } = now;
    best.setAttribute("aria-busy", "true");
    network.want({
      key: `${now.key} ${colour}`,
      planes: planes(board, colour, moves.map(({ place }) => place)),
      ...{ allowed, size, symmetry },
      all: averaged || eight.open,
    });
  }

  /** The network said something. */
  function heard(found) {
    if (closed) return;
    answer = found;
    const [symmetry, averaged] = READING.map(get);
    const all = found.shares.filter(Boolean);
    const isKnown = averaged ? all.length === SYMMETRIES : found.shares[symmetry];
    shares = isKnown ? (averaged ? meanOf(all) : found.shares[symmetry]) : null;
    if (eight.open) {
      views.show(now.board.stones, found.shares, size);
      const moves = all.length === SYMMETRIES && ranked(all[0]).length;
      setText(agree, moves ? viewsText(all, size) : "");
    }
    draw();
    best.setAttribute("aria-busy", !found.isDone);
    if (awaited && shares && awaited.key === now.key) answerNow();
  }

  function draw() {
    const { board, step: at, colour, moves, following } = now;
    order = shares ? ranked(shares) : [];
    controls.shown.follow();
    setText(turn, turnText(board, at, colour));
    setText(last, lastText(board, moves.at(-1)));
    const ranks = (place) => [shares?.[place] || undefined, order.indexOf(place) + 1];
    setText(next, following ? nextText(following, size, ...ranks(following.place)) : "");
    if (shares) {
      bars.show(shares);
      setText(advice, adviceText(shares, size, answer.took));
    }
    explain();
    voice.say([last, turn, advice].map(({ textContent }) => textContent).join(" "));
  }

  /** What lies on the board, and the unit that is written out. */
  function explain() {
    const { board, moves, following } = now;
    const [shown, index, unit, symmetry] = ["shown", "layer", "unit", "symmetry"].map(get);
    const numbers = new Map();
    const isHeat = shown === "probabilities" && shares;
    if (isHeat) order.slice(0, BEST).forEach((place, k) => numbers.set(place, String(k + 1)));
    if (shown === "liberties")
      board.stones.forEach((stone, place) => stone && numbers.set(place, String(board.liberties[place])));
    const most = isHeat ? shares[order[0]] || 1 : 1;
    if (index >= layers.length || !isInside(layers[index], unit)) return; // more is on its way
    const region = fieldOf(layers, index, unit);
    const isOnBoard = region.every(([first, end]) => first < end); // else in the padding
    const field = inside.open && isOnBoard ? turnedBack(region, symmetry, size) : null;
    view.show({
      board,
      heat: isHeat ? shares.map((one) => one / most) : null,
      numbers,
      last: moves.at(-1)?.place ?? NOWHERE,
      next: following?.place ?? NOWHERE,
      field,
      nameOfPoint: (place) => pointName(board, place),
    });
    pointAt(pointed);
    if (!inside.open || answer?.seen !== symmetry) return; // not wanted, or on its way
    const { maps } = answer;
    if (maps !== painted) tiles.show((painted = maps), true);
    setText(unitLine, unitText(layers[index], unit, field, size));
    const given = { layers, maps, classes: names, index, unit, field: region, label: 0 };
    step.show({ ...given, errors: null, noWay: false });
    tiles.mark(index, unit);
    setText(planesLine, planesText(unitOf(layers, maps, index, unit).products));
  }

  /** Say what is known of a point. */
  function pointAt(place) {
    pointed = place;
    if (place === NOWHERE) {
      setText(pointLine, "");
      return;
    }
    const { board, colour } = now;
    const text = pointText(board, place, colour, shares?.[place], order.indexOf(place) + 1);
    setText(pointLine, text);
    view.name(place, text);
  }

  update();
  const stop = listen(model, {
    ...each(POSITION, update),
    ...each(READING, () => {
      shares = null;
      read();
    }),
    ...each(["shown", "answers"], () => {
      controls.answers.follow();
      draw();
    }),
    ...each(UNIT, explain),
  });
  return () => {
    closed = true;
    stop();
    steps.stop();
    network.close();
    voice.stop();
    frame.close();
  };
}
