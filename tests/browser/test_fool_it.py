"""FoolIt on a bare page: changes and answers against the same in Python."""

import re

import digit_networks
import hands
import numpy as np
import pytest
from hands import (
    RESTS,
    array,
    choose,
    different_states,
    lose_the_kernel,
    menu,
    moves_under_the_hand,
    push,
    slide,
    slide_to,
    slider,
    trait,
    watched,
    width_needed,
)
from stage import load, read

from helpers.colours import SIGNED
from helpers.networks import exported, slopes
from helpers.widgets import FoolIt
from helpers.widgets.explorers import fool_it

SETTINGS = ("strength", "target", "steps", "seed")
#: Of the largest slope of a picture: what lies nearer to 0 may have another sign in
#: float32, on the page, than in float64.
NO_SLOPE = 1e-4
SHADES = 0.51  # gray levels: the page paints whole ones

SEE = """() => {
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
  const lists = [...document.querySelectorAll(".hc-bars")];
  const rows = (list) => [...list.querySelectorAll("li")];
  const labels = [...document.querySelectorAll("label.hc-control")];
  return {
    state: Object.fromEntries(NAMES.map((name) => [name, model.get(name)])),
    subject: model.get("subject"),
    bars: lists.map((list) => rows(list).map((row) =>
      parseFloat(row.querySelector(".hc-track i").style.width) / 100)),
    best: lists.map((list) => rows(list).findIndex((row) =>
      row.classList.contains("hc-best"))),
    strip: texts(".hc-strip p"),
    alts: [...document.querySelectorAll("canvas")].map((one) =>
      one.getAttribute("aria-label")),
    controls: Object.fromEntries(labels.map((label) =>
      [label.querySelector("span").textContent,
       label.querySelector("input, select").value])),
    pictures: [0, 2, 4].map((k) => model.red(k)),
    changes: [1, 3].map((k) => model.painted(k)),
  };
}""".replace("NAMES", str([*SETTINGS]))


@pytest.fixture
def page(browser):
    with watched(browser, FoolIt("digit 3")) as page:
        yield page


@pytest.fixture
def python():
    fool = FoolIt("digit 3")
    yield fool
    fool.close()


def follow(fool, seen):
    """Give the explorer in Python the state that the page has."""
    if seen["subject"] != "own":
        fool.subject = seen["subject"]
    for name in SETTINGS:
        value = seen["state"][name]
        setattr(fool, name, None if name == "target" and value == -1 else value)


def clear_ways(fool):
    """The pixels whose first slope is clearly not 0."""
    target = fool.before.argmax() if fool.target is None else fool.target
    slope = np.abs(fool._slope(fool.image.astype(float), int(target)))
    return slope > NO_SLOPE * slope.max()


def colours_of(changes, strength):
    """Red, green and blue on the signed scale; of the strength full ones."""
    steps = np.clip(np.floor((changes / strength + 1) * 255 + 0.5), 0, 510) / 255 - 1
    places = np.linspace(-1, 1, len(SIGNED))
    stops = [[int(one[at : at + 2], 16) for one in SIGNED] for at in (1, 3, 5)]
    return np.dstack([np.interp(steps, places, stop) for stop in stops])


def agrees(page, fool, *, exactly=True):
    """What the page shows is what Python makes of the same digit."""
    page.wait_for_function(RESTS)
    seen = read(page, SEE)
    follow(fool, seen)
    digit, misled, noisy = (one.astype(float) for one in seen["pictures"])
    assert np.abs(digit - fool.image).max() <= SHADES
    assert np.abs(noisy - fool.noisy).max() <= SHADES
    same = np.abs(misled - fool.attacked) <= SHADES
    clear = clear_ways(fool)
    assert clear.mean() > 0.7
    if fool.steps == 1:
        assert same[clear].all()
    else:  # a pixel that turned once goes on another way
        assert same.mean() > 0.9
        assert np.abs(misled - digit).max() <= fool.strength + SHADES
    answers = (fool.before, fool.probabilities, fool.with_noise)
    close = [1e-4, 1e-3 if fool.steps == 1 else 0.1, 1e-4]
    for bars, best, answer, tolerance in zip(
        seen["bars"], seen["best"], answers, close, strict=True
    ):
        np.testing.assert_allclose(bars, answer, atol=tolerance)
        assert best == int(np.argmax(bars))
    if fool.strength:
        for painted, after in zip(seen["changes"], (misled, noisy), strict=True):
            shown = painted[..., :3].astype(float)
            wanted = colours_of(after - digit, fool.strength)
            # The picture has whole gray levels, the change has not.
            assert np.abs(shown - wanted).max() <= 3 + 400 / fool.strength
    words_agree(page, seen, fool)
    controls_agree(seen["controls"], fool)
    return seen


