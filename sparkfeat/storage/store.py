"""A folder on a file system: the one place that knows which file system it is."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pyarrow.fs as pafs

from sparkfeat.errors import UnsupportedError
from sparkfeat.storage.failures import explained


@dataclass(frozen=True)
class Store:
    """A folder whose files are named relative to it, with "/" between the parts.

    Another file system needs its own `put` and `sync`; everything else goes through pyarrow.fs.
    """

    root: str
    filesystem: pafs.FileSystem = field(default_factory=pafs.LocalFileSystem)

    def path(self, name: str = "") -> str:
        """Return the full path of `name`."""
        return f"{self.root}/{name}" if name else self.root

    def relative(self, path: str) -> str:
        """Return the name of the file at the full path `path`."""
        return Path(path).absolute().relative_to(self.root).as_posix()

    def is_file(self, name: str) -> bool:
        """Whether `name` is a file."""
        return self._type(name) is pafs.FileType.File

    def is_folder(self, name: str = "") -> bool:
        """Whether `name`, or the store itself, is a folder."""
        return self._type(name) is pafs.FileType.Directory

    def is_empty(self) -> bool:
        """Whether the folder is missing or holds nothing."""
        selector = pafs.FileSelector(self.root, allow_not_found=True)
        with explained("list the folder", self.root):
            return not self.filesystem.get_file_info(selector)

    def files(self, name: str) -> list[str]:
        """Return the names of all files below the folder `name`, in order."""
        selector = pafs.FileSelector(self.path(name), allow_not_found=True, recursive=True)
        with explained("list the folder", self.path(name)):
            found = self.filesystem.get_file_info(selector)
        return sorted(self.relative(info.path) for info in found if info.is_file)

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`."""
        with explained("read", self.path(name)), self.filesystem.open_input_stream(self.path(name)) as stream:
            return bytes(stream.read())

    def put(self, name: str, content: bytes) -> None:
        """Write the file `name` so that a reader sees the old content or the new, never a part.

        It is on the disk, not only in the operating system's cache, when this returns.
        """
        target = Path(self.path(name))
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        with explained("write", str(target)):
            try:
                temporary.write_bytes(content)
                _fsync(temporary)
                temporary.replace(target)
                _fsync(target.parent)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise

    def sync(self, name: str) -> None:
        """Make sure that the file `name`, written by somebody else, is on the disk."""
        with explained("write", self.path(name)):
            _fsync(Path(self.path(name)))

    def make_folder(self, name: str) -> None:
        """Make the folder `name`, and those above it, if they are missing."""
        with explained("make the folder", self.path(name)):
            self.filesystem.create_dir(self.path(name), recursive=True)

    def delete_folder(self, name: str) -> None:
        """Delete the folder `name` with everything in it, if it is there."""
        with explained("delete the folder", self.path(name)):
            self.filesystem.delete_dir_contents(self.path(name), missing_dir_ok=True)
            if self.is_folder(name):
                self.filesystem.delete_dir(self.path(name))

    def size(self, name: str) -> int | None:
        """Return the number of bytes of the file `name`, or None if it is missing."""
        size: int | None = self._info(name).size
        return size

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of the file `name`, in hexadecimal digits."""
        with explained("read", self.path(name)), self.filesystem.open_input_file(self.path(name)) as file:
            digest = hashlib.sha256()
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()

    def _type(self, name: str) -> pafs.FileType:
        return self._info(name).type

    def _info(self, name: str) -> pafs.FileInfo:
        with explained("look at", self.path(name)):
            return self.filesystem.get_file_info(self.path(name))


def open_store(uri: str | Path) -> Store:
    """Return the store at a local path or a `file://` URI; nothing is created.

    Raises:
        UnsupportedError: any other scheme.
    """
    return Store(str(local_path(uri, "publish to")))


def local_path(uri: str | Path, doing: str) -> Path:
    """Return the absolute path that a local path or a `file://` URI names.

    Args:
        uri: "~" stands for the home folder.
        doing: what the path is for, for the message, e.g. "publish to".

    Raises:
        UnsupportedError: any other scheme.
    """
    scheme, separator, rest = str(uri).partition("://")
    if not separator:
        return Path(uri).expanduser().absolute()
    if scheme == "file":
        return Path(unquote(rest)).absolute()
    raise UnsupportedError(
        f"Cannot {doing} '{scheme}://'",
        where=str(uri),
        why="This release uses local paths only",
        hint="Give a local path, and copy the files to or from there",
    )


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
