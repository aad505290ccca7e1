"""The Python side of GoBoard: games, moves, whose turn it is, what the network says."""

import go_networks
import numpy as np
import pytest
from traitlets import TraitError

from helpers import go
from helpers.datasets import stand_in_games
from helpers.networks import exported, running
from helpers.widgets import GoBoard
from helpers.widgets.parts import go_games

NETWORK = go_networks.small()
LARGE = go_networks.small(19)


@pytest.fixture
def board():
    board = GoBoard(NETWORK)
    yield board
    board.close()


def test_a_game_brings_its_moves_all_played(board):
    assert (board.game, board.step) == ("capture", 7)
    assert board.board.captured == ((6, 2),)
    board.game = "ko"
    assert board.step == len(board.moves) == 9
    assert board.board.barred(go.WHITE) == (6, 2)
    board.step = 3
    assert int(np.abs(board.board.stones).sum()) == 3
    board.game = "empty board"
    assert (board.moves, board.step) == ((), 0)


def test_games_of_our_own_are_played_by_the_rules():
    for size in range(2, 26):
        games = go_games.own_games(size)
        assert [*games][-1] == go_games.EMPTY
        for game in games.values():
            boards = go_games.played(game)
            assert len(boards) == len(game.moves) + 1
    assert next(iter(go_games.own_games(19))) == "opening"


@pytest.mark.parametrize(
    ("came", "moves"),
    [
        (["D4", "e5"], ("black D4", "white E5")),
        ([(5, 3), (4, 4)], ("black D4", "white E5")),
        (np.array([[5, 3], [4, 4]]), ("black D4", "white E5")),
        (
            ["D4", None, "pass", "E5"],
            ("black D4", "white pass", "black pass", "white E5"),
        ),
        (["white D4", "E5"], ("white D4", "black E5")),
        ([(-1, "D4"), (-1, (4, 4))], ("white D4", "white E5")),
        ([go.Move(1, (5, 3)), go.Move(1, None)], ("black D4", "black pass")),
        ((), ()),
    ],
    ids=str,
)
def test_moves_that_are_taken(board, came, moves):
    board.moves = came
    assert (board.moves, board.step) == (moves, len(moves))
    made = GoBoard(NETWORK, moves=came)
    assert made.moves == moves
    made.close()


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (["D4", "D4"], "number 2 is D4, where a black stone stands"),
        (["A2", "J9", "B1", "A1"], r"number 4 is A1, .* \(suicide\)"),
        (["T19"], "got 'T19'. Give points of the board"),
        (["red D4"], "got 'red D4'"),
        (["black D4 E5"], "got 'black D4 E5'"),
        ([""], "got ''"),
        ([(2, "D4")], "Give points"),
        ([(1, 2, 3)], "Give points"),
        ([3.5], "got 3.5"),
        ("D4", "got 'D4'"),
        (None, "got None"),
        (["pass"] * 1001, "got 1,001 moves"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_moves_that_are_refused(board, came, said):
    before = (board.moves, board.step)
    with pytest.raises(TraitError, match=said):
        board.moves = came
    assert (board.moves, board.step) == before


def test_ko_is_held(board):
    board.game = "ko"
    with pytest.raises(TraitError, match=r"number 10 is C3, .* \(ko\)"):
        board.moves = [*board.moves, "C3"]


def test_whose_turn_it_is(board):
    board.moves = ["E5"]
    assert board.colour == go.WHITE
    board.stone = "black"
    assert board.colour == go.BLACK
    board.stone = "in turn"
    board.moves = ["E5", "pass", "white D4"]
    assert board.colour == go.BLACK
    board.step = 2  # as the game goes on
    assert board.colour == go.WHITE


def test_after_a_handicap_white_begins():
    start = go.Board().setup(black=["D4", "Q16"])
    game = go.Game("handicap", start, ())
    board = GoBoard(LARGE, games=[game])
    assert (board.colour, board.first_colour) == (go.WHITE, go.WHITE)
    board.moves = ["K10", "C3"]
    assert board.moves == ("white K10", "black C3")
    assert board.board.stones[15, 3] == go.BLACK
    board.close()


def test_games_of_the_learners():
    games = stand_in_games.games(2, 30)
    board = GoBoard(LARGE, games=games)
    names = ["random game 1", "random game 2", "empty board"]
    assert [*board.games] == names
    assert board.board.stones.tolist() == [*games[0].boards()][-1].stones.tolist()
    sent = board.get_state()["_games"]["random game 1"]
    assert sent["moves"][0] == board.moves[0]
    same = GoBoard(LARGE, games=[games[0], games[0]])
    assert [*same.games] == ["random game 1 (0)", "random game 1 (1)", "empty board"]
    for made in (board, same):
        made.close()


@pytest.mark.parametrize(
    ("games", "said"),
    [
        ([], "got 0 games"),
        ([3], "got 3. Give 1 to 200 of helpers.go's"),
        ("abc", "got 'abc'"),
        (5, "got 5"),
        (stand_in_games.games(1, 5, 9), "on 9 × 9. Give games on 19 × 19"),
        ([go.Game("long", go.Board(), (go.Move(1, None),) * 1001)], "long of 1,001"),
    ],
    ids=str,
)
def test_games_that_are_refused(games, said):
    with pytest.raises(TraitError, match=said):
        GoBoard(LARGE, games=games)


def test_what_the_network_says(board):
    """All symmetries, turned there and back by hand."""
    board.moves = ["E5", "C3", "G7", "D5"]
    planes = go.planes(board.board, go.BLACK, ["G7", "D5"])
    np.testing.assert_array_equal(board.planes, planes)
    allowed = board.board.legal(go.BLACK)
    all_eight = []
    for k in range(8):
        board.symmetry = k
        made = running.maps(NETWORK, go.turned(planes, k))
        scores = go.back(made["logits"].reshape(9, 9), k)
        wanted = np.where(allowed, np.exp(scores - scores[allowed].max()), 0)
        wanted /= wanted.sum()
        np.testing.assert_allclose(board.probabilities, wanted, rtol=1e-9)
        np.testing.assert_array_equal(board.maps["bend2"], made["bend2"])
        all_eight.append(wanted)
    board.averaged = True
    mean = np.mean(all_eight, axis=0)
    np.testing.assert_allclose(board.probabilities, mean, rtol=1e-9)
    names, shares = zip(*board.best, strict=True)
    assert shares == tuple(np.sort(mean, axis=None)[::-1][:5])
    assert mean[go.point_of(names[0], 9)] == mean.max()


def test_a_network_that_gives_probabilities(board):
    described = NETWORK.description
    last = {"name": "shares", "kind": "activation", "inputs": [13], "shape": [81]}
    last |= {"activation": {"name": "softmax"}}
    layers = [*described["layers"], last]
    sure = exported.Network(
        {**described, "layers": layers, "outputs": [14]}, NETWORK.data
    )
    other = GoBoard(sure)
    np.testing.assert_allclose(other.probabilities, board.probabilities, rtol=1e-6)
    other.close()


def test_no_point_is_left():
    board = GoBoard(go_networks.small(2), moves=["A1", "pass", "B2"])
    assert board.colour == go.WHITE
    assert board.probabilities.sum() == 0
    assert board.best == []
    assert board.picture().axes
    board.close()


def test_what_the_page_says_is_taken_together(board):
    board.set_state({"game": "ko", "moves": ["black E5", "white E6"], "step": 1})
    assert (board.game, board.moves, board.step) == ("ko", ("black E5", "white E6"), 1)
    board.set_state({"layer": 1, "unit": [12, 12, 13]})
    assert (board.layer, board.unit) == (1, (12, 12, 13))
    board.layer = 3
    assert board.unit == (4, 4, 0)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("game", "opening", 'Give "capture", "ko" or "empty board"'),
        ("step", 8, "from 0 to 7"),
        ("symmetry", 8, "from 0 to 7"),
        ("layer", 14, "from 0 to 13"),
        ("unit", (9, 0, 0), "inside filters1"),
    ],
)
def test_what_does_not_fit_is_refused(board, name, value, said):
    with pytest.raises(TraitError, match=said):
        setattr(board, name, value)
    with pytest.raises(TraitError, match=said):
        GoBoard(NETWORK, **{name: value})


