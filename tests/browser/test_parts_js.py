"""What explorers share, by itself on a bare page: listening, state, walking, saving."""

import json

import numpy as np
import pytest
from lab_browser import closing
from stage import load

from helpers.widgets.parts.traits import to_message

MODULES = [
    *("state", "stepper", "saving", "texts", "presets", "numbers", "controls"),
    *("layout", "probabilities"),
]

# A model as ipywidgets has it; `log` holds what is told to Python.
MODEL = """(traits) => {
  const listeners = new Map();
  window.log = [];
  window.model = {
    get: (name) => traits[name],
    set(name, value) {
      if (JSON.stringify(traits[name]) === JSON.stringify(value)) return;
      traits[name] = value;
      for (const listener of [...(listeners.get(`change:${name}`) ?? [])]) listener();
    },
    save_changes: () => log.push(structuredClone(traits)),
    on: (name, listener) =>
      listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    off: (name, listener) =>
      listeners.set(name, listeners.get(name).filter((other) => other !== listener)),
    count: () => [...listeners.values()].flat().length,
  };
  delete globalThis.handsOnConvnetsTexts;
}"""


@pytest.fixture(scope="module")
def bare(browser):
    with closing(browser.new_page()) as page:
        for name in MODULES:
            load(page, f"parts/{name}.js")
        yield page


@pytest.fixture
def page(bare):
    bare.evaluate(MODEL, {"a": 1, "b": 2, "c": 3})
    bare.evaluate("document.body.replaceChildren()")
    yield bare
    assert bare.page_errors() == []


def ran(page, script):
    """What the body of an async function returns."""
    return page.evaluate(f"async () => {{ {script} }}")


# ---- listening ----

HEARD = """
  const heard = [];
  const pause = () => new Promise((done) => setTimeout(done));
  const both = () => heard.push("a or b");
  const stop = state.listen(model, { a: both, b: both, c: () => heard.push("c") });
"""


def test_what_changes_together_is_heard_once_and_in_order(page):
    script = "model.set('c', 9); model.set('b', 9); model.set('a', 9); await pause();"
    assert ran(page, HEARD + script + "return heard") == ["a or b", "c"]


def test_what_changes_later_is_heard_later(page):
    script = "model.set('a', 9); await pause(); model.set('b', 9); await pause();"
    assert ran(page, HEARD + script + "return heard") == ["a or b", "a or b"]


def test_nothing_is_heard_where_nothing_changes(page):
    assert ran(page, HEARD + "model.set('a', 1); await pause(); return heard") == []


def test_nothing_is_heard_while_the_explorer_is_closed(page):
    script = "model.set('a', 9); model.set('c', null); await pause();"
    assert ran(page, HEARD + script + "return heard") == []


def test_nothing_is_heard_after_the_end(page):
    script = "model.set('a', 9); stop(); model.set('c', 9); await pause();"
    assert ran(page, HEARD + script + "return [...heard, model.count()]") == [0]


def test_a_listener_that_changes_something_is_followed(page):
    script = """
      const heard = [];
      state.listen(model, {
        a: () => { heard.push("a"); model.set("b", heard.length); },
        b: () => heard.push("b"),
      });
      model.set("a", 9);
      await new Promise((done) => setTimeout(done));
      return heard;
    """
    assert ran(page, script) == ["a", "b"]


def test_telling_python_survives_its_end(page):
    script = """
      model.save_changes = () => { throw new Error("gone"); };
      state.share(model, { a: 7 });
      return model.get("a");
    """
    assert ran(page, script) == 7


# ---- state: settings that must fit together: here, a below b ----

STATE = """
  let now = { a: 1, b: 2 };
  const said = [];
  const pause = () => new Promise((done) => setTimeout(done));
  const { attempt, listeners } = state.state({
    model,
    traits: ["a", "b"],
    now: () => now,
    read: () => ({ a: model.get("a"), b: model.get("b") }),
    misfit: ({ a, b }) => (a < b ? "" : `${a} is not below ${b}.`),
    take: (next) => (now = next),
    refuse: (sentence) => said.push(sentence),
    traitsOf: (next, before) => (next.a === before.a ? { b: next.b } : next),
  });
  const stop = state.listen(model, listeners);
"""


