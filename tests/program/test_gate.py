"""`forecast train --fail-unless-better`: the scores are shown, then exit 7 where they are not better beyond luck."""

from tests.program.conftest import LOOKBACK, forecast

ARGS = ("train", "data.csv", "--model", "naive", "--lookback", LOOKBACK, "--fail-unless-better")


def test_a_model_that_is_no_better_is_shown_and_not_saved(linear, copy_of, no_tensorflow):
    folder = copy_of(linear)
    ending = forecast(*ARGS, "--refit", "-m", "other", cwd=folder, env=no_tensorflow)
    assert ending.code == 7
    assert {"naive", "seasonal-naive"} <= {row["model"] for row in ending.table}
    assert "error: --fail-unless-better: naive is worse than" in ending.err
    assert "nothing was written to other" in ending.err
    assert "saved" not in ending.err
    assert "again" not in ending.err  # nor refitted
    assert not (folder / "other").exists()


def test_the_old_model_stays_as_it_is(linear, copy_of, no_tensorflow):
    folder = copy_of(linear)
    before = {path.name: path.read_bytes() for path in (folder / "forecast-model").iterdir()}
    assert forecast(*ARGS, "--force", cwd=folder, env=no_tensorflow).code == 7
    assert {path.name: path.read_bytes() for path in (folder / "forecast-model").iterdir()} == before
