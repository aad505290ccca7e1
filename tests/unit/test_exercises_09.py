import itertools
import re
from functools import partial

import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import go, ops, sounds, texts
from helpers.exercises import lesson_09 as ex

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5, ex.p6, ex.p7]
FUNCTIONS = [ex.q2, ex.q3, ex.q4, ex.q6]
EXERCISES = [ex.q1, *FUNCTIONS, ex.q5]
ALL = [*QUESTIONS, ex.q1, ex.q2, ex.q3, ex.q4, ex.q5, ex.q6, ex.q7]


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


SHAPES = solved(ex.q1)
SHUFFLES = dict(ex.q5.truth)


class Tensor:
    """What comes back from another library: it has numbers, and is no array."""

    def __init__(self, numbers):
        self._numbers = np.asarray(numbers)

    def __array__(self, dtype=None, copy=None):
        return np.array(self._numbers, dtype)


# -- the exercises, written another way, with slips to choose --------------------------


def conv1d(x, kernel):
    """Every place by itself."""
    places = len(x) - len(kernel) + 1
    found = np.zeros((places, kernel.shape[-1]))
    for n in range(places):
        for w in range(len(kernel)):
            found[n] += x[n + w] @ kernel[w]
    return found


def as_gray(x, kernel):
    """The other way: a gray picture, and kernels as wide as it is."""
    return ops.conv2d(x[..., None], kernel[:, :, None])[:, 0]


def lying(x, kernel, **more):
    return ops.conv2d(x[None], kernel[None], **more)


def scaled_in_place(x, kernel):
    x *= 2
    return conv1d(x, kernel) / 2


def liberties(stones, point, *, near=1, ends="off", joined=None):
    """By growing masks, all at once; `joined` says what belongs to the group."""
    own = stones == stones[point] if joined is None else joined(stones)
    group = np.zeros(stones.shape, bool)
    group[point] = True
    while True:
        wider = grown(group, near, ends) & own | group
        if (wider == group).all():
            return int((grown(group, near, ends) & (stones == 0)).sum())
        group = wider


def grown(mask, near=1, ends="off"):
    """Return a mask and what lies beside it, over the corners if near is 2."""
    steps = [
        (r, c)
        for r, c in itertools.product((-1, 0, 1), repeat=2)
        if abs(r) + abs(c) <= near
    ]
    if ends == "meet":
        return np.any([np.roll(mask, step, (0, 1)) for step in steps], axis=0)
    wide = np.pad(mask, 1)
    rolled = [np.roll(wide, step, (0, 1)) for step in steps]
    return np.any(rolled, axis=0)[1:-1, 1:-1]


def within(stones, point, *, rows=None, columns=None):
    """By a list of what waits; `rows` and `columns` say what is on the board."""
    rows, columns = rows or range(len(stones)), columns or range(stones.shape[1])
    group, free, waiting = {point}, set(), [point]
    while waiting:
        row, col = waiting.pop()
        for r, c in ((row, col + 1), (row, col - 1), (row + 1, col), (row - 1, col)):
            if r in rows and c in columns:
                if stones[r, c] == 0:
                    free.add((r, c))
                elif stones[r, c] == stones[point] and (r, c) not in group:
                    group.add((r, c))
                    waiting.append((r, c))
    return len(free)


def over_empty_points(stones, point):
    """Go on from everything that is not the other's."""
    reached = np.zeros(stones.shape, bool)
    reached[point] = True
    for _ in range(stones.size):
        reached = grown(reached) & (stones != -stones[point])
    return int((reached & (stones == 0)).sum())


def until_it_fails(stones, point):
    row, col = point
    found = 0
    for r, c in ((row, col + 1), (row, col - 1), (row + 1, col), (row - 1, col)):
        try:
            found += stones[r, c] == 0
        except IndexError:
            continue
    return found


def deep(stones, point):
    """By recursion."""
    group, free = set(), set()

    def visit(row, col):
        if not (0 <= row < stones.shape[0] and 0 <= col < stones.shape[1]):
            return
        if stones[row, col] == 0:
            free.add((row, col))
        elif stones[row, col] == stones[point] and (row, col) not in group:
            group.add((row, col))
            for down, across in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                visit(row + down, col + across)

    visit(*point)
    return len(free)


def endless(stones, point):
    """Ask every neighbour, and never remember who was asked."""
    row, col = point
    free = set()
    for r, c in ((row, col + 1), (row, col - 1), (row + 1, col), (row - 1, col)):
        if 0 <= r < stones.shape[0] and 0 <= c < stones.shape[1]:
            if stones[r, c] == stones[point]:
                free |= endless(stones, (r, c))
            elif stones[r, c] == 0:
                free.add((r, c))
    return free