# Tried one after the other, on the page's own thread.
SMALLEST = """([pixels, aim, most]) => {
  const { answerOf, attackOn, isFooled, openedFrom } = fool_it_attack;
  const { description, data } = model.get("_network");
  const network = openedFrom({ description, bytes: new Uint8Array(data.buffer) });
  const picture = { shape: [28, 28], data: Float64Array.from(pixels) };
  const attack = attackOn(network, picture, aim);
  for (let strength = 0; strength <= most; strength++)
    if (isFooled(answerOf(network, attack.at(strength)), aim)) return strength;
  return null;
}"""
_smallest = {}  # of several steps, by what was asked


def smallest_of(page, fool):
    """The smallest strength: Python's, but of several steps that of the page itself.

    A pixel that float32 turned once goes on another way.
    """
    if fool.steps == 1:
        return fool.smallest
    asked = (fool.image.tobytes(), fool.network.data, fool.target, fool.steps)
    if asked not in _smallest:
        load(page, "explorers/fool_it_attack.js")
        target = -1 if fool.target is None else fool.target
        label = int(fool.before.argmax())
        aim = {"label": label, "target": target, "steps": fool.steps}
        pixels = fool.image.ravel().tolist()
        _smallest[asked] = page.evaluate(SMALLEST, [pixels, aim, fool_it.MOST])
    return _smallest[asked]


def smallest_in_words(fool, smallest):
    """What the page is to say of it."""
    name = None if fool.target is None else fool.class_names[fool.target]
    if smallest == 0:
        return f"It needs no change: it takes the digit for “{name}” already."
    way = f"{fool.steps} step{'s' * (fool.steps > 1)}"
    what = "another class" if name is None else f"“{name}”"
    if smallest is None:
        return f"No strength up to 64 gray levels makes it see {what} in {way}."
    return (
        f"The smallest strength that makes it see {what} in {way}: "
        f"{smallest} of 255 gray levels."
    )


def words_agree(page, seen, fool):
    verdict, smallest, message = seen["strip"]
    assert message == ""
    before, after, noisy = (fool.class_names[k] for k in seen["best"])
    if fool.strength == 0:
        assert verdict.startswith(f"It sees: {before} (")
    else:
        led = "led on to it" if fool.target == fool.before.argmax() else "misled"
        by = f"{led if after == before else 'misled'} by {fool.strength} gray levels?"
        share = r"\((< |> )?[\d.]+ %\)"
        if after == before:
            first = rf"It sees {before} {share}; {by} it still does {share}\. "
        else:
            aim = None if fool.target is None else fool.class_names[fool.target]
            end = rf", not {aim}\. " if aim not in (None, after) else r"\. "
            first = rf"It saw {before} {share}; {by} it sees {after} {share}{end}"
        then = rf"Noise of the same strength: {noisy} {share}\."
        assert re.fullmatch(f"{first}{then}", verdict), verdict
    assert smallest == smallest_in_words(fool, smallest_of(page, fool))


def controls_agree(shown, fool):
    assert shown["Picture"] == fool.subject
    assert shown["Strength"] == str(fool.strength)
    assert shown["Steps"] == str(fool.steps)
    assert shown["Lead it to"] == str(-1 if fool.target is None else fool.target)


# The last three begin a search, a quarter of a second and more.
KINDS = ["strength"] * 4 + ["chance"] * 3 + ["target", "steps", "digit"]


