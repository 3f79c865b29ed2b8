"""Names that are scripts, markup, formulas or terminal commands are text in everything that the program writes."""

from __future__ import annotations

import csv
import io
import json
import os
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from markdown_it import MarkdownIt  # Rich brings it

from forecast_cli.ingest.text.formulas import unguard_formula
from forecast_cli.reporting.report_json import SCHEMA
from tests.program.conftest import forecast, make_rows, write_csv

FILE = "\x1b[32m<b>[bold] 'it' \"is\"\u202e\n=cmd.csv"
TARGETS = (
    '<script>alert("x")</script>',
    "[/b] flow [red]",
    '=HYPERLINK("http://evil")',
    "-temp\n\x1b[31mred\u202egpj.exe",
    "@somebody </td>| x",
)
SERIES = ("+cmd|' /C calc'!A0", "\x1b]0;owned\x07</script><img src=x onerror=alert(1)>\u2066[bold]")
ID = "@id"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
FORMULAS = tuple("=+-@\t\r\n")


def write_data(path: Path) -> None:
    rng = np.random.default_rng(0)
    stamps = np.datetime64("2025-01-01T00:00") + np.arange(200) * np.timedelta64(1, "h")
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["time", ID, *TARGETS])
        for hour, stamp in enumerate(stamps):
            for k, series in enumerate(SERIES):
                values = 5 * k + 3 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(10, 0.3, len(TARGETS))
                lines.writerow([stamp, series, *values.round(3)])


@pytest.fixture(scope="module")
def shop(tmp_path_factory, no_tensorflow) -> Path:
    """A folder with hostile data and a model trained on it; do not change it."""
    folder = tmp_path_factory.mktemp("hostile")
    write_data(folder / FILE)
    flags = ("--model", "seasonal-naive", "--series-id", ID, "--lookback", 48, "--horizon", 12)
    ending = forecast("train", FILE, *flags, cwd=folder, env=no_tensorflow)
    assert ending.code == 0, ending.err
    (folder / "ranking.csv").write_text(ending.out)
    (folder / "messages.txt").write_text(ending.err)
    return folder


@pytest.fixture
def run(shop, tmp_path):
    def run(*args):
        args = [str(shop / FILE) if arg == "DATA" else arg for arg in args]
        asked = [] if args[0] in ("inspect", "ingest") else ["-m", shop / "forecast-model"]
        ending = forecast(*args, *asked, cwd=tmp_path)
        assert ending.code == 0, ending.err
        assert is_harmless(ending.err)
        return ending.out

    return run


READ = ("DATA", "--series-id", ID)
COMMANDS = [
    ("predict",),
    ("compare-baselines",),
    ("compare-baselines", "--by", "target"),
    ("compare-baselines", "--by", "series"),
    ("summary",),
    ("inspect", *READ),
    ("ingest", *READ),
]


def is_harmless(drawn: str) -> bool:
    """Tell whether a terminal shows a text as it is: nothing that steers it, and nothing that turns its direction."""
    return not {unicodedata.category(sign) for sign in drawn.replace("\n", "")} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def read_cells(text: str) -> list[list[str]]:
    """Return the rows of a CSV, after a look at each cell."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    for cell in (cell for row in rows for cell in row if cell.startswith(FORMULAS)):
        float(cell)  # raises where it is no number
    return rows


def list_texts(value) -> list[str]:
    """Return every text of a document, the keys too."""
    if isinstance(value, dict):
        return [*value, *(text for each in value.values() for text in list_texts(each))]
    if isinstance(value, list):
        return [text for each in value for text in list_texts(each)]
    return [value] if isinstance(value, str) else []


class Page(HTMLParser):
    """Takes the elements, attributes and texts of a page apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_csv_holds_no_formula_and_tables_nothing_that_steers_a_terminal(run, command):
    rows = read_cells(run(*command))
    assert len({len(row) for row in rows}) == 1
    drawn = run(*command, "--format", "table")
    assert is_harmless(drawn)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_json_can_be_read_and_holds_no_sign_that_steers_a_terminal(run, command):
    text = run(*command, "--format", "json")
    assert json.loads(text)
    assert not {"\x1b", "\x07"} & set(text)


