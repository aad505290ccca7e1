"""Work longer than a frame: in a worker, in slices where none may start; cancelled."""

import pytest
from lab_browser import closing
from playwright.sync_api import Page
from stage import LOAD, ROOT, load

from helpers.widgets.parts.base import modules, source

# Jobs in a module of their own, as explorers have; `where` is the page or a worker.
JOBS = """
const where = () => (globalThis.document ? "page" : "worker");
export function* squares({ numbers, every }) {
  const out = new Float64Array(numbers.length);
  for (let k = 0; k < numbers.length; k++) {
    out[k] = numbers[k] ** 2;
    yield k % every ? undefined : { k, out };
  }
  numbers.fill(0); // its own copy
  const said = globalThis.handsOnConvnetsTexts?.a;
  return { out, half: out.subarray(0, 2), where: where(), said };
}
export function* endless() {
  for (let k = 0; ; k++) yield k % 1000 ? undefined : k;
}
export function* fails({ at }) {
  for (let k = 0; k < at; k++) yield k;
  throw new Error("the loss is infinite");
}
export function* errsLater() {
  yield 1;
  setTimeout(() => { throw new Error("nobody waits for this any more"); });
}
export function* cannotBeSent() {
  yield () => 1;
}
"""

# window.place(name) is a place for one of the jobs, window.ran(name, input) what it
# told; window.kept counts workers and addresses that are there still.
PREPARE = """async (url) => {
  window.kept = { workers: 0, addresses: 0, hired: 0 };
  const { createObjectURL, revokeObjectURL } = URL;
  const there = new Set();
  const count = () => (kept.addresses = there.size);
  URL.createObjectURL = (blob) => {
    const address = createObjectURL.call(URL, blob);
    there.add(address);
    count();
    return address;
  };
  URL.revokeObjectURL = (address) => {
    revokeObjectURL.call(URL, address);
    there.delete(address);
    count();
  };
  if (window.Worker)
    window.Worker = class extends Worker {
      constructor(...given) { super(...given); kept.workers++; kept.hired++; }
      terminate() { super.terminate(); kept.workers--; }
    };
  window.jobs = await import(url);
  window.place = (name, more) => heavy.heavy(jobs[name], url, more);
  window.newest = (name) => heavy.latest(jobs[name], url);
  window.told = (one, input) => new Promise((resolve) => {
    const progress = [];
    one.run(input, {
      onProgress: (value) => progress.push(value),
      onDone: (value) => resolve({ progress, value, way: one.way }),
      onError: (sentence) => resolve({ progress, sentence, way: one.way }),
    });
  });
  window.ran = async (name, input) => {
    const one = place(name);
    const result = await told(one, input);
    one.close();
    return result;
  };
}"""
AS_BLOB = "(text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))"

SERVER = "https://course.example"
POLICIES = {
    "no worker at all": "worker-src 'none'",
    "no worker from a blob": "script-src 'self' 'unsafe-eval'",
}


def served_page(browser, policy: str = "") -> Page:
    """An empty page on a web server, where the modules lie as files too."""
    page = browser.new_page()

    def answer(route):
        path = route.request.url.removeprefix(SERVER)
        kind, body = "text/javascript", JOBS
        if path == "/":
            kind, body = "text/html", "<!doctype html><title>Course</title>"
        elif path != "/jobs.js":
            body = (ROOT / "helpers/widgets" / path[1:]).read_text("utf-8")
        headers = {"Content-Security-Policy": policy} if policy else {}
        route.fulfill(body=body, content_type=kind, headers=headers)

    page.context.route(f"{SERVER}/**", answer)
    page.goto(f"{SERVER}/")
    return page


def bare(browser, without_worker: bool = False) -> Page:
    """A page whose modules come from blobs, as in JupyterLab."""
    page = served_page(browser)
    load(page, "parts/heavy.js")
    if without_worker:
        page.evaluate("delete window.Worker")
    page.evaluate(PREPARE, page.evaluate(AS_BLOB, JOBS))
    return page


def served(browser, policy: str = "") -> Page:
    """A page whose modules are files on a web server, under a policy."""
    page = served_page(browser, policy)
    page.evaluate(
        "async (url) => { window.heavy = await import(url) }",
        f"{SERVER}/parts/heavy.js",
    )
    page.evaluate(PREPARE, f"{SERVER}/jobs.js")
    return page


@pytest.fixture
def page(browser):
    with closing(bare(browser)) as page:
        yield page
        assert page.page_errors() == []


@pytest.fixture
def lone(browser):
    """A page that has no workers."""
    with closing(bare(browser, without_worker=True)) as page:
        yield page
        assert page.page_errors() == []


