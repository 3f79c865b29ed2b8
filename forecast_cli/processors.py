"""What threads share: the processors, and the heap."""

from __future__ import annotations

import ctypes
import os
import sys

_M_ARENA_MAX = -8  # of malloc.h


def count_processors() -> int:
    """Return how many processors this process may use, at least 1."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_heap() -> None:
    """Let all threads that begin from now on take their memory from one heap, where the C library is glibc's.

    Else each has its own, and what was freed in one is no use to the others: the peak of a training run grew by up to
    170 MB, the more the longer the look-back.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library is not None and hasattr(library, "gnu_get_libc_version"):
        library.mallopt(_M_ARENA_MAX, 1)
