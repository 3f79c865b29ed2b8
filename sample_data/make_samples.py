"""Make greenhouse.csv and pumps.csv, the same bytes on every run.

    python sample_data/make_samples.py [FOLDER]     # default: beside this script

Both are simulations: simplified physics under weather and demand that are drawn at random from a fixed seed, with the
defects that real loggers leave put in on purpose. README.md describes the columns and counts the defects.
"""

import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import greenhouse_log
import pumps
from chance import Table


def write_csv(path: Path, labels: Mapping[str, list[str]], columns: Table, decimals: tuple[int, ...]) -> None:
    """Write labels and columns side by side, UTF-8, lines ending in a line feed everywhere."""
    rows = (",".join(row) for row in zip(*labels.values(), write_cells(columns, decimals), strict=True))
    text = "\n".join([",".join([*labels, *columns]), *rows]) + "\n"
    path.write_bytes(text.encode())


def write_cells(columns: Table, decimals: tuple[int, ...]) -> Iterator[str]:
    """Yield each row's cells; NaN is an empty cell. Rounding hides the last bits, in which platforms differ."""
    for row in zip(*(column.tolist() for column in columns.values()), strict=True):
        yield ",".join("" if math.isnan(v) else f"{v:z.{d}f}" for v, d in zip(row, decimals, strict=True))


def main() -> None:
    """Write both files into the folder named on the command line."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    write_csv(folder / "greenhouse.csv", *greenhouse_log.make_greenhouse(), greenhouse_log.DECIMALS)
    write_csv(folder / "pumps.csv", *pumps.make_pumps(), pumps.DECIMALS)


if __name__ == "__main__":
    main()
