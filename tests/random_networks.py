"""Random Keras networks, as written for the browser and with what Keras makes of them.

Run as a program, it writes some to a file: so another process can have another backend.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import sys
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from helpers.networks import export
from helpers.networks.exported import WEIGHTS, Network
from helpers.networks.layers import PositionBias

ACTIVATIONS = [
    *("elu", "leaky_relu", "log_sigmoid", "mish", "relu", "relu6", "sigmoid", "silu"),
    *("softmax", "softplus", "softsign", "tanh", "linear"),
]


@dataclass
class Case:
    """A network, a batch for each of its inputs, each layer's output."""

    network: Network
    inputs: list[np.ndarray]
    wanted: list[np.ndarray]


def cases(seed: int, count: int) -> list[Case]:
    """Draw networks; Keras holds the weights that the browser gets."""
    rng = np.random.default_rng(seed)
    return [random_case(rng, WEIGHTS[k % len(WEIGHTS)]) for k in range(count)]


def random_case(rng: np.random.Generator, weights: str) -> Case:
    """Draw a network and its inputs, and ask Keras."""
    model = random_model(rng)
    give_weights(rng, model)
    network = export.network(model, weights=weights)
    model.set_weights(export.rounded_weights(model, weights=weights))
    batch = int(rng.integers(1, 4))
    inputs = [random_input(rng, batch, tensor) for tensor in model.inputs]
    every = [model.get_layer(name).output for name in network.names]
    made = keras.Model(model.inputs, every)(inputs, training=False)
    return Case(network, inputs, [keras.ops.convert_to_numpy(m) for m in made])


def random_input(rng, batch, tensor):
    shape = (batch, *tensor.shape[1:])
    if "int" in tensor.dtype:
        return rng.integers(0, WORDS, shape).astype("int32")
    return rng.normal(size=shape).astype("float32")


# -- models ----------------------------------------------------------------------------

WORDS = 11


def random_model(rng):
    """Draw a graph: a chain with branches; it may have two inputs, two outputs."""
    inputs, x = STARTS[rng.choice(list(STARTS))](rng)
    for _ in range(int(rng.integers(2, 8))):
        x = BRANCHES[rng.choice(list(BRANCHES))](rng, x)
    outputs = [x]
    if rng.random() < 0.5:
        x = layers.Flatten()(x)
        outputs = [dense(rng, x)]
        if rng.random() < 0.2:
            outputs.append(layers.Dense(2)(x))
    return keras.Model(inputs, outputs)


def picture_start(rng):
    x = keras.Input((*rng.integers(3, 11, 2).tolist(), int(rng.integers(1, 5))))
    return [x], x


def row_start(rng):
    x = keras.Input((int(rng.integers(3, 13)), int(rng.integers(1, 5))))
    return [x], x


def text_start(rng):
    words = keras.Input((int(rng.integers(3, 13)),), dtype="int32")
    return [words], layers.Embedding(WORDS, int(rng.integers(1, 6)))(words)


def list_start(rng):
    x = keras.Input((int(rng.integers(1, 13)),))
    return [x], x


def double_start(rng):
    sides = rng.integers(3, 8, 2).tolist()
    inputs = [keras.Input((*sides, int(n))) for n in rng.integers(1, 4, 2)]
    return inputs, layers.Concatenate()(inputs)


STARTS = {
    "picture": picture_start,
    "picture again": picture_start,
    "row": row_start,
    "text": text_start,
    "list": list_start,
    "double": double_start,
}


def one(rng, x):
    return random_layer(rng, x)


def around(rng, x):
    """A way around some layers that keep the shape, and their sum."""
    return layers.Add()([x, keeping_layer(rng, keeping_layer(rng, x))])


def beside(rng, x):
    """Two branches, joined along an axis."""
    axis = int(rng.integers(1, len(x.shape)))
    axis = axis if rng.random() < 0.5 else axis - len(x.shape)
    return layers.Concatenate(axis)([keeping_layer(rng, x), keeping_layer(rng, x), x])


BRANCHES = {**dict.fromkeys("12345678", one), "around": around, "beside": beside}


def some_activation(rng, channels, likely=0.5):
    """Draw a name, or None; Keras warns of a softmax of single numbers."""
    names = ACTIVATIONS if channels > 1 else [n for n in ACTIVATIONS if n != "softmax"]
    return str(rng.choice(names)) if rng.random() < likely else None


def random_layer(rng, x):
    kinds = {4: ON_PICTURES, 3: ON_ROWS, 2: ON_LISTS}[len(x.shape)]
    return kinds[rng.integers(len(kinds))](rng, x)


