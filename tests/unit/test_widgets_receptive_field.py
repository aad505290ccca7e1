"""The Python side of ReceptiveField: counts, sizes, refusals, the still picture."""

import numpy as np
import pytest
from traitlets import TraitError

from helpers import ops
from helpers.widgets.explorers.receptive_field import (
    LIMITS,
    PRESETS,
    ReceptiveField,
    _least_size,
    _paths,
)

DEFAULT = ((3, 1, 1, 0), (2, 2, 1, 0), (3, 1, 1, 0))
SHORT = [(3, 1), (2, 2), (3, 1)]


@pytest.fixture
def stack():
    stack = ReceptiveField()
    yield stack
    stack.close()


def random_stack(rng, most_size):
    """Layers that fit on an input of that size, and the sizes of all planes."""
    layers, sizes = [], [int(rng.integers(LIMITS["size"][0], most_size + 1))]
    for _ in range(rng.integers(1, 7)):
        kernel, stride, dilation = (int(rng.integers(1, n + 1)) for n in (5, 3, 3))
        half = ((kernel - 1) * dilation + 1) // 2
        padding = int(rng.integers(half + 1)) if rng.random() < 0.5 else 0
        options = {"stride": stride, "dilation": dilation, "padding": padding}
        try:
            sizes.append(ops.output_size(sizes[-1], kernel, **options))
        except ValueError:
            continue
        layers.append((kernel, stride, dilation, padding))
    return layers or [(1, 1, 1, 0)], sizes if layers else [sizes[0]] * 2


def counted_forwards(layers, size, unit):
    """Paths from every pixel to the unit: one pixel at a time goes up through ops."""
    layer, row, column = unit
    counts = np.zeros((size, size), int)
    for pixel in np.ndindex(counts.shape):
        plane = np.zeros(counts.shape)
        plane[pixel] = 1
        for kernel, stride, dilation, padding in layers[:layer]:
            options = {"stride": stride, "dilation": dilation, "padding": padding}
            plane = ops.conv2d(plane, np.ones((kernel, kernel)), **options)
        counts[pixel] = plane[row, column]
    return counts


def test_pixels_count_the_paths():
    rng = np.random.default_rng(1)
    for _ in range(40):
        layers, sizes = random_stack(rng, 12)
        stack = ReceptiveField(layers, sizes[0])
        layer = int(rng.integers(len(sizes)))
        stack.unit = (layer, *map(int, rng.integers(0, sizes[layer], 2)))
        expected = counted_forwards(layers, sizes[0], stack.unit)
        np.testing.assert_array_equal(stack.pixels, expected)
        assert stack.sizes == tuple(sizes)
        assert stack.field == ops.receptive_field(layers)
        whole = np.prod([kernel**2.0 for kernel, *_ in layers[:layer]])
        np.testing.assert_allclose(stack.shares, expected / whole, rtol=1e-12)
        grid = stack.grids[layer]
        fields = [grid.seen(index, sizes[0]) for index in stack.unit[1:]]
        for rows, field in zip((expected, expected.T), fields, strict=True):
            assert set(np.flatnonzero(rows.any(axis=1))) <= set(field)
        inside = len(fields[0]) * len(fields[1])
        assert stack.outside == pytest.approx(1 - inside / grid.field**2)
        assert not stack.outside or "of its field lies outside" in repr(stack)
        stack.close()


def test_paths_above_the_unit():
    rng = np.random.default_rng(3)
    for _ in range(40):
        layers, sizes = random_stack(rng, 20)
        stack = ReceptiveField(layers, sizes[0])
        layer = int(rng.integers(len(sizes)))
        stack.unit = (layer, *map(int, rng.integers(0, sizes[layer], 2)))
        above = _paths(stack.layers, stack.size, stack.unit)
        plane = np.zeros((sizes[layer],) * 2)
        plane[stack.unit[1:]] = 1
        for number in range(layer, len(layers)):
            kernel, stride, dilation, padding = layers[number]
            options = {"stride": stride, "dilation": dilation, "padding": padding}
            plane = ops.conv2d(plane, np.ones((kernel, kernel)), **options)
            np.testing.assert_array_equal(above[number + 1], plane)
        stack.close()


