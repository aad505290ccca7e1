"""A lesson is found by any of its names."""

import lessons
import pytest


@pytest.fixture
def course(tmp_path):
    """A folder with three lessons and a notebook of somebody's own."""
    (tmp_path / "notebooks").mkdir()
    for name in ("01_kernels", "02_convolution", "10_more"):
        (tmp_path / "notebooks" / f"{name}.ipynb").touch()
    (tmp_path / "mine.ipynb").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("2", "02_convolution"),
        ("02", "02_convolution"),
        ("02_convolution", "02_convolution"),
        ("02_convolution.ipynb", "02_convolution"),
        ("notebooks/02_convolution.ipynb", "02_convolution"),
        ("./notebooks/02_convolution.ipynb", "02_convolution"),
        ("10", "10_more"),
    ],
)
def test_every_name_is_understood(course, name, stem):
    assert lessons.find(name, course) == course / "notebooks" / f"{stem}.ipynb"
    whole_path = str(course / "notebooks" / f"{stem}.ipynb")
    assert lessons.find(whole_path, course).stem == stem


@pytest.mark.parametrize("name", ["3", "1_kernels", "kernels", "", "mine.ipynb", "0"])
def test_an_unknown_one_gets_a_sentence_with_those_there_are(course, name):
    with pytest.raises(LookupError) as caught:
        lessons.find(name, course)
    assert f"no lesson {name!r}. There are: 01_kernels, 02_" in str(caught.value)


def test_printed_for_make(capsys, course):
    assert lessons.main(["2"], course) == 0
    assert lessons.main(["mine.ipynb"], course) == 0
    assert capsys.readouterr().out == "notebooks/02_convolution.ipynb\nmine.ipynb\n"
    assert lessons.main(["7"], course) == 1
    assert "There are: 01_kernels" in capsys.readouterr().err
