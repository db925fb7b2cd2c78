"""S3 servers in processes of their own: versitygw over a local folder, and moto, which knows encryption."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.parts.get import server
from tests.support.tls import PASSWORD, Certificate

ACCESS, SECRET = "rig-access-key", "rig-secret-key"
BUCKET = "rig-bucket"
REGION = "us-east-1"
SECONDS = 30


@dataclass(frozen=True)
class S3Server:
    """A server that runs, with one bucket; `certificate` is what a server of https:// shows."""

    endpoint: str
    bucket: str = BUCKET
    certificate: Certificate | None = None

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
            **self._trust,
        }

    @property
    def _trust(self) -> dict[str, str]:
        """Variables with which boto3, pyarrow and Java take the certificate for a good one."""
        if self.certificate is None:
            return {}
        store = f"-Djavax.net.ssl.trustStore={self.certificate.java}"
        password = f"-Djavax.net.ssl.trustStorePassword={PASSWORD}"
        return {"AWS_CA_BUNDLE": str(self.certificate.file), "JAVA_TOOL_OPTIONS": f"{store} {password}"}

    @property
    def client(self) -> Any:
        """A client of boto3, whatever the process's environment."""
        import boto3

        keys = {"aws_access_key_id": ACCESS, "aws_secret_access_key": SECRET}
        trusted = str(self.certificate.file) if self.certificate else None
        return boto3.client("s3", endpoint_url=self.endpoint, region_name=REGION, verify=trusted, **keys)

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
    """Run versitygw over `folder` with an empty bucket."""
    port = free_port()
    for name in ("objects", "metadata"):
        (folder / name).mkdir(parents=True)
    # Metadata beside the objects: not every file system has extended attributes.
    command = [str(server()), "--port", f"127.0.0.1:{port}", "--quiet"]
    command += ["posix", "--sidecar", str(folder / "metadata"), str(folder / "objects")]
    with _running(command, port, folder / "server.log"):
        yield _with_bucket(S3Server(f"http://127.0.0.1:{port}"))


@contextmanager
def encrypting(folder: Path) -> Iterator[S3Server]:
    """Run moto with an empty bucket: it keeps which key an object is encrypted with, and tells it.

    By https: the client of Hadoop's S3A sends no key otherwise.
    """
    port, certificate = free_port(), Certificate.made(folder)
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--ssl-cert", str(certificate.file), "--ssl-key", str(certificate.key)]
    with _running(command, port, folder / "server.log"):
        yield _with_bucket(S3Server(f"https://127.0.0.1:{port}", certificate=certificate))


def _with_bucket(server: S3Server) -> S3Server:
    server.client.create_bucket(Bucket=server.bucket)
    return server


@contextmanager
def _running(command: Sequence[str], port: int, log: Path) -> Iterator[None]:
    """Give the block a server that answers on `port`."""
    keys = {"ROOT_ACCESS_KEY_ID": ACCESS, "ROOT_SECRET_ACCESS_KEY": SECRET}
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, env=os.environ | keys, stdout=stream, stderr=stream) as process,
    ):
        try:
            _wait(port, process, log)
            yield
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
