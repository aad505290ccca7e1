"""ArchitectureTable on a bare page: what it shows against architecture.py."""

import re

import numpy as np
import pytest
from hands import (
    can_be_chosen_again,
    choose,
    different_states,
    enter,
    lose_the_kernel,
    menu,
    number,
    push,
    read,
    slide,
    slider,
    watched,
    width_needed,
)

from helpers.widgets import ArchitectureTable
from helpers.widgets.explorers.architecture_table import LIMITS, PRESETS, QUANTITIES
from helpers.widgets.parts.architecture import (
    ALEXNET,
    HALVED,
    Network,
    edges,
    totals,
    walk,
)

TRAITS = [*Network._fields, "batch_size", "shown"]
FIELDS = ".at-layers input"
NAMES = {  # of the fields, by the key of the number
    "kernel": "kernel of {}",
    "stride": "stride of {}",
    "padding": "padding of {}",
    "filters": "number of filters of {}",
    "units": "number of units of {}",
}

# All that stands on the page, in one go.
SCREEN = """() => {
  const text = (mark) => document.querySelector(mark)?.textContent ?? "";
  const cell = (tr, kind) =>
    tr.querySelector(`.at-${kind} > span:last-child`).textContent;
  const figures = (tr) =>
    ["parameters", "multiply_adds", "activation_bytes"].map((kind) => cell(tr, kind));
  const rows = [...document.querySelectorAll("tbody tr")].map((tr) => ({
    name: tr.querySelector("th").firstChild.textContent,
    halves: !tr.querySelector("small").hidden,
    fields: [...tr.querySelectorAll("input, select")].map((one) =>
      [one.getAttribute("aria-label"), one.value]),
    shape: tr.querySelector(".at-shape").textContent,
    figures: figures(tr),
    bar: parseFloat(tr.querySelector("i").style.width),
    share: tr.querySelector(".at-bar span").textContent,
  }));
  const refusals = [...document.querySelectorAll(".at-refusal")].map((one) =>
    [one.closest("tr").querySelector("th").firstChild.textContent, one.textContent,
      one.getAttribute("role")]);
  return {
    state: Object.fromEntries(
      ["input_size", "width", "groups", "classes", "layers", "batch_size", "shown"]
        .map((name) => [name, model.get(name)])),
    rows,
    sums: figures(document.querySelector("tfoot tr")),
    heads: [...document.querySelectorAll("thead th")].map((th) => th.textContent),
    strip: [...document.querySelectorAll(".hc-strip p")].map((p) => p.textContent),
    refusals,
    elsewhere: text(".at-refused"),
    controls: [...document.querySelectorAll(".hc-settings :is(input, select)")].map(
      (one) => one.value),
    told: [...document.querySelectorAll(".hc-settings output")].map(
      (one) => one.textContent),
  };
}"""


@pytest.fixture
def page(browser):
    with watched(browser, ArchitectureTable()) as page:
        yield page


def plain(text):
    return text.replace("\u00a0", " ")


