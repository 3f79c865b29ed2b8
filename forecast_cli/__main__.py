"""`python -m forecast_cli`, and the console script `forecast`: the descriptors, the signals, then the door."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn, TextIO

from forecast_cli.errors import ExitCode
from forecast_cli.output import Streams


@dataclass
class Descriptors(Streams):
    """Private copies of the descriptors 1 and 2; what libraries write to 1 and 2 can be sent elsewhere."""

    diverted: IO[bytes] | None = field(default=None, init=False)

    def divert(self, verbose: bool) -> None:
        """Point 1 and 2 at a temporary file, or with `verbose` at stderr, until the process ends.

        Keras prints to stdout, TensorFlow's C++ writes to 2, and a library may do so as late as in its destructors.
        """
        import tempfile

        _flush()
        if not verbose:
            self.diverted = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        target = self.messages if self.diverted is None else self.diverted
        os.dup2(target.fileno(), 1)
        os.dup2(target.fileno(), 2)
        _set_pipe_signal("SIG_IGN")  # from here on there may be something to clean up

    def terminate(self, number: int, frame: object) -> NoReturn:
        """End through the `finally` blocks, so that nothing half-written stays behind.

        A library may swallow this exit, as DuckDB does, and fail with an error of its own: hence the mark.
        """
        self.terminated = True
        sys.exit(ExitCode.TERMINATED)

    def read_diverted(self) -> str:
        """Return what the libraries wrote so far."""
        if self.diverted is None:
            return ""
        _flush()
        self.diverted.seek(0)
        return self.diverted.read().decode(errors="replace")


def main() -> None:
    """Run the command line, and leave with its exit code."""
    try:
        _set_pipe_signal("SIG_DFL")  # `forecast --help | head -1` ends as any other program
        streams = _keep_descriptors()
        signal.signal(signal.SIGTERM, streams.terminate)
        from forecast_cli.cli import app

        app(obj=streams, prog_name="forecast")
    except KeyboardInterrupt:  # before the door was open
        sys.exit(ExitCode.INTERRUPTED)


def _keep_descriptors() -> Descriptors:
    import faulthandler

    results = _copy(sys.stdout, 1, errors="surrogateescape")  # names of files may hold any byte
    messages = _copy(sys.stderr, 2, errors="backslashreplace")
    faulthandler.enable(messages)  # a crash in C++ must not vanish with the diverted output
    return Descriptors(results, messages)


def _copy(stream: TextIO | None, descriptor: int, errors: str) -> TextIO:
    """Return a text writer on a copy of the descriptor, which stays where it is when 1 and 2 are diverted."""
    if stream is None:  # closed by whoever started us: `forecast predict >&-`
        return Path(os.devnull).open("w", encoding="utf-8")
    return os.fdopen(os.dup(descriptor), "w", encoding="utf-8", errors=errors, newline="")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _set_pipe_signal(action: str) -> None:
    if hasattr(signal, "SIGPIPE"):  # not on Windows
        signal.signal(signal.SIGPIPE, getattr(signal, action))


if __name__ == "__main__":
    main()