def random_move(page, rng):
    kind = rng.choice(KINDS)
    if kind == "strength":
        slide_to(page, "Strength", float(rng.random()))
    elif kind == "target":
        choose(page, "Lead it to", str(rng.integers(-1, 10)))
    elif kind == "steps":
        slide(page, "Steps", int(rng.choice([1, 1, 1, 1, 1, 3])))
    elif kind == "chance":
        push(page, "Another chance")
    else:
        choose(page, "Picture", f"digit {rng.integers(0, 10)}")


def test_random_states(page, python):
    rng = np.random.default_rng(2)
    for _ in different_states(page):
        random_move(page, rng)
        agrees(page, python)


def test_each_control_by_hand(page, python):
    slider(page, "Strength").fill("20")
    slider(page, "Steps").press("ArrowRight")
    menu(page, "Lead it to").select_option("5")
    menu(page, "Picture").select_option("digit 6")
    page.get_by_role("button", name="Another chance").click()
    assert trait(page, "seed") == 1
    seen = agrees(page, python)
    assert seen["state"] == {"strength": 20, "steps": 2, "target": 5, "seed": 1}
    assert python.subject == "digit 6"


def test_to_the_smallest(page, python):
    page.wait_for_function(RESTS)
    page.get_by_role("button", name="Go to the smallest").click()
    seen = agrees(page, python)
    assert python.strength == python.smallest
    assert seen["best"][0] != seen["best"][1]
    slide(page, "Strength", python.smallest - 1)
    seen = agrees(page, python)
    assert seen["best"][0] == seen["best"][1]


def test_where_there_is_no_smallest(page):
    choose(page, "Picture", "digit 8")
    page.wait_for_function(RESTS)
    assert page.get_by_role("button", name="Go to the smallest").is_disabled()


@pytest.mark.parametrize("way", ["worker", "page"])
def test_the_smallest_is_searched_beside_the_page(browser, way):
    with watched(browser, FoolIt("digit 3", steps=4)) as page:
        if way == "page":
            page.evaluate("() => { window.Worker = undefined }")
            hands.wear_out(page)
        choose(page, "Lead it to", "7")
        page.wait_for_function(RESTS)
        fool = FoolIt("digit 3", steps=4, target=7)
        found = page.locator(".fi-smallest").inner_text()
        assert found == smallest_in_words(fool, smallest_of(page, fool))
        assert "makes it see “7” in 4 steps" in found


def test_more_may_fail_where_less_succeeds(browser):
    """19 to 29 gray levels lead it there, and no power of two."""
    gray = np.full((28, 28), 100)
    fool = FoolIt(gray, digit_networks.banded(), target=1)
    with watched(browser, fool) as page:
        page.wait_for_function(RESTS)
        assert page.locator(".fi-smallest").inner_text() == (
            "The smallest strength that makes it see “b” in 1 step: "
            "19 of 255 gray levels."
        )
        push(page, "Go to the smallest")
        assert trait(page, "strength") == 19
        best = read(page, SEE)["best"]
        slide(page, "Strength", 18)
        less = read(page, SEE)["best"]
        slide(page, "Strength", 30)
        more = read(page, SEE)["best"]
        assert (less[1], best[1], more[1]) == (0, 1, 0)


def test_the_search_says_how_far_it_is(page):
    """And begins once no more is asked for: a drag does not start one a move."""
    page.wait_for_function(RESTS)
    heard = page.evaluate(
        """async () => {
          const line = document.querySelector(".fi-smallest");
          const texts = [];
          new MutationObserver(() => texts.push(line.textContent)).observe(
            line, { childList: true, characterData: true, subtree: true });
          const steps = document.querySelectorAll("input[type=range]")[1];
          const target = document.querySelectorAll("select")[1];
          target.value = "7";
          target.dispatchEvent(new Event("change", { bubbles: true }));
          for (const n of [2, 3, 4, 3, 2]) {
            steps.value = n;
            steps.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          while (document.querySelector("[aria-busy=true]"))
            await new Promise((resolve) => setTimeout(resolve, 20));
          return texts;
        }"""
    )
    start = "The smallest strength that fools it is being looked for"
    *before, last = [text for text in heard if text]
    found = int(re.search(r"“7” in 2 steps: (\d+) of 255", last)[1])
    assert before[0] == f"{start} …"
    tried = [f"{start}: none up to {n} …" for n in range(1, found)]
    assert list(dict.fromkeys(before[1:])) == tried


