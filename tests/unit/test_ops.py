"""ops.py: the lessons' worked examples, the rules every function keeps, refusals."""

import doctest
import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.signal

from helpers import ops

# -- the lessons' numbers --------------------------------------------------------------

NINE = np.arange(9).reshape(3, 3)
BINARY = np.array(
    [
        [1, 1, 1, 0, 1],
        [0, 0, 1, 0, 1],
        [1, 0, 1, 0, 1],
        [0, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
    ]
)
DIAGONAL = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
HORIZONTAL = np.array([[1, 1, 1], [0, 0, 0], [0, 0, 0]])
ZEBRA = np.array([[1, -1, 1], [1, -1, 1], [1, -1, 1]])
ALIGNED = {"align_corners": True}
SIX = np.array(
    [
        [1, 0, 1, 1, 0, 1],
        [0, 1, 0, 0, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [1, 0, 1, 1, 0, 1],
        [1, 1, 0, 0, 1, 1],
    ]
)
# The .56 .57 table comes from the rounded kernel, whose sum is 1.01. The exact one
# gives .56 .56 in its first row and .94 where the table has .95.
BLUR = np.array([[0.06, 0.13, 0.06], [0.13, 0.25, 0.13], [0.06, 0.13, 0.06]])
EXACT_BLUR = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
BLURRED = [
    [0.56, 0.57, 0.57, 0.56],
    [0.70, 0.82, 0.82, 0.70],
    [0.69, 0.95, 0.95, 0.69],
    [0.64, 0.69, 0.69, 0.64],
]
EXACTLY_BLURRED = [
    [0.5625, 0.5625, 0.5625, 0.5625],
    [0.6875, 0.8125, 0.8125, 0.6875],
    [0.6875, 0.9375, 0.9375, 0.6875],
    [0.6250, 0.6875, 0.6875, 0.6250],
]


@pytest.mark.parametrize(
    ("x", "kernel", "settings", "expected"),
    [
        (NINE, [[0, 1], [2, 3]], {}, [[19, 25], [37, 43]]),
        (BINARY, DIAGONAL, {}, [[-2, 0, -2], [-4, -1, -2], [2, -3, -1]]),
        (BINARY, HORIZONTAL, {}, [[3, 2, 2], [1, 1, 2], [2, 1, 2]]),
        (BINARY, ZEBRA, {}, [[4, -2, 6], [2, -1, 4], [2, -1, 3]]),
        (BINARY, DIAGONAL, {"stride": 2}, [[-2, -2], [2, -1]]),
        (
            BINARY,
            DIAGONAL,
            {"padding": "same"},
            [
                [0, 0, -1, -2, 0],
                [-3, -2, 0, -2, -1],
                [2, -4, -1, -2, 0],
                [-2, 2, -3, -1, -1],
                [-1, -2, 2, -1, 0],
            ],
        ),
        (SIX, BLUR, {}, BLURRED),
        (SIX, BLUR, {"stride": 2}, [[0.56, 0.57], [0.69, 0.95]]),
        (SIX, BLUR, {"stride": 3}, [[0.56, 0.56], [0.64, 0.64]]),
    ],
)
def test_lesson_convolutions(x, kernel, settings, expected):
    result = ops.conv2d(x, kernel, **settings)
    np.testing.assert_allclose(result.round(2), expected, atol=1e-9)


def test_lesson_blur_with_the_exact_kernel():
    np.testing.assert_array_equal(ops.conv2d(SIX, EXACT_BLUR), EXACTLY_BLURRED)
    np.testing.assert_allclose(BLUR, EXACT_BLUR, atol=0.00501)


def test_several_kernels_on_a_picture_without_channels():
    rng = np.random.default_rng(5)
    image, kernels = rng.normal(size=(6, 7)), rng.normal(size=(3, 2, 1, 4))
    maps = ops.conv2d(image, kernels, stride=2, padding=1)
    for f in range(4):
        one = ops.conv2d(image, kernels[:, :, 0, f], stride=2, padding=1)
        np.testing.assert_allclose(maps[:, :, f], one)


def test_lesson_all_filters_at_once():
    """Many filters, many maps: one channel each."""
    filters = np.stack([DIAGONAL, HORIZONTAL, ZEBRA], axis=-1)[:, :, None]
    maps = ops.conv2d(BINARY[..., None], filters)
    assert maps.shape == (3, 3, 3)
    for number, kernel in enumerate([DIAGONAL, HORIZONTAL, ZEBRA]):
        np.testing.assert_array_equal(maps[..., number], ops.conv2d(BINARY, kernel))


def test_lesson_colour_sums_over_the_channels():
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(6, 5, 3)), rng.normal(size=(3, 3, 3))
    apart = sum(ops.conv2d(x[..., c], kernel[..., c]) for c in range(3))
    np.testing.assert_allclose(ops.conv2d(x, kernel), apart)


@pytest.mark.parametrize(
    ("kernel", "brightness"),
    [
        ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1),
        ([[0, 0, 0], [0, 1.5, 0], [0, 0, 0]], 1.5),
        ([[0, 0, 0], [0, 0.5, 0], [0, 0, 0]], 0.5),
        (BLUR, 1.01),
        (EXACT_BLUR, 1),
        ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
        ([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 0),
        ([[1, 0, -1], [2, 0, -2], [1, 0, -1]], 0),
        ([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], 0),
    ],
)
def test_lesson_the_sum_of_a_kernel_is_its_brightness(kernel, brightness):
    gray = np.full((5, 5), 100, np.uint8)
    np.testing.assert_allclose(ops.conv2d(gray, kernel), 100 * brightness)


def test_lesson_mirrors():
    np.testing.assert_array_equal(
        ops.pad2d(NINE, 1, mode="symmetric"), np.pad(NINE, 1, "symmetric")
    )
    assert ops.pad2d(NINE, 1, mode="symmetric")[0].tolist() == [0, 0, 1, 2, 2]
    assert ops.pad2d(NINE, 1, mode="reflect")[0].tolist() == [4, 3, 4, 5, 4]
    assert ops.pad2d(NINE, 1, mode="edge")[0].tolist() == [0, 0, 1, 2, 2]
    assert ops.pad2d(NINE, 1)[0].tolist() == [0, 0, 0, 0, 0]


def test_a_mirror_wider_than_the_picture_goes_back_and_forth():
    row = ops.pad2d([[1, 2, 3]], (0, 7), mode="reflect")[0, :7]
    assert row.tolist() == [2, 3, 2, 1, 2, 3, 2]
    assert ops.pad2d([[5]], 2, mode="reflect").tolist() == [[5] * 5] * 5


def test_lesson_same_is_uneven_at_stride_2():
    assert ops.same_padding(28, 3, stride=2) == ((0, 1), (0, 1))
    assert ops.same_padding((28, 7), (3, 2), stride=(2, 1)) == ((0, 1), (0, 1))


@pytest.mark.parametrize(
    ("reduce", "expected"),
    [("max", [[6, 8], [7, 5]]), ("mean", [[3.5, 5.5], [4.5, 2.5]])],
)
def test_lesson_pooling(reduce, expected):
    x = [[1, 2, 3, 4], [5, 6, 7, 8], [7, 6, 5, 4], [3, 2, 1, 0]]
    np.testing.assert_array_equal(ops.pool2d(x, reduce=reduce), expected)


def test_lesson_more_pooling():
    x = [[110, 256, 153, 67], [12, 89, 88, 43], [10, 15, 50, 55], [23, 9, 49, 23]]
    np.testing.assert_array_equal(ops.pool2d(x), [[256, 153], [23, 55]])
    # The source's pool2d slides by one.
    assert ops.pool2d(NINE, 2, stride=1).tolist() == [[4, 5], [7, 8]]
    # Keras strides by the window, which leaves a quarter of the pixels.
    assert ops.pool2d(np.zeros((28, 28))).size == 28 * 28 / 4
    # Global average pooling.
    assert ops.pool2d(NINE, (3, 3), reduce="mean").tolist() == [[4]]


def test_lesson_painting():
    painted = ops.conv_transpose2d([[55]], [[1, 2, 1], [2, 1, 2], [1, 1, 2]])
    assert painted.tolist() == [[55, 110, 55], [110, 55, 110], [55, 55, 110]]
    overlap = ops.conv_transpose2d([[1, 1]], np.ones((1, 3)), stride=(1, 2))
    assert overlap.tolist() == [[1, 1, 2, 1, 1]]


def test_painting_with_gaps_in_the_stamp():
    row = ops.conv_transpose2d([[1, 10]], [[1, 2, 3]], dilation=(1, 2))
    assert row.tolist() == [[1, 10, 2, 20, 3, 30]]
    column = ops.conv_transpose2d(
        [[1], [10]], [[1], [2]], stride=(2, 1), dilation=(3, 1)
    )
    assert column.tolist() == [[1], [0], [10], [2], [0], [20]]
    added = ops.conv_transpose2d([[1], [10]], [[1], [2]], stride=(2, 1), dilation=3)
    more = ops.conv_transpose2d(
        [[1], [10]], [[1], [2]], stride=(2, 1), dilation=3, output_padding=(1, 0)
    )
    assert more.tolist() == [*added.tolist(), [0]]


def test_painting_brings_back_the_size_that_was_meant():
    assert ops.output_size(7, 3, stride=2) == ops.output_size(8, 3, stride=2) == 3
    options = {"stride": 2, "transpose": True}
    sizes = [ops.output_size(3, 3, output_padding=p, **options) for p in (None, 0, 1)]
    assert sizes == [7, 7, 8]
    assert ops.output_size(3, 3, output_padding=(0, 1), **options) == (7, 8)


def test_lesson_bilinear_by_hand():
    x = [[0, 4], [8, 12]]
    assert ops.upsample2d(x, method="bilinear").tolist() == [
        [0, 1, 3, 4],
        [2, 3, 5, 6],
        [6, 7, 9, 10],
        [8, 9, 11, 12],
    ]


def test_bilinear_with_aligned_corners_by_hand():
    """As PyTorch's interpolate with align_corners=True."""
    up = ops.upsample2d([[0, 6], [12, 18]], (2, 2), method="bilinear", **ALIGNED)
    assert up.round(12).tolist() == [
        [0, 2, 4, 6],
        [4, 6, 8, 10],
        [8, 10, 12, 14],
        [12, 14, 16, 18],
    ]
    assert ops.upsample2d([[7]], (1, 3), method="bilinear", **ALIGNED).tolist() == [
        [7, 7, 7]
    ]


def test_bicubic_by_hand():
    """Keys's weights at a quarter: −9/128, 111/128, 29/128, −3/128."""
    up = ops.upsample2d([[0, 0, 0, 128, 0, 0, 0]], (1, 2), method="bicubic")[0]
    assert up[2:12].tolist() == [0, -3, -9, 29, 111, 111, 29, -9, -3, 0]
    # At the rim what lies outside is left out, and the rest grows to a sum of 1.
    first = ops.upsample2d([[128, 0, 0]], (1, 2), method="bicubic")[0, 0]
    assert first == pytest.approx(128 * 111 / (111 - 9))
    flat = ops.upsample2d(np.full((3, 2), 7), 3, method="bicubic")
    np.testing.assert_allclose(flat, 7)


def test_lesson_unpooling_cannot_restore():
    pooled, indices = ops.pool2d(NINE[:2, :2], return_indices=True)
    assert indices.tolist() == [[3]]
    assert ops.unpool2d(pooled, indices, (2, 2)).tolist() == [[0, 0], [0, 4]]


def test_lesson_shapes_of_two_networks():
    first = ops.output_size(28, 3)
    second = ops.output_size(ops.output_size(first, 2, stride=2), 3)
    assert (first, second, ops.output_size(second, 2, stride=2)) == (26, 11, 5)
    assert ops.output_size(227, 11, stride=4) == 55
    assert ops.output_size(55, 3, stride=2) == 27
    assert ops.output_size(27, 5, padding=2) == 27
    assert ops.output_size((5, 7), 3) == (3, 5)
    assert ops.receptive_field([]) == 1
    assert ops.receptive_field([((3, 5), 1), (2, 2)]) == (4, 6)
    assert ops.receptive_field([(3, 1, 1, "same"), (2, 2, 1, (0, 1))]) == 4


VGG16 = [(3, 1, 1, "same")] * 2 + [(2, 2)]
VGG16 = VGG16 * 2 + ([(3, 1, 1, "same")] * 3 + [(2, 2)]) * 3
ALEXNET = [
    (11, 4),
    (3, 2),
    (5, 1, 1, "same"),
    (3, 2),
    *[(3, 1, 1, "same")] * 3,
    (3, 2),
]


def test_the_grids_of_known_networks():
    """Fields and strides are those of the table in Araujo et al. 2019."""
    assert ops.unit_grids(VGG16, 224)[-1] == (7, 212, 32, 15.5)
    assert ops.unit_grids(VGG16, 224)[-1].outside == 90
    assert ops.unit_grids(ALEXNET, 227)[-1] == (6, 195, 32, 33.0)
    lenet = [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)]
    assert ops.unit_grids(lenet, 32)[-1] == (1, 32, 4, 15.5)
    assert ops.unit_grids([], 5) == [(5, 1, 1, 0.0)]
    # "same" with stride 2 pads after the picture only: that of Keras is no (0, 0).
    assert ops.unit_grids([(3, 2, 1, "same")], 6)[-1] == (3, 3, 2, 1.0)
    assert ops.unit_grids([(3, 2, 1, 1)], 6)[-1] == (3, 3, 2, 0.0)


