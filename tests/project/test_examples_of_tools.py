"""The examples in the docstrings of tools are run."""

import doctest
import importlib

import lessons
import pytest

WITH_EXAMPLES = sorted(
    path.stem
    for path in (lessons.ROOT / "tools").glob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(name):
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert (failed, tried > 0) == (0, True)
