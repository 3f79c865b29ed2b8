import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.artifact.codec import decode, encode
from forecast_cli.errors import ArtifactError
from forecast_cli.types import Columns, ReadingOptions, RunConfig, Training, Window


@dataclass(frozen=True)
class Thing:
    name: str
    size: int
    share: float
    maybe: int | None
    kind: Literal["a", "b"]
    pair: tuple[int, int]
    many: tuple[str, ...]
    table: Mapping[str, float]
    flag: bool


THING = Thing("x", 3, 0.5, None, "a", (1, 2), ("p", "q"), {"k": 1.0}, True)


def test_a_dataclass_comes_back_equal():
    assert decode(Thing, encode(THING)) == THING
    config = RunConfig("1h", 24, Window(10, 2), (7, 8, 10), "linear", None, Training(), (80,))
    assert decode(RunConfig, encode(config)) == config
    options = ReadingOptions(Columns(("t",), ("a", "b")), "1h", "7d", 3, aggregate=(("rain", "sum"),), day_first=True)
    assert decode(ReadingOptions, encode(options)) == options


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 3),
        ("size", True),
        ("size", 1.5),
        ("share", "0.5"),
        ("share", float("nan")),
        ("maybe", "3"),
        ("kind", "c"),
        ("pair", [1]),
        ("pair", [1, "2"]),
        ("many", "pq"),
        ("table", [1]),
        ("table", {"k": "v"}),
        ("flag", 1),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(field, value):
    with pytest.raises(ArtifactError, match=rf"model\.json\.{field}"):
        decode(Thing, {**encode(THING), field: value})


def test_missing_and_unknown_fields_are_refused():
    raw = encode(THING)
    with pytest.raises(ArtifactError, match="'extra'"):
        decode(Thing, {**raw, "extra": 1})
    del raw["size"]
    with pytest.raises(ArtifactError, match="'size'"):
        decode(Thing, raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_a_thing_or_an_artifact_error(value):
    with contextlib.suppress(ArtifactError):
        assert isinstance(decode(Thing, value), Thing)
