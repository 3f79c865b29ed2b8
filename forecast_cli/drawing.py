"""What is drawn for people: tables that fit their terminal, facts with their labels, plots, and remarks.

Rich is imported only when something is drawn, so that `--help` starts at once. Text of the user is never markup, and
is stripped of control characters.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TextIO, TypeAlias

from forecast_cli.output import Columns, measure_width
from forecast_cli.wording import clean, format_cell, to_plain

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.table import Table
    from rich.text import Text


class Figure(str):
    """A number as text, which stands to the right like numbers."""


class Drawing(NamedTuple):
    """A table to draw, and the columns that may be left out, group by group, where it is too wide."""

    columns: Columns
    spare: tuple[tuple[str, ...], ...] = ()
    strong: tuple[int, ...] = ()  # rows in bold


class Facts(NamedTuple):
    """Labels and what is said of each, one below the other."""

    facts: Mapping[str, str]


class Command(NamedTuple):
    """A line to paste: it is never broken."""

    line: str


class Plot(NamedTuple):
    """A picture of characters under its title, made for a width, and for what the terminal can show."""

    title: str
    draw: Callable[[int, bool], str]  # the width, and whether there is more than ASCII -> lines; "": nothing to see


Part: TypeAlias = Drawing | Facts | Command | Plot | str
INDENT = "  "  # of what goes on from a line above


def draw_parts(parts: Sequence[Part], stream: TextIO, color: bool) -> bytes:
    """Return tables, plots and lines for a stream; Rich does not write them, for it hides a closed pipe."""
    file = io.StringIO()
    rich, unicode = make_rich(stream, file, color), shows_unicode(stream)
    for part in parts:
        _draw_part(part, rich, unicode)
    lines = "".join(f"{line.rstrip()}\n" for line in file.getvalue().split("\n")[:-1])
    return (lines if unicode else to_plain(lines)).encode(stream.encoding or "utf-8", errors="replace")


def _draw_part(part: Part, rich: RichConsole, unicode: bool) -> None:
    if isinstance(part, Drawing):
        table, missing = fit_table(part, rich)
        rich.print(table)
        part = f"{missing:,} more column{'s'[: missing != 1]}: --format csv" if missing else ""
    if isinstance(part, Plot):
        _draw_plot(part, rich, unicode)
    elif isinstance(part, Facts):
        rich.print(make_facts(part.facts))
    elif isinstance(part, Command):
        rich.print(clean(part.line), soft_wrap=True)
    elif part:
        rich.print(clean(part))


def _draw_plot(plot: Plot, rich: RichConsole, unicode: bool) -> None:
    from rich.text import Text

    lines = plot.draw(rich.width, unicode)
    if lines:
        rich.print(Text(clean(plot.title), style="bold"))
        rich.print(Text.from_ansi(lines.rstrip()), soft_wrap=True)


def shows_unicode(stream: TextIO) -> bool:
    """Tell whether a stream shows more than ASCII: it is written in UTF-8, and nobody asked for the plain locale."""
    plain = os.environ.get("LC_ALL") in ("C", "POSIX")
    return not plain and (stream.encoding or "utf-8").lower().startswith("utf")


def wrap_remark(line: str, style: str, rich: RichConsole) -> Text:
    """Return a line broken between words where it is too long, and a command at its end unbroken, to be pasted."""
    from rich.text import Text

    if Text(line).cell_len <= rich.width and "\n" not in line:
        return Text(line, style=style)
    prose, command = split_command(line)
    pieces = Text(prose, style=style).wrap(rich, max(rich.width - len(INDENT), 1))
    lines = [Text(INDENT if k else "") + piece for k, piece in enumerate(pieces)]
    return Text("\n").join([*lines, *([Text(INDENT + command, style=style)] if command else [])])


def split_command(line: str) -> tuple[str, str]:
    """Return a remark and the `forecast` command at its end; "" where it ends in none."""
    found = re.fullmatch(r"(.*:) (forecast [a-z].*)", line)
    return (found[1], found[2]) if found else (line, "")


def make_rich(stream: TextIO, file: TextIO, color: bool) -> RichConsole:
    """Return a Rich console that writes to `file` and looks as fits `stream`."""
    from rich.console import Console as RichConsole

    terminal = stream.isatty()
    return RichConsole(
        file=file,
        force_terminal=terminal,
        width=None if terminal and os.isatty(0) else measure_width(stream),  # Rich measures what 0 is connected to
        no_color=True if not color else None,  # None: as NO_COLOR says
        markup=False,
        highlight=False,
        emoji=False,
    )


# --- Tables ----------------------------------------------------------------------------------------------------


def make_table(columns: Columns, strong: Sequence[int] = ()) -> Table:
    """Return a Rich table: numbers to the right and never broken, text as text and never as markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name, cells in columns.items():
        is_text = all(isinstance(cell, str) and not isinstance(cell, Figure) for cell in cells)
        head = Text(clean(name))
        table.add_column(
            head, justify="left" if is_text else "right", no_wrap=not is_text or name == "timestamp", overflow="fold"
        )
    for k, row in enumerate(zip(*columns.values(), strict=True)):
        table.add_row(*(Text(format_cell(cell)) for cell in row), style="bold" if k in strong else None)
    return table


def make_facts(facts: Mapping[str, str]) -> Table:
    """Return labels in bold and their texts, each wrapped in its own column."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in facts.items():
        grid.add_row(Text(clean(label), style="bold"), Text(clean(text, keep_lines=True)))
    return grid


def fit_table(drawing: Drawing, rich: RichConsole) -> tuple[Table | str, int]:
    """Return the table without its empty columns and, until it fits, without spare ones; and how many those are."""
    kept = {name: cells for name, cells in drawing.columns.items() if any(format_cell(cell) for cell in cells)}
    whole = len(kept)
    for spare in drawing.spare:
        if rich.measure(make_table(kept), options=rich.options.update(width=1000)).maximum <= rich.width:
            break
        kept = {name: cells for name, cells in kept.items() if name not in spare}
    return make_table(kept, drawing.strong) if kept else "", whole - len(kept)
