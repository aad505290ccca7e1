"""widgets/ops.js gives the numbers of helpers/ops.py, in a real browser."""

import json

import numpy as np
import pytest
from lab_browser import closing

from helpers import ops
from helpers.widgets.parts.base import modules

CASES = 2000
MODES = ["zeros", "edge", "symmetric", "reflect"]
REDUCE = ["max", "mean"]

LOAD = """async (source) => {
  const blob = new Blob([source], { type: "text/javascript" });
  window.ops = await import(URL.createObjectURL(blob));
}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        page.evaluate(LOAD, modules("parts/ops.js")["parts/ops.js"])
        yield page


def as_ops_takes(value):
    """Lists, which JSON knows, as the tuples that ops.py asks for."""
    if isinstance(value, dict):
        return {name: as_ops_takes(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return tuple(map(as_ops_takes, value))
    return value


def as_page_takes(value):
    """Arrays as { shape, data }, names in camelCase."""
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), "data": value.ravel().tolist()}
    if isinstance(value, dict):
        return {camel(name): as_page_takes(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return list(map(as_page_takes, value))
    return value


def camel(name):
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


PADDINGS = [
    lambda rng: "valid",
    lambda rng: "same",
    lambda rng: int(rng.integers(0, 4)),
    lambda rng: rng.integers(0, 4, 2).tolist(),
    lambda rng: rng.integers(0, 4, (2, 2)).tolist(),
]


def one_or_pair(rng, low, high):
    """A whole number, or a pair of them."""
    pair = rng.integers(low, high, 2).tolist()
    return pair if rng.random() < 0.5 else pair[0]


def random_padding(rng):
    return PADDINGS[rng.integers(len(PADDINGS))](rng)


def random_picture(rng, odd=False):
    """A small picture; an odd one has ties, NaN or infinities."""
    x = rng.normal(size=rng.integers(1, 13, 2))
    if not odd:
        return x
    x = np.round(x)
    x[rng.random(x.shape) < 0.1] = rng.choice([np.nan, np.inf, -np.inf])
    return x


def random_conv2d(rng):
    x, kernel = random_picture(rng), rng.normal(size=rng.integers(1, 6, 2))
    return (x, kernel), {
        "stride": one_or_pair(rng, 1, 4),
        "dilation": one_or_pair(rng, 1, 4),
        "padding": random_padding(rng),
        "mode": MODES[rng.integers(4)],
        "bias": float(rng.normal()),
    }


def random_groups(rng):
    groups, inside, share = (int(n) for n in rng.integers(1, 4, 3))
    x = rng.normal(size=(*rng.integers(1, 9, 2), groups * inside))
    kernel = rng.normal(size=(*rng.integers(1, 5, 2), inside, groups * share))
    return (x, kernel), {
        "stride": one_or_pair(rng, 1, 4),
        "dilation": one_or_pair(rng, 1, 3),
        "padding": random_padding(rng),
        "groups": groups,
        "bias": None
        if rng.random() < 0.5
        else rng.normal(size=groups * share).tolist(),
    }


def random_conv_transpose2d(rng):
    x, kernel = random_picture(rng), rng.normal(size=rng.integers(1, 7, 2))
    options = {
        "stride": one_or_pair(rng, 1, 5),
        "padding": random_padding(rng),
        "dilation": one_or_pair(rng, 1, 4),
    }
    if rng.random() < 0.5:
        options["output_padding"] = one_or_pair(rng, 0, 4)
    return (x, kernel), options


def random_pool2d(rng):
    options = {"padding": random_padding(rng), "reduce": str(rng.choice(REDUCE))}
    if rng.random() < 0.7:
        options["stride"] = one_or_pair(rng, 1, 5)
    return (
        random_picture(rng, odd=rng.random() < 0.5),
        one_or_pair(rng, 1, 6),
    ), options


def random_winners(rng):
    arguments, options = random_pool2d(rng)
    return arguments, {**options, "reduce": "max", "return_indices": True}


def random_unpool2d(rng):
    arguments, options = random_winners(rng)
    pooled, indices = ops.pool2d(*as_ops_takes(arguments), **as_ops_takes(options))
    # New values: of those that go to one place the last must stay.
    values = rng.normal(size=pooled.shape)
    return (values, indices, list(arguments[0].shape)), {}


def random_upsample2d(rng):
    x = random_picture(rng, odd=rng.random() < 0.5)
    method = str(rng.choice(["nearest", "bilinear"]))
    return (x, one_or_pair(rng, 1, 6)), {"method": method}


def random_relu(rng):
    return (random_picture(rng, odd=True),), {}


RANDOM = {
    "conv2d": random_conv2d,
    "conv2d, groups": random_groups,
    "conv_transpose2d": random_conv_transpose2d,
    "pool2d": random_pool2d,
    "pool2d, winners": random_winners,
    "unpool2d": random_unpool2d,
    "upsample2d": random_upsample2d,
    "relu": random_relu,
}

# As text, which crosses to the page and back many times faster; %s is JavaScript, where
# NaN and Infinity are numbers.
ANSWER = """() => %s.map(([positional, options]) => {
  const answer = window.ops.%s(...positional, options);
  const arrays = "shape" in answer ? [answer] : [answer.pooled, answer.indices];
  return arrays.map(({ shape, data }) => [shape, data.join(" ")]);
})"""


def cases_with_an_answer(rng, name, make):
    """Random calls that ops.py does not refuse; those the explorers refuse too."""
    function = getattr(ops, name)
    found = []
    while len(found) < CASES:
        try:
            arguments, options = make(rng)
            expected = function(*as_ops_takes(arguments), **as_ops_takes(options))
        except ValueError:
            continue
        expected = expected if isinstance(expected, tuple) else (expected,)
        found.append((arguments, options, expected))
    return found


@pytest.mark.parametrize("title", RANDOM)
def test_same_numbers_as_ops(page, title):
    name = title.split(",")[0]
    cases = cases_with_an_answer(np.random.default_rng(20), name, RANDOM[title])
    calls = [as_page_takes([*case[:2]]) for case in cases]
    called = {"conv2d, groups": "convChannels"}.get(title, camel(name))
    answers = page.evaluate(ANSWER % (json.dumps(calls), called))
    for (arguments, options, expected), answer in zip(cases, answers, strict=True):
        said = f"{name} of {arguments} with {options}"
        for (shape, text), wanted in zip(answer, expected, strict=True):
            assert tuple(shape) == wanted.shape, said
            got = np.array(text.split(), float).reshape(shape)
            np.testing.assert_allclose(got, wanted, atol=1e-12, err_msg=said)


@pytest.mark.parametrize("transpose", [False, True])
def test_output_size(page, transpose):
    rng = np.random.default_rng(21)
    cases, expected = [], []
    while len(cases) < CASES:
        n, kernel = map(int, rng.integers(1, [30, 8]))
        stride, dilation = map(int, rng.integers(1, 5, 2))
        pixels = rng.integers(0, 4, 2).tolist()
        options = {"stride": stride, "dilation": dilation, "transpose": transpose}
        if transpose and rng.random() < 0.5:
            options["output_padding"] = int(rng.integers(0, 4))
        padding = "same" if transpose and rng.random() < 0.3 else pixels
        both = "same" if padding == "same" else ((0, 0), tuple(pixels))
        try:
            size = ops.output_size((9, n), (1, kernel), padding=both, **options)[1]
        except ValueError:
            continue
        cases.append([n, kernel, as_page_takes({**options, "padding": padding})])
        expected.append(size)
    answers = page.evaluate(
        "(cases) => cases.map((case_) => window.ops.outputSize(...case_))", cases
    )
    assert answers == expected


def test_receptive_field(page):
    rng = np.random.default_rng(22)

    def entry(most):
        pair = rng.integers(1, most + 1, 2).tolist()
        return pair if rng.random() < 0.2 else pair[0]

    stacks = [
        [[entry(7), entry(4), entry(4)][: rng.integers(2, 4)] for _ in range(n)]
        for n in rng.integers(0, 7, 500)
    ]
    answers = page.evaluate("(stacks) => stacks.map(window.ops.receptiveField)", stacks)
    for stack, answer in zip(stacks, answers, strict=True):
        layers = as_ops_takes(stack)
        wanted = ops.receptive_field(layers)
        assert as_ops_takes(answer) == wanted, f"{layers}"


def test_unit_grids(page):
    rng = np.random.default_rng(23)
    cases, wanted = [], []
    while len(cases) < 500:
        stack = []
        for _ in range(rng.integers(0, 21)):
            layer = [int(rng.integers(1, most + 1)) for most in (7, 2, 3)]
            padding = ["valid", "same", int(rng.integers(4))][rng.integers(3)]
            stack.append([*layer, padding][: rng.integers(2, 5)])
        n = int(rng.integers(1, 257))
        try:
            grids = ops.unit_grids(stack, n)
        except ValueError:
            continue
        cases.append([stack, n])
        wanted.append([grid._asdict() for grid in grids])
    answers = page.evaluate(
        "(cases) => cases.map((case_) => window.ops.unitGrids(...case_))", cases
    )
    assert answers == wanted
    assert any(len(stack) > 12 for stack, _ in cases)


def test_nan_stays_nan(page):
    answer = page.evaluate(
        """() => Array.from(window.ops.conv2d(
             { shape: [1, 3], data: [1, NaN, 2] },
             { shape: [1, 2], data: [0, 1] }).data, String)"""
    )
    expected = ops.conv2d([[1, np.nan, 2]], [[0.0, 1.0]])
    assert [value == "NaN" for value in answer] == np.isnan(expected).ravel().tolist()
