"""A file that does not take memory for bytes that it does not have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class BoundedFile:
    """A file open for reading, of which libraries never ask for more than it has left.

    Python's own files take memory for as many bytes as are asked for, and libraries ask for as many as a damaged file
    says that there are.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size

    def read(self, num: int | None = -1) -> bytes:
        """Return the next `num` bytes, or those that are left."""
        left = max(0, self._size - self._file.tell())
        return self._file.read(left if num is None or num < 0 else min(num, left))

    def readinto(self, memory: bytearray | memoryview) -> int:
        """Fill memory, and return how much of it."""
        return self._file.readinto(memory)  # type: ignore[attr-defined,no-any-return]

    def readline(self, num: int = -1) -> bytes:
        """Return the next line, or `num` bytes of it."""
        return self._file.readline(num)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()


@contextmanager
def open_bounded(path: Path) -> Iterator[BoundedFile]:
    """Open a file for a library to read."""
    with path.open("rb") as file:
        yield BoundedFile(file, path.stat().st_size)
