"""Any bytes at all end in a panel or in one of our own errors, in bounded time."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_cli.errors import ForecastError
from forecast_cli.ingest.read import read_panel
from forecast_cli.types import Panel, ReadingOptions
from tests.ingest.conftest import Recorder
from tests.ingest.tables import spellings, tables, write

SIGNS = b"\x00\n\r\t\",;|'= .-+0129\xff\xfe\xc3(\\#"


@st.composite
def spoilt_tables(draw: st.DrawFn) -> bytes:
    """Draw a file that was once a table: bytes overwritten, inserted, taken out, and pieces doubled."""
    data = bytearray(write(draw(tables()), draw(spellings())))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(0, 40))
        patch = draw(
            st.one_of(st.binary(max_size=8), st.text(alphabet=[chr(c) for c in SIGNS], max_size=4).map(_to_bytes))
        )
        data[place : place + length] = patch + (data[place : place + length] * draw(st.integers(0, 2)))
    return bytes(data)


def check(found: Panel | ForecastError) -> None:
    if isinstance(found, ForecastError):
        assert found.message
        assert found.hint
    else:
        assert found.values.shape == found.observed.shape
        assert found.indptr[-1] == len(found.values)


CASES = sorted(path for path in (Path(__file__).parents[1] / "cases").rglob("*") if path.is_file())


def _to_bytes(text: str) -> bytes:
    return text.encode("latin-1")


def read(data: bytes) -> Panel | ForecastError:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.csv")
        path.write_bytes(data)
        try:
            return read_panel([str(path)], ReadingOptions(), Recorder())[0]
        except ForecastError as error:
            return error


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_every_case_ends_in_a_panel_or_in_an_error_that_says_what_to_do(path: Path):
    check(read(path.read_bytes()))


@settings(max_examples=150, deadline=datetime.timedelta(seconds=10), suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=4_000), spoilt_tables()))
def test_any_bytes_end_in_a_panel_or_in_an_error_that_says_what_to_do(data: bytes):
    check(read(data))
