"""A clean copy of dirty files reads back as the very panel that the files are."""

from __future__ import annotations

import inspect
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from typer.main import get_command

from forecast_cli.cli import app
from forecast_cli.groups import read_options
from forecast_cli.ingest.read import read_panel
from forecast_cli.ingest.views.clean_file import choose_precision, format_stamps, write_csv, write_parquet
from forecast_cli.requests import IngestRequest
from forecast_cli.results import CleanTable
from forecast_cli.types import Panel, ReadingOptions
from forecast_cli.workflows.ingest import ingest
from forecast_cli.workflows.record import hash_panel
from tests.ingest.conftest import Reader, Recorder
from tests.ingest.tables import DAY_FIRST, Spelling, Table, spellings, tables, write


def read_flags(*flags: str) -> ReadingOptions:
    """Return what the reader makes of these words of a command line."""
    command = get_command(app).commands["train"]
    names = inspect.signature(read_options).parameters
    with command.make_context("train", ["x.csv", *flags]) as context:
        return read_options(**{name: context.params[name] for name in names})


def clean_up(sources: list[str], flags: list[str]) -> CleanTable:
    return ingest(IngestRequest(tuple(sources), read_flags(*flags)), Recorder())


def check_same(first: Panel, second: Panel) -> None:
    for name in ("series_ids", "origin", "freq", "tz", "channels", "n_targets", "n_future", "statics"):
        assert getattr(first, name) == getattr(second, name), name
    for name in ("indptr", "start", "values", "offset", "observed"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)
    assert hash_panel(first) == hash_panel(second)


