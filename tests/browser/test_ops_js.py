"""widgets/ops.js gives the numbers of helpers/ops.py, in a real browser."""

import numpy as np
import pytest

from helpers import ops
from helpers.widgets.base import modules

CASES = 2000
MODES = ["zeros", "edge", "symmetric", "reflect"]

LOAD = """async (source) => {
  const blob = new Blob([source], { type: "text/javascript" });
  window.ops = await import(URL.createObjectURL(blob));
}"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.evaluate(LOAD, modules("ops.js")["ops.js"])
    yield page
    page.close()


def tuples(value):
    """Lists, which JSON knows, as the tuples that ops.py asks for."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def random_case(rng):
    """One call of conv2d that has an answer."""
    while True:
        shape = rng.integers(1, 13, 2)
        kernel_shape = rng.integers(1, 6, 2)
        stride, dilation = rng.integers(1, 4, (2, 2)).tolist()
        padding = [
            "valid",
            "same",
            int(rng.integers(0, 4)),
            rng.integers(0, 4, 2).tolist(),
            rng.integers(0, 4, (2, 2)).tolist(),
        ][rng.integers(5)]
        options = {
            "stride": stride if rng.random() < 0.5 else stride[0],
            "dilation": dilation if rng.random() < 0.5 else dilation[0],
            "padding": padding,
            "mode": MODES[rng.integers(4)],
            "bias": float(rng.normal()),
        }
        x, kernel = rng.normal(size=shape), rng.normal(size=kernel_shape)
        try:
            expected = ops.conv2d(
                x, kernel, **{k: tuples(v) for k, v in options.items()}
            )
        except ValueError:  # the kernel does not fit: the explorers refuse that too
            continue
        return x, kernel, options, expected


def packed(array):
    return {"shape": list(array.shape), "data": array.ravel().tolist()}


def test_conv2d(page):
    rng = np.random.default_rng(20)
    cases = [random_case(rng) for _ in range(CASES)]
    answers = page.evaluate(
        """(cases) => cases.map(([x, kernel, options]) => {
             const { shape, data } = window.ops.conv2d(x, kernel, options);
             return { shape, data: Array.from(data) };
           })""",
        [[packed(x), packed(k), options] for x, k, options, _ in cases],
    )
    for (x, kernel, options, expected), answer in zip(cases, answers, strict=True):
        said = f"{x.shape} by {kernel.shape} with {options}"
        assert tuple(answer["shape"]) == expected.shape, said
        np.testing.assert_allclose(
            np.reshape(answer["data"], expected.shape),
            expected,
            atol=1e-12,
            err_msg=said,
        )


def test_nan_stays_nan(page):
    answer = page.evaluate(
        """() => Array.from(window.ops.conv2d(
             { shape: [1, 3], data: [1, NaN, 2] },
             { shape: [1, 2], data: [0, 1] }).data, String)"""
    )
    expected = ops.conv2d([[1, np.nan, 2]], [[0.0, 1.0]])
    assert [value == "NaN" for value in answer] == np.isnan(expected).ravel().tolist()
