"""A folder on S3: the beginning of the keys of its objects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow.fs as pafs

from sparkfeat.errors import MissingInputError, UserInputError
from sparkfeat.storage.aws import aws
from sparkfeat.storage.base import Conflict, Content, Facts, Sink, Store
from sparkfeat.storage.locations import S3Path, s3_path
from sparkfeat.storage.s3 import Bucket, open_bucket
from sparkfeat.storage.upload import uploaded

_AT_ONCE = 1000
"""Objects that one request deletes at most."""

_WORDLESS = frozenset({"400", "403"})
_MISSING = frozenset({"404", "NoSuchKey"})
_CHANGED = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict"})


@dataclass(frozen=True)
class S3Store(Store):
    """A folder on S3; every object that is written is encrypted with `kms_key` where there is one.

    Without it the bucket's own default applies.
    """

    kms_key: str | None = None

    @property
    def place(self) -> S3Path:
        """Bucket and key of the folder."""
        return s3_path(self.root)

    @property
    def bucket(self) -> Bucket:
        """Clients for the folder's bucket."""
        return open_bucket(self.place.bucket)

    @property
    def filesystem(self) -> pafs.FileSystem:
        """Arrow's client of S3."""
        return self.bucket.filesystem

    def arrow_path(self, name: str = "") -> str:
        """Return bucket and key of `name`."""
        return self.path(name).removeprefix("s3://")

    def relative(self, path: str) -> str:
        """Return the name of the object at a URI."""
        uri = s3_path(path).uri
        if not uri.startswith(f"{self.root}/"):
            raise UserInputError("The file is not in the folder", where=uri, why=f"The folder is {self.root}")
        return uri.removeprefix(f"{self.root}/")

    def is_folder(self, name: str = "") -> bool:
        """Whether there are objects below `name`."""
        return next(self._listed(name, page=1), None) is not None

    def is_empty(self) -> bool:
        """Whether there is no object below the folder but markers of folders."""
        return all(_is_marker(one) for one in self._listed("", page=10))

    def facts(self, name: str) -> Facts | None:
        """Return size, tag and key of the object `name`, or None if it is missing."""
        if not self._key(name):
            return None
        with self._asked("look at", name):
            found = self._head(name)
        if found is None:
            return None
        return Facts(found["ContentLength"], found["ETag"], found.get("SSEKMSKeyId"))

    def files(self, name: str = "") -> dict[str, int]:
        """Return the names of all objects below `name`, sorted, with their sizes in bytes."""
        found = {
            self.relative(f"s3://{self.place.bucket}/{one['Key']}"): one["Size"]
            for one in self._listed(name)
            if not _is_marker(one)
        }
        return dict(sorted(found.items()))

    def folders(self, name: str) -> list[str]:
        """Return the names that go on behind the prefix `name`."""
        prefix = self._prefix(name)
        pages = self.bucket.client.get_paginator("list_objects_v2")
        with self._asked("list the folder", name):
            found = [
                one["Prefix"]
                for page in pages.paginate(Bucket=self.place.bucket, Prefix=prefix, Delimiter="/")
                for one in page.get("CommonPrefixes", ())
            ]
        return [one.removeprefix(prefix).rstrip("/") for one in found]

    def content(self, name: str) -> Content | None:
        """Return the content of the object `name`; its version is S3's tag."""
        if not self._key(name):
            return None
        with self._asked("read", name):
            found = self._unless_missing("get_object", name)
            return None if found is None else Content(found["Body"].read(), found["ETag"])

    def read(self, name: str) -> bytes:
        """Return the content of the object `name`."""
        found = self.content(name)
        if found is None:
            raise MissingInputError("No such object on S3", where=self.path(name))
        return found.data

    def put(self, name: str, data: bytes) -> None:
        """Write the object `name`; S3 does so in one step."""
        with self._asked("write", name):
            self._put(name, data, {})

    def put_if(self, name: str, data: bytes, version: str | None) -> None:
        """Write the object `name` in place of one version: S3 compares the tag."""
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        with self._asked("write", name):
            try:
                self._put(name, data, condition)
            except ClientError as error:
                if error.response["Error"]["Code"] in _CHANGED | _MISSING:
                    self._unless_ours(name, data)
                    return
                raise

    def _unless_ours(self, name: str, data: bytes) -> None:
        """Take a refused condition for success where the content is ours: an answer was lost on its way."""
        found = self.content(name)
        if found is None or found.data != data:
            raise Conflict

    def _put(self, name: str, data: bytes, more: dict[str, str]) -> None:
        self.bucket.client.put_object(
            Bucket=self.place.bucket, Key=self._key(name), Body=data, **more, **self.encryption
        )

    @property
    def encryption(self) -> dict[str, str]:
        """Arguments of boto3 that encrypt an object."""
        if self.kms_key is None:
            return {}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key}

    @contextmanager
    def writer(self, name: str) -> Iterator[Sink]:
        """Open the new object `name`; it appears when the block has ended well."""
        with uploaded(self.bucket.client, self.place.bucket, self._key(name), self.encryption) as sink:
            yield sink

    def sync(self, name: str) -> None:
        """Do nothing: what S3 has accepted is safe."""

    def make_folder(self, name: str) -> None:
        """Do nothing: on S3 a folder is there when something is in it."""

    def delete_folder(self, name: str) -> None:
        """Delete all objects below `name`, and what uploads that never ended have left there."""
        keys = [{"Key": one["Key"]} for one in self._listed(name)]
        for start in range(0, len(keys), _AT_ONCE):
            with self._asked("delete the folder", name):
                chosen = {"Objects": keys[start : start + _AT_ONCE], "Quiet": True}
                answer = self.bucket.client.delete_objects(Bucket=self.place.bucket, Delete=chosen)
                _raise_first(answer)
        self.abort_uploads(name)

    def abort_uploads(self, name: str) -> None:
        """Give up the uploads below `name` that have not ended: their parts cost money until then."""
        client, bucket = self.bucket.client, self.place.bucket
        with self._asked("give up the unfinished uploads", name):
            pages = client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=bucket, Prefix=self._prefix(name)):
                for one in page.get("Uploads", ()):
                    client.abort_multipart_upload(Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"])

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of the object `name`; downloads all of it."""
        digest = hashlib.sha256()
        with self._asked("read", name):
            found = self.bucket.client.get_object(Bucket=self.place.bucket, Key=self._key(name))
            for chunk in found["Body"].iter_chunks(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()

    def _key(self, name: str) -> str:
        return s3_path(self.path(name)).key

    def _prefix(self, name: str) -> str:
        key = self._key(name)
        return f"{key}/" if key else ""

    def _listed(self, name: str, page: int = 1000) -> Iterator[dict[str, Any]]:
        pages = self.bucket.client.get_paginator("list_objects_v2")
        with self._asked("list the folder", name):
            options = {"PageSize": page}
            for found in pages.paginate(
                Bucket=self.place.bucket, Prefix=self._prefix(name), PaginationConfig=options
            ):
                yield from found.get("Contents", ())

    def _head(self, name: str) -> dict[str, Any] | None:
        """Ask for an object's head; where that is refused, ask for a byte: only that answer says why."""
        from botocore.exceptions import ClientError

        try:
            return self._unless_missing("head_object", name)
        except ClientError as error:
            if error.response["Error"]["Code"] in _WORDLESS:
                self._unless_missing("get_object", name, Range="bytes=0-0")
            raise

    def _unless_missing(self, call: str, name: str, **more: str) -> dict[str, Any] | None:
        from botocore.exceptions import ClientError

        try:
            found: dict[str, Any] = getattr(self.bucket.client, call)(
                Bucket=self.place.bucket, Key=self._key(name), **more
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        return found

    @contextmanager
    def _asked(self, doing: str, name: str) -> Iterator[None]:
        with aws(doing, self.path(name)):
            yield


def _is_marker(found: dict[str, Any]) -> bool:
    """Whether an object stands for a folder: S3A and the console make such, without content."""
    key: str = found["Key"]
    return key.endswith("/")


def _raise_first(answer: dict[str, Any]) -> None:
    """Raise what S3 says of the first object that it did not delete."""
    from botocore.exceptions import ClientError

    for error in answer.get("Errors", ()):
        raise ClientError({"Error": error}, "DeleteObjects")
