"""Instants of a fixed width are read as the calendar has them, and whatever is written otherwise is refused."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.ingest.scan.plain_stamps import count_microseconds, plan_stamps, read_stamps
from forecast_cli.ingest.scan.plain_words import Bench, NotPlainError, find_cells

LAYOUTS = [
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M:%S"),
    *("%m/%d/%Y %H:%M", "%Y%m%d%H%M%S", "%Y%m%d %H:%M", "%d.%m.%Y", "%Y-%m-%d - %H.%M", "%H:%M:%S %d-%m-%Y"),
]
ISO = LAYOUTS[0]


def read(cells: list[str], layout: str) -> list[int]:
    """Return the instants of a column in microseconds."""
    plan = plan_stamps(layout)
    assert plan is not None
    text = "".join(f"{cell};1\n" for cell in cells).encode()
    bench = Bench(len(text))
    words = np.empty((len(plan.places), len(cells)), dtype=np.uint64)
    places = find_cells(bench, bench.lay(np.frombuffer(text, dtype=np.uint8)), ord(";"), 2)
    read_stamps(bench, plan, places[0], places[1], words)
    return count_microseconds(plan, words).tolist()


@pytest.mark.parametrize("layout", LAYOUTS)
@given(st.lists(st.datetimes(dt.datetime(1, 1, 1)), min_size=1))
def test_any_instant_is_read(layout, instants) -> None:
    cells = [each.strftime(layout.replace("%Y", f"{each.year:04d}")) for each in instants]
    known = [dt.datetime.strptime(cell, layout) for cell in cells]
    assert read(cells, layout) == np.array(known, dtype="datetime64[us]").astype(np.int64).tolist()


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-02-30 00:00:00", "2023-02-29 00:00:00", "2024-00-10 00:00:00", "2024-13-10 00:00:00"),
        *("2024-01-00 00:00:00", "2024-01-01 24:00:00", "2024-01-01 00:60:00", "2024-01-01 00:00:60"),
        *("2024-01-01T00:00:00", "2024-1-01 00:00:00", "2024-01-01 00:00", "2024-01-01 00:00:00Z", ""),
        *("2024-01-01 0a:00:00", "2024-01-01 00:00:0\x7f", "2O24-01-01 00:00:00", "x", "2024-01-01 00:00:0/"),
    ],
)
def test_what_is_no_such_instant_is_refused(cell) -> None:
    with pytest.raises(NotPlainError):
        read(["2024-01-01 00:00:00", cell], ISO)


@pytest.mark.parametrize("layout", ["%d %b %Y", "%y-%m-%d", "%Y-%m", "%Y-%m-%d %I:%M %p", "%s", "%Y-%m-%d %H:%M:%S.%f"])
def test_layouts_of_another_kind_are_left_to_the_careful_way(layout) -> None:
    assert plan_stamps(layout) is None
