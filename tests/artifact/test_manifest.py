import json
import os

import pytest

from forecast_cli.artifact.manifest import (
    LARGEST,
    MANIFEST,
    check_writable,
    commit,
    find_file,
    read_file,
    read_manifest,
)
from forecast_cli.errors import ArtifactError, RefusedError


def write(text):
    return lambda path: path.write_bytes(text.encode())


@pytest.fixture
def directory(tmp_path):
    commit(tmp_path / "model", {"model.json": write("{}"), "arrays.safetensors": write("abc")})
    return tmp_path / "model"


def test_what_was_committed_is_read_back(directory):
    manifest = read_manifest(directory)
    assert read_file(directory, manifest, "model.json") == b"{}"
    assert find_file(directory, manifest, "arrays.safetensors").read_bytes() == b"abc"


def test_a_second_commit_replaces_the_first_and_sweeps_its_files(directory):
    commit(directory, {"model.json": write("[1]")})
    assert sorted(path.suffix for path in directory.iterdir()) == [".json", ".json"]
    assert read_file(directory, read_manifest(directory), "model.json") == b"[1]"


def test_a_commit_that_fails_halfway_leaves_the_old_model_and_nothing_else(directory):
    before = {path.name: path.read_bytes() for path in directory.iterdir()}

    def fail(path):
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        commit(directory, {"model.json": write("new"), "arrays.safetensors": fail})
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_a_first_commit_that_fails_leaves_no_directory(tmp_path):
    def fail(path):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit(tmp_path / "model", {"model.json": write("new"), "arrays.safetensors": fail})
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_replaced_only_by_force_and_the_refusal_prints_the_command(directory):
    with pytest.raises(RefusedError) as refusal:
        check_writable(directory, False, "forecast train x.csv")
    assert refusal.value.hint == "replace it: forecast train x.csv --force"
    check_writable(directory, True, "")


def test_a_directory_of_other_files_is_never_written_even_by_force(tmp_path):
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(RefusedError, match=r"thesis\.docx"):
        check_writable(tmp_path, True, "")


def test_the_leftovers_of_a_killed_first_run_may_be_written_over(directory):
    (directory / MANIFEST).unlink()
    check_writable(directory, False, "")


def test_a_manifest_of_somebody_else_is_not_replaced(tmp_path):
    (tmp_path / MANIFEST).write_text('{"name": "a browser extension"}')
    with pytest.raises(ArtifactError):
        check_writable(tmp_path, True, "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_may_not_be_written_is_refused_before_any_work(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(RefusedError, match="may not be written"):
        check_writable(tmp_path / "model", False, "")


def test_reports_of_somebody_are_not_leftovers_of_ours(tmp_path):
    (tmp_path / "report.md").write_text("my thesis")
    with pytest.raises(RefusedError, match=r"report\.md"):
        check_writable(tmp_path, False, "")


def test_extras_lie_beside_the_model_under_their_own_names(directory):
    commit(directory, {"model.json": write("{}")}, {"report.md": b"# new"})
    assert (directory / "report.md").read_bytes() == b"# new"


def test_an_extra_that_cannot_be_written_leaves_the_old_model(directory, monkeypatch):
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    with pytest.raises(FileNotFoundError):
        commit(directory, {"model.json": write("new")}, {"no/such/folder.md": b""})
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_two_trainers_do_not_write_into_one_directory_at_once(directory):
    def meddle(path):
        with pytest.raises(RefusedError, match="another trainer"):
            commit(directory, {"model.json": write("theirs")})
        path.write_bytes(b"ours")

    commit(directory, {"model.json": meddle})
    assert read_file(directory, read_manifest(directory), "model.json") == b"ours"


def test_there_is_no_directory_and_there_is_no_manifest(tmp_path):
    with pytest.raises(ArtifactError, match="there is no model directory"):
        read_manifest(tmp_path / "nowhere")
    with pytest.raises(ArtifactError, match="holds no model"):
        read_manifest(tmp_path)


def damage(directory, change):
    raw = json.loads((directory / MANIFEST).read_text())
    change(raw)
    (directory / MANIFEST).write_text(json.dumps(raw))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "model.json",
        "model-1234567g.json",
        "network-12345678.onnx",
        "model-refit-12345678.json",
        "",
    ],
)
def test_only_names_of_our_own_pattern_are_opened(directory, name):
    damage(directory, lambda raw: raw["files"]["model.json"].update(file=name))
    with pytest.raises(ArtifactError, match="no name of ours"):
        read_manifest(directory)


@pytest.mark.parametrize("kind", LARGEST)
def test_every_kind_of_file_is_written_swept_and_told_from_the_others(directory, kind):
    commit(directory, {kind: write("first")})
    assert read_file(directory, read_manifest(directory), kind) == b"first"
    stem, suffix = kind.split(".")
    (directory / f".{kind}.123.tmp").write_bytes(b"of a killed run")
    commit(directory, {kind: write("second")})
    assert [path.suffix for path in directory.iterdir() if path.name != MANIFEST] == [f".{suffix}"]
    other = "network.onnx" if stem.endswith("-refit") else "network-refit.onnx"
    damage(directory, lambda raw: raw["files"].update({other: raw["files"][kind]}))
    with pytest.raises(ArtifactError, match="no name of ours"):
        read_manifest(directory)


def test_another_schema_version_is_refused_with_both_versions(directory):
    damage(directory, lambda raw: raw.update(schema_version=2))
    with pytest.raises(ArtifactError, match=r"schema version 2, this forecast reads 1"):
        read_manifest(directory)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"schema_version": 1}', "[" * 100_000])
def test_a_damaged_manifest_is_an_artifact_error(directory, text):
    (directory / MANIFEST).write_text(text)
    with pytest.raises(ArtifactError):
        read_manifest(directory)


def test_a_file_that_is_not_what_the_manifest_names_is_damaged(directory):
    manifest = read_manifest(directory)
    (directory / manifest.files["model.json"].file).write_text("[]")
    with pytest.raises(ArtifactError, match="is damaged"):
        read_file(directory, manifest, "model.json")
    with pytest.raises(ArtifactError, match="is damaged"):
        find_file(directory, manifest, "model.json")


def test_a_link_in_the_place_of_a_file_is_not_followed(directory):
    manifest = read_manifest(directory)
    path = directory / manifest.files["model.json"].file
    moved = directory.parent / "elsewhere.json"
    path.rename(moved)
    path.symlink_to(moved)
    with pytest.raises(ArtifactError, match="not a regular file"):
        read_file(directory, manifest, "model.json")


def test_a_file_that_is_gone_is_named(directory):
    manifest = read_manifest(directory)
    (directory / manifest.files["model.json"].file).unlink()
    with pytest.raises(ArtifactError, match="is missing"):
        read_file(directory, manifest, "model.json")
