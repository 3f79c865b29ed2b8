from dataclasses import replace

import pytest

from forecast_cli.artifact.card import KeptModel, ModelCard, check_card, pick_network
from forecast_cli.errors import ArtifactError
from forecast_cli.results import Verdict, Wins
from forecast_cli.types import Reading, ReadingOptions, RunConfig, Training, Window

CONFIG = RunConfig("1h", 24, Window(10, 2), (70, 80, 100), "linear", None, Training(), (80, 95))
CARD = ModelCard(
    config=CONFIG,
    reading=Reading((), (), ReadingOptions(freq="1h", max_gap=3), (), {}),
    series_ids=("a",),
    channels=("x",),
    units=("",),
    n_targets=1,
    origin="2025-01-01T00:00:00.000000",
    tz="+01:00",
    kept={"linear": KeptModel("closed-form", None, 22), "naive": KeptModel("closed-form", None, 0)},
    calibration_windows=50,
    learnt_until=80,
    keeps_panel="all",
    best_baseline="naive",
    verdict=Verdict("linear", "naive", "better", "linear beats naive", 12.5, (9.0, 15.0), 8, 4, 2, Wins(1, 1)),
    coverage={},
    data_hash="",
    command="",
    versions={},
)


def test_a_card_that_we_write_is_sound():
    assert check_card(CARD) is CARD
    again = replace(CARD, refitted_until=100)
    assert check_card(again) is again


def test_the_second_set_holds_the_saved_model_and_its_parts():
    assert not CARD.is_refitted("linear")
    assert CARD.delivered_until == 80
    parts = {"linear": 0.6, "naive": 0.4}
    blend = {**CARD.kept, "dense": KeptModel("network", "Dense(2)", 9), "blend": KeptModel("blend", None, 22, parts)}
    card = replace(CARD, config=replace(CONFIG, model="blend"), kept=blend, refitted_until=100)
    assert [name for name in blend if card.is_refitted(name)] == ["linear", "naive", "blend"]
    assert card.delivered_until == 100


def test_the_network_whose_weights_are_kept_is_the_saved_one_or_the_one_beside_it():
    network = KeptModel("network", "GRU(2)", 9)
    assert pick_network("linear", CARD.kept) == ""
    assert pick_network("linear", {**CARD.kept, "dense": network}) == ""
    assert pick_network("linear", {**CARD.kept, "dense": network, "layers": network}) == "layers"
    assert pick_network("dense", {**CARD.kept, "dense": network, "layers": network}) == "dense"


@pytest.mark.parametrize(
    "change",
    [
        {"config": replace(CONFIG, window=Window(0, 2))},
        {"config": replace(CONFIG, window=Window(10, 10**12))},
        {"config": replace(CONFIG, split=(80, 70, 100))},
        {"config": replace(CONFIG, freq="often")},
        {"config": replace(CONFIG, layers="LSTM(")},
        {"config": replace(CONFIG, model="prophet")},
        {"config": replace(CONFIG, levels=(101,))},
        {"n_targets": 2},
        {"origin": "NaT"},
        {"tz": "foo"},
        {"learnt_until": 10**30},
        {"refitted_until": 79},
        {"refitted_until": 10**30},
        {"best_baseline": "prophet"},
        {"series_ids": ()},
    ],
)
def test_values_that_cannot_be_are_refused(change):
    with pytest.raises(ArtifactError, match=r"model\.json"):
        check_card(replace(CARD, **change))
