"""Real parts in processes of their own: an S3 server, a YARN that knows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import s3, yarn


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    """One server for all tests of a process; each uses keys of its own."""
    with s3.serving(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3_environment(s3_server: s3.S3Server, monkeypatch: pytest.MonkeyPatch) -> s3.S3Server:
    """The server, found by everything in this process that looks for AWS."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return s3_server


@pytest.fixture(scope="module")
def yarn_cluster(s3_server: s3.S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[yarn.Yarn]:
    """A YARN that ends with the module: its memory is needed by others."""
    with yarn.cluster(tmp_path_factory.mktemp("yarn"), s3_server) as cluster:
        yield cluster
