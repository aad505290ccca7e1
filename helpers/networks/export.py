"""From a trained Keras model to a network that runs in the browser.

`network` writes it, as `helpers.networks.exported` describes; ``parts/network.js`` runs
it and keeps what every layer makes. What it cannot carry it refuses by the layer's
name. `rounded` gives a Keras model with the very weights that the browser has, so that
it can be told what rounding costs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, zip_longest
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from helpers import _arguments
from helpers.networks import _graph, exported
from helpers.networks.layers import MaxPooling2D, PositionBias


def network(
    model: keras.Model,
    *,
    weights: str = "float16",
    about: dict[str, Any] | None = None,
) -> exported.Network:
    """Write down a trained model for the browser.

    Parameters
    ----------
    model
        A `keras.Sequential` or a functional model, models within it included. All sides
        of its inputs are known, but the batch. Layers that do nothing outside training
        (augmentation, dropout, noise) are left out.
    weights
        How a weight is kept: "float32"; "float16", half as large, with three good
        digits; "8 bits", a quarter, a whole number times a scale for each channel. This
        holds for kernels, embeddings, slopes and biases of places, which are many.
        Plain biases and batch normalisation's four numbers a channel stay float32.
    about
        What is to be said of it, in plain data as JSON takes it: what it learned from,
        the names of its classes … It stands in the description.

    Returns
    -------
    helpers.networks.exported.Network

    Raises
    ------
    ValueError
        A layer, or a setting of one, that the browser does not know: the sentence names
        it. A model that is not built, another way to compute than Keras's own.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((28, 28, 1)),
    ...     keras.layers.Conv2D(8, 3, activation="relu", name="edges"),
    ...     keras.layers.Flatten(),
    ...     keras.layers.Dropout(0.5),
    ...     keras.layers.Dense(10, activation="softmax", name="digit"),
    ... ])
    >>> small = network(model, weights="8 bits")
    >>> small
    <Network of 4 layers, 54,170 weights as 8 bits in 54,296 bytes>
    >>> small.weights("edges")["kernel"].shape
    (3, 3, 1, 8)
    """
    made, _ = _written(model, weights)
    made.description.update({} if about is None else {"about": about})
    return made


def moments(
    model: keras.Model, record: Any, *, most: int = 3_000_000
) -> list[exported.Network]:
    """Write down a model as it was before its training, and after each epoch.

    Parameters
    ----------
    model
        The one that was trained. It is not changed.
    record
        What `helpers.networks.training.fit` returned, weights kept.
    most
        How many bytes float16 may take for all of them; beyond it, weights are kept as
        8 bits each.

    Returns
    -------
    list of helpers.networks.exported.Network
        One more than there are epochs; their descriptions are the same.

    Raises
    ------
    ValueError
        Something else than a record, or one that has kept no weights.

    Examples
    --------
    >>> from helpers.networks.training import Keep, fit
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((8, 3)), np.full((8, 2), 3)
    >>> record = fit(model, x, y, epochs=2, keep=Keep(), progress=False)
    >>> [one.data == network(model).data for one in moments(model, record)]
    [False, False, True]
    """
    epochs = getattr(record, "epochs", None)
    restore = getattr(record, "restore", None)
    if not _arguments.is_whole(epochs) or not callable(restore):
        need = "Give what training.fit returned"
        raise _arguments.refusal("record", _arguments.shown(record), need)
    then = keras.models.clone_model(model)
    count = int(epochs or 0) + 1
    kind = "float16" if 2 * model.count_params() * count <= most else "8 bits"
    made = []
    for epoch in range(count):
        restore(then, epoch)
        made.append(network(then, weights=kind))
    return made


def rounded(model: keras.Model, *, weights: str = "float16") -> keras.Model:
    """Return a copy of a model with its weights rounded as `network` rounds them.

    Parameters
    ----------
    model, weights
        As `network` takes them. The model itself is not changed.

    Returns
    -------
    keras.Model
        Not compiled.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> model.set_weights([np.full((3, 2), 0.1), np.zeros(2)])
    >>> rounded(model).get_weights()[0][0]
    array([0.09997559, 0.09997559], dtype=float32)
    """
    copy = keras.models.clone_model(model)
    copy.set_weights(rounded_weights(model, weights=weights))
    return copy


def rounded_weights(model: keras.Model, *, weights: str = "float16") -> list[NDArray]:
    """Return a model's weights rounded as `network` rounds them.

    Parameters
    ----------
    model, weights
        As `network` takes them.

    Returns
    -------
    list of arrays
        In the order that ``model.set_weights`` takes.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.set_weights([np.array([[1.27], [0.123]]), np.array([0.123])])
    >>> rounded_weights(model, weights="8 bits")[0].tolist()
    [[1.2699999809265137], [0.11999999731779099]]
    """
    made, laid = _written(model, weights)
    values = {id(kept): exported.read(made.data, place) for kept, place in laid}
    return [values.get(id(one), one.numpy()) for one in model.weights]


def load_weights(model: keras.Model, network: exported.Network) -> None:
    """Give a model the weights of a network that was written from one like it.

    Parameters
    ----------
    model
        Built as the one was that `network` wrote; its layers may have other names. Its
        weights become those that the browser has.
    network
        From `network`, or read from a file by `exported.load`.

    Raises
    ------
    ValueError
        The network was written from another model. The model is left as it was.

    Examples
    --------
    >>> def line():
    ...     return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> old, new = line(), line()
    >>> old.set_weights([np.array([[0.5]]), np.array([2.0])])
    >>> load_weights(new, network(old))
    >>> [weight.item() for weight in new.get_weights()]
    [0.5, 2.0]
    """
    same, laid = _written(model, network.description["weights"])
    _refuse_another(same.description, network.description)
    for variable, place in laid:
        variable.assign(exported.read(network.data, place))


def _refuse_another(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Refuse a network by its first layer that is not the model's."""
    pairs = zip_longest(mine["layers"], theirs["layers"])
    other = next((pair for pair in pairs if len({*map(_but_its_name, pair)}) > 1), None)
    if other is None:
        return
    here, there = (f'"{one["name"]}"' if one else "no more layer" for one in other)
    if here == there:
        there = f"a {there} of other settings"
    came = f"one that has {there} where the model has {here}"
    raise _arguments.refusal("network", came, "Build the model it was written from")


