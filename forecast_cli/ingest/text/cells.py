"""What one cell of a text table is: missing, a number, a stamp, or text."""

from __future__ import annotations

import re
from typing import Literal

from forecast_cli.ingest.time.stamps import parse_stamp, parse_time_of_day

Kind = Literal["missing", "number", "stamp", "text"]

MISSING = frozenset(
    [
        *(
            "",
            "-",
            "--",
            "---",
            "----",
            "\u2013",
            "\u2014",
            "?",
            ".",
            "*",
            "**",
            "***",
            "****",
            "*****",
            "******",
            "\\n",
        ),
        *("na", "n/a", "n.a.", "#n/a", "#na", "<na>", "#n/a n/a", "nan", "-nan", "nat", "null", "none", "nil"),
        *("missing", "no data", "nodata", "no_data", "not available"),
        *("#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"),  # of spreadsheets
        *("1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind", "1.#inf", "-1.#inf"),  # of C on Windows
    ]
)
_LONGEST = 80  # characters of a stamp
_NUMBER = re.compile(r"[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|inf|infinity)", re.IGNORECASE)
TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?( ?[AaPp]\.?[Mm]\.?)?|\d{1,2}\.\d{2}\.\d{2}")


def is_missing(cell: str) -> bool:
    """Return whether a cell is empty or one of the usual codes for a missing value."""
    return cell.strip().lower() in MISSING


def is_number(cell: str, decimal: str = ".") -> bool:
    """Return whether a cell is a number, infinities included."""
    text = cell.strip()
    return _NUMBER.fullmatch(text.replace(",", ".") if decimal == "," else text) is not None


def is_stamp(cell: str) -> bool:
    """Return whether a cell looks like a date, a time of day, or both."""
    return len(cell) <= _LONGEST and (parse_stamp(cell) is not None or parse_time_of_day(cell) is not None)


def classify_cell(cell: str, decimal: str = ".") -> Kind:
    """Return what a cell is; a number is a number even where it could be read as a time."""
    if is_missing(cell):
        return "missing"
    if is_number(cell, decimal):
        return "number"
    return "stamp" if is_stamp(cell) else "text"
