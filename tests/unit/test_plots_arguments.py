"""Whatever comes, a picture is drawn, or a sentence says what would do."""

import inspect
import warnings

import numpy as np
import pytest
from test_plots import MAKERS

from helpers import plots

VALUES = {
    "None": None,
    "True": True,
    "0": 0,
    "-1": -1,
    "NaN": np.nan,
    "infinity": np.inf,
    "much": 10**9,
    "a word": "x",
    "nothing": [],
    "no numbers": {},
    "two": (1, 2),
    "two wholes of NumPy": np.array([2, 1]),
    "a thing": object(),
    "a whole of NumPy": np.int64(2),
    "an array of no axes": np.array(3),
    "three": np.ones(3),
    "a matrix": np.ones((2, 2)),
    "no finite number": np.full((3, 3), np.nan),
    "infinities": [[np.inf, -np.inf], [0, 1]],
    "no rows": np.zeros((0, 3)),
    "ragged": [[1, 2], [3]],
    "complex matrix": np.ones((2, 2)) * 1j,
    "four axes": np.ones((2, 2, 2, 2)),
    "named number": {"a": 1},
    "named matrix": {5: [[1, 2]]},
    "bytes": b"x",
    "a generator": (n for n in ()),
    "a function": len,
}


PARAMETERS = [
    pytest.param(name, parameter, id=f"{name}-{parameter}")
    for name, (function, *_) in MAKERS.items()
    for parameter in inspect.signature(function).parameters
]


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_any_value_is_drawn_or_refused_with_a_sentence(name, parameter):
    function, *arguments = MAKERS[name]
    given = inspect.signature(function).bind(*arguments).arguments
    drawn = 0
    for value in VALUES.values():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                picture = function(**{**given, parameter: value})
            except ValueError as error:
                said = str(error)
                assert said.endswith("."), said
                assert "ambiguous" not in said
                assert "setting an array" not in said
            else:
                assert isinstance(picture, plots.Picture)
                assert isinstance(picture.alt, str)
                drawn += 1
    assert drawn < len(VALUES)
