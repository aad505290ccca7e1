"""Sentence Polarity: three parts of sentences, their files, every fault of these."""

import dataclasses
import errno
import hashlib
import io
import os
import re
import socket
import zipfile
from pathlib import Path

import numpy as np
import pooch
import pytest
from data_server import LASTING, serving

from helpers import datasets
from helpers.datasets import (
    decode,
    fetch,
    places,
    present,
    registry,
    snippets,
    stand_in_sentences,
)
from helpers.datasets.text_set import parted

REAL = registry.entry("snippets")
PARTS = ("train", "validation", "test")


def sentences_of(loaded):
    return [one for part in PARTS for one in getattr(loaded, f"{part}_sentences")]


def labels_of(loaded):
    return np.concatenate([getattr(loaded, f"{part}_labels") for part in PARTS])


# ---- what is given, real or not ----


@pytest.fixture(scope="module", params=["as it is here", "nothing here"])
def loaded(request, tmp_path_factory):
    """The set as this machine has it, real or not, and as one that has nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_OFFLINE", "1")
        if request.param == "nothing here":
            patch.delenv("COURSE_DATA", raising=False)
            empty = tmp_path_factory.mktemp("empty")
            patch.setattr(places, "own", lambda: iter([empty]))
        return datasets.load_snippets()


def test_sizes(loaded):
    sizes = (64, 8, 8) if loaded.is_fallback else (8_530, 1_066, 1_066)
    for part, size in zip(PARTS, sizes, strict=True):
        sentences = getattr(loaded, f"{part}_sentences")
        labels = getattr(loaded, f"{part}_labels")
        assert isinstance(sentences, tuple)
        assert len(sentences) == len(labels) == size
        assert labels.dtype == np.int64
        assert labels.mean() == 0.5
    name = "Stand-in for Sentence Polarity" if loaded.is_fallback else loaded.name
    counts = " + ".join(f"{size:,}" for size in sizes)
    assert repr(loaded) == f"<{name}: {counts} sentences, 2 classes>"
    assert loaded.class_names == ("negative", "positive")


def letters(sentence):
    return re.sub(r"[\W_]", "", sentence)


def test_no_sentence_is_in_two_parts(loaded):
    """Nor is one that differs from another in its marks alone, in any fold."""
    said, labels = np.array(sentences_of(loaded), object), labels_of(loaded)
    classes = [said[labels == label].tolist() for label in (0, 1)]
    tests = [parted(classes, fold)[4] for fold in range(10)]
    assert tests[0] == loaded.test_sentences
    keys = [{*map(letters, test)} for test in tests]
    assert sum(map(len, keys)) == len(set.union(*keys))
    assert len(set(sentences_of(loaded))) == len(sentences_of(loaded))
    keys = [set(map(letters, getattr(loaded, f"{part}_sentences"))) for part in PARTS]
    assert sum(map(len, keys)) == len(set.union(*keys))


def test_sentences_are_in_small_letters_with_single_spaces(loaded):
    for sentence in sentences_of(loaded):
        assert sentence == " ".join(sentence.split())
        assert not re.search(r"[A-Z\x00-\x1f\x7f-\x9f\ufffd]", sentence)


def test_the_classes_are_mixed(loaded):
    """Any piece holds both, so that a batch does."""
    if not loaded.is_fallback:
        means = loaded.train_labels[:8500].reshape(-1, 100).mean(axis=1)
        assert 0.3 < means.min() < means.max() < 0.7


def test_labels_go_with_their_sentences(loaded):
    """Words of praise are in sentences of praise."""
    labels = labels_of(loaded)
    for word, least, most in (("mess", 0, 0.35), ("wonderful", 0.65, 1)):
        has = [f" {word} " in f" {one} " for one in sentences_of(loaded)]
        assert least <= labels[has].mean() <= most


def test_it_says_where_it_comes_from(loaded):
    said = (loaded.source, loaded.licence, loaded.citation)
    assert loaded.source
    assert loaded.licence
    assert (said == (REAL.source, REAL.licence, REAL.citation)) is not (
        loaded.is_fallback
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        loaded.name = "another"


def test_every_load_is_the_same_and_fresh(loaded, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    first, second = datasets.load_snippets(), datasets.load_snippets()
    assert sentences_of(first) == sentences_of(second)
    np.testing.assert_array_equal(labels_of(first), labels_of(second))
    assert first.train_labels.flags.writeable
    assert not np.shares_memory(first.train_labels, second.train_labels)


def test_marks_of_windows_are_set_right(loaded):
    if not loaded.is_fallback:
        said = " ".join(sentences_of(loaded))
        assert [said.count(mark) for mark in "‘–—"] == [6, 34, 20]


def test_sentences_of_ours_are_those_of_nobody_else():
    """And nothing of them is in the real set."""
    ours = {*stand_in_sentences._NEGATIVE.split("\n")}
    ours |= {*stand_in_sentences._POSITIVE.split("\n")}
    assert len(ours) == 80
    real = datasets.load_snippets()
    if not real.is_fallback:
        assert not ours & {*sentences_of(real)}


# ---- the split ----


def test_the_split_does_not_depend_on_the_order_of_a_file():
    classes = [[f"no {k}" for k in range(40)], [f"yes {k}" for k in range(40)]]
    first, second = parted(classes), parted([one[::-1] for one in classes])
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [len(part) for part in first] == [64, 64, 8, 8, 8, 8]


def test_every_sentence_is_tested_in_one_fold_and_chosen_by_in_the_one_before():
    classes = [[f"no {k}" for k in range(43)], [f"yes {k}" for k in range(40)]]
    folds = [parted(classes, fold) for fold in range(10)]
    for k, (train, _, validation, _, test, _) in enumerate(folds):
        assert [len(train), len(validation), len(test)] == [67, 8, 8]
        assert len({*train, *validation, *test}) == 83
        assert validation == folds[(k + 1) % 10][4]
    tested = [one for fold in folds for one in fold[4]]
    assert len(tested) == len(set(tested)) == 80


@pytest.mark.parametrize("fold", [-1, 10, 1.0, "1", None])
def test_impossible_folds(fold):
    with pytest.raises(ValueError, match=r"^fold: got .* whole number from 0 to 9"):
        datasets.load_snippets(fold=fold)


def test_few_sentences_are_all_to_learn_from():
    sentences, labels, *rest = parted([["no"], ["yes", "yes!"]])
    assert sorted(zip(sentences, labels, strict=True)) == [
        ("no", 0),
        ("yes", 1),
        ("yes!", 1),
    ]
    assert [len(part) for part in rest] == [0, 0, 0, 0]


# ---- the files ----

LINES = {
    "neg": [f"a dull film , number {k} . " for k in range(30)],
    "pos": [*(f"a fine  film , number {k}" for k in range(29)), "é \x97 it\x85works"],
}
FILES = {
    f"sentence-polarity/rt-polarity.{kind}": ("\n".join(lines) + "\n").encode()
    for kind, lines in LINES.items()
}
ZIP = "sentence-polarity/sentence_polarity.zip"


def zipped(files, folder="sentence_polarity"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in {"README.txt": b"about", **files}.items():
            # A ZipInfo of its own: it has no time of day, so the bytes stay the same.
            archive.writestr(zipfile.ZipInfo(f"{folder}/{Path(path).name}"), data)
    return out.getvalue()


def file(path, data, addresses=()):
    return registry.File(
        path, len(data), hashlib.sha256(data).hexdigest(), tuple(addresses)
    )


def written(addresses, archive=None):
    """The set of the registry, with few sentences and other addresses."""
    archive = zipped(FILES) if archive is None else archive
    return dataclasses.replace(
        REAL,
        files=tuple(file(path, data) for path, data in FILES.items()),
        archives=(file(ZIP, archive, [f"{a}/{ZIP}" for a in addresses]),),
    )


@pytest.fixture
def server():
    with serving() as server:
        server.files = {ZIP: zipped(FILES)}
        yield server


@pytest.fixture
def course(server, tmp_path, monkeypatch):
    """A course without data, on the network, that loses no time between tries."""
    for name in ("COURSE_DATA", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch, "TIMEOUT", (60, 60))
    monkeypatch.setattr(pooch.core.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(places, "own", lambda: iter([tmp_path / "cache"]))

    def register(addresses, archive=None):
        entry = written(addresses, archive)
        monkeypatch.setattr(registry, "entry", lambda name: entry)
        monkeypatch.setattr(registry, "entries", lambda: {"snippets": entry})

    register([server.address])
    register.cache, register.given = tmp_path / "cache", tmp_path / "given"
    return register


def give(folder, files):
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def is_real(loaded):
    """Say whether these are the few sentences, each with its label."""
    said = dict(zip(sentences_of(loaded), labels_of(loaded), strict=True))
    wanted = {f"a dull film , number {k} .": 0 for k in range(30)}
    wanted |= {f"a fine film , number {k}": 1 for k in range(29)} | {"é — it works": 1}
    return not loaded.is_fallback and said == wanted


@pytest.fixture
def stands_in(capsys):
    """Check that something stands in, and what the sentence says."""

    def check(why, remedy):
        assert datasets.load_snippets().is_fallback
        assert capsys.readouterr().out == (
            "Using 80 sentences of the course's own in place of Sentence Polarity "
            f"({why}): for the real one, {remedy}.\n"
        )

    return check


def test_it_is_fetched_once_and_kept(course, server, capsys):
    assert is_real(datasets.load_snippets())
    assert is_real(datasets.load_snippets())
    assert [path for path, _ in server.asked] == [f"/{ZIP}"]
    files = [path for path in course.cache.rglob("*") if path.is_file()]
    assert files == [course.cache / ZIP]  # nothing is unpacked
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("files", [FILES, {ZIP: zipped(FILES)}], ids=["files", "zip"])
def test_what_is_given_needs_no_network(course, server, monkeypatch, files):
    monkeypatch.setenv("COURSE_DATA", str(course.given))
    assert datasets.missing() == ["Sentence Polarity"]
    give(course.given, files)
    assert datasets.missing() == []
    assert is_real(datasets.load_snippets())
    assert server.asked == []
    assert not course.cache.exists()


def test_what_is_fetched_goes_where_the_data_are(course, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(course.given))
    assert is_real(datasets.load_snippets())
    assert (course.given / ZIP).is_file()


def damaged(path, data):
    """Files that are not the right ones, each with its name."""
    yield "cut", {path: data[:-40]}
    yield "empty", {path: b""}
    yield "one letter", {path: data.replace(b"1", b"2", 1)}
    yield "longer", {path: data + b"more\n"}


HARM = [
    *damaged("sentence-polarity/rt-polarity.pos", [*FILES.values()][1]),
    *damaged(ZIP, zipped(FILES)),
    ("a file missing", {"sentence-polarity/rt-polarity.pos": None}),
    (
        "as Cornell has them",
        {path: data.decode().encode("latin-1") for path, data in FILES.items()},
    ),
    (
        "with line ends of Windows",
        {path: data.replace(b"\n", b"\r\n") for path, data in FILES.items()},
    ),
]


@pytest.mark.parametrize("harm", [h for _, h in HARM], ids=[n for n, _ in HARM])
def test_given_files_that_are_other_ones_are_left_alone(course, monkeypatch, harm):
    """They are not used and not changed; the right one is fetched."""
    monkeypatch.setenv("COURSE_DATA", str(course.given))
    files = {ZIP: None} | harm if ZIP in harm else FILES | harm
    files = {path: data for path, data in files.items() if data is not None}
    give(course.given, files)
    assert datasets.missing() == ["Sentence Polarity"]
    assert is_real(datasets.load_snippets())
    for path, data in files.items():
        assert (course.given / path).read_bytes() == data


def test_a_folder_in_the_place_of_a_file(course, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(course.given))
    for path in FILES:
        (course.given / path).mkdir(parents=True)
    assert is_real(datasets.load_snippets())


@pytest.mark.parametrize("fault", ["503", "cut", "other", "page", "hang up", "429"])
def test_a_fault_that_passes_is_tried_again(course, server, fault):
    server.faults.append(fault)
    assert is_real(datasets.load_snippets())
    assert len(server.asked) == 2


@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_lasts(course, server, stands_in, fault):
    server.always = fault
    stands_in(LASTING[fault], "run this cell again later")
    assert not [path for path in course.cache.rglob("*") if path.is_file()]


def test_a_second_address_helps(course, server):
    course([f"{server.address}/old", server.address])
    assert is_real(datasets.load_snippets())


def test_no_network(course, server, monkeypatch, stands_in):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        course([f"http://127.0.0.1:{closed.getsockname()[1]}"])
        stands_in("no network", "go online and run this cell again")
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    remedy = "unset it, or set COURSE_DATA to a folder with sentence-polarity/ in it"
    stands_in("COURSE_OFFLINE is set", remedy)
    assert server.asked == []


@pytest.mark.parametrize(
    ("number", "why", "remedy"),
    [
        (errno.ENOSPC, "the disk is full", "free 1 MB and run this cell again"),
        (
            errno.EROFS,
            "no folder can be written",
            "set COURSE_DATA to a folder that can be, with 1 MB free",
        ),
    ],
)
def test_a_disk_that_takes_nothing(course, monkeypatch, stands_in, number, why, remedy):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "makedirs", refuse)
    monkeypatch.setattr(fetch, "open", refuse, raising=False)
    stands_in(why, remedy)


POS = "sentence-polarity/rt-polarity.pos"
ODD = {
    "no zip": b"plain text " * 200,
    "another folder": zipped(FILES, folder="../sentence_polarity"),
    "a file less": zipped({p: d for p, d in FILES.items() if p != POS}),
    "another text": zipped(FILES | {POS: FILES[POS].replace(b"fine", b"good")}),
    "a longer text": zipped(FILES | {POS: FILES[POS] * 2}),
    "cut short": zipped(FILES)[:-30],
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_archive_is_refused(course, server, what, stands_in):
    """Though it has the hash of the registry: what is in it is looked at, too."""
    server.files[ZIP] = ODD[what]
    course([server.address], ODD[what])
    stands_in("its archive is damaged", "run this cell again later")
    files = [path for path in course.cache.parent.rglob("*") if path.is_file()]
    assert files == [course.cache / ZIP]  # nothing came out of it


def test_a_member_that_cannot_be_read(course, server, monkeypatch, stands_in):
    def broken(*_):
        raise decode.Damaged("no")

    monkeypatch.setattr(snippets, "_member", broken)
    stands_in("its archive is damaged", "run this cell again later")


def test_the_registry_names_the_files():
    assert [Path(file.path).suffix for file in REAL.files] == [".neg", ".pos"]
    (archive,) = REAL.archives
    assert all(address.startswith("https://") for address in archive.addresses)
    assert present._ROOMS["snippets"].is_here is snippets.is_here