def other(**changed):
    return exported.Network({**NETWORK.description, **changed}, NETWORK.data)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (
            exported.shipped("mnist"),
            r"takes \(28, 28, 1\) and gives \(10,\)\. Give one",
        ),
        (other(outputs=[12]), r"one that gives \(9, 9, 1\)"),
        (other(inputs=[0, 0]), "2 inputs and 1 outputs"),
        ("mnist", 'network: got .* Give "go"; a keras'),
        (3, "network: got 3"),
        (None, "network: got None"),
    ],
    ids=str,
)
def test_networks_that_are_refused(network, said):
    with pytest.raises(TraitError, match=said):
        GoBoard(network)


def test_its_line_and_its_picture(board):
    assert repr(board) == (
        "GoBoard: capture, move 7 of 7 on 9 × 9, white to move; a network of 14 "
        "layers, unit (4, 4, 0) of filters1"
    )
    board.moves, board.step = [*board.moves, "A1"], 7
    board.symmetry, board.averaged = 3, True
    assert repr(board) == (
        "GoBoard: capture, changed, move 7 of 8 on 9 × 9, white to move, seen under "
        "symmetry 3, averaged over all eight; a network of 14 layers, unit (4, 4, 0) "
        "of filters1"
    )
    said = board.picture().alt
    assert said.startswith("A Go board of 9 × 9: 4 black and 2 white stones, the last")
    assert f"Likeliest moves: {board.best[0][0]} " in said
    board.shown = "nothing"
    assert "Likeliest" not in board.picture().alt
