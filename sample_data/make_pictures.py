"""Make the pictures of the README: a terminal and a report, of a model of greenhouse.csv.

    python sample_data/make_pictures.py [FOLDER]     # FOLDER: where forecast-model lies already; else it is trained

It needs tmux, Chromium and the environment that `forecast` is installed in.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
COLUMNS, ROWS = 100, 80
TARGETS = ("--target", "inside_temp*", "--target", "humidity*")  # two of the eight, so that all of it can be seen
LINES = ("forecast compare-baselines", "forecast predict --plot")
REPORT = (1100, 1560)  # pixels of the page's upper part; shaped like the terminal, beside which it stands
PROMPT = "\033[1;32m$\033[0m "
# DejaVu Sans Mono has no dots of Braille; those of DejaVu Sans are wider by 60.2 / 73.25.
SCREEN = """<meta charset="utf-8"><style>
@font-face {{ font-family: dots; src: local("DejaVu Sans"); unicode-range: U+2800-28FF; size-adjust: 82.2% }}
body {{ margin: 0; padding: 16px; background: {background}; color: {foreground} }}
pre {{ margin: 0; font: 15px/18px dots, "DejaVu Sans Mono", monospace }}
{stylesheet}</style><pre>{code}</pre>"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--virtual-time-budget=8000"),
)


def main() -> None:
    """Write terminal.png and report.png beside this script."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else made).resolve()
        if not (folder / "forecast-model").exists():
            train(folder)
        screen = Path(made) / "screen.html"
        text = capture_terminal(folder)
        screen.write_text(draw_terminal(text), encoding="utf-8")
        take_picture(screen, HERE / "terminal.png", (32 + COLUMNS * 9 + 8, 32 + 18 * len(text.splitlines())), made)
        take_picture(folder / "forecast-model" / "report.html", HERE / "report.png", REPORT, made)


def train(folder: Path) -> None:
    """Train on the sample, by the defaults."""
    command = [sys.executable, "-m", "forecast_cli", "train", "sample_data/greenhouse.csv", *TARGETS]
    subprocess.run([*command, "-m", str(folder / "forecast-model")], cwd=HERE.parent, check=True)


def capture_terminal(folder: Path) -> str:
    """Return what a terminal shows after the commands, with its colours, as tmux sees it."""
    tmux = ["tmux", "-L", f"pictures-{os.getpid()}", "-f", os.devnull]
    shown = "; ".join(f"printf '{PROMPT}%s\\n' '{line}'; {line}" for line in LINES)
    size = ["-x", str(COLUMNS), "-y", str(ROWS)]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PATH": path}
    script = f"{shown}; {' '.join(tmux)} wait-for -S done; sleep 60"
    started = [*tmux, "new-session", "-d", *size, "-c", str(folder), script]
    subprocess.run(started, env=env, check=True)
    try:
        subprocess.run([*tmux, "wait-for", "done"], check=True, timeout=120)
        pane = subprocess.run([*tmux, "capture-pane", "-e", "-p"], capture_output=True, text=True, check=True)
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    return pane.stdout.rstrip()


def draw_terminal(text: str) -> str:
    """Return the page of a dark terminal that shows the text."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(text), soft_wrap=True)
    return console.export_html(theme=MONOKAI, code_format=SCREEN)


def take_picture(page: Path, picture: Path, size: tuple[int, int], made: str) -> None:
    """Write a picture of the upper part of a page, as a browser shows it."""
    browser = next(found for name in BROWSERS if (found := shutil.which(name)))
    flags = [f"--user-data-dir={made}/profile", f"--window-size={size[0]},{size[1]}"]
    command = [browser, *QUIET, *flags, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main()