def test_the_part_of_a_field_in_the_picture():
    corner = ops.unit_grids(VGG16, 224)[-1]
    assert corner.seen(0, 224) == range(122)
    assert corner.seen(3, 224) == range(6, 218)
    assert corner.seen(6, 224) == range(102, 224)
    wide = ops.unit_grids([(1, 1, 1, 2)], 3)[-1]  # the first two see padding only
    assert [len(wide.seen(k, 3)) for k in range(7)] == [0, 0, 1, 1, 1, 0, 0]


def test_shares_of_paths_that_end_in_padding():
    assert ops.path_shares(VGG16, 224, (3, 3)).sum() == pytest.approx(1)
    corner = ops.path_shares(VGG16, 224, (0, 0))
    assert np.count_nonzero(corner) == 122**2
    assert 0.3 < corner.sum() < 0.33
    twenty = ops.path_shares([(11, 1, 1, "same")] * 20, 64, (32, 32))
    assert 0 < twenty.sum() < 1  # 11 to the power of 20 is more than int64 holds


def test_flipping_gives_the_textbooks_convolution():
    impulse = np.zeros((5, 5))
    impulse[2, 2] = 1
    kernel = np.arange(9.0).reshape(3, 3)
    np.testing.assert_array_equal(ops.conv2d(impulse, kernel), kernel[::-1, ::-1])
    np.testing.assert_array_equal(ops.conv2d(impulse, kernel[::-1, ::-1]), kernel)