def marking(stones, point):
    found = deep(stones, point)
    stones[point] = 5
    return found


def alone(stones, point, *, check=True):
    """Only the stone's own neighbours, read with or without looking for the end."""
    row, col = point
    found = 0
    for r, c in ((row, col + 1), (row, col - 1), (row + 1, col), (row - 1, col)):
        inside = 0 <= r < stones.shape[0] and 0 <= c < stones.shape[1]
        found += (inside or not check) and stones[r, c] == 0
    return found


def with_repeats(stones, point):
    """Each stone of the group counts its own empty neighbours."""
    group = np.zeros(stones.shape, bool)
    group[point] = True
    for _ in range(stones.size):
        group = grown(group) & (stones == stones[point])
    return sum(alone(stones, tuple(place)) for place in np.argwhere(group))


def wrapping(stones, point):
    """Look only for the end on the right and below."""
    group, free, waiting = {point}, set(), [point]
    while waiting:
        row, col = waiting.pop()
        for r, c in ((row, col + 1), (row, col - 1), (row + 1, col), (row - 1, col)):
            if r >= stones.shape[0] or c >= stones.shape[1]:
                continue
            r, c = r % stones.shape[0], c % stones.shape[1]
            if stones[r, c] == 0:
                free.add((r, c))
            elif stones[r, c] == stones[point] and (r, c) not in group:
                group.add((r, c))
                waiting.append((r, c))
    return len(free)


def log_mel(stretch, filters, *, window=None, squared=2, small=1e-6, log=np.log):
    n = np.arange(len(stretch))
    fade = 0.5 - 0.5 * np.cos(2 * np.pi * n / len(n)) if window is None else window(n)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(filters.shape[1]), n) / len(n))
    return log(filters @ abs(turns @ (stretch * fade)) ** squared + small)


def faded_in_place(stretch, filters):
    stretch *= np.sin(np.pi * np.arange(len(stretch)) / len(stretch)) ** 2
    return np.log(filters @ abs(np.fft.rfft(stretch)) ** 2 + 1e-6)


def of_all_frequencies(stretch, filters):
    fade = np.sin(np.pi * np.arange(len(stretch)) / len(stretch)) ** 2
    return np.log(filters @ abs(np.fft.fft(stretch * fade)) ** 2 + 1e-6)


def ask_eight(policy, planes, *, back=go.back, ways=range(8)):
    return sum(back(policy(go.turned(planes, k)), k) for k in ways) / len(ways)


def by_swapping(policy, planes):
    """Mirror rows, mirror columns, swap the two: or not."""
    total = 0
    for rows, columns in itertools.product((1, -1), repeat=2):
        for swapped in (False, True):
            seen = planes[::rows, ::columns]
            seen = seen.swapaxes(0, 1) if swapped else seen
            answer = policy(seen)
            total = total + (answer.T if swapped else answer)[::rows, ::columns]
    return total / 8


def quarters(policy, planes, undo):
    found = []
    for turns, mirrored in itertools.product(range(4), (False, True)):
        seen = np.rot90(planes, turns)
        answer = policy(seen[:, ::-1] if mirrored else seen)
        found.append(undo(answer, turns, mirrored))
    return np.mean(found, axis=0)


def half_turned(policy, planes):
    found = []
    for turns, mirrored in itertools.product(range(4), (False, True)):
        answer = policy(np.rot90(planes, turns + 2 * mirrored))
        found.append(np.rot90(answer, -turns - 2 * mirrored))
    return np.mean(found, axis=0)


def turned_in_place(policy, planes):
    planes[:] = planes[::-1]
    return ask_eight(policy, planes)


# -- sentences -------------------------------------------------------------------------

sentences = solved(ex.q7)


def drawn(label, rng):
    """Return a sentence in which the first of two adjectives is denied."""
    pair = [f"good{rng.integers(9)}", f"bad{rng.integers(9)}"]
    denied, meant = pair if label == 0 else pair[::-1]
    part = f"part{rng.integers(9)} of number{rng.integers(9)}"
    return f"{part} is not {denied} but {meant}"


def twins(label, rng):
    return ["not good but bad", "not bad but good"][label]


def made(write, *, labelled=lambda n, rng: np.arange(n) % 2):
    def function(n, seed):
        rng = np.random.default_rng(seed)
        labels = labelled(n, rng)
        return [write(label, rng) for label in labels], labels

    return function


def plain(label, rng):
    return f"film{rng.integers(99)} {rng.integers(99)} is {['bad', 'good'][label]}"


