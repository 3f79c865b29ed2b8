"""Signals while a network is trained."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading

import pytest

from forecast_cli.models.networks.interruption import catch_interrupt


@pytest.fixture
def ending():
    """A SIGTERM handler that exits, as the program's own does; the former one is put back."""

    def leave(number, frame):
        sys.exit(143)

    former = signal.signal(signal.SIGTERM, leave)
    yield leave
    signal.signal(signal.SIGTERM, former)


def test_the_first_ctrl_c_is_noted_and_the_second_raises():
    former = signal.getsignal(signal.SIGINT)
    with catch_interrupt() as asked:
        os.kill(os.getpid(), signal.SIGINT)
        assert asked.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is former


def test_a_termination_that_a_library_swallows_is_noted_all_the_same(ending):
    with catch_interrupt() as asked:
        with contextlib.suppress(SystemExit):
            os.kill(os.getpid(), signal.SIGTERM)
        assert asked.is_set()
    assert signal.getsignal(signal.SIGTERM) is ending


def test_a_termination_exits_at_once_where_nothing_swallows_it(ending):
    with pytest.raises(SystemExit), catch_interrupt():
        os.kill(os.getpid(), signal.SIGTERM)


def test_in_another_thread_nothing_is_touched():
    seen = []

    def work():
        with catch_interrupt() as asked:
            seen.append(asked.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
