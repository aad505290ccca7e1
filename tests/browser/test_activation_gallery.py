"""ActivationGallery on a bare page: its numbers against NumPy, Keras and SciPy."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from hands import (
    can_be_chosen_again,
    choose,
    different_states,
    enter,
    grave,
    lose_the_kernel,
    menu,
    number,
    press,
    push,
    read,
    slide,
    slide_to,
    slider,
    tap,
    trait,
    watched,
    width_needed,
)
from lab_browser import closing
from playwright.sync_api import expect
from stage import load
from tensorflow_activations import ACTIVATIONS
from test_every_explorer import UNTRANSLATED

from helpers.widgets import ActivationGallery
from helpers.widgets.explorers.activation_gallery import (
    CURVES,
    PRESETS,
    at,
    slope_at,
)

SLOPES = {"elu": "alpha", "leaky_relu": "negative_slope", "prelu": "prelu_slope"}
CONTROLS = {
    "alpha": "ELU’s alpha",
    "negative_slope": "leaky ReLU’s slope",
    "prelu_slope": "PReLU’s slope",
}
VANISHED = 0.01

SEE = """() => ({
  ...Object.fromEntries(["activation", "compare", "x", "alpha", "negative_slope",
    "prelu_slope", "logits", "temperature", "marked"].map((name) =>
      [name, model.get(name)])),
  charts: [...document.querySelectorAll(".hc-chart")].map((chart) => ({
    title: chart.querySelector("figcaption").textContent,
    legend: [...chart.querySelectorAll(".hc-legend b")].map((b) => b.textContent),
    marks: [...chart.querySelectorAll(".hc-legend-note")].map((n) => n.textContent),
    ticks: [...chart.querySelectorAll(".hc-chart-ys span")].map((n) => n.textContent),
    now: Number(chart.querySelector(".hc-chart-area").getAttribute("aria-valuenow")),
    said: chart.querySelector(".hc-chart-area").getAttribute("aria-valuetext"),
  })),
  told: [...document.querySelectorAll(".ag-told > div")].map((block) =>
    [...block.children].map((line) => line.textContent)),
  bars: [...document.querySelectorAll(".ag-class")].map((one) => ({
    share: one.querySelector("b").textContent,
    name: one.querySelector(".ag-bar").getAttribute("aria-label"),
    marked: one.querySelector(".ag-bar").getAttribute("aria-pressed"),
    height: one.querySelector(".ag-fill").style.height,
    usual: one.querySelector(".ag-usual").style.bottom,
    logit: one.querySelector("input").value,
    slope: one.querySelector(".hc-gradient").textContent,
  })),
  shown: Object.fromEntries([...document.querySelectorAll(".hc label")]
    .filter((label) => label.checkVisibility()).map((label) =>
      [label.querySelector("span").textContent,
        label.querySelector("output")?.textContent ??
          label.querySelector("input, select").value])),
})"""


@pytest.fixture
def page(browser):
    with watched(browser, ActivationGallery()) as page:
        yield page


@pytest.fixture
def soft(browser):
    with watched(browser, ActivationGallery("softmax")) as page:
        yield page


@pytest.fixture(scope="module")
def functions(browser):
    """A page that has the pure functions of both modules."""
    with closing(browser.new_page()) as page:
        load(page, "explorers/activation_gallery.js")
        load(page, "explorers/activation_gallery_softmax.js")
        yield page


# ---- everything on the screen ----


def close(text, wanted, rel=1e-3, least=1e-300):
    return number(text) == pytest.approx(wanted, rel=rel, abs=least)


# The numbers beside two charts' axes: a chart that has just come is painted, and they
# are written, in the next frame.
ONE_AXIS = """() => new Set([...document.querySelectorAll(".hc-chart-ys")].map((ys) =>
  [...ys.children].map((tick) => tick.textContent).join() || Symbol())).size === 1"""


def curves_agree(seen):
    names = [name for name in (seen["activation"], seen["compare"]) if name in CURVES]
    assert [chart["title"] for chart in seen["charts"]] == [CURVES[n] for n in names]
    assert [told[0] for told in seen["told"]] == [CURVES[n] for n in names]
    x = seen["x"]
    for name, chart, told in zip(names, seen["charts"], seen["told"], strict=True):
        slope = seen.get(SLOPES.get(name))
        value, rate = float(at(name, x, slope)), float(slope_at(name, x, slope))
        said_x, said_value, said_rate = chart["legend"]
        assert close(said_x, x)
        assert close(said_value, value)
        assert close(said_rate, rate)
        assert chart["now"] == pytest.approx(x)
        _, first, effect, _ = told
        assert first.startswith(f"f({said_x}) = ")
        assert close(first.split(" = ")[1].split(",")[0], value)
        way = "rises" if rate > 0 else "falls" if rate < 0 else "and there f′ = 0"
        assert way in first
        assert ("slope learns" in first) == (name == "prelu")
        assert effect.startswith("A gradient of 1 that arrives here leaves as ")
        leaves = effect.split("leaves as ")[1].split(",")[0].split(";")[0]
        assert close(leaves.split(":")[0], rate)
        if rate not in (0, 1):
            deep = effect.rstrip(".").split("layers ")[1].split()[-1]
            assert close(deep, rate**10, rel=0.06)
        shown = {label: seen["shown"].get(label) for label in CONTROLS.values()}
        if name in SLOPES:
            assert close(shown[CONTROLS[SLOPES[name]]], slope)
    for name, label in CONTROLS.items():
        wanted = name in [SLOPES.get(curve) for curve in names]
        assert (label in seen["shown"]) == wanted
    assert close(seen["shown"]["x"], x)
    assert seen["shown"]["Compare"] == seen["compare"]
    assert "Temperature" not in seen["shown"]
    assert seen["bars"] == []


def softmax_agrees(seen):
    assert seen["charts"] == []
    logits, temperature = np.array(seen["logits"]), seen["temperature"]
    marked = min(seen["marked"], len(logits) - 1)
    shares = scipy.special.softmax(logits / temperature)
    usual = scipy.special.softmax(logits)
    slopes = -shares[marked] * shares / temperature
    others = np.delete(shares, marked).sum()
    slopes[marked] = shares[marked] * others / temperature
    assert len(seen["bars"]) == len(logits)
    for k, bar in enumerate(seen["bars"]):
        assert close(bar["logit"], logits[k])
        assert close(bar["share"], shares[k], rel=0.5 if shares[k] < 1e-3 else 6e-3)
        assert bar["name"] == f"class {k + 1}: probability {bar['share']}"
        for length, wanted in (("height", shares[k]), ("usual", usual[k])):
            assert float(bar[length].rstrip("%")) == pytest.approx(
                100 * wanted, rel=1e-3, abs=1e-3
            )
        assert bar["marked"] == str(k == marked).lower()
        digits = 0.06 if abs(slopes[k]) > 1e-9 else 0.6  # a box holds 7 letters
        assert close(bar["slope"].removeprefix("∂ "), slopes[k], rel=digits)
    ((first, second, third),) = seen["told"]
    assert first.startswith(f"p{marked + 1} = e^(z{marked + 1}/T) / sum = ")
    assert close(first.split(" = ")[-1], shares[marked])
    order = np.argsort(-shares, kind="stable")
    torn = shares[order[0]] - shares[order[1]] < 0.1
    sure = shares[order[0]] >= 0.9
    assert second.startswith("Torn" if torn else "Sure" if sure else "It leans")
    assert f"class {order[0] + 1} " in second
    assert second.endswith("All add up to 1.")
    own = third.split(" = ")[2].split(";")[0]
    assert close(own, slopes[marked], rel=6e-3)
    assert ("flat" in third) == bool((np.abs(slopes) < VANISHED).all())
    assert close(seen["shown"]["Temperature"], temperature)
    assert close(seen["shown"]["Classes"], len(logits))
    assert not {"x", "Compare", *CONTROLS.values()} & set(seen["shown"])


def agrees(page):
    """Everything on the screen is what NumPy makes of the state."""
    seen = read(page, SEE)
    assert seen["shown"]["Activation"] == seen["activation"]
    if len({str(one["ticks"]) for one in seen["charts"]}) > 1:
        page.wait_for_function(ONE_AXIS)
    (softmax_agrees if seen["activation"] == "softmax" else curves_agree)(seen)
    return seen


def test_random_curves(page):
    rng = np.random.default_rng(1)
    names = [*CURVES, *(3 * list(SLOPES))]
    agrees(page)
    for _ in different_states(page):
        match rng.choice(5, p=[0.15, 0.2, 0.3, 0.3, 0.05]):
            case 0:
                choose(page, "Activation", str(rng.choice(names)))
            case 1:
                choose(page, "Compare", str(rng.choice(["none", *names])))
            case 2:
                slide_to(page, "x", rng.random())
            case 3:
                both = [trait(page, name) for name in ("activation", "compare")]
                name = next((name for name in both if name in SLOPES), None)
                if name:
                    slide_to(page, CONTROLS[SLOPES[name]], rng.random())
            case _:
                x = round(float(rng.uniform(-6, 6)), 3)  # as Python may
                page.evaluate("x => model.set('x', x)", x)
        agrees(page)


def test_random_softmax(soft):
    rng = np.random.default_rng(2)
    agrees(soft)
    for _ in different_states(soft):
        match rng.choice(4, p=[0.5, 0.25, 0.1, 0.15]):
            case 0:
                size = 10 ** rng.uniform(-1, 3)
                value = round(float(rng.uniform(-size, size)), int(rng.integers(3)))
                enter(soft, ".hc-box input", rng.random(), str(value))
            case 1:
                slide_to(soft, "Temperature", rng.random())
            case 2:
                slide(soft, "Classes", int(rng.integers(2, 6)))
            case _:
                tap(soft, ".ag-bar", rng.random())
        agrees(soft)


# ---- the arithmetic, to the last digits ----


def of_keras(name, xs, slope):
    """A curve and its derivative as Keras and TensorFlow have them."""
    x = tf.constant(xs, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        if name == "prelu":  # Keras's layer, written out
            y = tf.nn.relu(x) - tf.constant(slope, tf.float64) * tf.nn.relu(-x)
        else:
            y = ACTIVATIONS[name](x, *([slope] if name in SLOPES else []))
    gradient = tape.gradient(y, x)
    return y.numpy(), np.zeros(len(xs)) if gradient is None else gradient.numpy()


# Points without the gaps, which are null on their way.
POINTS = """([name, slope, x]) => {
  const { value, slope: rate } = activation_gallery.curveOf(name, slope ?? undefined);
  return [value, rate].map((f) => {
    const { xs, ys } = activation_gallery.pointsOf(f, 6, x);
    return { xs: xs.map((n) => (isNaN(n) ? null : n)), ys };
  });
}"""


def random_slope(rng, name):
    """Draw a slope; float32, in which TensorFlow keeps it, has it exactly."""
    least = -15 if name == "prelu" else 1
    return int(rng.integers(least, 16)) / 16 if name in SLOPES else None


@pytest.mark.parametrize("name", CURVES)
def test_points_are_those_of_keras(functions, name):
    """121 points or more, for several slopes."""
    rng = np.random.default_rng(5)
    for x in (0.5, float(rng.uniform(-6, 6))):
        slope = random_slope(rng, name)
        lines = functions.evaluate(POINTS, [name, slope, x])
        xs = [n for n in lines[0]["xs"] if n is not None]
        assert xs == sorted({*np.arange(-60, 61) / 10, x})
        for line, wanted in zip(lines, of_keras(name, xs, slope), strict=True):
            ours = [
                y for n, y in zip(line["xs"], line["ys"], strict=True) if n is not None
            ]
            np.testing.assert_allclose(ours, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "slope", "gaps"),
    [
        ("step", None, (["before"], [])),
        ("relu", None, ([], ["after"])),
        ("leaky_relu", 0.3, ([], ["after"])),
        ("leaky_relu", 1, ([], [])),
        ("prelu", 0.3, ([], ["before", "after"])),
        ("elu", 1, ([], [])),
        ("elu", 0.5, ([], ["after"])),
        ("sinc", None, ([], [])),
        ("mish", None, ([], [])),
    ],
)
def test_lines_have_a_gap_where_they_jump(functions, name, slope, gaps):
    for line, wanted in zip(
        functions.evaluate(POINTS, [name, slope, 0]), gaps, strict=True
    ):
        at_zero = line["xs"].index(0)
        found = {
            "before": line["xs"][at_zero - 1] is None,
            "after": line["xs"][at_zero + 1] is None,
        }
        assert [side for side, is_gap in found.items() if is_gap] == wanted
        assert line["xs"].count(None) == len(wanted)


VANISHING = """([name, slope]) => activation_gallery.vanishing(
  activation_gallery.curveOf(name, slope ?? undefined).slope, 6)"""


@pytest.mark.parametrize("name", CURVES)
def test_where_derivatives_vanish(functions, name):
    """Looked for a thousand times a step, with NumPy."""
    rng = np.random.default_rng(6)
    slopes = [None]
    if name in SLOPES:
        slopes = [0, 0.005, *(random_slope(rng, name) for _ in range(5))]
    for slope in slopes:
        found = functions.evaluate(VANISHING, [name, slope])
        xs = np.linspace(-6, 6, 120_001)
        rates = slope_at(name, xs, slope)
        shaded = np.zeros(len(xs), bool)
        for span in found["spans"]:
            inside = (xs > span["from"] + 1e-9) & (xs < span["to"] - 1e-9)
            assert (np.abs(rates[inside]) < VANISHED).all()
            assert span["exact"] == bool((rates[inside] == 0).all())
            assert inside.sum() > 1000
            shaded |= inside
        # Elsewhere it is small only on its way through 0, and hardly there.
        small = (np.abs(rates) < VANISHED) & ~shaded
        crossings = xs[1:][rates[1:] * rates[:-1] < 0]
        crossings = [*crossings, *xs[1:-1][rates[:-2] * rates[2:] < 0]]
        for x in xs[small]:
            ends = [span[end] for span in found["spans"] for end in ("from", "to")]
            near = np.abs(np.subtract([*crossings, *ends, 0], x)).min()
            assert near < 0.1
        for point in found["points"]:
            assert np.abs(np.subtract(crossings, point)).min() < 2e-4
        for x in crossings:
            assert np.abs(np.subtract(found["points"], x)).min() < 2e-4
        grid = np.abs(slope_at(name, np.setdiff1d(np.arange(-60, 61), 0) / 10, slope))
        grid = np.append(grid, np.abs(slope_at(name, 1e-9, slope)))
        assert found["least"] == pytest.approx(grid.min(), abs=1e-12)


SPANS = {
    "sigmoid": "f′ is below 0.01 in size up to −4.58 and from 4.58 on: hardly any "
    "gradient gets through (shaded).",
    "tanh": "f′ is below 0.01 in size up to −2.99 and from 2.99 on: hardly any "
    "gradient gets through (shaded).",
    "step": "f′ is exactly 0 everywhere: no gradient gets through (shaded).",
    "softplus": "f′ is below 0.01 in size up to −4.6: hardly any gradient gets "
    "through (shaded).",
    "relu": "f′ is exactly 0 up to 0: no gradient gets through (shaded).",
    "softsign": "f′ vanishes nowhere from −6 to 6: its least size is 0.0204.",
    "elu": "f′ is below 0.01 in size up to −4.61: hardly any gradient gets through "
    "(shaded).",
    "log_sigmoid": "f′ is below 0.01 in size from 4.6 on: hardly any gradient gets "
    "through (shaded).",
    "swish": "f′ is 0 at single points, where f has a hill or a valley: −1.28.",
    "sinc": "f′ is 0 at single points, where f has a hill or a valley: −5.48; −4.48; "
    "−3.47; −2.46; −1.43; 0; 1.43; 2.46; 3.47; 4.48; 5.48.",
    "leaky_relu": "f′ vanishes nowhere from −6 to 6: its least size is 0.2.",
    "prelu": "f′ vanishes nowhere from −6 to 6: its least size is 0.25.",
    "mish": "f′ is 0 at single points, where f has a hill or a valley: −1.19.",
}


def test_what_is_said_of_where_they_vanish(page):
    for name in CURVES:
        choose(page, "Activation", name)
        seen = agrees(page)
        assert seen["told"][0][3] == SPANS[name]
        marks = {
            "f′ is 0": "exactly" in SPANS[name],
            "f′ below 0.01": "below 0.01" in SPANS[name],
            "f′ is 0: a hill or a valley": "single points" in SPANS[name],
        }
        assert seen["charts"][0]["marks"] == [one for one, on in marks.items() if on]


TWO_FRAMES = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(done)))"""


