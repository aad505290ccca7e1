"""Charts on a bare page: axes, pictures, live points, keys, words, table."""

import json
from itertools import pairwise

import pytest
from hands import grave, width_needed
from lab_browser import closing
from playwright.sync_api import Page
from stage import PAGE, load

from helpers.widgets.parts.base import source

# window.show(options, drawn) puts a new chart on the page, as window.one; settled()
# waits until it is drawn. ink() says in which rows of each column of the canvas red is.
PREPARE = """() => {
  window.painted = 0;
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...given) {
    painted++;
    return clearRect.apply(this, given);
  };
  window.settled = async () => {
    for (let k = 0; k < 3; k++) await new Promise(requestAnimationFrame);
  };
  window.picked = [];
  window.show = async (options, drawn) => {
    window.one?.close();
    window.one = chart.chart({ label: "Loss", ...options });
    document.querySelector(".hc").replaceChildren(one.element);
    one.draw(drawn);
    await settled();
  };
  const pixels = () => {
    const canvas = document.querySelector("canvas");
    return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  };
  window.picture = () => pixels().data.join();
  window.ink = (isIt = (r, g, b) => r > 200 && g < 60 && b < 60, least = 128) => {
    const { data, width, height } = pixels();
    return Array.from({ length: width }, (_, x) => {
      const rows = Array.from({ length: height }, (_, y) => y);
      return rows.filter((y) => {
        const [r, g, b, a] = data.slice(4 * (y * width + x), 4 * (y * width + x) + 4);
        return a > least && isIt(r, g, b);
      });
    });
  };
  window.red = (xs, ys) => ({ name: "red", colour: "#ff0000", dash: "", xs, ys });
  window.upTo = (n) => Array.from({ length: n }, (_, k) => k);
}"""


def prepared(browser, **how) -> Page:
    """An empty explorer on a page; nothing is drawn yet."""
    page = browser.new_page(viewport={"width": 700, "height": 900}, **how)
    page.set_content(PAGE.replace("<main>", '<main><div class="hc"></div>'))
    page.add_style_tag(content=source("parts/base.css") + source("parts/chart.css"))
    for path in ("parts/axes.js", "parts/chart.js"):
        load(page, path)
    page.evaluate(PREPARE)
    return page


@pytest.fixture(scope="module")
def bare(browser):
    with closing(prepared(browser)) as page:
        yield page


@pytest.fixture
def page(bare):
    bare.mouse.move(0, 0)
    bare.set_viewport_size({"width": 700, "height": 900})
    bare.emulate_media(color_scheme="light")
    bare.evaluate("picked.length = 0")
    yield bare
    assert bare.page_errors() == []


def ran(page, script):
    """What the body of an async function returns."""
    return page.evaluate(f"async () => {{ {script} }}")


def show(page, drawn, options="{}"):
    """Put a new chart on the page and wait until it is drawn; both are JavaScript."""
    ran(page, f"await show({options}, {drawn})")


# ---- axes ----


@pytest.mark.parametrize(
    ("low", "high", "count", "wanted"),
    [
        (0, 10, 5, [0, 2, 4, 6, 8, 10]),
        (-1, 1, 5, [-1, -0.5, 0, 0.5, 1]),
        (0.03, 0.31, 3, [0.1, 0.2, 0.3]),
        (0, 1e-12, 5, [0, 2e-13, 4e-13, 6e-13, 8e-13, 1e-12]),
        (0, 1e12, 2, [0, 5e11, 1e12]),
        (1e12, 1e12 + 1, 2, [1e12, 1e12 + 0.5, 1e12 + 1]),
        (1e16, 1e16 + 2, 5, [1e16, 1e16 + 2]),  # no number in between
        (0, 5e-324, 5, [0, 5e-324]),
        (-1e308, 1e308, 2, [-1e308, 0, 1e308]),
        (3, 3, 5, [3]),
        (-7, -3, 4, [-7, -6, -5, -4, -3]),
    ],
)
def test_ticks(page, low, high, count, wanted):
    assert page.evaluate(f"axes.ticks({low!r}, {high!r}, {count})") == wanted


