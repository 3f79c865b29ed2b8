"""Stages in one piece, whose length nobody knows beforehand."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecast_cli.types import Listener


@contextmanager
def tell_stage(listener: Listener, name: str) -> Iterator[None]:
    """Tell the listener that a stage begins, and at the end of the block that it has ended."""
    listener.progress(name, 0, 1, {})
    yield
    listener.progress(name, 1, 1, {})
