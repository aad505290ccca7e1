"""The Python side of DreamScrubber: what it is given, keeps and says."""

import numpy as np
import pytest
from traitlets import TraitError

from helpers import images
from helpers.widgets import DreamScrubber
from helpers.widgets.explorers import dream_scrubber
from helpers.widgets.parts import encoded


def steps(count=5, sides=(24, 32), seed=0):
    """A smooth picture that grows out of gray."""
    rows, columns = np.mgrid[: sides[0], : sides[1]]
    wave = np.stack([np.sin((rows + k * columns + seed) / 7) for k in range(3)], -1)
    return [127 + 100 * wave * k / max(count - 1, 1) for k in range(count)]


def test_pictures_arrive_nearly_as_they_are():
    pictures = {"slow": steps(5), "fast": steps(3)}
    dream = DreamScrubber(pictures, steps()[0])
    for name, series in pictures.items():
        sent, begins = dream._pictures[name], 0
        assert len(sent["ends"]) == len(series)
        for picture, ends in zip(series, sent["ends"], strict=True):
            found = images.load(sent["data"][begins:ends])
            assert np.abs(found - picture).mean() < 5
            begins = ends
        assert begins == len(sent["data"])
    assert dream._about == {
        "sides": [24, 32],
        "even": True,
        "full": {"slow": 100, "fast": 100},
    }
    assert dream.settings == ("slow", "fast")


def test_one_setting_needs_no_name():
    for given in (steps(), np.stack(steps()), tuple(steps())):
        dream = DreamScrubber(given, values=[5, 4, 3, 2, 1])
        assert dream.settings == (dream_scrubber.ONLY,)
        assert dream._values == {dream_scrubber.ONLY: {"value": [5.0, 4, 3, 2, 1]}}
    gray = DreamScrubber([one[..., 0] for one in steps()])
    assert gray.shown[dream_scrubber.ONLY].shape == (24, 32, 3)


def test_pictures_are_kept_evenly_over_the_values():
    values = {"loss": np.linspace(9, 1, 101), "content": np.full(101, np.nan)}
    dream = DreamScrubber(steps(5), values=values)
    assert dream._at == {dream_scrubber.ONLY: [0, 25, 50, 75, 100]}
    assert dream._values[dream_scrubber.ONLY]["content"] == [None] * 101
    assert DreamScrubber(steps(5))._at[dream_scrubber.ONLY] == [0, 1, 2, 3, 4]
    told = DreamScrubber({"a": steps(3), "b": steps(4)}, at={"a": [0, 7, 50]})
    assert told._at == {"a": [0, 7, 50], "b": [0, 1, 2, 3]}
    assert told._about["even"] is False


def test_a_picture_more_than_values_comes_after_the_last():
    """As of an ascent that keeps all: it measures before each step."""
    dream = DreamScrubber(steps(31), values=np.arange(30))
    assert dream._at == {dream_scrubber.ONLY: list(range(31))}
    assert DreamScrubber(steps(2), values=[1])._at == {dream_scrubber.ONLY: [0, 1]}
    for count in (3, 29):
        with pytest.raises(TraitError, match=f"got 31 pictures and {count} values of"):
            DreamScrubber(steps(31), values=np.arange(count))
    told = DreamScrubber(steps(3), values=[1], at=[0, 5, 9])  # that is another matter
    assert told._at == {dream_scrubber.ONLY: [0, 5, 9]}


