import dataclasses
import re

import pytest

from forecast_cli.reporting.markdown import escape_text, render_markdown


def test_every_section_stands_in_its_order(report):
    headings = re.findall(r"^#+ (.*)$", render_markdown(report), re.MULTILINE)
    assert headings == [
        "Forecast report: blend",
        "Ranking",
        "Error of each target",
        "Coverage of the intervals",
        "What was read",
        "Settings",
        "How to reproduce",
    ]


def test_each_table_has_the_same_number_of_cells_in_every_line(report):
    tables = re.findall(r"(?:^\|.*\n)+", render_markdown(report), re.MULTILINE)
    assert len(tables) == 8
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_names_with_pipes_and_line_ends_and_markup_are_text(report):
    text = render_markdown(report)
    assert r"| flow \| x \[/m\] | m3/h | 1.234 | linear | 1.500 | model |" in text
    assert r"| temp\</script\>\<b\>\\n2 | – |" in text
    assert not re.search(r"(?<!\\)<", text.replace(report.command, ""))


def test_the_saved_model_is_marked_in_the_ranking(report):
    lines = [line for line in render_markdown(report).splitlines() if "(saved)" in line]
    assert lines == [
        "| 1 | blend (saved) | 0.3510 | 0.3920 | 0.7000 | 12.0 % | 177 | – | – | 0.8000 | 0.1000 | 0.06250 |"
    ]


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("temp_in_2", "temp_in_2"),
        ("_x_ *y*", r"\_x\_ \*y\*"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("`a`", r"\`a\`"),
        ("[a](b)", r"\[a\](b)"),
        ("&lt;", r"\&lt;"),
    ],
)
def test_nothing_in_a_name_is_read_as_markup(name, escaped):
    assert escape_text(name) == escaped


def test_a_command_with_backticks_cannot_leave_its_code_block(report):
    hostile = dataclasses.replace(report, command="forecast train '```'\n# owned")
    text = render_markdown(hostile)
    assert "````sh\nforecast train '```'\\n# owned\n````" in text


def test_the_verdict_stands_on_top_and_coverage_beside_its_level_by_step(report):
    text = render_markdown(report)
    assert "blend beats linear by 12 %" in text.splitlines()[2]
    assert "| 80 % | 78.9 % | 1.250 | 1.750 |" in text
    assert "| Step | 80 % | 95 % |" in text
    assert "| 24 | 75.0 % | – |" in text


def test_sections_without_rows_are_left_out(report):
    nothing = dataclasses.replace(report.reading, decisions=(), counts={})
    scores = dataclasses.replace(report.scores, intervals=None)
    bare = dataclasses.replace(report, coverage={}, scores=scores, reading=nothing, epochs=())
    text = render_markdown(bare)
    assert "Coverage" not in text
    assert "What was read" not in text
    assert "Training: epochs" not in text
