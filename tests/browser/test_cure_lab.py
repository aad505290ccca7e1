"""CureLab on a bare page: what is shown, against the arithmetic in Python."""

import json
import re

import numpy as np
import pytest
from hands import (
    choose,
    different_states,
    lose_the_kernel,
    menu,
    press,
    push,
    read,
    slide_to,
    slider,
    tap,
    tick,
    trait,
    watched,
)
from stage import load
from stored_runs import CURES_OF, stored

from helpers.widgets import CureLab
from helpers.widgets.explorers.cure_lab import MOST_PATIENCE, early_stop

FOUND = stored()
WORDS = ("dropout", "augmentation", "batch normalisation")
BY_CURES = {frozenset(cures): name for name, cures in CURES_OF.items()}
ROWS = ".cl-ranking tbody tr"
SEE = """() => {
  const text = (one) => one.textContent;
  const place = (mark) => mark.hidden ? null :
    [parseFloat(mark.style.left), parseFloat(mark.style.width)];
  return {
    strip: [...document.querySelectorAll(".hc-strip p")].map(text),
    switches: [...document.querySelectorAll(".cl-cures label")].map((label) => ({
      on: label.querySelector("input").checked,
      leads: text(label.querySelector(".cl-leads")),
      nowhere: label.matches(".cl-nowhere"),
    })),
    said: text(document.querySelector(".cl-answer p")),
    offers: [...document.querySelectorAll(".cl-offers button")].map(text),
    rows: [...document.querySelectorAll(".cl-ranking tbody tr")].map((row) => ({
      name: text(row.querySelector("button")),
      effort: text(row.querySelector("small")),
      current: row.matches("[aria-current]"),
      pressed: row.querySelector("button").getAttribute("aria-pressed"),
      cells: [...row.querySelectorAll("td")].map(text),
      marks: [...row.querySelectorAll("i")].map((mark) =>
        [mark.className, place(mark)]),
    })),
    ends: [...document.querySelectorAll(".cl-ends span")].map(text),
    legend: [...document.querySelectorAll(".hc-legend-entry")].map(text),
    notes: [...document.querySelectorAll(".hc-legend-note")].map(text),
    title: text(document.querySelector("figcaption")),
    epoch: document.querySelector(".hc-player input").value,
    ...Object.fromEntries(["cures", "compared", "metric", "epoch", "patience"]
      .map((name) => [`trait_${name}`, model.get(name)])),
  };
}"""


@pytest.fixture
def page(browser):
    with watched(browser, CureLab(FOUND, CURES_OF)) as page:
        yield page


def numbers(text):
    return [float(n) for n in re.findall(r"−?\d+(?:\.\d+)?", text.replace("−", "-"))]


def near(text, wanted, tolerance=0.051):
    found = numbers(text)
    assert len(found) == len(wanted), text
    np.testing.assert_allclose(found, wanted, atol=tolerance, err_msg=text)


def spread(values):
    """A mean, the least and the largest, as percent."""
    return [100 * values.mean(), 100 * values.min(), 100 * values.max()]


def agrees(page, *, offers=()):
    """Everything on the screen is what Python makes of the same settings."""
    seen = read(page, SEE)
    lab = CureLab(
        FOUND,
        CURES_OF,
        **{
            name[6:]: value for name, value in seen.items() if name.startswith("trait_")
        },
    )
    other = CureLab(FOUND, CURES_OF, cures=CURES_OF[lab.compared])
    both = [lab] if lab.experiment == lab.compared else [lab, other]
    assert seen["epoch"] == str(lab.epoch)
    switches_agree(seen, lab)
    assert seen["offers"] == list(offers)
    if not offers:
        assert seen["said"] == f"Shown: {lab.experiment}"
    ranking_agrees(seen, lab)
    sentences_agree(seen, lab, both)
    chart_agrees(seen, lab, both)
    for explorer in (lab, other):
        explorer.close()
    return seen


def switches_agree(seen, lab):
    for word, switch in zip(WORDS, seen["switches"], strict=True):
        assert switch["on"] == (word in lab.cures)
        to = BY_CURES.get(frozenset({*lab.cures} ^ {word}))
        assert switch["nowhere"] == (to is None)
        assert switch["leads"] == f"→ {to or 'not trained'}"


