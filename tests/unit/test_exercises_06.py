"""What of lesson 06 needs no Keras; tests/networks has the rest."""

import re
import subprocess
import sys
from types import SimpleNamespace

import judged
import numpy as np
import pytest
import scipy.ndimage
from odd_answers import GARBAGE

from helpers import ops
from helpers.exercises import lesson_06 as ex

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5, ex.p6]
EXERCISES = [ex.q1, ex.q2, ex.q4, ex.q5, ex.q6]
ALL = [*QUESTIONS, *EXERCISES]
TRAINED = [ex.q3, ex.q7]
LAYERS = dict(ex.q1.truth)
TABLE = dict(ex.q5.truth)


def solved(exercise):
    """Run the code of a solution and return what the lesson hands over."""
    names = {"np": np}
    exec(exercise.answer, names)
    if exercise is ex.q4:
        return names["number"], names["picture"]
    return list(names.values())[-1]


@pytest.fixture(scope="module")
def fooled():
    return solved(ex.q4)


@pytest.fixture(scope="module")
def digits():
    return ex._digits()


@pytest.mark.parametrize("exercise", [ex.q1, ex.q2, ex.q5, ex.q6])
def test_the_solution_is_correct(exercise):
    assert exercise.judge(solved(exercise)).state == "correct"


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"


# -- the way forward -------------------------------------------------------------------


def forward(
    picture, weights, *, scale=255, relus=(1, 1, 1), biases=1, reduce="max", order="C"
):
    """The way forward, written another way, with slips left in."""

    def convolved(x, kernel, bias):
        places = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(0, 1))
        return np.einsum("ijcab,abcf->ijf", places, kernel) + biases * bias

    def pooled(x):
        rows, cols = x.shape[0] // 2, x.shape[1] // 2
        blocks = x[: 2 * rows, : 2 * cols].reshape(rows, 2, cols, 2, -1)
        return getattr(blocks, reduce)(axis=(1, 3))

    def bent(x, bends):
        return np.maximum(x, 0) if bends else x

    x = pooled(bent(convolved(picture / scale, *weights[:2]), relus[0]))
    x = pooled(bent(convolved(x, *weights[2:4]), relus[1]))
    x = x.flatten() if order == "C" else x.transpose(2, 0, 1).flatten()
    x = bent(x @ weights[4] + biases * weights[5], relus[2])
    return x @ weights[6] + biases * weights[7]


def wrong(**slips):
    return lambda picture, weights: forward(picture, weights, **slips)


def in_place(picture, weights):
    picture /= 255
    return forward(picture, weights, scale=1)


def weights_in_place(picture, weights):
    result = forward(picture, weights)
    weights[1] += 1
    return result


def popped(picture, weights):
    return forward(picture, [weights.pop(0) for _ in range(8)])


def in_float32(picture, weights):
    x = picture.astype(np.float32) / np.float32(255)
    result = forward(x, [part.astype(np.float32) for part in weights], scale=1)
    assert result.dtype == np.float32
    return result


def of_this_size(picture, weights):
    """Written for the network of the lesson alone."""
    kernel1, bias1, kernel2, bias2, dense1, bias3, dense2, bias4 = weights
    x = ops.pool2d(ops.relu(ops.conv2d(picture / 255, kernel1, bias=bias1)), 2)
    x = ops.pool2d(ops.relu(ops.conv2d(x, kernel2, bias=bias2)), 2)
    return ops.relu(x.reshape(1250) @ dense1 + bias3) @ dense2 + bias4


def bent_once_more(picture, weights):
    return np.maximum(forward(picture, weights), 0)


# -- the leak --------------------------------------------------------------------------


