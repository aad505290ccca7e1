"""The Python side of the explorers: traits, refusals, the still picture, clean-up."""

import gc
import re
import shutil
import types
import weakref

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets import Widget
from traitlets import TraitError
from traitlets.config import Config

from helpers import kernels, ops, widgets
from helpers.widgets import KernelLab
from helpers.widgets.parts import base, traits

GOOD = [[1.0, 2.0, 3.0]] * 3


@pytest.fixture
def lab():
    lab = KernelLab("camera", "blur")
    yield lab
    lab.close()


def test_kernel_and_result_belong_together(lab):
    lab.kernel = GOOD
    expected = ops.conv2d(lab.image, GOOD, padding="same", mode="edge")
    np.testing.assert_array_equal(lab.result, expected)
    assert lab.result.dtype == np.float64
    assert lab.result.shape == lab.image.shape


@pytest.mark.parametrize(
    "kernel",
    [
        GOOD,
        np.array(GOOD, np.int8),
        np.ones((3, 3), bool),
        np.ones((3, 3), np.float16),
        [[1]],
        np.zeros((11, 11)),
        "vertical edges",
    ],
    ids=str,
)
def test_kernels_that_are_taken(lab, kernel):
    lab.kernel = kernel
    wanted = kernels.named(kernel) if isinstance(kernel, str) else kernel
    np.testing.assert_array_equal(lab.kernel, wanted)
    assert lab.kernel.dtype == np.float64


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        ([["a"]], "real numbers"),
        (np.ones((3, 3), complex), "real numbers"),
        ([[1, 2], [3]], "different lengths"),
        ([], "empty"),
        ([[np.nan]], "not finite"),
        ([[np.inf]], "not finite"),
        (np.ones((2, 2)), "odd side"),
        (np.ones((3, 5)), "odd side"),
        (np.ones(9), "odd side"),
        (np.ones((3, 3, 1)), "odd side"),
        (7, "odd side"),
        (np.ones((99, 99)), "odd side up to 11"),
        (np.full((3, 3), 1e308), "up to 1,000,000"),
        (None, "real numbers"),
        ("sharpenn", "sharpen"),
    ],
    ids=str,
)
def test_kernels_that_are_refused(lab, kernel, said):
    with pytest.raises(TraitError, match=said):
        lab.kernel = kernel
    np.testing.assert_array_equal(lab.kernel, kernels.named("blur"))
    with pytest.raises(TraitError, match=said):
        KernelLab("camera", kernel)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.ones((3, 3, 4)), "gray"),
        (np.ones(5), "gray"),
        (np.ones((600, 2)), "at most 512"),
        (np.full((3, 3), np.nan), "not finite"),
        (np.ones((3, 3), complex), "real numbers"),
        ([[1, 2], [3]], "different lengths"),
    ],
    ids=str,
)
def test_images_that_are_refused(lab, image, said):
    before = lab.image
    with pytest.raises(TraitError, match=said):
        lab.image = image
    assert lab.image is before
    assert lab.photo == "camera"
    with pytest.raises(TraitError, match=said):
        KernelLab(image)


def test_an_unknown_photo_is_refused_with_the_names():
    for name in ("camra", "own"):
        with pytest.raises(TraitError, match="astronaut"):
            KernelLab(name)


def test_own_is_no_name_for_one_of_the_photos(lab):
    with pytest.raises(TraitError, match="assign it to image"):
        lab.photo = "own"
    assert lab.photo == "camera"


@pytest.mark.parametrize(
    "image",
    [
        [[3]],
        np.full((4, 6), 7, np.int8),
        np.eye(5, dtype=bool),
        np.zeros((8, 9, 3), np.uint8),
        [[1, 2], [3, 4]],
    ],
    ids=str,
)
def test_images_that_are_taken(image):
    lab = KernelLab(image, kernels.box(11))
    assert lab.photo == "own"
    assert lab.result.shape == np.shape(image)[:2]
    assert np.isfinite(lab.result).all()
    assert lab.picture().to_png()
    lab.close()


