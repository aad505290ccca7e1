"""GoBoard on a bare page: against helpers.go, and the network as NumPy runs it."""

import re

import go_networks
import hands
import numpy as np
import pytest
from hands import (
    RESTS,
    choose,
    different_states,
    grave,
    lose_the_kernel,
    menu,
    number,
    press,
    push,
    slide_to,
    tap,
    tick,
    trait,
    watched,
    width_needed,
)
from playwright.sync_api import expect
from stage import read

from helpers import go
from helpers.datasets import stand_in_games
from helpers.widgets import GoBoard

SIZE = 9
NETWORK = go_networks.small(SIZE)
SETTINGS = (
    *("game", "moves", "step", "stone", "shown"),
    *("symmetry", "averaged", "layer", "unit"),
)
GROUND, HEAT = 235, 0  # red of the small boards, without and with full heat

SEE = """() => {
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
  const of = (selector, name) =>
    [...document.querySelectorAll(selector)].map((one) => one.getAttribute(name));
  const shown = (selector) => {
    const mark = document.querySelector(selector);
    return mark.hasAttribute("hidden") ? null
      : [mark.getAttribute("cy") / 20, mark.getAttribute("cx") / 20];
  };
  const frame = document.querySelector(".gb-field");
  const sides = ["y", "x", "height", "width"].map((name) =>
    frame.getAttribute(name) / 20);
  return {
    state: Object.fromEntries(NAMES.map((name) => [name, model.get(name)])),
    answers: model.get("answers"),
    stones: of("[role=gridcell] circle", "class"),
    heat: of(".gb-heat", "opacity").map(Number),
    numbers: texts(".gb-number"),
    labels: of("[role=gridcell]", "aria-label"),
    last: shown(".gb-last"),
    next: shown(".gb-next"),
    field: frame.hasAttribute("hidden") ? null : sides,
    taken: document.querySelector(".gb-taken").getAttribute("d"),
    turn: texts(".gb-turn")[0],
    side: texts(".gb-side > .hc-note"),
    bars: [...document.querySelectorAll(".hc-bars li")].map((row) => [
      row.querySelector("b").textContent,
      parseFloat(row.querySelector("i").style.width) / 100]),
    notes: texts(".gb-eight .hc-tile .hc-note"),
    agree: texts(".gb-eight > .hc-note")[0],
    pressed: of(".gb-eight .hc-pick", "aria-pressed").indexOf("true"),
    message: texts("[role=alert]")[0],
    unit: texts(".gb-unit p"),
    scrub: Number(document.querySelector("input[type=range]").value),
    small: model.red(model.get("symmetry")),
    planes: model.red(8),
    views: [...Array(8).keys()].map((k) => model.red(k)),
  };
}""".replace("NAMES", str([*SETTINGS]))
OPEN = "for (const one of document.querySelectorAll('details')) one.open = true;"


def opened(page):
    page.evaluate(OPEN)
    page.wait_for_function("document.querySelector('.gb-unit p').textContent")
    page.wait_for_function(RESTS)


@pytest.fixture
def page(browser):
    with watched(browser, GoBoard(NETWORK)) as page:
        opened(page)
        yield page


@pytest.fixture
def python():
    board = GoBoard(NETWORK)
    yield board
    board.close()


def follow(python, seen):
    """Give the explorer in Python the state that the page has."""
    python.set_state(dict(seen["state"]))


def names(size=SIZE):
    return [go.name_of(point, size) for point in np.ndindex(size, size)]


