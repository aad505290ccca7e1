"""The graphs of BackpropStepper: what each node computes, and where it stands.

``backprop_graphs.js`` does the same arithmetic in the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Numbers = Mapping[str, float]
Term = tuple[str, ...]  # names of what is multiplied


class Node(NamedTuple):
    """One number of a graph.

    Attributes
    ----------
    name
        What it is called.
    kind
        Given: ``"input"``, ``"weight"``, ``"target"``. Computed: ``"sum"`` of products,
        ``"relu"``, ``"max"``, ``"loss"``, the squared difference.
    place
        Column and row where it stands; networks run from left to right.
    down
        The same where they run from top to bottom, on a phone; ``place`` turned over
        unless given.
    terms
        What it is computed from. A sum has products of a weight and an input, or a
        weight alone; the others have names alone.
    value
        Of a given node, at first.
    """

    name: str
    kind: str
    place: tuple[float, float]
    terms: tuple[Term, ...] = ()
    value: float = 0.0
    down: tuple[float, float] | None = None

    def as_plain(self) -> dict[str, Any]:
        """Return what the page gets."""
        return {**self._asdict(), "down": self.down or self.place[::-1]}

    @property
    def is_given(self) -> bool:
        """Whether it is put in; it is computed otherwise."""
        return not self.terms


Graph = tuple[Node, ...]


def forward(graph: Graph, given: Numbers) -> dict[str, float]:
    """Return the number of every node.

    Parameters
    ----------
    graph
        Its nodes, each after those it is computed from.
    given
        The numbers of the given nodes, by name.

    Examples
    --------
    >>> forward(GRAPHS["neuron"], at_first(GRAPHS["neuron"]))["loss"]
    9.0
    """
    values: dict[str, float] = dict(given)
    for node in computed(graph):
        first, *rest = (_product(term, values) for term in node.terms)
        if node.kind == "sum":
            values[node.name] = sum(rest, first)
        elif node.kind == "relu":
            values[node.name] = max(first, 0.0)
        elif node.kind == "max":
            values[node.name] = max(first, *rest)
        else:
            values[node.name] = (first - rest[0]) ** 2
    return values


def local(node: Node, values: Numbers) -> list[tuple[str, float]]:
    """Return how much a node grows with each number that it is computed from.

    ReLU grows with what is above 0 only, a maximum with the first of the largest. The
    target of a loss is left out: nobody changes it.
    """
    inputs = [term[0] for term in node.terms]
    if node.kind == "relu":
        return [(inputs[0], float(values[inputs[0]] > 0))]
    if node.kind == "max":
        winner = max(inputs, key=lambda name: values[name])
        return [(name, float(name == winner)) for name in inputs]
    if node.kind == "loss":
        return [(inputs[0], 2 * (values[inputs[0]] - values[inputs[1]]))]
    slopes = []
    for term in node.terms:
        for k, name in enumerate(term):
            others = term[:k] + term[k + 1 :]
            slopes.append((name, _product(others, values)))
    return slopes


def backward(
    graph: Graph, values: Numbers, nodes: int | None = None
) -> dict[str, float]:
    """Return the gradient of the loss at every node that something has arrived at.

    Parameters
    ----------
    graph, values
        The nodes, and what :func:`forward` gives.
    nodes
        How many nodes, from the loss back, have handed on what arrived at them; all of
        them unless given.

    Returns
    -------
    dict
        What has arrived so far; several parts are added up.

    Examples
    --------
    >>> graph = GRAPHS["neuron"]
    >>> backward(graph, forward(graph, at_first(graph)))["w1"]
    -6.0
    """
    order = computed(graph)[::-1]
    arrived = {order[0].name: 1.0}
    for node in order[:nodes]:
        for name, slope in local(node, values):
            part = slope * arrived[node.name]
            arrived[name] = arrived.get(name, 0.0) + part
    return arrived


def descended(graph: Graph, given: Numbers, learning_rate: float) -> dict[str, float]:
    """Return the given numbers after a step of descent: only weights have moved."""
    gradients = backward(graph, forward(graph, given))
    moved = {
        node.name: given[node.name] - learning_rate * gradients[node.name]
        for node in graph
        if node.kind == "weight"
    }
    return {**given, **moved}


def computed(graph: Graph) -> Graph:
    """Return the nodes that are computed, in the order in which that is done."""
    return tuple(node for node in graph if not node.is_given)


def at_first(graph: Graph) -> dict[str, float]:
    """Return the numbers that a graph has at first."""
    return {node.name: node.value for node in graph if node.is_given}


def _product(names: Iterable[str], values: Numbers) -> float:
    product = 1.0
    for name in names:
        product *= values[name]
    return product


# ---- the three graphs ----


def _neuron() -> Graph:
    return (
        Node("x1", "input", (0, 0), value=1),
        Node("x2", "input", (0, 2), value=2),
        Node("w1", "weight", (1, 0), value=3),
        Node("w2", "weight", (1, 2), value=-1),
        Node("b", "weight", (1, 1), value=1),
        Node("y", "target", (3, 2), value=5),
        Node("z", "sum", (2, 1), (("w1", "x1"), ("w2", "x2"), ("b",))),
        Node("a", "relu", (3, 1), (("z",),)),
        Node("loss", "loss", (4, 1), (("a",), ("y",))),
    )


def _two_layers() -> Graph:
    return (
        Node("x1", "input", (0, 1), value=1),
        Node("x2", "input", (0, 4), value=-2),
        Node("w11", "weight", (1, 0), value=1),
        Node("w12", "weight", (1, 3), value=-1),
        Node("b1", "weight", (2, 0), value=0),
        Node("w21", "weight", (1, 2), value=1),
        Node("w22", "weight", (1, 5), value=1),
        Node("b2", "weight", (2, 5), value=0),
        Node("v1", "weight", (4, 1), value=2),
        Node("v2", "weight", (4, 4), value=1),
        Node("c", "weight", (4, 2.5), value=1),
        Node("y", "target", (5, 4), value=5),
        Node("z1", "sum", (2, 1), (("w11", "x1"), ("w12", "x2"), ("b1",))),
        Node("z2", "sum", (2, 4), (("w21", "x1"), ("w22", "x2"), ("b2",))),
        Node("h1", "relu", (3, 1), (("z1",),)),
        Node("h2", "relu", (3, 4), (("z2",),)),
        Node("o", "sum", (5, 2.5), (("v1", "h1"), ("v2", "h2"), ("c",))),
        Node("loss", "loss", (6, 2.5), (("o",), ("y",))),
    )


def _convolution() -> Graph:
    """A picture of 3 × 3, a kernel of 2 × 2, ReLU, pooling of 1 × 2, a dense unit."""
    picture = ((1, 2, 0), (0, 1, 3), (2, 0, 1))
    kernel = ((1, 0), (0, 1))
    pairs = [(i, j) for i in range(2) for j in range(2)]

    def window(i: int, j: int) -> tuple[Term, ...]:
        return tuple((f"k[{a},{b}]", f"x[{i + a},{j + b}]") for a, b in pairs)

    return (
        *(
            Node(f"x[{i},{j}]", "input", (j, i), value=value, down=(j, i))
            for i, row in enumerate(picture)
            for j, value in enumerate(row)
        ),
        *(
            Node(
                f"k[{i},{j}]",
                "weight",
                (j + 0.5, i + 3.5),
                value=kernel[i][j],
                down=(j + 3.5, i + 0.5),
            )
            for i, j in pairs
        ),
        Node("v0", "weight", (8.9, 0.5), value=1),
        Node("v1", "weight", (8.9, 2.5), value=-1),
        Node("c", "weight", (8.9, 1.5), value=0),
        Node("y", "target", (10, 2.7), value=1),
        *(
            Node(
                f"z[{i},{j}]",
                "sum",
                (3.4 + j, 1 + i),
                window(i, j),
                down=(1 + j, 3.4 + i),
            )
            for i, j in pairs
        ),
        *(
            Node(
                f"a[{i},{j}]",
                "relu",
                (5.6 + j, 1 + i),
                ((f"z[{i},{j}]",),),
                down=(1 + j, 5.6 + i),
            )
            for i, j in pairs
        ),
        Node("p0", "max", (7.8, 1), (("a[0,0]",), ("a[0,1]",))),
        Node("p1", "max", (7.8, 2), (("a[1,0]",), ("a[1,1]",))),
        Node("o", "sum", (10, 1.5), (("v0", "p0"), ("v1", "p1"), ("c",))),
        Node("loss", "loss", (11.1, 1.5), (("o",), ("y",))),
    )


#: The graphs by name; the last has shared weights.
GRAPHS: dict[str, Graph] = {
    "neuron": _neuron(),
    "two_layers": _two_layers(),
    "convolution": _convolution(),
}
