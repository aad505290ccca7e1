"""Claim: ops.py is fast enough to play with, as fast as the libraries that do the same.

- `conv2d` is no slower than SciPy's ``signal.correlate2d``, and within 1.5 times the
  faster of it and ``ndimage.correlate``;
- with kernels of very many taps `conv2d` and `conv_transpose2d` keep up with SciPy's
  ``signal.fftconvolve`` and ``oaconvolve``, where one copy for every tap takes minutes;
- `pool2d` is no slower than scikit-image's ``block_reduce``;
- both are more than 1,000 times faster than the double loop of the slides that the
  course grew from, which assigns every pixel to a ``tf.Variable``.

That loop takes minutes, so it runs on a small picture and is scaled up by the number of
output pixels; the table marks it with *. The same loop in plain NumPy stands beside it.

Run ``python benchmarks/ops.py``. Every competitor must give the same numbers before it
is timed; nothing is asserted about time. Keras's
row is for information: it is asked for float64, as the others; its home is float32.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import platform
import time
from collections.abc import Callable

import keras
import numpy as np
import scipy
import scipy.ndimage
import scipy.signal
import skimage
import skimage.measure
import tensorflow as tf

from helpers import ops

SMALL = 16  # side of the picture that the slides' loop is timed on
TIME_EACH = 1.0  # seconds spent on a competitor, 3 repetitions at least


def corr2d_numpy(x, kernel):
    """Convolve as the textbook does, with two loops."""
    rows, cols = kernel.shape
    y = np.zeros((x.shape[0] - rows + 1, x.shape[1] - cols + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = (x[i : i + rows, j : j + cols] * kernel).sum()
    return y


def corr2d_slides(x, kernel):
    """Convolve as the slides do, `pool2d_slides` with a sum of products."""
    x, kernel = tf.constant(x), tf.constant(kernel)
    rows, cols = kernel.shape
    y = tf.Variable(
        tf.zeros((x.shape[0] - rows + 1, x.shape[1] - cols + 1), tf.float64)
    )
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j].assign(tf.reduce_sum(x[i : i + rows, j : j + cols] * kernel))
    return y


def pool2d_numpy(x, reduce):
    """Pool 2×2 at stride 2 with two loops."""
    y = np.zeros((x.shape[0] // 2, x.shape[1] // 2))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = reduce(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return y


def pool2d_slides(x, reduce):
    """Pool as the slides do, 2×2 at stride 1."""
    x = tf.constant(x)
    y = tf.Variable(tf.zeros((x.shape[0] - 1, x.shape[1] - 1), tf.float64))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j].assign(reduce(x[i : i + 2, j : j + 2]))
    return y


def scipy_channels(x, kernel):
    """Convolve channels with channels, one call of SciPy for each pair."""
    filters = range(kernel.shape[3])
    channels = range(kernel.shape[2])
    return np.stack(
        [
            sum(
                scipy.signal.correlate2d(x[..., c], kernel[..., c, f], "valid")
                for c in channels
            )
            for f in filters
        ],
        axis=-1,
    )


def windows_channels(x, kernel):
    """Convolve with a view of all windows and one big product."""
    view = np.lib.stride_tricks.sliding_window_view
    windows = view(x, kernel.shape[:2], axis=(0, 1))
    return np.tensordot(windows, kernel, axes=((3, 4, 2), (0, 1, 2)))


def ndimage_valid(x, kernel):
    """Correlate with SciPy's ndimage and cut off the padding."""
    up, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    return scipy.ndimage.correlate(x, kernel)[up:-up, left:-left]


def measure(call: Callable[[], object], seconds: float = TIME_EACH) -> np.ndarray:
    """Time a call again and again, the first time not counted."""
    call()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or (time.perf_counter() < end and len(times) < 200):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return np.array(times)


def row(name: str, times: np.ndarray, ours: np.ndarray) -> None:
    """Print median, interquartile range, and the ratio to ours."""
    low, median, high = np.percentile(times, [25, 50, 75]) * 1e3
    ratio = median / np.median(ours) / 1e3
    print(f"  {name:34}{median:13,.3f}{high - low:12,.3f}{ratio:12,.2f}")


def compare(title: str, competitors: dict[str, Callable[[], object]]) -> np.ndarray:
    """Check that all give the numbers of the first, then time and print them."""
    print(f"\n{title}\n  {'':34}{'median ms':>13}{'IQR ms':>12}{'÷ ours':>12}")
    first = np.asarray(next(iter(competitors.values()))())
    for name, call in competitors.items():
        theirs = np.asarray(call()).reshape(first.shape)
        np.testing.assert_allclose(theirs, first, atol=1e-8, err_msg=name)
    ours = None
    for name, call in competitors.items():
        times = measure(call)
        ours = times if ours is None else ours
        row(name, times, ours)
    return ours


