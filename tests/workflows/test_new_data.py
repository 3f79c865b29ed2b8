"""A few rows of new data are read as the training data were, even where they alone would leave it open."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.artifact.load import open_artifact
from forecast_cli.ingest.grid.gaps import Filling
from forecast_cli.types import Columns, ReadingOptions
from forecast_cli.workflows.history import find_ways
from forecast_cli.workflows.new_data import read_like_training
from tests.panels import Recorder
from tests.workflows.conftest import ROWS, START, measure, train_linear


def write_rows(path, write, first=0, last=ROWS, head="time;x"):
    """Write a row per hour: the stamp, and what `write` makes of the hour."""
    stamps = [str(START + np.timedelta64(h, "h")).replace("T", " ") for h in range(first, last)]
    sign = head[len("time")]
    path.write_text(
        "\n".join([head, *(f"{s}{sign}{write(h)}" for h, s in zip(range(first, last), stamps, strict=True))]) + "\n"
    )
    return path


def train_and_read(folder, trained, new, **reading):
    """Return the panel of new data as a model of the other file reads it, in the columns' units, and what was said."""
    directory = train_linear(trained, folder / "model", reading=ReadingOptions(**reading), horizon=4)
    heard = Recorder()
    panel = read_like_training(open_artifact(directory), [str(new)], heard)
    return panel.values + panel.offset[0], heard


@pytest.mark.parametrize(
    ("usual", "open_to_doubt", "value"),
    [
        (lambda h: f"{1000 + 10 * h:,.1f}", lambda h: f"{3 + h % 5},500", 3500),  # thousands, and no decimals now
        (lambda h: f"{20 + h % 7}.{h % 1000:03d}", lambda h: f"{3 + h % 5}.500", 3.5),
        (lambda h: f"{20 + h % 7},{h % 10:02d}", lambda h: f"{3 + h % 5},500", 3.5),
        (lambda h: f"1.{h:03d},{h % 10:02d}", lambda h: f"{3 + h % 5}.500", 3500),
    ],
    ids=["thousands comma", "decimal point", "decimal comma", "thousands point"],
)
def test_a_number_that_could_be_two_is_the_one_of_the_training_data(tmp_path, usual, open_to_doubt, value) -> None:
    trained = write_rows(tmp_path / "t.csv", usual)
    values, heard = train_and_read(tmp_path, trained, write_rows(tmp_path / "new.csv", open_to_doubt, ROWS, ROWS + 5))
    assert values[0, 0] == pytest.approx(value)
    assert not [text for text, _, warning in heard.notes if warning]


def test_new_data_written_in_another_way_are_read_as_they_show(tmp_path) -> None:
    trained = write_rows(tmp_path / "t.csv", lambda h: f"{20 + h % 7},{h % 10:02d}")
    new = write_rows(tmp_path / "new.csv", lambda h: f"{3 + h % 5}.500", ROWS, ROWS + 5, "time,x")
    assert train_and_read(tmp_path, trained, new)[0][0, 0] == pytest.approx(3.5)


def test_new_data_may_lack_a_column_that_is_ignored(tmp_path) -> None:
    trained = write_rows(tmp_path / "t.csv", lambda h: f"{measure(h):.2f},{h % 9}", head="time,x,battery")
    new = write_rows(tmp_path / "new.csv", lambda h: f"{measure(h):.2f}", ROWS, ROWS + 5, "time,x")
    assert train_and_read(tmp_path, trained, new, columns=Columns(ignored=("battery",)))[0].shape == (5, 1)


def test_the_increase_between_the_stored_readings_and_the_new_ones_is_not_known(tmp_path) -> None:
    trained = write_rows(tmp_path / "t.csv", lambda h: f"{h * h},{measure(h):.2f}", head="time,meter,x")
    reading = ReadingOptions(counters=("meter",), fill="hold")
    artifact = open_artifact(train_linear(trained, tmp_path / "model", reading=reading, horizon=4))
    assert find_ways(artifact) == (Filling(24, "linear"), Filling(24, "hold"))
