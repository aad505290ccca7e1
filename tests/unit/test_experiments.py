"""Results of long experiments: how they are read, and what is said where none are."""

import json

import numpy as np
import pytest

from helpers import _files, experiments
from helpers.experiments import Experiments


def run(experiment="a", seed=0, test=0.5):
    return {"experiment": experiment, "seed": seed, "accuracy": {"test": test}}


@pytest.fixture
def found():
    runs = (run(), run("b", 0, 0.25), run("a", 1, 0.75))
    return Experiments("made_up", "benchmarks/made_up.py", runs)


def test_experiments_come_in_the_order_of_their_first_run(found):
    assert found.names == ("a", "b")
    assert repr(found) == (
        "<Experiments made_up: 2 experiments, 3 runs, by benchmarks/made_up.py>"
    )


def test_figures_of_all_seeds(found):
    np.testing.assert_array_equal(found.values("a", "accuracy", "test"), [0.5, 0.75])
    assert [one["seed"] for one in found.of("a")] == [0, 1]
    assert found.values("a", "seed").tolist() == [0, 1]


def test_curves_are_rows():
    one = {**run(), "curve": [1, 2, 3]}
    assert Experiments("x", "y", (one, one)).values("a", "curve").shape == (2, 3)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("c",), "experiment: got 'c'"),
        (("a", "accurracy"), "path: got 'accurracy'"),
        (("a", "accuracy", "tset"), "path: got 'tset'"),
    ],
)
def test_what_is_not_there_is_said(found, path, said):
    with pytest.raises(ValueError, match=said):
        found.values(*path)


def test_a_file_is_read_line_by_line(tmp_path, monkeypatch):
    lines = [run(), run(seed=1)]
    file = tmp_path / "made_up.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n\n", "utf-8")
    monkeypatch.setattr(_files, "in_data", lambda name: tmp_path / name.split("/")[1])
    read = experiments.read("made_up")
    assert list(read.runs) == lines
    assert read.script == "benchmarks/made_up.py"


def test_no_results_and_how_to_make_them():
    with pytest.raises(ValueError, match=r"Make them with `python benchmarks/none\.py"):
        experiments.read("none")


def test_what_comes_with_the_course():
    found = experiments.read("mnist")
    assert all({"settings", "made", "with", "seed"} <= one.keys() for one in found.runs)
    assert len({(one["experiment"], one["seed"]) for one in found.runs}) == len(
        found.runs
    )


def test_a_spread_in_words():
    assert experiments.spread(np.array([0.5, 0.7])) == "60.00 % (50.00 to 70.00)"
    assert experiments.spread([1.0]) == "100.00 %"


@pytest.mark.parametrize(
    ("losses", "patience", "said"),
    [
        ([[1.0, 2.0]], 2, r"losses: got shape \(1, 2\)\. Give a list"),
        ([1.0, 2.0], 0, "patience: got 0"),
        ("falling", 2, "losses: got"),
    ],
)
def test_what_early_stopping_cannot_read(losses, patience, said):
    with pytest.raises(ValueError, match=said):
        experiments.early_stop(losses, patience)