def test_ticks_of_nothing(page):
    assert page.evaluate("axes.ticks(NaN, NaN)") == []
    assert page.evaluate("axes.ticks(-Infinity, Infinity)") == []


def test_ticks_are_round_and_of_the_number_asked_for(page):
    wrong = ran(
        page,
        """
        const wrong = [];
        for (let k = 0; k < 3000; k++) {
          const size = 10 ** (24 * Math.random() - 12);
          const low = size * (4 * Math.random() - 2);
          const high = low + size * (0.01 + Math.random());
          const count = 2 + Math.floor(9 * Math.random());
          const found = axes.ticks(low, high, count);
          const step = found[1] - found[0];
          const hair = 1e-5 * step;
          const fits = found[0] >= low - hair && found.at(-1) <= high + hair;
          const round = [1, 2, 5, 10].some((n) =>
            Math.abs(step / 10 ** Math.floor(Math.log10(step)) - n) < 1e-4);
          const even = found.every((value, n) =>
            Math.abs(value - found[0] - n * step) <= hair * found.length);
          const most = Math.max(count + 1, 5);
          const number = found.length >= 2 && found.length <= most;
          if (!fits || !round || !even || !number)
            wrong.push([low, high, count, found]);
        }
        return wrong;
        """,
    )
    assert wrong == []


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (1, 1000, [1, 10, 100, 1000]),
        (1e-3, 1e3, [1e-3, 1e-1, 1e1, 1e3]),
        (1e-12, 1e12, [1e-12, 1e-7, 1e-2, 1e3, 1e8]),
        (2, 30, [2, 5, 10, 20]),
        (3, 4, [3, 3.2, 3.4, 3.6, 3.8, 4]),
        (0, 1, []),
        (-1, 1, []),
        (7, 7, [7]),
    ],
)
def test_ticks_of_a_logarithmic_axis(page, low, high, wanted):
    assert page.evaluate(f"axes.logTicks({low}, {high}, 5)") == wanted


@pytest.mark.parametrize(
    ("axis", "wanted"),
    [
        ({"low": 0, "high": 10}, {"0": 0, "5": 0.5, "10": 1, "-5": -0.5}),
        ({"low": -1e308, "high": 1e308}, {"0": 0.5, "1e308": 1}),
        ({"low": 0, "high": 1e-12}, {"5e-13": 0.5}),
        ({"low": 0.01, "high": 100, "log": True}, {"0.01": 0, "1": 0.5, "100": 1}),
    ],
)
def test_scale(page, axis, wanted):
    for value, share in wanted.items():
        found = page.evaluate(f"axes.scale({json.dumps(axis)}).at({value})")
        assert found == pytest.approx(share)


def test_scale_of_what_a_logarithm_has_not(page):
    seen = ran(
        page,
        """
        const { at } = axes.scale({ low: 1, high: 10, log: true });
        return [at(0), at(-1), at(NaN), at(Infinity)].map(String);
        """,
    )
    assert seen == ["-Infinity", "NaN", "NaN", "Infinity"]


@pytest.mark.parametrize(
    ("reach", "axis", "wanted"),
    [
        ((0.3, 9.2), {}, (0, 10)),
        ((-8, 8), {"low": -8, "high": 8}, (-8, 8)),
        ((0, 141), {}, (0, 150)),
        ((5, 5), {}, (2, 8)),
        ((0, 0), {}, (-1, 1)),
        ((1e-12, 1e-12), {}, (4e-13, 1.6e-12)),
        ((-1e12, 3e12), {}, (-1e12, 3e12)),
        ((1e16, 1e16 + 2), {}, (1e16, 1e16 + 2)),
        ((0.03, 7), {"log": True}, (0.01, 10)),
        ((2, 3), {"log": True}, (2, 3)),
        ((4, 4), {"log": True}, (2, 8)),
        ((0.5, 20), {"log": True, "low": 0}, (0.1, 100)),  # 0 is no end of it
        ((1, 9), {"low": 3}, (3, 10)),
    ],
)
def test_ends_are_round_or_as_given(page, reach, axis, wanted):
    low, high = reach
    script = f"axes.ends({{low: {low!r}, high: {high!r}}}, {json.dumps(axis)})"
    found = page.evaluate(script)
    assert (found["low"], found["high"]) == pytest.approx(wanted)


