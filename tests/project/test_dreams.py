"""benchmarks/dreams.py: what it makes, and that data/ holds what it makes now."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
import stamp

sys.path.insert(0, str(stamp.ROOT / "benchmarks"))

import dreams as script
from _experiments import as_kept

from helpers import dreams


def test_every_series_has_settings():
    assert tuple(script.SETTINGS) == dreams.NAMES


@pytest.mark.parametrize("name", dreams.NAMES)
def test_what_is_in_data_comes_from_the_script(name):
    series, settings = dreams.read(name), script.SETTINGS[name]
    assert series.about["settings"] == as_kept(settings)
    assert series.about["weights"] == script.WEIGHTS
    assert len(series.pictures) == len(series.steps) == settings.keep
    assert series.pictures.shape[1:] == (settings.size, settings.size, 3)
    octaves = getattr(settings, "octaves", 1)
    assert series.steps[[0, -1]].tolist() == [0, settings.steps * octaves]
    for numbers in series.values.values():
        assert len(numbers) == series.steps[-1]
    first, last = series.pictures[[0, -1]].astype(float)
    assert np.abs(last - first).mean() > 10
    main = series.values.get("activation", -series.values.get("total", 0))
    assert main[-1] > main[0]
    assert series.about["credit"].endswith(".")


def test_all_of_them_together_are_small(root):
    sizes = [path.stat().st_size for path in (root / "data" / "dreams").iterdir()]
    assert len(sizes) == len(dreams.NAMES)
    assert sum(sizes) <= 600_000


def test_their_shortest_form(tmp_path, capsys):
    assert script.main(["--quick", "--folder", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    for name in dreams.NAMES:
        series = dreams.load(tmp_path / f"{name}.npz")
        stored = dreams.read(name)
        assert series.about.keys() == stored.about.keys()
        assert series.values.keys() == stored.values.keys()
        assert series.steps.tolist() == [0, 1]
        assert str(tmp_path / f"{name}.npz") in said


def test_other_weights_make_no_stored_pictures(tmp_path, monkeypatch, capsys):
    network = script.pretrained.alexnet()
    monkeypatch.setattr(script.pretrained, "vgg16", lambda: network)
    assert script.main(["--folder", str(tmp_path), "ascent"]) == 1
    assert not list(tmp_path.iterdir())
    assert "weights for edges alone" in capsys.readouterr().out


def test_unknown_names_are_refused(capsys):
    with pytest.raises(SystemExit):
        script.main(["ascents"])
    assert "no pictures are called ascents" in capsys.readouterr().err


def test_a_series_comes_back_from_its_file(tmp_path):
    pictures = np.zeros((3, 16, 24, 3))
    pictures[1:] = 200.4
    made = dreams.Series.of(
        pictures, [0, 2, 5], {"loss": [5, 4, 3.1234567, 2, 1]}, {"credit": "Own."}
    )
    made.save(tmp_path / "one")
    read = dreams.load(tmp_path / "one")
    assert np.abs(read.pictures.astype(int) - made.pictures).max() <= 2
    assert read.steps.tolist() == [0, 2, 5]
    assert read.values["loss"].tolist() == [5, 4, 3.1235, 2, 1]
    assert read.about == {"credit": "Own."}
    assert repr(read) == "<3 pictures of 16 × 24 pixels, after 0 to 5 steps>"


def test_another_name_is_refused():
    with pytest.raises(ValueError, match=r"name: got 'ascnt'\. Did you mean"):
        dreams.read("ascnt")


def test_a_file_that_holds_something_else_is_refused(tmp_path):
    path = tmp_path / "one.npz"
    dreams.Series.of(np.zeros((2, 16, 16, 3)), [0, 5], {}, {}).save(path)
    whole = path.read_bytes()
    with np.load(path) as found:
        parts = dict(found)
    broken = parts | {"data": np.zeros_like(parts["data"])}
    for others in ({"data": parts["data"]}, {**parts, "lengths": [3]}, broken):
        np.savez(path, **others)
        with pytest.raises(ValueError, match=r"one\.npz, which holds no series"):
            dreams.load(path)
    for content in (b"", b"no archive", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=r"holds no series\. Give a file that save"
        ):
            dreams.load(path)
    with pytest.raises(OSError, match="nowhere"):
        dreams.load(tmp_path / "nowhere.npz")
