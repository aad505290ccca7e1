"""KernelLearning on a bare page: its runs against the descent of the lesson."""

import json

import numpy as np
import pytest
from hands import (
    AGAIN,
    STATES,
    array,
    can_be_chosen_again,
    choose,
    different_states,
    enter,
    lose_the_kernel,
    menu,
    number,
    number_after,
    press,
    push,
    read_with_grids,
    red_of,
    slide,
    slide_to,
    slider,
    trait,
    watched,
    wear_out,
    width_needed,
)
from kernel_descent import descent, random_settings
from lab_browser import closing
from stage import load

from helpers import ops
from helpers.widgets import KernelLearning
from helpers.widgets.explorers import kernel_learning as room
from helpers.widgets.parts.random import RandomFrom

RESTS = "document.querySelector('.hc').dataset.running === 'false'"
SEE = """() => ({
  settings: Object.fromEntries(["size", "examples", "noise", "learning_rate", "batch",
    "steps", "seed", "step", "example"].map((name) => [name, model.get(name)])),
  secret: model.array("secret"),
  strip: [...document.querySelectorAll(".hc-strip p")].map((p) => p.textContent),
  run: document.querySelector(".hc-player button").textContent,
  pace: document.querySelector(".hc-measured").textContent,
  legend: document.querySelector(".hc-legend").textContent,
  reds: [0, 1, 2, 3].map((index) => model.red(index)),
  described: [...document.querySelectorAll(".hc-tile canvas")].map((canvas) =>
    canvas.getAttribute("aria-label")),
  shown: Object.fromEntries([...document.querySelectorAll(".hc label")].map((label) =>
    [label.querySelector("span").textContent,
      label.querySelector("input, select").value])),
  said: Object.fromEntries([...document.querySelectorAll(".hc-slider")].map((label) =>
    [label.querySelector("span").textContent, label.querySelector("output").value])),
})"""


@pytest.fixture
def page(browser):
    with watched(browser, KernelLearning(steps=40)) as page:
        rest(page)
        yield page


def rest(page):
    """Wait until the run has come to its end."""
    page.wait_for_function(RESTS)


def close(text, wanted, tiny=1e-9):
    """Whether a number in words is this one."""
    if wanted < tiny:
        return text == "below 1e−9"
    return number(text) == pytest.approx(wanted, rel=6e-3)


