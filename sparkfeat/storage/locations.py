"""Where data lies: a local path, a `file://` URI, or an `s3://` URI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from sparkfeat.errors import ConfigError, UnsupportedError

S3_SCHEMES = ("s3", "s3a")
"""Two names for one thing: Hadoop's own file system for S3 calls itself s3a, everybody else says s3."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class S3Path:
    """An object, or the folder that the beginning of a key stands for; `key` has no slash at its ends."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The URI, with the scheme s3."""
        return f"s3://{self.arrow}"

    @property
    def arrow(self) -> str:
        """What Arrow's file system calls it."""
        return f"{self.bucket}/{self.key}" if self.key else self.bucket


def scheme_of(uri: str | Path) -> str:
    """Return the scheme of a URI, empty for a path."""
    scheme, separator, _ = str(uri).partition("://")
    return scheme if separator else ""


def is_s3(uri: str | Path) -> bool:
    """Whether a path is an `s3://` or `s3a://` URI."""
    return scheme_of(uri) in S3_SCHEMES


def s3_path(uri: str) -> S3Path:
    """Return bucket and key of an `s3://` or `s3a://` URI; keys are written as they are, with no escapes.

    Raises:
        ConfigError: the bucket's name is missing or impossible.
    """
    bucket, _, key = uri.partition("://")[2].partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise ConfigError(
            f"'{bucket}' cannot be a bucket's name" if bucket else "The bucket's name is missing",
            where=uri,
            hint="Write s3://bucket/folder; buckets have 3 to 63 lower-case letters, digits, dots, hyphens",
        )
    return S3Path(bucket, key.strip("/"))


def local_path(uri: str | Path, doing: str) -> Path:
    """Return the absolute path that a local path or a `file://` URI names.

    Args:
        uri: "~" stands for the home folder.
        doing: what the path is for, for the message, e.g. "publish to".

    Raises:
        UnsupportedError: any other scheme.
    """
    scheme = scheme_of(uri)
    if not scheme:
        return Path(uri).expanduser().absolute()
    if scheme == "file":
        return Path(unquote(str(uri).removeprefix("file://"))).absolute()
    raise UnsupportedError(
        f"Cannot {doing} '{scheme}://'",
        where=str(uri),
        why="sparkfeat knows local paths and s3://",
        hint="Give a local path or an s3:// URI, and copy the files to or from there",
    )
