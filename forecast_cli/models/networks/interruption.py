"""Ctrl-C while training: the first ends it after the running step, the second at once."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def catch_interrupt() -> Iterator[threading.Event]:
    """Yield an event that the first SIGINT sets; a second one raises KeyboardInterrupt.

    The former handler is back afterwards. Signals reach the main thread only: in any other the event stays unset.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def note_request(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        asked.set()

    former = signal.signal(signal.SIGINT, note_request)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, former)