def calmed(losses):
    """The mean of the last tenth of all so far, at each step."""
    return np.array([losses[k - k // 10 : k + 1].mean() for k in range(len(losses))])


def verdict_of(run, step, floor, difference, secret, size):
    """How what is said begins."""
    training, held_out = (
        calmed(losses[: step + 1]) for losses in (run.training, run.held_out)
    )
    now = held_out[-1]
    has_risen = now > 1.2 * held_out.min() and now > run.held_out[0] / 100
    if run.has_diverged and step == len(run.kernels) - 1:
        return "Diverged: "
    if step == 0:
        return "Random numbers: "
    if run.training[step] > 2 * run.training[0]:
        return "It grows: "
    if training[-1] < floor and has_risen:
        return "It overfits: "
    if difference < (np.abs(secret).max() or 1) / 100:
        return "Found: "
    if size < len(secret):
        return "Weights of "
    return "With this noise " if floor else "Without noise "


def tiles_of(seen, secret, kernel, settings):
    """Picture, wanted output, output and error of the example that is shown."""
    n = min(seen["settings"]["example"], settings.examples) - 1
    picture, widest = room.pictures()[n], max(len(secret), len(kernel))

    def answer(one):
        rim = (widest - len(one)) // 2
        return ops.conv2d(picture[rim : 12 - rim, rim : 12 - rim], one)

    wanted = answer(secret)
    wanted = wanted + room.added_noise(settings)[n].reshape(wanted.shape)
    return picture, wanted, answer(kernel), wanted - answer(kernel)


def agrees(page):
    """Everything on the screen is what Python makes of the same settings."""
    rest(page)
    seen, grids = read_with_grids(page, SEE)
    told, secret = seen["settings"], seen["secret"]
    rows = tuple(map(tuple, secret.tolist()))
    settings = room.Settings(rows, *(told[name] for name in room.Settings._fields[1:]))
    run = room.learned(settings)
    step = min(told["step"], len(run.kernels) - 1)
    kernel, side = run.kernels[step], max(len(secret), settings.size)
    whole = room.embedded(kernel, side) - room.embedded(secret, side)
    difference = np.abs(whole).max()
    floor = float((room.added_noise(settings) ** 2).mean())

    np.testing.assert_allclose(grids["secret kernel"].numbers, secret, rtol=1e-3)
    near = 6e-3 if settings.size > 5 else 6e-4  # as many digits as there is room for
    learned = grids["learned kernel"].numbers
    np.testing.assert_allclose(learned, kernel, rtol=near, atol=near)

    progress, verdict, refusal = seen["strip"]
    assert refusal == ""
    assert progress.startswith(f"Step {step} of {settings.steps}: training loss ")
    losses, last = progress.split("; largest difference to the secret kernel ")
    training, held_out = losses.split("training loss ")[1].split(", held-out loss ")
    assert close(training, run.training[step])
    assert close(held_out, run.held_out[step])
    assert close(last.removesuffix("."), difference)
    says = verdict_of(run, step, floor, difference, secret, settings.size)
    assert verdict.startswith(says)
    if "itself has a training loss" in verdict:
        assert number_after(verdict, "training loss of") == pytest.approx(
            floor, rel=6e-3
        )
    if "outer weights" in verdict:
        ring = kernel.copy()
        rim = (settings.size - len(secret)) // 2
        ring[rim:-rim, rim:-rim] = 0
        largest = np.abs(ring).max()
        assert number_after(verdict, "largest is") == pytest.approx(largest, rel=6e-2)

    picture, *maps = tiles_of(seen, secret, kernel, settings)
    most = np.abs(maps[0]).max() or 1
    for red, values in zip(seen["reds"][1:], maps, strict=True):
        wanted = red_of(np.clip(values / most, -1, 1))
        np.testing.assert_allclose(red * 1.0, wanted, atol=2)
    low, high = picture.min(), picture.max()
    gray = (picture - low) * 255 / (high - low)
    np.testing.assert_allclose(seen["reds"][0] * 1.0, gray, atol=0.51)
    for text, values in zip(seen["described"][1:], maps, strict=True):
        assert number_after(text, "from") == pytest.approx(values.min(), rel=6e-3)
        assert number_after(text, "to") == pytest.approx(values.max(), rel=6e-3)

    assert seen["run"] == "Train again"
    assert seen["pace"].startswith(
        f"{len(run.kernels) - 1} of {settings.steps} steps, "
    )
    assert seen["legend"].startswith(f"step {step}training loss ")
    shown, said = seen["shown"], seen["said"]
    assert int(shown["Kernel size"]) == settings.size
    assert int(shown["Examples"]) == settings.examples
    assert float(shown["Noise"]) == pytest.approx(settings.noise)
    assert number(said["Learning rate"]) == pytest.approx(settings.learning_rate)
    whole_batch = settings.batch >= settings.examples
    assert said["Batch"] == ("all" if whole_batch else str(settings.batch))
    assert int(said["Number of steps"]) == settings.steps
    assert said["Step"] == f"{step} of {len(run.kernels) - 1}"
    n = min(told["example"], settings.examples)
    assert said["Picture shown"] == f"{n} of {settings.examples}"
    return seen


# ---- runs, to the last digits ----

RUN = """(given) => given.map(({ secret, side, pictures, ...settings }) => {
  const array = (shape, data) => ({ shape, data: Float64Array.from(data) });
  const all = {
    ...settings,
    secret: array([side, side], secret),
    pictures: array([40, 12, 12], window.pictures),
  };
  const limits = { runaway: 1e6, heldOut: 8 };
  const told = { kernels: [], training: [], heldOut: [] };
  const work = kernel_learning_run.learning({ settings: all, limits });
  let pauses = 0;
  for (;;) {
    const { value, done } = work.next();
    if (done) return { ...told, pauses, ...value };
    pauses += 1;
    if (value) for (const name of Object.keys(told)) told[name].push(...value[name]);
  }
})"""


@pytest.fixture(scope="module")
def bare(browser):
    with closing(browser.new_page()) as page:
        load(page, "explorers/kernel_learning_run.js")
        load(page, "parts/random.js")
        numbers = room.pictures().ravel().tolist()
        page.evaluate("(numbers) => { window.pictures = numbers }", numbers)
        yield page


def test_random_runs_are_those_of_the_lesson(bare):
    """One picture after the other, with `conv2d_gradients` and `SGD`."""
    rng = np.random.default_rng(1)
    all_settings = [random_settings(rng) for _ in range(STATES)]
    given = [
        {
            **settings._asdict(),
            "secret": np.ravel(settings.secret).tolist(),
            "side": len(settings.secret),
        }
        for settings in all_settings
    ]
    endings = set()
    for settings, found in zip(all_settings, bare.evaluate(RUN, given), strict=True):
        kernels, training, held_out = descent(settings)
        ours = np.reshape(found["kernels"], kernels.shape)
        most = np.abs(kernels).max(axis=(1, 2), keepdims=True)
        np.testing.assert_allclose(ours / most, kernels / most, rtol=0, atol=1e-6)
        np.testing.assert_allclose(found["training"], training, rtol=1e-6)
        np.testing.assert_allclose(found["heldOut"], held_out, rtol=1e-6)
        assert found["diverged"] == (training[-1] > room.RUNAWAY * training[0])
        assert found["pauses"] >= len(kernels) - 1  # after each step it may pause
        endings.add(found["diverged"])
    assert endings == {True, False}


def test_a_run_that_goes_on_is_the_same(bare):
    """From step 7 on: the order of examples goes on too, and so does its end."""
    script = """([settings, at]) => {
      const array = (shape, data) => ({ shape, data: Float64Array.from(data) });
      const all = {
        ...settings,
        secret: array([3, 3], settings.secret),
        pictures: array([40, 12, 12], window.pictures),
      };
      const limits = { runaway: 1e6, heldOut: 8 };
      const { history, learning } = kernel_learning_run;
      const ran = (more) => {
        const told = history(all.size);
        for (const piece of learning({ settings: all, limits, ...more }))
          if (piece) told.add(piece);
        return told;
      };
      const whole = ran({});
      const from = { step: at, kernel: whole.kernels[at] };
      return [whole.training, ran({ from, first: whole.training[0] }).training];
    }"""
    for rate in (0.05, 0.4):
        settings = {
            "secret": [1, 0, -1, 2, 0, -2, 1, 0, -1],
            "size": 5,
            "examples": 5,
            "noise": 1,
            "learning_rate": rate,
            "batch": 2,
            "steps": 30,
            "seed": 3,
        }
        whole, rest_of_it = bare.evaluate(script, [settings, 7])
        np.testing.assert_array_equal(whole[8:], rest_of_it)
        assert (len(whole) < 31) == (rate == 0.4)


def test_random_numbers_are_the_same(bare):
    script = """([seed, n]) => {
      const [a, b, c] = [0, 0, 0].map(() => random.randomFrom(seed));
      return [
        Array.from({ length: n }, () => a.uniform()),
        Array.from({ length: n }, () => b.normal()),
        [...c.shuffled(n)],
      ];
    }"""
    for seed in (0, 1, 2, 12345, 2_999_999, 2**31, 2**32 - 1):
        uniform, normal, shuffled = bare.evaluate(script, [seed, 200])
        one, other, third = (RandomFrom(seed) for _ in range(3))
        assert uniform == [one.uniform() for _ in range(200)]
        ours = [other.normal() for _ in range(200)]
        np.testing.assert_allclose(normal, ours, rtol=1e-12, atol=1e-14)
        assert shuffled == third.shuffled(200)


# ---- the screen ----


def test_random_states(page):
    rng = np.random.default_rng(2)
    slide(page, "Number of steps", 20)
    agrees(page)
    verdicts = set()
    for _ in different_states(page):
        match rng.integers(11):
            case 0:
                slide(page, "Examples", int(rng.integers(1, 9)))
            case 1:
                slide(page, "Noise", float(rng.choice([0, 0, 0.5, 2])))
            case 2:
                slide(page, "Batch", int(rng.integers(1, 9)))
            case 3:
                slide(page, "Number of steps", int(rng.choice([10, 20, 40, 60])))
            case 4:
                slide_to(page, "Learning rate", rng.random())
            case 5:
                choose(page, "Kernel size", str(rng.choice([3, 5, 7])))
            case 6:
                choose(page, "Secret kernel", str(rng.choice(list(room.SECRETS))))
            case 7:
                text = str(round(float(rng.normal(0, 2)), 1))
                enter(page, ".hc-grid input", rng.random(), text)
            case 8:
                push(page, "Another seed")
            case 9:
                slide_to(page, "Step", rng.random())
            case _:
                slide_to(page, "Picture shown", rng.random())
        verdicts.add(agrees(page)["strip"][1].split(":")[0])
    assert {"Diverged", "Found", "It overfits", "Random numbers"} & verdicts


@pytest.mark.parametrize("name", room.PRESETS)
def test_examples(page, name):
    def change(page):
        slide(page, "Examples", 2)

    def shows_it():
        seen = agrees(page)
        wanted = room.PRESETS[name]
        np.testing.assert_array_equal(seen["secret"], wanted.secret)
        for setting, value in wanted._asdict().items():
            if setting not in ("title", "secret"):
                assert seen["settings"][setting] == value
        assert seen["settings"]["step"] == wanted.steps
        begins = {"few": "It overfits", "many": "With this noise", "fast": "Diverged"}
        assert seen["strip"][1].startswith(begins.get(name, "Found"))

    can_be_chosen_again(page, name, room.PRESETS[name].title, change, shows_it)


def test_another_seed_stays_with_the_example(page):
    choose(page, "Example", "edge")
    before = agrees(page)["strip"][0]
    page.get_by_role("button", name="Another seed").click()
    seen = agrees(page)
    assert seen["settings"]["seed"] == 2
    assert seen["strip"][0] != before
    assert menu(page, "Example").input_value() == "edge"


def test_a_change_makes_a_new_run_from_the_same_seed(page):
    first = agrees(page)
    slide(page, "Noise", 1)
    assert agrees(page)["strip"] != first["strip"]
    slide(page, "Noise", 0)
    assert agrees(page)["strip"] == first["strip"]
    slide(page, "Step", 3)
    push(page, "Train again")
    assert agrees(page)["settings"]["step"] == 3  # it is what is asked for


def test_every_step_of_a_run(page):
    said = set()
    for step in range(41):
        slide(page, "Step", step)
        said.add(agrees(page)["strip"][0])
    assert len(said) == 41


def test_keys_step(page):
    for key, at in (("Home", 0), ("ArrowRight", 1), ("ArrowLeft", 0), ("End", 40)):
        press(page, key, ".hc")
        assert agrees(page)["settings"]["step"] == at
    plot = page.get_by_role("slider", name="Losses over the steps")
    plot.press("Home")
    assert agrees(page)["settings"]["step"] == 0
    plot.press("ArrowRight")
    assert agrees(page)["settings"]["step"] == 1
    plot.click()
    assert agrees(page)["settings"]["step"] == 20


def test_playing_goes_on_by_several_steps(browser):
    with watched(browser, KernelLearning(steps=600)) as page:
        rest(page)
        wear_out(page)
        page.clock.install(time=0)
        page.clock.pause_at(60_000)
        slider(page, "Step").press("Home")
        page.get_by_role("button", name="Play").click()
        page.clock.run_for(700)
        assert trait(page, "step") == 10
        page.clock.run_for(700)
        assert trait(page, "step") == 20


# ---- while it runs ----

LONG = {"size": 7, "examples": 32, "batch": 32, "noise": 1, "steps": 1000}
# Something is done as soon as there are steps to be seen, and before the last.
WHILE_IT_RUNS = """async (act) => {
  const root = document.querySelector(".hc");
  const pace = document.querySelector(".hc-measured");
  const made = () => parseInt(pace.textContent || "0");
  while (!(root.dataset.running === "true" && made() > 5))
    await new Promise((done) => setTimeout(done, 1));
  const found = await (ACT)(root);
  return { ...found, made: made(), running: root.dataset.running };
}"""


def while_it_runs(page, act):
    return page.evaluate(WHILE_IT_RUNS.replace("(ACT)", f"({act})"))


@pytest.fixture
def long(browser):
    with watched(browser, KernelLearning(learning_rate=0.03, **LONG)) as page:
        yield page


def test_halt_and_go_on(long):
    act = """(root) => {
      const buttons = [...root.querySelectorAll("button")];
      buttons.find((button) => button.textContent === "Halt").click();
      return { step: model.get("step") };
    }"""
    halted = while_it_runs(long, act)
    assert halted["running"] == "false"
    assert 5 < halted["made"] < 1000
    assert halted["step"] == halted["made"]
    progress = long.locator(".hc-strip p").first
    assert progress.inner_text().startswith(f"Step {halted['made']} of 1000: ")
    assert slider(long, "Step").get_attribute("max") == str(halted["made"])
    long.wait_for_timeout(100)
    assert progress.inner_text().startswith(f"Step {halted['made']} of 1000: ")
    long.get_by_role("button", name="Go on").click()
    assert trait(long, "step") == 1000
    seen = agrees(long)
    assert seen["settings"]["step"] == 1000


def test_the_slider_goes_along_with_the_run(long):
    act = """(root) => {
      const input = [...root.querySelectorAll("input[type=range]")].find(
        (one) => one.labels[0].textContent.startsWith("Step"));
      return {
        at: input.value,
        told: input.labels[0].querySelector("output").value,
        said: root.querySelector(".hc-strip p").textContent,
        step: model.get("step"),
      };
    }"""
    seen = while_it_runs(long, act)
    assert seen["running"] == "true"
    at = int(seen["at"])
    assert 5 < at < 1000
    assert seen["told"] == f"{at} of 1000"
    assert seen["said"].startswith(f"Step {at} of 1000: ")
    assert seen["step"] == 1000  # what is asked for
    assert agrees(long)["settings"]["step"] == 1000


def test_scrubbing_while_it_runs(long):
    act = """(root) => {
      const input = [...root.querySelectorAll("input[type=range]")].find(
        (one) => one.labels[0].textContent.startsWith("Step"));
      input.value = 3;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      return { said: root.querySelector(".hc-strip p").textContent };
    }"""
    seen = while_it_runs(long, act)
    assert seen["running"] == "true"
    assert seen["said"].startswith("Step 3 of 1000: ")
    assert agrees(long)["settings"]["step"] == 3


def test_a_change_while_it_runs(long):
    act = """(root) => {
      const input = [...root.querySelectorAll("input[type=range]")].find(
        (one) => one.labels[0].textContent.startsWith("Number of steps"));
      input.value = 50;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      return {};
    }"""
    assert while_it_runs(long, act)["running"] == "true"
    assert agrees(long)["settings"]["steps"] == 50


def test_it_ends_with_its_view(long):
    act = """() => {
      let ended = 0;
      const { terminate } = Worker.prototype;
      Worker.prototype.terminate = function () {
        ended += 1;
        return terminate.call(this);
      };
      unmount();
      Worker.prototype.terminate = terminate;
      return { ended };
    }"""
    assert while_it_runs(long, act)["ended"] == 1
    assert long.locator(".hc").count() == 0


def test_without_a_worker(browser):
    with watched(browser, KernelLearning(steps=60, noise=1), new=True) as page:
        rest(page)
        page.evaluate("delete window.Worker")
        page.evaluate(AGAIN)
        agrees(page)
        slide(page, "Examples", 3)
        agrees(page)


def test_many_changes_at_once(page):
    """As a slider that is dragged: what is on the screen in the end is the last."""
    for examples in (*range(1, 13), 5):
        slide(page, "Examples", examples)
    assert agrees(page)["settings"]["examples"] == 5


def test_the_page_is_never_held_up(browser):
    """Not for 50 ms of its thread's own time, whatever else the machine does."""
    with watched(browser, KernelLearning(learning_rate=0.03, **LONG), new=True) as page:
        browser.start_tracing(page=page, categories=["toplevel"])
        rest(page)
        for key in ("ArrowLeft", "ArrowRight"):
            slider(page, "Examples").press(key)
        rest(page)
        events = json.loads(browser.stop_tracing())["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["tdur"] / 1000
        for event in events
        if "tdur" in event and (event["pid"], event["tid"]) in threads
    ]
    assert len(tasks) > 100
    assert max(tasks) < 50


# ---- refusals ----


@pytest.mark.parametrize("text", ["", "two", "1/0", "--1", "1e9", "-2e6"])
def test_what_is_refused(page, text):
    before = array(page, "secret")
    field = page.locator(".hc-grid input").first
    field.fill(text)
    assert page.get_by_role("alert").inner_text()
    np.testing.assert_array_equal(array(page, "secret"), before)
    field.blur()
    np.testing.assert_array_equal(agrees(page)["secret"], before)


def test_keys_change_a_weight(page):
    field = page.locator(".hc-grid input").first
    for key, by in (("ArrowUp", 0.1), ("ArrowDown", -0.1), ("Shift+ArrowUp", 1)):
        before = array(page, "secret")[0, 0]
        field.press(key)
        assert agrees(page)["secret"][0, 0] == pytest.approx(before + by)


# ---- Python ----


def test_python_moves_the_screen(page):
    page.evaluate("model.set('step', 2)")
    assert agrees(page)["settings"]["step"] == 2
    page.evaluate("""() => {
      model.set('size', 5);
      model.set('seed', 77);
      model.set('steps', 30);
      model.set('step', 30);
      model.set('example', 4);
    }""")
    seen = agrees(page)
    assert seen["settings"]["size"] == 5
    assert seen["said"]["Picture shown"] == "4 of 8"
    page.evaluate("model.set('learning_rate', 0.0333)")
    assert agrees(page)["said"]["Learning rate"] == "0.0333"


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    slide(page, "Examples", 2)
    agrees(page)
    push(page, "Another seed")
    agrees(page)


def test_copy_as_python_names_the_secret_kernel(page):
    choose(page, "Secret kernel", "gaussian_5")
    slide(page, "Noise", 0.5)
    page.get_by_role("button", name="Copy as Python").click()
    code = page.get_by_label("The same in Python").inner_text()
    assert code == 'KernelLearning("gaussian_5", noise=0.5, steps=40)'


@pytest.mark.parametrize("width", [360, 640, 1100])
@pytest.mark.parametrize("secret", ["wide_edge_7", "gaussian_5"])
def test_the_largest_fits(browser, width, secret):
    lesson = KernelLearning(secret, 7, noise=3, examples=1, batch=1)
    with watched(browser, lesson, width=width) as page:
        agrees(page)
        assert width_needed(page) <= width
        inside = """() => [...document.querySelectorAll(".hc-scroll:has(.hc-grid)")]
            .every((one) => one.scrollWidth <= one.clientWidth)"""
        assert page.evaluate(inside)
        legible = """() => [...document.querySelectorAll(".hc-grid input")]
            .every((one) => one.scrollWidth <= one.clientWidth)"""
        assert page.evaluate(legible)