def test_ends_of_nothing(page):
    script = "axes.ends({ low: Infinity, high: -Infinity }, { log: LOG })"
    for log, wanted in (("false", (0, 1)), ("true", (1, 10))):
        found = page.evaluate(script.replace("LOG", log))
        assert (found["low"], found["high"]) == wanted


def test_texts_tell_one_tick_from_the_next(page):
    def texts(values):
        return page.evaluate(f"axes.tickTexts({values!r})")

    assert texts([1e12, 1e12 + 0.5]) == ["1e12", "1000000000000.5"]
    assert texts([-2e-7, 0, 2e-7]) == ["−2e−7", "0", "2e−7"]
    assert texts([-1, -0.5, 0]) == ["−1", "−0.5", "0"]
    assert texts([0.001, 0.01, 1000]) == ["0.001", "0.01", "1000"]
    assert texts([0]) == ["0"]
    assert texts([]) == []


def test_short_numbers(page):
    numbers = "[0.5, 12000, -1234567, 1e12, 1e-9, 0.012345, NaN, -Infinity, 0, 1e308]"
    assert page.evaluate(f"{numbers}.map((n) => axes.short(n))") == [
        *("0.5", "12000", "−1235000", "1e12", "1e−9", "0.01235"),
        *("NaN", "−∞", "0", "1e308"),
    ]


def test_nearest(page):
    assert page.evaluate("axes.nearest([1, 2, 4, 8], 3)") == 1  # the first of two
    assert page.evaluate("axes.nearest([8, NaN, 1], 2)") == 2  # in any order
    assert page.evaluate("axes.nearest([], 2)") == -1


def test_thinned(page):
    assert page.evaluate("axes.thinned(0)") == []
    assert page.evaluate("axes.thinned(200)") == list(range(200))
    assert page.evaluate("axes.thinned(1000, 4)") == [0, 250, 500, 750, 999]
    assert page.evaluate("axes.thinned(5, 2)") == [0, 3, 4]


# ---- pictures ----


def test_thousands_of_points_are_drawn(page):
    show(
        page, "{ series: [red(upTo(5001), upTo(5001).map((k) => Math.sin(k / 500)))] }"
    )
    columns = page.evaluate("ink()")
    empty = [x for x, rows in enumerate(columns) if not rows]
    assert [x for x in empty if 8 < x < len(columns) - 8] == []


def test_a_line_goes_where_its_numbers_are(page):
    show(page, "{ series: [red([0, 10], [0, 10])], x: { low: 0, high: 10 } }")
    columns = page.evaluate("ink()")
    width, height = (
        len(columns) - 8,
        page.evaluate("one.element.querySelector('canvas').height") - 8,
    )
    for share in (0.1, 0.5, 0.9):
        rows = columns[round(4 + share * width)]
        assert sum(rows) / len(rows) - 4 == pytest.approx((1 - share) * height, abs=2)


def runs_of(numbers):
    """How many there are in each row of neighbours."""
    breaks = [k for k, (a, b) in enumerate(pairwise(numbers), 1) if b > a + 1]
    return [b - a for a, b in pairwise([0, *breaks, len(numbers)])]


def test_the_lines_that_a_mean_is_of_are_thin(page):
    show(page, "{ series: [{ ...red([0, 10], [5, 5]), each: [[1, 1], [9, 9]] }] }")
    columns = page.evaluate("ink(undefined, 20)")
    beside_the_grid = columns[int(0.43 * len(columns))]
    upper, mean, lower = runs_of(beside_the_grid)
    assert max(upper, lower) <= 2 < mean
    ticks = page.locator(".hc-chart-ys span").all_inner_texts()
    assert min(map(float, ticks)) <= 1
    assert max(map(float, ticks)) >= 9
    assert page.locator(".hc-legend-entry").count() == 1
    page.get_by_text("The curves in numbers").click()
    page.wait_for_function("document.querySelectorAll('details tr').length === 3")
    assert page.evaluate(ROWS)[1] == ["0", "5 (1 to 9)"]


