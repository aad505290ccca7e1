"""parts/learn.js has TensorFlow's gradients and takes Keras's steps, on a real page.

Networks are drawn at random, built twice with the same weights, on the page and in
Keras, and compared in float64, so that the two may differ by rounding only.
"""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf
from lab_browser import closing
from stage import load
from tensorflow_activations import ACTIVATIONS, SETTINGS, random_setting

from helpers import learning

NETWORKS = 160
CURVES = [name for name in ACTIVATIONS if name != "softmax"]

# On the page: lists become arrays of numbers of a kind, arrays become text, which
# crosses to Python many times faster.
WAYS = """
  const typed = (value, Numbers) => {
    if (Array.isArray(value)) return value.map((part) => typed(part, Numbers));
    if (!value || typeof value !== "object") return value;
    if (value.shape) return { shape: value.shape, data: Numbers.from(value.data) };
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, typed(part, Numbers)]));
  };
  const told = (value) => {
    if (Array.isArray(value)) return value.map(told);
    if (!value || typeof value !== "object") return value;
    const { shape, data } = value;
    if (data) return { shape, text: Array.from(data).join(" ") };
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, told(part)]));
  };
"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/learn.js")
        yield page


def as_page_takes(value):
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), "data": value.ravel().tolist()}
    if isinstance(value, dict):
        return {name: as_page_takes(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return list(map(as_page_takes, value))
    return value


def as_arrays(value):
    if isinstance(value, dict) and value.keys() == {"shape", "text"}:
        return np.array(value["text"].split(), float).reshape(value["shape"])
    if isinstance(value, dict):
        return {name: as_arrays(part) for name, part in value.items()}
    return [as_arrays(part) for part in value] if isinstance(value, list) else value


def ask(page, script, given, numbers="Float64Array"):
    """What a function of `given` on the page returns, with arrays both ways."""
    given = json.dumps(as_page_takes(given))
    return as_arrays(
        page.evaluate(
            f"() => {{ {WAYS} const Numbers = {numbers};"
            f"return told(({script})(typed({given}, Numbers))); }}"
        )
    )


def close(got, wanted, tolerance, floor, said):
    """Compare within a part of the largest number, or of a floor that is larger."""
    assert got.shape == wanted.shape, said
    atol = tolerance * max(np.abs(wanted).max(), floor)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=atol, err_msg=said)


# -- random networks -------------------------------------------------------------------


def numbers(rng, *shape, spread=1.0):
    return rng.normal(size=shape) * spread


def random_conv2d(rng, shape):
    size = rng.integers(1, np.minimum(shape[:2], 4) + 1)
    filters, stride = int(rng.integers(1, 6)), rng.integers(1, 3, 2).tolist()
    taps = int(size[0] * size[1] * shape[2])
    kernel = numbers(rng, *size, shape[2], filters, spread=taps**-0.5)
    layer = {
        "kind": "conv2d",
        "stride": stride if rng.random() < 0.3 else 1,
        "padding": str(rng.choice(["valid", "same"])),
        "weights": {"kernel": kernel, "bias": numbers(rng, filters)},
    }
    if rng.random() < 0.2:
        del layer["weights"]["bias"]
    return layer


def random_pool2d(rng, shape):
    size = rng.integers(1, np.minimum(shape[:2], 3) + 1).tolist()
    layer = {"kind": "pool2d", "reduce": str(rng.choice(["max", "mean"]))}
    if rng.random() < 0.5 and min(shape[:2]) > 1:
        return layer  # 2 × 2
    layer["size"] = size
    if rng.random() < 0.5:
        layer["stride"] = int(rng.integers(1, 4))
    return layer


def random_dense(rng, shape, units=None):
    units = units or int(rng.integers(1, 9))
    kernel = numbers(rng, shape[-1], units, spread=shape[-1] ** -0.5)
    return {"kind": "dense", "weights": {"kernel": kernel, "bias": numbers(rng, units)}}


def random_activation(rng, shape):
    # A step lets no gradient through, and a softmax of one number has none.
    chosen = [n for n in ACTIVATIONS if n != "softmax" or shape[-1] > 1]
    weights = np.where(np.array(chosen) == "step", 0.5, 1)
    name = str(rng.choice(chosen, p=weights / weights.sum()))
    setting = random_setting(rng, name)
    layer = {"kind": "activation", "name": name}
    return layer if setting is None else {**layer, "setting": setting}


def random_prelu(rng, shape):
    sides = [1] * (len(shape) - 1)
    return {"kind": "prelu", "weights": {"alpha": numbers(rng, *sides, shape[-1])}}


def random_normalization(rng, shape):
    channels = shape[-1]
    mean, variance = numbers(rng, channels), rng.uniform(0.3, 3, channels)
    return {
        "kind": "batchNormalization",
        "weights": {"gamma": numbers(rng, channels), "beta": numbers(rng, channels)},
        "moving": {"mean": mean, "variance": variance},
    }


ANYWHERE = [random_activation, random_prelu, random_normalization, random_dense]
ON_PICTURES = [random_conv2d, random_conv2d, random_pool2d, *ANYWHERE[:3]]


def in_keras(layer, shape):
    """A layer of Keras, built and with the same weights."""
    weights, kind = layer.get("weights", {}), layer["kind"]
    settings = {"dtype": "float64"}
    if kind in ("dense", "conv2d"):
        settings["use_bias"] = "bias" in weights
    if kind == "conv2d":
        *size, _, filters = weights["kernel"].shape
        made = keras.layers.Conv2D(
            filters,
            size,
            strides=layer["stride"],
            padding=layer["padding"],
            **settings,
        )
    elif kind == "dense":
        made = keras.layers.Dense(weights["kernel"].shape[1], **settings)
    elif kind == "pool2d":
        kinds = {
            "max": keras.layers.MaxPooling2D,
            "mean": keras.layers.AveragePooling2D,
        }
        made = kinds[layer["reduce"]](
            layer.get("size", 2), strides=layer.get("stride"), **settings
        )
    elif kind == "prelu":
        shared = list(range(1, len(shape)))
        made = keras.layers.PReLU(shared_axes=shared, **settings)
    elif kind == "batchNormalization":
        made = keras.layers.BatchNormalization(**settings)
    elif kind == "activation":
        setting = layer.get("setting")
        chosen = {} if setting is None else {SETTINGS[layer["name"]]: setting}
        function = ACTIVATIONS[layer["name"]]
        made = keras.layers.Lambda(lambda x: function(x, **chosen), **settings)
    else:
        made = keras.layers.Flatten(**settings)
    made.build((None, *shape))
    if weights:
        made.set_weights([*weights.values(), *layer.get("moving", {}).values()])
    return made


def random_network(rng):
    """Draw layers, on the page and in Keras, and what goes into them."""
    picture = rng.random() < 0.75
    shape = [*rng.integers(3, 10, 2), rng.integers(1, 4)] if picture else [5]
    shape = start = [int(n) for n in shape]
    layers, theirs = [], []

    def add(layer):
        nonlocal shape
        theirs.append(in_keras(layer, shape))
        shape = list(theirs[-1].compute_output_shape((None, *shape))[1:])
        layers.append(layer)

    for _ in range(rng.integers(1, 6) if picture else 0):
        add(ON_PICTURES[rng.integers(len(ON_PICTURES))](rng, shape))
    if picture and rng.random() < 0.2:
        add(random_dense(rng, shape))  # along the channels, as Keras does it
    if picture:
        add({"kind": "flatten"})
    for _ in range(rng.integers(0, 4)):
        add(ANYWHERE[rng.integers(len(ANYWHERE))](rng, shape))
    add(random_dense(rng, shape, units=int(rng.integers(2, 6))))
    return layers, theirs, start, shape[-1]


def random_case(rng):
    layers, theirs, shape, classes = random_network(rng)
    batch = int(rng.choice([1, 2, 3, 5, 8]))
    given = {"layers": layers, "x": numbers(rng, batch, *shape)}
    given["training"] = bool(rng.integers(2))
    given["loss"] = str(rng.choice(["classes", "shares", "squares"]))
    if given["loss"] == "classes":
        given["target"] = rng.integers(classes, size=batch).tolist()
    elif given["loss"] == "shares":
        given["target"] = rng.dirichlet(np.ones(classes), batch)
    else:
        given["target"] = numbers(rng, batch, classes)
    return given, theirs


def loss_of(given, output):
    target = given["target"]
    if given["loss"] == "squares":
        return tf.reduce_mean((output - target) ** 2)
    if given["loss"] == "shares":
        target = tf.constant(target)
        rows = tf.nn.softmax_cross_entropy_with_logits(target, output)
    else:
        rows = tf.nn.sparse_softmax_cross_entropy_with_logits(target, output)
    return tf.reduce_mean(rows)


def answer_of_keras(given, layers):
    """What TensorFlow says: all that the page returns, in the same form."""
    x, training = tf.constant(given["x"]), given["training"]
    outputs = []
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = x
        for layer, described in zip(layers, given["layers"], strict=True):
            known = described["kind"] == "batchNormalization"
            output = layer(output, **({"training": training} if known else {}))
            tape.watch(output)  # also behind a step, which the tape takes for an end
            outputs.append(output)
        loss = loss_of(given, output)
    variables = [[v.value for v in layer.trainable_variables] for layer in layers]
    found, back, arrived = tape.gradient(
        loss, [variables, x, outputs], unconnected_gradients="zero"
    )
    names = [[*described.get("weights", {})] for described in given["layers"]]
    return {
        "loss": float(loss),
        "outputs": [output.numpy() for output in outputs],
        "gradients": [
            dict(zip(of, (g.numpy() for g in layer), strict=True))
            for of, layer in zip(names, found, strict=True)
        ],
        "input": back.numpy(),
        "arrived": [gradient.numpy() for gradient in arrived],
        "moving": [
            {"mean": of.moving_mean.numpy(), "variance": of.moving_variance.numpy()}
            for of, described in zip(layers, given["layers"], strict=True)
            if described["kind"] == "batchNormalization"
        ],
    }


ANSWER = """(cases) => cases.map(({ layers, x, target, training, loss: name }) => {
  const { output, kept } = learn.forward(layers, x, { training });
  const { loss, gradient } = name === "squares"
    ? learn.meanSquaredError(output, target)
    : learn.softmaxCrossEntropy(output, target);
  const arrived = [];
  const { gradients, input } = learn.backward(layers, kept, gradient, { arrived });
  const without = learn.backward(layers, kept, gradient, { toInput: false });
  if (without.input !== null) throw Error("the input's gradient was not left out");
  const [these, those] = [gradients, without.gradients].map(told).map(JSON.stringify);
  if (these !== those) throw Error("without it the other gradients are others");
  const alone = learn.backward(layers, kept, gradient, { toWeights: false });
  const [all, same] = [input, alone.input].map((one) => JSON.stringify(told([one])));
  if (all !== same) throw Error("alone the input's gradient is another");
  const left = alone.gradients.filter((one) => one && Object.keys(one).length > 0);
  if (left.length) throw Error("they were not left out");
  const outputs = kept.map((layer) => layer.output);
  if (training) learn.remember(layers, kept);
  const moving = layers.flatMap((layer) => layer.moving ?? []);
  return { loss, outputs, gradients, input, arrived, moving };
})"""


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(40)
    drawn = [random_case(rng) for _ in range(NETWORKS)]
    return [(given, answer_of_keras(given, theirs)) for given, theirs in drawn]


def compare(cases, answers, tolerance):
    for (given, wanted), got in zip(cases, answers, strict=True):
        said = f"{[(of['kind'], of.get('name')) for of in given['layers']]}"
        said = f"{said} {given['loss']} {given['training']} {given['x'].shape}"
        assert got["loss"] == pytest.approx(wanted["loss"], tolerance), said
        # Before a batch normalisation some gradients are 0 but for rounding.
        floor = max(np.abs(gradient).max() for gradient in wanted["arrived"]) / 100
        close(got["input"], wanted["input"], tolerance, floor, said)
        for part in ("outputs", "arrived", "moving", "gradients"):
            for ours, theirs in zip(got[part], wanted[part], strict=True):
                if isinstance(theirs, np.ndarray):
                    ours, theirs = {"": ours}, {"": theirs}
                assert ours.keys() == theirs.keys(), said
                for name, array in theirs.items():
                    close(ours[name], array, tolerance, floor, f"{part} {name}, {said}")


def test_gradients_are_tensorflows(page, cases):
    compare(cases, ask(page, ANSWER, [given for given, _ in cases]), 1e-9)


def test_gradients_in_float32(page, cases):
    answers = ask(page, ANSWER, [given for given, _ in cases], "Float32Array")
    compare(cases, answers, 1e-4)


def test_the_random_networks_are_worth_comparing(cases):
    """Each kind of layer, with a gradient that is not zero, in many of them."""
    met = {}
    for given, wanted in cases:
        for layer, arrived in zip(given["layers"], wanted["arrived"], strict=True):
            kind = layer.get("name") or layer.get("reduce") or layer["kind"]
            met[kind] = met.get(kind, 0) + bool(np.abs(arrived).max() > 1e-6)
            if kind == "batchNormalization":
                kind = f"{kind}, training {given['training']}"
                met[kind] = met.get(kind, 0) + 1
    wanted = {"conv2d", "dense", "prelu", "max", "mean", "flatten", *ACTIVATIONS}
    assert wanted < met.keys()
    assert min(met.values()) >= 5, met
    assert sum(np.abs(answer["input"]).max() > 1e-9 for _, answer in cases) > 110


# -- activations -----------------------------------------------------------------------


def test_activations_and_slopes_are_those_of_learning(page):
    rng = np.random.default_rng(41)
    x = np.concatenate(
        [np.linspace(-7, 7, 561), [1e3, -1e3, 40, -40], rng.normal(size=200) * 1e-3]
    )
    calls = [(name, None) for name in CURVES]
    calls += [(name, random_setting(rng, name)) for name in SETTINGS for _ in range(20)]
    script = """({ calls, x }) => calls.map(([name, setting]) =>
      [learn.activate, learn.slopeOf].map((ask) => {
        const data = Array.from(x.data, (at) => ask(name, at, setting ?? undefined));
        return { shape: x.shape, data };
      }))"""
    answers = ask(page, script, {"calls": calls, "x": x})
    for (name, setting), (values, slopes) in zip(calls, answers, strict=True):
        chosen = {} if setting is None else {SETTINGS[name]: setting}
        wanted = learning.ACTIVATIONS[name](x, **chosen)
        np.testing.assert_allclose(values, wanted, 1e-12, 1e-14, err_msg=name)
        wanted = learning.derivative(name, x, **chosen)
        np.testing.assert_allclose(slopes, wanted, 1e-11, 1e-14, err_msg=name)


def test_nan_stays_nan(page):
    script = """() => [...Object.keys(learn.ACTIVATIONS), "softmax"].flatMap((name) => {
      const network = [{ kind: "activation", name }];
      const x = { shape: [1, 2], data: new Float64Array([NaN, 1]) };
      const { output, kept } = learn.forward(network, x);
      const gradient = { shape: [1, 2], data: new Float64Array([1, 1]) };
      const { input } = learn.backward(network, kept, gradient);
      return name === "softmax" ? [output.data[0]] : [
        output.data[0], input.data[0],
        learn.activate(name, NaN), learn.slopeOf(name, NaN)];
    }).map(String)"""
    answers = page.evaluate(script)
    assert len(answers) == 4 * len(CURVES) + 1
    assert set(answers) == {"NaN"}


def test_cross_entropy_stays_finite(page):
    cases = [[[800, -800], [1]], [[-1e300, 1e300], [0]]]
    script = """(cases) => cases.map(([data, labels]) => {
      const logits = { shape: [1, 2], data: Float64Array.from(data) };
      const { loss, gradient } = learn.softmaxCrossEntropy(logits, labels);
      return [loss, ...gradient.data];
    })"""
    assert page.evaluate(script, cases) == [[1600, 1, -1], [2e300, -1, 1]]


# -- optimisers ------------------------------------------------------------------------

KERAS_NAMES = {
    "learningRate": "learning_rate",
    "beta1": "beta_1",
    "beta2": "beta_2",
}
IN_KERAS = {"sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam"}


def random_settings(rng):
    """Draw settings of each optimiser; the first of each are Keras's own."""
    yield from ((name, {}) for name in IN_KERAS)
    for _ in range(7):
        # Keras keeps its settings in float32, which has these exactly.
        rate = float(np.float32(10 ** rng.uniform(-3, 0)))
        most, rho, near = rng.uniform(0, 0.99, 3).astype(np.float32).tolist()
        near = float(rng.choice([near, 1 - 2**-10]))
        flag = bool(rng.integers(2))
        yield "sgd", {"learningRate": rate, "momentum": most, "nesterov": flag}
        settings = {
            "rho": rho,
            "centered": flag,
            "momentum": most * int(rng.integers(2)),
        }
        yield "rmsprop", {"learningRate": rate, **settings}
        yield "adam", {"learningRate": rate, "beta1": most, "beta2": near}


