"""Files on S3 as DuckDB opens them: through Arrow's client, since its own needs a download."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import pyarrow as pa
from fsspec import AbstractFileSystem

from sparkfeat.storage.locations import s3_path
from sparkfeat.storage.s3 import open_bucket


class S3Files(AbstractFileSystem):  # type: ignore[misc] # fsspec has no types
    """Files whose names and sizes are known: S3 is asked for bytes and for nothing else.

    Args:
        sizes: the bytes of each file, by its URI.
    """

    protocol = "s3"
    cachable = False

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__()
        self._sizes = sizes
        self._opened = cache(_opened)

    def glob(self, path: str, **_: object) -> list[str]:
        """Return the one file that a pattern stands for in which `[` and `]` take a wildcard its meaning."""
        uri = re.sub(r"\[([*?\[])\]", r"\1", path)
        return [uri] if uri in self._sizes else []

    def info(self, path: str, **_: object) -> dict[str, object]:
        """Return name, size and type of a file."""
        return {"name": path, "size": self._sizes[path], "type": "file"}

    def modified(self, path: str) -> datetime:  # noqa: ARG002 - fsspec's signature
        """Return a time, always the same: DuckDB keeps what it has read as long as a file is not changed."""
        return datetime(2000, 1, 1, tzinfo=UTC)

    def exists(self, path: str, **_: object) -> bool:
        """Whether it is one of the files."""
        return path in self._sizes

    def open(self, path: str, *_: object, **__: object) -> Reader:
        """Open a file to read from."""
        return Reader(self._opened(path), self._sizes[path])


class Reader:
    """An open file. DuckDB's threads share it and seek before they read: each has a place of its own."""

    def __init__(self, file: pa.NativeFile, size: int) -> None:
        self._file = file
        self._size = size
        self._place = threading.local()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a byte, counted from the beginning, from here or from the end."""
        self._place.at = offset + (0, self.tell(), self._size)[whence]
        return self.tell()

    def tell(self) -> int:
        """Return where the thread is."""
        return int(getattr(self._place, "at", 0))

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, fewer at the end."""
        left = self._size - self.tell()
        data: bytes = self._file.read_at(left if size < 0 else min(size, left), self.tell())
        self._place.at = self.tell() + len(data)
        return data

    def close(self) -> None:
        """Leave the file open for others: to open it again is a request."""


def _opened(uri: str) -> pa.NativeFile:
    place = s3_path(uri)
    return open_bucket(place.bucket).filesystem.open_input_file(place.arrow)
