"""An edit of an explorer's JavaScript or CSS is seen when its cell is run again."""

from playwright.sync_api import expect

# The kernel reads the explorers from a copy, which the test edits.
COPY = """import pathlib, shutil
from helpers.widgets import KernelLab
from helpers.widgets.parts import base
base.FOLDER = pathlib.Path(shutil.copytree(base.FOLDER, "edited")).resolve()"""


def test_an_edit_is_seen_when_the_cell_is_run_again(browser, lab):
    name = lab.write("edits.ipynb", COPY, "KernelLab()")
    with lab.open(browser, name) as notebook:
        notebook.run_all()
        explorer = notebook.page.locator(".hc")
        expect(explorer.get_by_role("combobox", name="Photo")).to_be_visible()

        edits = {
            "explorers/kernel_lab.js": ('label: t("Photo")', 'label: t("Snapshot")'),
            "parts/layout.js": ('"Full screen"', '"Whole screen"'),
        }
        for path, (old, new) in edits.items():
            file = lab.folder / "edited" / path
            text = file.read_text(encoding="utf-8")
            assert text.count(old) == 1
            file.write_text(text.replace(old, new), encoding="utf-8")
        with (lab.folder / "edited/parts/base.css").open("a") as file:
            file.write(".hc { letter-spacing: 3px; }")

        notebook.run(1)
        expect(explorer.get_by_role("combobox", name="Snapshot")).to_be_visible()
        expect(explorer.get_by_role("combobox", name="Photo")).to_have_count(0)
        expect(explorer.get_by_role("button", name="Whole screen")).to_be_visible()
        expect(explorer).to_have_css("letter-spacing", "3px")
        assert notebook.errors() == []
