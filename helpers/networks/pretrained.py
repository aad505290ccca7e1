"""Networks that are trained already: VGG16, and the course's own AlexNet.

VGG16 has learned from 1.2 million photos of ImageNet, which no lesson can. Its weights
come from where they can be had, and one printed sentence says from where: ImageNet's
own, fetched once; or weights that were trained further from them, to find edges, where
those are on this machine; or the course's AlexNet stands in. All take photos as they
are, red, green and blue from 0 to 255.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from helpers import _arguments
from helpers.datasets import decode, fetch, places, registry
from helpers.networks import export, exported, models

#: What VGG16's authors took off the red, green and blue of each pixel: ImageNet's mean.
MEANS = (123.68, 116.779, 103.939)

#: How many convolutions stand between two poolings of VGG16.
_CONVOLUTIONS = (2, 2, 3, 3, 3)

_SIDE = 224  # pixels of the photos that its classifier takes
_CLASSES = 1000


@dataclass(frozen=True, repr=False, eq=False)
class Pretrained:
    """A trained network, and what is to be known about it.

    Attributes
    ----------
    model
        From photos (N, H, W, 3), 0 to 255, to maps, or to logits where it has classes.
    name
        "VGG16" or "AlexNet".
    weights
        From what it has learned: "ImageNet"; "edges", ImageNet and then pictures with
        their edges drawn; "flowers".
    class_names
        What each logit means; none where it ends in maps.
    blocks
        The names of its convolutions: five blocks, each between two poolings or, in
        AlexNet, a single one.
    licence
        What may be done with the weights.
    credit
        Who made them, in a line, licence included.

    Examples
    --------
    >>> alexnet()
    <AlexNet, learned from flowers: photos of 128 × 128 to 5 classes>
    """

    model: keras.Model
    name: str
    weights: str
    class_names: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...]
    licence: str
    credit: str

    def __repr__(self) -> str:
        _, height, width, _ = self.model.input_shape
        photos = f"photos of {height} × {width}" if height else "photos of any size"
        count = len(self.class_names)
        made = f"{count:,} classes" if count else f"{self.model.output_shape[-1]} maps"
        return f"<{self.name}, learned from {self.weights}: {photos} to {made}>"


def vgg16(*, classifier: bool = False) -> Pretrained:
    """Return VGG16 with the best weights that can be had, and say which in a line.

    As Simonyan and Zisserman built it (arXiv:1409.1556). ImageNet's weights are fetched
    once, as Keras publishes them: 59 MB, with the classifier 553 MB. Where they cannot
    be had, those take their place that were trained further to find edges, if they lie
    in ``COURSE_DATA`` (data/README.md says how); they have no classifier. Else the
    convolutions of the course's AlexNet stand in. ``weights`` tells the three apart.

    Red, green and blue come in this order. The weights were learned from the order
    blue, green, red: the first layer's kernels are turned over to fit.

    Parameters
    ----------
    classifier
        True for the whole network, which names one of ImageNet's 1,000 classes and
        takes photos of 224 × 224. It needs ImageNet's own weights; without them there
        are the convolutions alone, and no ``class_names``.

    Returns
    -------
    Pretrained
        Its layers have Keras's names, "block1_conv1" to "block5_conv3" and
        "block5_pool"; with a classifier "logits" is the last one. It takes photos of
        any size from 32 × 32 on (AlexNet: 67 × 67), the classifier 224 × 224.

    Raises
    ------
    ValueError
        `classifier` is neither True nor False.

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence
    ...     network = vgg16()
    >>> len(network.blocks), network.weights in {"ImageNet", "edges", "flowers"}
    (5, True)
    """
    classifier = _arguments.flag(classifier, "classifier")
    try:
        return _of_imagenet(classifier)
    except fetch.Missing as error:
        missing = error
    if classifier:
        # The convolutions alone may be here; of the two reasons, the first is the one
        # to be told.
        with contextlib.suppress(fetch.Missing):
            return _of_imagenet(False, missing)
    return _of_edges(missing) or _standing_in(missing)


def alexnet() -> Pretrained:
    """Return the course's AlexNet with its trained weights.

    That of lesson 07: a quarter of the width, batch normalisation, trained on the
    flowers' training photos; its weights, of 8 bits each, come with the course.

    Returns
    -------
    Pretrained
        From photos of 128 × 128 to the logits of five flowers. Layers "filters1" to
        "filters5" are its convolutions, "bend1" to "bend5" what is behind their
        normalisation and ReLU, "logits" the last one.

    Examples
    --------
    >>> network = alexnet()
    >>> network.class_names, network.model.layers[-1].name
    (('daisy', 'dandelion', 'roses', 'sunflowers', 'tulips'), 'logits')
    """
    shipped, licence = exported.shipped("flowers"), "as the course's code"
    about = shipped.description["about"]
    settings, classes = about["settings"], tuple(about["classes"])
    made = models.alexnet(settings["size"], len(classes), **dict(settings["options"]))
    export.load_weights(models.with_softmax(made), shipped)
    return Pretrained(
        keras.Model(made.inputs[0], made.outputs[0], name="alexnet"),
        "AlexNet",
        "flowers",
        classes,
        tuple((f"filters{number}",) for number in range(1, 6)),
        licence,
        f"AlexNet (Krizhevsky, Sutskever and Hinton 2012), trained here; {licence}.",
    )


# -- where VGG16 comes from ------------------------------------------------------------


def _of_imagenet(classifier: bool, without: fetch.Missing | None = None) -> Pretrained:
    """Return VGG16 with ImageNet's weights, fetched where they are not here.

    Raises
    ------
    Missing
        Where they cannot be had.
    """
    entry = registry.weights("vgg16")
    path = fetch.file(entry.files["whole" if classifier else "trunk"], entry.title)
    try:
        model = _built(classifier, path)
    except decode.DAMAGE:
        raise fetch.Missing("its file is damaged", fetch.LATER) from None
    end = "with" if classifier else "without"
    said = f"{entry.title} with the weights of ImageNet, {end} its classifier"
    print(f"{said}{_why(without, 'it')}.")
    classes = _imagenet_classes() if classifier else ()
    return _vgg16(model, "ImageNet", entry, classes)


def _of_edges(missing: fetch.Missing) -> Pretrained | None:
    """Return VGG16 with the weights that find edges, or None where there are none."""
    entry = registry.weights("vgg16_edges")
    path = places.found(entry.files["trunk"])
    if path is None:
        return None
    model = _built(False)
    shapes = {weight.path: tuple(weight.shape) for weight in model.weights}
    try:
        arrays = decode.weights(path, shapes)
    except decode.Damaged:
        return None
    model.set_weights(list(arrays.values()))
    _turn_over(model)
    what = "VGG16 with weights that were trained further from ImageNet's to find edges"
    print(f"{what}{_why(missing, 'those of ImageNet')}.")
    return _vgg16(model, "edges", entry, ())


def _standing_in(missing: fetch.Missing) -> Pretrained:
    """Return the convolutions of the course's AlexNet, for photos of any size."""
    whole = alexnet()
    last = whole.model.get_layer("pool5").output
    trunk = keras.Model(whole.model.inputs[0], last, name="alexnet")
    photo = keras.Input((None, None, 3), name="photo")
    # New layers: were these called once more, their `output` would be the first one.
    model = keras.models.clone_model(trunk, input_tensors=photo)
    model.set_weights(trunk.get_weights())
    what = "Using the convolutions of the course's AlexNet in place of VGG16"
    print(f"{what}{_why(missing, 'the real one')}.")
    return Pretrained(
        model,
        whole.name,
        whole.weights,
        (),
        whole.blocks,
        whole.licence,
        whole.credit,
    )


