"""The examples in the docstrings of helpers are run; explorers and exercises have some.

``pytest --doctest-modules`` would also take each conftest.py for a module of examples,
and trip over two of the same name.
"""

import doctest
import importlib
import pkgutil

import pytest

import helpers


def examples():
    """Every docstring with an example, by the name of what it describes."""
    names = [m.name for m in pkgutil.walk_packages(helpers.__path__, "helpers.")]
    for name in ["helpers", *names]:
        for found in doctest.DocTestFinder().find(importlib.import_module(name)):
            if found.examples:
                yield pytest.param(found, id=found.name)


@pytest.mark.parametrize("example", list(examples()))
def test_example(example, pytestconfig):
    flags = pytestconfig.getini("doctest_optionflags")
    chosen = sum(doctest.OPTIONFLAGS_BY_NAME[flag] for flag in flags)
    said = []
    runner = doctest.DocTestRunner(optionflags=chosen)
    assert not runner.run(example, out=said.append).failed, "".join(said)


def test_examples_are_found():
    assert len(list(examples())) > 60
