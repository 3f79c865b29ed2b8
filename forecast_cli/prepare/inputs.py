"""Windows as a model reads them: history, and whatever else its layers ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from forecast_cli.frequency import steps_between
from forecast_cli.prepare.ahead import gather_future
from forecast_cli.prepare.windows import gather_batch
from forecast_cli.types import Reads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from forecast_cli.types import Array, Batch, Integers, Panel

HISTORY = Reads()  # and nothing else
UNKNOWN = -1  # the index of a series or a category that the training did not have
_DAWN = np.datetime64("1970-01-01T00:00:00", "us")


class Reader(Protocol):
    """Whatever says what it reads: any model."""

    @property
    def lookback(self) -> int:
        """Steps of history it needs; a seasonal baseline may need more than a network."""

    @property
    def sample_every(self) -> int:
        """Steps between the rows it reads."""

    @property
    def reads(self) -> Reads:
        """What it reads beside the history."""


def measure_reach(model: Reader) -> int:
    """Return the rows from the oldest input of a model to the cutoff, both counted."""
    return (model.lookback // model.sample_every - 1) * model.sample_every + 1


def gather_inputs(panel: Panel, rows: Integers, model: Reader) -> Batch:
    """Return the B windows with these cutoff rows of a scaled panel as the model reads them."""
    return add_inputs(gather_batch(panel, rows, model.lookback, model.sample_every), panel, rows, model.reads)


def add_inputs(batch: Batch, panel: Panel, rows: Integers, reads: Reads) -> Batch:
    """Return the batch of these B cutoff rows with all that is read; one that needs only history as it is."""
    beside: dict[str, NDArray[Any]] = {}
    if "future" in reads.inputs:
        beside["future"] = fill_unknown(gather_future(panel, rows, reads.horizon, reads.delay))
    if "series" in reads.inputs:
        beside["series"] = find_series(panel, reads)[batch.series]
    if "statics" in reads.inputs:
        beside["statics"] = code_statics(panel, reads)[batch.series]
    if "phase" in reads.inputs:
        beside["phase"] = ((batch.cutoff + count_since_1970(panel)) % reads.cycle).astype(np.int32)
    return replace(batch, beside=beside) if beside else batch


def forget_half(batch: Batch) -> Batch:
    """Return the batch with every second window as of a series and of categories that the training did not have."""
    words = {name: each.copy() for name, each in batch.beside.items() if name in ("series", "statics")}
    for each in words.values():
        each[1::2] = UNKNOWN
    return replace(batch, beside={**batch.beside, **words})


def feed(batch: Batch, reads: Reads) -> Mapping[str, NDArray[Any]]:
    """Return the inputs of a network by name; what is unknown in the history counts as 0, the mean of scaled data."""
    own = {"history": fill_unknown(batch.history)}
    if "observed" in reads.inputs:
        own["observed"] = batch.observed.astype(np.float32)
    return {name: own[name] if name in own else batch.beside[name] for name in reads.inputs}


def fill_unknown(values: Array) -> Array:
    """Return the values with 0, the mean of scaled data, where nothing is known."""
    unknown = np.isnan(values)
    return np.where(unknown, np.float32(0), values) if unknown.any() else values


def find_series(panel: Panel, reads: Reads) -> NDArray[np.int32]:
    """Return (N,): the index of each series of the panel among those of the training, -1 where it was not there."""
    return np.array([reads.places.get(name, UNKNOWN) for name in panel.series_ids], dtype=np.int32)


def code_statics(panel: Panel, reads: Reads) -> NDArray[np.int32]:
    """Return (N, S): the category of each series, by static covariate; -1 for one that the training did not have."""
    columns = []
    for name, texts in reads.categories.items():
        codes = {text: k for k, text in enumerate(texts)}
        own = panel.statics.get(name, ("",) * panel.n_series)
        columns.append([codes.get(text, UNKNOWN) for text in own])
    return np.array(columns, dtype=np.int32).reshape(len(columns), panel.n_series).T


def list_categories(statics: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the distinct texts of each static covariate in order; an empty one is no category."""
    found = {name: tuple(sorted(set(texts) - {""})) for name, texts in statics.items()}
    return {name: texts for name, texts in found.items() if texts}


def count_since_1970(panel: Panel) -> int:
    """Return the step of the panel's origin, counted from 1970 in steps of its grid; 0 where rows are the time."""
    return 0 if panel.origin is None else int(steps_between(_DAWN, panel.freq, panel.origin))
