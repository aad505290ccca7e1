"""parts/architecture.js: what architecture.py has, for all that can be or cannot."""

import json

import numpy as np
import pytest
from lab_browser import closing
from random_architectures import random_network
from stage import load

from helpers.widgets.parts.architecture import Network, edges, scaled, totals, walk

CASES = 3000

WALKED = """(networks) => JSON.stringify(networks.map((network) => {
  const { rows, trouble } = architecture.walk(network);
  return [rows, trouble, trouble ? null : architecture.totalsOf(rows)];
}))"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/architecture.js")
        yield page


def as_plain(network):
    """What the page gets, and gives back."""
    rows, trouble = walk(network)
    return [
        [{**row._asdict(), "output": list(row.output)} for row in rows],
        trouble and {**trouble._asdict(), "numbers": list(trouble.numbers)},
        None if trouble else totals(rows)._asdict(),
    ]


def test_random_networks(page):
    rng = np.random.default_rng(0)
    networks = [random_network(rng) for _ in range(CASES)]
    seen = json.loads(page.evaluate(WALKED, [one._asdict() for one in networks]))
    reasons = []
    for network, found in zip(networks, seen, strict=True):
        wanted = as_plain(network)
        assert found == wanted, network
        reasons.append(wanted[1] and wanted[1]["reason"])
    # All that can happen has happened, and often enough.
    for reason in (None, "kernel", "padding", "filters", "maps"):
        assert reasons.count(reason) > CASES / 100, reason


def test_alexnet_of_every_size(page):
    networks = [
        Network(size, groups=groups) for size in range(32, 321) for groups in (1, 2)
    ]
    seen = json.loads(page.evaluate(WALKED, [one._asdict() for one in networks]))
    assert seen == [as_plain(network) for network in networks]
    least = min(one.input_size for one in networks if not walk(one)[1])
    assert least == 67  # as helpers.networks.models has it


def test_halves_are_rounded_as_python_does(page):
    asked = [
        (count, width, groups)
        for count in range(1, 120)
        for width in (0.125, 0.25, 0.3, 0.5, 0.75, 1)
        for groups in (1, 2)
    ]
    script = "(asked) => asked.map((one) => architecture.scaled(...one))"
    assert page.evaluate(script, asked) == [scaled(*one) for one in asked]


def test_edges(page):
    rng = np.random.default_rng(1)
    paddings = ["valid", "same", 1, 2, 5]
    asked = [
        (
            int(rng.integers(1, 60)),
            {
                "kernel": int(rng.integers(1, 12)),
                "stride": int(rng.integers(1, 8)),
                "padding": paddings[int(rng.integers(5))],
            },
        )
        for _ in range(CASES)
    ]
    script = """(asked) => asked.map(([side, settings]) =>
      Object.values(architecture.edges(side, settings)))"""
    assert page.evaluate(script, asked) == [list(edges(*one)) for one in asked]