def test_where_it_vanishes_is_shaded(page):
    """Seen on the canvas, above the curves, and told to a screen reader."""
    page.evaluate("model.set('x', -5)")
    assert "f′ below 0.01" in agrees(page)["charts"][0]["said"]
    page.evaluate("model.set('x', 3)")
    assert "f′ below 0.01" not in agrees(page)["charts"][0]["said"]
    page.evaluate(TWO_FRAMES)
    alpha = read(page, "() => model.alpha(0)")
    top = alpha[: alpha.shape[0] // 4]

    def painted(x):
        column = int((x + 6) / 12 * alpha.shape[1])
        return (top[:, column - 5 : column + 5] > 0).mean()

    assert painted(-5.5) > 0.9
    assert painted(5.5) > 0.9
    assert painted(-3) < 0.5


SENTENCES = [
    ("sigmoid", 2, "through 10 such layers as 1.6e−10."),
    ("relu", -1, "leaves as 0: what lies before this layer learns nothing from it."),
    ("relu", 1, "leaves as 1, through 10 such layers, too."),
    ("sinc", -0.7, "through 10 such layers it grows to "),
    ("sinc", 0.7, ", turned round; through 10 such layers as "),
    ("step", 0, "f(0) = 1, and there f′ = 0. f jumps at 0."),
    ("relu", 0, "f(0) = 0, and there f′ = 0. At this corner it is what Keras takes."),
    ("elu", 0, "f(0) = 0, and there it rises: f′ = 1."),
    ("prelu", -2, "Its slope learns, too: f grows with it at a rate of −2."),
    ("prelu", 2, "Its slope learns, too: f grows with it at a rate of 0."),
]


@pytest.mark.parametrize(("name", "x", "sentence"), SENTENCES)
def test_sentences(page, name, x, sentence):
    choose(page, "Activation", name)
    slide(page, "x", x)
    ((_, *lines),) = agrees(page)["told"]
    assert sentence in " ".join(lines)


SOFTMAX = """([logits, temperature, marked]) => {
  const { probabilities, gradientsOf } = activation_gallery_softmax;
  const shares = probabilities(logits, temperature);
  return [[...shares], gradientsOf(shares, marked, temperature)];
}"""


def test_softmax_is_scipys_and_its_derivative_tensorflows(functions):
    rng = np.random.default_rng(7)
    for _ in range(300):
        count = int(rng.integers(2, 6))
        logits = rng.normal(0, 10 ** rng.uniform(-1, 3), count).clip(-1000, 1000)
        temperature, marked = 10 ** rng.uniform(-1, 1), int(rng.integers(count))
        given = [logits.tolist(), temperature, marked]
        shares, slopes = functions.evaluate(SOFTMAX, given)
        wanted = scipy.special.softmax(logits / temperature)
        np.testing.assert_allclose(shares, wanted, rtol=1e-12, atol=1e-300)
        assert sum(shares) == pytest.approx(1, abs=1e-12)
        z = tf.constant(logits)
        with tf.GradientTape() as tape:
            tape.watch(z)
            share = tf.nn.softmax(z / temperature)[marked]
        wanted = tape.gradient(share, z)
        np.testing.assert_allclose(slopes, wanted, rtol=1e-9, atol=1e-12)


def test_the_derivative_of_a_sure_class_loses_no_digit(functions):
    """1 − p would be 0 here."""
    _, slopes = functions.evaluate(SOFTMAX, [[100, 0], 1, 0])
    assert slopes[0] == pytest.approx(np.exp(-100), rel=1e-9)


def test_steps_of_the_temperature(functions):
    found = functions.evaluate(
        """() => Array.from({ length: 41 }, (_, k) => {
          const T = activation_gallery.temperatureAt(k - 20);
          return [T, activation_gallery.stepOf(T)];
        })"""
    )
    temperatures, steps = np.transpose(found)
    np.testing.assert_allclose(temperatures, np.logspace(-1, 1, 41), rtol=6e-3)
    np.testing.assert_array_equal(steps, np.arange(-20, 21))
    assert (temperatures[0], temperatures[20], temperatures[-1]) == (0.1, 1, 10)


# ---- edges ----


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_at_its_ends_and_at_0(page, name):
    choose(page, "Activation", name)
    for key, x in (("Home", -6), ("End", 6)):
        press(page, key, ".hc")
        assert agrees(page)["x"] == x
        press(page, "ArrowLeft" if x < 0 else "ArrowRight", ".hc")
        assert agrees(page)["x"] == x
    slide(page, "x", 0)
    assert agrees(page)["x"] == 0
    for limit in (0, 1) if name in SLOPES else ():
        slide_to(page, CONTROLS[SLOPES[name]], limit)
        agrees(page)


@pytest.mark.parametrize("temperature", [0.1, 1, 10])
def test_logits_of_a_thousand(soft, temperature):
    logits = [1000, -1000, 1000, 999.5, 0]
    soft.evaluate(
        "([logits, temperature]) => { model.set('logits', logits);"
        "model.set('temperature', temperature); }",
        [logits, temperature],
    )
    seen = agrees(soft)
    assert seen["logits"] == logits
    soft.evaluate("model.set('logits', [-1000, -1000])")
    assert [bar["share"] for bar in agrees(soft)["bars"]] == ["0.5", "0.5"]


# ---- hands ----


def test_keys_move_x(page):
    for key, x in (
        ("ArrowRight", 2.1),
        ("ArrowLeft", 2),
        ("Home", -6),
        ("ArrowRight", -5.9),
        ("End", 6),
    ):
        press(page, key, ".hc")
        assert agrees(page)["x"] == pytest.approx(x)
    chart = page.get_by_role("slider", name="f and f′ against x")
    chart.press("PageDown")
    assert agrees(page)["x"] == pytest.approx(4.8)
    chart.press("ArrowUp")
    assert agrees(page)["x"] == pytest.approx(4.9)
    slider(page, "x").press("ArrowLeft")
    assert agrees(page)["x"] == pytest.approx(4.8)


def test_a_click_on_either_chart_moves_x_in_both(page):
    choose(page, "Compare", "relu")
    for index, share in ((0, 0.25), (1, 0.75)):
        area = page.locator(".hc-chart-area").nth(index)
        box = area.bounding_box()
        area.click(position={"x": share * box["width"], "y": 20})
        assert agrees(page)["x"] == pytest.approx(12 * share - 6, abs=0.06)


def test_pointing_reads_a_chart_and_moves_nothing(page):
    # In the middle, as it lies once nothing moves any more: x = 0.
    page.locator(".hc-chart-area").hover()
    expect(page.locator(".hc-legend b")).to_have_text(["0", "0.5", "0.25"])
    assert trait(page, "x") == 2
    page.mouse.move(1, 1)
    agrees(page)


def test_keys_change_the_temperature(soft):
    for key, temperature in (
        ("ArrowRight", 1.12),
        ("ArrowLeft", 1),
        ("ArrowLeft", 0.891),
        ("Home", 0.1),
        ("ArrowLeft", 0.1),
        ("End", 10),
    ):
        press(soft, key, ".hc")
        assert agrees(soft)["temperature"] == temperature


def test_playing_moves_x_and_starts_anew(page, clock):
    press(page, "End", ".hc")
    push(page, "Play")
    for x in (-6, -5.5, -5):
        clock.run_for(700)
        assert agrees(page)["x"] == x
    press(page, "ArrowRight", ".hc")  # a hand on it ends it
    page.get_by_role("button", name="Play").wait_for()


def test_playing_heats_softmax(page, clock):
    choose(page, "Activation", "softmax")
    press(page, "Home", ".hc")
    press(page, " ", ".hc")
    for temperature in (0.126, 0.158):
        clock.run_for(700)
        assert agrees(page)["temperature"] == temperature
    for _ in range(18):
        clock.run_for(700)
    assert agrees(page)["temperature"] == 10
    clock.run_for(700)
    assert agrees(page)["temperature"] == 0.1


def test_keys_change_a_logit(soft):
    field = soft.locator(".hc-box input").first
    for key, wanted in (("ArrowUp", 3), ("ArrowDown", 2), ("Shift+ArrowUp", 2.1)):
        field.press(key)
        assert agrees(soft)["logits"] == [wanted, 1, 0]
    field.fill("-0,5")
    assert field.input_value() == "-0,5"  # as it was typed, until it is left
    field.blur()
    assert agrees(soft)["logits"] == [-0.5, 1, 0]


@pytest.mark.parametrize("text", ["", "two", "1/0", "--1", "1001", "-1e9"])
def test_what_is_no_logit_is_refused(soft, text):
    field = soft.locator(".hc-box input").first
    field.fill(text)
    assert "2 stays" in soft.get_by_role("alert").inner_text()
    assert field.get_attribute("aria-invalid") == "true"
    assert trait(soft, "logits") == [2, 1, 0]
    field.blur()
    assert field.get_attribute("aria-invalid") is None
    assert soft.get_by_role("alert").inner_text() == ""
    agrees(soft)


def test_a_key_does_not_lead_beyond_the_largest_logit(soft):
    soft.evaluate("model.set('logits', [1000, 0])")
    soft.locator(".hc-box input").first.press("ArrowUp")
    assert "up to 1000" in soft.get_by_role("alert").inner_text()
    assert agrees(soft)["logits"] == [1000, 0]
    soft.locator(".hc-box input").first.press("ArrowDown")
    assert soft.get_by_role("alert").inner_text() == ""
    assert agrees(soft)["logits"] == [999, 0]


def test_classes_come_and_go_and_a_marked_one_stays(soft):
    slide(soft, "Classes", 5)
    assert agrees(soft)["logits"] == [2, 1, 0, 0, 0]
    bars = soft.locator(".ag-bar")
    bars.nth(4).focus()
    soft.keyboard.press("Enter")
    assert agrees(soft)["marked"] == 4
    slide(soft, "Classes", 2)
    seen = agrees(soft)
    assert (seen["logits"], seen["marked"]) == ([2, 1], 1)


def test_the_focus_stays_where_it_is(soft):
    for selector in (".ag-bar", ".hc-box input"):
        soft.locator(selector).first.focus()
        soft.evaluate("model.set('temperature', model.get('temperature') + 1)")
        agrees(soft)
        focused = soft.locator(selector).first
        assert focused.evaluate("one => one === document.activeElement")


@pytest.mark.parametrize("name", PRESETS)
def test_examples(page, name):
    wanted = PRESETS[name]

    def change(page):
        label = "Temperature" if wanted["activation"] == "softmax" else "x"
        slide_to(page, label, 0.3)

    def shows_it():
        seen = agrees(page)
        assert {key: seen[key] for key in wanted} == wanted

    can_be_chosen_again(page, name, name.replace("_", " "), change, shows_it)


def test_copy_as_python_of_softmax(soft):
    slide(soft, "Temperature", 20)
    enter(soft, ".hc-box input", 0, "2.5")
    soft.get_by_role("button", name="Copy as Python").click()
    assert soft.get_by_label("The same in Python").inner_text() == (
        'ActivationGallery("softmax", logits=[2.5, 1, 0], temperature=10)'
    )


def test_python_moves_the_screen(page):
    for name, value in (
        ("activation", "elu"),
        ("alpha", 1.5),
        ("compare", "prelu"),
        ("prelu_slope", -0.35),
        ("x", -1.2345),
        ("activation", "softmax"),
        ("logits", [1, 2, 3, 4]),
        ("temperature", 3.3333),
        ("marked", 3),
        ("activation", "mish"),
    ):
        page.evaluate("([name, value]) => model.set(name, value)", [name, value])
        assert agrees(page)[name] == value


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    menu(page, "Activation").select_option("tanh")
    slider(page, "x").fill("-1")
    assert agrees(page)["x"] == -1


# ---- looks ----


@pytest.mark.parametrize("dark", [False, True])
def test_softmax_is_accessible(browser, dark):
    with watched(browser, ActivationGallery("softmax"), dark=dark) as page:
        assert grave(page) == []
        page.locator(".hc-box input").first.fill("")
        assert grave(page) == []


def test_every_text_of_softmax_can_be_looked_up(soft):
    assert soft.evaluate(UNTRANSLATED) == []


@pytest.mark.parametrize("name", ["relu", "prelu", "step", "sinc", "softsign"])
def test_every_text_of_the_curves_can_be_looked_up(browser, name):
    with watched(browser, ActivationGallery(name, x=0)) as page:
        assert page.evaluate(UNTRANSLATED) == []


def test_softmax_fits_a_phone(browser):
    widest = ActivationGallery(
        "softmax", logits=[-999.75, 3.125, 3.5, -0.0625, -17.25], temperature=0.1
    )
    with watched(browser, widest, width=360) as page:
        assert width_needed(page) <= 360
        cut = page.evaluate(
            """() => [...document.querySelectorAll(
                ".ag-class b, .ag-name, .hc-gradient, .hc-box-name")]
              .filter((one) => {
                const [inner, outer] = [one, one.closest(".ag-class")].map((e) =>
                  e.getBoundingClientRect());
                return inner.left < outer.left - 4 || inner.right > outer.right + 4;
              }).map((one) => one.textContent)"""
        )
        assert cut == []


# Both at one time, when what was drawn has found its place.
AREAS = """async () => {
  for (let k = 0; k < 3; k += 1) await new Promise(requestAnimationFrame);
  return [...document.querySelectorAll(".hc-chart-area")]
    .map((one) => one.getBoundingClientRect().toJSON());
}"""


@pytest.mark.parametrize(("width", "beside"), [(360, False), (700, True), (1100, True)])
def test_charts_stand_side_by_side_where_there_is_room(browser, width, beside):
    with watched(browser, ActivationGallery("relu", "elu"), width=width) as page:
        first, second = page.evaluate(AREAS)
        assert (abs(first["y"] - second["y"]) < 2) == beside
        assert first["width"] == pytest.approx(second["width"], abs=2)
        assert width_needed(page) <= width
