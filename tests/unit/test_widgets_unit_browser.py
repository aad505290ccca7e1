"""The Python side of UnitBrowser: what it is given, finds and says."""

import numpy as np
import pytest
import unit_portraits
from traitlets import TraitError

from helpers import images
from helpers.networks.portraits import Portraits
from helpers.widgets import UnitBrowser
from helpers.widgets.parts import encoded

GIVEN = unit_portraits.small()


def test_it_begins_with_the_first_unit_of_the_first_layer():
    browser = UnitBrowser(GIVEN)
    assert (browser.layer, browser.unit, browser.patch) == ("bend1", 0, 0)
    assert browser.portraits is browser.data is GIVEN
    assert repr(browser) == (
        "UnitBrowser: 2 layers, 11 units; bend1 (5 maps of 7 × 6), unit 0, patch 0; "
        "by number"
    )
    browser.layer = "hidden"
    browser.unit, browser.order = 11, "most selective first"
    assert repr(browser) == (
        "UnitBrowser: 2 layers, 11 units; hidden (15 units), unit 11, patch 0; "
        "most selective first"
    )


def test_another_layer_begins_with_its_first_unit():
    browser = UnitBrowser(GIVEN, "hidden", 8, patch=2)
    assert (browser.unit, browser.patch) == (8, 2)
    browser.layer = "bend1"
    assert (browser.unit, browser.patch) == (0, 0)
    # What the page says fits together already.
    browser.set_state({"layer": "hidden", "unit": 14, "patch": 1})
    assert (browser.layer, browser.unit, browser.patch) == ("hidden", 14, 1)


def test_a_layer_begins_with_the_first_in_the_order():
    """As on the page."""
    layer = GIVEN.layer("hidden")
    most = int(layer.units[np.nanargmax(layer.selectivity)])
    assert most != layer.units[0]
    browser = UnitBrowser(GIVEN, order="most selective first")
    browser.layer = "hidden"
    assert browser.unit == most
    again = UnitBrowser(GIVEN, "hidden", order="most selective first")
    assert again.unit == most


def test_a_unit_with_fewer_patches_shows_its_last():
    """The third unit of the first layer has a single one, the second none."""
    browser = UnitBrowser(GIVEN, patch=2)
    browser.unit = 2
    assert browser.patch == 0
    for unit in (1, 2):
        with pytest.raises(TraitError, match=f"no others of unit {unit}"):
            UnitBrowser(GIVEN, unit=unit, patch=1)
    with pytest.raises(TraitError, match="patch: got 1"):
        browser.patch = 1
    # What the page says fits together already.
    browser.set_state({"unit": 3, "patch": 2})
    assert (browser.unit, browser.patch) == (3, 2)


def test_pictures_arrive_as_sheets():
    browser = UnitBrowser(GIVEN)
    for layer in GIVEN.layers:
        sent = browser._layers[layer.name]["patches"]
        rows, columns = sent["sides"]
        sheet = images.load(sent["data"], size=None)
        for k, tile in enumerate(layer.patches.reshape(-1, 16, 16, 3)):
            top, left = rows * (k // sent["across"]), columns * (k % sent["across"])
            found = sheet[top : top + rows, left : left + columns].astype(int)
            assert np.abs(found - tile).mean() < 8
    assert browser._layers["bend1"]["ascents"]["ends"] == []


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_what_is_stored_is_a_picture_and_a_line(unit):
    """Also of a dead unit, and of one with a single patch."""
    browser = UnitBrowser(GIVEN, unit=unit)
    data, _ = browser._repr_mimebundle_()
    assert {"image/png", "text/plain"} < set(data)
    drawn = {0: 4, 1: 1, 2: 2}
    assert len(browser.picture().axes) == drawn[unit]


def test_those_of_the_course_are_shown_at_once():
    browser = UnitBrowser()
    assert browser.portraits == "flowers"
    assert browser.data.class_names[0] == "daisy"
    assert len(browser.data.layers) == 5


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"portraits": "flower"}, '^portraits: got .* "flowers"; what probe.portray'),
        ({"portraits": 3}, "portraits: got 3"),
        ({"portraits": Portraits((), (), np.zeros((0, 1, 1, 3)), (), {})}, "portraits"),
        ({"layer": "bend2"}, 'Did you mean "bend1"'),
        ({"layer": 2}, "layer: got 2"),
        ({"unit": 9}, "unit: got 9. Give the number of one of those in bend1"),
        ({"patch": 3}, "patch: got 3. Give a whole number from 0 to 2"),
        ({"order": "by name"}, "order"),
    ],
)
def test_what_cannot_be_shown_is_refused(given, said):
    with pytest.raises(TraitError, match=said):
        UnitBrowser(**{"portraits": GIVEN, **given})


def test_too_much_for_a_page_is_refused(monkeypatch):
    monkeypatch.setattr(encoded, "MOST_BYTES", 100)
    with pytest.raises(TraitError, match="count=24"):
        UnitBrowser(GIVEN)
