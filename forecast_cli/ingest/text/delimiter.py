"""Which character stands between the cells: the one that gives rows of one width whose cells mean something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.ingest.text.cells import classify_cell
from forecast_cli.ingest.text.records import SPACES, find_width, parse_records, take_bulk
from forecast_cli.ingest.text.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", SPACES: "spaces"}
_NAMED = {"\\t": "\t", **{name: sign for sign, name in DELIMITERS.items()}}
_NUMBER_LIKE = re.compile(r"[+\u2212-]?\d{1,3}(?:[.,'\u2019\u00a0\u202f ]\d{3})*(?:[.,]\d+)?\s*([^\d\s+-]\S{0,11})?")
_DECIMAL = re.compile(r"[+-]?\d+(,\d+)?")
_MOST_LINES = 1_000
_MOST_CELLS = 4_000  # that are judged per delimiter


@dataclass(frozen=True)
class Fit:
    """How well a delimiter fits the sampled lines."""

    delimiter: str
    width: int  # cells of most lines
    steady: int  # lines of that width
    lines: int
    sound: float  # share of cells that are numbers, stamps or missing

    @property
    def score(self) -> tuple[float, int]:
        """What the best delimiter has most of: steady lines of sound cells, then the width."""
        return round(self.steady / max(self.lines, 1) * (0.2 + self.sound), 1), self.width


def judge_again(texts: Sequence[str], delimiter: str) -> Fit | None:
    """Return the fit of the delimiter of a table with the same header; None where it does not fit every line."""
    fit = judge_delimiter(texts, delimiter)
    return fit if fit.width > 1 and fit.steady == fit.lines and fit.sound > 0.5 else None


def detect_delimiter(texts: Sequence[str], decimal: str | None) -> Fit:
    """Return the delimiter that fits the texts best; `decimal`: the sign as asked.

    A comma that was asked for as the decimal sign parts cells only if there are quotation marks around numbers; spaces
    part them only where nothing else does.
    """
    quoted = decimal != "," or any('"' in text for text in texts)
    fits = [judge_delimiter(texts, sign) for sign in DELIMITERS if sign != SPACES and (sign != "," or quoted)]
    best = max(fits, key=lambda fit: fit.score)  # the earlier where two fit equally
    if (best.delimiter, best.width) == (",", 2) and _is_one_column(texts[0]):
        best = fits[1]
    if best.width > 1 or best.sound > 0.5:
        return best
    spaced = judge_delimiter(texts, SPACES)
    is_table = spaced.width > 1 and spaced.steady >= 0.8 * spaced.lines and spaced.sound > 0.5
    return spaced if is_table else best


def judge_delimiter(texts: Sequence[str], delimiter: str) -> Fit:
    """Return how well a delimiter fits: judged by the later half of the lines, below all that is above a table."""
    records = [record for text in texts for record in parse_records(text, delimiter)[0]]
    bulk = take_bulk(records)
    width = find_width(bulk)
    cells = list(islice((cell for record in _spread(bulk) for cell in record), _MOST_CELLS))
    sound = sum(map(_is_sound, cells)) / max(len(cells), 1)
    return Fit(delimiter, width, sum(len(record) == width for record in bulk), len(bulk), sound)


def read_delimiter(label: str, texts: Sequence[str], asked: str) -> Fit:
    """Return the delimiter as asked; raises UsageError where it is none, or parts no line that another parts."""
    sign = _NAMED.get(asked.lower(), asked)
    if len(sign) != 1 or sign in '"\r\n':
        raise UsageError(f"{asked!r} is no delimiter", "give one character, or tab, comma, semicolon, pipe, spaces")
    fit = judge_delimiter(texts, sign)
    if fit.width <= 1 and not any(sign in text for text in texts):
        better = detect_delimiter(texts, None)
        if better.width > 1:
            name = DELIMITERS[better.delimiter]
            raise UsageError(
                f"{label} has no {DELIMITERS.get(sign, repr(sign))} between its cells",
                f"leave --delimiter out: {name} fits",
            )
    return fit


def _is_one_column(head: str) -> bool:
    """Return whether a table is one column of decimal commas: a single name above rows such as `12,5`."""
    (name, *lines) = [line.strip() for line in head.splitlines() if line.strip()][:_MOST_LINES]
    return "," not in name and bool(lines) and all(map(_DECIMAL.fullmatch, lines))


def _spread(records: Sequence[list[str]]) -> Sequence[list[str]]:
    """Return at most 200 records from all places."""
    return records[:: max(len(records) // 200, 1)]


def _is_sound(cell: str) -> bool:
    """Return whether a cell is what tables of sensors hold: a number, a stamp, nothing."""
    if classify_cell(cell) != "text" or classify_cell(cell, ",") != "text":
        return True
    match = _NUMBER_LIKE.fullmatch(cell.strip())
    return match is not None and (match[1] is None or is_unit(match[1]))