def test_the_least_size_fits_exactly():
    rng, tried = np.random.default_rng(2), 0
    for _ in range(100):
        layers, _ = random_stack(rng, 64)
        least = _least_size(layers)
        padded = any(padding for *_, padding in layers)
        assert padded or least == ops.receptive_field(layers)
        if not LIMITS["size"][0] < least <= LIMITS["size"][1]:
            continue
        stack = ReceptiveField(layers, least)
        assert padded or stack.sizes[-1] == 1
        with pytest.raises(TraitError, match=f"size of at least {least}"):
            stack.size = least - 1
        stack.close()
        tried += 1
    assert tried > 50


@pytest.mark.parametrize(("name", "size", "layers"), PRESETS, ids=lambda p: str(p)[:20])
def test_presets_fit_and_are_described(name, size, layers):
    stack = ReceptiveField(layers, size)
    assert f"sees {stack.field} × {stack.field}" in repr(stack)
    shown = [axis.get_title() for axis in stack.picture().axes]
    assert len(shown) == min(len(layers) + 1, 7)
    assert shown[0].startswith(f"input ({size}")
    assert shown[-1].startswith(f"layer {len(layers)} (")
    assert len(repr(stack)) < 300
    stack.close()


def test_a_deep_stack_shows_the_plane_of_its_unit():
    (size, layers), *_ = [rest for name, *rest in PRESETS if name == "VGG16 (2014)"]
    stack = ReceptiveField(layers, size)
    assert stack.field == 212
    assert stack.unit == (18, 3, 3)
    assert stack.outside == 0
    assert stack.shares.sum() == pytest.approx(1)
    stack.unit = (17, 0, 0)
    assert stack.pixels.max() > 2**31
    assert stack.outside == pytest.approx(1 - 106**2 / 196**2)
    assert "71% of its field lies outside the picture" in repr(stack)
    titles = [axis.get_title() for axis in stack.picture().axes]
    assert "layer 17 (14 × 14)" in titles
    assert len(titles) == 8
    stack.close()


def test_a_unit_that_reads_padding_alone():
    stack = ReceptiveField([(4, 2), (2, 1, 2, 1)], 4)
    assert stack.sizes == (4, 1, 1)
    assert not stack.pixels.any()
    assert repr(stack).endswith(
        "depends on 0 of 8 × 8 pixels; 75% of its field lies outside the picture"
    )
    assert stack.picture()
    stack.close()


def test_what_the_lesson_says():
    fields = {name: ops.receptive_field(layers) for name, _, layers in PRESETS}
    assert fields["three 3 × 3 = one 7 × 7"] == fields["one 7 × 7"] == 7
    assert fields["conv – pool – conv – pool"] == 10
    assert fields["dilated 1, 2, 4"] == 15
    gridding = ReceptiveField([(3, 1, 2)] * 3, 20)
    assert (gridding.pixels > 0).sum() == 49  # of 13 · 13
    dense = ReceptiveField([(3, 1, 1), (3, 1, 2), (3, 1, 4)], 20)
    assert (dense.pixels > 0).sum() == 15**2  # no pixel is left out


def test_layers_are_kept_in_one_form(stack):
    for same in (
        SHORT,
        [[3, 1, 1], [2, 2, 1], [3, 1, 1]],
        [(3, 1), (2, 2, 1), (3, 1, 1, 0)],
        np.array(DEFAULT),
        iter(DEFAULT),
    ):
        stack.layers = same
        assert stack.layers == DEFAULT
        assert all(type(n) is int for layer in stack.layers for n in layer)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ("abc", "give a list"),
        (None, "give a list"),
        (3, "give a list"),
        ([], "0 layers came"),
        ([(3, 1)] * 21, "21 layers came"),
        ([3, 1], r"layers\[0\]: 3 came"),
        ([(3,)], r"layers\[0\]: \(3,\) came"),
        ([(3, 1, 1, 1, 1)], "give \\(kernel, stride\\)"),
        ([(3, 1, 1, 2)], r"layers\[0\], padding: 2 came.* reaches over 3"),
        ([(1, 1, 4, 1)], r"padding: 1 came; give at most half .* over 1\."),
        ([(11, 1, 4, 21)], "padding: got 21"),
        ([(3, 1, 1, "same")], "whole number"),
        ([(3, 1, 1, -1)], "padding: got -1"),
        ([(3, 4), (11, 1, 1, 3)], r"does not fit: .* has 10 × 10, with its padding"),
        ([(3, 1), (0, 1)], r"layers\[1\], kernel: got 0"),
        ([(12, 1)], "from 1 to 11"),
        ([(3, 5)], "stride: got 5"),
        ([(3, 1, 0)], "dilation: got 0"),
        ([(3.0, 1)], "whole number"),
        ([(True, 1)], "whole number"),
        ([("3", 1)], "whole number"),
        ([(3, 1), (8, 1, 2)], r"layers\[1\] does not fit: .* 15 units.* 14 × 14"),
    ],
    ids=str,
)
def test_layers_that_are_refused(stack, layers, said):
    with pytest.raises(TraitError, match=said):
        stack.layers = layers
    assert stack.layers == DEFAULT
    with pytest.raises(TraitError, match=said):
        ReceptiveField(layers)


