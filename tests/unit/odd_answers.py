"""Answers that nobody expects: no check may raise on them."""

import numpy as np


class Nasty:
    """Raises whatever is done with it."""

    def _no(self, *_):
        raise RuntimeError("hands off")

    __len__ = __iter__ = __bool__ = __eq__ = __array__ = __float__ = __str__ = _no
    __repr__ = __getitem__ = __call__ = _no
    __hash__ = None


GARBAGE = [
    0, 1.5, True, "text", b"bytes", object(), Nasty(), [], {}, (), set(), [[]], [[[]]],
    [1, "a"], [[1, 2], [3]], {"blur": Nasty()}, {1: 2}, np.array([]), np.array(3),
    np.zeros((0, 3)), np.zeros((3, 3, 1)), np.full((3, 3), np.nan), np.ones(9) * 1j,
    np.full((3, 3), np.inf), np.array([["a"]]), np.array([None]), 10**400, [10**400],
    np.ones((99, 99)), np.full((3, 3), 1e308), np.float64("nan"), float, len,
    lambda *a: a, lambda m: np.full(m.shape, np.nan), lambda m: m.astype(complex),
    lambda m: "text", lambda m: [m], lambda m: m[:, :1], lambda m: m.fill(3) or m,
    np.datetime64("2020-01-01"), np.ma.masked_all((3, 3)), range(4), iter([]), type,
    memoryview(b"abc"), ValueError,
    {"blur": [50, 60], "brighten": 75, "outline": 0, "ones": 450},
    {"blur": 1j, "brighten": 75, "outline": 0, "ones": 450},
]  # fmt: skip
