"""Go: rules against a second, slow board; planes, symmetries, positions of games."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import datasets, go
from helpers.datasets import stand_in_games
from helpers.go import BLACK, WHITE, Board, Game, Move, name_of, point_of
from helpers.go.symmetries import COUNT

COLOURS = (BLACK, WHITE)


class Slow:
    """A second board that shares nothing with ours: a dictionary, and no shortcuts.

    Its ko is another wording, too: no move may bring back the position before the last.
    """

    def __init__(self, size, stones=()):
        self.size, self.stones, self.before = size, dict(stones), None

    def beside(self, point):
        row, col = point
        for other in ((row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)):
            if all(0 <= n < self.size for n in other):
                yield other

    def group(self, point):
        group, edge = {point}, {point}
        while edge:
            near = {other for member in edge for other in self.beside(member)}
            same = {p for p in near if self.stones.get(p) == self.stones[point]}
            edge = same - group
            group |= edge
        return group

    def liberties(self, point):
        return {
            other
            for member in self.group(point)
            for other in self.beside(member)
            if other not in self.stones
        }

    def after(self, point, colour):
        """Return the board after a move, or None where it is against the rules."""
        if point in self.stones:
            return None
        new = Slow(self.size, self.stones)
        new.before = self.stones
        new.stones[point] = colour
        for other in new.beside(point):
            if new.stones.get(other) == -colour and not new.liberties(other):
                for dead in new.group(other):
                    del new.stones[dead]
        if not new.liberties(point) or new.stones == self.before:
            return None
        return new

    def passed(self):
        new = Slow(self.size, self.stones)
        new.before = self.stones
        return new

    def array(self):
        stones = np.zeros((self.size, self.size), np.int8)
        for point, colour in self.stones.items():
            stones[point] = colour
        return stones

    def counts(self):
        counts = np.zeros((self.size, self.size), np.int16)
        for point in self.stones:
            counts[point] = len(self.liberties(point))
        return counts


def points(mask):
    return {(int(row), int(col)) for row, col in np.argwhere(mask)}


def played(board, *moves):
    """Play moves one after the other, Black first: "D4 E5 …"."""
    for move, colour in zip(moves, itertools.cycle(COLOURS), strict=False):
        board = board.play(move, colour)
    return board


# -- against the slow board ------------------------------------------------------------


@settings(max_examples=60)
@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_random_games_on_two_boards(size, seed):
    random = np.random.RandomState(seed)
    board, slow, colour = Board(size), Slow(size), BLACK
    taken = [0, 0]
    for _ in range(30):
        legal = board.legal(colour)
        every = np.ndindex(size, size)
        assert points(legal) == {p for p in every if slow.after(p, colour) is not None}
        if legal.any() and random.randint(10):
            free = np.argwhere(legal)
            point = tuple(free[random.randint(len(free))].tolist())
            board, new = board.play(point, colour), slow.after(point, colour)
            gone = {p for p in slow.stones if p not in new.stones}
            assert set(board.captured) == gone
            taken[colour == WHITE] += len(gone)
            slow = new
        else:
            board, slow = board.play(None, colour), slow.passed()
            assert board.captured == ()
        np.testing.assert_array_equal(board.stones, slow.array())
        np.testing.assert_array_equal(board.liberty_counts, slow.counts())
        assert board.prisoners == tuple(taken)
        colour = -colour if random.randint(8) else colour  # they need not take turns


@pytest.fixture(scope="module")
def games():
    """Real games where they are here, else those of a random player."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_OFFLINE", "1")
        found = datasets.load_go()
    return [*found.train, *found.validation, *found.test]