# -- rules that every function keeps ---------------------------------------------------

ACTIVATIONS = [
    "sigmoid",
    "tanh",
    "step",
    "softplus",
    "relu",
    "softsign",
    "elu",
    "log_sigmoid",
    "swish",
    "sinc",
    "leaky_relu",
    "mish",
    "softmax",
]
CALLS = {
    "conv2d": lambda x: ops.conv2d(x, [[1]]),
    "conv2d, padded": lambda x: ops.conv2d(x, np.ones((3, 3)), padding="same"),
    "conv2d, biased": lambda x: ops.conv2d(x, [[1]], bias=np.float64(1)),
    "conv_transpose2d": lambda x: ops.conv_transpose2d(x, [[1]]),
    "pool2d": lambda x: ops.pool2d(x, 1),
    "pool2d, 2×2": lambda x: ops.pool2d(x, 2, stride=1, padding="same"),
    "pool2d, mean": lambda x: ops.pool2d(x, 1, reduce="mean"),
    "pool2d, indices": lambda x: ops.pool2d(x, 1, return_indices=True)[0],
    "unpool2d": lambda x: ops.unpool2d(x, np.arange(np.size(x)).reshape(2, 3), (2, 3)),
    "upsample2d": lambda x: ops.upsample2d(x, 1),
    "upsample2d, bilinear": lambda x: ops.upsample2d(x, 1, method="bilinear"),
    "upsample2d, bicubic": lambda x: ops.upsample2d(x, 1, method="bicubic"),
    "upsample2d, aligned": lambda x: ops.upsample2d(x, 1, method="bilinear", **ALIGNED),
    "pad2d": lambda x: ops.pad2d(x, 0),
    **{name: getattr(ops, name) for name in ACTIVATIONS},
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@each_call
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_inputs_are_neither_changed_nor_shared(call, dtype):
    x = np.array([[-2, 0, 1], [3, np.nan, np.inf]], dtype)
    before = x.copy()
    x.flags.writeable = False
    result = call(x)
    np.testing.assert_array_equal(x, before)
    assert not np.shares_memory(result, x)
    assert result.flags.writeable
    result[...] = 7
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("transposed", [False, True])
def test_kernels_are_neither_changed_nor_shared(transposed):
    kernel, bias = np.ones((1, 1)), np.array(0.0)
    if transposed:
        result = ops.conv_transpose2d([[1]], kernel)
    else:
        result = ops.conv2d([[1]], kernel, bias=bias)
    result += 1
    assert kernel == 1
    assert bias == 0


@each_call
@pytest.mark.parametrize(
    ("came", "comes"),
    [
        ("float32", "float32"),
        ("float64", "float64"),
        ("float16", "float64"),
        ("int8", "float64"),
        ("uint8", "float64"),
        ("int64", "float64"),
        ("bool", "float64"),
    ],
)
def test_dtypes(call, came, comes):
    x = np.array([[0, 1, 1], [1, 0, 1]])
    result = call(x.astype(came))
    assert result.dtype == comes
    np.testing.assert_allclose(result, call(x.tolist()), rtol=1e-6, atol=1e-6)


def test_small_integers_do_not_wrap():
    x = np.array([[200, 100], [250, 255]], np.uint8)
    assert ops.conv2d(x, np.array([[1, -2]], np.int8)).tolist() == [[0], [-260]]
    assert ops.conv_transpose2d(x, x)[1, 1] == 200 * 255 + 100 * 250 + 250 * 100 + (
        255 * 200
    )
    assert ops.pool2d(x, reduce="mean").tolist() == [[201.25]]
    assert ops.relu(np.int8(-128)) == 0
    assert ops.leaky_relu(np.array([-128], np.int8)).tolist() == [-25.6]


@each_call
def test_nan_stays_and_nothing_warns(call):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(call(np.array([[1, np.nan, 2], [3, 4, 5]]))).any()
        call(np.array([[np.inf, -np.inf, np.nan], [0, 1000, -1000]]))


def test_nan_reaches_what_sees_it_and_no_more():
    x = np.zeros((4, 4))
    x[0, 0] = np.nan
    for result in (
        ops.pool2d(x),
        ops.pool2d(x, reduce="mean"),
        ops.pool2d(x, return_indices=True)[0],
        ops.conv2d(x, np.zeros((2, 2)), stride=2),
    ):
        assert np.isnan(result).tolist() == [[True, False], [False, False]]
    assert ops.pool2d([[1, np.nan, np.nan]], (1, 3), return_indices=True)[1] == 1


@pytest.mark.parametrize("filters", [1, 2])
@pytest.mark.parametrize("channels", [1, 2])
def test_nan_times_zero_is_nan_over_channels_too(channels, filters):
    x = np.zeros((3, 3, channels))
    x[0, 0, 0], x[2, 2, 0] = np.nan, np.inf
    kernel = np.zeros((1, 1, channels, filters))
    expected = np.isin(np.arange(9), [0, 8]).reshape(3, 3, 1).repeat(filters, axis=2)
    np.testing.assert_array_equal(np.isnan(ops.conv2d(x, kernel)), expected)
    one = np.isnan(ops.conv2d(x, kernel[..., 0]))
    np.testing.assert_array_equal(one, expected[..., 0])
    painted = ops.conv_transpose2d(x, kernel.swapaxes(2, 3))
    np.testing.assert_array_equal(np.isnan(painted), expected)


def test_infinities():
    x = np.full((2, 2), -np.inf)
    pooled, indices = ops.pool2d(x, 2, stride=1, padding="same", return_indices=True)
    assert (pooled == -np.inf).all()  # not the padding's −∞: the indices are pixels'
    assert indices.tolist() == [[0, 1], [2, 3]]
    assert ops.pool2d(x, 2, stride=1, padding=1, return_indices=True)[1].min() == 0
    assert ops.conv2d([[np.inf, 1]], [[1, 1]]).tolist() == [[np.inf]]
    up = ops.upsample2d([[1, np.inf]], (1, 3), method="bilinear")
    assert up.tolist() == [[1, 1, np.inf, np.inf, np.inf, np.inf]]


def test_activations_far_out():
    x = np.array([-1000.0, 1000.0])
    expected = {
        "sigmoid": [0, 1],
        "tanh": [-1, 1],
        "step": [0, 1],
        "softplus": [0, 1000],
        "relu": [0, 1000],
        "softsign": [-1000 / 1001, 1000 / 1001],
        "elu": [-1, 1000],
        "log_sigmoid": [-1000, 0],
        "swish": [0, 1000],
        "sinc": [0, 0],
        "leaky_relu": [-200, 1000],
        "mish": [0, 1000],
        "softmax": [0, 1],
    }
    assert list(expected) == ACTIVATIONS
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(ops, name)(x), values, atol=1e-12)