def _why(missing: fetch.Missing | None, wanted: str) -> str:
    return (
        "" if missing is None else f" ({missing.why}): for {wanted}, {missing.remedy}"
    )


def _vgg16(
    model: keras.Model,
    weights: str,
    entry: registry.Weights,
    classes: tuple[str, ...],
) -> Pretrained:
    blocks = tuple(
        tuple(f"block{block}_conv{number}" for number in range(1, count + 1))
        for block, count in enumerate(_CONVOLUTIONS, 1)
    )
    credit = f"{entry.title}. {entry.source}; {entry.licence}."
    return Pretrained(model, "VGG16", weights, classes, blocks, entry.licence, credit)


def _imagenet_classes() -> tuple[str, ...]:
    """Return ImageNet's classes, or numbers where their names cannot be had."""
    entry = registry.weights("vgg16")
    with contextlib.suppress(fetch.Missing, *decode.DAMAGE):
        path = fetch.file(entry.files["classes"], "names of ImageNet's classes")
        found = json.loads(path.read_text("utf-8"))
        names = [found[str(number)][1].replace("_", " ") for number in range(_CLASSES)]
        return tuple(names)
    return tuple(map(str, range(_CLASSES)))


# -- as Keras has it, but for the pixels ----------------------------------------------


def _built(classifier: bool, path: Path | None = None) -> keras.Model:
    """Return Keras's VGG16 behind what its photos need; with a file, its weights."""
    sides = (_SIDE, _SIDE) if classifier else (None, None)
    photo = keras.Input((*sides, 3), name="photo")
    pixels = keras.layers.Normalization(mean=MEANS, variance=np.ones(3), name="pixels")(
        photo
    )
    made = keras.applications.VGG16(
        include_top=classifier,
        weights=None if path is None else str(path),
        input_tensor=pixels,
        classifier_activation=None,
    )
    if path is not None:
        _turn_over(made)
    output = made.outputs[0]
    if classifier:  # by the name that the course's own networks have for them
        output = keras.layers.Identity(name="logits")(output)
    return keras.Model(photo, output, name="vgg16")


def _turn_over(model: keras.Model) -> None:
    """Let the first kernels, learned from blue, green and red, take red first."""
    kernel, bias = model.get_layer("block1_conv1").get_weights()
    model.get_layer("block1_conv1").set_weights([kernel[:, :, ::-1], bias])
