"""Draw the digits of data/drawn_digits.json anew, from the templates that stand in it.

``python tools/make_drawings.py`` writes them, the same ones each time. The file was
frozen before any network had seen one of its drawings: whoever changes it can no longer
say how well a network does on drawings it was not chosen by. So a new template comes
with a new measurement (benchmarks/drawings.py), and none goes because it is misread.

A template is a digit, and strokes of a few points, x to the right and y down, joined by
a smooth curve; a point that stands there twice is a corner.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from helpers.drawings import PEN

FILE = Path(__file__).resolve().parent.parent / "data" / "drawn_digits.json"

OF_EACH = 8  # variations of a template
MARGIN = 0.03  # of the pad, between ink and border
DIGITS = 3  # decimals of a point: a tenth of a pixel


def variation(template: list, seed: int) -> tuple[list, float]:
    """Return a template drawn by another hand: its strokes, and the pen's width.

    Parameters
    ----------
    template
        Strokes of points (x, y).
    seed
        Of all that is random.

    Examples
    --------
    >>> strokes, width = variation([[(0.5, 0.1), (0.5, 0.9)]], seed=3)
    >>> len(strokes), len(strokes[0]) > 5, 0.06 < width < 0.11
    (1, True, True)
    """
    rng = np.random.default_rng(seed)
    width = PEN * math.exp(rng.uniform(-0.2, 0.2))
    pace = rng.uniform(0.015, 0.06)  # sides of the pad between two points: slow to fast
    hand = _hand(rng)
    lines = [smooth(jittered(stroke, rng)) @ hand for stroke in template]
    lines = placed(lines, width, rng)
    strokes = []
    for line in lines:
        points = walked(line, pace)
        shaken = points + rng.normal(0, 0.003, points.shape)
        strokes.append(np.clip(shaken, 0, 1).round(DIGITS).tolist())
    return strokes, round(width, 4)


def jittered(stroke: list, rng: np.random.Generator) -> list[np.ndarray]:
    """Return a stroke's smooth pieces, each from a corner to the next; points moved."""
    points = np.array(stroke, float)
    is_corner = np.append(False, (points[1:] == points[:-1]).all(axis=1))
    moves = rng.normal(0, 0.014, points.shape)
    moves[is_corner] = moves[np.flatnonzero(is_corner) - 1]  # both moved alike
    return np.split(points + moves, np.flatnonzero(is_corner))


def smooth(pieces: list[np.ndarray]) -> np.ndarray:
    """Return many points on the curve through a few (Catmull and Rom's)."""
    made = []
    for piece in pieces:
        before, after = 2 * piece[0] - piece[1], 2 * piece[-1] - piece[-2]
        p = np.vstack([before, piece, after])
        t = np.linspace(0, 1, 12, endpoint=False)[:, None]
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
            cubic = 3 * b - a - 3 * c + d
            square = 2 * a - 5 * b + 4 * c - d
            made.append(b + (t * (c - a) + t**2 * square + t**3 * cubic) / 2)
        made.append(piece[-1:])
    return np.vstack(made)


def _hand(rng: np.random.Generator) -> np.ndarray:
    """Return how a hand writes: narrow or wide, slanted, on a sheet that is turned."""
    wide = math.exp(rng.normal(0, 0.12))
    slant = np.clip(rng.normal(0.08, 0.15), -0.25, 0.4)
    turn = math.radians(np.clip(rng.normal(0, 4), -10, 10))
    cos, sin = math.cos(turn), math.sin(turn)
    return np.array([[wide, 0], [-slant, 1]]) @ np.array([[cos, sin], [-sin, cos]])


def placed(
    lines: list[np.ndarray], width: float, rng: np.random.Generator
) -> list[np.ndarray]:
    """Return lines somewhere on the pad, the longer side 0.4 to 0.9 of it."""
    every = np.vstack(lines)
    low, size = every.min(axis=0), np.ptp(every, axis=0)
    room = 1 - 2 * MARGIN - width
    scale = min(rng.uniform(0.4, 0.9), room) / size.max()
    corner = (1 - room) / 2 + rng.uniform(0, 1, 2) * (room - size * scale)
    return [(line - low) * scale + corner for line in lines]


def walked(line: np.ndarray, pace: float) -> np.ndarray:
    """Return the points of a line that a pen of that pace tells, both ends included."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.append(0, np.cumsum(steps))
    stops = np.linspace(0, along[-1], max(2, round(along[-1] / pace) + 1))
    return np.stack([np.interp(stops, along, axis) for axis in line.T], axis=-1)


def drawn(templates: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return all drawings, `OF_EACH` of a template."""
    made = []
    for number, (name, template) in enumerate(templates.items()):
        for seed in range(OF_EACH * number, OF_EACH * (number + 1)):
            strokes, width = variation(template["strokes"], seed)
            one = {"digit": template["digit"], "template": name}
            made.append({**one, "width": width, "strokes": strokes})
    return made


def text(kept: dict[str, Any]) -> str:
    """Return the file: a line a template and a drawing."""
    line = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    templates = [f"{line(name)}: {line(t)}" for name, t in kept["templates"].items()]
    parts = [
        f'"about": {line(kept["about"])}',
        '"templates": {\n' + ",\n".join(templates) + "\n}",
        '"drawings": [\n' + ",\n".join(map(line, kept["drawings"])) + "\n]",
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Write the file."""
    kept = json.loads(FILE.read_text("utf-8"))
    FILE.write_text(text({**kept, "drawings": drawn(kept["templates"])}), "utf-8")
    print(f"{FILE.name} written.")


if __name__ == "__main__":
    main()
