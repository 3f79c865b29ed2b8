"""DuckDB under signals, and on a full disk."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.ingest.scan import desks, scanning
from forecast_cli.ingest.scan.piece_reader import PieceReader
from forecast_cli.ingest.scan.query import connect, execute, fetch_columns, fetch_rows
from forecast_cli.ingest.views.panel_file import write_parquet

ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range % 7 = b.range % 3"


@pytest.mark.parametrize("run", [execute, fetch_columns, fetch_rows])
def test_an_interrupt_in_the_middle_of_a_query_is_a_keyboard_interrupt(run, tmp_path: Path) -> None:
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    with connect(tmp_path) as connection:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            run(connection, ENDLESS)


def test_an_interrupt_while_threads_read_pieces_ends_them_and_leaves_nothing_behind(
    reader, hourly, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(scanning, "choose_size", lambda _: 500)
    monkeypatch.setattr(desks, "count_processors", lambda: 3)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = reader.write(hourly(600), "data.csv")
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))

    def read_for_ever(self, desk, piece):
        if piece.number == 0:
            timer.start()
        return fetch_rows(desk.connection, ENDLESS)

    monkeypatch.setattr(PieceReader, "read", read_for_ever)
    with pytest.raises(KeyboardInterrupt):
        reader.read(path)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("piece")]
    assert [each.name for each in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_an_os_error_that_says_so() -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        write_parquet({"x": np.arange(200_000) / 7}, Path("/dev/full"))
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_limit_on_the_size_of_files_counts_as_a_full_disk(tmp_path: Path) -> None:
    code = (
        "import errno, resource, sys; from pathlib import Path\n"
        "from forecast_cli.ingest.views.panel_file import write_parquet\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try: write_parquet({'x': [k / 7 for k in range(50_000)]}, Path(sys.argv[1]))\n"
        "except OSError as error: sys.exit(0 if error.errno == errno.ENOSPC else 'another errno')\n"
        "sys.exit('it was written')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.parquet")], check=True)
