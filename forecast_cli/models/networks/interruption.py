"""Ctrl-C while training: the first ends it after the running step, the second at once. SIGTERM ends it either way."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def catch_interrupt() -> Iterator[threading.Event]:
    """Yield an event that the first SIGINT sets, and any SIGTERM; a second SIGINT raises KeyboardInterrupt.

    SIGTERM goes on to its former handler, too. What that raises may be lost inside TensorFlow, which then runs on:
    hence the event. The former handlers are back afterwards. Signals reach the main thread only: in any other the
    event stays unset.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    ending = signal.getsignal(signal.SIGTERM)

    def note_request(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        asked.set()

    def note_end(number: int, frame: Any) -> None:
        asked.set()
        if callable(ending):
            ending(number, frame)

    former = signal.signal(signal.SIGINT, note_request)
    if callable(ending):  # else the process simply ends
        signal.signal(signal.SIGTERM, note_end)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, former)
        signal.signal(signal.SIGTERM, ending)
