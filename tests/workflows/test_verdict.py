from forecast_cli.results import RankingRow
from forecast_cli.workflows.verdict import write_verdict


def row(model, mae):
    return RankingRow(0, model, mae, mae, None, None, None, None, 1200, None, None)


def test_the_model_is_held_against_the_baseline_that_was_best_on_validation():
    ranking = (row("linear", 0.4), row("conv-birnn", 0.5), row("naive", 1.0))
    assert write_verdict(ranking, "conv-birnn", "naive") == (
        "conv-birnn beats naive, the best baseline on validation, by 50.0 % in MAE on 1,200 windows"
    )
    assert write_verdict(ranking, "conv-birnn", "linear").startswith("conv-birnn is worse than linear")


def test_a_baseline_that_is_perfect_is_not_equalled_by_one_that_is_not():
    verdict = write_verdict((row("seasonal-naive", 0.0), row("dense", 0.85)), "dense", "seasonal-naive")
    assert verdict.startswith("dense is worse than seasonal-naive")


def test_the_best_on_validation_is_claimed_only_for_the_one_that_was():
    verdict = write_verdict((row("conv-birnn", 0.5), row("naive", 1.0)), "conv-birnn", "linear")
    assert "naive, the best baseline asked for" in verdict


def test_without_an_opponent_nothing_is_claimed():
    assert write_verdict((row("linear", 0.5),), "linear", "naive") == "linear was scored alone, beside no baseline"


def test_a_saved_baseline_is_held_against_another_one():
    assert "the best other baseline" in write_verdict((row("linear", 0.5), row("naive", 1.0)), "linear", "naive")
