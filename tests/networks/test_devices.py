"""Which device is found, and why none."""

import os
import subprocess
import sys
from types import SimpleNamespace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import importlib
import importlib.util
import platform
from importlib import metadata

import keras
import pytest

from helpers.networks import devices

BACKEND = keras.backend.backend()
NAME = {"tensorflow": "TensorFlow", "jax": "JAX"}[BACKEND]
H100 = "NVIDIA H100 80GB HBM3"


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """A machine that hides nothing and is not Colab's."""
    for name in ("CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(platform, "system", lambda: "Linux")


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Give a function that puts a driver's program there, alone on the path."""

    def put(said, code=0):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{said}\nEND\nexit {code}\n")
        program.chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path))
    return put


def cards(monkeypatch, *found):
    """Let the backend find cards: names and capabilities."""
    if BACKEND == "tensorflow":
        config = importlib.import_module("tensorflow").config
        details = [
            {"device_name": name} | ({"compute_capability": one} if one else {})
            for name, one in found
        ]
        monkeypatch.setattr(config, "list_physical_devices", lambda kind: details)
        monkeypatch.setattr(config.experimental, "get_device_details", lambda one: one)
    else:
        jax = importlib.import_module("jax")
        seen = [
            SimpleNamespace(device_kind=name)
            if one is None
            else SimpleNamespace(
                device_kind=name, compute_capability=f"{one[0]}.{one[1]}"
            )
            for name, one in found
        ]
        monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
        monkeypatch.setattr(jax, "local_devices", lambda: seen)


# -- what is found ---------------------------------------------------------------------


def test_a_card(monkeypatch, driver):
    driver(f"{H100}, 81559")
    cards(monkeypatch, (H100, (9, 0)))
    found = devices.found()
    assert str(found) == "one NVIDIA H100 80GB HBM3, 80 GB"
    assert found == devices.Device(H100, 1, 81559 << 20, (9, 0))
    assert found.is_gpu
    assert found.half_precision == "mixed_bfloat16"


def test_several_cards_of_the_kind_that_is_used(monkeypatch, driver):
    driver("NVIDIA A100-SXM4-40GB, 40960\nTesla T4, 15360\nTesla T4, 15360")
    cards(monkeypatch, ("Tesla T4", (7, 5)), ("Tesla T4", (7, 5)))
    found = devices.found()
    assert str(found) == "2 Tesla T4, 15 GB each"
    assert found.half_precision == "mixed_float16"


@pytest.mark.parametrize(
    ("capability", "policy"),
    [
        ((7, 5), "mixed_float16"),
        ((8, 0), "mixed_bfloat16"),
        ((10, 3), "mixed_bfloat16"),
        (None, "mixed_float16"),
    ],
)
def test_a_card_that_says_little(monkeypatch, driver, capability, policy):
    """Without the driver's program its memory is not known."""
    cards(monkeypatch, ("A card", capability))
    found = devices.found()
    assert (str(found), found.half_precision) == ("one A card", policy)
    keras.dtype_policies.get(found.half_precision)


def test_the_processor(monkeypatch, driver):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    found = devices.found()
    assert str(found) == "the processor, 2 cores"
    assert not found.is_gpu
    assert found.half_precision == "float32"
    assert found.memory is None
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert str(devices.found()) == "the processor, 1 core"


# -- why there is none -----------------------------------------------------------------


def test_no_driver(driver):
    assert devices.found().why.startswith("No NVIDIA driver answers (`nvidia-smi`)")


@pytest.mark.parametrize("said", ["", "No devices were found", "Tesla T4, [N/A]"])
def test_a_driver_without_a_card(driver, said):
    driver(said)
    assert devices.found().why.startswith("No NVIDIA driver answers")


def test_a_driver_that_fails(driver):
    driver("Tesla T4, 15360", code=9)
    assert devices.found().why.startswith("No NVIDIA driver answers")


def test_a_driver_that_hangs(monkeypatch):
    def hangs(command, **settings):
        raise subprocess.TimeoutExpired(command, settings["timeout"])

    monkeypatch.setattr(subprocess, "run", hangs)
    assert devices.found().why.startswith("No NVIDIA driver answers")


def test_colab_without_a_card_says_how_to_switch(driver, monkeypatch):
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_2026")
    assert "Runtime → Change runtime type → T4 GPU" in devices.found().why


def test_a_mac(driver, monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert devices.found().why == f"On a Mac, {NAME} computes on the processor."


def lacks_cuda(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if "_plugin" in name else there(name),
    )
    monkeypatch.setattr(metadata, "distributions", lambda: [])


def has_cuda(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: SimpleNamespace() if "_plugin" in name else there(name),
    )
    brought = [SimpleNamespace(name="nvidia-cudnn-cu12")]
    monkeypatch.setattr(metadata, "distributions", lambda: brought)
    if BACKEND == "tensorflow":
        tested = importlib.import_module("tensorflow").test
        monkeypatch.setattr(tested, "is_built_with_cuda", lambda: True)


def test_a_card_without_cudas_libraries(driver, monkeypatch):
    driver(f"{H100}, 81559")
    lacks_cuda(monkeypatch)
    why = devices.found().why
    assert why.startswith(f"There is a graphics card, {H100}, but {NAME} lacks CUDA")
    wanted = {"tensorflow": "make lab GPU=1", "jax": 'pip install "jax[cuda12]"'}
    assert wanted[BACKEND] in why


def test_a_card_that_does_not_work(driver, monkeypatch):
    driver(f"{H100}, 81559")
    has_cuda(monkeypatch)
    assert "cannot use it; often the driver is too old" in devices.found().why


@pytest.mark.parametrize("value", ["", "-1"])
def test_a_card_that_is_hidden(driver, monkeypatch, value):
    driver(f"{H100}, 81559")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    assert f"hides it: CUDA_VISIBLE_DEVICES={value}." in devices.found().why


def test_jax_can_be_told_to_stay_on_the_processor(driver, monkeypatch):
    driver(f"{H100}, 81559")
    has_cuda(monkeypatch)
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    assert ("JAX_PLATFORMS=cpu" in devices.found().why) == (BACKEND == "jax")


def test_a_card_on_windows(driver, monkeypatch):
    driver(f"{H100}, 81559")
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    assert devices.found().why.endswith("Install the course in WSL2.")


def test_another_backend(driver, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    assert devices.found().why.startswith("Keras runs on torch here")


def test_it_can_be_asked_in_a_terminal(root, monkeypatch):
    monkeypatch.undo()  # the other process is on the machine as it is
    done = subprocess.run(
        [sys.executable, "-m", "helpers.networks.devices"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (
        done.stdout == f"Keras computes on {devices.found()}. {devices.found().why}\n"
    )
