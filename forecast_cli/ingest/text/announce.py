"""What is said of how a file is written: one line where it is unusual, a decision for each thing that was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.ingest.journal import list_names, say_count
from forecast_cli.ingest.text.delimiter import DELIMITERS
from forecast_cli.ingest.text.encoding import explain_encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.ingest.journal import Journal
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.ingest.text.dialect import Dialect
    from forecast_cli.types import ReadingOptions

_SEPARATORS = {",": "a comma", ".": "a point", " ": "a space", "'": "an apostrophe"}


def announce_dialects(scans: Sequence[Scan], options: ReadingOptions, journal: Journal) -> None:
    """Keep what was taken of the first file's dialect, and say what is not the usual; of others, what differs."""
    dialect = scans[0].dialect
    if dialect is None:
        journal.decide("format", "Parquet", "its first bytes", said=False)
    else:
        _decide_signs(dialect, options, journal)
        _decide_header(scans[0], dialect, journal)
        _note_names(scans[0], dialect, journal)
    told = {_describe(dialect) if dialect else ""}
    for scan in scans[1:]:
        other = scan.dialect
        if other is not None and _describe(other) not in told:
            told.add(_describe(other))
            journal.note(f"format of {scan.source.label}: {_describe(other)} ({other.fit})", "--delimiter")
        if other is not None and other.signs and other.signs.doubt:
            journal.warn(f"{scan.source.label}: {other.signs.doubt}, though no number decides", "--decimal")


def _describe(dialect: Dialect) -> str:
    delimiter = DELIMITERS.get(dialect.delimiter, dialect.delimiter)
    return f"delimiter {delimiter}  decimal {dialect.decimal}  encoding {dialect.encoding}"


def _decide_signs(dialect: Dialect, options: ReadingOptions, journal: Journal) -> None:
    delimiter = DELIMITERS.get(dialect.delimiter, dialect.delimiter)
    fit = "as asked" if options.delimiter else dialect.fit
    signs = dialect.signs
    journal.decide("delimiter", delimiter, fit, "--delimiter", said=False)
    journal.decide("decimal", dialect.decimal, signs.evidence if signs else "", "--decimal", said=False)
    why = "as asked" if options.encoding else explain_encoding(dialect.encoding)
    journal.decide("encoding", dialect.encoding, why, "--encoding", said=False)
    if (dialect.delimiter, dialect.decimal, dialect.encoding) != (",", ".", "utf-8"):
        flag = "--encoding" if dialect.encoding != "utf-8" else "--delimiter"
        journal.note(f"format: {_describe(dialect)} ({fit})", flag)
    if dialect.thousands:
        sign = _SEPARATORS[dialect.thousands]
        journal.decide("thousands", sign, "it parts groups of three digits", "--decimal", said=dialect.thousands != ",")
    if signs and signs.doubt:
        journal.warn(f"{signs.doubt}, though no number decides", "--decimal")


def _decide_header(scan: Scan, dialect: Dialect, journal: Journal) -> None:
    if dialect.has_header:
        journal.decide("header", f"line {dialect.preamble + 1}", "it names what stands below", said=False)
    else:
        journal.decide("header", "none", "the first line holds numbers", said=scan.names == dialect.names)
    above = dialect.preamble - dialect.levels + 1
    if dialect.has_header and dialect.levels > 1:
        journal.note(f"two lines name the columns: {list_names(scan.names)}")
    if above and dialect.has_header:
        journal.note(f"left out {say_count(above, 'line')} above the header")
    elif dialect.preamble and not dialect.has_header:
        journal.note(f"left out {say_count(dialect.preamble, 'line')} above the first row of numbers")


def _note_names(scan: Scan, dialect: Dialect, journal: Journal) -> None:
    if dialect.has_header and dialect.below:
        known = tuple(unit for unit in dict.fromkeys(dialect.units) if unit)
        what = f"the units ({list_names(known)})" if known else "more on the names"
        journal.note(f"took {say_count(dialect.below, 'line')} below the header as {what}, not as data")
    if dialect.repeated:
        shown = dialect.repeated[0]
        journal.note(f"several columns are called {list_names(dialect.repeated)}: read as {shown}, {shown}_2, ...")
    unnamed = [
        name
        for k, (name, cells) in enumerate(zip(dialect.names, dialect.samples, strict=True))
        if name == f"column_{k + 1}" and any(cells)
    ]
    if dialect.has_header and scan.names == dialect.names:
        _warn_of_width(dialect, unnamed, journal)
    if unnamed and dialect.has_header and scan.names == dialect.names:
        verb = "has" if len(unnamed) == 1 else "have"
        journal.note(f"{say_count(len(unnamed), 'column')} {verb} no name: called {list_names(unnamed)}")


def _warn_of_width(dialect: Dialect, unnamed: Sequence[str], journal: Journal) -> None:
    """Warn where the header has more names than the rows have cells, or fewer."""
    width, named = len(dialect.names), len(dialect.header)
    if dialect.pads:
        told = f"the header names {width} columns, the rows have fewer cells"
    elif any(name in dialect.names[named:] for name in unnamed):
        told = f"the header names {named} of {width} columns"
    else:
        return
    journal.warn(f"{told}: the names may stand above others")