def _but_its_name(layer: dict[str, Any] | None) -> str:
    return json.dumps({**layer, "name": ""}) if layer else ""


def _written(model: Any, kind: Any) -> tuple[exported.Network, list]:
    """Return the network, and which variable of Keras lies at which place."""
    kind = _arguments.word(kind, "weights", exported.WEIGHTS)
    writer = _Writer(kind)
    inputs, outputs = writer.write(model)
    description = {
        "version": exported.VERSION,
        "weights": kind,
        "inputs": inputs,
        "outputs": outputs,
        "layers": writer.layers,
    }
    return exported.Network(description, writer.store.data), writer.laid


# -- the graph -------------------------------------------------------------------------


@dataclass
class _Writer:
    """Walks through a model from its inputs on, and writes down layer after layer."""

    kind: str
    layers: list[dict[str, Any]] = field(default_factory=list)
    laid: list[tuple[Any, dict]] = field(default_factory=list)
    store: exported.Weights = field(
        default_factory=lambda: exported.Weights({}, "float32")
    )

    def write(self, model: Any) -> tuple[list[int], list[int]]:
        """Write a whole model; return the numbers of its inputs and of its outputs."""
        _refuse_other_models(model, "model")
        inputs = [self._input(tensor) for tensor in model.inputs]
        return inputs, self._model(model, inputs)

    def _input(self, tensor: Any) -> int:
        name = tensor._keras_history.operation.name
        return self._add(name, "input", [], _sides(name, tensor), {})

    def _model(self, model: Any, inputs: list[int]) -> list[int]:
        """Write what stands between a model's inputs, written already, and outputs."""
        known = dict(zip(map(id, model.inputs), inputs, strict=True))
        for node in _graph.calls(model):
            arrived = [known[id(tensor)] for tensor in node.input_tensors]
            made = self._call(node, arrived)
            known.update(zip(map(id, node.outputs), made, strict=True))
        return [known[id(tensor)] for tensor in model.outputs]

    def _call(self, node: Any, inputs: list[int]) -> list[int]:
        """Write one call of a layer, or of a model within the model."""
        layer = node.operation
        if isinstance(layer, keras.Model):
            _refuse_other_models(layer, f'layer "{layer.name}"')
            return self._model(layer, inputs)
        if _does_nothing(layer):
            return inputs
        _refuse_other_ways(layer)
        shapes = [self.layers[k]["shape"] for k in inputs]
        kind, settings, parts = _CONVERTERS[type(layer)](layer, *shapes)
        [output] = node.outputs
        shape = _sides(layer.name, output)
        settings["weights"] = {name: self._lay(layer, *p) for name, p in parts.items()}
        if not parts:
            del settings["weights"]
        return [self._add(layer.name, kind, inputs, shape, settings)]

    def _add(
        self, name: str, kind: str, inputs: list[int], shape: list[int], settings: dict
    ) -> int:
        taken = {layer["name"] for layer in self.layers}
        names = (name if k == 1 else f"{name} ({k})" for k in count(1))
        free = next(one for one in names if one not in taken)
        head = {"name": free, "kind": kind, "inputs": inputs, "shape": shape}
        self.layers.append({**head, **settings})
        return len(self.layers) - 1

    def _lay(self, layer: Any, variable: Any, channel_axes: int) -> dict[str, Any]:
        """Lay weights once, also where the layer is used again."""
        for other, place in self.laid:
            if other is variable:
                return place
        kind = self.kind if channel_axes else "float32"
        try:
            values = variable.numpy()
            place = self.store.lay(values, kind, channel_axes or 1)
        except ValueError as error:
            raise ValueError(f'layer "{layer.name}", {error}') from None
        self.laid.append((variable, place))
        return place


