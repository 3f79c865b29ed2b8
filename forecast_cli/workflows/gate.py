"""`--fail-unless-better`: a run that has shown its scores ends in exit 7 where the model does not win beyond luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.errors import GateError

if TYPE_CHECKING:
    from forecast_cli.results import Verdict


def require_better(verdict: Verdict, hint: str = "") -> None:
    """Raise GateError, with the verdict's sentence, unless the model is better than its opponent beyond luck."""
    if not verdict.is_better:
        raise GateError(f"--fail-unless-better: {verdict.sentence}", hint)
