"""parts/go.js plays Go as helpers/go does: boards, legality, planes, symmetries."""

import numpy as np
import pytest
from lab_browser import closing
from stage import load

from helpers import go

GAMES = 40
LONGEST = 60  # moves; a network's planes are looked at in every third position
SIZES = (2, 3, 4, 5, 7, 9, 13, 19)

# Each position of a game, with all that Python also says of it.
REPLAY = """(games) => games.map(({ size, start, moves }) => {
  let board = go.boardOf(size, start);
  const recent = [];
  const said = () => [1, -1].map((colour) => ({
    legal: [...go.legal(board, colour)].join(""),
    refused: [...board.stones.keys()]
      .map((place) => (go.refusal(board, place, colour) || " ")[0]).join(""),
    barred: go.barred(board, colour),
    planes: recent.length % 3
      ? "" : [...go.planes(board, colour, recent).data].join(""),
  }));
  const look = () => ({
    stones: [...board.stones], liberties: [...board.liberties],
    captured: board.captured, prisoners: board.prisoners, ko: board.ko, said: said(),
  });
  return [look(), ...moves.map(([colour, place]) => {
    board = go.play(board, place, colour);
    recent.push(place);
    return look();
  })];
})"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/go.js")
        yield page


def random_game(rng, number):
    """Stones played anywhere, so that there are captures, ko and suicide; passes."""
    size = SIZES[number % len(SIZES)]
    board = go.Board(size)
    start = board
    if number % 3 == 0 and size > 4:
        start = board = board.setup(black=["B2", "C3"], white=["D4"])
    boards, moves = [board], []
    colour = go.BLACK
    for _ in range(min(3 * size**2, LONGEST)):
        if rng.random() < 0.1:  # out of turn
            colour = -colour
        points = np.argwhere(board.legal(colour))
        near = [p for p in points if moves and moves[-1][1] and beside(p, moves[-1][1])]
        point = None
        if len(points) and rng.random() > 0.03:
            chosen = near if near and rng.random() < 0.6 else points
            point = tuple(map(int, chosen[rng.integers(len(chosen))]))
        board = board.play(point, colour)
        boards.append(board)
        moves.append((colour, point))
        colour = -colour
    return start, moves, boards


def beside(one, other):
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) <= 2


def place(point, size):
    return -1 if point is None else point[0] * size + point[1]


def refused(board, point, colour):
    """The first letter of why a stone may not be played: o, k, s, or nothing."""
    try:
        board.play(point, colour)
    except ValueError as error:
        said = str(error)
        return "k" if "(ko)" in said else "s" if "(suicide)" in said else "o"
    return " "


def test_games_and_all_that_is_said_of_their_positions(page):
    rng = np.random.default_rng(0)
    games = [random_game(rng, number) for number in range(GAMES)]
    seen = page.evaluate(
        REPLAY,
        [
            {
                "size": start.size,
                "start": start.stones.ravel().tolist(),
                "moves": [
                    [colour, place(point, start.size)] for colour, point in moves
                ],
            }
            for start, moves, _ in games
        ],
    )
    states, letters = set(), set()
    for (start, moves, boards), looks in zip(games, seen, strict=True):
        size = start.size
        assert len(looks) == len(boards)
        for number, (board, look) in enumerate(zip(boards, looks, strict=True)):
            assert look["stones"] == board.stones.ravel().tolist()
            assert look["liberties"] == board.liberty_counts.ravel().tolist()
            assert look["captured"] == [place(p, size) for p in board.captured]
            assert look["prisoners"] == list(board.prisoners)
            assert look["ko"] == place(board.ko, size)
            recent = [point for _, point in moves[:number]]
            for colour, said in zip((go.BLACK, go.WHITE), look["said"], strict=True):
                legal = board.legal(colour).ravel()
                assert said["legal"] == "".join(map(str, legal.astype(int)))
                assert said["barred"] == place(board.barred(colour), size)
                if number % 3 == 0:
                    wanted = go.planes(board, colour, recent).ravel()
                    assert said["planes"] == "".join(map(str, wanted.tolist()))
                assert [letter == " " for letter in said["refused"]] == legal.tolist()
                if number % 10 == 0:
                    points = np.ndindex(size, size)
                    why = "".join(refused(board, p, colour) for p in points)
                    assert said["refused"] == why
                letters |= {*said["refused"]}
            states.add((size, board.stones.tobytes()))
    assert letters == set(" oks")  # all came
    assert len(states) > 1000


GROUPS = """(boards) => boards.map(({ size, stones }) => {
  const board = go.boardOf(size, stones);
  return stones.map((stone, place) => {
    if (!stone) return null;
    const found = go.groupOf(board, place);
    const sorted = (places) => places.sort((a, b) => a - b);
    return [sorted(found.stones), sorted(found.liberties)];
  });
})"""


def test_groups(page):
    rng = np.random.default_rng(1)
    boards = [random_game(rng, number)[2][-1] for number in range(16)]
    given = [
        {"size": board.size, "stones": board.stones.ravel().tolist()}
        for board in boards
    ]
    for board, found in zip(boards, page.evaluate(GROUPS, given), strict=True):
        for point, seen in zip(np.ndindex(board.size, board.size), found, strict=True):
            if seen is None:
                assert not board.stones[point]
                continue
            masks = (board.group(point), board.liberties(point))
            assert seen == [np.flatnonzero(mask).tolist() for mask in masks]


def test_names(page):
    for size in (2, 9, 19, 25):
        names = page.evaluate(
            "(size) => Array.from({ length: size * size },"
            " (_, place) => go.nameOf(place, size))",
            size,
        )
        assert names == [go.name_of(p, size) for p in np.ndindex(size, size)]
    assert page.evaluate("go.PLANES") == list(go.PLANES)


TURN = """(cases) => cases.map(({ size, depth, data }) =>
  Array.from({ length: go.SYMMETRIES }, (_, k) => {
    const turned = go.turned(Float64Array.from(data), k, size, depth);
    const back = go.turned(turned, go.inverseOf(k), size, depth);
    return [[...turned], [...back], [...Array(size * size).keys()].map((place) =>
      go.turnedPlace(place, k, size))];
  }))"""


def test_symmetries(page):
    rng = np.random.default_rng(2)
    shapes = [(size, size, depth) for size in (2, 5, 9) for depth in (1, 3)]
    arrays = [rng.normal(size=shape) for shape in shapes]
    cases = [
        {"size": len(a), "depth": a.shape[2], "data": a.ravel().tolist()}
        for a in arrays
    ]
    for array, found in zip(arrays, page.evaluate(TURN, cases), strict=True):
        size = len(array)
        assert len(found) == 8
        for k, (turned, back, places) in enumerate(found):
            assert turned == go.turned(array, k).ravel().tolist()
            assert back == array.ravel().tolist()
            points = [go.turned_point(p, k, size) for p in np.ndindex(size, size)]
            assert places == [place(point, size) for point in points]
