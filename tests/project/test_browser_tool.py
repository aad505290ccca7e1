"""What happens where no browser can be had."""

import browser
import pytest


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_missing_browser_is_said_and_fails_only_in_ci(monkeypatch, capsys, ci, status):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(browser, "install_chromium", lambda: None)
    assert browser.main() == status
    assert "browser tests cannot run" in capsys.readouterr().out


def test_browser_that_does_not_start_is_not_taken(monkeypatch, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(broken))
    assert browser.find_chromium() is None


def test_named_browser_is_taken(monkeypatch, tmp_path):
    working = tmp_path / "chromium"
    working.write_text("#!/bin/sh\necho 'Chromium 1'\n")
    working.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(working))
    assert browser.find_chromium() == working
