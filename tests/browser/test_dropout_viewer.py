"""DropoutViewer on a bare page: masks, sums and sentences against those of Python."""

import re

import numpy as np
import pytest
from hands import (
    can_be_chosen_again,
    choose,
    different_states,
    lose_the_kernel,
    menu,
    number,
    number_after,
    press,
    push,
    read_with_grids,
    slide,
    slider,
    tap,
    trait,
    watched,
    width_needed,
)
from lab_browser import closing
from playwright.sync_api import expect
from stage import load

from helpers.widgets import DropoutViewer
from helpers.widgets.explorers.dropout_viewer import (
    HIGHEST_RATE,
    MOST_DRAWS,
    SCALINGS,
    presets,
)
from helpers.widgets.parts.random import uniforms

SEE = """() => {
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
  const share = (one) => parseFloat(one.style.left) / 100;
  return {
    ...Object.fromEntries(["rate", "scaling", "seed", "draw", "unit", "shown"].map(
      (name) => [name, model.get(name)])),
    activations: model.array("activations"),
    weights: model.array("weights"),
    captions: texts(".hc-titled figcaption"),
    under: texts(".dv-sum"),
    strip: texts(".hc-strip p"),
    histogram: document.querySelector(".dv-sums figcaption").textContent,
    said: document.querySelector(".dv-sums svg").getAttribute("aria-label"),
    path: document.querySelector(".dv-sums path").getAttribute("d"),
    ticks: [...document.querySelectorAll(".dv-axis span")].map((tick) =>
      [tick.textContent, share(tick)]),
    marks: Object.fromEntries(["spread", "inference", "mean", "now"].map((name) => {
      const mark = document.querySelector(`.dv-plot > .dv-${name}`);
      return [name, [share(mark), parseFloat(mark.style.width) / 100]];
    })),
    legend: texts(".dv-legend b"),
    beyond: document.querySelector(".dv-sums .hc-note").textContent,
    curve: texts(".hc-legend b"),
    controls: Object.fromEntries([...document.querySelectorAll("label")].map((label) =>
      [label.querySelector("span").textContent,
        label.querySelector("input, select").value])),
    pressed: texts("[aria-label^='Rate '][aria-pressed=true]"),
    absent: document.querySelectorAll(".hc-is-absent").length,
    many: document.querySelector(".hc-foot .hc-note").textContent,
    seed_line: document.querySelector(".hc-settings .hc-note").textContent,
    keras: document.querySelector(".hc-foot .hc-code").hidden ? null :
      document.querySelector(".hc-foot code").textContent,
  };
}"""


@pytest.fixture
def page(browser):
    with watched(browser, DropoutViewer()) as page:
        yield page


@pytest.fixture(scope="module")
def functions(browser):
    """A page that has the pure functions of the explorer."""
    with closing(browser.new_page()) as page:
        for name in ("draws", "words"):
            load(page, f"explorers/dropout_viewer_{name}.js")
        load(page, "explorers/dropout_viewer.js")
        yield page


# ---- everything on the screen ----


def near(text, wanted, digits=3):
    assert number(text) == pytest.approx(
        wanted, rel=0.51 * 10 ** (1 - digits), abs=1e-9
    )


def agrees(page):
    """Everything on the screen is what Python makes of the same state."""
    seen, grids = read_with_grids(page, SEE)
    names = ("activations", "weights", "rate", "scaling", "seed", "draw")
    viewer = DropoutViewer(**{name: seen[name] for name in names})
    try:
        cells_agree(seen, grids, viewer)
        sums_agree(seen, viewer)
        sentences_agree(seen, viewer)
        controls_agree(seen, viewer)
    finally:
        viewer.close()
    return seen


def cells_agree(seen, grids, viewer):
    units, mask = viewer.activations.size, viewer.mask
    weights = viewer.weights if seen["shown"] == "products" else 1
    for when, wanted in (
        ("training", viewer.output * weights),
        ("inference", viewer.output_at_inference * weights),
    ):
        grid = grids[when]
        cells = grid.numbers.ravel()
        kept = mask if when == "training" else np.ones(units, bool)
        assert np.isnan(cells[units:]).all()
        np.testing.assert_array_equal(np.isnan(cells[:units]), ~kept)
        largest = np.abs(viewer.activations * weights).max()
        if viewer.scaling == "training":
            largest /= 1 - viewer.rate
        # Two digits of the largest are written at the least; here or there four.
        close = max(0.06 * largest, 1e-12)
        np.testing.assert_allclose(cells[:units][kept], wanted[kept], atol=close)
        columns = grid.numbers.shape[1]
        place = divmod(seen["unit"], columns)
        assert grid.marks["current"] == {place}
        dropped = {divmod(k, columns) for k in np.flatnonzero(~kept)}
        assert grid.marks.get("dropped", set()) == {
            (int(row), int(column)) for row, column in dropped
        }
    assert seen["absent"] == 2 * (grids["inference"].numbers.size - units)
    assert seen["captions"] == [
        f"Training, draw {viewer.draw}: {mask.sum()} of {units} kept",
        f"Inference: all {units}",
    ]
    training, inference = (
        text.removeprefix("next unit’s sum: ") for text in seen["under"]
    )
    near(training, viewer.sums[-1])
    near(inference, viewer.sum_at_inference)