@pytest.mark.parametrize("size", [0, 3, 257, -1, 8.0, "16", None, True, [16]], ids=str)
def test_sizes_that_are_refused(stack, size):
    with pytest.raises(TraitError, match="whole number from 4 to 256"):
        stack.size = size
    assert stack.size == 16


@pytest.mark.parametrize(
    "unit",
    [(4, 0, 0), (-1, 0, 0), (3, 5, 0), (3, 0, -1), (1, 2), 7, None, "abc", (1, 1, 0.5)],
    ids=str,
)
def test_units_that_are_refused(stack, unit):
    with pytest.raises(TraitError, match=r"\(layer, row, column\)"):
        stack.unit = unit
    assert stack.unit == (3, 2, 2)


def test_a_unit_that_is_left_outside_moves_to_the_middle_of_the_top(stack):
    stack.unit = (1, 13, 13)
    stack.size = 10
    assert stack.unit == (3, 1, 1)  # 10, 8, 4, 2
    stack.unit = (1, 2, 3)
    stack.layers = [(5, 1)]
    assert stack.unit == (1, 2, 3)  # still inside


def test_layers_and_size_change_together(stack):
    alexnet = [(11, 4), (3, 2), (5, 1)]
    with pytest.raises(TraitError, match="does not fit"):
        stack.layers = alexnet
    with stack.hold_trait_notifications():
        stack.layers = alexnet
        stack.size = 64
    assert stack.sizes == (64, 14, 6, 2)
    assert stack.unit == (3, 1, 1)  # (3, 2, 2) is no more

    def too_small():
        with stack.hold_trait_notifications():
            stack.layers = [(3, 1)] * 6
            stack.size = 5

    with pytest.raises(TraitError, match="does not fit"):
        too_small()
    assert stack.sizes == (64, 14, 6, 2)  # both are as they were


def test_what_the_page_sends_is_taken(stack):
    stack.set_state(
        {"layers": [[11, 4, 1, 2], [3, 2, 1, 0]], "size": 48, "unit": [2, 3, 1]}
    )
    assert stack.layers == ((11, 4, 1, 2), (3, 2, 1, 0))
    assert (stack.size, stack.unit) == (48, (2, 3, 1))


def test_it_shows_a_picture_and_a_line_beside_the_live_view(stack):
    data, metadata = stack._repr_mimebundle_()
    assert data["text/plain"] == (
        "ReceptiveField: input 16 × 16, 3 × 3 → 14 × 14, 2 × 2 stride 2 → 7 × 7, "
        "3 × 3 → 5 × 5; the top sees 8 × 8 pixels; unit (3, 2, 2) depends on 64 of "
        "8 × 8 pixels, on each by up to 9 paths"
    )
    assert metadata["image/png"]["alt"] == data["text/plain"]
    assert data["image/png"].startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_picture_follows_the_unit(stack):
    stack.unit = (0, 4, 5)  # a pixel: what depends on it lights up above
    shown = [np.asarray(axis.images[0].get_array()) for axis in stack.picture().axes]
    pale = shown[0][0, 0]
    lit = [(plane != pale).any(axis=2) for plane in shown]
    assert [plane.sum() for plane in lit] == [1, 9, 4, 9]
    colour = [plane[places][0] for plane, places in zip(shown, lit, strict=True)]
    assert colour[0].argmin() == 2  # the pixel itself is orange,
    assert all(above.argmax() == 1 for above in colour[1:])  # what depends on it green
    assert "unit (0, 4, 5)" in repr(stack)