def in_bytes(text):
    """The bytes that a text like 1.16 MB says."""
    if text == "–":
        return 0
    value, unit = plain(text).split()
    return number(value) * {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


def as_whole(text):
    """The number that is written in full; from ten billion on in millions."""
    if text == "–":
        return 0
    digits = plain(text).replace(",", "").removesuffix(" M")
    return int(digits) * (1_000_000 if plain(text).endswith(" M") else 1)


def same_number(text, wanted):
    found = as_whole(text)
    assert abs(found - wanted) <= (500_000 if wanted >= 1e10 else 0), (text, wanted)


def near(value, wanted):
    """Three digits are written."""
    assert value == pytest.approx(wanted, rel=0.0051), (value, wanted)


def share_agrees(text, part, whole):
    if not part:
        assert text == "–"
        return
    value = 100 * part / whole
    if value < 0.005:
        assert text == "< 0.01 %"
    else:
        off = 0.0051 if value < 10 else 0.051
        assert number(text.removesuffix("%")) == pytest.approx(value, abs=off)


def figures_agree(texts, wanted):
    parameters, adds, memory = texts
    same_number(parameters, wanted.parameters)
    same_number(adds, wanted.multiply_adds)
    near(in_bytes(memory), wanted.activation_bytes)


def agrees(page):
    seen = read(page, SCREEN)
    agrees_on(seen)
    return seen


def agrees_on(seen):
    """Everything on the screen is what Python makes of the same settings."""
    state = seen["state"]
    network = Network(**{name: state[name] for name in Network._fields})
    rows, trouble = walk(network)
    assert trouble is None
    total, shown = totals(rows), state["shown"]
    most = max(getattr(row, shown) for row in rows)
    assert [row["name"] for row in seen["rows"]] == [row.name for row in rows]
    for found, row in zip(seen["rows"], rows, strict=True):
        assert plain(found["shape"]) == " × ".join(f"{n:,}" for n in row.output)
        figures_agree(found["figures"], row)
        part = getattr(row, shown)
        assert found["bar"] == pytest.approx(100 * part / most, abs=0.0051)
        share_agrees(plain(found["share"]), part, getattr(total, shown))
        assert found["halves"] == (network.groups == 2 and row.name in HALVED)
        settings = network.layers.get(row.name, {})
        if row.name == "logits":
            wanted = [["number of classes", str(network.classes)]]
        else:
            order = ("kernel", "stride", "padding", "filters", "units")
            wanted = [
                [NAMES[key].format(row.name), str(settings[key])]
                for key in order
                if key in settings
            ]
        assert found["fields"] == wanted
    figures_agree(seen["sums"], total)
    strip_agrees(seen["strip"], network, rows, state)
    size, width, groups, bars, batch = seen["controls"]
    assert (size, groups, bars) == (
        str(network.input_size),
        str(network.groups),
        shown,
    )
    assert number(width) == pytest.approx(network.width, abs=0.0126)
    assert number(batch) == round(np.log2(state["batch_size"]))
    assert number(seen["told"][1]) == pytest.approx(network.width, abs=1e-4)
    assert as_whole(seen["told"][2]) == state["batch_size"]


def strip_agrees(strip, network, rows, state):
    most, left_out, memory = map(plain, strip)
    shown, total = state["shown"], totals(rows)
    largest = max(rows, key=lambda row: getattr(row, shown))
    assert most.split(": ")[1].removeprefix("what ").startswith(largest.name)
    shares = [number(share) for share in re.findall(r"([\d.]+) %", most)]
    assert sum(shares) == pytest.approx(100, abs=0.2)
    said = re.findall(r"[\d.]+ (?:bytes|kB|MB|GB)", memory)
    wanted = [
        total.activation_bytes * state["batch_size"],
        total.pair_bytes * state["batch_size"],
        4 * total.parameters,
    ]
    for text, value in zip(said, wanted, strict=True):
        near(in_bytes(text), value)
    leaving = [row for row in rows if row.left_out]
    if not leaving:
        assert left_out.startswith("No layer leaves a row or a column out")
        return
    first, *others = leaving
    below = rows[rows.index(first) - 1].output[0]
    settings = network.layers[first.name]
    padded, count, n = edges(below, settings)
    kernel, stride = settings["kernel"], settings["stride"]
    assert left_out.startswith(f"{first.name}: ({padded} ")
    assert f"− {kernel}) / {stride} = " in left_out
    quotient = number(left_out.split(" = ")[1].split(" is")[0])
    assert quotient == pytest.approx((padded - kernel) / stride, rel=1e-5)
    assert f"its {count} windows a side never see the last " in left_out
    assert f"last {n} rows" in left_out or (n == 1 and "last row and" in left_out)
    for row in others:
        below = rows[rows.index(row) - 1].output[0]
        assert f"{row.name} ({row.left_out} of {below})" in left_out


def changed(layers, name, key, value):
    return {**layers, name: {**layers[name], key: value}}


def test_random_states(page):
    rng = np.random.default_rng(5)
    happened = []
    seen = read(page, SCREEN)
    for _ in different_states(page):
        wanted = dict(seen["state"])
        match rng.choice(9, p=[0.05, 0.2, 0.15, 0.1, 0.2, 0.1, 0.1, 0.05, 0.05]):
            case 0:
                name = str(rng.choice(list(PRESETS)))
                preset = PRESETS[name]._asdict()
                wanted |= {key: preset[key] for key in Network._fields}
                choose(page, "Example", name)
            case 1:
                wanted["input_size"] = int(rng.integers(32, 321))
                slide(page, "Input", wanted["input_size"])
            case 2:
                wanted["width"] = float(rng.integers(5, 41)) / 40
                slide(page, "Width", wanted["width"])
            case 3:
                wanted["groups"] = int(rng.integers(1, 3))
                choose(page, "Groups", str(wanted["groups"]))
            case 4:
                name = str(rng.choice(list(ALEXNET)))
                keys = [key for key in ALEXNET[name] if key != "padding"]
                key = str(rng.choice(keys))
                low, high = LIMITS[key]
                near_by = np.clip(ALEXNET[name][key] + rng.integers(-3, 4), low, high)
                value = int(rng.choice([int(rng.integers(low, high + 1)), near_by]))
                wanted["layers"] = changed(wanted["layers"], name, key, value)
                field = f"[aria-label='{NAMES[key].format(name)}']"
                enter(page, field, 0, str(value), stay=True)
            case 5:
                sliding = [name for name in ALEXNET if "padding" in ALEXNET[name]]
                name = str(rng.choice(sliding))
                value = ["valid", "same", 1, 2, 3, 7][int(rng.integers(6))]
                wanted["layers"] = changed(wanted["layers"], name, "padding", value)
                page.get_by_label(f"padding of {name}").select_option(str(value))
            case 6:
                wanted["batch_size"] = 2 ** int(rng.integers(11))
                slide(page, "Batch", int(np.log2(wanted["batch_size"])))
            case 7:
                wanted["shown"] = str(rng.choice(QUANTITIES))
                choose(page, "Bars", wanted["shown"])
            case _:
                wanted["classes"] = int(rng.integers(2, 22_001))
                field = "[aria-label='number of classes']"
                enter(page, field, 0, str(wanted["classes"]), stay=True)
        before, seen = seen["state"], read(page, SCREEN)
        network = Network(**{key: wanted[key] for key in Network._fields})
        trouble = walk(network)[1]
        happened.append(trouble and trouble.reason)
        if trouble:
            assert seen["state"] == before
            refusal_agrees(seen, trouble)
            page.evaluate("document.activeElement.blur()")
            seen = read(page, SCREEN)
        else:
            assert seen["state"] == wanted
            assert seen["refusals"] == []
            assert seen["elsewhere"] == ""
        agrees_on(seen)
        if len(happened) % 40 == 0:  # back from where little fits
            choose(page, "Example", "one_tower")
            seen = read(page, SCREEN)
    for reason in ("kernel", "padding", "filters", "maps"):
        assert reason in happened


def refusal_agrees(seen, trouble):
    """What cannot be is said in the row in which it cannot be."""
    name, reason, numbers = trouble
    [(row, said, _)] = [one for one in seen["refusals"] if one[2] == "alert"]
    assert row == name
    assert name in said
    parts = {
        "kernel": f"Nothing is left for {name}: a kernel of {numbers[0]} does not fit",
        "padding": f"A padding of {numbers[0]} is too wide for {name}",
        "filters": f"{numbers[0]} filters cannot be halved. Take an even number.",
        "maps": f"the {numbers[0]} maps that come in cannot be halved",
    }
    assert parts[reason] in plain(said)
    if reason == "kernel":
        assert f"{numbers[1]} × {numbers[1]}" in plain(said)
    pointing = [one for one in seen["refusals"] if one[2] is None]
    where = f"Not taken: {name} says why."
    for row, said, _ in pointing:
        assert said == where
        assert row != name
    assert len(pointing) <= 1
    assert seen["elsewhere"] in ("", where)
    assert not (pointing and seen["elsewhere"])


def test_a_picture_that_is_too_small_is_refused_in_the_row(page):
    slide(page, "Input", 66)
    seen = agrees(page)
    assert slider(page, "Input").input_value() == "227"
    assert seen["refusals"] == [
        [
            "pool5",
            "Nothing is left for pool5: a kernel of 3 does not fit on "
            "2\u00a0×\u00a02. The last sizes stay.",
            "alert",
        ]
    ]
    assert seen["elsewhere"] == "Not taken: pool5 says why."
    slide(page, "Input", 67)
    assert agrees(page)["refusals"] == []


def test_a_number_that_leaves_nothing_is_refused_where_it_was_typed_too(page):
    stride = page.get_by_label("stride of filters1")
    stride.fill("8")
    assert agrees(page)["refusals"] == []
    slide(page, "Input", 200)
    stride = page.get_by_label("stride of pool1")
    stride.fill("8")
    assert stride.get_attribute("aria-invalid") == "true"
    refusals = read(page, SCREEN)["refusals"]
    assert {row: role for row, _, role in refusals} == {"pool5": "alert", "pool1": None}
    stride.blur()
    assert stride.input_value() == "2"  # the last good number is back
    assert agrees(page)["refusals"] == []


@pytest.mark.parametrize("value", ["", "0", "16", "2.5", "-1", "1e9"])
def test_a_text_that_is_no_such_number_is_refused_in_place(page, value):
    kernel = page.get_by_label("kernel of filters3")
    kernel.fill(value)
    [(row, said, role)] = read(page, SCREEN)["refusals"]
    assert (row, role) == ("filters3", "alert")
    assert said == (
        "The kernel of filters3 is a whole number from 1 to 15; 3 stays until you type "
        "one."
    )
    assert kernel.get_attribute("aria-invalid") == "true"
    kernel.blur()
    assert kernel.input_value() == "3"
    assert agrees(page)["refusals"] == []


def test_what_cannot_be_halved_is_refused(page):
    page.get_by_label("number of filters of filters4").fill("383")
    assert agrees(page)["refusals"] == []  # one tower
    groups = menu(page, "Groups")
    groups.select_option("2")
    [(row, said, _)] = agrees(page)["refusals"]
    assert row == "filters4"
    assert said.startswith("filters4 lies in two halves: 383 filters cannot be halved")
    assert groups.input_value() == "1"
    page.get_by_label("number of filters of filters4").fill("384")
    assert agrees(page)["refusals"] == []
    groups.select_option("2")
    assert agrees(page)["state"]["groups"] == 2
    page.get_by_label("number of filters of filters3").fill("7")
    refusals = read(page, SCREEN)["refusals"]
    assert [row for row, *_ in refusals] == ["filters3", "filters4"]
    assert "the 7 maps that come in cannot be halved" in refusals[1][1]


def test_a_padding_as_wide_as_the_window_is_refused(page):
    padding = page.get_by_label("padding of pool1")
    padding.select_option("3")
    [(row, said, _)] = agrees(page)["refusals"]
    assert row == "pool1"
    assert "A padding of 3 is too wide for pool1" in said
    assert padding.input_value() == "valid"
    padding.select_option("2")
    assert agrees(page)["state"]["layers"]["pool1"]["padding"] == 2


# Where the rows and the zones stand, from the top of the explorer.
PLACES = """() => {
  const all = document.querySelectorAll(".hc > :not([hidden]), tr");
  return [...all].map((one) => {
    const { top, height } = one.getBoundingClientRect();
    return [Math.round(top + scrollY), Math.round(height)];
  });
}"""


@pytest.mark.parametrize("width", [360, 700, 1100])
def test_nothing_moves_away_while_something_is_refused(browser, width):
    with watched(browser, ArchitectureTable(), width=width) as page:

        def stays():
            off = np.subtract(read(page, PLACES), before)
            assert np.abs(off).max() <= 1  # heights are kept in whole pixels

        before = read(page, PLACES)
        slide(page, "Input", 40)
        stays()
        for name in ("filters1", "pool5", "filters5"):
            page.get_by_label(f"kernel of {name}").fill("99")
            stays()
            page.get_by_label(f"stride of {name}").fill("")
            stays()


def test_a_refusal_leaves_the_fields_of_its_row_to_be_seen(browser):
    for width in (360, 700, 1100):
        with watched(browser, ArchitectureTable(), width=width) as page:
            for name in ("filters1", "pool5", "hidden7"):
                key = "number of units" if name == "hidden7" else "kernel"
                field = page.get_by_label(f"{key} of {name}")
                field.fill("")
                field.scroll_into_view_if_needed()
                said = page.get_by_role("alert").bounding_box()
                box = field.bounding_box()
                apart = (
                    said["x"] >= box["x"] + box["width"]
                    or said["y"] >= box["y"] + box["height"]
                )
                assert apart, (width, name, said, box)
                assert said["x"] >= 0
                assert said["x"] + said["width"] <= width


@pytest.mark.parametrize("name", PRESETS)
def test_presets(page, name):
    preset = PRESETS[name]._asdict()
    menu(page, "Example").select_option(name)
    state = agrees(page)["state"]
    assert {key: state[key] for key in Network._fields} == {
        key: preset[key] for key in Network._fields
    }


def test_presets_show_what_the_lesson_says(page):
    sums = []
    for name in PRESETS:
        choose(page, "Example", name)
        sums.append(agrees(page)["sums"][0])
    assert sums[:3] == ["62,378,344", "60,965,224", "1,558,885"]
    seen = agrees(page)
    assert plain(seen["rows"][1]["shape"]) == "54 × 54 × 96"
    assert plain(seen["strip"][1]) == (
        "filters1: (224 − 11) / 4 = 53.25 is not whole, so its 54 windows a side never "
        "see the last row and the last column. Also left out: pool1 (1 of 54), pool2 "
        "(1 of 26), pool5 (1 of 12)."
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda page: slide(page, "Input", 100),
        lambda page: slide(page, "Width", 0.5),
        lambda page: page.get_by_label("number of classes").fill("7"),
        lambda page: page.get_by_label("kernel of filters3").fill("5"),
        lambda page: page.get_by_label("padding of filters3").select_option("valid"),
    ],
)
def test_presets_can_be_chosen_again(page, change):
    def shows_it():
        assert agrees(page)["sums"][0] == "60,965,224"

    title = PRESETS["two_halves"].title
    can_be_chosen_again(page, "two_halves", title, change, shows_it)


