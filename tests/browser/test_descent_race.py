"""DescentRace on a bare page: its runs, numbers and pictures against Python."""

import json

import numpy as np
import pytest
from hands import (
    can_be_chosen_again,
    choose,
    different_states,
    lose_the_kernel,
    number,
    press,
    push,
    read,
    slide,
    slide_to,
    slider,
    tick,
    trait,
    watched,
    width_needed,
)
from lab_browser import closing
from stage import load

from helpers.widgets import DescentRace
from helpers.widgets.explorers.descent_race import (
    PRESETS,
    RACERS,
    SCHEDULES,
    rates,
)
from helpers.widgets.parts.landscapes import LANDSCAPES
from helpers.widgets.parts.random import normals

# -- functions alone -------------------------------------------------------------------


@pytest.fixture(scope="module")
def modules(browser):
    with closing(browser.new_page()) as page:
        for path in ("parts/landscapes.js", "parts/contours.js", "parts/random.js"):
            load(page, path)
        load(page, "explorers/descent_race_runs.js")
        page.evaluate(
            "(plain) => { window.grounds = plain; window.land = (name) =>"
            " ({ ...landscapes.SURFACES[name], ...grounds[name] }); }",
            {name: plain.as_plain() for name, plain in LANDSCAPES.items()},
        )
        yield page


def ask(page, script, *given):
    """What a function on the page returns, as one text each way."""
    return json.loads(
        page.evaluate(
            "(given) => JSON.stringify((" + script + ")(...JSON.parse(given)))",
            json.dumps(given),
        )
    )


@pytest.mark.parametrize("name", LANDSCAPES)
def test_landscapes_are_those_of_python(modules, name):
    rng = np.random.default_rng(21)
    points = rng.uniform(-4, 4, (300, 2))
    found = ask(
        modules,
        """(name, points) => points.map((point) => [
          land(name).value(...point), ...land(name).gradient(...point),
          landscapes.isLost(land(name), point.map((value) => 8 * value))])""",
        name,
        points.tolist(),
    )
    ground = LANDSCAPES[name]
    wanted = [
        [ground.value(x, y), *ground.gradient(x, y), ground.is_lost(8 * x, 8 * y)]
        for x, y in points
    ]
    np.testing.assert_allclose(np.array(found, float), wanted, rtol=1e-9, atol=1e-12)
    assert 20 < sum(lost for *_, lost in wanted) < 280
    # Curvature: the greater eigenvalue of the slopes' own slopes.
    bends = ask(
        modules,
        "(name, points) => points.map((p) => landscapes.curvature(land(name), p))",
        name,
        points.tolist(),
    )
    hair = 1e-5
    for (x, y), bend in zip(points, bends, strict=True):
        columns = [
            np.subtract(
                ground.gradient(x + hair * dx, y + hair * dy),
                ground.gradient(x - hair * dx, y - hair * dy),
            )
            / (2 * hair)
            for dx, dy in ((1, 0), (0, 1))
        ]
        largest = np.linalg.eigvalsh(np.array(columns))[-1]
        assert bend == pytest.approx(largest, rel=1e-4, abs=1e-4)