def test_optimizers_are_keras_step_for_step(page):
    rng = np.random.default_rng(42)
    cases = []
    for name, settings in random_settings(rng):
        scale = 10 ** rng.uniform(-3, 2)
        cases.append(
            {
                "name": name,
                "settings": settings,
                "weights": [{"kernel": numbers(rng, 2, 3)}],
                "steps": [
                    [{"kernel": numbers(rng, 2, 3, spread=scale)}] for _ in range(30)
                ],
            }
        )
    script = """(cases) => cases.map(({ name, settings, weights, steps }) => {
      const optimizer = learn.optimizer(name, settings);
      return steps.map((gradients) => {
        optimizer.step(weights, gradients);
        return told(weights);
      });
    })"""
    assert len(cases) >= 20
    for case, answer in zip(cases, ask(page, script, cases), strict=True):
        settings = {KERAS_NAMES.get(n, n): s for n, s in case["settings"].items()}
        theirs = getattr(keras.optimizers, IN_KERAS[case["name"]])(**settings)
        variable = keras.Variable(case["weights"][0]["kernel"], dtype="float64")
        said = f"{case['name']} {settings}"
        for [gradients], [got] in zip(case["steps"], answer, strict=True):
            theirs.apply([tf.constant(gradients["kernel"])], [variable])
            wanted = variable.numpy()
            np.testing.assert_allclose(got["kernel"], wanted, 1e-7, 1e-7, err_msg=said)


