"""Games of Go: how records are read, where they come from, and what can go wrong."""

import contextlib
import dataclasses
import errno
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile

import numpy as np
import pooch
import pytest
from data_server import LASTING, serving
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import datasets
from helpers.datasets import archives, decode, fetch, go, registry, sgf, stand_in_games
from helpers.go import BLACK, WHITE, Move, name_of, point_of

# -- records ---------------------------------------------------------------------------


def record(text, **head):
    """A record with this main line, in bytes."""
    root = {"GM": "1", "FF": "4", "SZ": "9", **head}
    start = "".join(f"{key}[{value}]" for key, value in root.items() if value)
    return f"(;{start}{text})".encode()


def read(text, **head):
    return sgf.read(record(text, **head), "a game")


def test_a_record_of_every_kind_of_thing():
    game = sgf.read(
        b"(;GM[1]FF[4]CA[UTF-8]SZ[19]HA[2]KM[0.5]PB[Ada\\]]PW[Bo\nB]RE[W+3.5]"
        b"DT[2002-05-24]AB[dd][pp]C[(;a remark\\])];W[pd]C[L:5];B[dp];C[nothing];W[])",
        "a game",
    )
    assert repr(game) == "<Game a game: 3 moves on 19 × 19>"
    assert [np.argwhere(game.start.stones == c).tolist() for c in (BLACK, WHITE)] == [
        [[3, 3], [15, 15]],
        [],
    ]
    assert game.moves == (
        Move(WHITE, point_of("Q16")),
        Move(BLACK, point_of("D4")),
        Move(WHITE, None),
    )
    assert (game.black, game.white) == ("Ada]", "Bo B")
    assert (game.result, game.date) == ("W+3.5", "2002-05-24")
    assert len(list(game.boards())) == 4


@pytest.mark.parametrize("empty", ["", " ", "  ", "tt", "TT", "\n"])
def test_passes(empty):
    assert read(f";B[{empty}];W[cc]").moves == ((BLACK, None), (WHITE, (2, 2)))


def test_tt_is_a_point_of_a_larger_board():
    game = read(";B[tt];W[]", SZ="21")
    assert game.moves == ((BLACK, (19, 19)), (WHITE, None))


def test_colours_come_from_the_moves():
    """White begins, Black plays twice: as where stones were given, or one was away."""
    colours = [move.colour for move in read(";W[aa];B[bb];B[cc];W[dd]").moves]
    assert colours == [WHITE, BLACK, BLACK, WHITE]


def test_setup_stones():
    game = read("AB[aa:bb]AW[ee][fe]AE[bb];W[gg]")
    black, white = (game.start.stones == c for c in (BLACK, WHITE))
    assert np.argwhere(black).tolist() == [[0, 0], [0, 1], [1, 0]]
    assert np.argwhere(white).tolist() == [[4, 4], [4, 5]]


def test_a_move_in_the_first_node_and_side_lines():
    game = read(";B[aa](;W[bb];B[cc])(;W[dd])", **{"B": ""})
    assert [move.point for move in game.moves] == [(0, 0), (1, 1), (2, 2)]
    assert len(sgf.read(b"(;SZ[9]B[ee])", "a game").moves) == 1
    assert sgf.read(b"junk before (;B[ee])", "a game").size == 19  # where none is said


@pytest.mark.parametrize(
    ("raw", "named", "name"),
    [
        ("Gunnar Farnebäck".encode(), "", "Gunnar Farnebäck"),
        ("Gunnar Farnebäck".encode("latin-1"), "", "Gunnar Farnebäck"),
        ("Gunnar Farnebäck".encode("latin-1"), "ISO-8859-1", "Gunnar Farnebäck"),
        ("李昌鎬".encode("euc-jp"), "EUC-JP", "李昌鎬"),
        ("吴清源".encode("gb2312"), "GB2312", "吴清源"),
        (b"plain", "no such thing", "plain"),
        (b"plain", "\xff", "plain"),
        (b"plain", "hex", "plain"),
    ],
)
def test_encodings(raw, named, name):
    head = f"CA[{named}]".encode("latin-1") if named else b""
    game = sgf.read(b"(;SZ[9]" + head + b"PB[" + raw + b"];B[aa])", "a game")
    assert game.black == name
    assert len(game.moves) == 1