SQUARES = """async () => {
  globalThis.handsOnConvnetsTexts = { a: "another language" };
  const numbers = Float64Array.from({ length: 10 }, (_, k) => k / 2);
  const { progress, value, way } = await ran("squares", { numbers, every: 4 });
  return {
    way,
    progress: progress.map(({ k, out }) => [k, [...out]]),
    value: { ...value, out: [...value.out], half: [...value.half] },
    shared: value.half.buffer === value.out.buffer,
    numbers: [...numbers],
  };
}"""


def squares(page: Page, way: str) -> None:
    """The job was done that way, and told the same as it does any other way."""
    seen = page.evaluate(SQUARES)
    numbers = [k / 2 for k in range(10)]
    out = [number**2 for number in numbers]
    assert seen == {
        "way": way,
        "progress": [[k, out[: k + 1] + [0] * (9 - k)] for k in (0, 4, 8)],
        "value": {
            "out": out,
            "half": out[:2],
            "where": way,
            "said": "another language",
        },
        "shared": True,
        "numbers": numbers,
    }


def test_a_worker_does_it(page):
    squares(page, "worker")
    assert page.evaluate("kept.hired") == 1


def test_without_workers_the_page_does_the_same(lone):
    squares(lone, "page")


def test_a_page_without_an_origin_has_workers_too(browser):
    """As one that opens from a file: there a worker that is a module may not start."""
    with closing(browser.new_page()) as page:
        load(page, "parts/heavy.js")
        page.evaluate(PREPARE, page.evaluate(AS_BLOB, JOBS))
        assert page.evaluate("origin") == "null"
        squares(page, "worker")


def test_a_worker_imports_files_from_a_web_server(browser):
    with closing(served(browser)) as page:
        squares(page, "worker")


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_where_a_policy_refuses_workers_the_page_does_the_same(browser, policy):
    with closing(served(browser, policy)) as page:
        # Refused only when the next has begun, and that is not the worse for it.
        seen = page.evaluate("""async () => {
          const one = place("squares"), heard = [];
          one.run({ numbers: [1], every: 1 }, { onDone: () => heard.push("first") });
          const { value } = await told(one, { numbers: [1, 2], every: 1 });
          one.close();
          return [heard, [...value.out]];
        }""")
        assert seen == [[], [1, 4]]
        squares(page, "page")
        tried = page.evaluate("kept.hired")
        squares(page, "page")
        assert page.evaluate("kept.hired") == tried  # it is not tried again
        assert page.evaluate("kept.workers") <= 0
        assert page.evaluate("kept.addresses") == 0


def test_a_module_that_needs_the_page_is_done_on_the_page(page):
    needs = JOBS + "document.title;"
    page.evaluate(PREPARE, page.evaluate(AS_BLOB, needs))
    squares(page, "page")


# As explorers are made: modules that import each other, linked by loader.js.
EXPLORER = """
import { heavy } from "../parts/heavy.js";
import { t } from "../parts/texts.js";
export function* told({ n }) {
  yield 1;
  return [t("Stride {n}", { n }), import.meta.url];
}
export const place = () => heavy(told, import.meta.url);
export const url = import.meta.url;
"""


def test_modules_that_the_loader_linked_go_to_the_worker_as_they_are(page):
    path = "explorers/own.js"
    sources = {**modules("parts/heavy.js"), path: EXPLORER}
    page.evaluate(LOAD, [source("parts/loader.js"), sources, path, "own"])
    before = page.evaluate("kept.hired")
    seen = page.evaluate("""async () => {
      const one = own.place();
      const seen = await told(one, { n: 2 });
      one.close();
      return { ...seen, same: seen.value[1] === own.url, hired: kept.hired };
    }""")
    assert (seen["way"], seen["hired"]) == ("worker", before + 1)
    assert seen["value"][0] == "Stride 2"
    assert seen["same"]  # the address of the module, not another copy


def test_a_worker_that_errs_when_it_is_done_is_replaced(page):
    seen = page.evaluate("""async () => {
      const one = place("errsLater");
      const first = await told(one);
      while (kept.workers) await new Promise((resolve) => setTimeout(resolve, 5));
      const second = await told(one);
      one.close();
      return [first.progress, second.progress, kept.hired];
    }""")
    assert seen == [[1], [1], 2]


@pytest.mark.parametrize("workers", [True, False])
def test_what_goes_wrong_is_said(browser, workers):
    with closing(bare(browser, without_worker=not workers)) as page:
        seen = page.evaluate("ran('fails', { at: 2 })")
        assert seen == {
            "progress": [0, 1],
            "sentence": "The calculation came to no end: the loss is infinite.",
            "way": "worker" if workers else "page",
        }
        for failing in ("ran('cannotBeSent')", "ran('endless', { call() {} })"):
            assert "could not be cloned" in page.evaluate(failing)["sentence"]
        # The next job is not the worse for it.
        again = """async () => {
          const one = place("fails");
          const said = [await told(one, { at: 0 }), await told(one, { at: 1 })];
          one.close();
          return said.map(({ progress }) => progress.length);
        }"""
        assert page.evaluate(again) == [0, 1]
        assert page.page_errors() == []


