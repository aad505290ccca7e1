import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, Rectangle

from helpers import colours, ops, plots

RNG = np.random.default_rng(3)
X = np.array([[110, 256, 153, 67], [12, 89, 88, 43], [10, 15, 50, 55], [23, 9, 49, 23]])
ODD = RNG.permutation(25).reshape(5, 5)


def texts(ax):
    return [t.get_text() for t in ax.texts]


def fills(ax, shape):
    cells = [p for p in ax.patches if isinstance(p, Rectangle)]
    return np.reshape([to_hex(p.get_facecolor()) for p in cells], shape)


def rings(ax):
    found = [p.center for p in ax.patches if isinstance(p, Circle)]
    return {(round(y), round(x)) for x, y in found}


def test_numbers_of_both_poolings_stand_there():
    picture = plots.pooling(X, reduce=("max", "mean"))
    assert [ax.get_title() for ax in picture.axes] == [
        "input",
        "max pooling",
        "mean pooling",
    ]
    assert texts(picture.axes[0]) == [str(v) for v in X.ravel()]
    assert texts(picture.axes[1]) == ["256", "153", "23", "55"]
    assert texts(picture.axes[2]) == ["116.75", "87.75", "14.25", "44.25"]


def test_a_window_and_its_result_have_one_colour():
    picture = plots.pooling(X)
    before, after = fills(picture.axes[0], (4, 4)), fills(picture.axes[1], (2, 2))
    np.testing.assert_array_equal(before, after.repeat(2, 0).repeat(2, 1))
    assert len(set(after.ravel())) == 4
    assert rings(picture.axes[0]) == {(0, 1), (0, 2), (3, 0), (2, 3)}
    assert not rings(plots.pooling(X, reduce="mean").axes[0])


def test_overlapping_windows_have_no_colours():
    picture = plots.pooling(X, stride=1)
    for ax, shape in zip(picture.axes, ((4, 4), (3, 3)), strict=True):
        assert set(fills(ax, shape).ravel()) == {"#ffffff"}
    assert "stride 1" in picture.alt
    assert len(rings(picture.axes[0])) == 7


def test_what_no_window_sees_is_pale():
    ax = plots.pooling(ODD).axes[0]
    pale = [t.get_color() == colours.LINE for t in ax.texts]
    wanted = np.zeros((5, 5), bool)
    wanted[4], wanted[:, 4] = True, True
    np.testing.assert_array_equal(np.reshape(pale, (5, 5)), wanted)


def test_padding_is_hatched_and_empty():
    picture = plots.pooling(ODD, padding="same")
    ax = picture.axes[0]
    assert texts(ax) == [str(v) for v in ODD.ravel()]
    cells = [p for p in ax.patches if isinstance(p, Rectangle)]
    hatched = np.reshape([bool(p.get_hatch()) for p in cells], (6, 6))
    assert hatched[5].all()
    assert hatched[:, 5].all()
    assert hatched.sum() == 11
    before = plots.pooling(ODD, 4, stride=4, padding="same").axes[0]
    top = before.patches[0]
    assert top.get_hatch(), "four on the left, uneven: 1 before and 2 after"


@pytest.mark.parametrize(
    ("shape", "size", "stride"), [((4, 4), 2, 2), ((5, 6), 3, 1), ((7, 5), 3, 2)]
)
def test_gradients_are_true(shape, size, stride):
    x = RNG.permutation(shape[0] * shape[1]).reshape(shape).astype(float)
    upstream = RNG.integers(1, 9, ops.output_size(shape, size, stride=stride))
    picture = plots.pooling_gradient(x, upstream, size, stride=stride)
    for ax, kind in zip(picture.axes[2:], ("max", "mean"), strict=True):
        nudged = np.zeros(shape)
        for place in np.ndindex(shape):
            step = np.zeros(shape)
            step[place] = 0.25
            up, down = (
                (upstream * ops.pool2d(x + s, size, stride=stride, reduce=kind)).sum()
                for s in (step, -step)
            )
            nudged[place] = (up - down) / 0.5
        drawn = [float(text) for text in texts(ax)]
        np.testing.assert_allclose(np.reshape(drawn, shape), nudged, atol=0.00501)