def test_the_forecast_names_series_and_targets_as_the_data_do(run):
    header, *rows = read_cells(run("predict"))
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert {unguard_formula(row["series_id"]) for row in found} == set(SERIES)
    assert {unguard_formula(row["target"]) for row in found} == set(TARGETS)
    lines = run("predict", "--format", "jsonl")
    assert not {"\x1b", "\x07"} & set(lines)
    told = [json.loads(line) for line in lines.split("\n")[:-1]]
    assert {(row["series_id"], row["target"]) for row in told} == {(s, t) for s in SERIES for t in TARGETS}


def test_every_forecast_of_every_model_is_written_as_text(run, tmp_path):
    run("compare-baselines", "--forecasts", str(tmp_path / "all.csv"))
    rows = read_cells((tmp_path / "all.csv").read_text(encoding="utf-8"))
    assert {unguard_formula(row[1]) for row in rows[1:]} == set(SERIES)


def test_a_clean_copy_names_its_columns_and_series_as_the_data_do(run, tmp_path):
    clean = run("ingest", *READ)
    header, *rows = read_cells(clean)
    assert {unguard_formula(name) for name in header} == {"time", ID, *TARGETS}
    assert {unguard_formula(row[header.index(f"'{ID}")]) for row in rows} == set(SERIES)
    (tmp_path / "clean.csv").write_text(clean, encoding="utf-8")
    assert run("predict", str(tmp_path / "clean.csv")) == run("predict", "DATA")


def test_the_result_of_train_and_what_it_says_are_text(shop):
    read_cells((shop / "ranking.csv").read_text(encoding="utf-8"))
    messages = (shop / "messages.txt").read_text(encoding="utf-8")
    assert is_harmless(messages)
    assert "[/b] flow [red]" in messages


def test_the_page_holds_names_as_text_only(shop):
    page = (shop / "forecast-model" / "report.html").read_text(encoding="utf-8")
    found = Page(page)
    assert not {"b", "img"} & set(found.elements)
    assert not {name for name in found.attributes if name.startswith("on")}
    assert "<script>alert" not in page
    assert not set(page) & set("\x1b\x07\u202e\u2066")
    assert any("[/b] flow [red]" in text for text in found.texts)


def test_the_markdown_report_holds_names_as_text_only(shop):
    text = (shop / "forecast-model" / "report.md").read_text(encoding="utf-8")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    parts = [part for token in tokens for part in (token, *(token.children or ()))]
    assert not {part.type for part in parts} & {"html_block", "html_inline", "link_open", "image", "strong_open"}
    assert is_harmless(text)
    shown = "\n".join("".join(part.content for part in token.children) for token in tokens if token.children)
    assert all(name in shown for name in ("[/b] flow [red]", '<script>alert("x")</script>', "@somebody </td>| x"))


def test_the_report_in_json_keeps_to_its_schema_and_names_everything_as_the_data_do(shop):
    document = json.loads((shop / "forecast-model" / "report.json").read_text(encoding="utf-8"))
    VALIDATOR.validate(document)
    assert {*SERIES, *TARGETS, FILE} <= set(list_texts(document))


def test_reports_that_are_written_anew_are_text_too(run, tmp_path):
    for name in ("again.md", "again.json"):
        run("report", "-o", str(tmp_path / name))
    assert is_harmless((tmp_path / "again.md").read_text(encoding="utf-8"))
    document = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    VALIDATOR.validate(document)
    assert {*SERIES, *TARGETS, FILE} <= set(list_texts(document))


def test_a_file_whose_name_is_no_text_gives_its_series_an_id_that_is_one(tmp_path, no_tensorflow):
    name = os.fsdecode(b"=\xff\x9b31m.csv")
    write_csv(tmp_path / name, make_rows(0, 300))
    flags = ("--model", "seasonal-naive", "--lookback", 48, "--horizon", 12)
    ending = forecast("train", name, *flags, cwd=tmp_path, env=no_tensorflow)
    assert ending.code == 0, ending.err
    assert is_harmless(ending.err)
    document = json.loads((tmp_path / "forecast-model" / "report.json").read_text(encoding="utf-8"))
    assert document["reading"]["sources"] == [name]
    table = forecast("predict", cwd=tmp_path).table
    assert {row["series_id"] for row in table} == {"'=\\xff\\x9b31m"}