def agrees(page, python):
    """What the page shows is what Python makes of the same game."""
    page.wait_for_function(RESTS)
    seen = read(page, SEE)
    follow(python, seen)
    board, size = python.board, python.size
    kinds = {0: "gb-none", go.BLACK: "gb-black", go.WHITE: "gb-white"}
    stones = board.stones.ravel().tolist()
    assert seen["stones"] == [kinds[stone] for stone in stones]
    assert seen["scrub"] == python.step
    legal = board.legal(python.colour).ravel()
    shares = python.probabilities.ravel()
    assert ((shares > 0) == legal).all()
    heat_agrees(seen, python, shares)
    labels_agree(seen, board)
    marks_agree(seen, python, board)
    bars_agree(seen, shares, size)
    text = f"{'Black' if python.colour == go.BLACK else 'White'} to move."
    assert seen["turn"].startswith(f"After {python.step} moves. ")
    assert seen["turn"].endswith(text)
    black, white = re.findall(r"(\d+) stones?", seen["turn"])
    assert (int(black), int(white)) == board.prisoners
    assert seen["pressed"] == python.symmetry
    views_agree(seen, python, legal)
    planes_agree(seen, python)
    unit_agrees(seen, python)
    return seen


def heat_agrees(seen, python, shares):
    most = shares.max() or 1
    wanted = shares / most if python.shown == "probabilities" else 0 * shares
    np.testing.assert_allclose(seen["heat"], wanted, atol=2e-3)
    if python.shown == "liberties":
        counts = python.board.liberty_counts.ravel()
        assert seen["numbers"] == [str(n) if n else "" for n in counts]
    elif python.shown == "nothing":
        assert not any(seen["numbers"])
    else:
        places = [seen["numbers"].index(str(k)) for k in range(1, 6)]
        found = shares[places]
        np.testing.assert_allclose(found, np.sort(shares)[::-1][:5], atol=2e-5)


def labels_agree(seen, board):
    counts = board.liberty_counts.ravel()
    for place, (label, name) in enumerate(
        zip(seen["labels"], names(board.size), strict=True)
    ):
        stone = board.stones.flat[place]
        if stone:
            colour = "black" if stone == go.BLACK else "white"
            plural = "liberty" if counts[place] == 1 else "liberties"
            assert label.startswith(f"{name}, {colour}, {counts[place]} {plural}")
        else:
            assert label.startswith(f"{name}, empty")


def marks_agree(seen, python, board):
    def point(words):
        name = words.split()[1]
        return None if name == "pass" else list(go.point_of(name, python.size))

    step = python.step
    last = point(python.moves[step - 1]) if step else None
    hidden = python.shown == "liberties"  # a number stands on the stone
    assert seen["last"] == (None if hidden else last)
    following = python.moves[step] if step < len(python.moves) else None
    assert seen["next"] == (point(following) if following else None)
    assert seen["taken"].count("M") == 2 * len(board.captured)
    side = seen["side"][1]
    for dead in board.captured:
        assert re.search(rf"\b{go.name_of(dead, python.size)}\b", side)
    if following:
        assert f"now plays {following.split()[1]}" in seen["side"][2] or (
            following.endswith("pass") and "now plays a pass" in seen["side"][2]
        )


def bars_agree(seen, shares, size):
    order = names(size)
    best = np.sort(shares)[::-1][:5]
    np.testing.assert_allclose([share for _, share in seen["bars"]], best, atol=2e-5)
    found = shares[[order.index(name) for name, _ in seen["bars"]]]
    np.testing.assert_allclose(found, best, atol=2e-5)


def views_agree(seen, python, legal):
    """All eight boards: their stones, their heat, their first choice."""
    size = python.size
    firsts = set()
    for k in range(8):
        shares = python._shares(k)
        stones = go.turned(python.board.stones, k)
        heat = go.turned(shares, k) / (shares.max() or 1)
        wanted = np.where(stones == 0, GROUND + heat * (HEAT - GROUND), 255.0)
        wanted[stones == go.BLACK] = 0
        assert np.abs(seen["views"][k] - wanted).max() <= 1.01
        if not legal.any():
            assert seen["notes"][k] == "no move"
            continue
        name, share = seen["notes"][k].split(maxsplit=1)
        best = shares[go.point_of(name, size)]
        assert best == pytest.approx(shares.max(), abs=2e-5)
        if share.startswith(("<", ">")):
            assert number(share[1:].removesuffix(" %")) in (0.1, 99.9)
        else:
            found = number(share.removesuffix(" %")) / 100
            assert found == pytest.approx(best, abs=6e-4)
        firsts.add(name)
    if legal.any():
        assert all(name in seen["agree"] for name in firsts)


