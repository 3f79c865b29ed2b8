"""`forecast` beside other forecasters: `python -m tests.benchmarks.peers CSV SPLIT HORIZON NAME=PYTHON ...`.

CSV is a clean, regular table with the time in its first column, such as ETTh1.csv with `8640,2880,2880` and 96. NAME is
one of the peers below, and PYTHON the interpreter of a virtual environment that holds it:

    python3 -m venv darts && darts/bin/pip install torch 'u8darts[torch]'
    python3 -m venv neuralforecast && neuralforecast/bin/pip install torch neuralforecast
    python3 -m venv skforecast && skforecast/bin/pip install skforecast lightgbm
    python3 -m venv sktime && sktime/bin/pip install 'sktime[forecasting]'
    python3 -m venv autogluon && autogluon/bin/pip install torch autogluon.timeseries

Of each: the size of the environment; seconds, seconds of processor time and peak memory of two whole processes, one
after the other: fit (read the file, learn from the training part, save, forecast) and again (load what was saved,
forecast); and the errors over the test part, a window every 24 rows, in units of each column's training standard
deviation. Ours runs first, by its defaults. A peer has its own defaults where there are any, and nothing is tuned.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

EVERY = 24  # rows between the windows that are scored
LOOKBACK = 720  # rows of history that a window gives to a peer, as to ours
PHASES = ("fit", "again", "score")


class Cost(NamedTuple):
    """What one whole process took."""

    seconds: float
    processor: float  # seconds of it, on all cores
    peak: float  # MB
    out: str


def main() -> None:
    """Print a row for each forecaster."""
    csv, split, horizon, *peers = sys.argv[1:]
    csv = str(Path(csv).resolve())
    head = "".join(f"{phase + ' s':>10}{'cpu s':>8}{'MB':>7}" for phase in PHASES[:2])
    print(f"{'':16}{'size MB':>8}{head}{'MSE':>8}{'MAE':>8}")
    with tempfile.TemporaryDirectory() as folder:
        ours = [sys.executable, "-m", "forecast_cli"]
        train = [*ours, "train", csv, "--split", split, "--horizon", horizon, "--quiet", "-o", os.devnull]
        score = [*ours, "compare-baselines", "--stride", str(EVERY), "--quiet", "--format", "json"]
        costs = [measure(each, folder) for each in (train, [*ours, "predict", "--quiet"], score)]
        found = json.loads(costs[-1].out)
        row = next(row for row in found["ranking"] if row["model"] == found["verdict"]["model"])
        show("forecast", sys.executable, costs, (row["mse_scaled"], row["mae_scaled"]))
    for name, python in (peer.split("=") for peer in peers):
        with tempfile.TemporaryDirectory() as folder:
            command = [python, str(Path(__file__).resolve()), name]
            costs = [measure([*command, phase, csv, split, horizon], folder) for phase in PHASES]
            show(name, python, costs, json.loads(costs[-1].out.splitlines()[-1]))


def measure(command: Sequence[str], folder: str) -> Cost:
    """Return what one process took and wrote to stdout; its children count once they have ended."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=said, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        for stream in (out, said):
            stream.seek(0)
        if status:
            sys.exit(f"{' '.join(command)}\n{said.read()[-2000:]}")
        return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read())


def show(name: str, python: str, costs: Sequence[Cost], errors: Sequence[float]) -> None:
    """Print one row."""
    place = next(Path(python).parents[1].glob("lib/python3*/site-packages"))
    size = sum(file.lstat().st_size for file in place.rglob("*")) / 2**20
    cells = "".join(f"{each.seconds:10.1f}{each.processor:8.1f}{each.peak:7.0f}" for each in costs[:2])
    print(f"{name:16}{size:8.0f}{cells}" + "".join(f"{error:8.4f}" for error in errors), flush=True)


# --- What runs in a peer's environment -------------------------------------------------------------------------


def run_peer(name: str, phase: str, csv: str, split: str, horizon: str) -> None:
    """Do one phase of a peer in the current folder; `score` prints MSE and MAE."""
    import numpy as np
    import pandas as pd

    table = pd.read_csv(csv, index_col=0, parse_dates=[0])
    table = table.asfreq(pd.infer_freq(table.index)).astype("float32")
    peer, ahead = PEERS[name](), int(horizon)
    train, validation, test = (int(rows) for rows in split.split(","))
    end = train + validation + test
    if phase == "fit":
        peer.fit(table[:train], table[: train + validation], ahead)
    if phase != "score":
        peer.forecast([table[:train] if phase == "fit" else table], ahead)
        return
    ends = range(end - ahead, train + validation - 1, -EVERY)  # rows of history before each window
    forecasts = peer.forecast([table[row - LOOKBACK : row] for row in ends], ahead)  # (B, H, C)
    truth = np.stack([table.to_numpy()[row : row + ahead] for row in ends])
    error = (forecasts - truth) / table[:train].to_numpy().std(axis=0)
    print(json.dumps([float((error**2).mean()), float(abs(error).mean())]))


class Darts:
    """NLinear, shared by the columns, ten epochs."""

    def fit(self, train: Any, known: Any, ahead: int) -> None:
        """Learn and save."""
        from darts.models import NLinearModel

        quiet = {"accelerator": "cpu", "enable_progress_bar": False}
        model = NLinearModel(LOOKBACK, ahead, n_epochs=10, batch_size=256, random_state=0, pl_trainer_kwargs=quiet)
        model.fit(self._take(train))
        model.save("model.pt")

    def forecast(self, histories: Any, ahead: int) -> Any:
        """Return (B, H, C)."""
        import numpy as np
        from darts.models import NLinearModel

        model = NLinearModel.load("model.pt")
        series = [each for history in histories for each in self._take(history)]
        found = np.stack([each.values()[:, 0] for each in model.predict(ahead, series, verbose=False)])
        return found.reshape(len(histories), -1, ahead).transpose(0, 2, 1)

    def _take(self, table: Any) -> Any:
        from darts import TimeSeries

        return [TimeSeries.from_series(table[column]) for column in table]


