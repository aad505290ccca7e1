"""BackpropStepper on a bare page: its numbers against the arithmetic in Python."""

import numpy as np
import pytest
from hands import (
    choose,
    different_states,
    enter,
    lose_the_kernel,
    number,
    press,
    push,
    read,
    slide,
    slide_to,
    trait,
    watched,
    width_needed,
)
from lab_browser import closing
from stage import load

from helpers.widgets import BackpropStepper
from helpers.widgets.explorers.backprop_stepper import GRAPHS
from helpers.widgets.parts.graphs import (
    at_first,
    backward,
    computed,
    descended,
    forward,
)

SEE = """() => ({
  boxes: Object.fromEntries([...document.querySelectorAll(".hc-box")].map((box) => [
    box.querySelector(".hc-box-name").textContent,
    {
      number: (box.querySelector("input")?.value ??
        box.querySelector("output").textContent),
      gradient: box.querySelector(".hc-gradient").textContent,
      current: box.classList.contains("hc-is-current"),
      source: box.classList.contains("hc-is-window"),
    },
  ])),
  marked: document.querySelectorAll(".hc-across line.hc-is-current").length,
  strip: [...document.querySelectorAll(".hc-strip p")].map((p) => p.textContent),
  loss: document.querySelector(".hc-foot p").textContent,
  graph: model.get("graph"),
  numbers: model.get("numbers"),
  rate: model.get("learning_rate"),
  step: model.get("step"),
  shown: Object.fromEntries([...document.querySelectorAll(".hc label")].map((label) =>
    [label.querySelector("span").textContent,
      label.querySelector("input, select").value])),
})"""


@pytest.fixture(params=GRAPHS)
def graph(request):
    return request.param


@pytest.fixture
def page(browser, graph):
    with watched(browser, BackpropStepper(graph)) as page:
        yield page


def is_written(text, value):
    """In few enough letters for a box, with as many digits as they leave."""
    assert len(text) <= 7
    digits = 1e-3 if value == 0 or 0.1 <= abs(value) < 1e5 else 0.06
    return number(text) == pytest.approx(value, rel=digits, abs=1e-9)


def agrees(page):
    """Everything on the screen is what Python makes of the same numbers."""
    seen = read(page, SEE)
    nodes = GRAPHS[seen["graph"]]
    values = forward(nodes, seen["numbers"])
    order = computed(nodes)
    handed = max(0, seen["step"] - len(order))
    known = {node.name for node in order[: seen["step"]]}
    arrived = backward(nodes, values, handed) if handed else {}
    active = order[-handed] if handed else order[seen["step"] - 1]
    sources = {name for term in active.terms for name in term}

    assert list(seen["boxes"]) == [node.name for node in nodes]
    for node in nodes:
        box = seen["boxes"][node.name]
        if node.is_given or node.name in known:
            assert is_written(box["number"], values[node.name])
        else:
            assert box["number"] == ""
        if node.name in arrived:
            said = box["gradient"].removeprefix("∂ ")
            assert is_written(said, arrived[node.name])
        else:
            assert box["gradient"] == ""
        assert box["current"] == (node.name == active.name)
        assert box["source"] == (node.name in sources)

    first, second, _ = seen["strip"]
    if handed:
        assert first == f"Backward: from {active.name} to what it was made of"
        assert second
    else:
        assert first.startswith(f"{active.name} = ")
        said = number(first.rpartition(" = ")[2])
        assert said == pytest.approx(values[active.name], rel=1e-5)
        assert second == ""
    after = forward(nodes, descended(nodes, seen["numbers"], seen["rate"]))["loss"]
    told = seen["loss"].removesuffix(" It would jump too far.").rstrip(".")
    assert seen["loss"].startswith("Loss now ")
    if "changes nothing" not in told:
        assert number(told.split(": ")[1]) == pytest.approx(after, rel=1e-3)
    assert seen["shown"]["Graph"] == seen["graph"]
    assert float(seen["shown"]["Learning rate"]) == pytest.approx(seen["rate"])
    assert int(seen["shown"]["Step"]) == seen["step"]
    return seen


