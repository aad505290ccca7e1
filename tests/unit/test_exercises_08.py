import itertools

import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import ops
from helpers.exercises import lesson_08 as ex

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5, ex.p6, ex.p7]
FUNCTIONS = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5]
EXERCISES = [*FUNCTIONS, ex.q6, ex.q7]
ALL = [*QUESTIONS, *EXERCISES, ex.q8]
REASONS = dict(ex.q6.truth)
STYLE = dict(ex.q7.truth)


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


class Tensor:
    """What comes back from another library: it has numbers, and is no array."""

    def __init__(self, numbers):
        self._numbers = np.asarray(numbers)

    def __array__(self, dtype=None, copy=None):
        return np.array(self._numbers, dtype)


def frozen(numbers):
    """Return numbers that can't be written to."""
    numbers = np.array(numbers)
    numbers.flags.writeable = False
    return numbers


# -- the exercises, written another way, with slips to choose --------------------------


def gram(maps, *, divided=lambda maps: maps.shape[0] * maps.shape[1]):
    channels = maps.shape[-1]
    found = np.zeros((channels, channels))
    for i in range(channels):
        for j in range(channels):
            found[i, j] = (maps[..., i] * maps[..., j]).sum() / divided(maps)
    return found


def step(picture, gradient, rate, *, small=1e-8):
    length = np.linalg.norm(gradient) / gradient.size**0.5
    raised = np.asarray(picture, float) + gradient * (rate / (length + small))
    return np.minimum(np.maximum(raised, 0), 255)


def unclipped(picture, gradient, rate, *, by=lambda g: np.sqrt(np.mean(g**2)) + 1e-8):
    return picture + rate * gradient / by(gradient)


def divided_by(by):
    return lambda *given: unclipped(*given, by=by).clip(0, 255)


def filled(picture, gradient, rate):
    picture = picture.copy()
    picture += rate * gradient / (np.sqrt(np.mean(gradient**2)) + 1e-8)
    return picture.clip(0, 255)


def in_place(picture, gradient, rate):
    picture[...] = step(picture, gradient, rate)
    return picture


def rms(gradient):
    return np.sqrt(np.mean(gradient**2))


def dividing_in_place(picture, gradient, rate):
    gradient /= rms(gradient) + 1e-8
    return np.clip(picture + rate * gradient, 0, 255)


def by_masks(x, gradient, strength):
    """Three kinds of slopes, one by one."""
    found = np.array(x, float)
    found[gradient > 0] += strength
    found[gradient < 0] -= strength
    return found.clip(0, 255)


def wrapping(x, gradient, strength):
    found = x.copy()
    found[gradient > 0] += strength
    found[gradient < 0] -= strength
    return found.clip(0, 255)


def signs_in_place(x, gradient, strength):
    gradient[gradient > 0] = 1
    gradient[gradient < 0] = -1
    return np.clip(x + strength * gradient, 0, 255)


def cut_then_added(x, gradient, strength):
    change = (int(strength) * np.sign(gradient)).astype(x.dtype)
    return np.clip(x + change, 0, 255)


