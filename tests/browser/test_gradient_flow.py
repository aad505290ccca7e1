"""GradientFlow on a bare page: numbers and marks against the arithmetic in Python."""

import re

import hands
import numpy as np
import pytest
from hands import (
    choose,
    different_states,
    lose_the_kernel,
    menu,
    number,
    press,
    push,
    read,
    slide,
    slider,
    tap,
    tick,
    trait,
    watched,
    width_needed,
)

from helpers.widgets import GradientFlow
from helpers.widgets.explorers.gradient_flow import PRESETS
from helpers.widgets.parts import flows
from helpers.widgets.parts.flows import ACTIVATIONS, INITIALISERS, SEEDS, Stack, flow

SETTINGS = Stack._fields
SEE = """() => {
  const place = (mark) => mark.hidden ? null :
    [parseFloat(mark.style.left), parseFloat(mark.style.width)];
  const cell = (td) => ({
    text: td.querySelector("span").textContent,
    ...Object.fromEntries([...td.querySelectorAll("i")].map((mark) =>
      [mark.className.slice(8), place(mark)])),
  });
  const rows = [...document.querySelectorAll(".gf-layers tbody tr")];
  const shown = rows.filter((row) => !row.hidden);
  return {
    rows: shown.map((row) => [...row.querySelectorAll("td")].map(cell)),
    numbers: shown.map((row) => Number(row.querySelector("th").textContent)),
    current: shown.flatMap((row, k) => row.matches("[aria-current]") ? [k + 1] : []),
    ends: [...document.querySelectorAll("thead .gf-ends")].map((one) =>
      [...one.querySelectorAll("span")].map((end) => end.textContent)),
    axes: [...document.querySelectorAll(".gf-axis")].map((one) =>
      Number(one.style.getPropertyValue("--at"))),
    strip: [...document.querySelectorAll(".hc-strip p")].map((p) => p.textContent),
    caption: document.querySelector("figcaption").textContent,
    zeros: document.querySelector(".gf-histogram p").textContent,
    notes: [...document.querySelectorAll(".hc-group p")].map((p) => p.textContent),
    stack: Object.fromEntries(
      ["layers", "width", "activation", "initialiser", "normalise", "seed"]
        .map((name) => [name, model.get(name)])),
    held: model.get("held"),
    layer: model.get("layer"),
    shown: Object.fromEntries([...document.querySelectorAll("label")].map((label) => {
      const input = label.querySelector("input, select");
      const value = input.type === "checkbox" ? input.checked : input.value;
      return [label.querySelector("span").textContent, value];
    })),
  };
}"""
AT_ONCE, ALL = ".gf-layers[aria-busy=false]", ".hc[aria-busy=false]"


def settled(page, what=ALL):
    """Wait until all seeds are there, or the one that is shown."""
    page.wait_for_function("(what) => document.querySelector(what)", arg=what)


@pytest.fixture
def page(browser):
    with watched(browser, GradientFlow(layers=4, width=16)) as page:
        settled(page)
        yield page


def near(text, wanted, digits=2):
    """A text is a number in so many digits."""
    assert number(text) == pytest.approx(wanted, rel=0.51 * 10 ** (1 - digits)), text


def placed(mark, start, end):
    assert mark == pytest.approx([100 * start, 100 * (end - start)], abs=0.011)


def agrees(page, what=AT_ONCE):
    """Everything on the screen is what Python makes of the same settings."""
    settled(page, what)
    seen = read(page, SEE)
    stack = Stack(**seen["stack"])
    here = flow(stack)
    held = flow(Stack(**seen["held"])) if seen["held"] else None
    deepest = max(stack.layers, len(held.arrived) if held else 0)
    assert seen["numbers"] == list(range(1, deepest + 1))
    assert seen["current"] == [seen["layer"]]

    log = [number(end) for end in seen["ends"][1]]
    assert seen["ends"][1] == seen["ends"][2]
    assert seen["axes"][1:] == pytest.approx([at(1, log)] * 2)
    for k, (spread, arrived, moved) in enumerate(seen["rows"]):
        for cell, kind in ((arrived, "arrived"), (moved, "moved")):
            bar_agrees(cell, k, getattr(here, kind), log)
            others = getattr(held, kind) if held else []
            mark_agrees(cell["held"], k, others, log)
        if k < stack.layers:
            near(spread["text"], np.sqrt((here.activations[k] ** 2).mean()))
        else:
            assert spread["text"] == "–"
    boxes_agree(seen, here, held)
    sentences_agree(seen, stack, here)

    names = ("Depth", "Units a layer", "Activation", "Weights", "batch normalisation")
    fields = ("layers", "width", "activation", "initialiser", "normalise")
    for name, field in zip(names, fields, strict=True):
        assert str(seen["shown"][name]) == str(getattr(stack, field)), name
    assert seen["shown"]["Layer"] == str(seen["layer"])
    return seen


