"""`make data` says of each set whether the real one is here now."""

import fetch_data
import pytest

from helpers import datasets
from helpers.datasets import fetch, places

# All but that of a folder of one's own.
LOADERS = [name for name in datasets.__all__ if name.startswith("load_")]
LOADERS.remove("load_folder")


def test_it_fails_where_a_set_cannot_be_had(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(places, "own", lambda: iter([tmp_path]))
    assert fetch_data.main() == 1
    said = capsys.readouterr().out
    assert said.count("Using ") == said.count("<Stand-in for ") == len(LOADERS)
    assert said.endswith("VGG16: no weights of ImageNet (COURSE_OFFLINE is set)\n")


@pytest.mark.parametrize("lacking", [None, "load_mnist", "load_quickdraw", "VGG16"])
def test_each_set_counts(monkeypatch, lacking, tmp_path):
    loaded = []

    def fetched(file, title):
        if title == lacking:
            raise fetch.Missing("no network", fetch.ONLINE)
        return tmp_path / file.path

    def loader(name):
        def load():
            loaded.append(name)
            return type("Set", (), {"is_fallback": name == lacking})()

        return load

    for name in LOADERS:
        monkeypatch.setattr(datasets, name, loader(name))
    monkeypatch.setattr(fetch, "file", fetched)
    assert fetch_data.main() == (lacking is not None)
    assert sorted(loaded) == LOADERS  # a new set is fetched, too
