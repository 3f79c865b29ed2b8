"""`forecast summary`: what a network makes of a window and costs, without TensorFlow or training."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forecast_cli.artifact.card import KeptModel
from forecast_cli.artifact.load import open_artifact
from forecast_cli.errors import UsageError
from forecast_cli.reporting.terminal.network import layers_columns, summary_to_json
from forecast_cli.requests import SummaryRequest
from forecast_cli.workflows import summary
from forecast_cli.workflows.summary import summarize
from tests.panels import Recorder


def look_at(model=None, layers=None, *, lookback=None, horizon=None, channels=None, targets=None, tmp_path=None):
    return summarize(SummaryRequest(tmp_path, model, layers, lookback, horizon, channels, targets), Recorder())


def test_the_table_has_shapes_counts_costs_and_formulas_and_ends_in_their_sums():
    columns = layers_columns(look_at("stacked-gru", lookback=240, horizon=1, channels=14))
    assert list(columns) == ["layer", "output", "parameters", "recurrent_steps", "multiply_adds", "remark"]
    assert columns["output"] == ["240x32", "64", "1", ""]
    assert columns["parameters"] == [4_608, 18_816, 65, 23_489]
    assert columns["recurrent_steps"] == [240, 240, 0, 480]
    assert columns["multiply_adds"] == [240 * 3 * (14 + 32) * 32, 240 * 3 * (32 + 64) * 64, 64, 5_483_584]
    assert columns["remark"] == ["3·((14+32+2)·32)", "3·((32+64+2)·64)", "the head", ""]


def test_json_has_the_same_figures_and_their_totals():
    document = summary_to_json(look_at("lstm", lookback=10, horizon=1))
    assert document["layers"][0] == {
        "layer": "LSTM(32)",
        "output": (32,),
        "parameters": 4_352,
        "recurrent_steps": 10,
        "multiply_adds": 10 * 4 * 33 * 32,
        "remark": "4·((1+32+1)·32)",
    }
    totals = {name: document[name] for name in ("parameters", "recurrent_steps", "multiply_adds")}
    assert totals == {"parameters": 4_385, "recurrent_steps": 10, "multiply_adds": 10 * 4 * 33 * 32 + 32}


def test_a_closed_form_has_parameters_and_no_steps():
    document = summary_to_json(look_at("linear", lookback=24, horizon=2))
    assert (document["recurrent_steps"], document["multiply_adds"]) == (None, None)


def test_a_last_dense_that_is_the_head_is_not_counted_twice():
    assert look_at(layers="LSTM(8) | Dense(24)").layers == look_at(layers="LSTM(8)").layers


@pytest.mark.parametrize(("framing", "said"), [("Future(8)", "step ahead"), ("SeriesEmbedding(2)", "one series")])
def test_what_only_data_can_tell_is_supposed_and_said(framing, said):
    found = look_at(layers=f"{framing} | LSTM(8)", lookback=24, horizon=3)
    assert len(found.notes) == 1
    assert said in found.notes[0]
    assert found.layers[0].parameters > 0


def test_a_wrong_line_is_pointed_at():
    with pytest.raises(UsageError, match=r"\^\^\^\^"):
        look_at(layers="LSTM(8) | Gruu(8)")


def test_a_blend_is_shown_part_by_part_the_largest_share_first_and_in_full(one, monkeypatch):
    artifact = open_artifact(one.directory)
    card, linear = artifact.card, artifact.card.kept["linear"]
    line = "SubtractLast | GRU(8)"
    gru = KeptModel("network", line, sum(row.parameters for row in look_at(layers=line, horizon=12, targets=2).layers))
    blend = KeptModel("blend", None, linear.parameters + gru.parameters, {"linear": 0.25, "gru": 0.75})
    mixed = replace(card, kept={**card.kept, "gru": gru, "blend": blend}, config=replace(card.config, model="blend"))
    monkeypatch.setattr(summary, "open_artifact", lambda directory: replace(artifact, card=mixed))
    found = look_at(tmp_path=one.directory)
    assert found.facts["model"] == "blend: gru 75 %, linear 25 %"
    assert [row.layer for row in found.layers] == ["gru: SubtractLast", "gru: GRU(8)", "gru: Dense(24)", "linear"]
    assert sum(row.parameters for row in found.layers) == found.parameters == blend.parameters