LATEST = """async () => {
  const one = place("squares"), other = place("endless");
  const heard = [];
  const first = new Promise((resolve) =>
    other.run({}, { onProgress: (k) => { heard.push(k); resolve(); } }));
  await first;
  const before = heard.length;
  other.cancel();
  const input = (n) => ({ numbers: new Float64Array(n), every: 1e9 });
  const done = [];
  const last = new Promise((resolve) => {
    for (const n of [50_000, 3, 5])
      one.run(input(n), { onDone: ({ out }) => { done.push(out.length); resolve(); } });
  });
  await last;
  const again = await told(one, input(4)); // what was not to come had time to
  const silent = heard.length === before;
  one.close();
  other.close();
  one.run(input(2), { onDone: () => done.push("after its end") });
  await ran("squares", input(3));
  return { done, silent, again: again.value.out.length, kept };
}"""


def test_the_latest_wins_and_nothing_is_left(page):
    seen = page.evaluate(LATEST)
    assert (seen["done"], seen["silent"], seen["again"]) == ([5], True, 4)
    assert seen["kept"] == {"workers": 0, "addresses": 0, "hired": 5}


def test_the_latest_wins_on_the_page_too(lone):
    seen = lone.evaluate(LATEST)
    assert (seen["done"], seen["silent"], seen["again"]) == ([5], True, 4)
    assert seen["kept"]["addresses"] == 0


NEWEST = """async () => {
  const one = newest("squares"), done = [];
  const input = (n) => ({ numbers: new Float64Array(n), every: 1 });
  const run = (n) => new Promise((resolve, reject) =>
    one.run(input(n), {
      onError: reject,
      onDone({ out }, isLatest) { done.push([out.length, isLatest]); resolve(); },
    }));
  run(2);
  run(3);
  run(4);
  await run(5);
  await run(6);
  run(7);
  run(8);
  one.close();
  const broken = newest("fails"), heard = [];
  await new Promise((resolve) => {
    const onDone = () => heard.push("done");
    for (const at of [1, 2])
      broken.run({ at }, {
        onDone,
        onError(sentence, isLatest) {
          heard.push([sentence, isLatest]);
          if (isLatest) resolve();
        },
      });
  });
  broken.close();
  return { done, heard, workers: kept.workers, hired: kept.hired };
}"""


@pytest.mark.parametrize("way", ["worker", "page"])
def test_what_comes_too_fast_waits_and_the_latest_is_done(way, page, lone):
    seen = (page if way == "worker" else lone).evaluate(NEWEST)
    assert seen["done"] == [[2, False], [5, True], [6, True]]
    sentence = "The calculation came to no end: the loss is infinite."
    assert seen["heard"] == [[sentence, False], [sentence, True]]
    if way == "worker":
        assert (seen["workers"], seen["hired"]) == (0, 2)


def test_a_listener_may_cancel(lone, page):
    script = """() => new Promise((resolve) => {
      const one = place("endless"), heard = [];
      one.run({}, { onProgress(k) {
        heard.push(k);
        if (heard.length < 3) return;
        one.close();
        told(place("fails"), { at: 1 }).then(() => resolve(heard));
      } });
    })"""
    for each in (lone, page):
        assert each.evaluate(script) == [0, 1000, 2000]


def test_a_slice_ends_after_8_ms_by_the_clock(lone):
    """The clock goes on by one at every look, so a slice has eight steps or nine."""
    script = """() => new Promise((resolve) => {
      let [time, steps] = [0, 0];
      const slices = [];
      const send = MessagePort.prototype.postMessage;
      MessagePort.prototype.postMessage = function (...given) {
        slices.push(steps);
        steps = 0;
        return send.apply(this, given);
      };
      const work = (function* () {
        for (let k = 0; k < 800; k++) { steps++; yield; }
        return "done";
      })();
      heavy.inSlices(work, {
        now: () => time++,
        onValue: () => {},
        onDone: (value) => resolve({ value, slices: [...slices, steps] }),
        onError: resolve,
      });
    })"""
    seen = lone.evaluate(script)
    assert seen["value"] == "done"
    first, *slices = seen["slices"]
    assert first == 0  # nothing is done before it returns
    assert sum(slices) == 800
    assert max(slices) <= 9
    assert len(slices) >= 80


def test_the_page_goes_on_while_it_works(lone):
    """Timers and frames come in between the slices."""
    script = """() => new Promise((resolve) => {
      const one = place("endless");
      const came = [];
      let frames = 0;
      one.run({}, { onProgress: () => came.push("work") });
      const frame = () => {
        came.push("frame");
        if (++frames < 5) requestAnimationFrame(frame);
        else { one.close(); resolve(came); }
      };
      requestAnimationFrame(frame);
    })"""
    came = lone.evaluate(script)
    assert came.count("frame") == 5
    assert "work" in came[came.index("frame") :]
