"""What a model makes use of: how much worse it forecasts where it sees one thing less.

An input is exchanged between windows (Breiman, Random Forests, 2001; Fisher, Rudin & Dominici, All Models are Wrong,
but Many are Useful, 2019): it keeps its distribution and loses its bond with what is forecast. Of two inputs that say
the same each may look dispensable. A part of the look-back is occluded (Zeiler & Fergus, Visualizing and Understanding
Convolutional Networks, 2014).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from forecast_cli.evaluation.backtest import Piece, iterate_truth
from forecast_cli.evaluation.metrics import average
from forecast_cli.evaluation.sums import sum_errors
from forecast_cli.prepare.inputs import gather_inputs
from forecast_cli.prepare.windows import take_evenly
from forecast_cli.report import Explanation, InputImportance, LookbackPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from forecast_cli.models.forecaster import Predictor
    from forecast_cli.types import Batch, Flags, Integers, Listener, Panel, Window

MOST_WINDOWS = 500
REPEATS = 5
PARTS = 10
SEED = 0

Exchange: TypeAlias = "Callable[[Batch, Batch], Batch]"  # windows with one input of others, as many


@dataclass(frozen=True, eq=False)
class Input:
    """Something that a model may read, and how windows take it from others."""

    name: str
    role: str
    exchange: Exchange
    targets: tuple[int, ...] = ()  # which it is itself: their errors do not count, their own past is no news


@dataclass(frozen=True, eq=False)
class Sample:
    """The windows that a model is studied on."""

    model: Predictor
    panel: Panel  # scaled
    window: Window
    counts: Flags  # (R, T): may target t be forecast from cutoff row r?
    rows: Integers  # (B,) cutoffs, ascending

    def measure(self, see: Callable[[Integers], Batch], left_out: tuple[int, ...] = ()) -> float:
        """Return the MAE in scaled units, averaged as in the ranking, of forecasts from what `see` makes of cutoffs.

        `left_out`: targets whose errors do not count.
        """
        pieces = self._forecast(see)
        scores = sum_errors(pieces, ("",), self.panel, self.window, self.rows, self.counts)
        n = scores.n.copy()
        n[:, list(left_out)] = 0
        return float(average(scores.absolute, n)[0])

    def gather(self, rows: Integers) -> Batch:
        """Return the windows as the model reads them."""
        return gather_inputs(self.panel, rows, self.model)

    def _forecast(self, see: Callable[[Integers], Batch]) -> Iterator[Piece]:
        lookback = self.model.lookback
        for rows, truth, scored in iterate_truth(self.panel, self.window, self.counts, self.rows, lookback):
            yield Piece(rows, truth, scored, {"": self.model.predict(see(rows))})


def explain(sample: Sample, inputs: Sequence[Input], listener: Listener) -> Explanation:
    """Return the rise of the MAE, in percent, by input and by part of the look-back, on at most 500 windows.

    They are evenly spaced among the sample's. Each input is exchanged five times, by the same draws.
    """
    sample = replace(sample, rows=take_evenly(sample.rows, MOST_WINDOWS))
    parts = cut_lookback(sample.model)
    total, whole = len(inputs) + len(parts), sample.measure(sample.gather)
    rises, falls = [], []
    for done, each in enumerate(inputs):
        listener.progress("explain", done, total, {})
        untouched = sample.measure(sample.gather, each.targets) if each.targets else whole
        rises.append(InputImportance(each.name, each.role, _exchange_often(sample, each, untouched)))
    for done, (begin, end) in enumerate(parts, start=len(inputs)):
        listener.progress("explain", done, total, {})
        falls.append(_measure_part(sample, begin, end, whole))
    listener.progress("explain", total, total, {})
    by_rise = sorted(rises, key=lambda each: -np.nan_to_num(each.rise))
    return Explanation(tuple(by_rise), tuple(falls), len(sample.rows), whole)


def find_rise(error: float, untouched: float) -> float:
    """Return by how many percent an error lies above another; NaN where that is 0 or unknown."""
    return 100 * (error - untouched) / untouched if untouched > 0 else float("nan")


def occlude(batch: Batch, begin: int, end: int) -> Batch:
    """Return windows that do not see the inputs begin ... end - 1, counted from the oldest.

    In their place stands the mean of the window's other inputs, channel by channel, marked as not observed: a level
    that the window has, so that networks which subtract the last value or the window's mean stay where they are.
    Where there are no others it is 0, the mean of scaled data.
    """
    history, observed = batch.history.copy(), batch.observed.copy()
    rest = np.delete(history, np.s_[begin:end], axis=1)
    mean = rest.mean(axis=1, keepdims=True, dtype=np.float64) if rest.shape[1] else 0.0
    history[:, begin:end], observed[:, begin:end] = mean, False
    return replace(batch, history=history, observed=observed)


def cut_lookback(model: Predictor) -> list[tuple[int, int]]:
    """Return where each of about ten equal parts of a model's inputs begins and ends, the oldest first."""
    n = model.lookback // model.sample_every
    edges = np.linspace(0, n, min(PARTS, n) + 1).round().astype(int).tolist()
    return list(pairwise(edges))


def exchange_history(channels: Sequence[int]) -> Exchange:
    """Return how windows take the past of some channels from others."""
    where = np.s_[:, :, list(channels)]

    def take(batch: Batch, others: Batch) -> Batch:
        history, observed = batch.history.copy(), batch.observed.copy()
        history[where], observed[where] = others.history[where], others.observed[where]
        return replace(batch, history=history, observed=observed)

    return take


def exchange_beside(name: str, columns: Sequence[int] | None = None) -> Exchange:
    """Return how windows take some columns of what is read beside the history from others, or all of it."""

    def take(batch: Batch, others: Batch) -> Batch:
        values = batch.beside[name].copy()
        where = ... if columns is None else (..., list(columns))
        values[where] = others.beside[name][where]
        return replace(batch, beside={**batch.beside, name: values})

    return take


def exchange_both(first: Exchange, second: Exchange) -> Exchange:
    """Return how windows take two things from the same others."""
    return lambda batch, others: second(first(batch, others), others)


def _exchange_often(sample: Sample, each: Input, untouched: float) -> float:
    """Return the mean rise over the repeats, against the error of the same targets where nothing is exchanged."""
    rng, rises = np.random.default_rng(SEED), []
    for _ in range(REPEATS):
        partners = sample.rows[rng.permutation(len(sample.rows))]
        see = partial(_see_exchanged, sample, each.exchange, partners)
        rises.append(find_rise(sample.measure(see, each.targets), untouched))
    return float(np.mean(rises))


def _see_exchanged(sample: Sample, exchange: Exchange, partners: Integers, rows: Integers) -> Batch:
    others = partners[np.searchsorted(sample.rows, rows)]
    return exchange(sample.gather(rows), sample.gather(others))


def _measure_part(sample: Sample, begin: int, end: int, untouched: float) -> LookbackPart:
    """Return the rise where a part is not seen, by the steps that it lies before the cutoff, which is 0."""
    n, every = sample.model.lookback // sample.model.sample_every, sample.model.sample_every
    rise = find_rise(sample.measure(lambda rows: occlude(sample.gather(rows), begin, end)), untouched)
    return LookbackPart((n - 1 - begin) * every, (n - end) * every, rise)
