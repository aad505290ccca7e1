"""TrainingCurves on a bare page: it grows with what Python adds."""

import json

import pytest
from hands import grave, left_behind, watched, width_needed

from helpers.widgets.explorers.training_curves import TrainingCurves

EPOCHS = [
    (0.5, {"loss": 1.5, "accuracy": 0.5}),
    (1, {"loss": 1.25, "accuracy": 0.625, "val_loss": 1, "val_accuracy": 0.75}),
    (1.5, {"loss": 0.75, "accuracy": 0.75}),
    (2, {"loss": 0.5, "accuracy": 0.875, "val_loss": 0.25, "val_accuracy": 1}),
]


def grown(count=4):
    explorer = TrainingCurves()
    for epoch, values in EPOCHS[:count]:
        explorer.add(epoch, values)
    return explorer


@pytest.fixture
def page(browser):
    with watched(browser, TrainingCurves()) as page:
        yield page


def tell(page, explorer):
    """What Python says comes to the page."""
    page.evaluate(
        "async (curves) => { model.set('_curves', JSON.parse(curves));"
        " await new Promise(requestAnimationFrame); }",
        json.dumps(explorer._curves, allow_nan=False),
    )


def titles(page):
    return page.locator(".hc-chart figcaption").all_inner_texts()


def table(page, number):
    """The curves of a chart in numbers."""
    chart = page.locator(".hc-chart").nth(number)
    chart.locator("details").evaluate("one => { one.open = true; }")
    rows = chart.locator("tr")
    rows.nth(1).wait_for()
    return [row.split("\t") for row in rows.all_inner_texts()]


def test_nothing_yet(page):
    assert titles(page) == []
    assert "Nothing yet" in page.locator(".hc-strip").inner_text()


def test_it_grows(page):
    said = ["Full epochs: 0; the next is under way.", "Full epochs: 1"]
    said += ["Full epochs: 1; the next is under way.", "Full epochs: 2"]
    for count, sentence in enumerate(said, 1):
        tell(page, grown(count))
        assert titles(page) == ["loss", "accuracy"]
        assert page.locator(".hc-strip").inner_text() == sentence
        assert len(table(page, 0)) == count + 1
    assert table(page, 0) == [
        ["epoch", "training", "validation"],
        ["0.5", "1.5", "–"],
        ["1", "1.25", "1"],
        ["1.5", "0.75", "–"],
        ["2", "0.5", "0.25"],
    ]
    assert [row[1:] for row in table(page, 1)][-1] == ["0.875", "1"]
    mark = page.get_by_role("slider").first
    assert mark.get_attribute("aria-label") == "loss by epoch. loss"
    assert "training 0.5, validation 0.25" in mark.get_attribute("aria-valuetext")


def highest(page):
    """The largest number that stands beside the first chart."""
    texts = page.locator(".hc-chart").first.locator(".hc-chart-ys span")
    return max(float(text) for text in texts.all_inner_texts())


def test_a_chart_is_as_high_as_what_came_after_the_first_epoch(page):
    explorer = TrainingCurves()
    for epoch, loss in [(0.1, 2.5), (1, 0.3), (1.5, 0.2)]:
        explorer.add(epoch, {"loss": loss})
    tell(page, explorer)
    assert highest(page) >= 2.5, "as long as there is little else, all is in the chart"
    explorer.add(2, {"loss": 0.15, "val_loss": 0.25})
    tell(page, explorer)
    assert 0.3 <= highest(page) < 0.5
    assert table(page, 0)[1][:2] == ["0.1", "2.5"]
    explorer.add(0.5, {"loss": 4})  # another training
    tell(page, explorer)
    assert highest(page) >= 4


def test_another_training_takes_the_charts_away_that_it_has_not(page):
    tell(page, grown())
    other = TrainingCurves()
    other.add(1, {"mae": 3})
    tell(page, other)
    assert titles(page) == ["mae"]
    assert table(page, 0) == [["epoch", "training"], ["1", "3"]]
    other.clear()
    tell(page, other)
    assert titles(page) == []


def test_what_is_not_finite_is_a_gap(page):
    explorer = TrainingCurves()
    for epoch, loss in enumerate([1, float("nan"), 2], 1):
        explorer.add(epoch, {"loss": loss})
    tell(page, explorer)
    assert [row[1] for row in table(page, 0)[1:]] == ["1", "NaN", "2"]


def test_it_shows_what_was_added_before_it_was_shown(browser):
    with watched(browser, grown()) as page:
        assert titles(page) == ["loss", "accuracy"]


@pytest.mark.parametrize("dark", [False, True])
def test_accessibility(browser, dark):
    with watched(browser, grown(), dark=dark) as page:
        assert grave(page) == []


def test_fits_a_phone(browser):
    with watched(browser, grown(), width=360) as page:
        assert width_needed(page) <= 360


def test_it_leaves_nothing_behind(browser):
    with watched(browser, grown(), new=True) as page:
        moves = """
          const curves = { ...model.get("_curves") };
          curves.loss = [[1, 2 + k], [1, k]];
          if (k % 3) delete curves.accuracy; else curves.accuracy = [[1], [k]];
          model.set("_curves", curves);
        """
        left = left_behind(page, moves)
        assert left["bytes"] < 500_000
        assert left["nodes"] < 50
        assert left["listeners"] == 0
        page.evaluate("unmount()")
        assert page.evaluate("model.listening()") == 0
        assert page.locator(".hc").count() == 0
