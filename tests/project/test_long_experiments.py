"""Scripts that make what lessons show: their shortest form, and what is stored."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import subprocess
from dataclasses import asdict, dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import stamp

sys.path.insert(0, str(stamp.ROOT / "benchmarks"))

import adversarial
import flowers
import go_moves
import mnist
import reasons
import sentences
import shortcuts
import shuffled
import speech
import transfer
from _experiments import FOLDER, Experiment, Table, as_kept

from helpers import datasets, experiments
from helpers.datasets import places


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setenv("COURSE_QUICK", "1")


# -- what is stored --------------------------------------------------------------------


def test_what_is_stored_comes_from_the_script():
    """All of it was run, with the settings that the script has now."""
    table = Table(FOLDER / "mnist.jsonl", mnist.EXPERIMENTS)
    kept = experiments.read("mnist").runs
    assert list(kept) == table.runs()
    assert table.missing(mnist.EXPERIMENTS) == []


def test_what_is_stored_bears_the_claim():
    found = experiments.read("mnist")
    ours = found.values("better network", "accuracy", "test")
    peer = found.values("plain convnet", "curves", "test_accuracy")
    assert ours.mean() >= mnist.GOAL
    assert (peer.max(axis=1) >= mnist.PEERS_GOAL).all()
    assert found.values("patient network", "accuracy", "test").mean() >= 0.995


# -- the script ------------------------------------------------------------------------


def test_every_network_and_every_set_is_there():
    for one in mnist.EXPERIMENTS.values():
        assert one.settings.network in mnist.NETWORKS
        assert one.settings.data in mnist.DATA
        assert one.seeds >= 3


def test_its_shortest_form(tmp_path, capsys, quick):
    names = ["better network", "plain convnet", "sketches, dense", "patient network"]
    given = ["--quick", "--folder", str(tmp_path), *names]
    assert mnist.main(given) == 0
    printed = capsys.readouterr().out
    assert "1 of 4: better network, seed 0" in printed
    assert "did not reach 99.0%" in printed
    runs = experiments.parsed((tmp_path / "mnist.jsonl").read_text("utf-8"))
    assert [one["experiment"] for one in runs] == names
    [stored, *_] = experiments.read("mnist").runs
    for one in runs:
        assert one.keys() == stored.keys()
        assert one["settings"] == asdict(mnist.EXPERIMENTS[one["experiment"]].settings)
        epochs = one["settings"]["epochs"]
        assert all(len(curve) == epochs for curve in one["curves"].values())
        assert all(0 <= share <= 1 for share in one["accuracy"].values())
    assert mnist.main([*given, "--print"]) == 0
    assert "1 of" not in capsys.readouterr().out


def test_stand_ins_are_not_enough(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "own", lambda: iter([tmp_path / "none"]))
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert datasets.load_mnist().is_fallback
    with pytest.raises(SystemExit, match="run `make data` first"):
        mnist.main(["--folder", str(tmp_path), "dense"])
    assert list(tmp_path.iterdir()) == []


def test_other_names_are_refused(capsys):
    with pytest.raises(SystemExit):
        mnist.main(["beter network"])
    assert "no experiment is called beter network" in capsys.readouterr().err


# -- the flowers -----------------------------------------------------------------------


def test_every_setting_of_the_flowers_is_one_that_there_is():
    for one in flowers.EXPERIMENTS.values():
        assert one.settings.network in flowers.NETWORKS
        assert one.settings.views in flowers.VIEWS
        assert one.seeds >= 3


def test_what_is_stored_of_the_flowers_comes_from_the_script():
    table = Table(FOLDER / "flowers.jsonl", flowers.EXPERIMENTS)
    assert list(experiments.read("flowers").runs) == table.runs()


def test_the_flowers_shortest_form(tmp_path, capsys, quick):
    names = ["all together", "tutorial"]
    given = ["--quick", "--folder", str(tmp_path), *names]
    assert flowers.main(given) == 0
    assert "2 of 2: tutorial, seed 0" in capsys.readouterr().out
    runs = experiments.parsed((tmp_path / "flowers.jsonl").read_text("utf-8"))
    assert [one["experiment"] for one in runs] == names
    together, tutorial = runs
    assert "test" in together["accuracy"]
    assert "test" not in tutorial["accuracy"]
    assert together["settings"]["options"] == [
        ["width", 0.25],
        ["dropout", 0.5],
        ["batch_normalization", True],
    ]
    assert flowers.main([*given, "--print"]) == 0
    assert "1 of" not in capsys.readouterr().out


# -- transfer learning -----------------------------------------------------------------


def test_every_setting_of_transfer_is_one_that_there_is():
    for name, one in transfer.EXPERIMENTS.items():
        settings = one.settings
        assert name.startswith(settings.network)
        assert one.seeds == (1 if settings.each is None else 3)
        assert settings.tested == (settings.each is None)
        if settings.network == "small resnet":
            assert settings.size == transfer.RECIPE.size
            batches = -(-settings.each * 5 // transfer.RECIPE.batch_size)
            assert 500 <= settings.epochs * batches <= 540
        else:
            trained = transfer.network("AlexNet")
            if settings.network == "AlexNet":
                assert all(map(trained.model.get_layer, settings.layers))


def test_what_is_stored_of_transfer_comes_from_the_script():
    table = Table(FOLDER / "transfer.jsonl", transfer.EXPERIMENTS)
    assert list(experiments.read("transfer").runs) == table.runs()


def test_photos_are_chosen_by_the_seed():
    labels = np.repeat([2, 0, 1], 20)
    for seed in range(3):
        found = transfer.choice(labels, 4, seed)
        assert len(set(found.tolist())) == 12
        assert np.bincount(labels[found]).tolist() == [4, 4, 4]
        np.testing.assert_array_equal(found, transfer.choice(labels, 4, seed))
    assert (found != transfer.choice(labels, 4, 0)).any()


def test_transfers_shortest_form(tmp_path, capsys, quick):
    names = ["VGG16, all", "AlexNet, 10 of each", "small resnet, 10 of each"]
    given = ["--quick", "--folder", str(tmp_path), *names]
    assert transfer.main(given) == 0
    assert "3 of 3: small resnet, 10 of each" in capsys.readouterr().out
    runs = experiments.parsed((tmp_path / "transfer.jsonl").read_text("utf-8"))
    assert [one["experiment"] for one in runs] == names
    everything, alexnet, nothing = runs
    assert "test" in everything["accuracy"]
    for one in (everything, alexnet):
        assert one["pictures"] == 10
        best = max(right for layer in one["tried"].values() for right in layer.values())
        assert one["accuracy"]["validation"] == best
        assert one["tried"][one["layer"]][f"{one['strength']:g}"] == best
        assert "test" in one["accuracy"] or one is alexnet
        assert 0 <= one["of features"]["cpu seconds"] <= one["cpu seconds"]
    assert alexnet["weights"] == "flowers"
    assert nothing["accuracy"].keys() == {"training", "validation"}
    assert transfer.main([*given, "--print"]) == 0
    assert "1 of" not in capsys.readouterr().out


def test_features_are_kept_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "own", lambda: iter([tmp_path]))
    photos = transfer._few(flowers.flowers(transfer.RECIPE.side))
    trained = transfer.network("AlexNet")
    settings = transfer.EXPERIMENTS["AlexNet, all"].settings
    new = transfer.features(trained, settings, photos, "validation")
    assert new.by_layer["bend2"].shape == (len(photos.validation_labels), 64)
    assert len(list((tmp_path / "features").iterdir())) == 1
    monkeypatch.setattr(transfer, "_computed", lambda *_: pytest.fail("again"))
    kept = transfer.features(trained, settings, photos, "validation")
    np.testing.assert_array_equal(kept.took, new.took)
    for layer, rows in new.by_layer.items():
        np.testing.assert_array_equal(kept.by_layer[layer], rows)


# -- boards, sounds, sentences ---------------------------------------------------------

BEYOND = {
    "go_moves": (go_moves, ["CNN, no symmetries", "dense"]),
    "speech": (speech, ["both, average", "time, list, rows shuffled, strangers"]),
    "sentences": (
        sentences,
        ["words and pairs", "CNN, words shuffled", "negations, mean"],
    ),
    "shuffled": (shuffled, ["convolutional, shuffled", "dense"]),
}


@pytest.mark.parametrize("name", BEYOND)
def test_what_is_stored_beyond_pictures_comes_from_the_script(name):
    script, _ = BEYOND[name]
    table = Table(FOLDER / f"{name}.jsonl", script.EXPERIMENTS)
    assert list(experiments.read(name).runs) == table.runs()
    assert table.missing(script.EXPERIMENTS) == []
    assert all(one.seeds >= 3 for one in table.planned.values())


def test_what_is_stored_beyond_pictures_bears_the_claims():
    moves = experiments.read("go_moves")
    for what, goal in go_moves.GOAL.items():
        ours = moves.values("CNN", "accuracy", what)
        assert ours.mean() >= goal
        for peer in ("dense", "dense, ten times as large", "CNN with pooling"):
            assert moves.values(peer, "accuracy", what).max() < ours.min()
    best = "both, average in time"
    spoken = {"official": best, "strangers": f"{best}, strangers"}
    heard = experiments.read("speech")
    for split, goal in speech.GOAL.items():
        assert heard.values(spoken[split], "accuracy", "test").mean() >= goal
    read = experiments.read("sentences")
    assert read.values("CNN", "accuracy", "test").mean() >= sentences.GOAL
    assert read.values("negations, CNN", "accuracy", "test").min() > 0.99
    for peer in ("words", "words and pairs", "mean"):
        share = read.values(f"negations, {peer}", "accuracy", "test")
        assert share == pytest.approx(0.5)
    digits = experiments.read("shuffled")
    right = {name: digits.values(name, "accuracy", "test") for name in digits.names}
    assert right["convolutional"].min() > right["dense"].max()
    assert right["convolutional, shuffled"].max() < right["dense, shuffled"].min()


@pytest.mark.parametrize("name", BEYOND)
def test_the_shortest_form_beyond_pictures(name, tmp_path, capsys, quick):
    script, chosen = BEYOND[name]
    given = ["--quick", "--folder", str(tmp_path), *chosen]
    assert script.main(given) == 0
    runs = experiments.parsed((tmp_path / f"{name}.jsonl").read_text("utf-8"))
    assert sorted(run["experiment"] for run in runs) == sorted(chosen)
    for run in runs:
        assert run["settings"] == as_kept(
            script.EXPERIMENTS[run["experiment"]].settings
        )
        assert all(0 <= share <= 1 for share in run["accuracy"].values())
        assert run["parameters"] > 0 <= run["cpu seconds"]
    capsys.readouterr()
    assert script.main([*given, "--print"]) == 0
    printed = capsys.readouterr().out
    assert "1 of" not in printed
    for one in chosen:
        assert one.removesuffix(", strangers") in printed


@pytest.mark.parametrize(
    ("name", "load"),
    [
        ("go_moves", "load_go"),
        ("speech", "load_spoken_digits"),
        ("sentences", "load_snippets"),
        ("shuffled", "load_mnist"),
    ],
)
def test_stand_ins_are_not_enough_beyond_pictures(name, load, tmp_path, monkeypatch):
    script, chosen = BEYOND[name]
    stand_in = SimpleNamespace(name="Nothing", is_fallback=True)
    for kept in (go_moves.games, speech.digits):
        kept.cache_clear()
    monkeypatch.setattr(datasets, load, lambda **_: stand_in)
    with pytest.raises(SystemExit, match="run `make data` first"):
        script.main(["--folder", str(tmp_path), chosen[0]])
    for kept in (go_moves.games, speech.digits):
        kept.cache_clear()
    assert list(tmp_path.iterdir()) == []


def test_every_setting_beyond_pictures_is_one_that_there_is():
    for one in go_moves.EXPERIMENTS.values():
        assert one.settings.network in go_moves.NETWORKS
    for name, one in speech.EXPERIMENTS.items():
        strangers = name.endswith(", strangers")
        assert (one.settings.split == "strangers") == strangers
        assert one.seeds == (6 if strangers else 3)
        assert one.settings.shuffled in speech.SHUFFLES
    for one in sentences.EXPERIMENTS.values():
        assert one.settings.data in sentences.DATA
    for one in shuffled.EXPERIMENTS.values():
        assert one.settings.network in shuffled.NETWORKS


def test_the_three_dense_networks_are_as_large_as_they_say():
    count = {name: make().count_params() for name, make in go_moves.NETWORKS.items()}
    assert count["dense"] == pytest.approx(count["CNN"], rel=0.1)
    assert count["dense, large"] == pytest.approx(10 * count["CNN"], rel=0.05)


def test_a_shuffle_is_the_same_for_all_and_loses_nothing():
    spectrograms = np.random.default_rng(0).normal(size=(3, 40, 49))
    for what, axis in (("rows", 1), ("columns", 2)):
        found = speech.seen(spectrograms, what)[..., 0]
        assert not np.array_equal(found, spectrograms)
        np.testing.assert_array_equal(
            np.sort(found, axis=axis), np.sort(spectrograms, axis=axis)
        )
        np.testing.assert_array_equal(
            found[1], speech.seen(spectrograms[1:2], what)[0, ..., 0]
        )
    np.testing.assert_array_equal(speech.seen(spectrograms)[..., 0], spectrograms)
    digits = np.random.default_rng(1).integers(0, 256, (2, 28, 28))
    mixed = shuffled.in_another_order(digits)
    assert not np.array_equal(mixed, digits)
    for one, other in zip(mixed, digits, strict=True):
        np.testing.assert_array_equal(
            np.sort(one, axis=None), np.sort(other, axis=None)
        )


def test_negations_are_chosen_by_others_than_they_are_learned_from():
    train, aside, test = sentences.parts("negations", 0)
    assert len(aside.sentences) == len(aside.labels) == 400
    # The test's meetings of an insertion and an adjective are in neither.
    assert not set(test.sentences) & (set(train.sentences) | set(aside.sentences))


def test_chance_finds_few_moves():
    some = go_moves.parts(1)[2]
    found = go_moves.by_chance(some)
    assert 1 / 361 <= found["top 1"] < 0.01
    assert found["top 5"] == pytest.approx(5 * found["top 1"], abs=1e-4)


# -- attacks ---------------------------------------------------------------------------


def test_what_is_stored_of_attacks_comes_from_the_script():
    table = Table(FOLDER / "adversarial.jsonl", adversarial.EXPERIMENTS)
    assert list(experiments.read("adversarial").runs) == table.runs()
    assert table.missing(adversarial.EXPERIMENTS) == []
    for one in adversarial.EXPERIMENTS.values():
        assert one.settings.what in adversarial.MEASURED
        assert one.seeds >= 3


def test_what_is_stored_of_attacks_bears_the_claim():
    """Attacks fool where chance hardly does, and training against them helps."""
    for run in experiments.read("adversarial").runs:
        for its in run["networks"].values():
            accuracy = its["accuracy"]
            assert len({len(shares) for shares in accuracy.values()}) == 1
            assert all(
                misled <= chance
                for misled, chance in zip(
                    accuracy["steps"], accuracy["chance"], strict=True
                )
            )
        if run["experiment"] == "hardened":
            at = run["settings"]["strengths"].index(run["settings"]["at"]) + 1
            usual, hard = (
                run["networks"][name]["accuracy"]["steps"][at]
                for name in ("usual", "hardened")
            )
            assert hard > usual + 0.2


def test_the_attacks_shortest_form(tmp_path, capsys, quick):
    given = ["--quick", "--folder", str(tmp_path), "digits", "hardened"]
    assert adversarial.main(given) == 0
    printed = capsys.readouterr().out
    assert "2 of 2: hardened, seed 0" in printed
    assert "better to convolutional, sign" in printed
    runs = experiments.parsed((tmp_path / "adversarial.jsonl").read_text("utf-8"))
    assert [one["experiment"] for one in runs] == ["digits", "hardened"]
    stored = {run["experiment"]: run for run in experiments.read("adversarial").runs}
    for one in runs:
        assert one.keys() == stored[one["experiment"]].keys()
        assert one["pictures"] == 16
        for its in one["networks"].values():
            assert tuple(its["clean after"]) == adversarial.probe.DISTURBANCES
    for counts in runs[0]["transfer"]["better to convolutional"].values():
        fooled, too, chance = counts.values()
        assert np.greater_equal(fooled, too).all()
        assert np.greater_equal(fooled, chance).all()


# -- what a network looked at ----------------------------------------------------------

LOOKED = {"reasons": reasons, "shortcuts": shortcuts}


@pytest.mark.parametrize("name", LOOKED)
def test_what_is_stored_of_maps_comes_from_the_script(name):
    table = Table(FOLDER / f"{name}.jsonl", LOOKED[name].EXPERIMENTS)
    assert list(experiments.read(name).runs) == table.runs()
    assert table.missing(table.planned) == []
    assert all(one.seeds >= 3 for one in table.planned.values())


@pytest.mark.parametrize(
    ("name", "chosen"),
    [("reasons", ["trained", "all new"]), ("shortcuts", ["coloured corners"])],
)
def test_the_shortest_form_of_maps(name, chosen, tmp_path, capsys, quick):
    given = ["--quick", "--folder", str(tmp_path), *chosen]
    assert LOOKED[name].main(given) == 0
    runs = experiments.parsed((tmp_path / f"{name}.jsonl").read_text("utf-8"))
    assert [one["experiment"] for one in runs] == chosen
    [stored, *_] = experiments.read(name).runs
    assert all(one.keys() == stored.keys() for one in runs)
    assert LOOKED[name].main([*given, "--print"]) == 0
    assert "saliency" in capsys.readouterr().out


def test_maps_of_slopes_hardly_know_what_was_learned():
    """Those of random weights are like the trained ones, and so are any two photos'."""
    found = experiments.read("reasons")
    for method in ("saliency", "SmoothGrad"):
        assert np.nanmean(found.values("all new", method, "trained")) > 0.5
        assert np.nanmean(found.values("trained", method, "another photo")) > 0.5
    for method in ("Grad-CAM", "occlusion"):
        assert abs(np.nanmean(found.values("all new", method, "trained"))) < 0.2