def test_noise_is_that_of_python(modules):
    found = ask(
        modules,
        """(seeds) => seeds.map((seed) => {
          const { normal } = random.randomFrom(seed);
          return Array.from({ length: 41 }, normal);
        })""",
        [0, 1, 77, 9999],
    )
    wanted = [normals(seed, 41) for seed in (0, 1, 77, 9999)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


def random_settings(rng):
    """Draw the settings of a race that is not chaotic."""
    name = str(rng.choice([*LANDSCAPES, "bowl", "valley", "valley"]))
    sides = LANDSCAPES[name].w1, LANDSCAPES[name].w2
    most = 0.3 if LANDSCAPES[name].quadratic else -0.7
    return {
        "landscape": name,
        "start": [round(rng.uniform(*side), 2) for side in sides],
        "learning_rate": float(10 ** rng.uniform(-2.5, most)),
        "momentum": round(rng.uniform(0, 0.99), 2),
        "schedule": str(rng.choice(SCHEDULES)),
        "noise": float(rng.choice([0, round(rng.uniform(0, 5), 1)])),
        "seed": int(rng.integers(10_000)),
        "steps": int(rng.integers(10, 201)),
    }


def test_races_are_those_of_python_step_for_step(modules):
    """And those of Keras: see tests/unit/test_widgets_descent_race.py."""
    rng = np.random.default_rng(22)
    settings = [random_settings(rng) for _ in range(60)]
    script = """(all) => all.map((settings) =>
      descent_race_runs.race(land(settings.landscape), settings))"""
    lost = 0
    for given, runs in zip(settings, ask(modules, script, settings), strict=True):
        race = DescentRace(**given)
        paths, losses, diverged = race.paths, race.losses, race.diverged
        assert list(runs) == list(RACERS)
        for name, run in runs.items():
            assert run["diverged"] == diverged[name], given
            close = {"rtol": 1e-6, "atol": 1e-6, "err_msg": f"{name} {given}"}
            np.testing.assert_allclose(run["points"], paths[name], **close)
            np.testing.assert_allclose(run["losses"], losses[name], **close)
            lost += diverged[name] is not None
    assert lost > 10


def test_what_is_seen_of_a_path(modules):
    frame = {"w1": [-3, 3], "w2": [-2, 2]}

    def seen(*points):
        found = ask(modules, "(p, frame) => contours.visible(p, frame)", points, frame)
        return found["points"], found.get("leaves")

    inside = [[0, 0], [3, 2], [-3, -2]]
    assert seen(*inside) == (inside, None)
    assert seen([0, 0], [4, 0], [1, 0]) == ([[0, 0], [4, 0], [1, 0]], None)
    assert seen([0, 0], [4, 0]) == ([[0, 0], [3, 0]], [4, 0])
    assert seen([1, 0], [1, -4], [1, 9]) == ([[1, 0], [1, -2]], [0, -4])
    assert seen([0, 0], [6, 8]) == ([[0, 0], [1.5, 2]], [6, 8])
    assert seen([-3, 0], [-1e9, 0]) == ([[-3, 0], [-3, 0]], [-1e9 + 3, 0])
    assert seen([9, 9], [10, 9]) == ([], None)


def test_levels_rise_by_a_factor(modules):
    heights = [0, 1e-9, *np.geomspace(1e-4, 5, 200).tolist()]
    found = ask(modules, "(h) => h.map((v) => contours.levelOf(v, 4))", heights)
    wanted = np.floor(14 * np.log1p(1000 * np.array(heights) / 4) / np.log1p(1000))
    assert found == np.minimum(wanted, 13).tolist()
    assert set(found) == set(range(14))


SENTENCES = {
    "valley": (
        {"learning_rate": 0.2},
        "SGD diverged at step 3: a learning rate of 0.2 is too large for the steep "
        "direction (curvature 20; 2 / 20 = 0.1 is the limit). "
        "momentum diverged at step 5: a learning rate of 0.2 is too large for the "
        "steep direction (curvature 20; 2 · (1 + 0.9) / 20 = 0.19 is the limit).",
    ),
    "rosenbrock": (
        {"learning_rate": 0.8, "start": (-2, -1), "momentum": 0, "racers": ["SGD"]},
        "SGD diverged at step 2: a learning rate of 0.8 is too large for the slope "
        "where it was dropped (curvature 26.6; 2 / 26.6 = 0.0751 is the limit there).",
    ),
    "two_minima": (
        {"learning_rate": 0.02, "momentum": 0.5},
        "At the end in a minimum that is not the deepest: "
        "SGD, momentum, RMSprop, Adam.",
    ),
    "saddle": (
        {"learning_rate": 0.1, "start": (-2, 0)},
        "At the end nearly without slope, though no minimum is near: "
        "SGD, momentum, RMSprop, Adam.",
    ),
    "bowl": ({"learning_rate": 0.1}, ""),
}


@pytest.mark.parametrize("landscape", SENTENCES)
def test_sentences(browser, landscape):
    settings, wanted = SENTENCES[landscape]
    race = DescentRace(landscape, **settings)
    with watched(browser, race) as page:
        assert page.locator(".hc-strip p").nth(1).inner_text() == wanted
        agrees(page)


def test_who_does_not_stay_below(browser):
    settings = {"learning_rate": 0.1, "momentum": 0.99, "steps": 20, "goal": 0.5}
    with watched(browser, DescentRace("bowl", (1, 0), **settings)) as page:
        line = page.locator(".hc-strip p").first
        assert line.inner_text().endswith(" At the end above it again: momentum.")
        agrees(page)


def test_a_schedule_is_blamed_for_what_it_reached(browser):
    """Warm-up is over the limit long before its full rate."""
    race = DescentRace(
        "valley", learning_rate=1, schedule="warm-up", steps=100, racers=["SGD"]
    )
    rate_at = rates("warm-up", 1, 100)
    reached = max(rate_at(step) for step in range(race.diverged["SGD"]))
    with watched(browser, race) as page:
        why = page.locator(".hc-strip p").nth(1).inner_text()
        told = number(why.split("a learning rate of ")[1].split(" is too")[0])
        assert told == pytest.approx(reached, rel=6e-3)
        assert told < 0.9
        agrees(page)


def test_who_was_first(browser):
    race = DescentRace("bowl", (1, 0), learning_rate=0.25, steps=20, momentum=0)
    with watched(browser, race) as page:
        line = page.locator(".hc-strip p").first
        assert line.inner_text() == (
            "First below a loss of 0.01: RMSprop, after 2 steps. "
            "Then SGD (4), momentum (4), Adam (4). At the end above it again: Adam."
        )
        tick(page, "RMSprop")
        assert line.inner_text() == (
            "First below a loss of 0.01: SGD, momentum, Adam, after 4 steps. "
            "At the end above it again: Adam."
        )
        tick(page, "RMSprop")
        page.evaluate("model.set('learning_rate', 0.001); model.set('steps', 10)")
        page.evaluate("model.set('goal', 1e-7); model.set('step', 10)")
        assert line.inner_text() == "Nobody has a loss below 1e−7 within 10 steps."
        for name in RACERS:
            tick(page, name)
        assert line.inner_text() == "Nobody is shown: tick a name in the table."
        agrees(page)


# -- the explorer ----------------------------------------------------------------------

SEE = """() => ({
  ...Object.fromEntries(["landscape", "start", "learning_rate", "momentum", "schedule",
    "noise", "seed", "steps", "goal", "racers", "step"].map((name) =>
    [name, model.get(name)])),
  rows: [...document.querySelectorAll(".dr-table tbody tr")].map((row) => ({
    name: row.querySelector("th").textContent,
    ticked: row.querySelector("input").checked,
    cells: [...row.querySelectorAll("td")].filter((cell) => !cell.hidden)
      .map((cell) => cell.textContent),
  })),
  after: document.querySelector(".dr-table thead th").textContent,
  strip: [...document.querySelectorAll(".hc-strip p")].map((p) => p.textContent),
  legend: Object.fromEntries([...document.querySelectorAll(".hc-legend-entry")].map(
    (entry) => [entry.childNodes[1].textContent.trim(),
      entry.querySelector("b").textContent])),
  ball: ["left", "top"].map((side) =>
    parseFloat(document.querySelector(".hc-ball").style[side])),
  said: document.querySelector(".hc-ball").getAttribute("aria-valuetext"),
  picture: document.querySelector("canvas").getAttribute("aria-label"),
  shown: Object.fromEntries([...document.querySelectorAll(".hc label")].map((label) =>
    [label.querySelector("span")?.textContent,
      (label.querySelector("output") ?? label.querySelector("select"))?.value])),
  all: document.querySelector(".hc").innerText,
})"""


@pytest.fixture
def page(browser):
    with watched(browser, DescentRace()) as page:
        yield page


def loss_of(text):
    return 1e-8 if text.startswith("≤") else number(text)


def agrees(page):
    """Everything on the screen is what Python makes of the same settings."""
    seen = read(page, SEE)
    names = "landscape start learning_rate momentum schedule noise seed steps goal"
    race = DescentRace(
        **{name: seen[name] for name in names.split()}, racers=seen["racers"]
    )
    race.step = step = seen["step"]
    ground = LANDSCAPES[race.landscape]
    paths, losses, diverged = race.paths, race.losses, race.diverged
    first_below = race.first_below

    assert [row["name"] for row in seen["rows"]] == list(RACERS)
    count = f"after {step} step{'s' if step != 1 else ''}"
    if race.schedule == "constant" or step == 0:
        assert seen["after"] == count
    else:
        rate_at = rates(race.schedule, race.learning_rate, race.steps)
        said, rate = seen["after"].split(", the last at a rate of ")
        assert said == count
        assert number(rate) == pytest.approx(rate_at(step - 1), rel=6e-2)
    for row in seen["rows"]:
        name, cells = row["name"], row["cells"]
        assert row["ticked"] == (name in race.racers)
        if name not in race.racers:
            assert cells == ["", "", ""]
            continue
        lost = diverged[name]
        if lost is not None and step >= lost:
            assert cells == [f"diverged at step {lost}"]
            said = "diverged" if step == lost else "–"
            assert seen["legend"][name] == said
            continue
        place = paths[name][step]
        told = [number(part) for part in cells[0].split(", ")]
        np.testing.assert_allclose(told, place, rtol=2e-3, atol=0.0051)
        loss = pytest.approx(max(losses[name][step], 1e-8), rel=6e-3)
        assert loss_of(cells[1]) == loss
        assert loss_of(seen["legend"][name]) == loss
        away = np.linalg.norm(np.subtract(ground.minima, place), axis=1).min()
        assert number(cells[2]) == pytest.approx(away, abs=6e-4, rel=1e-3)

    verdict, why = seen["strip"][:2]
    verdict, _, left = verdict.partition(" At the end above it again: ")
    reached = {n: at for n, at in first_below.items() if at is not None}
    if not race.racers:
        assert verdict == "Nobody is shown: tick a name in the table."
    elif not reached:
        assert verdict.startswith("Nobody has a loss below ")
    else:
        at = min(reached.values())
        winners = ", ".join(name for name, step in reached.items() if step == at)
        ending = f": {winners}, after {at} step{'s' if at != 1 else ''}."
        assert verdict.split(" Then ")[0].split(" Not ")[0].endswith(ending)
        for name in race.racers:
            assert (name in verdict.partition(" Not within ")[2]) == (
                name not in reached
            )
    for name in race.racers:
        above = name in reached and not losses[name][-1] < race.goal
        assert (name in left) == above
    for name, lost in diverged.items():
        assert (f"{name} diverged at step {lost}:" in why) == (lost is not None)

    share = [
        (place - low) / (high - low)
        for place, (low, high) in zip(race.start, (ground.w1, ground.w2), strict=True)
    ]
    np.testing.assert_allclose(
        seen["ball"], [100 * share[0], 100 * (1 - share[1])], atol=1e-3
    )
    told = [number(part) for part in seen["said"].split(", ")]
    np.testing.assert_allclose(told, race.start, atol=0.0051)
    assert f"dropped at ({seen['said']})" in seen["picture"]

    shown = seen["shown"]
    assert shown["Landscape"] == race.landscape
    assert shown["Schedule"] == race.schedule
    for label, value in {
        "Learning rate": race.learning_rate,
        "Momentum": race.momentum,
        "Batch noise": race.noise,
        "Steps": race.steps,
        "Goal: loss below": race.goal,
        "Start w₁": race.start[0],
        "Start w₂": race.start[1],
    }.items():
        assert number(shown[label]) == pytest.approx(value, rel=1e-3, abs=1e-9), label
    assert shown["Step"] == f"{step} of {race.steps}"
    for word in ("NaN", "Infinity", "∞", "undefined"):
        assert word not in seen["all"]
    race.close()
    return seen


SLIDERS = (
    ["Momentum", "Batch noise", "Steps", "Goal", "Start w₁", "Start w₂"]
    + ["Learning rate"] * 2
    + ["Step"] * 2
)


def test_random_states(page):
    rng = np.random.default_rng(23)
    agrees(page)
    page.locator("details").evaluate("details => { details.open = true }")
    for _ in different_states(page):
        match rng.choice(8, p=[0.55, 0.06, 0.06, 0.05, 0.06, 0.12, 0.06, 0.04]):
            case 0:
                label, share = str(rng.choice(SLIDERS)), rng.random()
                if label == "Learning rate":
                    share *= 0.8  # beyond that much is chaotic
                if label == "Step":  # "Steps" begins so too
                    page.evaluate(
                        "(share) => model.set('step', Math.round(share *"
                        " model.get('steps')))",
                        share,
                    )
                else:
                    slide_to(page, label, share)
            case 1:
                choose(page, "Landscape", str(rng.choice(list(LANDSCAPES))))
            case 2:
                choose(page, "Schedule", str(rng.choice(SCHEDULES)))
            case 3:
                choose(page, "Example", str(rng.choice(list(PRESETS))))
            case 4:
                tick(page, str(rng.choice(RACERS)))
            case 5:
                drop_at(page, rng.random(), rng.random())
            case 6:
                if trait(page, "noise"):
                    push(page, "Other noise")
            case _:
                page.locator(".hc-ball").press(
                    str(rng.choice(["ArrowUp", "ArrowLeft", "Shift+ArrowDown"]))
                )
        agrees(page)


def drop_at(page, across, down):
    """Press and let go of the mouse at a place of the picture."""
    page.evaluate(
        """([across, down]) => {
          const area = document.querySelector(".hc-contours-area");
          const box = area.getBoundingClientRect();
          const at = { clientX: box.left + across * box.width,
            clientY: box.top + down * box.height, bubbles: true, pointerType: "mouse" };
          for (const name of ["pointerdown", "pointerup", "click"])
            area.dispatchEvent(new PointerEvent(name, at));
        }""",
        [across, down],
    )


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_landscape_and_schedule(page, name):
    choose(page, "Landscape", name)
    assert tuple(agrees(page)["start"]) == LANDSCAPES[name].start
    for schedule in SCHEDULES:
        choose(page, "Schedule", schedule)
        assert agrees(page)["schedule"] == schedule


def test_every_control_reaches_both_ends(page):
    ends = {
        "Learning rate": ("learning_rate", 0.0001, 2),
        "Momentum": ("momentum", 0, 0.99),
        "Batch noise": ("noise", 0, 5),
        "Steps": ("steps", 10, 200),
        "Goal": ("goal", 1e-7, 1),
    }
    for label, (name, low, high) in ends.items():
        for key, wanted in (("Home", low), ("End", high), ("ArrowLeft", None)):
            slider(page, label).press(key)
            seen = agrees(page)
            assert wanted is None or seen[name] == wanted
        if name in ("learning_rate", "noise"):
            slider(page, label).press("Home")
    for axis, low, high in ((0, -3, 3), (1, -2, 2)):
        for key, wanted in (("Home", low), ("End", high)):
            slider(page, f"Start w{'₁₂'[axis]}").press(key)
            assert agrees(page)["start"][axis] == wanted
    assert agrees(page)["step"] == 200 - 10


# ---- the ball ----


def test_a_click_drops_the_ball_and_dragging_takes_it_along(page):
    box = page.locator(".hc-contours-area").bounding_box()

    def go(across, down):
        page.mouse.move(
            box["x"] + across * box["width"], box["y"] + down * box["height"], steps=3
        )

    go(0.25, 0.25)
    page.mouse.down()
    np.testing.assert_allclose(agrees(page)["start"], [-1.5, 1], atol=0.03)
    go(0.75, 0.5)
    np.testing.assert_allclose(agrees(page)["start"], [1.5, 0], atol=0.03)
    page.mouse.up()
    held = trait(page, "start")
    go(0.5, 0.75)
    assert trait(page, "start") == held
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 0.75 * box["height"])
    np.testing.assert_allclose(agrees(page)["start"], [0, -1], atol=0.03)
    assert page.locator(".hc-ball").evaluate("ball => ball === document.activeElement")
    # Taken by the ball itself, out of the picture and back.
    page.mouse.down()
    page.mouse.move(box["x"] - 5, box["y"] - 5, steps=5)
    page.mouse.up()
    assert agrees(page)["start"] == [-3, 2]
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    assert trait(page, "start") == [-3, 2]


