import inspect
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from helpers import colours, go, kernels, plots
from helpers.plots import _layout

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (20, 30), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
SIGNED = RNG.normal(size=(20, 30)) * 9

MAKERS = {
    "images": (plots.images, [GRAY, COLOUR]),
    "channels": (plots.channels, COLOUR),
    "zoom": (plots.zoom, GRAY, (2, 3, 6, 8)),
    "numbers": (plots.numbers, GRAY[:6, :5]),
    "equation": (plots.equation, [GRAY[:3, :3], "⋆", SIGNED[:2, :2], "=", SIGNED[:2]]),
    "kernels": (plots.kernels, dict(kernels.BANK)),
    "signed": (plots.signed, [SIGNED, SIGNED * 2]),
    "filtering": (plots.filtering, GRAY, SIGNED[:3, :3], SIGNED),
    "feature_maps": (plots.feature_maps, RNG.normal(size=(8, 9, 17))),
    "mosaic": (plots.mosaic, {"some": [COLOUR] * 5, "others": [COLOUR] * 12}),
    "steps": (plots.steps, GRAY[:5, :5], SIGNED[:3, :3], SIGNED[:3, :3], [(0, 2)]),
    "placements": (plots.placements, 6, 3),
    "tied": (plots.tied, np.array([[1, 2]]), np.array([[1, 2, 0], [0, 1, 2]])),
    "centres": (plots.centres, (2, 3), 2, (1, 1)),
    "stamps": (plots.stamps, (3, 3), 3, 2),
    "pooling": (plots.pooling, GRAY[:5, :5]),
    "pooling_gradient": (plots.pooling_gradient, GRAY[:4, :6], SIGNED[:2, :3]),
    "curves": (plots.curves, np.arange(3), {"a": SIGNED[0, :3], "b": SIGNED[1, :3]}),
    "contours": (plots.contours, GRAY[:3, :4], [0, 1, 2, 3], [0, 2, 4]),
    "amounts": (plots.amounts, ["a", "b"], {"size": np.array([1e-9, 30.0])}),
    "go_board": (plots.go_board, go.Board(5).play("C3", 1), np.eye(5)),
    "sums": (plots.sums, ["a", "b"], np.array([0.5, -2.0])),
    "graph": (plots.graph, [plots.Box("w", (0, 0), 3.0, -6.0)]),
    "hourglass": (plots.hourglass, [GRAY, GRAY[::2, ::2], GRAY], [(0, 2)]),
    "overlays": (plots.overlays, COLOUR, [SIGNED, np.abs(SIGNED[:5, :6])]),
    "spectrogram": (plots.spectrogram, {"before": SIGNED, "after": SIGNED[::-1]}),
    "waveform": (plots.waveform, SIGNED.ravel()),
    "wiring": (plots.wiring, {"dense": SIGNED[:4, :9], "tied": np.eye(3)}),
}
MAKERS["equation"][1][4] = SIGNED[:2, :2]


