"""A file is read in pieces, and nobody can tell where they were cut."""

import gzip

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_cli.ingest.scan import scanning
from forecast_cli.types import Columns

PLAIN = {"timestamp": ("time",), "targets": ("a",)}


@pytest.fixture
def cut(monkeypatch):
    """Cut every file into pieces of so many bytes."""

    def shrink(size: int) -> None:
        monkeypatch.setattr(scanning, "choose_size", lambda _: size)

    return shrink


def write_rows(rows: int, note: str = "") -> list[str]:
    return [
        f"2025-01-{1 + k // 24:02d} {k % 24:02d}:00:00,{20 + (k * 7) % 11 / 4},{note.format(k=k)}" for k in range(rows)
    ]


def restore(panel) -> np.ndarray:
    return (panel.values + panel.offset[0])[:, 0]


@pytest.mark.parametrize("size", [2, 7, 64, 300, 1000, 10**6])
@pytest.mark.parametrize(
    "note",
    ["", "calm", '"first, second"', '"two\nlines, both {k}"', '"he said ""no"""', '5" pipe', '"\n\n,\n"', "{k}\r"],
)
def test_rows_are_the_same_however_the_file_is_cut(reader, cut, size, note) -> None:
    path = reader.write("time,a,note\n" + "".join(f"{row}\n" for row in write_rows(100, note)))
    whole = reader.read(path, columns=Columns(**PLAIN))[0]
    cut(size)
    panel, reading = reader.read(path, columns=Columns(**PLAIN))
    assert reading.counts["rows_read"] == 100
    assert reading.rejects == ()
    np.testing.assert_array_equal(restore(panel), [20 + (k * 7) % 11 / 4 for k in range(100)])
    np.testing.assert_array_equal(panel.values, whole.values)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "latin-1", "cp949"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_pieces_of_any_encoding_line_end_and_packing_are_whole(reader, cut, encoding, end, pack) -> None:
    sign = "온도 측정" if encoding == "cp949" else "température"
    text = end.join([f"time,a,{sign}", *write_rows(80, "1{k}.5")]) + end
    cut(101)
    panel, reading = reader.read(reader.write(pack(text.encode(encoding))), columns=Columns(**PLAIN))
    assert reading.header == ("time", "a", sign)
    assert restore(panel).tolist() == [20 + (k * 7) % 11 / 4 for k in range(80)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 400), st.sets(st.integers(1, 119), max_size=8))
def test_what_is_wrong_is_told_with_its_line_however_the_file_is_cut(reader, cut, size, wrong) -> None:
    lines = ["time,a,b", *write_rows(120, "{k}.5")]
    for k in wrong:
        lines[k] = lines[k].rpartition(",")[0]
    cut(size)
    _, reading = reader.read(reader.write("\n".join(lines) + "\n"), columns=Columns(**PLAIN), max_rejects=0.5)
    assert [each.line for each in reading.rejects] == [k + 1 for k in sorted(wrong)]
    assert reading.counts["rows_rejected"] == len(wrong)


@pytest.mark.parametrize("size", [50, 10**6])
def test_ids_of_text_stand_beside_their_own_numbers_however_the_file_is_cut(reader, cut, size) -> None:
    rows = [
        f"2025-01-01 {k:02d}:00:00,{name},{k + m * 100 + (k * 7) % 5}"
        for k in range(24)
        for m, name in enumerate("cab")
    ]
    rows.insert(30, "time,site,a")
    rows.insert(9, "2025-01-01 03:00:00,b")
    cut(size)
    path = reader.write("time,site,a\n" + "\n".join(rows) + "\n")
    panel, reading = reader.read(path, columns=Columns(series_id="site"), max_rejects=0.5)
    assert panel.series_ids == ("a", "b", "c")
    assert [reading.counts[name] for name in ("repeated_headers", "rows_rejected")] == [1, 1]
    starts = [float(panel.offset[i, 0]) for i in range(3)]
    assert starts == [100, 200, 0]