def _sides(name: str, tensor: Any) -> list[int]:
    """Return a shape without its batch."""
    sides = list(tensor.shape[1:])
    if None in sides:
        came = f"numbers of shape {tuple(tensor.shape)}"
        need = "Give the model's keras.Input all sides but the batch"
        raise _arguments.refusal(f'layer "{name}"', came, need)
    return [int(side) for side in sides]


# -- what is not carried ---------------------------------------------------------------


def _no(layer: Any, came: str, need: str) -> ValueError:
    return _arguments.refusal(f'layer "{layer.name}"', came, need)


def _refuse_other_models(model: Any, name: str) -> None:
    """Refuse what is no model, is not built, or computes in a way of its own."""
    if not isinstance(model, keras.Model):
        need = "Give a keras.Sequential or a functional model"
        raise _arguments.refusal(name, _arguments.shown(model), need)
    calls = next(kind for kind in type(model).__mro__ if "call" in vars(kind))
    kind = type(model).__name__
    if not calls.__module__.startswith("keras.src.models.") or calls is keras.Model:
        came = f"a {kind}, a model with a way to compute of its own"
        need = "Build it as a keras.Sequential or a functional model"
        raise _arguments.refusal(name, came, need)
    if getattr(model, "inputs", None) is None:
        came = f"a {kind} that is not built"
        raise _arguments.refusal(name, came, "Let it begin with keras.Input(shape)")


# Those of Keras that hand on what comes, outside training. Not every version has all.
_ONLY_IN_TRAINING = (
    *("ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout"),
    *("GaussianNoise", "Identity", "SpatialDropout1D", "SpatialDropout2D"),
    *("AugMix", "CutMix", "MixUp", "RandAugment", "RandomBrightness"),
    *("RandomColorDegeneration", "RandomColorJitter", "RandomContrast"),
    *("RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur"),
    *("RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization"),
    *("RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear"),
    *("RandomTranslation", "RandomZoom"),
)
_KERAS = vars(keras.layers)
_NOTHING = tuple(_KERAS[name] for name in _ONLY_IN_TRAINING if name in _KERAS)