def test_an_optimizer_takes_one_array_and_changed_settings(page):
    script = """() => {
      const [weights, gradient] = [[1, 1], [1, -1]].map((data) =>
        ({ shape: [2], data: Float64Array.from(data) }));
      const optimizer = learn.optimizer("sgd", { learningRate: 0.5 });
      optimizer.step(weights, gradient);
      const first = [...weights.data];
      Object.assign(optimizer.settings, { learningRate: 1, momentum: 0.5 });
      optimizer.step(weights, gradient);
      optimizer.step(weights, gradient);
      return [first, [...weights.data], optimizer.steps];
    }"""
    assert page.evaluate(script) == [[0.5, 1.5], [-2, 4], 3]


def test_schedules_are_those_of_learning(page):
    rng = np.random.default_rng(43)
    calls, wanted = [], []
    steps = [*range(0, 60, 3), 200]
    for _ in range(20):
        top, start, alpha = rng.random(3).tolist()
        every, warm = int(rng.integers(1, 40)), int(rng.integers(0, 20))
        ends = sorted(rng.choice(60, 3, replace=False).tolist())
        values = rng.random(4).tolist()
        cosine = {"learningRate": top, "decaySteps": every}
        warmed = {"learningRate": start, "decaySteps": every, "alpha": alpha}
        warmed |= {"warmupTarget": top, "warmupSteps": warm}
        calls += [
            ("constant", {"learningRate": top}),
            ("piecewise", {"boundaries": ends, "values": values}),
            ("step", {"learningRate": top, "decaySteps": every, "decayRate": alpha}),
            ("cosine", cosine),
            ("cosine", warmed),
        ]
        for rate in (
            learning.constant(top),
            learning.piecewise_constant(ends, values),
            learning.step_decay(top, every, alpha),
            learning.cosine_decay(top, every),
            learning.cosine_decay(start, every, alpha, top, warm),
        ):
            wanted.append([rate(step) for step in steps])
    script = """({ calls, steps }) => calls.map(([name, settings]) =>
      steps.map(learn.schedule(name, settings)))"""
    answers = ask(page, script, {"calls": calls, "steps": steps})
    np.testing.assert_allclose(answers, wanted, rtol=1e-12, atol=1e-15)


