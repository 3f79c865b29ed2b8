"""Numbers and names as people read them; data output never passes through here."""

from __future__ import annotations

import math
import re
import unicodedata

ABSENT = "–"


def show_number(value: float | None, digits: int = 4) -> str:
    """Return a number with so many significant digits and thousands set apart, or a dash where it is unknown."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    if not -4 <= power < 9:
        return f"{value:.{digits - 1}e}"
    return f"{value:,.{max(0, digits - 1 - power)}f}"


def show_count(value: int | None) -> str:
    """Return a whole number with thousands set apart, or a dash where it is unknown."""
    return ABSENT if value is None else f"{value:,}"


def show_percent(value: float | None) -> str:
    """Return a share in percent (0 to 100) to one decimal, or a dash where it is unknown."""
    return ABSENT if value is None or not math.isfinite(value) else f"{value:.1f} %"


def show_text(value: object) -> str:
    r"""Return text in which what would be invisible, or would turn the direction of reading, is spelt out (\u202e)."""
    return re.sub(r"[^\x20-\x7e]", lambda match: _spell(match[0]), str(value))


def _spell(character: str) -> str:
    """Return the character itself if it can be seen, else its escape."""
    if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
