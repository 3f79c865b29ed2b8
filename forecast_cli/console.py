"""The face: results to stdout, everything else to stderr.

Data never passes through Rich, and text of the user is never markup. What goes to people is stripped of control
characters; data are written as they are, except onto a terminal. What is drawn of a result stands in `layouts.py`, how
in `drawing.py`; what is said meanwhile in `voice.py`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from forecast_cli.drawing import Drawing, Part, draw_parts
from forecast_cli.layouts import (
    MOST_ASKED,
    MOST_PLOTS,
    lay_out_forecast,
    lay_out_inspection,
    lay_out_parts,
    lay_out_plots,
    lay_out_ranking,
    lay_out_summary,
)
from forecast_cli.output import Columns, encode_data, list_rows, turn_rows, write_result, write_stream
from forecast_cli.voice import Voice
from forecast_cli.wording import (
    choose_ends,
    clean,
    describe_windows,
    show_gap,
)

if TYPE_CHECKING:
    from forecast_cli.results import (
        CleanTable,
        CompareResult,
        Inspection,
        Prediction,
        RankingRow,
        Reports,
        Summary,
        TrainResult,
        Verdict,
    )
    from forecast_cli.types import Forecast, Json

VERDICT_STYLES = {"better": "bold green", "worse": "bold red"}
MOST_TARGETS = 20  # whose errors are drawn at the end of `train`


class Console(Voice):
    """Writes what the workflows return, and says what they say; the `Listener` of a run."""

    def show_training(self, result: TrainResult) -> None:
        """Write the ranking as the result; the errors, the verdict and what was saved as remarks."""
        facts = {"model": result.model, "model_dir": str(result.model_dir), "learnt_until": result.learnt_until}
        errors = turn_rows([asdict(error) for error in result.errors])
        document = {"verdict": asdict(result.verdict), **facts, "errors": list_rows(errors)}
        document |= {"refitted_until": result.refitted_until, "findings": [asdict(each) for each in result.findings]}
        self._write_ranking(result.ranking, result.model, document)
        if not self._manner.quiet:
            self._draw_errors(result)
        self._judge(result.verdict)
        self.note(f"learnt until {result.learnt_until}")
        if result.refitted_until:
            self.note(f"predict runs what was fitted again, until {result.refitted_until}", "--refit")
        for finding in result.findings:
            self.note(finding.text, finding.flag)
        if result.is_saved:
            self.note(f"saved {result.model} in {result.model_dir}, which contains data", "--model-dir")
            self.note(f"to look at: {result.model_dir / 'report.html'}")

    def _judge(self, verdict: Verdict) -> None:
        """Write the verdict, which says in words what its colour says."""
        if not self._manner.quiet:
            self._say(clean(verdict.sentence), VERDICT_STYLES.get(verdict.outcome, "bold"))

    def _draw_errors(self, result: TrainResult) -> None:
        from forecast_cli.reporting.facts import sort_worst

        self._stop_bar()
        messages, count = self._streams.messages, len(result.errors)
        shown = result.errors if count <= MOST_TARGETS else sort_worst(result.errors)[:MOST_TARGETS]
        gap = [" "] if messages.isatty() else []
        write_stream(
            self._draw([*gap, Drawing(turn_rows([asdict(error) for error in shown])), *gap], messages), messages
        )
        if len(shown) < count:
            worst = f"these are the {len(shown)} targets where the model is worst beside the baseline"
            self.note(f"{worst}; the other {count - len(shown):,} are in {result.model_dir / 'report.json'}")

    def show_comparison(self, result: CompareResult) -> None:
        """Write the ranking as the result, or the errors by part; the verdict and the windows as remarks."""
        document = {"verdict": asdict(result.verdict), "windows": dict(result.windows)}
        if result.by is None:
            self._write_ranking(result.ranking, result.verdict.model, document)
        else:
            self._write_parts(result, document)
        self.note(describe_windows(result.windows))
        self._judge(result.verdict)

    def show_forecast(self, prediction: Prediction, *, plot: bool = False) -> None:
        """Write the forecast table; drawn, a long one shows its first and last steps, with plots on a terminal.

        With `plot` all that can be seen is drawn, beside data on stderr, if that is a terminal.
        """
        forecast, outlook = prediction.forecast, prediction.outlook
        columns, most = forecast.to_columns(), MOST_ASKED if plot else MOST_PLOTS
        to_terminal = self._manner.output is None and self._streams.results.isatty()
        is_short: list[bool] = []

        def draw() -> list[Part]:
            plots = lay_out_plots(outlook, most) if to_terminal else []
            table, is_cut = lay_out_forecast(forecast, columns, beside_plots=bool(plots))
            is_short.append(is_cut)
            return [*table, *plots]

        is_drawn = self._write(columns, lambda: list_rows(columns), draw)
        if plot and not (is_drawn and to_terminal):
            self._plot_aside(prediction)
        if is_drawn and any(is_short):
            self.note("the first and last steps are shown; a file takes all of them", "-o forecast.csv")
        if is_drawn and to_terminal:
            self._note_hidden(forecast, most, "-o forecast.csv" if plot else "--plot")

    def _plot_aside(self, prediction: Prediction) -> None:
        """Draw on stderr; in a file or a pipe nothing is drawn."""
        messages = self._streams.messages
        if not messages.isatty():
            self.note("nothing is plotted: neither stdout nor stderr is a terminal", "--plot", warning=True)
            return
        write_stream(self._draw(lay_out_plots(prediction.outlook, MOST_ASKED), messages), messages)
        self._note_hidden(prediction.forecast, MOST_ASKED, "")

    def _note_hidden(self, forecast: Forecast, most: int, flag: str) -> None:
        count = forecast.point.shape[0] * forecast.point.shape[2]
        if count > most:
            self.note(f"the first {most} of {count:,} plots", flag)

    def show_reports(self, reports: Reports) -> None:
        """Write where the reports lie: the page alone, which a browser opens, or with `--format` all of them.

        A report that goes elsewhere is written there; then where that is, unless it is stdout.
        """
        self._stop_bar()
        output, form, results = self._manner.output, self._manner.format, self._streams.results
        if reports.data:
            write_result(reports.data, output, results)
        if reports.paths and form is not None:
            columns = {"report": list(reports.paths), "path": [str(path) for path in reports.paths.values()]}
            self._write(columns, lambda: list_rows(columns), lambda: [Drawing(columns)])
        elif output != "-":
            path = output or str(next(iter(reports.paths.values())))
            write_result(self._tame(f"{path}\n".encode(errors="surrogateescape")), None, results)

    def show_template(self, form: Columns) -> None:
        """Write the form to fill in for `--future`."""
        self._write(form, lambda: list_rows(form), lambda: [Drawing(form)])

    def show_summary(self, summary: Summary) -> None:
        """Write one row a layer and a total; drawn, the facts of the model directory stand above."""
        from forecast_cli.reporting.terminal.network import layers_columns, summary_to_json

        columns = layers_columns(summary)
        self._write(columns, lambda: summary_to_json(summary), lambda: lay_out_summary(summary, columns))
        for note in summary.notes:
            self.note(note)

    def show_inspection(self, found: Inspection) -> None:
        """Write a row per column; drawn, all that was found on one screen that ends in the suggested command."""
        from forecast_cli.reporting.terminal.inspection import inspection_to_json, profile_table
        from forecast_cli.reporting.terminal.screen import list_findings

        findings = list_findings(found)
        document, draw = lambda: inspection_to_json(found), lambda: lay_out_inspection(found, findings)
        if self._write(profile_table(found), document, draw):
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
            self._stop_bar()
            write_result(
                map(self._tame, pieces) if form == "csv" else pieces, self._manner.output, self._streams.results
            )
        else:
            places = choose_ends(table.n_rows) if form == "table" else range(table.n_rows)
            columns = print_rows(table, [row for row in places if row is not None])
            self._write(columns, lambda: list_rows(columns), lambda: [Drawing(show_gap(columns, places))])
        name = self._manner.output or ("clean.csv" if form == "table" else "-")
        self.note(f"go on with: {shlex.join(['forecast', 'train', name, *table.flags])}")

    def _write_parts(self, result: CompareResult, document: Json) -> None:
        from forecast_cli.reporting.tables import parts_columns, ranking_columns

        columns, ranking = parts_columns(result.parts), list_rows(ranking_columns(result.ranking))
        document = {"schema_version": 1, **document, "ranking": ranking, "by": result.by, "parts": list_rows(columns)}
        table, is_cut = lay_out_parts(result)
        if self._write(columns, lambda: document, lambda: table) and is_cut:
            self.note("the first and last parts are shown; a file takes all of them", "-o parts.csv")

    def _write_ranking(self, ranking: Sequence[RankingRow], model: str, document: Json) -> None:
        from forecast_cli.reporting.tables import ranking_columns

        columns = ranking_columns(ranking)
        document = {"schema_version": 1, **document, "ranking": list_rows(columns)}
        self._write(columns, lambda: document, lambda: lay_out_ranking(columns, model))

    def _write(self, columns: Columns, document: Callable[[], Any], draw: Callable[[], Sequence[Part]]) -> bool:
        """Write a result in the form asked for; True when it was drawn."""
        self._stop_bar()
        output, results = self._manner.output, self._streams.results
        form = self._manner.format or self._choose_form()
        is_drawn = form == "table"
        data = self._draw(draw(), results) if is_drawn else encode_data(form, columns, document)
        is_seen = form not in ("table", "parquet") and output in (None, "-")
        write_result(self._tame(data) if is_seen else data, output, results)
        return is_drawn

    def _tame(self, data: bytes) -> bytes:
        """Return text for stdout as it is, and on a terminal without the control characters of names."""
        if not self._streams.results.isatty():
            return data
        text = data.decode(errors="surrogateescape")
        return clean(text, keep_lines=True).encode(errors="surrogateescape")

    def _choose_form(self) -> str:
        return "table" if self._manner.output is None and self._streams.results.isatty() else "csv"

    def _draw(self, parts: Sequence[Part], stream: TextIO) -> bytes:
        return draw_parts(parts, stream, self._manner.color)
