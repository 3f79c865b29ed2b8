"""How people write instants: the forms of a date, of a time of day and of a zone, and strptime's word for each."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from forecast_cli.ingest.time.spellings import simplify, simplify_clock

if TYPE_CHECKING:
    from collections.abc import Sequence

Family = Literal["year first", "ordered", "named", "month", "week", "day of year"]

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august"]
_MONTHS += ["september", "october", "november", "december"]
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name != "may" else name for name in _MONTHS)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? +)?"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:(?P<s1>[:.h])(?P<minute>\d{2})(?:(?P<s2>[:.])(?P<second>\d{2})(?:(?P<s3>[.,:])\d{1,9})?)?)?"
    r"(?P<half> ?[ap]\.? ?m\.?|(?<=[:.]\d\d)[ap])?"
)
_COMPACT_CLOCK = r"(?P<compact>\d{6}|\d{4}|\d{2})(?:(?P<s4>[.,])\d{1,9})?"
_ZONE = r"(?P<zone> ?(?:z|utc|gmt|(?:utc|gmt)?[+-]\d{2}(?::?\d{2})?))?"
_JOIN = r"(?P<join>t|,? +|_| - |-|(?<=\d{4}):)"  # 10/Oct/2000:13:55, but not 10-Oct 13:55
_WIDE_JOIN = r"(?P<join>t|,? +|_| - |-|:)"
_FRACTION = "%f"
_SHORTEST, _LONGEST = 8, 80  # characters
_WORDS = {
    **{"%Y": "yyyy", "%y": "yy", "%m": "mm", "%d": "dd", "%b": "Mon", "%B": "Month"},
    **{"%H": "hh", "%I": "hh", "%M": "mm", "%S": "ss", "%f": "f", "%p": "AM/PM"},
    **{"%G": "yyyy", "%V": "ww", "%u": "d", "%j": "ddd"},
}

_DATES: dict[str, tuple[Family, str]] = {
    "year first": ("year first", r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"),
    "ordered": ("ordered", r"(?P<a>\d{1,2})(?P<s>[-/.]|\. ?)(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})"),
    "day, name": (
        "named",
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?P<s>[-/. ]|\. |)(?P<name>{_MONTH})(?P<t>[-/., ]{{1,2}}|)(?P<y>\d{{4}}|\d{{2}})",
    ),
    "name, day": (
        "named",
        rf"{_WEEKDAY}(?P<name>{_MONTH})(?P<s>\.? |[-/.])(?P<d>\d{{1,2}})(?P<t>, ?|[ -/.])(?P<y>\d{{4}}|\d{{2}})",
    ),
    "year, name": ("named", rf"(?P<y>\d{{4}})(?P<s>[-/. ]|)(?P<name>{_MONTH})(?P<t>[-/. ]|)(?P<d>\d{{1,2}})"),
}
_WHOLE: dict[str, tuple[Family, str]] = {  # without a time of day
    "week": ("week", r"(?P<y>\d{4})(?P<s>-?)w(?P<week>\d{2})(?:-?(?P<d>[1-7]))?"),
    "year, month": ("month", r"(?P<y>\d{4})(?P<s>[-/])(?P<m>0?[1-9]|1[0-2])"),
    "month, year": ("month", r"(?P<m>0?[1-9]|1[0-2])(?P<s>[-/.])(?P<y>(?:1[89]|2[01])\d{2})"),
    "name, year": ("month", rf"(?P<name>{_MONTH})(?P<s>[-/., ]{{1,2}})(?P<y>\d{{4}}|\d{{2}})"),
    "day of year": ("day of year", r"(?P<y>(?:19|20)\d{2})(?P<s>-)(?P<n>[0-3]\d{2})"),
}
_DATE_TEXTS = {  # strptime's
    "year first": "%Y{s}%m{s}%d",
    "ordered": "%d{s}%m{s}{y}",
    "day, name": "%d{s}{b}{t}{y}",
    "name, day": "{b}{s}%d{t}{y}",
    "year, name": "{y}{s}{b}{t}%d",
    "week": "%G{s}W%V",
    "year, month": "%Y{s}%m",
    "month, year": "%m{s}%Y",
    "name, year": "{b}{s}{y}",
    "day of year": "%Y-%j",
}


def _compile(form: str) -> re.Pattern[str]:
    return re.compile(form, re.IGNORECASE | re.ASCII)


_FORMS: list[tuple[str, Family, re.Pattern[str]]] = [
    *[
        (kind, family, _compile(rf"{date}(?:{_JOIN if kind != 'year first' else _WIDE_JOIN}(?:{_CLOCK}){_ZONE})?"))
        for kind, (family, date) in _DATES.items()
    ],
    (
        "year first",
        "year first",
        _compile(
            r"(?P<y>(?:19|20)\d{2})(?P<s>)(?P<m>\d{2})(?P<d>\d{2})"
            rf"(?P<join>[t_ :-])(?:{_COMPACT_CLOCK}|{_CLOCK}){_ZONE}"
        ),
    ),
    *[(kind, family, _compile(form)) for kind, (family, form) in _WHOLE.items()],
]
_C_TIME = _compile(rf"[a-z]{{3}} (?P<name>{_MONTH}) +(?P<d>\d{{1,2}}) {_CLOCK} (?P<y>\d{{4}})")
_TIME_OF_DAY = _compile(_CLOCK)


@dataclass(frozen=True)
class Stamp:
    """How one cell writes an instant."""

    family: Family
    date: str  # strptime's format; of "ordered" dates the one with the day first
    clock: str = ""  # strptime's format of the time of day, with what joins it to the date
    zone: str = ""  # as written
    numbers: tuple[int, int, int] | None = None  # of "ordered" dates; of others that were written in numbers y, m, d
    is_simplified: bool = False  # the cell holds more than the instant: the end of an interval, a word for the zone

    @property
    def format(self) -> str:
        """The whole as strptime writes it, without the zone."""
        return self.date + self.clock


@lru_cache(maxsize=100_000)
def parse_stamp(cell: str) -> Stamp | None:
    """Return how a cell writes an instant, None where it is none; a number is none, a time of day alone neither."""
    text = cell.strip()
    stamp = _parse(text)
    if stamp is not None or not _SHORTEST <= len(text) <= _LONGEST or (simple := simplify(text)) == text:
        return stamp
    stamp = _parse(simple)
    return replace(stamp, is_simplified=True) if stamp is not None else None


def _parse(text: str) -> Stamp | None:
    if not 6 <= len(text) <= _LONGEST or not any(sign.isdigit() for sign in text):
        return None
    for kind, family, form in _FORMS:
        match = form.fullmatch(text)
        if match:
            stamp = _describe(kind, family, match.groupdict())
            return stamp if _can_be(stamp.numbers) else None
    match = _C_TIME.fullmatch(text)
    return Stamp("named", f"%b %d {_describe_clock(match.groupdict())} %Y") if match else None


def parse_time_of_day(cell: str) -> str | None:
    """Return strptime's format of a time of day such as `18.00.00` or `6:00 PM`; None where it is none."""
    match = _TIME_OF_DAY.fullmatch(simplify_clock(cell.strip()))
    if match is None or (match["minute"] is None and match["half"] is None) or int(match["hour"]) > 24:
        return None
    return _describe_clock(match.groupdict())


