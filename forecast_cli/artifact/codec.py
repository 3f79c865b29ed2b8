"""Frozen dataclasses to JSON and back, strictly: every field known, every value of its declared type."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from forecast_cli.errors import ArtifactError

T = TypeVar("T")
_OTHER_VERSION = "another version of forecast wrote it: train again, or read it with that version"


def encode(value: Any) -> Any:
    """Return the value as plain JSON: dataclasses as objects, tuples as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], value: Any, where: str = "model.json") -> T:
    """Return a `kind` made from JSON; ArtifactError names the place where it does not fit.

    Only the types that are declared in our own code are ever made; nothing in the JSON names a type.
    """
    return typing.cast(T, _decode(kind, value, where))


def _decode(kind: Any, value: Any, where: str) -> Any:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(typing.cast(type, kind), value, where)
    if origin is typing.Literal:
        return _expect(value in args and type(value) in {type(arg) for arg in args}, value, kind, where)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(args, value, kind, where)
    if origin is tuple:
        return _decode_tuple(args, value, where)
    if origin in (Mapping, dict):
        _expect(isinstance(value, dict), value, kind, where)
        return {key: _decode(args[1], item, f"{where}.{key}") for key, item in value.items()}
    if kind is float:
        known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return float(_expect(known, value, kind, where))
    return _expect(kind in (int, str, bool) and type(value) is kind, value, kind, where)


def _decode_dataclass(kind: type, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), value, kind, where)
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    if set(value) != set(names):
        odd = sorted(set(value) ^ set(names))
        raise ArtifactError(f"{where}: fields {', '.join(map(repr, odd))} are missing or unknown", _OTHER_VERSION)
    return kind(**{name: _decode(hints[name], value[name], f"{where}.{name}") for name in names})


def _decode_union(args: tuple[Any, ...], value: Any, kind: Any, where: str) -> Any:
    """Return the value as the one of the union's types that it fits; None only where the union holds it."""
    if value is None:
        return _expect(type(None) in args, value, kind, where)
    inner = [arg for arg in args if arg is not type(None)]
    if len(inner) == 1:
        return _decode(inner[0], value, where)
    return _expect(type(value) in inner, value, kind, where)


def _decode_tuple(args: tuple[Any, ...], value: Any, where: str) -> Any:
    _expect(isinstance(value, list), value, tuple, where)
    kinds = [args[0]] * len(value) if len(args) == 2 and args[1] is Ellipsis else list(args)
    _expect(len(kinds) == len(value), value, tuple, where)
    return tuple(_decode(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(kinds, value, strict=True)))


def _expect(fits: bool, value: Any, kind: Any, where: str) -> Any:
    if not fits:
        raise ArtifactError(f"{where}: {str(value)[:40]!r} is not {getattr(kind, '__name__', kind)}")
    return value
