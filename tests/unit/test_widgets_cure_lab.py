"""The Python side of CureLab: what it is given, what it finds, what it says."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
from stored_runs import CURES_OF, stored
from traitlets import TraitError

from helpers import experiments
from helpers.widgets import CureLab
from helpers.widgets.explorers.cure_lab import Stop, early_stop

FOUND = stored()


@pytest.fixture
def lab():
    lab = CureLab(FOUND, CURES_OF)
    yield lab
    lab.close()


def changed(change, experiment="dropout"):
    """The runs, the first one of an experiment changed."""
    runs = copy.deepcopy(FOUND.runs)
    change(next(run for run in runs if run["experiment"] == experiment))
    return replace(FOUND, runs=runs)


def test_it_starts_with_what_overfits(lab):
    assert lab.experiment == lab.compared == "no cure"
    assert (lab.cures, lab.metric, lab.epoch, lab.patience) == ((), "accuracy", 15, 3)
    assert lab.experiments is FOUND
    assert lab.cures_of == CURES_OF


def test_without_a_plain_one_the_first_is_shown():
    given = {name: CURES_OF[name] for name in ("crop and mirror", "dropout")}
    lab = CureLab(FOUND, given)
    assert lab.experiment == lab.compared == "crop and mirror"
    with pytest.raises(TraitError, match=r"cures: got \(\)\. No experiment was run"):
        CureLab(FOUND, given, cures=())


@pytest.mark.parametrize("name", CURES_OF)
def test_figures_are_those_of_the_experiment(lab, name):
    lab.cures = CURES_OF[name]
    assert lab.experiment == name
    learned, aside = (
        FOUND.values(name, "accuracy", part) for part in ("training", "validation")
    )
    np.testing.assert_allclose(lab.gap, learned - aside, atol=1.1e-5)
    np.testing.assert_array_equal(lab.gap, lab.gaps[name])
    assert list(lab.curves) == [
        "accuracy",
        "loss",
        "val_accuracy",
        "val_loss",
        "seconds",
    ]
    for kind, rows in lab.curves.items():
        wanted = FOUND.values(name, "curves", kind)
        np.testing.assert_allclose(rows, wanted, atol=0.6e-5)
    lab.patience = 2
    assert lab.stops == tuple(early_stop(row, 2) for row in lab.curves["val_loss"])


def test_nobody_changes_what_is_shown(lab):
    lab.curves["loss"][:] = 7
    assert lab.curves["loss"].max() < 7


def test_the_ranking_goes_by_the_mean(lab):
    means = [
        FOUND.values(name, "accuracy", "validation").mean() for name in lab.ranking
    ]
    assert sorted(lab.ranking) == sorted(CURES_OF)
    assert means == sorted(means, reverse=True)


def test_the_order_of_the_cures_does_not_matter(lab):
    for cures in (
        ["batch normalisation", "augmentation", "dropout"],
        {"batch normalisation", "augmentation", "dropout"},
        np.array(["augmentation", "dropout", "batch normalisation", "dropout"]),
    ):
        lab.cures = ()
        lab.cures = cures
        assert lab.cures == CURES_OF["all together"]
        assert all(type(cure) is str for cure in lab.cures)
        made = CureLab(FOUND, CURES_OF, cures=cures, epoch=30)
        assert (made.experiment, made.epoch) == ("all together", 30)
        made.close()


@pytest.mark.parametrize(
    ("cures", "said"),
    [
        (
            ("augmentation", "dropout"),
            r"got \('dropout', 'augmentation'\)\. No experiment was run with exactly "
            r"these\. The nearest: \('dropout',\) or \('augmentation',\) or "
            r"\('dropout', 'augmentation', 'batch normalisation'\)\.",
        ),
        (("drop-out",), 'Did you mean "dropout"'),
        ("dropout", r"Give words in brackets, \(\"dropout\",\), say, or \(\) for none"),
        (("",), "Give words"),
        ((1,), "Give words"),
        ({"dropout": True}, "Give words"),
    ],
)
def test_cures_that_nobody_tried_are_refused(lab, cures, said):
    lab.cures = ("dropout",)
    with pytest.raises(TraitError, match=said):
        lab.cures = cures
    assert lab.cures == ("dropout",)
    for epoch in (None, 3, 30):
        with pytest.raises(TraitError, match=said):
            CureLab(FOUND, CURES_OF, cures=cures, epoch=epoch)


def test_an_epoch_that_there_is(lab):
    lab.epoch = 4
    lab.cures = ("dropout",)
    assert lab.epoch == 4
    lab.cures = CURES_OF["all together"]
    assert lab.epoch == 30, "another number of epochs starts at its end"
    lab.epoch = 20
    lab.compared = "dropout"
    assert lab.epoch == 20, "the longer of the two counts"
    lab.cures = ()
    assert lab.epoch == 15
    with pytest.raises(TraitError, match=r"got 16\. Give a whole number from 1 to 15"):
        lab.epoch = 16
    lab.compared = "all together"
    assert lab.epoch == 30
    with pytest.raises(TraitError, match=r'compared: got .* Did you mean "dropout"'):
        lab.compared = "drop-out"
    with pytest.raises(TraitError, match="compared"):
        CureLab(FOUND, CURES_OF, compared="drop-out", epoch=30)
    assert CureLab(FOUND, CURES_OF, epoch=3).epoch == 3


def test_the_page_changes_several_at_once(lab):
    lab.set_state({"cures": list(CURES_OF["all together"]), "epoch": 7})
    assert (lab.experiment, lab.epoch) == ("all together", 7)


# ---- early stopping; against Keras: tests/networks/test_early_stopping.py ----


@pytest.mark.parametrize(
    ("losses", "patience", "stop"),
    [
        ([3, 2, 1], 1, Stop(3, 3)),
        ([1, 2, 3], 1, Stop(2, 1)),
        ([1, 2, 3], 3, Stop(3, 1)),
        ([2, 2, 1], 1, Stop(2, 1)),
        ([2, np.nan, 1, np.nan, np.nan], 2, Stop(5, 3)),
        ([np.nan, 1, 1], 2, Stop(3, 1)),
        ([5], 1, Stop(1, 1)),
    ],
)
def test_early_stopping(losses, patience, stop):
    assert early_stop(losses, patience) == stop


# ---- what cannot be taken ----


def without(*path):
    def change(run):
        *way, last = path
        for step in way:
            run = run[step]
        del run[last]

    return change


def curve(kind, value):
    return lambda run: run["curves"].update({kind: value})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("curves"), "dropout, curves, accuracy: got nothing. Give a number an"),
        (without("curves", "seconds"), "curves, seconds: got nothing"),
        (without("accuracy"), "dropout, accuracy, training: got None. Give a number"),
        (without("accuracy", "validation"), "accuracy, validation: got None"),
        (without("seed"), "experiments, seed: got None"),
        (curve("loss", [1] * 14), "curves of 14 and 15 epochs for 'dropout'"),
        (curve("loss", ["a"] * 15), "curves, loss: got values of type"),
        (curve("loss", [[1] * 15]), r"curves, loss: got an array of shape \(1, 15\)"),
        (curve("loss", []), "curves, loss: got an empty array"),
        (lambda run: run["accuracy"].update(training=1.5), "training: got 1.5"),
    ],
)
def test_runs_that_lack_something_are_refused(change, said):
    with pytest.raises(TraitError, match=said):
        CureLab(changed(change), CURES_OF)
    assert CureLab(changed(change), {"no cure": (), "all together": ("all",)})


@pytest.mark.parametrize(
    ("given", "cures_of", "said"),
    [
        ("flowers", CURES_OF, "experiments: got 'flowers'. Give what"),
        (FOUND, {}, "cures_of: got {}. Give the cures of 1 to 20"),
        (FOUND, ["dropout"], "cures_of: got .'dropout'.. Give the cures"),
        (FOUND, {"dropuot": ()}, 'cures_of: got .* Did you mean "dropout"'),
        (FOUND, {"dropout": "dropout"}, "cures_of, dropout: got 'dropout'. Give words"),
        (FOUND, {"dropout": ()}, "got 0 cures in all"),
        (FOUND, {"dropout": tuple("abcdefghi")}, "got 9 cures in all"),
        (
            FOUND,
            {"dropout": ("a", "b"), "no cure": ("b", "a")},
            "the same cures for 'dropout' and 'no cure'",
        ),
        (stored(seeds=21), CURES_OF, "got 21 runs of 'no cure'. Give up to 20"),
    ],
)
def test_what_cannot_be_shown_is_refused(given, cures_of, said):
    with pytest.raises(TraitError, match=said):
        CureLab(given, cures_of)


def test_what_is_not_finite_is_a_gap():
    def change(run):
        run["curves"]["val_loss"][3] = np.inf
        run["curves"]["loss"][2] = np.nan

    lab = CureLab(changed(change), CURES_OF, cures=("dropout",))
    assert np.argwhere(np.isnan(lab.curves["val_loss"])).tolist() == [[0, 3]]
    sent = json.loads(json.dumps(lab._experiments, allow_nan=False))
    assert sent[1]["curves"]["val_loss"][0][3] is None
    assert sent[1]["curves"]["loss"][0][2] is None
    for lab.metric in ("loss", "accuracy"):
        assert lab.picture().axes


# ---- what is sent, said and drawn ----


def test_what_is_sent_is_small(lab):
    numbers = 5 * (4 * 15 + 30) * 3
    assert len(json.dumps(lab._experiments)) < 10.5 * numbers


def test_what_it_says_and_draws(lab):
    assert lab.describe() == (
        "CureLab: 5 experiments of flowers; no cure (3 seeds, 15 epochs); accuracy, "
        "epoch 15, early stopping with a patience of 3"
    )
    lab.cures, lab.metric, lab.epoch = CURES_OF["all together"], "loss", 7
    assert lab.describe() == (
        "CureLab: 5 experiments of flowers; all together (3 seeds, 30 epochs), beside "
        "no cure (3 seeds, 15 epochs); loss, epoch 7, early stopping with a patience "
        "of 3"
    )
    (axis,) = lab.picture().axes
    drawn = {line.get_label(): line.get_ydata() for line in axis.get_lines()}
    wanted = FOUND.values("all together", "curves", "val_loss").mean(axis=0)
    np.testing.assert_allclose(drawn["all together, validation"], wanted, atol=1e-5)
    assert np.isnan(drawn["no cure, training"][15:]).all()
    assert not np.isnan(drawn["no cure, training"][:15]).any()
    one = CureLab(stored(seeds=1), CURES_OF)
    assert "no cure (1 seed, 15 epochs)" in one.describe()


def test_it_reads_what_is_stored():
    found = experiments.read("mnist")
    lab = CureLab(
        found,
        {"plain convnet": (), "better network": ("batch normalisation",)},
        cures=("batch normalisation",),
    )
    wanted = found.values("better network", "accuracy", "training")
    np.testing.assert_allclose(
        lab.gap + found.values("better network", "accuracy", "validation"), wanted
    )