# -- a start, and training -------------------------------------------------------------


def mulberry32(seed, count):
    """Tommy Ettinger's generator, in Python."""
    low = 2**32 - 1

    def times(a, b):
        return (a * b) & low

    for _ in range(count):
        seed = (seed + 0x6D2B79F5) & low
        mixed = times(seed ^ seed >> 15, 1 | seed)
        mixed = (mixed + times(mixed ^ mixed >> 7, 61 | mixed)) & low ^ mixed
        yield (mixed ^ mixed >> 14) / 2**32


def test_the_generator_is_mulberry32_and_always_the_same(page):
    script = """(seed) => {
      const random = learn.randomFrom(seed);
      const uniform = Array.from({ length: 4000 }, random.uniform);
      const normal = Array.from({ length: 4000 }, random.normal);
      const whole = Array.from({ length: 4000 }, () => random.whole(7));
      return { uniform, normal, whole, order: [...random.shuffled(50)] };
    }"""
    first, again, other = (page.evaluate(script, seed) for seed in (7, 7, 8))
    assert first == again
    assert first["uniform"][:5] != other["uniform"][:5]
    assert first["uniform"] == list(mulberry32(7, 4000))
    assert np.mean(first["normal"]) == pytest.approx(0, abs=0.05)
    assert np.std(first["normal"]) == pytest.approx(1, abs=0.05)
    assert np.mean(np.array(first["normal"]) ** 4) == pytest.approx(3, abs=0.4)
    counts = np.bincount(first["whole"], minlength=7)
    assert len(counts) == 7
    assert counts.min() > 480
    assert sorted(first["order"]) == list(range(50))
    assert first["order"] != list(range(50))


