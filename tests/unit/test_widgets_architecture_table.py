"""The Python side of ArchitectureTable: figures, refusals, what it says and draws."""

import copy
import json
import pickle
from itertools import pairwise

import numpy as np
import pytest
from random_architectures import random_network
from traitlets import TraitError

from helpers import ops
from helpers.widgets import ArchitectureTable
from helpers.widgets.explorers.architecture_table import PRESETS
from helpers.widgets.parts.architecture import ALEXNET, HALVED, edges, totals, walk


@pytest.fixture
def table():
    table = ArchitectureTable()
    yield table
    table.close()


def outputs(table):
    return [row["output"] for row in table.table]


# ---- figures ----


def test_the_shapes_of_alexnet(table):
    """LESSONS 07. Against Keras: tests/networks/test_architecture.py."""
    assert outputs(table) == [
        (227, 227, 3),
        *((55, 55, 96), (27, 27, 96)),
        *((27, 27, 256), (13, 13, 256)),
        *((13, 13, 384), (13, 13, 384), (13, 13, 256), (6, 6, 256)),
        *((9216,), (4096,), (4096,), (1000,)),
    ]
    assert table.parameters == 62_378_344
    assert [row["left_out"] for row in table.table] == [0] * 13


@pytest.mark.parametrize(
    ("name", "parameters", "multiply_adds"),
    [
        ("one_tower", 62_378_344, 1_135_256_096),
        ("two_halves", 60_965_224, 724_406_816),
        ("quarter", 1_558_885, 23_650_336),
    ],
)
def test_presets(name, parameters, multiply_adds):
    _, size, width, groups, classes, layers = PRESETS[name]
    table = ArchitectureTable(size, classes, width=width, groups=groups, layers=layers)
    assert (table.parameters, table.multiply_adds) == (parameters, multiply_adds)
    table.close()


def test_at_224_pixels_are_left_over():
    assert PRESETS["at_224"].input_size == 224
    table = ArchitectureTable(224)
    assert outputs(table)[1] == (54, 54, 96)
    left = {row["name"]: row["left_out"] for row in table.table if row["left_out"]}
    assert left == {"filters1": 1, "pool1": 1, "pool2": 1, "pool5": 1}
    assert outputs(table)[9] == (5 * 5 * 256,)  # not 9,216
    table.close()


def test_random_networks_by_hand():
    """Sides come from ops, which is tested against Keras; the rest is counted."""
    rng = np.random.default_rng(3)
    for _ in range(400):
        network = random_network(rng)
        rows, trouble = walk(network)
        side, maps = network.input_size, 3
        for row in rows[1:]:
            if row.name == "list":
                break
            settings = network.layers[row.name]
            how = {key: settings[key] for key in ("stride", "padding")}
            side = ops.output_size(side, settings["kernel"], **how)
            assert row.output[:2] == (side, side)
            halves = network.groups if row.name in HALVED else 1
            if row.name.startswith("filters"):
                one = settings["kernel"] ** 2 * maps // halves  # weights of a filter
                maps = row.output[2]
                assert maps % network.groups == 0
                off = abs(maps - settings["filters"] * network.width)
                assert off <= network.groups / 2 or maps == network.groups
                assert row.parameters == (one + 1) * maps
                assert row.multiply_adds == one * maps * side * side
            else:
                assert (row.parameters, row.multiply_adds) == (0, 0)
            assert row.output[2] == maps
            assert row.activation_bytes == 4 * side * side * maps
        if trouble is None:
            dense = rows[-4:]
            for before, row in pairwise(dense):
                (n,), (units,) = before.output, row.output
                assert row.parameters == (n + 1) * units
                assert row.multiply_adds == n * units
            assert rows[-1].output == (network.classes,)
            assert dense[0].output == (side * side * maps,)
            continue
        settings = network.layers[trouble.name]
        if trouble.reason == "kernel":
            how = {key: settings[key] for key in ("stride", "padding")}
            with pytest.raises(ValueError, match="kernel"):
                ops.output_size(side, settings["kernel"], **how)
        elif trouble.reason == "padding":
            with pytest.raises(ValueError, match="less than the window"):
                ops.pool2d(
                    np.ones((side, side)),
                    settings["kernel"],
                    padding=settings["padding"],
                )
        else:
            assert network.groups == 2
            assert trouble.numbers[0] % 2 == 1