def test_who_gets_a_gradient_has_its_colour():
    picture = plots.pooling_gradient(X, [[1, 2], [3, 4]])
    winners = fills(picture.axes[2], (4, 4)) != "#ffffff"
    assert winners.sum() == 4
    assert (fills(picture.axes[3], (4, 4)) == fills(picture.axes[0], (4, 4))).all()
    assert picture.alt.endswith("Mean pooling, rows 0.25 0.25 0.5 0.5; 0.25 0.25 0.5 "
                                "0.5; 0.75 0.75 1 1; 0.75 0.75 1 1.")  # fmt: skip


def test_refusals():
    with pytest.raises(ValueError, match="at most 12"):
        plots.pooling(np.zeros((13, 2)))
    with pytest.raises(ValueError, match="rows and columns"):
        plots.pooling(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="size"):
        plots.pooling(X, 5)
    with pytest.raises(ValueError, match="reduce"):
        plots.pooling(X, reduce="median")
    with pytest.raises(ValueError, match='"valid" or "same"'):
        plots.pooling(X, padding=1)
    with pytest.raises(ValueError, match=r"upstream has shape \(1, 1\)"):
        plots.pooling_gradient(X, [[1]])


# ---- curves ----


def test_a_line_for_each():
    picture = plots.curves([1, 2, 4], {"low": [0, 1, 2], "high": [3, np.nan, 9]})
    (ax,) = picture.axes
    low, high = ax.get_lines()
    np.testing.assert_array_equal(low.get_xdata(), [1, 2, 4])
    np.testing.assert_array_equal(high.get_ydata(), [3, np.nan, 9])
    names = [t.get_text() for t in ax.get_legend().get_texts()]
    assert names == ["high", "low"]  # in the order in which they end
    assert low.get_marker() != high.get_marker()
    assert low.get_linestyle() != high.get_linestyle()
    assert ax.get_ylim()[0] == 0
    assert picture.alt == "Low over x 1, 2, 4: 0, 1, 2. High: 3, NaN, 9."


def test_per_cent_and_negative_numbers():
    picture = plots.curves([1, 2], {"a": [0.5, -0.25]}, "Title", percent=True)
    assert picture.alt == "Title. A over x 1, 2: 50 %, −25 %."
    assert picture.axes[0].get_ylim()[0] < -0.25
    assert plots.curves([1], {"zeros": [0]}).axes[0].get_ylim() == (0, 1)


def test_curves_of_many_points_have_no_marks():
    for marks, size in ((True, True), (False, False)):
        picture = plots.curves([1, 2], {"a": [1, 2]}, marks=marks)
        (line,) = picture.axes[0].get_lines()
        assert bool(line.get_markersize()) == size
    with pytest.raises(ValueError, match="marks"):
        plots.curves([1, 2], {"a": [1, 2]}, marks="no")


def test_curves_refuse():
    with pytest.raises(ValueError, match="2 numbers, but x has 3"):
        plots.curves([1, 2, 3], {"short": [1, 2]})
    with pytest.raises(ValueError, match="0 lines came"):
        plots.curves([1, 2, 3], {})
    with pytest.raises(ValueError, match="real numbers"):
        plots.curves([1], {"text": ["a"]})


def test_pairs_and_whole_numbers_of_numpy():
    x = np.arange(24).reshape(4, 6)
    picture = plots.pooling(x, (2, 3), stride=np.array([2, 3]))
    assert texts(picture.axes[1]) == ["8", "11", "20", "23"]
    assert "Windows of 2 × 3, stride 2 × 3." in picture.alt
    before, after = fills(picture.axes[0], (4, 6)), fills(picture.axes[1], (2, 2))
    np.testing.assert_array_equal(before, after.repeat(2, 0).repeat(3, 1))
    overlapping = plots.pooling(x, (2, 3), stride=(2, 1)).axes[0]
    assert set(fills(overlapping, (4, 6)).ravel()) == {"#ffffff"}
    same = plots.pooling(x, np.int64(2), stride=(1, 2), padding="same")
    assert "stride 1 × 2, padding same" in same.alt
    gradient = plots.pooling_gradient(x, np.ones((2, 2)), (2, 3))
    assert rings(gradient.axes[0]) == {(1, 2), (1, 5), (3, 2), (3, 5)}