def test_random_states(page, graph):
    """Also what TensorFlow's gradients are: see tests/unit/test_widgets_graphs.py."""
    rng = np.random.default_rng(list(GRAPHS).index(graph))
    agrees(page)
    given = list(at_first(GRAPHS[graph]))
    for _ in different_states(page):
        match rng.choice(5, p=[0.6, 0.1, 0.2, 0.06, 0.04]):
            case 0:
                share = rng.random()
                value = round(float(rng.normal(0, 2)), int(rng.integers(0, 3)))
                enter(page, ".hc-box input", share, str(value))
            case 1:
                slide_to(page, "Learning rate", rng.random())
            case 2:
                slide_to(page, "Step", rng.random())
            case 3:
                push(page, "Step of descent")
            case _:
                push(page, "First numbers")
        seen = agrees(page)
        assert seen["graph"] == graph
        assert sorted(seen["numbers"]) == sorted(given)


def test_every_step_and_what_it_says(page, graph):
    steps = 2 * len(computed(GRAPHS[graph]))
    said = set()
    for step in range(1, steps + 1):
        slide(page, "Step", step)
        said.add(tuple(agrees(page)["strip"]))
    assert len(said) == steps


SENTENCES = {
    "neuron": {
        1: "z = w1·x1 + w2·x2 + b = 3·1 + (−1)·2 + 1 = 2",
        2: "a = max(z, 0) = max(2, 0) = 2",
        3: "loss = (a − y)² = (2 − 5)² = 9",
        4: "The loss grows with a at a rate of 2·(a − y): a: (−6)·1 = −6.",
        5: "−6 has arrived at a. z is above 0: ReLU lets all of it through, z gets −6.",
        6: "−6 has arrived at z. Each factor gets it times the other: w1: 1·(−6) = −6; "
        "x1: 3·(−6) = −18; w2: 2·(−6) = −12; x2: (−1)·(−6) = 6; b: 1·(−6) = −6.",
    },
    "two_layers": {
        9: "4 has arrived at h2. z2 is not above 0: ReLU stops it, z2 gets 0.",
        12: "8 has arrived at z1. Each factor gets it times the other: w11: 1·8 = 8; "
        "x1: 1·8 = 8, in all 8; w12: (−2)·8 = −16; x2: (−1)·8 = −8, in all −8; "
        "b1: 1·8 = 8.",
    },
    "convolution": {
        9: "p0 = max(a[0,0], a[0,1]) = max(2, 5) = 5",
        16: "4 has arrived at p0. a[0,1] was the largest and gets all of it, "
        "the others 0.",
    },
}


def test_sentences(page, graph):
    for step, sentence in SENTENCES[graph].items():
        slide(page, "Step", step)
        assert sentence in agrees(page)["strip"], step


def test_choosing_a_graph(page):
    for name in ("two_layers", "convolution", "neuron"):
        enter(page, ".hc-box input", 0, "7")
        choose(page, "Graph", name)
        seen = agrees(page)
        assert seen["numbers"] == at_first(GRAPHS[name])
        assert seen["step"] == 2 * len(computed(GRAPHS[name]))


def test_descent(page, graph):
    slide(page, "Learning rate", 0.005)
    before = trait(page, "numbers")
    push(page, "Step of descent")
    seen = agrees(page)
    assert seen["numbers"] == pytest.approx(descended(GRAPHS[graph], before, 0.005))
    push(page, "First numbers")
    assert agrees(page)["numbers"] == at_first(GRAPHS[graph])


def test_descent_that_runs_away_is_stopped(page):
    slide(page, "Learning rate", 0.5)
    before = {**trait(page, "numbers"), "y": 1000}
    page.evaluate("(numbers) => model.set('numbers', numbers)", before)
    push(page, "Step of descent")
    refusal = page.get_by_role("alert").inner_text()
    assert "numbers go up to 1000 here. What was there stays." in refusal
    assert trait(page, "numbers") == before
    agrees(page)
    push(page, "First numbers")
    assert page.get_by_role("alert").inner_text() == ""


@pytest.mark.parametrize("text", ["", "two", "1/0", "--1", "1e9", "2000"])
def test_what_is_no_number_is_refused(page, text):
    before = trait(page, "numbers")
    field = page.locator(".hc-box input").first
    field.fill(text)
    assert page.get_by_role("alert").inner_text()
    assert field.get_attribute("aria-invalid") == "true"
    assert trait(page, "numbers") == before
    field.blur()
    assert field.get_attribute("aria-invalid") is None
    assert page.get_by_role("alert").inner_text() == ""
    agrees(page)