def at(size, log):
    low, high = np.log10(log)
    return (np.log10(size) - low) / (high - low)


def mark_agrees(mark, k, sizes, log):
    if k < len(sizes) and sizes[k] > 0:
        placed(mark, 0, at(sizes[k], log))
    else:
        assert mark is None


def bar_agrees(cell, k, sizes, log):
    mark_agrees(cell["bar"], k, sizes, log)
    if k >= len(sizes):
        assert cell["text"] == "–"
    elif sizes[k] == 0:
        assert cell["text"] == "nothing"
    else:
        assert log[0] <= sizes[k] <= log[1] * (1 + 1e-9)
        near(cell["text"], sizes[k])


def boxes_agree(seen, here, held):
    def quantiles(found):
        flat = found.activations.reshape(len(found.arrived), -1)
        return np.quantile(flat, [0.05, 0.5, 0.95], axis=1).T

    mine, theirs = quantiles(here), quantiles(held) if held else np.zeros((0, 3))
    low = min(0, mine.min(), theirs.min(initial=0))
    high = max(0, mine.max(), theirs.max(initial=0))
    low, high = (low, high) if low < high else (-1, 1)
    for text, wanted in zip(seen["ends"][0], (low, high), strict=True):
        near(text, wanted)
    assert seen["axes"][0] == pytest.approx(-low / (high - low))
    share = lambda value: (value - low) / (high - low)  # noqa: E731
    for k, (cell, *_) in enumerate(seen["rows"]):
        if k < len(mine):
            placed(cell["box"], share(mine[k, 0]), share(mine[k, 2]))
            assert cell["median"][0] == pytest.approx(100 * share(mine[k, 1]), abs=0.01)
        else:
            assert cell["box"] is None
        if k < len(theirs):
            placed(cell["held"], share(theirs[k, 0]), share(theirs[k, 2]))
        else:
            assert cell["held"] is None


def sentences_agree(seen, stack, here):
    conclusion, layer, spread, message = seen["strip"]
    k, layers = seen["layer"], stack.layers
    assert message == ""
    assert conclusion.startswith(f"Of the gradient that enters at layer {layers}")
    assert layer.startswith(f"Layer {k} of {layers}: ")
    arrived, moved = here.arrived[k - 1], here.moved[k - 1]
    if arrived == 0:
        assert "no gradient arrives, it is exactly 0" in layer
    elif k == layers:
        assert "a gradient of 1 enters" in layer
    else:
        near(layer.split("a gradient of ")[1].split(" arrives")[0], arrived)
        share = layer.split(" arrives, ")[1].split(" what entered")[0]
        ratio = arrived / here.arrived[-1]
        near(
            share.split("\u00a0%")[0].split(" times")[0],
            ratio * (100 if "%" in share else 1),
        )
    if moved > 0:
        got = layer.split("Its weights get ")[1]
        near(re.split(", |: ", got)[0].rstrip("."), moved)
        part, bound = moved / here.moved[-1], flows.BOUND
        least, most = bound**-2, bound**2
        small = moved < least or (part < 1 / bound and moved <= most)
        large = moved > most or (part > bound and moved >= least)
        assert ("hardly move" in layer) == small
        assert ("they jump" in layer) == large
    else:
        assert "do not move" in layer
    numbers = here.activations[k - 1]
    low, median, high = np.quantile(numbers, [0.05, 0.5, 0.95])
    said = spread.removeprefix("Its activations: 90\u00a0% from ").split(".  ")[0]
    near(said.split(" to ")[0], low, 3)
    near(said.split(" to ")[1].split(",")[0], high, 3)
    near(said.split("median ")[1].split(",")[0], median, 3)
    zeros = 100 * (numbers == 0).mean()
    assert ("exactly 0" in spread) == ("exactly 0" in seen["zeros"]) == (zeros > 0)
    if zeros:
        near(seen["zeros"].split(": ")[1].split("\u00a0")[0], zeros, 3)
    dead = int((numbers == 0).all(axis=0).sum())
    assert (f"; {dead} of {stack.width} units are 0" in spread) == (dead > 0)
    assert seen["caption"] == f"Activations of layer {k} of {layers}"


