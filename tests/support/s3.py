"""An S3 server in a process of its own: versitygw over a local folder."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.parts.get import server

ACCESS, SECRET = "rig-access-key", "rig-secret-key"
BUCKET = "rig-bucket"
REGION = "us-east-1"
SECONDS = 30


@dataclass(frozen=True)
class S3Server:
    """A server that runs, with one bucket."""

    endpoint: str
    bucket: str = BUCKET

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which boto3, pyarrow, S3A and sparkfeat find the server."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def client(self) -> Any:
        """A client of boto3, whatever the process's environment."""
        import boto3

        keys = {"aws_access_key_id": ACCESS, "aws_secret_access_key": SECRET}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name=REGION, **keys)

    def uri(self, key: str, scheme: str = "s3") -> str:
        """URI of a key in the bucket."""
        return f"{scheme}://{self.bucket}/{key}"

    def put_folder(self, folder: Path, prefix: str) -> None:
        """Upload every file of a folder."""
        client = self.client
        for file in folder.rglob("*"):
            if file.is_file():
                client.upload_file(str(file), self.bucket, f"{prefix}/{file.relative_to(folder).as_posix()}")

    def keys(self, prefix: str = "") -> list[str]:
        """Every key that begins so."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]


@contextmanager
def serving(folder: Path) -> Iterator[S3Server]:
    """Run a server over `folder` with an empty bucket."""
    port = free_port()
    for name in ("objects", "metadata"):
        (folder / name).mkdir(parents=True)
    # Metadata beside the objects: not every file system has extended attributes.
    command = [str(server()), "--port", f"127.0.0.1:{port}", "--quiet"]
    command += ["posix", "--sidecar", str(folder / "metadata"), str(folder / "objects")]
    keys = {"ROOT_ACCESS_KEY_ID": ACCESS, "ROOT_SECRET_ACCESS_KEY": SECRET}
    log = (folder / "server.log").open("wb")
    with log, subprocess.Popen(command, env=os.environ | keys, stdout=log, stderr=log) as process:
        try:
            _wait(port, process, folder / "server.log")
            found = S3Server(f"http://127.0.0.1:{port}")
            found.client.create_bucket(Bucket=found.bucket)
            yield found
        finally:
            process.kill()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"The S3 server does not answer: {log.read_text()[-2_000:]}")
