import dataclasses
import re

from markdown_it import MarkdownIt  # Rich brings it

from forecast_cli.reporting.markdown import render_markdown
from forecast_cli.types import Reject

READER = MarkdownIt("commonmark").enable("table")


def test_every_section_stands_in_its_order(report):
    headings = re.findall(r"^#+ (.*)$", render_markdown(report), re.MULTILINE)
    assert headings == [
        "Forecast report: blend",
        "Findings",
        "Forecast",
        "Ranking",
        "Against each other model",
        "Error of each target",
        "Error by step, scaled",
        "Coverage of the intervals",
        "Data and repairs",
        "What the model makes use of",
        "Layers",
        "Settings",
        "How to reproduce",
    ]


def test_each_table_has_the_same_number_of_cells_in_every_line(report):
    tables = re.findall(r"(?:^\|.*\n)+", render_markdown(report), re.MULTILINE)
    assert len(tables) == 16
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_names_with_pipes_and_line_ends_and_markup_are_text(report):
    text = render_markdown(report)
    assert r"| flow \| x \[/m\] | m3/h | 1.234 | linear | 1.500 | model |" in text
    assert r"| temp\</script\>\<b\>\\n2 | – |" in text
    assert not re.search(r"(?<!\\)<", text.replace(report.command, ""))


def test_the_saved_model_is_marked_in_the_ranking(report):
    lines = [line for line in render_markdown(report).splitlines() if "(saved)" in line]
    assert lines == ["| 1 | blend (saved) | 0.3510 | 12.0 % | 0.7000 | 0.3920 | 0.8000 | 0.1000 | 0.06250 | – | – |"]


def test_a_command_with_backticks_cannot_leave_its_code_block(report):
    hostile = dataclasses.replace(report, command="forecast train '```'\n# owned")
    text = render_markdown(hostile)
    assert "````sh\nforecast train '```'\\n# owned\n````" in text


def test_the_verdict_stands_on_top_and_coverage_beside_its_level_by_step(report):
    text = render_markdown(report)
    assert "blend beats linear by 12 %" in text.splitlines()[2]
    assert "| 80 % | 78.9 % | 1.250 | 1.750 |" in text
    assert "| Interval | Step 1 | Step 13 | Step 24 | By step |" in text
    assert "| 80 % | 75.0 % | 75.0 % | 75.0 % | `▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅` |" in text


def test_the_gain_over_each_other_model_stands_beside_its_interval(report):
    assert "| segrnn | 2.5 % | -1.0 % to 5.0 % | no clear difference |" in render_markdown(report)


def test_it_says_what_the_model_makes_use_of_or_how_to_find_out(report):
    text = render_markdown(report)
    assert "| tariff | known ahead | -0.2 % |" in text
    assert "| 23 to 0 | 60.0 % |" in text
    assert "rises from 0.3510 on 177 cutoffs" in text
    assert "forecast report --explain" in render_markdown(dataclasses.replace(report, explanation=None))


def test_there_is_no_html_in_it(report):
    tokens = READER.parse(render_markdown(report))
    kinds = {part.type for token in tokens for part in (token, *(token.children or ()))}
    assert "code_inline" in kinds
    assert not kinds & {"html_block", "html_inline"}


def test_sections_without_rows_are_left_out(report):
    nothing = dataclasses.replace(report.reading, decisions=(), counts={})
    scores = dataclasses.replace(report.scores, intervals=None)
    bare = dataclasses.replace(
        report, coverage={}, scores=scores, reading=nothing, epochs=(), findings=(), rivals=(), layers=(), presence=None
    )
    text = render_markdown(bare)
    for title in ("Findings", "Against each", "Coverage", "Data and repairs", "Layers"):
        assert f"## {title}" not in text
    assert "Training: epochs" not in text


def test_what_of_the_forecast_is_left_out_is_told(report, wide_report):
    assert "Shown: the first of 2 series; report.html shows more." in render_markdown(report)
    assert "the first of 40 series and the first 20 of 321 targets;" in render_markdown(wide_report)


def test_lines_that_became_no_row_are_shown_with_their_reason(report):
    reject = Reject("data | <b>.csv", 12, "2025-01-01,`x`", "2 cells in place of 3")
    reading = dataclasses.replace(report.reading, rejects=(reject,))
    row = r"| data \| \<b\>.csv | 12 | 2 cells in place of 3 | 2025-01-01,\`x\` |"
    assert row in render_markdown(dataclasses.replace(report, reading=reading))