def test_activations_at_zero_and_with_settings():
    assert ops.step([-1e-9, 0, 1e-9]).tolist() == [0, 1, 1]
    assert ops.elu(-1000, alpha=0.5) == -0.5
    assert ops.leaky_relu(-10, negative_slope=0.01) == -0.1
    assert ops.leaky_relu([-1, -1], [0.1, 0.2]).tolist() == [-0.1, -0.2]
    np.testing.assert_allclose(ops.softmax(np.ones((2, 4)), axis=0), 0.5)


@pytest.mark.parametrize(
    ("n", "k"), [((1, 1), (1, 1)), ((1, 7), (1, 3)), ((300, 1), (3, 1))]
)
def test_thin_pictures(n, k):
    assert ops.conv2d(np.ones(n), np.ones(k)).shape == ops.output_size(n, k)


@pytest.mark.parametrize("channels", [(), (2,), (2, 3)])
def test_blocks_of_rows_join_without_a_seam(monkeypatch, channels):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(37, 23, *channels[:1]))
    kernel = rng.normal(size=(4, 3, *channels))
    settings = {"stride": (3, 2), "dilation": (2, 1), "padding": "same"}
    whole = ops.conv2d(x, kernel, **settings)
    monkeypatch.setattr(ops, "_PIXELS", 1)
    monkeypatch.setattr(ops, "_COPIES", 1)
    np.testing.assert_allclose(ops.conv2d(x, kernel, **settings), whole)


