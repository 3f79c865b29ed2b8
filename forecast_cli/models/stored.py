"""Arrays of a model directory, checked before a model takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast_cli.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast_cli.types import Array


def take_array(arrays: Mapping[str, Array], name: str, shape: tuple[int, ...]) -> Array:
    """Return a stored array as float32; ArtifactError if it is missing, of another shape, or not finite."""
    array = arrays.get(name)
    if array is None or array.shape != shape or not np.isfinite(array).all():
        raise ArtifactError(f"the stored array {name!r} is missing, of another shape than {shape}, or not finite")
    return array.astype(np.float32)
