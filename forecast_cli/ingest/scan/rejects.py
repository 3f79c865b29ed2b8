"""Lines that become no row: what is kept of them, and what is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.types import Reject

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 20  # of each file
_LENGTH = 200  # characters of a line that are kept

NUL_BYTES = "holds NUL bytes"
OPEN_QUOTE = "a quotation mark is opened and never closed"
TOO_LONG = "is too long"
NO_TIME = "has no time that can be read"
BEHIND_QUOTES = "has text behind a closing quotation mark"


@dataclass(frozen=True, order=True)
class Rejected:
    """A line that became no row."""

    line: int  # from 1, in the user's file
    reason: str
    text: str  # its beginning


@dataclass(frozen=True)
class Rejects:
    """The lines of a file that became no row."""

    count: int = 0
    lines: tuple[Rejected, ...] = ()  # the first ones

    @property
    def first(self) -> str:
        """The first one as a phrase: `line 17: has 2 cells instead of 3`."""
        return describe(self.lines[0]) if self.lines else ""


def reject(line: int, text: bytes | bytearray | str, reason: str) -> Rejected:
    """Return what is kept of a line."""
    shown = text if isinstance(text, str) else text[: 4 * _LENGTH].decode("utf-8", errors="replace")
    return Rejected(line, reason, shown.rstrip("\r\n")[:_LENGTH])


def gather_rejects(found: Iterable[Rejected]) -> Rejects:
    """Return how many lines were left out, and the first of them."""
    each = sorted({one.line: one for one in found}.values())
    return Rejects(len(each), tuple(each[:SHOWN]))


def join_rejects(parts: Iterable[Rejects]) -> Rejects:
    """Return the rejects of several pieces, in order, as those of the file."""
    parts = list(parts)
    return Rejects(sum(part.count for part in parts), tuple(sorted(one for p in parts for one in p.lines)[:SHOWN]))


def describe(found: Rejected) -> str:
    """Return one line as a phrase."""
    return f"line {found.line}: {found.reason}"


def list_rejects(label: str, found: Iterable[Rejected]) -> tuple[Reject, ...]:
    """Return the rejects of a file for the account of the reading."""
    return tuple(Reject(label, one.line, one.text, one.reason) for one in found)
