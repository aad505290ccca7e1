"""The reference arithmetic of the course, with Keras's meaning, in NumPy alone.

A picture is an array ``(H, W)`` or ``(H, W, C)``, channels last. A kernel has the shape
that Keras stores: ``(kh, kw)`` for a picture without channels, ``(kh, kw, C)`` for one
filter over C channels, ``(kh, kw, C, F)`` for F filters.

One idea carries the module: *a convolution is a sum of shifted, weighted copies of the
picture*, one copy for every entry (tap) of the kernel. `_taps` yields those copies.
`conv2d` adds them up, `pool2d` takes their maximum or mean, and `conv_transpose2d` goes
the other way and paints into them. For a kernel of very many taps the same sums come
faster by way of Fourier transforms: `_sums_by_fft`.

Everywhere: ``stride``, ``dilation``, ``size``, ``factor`` are a whole number or a pair
``(rows, cols)``. Results are float64, or float32 where the picture is float32; they
never share memory with the arguments, which are never changed. NaN stays NaN. What
makes no sense raises a `ValueError` that names the argument, what came, and what would
do.

Sizes and terms follow Dumoulin & Visin, *A guide to convolution arithmetic for deep
learning*, 2016, arXiv:1603.07285; details follow Keras 3 on TensorFlow.
"""

import functools
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments

Array = NDArray[np.floating]
Pair = tuple[int, int]
Sides = tuple[Pair, Pair]  # ((top, bottom), (left, right))
IntOrPair = int | Pair
Padding = Literal["valid", "same"] | IntOrPair | Sides
Mode = Literal["zeros", "symmetric", "reflect", "edge"]

# Work is done in blocks of rows, few enough to stay in the cache:
_PIXELS = 16_384  # of the result at a time
_COPIES = 2_097_152  # numbers in the copies laid side by side

_FARTHEST = 1_000_000  # pixels of padding, or times a picture is enlarged

# Kernels of up to 15 × 15 taps never go by Fourier transform: whole numbers stay whole.
_EXACT_TAPS = 225


# -- sliding a window ------------------------------------------------------------------


@np.errstate(invalid="ignore")  # inf − inf is NaN, and the NaN is message enough
def conv2d(
    x: ArrayLike,
    kernel: ArrayLike,
    *,
    stride: IntOrPair = 1,
    padding: Padding = "valid",
    mode: Mode = "zeros",
    dilation: IntOrPair = 1,
    groups: int = 1,
    bias: ArrayLike | None = None,
) -> Array:
    """Slide a kernel over a picture: multiply, add up, move on.

    ``out[i, j] = Σ x[i·s + a·d, j·s + b·d] · kernel[a, b] + bias``, summed over the
    kernel's entries (a, b) and the channels. Deep learning calls this convolution,
    mathematics cross-correlation; ``kernel[::-1, ::-1]`` gives the textbook's
    convolution.

    Parameters
    ----------
    x
        (H, W) or (H, W, C).
    kernel
        (kh, kw) for x without channels, or (kh, kw, 1, F) for F kernels on it; else
        (kh, kw, C) or (kh, kw, C, F).
    stride
        Pixels from one position of the kernel to the next.
    padding
        "valid" for none, "same" to keep the size at stride 1 (see `same_padding`), or
        pixels: n, (rows, cols), ((top, bottom), (left, right)).
    mode
        What the padding holds: "zeros"; "symmetric", a mirror that repeats the edge
        pixel; "reflect", one that does not; "edge", the edge pixel over and over. In
        padding wider than the picture mirrors go back and forth, as in `numpy.pad`.
    dilation
        Pixels from one kernel entry to the next.
    groups
        Into how many parts the channels and the filters are cut; a filter sees those of
        its own part, so the kernel is (kh, kw, C / groups, F). With as many groups as
        channels each has filters of its own: a depthwise convolution.
    bias
        One number to add, or F of them, one a filter.

    Returns
    -------
    array
        (oh, ow), or (oh, ow, F) with F filters; see `output_size`.

    Raises
    ------
    ValueError
        Shapes that do not match, a kernel larger than the padded picture.

    Notes
    -----
    Kernels of more than 225 entries (15 × 15) go by Fourier transform where that is
    faster. The answers then differ from the sums above by rounding, by less than 1e-9
    of ``max |x| · Σ |kernel|``: whole numbers may come out a little off.

    Examples
    --------
    >>> conv2d([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]])
    array([[19., 25.],
           [37., 43.]])

    Two halves that do not see each other: the first filter gets the first channel.

    >>> conv2d([[[1, 5]]], np.ones((1, 1, 1, 2)), groups=2)
    array([[[1., 5.]]])
    """
    x = _picture(x)
    if x.ndim == 2 and _numbers(kernel, "kernel", x.dtype).ndim == 4:
        x = x[..., np.newaxis]  # its one channel
    groups = _arguments.whole(groups, "groups")
    if groups > 1:
        x, kernel = _grouped(x, kernel, groups)
        one_by_one = functools.partial(
            conv2d, stride=stride, padding=padding, mode=mode, dilation=dilation
        )
        parts = np.split(x, groups, axis=-1), np.split(kernel, groups, axis=-1)
        out = np.concatenate(list(map(one_by_one, *parts)), axis=-1)
        return out if bias is None else out + _bias(bias, out.shape[2:], x.dtype)
    kernel = _kernel(kernel, x)
    size, filters = kernel.shape[:2], kernel.shape[3:]
    stride = _arguments.pair(stride, "stride")
    dilation = _arguments.pair(dilation, "dilation")
    sides = _sides(padding, x.shape, size, stride, dilation)
    rows, cols = _positions(x.shape, size, stride, sides, dilation)
    x = _pad(x, sides, mode)

    if _fft_pays(kernel, (rows, cols), x.shape) and np.isfinite(kernel).all():
        sums = _sums_by_fft(x, kernel, x.shape, dilation=dilation, mirrored=True)
        sums = sums[: rows * stride[0] : stride[0], : cols * stride[1] : stride[1]]
        out = sums.reshape(rows, cols, *filters).astype(x.dtype)
    else:
        out = _sums_of_copies(x, kernel, (rows, cols, *filters), stride, dilation)
    return out if bias is None else out + _bias(bias, filters, x.dtype)


