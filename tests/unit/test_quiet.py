import os

import pytest

from helpers.quiet import quiet


def test_silent_inside_and_not_after(capfd):
    with quiet():
        os.write(2, b"from C++")
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


def test_an_exception_gets_out_and_the_stream_is_back(capfd):
    with pytest.raises(ZeroDivisionError), quiet():
        1 / 0  # noqa: B018
    os.write(2, b"back")
    assert capfd.readouterr().err == "back"


def test_no_file_stays_open():
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(20):
        with quiet():
            pass
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert after == before