def test_a_finger_scrolls_beside_the_ball_and_drops_it_with_a_tap(page):
    before = trait(page, "start")
    touch = """([selector, across, names]) => {
      const area = document.querySelector(".hc-contours-area");
      const box = area.getBoundingClientRect();
      const at = { clientX: box.left + across * box.width,
        clientY: box.top + box.height / 4, bubbles: true, pointerType: "touch" };
      for (const name of names)
        document.querySelector(selector).dispatchEvent(new PointerEvent(name, at));
    }"""
    area, ball = ".hc-contours-area", ".hc-ball"
    page.evaluate(touch, [area, 0.5, ["pointerdown"]])
    page.evaluate(touch, [area, 0.9, ["pointermove", "pointercancel"]])
    assert trait(page, "start") == before
    page.evaluate(touch, [area, 0.5, ["pointerdown", "pointerup", "click"]])
    np.testing.assert_allclose(trait(page, "start"), [0, 1], atol=0.011)
    page.evaluate(touch, [ball, 0.5, ["pointerdown"]])
    page.evaluate(touch, [ball, 0.75, ["pointermove", "pointerup"]])
    np.testing.assert_allclose(trait(page, "start"), [1.5, 1], atol=0.011)
    agrees(page)


def test_keys_move_the_ball_and_no_farther_than_the_picture(page):
    ball = page.locator(".hc-ball")
    start, step = np.array(trait(page, "start")), trait(page, "step")
    ways = {
        "ArrowRight": (0.1, 0),
        "ArrowDown": (0, -0.1),
        "Shift+ArrowLeft": (-0.01, 0),
        "Shift+ArrowUp": (0, 0.01),
    }
    for key, way in ways.items():
        ball.press(key)
        start = start + way
        np.testing.assert_allclose(agrees(page)["start"], start, atol=1e-9)
    for _ in range(8):
        ball.press("ArrowLeft")
    assert agrees(page)["start"][0] == -3
    assert trait(page, "step") == step
    assert ball.get_attribute("aria-valuenow") == "-3"
    assert ball.get_attribute("data-lm-suppress-shortcuts") == "true"


