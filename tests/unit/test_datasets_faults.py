"""All that can go wrong on the way of a data set, from the server to the arrays.

A course of its own, with a small registry, a cache and a server on this machine, stands
in for the real one: the same files in the same forms, with fewer pictures. Nothing here
needs a network.
"""

import errno
import gzip
import hashlib
import io
import json
import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pooch
import pytest
from data_server import LASTING, serving

from helpers import datasets
from helpers.datasets import decode, fetch, registry

TRAIN, TEST = 40, 20
RNG = np.random.default_rng(8)
ARRAYS = {
    "x_train": RNG.integers(0, 256, (TRAIN, 28, 28), np.uint8),
    "y_train": np.arange(TRAIN, dtype=np.uint8) % 10,
    "x_test": RNG.integers(0, 256, (TEST, 28, 28), np.uint8),
    "y_test": np.arange(TEST, dtype=np.uint8) % 10,
}
IDX = ("train-images", "train-labels", "t10k-images", "t10k-labels")


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def sketches(count, seed=0):
    """Drawings that differ, (count, 784)."""
    return np.random.default_rng(seed).integers(100, 256, (count, 784), np.uint8)


NPZ = npz(**ARRAYS)
FILES = {"mnist/mnist.npz": NPZ}
FILES |= {
    f"mnist/{name}.gz": idx(array)
    for name, array in zip(IDX, ARRAYS.values(), strict=True)
}
DOGS, OWLS = sketches(300), sketches(20, seed=1)
TRUNK = RNG.integers(0, 256, 200_000, np.uint8).tobytes()


def described(path, data, addresses=()):
    text = f"path = {json.dumps(path)}\nsize = {len(data)}\n"
    text += f'sha256 = "{hashlib.sha256(data).hexdigest()}"\n'
    return text + f"addresses = {json.dumps(list(addresses))}\n"


def written(address, npz_file=NPZ, mirrors=(), ways=("npz", "idx")):
    """A registry of two sets, as data/registry.toml is one."""
    about = 'source = "a test"\nlicence = "CC0"\ncitation = "none"\n'
    content = hashlib.sha256(b"".join(a.tobytes() for a in ARRAYS.values()))
    text = (
        f'[mnist]\ntitle = "MNIST"\n{about}classes = {json.dumps(list("0123456789"))}'
    )
    text += f'\ntraining = {TRAIN}\ntest = {TEST}\ncontent = "{content.hexdigest()}"\n'
    for kind in ways:
        text += f'[[mnist.ways]]\nkind = "{kind}"\n'
        for path, data in FILES.items():
            if path.endswith("npz") is (kind == "npz"):
                data = npz_file if kind == "npz" else data
                addresses = [f"{a}/{path}" for a in (*mirrors, address)]
                text += "[[mnist.ways.files]]\n" + described(path, data, addresses)
    text += (
        f'[quickdraw]\ntitle = "Quick, Draw!"\n{about}classes = ["dog", "owl", "bus '
    )
    text += f'stop"]\naddress = "{address}/{{}}.npy"\n'
    text += "[[quickdraw.files]]\n" + described("quickdraw/owl.npy", npy(OWLS))
    text += f'[weights.vgg16]\ntitle = "VGG16"\n{about}[weights.vgg16.files.trunk]\n'
    text += f'path = "vgg16/trunk.h5"\nsize = {len(TRUNK)}\n'
    text += f'addresses = ["{address}/vgg16/trunk.h5"]\n'
    return text + f'md5 = "{hashlib.md5(TRUNK).hexdigest()}"\n'


@pytest.fixture
def server():
    with serving() as server:
        server.files = dict(FILES)
        server.files |= {f"{name}.npy": npy(DOGS) for name in ("dog", "bus stop")}
        server.files["vgg16/trunk.h5"] = TRUNK
        yield server


class Course:
    """A clone of the course: its folder data/, and the cache of its user."""

    def __init__(self, folder, patch):
        self.data, self.user = folder / "data", folder / "user"
        self.cache = self.data / "cache"
        self.data.mkdir()
        patch.setattr(registry, "CLONE", self.data)
        patch.setattr(pooch, "os_cache", lambda name: self.user / name)

    def register(self, *arguments, **named):
        text = written(*arguments, **named)
        (self.data / "registry.toml").write_text(text, encoding="utf-8")
        registry.entries.cache_clear()
        registry.weights.cache_clear()

    def halves(self):
        """Files that are neither the registry's nor ours: left behind half-made."""
        files = [
            p for f in (self.cache, self.user) for p in f.rglob("*") if p.is_file()
        ]
        return [p for p in files if p.name.startswith((".", "tmp"))]


