"""The store at a path or URI: the one place that chooses between local disks and S3."""

from __future__ import annotations

from pathlib import Path

from sparkfeat.storage.base import Store
from sparkfeat.storage.local import LocalStore
from sparkfeat.storage.locations import is_s3, local_path, s3_path
from sparkfeat.storage.s3 import default_kms_key
from sparkfeat.storage.s3_store import S3Store

__all__ = ["Store", "local_path", "open_store"]


def open_store(uri: str | Path, kms_key: str | None = None, *, doing: str = "publish to") -> Store:
    """Return the store at a local path, a `file://` or an `s3://` URI; nothing is created.

    Args:
        uri: `s3a://` is taken for `s3://`.
        kms_key: the KMS key for every object written to S3: id, ARN or alias. Default: that of the
            environment (SPARKFEAT_KMS_KEY), else the bucket's own default encryption.
        doing: what the store is for, where another scheme is refused.

    Raises:
        UnsupportedError: any other scheme.
        ConfigError: an impossible bucket.
    """
    if is_s3(uri):
        return S3Store(s3_path(str(uri)).uri, kms_key or default_kms_key())
    return LocalStore(str(local_path(uri, doing)))