BAD = {
    b"": "it is no record of a game",
    b"\x00\xff\x1f" * 100: "it is no record of a game",
    b"<html>(;no</html>": "it is no record of a game",
    record(";B[aa]")[:-1]: "it is no record of a game",
    record(";B[aa]", SZ="0"): "it is no record of a game",
    record(";B[aa]", SZ="nine"): "it is no record of a game",
    record(";B[aa]", SZ="99"): "it is no record of a game",
    record(";B[aa]", SZ="1"): "a board of 1 × 1",
    record(";B[aa]", GM="2"): "it is another game than Go",
    record(";B[jj]"): 'a move is on no point, "jj"',
    record(";B[a]"): 'a move is on no point, "a"',
    record(";B[e5]"): 'a move is on no point, "e5"',
    record(";B[aa];W[aa]"): "move 2 is against the rules: A9, where a black stone stan",
    record(";W[ab];W[ba];B[aa]"): "move 3 is against the rules: A9, where .*suicide",
    record(";B[aa];AW[cc];W[dd]"): "stones are put on its board after the first move",
    record("AB[aa]AW[ab][ba];B[cc]"): "its first position cannot be: a stone on A9 wit",
    record("AB[zz];B[cc]"): "it is no record of a game",
}


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_what_cannot_be_read_says_why(data):
    with pytest.raises(sgf.Unreadable, match=BAD[data]) as raised:
        sgf.read(data, "a game")
    assert "\n" not in str(raised.value)


@settings(max_examples=300)
@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 60))
def test_no_damage_raises_anything_else(junk, where, length):
    whole = record(";B[aa];W[bb]C[a \\] remark](;B[cc])(;B[dd])", PB="Ada", CA="UTF-8")
    harmed = whole[:where] + junk + whole[where + length :]
    with contextlib.suppress(sgf.Unreadable):
        assert sgf.read(harmed, "a game").size >= 2


def test_deep_nesting_is_no_trouble():
    deep = b"(;SZ[9]" + b"(;B[aa];W[]" * 5000 + b")" * 5001
    with pytest.raises(sgf.Unreadable, match="against the rules"):
        sgf.read(deep, "a game")


def test_the_library_is_read_without_a_warning(tmp_path):
    """Its source has signs that Python warns of where it finds no compiled copy."""
    code = "from helpers.datasets import sgf; print(sgf.read(b'(;SZ[9];B[aa])', 'one'))"
    where = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    command = [sys.executable, "-W", "default", "-c", code]
    done = subprocess.run(
        command, env=where, capture_output=True, text=True, check=True
    )
    assert done.stdout == "<Game one: 1 move on 9 × 9>\n"
    assert done.stderr == ""


def test_loading_reads_nothing_heavy():
    code = "import sys; from helpers import datasets, go; datasets.load_go()\n"
    code += "print(*sys.modules)"
    where = {**os.environ, "COURSE_OFFLINE": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=where, capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.split())
    assert "sgfmill" in modules or "helpers.datasets.stand_in_games" in modules
    heavy = {"tensorflow", "keras", "jax", "torch", "sklearn", "matplotlib", "scipy"}
    assert not modules & (heavy | {"skimage", "requests.adapters"})


# -- archives --------------------------------------------------------------------------


