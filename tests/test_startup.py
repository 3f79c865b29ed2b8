from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    *("numpy", "pandas", "duckdb", "tensorflow", "keras", "onnx", "onnxruntime", "plotly", "plotext", "jinja2"),
    *("sklearn", "pyarrow", "safetensors", "rich.progress"),
}


def list_modules(program: str) -> set[str]:
    """Return the modules that a fresh process has imported after a program."""
    tail = "\nfinally:\n    print('\\n@' + ' '.join(sys.modules))"
    body = "\n    ".join(program.splitlines())
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\ntry:\n    {body}{tail}"], capture_output=True, text=True, timeout=60
    )
    return set(done.stdout.split("@")[-1].split())


def run(*arguments: str) -> str:
    return f"sys.argv = {['forecast', *arguments]!r}\nfrom forecast_cli.__main__ import main\nmain()"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["train", "--help"], ["predict", "--horizon", "x"]])
def test_nothing_heavy_is_imported_for_help_or_a_wrong_flag(arguments: list[str]):
    loaded = list_modules(run(*arguments))
    assert "typer" in loaded
    assert not loaded & HEAVY


def test_the_version_needs_no_rich_and_no_dataclasses_of_ours():
    loaded = list_modules(run("--version"))
    assert not {"rich", "forecast_cli.types", "forecast_cli.console"} & loaded


def test_the_package_itself_is_its_version():
    before = list_modules("pass")
    assert list_modules("import forecast_cli") - before == {"forecast_cli"}