# ---- several steps: from beside the page ----


LATER = "document.querySelector('.fi-verdict[aria-busy=true]')"
#: Moves the slider that is so many down, and looks once the page had its turn.
MOVED = """async ([slider, values]) => {
  const input = document.querySelectorAll("input[type=range]")[slider];
  const seen = [];
  for (const value of values) {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await null;
    await null;
    seen.push(Boolean(LATER));
  }
  return seen;
}""".replace("LATER", LATER)


@pytest.mark.parametrize("way", ["worker", "page"])
def test_the_last_of_many_moves_is_shown(browser, python, way):
    with watched(browser, FoolIt("digit 3", steps=10)) as page:
        if way == "page":
            page.evaluate("() => { window.Worker = undefined }")
            hands.wear_out(page)
        page.wait_for_function(RESTS)
        assert page.evaluate(MOVED, [0, [*range(20, 60, 3)]]) == [True] * 14
        seen = agrees(page, python)
        assert seen["state"]["strength"] == 59
        # Back to what is there already, while another is on its way.
        assert page.evaluate(MOVED, [0, [30, 59]]) == [True, False]
        page.wait_for_timeout(1000)
        seen = agrees(page, python)
        assert "misled by 59 gray levels" in seen["strip"][0]


def test_chance_alone_does_not_mislead_anew(page, python):
    slide(page, "Steps", 10)
    page.wait_for_function(RESTS)
    push(page, "Another chance")
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")
    assert not page.evaluate(f"Boolean({LATER})")
    assert agrees(page, python)["state"]["seed"] == 1


def test_what_was_asked_of_another_digit_is_not_shown(page, python):
    slide(page, "Steps", 10)
    page.wait_for_function(RESTS)
    slide(page, "Strength", 40)
    choose(page, "Picture", "digit 7")
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")
    said = page.locator(".fi-verdict").inner_text()
    assert re.match(r"It (sees: 7 .*\. It is being misled …|saw 7)", said), said
    agrees(page, python)
    assert python.subject == "digit 7"


def test_one_step_after_several(page, python):
    """What comes late is no answer to it."""
    slide(page, "Steps", 10)
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")
    slide(page, "Steps", 1)
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")
    assert not page.evaluate(f"Boolean({LATER})")
    page.wait_for_timeout(1000)
    agrees(page, python)


# ---- what it looks and sounds like ----


@pytest.mark.parametrize("width", [360, 520, 760, 1000])
def test_a_slider_stays_under_the_hand_that_drags_it(browser, width):
    """However many lines the sentences above it have."""
    fool = FoolIt("digit 3", target=8, strength=0)
    with watched(browser, fool, width=width) as page:
        page.wait_for_function(RESTS)
        for label in ("Strength", "Steps"):
            assert moves_under_the_hand(page, label) < 0.5, label
            page.wait_for_function(RESTS)
            assert moves_under_the_hand(page, label) < 0.5, label


@pytest.mark.parametrize("width", [220, 360])
def test_nothing_sticks_out(browser, width):
    """220 pixels: a phone's, less what JupyterLab puts beside a cell's output."""
    with watched(browser, FoolIt("digit 3"), width=width) as page:
        for _ in ("usual", "large"):
            page.wait_for_function(RESTS)
            assert hands.width_needed(page) <= width
            push(page, "Large")


SPOKEN = """() =>
  [...document.querySelectorAll("[aria-live]")].map((one) => one.textContent)"""