def _does_nothing(layer: Any) -> bool:
    return type(layer) in _NOTHING or bool(getattr(layer, "only_in_training", False))


def _refuse_other_ways(layer: Any) -> None:
    """Refuse a layer that the browser does not know, or one of its settings."""
    kind = type(layer).__name__
    if type(layer) not in _CONVERTERS:
        need = "The browser knows no such layer. Build the model without"
        if not isinstance(layer, keras.layers.Layer):
            need = "Use one of keras.layers: keras.layers.Add()([a, b]) for a + b"
        raise _no(layer, f"a {kind}", need)
    if getattr(layer, "data_format", None) == "channels_first":
        came = f'a {kind} with data_format="channels_first"'
        raise _no(layer, came, 'Use "channels_last"')
    if getattr(layer, "quantization_mode", None) is not None:
        raise _no(layer, f"a {kind} that Keras has quantized", "Export it before")
    if getattr(layer, "lora_enabled", False):
        raise _no(layer, f"a {kind} with LoRA", "Merge its weights first")


# -- activations -----------------------------------------------------------------------

# Those that the browser has, by its names; softmax goes over the last axis.
_ACTIVATIONS: dict[Callable, dict[str, Any]] = {
    keras.activations.elu: {"name": "elu", "setting": 1.0},
    keras.activations.leaky_relu: {"name": "leaky_relu", "setting": 0.2},
    keras.activations.log_sigmoid: {"name": "log_sigmoid"},
    keras.activations.mish: {"name": "mish"},
    keras.activations.relu: {"name": "relu"},
    keras.activations.relu6: {"name": "relu", "most": 6.0},
    keras.activations.sigmoid: {"name": "sigmoid"},
    keras.activations.silu: {"name": "swish"},
    keras.activations.softmax: {"name": "softmax"},
    keras.activations.softplus: {"name": "softplus"},
    keras.activations.softsign: {"name": "softsign"},
    keras.activations.tanh: {"name": "tanh"},
}


def _activation(layer: Any, given: Any, rank: int) -> dict[str, Any]:
    """Return an activation, a function or a layer of Keras, as the browser knows it."""
    if isinstance(given, keras.layers.Layer):
        way = _ACTIVATION_LAYERS.get(type(given))
        if way:
            return way(given, rank)
    elif given in _ACTIVATIONS:
        return dict(_ACTIVATIONS[given])
    name = getattr(given, "__name__", type(given).__name__)
    known = ", ".join(sorted(function.__name__ for function in _ACTIVATIONS))
    raise _no(layer, f"the activation {name}", f"The browser knows {known}")


def _own_activation(layer: Any, rank: int) -> dict[str, Any]:
    """Return the activation of a layer that has one, nothing for a linear one."""
    if layer.activation in (None, keras.activations.linear):
        return {}
    return {"activation": _activation(layer, layer.activation, rank)}


def _relu(layer: Any, rank: int) -> dict[str, Any]:
    """Return max(x, 0), which may have an upper end, a slope below, a later start."""
    settings = {
        "most": layer.max_value,
        "slope": layer.negative_slope or None,
        "threshold": layer.threshold or None,
    }
    chosen = {name: float(v) for name, v in settings.items() if v is not None}
    return {"name": "relu", **chosen}


def _softmax(layer: Any, rank: int) -> dict[str, Any]:
    if layer.axis not in (-1, rank):
        came = f"a Softmax over axis {layer.axis}"
        raise _no(layer, came, "Take the last, axis=-1")
    return {"name": "softmax"}


def _leaky(layer: Any, rank: int) -> dict[str, Any]:
    return {"name": "leaky_relu", "setting": float(layer.negative_slope)}


def _elu(layer: Any, rank: int) -> dict[str, Any]:
    return {"name": "elu", "setting": float(layer.alpha)}


def _by_name(layer: Any, rank: int) -> dict[str, Any]:
    return _activation(layer, layer.activation, rank)