def test_photo_and_image_follow_each_other(lab):
    lab.photo = "coffee"
    coffee = lab.image
    lab.image = coffee[:100, :90]
    assert lab.photo == "own"
    assert lab.position == (50, 45)  # the old one lay outside
    lab.photo = "coffee"
    np.testing.assert_array_equal(lab.image, coffee)
    with pytest.raises(TraitError, match="outside"):
        lab.position = (256, 0)


def test_arrays_cannot_be_changed_behind_its_back(lab):
    with pytest.raises(ValueError, match="read-only"):
        lab.kernel[0, 0] = 5
    mine = np.eye(3)
    lab.kernel = mine
    mine[0, 0] = 9
    assert lab.kernel[0, 0] == 1


def test_same_numbers_are_no_change(lab):
    changes = []
    lab.observe(changes.append, "kernel")
    lab.kernel = kernels.named("blur")
    assert changes == []
    lab.kernel = kernels.named("sharpen")
    assert len(changes) == 1


def test_arrays_survive_the_way_to_the_page_and_back(lab):
    for array in (lab.kernel, lab.image):
        message = traits.to_message(array, lab)
        back = traits.from_message(message, lab)
        np.testing.assert_array_equal(back, array)
        assert back.dtype == array.dtype


def test_it_shows_a_picture_and_a_line_beside_the_live_view(lab):
    data, metadata = lab._repr_mimebundle_()
    assert data["text/plain"] == repr(lab)
    assert data["text/plain"] == (
        "KernelLab: photo camera (256 × 256), kernel blur (3 × 3, sum 1), "
        f"result from {lab.result.min():.4g} to {lab.result.max():.4g}"
    )
    assert metadata["image/png"]["alt"] == repr(lab)
    assert data["image/png"].startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize("display", ["auto", "photo", "signed", "absolute"])
def test_the_picture_follows_the_display(lab, display):
    lab.kernel = "outline"
    lab.display = display
    signed = display in ("auto", "signed")
    assert len(lab.picture().axes) == (4 if signed else 3)


@pytest.fixture
def cells(monkeypatch):
    """A stand-in notebook: `cells("a", 1)` says which cell runs, and which time."""
    running = []
    monkeypatch.setattr(base, "_running_cell", lambda: running[-1])
    monkeypatch.setattr(base, "_standing", [])
    return lambda cell, run: running.append((cell, f"run {run}"))


def closed(explorer):
    return explorer.comm is None


def test_running_a_cell_again_closes_what_stood_there(cells):
    cells("a", 1)
    first, beside = KernelLab(), KernelLab()
    first._repr_mimebundle_()
    beside._repr_mimebundle_()
    assert not closed(first)  # two in one run stand side by side
    cells("a", 2)
    second = KernelLab()
    assert closed(first)
    assert closed(beside)
    assert not closed(second)


def test_an_explorer_shown_elsewhere_stays(cells):
    cells("a", 1)
    first = KernelLab()
    first._repr_mimebundle_()
    cells("b", 1)
    first._repr_mimebundle_()
    cells("a", 2)
    KernelLab()._repr_mimebundle_()
    assert not closed(first)


def test_made_in_one_cell_and_shown_in_another(cells):
    cells("a", 1)
    first = KernelLab()
    cells("b", 1)
    first._repr_mimebundle_()
    cells("a", 2)
    second = KernelLab()
    assert not closed(first)  # it is still on the page
    cells("b", 2)
    second._repr_mimebundle_()
    assert closed(first)
    assert not closed(second)


def test_closed_ones_are_not_kept(cells):
    cells("a", 1)
    explorers = [KernelLab() for _ in range(5)]
    assert base._standing == explorers
    for explorer in explorers:
        explorer.close()
        explorer.close()  # again, as when the cell is run once more
    assert base._standing == []
    cells("a", 2)
    KernelLab().close()
    assert base._standing == []


def test_closing_all_widgets_leaves_none_standing(cells):
    cells("a", 1)
    KernelLab()
    Widget.close_all()
    assert base._standing == []


def test_the_layout_is_closed_too():
    lab = KernelLab()
    layout = lab.layout
    assert not closed(layout)
    lab.close()
    assert closed(layout)