def test_what_is_found_is_spoken(page):
    """The verdict, and beside it the smallest strength, each once the page rests."""

    def told():
        page.wait_for_function(RESTS)
        lines = read(page, SEE)["strip"][:2]
        page.wait_for_function(
            f"lines => JSON.stringify(({SPOKEN})()) === JSON.stringify(lines)",
            arg=lines,
        )
        return lines

    told()
    choose(page, "Lead it to", "5")
    _, smallest = told()
    assert "makes it see “5”" in smallest
    slide(page, "Steps", 3)
    verdict, smallest = told()
    assert "in 3 steps" in smallest
    slide(page, "Strength", 50)
    assert told()[1] == smallest
    assert read(page, SEE)["strip"][0] != verdict


VERDICT = """([before, after, noisy, target, strength]) => {
  const aim = { label: before.indexOf(Math.max(...before)), target, steps: 1 };
  return fool_it_words.verdict(
    ["a", "b", "c"], { before, after, noisy }, { aim, strength });
}"""
A, B = (0.75, 0.25, 0), (0.25, 0.75, 0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((A, B, A, -1, 1), "It saw a (75.0 %); misled by 1 gray level it sees b "),
        ((A, A, B, 1, 8), "It sees a (75.0 %); misled by 8 gray levels it still does "),
        (
            (A, A, A, 0, 8),
            "It sees a (75.0 %); led on to it by 8 gray levels it still ",
        ),
        ((A, B, A, 0, 8), "it sees b (75.0 %), not a. Noise of the same strength: a ("),
        ((A, B, B, 2, 8), "it sees b (75.0 %), not c. Noise of the same strength: b ("),
        ((A, A, A, 1, 0), "It sees: a (75.0 %). Nothing is changed yet: move the "),
    ],
    ids=str,
)
def test_the_verdict_in_words(page, given, said):
    load(page, "explorers/fool_it_words.js")
    assert said in page.evaluate(VERDICT, [*map(list, given[:3]), *given[3:]])


def test_what_is_heard(page):
    page.wait_for_function(RESTS)
    seen = read(page, SEE)
    digit, change, misled, _, noisy = seen["alts"]
    assert digit == "The digit: the network sees 3, > 99.9 %"
    assert re.match(r"What misleads: \d+ pixels became brighter, \d+ pixels?", change)
    assert misled.startswith("Misled: the network sees 8, ")
    assert noisy.startswith("By chance: the network sees 3, ")


def test_a_digit_of_ones_own(browser):
    own = np.random.default_rng(5).uniform(0, 255, (28, 28))
    with watched(browser, FoolIt(own, strength=4, target=2)) as page:
        agrees(page, FoolIt(own, strength=4, target=2))
        assert menu(page, "Picture").input_value() == "own"
        choose(page, "Picture", "digit 2")
        choose(page, "Picture", "own")
        np.testing.assert_array_equal(array(page, "image"), own)


def test_a_network_of_ones_own(browser):
    """With biases, activations within layers, logits at its end."""
    rng = np.random.default_rng(4)
    store = exported.Weights({}, "float32")

    def lay(*shape, spread):
        return store.lay(rng.normal(0, spread, shape), "float32")

    wide = {
        "filters": {"kernel": lay(3, 3, 1, 6, spread=0.3), "bias": lay(6, spread=0.1)},
        "logits": {"kernel": lay(216, 4, spread=0.3), "bias": lay(4, spread=0.1)},
    }
    none = [[0, 0], [0, 0]]
    sides = {
        "size": [3, 3],
        "stride": [2, 2],
        "padding": none,
        "weights": wide["filters"],
    }
    layers = [
        {"name": "digit", "kind": "input", "shape": [28, 28, 1], "inputs": []},
        {"name": "pixels", "kind": "rescaling", "scale": [1 / 255], "offset": [0]},
        {"name": "filters", "kind": "conv2d", "activation": {"name": "tanh"}, **sides},
        {"name": "pool", "kind": "pool2d", "reduce": "mean", "size": [3, 3]},
        {"name": "list", "kind": "reshape"},
        {"name": "logits", "kind": "dense", "weights": wide["logits"]},
    ]
    layers[3] |= {"stride": [2, 2], "padding": none}
    shapes = [[28, 28, 1]] * 2 + [[13, 13, 6], [6, 6, 6], [216], [4]]
    for number_, (layer, shape) in enumerate(zip(layers, shapes, strict=True)):
        layer |= {"shape": shape, "inputs": [number_ - 1] if number_ else []}
    head = {"version": 1, "weights": "float32", "inputs": [0], "outputs": [5]}
    own = exported.Network({**head, "layers": layers}, store.data)
    fool = FoolIt("digit 3", own, list("abcd"), target=1, steps=3)
    with watched(browser, FoolIt("digit 3", own, list("abcd"), target=1)) as page:
        for steps in (1, 3):
            for strength in (5, 40):
                slide(page, "Steps", steps)
                slide(page, "Strength", strength)
                agrees(page, fool)
        page.get_by_role("button", name="Copy as Python").click()
        code = page.locator(".hc-code code").inner_text()
        assert code.startswith("FoolIt(network=model, class_names=")
        made = eval(code, {"FoolIt": FoolIt, "model": own})
        np.testing.assert_array_equal(made.attacked, fool.attacked)