def scaled(loop, check, small, pixels: int) -> np.ndarray:
    """Time the slides' loop on a small picture, per output pixel, times `pixels`."""
    result = np.asarray(loop(small))
    np.testing.assert_allclose(result, check(small), atol=1e-8)
    return measure(lambda: loop(small), seconds=1) / result.size * pixels


def main() -> None:
    """Print the tables."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
        f"Python {platform.python_version()}, NumPy {np.__version__}, "
        f"SciPy {scipy.__version__}, scikit-image {skimage.__version__}, "
        f"Keras {keras.__version__} on TensorFlow {tf.__version__}"
    )
    rng = np.random.default_rng(0)
    x, small = rng.normal(size=(512, 512)), rng.normal(size=(SMALL, SMALL))
    tensor = keras.ops.convert_to_tensor(x[None, ..., None])

    for k in (3, 11):
        kernel = rng.normal(size=(k, k))
        weights = keras.ops.convert_to_tensor(kernel[..., None, None])
        ours = compare(
            f"conv2d, {k}×{k} on 512×512",
            {
                "ops.conv2d": lambda w=kernel: ops.conv2d(x, w),
                "scipy.signal.correlate2d": lambda w=kernel: scipy.signal.correlate2d(
                    x, w, "valid"
                ),
                "scipy.ndimage.correlate": lambda w=kernel: ndimage_valid(x, w),
                "keras.ops.conv": lambda w=weights: keras.ops.conv(tensor, w),
                "double loop, NumPy": lambda w=kernel: corr2d_numpy(x, w),
            },
        )
        pixels = (512 - k + 1) ** 2
        loop = scaled(
            lambda s, w=kernel: corr2d_slides(s, w),
            lambda s, w=kernel: ops.conv2d(s, w),
            small,
            pixels,
        )
        row("double loop, the slides' *", loop, ours)

    kernel = rng.normal(size=(301, 301))
    turned = kernel[::-1, ::-1]
    compare(
        "conv2d, 301×301 on 512×512",
        {
            "ops.conv2d": lambda: ops.conv2d(x, kernel),
            "scipy.signal.fftconvolve": lambda: scipy.signal.fftconvolve(
                x, turned, "valid"
            ),
            "scipy.signal.oaconvolve": lambda: scipy.signal.oaconvolve(
                x, turned, "valid"
            ),
        },
    )
    compare(
        "conv_transpose2d, 301×301 on 512×512",
        {
            "ops.conv_transpose2d": lambda: ops.conv_transpose2d(x, kernel),
            "scipy.signal.fftconvolve": lambda: scipy.signal.fftconvolve(x, kernel),
            "scipy.signal.oaconvolve": lambda: scipy.signal.oaconvolve(x, kernel),
        },
    )
    for k in (16, 31):
        kernel = rng.normal(size=(k, k))
        shape = (512 - k + 1, 512 - k + 1)
        compare(
            f"conv2d, {k}×{k} on 512×512: by FFT, and as smaller kernels go",
            {
                "ops.conv2d": lambda w=kernel: ops.conv2d(x, w),
                "one copy for every tap": lambda w=kernel, s=shape: ops._sums_of_copies(
                    x, w, s, (1, 1), (1, 1)
                ),
            },
        )

    maps, bank = rng.normal(size=(56, 56, 64)), rng.normal(size=(3, 3, 64, 64))
    both = keras.ops.convert_to_tensor(maps[None]), keras.ops.convert_to_tensor(bank)
    compare(
        "conv2d, 3×3×64×64 on 56×56×64",
        {
            "ops.conv2d": lambda: ops.conv2d(maps, bank),
            "sliding_window_view + tensordot": lambda: windows_channels(maps, bank),
            "loop of signal.correlate2d": lambda: scipy_channels(maps, bank),
            "keras.ops.conv": lambda: keras.ops.conv(*both),
        },
    )

    for name, block, keras_pool, slides in (
        ("max", np.max, keras.ops.max_pool, tf.reduce_max),
        ("mean", np.mean, keras.ops.average_pool, tf.reduce_mean),
    ):
        ours = compare(
            f"pool2d, {name} of 2×2 on 512×512",
            {
                "ops.pool2d": lambda n=name: ops.pool2d(x, reduce=n),
                "skimage.measure.block_reduce": lambda b=block: (
                    skimage.measure.block_reduce(x, 2, b)
                ),
                f"keras.ops {name} pooling": lambda p=keras_pool: p(tensor, 2),
                "double loop, NumPy": lambda b=block: pool2d_numpy(x, b),
            },
        )
        loop = scaled(
            lambda s, r=slides: pool2d_slides(s, r),
            lambda s, n=name: ops.pool2d(s, stride=1, reduce=n),
            small,
            256**2,
        )
        row("double loop, the slides' *", loop, ours)

    print(
        f"\n* measured on {SMALL}×{SMALL}, multiplied up to as many output pixels as "
        "the others compute."
    )


if __name__ == "__main__":
    main()
