"""parts/ask.js: a kernel that answers late, out of order, with an error, or never."""

import pytest
from lab_browser import closing
from stage import load

# A model as anywidget gives it, to which a test plays the kernel: `asked` are the
# questions that came, `answer(k, …)` answers one of them.
MODEL = """() => {
  const listeners = new Map();
  window.asked = [];
  window.told = [];
  window.model = {
    send(content, _, buffers) { asked.push({ ...content, buffers }); },
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    off(name, listener) {
      listeners.set(name, listeners.get(name).filter((other) => other !== listener));
    },
  };
  window.happens = (name, ...given) => {
    for (const listener of [...(listeners.get(name) ?? [])]) listener(...given);
  };
  window.listening = () => [...listeners.values()].flat().length;
  window.say = (k, more, buffers = []) =>
    happens("msg:custom", { answer: asked[k].ask, ...more }, buffers);
  window.heard = (k) => say(k, { heard: true });
  window.answer = (k, given) => say(k, { given });
  window.start = (model) => {
    window.asker = ask.asker(model);
    document.body.replaceChildren(asker.element);
  };
  window.put = (question, given, slot) =>
    asker.ask(question, given, {
      onAnswer: (answer) => told.push([question, given, answer]),
      onError: (sentence) => told.push([question, given, sentence]),
    }, slot);
  start(model);
}"""
GONE = "The kernel does not answer; run the cell again once no other one runs."
NONE = "This page has no kernel; open the lesson in Jupyter for this."


@pytest.fixture
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/ask.js")
        page.clock.install(time=0)
        page.clock.pause_at(1000)
        page.evaluate(MODEL)
        yield page


def shown(page):
    """What is said of work, and of failure."""
    return page.evaluate(
        "() => [...asker.element.children].map((one) => one.textContent)"
    )


def numbers(page):
    """What `given` of each question that was sent is."""
    return page.evaluate("asked.map(({ given }) => given.n)")


def told(page):
    return page.evaluate("told")


def test_a_question_and_its_answer(page):
    page.evaluate("put('double', { n: 3, name: 'a' })")
    assert page.evaluate("asked.map(({ question, given }) => [question, given])") == [
        ["double", {"n": 3, "name": "a"}]
    ]
    page.evaluate("answer(0, { twice: 6 })")
    assert told(page) == [["double", {"n": 3, "name": "a"}, {"twice": 6}]]
    page.clock.run_for(60_000)
    assert shown(page) == ["", ""]


def test_arrays_go_there_and_come_back(page):
    found = page.evaluate(
        """() => {
          const bytes = { shape: [2], data: new Uint8ClampedArray([3, 255]) };
          const real = { shape: [1, 2], data: new Float64Array([0.5, -2]) };
          let answer;
          asker.ask("q", { bytes, n: 1, real }, { onAnswer: (a) => (answer = a) });
          const [{ ask, given, buffers }] = asked;
          const lengths = buffers.map((one) => one.byteLength);
          happens("msg:custom", { answer: ask, given: { map: { ...given.real } } },
            [new DataView(new ArrayBuffer(8)), buffers[1]]);
          return [given, lengths, answer.map.shape, [...answer.map.data]];
        }"""
    )
    assert found == [
        {
            "bytes": {"shape": [2], "dtype": "uint8", "buffer": 0},
            "n": 1,
            "real": {"shape": [1, 2], "dtype": "float64", "buffer": 1},
        },
        [2, 16],
        [1, 2],
        [0.5, -2],
    ]


def test_busy_is_shown_after_a_moment(page):
    page.evaluate("put('q', { n: 1 })")
    page.clock.run_for(499)
    assert shown(page) == ["", ""]
    page.clock.run_for(1)
    assert shown(page) == ["The kernel is asked…", ""]  # nobody has heard it yet
    assert page.evaluate("asker.element.firstChild.ariaLive") == "polite"
    page.evaluate("heard(0)")
    assert shown(page) == ["The kernel computes…", ""]
    page.clock.run_for(3_600_000)  # it works, however long
    assert shown(page) == ["The kernel computes…", ""]
    page.evaluate("answer(0, {})")
    assert shown(page) == ["", ""]
    assert len(told(page)) == 1


def test_nothing_piles_up_behind_a_slider(page):
    """One question is on its way, the latest waits, those between are never asked."""
    for n in range(50):
        page.evaluate("n => put('q', { n })", n)
    assert numbers(page) == [0]
    page.evaluate("answer(0, { n: 0 })")  # too late: another was wanted meanwhile
    assert numbers(page) == [0, 49]
    assert told(page) == []
    page.evaluate("answer(1, { n: 49 })")
    assert told(page) == [["q", {"n": 49}, {"n": 49}]]
    assert numbers(page) == [0, 49]


