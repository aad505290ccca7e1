"""How the layers of a Keras model hang together."""

from collections.abc import Iterator
from typing import Any


def calls(model: Any) -> Iterator[Any]:
    """Give the calls between a model's inputs and outputs, each after what it needs."""
    done = {id(tensor) for tensor in model.inputs}
    waiting = list(reversed(model.outputs))
    while waiting:
        tensor = waiting[-1]
        if id(tensor) in done:
            waiting.pop()
            continue
        operation, index, _ = tensor._keras_history
        node = operation._inbound_nodes[index]
        missing = [t for t in node.input_tensors if id(t) not in done]
        if missing:
            waiting += reversed(missing)
            continue
        yield node
        done |= {id(output) for output in node.outputs}
