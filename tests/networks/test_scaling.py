"""How long a training takes on several devices."""

import itertools
import math

import pytest

from helpers.networks import models, scaling

pytestmark = pytest.mark.once  # arithmetic

EVEN = {"photos": 36_000, "epochs": 10, "batch_size": 100, "cores": 4}
SPEEDS = {"photos_a_second": 100, "decoded_a_second": 100, "bandwidth": 1e6}


def estimate(devices, **settings):
    return scaling.training_time(devices, **(EVEN | SPEEDS | settings))


def test_one_device_sends_nothing():
    one = estimate(1)
    assert (one.compute, one.traffic, one.hours) == (1.0, 0.0, 1.0)
    assert one.reading == 0.25
    assert one.speed_up == 1
    assert one.bottleneck == "compute"


def test_gradients_go_around_a_ring():
    """Worked by hand: 900 steps of four devices, 1.5 of 2 MB each, 1 MB a second."""
    four = estimate(4, gradient_bytes=2e6)
    assert four.compute == 0.25
    assert four.traffic == pytest.approx(900 * 1.5 * 2e6 / 1e6 / 3600)
    assert four.bottleneck == "traffic"
    assert four.hours == four.compute + four.traffic
    assert four.speed_up == pytest.approx(1 / four.hours)


def test_reading_counts_where_it_takes_longer_than_all_else():
    slow = estimate(4, decoded_a_second=10, gradient_bytes=0)
    assert (slow.bottleneck, slow.hours, slow.reading) == ("reading", 2.5, 2.5)
    # Longer than either part alone, and still read in time.
    three = scaling.Estimate(2, compute=1.0, traffic=0.9, reading=1.5)
    assert (three.bottleneck, three.hours) == ("compute", 1.9)


def test_a_last_batch_that_is_not_full_is_a_step_too():
    some = estimate(2, photos=201, epochs=1, gradient_bytes=1e6)
    assert some.traffic == pytest.approx(math.ceil(201 / 200) * 1.0 / 3600)


def test_more_devices_compute_for_less_time_and_send_as_often_less():
    made = [estimate(n, gradient_bytes=1e5) for n in (2, 4, 8, 16)]
    for few, many in itertools.pairwise(made):
        assert many.compute == few.compute / 2
        assert many.traffic < few.traffic
        assert many.reading == few.reading


def test_unless_told_otherwise_it_is_alexnet():
    assert models.alexnet().count_params() == scaling.WEIGHTS


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"devices": 0}, "devices"),
        ({"photos_a_second": 0}, "photos_a_second"),
        ({"decoded_a_second": -1}, "decoded_a_second"),
        ({"bandwidth": math.inf}, "bandwidth"),
        ({"cores": 1.5}, "cores"),
        ({"batch_size": 0}, "batch_size"),
        ({"gradient_bytes": -4}, "gradient_bytes"),
        ({"photos": "many"}, "photos"),
        ({"epochs": 0}, "epochs"),
    ],
)
def test_what_cannot_be_is_refused(settings, named):
    with pytest.raises(ValueError, match=rf"^{named}: got .*\. Give "):
        estimate(**({"devices": 2} | settings))