@pytest.fixture
def course(server, tmp_path, monkeypatch):
    """A clone without data, on the network, that loses no time between tries."""
    for name in ("COURSE_DATA", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch, "TIMEOUT", (60, 60))
    monkeypatch.setattr(pooch.core.time, "sleep", lambda seconds: None)
    course = Course(tmp_path, monkeypatch)
    course.register(server.address)
    yield course
    registry.entries.cache_clear()
    registry.weights.cache_clear()


def is_real(loaded):
    """Say whether it is MNIST as this course has it, number by number."""
    arrays = (loaded.train_images, loaded.train_labels)
    arrays += (loaded.test_images, loaded.test_labels)
    same = map(np.array_equal, arrays, ARRAYS.values())
    return not loaded.is_fallback and all(same)


@pytest.fixture
def stands_in(capsys):
    """Check that something stands in, and what the sentence says."""

    def check(loaded, why, remedy):
        assert loaded.is_fallback
        assert len(loaded.train_images) > 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 1
        assert (
            f"in place of {loaded.name} ({why}): for the real one, {remedy}" in lines[0]
        )
        assert lines[0].endswith(".")

    return check


# ---- all is well ----


def test_it_is_fetched_once_and_kept(course, server, capsys):
    assert is_real(datasets.load_mnist())
    assert server.asked == [("/mnist/mnist.npz", None)]
    assert (course.cache / "mnist" / "mnist.npz").read_bytes() == NPZ
    assert is_real(datasets.load_mnist())
    assert len(server.asked) == 1
    assert course.halves() == []
    assert capsys.readouterr().out == ""


def test_the_bar_is_on_stderr_and_gone_at_the_end(course, capfd):
    datasets.load_mnist()
    out, err = capfd.readouterr()
    assert out == ""
    assert "MNIST" in err
    assert err.rsplit("\r", 1)[-1].strip() == ""


def test_poochs_own_words_are_left_as_they_were(course):
    logger = pooch.get_logger()
    before = logger.level
    try:
        logger.setLevel("ERROR")
        datasets.load_mnist()
        assert logger.level == logging.ERROR
    finally:
        logger.setLevel(before)


def test_others_can_read_what_is_kept(course):
    datasets.load_mnist()
    files = [p for p in course.cache.rglob("*") if p.is_file()]
    assert len(files) == 2
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in files)


@pytest.mark.parametrize("kind", ["npz", "idx"])
def test_every_way_gives_the_same(course, server, kind):
    server.files = {
        p: f for p, f in FILES.items() if p.endswith("npz") is (kind == "npz")
    }
    assert is_real(datasets.load_mnist())


@pytest.mark.parametrize("kind", ["npz", "idx"])
def test_files_that_are_given_need_no_network(
    course, server, kind, tmp_path, monkeypatch
):
    folder = tmp_path / "given"
    for path, data in FILES.items():
        if path.endswith("npz") is (kind == "npz"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    monkeypatch.setenv("COURSE_DATA", str(folder))
    before = sorted(folder.rglob("*"))
    assert is_real(datasets.load_mnist())
    assert server.asked == []
    assert sorted(folder.rglob("*")) == before  # decoded, it lies in data/
    assert len(list((course.cache / "decoded").iterdir())) == 1


def test_what_is_fetched_goes_where_the_data_are(course, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "given"))
    assert is_real(datasets.load_mnist())
    assert (tmp_path / "given" / "mnist" / "mnist.npz").read_bytes() == NPZ
    assert [p.name for p in course.cache.iterdir()] == ["decoded"]


def test_an_installed_copy_keeps_its_data_with_its_user(course, monkeypatch):
    text = registry.text()
    (course.data / "registry.toml").unlink()
    monkeypatch.setattr(registry, "text", lambda: text)
    assert is_real(datasets.load_mnist())
    kept = course.user / "hands-on-convnets"
    assert (kept / "mnist" / "mnist.npz").is_file()
    assert not course.cache.exists()


# ---- the network ----


def test_offline_nobody_is_asked(course, server, monkeypatch, stands_in):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    stands_in(datasets.load_mnist(), "COURSE_OFFLINE is set", "unset it, or set COURSE")
    stands_in(datasets.load_quickdraw(["dog"]), "COURSE_OFFLINE is set", "unset it")
    assert server.asked == []
    monkeypatch.setenv("COURSE_OFFLINE", "0")
    assert is_real(datasets.load_mnist())


