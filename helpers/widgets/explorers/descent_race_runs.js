// DescentRace: what happens in a race, and what is said of it.

import { curvature, isLost, nearestMinimum } from "../parts/landscapes.js";
import { short } from "../parts/axes.js";
import { counted, format } from "../parts/numbers.js";
import { optimizer, schedule } from "../parts/optimisers.js";
import { randomFrom } from "../parts/random.js";
import { t } from "../parts/texts.js";

export const RACERS = ["SGD", "momentum", "RMSprop", "Adam"];
const PIECES = 4; // of the schedule "step"
const FALL = 0.3;
const NOTHING = 1e-8; // smaller losses are not told apart
const FLAT = 0.2; // a slope that hardly moves anything
const [NEAR, FAR] = [0.15, 0.3]; // to a minimum

// ----------------------------------------------------------------------------- arithmetic

/** The learning rate at each step, as in descent_race.py. */
export function rates({ schedule: name, learning_rate: learningRate, steps }) {
  if (name === "step") {
    const decaySteps = Math.ceil(steps / PIECES);
    return schedule("step", { learningRate, decaySteps, decayRate: FALL });
  }
  if (name === "cosine") return schedule("cosine", { learningRate, decaySteps: steps });
  if (name === "warm-up") {
    const warmupSteps = Math.max(1, Math.floor(steps / 10));
    return schedule("cosine", {
      learningRate: 0,
      decaySteps: steps - warmupSteps,
      warmupTarget: learningRate,
      warmupSteps,
    });
  }
  return schedule("constant", { learningRate });
}

/** What is added to the gradient at each step, the same for all. */
export function noises({ noise, seed, steps }) {
  const { normal } = randomFrom(seed);
  return Array.from({ length: steps }, () => [noise * normal(), noise * normal()]);
}

/** One run: its points, the start first, their losses, and the step at which it was lost. */
export function run(landscape, start, rule, added) {
  const weights = { shape: [2], data: Float64Array.from(start) };
  const points = [start];
  let lost = false;
  for (const noise of added) {
    const gradient = landscape.gradient(...points.at(-1)).map((slope, k) => slope + noise[k]);
    rule.step(weights, { shape: [2], data: gradient });
    points.push([...weights.data]);
    lost = isLost(landscape, points.at(-1));
    if (lost) break;
  }
  const losses = points.map((point) => landscape.value(...point));
  return { points, losses, diverged: lost ? points.length - 1 : null };
}

/** All four runs by name. */
export function race(landscape, settings) {
  const [learningRate, added] = [rates(settings), noises(settings)];
  const rules = {
    SGD: ["sgd", { learningRate }],
    momentum: ["sgd", { learningRate, momentum: settings.momentum }],
    RMSprop: ["rmsprop", { learningRate }],
    Adam: ["adam", { learningRate }],
  };
  return Object.fromEntries(
    RACERS.map((name) => [name, run(landscape, settings.start, optimizer(...rules[name]), added)]),
  );
}

/** The losses as a chart shows them: none too small for it, an arrow where a run was lost. */
export const charted = ({ losses, diverged }) =>
  losses.map((loss, step) => (step === diverged ? Infinity : Math.max(loss, NOTHING)));

/** The first step after which a loss is below the goal; −1 for never. */
export const firstBelow = ({ losses }, goal) => losses.findIndex((loss) => loss < goal);

// ------------------------------------------------------------------------------ sentences

export function lossText(loss) {
  if (loss === Infinity) return t("diverged");
  return loss <= NOTHING ? `≤\u00a0${short(NOTHING)}` : short(loss, 3);
}

const rounded = (value, parts) => format(Math.round(value * parts) / parts);

export const pointText = (point) => point.map((value) => rounded(value, 100)).join(", ");

/** How many steps are made; where the learning rate changes, the one of the last of them. */
export function stepText(settings, step) {
  const count = counted(step, "step");
  if (settings.schedule === "constant" || !step) return t("after {count}", { count });
  const rate = short(rates(settings)(step - 1), 2);
  return t("after {count}, the last at a rate of {rate}", { count, rate });
}

