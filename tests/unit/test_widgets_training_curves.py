"""The Python side of TrainingCurves."""

import json
import math

import numpy as np
import pytest

from helpers.widgets.explorers.training_curves import TrainingCurves


@pytest.fixture
def live():
    explorer = TrainingCurves()
    yield explorer
    explorer.close()


def test_points_are_added(live):
    live.add(0.5, {"loss": 3, "accuracy": np.float32(0.25)})
    live.add(1, {"loss": np.float64(2), "val_loss": 2.5})
    curves = live.curves
    assert set(curves) == {"loss", "accuracy", "val_loss"}
    np.testing.assert_array_equal(curves["loss"], [[0.5, 1], [3, 2]])
    np.testing.assert_array_equal(curves["val_loss"], [[1], [2.5]])
    json.dumps(live._curves, allow_nan=False)


def test_the_page_is_told_of_each(live):
    seen = []
    live.observe(lambda change: seen.append(change["new"]), "_curves")
    live.add(1, {"loss": 3})
    live.add(2, {"loss": 3})
    live.clear()
    assert seen == [{"loss": [[1], [3]]}, {"loss": [[1, 2], [3, 3]]}, {}]


def test_another_training_starts_new_curves(live):
    live.add(1, {"loss": 3, "val_loss": 2})
    live.add(2, {"loss": 1})
    live.add(0.5, {"loss": 4})
    assert live._curves == {"loss": [[0.5], [4]]}


@pytest.mark.parametrize("value", [math.nan, math.inf, -np.float32("inf")])
def test_what_is_not_finite_leaves_a_gap(live, value):
    live.add(1, {"loss": value})
    live.add(2, {"loss": 1})
    assert live._curves == {"loss": [[1, 2], [None, 1]]}
    assert np.isnan(live.curves["loss"][1][0])
    assert live.picture().axes


@pytest.mark.parametrize("value", ["low", None, 1j, True])
def test_what_is_no_number_is_refused(live, value):
    with pytest.raises(ValueError, match="loss: got"):
        live.add(1, {"accuracy": 1, "loss": value})
    assert live.curves == {}
    with pytest.raises(ValueError, match="epoch: got"):
        live.add(value, {"loss": 1})


def test_its_line_holds_no_figures(live):
    assert repr(live) == "TrainingCurves: nothing yet"
    live.add(1, {"val_loss": 0.5, "loss": 0.25})
    assert repr(live) == "TrainingCurves: loss, val_loss"


def test_before_the_first_figure_there_is_a_line_and_no_empty_chart(live):
    data, metadata = live._repr_mimebundle_()
    assert data["text/plain"] == "TrainingCurves: nothing yet"
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "image/png" not in {**data, **metadata}
    live.add(1, {"loss": 0.5})
    data, metadata = live._repr_mimebundle_()
    assert "image/png" in data
    assert metadata["image/png"]["alt"] == "TrainingCurves: loss"


def test_the_picture_has_training_and_validation(live):
    for epoch in (0.5, 1, 1.5, 2):
        live.add(epoch, {"loss": 1 / epoch, "accuracy": 0})
        if epoch in (1, 2):
            live.add(epoch, {"val_loss": 2 / epoch})
    [axis] = live.picture().axes
    drawn = {one.get_label(): one.get_xydata().tolist() for one in axis.get_lines()}
    assert drawn == {"loss": [[1, 1], [2, 0.5]], "val_loss": [[1, 2], [2, 1]]}


def test_the_picture_of_something_else_than_a_loss(live):
    live.add(0.25, {"accuracy": 0.5})
    assert live.picture().axes[0].get_ylabel() == "accuracy"
