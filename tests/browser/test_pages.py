"""A failing test closes its pages and shows what was wrong on them."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from stage import ROOT

FAIL = '''
import pytest
from hands import watched, wear_out

from helpers.widgets import KernelLab

GO_WRONG = """async () => {
  console.error("written to the console");
  setTimeout(() => { throw new Error("thrown on the page") });
  await new Promise((done) => setTimeout(done));
}"""


@pytest.fixture
def page(browser):
    with watched(browser, KernelLab()) as page:
        yield page


def test_with_a_fixture(page):
    page.evaluate(GO_WRONG)
    assert 1 == 2


def test_by_itself(browser):
    with watched(browser, KernelLab()) as page:
        page.evaluate(GO_WRONG)
        assert 1 == 2


def test_that_goes_on(browser):
    with watched(browser, KernelLab()) as page:
        page.evaluate(GO_WRONG)


def test_that_all_is_well_afterwards(browser):
    with watched(browser, KernelLab()) as page:
        page.evaluate("window.mine = 1; document.body.dataset.mine = 1")
    with watched(browser, KernelLab(), dark=True, width=400) as again:
        assert again is page
        assert again.evaluate("[window.mine, document.body.dataset.mine]") == [None] * 2
        assert again.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)')"
                              ".matches]") == [400, True]
        assert again.page_errors() == []
        wear_out(again)


def test_no_page_is_left(browser):
    assert browser.contexts == []
'''


@pytest.fixture
def reports(browser, tmp_path):
    """What pytest says of each failing test, by its name, and its last line."""
    for name in ("conftest.py", "hands.py", "stage.py"):
        shutil.copy(ROOT / "tests/browser" / name, tmp_path)
    (tmp_path / "test_fail.py").write_text(FAIL)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    command += ["-c", os.devnull, "--rootdir", tmp_path, tmp_path]
    path = os.pathsep.join([str(ROOT), str(ROOT / "tools")])
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )
    parts = re.split(r"^_+ ([\w ]+) _+$", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)), done.stdout.splitlines()[
        -1
    ]


def test_a_failure_shows_the_errors_of_its_page_and_closes_it(reports):
    shown, last = reports
    names = ["test_with_a_fixture", "test_by_itself", "test_that_goes_on"]
    late = "ERROR at teardown of test_with_a_fixture"
    assert sorted(shown) == sorted([*names, late])
    for name in names:
        assert "page error: Error: thrown on the page" in shown[name]
        assert "console: written to the console" in shown[name]
    assert "thrown on the page" in shown[late]
    assert re.search("3 failed, 2 passed, 1 error", last)