def test_controls_by_hand(page):
    slider(page, "Input").press("ArrowRight")
    slider(page, "Width").press("ArrowLeft")
    slider(page, "Batch").press("ArrowRight")
    menu(page, "Groups").select_option("2")
    menu(page, "Bars").select_option("multiply_adds")
    page.get_by_label("kernel of filters1").press("ArrowUp")
    page.get_by_label("number of units of hidden6").fill("100")
    state = agrees(page)["state"]
    assert state == {
        "input_size": 228,
        "width": 0.975,
        "groups": 2,
        "classes": 1000,
        "layers": changed(
            changed(ALEXNET, "filters1", "kernel", 12), "hidden6", "units", 100
        ),
        "batch_size": 256,
        "shown": "multiply_adds",
    }


def test_tab_goes_through_the_fields_in_order(page):
    page.get_by_label("kernel of filters1").focus()
    passed = []
    for _ in range(34):
        focused = "document.activeElement.getAttribute('aria-label')"
        passed.append(page.evaluate(focused))
        page.keyboard.press("Tab")
    wanted = [
        NAMES[key].format(name)
        for name, settings in ALEXNET.items()
        for key in ("kernel", "stride", "padding", "filters", "units")
        if key in settings
    ]
    assert passed[: len(wanted) + 1] == [*wanted, "number of classes"][:34]


