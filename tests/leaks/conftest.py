"""The plan of a run on a plant with gaps, which every forecaster is fitted on."""

from __future__ import annotations

import pytest

from tests.forecasters import NAMES
from tests.leaks.plant import draw_plant, read_plan, write_plant


@pytest.fixture(scope="session")
def plan(tmp_path_factory):
    return read_plan(write_plant(tmp_path_factory.mktemp("plant") / "plant.csv", draw_plant()))


@pytest.fixture(params=NAMES)
def name(request):
    """Each forecaster by name."""
    return request.param
