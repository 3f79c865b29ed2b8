"""The face: results to stdout, everything else to stderr; the only room that imports Rich.

Data never passes through Rich, and text of the user is never markup. What goes to people is stripped of control
characters; data are written as they are. Rich is imported when something is drawn, so that `--help` starts at once.
"""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TextIO

from forecast_cli.output import (
    Columns,
    Manner,
    Streams,
    encode_data,
    list_rows,
    measure_width,
    turn_rows,
    write_result,
    write_stream,
)
from forecast_cli.wording import (
    choose_rows,
    clean,
    describe_facts,
    describe_windows,
    format_cell,
    name_constants,
    pick_rows,
)

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress, TaskID
    from rich.table import Table

    from forecast_cli.errors import ForecastError
    from forecast_cli.results import CompareResult, RankingRow, Summary, TrainResult
    from forecast_cli.types import Forecast, Json

SECONDS_BETWEEN_LINES = 10.0  # of progress, where there is no bar
MOST_TARGETS = 20  # whose errors are drawn at the end of `train`
SPARE_IN_RANKING = (("parameters",), ("fit_seconds",), ("rmse",), ("mse_scaled",), ("n_windows",), ("mase",))


class Drawing(NamedTuple):
    """A table to draw, and the columns that may be left out, group by group, where it is too wide."""

    columns: Columns
    spare: tuple[tuple[str, ...], ...] = ()