def test_positions_of_games_on_two_boards(games):
    """Stones after every move; in 240 positions liberties, and what is legal."""
    random = np.random.RandomState(9)
    chosen, looked_at = games[:: max(1, len(games) // 8)][:8], 0
    assert len(chosen) == 8
    for game in chosen:
        slow = Slow(
            game.size,
            {p: int(game.start.stones[p]) for p in points(game.start.stones != 0)},
        )
        last = len(game.moves) - 1
        some = {int(k) for k in np.linspace(5, last, 30)}
        for number, (board, move) in enumerate(
            zip(game.boards(), game.moves, strict=False)
        ):
            np.testing.assert_array_equal(board.stones, slow.array())
            if number in some:
                looked_at += 1
                np.testing.assert_array_equal(board.liberty_counts, slow.counts())
                for point in random.permutation(list(slow.stones))[:4].tolist():
                    point = tuple(point)
                    assert points(board.group(point)) == slow.group(point)
                    assert points(board.liberties(point)) == slow.liberties(point)
                legal = board.legal(move.colour)
                for point in random.randint(0, game.size, (6, 2)).tolist():
                    after = slow.after(tuple(point), move.colour)
                    assert legal[tuple(point)] == (after is not None)
            slow = slow.after(*reversed(move)) if move.point else slow.passed()
    assert looked_at >= 200


# -- single rules ----------------------------------------------------------------------


def test_a_stone_in_the_corner_is_captured():
    board = played(Board(9), "B9", "A9", "A8")
    assert board.captured == ((0, 0),)
    assert board.stones[0, 0] == 0
    assert board.prisoners == (1, 0)
    assert board.ko is None  # the corner is free, but White would have no liberty there
    assert not board.legal(WHITE)[0, 0]


def test_one_move_captures_several_groups():
    board = Board.drawn("""
        . X O . O X
        . . X O X .
        . . X O X .
        . . X O X .
        . . . X . .
        . . . . . .
    """)
    after = board.play("D6", BLACK)
    assert set(after.captured) == {(0, 2), (0, 4), (1, 3), (2, 3), (3, 3)}
    assert after.prisoners == (5, 0)
    assert after.ko is None
    assert (after.stones == WHITE).sum() == 0


def test_a_whole_board_is_captured():
    stones = np.full((19, 19), WHITE)
    stones[9, 9] = 0
    board = Board.of(stones).play("K10", BLACK)
    assert len(board.captured) == board.prisoners[0] == 360
    assert board.liberty_counts[9, 9] == 4
    assert board.legal(WHITE).sum() == 360


KO = """
    . X O .
    X O . O
    . X O .
    . . . .
"""


def test_ko_is_over_after_a_move_elsewhere():
    board = Board.drawn(KO).play("C3", BLACK)
    assert board.captured == ((1, 1),)
    assert board.ko == (1, 1)
    assert not board.legal(WHITE)[1, 1]
    with pytest.raises(
        ValueError, match=r"^point: got B3, which would take back.*\(ko"
    ):
        board.play("B3", WHITE)
    assert board.legal(BLACK)[1, 1]  # whose ko it is may fill it
    later = board.play("D1", WHITE).play("A1", BLACK)
    assert later.ko is None
    assert later.play("B3", WHITE).captured == ((1, 2),)
    passed = board.play(None, WHITE)
    assert passed.legal(WHITE)[1, 1]


def test_snapback_is_no_ko():
    """A stone that has just taken one is taken, with its friends: nothing repeats."""
    board = Board.drawn("""
        X O . . X
        X O O O X
        X X X X X
        . . . . .
        . . . . .
    """)
    thrown_in = board.play("C5", BLACK)
    assert thrown_in.liberty_counts[0, 2] == 1
    taken = thrown_in.play("D5", WHITE)
    assert taken.captured == ((0, 2),)
    assert taken.ko is None
    assert taken.legal(BLACK)[0, 2]
    back = taken.play("C5", BLACK)
    assert back.captured == ((0, 1), (0, 3), (1, 1), (1, 2), (1, 3))
    assert back.prisoners == (5, 1)


def test_taking_two_is_no_ko():
    board = Board.drawn("""
        . X X O .
        X O O . O
        . X X O .
        . . . . .
        . . . . .
    """)
    after = board.play("D4", BLACK)
    assert after.captured == ((1, 1), (1, 2))
    assert after.ko is None
    assert after.play("C4", WHITE).captured == ((1, 3),)


@pytest.mark.parametrize(
    ("drawn", "point", "fits"),
    [
        (". O .\nO . .\n. . .", "A3", False),  # alone in the corner
        (". O X\nO X .\nX . .", "A3", True),  # it captures one that has no other
        (". X O\nX O .\nO . .", "A3", False),  # the whole of three would be dead
        (". X .\nO O .\n. . .", "A3", True),  # connects to a group with a liberty
        ("X . O\nO O .\n. . .", "B3", False),  # two stones, no liberty
    ],
)
def test_suicide(drawn, point, fits):
    board = Board.drawn(drawn)
    assert board.legal(BLACK)[point_of(point, 3)] == fits
    if fits:
        assert board.play(point, BLACK).liberty_counts[point_of(point, 3)] > 0
    else:
        said = rf"^point: got {point}, where a black stone would have no liberty \(sui"
        with pytest.raises(ValueError, match=said):
            board.play(point, BLACK)


def test_a_board_never_changes():
    board = Board(9)
    after = board.play((4, 4), BLACK)
    assert board.stones.sum() == 0
    assert after.stones.sum() == 1
    for array in (after.stones, after.liberty_counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_handicap_and_setup():
    board = Board().setup(black=["D4", "Q16"], white=[(9, 9)])
    assert repr(board) == "<Board of 19 × 19: 2 black, 1 white>"
    changed = board.setup(white=["D4"], empty=["Q16"])
    assert changed.stones[point_of("D4")] == WHITE
    assert changed.stones[point_of("Q16")] == 0
    said = "a stone on A3 without liberties"
    with pytest.raises(ValueError, match=said):
        Board(3).setup(black=["A3"], white=["A2", "B3"])


# -- refusals --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda: Board(1), "^size: got 1. Give a whole number from 2 to 25"),
        (lambda: Board("9"), "^size: got '9'"),
        (
            lambda: Board(9).play((9, 0), 1),
            r"^point: got \(9, 0\). Give a row and a col",
        ),
        (lambda: Board(9).play((-1, 0), 1), r"^point: got \(-1, 0\).* from 0 to 8"),
        (lambda: Board(9).play(4, 1), "^point: got 4"),
        (lambda: Board(9).play((1.0, 1), 1), r"^point: got \(1.0, 1\)"),
        (lambda: Board(9).play("K1", 1), '^name: got \'K1\'.* "A1" to "J9"'),
        (lambda: Board(9).play("I5", 1), "^name: got 'I5'. Give a letter without I"),
        (lambda: Board(9).play("A10", 1), "^name: got 'A10'"),
        (lambda: Board(9).play((0, 0), 0), "^colour: got 0. Give 1 for black or -1"),
        (lambda: Board(9).play(None, 2), "^colour: got 2"),
        (lambda: Board(9).legal("black"), "^colour: got 'black'"),
        (lambda: Board(9).group("A1"), "^point: got A1, which is empty. Give one with"),
        (lambda: Board(9).liberties((0, 0)), "^point: got A9, which is empty"),
        (lambda: Board.of([[1, 0]]), r"^stones: got shape \(1, 2\). Give a square"),
        (lambda: Board.of(np.zeros((2, 2, 1))), "^stones: got shape"),
        (lambda: Board.of([[2, 0], [0, 0]]), "^stones: got other numbers. Give 1 for"),
        (lambda: Board.of([[0.5, 0], [0, 0]]), "^stones: got other numbers"),
        (lambda: Board.of([[1, 1], [1, 1]]), "a stone on A2 without liberties"),
        (lambda: Board.drawn("X .\n."), "^text: got 2 rows that are not of 2 points"),
        (lambda: Board.drawn("X b\n. ."), r"^text: got .*Give rows of X, O and points"),
        (lambda: Board.drawn(""), "^text: got ''"),
        (
            lambda: go.turned(np.zeros((3, 3)), 8),
            "^k: got 8. Give a whole number from 0",
        ),
        (
            lambda: go.turned(np.zeros((3, 4)), 1),
            r"^axes: got \(0, 1\) for an array of",
        ),
        (lambda: go.turned(np.zeros((3, 3)), 1, (0, 2)), "^axes: got"),
        (lambda: go.turned(np.zeros((3, 3)), 1, 0), "^axes: got 0"),
        (lambda: go.planes(Board(9), 0), "^colour: got 0"),
        (lambda: go.planes(Board(9), 1, ["T19"]), "^name: got 'T19'"),
        (lambda: go.positions([]), "^games: got no moves. Give one game or more"),
        (lambda: go.positions([Game("", Board(9), ())]), "^games: got no moves"),
        (
            lambda: go.positions(
                [Game("", Board(n), (Move(1, (0, 0)),)) for n in (5, 9)]
            ),
            r"^games: got boards of \[5, 9\] points a side",
        ),
    ],
)
def test_refusals(what, said):
    with pytest.raises(ValueError, match=said):
        what()


def test_the_same_is_legal_and_refused(games):
    """`play` refuses what `legal` says may not be, and nothing else."""
    for number in (0, 40, 90):
        board = next(itertools.islice(games[0].boards(), number, None))
        for colour in COLOURS:
            for point in np.ndindex(board.size, board.size):
                if board.legal(colour)[point]:
                    board.play(point, colour)
                else:
                    with pytest.raises(ValueError, match=r"^point: got"):
                        board.play(point, colour)


# -- names -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 9, 19, 25])
def test_names_of_all_points(size):
    names = [name_of(point, size) for point in np.ndindex(size, size)]
    assert len(set(names)) == size**2
    assert not any("I" in name for name in names)
    back = [point_of(name.lower(), size) for name in names]
    assert back == list(np.ndindex(size, size))


def test_names_as_players_know_them():
    assert [name_of(p) for p in ((0, 0), (18, 0), (18, 18), (3, 3))] == [
        "A19",
        "A1",
        "T1",
        "D16",
    ]
    assert point_of("K10") == (9, 9)  # the middle of the board
    drawn = str(Board(2).play("B1", WHITE))
    assert drawn == "   A B\n 2 . .\n 1 . O"


# -- symmetries ------------------------------------------------------------------------


def test_eight_symmetries_undone_and_closed():
    board = np.arange(25).reshape(5, 5)
    seen = {turned.tobytes() for turned in go.symmetries(board)}
    assert len(seen) == COUNT
    for k in range(COUNT):
        turned = go.turned(board, k)
        np.testing.assert_array_equal(go.back(turned, k), board)
        assert {again.tobytes() for again in go.symmetries(turned)} == seen
        for point in np.ndindex(5, 5):
            assert turned[go.turned_point(point, k, 5)] == board[point]


def test_symmetries_of_many_boards():
    many = np.arange(2 * 3 * 3 * 4).reshape(2, 3, 3, 4)
    for k in range(COUNT):
        found = go.turned(many, k, axes=(1, 2))
        for one, other in zip(many, found, strict=True):
            np.testing.assert_array_equal(go.turned(one, k), other)
        np.testing.assert_array_equal(go.back(found, k, axes=(1, 2)), many)
        rows, cols = go.turned_point(np.divmod(np.arange(9), 3), k, 3)
        one = np.arange(9).reshape(3, 3)
        np.testing.assert_array_equal(go.turned(one, k)[rows, cols], one.ravel())


@pytest.mark.parametrize("k", range(COUNT))
def test_symmetries_commute_with_play_planes_and_rules(games, k):
    game, size = games[1], games[1].size
    turned = Board.of(go.turned(game.start.stones, k))
    recent, recent_turned = [], []
    for number, (board, move) in enumerate(
        zip(game.boards(), game.moves[:150], strict=False)
    ):
        np.testing.assert_array_equal(turned.stones, go.turned(board.stones, k))
        if number % 10 == 0:
            legal = go.turned(board.legal(move.colour), k)
            np.testing.assert_array_equal(turned.legal(move.colour), legal)
            planes = go.planes(board, move.colour, recent)
            np.testing.assert_array_equal(
                go.planes(turned, move.colour, recent_turned), go.turned(planes, k)
            )
        point = move.point and go.turned_point(move.point, k, size)
        recent.append(move.point)
        recent_turned.append(point)
        turned = turned.play(point, move.colour)


# -- planes ----------------------------------------------------------------------------


def shown(board, colour, recent=()):
    """Planes by their names."""
    planes = go.planes(board, colour, recent)
    assert planes.dtype == np.uint8
    return dict(zip(go.PLANES, np.moveaxis(planes, 2, 0), strict=True))


def test_planes_of_a_small_board():
    board = Board.drawn("""
        X X .
        O X .
        . O .
    """)
    seen = shown(board, WHITE, ["A1", "B3", None, "A3", "B1"])
    assert points(seen["own stones"]) == {(1, 0), (2, 1)}
    assert points(seen["other's stones"]) == {(0, 0), (0, 1), (1, 1)}
    assert points(seen["empty"]) == {(0, 2), (1, 2), (2, 0), (2, 2)}
    assert points(seen["own, 1 liberty"]) == {(1, 0)}
    assert points(seen["own, 2 liberties"]) == {(2, 1)}
    assert points(seen["other's, 2 liberties"]) == {(0, 0), (0, 1), (1, 1)}
    assert points(seen["last move"]) == {(2, 1)}
    assert points(seen["move before the last"]) == {(0, 0)}
    assert seen["board"].all()
    none = ("own, 3 liberties", "own, 4 liberties or more", "other's, 1 liberty")
    assert not any(seen[name].any() for name in none)
    passed = shown(board, WHITE, [None, "B1", None])
    assert not passed["last move"].any()
    assert points(passed["move before the last"]) == {(2, 1)}


def test_the_other_player_sees_the_same_the_other_way_round():
    board = played(Board(9), "E5", "E6", "D6", "F5", "C3")
    black, white = shown(board, BLACK), shown(board, WHITE)
    for name, plane in black.items():
        mirrored = {"own": "other's", "other's": "own"}
        first, comma, rest = name.partition("," if "," in name else " ")
        other = mirrored.get(first, first) + comma + rest
        np.testing.assert_array_equal(plane, white[other])


def test_positions_are_planes_of_boards(games):
    some = [games[0], games[2]]
    found = go.positions(some)
    assert len(found) == sum(move.point is not None for g in some for move in g.moves)
    where = 0
    for number, game in enumerate(some):
        moves = [move.point for move in game.moves]
        for k, (board, move) in enumerate(zip(game.boards(), game.moves, strict=False)):
            if move.point is None:
                continue
            assert found.games[where] == number
            assert found.numbers[where] == k
            assert divmod(found.moves[where], 19) == move.point
            if where % 7 == 0 or board.ko:
                planes = go.planes(board, move.colour, moves[:k])
                np.testing.assert_array_equal(found.planes([where])[0], planes)
                legal = board.legal(move.colour)
                np.testing.assert_array_equal(found.legal([where])[0], legal)
            where += 1
    assert where == len(found)
    assert repr(found) == f"<Positions: {where:,} on 19 × 19>"


def test_positions_remember_ko():
    moves = [Move(BLACK, (1, 2)), Move(WHITE, (3, 3)), Move(WHITE, (1, 1))]
    found = go.positions([Game("a ko", Board.drawn(KO), tuple(moves))])
    assert found.ko.tolist() == [-1, 5, -1]
    assert found.legal()[:, 1, 1].tolist() == [False, False, True]


def test_positions_by_any_index(games):
    found = go.positions(games[:1])
    every = found.planes()
    rows = np.array([3, 1])
    np.testing.assert_array_equal(found.planes(rows), every[rows])
    np.testing.assert_array_equal(found.planes(slice(5, 9)), every[5:9])
    np.testing.assert_array_equal(found.planes(found.numbers < 4), every[:4])
    np.testing.assert_array_equal(found.legal(rows), found.legal()[rows])


def test_a_game_against_the_rules_is_refused():
    game = Game("twice", Board(9), (Move(1, (0, 0)), Move(-1, (0, 0))))
    with pytest.raises(ValueError, match="got A9, where a black stone stands"):
        go.positions([game])


# -- the random player -----------------------------------------------------------------


def test_a_random_player_plays_by_the_rules_to_the_end():
    """It stops where both pass, and has filled no eye of its own until then."""
    [game] = stand_in_games.games(1, moves=2000, size=5)
    assert [move.point for move in game.moves[-2:]] == [None, None]
    boards = list(game.boards())
    assert len(boards) == len(game.moves) + 1
    for board, move in zip(boards, game.moves, strict=False):
        if move.point:
            row, col = move.point
            beside = list(Slow(5).beside((row, col)))
            assert any(board.stones[p] != move.colour for p in beside)