def arrays_in(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        yield from arrays_in(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from arrays_in(item)


@pytest.fixture(params=MAKERS, name="made")
def make(request):
    function, *arguments = MAKERS[request.param]
    return function, arguments


def test_every_function_is_tried_here():
    public = {n for n in plots.__all__ if inspect.isfunction(getattr(plots, n))}
    assert public == set(MAKERS)


def test_a_picture_shows_and_describes_itself(made):
    function, arguments = made
    picture = function(*arguments)
    assert isinstance(picture, Figure)
    data, metadata = picture._repr_mimebundle_()
    image = Image.open(io.BytesIO(data["image/png"]))
    image.load()
    width = metadata["image/png"]["width"]
    assert width <= plots.WIDTH
    assert 1.2 < image.width / width < 3
    photos = [a for a in arrays_in(arguments) if a.ndim == 3 and a.shape[-1] == 3]
    assert image.mode in (("RGB",) if photos else ("L", "P"))
    assert len(data["image/png"]) < 150_000
    assert metadata["image/png"]["alt"] == picture.alt
    assert data["text/plain"] == f"<Picture: {picture.alt}>"
    assert "helpers" not in picture.alt
    assert "object at" not in picture.alt
    assert len(picture.alt) > 20
    assert picture.alt.endswith(".")
    assert picture.dpi == 100


def test_alt_can_be_given(made):
    function, arguments = made
    picture = function(*arguments, alt="A kite.")
    assert picture.alt == "A kite."
    picture.alt = "Two kites."
    assert picture._repr_mimebundle_()[1]["image/png"]["alt"] == "Two kites."


def test_the_same_twice(made):
    function, arguments = made
    assert function(*arguments).to_png() == function(*arguments).to_png()


def test_arguments_are_not_changed(made):
    function, arguments = made
    before = [a.copy() for a in arrays_in(arguments)]
    picture = function(*arguments)
    picture.to_png()
    for now, then in zip(arrays_in(arguments), before, strict=True):
        np.testing.assert_array_equal(now, then)
    for array in arrays_in(arguments):  # and read-only ones will do
        array.flags.writeable = False
    function(*arguments)


def test_nothing_is_drawn_outside_the_page(made):
    function, arguments = made
    picture = function(*arguments)
    picture.canvas.draw()
    page = picture.bbox
    for ax in picture.axes:
        box = ax.get_tightbbox()
        assert box.x0 >= -2
        assert box.y0 >= -2
        assert box.x1 <= page.x1 + 2
        assert box.y1 <= page.y1 + 2


def test_titles_and_long_titles_stay_on_the_page():
    long = "a title that is far too long for so small a picture, but stays"
    for picture in (
        plots.images([GRAY] * 4, [long] * 4, title=long),
        plots.numbers(GRAY[:2, :2], long[:40]),
        plots.kernels(kernels.named("blur"), "blur", title=long[:40]),
        plots.feature_maps(SIGNED, long),
        plots.signed(SIGNED, long, title=long),
    ):
        picture.canvas.draw()
        box = picture.get_tightbbox()
        assert box.x0 >= -0.1
        assert box.x1 * 100 <= picture.width + 10
        assert box.y1 * 100 <= picture.height + 10


def test_neither_pyplot_nor_skimage_nor_settings():
    code = """
import sys, json
import matplotlib
before = matplotlib.rcParams.copy()
import numpy as np
from helpers import plots, kernels
plots.signed(np.eye(5)).to_png()
plots.kernels(kernels.BANK).to_png()
heavy = ("matplotlib.pyplot", "skimage", "IPython", "scipy", "tensorflow")
print(json.dumps([m for m in heavy if m in sys.modules]))
before, after = (dict(dict.items(p)) for p in (before, matplotlib.rcParams))
print(before == after)  # read in this way, lest matplotlib loads pyplot to answer
"""
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded, same = out.stdout.splitlines()
    assert json.loads(loaded) == []
    assert same == "True"


def test_display_in_ipython_keeps_the_description(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    with capture_output() as captured:
        plots.images(GRAY)._ipython_display_()
    (output,) = captured.outputs
    assert output.metadata["image/png"]["alt"].startswith("An image: 20 × 30")
    assert set(output.data) == {"image/png", "text/plain"}
    InteractiveShell.clear_instance()


# ---- images ----


def test_images_share_one_scale():
    picture = plots.images([GRAY, GRAY / 2, COLOUR])
    assert len(picture.axes) == 3
    for ax in picture.axes[:2]:
        assert ax.images[0].get_clim() == (0, 255)
    assert plots.images([GRAY > 9]).axes[0].images[0].get_clim() == (0, 1)
    own = plots.images([GRAY], limits=(10, 20)).axes[0].images[0]
    assert own.get_clim() == (10, 20)


def test_images_by_name():
    picture = plots.images({"cat": GRAY, "dog": COLOUR})
    assert [ax.get_title() for ax in picture.axes] == ["cat", "dog"]
    assert picture.alt == (
        f"Two images side by side. 1, cat: 20 × 30 pixels, gray, values from "
        f"{GRAY.min()} to {GRAY.max()}. 2, dog: 20 × 30 pixels, colour, values from "
        f"{COLOUR.min()} to {COLOUR.max()}."
    )


def test_nested_lists_are_one_image():
    assert len(plots.images([[0, 255], [255, 0]]).axes) == 1
    assert len(plots.images([[[0, 255]], [[255, 0]]]).axes) == 2


def test_pixels_come_out_exactly():
    image = np.arange(0, 256, dtype=np.uint8).reshape(16, 16)
    picture = plots.images(image)
    drawn = np.asarray(Image.open(io.BytesIO(picture.to_png())).convert("L"))
    assert set(range(256)) <= set(np.unique(drawn))


def test_not_a_number_is_yellow():
    yellow = np.array([int(colours.NOT_A_NUMBER[i : i + 2], 16) for i in (1, 3, 5)])
    holes = [GRAY.astype(float), COLOUR.astype(float)]
    holes[0][3:6, 3:6] = np.nan
    holes[1][3:6, 3:6, 0] = np.inf
    pictures = [plots.images(h) for h in holes]
    pictures += [plots.signed(holes[0]), plots.feature_maps(holes[0])]
    pictures += [plots.numbers(holes[0][:6, :6])]
    for picture in pictures:
        image = Image.open(io.BytesIO(picture.to_png())).convert("RGB")
        distance = np.abs(np.asarray(image).astype(int) - yellow).sum(axis=-1)
        assert (distance < 12).sum() > 50
        assert "9 not a number" in picture.alt or "NaN" in picture.alt


def test_highlight():
    picture = plots.images(GRAY, highlight=(2, 3, 4, 5))
    box = picture.axes[0].patches[-1]
    assert (box.get_x(), box.get_y()) == (2.5, 1.5)
    assert (box.get_width(), box.get_height()) == (5, 4)
    assert "window marked at row 2, column 3, 4 × 5" in picture.alt
    for window in ((18, 0, 3, 3), (-1, 0, 3, 3), (0, 0, 0, 3), (1, 2), "here"):
        with pytest.raises(ValueError, match="window"):
            plots.images(GRAY, highlight=window)


def test_channels():
    picture = plots.channels(COLOUR)
    titles = ["all three", "red", "green", "blue"]
    assert [ax.get_title() for ax in picture.axes] == titles
    for plane, ax in enumerate(picture.axes[1:]):
        drawn = np.asarray(ax.images[0].get_array())
        np.testing.assert_array_equal(drawn[..., plane], COLOUR[..., plane])
        assert not np.delete(drawn, plane, axis=-1).any()
    with pytest.raises(ValueError, match="one plane only"):
        plots.channels(GRAY)


def test_zoom():
    picture = plots.zoom(GRAY, (2, 3, 4, 5))
    texts = [t.get_text() for t in picture.axes[1].texts]
    assert texts == [str(v) for v in GRAY[2:6, 3:8].ravel()]
    with pytest.raises(ValueError, match="at most 16"):
        plots.zoom(GRAY, (0, 0, 17, 4))


# ---- numbers in cells ----


def texts(picture, axis=0):
    shape = picture.axes[axis].images[0].get_array().shape
    words = [
        t.get_text() for t in picture.axes[axis].texts if t.get_text()[:3] != "sum"
    ]
    return np.reshape(words, shape).tolist()


def test_numbers_are_written_as_read():
    assert texts(plots.numbers([[0, -1], [255, 10**6]])) == [
        ["0", "−1"],
        ["255", "1000000"],
    ]
    assert texts(plots.numbers([[0.5, 1]])) == [["0.5", "1.0"]]
    assert texts(plots.numbers([[0.125, -0.0625, 0]])) == [["0.13", "−0.06", "0"]]
    assert texts(plots.numbers([[np.nan, np.inf, -0.0]])) == [["NaN", "∞", "0"]]
    assert texts(plots.numbers([[1 / 3]], decimals=4)) == [["0.3333"]]
    assert texts(plots.numbers([[True, False]])) == [["1", "0"]]


def test_roles_have_their_frames():
    x, k = np.arange(9).reshape(3, 3), np.eye(2)
    picture = plots.equation([x, "⋆", k, "=", x[:2, :2]], ["a", "b", "c"])
    from matplotlib.colors import to_hex

    frames = [to_hex(ax.spines["left"].get_edgecolor()) for ax in picture.axes]
    wanted = [colours.INPUT, colours.KERNEL, colours.OUTPUT]
    assert frames == [c.lower() for c in wanted]
    signs = [t.get_text() for t in picture.texts]
    assert signs == ["⋆", "="]


def test_text_stands_out_from_its_cell():
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = plots.numbers(ramp)
    for text, value in zip(picture.axes[0].texts, ramp.ravel(), strict=True):
        ink = _layout.luminance(np.array([*plt_rgb(text.get_color()), 1.0]))
        cell = _layout.luminance(np.array([value / 255] * 3 + [1.0]))
        bright, dark = max(ink, cell), min(ink, cell)
        assert (bright + 0.05) / (dark + 0.05) > 3.9


def plt_rgb(colour):
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def test_fills():
    def clim(picture):
        return picture.axes[0].images[0].get_clim()

    assert clim(plots.numbers(GRAY[:3, :3])) == (0, 255)
    assert clim(plots.numbers([[True]])) == (0, 1)
    low, high = clim(plots.numbers([[-3, 1]]))
    assert low == -high
    low, high = clim(plots.kernels(kernels.named("blur")))
    assert low == -high
    assert clim(plots.numbers([[0, 1]], fill="gray", limits=(0, 1))) == (0, 1)


def test_equation_refuses():
    with pytest.raises(ValueError, match="no matrix"):
        plots.equation(["="])
    with pytest.raises(ValueError, match="too large"):
        plots.numbers(np.zeros((33, 2)))
    with pytest.raises(ValueError, match="titles must have one entry"):
        plots.equation([[[1]], "=", [[1]]], ["one"])
    with pytest.raises(ValueError, match="roles: got 'middle'"):
        plots.numbers([[1]], role="middle")
    with pytest.raises(ValueError, match="fill: got 'green'"):
        plots.numbers([[1]], fill="green")
    with pytest.raises(ValueError, match="limits: got"):
        plots.numbers([[1]], limits=(3, 3))


def test_kernels_say_their_sum():
    picture = plots.kernels(kernels.BANK)
    assert len(picture.axes) == 9
    sums = [ax.texts[-1].get_text() for ax in picture.axes]
    wanted = ["1", "1.5", "0.5", "1", "1", "0", "1", "0", "0"]
    assert sums == [f"sum = {s}" for s in wanted]
    assert "sharpen: a kernel of 3 × 3 numbers, rows 0 −1 0; −1 5 −1" in picture.alt
    plots.kernels([kernels.box(11), kernels.box(1), [[1, 2, 3]]]).to_png()


# ---- maps ----


@pytest.mark.parametrize("scale", [1, 0, 1e-30, 1e30])
def test_signed_scale_is_centred_and_shared(scale):
    picture = plots.signed([SIGNED * scale, -SIGNED[:5] * scale / 3])
    *maps, bar = picture.axes
    limits = {ax.images[0].get_clim() for ax in maps}
    ((low, high),) = limits
    assert low == -high
    assert high == pytest.approx(np.abs(SIGNED).max() * scale or 1)
    assert bar.get_ylim() == pytest.approx((low, high))
    picture.to_png()


def test_signed_limit():
    picture = plots.signed(SIGNED, limit=2)
    assert picture.axes[0].images[0].get_clim() == (-2, 2)
    for limit in (0, -1, np.nan, "much"):
        with pytest.raises(ValueError, match="limit: got"):
            plots.signed(SIGNED, limit=limit)


@pytest.mark.parametrize("count", [1, 2, 3, 8, 17, 64])
@pytest.mark.parametrize("shape", [(26, 26), (5, 30), (30, 5), (1, 1)])
def test_feature_maps_are_all_there(count, shape):
    stack = RNG.random((*shape, count)) + 0.5
    picture = plots.feature_maps(stack)
    assert len(picture.axes) == 2
    mosaic = np.asarray(picture.axes[0].images[0].get_array())
    low, high = picture.axes[0].images[0].get_clim()
    inside = mosaic[mosaic <= high]
    assert inside.size == stack.size
    np.testing.assert_array_equal(np.sort(inside), np.sort(stack.ravel()))
    assert low == 0
    assert picture.height < 700
    assert picture.alt.startswith(f"{count} feature map")


def test_feature_maps_in_order():
    stack = np.stack([np.full((4, 4), v) for v in range(6)], axis=-1)
    picture = plots.feature_maps(stack, columns=3)
    mosaic = np.asarray(picture.axes[0].images[0].get_array())
    assert mosaic[[2, 2, 2, 7, 7, 7], [2, 7, 12, 2, 7, 12]].tolist() == [
        0,
        1,
        2,
        3,
        4,
        5,
    ]
    same = plots.feature_maps([stack[..., i] for i in range(6)], columns=3)
    assert same.to_png() == picture.to_png()
    assert plots.feature_maps(stack[np.newaxis], columns=3).alt == picture.alt


@pytest.mark.parametrize("value", [0, 1, -1, np.nan])
def test_constant_maps(value):
    stack = np.full((6, 7, 8), value, dtype=float)
    for picture in (
        plots.feature_maps(stack),
        plots.signed(stack[..., 0]),
        plots.images(stack[..., 0]),
        plots.numbers(stack[..., 0]),
    ):
        picture.to_png()
        if np.isnan(value):
            assert "no value is a number" in picture.alt or "NaN" in picture.alt


def test_signed_maps_get_a_signed_scale():
    assert plots.feature_maps(SIGNED).axes[0].images[0].get_clim()[0] < 0


def test_feature_maps_refuse():
    with pytest.raises(ValueError, match="one size"):
        plots.feature_maps([np.zeros((2, 2)), np.zeros((3, 3))])
    with pytest.raises(ValueError, match=r"take one: maps\[0\]"):
        plots.feature_maps(np.zeros((2, 4, 4, 3)))
    for columns in (0, -1, 2.5, "two"):
        with pytest.raises(ValueError, match="columns: got"):
            plots.feature_maps(SIGNED, columns=columns)


# ---- what can't be drawn ----


BAD = {
    "nothing": np.zeros((0, 4)),
    "empty list": [],
    "none": None,
    "text": "picture",
    "texts": [["a", "b"]],
    "complex": np.ones((3, 3)) * 1j,
    "ragged": [[1, 2], [3]],
    "five axes": np.zeros((2, 2, 2, 2, 2)),
    "one axis": np.zeros(5),
    "a number": 3,
    "objects": np.array([[None, {}]]),
    "ragged deep": [[[1, 2], [3]], [[1]]],
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize(
    "function",
    [
        plots.images,
        plots.channels,
        lambda x: plots.zoom(x, (0, 0, 1, 1)),
        plots.numbers,
        lambda x: plots.equation([x]) if not isinstance(x, str) else plots.equation(x),
        plots.kernels,
        plots.signed,
        plots.feature_maps,
    ],
)
def test_what_is_no_array_is_refused_with_a_sentence(function, name):
    with pytest.raises(ValueError, match=r"\.$"):
        function(BAD[name])


def test_titles_must_match():
    for function in (plots.images, plots.signed, plots.kernels):
        with pytest.raises(ValueError, match="2 came for 1"):
            function(np.eye(3), ["a", "b"])
        with pytest.raises(ValueError, match="nothing to draw"):
            function({})


@pytest.mark.parametrize(
    "dtype", ["int8", "uint16", "int64", "float16", "float32", "?"]
)
def test_every_real_type_is_drawn(dtype):
    array = np.eye(4).astype(dtype)
    for function in (plots.images, plots.numbers, plots.signed, plots.feature_maps):
        function(array).to_png()


def test_filtering_draws_the_result_as_the_kernel_asks():
    edges = plots.filtering(GRAY, kernels.named("outline"), SIGNED)
    assert len(edges.axes) == 4  # with a colour bar
    low, high = edges.axes[2].images[0].get_clim()
    assert low == -high
    blurred = plots.filtering(GRAY, kernels.named("blur"), GRAY)
    assert len(blurred.axes) == 3
    assert blurred.axes[2].images[0].get_clim() == (0, 255)
    assert plots.filtering(GRAY, np.ones((1, 1)), SIGNED, signed=True, limit=2).axes[
        2
    ].images[0].get_clim() == (-2, 2)


def test_the_numbers_of_a_large_kernel_are_left_out():
    assert len(plots.filtering(GRAY, np.ones((3, 3)), GRAY).axes[1].texts) == 9
    assert not plots.filtering(GRAY, kernels.gaussian(11), GRAY).axes[1].texts


def test_the_page_stays_white_in_a_coloured_picture():
    picture = plots.filtering(GRAY, kernels.named("outline"), SIGNED)
    image = Image.open(io.BytesIO(picture.to_png())).convert("RGB")
    assert image.getpixel((0, 0)) == (255, 255, 255)


# ---- black and white ----


@pytest.mark.parametrize("bright", [1.0, 0.5, np.float32(0.25), True])
def test_pictures_from_0_to_1_are_not_drawn_black(bright):
    photo = np.eye(8) * bright
    colour = np.stack([photo] * 3, axis=-1)
    assert plots.images([photo]).axes[0].images[0].get_clim() == (0, 1)
    drawn = plots.images([colour]).axes[0].images[0].get_array()
    assert drawn.max() == round(255 * float(bright))
    planes = plots.channels(colour).axes[1].images[0].get_array()
    assert planes.max() == round(255 * float(bright))
    for ax in plots.zoom(photo, (0, 0, 4, 4)).axes:
        assert ax.images[0].get_clim() == (0, 1)
    filtered = plots.filtering(photo, [[1]], photo)
    assert [filtered.axes[n].images[0].get_clim() for n in (0, 2)] == [(0, 1)] * 2
    gray = plots.numbers(photo, fill="gray")
    assert gray.axes[0].images[0].get_clim() == (0, 1)


def test_one_bright_image_sets_the_scale_of_all():
    picture = plots.images([np.eye(8), GRAY])
    assert [ax.images[0].get_clim() for ax in picture.axes] == [(0, 255)] * 2


def test_kernel_lab_draws_by_the_same_rule():
    from helpers.widgets import KernelLab

    lab = KernelLab(image=np.eye(9) / 2, kernel=[[1]])
    picture = lab.picture()
    assert [picture.axes[n].images[0].get_clim() for n in (0, 2)] == [(0, 1)] * 2


# ---- larger than the screen ----


def test_what_a_screen_cannot_show_is_shrunk():
    large = np.zeros((3000, 4001), np.uint8)
    large[1000:1500, 2000:3000] = 200
    picture = plots.images(large, highlight=(1000, 2000, 500, 1000))
    assert "3000 × 4001 pixels, gray, values from 0 to 200" in picture.alt
    (ax,) = picture.axes
    shown = ax.images[0].get_array()
    assert max(shown.shape) < 2000
    assert shown.mean() == pytest.approx(large.mean(), rel=0.01)
    assert ax.images[0].get_extent() == [-0.5, 4000.5, 2999.5, -0.5]
    high, wide = np.nonzero(shown > 100)
    for pixels, count, full in ((high, 500, 3000), (wide, 1000, 4001)):
        side = shown.shape[0 if count == 500 else 1]
        assert np.ptp(pixels) + 1 == pytest.approx(count / full * side, abs=1.5)
    first = (high.min() / shown.shape[0], wide.min() / shown.shape[1])
    assert first == pytest.approx((1000 / 3000, 2000 / 4001), abs=0.002)
    box = ax.patches[-1]
    assert (box.get_x(), box.get_y()) == (1999.5, 999.5)


def test_shrunk_colour_signed_and_many_maps():
    hole = np.full((2500, 2500), -3.0)
    hole[:1250] = 5
    hole[1, 1] = np.inf
    *maps, _ = plots.signed(hole).axes
    shown = maps[0].images[0].get_array()
    assert np.ma.count_masked(shown) == 1  # what is no number stays to be seen
    assert (shown.min(), shown.max()) == (-3, 5)
    colour = np.zeros((2500, 2500, 3))
    colour[..., 1] = 255
    shown = plots.images(colour).axes[0].images[0].get_array()
    assert shown.shape[0] < 1250
    assert (shown == [0, 255, 0]).all()
    stack = np.stack([np.full((900, 900), n) for n in range(1, 17)], axis=-1)
    picture = plots.feature_maps(stack)
    assert "16 feature maps of 900 × 900 numbers" in picture.alt
    mosaic = np.asarray(picture.axes[0].images[0].get_array())
    assert max(mosaic.shape) < 1800
    values, counts = np.unique(mosaic[mosaic <= 16], return_counts=True)
    assert values.tolist() == list(range(1, 17))  # no map runs into a gap or another
    assert len(set(counts)) == 1
    zoomed = plots.zoom(np.tile(np.arange(250), (2500, 10)), (100, 2000, 3, 4))
    texts = [text.get_text() for text in zoomed.axes[1].texts]
    assert texts == ["0", "1", "2", "3"] * 3


def test_a_large_picture_needs_little_memory():
    code = """
import resource, sys
import numpy as np
from helpers import plots
plots.images(np.eye(4)).to_png()
def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
image = np.tile(np.arange(250, dtype=np.uint8), (5000, 20))
before = peak()
plots.images(image).to_png()
print(peak() - before)
"""
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert float(out.stdout) < 300  # megabytes; Matplotlib alone takes 1,200


# ---- several equations ----


def test_equations_below_each_other():
    one, two = [[1, 2]], np.eye(3)
    picture = plots.equation(
        [one, "+", one, "=", [[2, 4]], "\n", two, "→", two], ["a", "b", "c", "d", "e"]
    )
    assert len(picture.axes) == 5
    tops = [round(ax.get_position().y1, 3) for ax in picture.axes]
    assert len(set(tops)) == 2
    assert tops[0] > tops[3]
    sides = {
        round(ax.get_position().width * picture.width / ax.images[0].get_size()[1], 3)
        for ax in picture.axes
    }
    assert len(sides) == 1  # cells of one size
    assert picture.alt == (
        "Equations. A, rows 1 2 + b, rows 1 2 = c, rows 2 4; "
        "d, rows 1 0 0; 0 1 0; 0 0 1 → e, rows 1 0 0; 0 1 0; 0 0 1."
    )
    with pytest.raises(ValueError, match="no matrix"):
        plots.equation([one, "\n", "+"])


def test_what_is_too_much_for_a_page_is_refused():
    with pytest.raises(ValueError, match="does not fit side by side"):
        plots.equation([np.ones((1, 32))] * 60)
