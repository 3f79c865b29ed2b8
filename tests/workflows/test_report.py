"""The reports that are made again from a model directory, and what stands in them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.artifact.card import KeptModel
from forecast_cli.artifact.load import Artifact, open_artifact
from forecast_cli.errors import DataError, ExitCode, RefusedError
from forecast_cli.models.notation import parse_network
from forecast_cli.models.reads import describe_reads
from forecast_cli.requests import PredictRequest, ReportRequest
from forecast_cli.types import Epoch, ReadingOptions, Reads, Silence, Window
from forecast_cli.workflows import outlook
from forecast_cli.workflows.delivery import plan_delivery
from forecast_cli.workflows.epochs import read_epochs, write_epochs
from forecast_cli.workflows.explaining import list_inputs
from forecast_cli.workflows.predict import predict
from forecast_cli.workflows.presence import show_presence
from forecast_cli.workflows.report import make_report, report
from forecast_cli.workflows.restoring import find_best_epoch
from forecast_cli.workflows.telling import list_layers
from tests.panels import Recorder, make_panel
from tests.workflows.conftest import ROWS, START, measure, train_linear, write_hours, write_meters
from tests.workflows.tariffs import ROLES, TRAINED, Echo, H, stamp, write_rows

FILES = ("report.html", "report.md", "report.json")
HOUR = np.timedelta64(1, "h")


def make(directory, explain=False):
    return make_report(open_artifact(directory), explain, Recorder())


def forecast_end(directory):
    return predict(PredictRequest((), directory), Silence()).forecast


@pytest.fixture
def copy(one_directory, tmp_path):
    return shutil.copytree(one_directory, tmp_path / "model")


@pytest.fixture(scope="module")
def one_report(one_directory):
    return make(one_directory)


@pytest.fixture(scope="module")
def gappy(tmp_path_factory):
    """Three meters: one ends early, one is dead for long, one has a hole in its test part."""
    folder = tmp_path_factory.mktemp("gappy")
    path = write_meters(folder / "m.csv", "a", "b", "c", ends={"a": ROWS - 20, "b": 300})
    hole = {f"{START + np.timedelta64(hour, 'h')},c" for hour in range(ROWS - 60, ROWS - 50)}
    lines = [line for line in path.read_text().splitlines() if ",".join(line.split(",")[:2]) not in hole]
    path.write_text("\n".join(lines) + "\n")
    return train_linear(path, folder / "model", horizon=12)


# --- The command ---


def test_reports_are_written_again_as_training_wrote_them(copy):
    before = {name: (copy / name).read_bytes() for name in FILES}
    for name in FILES:
        (copy / name).unlink()
    found = report(ReportRequest(copy), Recorder())
    assert list(found.paths) == list(FILES)
    assert {name: path.read_bytes() for name, path in found.paths.items()} == before


def test_the_model_itself_is_not_touched(copy):
    kept = {path.name: path.read_bytes() for path in copy.iterdir() if path.name not in FILES}
    report(ReportRequest(copy), Recorder())
    assert {path.name: path.read_bytes() for path in copy.iterdir() if path.name not in FILES} == kept


def test_one_report_can_be_had_without_a_change_to_the_directory(copy):
    (copy / "report.md").unlink()
    found = report(ReportRequest(copy, "md"), Recorder())
    assert found.data.startswith(b"# Forecast report: linear")
    assert not found.paths
    assert not (copy / "report.md").exists()


def test_what_stood_in_deleted_files_is_unknown_and_the_rest_is_told(copy):
    before = json.loads((copy / "report.json").read_text())
    for name in ("scores.parquet", "training.csv", *FILES):
        (copy / name).unlink()
    report(ReportRequest(copy), Recorder())
    after = json.loads((copy / "report.json").read_text())
    assert {row.pop("fit_seconds") for row in after["ranking"]} == {None}
    assert all(row.pop("fit_seconds") is not None for row in before["ranking"])
    assert after == before


@pytest.mark.parametrize(("keep_data", "kept"), [(0, "keeps no rows of"), (1, "keeps only the last rows of")])
def test_without_all_rows_of_the_data_no_report_is_made_and_the_old_ones_stay(tmp_path, keep_data, kept):
    directory = train_linear(write_hours(tmp_path / "p.csv"), tmp_path / "model", horizon=12, keep_data=keep_data)
    before = {name: (directory / name).read_bytes() for name in FILES}
    with pytest.raises(DataError, match=kept) as raised:
        report(ReportRequest(directory), Recorder())
    assert raised.value.code == ExitCode.DATA
    assert "--keep-data" in raised.value.hint
    assert {name: (directory / name).read_bytes() for name in FILES} == before


def test_another_model_that_was_trained_meanwhile_gets_no_report_of_the_old_one(copy, tmp_path):
    other = train_linear(write_hours(tmp_path / "p.csv"), tmp_path / "other", horizon=6)
    artifact = open_artifact(copy)

    class Replacing(Silence):
        """Puts the other model in place while the report is rendered."""

        def progress(self, stage, done, total, facts):
            if stage == "report" and done == total:
                shutil.rmtree(copy)
                shutil.copytree(other, copy)

    with pytest.raises(RefusedError, match="another model"):
        report(ReportRequest(copy), Replacing())
    assert open_artifact(copy).manifest != artifact.manifest
    assert (copy / "report.json").read_bytes() == (other / "report.json").read_bytes()


def test_progress_is_told_to_its_end(copy):
    recorder = Recorder()
    report(ReportRequest(copy, explain=True), recorder)
    ends = {stage: (done, total) for stage, done, total in recorder.stages}
    assert {stage for stage, (done, total) in ends.items() if done == total} >= {"score", "report", "explain"}
    said = [done for stage, done, _ in recorder.stages if stage == "report"]
    assert said == sorted(said)


def test_an_explanation_stands_in_the_report_that_asked_for_it(copy):
    report(ReportRequest(copy, explain=True), Recorder())
    found = json.loads((copy / "report.json").read_text())["explanation"]
    assert found["inputs"] == []  # of a closed form, which reads nothing beside the target
    assert len(found["lookback"]) == 10
    assert found["lookback"][-1]["last_step"] == 0
    report(ReportRequest(copy), Recorder())
    assert json.loads((copy / "report.json").read_text())["explanation"] is None


def test_a_directory_that_may_not_be_written_is_refused_before_any_work(copy, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    recorder = Recorder()
    with pytest.raises(RefusedError) as raised:
        report(ReportRequest(copy), recorder)
    assert "-o report.html" in raised.value.hint
    assert recorder.stages == []
    assert report(ReportRequest(copy, "json"), recorder).data  # which goes elsewhere


# --- From the end of the data ---


@pytest.mark.parametrize("name", ["one_directory", "many_directory", "gappy"])
def test_the_outlook_is_what_predict_says(name, request):
    directory = request.getfixturevalue(name)
    mine, theirs = make(directory).outlook.forecast, forecast_end(directory)
    assert mine.series_ids == theirs.series_ids
    assert (mine.cutoff, mine.timestamps, mine.steps) == (theirs.cutoff, theirs.timestamps, theirs.steps)
    for each in ("point", "lower", "upper"):
        np.testing.assert_allclose(getattr(mine, each), getattr(theirs, each), rtol=1e-5, atol=1e-4)


def test_the_outlook_is_that_of_the_refitted_model_and_the_trials_are_not(tmp_path):
    source = write_hours(tmp_path / "p.csv")
    first = make(train_linear(source, tmp_path / "first", horizon=12))
    second = make(train_linear(source, tmp_path / "second", horizon=12, refit=True))
    assert second.refitted_until.startswith("2025-01-25T23")
    np.testing.assert_allclose(second.outlook.forecast.point, forecast_end(tmp_path / "second").point, rtol=1e-5)
    assert not np.array_equal(second.outlook.forecast.point, first.outlook.forecast.point)
    for mine, theirs in zip(second.trials, first.trials, strict=True):
        np.testing.assert_array_equal(mine.forecast.point, theirs.forecast.point)


def test_before_the_outlook_stands_what_was_measured_and_beside_it_no_truth(one_report):
    found = one_report.outlook
    hours = [measure(hour) for hour in range(ROWS - 48, ROWS)]
    np.testing.assert_allclose(found.recent[0, :, 1], hours, atol=1e-3)
    assert found.recent_timestamps[0][-1] == found.forecast.cutoff[0]
    assert np.isnan(found.truth).all()


@pytest.fixture(scope="module")
def tariffs(tmp_path_factory):
    """Two directories of one model that looks ahead: the tariff is known beyond the end of the loads, or is not."""
    folder = tmp_path_factory.mktemp("tariffs")
    return {
        more: train_linear(
            write_rows(folder / f"{more}.csv", 0, TRAINED, more), folder / f"model{more}", ROLES, horizon=H
        )
        for more in (20, 0)
    }


@pytest.mark.parametrize(("more", "cutoff"), [(20, TRAINED - 1), (0, TRAINED - 1 - H)])
def test_a_model_that_looks_ahead_goes_on_from_where_enough_is_known(tariffs, monkeypatch, more, cutoff):
    echo = Echo(Reads(("history", "future"), horizon=H))
    monkeypatch.setattr(Artifact, "load_model", lambda self, name, refitted=False: echo)
    found = make(tariffs[more]).outlook
    assert set(found.forecast.cutoff) == {stamp(cutoff) + ":00"}
    assert np.isnan(found.truth).all() == (more > 0)


# --- On test windows ---


def test_trials_begin_at_24_evenly_spaced_cutoffs_of_the_test_part_and_end_with_the_last(one_report):
    cutoffs = [np.datetime64(each.forecast.cutoff[0]) for each in one_report.trials]
    assert len(cutoffs) == 24
    assert cutoffs[-1] == START + np.timedelta64(ROWS - 1 - 12, "h")
    assert set(np.diff(cutoffs) // np.timedelta64(1, "h")) <= {4, 5}  # 109 cutoffs


def test_a_trial_says_what_was_forecast_and_what_came(one_report):
    for trial in (one_report.trials[0], one_report.trials[-1]):
        hours = (np.array(trial.forecast.timestamps[0], dtype="datetime64[h]") - START) // HOUR
        np.testing.assert_allclose(trial.truth[0, :, 1], [measure(hour) for hour in hours], atol=1e-3)
        np.testing.assert_allclose(trial.forecast.point[0], trial.truth[0], atol=0.5)
        before = (np.array(trial.recent_timestamps[0], dtype="datetime64[h]") - START) // HOUR
        np.testing.assert_allclose(trial.recent[0, :, 1], [measure(hour) for hour in before], atol=1e-3)


def test_the_errors_of_the_trials_are_those_of_the_residuals(one_report):
    course = dict(zip(one_report.residuals.timestamps[0], one_report.residuals.first_step[0], strict=True))
    for trial in one_report.trials:
        missed = trial.truth[0, 0] - trial.forecast.point[0, 0]
        np.testing.assert_allclose(course[trial.forecast.timestamps[0][0]], missed, atol=2e-3)


def test_each_trial_has_the_series_that_have_a_window_there_and_nan_where_nothing_was_observed(gappy):
    found = make(gappy)
    assert [each.forecast.cutoff[0] for each in found.trials] == sorted(
        each.forecast.cutoff[0] for each in found.trials
    )
    present = [each.forecast.series_ids for each in found.trials]
    assert present[-1] == ("c",)  # a ended before
    assert ("a", "c") in present
    assert all("b" not in names for names in present)
    assert found.series_ids == ("a", "b", "c")
    assert found.outlook.forecast.series_ids == ("a", "c")
    holes = [np.isnan(each.truth).any() for each in found.trials]
    assert any(holes)
    assert not all(holes)


def test_of_many_numbers_fewer_trials_are_kept_the_last_among_them(one_directory, one_report, monkeypatch):
    monkeypatch.setattr(outlook, "MOST_NUMBERS", 2 * (48 + 12 * 6) * 5)
    found = make(one_directory).trials
    assert len(found) == 5
    assert found[-1].forecast.cutoff == one_report.trials[-1].forecast.cutoff
    monkeypatch.setattr(outlook, "MOST_NUMBERS", 1)
    assert [each.forecast.cutoff for each in make(one_directory).trials] == [found[-1].forecast.cutoff]


def test_series_beyond_the_fortieth_are_left_out_and_counted_all_the_same(tmp_path):
    names = [f"m{k:02}" for k in range(42)]
    source = write_meters(tmp_path / "m.csv", *names, last=200)
    found = make(train_linear(source, tmp_path / "model", horizon=6))
    assert found.series_ids == tuple(names)
    for shown in (found.outlook.forecast, found.trials[0].forecast, found.trials[-1].forecast):
        assert shown.series_ids == tuple(names[:40])
    assert found.residuals.series_ids == tuple(names[:40])
    assert found.presence.names == tuple(names[:40])


# --- Beside the other models ---


def test_the_saved_model_is_held_against_every_other_one_in_the_order_of_the_ranking(one_report):
    others = [row.model for row in one_report.ranking if row.model != "linear"]
    assert [each.baseline for each in one_report.rivals] == others
    assert {each.model for each in one_report.rivals} == {"linear"}
    mae = {row.model: row.mae_scaled for row in one_report.ranking}
    for each in one_report.rivals:
        assert each.gain == pytest.approx(100 * (1 - mae["linear"] / mae[each.baseline]), rel=1e-6)
    against = next(each for each in one_report.rivals if each.baseline == one_report.verdict.baseline)
    assert against.gain_interval == one_report.verdict.gain_interval
    assert against.outcome == one_report.verdict.outcome


LINES = {"linear": None, "dense": "PerChannel | Flatten | Dense(8)", "layers": "PerChannel | GRU(4)"}


@pytest.mark.parametrize(
    ("saved", "parts", "first"),
    [
        ("linear", (), None),
        ("layers", (), "GRU(4)"),
        ("blend", ("linear", "dense"), "Flatten"),
        ("blend", ("dense", "layers"), "GRU(4)"),
    ],
)
def test_the_layers_are_those_of_the_network_in_the_saved_model(one_directory, saved, parts, first):
    artifact = open_artifact(one_directory)
    kept = {name: KeptModel("network" if line else "closed-form", line, 0) for name, line in LINES.items()}
    kept["blend"] = KeptModel("blend", None, 0, dict.fromkeys(parts, 0.5))
    card = replace(artifact.card, kept=kept, config=replace(artifact.card.config, model=saved))
    rows = list_layers(card, artifact.empty_panel())
    assert [row.layer for row in rows][1:2] == ([] if first is None else [first])
    assert first is None or rows[-1].output == (12,)  # the head: one target's horizon


# --- What was observed when ---


def show(panel):
    return show_presence(panel, plan_delivery(ReadingOptions(), panel.targets))


def test_a_bar_for_each_series_tells_the_share_of_its_targets_that_was_observed():
    table = np.arange(40.0).reshape(20, 2)
    table[5, 0] = table[6] = np.nan
    found = show(make_panel(table, table[:10], start=[0, 15]))
    assert found.are_series
    assert found.names == ("s0", "s1")
    assert len(found.timestamps) == found.share.shape[1] == 25
    assert found.share[0, :8].tolist() == [100, 100, 100, 100, 100, 50, 0, 100]
    assert np.isnan(found.share[0, 20:]).all()
    assert np.isnan(found.share[1, :15]).all()
    assert found.share[1, 15:22].tolist() == [100] * 5 + [50, 0]


def test_a_single_series_has_a_bar_for_each_target():
    table = np.arange(2000.0).reshape(1000, 2)
    table[:500, 1] = np.nan
    found = show(make_panel(table))
    assert not found.are_series
    assert found.names == ("c0", "c1")
    assert found.share.shape == (2, 334)  # of three steps each: not above 400
    assert set(found.share[0]) == {100}
    assert found.share[1, 165:168].tolist() == pytest.approx([0, 100 / 3, 100])
    assert found.timestamps[1] == "2025-01-01T03:00:00"


def test_the_share_of_all_bins_is_the_share_of_all_values():
    rng = np.random.default_rng(0)
    tables = [np.where(rng.random((n, 2)) < 0.3, np.nan, 1.0) for n in (1201, 400, 77)]
    panel = make_panel(*tables, start=[3, 100, 900])
    found = show(panel)
    begins = (np.array(found.timestamps, dtype="datetime64[h]") - panel.origin) // HOUR
    size = begins[1] - begins[0]
    for i, table in enumerate(tables):
        rows = panel.start[i] + np.arange(len(table))
        lengths = np.bincount((rows - begins[0]) // size, minlength=len(begins))
        seen = np.nansum(found.share[i] * lengths) / 100
        assert seen == pytest.approx(np.isfinite(table).mean(axis=1).sum())


# --- The epochs ---


EPOCHS = (
    Epoch(1, 0.5, 0.61, 1e-3, 2.25),
    Epoch(2, 0.1234567890123, 0.4, 5e-4, 1.0),
    Epoch(3, 0.1, 0.4, 5e-4, 1.0),
    Epoch(4, 0.05, 0.7, 1e-4, 1.0),
)


def test_the_epochs_come_back_as_they_were_written(tmp_path):
    for epochs in (EPOCHS, (), (replace(EPOCHS[0], val_loss=float("nan")),)):
        (tmp_path / "training.csv").write_bytes(write_epochs(epochs))
        assert str(read_epochs(tmp_path)) == str(epochs)


@pytest.mark.parametrize("text", [None, "", "epoch\n1\n", "epoch,loss\nx,1\n", "a,b\n1,2\n", '"\x00'])
def test_a_training_csv_that_is_gone_or_rewritten_holds_no_epochs(tmp_path, text):
    if text is not None:
        (tmp_path / "training.csv").write_text(text)
    assert read_epochs(tmp_path) == ()


def test_the_best_epoch_is_the_first_of_the_least_validation_loss_and_the_last_where_there_is_none():
    assert find_best_epoch(EPOCHS) == 2
    assert find_best_epoch(()) == 0
    assert find_best_epoch(tuple(replace(each, val_loss=float("nan")) for each in EPOCHS)) == 4


# --- What a model reads ---

CHANNELS = ("load", "wind (sin)", "wind (cos)", "rain", "tariff")
WIDE = replace(
    make_panel(np.zeros((9, 5)), np.zeros((9, 5)), n_targets=3),
    channels=CHANNELS,
    n_future=1,
    statics={"site": ("north", "south")},
)


def tell_inputs(*lines, panel=WIDE):
    networks = [parse_network(line) for line in lines]
    reads = [describe_reads(each, Window(4, 2), panel) for each in networks]
    merged = replace(reads[0], inputs=tuple({name for each in reads for name in each.inputs})) if reads else Reads()
    return [(each.role, each.name) for each in list_inputs(panel, merged, networks, ("wind",))]


def test_a_closed_form_reads_nothing_beside_the_target():
    assert tell_inputs() == []


def test_a_network_of_each_target_alone_reads_the_covariates():
    assert tell_inputs("PerChannel | Flatten | Dense(4)") == [("past covariate", "rain"), ("known ahead", "tariff")]


def test_a_network_that_mixes_the_channels_reads_the_other_targets_and_an_angle_is_one():
    found = tell_inputs("Flatten | Dense(4)")
    assert found[:2] == [("target", "load"), ("target", "wind")]


def test_a_network_that_looks_ahead_reads_the_calendar_and_one_that_knows_the_series_their_statics():
    found = tell_inputs("PerChannel | Future(2) | SeriesEmbedding(3) | StaticEmbedding(2) | Flatten | Dense(4)")
    assert found[2:] == [
        ("calendar", "time of day"),
        ("calendar", "time of week"),
        ("calendar", "time of year"),
        ("static", "series"),
        ("static", "site"),
    ]


def test_without_a_time_there_is_no_calendar():
    timeless = replace(WIDE, origin=None, freq="1row")
    assert not any(role == "calendar" for role, _ in tell_inputs("Future(2) | Flatten | Dense(4)", panel=timeless))
