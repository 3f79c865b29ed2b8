"""One piece of a text table into arrays.

By NumPy alone where all of it is plain, by DuckDB quickly where it has no flaw, else carefully, with an account of its
flaws: each way gives the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from forecast_cli.ingest.scan.csv_sql import find_codes, is_plain, write_careful_relation, write_quick_relation
from forecast_cli.ingest.scan.flaws import fetch_rejects, find_rows, prepare_rejects
from forecast_cli.ingest.scan.parts import Flaws, Part, take_part
from forecast_cli.ingest.scan.plain_lane import plan_lane
from forecast_cli.ingest.scan.query import blame, fetch_columns
from forecast_cli.ingest.scan.rejects import SHOWN, gather_rejects
from forecast_cli.ingest.scan.reordered import refuse_reordered
from forecast_cli.ingest.scan.repair import may_be_spoilt, repair_piece

if TYPE_CHECKING:
    from collections.abc import Collection

    from forecast_cli.ingest.scan.desks import Desk
    from forecast_cli.ingest.scan.parts import Ask
    from forecast_cli.ingest.scan.pieces import Piece
    from forecast_cli.ingest.scan.rejects import Rejected
    from forecast_cli.ingest.scan.table import Scan
    from forecast_cli.ingest.text.dialect import Dialect

Codes: TypeAlias = Mapping[int, Sequence[str]]  # columns of plain numbers: the codes for a missing value in them

_MOST_TRIES = 2  # pieces with a flaw, after which the quick way is not tried any more
_MOST_GIVEN_UP = 8  # columns
_NO_NUMBER = re.compile(r'^Error when converting column "c(\d+)"', re.MULTILINE)


@dataclass
class PieceReader:
    """Reads pieces of one file; several threads may share it."""

    scan: Scan
    dialect: Dialect
    ask: Ask
    n_flawed: int = 0
    n_given_up: int = 0
    n_unusual: int = 0
    n_unread: int = 0
    n_not_plain: int = 0

    def __post_init__(self) -> None:
        forms, samples = self.scan.forms, self.scan.samples
        plain = [k for k in self.ask.numbers if k not in self.ask.texts and is_plain(forms[k])]
        self._plain: Codes = {k: find_codes(samples[k], forms[k]) for k in plain}
        self._lane = plan_lane(self.scan, self.dialect, self.ask)

    def read(self, desk: Desk, piece: Piece) -> Part:
        """Return the rows of a piece; raises DataError where DuckDB can make nothing of it."""
        part = self._read_plainly(piece)
        if part is not None:
            return part
        part = self._read_quickly(desk, piece) if self.n_flawed < _MOST_TRIES else None
        if part is None:
            self.n_flawed += 1
            part = self._read_carefully(desk, piece)
        if any(part.n_bad):
            refuse_reordered(self.scan.source.label, piece, self.dialect)
        return part

    def _read_plainly(self, piece: Piece) -> Part | None:
        """Return the rows of a piece that is plain throughout, else None; few are tried in a file of others."""
        if self._lane is None or self.n_not_plain >= _MOST_TRIES:
            return None
        part = self._lane.read(piece)
        self.n_not_plain += 1 if part is None else -1
        return part

    def _read_quickly(self, desk: Desk, piece: Piece) -> Part | None:
        """Return the rows of a piece; None where it has a flaw.

        A column of whose cells one is no number is read as text from now on; it is no flaw of the lines.
        """
        import duckdb

        desk.put(piece.data)
        part = None
        while part is None:
            plain = self._plain
            relation = write_quick_relation(desk.path, piece.data, self.dialect, plain)
            try:
                part = self._take_usual(desk, relation, plain) or self._take(desk, relation, self.ask, plain)
            except duckdb.Error as error:
                if not self._give_up_column(str(error), piece, plain):
                    return None
        unread = self._list_unread(part, piece.data, piece.lines, ())
        return replace(part, flaws=Flaws(gather_rejects(piece.rejects), unread, unfinished=piece.unfinished))

    def _give_up_column(self, message: str, piece: Piece, plain: Codes) -> bool:
        """Take the column that a message is about out of those that are read as numbers; return whether there is one.

        Not where whole lines may be at fault, or where one column after the other is.
        """
        found = _NO_NUMBER.search(message)
        if found is None or self.n_given_up >= _MOST_GIVEN_UP or may_be_spoilt(piece):
            return False
        self.n_given_up += 1
        self._plain = {k: codes for k, codes in plain.items() if k != int(found[1])}
        return True

    def _read_carefully(self, desk: Desk, piece: Piece) -> Part:
        """Return the rows of a piece without the lines that are none."""
        repaired = repair_piece(piece, self.dialect)
        desk.put(repaired.data)
        prepare_rejects(desk.connection)
        relation = write_careful_relation(desk.path, len(repaired.data), self.dialect, keeps_rejects=True)
        with blame(self.scan.source):
            part = take_part(self._fetch(desk, relation, self.ask, ()), self.ask)
            left_out = fetch_rejects(desk.connection, repaired, self.dialect)
        flaws = Flaws(
            rejects=gather_rejects([*piece.rejects, *repaired.rejects, *left_out.values()]),
            unread=self._list_unread(part, repaired.data, repaired.numbers, left_out),
            repeated=repaired.repeated,
            repaired=frozenset([piece.number]),
            unfinished=piece.unfinished,
        )
        return replace(part, flaws=flaws)

    def _take_usual(self, desk: Desk, relation: str, plain: Codes) -> Part | None:
        """Return the rows of a piece if every time is in the usual form, which has no offset; else None."""
        if len(self.ask.usual) < len(self.ask.times) or self.n_unusual >= _MOST_TRIES:
            return None
        part = self._take(desk, relation, replace(self.ask, times=self.ask.usual, offsets=()), plain)
        if not all(readable.all() for readable in part.readable):
            self.n_unusual += 1
            return None
        return replace(part, offsets=[np.zeros(part.n_rows, dtype=np.int16) for _ in self.ask.offsets])

    def _take(self, desk: Desk, relation: str, ask: Ask, plain: Codes) -> Part:
        return take_part(self._fetch(desk, relation, ask, plain), ask, plain)

    def _fetch(self, desk: Desk, relation: str, ask: Ask, plain: Collection[int]) -> list[Any]:
        found = fetch_columns(desk.connection, self.scan.write_query(ask, relation, plain))
        return [found.pop(f"r{k}") for k in range(len(found))]

    def _list_unread(
        self, part: Part, data: bytes | bytearray, lines: Sequence[int], left_out: Collection[int]
    ) -> tuple[tuple[Rejected, ...], ...]:
        """Return the first rows with a number but no time, for each way to read it."""
        found = []
        for k in range(len(part.times)):
            rows = part.list_unread(k)[:SHOWN].tolist() if self.n_unread < SHOWN * len(part.times) else []
            self.n_unread += len(rows)
            text = bytes(data) if rows else b""
            found.append(tuple(find_rows(rows, part.n_rows, text, lines, left_out, self.dialect)))
        return tuple(found)