def noisy(change, count=3):
    """Noise, of which compression leaves little, that changes by so many grays."""
    begin = np.random.default_rng(0).integers(40, 200, (24, 32, 3))
    where = np.random.default_rng(1).integers(-1, 2, begin.shape)
    return [begin + k * where * change // (count - 1) for k in range(count)]


def arrived(row):
    """The pictures of a row, as the page decodes them."""
    parts = np.split(np.frombuffer(row["data"], np.uint8), row["ends"][:-1])
    return [images.load(part.tobytes(), size=None) for part in parts]


def test_a_faint_change_arrives_as_it_is():
    pictures = noisy(4)
    dream = DreamScrubber({"a": pictures, "b": pictures[::2]}, pictures[0])
    for name, series in (("a", pictures), ("b", pictures[::2])):
        np.testing.assert_array_equal(arrived(dream._pictures[name]), series)
    np.testing.assert_array_equal(arrived(dream._before), pictures[:1])
    assert dream._about["full"] == {"a": 4, "b": 4}


def test_a_large_change_or_none_is_compressed():
    for change in (dream_scrubber.FAINT, 0):
        dream = DreamScrubber(noisy(change))
        found = arrived(dream._pictures[dream_scrubber.ONLY])
        assert np.abs(found - np.stack(noisy(change))).max() > 3
        full = {dream_scrubber.ONLY: max(change, dream_scrubber.COARSE)}
        assert dream._about["full"] == full


def test_what_does_not_fit_without_loss_is_compressed(monkeypatch):
    exact = DreamScrubber(noisy(4))._pictures[dream_scrubber.ONLY]
    monkeypatch.setattr(encoded, "MOST_BYTES", len(exact["data"]) - 1)
    dream = DreamScrubber(noisy(4))
    assert len(dream._pictures[dream_scrubber.ONLY]["data"]) < len(exact["data"])
    # So much that what was lost is faint.
    assert dream._about["full"] == {dream_scrubber.ONLY: dream_scrubber.COARSE}


def test_the_largest_change_is_of_any_step():
    begin, most, end = (np.full((8, 8, 3), value) for value in (100, 180, 130))
    dream = DreamScrubber([begin, most, end])
    assert dream._about["full"] == {dream_scrubber.ONLY: 80}
    from_white = DreamScrubber([begin, most, end], np.full((8, 8, 3), 255))
    assert from_white._about["full"] == {dream_scrubber.ONLY: 155}


def test_what_is_shown():
    dream = DreamScrubber({"slow": steps(5), "fast": steps(3)}, right="fast", step=4)
    assert list(dream.shown) == ["slow", "fast"]
    for name, count in (("slow", 5), ("fast", 3)):  # the shorter stays at its last
        wanted = np.rint(steps(count)[-1])
        np.testing.assert_array_equal(dream.shown[name], wanted)
    dream.right = "slow"
    assert list(dream.shown) == ["slow"]
    dream.right = None
    assert dream.right == ""


def test_its_line_says_what_is_shown():
    one = DreamScrubber(steps(1))
    assert repr(one) == (
        "DreamScrubber: the picture (1 picture), of 24 × 32; picture 0; the picture"
    )
    dream = DreamScrubber({"slow": steps(5), "fast": steps(3)}, step=2)
    dream.right, dream.difference = "fast", True
    assert repr(dream) == (
        "DreamScrubber: slow (5 pictures), fast (3), of 24 × 32; picture 2; "
        "slow beside fast, the difference"
    )


def test_what_is_stored_is_a_picture_and_a_line():
    dream = DreamScrubber({"a": steps(4), "b": steps(4)}, steps()[0], right="b")
    data, _ = dream._repr_mimebundle_()
    assert {"image/png", "text/plain"} < set(data)
    titles = [ax.get_title() for ax in dream.picture().axes]
    assert titles == ["before", "a, picture 0", "b, picture 0"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pictures": []}, "pictures: got 0"),
        ({"pictures": {}}, "pictures: got 0 settings"),
        ({"pictures": {"": steps()}}, "each with a name"),
        ({"pictures": {str(k): steps(2) for k in range(9)}}, "got 9 settings"),
        ({"pictures": steps()[0]}, r"one of shape \(24, 32, 3\)"),
        ({"pictures": 3}, "pictures: got 3"),
        ({"pictures": ["a", "b"]}, "pictures"),
        ({"pictures": steps(101)}, "pictures: got 101"),
        ({"pictures": [np.zeros((8, 513, 3))]}, "8 × 513 pixels. Give at most 512"),
        ({"pictures": [np.zeros((8, 8, 4))]}, r"shape \(8, 8, 4\)"),
        ({"pictures": [np.full((8, 8, 3), 256)]}, "from 0 to 255"),
        ({"pictures": [np.full((8, 8, 3), np.nan)]}, "not finite"),
        ({"pictures": [*steps(), np.zeros((8, 8, 3))]}, "8 × 8 and 24 × 32"),
        ({"before": np.zeros((9, 9, 3))}, "before: got 9 × 9 and 24 × 32"),
        ({"before": "photo"}, "before"),
        ({"values": [[1, 2]]}, "values: got shape"),
        ({"values": {"a": [1, 2], "b": [1]}}, "lines of 1 and 2 numbers"),
        ({"values": "falling"}, "values"),
        ({"at": [0, 1]}, "Give 5 whole numbers"),
        ({"at": [0, 1, 1, 2, 3]}, "whole numbers for the picture, rising"),
        ({"at": [-1, 1, 2, 3, 4]}, "rising, from 0 on"),
        (
            {"at": [0, 9, 18, 27, 36], "values": [5, 4, 3, 2, 1]},
            r"5 numbers of the picture, whose .* step 36\. Give one a step, as np\.int",
        ),
        ({"at": [0.0, 1, 2, 3, 4]}, "Give 5 whole numbers"),
        ({"left": "fast"}, 'left: got .* "the picture"'),
        ({"right": 3}, "right: got 3. Give a name of what there is"),
        ({"left": 3}, "left: got 3"),
        ({"step": 5}, "step: got 5. Give a whole number from 0 to 4"),
        ({"difference": 1}, "difference: got 1"),
    ],
)
def test_what_cannot_be_shown_is_refused(given, said):
    usual = {"pictures": steps(5)}
    with pytest.raises(TraitError, match=said):
        DreamScrubber(**{**usual, **given})


def test_a_value_for_each_picture_may_be_filled_in():
    at = [0, 9, 18, 27, 36]
    values = np.interp(range(37), at, [5, 4, 3, 2, 1])
    assert DreamScrubber(steps(5), values=values, at=at)._at == {"the picture": at}
    DreamScrubber(steps(5), values=np.arange(5), at=[0, 1, 2, 3, 5])  # the last after


def test_values_go_by_the_settings():
    both = {"a": steps(3), "b": steps(3)}
    dream = DreamScrubber(both, values={"a": [1, 2], "b": {"loss": [1, 2]}})
    assert dream._values == {"a": {"value": [1, 2]}, "b": {"loss": [1, 2]}}
    for wrong in ([1, 2], {"c": [1, 2]}):
        with pytest.raises(TraitError, match="by the names of the pictures: a, b"):
            DreamScrubber(both, values=wrong)


def test_too_much_for_a_page_is_refused(monkeypatch):
    monkeypatch.setattr(encoded, "MOST_BYTES", 500)
    with pytest.raises(TraitError, match="Give fewer, or smaller ones: a page takes"):
        DreamScrubber(steps())


def test_too_many_pixels_for_a_page_are_refused(monkeypatch):
    """However few bytes their files take: the page keeps all of them decoded."""
    monkeypatch.setattr(dream_scrubber, "MOST_PIXELS", 9 * 24 * 32)
    DreamScrubber({"a": steps(5), "b": steps(4)})
    with pytest.raises(TraitError, match="Give at most 9 of them in all"):
        DreamScrubber({"a": steps(5), "b": steps(5)})