def _sums_of_copies(
    x: Array, kernel: Array, shape: tuple[int, ...], stride: Pair, dilation: Pair
) -> Array:
    """Convolve: add up shifted copies of x, each as strong as its tap."""
    (rows, cols, *filters), size = shape, (kernel.shape[0], kernel.shape[1])
    out = np.zeros(shape, x.dtype)
    pixels = _PIXELS if x.ndim == 2 else _COPIES // math.prod(kernel.shape[:3])
    block = max(1, pixels // cols)
    for top in range(0, rows, block):
        part, below = out[top : top + block], x[top * stride[0] :]
        copies = _taps(below, size, part.shape, stride, dilation)
        if x.ndim == 2:
            for tap, copy in copies:
                part += copy * kernel[tap]
        else:  # all copies side by side: then one matrix product weighs and adds up
            side_by_side = np.concatenate([copy for _, copy in copies], axis=-1)
            part += _weighed(side_by_side, kernel.reshape(-1, *filters))
    return out


def _weighed(planes: NDArray[Any], weights: Array) -> Array:
    """Weigh the last axis and add up; for `np.tensordot`, NaN · 0 is sometimes 0."""
    sums = planes.reshape(-1, planes.shape[-1]) @ weights
    return sums.reshape(*planes.shape[:-1], *weights.shape[1:])


@np.errstate(invalid="ignore")
def conv_transpose2d(
    x: ArrayLike,
    kernel: ArrayLike,
    *,
    stride: IntOrPair = 1,
    padding: Padding = "valid",
    output_padding: IntOrPair | None = None,
    dilation: IntOrPair = 1,
) -> Array:
    """Paint with a kernel: every pixel stamps a copy of it, as strong as the pixel is.

    ``canvas[i·s + a·d, j·s + b·d] += x[i, j] · kernel[a, b]``: where stamps overlap
    they add up. This is the transpose of `conv2d`'s matrix, not its inverse: it brings
    back the shape, not the values.

    Parameters
    ----------
    x
        (h, w) or (h, w, C).
    kernel
        (kh, kw) for x without channels, else (kh, kw, F, C): filters before channels.
    stride
        Pixels from one stamp to the next.
    padding
        Cut off the canvas: nothing for "valid", what exceeds n·stride for "same", or
        pixels as in `conv2d`.
    output_padding
        Rows and columns p added at the bottom and right, 0 … stride − 1: it tells apart
        sizes that `conv2d` maps to one. None adds what Keras adds.
    dilation
        Pixels from one kernel entry to the next.

    Returns
    -------
    array
        (oh, ow), or (oh, ow, F); see `output_size`.

    Raises
    ------
    ValueError
        Shapes that do not match, padding that leaves nothing, output_padding out of
        range (with "same" and an even reach of the kernel it starts at 1).

    Notes
    -----
    Keras's layer refuses a stride together with a dilation. Here both go, as in
    `conv2d`. Very large kernels go by Fourier transform, as there.

    Examples
    --------
    >>> conv_transpose2d([[55]], [[1, 2, 1], [2, 1, 2], [1, 1, 2]])
    array([[ 55., 110.,  55.],
           [110.,  55., 110.],
           [ 55.,  55., 110.]])
    >>> conv_transpose2d([[1, 10]], [[1, 2]], dilation=(1, 2))
    array([[ 1., 10.,  2., 20.]])
    """
    x = _picture(x)
    kernel = _kernel(kernel, x, transposed=True)
    size, stride = kernel.shape[:2], _arguments.pair(stride, "stride")
    dilation = _arguments.pair(dilation, "dilation")
    reach = _reach(size, dilation)
    ends = _transposed_ends(x.shape, reach, stride, padding, output_padding)
    (top, bottom), (left, right) = ends

    painted = ((n - 1) * s + k for n, s, k in zip(x.shape, stride, reach, strict=False))
    rows, cols = map(max, painted, (bottom, right))
    if _fft_pays(kernel, x.shape, (rows, cols)) and np.isfinite(kernel).all():
        weights = kernel.swapaxes(-1, -2) if x.ndim == 3 else kernel
        canvas = _sums_by_fft(
            x, weights, (rows, cols), dilation=dilation, spacing=stride
        )
        canvas = canvas.reshape(rows, cols, *kernel.shape[2:3]).astype(x.dtype)
        return canvas[top:bottom, left:right].copy()
    canvas = np.zeros((rows, cols, *kernel.shape[2:3]), x.dtype)
    for tap, pixels in _taps(canvas, size, x.shape, stride, dilation):
        weights = kernel[tap].T
        pixels += x * weights if x.ndim == 2 else _weighed(x, weights)
    return canvas[top:bottom, left:right].copy()


@overload
def pool2d(
    x: ArrayLike,
    size: IntOrPair = 2,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = "valid",
    reduce: Literal["max", "mean"] = "max",
    return_indices: Literal[False] = False,
) -> Array: ...
@overload
def pool2d(
    x: ArrayLike,
    size: IntOrPair = 2,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = "valid",
    reduce: Literal["max", "mean"] = "max",
    return_indices: Literal[True],
) -> tuple[Array, NDArray[np.intp]]: ...
@overload
def pool2d(
    x: ArrayLike,
    size: IntOrPair = 2,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = "valid",
    reduce: Literal["max", "mean"] = "max",
    return_indices: bool,
) -> Array | tuple[Array, NDArray[np.intp]]: ...
@np.errstate(invalid="ignore")
def pool2d(
    x: ArrayLike,
    size: IntOrPair = 2,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = "valid",
    reduce: Literal["max", "mean"] = "max",
    return_indices: bool = False,
) -> Array | tuple[Array, NDArray[np.intp]]:
    """Keep one number of every window, its largest or its mean, channel by channel.

    Padding is no part of the picture: it never wins the maximum and does not count in
    the mean.

    Parameters
    ----------
    x
        (H, W) or (H, W, C).
    size
        Of the window.
    stride
        Pixels from one window to the next; None: the size, so that windows touch.
    padding
        As in `conv2d`, but narrower than the window, so that each has a real pixel.
    reduce
        "max" or "mean"; both are NaN for a window with a NaN.
    return_indices
        With "max": also return where the winners stood, for `unpool2d`.

    Returns
    -------
    array
        (oh, ow) or (oh, ow, C); see `output_size`.
    array of int, with return_indices
        Same shape: ``row · W + column`` of the winner in its channel, the first in
        reading order where several are equal.

    Raises
    ------
    ValueError
        A window larger than the padded picture, padding as wide as the window.

    Examples
    --------
    >>> x = [[110, 256, 153, 67], [12, 89, 88, 43], [10, 15, 50, 55], [23, 9, 49, 23]]
    >>> pool2d(x)
    array([[256., 153.],
           [ 23.,  55.]])
    """
    x = _picture(x)
    size = _arguments.pair(size, "size")
    stride = size if stride is None else _arguments.pair(stride, "stride")
    _arguments.word(reduce, "reduce", ("max", "mean"))
    if return_indices and reduce == "mean":
        need = 'Give reduce="max"'
        raise _arguments.refusal("return_indices", "True for a mean", need)
    sides = _sides(padding, x.shape, size, stride)
    if any(max(side) >= k for side, k in zip(sides, size, strict=True)):
        need = f"Give less than the window, {size[0]}×{size[1]}, on every side"
        raise _arguments.refusal("padding", _arguments.shown(padding), need)
    shape = _positions(x.shape, size, stride, sides, name="size")

    if return_indices:
        return _winners(x, size, stride, sides, shape)
    if reduce == "max":
        return _pool(np.maximum, _pad(x, sides, fill=-np.inf), size, stride, shape)
    total, count = (
        _pool(np.add, _pad(pixels, sides), size, stride, shape)
        for pixels in (x, np.ones_like(x))
    )
    return total / count


@np.errstate(invalid="ignore")
def pool2d_gradient(
    x: ArrayLike,
    incoming: ArrayLike,
    size: IntOrPair = 2,
    *,
    stride: IntOrPair | None = None,
    padding: Padding = "valid",
    reduce: Literal["max", "mean"] = "max",
) -> Array:
    """Tell how much of the gradient that arrives at `pool2d`'s result x receives.

    Every window has a gradient to hand on. Under "max" the winner takes it all, the
    first in reading order of equals; under "mean" the real pixels of the window share
    it equally. A pixel of several windows adds up what it gets; padding gets nothing.

    Parameters
    ----------
    x
        (H, W) or (H, W, C), what is pooled.
    incoming
        (oh, ow) or (oh, ow, C), the gradient that arrives at each result.
    size, stride, padding, reduce
        As for `pool2d`.

    Returns
    -------
    array
        Of x's shape: the derivative of ``(incoming * pool2d(x, ...)).sum()`` by x.

    Raises
    ------
    ValueError
        What `pool2d` refuses, an incoming gradient that has not its result's shape.

    Examples
    --------
    >>> pool2d_gradient([[1, 2], [3, 9]], [[8]])
    array([[0., 0.],
           [0., 8.]])
    >>> pool2d_gradient([[1, 2], [3, 9]], [[8]], reduce="mean")
    array([[2., 2.],
           [2., 2.]])
    """
    x = _picture(x)
    _arguments.word(reduce, "reduce", ("max", "mean"))
    pooled, winners = pool2d(
        x, size, stride=stride, padding=padding, return_indices=True
    )
    incoming = _numbers(incoming, "incoming", x.dtype)
    if incoming.shape != pooled.shape:
        need = f"Give one number for each output, shape {pooled.shape}"
        raise _arguments.refusal("incoming", f"shape {incoming.shape}", need)
    if reduce == "max":
        gradient = np.zeros((x.shape[0] * x.shape[1], *x.shape[2:]), x.dtype)
        np.add.at(gradient, (winners, *map(np.arange, x.shape[2:])), incoming)
        return gradient.reshape(x.shape)

    size = _arguments.pair(size, "size")
    stride = size if stride is None else _arguments.pair(stride, "stride")
    sides = _sides(padding, x.shape, size, stride)
    shape = pooled.shape[0], pooled.shape[1]
    count = _pool(np.add, _pad(np.ones_like(x), sides), size, stride, shape)
    canvas = _pad(np.zeros_like(x), sides).copy()
    for _, pixels in _taps(canvas, size, shape, stride):
        pixels += incoming / count
    (top, _), (left, _) = sides
    return canvas[top : top + x.shape[0], left : left + x.shape[1]].copy()


def unpool2d(y: ArrayLike, indices: ArrayLike, shape: Sequence[int]) -> Array:
    """Put pooled pixels back where they came from, with zeros everywhere else.

    Overlapping windows may remember the same pixel. They hold the same value then: it
    is put back once, not added up. If you changed y, the last in reading order stays.

    Parameters
    ----------
    y
        (h, w) or (h, w, C).
    indices
        Where each pixel goes, as `pool2d` returns it: whole numbers of y's shape.
    shape
        (H, W), or (H, W, C), of the picture before pooling.

    Returns
    -------
    array
        (H, W) or (H, W, C).

    Raises
    ------
    ValueError
        Shapes that do not match, an index outside the picture.

    Examples
    --------
    >>> pooled, indices = pool2d([[1, 9], [3, 4]], return_indices=True)
    >>> unpool2d(pooled, indices, (2, 2))
    array([[0., 9.],
           [0., 0.]])
    """
    y = _picture(y, "y")
    channels = y.shape[2:]
    where = _arguments.array(indices, "indices")
    if where.shape != y.shape or where.dtype.kind not in "iu":
        came = f"{where.dtype} of shape {where.shape}"
        need = f"Give whole numbers of y's shape, {y.shape}"
        raise _arguments.refusal("indices", came, need)
    whole = tuple(shape) if _arguments.is_sequence(shape) else ()
    if len(whole) < 2 or whole[2:] not in ((), channels):
        need = f"Give {('H', 'W', *channels)} of the picture before pooling"
        raise _arguments.refusal(
            "shape", _arguments.shown(shape), need.replace("'", "")
        )
    rows, cols = _arguments.pair(whole[:2], "shape")
    if where.min() < 0 or where.max() >= rows * cols:
        came = f"numbers {where.min()} … {where.max()}"
        need = f"A picture of {rows}×{cols} has 0 … {rows * cols - 1}"
        raise _arguments.refusal("indices", came, need)

    out = np.zeros((rows * cols, *channels), y.dtype)
    out[(where, *map(np.arange, channels))] = y
    return out.reshape(rows, cols, *channels)


@np.errstate(invalid="ignore")
def upsample2d(
    x: ArrayLike,
    factor: IntOrPair = 2,
    *,
    method: Literal["nearest", "bilinear"] = "nearest",
) -> Array:
    """Enlarge a picture by a whole factor, as Keras's UpSampling2D does.

    "nearest" repeats every pixel. "bilinear" sees pixels as squares with their value in
    the centre: new centre i lies at ``(i + ½) / factor − ½`` among the old ones and
    mixes its two neighbours, along columns, then rows. Beyond the last centre its value
    goes on.

    Parameters
    ----------
    x
        (H, W) or (H, W, C).
    factor
        How many times larger.
    method
        "nearest" or "bilinear".

    Returns
    -------
    array
        (H · factor, W · factor) or the same with C channels.

    Raises
    ------
    ValueError
        A factor that is no whole number of at least 1, another method.

    Examples
    --------
    >>> upsample2d([[0, 4]], (1, 2))
    array([[0., 0., 4., 4.]])
    >>> upsample2d([[0, 4]], (1, 2), method="bilinear")
    array([[0., 1., 3., 4.]])
    """
    x = _picture(x)
    factor = _arguments.pair(factor, "factor", most=_FARTHEST)
    _arguments.word(method, "method", ("nearest", "bilinear"))
    if method == "nearest":
        return x.repeat(factor[0], axis=0).repeat(factor[1], axis=1)
    return _stretch(_stretch(x, factor[0], axis=0), factor[1], axis=1)


def pad2d(x: ArrayLike, padding: Padding, *, mode: Mode = "zeros") -> Array:
    """Return the picture with its padding, as `conv2d` sees it.

    ``padding`` and ``mode`` are `conv2d`'s, (H, W[, C]) becomes (top + H + bottom,
    left + W + right[, C]). "same" depends on the kernel and is refused: `same_padding`
    has the pixels.

    Examples
    --------
    >>> pad2d([[1, 2, 3]], (0, 2), mode="symmetric")
    array([[2., 1., 1., 2., 3., 3., 2.]])
    >>> pad2d([[1, 2, 3]], (0, 2), mode="reflect")
    array([[3., 2., 1., 2., 3., 2., 1.]])
    """
    if _is_same(padding):
        need = "Give the pixels that same_padding returns"
        raise _arguments.refusal("padding", "'same'", need)
    x = _picture(x)
    return _pad(x, _sides(padding), mode).copy()


# -- sizes -----------------------------------------------------------------------------


@overload
def output_size(
    n: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: Literal["valid", "same"] | int = "valid",
    dilation: int = 1,
    transpose: bool = False,
    output_padding: int | None = None,
) -> int: ...
@overload
def output_size(
    n: Pair,
    kernel: IntOrPair,
    *,
    stride: IntOrPair = 1,
    padding: Padding = "valid",
    dilation: IntOrPair = 1,
    transpose: bool = False,
    output_padding: IntOrPair | None = None,
) -> Pair: ...
@overload
def output_size(
    n: IntOrPair,
    kernel: IntOrPair,
    *,
    stride: IntOrPair = 1,
    padding: Padding = "valid",
    dilation: IntOrPair = 1,
    transpose: bool = False,
    output_padding: IntOrPair | None = None,
) -> IntOrPair: ...
def output_size(
    n: IntOrPair,
    kernel: IntOrPair,
    *,
    stride: IntOrPair = 1,
    padding: Padding = "valid",
    dilation: IntOrPair = 1,
    transpose: bool = False,
    output_padding: IntOrPair | None = None,
) -> IntOrPair:
    """Tell how many pixels come out of a convolution or pooling of n pixels.

    With K = (k − 1)·dilation + 1, the reach of the dilated kernel, and p pixels of
    padding on both sides together: ``⌊(n + p − K) / stride⌋ + 1``; for "same"
    ``⌈n / stride⌉``. A pair (rows, cols) comes back if any argument is a pair; nothing
    coming out is a `ValueError`.

    Transposed, as `conv_transpose2d`: ``(n − 1)·stride + max(K, stride) − p``, and
    ``n · stride`` for "same". An output_padding of yours is one of the stride's sizes
    that a convolution maps to n: ``(n − 1)·stride + K − p + output_padding``, and
    ``(n − 1)·stride + K mod 2 + output_padding`` for "same".

    Examples
    --------
    >>> output_size(28, 3), output_size(28, 3, stride=2, padding="same")
    (26, 14)
    >>> output_size(13, 2, stride=2, transpose=True)
    26

    Of 7 pixels and of 8 a convolution makes 3; the way back tells them apart.

    >>> output_size(7, 3, stride=2), output_size(8, 3, stride=2)
    (3, 3)
    >>> [output_size(3, 3, stride=2, transpose=True, output_padding=p) for p in (0, 1)]
    [7, 8]
    """
    given = (n, kernel, stride, padding, dilation, output_padding)
    shape, size = _arguments.pair(n, "n"), _arguments.pair(kernel, "kernel")
    stride = _arguments.pair(stride, "stride")
    dilation = _arguments.pair(dilation, "dilation")
    if transpose:
        reach = _reach(size, dilation)
        ends = _transposed_ends(shape, reach, stride, padding, output_padding)
        rows, cols = (end - start for start, end in ends)
    else:
        if output_padding is not None:
            need = "It belongs to a transposed convolution; add transpose=True"
            came = _arguments.shown(output_padding)
            raise _arguments.refusal("output_padding", came, need)
        sides = _sides(padding, shape, size, stride, dilation)
        rows, cols = _positions(shape, size, stride, sides, dilation)
    return (rows, cols) if any(map(_arguments.is_sequence, given)) else rows


def same_padding(
    n: IntOrPair, kernel: IntOrPair, *, stride: IntOrPair = 1, dilation: IntOrPair = 1
) -> Sides:
    """Return the ((top, bottom), (left, right)) that "same" stands for.

    ``⌈n / stride⌉`` windows fit if ``max((⌈n / stride⌉ − 1)·stride + K − n, 0)`` pixels
    are added, K being the reach of the dilated kernel. Half of them go before the
    picture; an odd one goes after, at the bottom and the right.

    Examples
    --------
    >>> same_padding(5, 3)
    ((1, 1), (1, 1))
    >>> same_padding(6, 3, stride=2)
    ((0, 1), (0, 1))
    """

    def along(n: int, k: int, s: int) -> Pair:
        missing = max((-(-n // s) - 1) * s + k - n, 0)
        return missing // 2, missing - missing // 2

    size = _arguments.pair(kernel, "kernel")
    reach = _reach(size, _arguments.pair(dilation, "dilation"))
    stride = _arguments.pair(stride, "stride")
    rows, cols = zip(_arguments.pair(n, "n"), reach, stride, strict=True)
    return along(*rows), along(*cols)


@overload
def receptive_field(layers: Iterable[Sequence[int]]) -> int: ...
@overload
def receptive_field(layers: Iterable[Sequence[IntOrPair]]) -> IntOrPair: ...
def receptive_field(layers: Iterable[Sequence[IntOrPair]]) -> IntOrPair:
    """Count the input pixels, from first to last, that one output pixel depends on.

    ``layers`` are (kernel, stride) or (kernel, stride, dilation), from the input up;
    pooling layers are layers too. Each adds ``(kernel − 1)·dilation`` steps, and a step
    is as many pixels as the strides below it multiply to. The answer is a pair (rows,
    cols) if any entry is a pair. Pixels that a stride or dilation skips are counted,
    and so are those that lie in padding: what stands after the dilation is not read.

    Examples
    --------
    >>> receptive_field([(3, 1), (3, 1)])
    5
    >>> receptive_field([(3, 1), (2, 2), (3, 1), (2, 2)])
    10
    """
    seen, step, pairs = [1, 1], [1, 1], False
    for name, layer in _stacked(layers):
        pairs |= any(map(_arguments.is_sequence, layer[:3]))
        kernel, stride, dilation = (
            _arguments.pair(entry, name) for entry in (*layer, 1)[:3]
        )
        for axis in (0, 1):
            seen[axis] += (kernel[axis] - 1) * dilation[axis] * step[axis]
            step[axis] *= stride[axis]
    return (seen[0], seen[1]) if pairs else seen[0]


class Grid(NamedTuple):
    """Where the units of a layer stand over the input, along one axis.

    Attributes
    ----------
    units
        How many there are.
    field
        Pixels that each depends on, from first to last: its receptive field.
    jump
        Pixels from one unit to the next: the strides, multiplied.
    start
        The pixel over which the middle of the first unit's field lies; pixels are
        counted from 0, and a half lies between two.
    """

    units: int
    field: int
    jump: int
    start: float

    @property
    def outside(self) -> int:
        """Pixels by which the first unit's field begins before the picture."""
        return int((self.field - 1) / 2 - self.start)

    def seen(self, index: int, n: int) -> range:
        """Return the pixels of the field of unit `index` that lie in a picture of n."""
        first = index * self.jump - self.outside
        return range(max(first, 0), max(min(first + self.field, n), 0))


def unit_grids(layers: Iterable[Sequence[Any]], n: int) -> list[Grid]:
    """Lay the units of every layer over an input of n pixels, along one axis.

    With K = (k − 1)·dilation + 1 and p pixels of padding before the plane below, whose
    grid is (units, field, jump, start), a layer has

    - ``jump · stride`` pixels from unit to unit,
    - a ``field`` of ``(K − 1) · jump`` pixels more,
    - its first unit over ``start + ((K − 1) / 2 − p) · jump``.

    These are the recurrences of Araujo, Norris & Sim, *Computing receptive fields of
    convolutional neural networks*, Distill, 2019, doi:10.23915/distill.00021.

    Parameters
    ----------
    layers
        (kernel, stride), (kernel, stride, dilation) or (kernel, stride, dilation,
        padding), from the input up; pooling layers are layers too. Whole numbers, and
        the padding, on either side, may be "valid" (which it is where none is given) or
        "same". For a stack that differs in rows and columns ask for each.
    n
        Pixels of the input.

    Returns
    -------
    list of Grid
        The input's own, then one for every layer.

    Raises
    ------
    ValueError
        Entries that are no whole numbers, a layer that does not fit on the one below.

    Examples
    --------
    The middle of the first unit's field lies between pixels 3 and 4:

    >>> unit_grids([(3, 1), (2, 2), (3, 1)], 16)[-1]
    Grid(units=5, field=8, jump=2, start=3.5)

    With padding the first unit looks out of the picture, here by three pixels:

    >>> unit_grids([(3, 1, 1, "same"), (2, 2), (3, 1, 1, "same")], 16)[-1]
    Grid(units=8, field=8, jump=2, start=0.5)
    """
    return [grid for grid, _ in _laid(layers, n)]


def path_counts(layers: Iterable[Sequence[Any]], n: int, index: int) -> list[Array]:
    """Count the paths from the units of every layer to one of the last, along an axis.

    A path goes up through one entry of every kernel. A unit that padding stands in for
    begins none.

    Parameters
    ----------
    layers, n
        As for `unit_grids`.
    index
        Which unit of the last layer, from 0.

    Returns
    -------
    list of array
        (n,) for the input, then the units of each layer: whole numbers, in float64
        since stacks have many (exact up to 2⁵³). Kernels are products of a row and a
        column, so in the plane `numpy.outer` of rows and columns counts.

    Raises
    ------
    ValueError
        What `unit_grids` refuses, an index that the last layer has not.

    Examples
    --------
    >>> path_counts([(3, 1), (3, 1)], 7, 1)
    [array([0., 1., 2., 3., 2., 1., 0.]), array([0., 1., 1., 1., 0.]), \
array([0., 1., 0.])]
    """
    laid = _laid(layers, n)
    top = laid[-1][0].units
    found: list[Array] = [np.zeros(top)]
    found[0][_arguments.whole(index, "index", 0, top - 1)] = 1
    for (below, _), (_, window) in zip(laid[-2::-1], laid[:0:-1], strict=True):
        kernel, stride, dilation, before = window
        reach, above = (kernel - 1) * dilation + 1, found[0]
        padded = np.zeros(before + below.units + (len(above) * stride) + reach)
        for tap in range(0, reach, dilation):
            padded[tap : tap + len(above) * stride : stride] += above
        found.insert(0, padded[before : before + below.units])
    return found


def path_shares(layers: Iterable[Sequence[Any]], n: int, unit: Sequence[int]) -> Array:
    """Tell which share of the paths to a unit begins at every pixel of the input.

    This is the gradient of the unit by the pixels in a stack whose kernels are all
    means, the **effective receptive field** of a stack before it has learned: much in
    the middle, little at the rim, and the more so the deeper the stack (Luo, Li,
    Urtasun & Zemel, *Understanding the effective receptive field in deep convolutional
    neural networks*, 2016, arXiv:1701.04128).

    Parameters
    ----------
    layers, n
        As for `unit_grids`; kernels and input are square.
    unit
        (row, column) of the unit in the last layer.

    Returns
    -------
    array
        (n, n). The sum is 1 where no path ends in padding; what is missing does.

    Raises
    ------
    ValueError
        What `unit_grids` refuses, a unit that the last layer has not.

    Examples
    --------
    >>> 81 * path_shares([(3, 1), (3, 1)], 5, (0, 0))
    array([[1., 2., 3., 2., 1.],
           [2., 4., 6., 4., 2.],
           [3., 6., 9., 6., 3.],
           [2., 4., 6., 4., 2.],
           [1., 2., 3., 2., 1.]])
    """
    stack = [layer for _, layer in _stacked(layers)]
    row, column = _arguments.pair(unit, "unit", 0)
    rows, columns = (path_counts(stack, n, index)[0] for index in (row, column))
    whole = float(math.prod(int(kernel) for kernel, *_ in stack))
    return np.outer(rows / whole, columns / whole)


Window = tuple[int, int, int, int]  # kernel, stride, dilation, padding before


def _stacked(layers: Any) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield each layer of a stack with the name that a sentence calls it by."""
    single = isinstance(layers, str) or getattr(layers, "ndim", 1) == 0
    if single or not isinstance(layers, Iterable):
        need = "Give a list such as [(3, 1), (2, 2)]"
        raise _arguments.refusal("layers", _arguments.shown(layers), need)
    for number, layer in enumerate(layers):
        name = f"layers[{number}]"
        if not _arguments.is_sequence(layer) or len(layer) not in (2, 3, 4):
            need = "Give (kernel, stride), then dilation and padding if need be"
            raise _arguments.refusal(name, _arguments.shown(layer), need)
        yield name, layer


def _laid(layers: Any, n: int) -> list[tuple[Grid, Window]]:
    """Return the grid of the input and of every layer, and the window that made it."""
    grid = Grid(_arguments.whole(n, "n"), 1, 1, 0.0)
    laid: list[tuple[Grid, Window]] = [(grid, (1, 1, 1, 0))]
    for name, layer in _stacked(layers):
        kernel, stride, dilation = (
            _arguments.whole(entry, name) for entry in (*layer, 1)[:3]
        )
        padding = layer[3] if len(layer) == 4 else "valid"
        (before, after), _ = _sides(
            padding if isinstance(padding, str) else _arguments.whole(padding, name, 0),
            (grid.units, grid.units),
            (kernel, kernel),
            (stride, stride),
            (dilation, dilation),
        )
        reach, padded = (kernel - 1) * dilation + 1, before + grid.units + after
        if reach > padded:
            came = f"a window of {reach} over {padded} units, padding included"
            need = "Give a smaller kernel or dilation, more padding, or a larger n"
            raise _arguments.refusal(name, came, need)
        grid = Grid(
            (padded - reach) // stride + 1,
            grid.field + (reach - 1) * grid.jump,
            grid.jump * stride,
            grid.start + ((reach - 1) / 2 - before) * grid.jump,
        )
        laid.append((grid, (kernel, stride, dilation, before)))
    return laid


# -- activations: any shape in, the same shape out -------------------------------------


def sigmoid(x: ArrayLike) -> Array:
    """Squash into 0 … 1: ``1 / (1 + exp(−x))``."""
    return np.exp(log_sigmoid(x))


def tanh(x: ArrayLike) -> Array:
    """Squash into −1 … 1: ``(exp(x) − exp(−x)) / (exp(x) + exp(−x))``."""
    return np.tanh(_numbers(x))


def step(x: ArrayLike) -> Array:
    """Fire or not: 1 where x ≥ 0, else 0."""
    return np.heaviside(_numbers(x), 1)


@np.errstate(invalid="ignore")
def softplus(x: ArrayLike) -> Array:
    """Bend smoothly from 0 to x: ``ln(1 + exp(x))``."""
    return np.logaddexp(_numbers(x), 0)


def relu(x: ArrayLike) -> Array:
    """Let only the positive pass: ``max(x, 0)``."""
    return np.maximum(_numbers(x), 0)


@np.errstate(invalid="ignore")
def softsign(x: ArrayLike) -> Array:
    """Squash into −1 … 1, slowly: ``x / (1 + |x|)``."""
    x = _numbers(x)
    return x / (1 + np.abs(x))


@np.errstate(invalid="ignore")
def elu(x: ArrayLike, alpha: ArrayLike = 1.0) -> Array:
    """Bend towards −alpha: x where x > 0, else ``alpha · (exp(x) − 1)``."""
    x = _numbers(x)
    alpha = _setting(alpha, "alpha", x)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@np.errstate(invalid="ignore")
def log_sigmoid(x: ArrayLike) -> Array:
    """Take the logarithm of the sigmoid: ``−ln(1 + exp(−x))``."""
    return -np.logaddexp(-_numbers(x), 0)


@np.errstate(invalid="ignore")
def swish(x: ArrayLike) -> Array:
    """Let x pass as far as its sigmoid is open: ``x · sigmoid(x)``, Keras's silu."""
    return _numbers(x) * sigmoid(x)


@np.errstate(invalid="ignore")
def sinc(x: ArrayLike) -> Array:
    """Ripple: ``sin(πx) / (πx)``, and 1 at zero, as in NumPy and Keras."""
    return np.sinc(_numbers(x))


@np.errstate(invalid="ignore")
def leaky_relu(x: ArrayLike, negative_slope: ArrayLike = 0.2) -> Array:
    """Let the negative leak: x where x > 0, else ``negative_slope · x``."""
    x = _numbers(x)
    slope = _setting(negative_slope, "negative_slope", x)
    return np.where(x > 0, x, slope * x)


@np.errstate(invalid="ignore")
def mish(x: ArrayLike) -> Array:
    """Let x pass as far as softplus opens: ``x · tanh(softplus(x))``."""
    return _numbers(x) * np.tanh(softplus(x))


@np.errstate(invalid="ignore")
def softmax(x: ArrayLike, axis: int = -1) -> Array:
    """Turn scores into probabilities: ``exp(x) / Σ exp(x)`` along an axis.

    >>> softmax([1000, 1000, -1000])
    array([0.5, 0.5, 0. ])
    """
    x = _numbers(x)
    if not _arguments.is_whole(axis) or not -x.ndim <= axis < x.ndim:
        need = f"x has {x.ndim} axes; the last is -1"
        raise _arguments.refusal("axis", _arguments.shown(axis), need)
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


# -- the moving parts ------------------------------------------------------------------


def _taps(
    x: NDArray[Any],
    size: Pair,
    shape: tuple[int, ...],
    stride: Pair,
    dilation: Pair = (1, 1),
) -> Iterator[tuple[Pair, NDArray[Any]]]:
    """Yield each tap of a window and the view of x it meets at `shape` positions."""
    rows = (shape[0] - 1) * stride[0] + 1
    cols = (shape[1] - 1) * stride[1] + 1
    for a, b in product(range(size[0]), range(size[1])):
        top, left = a * dilation[0], b * dilation[1]
        yield (a, b), x[top : top + rows : stride[0], left : left + cols : stride[1]]


def _fft_pays(
    kernel: Array, positions: tuple[int, ...], canvas: tuple[int, ...]
) -> bool:
    """Say whether Fourier transforms are clearly faster than one copy for every tap.

    A tap costs a multiplication at every position, and about 1,000 more for being
    looked up; a transform of n numbers n · log₂ n. Factor 3: measured, benchmarks/ops.
    """
    taps, planes = math.prod(kernel.shape[:2]), math.prod(kernel.shape[2:])
    pixels = math.prod(canvas[:2])
    copies = taps * (math.prod(positions[:2]) * planes + 1000)
    # One for every channel of the picture, of the kernel, of the result: at most
    transforms = (2 * planes + 1) * pixels * math.log2(pixels)
    return taps > _EXACT_TAPS and copies > 3 * transforms


def _sums_by_fft(
    x: Array,
    kernel: Array,
    canvas: tuple[int, ...],
    *,
    dilation: Pair = (1, 1),
    spacing: Pair = (1, 1),
    mirrored: bool = False,
) -> Array:
    """Paint a stamp of the kernel for every pixel of x, (rows, cols, F) in float64.

    Where the stamps are mirrored, `conv2d`'s sums come out: the theorem multiplies the
    transforms. One NaN or infinity would spread over all of a transform, so these are
    left out, and what they make of the sums that meet them is found by counting.
    """
    x = x.reshape(*x.shape[:2], -1)
    kernel = kernel.reshape(*kernel.shape[:2], x.shape[2], -1)
    lengths = tuple(map(_fast_length, canvas[:2]))

    def sums(pixels: NDArray[Any], weights: NDArray[Any]) -> Array:
        # At sizes up to 1 nothing overflows; powers of 2 change no digit.
        exponents = [int(np.frexp(np.abs(a).max())[1]) for a in (pixels, weights)]
        pixels = _spread(np.ldexp(pixels.astype(np.float64), -exponents[0]), spacing)
        weights = _spread(np.ldexp(weights.astype(np.float64), -exponents[1]), dilation)
        out = np.empty((*canvas[:2], weights.shape[3]))
        transformed = np.fft.rfft2(pixels, lengths, axes=(0, 1))
        for number in range(
            weights.shape[3]
        ):  # one at a time: the transforms are large
            stamp = np.fft.rfft2(weights[..., number], lengths, axes=(0, 1))
            product = transformed * (stamp.conj() if mirrored else stamp)
            plane = np.fft.irfft2(product.sum(axis=2), lengths)
            out[..., number] = plane[: canvas[0], : canvas[1]]
        return np.ldexp(out, sum(exponents))

    def meet(*pairs: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        pixels, weights = zip(*pairs, strict=True)
        # A sum over channels, so these stand side by side: a count comes out.
        return sums(np.concatenate(pixels, axis=2), np.concatenate(weights, 2)) > 0.5

    finite = np.isfinite(x)
    out = sums(np.where(finite, x, 0), kernel)
    if not finite.all():
        high, low, positive, negative = (
            x == np.inf,
            x == -np.inf,
            kernel > 0,
            kernel < 0,
        )
        rises = meet((high, positive), (low, negative))
        falls = meet((high, negative), (low, positive))
        every = np.ones_like(kernel, dtype=bool)
        lost = meet((np.isnan(x), every), (high | low, kernel == 0))
        out[rises], out[falls], out[lost | (rises & falls)] = np.inf, -np.inf, np.nan
    return out


def _spread(x: Array, step: Pair) -> Array:
    """Set x's rows and columns apart, with zeros between them."""
    if step == (1, 1):
        return x
    rows, cols = ((n - 1) * s + 1 for n, s in zip(x.shape, step, strict=False))
    out = np.zeros((rows, cols, *x.shape[2:]), x.dtype)
    out[:: step[0], :: step[1]] = x
    return out


def _fast_length(n: int) -> int:
    """Return the next length whose only prime factors are 2, 3 and 5."""
    rest = n
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    return n if rest == 1 else _fast_length(n + 1)


def _passes(
    x: Array, size: Pair, stride: Pair, shape: Pair
) -> Iterator[tuple[Pair, Pair, Pair]]:
    """Pool with a row, then with a column: h + w taps do the work of h · w."""
    yield (1, size[1]), (len(x), shape[1]), (1, stride[1])
    yield (size[0], 1), shape, (stride[0], 1)


def _pool(combine: np.ufunc, x: Array, size: Pair, stride: Pair, shape: Pair) -> Array:
    """Combine the pixels of every window."""
    for window in _passes(x, size, stride, shape):
        taps = (pixels for _, pixels in _taps(x, *window))
        x = next(taps).copy()
        for pixels in taps:
            combine(x, pixels, out=x)
    return x


def _winners(
    x: Array, size: Pair, stride: Pair, sides: Sides, shape: Pair
) -> tuple[Array, NDArray[np.intp]]:
    """Find the largest pixel of every window and its place; padding's place is −1."""
    places = np.arange(x.shape[0] * x.shape[1]).reshape(x.shape[:2])
    places = np.pad(places, sides, constant_values=-1)
    x = _pad(x, sides, fill=-np.inf)
    places = np.broadcast_to(places if x.ndim == 2 else places[..., None], x.shape)
    for window in _passes(x, size, stride, shape):
        taps = zip(_taps(x, *window), _taps(places, *window), strict=True)
        (_, best), (_, where) = next(taps)
        x, places = best.copy(), where.copy()
        for (_, pixels), (_, where) in taps:
            better = ~(pixels <= x) & ~np.isnan(x)  # larger, or the first NaN
            better |= (where >= 0) & (places < 0)  # even −∞ beats padding
            np.copyto(x, pixels, where=better)
            np.copyto(places, where, where=better)
    return x, places


def _stretch(x: Array, factor: int, axis: int) -> Array:
    """Enlarge along one axis, linearly between the pixels' centres."""
    n = x.shape[axis]
    centre = (np.arange(n * factor) + 0.5) / factor - 0.5
    below, above = np.floor(centre).astype(int), np.ceil(centre).astype(int)
    weight = np.expand_dims(centre - below, tuple(range(1, x.ndim - axis)))
    weight = weight.astype(x.dtype)
    low, high = x.take(below.clip(min=0), axis), x.take(above.clip(max=n - 1), axis)
    # On an old centre the neighbour has no say, not even an infinite one (0 · ∞ = NaN).
    return np.where(weight == 0, low, low * (1 - weight) + high * weight)


def _pad(x: Array, sides: Sides, mode: Mode = "zeros", fill: float = 0) -> Array:
    _arguments.word(mode, "mode", ("zeros", "symmetric", "reflect", "edge"))
    if not any(map(any, sides)):
        return x
    widths = (*sides, (0, 0))[: x.ndim]
    if mode == "zeros":
        return np.pad(x, widths, constant_values=fill)
    return np.pad(x, widths, mode)


def _reach(size: Pair, dilation: Pair) -> Pair:
    """Count the pixels from a window's first tap to its last."""
    return (size[0] - 1) * dilation[0] + 1, (size[1] - 1) * dilation[1] + 1


def _positions(
    shape: tuple[int, ...],
    size: Pair,
    stride: Pair,
    sides: Sides,
    dilation: Pair = (1, 1),
    name: str = "kernel",
) -> Pair:
    """Count the positions of a window on the padded picture, down and across."""
    high, wide = _reach(size, dilation)
    rows, cols = shape[0] + sum(sides[0]), shape[1] + sum(sides[1])
    if high > rows or wide > cols:
        reach = f"{_arguments.shown(high)}×{_arguments.shown(wide)}"
        came = f"{reach} pixels for a padded picture of {rows}×{cols}"
        need = 'Give a smaller one, a larger picture, or padding="same"'
        raise _arguments.refusal(name, came, need)
    return (rows - high) // stride[0] + 1, (cols - wide) // stride[1] + 1


def _transposed_ends(
    shape: tuple[int, ...],
    size: Pair,
    stride: Pair,
    padding: Any,
    output_padding: IntOrPair | None = None,
) -> Sides:
    """Tell where the part of the canvas that stays begins and ends, down and across."""
    same = _is_same(padding)
    sides = _sides("valid" if same else padding)
    extra: tuple[int | None, int | None] = (None, None)
    if output_padding is not None:
        extra = _arguments.pair(output_padding, "output_padding", least=0)

    def along(n: int, k: int, s: int, cut: Pair, p: int | None) -> Pair:
        least = int(same and k % 2 == 0)
        if p is not None and not least <= p < s:
            need = f"give {least} … {s - 1}" if least < s else "leave it out"
            need = f"With stride {s} and this kernel and padding {need}"
            came = _arguments.shown(output_padding)
            raise _arguments.refusal("output_padding", came, need)
        canvas = (n - 1) * s + k
        if same:
            left = n * s if p is None else (n - 1) * s + k % 2 + p
            start = max(canvas - left, 0) // 2
            return start, start + left
        end = canvas + (max(s - k, 0) if p is None else p) - cut[1]
        if end <= cut[0]:
            need = f"Only {end + cut[1]} pixels are there, give less"
            raise _arguments.refusal("padding", _arguments.shown(padding), need)
        return cut[0], end

    rows, cols = zip(shape[:2], size, stride, sides, extra, strict=True)
    return along(*rows), along(*cols)


# -- arguments: what came, and what would do -------------------------------------------


def _is_same(padding: Any) -> bool:
    return isinstance(padding, str) and padding == "same"


def _sides(
    padding: Any,
    shape: tuple[int, ...] = (1, 1),
    size: Pair = (1, 1),
    stride: Pair = (1, 1),
    dilation: Pair = (1, 1),
) -> Sides:
    """Return ((top, bottom), (left, right)) from all the ways to say padding."""
    if _is_same(padding):
        n = shape[0], shape[1]
        return same_padding(n, size, stride=stride, dilation=dilation)
    if isinstance(padding, str) and padding == "valid":
        return (0, 0), (0, 0)
    try:
        each_side = _arguments.is_sequence(padding) and len(padding) == 2
        if each_side and all(map(_arguments.is_sequence, padding)):
            top_bottom, left_right = padding
            return (
                _arguments.pair(top_bottom, "padding", 0, _FARTHEST),
                _arguments.pair(left_right, "padding", 0, _FARTHEST),
            )
        rows, cols = _arguments.pair(padding, "padding", 0, _FARTHEST)
    except ValueError:
        ways = "n, (rows, cols) or ((top, bottom), (left, right))"
        need = f'Give "valid", "same" or pixels, 0 to {_FARTHEST:,}: {ways}'
        raise _arguments.refusal("padding", _arguments.shown(padding), need) from None
    return (rows, rows), (cols, cols)


def _numbers(value: ArrayLike, name: str = "x", dtype: Any = None) -> Array:
    """Return an array of `dtype`, by default float32 if it was that, else float64."""
    array = _arguments.array(value, name)
    own = np.float32 if array.dtype == np.float32 else np.float64
    return array.astype(dtype or own, copy=False)


def _setting(value: ArrayLike, name: str, x: Array) -> Array:
    """Return an activation's setting: one number, or several that go with x's."""
    setting = _numbers(value, name, x.dtype)
    try:
        np.broadcast_shapes(setting.shape, x.shape)
    except ValueError:
        need = f"Give one number, or a shape that goes with x's, {x.shape}"
        raise _arguments.refusal(name, f"shape {setting.shape}", need) from None
    return setting


def _picture(value: ArrayLike, name: str = "x") -> Array:
    array = _numbers(value, name)
    if array.ndim not in (2, 3):
        need = "Give one picture, (H, W) or (H, W, C)"
        if array.ndim == 4:
            need += f"; {name}[0] is the first of a batch"
        raise _arguments.refusal(name, f"shape {array.shape}", need)
    return array


def _kernel(value: ArrayLike, x: Array, transposed: bool = False) -> Array:
    """Return the kernel if it fits the picture's channels."""
    kernel = _numbers(value, "kernel", x.dtype)
    if x.ndim == 2:
        fits = kernel.ndim == 2
        need = "Give (kh, kw), or give x a channel axis, x[..., None]"
    elif transposed:
        fits = kernel.ndim == 4 and kernel.shape[3] == x.shape[2]
        need = f"Give (kh, kw, F, {x.shape[2]}), filters before channels"
    else:
        fits = kernel.ndim in (3, 4) and kernel.shape[2] == x.shape[2]
        need = "Give (kh, kw, {0}) or (kh, kw, {0}, F)".format(x.shape[2])
        if kernel.ndim == 2:
            need += f"; np.dstack([kernel] * {x.shape[2]}) sums over the channels"
    if not fits:
        came = f"shape {kernel.shape} for x of {x.shape}"
        raise _arguments.refusal("kernel", came, need)
    return kernel


def _grouped(x: Array, kernel: ArrayLike, groups: int) -> tuple[Array, Array]:
    """Return picture and kernel if both can be cut into as many parts."""
    kernel = _numbers(kernel, "kernel", x.dtype)
    channels = x.shape[2] if x.ndim == 3 else 1
    if channels % groups:
        need = "Give a number that the channels of x can be divided by"
        came = f"{groups} for {channels} channel{'s' * (channels > 1)}"
        raise _arguments.refusal("groups", came, need)
    if kernel.ndim != 4 or kernel.shape[2] != channels // groups:
        came = f"shape {kernel.shape} for x of {x.shape} in {groups} groups"
        need = f"Give (kh, kw, {channels // groups}, F)"
        raise _arguments.refusal("kernel", came, need)
    if kernel.shape[3] % groups:
        need = "Give a number that the filters can be divided by"
        raise _arguments.refusal(
            "groups", f"{groups} for {kernel.shape[3]} filters", need
        )
    return x, kernel


def _bias(value: ArrayLike, filters: tuple[int, ...], dtype: Any) -> Array:
    bias = _numbers(value, "bias", dtype)
    if bias.shape not in ((), filters):
        need = "Give one number" + "".join(f", or {n}: one a filter" for n in filters)
        raise _arguments.refusal("bias", f"shape {bias.shape}", need)
    return bias