def test_what_fits_is_taken_and_told(page):
    script = "const taken = attempt({ b: 5 }); return [taken, now, said, log];"
    taken, now, said, log = ran(page, STATE + script)
    assert (taken, now, said) == (True, {"a": 1, "b": 5}, [])
    assert log == [{"a": 1, "b": 5, "c": 3}]


def test_what_does_not_fit_is_refused_and_changes_nothing(page):
    script = "const taken = attempt({ a: 5 }); return [taken, now, said, log];"
    expected = [False, {"a": 1, "b": 2}, ["5 is not below 2."], []]
    assert ran(page, STATE + script) == expected


def test_python_is_followed_once_its_settings_fit(page):
    script = """
      model.set("a", 5);
      await pause();
      const waiting = now;
      model.set("b", 9);
      await pause();
      return [waiting, now, said, log];
    """
    assert ran(page, STATE + script) == [{"a": 1, "b": 2}, {"a": 5, "b": 9}, [], []]


# ---- walking ----

WALK = """
  model.set("step", 1);
  model.set("position", [0, 0]);
  const shown = [];
  const walk = stepper.walker({
    model,
    fit({ position, other }) {
      if (other) return { other };
      const [row, column] = position;
      return { position: row < size[0] && column < size[1] ? position : [0, 0] };
    },
    draw: () => shown.push(`draw ${walk.done}`),
    explain: () => shown.push(JSON.stringify(walk.place)),
  });
  let size = [2, 3];
  const resize = (...next) => walk.resize(...(size = next));
  const place = (...position) => ({ position });
  const root = document.body.appendChild(document.createElement("div"));
  root.append(...walk.elements);
  walk.listen(root);
  const press = (key) =>
    root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  resize(2, 3);
"""


def walked(page, script):
    end = "return { at: walk.done, place: walk.place, held: walk.isHeld, shown, log };"
    return ran(page, f"{WALK} {script}; {end}")


