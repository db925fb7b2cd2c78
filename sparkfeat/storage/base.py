"""What a folder for datasets can do, wherever it lies."""

from __future__ import annotations

import hashlib
import io
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO

import pyarrow.fs as pafs


class Conflict(Exception):
    """A file is not in the state that `put_if` was to replace."""


@dataclass(frozen=True)
class Content:
    """A file's bytes, and the version that stands for exactly these."""

    data: bytes
    version: str


@dataclass(frozen=True)
class Facts:
    """What is known of a file without reading it: its size, and where S3 keeps it the tag of its content."""

    bytes: int
    etag: str | None = None
    kms_key: str | None = None


class Sink(io.RawIOBase):
    """A file that is being written; `sha256` and `bytes` are those of what went through."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """The SHA-256 in hexadecimal digits."""
        return self._digest.hexdigest()

    def writable(self) -> bool:
        """Whether it can be written: always."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self.bytes

    def write(self, data: bytes) -> int:  # type: ignore[override] # any buffer will do
        """Write some bytes, all of them."""
        self._target.write(data)
        self._digest.update(data)
        self.bytes += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file itself too."""
        if not self.closed:
            super().close()
            self._target.close()


@dataclass(frozen=True)
class Store(ABC):
    """A folder whose files are named relative to it, with "/" between the parts.

    `root` is a local path or an `s3://` URI, with no slash at its end.
    """

    root: str

    @property
    @abstractmethod
    def filesystem(self) -> pafs.FileSystem:
        """Arrow's file system, in which `arrow_path` names files."""

    @abstractmethod
    def arrow_path(self, name: str = "") -> str:
        """Return what Arrow's file system calls `name`."""

    def path(self, name: str = "") -> str:
        """Return the full path or URI of `name`."""
        return f"{self.root}/{name}" if name else self.root

    @abstractmethod
    def relative(self, path: str) -> str:
        """Return the name of the file at a full path or URI."""

    @abstractmethod
    def is_folder(self, name: str = "") -> bool:
        """Whether `name`, or the store itself, is a folder."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether the folder is missing or holds nothing."""

    @abstractmethod
    def facts(self, name: str) -> Facts | None:
        """Return what is known of the file `name`, or None if it is missing."""

    def is_file(self, name: str) -> bool:
        """Whether `name` is a file."""
        return self.facts(name) is not None

    def size(self, name: str) -> int | None:
        """Return the number of bytes of the file `name`, or None if it is missing."""
        facts = self.facts(name)
        return None if facts is None else facts.bytes

    @abstractmethod
    def files(self, name: str = "") -> dict[str, int]:
        """Return the names of all files below the folder `name`, sorted, with their sizes in bytes."""

    @abstractmethod
    def folders(self, name: str) -> list[str]:
        """Return the names of the folders right below the folder `name`, none where it is missing."""

    @abstractmethod
    def content(self, name: str) -> Content | None:
        """Return the content of the file `name` with its version, or None if it is missing."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Return the content of the file `name`."""

    @abstractmethod
    def put(self, name: str, data: bytes) -> None:
        """Write the file `name` so that a reader sees the old content or the new, never a part.

        It is safe, not only on its way, when this returns.
        """

    @abstractmethod
    def put_if(self, name: str, data: bytes, version: str | None) -> None:
        """Write as `put` does, but only in place of the given version; None: only where there is no file.

        Raises:
            Conflict: somebody else has written the file.
        """

    @abstractmethod
    def writer(self, name: str) -> AbstractContextManager[Sink]:
        """Open the new file `name`, to be written in the block; nothing is left of it if the block fails."""

    @abstractmethod
    def sync(self, name: str) -> None:
        """Make sure that the file `name`, written by somebody else, is safe."""

    @abstractmethod
    def make_folder(self, name: str) -> None:
        """Make the folder `name`, and those above it, if they are missing."""

    @abstractmethod
    def delete_folder(self, name: str) -> None:
        """Delete the folder `name` with everything in it, if it is there."""

    @abstractmethod
    def sha256(self, name: str) -> str:
        """Return the SHA-256 of the file `name`, in hexadecimal digits; reads all of it."""
