"""Small networks for sentences, with random weights, made without Keras."""

from collections.abc import Sequence

import numpy as np

from helpers.networks.exported import VERSION, Network, Weights

CLASSES = ["negative", "positive"]
KNOWN = (
    *("the", "a", "film", "plot", "cast", "is", "not", "never", "always", "good"),
    *("dull", "clever", "funny", "warm", "it", "and", "in", "my", "view", "n't"),
    *(",", ".", "!", "'s", "with", "wonderful", "but", "café", "--", "well-made"),
)
#: As `helpers.texts.Vocabulary` has them.
VOCABULARY = ["", "<unknown>", *KNOWN]


def small(
    seed: int = 0,
    *,
    widths: Sequence[int] = (1, 2, 3, 4, 5),
    filters: int = 4,
    room: int = 18,
    classes: Sequence[str] = CLASSES,
    softmax: bool = True,
    kind: str = "float16",
    **about: object,
) -> Network:
    """Return a network as `helpers.networks.beyond.sentence_cnn` makes it.

    From ``room`` words and as many paddings as the widest filter sees. Pass
    ``vocabulary=None`` for one whose description does not tell what it knows.

    Examples
    --------
    >>> small()
    <Network of 15 layers, 614 weights as float16 in 1,228 bytes>
    """
    rng = np.random.default_rng(seed)
    store = Weights({}, kind)
    length, dimensions, count = room + max(widths), 6, len(widths) * filters

    def weights(**arrays: np.ndarray) -> dict:
        return {part: store.lay(array, kind) for part, array in arrays.items()}

    def layer(name, kind, inputs, shape, **settings):
        head = {"name": name, "kind": kind, "inputs": inputs, "shape": shape}
        return head | settings

    embedded = weights(embeddings=rng.normal(0, 1, (len(VOCABULARY), dimensions)))
    layers = [
        layer("sentence", "input", [], [length]),
        layer("words", "embedding", [0], [length, dimensions], weights=embedded),
    ]
    pools = []
    for width in widths:
        kernel = rng.normal(0, 0.4, (width, dimensions, filters))
        slides = {"stride": [1, 1], "padding": [[0, 0], [0, 0]]}
        slides |= {"size": [1, width], "activation": {"name": "relu"}}
        slides["weights"] = weights(kernel=kernel, bias=rng.normal(-0.5, 0.5, filters))
        places = length - width + 1
        shape = [places, filters]
        layers.append(layer(f"width{width}", "conv2d", [1], shape, **slides))
        whole = {"reduce": "max", "size": [1, places]}
        behind = [len(layers) - 1]
        layers.append(layer(f"strongest{width}", "pool2d", behind, [filters], **whole))
        pools.append(len(layers) - 1)
    if len(widths) > 1:
        layers.append(layer("strongest", "concatenate", pools, [count], axis=0))
    last = weights(
        kernel=rng.normal(0, 0.5, (count, len(classes))),
        bias=rng.normal(0, 0.2, len(classes)),
    )
    gives = [len(classes)]
    layers.append(layer("logits", "dense", [len(layers) - 1], gives, weights=last))
    if softmax:
        shares = {"activation": {"name": "softmax"}}
        behind = [len(layers) - 1]
        layers.append(layer("probabilities", "activation", behind, gives, **shares))
    head = {"version": VERSION, "weights": kind, "inputs": [0]}
    told = {"classes": list(classes), "words": room, "vocabulary": VOCABULARY, **about}
    told = {name: value for name, value in told.items() if value is not None}
    ends = {"outputs": [len(layers) - 1], "layers": layers, "about": told}
    return Network({**head, **ends}, store.data)
