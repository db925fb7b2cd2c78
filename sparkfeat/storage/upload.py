"""A stream of bytes on its way to S3: nothing is kept on a disk, and little in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, Any

from sparkfeat.storage.aws import aws
from sparkfeat.storage.base import Sink

PART_BYTES = 16 << 20
"""Size of a part: S3 takes 10,000 of them, 160 GB in all."""
PARTS_IN_MEMORY = 6
CONNECTIONS = 4


class _Source:
    """The end of a pipe that is read; it ends in an error where the writer failed, not in a short file."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self.failed = False

    def read(self, size: int = -1) -> bytes:
        data = self._pipe.read(size)
        if self.failed:
            raise InterruptedError("the writer gave up")
        return data

    def close(self) -> None:
        self._pipe.close()


@contextmanager
def uploaded(client: Any, bucket: str, key: str, arguments: Mapping[str, str]) -> Iterator[Sink]:
    """Send what the block writes as one object, in parts, several at a time.

    The object appears when the block has ended well and S3 has all parts; otherwise the parts are given up.

    Args:
        client: boto3's.
        bucket: its name.
        key: of the object.
        arguments: of the upload, such as those for encryption.

    Raises:
        SparkfeatError: what S3 refused, see `sparkfeat.storage.aws`.
    """
    reading, writing = os.pipe()
    source, sink = _Source(os.fdopen(reading, "rb")), Sink(os.fdopen(writing, "wb"))
    with aws("upload", f"s3://{bucket}/{key}"), ThreadPoolExecutor(max_workers=1) as worker:
        upload = worker.submit(_send, client, source, bucket, key, dict(arguments))
        try:
            yield sink
            sink.close()
        except BaseException as error:
            _give_up(source, sink, upload)
            if isinstance(error, BrokenPipeError):
                upload.result()  # the upload failed first, and knows why
            raise
        upload.result()


def _send(client: Any, source: _Source, bucket: str, key: str, arguments: dict[str, str]) -> None:
    from boto3.s3.transfer import TransferConfig

    config = TransferConfig(
        multipart_threshold=PART_BYTES,
        multipart_chunksize=PART_BYTES,
        max_concurrency=CONNECTIONS,
        preferred_transfer_client="classic",
    )
    config.max_in_memory_upload_chunks = PARTS_IN_MEMORY
    try:
        client.upload_fileobj(source, bucket, key, ExtraArgs=arguments, Config=config)
    finally:
        source.close()  # a writer that goes on is told by a broken pipe


def _give_up(source: _Source, sink: Sink, upload: Future[None]) -> None:
    """End the upload without an object; its own error is not the reason."""
    source.failed = True
    with suppress(OSError):
        sink.close()
    with suppress(Exception):
        upload.result()
