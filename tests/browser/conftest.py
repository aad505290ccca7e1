"""One browser for all tests of this folder; where none can be had, say so."""

import contextlib
import os
from collections.abc import Iterator

import pytest
from browser import MISSING, find_chromium
from hands import wear_out
from lab_browser import Lab, chromium, complaints, jupyterlab
from playwright.sync_api import Browser, Error, expect
from stage import PATIENCE

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if find_chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory) -> Iterator[Lab]:
    with jupyterlab(tmp_path_factory.mktemp("lab"), quick=True) as running:
        yield running


@pytest.fixture
def clock(page):
    """The page's clock, stopped: it goes on by `run_for` alone."""
    wear_out(page)
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    return page.clock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Show what was wrong on the pages that stand open when a test fails."""
    report = yield
    browser = (getattr(item, "funcargs", None) or {}).get("browser")
    if report.failed and browser:
        with contextlib.suppress(Error):  # the browser itself may be gone
            for page in (page for one in browser.contexts for page in one.pages):
                if wrong := complaints(page):
                    report.sections.append((f"On {page.url}", "\n".join(wrong)))
    return report
