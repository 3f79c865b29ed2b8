"""Files that are large for the machine: bounded memory, and a refusal with the arithmetic where it cannot be."""

import tracemalloc

import numpy as np
import pytest

from forecast_cli.errors import DataError, RefusedError
from forecast_cli.ingest.scan import memory, pieces, scanning, streams


def write_table(rows: int) -> str:
    values = np.random.default_rng(0).normal(20, 5, (rows, 4)).round(3).tolist()
    stamps = np.datetime64("2020-01-01") + np.arange(rows).astype("timedelta64[m]")
    lines = [",".join([str(stamp), *map(str, row)]) for stamp, row in zip(stamps, values, strict=True)]
    return "time,a,b,c,d\n" + "\n".join(lines) + "\n"


def test_columns_that_do_not_fit_are_refused_with_the_arithmetic(reader, monkeypatch) -> None:
    monkeypatch.setattr(scanning, "measure_free_memory", lambda: 100_000)
    with pytest.raises(RefusedError, match=r"columns of .*data\.csv take about .* of memory, .* are free") as caught:
        reader.load(write_table(5_000))
    assert "--target" in caught.value.hint


def test_a_file_that_does_not_fit_is_refused_after_its_first_piece(reader, monkeypatch) -> None:
    read: list[int] = []
    fill = streams.FileUntil.readinto
    monkeypatch.setattr(streams.FileUntil, "readinto", lambda self, b: read.append(fill(self, b)) or read[-1])
    monkeypatch.setattr(scanning, "choose_size", lambda _: 20_000)
    monkeypatch.setattr(scanning, "measure_free_memory", lambda: 1_000_000)
    path = reader.write(write_table(20_000))  # about 0.9 MB of columns
    reader.read(path)
    whole = sum(read)
    read.clear()
    monkeypatch.setattr(scanning, "measure_free_memory", lambda: 900_000)
    with pytest.raises(RefusedError):
        reader.read(path)
    assert sum(read) < whole / 4


def test_where_free_memory_is_unknown_nothing_is_refused(reader, monkeypatch) -> None:
    monkeypatch.setattr(scanning, "measure_free_memory", lambda: None)
    assert reader.load(write_table(500)).values.shape == (500, 4)


def test_free_memory_is_a_plausible_number_of_bytes() -> None:
    free = memory.measure_free_memory()
    assert free is None or free > 2**20


def test_python_holds_little_beside_the_columns(reader, monkeypatch) -> None:
    text = write_table(60_000)
    path = reader.write(text)
    monkeypatch.setattr(scanning, "choose_size", lambda _: 100_000)
    tracemalloc.start()
    try:
        panel, _ = reader.read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    columns = panel.values.size * 8
    assert peak < 3 * columns + 8 * 2**20 < 3 * len(text) + 8 * 2**20


def test_a_line_beyond_all_measure_is_a_reject_and_the_rest_is_read(reader, monkeypatch) -> None:
    monkeypatch.setattr(pieces, "LONGEST", 10_000)
    monkeypatch.setattr(scanning, "choose_size", lambda _: 4_000)
    lines = write_table(1_000).splitlines()
    lines.insert(500, "x" * 50_000)
    panel, reading = reader.read(reader.write("\n".join(lines) + "\n"))
    assert len(panel.values) == 1_000
    assert [(each.line, each.reason) for each in reading.rejects] == [(501, "is too long")]


def test_a_text_without_a_line_end_is_given_up(reader, monkeypatch) -> None:
    monkeypatch.setattr(pieces, "LONGEST", 10_000)
    monkeypatch.setattr(pieces, "_ENDLESS", 100_000)
    monkeypatch.setattr(scanning, "choose_size", lambda _: 50_000)
    with pytest.raises(DataError, match="no line end"):
        reader.load("time,a\n2025-01-01,1\n2025-01-02,2\n2025-01-03,4\n" + "5" * 2_000_000)


def test_a_table_beyond_all_width_is_refused(reader) -> None:
    row = ",".join(["1.5"] * 10_001)
    with pytest.raises(RefusedError, match="10,001 columns"):
        reader.load(f"{row}\n" * 4)