def test_what_is_left_out_no_window_sees():
    """Each place asks which of the pixels its window covers."""
    rng = np.random.default_rng(4)
    for _ in range(400):
        side, stride = (int(n) for n in rng.integers(1, 40, 2) // (1, 5) + (0, 1))
        kernel = int(rng.integers(stride, 12)) if stride < 12 else stride
        padding = ["valid", "same", 1, 3][int(rng.integers(4))]
        settings = {"kernel": kernel, "stride": stride, "padding": padding}
        padded, count, left_out = edges(side, settings)
        if kernel > padded:
            continue
        if padding == "same":
            (before, _), _ = ops.same_padding(side, kernel, stride=stride)
        else:
            before = 0 if padding == "valid" else padding
        seen = {k * stride + i - before for k in range(count) for i in range(kernel)}
        assert left_out == sum(pixel not in seen for pixel in range(side))


def test_memory():
    table = ArchitectureTable(batch_size=10)
    rows = [row for row in table.table if row["name"] != "list"]
    sizes = [4 * np.prod(row["output"]) for row in rows]
    assert table.activation_bytes == sum(sizes)
    assert table.kept_bytes == 10 * sum(sizes)
    pairs = [a + b for a, b in pairwise(sizes)]
    assert table.forward_bytes == 10 * max(pairs)
    assert totals(walk(table._network)[0]).pair_bytes == max(pairs)
    table.close()


# ---- traits ----


def test_what_is_left_out_is_alexnets(table):
    table.layers = {"filters1": {"stride": 2}, "hidden6": {"units": np.int64(10)}}
    assert table.layers["filters1"] == {**ALEXNET["filters1"], "stride": 2}
    assert table.layers["hidden6"] == {"units": 10}
    assert type(table.layers["hidden6"]["units"]) is int
    table.layers = {"pool1": {"padding": 0}}
    assert table.layers == ALEXNET
    assert list(table.layers) == list(ALEXNET)
    assert table.layers["pool1"]["padding"] == "valid"


def test_layers_cannot_be_changed_behind_its_back(table):
    def change(act):
        with pytest.raises(TypeError, match="Assign what is to be other"):
            act(table.layers)

    change(lambda layers: layers["filters1"].__setitem__("stride", 2))
    change(lambda layers: layers.update(pool1={}))
    change(lambda layers: layers.pop("pool1"))
    change(lambda layers: layers["pool1"].clear())
    mine = {"filters1": {"stride": 2}}
    table.layers = mine
    mine["filters1"]["stride"] = 3
    assert table.layers["filters1"]["stride"] == 2
    for same in (copy.deepcopy(table.layers), pickle.loads(pickle.dumps(table.layers))):
        assert same == table.layers
    assert json.loads(json.dumps(table.layers)) == table.layers
    assert repr(table.layers).startswith("{'filters1': {'filters': 96, ")


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (3, "layers: got 3. Give numbers of layers by name"),
        ([("filters1", {})], "Give numbers of layers by name"),
        ({"filter1": {}}, "layers: got 'filter1'. Did you mean \"filters1\""),
        ({"logits": {"units": 3}}, "layers: got 'logits'"),
        ({"filters1": 3}, 'layers, filters1: got 3. Give .*{"filters": 96}, say'),
        ({"pool1": {"filters": 3}}, "layers, pool1: got 'filters'. Give \"kernel\""),
        ({"filters1": {"kernel": 0}}, "layers, filters1, kernel: got 0. Give a whole"),
        ({"filters1": {"kernel": 3.0}}, "kernel: got 3.0"),
        ({"filters1": {"stride": 9}}, "stride: got 9. Give a whole number from 1 to 8"),
        (
            {"filters1": {"padding": "full"}},
            'padding: got .full.. Give "valid", "same" or a',
        ),
        ({"filters1": {"padding": 8}}, "padding: got 8. Give .* up to 7"),
        ({"hidden7": {"units": True}}, "units: got True"),
        (
            {"filters1": {"stride": 8}, "pool1": {"stride": 8}},
            "layers, pool5: nothing is left, a kernel of 3 does not fit on 1 × 1",
        ),
        ({"pool2": {"padding": 3}}, "pool2: a padding of 3 is no less than the window"),
    ],
    ids=str,
)
def test_layers_that_are_refused(table, layers, said):
    before = table.layers
    with pytest.raises(TraitError, match=said):
        table.layers = layers
    assert table.layers == before
    with pytest.raises(TraitError, match=said):
        ArchitectureTable(layers=layers)


