"""manifest.json: which files make up the model, with size and hash. Replacing it is the commit.

Files lie beside their predecessors under a name with a short hash; what the manifest does not name is swept at the
next save. The loader takes only names of the pattern that we write, never a path.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.artifact.atomic import replace_file
from forecast_cli.artifact.codec import decode, encode
from forecast_cli.errors import ArtifactError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
LARGEST = {  # bytes; read into memory only below these
    "model.json": 2**26,
    "arrays.safetensors": 2**32,
    "network.onnx": 2**31,
    "dense.onnx": 2**31,
    "weights.safetensors": 2**32,
    "network-refit.onnx": 2**31,
    "dense-refit.onnx": 2**31,
    "weights-refit.safetensors": 2**32,
    "panel.parquet": 2**40,
}
PATTERN = re.compile(
    r"(model|arrays|panel|(?:network|dense|weights)(?:-refit)?)-[0-9a-f]{8}\.(json|safetensors|onnx|parquet)"
)
ASIDE = re.compile(r"\.[a-z-]+\.[a-z]+\.[0-9]+\.tmp")
_START_ANEW = "train into another directory, or remove this one"


@dataclass(frozen=True)
class Entry:
    """One file of the model as it lies in the directory."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The files needed to predict, by what they are."""

    schema_version: int
    files: Mapping[str, Entry]


def check_writable(directory: Path, force: bool, command: str) -> None:
    """Raise unless a model may be written here: nothing there, our own leftovers, or our model and `force`."""
    if directory.exists() and not directory.is_dir():
        raise RefusedError(f"{directory} is not a directory", "name another one with --model-dir")
    _check_permission(directory)
    if not directory.exists():
        return
    names = {entry.name for entry in directory.iterdir()}
    foreign = sorted(name for name in names if not _is_leftover(name))
    if foreign and MANIFEST not in names:
        raise RefusedError(
            f"{directory} holds other files ({foreign[0]}, ...) and no model of ours", "name another --model-dir"
        )
    if MANIFEST in names:
        read_manifest(directory)  # --force replaces only what carries our manifest
        if not force:
            raise RefusedError(f"{directory} already holds a model", f"replace it: {command} --force".strip())


def read_manifest(directory: Path) -> Manifest:
    """Return the manifest of a model directory, or raise what is wrong with it."""
    if not directory.is_dir():
        raise ArtifactError(
            f"there is no model directory {directory}", "train one with `forecast train DATA`, or name it with -m"
        )
    if not (directory / MANIFEST).exists():
        raise ArtifactError(f"{directory} holds no model: there is no {MANIFEST} in it", "name another one with -m")
    try:
        raw = json.loads(_read_regular(directory / MANIFEST, 2**20))
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{directory / MANIFEST} is damaged: {error}", _START_ANEW) from error
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if not isinstance(version, int):
        raise ArtifactError(f"{directory / MANIFEST} is damaged: it names no schema version", _START_ANEW)
    if version != SCHEMA_VERSION:
        raise ArtifactError(
            f"{directory} has schema version {version}, this forecast reads {SCHEMA_VERSION}",
            "install the forecast-cli that wrote it, or train into another directory",
        )
    manifest = decode(Manifest, raw, MANIFEST)
    for kind, entry in manifest.files.items():
        stem, _, suffix = kind.partition(".")
        match = PATTERN.fullmatch(entry.file)
        if kind not in LARGEST or match is None or match.groups() != (stem, suffix):
            raise ArtifactError(f"{MANIFEST}: {entry.file!r} is no name of ours for {kind!r}")
    return manifest


def read_file(directory: Path, manifest: Manifest, kind: str) -> bytes:
    """Return the bytes of one file of the model, after checking that it is the one the manifest names."""
    entry = find_entry(directory, manifest, kind)
    data = _read_regular(directory / entry.file, min(entry.size, LARGEST[kind]))
    if len(data) != entry.size or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise ArtifactError(f"{directory / entry.file} is damaged: it is not what {MANIFEST} names", "train again")
    return data


def find_file(directory: Path, manifest: Manifest, kind: str) -> Path:
    """Return the path of one file of the model, checked like `read_file` but not held in memory."""
    entry = find_entry(directory, manifest, kind)
    path = directory / entry.file
    if _stat_regular(path).st_size != entry.size or _hash(path) != entry.sha256:
        raise ArtifactError(f"{path} is damaged: it is not what {MANIFEST} names", "train again with --force")
    return path


