"""One piece of a text table into arrays: quickly where it has no flaw, else carefully, with an account of its flaws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from forecast_cli.ingest.csv_sql import find_codes, is_plain, write_careful_relation, write_quick_relation
from forecast_cli.ingest.flaws import fetch_rejects, find_rows, prepare_rejects
from forecast_cli.ingest.parts import Flaws, Part, take_part
from forecast_cli.ingest.query import blame, fetch_columns
from forecast_cli.ingest.rejects import SHOWN, gather_rejects
from forecast_cli.ingest.repair import repair_piece

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from forecast_cli.ingest.desks import Desk
    from forecast_cli.ingest.dialect import Dialect
    from forecast_cli.ingest.parts import Ask
    from forecast_cli.ingest.pieces import Piece
    from forecast_cli.ingest.rejects import Rejected
    from forecast_cli.ingest.table import Scan

_MOST_TRIES = 2  # pieces with a flaw, after which the quick way is not tried any more


@dataclass
class PieceReader:
    """Reads pieces of one file; several threads may share it."""

    scan: Scan
    dialect: Dialect
    ask: Ask
    n_flawed: int = 0
    n_unread: int = 0

    def __post_init__(self) -> None:
        forms, samples = self.scan.forms, self.scan.samples
        plain = [k for k in self.ask.numbers if k not in self.ask.texts and is_plain(forms[k])]
        self._plain: Mapping[int, Sequence[str]] = {k: find_codes(samples[k], forms[k]) for k in plain}

    def read(self, desk: Desk, piece: Piece) -> Part:
        """Return the rows of a piece; raises DataError where DuckDB can make nothing of it."""
        part = self._read_quickly(desk, piece) if self.n_flawed < _MOST_TRIES else None
        if part is None:
            self.n_flawed += 1
            part = self._read_carefully(desk, piece)
        return part

    def _read_quickly(self, desk: Desk, piece: Piece) -> Part | None:
        """Return the rows of a piece; None where it has a flaw."""
        import duckdb

        desk.put(piece.data)
        relation = write_quick_relation(desk.path, len(piece.data), self.dialect, self._plain)
        try:
            part = take_part(self._fetch(desk, relation, self._plain), self.ask, self._plain)
        except duckdb.Error:
            return None
        lines = range(piece.first_line, piece.first_line + piece.data.count(b"\n") + 1)
        unread = self._list_unread(part, piece.data, lines, ())
        return replace(part, flaws=Flaws(gather_rejects(piece.rejects), unread, unfinished=piece.unfinished))

    def _read_carefully(self, desk: Desk, piece: Piece) -> Part:
        """Return the rows of a piece without the lines that are none."""
        repaired = repair_piece(piece, self.dialect)
        desk.put(repaired.data)
        prepare_rejects(desk.connection)
        relation = write_careful_relation(desk.path, len(repaired.data), self.dialect, keeps_rejects=True)
        with blame(self.scan.source):
            part = take_part(self._fetch(desk, relation, ()), self.ask)
            left_out = fetch_rejects(desk.connection, repaired, self.dialect)
        flaws = Flaws(
            rejects=gather_rejects([*piece.rejects, *repaired.rejects, *left_out.values()]),
            unread=self._list_unread(part, repaired.data, repaired.numbers, left_out),
            repeated=repaired.repeated,
            repaired=frozenset([piece.number]),
            unfinished=piece.unfinished,
        )
        return replace(part, flaws=flaws)

    def _fetch(self, desk: Desk, relation: str, plain: Collection[int]) -> list[Any]:
        found = fetch_columns(desk.connection, self.scan.write_query(self.ask, relation, plain))
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