/** Where a run is after so many steps: position, loss, distance; or one text: it is lost. */
export function placeTexts(landscape, { points, losses, diverged }, step) {
  if (diverged !== null && step >= diverged)
    return [t("diverged at step {step}", { step: diverged })];
  const { distance } = nearestMinimum(landscape, points[step]);
  return [pointText(points[step]), lossText(losses[step]), rounded(distance, 1000)];
}

const listed = (names) => names.map((name) => t(name)).join(", ");

/** Who was first below the goal, then who, who was not, and who did not stay there. */
export function verdict(runs, goal, steps) {
  const names = Object.keys(runs);
  if (!names.length) return t("Nobody is shown: tick a name in the table.");
  const told = { goal: short(goal), steps };
  const at = Object.fromEntries(names.map((name) => [name, firstBelow(runs[name], goal)]));
  const there = names.filter((name) => at[name] >= 0).sort((a, b) => at[a] - at[b]);
  const missing = names.filter((name) => at[name] < 0);
  if (!there.length) return t("Nobody has a loss below {goal} within {steps} steps.", told);
  const step = at[there[0]];
  const first = there.filter((name) => at[name] === step);
  const said = [
    t("First below a loss of {goal}: {names}, after {count}.", {
      ...told,
      names: listed(first),
      count: counted(step, "step"),
    }),
  ];
  const later = there.slice(first.length).map((name) => `${t(name)} (${at[name]})`);
  if (later.length) said.push(t("Then {names}.", { names: later.join(", ") }));
  if (missing.length)
    said.push(t("Not within {steps} steps: {names}.", { ...told, names: listed(missing) }));
  const left = there.filter((name) => !(runs[name].losses.at(-1) < goal));
  if (left.length) said.push(t("At the end above it again: {names}.", { names: listed(left) }));
  return said.join(" ");
}

/** Why a run was lost, as far as it is known. */
export function whyDiverged(name, { diverged }, landscape, settings) {
  const { start, momentum } = settings;
  const rateOf = rates(settings);
  // What a schedule has not reached yet is not to blame.
  const rate = Math.max(...Array.from({ length: diverged }, (_, step) => rateOf(step)));
  const steepest = curvature(landscape, start);
  const rolls = name === "momentum";
  const limit = (rolls ? 2 * (1 + momentum) : 2) / steepest;
  const told = {
    name: t(name),
    step: diverged,
    rate: format(rate, 3),
    curvature: format(steepest, 3),
    limit: format(limit, 3),
    momentum: format(momentum),
  };
  const plain = name === "SGD" || rolls;
  if (!plain || !(rate > limit) || steepest <= 0)
    return t(
      "{name} diverged at step {step}: with a learning rate of {rate} it was thrown far out of " +
        "the picture.",
      told,
    );
  told.limit = rolls
    ? t("2 · (1 + {momentum}) / {curvature} = {limit}", told)
    : t("2 / {curvature} = {limit}", told);
  return landscape.quadratic
    ? t(
        "{name} diverged at step {step}: a learning rate of {rate} is too large for the steep " +
          "direction (curvature {curvature}; {limit} is the limit).",
        told,
      )
    : t(
        "{name} diverged at step {step}: a learning rate of {rate} is too large for the slope " +
          "where it was dropped (curvature {curvature}; {limit} is the limit there).",
        told,
      );
}

/** Who stands where, though it is not the deepest point. */
export function stuck(runs, landscape) {
  const ends = Object.entries(runs)
    .filter(([, { diverged }]) => diverged === null)
    .map(([name, { points }]) => ({
      name,
      slope: Math.hypot(...landscape.gradient(...points.at(-1))),
      ...nearestMinimum(landscape, points.at(-1)),
    }));
  const caught = ends.filter(
    ({ distance, minimum }) => distance < NEAR && landscape.value(...minimum) > NOTHING,
  );
  const resting = ends.filter(({ distance, slope }) => distance > FAR && slope < FLAT);
  const namesOf = (some) => ({ names: listed(some.map(({ name }) => name)) });
  return [
    caught.length &&
      t("At the end in a minimum that is not the deepest: {names}.", namesOf(caught)),
    resting.length &&
      t("At the end nearly without slope, though no minimum is near: {names}.", namesOf(resting)),
  ]
    .filter(Boolean)
    .join(" ");
}