def test_words_that_are_not_known():
    with pytest.raises(ValueError, match='Did you mean "mean"'):
        plots.pooling(X, reduce=("max", "maen"))
    with pytest.raises(ValueError, match="reduce"):
        plots.pooling(X, reduce=())


# ---- amounts ----


def test_amounts_are_bars_on_a_logarithmic_scale():
    picture = plots.amounts(["a", "b", "c"], {"one": [1e-9, 0, 20], "two": [1, 2, 3]})
    first, second = picture.axes
    assert first.get_xlim() == second.get_xlim() == (-10, 2)
    drawn = [(bar.get_x(), bar.get_width()) for bar in first.patches]
    assert drawn == [(-10, pytest.approx(1)), (-10, pytest.approx(np.log10(20) + 10))]
    assert [t.get_text() for t in first.texts] == ["1e−9", "0", "20"]
    assert [t.get_text() for t in first.get_yticklabels()] == ["a", "b", "c"]
    assert picture.alt == (
        "Bars on a logarithmic scale. One: a 1e−9, b 0, c 20. Two: a 1, b 2, c 3."
    )
    nothing = plots.amounts(["a"], {"zeros": [0]}, "Title").axes[0]
    assert not nothing.patches
    assert nothing.get_xlim() == (-3, 1)


def test_amounts_on_plain_scales():
    kinds = {"one": [0, 4_096_000, 1e300], "two": [0.5, 3, 0], "none": [0, 0, 0]}
    picture = plots.amounts(["a", "b", "c"], kinds, log=False)
    assert [axis.get_xlim() for axis in picture.axes] == [(0, 1e300), (0, 3), (0, 1)]
    for axis, sizes in zip(picture.axes, kinds.values(), strict=True):
        assert [bar.get_width() for bar in axis.patches] == sizes
    written = [[t.get_text() for t in axis.texts] for axis in picture.axes]
    assert written[:2] == [["0", "4,096,000", "1e300"], ["0.5", "3", "0"]]
    assert picture.alt.startswith("Bars. One: a 0, b 4,096,000, c 1e300. Two: a 0.5")


def test_amounts_refuse():
    with pytest.raises(ValueError, match=r"log: got 1\. Give True or False"):
        plots.amounts(["a"], {"size": [1]}, log=1)
    with pytest.raises(ValueError, match="has 2 numbers for 1 rows"):
        plots.amounts(["a"], {"size": [1, 2]})
    for bad in (-1, np.nan, np.inf):
        with pytest.raises(ValueError, match="not from 0 up"):
            plots.amounts(["a"], {"size": [bad]})
    with pytest.raises(ValueError, match="0 rows came"):
        plots.amounts([], {"size": []})
    with pytest.raises(ValueError, match="31 rows came"):
        plots.amounts(["a"] * 31, {"size": [1] * 31})
    for kinds in ({}, {key: [1] for key in "abcd"}, [1]):
        with pytest.raises(ValueError, match="one to three names"):
            plots.amounts(["a"], kinds)


# ---- sums ----


def test_sums_are_bars_to_both_sides_and_add_up():
    picture = plots.sums(["a", "b", "c"], [2, -3, 0.5], "Title", total="all")
    [ax] = picture.axes
    assert [bar.get_width() for bar in ax.patches] == [2, -3, 0.5, -0.5]
    assert ax.get_xlim() == (-3.06, 3.06)
    assert [t.get_text() for t in ax.texts] == ["2", "−3", "0.5", "−0.5"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b", "c", "all"]
    said = "Title. Bars: a 2, b −3, c 0.5. Together, all: −0.5."
    assert picture.alt == said
    assert plots.sums(["nothing"], [0]).axes[0].get_xlim() == (-1.02, 1.02)


def test_sums_refuse():
    for names in ([], "ab", ["a"] * 41, None):
        with pytest.raises(ValueError, match="Give a list of 1 to 40 names"):
            plots.sums(names, [1])
    for values in ([1, 2], [np.nan], [np.inf]):
        with pytest.raises(ValueError, match=r"Give 1 finite numbers|finite"):
            plots.sums(["a"], values)
