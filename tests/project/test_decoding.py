"""How fast photos are read: the script's shortest form, and what is stored."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
import stamp

sys.path.insert(0, str(stamp.ROOT / "benchmarks"))

import decoding

from helpers import experiments


def test_all_ways_make_the_same_square():
    """Up to how they shrink; so their times may be compared."""
    for data in decoding.files():
        ours, *others = (read(data) for read in decoding.READERS.values())
        assert ours.shape == (decoding.SIDE, decoding.SIDE, 3)
        for one in others:
            assert one.dtype == np.uint8
            assert np.abs(one.astype(float) - ours).mean() < 6
    sizes = [len(data) for data in decoding.files()]
    assert 50_000 < np.mean(sizes) < 150_000


def test_what_is_stored_comes_from_the_script(tmp_path, capsys):
    given = ["--photos", "4", "--rounds", "1", "--keep", "--folder", str(tmp_path)]
    assert decoding.main(given) == 0
    made = experiments.parsed((tmp_path / "decoding.jsonl").read_text("utf-8"))
    stored = experiments.read("decoding").runs
    printed = capsys.readouterr().out
    for one, kept in zip(made, stored, strict=True):
        assert one.keys() == kept.keys()
        for name in ("experiment", "pixels", "side"):
            assert one[name] == kept[name]
        # Another version of the JPEG library packs a little better, or worse.
        assert one["bytes a photo"] == pytest.approx(kept["bytes a photo"], rel=0.05)
        assert one["experiment"] in printed
        assert one["photos a second"] > 0


def test_what_is_stored_bears_the_claim():
    found = experiments.read("decoding")
    ours, peer = (
        found.values(name, "photos a second").item()
        for name in ("photos.square", "TensorFlow, antialiased")
    )
    assert ours >= peer
