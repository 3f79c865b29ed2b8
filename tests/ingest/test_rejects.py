"""Every line that becomes no row is counted, kept with its number, and said."""

import gzip

import pytest

from forecast_cli.errors import DataError
from forecast_cli.types import Columns

HEAD = "Logger 4711\nSite: North\ntime;a;b\n"  # the first row stands in line 4


def write_lines(rows: int = 200) -> list[str]:
    return [f"2025-01-01 {k // 60:02d}:{k % 60:02d}:00;{k * 7 % 11 + 0.5};{k * 5 % 13}" for k in range(rows)]


def read_with(reader, place: int, line: str, **options):
    lines = write_lines()
    lines[place] = line
    return reader.read(reader.write(HEAD + "\n".join(lines) + "\n"), **options)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2025-01-01 00:09:00;1.5", "has 2 cells instead of 3"),
        ("2025-01-01 00:09:00;1.5;2;3;4", "has 5 cells instead of 3"),
        ("2025-01-01 00:09:00;1\0.5;2", "NUL"),
        ('2025-01-01 00:09:00;"1.5;2', "never closed"),
        ('2025-01-01 00:09:00;"1.5"x;2', "behind a closing quotation mark"),
        ("yesterday;1.5;2", "no time"),
        ("--- power lost ---", "has 1 cell instead of 3"),
    ],
)
def test_a_line_that_is_no_row_is_kept_with_its_number_text_and_reason(reader, line, reason) -> None:
    panel, reading = read_with(reader, 9, line)
    (found,) = reading.rejects
    assert (found.line, found.text.replace("\0", "")) == (13, line.replace("\0", ""))
    assert reason in found.reason
    assert reading.counts["rows_rejected"] == 1
    assert panel.observed.sum() == 2 * 199
    assert any("line 13" in text and reason in text for text in reader.recorder.warnings)


def test_lines_are_counted_through_gzip_quoted_line_breaks_and_blank_lines(reader) -> None:
    lines = write_lines()
    lines[3] = '2025-01-01 00:03:00;1.5;"3\n"'
    lines[6] = "\n" + lines[6]
    lines[20] = "short;1"
    lines[30] = "never;1;2"
    path = reader.write(gzip.compress((HEAD + "\r\n".join(lines) + "\r\n").encode()))
    found = reader.read(path, max_rejects=0.1)[1].rejects
    assert [(each.line, each.text) for each in found] == [(26, "short;1"), (36, "never;1;2")]


@pytest.mark.parametrize("line", [";;", ";", "", "   ", ";;;;;", "\x1a", "\0\0\0\0", "time;a;b", "Site: North"])
def test_blank_lines_and_a_header_that_comes_again_are_no_rejects(reader, line) -> None:
    panel, reading = read_with(reader, 9, line)
    assert reading.rejects == ()
    assert reading.counts["rows_rejected"] == 0
    assert reading.counts["repeated_headers"] == (line == "time;a;b")
    assert panel.observed.sum() == 2 * 199


def test_files_that_were_joined_with_their_headers_are_read_as_one(reader) -> None:
    lines = write_lines(300)
    text = HEAD + "\n".join(lines[:150]) + "\n" + HEAD + "\n".join(lines[150:]) + "\n"
    panel, reading = reader.read(reader.write(text))
    assert panel.observed.all()
    assert len(panel.values) == 300
    assert reading.counts["repeated_headers"] == 1
    assert reader.recorder.heard("the header again")


def test_too_many_rejects_are_an_error_that_shows_the_first_and_names_the_flag(reader) -> None:
    lines = [line if k % 20 != 9 else "oops" for k, line in enumerate(write_lines())]
    path = reader.write(HEAD + "\n".join(lines) + "\n")
    with pytest.raises(DataError, match=r"10 lines are no row of the table \(5.0%\): line 13: has 1 cell") as caught:
        reader.read(path)
    assert "--max-rejects" in caught.value.hint
    assert reader.read(path, max_rejects=0.05)[1].counts["rows_rejected"] == 10


def test_a_share_of_none_allows_not_one(reader) -> None:
    with pytest.raises(DataError, match="1 line is no row"):
        read_with(reader, 9, "oops", max_rejects=0.0)


def test_rows_with_numbers_and_no_time_count_like_any_other_reject(reader) -> None:
    lines = [line if k % 20 != 9 else f"soon;{k};1" for k, line in enumerate(write_lines())]
    path = reader.write(HEAD + "\n".join(lines) + "\n")
    with pytest.raises(DataError, match=r"10 rows have no time in time .* the first in line 13: 'soon;9;1'"):
        reader.read(path)
    _, reading = reader.read(path, max_rejects=0.1)
    assert [each.line for each in reading.rejects] == list(range(13, 204, 20))


def test_no_more_than_twenty_lines_of_a_file_are_kept(reader) -> None:
    lines = [line if k % 4 != 2 else "oops" for k, line in enumerate(write_lines())]
    _, reading = reader.read(reader.write(HEAD + "\n".join(lines) + "\n"), max_rejects=0.3)
    assert reading.counts["rows_rejected"] == 50
    assert [each.line for each in reading.rejects] == list(range(6, 86, 4))


def test_every_file_has_its_own_account(reader) -> None:
    for name in ("a.csv", "b.csv"):
        lines = write_lines()
        lines[5] = f"broken in {name}"
        reader.write(HEAD + "\n".join(lines) + "\n", name)
    folder = str(reader.folder)
    _, reading = reader.read(f"{folder}/a.csv", f"{folder}/b.csv", one_series=False)
    assert [(each.source, each.line, each.text) for each in reading.rejects] == [
        (f"{folder}/{name}", 9, f"broken in {name}") for name in ("a.csv", "b.csv")
    ]


def test_an_open_quotation_mark_swallows_no_other_line(reader) -> None:
    lines = write_lines(1000)
    lines[100] = '2025-01-01 01:40:00;5.5;"not closed'
    panel, reading = reader.read(
        reader.write(HEAD + "\n".join(lines) + "\n"), columns=Columns(timestamp=("time",), targets=("a",))
    )
    assert [each.line for each in reading.rejects] == [104]
    assert panel.observed.sum() == 999


def test_an_empty_line_in_a_table_of_one_column_is_a_missing_value(reader) -> None:
    panel = reader.load("x\n" + "".join(f"{k * 7 % 11}.5\n" if k != 4 else "\n" for k in range(40)))
    assert len(panel.values) == 40
    assert not panel.observed[4, 0]
