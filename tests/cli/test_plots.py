"""What `forecast predict` and its neighbours draw on a terminal, and what never leaves it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len

from forecast_cli.results import CompareResult, PartRow
from tests.cli.fakes import FORECAST_HEAD, RANKING, VERDICT, compare

COLOUR = re.compile(r"\x1b\[[0-9;]*[34]8;5;\d+|\x1b\[[0-9;]*3\d")  # bold and dim are no colours
ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")
SHADES = set("▒•┊")


def strip(seen: str) -> str:
    """Return what is seen without escape sequences and carriage returns."""
    return ESCAPE.sub("", seen).replace("\r", "")


@pytest.mark.parametrize("columns", [80, 160])
def test_a_forecast_is_a_table_and_a_plot_that_fit_the_terminal(terminal, columns: int):
    seen = strip(terminal(["predict", "-q"], columns=columns))
    assert set(seen) >= SHADES
    assert max(map(cell_len, seen.splitlines())) <= columns
    assert max(map(cell_len, seen.splitlines())) >= columns - 1
    assert "• forecast" in seen
    assert "0.1000" in seen


@pytest.mark.parametrize(
    ("arguments", "env"),
    [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})],
    ids=["--no-color", "NO_COLOR", "TERM=dumb"],
)
def test_a_plot_without_colour_has_the_same_characters(terminal, arguments, env):
    plain = terminal(["predict", "-q", *arguments], env=env)
    assert not COLOUR.search(plain)
    coloured = terminal(["predict", "-q"])
    assert COLOUR.search(coloured)
    assert strip(plain) == strip(coloured)


def test_in_the_plain_locale_everything_drawn_is_ascii(terminal):
    for command in (["predict"], ["compare-baselines"], ["inspect", "x.csv"], ["summary"]):
        seen = strip(terminal(command, env={"LC_ALL": "C", "PYTHONUTF8": "0"}))
        assert seen.isascii() or command == ["summary"]  # which names a multiplication
        assert "Traceback" not in seen
    assert {"*", "o", ":"} <= set(strip(terminal(["predict", "-q"], env={"LC_ALL": "C"})))


def test_a_pipe_gets_no_plot_even_where_a_table_is_asked_for(process):
    for arguments in (["predict"], ["predict", "--format", "table"]):
        assert not SHADES & set(process(arguments).stdout)


def test_where_nothing_is_plotted_plotext_is_not_loaded(process):
    said = process(["predict", "-q"], env={"PYTHONPROFILEIMPORTTIME": "1"}).stderr
    assert "forecast_cli.console" in said
    assert "plotext" not in said


def test_plots_that_are_asked_for_go_to_the_terminal_beside_a_file(terminal, tmp_path):
    seen = strip(terminal(["predict", "--plot", "-o", "f.csv"]))
    assert set(seen) >= SHADES
    written = (tmp_path / "f.csv").read_text()
    assert written.startswith(FORECAST_HEAD)
    assert not SHADES & set(written)
    assert not SHADES & set(strip(terminal(["predict", "-o", "f.csv"])))


def test_data_on_a_terminal_are_followed_by_the_plot_that_is_asked_for(terminal):
    seen = strip(terminal(["predict", "--plot", "--format", "csv"]))
    assert seen.index(FORECAST_HEAD) < seen.index("┊")


def test_without_any_terminal_nothing_is_plotted_and_that_is_said(process):
    done = process(["predict", "--plot", "-q"])
    assert done.returncode == 0
    assert done.stdout.startswith(FORECAST_HEAD)
    assert "warning: nothing is plotted: neither stdout nor stderr is a terminal (--plot)" in done.stderr
    assert not SHADES & set(done.stdout + done.stderr)


def test_of_many_targets_the_first_are_drawn_and_how_to_see_the_others_is_said(terminal):
    seen = strip(terminal(["predict"], "predict=predict_many_targets"))
    assert len(re.findall(r"^flow\d \[m3/h\]$", seen, re.MULTILINE)) == 4
    assert "the first 4 of 6 plots (--plot)" in seen
    seen = strip(terminal(["predict", "--plot"], "predict=predict_many_targets"))
    assert len(re.findall(r"^flow\d \[m3/h\]$", seen, re.MULTILINE)) == 6
    assert "of 6 plots" not in seen


def test_beside_a_file_at_most_forty_plots_are_drawn_and_that_is_said(terminal):
    seen = strip(terminal(["predict", "--plot", "-o", "f.csv"], "predict=predict_very_many_targets"))
    assert len(re.findall(r"^flow\d+ \[m3/h\]$", seen, re.MULTILINE)) == 40
    assert "the first 40 of 45 plots" in seen


def test_on_a_terminal_a_ranking_has_bars_that_grow_with_the_error(terminal):
    rows = [line for line in strip(terminal(["compare-baselines"])).splitlines() if "━" in line]
    assert [line.split()[1] for line in rows] == ["conv-birnn", "seasonal-naive"]
    assert 0 < rows[0].count("━") < rows[1].count("━")


def compare_parts(by: str, parts: tuple[str, ...]) -> CompareResult:
    """Return the errors of two models by part: the first is better on the first part only."""
    better = [(0.1 + k, 0.2 + k / 2) for k in range(len(parts))]
    rows = [
        PartRow(part, row.model, None if by == "step" else error, error, 9)
        for part, errors in zip(parts, better, strict=True)
        for row, error in zip(RANKING, errors, strict=True)
    ]
    windows: dict[str, Any] = dict(compare(None, None).windows)
    return CompareResult(VERDICT, RANKING, windows, by=by, parts=tuple(rows))  # type: ignore[arg-type]


def test_errors_by_target_stand_side_by_side_with_the_least_marked(run):
    done = run("compare-baselines", "--format", "table", compare=lambda *_: compare_parts("target", ("a", "b")))
    lines = done.stdout.splitlines()
    assert lines[0] == "mae, in the unit of each target; ▸ the least"
    assert lines[1].split() == ["target", "conv-birnn", "seasonal-naive"]
    assert [line.split() for line in lines[3:]] == [["a", "▸0.1000", "0.2000"], ["b", "1.100", "▸0.7000"]]


def test_many_steps_are_a_plot_and_the_ends_of_a_table(run):
    steps = tuple(str(step) for step in range(1, 145))
    done = run("compare-baselines", "--format", "table", compare=lambda *_: compare_parts("step", steps))
    assert "1 conv-birnn   2 seasonal-naive" in done.stdout
    assert len(done.stdout.splitlines()) < 50
    assert "the first and last parts are shown; a file takes all of them (-o parts.csv)" in done.stderr


def test_a_remark_wraps_between_words_and_leaves_a_command_whole(terminal):
    lines = strip(terminal(["predict"], "predict=predict_with_long_remarks")).splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("a long remark"))
    assert lines[start + 1].startswith("  word")
    assert all(len(line) <= 80 for line in lines[start : start + 2])
    assert not any(line.endswith("wor") for line in lines)
    assert f"  forecast train data.csv --target {'x' * 90}" in lines


def test_a_remark_in_a_file_is_one_line(process):
    said = process(["predict"], "predict=predict_with_long_remarks").stderr
    assert any(line.startswith("a long remark") and line.endswith("word") for line in said.splitlines())


@pytest.mark.parametrize(
    "command",
    [
        ["predict"],
        ["predict", "--plot"],
        ["predict", "--format", "csv"],
        ["predict", "--format", "json"],
        ["train", "x.csv"],
        ["compare-baselines"],
        ["inspect", "x.csv"],
        ["summary"],
        ["ingest", "x.csv"],
        ["ingest", "x.csv", "--format", "csv"],
    ],
    ids=" ".join,
)
def test_hostile_names_are_harmless_on_a_terminal(terminal, command: list[str]):
    fakes = (f"{name}={name}_hostile" for name in ("predict", "train", "compare", "inspect", "summary", "ingest"))
    seen = terminal(command, *fakes)
    assert "<script>alert('x')</script>" in re.sub(r"\s+", " ", strip(seen))
    assert not set("\x07\x9b\u202e") & set(seen)
    assert not re.search(r"\x1b\[2J|\x1b\]", seen)
    assert "Traceback" not in seen
