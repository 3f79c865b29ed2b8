"""Where the bytes come from: files, globs and stdin, each handed on under a name that we made.

DuckDB reads `a*b.csv` as a glob and a URL as a download, so a name of the user's never reaches it: globs are
expanded here, and each file is linked into a private temporary folder as `0`, `1`, ...
"""

from __future__ import annotations

import glob
import gzip
import re
import shutil
import stat
import sys
import tempfile
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from forecast_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEAD = 2**16  # bytes of a text source that are looked at before it is read
_FEWEST_LINES = 16  # in the head: a header can be longer than it
_MOST = 2**22  # bytes of a head
_PIECE = 2**14  # and of each place further down
_UNPACK = "unpack it, or pack it with gzip"
_EXPORT = "write it as CSV first, with the program that made it"
_FOREIGN = {  # what the first bytes say -> what it is, what to do
    b"PK\x03\x04": ("zip", f"{_UNPACK}; a spreadsheet (.xlsx) is to be saved as CSV"),
    b"BZh": ("bzip2", _UNPACK),
    b"\xfd7zXZ\x00": ("xz", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("zstandard", _UNPACK),
    b"\xd0\xcf\x11\xe0": ("spreadsheet (.xls)", "save it as CSV"),
    b"SQLite format 3": ("SQLite", _EXPORT),
    b"\x89HDF": ("HDF5", _EXPORT),
    b"CDF\x01": ("NetCDF", _EXPORT),
    b"ARROW1": ("Arrow", "write it as Parquet or CSV"),
    b"%PDF": ("PDF", _EXPORT),
}
_FOREIGN_TEXT = {
    "JSON": re.compile(rb'(\xef\xbb\xbf)?\s*((\[\s*)?\{\s*"[^"]*("\s*:|$)|\[\s*\[)'),
    "HTML or XML": re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|table|meta|head|\?xml)", re.IGNORECASE),
}


@dataclass(frozen=True)
class Source:
    """One input, whatever it is called."""

    label: str  # as the user wrote it, for messages
    stem: str  # the id of its series, unless a column holds ids
    path: Path  # a name that we made
    kind: Literal["text", "gzip", "parquet"]  # by content, not by extension
    size: int  # bytes when it was opened; it may grow while it is read


@contextmanager
def open_sources(names: Sequence[str]) -> Iterator[tuple[list[Source], Path]]:
    """Yield the inputs and a private temporary folder, which is gone afterwards.

    Raises DataError for what is missing, empty, a directory or an archive, and UsageError where stdin gives none.
    """
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        workspace = Path(folder)
        labels = [label for name in names for label in expand_name(name)]
        if not labels:
            raise UsageError("no data was named", "name a file, a glob, or - for stdin")
        if labels.count("-") > 1:
            raise UsageError("stdin was named twice", "name - once; it can be read only once")
        opened = [_open_source(label, workspace / str(k)) for k, label in enumerate(labels)]
        yield _separate_stems(opened), workspace


def expand_name(name: str) -> list[str]:
    """Return the files that a name stands for: itself, or what its wildcards match, sorted."""
    if name == "-" or not glob.has_magic(name) or _exists(name):
        return [name]
    matches = glob.iglob(name, recursive=True)  # noqa: PTH207 - a pattern may be absolute; Path.glob takes none
    found = sorted(match for match in matches if not Path(match).is_dir())
    if not found:
        raise DataError(f"no file matches {name!r}", "check the folder and the spelling")
    return found


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # too long, or with a NUL inside: no such file
        return False


def _open_source(label: str, path: Path) -> Source:
    if label == "-":
        _spool_stdin(path)
    else:
        _link_file(label, path)
    shown, stem = ("stdin", "stdin") if label == "-" else (label, cut_extension(label))
    head = _read_head(shown, path)
    return Source(shown, stem, path, _recognise(shown, head), path.stat().st_size)


def cut_extension(label: str) -> str:
    """Return the name of a file without its folder, its extension and a `.gz` behind that."""
    path = Path(label)
    return Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem


def _spool_stdin(path: Path) -> None:
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("- stands for stdin, which is closed here", "pipe data in: cat data.csv | forecast ... -")
    if sys.stdin.isatty():
        raise UsageError("- stands for stdin, which is a terminal here", "pipe data in: cat data.csv | forecast ... -")
    with path.open("wb") as spool:
        shutil.copyfileobj(sys.stdin.buffer, spool)


def _link_file(label: str, path: Path) -> None:
    """Make `path` a link to a file, or a copy of what a pipe delivers."""
    if not _exists(label):
        raise DataError(f"there is no file {label}", "check the folder and the spelling")
    mode = Path(label).stat().st_mode
    if stat.S_ISDIR(mode):
        raise DataError(f"{label} is a directory", f"name the files in it: '{label.rstrip('/')}/*.csv'")
    if stat.S_ISFIFO(mode):
        with Path(label).open("rb") as pipe, path.open("wb") as spool:
            shutil.copyfileobj(pipe, spool)
    elif stat.S_ISREG(mode):
        path.symlink_to(Path(label).resolve())
    else:
        raise DataError(f"{label} is a device, not a file", "name a file, or - for stdin")


def _read_head(label: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise DataError(f"{label} cannot be opened: {error.strerror}", "check its permissions") from error
    if not head:
        raise DataError(f"{label} is empty", "name a file with rows in it")
    return head


def _recognise(label: str, head: bytes) -> Literal["text", "gzip", "parquet"]:
    for magic, (name, hint) in _FOREIGN.items():
        if head.startswith(magic):
            raise DataError(f"{label} is {name} data, which is not read", hint)
    for name, form in _FOREIGN_TEXT.items():
        if form.match(head):
            raise DataError(f"{label} holds {name}, no table of rows and columns", _EXPORT)
    if head.startswith(b"PAR1"):
        return "parquet"
    return "gzip" if head.startswith(b"\x1f\x8b") else "text"


def _separate_stems(sources: list[Source]) -> list[Source]:
    """Return the sources with stems of their own: files of one name in several folders keep their folder."""
    counts = Counter(source.stem for source in sources)
    longer = [str(Path(s.label).with_name(s.stem)) if counts[s.stem] > 1 else s.stem for s in sources]
    repeated = Counter(longer)
    chosen = [stem if repeated[stem] == 1 else s.label for stem, s in zip(longer, sources, strict=True)]
    if len(set(chosen)) < len(chosen):
        twice = next(label for label, count in Counter(chosen).items() if count > 1)
        raise UsageError(f"{twice} is named twice", "name each file once")
    return [replace(source, stem=spell_name(stem)) for source, stem in zip(sources, chosen, strict=True)]


def spell_name(name: str) -> str:
    """Return the name of a file as a text: its bytes that are no UTF-8 are spelt out, as in `meter\\xff`."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _read_lines(file: IO[bytes] | gzip.GzipFile) -> bytes:
    """Return the head of a file: HEAD bytes, or as many times that as it takes to hold a few lines."""
    head = file.read(HEAD)
    while max(head.count(b"\n"), head.count(b"\r")) < _FEWEST_LINES and len(head) % HEAD == 0 and len(head) < _MOST:
        more = file.read(len(head))
        head += more
        if not more:
            break
    return head


def sample_pieces(source: Source) -> list[bytes]:
    """Return bytes of a text source: its head, and where it is longer six smaller pieces, the last from its end.

    Of gzip only the head, since the rest cannot be reached without unpacking all before it.
    """
    try:
        if source.kind == "gzip":
            with gzip.open(source.path) as packed:
                return [_read_lines(packed)]
        with source.path.open("rb") as file:
            length = source.size
            rest = max(length - HEAD, 0)
            places = [length - rest * k // 6 - _PIECE for k in range(5, -1, -1)] if rest > _PIECE else []
            head = _read_lines(file) if rest > _PIECE else file.read(length)
            return [head, *(file.read(_PIECE) for place in places if file.seek(place) == place)]
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{source.label} cannot be unpacked: {error}", "check that it was copied whole") from error
