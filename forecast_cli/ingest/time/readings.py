"""The SQL that reads cells as instants: quick for the usual form of a column, careful where that fails."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast_cli.ingest.scan.query import quote
from forecast_cli.ingest.time.spellings import read_named_offset
from forecast_cli.ingest.time.stamps import count_formats, name_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.time.stamps import Stamp

ISO_NAME = "ISO 8601"
_DAY = 86_400_000_000
_USUAL = 2  # formats that are tried first, without a look at anything else
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
_COLUMN = re.compile(r"c\d+")  # SQL
_OFFSET = r"([+-])(\d{2}):?(\d{2})?$"  # of a cell with a time of day


@dataclass(frozen=True)
class StampReading:
    """One way to read the time columns."""

    name: str  # for people: "ISO 8601", "dd/mm/yyyy", "epoch seconds"
    columns: tuple[int, ...]
    instant: str  # SQL: microseconds since 1970, UTC or a clock without a zone; null where unreadable
    offset: str | None = None  # SQL: minutes ahead of UTC
    is_zoned: bool = False
    is_zulu: bool = False  # some stamps end in Z
    shown: str = ""  # the name with the time of day: "dd/mm/yyyy hh.mm.ss"
    is_ordered: bool = False  # the day and the month could stand the other way round
    is_last_resort: bool = False  # taken only where no other reading fits nearly as well
    usual: str | None = None  # SQL of the usual form alone, which has no zone; null for all other cells
    layout: str | None = None  # strptime's format that a cell of one column is tried with first, where it has no zone


@dataclass(frozen=True)
class Cells:
    """The cells of a column, or of a date and a time of day joined by a space, as SQL."""

    raw: str
    trimmed: str
    stamps: tuple[Stamp, ...]  # how the sampled ones are written
    told: str = ""  # what is understood of them beyond the instant: "CET as +01:00"

    @property
    def zones(self) -> list[str]:
        """The zones of the sampled cells."""
        return [stamp.zone.strip().upper() for stamp in self.stamps if stamp.zone]


def read_iso(cells: Cells) -> StampReading:
    """Return the reading of dates with the year first; the zone is looked for in every cell, not only in the sample.

    Cells in the usual form of the sample are read by it alone; it fits no cell with a zone.
    """
    zones = cells.zones
    usual = [] if zones else count_formats(cells.stamps)[:_USUAL]
    plain = [_parse(cells.raw, usual)] if usual else []
    texts = (cells.raw, _write_plainly(cells.trimmed))
    utc = [f"epoch_us(try_cast({text} AS TIMESTAMPTZ))" for text in texts]
    local = [f"epoch_us(try_cast({text} AS TIMESTAMP))" for text in texts]
    apart = f"CAST((coalesce({', '.join(local)}) - coalesce({', '.join(utc)})) // 60000000 AS SMALLINT)"
    if plain:
        offset = f"CASE WHEN {plain[0]} IS NULL THEN {apart} END"
    else:
        offset = f"CASE WHEN {cells.raw} LIKE '%Z' THEN 0 ELSE {apart} END"
    instant = f"coalesce({', '.join([*plain, *utc])})"
    reading = StampReading(ISO_NAME, (), instant, offset, bool(zones), _has_zulu(zones))
    return replace(reading, usual=plain[0], layout=_take_layout(cells, usual)) if plain else reading


def read_formats(name: str, cells: Cells, formats: Sequence[str] = ()) -> StampReading:
    """Return the reading by formats of strptime; without them by those of the sampled cells, and their like."""
    zones = cells.zones
    more = [] if formats else list_other_formats(cells.stamps)
    formats = formats or count_formats(cells.stamps)
    careful = _write_evenly(cells.trimmed, bool(zones))
    every = list(dict.fromkeys([*map(_space, formats), *more]))
    usual = [_parse(cells.raw, formats[:_USUAL])] if not zones else []
    offset = None
    later = [_parse(careful, every), _parse_midnight(careful, every)]
    if zones:
        offset = _read_offset(cells.trimmed)
        later = [f"{sql} - 60000000 * CAST({offset} AS BIGINT)" for sql in later]
    instant = f"coalesce({', '.join([*usual, *later])})"
    reading = StampReading(name, (), instant, offset, bool(zones), _has_zulu(zones), _show(cells.stamps))
    return replace(reading, layout=_take_layout(cells, formats)) if usual else reading


def tell_more(reading: StampReading, told: str) -> StampReading:
    """Return a reading whose name says what else it understands of a cell; as it is where that is nothing."""
    if not told:
        return reading
    return replace(reading, name=f"{reading.name}, {told}", shown=f"{reading.shown or reading.name}, {told}")


def heed_name(reading: StampReading, column: str) -> StampReading:
    """Return a reading of stamps without a zone at the offset that the name of their column tells, if it tells one."""
    minutes = read_named_offset(column)
    if minutes is None or reading.is_zoned:
        return reading
    moved = replace(
        reading,
        instant=f"({reading.instant} - {minutes * 60_000_000})",
        offset=f"CAST({minutes} AS SMALLINT)",
        is_zoned=True,
        is_zulu=minutes == 0,
        usual=None,
        layout=None,
    )
    return tell_more(moved, f"{minutes / 60:+g} h from UTC as its name says" if minutes else "in UTC as its name says")


def _take_layout(cells: Cells, formats: Sequence[str]) -> str | None:
    """Return the format that is tried first, where the cells are those of one column as they are."""
    return formats[0] if _COLUMN.fullmatch(cells.raw) else None


def list_other_formats(stamps: Sequence[Stamp]) -> list[str]:
    """Return the formats that the dates of the sampled cells may have elsewhere, with other times of day."""
    dates = list(dict.fromkeys(stamp.date for stamp in stamps if not re.search("%[HI]", stamp.date)))
    return [date + clock for date in dates for clock in _CLOCKS]


def _parse(text: str, formats: Sequence[str]) -> str:
    return f"epoch_us(try_strptime({text}, [{', '.join(map(quote, formats))}]))"


def _parse_midnight(text: str, formats: Sequence[str]) -> str:
    """Return the SQL that reads 24:00 as the midnight after; null for any other time."""
    end = r"(^|[T ,_])24([:.h]?)(00)?([:.]?(00([.,]0+)?)?)$"
    start = f"regexp_replace({text}, {quote(end)}, '\\100\\2\\3\\4')"
    return f"CASE WHEN regexp_matches({text}, {quote(end)}) THEN {_parse(start, formats)} + {_DAY} END"


def _write_plainly(text: str) -> str:
    """Return the SQL that turns the spellings of ISO 8601 that DuckDB does not cast into one that it does."""
    steps = [
        (r"^(\d{4})[./](\d{1,2})[./](\d{1,2})", r"\1-\2-\3"),
        (r"^(\d{4})(\d{2})(\d{2})([T _:-])", r"\1-\2-\3\4"),
        (r"^(\d{4}-\d{1,2}-\d{1,2})(, *|_| - |-|:)", r"\1 "),
        (r"^(\S{8,10}[T ]+\d{2})(\d{2})(\d{2})", r"\1:\2:\3"),
        (r"^(\S{8,10}[T ]+\d{2})(\d{2})", r"\1:\2"),
        (r"^(\S{8,10}[T ]+\d{1,2})( *[Z+-].*)?$", r"\1:00\2"),
        (r"^(\S{8,10}[T ]+\d{1,2})[.H](\d{2})", r"\1:\2"),
        (r"^(\S{8,10}[T ]+\d{1,2}:\d{2})[.](\d{2})", r"\1:\2"),
        (r"(:\d{2}),(\d)", r"\1.\2"),
        (r" *(UTC|GMT)?([+-]\d{2}(:?\d{2})?)$", r"\2"),
        (r" *(Z|UTC|GMT)$", "Z"),
    ]
    return _replace(f"upper({text})", steps)


def _write_evenly(text: str, has_zones: bool) -> str:
    """Return the SQL that brings what strptime is strict about into one form: spaces, AM and PM, long fractions."""
    zone = (r"(\d[:.h]\d{2}([.,:]\d{1,9})?( ?[ap]\.? ?m\.?)?) ?(z|utc|gmt|(utc|gmt)?[+-]\d{2}(:?\d{2})?)$", r"\1")
    steps = [
        (r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +", ""),
        (r"(\d) *([ap])(\.? ?m\.?)?$", r"\1 \2M"),
        (r"([:.]\d{2}[.,]\d{6})\d+", r"\1"),
    ]
    return _replace(text, [zone, *steps] if has_zones else steps)


def _replace(text: str, steps: Sequence[tuple[str, str]]) -> str:
    for pattern, new in steps:
        text = f"regexp_replace({text}, {quote(pattern)}, {quote(new)}, 'i')"
    return text


def _space(form: str) -> str:
    """Return a format as it is after `_write_evenly`."""
    return form if " %p" in form else form.replace("%p", " %p")


def _read_offset(text: str) -> str:
    """Return the SQL of the minutes ahead of UTC that a cell ends with; 0 where it names none."""
    part = [f"regexp_extract({text}, {quote(_OFFSET)}, {k})" for k in (1, 2, 3)]
    minutes = f"CAST({part[1]} AS SMALLINT) * 60 + CASE WHEN {part[2]} = '' THEN 0 ELSE CAST({part[2]} AS SMALLINT) END"
    signed = f"CASE WHEN {part[0]} = '-' THEN -1 ELSE 1 END * ({minutes})"
    return f"CASE WHEN regexp_matches({text}, {quote('[:.]' + chr(92) + 'd{2}.*' + _OFFSET)}) THEN {signed} ELSE 0 END"


def _has_zulu(zones: Sequence[str]) -> bool:
    return any(zone in ("Z", "UTC", "GMT") for zone in zones)


def _show(stamps: Sequence[Stamp]) -> str:
    return name_format(count_formats(stamps)[0]) if stamps else ""
