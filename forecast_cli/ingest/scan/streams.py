"""The text of a file as UTF-8 from its beginning to its end, however it is packed and encoded.

The end is where the file ended when it was opened: a logger may go on writing while it is read.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from forecast_cli.ingest.scan.sources import Source

_BUFFER = 2**18


class FileUntil(io.RawIOBase):
    """The first bytes of a file, as many as it had when it was opened."""

    def __init__(self, path: Path, size: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._size = size

    def readable(self) -> bool:
        """Return True: it is read."""
        return True

    def seekable(self) -> bool:
        """Return False: it is read once, from its beginning."""
        return False

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` of the bytes that follow, b"" at the end."""
        room = self._size - self._file.tell()
        return self._file.read(room if size < 0 else min(size, room)) or b""

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer with what follows; return the number of bytes, 0 at the end."""
        room = min(len(buffer), self._size - self._file.tell())
        return self._file.readinto(buffer[:room]) or 0 if room > 0 else 0

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._file.tell()

    @property
    def is_read(self) -> bool:
        """Whether nothing is left."""
        return self._file.tell() >= self._size

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class TextStream:
    """The text of a source, in UTF-8 and in order."""

    def __init__(self, raw: FileUntil, source: Source, encoding: str) -> None:
        self._raw = raw
        self._bytes = gzip.GzipFile(fileobj=io.BufferedReader(raw, _BUFFER)) if source.kind == "gzip" else raw
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)(errors="replace")
        self._is_plain = self._bytes is raw and self._decoder is None
        self.label = source.label
        self._is_first = True
        self._has_only_returns: bool | None = None  # not known yet

    def read(self, size: int, before: bytes = b"") -> bytearray:
        """Return a text and what follows it, of the next `size` bytes; nothing follows at the end.

        Raises DataError where they cannot be unpacked.
        """
        data = self._fill(size, before) if self._is_plain else bytearray(before) + self._unpack(size)
        if self._is_first:
            self._is_first, data = False, data.removeprefix(codecs.BOM_UTF8)
        if self._has_only_returns is None and (b"\n" in data or b"\r" in data[:-1]):  # the last may be half of an end
            self._has_only_returns = b"\n" not in data
        return data.replace(b"\r", b"\n") if self._has_only_returns else data

    def tell(self) -> int:
        """Return how many bytes of the file were used up."""
        return self._raw.tell()

    @property
    def is_read(self) -> bool:
        """Whether the next read surely gives nothing."""
        return self._is_plain and self._raw.is_read

    def _fill(self, size: int, before: bytes) -> bytearray:
        """Return a text and the next bytes of the file, without a copy of them."""
        data = bytearray(len(before) + size)
        data[: len(before)] = before
        with memoryview(data)[len(before) :] as view:
            count = self._raw.readinto(view)
        del data[len(before) + count :]
        return data

    def _unpack(self, size: int) -> bytes:
        try:
            data = self._bytes.read(size)
            while self._decoder is not None:
                text = self._decoder.decode(data, final=not data)
                if text or not data:  # no text of some bytes: they are the beginning of a character
                    return text.encode("utf-8", errors="replace")
                data = self._bytes.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{self.label} cannot be unpacked: {error}", "check that it was copied whole") from error
        return data


@contextmanager
def open_stream(source: Source, encoding: str) -> Iterator[TextStream]:
    """Yield the text of a source, up to the size that it had when it was opened."""
    with FileUntil(source.path, source.size) as raw:
        yield TextStream(raw, source, encoding)