def sums_agree(seen, viewer):
    sums, mean = viewer.sums, viewer.sums.mean()
    plural = "" if viewer.draw == 1 else "s"
    assert seen["histogram"] == f"The next unit’s sum in {viewer.draw} draw{plural}"
    said = re.fullmatch(r".*: from (\S+) to (\S+)", seen["said"])
    near(said[1], sums.min())
    near(said[2], sums.max())

    # The axis, from two of its numbers.
    (first, left), *_, (last, right) = seen["ticks"]
    per_share = (number(last) - number(first)) / (right - left)
    low = number(first) - left * per_share
    high = low + per_share
    assert low <= viewer.expected <= high
    assert low <= viewer.sum_at_inference <= high

    def share(value):
        return np.clip((value - low) / (high - low), 0, 1)

    marks = {name: place for name, (place, _) in seen["marks"].items()}
    from_, to = viewer.expected - viewer.spread, viewer.expected + viewer.spread
    wanted = {
        "spread": share(from_),
        "inference": share(viewer.sum_at_inference),
        "mean": share(mean),
        "now": share(sums[-1]),
    }
    assert marks == pytest.approx(wanted, abs=2e-4)
    assert seen["marks"]["spread"][1] == pytest.approx(
        share(to) - share(from_), abs=2e-4
    )
    theory, *others = seen["legend"]
    for text, value in zip(
        (*theory.split(" ± "), *others),
        (viewer.expected, viewer.spread, viewer.sum_at_inference, mean, sums[-1]),
        strict=True,
    ):
        near(text, value)

    # Bars: up to each border as many sums as NumPy counts. Where borders are is known
    # as well as a style tells them; what lies on one may count on either side.
    bins = 60
    heights = np.zeros(bins)
    for x, height in re.findall(r"M(\S+) 100v-(\S+?)h", seen["path"]):
        heights[round(float(x) / 100 * bins)] = float(height)
    assert heights.max() == pytest.approx(100)
    counts = np.rint(heights * sums.size / heights.sum())
    np.testing.assert_allclose(counts / counts.max() * 100, heights, rtol=1e-6)
    up_to = np.cumsum(counts)[:-1, np.newaxis]
    borders = np.arange(1, bins)[:, np.newaxis]
    places = (sums - low) / (high - low) * bins
    assert ((places < borders - 1e-3).sum(axis=1, keepdims=True) <= up_to).all()
    assert ((places < borders + 1e-3).sum(axis=1, keepdims=True) >= up_to).all()
    margin = 1e-5 * (high - low)
    outside = ((sums < low - margin) | (sums > high + margin)).sum()
    assert bool(outside) == bool(seen["beyond"])
    if outside:
        assert f" {outside} sums beyond" in seen["beyond"]

    draw, so_far, later = seen["curve"]
    assert number(draw) == viewer.draw
    near(so_far, mean, 4)
    near(later, viewer.sum_at_inference, 4)