# -- very large kernels ----------------------------------------------------------------


def without_copies(*_, **__):
    raise AssertionError("one copy for each of so many taps takes minutes")


@pytest.mark.parametrize("stride", [1, (2, 3)])
def test_a_very_large_kernel_goes_by_fft(monkeypatch, stride):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(203, 187)), rng.normal(size=(101, 90))
    expected = scipy.signal.fftconvolve(x, kernel[::-1, ::-1], "valid")
    rows, cols = stride if isinstance(stride, tuple) else (stride, stride)
    monkeypatch.setattr(ops, "_taps", without_copies)
    ours = ops.conv2d(x, kernel, stride=stride)
    np.testing.assert_allclose(ours, expected[::rows, ::cols], atol=1e-9)

    painted = ops.conv_transpose2d(x, kernel, padding=10)
    expected = scipy.signal.fftconvolve(x, kernel)[10:-10, 10:-10]
    np.testing.assert_allclose(painted, expected, atol=1e-9)


def test_a_very_large_kernel_over_channels(monkeypatch):
    rng = np.random.default_rng(1)
    x, kernel = rng.normal(size=(90, 80, 3)), rng.normal(size=(40, 41, 3, 2))
    planes = [
        sum(
            scipy.signal.fftconvolve(x[..., c], kernel[::-1, ::-1, c, f], "valid")
            for c in range(3)
        )
        for f in range(2)
    ]
    monkeypatch.setattr(ops, "_taps", without_copies)
    ours = ops.conv2d(x, kernel, bias=[1, 2])
    np.testing.assert_allclose(ours, np.dstack(planes) + np.array([1, 2]), atol=1e-9)
    painted = ops.conv_transpose2d(x, kernel.swapaxes(2, 3))
    assert painted.shape == (129, 120, 2)
    one = sum(scipy.signal.fftconvolve(x[..., c], kernel[..., c, 1]) for c in range(3))
    np.testing.assert_allclose(painted[..., 1], one, atol=1e-9)


def test_a_nan_stays_in_the_windows_of_a_very_large_kernel():
    x = np.ones((100, 100))
    x[10, 20], x[90, 95] = np.nan, np.inf
    ours = ops.conv2d(x, np.ones((31, 31)))
    assert np.isnan(ours[:11, :21]).all()
    assert (ours[60:, 65:] == np.inf).all()
    assert np.isnan(ours).sum() == 11 * 21
    assert np.isinf(ours).sum() == 10 * 5
    np.testing.assert_allclose(ours[30:60, 30:60], 31**2)
    # A kernel that holds NaN makes everything NaN, as one copy for every tap does.
    assert np.isnan(ops.conv2d(x[:40, :40], np.full((31, 31), np.nan))).all()


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_very_large_kernels_of_very_large_numbers(size):
    x = np.full((80, 80), size)
    ours = ops.conv2d(x, np.full((31, 31), 1 / 31**2))
    np.testing.assert_allclose(ours, size)


