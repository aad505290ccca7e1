"""Which font writes what matplotlib's own has no characters for, Chinese first of all.

matplotlib takes a list of fonts for each text and writes every character with the first
that has it. The lists are given to single texts: no setting of matplotlib is touched,
and nothing is looked up as long as all texts can be written anyway.
"""

import functools
import sys
from collections.abc import Iterable

from matplotlib import font_manager
from matplotlib.text import Text

#: Fonts with Chinese characters, as Linux, macOS, Windows and Android name them.
FALLBACKS = (
    *("Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK HK", "Noto Sans CJK JP"),
    *("Noto Sans SC", "Noto Sans TC", "Noto Sans HK", "Noto Sans JP"),
    *("Source Han Sans SC", "Source Han Sans CN", "Source Han Sans TC"),
    *("Source Han Sans", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    *("PingFang SC", "PingFang TC", "PingFang HK", "Hiragino Sans GB"),
    *("Hiragino Sans", "Heiti SC", "Heiti TC", "STHeiti", "Arial Unicode MS"),
    *("Microsoft YaHei", "Microsoft JhengHei", "SimHei", "SimSun", "PMingLiU"),
    *("Yu Gothic", "Malgun Gothic", "Droid Sans Fallback", "Unifont"),
)


def choose(texts: Iterable[Text]) -> bool:
    """Give each text the fonts that it needs, and say whether all can be written.

    Where no installed font has the characters, one line on the standard error stream
    says so, once.
    """
    complete = True
    for text in texts:
        missing = _missing(text.get_text(), text.get_fontfamily())
        if missing:
            fonts = [name for name in FALLBACKS if name in _installed()]
            if _missing(missing, fonts):
                fonts = _with_new_ones()
            text.set_fontfamily(list(dict.fromkeys([*text.get_fontfamily(), *fonts])))
            if _missing(missing, fonts):
                complete = False
                _say()
    return complete


def _missing(text: str, families: Iterable[str]) -> str:
    """Return the characters that none of the families has."""
    if text.isascii():
        return ""
    for family in families:
        path = font_manager.findfont(font_manager.FontProperties(family=[family]))
        known = _characters(path)
        text = "".join(c for c in text if ord(c) not in known and not c.isspace())
    return text


@functools.cache
def _characters(path: str) -> frozenset[int]:
    return frozenset(font_manager.get_font(path).get_charmap())


def _installed() -> set[str]:
    return {font.name for font in font_manager.fontManager.ttflist}


@functools.cache
def _with_new_ones() -> list[str]:
    """Return the fallbacks there are, those installed a short while ago among them.

    matplotlib remembers the fonts that it found when it first ran on a machine.
    """
    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - known):
        try:
            font_manager.fontManager.addfont(path)
        except (RuntimeError, OSError, ValueError):
            continue  # a file that matplotlib cannot read
    return [name for name in FALLBACKS if name in _installed()]


@functools.cache
def _say() -> None:
    print(
        "No font on this machine has some of the characters of a picture, which are "
        "drawn as boxes. Install one that has them, for example Noto Sans CJK, and "
        "restart the kernel.",
        file=sys.stderr,
    )