def check_clean_copy(sources: list[str], flags: list[str], stem: str) -> CleanTable:
    """Check that the files and their clean copies are the same panel, and return the clean table."""
    dirty, _ = read_panel(sources, read_flags(*flags), Recorder())
    clean = clean_up(sources, flags)
    for name, write_file in ((f"{stem}.csv", write_csv), (f"{stem}.parquet", write_parquet)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(b"".join(write_file(clean)))
            again, reading = read_panel([str(path)], read_flags(*clean.flags), Recorder())
        check_same(dirty, again)
        assert not any(reading.counts[name] for name in ("duplicates", "conflicts", "out_of_order", "rows_rejected"))
    return clean


def stamp(instants: np.ndarray, unit: str = "s") -> list[str]:
    return [str(text) for text in np.datetime_as_string(instants, unit=unit)]


def hours(n: int, start: str = "2026-01-01T00:00:00", step: str = "h", every: int = 1) -> np.ndarray:
    return np.datetime64(start, "us") + every * np.arange(n) * np.timedelta64(1, step)


def values(n: int, k: int = 0) -> list[str]:
    return [f"{20 + ((7 + 2 * k) * i) % (11 + k) / 4 + 0.1 * k}" for i in range(n)]


def join(header: str, *columns: list[str], delimiter: str = ",") -> str:
    return "\n".join([header, *(delimiter.join(row) for row in zip(*columns, strict=True))]) + "\n"


def two(instants: list[str]) -> str:
    return join("when,flow [m3/h],level", instants, values(len(instants)), values(len(instants), 1))


def drop(text: str, *lines: int) -> str:
    rows = text.splitlines()
    return "\n".join(row for k, row in enumerate(rows) if k not in lines) + "\n"


ZONED = [f"{text}+02:00" for text in stamp(hours(60))]
LATER = stamp(hours(30, "2026-01-02T05:00"))
MIXED = [f"{text}+02:00" for text in stamp(hours(30))] + [f"{text}+01:00" for text in LATER]
ON_THE_30TH = ["2025-01-30", "2025-02-28", "2025-03-30", "2025-04-30", "2025-05-30", "2025-06-30", "2025-07-30"]
AUTUMN = stamp(hours(30, "2025-10-25T20:00"))
AIR = [f"{text[8:10]}/{text[5:7]}/{text[:4]};{text[11:].replace(':', '.')}" for text in stamp(hours(300))]
IDS = ["P-01", "P 02", 'P"3,']
DIRECTIONS = [str((340 + 13 * i) % 360) for i in range(60)]
METER = [f"{123456789.12 + 3.7 * i:.2f}" for i in range(60)]

CASES: dict[str, tuple[str, list[str]]] = {
    "gaps of several lengths": (drop(two(stamp(hours(80))), 3, 4, 20, 40, 41, 42, 43, 44), []),
    "duplicates, conflicts and disorder": (
        two([*stamp(hours(50))[25:], *stamp(hours(50))[:25]]) + "2026-01-01 03:00:00,5,6\n2026-01-01 04:00:00,5,6\n",
        [],
    ),
    "a decimal comma, and the time in two columns": (
        join("Date;Time;CO(GT)", AIR, [v.replace(".", ",") for v in values(298)] + ["-200", "-200"], delimiter=";"),
        [],
    ),
    "an offset": (two(ZONED), []),
    "two offsets": (two(MIXED), []),
    "Z": (two([f"{text}Z" for text in stamp(hours(60))]), []),
    "a zone with an hour that comes twice": (two([*AUTUMN[:7], *AUTUMN[6:]]), ["--tz", "Europe/Berlin"]),
    "days of a zone": (two(stamp(hours(40, "2025-03-15", "D"), "D")), ["--tz", "Europe/Berlin"]),
    "days with an offset": (two([f"{text}+02:00" for text in stamp(hours(40, step="D"))]), []),
    "days at nine in the morning": (two(stamp(hours(40, "2026-01-01T09:00", "D"))), []),
    "days": (drop(two(stamp(hours(40, step="D"), "D")), 7), []),
    "weeks": (two(stamp(hours(60, "2025-01-06", "D", 7), "D")), []),
    "months": (two([f"20{20 + m // 12}-{1 + m % 12:02}-01" for m in range(40)]), []),
    "months on the 30th": (two(ON_THE_30TH), ["--freq", "1MS"]),
    "ten times a second": (two(stamp(hours(60, step="ms", every=100), "ms")), []),
    "half seconds": (two(stamp(hours(60, "2026-01-01T00:00:00.500", "s"), "ms")), []),
    "no time": (drop(join("a,b", values(60), values(60, 1)), 9), []),
    "no time, and blank cells": (join("a,b", ["", *values(59)], [*values(29), "", *values(30, 1)]), []),
    "one column and no time": (join("a", [*values(9), '""', *values(30), '""', "1"]), []),
    "ids": (join("t,id,v,w", stamp(hours(30)) * 3, np.repeat(IDS, 30).tolist(), values(90), values(90, 1)), []),
    "a single id, named": (join("t,id,v", stamp(hours(30)), ["P-01"] * 30, values(30)), ["--series-id", "id"]),
    "series that never meet": (
        join("t,id,v", stamp(hours(60)), ["a"] * 30 + ["b"] * 30, values(60)),
        ["--series-id", "id"],
    ),
    "only what was named": (
        join("t,a,b,c,d", stamp(hours(60)), values(60), ["3"] * 60, values(60, 2), values(60, 3)),
        ["--target", "c,b", "--past-covariate", "*", "--ignore", "d"],
    ),
    "an angle": (join("t,wind dir [°],v", stamp(hours(60)), DIRECTIONS, values(60)), ["--angle", "wind*"]),
    "an angle of several rows a step": (
        join("t,wind,v", stamp(hours(60, step="m", every=20)), DIRECTIONS, values(60)),
        ["--angle", "wind", "--freq", "1h"],
    ),
    "a counter that is reset": (
        join("t,meter", stamp(hours(60)), [*METER[:40], *[f"{2.5 * i}" for i in range(20)]]),
        ["--counter", "meter"],
    ),
    "sums of a coarser step": (two(stamp(hours(90, step="m", every=20))), ["--freq", "1h", "--aggregate", "sum"]),
    "a tag per row": (
        join("t,tag,value", np.repeat(stamp(hours(30)), 2).tolist(), ["p", "q"] * 30, values(60)),
        ["--pivot", "tag"],
    ),
    "held values": (drop(two(stamp(hours(60))), 5, 6, 7, 30), ["--fill", "hold", "--max-gap", "3h", "--freq", "1h"]),
    "bounds and sentinels that are kept": (
        two(stamp(hours(60))) + "2026-01-03 12:00:00,-999,-999\n2026-01-03 13:00:00,-999,-999\n",
        ["--keep-sentinels", "--min", "flow*=-2000.5", "--max", "1e4", "--season", "24"],
    ),
    "a tariff known ahead, and a site": (
        join("t,id,v,tariff,site", stamp(hours(30)) * 2, ["a"] * 30 + ["b"] * 30, [*values(28), "", ""] * 2,
             values(60, 2), ["north"] * 30 + [""] * 30),
        ["--target", "v", "--future-covariate", "tariff", "--static-covariate", "site"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_clean_copy_reads_back_as_the_very_panel_of_the_dirty_file(reader: Reader, case: str):
    content, flags = CASES[case]
    content = "\n".join(line.replace('P"3,', '"P""3,"') for line in content.splitlines()) + "\n"
    check_clean_copy([reader.write(content)], flags, "data")


def test_files_of_their_own_get_a_column_that_names_the_series(reader: Reader):
    sources = [reader.write(two(stamp(hours(40))), name) for name in ("north.csv", "south.csv")]
    clean = check_clean_copy(sources, [], "clean")
    assert clean.series is not None
    assert clean.series[0] == "series_id"
    assert clean.flags == ("--series-id", "series_id")


def test_a_clean_table_has_the_users_names_in_the_users_order_and_fills_nothing(reader: Reader):
    content = drop(join("z,when,a", values(40), stamp(hours(40)), values(40, 1)), 11, 12)
    table = b"".join(write_csv(clean_up([reader.write(content)], []))).decode().splitlines()
    assert table[0] == "when,z,a"
    assert table[11:13] == ["2026-01-01T10:00:00,,", "2026-01-01T11:00:00,,"]
    assert len(table) == 41


def test_nothing_is_asked_for_where_the_reader_finds_everything_by_itself(reader: Reader):
    assert clean_up([reader.write(two(stamp(hours(60))))], []).flags == ()
    assert clean_up([reader.write(two(stamp(hours(60))))], ["--delimiter", ",", "--missing-value", "ERR"]).flags == ()


def test_a_double_is_written_in_its_shortest_form_and_is_the_same_when_read():
    exact = [0.1, 123456789.12, 1e22, 5e-324, -0.0, 2**53 + 1.0, 1 / 3, float("nan")]
    table = CleanTable(None, None, None, {"v": np.array(exact), "w": np.arange(8.0)})
    cells = [line.split(",")[0] for line in b"".join(write_csv(table)).decode().splitlines()[1:]]
    assert [float(cell) for cell in cells[:-1]] == exact[:-1]
    assert cells[:3] == ["0.1", "123456789.12", "1e+22"]
    assert cells[-1] == ""


def test_names_with_quotes_commas_and_line_breaks_are_one_cell_each():
    table = CleanTable(None, None, None, {'a "b", c': np.arange(2.0), "x\ny": np.arange(2.0)})
    assert b"".join(write_csv(table)) == b'"a ""b"", c","x\ny"\n0.0,0.0\n1.0,1.0\n'


def test_a_long_table_is_written_piece_by_piece_in_order():
    table = CleanTable(None, ("t", hours(250_001, step="s")), None, {"v": np.arange(250_001.0)})
    pieces = list(write_csv(table))
    assert len(pieces) == 4
    lines = b"".join(pieces).decode().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [f"{k}.0" for k in range(250_001)]


def test_an_instant_is_written_no_finer_than_all_of_them_need():
    assert choose_precision(hours(3, step="D"), None) == "D"
    assert choose_precision(hours(3, step="D"), "+02:00") == "s"
    assert choose_precision(hours(3, step="ms"), None) == "ms"
    assert choose_precision(hours(3, "2026-01-01T00:00:00.000001"), None) == "us"
    written = format_stamps(hours(2, "2026-03-29T00:00"), "Europe/Berlin", "s")
    assert list(written) == ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), spellings())
def test_any_table_however_it_is_written_has_a_clean_copy_of_the_same_panel(table: Table, spelling: Spelling):
    order = ["--day-first" if DAY_FIRST[spelling.time] else "--month-first"] if spelling.time in DAY_FIRST else []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.csv")
        path.write_bytes(write(table, spelling))
        check_clean_copy([str(path)], order, "data")


@pytest.mark.parametrize("quotes", ["", "'", "''"])
def test_names_ids_and_texts_that_look_like_formulas_stand_behind_an_apostrophe_and_come_back(reader: Reader, quotes):
    names = [f"{quotes}{name}" for name in ("@id", "-flow [m3/h]", "=HYPERLINK(1)", "+kind")]
    cells = [f"{quotes}{text}" for text in ("=cmd", "-3", "'+a", "+4915")]
    rows = [
        ",".join([when, cells[k], value, other, f"{quotes}@room {k % 2}"])
        for when, value, other in zip(stamp(hours(40)), values(40), values(40, 3), strict=True)
        for k in range(len(cells))
    ]
    source = reader.write("\n".join([",".join(["time", *names]), *rows]) + "\n")
    clean = check_clean_copy([source], ["--series-id", names[0].removeprefix("'"), "--static-covariate", "*kind"], "x")
    header, *lines = b"".join(write_csv(clean)).decode().splitlines()
    assert not any(cell.startswith(tuple("=+-@")) for cell in header.split(","))
    assert not any(cell.startswith(tuple("=@")) for line in lines for cell in line.split(","))
