from __future__ import annotations

import json
from dataclasses import replace

from forecast_cli.reporting.terminal.inspection import COLUMNS, inspection_to_json, profile_table
from forecast_cli.reporting.terminal.screen import draw_columns, explain_columns, list_facts, list_findings
from forecast_cli.results import Inspection
from forecast_cli.types import Reject
from tests.cli.fakes import make_inspection

GAPS = {"missing": 4500, "share": 0.2, "count": 16, "longest": 4440, "longest_words": "185 days", "filled_up_to": 3}


def change(**parts: object) -> Inspection:
    found = make_inspection()
    changed = {name: {**getattr(found, name), **value} for name, value in parts.items() if isinstance(value, dict)}
    return replace(found, **{**parts, **changed})


def test_gaps_are_told_by_their_length_in_words():
    said = list_facts(change(gaps={**GAPS, "lengths": {"1": 12, "2-24": 3, ">24": 1}}))["gaps"]
    assert "4,500 steps without a row (20.0 %): 12 of 1 step, 3 of 2-24 steps, 1 longer" in said
    assert "the longest 185 days; up to 3 steps (3 h) are filled" in said
    assert list_facts(change(gaps={"count": 0}))["gaps"] == "no step without a row"


def test_every_flaw_of_the_time_axis_has_its_words_and_a_clean_one_is_told_as_clean():
    flaws = {"out_of_order": 1, "duplicates": 2, "conflicts": 1, "averaged": 3, "off_grid": 4}
    said = list_facts(change(time=flaws))["order"]
    for words in ("backwards 1 time", "2 rows twice", "1 instant again", "3 rows in a step", "4 rows off the grid"):
        assert words in said
    clean = dict.fromkeys([*flaws, "jittered"], 0)
    assert list_facts(change(time=clean))["order"] == "in order, no instant twice"
    jitter = clean | {"jittered": 30, "jitter_seconds": 1.5}
    assert list_facts(change(time=jitter))["order"] == "30 rows off the grid, usually by 1.5 s"


def test_a_share_is_never_rounded_to_none_or_all():
    distances = [{"distance": "1h", "share": 0.99999}, {"distance": "2h", "share": 0.00001}]
    assert (
        list_facts(change(time={"distances": distances}))["step"] == "1 h, 99.9 % of all distances; others: 2h <0.1 %"
    )


def test_of_many_columns_the_first_are_drawn_and_the_rest_counted():
    one = make_inspection().columns[1]
    found = change(columns=tuple(replace(one, column=f"c{k}") for k in range(100)))
    table = draw_columns(found)
    assert table["column"][-2:] == ["c23", "…"]
    assert "76 more columns" in explain_columns(found)
    assert len(profile_table(found)["column"]) == 100


def test_a_long_name_is_shortened_on_the_screen_and_whole_in_the_data():
    name = "an extremely long name of a column\nthat ends in [m3/h]"
    found = change(columns=(replace(make_inspection().columns[1], column=name),))
    assert draw_columns(found)["column"] == ["an extremely lo…n [m3/h]"]
    assert profile_table(found)["column"] == [name]


def test_rejects_are_shown_with_their_line_and_reason_and_only_a_few():
    rejects = tuple(Reject("x.csv", line, "a;b;c", "3 cells in place of 2") for line in range(7, 17))
    lines = list_facts(change(rejects=rejects))["rejects"].splitlines()
    assert lines[0] == "x.csv, line 7: 3 cells in place of 2: a;b;c"
    assert len(lines) == 3


def test_findings_are_numbered_with_the_flag_to_try():
    assert list_findings(make_inspection()) == {"1.": "flow stood at 2.0 for 30 rows (--fill hold)"}


def test_the_json_of_an_inspection_has_the_keys_that_are_documented():
    document = inspection_to_json(make_inspection())
    assert list(document) == [
        *("schema_version", "sources", "format", "rows", "time", "gaps", "series", "seasons", "columns", "decisions"),
        *("warnings", "rejects", "findings", "command"),
    ]
    assert document["seasons"] == [{"steps": 24, "words": "24 h"}]
    assert list(document["columns"][0]) == [*COLUMNS, "outline"]
    json.dumps(document, allow_nan=False)