# ---- steps ----


def test_keys_step_from_0_to_the_end(page):
    for key, at in (
        ("Home", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("ArrowLeft", 0),
        ("ArrowLeft", 0),
        ("ArrowUp", 0),
        ("ArrowDown", 1),
        ("End", 100),
        ("ArrowRight", 100),
    ):
        press(page, key, ".hc")
        assert agrees(page)["step"] == at


def test_playing_goes_through_the_race_in_fifty_pieces(page, clock):
    page.evaluate("model.set('steps', 200); model.set('step', 200)")
    page.get_by_role("button", name="Play").click()
    assert trait(page, "step") == 0  # from the start again
    clock.run_for(700)
    assert trait(page, "step") == 4
    clock.run_for(48 * 700)
    assert trait(page, "step") == 196
    clock.run_for(1400)
    assert trait(page, "step") == 200
    page.get_by_role("button", name="Play").wait_for()


def test_a_click_on_the_losses_goes_to_that_step(page):
    box = page.locator(".hc-chart .hc-chart-area").bounding_box()
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 20)
    assert agrees(page)["step"] == 30
    curve = page.get_by_role("slider", name="Loss against steps")
    for key, at in (("ArrowLeft", 29), ("Home", 0), ("End", 100)):
        curve.press(key)
        assert agrees(page)["step"] == at


