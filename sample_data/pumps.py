"""Twelve pumps that keep up the pressure of twelve supply zones, hour by hour for 90 days."""

from dataclasses import dataclass

import numpy as np
from chance import Flags, Integers, Series, Table, count_time, draw, follow, wander

HOURS = np.arange(90 * 24)
N = len(HOURS)
DECIMALS = (1, 2, 2, 1)  # of the columns of `measure`
LIFETIMES = {"P-09": (14 * 24 + 9, N), "P-12": (0, N - 7 * 24 - 7)}  # the others run from the first hour to the last
RESENT = {"P-04": slice(900, 906), "P-07": slice(1500, 1508)}  # hours that the gateway sent twice


@dataclass(frozen=True, eq=False, slots=True)
class Pump:
    """A pump, the zone that it supplies, and what befalls it."""

    name: str
    level: float  # m3/h, the scale of the zone's demand
    industry: float  # the share of the demand that keeps office hours
    lift: float  # bar that the zone needs without flow
    wear: float  # the share of its efficiency that is lost in 90 days
    service: int  # the hour at which it is overhauled: half of the wear is gone
    stops: Integers  # one hour of each 30 days, at which it is stopped for 2 to 9 hours


def make_pumps() -> tuple[dict[str, list[str]], Table]:
    """Return the labels (timestamp and pump_id) and the four columns of pumps.csv, in order of arrival."""
    pumps = [build_pump(i) for i in range(12)]
    sent = sorted((arrival, i, hour) for i, pump in enumerate(pumps) for arrival, hour in list_sent(pump))
    _, which, hours = np.array(sent).T
    tables = [measure(pump) for pump in pumps]
    columns = {name: np.array([t[name] for t in tables])[which, hours] for name in tables[0]}
    times = count_time("2025-04-01T00:00:00", N, minutes=60)
    return {"timestamp": [times[h] for h in hours], "pump_id": [pumps[i].name for i in which]}, columns


def build_pump(i: int) -> Pump:
    """Return pump i of twelve: sizes from 15 to 180 m3/h, some that wear fast."""
    name = f"P-{i + 1:02d}"
    chance = draw(name)
    level, industry, lift, wear = chance.uniform([np.log(15), 0, 2.0, 0.06], [np.log(180), 0.6, 4.5, 0.18])
    stops = chance.randint(50, 700, 3) + np.array([0, 720, 1440])
    return Pump(name, np.exp(level), industry, lift, wear, chance.randint(600, 1700), stops)


def measure(pump: Pump) -> Table:
    """Return what the sensors of a pump say; while it stands, the tank behind it holds seven tenths of the lift."""
    runs = find_running(pump)
    flow = np.where(runs, demand(pump), 0)
    worn = wear_out(pump)
    speed, pressure = run_at(pump, flow, worn)
    power = np.where(runs, use_power(pump, flow * pressure / 36, flow / speed, worn), 0)
    chance = draw(f"{pump.name} noise")
    return {
        "flow [m3/h]": flow * (1 + 0.01 * chance.standard_normal(N)),
        "pressure [bar]": np.where(runs, pressure, 0.7 * pump.lift) + 0.02 * chance.standard_normal(N),
        "power [kW]": power * (1 + 0.01 * chance.standard_normal(N)),
        "bearing_temp [°C]": warm_bearing(pump, speed * runs, worn) + 0.3 * chance.standard_normal(N),
    }


def demand(pump: Pump) -> Series:
    """Return what the zone draws (m3/h): the day, the week, warm spells that all zones share, and chance."""
    clock, day = HOURS % 24, (HOURS // 24 + 1) % 7  # 1 April 2025 is a Tuesday; 0 is Monday
    late = np.where(day >= 5, 1.5, 0)  # weekends begin later
    home = 0.45 + 0.9 * peak(clock, 7.5 + late, 2) + 0.8 * peak(clock, 19.5, 2.5) + 0.4 * peak(clock, 13, 3)
    work = np.where(day < 5, 0.3 + 1.5 * peak(clock, 11.5, 4.5), 0.3)
    warm = 0.08 * wander("warm spells", N, 60) + 0.0012 * HOURS / 24  # towards summer
    own = 0.06 * wander(f"{pump.name} demand", N, 10) + 0.05 * draw(f"{pump.name} taps").standard_normal(N)
    return pump.level * ((1 - pump.industry) * home + pump.industry * work) * np.exp(warm + own)


def peak(clock: Series, centre: Series | float, width: float) -> Series:
    """Return a bell of height 1 around an hour of the day, through midnight."""
    away = (clock - centre + 12) % 24 - 12
    return np.exp(-((away / width) ** 2))


def wear_out(pump: Pump) -> Series:
    """Return the share of its efficiency that the pump has lost by each hour; the overhaul gives half of it back."""
    lost = pump.wear * (0.2 + HOURS / N)
    return np.where(pump.service > HOURS, lost, lost - lost[pump.service] / 2)


def run_at(pump: Pump, flow: Series, worn: Series) -> tuple[Series, Series]:
    """Return the speed (1 = full) and the pressure (bar) at which the pump meets the zone's curve.

    By the affinity laws flow grows with the speed n and pressure with its square: p = n^2 p0 (1 + worn / 5)^-1 - k q^2.
    The zone needs lift + r q^2. Where the two meet gives n.
    """
    share = flow / (2.6 * pump.level)  # of the flow at full speed
    pressure = pump.lift * (1 + 0.5 * share**2)
    speed = np.sqrt((pressure + 0.4 * pump.lift * share**2) * (1 + worn / 5) / (2.0 * pump.lift))
    return speed, pressure


def use_power(pump: Pump, hydraulic: Series, full_speed_flow: Series, worn: Series) -> Series:
    """Return electrical power (kW) for a hydraulic one (36 m3/h at 1 bar are 1 kW).

    The affinity laws carry the efficiency curve to every speed; it peaks at 60 % of the largest flow.
    """
    share = full_speed_flow / (2.6 * pump.level)
    efficiency = 0.72 * (1 - 1.2 * (share - 0.6) ** 2) * (1 - worn)
    return hydraulic / efficiency + 0.002 * pump.level


def warm_bearing(pump: Pump, speed: Series, worn: Series) -> Series:
    """Return the bearing's temperature (°C): friction grows with speed and wear; an hour's change takes three."""
    room = 17 + 4 * HOURS / N + 1.5 * np.cos(2 * np.pi * (HOURS % 24 - 16) / 24) + wander("pump house", N, 48)
    target = room + 34 * speed**2 * (1 + 2 * worn)
    return follow(target, 3, float(target[0]))


def find_running(pump: Pump) -> Flags:
    """Return in which hours the pump runs: it is stopped for three repairs and for its overhaul."""
    lengths = draw(f"{pump.name} stops").randint(2, 10, 4)
    runs = np.ones(N, dtype=bool)
    for first, length in zip([*pump.stops, pump.service - 12], [*lengths[:3], 12], strict=True):
        runs[first : first + length] = False
    return runs


def list_sent(pump: Pump) -> list[tuple[int, int]]:
    """Return when a row arrived and the hour it is of: some were lost, some came again half a day later."""
    first, last = LIFETIMES.get(pump.name, (0, N))
    lost = set(draw(f"{pump.name} lost").randint(first + 1, last - 1, 5).tolist())
    sent = [(hour, hour) for hour in range(first, last) if hour not in lost]
    return sent + [(arrival + 12, hour) for arrival, hour in sent[RESENT.get(pump.name, slice(0))]]
