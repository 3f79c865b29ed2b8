"""The format of `--time-format`: is it one, and do cells fit it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from forecast_cli.errors import UsageError
from forecast_cli.ingest.text.cells import is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

_KNOWN = frozenset("aAbBdfGHIjmMpSuVyYzZ%")  # what Python and DuckDB read alike
_FITS = 0.9  # share of the sampled cells


def check_time_format(text: str) -> None:
    """Raise UsageError where a text is no format of strptime, or names no year."""
    codes = re.findall(r"%-?(.?)", text)
    unknown = [code for code in codes if code not in _KNOWN]
    hint = "write it as strptime does: '%d.%m.%Y %H:%M'"
    if unknown:
        raise UsageError(f"--time-format {text!r}: strptime knows no %{unknown[0]}", hint)
    if not {"y", "Y", "G"} & set(codes):
        raise UsageError(f"--time-format {text!r} names no year", hint)
    try:
        _fits(text, "")
    except (ValueError, re.error) as error:
        raise UsageError(f"--time-format {text!r}: {error}", hint) from error


def fits_format(text: str, cells: Sequence[str]) -> bool:
    """Return whether nearly all of the sampled cells have this format, and at least one does."""
    known = [cell.strip() for cell in cells if not is_missing(cell)]
    return bool(known) and sum(_fits(text, cell) for cell in known) >= _FITS * len(known)


def _fits(text: str, cell: str) -> bool:
    try:
        datetime.strptime(_fold(cell), text.replace("%-", "%"))
    except ValueError as error:
        if "does not match" in str(error) or "unconverted" in str(error) or "day" in str(error):
            return False
        raise
    return True


def _fold(cell: str) -> str:
    """Return a cell with what is read beyond the format put right: 24:00, and fractions beyond a microsecond."""
    return re.sub(r"(?<!\d)24(?=[:.]?00)", "00", re.sub(r"([.,]\d{6})\d+", r"\1", cell))
