"""Which covariates a network reads beside its history: added to one that has a name, said of one that was written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.models.forms import format_layer
from forecast_cli.models.layers import Future, StaticEmbedding
from forecast_cli.prepare.ahead import name_calendar, name_known
from forecast_cli.prepare.inputs import list_categories

if TYPE_CHECKING:
    from forecast_cli.models.layers import Framing, Network
    from forecast_cli.types import Listener, Panel

AHEAD = Future(32)
STATIC = StaticEmbedding(4)


def add_covariates(network: Network, panel: Panel, listener: Listener) -> Network:
    """Return the network with framings for what the data know ahead and of each series, where it has none yet."""
    missing = _find_unread(network, panel)
    if not missing:
        return network
    said = " and ".join(f"{names} by {format_layer(framing)}" for framing, names in missing.items())
    listener.note(f"the network also reads {said}", "--layers")
    return replace(network, framings=(*network.framings, *missing))


def note_unread(network: Network, panel: Panel, listener: Listener) -> None:
    """Say what the network that somebody wrote does not read of the data, and what makes it do so."""
    for framing, names in _find_unread(network, panel).items():
        listener.note(
            f"the network does not read {names}: {format_layer(framing)} ahead of its layers does", "--layers"
        )


def note_history_only(name: str, panel: Panel, listener: Listener) -> None:
    """Say what a closed form does not read of the data."""
    names = [*name_known(panel), *_list_static(panel)]
    if names:
        listener.note(f"{name} reads the history of the targets alone, not {', '.join(names)}", "--model")


def _find_unread(network: Network, panel: Panel) -> dict[Framing, str]:
    """Return the framings that would read what this network does not, with the names of that."""
    kinds = {type(framing) for framing in network.framings}
    found: dict[Framing, str] = {}
    if panel.n_future and Future not in kinds:
        known = [*name_known(panel), *(["the calendar"] if name_calendar(panel) else [])]
        found[AHEAD] = f"{', '.join(known)} at the steps ahead"
    if _list_static(panel) and StaticEmbedding not in kinds:
        found[STATIC] = ", ".join(_list_static(panel))
    return found


def _list_static(panel: Panel) -> list[str]:
    """Return the static covariates that tell series apart."""
    return [name for name, texts in list_categories(panel.statics).items() if len(texts) > 1]