def test_keys_change_a_number(page):
    field = page.locator(".hc-box input").first
    name = page.locator(".hc-box-name").first.inner_text()
    start = trait(page, "numbers")[name]
    for key, by in (("ArrowUp", 1), ("ArrowDown", -1), ("Shift+ArrowUp", 0.1)):
        before = trait(page, "numbers")[name]
        field.press(key)
        assert trait(page, "numbers")[name] == pytest.approx(before + by)
        agrees(page)
    assert start != trait(page, "numbers")[name]


def test_keys_step(page, graph):
    steps = 2 * len(computed(GRAPHS[graph]))
    for key, at in (("Home", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", steps)):
        press(page, key, ".hc")
        assert agrees(page)["step"] == at


def test_python_moves_the_screen(page, graph):
    page.evaluate("model.set('step', 2)")
    assert agrees(page)["step"] == 2
    numbers = dict.fromkeys(at_first(GRAPHS[graph]), 0.5)
    page.evaluate("(numbers) => model.set('numbers', numbers)", numbers)
    assert agrees(page)["numbers"] == numbers


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    enter(page, ".hc-box input", 0, "4")
    agrees(page)


def test_as_many_digits_as_there_are_letters_for(browser):
    wanted = {  # 7 letters, 5, 4
        0: ("0", "0", "0"),
        0.25: ("0.25", "0.25", "0.25"),
        -0.0123456: ("−0.0123", "−0.01", "−0.01"),
        -0.00412: ("−0.0041", "≈ 0", "≈ 0"),
        1234.567: ("1235", "1235", "1235"),
        -98.7654: ("−98.77", "−98.8", "−99"),
        -1.23456e-12: ("−1e−12", "≈ 0", "≈ 0"),
        1.23456e12: ("1.23e12", "1e12", "1e12"),
    }
    with closing(browser.new_page()) as page:
        load(page, "parts/boxes.js")
        for value, texts in wanted.items():
            script = "(value) => [undefined, 5, 4].map((n) => boxes.fitting(value, n))"
            assert page.evaluate(script, value) == list(texts)


@pytest.mark.parametrize("width", [320, 360, 640, 1100])
@pytest.mark.parametrize("factor", [-0.0123456, -9.87654])
def test_numbers_stay_in_their_boxes(browser, graph, width, factor):
    nodes = GRAPHS[graph]
    numbers = {name: factor * (k + 1) for k, name in enumerate(at_first(nodes))}
    stepper = BackpropStepper(graph, numbers)
    stepper.step = 2 * len(computed(nodes))
    with watched(browser, stepper, width=width) as page:
        # In the first frame the boxes are measured, in the second the numbers fit.
        page.evaluate(
            "() => new Promise((done) =>"
            " requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        sticking_out = read(
            page,
            """() => [...document.querySelectorAll(".hc-box")].flatMap((box) => {
              const { left, right } = box.getBoundingClientRect();
              const range = document.createRange();
              return [...box.children].filter((one) => {
                if (one.matches("input")) return one.scrollWidth > one.clientWidth;
                if (!one.textContent) return false;
                range.selectNodeContents(one);
                const inner = range.getBoundingClientRect();
                return inner.left < left - 1 || inner.right > right + 1;
              }).map((one) => one.value ?? one.textContent);
            })""",
        )
        assert sticking_out == []
        if width < 640:  # fewer letters, large enough to read
            sizes = """() => [...document.querySelectorAll(".hc-box > *")].map(
              (one) => parseFloat(getComputedStyle(one).fontSize))"""
            assert min(page.evaluate(sizes)) >= 8
        else:
            agrees(page)


@pytest.mark.parametrize("width", [360, 640, 1100])
def test_boxes_stand_apart_and_in_place(browser, graph, width):
    with watched(browser, BackpropStepper(graph), width=width) as page:
        assert width_needed(page) <= width
        boxes = read(
            page,
            """() => [...document.querySelectorAll(".hc-box")].map((box) => {
              const { left, top, right, bottom } = box.getBoundingClientRect();
              const inner = [...box.children].map((c) => c.getBoundingClientRect());
              return [left, top, right, bottom, ...inner.map((c) => c.bottom)];
            })""",
        )
    for k, (left, top, right, bottom, *inner) in enumerate(boxes):
        assert right - left > 36
        assert max(inner) <= bottom
        for one in boxes[:k]:
            assert (
                one[2] <= left or right <= one[0] or one[3] <= top or bottom <= one[1]
            )
