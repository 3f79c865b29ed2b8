"""What the reader took and what it counted, said aloud as it happens and kept for the `Reading`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from forecast_cli.types import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from forecast_cli.types import Listener, Reject


class Journal:
    """Decisions and counts of one reading; every decision worth a line is a note to the listener."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.decisions: list[Decision] = []
        self.counts: Counter[str] = Counter()
        self.left_out: dict[str, str] = {}  # column -> why it is not read
        self.rejects: list[Reject] = []  # the first ones of each file

    def decide(self, what: str, taken: str, evidence: str, flag: str = "", *, said: bool = True) -> None:
        """Keep a decision; say it unless it is the usual one."""
        self.decisions.append(Decision(what, taken, evidence, flag))
        if said:
            self.note(f"{what}: {taken} ({evidence})", flag)

    def leave_out(self, names: Iterable[str], reason: str) -> None:
        """Keep why columns are not read; it is said elsewhere."""
        self.left_out.update(dict.fromkeys(names, reason))

    def note(self, text: str, flag: str = "") -> None:
        """Say one remark."""
        self.listener.note(write_line(text), flag)

    def warn(self, text: str, flag: str = "") -> None:
        """Say one remark about the data that even `--quiet` lets through."""
        self.listener.note(write_line(text), flag, warning=True)


class Silence:
    """A listener for what is only tried, and nobody needs to hear of."""

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Hear nothing."""

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Hear nothing."""


def write_line(text: str) -> str:
    """Return a text on one line; the names and cells of a file may hold line breaks."""
    return " ".join(text.splitlines())


_SINGULAR = {"are": "is", "have": "has"}


def say_count(count: int, noun: str, verb: str = "") -> str:
    """Return a count with its noun, and with a verb given in the plural: `1 row repeats`, `12 rows repeat`."""
    if verb and count == 1:
        verb = _SINGULAR.get(verb, f"{verb}s")
    return f"{count:,} {noun}{'' if count == 1 else 's'} {verb}".rstrip()


def list_names(names: list[str] | tuple[str, ...], most: int = 6) -> str:
    """Return names as a phrase: `a, b, c and 4 more`."""
    shown = ", ".join(" ".join(name.split()) for name in names[:most])  # a note is one line
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
