"""`make weights`: what it writes, and that data/ holds what it makes as it is now."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import make_weights
import pytest
from _experiments import as_kept

from helpers import datasets
from helpers.datasets import places
from helpers.networks import exported, running
from helpers.networks.training import fit

#: What the shipped networks get right of the test pictures, at least.
AT_LEAST = {
    **{"mnist": 0.993, "quickdraw": 0.9, "flowers": 0.76},
    **{"go": 0.3, "spoken": 0.98, "sentences": 0.75},
}

#: Bytes of those that may be larger than others.
LARGEST = {"flowers": 2_000_000, "sentences": 2_000_000}

#: What loads the set of a recipe, where it is called otherwise.
LOADS = {"spoken": "load_spoken_digits", "sentences": "load_snippets"}


@pytest.fixture
def no_bar(monkeypatch):
    monkeypatch.setattr(
        make_weights.training,
        "fit",
        lambda *a, **k: fit(*a, **{**k, "progress": False}),
    )


def test_every_network_has_a_recipe():
    assert set(exported.SHIPPED) <= set(make_weights.RECIPES)


@pytest.mark.parametrize("name", exported.SHIPPED)
def test_what_is_in_data_comes_from_the_script(name, root):
    network = exported.shipped(name)
    about = network.description["about"]
    recipe = make_weights.RECIPES[name]
    assert about["settings"] == as_kept(recipe.settings)
    assert network.description["weights"] == recipe.weights
    assert about["accuracy"]["test"][recipe.weights] >= AT_LEAST[name]
    size = (root / "data" / f"{name}.network.npz").stat().st_size
    assert size <= LARGEST.get(name, 300_000)


@pytest.mark.parametrize("name", make_weights.RECIPES)
def test_its_shortest_form(name, tmp_path, no_bar, capsys):
    given = ["--quick", "--folder", str(tmp_path), name]
    assert make_weights.main(given) == 0
    [path] = tmp_path.iterdir()
    network = exported.load(path)
    assert running.gives_probabilities(network)
    about = network.description["about"]
    if name in exported.SHIPPED:
        real = exported.shipped(name)
        for part in ("weights", "layers"):
            # Few sentences have few words.
            if (name, part) != ("sentences", "layers"):
                assert network.description[part] == real.description[part]
        assert about.keys() == real.description["about"].keys()
    assert 0 <= about["accuracy"].get("validation", 0) <= 1
    assert set(about["accuracy"]["test"]) == set(exported.WEIGHTS)
    assert str(path) in capsys.readouterr().out
    # The same settings give the same network again.
    assert make_weights.main(given) == 0
    assert exported.load(path) == network


def test_the_flowers_are_what_an_explorer_of_photos_takes():
    network = exported.shipped("flowers")
    layers = network.description["layers"]
    assert network.description["weights"] == "8 bits"
    assert layers[0]["shape"] == [128, 128, 3]
    assert layers[-1]["shape"] == [len(network.description["about"]["classes"])]
    assert running.gives_probabilities(network)


@pytest.mark.parametrize("name", make_weights.RECIPES)
def test_stand_ins_are_not_enough(name, monkeypatch, tmp_path, capsys):
    load = getattr(datasets, LOADS.get(name, f"load_{name}"))
    monkeypatch.setattr(places, "own", lambda: iter([tmp_path / "none"]))
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert load().is_fallback
    assert make_weights.main(["--folder", str(tmp_path), name]) == 1
    assert "run `make data` first" in capsys.readouterr().out
    assert list(tmp_path.glob("*.npz")) == []


def test_other_names_are_refused(capsys):
    with pytest.raises(SystemExit):
        make_weights.main(["minst"])
    assert "no network is called minst" in capsys.readouterr().err
