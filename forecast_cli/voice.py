"""What is said on stderr while a command runs: remarks, progress, failures. Text of the user is never markup."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Self

from forecast_cli.drawing import make_rich, wrap_remark
from forecast_cli.output import Manner, Streams
from forecast_cli.wording import clean, describe_bytes, list_counts, list_words

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

    from forecast_cli.bar import Bar
    from forecast_cli.errors import ForecastError

SECONDS_BETWEEN_LINES = 10.0  # of progress, where there is no bar
STAGES_IN_BYTES = ("reading",)


class Voice:
    """The `Listener` of a run, and what says how it failed."""

    def __init__(self, streams: Streams, manner: Manner, clock: Callable[[], float] = time.monotonic) -> None:
        self._streams = streams
        self._manner = manner
        self._clock = clock
        self._spoken = clock()
        self._rich: RichConsole | None = None
        self._bar: Bar | None = None
        self._stage = ("", 0.0)  # the one under way, and when it began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._stop_bar()

    # --- Listener: what is heard while a workflow runs ---

    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None:
        """Write one line to stderr; `--quiet` keeps warnings only."""
        line = f"{text} ({flag})" if flag else text
        if warning:
            self._say(f"warning: {clean(line)}", "yellow")
        elif not self._manner.quiet:
            self._say(clean(line), "dim")

    def progress(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> None:
        """Move the bar on a terminal, else write a line at most every ten seconds."""
        if self._manner.quiet:
            return
        words = self._describe(stage, done, total, facts)
        if self._has_bar():
            self._move_bar(clean(stage), done, total, words)
        elif self._clock() - self._spoken >= SECONDS_BETWEEN_LINES:
            self._spoken = self._clock()
            self._say("  ".join([f"{clean(stage)} {words[0]}" if words else clean(stage), *words[1:]]), "dim")

    def _describe(self, stage: str, done: int, total: int, facts: Mapping[str, float]) -> list[str]:
        seconds = self._time_stage(stage, done, total)
        if stage in STAGES_IN_BYTES:
            return [describe_bytes(done, total, seconds)]
        return list_words(facts) if "epoch" in facts else list_counts(done, total, seconds)

    def _time_stage(self, stage: str, done: int, total: int) -> float:
        """Return the seconds since a stage was first heard of, or heard of again after its end."""
        name, began = self._stage
        if name != stage:
            began = self._clock()
        self._stage = ("" if done >= total else stage, began)
        return self._clock() - began

    # --- Failures ---

    def fail(self, error: ForecastError) -> None:
        """Write what went wrong and what to do next; with `--format json` also as one JSON line."""
        self._stop_bar()
        self._say(f"error: {clean(error.message, keep_lines=True)}", "red")
        if error.hint:
            self._say(f"hint: {clean(error.hint, keep_lines=True)}", "")
        self._fail_in_json(int(error.code), error.message, error.hint)

    def report_bug(self, trace: str, version: str) -> None:
        """Write a traceback, what the libraries said, and where to report it."""
        self._stop_bar()
        said = self._streams.read_diverted()
        self._streams.messages.write(f"{said}{trace}")
        message, where = f"a bug in forecast {version}", "please report it with the lines above where you got forecast"
        self._say(f"error: this is {message}; {where}", "red")
        self._fail_in_json(1, message, where)

    def _fail_in_json(self, code: int, message: str, hint: str) -> None:
        if self._manner.format == "json":
            record = {"error": {"code": code, "message": message, "hint": hint}}
            self._streams.messages.write(json.dumps(record) + "\n")
            self._streams.messages.flush()

    # --- Rich ---

    def _say(self, line: str, style: str) -> None:
        messages = self._streams.messages
        if not messages.isatty():
            messages.write(line + "\n")
            messages.flush()
            return
        self._rich = self._rich or make_rich(messages, messages, self._manner.color)
        self._rich.print(wrap_remark(line, style, self._rich), soft_wrap=True)

    def _has_bar(self) -> bool:
        """Tell whether a bar can be drawn: with `--verbose` the libraries would write across it."""
        dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
        return self._streams.messages.isatty() and not dumb and not self._manner.verbose

    def _move_bar(self, stage: str, done: int, total: int, words: Sequence[str]) -> None:
        if self._bar is None or self._bar.stage != stage:
            from forecast_cli.bar import Bar

            self._stop_bar()
            self._rich = self._rich or make_rich(self._streams.messages, self._streams.messages, self._manner.color)
            self._bar = Bar(stage, self._rich)
        self._bar.move(done, total, words)
        if done >= total:
            self._stop_bar()

    def _stop_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None