class NeuralForecast:
    """NHITS by its defaults (1,000 steps) on twice the horizon, as in its introduction; windows standardised."""

    def fit(self, train: Any, known: Any, ahead: int) -> None:
        """Learn and save."""
        import neuralforecast as nf
        from neuralforecast.models import NHITS

        quiet = {"accelerator": "cpu", "enable_progress_bar": False, "logger": False}
        model = NHITS(h=ahead, input_size=2 * ahead, scaler_type="standard", random_seed=0, **quiet)
        run = nf.NeuralForecast([model], freq=train.index.freq)
        run.fit(self._take([train]))
        run.save("model", overwrite=True, save_dataset=False)

    def forecast(self, histories: Any, ahead: int) -> Any:
        """Return (B, H, C)."""
        import neuralforecast as nf

        found = nf.NeuralForecast.load("model").predict(self._take(histories))["NHITS"].to_numpy()
        return found.reshape(len(histories), -1, ahead).transpose(0, 2, 1)

    def _take(self, histories: Any) -> Any:
        import pandas as pd

        names = [f"{b:05}-{c:03}" for b, history in enumerate(histories) for c in range(history.shape[1])]
        columns = [history[column] for history in histories for column in history]
        frames = [
            pd.DataFrame({"unique_id": name, "ds": each.index, "y": each.to_numpy()})
            for name, each in zip(names, columns, strict=True)
        ]
        return pd.concat(frames, ignore_index=True)


class Skforecast:
    """LightGBM by its defaults on a week of lags, recursive, one model for all columns."""

    def fit(self, train: Any, known: Any, ahead: int) -> None:
        """Learn and save."""
        from lightgbm import LGBMRegressor
        from skforecast.recursive import ForecasterRecursiveMultiSeries
        from skforecast.utils import save_forecaster

        model = ForecasterRecursiveMultiSeries(LGBMRegressor(random_state=0, verbose=-1), lags=168)
        model.fit(train)
        save_forecaster(model, "model.joblib", verbose=False)

    def forecast(self, histories: Any, ahead: int) -> Any:
        """Return (B, H, C)."""
        import numpy as np
        from skforecast.utils import load_forecaster

        model = load_forecaster("model.joblib", verbose=False)
        columns = list(histories[0])
        found = [model.predict(ahead, last_window=history[-168:], suppress_warnings=True) for history in histories]
        wide = [each.reset_index().pivot(index="index", columns="level", values="pred")[columns] for each in found]
        return np.stack(wide)


class Sktime:
    """A ridge regression from a week of lags to all steps, column by column."""

    def fit(self, train: Any, known: Any, ahead: int) -> None:
        """Learn and save."""
        from sklearn.linear_model import Ridge
        from sktime.forecasting.compose import make_reduction

        steps = list(range(1, ahead + 1))
        makers = {column: make_reduction(Ridge(), window_length=168, strategy="multioutput") for column in train}
        models = {column: maker.fit(train[column], fh=steps) for column, maker in makers.items()}
        Path("model.pickle").write_bytes(pickle.dumps(models))

    def forecast(self, histories: Any, ahead: int) -> Any:
        """Return (B, H, C)."""
        import numpy as np

        models = pickle.loads(Path("model.pickle").read_bytes())
        found = [
            [models[column].update(history[column], update_params=False).predict() for column in history]
            for history in sorted(histories, key=lambda history: history.index[-1])
        ]
        ranks = np.argsort(np.argsort([history.index[-1].value for history in histories]))
        return np.asarray(found)[ranks].transpose(0, 2, 1)


class AutoGluon:
    """The preset `medium_quality` within five minutes, without the models whose weights it would download."""

    def fit(self, train: Any, known: Any, ahead: int) -> None:
        """Learn and save."""
        from autogluon.timeseries import TimeSeriesPredictor

        model = TimeSeriesPredictor(prediction_length=ahead, path="model", eval_metric="MAE", verbosity=0)
        local = {"excluded_model_types": ["Chronos2", "Toto2"]}
        model.fit(self._take([known]), presets="medium_quality", time_limit=300, random_seed=0, **local)

    def forecast(self, histories: Any, ahead: int) -> Any:
        """Return (B, H, C)."""
        from autogluon.timeseries import TimeSeriesPredictor

        found = TimeSeriesPredictor.load("model").predict(self._take(histories), random_seed=0)["mean"].to_numpy()
        return found.reshape(len(histories), -1, ahead).transpose(0, 2, 1)

    def _take(self, histories: Any) -> Any:
        from autogluon.timeseries import TimeSeriesDataFrame

        frame = NeuralForecast()._take(histories).rename(columns={"y": "target"})
        return TimeSeriesDataFrame.from_data_frame(frame, id_column="unique_id", timestamp_column="ds")


PEERS = {
    "darts": Darts,
    "neuralforecast": NeuralForecast,
    "skforecast": Skforecast,
    "sktime": Sktime,
    "autogluon": AutoGluon,
}

if __name__ == "__main__":
    if sys.argv[1] in PEERS:
        run_peer(*sys.argv[1:])
    else:
        main()
