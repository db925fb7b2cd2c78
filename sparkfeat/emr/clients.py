"""The connections to AWS. Credentials are found by boto3 and never touched here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sparkfeat.storage.aws import aws
from sparkfeat.storage.s3 import missing_boto3

_ATTEMPTS = 10


@dataclass(frozen=True)
class Clients:
    """Clients of one region.

    `launcher` calls EMR as `emr` does, but sends each request once: RunJobFlow has no token that makes a
    second harmless.
    """

    region: str
    emr: Any
    launcher: Any
    serverless: Any
    s3: Any
    ec2: Any
    sts: Any


def connect(region: str) -> Clients:
    """Make the clients; nothing is called.

    Throttled requests are repeated, up to ten times with growing pauses.

    Raises:
        EnvironmentProblem: boto3 is not installed, or the profile it is to use does not exist.
    """
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise missing_boto3() from error
    patient = Config(retries={"mode": "standard", "total_max_attempts": _ATTEMPTS})
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    with aws("connect", region):
        session = boto3.session.Session(region_name=region)
        return Clients(
            region=region,
            emr=session.client("emr", config=patient),
            launcher=session.client("emr", config=once),
            serverless=session.client("emr-serverless", config=patient),
            s3=session.client("s3", config=patient),
            ec2=session.client("ec2", config=patient),
            sts=session.client("sts", config=patient),
        )
