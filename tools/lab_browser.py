"""Drive notebooks in a real JupyterLab in headless Chromium.

The browser tests, the benchmarks and the pictures of README use it:

with jupyterlab(folder) as lab, chromium() as browser:
    with lab.open(browser, "01_kernels.ipynb") as notebook:
        notebook.run_all()
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import nbformat
from browser import find_chromium
from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright

from helpers import widgets

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START = 180_000  # ms that a notebook may take to stand there, its kernel ready
# anywidget gives up on a model that is not there after two seconds on the clock. This
# is too short where other work keeps the processors busy, so a page gives it more.
PATIENT = f"""{{
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => timeout(Math.max(ms, {START}));
}}"""
PROMPTS = """[...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
    .map(prompt => prompt.textContent)"""
# Done: every cell has its number, or one has failed and none is waiting any more.
DONE = f"""() => {PROMPTS}.every(text => /\\[\\d+\\]/.test(text))
    || (document.querySelector('[data-mime-type="application/vnd.jupyter.error"]')
        && !{PROMPTS}.some(text => text.includes('[*]')))"""


def explorers_in(path: pathlib.Path) -> list[str]:
    """Return the names of the explorers that a lesson shows, from its stored lines."""
    lines = [
        output.data.get("text/plain", "")
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    names = [line.split(":")[0] for line in lines]
    return [name for name in names if name in widgets.__all__]


@contextlib.contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """Start headless Chromium; raise ``RuntimeError`` where none can be found."""
    path = find_chromium()
    if path is None:
        raise RuntimeError(
            "No Chromium found: run `make browser` to see what is wanted."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*CHROMIUM_ARGUMENTS, *arguments]
        )
        try:
            yield browser
        finally:
            browser.close()


def complaints(page: Page) -> list[str]:
    """Return what scripts on the page threw, and what its console calls an error."""
    thrown = [f"page error: {error.stack or error}" for error in page.page_errors()]
    written = page.console_messages()
    return thrown + [f"console: {one.text}" for one in written if one.type == "error"]


@contextlib.contextmanager
def closed_by_failure(page: Page) -> Iterator[Page]:
    """Close the page where something fails; the error carries those of the page."""
    try:
        yield page
    except BaseException as error:
        with contextlib.suppress(Error):  # the page may be gone
            for complaint in complaints(page):
                error.add_note(complaint)
            page.close()
        raise


@contextlib.contextmanager
def closing(page: Page) -> Iterator[Page]:
    """Close the page at the end; what fails until then carries the page's errors."""
    with closed_by_failure(page):
        yield page
    page.close()


def _write_settings(folder: pathlib.Path, name: str, settings: dict[str, Any]) -> None:
    extension, plugin = name.split(":")
    path = folder / "@jupyterlab" / extension / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))


@contextlib.contextmanager
def jupyterlab(
    folder: pathlib.Path, *, dark: bool = False, quick: bool = False
) -> Iterator[Lab]:
    """Serve ``folder`` in a JupyterLab of its own, with settings of its own.

    With `quick`, trainings in its kernels make two steps and no more.
    """
    with tempfile.TemporaryDirectory() as home_name, socket.socket() as probe:
        home = pathlib.Path(home_name)
        settings = home / "settings"
        _write_settings(
            settings, "notebook-extension:tracker", {"windowingMode": "none"}
        )
        _write_settings(
            settings,
            "apputils-extension:notification",
            {"fetchNews": "false", "checkForUpdates": False},
        )
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        _write_settings(settings, "apputils-extension:themes", {"theme": theme})
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        token = secrets.token_hex(16)
        log = (home / "lab.log").open("w")
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"),
                *(f"--port={port}", f"--IdentityProvider.token={token}"),
                f"--ServerApp.root_dir={folder.resolve()}",
                f"--LabApp.user_settings_dir={settings}",
                f"--LabApp.workspaces_dir={home / 'workspaces'}",
                *(["--allow-root"] if os.name == "posix" and os.getuid() == 0 else []),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **({"COURSE_QUICK": "1"} if quick else {})},
        )
        lab = Lab(folder, f"http://127.0.0.1:{port}", token)
        try:
            try:
                lab.wait_until_up(process)
            except RuntimeError as error:
                said = pathlib.Path(log.name).read_text()[-2000:]
                raise RuntimeError(f"{error} It said:\n{said}") from None
            yield lab
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
            log.close()


