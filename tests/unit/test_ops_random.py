"""ops.py against Keras and SciPy: random shapes, strides, paddings, dtypes.

Keras is asked in float64, so that the two may differ by rounding only.
"""

import contextlib
import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import ops

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="the uneven paddings compared here are TensorFlow's",
)

# Second looks at what was compared with Keras already.
fewer = settings(max_examples=settings.default.max_examples // 4)

# -- what is drawn ---------------------------------------------------------------------

DTYPES = ["float64", "float32", "int64", "int8", "uint8", "bool", "float16"]

small = st.integers(1, 4)
few = st.integers(0, 3)
channel_counts = st.none() | st.integers(1, 4)


def int_or_pair(numbers):
    return numbers | st.tuples(numbers, numbers)


explicit_paddings = (
    few | st.tuples(few, few) | st.tuples(st.tuples(few, few), st.tuples(few, few))
)
paddings = st.sampled_from(["valid", "same"]) | explicit_paddings


@st.composite
def pictures(draw, high=9, channels=channel_counts, dtypes=DTYPES, ties=False):
    """Draw a picture. With ties, its values are few: several pixels can win."""
    shape = (draw(st.integers(1, high)), draw(st.integers(1, high)))
    count = draw(channels)
    if count is not None:
        shape += (count,)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    if dtype.kind == "f" and not (ties and draw(st.booleans())):
        return rng.normal(size=shape).astype(dtype)
    low = 0 if dtype.kind in "bu" else -3
    high = 256 if dtype == np.uint8 and not ties else 4
    return rng.integers(low, high, shape).astype(dtype)


@st.composite
def kernels(draw, x, high=4, transposed=False):
    """Draw a kernel that fits x."""
    shape = (draw(st.integers(1, high)), draw(st.integers(1, high)))
    if x.ndim == 3:
        filters = draw(st.integers(1, 4) if transposed else channel_counts)
        shape += (x.shape[2],) if filters is None else (x.shape[2], filters)
        if transposed:
            shape = (*shape[:2], shape[3], shape[2])
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return rng.normal(size=shape)


# -- the same in Keras -----------------------------------------------------------------


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def sides(padding):
    rows, cols = pair(padding)
    return pair(rows), pair(cols)


def batch(x):
    """Return Keras's (1, H, W, C) in float64."""
    x = np.asarray(x, np.float64)
    # A tensor, not an array: where nothing comes out, keras.ops.conv trips over an
    # array's shape (AttributeError) before it can say so.
    return keras.ops.convert_to_tensor(x.reshape(1, *x.shape[:2], -1))


def spread(kernel, dilation):
    """Dilate a kernel: zeros between its entries."""
    (rows, cols), (down, across) = kernel.shape[:2], pair(dilation)
    size = (rows - 1) * down + 1, (cols - 1) * across + 1
    out = np.zeros((*size, *kernel.shape[2:]))
    out[::down, ::across] = kernel
    return out


def full_kernel(kernel):
    """Return Keras's (kh, kw, C, F)."""
    return np.asarray(kernel, np.float64).reshape(
        *kernel.shape[:2], *(kernel.shape[2:] or (1,)), *(1,) * (kernel.ndim < 4)
    )


def keras_conv(x, kernel, stride, padding, dilation):
    """Convolve with Keras, or return None where it says that nothing comes out.

    TensorFlow refuses stride > 1 together with dilation > 1, so the kernel is dilated
    by hand then. It knows no padding in pixels, so the picture is padded by hand.
    """
    kernel = full_kernel(kernel)
    if pair(stride) != (1, 1):
        kernel, dilation = spread(kernel, dilation), 1
    if not isinstance(padding, str):
        x = np.pad(x, (*sides(padding), (0, 0))[: x.ndim])
        padding = "valid"
    try:
        y = keras.ops.conv(batch(x), kernel, stride, padding, dilation_rate=dilation)
    except (ValueError, tf.errors.InvalidArgumentError):
        return None
    return np.asarray(y)[0]


def assert_same(ours, keras_result, x):
    assert ours.dtype == (np.float32 if x.dtype == np.float32 else np.float64)
    # Keras has a channel axis always, ours only where the picture or kernel has one.
    assert ours.shape == keras_result.shape[: ours.ndim]
    assert ours.size == keras_result.size
    close = 2e-4 if ours.dtype == np.float32 else 1e-9
    np.testing.assert_allclose(
        ours, keras_result.reshape(ours.shape), rtol=close, atol=close
    )


# -- conv2d ----------------------------------------------------------------------------


@given(st.data())
def test_conv2d_is_keras_conv(data):
    x = data.draw(pictures())
    kernel = data.draw(kernels(x))
    stride, dilation = data.draw(int_or_pair(small)), data.draw(int_or_pair(small))
    padding = data.draw(paddings)
    expected = keras_conv(x, kernel, stride, padding, dilation)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    if expected is None:
        with pytest.raises(ValueError, match="kernel: got"):
            ops.conv2d(x, kernel, **options)
        return
    bias = data.draw(st.none() | st.floats(-9, 9))
    ours = ops.conv2d(x, kernel, **options, bias=bias)
    assert_same(ours, expected + (bias or 0), x)


SCIPY_MODES = {
    "zeros": "constant",
    "symmetric": "reflect",  # d c b a | a b c d | d c b a
    "reflect": "mirror",  # d c b | a b c d | c b a
    "edge": "nearest",
}


@given(st.data())
def test_groups_are_blocks_of_a_kernel_that_is_else_0(data):
    groups = data.draw(st.integers(2, 4))
    inside, share = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 2))
    x = data.draw(pictures(channels=st.just(groups * inside)))
    size = data.draw(st.tuples(small, small))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    kernel = rng.normal(size=(*size, inside, groups * share))
    whole = np.zeros((*size, groups * inside, groups * share))
    for g in range(groups):
        channels = slice(g * inside, (g + 1) * inside)
        filters = slice(g * share, (g + 1) * share)
        whole[:, :, channels, filters] = kernel[..., filters]
    options = {
        "stride": data.draw(int_or_pair(small)),
        "dilation": data.draw(int_or_pair(small)),
        "padding": data.draw(paddings),
        "bias": data.draw(st.none() | st.just(np.arange(groups * share))),
    }
    try:
        expected = ops.conv2d(x, whole, **options)
    except ValueError:
        with pytest.raises(ValueError, match="kernel: got"):
            ops.conv2d(x, kernel, groups=groups, **options)
        return
    assert_same(ops.conv2d(x, kernel, groups=groups, **options), expected, x)


