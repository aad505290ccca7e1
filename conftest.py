"""Rules for every test here, the lessons in notebooks/ included."""

import os

import pytest


def pytest_collectstart(collector):
    """Compare all that a lesson prints but stderr, where TensorFlow logs."""
    if hasattr(collector, "skip_compare"):  # nbval's notebook
        collector.skip_compare = (*collector.skip_compare, "stderr")


def _skip_is_failure(report):
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if report.longrepr else "no reason given"
        report.outcome = "failed"
        report.longrepr = f"Under CI every test must run, but: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Under CI a test that cannot run is a failure."""
    return _skip_is_failure((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    """Under CI a test file that cannot run is a failure."""
    return _skip_is_failure((yield))
