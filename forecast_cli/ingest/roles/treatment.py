"""What the flags ask of single columns: from patterns to exact names, refused where it makes no sense."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from forecast_cli.errors import UsageError
from forecast_cli.ingest.journal import list_names
from forecast_cli.ingest.roles.columns import expand_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.roles.channels import Names
    from forecast_cli.types import Aggregate, ReadingOptions

T = TypeVar("T")
ALL = "*"


def check_bounds(options: ReadingOptions) -> None:
    """Raise UsageError where --min is not below --max for the same columns; no file needs to be read to know it."""
    upper = dict(options.maximum)
    for name, bound in options.minimum:
        if bound >= upper.get(name, float("inf")):
            what = "" if name == ALL else f"{name}="
            raise UsageError(
                f"--min {what}{bound:g} is not below --max {what}{upper[name]:g}", "no forecast fits between them"
            )


def name_kinds(options: ReadingOptions, names: Sequence[str], label: str) -> ReadingOptions:
    """Return the options with the exact names of angles and counters.

    Raises DataError for a name that is none of `names`, UsageError for a column that is asked to be both.
    """
    angles = _expand_all(options.angles, names, label)
    counters = _expand_all(options.counters, names, label)
    both = [name for name in angles if name in counters]
    if both:
        raise UsageError(f"{list_names(both)} cannot be both an --angle and a --counter", "name it once")
    return replace(options, angles=angles, counters=counters)


def settle_treatment(
    options: ReadingOptions, channels: Names, names: Sequence[str], label: str, journal: Journal
) -> ReadingOptions:
    """Return the options with exact names throughout, those of columns that are read; `names`: all that there are.

    Raises DataError for a name that is no column, UsageError where a column cannot be treated as asked.
    """
    aggregate = _name_pairs(options.aggregate, channels.all, {*options.angles, *options.counters}, names, label)
    _check_aggregate(options, dict(aggregate))
    free = set(options.angles)
    minimum = _name_pairs(options.minimum, channels.targets, free, names, label)
    maximum = _name_pairs(options.maximum, channels.targets, free, names, label)
    exact = replace(options, aggregate=aggregate, minimum=minimum, maximum=maximum)
    bounded = [name for name, _ in (*minimum, *maximum) if name in free]
    if bounded:
        raise UsageError(f"{list_names(bounded)} is an angle, which has no bounds", "leave out its --min and --max")
    check_bounds(exact)
    _note_unread(exact, channels, journal)
    return replace(
        exact,
        angles=tuple(name for name in options.angles if name in channels.all),
        counters=tuple(name for name in options.counters if name in channels.all),
        aggregate=tuple(pair for pair in aggregate if pair[0] in channels.all),
        minimum=tuple(pair for pair in minimum if pair[0] in channels.targets),
        maximum=tuple(pair for pair in maximum if pair[0] in channels.targets),
    )


def _expand_all(patterns: Sequence[str], names: Sequence[str], label: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for pattern in patterns for name in expand_pattern(pattern, names, label)))


def _name_pairs(
    pairs: Sequence[tuple[str, T]], everything: Sequence[str], spared: set[str], names: Sequence[str], label: str
) -> tuple[tuple[str, T], ...]:
    """Return a pair per exact name; one that names columns outranks `*`, which passes over those that are spared."""
    found: dict[str, T] = {}
    for pattern, value in sorted(pairs, key=lambda pair: pair[0] != ALL):
        taken = (
            [name for name in everything if name not in spared]
            if pattern == ALL
            else expand_pattern(pattern, names, label)
        )
        found |= dict.fromkeys(taken, value)
    return tuple(found.items())


def _check_aggregate(options: ReadingOptions, aggregate: dict[str, Aggregate]) -> None:
    for name, how in aggregate.items():
        if name in options.counters and how != "last":
            raise UsageError(
                f"--aggregate {name}={how}: of a counter's readings in a step the last one counts",
                "leave it out: the increase per step is forecast",
            )
        if name in options.angles and how not in ("mean", "last"):
            raise UsageError(
                f"--aggregate {name}={how}: an angle has no {how}", f"give {name}=mean or {name}=last, or leave it out"
            )


def _note_unread(options: ReadingOptions, channels: Names, journal: Journal) -> None:
    """Say which flags stay without effect, because they name columns that are not read."""
    asked = {
        "--angle": options.angles,
        "--counter": options.counters,
        "--aggregate": tuple(name for name, _ in options.aggregate),
        "--min": tuple(name for name, _ in options.minimum),
        "--max": tuple(name for name, _ in options.maximum),
    }
    for flag, names in asked.items():
        read = channels.targets if flag in ("--min", "--max") else channels.all
        unread = [name for name in names if name not in read]
        if unread:
            kind = "not forecast" if flag in ("--min", "--max") else "not read"
            journal.note(f"{flag} {list_names(unread)} has no effect: {kind}", "--target")
