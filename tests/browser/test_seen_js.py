"""parts/seen.js sees of a drawing what helpers/widgets/parts/seen.py sees."""

import base64

import numpy as np
import pytest
from lab_browser import closing
from stage import load

from helpers.widgets.parts import seen

CASES = 300

SEES = """(cases) => cases.map(({ base, then, ...given }) => {
  const bytes = Uint8Array.from(atob(base), (letter) => letter.charCodeAt(0));
  const under = { shape: [28, 28], data: new Float64Array(bytes.buffer) };
  const keeper = seen.inkKeeper();
  const of = (strokes) =>
    seen.seen({ ...given, base: under, strokes }, keeper.of(under, strokes)).picture;
  const { data } = of(given.strokes);
  // Drawn point by point on the same ink: nothing else comes out.
  const grown = [];
  for (const stroke of given.strokes) {
    const points = stroke.erase ?? stroke;
    const growing = stroke.erase ? { erase: [] } : [];
    grown.push(growing);
    for (const point of points) {
      (growing.erase ?? growing).push(point);
      of(grown);
    }
  }
  const again = of(grown).data;
  const same = data.every((value, k) => value === again[k]);
  const text = String.fromCharCode(...new Uint8Array(data.slice().buffer));
  return [btoa(text), same];
})"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/seen.js")
        yield page


def random_strokes(rng):
    strokes = []
    for _ in range(int(rng.integers(0, 5))):
        points = rng.random((int(rng.integers(1, 8)), 2)).round(4)
        if rng.random() < 0.3:  # along a side, or a dot twice
            points[:] = rng.choice([points[0], np.round(points[0])])
        listed = [(float(x), float(y)) for x, y in points]
        strokes.append({"erase": listed} if rng.random() < 0.25 else listed)
    return strokes


def random_case(rng):
    base = np.zeros((28, 28))
    if rng.random() < 0.4:
        base[4:24, 6:20] = rng.integers(0, 256, (20, 14))
    still = rng.random() < 0.4
    return seen.Seen(
        base,
        seen.checked_strokes(random_strokes(rng)),
        str(rng.choice(seen.PREPARE)),
        (0, 0) if still else tuple(rng.integers(-14, 15, 2).tolist()),
        0 if still else int(rng.integers(-180, 181)),
        100 if still else int(rng.integers(50, 201)),
        None if rng.random() < 0.5 else tuple(rng.integers(0, 28, 2).tolist()),
        int(rng.integers(1, 15)),
    )


def as_page_takes(case):
    base = base64.b64encode(np.asarray(case.base, "<f8").tobytes()).decode()
    return {**case._asdict(), "base": base}


def test_the_page_sees_the_same(page):
    rng = np.random.default_rng(0)
    cases = [random_case(rng) for _ in range(CASES)]
    told = page.evaluate(SEES, [as_page_takes(case) for case in cases])
    most = 0.0
    for case, (text, same) in zip(cases, told, strict=True):
        found = np.frombuffer(base64.b64decode(text)).reshape(28, 28)
        np.testing.assert_allclose(found, seen.picture(case), atol=1e-9, err_msg=case)
        assert same, case
        most = max(most, found.max())
    assert most == 255


def test_the_cases_have_all_that_there_is():
    rng = np.random.default_rng(0)
    cases = [random_case(rng) for _ in range(CASES)]
    for name in seen.PREPARE:
        some = [case for case in cases if case.prepare == name and case.strokes]
        assert sum(bool(case.base.any()) for case in some) > 10
        assert sum(any(isinstance(s, dict) for s in case.strokes) for case in some) > 10
        assert sum(case.covered is not None for case in some) > 10