def test_no_network(course, stands_in):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        course.register(address)
        stands_in(datasets.load_mnist(), "no network", "go online and run this cell")
        stands_in(datasets.load_quickdraw(["dog"]), "no network", "go online")


def test_no_names_on_the_network(course, monkeypatch, stands_in):
    course.register("http://data.example.invalid")
    asked = []

    def unknown(host, *_, **__):
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    stands_in(datasets.load_mnist(), "no network", "go online and run this cell again")
    assert len(asked) == 1  # not tried again and again while the learner waits


def test_a_second_address_helps(course, server):
    course.register(
        server.address, mirrors=["http://127.0.0.1:9", f"{server.address}/x"]
    )
    assert is_real(datasets.load_mnist())
    assert [path for path, _ in server.asked] == [
        "/x/mnist/mnist.npz",
        "/mnist/mnist.npz",
    ]


PASSING = ["cut", "503", "500", "429", "page", "other", "hang up", "stall", "silent"]


@pytest.fixture
def impatient(monkeypatch):
    """Wait a moment only for a server that says nothing, as often as it does so.

    An answer that is to come gets all the time that a busy machine needs.
    """

    def now(fault, times):
        waits = [(60, 0.2)] * times if fault in {"stall", "silent"} else []
        waits.reverse()
        real = fetch._Downloader.__call__

        def call(self, *given):
            monkeypatch.setattr(fetch, "TIMEOUT", waits.pop() if waits else (60, 60))
            return real(self, *given)

        monkeypatch.setattr(fetch._Downloader, "__call__", call)

    return now


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_tried_again(course, server, impatient, fault):
    big = npz(**ARRAYS, padding=RNG.integers(0, 256, 300_000, np.uint8))
    course.register(server.address, npz_file=big)
    server.files["mnist/mnist.npz"] = big
    server.faults.extend([fault, fault])
    impatient(fault, 2)
    assert is_real(datasets.load_mnist())
    assert [path for path, _ in server.asked] == ["/mnist/mnist.npz"] * 3
    assert course.halves() == []


@pytest.mark.parametrize("fault", PASSING)
def test_the_same_with_drawings(course, server, impatient, fault):
    server.faults.extend([fault, fault])
    impatient(fault, 2)
    loaded = datasets.load_quickdraw(["dog"], count=300)
    assert not loaded.is_fallback
    assert len(server.asked) == 3
    assert course.halves() == []


FOR_GOOD = LASTING | dict.fromkeys(
    ("stall", "silent"), "the server does not answer in time"
)


@pytest.mark.parametrize("fault", FOR_GOOD)
def test_a_fault_that_lasts_is_survived(course, server, impatient, fault, stands_in):
    big = npz(**ARRAYS, padding=RNG.integers(0, 256, 300_000, np.uint8))
    course.register(server.address, npz_file=big, ways=["npz"])
    server.files["mnist/mnist.npz"] = big
    server.always = fault
    impatient(fault, 6)
    stands_in(datasets.load_mnist(), FOR_GOOD[fault], "run this cell again later")
    assert len(server.asked) == (1 if fault == "404" else 3)
    stands_in(datasets.load_quickdraw(["dog"], count=200), FOR_GOOD[fault], "run this")
    files = [path for path in course.cache.rglob("*") if path.is_file()]
    assert files == []


def test_a_file_that_trickles_in_is_given_up(course, server, monkeypatch, stands_in):
    monkeypatch.setattr(fetch, "PATIENCE", -1)
    monkeypatch.setattr(fetch, "_PIECE", 1000)
    stands_in(datasets.load_mnist(), "the network is too slow", "run this cell again")
    assert [path for path, _ in server.asked].count("/mnist/mnist.npz") == 1
    assert course.halves() == []


