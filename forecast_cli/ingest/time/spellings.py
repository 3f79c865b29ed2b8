"""What stands around a stamp that says more than the instant, brought into a form that every reading knows.

`01.04.2026 00:00 - 01.04.2026 01:00` is an interval, of which the start counts; `06:00 CET` names an offset by a word,
`GMT+0100 (CET)` says it twice. The same patterns serve Python, for the sampled cells, and DuckDB, for all others.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from forecast_cli.ingest.scan.query import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

_ZONES = (  # words that mean one offset nearly everywhere; winter and summer come together
    {"CET": "+01:00", "CEST": "+02:00"},
    {"MEZ": "+01:00", "MESZ": "+02:00"},
    {"WET": "+00:00", "WEST": "+01:00"},
    {"EET": "+02:00", "EEST": "+03:00"},
    {"BST": "+01:00"},
    {"EST": "-05:00", "EDT": "-04:00"},
    {"CST": "-06:00", "CDT": "-05:00"},
    {"MST": "-07:00", "MDT": "-06:00"},
    {"PST": "-08:00", "PDT": "-07:00"},
    {"JST": "+09:00"},
    {"KST": "+09:00"},
    {"AEST": "+10:00", "AEDT": "+11:00"},
    {"NZST": "+12:00", "NZDT": "+13:00"},
)
_MONTHS = {  # in German, French, Spanish, Italian and Dutch; what is English already is left out
    "Jan": "januar|januari|janvier|janv|enero|ene|gennaio|gen",
    "Feb": "februar|februari|f\u00e9vrier|f\u00e9vr|fevr|febrero|febbraio",
    "Mar": "m\u00e4rz|m\u00e4r|mrz|maart|mrt|mars|marzo",
    "Apr": "avril|avr|abril|abr|aprile",
    "May": "mai|mei|mayo|maggio|mag",
    "Jun": "juni|juin|junio|giugno|giu",
    "Jul": "juli|juillet|juil|julio|luglio|lug",
    "Aug": "augustus|ao\u00fbt|aout|agosto|ago",
    "Sep": "septembre|sept|septiembre|settembre|set",
    "Oct": "oktober|okt|octobre|octubre|ottobre|ott",
    "Nov": "novembre|noviembre",
    "Dec": "dezember|dez|d\u00e9cembre|d\u00e9c|diciembre|dic|dicembre",
}
_WEEKDAYS = "mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim"
_WORDS = {word: offset for pair in _ZONES for word, offset in pair.items()}
_CLOCK = r"\d{1,2}[:.h]\d{2}(?::\d{2}(?:[.]\d+)?)?"
_DASH = r"(?:-|\x{2013}|to)"
_ASIDE = r" *\([a-z][a-z /.-]*\)"
_WORD = rf"(?:{_ASIDE}| ?[a-z]{{3,4}})?"
_BEFORE = (  # the word for a zone is looked at
    (rf"([+-]\d{{2}}:?\d{{2}}){_ASIDE}$", r"\1"),
    (rf"^(.*{_CLOCK}(?: ?[ap]m)?{_WORD}) {_DASH} \d[\d./: thapm-]*{_WORD}$", r"\1"),
)
_AFTER = ((rf"{_ASIDE}$", ""),)
_NAMES = (
    (rf"^(?:{_WEEKDAYS})[a-z]*[.]?,? +(\d)", r"\1"),
    *((rf"(\d[-/. ]{{0,2}})(?:{words})[.]?([-/., ]{{1,2}}\d)", rf"\1{month}\2") for month, words in _MONTHS.items()),
)
_CLOCK_SPANS = ((rf"^({_CLOCK}) ?{_DASH} ?{_CLOCK}$", r"\1"), (rf"^(\d{{2}}) ?{_DASH} ?\d{{2}}$", r"\1:00"))
_HOURS = re.compile(r"(\d{2})\D+(\d{2})")
_NAMED = re.compile(r"(?:^|[^a-z])(?:utc|gmt)(?:\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?)?(?:[^a-z]|$)", re.IGNORECASE)
_FARTHEST = 14 * 60  # minutes of any zone from UTC


@lru_cache(maxsize=100_000)
def simplify(cell: str) -> str:
    """Return a cell without the end of an interval or an aside, its zone as an offset; as it is where it has none."""
    text = _apply(cell, [*_BEFORE, *_NAMES])
    return _apply(text, [*_read_words([_find_word(text)]), *_AFTER])


@lru_cache(maxsize=10_000)
def simplify_clock(cell: str) -> str:
    """Return the start of an interval of times of day, as in `00:00 - 01:00` or `00 - 01`; else the cell as it is."""
    hours = _HOURS.fullmatch(cell)
    if hours and int(hours[2]) not in (int(hours[1]) + 1, (int(hours[1]) + 1) % 24):
        return cell
    return _apply(cell, _CLOCK_SPANS)


def write_simple(text: str, cells: Sequence[str]) -> str:
    """Return the SQL that simplifies the text of a cell, as these cells of its column need it."""
    return _write(text, [*_BEFORE, *_NAMES, *_read_words(_list_words(cells)), *_AFTER])


def write_simple_clock(text: str) -> str:
    """Return the SQL that simplifies the text of a time of day."""
    return _write(text, _CLOCK_SPANS)


def tell_spelling(cells: Sequence[str]) -> str:
    """Return for people what is understood of these cells beyond their instants; "" where nothing is."""
    told = [f"{word} as {_WORDS[word]}" for word in _list_words(cells, both=False)]
    if any(_apply(cell.strip(), _BEFORE[1:]) != cell.strip() for cell in cells):
        told.append("the start of each interval")
    return ", ".join(told)


def read_named_offset(name: str) -> int | None:
    """Return the minutes ahead of UTC that the name of a column tells, as in `Date Time, GMT+02:00`; None for none."""
    match = _NAMED.search(name)
    if match is None:
        return None
    minutes = int(match[2] or 0) * 60 + int(match[3] or 0)
    return None if minutes > _FARTHEST else -minutes if match[1] == "-" else minutes


def _find_word(text: str) -> str:
    """Return the word that a cell ends with, in capitals, where it names a zone; else ""."""
    match = re.search(r"[\dm] ?\(?([a-z]{3,4})\)?$", text, re.IGNORECASE)
    return match[1].upper() if match and match[1].upper() in _WORDS else ""


def _list_words(cells: Sequence[str], both: bool = True) -> list[str]:
    """Return the words for zones in these cells; with `both` also those for the other half of the year."""
    found = {_find_word(_apply(cell.strip(), _BEFORE)) for cell in cells}
    return [word for pair in _ZONES if found & pair.keys() for word in pair if both or word in found]


def _read_words(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(rf"([\dm]) ?\(?{word}\)?$", rf"\1{_WORDS[word]}") for word in words if word]


def _apply(text: str, steps: Sequence[tuple[str, str]]) -> str:
    for pattern, new in steps:
        compiled, filled = _compile(pattern, new)
        text = compiled.sub(filled, text)
    return text


@lru_cache(maxsize=1_000)
def _compile(pattern: str, new: str) -> tuple[re.Pattern[str], str]:
    """Return a step, written for DuckDB, as Python wants it."""
    filled = re.sub(r"\\(\d)", r"\\g<\1>", new)
    return re.compile(pattern.replace(r"\x{2013}", "\u2013"), re.IGNORECASE), filled


def _write(text: str, steps: Sequence[tuple[str, str]]) -> str:
    for pattern, new in steps:
        text = f"regexp_replace({text}, {quote(pattern)}, {quote(new)}, 'i')"
    return text