def sentences_agree(seen, viewer):
    mean, draw, unit, spread = seen["strip"]
    units, dropped = viewer.activations.size, int((~viewer.mask).sum())
    rate, sums = viewer.rate, viewer.sums

    plural = "" if viewer.draw == 1 else "s"
    assert mean.startswith(f"After {viewer.draw} draw{plural}: mean ")
    near(mean.split("mean ")[1].split(",")[0], sums.mean())
    near(re.search(r"at inference (\S+)\.( |$)", mean)[1], viewer.sum_at_inference)
    if rate == 0:
        assert mean.endswith("At rate 0 nothing is dropped: both are the same.")
    elif viewer.scaling == "none":
        near(re.search(r"= (\S+): at", mean)[1], viewer.expected)
        near(re.search(r"gets (\S+) times", mean)[1], 1 / (1 - rate))
    else:
        chance = viewer.spread / np.sqrt(viewer.draw)
        near(re.search(r"about (\S+) off", mean)[1], chance)

    assert draw.startswith(f"Draw {viewer.draw}: {dropped} of {units} units dropped, ")
    share = re.search(r"dropped, (\S+)\u00a0%", draw)[1]
    near(share, 100 * dropped / units, 2)
    assert ("divided by 1 − " in draw) == (viewer.scaling == "training")
    near(re.search(r"sum is (\S+)\.$", draw)[1], sums[-1])

    k = seen["unit"]
    assert unit.startswith(f"Unit {k}: ")
    near(re.search(r"activation (\S+),", unit)[1], viewer.activations[k])
    near(re.search(r"weight (\S+)\. ", unit)[1], viewer.weights[k])
    assert ("Dropped: it gives 0" in unit) == (not viewer.mask[k])
    if viewer.mask[k]:
        near(
            re.search(r"which adds (\S+)\.", unit)[1],
            viewer.output[k] * viewer.weights[k],
        )
        near(re.search(r"(\S+), which adds", unit)[1], viewer.output[k])
    later = unit.rsplit("At inference: ")[1]
    near(later.split("= ")[-1], viewer.output_at_inference[k])

    if viewer.draw == 1:
        assert spread.startswith("One draw has no variance yet.")
    else:
        variance = sums.var(ddof=1)
        near(re.search(r"these sums: (\S+)\. ", spread)[1], variance)
    near(re.search(r"= (\S+), the square", spread)[1], viewer.spread**2)
    near(spread.split()[-1], viewer.spread)
    formula = (
        "rate / (1 − rate) · Σ" if viewer.scaling == "training" else "rate · (1 − r"
    )
    assert formula in spread
    first, sign, second, squares = re.search(
        r"= (\S+) (/|·) (\S+) · (\S+) = ", spread
    ).groups()
    factor = (
        number(first) / number(second)
        if sign == "/"
        else number(first) * number(second)
    )
    assert factor * number(squares) == pytest.approx(
        viewer.spread**2, rel=0.02, abs=1e-9
    )


def controls_agree(seen, viewer):
    controls = seen["controls"]
    assert float(controls["Rate"]) == pytest.approx(viewer.rate)
    assert controls["Scaled"] == viewer.scaling
    assert controls["Cells show"] == seen["shown"]
    assert int(controls["Unit"]) == seen["unit"]
    assert int(controls["Draw"]) == viewer.draw
    buttons = [0, 0.2, 0.4, 0.5]
    assert seen["pressed"] == [f"{rate:g}" for rate in buttons if rate == viewer.rate]
    assert f"seed {viewer.seed}." in seen["seed_line"]
    assert ("only one is ever drawn" in seen["many"]) == (viewer.rate == 0)
    keras = f"keras.layers.Dropout({viewer.rate:g})(x, training=True)"
    assert seen["keras"] == (keras if viewer.scaling == "training" else None)


def test_hundreds_of_states(page):
    rng = np.random.default_rng(7)
    for move in different_states(page):
        what = rng.integers(8)
        if what == 0:
            slide(page, "Rate", round(rng.integers(91) / 100, 2))
        elif what == 1:
            choose(page, "Scaled", str(rng.choice(SCALINGS)))
        elif what == 2:
            choose(page, "Cells show", str(rng.choice(["outputs", "products"])))
        elif what == 3:
            tap(page, "table.hc-grid td:not(.hc-is-absent)", rng.random())
        elif what == 4:
            push(page, str(rng.choice(["Draw again", "Other masks", "Rate 0.4"])))
        elif what == 5 and move % 3 == 0:
            choose(page, "Example", str(rng.choice(list(presets()))))
        elif what == 6:
            press(page, str(rng.choice(["ArrowLeft", "ArrowRight"])), ".hc")
        else:
            slide(page, "Draw", int(rng.integers(1, MOST_DRAWS + 1)))
        agrees(page)


@pytest.mark.parametrize("units", [1, 2, 7, 11, 50, 97, 100])
def test_any_number_of_units(browser, units):
    rng = np.random.default_rng(units)
    activations, weights = rng.normal(0, [[3], [0.1]], (2, units))
    with watched(browser, DropoutViewer(activations, weights, draw=40)) as page:
        agrees(page)
        for scaling in SCALINGS:
            choose(page, "Scaled", scaling)
            slide(page, "Rate", HIGHEST_RATE)
            slide(page, "Unit", units - 1)
            agrees(page)
        choose(page, "Cells show", "products")
        agrees(page)
        slide(page, "Rate", 0)
        agrees(page)