class Lab:
    """A running JupyterLab."""

    def __init__(self, folder: pathlib.Path, address: str, token: str):
        self.folder, self.address, self.token = folder, address, token

    def wait_until_up(self, process: subprocess.Popen, seconds: float = 90) -> None:
        """Wait until the server answers; raise ``RuntimeError`` where it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError):
                address = f"{self.address}/api?token={self.token}"
                urllib.request.urlopen(address, timeout=5)
                return
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not answer within {seconds} seconds.")

    def write(self, name: str, *cells: str) -> str:
        """Write a notebook of code cells into the served folder; return its name."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells]
        )
        notebook.metadata.kernelspec = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(notebook, self.folder / name)
        return name

    def copy(self, path: pathlib.Path) -> str:
        """Copy a notebook into the served folder, without outputs; return its name.

        What an earlier run left in it could be taken for this run's.
        """
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, self.folder / path.name)
        return path.name

    @contextlib.contextmanager
    def open(
        self, browser: Browser, name: str, *, width: int = 1100
    ) -> Iterator[Notebook]:
        """Open a notebook in a page of its own; close both, and its kernel."""
        viewport = {"width": width, "height": 1400}
        with closing(browser.new_page(viewport=viewport)) as page:
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.add_init_script(PATIENT)
            page.goto(f"{self.address}/lab/tree/{name}?token={self.token}&reset")
            page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=START)
            # Before it is connected, running a cell would ask which kernel to take.
            page.get_by_text("| Idle").wait_for(timeout=START)
            if page.is_visible("#jp-left-stack"):
                page.keyboard.press("Control+b")  # fold the file list away
            try:
                yield Notebook(page, errors)
            finally:
                self.stop_kernel(name)

    def stop_kernel(self, name: str) -> None:
        """Stop a notebook's kernel: nobody needs it any more, and it is large."""
        for session in self._ask("GET", "sessions"):
            if session["path"] == name:
                self._ask("DELETE", f"sessions/{session['id']}")

    def _ask(self, method: str, what: str) -> Any:
        request = urllib.request.Request(
            f"{self.address}/api/{what}",
            headers={"Authorization": f"token {self.token}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")


class Notebook:
    """A notebook open in JupyterLab."""

    def __init__(self, page: Page, page_errors: list[str]):
        self.page, self.page_errors = page, page_errors

    def run_all(self, seconds: float = 1800) -> None:
        """Run every cell and wait until the kernel has nothing left to do."""
        self.page.click("text=Run >> nth=0")
        self.page.locator(".lm-Menu").get_by_text("Run All Cells", exact=True).click()
        self.wait_until_idle(seconds)

    def wait_until_idle(self, seconds: float = 1800) -> None:
        """Wait until no cell is running or waiting."""
        self.page.wait_for_function(DONE, timeout=1000 * seconds)

    def cell(self, index: int) -> Locator:
        """Return the cell at ``index``, code and text cells counted alike."""
        return self.page.locator(".jp-NotebookPanel .jp-Cell").nth(index)

    def run(self, index: int, seconds: float = 60) -> str:
        """Run one cell again; return the text it prints."""
        cell = self.cell(index)
        prompt = cell.locator(".jp-InputArea-prompt")
        before = prompt.inner_text()
        cell.locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            r"([prompt, before]) => prompt.textContent !== before"
            r" && /\[\d+\]/.test(prompt.textContent)",
            arg=[prompt.element_handle(), before],
            timeout=1000 * seconds,
        )
        return cell.locator(".jp-Cell-outputArea").inner_text()

    def errors(self) -> list[str]:
        """Return the errors of all cells, and those of the page itself."""
        shown = self.page.locator(
            '[data-mime-type="application/vnd.jupyter.error"]'
        ).all_inner_texts()
        return [*shown, *self.page_errors]
