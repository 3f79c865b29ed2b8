"""What each command was asked to do: the flags become one of these frozen objects at the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from forecast_cli.types import ReadingOptions, Steps, Training

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class TrainRequest:
    """`forecast train`, as asked; None means: by the rules of the defaults."""

    sources: tuple[str, ...]
    model_dir: Path
    reading: ReadingOptions = field(default_factory=ReadingOptions)
    horizon: Steps | None = None
    lookback: Steps | None = None  # "auto": the best of a few on validation
    stride: Steps = 1
    sample_every: Steps = 1
    delay: Steps = 1
    split: str | None = None  # "0.7,0.1,0.2", "8640,2880,2880" or "2024-10-01,2024-12-01"
    model: str | None = None
    layers: str | None = None
    blend: bool = True  # False: the network alone, whatever validation says
    levels: tuple[int, ...] = (80, 95)
    training: Training = field(default_factory=Training)
    keep_data: int = 64 * 2**20  # bytes of panel.parquet; above it only the longest lookback is kept
    force: bool = False
    strict: bool = False
    command: str = ""  # the command line, for the report
    future: str | None = None  # a further file, with values that are known ahead
    start: Path | None = None  # a model directory whose network learns on
    flags: tuple[str, ...] = ()  # the names of all that were given
    refit: bool = False  # a second set of the saved model, fitted on all rows, for predict
    fail_unless_better: bool = False  # nothing is saved where the model is not better than the best baseline


@dataclass(frozen=True)
class PredictRequest:
    """`forecast predict`, as asked; no sources: go on from the stored panel."""

    sources: tuple[str, ...]
    model_dir: Path
    levels: tuple[int, ...] | None = None
    horizon: Steps | None = None
    strict: bool = False
    history: bool = True  # False: stored rows never fill the front of DATA
    max_age: str | None = None  # a time such as "2h": the newest row must not be older
    future: str | None = None  # a further file, with values that are known ahead
    template: bool = False  # the empty form of that file is the result, and no forecast


@dataclass(frozen=True)
class CompareRequest:
    """`forecast compare-baselines`, as asked; no sources: the stored panel; no baselines: all that are kept."""

    sources: tuple[str, ...]
    model_dir: Path
    baselines: tuple[str, ...] = ()
    strict: bool = False
    by: Literal["target", "series", "step"] | None = None
    worst: int | None = None  # of the parts that `by` makes, only those with the largest errors
    n_windows: int | None = None  # so many cutoffs, the last ones
    stride: Steps = 1  # between cutoffs, counted back from the last
    refit_every: int | None = None  # cutoffs that pass before closed forms are fitted anew
    forecasts: Path | None = None  # a file for what every model forecast from every cutoff
    form: Literal["csv", "parquet"] = "csv"  # of that file
    before: Path | None = None  # another model directory, against which the first is held


@dataclass(frozen=True)
class InspectRequest:
    """`forecast inspect`, as asked."""

    sources: tuple[str, ...]
    reading: ReadingOptions = field(default_factory=ReadingOptions)
    strict: bool = False
    flags: tuple[str, ...] = ()  # those of the command line that the suggested `forecast train` repeats


@dataclass(frozen=True)
class IngestRequest:
    """`forecast ingest`, as asked."""

    sources: tuple[str, ...]
    reading: ReadingOptions = field(default_factory=ReadingOptions)
    strict: bool = False
    flags: tuple[str, ...] = ()  # those of the command line that concern the reader


@dataclass(frozen=True)
class ReportRequest:
    """`forecast report`, as asked; no form: all reports, into the model directory."""

    model_dir: Path
    form: Literal["html", "md", "json"] | None = None  # of the one report that goes elsewhere
    explain: bool = False  # with what the model makes use of


@dataclass(frozen=True)
class SummaryRequest:
    """`forecast summary`, as asked: a model directory, or a network given by its name or its layers."""

    model_dir: Path
    model: str | None = None
    layers: str | None = None
    lookback: int | None = None
    horizon: int | None = None
    channels: int | None = None
    targets: int | None = None