def planes_agree(seen, python):
    """The mosaic of what goes in, 14 planes as they are turned for the network."""
    turned = go.turned(python.planes, python.symmetry)
    size = python.size
    sheet = seen["planes"]
    tall, across = size + 1, (sheet.shape[1] + 1) // (size + 1)
    for plane in range(14):
        line, column = divmod(plane, across)
        top, left = line * tall, column * tall
        part = sheet[top : top + size, left : left + size]
        np.testing.assert_array_equal(part, 255 * turned[..., plane])


def unit_agrees(seen, python):
    """The unit's number, and the part of the board that it depends on."""
    name = python.network.names[python.layer]
    value = (
        python.maps[name]
        .reshape((1, 1, *python.maps[name].shape)[-3:])[python.unit]
        .item()
    )
    found = re.findall(r"−?\d+(?:\.\d+)?(?:e[+−]?\d+)?", seen["unit"][1])
    assert any(
        number(one) == pytest.approx(value, rel=2e-3, abs=2e-5) for one in found
    ), (seen["unit"], value)
    field = field_of(python)
    if field is None:
        assert seen["field"] is None
        assert seen["unit"][0].endswith("in the padding: it depends on no point.")
        return
    top, left, high, wide = field
    assert seen["field"] == [top - 0.5, left - 0.5, high, wide]
    first = go.name_of((top, left), python.size)
    assert re.search(rf"\b{first}\b", seen["unit"][0])


def field_of(python):
    """Rows and columns that change the unit, found by hand: top, left, high, wide."""
    size, rim = python.size, 2
    layer, (row, col, number_) = python.layer, python.unit
    reach = {0: 0, 2: 2, 3: 2, 4: 2, 5: 3, 6: 3, 7: 3, 8: 4, 9: 4, 10: 4, 11: 4, 12: 4}
    if layer == 1:
        row, col, far = row - rim, col - rim, 0
    elif layer == 13:
        (row, col), far = divmod(number_, size), 4
    else:
        far = reach[layer]
    mask = np.zeros((size, size), bool)
    mask[max(row - far, 0) : row + far + 1, max(col - far, 0) : col + far + 1] = True
    if not mask.any():
        return None
    rows, cols = np.nonzero(go.back(mask, python.symmetry))
    return rows.min(), cols.min(), np.ptp(rows) + 1, np.ptp(cols) + 1


def act(page, rng):
    """One thing that a learner does, at random."""
    others = "move game box menu button view unit key"
    kind = rng.choice(["stone"] * 4 + others.split())
    if kind == "stone":
        page.evaluate("point => window.clickOn(...point)", rng.random(2).tolist())
    elif kind == "move":
        slide_to(page, "Move", rng.random())
    elif kind == "game":
        choose(page, "Game", str(rng.choice(["capture", "ko", "empty board"])))
    elif kind == "box":
        tick(page, str(rng.choice(["it answers", "mean of"])))
    elif kind == "menu":
        if rng.random() < 0.5:
            word = rng.choice(
                ["probabilities", "probabilities", "liberties", "nothing"]
            )
            choose(page, "On the board", str(word))
        else:
            word = rng.choice(["in turn", "in turn", "black", "white"])
            choose(page, "Next stone", str(word))
    elif kind == "button":
        wanted = str(
            rng.choice(["Network moves", "Network moves", "Pass", "Take back"])
        )
        if page.get_by_role("button", name=wanted).is_enabled():
            push(page, wanted)
    elif kind == "view":
        page.evaluate(
            "k => document.querySelectorAll('.gb-eight .hc-pick')[k].click()",
            int(rng.integers(8)),
        )
    elif kind == "unit":
        place = tuple(rng.random(2).tolist())
        tap(page, ".hc-layertiles .hc-stage", rng.random(), place=place)
    else:
        key = str(rng.choice(["ArrowLeft", "ArrowRight", "Home", "End"]))
        press(page, key, ".hc-play")