def test_python_moves_the_screen(page):
    page.evaluate(
        """() => {
          model.set("input_size", 100);
          model.set("layers", { ...model.get("layers"),
            filters1: { filters: 10, kernel: 3, stride: 2, padding: "same" } });
          model.set("batch_size", 100);
          model.set("shown", "activation_bytes");
        }"""
    )
    seen = agrees(page)
    assert seen["state"]["layers"]["filters1"]["filters"] == 10
    assert seen["told"][2] == "100"
    page.evaluate("model.set('width', 0.33)")
    assert agrees(page)["told"][1] == "0.33"


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    slide(page, "Input", 100)
    choose(page, "Groups", "2")
    page.get_by_label("stride of filters1").fill("2")
    assert agrees(page)["state"]["layers"]["filters1"]["stride"] == 2


def test_copy_as_python_says_only_what_is_other(browser, page):
    def code(page):
        push(page, "Copy as Python")
        return page.get_by_label("The same in Python").inner_text()

    assert code(page) == "ArchitectureTable()"
    made = {
        "layers": {"pool1": {"padding": "same"}, "filters3": {"kernel": 5}},
        "groups": 2,
        "width": 0.5,
    }
    with watched(browser, ArchitectureTable(128, 5, **made)) as page:
        text = code(page)
        assert text == (
            "ArchitectureTable(128, 5, width=0.5, groups=2, "
            'layers={"pool1": {"padding": "same"}, "filters3": {"kernel": 5}})'
        )
        again = eval(text, {"ArchitectureTable": ArchitectureTable})
        assert again.describe() == ArchitectureTable(128, 5, **made).describe()


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("width", [360, 460, 560, 650, 700, 900, 1000, 1100])
def test_nothing_sticks_out(browser, width, large):
    layers = {
        **{f"filters{k}": {"filters": 1024, "kernel": 15} for k in range(1, 6)},
        "filters1": {"filters": 1024, "kernel": 15, "stride": 1, "padding": "same"},
        "hidden6": {"units": 8192},
    }
    explorer = ArchitectureTable(320, 22_000, groups=2, layers=layers, batch_size=1024)
    with watched(browser, explorer, width=width) as page:
        if large:
            push(page, "Large")
        assert width_needed(page) <= width
        overflowing = page.evaluate(
            """[...document.querySelectorAll(".hc td, .hc th")].filter((one) =>
              !(one.closest("thead")?.offsetWidth === 1) && // it is for the ear alone
              one.scrollWidth > one.clientWidth + 1).map((one) =>
                [one.textContent, one.scrollWidth, one.clientWidth])"""
        )
        assert overflowing == []
