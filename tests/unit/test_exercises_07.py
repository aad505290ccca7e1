"""What of lesson 07's exercises needs no Keras; tests/networks has the rest."""

import itertools

import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers.exercises import lesson_07 as ex

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5, ex.p6]
PLAIN = [ex.q1, ex.q2, ex.q4, ex.q5, ex.q6, ex.q7]


def solved(exercise):
    """Run the code of a solution and return what the lesson hands over."""
    names = {}
    exec(exercise.answer, names)
    del names["__builtins__"]
    if exercise is ex.q5:
        return names["dropout"], names["average"]
    return list(names.values())[-1]


@pytest.mark.parametrize("exercise", PLAIN, ids=lambda one: one.name)
def test_the_solution_is_correct(exercise):
    assert exercise.judge(solved(exercise)).state == "correct"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"
    if question.kind == "choice":
        listed = f"- **{question.answer}**: {question.choices[question.answer]}"
        for line in (question.solved(), listed):
            assert question.judge(line).state == "correct"


@pytest.mark.parametrize("exercise", [*QUESTIONS, *PLAIN], ids=lambda one: one.name)
@pytest.mark.parametrize("odd", GARBAGE)
def test_whatever_comes_gets_a_sentence(exercise, odd):
    verdict = exercise.judge(odd)
    assert verdict.state in ("not yet", "not tried")
    assert "could not be tried out" not in verdict.message


def reason(exercise, answer):
    verdict = exercise.judge(answer)
    assert verdict.state == "not yet", verdict
    return verdict.message


# -- numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", [ex.q1, ex.q2], ids=lambda one: one.name)
def test_each_slip_is_a_wrong_number_with_its_sentence(exercise):
    for (key, wrong), sentence in exercise.slips.items():
        assert wrong != exercise.truth[key]
        assert reason(exercise, exercise.truth | {key: wrong}) == sentence
        assert sentence.startswith(f'"{key}": ')


