"""What columns of time are called, in a few languages."""

from __future__ import annotations

import re

_TIME = re.compile(
    r"(^|[^a-z])(date|time|timestamp|datetime|stamp|ts|epoch|unix|utc|day|week|month"
    r"|[yj]{4}m{1,2}d|datum|zeit|uhrzeit|fecha|hora|data|heure|horodat)",
    re.IGNORECASE,
)
_PARTS = {
    "year": "year yr yyyy yy jahr año ano année annee anno",
    "month": "month mon mm mo mnth monat mes mois mese mês",
    "day": "day dd dom dayofmonth tag dia día jour giorno",
    "day of year": "doy dayofyear yday jday julian julianday yearday",
    "hour": "hour hr hrs hh h he hourending hourofday stunde hora heure ora",
    "minute": "minute min mins mi minuto minuten",
    "second": "second sec secs ss sekunde segundo seconde",
}
_NAMES = {name: part for part, names in _PARTS.items() for name in names.split()}


def names_time(name: str) -> bool:
    """Return whether a column is called like a time."""
    return _TIME.search(name) is not None


def find_part(name: str) -> str | None:
    """Return which part of a time a column is called by: `year`, `month`, `hour`, ...; None for any other name."""
    return _NAMES.get(re.sub(r"[\s_.\-]|\(.*\)|\[.*\]", "", name).lower())