def test_kernels_up_to_15_by_15_are_exact(monkeypatch):
    """Whole numbers in, the same whole numbers out; here no transform is asked."""
    monkeypatch.setattr(ops, "_sums_by_fft", without_copies)
    x = np.random.default_rng(0).integers(0, 256, (600, 600))
    ours = ops.conv2d(x, np.ones((15, 15)))
    sums = np.lib.stride_tricks.sliding_window_view(x, (15, 15)).sum(axis=(2, 3))
    np.testing.assert_array_equal(ours, sums)
    ops.conv_transpose2d(x[:50, :50], np.ones((15, 15)))


def test_a_very_large_kernel_leaves_float32_float32():
    x = np.random.default_rng(0).normal(size=(90, 90)).astype(np.float32)
    kernel = np.ones((31, 31))
    ours = ops.conv2d(x, kernel)
    assert ours.dtype == np.float32
    expected = ops.conv2d(x.astype(np.float64), kernel)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-4)


def test_unpooling_overlapping_windows():
    pooled, indices = ops.pool2d([[0, 5, 0]], (1, 2), stride=1, return_indices=True)
    assert indices.tolist() == [[1, 1]]
    assert ops.unpool2d(pooled, indices, (1, 3)).tolist() == [[0, 5, 0]]
    assert ops.unpool2d([[7, 8]], indices, (1, 3)).tolist() == [[0, 8, 0]]


def test_lists_arrays_and_numpy_integers_are_settings_too():
    x = np.arange(36).reshape(6, 6)
    expected = ops.conv2d(x, NINE, stride=(2, 1), padding=((1, 0), (2, 1)))
    ours = ops.conv2d(
        x, NINE, stride=[np.int64(2), 1], padding=np.array([[1, 0], [2, 1]])
    )
    np.testing.assert_array_equal(ours, expected)


# -- refusals --------------------------------------------------------------------------

GRAY, COLOUR = np.ones((5, 5)), np.ones((5, 5, 3))
K = np.ones((3, 3))
WHERE = np.arange(25).reshape(5, 5)


def refused(function, *arguments, names, came, **settings):
    return pytest.param(
        function, arguments, settings, names, came, id=f"{function.__name__} {came}"
    )


def whole_number_refusals(name, call, least=1):
    """List what no whole number or pair may be."""
    bad = [least - 1, -2, 1.5, True, "2", None, (1, 2, 3), (1, (2, 3)), (2, -1), []]
    for value in bad:
        if name == "stride" and call is ops.pool2d and value is None:
            continue  # None is the window's size there
        arguments = (
            (GRAY,) if call is ops.pool2d or call is ops.upsample2d else (GRAY, K)
        )
        yield refused(call, *arguments, names=name, came=repr(value), **{name: value})