def started(page, initialiser, numbers="Float32Array"):
    """The weights of a network to begin with."""
    layers = [
        {"kind": "conv2d", "filters": 40, "size": 5, "stride": 2, "padding": "same"},
        {"kind": "batchNormalization"},
        {"kind": "prelu"},
        {"kind": "pool2d"},
        {"kind": "activation", "name": "mish"},
        {"kind": "flatten"},
        {"kind": "dense", "units": 70, "initialiser": "random_normal", "deviation": 2},
        {"kind": "dense", "units": 50},
    ]
    without = [{**layers[0], "useBias": False}, {"kind": "flatten"}]
    without += [{"kind": "dense", "units": 3, "useBias": False}]
    script = """({ layers, without, initialiser }) => {
      const bare = learn.initialised(without, {
        inputShape: [9, 8, 3], random: learn.randomFrom(1), initialiser });
      const before = JSON.stringify(layers);
      const network = learn.initialised(layers, {
        inputShape: [9, 8, 3], random: learn.randomFrom(1), initialiser, Numbers });
      const x = { shape: [2, 9, 8, 3], data: new Numbers(432).fill(1) };
      const { output, kept } = learn.forward(network, x);
      const kinds = learn.weightsOf(network).flatMap(Object.values)
        .map(({ data }) => data.constructor.name);
      const kept_as = kept.map((of) => of.output.data.constructor.name);
      return { weights: learn.weightsOf(network), moving: network[1].moving,
        kinds: [...new Set([...kinds, ...kept_as])], shape: output.shape.join(),
        unchanged: before === JSON.stringify(layers),
        bare: learn.weightsOf(bare).map(Object.keys) };
    }"""
    given = {"layers": layers, "without": without, "initialiser": initialiser}
    return ask(page, script, given, numbers)