def keeping_layer(rng, x):
    """One that changes no side."""
    return ANYWHERE[rng.integers(len(ANYWHERE))](rng, x)


def conv(rng, x):
    rank, channels = len(x.shape) - 2, x.shape[-1]
    kind = layers.Conv2D if rank == 2 else layers.Conv1D
    groups = int(rng.choice([g for g in (1, 1, 2, 3, 4) if channels % g == 0]))
    ways = ["valid", "same", "causal"][: 4 - rank]
    filters = groups * int(rng.integers(1, 5))
    return kind(
        filters,
        **sliding(rng, x, ways),
        groups=groups,
        activation=some_activation(rng, filters),
        use_bias=bool(rng.random() < 0.8),
    )(x)


def depthwise(rng, x):
    rank = len(x.shape) - 2
    kind = layers.DepthwiseConv2D if rank == 2 else layers.DepthwiseConv1D
    settings = sliding(rng, x, ["valid", "same"])
    settings["strides"] = max(settings["strides"])  # equal, TensorFlow wants
    if settings["strides"] > 1:
        settings["dilation_rate"] = 1
    several = int(rng.integers(1, 4))
    return kind(
        **settings,
        depth_multiplier=several,
        activation=some_activation(rng, several * x.shape[-1]),
        use_bias=bool(rng.random() < 0.8),
    )(x)