@pytest.mark.parametrize(
    ("tail", "kept"),
    [
        ("2025-01-05 04:00:00,7.5,x", True),
        ("2025-01-05 04:00:00,7.5,", True),  # a cell that is cut cannot be told from a whole one
        ("2025-01-05 04:00:00,7.", False),
        ("2025-01-05 04:0", False),
        ('2025-01-05 04:00:00,7.5,"unfin', False),
    ],
)
def test_a_last_line_without_its_end_is_left_out_only_if_it_is_not_finished(reader, tail, kept) -> None:
    panel, reading = reader.read(
        reader.write("time,a,note\n" + "\n".join(write_rows(100, "x")) + "\n" + tail), columns=Columns(**PLAIN)
    )
    assert len(panel.values) == 100 + kept
    assert reader.recorder.heard("is not finished") is not kept
    assert reading.counts["rows_rejected"] == 0


def test_a_stray_line_feed_among_carriage_returns_costs_no_other_row(reader) -> None:
    text = "\r".join(["time,a,note", *write_rows(50, "x")]).replace("01-02 00:00:00,", "01-02 00:00:00\n,")
    panel, reading = reader.read(reader.write(text), columns=Columns(**PLAIN), max_rejects=0.1)
    assert len(panel.values) == 50
    assert panel.observed.sum() == 49
    assert not reader.recorder.heard("is not finished")
    assert reading.counts["rows_rejected"] == 2


def test_what_is_written_while_a_file_is_read_is_not_read(reader, cut, hourly, monkeypatch) -> None:
    path = reader.write(hourly(48))
    begin = scanning.cut_pieces

    def go_on_writing(*asked):
        with open(path, "a") as file:  # noqa: PTH123 - appended to, as loggers do
            file.write("2025-01-03 00:00:00,99\n" * 1000)
        return begin(*asked)

    monkeypatch.setattr(scanning, "cut_pieces", go_on_writing)
    assert reader.read(path)[0].values.shape == (48, 1)


def test_a_column_whose_later_cells_are_text_keeps_the_numbers_of_every_piece(reader, cut) -> None:
    lines = write_rows(200, "{k}")
    lines[150] = lines[150].replace(",150", ",ERR")
    cut(600)
    panel, reading = reader.read(reader.write("time,a,b\n" + "\n".join(lines) + "\n"))
    assert panel.observed.sum(axis=0).tolist() == [200, 199]
    assert reading.counts["cells_unreadable"] == 1


def test_rows_without_time_keep_the_order_of_the_file_over_all_pieces(reader, cut) -> None:
    cut(2000)
    values = (np.arange(5_000) * 7 % 4_999).tolist()
    panel = reader.load("x,y\n" + "".join(f"{v},{v / 4}\n" for v in values))
    assert restore(panel).tolist() == values


def test_an_error_in_one_piece_ends_all_threads(reader, cut, hourly, monkeypatch) -> None:
    import threading

    from forecast_cli.errors import DataError
    from forecast_cli.ingest.scan.piece_reader import PieceReader

    def fail(self, desk, piece):
        raise DataError(f"piece {piece.number}", "none")

    cut(100)
    monkeypatch.setattr(PieceReader, "read", fail)
    with pytest.raises(DataError, match="piece 0"):
        reader.load(hourly(500))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("piece")]


def test_progress_is_told_in_bytes_and_ends_with_the_size_of_the_file(reader, cut, hourly, monkeypatch) -> None:
    monkeypatch.setattr(scanning, "_LARGE", 1)
    cut(1000)
    path = reader.write(gzip.compress(hourly(600).encode()))
    reader.read(path)
    stages = [stage for stage in reader.recorder.stages if stage[0] == "reading"]
    size = len(gzip.compress(hourly(600).encode()))
    assert stages[-1] == ("reading", size, size)
    assert [done for _, done, _ in stages] == sorted(done for _, done, _ in stages)
