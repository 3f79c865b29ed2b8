"""Where bytes come from, and everything that can be wrong with them."""

import gzip
import io
import os
import sys
import threading

import numpy as np
import pytest

from forecast_cli.errors import DataError, UsageError


class Pipe(io.TextIOWrapper):
    """Stdin as a pipe delivers it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_stdin_reads_like_the_file(reader, hourly, monkeypatch, pack) -> None:
    monkeypatch.setattr(sys, "stdin", Pipe(pack(hourly(48).encode())))
    panel, reading = reader.read("-")
    assert panel.series_ids == ("stdin",)
    assert reading.sources == ("stdin",)
    np.testing.assert_array_equal(panel.values, reader.load(hourly(48)).values)


def test_a_terminal_as_stdin_is_refused_at_once(reader, monkeypatch) -> None:
    terminal = Pipe(b"")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    with pytest.raises(UsageError, match="terminal"):
        reader.read("-")


@pytest.mark.parametrize("closed", [None, Pipe(b"")])
def test_a_closed_stdin_is_called_closed(reader, monkeypatch, closed) -> None:
    if closed is not None:
        closed.close()
    monkeypatch.setattr(sys, "stdin", closed)
    with pytest.raises(UsageError, match="stdin, which is closed"):
        reader.read("-")


def test_stdin_can_be_named_only_once(reader) -> None:
    with pytest.raises(UsageError, match="twice"):
        reader.read("-", "-")


def test_a_named_pipe_is_read_to_its_end(reader, hourly, tmp_path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(hourly(30).encode(),))
    writer.start()
    panel, _ = reader.read(str(fifo))
    writer.join()
    assert panel.values.shape == (30, 1)


@pytest.mark.parametrize("name", ["a*b.csv", "[x].csv", "what?.csv", "it's.csv", "späße.csv", "no extension"])
def test_a_file_is_read_under_its_own_name_however_hostile(reader, hourly, name) -> None:
    reader.write("t,x\n2025-01-01,1\n", "aZZb.csv")
    assert reader.load(hourly(30), name).values.shape == (30, 1)


@pytest.mark.parametrize(
    "name", ["nowhere.csv", "http://127.0.0.1:9/x.csv", "s3://bucket/x.parquet", "a\0b", "x" * 5000]
)
def test_what_is_not_there_is_a_data_error(reader, name) -> None:
    with pytest.raises(DataError, match="there is no file"):
        reader.read(name)


def test_a_glob_without_a_match_is_a_data_error(reader, tmp_path) -> None:
    with pytest.raises(DataError, match="no file matches"):
        reader.read(str(tmp_path / "*.none"))


def test_a_directory_is_refused_with_the_glob_to_write(reader, tmp_path) -> None:
    with pytest.raises(DataError, match="is a directory") as caught:
        reader.read(str(tmp_path))
    assert "*.csv" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "holds no row"),
        (b"time,x\n", "holds no row"),
        (b"time,x\n2025-01-01,a\n2025-01-02,b\n", "no number|no column of numbers"),
        (b"time\n2025-01-01\n2025-01-02\n", "no column of numbers|no number"),
        (b"time,x\n2025-01-01,\n2025-01-02,\n", "no column of numbers|no number"),
        (b"just some words\nand more of them\n", "no column of numbers"),
        (bytes(range(256)) * 40, "no text table"),
        (b"PK\x03\x04" + b"\0" * 100, "zip"),
        (b"PAR1" + b"\1" * 100, "cannot be read"),
        (b"\x1f\x8b\x08" + b"\1" * 100, "cannot be unpacked"),
        (gzip.compress(b"t,x\n" + os.urandom(4000))[:-200], "unpacked|no text table"),
        (b"time,x\n2025-01-01,1.5\n", "only one instant"),
    ],
)
def test_what_cannot_be_used_is_a_data_error_that_names_the_file(reader, content, message) -> None:
    with pytest.raises(DataError, match=message) as caught:
        reader.load(content, "odd.csv")
    assert "odd.csv" in caught.value.message or "--target" in caught.value.hint
    assert caught.value.hint


@pytest.mark.parametrize("seed", range(30))
def test_any_bytes_end_in_a_panel_or_a_data_error(reader, hourly, seed) -> None:
    rng = np.random.default_rng(seed)
    content = bytearray(hourly(60).encode())
    for place in rng.integers(0, len(content), size=int(rng.integers(1, 40))):
        content[place] = rng.choice(list(b'";,\n\r\0\xff\xb0.-e9 T:')) if seed % 2 else rng.integers(0, 256)
    try:
        values, observed = (panel := reader.load(bytes(content))).values, panel.observed
    except DataError:
        return
    assert np.isfinite(values[observed]).all()


def test_a_device_is_refused(reader) -> None:
    with pytest.raises(DataError, match="device"):
        reader.read("/dev/zero")


def test_nothing_is_left_behind(reader, hourly, tmp_path, monkeypatch) -> None:
    import tempfile

    spool = tmp_path / "it's * temporary"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    reader.load(hourly(30))
    assert list(spool.iterdir()) == []