def prepare(
    images,
    labels,
    seed,
    *,
    share=5,
    by=1,
    twins=True,
    twins_aside=False,
    shuffled=True,
    relabel=lambda y: y,
):
    """Split first, double after, and what one may do differently."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images)) if shuffled else np.arange(len(images))
    aside = int(len(images) / share)
    parts = []
    for part, doubled in ((order[aside:], twins), (order[:aside], twins_aside)):
        x, y = images[part], labels[part]
        if doubled:
            x = np.concatenate([x, np.roll(x, by, axis=2)])
            y = np.concatenate([y, relabel(y)])
        parts += [x, y]
    return parts


def leaky(images, labels, seed):
    """The function as the lesson hands it out."""
    shifted = np.roll(images, 1, axis=2)
    x = np.concatenate([images, shifted])
    y = np.concatenate([labels, labels])
    order = np.random.default_rng(seed).permutation(len(x))
    aside = len(x) // 5
    train, val = order[aside:], order[:aside]
    return x[train], y[train], x[val], y[val]


def other(**slips):
    return lambda images, labels, seed: prepare(images, labels, seed, **slips)


def leaky_with_another_seed(images, labels, seed):
    return leaky(images, labels, seed + 1)


def in_both(images, labels, seed):
    x, y, x_aside, y_aside = prepare(images, labels, seed)
    return np.concatenate([x, x_aside]), np.concatenate([y, y_aside]), x_aside, y_aside


def only_the_twins(images, labels, seed):
    x, y, x_aside, y_aside = prepare(images, labels, seed)
    half = len(x) // 2
    return x[half:], y[half:], x_aside, y_aside


def thrice(images, labels, seed):
    x, y, x_aside, y_aside = prepare(images, labels, seed)
    return np.concatenate([x, x[:3]]), np.concatenate([y, y[:3]]), x_aside, y_aside


def brightened(images, labels, seed):
    x, *others = prepare(images, labels, seed)
    return x / 255, *others


def aside_first(images, labels, seed):
    x, y, x_aside, y_aside = prepare(images, labels, seed)
    return x_aside, y_aside, x, y


def shifted_by_spline(images, labels, seed):
    """Twins by another calculation: right but for rounding."""
    x, y, x_aside, y_aside = prepare(images, labels, seed, twins=False)
    twins = scipy.ndimage.shift(x.astype(float), (0, 0, 1))
    return np.concatenate([x, twins]), np.concatenate([y, y]), x_aside, y_aside


def labels_of_half(images, labels, seed):
    x, y, x_aside, y_aside = prepare(images, labels, seed)
    return x, y[: len(y) // 2], x_aside, y_aside


STUBS = {
    **{question.name: [..., None] for question in QUESTIONS},
    "q1": [..., None, dict.fromkeys(LAYERS, ...)],
    "q2": [..., None, lambda picture, weights: ..., lambda picture, weights: None],
    "q4": [..., None, (..., ...)],
    "q5": [..., None, dict.fromkeys(TABLE, ...)],
    "q6": [..., None, leaky, lambda images, labels, seed: ...],
}


@pytest.mark.parametrize("exercise", ALL)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


WRONG = [
    (ex.p1, 100_352, "bias, too"),
    (ex.p1, 784, "one unit"),
    (ex.p1, 912, "multiplied"),
    (ex.p1, 100_608, "128 biases, not 256"),
    (ex.p1, 7, "How many numbers has one unit"),
    (ex.p1, (100, 480), "write it without a comma.* ten thousand as 10000"),
    (ex.p2, (28, 28, 25), "edge is lost"),
    (ex.p2, (26, 26), "25 filters"),
    (ex.p2, (26, 26, 1), "25 filters"),
    (ex.p2, (25, 25, 25), "add 1"),
    (ex.p2, (25, 26, 26), "maps stand last"),
    (ex.p2, (24, 24, 25), "At how many places"),
    (ex.p3, 9, "25 maps come in"),
    (ex.p3, 226, "with the bias"),
    (ex.p3, 11_250, "One is asked for"),
    (ex.p3, 11_300, "One is asked for"),
    (ex.p4, 57_600, '"valid"'),
    (ex.p4, 1024, "There are 64"),
    (ex.p4, 3072, "has the picture"),
    (ex.p4, 196_608, "3 channels"),
    (ex.p5, "b", "you chose by them"),
    (ex.p5, "too low, on average", "Which way"),
    (ex.p5, "d", "choose one of"),
    (ex.p6, "a", "nine other digits"),
    (ex.p6, "The network is broken.", "one of ten"),
    (ex.p6, 0.97, "choose one of"),
    # layer by layer
    (ex.q1, LAYERS | {"side after conv1": 24}, "without padding"),
    (ex.q1, LAYERS | {"parameters of conv1": 400}, "a bias, too"),
    (ex.q1, LAYERS | {"side after conv2": 7}, 'padding="same"'),
    (ex.q1, LAYERS | {"side after conv2": 6.5}, "no half position"),
    (ex.q1, LAYERS | {"parameters of conv2": 320}, "16 maps come in"),
    (ex.q1, LAYERS | {"length of the list": 36}, "32 maps"),
    (ex.q1, LAYERS | {"parameters of dense": 11_520}, "a bias, too"),
    (ex.q1, LAYERS | {"parameters of dense": 9}, "is not 9"),
    # the way forward
    (ex.q2, wrong(scale=1), "not divided by 255"),
    (ex.q2, wrong(relus=(0, 1, 1)), "after the first convolution"),
    (ex.q2, wrong(relus=(1, 0, 1)), "after the second convolution"),
    (ex.q2, wrong(relus=(1, 1, 0)), "after the first dense layer"),
    (ex.q2, wrong(relus=(0, 0, 1)), "after both convolutions"),
    (ex.q2, wrong(relus=(0, 0, 0)), "there is no ReLU"),
    (ex.q2, wrong(biases=0), "biases are missing"),
    (ex.q2, wrong(reduce="mean"), "averaged"),
    (ex.q2, wrong(order="F"), "in another order"),
    (ex.q2, lambda p, w: ops.softmax(forward(p, w)), "before softmax"),
    (ex.q2, bent_once_more, "after the last layer, too"),
    (ex.q2, in_place, "x = x / 255"),
    (ex.q2, weights_in_place, "changes what it is given"),
    (ex.q2, popped, "take nothing out of `weights`"),
    (ex.q2, lambda p, w: forward(p, w).round(3), "is rounded"),
    (ex.q2, lambda p, w: forward(p, w)[:1], "is wanted"),
    (ex.q2, lambda p, w: p @ w[4], "ValueError"),
    (ex.q2, lambda p: p, "TypeError"),
    # a digit that fools it
    (ex.q4, 5, "two things"),
    (ex.q4, (1000, np.zeros((28, 28))), "at most 999"),
    (ex.q4, (1.5, np.zeros((28, 28))), "whole number"),
    (ex.q4, (0, np.zeros(784)), r"shape \(784,\)"),
    (ex.q4, (0, np.full((28, 28), 256)), "256 to 256; 0 to 255"),
    (ex.q4, (0, np.full((28, 28), -0.5)), "−0.5 to −0.5"),
    (ex.q4, (0, np.zeros((28, 28))), r"\d+ pixels differ from number 0; at most 12"),
    (ex.q4, (0, "a"), "28 × 28"),
    # a table
    (ex.q5, TABLE | {"pictures": 170}, "Add up all"),
    (ex.q5, TABLE | {"accuracy": 85}, "85 is no share.* not percent"),
    (ex.q5, TABLE | {"share of the 7s found": 75}, "75 is no share.* not percent"),
    (ex.q5, TABLE | {"7s in the set": 60}, "the column"),
    (ex.q5, TABLE | {"share of the 7s found": 0.75}, "Divide by the row"),
    (ex.q5, TABLE | {"right when it says 7": 0.9}, "Divide by the column"),
    (ex.q5, TABLE | {"9s taken for 7s": 3}, "7s taken for 9s"),
    # a leak
    (ex.q6, leaky_with_another_seed, "that is the leak"),
    (ex.q6, in_both, "4 of 4 pictures in validation stand in training"),
    (ex.q6, other(twins_aside=True), "pictures in validation are shifted"),
    (ex.q6, other(twins=False), "the twins too"),
    (ex.q6, other(by=-1), "neither one of the set"),
    (ex.q6, brightened, "x_train holds a picture that is neither.* as they are"),
    (ex.q6, aside_first, "in this order: x_train, y_train, x_val, y_val"),
    (ex.q6, other(share=2), "10 pictures are set aside; a fifth is wanted, 4"),
    (ex.q6, other(share=10), "5 pictures are set aside|2 pictures are set aside"),
    (ex.q6, other(relabel=lambda y: y[::-1]), "labels in y_train do not belong"),
    (ex.q6, only_the_twins, "16 pictures are missing"),
    (ex.q6, thrice, "more than once"),
    (ex.q6, labels_of_half, "One label for each"),
    (ex.q6, lambda images, labels, seed: (images, labels), "four arrays"),
    (ex.q6, lambda x, y, seed: (x[..., None], y, x, y), r"\(number, 6, 6\) is wanted"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_three_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 3


def stratified(images, labels, seed):
    """A fifth of each class, in the order of the set."""
    aside = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        aside[places[: max(1, round(len(places) / 5))]] = True
    x, y = images[~aside], labels[~aside]
    both = np.stack([np.roll(x, 1, axis=2), x], axis=1).reshape(-1, 6, 6)
    return both, np.repeat(y, 2), images[aside], labels[aside]


OTHER_RIGHT = [
    (ex.p1, 100_480.0),
    (ex.p2, [26, 26, 25]),
    (ex.p5, "(A)"),
    (ex.p6, ex.p6.choices["c"]),
    (ex.q1, list(LAYERS.values())),
    (ex.q2, forward),
    (ex.q2, in_float32),
    (ex.q2, of_this_size),
    (ex.q2, lambda p, w: [np.float32(n) for n in forward(p, w)]),
    (ex.q5, list(TABLE.values())),
    (ex.q6, other(shuffled=False)),
    (ex.q6, other()),
    (ex.q6, stratified),
    (ex.q6, shifted_by_spline),
    (ex.q6, lambda x, y, seed: prepare(x, y, 7)),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


# -- a digit that fools it -------------------------------------------------------------


def test_the_solution_fools_the_network(fooled):
    number, picture = fooled
    verdict = ex.q4.judge(fooled)
    assert verdict.state == "correct"
    assert "changed, and the network reads a" in verdict.message
    assert ex.q4.judge([np.int64(number), picture[..., None]]) == verdict


def test_pixels_as_float32_are_the_same_pixels(fooled):
    number, picture = fooled
    share = np.float32(1 / 255)
    again = picture.astype(np.float32) * share / share
    assert (again != picture).any()
    assert ex.q4.judge((number, again)).state == "correct"


def test_pixels_from_0_to_1_hear_of_255(fooled, capsys):
    number, picture = fooled
    judged.hears_why(ex.q4, (number, picture / 255), "from 0 to 1 at most", capsys)


def test_a_small_step_of_a_sure_digit_is_seen(digits, capsys):
    """Four digits would say 1.0000 twice."""
    picture = digits.train_images[5].copy()
    picture[0, 0] = 255
    judged.hears_why(ex.q4, (5, picture), "the network still reads", capsys)
    numbers = re.findall(r"\d\.\d{4,}", ex.q4.judge((5, picture)).message)
    assert len(set(numbers)) == 2


def test_a_digit_that_does_not_fool_it_says_how_far_it_is(fooled, digits, capsys):
    number, _ = fooled
    picture = digits.train_images[number].copy()
    judged.hears_why(ex.q4, (number, picture), "no pixel differs", capsys)
    picture[0, 0] = 1
    true = digits.train_labels[number]
    said = rf"with 1 pixel changed, the network still reads a {true}: .* 0\.\d{{4}}"
    judged.hears_why(ex.q4, (number, picture), said, capsys)
    picture[:2, :] = 2
    judged.hears_why(ex.q4, (number, picture), "56 pixels differ", capsys)


def test_a_digit_that_is_misread_anyway_does_not_count(digits, monkeypatch, capsys):
    picture = digits.train_images[3].astype(float)
    labels = (digits.train_labels + 1) % 10
    few = SimpleNamespace(train_images=digits.train_images[:5], train_labels=labels)
    monkeypatch.setattr(ex, "_digits", lambda: few)
    judged.hears_why(ex.q4, (3, picture), "already. Take one", capsys)
    judged.hears_why(ex.q4, (7, picture), "there are 5 pictures", capsys)


def test_where_the_digits_are_not_here_nothing_is_printed(monkeypatch, capsys):
    def loud():
        print("Using other digits")
        return "digits"

    monkeypatch.setattr(ex, "load_mnist", loud)
    assert ex._digits() == "digits"
    assert capsys.readouterr().out == ""


# -- truths ----------------------------------------------------------------------------


def test_the_table_has_the_truth_in_it():
    """Counted picture by picture."""
    pairs = [
        (true, said)
        for row, true in zip(ex._CONFUSION, (4, 7, 9), strict=True)
        for count, said in zip(row, (4, 7, 9), strict=True)
        for _ in range(count)
    ]
    sevens = [said for true, said in pairs if true == 7]
    called = [true for true, said in pairs if said == 7]
    counted = pytest.approx(
        {
            "pictures": len(pairs),
            "accuracy": np.mean([true == said for true, said in pairs]),
            "7s in the set": len(sevens),
            "share of the 7s found": np.mean([said == 7 for said in sevens]),
            "right when it says 7": np.mean([true == 7 for true in called]),
            "9s taken for 7s": pairs.count((9, 7)),
        }
    )
    assert dict(ex.q5.truth) == counted
    assert str(ex._CONFUSION.tolist()) in ex.q5.__doc__


def test_the_leak_is_found_in_what_is_handed_out():
    images, labels, seed = ex.q6.sets()[0]
    came = [np.asarray(part, float) for part in leaky(images, labels, seed)]
    assert "that is the leak" in ex.q6._fault(images, labels, came)


# -- all of them -----------------------------------------------------------------------


def is_letter(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "U"


@pytest.mark.parametrize("exercise", ALL)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(exercise, capsys):
    answers = [*GARBAGE]
    if exercise is ex.p5:  # of all that nobody expects, "a" is the answer here
        answers = [one for one in GARBAGE if not is_letter(one)]
    odd = [
        (0, np.nan),
        (0, np.full((28, 28), np.nan)),
        lambda *given: np.full(3, 1j),
        lambda *given: [np.zeros((0, 6, 6)), [], np.zeros((0, 6, 6)), []],
        lambda *given: ["a"] * 4,
        LAYERS | {"side after pool": 1j},
    ]
    judged.hears_something(exercise, [*answers, *odd], capsys)


@pytest.mark.parametrize("exercise", [*ALL, *TRAINED])
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)


def test_no_keras_is_read_for_the_lesson():
    code = (
        "import sys\n"
        "from helpers.exercises import lesson_06 as ex\n"
        "ex.q3.check()\n"
        "assert not {'keras', 'tensorflow', 'jax'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