_ACTIVATION_LAYERS: dict[type, Callable[[Any, int], dict[str, Any]]] = {
    keras.layers.Activation: _by_name,
    keras.layers.ELU: _elu,
    keras.layers.LeakyReLU: _leaky,
    keras.layers.ReLU: _relu,
    keras.layers.Softmax: _softmax,
}


def _activation_layer(layer: Any, shape: list[int]) -> _Layer:
    nothing = keras.activations.linear
    if getattr(layer, "activation", None) is nothing:
        return "reshape", {}, {}
    made = _ACTIVATION_LAYERS[type(layer)](layer, len(shape))
    return "activation", {"activation": made}, {}


# -- layers ----------------------------------------------------------------------------

# What a layer becomes: its kind, its settings, its weights. Of each part of these the
# variable, and how many of its last axes are channels if it is rounded; 0: it is not.
_Layer = tuple[str, dict[str, Any], dict[str, tuple[Any, int]]]


def _weights(layer: Any, channel_axes: int = 1) -> dict[str, tuple[Any, int]]:
    parts = {"kernel": (layer.kernel, channel_axes)}
    return parts | ({"bias": (layer.bias, 0)} if layer.use_bias else {})


def _in_two(sides: tuple[int, ...] | int, along: int = 1) -> list[int]:
    """Return sides as rows and columns: a row of numbers is a picture one row high."""
    two = sides if isinstance(sides, tuple | list) else (sides,)
    return [along] * (2 - len(two)) + [int(side) for side in two]


