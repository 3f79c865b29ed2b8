"""What a logger in the greenhouse wrote: noise, resolution, and the defects that real loggers leave."""

import numpy as np
from chance import SENTINEL, Flags, Series, Table, count_time, draw, pick, wander
from greenhouse import House, run_house
from weather import DAY, YEAR, Sky, make_sky, saturate

FLOOR = 400  # m2
DECIMALS = (1, 0, 1, 1, 0, 1, 0, 2)  # of the columns of `measure`
DEAD = slice(230 * DAY + 36, 231 * DAY + 130)  # the humidity sensor, from 19 August 06:00
OUTAGES = (  # rows that were never written
    slice(48 * DAY + 85, 48 * DAY + 105),  # 18 February, from 14:10
    slice(171 * DAY + 100, 171 * DAY + 137),  # 21 June, from 16:40: a thunderstorm
    slice(312 * DAY + 15, 312 * DAY + 29),  # 9 November, from 02:30
)


def make_greenhouse() -> tuple[dict[str, list[str]], Table]:
    """Return the label (timestamp) and the eight columns of greenhouse.csv, defects and all."""
    sky = make_sky()
    table = spoil(measure(sky, list(run_house(sky))))
    kept = np.flatnonzero(keep_rows())
    times = count_time("2025-01-01T00:00:00", YEAR, minutes=10)
    return {"timestamp": [times[i] for i in kept]}, {name: column[kept] for name, column in table.items()}


def measure(sky: Sky, houses: list[House]) -> Table:
    """Return what the sensors say: noise, and no value that such a sensor cannot give."""
    temp, _, vapour, co2, soil, vent, heat, lamps, _ = np.array(houses).T
    damp = 100 * vapour / saturate(temp) + 0.5 * jitter("humidity") + 0.8 * wander("humidity drift", YEAR, DAY)
    return {
        "outside_temp [°C]": sky.temp + 0.08 * jitter("outside"),
        "radiation [W/m2]": sky.sun * (1 + 0.01 * jitter("radiation")),
        "inside_temp [°C]": temp + 0.08 * jitter("inside"),
        "humidity [%]": np.clip(damp, 0, 100),
        "co2 [ppm]": co2 + 6 * jitter("co2"),
        "soil_moisture [%]": soil + 0.1 * jitter("soil"),
        "vent [%]": np.clip(vent, 0, 100),
        "power [kW]": draw_power(heat, lamps, vent, sky.temp) * (1 + 0.01 * jitter("power")),
    }


def draw_power(heat: Series, lamps: Series, vent: Series, outside: Series) -> Series:
    """Return electrical power (kW): a heat pump that works harder in the cold, lamps, and fans by the cube law."""
    performance = np.clip(2.8 + 0.08 * outside, 2, 4.5)  # kW of heat from one of electricity
    fans = 0.5 + 2.5 * (vent / 100) ** 3
    return FLOOR / 1000 * (heat / performance + lamps) + fans


def spoil(table: Table) -> Table:
    """Return the table with a dead sensor, and with the code that sensors send while they warm up or lose contact."""
    table = {name: column.copy() for name, column in table.items()}
    table["humidity [%]"][DEAD] = np.nan
    for name, length in (("co2 [ppm]", 9), ("soil_moisture [%]", 4)):
        for first in pick(f"sentinel in {name}", 20 * DAY, YEAR, every=45 * DAY):
            table[name][first : first + length] = SENTINEL
    return table


def keep_rows() -> Flags:
    """Return which rows the logger wrote: it was down three times, and lost single rows now and then."""
    kept = np.ones(YEAR, dtype=bool)
    kept[pick("lost rows", DAY, YEAR, every=8 * DAY)] = False
    for outage in OUTAGES:
        kept[outage] = False
    return kept


def jitter(name: str) -> Series:
    """Return one standard normal number per step."""
    return draw(f"{name} noise").standard_normal(YEAR)
