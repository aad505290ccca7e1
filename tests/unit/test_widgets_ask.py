"""parts/ask.py: what the page asks is answered, and an error is a sentence."""

import numpy as np
import pytest
import traitlets

from helpers.widgets.parts import ask


class Clerk(ask.Answering):
    """An explorer without a page."""

    module = "explorers/kernel_lab.js"

    @ask.answers
    def doubled(self, picture: np.ndarray, n: int) -> dict:
        return {"twice": 2 * picture, "n": n, "names": ["a", "b"]}

    @ask.answers
    def failing(self, kind: str) -> dict:
        raise {
            "value": ValueError("The patch is larger than the photo."),
            "trait": traitlets.TraitError("layer: there is none."),
            "memory": MemoryError("no room for 3 GB"),
            "stop": KeyboardInterrupt(),
        }[kind]

    def secret(self) -> dict:
        return {"key": 1}


@pytest.fixture
def clerk(monkeypatch):
    clerk = Clerk()
    clerk.sent = []
    monkeypatch.setattr(
        clerk,
        "send",
        lambda content, buffers=None: clerk.sent.append((content, buffers)),
    )
    yield clerk
    clerk.close()


def asks(clerk, question, given=None, buffers=()):
    """As the message comes from the page; what was said, after that it was heard."""
    clerk.sent.clear()
    content = {"ask": "x 1", "question": question, "given": given or {}}
    clerk._handle_custom_msg(content, list(buffers))
    heard, said = clerk.sent
    assert heard == ({"answer": "x 1", "heard": True}, None)
    assert said[0]["answer"] == "x 1"
    return said


def test_arrays_come_and_go_as_bytes(clerk):
    picture = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    message = {"shape": [1, 2, 3], "dtype": "uint8", "buffer": 0}
    content, buffers = asks(
        clerk, "doubled", {"picture": message, "n": 4}, [memoryview(picture.tobytes())]
    )
    assert content["given"] == {
        "twice": {"shape": [1, 2, 3], "dtype": "float64", "buffer": 0},
        "n": 4,
        "names": ["a", "b"],
    }
    twice = np.frombuffer(buffers[0]).reshape(1, 2, 3)
    np.testing.assert_array_equal(twice, 2.0 * picture)


@pytest.mark.parametrize(
    ("question", "given", "said", "values"),
    [
        ("failing", {"kind": "value"}, "The patch is larger than the photo.", {}),
        ("failing", {"kind": "trait"}, "layer: there is none.", {}),
        (
            "failing",
            {"kind": "memory"},
            "The kernel has no answer: {kind}: {why}",
            {"kind": "MemoryError", "why": "no room for 3 GB"},
        ),
        (
            "failing",
            {"kind": "stop"},
            "The kernel was interrupted before it had an answer.",
            {},
        ),
        ("secret", {}, "Clerk knows no question 'secret'.", {}),
        ("close", {}, "Clerk knows no question 'close'.", {}),
        (None, {}, "Clerk knows no question None.", {}),
    ],
    ids=str,
)
def test_what_goes_wrong_is_a_sentence(clerk, question, given, said, values):
    content, buffers = asks(clerk, question, given)
    assert content == {"answer": "x 1", "error": said, "values": values}
    assert buffers is None


def test_a_question_with_other_arguments(clerk):
    content, _ = asks(clerk, "doubled", {"n": 4})
    assert content["error"] == "The kernel has no answer: {kind}: {why}"
    assert content["values"]["kind"] == "TypeError"


@pytest.mark.parametrize("content", [None, "ask", {}, {"answer": 1}, [1]])
def test_other_messages_are_left_alone(clerk, content):
    clerk._handle_custom_msg(content, [])
    assert clerk.sent == []
