"""Dead units and double ones: the script's shortest form, and what is stored."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import stamp

sys.path.insert(0, str(stamp.ROOT / "benchmarks"))

import units

from helpers import experiments


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
