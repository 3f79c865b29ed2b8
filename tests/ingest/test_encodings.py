"""Bytes into characters: what is recognised, what must be named, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import UsageError
from forecast_cli.ingest.text.encoding import decode_pieces, detect_encoding
from tests.ingest.test_dialects import restore

CASES = Path(__file__).parent.parent / "cases"
KOREAN = "시각,온도 (℃),습도\n" + "2025-01-01,1.5,60\n" * 5
JAPANESE = "日時,温度,湿度\n" + "2025-01-01,1.5,60\n" * 5
CHINESE = "时间,温度,湿度\n" + "2025-01-01,1.5,60\n" * 5
GERMAN = "Zeit;Temp (°C);Größe;Höhe über NN;Straße\n" + "2025-01-01;1,5;6,0;1,0;äöü\n" * 5


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (KOREAN, "cp949"),
        (JAPANESE, "cp932"),
        (CHINESE, "gb18030"),
        (GERMAN, "latin-1"),
        ("Débit (m³/h);Été;forêt;µg/m³;±1;½\n", "latin-1"),
        ("GRÖSSE;ÄÖ ÜÜ;Maß\n", "latin-1"),
        ("“Temp” – 5 €;‘x’…\n1;2\n", "cp1252"),
        ("“a” and “b” or “c”;it’s\n", "cp1252"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (JAPANESE, "utf-16-le"),
        (GERMAN, "utf-16"),
        (KOREAN, "utf-8"),
    ],
)
def test_an_encoding_is_told_from_its_bytes(text, encoding) -> None:
    data = text.encode(encoding)
    assert detect_encoding("f", [data]) == encoding
    assert decode_pieces([data], encoding, is_whole=True) == [text]


@pytest.mark.parametrize(
    ("name", "encoding", "column"),
    [
        ("korean_cp949.csv", "cp949", "온도 (℃)"),
        ("japanese_sjis.csv", "cp932", "温度"),
        ("utf16_without_mark.csv", "utf-16-le", "temp (°C)"),
        ("windows_1252.csv", "cp1252", "“temp” – °C"),
        ("latin1.csv", "latin-1", "temp (°C)"),
    ],
)
def test_names_come_through_every_encoding(reader, name, encoding, column) -> None:
    panel, reading = reader.read(str(CASES / name))
    assert panel.channels == (column,)
    np.testing.assert_allclose(restore(panel)[:, 0], [1.5, 2.5, 0.5])
    taken = {decision.what: decision for decision in reading.decisions}["encoding"]
    assert (taken.taken, taken.flag) == (encoding, "--encoding")
    assert reader.recorder.heard(f"encoding {encoding}")


def test_an_encoding_that_is_named_is_obeyed(reader) -> None:
    header = reader.read(str(CASES / "korean_cp949.csv"), encoding="latin-1")[1].header
    assert header[0] == "시각".encode("cp949").decode("latin-1")


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("utf-8", "is not written in utf-8: byte 0xb0 in line 1"),
        ("utf-16", "is not written in utf-16"),
        ("rot13", "is no encoding of text"),
        ("zlib", "is no encoding of text"),
        ("undefined", "is no encoding of text"),
        ("no-such", "is no encoding of text"),
    ],
)
def test_an_encoding_that_cannot_be_is_refused_with_the_one_that_fits(reader, encoding, message) -> None:
    with pytest.raises(UsageError, match=message):
        reader.load(GERMAN.encode("latin-1"), encoding=encoding)


def test_pieces_that_begin_within_a_character_are_cut_at_lines() -> None:
    data = GERMAN.encode("utf-16-le")
    head, later = decode_pieces([data[:200], data[201:333]], "utf-16-le", is_whole=False)
    assert GERMAN.startswith(head)
    assert later.count("\n") == 1
    assert later in GERMAN


def test_a_character_cut_at_the_end_of_a_piece_is_still_utf_8() -> None:
    data = ("größe\n" * 20).encode()
    assert detect_encoding("f", [data[:3], data[3:40]]) == "utf-8"


def test_carriage_returns_alone_end_lines_below_a_preamble(reader) -> None:
    panel, reading = reader.read(str(CASES / "cr_only.csv"))
    assert reading.header == ("time", "x")
    np.testing.assert_allclose(restore(panel)[:, 0], [1.5, 2.5, 0.5])
