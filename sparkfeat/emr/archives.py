"""Archives whose bytes depend on nothing but their content, and a virtual environment made of wheels."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from sparkfeat.emr.releases import PYTHON
from sparkfeat.errors import DataError

SITE_PACKAGES = PurePosixPath("lib/python3.11/site-packages")
_EPOCH = 315_532_800
"""1980-01-01: the time of every entry, and the earliest that a zip file knows."""
_PYVENV = f"home = {PurePosixPath(PYTHON).parent}\ninclude-system-site-packages = false\nversion = 3.11\n"
_LINKS = {"bin/python": PYTHON, "bin/python3": "python", "bin/python3.11": "python", "lib64": "lib"}
# Of a wheel's `.data` folder: what belongs among the packages. Scripts name the Python that installed
# them, and nothing on a cluster calls them.
_AMONG_PACKAGES = ("purelib", "platlib")


@dataclass(frozen=True)
class Entry:
    """A file or a symbolic link of an archive; `content` or `link` is given."""

    name: str
    content: bytes = b""
    link: str = ""
    executable: bool = False


def environment_entries(wheels: Iterable[Path]) -> Iterator[Entry]:
    """Yield a virtual environment with the wheels unpacked in it, one after the other.

    It is laid out by hand because it may be for machines of another architecture, on which no virtual
    environment can be made here to be packed. Its Python is a link to that of EMR's images. There is no
    bytecode: it would hold times, or be of another Python.

    Raises:
        DataError: two wheels have a file of the same name and another content.
    """
    yield Entry("pyvenv.cfg", _PYVENV.encode())
    yield from (Entry(name, link=link) for name, link in _LINKS.items())
    seen: dict[str, int] = {}
    for wheel in sorted(wheels):
        for entry in _unpacked(wheel):
            digest = zlib.crc32(entry.content)
            if seen.get(entry.name, digest) != digest:
                raise DataError(f"Two packages have a file {entry.name}", where=wheel.name)
            if entry.name not in seen:
                yield entry
            seen[entry.name] = digest


def write_tar(file: Path, entries: Iterable[Entry], *, compressed: bool) -> None:
    """Write the entries in their order, all of one time and one owner; the file appears when it is whole."""
    partial = file.with_name(f".{file.name}.part")
    with (
        partial.open("wb") as raw,
        _maybe_compressed(raw, compressed) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for entry in entries:
            tar.addfile(_header(entry), io.BytesIO(entry.content))
    partial.replace(file)


@contextmanager
def _maybe_compressed(raw: IO[bytes], compressed: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if not compressed:
        yield raw
        return
    # No name and no time in the header: both would change the bytes.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as stream:
        yield stream


def _header(entry: Entry) -> tarfile.TarInfo:
    header = tarfile.TarInfo(entry.name)
    header.mtime = _EPOCH
    header.mode = 0o755 if entry.executable or entry.link else 0o644
    header.size = len(entry.content)
    if entry.link:
        header.type, header.linkname = tarfile.SYMTYPE, entry.link
    return header


def _unpacked(wheel: Path) -> Iterator[Entry]:
    with zipfile.ZipFile(wheel) as archive:
        files = [item for item in archive.infolist() if not item.is_dir()]
        for item in sorted(files, key=lambda item: item.filename):
            place = _place(PurePosixPath(item.filename))
            if place is not None:
                executable = bool((item.external_attr >> 16) & stat.S_IXUSR)
                yield Entry(place, archive.read(item), executable=executable)


def _place(name: PurePosixPath) -> str | None:
    """Return where a file of a wheel belongs in the environment; None for what is left out."""
    if name.is_absolute() or ".." in name.parts:
        raise DataError(f"A wheel would write outside its environment: {name}")
    if not name.parts[0].endswith(".data"):
        return str(SITE_PACKAGES / name)
    kind, inner = name.parts[1], PurePosixPath(*name.parts[2:])
    if kind == "data":
        return str(inner)
    return str(SITE_PACKAGES / inner) if kind in _AMONG_PACKAGES else None