class Console:
    """Writes what the workflows say and return; the `Listener` of a run."""

    def __init__(self, streams: Streams, manner: Manner, clock: Callable[[], float] = time.monotonic) -> None:
        self._streams = streams
        self._manner = manner
        self._clock = clock
        self._spoken = clock()
        self._rich: RichConsole | None = None
        self._bar: tuple[str, Progress, TaskID] | None = None

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
        if self._has_bar():
            self._move_bar(clean(stage), done, total, describe_facts(facts))
        elif self._clock() - self._spoken >= SECONDS_BETWEEN_LINES:
            self._spoken = self._clock()
            self._say(f"{clean(stage)} {done}/{total}  {describe_facts(facts)}".rstrip(), "dim")

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
        self._write_ranking(result.ranking, {"verdict": result.verdict, **facts, "errors": list_rows(errors)})
        if not self._manner.quiet:
            self._draw_errors(result)
        self.note(result.verdict)
        self.note(f"learnt until {result.learnt_until}")
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
        """Write the ranking as the result, the verdict and the windows as remarks."""
        self._write_ranking(result.ranking, {"verdict": result.verdict, "windows": dict(result.windows)})
        self.note(describe_windows(result.windows))
        self.note(result.verdict)

    def show_forecast(self, forecast: Forecast) -> None:
        """Write the forecast table; drawn, a long one shows its first and last steps."""
        columns = forecast.to_columns()
        title, varying = name_constants(columns)
        rows = choose_rows(len(columns["step"]), len(forecast.steps))
        spare = (("step",), *((f"lower_{level}", f"upper_{level}") for level in reversed(forecast.levels)))
        is_drawn = self._write(columns, lambda: list_rows(columns), [title, Drawing(pick_rows(varying, rows), spare)])
        if is_drawn and None in rows:
            self.note("the first and last steps are shown; a file takes all of them", "-o forecast.csv")

    def show_summary(self, summary: Summary) -> None:
        """Write one row a layer and a total; drawn, the facts of the model directory stand above."""
        layers = [{**asdict(row), "output": "x".join(map(str, row.output))} for row in summary.layers]
        total = {"layer": "total", "output": "", "parameters": summary.parameters, "remark": ""}
        columns = turn_rows([*layers, total])
        facts = {"fact": list(summary.facts), "value": list(summary.facts.values())}
        drawn = [Drawing(facts), *([Drawing(columns)] if summary.layers else [])]
        rows = [asdict(row) for row in summary.layers]
        document = {"facts": dict(summary.facts), "layers": rows, "parameters": summary.parameters}
        self._write(columns, lambda: {"schema_version": 1, **document, "notes": list(summary.notes)}, drawn)
        for note in summary.notes:
            self.note(note)

    def _write_ranking(self, ranking: Sequence[RankingRow], document: Json) -> None:
        from forecast_cli.reporting.tables import ranking_columns

        columns = ranking_columns(ranking)
        drawn = [Drawing(columns, SPARE_IN_RANKING)]
        self._write(columns, lambda: {"schema_version": 1, **document, "ranking": list_rows(columns)}, drawn)

    def _write(self, columns: Columns, document: Callable[[], Any], drawn: Sequence[Drawing | str]) -> bool:
        """Write a result in the form asked for; True when it was drawn."""
        output, results = self._manner.output, self._streams.results
        form = self._manner.format or ("table" if output is None and results.isatty() else "csv")
        is_drawn = form == "table"
        data = self._draw(drawn, results).encode() if is_drawn else encode_data(form, columns, document)
        write_result(data, output, results)
        return is_drawn

    # --- Rich ---

    def _make_rich(self, stream: TextIO, file: TextIO) -> RichConsole:
        """Return a Rich console that writes to `file` and looks as fits `stream`."""
        from rich.console import Console as RichConsole

        terminal = stream.isatty()
        width = None if terminal and os.isatty(0) else measure_width(stream)  # Rich measures what 0 is connected to
        no_color = True if not self._manner.color else None  # None: as NO_COLOR says
        return RichConsole(
            file=file,
            force_terminal=terminal,
            width=width,
            no_color=no_color,
            markup=False,
            highlight=False,
            emoji=False,
        )

    def _draw(self, parts: Sequence[Drawing | str], stream: TextIO) -> str:
        """Return tables and lines as text for a stream; Rich does not write it, for it hides a closed pipe."""
        file = io.StringIO()
        rich = self._make_rich(stream, file)
        for part in parts:
            if isinstance(part, Drawing):
                table, missing = fit_table(part, rich)
                rich.print(table)
                part = f"not shown: {', '.join(missing)}" if missing else ""
            if part:
                rich.print(clean(part))
        return file.getvalue()

    def _say(self, line: str, style: str) -> None:
        messages = self._streams.messages
        if not messages.isatty():
            messages.write(line + "\n")
            messages.flush()
            return
        from rich.text import Text

        self._rich = self._rich or self._make_rich(messages, messages)
        self._rich.print(Text(line, style=style), soft_wrap=True)

    def _has_bar(self) -> bool:
        """Tell whether a bar can be drawn: with `--verbose` the libraries would write across it."""
        dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
        return self._streams.messages.isatty() and not dumb and not self._manner.verbose

    def _move_bar(self, stage: str, done: int, total: int, facts: str) -> None:
        if self._bar is None or self._bar[0] != stage:
            self._stop_bar()
            self._bar = (stage, *self._start_bar(stage))
        _, bar, task = self._bar
        bar.update(task, completed=done, total=total, facts=facts)
        if done >= total:
            self._stop_bar()

    def _start_bar(self, stage: str) -> tuple[Progress, TaskID]:
        from rich.progress import BarColumn, Progress, TextColumn

        self._rich = self._rich or self._make_rich(self._streams.messages, self._streams.messages)
        words = [TextColumn(f"{{task.{word}}}", markup=False) for word in ("description", "fields[facts]")]
        bar = Progress(
            *(words[0], BarColumn(bar_width=12), words[1]),
            console=self._rich,
            transient=True,
            redirect_stdout=False,  # else Rich shows what libraries print, in the middle of the bar
            redirect_stderr=False,
        )
        bar.start()
        return bar, bar.add_task(stage, facts="")

    def _stop_bar(self) -> None:
        if self._bar is not None:
            self._bar[1].stop()
        self._bar = None


# --- Tables ----------------------------------------------------------------------------------------------------


def make_table(columns: Columns) -> Table:
    """Return a Rich table: numbers to the right and never broken, text as text and never as markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name, cells in columns.items():
        is_text = all(isinstance(cell, str) for cell in cells)
        head = Text(clean(name))
        table.add_column(
            head, justify="left" if is_text else "right", no_wrap=not is_text or name == "timestamp", overflow="fold"
        )
    for row in zip(*columns.values(), strict=True):
        table.add_row(*(Text(format_cell(cell)) for cell in row))
    return table


def fit_table(drawing: Drawing, rich: RichConsole) -> tuple[Table | str, list[str]]:
    """Return the table without its empty columns and, until it fits, without spare ones; and the names of those."""
    kept = {name: cells for name, cells in drawing.columns.items() if any(format_cell(cell) for cell in cells)}
    missing: list[str] = []
    for spare in drawing.spare:
        if rich.measure(make_table(kept), options=rich.options.update(width=1000)).maximum <= rich.width:
            break
        missing += [name for name in spare if name in kept]
        kept = {name: cells for name, cells in kept.items() if name not in spare}
    return make_table(kept) if kept else "", missing