@pytest.mark.parametrize("size", [0, 1e-9, 1000])
def test_very_small_and_very_large_numbers(browser, size):
    units = size * np.array([1, -1, 0.5, 0])
    with watched(browser, DropoutViewer(units, [1, 1, -1, 1], draw=9)) as page:
        seen = agrees(page)
        assert "NaN" not in str(seen)
        assert "Infinity" not in str(seen)
        assert width_needed(page) <= 900


# ---- by hand ----


def test_each_control_by_hand(page):
    slider(page, "Rate").fill("0.4")
    assert trait(page, "rate") == pytest.approx(0.4)
    agrees(page)
    page.get_by_role("button", name="Rate 0.2").click()
    assert trait(page, "rate") == 0.2
    menu(page, "Scaled").select_option("none")
    assert trait(page, "scaling") == "none"
    menu(page, "Cells show").select_option("products")
    assert trait(page, "shown") == "products"
    slider(page, "Unit").fill("17")
    assert trait(page, "unit") == 17
    page.get_by_role("button", name="Other masks").click()
    assert trait(page, "seed") == 2
    slider(page, "Draw").fill("120")
    assert trait(page, "draw") == 120
    page.get_by_role("button", name="Draw again").click()
    assert trait(page, "draw") == 121
    agrees(page)
    slider(page, "Draw").fill("500")
    page.get_by_role("button", name="Draw again").click()
    assert trait(page, "draw") == 1  # after the last one the first
    page.locator(".hc").press("ArrowRight")
    assert trait(page, "draw") == 2
    agrees(page)


def test_the_pointer_writes_a_unit_out(page):
    line = page.locator(".hc-strip p").nth(2)
    cells = page.get_by_label("inference").locator("td")
    cells.nth(10).hover()
    expect(line).to_contain_text("Unit 10: ")
    assert trait(page, "unit") == 0
    cells.nth(12).click()
    assert trait(page, "unit") == 12
    page.mouse.move(1, 1)
    expect(line).to_contain_text("Unit 12: ")
    agrees(page)


def test_a_place_without_a_unit(browser):
    with watched(browser, DropoutViewer(np.ones(11))) as page:
        page.get_by_label("inference").locator("td").last.dispatch_event("click")
        assert trait(page, "unit") == 0
        agrees(page)


def test_the_mean_of_the_draws_on_the_chart_goes_to_a_draw(page):
    area = page.get_by_role("slider", name="Mean of the sums")
    slider(page, "Draw").fill("50")
    area.press("Home")
    assert trait(page, "draw") == 1
    agrees(page)


def test_playing_starts_slowly_and_goes_to_the_end(page, clock):
    page.locator(".hc").press(" ")
    seen = []
    for _ in range(60):
        clock.run_for(700)
        seen.append(trait(page, "draw"))
    assert seen[:12] == [*range(2, 11), 15, 20, 25]
    assert seen[-1] == MOST_DRAWS
    assert page.get_by_role("button", name="Play").is_visible()
    agrees(page)


def test_without_scaling_it_is_seen_to_fail(browser):
    with watched(browser, DropoutViewer("unscaled", draw=500)) as page:
        mean, inference = agrees(page)["legend"][2], agrees(page)["legend"][1]
        assert number(mean) / number(inference) == pytest.approx(0.5, abs=0.02)
        choose(page, "Scaled", "training")
        mean, inference = agrees(page)["legend"][2], agrees(page)["legend"][1]
        assert number(mean) / number(inference) == pytest.approx(1, abs=0.03)


def test_the_spread_grows_with_the_rate_on_one_axis(page):
    slide(page, "Draw", 500)
    widths, ticks = [], set()
    for rate in (0.1, 0.3, 0.5, 0.7):
        slide(page, "Rate", rate)
        seen = agrees(page)
        widths.append(seen["marks"]["spread"][1])
        ticks.add(str(seen["ticks"]))
    assert widths == sorted(widths)
    assert widths[-1] > 4 * widths[0]
    assert len(ticks) == 1


# ---- presets, Python, the kernel ----


@pytest.mark.parametrize("name", list(presets()))
def test_examples(page, name):
    slide(page, "Unit", 30)
    slide(page, "Rate", 0.2)
    menu(page, "Example").select_option(name)
    seen = agrees(page)
    preset = presets()[name]
    np.testing.assert_array_equal(seen["activations"], preset.activations)
    assert (seen["rate"], seen["scaling"]) == (preset.rate, preset.scaling)
    assert seen["unit"] == min(30, preset.activations.size - 1)
    assert menu(page, "Example").input_value() == name
    page.get_by_role("button", name="Copy as Python").click()
    code = page.get_by_label("The same in Python").inner_text()
    wanted = "DropoutViewer()" if name == "digit" else f'DropoutViewer("{name}")'
    assert code == wanted