def occlusion(
    x,
    score,
    size,
    step,
    cover,
    *,
    middle=lambda k, step: k * step + step // 2,
    copy=lambda x: x.astype(float),
    rim=True,
    sign=1,
):
    """Masks in place of slices: every pixel is asked how far off the middle it is."""
    places = [range(-(-n // step)) for n in x.shape[:2]]
    before = score(x)
    found = []
    for i in places[0]:
        row = []
        for j in places[1]:
            inside = []
            for k, n in ((i, x.shape[0]), (j, x.shape[1])):
                first = middle(k, step) - size // 2
                pixels = np.arange(n)
                covers = (pixels >= first) & (pixels < first + size)
                inside.append(covers if rim or first >= 0 else covers & False)
            picture = copy(x)
            picture[np.outer(*inside)] = cover
            row.append(sign * (before - score(picture)))
        found.append(row)
    return found


def moved_in(first, size, side):
    first = min(max(first, 0), side - size)
    return first, first + size


def begin(place, size, step):
    return place * step + step // 2 - size // 2


def sliced(
    *,
    ends=lambda first, size, side: (max(first, 0), first + size),
    places=lambda side, size, step: -(-side // step),
    channels=slice(None),
    fall=lambda before, after: before - after,
):
    """Return an occlusion of slices, with a slip."""

    def found(x, score, size, step, cover):
        rows, columns = (places(side, size, step) for side in x.shape[:2])
        falls = np.zeros((rows, columns))
        for i, j in np.ndindex(rows, columns):
            covered = x.astype(float)
            top, bottom = ends(begin(i, size, step), size, x.shape[0])
            left, right = ends(begin(j, size, step), size, x.shape[1])
            covered[top:bottom, left:right, channels] = cover
            falls[i, j] = fall(score(x), score(covered))
        return falls

    return found


def covering_x_itself(x, score, size, step, cover):
    return occlusion(x, score, size, step, cover, copy=lambda x: x)


def piling(x, score, size, step, cover):
    one = x.astype(float)
    return occlusion(x, score, size, step, cover, copy=lambda x: one)


def cosines(maps):
    lengths = np.linalg.norm(flat(maps), axis=0)
    return flat(maps).T @ flat(maps) / np.outer(lengths, lengths)


def bytes_of(labels):
    return labels[:, None, None].astype(np.uint8)


def grad_cam(maps, slopes, *, bend=lambda total: np.where(total > 0, total, 0)):
    total = 0
    for k in range(maps.shape[-1]):
        total = total + slopes[..., k].mean() * maps[..., k]
    return bend(total)


# --------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.name)
def test_the_solution_is_correct(exercise):
    assert exercise.judge(solved(exercise)).state == "correct"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"


STUBS = {
    **{question.name: [..., None] for question in QUESTIONS},
    "q1": [..., lambda maps: ..., lambda maps: None],
    "q2": [..., lambda picture, gradient, rate: ...],
    "q3": [..., lambda x, gradient, strength: ..., lambda *given: None],
    "q4": [..., lambda x, score, size, step, cover: ...],
    "q5": [..., lambda maps, slopes: ...],
    "q6": [..., dict.fromkeys(REASONS, ...)],
    "q7": [..., dict.fromkeys(STYLE, ...)],
    "q8": [..., lambda images, labels: ...],
}


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


def flat(maps):
    return maps.reshape(-1, maps.shape[-1])


def cut(maps):
    return maps.reshape(maps.shape[-1], -1)


WRONG = [
    # weights of a filter
    (ex.p1, 9, "one colour"),
    (ex.p1, 28, "with the bias"),
    (ex.p1, 1728, "64 filters"),
    (ex.p1, 363, "AlexNet"),
    (ex.p1, 12, "how many colours"),
    # a degree of activation
    (ex.p2, 3, "before ReLU"),
    (ex.p2, 19, "without the signs"),
    (ex.p2, 5, "the largest"),
    (ex.p2, 11 / 9, "the mean"),
    (ex.p2, 4, "How strongly"),
    (ex.p2, 10, "each of the nine"),
    # noise
    (ex.p3, "a", "All 49,152 move"),
    (ex.p3, "c", "one would hope"),
    (ex.p3, "d", 'choose one of "a", "b" and "c"'),
    (ex.p3, 1, "choose one"),
    (ex.p3, "noise", "choose one"),
    # a strength
    (ex.p4, 258, "end at 255"),
    (ex.p4, 242, "goes up"),
    (ex.p4, 250 + 8 * 0.0003, "not by the slope"),
    (ex.p4, 250, "However flat"),
    (ex.p4, 5, "Where does it end"),
    (ex.p4, 254, "size of the slope"),
    # a saturated softmax
    (ex.p5, "a", "still grow"),
    (ex.p5, "c", "chain rule"),
    (ex.p5, "none", "choose one"),
    (ex.p5, 0, "choose one"),
    (ex.p5, ["b", "c"], "choose one"),
    # a Gram matrix of moved maps
    (ex.p6, "a", "are maps, not places"),
    (ex.p6, "c", "move together"),
    (ex.p6, "its", "choose one"),
    (ex.p6, 5, "choose one"),
    (ex.p6, "d", "choose one"),
    # a linear classifier on features
    (ex.p7, 2560, "a bias, too"),
    (ex.p7, 512, "weights of one class"),
    (ex.p7, 517, "are multiplied"),
    (ex.p7, 512 * 5 + 512, "not to the 512 features"),
    (ex.p7, 14_714_688, "They stay as they are"),
    (ex.p7, 2564, "does one class need"),
    # the Gram matrix
    (ex.q1, lambda maps: flat(maps).T @ flat(maps), r"not divided .* H · W"),
    (ex.q1, lambda maps: flat(maps).T @ flat(maps) / maps.size, "all numbers"),
    (ex.q1, lambda maps: gram(maps, divided=len), "by H alone"),
    (ex.q1, lambda maps: gram(maps, divided=lambda m: m.shape[1]), "by W alone"),
    (ex.q1, lambda maps: gram(maps, divided=lambda m: m.shape[2]), "by C alone"),
    (ex.q1, lambda maps: cut(maps) @ cut(maps).T / maps[..., 0].size, "cuts through"),
    (ex.q1, lambda maps: cut(maps) @ cut(maps).T, "cuts through .* divide"),
    (ex.q1, lambda maps: gram(np.moveaxis(maps, 2, 0).reshape(maps.shape)), "cuts thr"),
    (ex.q1, lambda maps: flat(maps) @ flat(maps).T, "places are multiplied"),
    (ex.q1, lambda maps: gram(maps, divided=lambda m: len(flat(m)) ** 2), "twice"),
    (ex.q1, lambda maps: np.outer(*[maps.mean((0, 1))] * 2), "of whole maps"),
    (ex.q1, lambda maps: np.outer(*[maps.sum((0, 1))] * 2), "of whole maps"),
    (ex.q1, lambda maps: np.outer(*[flat(maps).sum(0)] * 2) / len(flat(maps)), "whole"),
    (ex.q1, cosines, "those are cosines"),
    (ex.q1, lambda maps: np.cov(flat(maps), rowvar=False), "covariance"),
    (ex.q1, lambda maps: (maps * maps).mean(axis=(0, 1)), "itself alone"),
    (ex.q1, lambda maps: np.triu(gram(maps)), "half is missing:"),
    (ex.q1, lambda maps: np.tril(gram(maps)), "half is missing:"),
    (ex.q1, lambda maps: np.tril(gram(maps), -1), "half is missing, and the diagonal"),
    (ex.q1, lambda maps: gram(maps) * ~np.eye(maps.shape[-1], dtype=bool), "itself, t"),
    (ex.q1, lambda maps: np.sqrt(np.abs(gram(maps))), "numbers are wrong"),
    (ex.q1, lambda maps: gram(maps)[None], r"shape \(1, 2, 2\) came"),
    (ex.q1, lambda maps: gram(maps).round(2), "is rounded"),
    (ex.q1, lambda maps: maps.fill(2) or gram(maps), "what is given is changed"),
    (ex.q1, lambda maps: maps.T @ maps, "raised ValueError"),
    # a step uphill
    (ex.q2, lambda p, g, rate: step(p, -g, rate), "goes downhill"),
    (ex.q2, lambda p, g, rate: (p + rate * g).clip(0, 255), "not divided"),
    (ex.q2, divided_by(lambda g: abs(g).max() + 1e-8), "the largest slope"),
    (ex.q2, divided_by(lambda g: np.linalg.norm(g) + 1e-8), "sum of the squares"),
    (ex.q2, divided_by(lambda g: abs(g).mean() + 1e-8), "absolute slopes"),
    (ex.q2, divided_by(lambda g: (g**2).mean() + 1e-8), "Take its root"),
    (ex.q2, divided_by(lambda g: g.std() + 1e-8), "standard deviation"),
    (
        ex.q2,
        divided_by(lambda g: np.sqrt((g**2).mean((0, 1))) + 1e-8),
        "channel|shape",
    ),
    (ex.q2, lambda p, g, rate: (p + rate * np.sign(g)).clip(0, 255), "the sign of"),
    (ex.q2, lambda p, g, rate: step(p, g, 1), "the rate is left out"),
    (ex.q2, lambda p, g, rate: np.clip(p + g, 0, 255), "is added as it is"),
    (ex.q2, divided_by(lambda g: np.mean(g) + 1e-8), "and − cancel"),
    (ex.q2, divided_by(lambda g: np.sqrt(g.mean() ** 2) + 1e-8), "and − cancel"),
    (ex.q2, lambda p, g, rate: p + step(0, g, rate), "you clip the change"),
    (ex.q2, divided_by(lambda g: 1 / np.sqrt((g**2).mean())), "you multiply by the r"),
    (ex.q2, unclipped, "below 0 or above 255"),
    (ex.q2, lambda *given: unclipped(*given).clip(0), "above 255 come out.* both ends"),
    (ex.q2, lambda *given: np.minimum(unclipped(*given), 255), "below 0 come out"),
    (ex.q2, lambda *given: unclipped(*given).clip(0, 1), r"clip to 0 … 1\."),
    (ex.q2, lambda p, g, rate: unclipped(0, g, rate), "change alone"),
    (ex.q2, lambda *given: step(*given).astype(np.uint8), "fractions are lost"),
    (ex.q2, lambda p, g, rate: step(0 * p, g, rate), "change alone"),
    (ex.q2, lambda p, g, rate: 1 * p, "comes back as it was"),
    (ex.q2, lambda *given: unclipped(*given).astype(np.uint8), "uint8 holds neither"),
    (ex.q2, divided_by(rms), r"zeros and .* 0 / 0 is not .*\(NaN\). Add the small"),
    (ex.q2, lambda *given: unclipped(*given, by=rms), r"Add the small .* And clip"),
    (ex.q2, lambda *given: np.nan_to_num(divided_by(rms)(*given)), "black comes back"),
    (ex.q2, divided_by(lambda g: np.sqrt(g).mean()), r"step returned .*\(NaN\)"),
    (ex.q2, in_place, "changes the picture that"),
    (ex.q2, dividing_in_place, r"changes the gradient .* gradient = gradient …"),
    (ex.q2, filled, "of whole numbers can't take fractions in"),
    (ex.q2, lambda p, g: p, "TypeError"),
    # the fast gradient sign
    (ex.q3, lambda x, g, s: by_masks(x, -g, s), "would be surer"),
    (ex.q3, lambda x, g, s: (x + s * g).clip(0, 255), "slopes themselves"),
    (
        ex.q3,
        lambda x, g, s: (x + s * g / abs(g).max()).clip(0, 255),
        "smaller or larger, all alike",
    ),
    (ex.q3, lambda x, g, s: by_masks(x, g, int(s)), "loses its fraction"),
    (ex.q3, lambda x, g, s: (x + s * np.sign(g)).astype(np.uint8), "uint8 holds neit"),
    (ex.q3, lambda x, g, s: step(x, g, s), "as in exercise 2"),
    (
        ex.q3,
        lambda x, g, s: (x + np.where(g >= 0, s, -s)).clip(0, 255),
        "slope is 0, you add",
    ),
    (
        ex.q3,
        lambda x, g, s: (x + np.where(g > 0, s, -s)).clip(0, 255),
        "slope is 0, you subtract",
    ),
    (ex.q3, lambda x, g, s: (x + s * (g > 0)).clip(0, 255), "nothing changes"),
    (ex.q3, lambda x, g, s: x + s * np.sign(g), "below 0 or above 255"),
    (
        ex.q3,
        lambda x, g, s: np.minimum(x + s * np.sign(g), 255),
        "below 0 come out",
    ),
    (ex.q3, lambda x, g, s: np.maximum(x + s * np.sign(g), 0), "above 255 come out"),
    (ex.q3, lambda x, g, s: s * np.sign(g), "the change alone"),
    (ex.q3, lambda x, g, s: by_masks(0 * x, g, s), "the change alone"),
    (ex.q3, lambda x, g, s: np.sign(g), "the signs alone"),
    (ex.q3, lambda x, g, s: x.astype(float), "comes back as it was"),
    (ex.q3, lambda x, g, s: by_masks(x, g, 1), "the strength is left out"),
    (ex.q3, lambda x, g, s: (x + s * g / abs(g)).clip(0, 255), "0 / 0 is not .*NaN"),
    (
        ex.q3,
        lambda x, g, s: np.nan_to_num((x + s * g / abs(g)).clip(0, 255)),
        "black comes out",
    ),
    (ex.q3, signs_in_place, "changes gradient itself"),
    (ex.q3, lambda x, g, s: by_masks(x, g, s / 255), "divided by 255"),
    (ex.q3, wrapping, "the numbers wrap"),
    (ex.q3, cut_then_added, "the numbers wrap"),
    (ex.q3, lambda x, g, s: np.floor(by_masks(x, g, s)), "fractions are lost"),
    (ex.q3, lambda x, g, s: by_masks(x, g, s).astype(x.dtype), "fractions are lost"),
    (ex.q3, lambda x, g, s: by_masks(x, g, s).clip(0, 1), r"clip to 0 … 1\."),
    (ex.q3, lambda x, g, s: by_masks(x, g, s)[..., :1], "is wanted"),
    (ex.q3, lambda x, g, s: by_masks(x, g, s) if x.dtype == float else None, "return"),
    # occlusion
    (ex.q4, lambda *given: occlusion(*given, sign=-1), "the other way round"),
    (ex.q4, lambda *given: np.abs(occlusion(*given)), "signs are lost"),
    (
        ex.q4,
        lambda x, score, *more: score(x) - np.array(occlusion(x, score, *more)),
        "scores themselves",
    ),
    (
        ex.q4,
        lambda x, score, *more: np.array(occlusion(x, score, *more)) / score(x),
        "divide by the score",
    ),
    (ex.q4, covering_x_itself, "changes x itself"),
    (ex.q4, piling, "pile up"),
    (ex.q4, lambda *given: occlusion(*given, copy=np.copy), "cuts off the fractions"),
    (ex.q4, lambda *given: occlusion(*given, rim=False), "covers nothing"),
    (
        ex.q4,
        lambda *given: occlusion(*given, middle=lambda k, step: k * step),
        "middles stand at 0, step",
    ),
    (
        ex.q4,
        lambda x, score, size, step, cover: occlusion(
            x, score, size, step, cover, middle=lambda k, step: k * step + size // 2
        ),
        "begin every `step` pixels",
    ),
    (
        ex.q4,
        sliced(ends=lambda first, size, side: (max(first, 0), max(first, 0) + size)),
        "is moved inside",
    ),
    (ex.q4, sliced(ends=moved_in), "is moved inside"),
    (
        ex.q4,
        sliced(ends=lambda a, size, side: (a, a + (0 <= a <= side - size) * size)),
        "over the rim covers nothing",
    ),
    (
        ex.q4,
        sliced(ends=lambda a, size, side: (max(a, 0), a + size // 2 + size // 2)),
        r"is odd, the patch lacks .* size // 2\.\n",
    ),
    (
        ex.q4,
        sliced(ends=lambda a, size, side: (a, a + size // 2 + size // 2)),
        r"is odd, .* And begin at max\(first, 0\)",
    ),
    (
        ex.q4,
        sliced(ends=lambda a, size, side: (max(a, 0), a + size // 2 + size // 2 + 1)),
        "is even, the patch has",
    ),
    (ex.q4, sliced(fall=lambda a, b: max(a - b, 0)), "helps, you have 0"),
    (ex.q4, sliced(channels=0), "only the first channel"),
    (ex.q4, sliced(places=lambda n, size, step: n // step), "round H / step down"),
    (
        ex.q4,
        sliced(places=lambda n, size, step: (n - size) // step + 1),
        "all patches had to fit",
    ),
    (ex.q4, lambda x, f, size, step, c: occlusion(x, f, size, step, 0), "black"),
    (ex.q4, lambda x, f, size, step, c: occlusion(x, f, step, step, c), "`step` pix"),
    (ex.q4, lambda x, f, size, step, c: occlusion(x, f, size, size, c), "`size` pix"),
    (ex.q4, lambda *given: np.transpose(occlusion(*given)), "are swapped"),
    (ex.q4, lambda *given: np.ravel(occlusion(*given)), r"shape \(6,\) came"),
    (ex.q4, lambda x, score, *more: score(x), "is wanted"),
    # Grad-CAM
    (ex.q5, lambda *given: grad_cam(*given, bend=lambda total: total), "ReLU is miss"),
    (ex.q5, lambda *given: grad_cam(*given, bend=abs), "signs are lost at the end"),
    (ex.q5, lambda m, s: ops.relu(m @ ops.relu(s.mean((0, 1)))), "are left out"),
    (
        ex.q5,
        lambda m, s: np.maximum(m * s.mean((0, 1)), 0).sum(-1),
        "add up first",
    ),
    (ex.q5, lambda m, s: grad_cam(ops.relu(m), s), "in the maps become 0"),
    (ex.q5, lambda m, s: ops.relu((m * s.mean(0)).sum(-1)), "over axis 0 alone"),
    (ex.q5, lambda m, s: (m * s.mean(1)[:, None]).sum(-1), "over axis 1 .* is missing"),
    (ex.q5, lambda m, s: ops.relu(m @ ops.relu(s).mean((0, 1))), "slopes are left out"),
    (ex.q5, lambda m, s: m @ np.maximum(s, 0).mean((0, 1)), "left out .* is missing"),
    (ex.q5, lambda m, s: ops.relu(m @ abs(s).mean((0, 1))), "slopes have lost their"),
    (ex.q5, lambda m, s: ops.relu(m @ abs(s.mean((0, 1)))), "weights have lost"),
    (ex.q5, lambda m, s: ops.relu((m * s.sum((0, 1))).sum(-1)), "are sums of slopes"),
    (ex.q5, lambda m, s: m @ s.sum((0, 1)), "are sums of .* ReLU is missing"),
    (ex.q5, lambda m, s: (m * s.mean((0, 1))).mean(-1), "Add them up. And ReLU is m"),
    (ex.q5, lambda m, s: ops.relu((m * s).sum(-1)), "a slope of its own"),
    (ex.q5, lambda m, s: ops.relu((m * s.max((0, 1))).sum(-1)), "largest slopes"),
    (ex.q5, lambda m, s: ops.relu((m * s.mean((0, 1))).mean(-1)), "Add them up"),
    (ex.q5, lambda m, s: grad_cam(s, m), "are swapped"),
    (ex.q5, lambda m, s: grad_cam(m, s) / grad_cam(m, s).max(), "largest number"),
    (ex.q5, lambda m, s: s.mean((0, 1)), "those are the weights"),
    (ex.q5, lambda m, s: m.sum(-1), "without weights"),
    (ex.q5, lambda m, s: m * s.mean((0, 1)), "not added up"),
    (ex.q5, lambda m, s: ops.relu(m.mean(-1) * s.mean(-1)), "wrong"),
    (ex.q5, lambda m, s: grad_cam(m, s)[None], "is wanted"),
    # who cheats
    (ex.q6, REASONS | {"who cheats": "A"}, "its map lies on the digit"),
    (ex.q6, REASONS | {"who cheats": "C"}, "its map lies on the digit"),
    (ex.q6, REASONS | {"what proves it": "same"}, "always tells the truth"),
    (ex.q6, REASONS | {"what proves it": "sure"}, "never misled it"),
    (ex.q6, REASONS | {"what mends it": "longer"}, "the corner still tells all"),
    (ex.q6, REASONS | {"what mends it": "larger"}, "finds the corner as well"),
    (ex.q6, REASONS | {"who cheats": "D"}, 'choose one of "A", "B", "C"'),
    (ex.q6, REASONS | {"who cheats": 2}, "choose one"),
    (ex.q6, {"who cheats": "B"}, "there is no entry"),
    (ex.q6, REASONS | {"what mends it": ...}, "still waits"),
    (ex.q6, "B", "a dictionary is wanted"),
    # layers for a style
    (ex.q7, STYLE | {"grain of 3 pixels": "block3_conv1"}, "24 × 24"),
    (ex.q7, STYLE | {"swirls of 50 pixels": "block3_conv1"}, "does not fit"),
    (ex.q7, STYLE | {"swirls of 50 pixels": "block5_conv1"}, "An earlier layer"),
    (
        ex.q7,
        STYLE | {"where things stand": "Gram matrix of block4_conv2"},
        "forgets which was where",
    ),
    (
        ex.q7,
        STYLE | {"where things stand": "maps of block1_conv1"},
        "hold every pixel fast",
    ),
    (ex.q7, STYLE | {"where things stand": "block4_conv2"}, "choose one"),
    (ex.q7, STYLE | {"numbers in the Gram matrix": 256}, "each pair of maps"),
    (ex.q7, STYLE | {"numbers in the Gram matrix": 32_896}, "both halves"),
    (ex.q7, STYLE | {"different numbers": 32_768}, "stand there once"),
    (ex.q7, STYLE | {"different numbers": 32_640}, "map with itself"),
    (ex.q7, STYLE | {"different numbers": 256 * 255}, "stand there twice, and"),
    (ex.q7, STYLE | {"numbers for a larger painting": 256}, "pair of maps"),
    (ex.q7, STYLE | {"numbers for a larger painting": 32_896}, "both halves"),
    (ex.q7, STYLE | {"numbers for a larger painting": 262_144}, "does not matter"),
    (ex.q7, STYLE | {"different numbers": 1234.5}, "it is not 1,234.5"),
    (ex.q7, STYLE | {"different numbers": -1}, "it is not −1"),
    (ex.q7, STYLE | {"different numbers": 32_896.0001}, r"it is not 32,896\.0001"),
    (ex.q7, STYLE | {"different numbers": "many"}, "is text"),
    # a shortcut
    (ex.q8, lambda images, labels: images, "no pixel differs"),
    (ex.q8, lambda images, labels: images.astype(float) + 300, "300 to 555"),
    (ex.q8, lambda images, labels: images.fill(7) or images, "changes the images"),
    (ex.q8, lambda images, labels: labels.fill(7) or images + 1, "changes the labels"),
    (ex.q8, lambda images, labels: images[:, 1:], "is wanted"),
    (ex.q8, lambda images, labels: np.zeros((*images.shape, 0)), r"28, 0\); .* wanted"),
    (ex.q8, lambda images, labels: images / 255, "go from 0 to 1. Leave"),
    (ex.q8, lambda images, labels: images > 99, "go from 0 to 1. Leave"),
    (ex.q8, lambda images, labels: images + bytes_of(labels), "the numbers wrap"),
    (ex.q8, lambda images, labels: images - bytes_of(labels), "the numbers wrap"),
    (ex.q8, lambda images, labels: labels, "is wanted"),
    (ex.q8, lambda images: images, "TypeError"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_five_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 5


OTHER_RIGHT = [
    (ex.p1, np.array([27])),
    (ex.p3, "B"),
    (ex.p6, "it stays as it is."),
    (ex.p7, (512 + 1) * 5),
    (ex.q1, gram),
    (ex.q1, lambda maps: np.einsum("hwi,hwj->ij", maps, maps) / maps[..., 0].size),
    (
        ex.q1,
        lambda maps: np.tensordot(maps, maps, ((0, 1), (0, 1))) / flat(maps).shape[0],
    ),
    (ex.q1, lambda maps: Tensor(gram(maps.astype(np.float32)).astype(np.float32))),
    (ex.q1, lambda maps: frozen(gram(maps)).tolist()),
    (ex.q2, step),
    (ex.q2, lambda *given: step(*given, small=1e-6)),
    (ex.q2, lambda *given: Tensor(np.float32(step(*given)))),
    (ex.q2, lambda *given: frozen(step(*given))),
    (ex.q3, by_masks),
    (ex.q3, lambda x, g, s: (x.tolist() + s * np.sign(g)).clip(0, 255).tolist()),
    (ex.q3, lambda x, g, s: Tensor(np.float32(by_masks(x, g, s)))),
    (ex.q4, occlusion),
    (ex.q4, lambda *given: Tensor(np.float32(occlusion(*given)))),
    (ex.q4, lambda x, *more: occlusion(np.float32(x), *more)),
    (ex.q5, grad_cam),
    (ex.q5, lambda m, s: ops.relu(m @ s.mean((0, 1)))),
    (ex.q5, lambda m, s: Tensor(np.float32(grad_cam(m, s)))),
    (ex.q6, REASONS | {"who cheats": "b", "what mends it": "Other pictures."}),
    (ex.q7, STYLE | {"swirls of 50 pixels": "Block4 conv1"}),
    (ex.q7, STYLE | {"different numbers": np.float32(32_896)}),
    (ex.q7, STYLE | {"numbers in the Gram matrix": 65_536.000000001}),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


# -- what is said is true --------------------------------------------------------------


def test_a_map_without_its_places_has_the_same_gram_matrix():
    maps = np.random.default_rng(0).normal(size=(4, 6, 3))
    assert np.allclose(gram(np.roll(maps, 5, axis=1)), gram(maps))
    assert np.allclose(gram(maps[::-1, ::-1]), gram(maps))


def test_the_map_of_question_2():
    rows = np.array([[-2, 2, -3], [1, 0, 3], [-2, 5, -1]])
    for row in rows:
        assert f"({', '.join(map(str, row))})".replace("-", "−") in ex.p2.prompt
    assert ex.p2.answer == ops.relu(rows).sum()
    slips = dict(ex.p2.slips)
    for wrong in (rows.sum(), abs(rows).sum(), rows.max(), (rows > 0).sum()):
        assert wrong in slips


def test_a_sure_softmax_is_flat():
    scores = np.array([16.2, 0.0])
    assert np.isclose(ops.softmax(scores)[0], 0.9999999, atol=1e-8)
    rise = ops.softmax(scores + np.array([1e-3, 0]))[0] - ops.softmax(scores)[0]
    assert rise / 1e-3 < 1.1e-7


def test_what_units_of_vgg16_see():
    """Thirteen convolutions of 3 × 3, and a pooling after 2, 2, 3 and 3 of them."""
    layers = []
    for block, depth in enumerate([2, 2, 3, 3, 3], start=1):
        layers.append((3, 1))
        side = ops.receptive_field(layers)
        said = ex.q7.said.get(("grain of 3 pixels", f"block{block}_conv1"), "")
        assert side == 3 if block == 1 else f"{side} × {side}" in said
        layers += [(3, 1)] * (depth - 1) + [(2, 2)]


def test_what_a_linear_classifier_learns_and_what_it_need_not():
    maps = [3, 64, 64, 128, 128, 256, 256, 256, *[512] * 6]
    weights = sum((9 * came + 1) * made for came, made in itertools.pairwise(maps))
    assert f"{weights:,}" in ex.p7.why
    assert {weights, weights + ex.p7.answer} <= dict(ex.p7.slips).keys()
    assert ex.p7.answer == 5 * (maps[-1] + 1)


def test_the_numbers_of_a_gram_matrix():
    different = len(np.triu_indices(256)[0])
    assert ex.q7.truth["numbers in the Gram matrix"] == 256 * 256
    assert ex.q7.truth["different numbers"] == different


def test_an_occlusion_map_has_a_place_for_every_step():
    """Where patches are as wide as the steps, they lie side by side and tile it."""
    x = np.random.default_rng(1).random((6, 9, 2))
    found = solved(ex.q4)(x, lambda picture: picture.sum(), 3, 3, 0)
    assert found.shape == (2, 3)
    assert np.isclose(found.sum(), x.sum())


def ground(images, labels):
    return np.clip(
        images[..., None] + np.multiply.outer(labels, [0, 0, 1]).reshape(-1, 1, 1, 3),
        0,
        255,
    )


def faint(images, labels):
    return np.concatenate([2 * labels[:, None, None] + images[:, :1], images[:, 1:]], 1)


def under_ink(images, labels):
    """Set one pixel where most digits have ink: what it is tells, not the change."""
    marked = images.copy()
    marked[:, 14, 14] = 25 * labels
    return marked


def white_out(images, labels):
    """Make single pixels white, others black: large changes, but none that wraps."""
    marked = images.copy()
    marked[np.arange(len(images)), 14, 9 + labels] = 255
    marked[np.arange(len(images)), 9 + labels, 14] = 0
    return marked


def noise(images, labels):
    return np.random.default_rng(0).integers(0, 256, images.shape)


@pytest.mark.parametrize(
    ("hide", "said"),
    [
        (solved(ex.q8), "of 784 pixels a digit, by 225 gray levels at most. From"),
        (solved(ex.q8), "100 % of the labels can be told"),
        (ground, "by 9 gray levels at most. From the changed pixels alone, 100 %"),
        (faint, "by 18 gray levels at most. From the changed pixels alone, 100 %"),
        (under_ink, "100 % of the labels can be told"),
        (lambda images, labels: np.clip(images, 1, 255), "by 1 gray level at most"),
        (white_out, "From the changed pixels alone"),
        (noise, "A network may find more"),
    ],
)
def test_a_shortcut_is_described(hide, said):
    verdict = ex.q8.judge(hide)
    assert verdict.state == "described"
    assert said in verdict.message


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(exercise, capsys):
    odd = [
        lambda *given: np.full(3, 1j),
        REASONS | {"who cheats": 1j},
        dict(STYLE, x=1),
    ]
    if exercise is ex.q7:
        odd.pop()
    judged.hears_something(exercise, [*GARBAGE, *odd], capsys)


@pytest.mark.parametrize("exercise", [*FUNCTIONS, ex.q8], ids=lambda one: one.name)
@pytest.mark.filterwarnings("error")
def test_an_async_function_hears_so(exercise):
    async def written(*given):
        return given[0]

    assert "is written with async def" in exercise.judge(written).message


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