def test_answers_out_of_order_and_of_others(page):
    page.evaluate("put('q', { n: 1 })")
    page.evaluate("happens('comm:close')")  # and it is open again
    page.evaluate("put('q', { n: 2 })")
    page.evaluate("happens('msg:custom', { answer: 'another view 1', given: {} }, [])")
    page.evaluate("happens('msg:custom', 'something else', [])")
    page.evaluate("happens('msg:custom', null, [])")
    page.evaluate("answer(1, { n: 2 })")
    page.evaluate("answer(0, { n: 1 })")  # in the wrong order
    page.evaluate("answer(1, { n: 3 })")  # twice
    assert [answer for _, _, answer in told(page)] == [GONE, {"n": 2}]
    assert shown(page) == ["", ""]


def test_no_questions_lie_in_wait_in_a_busy_kernel(page):
    """Ten minutes of another cell, and somebody who moves a slider meanwhile."""
    page.evaluate("put('q', { n: 1 })")
    page.clock.run_for(15_000)
    assert [answer for _, _, answer in told(page)] == [GONE]
    for n in range(2, 40):
        page.evaluate("n => put('q', { n })", n)
        page.clock.run_for(15_000)
        assert told(page)[-1] == ["q", {"n": n}, GONE]
    assert numbers(page) == [1]
    page.evaluate("heard(0)")
    assert shown(page)[1] == ""
    assert numbers(page) == [1]
    page.evaluate("answer(0, { n: 1 })")
    assert numbers(page) == [1, 39]
    page.evaluate("answer(1, { n: 39 })")
    assert numbers(page) == [1, 39]
    assert told(page)[-1] == ["q", {"n": 39}, {"n": 39}]
    assert len(told(page)) == 40


def test_the_same_is_asked_of_a_busy_kernel(page):
    page.evaluate("put('q', { n: 1 })")
    page.clock.run_for(15_000)
    page.evaluate("put('q', { n: 1 })")
    assert [answer for _, _, answer in told(page)] == [GONE, GONE]
    page.evaluate("heard(0)")
    page.evaluate("answer(0, { n: 1 })")
    assert numbers(page) == [1]
    assert told(page)[-1] == ["q", {"n": 1}, {"n": 1}]


def test_what_is_taken_back_from_a_busy_kernel(page):
    page.evaluate("put('q', { n: 1 }, 'left')")
    page.clock.run_for(15_000)
    page.evaluate("() => { put('q', { n: 2 }, 'right'); asker.forget('right'); }")
    assert len(told(page)) == 1
    page.evaluate("answer(0, {})")
    assert numbers(page) == [1]


def test_the_same_twice_is_asked_once(page):
    page.evaluate("put('q', { n: 1 })")
    page.evaluate("put('q', { n: 2 })")
    page.evaluate("put('q', { n: 1 })")  # back again before the answer
    assert numbers(page) == [1]
    page.evaluate("answer(0, { n: 1 })")
    assert numbers(page) == [1]
    assert told(page) == [["q", {"n": 1}, {"n": 1}]]
    page.evaluate("put('q', { n: 1 })")  # once answered, it may be asked anew
    assert numbers(page) == [1, 1]


def test_slots_wait_for_each_other(page):
    page.evaluate("put('q', { n: 1 }, 'left')")
    page.evaluate("put('q', { n: 2 }, 'right')")
    page.evaluate("put('r', { n: 3 })")
    page.evaluate("put('q', { n: 4 }, 'left')")
    assert numbers(page) == [1]
    for k in range(4):
        page.evaluate("k => answer(k, { k })", k)
    assert numbers(page) == [1, 2, 3, 4]
    assert [answer["k"] for _, _, answer in told(page)] == [1, 2, 3]  # 0 came too late


def test_what_is_taken_back_is_not_told(page):
    page.evaluate("put('q', { n: 1 }, 'left')")
    page.evaluate("put('q', { n: 2 }, 'right')")
    page.evaluate("asker.forget('left')")
    page.evaluate("asker.forget('right')")
    page.evaluate("say(0, { error: 'Too large.' })")
    assert numbers(page) == [1]
    assert told(page) == []
    assert shown(page) == ["", ""]


def test_an_error_is_a_sentence_in_place(page):
    page.evaluate("put('q', { n: 1 })")
    page.clock.run_for(200)
    page.evaluate("say(0, { error: 'The model takes colour photos.' })")
    assert shown(page) == ["", "The model takes colour photos."]
    assert told(page) == [["q", {"n": 1}, "The model takes colour photos."]]
    page.evaluate("put('q', { n: 2 })")
    page.evaluate("answer(1, {})")
    assert shown(page) == ["", ""]