def test_an_interruption_leaves_nothing_half_done(course, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fetch._Downloader, "_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            datasets.load_mnist()
    assert not [path for path in course.cache.rglob("*") if path.is_file()]
    assert is_real(datasets.load_mnist())


# ---- files on this machine that are not what they should be ----


def kept(course, name):
    (path,) = (course.cache / "decoded").glob(f"**/{name}-*.bytes")
    return path


def damage(path, how):
    data = bytearray(path.read_bytes())
    if how == "truncated":
        data = data[: len(data) // 2]
    elif how == "empty":
        data = b""
    elif how == "one bit":
        data[len(data) // 2] ^= 1
    elif how == "longer":
        data += b"more"
    else:
        path.unlink()
        path.mkdir()
        return
    path.write_bytes(data)


HARM = ["truncated", "empty", "one bit", "longer", "a folder"]


@pytest.mark.parametrize("how", HARM)
def test_a_damaged_decoded_file_is_made_again(course, server, how):
    datasets.load_mnist()
    damage(kept(course, "mnist"), how)
    assert is_real(datasets.load_mnist())
    assert len(server.asked) == 1
    if how != "a folder":
        damaged = kept(course, "mnist").stat().st_size
        assert damaged == sum(array.nbytes for array in ARRAYS.values())


@pytest.mark.parametrize("how", [h for h in HARM if h != "a folder"])
def test_a_damaged_file_is_fetched_again(course, server, how):
    datasets.load_mnist()
    kept(course, "mnist").unlink()
    damage(course.cache / "mnist" / "mnist.npz", how)
    assert is_real(datasets.load_mnist())
    assert [path for path, _ in server.asked] == ["/mnist/mnist.npz"] * 2
    assert (course.cache / "mnist" / "mnist.npz").read_bytes() == NPZ


@pytest.mark.parametrize("how", HARM)
def test_a_damaged_file_is_not_used_offline(course, monkeypatch, how, stands_in):
    datasets.load_mnist()
    kept(course, "mnist").unlink()
    damage(course.cache / "mnist" / "mnist.npz", how)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    stands_in(datasets.load_mnist(), "COURSE_OFFLINE is set", "unset it")


@pytest.mark.parametrize("how", HARM)
def test_a_damaged_file_that_was_given_is_left_alone(
    course, tmp_path, monkeypatch, how
):
    path = tmp_path / "given" / "mnist" / "mnist.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(NPZ)
    damage(path, how)
    before = path.read_bytes() if path.is_file() else None
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "given"))
    assert is_real(datasets.load_mnist())
    assert (path.read_bytes() if path.is_file() else None) == before
    assert (course.cache / "mnist" / "mnist.npz").read_bytes() == NPZ


def test_a_folder_in_the_place_of_a_file(course):
    """It is nobody's to delete; another cache takes the file."""
    (course.cache / "mnist" / "mnist.npz").mkdir(parents=True)
    assert is_real(datasets.load_mnist())
    assert (course.user / "hands-on-convnets" / "mnist" / "mnist.npz").is_file()


def test_a_file_in_the_place_of_a_folder(course, tmp_path, monkeypatch):
    named = tmp_path / "given"
    named.write_text("notes")
    monkeypatch.setenv("COURSE_DATA", str(named))
    assert is_real(datasets.load_mnist())
    assert (course.cache / "mnist" / "mnist.npz").is_file()
    assert named.read_text() == "notes"


class Trap:
    """Leaves a file behind where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ARRAYS)
def test_nothing_is_unpickled(course, server, tmp_path, name, stands_in):
    """Not even where the registry itself says that this is the file."""
    trap = tmp_path / "sprung"
    pickled = npz(**ARRAYS | {name: np.array([Trap(trap)], object)})
    with np.load(io.BytesIO(pickled), allow_pickle=True) as opened:
        opened[name]
    assert trap.exists()  # it works
    trap.unlink()
    course.register(server.address, npz_file=pickled, ways=["npz"])
    server.files["mnist/mnist.npz"] = pickled
    stands_in(
        datasets.load_mnist(), "its files are damaged", "run this cell again later"
    )
    for path in (tmp_path / "plain.pickle", tmp_path / "a.npy"):
        path.write_bytes(npy(np.array([[Trap(trap)] * 784], object)))
        with pytest.raises(decode.Damaged), path.open("rb") as opened:
            decode.drawings(opened, 1)
    assert not trap.exists()


BAD = {
    "another shape": ARRAYS | {"x_test": ARRAYS["x_test"][:, :-1]},
    "too few": ARRAYS | {"y_train": ARRAYS["y_train"][:-1]},
    "other numbers": ARRAYS | {"x_train": ARRAYS["x_train"].astype(np.int8)},
    "by columns": ARRAYS | {"x_train": np.asfortranarray(ARRAYS["x_train"])},
    "other pixels": ARRAYS | {"x_train": ARRAYS["x_train"] // 2},
    "a name missing": {k: v for k, v in ARRAYS.items() if k != "y_test"},
}


@pytest.mark.parametrize("what", BAD)
def test_content_is_checked_too(course, server, what):
    """An npz with the registry's hash holds something else: the other way is used."""
    bad = npz(**BAD[what])
    course.register(server.address, npz_file=bad)
    server.files["mnist/mnist.npz"] = bad
    assert is_real(datasets.load_mnist())
    assert len(server.asked) == 5


@pytest.mark.parametrize("kind", ["npz", "idx"])
def test_what_is_longer_than_it_should_be_is_refused(tmp_path, kind):
    arrays = ARRAYS | {"y_test": np.append(ARRAYS["y_test"], np.uint8(0))}
    shapes = [array.shape for array in ARRAYS.values()]
    if kind == "npz":  # the header is right, and a byte follows
        (tmp_path / "a.npz").write_bytes(NPZ)
        with zipfile.ZipFile(tmp_path / "a.npz") as good:
            members = {name: good.read(name) for name in good.namelist()}
        with zipfile.ZipFile(tmp_path / "a.npz", "w") as bad:
            for name, data in members.items():
                bad.writestr(name, data + b"x" * (name == "y_test.npy"))
        paths = [tmp_path / "a.npz"]
    else:
        paths = [tmp_path / name for name in IDX]
        for path, array, shape in zip(paths, arrays.values(), shapes, strict=True):
            header = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)
            path.write_bytes(gzip.compress(header + array.tobytes()))
    with pytest.raises(decode.Damaged, match="longer than it should be"):
        decode.arrays(kind, paths, shapes)


