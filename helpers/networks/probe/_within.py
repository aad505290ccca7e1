"""Parts of a model as models of their own: up to a layer, or up to the logits."""

from __future__ import annotations

from typing import Any

import keras

from helpers import _arguments
from helpers.networks import _graph


def check(model: Any) -> None:
    """Refuse what is no model, or one whose layers are not known from outside."""
    if not isinstance(model, keras.Model):
        need = "Give a keras.Sequential or a functional model"
        raise _arguments.refusal("model", _arguments.shown(model), need)
    if getattr(model, "inputs", None) is None or not model.built:
        came = f'"{model.name}", whose layers are not known from outside'
        need = "Build it as keras.Sequential or keras.Model, from keras.Input(shape) on"
        raise _arguments.refusal("model", came, need)


def names(model: keras.Model) -> list[str]:
    """Return the names of a model's layers, in the order in which they are computed."""
    return [node.operation.name for node in _graph.calls(model)]


def up_to(model: keras.Model, *layers: str) -> keras.Model:
    """Return a model that gives what a layer makes, or each of several.

    It shares all layers with the model. A layer used twice counts where it is first
    used.
    """
    check(model)
    known = names(model)
    wanted = [_arguments.word(layer, "layer", known) for layer in layers]
    nodes = list(_graph.calls(model))
    made = [nodes[known.index(layer)].outputs[0] for layer in wanted]
    return keras.Model(_inputs(model), made if len(made) > 1 else made[0])


def with_maps(model: keras.Model) -> list[Any]:
    """Return the layers that give maps (N, H, W, C), in the order of the computation.

    What `keras.ops` does to maps is among them: it has a name, but no weights.
    """
    nodes = _graph.calls(model)
    return [node.operation for node in nodes if len(node.outputs[0].shape) == 4]


def split(model: keras.Model, layer: str) -> tuple[keras.Model, keras.Model]:
    """Return a model up to a layer, and the rest of it.

    They share all layers with the model. The first gives what the layer makes, then
    what goes around the layer (a shortcut), if anything does; the rest takes these.
    """
    check(model)
    layer = _arguments.word(layer, "layer", names(model))
    nodes = list(_graph.calls(model))
    at = next(k for k, one in enumerate(nodes) if one.operation.name == layer)
    made = nodes[at].outputs[0]
    if made is model.outputs[0]:
        came = f'"{layer}", behind which there is nothing'
        raise _arguments.refusal("layer", came, "Give a layer before the last one")
    behind = {id(made)}
    around: dict[int, Any] = {}
    for node in nodes[at + 1 :]:
        given = node.input_tensors
        if not any(id(tensor) in behind for tensor in given):
            continue
        around |= {id(one): one for one in given if id(one) not in behind}
        behind |= {id(tensor) for tensor in node.outputs}
    others = list(around.values())
    first = keras.Model(_inputs(model), [made, *others] if others else made)
    return first, keras.Model([made, *others] if others else made, model.outputs[0])


def up_to_logits(model: keras.Model) -> keras.Model:
    """Return a model that gives logits, where its last layer may be a softmax.

    A softmax that is sure has no slope left to say why (it saturates), logits do.
    """
    check(model)
    return keras.Model(_inputs(model), logits(model))


def logits(model: keras.Model) -> Any:
    """Return the tensor of a model's logits."""
    if not ends_with_softmax(model):
        return model.outputs[0]
    node = _last(model)
    last, given = node.operation, node.input_tensors
    if isinstance(last, keras.Model):
        return up_to_logits(last)(given if len(given) > 1 else given[0])
    if isinstance(last, keras.layers.Dense):
        return _BeforeSoftmax(last, name=f"{last.name}_logits")(given[0])
    if not isinstance(last, keras.layers.Activation) and not _is_softmax_alone(last):
        came = f'"{last.name}", a {type(last).__name__} with a softmax'
        need = "Let a Dense layer or a Softmax layer make its probabilities"
        raise _arguments.refusal("model", came, need)
    return given[0]


def ends_with_softmax(model: keras.Model) -> bool:
    """Whether a model gives probabilities."""
    node = _last(model)
    last = None if node is None else node.operation
    if isinstance(last, keras.Model):
        return ends_with_softmax(last)
    softmax = getattr(last, "activation", None) is keras.activations.softmax
    return softmax or _is_softmax_alone(last)


def _is_softmax_alone(operation: Any) -> bool:
    """Whether it is the layer, or what `keras.ops` and `keras.activations` call.

    The latter has no public name.
    """
    kind = type(operation).__name__ == "Softmax"
    return kind or isinstance(operation, keras.layers.Softmax)


def _last(model: keras.Model) -> Any:
    """Return the call that makes a model's output; None where that is its input."""
    made = model.outputs[0]
    nodes = _graph.calls(model)
    found = (node for node in nodes if any(one is made for one in node.outputs))
    return next(found, None)


class _BeforeSoftmax(keras.layers.Layer):
    """What a Dense layer makes before its activation, with the layer's own weights."""

    def __init__(self, dense: keras.layers.Dense, **settings: Any) -> None:
        super().__init__(**settings)
        self.dense = dense

    def call(self, x: Any) -> Any:
        made = keras.ops.matmul(x, self.dense.kernel)
        return made + self.dense.bias if self.dense.use_bias else made


def _inputs(model: keras.Model) -> Any:
    return model.inputs if len(model.inputs) > 1 else model.inputs[0]