@pytest.mark.parametrize(
    ("initialiser", "spread", "most"),
    [
        ("glorot_uniform", lambda i, o: (2 / (i + o)) ** 0.5, 3**0.5),
        ("he_normal", lambda i, o: (2 / i) ** 0.5, 2 / 0.8796),
        ("random_normal", lambda i, o: 0.05, 5),
    ],
)
def test_a_network_begins_as_in_keras(page, initialiser, spread, most):
    found = started(page, initialiser)
    assert found["unchanged"]
    assert found["bare"] == [["kernel"], [], ["kernel"]]
    assert found["kinds"] == ["Float32Array"]
    assert found["shape"] == "2,50"
    conv, norm, prelu, _, _, _, own, dense = found["weights"]
    assert conv["kernel"].shape == (5, 5, 3, 40)
    assert own["kernel"].shape == (2 * 2 * 40, 70)
    assert prelu["alpha"].shape == (1, 1, 40)
    expected = [
        (conv["kernel"], spread(75, 1000)),
        (dense["kernel"], spread(70, 50)),
    ]
    for kernel, deviation in expected:
        assert kernel.std() == pytest.approx(deviation, rel=0.05)
        assert kernel.mean() == pytest.approx(0, abs=0.1 * deviation)
        assert np.abs(kernel).max() <= most * deviation * 1.0001
    assert own["kernel"].std() == pytest.approx(2, rel=0.05)
    for zero in (conv["bias"], dense["bias"], norm["beta"], prelu["alpha"]):
        assert not zero.any()
    assert (norm["gamma"] == 1).all()
    assert not found["moving"]["mean"].any()
    assert (found["moving"]["variance"] == 1).all()


