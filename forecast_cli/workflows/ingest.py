"""`forecast ingest`: a clean copy of the files, from which `forecast train` learns the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.ingest.journal import Journal
from forecast_cli.ingest.read import gather
from forecast_cli.ingest.views.clean_table import finds_step, finds_targets, lay_table
from forecast_cli.workflows.phrases import count_things
from forecast_cli.workflows.strictness import heed

if TYPE_CHECKING:
    from forecast_cli.ingest.read import Gathered
    from forecast_cli.requests import IngestRequest
    from forecast_cli.results import CleanTable
    from forecast_cli.types import Listener, ReadingOptions


def ingest(request: IngestRequest, listener: Listener) -> CleanTable:
    """Return the clean table of the files, with the flags that training on it needs.

    Raises DataError where the data cannot be used, UsageError where the options cannot be followed.
    """
    listener = heed(listener, request.strict)
    journal = Journal(listener)
    table = gather(request.sources, request.reading, journal)
    clean = lay_table(table, journal)
    clean = replace(clean, flags=tuple(list_flags(request.reading, table, clean)))
    empty = sum(int(np.isnan(clean.columns[name]).sum()) for name in table.names.all)
    listener.note(
        f"{count_things(clean.n_rows, 'row')} of {count_things(len(table.names.all), 'column')}, "
        f"{count_things(empty, 'cell')} empty: where nothing was observed, nothing is written"
    )
    return clean


def list_flags(asked: ReadingOptions, table: Gathered, clean: CleanTable) -> list[str]:
    """Return the flags with which `forecast train` reads the clean table as the files are read with those given.

    What the table already shows (its format, aggregates, tags) is not repeated; what is done to its values later is:
    roles, the step, the zone, how gaps are filled, meters, directions, bounds.
    """
    options, columns = table.options, asked.columns
    flags: list[str] = []
    if columns.timestamp and clean.time:
        flags += ["--timestamp", clean.time[0]]
    if columns.targets or not finds_targets(clean, table):
        flags += _repeat("--target", table.names.targets)
    if clean.series:
        flags += ["--series-id", clean.series[0]]
    flags += _repeat("--past-covariate", table.names.past)
    flags += _repeat("--future-covariate", table.names.future)
    flags += _repeat("--static-covariate", options.columns.static_covariates)
    if asked.freq or not finds_step(clean, table):
        flags += ["--freq", str(table.grid.freq)]
    plain = {"--season": asked.season, "--tz": asked.tz, "--max-gap": asked.max_gap}
    flags += [word for flag, value in plain.items() if value is not None for word in (flag, str(value))]
    flags += ["--fill", asked.fill] if asked.fill != "linear" else []
    flags += [*_repeat("--angle", options.angles), *_repeat("--counter", options.counters)]
    flags += _repeat("--min", [f"{name}={bound!r}" for name, bound in options.minimum])
    flags += _repeat("--max", [f"{name}={bound!r}" for name, bound in options.maximum])
    return flags + (["--keep-sentinels"] if asked.keep_sentinels else [])


def _repeat(flag: str, values: tuple[str, ...] | list[str]) -> list[str]:
    return [word for value in values for word in (flag, value)]
