"""Counts and names in sentences."""

from __future__ import annotations

from collections.abc import Sequence


def count_things(n: int, noun: str) -> str:
    """Return `1 window` or `1,234 windows`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def name_some(names: Sequence[str]) -> str:
    """Return the first name, and that there are more where there are."""
    return f"{names[0]}, ..." if len(names) > 1 else names[0]