CLICK = """() => {
  window.clickOn = (down, across) => {
    const drawing = document.querySelector("[role=grid]");
    const box = drawing.getBoundingClientRect();
    drawing.dispatchEvent(new MouseEvent("click", { bubbles: true,
      clientX: box.left + across * box.width, clientY: box.top + down * box.height }));
  };
}"""


def test_random_states(page, python):
    page.evaluate(CLICK)
    rng = np.random.default_rng(7)
    units, took = set(), 0
    for _ in different_states(page):
        act(page, rng)
        agrees(page, python)
        units.add(python.layer)
        took += bool(python.board.captured)
    assert len(units) > 8
    assert took > 5


def test_a_full_board(browser):
    """19 × 19: a game with a handicap, and the network beside it."""
    game = stand_in_games.games(1, 60)[0]
    start = go.Board().setup(black=["D4", "Q16"])
    moves = [go.Move(-1, (9, 9)), *game.moves[:40]]
    moves = [move for move in moves if move.point not in ((15, 3), (3, 15))]
    handicap = go.Game("handicap", start, (moves[0],), "A", "B")
    network = go_networks.small(19)
    given = {"games": [game, handicap], "game": "handicap", "step": 0}
    explorer = GoBoard(network, **given)
    python = GoBoard(network, **given)
    with watched(browser, explorer) as page:
        opened(page)
        seen = agrees(page, python)
        assert seen["turn"].endswith("White to move.")
        choose(page, "Game", "empty board")
        assert agrees(page, python)["turn"].endswith("Black to move.")
        for share in (0.2, 0.7, 1):
            choose(page, "Game", game.name)
            slide_to(page, "Move", share)
            agrees(page, python)


# ---- playing ----


def stone_on(page, name, size=SIZE):
    """Click on a point of the board."""
    row, col = go.point_of(name, size)
    box = page.get_by_role("grid").bounding_box()
    unit = box["width"] / (20 * (size - 1) + 48)
    place = {"x": unit * (24 + 20 * col), "y": unit * (24 + 20 * row)}
    page.get_by_role("grid").click(position=place)


def test_stones_by_mouse(page, python):
    menu(page, "Game").select_option("empty board")
    for name in ("E5", "E4", "A9", "J1"):
        stone_on(page, name)
        seen = agrees(page, python)
    moves = ["black E5", "white E4", "black A9", "white J1"]
    assert seen["state"]["moves"] == moves
    assert menu(page, "Game").evaluate("m => m.selectedOptions[0].text") == (
        "changed: empty board"
    )
    page.get_by_role("button", name="Take back").click()
    stone_on(page, "J1")  # the same again: the game goes on, nothing is new
    assert agrees(page, python)["state"]["moves"] == moves
    page.get_by_role("button", name="Take back").click()
    stone_on(page, "J2")
    assert agrees(page, python)["state"]["moves"] == [*moves[:3], "white J2"]
    menu(page, "Game").select_option("empty board")
    assert agrees(page, python)["state"]["moves"] == []


def test_captures_are_shown(page, python):
    menu(page, "Game").select_option("capture")
    seen = agrees(page, python)
    assert seen["side"][1] == "Black played C2 and took 1 stone: C3."
    assert seen["taken"]
    assert "Black has taken 1 stone, White 0 stones" in seen["turn"]


