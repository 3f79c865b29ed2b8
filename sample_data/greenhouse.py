"""A heated, lit, vented greenhouse: 400 m2 of floor under 4 m of air, a step every ten minutes.

The balances are those of a well-stirred box; all flows are per m2 of floor.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from chance import Series, draw
from weather import HOURS, Sky

STEP = 1 / 6  # hours
HEIGHT = 4  # m
GLASS = 0.65  # the share of sunlight that comes in
LAMPS = 45  # W/m2, electrical


class House(NamedTuple):
    """The state of the greenhouse."""

    temp: float = 17  # °C
    ground: float = 15  # °C
    vapour: float = 11  # g/m3
    co2: float = 600  # ppm
    soil: float = 34  # % of volume
    vent: float = 0  # %
    heat: float = 0  # W/m2
    lamps: float = 0  # W/m2
    light: float = 0  # Wh/m2 since midnight


class Air(NamedTuple):
    """One step of the weather, and what clock, calendar and grower ask for."""

    temp: float  # °C
    sun: float  # W/m2
    wind: float  # m/s
    vapour: float  # g/m3
    clock: float  # hours
    setpoint: float  # °C
    dark_season: bool


def run_house(sky: Sky) -> Iterator[House]:
    """Yield the state of the greenhouse at every step of the weather."""
    house = House()
    dark = np.cos(2 * np.pi * (HOURS / 24 + 10) / 365) > -0.1
    for row in zip(*(x.tolist() for x in (*sky, HOURS % 24, choose_setpoint(), dark)), strict=True):
        house = step(house, Air(*row))
        yield house


def choose_setpoint() -> Series:
    """Return what the heater aims at (°C): warmer by day, and the grower shifts it a little each week."""
    day = np.clip(np.minimum((HOURS % 24 - 5) / 2, (21 - HOURS % 24) / 2), 0, 1)
    shifts = draw("setpoint").randint(-2, 3, 53) * 0.5
    return 16.5 + 2.5 * day + shifts[(HOURS // 168).astype(int)]


def step(house: House, air: Air) -> House:
    """Return the greenhouse ten minutes later."""
    lamps = switch_lamps(house, air)
    return House(
        temp=balance_temp(house, air),
        ground=approach(house.ground, house.temp, 4 / 60),
        vapour=balance_vapour(house, air),
        co2=balance_co2(house, air),
        soil=balance_soil(house, air),
        vent=move_vent(house, air),
        heat=clip(45 * (air.setpoint - house.temp), 0, 150),
        lamps=lamps,
        light=0.0 if air.clock < STEP / 2 else house.light + STEP * (GLASS * air.sun + lamps),
    )


def balance_temp(house: House, air: Air) -> float:
    """Return the temperature inside (°C): sun, lamps and heater against glass, vents and the ground."""
    loss = 4.5 + 0.25 * air.wind + HEIGHT * 0.335 * ventilate(house, air)  # W/(m2 K); 0.335 Wh warm 1 m3 by 1 K
    gain = 0.45 * GLASS * air.sun + 0.7 * house.lamps + house.heat  # the rest of the light evaporates water
    target = (loss * air.temp + 4 * house.ground + gain) / (loss + 4)
    return approach(house.temp, target, (loss + 4) / 11)


def balance_vapour(house: House, air: Air) -> float:
    """Return the vapour inside (g/m3): plants give it off, vents carry it away, it condenses on cold glass."""
    glass = hold(0.4 * house.temp + 0.6 * air.temp)
    drip = 1.2 if house.vapour > glass else 0.0
    changes = ventilate(house, air)
    target = (changes * air.vapour + drip * glass + transpire(house, air) / HEIGHT) / (changes + drip)
    return min(approach(house.vapour, target, changes + drip), hold(house.temp))


def balance_co2(house: House, air: Air) -> float:
    """Return CO2 (ppm): roots and leaves breathe, light takes it up, a doser adds by day, vents bring 420 ppm."""
    light = GLASS * air.sun + house.lamps
    breath = 0.6 * 2 ** ((house.temp - 20) / 10)  # g/m2/h, doubles with 10 K
    uptake = 5 * light / (light + 250) * house.co2 / (house.co2 + 400)
    dose = clip((850 - house.co2) / 60, 0, 4) if light > 30 and house.vent < 25 else 0.0
    changes = ventilate(house, air)
    return approach(house.co2, 420 + (breath - uptake + dose) * 546 / HEIGHT / changes, changes)


def balance_soil(house: House, air: Air) -> float:
    """Return the water in the soil (% of volume): plants drink 150 l/m2 of soil dry; watered at 7:00 and 14:00."""
    dried = house.soil - transpire(house, air) * STEP / 1500 - 0.02 * max(house.soil - 36, 0)  # what is over drains
    due = (air.clock == 7 and house.soil < 31) or (air.clock == 14 and house.soil < 30)
    return dried + 6 if due else dried


def move_vent(house: House, air: Air) -> float:
    """Return the vent's position (%): proportional to warmth above the setpoint, ajar when damp, slow to move."""
    band = 5 + 0.6 * max(house.temp - air.temp, 0)  # K from shut to open: cold air is let in with care
    warm = (house.temp - air.setpoint - 3.5) / band
    damp = (100 * house.vapour / hold(house.temp) - 85) / (5 * band)
    return house.vent + 0.4 * (100 * clip(max(warm, damp), 0, 1) - house.vent)


def switch_lamps(house: House, air: Air) -> float:
    """Return the lamps' power (W/m2): on in dull hours of the dark season until the day had its light."""
    limit = 180 if house.lamps else 110  # hysteresis: no flicker under broken cloud
    return LAMPS * float(air.dark_season and 4 <= air.clock < 20 and air.sun < limit and house.light < 1100)


def ventilate(house: House, air: Air) -> float:
    """Return air changes per hour: leaks, and what wind and warmth drive through the open vents."""
    return 0.35 + 0.06 * air.wind + house.vent / 100 * (7 + 3.5 * air.wind)


def transpire(house: House, air: Air) -> float:
    """Return the water that the plants give off (g/m2/h): driven by light and by the dryness of the air."""
    return 0.5 * GLASS * air.sun + 0.25 * house.lamps + 4 * max(hold(house.temp) - house.vapour, 0)


def hold(temp: float) -> float:
    """Return `weather.saturate` for one number, without NumPy's overhead."""
    return 216.7 * 6.112 * math.exp(17.62 * temp / (243.12 + temp)) / (temp + 273.15)


def approach(value: float, target: float, rate: float) -> float:
    """Return x one step on, where dx/dt = rate (1/h) times (target - x): exact, so that no rate is unstable."""
    return target + (value - target) * math.exp(-rate * STEP)


def clip(value: float, low: float, high: float) -> float:
    """Return value, kept between low and high."""
    return min(max(value, low), high)
