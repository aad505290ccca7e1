"""Take the pictures of the explorers that README shows, from the lessons themselves.

``python tools/picture_explorers.py NOTEBOOK …`` runs these lessons in JupyterLab and
writes one picture for each explorer in them to ``.github/pictures``.
"""

import re
import sys
import tempfile
from pathlib import Path

from lab_browser import chromium, explorers_in, jupyterlab
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / ".github" / "pictures"


def main(notebooks: list[Path]) -> None:
    """Write a picture of every explorer in them; of two in one name the last stays."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        jupyterlab(Path(folder)) as lab,
    ):
        for path in sorted(notebooks):
            with lab.open(browser, lab.copy(path), width=1100) as notebook:
                notebook.run_all()
                # So high that none is cut off, and nothing of JupyterLab is in the way.
                notebook.page.set_viewport_size({"width": 1100, "height": 3000})
                names, shown = explorers_in(path), notebook.page.locator(".hc")
                expect(shown).to_have_count(len(names))  # they come a moment later
                for name in dict.fromkeys(names):  # the first of each
                    explorer = shown.nth(names.index(name))
                    file = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() + ".png"
                    explorer.screenshot(path=PICTURES / file)
                    print("wrote", PICTURES / file)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