def test_what_is_not_allowed_is_refused_in_place(page, python):
    menu(page, "Game").select_option("ko")
    before = agrees(page, python)["state"]
    alert = page.get_by_role("alert")
    stone_on(page, "C3")
    expect(alert).to_have_text(
        "White may not take back on C3 at once (ko): play elsewhere first."
    )
    stone_on(page, "B3")
    expect(alert).to_contain_text("B3 holds a stone already")
    assert agrees(page, python)["state"] == before
    stone_on(page, "J9")
    expect(alert).to_have_text("")
    menu(page, "Game").select_option("empty board")
    for name in ("A2", "J9", "B1"):
        stone_on(page, name)
    stone_on(page, "A1")
    expect(alert).to_contain_text("A1 a stone of White would have no liberty (suicide)")
    assert agrees(page, python)["state"]["step"] == 3


def test_it_answers(page, python):
    menu(page, "Game").select_option("empty board")
    page.get_by_label("it answers your moves").check()
    python.moves, python.game = [], "empty board"
    for name in ("E5", "C3", "A1"):
        stone_on(page, name)
        page.wait_for_function(RESTS)
        seen = agrees(page, python)
        *before, mine, answer = seen["state"]["moves"]
        assert mine == f"black {name}"
        python.moves = [*before, mine]
        likely = python.probabilities
        point = go.point_of(answer.removeprefix("white "), SIZE)
        assert likely[point] == pytest.approx(likely.max(), abs=2e-5)
    page.get_by_label("mean of all eight views").check()
    page.get_by_role("button", name="Network moves").click()
    seen = agrees(page, python)
    *before, answer = seen["state"]["moves"]
    python.moves = before
    likely = python.probabilities
    assert python.averaged
    assert likely[go.point_of(answer.removeprefix("black "), SIZE)] == pytest.approx(
        likely.max(), abs=2e-5
    )


def test_stepping_is_not_answered(page, python):
    page.get_by_label("it answers your moves").check()
    before = trait(page, "moves")
    page.get_by_role("button", name="Step back").click()
    page.get_by_role("button", name="Step on").click()
    assert agrees(page, python)["state"]["moves"] == before


def test_no_point_is_left(browser):
    """On a tiny board that is full of eyes the network passes."""
    network = go_networks.small(2)
    given = {"moves": ["A1", "pass", "B2", "pass"], "stone": "white"}
    with watched(browser, GoBoard(network, **given)) as page:
        opened(page)
        assert "No point is left" in page.locator(".gb-side").inner_text()
        page.get_by_role("button", name="Network moves").click()
        page.wait_for_function("model.get('moves').length === 5")
        assert trait(page, "moves")[-1] == "white pass"


# ---- keyboard, voice, looks ----


