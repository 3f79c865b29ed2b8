"""Fuzz the reader: any bytes end in a panel or in one of our own errors.

By hand, since atheris is no dependency of ours: pip install atheris, then

    python -m tests.fuzz.read_anything CORPUS -max_total_time=600 -timeout=10 -rss_limit_mb=1024

CORPUS is a folder that new inputs are kept in; the cases of the tests are a good start. Each find becomes a file under
tests/cases.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["forecast_cli.ingest"]):
    from forecast_cli.errors import ForecastError
    from forecast_cli.ingest.read import read_panel
    from forecast_cli.types import ReadingOptions
    from tests.ingest.conftest import Recorder

FOLDER = tempfile.TemporaryDirectory(prefix="forecast-fuzz-")
FILE = Path(FOLDER.name, "data.csv")


def read_bytes(data: bytes) -> None:
    """Read one input; whatever is no ForecastError is a find."""
    FILE.write_bytes(data)
    with contextlib.suppress(ForecastError):
        read_panel([str(FILE)], ReadingOptions(), Recorder())


if __name__ == "__main__":
    atheris.Setup(sys.argv, read_bytes)
    atheris.Fuzz()
