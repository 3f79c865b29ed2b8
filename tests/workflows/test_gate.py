"""What `--fail-unless-better` lets through: a win beyond luck, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from forecast_cli.errors import GateError
from forecast_cli.requests import TrainRequest
from forecast_cli.results import Judgement, Verdict
from forecast_cli.workflows import fitting, scoring
from forecast_cli.workflows import train as training
from forecast_cli.workflows.gate import require_better
from tests.panels import Recorder
from tests.workflows.conftest import write_hours

OTHERS = [outcome for outcome in get_args(Judgement) if outcome != "better"]


def judge(outcome: str) -> Verdict:
    return Verdict("linear", "naive", outcome, f"linear: {outcome}")


@pytest.fixture
def train(tmp_path, monkeypatch):
    """Return a function that trains with the gate, on a verdict of our own, and tells whether a model was written."""
    source = write_hours(tmp_path / "plant.csv")
    monkeypatch.setattr(fitting, "_has_tensorflow", lambda plan, listener: False)

    def run(outcome: str, directory: Path):
        monkeypatch.setattr(scoring, "give_verdict", lambda *args: judge(outcome))
        request = TrainRequest((str(source),), directory, model="linear", lookback=24, fail_unless_better=True)
        return training.train(request, Recorder()), directory.exists()

    return run


def test_a_win_is_saved(train, tmp_path):
    result, is_there = train("better", tmp_path / "model")
    assert result.is_saved
    assert is_there
    require_better(result.verdict)


@pytest.mark.parametrize("outcome", OTHERS)
def test_everything_else_is_scored_and_refused(train, tmp_path, outcome):
    result, is_there = train(outcome, tmp_path / "model")
    assert result.ranking
    assert not result.is_saved
    assert not is_there
    with pytest.raises(GateError, match=f"linear: {outcome}") as caught:
        require_better(result.verdict, "do this")
    assert (caught.value.code, caught.value.hint) == (7, "do this")
