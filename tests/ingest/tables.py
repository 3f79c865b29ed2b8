"""Tables of numbers and instants, and every way to write one: what the reader is held against."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

STEPS = {"1s": 1, "10s": 10, "1min": 60, "5min": 300, "15min": 900, "1h": 3600, "6h": 21600, "1D": 86400}
NAMES = ("temp", "flow [m3/h]", "Pression (bar)", "température", "x1", "CO2; ppm", 'the "red" one')
MISSING = ("", "NA", "NaN", "null", "--", "#N/A")


@dataclass(frozen=True)
class Table:
    """Regular instants, some left out, and one column of decimals per name; NaN where there is no value."""

    freq: str
    start: np.datetime64
    rows: tuple[int, ...]  # steps from the start that are written
    names: tuple[str, ...]
    values: np.ndarray  # (rows, columns), three decimals at most

    @property
    def instants(self) -> np.ndarray:
        return self.start + np.array(self.rows) * np.timedelta64(STEPS[self.freq], "s")


@dataclass(frozen=True)
class Spelling:
    """One way to write a table."""

    time: str = "iso"
    delimiter: str = ","
    decimal: str = "."
    end: str = "\n"
    encoding: str = "utf-8"
    order: str = "ascending"
    missing: str = ""
    quoted: bool = False
    trailing: bool = False
    preamble: int = 0
    units: bool = False
    blanks: int = 0
    repeats: bool = False  # one row stands twice
    packed: bool = False
    time_last: bool = False


@st.composite
def tables(draw: st.DrawFn) -> Table:
    freq = draw(st.sampled_from(sorted(STEPS)))
    n = draw(st.integers(24, 60))
    gaps = draw(st.sets(st.integers(1, n - 2), max_size=n // 6))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    day = draw(st.integers(10_000, 20_000))  # 1997 to 2024
    within = 0 if freq == "1D" else draw(st.integers(0, 86_399 // STEPS[freq])) * STEPS[freq]
    seed = draw(st.integers(0, 2**32 - 1))
    noise = np.random.default_rng(seed)
    values = np.round(noise.normal(20, 10 ** draw(st.integers(-1, 4)), (n, len(names))), 3)
    values[noise.random(values.shape) < draw(st.sampled_from([0.0, 0.05]))] = np.nan
    rows = tuple(k for k in range(n) if k not in gaps)
    start = np.datetime64(day, "D").astype("datetime64[s]") + np.timedelta64(within, "s")
    return Table(freq, start, rows, tuple(names), values[list(rows)])


def spellings() -> st.SearchStrategy[Spelling]:
    return st.builds(
        Spelling,
        time=st.sampled_from(sorted(CLOCKS)),
        delimiter=st.sampled_from([",", ";", "\t", "|"]),
        decimal=st.sampled_from([".", ","]),
        end=st.sampled_from(["\n", "\r\n", "\r"]),
        encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]),
        order=st.sampled_from(["ascending", "descending", "shuffled"]),
        missing=st.sampled_from(MISSING),
        quoted=st.booleans(),
        trailing=st.booleans(),
        preamble=st.integers(0, 3),
        units=st.booleans(),
        blanks=st.integers(0, 3),
        repeats=st.booleans(),
        packed=st.booleans(),
        time_last=st.booleans(),
    ).map(settle)


def settle(spelling: Spelling) -> Spelling:
    """Return the spelling without what nobody could read: between commas "20,126" may be thousands."""
    if spelling.delimiter == "," and spelling.decimal == ",":
        return replace(spelling, decimal=".")
    return spelling


CLOCKS = {
    "iso": lambda t: [t.strftime("%Y-%m-%d %H:%M:%S")],
    "iso with T": lambda t: [t.strftime("%Y-%m-%dT%H:%M:%S")],
    "zulu": lambda t: [t.strftime("%Y-%m-%dT%H:%M:%SZ")],
    "offset": lambda t: [t.strftime("%Y-%m-%dT%H:%M:%S+02:00")],
    "compact": lambda t: [t.strftime("%Y%m%dT%H%M%S")],
    "slashes": lambda t: [t.strftime("%Y/%m/%d %H:%M:%S")],
    "day first": lambda t: [t.strftime("%d/%m/%Y %H:%M:%S")],
    "month first": lambda t: [t.strftime("%m/%d/%Y %H:%M:%S")],
    "german": lambda t: [t.strftime("%d.%m.%Y %H:%M:%S")],
    "two digits": lambda t: [t.strftime("%d.%m.%y %H:%M:%S")],
    "am and pm": lambda t: [t.strftime("%m/%d/%Y %I:%M:%S %p")],
    "month name": lambda t: [t.strftime("%d-%b-%Y %H:%M:%S")],
    "two columns": lambda t: [t.strftime("%d/%m/%Y"), t.strftime("%H.%M.%S")],
    "two iso columns": lambda t: [t.strftime("%Y-%m-%d"), t.strftime("%H:%M:%S")],
    "epoch": lambda t: [str(int((t - EPOCH).total_seconds()))],
    "milliseconds": lambda t: [str(int((t - EPOCH).total_seconds()) * 1000)],
}
EPOCH = np.datetime64(0, "s").item()
DAY_FIRST = {"day first": True, "german": True, "two digits": True, "two columns": True, "month first": False}
DAY_FIRST["am and pm"] = False


def write(table: Table, spelling: Spelling) -> bytes:
    """Return the table as a file."""
    records = [_write_row(table, k, spelling) for k in range(len(table.rows))]
    if spelling.repeats:
        records.append(records[len(records) // 2])
    if spelling.order == "descending":
        records.reverse()
    if spelling.order == "shuffled":
        np.random.default_rng(0).shuffle(records)
    n_times = len(CLOCKS[spelling.time](EPOCH))
    times = ["Date", "Time"] if n_times == 2 else ["timestamp"]
    head = [_order(times, list(table.names), spelling)]
    if spelling.units:
        head.append(_order([""] * n_times, ["°C"] * len(table.names), spelling))
    width = len(head[0])
    lines = [_join(record, spelling) for record in [*head, *records, *[[""] * width] * spelling.blanks]]
    above = ["Logger 4711", "Site: North", "Firmware 2.1"][: spelling.preamble]
    text = "".join(line + spelling.end for line in [*above, *lines])
    data = text.encode(spelling.encoding, errors="replace")
    return gzip.compress(data, mtime=0) if spelling.packed else data


def _write_row(table: Table, k: int, spelling: Spelling) -> list[str]:
    cells = [_write_number(value, spelling) for value in table.values[k]]
    return _order(CLOCKS[spelling.time](table.instants[k].item()), cells, spelling)


def _order(times: list[str], others: list[str], spelling: Spelling) -> list[str]:
    return [*others, *times] if spelling.time_last else [*times, *others]


def _write_number(value: float, spelling: Spelling) -> str:
    if np.isnan(value):
        return spelling.missing
    return f"{value:.3f}".replace(".", spelling.decimal)


def _join(cells: list[str], spelling: Spelling) -> str:
    written = [_quote(cell, spelling) for cell in cells]
    return spelling.delimiter.join([*written, ""] if spelling.trailing else written)


def _quote(cell: str, spelling: Spelling) -> str:
    if spelling.quoted or any(sign in cell for sign in (spelling.delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell
