"""What can go wrong, each with the exit code that a shell sees."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `forecast`; the table in `--help` and in the README is made from these."""

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        """Return a member that carries its meaning, a phrase for people."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    meaning: str

    DONE = 0, "done"
    BUG = 1, "a bug of ours (a traceback, and where to report it)"
    USAGE = 2, "usage"
    DATA = 3, "the data cannot be used, or is not there; with --strict, what would have been a note"
    ARTIFACT = 4, "the model directory is missing, damaged or of another kind"
    REFUSED = 5, "refused by a guard: memory, disk, an existing directory without --force"
    DEPENDENCY = 6, "an optional dependency is missing (the message ends with the pip line)"
    GATE = 7, "a quality gate asked for on the command line was not met"
    INTERRUPTED = 130, "interrupted"
    TERMINATED = 143, "terminated"
    CLOSED_PIPE = 141, "the reader of our output went away"


class ForecastError(Exception):
    """A failure that the user can do something about: what went wrong and where, and what to do next."""

    code = ExitCode.BUG

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ForecastError):
    """The command line asks for something that cannot be."""

    code = ExitCode.USAGE


class DataError(ForecastError):
    """The data cannot be used, or is not there."""

    code = ExitCode.DATA


class ArtifactError(ForecastError):
    """The model directory is missing, damaged or of another kind."""

    code = ExitCode.ARTIFACT


class RefusedError(ForecastError):
    """A guard said no: memory, disk, or something that would be overwritten."""

    code = ExitCode.REFUSED


class MissingDependencyError(ForecastError):
    """An optional dependency is not installed; the hint is the pip line."""

    code = ExitCode.DEPENDENCY


class GateError(ForecastError):
    """A quality gate asked for on the command line was not met."""

    code = ExitCode.GATE


class Interrupted(ForecastError):
    """The user stopped the run; nothing was written."""

    code = ExitCode.INTERRUPTED
