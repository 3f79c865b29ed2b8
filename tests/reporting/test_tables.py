import csv
import io
import json

import numpy as np
import pytest

from forecast_cli.reporting.tables import choose_spare, parts_columns, ranking_columns, to_csv, to_json_rows, to_jsonl
from forecast_cli.results import IntervalFigures, PartRow, RankingRow

INTERVALS = IntervalFigures({80: 78.5, 95: None}, {80: 1.5, 95: None}, {80: 2.5, 95: None}, 0.125)


def test_a_float32_is_written_as_the_shortest_text_that_reads_back_as_itself():
    numbers = np.random.default_rng(0).normal(0, 1e3, 1000).astype(np.float32)
    lines = to_csv({"x": numbers}).splitlines()[1:]
    assert np.array_equal(np.array(lines, np.float32), numbers)
    assert to_csv({"x": np.array([0.1, 1e-05, 20.0], np.float32)}) == "x\n0.1\n1e-05\n20.0\n"


def test_a_double_keeps_all_its_digits():
    assert to_csv({"a": [0.1 + 0.2], "b": np.array([0.1 + 0.2])}) == "a,b\n0.30000000000000004,0.30000000000000004\n"


def test_what_is_unknown_is_an_empty_cell():
    table = {"a": [1, 2, 3], "b": np.array([np.nan, 1, np.nan], np.float32), "c": [None, float("nan"), "x"]}
    assert to_csv(table) == "a,b,c\n1,,\n2,1.0,\n3,,x\n"


def test_hostile_cells_come_back_as_they_were():
    names = ["a,b", 'say "hi"', "two\nlines", "carriage\rreturn", "both\r\n", "", " x ", "[/m]"]
    text = to_csv({"na,me": names, "n": range(len(names))})
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["na,me", "n"]
    assert [row[0] for row in read[1:]] == names


def test_very_many_numbers_are_written_in_the_digits_of_a_few(monkeypatch):
    x = np.append(np.random.default_rng(0).normal(20, 5, 500).round(4), [np.nan, 0.0, 1e-7])
    table = {"x": x, "y": x[::-1].copy(), "n": range(503), "z": x}
    few = to_csv(table)
    monkeypatch.setattr("forecast_cli.reporting.tables._MANY", 1)
    monkeypatch.setattr("forecast_cli.reporting.tables._BLOCK", 7)
    assert to_csv(table) == few
    assert few.splitlines()[-3:] == [f",{x[2]},500,", f"0.0,{x[1]},501,0.0", f"1e-07,{x[0]},502,1e-07"]


def test_a_table_without_rows_is_its_header():
    assert to_csv({"a": [], "b": np.array([], np.float32)}) == "a,b\n"
    assert to_json_rows({"a": []}) == []
    assert to_jsonl({"a": []}) == ""


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        to_csv({"a": [1, 2], "b": [1]})
    with pytest.raises(ValueError, match="shorter"):
        to_json_rows({"a": [1, 2], "b": [1]})


def test_json_rows_hold_plain_values_with_the_digits_of_the_csv():
    table = {
        "s": ["ä", None],
        "x": np.array([0.1, np.nan], np.float32),
        "n": np.array([1, 2]),
        "y": [np.float32(0.1), float("inf")],
    }
    rows = to_json_rows(table)
    assert rows == [{"s": "ä", "x": 0.1, "n": 1, "y": 0.1}, {"s": None, "x": None, "n": 2, "y": None}]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_json_lines_are_one_object_a_line():
    lines = to_jsonl({"a": ["x\ny", "ü"], "b": [1.5, None]}).splitlines()
    assert lines == ['{"a": "x\\ny", "b": 1.5}', '{"a": "ü", "b": null}']


def test_the_arrays_given_are_not_changed():
    numbers = np.array([1.0, np.nan], np.float32)
    before = numbers.copy()
    to_csv({"x": numbers})
    to_json_rows({"x": numbers})
    assert np.array_equal(numbers, before, equal_nan=True)


def test_the_ranking_has_the_promised_columns_in_the_promised_order():
    row = RankingRow(1, "naive", 0.123456789, 0.2, None, None, 3.0, 4.0, 10, None, 0)
    assert to_csv(ranking_columns([row])) == (
        "rank,model,mae_scaled,mse_scaled,mase,skill,mae,rmse,n_windows,fit_seconds,parameters,rmsse,smape,wql\n"
        "1,naive,0.123456789,0.2,,,3.0,4.0,10,,0,,,\n"
    )


def test_a_narrow_terminal_keeps_the_model_and_its_error():
    columns = ranking_columns([RankingRow(1, "a", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, INTERVALS)])
    spare = [name for group in choose_spare(columns) for name in group]
    assert spare[:4] == ["winkler_80_scaled", "winkler_95_scaled", "width_80_scaled", "width_95_scaled"]
    assert set(columns) - set(spare) == {"rank", "model", "mae_scaled", "skill", "mae"}


def test_figures_of_intervals_follow_by_level_and_are_empty_for_models_without_them():
    rows = [PartRow("s", "blend", None, 0.5, 4, smape=0.25, intervals=INTERVALS), PartRow("s", "naive", None, 0.6, 4)]
    assert to_csv(parts_columns(rows)) == (
        "part,model,mae,mae_scaled,n,mse_scaled,mase,rmse,rmsse,smape,coverage_80,coverage_95,"
        "width_80_scaled,width_95_scaled,winkler_80_scaled,winkler_95_scaled,wql\n"
        "s,blend,,0.5,4,,,,,0.25,78.5,,1.5,,2.5,,0.125\n"
        "s,naive,,0.6,4,,,,,,,,,,,,\n"
    )