def two_of_four(label, rng):
    """Two words that meet praise, whichever they are; no word alone tells."""
    first = rng.integers(2)
    second = first if label else 1 - first
    return f"{'ab'[first]} {rng.integers(999)} {'cd'[second]}"


def far_apart(label, rng):
    """The same neighbours in both: what is denied stands three words further."""
    pair = [f"good{rng.integers(9)}", f"bad{rng.integers(9)}"]
    denied, meant = pair if label == 0 else pair[::-1]
    return (
        f"part{rng.integers(9)} of number{rng.integers(9)} is not so very {denied} ; "
        f"it is so very {meant} ;"
    )


def hidden(label, rng):
    """Whether two numbers are in rising order; each pair of them is rare."""
    low, high = sorted(rng.choice(5000, 2, replace=False))
    return f"{low} before {high}" if label else f"{high} before {low}"


def negations(n, seed):
    found = texts.negations(8 * -(-n // 8), seed=seed)
    return found.train_sentences[:n], found.train_labels[:n]


def forgetful(n, seed):
    return sentences(n, np.random.default_rng().integers(10**6))


# --------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.name)
def test_the_solution_is_correct(exercise):
    assert exercise.judge(solved(exercise)).state == "correct"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"


STUBS = {
    **{question.name: [..., None] for question in QUESTIONS},
    "q1": [..., dict.fromkeys(SHAPES, ...)],
    "q2": [..., lambda x, kernel: ..., lambda x, kernel: None],
    "q3": [..., lambda stones, point: ...],
    "q4": [..., lambda stretch, filters: ...],
    "q5": [..., dict.fromkeys(SHUFFLES, ...)],
    "q6": [..., lambda policy, planes: ...],
    "q7": [..., lambda n, seed: ..., lambda n, seed: (..., ...)],
}


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


def windowed(window):
    return lambda stretch, filters: log_mel(
        stretch, filters, window=lambda n: window(len(n))
    )


WRONG = [
    # AlphaGo's first maps
    (ex.p1, (23, 23, 192), "the padded board"),
    (ex.p1, (19, 19, 48), "One map comes out for each filter"),
    (ex.p1, (15, 15, 192), "without padding"),
    (ex.p1, (18, 18, 192), "are its moves"),
    (ex.p1, (19, 19), "Add the channels"),
    (ex.p1, (20, 20, 192), "how many filters"),
    # its parameters
    (ex.p2, 230_400, "has a bias, too"),
    (ex.p2, 1201, "There are 192"),
    (ex.p2, 192 * 26, "over one plane"),
    (ex.p2, 230_448, "not to the 48 planes"),
    (ex.p2, 230_400 * 361, "weights are shared"),
    (ex.p2, 230_592 * 361, "weights are shared"),
    (ex.p2, 7, "how many biases"),
    # a dense unit
    (ex.p3, 350, "looks at 5 × 5"),
    (ex.p3, 361, "comes with 14"),
    (ex.p3, 5055, "with the bias"),
    (ex.p3, 23 * 23 * 14, "not padded"),
    (ex.p3, 19 * 19 * 48, "At how many numbers"),
    # columns of a spectrogram
    (ex.p4, 48, "first stretch counts"),
    (ex.p4, 48.4, "is none"),
    (ex.p4, 50, "hang over the end"),
    (ex.p4, 31, "They overlap"),
    (ex.p4, 129, "are the rows"),
    (ex.p4, 40, "last stretch begin"),
    # an average
    (ex.p5, "a", "is as strong"),
    (ex.p5, "c", "forgets when"),
    (ex.p5, "d", "choose one"),
    (ex.p5, 1000, "choose one"),
    (ex.p5, "tone", "choose one"),
    # maps of a sentence
    (ex.p6, (20, 100), "with padding"),
    (ex.p6, (18, 62, 100), "covers all 64"),
    (ex.p6, (18, 64), "One number comes out for each filter"),
    (ex.p6, (100, 18), "places come first"),
    (ex.p6, (3, 64, 100), "of the filters' weights"),
    (ex.p6, (18, 3), "3 words fit into 20"),
    # the largest over time
    (ex.p7, "a", "Which it was"),
    (ex.p7, "b", "would be a sum"),
    (ex.p7, "at", "choose one"),
    (ex.p7, 18, "choose one"),
    (ex.p7, "nothing", "choose one"),
    # shapes of filters
    (ex.q1, SHAPES | {"heart": (5000, 12)}, "heart.*whenever it comes"),
    (ex.q1, SHAPES | {"heart": (3, 3)}, "electrode has its place"),
    (ex.q1, SHAPES | {"sentence": (3, 3)}, "no neighbour of number 8"),
    (ex.q1, SHAPES | {"sentence": (20, 64)}, "words that stand together"),
    (ex.q1, SHAPES | {"board": (3, 3, 3)}, "like colours of a photo"),
    (ex.q1, SHAPES | {"board": (19, 19, 14)}, "stones next to each other"),
    (ex.q1, SHAPES | {"tune": (88, 3)}, "in every pitch"),
    (ex.q1, SHAPES | {"motor": (3, 3)}, "must know where it is"),
    (ex.q1, SHAPES | {"film": (100, 3, 3, 3)}, "any time"),
    (ex.q1, SHAPES | {"film": (3, 3, 64, 3)}, "film\", columns: the hand"),
    (ex.q1, SHAPES | {"film": (3, 3, 3, 1)}, "colours: cover all three"),
    (ex.q1, SHAPES | {"patient": (3,)}, "neighbours have nothing in common"),
    (ex.q1, SHAPES | {"weather": 3}, "at its two ends"),
    (ex.q1, SHAPES | {"weather": (5,)}, "Give 3 where .* 200 where it covers all"),
    (ex.q1, SHAPES | {"heart": (3,)}, "1 number came.* 2 axes: moments, electrodes"),
    (ex.q1, SHAPES | {"patient": (3, 9)}, "2 numbers came.* one: findings"),
    (ex.q1, SHAPES | {"heart": (3, 12.5)}, "whole number"),
    (ex.q1, SHAPES | {"heart": [[3, 12]]}, "few numbers in brackets"),
    (ex.q1, SHAPES | {"heart": "3, 12"}, "a shape, whole numbers .* text came"),
    (ex.q1, SHAPES | {"heart": (0, 12)}, "at least 1"),
    (ex.q1, {"heart": (3, 12)}, "there is no entry"),
    (ex.q1, SHAPES | {"film": ...}, "still waits"),
    # convolution in one dimension
    (ex.q2, lambda x, k: ops.conv2d(x, k), "one more axis"),
    (ex.q2, lambda x, k: ops.conv2d(x[:, None], k), "one more axis"),
    (ex.q2, lambda x, k: ops.conv2d(x[:, None], k[None]), "the same place"),
    (ex.q2, lambda x, k: ops.conv2d(x[:, None], k[:, None]), r"still there.*\[:, 0\]"),
    (ex.q2, lying, r"still there. Take it away: \[0\]"),
    (ex.q2, lambda x, k: np.squeeze(lying(x, k)), "takes all axes of length 1"),
    (ex.q2, lambda x, k: lying(x, k, padding="same")[0], "at both ends"),
    (ex.q2, lambda x, k: lying(x, k[::-1])[0], "is turned round"),
    (ex.q2, lambda x, k: lying(x, k)[0].T, "are swapped"),
    (ex.q2, lambda x, k: lying(x, k, stride=(1, len(k)))[0], "side by side"),
    (ex.q2, lambda x, k: conv1d(x[:-1], k), "last place is missing"),
    (ex.q2, lambda x, k: conv1d(x[:, :1], k[:, :1]), "only the first channel"),
    (ex.q2, lambda x, k: conv1d(x, k)[:, :1], "only the first filter"),
    (ex.q2, lambda x, k: conv1d(x, k).mean(0), "is wanted"),
    (ex.q2, lambda x, k: conv1d(x, k).sum(1), "filters are added up"),
    (ex.q2, lambda x, k: conv1d(x, k) / len(k), "divide by the width"),
    (ex.q2, lambda x, k: ops.relu(conv1d(x, k)), "ReLU is another layer"),
    (ex.q2, lambda x, k: conv1d(x, k.sum(2, keepdims=True)), "is wanted|are wrong"),
    (ex.q2, scaled_in_place, "is changed"),
    (ex.q2, lambda x, k: conv1d(x, k).round(2), "is rounded"),
    (ex.q2, lambda x, k: np.convolve(x, k), "raised ValueError"),
    # liberties
    (ex.q3, alone, "only the stone itself"),
    (ex.q3, partial(alone, check=False), "only the stone itself|off the board"),
    (ex.q3, with_repeats, "counts twice"),
    (ex.q3, partial(liberties, near=2), "over the corners, too"),
    (ex.q3, partial(liberties, ends="meet"), "on at its other side"),
    (ex.q3, wrapping, "row −1 is the last"),
    (ex.q3, partial(liberties, joined=lambda s: s != 0), "both colours make one"),
    (ex.q3, partial(liberties, joined=lambda s: s == 1), "over black stones"),
    (ex.q3, lambda s, p: int(((s == 0) & grown(s == s[p])).sum()), "taken for one gro"),
    (ex.q3, lambda s, p: liberties(s, p) * int(s[p]), "colour gets into"),
    (ex.q3, lambda s, p: max(1, deep(s, p)), "no liberty left"),
    (ex.q3, lambda s, p: within(s, p, columns=range(len(s))), "as on a square board"),
    (
        ex.q3,
        lambda s, p: within(
            s, p, rows=range(1, len(s)), columns=range(1, s.shape[1])
        ),
        "row 0 and column 0",
    ),
    (
        ex.q3,
        lambda s, p: within(
            s, p, rows=range(len(s) - 1), columns=range(s.shape[1] - 1)
        ),
        "the last row and the last",
    ),
    (ex.q3, over_empty_points, "goes on from empty points"),
    (ex.q3, until_it_fails, "not its group. And the board goes on"),
    (ex.q3, lambda s, p: [deep(s, p)], "without brackets"),
    (ex.q3, lambda s, p: int((s == s[p]).sum()), "came; .* is wanted"),
    (ex.q3, lambda s, p: len(endless(s, p)), "never ends"),
    (ex.q3, lambda s, p: s[p[0] + 99, p[1]], "off the board is asked"),
    (ex.q3, lambda s, p: go.Board.of(s).liberty_counts[p], "wants a square"),
    (ex.q3, marking, "changes stones"),
    (ex.q3, lambda s, p: {p}, "what liberties returned should be"),
    (ex.q3, lambda s, p: s == 0, "is wanted"),
    # log-mels
    (ex.q4, windowed(np.ones), "sounds like a click"),
    (ex.q4, windowed(np.hanning), "np.hanning fades another way"),
    (ex.q4, windowed(np.hamming), "np.hamming fades"),
    (ex.q4, lambda s, f: log_mel(s, f, squared=1), "sizes of the Fourier"),
    (ex.q4, lambda s, f: log_mel(s, f, log=np.log10), "base 10"),
    (ex.q4, lambda s, f: 10 * log_mel(s, f, log=np.log10), "decibels"),
    (ex.q4, lambda s, f: np.log10(f @ abs(np.fft.rfft(s)) ** 2 + 1e-6), "10.*And fade"),
    (ex.q4, lambda s, f: 20 * log_mel(s, f, squared=1, log=np.log10), "20 · log10"),
    (ex.q4, lambda s, f: log_mel(s, f)[::-1], "upside down"),
    (ex.q4, lambda s, f: log_mel(s, f)[:, None], "of one column"),
    (ex.q4, lambda s, f: log_mel(s, f / f.shape[1]), "the mean over all"),
    (ex.q4, lambda s, f: log_mel(s, f, small=1e-9), "or too little"),
    (ex.q4, lambda s, f: log_mel(s, f, small=1), "1 is added"),
    (ex.q4, lambda s, f: log_mel(s, f, small=0), "nothing is added"),
    (ex.q4, lambda s, f: log_mel(s, f, log=lambda x: x), "Take the logarithm: an ear"),
    (ex.q4, lambda s, f: f @ log_mel(s, np.eye(f.shape[1])), "gathered into bands"),
    (ex.q4, lambda s, f: log_mel(s, np.eye(f.shape[1])), "one number for each freque"),
    (ex.q4, lambda s, f: log_mel(s, f > 0), "are triangles"),
    (ex.q4, lambda s, f: log_mel(s / len(s) ** 0.5, f), "divided by the number"),
    (ex.q4, of_all_frequencies, "np.fft.fft N"),
    (ex.q4, lambda s, f: np.abs(np.fft.rfft(s)) ** 2 @ f, "the matrix stands first"),
    (ex.q4, faded_in_place, "changes stretch"),
    (ex.q4, lambda s, f: np.fft.rfft(s), "complex"),
    (ex.q4, lambda s, f: log_mel(s, f)[None], "is wanted"),
    (ex.q4, lambda s, f: log_mel(s, f).max(), "came; .* is wanted"),
    # shuffles
    *(
        (ex.q5, SHUFFLES | {key: {"nothing": "hurts", "hurts": "nothing"}[word]}, said)
        for (key, word), said in zip(
            SHUFFLES.items(),
            (
                "all the same to it",
                "What edge should it find",
                "no neighbours to lose",
                "covers all rows",
                "columns are moments",
                "torn apart",
                "covers all columns",
                "as many of each",
                "one window of three words",
                "neighbours stay neighbours",
                "What is a group",
            ),
            strict=True,
        )
    ),
    (ex.q5, SHUFFLES | {"Go, rows": "much"}, 'choose one of "nothing", "hurts"'),
    (ex.q5, SHUFFLES | {"Go, rows": ...}, "still waits"),
    (ex.q5, "nothing", "a dictionary is wanted"),
    # eight symmetries
    (ex.q6, partial(ask_eight, back=lambda a, k: a), "are not turned back"),
    (ex.q6, partial(ask_eight, back=go.turned), "are turned on, not back"),
    (
        ex.q6,
        partial(quarters, undo=lambda a, t, m: np.rot90(np.fliplr(a) if m else a, t)),
        "are turned on, not back",
    ),
    (
        ex.q6,
        partial(
            quarters,
            undo=lambda a, t, m: (
                np.rot90(a, -t)[:, ::-1] if m else np.rot90(a, -t)
            ),
        ),
        "wrong order",
    ),
    (ex.q6, partial(quarters, undo=lambda a, t, m: np.rot90(a, -t)), "mirrored back"),
    (ex.q6, partial(quarters, undo=lambda a, t, m: np.fliplr(a) if m else a), "turned"),
    (
        ex.q6,
        lambda policy, x: np.mean(
            [
                np.rot90(policy(np.rot90(y, k)), -k)
                for y in (x, np.fliplr(x))
                for k in range(4)
            ],
            axis=0,
        ),
        "not mirrored back",
    ),
    (ex.q6, half_turned, "only the four turns"),
    (ex.q6, partial(ask_eight, ways=(0, 3, 5, 6)), "only the four turns"),
    (ex.q6, partial(ask_eight, ways=(0, 1, 2, 3)), "lies on its side"),
    (ex.q6, partial(ask_eight, ways=range(1, 8)), "as it is is left out"),
    (ex.q6, lambda policy, planes: policy(planes), "asked once"),
    (ex.q6, lambda policy, planes: 8 * ask_eight(policy, planes), "are added up"),
    (ex.q6, lambda policy, x: policy(go.symmetries(x).mean(0)), "boards are averaged"),
    (
        ex.q6,
        lambda policy, x: go.symmetries(policy(x)).mean(0),
        "always sees the same",
    ),
    (
        ex.q6,
        lambda policy, x: [go.back(policy(go.turned(x, k)), k) for k in range(8)],
        "one by one",
    ),
    (ex.q6, lambda policy, x: ask_eight(policy, x)[None], "is wanted"),
    (ex.q6, lambda policy, x: ask_eight(policy, x).argmax(), "is wanted"),
    (ex.q6, turned_in_place, "changes the planes"),
    (ex.q6, lambda policy, x: policy(np.rot90(x, axes=(1, 2))), "is wanted"),
    # sentences of one's own
    (ex.q7, made(lambda label, rng: 7), "a list of sentences"),
    (ex.q7, lambda n, seed: sentences(n, seed)[0], "should return two things"),
    (ex.q7, lambda n, seed: sentences(n, seed)[::-1], "a list of sentences, each"),
    (ex.q7, lambda n, seed: sentences(9, seed), "9 sentences; 1000 are wanted"),
    (ex.q7, lambda n, seed: (sentences(n, seed)[0], [0, 1]), "shape"),
    (ex.q7, lambda n, seed: (sentences(n, seed)[0], np.arange(n)), "0 or 1"),
    (ex.q7, made(plain, labelled=lambda n, rng: np.ones(n, int)), "100 % of the lab"),
    (ex.q7, made(lambda label, rng: "  "), "has no words"),
    (ex.q7, made(lambda label, rng: "a " * 50), "has 50 words; at most 40"),
    (ex.q7, forgetful, "gives other sentences each time"),
    (ex.q7, lambda n, seed: sentences(n, 3), "seed 0 and seed 1 give the same"),
    (ex.q7, made(lambda label, rng: "good not bad"), "comes with both labels"),
    (ex.q7, made(twins), "only 2 of 1000 sentences differ"),
    (ex.q7, made(lambda label, rng: f"{label} {rng.integers(300)}"), "are new"),
    (ex.q7, lambda n: n, "TypeError"),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_five_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 5


OTHER_RIGHT = [
    (ex.p1, np.array([19, 19, 192])),
    (ex.p2, 192 * (25 * 48 + 1)),
    (ex.p4, np.float32(49)),
    (ex.p5, "that it is a tone, but not which of the two."),
    (ex.p6, [18, 100]),
    (ex.p7, "C"),
    (ex.q1, SHAPES | {"patient": 9, "weather": [200.0]}),
    (ex.q1, {key: np.array(shape) for key, shape in SHAPES.items()}),
    (ex.q2, conv1d),
    (ex.q2, as_gray),
    (ex.q2, lambda x, k: lying(x, k)[0].tolist()),
    (ex.q2, lambda x, k: Tensor(np.float32(conv1d(x, k)))),
    (ex.q3, liberties),
    (ex.q3, within),
    (ex.q3, deep),
    (ex.q3, lambda stones, point: np.float32(deep(stones, point))),
    (ex.q3, lambda stones, point: deep(stones.tolist() and stones, point)),
    (ex.q4, log_mel),
    (ex.q4, lambda s, f: Tensor(np.float32(log_mel(s, f)))),
    (ex.q4, lambda s, f: np.log(f @ sounds.spectrogram(s, window=len(s))[:, 0] + 1e-6)),
    (ex.q5, {key: f" {word.upper()}." for key, word in SHUFFLES.items()}),
    (ex.q6, ask_eight),
    (ex.q6, by_swapping),
    (ex.q6, lambda policy, x: ask_eight(policy, x.astype(float)).tolist()),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (sentences, "A bag can't tell, and neighbours can"),
        (made(drawn), "A bag can't tell, and neighbours can"),
        (made(plain), r'words alone tell, "(good|bad)" most'),
        (made(two_of_four), "but which words are in the same sentence"),
        (made(far_apart), "nor can neighbours, but the order decides"),
        (negations, "nor can neighbours, but the order decides"),
        (made(hidden), "None of the four tells"),
        (made(drawn, labelled=lambda n, rng: rng.permutation(n) % 2), "neighbours can"),
    ],
)  # fmt: skip
def test_sentences_are_described(write, said):
    verdict = ex.q7.judge(write)
    assert verdict.state == "described"
    assert re.search(said, verdict.message)


# -- what is said is true --------------------------------------------------------------


def test_the_arithmetic_of_alphago():
    planes, filters, points = 48, 192, 19 * 19
    side = ops.output_size(19, 5, padding=2)
    assert ex.p1.answer == [side, side, filters]
    first = filters * (5 * 5 * planes + 1)
    later = filters * (3 * 3 * filters + 1)
    last = filters + points
    assert ex.p2.answer == first
    for number in (first, later, last):
        assert f"{number:,}" in ex.p2.why
    assert first + 11 * later + last == 3_882_793  # what networks.beyond says of it


def test_a_dense_network_of_equal_size_is_narrow():
    weights, points = 19 * 19 * 14, 19 * 19
    assert ex.p3.answer == weights
    assert 5 * 5 * 14 == 350
    units = (100_000 - points) / (weights + 1 + points)
    assert int(units) == 18


def test_how_many_columns_a_second_has():
    wave = np.zeros(8000)
    rows, columns = sounds.spectrogram(wave, window=256, hop=160).shape
    assert ex.p4.answer == columns
    assert (rows - 1) * 31.25 == 4000
    slips = dict(ex.p4.slips)
    assert rows in slips
    assert len(range(0, 8000 - 256, 160)) == columns
    assert len(range(8000 - 256 + 1)) in slips


def test_an_average_does_not_tell_two_tones_apart():
    low, high = (sounds.spectrogram(sounds.tone(f)) for f in (1000, 2000))
    assert high.argmax(0)[9] - low.argmax(0)[9] == 32
    filters = np.random.default_rng(0).normal(size=(3, 3, 1, 8))
    means = [
        ops.relu(ops.conv2d(power[..., None], filters)).mean((0, 1))
        for power in (low, high)
    ]
    assert np.allclose(*means, rtol=1e-4)
    rows = [
        ops.relu(ops.conv2d(power[..., None], filters)).mean(1) for power in (low, high)
    ]
    assert not np.allclose(*rows, rtol=0.1)


def test_what_comes_of_a_sentence():
    rng = np.random.default_rng(0)
    sentence, filters = rng.normal(size=(20, 64)), rng.normal(size=(3, 64, 100))
    found = solved(ex.q2)(sentence, filters)
    assert [*found.shape] == ex.p6.answer
    swapped = found[rng.permutation(len(found))]
    assert (swapped.max(0) == found.max(0)).all()
    assert not (swapped.argmax(0) == found.argmax(0)).all()


def test_liberties_are_those_of_the_board():
    rng = np.random.default_rng(0)
    count = solved(ex.q3)
    for side in (2, 5, 9, 19):
        board = go.Board(side)
        colour = go.BLACK
        for _ in range(side * side):
            where = np.argwhere(board.legal(colour))
            if not len(where):
                break
            board = board.play(tuple(map(int, rng.choice(where))), colour)
            colour = -colour
        stones = [tuple(map(int, place)) for place in np.argwhere(board.stones)]
        assert stones
        for place in stones:
            assert count(board.stones, place) == board.liberty_counts[place]


@pytest.mark.parametrize("frequency", [440, 1000, 3100])
def test_a_column_is_one_of_the_spectrogram(frequency):
    wave = sounds.tone(frequency)
    column = solved(ex.q4)(wave[160 * 20 :][:256], sounds.mel_filters(40, 256))
    assert np.allclose(column, sounds.log_mel(wave)[:, 20], atol=1e-3)
    silence = solved(ex.q4)(np.zeros(256), sounds.mel_filters(40, 256))
    assert np.allclose(silence, -13.8, atol=0.02)  # as said when all is right


def test_an_octave_is_more_bands_the_higher_it_lies():
    found = [
        solved(ex.q4)(sounds.tone(f)[:256], sounds.mel_filters()).argmax()
        for f in (250, 500, 1000, 2000)
    ]
    assert np.diff(found).tolist() == [5, 8, 11]


def test_averaged_answers_turn_with_the_board():
    policy, planes = ex.q6.cases()[3]
    for k in range(8):
        once = solved(ex.q6)(policy, go.turned(planes, k))
        assert np.allclose(go.back(once, k), solved(ex.q6)(policy, planes))
        if k:
            plain = go.back(policy(go.turned(planes, k)), k)
            assert not np.allclose(plain, policy(planes))


def shuffles():
    """Along an axis that a filter covers, its weights can be shuffled, too."""
    rng = np.random.default_rng(0)
    power, order = rng.normal(size=(8, 9, 1)), rng.permutation(8)
    moments = rng.permutation(9)
    in_time, in_frequency = rng.normal(size=(8, 3, 1, 4)), rng.normal(size=(3, 9, 1, 4))
    wide, lone = rng.normal(size=(3, 3, 1, 4)), rng.normal(size=(1, 1, 1, 4))
    dense = rng.normal(size=(8, 9, 1))
    board = rng.normal(size=(7, 7, 1))
    return {
        "dense, pixels": np.allclose(
            (power[order][:, moments] * dense[order][:, moments]).sum(),
            (power * dense).sum(),
        ),
        "1 x 1, pixels": np.allclose(
            ops.relu(ops.conv2d(power[order], lone)).mean((0, 1)),
            ops.relu(ops.conv2d(power, lone)).mean((0, 1)),
        ),
        "slides in time, rows": np.allclose(
            ops.conv2d(power[order], in_time[order]), ops.conv2d(power, in_time)
        ),
        "slides in frequency, columns": np.allclose(
            ops.conv2d(power[:, moments], in_frequency[:, moments]),
            ops.conv2d(power, in_frequency),
        ),
        "Go, turned": np.allclose(
            ops.conv2d(np.rot90(board), np.rot90(wide)),
            np.rot90(ops.conv2d(board, wide)),
        ),
    }


def test_what_does_not_hurt_does_not():
    found = shuffles()
    assert all(found.values())
    found["bag of words, words"] = texts.shuffled  # a bag has no order
    assert {key for key, word in SHUFFLES.items() if word == "nothing"} == set(found)


def test_to_slide_and_to_cover_all_are_two_answers():
    """But for colours, of which there are as many as a filter is wide."""
    for key, axes in ex._SIGNALS.items():
        assert SHAPES[key] == tuple(axis.wanted for axis in axes)
        for axis in axes:
            assert axis.size > 3 or axis.name == "colours"


def test_shuffled_sentences_tell_nothing():
    def shuffled(label, rng):
        return f"number{rng.integers(10**6)} {texts.shuffled(drawn(label, rng), rng)}"

    assert "None of the four tells" in ex.q7.judge(made(shuffled)).message


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(exercise, capsys):
    odd = [
        lambda *given: np.full(3, 1j),
        lambda n, seed: (["a"] * n, [0.5] * n),
        lambda n, seed: ([""] * n, [0] * n),
        lambda n, seed: ({}, {}),
        lambda n, seed: (np.array(["a", "b"] * (n // 2)), np.array([0, 1] * (n // 2))),
        SHAPES | {"heart": 1j},
        SHAPES | {"heart": [10**400, 12]},
        SHUFFLES | {"Go, rows": 1j},
    ]
    judged.hears_something(exercise, [*GARBAGE, *odd], capsys)


@pytest.mark.parametrize("exercise", [*FUNCTIONS, ex.q7], ids=lambda one: one.name)
@pytest.mark.filterwarnings("error")
def test_an_async_function_hears_so(exercise):
    async def written(*given):
        return given[0]

    assert "is written with async def" in exercise.judge(written).message


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