def test_by_keyboard(page, python):
    menu(page, "Game").select_option("empty board")
    grid = page.get_by_role("grid")
    page.get_by_role("button", name="Full screen").focus()
    page.keyboard.press("Tab")
    expect(grid).to_be_focused()

    def active():
        return grid.evaluate(
            "g => document.getElementById(g.getAttribute('aria-activedescendant'))"
            ".getAttribute('aria-label')"
        )

    assert active().startswith("E5, empty: a stone of Black would have 4 liberties. ")
    expect(page.locator(".gb-cursor")).to_be_visible()
    for key in ("ArrowLeft", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert active().startswith("D3, empty")
    page.keyboard.press("Enter")
    assert agrees(page, python)["state"]["moves"] == ["black D3"]
    page.wait_for_function(
        "document.querySelector('[role=grid] [aria-label^=\"D3, black\"]')"
    )
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    assert active().startswith("D9, empty: a stone of White would have 3 liberties")
    page.get_by_role("button", name="Step back").focus()
    expect(page.locator(".gb-cursor")).to_be_hidden()


def test_what_is_spoken(page, clock):
    spoken = page.locator("[aria-live]")
    menu(page, "Game").select_option("capture")
    page.get_by_role("button", name="Step back").click()
    page.wait_for_function(RESTS)
    clock.run_for(2000)
    text = spoken.text_content()
    assert text.startswith("White played E4.")
    assert "Black to move. The network would play " in text


def test_points_under_the_pointer(page):
    menu(page, "Game").select_option("capture")
    page.wait_for_function(RESTS)
    box = page.get_by_role("grid").bounding_box()
    unit = box["width"] / (20 * (SIZE - 1) + 48)
    for name, said in (
        ("E5", "E5, white, 6 liberties, a group of 2 stones."),
        ("C3", "C3, empty. On C3 a stone of White would have no liberty (suicide)."),
        ("A9", "A9, empty: a stone of White would have 2 liberties. The network"),
    ):
        row, col = go.point_of(name, SIZE)
        page.mouse.move(
            box["x"] + unit * (24 + 20 * col), box["y"] + unit * (24 + 20 * row)
        )
        line = page.locator(".gb-side > .hc-note").last
        expect(line).to_contain_text(said)


@pytest.mark.parametrize("dark", [False, True])
def test_open_it_is_readable_and_fits(browser, dark):
    for width in (1200, 360):
        with watched(browser, GoBoard(NETWORK), width=width, dark=dark) as page:
            opened(page)
            assert width_needed(page) <= width
            if width > 360:
                assert grave(page) == []


def test_tiles_are_named(page):
    captions = page.locator(".hc-layertiles figcaption").all_inner_texts()
    assert captions[0] == "board: 14 planes → 9 × 9 × 14"
    assert captions[2].replace("\u00a0", " ") == (
        "filters1: convolution 5 × 5 → 9 × 9 × 8"
    )


def test_copy_as_python_leaves_out_what_is_usual(page):
    def code():
        page.get_by_role("button", name="Copy as Python").click()
        return page.get_by_label("The same in Python").inner_text()

    assert code() == "GoBoard(model)"
    menu(page, "Game").select_option("ko")
    stone_on(page, "J9")
    page.locator(".hc-layertiles .hc-stage").nth(4).click(position={"x": 5, "y": 5})
    given = code()
    assert given.startswith('GoBoard(model, "ko", moves=("black B3", "white E3", ')
    assert ", layer=4, unit=(" in given
    made = eval(given, {"GoBoard": GoBoard, "model": NETWORK})
    assert made.moves == tuple(trait(page, "moves"))
    assert (made.layer, made.unit) == (4, tuple(trait(page, "unit")))
    made.close()


def test_two_boards_on_a_page_have_names_of_their_own(page):
    ids = page.eval_on_selector_all("[role=gridcell]", "all => all.map((a) => a.id)")
    page.evaluate(hands.AGAIN)
    page.wait_for_function(RESTS)
    again = page.eval_on_selector_all("[role=gridcell]", "all => all.map((a) => a.id)")
    assert len({*ids, *again}) == 2 * SIZE**2


def test_without_a_kernel(page, python):
    lose_the_kernel(page)
    menu(page, "Game").select_option("empty board")
    stone_on(page, "E5")
    assert agrees(page, python)["state"]["moves"] == ["black E5"]


def test_it_computes_on_the_page_where_no_worker_may_start(browser):
    with watched(browser, GoBoard(NETWORK), new=True) as page:
        page.evaluate("() => { window.Worker = undefined; }")
        page.evaluate(hands.AGAIN)
        opened(page)
        agrees(page, GoBoard(NETWORK))


def test_it_follows_python(page, python):
    page.evaluate(
        """() => {
          model.set("game", "ko");
          model.set("moves", ["black E5", "white E6"]);
          model.set("step", 1);
          model.set("symmetry", 5);
        }"""
    )
    seen = agrees(page, python)
    assert seen["state"]["step"] == 1
    page.evaluate("""() => { model.set("game", "capture"); }""")  # the rest comes later
    page.evaluate("""() => { model.set("moves", ["black E5", "black E5"]); }""")
    page.evaluate("""() => { model.set("moves", ["black E5"]); }""")
    assert agrees(page, python)["scrub"] == 1