def ends_of(name, part):
    return FOUND.values(name, "accuracy", part)


def ranking_agrees(seen, lab):
    assert [row["name"] for row in seen["rows"]] == list(lab.ranking)
    low, high, *gap_ends = (numbers(end)[0] for end in seen["ends"])
    for row in seen["rows"]:
        name = row["name"]
        assert row["current"] == (name == lab.experiment)
        assert row["pressed"] == str(row["current"]).lower()
        gray = name == lab.compared != lab.experiment
        assert row["effort"].endswith("; gray in the chart") == gray
        near(row["effort"], [*effort(name), 3], 0.51)
        aside, gap = ends_of(name, "validation"), lab.gaps[name]
        near(row["cells"][0], spread(aside))
        near(row["cells"][1], spread(gap))
        (_, reach), (_, dot), (_, bar), (_, gap_reach) = row["marks"]
        at = [100 * (share - low) / (high - low) for share in spread(aside)]
        assert dot == pytest.approx([at[0], 0], abs=0.02)
        assert reach == pytest.approx([at[1], at[2] - at[1]], abs=0.02)
        zero, mean, least, most = (
            100 * (share - gap_ends[0]) / (gap_ends[1] - gap_ends[0])
            for share in (0, *spread(gap))
        )
        assert bar == pytest.approx([zero, mean - zero], abs=0.02)
        assert gap_reach == pytest.approx([least, most - least], abs=0.02)


def effort(name):
    seconds = FOUND.values(name, "curves", "seconds")
    return seconds.shape[1], seconds[:, -1].mean()


def sentences_agree(seen, lab, both):
    end, beside, *epochs, stopping = seen["strip"]
    name = lab.experiment
    assert end.startswith(f"{name}, at the end: ")
    aside = ends_of(name, "validation")
    near(end, [*spread(ends_of(name, "training")), *spread(aside), *spread(lab.gap)])
    if len(both) == 2:
        gain = 100 * (aside.mean() - ends_of(lab.compared, "validation").mean())
        wider = 100 * (lab.gap.mean() - lab.gaps[lab.compared].mean())
        near(beside, [abs(gain), abs(wider)])
        assert ("higher" in beside) == (gain >= 0)
        assert ("wider" in beside) == (wider > 0)
    else:
        assert beside.startswith("Choose another experiment")
    for text, one in zip(epochs, [*both, None][:2], strict=True):
        if one is None:
            assert text == ""
            continue
        total = one.curves["loss"].shape[1]
        if lab.epoch > total:
            assert text == f"“{one.experiment}” had ended after epoch {total}."
            continue
        at = {kind: ys[:, lab.epoch - 1].mean() for kind, ys in one.curves.items()}
        shares = [100 * at["accuracy"], 100 * at["val_accuracy"]]
        head, losses = text.split("; loss ")
        near(head, [lab.epoch, total, at["seconds"], *shares], 0.51)
        near(head.split("accuracy ")[1], shares)
        near(losses, [at["loss"], at["val_loss"]], 0.0051)
    stopping_agrees(stopping, lab)


def stopping_agrees(text, lab):
    curves = lab.curves
    stops = [early_stop(row, lab.patience) for row in curves["val_loss"]]
    kept = np.array(
        [
            row[stop.kept - 1]
            for row, stop in zip(curves["val_accuracy"], stops, strict=True)
        ]
    )
    seconds = [
        row[stop.after - 1] for row, stop in zip(curves["seconds"], stops, strict=True)
    ]
    epochs = curves["loss"].shape[1]
    wanted = [lab.patience]
    after, kept_at = zip(*stops, strict=True)
    never = {*after} == {epochs}
    for listed in [kept_at] if never else [after, kept_at]:
        wanted += listed if len({*listed}) > 1 else listed[:1]
    wanted += [*spread(kept)]
    last = 100 * curves["val_accuracy"][:, -1].mean()
    wanted += (
        [last] if never else [np.mean(seconds), last, curves["seconds"][:, -1].mean()]
    )
    assert ("would not have ended" in text) == never
    near(text, wanted, 0.51)


