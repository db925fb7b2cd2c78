"""A configuration, what it makes, and an AWS that is moto's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from sparkfeat.emr.clients import Clients, connect
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.package import Package
from sparkfeat.pipelines.emr_job import read_emr_config

PACKAGE = Package(code="c0de" * 4, lock="10c4" * 16, version="0.1.0")


@pytest.fixture
def config(repository: Path) -> EmrConfig:
    return read_emr_config(repository / "conf" / "emr" / "example.yaml")


@pytest.fixture
def locations(config: EmrConfig) -> Locations:
    return Locations(config, PACKAGE)


@pytest.fixture(scope="session")
def moto_clients() -> Iterator[Clients]:
    """Clients with credentials that open nothing: slow to make, and fit for every account of moto's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.delenv("AWS_PROFILE", raising=False)
        yield connect("us-east-1")


@pytest.fixture
def empty_account(moto_clients: Clients) -> Iterator[Clients]:
    """Clients of a new account, with moto in AWS's place."""
    with mock_aws():
        yield moto_clients


@pytest.fixture
def account(empty_account: Clients) -> Clients:
    """Clients of an account that has the example's bucket."""
    empty_account.s3.create_bucket(Bucket="example-sparkfeat")
    return empty_account
