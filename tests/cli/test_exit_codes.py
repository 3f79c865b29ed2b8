from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from forecast_cli.errors import (
    ArtifactError,
    DataError,
    ExitCode,
    ForecastError,
    GateError,
    Interrupted,
    MissingDependencyError,
    RefusedError,
    UsageError,
)
from forecast_cli.results import CompareResult
from tests.cli.fakes import REPOSITORY, compare, stop, wait_for, write_command


def raise_always(error: BaseException) -> Callable[..., Any]:
    """Return a workflow that fails so."""

    def fail(request: Any, listener: Any) -> Any:
        raise error

    return fail


def start(tmp_path: Any, arguments: list[str], *fakes: str, **more: Any) -> subprocess.Popen[bytes]:
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(write_command(arguments, *fakes), cwd=tmp_path, env=env, stderr=subprocess.PIPE, **more)


def test_done_is_0(run):
    assert run("predict").exit_code == ExitCode.DONE


@pytest.mark.parametrize(
    "kind",
    [UsageError, DataError, ArtifactError, RefusedError, MissingDependencyError, GateError, Interrupted],
)
def test_each_failure_of_ours_leaves_its_message_its_hint_and_its_code(run, kind: type[ForecastError]):
    done = run("predict", predict=raise_always(kind("what [/m] went wrong", "what to do next")))
    assert done.exit_code == kind.code
    assert "error: what [/m] went wrong\nhint: what to do next\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_any_other_exception_is_a_bug_of_ours(run):
    done = run("predict", predict=raise_always(KeyError("user's column")))
    assert done.exit_code == ExitCode.BUG
    assert "Traceback" in done.stderr
    assert "please report it" in done.stderr


def test_too_little_memory_or_disk_is_refused_and_no_bug(run):
    full = OSError(errno.ENOSPC, "No space left on device")
    for error in (MemoryError(), full):
        done = run("predict", predict=raise_always(error))
        assert done.exit_code == ExitCode.REFUSED
        assert "Traceback" not in done.stderr
    other = run("predict", predict=raise_always(OSError(errno.EIO, "Input/output error")))
    assert other.exit_code == ExitCode.BUG


def test_a_wrong_command_line_is_2_and_names_what_is_near(run):
    unknown = run("predit")
    assert unknown.exit_code == ExitCode.USAGE
    assert "predict" in unknown.stderr
    flag = run("predict", "--horizn", "3")
    assert flag.exit_code == ExitCode.USAGE
    assert "--horizon" in flag.stderr
    assert "forecast predict --help" in flag.stderr.replace("root ", "forecast ")
    assert run("train").exit_code == ExitCode.USAGE


def test_ctrl_c_is_130(run, tmp_path):
    assert run("predict", predict=raise_always(KeyboardInterrupt())).exit_code == ExitCode.INTERRUPTED
    child = start(tmp_path, ["train", "x.csv"], "train=train_for_long")
    wait_for(child, b"under way")
    code, said = stop(child, signal.SIGINT)
    assert code == ExitCode.INTERRUPTED
    assert said == "error: interrupted\n"


def test_sigterm_is_143_and_runs_what_has_to_be_cleaned_up(tmp_path):
    child = start(tmp_path, ["train", "x.csv"], "train=train_for_long")
    wait_for(child, b"under way")
    code, said = stop(child, signal.SIGTERM)
    assert code == ExitCode.TERMINATED
    assert "Traceback" not in said


@pytest.mark.parametrize("fake", ["train_in_a_library", "train_to_an_error_of_a_library"])
def test_sigterm_is_143_even_where_a_library_makes_an_error_of_its_own_of_it(tmp_path, fake: str):
    child = start(tmp_path, ["train", "x.csv"], f"train={fake}")
    wait_for(child, b"under way")
    assert stop(child, signal.SIGTERM) == (ExitCode.TERMINATED, "")


def test_a_closed_pipe_ends_quietly_with_141(tmp_path):
    child = start(tmp_path, ["predict", "-q"], "predict=predict_much", stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr is not None
    said = child.stderr.read().decode()
    assert child.wait(timeout=30) == ExitCode.CLOSED_PIPE
    assert said == ""
    child.stderr.close()


def test_a_closed_pipe_in_help_ends_quietly(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    child = start(tmp_path, ["--help"], stdout=writer)
    os.close(writer)
    _, said = child.communicate(timeout=30)
    assert child.returncode in (ExitCode.CLOSED_PIPE, -signal.SIGPIPE)  # a shell shows both as 141
    assert said == b""


def test_stdin_that_is_a_terminal_is_2_and_never_hangs(terminal):
    for command in ("train", "predict", "compare-baselines", "inspect", "ingest"):
        assert "stdin is a terminal" in terminal([command, "-"])


def test_help_shows_every_exit_code_with_its_meaning(run):
    shown = re.sub(r"\s+", " ", run("--help").stdout)
    for code in ExitCode:
        assert f"{code.value} {code.meaning}" in shown


def test_a_crash_in_c_leaves_a_python_traceback_on_stderr(process):
    done = process(["train", "x.csv"], "train=crash")
    assert done.returncode == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in done.stderr


@pytest.mark.parametrize(
    ("outcome", "code"), [("better", 0), ("worse", 7), ("no difference", 7), ("too few windows", 7), ("alone", 7)]
)
def test_the_gate_of_compare_baselines_opens_only_for_a_better_model_and_the_ranking_is_shown(run, outcome, code):
    def judge(request: Any, listener: Any) -> CompareResult:
        result = compare(request, listener)
        return replace(result, verdict=replace(result.verdict, outcome=outcome))

    done = run("compare-baselines", "--fail-unless-better", compare=judge)
    assert done.exit_code == code
    assert done.stdout.startswith("rank,model,")
    assert ("error: --fail-unless-better: conv-birnn beats" in done.stderr) is (code == 7)
    assert run("compare-baselines", compare=judge).exit_code == 0