@pytest.fixture
def shell(monkeypatch):
    """An IPython without a kernel, of this test alone."""
    shell = InteractiveShell(
        user_module=types.ModuleType("notebook"),
        config=Config({"HistoryManager": {"enabled": False}}),  # no database
    )
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    return shell


def test_what_was_replaced_is_forgotten(cells, shell):
    """`_forget` looks into IPython, where a notebook remembers its outputs."""
    hint = "IPython has changed inside: see _forget in helpers/widgets/parts/base.py"
    shell.user_ns["KernelLab"] = KernelLab
    cells("a", 1)
    first = shell.run_cell("KernelLab('camera')", store_history=True).result
    other = shell.run_cell("[1, 2]", store_history=True).result
    assert list(shell.user_ns["_oh"].items()) == [(1, first), (2, other)], hint
    assert shell.user_ns["_1"] is first, hint
    kept = getattr(shell.history_manager, "outputs", None)  # newer IPythons only
    assert kept is None or 1 in kept, hint

    cells("a", 2)
    second = shell.run_cell("KernelLab('camera')", store_history=True).result
    assert closed(first)
    assert list(shell.user_ns["_oh"].items()) == [(2, other), (3, second)], hint
    assert "_1" not in shell.user_ns, hint
    assert kept is None or 1 not in kept, hint
    second.close()


def test_nothing_holds_what_was_replaced(cells, shell):
    """A cell that is run again and again fills no memory."""
    shell.user_ns["KernelLab"] = KernelLab
    runs = []
    for run in range(6):  # IPython's _, __ and ___ hold the last three
        cells("a", run)
        result = shell.run_cell("KernelLab('camera')", store_history=True).result
        runs.append(weakref.ref(result))
        del result
    gc.collect()
    assert [run() for run in runs[:2]] == [None, None]
    assert runs[-1]() is not None
    runs[-1]().close()


def test_a_change_of_a_source_is_seen_by_the_next_explorer(tmp_path, monkeypatch):
    """So whoever works on one runs its cell again; the kernel need not start anew."""
    shutil.copytree(base.FOLDER, tmp_path / "widgets")
    monkeypatch.setattr(base, "FOLDER", tmp_path / "widgets")
    before = KernelLab()
    for path in ("explorers/kernel_lab.js", "parts/ops.js", "parts/loader.js"):
        with (base.FOLDER / path).open("a") as file:
            file.write(f"// {path} was changed")
    with (base.FOLDER / "parts/base.css").open("a") as file:
        file.write("/* base.css was changed */")
    after = KernelLab()
    for path in ("explorers/kernel_lab.js", "parts/ops.js"):
        assert after._modules[path].endswith(f"// {path} was changed")
        assert "was changed" not in before._modules[path]
    assert after._esm.endswith("was changed")
    assert "/* base.css was changed */" in after._css
    before.close()
    after.close()


def test_the_sheets_of_all_parts_come_along():
    curves = widgets.TrainingCurves()
    for path in ("parts/base.css", "parts/chart.css"):
        assert base.source(path) in curves._css
    assert base.source("parts/tiles.css") not in curves._css
    curves.close()


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_style_sheet_of_its_own_holds_for_that_explorer_alone(name):
    """The browser keeps every sheet for the whole page, other explorers included."""
    scripts = base.modules(getattr(widgets, name).module)
    for path in base.style_sheets(scripts):
        if path.startswith("explorers/"):
            css = re.sub(r"/\*.*?\*/", "", base.source(path), flags=re.DOTALL).strip()
            assert css.startswith(f".hc-{name.lower()} {{")
            depth = 0
            for place, letter in enumerate(css):
                depth += {"{": 1, "}": -1}.get(letter, 0)
                assert depth > 0 or place < css.index("{") or place == len(css) - 1


def test_every_module_is_sent_with_its_imports():
    sources = base.modules("explorers/kernel_lab.js")
    rooms = (
        "colours controls elements grids layout numbers ops photos pictures pointing "
        "presets saving scaling state stepper texts"
    )
    shared = {f"parts/{room}.js" for room in rooms.split()}
    assert set(sources) == {"explorers/kernel_lab.js", *shared}
    assert 'INPUT = "#' in sources["parts/colours.js"]
