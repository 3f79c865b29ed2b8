"""`--strict`: what would have been a warning ends the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Listener


@dataclass(frozen=True)
class _Strict:
    """A listener that hears warnings as errors."""

    listener: Listener

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Pass a note on; raise a warning."""
        if warning:
            raise DataError(text, "leave out --strict to go on all the same")
        self.listener.note(text, flag)

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Pass progress on."""
        self.listener.progress(stage, done, total, facts)


def heed(listener: Listener, strict: bool) -> Listener:
    """Return the listener; with `strict` one for whom a warning is a DataError."""
    return _Strict(listener) if strict else listener
