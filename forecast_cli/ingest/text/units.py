"""What a unit looks like, behind a number or in a row of its own under the header."""

from __future__ import annotations

import re

_SYMBOLS = (
    "m s g t l h d K A V W N J C F B Hz Pa Ah VA var Wh rad sr mol cd lm lx Bq Gy Sv S T Wb H \u03a9 \u2126 ohm bar "
    "min sec hr hrs hour hours day days year yr in ft mi nmi mile miles yd gal oz lb lbs psi psia psig inHg mmHg inH2O "
    "mmH2O mmWC mph kn kt kts knot knots rpm ppm ppb ppt pH NTU FNU FTU PSU psu DU AQI dB dBA dBm count counts cts "
    "pulse pulses imp ct eV cal kcal BTU kBTU kBTUh hp PS ha acre Torr atm at cfm cfs gpm gph lpm slpm sccm m3 m2 "
    "mm2 cm2 km2 cm3 dm3 ft3 Nm3 Sm3 degC degF deg degree degrees celsius fahrenheit kelvin Grad percent pct vol "
    "meter meters metre metres second seconds minute minutes liter liters litre litres gram grams pascal joule joules "
    "newton tesla lux volts volt amps amp watt watts RH rh arcsec mho siemens frac fraction ratio unitless none EUR USD"
)
_PREFIXES = ("", "k", "M", "G", "m", "c", "d", "h", "u", "n", "p", "\u00b5", "\u03bc")
_PREFIXED = "m s g l K A V W N J B Hz Pa Ah VA var Wh mol bar S T \u03a9 \u2126 ohm eV Torr L lx Sv Bq"
_KNOWN = frozenset([*_SYMBOLS.split(), "L", *(prefix + symbol for prefix in _PREFIXES for symbol in _PREFIXED.split())])
_SIGNS = re.compile(r"[%\u2030\u00b0\u2103\u2109\u00ba]|\u20ac|\$")
_POWER = re.compile(r"(\^?[-+\u207b]?[1234\u00b9\u00b2\u00b3\u2074])+$")
_BRACKETS = (("[", "]"), ("(", ")"), ("<", ">"), ("{", "}"))
_MOST = 16  # characters


def is_unit(text: str) -> bool:
    """Return whether a text is a unit: m/s, µg/m³, °C, %, kWh, mS cm-1."""
    bare = text.strip()
    if not 0 < len(bare) <= _MOST:
        return False
    parts = [part for part in re.split(r"[/*\u00b7\u22c5.]|\s+|\bper\b", strip_brackets(bare)) if part]
    return parts != ["1"] and bool(parts) and all(map(_is_factor, parts))


def strip_brackets(text: str) -> str:
    """Return a unit without the brackets around it."""
    bare = text.strip()
    for left, right in _BRACKETS:
        if bare.startswith(left) and bare.endswith(right):
            return bare[1:-1].strip()
    return bare


def is_bracketed(text: str) -> bool:
    """Return whether a cell is nothing but something in brackets, as units are often written: [rpm]."""
    bare = text.strip()
    return len(bare) > 1 and strip_brackets(bare) != bare


def _is_factor(part: str) -> bool:
    """Return whether a factor of a unit is known: a symbol, maybe to a power, or a sign such as °C."""
    if _SIGNS.search(part):
        return len(part) <= 6 and not any(sign.isdigit() for sign in part)
    bare = _POWER.sub("", part)
    return part in _KNOWN or bare in _KNOWN or part == "1" or (len(bare) > 2 and bare.lower() in _KNOWN)