def chart_agrees(seen, lab, both):
    assert seen["title"] == lab.metric.capitalize()
    values = iter(seen["legend"])
    for one in both:
        for part, kind in (("training", ""), ("validation", "val_")):
            rows = one.curves[kind + lab.metric]
            text = next(values)
            assert text.startswith(f"{one.experiment}, {part} ")
            if lab.epoch > rows.shape[1]:
                assert text.endswith("–")
                continue
            mean = rows[:, lab.epoch - 1].mean()
            scale = 100 if lab.metric == "accuracy" else 1
            near(text, [scale * mean], 0.051 if scale == 100 else 0.0051)
    assert next(values, None) is None
    early = any(stop.after < lab.curves["loss"].shape[1] for stop in lab.stops)
    assert seen["notes"] == ["stopped early"] * early + ["kept by early stopping"]


def nearest(cures, shown):
    others = {name: {*one} for name, one in CURES_OF.items() if name != shown}
    least = min(len(one ^ cures) for one in others.values())
    return [name for name, one in others.items() if len(one ^ cures) == least]


CHOICE = """() => JSON.stringify(
  ["cures", "compared", "metric", "patience"].map((name) => model.get(name)))"""


def test_random_settings(page):
    rng = np.random.default_rng(5)
    agrees(page)
    offers = ()
    for _ in different_states(page):
        before = page.evaluate(CHOICE)
        match rng.integers(6):
            case 0:
                offers = ticked(page, WORDS[rng.integers(3)])
            case 1:
                slide_to(page, "Epoch", rng.random())
            case 2:
                slide_to(page, "Patience", rng.random() ** 2)
            case 3:
                choose(page, "Compared with", list(CURES_OF)[rng.integers(5)])
            case 4:
                choose(page, "Curves of", ("accuracy", "loss")[rng.integers(2)])
            case 5:
                tap(page, ROWS, rng.random())
                offers = ()
        if page.evaluate(CHOICE) != before:
            offers = ()  # what was offered goes with the next choice
        agrees(page, offers=offers)


def ticked(page, word):
    """Press a switch; return what is offered where nobody trained with these cures."""
    before = trait(page, "cures")
    wanted = {*before} ^ {word}
    tick(page, word)
    if frozenset(wanted) in BY_CURES:
        assert {*trait(page, "cures")} == wanted
        return ()
    assert trait(page, "cures") == before
    said = page.locator(".cl-refused p").inner_text()
    listed = " + ".join(one for one in WORDS if one in wanted)
    assert said == f"Nothing was trained with exactly {listed}. The nearest:"
    return nearest(wanted, BY_CURES[frozenset(before)])


# ---- by hand ----


def test_switches_and_what_is_offered(page):
    page.get_by_role("checkbox", name="dropout").check()
    agrees(page)
    assert trait(page, "cures") == ["dropout"]
    augmentation = page.get_by_role("checkbox", name="augmentation")
    augmentation.click()  # no check(): it is refused
    agrees(page, offers=["crop and mirror", "all together"])
    page.get_by_role("button", name="all together").first.click()
    assert trait(page, "cures") == list(CURES_OF["all together"])
    assert trait(page, "epoch") == 30
    agrees(page)
    assert augmentation.evaluate("one => one === document.activeElement")
    page.keyboard.press("Space")
    agrees(page, offers=["dropout", "batch normalisation"])
    page.keyboard.press("Escape")
    agrees(page)


def test_a_refusal_goes_with_the_next_choice(page):
    tick(page, "dropout")
    tick(page, "augmentation")
    assert page.locator(".cl-refused").count() == 1
    tick(page, "dropout")
    assert page.locator(".cl-refused").count() == 0
    assert trait(page, "cures") == []
    agrees(page)


def test_rows_are_chosen_by_click_and_key(page):
    page.locator(ROWS).nth(0).click()
    assert trait(page, "cures") == list(CURES_OF["all together"])
    name = page.locator(ROWS).nth(2).get_by_role("button")
    name.focus()
    name.press("Enter")
    agrees(page)
    assert trait(page, "cures") == list(CURES_OF[name.inner_text()])


