"""An explorer answers what its page asks of the kernel.

``parts/ask.js`` is the page's side. What takes the page too long, a large network for
one, is asked for over the messages that ipywidgets 7 and 8, JupyterLab and Colab share.
A question has a name and a number; its answer has the same number, and comes after a
word that it was heard, so that the page can tell a kernel at work from one that is
gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import traitlets

from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import from_message, to_message

_Method = TypeVar("_Method", bound=Callable[..., dict[str, Any]])


def answers(method: _Method) -> _Method:
    """Mark a method of an `Answering` explorer that answers the page's questions.

    The question is the method's name. What the page gives are its arguments, by name,
    arrays as arrays; it returns a dictionary, of arrays and of what JSON takes. What it
    raises as a ``ValueError`` is told as it is.
    """
    method._answers = True  # type: ignore[attr-defined]
    return method


class Answering(Explorer):
    """Base of the explorers whose page may ask the kernel."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._asked)

    def _asked(self, _: Any, content: Any, buffers: list[Any]) -> None:
        """Answer a question of the page; never raise, for nobody would read it."""
        if not isinstance(content, dict) or "ask" not in content:
            return
        number = content["ask"]
        values: dict[str, str] = {}  # of the sentence, so that it can be looked up
        self.send({"answer": number, "heard": True})
        try:
            given = _unpacked(content.get("given", {}), buffers)
            found, arrays = _packed(self._answer(content.get("question"), given))
        except KeyboardInterrupt:
            said = "The kernel was interrupted before it had an answer."
        except (ValueError, traitlets.TraitError) as error:
            said = str(error)
        except Exception as error:
            said = "The kernel has no answer: {kind}: {why}"
            values = {"kind": type(error).__name__, "why": str(error)}
        else:
            self.send({"answer": number, "given": found}, arrays)
            return
        self.send({"answer": number, "error": said, "values": values})

    def _answer(self, question: Any, given: dict[str, Any]) -> dict[str, Any]:
        method = getattr(type(self), str(question), None)
        if not getattr(method, "_answers", False):
            raise ValueError(f"{type(self).__name__} knows no question {question!r}.")
        return method(self, **given)  # type: ignore[misc]


def _unpacked(given: dict[str, Any], buffers: list[Any]) -> dict[str, Any]:
    """Return what the page gave, arrays put together from the buffers."""

    def value(part: Any) -> Any:
        if not isinstance(part, dict) or "buffer" not in part:
            return part
        return from_message({**part, "data": buffers[part["buffer"]]}, None)

    return {name: value(part) for name, part in given.items()}


def _packed(found: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return an answer with its arrays taken out, and their bytes."""
    plain: dict[str, Any] = {}
    buffers: list[Any] = []
    for name, value in found.items():
        plain[name] = value
        if isinstance(value, np.ndarray):
            message = to_message(np.asarray(value, np.float64), None)
            buffers.append(message.pop("data"))
            plain[name] = {**message, "buffer": len(buffers) - 1}
    return plain, buffers