def sliding(rng, x, ways):
    """Size, stride or dilation, padding; no window is larger than the picture."""
    sides = np.array(x.shape[1:-1])
    size = rng.integers(1, np.minimum(sides, 4) + 1)
    strides = dilation = np.ones(len(sides), int)
    draw = rng.random()
    if draw < 0.4:
        strides = rng.integers(1, 4, len(sides))
    elif draw < 0.7:
        most = np.where(size > 1, (sides - 1) // np.maximum(size - 1, 1), 3)
        dilation = rng.integers(1, np.minimum(most, 3) + 1)
    return {
        "kernel_size": size.tolist(),
        "strides": strides.tolist(),
        "dilation_rate": dilation.tolist(),
        "padding": str(rng.choice(ways)),
    }


def pool(rng, x):
    rank = len(x.shape) - 2
    kinds = [layers.MaxPooling1D, layers.AveragePooling1D]
    if rank == 2:
        kinds = [layers.MaxPooling2D, layers.AveragePooling2D]
    size = rng.integers(1, np.minimum(x.shape[1:-1], 4) + 1).tolist()
    strides = rng.integers(1, 4, rank).tolist() if rng.random() < 0.6 else None
    way = str(rng.choice(["valid", "same"]))
    kind = kinds[rng.integers(2)]
    if rank == 1:
        size, strides = size[0], strides and strides[0]
    return kind(size, strides, padding=way)(x)


def global_pool(rng, x):
    kinds = [layers.GlobalMaxPooling1D, layers.GlobalAveragePooling1D]
    if len(x.shape) == 4:
        kinds = [layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D]
    return kinds[rng.integers(2)](keepdims=bool(rng.integers(2)))(x)


def padding(rng, x):
    if len(x.shape) == 3:
        return layers.ZeroPadding1D(tuple(rng.integers(0, 3, 2).tolist()))(x)
    around = rng.integers(0, 3, (2, 2)).tolist()
    return layers.ZeroPadding2D(tuple(map(tuple, around)))(x)


def dense(rng, x):
    units = int(rng.integers(1, 9))
    bias = bool(rng.random() < 0.8)
    return layers.Dense(units, some_activation(rng, units), use_bias=bias)(x)


def flatten(rng, x):
    return layers.Flatten()(x)


def into_row(rng, x):
    """Rows of a picture one after the other; a list as numbers of one channel."""
    sides, channels = x.shape[1:-1], x.shape[-1]
    return layers.Reshape((int(np.prod(sides)), channels) if sides else (channels, 1))(
        x
    )


def activation(rng, x):
    made = [
        lambda: layers.Activation(some_activation(rng, x.shape[-1], likely=1)),
        lambda: layers.Softmax() if x.shape[-1] > 1 else layers.ReLU(),
        lambda: layers.ELU(float(rng.uniform(0.1, 2))),
        lambda: layers.LeakyReLU(float(rng.uniform(0, 0.9))),
        lambda: layers.ReLU(max_value=some(rng, 3), negative_slope=some(rng, 1) or 0.0),
        lambda: layers.ReLU(max_value=some(rng, 3), threshold=some(rng, 0.5) or 0.0),
        lambda: layers.ReLU(
            negative_slope=some(rng, 1) or 0.0, threshold=some(rng, 0.5) or 0.0
        ),
    ]
    return made[rng.integers(len(made))]()(x)


def some(rng, most):
    return float(rng.uniform(0.1, most)) if rng.random() < 0.6 else None


def prelu(rng, x):
    axes = [k for k in range(1, len(x.shape)) if rng.random() < 0.5]
    return layers.PReLU(shared_axes=axes or None)(x)


def normalization(rng, x):
    return layers.BatchNormalization(
        epsilon=float(rng.choice([1e-3, 1e-5])),
        center=bool(rng.random() < 0.8),
        scale=bool(rng.random() < 0.8),
    )(x)


def position_bias(rng, x):
    return PositionBias(per_channel=bool(rng.integers(2)))(x)


def rescaling(rng, x):
    several = rng.random() < 0.5
    scale, offset = rng.normal(size=(2, x.shape[-1] if several else 1)).tolist()
    if not several:
        return layers.Rescaling(scale[0], offset[0])(x)
    return layers.Rescaling(scale, offset)(x)


def nothing(rng, x):
    made = [layers.Dropout(0.5), layers.GaussianNoise(1), layers.GaussianDropout(0.5)]
    if len(x.shape) == 4:
        made += [layers.RandomFlip(), layers.RandomRotation(0.3)]
        made += [layers.SpatialDropout2D(0.5), layers.RandomTranslation(0.3, 0.3)]
    return made[rng.integers(len(made))](x)


ANYWHERE = [activation, activation, prelu, normalization, position_bias, rescaling]
ANYWHERE += [nothing]
ON_LISTS = [dense, dense, into_row, *ANYWHERE]
SLIDING = [conv, conv, conv, depthwise, depthwise, pool, pool, padding]
ON_ROWS = [*SLIDING, dense, global_pool, flatten, *ANYWHERE]
ON_PICTURES = [*SLIDING, *SLIDING, *ON_ROWS, into_row]


# -- weights ---------------------------------------------------------------------------


def give_weights(rng, model):
    """Give every weight a random value; variances may be next to nothing."""
    for layer in model.layers:
        shapes = [w.shape for w in layer.weights]
        values = [rng.normal(size=shape) for shape in shapes]
        if isinstance(layer, layers.BatchNormalization):
            values = statistics(rng, layer)
        elif values and hasattr(layer, "kernel"):
            taps = shapes[0][:-1]
            share = taps[:-1] if "Depthwise" in type(layer).__name__ else taps
            values[0] *= np.prod(share, dtype=float) ** -0.5
            if rng.random() < 0.1:
                values[0][..., 0] = 0  # a channel without any weight
            if rng.random() < 0.1:
                values[0] *= 1e-6  # small halves, which some set to zero
        layer.set_weights(values)


def statistics(rng, layer):
    """Draw gamma, beta, mean and variance, so that what comes out is not far from 1."""
    channels = layer.moving_mean.shape[0]
    variance = rng.uniform(0.3, 3, channels)
    variance[rng.random(channels) < 0.3] = 10 ** rng.uniform(-12, -6)
    size = np.sqrt(variance + layer.epsilon) if layer.scale else 1
    found = [rng.normal(size=channels) * size] if layer.scale else []
    found += [rng.normal(size=channels)] if layer.center else []
    if not layer.scale:
        variance = np.maximum(variance, 0.3)
    return [*found, rng.normal(size=channels), variance]


# -- from another process --------------------------------------------------------------


def write(path, found):
    arrays = {}
    for k, case in enumerate(found):
        said = json.dumps(case.network.description)
        arrays[f"{k} description"] = np.array(said)
        arrays[f"{k} data"] = np.frombuffer(case.network.data, np.uint8)
        for part in ("inputs", "wanted"):
            for i, array in enumerate(getattr(case, part)):
                arrays[f"{k} {part} {i}"] = array
    np.savez(path, backend=np.array(keras.backend.backend()), **arrays)


def read(path):
    """Give the backend and the cases that another process wrote."""
    found = []
    with np.load(path) as file:
        while f"{len(found)} data" in file:
            k = len(found)
            description = json.loads(str(file[f"{k} description"]))
            network = Network(description, file[f"{k} data"].tobytes())
            parts = {
                part: [file[n] for n in file if n.startswith(f"{k} {part} ")]
                for part in ("inputs", "wanted")
            }
            found.append(Case(network, **parts))
        return str(file["backend"]), found


if __name__ == "__main__":
    path, seed, count = sys.argv[1:]
    write(path, cases(int(seed), int(count)))