def test_random_states(page):
    rng = np.random.default_rng(0)
    slide(page, "Depth", 5)
    for _ in different_states(page):
        match rng.choice(8, p=[0.25, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05, 0.05]):
            case 0:
                layers = trait(page, "layers")
                slide(page, "Layer", int(rng.integers(1, layers + 1)))
            case 1:
                choose(page, "Activation", str(rng.choice(ACTIVATIONS)))
            case 2:
                choose(page, "Weights", str(rng.choice(INITIALISERS)))
            case 3:
                slide(page, "Depth", int(rng.integers(2, 9)))
            case 4:
                tick(page, "batch normalisation")
            case 5:
                push(page, "Another seed")
            case 6:
                push(page, "Hold this to compare")
            case _ if page.get_by_role("button", name="Let go").is_enabled():
                push(page, "Let go")
        agrees(page)


def ratios(stack):
    seeds = range(stack.seed, stack.seed + SEEDS)
    return np.array([flow(stack._replace(seed=seed)).ratio for seed in seeds])


def conclusion_agrees(page):
    """The median of five seeds, their range, and how many of them say the same."""
    seen = agrees(page, ALL)
    stack = Stack(**seen["stack"])
    found, said = ratios(stack), seen["strip"][0]
    what = flows.verdict(np.median(found))
    same = sum(flows.verdict(ratio) == what for ratio in found)
    assert f"it {what}" in said
    assert f"in all {SEEDS} seeds" in said or f"in {same} of {SEEDS} seeds" in said
    assert ("in all" in said) == (same == SEEDS and what != "stops")
    log = [number(end) for end in seen["ends"][1]]
    for k, cells in enumerate(seen["rows"][: stack.layers]):
        for cell, kind in zip(cells[1:], ("arrived", "moved"), strict=True):
            runs = [
                getattr(flow(stack._replace(seed=stack.seed + seed)), kind)[k]
                for seed in range(SEEDS)
            ]
            if min(runs) > 0:
                placed(cell["range"], at(min(runs), log), at(max(runs), log))
    return said


def test_a_conclusion_rests_on_five_seeds(page):
    rng = np.random.default_rng(1)
    for activation in ACTIVATIONS:
        choose(page, "Activation", activation)
        choose(page, "Weights", str(rng.choice(INITIALISERS)))
        slide(page, "Depth", int(rng.integers(2, 9)))
        push(page, "Another seed")
        conclusion_agrees(page)


def test_seeds_that_disagree_are_counted(browser):
    with watched(browser, GradientFlow("swish", "he_normal")) as page:
        assert "in 3 of 5 seeds" in conclusion_agrees(page)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_show_what_they_say(page, name):
    title = PRESETS[name].title
    menu(page, "Example").select_option(name)
    said = conclusion_agrees(page)
    assert f"it {title.split(': ')[1]}" in said
    assert "in all 5 seeds" in said


def test_presets_can_be_chosen_again(page):
    def shows_it():
        seen = agrees(page)["stack"]
        preset = PRESETS["relu"]
        assert {field: seen[field] for field in Stack._fields[:-1]} == {
            field: getattr(preset, field) for field in Stack._fields[:-1]
        }

    changes = (
        lambda page: choose(page, "Activation", "tanh"),
        lambda page: choose(page, "Weights", "glorot_uniform"),
        lambda page: choose(page, "Units a layer", "16"),
        lambda page: slide(page, "Depth", 3),
        lambda page: tick(page, "batch normalisation"),
    )
    for change in changes:
        title = PRESETS["relu"].title
        hands.can_be_chosen_again(page, "relu", title, change, shows_it)


def test_what_is_held_stays_beside_what_changes(page):
    push(page, "Hold this to compare")
    held = agrees(page)["held"]
    assert held == {**Stack(4, 16)._asdict()}
    choose(page, "Activation", "relu")
    slide(page, "Depth", 3)
    seen = agrees(page, ALL)
    assert seen["held"] == held
    assert len(seen["rows"]) == 4  # the last is only held
    said = seen["notes"][0]
    assert said.startswith("Held: sigmoid, Glorot uniform, 4 layers of 16. ")
    near(said.split(". ")[1].split("\u00a0")[0], 100 * np.median(ratios(Stack(4, 16))))
    tap(page, ".gf-layers tbody tr", 0.99)  # nothing can be written out there
    assert agrees(page)["layer"] <= 3
    push(page, "Let go")
    seen = agrees(page, ALL)
    assert seen["notes"][0] == "Nothing is held."
    assert len(seen["rows"]) == 3


def test_a_click_and_keys_choose_a_layer(page):
    page.locator(".gf-layers tbody tr").nth(2).click()
    assert agrees(page)["layer"] == 3
    for key, layer in (
        ("ArrowDown", 4),
        ("ArrowUp", 3),
        ("ArrowLeft", 2),
        ("ArrowRight", 3),
        ("Home", 1),
        ("End", 4),
    ):
        press(page, key, ".hc")
        assert agrees(page)["layer"] == layer


