"""The weather at 52 degrees north, every ten minutes of a year that never was."""

import math
from typing import NamedTuple

import numpy as np
from chance import Series, draw, follow, wander

DAY = 144  # steps
YEAR = 365 * DAY
HOURS = np.arange(YEAR) / 6
FROST_DAY = 20  # the coldest of the average year


class Sky(NamedTuple):
    """The weather outside."""

    temp: Series  # °C
    sun: Series  # W/m2
    wind: Series  # m/s
    vapour: Series  # g/m3


def make_sky() -> Sky:
    """Return the weather: a year, its fronts, and days that warm in the sun and cool under a clear night sky."""
    chill, front = pass_fronts()
    winter = np.cos(2 * np.pi * (HOURS / 24 - FROST_DAY) / 365)
    cover = 1 / (1 + np.exp(-(0.9 + 0.5 * winter + 1.5 * wander("cloud", YEAR, 8 * 6) + front)))
    sun = dim(shine(), cover)
    air = 10 - 5.5 * winter + 3 * wander("air mass", YEAR, 4 * DAY) + chill
    temp = air + follow(0.02 * sun - 3.5 * (1 - cover), 3.5 * 6, 0.0)
    wind = 4 * np.exp(0.4 * wander("wind", YEAR, 10 * 6) + 0.1 * front)
    vapour = saturate(np.minimum(air - 1.5 + 1.2 * wander("moisture", YEAR, DAY), temp - 0.3))
    return Sky(temp, sun, wind, vapour)


def pass_fronts() -> tuple[Series, Series]:
    """Return the temperature (K) and the cloud that cold fronts bring: a drop within the hour, days to recover."""
    chance, chill, cloud, hour = draw("fronts"), np.zeros(YEAR), np.zeros(YEAR), 0.0
    while (hour := hour + 30 + chance.exponential(90)) < HOURS[-1]:
        age = np.maximum(HOURS - hour, 0)
        chill -= chance.uniform(2, 8) * (1 - np.exp(-age / 0.7)) * np.exp(-age / 40)
        cloud += 3 * np.exp(-(((HOURS - hour + 3) / 7) ** 2))  # clouds run ahead of the front,
        cloud -= 1.2 * np.exp(-(((HOURS - hour - 18) / 12) ** 2))  # and behind it the sky clears
    return chill, cloud


def shine() -> Series:
    """Return clear-sky radiation (W/m2): declination after Cooper (1969), irradiance after Haurwitz (1945)."""
    latitude = math.radians(52)
    tilt = np.radians(23.45) * np.sin(2 * np.pi * (285 + HOURS // 24) / 365)
    turn = np.pi * (HOURS % 24 - 12.6) / 12  # the sun is highest at 12:36: the clock stays on UTC+1 all year
    height = np.sin(latitude) * np.sin(tilt) + np.cos(latitude) * np.cos(tilt) * np.cos(turn)
    return np.where(height > 0.01, 1098 * height * np.exp(-0.057 / np.maximum(height, 0.01)), 0)


def dim(clear: Series, cover: Series) -> Series:
    """Return radiation under clouds (W/m2), after Kasten and Czeplak (1980); broken cloud flickers."""
    flicker = 1.2 * cover * (1 - cover) * wander("flicker", YEAR, 3)
    return clear * np.clip(1 - 0.75 * cover**3.4 + flicker, 0.08, 1.08)


def saturate(temp: Series) -> Series:
    """Return how much water vapour air can hold (g/m3) at °C, by the Magnus formula."""
    return 216.7 * 6.112 * np.exp(17.62 * temp / (243.12 + temp)) / (temp + 273.15)
