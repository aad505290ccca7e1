"""Rules for every test here, the lessons in notebooks/ included."""

import functools
import os
import re
import sys

import pytest

# Python's warnings, and those that TensorFlow's Python part logs.
WARNING = re.compile(r"^.*\b[A-Z]\w*Warning: .*$|^WARNING:\w+:.*$", re.MULTILINE)


# What takes longest starts first, so that the processes of a run end together.
LONG = [
    "tests/browser/test_lessons.py",
    "tests/browser/test_every_explorer.py",
    "tests/unit/test_ops_random.py",
    "tests/networks/test_on_jax.py",
    "tests/browser/",
    "notebooks/",
    "tests/notebooks/test_setup_cell.py",
    "tests/project/test_rules_of_the_run.py",
]


def pytest_collection_modifyitems(items):
    """Bring the files of several processes into the order of their lengths."""

    def turn(item):
        found = (n for n, start in enumerate(LONG) if item.nodeid.startswith(start))
        return next(found, len(LONG))

    items.sort(key=turn)  # stable: what follows each other in a file still does


# nbval has no setting for the two things that follow: both reach into it, here only. A
# run without lessons does not bring it in for that: its import takes three seconds.
def _is_nbvals(thing, name):
    nbval = sys.modules.get("nbval.plugin")
    return nbval is not None and isinstance(thing, getattr(nbval, name))


def pytest_collectstart(collector):
    """Compare all that a lesson prints but stderr, where TensorFlow logs.

    What is stored comes from the real data sets: where one is not here, lessons that
    use them run on stand-ins, and nothing is compared.
    """
    if _is_nbvals(collector, "IPyNbFile"):
        collector.skip_compare = (*collector.skip_compare, "stderr")
        if DATA.search(collector.path.read_text(encoding="utf-8")) and _missing_data():
            collector.compare_outputs = False


# How a lesson brings in the room of the data sets.
DATA = re.compile(r"\bhelpers\b.*\bdatasets\b")


@functools.cache
def _missing_data():
    from helpers import datasets

    return datasets.missing()


def pytest_report_header(config):
    """Say so in a line where lessons run on stand-ins."""
    runs_lessons = config.getoption("nbval", False) or config.getoption(
        "nbval_lax", False
    )
    if runs_lessons and (missing := _missing_data()):
        return (
            f"Real data are not all here ({'; '.join(missing)}): lessons that use them "
            "run on stand-ins, and what they print is not compared. `make data` "
            "fetches them."
        )
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A lesson that prints a warning fails, though stderr is not compared."""
    result = yield
    if _is_nbvals(item, "IPyNbCell"):
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
