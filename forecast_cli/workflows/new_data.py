"""New data read as the training data were: the model's columns by name, its frequency, its grid, its series."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, UsageError
from forecast_cli.frequency import align
from forecast_cli.ingest.read import read_panel
from forecast_cli.ingest.scan.sources import cut_extension
from forecast_cli.models.notation import parse_network
from forecast_cli.prepare.channels import take_channels
from forecast_cli.workflows.phrases import name_some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecast_cli.artifact.card import ModelCard
    from forecast_cli.artifact.load import Artifact
    from forecast_cli.types import Listener, Panel, Reading, ReadingOptions

_FLAG = re.compile(r"--[a-z-]+")


def read_like_training(artifact: Artifact, sources: Sequence[str], listener: Listener) -> Panel:
    """Return the panel of new data: the model's columns by name, its frequency, its way to fill gaps."""
    return read_alike(artifact, sources, listener)[0]


def read_alike(artifact: Artifact, sources: Sequence[str], listener: Listener) -> tuple[Panel, Reading]:
    """Return the panel of new data as `read_like_training` does, and what was taken from the files."""
    card = artifact.card
    options = replace(
        card.reading.options,
        header=card.reading.header,
        only_series=card.series_ids[0] if len(card.series_ids) == 1 else None,
    )
    panel, reading = read_without_flags(sources, options, listener)
    panel = replace(panel, series_ids=_recognise_files(panel.series_ids, reading, card.series_ids))
    _compare_units(panel, artifact, listener)
    _note_new_texts(panel, artifact, listener)
    panel = replace(arrange_channels(panel, card), statics=_know_statics(panel, artifact))
    aligned = align(panel, artifact.empty_panel().origin, card.config.freq)
    return panel if aligned is None else aligned, reading


def arrange_channels(panel: Panel, card: ModelCard) -> Panel:
    """Return the panel with the channels that a model reads, in their order, their units and its season."""
    taken = take_channels(panel, card.channels, card.n_targets, card.n_future)
    return replace(taken, units=card.units, season_length=card.config.season_length)


@dataclass(frozen=True)
class _WithoutFlags:
    """A listener to the reader where there are none of its flags: new data are read as the model says."""

    listener: Listener

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Pass a remark on, without the flag of `train` that would change it."""
        self.listener.note(text, warning=warning)

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Pass progress on."""
        self.listener.progress(stage, done, total, facts)


def read_without_flags(sources: Sequence[str], options: ReadingOptions, listener: Listener) -> tuple[Panel, Reading]:
    """Return the panel of new data; DataError where a flag that was given to train does not fit."""
    try:
        return read_panel(sources, options, _WithoutFlags(listener))
    except (DataError, UsageError) as error:
        named = set(_FLAG.findall(f"{error.message} {error.hint}")) - {"--strict"}
        if not named:
            raise
        raise DataError(error.message, f"{error.hint}; only train takes {' and '.join(sorted(named))}") from error


def _recognise_files(series_ids: tuple[str, ...], reading: Reading, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids, where those of files that the model does not know become the ones that it knows.

    Files of one name in several folders had these folders in their ids: `p/log`, `q/log`. The file p/log.csv alone is
    called `log`, but means the former.
    """
    if reading.options.columns.series_id is not None or reading.options.file_ids is not None:
        return series_ids
    stems = {label: str(Path(label).with_name(cut_extension(label))) for label in reading.sources}
    found = {}
    for name in set(series_ids) - set(known):
        meant = [stem for stem in stems.values() if f"/{stem}".endswith(f"/{name}")]
        parts = meant[0].split("/") if len(meant) == 1 else []
        tails = ["/".join(parts[k:]) for k in range(len(parts))]
        found[name] = next((tail for tail in tails if tail in known and tail not in series_ids), name)
    return tuple(found.get(name, name) for name in series_ids)


def _compare_units(panel: Panel, artifact: Artifact, listener: Listener) -> None:
    """Warn of columns whose unit is another one than in training, where both are known."""
    trained = dict(zip(artifact.card.channels, artifact.card.units, strict=True))
    for name, unit in zip(panel.channels, panel.units, strict=True):
        before = trained.get(name, "")
        if unit and before and unit != before:
            listener.note(f"{name} is in {unit} in DATA, and was in {before} in training", warning=True)


def _note_new_texts(panel: Panel, artifact: Artifact, listener: Listener) -> None:
    """Warn of texts of static covariates that the training did not have, where a saved network reads them."""
    card = artifact.card
    if not any("statics" in parse_network(line).inputs for line in card.networks.values()):
        return
    for name, trained in card.statics.items():
        new = sorted({*_say(panel, name)} - {*trained, ""})
        if new:
            listener.note(
                f"{len(new):,} {name} not in training ({name_some(new)}): the mean of the known ones stands for it",
                warning=True,
            )


def _know_statics(panel: Panel, artifact: Artifact) -> dict[str, tuple[str, ...]]:
    """Return what DATA say of each series once, else what the training data said; "" where neither did."""
    trained, place = artifact.card.statics, {name: i for i, name in enumerate(artifact.card.series_ids)}
    known = {name: {series: texts[i] for series, i in place.items()} for name, texts in trained.items()}
    return {
        name: tuple(
            own or texts.get(series, "") for series, own in zip(panel.series_ids, _say(panel, name), strict=True)
        )
        for name, texts in known.items()
    }


def _say(panel: Panel, name: str) -> tuple[str, ...]:
    return panel.statics.get(name, ("",) * panel.n_series)
