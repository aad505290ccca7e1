"""Graphs of numbers: what each node computes, what it hands back, where it stands.

``graphs.js`` does the same arithmetic in the page.
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
    >>> graph = (
    ...     Node("w", "weight", (0, 0), value=3),
    ...     Node("y", "target", (1, 1), value=5),
    ...     Node("loss", "loss", (2, 0), (("w",), ("y",))),
    ... )
    >>> forward(graph, at_first(graph))
    {'w': 3.0, 'y': 5.0, 'loss': 4.0}
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
    >>> graph = (
    ...     Node("w", "weight", (0, 0), value=3),
    ...     Node("y", "target", (1, 1), value=5),
    ...     Node("loss", "loss", (2, 0), (("w",), ("y",))),
    ... )
    >>> backward(graph, forward(graph, at_first(graph)))
    {'loss': 1.0, 'w': -4.0}
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
    return {node.name: float(node.value) for node in graph if node.is_given}


def _product(names: Iterable[str], values: Numbers) -> float:
    product = 1.0
    for name in names:
        product *= values[name]
    return product
