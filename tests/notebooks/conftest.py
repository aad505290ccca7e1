"""A made-up lesson that breaks no rule."""

import base64

import pytest
import stamp

PIXEL = base64.b64encode(b"not looked into").decode()


def _markdown(name, text):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(name, count, source, *outputs, tags=()):
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"tags": list(tags)} if tags else {},
        "execution_count": count,
        "source": source,
        "outputs": list(outputs),
    }


@pytest.fixture
def good_notebook() -> dict:
    """The smallest notebook that is a lesson in shape, named 01_small.ipynb."""
    project = stamp.read_project()
    picture = {
        "output_type": "display_data",
        "data": {"image/png": PIXEL, "text/plain": "<Figure>"},
        "metadata": {"image/png": {"alt": "A grey square"}},
    }
    opening = (
        "# Small\n\nA promise.\n\n<!-- badges -->\n"
        + stamp.badges(project, "01_small")
        + "\n<!-- /badges -->\n\n![A cat](cat.png)\n\n**You will learn**\n\n"
        "- one thing,\n- a second\n  on two lines,\n- and a third.\n\n"
        "**Takes** 20 minutes. **Needed before:** nothing."
    )
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
        },
        "cells": [
            _markdown("a", opening),
            _code("b", 1, stamp.setup_cell(project), tags=["setup"]),
            _code("c", 2, "from ipywidgets import interact"),
            _code("d", 3, "figure = draw(3)\nfigure", picture),
            _code("e", 4, "interact(draw, levels=(2, 8))"),
            _markdown("f", "**Try this**\n\n1. Move it."),
            _markdown("g", "## Exercises\n\n## Recap\n\n## Where this came from"),
        ],
    }