@pytest.mark.parametrize("seed", range(20))
def test_damage_raises_nothing_else(tmp_path, seed):
    """No reader is asked before a hash was right; it would survive all the same."""
    rng = np.random.default_rng(seed)
    shapes = [array.shape for array in ARRAYS.values()]
    for kind in ("npz", "idx"):
        names = [p for p in FILES if p.endswith("npz") is (kind == "npz")]
        paths = [tmp_path / Path(name).name for name in names]
        for path, name in zip(paths, names, strict=True):
            data = bytearray(FILES[name])
            for place in rng.integers(0, len(data), 3):
                data[place] = rng.integers(256)
            path.write_bytes(data[: rng.integers(1, len(data) + 1)])
        try:
            decode.arrays(kind, paths, shapes)
        except decode.Damaged as error:
            assert paths[0].name in str(error)  # noqa: PT017  (often it raises nothing)


# ---- disks ----


@pytest.fixture
def disk(monkeypatch):
    """Make a disk fail: where `fails` says so of a folder, with the error it gives."""
    failing = {}

    def check(path):
        for folder, number in failing.items():
            if Path(path).is_relative_to(folder):
                raise OSError(number, os.strerror(number), str(path))

    real_open, real_mkdir, real_path = open, os.mkdir, Path.open

    def opened(path, mode="r", *rest, **named):
        if set(mode) & set("wxa+"):
            check(path)
        return real_open(path, mode, *rest, **named)

    def opened_path(path, mode="r", *rest, **named):
        if set(mode) & set("wxa+"):
            check(path)
        return real_path(path, mode, *rest, **named)

    def mkdir(path, *rest, **named):
        if errno.ENOSPC not in failing.values():
            check(path)
        return real_mkdir(path, *rest, **named)

    monkeypatch.setattr(fetch, "open", opened, raising=False)
    monkeypatch.setattr(Path, "open", opened_path)
    monkeypatch.setattr(os, "mkdir", mkdir)
    return failing


READ_ONLY = [errno.EROFS, errno.EACCES, errno.EPERM]
FULL = [errno.ENOSPC, errno.EDQUOT]


@pytest.mark.parametrize("number", [*READ_ONLY, *FULL])
def test_where_data_cannot_be_written_the_users_cache_is_used(course, disk, number):
    disk[course.data] = number
    assert is_real(datasets.load_mnist())
    user = course.user / "hands-on-convnets"
    assert (user / "mnist" / "mnist.npz").read_bytes() == NPZ
    assert len(list((user / "decoded").iterdir())) == 1
    assert course.halves() == []