def _describe(kind: str, family: Family, parts: dict[str, str | None]) -> Stamp:
    name = parts.get("name") or ""
    words = {
        "s": parts.get("s") or "",
        "t": parts.get("t") or "",
        "y": "%Y" if len(parts["y"] or "") == 4 else "%y",
        "b": "%b" if len(name) == 3 else "%B",
    }
    clock = (parts.get("join") or "").upper() + _describe_clock(parts)
    keys = ("a", "b", "y") if family == "ordered" else ("y", "m", "d")
    given = [parts.get(key) for key in keys]
    numbers = (int(given[0] or 0), int(given[1] or 0), int(given[2] or 0)) if all(given) else None
    return Stamp(family, _DATE_TEXTS[kind].format(**words), clock, parts.get("zone") or "", numbers)


def _can_be(numbers: tuple[int, int, int] | None) -> bool:
    """Return whether three numbers can be a day, a month and a year in any order."""
    if numbers is None:
        return True
    a, b, c = numbers
    orders = [(a, b), (b, a), *([(c, b)] if c < 100 or a > 31 else [])]
    return any(1 <= day <= 31 and 1 <= month <= 12 for day, month in orders)


def _describe_clock(parts: dict[str, str | None]) -> str:
    """Return strptime's format of the time of day; "" where there is none."""
    compact = parts.get("compact")
    if compact:
        return "%H%M%S"[: len(compact)] + (f"{parts['s4']}%f" if parts["s4"] else "")
    if not parts.get("hour"):
        return ""
    half = parts.get("half") or ""
    text = "%I" if half else "%H"
    for sign, word in (("s1", "%M"), ("s2", "%S"), ("s3", _FRACTION)):
        text += f"{parts[sign]}{word}" if parts.get(sign) else ""
    return text + (" %p" if half.startswith(" ") else "%p" if half else "")


def name_format(text: str) -> str:
    """Return a format of strptime as people write it: `dd/mm/yyyy hh:mm`."""
    return re.sub(r"%[A-Za-z]", lambda match: _WORDS.get(match[0], match[0]), text)


def count_formats(stamps: Sequence[Stamp]) -> list[str]:
    """Return the formats of these cells, the most frequent first."""
    return [text for text, _ in Counter(stamp.format for stamp in stamps).most_common()]