REFUSALS = [
    # pictures
    *(
        refused(call, x, *rest, names=name, came=came)
        for call, rest, name in [
            (ops.conv2d, (K,), "x"),
            (ops.conv_transpose2d, (K,), "x"),
            (ops.pool2d, (), "x"),
            (ops.upsample2d, (), "x"),
            (ops.unpool2d, (WHERE, (5, 5)), "y"),
            (ops.pad2d, (1,), "x"),
        ]
        for x, came in [
            ([], "(0,)"),
            (np.ones((0, 5)), "(0, 5)"),
            ([[1, 2], [3]], "different lengths"),
            ([[1j]], "complex128"),
            ([["a"]], "<U1"),
            ([[None]], "object"),
            (None, "None"),
            (5, "shape ()"),
            ([1, 2, 3], "shape (3,)"),
            (np.ones((2, 5, 5, 3)), "shape (2, 5, 5, 3)"),
        ]
    ),
    # kernels
    refused(ops.conv2d, COLOUR, K, names="kernel", came="(3, 3)"),
    refused(ops.conv2d, COLOUR, np.ones((3, 3, 4)), names="kernel", came="(3, 3, 4)"),
    refused(ops.conv2d, COLOUR, np.ones((3, 3, 1, 3)), names="kernel", came="1, 3)"),
    refused(ops.conv2d, GRAY, np.ones((3, 3, 2, 2)), names="kernel", came="2, 2)"),
    refused(ops.conv2d, GRAY, np.ones(3), names="kernel", came="(3,)"),
    refused(ops.conv2d, GRAY, [[]], names="kernel", came="(1, 0)"),
    refused(
        ops.conv2d,
        COLOUR,
        np.ones((3, 3, 1, 4)),
        groups=2,
        names="groups",
        came="2 for 3",
    ),
    refused(ops.conv2d, GRAY, K, groups=2, names="groups", came="2 for 1 channel"),
    refused(
        ops.conv2d, COLOUR, np.ones((3, 3, 1, 4)), groups=3, names="groups", came="4 f"
    ),
    refused(
        ops.conv2d, COLOUR, np.ones((3, 3, 3, 3)), groups=3, names="kernel", came="3 g"
    ),
    refused(
        ops.conv2d, COLOUR, np.ones((3, 3, 1)), groups=3, names="kernel", came="3, 1)"
    ),
    refused(ops.conv2d, COLOUR, K, groups=0, names="groups", came="0"),
    refused(ops.conv2d, GRAY, [["a"]], names="kernel", came="<U1"),
    refused(ops.conv2d, GRAY, np.ones((6, 2)), names="kernel", came="6×2"),
    refused(ops.conv2d, GRAY, K, names="kernel", came="7×7", dilation=3),
    refused(
        ops.conv_transpose2d,
        COLOUR,
        np.ones((3, 3, 3, 4)),
        names="kernel",
        came="3, 4)",
    ),
    refused(
        ops.conv_transpose2d, COLOUR, np.ones((3, 3, 3)), names="kernel", came="3)"
    ),
    refused(
        ops.conv_transpose2d, GRAY, np.ones((3, 3, 1, 1)), names="kernel", came="1)"
    ),
    # whole numbers and pairs
    *whole_number_refusals("stride", ops.conv2d),
    *whole_number_refusals("dilation", ops.conv2d),
    *whole_number_refusals("stride", ops.conv_transpose2d),
    *whole_number_refusals("dilation", ops.conv_transpose2d),
    *whole_number_refusals("size", ops.pool2d),
    *whole_number_refusals("stride", ops.pool2d),
    *whole_number_refusals("factor", ops.upsample2d),
    # padding and its filling
    *(
        refused(call, *rest, names="padding", came=repr(padding), padding=padding)
        for call, rest in [
            (ops.conv2d, (GRAY, K)),
            (ops.conv_transpose2d, (GRAY, K)),
            (ops.pool2d, (GRAY,)),
            (ops.output_size, (5, 3)),
            (ops.pad2d, (GRAY,)),
        ]
        for padding in [
            "SAME",
            "full",
            -1,
            0.5,
            True,
            None,
            (1, -1),
            (1, 2, 3),
            ((1, 2), 3),
            ((1, 2), (3, -4)),
            ((1, 2), (3, 4), (5, 6)),
        ]
    ),
    refused(ops.pad2d, GRAY, "same", names="padding", came="'same'"),
    refused(ops.pool2d, GRAY, names="padding", came="2", padding=2),
    refused(ops.pool2d, GRAY, names="padding", came="(0, 2)", padding=((0, 0), (0, 2))),
    refused(ops.conv_transpose2d, GRAY, K, names="padding", came="9", padding=9),
    refused(ops.conv2d, GRAY, K, names="mode", came="'mirror'", mode="mirror"),
    refused(ops.conv2d, GRAY, K, names="mode", came="None", mode=None),
    refused(ops.pad2d, GRAY, 1, names="mode", came="'wrap'", mode="wrap"),
    # the rest
    refused(ops.conv2d, GRAY, K, names="bias", came="(1,)", bias=[1]),
    refused(
        ops.conv2d,
        COLOUR,
        np.ones((3, 3, 3, 2)),
        names="bias",
        came="(3,)",
        bias=[1] * 3,
    ),
    refused(ops.conv2d, GRAY, K, names="bias", came="'a'", bias="a"),
    *(
        refused(
            ops.conv_transpose2d,
            GRAY,
            np.ones(size),
            names="output_padding",
            came=repr(extra),
            output_padding=extra,
            **settings,
        )
        for size, extra, settings in [
            ((3, 3), 1, {}),
            ((3, 3), 2, {"stride": 2}),
            ((3, 3), -1, {"stride": 2}),
            ((3, 3), True, {"stride": 2}),
            ((3, 3), (0, 1), {"stride": (2, 1)}),
            ((2, 2), 0, {"stride": 2, "padding": "same"}),
            ((2, 2), 1, {"padding": "same"}),
            # dilated, it reaches over 3 pixels, an odd number
            ((2, 2), 2, {"stride": 2, "padding": "same", "dilation": 2}),
            ((3, 3), 3, {"stride": 3, "dilation": 2}),
        ]
    ),
    refused(ops.pool2d, GRAY, 6, names="size", came="6×6"),
    refused(ops.pool2d, GRAY, names="reduce", came="'avg'", reduce="avg"),
    refused(
        ops.pool2d,
        GRAY,
        names="return_indices",
        came="True",
        reduce="mean",
        return_indices=True,
    ),
    refused(ops.upsample2d, GRAY, names="method", came="'cubic'", method="cubic"),
    *(
        refused(
            ops.upsample2d,
            GRAY,
            names="align_corners",
            came=came,
            method=method,
            align_corners=value,
        )
        for method, value, came in [
            ("nearest", True, "True for 'nearest'"),
            ("bicubic", True, "True for 'bicubic'"),
            ("bilinear", 1, "1"),
            ("bilinear", None, "None"),
        ]
    ),
    refused(ops.unpool2d, GRAY, GRAY, (5, 5), names="indices", came="float64"),
    refused(ops.unpool2d, GRAY, WHERE[1:], (5, 5), names="indices", came="(4, 5)"),
    refused(ops.unpool2d, GRAY, "a", (5, 5), names="indices", came="'a'"),
    refused(ops.unpool2d, GRAY, WHERE + 1, (5, 5), names="indices", came="25"),
    refused(ops.unpool2d, GRAY, WHERE - 1, (5, 5), names="indices", came="-1"),
    refused(ops.unpool2d, GRAY, WHERE, 5, names="shape", came="5"),
    refused(ops.unpool2d, GRAY, WHERE, (5, 5, 1), names="shape", came="(5, 5, 1)"),
    refused(ops.unpool2d, GRAY, WHERE, (0, 5), names="shape", came="(0, 5)"),
    refused(ops.unpool2d, GRAY, WHERE, (5,), names="shape", came="(5,)"),
    # sizes
    refused(ops.output_size, 2, 3, names="kernel", came="3×3"),
    refused(ops.output_size, 0, 3, names="n", came="0"),
    refused(ops.output_size, (28, 28, 1), 3, names="n", came="(28, 28, 1)"),
    refused(ops.output_size, 5, 0, names="kernel", came="0"),
    refused(ops.output_size, 5, 3, names="stride", came="0", stride=0),
    refused(ops.output_size, 5, 3, names="dilation", came="0", dilation=0),
    refused(
        ops.output_size, 2, 3, names="padding", came="4", padding=4, transpose=True
    ),
    refused(ops.output_size, 9, 3, names="output_padding", came="0", output_padding=0),
    *(
        refused(
            ops.output_size,
            5,
            3,
            names="output_padding",
            came=repr(extra),
            stride=2,
            transpose=True,
            output_padding=extra,
        )
        for extra in (2, -1, 0.5, True, "1", (1, 2))
    ),
    refused(ops.same_padding, 0, 3, names="n", came="0"),
    refused(ops.same_padding, 5, 1.5, names="kernel", came="1.5"),
    refused(ops.same_padding, 5, 3, names="stride", came="0", stride=0),
    refused(ops.same_padding, 5, 3, names="dilation", came="0", dilation=0),
    refused(ops.receptive_field, 3, names="layers", came="3"),
    refused(ops.receptive_field, "conv", names="layers", came="'conv'"),
    refused(ops.receptive_field, (3, 1), names="layers[0]", came="3"),
    refused(ops.receptive_field, [(3, 1), (3,)], names="layers[1]", came="(3,)"),
    refused(ops.receptive_field, [(3, 0)], names="layers[0]", came="0"),
    refused(ops.unit_grids, 3, 9, names="layers", came="3"),
    refused(ops.unit_grids, [(3, 1), (3,)], 9, names="layers[1]", came="(3,)"),
    refused(ops.unit_grids, [(3, (1, 2))], 9, names="layers[0]", came="(1, 2)"),
    refused(ops.unit_grids, [(3, 1, 1, -1)], 9, names="layers[0]", came="-1"),
    refused(ops.unit_grids, [(3, 1, 1, "full")], 9, names="padding", came="'full'"),
    refused(ops.unit_grids, [(3, 1)], 0, names="n", came="0"),
    refused(
        ops.unit_grids,
        [(3, 2), (5, 1, 1, 0)],
        9,
        names="layers[1]",
        came="a window of 5 over 4 units",
    ),
    refused(ops.path_counts, [(3, 1)], 9, 7, names="index", came="7"),
    refused(ops.path_shares, [(3, 1)], 9, (0, 7), names="index", came="7"),
    refused(ops.path_shares, [(3, 1)], 9, (0, -1), names="unit", came="(0, -1)"),
    # activations
    *(
        refused(getattr(ops, name), x, names="x", came=came)
        for name in ACTIVATIONS
        for x, came in [("a", "'a'"), ([1j], "complex"), ([], "(0,)"), (None, "None")]
    ),
    refused(ops.elu, 1, names="alpha", came="'a'", alpha="a"),
    refused(
        ops.leaky_relu, 1, names="negative_slope", came="None", negative_slope=None
    ),
    refused(ops.softmax, [1, 2], names="axis", came="1", axis=1),
    refused(ops.softmax, [1, 2], names="axis", came="None", axis=None),
    refused(ops.softmax, 1, names="axis", came="-1"),
]


@pytest.mark.parametrize(
    ("function", "arguments", "settings", "names", "came"), REFUSALS
)
def test_refusals_name_the_argument_what_came_and_what_would_do(
    function, arguments, settings, names, came
):
    with pytest.raises(ValueError, match=r"\.$") as refusal:
        function(*arguments, **settings)
    argument, _, rest = str(refusal.value).partition(": got ")
    assert argument == names
    got, _, would_do = rest.partition(". ")
    assert came in got
    assert would_do


# -- the module ------------------------------------------------------------------------


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(ops)
    assert result.attempted > 10
    assert result.failed == 0


def test_numpy_is_all_it_loads():
    code = (
        "import sys, helpers.ops; "
        "print({'scipy', 'keras', 'tensorflow', 'matplotlib'} & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "set()"


def test_pool2d_gradient_refuses_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"incoming: got shape \(3, 3\)"):
        ops.pool2d_gradient(np.ones((4, 4)), np.ones((3, 3)))
    with pytest.raises(ValueError, match="reduce: got"):
        ops.pool2d_gradient(np.ones((4, 4)), np.ones((2, 2)), reduce="min")
