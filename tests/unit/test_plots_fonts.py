import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.text import Text

from helpers import plots
from helpers.plots import _fonts, _layout

GRAY = np.arange(64, dtype=np.uint8).reshape(8, 8)


@pytest.fixture(autouse=True)
def fresh():
    """Each test looks for fonts anew, and may be told that there are none."""
    _fonts._say.cache_clear()
    _fonts._with_new_ones.cache_clear()
    yield
    _fonts._say.cache_clear()
    _fonts._with_new_ones.cache_clear()


@pytest.fixture(name="strange")
def a_character_that_only_another_font_has(monkeypatch):
    """A font of matplotlib's own stands for an installed Chinese one."""
    monkeypatch.setattr(_fonts, "FALLBACKS", ("No Such Font", "STIXGeneral"))
    paths = [font_manager.findfont(name) for name in ("DejaVu Sans", "STIXGeneral")]
    known, other = (set(font_manager.get_font(path).get_charmap()) for path in paths)
    return chr(max(n for n in other - known if n < 0xE000))


def pictures(text):
    """Every place where a text can stand."""
    latin = f"Latin {text}"
    return {
        "title above an image": plots.images(GRAY, latin),
        "title of the picture": plots.signed(GRAY, title=text),
        "title of a kernel": plots.kernels({text: np.eye(2)}),
        "sign": plots.equation([GRAY, text, GRAY]),
        "axes and legend": plots.curves(
            [1, 2], {latin: [1, 2]}, latin, x_label=text, y_label=latin
        ),
        "step": plots.steps(GRAY, np.eye(2), GRAY[:7, :7], [(0, 0)], [text]),
        "layer": plots.wiring(np.eye(2), text),
    }


def written(picture, text):
    return [t for t in picture.findobj(Text) if text in t.get_text()]


def test_texts_get_a_font_that_has_their_characters(strange, recwarn, capsys):
    before = matplotlib.rcParams.copy()
    for place, picture in pictures(strange).items():
        picture.to_png()
        texts = written(picture, strange)
        assert texts, place
        for text in texts:
            assert text.get_fontfamily() == ["sans-serif", "STIXGeneral"], place
            assert text.get_fontweight() == "normal", place  # not all fonts have bold
    assert not recwarn.list
    assert capsys.readouterr().err == ""
    assert dict.items(matplotlib.rcParams) == dict.items(before)


def test_other_texts_keep_their_font(strange):
    picture = plots.images([GRAY, GRAY], [strange, "Latin × → ⋆"])
    picture.to_png()
    (latin,) = written(picture, "Latin")
    assert latin.get_fontfamily() == ["sans-serif"]


def test_without_a_font_one_line_says_so(monkeypatch, recwarn, capsys):
    monkeypatch.setattr(_fonts, "FALLBACKS", ())
    for picture in pictures("模糊").values():
        picture.to_png()
        picture.to_png()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "Noto Sans CJK" in said.err
    assert not recwarn.list


def test_a_font_installed_a_moment_ago_is_found(strange, monkeypatch):
    fonts = font_manager.fontManager
    others = [font for font in fonts.ttflist if font.name != "STIXGeneral"]
    path = font_manager.findfont("STIXGeneral")
    monkeypatch.setattr(fonts, "ttflist", others)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [__file__, path])
    picture = plots.images(GRAY, strange)
    picture.to_png()
    (text,) = written(picture, strange)
    assert text.get_fontfamily() == ["sans-serif", "STIXGeneral"]


def test_fonts_are_not_looked_for_without_need():
    code = """
from helpers import plots
from helpers.plots import _fonts
def refuse(*_):
    raise AssertionError("looked for fonts")
_fonts._with_new_ones = _fonts._installed = refuse
plots.images([[0, 1]], "Latin × → ⋆ −½", title="2 × 2").to_png()
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_chinese_titles_are_wrapped_to_their_room():
    title = "模糊的照片和清晰的照片放在一起比较" * 2
    lines = _layout.wrapped(title, 130, 13).split("\n")
    assert "".join(lines) == title
    assert {len(line) for line in lines[:-1]} == {10}
    mixed = _layout.wrapped("blur 模糊 kernel", 60, 13).split("\n")
    assert mixed == ["blur 模", "糊", "kernel"]
    assert _layout.text_width("模糊", 13) == 26
