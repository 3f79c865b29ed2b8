"""In which encoding a text table is written, told from pieces of its bytes.

UTF-8 and UTF-16 show themselves. What is neither is one byte per character (Latin-1, or cp1252 where it uses the
places that Latin-1 leaves empty) unless its bytes beyond ASCII come only in pairs that spell Korean, Chinese or
Japanese: in European text a letter with an accent mostly stands alone. Numbers and stamps are ASCII in all of them, so
that a wrong guess garbles names, never values.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from forecast_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_WIDE = {"utf-16-le": 2, "utf-16-be": 2, "utf-16": 2, "utf-32": 4, "utf-32-le": 4, "utf-32-be": 4}  # bytes per unit
_TEXT_CONTROLS = b"\t\n\r\x0c\x1a\x1b"
_HIGH = re.compile(rb"[\x80-\xff]+")
_KANA_OR_PAIRED = re.compile(rb"[\x82\x83][\x40-\xf1]|[\x81-\x9f\xe0-\xef][\x80-\xfc]")
_JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff\uff01-\uff9f\u2103\u3001\u3002]")
_FEWEST = 3  # bytes beyond ASCII that it takes to tell
_MOST_CONTROLS = 0.02  # share of control characters in a text; in UTF-8, which random bytes never are, rather more


def detect_encoding(label: str, pieces: Sequence[bytes], asked: str | None = None) -> str:
    """Return a codec of Python that reads these pieces of a file, the head first.

    Raises DataError where the bytes are no text, UsageError where the codec that was asked for cannot read them.
    """
    if asked is not None:
        _check_asked(label, pieces, asked)
        return "utf-8" if codecs.lookup(asked).name in ("utf-8", "utf-8-sig", "ascii") else asked
    marked = next((codec for mark, codec in _MARKS.items() if pieces[0].startswith(mark)), None)
    found = marked or _detect_wide(pieces[0])
    if found:
        return found
    data = b"".join(pieces)
    is_utf8 = _is_utf8(pieces[0]) and all(_is_utf8(_drop_tail(piece)) for piece in pieces[1:])
    controls = len(data.translate(None, bytes(set(range(32, 256)) | set(_TEXT_CONTROLS)))) / max(len(data), 1)
    if controls > (0.3 if is_utf8 else _MOST_CONTROLS):
        raise DataError(f"{label} is no text table", "CSV, TSV, their gzip, and Parquet are read")
    return "utf-8" if is_utf8 else _detect_narrow(_join_lines(pieces))


def decode_pieces(pieces: Sequence[bytes], encoding: str, *, is_whole: bool) -> list[str]:
    """Return the pieces as texts of whole lines; only the first starts where a line starts.

    `is_whole`: the first piece ends with the file.
    """
    head = pieces[0].decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    later = [_decode_later(piece, encoding, pieces[0][:2]) for piece in pieces[1:]]
    texts = [head.lstrip("\ufeff") if is_whole else _drop_last_line(head.lstrip("\ufeff"))]
    return texts + [_drop_last_line(_drop_first_line(text)) for text in later]


def explain_encoding(encoding: str) -> str:
    """Return the evidence for an encoding, as a phrase."""
    if encoding == "utf-8":
        return "every byte fits"
    if encoding in ("utf-16", "utf-32"):
        return "its byte order mark"
    if encoding in _WIDE:
        return "every other byte is zero"
    return "it is not UTF-8" if encoding in ("latin-1", "cp1252") else "its bytes beyond ASCII come in pairs"


def _check_asked(label: str, pieces: Sequence[bytes], asked: str) -> None:
    try:
        "a".encode(asked)
        reader = codecs.getincrementaldecoder(asked)("strict")
    except (LookupError, UnicodeError, ValueError, TypeError) as error:
        raise UsageError(f"{asked!r} is no encoding of text", "write one such as utf-8, latin-1 or cp949") from error
    try:
        reader.decode(pieces[0], final=False)
    except UnicodeError as error:
        where = ""
        if isinstance(error, UnicodeDecodeError):
            line = pieces[0].count(b"\n", 0, error.start) + 1
            where = f": byte 0x{error.object[error.start]:02x} in line {line}"
        fits = f"leave --encoding out: {detect_encoding(label, pieces)} fits"
        raise UsageError(f"{label} is not written in {asked}{where}", fits) from error


def _detect_wide(head: bytes) -> str | None:
    """Return the UTF-16 of a head without a mark: ASCII in it leaves every other byte zero."""
    even, odd = head[::2], head[1::2]
    if not odd:
        return None
    low, high = even.count(0) / len(even), odd.count(0) / len(odd)
    if high > 0.5 and low < 0.05:
        return "utf-16-le"
    return "utf-16-be" if low > 0.5 and high < 0.05 else None


def _is_utf8(piece: bytes) -> bool:
    """Return whether a piece is UTF-8, a character cut at its end aside."""
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(piece) - 3 and error.reason == "unexpected end of data"
    return True


def _drop_tail(piece: bytes) -> bytes:
    """Return a piece without the rest of a character that was cut at its beginning."""
    return piece[:3].lstrip(bytes(range(0x80, 0xC0))) + piece[3:]


def _detect_narrow(data: bytes) -> str:
    """Return the encoding of bytes that are neither ASCII nor UTF-8."""
    runs = _HIGH.findall(data)
    if sum(map(len, runs)) >= _FEWEST:
        odd = sum(len(run) % 2 for run in runs)
        if odd <= len(runs) // 50 and (found := _detect_paired(runs)):  # a piece may begin or end within a pair
            return found
        if _is_shift_jis(data, runs):
            return "cp932"
    return "cp1252" if any(0x80 <= byte < 0xA0 for run in runs for byte in run) else "latin-1"


def _detect_paired(runs: Sequence[bytes]) -> str | None:
    """Return the encoding of bytes that come in pairs only: Korean keeps to the leads of Hangul, Chinese does not."""
    pairs = [run[k : k + 2] for run in runs if len(run) % 2 == 0 for k in range(0, len(run), 2)]
    if any(pair[0] < 0xA1 or pair[1] < 0xA1 for pair in pairs):
        return None
    letters = [pair[0] for pair in pairs if pair[0] >= 0xAA]
    korean = sum(0xB0 <= lead <= 0xC8 for lead in letters)
    if len(letters) < 2:
        return None
    if korean >= 0.95 * len(letters):
        return "cp949"
    return "gb18030" if sum(0xB0 <= lead <= 0xF7 for lead in letters) == len(letters) else None


def _is_shift_jis(data: bytes, runs: Sequence[bytes]) -> bool:
    """Return whether bytes decode as Japanese; curly quotes of cp1252 would, too, but not pair after pair."""
    try:
        text = codecs.getincrementaldecoder("cp932")("strict").decode(data, final=False)
    except UnicodeDecodeError:
        return False
    foreign = [sign for sign in text if sign > "\x7f"]
    paired = len(_KANA_OR_PAIRED.findall(data))
    return len(foreign) >= 2 and _count_japanese(foreign) == len(foreign) and 2 * paired >= len(runs)


def _count_japanese(signs: Sequence[str]) -> int:
    return sum(_JAPANESE.match(sign) is not None for sign in signs)


def _decode_later(piece: bytes, encoding: str, mark: bytes) -> str:
    """Return a piece from further down as text; where characters are wide it may begin within one."""
    if encoding in ("utf-16", "utf-32"):  # without its mark a piece does not say which byte comes first
        encoding += "-be" if mark == codecs.BOM_UTF16_BE else "-le"
    texts = [piece[k:].decode(encoding, errors="replace") for k in range(_WIDE.get(encoding, 1))]
    return max(texts, key=lambda text: text.count("\n") + text.count("\r"))


def _join_lines(pieces: Sequence[bytes]) -> bytes:
    """Return the whole lines of the pieces: no character is cut there."""
    cut = [piece.partition(b"\n")[2].rpartition(b"\n")[0] for piece in pieces[1:]]
    return b"\n".join([pieces[0] if len(pieces) == 1 else pieces[0].rpartition(b"\n")[0], *cut])


def _drop_first_line(text: str) -> str:
    cuts = [place for place in (text.find("\n"), text.find("\r")) if place >= 0]
    return text[min(cuts) + 1 :] if cuts else ""


def _drop_last_line(text: str) -> str:
    cut = max(text.rfind("\n"), text.rfind("\r"))
    return text[: cut + 1] if cut >= 0 else text