def test_what_does_not_fit_together_is_refused(table):
    with pytest.raises(TraitError, match="pool5: nothing is left, a kernel of 3 does"):
        table.input_size = 66
    assert table.input_size == 227
    table.layers = {"filters2": {"filters": 255}}  # one tower: nothing is halved
    with pytest.raises(TraitError, match="filters2: 255 filters cannot be halved"):
        table.groups = 2
    table.layers = {"filters1": {"filters": 95}}
    with pytest.raises(TraitError, match="filters2: 95 maps that come in cannot be"):
        table.groups = 2
    assert table.groups == 1
    table.layers = {}
    table.groups = 2
    for name in ("filters3", "filters4", "filters5"):
        with pytest.raises(TraitError, match=r"cannot be halved\. Give an even number"):
            table.layers = {name: {"filters": 7}}
    assert table.layers == ALEXNET


def test_several_change_together(table):
    pools = {name: {"kernel": 1, "stride": 1} for name in ("pool1", "pool2", "pool5")}
    with table.hold_trait_notifications():
        table.input_size = 32
        table.layers = pools
    assert outputs(table)[-4] == (6 * 6 * 256,)

    def too_small():
        with table.hold_trait_notifications():
            table.layers = {}
            table.input_size = 66

    with pytest.raises(TraitError, match="nothing is left"):
        too_small()
    assert (table.input_size, table.layers["pool1"]["kernel"]) == (32, 1)
    table.set_state({"input_size": 100, "layers": {**ALEXNET}, "groups": 2})
    assert (table.input_size, table.groups, table.layers) == (100, 2, ALEXNET)


@pytest.mark.parametrize("width", [0.125, 0.3, 1, np.float32(0.5), np.int64(1)])
def test_widths(table, width):
    table.width = width
    assert table.width == float(width)
    assert type(table.width) is float
    assert table.table[1]["output"][2] == round(96 * float(width))


@pytest.mark.parametrize("width", [0, 0.1, 1.01, -1, np.nan, "1", None, True, [1]])
def test_widths_that_are_refused(table, width):
    with pytest.raises(TraitError, match=r"width: got .* number from 0.125 to 1"):
        table.width = width
    assert table.width == 1


# ---- what is said and drawn ----


def test_what_it_says_and_draws(table):
    assert table.describe() == (
        "ArchitectureTable: one tower, width 1: 227×227×3 → 55×55×96 → 27×27×96 → "
        "27×27×256 → 13×13×256 → 13×13×384 → 13×13×384 → 13×13×256 → 6×6×256 → 9216 → "
        "4096 → 4096 → 1000; 62,378,344 parameters, 1,135,256,096 multiply-adds and "
        "3,745,292 bytes of activations for a picture; 479,397,376 for 128 in "
        "training, 227,833,344 forward alone"
    )
    picture = table.picture()
    assert len(picture.axes) == 3
    assert "hidden6 4096 37,752,832" in picture.alt
    bars = [[bar.get_width() for bar in axis.patches] for axis in picture.axes]
    for sizes, quantity in zip(
        bars, ("multiply_adds", "activation_bytes", "parameters"), strict=True
    ):
        assert sizes == [row[quantity] for row in table.table]


def test_every_change_is_in_its_line(table):
    lines = {table.describe()}
    for name, value in {
        "input_size": 224,
        "classes": 10,
        "width": 0.5,
        "groups": 2,
        "batch_size": 64,
        "layers": {"hidden6": {"units": 100}},
    }.items():
        setattr(table, name, value)
        lines.add(table.describe())
    assert len(lines) == 7
