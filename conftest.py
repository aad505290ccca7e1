"""Rules for every test here, the lessons in notebooks/ included."""

import os
import re

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

# Python's warnings, and those that TensorFlow's Python part logs.
WARNING = re.compile(r"^.*\b[A-Z]\w*Warning: .*$|^WARNING:\w+:.*$", re.MULTILINE)


# nbval has no setting for the two things that follow: both reach into it, here only.
def pytest_collectstart(collector):
    """Compare all that a lesson prints but stderr, where TensorFlow logs."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare = (*collector.skip_compare, "stderr")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A lesson that prints a warning fails, though stderr is not compared."""
    result = yield
    if isinstance(item, IPyNbCell):
        outputs = [o for o in item.test_outputs if o.get("name") == "stderr"]
        stderr = "".join(output.text for output in outputs)
        if found := WARNING.findall(stderr):
            item.raise_cell_error("A lesson prints no warnings.", "\n".join(found))
    return result


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
