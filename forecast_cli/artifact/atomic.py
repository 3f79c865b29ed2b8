"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def replace_file(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file aside, flush it to disk and rename it: the old one or the new one, never a mixture.

    `data` is the whole content, or the pieces of it in their order.
    """
    with open_aside(path) as file:
        file.writelines([data] if isinstance(data, bytes) else data)


@contextmanager
def open_aside(path: Path) -> Iterator[BinaryIO]:
    """Yield a file beside this one, which takes its place when all went well and is removed when not."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    _flush_directory(path.parent)


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