def _windows(layer: Any, shape: list[int], size: Any, dilation: Any = 1) -> dict:
    """Return where windows lie: size, stride, dilation, what stands around."""
    sizes, strides, steps = map(_in_two, (size, layer.strides, dilation))
    sides = _in_two(tuple(shape[:-1]))
    reach = [(n - 1) * step + 1 for n, step in zip(sizes, steps, strict=True)]
    around = []
    for side, stride, far in zip(sides, strides, reach, strict=True):
        total = max((-(-side // stride) - 1) * stride + far - side, 0)
        ways = {
            "valid": [0, 0],
            "same": [total // 2, total - total // 2],
            "causal": [far - 1, 0],
        }
        around.append(ways[layer.padding])
    if len(shape) == 2:
        around[0] = [0, 0]
    found = {"size": sizes, "stride": strides, "padding": around}
    return found if steps == [1, 1] else {**found, "dilation": steps}


def _convolution(layer: Any, shape: list[int]) -> _Layer:
    settings = _windows(layer, shape, layer.kernel_size, layer.dilation_rate)
    if layer.groups > 1:
        settings["groups"] = int(layer.groups)
    return "conv2d", settings | _own_activation(layer, len(shape)), _weights(layer)


def _depthwise(layer: Any, shape: list[int]) -> _Layer:
    settings = _windows(layer, shape, layer.kernel_size, layer.dilation_rate)
    settings |= _own_activation(layer, len(shape))
    return "depthwiseConv2d", settings, _weights(layer, channel_axes=2)


def _pooling(reduce: str) -> Callable[[Any, list[int]], _Layer]:
    def convert(layer: Any, shape: list[int]) -> _Layer:
        settings = _windows(layer, shape, layer.pool_size)
        return "pool2d", {"reduce": reduce, **settings}, {}

    return convert


def _global_pooling(reduce: str) -> Callable[[Any, list[int]], _Layer]:
    def convert(layer: Any, shape: list[int]) -> _Layer:
        return "pool2d", {"reduce": reduce, "size": _in_two(tuple(shape[:-1]))}, {}

    return convert


def _dense(layer: Any, shape: list[int]) -> _Layer:
    return "dense", _own_activation(layer, len(shape)), _weights(layer)


def _embedding(layer: Any, shape: list[int]) -> _Layer:
    if layer.mask_zero:
        came = "an Embedding with mask_zero=True"
        raise _no(layer, came, "Leave it out: convolutions look at every place anyway")
    return "embedding", {}, {"embeddings": (layer.embeddings, 1)}


def _batch_normalization(layer: Any, shape: list[int]) -> _Layer:
    if layer.axis not in (-1, len(shape)):
        came = f"a BatchNormalization of axis {layer.axis}"
        raise _no(layer, came, "Take the last, axis=-1")
    parts = {"mean": (layer.moving_mean, 0), "variance": (layer.moving_variance, 0)}
    if layer.scale:
        parts["gamma"] = (layer.gamma, 0)
    if layer.center:
        parts["beta"] = (layer.beta, 0)
    return "batchNormalization", {"epsilon": float(layer.epsilon)}, parts


def _prelu(layer: Any, shape: list[int]) -> _Layer:
    return "prelu", {}, {"alpha": (layer.alpha, 1)}


def _position_bias(layer: Any, shape: list[int]) -> _Layer:
    return "bias", {}, {"bias": (layer.bias, 1)}


def _reshape(layer: Any, shape: list[int]) -> _Layer:
    return "reshape", {}, {}


def _zero_padding(layer: Any, shape: list[int]) -> _Layer:
    around = [list(map(int, _pair(side))) for side in np.atleast_2d(layer.padding)]
    return "zeroPadding2d", {"padding": [[0, 0]] * (2 - len(around)) + around}, {}


def _pair(side: NDArray) -> tuple[int, int]:
    return side[0], side[1]


def _rescaling(layer: Any, shape: list[int]) -> _Layer:
    settings = {}
    for name in ("scale", "offset"):
        values = np.asarray(getattr(layer, name), np.float32)
        if values.size not in (1, shape[-1]):
            came = f"a Rescaling with {values.size} numbers as {name}"
            raise _no(layer, came, "Give one, or one for each channel")
        settings[name] = values.ravel().tolist()
    return "rescaling", settings, {}


def _add(layer: Any, *shapes: list[int]) -> _Layer:
    if any(shape != shapes[0] for shape in shapes):
        came = f"an Add of the shapes {', '.join(str(tuple(s)) for s in shapes)}"
        raise _no(layer, came, "Give it equal ones")
    return "add", {}, {}


def _concatenate(layer: Any, *shapes: list[int]) -> _Layer:
    axis = layer.axis % (len(shapes[0]) + 1)
    if axis == 0:
        raise _no(layer, "a Concatenate of batches", "Take another axis")
    return "concatenate", {"axis": axis - 1}, {}


_CONVERTERS: dict[type, Callable[..., _Layer]] = {
    **dict.fromkeys(_ACTIVATION_LAYERS, _activation_layer),
    keras.layers.Add: _add,
    keras.layers.AveragePooling1D: _pooling("mean"),
    keras.layers.AveragePooling2D: _pooling("mean"),
    keras.layers.BatchNormalization: _batch_normalization,
    keras.layers.Concatenate: _concatenate,
    keras.layers.Conv1D: _convolution,
    keras.layers.Conv2D: _convolution,
    keras.layers.Dense: _dense,
    keras.layers.DepthwiseConv1D: _depthwise,
    keras.layers.DepthwiseConv2D: _depthwise,
    keras.layers.Embedding: _embedding,
    keras.layers.Flatten: _reshape,
    keras.layers.GlobalAveragePooling1D: _global_pooling("mean"),
    keras.layers.GlobalAveragePooling2D: _global_pooling("mean"),
    keras.layers.GlobalMaxPooling1D: _global_pooling("max"),
    keras.layers.GlobalMaxPooling2D: _global_pooling("max"),
    keras.layers.MaxPooling1D: _pooling("max"),
    keras.layers.MaxPooling2D: _pooling("max"),
    MaxPooling2D: _pooling("max"),
    keras.layers.PReLU: _prelu,
    keras.layers.Rescaling: _rescaling,
    keras.layers.Reshape: _reshape,
    keras.layers.ZeroPadding1D: _zero_padding,
    keras.layers.ZeroPadding2D: _zero_padding,
    PositionBias: _position_bias,
}
