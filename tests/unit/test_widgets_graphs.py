"""The graphs of BackpropStepper against TensorFlow's own gradients."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.widgets.explorers.backprop_stepper import GRAPHS
from helpers.widgets.parts.graphs import (
    at_first,
    backward,
    computed,
    descended,
    forward,
    local,
)

STATES = 300
PAIRS = [(i, j) for i in range(2) for j in range(2)]


def neuron(n):
    z = n["w1"] * n["x1"] + n["w2"] * n["x2"] + n["b"]
    a = tf.nn.relu(z)
    return {"z": z, "a": a, "loss": (a - n["y"]) ** 2}


def two_layers(n):
    inputs = tf.stack([n["x1"], n["x2"]], axis=-1)
    rows = [tf.stack([n[f"w{k}1"], n[f"w{k}2"]], axis=-1) for k in (1, 2)]
    z = tf.linalg.matvec(tf.stack(rows, axis=-2), inputs)
    z += tf.stack([n["b1"], n["b2"]], axis=-1)
    h = tf.nn.relu(z)
    o = n["v1"] * h[:, 0] + n["v2"] * h[:, 1] + n["c"]
    hidden = {"z1": z[:, 0], "z2": z[:, 1], "h1": h[:, 0], "h2": h[:, 1]}
    return {**hidden, "o": o, "loss": (o - n["y"]) ** 2}


def convolution(n):
    """With TensorFlow's own convolution and pooling, one kernel a state."""

    def grid(letter, side):
        rows = [
            tf.stack([n[f"{letter}[{i},{j}]"] for j in range(side)], axis=-1)
            for i in range(side)
        ]
        return tf.stack(rows, axis=-2)

    pictures, kernels = grid("x", 3), grid("k", 2)
    as_channels = tf.transpose(pictures, (1, 2, 0))[None]  # each state is a channel
    z = tf.nn.depthwise_conv2d(
        as_channels,
        tf.transpose(kernels, (1, 2, 0))[..., None],
        (1, 1, 1, 1),
        "VALID",
    )
    a = tf.nn.relu(z)
    p = tf.nn.max_pool2d(a, (1, 2), (1, 2), "VALID")[0, :, 0]
    o = n["v0"] * p[0] + n["v1"] * p[1] + n["c"]
    maps = {
        f"{letter}[{i},{j}]": x[0, i, j]
        for letter, x in (("z", z), ("a", a))
        for i, j in PAIRS
    }
    return {**maps, "p0": p[0], "p1": p[1], "o": o, "loss": (o - n["y"]) ** 2}


NETWORKS = {"neuron": neuron, "two_layers": two_layers, "convolution": convolution}


def random_states(name):
    rng = np.random.default_rng(list(GRAPHS).index(name))
    return [
        {node: float(rng.normal()) for node in at_first(GRAPHS[name])}
        for _ in range(STATES)
    ]


@pytest.mark.parametrize("name", GRAPHS)
def test_every_number_is_tensorflows(name):
    graph, states = GRAPHS[name], random_states(name)
    columns = {
        node: tf.constant([state[node] for state in states], tf.float64)
        for node in states[0]
    }
    moved = [node for node in columns if node != "y"]
    with tf.GradientTape() as tape:
        tape.watch(columns)
        results = NETWORKS[name](columns)
        total = tf.reduce_sum(results["loss"])
    gradients = tape.gradient(total, {node: columns[node] for node in moved})

    values = [forward(graph, state) for state in states]
    for node in computed(graph):
        ours = [each[node.name] for each in values]
        np.testing.assert_allclose(ours, results[node.name], atol=1e-12)
    arrived = [backward(graph, each) for each in values]
    for node in moved:
        ours = [each[node] for each in arrived]
        np.testing.assert_allclose(ours, gradients[node], atol=1e-11, err_msg=node)
    assert "y" not in arrived[0]


@pytest.mark.parametrize("name", GRAPHS)
def test_what_arrives_node_by_node(name):
    """Whatever has been handed on so far adds up to what comes in the end."""
    graph = GRAPHS[name]
    values = forward(graph, at_first(graph))
    order = computed(graph)[::-1]
    assert backward(graph, values, 0) == {"loss": 1.0}
    for done, node in enumerate(order):
        before = backward(graph, values, done)
        after = backward(graph, values, done + 1)
        handed = dict.fromkeys(after, 0.0)
        for to, slope in local(node, values):
            handed[to] += slope * before[node.name]
        for to, number in after.items():
            assert number == pytest.approx(before.get(to, 0.0) + handed[to])
    assert backward(graph, values) == backward(graph, values, len(order))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_small_step_of_descent_lowers_the_loss(name):
    graph, start = GRAPHS[name], at_first(GRAPHS[name])
    moved = descended(graph, start, 0.001)
    loss = [forward(graph, numbers)["loss"] for numbers in (start, moved)]
    assert 0 < loss[1] < loss[0]
    fixed = {node.name for node in graph if node.kind in ("input", "target")}
    assert all(moved[node] == start[node] for node in fixed)


@pytest.mark.parametrize("name", GRAPHS)
def test_first_numbers_show_what_they_should(name):
    """Whole numbers; something that gets nothing; gradients with both signs."""
    graph = GRAPHS[name]
    values = forward(graph, at_first(graph))
    arrived = backward(graph, values)
    assert all(number == round(number) for number in {**values, **arrived}.values())
    assert values["loss"] > 0
    if name != "neuron":
        shut = [n.name for n in computed(graph) if arrived[n.name] == 0]
        assert shut
        assert min(arrived.values()) < 0 < max(arrived.values())


def test_nodes_stand_apart_and_come_after_what_they_need():
    for graph in GRAPHS.values():
        seen = set()
        for node in graph:
            assert {name for term in node.terms for name in term} <= seen
            assert node.name not in seen
            seen.add(node.name)
        places = np.array([node.place for node in graph])
        apart = np.abs(places[:, None] - places[None]).max(axis=-1)
        np.fill_diagonal(apart, 9)
        assert apart.min() >= 1, graph[int(np.argmin(apart) // len(graph))].name
