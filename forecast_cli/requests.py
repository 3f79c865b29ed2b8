"""What each command was asked to do: the flags become one of these frozen objects at the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forecast_cli.types import ReadingOptions, Training

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class TrainRequest:
    """`forecast train`, as asked; None means: by the rules of the defaults."""

    sources: tuple[str, ...]
    model_dir: Path
    reading: ReadingOptions = field(default_factory=ReadingOptions)
    horizon: int | None = None
    lookback: int | None = None
    stride: int = 1
    sample_every: int = 1
    delay: int = 1
    split: str | None = None  # "0.7,0.1,0.2" or "8640,2880,2880"
    model: str | None = None
    layers: str | None = None
    levels: tuple[int, ...] = (80, 95)
    training: Training = field(default_factory=Training)
    keep_data: int = 64 * 2**20  # bytes of panel.parquet; above it only the longest lookback is kept
    force: bool = False
    strict: bool = False
    command: str = ""  # the command line, for the report


@dataclass(frozen=True)
class PredictRequest:
    """`forecast predict`, as asked; no sources: go on from the stored panel."""

    sources: tuple[str, ...]
    model_dir: Path
    levels: tuple[int, ...] | None = None
    horizon: int | None = None
    strict: bool = False
    history: bool = True  # False: stored rows never fill the front of DATA


@dataclass(frozen=True)
class CompareRequest:
    """`forecast compare-baselines`, as asked; no sources: the stored panel; no baselines: all that are kept."""

    sources: tuple[str, ...]
    model_dir: Path
    baselines: tuple[str, ...] = ()
    strict: bool = False


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
