"""The script behind the portraits of units that come with the course."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import make_units
import numpy as np
import pytest

from helpers import datasets
from helpers.datasets import photo_set
from helpers.networks import portraits

CLASSES = ("daisy", "dandelion", "roses", "sunflowers", "tulips")


def few(side, *, fallback=False):
    """Two photos of each flower for every part, of noise."""
    rng = np.random.default_rng(0)
    names = [f"{CLASSES[k % 5]}/{k}.jpg" for k in range(30)]
    parts = [photo_set.PARTS[k // 10] for k in range(30)]
    images = rng.integers(0, 256, (30, side, side, 3), np.uint8)
    labels = np.arange(30) % 5
    parted = photo_set.parted(images, labels, names, parts)
    credits = {name: f"Who took {name}" for name in names}
    return datasets.PhotoSet(
        "few", **parted, class_names=CLASSES, credits=credits, is_fallback=fallback
    )


def test_it_writes_what_is_read_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(make_units.datasets, "load_flowers", few)
    monkeypatch.setattr(make_units, "LAYERS", ["bend1"])
    monkeypatch.setattr(make_units, "ASCENT", {**make_units.ASCENT, "steps": 1})
    make_units.main(tmp_path / "units" / "few.npz")
    assert (
        "few.npz: <Portraits of 24 units in 1 layer, 10 photos>"
        in capsys.readouterr().out
    )
    [layer] = portraits.load(tmp_path / "units" / "few.npz").layers
    assert layer.ascents.shape == (24, 32, 32, 3)
    assert layer.filters.shape == (24, 11, 11, 3)


def test_nothing_is_written_of_a_stand_in(tmp_path, monkeypatch):
    monkeypatch.setattr(
        make_units.datasets, "load_flowers", lambda side: few(side, fallback=True)
    )
    with pytest.raises(SystemExit, match="The flowers are not here"):
        make_units.main(tmp_path / "units.npz")
    assert not list(tmp_path.iterdir())


def test_what_comes_with_the_course_is_the_scripts():
    path = make_units.ROOT / "data" / "units" / "flowers.npz"
    assert path.stat().st_size <= make_units.MOST_BYTES
    found = portraits.load(path)
    assert found.names == make_units.LAYERS
    assert all(len(layer.ascents) == 24 for layer in found.layers)
