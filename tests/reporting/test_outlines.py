import dataclasses

import numpy as np
import pytest

from forecast_cli.reporting.outlines import (
    CUTOFF,
    WIDTH,
    outline_coverage,
    outline_errors,
    outline_forecast,
    outline_presence,
)


def test_history_and_forecast_share_one_line_each_as_long_as_its_time(report):
    headings, rows = outline_forecast(report)
    before, after = rows[0][2].split(CUTOFF)
    assert headings == ["Target", "Unit", "History │ forecast", "Step 1", "Step 24", "80 % interval", "95 % interval"]
    assert (len(before), len(after)) == (32, 8)  # 96 and 24 steps
    assert rows[1][1] == rows[1][-1] == "–"


def test_the_figures_beside_it_are_those_of_the_forecast(report):
    said = report.outlook.forecast
    row = outline_forecast(report)[1][0]
    assert [float(text) for text in row[3:5]] == pytest.approx(said.point[0, [0, -1], 0], rel=1e-3)
    assert [float(text) for text in row[5].split(" to ")] == pytest.approx(
        [said.lower[0, 0, -1, 0], said.upper[0, 0, -1, 0]], rel=1e-3
    )


def test_a_forecast_of_one_step_has_one_figure(report):
    said = report.outlook.forecast
    one = dataclasses.replace(
        said,
        timestamps=tuple(stamps[:1] for stamps in said.timestamps),
        steps=said.steps[:1],
        point=said.point[:, :1],
        lower=said.lower[:, :, :1],
        upper=said.upper[:, :, :1],
    )
    outlook = dataclasses.replace(report.outlook, forecast=one)
    headings, rows = outline_forecast(dataclasses.replace(report, outlook=outlook))
    assert headings[3:5] == ["Step 1", "80 % interval"]
    assert len(rows[0][2].split(CUTOFF)[1]) == 1


def test_models_share_one_scale_so_that_a_lower_line_is_a_lower_error(report):
    headings, rows = outline_errors(report)
    assert headings == ["Model", "Step 1", "Step 13", "Step 24", "By step"]
    assert [row[0] for row in rows] == ["blend", "segrnn", "seasonal-naive"]
    blend, _, naive = (row[-1] for row in rows)
    assert all(ours <= theirs for ours, theirs in zip(blend, naive, strict=True))
    assert (blend[0], naive[-1]) == ("▁", "█")


def test_the_shape_of_good_models_can_be_told_beside_a_very_poor_one_and_models_stand_by_rank(report):
    absolute = report.scores.absolute.copy()
    absolute[1] *= 100
    ranking = tuple(report.ranking[k] for k in (2, 0, 1))
    scores = dataclasses.replace(report.scores, absolute=absolute)
    _, rows = outline_errors(dataclasses.replace(report, scores=scores, ranking=ranking))
    assert [row[0] for row in rows] == ["seasonal-naive", "blend", "segrnn"]
    assert len(set(rows[1][-1])) > 3
    assert set(rows[2][-1]) == {"█"}


def test_nothing_is_drawn_where_nothing_was_scored(report):
    absolute = np.full_like(report.scores.absolute, np.nan)
    scores = dataclasses.replace(report.scores, absolute=absolute, intervals=None)
    bare = dataclasses.replace(report, scores=scores, presence=None)
    assert outline_errors(bare)[1][0] == ["blend", "–", "–", "–", "–"]
    assert outline_coverage(bare)[1] == outline_presence(bare)[1] == []


def test_gaps_can_be_seen_in_what_was_observed_when(report):
    headings, rows = outline_presence(report)
    assert headings == ["Series", "Observed", "When"]
    assert rows[0][2].startswith("····██")
    assert "▁▁▁" in rows[0][2]
    assert all(len(row[2]) <= WIDTH for row in rows)


def test_of_many_targets_the_first_ones_are_drawn(wide_report):
    assert len(outline_forecast(wide_report)[1]) == 20
