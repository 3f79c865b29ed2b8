"""What people read: names without control characters, figures in four digits, the rows of a forecast worth drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

MOST_ROWS, FEW_ROWS = 40, 16  # of a drawn forecast, alone and beside plots
PACE_KNOWN_AFTER = 2.0  # seconds of a stage, until is told how long it will still take
MOST_GROUPS = 8  # series x target in a drawn forecast
_PLAIN = str.maketrans(  # what is drawn -> what every terminal has
    {"─": "-", "│": "|", "┤": "|", "├": "|", "┊": "|", "━": "=", "╸": "", "█": "#", "▒": ":", "░": ".", "•": "o"}
    | dict.fromkeys("└┘┌┐┬┴┼", "+")
    | dict(zip("▁▂▃▄▅▆▇", "__.--=*", strict=True))
    | {"⠤": "*", "⠒": "", "▸": ">", "…": "."}
)
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they turn the text around
_BREAKING = "\u2028\u2029"  # lines, for some terminals
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
_HARMLESS = dict.fromkeys([*_CONTROLS, *map(ord, _TURNING + _BREAKING)]) | {ord("\t"): " ", ord("\n"): "\n"}
_ONE_LINE = _HARMLESS | {ord("\n"): " "}


def clean(text: str, *, keep_lines: bool = False) -> str:
    """Return text without control characters, so that a column's name can neither ring nor redraw a terminal."""
    return str(text).translate(_HARMLESS if keep_lines else _ONE_LINE)


def to_plain(text: str) -> str:
    """Return text with the characters that are drawn replaced by such as every terminal has; names stay."""
    return text.translate(_PLAIN)


def format_cell(value: Any) -> str:
    """Return a cell of a drawn table: text cleaned, numbers in four digits, nothing for what is unknown."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return clean(value)
    return str(value) if isinstance(value, Integral) else format_number(float(value))


def format_number(value: float) -> str:
    """Return four digits of a number, in full where it has more before the point."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e15 else f"{value:#.4g}".rstrip(".")


def list_words(facts: Mapping[str, float]) -> list[str]:
    """Return the figures of a stage, what matters most first: `epoch 3/20`, `batch 12/586`, `1:20 left`."""
    known = {name: value for name, value in facts.items() if value == value}  # NaN: not known yet
    batch = ("validation", "validated", "validations") if "validated" in known else ("batch", "batch", "batches")
    pairs = [("epoch", "epoch", "epochs"), batch]
    words = [
        f"{name} {known[part]:.0f}/{known[whole]:.0f}" for name, part, whole in pairs if {part, whole} <= set(known)
    ]
    if "seconds_left" in known:
        words.append(f"{format_seconds(known['seconds_left'])} left")
    words += [f"{name} {format_number(known[name])}" for name in ("best", "loss", "val_loss") if name in known]
    if "windows_per_second" in known:
        words.append(f"{known['windows_per_second']:,.0f} windows/s")
    return words


def list_counts(done: int, total: int, seconds: float) -> list[str]:
    """Return how far a stage of several pieces is: `3,200/10,347`, and `0:12 left` once its pace is known."""
    if total <= 1:
        return []
    left = [f"{format_seconds(seconds * (total - done) / done)} left"] if done and seconds >= PACE_KNOWN_AFTER else []
    return [f"{done:,}/{total:,}", *left]


def describe_bytes(done: int, total: int, seconds: float) -> str:
    """Return how far a file is read as one line: `45 %  12 MB/s`; of an unknown size `45 MB  12 MB/s`."""
    far = f"{100 * done // total} %" if total > 0 else f"{done / 1e6:,.0f} MB"
    return f"{far}  {done / 1e6 / seconds:,.0f} MB/s" if seconds > 0 and done > 0 else far


def describe_windows(windows: Mapping[str, Any]) -> str:
    """Return the windows of a comparison as one line: `395 windows, cutoffs A to B, lookback 60, horizon 24`."""
    first, last = windows["first_cutoff"], windows["last_cutoff"]
    cutoffs = f"cutoff {first}" if first == last else f"cutoffs {first} to {last}"
    n = windows["n_windows"]
    counted = f"{n:,} window" if n == 1 else f"{n:,} windows"
    return f"{counted}, {cutoffs}, lookback {windows['lookback']}, horizon {windows['horizon']}"


def format_seconds(seconds: float) -> str:
    """Return a time as 1:20, or as 2:01:20 where it takes hours."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def choose_rows(total: int, horizon: int, most: int = MOST_ROWS) -> list[int | None]:
    """Return the rows of a forecast table to draw: first and last steps of the first series; None is a gap."""
    if total <= most:
        return list(range(total))
    groups = min(total // horizon, MOST_GROUPS)
    each = min(horizon, most // groups)
    rows: list[int | None] = []
    for first in range(0, groups * horizon, horizon):
        steps = list(range(first, first + horizon))
        rows += steps if each == horizon else [*steps[: each - each // 2], None, *steps[horizon - each // 2 :]]
    return rows if groups * horizon == total else [*rows, None]


def choose_ends(total: int) -> list[int | None]:
    """Return the rows of a long table to draw: the first and the last ones; None is a gap."""
    if total <= MOST_ROWS // 2:
        return list(range(total))
    return [*range(MOST_ROWS // 4), None, *range(total - MOST_ROWS // 4, total)]


def show_gap(columns: Mapping[str, Sequence[Any]], places: Sequence[int | None]) -> dict[str, list[Any]]:
    """Return the columns of the rows at these places, with a row of dots where a place is None."""
    cells = {name: iter(column) for name, column in columns.items()}
    return {name: ["…" if place is None else next(column) for place in places] for name, column in cells.items()}


def name_constants(columns: Mapping[str, Sequence[Any]]) -> tuple[str, dict[str, Sequence[Any]]]:
    """Return what is the same in every row of a forecast table as one line, and the columns that are left."""
    same = [name for name in ("series_id", "target", "cutoff") if len(set(columns[name])) == 1]
    line = "  ".join(f"{name} {columns[name][0]}" for name in same)
    return line, {name: cells for name, cells in columns.items() if name not in same}


def pick_rows(columns: Mapping[str, Sequence[Any]], rows: Sequence[int | None]) -> dict[str, list[Any]]:
    """Return these rows of a table; None is a gap, a row of dots."""
    return {name: ["…" if row is None else cells[row] for row in rows] for name, cells in columns.items()}
