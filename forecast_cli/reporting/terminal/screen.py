"""An inspection as people read it: facts with labels, a table of columns, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecast_cli.frequency import format_span
from forecast_cli.ingest.journal import say_count
from forecast_cli.reporting.sparkline import draw_sparkline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forecast_cli.results import ColumnProfile, Inspection

MOST_COLUMNS = 24  # drawn; a file takes all of them
MOST_REJECTS = 3
MOST_WARNINGS = 6
LONGEST_NAME = 24
SPARE = (("median",), ("unit",), ("kind",))  # left out where the terminal is narrow


def list_facts(found: Inspection) -> dict[str, str]:
    """Return what is said of the files, label by label."""
    facts = {
        "format": _say_format(found.format),
        "rows": _say_rows(found),
        "time": _say_time(found.time),
        "step": _say_step(found.time),
        "gaps": _say_gaps(found.gaps, found.time["step"]),
        "order": "; ".join(_list_flaws(found.time)) or "in order, no instant twice",
        "seasons": ", ".join(f"{n:,} steps ({format_span(n, found.time['step'])})" for n in found.seasons)
        or "none found",
        "series": _say_series(found.series),
        "rejects": "\n".join(_list_rejects(found)),
        "warnings": "\n".join(_shorten_list(found.warnings, MOST_WARNINGS)),
    }
    return {label: text for label, text in facts.items() if text}


def list_findings(found: Inspection) -> dict[str, str]:
    """Return the suggestions, numbered."""
    return {
        f"{k}.": f"{each.text} ({each.flag})" if each.flag else each.text for k, each in enumerate(found.findings, 1)
    }


def draw_columns(found: Inspection) -> dict[str, list[Any]]:
    """Return the table of columns to draw; of very many the first."""
    shown = found.columns[:MOST_COLUMNS]
    table: dict[str, list[Any]] = {
        "column": [_shorten(each.column) for each in shown],
        "role": [each.role for each in shown],
        "kind": [each.kind for each in shown],
        "unit": [each.unit for each in shown],
        "missing": [_say_share(each.missing) for each in shown],
        "min": [each.minimum for each in shown],
        "median": [each.median for each in shown],
        "max": [each.maximum for each in shown],
        "shape": [draw_sparkline(each.outline) for each in shown],
        "stuck": [each.longest_run if each.is_stuck else None for each in shown],
        "spikes": [each.spikes or None for each in shown],
    }
    hidden = len(found.columns) - len(shown)
    return table if not hidden else {name: [*cells, "…"] for name, cells in table.items()}


def explain_columns(found: Inspection) -> str:
    """Return what the figures in the table mean, where there are any; "" else."""
    shown: tuple[ColumnProfile, ...] = found.columns[:MOST_COLUMNS]
    said = []
    if any(each.is_stuck for each in shown):
        said.append("stuck: rows of one value in a run above three times the column's tenth longest")
    if any(each.spikes for each in shown):
        said.append("spikes: values beyond the middle 98 % by three times its width")
    if len(found.columns) > len(shown):
        said.append(f"{len(found.columns) - len(shown):,} more columns: --format csv")
    return "; ".join(said)


def _say_format(how: Mapping[str, Any]) -> str:
    if "delimiter" not in how:
        return str(how["kind"])
    delimiter = {"\t": "tab", " ": "space"}.get(how["delimiter"], how["delimiter"])
    said = [f"{how['kind']}, delimiter {delimiter}  decimal {how['decimal']}  encoding {how['encoding']}"]
    said.append("a header" if how["has_header"] else "no header")
    if how["preamble_lines"]:
        said.append(f"{say_count(how['preamble_lines'], 'line')} above it")
    if how["has_units"]:
        said.append("units below it")
    return ", ".join(said)


def _say_rows(found: Inspection) -> str:
    rows, files = found.rows, len(found.sources)
    said = (
        f"{say_count(rows['rows_read'], 'row')} of {say_count(files, 'file')}"
        if files > 1
        else f"{rows['rows_read']:,}"
    )
    lost = rows.get("rows_rejected", 0)
    again = rows.get("repeated_headers", 0)
    return (
        said
        + (f", of which {lost:,} left out" if lost else "")
        + (f", {say_count(again, 'repeated header')}" if again else "")
    )


def _say_time(time: Mapping[str, Any]) -> str:
    zone = f", {'UTC' if time['zone'] == 'Z' else time['zone']}" if time["zone"] else ", a clock without a zone"
    read = str(time["read_as"])
    return f"{time['first']} to {time['last']}{zone if time['columns'] else ''}\n{read}"


def _say_step(time: Mapping[str, Any]) -> str:
    """Return the step and how usual it is; what else is usual, where much is."""
    distances = time["distances"]
    if not distances:
        return str(time["step_words"])
    others = [
        f"{each['distance']} {_say_share(each['share'])}" for each in distances if each["distance"] != time["step"]
    ]
    own = next((each["share"] for each in distances if each["distance"] == time["step"]), None)
    if own is None:  # calendar months, or a step that nobody keeps exactly
        return f"{time['step_words']}; rows are {', '.join(others)} apart"
    said = f"{time['step_words']}, {_say_share(own)} of all distances"
    return said + (f"; others: {', '.join(others)}" if others else "")


def _say_gaps(gaps: Mapping[str, Any], freq: str) -> str:
    if not gaps["count"]:
        return "no step without a row"
    words = [f"{count:,} {_name_length(name)}" for name, count in gaps["lengths"].items()]
    said = f"{say_count(gaps['missing'], 'step')} without a row ({_say_share(gaps['share'])}): {', '.join(words)}"
    longest = f", the longest {gaps['longest_words']}" if gaps["longest"] > 1 else ""
    filled = gaps["filled_up_to"]
    return f"{said}{longest}; up to {say_count(filled, 'step')} ({format_span(filled, freq)}) are filled"


def _name_length(name: str) -> str:
    return "longer" if name.startswith(">") else f"of {name} step{'' if name == '1' else 's'}"


def _list_flaws(time: Mapping[str, Any]) -> Iterator[str]:
    if time["is_newest_first"]:
        yield "the newest row comes first"
    elif time["out_of_order"]:
        yield f"time runs backwards {say_count(time['out_of_order'], 'time')}"
    if time["duplicates"]:
        yield f"{say_count(time['duplicates'], 'row')} twice"
    if time["conflicts"]:
        yield f"{say_count(time['conflicts'], 'instant')} again with other values"
    if time["averaged"]:
        yield f"{say_count(time['averaged'], 'row')} in a step that has one already"
    if time["off_grid"]:
        yield f"{say_count(time['off_grid'], 'row')} off the grid by more than a tenth of a step"
    elif time["jittered"]:
        yield f"{say_count(time['jittered'], 'row')} off the grid, usually by {time['jitter_seconds']:g} s"


def _say_series(series: Mapping[str, Any]) -> str:
    if series["count"] == 1:
        return ""
    same = series["shortest"] == series["longest"]
    length = (
        f"{series['longest']:,} steps each" if same else f"of {series['shortest']:,} to {series['longest']:,} steps"
    )
    more = ", ..." if series["count"] > len(series["ids"]) else ""
    return f"{series['count']:,}, {length}: {', '.join(map(_shorten, series['ids']))}{more}"


def _list_rejects(found: Inspection) -> Iterator[str]:
    for each in found.rejects[:MOST_REJECTS]:
        yield f"{each.source}, line {each.line:,}: {each.reason}: {_shorten(each.text)}"


def _shorten_list(texts: tuple[str, ...], most: int) -> list[str]:
    return [*texts[:most], *([f"and {len(texts) - most:,} more"] if len(texts) > most else [])]


def _shorten(name: str) -> str:
    """Return a name of one line that leaves room for the rest of a row, its end kept."""
    line = " ".join(str(name).split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 9]}…{line[-8:]}"


def _say_share(share: float | None) -> str:
    """Return a share in percent, "" for none, and never 0 % or 100 % for what is only nearly so."""
    if not share:
        return ""
    percent = 100 * share
    if percent < 0.1:
        return "<0.1 %"
    return f"{percent:.0f} %" if percent == 100 else f"{min(percent, 99.9):.1f} %"