def find_entry(directory: Path, manifest: Manifest, kind: str) -> Entry:
    """Return the entry of one file, or raise that the model has none."""
    if kind not in manifest.files:
        raise ArtifactError(f"{directory} has no {kind}", "train again with --force")
    return manifest.files[kind]


def commit(
    directory: Path, writers: Mapping[str, Callable[[Path], None]], extras: Mapping[str, bytes] | None = None
) -> Manifest:
    """Write every file aside, then the manifest that names them; before its rename nothing has changed.

    `writers` are called with the path to write. `extras` are files under their own names that nothing depends on; they
    are written before the commit, too, so that after it there is nothing left to do but to rename. If anything fails,
    what it left is removed and the error goes on.
    """
    created = not directory.exists()
    directory.mkdir(parents=True, exist_ok=True)
    with _lock(directory):
        return _commit_alone(directory, writers, extras or {}, created)


def check_replaceable(directory: Path) -> None:
    """Raise RefusedError where nothing may be written in a model directory."""
    if not os.access(directory, os.W_OK | os.X_OK):
        raise RefusedError(f"{directory} may not be written", "write the report elsewhere: -o report.html")


def replace_extras(directory: Path, manifest: Manifest, extras: Mapping[str, bytes]) -> None:
    """Replace files that nothing depends on, each whole or not at all; the model stays as it is.

    RefusedError where a trainer is at work in the directory, or has put another model in place of this one.
    """
    with _lock(directory):
        if read_manifest(directory) != manifest:
            raise RefusedError(f"{directory} holds another model by now", "ask again")
        for name, data in extras.items():
            replace_file(directory / name, data)


def _commit_alone(
    directory: Path, writers: Mapping[str, Callable[[Path], None]], extras: Mapping[str, bytes], created: bool
) -> Manifest:
    entries: dict[str, Entry] = {}
    try:
        for kind, write in writers.items():
            entries[kind] = _write_aside(directory, kind, write)
        for name, data in extras.items():
            _name_aside(directory, name).write_bytes(data)
        manifest = Manifest(SCHEMA_VERSION, entries)
        replace_file(directory / MANIFEST, json.dumps(encode(manifest), indent=1).encode())
    except BaseException:
        _sweep(directory, keep=set())
        if created and not any(directory.iterdir()):
            directory.rmdir()
        raise
    for name in extras:
        _name_aside(directory, name).replace(directory / name)
    _sweep(directory, keep={entry.file for entry in entries.values()})
    return manifest


@contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """Hold the directory against other writers, whose files the sweep would take for leftovers; refused if held."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise RefusedError(f"another trainer is at work in {directory}", "wait for it, or name another one") from error
    finally:
        os.close(descriptor)


def _name_aside(directory: Path, name: str) -> Path:
    return directory / f".{name}.{os.getpid()}.tmp"


def _write_aside(directory: Path, kind: str, write: Callable[[Path], None]) -> Entry:
    aside = _name_aside(directory, kind)
    write(aside)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    digest = _hash(aside)
    stem, _, suffix = kind.partition(".")
    name = f"{stem}-{digest[:8]}.{suffix}"
    size = aside.stat().st_size
    aside.replace(directory / name)
    return Entry(name, size, digest)


def _sweep(directory: Path, keep: set[str]) -> None:
    """Remove files of our pattern that neither `keep` nor the present manifest names."""
    if not keep and (directory / MANIFEST).exists():
        keep = {entry.file for entry in read_manifest(directory).files.values()}
    for path in directory.iterdir():
        if (PATTERN.fullmatch(path.name) or ASIDE.fullmatch(path.name)) and path.name not in keep:
            path.unlink()


def _is_leftover(name: str) -> bool:
    """Tell whether a name is one that only we give: what a killed run leaves in a directory without a manifest."""
    return bool(PATTERN.fullmatch(name) or ASIDE.fullmatch(name))


def _check_permission(directory: Path) -> None:
    place = directory.absolute()
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        raise UsageError(f"{place} is a file, so {directory} cannot be made", "name another one with --model-dir")
    if not os.access(place, os.W_OK | os.X_OK):
        raise RefusedError(f"{place} may not be written", "name another one with --model-dir")


def _stat_regular(path: Path) -> os.stat_result:
    try:
        status = path.lstat()
    except FileNotFoundError as error:
        raise ArtifactError(f"{path} is missing", "train again with --force") from error
    if not stat.S_ISREG(status.st_mode):
        raise ArtifactError(f"{path} is not a regular file")
    return status


def _read_regular(path: Path, most: int) -> bytes:
    if _stat_regular(path).st_size > most:
        raise ArtifactError(f"{path} is larger than it may be")
    return path.read_bytes()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