def test_menus_sliders_and_keys(page):
    menu(page, "Compared with").select_option("all together")
    assert trait(page, "epoch") == 30
    menu(page, "Curves of").select_option("loss")
    slider(page, "Patience").fill("7")
    assert trait(page, "patience") == 7
    slider(page, "Epoch").press("ArrowLeft")
    assert trait(page, "epoch") == 29
    agrees(page)
    page.locator(".hc").press("Home")
    assert trait(page, "epoch") == 1
    area = page.locator(".hc-chart-area")
    area.click(position={"x": 200, "y": 50})
    assert 1 < trait(page, "epoch") < 29
    area.press("End")
    assert trait(page, "epoch") == 30
    agrees(page)


def test_the_curves_in_numbers(page):
    lab = CureLab(FOUND, CURES_OF)
    page.get_by_text("The curves in numbers").click()
    page.locator("details tr").nth(15).wait_for()
    rows = page.locator("details tr").all_inner_texts()
    head, *body = (row.split("\t") for row in rows)
    assert head == ["epoch", "no cure, training", "no cure, validation"]
    assert [row[0] for row in body] == [str(k) for k in range(1, 16)]
    for epoch, row in enumerate(body):
        for text, kind in zip(row[1:], ("accuracy", "val_accuracy"), strict=True):
            near(text, spread(lab.curves[kind][:, epoch]))


def test_it_follows_python(page):
    lab = CureLab(FOUND, CURES_OF)
    lab.cures, lab.metric, lab.patience = CURES_OF["all together"], "loss", 5
    lab.epoch = 12
    told = {
        name: getattr(lab, name) for name in ("cures", "metric", "patience", "epoch")
    }
    page.evaluate(
        "(told) => { for (const [name, value] of Object.entries(JSON.parse(told)))"
        " model.set(name, value); }",
        json.dumps(told),
    )
    seen = agrees(page)
    assert (seen["epoch"], seen["title"]) == ("12", "Loss")


def test_it_goes_on_without_a_kernel(page):
    lose_the_kernel(page)
    tick(page, "dropout")
    slide_to(page, "Epoch", 0.5)
    agrees(page)


def test_a_single_run_has_no_range(browser):
    with watched(browser, CureLab(stored(seeds=1), CURES_OF)) as page:
        seen = read(page, SEE)
        assert not any("(" in cell for row in seen["rows"] for cell in row["cells"])
        marks = [dict(row["marks"])["hc-mark-range"] for row in seen["rows"]]
        assert marks == [None] * 5
        page.get_by_text("The curves in numbers").click()
        page.locator("details td").first.wait_for()
        assert "(" not in page.locator("details td").first.inner_text()


def test_what_is_not_finite_leaves_a_gap(browser):
    found = stored()
    for run in found.runs:
        run["curves"]["val_loss"][4] = float("inf")
    with watched(browser, CureLab(found, CURES_OF, metric="loss", epoch=5)) as page:
        (legend,) = page.locator(".hc-legend-entry").filter(has_text="valid").all()
        assert legend.inner_text().endswith("–")
        assert re.search(r"loss [\d.]+ and –\.", page.locator(".hc-strip").inner_text())


def test_early_stopping_is_pythons(page):
    load(page, "explorers/cure_lab_runs.js")
    rng = np.random.default_rng(8)
    rows = [rng.integers(0, 6, rng.integers(1, 20)).tolist() for _ in range(300)]
    patiences = [int(rng.integers(1, MOST_PATIENCE // 4)) for _ in rows]
    found = page.evaluate(
        "([rows, all]) => rows.map((row, k) => {"
        " const { after, kept } = cure_lab_runs.stopOf(row, all[k]);"
        " return [after, kept]; })",
        [rows, patiences],
    )
    wanted = [list(early_stop(*both)) for both in zip(rows, patiences, strict=True)]
    assert found == wanted


def test_python_is_told_once_a_move(page):
    before = page.evaluate("model.saves")
    press(page, "ArrowLeft", ".hc", 0)
    push(page, "Step back")
    assert page.evaluate("model.saves") == before + 2