def test_an_example_can_be_chosen_again(page):
    title = presets()["one_strong"].title
    for change in (
        lambda page: slide(page, "Rate", 0.1),
        lambda page: choose(page, "Scaled", "inference"),
    ):
        can_be_chosen_again(page, "one_strong", title, change, lambda: agrees(page))


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (
            lambda: DropoutViewer("alexnet", rate=0.2, seed=3, draw=9),
            'DropoutViewer(rate=0.2, scaling="inference", seed=3, draw=9)',
        ),
        (
            lambda: DropoutViewer([1, 2.5], [0, -1]),
            'DropoutViewer([1, 2.5], [0, -1], rate=0.5, scaling="training")',
        ),
    ],
)
def test_copy_as_python(browser, made, code):
    with watched(browser, made()) as page:
        page.get_by_role("button", name="Copy as Python").click()
        said = page.get_by_label("The same in Python").inner_text()
    again = eval(said, {"DropoutViewer": DropoutViewer})
    assert again.describe() == made().describe()
    assert said == code


def test_python_moves_the_screen(page):
    page.evaluate("model.set('rate', 0.3); model.set('draw', 77); model.set('unit', 5)")
    seen = agrees(page)
    assert (seen["rate"], seen["draw"], seen["unit"]) == (0.3, 77, 5)
    page.evaluate("model.set('shown', 'products'); model.set('scaling', 'none')")
    agrees(page)


def test_other_activations_from_python_wait_for_their_weights(page):
    """They come one by one where Python sets the first and the second follows."""
    page.evaluate("""async () => {
      const numbers = (...list) => ({
        shape: [list.length], dtype: "float64",
        data: new DataView(Float64Array.from(list).buffer) });
      model.set("activations", numbers(1, 2, 3));
      await new Promise((done) => setTimeout(done));
      if (document.querySelectorAll("table.hc-grid td").length !== 128)
        throw new Error("It did not wait.");
      model.set("weights", numbers(1, 1, -1));
      await new Promise((done) => setTimeout(done));
    }""")
    seen = agrees(page)
    assert seen["activations"].tolist() == [1, 2, 3]


def test_without_a_kernel(page):
    lose_the_kernel(page)
    slide(page, "Rate", 0.7)
    push(page, "Draw again")
    push(page, "Other masks")
    choose(page, "Example", "four_units")
    agrees(page)


@pytest.mark.parametrize("units", [1, 10, 64, 100])
def test_nothing_sticks_out_on_a_phone(browser, units):
    viewer = DropoutViewer(np.linspace(-1000, 1000, units), rate=0.9, draw=200)
    with watched(browser, viewer, width=360) as page:
        assert width_needed(page) <= 360
        page.get_by_role("button", name="Large").click()
        assert width_needed(page) <= 360


# ---- the pure functions ----


def test_masks_are_pythons(functions):
    for seed in (0, 1, 77, 9999):
        drawn = functions.evaluate(
            "seed => [...dropout_viewer_draws.chances(seed, 64, 20)]", seed
        )
        np.testing.assert_array_equal(drawn, uniforms(seed, 64 * 20))


def test_how_many_networks(functions):
    said = "([n, rate]) => dropout_viewer_words.networksText(n, rate)"
    for units, many in (
        (1, "2¹ = 2 masks"),
        (4, "2⁴ = 16 masks"),
        (20, "2²⁰ = 1,048,576 masks"),
        (64, "2⁶⁴ ≈ 1.8 × 10¹⁹ masks"),
        (100, "2¹⁰⁰ ≈ 1.3 × 10³⁰ masks"),
    ):
        assert f"There are {many}" in functions.evaluate(said, [units, 0.5])
        assert "which keeps all" in functions.evaluate(said, [units, 0])
    for units in range(21, 101):
        text = functions.evaluate(said, [units, 0.5])
        first = number_after(text, "≈")
        assert 1 <= first < 10
        digits = len(str(2**units)) - 1
        assert first == pytest.approx(2**units / 10**digits, abs=0.0501)


def test_decimals(functions):
    for largest, decimals in (
        (1000, 0),
        (99, 1),
        (9.9, 2),
        (0.5, 2),
        (0.05, 3),
        (2e-9, 10),
    ):
        found = functions.evaluate("n => dropout_viewer.decimalsFor(n)", largest)
        assert found == decimals