def test_what_is_stored_of_shortcuts_bears_the_claim():
    found = experiments.read("shortcuts")
    for seed in range(3):
        clean, cheat = (
            found.of(name)[seed] for name in ("clean digits", "coloured corners")
        )
        # Neither accuracy shows it, as long as the corners tell the class.
        assert clean["accuracy"]["no corner"] > 0.85
        assert cheat["accuracy"]["own corner"] > 0.95
        assert cheat["accuracy"]["another's corner"] < 0.3
        for method in ("Grad-CAM", "occlusion"):
            assert cheat["inside"][method] > 3 * clean["inside"][method]


# -- the graphics card's table ---------------------------------------------------------


def test_the_full_alexnet_on_a_processor(tmp_path):
    """With JAX, in a process of its own; the table says where it ran."""
    script = stamp.ROOT / "benchmarks" / "alexnet.py"
    small = ["--batches", "1", "--photos", "4", "--rounds", "1"]
    small += ["--precisions", "float32"]
    done = subprocess.run(
        [sys.executable, str(script), *small, "--keep", "--folder", str(tmp_path)],
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(stamp.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "device: processor" in done.stdout
    [run] = experiments.parsed((tmp_path / "alexnet.jsonl").read_text("utf-8"))
    assert run["experiment"] == "Keras, float32, 1"
    [stored, *_] = experiments.read("alexnet").runs
    assert run.keys() == stored.keys()
    assert run["photos a second"] == pytest.approx(1 / run["seconds a step"], rel=0.1)
    assert 0 < run["share of ceiling"] < 1


def test_keras_is_no_slower_on_the_card_that_was_measured():
    found = {run["experiment"]: run for run in experiments.read("alexnet").runs}
    ours = {name for name in found if name.startswith("Keras")}
    assert len(ours) == 4
    for name in ours:
        peer = found[name.replace("Keras", "PyTorch")]
        assert found[name]["photos a second"] >= peer["photos a second"]


# -- what is kept, and what is run again -----------------------------------------------


@dataclass(frozen=True)
class Settings:
    epochs: int = 1


def measure(settings, seed):
    return {"accuracy": {"test": seed / 10}, "epochs": settings.epochs}


@pytest.fixture
def table(tmp_path):
    planned = {"a": Experiment(Settings(), 2), "b": Experiment(Settings(2), 1)}
    return Table(tmp_path / "new" / "some.jsonl", planned)


def test_each_run_is_kept_at_once(table):
    def interrupted(settings, seed):
        if seed == 1:
            raise KeyboardInterrupt
        return measure(settings, seed)

    with pytest.raises(KeyboardInterrupt):
        table.run(table.planned, interrupted)
    assert [(one["experiment"], one["seed"]) for one in table.runs()] == [
        ("a", 0),
        ("b", 0),
    ]
    assert table.missing(table.planned) == [("a", 1)]
    table.run(table.planned, measure)
    assert [(one["experiment"], one["seed"]) for one in table.runs()] == [
        ("a", 0),
        ("a", 1),
        ("b", 0),
    ]


def test_what_has_run_is_not_run_again(table):
    table.run(table.planned, measure)
    before = table.path.read_text("utf-8")
    table.run(table.planned, lambda *_: pytest.fail("run again"))
    assert table.path.read_text("utf-8") == before


def test_other_settings_are_run_again(table):
    table.run(table.planned, measure)
    table.planned = {**table.planned, "b": Experiment(Settings(3), 1)}
    assert table.missing(table.planned) == [("b", 0)]
    table.run(["b"], measure)
    lines = [json.loads(line) for line in table.path.read_text("utf-8").splitlines()]
    assert [one["epochs"] for one in lines] == [1, 1, 3]