def test_a_new_size_has_all_steps_done(page):
    assert walked(page, "")["at"] == 6
    assert walked(page, "press('Home'); resize(2, 3)")["at"] == 1
    assert walked(page, "press('Home'); resize(3, 2)")["at"] == 6


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        (["Home"], 1),
        (["Home", "ArrowLeft"], 1),
        (["Home", "ArrowRight", "ArrowDown"], 5),
        (["Home", "ArrowDown", "ArrowDown"], 4),
        (["ArrowUp", "ArrowUp"], 3),
        (["ArrowLeft", "End", "ArrowRight"], 6),
    ],
)
def test_keys_walk_and_python_is_told(page, keys, at):
    after = walked(page, f"{json.dumps(keys)}.forEach(press);")
    assert after["at"] == at
    assert after["place"] == {"position": [(at - 1) // 3, (at - 1) % 3]}
    if after["log"]:
        last = after["log"][-1]
        assert (last["step"], last["position"]) == (at, after["place"]["position"])


def test_the_pointer_looks_without_telling_python(page):
    after = walked(page, "walk.point(place(1, 1));")
    assert after["place"] == {"position": [1, 1]}
    assert after["log"] == []
    after = walked(page, "walk.point(place(1, 1)); walk.leave();")
    assert after["place"] == {"position": [0, 0]}


def test_what_is_held_stays_until_it_is_let_go(page):
    hold = "walk.pick(place(1, 2)); walk.point(place(0, 1));"
    after = walked(page, hold)
    assert (after["place"], after["held"]) == ({"position": [1, 2]}, True)
    assert after["log"][-1]["position"] == [1, 2]
    after = walked(page, hold + "walk.pick(place(1, 2));")
    assert (after["place"], after["held"]) == ({"position": [0, 1]}, False)
    assert not walked(page, hold + "press('Escape');")["held"]
    assert not walked(page, hold + "resize(1, 1);")["held"]
    assert walked(page, hold + "resize(2, 3);")["held"]


def test_another_kind_of_place_is_held_without_going_there(page):
    after = walked(page, "walk.pick({ other: 1 }, { goes: false });")
    assert (after["place"], after["log"]) == ({"other": 1}, [])
    after = walked(page, "walk.pick({ other: 1 }, { goes: false }); press('Escape');")
    assert after["place"] == {"position": [0, 0]}


def test_the_walk_follows_python(page):
    script = "model.set('step', 2); model.set('position', [1, 0]); walk.follow();"
    after = walked(page, script)
    assert (after["at"], after["place"]) == (2, {"position": [1, 0]})
    assert after["log"] == []
    script = "model.set('step', 7); model.set('position', [5, 5]); walk.follow();"
    after = walked(page, script)  # what there is not, or not yet
    assert (after["at"], after["place"]) == (6, {"position": [0, 0]})


# ---- saving ----


def message(array):
    sent = to_message(np.array(array), None)
    return {**sent, "data": list(sent["data"])}


SAVED = """
  const received = ({ shape, dtype, data }) => ({
    shape, dtype, data: new DataView(new Uint8Array(data).buffer) });
  model.set("image", received(IMAGE));
  model.set("kernel", received(KERNEL));
"""


def test_what_was_saved_comes_back(page):
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    kernel = np.linspace(-1, 1, 8).reshape(2, 2, 1, 2)
    script = f"const [IMAGE, KERNEL] = {json.dumps([message(image), message(kernel)])};"
    script += SAVED + "const saved = saving.save(model, ['a', 'image', 'kernel']);"
    assert ran(page, script + "return saved") == {
        "a": 1,
        "image": image.tolist(),
        "kernel": kernel.tolist(),
    }
    script += """
      const asText = JSON.stringify(saved);
      saving.restore(model, { a: 5, image: [[1, 2]], kernel: [[0.5]] });
      const other = saving.save(model, ["a", "image", "kernel"]);
      const types = [model.get("image").dtype, model.get("kernel").dtype];
      saving.restore(model, JSON.parse(asText));
      return [other, types, saving.save(model, ["a", "image", "kernel"])];
    """
    other, types, again = ran(page, script)
    assert other == {"a": 5, "image": [[1, 2]], "kernel": [[0.5]]}
    assert types == ["uint8", "float64"]
    assert again["image"] == image.tolist()
    assert again["kernel"] == kernel.tolist()


@pytest.mark.parametrize(
    "value",
    [None, True, False, 3, -0.125, 1e-7, 1e21, 'a "b" \\ c', [[1, 2.5], [0, -3]], []],
)
def test_literals_are_pythons(page, value):
    text = page.evaluate("value => saving.literal(value)", value)
    assert eval(text) == value


CALL = {
    "name": "Thing",
    "parameters": [
        ["image", "nine", False],
        ["kernel", None, False],
        ["size", 1, True],
    ],
}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "Thing()"),
        ({"image": "nine", "size": 1}, "Thing()"),
        ({"image": "blur"}, 'Thing("blur")'),
        ({"image": [[1]], "kernel": [[2]], "size": 3}, "Thing([[1]], [[2]], size=3)"),
        ({"kernel": [[2]]}, "Thing(kernel=[[2]])"),
        ({"image": "blur", "size": 2}, 'Thing("blur", size=2)'),
    ],
)
def test_a_call_leaves_out_what_is_usual(page, given, code):
    page.evaluate("call => model.set('_call', call)", CALL)
    assert page.evaluate("given => saving.call(model, given)", given) == code


# ---- texts and presets ----


def test_texts_have_holes_and_can_be_exchanged(page):
    script = 'return texts.t("{n} of {all}, {other}", { n: 0, all: "5 {n}" });'
    assert ran(page, script) == "0 of 5 {n}, {other}"
    script = "globalThis.handsOnConvnetsTexts = { 'Step {n}': '第 {n} 步' };"
    script += 'return [texts.t("Step {n}", { n: 2 }), texts.t("Play")];'
    assert ran(page, script) == ["第 2 步", "Play"]


PRESETS = """
  const x = (...data) => ({ shape: [data.length], data });
  const presetList = [
    { name: "one", title: "The one", x: x(1, 2), n: 1 },
    { name: "two", title: "The two", x: x(3, 4), n: 2 },
  ];
  const chosen = [];
  const { element, show } = presets.presetMenu({
    presets: presetList,
    settingsOf: ({ x, n }) => ({ x, n }),
    onChoose: (settings, { name }) => chosen.push([settings.n, name]),
  });
  const select = element.querySelector("select");
  const says = (settings) => {
    show(settings);
    return select.selectedOptions[0].textContent;
  };
  const choose = (name) => {
    select.value = name;
    select.dispatchEvent(new Event("change"));
  };
"""