def test_names_of_ones_own(browser):
    names = [f"class {k}" for k in range(10)]
    with watched(browser, FoolIt("digit 3", class_names=names)) as page:
        assert page.locator(".hc-bars b").first.inner_text() == "class 0"
        said = page.locator(".hc-strip").inner_text()
        assert said.startswith("It saw class 3 (> 99.9 %); misled by 12 gray levels it")


def test_slopes_are_those_of_python(page):
    """In float32 on the page, in float64 in Python, on noise and on digits."""
    rng = np.random.default_rng(7)
    chain = slopes.Chain(exported.shipped("mnist"))
    load(page, "explorers/fool_it_attack.js")
    for number_ in range(12):
        image = (
            rng.uniform(0, 255, (28, 28))
            if number_ % 2
            else fool_it.pictures()[f"digit {number_ % 10}"].astype(float)
        )
        label = int(rng.integers(0, 10))
        made = chain.forward(image[None, ..., None])
        outgoing = fool_it.margin_slope(chain.logits(made)[0], label)[None]
        wanted = chain.backward(made, outgoing)
        found = page.evaluate(
            """([pixels, label]) => {
              const { slopeOf, openedFrom } = fool_it_attack;
              const { description, data } = model.get("_network");
              const bytes = new Uint8Array(data.buffer);
              const network = openedFrom({ description, bytes });
              const picture = { shape: [28, 28], data: Float64Array.from(pixels) };
              return [...slopeOf(network, picture, label)];
            }""",
            [image.ravel().tolist(), label],
        )
        most = np.abs(wanted).max()
        np.testing.assert_allclose(found, wanted.ravel(), atol=NO_SLOPE * most)


def test_copied_python_brings_it_back(page, python):
    slide(page, "Strength", 7)
    choose(page, "Lead it to", "8")
    slide(page, "Steps", 3)
    push(page, "Another chance")
    choose(page, "Picture", "digit 9")
    page.get_by_role("button", name="Copy as Python").click()
    code = page.locator(".hc-code code").inner_text()
    assert code == 'FoolIt("digit 9", strength=7, target=8, steps=3, seed=1)'
    again = eval(code, {"FoolIt": FoolIt})
    follow(python, read(page, SEE))
    np.testing.assert_array_equal(again.attacked, python.attacked)


def test_it_goes_on_without_its_kernel(page, python):
    lose_the_kernel(page)
    slide(page, "Strength", 30)
    choose(page, "Picture", "digit 5")
    agrees(page, python)


def test_python_moves_the_page(page, python):
    page.evaluate("() => { model.set('strength', 5); model.set('target', 6) }")
    agrees(page, python)
    assert (python.strength, python.target) == (5, 6)


def test_long_names_fit_a_phone(browser):
    names = [f"Ein_sehr_langer_Name_ohne_jede_Luecke_der_Klasse{k}" for k in range(10)]
    explorer = FoolIt("digit 3", class_names=names, target=8)
    with watched(browser, explorer, width=360) as page:
        page.wait_for_function(RESTS)
        assert width_needed(page) <= 360
