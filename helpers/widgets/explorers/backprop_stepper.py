"""BackpropStepper: a small graph of numbers, forward and backward (lesson 05)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import traitlets

from helpers import _arguments, plots
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.graphs import (
    Graph,
    Node,
    Term,
    at_first,
    backward,
    computed,
    descended,
    forward,
)
from helpers.widgets.parts.traits import Checked, Whole, Word

LARGEST = 1000  # of a number that is put in
FASTEST = 0.5  # the largest learning rate

_ROLES = {"input": "input", "target": "input", "weight": "kernel"}


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


def lines(graph: Graph) -> list[tuple[str, str, str]]:
    """Return what lines join: an input, its weight, what they go into; and that again.

    A weight that is used more than once stands apart, without lines.
    """
    used: dict[str, int] = {}
    for name in (name for node in graph for term in node.terms for name in term):
        used[name] = used.get(name, 0) + 1
    joined: list[tuple[str, str, str]] = []
    for node in graph:
        for term in node.terms:
            if len(term) == 1 or used[term[0]] == 1:
                path = [*term[::-1], node.name]
                joined += [(*ends, node.name) for ends in pairwise(path)]
    return joined


def _as_plain(graph: Graph) -> dict[str, Any]:
    return {"nodes": [node.as_plain() for node in graph], "lines": lines(graph)}


# ---- the explorer ----


def _checked_numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise _arguments.refusal(
            "numbers", _arguments.shown(value), 'Give numbers by name, {"w1": 2}, say'
        )
    return {
        str(name): _arguments.real(number, f"numbers[{name!r}]", -LARGEST, LARGEST)
        for name, number in value.items()
    }


def _checked_rate(value: Any) -> float:
    return _arguments.real(value, "learning_rate", 0, FASTEST)


class BackpropStepper(Explorer):
    """Step through a graph: forward its numbers, backward the gradients of its loss.

    Parameters
    ----------
    graph
        ``"neuron"``: two inputs, ReLU, squared error. ``"two_layers"``: two such
        neurons and a third that adds them up. ``"convolution"``: a picture of 3 × 3, a
        kernel of 2 × 2, ReLU, max pooling of 1 × 2 and a dense unit.
    numbers
        Inputs, weights and target by name, each up to 1,000; those that are left out
        are what they are at first.
    learning_rate
        Of a step of descent, 0 to 0.5.

    Attributes
    ----------
    graph, learning_rate
        As above. Setting one moves the screen.
    numbers : dict of float
        All inputs, weights and the target, by name.
    step : int
        How many steps are done: a number is computed in each of the first half, hands
        its gradient on in each of the second, from the loss back.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> stepper = BackpropStepper("neuron", {"w1": 2})
    >>> stepper.loss, stepper.gradients["w1"]
    (16.0, -8.0)
    """

    module = "explorers/backprop_stepper.js"

    graph = Word(tuple(GRAPHS), "neuron")
    numbers = Checked(_checked_numbers, {})
    learning_rate = Checked(_checked_rate, 0.005)
    step = Whole(1)

    _graphs = traitlets.Dict(
        {name: _as_plain(graph) for name, graph in GRAPHS.items()}
    ).tag(sync=True)
    _limits = traitlets.Dict({"number": LARGEST, "rate": FASTEST}).tag(sync=True)

    def __init__(
        self,
        graph: str = "neuron",
        numbers: Mapping[str, float] | None = None,
        *,
        learning_rate: float = 0.005,
    ) -> None:
        nodes = GRAPHS.get(graph) if isinstance(graph, str) else None
        super().__init__(
            graph=graph,
            numbers={} if numbers is None else numbers,
            learning_rate=learning_rate,
            step=2 * len(computed(nodes)) if nodes else 1,
        )

    @property
    def nodes(self) -> Graph:
        """The nodes of the graph, each after those it is computed from."""
        return GRAPHS[self.graph]

    @property
    def values(self) -> dict[str, float]:
        """The number of every node, by name, all steps done."""
        return forward(self.nodes, self.numbers)

    @property
    def gradients(self) -> dict[str, float]:
        """How much the loss grows with each number, by name, all steps done."""
        return backward(self.nodes, self.values)

    @property
    def loss(self) -> float:
        """The squared error."""
        return self.values["loss"]

    def descend(self) -> float:
        """Take a step of descent with all weights, and return the new loss."""
        self.numbers = descended(self.nodes, self.numbers, self.learning_rate)
        return self.loss

    @traitlets.observe("graph")
    def _start_anew(self, _: Any) -> None:
        if self.numbers.keys() != at_first(self.nodes).keys():
            self.numbers = at_first(self.nodes)
        if "step" not in self._told:
            self.step = 2 * len(computed(self.nodes))

    @traitlets.validate("numbers")
    def _complete(self, proposal: dict[str, Any]) -> dict[str, float]:
        start, numbers = at_first(self.nodes), proposal["value"]
        for name in numbers:
            try:
                _arguments.word(name, "numbers", tuple(start))
            except ValueError as error:
                raise traitlets.TraitError(str(error)) from None
        return {**start, **numbers}

    @traitlets.validate("step")
    def _possible(self, proposal: dict[str, Any]) -> int:
        most = 2 * len(computed(self.nodes))
        if not 1 <= proposal["value"] <= most:
            raise traitlets.TraitError(
                f"step: {proposal['value']} came; this graph has steps from 1 to "
                f"{most}."
            )
        return proposal["value"]

    def describe(self) -> str:
        """Return one line: loss, learning rate, the gradient of every weight."""
        gradients = self.gradients
        weights = ", ".join(
            f"{node.name} {gradients[node.name]:.4g}"
            for node in self.nodes
            if node.kind == "weight"
        )
        name = self.graph.replace("_", " ")
        return (
            f"BackpropStepper: {name}, output {self._output:.4g} for "
            f"{self.numbers['y']:g}, loss {self.loss:.4g}, "
            f"learning rate {self.learning_rate:g}; gradients {weights}"
        )

    @property
    def _output(self) -> float:
        return self.values[computed(self.nodes)[-1].terms[0][0]]

    def picture(self) -> plots.Picture:
        """Return the graph with all numbers and gradients."""
        values, gradients = self.values, self.gradients
        boxes = [
            plots.Box(
                node.name,
                node.place,
                values[node.name],
                gradients.get(node.name),
                _ROLES.get(node.kind, "output"),
            )
            for node in self.nodes
        ]
        name = self.graph.replace("_", " ")
        return plots.graph(
            boxes,
            [line[:2] for line in lines(self.nodes)],
            title=f"{name}: numbers, and below them the gradients of the loss",
        )