def test_a_disk_that_is_full_at_the_last_moment(course, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    assert is_real(datasets.load_mnist())
    assert course.halves() == []
    assert not list(course.cache.rglob("*.bytes"))


@pytest.mark.parametrize("number", [*READ_ONLY, *FULL])
def test_where_nothing_can_be_written(course, disk, server, number, stands_in):
    disk[course.data] = disk[course.user] = number
    if number in FULL:
        said = ("the disk is full", "free 1 MB and run this cell again")
    else:
        said = ("no folder can be written", "set COURSE_DATA to a folder that can be")
    stands_in(datasets.load_mnist(), *said)
    assert course.halves() == []


@pytest.mark.parametrize("number", [*READ_ONLY, *FULL])
def test_data_that_are_given_need_no_disk(course, disk, tmp_path, monkeypatch, number):
    folder = tmp_path / "given" / "mnist"
    folder.mkdir(parents=True)
    (folder / "mnist.npz").write_bytes(NPZ)
    monkeypatch.setenv("COURSE_DATA", str(folder.parent))
    disk[tmp_path] = number
    assert is_real(datasets.load_mnist())


@pytest.mark.parametrize("number", [*READ_ONLY, *FULL])
def test_a_given_folder_that_is_read_only(course, disk, tmp_path, monkeypatch, number):
    given = tmp_path / "given"
    given.mkdir()
    monkeypatch.setenv("COURSE_DATA", str(given))
    disk[given] = number
    assert is_real(datasets.load_mnist())
    assert (course.cache / "mnist" / "mnist.npz").is_file()
    assert len(list((course.cache / "decoded").iterdir())) == 1


def test_folders_that_are_really_read_only(course, tmp_path):
    """As the modes have it; for root, who ignores them, it is another ordinary load."""
    course.data.chmod(0o555)
    try:
        assert is_real(datasets.load_mnist())
    finally:
        course.data.chmod(0o755)


@pytest.mark.parametrize("number", [*READ_ONLY, *FULL])
def test_drawings_need_no_disk_to_be_kept(course, disk, number):
    disk[course.data] = disk[course.user] = number
    assert not datasets.load_quickdraw(["dog"], count=10).is_fallback


# ---- two at once ----

LOAD = """
import sys, pooch
from pathlib import Path
from helpers import datasets
from helpers.datasets import registry
registry.CLONE = Path(sys.argv[1])
mnist = datasets.load_mnist()
doodles = datasets.load_quickdraw(["dog"], count=50)
print(mnist, int(mnist.train_images.sum()), doodles, int(doodles.train_images.sum()))
"""


def test_two_processes_load_at_once(course, server):
    """Both ask before either has an answer; both get all, and one whole file stays."""
    server.together = threading.Barrier(2, timeout=60)
    variables = os.environ | {
        "XDG_CACHE_HOME": str(course.user),
        "HOME": str(course.user),
    }
    command = [sys.executable, "-c", LOAD, str(course.data)]
    running = [
        subprocess.Popen(
            command,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    total = int(ARRAYS["x_train"].sum())
    parts = DOGS[:50].reshape(10, 5, 784)[:, :4]
    line = (
        f"<MNIST: {TRAIN} + {TEST} images of 28 × 28, 10 classes> {total} <Quick, Draw!"
    )
    line += f": 40 + 10 images of 28 × 28, 1 class> {int(parts.sum())}\n"
    assert [out for out, _ in said] == [line, line]
    assert [path for path, _ in server.asked].count("/mnist/mnist.npz") == 2
    assert course.halves() == []
    server.together, server.always = None, "404"
    assert is_real(datasets.load_mnist())
    assert not datasets.load_quickdraw(["dog"], count=50).is_fallback


# ---- Quick, Draw! ----


def test_only_the_first_drawings_are_asked_for(course, server):
    loaded = datasets.load_quickdraw(["dog", "bus stop"], count=20)
    assert not loaded.is_fallback
    most = decode.HEADER + 20 * 784
    assert server.asked == [
        (f"/{n}.npy", f"bytes=0-{most - 1}") for n in ("dog", "bus%20stop")
    ]
    assert server.sent == 2 * most
    both = np.concatenate([loaded.train_images, loaded.test_images])
    assert {image.tobytes() for image in both} == {row.tobytes() for row in DOGS[:20]}


def test_a_server_without_ranges_is_left_when_there_is_enough(course, server):
    whole = npy(np.tile(DOGS, (200, 1)))  # 47 MB
    server.files["dog.npy"] = whole
    server.ranges = False
    loaded = datasets.load_quickdraw(["dog"], count=100)
    assert not loaded.is_fallback
    assert server.sent < len(whole) / 2


def test_a_small_file_is_sent_whole(course, server):
    assert len(datasets.load_quickdraw(["dog"], count=300).train_images) == 240


def test_drawings_are_kept(course, server):
    first = datasets.load_quickdraw(["dog"], count=50)
    for count in (50, 20):
        again = datasets.load_quickdraw(["dog"], count=count)
        wanted = first.train_images[: count * 4 // 5]
        np.testing.assert_array_equal(again.train_images, wanted)
        assert again.train_images.flags.writeable
    assert len(server.asked) == 1
    datasets.load_quickdraw(["dog"], count=80)
    assert len(server.asked) == 2
    assert kept(course, "dog").stat().st_size == 80 * 784  # the smaller one is gone


@pytest.mark.parametrize("how", HARM)
def test_damaged_drawings_are_fetched_again(course, server, how):
    first = datasets.load_quickdraw(["dog"], count=50)
    damage(kept(course, "dog"), how)
    again = datasets.load_quickdraw(["dog"], count=50)
    assert not again.is_fallback
    np.testing.assert_array_equal(again.train_images, first.train_images)
    assert len(server.asked) == 2


def test_too_few_drawings(course, server, stands_in):
    loaded = datasets.load_quickdraw(["dog"], count=500)
    stands_in(loaded, '"dog" has 300 drawings', "give count=300.")


def test_too_few_drawings_are_given(course, server, tmp_path, monkeypatch, stands_in):
    folder = tmp_path / "given" / "quickdraw"
    folder.mkdir(parents=True)
    (folder / "owl.npy").write_bytes(npy(OWLS))
    monkeypatch.setenv("COURSE_DATA", str(folder.parent))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert not datasets.load_quickdraw(["owl"], count=20).is_fallback
    loaded = datasets.load_quickdraw(["owl"], count=30)
    why = 'only 20 drawings of "owl" are here, and COURSE_OFFLINE is set'
    stands_in(loaded, why, "give count=20.")
    assert len(loaded.train_images) == 24  # as many as were asked for


def test_one_class_that_is_missing_makes_all_stand_ins(course, stands_in):
    """Real drawings and made ones are never mixed."""
    loaded = datasets.load_quickdraw(["dog", "owl"], count=10)
    stands_in(loaded, "the server answered 404", "run this cell again later")
    assert loaded.class_names == ("doodle 1", "doodle 2")


def listed_but_harmed(how):
    data = bytearray(npy(OWLS))
    if how == "truncated":
        return data[:-700]
    if how == "one bit":
        data[-1] ^= 1
    elif how == "longer":
        data += b"more"
    return data


@pytest.mark.parametrize("how", ["truncated", "one bit", "longer"])
def test_given_drawings_are_checked(course, tmp_path, monkeypatch, how):
    path = tmp_path / "given" / "quickdraw" / "owl.npy"
    path.parent.mkdir(parents=True)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "given"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    path.write_bytes(npy(OWLS))
    assert not datasets.load_quickdraw(["owl"], count=10).is_fallback
    path.write_bytes(listed_but_harmed(how))
    assert datasets.load_quickdraw(["owl"], count=10).is_fallback


ODD = {
    "no drawings": np.zeros((0, 784), np.uint8),
    "an empty drawing": np.vstack([DOGS[:20], np.zeros((1, 784), np.uint8), DOGS[:20]]),
    "another size": np.full((50, 783), 255, np.uint8),
    "other numbers": np.full((50, 784), 255, np.int16),
    "pictures": np.full((50, 28, 28), 255, np.uint8),
    "by columns": np.asfortranarray(DOGS[:50]),
}


@pytest.mark.parametrize("what", ODD)
def test_odd_drawings_are_refused(course, server, what, stands_in):
    server.files["dog.npy"] = npy(ODD[what])
    loaded = datasets.load_quickdraw(["dog"], count=40)
    why = "what the server sent is damaged or another file"
    stands_in(loaded, why, "run this cell again later")
    assert not (course.cache / "decoded").exists()


# ---- weights of networks that others trained ----


def trunk():
    """Fetch a file of which the registry has the MD5 alone."""
    entry = registry.weights("vgg16")
    return fetch.file(entry.files["trunk"], entry.title)


def test_weights_are_no_set(course):
    assert list(registry.entries()) == ["mnist", "quickdraw"]
    assert registry.weights("vgg16").files["trunk"].hash[0] == "md5"


def test_weights_are_fetched_once_and_kept(course, server):
    assert trunk() == course.cache / "vgg16" / "trunk.h5"
    assert trunk().read_bytes() == TRUNK
    assert server.asked == [("/vgg16/trunk.h5", None)]
    assert course.halves() == []


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_of_weights_is_tried_again(course, server, impatient, fault):
    server.faults.extend([fault, fault])
    impatient(fault, 2)
    assert trunk().read_bytes() == TRUNK
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", FOR_GOOD)
def test_weights_that_cannot_be_had(course, server, impatient, fault):
    server.always = fault
    impatient(fault, 3)
    with pytest.raises(fetch.Missing) as missing:
        trunk()
    assert (missing.value.why, missing.value.remedy) == (FOR_GOOD[fault], fetch.LATER)
    assert not [path for path in course.cache.rglob("*") if path.is_file()]


def test_weights_without_a_network(course, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        course.register(f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(fetch.Missing, match="no network"):
            trunk()
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    with pytest.raises(fetch.Missing, match=r"a folder with vgg16/ in it"):
        trunk()


@pytest.mark.parametrize("how", HARM)
def test_damaged_weights_are_fetched_again(course, server, how):
    damage(trunk(), how)
    assert trunk().read_bytes() == TRUNK
    assert len(server.asked) == 2


@pytest.mark.parametrize("how", HARM)
def test_damaged_weights_that_were_given_are_left_alone(
    course, tmp_path, monkeypatch, how
):
    path = tmp_path / "given" / "vgg16" / "trunk.h5"
    path.parent.mkdir(parents=True)
    path.write_bytes(TRUNK)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "given"))
    assert trunk() == path
    damage(path, how)
    assert trunk() == course.cache / "vgg16" / "trunk.h5"


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC])
def test_weights_on_a_disk_that_takes_nothing(course, disk, number):
    disk[course.data] = number
    assert trunk().is_relative_to(course.user)
    disk[course.user] = number
    trunk().unlink()
    why = "the disk is full" if number == errno.ENOSPC else "no folder can be written"
    with pytest.raises(fetch.Missing, match=why):
        trunk()


SHAPES = {"conv/kernel": (3, 3, 2, 4), "conv/bias": (4,)}
HALVES = {
    name: RNG.normal(size=shape).astype(np.float16) for name, shape in SHAPES.items()
}


def test_weights_are_read_as_float32(tmp_path):
    (tmp_path / "a.npz").write_bytes(npz(**dict(reversed(HALVES.items()))))
    found = decode.weights(tmp_path / "a.npz", SHAPES)
    assert list(found) == list(SHAPES)
    for name, array in found.items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, HALVES[name])


BAD_WEIGHTS = {
    "another name": {"conv/kernel": HALVES["conv/kernel"], "conv/b": np.ones(4)},
    "one more": HALVES | {"more": np.ones(2)},
    "one less": {"conv/bias": HALVES["conv/bias"]},
    "another shape": HALVES | {"conv/bias": np.ones(5)},
    "whole numbers": HALVES | {"conv/bias": np.ones(4, int)},
    "not finite": HALVES | {"conv/bias": np.array([0, 1, np.nan, 2])},
    "objects": HALVES | {"conv/bias": np.array([Path()] * 4, object)},
}


@pytest.mark.parametrize("what", BAD_WEIGHTS)
def test_other_weights_are_refused(tmp_path, what):
    (tmp_path / "a.npz").write_bytes(npz(**BAD_WEIGHTS[what]))
    with pytest.raises(decode.Damaged, match=r"a\.npz can't be read"):
        decode.weights(tmp_path / "a.npz", SHAPES)


@pytest.mark.parametrize("how", ["truncated", "empty", "one bit", "a folder"])
def test_damaged_weights_are_refused(tmp_path, how):
    path = tmp_path / "a.npz"
    path.write_bytes(npz(**HALVES))
    damage(path, how)
    with pytest.raises(decode.Damaged):
        decode.weights(path, SHAPES)


# ---- what is missing ----


def test_missing_says_what_would_be_fetched(course, server, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.datasets.quickdraw.CLASSES", ("dog",))
    monkeypatch.setattr("helpers.datasets.quickdraw.COUNT", 50)
    assert datasets.missing() == ["MNIST", "Quick, Draw!"]
    assert server.asked == []
    datasets.load_mnist()
    assert datasets.missing() == ["Quick, Draw!"]
    datasets.load_quickdraw(["dog"], count=20)
    assert datasets.missing() == ["Quick, Draw!"]
    datasets.load_quickdraw(["dog"], count=50)
    assert datasets.missing() == []
    (course.cache / "mnist" / "mnist.npz").unlink()
    assert datasets.missing() == []
    damage(kept(course, "mnist"), "one bit")
    damage(kept(course, "dog"), "truncated")
    assert datasets.missing() == ["MNIST", "Quick, Draw!"]
