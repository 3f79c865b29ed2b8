from __future__ import annotations

from forecast_cli.types import Columns
from tests.ingest.conftest import Reader


def write(*rows: str) -> str:
    return "\n".join(["t,flow [m3/h],note,same,void,skip", *rows]) + "\n"


def make(n: int = 60) -> str:
    stamps = [f"2026-01-{1 + k // 24:02} {k % 24:02}:00:00" for k in range(n)]
    return write(*(f"{stamp},{k % 7 - 2 if k else ''},word {k * k},5,,{k % 5}" for k, stamp in enumerate(stamps)))


def test_a_reading_tells_of_every_column_of_the_header_in_its_order(reader: Reader):
    _, reading = reader.read(reader.write(make()), columns=Columns(ignored=("skip",)))
    assert [fact.name for fact in reading.columns] == list(reading.header)
    assert [(fact.kind, fact.role) for fact in reading.columns] == [
        ("time", "time"),
        ("number", "target"),
        ("text", "left out: text"),
        ("number", "left out: constant"),
        ("empty", "left out: no value"),
        ("number", "left out: ignored"),
    ]


def test_numbers_are_counted_with_their_range_and_unit(reader: Reader):
    _, reading = reader.read(reader.write(make()))
    flow = reading.columns[1]
    assert (flow.unit, flow.n_values, flow.n_missing, flow.minimum, flow.maximum) == ("m3/h", 59, 1, -2.0, 4.0)
    note = reading.columns[2]
    assert (note.n_values, note.minimum) == (None, None)


def test_a_unit_may_stand_below_the_header(reader: Reader):
    rows = [f"2026-01-{1 + k // 24:02} {k % 24:02}:00:00;{k % 7}" for k in range(60)]
    _, reading = reader.read(reader.write("\n".join(["time;speed", ";m/s", *rows]) + "\n"))
    assert reading.columns[1].unit == "m/s"


def test_what_is_not_read_because_others_were_named_says_so(reader: Reader):
    _, reading = reader.read(reader.write(make()), columns=Columns(targets=("skip",)))
    assert {fact.role for fact in reading.columns if fact.name in ("flow [m3/h]", "same")} == {"left out: not named"}


def test_columns_made_of_tags_stand_behind_those_of_the_header(reader: Reader):
    stamps = [f"2026-01-{1 + k // 24:02} {k % 24:02}:00:00" for k in range(60)]
    lines = [f"{stamp},{tag},{k % 7 + size}" for k, stamp in enumerate(stamps) for tag, size in (("p", 0), ("q", 100))]
    path = reader.write("\n".join(["t,tag,value", *lines]) + "\n")
    _, reading = reader.read(path, pivot="tag")
    assert [(fact.name, fact.role) for fact in reading.columns] == [
        ("t", "time"),
        ("tag", "tags, a column each"),
        ("value", "values of the tags"),
        ("p", "target"),
        ("q", "target"),
    ]
