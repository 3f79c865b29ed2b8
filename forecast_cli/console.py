"""The face: results to stdout, everything else to stderr.

Data never passes through Rich, and text of the user is never markup. What goes to people is stripped of control
characters; data are written as they are. How things are drawn is the business of `drawing.py`.
"""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self, TextIO

from forecast_cli.drawing import Bar, Command, Drawing, Facts, Part, draw_parts, make_rich
from forecast_cli.output import Columns, Manner, Streams, encode_data, list_rows, turn_rows, write_result, write_stream
from forecast_cli.wording import (
    choose_ends,
    choose_rows,
    clean,
    describe_bytes,
    describe_facts,
    describe_windows,
    name_constants,
    pick_rows,
    show_gap,
)

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

    from forecast_cli.errors import ForecastError
    from forecast_cli.results import CleanTable, CompareResult, Inspection, RankingRow, Summary, TrainResult
    from forecast_cli.types import Forecast, Json

SECONDS_BETWEEN_LINES = 10.0  # of progress, where there is no bar
STAGES_IN_BYTES = ("reading",)
MOST_TARGETS = 20  # whose errors are drawn at the end of `train`


class Console:
    """Writes what the workflows say and return; the `Listener` of a run."""

    def __init__(self, streams: Streams, manner: Manner, clock: Callable[[], float] = time.monotonic) -> None:
        self._streams = streams
        self._manner = manner
        self._clock = clock
        self._spoken = clock()
        self._rich: RichConsole | None = None
        self._bar: Bar | None = None
        self._stage = ("", 0.0)  # counted in bytes, and when it began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._stop_bar()

    # --- Listener: what is heard while a workflow runs ---

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Write one line to stderr; `--quiet` keeps warnings only."""
        line = f"{text} ({flag})" if flag else text
        if warning:
            self._say(f"warning: {clean(line)}", "yellow")
        elif not self._manner.quiet:
            self._say(clean(line), "dim")

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Move the bar on a terminal, else write a line at most every ten seconds."""
        if self._manner.quiet:
            return
        in_bytes = stage in STAGES_IN_BYTES
        words = describe_bytes(done, total, self._time_stage(stage, done, total)) if in_bytes else describe_facts(facts)
        if self._has_bar():
            self._move_bar(clean(stage), done, total, words)
        elif self._clock() - self._spoken >= SECONDS_BETWEEN_LINES:
            self._spoken = self._clock()
            self._say(f"{clean(stage)} {'' if in_bytes else f'{done}/{total}  '}{words}".rstrip(), "dim")

    def _time_stage(self, stage: str, done: int, total: int) -> float:
        """Return the seconds since a stage was first heard of, or heard of again after its end."""
        name, began = self._stage
        if name != stage:
            began = self._clock()
        self._stage = ("" if done >= total else stage, began)
        return self._clock() - began

    # --- Failures ---

    def fail(self, error: ForecastError) -> None:
        """Write what went wrong and what to do next; with `--format json` also as one JSON line."""
        self._stop_bar()
        self._say(f"error: {clean(error.message, keep_lines=True)}", "red")
        if error.hint:
            self._say(f"hint: {clean(error.hint, keep_lines=True)}", "")
        self._fail_in_json(int(error.code), error.message, error.hint)

    def report_bug(self, trace: str, version: str) -> None:
        """Write a traceback, what the libraries said, and where to report it."""
        self._stop_bar()
        said = self._streams.read_diverted()
        self._streams.messages.write(f"{said}{trace}")
        message, where = f"a bug in forecast {version}", "please report it with the lines above where you got forecast"
        self._say(f"error: this is {message}; {where}", "red")
        self._fail_in_json(1, message, where)

    def _fail_in_json(self, code: int, message: str, hint: str) -> None:
        if self._manner.format == "json":
            record = {"error": {"code": code, "message": message, "hint": hint}}
            self._streams.messages.write(json.dumps(record) + "\n")
            self._streams.messages.flush()

    # --- Results ---

    def show_training(self, result: TrainResult) -> None:
        """Write the ranking as the result; the errors, the verdict and what was saved as remarks."""
        facts = {"model": result.model, "model_dir": str(result.model_dir), "learnt_until": result.learnt_until}
        errors = turn_rows([asdict(error) for error in result.errors])
        document = {"verdict": asdict(result.verdict), **facts, "errors": list_rows(errors)}
        document |= {"refitted_until": result.refitted_until, "findings": [asdict(each) for each in result.findings]}
        self._write_ranking(result.ranking, document)
        if not self._manner.quiet:
            self._draw_errors(result)
        self.note(result.verdict.sentence)
        self.note(f"learnt until {result.learnt_until}")
        if result.refitted_until:
            self.note(f"predict runs what was fitted again, until {result.refitted_until}", "--refit")
        for finding in result.findings:
            self.note(finding.text, finding.flag)
        if result.is_saved:
            self.note(f"saved {result.model} in {result.model_dir}, which contains data", "--model-dir")

    def _draw_errors(self, result: TrainResult) -> None:
        from forecast_cli.reporting.facts import sort_worst

        messages, count = self._streams.messages, len(result.errors)
        shown = result.errors if count <= MOST_TARGETS else sort_worst(result.errors)[:MOST_TARGETS]
        write_stream(self._draw([Drawing(turn_rows([asdict(error) for error in shown]))], messages).encode(), messages)
        if len(shown) < count:
            worst = f"these are the {len(shown)} targets where the model is worst beside the baseline"
            self.note(f"{worst}; the other {count - len(shown):,} are in {result.model_dir / 'report.json'}")

    def show_comparison(self, result: CompareResult) -> None:
        """Write the ranking as the result, or the errors by part; the verdict and the windows as remarks."""
        document = {"verdict": asdict(result.verdict), "windows": dict(result.windows)}
        if result.by is None:
            self._write_ranking(result.ranking, document)
        else:
            self._write_parts(result, document)
        self.note(describe_windows(result.windows))
        self.note(result.verdict.sentence)

    def show_forecast(self, forecast: Forecast) -> None:
        """Write the forecast table; drawn, a long one shows its first and last steps."""
        columns = forecast.to_columns()
        title, varying = name_constants(columns)
        rows = choose_rows(len(columns["step"]), len(forecast.steps))
        spare = (("step",), *((f"lower_{level}", f"upper_{level}") for level in reversed(forecast.levels)))
        is_drawn = self._write(columns, lambda: list_rows(columns), [title, Drawing(pick_rows(varying, rows), spare)])
        if is_drawn and None in rows:
            self.note("the first and last steps are shown; a file takes all of them", "-o forecast.csv")

    def show_template(self, form: Columns) -> None:
        """Write the form to fill in for `--future`."""
        self._write(form, lambda: list_rows(form), [Drawing(form)])

    def show_summary(self, summary: Summary) -> None:
        """Write one row a layer and a total; drawn, the facts of the model directory stand above."""
        from forecast_cli.reporting.terminal.network import LEGEND, draw_layers, layers_columns, summary_to_json

        columns = layers_columns(summary)
        facts = {"fact": list(summary.facts), "value": list(summary.facts.values())}
        layers: list[Part] = [Drawing(draw_layers(columns)), LEGEND] if summary.layers else []
        drawn = [Drawing(facts), *layers]
        self._write(columns, lambda: summary_to_json(summary), drawn)
        for note in summary.notes:
            self.note(note)

    def show_inspection(self, found: Inspection) -> None:
        """Write a row per column; drawn, all that was found on one screen that ends in the suggested command."""
        from forecast_cli.reporting.terminal.inspection import inspection_to_json, profile_table
        from forecast_cli.reporting.terminal.screen import (
            SPARE,
            draw_columns,
            explain_columns,
            list_facts,
            list_findings,
        )

        facts, findings = Facts({"files": ", ".join(found.sources), **list_facts(found)}), list_findings(found)
        table = Drawing(draw_columns(found), SPARE)
        parts: list[Part] = [facts, " ", table, explain_columns(found), " "]
        parts += [Facts(findings), " "] if findings else []
        drawn = [*parts, Command(found.command)]
        if self._write(profile_table(found), lambda: inspection_to_json(found), drawn):
            return
        for warning in found.warnings:
            self.note(warning, warning=True)
        for text in (*findings.values(), found.command):
            self.note(text)

    def show_clean_table(self, table: CleanTable) -> None:
        """Write the clean table; drawn, its first and last rows. Then how training goes on from it."""
        from forecast_cli.ingest.views.clean_file import print_rows, write_csv, write_parquet

        by_name = "parquet" if str(self._manner.output).endswith(".parquet") else None
        form = self._manner.format or by_name or self._choose_form()
        if form in ("csv", "parquet"):
            pieces = write_csv(table) if form == "csv" else write_parquet(table)
            write_result(pieces, self._manner.output, self._streams.results)
        else:
            places = choose_ends(table.n_rows) if form == "table" else range(table.n_rows)
            columns = print_rows(table, [row for row in places if row is not None])
            self._write(columns, lambda: list_rows(columns), [Drawing(show_gap(columns, places))])
        name = self._manner.output or ("clean.csv" if form == "table" else "-")
        self.note(f"go on with: {shlex.join(['forecast', 'train', name, *table.flags])}")

    def _write_parts(self, result: CompareResult, document: Json) -> None:
        from forecast_cli.reporting.tables import choose_spare, parts_columns, ranking_columns

        columns, ranking = parts_columns(result.parts), list_rows(ranking_columns(result.ranking))
        document = {"schema_version": 1, **document, "ranking": ranking, "by": result.by, "parts": list_rows(columns)}
        self._write(columns, lambda: document, [Drawing(columns, choose_spare(columns))])

    def _write_ranking(self, ranking: Sequence[RankingRow], document: Json) -> None:
        from forecast_cli.reporting.tables import choose_spare, ranking_columns

        columns = ranking_columns(ranking)
        drawn = [Drawing(columns, choose_spare(columns))]
        self._write(columns, lambda: {"schema_version": 1, **document, "ranking": list_rows(columns)}, drawn)

    def _write(self, columns: Columns, document: Callable[[], Any], drawn: Sequence[Part]) -> bool:
        """Write a result in the form asked for; True when it was drawn."""
        output, results = self._manner.output, self._streams.results
        form = self._manner.format or self._choose_form()
        is_drawn = form == "table"
        data = self._draw(drawn, results).encode() if is_drawn else encode_data(form, columns, document)
        write_result(data, output, results)
        return is_drawn

    def _choose_form(self) -> str:
        return "table" if self._manner.output is None and self._streams.results.isatty() else "csv"

    # --- Rich ---

    def _draw(self, parts: Sequence[Part], stream: TextIO) -> str:
        return draw_parts(parts, stream, self._manner.color)

    def _say(self, line: str, style: str) -> None:
        messages = self._streams.messages
        if not messages.isatty():
            messages.write(line + "\n")
            messages.flush()
            return
        from rich.text import Text

        self._rich = self._rich or make_rich(messages, messages, self._manner.color)
        self._rich.print(Text(line, style=style), soft_wrap=True)

    def _has_bar(self) -> bool:
        """Tell whether a bar can be drawn: with `--verbose` the libraries would write across it."""
        dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
        return self._streams.messages.isatty() and not dumb and not self._manner.verbose

    def _move_bar(self, stage: str, done: int, total: int, facts: str) -> None:
        if self._bar is None or self._bar.stage != stage:
            self._stop_bar()
            self._rich = self._rich or make_rich(self._streams.messages, self._streams.messages, self._manner.color)
            self._bar = Bar(stage, self._rich)
        self._bar.move(done, total, facts)
        if done >= total:
            self._stop_bar()

    def _stop_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None