def test_controls_by_hand(page):
    slider(page, "Depth").press("ArrowRight")
    slider(page, "Layer").press("End")
    menu(page, "Activation").select_option("tanh")
    menu(page, "Weights").select_option("he_normal")
    menu(page, "Units a layer").select_option("32")
    page.get_by_role("checkbox", name="batch normalisation").check()
    page.get_by_role("button", name="Another seed").click()
    seen = agrees(page)
    assert seen["stack"] == Stack(5, 32, "tanh", "he_normal", True, 2)._asdict()
    assert seen["layer"] == 5


def test_fewer_layers_keep_a_layer(page):
    slide(page, "Layer", 4)
    slide(page, "Depth", 2)
    assert agrees(page)["layer"] == 2
    slide(page, "Depth", 9)
    assert agrees(page)["layer"] == 2


def test_the_last_seed_is_followed_by_the_first(page):
    page.evaluate("model.set('seed', 10_000)")
    conclusion_agrees(page)
    push(page, "Another seed")
    assert agrees(page)["stack"]["seed"] == 1


@pytest.mark.parametrize("settings", [{"activation": "step"}, {"initialiser": "small"}])
def test_nothing_is_a_word_not_an_infinity(browser, settings):
    with watched(browser, GradientFlow(**settings, layers=30)) as page:
        said = conclusion_agrees(page)
        text = page.locator(".hc").inner_text()
        for wrong in ("Infinity", "∞", "NaN", "undefined"):
            assert wrong not in text
        if "activation" in settings:
            assert "nothing arrives at layer 1, in 5 of 5 seeds: it stops" in said
            cells = page.locator("td .gf-nothing")
            assert cells.count() == 29 + 30
            assert set(cells.all_inner_texts()) == {"nothing"}


def test_python_moves_the_screen(page):
    page.evaluate("model.set('layer', 2)")
    assert agrees(page)["layer"] == 2
    page.evaluate(
        """() => {
          model.set("activation", "relu");
          model.set("held", { ...model.get("held"), layers: 3, width: 16,
            activation: "tanh", initialiser: "small", normalise: true, seed: 9 });
        }"""
    )
    seen = agrees(page)
    assert seen["stack"]["activation"] == "relu"
    assert seen["held"]["seed"] == 9


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    choose(page, "Activation", "relu")
    slide(page, "Depth", 6)
    slide(page, "Layer", 6)
    conclusion_agrees(page)


def test_where_no_worker_may_start_it_is_measured_on_the_page(browser):
    explorer = GradientFlow("tanh", layers=3, width=16)
    with watched(browser, explorer, new=True) as page:
        settled(page)
        page.evaluate(
            """() => {
              unmount();
              window.Worker = class { constructor() { throw new Error("forbidden"); } };
            }"""
        )
        mount_again(page)
        conclusion_agrees(page)
        choose(page, "Activation", "mish")
        slide(page, "Depth", 30)
        choose(page, "Units a layer", "64")
        conclusion_agrees(page)


def mount_again(page):
    page.evaluate(
        """async () => {
          const url = URL.createObjectURL(
            new Blob([model.get("_esm")], { type: "text/javascript" }));
          const { default: widget } = await import(url);
          window.unmount = await widget.render(
            { model, el: document.querySelector("main") });
        }"""
    )


def test_a_failure_is_said_and_the_last_picture_stays(page):
    before = read(page, SEE)["rows"]
    page.evaluate("model.set('activation', 'none of them')")
    page.wait_for_function("document.querySelector('.hc-message').textContent")
    assert "came to no end" in page.get_by_role("alert").inner_text()
    assert read(page, SEE)["rows"] == before
    choose(page, "Activation", "relu")
    agrees(page)


def test_dragging_shows_every_stop(page):
    """What is at work comes to its end; what is left out is never the last."""
    page.evaluate(
        """async () => {
          const depth = document.querySelector(".hc-group input[type=range]");
          for (let k = 0; k < 40; k++) {
            depth.value = 2 + (k % 9);
            depth.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((done) => setTimeout(done, 2));
          }
        }"""
    )
    assert agrees(page)["stack"]["layers"] == 2 + 39 % 9


@pytest.mark.parametrize("width", [360, 700, 1100])
def test_nothing_sticks_out(browser, width):
    explorer = GradientFlow(
        "relu", "large", layers=30, width=64, held={"activation": "step"}
    )
    with watched(browser, explorer, width=width) as page:
        settled(page)
        assert width_needed(page) <= width
        high = page.evaluate(
            """[...document.querySelectorAll("tbody tr")].map((row) =>
              row.getBoundingClientRect().height)"""
        )
        assert max(high) - min(high) < 1  # no number breaks into two lines
