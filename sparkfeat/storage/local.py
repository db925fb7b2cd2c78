"""A folder on a local disk."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow.fs as pafs

from sparkfeat.storage.base import Conflict, Content, Facts, Sink, Store
from sparkfeat.storage.failures import explained


@dataclass(frozen=True)
class LocalStore(Store):
    """A folder on a local disk; `root` is its absolute path."""

    @property
    def filesystem(self) -> pafs.FileSystem:
        """Arrow's own view of the disk."""
        return pafs.LocalFileSystem()

    def arrow_path(self, name: str = "") -> str:
        """Return the full path of `name`."""
        return self.path(name)

    def relative(self, path: str) -> str:
        """Return the name of the file at a full path."""
        return Path(path).absolute().relative_to(self.root).as_posix()

    def is_folder(self, name: str = "") -> bool:
        """Whether `name`, or the store itself, is a folder."""
        return self._info(name).type is pafs.FileType.Directory

    def is_empty(self) -> bool:
        """Whether the folder is missing or holds nothing."""
        selector = pafs.FileSelector(self.root, allow_not_found=True)
        with explained("list the folder", self.root):
            return not self.filesystem.get_file_info(selector)

    def facts(self, name: str) -> Facts | None:
        """Return the size of the file `name`, or None if it is missing."""
        info = self._info(name)
        return Facts(info.size) if info.type is pafs.FileType.File else None

    def files(self, name: str = "") -> dict[str, int]:
        """Return the names of all files in the folder `name` and below it, with their sizes in bytes."""
        with explained("list the folder", self.path(name)):
            found = sorted(path for path in Path(self.path(name)).rglob("*") if path.is_file())
            return {path.relative_to(self.root).as_posix(): path.stat().st_size for path in found}

    def folders(self, name: str) -> list[str]:
        """Return the names of the folders right below the folder `name`."""
        folder = Path(self.path(name))
        with explained("list the folder", str(folder)):
            return sorted(one.name for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []

    def content(self, name: str) -> Content | None:
        """Return the content of the file `name`; its version is its hash."""
        if not self.is_file(name):
            return None
        data = self.read(name)
        return Content(data, hashlib.sha256(data).hexdigest())

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`."""
        with explained("read", self.path(name)):
            return Path(self.path(name)).read_bytes()

    def put(self, name: str, data: bytes) -> None:
        """Write the file `name` in one step; it is on the disk when this returns."""
        target = Path(self.path(name))
        with explained("write", str(target)), _written_beside(target, data) as temporary:
            temporary.replace(target)
            _fsync(target.parent)

    def put_if(self, name: str, data: bytes, version: str | None) -> None:
        """Write the file `name` in one step in place of one version; others that do so wait."""
        target = Path(self.path(name))
        with explained("write", str(target)), _locked(target.parent):
            found = self.content(name)
            if (None if found is None else found.version) != version:
                raise Conflict
            self.put(name, data)

    @contextmanager
    def writer(self, name: str) -> Iterator[Sink]:
        """Open the new file `name`; nothing is left of it if the block fails."""
        target = Path(self.path(name))
        with explained("write", str(target)):
            sink = Sink(target.open("xb"))
            try:
                with sink:
                    yield sink
            except BaseException:
                target.unlink(missing_ok=True)
                raise

    def sync(self, name: str) -> None:
        """Force the file `name` to the disk."""
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

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of the file `name`; reads all of it."""
        with explained("read", self.path(name)), Path(self.path(name)).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _info(self, name: str) -> pafs.FileInfo:
        with explained("look at", self.path(name)):
            return self.filesystem.get_file_info(self.path(name))


@contextmanager
def _written_beside(target: Path, data: bytes) -> Iterator[Path]:
    """Give the block a file with the content, safe on the disk, to be moved to the target."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        _fsync(temporary)
        yield temporary
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time into the block; the lock goes with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