def test_a_kernel_that_never_answers(page):
    page.evaluate("put('q', { n: 1 })")
    page.evaluate("put('q', { n: 2 }, 'other')")
    page.clock.run_for(14_999)
    assert shown(page) == ["The kernel is asked…", ""]
    page.clock.run_for(1)
    assert shown(page) == ["", GONE]
    assert numbers(page) == [1]  # what waits goes on waiting, and knows of it
    assert [sentence for _, _, sentence in told(page)] == [GONE, GONE]


def test_a_kernel_that_was_busy_with_another_cell(page):
    page.evaluate("put('q', { n: 1 })")
    page.clock.run_for(20_000)
    assert shown(page) == ["", GONE]
    page.evaluate("heard(0)")
    page.clock.run_for(500)
    assert shown(page) == ["The kernel computes…", ""]
    page.evaluate("answer(0, { n: 1 })")
    assert shown(page) == ["", ""]
    assert told(page)[-1] == ["q", {"n": 1}, {"n": 1}]


@pytest.mark.parametrize("event", ["comm:close", "comm_live_update"])
def test_a_kernel_that_dies_at_work(page, event):
    page.evaluate("put('q', { n: 1 })")
    page.evaluate("heard(0)")
    page.evaluate("name => happens(name)", event)
    assert shown(page) == ["", GONE]
    page.evaluate("name => happens(name)", event)
    assert len(told(page)) == 1
    page.evaluate("put('q', { n: 2 })")  # there may be another one
    assert numbers(page) == [1, 2]
    page.evaluate("answer(1, { n: 2 })")
    assert shown(page) == ["", ""]


def test_a_line_that_is_back_is_not_closed(page):
    """Of a model that tells: anywidget's says that something changed, and not what."""
    page.evaluate("put('q', { n: 1 })")
    page.evaluate("heard(0)")
    page.evaluate("() => { model.comm_live = true; happens('comm_live_update'); }")
    assert told(page) == []
    page.evaluate("() => { model.comm_live = false; happens('comm_live_update'); }")
    assert [answer for _, _, answer in told(page)] == [GONE]


def test_errors_of_slots_stand_beside_each_other(page):
    """What is pointed at does not wipe off why there is no map."""
    page.evaluate("put('map', { n: 1 })")
    page.evaluate("say(0, { error: 'No room for so many pictures.' })")
    page.evaluate("put('said', { n: 2 })")
    page.evaluate("answer(1, {})")
    assert shown(page) == ["", "No room for so many pictures."]
    page.evaluate("put('said', { n: 3 })")
    page.evaluate("say(2, { error: 'No answer.' })")
    assert shown(page) == ["", "No answer."]
    page.evaluate("asker.forget('said')")
    assert shown(page) == ["", "No room for so many pictures."]
    page.evaluate("put('map', { n: 4 })")
    assert shown(page) == ["", ""]


def test_errors_can_be_looked_up(page):
    page.evaluate("handsOnConvnetsTexts = { 'No {what}.': 'Kein {what}.' }")
    page.evaluate("put('q', { n: 1 })")
    page.evaluate("say(0, { error: 'No {what}.', values: { what: 'Platz' } })")
    assert shown(page) == ["", "Kein Platz."]
    page.evaluate("delete globalThis.handsOnConvnetsTexts")


def test_no_question_that_is_asked_is_lost_by_a_closed_line(page):
    """As after a restart, or on a page without a kernel."""
    for send, said in (
        ("() => { throw new Error('Comm is closed') }", GONE),
        ("undefined", NONE),
    ):
        page.evaluate("() => { told.length = 0; asker.close(); start(model); }")
        page.evaluate(f"() => {{ model.send = {send}; }}")
        page.evaluate("async () => { put('q', { n: 1 }); put('r', { n: 2 }); }")
        page.wait_for_function("told.length === 2")
        assert told(page) == [["q", {"n": 1}, said], ["r", {"n": 2}, said]]
        assert shown(page) == ["", said]


def test_closed_while_asking(page):
    page.evaluate("put('q', { n: 1 })")
    page.evaluate("put('r', { n: 2 })")
    assert page.evaluate("listening()") == 3
    page.evaluate("asker.close()")
    assert page.evaluate("listening()") == 0
    page.evaluate("put('q', { n: 3 })")
    page.clock.run_for(60_000)
    assert numbers(page) == [1]
    assert told(page) == []
    assert shown(page) == ["", ""]
