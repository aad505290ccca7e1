"""Find a Chromium for the browser tests; run as a script, install one if possible.

Looked for, in this order: the path in the environment variable ``CHROMIUM``, a browser
on ``PATH``, the one Playwright installed. Run as a script it then tries ``playwright
install chromium`` and, as root on Debian, ``apt-get install chromium``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "No Chromium was found and none could be installed: the browser tests cannot run. "
    "Install one (Debian: sudo apt install chromium) or give its path in CHROMIUM."
)
PLAYWRIGHT_PATH = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def _succeeds(command: list[str], timeout: float = 600) -> bool:
    """Whether a command can be started and ends with status 0."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _playwrights_own() -> str | None:
    """Where Playwright keeps (or would keep) its own Chromium."""
    done = subprocess.run(
        [sys.executable, "-c", PLAYWRIGHT_PATH], capture_output=True, text=True
    )
    return done.stdout.strip() or None


def find_chromium() -> Path | None:
    """Find a Chromium that starts.

    Returns
    -------
    Path or None
        The program, or None where there is none.
    """
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [shutil.which(name) for name in NAMES]
    # --version tells a working browser from a placeholder or one whose libraries lack.
    for path in filter(None, candidates):
        if _succeeds([path, "--version"], timeout=60):
            return Path(path)
    own = None if named else _playwrights_own()
    return Path(own) if own and _succeeds([own, "--version"], timeout=60) else None


def install_chromium() -> Path | None:
    """Try the ways of getting a Chromium, one after the other."""
    ways = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        ways.append([["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]])
    for commands in ways:
        print("Chromium is missing, trying:", *commands[-1], flush=True)
        for command in commands:
            _succeeds(command)
        found = find_chromium()
        if found:
            return found
    return None


def main() -> int:
    """Print the browser's path or say why there is none; fail only under CI."""
    found = find_chromium() or install_chromium()
    print(f"Browser for the tests: {found}" if found else MISSING)
    return 1 if found is None and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
