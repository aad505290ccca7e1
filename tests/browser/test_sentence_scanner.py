"""SentenceScanner on a bare page: all it shows against texts and NumPy's running."""

import re

import numpy as np
import pytest
import sentence_networks
from hands import (
    choose,
    different_states,
    lose_the_kernel,
    menu,
    number,
    press,
    read,
    slide,
    slide_to,
    slider,
    stands,
    tap,
    trait,
    watched,
    wear_out,
    width_needed,
)

from helpers.widgets import SentenceScanner
from helpers.widgets.explorers import sentence_scanner

NETWORK = sentence_networks.small()
SENTENCE = "The zorbulous plot isn't dull, it is a wonderful film!"
SETTINGS = ("sentence", "width", "filter", "place", "rows")
FIELD = ".ss-field input"
ROWS = "button.ss-row:not([hidden])"
WORDS = ".ss-words li"

SEE = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const texts = (selector) => all(selector).map((one) => one.textContent);
  const part = (one, selector) => one.querySelector(selector).textContent;
  const labels = all("label.hc-control");
  return {
    state: Object.fromEntries(NAMES.map((name) => [name, model.get(name)])),
    field: document.querySelector(".ss-field input").value,
    words: all(".ss-words li").map((one) => ({
      word: part(one, ".ss-text"),
      number: part(one, ".ss-number"),
      height: parseFloat(one.querySelector("i").style.height),
      kinds: [...one.classList],
    })),
    rows: all(".ss-row").filter((one) => !one.hidden).map((one) => {
      const { left, width } = one.querySelector("i").style;
      return {
        name: one.firstElementChild.textContent,
        window: part(one, ".ss-window"),
        number: part(one, ".ss-counts"),
        left: parseFloat(left),
        width: parseFloat(width),
        kind: one.querySelector("i").className,
        pressed: one.getAttribute("aria-pressed"),
        tab: one.tabIndex,
      };
    }),
    lost: texts(".ss-lost"),
    guess: texts(".ss-guess")[0],
    verdict: texts(".ss-verdict")[0],
    strip: texts(".hc-strip p"),
    message: texts(".hc-message")[0],
    bars: all(".hc-bars li").map((row) => ({
      name: row.querySelector("b").textContent,
      width: parseFloat(row.querySelector(".hc-track i").style.width) / 100,
    })),
    controls: Object.fromEntries(labels.map((label) =>
      [label.querySelector("span").textContent,
       label.querySelector("input, select").value])),
  };
}""".replace("NAMES", str([*SETTINGS]))


@pytest.fixture
def page(browser):
    with watched(browser, SentenceScanner(SENTENCE, NETWORK)) as page:
        yield page


@pytest.fixture
def python():
    scanner = SentenceScanner(SENTENCE, NETWORK)
    yield scanner
    scanner.close()


def follow(scanner, seen):
    """Give the explorer in Python the state that the page has."""
    for name in SETTINGS:
        value = seen["state"][name]
        none = name not in ("sentence", "rows") and value == -1
        setattr(scanner, name, None if none else value)


def agrees(page, scanner):
    """What the page shows is what Python makes of the same sentence."""
    seen = read(page, SEE)
    follow(scanner, seen)
    assert seen["message"] == ""
    words_agree(seen, scanner)
    counts_agree(seen, scanner)
    verdict_agrees(seen, scanner)
    texts_agree(seen, scanner)
    return seen


def chosen(scanner):
    """The filter that is written out, where its window stands."""
    filter_ = scanner.listed[0] if scanner.filter is None else scanner.filter
    strongest = int(scanner.places[filter_])
    return filter_, strongest if scanner.place is None else scanner.place


def words_agree(seen, scanner):
    """Each word, whether it is known, what the filter says to it, and the window."""
    filter_, place = chosen(scanner)
    width = scanner.widths[filter_]
    response, count = scanner.response, len(scanner.words)
    paddings = min(len(scanner.numbers) - count, max(scanner.widths))
    shown = seen["words"]
    assert [one["word"] for one in shown] == [*scanner.words, *["∅"] * paddings]
    most = scanner.strongest[filter_]
    best = scanner.places[filter_] if most else None
    for k, one in enumerate(shown):
        is_word = k < count
        known = not is_word or scanner.words[k] in sentence_networks.KNOWN
        assert ("ss-unknown" in one["kinds"]) == (not known)
        assert ("ss-padding" in one["kinds"]) == (not is_word)
        assert ("ss-in" in one["kinds"]) == (place <= k < place + width)
        assert ("ss-best" in one["kinds"]) == (k == best)
        if k < len(response):
            assert number(one["number"]) == pytest.approx(
                response[k], rel=6e-3, abs=1e-5
            )
            wanted = 100 * response[k] / (most or 1)
            assert one["height"] == pytest.approx(wanted, abs=0.01)
        else:
            assert one["number"] == ""


def window_of(scanner, filter_, place):
    words = scanner.words[place : place + scanner.widths[filter_]]
    return f"“{' '.join(words)}”" if words else "the paddings"


def counts_agree(seen, scanner):
    """The filters that count most, what they count, all others, bias, sum."""
    counts = scanner.contributions
    *rows, bias, total = seen["rows"]
    rest = rows.pop() if rows[-1]["name"] == "others" else None
    listed = [int(row["name"].removeprefix("filter ")) for row in rows]
    # Equal ones may stand in either order.
    np.testing.assert_allclose(
        np.abs(counts[listed]), np.abs(counts[scanner.listed]), rtol=1e-4, atol=1e-6
    )
    assert len(set(listed)) == len(listed)
    others = np.delete(counts, listed).sum()
    assert (rest is None) == (len(listed) == len(counts))
    values = [*counts[listed], *([] if rest is None else [others])]
    values += [scanner.bias, scanner.difference]
    shown = [*rows, *([] if rest is None else [rest]), bias, total]
    reach = np.abs(values).max() or 1
    for row, value in zip(shown, values, strict=True):
        read_ = number(row["number"].removeprefix("+"))
        assert read_ == pytest.approx(value, rel=6e-3, abs=2e-5)
        share = 50 * abs(value) / reach
        assert row["width"] == pytest.approx(share, abs=0.01)
        assert row["left"] == pytest.approx(50 - share * (value < 0), abs=0.01)
        if abs(value) > 1e-4:
            assert row["kind"] == ("ss-against" if value < 0 else "ss-for")
    for row, filter_ in zip(rows, listed, strict=True):
        silent = scanner.strongest[filter_] == 0
        place = scanner.places[filter_]
        wanted = "silent" if silent else window_of(scanner, filter_, place)
        assert row["window"] == wanted
    [mark] = [k for k, row in enumerate(rows) if row["pressed"] == "true"]
    assert listed[mark] == chosen(scanner)[0]
    assert [row["tab"] for row in rows] == [-(k != mark) for k in range(len(rows))]


def verdict_agrees(seen, scanner):
    shares = scanner.probabilities
    assert [bar["name"] for bar in seen["bars"]] == list(scanner.class_names)
    widths = [bar["width"] for bar in seen["bars"]]
    np.testing.assert_allclose(widths, shares, atol=1e-5)
    if np.diff(np.sort(shares)[-2:])[0] > 1e-4:
        assert seen["guess"].startswith(f"It says: {scanner.guess} (")
        one, other = (scanner.class_names[side] for side in scanner.sides)
        side = one if scanner.difference > 0 else other
        assert seen["verdict"].endswith(f": for {side}.")


def texts_agree(seen, scanner):
    unknown, cut = seen["lost"]
    named = ", ".join(f"“{word}”" for word in scanner.unknown)
    known = "It knows all of these words."
    lost = f"Not in its vocabulary, so all the same to it: {named}."
    assert unknown == (lost if scanner.unknown else known)
    words = f"{scanner.cut} word{'s' * (scanner.cut != 1)}"
    said = f"It reads 18 words: {words} cut off at the end."
    assert cut == (said if scanner.cut else "")
    filter_, place = chosen(scanner)
    width, most = scanner.widths[filter_], scanner.strongest[filter_]
    says, counts = seen["strip"]
    sees = f"Filter {filter_} sees {width} word{'s' * (width != 1)} at a time. "
    assert says.startswith(sees)
    best = window_of(scanner, filter_, scanner.places[filter_])
    if most == 0:
        assert says == f"{sees}It finds nothing anywhere."
    else:
        assert number(says.rsplit(", ", 1)[1]) == pytest.approx(most, rel=1e-3)
        assert f"ts strongest window: {best}, " in says
        if place != scanner.places[filter_]:
            here = window_of(scanner, filter_, place)
            told = re.match(rf"{re.escape(sees)}It says (\S+) to (.*); its str", says)
            value = scanner.response[place]
            assert number(told[1]) == pytest.approx(value, rel=1e-3, abs=1e-5)
            assert told[2] == here
    told = re.match(r"It counts (\S+) · (\S+) = (\S+) for", counts)
    numbers = [number(text.strip("()")) for text in told.groups()]
    contribution = scanner.contributions[filter_]
    assert numbers[2] == pytest.approx(contribution, rel=1e-3, abs=1e-5)
    product = pytest.approx(numbers[2], rel=2e-3, abs=1e-5)
    assert numbers[0] * numbers[1] == product
    if seen["state"]["sentence"] == seen["field"]:
        names = {text: name for name, text in sentence_scanner.EXAMPLES.items()}
        assert seen["controls"]["Example"] == names.get(scanner.sentence, "")
    width = -1 if scanner.width is None else scanner.width
    assert int(seen["controls"]["Words seen"]) == width
    assert int(seen["controls"]["Filters"]) == scanner.rows
    assert int(seen["controls"]["Window"]) == place + 1


TYPE = """([selector, text]) => {
  const field = document.querySelector(selector);
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.blur();
}"""


def type_in(page, text):
    page.evaluate(TYPE, [FIELD, text])


OTHERS = ("zorbulous", "好", "👍", "<b>", "isn't", "FILM", "x{n}", "&amp;", "—")


def random_sentence(rng):
    """Words that are known, and some that are not; now and then too many."""
    count = int(rng.integers(1, 12 if rng.random() < 0.9 else 40))
    known = rng.choice(sentence_networks.KNOWN, count)
    others = rng.choice(OTHERS, count)
    some = np.where(rng.random(count) < 0.2, others, known)
    return " ".join(map(str, some))


def random_move(page, rng):
    match rng.integers(8):
        case 0 | 1 | 2 | 3:
            type_in(page, random_sentence(rng))
        case 4:
            tap(page, ROWS, float(rng.random()))
        case 5:
            slide_to(page, "Window", float(rng.random()))
        case 6:
            choose(page, "Words seen", str(rng.choice([-1, 1, 2, 3, 4, 5])))
        case _:
            if rng.random() < 0.5:
                slide(page, "Filters", int(rng.integers(1, 31)))
            else:
                name = str(rng.choice(list(sentence_scanner.EXAMPLES)))
                choose(page, "Example", name)


def test_random_states(page, python):
    rng = np.random.default_rng(4)
    for _ in different_states(page):
        random_move(page, rng)
        agrees(page, python)


def test_random_sentences(page, python):
    """Three hundred that differ, each typed."""
    rng = np.random.default_rng(5)
    seen = set()
    while len(seen) < 300:
        sentence = random_sentence(rng)
        type_in(page, sentence)
        assert trait(page, "sentence") == sentence
        agrees(page, python)
        seen.add(sentence)


@pytest.mark.parametrize(
    "network",
    [
        sentence_networks.small(1, widths=(3, 4, 5), filters=30),
        sentence_networks.small(2, widths=(2,), softmax=False, kind="8 bits"),
        sentence_networks.small(3, classes=["bad", "fair", "good", "great"]),
        sentence_networks.small(4, widths=(5, 1), kind="float32", words=None),
    ],
    ids=["shipped", "one width", "four classes", "any order"],
)
def test_networks_of_every_make(browser, network):
    rng = np.random.default_rng(6)
    scanner = SentenceScanner(SENTENCE, network, rows=5)
    with watched(browser, scanner) as page:
        for _ in range(20):
            type_in(page, random_sentence(rng))
            agrees(page, scanner)


def test_a_wrong_number_is_seen(page, python):
    """The comparison can fail."""
    seen = read(page, SEE)
    follow(python, seen)
    python.sentence = SENTENCE.replace("dull", "good")
    for check in (words_agree, counts_agree):
        with pytest.raises(AssertionError):
            check(seen, python)


# ---- by hand ----


def test_typing_is_seen_at_once(page, python):
    field = page.locator(FIELD)
    field.fill("")
    for text in ("n", "no", "not", "not ", "not a", "not a."):
        field.press_sequentially(text[-1])
        assert trait(page, "sentence") == text
        agrees(page, python)
    assert menu(page, "Example").locator("option:checked").inner_text() == (
        "your own sentence"
    )


def test_every_example(page, python):
    for name, sentence in sentence_scanner.EXAMPLES.items():
        menu(page, "Example").select_option(name)
        assert page.locator(FIELD).input_value() == sentence
        agrees(page, python)
        assert menu(page, "Example").input_value() == name


def test_every_control_by_hand(page, python):
    for label in ("Window", "Filters"):
        for end in ("Home", "End"):
            slider(page, label).press(end)
            agrees(page, python)
    menu(page, "Words seen").select_option("4")
    agrees(page, python)
    assert python.width == 4
    page.locator(ROWS).nth(2).click()
    page.mouse.move(1, 1)
    seen = agrees(page, python)
    assert seen["rows"][2]["pressed"] == "true"
    page.locator(WORDS).nth(3).click()
    page.mouse.move(1, 1)  # what is below the pointer would be shown instead
    agrees(page, python)
    assert trait(page, "place") == 3
    page.locator(".hc").press("Escape")
    agrees(page, python)
    assert (trait(page, "filter"), trait(page, "place")) == (-1, -1)


def test_pointing_at_a_filter_marks_its_window(page, python):
    before = read(page, SEE)
    for k in (3, 1):
        page.locator(ROWS).nth(k).hover()
        seen = read(page, SEE)
        filter_ = int(seen["rows"][k]["name"].removeprefix("filter "))
        python.filter, python.place = filter_, None
        words_agree(seen, python)
        assert seen["strip"][0].startswith(f"Filter {filter_} sees")
        assert seen["state"] == before["state"]  # nothing that Python would keep
    page.mouse.move(1, 1)
    assert read(page, SEE) == before


def test_pointing_at_a_word_moves_the_window(page, python):
    page.locator(WORDS).nth(6).hover()
    seen = read(page, SEE)
    marked = [k for k, one in enumerate(seen["words"]) if "ss-in" in one["kinds"]]
    assert marked[0] == 6
    assert trait(page, "place") == -1
    page.mouse.move(1, 1)
    agrees(page, python)


def test_a_pointer_that_rests_changes_nothing(page, python):
    """While a sentence is typed, words come and go below it."""
    page.locator(WORDS).nth(6).hover()
    type_in(page, "the plot is never in my view dull, it is a wonderful film")
    agrees(page, python)
    type_in(page, "good")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    type_in(page, SENTENCE)
    page.evaluate("() => new Promise((done) => setTimeout(done, 200))")
    agrees(page, python)


def test_arrows_go_through_the_list(page, python):
    rows = page.locator(ROWS)
    rows.first.focus()
    for k in (1, 2, 3):
        page.keyboard.press("ArrowDown")
        assert rows.nth(k).evaluate("row => row === document.activeElement")
        seen = agrees(page, python)
        assert seen["rows"][k]["pressed"] == "true"
    page.keyboard.press("ArrowUp")
    assert agrees(page, python)["rows"][2]["pressed"] == "true"


def test_keys_of_the_field_stay_in_it(page):
    field = page.locator(FIELD)
    field.press("End")
    field.press("Space")
    field.press_sequentially("a")
    assert trait(page, "sentence") == SENTENCE + " a"
    assert page.get_by_role("button", name="Play").is_visible()
    field.press("Home")
    field.press("ArrowRight")
    assert trait(page, "place") == -1


def test_playing_slides_the_window(page, clock):
    page.locator(".hc").press("Home")
    page.get_by_role("button", name="Play").click()
    for place in (1, 2, 3):
        clock.run_for(700)
        assert trait(page, "place") == place
    type_in(page, "a good film")  # another sentence ends it
    clock.run_for(2000)
    assert trait(page, "place") == -1
    page.get_by_role("button", name="Play").wait_for()


# ---- what is typed ----


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type a sentence with a word in it. The one before stays."),
        ("   ", "Type a sentence with a word in it"),
        ("good " * 201, "1005 letters are too many: 1000 at most."),
        ("👍" * 1001, "1001 letters are too many"),
    ],
    ids=["empty", "spaces", "too long", "too many emoji"],
)
def test_refusals(page, python, text, said):
    field = page.locator(FIELD)
    field.fill(text)
    assert page.get_by_role("alert").inner_text().startswith(said)
    assert field.get_attribute("aria-invalid") == "true"
    assert trait(page, "sentence") == SENTENCE
    field.blur()
    assert field.input_value() == SENTENCE
    assert field.get_attribute("aria-invalid") is None
    agrees(page, python)
    field.fill(text)
    field.fill("good")
    assert page.get_by_role("alert").inner_text() == ""
    agrees(page, python)


@pytest.mark.parametrize(
    "text",
    [
        "👍",
        "👩‍👩‍👧 good",
        "一部好电影。",
        '<img src=x onerror="window.hurt=1"> <b>good</b>',
        "{n} {word} {filter} $& ${1}",
        "__proto__ constructor",
        "👍" * 1000,
        "a" * 1000,
    ],
    ids=lambda text: text[:12],
)
def test_text_from_anywhere(page, python, text):
    page.locator(FIELD).fill(text)
    agrees(page, python)
    assert python.sentence == text
    assert page.evaluate("window.hurt") is None
    assert page.locator(".hc img, .hc-sentencescanner .ss-words b").count() == 0


@pytest.mark.parametrize("text", ["a" * 1000, "好" * 60, "good " * 40])
def test_anything_fits_a_phone(browser, text):
    scanner = SentenceScanner(text, NETWORK)
    with watched(browser, scanner, width=360) as page:
        assert width_needed(page) <= 360
        page.get_by_role("button", name="Large").click()
        assert width_needed(page) <= 360


# ---- Python, and the kernel ----


def test_python_moves_the_page(page, python):
    for changes in (
        {"sentence": "not a good film", "place": -1},
        {"filter": 6, "place": 2},
        {"width": 2, "rows": 3},
        {"sentence": "a film", "filter": -1, "place": -1, "width": -1},
    ):
        page.evaluate(
            """(changes) => {
              for (const [name, value] of Object.entries(changes))
                model.set(name, value);
            }""",
            changes,
        )
        seen = agrees(page, python)
        assert seen["state"] == {**seen["state"], **changes}
        assert seen["field"] == seen["state"]["sentence"]


def test_it_goes_on_without_a_kernel(page, python):
    lose_the_kernel(page)
    type_in(page, "a good, funny film")
    agrees(page, python)
    press(page, "ArrowRight", ".hc")
    agrees(page, python)


def test_copy_as_python(page, python):
    wear_out(page)
    type_in(page, 'a "good" film')
    slider(page, "Filters").press("ArrowRight")
    page.get_by_role("button", name="Copy as Python").click()
    code = page.get_by_label("The same in Python").inner_text()
    assert code == r'SentenceScanner("a \"good\" film", model, rows=9)'
    made = eval(code, {"SentenceScanner": SentenceScanner, "model": NETWORK})
    assert made.sentence == 'a "good" film'
    made.close()


@pytest.mark.parametrize("width", [360, 500, 700, 1000])
def test_no_slider_moves_away(browser, width):
    """Not even the one by which the list above or below it grows."""
    with watched(browser, SentenceScanner(SENTENCE, NETWORK), width=width) as page:
        assert len(stands(page, "Filters")) == 1
        assert len(stands(page, "Window")) == 1
