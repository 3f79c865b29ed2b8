"""False alarms on what nobody can forecast: `python -m tests.benchmarks.random_walk [SERIES]`.

200 random walks are one panel, on which a small network and the baselines are trained once. Then each model is held
against `naive` on each series by itself, as the verdict does: no model is better there, so at most 8 % of the verdicts
may say so.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.artifact.load import open_artifact
from forecast_cli.evaluation.backtest import score_models
from forecast_cli.evaluation.significance import judge
from forecast_cli.prepare.scaling import scale_panel
from forecast_cli.prepare.splits import make_split
from forecast_cli.prepare.windows import count_cutoffs, series_of
from tests.panels import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecast_cli.artifact.load import Artifact
    from forecast_cli.types import Scores

SERIES, ROWS, LOOKBACK, HORIZON = 200, 1_500, 48, 24
LAYERS = 'PerChannel | SubtractLast | Flatten | Dense(32, "relu")'
MOST = 8.0  # percent


def main() -> None:
    """Print for each model how many verdicts say that it is better than the naive, and how many that it is worse."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SERIES
    with tempfile.TemporaryDirectory() as folder:
        write_walks(Path(folder) / "walks.csv", count)
        windows = ["--lookback", str(LOOKBACK), "--horizon", str(HORIZON), "--season", "24"]
        command = ["train", "walks.csv", "--series-id", "walk", *windows, "--layers", LAYERS, "--epochs", "2"]
        subprocess.run([sys.executable, "-m", "forecast_cli", *command, "--quiet"], cwd=folder, check=True)
        artifact = open_artifact(Path(folder) / "forecast-model")
        found = list(judge_series(artifact))
    print(f"{count} random walks of {ROWS:,} rows, horizon {HORIZON}; at most {MOST:g} % may be better than naive")
    print(f"{'model':16}{'better':>8}{'worse':>8}{'of':>6}")
    for name in found[0]:
        outcomes = [each[name] for each in found]
        better, worse = (sum(outcome == word for outcome in outcomes) for word in ("better", "worse"))
        print(f"{name:16}{100 * better / len(outcomes):7.1f}%{100 * worse / len(outcomes):7.1f}%{len(outcomes):6}")


def write_walks(path: Path, count: int) -> None:
    """Write random walks of one step an hour, one after the other."""
    rng = np.random.default_rng(0)
    stamps = np.datetime_as_string(np.datetime64("2025-01-01T00:00") + np.arange(ROWS) * np.timedelta64(1, "h"))
    with path.open("w") as file:
        file.write("time,walk,value\n")
        for i in range(count):
            walk = rng.standard_normal(ROWS).cumsum()
            file.writelines(f"{stamp},w{i:03},{value:.4f}\n" for stamp, value in zip(stamps, walk, strict=True))


def judge_series(artifact: Artifact) -> Iterator[dict[str, str]]:
    """Yield the outcome of each kept model against the naive, for one series after the other."""
    for scores in score_series(artifact):
        yield {name: judge(scores, name, "naive", HORIZON).outcome for name in scores.models if name != "naive"}


def score_series(artifact: Artifact) -> Iterator[Scores]:
    """Yield the scores of the kept models on the test windows of one series after the other."""
    card, panel = artifact.card, artifact.load_panel()
    models = {name: artifact.load_model(name) for name in card.kept}
    scaled = scale_panel(panel, artifact.scaler)
    counts = count_cutoffs(panel, card.config.window, False)
    rows = make_split(panel, card.config.window, counts, card.config.split).test
    for own in np.split(rows, np.flatnonzero(np.diff(series_of(panel, rows))) + 1):
        yield score_models(models, scaled, card.config.window, counts, own, Recorder())


if __name__ == "__main__":
    main()
