"""Gradient-boosted trees on lags and calendar: a strong baseline that is only compared, never saved or blended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from forecast_cli.errors import DataError, MissingDependencyError
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.windows import count_cutoffs, iterate_batches, take_evenly
from forecast_cli.types import Reads

if TYPE_CHECKING:
    from forecast_cli.types import Array, Batch, Flags, Integers, Listener, Panel, Split, Window

PIP_LINE = 'pip install "forecast-cli" "scikit-learn>=1.6"'
MOST_ROWS = 100_000  # of the table that is learnt from
LEAF_SHARE = 1 / 500  # of that table, in every leaf
ROWS_AT_ONCE = 50_000  # that the trees answer: 11 MB
MOST_LAGS = 48  # close together near the cutoff, and ever further apart


@dataclass(frozen=True, eq=False)
class Boosting:
    """Histogram gradient boosting by scikit-learn (after Ke et al., LightGBM, NeurIPS 2017), the same for all columns.

    A row is one step of one target of one window. It holds lags from the newest to the whole lookback and the value one
    season before the step, all less the window's last value, which is added again to what the trees say; that last
    value; the step; and what is known ahead of it: covariates and the calendar. Trees lower the absolute error.
    """

    name: ClassVar[str] = "gradient-boosting"
    window: Window
    n_targets: int
    season: int = 1  # steps; the panel's, where the lookback holds one
    model: Any = None  # HistGradientBoostingRegressor, once fitted
    seed: int = 0
    sample_every: int = 1

    @property
    def lookback(self) -> int:
        """The window's own lookback."""
        return self.window.lookback

    @property
    def reads(self) -> Reads:
        """The history, and what is known ahead."""
        return Reads(("history", "future"), self.window.horizon, self.window.delay)

    @property
    def parameters(self) -> int:
        """The leaves of all trees, at most."""
        return 0 if self.model is None else self.model.n_iter_ * self.model.max_leaf_nodes

    def fit(self, panel: Panel, split: Split, listener: Listener) -> Self:
        """Return the fitted model, from at most 100,000 observed values drawn over all training windows and steps.

        Raises:
            MissingDependencyError: scikit-learn is not installed.
            DataError: not one value to learn from.
        """
        ensemble, limit_threads = _load_scikit_learn()
        season = panel.season_length if panel.season_length <= self.lookback else 1
        table, truth = replace(self, season=season)._collect(panel, split.train)
        if not len(truth):
            raise DataError(f"{self.name} has nothing to learn from: no training window with an observed value")
        fewest = max(20, round(LEAF_SHARE * len(truth)))
        regressor = ensemble.HistGradientBoostingRegressor(
            loss="absolute_error", min_samples_leaf=fewest, early_stopping=False, random_state=self.seed
        )
        with limit_threads(1, "openmp"):
            return replace(self, season=season, model=regressor.fit(table, truth))

    def predict(self, batch: Batch) -> Array:
        """Return (B, H, T), a few steps at a time: a table of all would be H times as large as the batch."""
        if self.model is None:
            raise RuntimeError("gradient boosting is used before it was fitted")
        _, limit_threads = _load_scikit_learn()
        level = batch.history[:, -1, : self.n_targets]  # (B, T)
        above = np.empty((self.window.horizon, level.size))
        for some in iterate_batches(np.arange(self.window.horizon), level.size, ROWS_AT_ONCE):
            table = np.concatenate([self._tabulate(batch, np.full(level.shape, step)) for step in some])
            with limit_threads(1, "openmp"):
                above[some] = self.model.predict(table).reshape(len(some), -1)
        return (above.reshape(-1, *level.shape).transpose(1, 0, 2) + level[:, None]).astype(np.float32)

    def _collect(self, panel: Panel, train: Integers) -> tuple[Array, Array]:
        """Return a table of lessons (n, features), and how far each step lies above its window's last value (n,)."""
        H, T = self.window.horizon, self.n_targets
        counts = count_cutoffs(panel, self.window, mixes_channels=False)
        rows = take_evenly(train, max(1, MOST_ROWS // T))
        each = min(H, MOST_ROWS // max(1, len(rows) * T))  # few windows teach several steps each, evenly spaced
        first = np.random.default_rng(self.seed).integers(H, size=(len(rows), 1, T))
        steps = ((first + (np.arange(each) * H // max(1, each))[:, None]) % H).reshape(-1, T)
        rows = np.repeat(rows, each)
        lessons = [
            self._learn(panel, rows[piece], steps[piece], counts)
            for piece in iterate_batches(np.arange(len(rows)), self.lookback * len(panel.channels))
        ]
        if not lessons:
            return np.empty((0, 1), np.float32), np.empty(0, np.float32)
        tables, truths = zip(*lessons, strict=True)
        return np.concatenate(tables), np.concatenate(truths)

    def _learn(self, panel: Panel, rows: Integers, steps: Integers, counts: Flags) -> tuple[Array, Array]:
        """Return the lessons of windows, from one step (B, T) of each target."""
        batch, columns = gather_inputs(panel, rows, self), np.arange(self.n_targets)
        wanted = rows[:, None] + self.window.delay + steps
        known = (panel.observed[wanted, columns] & counts[rows]).ravel()
        above = panel.values[wanted, columns] - batch.history[:, -1, : self.n_targets]
        return self._tabulate(batch, steps)[known], above.ravel()[known]

    def _tabulate(self, batch: Batch, steps: Integers) -> Array:
        """Return (B*T, features) for one step (B, T) of each target, counted from 0."""
        history = batch.history[:, :, : self.n_targets]
        level, end = history[:, -1], history.shape[1] - 1
        ahead = self.window.delay + steps
        back = ahead - self.season * -(-ahead // self.season)  # the same phase, at the cutoff or before
        window, target = np.indices(steps.shape)
        columns = [
            history[:, end - list_lags(self.lookback)].transpose(0, 2, 1) - level[:, :, None],
            (history[window, end + back, target] - level)[:, :, None],
            level[:, :, None],
            steps[:, :, None],
            batch.beside["future"][window, steps],
        ]
        return np.concatenate(columns, axis=2, dtype=np.float32).reshape(steps.size, -1)


def list_lags(lookback: int) -> Integers:
    """Return how many rows before the cutoff each lag lies: 1, 2, 3, then as a geometric series to lookback - 1."""
    return np.unique(np.geomspace(1, lookback, MOST_LAGS).round().astype(np.int64))[1:] - 1


def _load_scikit_learn() -> tuple[Any, Any]:
    """Return scikit-learn's ensembles, and what limits its threads; MissingDependencyError where it is not there.

    Its threads share the work of each leaf, and wait for each other: with one of two cores taken, 38 s instead of 5.
    """
    try:
        import threadpoolctl
        from sklearn import ensemble
    except ImportError as error:
        message = f"gradient-boosting is scikit-learn's, which does not load: {error}"
        raise MissingDependencyError(message, PIP_LINE) from error
    return ensemble, threadpoolctl.threadpool_limits
