"""`forecast inspect`: what the files hold, before anything is trained."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.frequency import count_steps, natural_seasons
from forecast_cli.ingest.journal import Journal
from forecast_cli.ingest.read import gather, make_panel
from forecast_cli.ingest.views.axis import describe_axis, describe_gaps
from forecast_cli.ingest.views.profile import profile_columns
from forecast_cli.prepare.season import find_seasons
from forecast_cli.results import Inspection
from forecast_cli.stages import tell_stage
from forecast_cli.workflows.strictness import heed
from forecast_cli.workflows.suggestions import list_findings, list_sure_flags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.ingest.read import Gathered
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.requests import InspectRequest
    from forecast_cli.types import Listener, Panel, Reading

MOST_IDS = 5


@dataclass(frozen=True)
class Memory:
    """A listener that keeps the remarks of the reader, for one screen to show; progress is passed on."""

    listener: Listener
    warnings: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Keep a remark with its flag."""
        (self.warnings if warning else self.notes).append((text, flag))

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Pass progress on."""
        self.listener.progress(stage, done, total, facts)


def inspect(request: InspectRequest, listener: Listener) -> Inspection:
    """Return what was found in the files; raises DataError or UsageError where they cannot be read at all."""
    memory = Memory(listener)
    journal = Journal(heed(memory, request.strict))
    table = gather(request.sources, request.reading, journal)
    with tell_stage(memory, "profile columns"):
        columns = profile_columns(table, journal)
    axis = describe_axis(table, journal)
    panel, reading = make_panel(table, journal)
    with tell_stage(memory, "find seasons"):
        seasons = _find_seasons(request, panel)
    found = Inspection(
        sources=reading.sources,
        format=describe_format(table.scans[0]),
        rows=dict(reading.counts),
        time=axis,
        gaps=describe_gaps(table, int(reading.options.max_gap or 0)),
        series=describe_series(panel),
        seasons=seasons,
        columns=columns,
        decisions=reading.decisions,
        warnings=tuple(f"{text} ({flag})" if flag else text for text, flag in memory.warnings),
        rejects=reading.rejects,
        findings=(),
        command="",
    )
    return _suggest(request, found, table, reading, memory)


def _suggest(
    request: InspectRequest, found: Inspection, table: Gathered, reading: Reading, memory: Memory
) -> Inspection:
    findings = list_findings(found, table, reading.options, [*memory.warnings, *memory.notes])
    words = ["forecast", "train", *request.sources, *request.flags, *list_sure_flags(found.columns, reading.options)]
    return replace(found, findings=findings, command=shlex.join(words))


def describe_format(scan: Scan) -> dict[str, Any]:
    """Return how the first file is written."""
    dialect = scan.dialect
    if dialect is None:
        return {"kind": "Parquet"}
    return {
        "kind": "gzipped text" if scan.source.kind == "gzip" else "text",
        "delimiter": dialect.delimiter,
        "decimal": dialect.decimal,
        "thousands": dialect.thousands,
        "encoding": dialect.encoding,
        "has_header": dialect.has_header,
        "preamble_lines": dialect.preamble - dialect.levels + 1,
        "lines_above_data": dialect.skip,
        "has_units": any(dialect.units),
    }


def describe_series(panel: Panel) -> dict[str, Any]:
    """Return how many series there are, the first ids, and their lengths in steps."""
    lengths = np.diff(panel.indptr)
    return {
        "count": panel.n_series,
        "ids": list(panel.series_ids[:MOST_IDS]),
        "shortest": int(lengths.min()),
        "median": int(np.median(lengths)),
        "longest": int(lengths.max()),
    }


def _find_seasons(request: InspectRequest, panel: Panel) -> tuple[int, ...]:
    """Return the season that was asked for, else those found in all rows."""
    if request.reading.season is not None:
        return (count_steps(request.reading.season, panel.freq, "--season"),)
    end = int((panel.start + np.diff(panel.indptr)).max())
    return find_seasons(panel, end, natural_seasons(panel.freq))
