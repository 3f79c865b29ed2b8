"""How much memory is left, and the refusal to read what does not fit into it."""

from __future__ import annotations

from pathlib import Path

from forecast_cli.errors import RefusedError

_SPARE = 0.9  # share of the free memory that columns may take; the rest is for what is done with them
_HINT = "read fewer columns (--target, --ignore) or rows, or on a larger machine"


def measure_free_memory() -> int | None:
    """Return the bytes that this process may still take: the machine's, or its control group's; None if unknown."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    free = int(fields["MemAvailable"].split()[0]) * 1024
    group = Path("/sys/fs/cgroup")
    limit, used = (_read_number(group / name) for name in ("memory.max", "memory.current"))
    if limit is None or used is None:
        return free
    statistics = (group / "memory.stat").read_text().split() if (group / "memory.stat").exists() else []
    known = dict(zip(statistics[::2], map(int, statistics[1::2]), strict=True))
    return min(free, max(0, limit - used + known.get("inactive_file", 0)))  # what files may give back


def check_room(label: str, needed: int, free: int | None) -> None:
    """Raise RefusedError where columns of `needed` bytes, known or estimated, do not fit into the free memory."""
    if free is not None and needed > _SPARE * free:
        raise RefusedError(
            f"the columns of {label} take about {needed / 2**30:.1f} GB of memory, {free / 2**30:.1f} GB are free",
            _HINT,
        )


def _read_number(path: Path) -> int | None:
    text = path.read_text().strip() if path.exists() else ""
    return int(text) if text.isdigit() else None
