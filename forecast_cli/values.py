"""The values of flags, checked: a wrong one ends in exit 2 before a file is opened."""

from __future__ import annotations

import re

import typer

SIZE_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}  # powers of 1024
AGGREGATES = ("mean", "sum", "last", "min", "max", "std")
_TIME = re.compile(r"(\d{1,9})\s*(us|ms|s|min|h|D|d|W|w|MS|H|T|S)", re.ASCII)


def parse_count(text: str) -> int:
    """Return a whole number of 1 or more."""
    count = _read_whole(text)
    if count < 1:
        raise typer.BadParameter(f"{text} is too small: give 1 or more")
    return count


def parse_count_or_zero(text: str) -> int:
    """Return a whole number of 0 or more."""
    count = _read_whole(text)
    if count < 0:
        raise typer.BadParameter(f"{text} is too small: give 0 or more")
    return count


def parse_steps(text: str) -> int | str:
    """Return a count of steps of 1 or more, or a time such as `4h`, which becomes steps once their length is known."""
    return parse_count(text) if _is_count(text) else parse_time(text)


def parse_steps_or_zero(text: str) -> int | str:
    """Return a count of steps of 0 or more, or a time such as `30min`."""
    return parse_count_or_zero(text) if _is_count(text) else parse_time(text)


def parse_age(text: str) -> str:
    """Return a length of time as written; a bare count is none, since an age is not counted in steps."""
    if _is_count(text):
        raise typer.BadParameter(f"{text!r} has no unit: write 30min, 2h or 7d")
    return parse_time(text)


def parse_lookback(text: str) -> int | str:
    """Return the steps or the time of history, or the word `auto`."""
    word = text.strip().lower()
    return word if word == "auto" else parse_steps(text)


def parse_seconds(text: str) -> float:
    """Return a length of time such as `90s`, `10min` or `1h` in seconds; months are none, since they differ."""
    from forecast_cli.frequency import parse_freq

    microseconds = parse_freq(parse_age(text)).microseconds
    if microseconds is None:
        raise typer.BadParameter(f"{text!r} is no fixed length of time: write 90s, 10min or 1h")
    return microseconds / 1e6


def parse_time(text: str) -> str:
    """Return a length of time as written, once it is a count and a unit."""
    match = _TIME.fullmatch(str(text).strip())
    if match is None or int(match[1]) == 0:
        raise typer.BadParameter(f"{text!r} is neither a count nor a time: write 24, 90s, 30min, 4h, 7d, 2W or 3MS")
    return "".join(match.groups())


def parse_rate(text: str) -> float:
    """Return a finite number above 0."""
    try:
        rate = float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number") from None
    if not 0 < rate < float("inf"):
        raise typer.BadParameter(f"{text} is not a finite number above 0")
    return rate


def parse_levels(text: str) -> str:
    """Return the levels as given, once they are whole percents from 1 to 99, ascending and each once."""
    levels = [_read_whole(word) for word in text.split(",")]
    outside = [level for level in levels if not 1 <= level <= 99]
    if outside:
        raise typer.BadParameter(f"{outside[0]} is no level: give whole percents from 1 to 99, such as 80,95")
    if levels != sorted(set(levels)):
        straight = ",".join(str(level) for level in sorted(set(levels)))
        raise typer.BadParameter(f"{text} is not ascending, each level once: write {straight}")
    return text


def split_levels(text: str) -> tuple[int, ...]:
    """Return checked levels as numbers."""
    return tuple(int(word) for word in text.split(","))


def parse_size(text: str) -> int:
    """Return a size in bytes: `0`, `500KB`, `64MB`, `1.5GB`; a kilobyte has 1024 bytes."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)I?B?", str(text).strip().upper())
    if match is None:
        raise typer.BadParameter(f"{text!r} is no size: write 0, 500KB, 64MB or 1.5GB")
    number, prefix = match.groups()
    return round(float(number) * 1024.0 ** SIZE_UNITS[prefix])


def parse_share(text: str) -> float:
    """Return a share from 0 to 1, given as 5% or 0.05."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)", str(text).strip())
    share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if not 0 <= share <= 1:
        raise typer.BadParameter(f"{text!r} is no share: write 5% or 0.05")
    return share


def parse_delimiter(text: str) -> str:
    """Return the one character between cells; `tab` and a backslash with t name the tab."""
    delimiter = "\t" if text in ("tab", "\\t") else text
    if len(delimiter) != 1:
        raise typer.BadParameter(f"{text!r} is not one character: write one such as ';', or tab")
    return delimiter


def parse_encoding(text: str) -> str:
    """Return the name of an encoding that Python knows."""
    import codecs

    try:
        return codecs.lookup(text).name
    except (LookupError, ValueError):
        raise typer.BadParameter(f"{text!r} is no encoding: write one such as utf-8, latin-1 or cp949") from None


def parse_aggregate(text: str) -> tuple[str, str]:
    """Return column and aggregate of `rain=sum`; a bare `sum` is for all columns."""
    name, how = split_pair(text)
    if how not in AGGREGATES:
        raise typer.BadParameter(f"{how!r} is no aggregate: write one of {', '.join(AGGREGATES)}, or rain=sum")
    return name, how


def parse_bound(text: str) -> tuple[str, float]:
    """Return column and bound of `flow=0`; a bare number is for all targets."""
    name, number = split_pair(text)
    try:
        bound = float(number)
    except ValueError:
        bound = float("nan")
    if not abs(bound) < float("inf"):
        raise typer.BadParameter(f"{number!r} is no finite number: write 0, or flow=0")
    return name, bound


def split_pair(text: str) -> tuple[str, str]:
    """Return both sides of the last `=`; without one, `*` and the text."""
    name, sign, value = str(text).rpartition("=")
    return (name, value.strip()) if sign else ("*", value.strip())


def _is_count(text: str) -> bool:
    return re.fullmatch(r"\s*[+-]?\d+\s*", str(text), re.ASCII) is not None


def _read_whole(text: str) -> int:
    word = str(text).strip()
    if not re.fullmatch(r"[+-]?\d{1,15}", word, re.ASCII):
        raise typer.BadParameter(f"{text!r} is not a whole number")
    return int(word)
