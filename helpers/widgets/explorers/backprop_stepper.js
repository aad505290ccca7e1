// BackpropStepper: numbers go forward through a graph, gradients of the loss come back.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { boxStage, numberBox } from "../parts/boxes.js";
import { actions, button, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { backward, computed, descended, forward, givenOf, local, winnerOf } from "../parts/graphs.js";
import { group, layout, line } from "../parts/layout.js";
import { alike, bracketed, format } from "../parts/numbers.js";
import { call } from "../parts/saving.js";
import { listen, state } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const GRAPHS = {
  neuron: "one neuron",
  two_layers: "two layers",
  convolution: "convolution, ReLU, pooling, dense",
};
const ROLES = { input: INPUT, target: INPUT, weight: KERNEL };

// ----------------------------------------------------------------------------- arithmetic

/** What is done after so many steps: the first half go forward, the second back. */
export function progress(graph, step) {
  const order = computed(graph);
  const handed = Math.max(0, step - order.length);
  return {
    known: new Set(order.slice(0, step).map(({ name }) => name)),
    handed,
    active: handed ? order[order.length - handed] : order[step - 1],
  };
}

// ------------------------------------------------------------------------------ sentences

/** How a node is computed, in names and then in numbers. */
export function computedFrom({ name, kind, terms }, values) {
  const written = (text) => {
    const parts = terms.map((term) => term.map(text).join("·"));
    if (kind === "loss") return `(${parts.join(" − ")})²`;
    if (kind === "sum") return parts.join(" + ");
    return `${t("max")}(${[...parts, ...(kind === "relu" ? [0] : [])].join(", ")})`;
  };
  const numbers = written((one) => bracketed(values[one]));
  return `${t(name)} = ${written((one) => t(one))} = ${numbers} = ${format(values[name], 6)}`;
}

/** What a node hands on of the gradient that has arrived at it; `total` is there now. */
export function handedOn(node, values, arrived, total) {
  const { name, kind, terms } = node;
  const here = arrived[name];
  const [from] = terms[0];
  const told = { name: t(name), here: format(here), from: t(from) };
  if (kind === "relu")
    return values[from] > 0
      ? t("{here} has arrived at {name}. {from} is above 0: ReLU lets all of it through, {from} gets {here}.", told)
      : t("{here} has arrived at {name}. {from} is not above 0: ReLU stops it, {from} gets 0.", told);
  if (kind === "max")
    return t("{here} has arrived at {name}. {winner} was the largest and gets all of it, the others 0.", {
      ...told,
      winner: t(winnerOf(terms.flat(), values)),
    });
  const parts = local(node, values).map(([to, slope]) => {
    const part = `${t(to)}: ${bracketed(slope)}·${bracketed(here)} = ${format(slope * here)}`;
    return arrived[to] === undefined
      ? part
      : t("{part}, in all {total}", { part, total: format(total[to]) });
  });
  if (kind === "loss")
    return t("The loss grows with {from} at a rate of 2·({from} − {target}): {parts}.", {
      ...told,
      target: t(terms[1][0]),
      parts: parts.join("; "),
    });
  return t("{here} has arrived at {name}. Each factor gets it times the other: {parts}.", {
    ...told,
    parts: parts.join("; "),
  });
}

/** The loss, and what a step of descent would make of it. */
export function lossSentence(loss, after, rate) {
  const told = { loss: format(loss), after: format(after), rate: format(rate) };
  if (after < loss)
    return t("Loss now {loss}; after a step with learning rate {rate}: {after}.", told);
  if (after > loss)
    return t("Loss now {loss}; after a step with learning rate {rate}: {after}. It would jump too far.", told);
  return t("Loss now {loss}; a step with learning rate {rate} changes nothing.", told);
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const graphs = model.get("_graphs"); // each { nodes, lines }
  const nodesOf = (name) => graphs[name].nodes;
  const limits = model.get("_limits");
  let now = read(); // the settings on the screen
  let values = {};
  let boxes = new Map(); // of the graph on the stage, by name
  let onStage;

  function read() {
    return Object.fromEntries(
      ["graph", "numbers", "learning_rate"].map((name) => [name, model.get(name)]),
    );
  }

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const graphMenu = menu({
    label: t("Graph"),
    options: Object.entries(GRAPHS).map(([name, text]) => [name, t(text)]),
    onChange: (graph) => attempt({ graph, numbers: givenOf(nodesOf(graph)) }),
  });
  const rateSlider = slider({
    label: t("Learning rate"),
    min: 0,
    max: limits.rate,
    step: 0.005,
    onInput: (learning_rate) => attempt({ learning_rate }),
  });
  const descend = button(t("Step of descent"), () => {
    const numbers = descended(nodesOf(now.graph), now.numbers, now.learning_rate);
    if (attempt({ numbers })) voice.say(t("Loss {loss}", { loss: format(values.loss) }));
  });
  const anew = button(t("First numbers"), () =>
    attempt({ numbers: givenOf(nodesOf(now.graph)) }),
  );
  const steps = transport({
    label: t("Step"),
    keysText: "Keys: ← → step, space plays, Home, End.",
    onStep: (step) => {
      draw();
      model.set("step", step);
      model.save_changes();
    },
    onEscape: () => {},
  });
  const walk = {
    traits: ["step"],
    get state() {
      return { step: steps.at };
    },
    follow() {
      const step = model.get("step");
      if (step === steps.at || step > steps.count) return;
      steps.at = step;
      draw();
    },
  };
  const stage = boxStage(t("graph"), (letters) => {
    for (const box of boxes.values()) box.fit(letters);
  });
  const [direction, sentence] = [line("hc-sum"), line()];
  const lossLine = line();

  const frame = layout("BackpropStepper", {
    head: [graphMenu.element],
    scene: [stage.element],
    strip: [direction, sentence, message.element],
    player: steps.elements,
    settings: [group(t("Descent"), rateSlider.element, actions(descend, anew))],
    foot: [lossLine, voice.element],
    python,
  });
  steps.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  const { attempt, listeners } = state({
    model,
    traits: ["graph", "numbers", "learning_rate"],
    now: () => now,
    read,
    misfit({ graph, numbers }) {
      const names = Object.keys(givenOf(nodesOf(graph)));
      if (!alike(Object.keys(numbers).toSorted(), names.toSorted()))
        return t("These numbers belong to another graph.");
      const large = names.find((name) => !(Math.abs(numbers[name]) <= limits.number));
      return large
        ? t("{name} would be {value}; numbers go up to {most} here. What was there stays.", {
            name: t(large),
            value: format(numbers[large]),
            most: format(limits.number),
          })
        : "";
    },
    take(next) {
      now = next;
      message.clear();
      update();
    },
    refuse(text) {
      message.say(text);
      showControls();
    },
    traitsOf: (next) => next,
    walk,
  });

  function python() {
    const first = givenOf(nodesOf(now.graph));
    const changed = Object.entries(now.numbers).filter(([name, value]) => value !== first[name]);
    return call(model, { ...now, numbers: changed.length ? Object.fromEntries(changed) : null });
  }

  // ------------------------------------------------------------------------------- drawing
  function build(graph) {
    onStage = now.graph;
    const places = Object.fromEntries(
      graph.map(({ name, place, down }) => [name, { place, down }]),
    );
    boxes = new Map(
      graph.map(({ name, kind, terms }) => [
        name,
        numberBox({
          name: t(name),
          role: ROLES[kind] ?? OUTPUT,
          given: !terms.length,
          onInput: (value) => attempt({ numbers: { ...now.numbers, [name]: value } }),
          onRefuse: message.say,
        }),
      ]),
    );
    stage.show(
      graph.map(({ name }) => [boxes.get(name).element, places[name]]),
      graphs[now.graph].lines.map(([from, to, into]) => [places[from], places[to], into]),
    );
  }

  function update() {
    const graph = nodesOf(now.graph);
    if (now.graph !== onStage) build(graph);
    steps.resize(1, 2 * computed(graph).length);
    values = forward(graph, now.numbers);
    showControls();
    const after = forward(graph, descended(graph, now.numbers, now.learning_rate)).loss;
    lossLine.textContent = lossSentence(values.loss, after, now.learning_rate);
    draw();
  }

  function showControls() {
    graphMenu.value = now.graph;
    rateSlider.value = now.learning_rate;
  }

  /** The numbers and gradients that there are at this step, and what it did. */
  function draw() {
    const graph = nodesOf(now.graph);
    const { known, handed, active } = progress(graph, steps.at);
    const total = handed ? backward(graph, values, handed) : {};
    const sources = new Set(active.terms.flat());
    for (const { name, terms } of graph) {
      const box = boxes.get(name);
      const isKnown = !terms.length || known.has(name);
      box.show(isKnown ? values[name] : NaN, total[name]);
      box.mark("current", name === active.name);
      box.mark("window", sources.has(name));
    }
    stage.mark(active.name);
    direction.textContent = handed
      ? t("Backward: from {name} to what it was made of", { name: t(active.name) })
      : computedFrom(active, values);
    sentence.textContent = handed
      ? handedOn(active, values, backward(graph, values, handed - 1), total)
      : "";
  }

  update();
  walk.follow();
  const stop = listen(model, listeners);
  return () => {
    stop();
    steps.stop();
    voice.stop();
    stage.close();
    frame.close();
  };
}