def written(games, *, left_out=True):
    """The files of the set, of random games: {name in the archive: bytes}."""
    files = {}
    for game in games:
        moves = "".join(
            f";{'B' if colour == BLACK else 'W'}[{_letters(point)}]"
            for colour, point in game.moves
        )
        files[f"{game.name}.sgf"] = record(moves, SZ="19", PB="Ada", RE="B+R")
    if left_out:
        files["small.sgf"] = record(";B[aa]")
        files["broken.sgf"] = record(";B[aa];W[aa]", SZ="19")
    return files


def _letters(point):
    return "" if point is None else "".join(chr(97 + n) for n in reversed(point))


GAMES = stand_in_games.games(60, moves=8)
FILES = written(GAMES)
MOVES = ["T18", "R16", "P16", "N17", "L19", "B12"]
GO = registry.entry("go")
TAR = "gnugo-3.8/regression/games/nngs/"


def as_zip(files, folder="nngs/"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(folder, b"")
        for name, data in files.items():
            archive.writestr(folder + name, data)
    return out.getvalue()


def as_tar(files, folder=TAR):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(folder + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo(TAR + "link.sgf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return out.getvalue()


@pytest.fixture
def server():
    with serving() as server:
        yield server


class Course:
    """A course whose registry has small archives, one of them on a server."""

    def __init__(self, folder, server, patch):
        self.folder, self.server, self.patch = folder, server, patch
        self.given, self.user = folder / "given", folder / "user"
        self.publish(FILES)

    def publish(self, files):
        """Let these be the files of the set, in either archive."""
        packed = as_tar(files), as_zip(files)
        entry = GO
        known = [
            dataclasses.replace(
                file,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                addresses=(f"{self.server.address}/go.tar.gz",)[: len(file.addresses)],
            )
            for file, data in zip(entry.archives, packed, strict=True)
        ]
        entry = dataclasses.replace(entry, archives=tuple(known))
        self.patch.setattr(registry, "entry", {"go": entry}.__getitem__)
        self.patch.setattr(registry, "entries", lambda: {"go": entry})
        self.entry, self.packed = entry, packed
        self.server.files = {"go.tar.gz": packed[0]}

    def give(self, number, data=None):
        """Put an archive where COURSE_DATA is: 0 the publisher's, 1 the small one."""
        path = self.given / self.entry.archives[number].path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.packed[number] if data is None else data)
        self.patch.setenv("COURSE_DATA", str(self.given))
        return path


@pytest.fixture
def course(server, tmp_path, monkeypatch):
    """One without data, on the network, that loses no time between tries."""
    for name in ("COURSE_DATA", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(pooch.core.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(registry, "CLONE", tmp_path / "none")
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "user" / name)
    return Course(tmp_path, server, monkeypatch)


def is_real(loaded):
    parts = (loaded.train, loaded.validation, loaded.test)
    games = sorted((game for part in parts for game in part), key=lambda g: g.name)
    wanted = sorted(GAMES, key=lambda game: game.name)
    same = [one.name == other.name for one, other in zip(games, wanted, strict=True)]
    same += [o.moves == t.moves for o, t in zip(games, wanted, strict=True)]
    return all(same) and not loaded.is_fallback


def test_it_is_fetched_once_and_kept(course, server, capsys):
    assert datasets.missing() == ["Go games"]
    first = datasets.load_go()
    assert is_real(first)
    assert [len(part) for part in (first.train, first.validation, first.test)] == [
        20,
        10,
        30,
    ]
    assert first.left_out == (
        "broken: move 2 is against the rules: A19, where a black stone stands",
        "small: a board of 9 × 9",
    )
    assert first.train[0].black == "Ada"
    assert is_real(datasets.load_go())
    assert len(server.asked) == 1
    assert datasets.missing() == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("number", [0, 1])
def test_an_archive_that_is_given_needs_no_network(course, server, number, tmp_path):
    course.give(number)
    before = sorted(tmp_path.rglob("*"))
    assert datasets.missing() == []
    assert is_real(datasets.load_go())
    assert server.asked == []
    assert sorted(tmp_path.rglob("*")) == before  # nothing is unpacked


def test_parts_are_by_name_alone(course):
    course.publish(dict(reversed(FILES.items())))
    other = datasets.load_go()
    parts = go.split(GAMES, go.VALIDATION, go.TEST)
    for part, games in zip(("train", "validation", "test"), parts, strict=True):
        names = [game.name for game in getattr(other, part)]
        assert names == [game.name for game in games] == sorted(names)


def test_what_else_is_in_an_archive_is_passed_over(tmp_path):
    other = written(stand_in_games.games(1, moves=3), left_out=False)
    [data] = other.values()
    odd = {
        "../../../../outside.sgf": data,
        "/etc/outside.sgf": data,
        "deeper/one.sgf": data,
        "notes.txt": b"nothing",
        "huge.sgf": b" " * 200_000 + data,
    }
    for pack in (as_zip, as_tar):
        path = tmp_path / ("some.zip" if pack is as_zip else "some.tar.gz")
        path.write_bytes(pack({**FILES, **odd}))
        before = sorted(tmp_path.rglob("*"))
        games, left_out = go._games(path)
        assert {game.name for game in games} == {game.name for game in GAMES}
        assert len(left_out) == 2
        assert sorted(tmp_path.rglob("*")) == before


def stands_in(loaded, why, capsys):
    assert loaded.is_fallback
    assert len(loaded.train) == 6
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    start = f"Using 9 games of a random player in place of Go games ({why}): for the "
    assert lines[0].startswith(start + "real ones, ")
    return lines[0]


def test_offline_nobody_is_asked(course, server, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    said = stands_in(datasets.load_go(), "COURSE_OFFLINE is set", capsys)
    assert said.endswith("or set COURSE_DATA to a folder with go-gnugo-nngs/ in it.")
    assert server.asked == []


def test_no_network(course, capsys):
    closed = dataclasses.replace(
        course.entry.archives[0], addresses=("http://127.0.0.1:9/go.tar.gz",)
    )
    entry = dataclasses.replace(course.entry, archives=(closed,))
    course.patch.setattr(registry, "entry", lambda name: entry)
    stands_in(datasets.load_go(), "no network", capsys)


@pytest.mark.parametrize("fault", LASTING)
def test_faults_of_the_server(course, server, fault, capsys):
    # As large as a real one: of less, the client may have all when the server is cut.
    course.publish({**FILES, "notes.txt": os.urandom(90_000)})
    server.always = fault
    stands_in(datasets.load_go(), LASTING[fault], capsys)
    server.always = ""
    server.faults.append("503")
    assert is_real(datasets.load_go())
    leftover = [path for path in course.user.rglob("*") if path.is_file()]
    assert [path.name for path in leftover] == ["gnugo-3.8.tar.gz"]


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("how", ["truncated", "one bit", "empty", "another"])
def test_a_damaged_archive_is_not_used(course, number, how, monkeypatch, capsys):
    data = bytearray(course.packed[number])
    if how == "one bit":
        data[len(data) // 2] ^= 4
    data = {"truncated": data[:-100], "empty": b"", "another": b"x" * len(data)}.get(
        how, data
    )
    path = course.give(number, bytes(data))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    stands_in(datasets.load_go(), "COURSE_OFFLINE is set", capsys)
    assert path.read_bytes() == data  # it is left as it is
    course.give(1 - number)
    assert is_real(datasets.load_go())


@pytest.mark.parametrize("pack", [as_tar, as_zip])
def test_an_archive_of_other_things_raises_damage_alone(pack, tmp_path):
    suffix = "zip" if pack is as_zip else "tar.gz"
    whole = pack(FILES)
    few = pack(written(GAMES[:5]))
    for k, data in enumerate([few, whole[: len(whole) // 2], whole[100:], b"", b"PK"]):
        path = tmp_path / f"{k}.{suffix}"
        path.write_bytes(data)
        with pytest.raises(decode.DAMAGE):
            go._games(path)


def test_an_archive_with_a_right_hash_and_few_games(course, capsys):
    course.publish(written(GAMES[:5]))
    stands_in(datasets.load_go(), "its archive is damaged", capsys)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing(course, monkeypatch, number, capsys):
    """Nothing is lost but the games: where they are given, nothing is written."""

    def failing(path, mode="r", *rest, **named):
        if set(mode) & set("wxa+"):
            raise OSError(number, os.strerror(number), str(path))
        return open(path, mode, *rest, **named)

    monkeypatch.setattr(fetch, "open", failing, raising=False)
    full = number == errno.ENOSPC
    why = "the disk is full" if full else "no folder can be written"
    stands_in(datasets.load_go(), why, capsys)
    course.give(1)
    assert is_real(datasets.load_go())


def test_members_of_an_archive(tmp_path):
    (tmp_path / "some.tar.gz").write_bytes(as_tar({"a.sgf": b"one"}, folder=""))
    (tmp_path / "some.zip").write_bytes(as_zip({"a.sgf": b"one", "b": b"four"}))
    tar = list(archives.members(tmp_path / "some.tar.gz", 10))
    assert tar == [("a.sgf", b"one")]  # the link is none
    packed = list(archives.members(tmp_path / "some.zip", 3))
    assert packed == [("nngs/a.sgf", b"one")]  # b is too large


# -- what is here ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def here():
    """The games as this machine has them, real or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_OFFLINE", "1")
        return datasets.load_go()


def test_the_games_as_they_are_here(here):
    """All that are counted, if this machine has them; else something stands in."""
    assert here.is_fallback == ("Go games" in datasets.missing())
    parts = (here.train, here.validation, here.test)
    counts = [len(part) for part in parts]
    assert counts == ([6, 1, 2] if here.is_fallback else [140, 10, 30])
    games = [game for part in parts for game in part]
    moves = [move for game in games for move in game.moves]
    assert len({game.name for game in games}) == len(games)
    assert all(game.size == 19 for game in games)
    sizes = " + ".join(map(str, counts))
    start = "Stand-in for Go games" if here.is_fallback else "Go games"
    assert repr(here) == (f"<{start}: {sizes} games on 19 × 19, {len(moves):,} moves>")
    if not here.is_fallback:
        assert len(moves) == 42_516
        assert sum(move.point is not None for move in moves) == 42_115
        assert len(here.left_out) == 29
        assert all("a board of" in said for said in here.left_out)
        handicap = [int(np.abs(game.start.stones).sum()) for game in games]
        assert max(handicap) == 9
        assert all(game.black and game.white and game.date for game in games)


def test_openings_are_all_that_the_parts_share(here):
    """Of test positions few were learned from, and none after the sixth move."""

    def seen(games):
        for game in games:
            for number, board in zip(range(40), game.boards(), strict=False):
                yield board.stones.tobytes(), number

    learned = {stones for stones, _ in seen(here.train)}
    shared = [number for stones, number in seen(here.test) if stones in learned]
    assert max(shared) <= 6


def test_it_says_where_it_comes_from(here):
    entry = GO
    real = (entry.source, entry.licence, entry.citation)
    assert ((here.source, here.licence, here.citation) == real) is not here.is_fallback
    assert here.source
    assert here.licence


def test_random_games_are_the_same_everywhere(course, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    one, other = datasets.load_go(), datasets.load_go()
    assert [g.moves for g in one.train] == [g.moves for g in other.train]
    names = {game.name for game in (*one.train, *one.validation, *one.test)}
    assert names == {f"random game {k}" for k in range(1, 10)}
    assert {game.black for game in one.train} == {"random player"}
    assert "random player" in one.source
    assert "GPL" not in one.licence
    # Written down once: another NumPy must play the same.
    first = stand_in_games.games(1, moves=6)[0]
    assert [name_of(move.point) for move in first.moves] == MOVES
