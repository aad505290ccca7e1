"""What is said: numbers as text, and the parts descriptions are made of."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.plots import _given
from helpers.plots._given import Window


def number(value: float, decimals: int | None = None) -> str:
    """Return a number as it is written in a picture: −0.5, 12, ∞, NaN."""
    value = float(value)
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0:
        return "0"
    if decimals is not None:
        value += np.copysign(1e-9, value)  # 0.125 is read as 0.13, not as 0.12
        text = f"{value:.{decimals}f}"
    elif abs(value - round(value)) < 1e-9 and abs(value) < 1e7:
        text = str(round(value))
    else:
        text = f"{value:.4g}"
    if not text.strip("-0."):  # no −0
        text = text.lstrip("-")
    return text.replace("-", "−")


def decimals(array: np.ndarray) -> int:
    """Return how many digits after the point show every number, but 2 at most."""
    good = _given.finite(array)
    good = good[np.isfinite(good)]
    for digits in (0, 1):
        if np.allclose(good, np.round(good, digits), rtol=0, atol=1e-9):
            return digits
    return 2


def size(array: np.ndarray) -> str:
    """Return rows × columns."""
    return f"{array.shape[0]} × {array.shape[1]}"


def span(array: np.ndarray) -> str:
    """Say from where to where the values go, and how many are no numbers."""
    low, high = map(number, _given.extremes(array))
    if low == "NaN":
        return "no value is a number"
    bad = array.size - np.count_nonzero(np.isfinite(array))
    said = f"every value {low}" if low == high else f"values from {low} to {high}"
    return said + (f", {bad} not a number" if bad else "")


def rows(array: np.ndarray) -> str:
    """Say all numbers of a small matrix, or the first row of a large one."""
    few = array.size <= 64
    rows = array if few else array[:1]
    said = "; ".join(" ".join(map(number, row)) for row in rows)
    return f"rows {said}" if few else f"first row {said}"


def place(window: Window) -> str:
    """Say where a window lies."""
    row, column, rows, cols = window
    return f"row {row}, column {column}, {rows} × {cols}"


def marked(window: Window) -> str:
    """Say that a window is marked, and where."""
    return f"marked: {place(window)}"


def grid(array: np.ndarray, title: str, role: str | None, window: Window | None) -> str:
    """Say a matrix of an equation: its name, its rows, the window marked in it."""
    name = title or role or "matrix"
    said = f"{name}, {rows(array)}"
    return said + (f" ({marked(window)})" if window else "")


def listed(
    kind: str, titles: Sequence[str], words: Sequence[str], title: Any, given: Any
) -> str:
    """Say one thing, or how many side by side and each of them; or what was given."""
    if len(words) == 1:
        own = words[0].startswith("a ")
        article = "an" if kind[0] in "aeiou" else "a"
        name = titles[0] or ("" if own else f"{article} {kind}")
        said = f"{name}: {words[0]}" if name else words[0]
        return alt(given, title, sentence(said))
    count = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}.get(len(words), len(words))
    plural = "maps" + kind[3:] if kind.startswith("map ") else kind + "s"
    parts = [
        f"{i}{f', {t}' if t else ''}: {w}"
        for i, (t, w) in enumerate(zip(titles, words, strict=True), 1)
    ]
    said = f"{count} {plural} side by side. " + ". ".join(parts)
    return alt(given, title, said)


def alt(given: Any, title: Any, said: str) -> str:
    """Return the description given, or else the title and what is said by default."""
    given, title = _given.text(given, "alt"), _given.text(title, "title")
    return given or (f"{sentence(title)} " if title else "") + sentence(said)


def sentence(text: str) -> str:
    """Return the text with a capital at its start and a point at its end."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else text + "."