@pytest.mark.parametrize(("groups", "filters"), [(2, 6), (4, 4), (4, 8)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_groups_are_those_of_keras(groups, filters, padding):
    """Of its layer; as many groups as channels are its depthwise one, too."""
    rng = np.random.default_rng(groups)
    x = rng.normal(size=(9, 8, 4)).astype(np.float32)
    layer = keras.layers.Conv2D(filters, 3, strides=2, padding=padding, groups=groups)
    layer.build((None, *x.shape))
    kernel, bias = (rng.normal(size=w.shape).astype(np.float32) for w in layer.weights)
    layer.set_weights([kernel, bias])
    ours = ops.conv2d(x, kernel, stride=2, padding=padding, groups=groups, bias=bias)
    theirs = keras.ops.convert_to_numpy(layer(x[np.newaxis]))[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    if groups == 4:
        each = keras.layers.DepthwiseConv2D(
            3, strides=2, padding=padding, depth_multiplier=filters // 4
        )
        each.build((None, *x.shape))
        each.set_weights([kernel.reshape(3, 3, 4, filters // 4), bias])
        theirs = keras.ops.convert_to_numpy(each(x[np.newaxis]))[0]
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


@given(st.data(), st.sampled_from(sorted(SCIPY_MODES)))
def test_conv2d_pads_as_scipy(data, mode):
    x = data.draw(pictures(channels=st.none(), dtypes=["float64", "uint8"]))
    kernel = data.draw(kernels(x, high=6))
    expected = scipy.ndimage.correlate(
        x.astype(float),
        kernel,
        mode=SCIPY_MODES[mode],
        # "same" puts the extra pixel of an even kernel after, SciPy before.
        origin=[-1 if k % 2 == 0 else 0 for k in kernel.shape],
    )
    ours = ops.conv2d(x, kernel, padding="same", mode=mode)
    np.testing.assert_allclose(ours, expected, atol=1e-9)


@given(st.data())
def test_conv2d_is_scipy_correlate2d(data):
    x = data.draw(pictures(high=12, channels=st.none()))
    kernel = data.draw(kernels(x, high=7))
    dilation, stride = data.draw(int_or_pair(small)), data.draw(small)
    padding = data.draw(few | st.tuples(few, few))
    (top, _), (left, _) = sides(padding)
    padded = np.pad(x.astype(float), ((top, top), (left, left)))
    wide = spread(kernel, dilation)
    if wide.shape[0] > padded.shape[0] or wide.shape[1] > padded.shape[1]:
        return  # correlate2d would swap the two
    expected = scipy.signal.correlate2d(padded, wide, "valid")[::stride, ::stride]
    ours = ops.conv2d(x, kernel, dilation=dilation, stride=stride, padding=padding)
    close = 2e-4 if x.dtype == np.float32 else 1e-9
    np.testing.assert_allclose(ours, expected, rtol=close, atol=close)


def both_ways(monkeypatch, call):
    """Return what comes of shifted copies, and what of Fourier transforms."""
    results = []
    for pays in (False, True):
        monkeypatch.setattr(ops, "_fft_pays", lambda *_, pays=pays: pays)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            results.append(call())
    return results


def some_not_finite(draw, x):
    """Put NaN and infinities in a few places; whole numbers stay as they are."""
    if x.dtype.kind == "f":
        flat, number = x.ravel(), st.integers(0, x.size - 1)
        for value in draw(st.lists(st.sampled_from([np.nan, np.inf, -np.inf]))):
            flat[draw(number)] = value
    return x


def assert_as_close_as_promised(ours, expected, x, kernel):
    """Hold results together: 1e-9 of the largest |x| times the sum of |kernel|."""
    assert ours.shape == expected.shape
    assert ours.dtype == expected.dtype
    share = 1e-9 if ours.dtype == np.float64 else 1e-5
    finite = np.where(np.isfinite(x), x, 0).astype(np.float64)
    largest = np.abs(finite).max() * np.abs(kernel).sum()
    np.testing.assert_allclose(ours, expected, rtol=0, atol=share * largest)


@fewer
@given(data=st.data())
def test_conv2d_by_fft_is_conv2d(data):
    x = some_not_finite(data.draw, data.draw(pictures(high=12)))
    kernel = data.draw(kernels(x, high=7))
    kernel[np.abs(kernel) < 0.3] = 0  # ∞ · 0 is NaN
    options = {
        "stride": data.draw(int_or_pair(small)),
        "dilation": data.draw(int_or_pair(small)),
        "padding": data.draw(paddings),
        "mode": data.draw(st.sampled_from(sorted(SCIPY_MODES))),
    }
    bias = data.draw(st.none() | st.floats(-9, 9))
    with pytest.MonkeyPatch.context() as patch:
        try:
            direct, by_fft = both_ways(
                patch, lambda: ops.conv2d(x, kernel, **options, bias=bias)
            )
        except ValueError:  # a kernel larger than the picture
            return
    assert_as_close_as_promised(by_fft, direct, x, kernel)


@fewer
@given(data=st.data())
def test_conv_transpose2d_by_fft_is_conv_transpose2d(data):
    x = some_not_finite(data.draw, data.draw(pictures(high=6)))
    kernel = data.draw(kernels(x, high=5, transposed=True))
    kernel[np.abs(kernel) < 0.3] = 0
    options = {
        "stride": data.draw(int_or_pair(small)),
        "padding": data.draw(paddings),
        "output_padding": data.draw(st.none() | few),
        "dilation": data.draw(int_or_pair(small)),
    }
    with pytest.MonkeyPatch.context() as patch:
        try:
            direct, by_fft = both_ways(
                patch, lambda: ops.conv_transpose2d(x, kernel, **options)
            )
        except ValueError:  # nothing left, or an output_padding that cannot be
            return
    assert_as_close_as_promised(by_fft, direct, x, kernel)


# -- conv_transpose2d ------------------------------------------------------------------


def takes_output_padding(extra, size, stride, padding, dilation):
    """Say whether Keras's layer takes it, and TensorFlow finds such a convolution.

    keras.ops takes extra = stride where the reach of the kernel is even; the layer does
    not. TensorFlow takes no 0 with "same" and an even reach.
    """
    if extra is None:
        return True
    reach = [(k - 1) * d + 1 for k, d in zip(size, pair(dilation), strict=True)]
    return all(
        (padding == "same" and k % 2 == 0) <= p < s
        for k, p, s in zip(reach, pair(extra), pair(stride), strict=True)
    )


@given(st.data())
def test_conv_transpose2d_is_keras_conv_transpose(data):
    x = data.draw(pictures(high=6))
    kernel = data.draw(kernels(x, high=5, transposed=True))
    stride, dilation = data.draw(int_or_pair(small)), data.draw(int_or_pair(small))
    padding = data.draw(st.sampled_from(["valid", "same"]))
    extra = data.draw(st.none() | int_or_pair(few))
    options = {"stride": stride, "padding": padding, "output_padding": extra}
    options["dilation"] = dilation
    if not takes_output_padding(extra, kernel.shape[:2], stride, padding, dilation):
        with pytest.raises(ValueError, match="output_padding: got"):
            ops.conv_transpose2d(x, kernel, **options)
        return
    weights = kernel.reshape(*kernel.shape[:2], *(kernel.shape[2:] or (1, 1)))
    # On the CPU TensorFlow dilates no kernel in float64: it is dilated by hand.
    weights = spread(weights, dilation)
    expected = keras.ops.conv_transpose(batch(x), weights, stride, padding, extra)
    ours = ops.conv_transpose2d(x, kernel, **options)
    assert_same(ours, np.asarray(expected)[0], x)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    ("strides", "dilation", "extra"),
    [
        (1, 2, None),
        (1, (3, 2), None),
        (1, 2, 0),
        (2, 1, 1),
        ((3, 2), 1, (2, 1)),
        (2, 1, None),
    ],
)
def test_conv_transpose2d_is_the_keras_layer(strides, dilation, extra, padding):
    rng = np.random.default_rng(6)
    x = rng.normal(size=(5, 4, 3)).astype("float32")
    layer = keras.layers.Conv2DTranspose(
        2, 3, strides, padding, output_padding=extra, dilation_rate=dilation
    )
    layer.build((None, *x.shape))
    kernel, bias = (rng.normal(size=w.shape).astype("float32") for w in layer.weights)
    layer.set_weights([kernel, bias])
    options = {"stride": strides, "padding": padding, "dilation": dilation}
    ours = ops.conv_transpose2d(x, kernel, output_padding=extra, **options)
    theirs = np.asarray(layer(x[None]))[0]
    np.testing.assert_allclose(ours + bias, theirs, rtol=1e-4, atol=1e-4)
    size = ops.output_size(
        x.shape[:2], 3, output_padding=extra, transpose=True, **options
    )
    assert size == tuple(layer.compute_output_shape((1, *x.shape))[1:3])


def test_keras_refuses_a_stride_with_a_dilation_as_the_docstring_says():
    with pytest.raises(ValueError, match="dilation_rate"):
        keras.layers.Conv2DTranspose(1, 3, strides=2, dilation_rate=2)


@fewer
@given(st.data())
def test_conv_transpose2d_is_the_transposed_matrix_of_conv2d(data):
    """Also where Keras refuses: a stride together with a dilation."""
    shape = data.draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    kernel = data.draw(kernels(np.zeros(shape), high=3))
    stride, dilation = data.draw(int_or_pair(small)), data.draw(int_or_pair(small))
    padding = data.draw(paddings)
    options = {"stride": stride, "dilation": dilation}

    def forward(x):
        return ops.conv2d(x, kernel, padding=padding, **options)

    try:
        small_shape = forward(np.zeros(shape)).shape
    except ValueError:  # a kernel larger than the picture
        return
    # Its columns: what becomes of a single 1 in each place.
    ones = np.eye(shape[0] * shape[1]).reshape(-1, *shape)
    matrix = np.stack([forward(one).ravel() for one in ones], axis=1)
    y = np.random.default_rng(0).normal(size=small_shape)
    expected = (matrix.T @ y.ravel()).reshape(shape)

    size = kernel.shape
    cut = ops.same_padding(shape, size, **options) if padding == "same" else padding
    edges = ((0, 0), (0, 0)) if cut == "valid" else sides(cut)
    # The rows and columns that no window reaches tell sizes apart.
    rest = tuple(
        (n + sum(side) - ((k - 1) * d + 1)) % s
        for n, side, k, d, s in zip(
            shape, edges, size, pair(dilation), pair(stride), strict=True
        )
    )
    back = ops.conv_transpose2d(y, kernel, padding=cut, output_padding=rest, **options)
    np.testing.assert_allclose(back, expected, atol=1e-9)
    options |= {"padding": cut, "transpose": True, "output_padding": rest}
    assert ops.output_size(small_shape, size, **options) == shape


@fewer
@given(st.data())
def test_conv_transpose2d_in_pixels_is_cropped_valid(data):
    x = data.draw(pictures(high=6))
    kernel = data.draw(kernels(x, high=5, transposed=True))
    stride, padding = data.draw(int_or_pair(small)), data.draw(explicit_paddings)
    whole = ops.conv_transpose2d(x, kernel, stride=stride)
    (top, bottom), (left, right) = sides(padding)
    expected = whole[top : len(whole) - bottom, left : whole.shape[1] - right]
    if whole.shape[0] <= top + bottom or whole.shape[1] <= left + right:
        with pytest.raises(ValueError, match="padding: got"):
            ops.conv_transpose2d(x, kernel, stride=stride, padding=padding)
    else:
        ours = ops.conv_transpose2d(x, kernel, stride=stride, padding=padding)
        np.testing.assert_array_equal(ours, expected)


@fewer
@given(st.data())
def test_conv_transpose2d_is_the_transpose_of_conv2d(data):
    """<conv(x), y> = <x, conv_transpose(y)>, the definition of a transpose."""
    x = data.draw(pictures(dtypes=["float64"], channels=st.integers(1, 3)))
    kernel = data.draw(kernels(x))
    if kernel.ndim == 3:
        kernel = kernel[..., None]
    stride, padding = data.draw(small), data.draw(paddings)
    try:
        forward = ops.conv2d(x, kernel, stride=stride, padding=padding)
    except ValueError:
        return
    if padding == "same":
        padding = ops.same_padding(x.shape[:2], kernel.shape[:2], stride=stride)
    elif padding == "valid":
        padding = 0
    y = np.random.default_rng(0).normal(size=forward.shape)
    # Seen from the convolution, the rows and columns that no window reached.
    rest = tuple(
        (n + sum(side) - k) % stride
        for n, side, k in zip(x.shape, sides(padding), kernel.shape, strict=False)
    )
    back = ops.conv_transpose2d(
        y, kernel, stride=stride, padding=padding, output_padding=rest
    )
    assert back.shape == x.shape
    assert np.isclose((forward * y).sum(), (x * back).sum())


# -- pool2d, unpool2d ------------------------------------------------------------------


@st.composite
def poolings(draw):
    return {
        "size": draw(int_or_pair(small)),
        "stride": draw(st.none() | int_or_pair(small)),
        "padding": draw(st.sampled_from(["valid", "same"])),
    }


def empty(x, pooling):
    """Say whether no window fits."""
    larger = [k > n for k, n in zip(pair(pooling["size"]), x.shape, strict=False)]
    return pooling["padding"] == "valid" and any(larger)


@given(pictures(ties=True), poolings(), st.sampled_from(["max", "mean"]))
def test_pool2d_is_keras_pool(x, pooling, reduce):
    if empty(x, pooling):
        with pytest.raises(ValueError, match="size: got"):
            ops.pool2d(x, **pooling, reduce=reduce)
        return
    pool = {"max": keras.ops.max_pool, "mean": keras.ops.average_pool}[reduce]
    expected = pool(
        batch(x), pooling["size"], pooling["stride"], padding=pooling["padding"]
    )
    assert_same(ops.pool2d(x, **pooling, reduce=reduce), np.asarray(expected)[0], x)


@fewer
@given(st.data(), st.sampled_from(["max", "mean"]))
def test_pool2d_in_pixels_ignores_padding(data, reduce):
    """Padding with NaN and skipping NaN is the same as no padding at all."""
    x = data.draw(pictures(ties=True))
    size, stride = data.draw(int_or_pair(small)), data.draw(int_or_pair(small))
    padding = data.draw(explicit_paddings)
    options = {"stride": stride, "padding": padding, "reduce": reduce}
    wide = np.pad(
        x.astype(float),
        (*sides(padding), (0, 0))[: x.ndim],
        constant_values=np.nan,
    )
    too_wide = any(max(p) >= k for p, k in zip(sides(padding), pair(size), strict=True))
    if too_wide or any(k > n for k, n in zip(pair(size), wide.shape, strict=False)):
        with pytest.raises(ValueError, match=r"(size|padding): got"):
            ops.pool2d(x, size, **options)
        return
    windows = np.lib.stride_tricks.sliding_window_view(wide, pair(size), axis=(0, 1))
    windows = windows[:: pair(stride)[0], :: pair(stride)[1]]
    expected = {"max": np.nanmax, "mean": np.nanmean}[reduce](windows, axis=(-2, -1))
    ours = ops.pool2d(x, size, **options)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


@given(pictures(ties=True), poolings())
def test_indices_are_tensorflows_argmax(x, pooling):
    if empty(x, pooling):
        return
    pooled, indices = ops.pool2d(x, **pooling, return_indices=True)
    size = pair(pooling["size"])
    stride = size if pooling["stride"] is None else pair(pooling["stride"])
    values, places = tf.nn.max_pool_with_argmax(
        batch(x), size, stride, pooling["padding"].upper()
    )
    assert_same(pooled, values.numpy()[0], x)
    # TensorFlow counts through the channels as well: (row · W + column) · C + channel.
    channels = batch(x).shape[-1]
    np.testing.assert_array_equal(
        indices, places.numpy()[0].reshape(indices.shape) // channels
    )
    np.testing.assert_array_equal(pooled, ops.pool2d(x, **pooling))


@given(pictures(ties=True), poolings())
def test_unpool2d_is_the_gradient_of_keras_max_pool(x, pooling):
    """Max pooling hands its gradient to the winners; values handed back unpool.

    Where windows overlap, the gradient adds up and unpooling does not: divide by how
    often a pixel won.
    """
    if empty(x, pooling):
        return
    inputs = tf.constant(batch(x))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        y = keras.ops.max_pool(
            inputs, pooling["size"], pooling["stride"], padding=pooling["padding"]
        )
    handed_back = tape.gradient(y, inputs, output_gradients=y).numpy()
    times_won = tape.gradient(y, inputs).numpy()
    expected = (handed_back / np.maximum(times_won, 1)).reshape(x.shape)
    pooled, indices = ops.pool2d(x, **pooling, return_indices=True)
    np.testing.assert_allclose(
        ops.unpool2d(pooled, indices, x.shape), expected, rtol=1e-6
    )


@given(pictures(ties=True), poolings(), st.sampled_from(["max", "mean"]))
def test_pool2d_gradient_is_tensorflows(x, pooling, reduce):
    if empty(x, pooling):
        return
    pool = {"max": keras.ops.max_pool, "mean": keras.ops.average_pool}[reduce]
    inputs = tf.constant(batch(x))
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = pool(inputs, pooling["size"], pooling["stride"], padding=pooling["padding"])
    incoming = np.random.default_rng(1).normal(size=y.shape)
    expected = tape.gradient(y, inputs, output_gradients=tf.constant(incoming, y.dtype))
    shape = ops.pool2d(x, **pooling).shape
    ours = ops.pool2d_gradient(x, incoming.reshape(shape), **pooling, reduce=reduce)
    assert ours.shape == x.shape
    np.testing.assert_allclose(
        ours, expected.numpy().reshape(x.shape), rtol=1e-4, atol=1e-5
    )


@fewer
@given(pictures(), explicit_paddings, small, small)
def test_pool2d_gradient_in_pixels_hands_on_what_arrives(x, padding, size, stride):
    """Whatever the padding, nothing is lost and nothing is added."""
    options = {"stride": stride, "padding": padding}
    try:
        shape = ops.pool2d(x, size, **options).shape
    except ValueError:
        return
    incoming = np.random.default_rng(2).normal(size=shape)
    for reduce in ("max", "mean"):
        gradient = ops.pool2d_gradient(x, incoming, size, **options, reduce=reduce)
        np.testing.assert_allclose(
            gradient.sum(axis=(0, 1)), incoming.sum(axis=(0, 1)), rtol=1e-3, atol=1e-4
        )


# -- upsample2d ------------------------------------------------------------------------


@given(pictures(), int_or_pair(small), st.sampled_from(["nearest", "bilinear"]))
def test_upsample2d_is_keras_resize(x, factor, method):
    rows, cols = pair(factor)
    expected = keras.ops.image.resize(
        batch(x),
        (x.shape[0] * rows, x.shape[1] * cols),
        interpolation=method,
    )
    ours = ops.upsample2d(x, factor, method=method)
    assert ours.dtype == (np.float32 if x.dtype == np.float32 else np.float64)
    # Keras's bilinear answers in float32 whatever it is given.
    np.testing.assert_allclose(
        ours, np.asarray(expected)[0].reshape(ours.shape), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("method", ["nearest", "bilinear"])
def test_upsample2d_is_the_keras_layer(method):
    x = np.random.default_rng(0).normal(size=(5, 4, 3)).astype("float32")
    layer = keras.layers.UpSampling2D((3, 2), interpolation=method)
    ours = ops.upsample2d(x, (3, 2), method=method)
    np.testing.assert_allclose(ours, np.asarray(layer(x[None]))[0], atol=1e-5)


# -- sizes -----------------------------------------------------------------------------


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    int_or_pair(st.integers(1, 7)),
    int_or_pair(st.integers(1, 5)),
    paddings,
    int_or_pair(small),
)
def test_output_size_is_what_keras_puts_out(n, kernel, stride, padding, dilation):
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    y = keras_conv(np.zeros(n), np.zeros(pair(kernel)), stride, padding, dilation)
    if y is None:
        with pytest.raises(ValueError, match="kernel: got"):
            ops.output_size(n, kernel, **options)
    else:
        assert ops.output_size(n, kernel, **options) == y.shape[:2]


@given(
    st.integers(1, 12),
    st.integers(1, 7),
    st.integers(1, 5),
    st.sampled_from(["valid", "same"]),
    small,
    st.none() | few,
)
def test_transposed_output_size_is_what_keras_puts_out(
    n, kernel, stride, padding, dilation, extra
):
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    options |= {"transpose": True, "output_padding": extra}
    if not takes_output_padding(extra, (kernel,) * 2, stride, padding, dilation):
        with pytest.raises(ValueError, match="output_padding: got"):
            ops.output_size(n, kernel, **options)
        return
    weights = spread(np.zeros((kernel, kernel, 1, 1)), dilation)
    y = keras.ops.conv_transpose(
        np.zeros((1, n, n, 1)), weights, stride, padding, extra
    )
    assert ops.output_size(n, kernel, **options) == y.shape[1]
    assert ops.output_size((n, n), kernel, **options) == y.shape[1:3]


@given(
    st.integers(1, 8),
    st.integers(1, 5),
    small,
    small,
    st.sampled_from(["valid", "same"]) | few,
)
def test_output_padding_tells_apart_what_a_convolution_maps_to_one(
    n, kernel, stride, dilation, padding
):
    """Every size that comes to n is the answer to one output padding, and no other."""
    options = {"stride": stride, "padding": padding, "dilation": dilation}

    def comes_to(m):
        try:
            return ops.output_size(m, kernel, **options)
        except ValueError:  # a kernel larger than the picture
            return 0

    def goes_back_to(extra):
        try:
            return ops.output_size(
                n, kernel, transpose=True, output_padding=extra, **options
            )
        except ValueError:  # nothing is left, or there is no such output padding
            return None

    sizes = {
        m for m in range(1, n * stride + kernel * dilation + 9) if comes_to(m) == n
    }
    answers = [goes_back_to(extra) for extra in (None, *range(stride))]
    assert set(answers) - {None} == sizes
    given_answers = [size for size in answers[1:] if size]
    assert len(set(given_answers)) == len(given_answers)


@fewer
@given(
    int_or_pair(st.integers(1, 30)),
    int_or_pair(st.integers(1, 7)),
    int_or_pair(st.integers(1, 9)),
    int_or_pair(small),
)
def test_same_padding_gives_one_window_every_stride(n, kernel, stride, dilation):
    options = {"stride": stride, "dilation": dilation}
    padding = ops.same_padding(n, kernel, **options)
    rows, cols = pair(ops.output_size(n, kernel, padding=padding, **options))
    assert rows == -(-pair(n)[0] // pair(stride)[0])
    assert cols == -(-pair(n)[1] // pair(stride)[1])
    assert all(0 <= after - before <= 1 for before, after in padding)


layers = st.tuples(int_or_pair(small), int_or_pair(small)) | st.tuples(
    int_or_pair(small), int_or_pair(small), int_or_pair(small)
)


@given(st.lists(layers, max_size=4))
def test_receptive_field_is_the_span_of_what_is_traced(stack):
    spans = []
    for axis in (0, 1):
        seen = {0}
        for layer in reversed(stack):
            kernel, stride, dilation = (pair(entry)[axis] for entry in (*layer, 1)[:3])
            seen = {p * stride + tap * dilation for p in seen for tap in range(kernel)}
        spans.append(max(seen) - min(seen) + 1)
    pairs = any(isinstance(entry, tuple) for layer in stack for entry in layer)
    assert ops.receptive_field(stack) == (tuple(spans) if pairs else spans[0])


@fewer
@given(st.lists(st.tuples(small, st.integers(1, 2)), min_size=1, max_size=3))
def test_receptive_field_is_where_a_nan_reaches_the_output(stack):
    """Blind one pixel after the other in a picture of exactly that many."""
    n = ops.receptive_field(stack)
    sees = []
    for blind in range(n):
        x = np.zeros((1, n))
        x[0, blind] = np.nan
        for kernel, stride in stack:
            x = ops.conv2d(x, np.ones((1, kernel)), stride=(1, stride))
        assert x.shape == (1, 1)
        sees.append(bool(np.isnan(x[0, 0])))
    assert sees[0]
    assert sees[-1]


padded_layers = st.tuples(
    st.integers(1, 5), small, small, st.sampled_from(["valid", "same"]) | few
)


def in_numpy(x, stack):
    """Take a picture up a stack of kernels of ones."""
    for kernel, stride, dilation, padding in stack:
        ones = np.ones((kernel, kernel))
        x = ops.conv2d(x, ones, stride=stride, dilation=dilation, padding=padding)
    return x


@st.composite
def padded_stacks(draw, high=12):
    """Draw a stack that fits on an input, the input's side, and a unit of its top."""
    n, stack = draw(st.integers(1, high)), []
    units = n
    for kernel, stride, dilation, padding in draw(
        st.lists(padded_layers, min_size=1, max_size=4)
    ):
        options = {"stride": stride, "dilation": dilation, "padding": padding}
        with contextlib.suppress(ValueError):
            units = ops.output_size(units, kernel, **options)
            stack.append((kernel, stride, dilation, padding))
    unit = st.integers(0, units - 1)
    return stack, n, (draw(unit), draw(unit))


@given(padded_stacks())
def test_grids_lie_where_windows_are_traced_to(drawn):
    """From the first and the last unit down, tap by tap, also into padding."""
    stack, n, _ = drawn
    units = [n]
    for kernel, stride, dilation, padding in stack:
        options = {"stride": stride, "dilation": dilation, "padding": padding}
        units.append(ops.output_size(units[-1], kernel, **options))
    grids = ops.unit_grids(stack, n)
    assert [grid.units for grid in grids] == units
    for depth, grid in enumerate(grids):
        for index in {0, grid.units - 1}:
            seen = {index}
            for level in range(depth, 0, -1):
                kernel, stride, dilation, padding = stack[level - 1]
                before = padding
                if isinstance(padding, str):
                    options = {"stride": stride, "dilation": dilation}
                    same = ops.same_padding(units[level - 1], kernel, **options)
                    before = same[0][0] if padding == "same" else 0
                seen = {
                    k * stride - before + tap * dilation
                    for k in seen
                    for tap in range(kernel)
                }
            assert max(seen) - min(seen) + 1 == grid.field
            middle = (max(seen) + min(seen)) / 2
            assert middle == grid.start + index * grid.jump
            inside = [p for p in range(min(seen), max(seen) + 1) if 0 <= p < n]
            assert list(grid.seen(index, n)) == inside
            assert index or grid.outside == -min(seen)


@fewer
@given(padded_stacks(high=8))
def test_shares_of_paths_are_what_single_pixels_bring(drawn):
    """One pixel after the other goes up the stack."""
    stack, n, unit = drawn
    expected = np.zeros((n, n))
    for pixel in np.ndindex(n, n):
        x = np.zeros((n, n))
        x[pixel] = 1
        expected[pixel] = in_numpy(x, stack)[unit]
    whole = np.prod([kernel**2.0 for kernel, *_ in stack])
    shares = ops.path_shares(stack, n, unit)
    np.testing.assert_allclose(shares, expected / whole, rtol=1e-12)
    counts = [ops.path_counts(stack, n, index) for index in unit]
    np.testing.assert_array_equal(np.outer(counts[0][0], counts[1][0]), expected)
    assert [len(plane) for plane in counts[0]] == [
        grid.units for grid in ops.unit_grids(stack, n)
    ]


@fewer
@given(padded_stacks())
def test_shares_of_paths_are_keras_gradients_of_means(drawn):
    stack, n, unit = drawn
    x = tf.Variable(np.zeros((1, n, n, 1)))
    with tf.GradientTape() as tape:
        y = x
        for kernel, stride, dilation, padding in stack:
            mean = spread(np.full((kernel, kernel, 1, 1), 1 / kernel**2), dilation)
            if not isinstance(padding, str):
                y = tf.pad(y, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
            way = padding if isinstance(padding, str) else "valid"
            y = keras.ops.conv(y, mean, stride, way)
        answer = y[0, unit[0], unit[1], 0]
    gradient = tape.gradient(answer, x)[0, :, :, 0].numpy()
    shares = ops.path_shares(stack, n, unit)
    np.testing.assert_allclose(shares, gradient, atol=1e-12)


# -- activations -----------------------------------------------------------------------


def numpys_sinc(x):
    return tf.numpy_function(np.sinc, [x], x.dtype)


KERAS_ACTIVATIONS = {
    "sigmoid": keras.ops.sigmoid,
    "tanh": keras.ops.tanh,
    "step": lambda x: keras.ops.cast(keras.ops.greater_equal(x, 0), x.dtype),
    "softplus": keras.ops.softplus,
    "relu": keras.ops.relu,
    "softsign": keras.ops.softsign,
    "elu": keras.ops.elu,
    "log_sigmoid": keras.ops.log_sigmoid,
    "swish": keras.activations.silu,
    "sinc": getattr(keras.ops, "sinc", numpys_sinc),  # 3.13 has none
    "leaky_relu": keras.ops.leaky_relu,
    "mish": keras.activations.mish,
    "softmax": keras.ops.softmax,
}


def all_of_keras(dtype):
    """Ask for all in one call, for one of thirteen costs as much."""
    return tf.function(
        lambda x: [activation(x) for activation in KERAS_ACTIVATIONS.values()],
        input_signature=[tf.TensorSpec([None], dtype)],
    )


IN_KERAS = {dtype: all_of_keras(dtype) for dtype in ("float64", "float32")}


@given(
    st.lists(st.floats(-1000, 1000) | st.floats(-5, 5), min_size=2, max_size=8),
    st.sampled_from(list(IN_KERAS)),
)
def test_activations_are_keras_activations(numbers, dtype):
    x = np.array(numbers, dtype)
    # TensorFlow takes subnormal numbers for zero; a step at −1e-45 shows it.
    x[np.abs(x) < np.finfo(dtype).tiny] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = {name: getattr(ops, name)(x) for name in KERAS_ACTIVATIONS}
    assert {(y.dtype, y.shape) for y in ours.values()} == {(x.dtype, x.shape)}
    theirs = {name: y.numpy() for name, y in zip(ours, IN_KERAS[dtype](x), strict=True)}
    # TensorFlow keeps the slope in float32, 0.20000000298, in float64 too.
    slope = 0.2 / np.float64(np.float32(0.2))
    theirs["leaky_relu"] = np.where(x < 0, slope, 1) * theirs["leaky_relu"]
    close = 1e-5 if dtype == "float32" else 1e-9
    if not np.allclose([*ours.values()], [*theirs.values()], close, close):
        for name, y in ours.items():  # says which, and by how much
            np.testing.assert_allclose(
                y, theirs[name], rtol=close, atol=close, err_msg=name
            )