# ---- examples ----

CHANGES = {
    "landscape": lambda page: choose(page, "Landscape", "bumpy"),
    "start": lambda page: page.locator(".hc-ball").press("ArrowRight"),
    "learning_rate": lambda page: slide(page, "Learning rate", 3),
    "momentum": lambda page: slide(page, "Momentum", 0.33),
    "schedule": lambda page: choose(page, "Schedule", "step"),
    "noise": lambda page: slide(page, "Batch noise", 3.3),
    "steps": lambda page: slide(page, "Steps", 50),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", PRESETS)
def test_every_example_can_be_chosen_again(browser, name, change):
    # Another one is shown first.
    with watched(browser, DescentRace("bumpy", learning_rate=0.3, steps=20)) as page:

        def shows_it():
            seen = agrees(page)
            for field, value in PRESETS[name]._asdict().items():
                wanted = list(value) if isinstance(value, tuple) else value
                assert seen[field] == wanted, field
            assert seen["step"] == seen["steps"]

        can_be_chosen_again(page, name, name, CHANGES[change], shows_it)


# ---- pictures ----


def level(ground, x, y):
    corners = [ground.value(a, b) for a in ground.w1 for b in ground.w2]
    share = np.log1p(1000 * ground.value(x, y) / max(corners)) / np.log1p(1000)
    return np.minimum(13, np.floor(14 * share))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", LANDSCAPES)
def test_levels_have_one_colour_each(browser, name, dark):
    ground = LANDSCAPES[name]
    race = DescentRace(name, racers=[])
    with watched(browser, race, width=500, dark=dark) as page:
        page.wait_for_function("model.alpha(0).number !== undefined")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        pixels = read(page, "() => model.painted(0)")[..., :3] * 1.0
    tall, wide = np.array(pixels.shape[:2]) - 8  # without its edge
    y, x = np.mgrid[4 : tall + 4 : 3, 4 : wide + 4 : 3]

    def at(dx, dy):
        across, down = (x - 3.5 + dx) / wide, (y - 3.5 + dy) / tall
        return level(
            ground,
            ground.w1[0] + across * (ground.w1[1] - ground.w1[0]),
            ground.w2[1] - down * (ground.w2[1] - ground.w2[0]),
        )

    # Not beside the next level, nor on a cross.
    same = np.all([at(dx, dy) == at(0, 0) for dx in (-2, 0, 2) for dy in (-2, 0, 2)], 0)
    for minimum in ground.minima:
        left = (minimum[0] - ground.w1[0]) / (ground.w1[1] - ground.w1[0]) * wide
        top = (ground.w2[1] - minimum[1]) / (ground.w2[1] - ground.w2[0]) * tall
        same &= np.hypot(x - 4 - left, y - 4 - top) > 12
    colours = pixels[y[same], x[same]]
    levels = at(0, 0)[same]
    found = {}
    for k in np.unique(levels):
        mine = colours[levels == k]
        assert np.ptp(mine, axis=0).max() <= 1, k
        found[k] = mine[0]
    assert len(found) >= 5
    page_colour = 18 if dark else 255
    high = np.array([91, 132, 184])
    for k, colour in found.items():
        share = 0.75 * k / 13
        wanted = page_colour + share * (high - page_colour)
        np.testing.assert_allclose(colour, wanted, atol=3)


def test_a_path_ends_in_its_colour_and_a_lost_one_at_the_edge(browser):
    def colour_near(pixels, across, down):
        tall, wide = np.array(pixels.shape[:2]) - 8
        row, column = int(4 + down * tall), int(4 + across * wide)
        return pixels[max(0, row - 3) : row + 3, max(0, column - 3) : column + 3]

    def shows(part, colour):
        return (np.abs(part[..., :3] * 1.0 - colour).max(axis=-1) < 12).any()

    blue = (0x00, 0x72, 0xB2)
    race = DescentRace("bowl", (2, 1), learning_rate=0.1, racers=["SGD"])
    with watched(browser, race) as page:
        page.evaluate("model.set('step', 3)")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        end = race.paths["SGD"][3]
        pixels = read(page, "() => model.painted(0)")
        assert shows(colour_near(pixels, (end[0] + 3) / 6, (2 - end[1]) / 4), blue)
        assert not shows(colour_near(pixels, 0.1, 0.9), blue)
    race = DescentRace("valley", (1, 1), learning_rate=0.15, racers=["SGD"])
    with watched(browser, race) as page:
        page.evaluate("() => new Promise(requestAnimationFrame)")
        pixels = read(page, "() => model.painted(0)")
        before, after = race.paths["SGD"][[0, 1]]
        assert abs(before[1]) <= 2 >= abs(after[1])
        before, after = race.paths["SGD"][[1, 2]]
        share = (2 * np.sign(after[1]) - before[1]) / (after[1] - before[1])
        across = (before[0] + share * (after[0] - before[0]) + 3) / 6
        edge = 0.01 if after[1] > 0 else 0.99
        assert shows(colour_near(pixels, across, edge), blue)


# ---- Python, and the kernel ----


def test_python_moves_the_screen(page):
    page.evaluate(
        """() => {
          model.set("landscape", "rosenbrock");
          model.set("start", [-2, 2.5]);
          model.set("learning_rate", 0.0137);
          model.set("schedule", "warm-up");
          model.set("noise", 0.25);
          model.set("seed", 5);
          model.set("steps", 45);
          model.set("step", 12);
          model.set("racers", ["RMSprop"]);
        }"""
    )
    seen = agrees(page)
    assert (seen["steps"], seen["step"]) == (45, 12)
    assert seen["shown"]["Learning rate"] == "0.0137"


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    choose(page, "Landscape", "saddle")
    slide(page, "Momentum", 0.5)
    page.locator(".hc-ball").press("ArrowRight")
    press(page, "Home", ".hc")
    assert agrees(page)["step"] == 0


@pytest.mark.parametrize("width", [360, 700])
def test_it_fits_with_long_numbers(browser, width):
    race = DescentRace("bowl", (-2.96, -1.93), learning_rate=0.0001, goal=1e-7)
    with watched(browser, race, width=width) as page:
        assert width_needed(page) <= width
        room = page.locator(".hc-strip").bounding_box()
        table = page.locator(".dr-table").bounding_box()
        assert table["x"] + table["width"] <= room["x"] + room["width"] + 1
