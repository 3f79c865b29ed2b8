"""The bar of a stage on a terminal. It comes in after a moment, so that stages of no length do not flicker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, Task, TextColumn
from rich.table import Column
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console as RichConsole
    from rich.console import RenderableType

SHOWN_AFTER = 0.2  # seconds
WIDTH = 8  # of the bar, in characters: the figures beside it say more

_ONE_LINE = Column(no_wrap=True, overflow="ellipsis")


class Bar:
    """How far one stage has come, on one line."""

    def __init__(self, stage: str, rich: RichConsole) -> None:
        self.stage = stage
        self._rich = rich
        self._progress = _LateProgress(
            TextColumn("{task.description}", markup=False, table_column=_ONE_LINE),
            BarColumn(bar_width=WIDTH),
            _WordsColumn("{task.fields[facts]}", markup=False, table_column=_ONE_LINE),
            console=rich,
            transient=True,
            redirect_stdout=False,  # else Rich shows what libraries print, in the middle of the bar
            redirect_stderr=False,
        )
        self._task = self._progress.add_task(stage, total=None, facts="")
        self._progress.start()

    def move(self, done: int, total: int, words: Sequence[str]) -> None:
        """Show how far the stage is, and as many of the words as there is room for; a stage of one piece only runs."""
        room = self._rich.width - len(self.stage) - WIDTH - 3
        known = total if total > 1 else None
        self._progress.update(self._task, completed=done, total=known, facts=fit_words(words, room))

    def stop(self) -> None:
        """Take the bar away; a second time does nothing."""
        self._progress.stop()


def fit_words(words: Sequence[str], room: int) -> str:
    """Return the first words that fit into so many characters."""
    line = ""
    for word in words:
        longer = f"{line}  {word}" if line else word
        if len(longer) > room:
            break
        line = longer
    return line


class _WordsColumn(TextColumn):
    """Rich's; of a stage in one piece, whose end nobody knows, the seconds that it has taken."""

    def render(self, task: Task) -> Text:
        """Return the words beside the bar."""
        return super().render(task) if task.total else Text(f"{task.elapsed or 0:.0f} s")


class _LateProgress(Progress):
    """Rich's, which shows nothing in the first moment."""

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the line of the stage once it lasts."""
        if any((task.elapsed or 0) >= SHOWN_AFTER for task in self.tasks):
            yield self.make_tasks_table(self.tasks)