def test_nan_is_a_gap_and_a_lone_point_is_seen(page):
    show(
        page,
        """{ series: [red([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
          [1, 2, 3, NaN, NaN, 2, NaN, NaN, 2, 1, 1])] }""",
    )
    columns = page.evaluate("ink()")
    unit = (len(columns) - 8) / 10

    def drawn(start, end):
        return [
            bool(rows) for rows in columns[int(4 + start * unit) : int(4 + end * unit)]
        ]

    assert all(drawn(0, 2))
    assert not any(drawn(2.2, 4.8))
    assert any(drawn(4.9, 5.1))
    assert not any(drawn(5.2, 7.8))
    assert all(drawn(8, 10))


@pytest.mark.parametrize(
    ("y", "values", "edge"),
    [
        ("{}", "[1, 2, Infinity, 2, 1]", "top"),
        ("{}", "[1, 2, -Infinity, 2, 1]", "bottom"),
        ("{ log: true }", "[1, 2, 0, 2, 1]", "bottom"),
        ("{ log: true }", "[1, 2, -3, 2, 1]", None),
        ("{ log: true }", "[1, 2, Infinity, 2, 1]", "top"),
    ],
)
def test_what_no_axis_reaches_is_marked_at_the_edge(page, y, values, edge):
    show(
        page,
        f"{{ series: [red(upTo(5), {values})], x: {{ low: 0, high: 4 }}, y: {y} }}",
    )
    columns = page.evaluate("ink()")
    height = page.evaluate("document.querySelector('canvas').height")
    middle = columns[len(columns) // 2]
    if edge is None:
        assert middle == []
    else:
        assert middle
        near = {"top": max(middle), "bottom": height - min(middle)}[edge]
        assert near <= 14  # all of it
    assert columns[len(columns) // 8]
    assert not columns[len(columns) // 2 - 20]


def test_nothing_but_gaps_is_an_empty_picture(page):
    for values in ("[]", "[NaN, NaN]", "[Infinity, NaN]"):
        show(page, f"{{ series: [red(upTo({values}.length), {values})] }}")
        assert page.locator(".hc-chart-ys span").count() > 1
    show(page, "{ series: [] }")
    text = page.locator(".hc-chart-area").get_attribute("aria-valuetext")
    assert text == "nothing drawn yet"


def test_points_that_come_one_by_one_make_the_same_picture(page):
    seen = ran(
        page,
        """
        const ys = upTo(600).map((k) => Math.exp(-k / 100) * Math.cos(k / 9) - 0.2);
        const series = (n) => ["a", "b"].map((name, k) =>
          ({ name, xs: upTo(n), ys: ys.slice(0, n).map((y) => y * (k + 1)) }));
        const options = { y: { title: "loss" }, x: { title: "step" } };
        await show(options, { series: series(600) });
        const [at_once, words] = [picture(), one.element.innerText];
        await show(options, { series: series(0) });
        const before = painted;
        const pictures = new Set();
        for (let k = 0; k < 600; k++) {
          one.append(0, [k], [ys[k]]);
          one.append("b", [k], [2 * ys[k]]);
          if (k % 20 === 0) {
            await new Promise(requestAnimationFrame);
            pictures.add(picture());
          }
        }
        await settled();
        return {
          same: picture() === at_once, sameWords: one.element.innerText === words,
          pictures: pictures.size, paintings: painted - before,
        };
        """,
    )
    assert seen["same"]
    assert seen["sameWords"]
    assert seen["pictures"] > 20  # it was seen to grow
    assert seen["paintings"] <= 34  # once a frame at most


def test_it_follows_the_theme_and_the_width(page):
    show(
        page,
        "{ series: [{ name: 'ink', colour: 'currentColor', xs: [0, 1], ys: [0, 1] }] }",
    )
    light = "ink((r, g, b) => r + g + b < 150).flat().length > 300"
    dark = "ink((r, g, b) => r + g + b > 600).flat().length > 300"
    assert page.evaluate(light)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(dark)
    assert not page.evaluate(light)
    # A theme that is set by a variable, as JupyterLab's.
    page.evaluate(
        "document.body.style.setProperty('--jp-ui-font-color1', 'rgb(255, 0, 0)')"
    )
    page.wait_for_function("ink().flat().length > 300")
    page.evaluate("document.body.style.removeProperty('--jp-ui-font-color1')")
    page.wait_for_function(dark)
    wide = page.evaluate("document.querySelector('canvas').width")
    page.set_viewport_size({"width": 500, "height": 900})
    page.wait_for_function(f"document.querySelector('canvas').width === {wide - 200}")
    columns = page.evaluate("ink((r, g, b) => r + g + b > 600)")
    assert all(columns[10:-10])


def test_a_dense_screen_gets_all_its_pixels(browser):
    with closing(prepared(browser, device_scale_factor=2)) as page:
        show(page, "{ series: [red([0, 10], [0, 10])], x: { low: 0, high: 10 } }")
        canvas = "document.querySelector('canvas')"
        assert page.evaluate(f"{canvas}.width / {canvas}.clientWidth") == 2
        columns = page.evaluate("ink()")
        middle = columns[len(columns) // 2]
        height = page.evaluate(f"{canvas}.height")
        assert sum(middle) / len(middle) == pytest.approx(height / 2, abs=3)


def test_spans_lines_and_points(page):
    show(
        page,
        """{
          series: [{ name: "slope", colour: "#00ff00", xs: [0, 10], ys: [0, 0] }],
          spans: [
            { from: 2, to: 4, name: "vanishes", colour: "#ff0000" },
            { from: 8, to: 10, name: "vanishes", colour: "#ff0000" },
          ],
          lines: [{ x: 6, name: "end of warm-up", colour: "#ff0000" }],
          points: [{ x: 5, y: 0.5, name: "least", colour: "#ff0000" }],
        }""",
    )
    columns = page.evaluate("ink().map((rows) => rows.length)")
    tint = page.evaluate(
        "ink((r, g) => r > 200 && g < 60, 20).map((rows) => rows.length)"
    )
    unit = (len(columns) - 8) / 10

    def most(found, x):
        place = round(4 + x * unit)
        return max(found[place - 2 : place + 3])

    assert most(columns, 6) > 100
    assert 5 <= most(columns, 5) <= 14
    assert [most(columns, x) for x in (1, 3, 7, 9)] == [0, 0, 0, 0]
    assert [most(tint, x) > 100 for x in (1, 3, 7, 9)] == [False, True, False, True]
    page.locator(".hc-chart-area").press("Home")
    names = page.locator(".hc-legend-note").all_inner_texts()
    assert names == ["vanishes", "end of warm-up", "least"]
    ran(page, "one.mark(10)")
    text = page.locator(".hc-chart-area").get_attribute("aria-valuetext")
    assert text == "x 10: slope 0, vanishes"


def test_series_differ_without_their_colours(page):
    show(
        page,
        "{ series: upTo(6).map((k) => ({ name: `s${k}`, xs: [0, 1], ys: [k, k] })) }",
    )
    samples = page.locator(".hc-legend-entry svg")
    dashes = samples.locator("line").evaluate_all(
        "all => all.map((line) => line.getAttribute('stroke-dasharray'))"
    )
    colours = samples.evaluate_all(
        "all => all.map((one) => getComputedStyle(one).color)"
    )
    assert len(set(dashes)) == len(set(colours)) == 6


# ---- the mark: keys, pointer, words ----

TWO = """{
  title: "Training", x: { title: "step" },
  series: [
    { name: "loss", xs: upTo(41), ys: upTo(41).map((k) => 40 - k) },
    { name: "held out", xs: [0, 10, 20, 40], ys: [4, 3, NaN, -1] },
  ],
}"""


def value_text(page):
    return page.locator(".hc-chart-area").get_attribute("aria-valuetext")


def test_keys_move_the_mark_from_point_to_point(page):
    show(page, TWO)
    area = page.get_by_role("slider", name="Loss. Training")
    assert value_text(page) == "step 40: loss 0, held out −1"
    for key, wanted in [
        ("Home", "step 0: loss 40, held out 4"),
        ("ArrowRight", "step 1: loss 39, held out –"),
        ("ArrowUp", "step 2: loss 38, held out –"),
        ("ArrowLeft", "step 1: loss 39, held out –"),
        ("ArrowDown", "step 0: loss 40, held out 4"),
        ("ArrowLeft", "step 0: loss 40, held out 4"),
        ("PageUp", "step 4: loss 36, held out –"),
        ("PageDown", "step 0: loss 40, held out 4"),
        ("End", "step 40: loss 0, held out −1"),
        ("PageUp", "step 40: loss 0, held out −1"),
    ]:
        area.press(key)
        assert value_text(page) == wanted
    assert [area.get_attribute(f"aria-value{k}") for k in ("min", "max", "now")] == [
        *("0", "40", "40")
    ]
    ran(page, "one.mark(20)")
    assert value_text(page) == "step 20: loss 20, held out NaN"
    assert page.locator(".hc-legend b").all_inner_texts() == ["20", "20", "NaN"]
    mark = page.locator(".hc-chart-mark").bounding_box()
    box = area.bounding_box()
    assert mark["x"] + 1 - box["x"] == pytest.approx(box["width"] / 2, abs=1)


def test_other_keys_and_chords_are_left_alone(page):
    show(page, TWO)
    stopped = ran(
        page,
        """
        const area = document.querySelector(".hc-chart-area");
        const press = (more) => !area.dispatchEvent(
          new KeyboardEvent("keydown", { cancelable: true, bubbles: true, ...more }));
        const [key, ctrlKey] = ["Home", true];
        return [{ key }, { key: "x" }, { key: " " }, { key, ctrlKey }].map(press);
        """,
    )
    assert stopped == [True, False, False, False]


def test_the_owner_moves_the_mark_where_it_picks(page):
    show(page, TWO, "{ onPick: (x) => picked.push(x) }")
    ran(page, "one.mark(7)")
    area = page.locator(".hc-chart-area")
    area.press("ArrowRight")
    box = area.bounding_box()
    page.mouse.click(box["x"] + 0.26 * box["width"], box["y"] + 9)
    assert page.evaluate("picked") == [8, 10]
    assert value_text(page) == "step 7: loss 33, held out –"


def test_what_is_under_the_pointer_is_said_until_it_leaves(page):
    show(page, TWO)
    legend = page.locator(".hc-legend b")
    box = page.locator(".hc-chart-area").bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 20)
    assert legend.all_inner_texts() == ["10", "30", "3"]
    assert page.locator(".hc-chart-pointer").is_visible()
    page.mouse.move(box["x"], box["y"] - 30)
    assert legend.all_inner_texts() == ["40", "0", "−1"]
    assert page.locator(".hc-chart-pointer").is_hidden()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 20)
    page.mouse.move(box["x"], box["y"] - 30)
    assert value_text(page) == "step 20: loss 20, held out NaN"


def test_a_tap_moves_the_mark(browser):
    with closing(prepared(browser, has_touch=True)) as page:
        show(page, TWO)
        box = page.locator(".hc-chart-area").bounding_box()
        page.touchscreen.tap(box["x"] + 0.5 * box["width"], box["y"] + 20)
        page.wait_for_function(
            "document.querySelector('.hc-legend b').textContent === '20'"
        )
        assert value_text(page).startswith("step 20:")


def test_on_a_logarithmic_axis_the_pointer_finds_what_is_near_to_the_eye(page):
    xs = "[0.001, 0.01, 0.1, 1]"
    show(
        page, f"{{ series: [red({xs}, {xs})], x: {{ log: true }}, y: {{ log: true }} }}"
    )
    box = page.locator(".hc-chart-area").bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 20)
    assert page.locator(".hc-legend-x").inner_text() == "x 0.01"


def test_the_mark_goes_along_with_the_last_point_until_it_is_moved(page):
    show(page, TWO)
    for move, wanted in [("", "41"), ("one.mark(3);", "3"), ("one.mark();", "41")]:
        ran(page, f"{move} one.append(0, [41], [5]); await settled();")
        assert page.locator(".hc-legend-x b").inner_text() == wanted


# ---- the table ----

ROWS = """() => [...document.querySelectorAll("details tr")].map((row) =>
  [...row.cells].map((cell) => cell.textContent))"""


def test_the_table_has_the_numbers(page):
    show(page, TWO)
    assert page.evaluate(ROWS) == []  # not before it is asked for
    page.get_by_text("The curves in numbers").click()
    page.wait_for_function("document.querySelectorAll('details tr').length === 42")
    rows = page.evaluate(ROWS)
    assert rows[0] == ["step", "loss", "held out"]
    assert rows[1:3] == [["0", "40", "4"], ["1", "39", "–"]]
    assert rows[21] == ["20", "20", "NaN"]
    assert page.locator("details .hc-note").is_hidden()
    page.locator(".hc-chart-area").press("Home")
    assert page.locator("tr.hc-is-current th").all_inner_texts() == ["0"]
    page.evaluate("one.append(0, [41], [-1])")
    page.wait_for_function("document.querySelectorAll('details tr').length === 43")


def test_a_long_table_is_thinned_and_says_so(page):
    show(page, "{ series: [red(upTo(1000), upTo(1000))] }")
    page.get_by_text("The curves in numbers").click()
    page.wait_for_function("document.querySelectorAll('details tr').length > 1")
    rows = page.evaluate(ROWS)
    assert [row[0] for row in rows[1:4]] == ["0", "5", "10"]
    assert rows[-1] == ["999", "999"]
    assert len(rows) == 202
    note = page.locator("details .hc-note").inner_text()
    assert note == "201 of 1000 points, evenly picked, and the last."


# ---- for everybody, and nothing left ----

MANY = """{
  title: "Gradient of every layer, with a title that is long enough for two lines",
  x: { title: "learning rate", log: true },
  y: { title: "norm of the gradient" },
  spans: [{ from: 0.01, to: 0.1, name: "here the derivative vanishes, or nearly" }],
  points: [{ x: 0.1, y: -1.5e12, name: "least" }],
  series: upTo(6).map((k) => ({
    name: `layer number ${k}`,
    xs: [1e-12, 0.01, 0.1, 1e12],
    ys: [k, -1.23456e12, 7, 1e12],
  })),
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_accessibility(page, dark):
    page.emulate_media(color_scheme="dark" if dark else "light")
    show(page, MANY)
    page.locator("details").evaluate("details => { details.open = true }")
    assert grave(page) == []


FAR = """{ series: [red([1e12, 1e12 + 0.5, 1e12 + 1], [0, 1e12 + 0.25, 1])] }"""


@pytest.mark.parametrize("drawn", [MANY, TWO, FAR], ids=["many", "two", "far"])
def test_fits_a_phone(page, drawn):
    page.set_viewport_size({"width": 360, "height": 900})
    show(page, drawn)
    page.locator("details").evaluate("details => { details.open = true }")
    assert width_needed(page) <= 360
    outside = page.evaluate("""() => {
      const { right, left } = document.querySelector(".hc").getBoundingClientRect();
      return [...document.querySelectorAll(".hc-chart-plot *")].filter((one) => {
        if (!one.checkVisibility()) return false;
        const box = one.getBoundingClientRect();
        return box.right > right || box.left < left;
      }).map((one) => one.outerHTML);
    }""")
    assert outside == []
    labels = page.locator(".hc-chart-xs span").evaluate_all(
        "all => all.map((one) => { const { left, right } = one.getBoundingClientRect();"
        " return [left, right] })"
    )
    for (_, right), (left, _) in pairwise(labels):
        assert right < left  # none on another


def test_nothing_goes_on_after_the_end(page):
    seen = ran(
        page,
        """
        await show({}, { series: [red([0], [0])] });
        one.element.querySelector("details").open = true;
        await settled();
        const before = painted;
        one.append(0, [1], [1]);
        one.close();
        one.append(0, [2], [2]);
        document.querySelector(".hc").style.width = "300px";
        await settled();
        document.querySelector(".hc").style.width = "";
        await settled();
        return painted - before;
        """,
    )
    assert seen == 0
