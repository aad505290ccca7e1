// Graphs of numbers, forward and backward.
// A graph is a list of nodes { name, kind, place, terms, value }, as graphs.py has them, each after those that it is computed from; numbers stand in objects, by name.

const product = (names, values) => names.reduce((so, name) => so * values[name], 1);

/** The nodes that are computed, in the order in which that is done. */
export const computed = (graph) => graph.filter(({ terms }) => terms.length);

/** The numbers that a graph has at first. */
export const givenOf = (graph) =>
  Object.fromEntries(
    graph.filter(({ terms }) => !terms.length).map(({ name, value }) => [name, value]),
  );

const RULES = {
  sum: (parts) => parts.reduce((a, b) => a + b),
  relu: ([x]) => Math.max(x, 0),
  max: (parts) => Math.max(...parts),
  loss: ([prediction, target]) => (prediction - target) ** 2,
};

/** The number of every node. */
export function forward(graph, given) {
  const values = { ...given };
  for (const { name, kind, terms } of computed(graph))
    values[name] = RULES[kind](terms.map((term) => product(term, values)));
  return values;
}

/** The first of the names whose number is the largest. */
export const winnerOf = (names, values) =>
  names.reduce((best, name) => (values[name] > values[best] ? name : best));

/**
 * How much a node grows with each number that it is computed from: [name, slope]. The target
 * of a loss is left out.
 */
export function local({ kind, terms }, values) {
  const inputs = terms.map(([name]) => name);
  if (kind === "relu") return [[inputs[0], values[inputs[0]] > 0 ? 1 : 0]];
  if (kind === "max") {
    const winner = winnerOf(inputs, values);
    return inputs.map((name) => [name, name === winner ? 1 : 0]);
  }
  if (kind === "loss") return [[inputs[0], 2 * (values[inputs[0]] - values[inputs[1]])]];
  return terms.flatMap((term) =>
    term.map((name, k) => [name, product(term.toSpliced(k, 1), values)]),
  );
}

/**
 * The gradient of the loss at every node that something has arrived at, once so many nodes,
 * from the loss back, have handed on what arrived at them.
 */
export function backward(graph, values, nodes = Infinity) {
  const order = computed(graph).reverse();
  const arrived = { [order[0].name]: 1 };
  for (const node of order.slice(0, nodes))
    for (const [name, slope] of local(node, values))
      arrived[name] = (arrived[name] ?? 0) + slope * arrived[node.name];
  return arrived;
}

/** The given numbers after a step of descent: only weights have moved. */
export function descended(graph, given, learningRate) {
  const gradients = backward(graph, forward(graph, given));
  const moved = graph
    .filter(({ kind }) => kind === "weight")
    .map(({ name }) => [name, given[name] - learningRate * gradients[name]]);
  return { ...given, ...Object.fromEntries(moved) };
}
