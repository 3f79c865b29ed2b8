"""The tables of flags in the README, made from the Typer app: `python -m tests.flags_reference` writes them anew.

A row is a flag as a command takes it: where two commands mean different things by a name, it has two rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

from typer.main import get_command

from forecast_cli import flags
from forecast_cli.cli import app

README = Path(__file__).parents[1] / "README.md"
BEGIN = "<!-- flags: made by `python -m tests.flags_reference` -->"
END = "<!-- end of flags -->"
PANELS = (
    flags.DATA,
    flags.WINDOWS,
    flags.MODEL,
    flags.TRAINING,
    flags.PREDICTING,
    flags.COMPARING,
    flags.OUTPUT,
)


class Flag(NamedTuple):
    """A flag as the reader sees it."""

    panel: str
    name: str
    values: str
    default: str
    meaning: str


def main() -> None:
    """Put the tables in their place in the README."""
    README.write_text(place_tables(README.read_text(encoding="utf-8")), encoding="utf-8")


def place_tables(text: str) -> str:
    """Return the text with the tables of today between the markers."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{write_tables()}\n{END}{rest.split(END)[1]}"


def write_tables() -> str:
    """Return a table for each panel of `--help`, in Markdown."""
    commands = gather_commands()
    return "\n".join(write_panel(panel, commands) for panel in PANELS)


def gather_commands() -> dict[Flag, list[str]]:
    """Return the commands that take each flag."""
    found: dict[Flag, list[str]] = {}
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for flag in read_flags(command):
            found.setdefault(flag, []).append(name)
    return found


def read_flags(command: Any) -> Iterator[Flag]:
    """Yield the flags of a command; what is no flag is DATA, which each command's help explains."""
    for option in command.params:
        if option.param_type_name == "option":
            name = ", ".join(option.opts) + "".join(f" / {other}" for other in option.secondary_opts)
            default = option.show_default if isinstance(option.show_default, str) else option.default
            values = option.metavar or "|".join(list_choices(option))
            shown = "" if default is None or default is False else str(default)
            yield Flag(option.rich_help_panel, name, values, shown, option.help)


def list_choices(option: Any) -> list[str]:
    """Return the words that an option takes, if it takes only some; they stand in the annotation of its type."""
    annotation = option.type_descriptor.annotation
    inner = [each for each in (annotation, *get_args(annotation)) if "Literal" in str(each)[:16]]
    return [str(word) for each in inner[:1] for word in get_args(each)]


def write_panel(panel: str, commands: dict[Flag, list[str]]) -> str:
    """Return the table of one panel."""
    rows = [
        f"| `{flag.name}` | {write_code(flag.values)} | {escape(flag.default)} | {escape(flag.meaning)} "
        f"| {name_takers(takers)} |"
        for flag, takers in commands.items()
        if flag.panel == panel
    ]
    head = f"| {panel} | value | default | meaning | in |\n|---|---|---|---|---|"
    return "\n".join([head, *rows, ""])


def name_takers(takers: list[str]) -> str:
    """Return the commands that take a flag."""
    return "all" if len(takers) == len(get_command(app).commands) else ", ".join(takers)  # type: ignore[attr-defined]


def write_code(text: str) -> str:
    """Return the text in code quotes, or nothing."""
    return f"`{escape(text)}`" if text else ""


def escape(text: str) -> str:
    """Return the text so that it stays in its cell and is not taken for emphasis."""
    return text.replace("|", "\\|").replace("'*'", "`*`")


if __name__ == "__main__":
    main()
