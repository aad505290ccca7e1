"""Rows of layers on a bare page: any numbers by key, any names."""

import pytest
from hands import read, watched

from helpers.widgets import ReceptiveField

# A stack of unlike layers, in objects; what comes is kept in `came`.
STACK = """async () => {
  const { link } = await import(URL.createObjectURL(
    new Blob([model.get("_esm")], { type: "text/javascript" })));
  const url = link("parts/layer_rows.js", model.get("_modules"));
  const { layerRows } = await import(url);
  window.came = [];
  window.takes = true;
  const part = (key, high) =>
    ({ key, label: key, low: 1, high, nameOf: (number) => `${key} of ${number}` });
  const rows = layerRows({
    parts: [part("filters", 64), part("kernel", 7)],
    facts: ["fact"],
    counts: [1, 3],
    fresh: { kind: "conv", filters: 8, kernel: 3 },
    tell: ({ kind }) => ({ kind, facts: [`the ${kind}`] }),
    onChange(layers) {
      came.push(["change", layers]);
      if (takes) rows.show(layers);
      return takes;
    },
    onResize(layers) {
      came.push(["resize", layers]);
      rows.show(layers);
    },
    onRefuse: (sentence) => came.push(["refuse", sentence]),
  });
  document.querySelector(".hc-settings").replaceChildren(rows.element);
  rows.show([{ kind: "conv", filters: 4, kernel: 5 }, { kind: "pool", kernel: 2 }]);
  window.mark = rows.mark;
}"""

SEEN = """() => [...document.querySelectorAll(".hc-layer:not([hidden])")].map((row) => [
  row.querySelector("th").textContent,
  ...[...row.querySelectorAll("label:not([hidden]) input")].map(({ value }) => value),
  row.querySelector(".hc-layer-fact").textContent,
])"""

CONV, POOL = ["1 conv", "4", "5", "the conv"], ["2 pool", "2", "the pool"]


@pytest.fixture
def page(browser):
    with watched(browser, ReceptiveField()) as page:
        page.evaluate(STACK)
        yield page


def came(page):
    return read(page, "() => came.splice(0)")


def test_a_layer_shows_the_numbers_that_it_has(page):
    assert read(page, SEEN) == [CONV, POOL]


def test_a_number_is_changed_in_a_copy(page):
    page.get_by_label("kernel of 2").fill("3")
    conv = {"kind": "conv", "filters": 4, "kernel": 5}
    assert came(page) == [["change", [conv, {"kind": "pool", "kernel": 3}]]]
    page.evaluate("window.takes = false")
    page.get_by_label("filters of 1").fill("9")
    assert page.get_by_label("filters of 1").get_attribute("aria-invalid") == "true"
    page.get_by_label("filters of 1").blur()
    assert read(page, SEEN) == [CONV, ["2 pool", "3", "the pool"]]


def test_a_text_that_is_no_number_is_refused(page):
    page.get_by_label("filters of 1").fill("65")
    ((kind, sentence),) = came(page)
    assert kind == "refuse"
    assert sentence.startswith(
        "The filters of 1 is a whole number from 1 to 64; 4 stays"
    )


def test_layers_are_added_and_taken_away(page):
    add = page.get_by_role("button", name="Add a layer")
    add.click()
    assert read(page, SEEN)[2] == ["3 conv", "8", "3", "the conv"]
    assert add.is_disabled()
    removes = page.get_by_role("button", name="Remove layer")
    assert removes.nth(2).evaluate("button => button === document.activeElement")
    for left in ([CONV, POOL], [CONV]):
        removes.last.click()
        assert read(page, SEEN) == left
    assert removes.first.is_disabled()
    assert add.evaluate("button => button === document.activeElement")


def test_the_columns_have_heads_and_one_row_is_marked(page):
    heads = page.get_by_role("columnheader").all_inner_texts()
    assert heads == ["layer", "filters", "kernel", "fact"]
    current = "() => document.querySelector('.hc-layer[aria-current] b')?.textContent"
    for index, marked in ((1, "2"), (0, "1"), (-1, None)):
        page.evaluate("mark", index)
        assert page.evaluate(current) == marked