def test_the_quarter_is_what_its_layers_make_it():
    """The formulas, once more."""
    side = (128 - 11) // 4 + 1
    pooled = [side := (side - 3) // 2 + 1 for _ in range(3)]
    assert [ex.q1.truth[f"side after pool{k}"] for k in (1, 2)] == pooled[:2]
    assert ex.q1.truth["length of the list"] == pooled[2] ** 2 * 64
    assert ex.q1.truth["parameters of filters2"] == 64 * (5 * 5 * 24 + 1)


def test_what_halves_save():
    layers = [(5, 96, 256), (3, 384, 384), (3, 384, 256)]
    halved_biases = sum(after // 2 for _, _, after in layers)
    said = ex.q2.slips["parameters saved in all", 1_413_120 + halved_biases]
    assert "the biases stay" in said
    assert ("multiply-adds", (663_552 + 384) * 13 * 13) in ex.q2.slips
    saved = sum(k * k * before * after // 2 for k, before, after in layers)
    assert ex.q2.truth["parameters saved in all"] == saved == 62_378_344 - 60_965_224


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(33 * 33 * 4, "up and down nothing"), (33 * 32 * 2, "33 places")],
)
def test_places_of_a_square(wrong, said):
    assert said in reason(ex.p4, wrong)


# -- views -----------------------------------------------------------------------------


def places(side, size, rng):
    return rng.integers(0, side - size + 1)


def view(photo, size, rng, *, place=places, flip=0.5, same=False):
    top = place(photo.shape[0], size, rng)
    left = top if same else place(photo.shape[1], size, rng)
    cut = photo[top : top + size, left : left + size]
    return cut[:, ::-1] if rng.random() < flip else cut


def placed(place):
    return lambda photo, size, rng: view(photo, size, rng, place=place)


def without_last_corner(photo, size, rng):
    last = photo[photo.shape[0] - size :, photo.shape[1] - size :]
    found = view(photo, size, rng)
    again = any((found == corner).all() for corner in (last, last[:, ::-1]))
    return without_last_corner(photo, size, rng) if again else found


def in_turn():
    """Views that do not depend on chance, though each comes as often."""
    calls = itertools.count()

    def next_one(photo, size, rng):
        number = next(calls)
        rows, columns = (side - size + 1 for side in photo.shape[:2])
        top, left = number // 2 % rows, number // 2 // rows % columns
        found = photo[top : top + size, left : left + size]
        return found[:, ::-1] if number % 2 else found

    return next_one


def mirrored_above(photo, size, rng):
    """Half are mirrored, but one number decides where, and whether."""
    number = rng.random()
    left = places(photo.shape[1], size, rng)
    found = photo[int(number * (len(photo) - size + 1)) :, left:][:size, :size]
    return found[:, ::-1] if number < 0.5 else found


def changing(photo, size, rng):
    found = view(photo, size, rng).copy()
    photo *= 0
    return found


WRONG_VIEWS = {
    "stub": (lambda photo, size, rng: photo, "shape (7, 7, 3); (5, 5, 3) is wanted"),
    "last left out": (
        placed(lambda side, size, rng: rng.integers(0, side - size)),
        "no view begins in row 2, the last that fits",
    ),
    "first left out": (
        placed(lambda side, size, rng: rng.integers(1, side - size + 1)),
        "no view begins in row 0",
    ),
    "what is left of a division": (
        placed(lambda side, size, rng: rng.integers(side) % (side - size + 1)),
        "views begin in row 0, ",
    ),
    "both signs": (
        placed(lambda side, size, rng: abs(rng.integers(size - side, side - size + 1))),
        "in row 0. Every row should come as often",
    ),
    "rounded": (
        placed(lambda side, size, rng: round(rng.random() * (side - size))),
        "Every row should come as often",
    ),
    "without the last corner": (without_last_corner, "in row 2. Every row"),
    "a random number of another": (
        lambda photo, size, rng: view(photo, size, np.random.default_rng()),
        "the draws of random_view do not come from `rng`",
    ),
    "in turn": (in_turn(), "do not come from `rng`"),
    "nothing, sometimes": (
        lambda photo, size, rng: view(photo, size, rng) if rng.random() < 0.5 else None,
        "nothing came back from a call of random_view. Does every way through it end",
    ),
    "never mirrored": (
        lambda photo, size, rng: view(photo, size, rng, flip=0),
        "no view is mirrored",
    ),
    "always mirrored": (
        lambda photo, size, rng: view(photo, size, rng, flip=1),
        "every view is mirrored",
    ),
    "seldom mirrored": (
        lambda photo, size, rng: view(photo, size, rng, flip=0.1),
        "of the views are mirrored; half are wanted",
    ),
    "one number": (
        lambda photo, size, rng: view(photo, size, rng, same=True),
        "as far down as to the right",
    ),
    "on its head": (
        lambda photo, size, rng: view(photo, size, rng, flip=0)[::-1],
        "it stands on its head",
    ),
    "turned": (
        lambda photo, size, rng: view(photo, size, rng, flip=0)[::-1, ::-1],
        "turned by 180°",
    ),
    "colours": (
        lambda photo, size, rng: view(photo, size, rng, flip=0)[:, :, ::-1],
        "its colours are swapped",
    ),
    "scaled": (
        lambda photo, size, rng: view(photo, size, rng) / 255,
        "its numbers are changed",
    ),
    "whole numbers": (
        lambda photo, size, rng: view(photo, size, rng).astype(np.uint8),
        "its numbers are changed",
    ),
    "np.flip": (
        lambda photo, size, rng: np.flip(view(photo, size, rng, flip=0)),
        "np.flip without an axis turns rows and colours, too: np.flip(view, axis=1)",
    ),
    "a quarter": (
        lambda photo, size, rng: np.rot90(view(photo, size, rng, flip=0)),
        "it is turned by a quarter",
    ),
    "a quarter back": (
        lambda photo, size, rng: np.rot90(view(photo, size, rng, flip=0), -1),
        "it is turned by a quarter",
    ),
    "mirrored by its row": (mirrored_above, "others 0 times"),
    "the corner": (
        lambda photo, size, rng: photo[:size, :size][:, :: rng.choice([1, -1])],
        "each view begins in row 0",
    ),
    "changed": (changing, "changes the photo"),
}


@pytest.mark.parametrize(("wrong", "said"), WRONG_VIEWS.values(), ids=WRONG_VIEWS)
def test_a_wrong_view_is_told_why(wrong, said):
    assert said in reason(ex.q4, wrong)


def test_other_right_views_are_right():
    def another(photo, size, rng):
        if rng.integers(2):
            photo = photo[:, ::-1]
        top, left = (int((n - size + 1) * rng.random()) for n in photo.shape[:2])
        return photo[top:, left:][:size, :size]

    assert ex.q4.judge(another).state == "correct"


@pytest.mark.parametrize("exercise", [ex.q4, ex.q5], ids=lambda one: one.name)
def test_a_function_that_prints_prints_once(exercise, capsys):
    """A check calls it thousands of times."""

    def loud(function):
        return lambda *given: print("here") or function(*given)

    if exercise is ex.q4:
        exercise.check(loud(view))
    else:
        exercise.check(loud(dropped), average_of(loud(dropped)))
    printed = capsys.readouterr().out
    assert 1 <= printed.count("here") <= 4
    assert "Correct" in printed


# -- dropout ---------------------------------------------------------------------------


def dropped(x, rate, rng, training, *, scale=True, shape=None, wrong=False):
    if not training:
        return x
    kept = rng.random(shape or x.shape) >= (1 - rate if wrong else rate)
    return kept * (x / (1 - rate) if scale else x)


def average_of(dropout):
    def average(x, rate, rng, draws):
        return sum(dropout(x, rate, rng, True) for _ in range(draws)) / draws

    return average


def of_2012(x, rate, rng, training):
    return dropped(x, rate, rng, True, scale=False) if training else x * (1 - rate)


def sharing(numbers):
    """Dropout in which `numbers` of (rng, rows, columns) decide, 0 … 1 each."""

    def dropout(x, rate, rng, training):
        if not training:
            return x
        return np.where(numbers(rng, *x.shape) >= rate, x / (1 - rate), 0)

    return dropout


def one_or_the_other(numbers):
    return np.concatenate([numbers, 1 - numbers])


def corner(shift):
    shifted = np.zeros((10, 8))
    shifted[0, 0] = shift
    return shifted


def like_x(x, rate, rng, training):
    if not training:
        return x
    out = np.zeros_like(x)
    kept = rng.random(x.shape) >= rate
    out[kept] = x[kept] / (1 - rate)
    return out


WRONG_DROPOUT = {
    "not scaled": (
        lambda *given: dropped(*given, scale=False),
        "what is kept stays as it is",
    ),
    "of 2012": (of_2012, "what is kept stays as it is"),
    "multiplied": (
        lambda x, rate, rng, training: (
            dropped(x * (1 - rate), rate, rng, training) * (1 - rate) if training else x
        ),
        "is multiplied by 1 − rate",
    ),
    "the other share": (
        lambda *given: dropped(*given, wrong=True),
        "that is 1 − rate",
    ),
    "nothing dropped": (lambda x, *rest: x, "nothing is dropped while it learns"),
    "in inference, too": (
        lambda x, rate, rng, training: dropped(x, rate, rng, True),
        "with training=False, ",
    ),
    "divided in inference": (
        lambda x, rate, rng, training: (
            dropped(x, rate, rng, True) if training else x / (1 - rate)
        ),
        "everything is divided",
    ),
    "all together": (
        lambda x, *rest: dropped(x, *rest, shape=(1, 1)),
        "all units are dropped together",
    ),
    "columns": (
        lambda x, *rest: dropped(x, *rest, shape=(1, x.shape[1])),
        "at [0, 0] and [1, 0] are not dropped each by itself",
    ),
    "pairs": (
        sharing(lambda rng, rows, columns: np.tile(rng.random((rows, 4)), (1, 2))),
        "at [0, 0] and [0, 4] are not dropped each by itself",
    ),
    "neighbours": (
        sharing(lambda rng, rows, columns: np.repeat(rng.random((rows, 4)), 2, 1)),
        "at [0, 0] and [0, 1] are not dropped each by itself",
    ),
    "one or the other": (
        sharing(lambda rng, rows, columns: one_or_the_other(rng.random((5, columns)))),
        "for rate 0.5, the units at [0, 0] and [5, 0] are not dropped each by itself",
    ),
    "as many each time": (
        sharing(
            lambda rng, rows, columns: (
                rng.permutation(rows * columns).reshape(rows, columns)
                / (rows * columns)
            )
        ),
        "as many units are dropped at every draw",
    ),
    "one too seldom": (
        sharing(lambda rng, rows, columns: rng.random((rows, columns)) + corner(0.1)),
        "the unit at [0, 0] is dropped in a share of",
    ),
    "another rng": (
        lambda x, rate, rng, training: dropped(
            x, rate, np.random.default_rng(), training
        ),
        "the draws of dropout do not come from `rng`",
    ),
    "its own seed": (
        lambda x, rate, rng, training: dropped(
            x, rate, np.random.default_rng(0), training
        ),
        "is dropped in a share of 0.00 of the draws",
    ),
    "digits cut off": (
        lambda *given: dropped(*given).astype(int),
        "only whole numbers come out",
    ),
    "like x": (like_x, "for an x of whole numbers, rate 0.2, only whole numbers"),
    "nothing in inference": (
        lambda x, rate, rng, training: (
            dropped(x, rate, rng, True) if training else None
        ),
        "training=False, nothing came back from a call of dropout",
    ),
    "nothing in training": (
        lambda x, rate, rng, training: None if training else x,
        "training=True, nothing came back from a call of dropout",
    ),
    "rows": (
        lambda x, *rest: dropped(x, *rest, shape=(x.shape[0], 1)),
        "at [0, 0] and [0, 1] are not dropped each by itself",
    ),
}


@pytest.mark.parametrize(("wrong", "said"), WRONG_DROPOUT.values(), ids=WRONG_DROPOUT)
def test_a_wrong_dropout_is_told_why(wrong, said):
    assert said in reason(ex.q5, (wrong, average_of(dropped)))


OTHER_MEAN = "for rate 0.2 and 3 draws, what average gives is not the mean of 3 draws"
WRONG_AVERAGES = {
    "x itself": (lambda x, *rest: x, "returns x itself"),
    "in inference": (
        lambda x, rate, rng, draws: sum(x for _ in range(draws)) / draws,
        "returns x itself",
    ),
    "nearly x": (lambda x, *rest: 1.0001 * x, OTHER_MEAN),
    "another rate": (
        lambda x, rate, rng, draws: average_of(dropped)(x, 0.5, rng, draws),
        OTHER_MEAN,
    ),
    "the other rate": (
        lambda x, rate, rng, draws: average_of(dropped)(x, 1 - rate, rng, draws),
        OTHER_MEAN,
    ),
    "as many draws as it likes": (
        lambda x, rate, rng, draws: average_of(dropped)(x, rate, rng, 1000),
        OTHER_MEAN,
    ),
    "one draw too few": (
        lambda x, rate, rng, draws: (
            average_of(dropped)(x, rate, rng, draws - 1) * (draws - 1) / draws
        ),
        OTHER_MEAN,
    ),
    "divided by one too few": (
        lambda x, rate, rng, draws: (
            average_of(dropped)(x, rate, rng, draws) * draws / (draws - 1)
        ),
        OTHER_MEAN,
    ),
    "begins with x": (
        lambda x, rate, rng, draws: (
            x / draws + average_of(dropped)(x, rate, rng, draws)
        ),
        OTHER_MEAN,
    ),
    "changes x": (
        lambda x, rate, rng, draws: (
            average_of(dropped)(x, rate, rng, draws),
            x.fill(0),
        )[0],
        "average changes what it is given",
    ),
    "another rng": (
        lambda x, rate, rng, draws: average_of(dropped)(
            x, rate, np.random.default_rng(), draws
        ),
        "the draws of average do not come from `rng`",
    ),
    "nothing": (
        lambda *given: None,
        "dropout is right. average is not written yet, or does not end with `return`",
    ),
    "one draw": (lambda x, rate, rng, draws: dropped(x, rate, rng, True), "not near x"),
    "the sum": (
        lambda x, rate, rng, draws: draws * average_of(dropped)(x, rate, rng, draws),
        "not near x",
    ),
    "one number": (
        lambda x, rate, rng, draws: np.mean(average_of(dropped)(x, rate, rng, 10)),
        "shape () came",
    ),
}


@pytest.mark.parametrize(("wrong", "said"), WRONG_AVERAGES.values(), ids=WRONG_AVERAGES)
def test_a_wrong_average_is_told_why(wrong, said):
    message = reason(ex.q5, (dropped, wrong))
    assert said.replace(" came", "") in message


def test_one_function_alone():
    assert "two functions are wanted" in reason(ex.q5, dropped)
    assert "average is not written yet" in reason(ex.q5, (dropped, ...))
    stubs = (lambda *given: None, lambda *given: None)
    assert ex.q5.judge(stubs).state == "not tried"


def test_swapped_functions():
    def average(*given):
        return average_of(dropped)(*given)

    assert "dropout comes first" in reason(ex.q5, (average, dropped))


def test_other_right_dropouts_are_right():
    def in_loops(x, rate, rng, training):
        if not training:
            return x
        return [[0 if rng.random() < rate else n / (1 - rate) for n in r] for r in x]

    def chosen(x, rate, rng, training):
        kept = rng.choice([0, 1], p=[rate, 1 - rate], size=x.shape)
        return (x * kept / (1 - rate) if training else x).astype(np.float32)

    def running(x, rate, rng, draws):
        mean = np.zeros_like(x)
        for number in range(1, draws + 1):
            mean += (chosen(x, rate, rng, True) - mean) / number
        return mean

    def at_once(x, rate, rng, draws):
        return dropped(np.repeat(x[None], draws, 0), rate, rng, True).mean(axis=0)

    for pair in ((in_loops, at_once), (chosen, running)):
        assert ex.q5.judge(pair).state == "correct"


# -- words -----------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", [ex.q6, ex.q7], ids=lambda one: one.name)
def test_each_wrong_word_has_its_sentence(exercise):
    words = {word for _, word in exercise.said} | set(exercise.truth.values())
    for key, right in exercise.truth.items():
        assert {word for one, word in exercise.said if one == key} == words - {right}
        for word in words - {right}:
            said = reason(exercise, exercise.truth | {key: word})
            assert said == f'"{key}": {exercise.said[key, word]}'
        assert "choose one of" in reason(exercise, exercise.truth | {key: "perhaps"})
        loud = exercise.truth | {key: f" {right.upper()}. "}
        assert exercise.judge(loud).state == "correct"


def test_none_is_a_word():
    flowers = "flowers: daisy or tulip"
    assert reason(ex.q7, ex.q7.truth | {flowers: None}) == (
        f'"{flowers}": write "none" in quotation marks.'
    )
    assert ex.q7.judge(dict.fromkeys(ex.q7.truth)).state == "not tried"


@pytest.mark.parametrize("word", ["colors", "colour", "Color"])
def test_colours_are_colors(word):
    told = ex.q7.truth | {"tomatoes: ripe or unripe": word}
    assert ex.q7.judge(told).state == "correct"


def test_the_curves_bear_their_words_out():
    assert list(ex.q6.curves()) == list(ex.q6.truth)
    last, middle = {}, {}
    for letter, shown in ex.q6.curves().items():
        training, validation = shown["training"], shown["validation"]
        last[letter] = training[-1], training[-1] - validation[-1]
        middle[letter] = training[len(training) // 2 - 1]
    assert last["A"][0] > 0.95
    assert last["A"][1] > 0.2  # overfitting
    assert middle["B"] < 0.26  # not learning, for half of the time
    assert last["B"][0] > 0.4  # ... but then
    assert min(middle[letter] for letter in "ACD") > 0.5
    assert max(last["C"][1], last["D"][1]) < 0.1  # no gap ...
    assert last["D"][0] < last["C"][0] - 0.1  # ... but too small