def test_training_goes_as_in_keras(page):
    """Ten steps of Adam with batch normalisation: the same losses, the same weights."""
    rng = np.random.default_rng(44)
    shape, layers, theirs = [6, 6, 1], [], []
    for make in (
        lambda shape: random_conv2d(np.random.default_rng(0), shape),
        lambda shape: random_normalization(rng, shape),
        lambda shape: {"kind": "activation", "name": "relu"},
        lambda shape: {"kind": "pool2d", "reduce": "max"},
        lambda shape: {"kind": "flatten"},
        lambda shape: random_dense(rng, shape, units=3),
    ):
        layers.append(make(shape))
        theirs.append(in_keras(layers[-1], shape))
        shape = list(theirs[-1].compute_output_shape((None, *shape))[1:])
    x, labels = numbers(rng, 12, 6, 6, 1), rng.integers(3, size=12)
    script = """({ layers, x, labels }) => {
      const optimizer = learn.optimizer("adam", {
        learningRate: 0.0625, beta1: 0.875, beta2: 0.9990234375 });
      const loss = (output) => learn.softmaxCrossEntropy(output, labels);
      const losses = Array.from({ length: 10 },
        () => learn.trainingStep(layers, x, loss, optimizer).loss);
      return { losses, weights: learn.weightsOf(layers), moving: layers[1].moving };
    }"""
    given = {"layers": layers, "x": x, "labels": labels.tolist()}
    got = ask(page, script, given)

    norm = theirs[1]
    variables = [v for layer in theirs for v in layer.trainable_variables]
    optimizer = keras.optimizers.Adam(0.0625, 1 - 2**-3, 1 - 2**-10)
    losses = []
    for _ in range(10):
        with tf.GradientTape() as tape:
            logits = tf.constant(x)
            for layer in theirs:
                logits = layer(logits, **({"training": True} if layer is norm else {}))
            rows = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(rows)
        gradients = tape.gradient(loss, [v.value for v in variables])
        optimizer.apply(gradients, variables)
        losses.append(float(loss))
    np.testing.assert_allclose(got["losses"], losses, rtol=1e-7)
    assert losses[-1] < losses[0] / 2
    ours = [array for layer in got["weights"] for array in layer.values()]
    for array, variable in zip(ours, variables, strict=True):
        np.testing.assert_allclose(array, variable.numpy(), rtol=1e-6, atol=1e-7)
    for name, array in got["moving"].items():
        moving = getattr(norm, f"moving_{name}").numpy()
        np.testing.assert_allclose(array, moving, rtol=1e-6, atol=1e-7)