def test_a_changed_preset_can_be_chosen_again(page):
    script = """
      const said = [
        says({ x: x(1, 2), n: 1 }),
        says({ x: x(1, 2), n: 5 }),
        says({ x: x(3, 4), n: 2 }),
        says({ x: x(9), n: 2 }),
      ];
      choose("two");
      choose("custom");
      return [said, chosen, select.value];
    """
    said, chosen, value = ran(page, PRESETS + script)
    assert said == ["The one", "changed: The one", "The two", "changed: The two"]
    assert chosen == [[2, "two"]]
    assert value == "custom"


def test_numbers_of_ones_own_are_no_preset(page):
    assert ran(page, PRESETS + "return says({ x: x(9), n: 1 })") == "your own numbers"
    script = "return says({ x: x(3, 4), n: 7 })"  # from Python: behind it is a preset
    assert ran(page, PRESETS + script) == "changed: The two"


# ---- layout ----

LAID_OUT = """
  const text = document.createElement("p");
  const [here, there] = [1, 2].map(() => document.createElement("input"));
  const { root } = layout.layout("Name", { strip: [text], settings: [here, there] });
  document.body.append(root);
  const shown = async (lines) => {
    text.innerHTML = Array(lines).fill("line").join("<br>");
    for (let k = 0; k < 4; k++) await new Promise(requestAnimationFrame);
    return root.querySelector(".hc-strip").offsetHeight / 20;
  };
  text.style.cssText = "margin: 0; line-height: 20px";
  const leave = () => here.parentElement.dispatchEvent(new Event("pointerleave"));
  const change = (input) => input.dispatchEvent(new Event("change", { bubbles: true }));
"""


@pytest.mark.parametrize(
    ("then", "lines"),
    [
        ("", 5),
        ("here.focus();", 5),
        ("here.focus(); there.focus();", 5),
        ("here.focus(); here.blur();", 5),
        ("here.focus(); change(here);", 5),
        ("here.focus(); change(here); there.focus();", 5),
        ("here.focus(); change(here); there.focus(); there.blur();", 2),
        ("change(here); leave();", 2),
    ],
)
def test_the_strip_shrinks_when_changed_settings_are_left(page, then, lines):
    script = f"await shown(2); await shown(5); {then} return await shown(2)"
    assert ran(page, LAID_OUT + script) == lines


BARS = """([classes, most, given, asked]) => {
  const bars = probabilities.probabilityBars({ most });
  bars.build(Array.from({ length: classes }, (_, k) => `class ${k}`));
  const told = (shares) => {
    bars.show(shares, undefined, asked);
    return [...bars.element.children].map((row) =>
      [row.children[0], row.querySelector(".hc-share")].map((one) => one.textContent));
  };
  return given.map(told);
}"""


def test_of_many_classes_the_likeliest_have_bars(page):
    first, second = [0.01] * 40, [0.01] * 40
    first[30], first[7] = 0.4, 0.2
    second[2] = 0.5
    found = page.evaluate(BARS, [40, 3, [first, second], 11])
    for rows, wanted in zip(found, ([30, 7, 11], [2, 0, 11]), strict=True):
        assert [name for name, _ in rows] == [f"class {k}" for k in wanted]
    assert [share for _, share in found[0]] == ["40.0 %", "20.0 %", "1.0 %"]
    few = page.evaluate(BARS, [3, 3, [[0.2, 0.3, 0.5]], 0])[0]
    assert [name for name, _ in few] == ["class 0", "class 1", "class 2"]


def test_one_line_for_what_goes_wrong_in_several_places(page):
    said = page.evaluate(
        """() => {
          const line = controls.messageLine();
          const told = [];
          const does = (act) => { act(); told.push(line.element.textContent); };
          does(() => line.say("first", "a"));
          does(() => line.say("second", "b"));
          does(() => line.clear("b"));
          does(() => line.clear());
          does(() => line.clear("a"));
          return told;
        }"""
    )
    assert said == ["first", "second", "first", "first", ""]
