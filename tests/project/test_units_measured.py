"""Dead units and double ones: the script's shortest form, and what is stored."""

import os
import sys
from types import SimpleNamespace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import stamp

sys.path.insert(0, str(stamp.ROOT / "benchmarks"))

import pytest
import units

from helpers import experiments
from helpers.networks import pretrained, probe


def test_what_is_stored_comes_from_the_script(tmp_path, capsys):
    given = ["--networks", "AlexNet", "--photos", "10", "--seeds", "1"]
    assert units.main([*given, "--keep", "--folder", str(tmp_path)]) == 0
    made = experiments.parsed((tmp_path / "units.jsonl").read_text("utf-8"))
    stored = {
        (one["experiment"], one["seed"]): one for one in experiments.read("units").runs
    }
    printed = capsys.readouterr().out
    assert [one["layer"] for one in made] == [f"bend{k}" for k in range(1, 6)]
    for one in made:
        kept = stored[one["experiment"], one["seed"]]
        assert one.keys() == kept.keys()
        for name in ("network", "layer", "side", "units", "same kernel"):
            assert one[name] == kept[name]
        assert kept["photos"] == units.PHOTOS
        assert one["experiment"] in printed


def test_nothing_is_stored_of_a_stand_in(tmp_path, monkeypatch):
    """Neither where AlexNet stands in for VGG16, nor of photos that are no flowers."""
    monkeypatch.setattr(units, "FOLDER", tmp_path)
    monkeypatch.setitem(units.LOADERS, "VGG16", pretrained.alexnet)
    given = ["--photos", "10", "--seeds", "1", "--keep", "--folder", str(tmp_path)]
    for name, is_fallback, said in (
        ("VGG16", False, "weights of VGG16: not on this machine"),
        ("AlexNet", True, "blobs: not on this machine"),
    ):
        photos = SimpleNamespace(name="blobs", is_fallback=is_fallback)
        monkeypatch.setattr(units.datasets, "load_flowers", lambda side, x=photos: x)
        with pytest.raises(SystemExit, match=said):
            units.main([*given, "--networks", name])
    assert not list(tmp_path.iterdir())


def test_where_vgg16_is_missing_its_stand_in_answers(monkeypatch):
    """In photos of any size: its layers are its own, not AlexNet's called again."""
    monkeypatch.setattr(pretrained, "_of_edges", lambda missing: None)

    def missing(*_):
        raise pretrained.fetch.Missing("it is not here", "do without")

    monkeypatch.setattr(pretrained, "_of_imagenet", missing)
    network = pretrained.vgg16()
    assert network.weights == "flowers"
    layers = list(units.layers_of(network))
    x = np.random.default_rng(0).uniform(0, 255, (3, 96, 96, 3))
    found = units.answers(network.model, layers, x)
    maps = probe.feature_maps(network.model, x)
    for name, (largest, means) in found.items():
        np.testing.assert_allclose(largest, maps[name].max(axis=(1, 2)), rtol=1e-4)
        np.testing.assert_allclose(
            means, maps[name].mean(axis=(1, 2)), rtol=1e-3, atol=1e-5
        )


def test_a_layer_in_figures():
    rng = np.random.default_rng(0)
    means, labels = rng.random((20, 6)), np.arange(20) % 5
    means[:, 2], means[:, 4] = 0, 2 * means[:, 1]
    means[:, 5] = labels == 3
    kernel = rng.normal(size=(3, 3, 2, 6))
    kernel[..., 3] = kernel[..., 0] + 0.01
    found = units.figures(means, means, kernel, labels)
    assert (found["units"], found["dead"]) == (6, 1)
    assert (found["answer alike"], found["same kernel"]) == (1, 1)
    assert found["most selective"] == [5, 3, 1.0]


def test_what_is_stored_bears_the_claim():
    """Three draws of each layer; no convolution of AlexNet is dead in any."""
    found = experiments.read("units")
    for k in range(1, 6):
        assert found.values(f"AlexNet, bend{k}", "dead").tolist() == [0, 0, 0]
    names = [f"VGG16, block{b}_conv{c}" for b, c in ((1, 2), (2, 2), (5, 3))]
    dead = [found.values(name, "dead") for name in names]
    assert all(len(one) == 3 for one in dead)
    assert max(dead[0]) < min(dead[1])
