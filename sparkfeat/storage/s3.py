"""The connections to S3: boto3 writes, Arrow's own client reads. Both find credentials and endpoint alike."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import pyarrow.fs as pafs

from sparkfeat.errors import EnvironmentProblem
from sparkfeat.storage.aws import aws

KMS_KEY = "SPARKFEAT_KMS_KEY"
"""Environment variable with the key for objects, where the configuration names none."""

ATTEMPTS = 10
CONNECT_SECONDS = 10
READ_SECONDS = 60

_RENEWED_BY_ARROW = frozenset({"assume-role-with-web-identity", "container-role", "iam-role"})
"""Ways to credentials, as botocore calls them, that Arrow's client knows: it renews what it finds itself."""


def missing_boto3() -> EnvironmentProblem:
    """Return the error for an installation without the extra `aws`."""
    return EnvironmentProblem("boto3 is not installed", hint="pip install 'sparkfeat[aws]'")


def default_kms_key() -> str | None:
    """Return the key that the environment names, or None."""
    return os.environ.get(KMS_KEY) or None


@dataclass(frozen=True, eq=False)
class Bucket:
    """Clients for one bucket, as the environment says: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL_S3 ..."""

    name: str
    session: Any
    client: Any

    @property
    def endpoint(self) -> str | None:
        """URL of the server where it is not AWS's own for the region."""
        url: str = self.client.meta.endpoint_url
        host = urlsplit(url).hostname or ""
        return None if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else url

    @cached_property
    def region(self) -> str:
        """Region of the bucket; that of the environment where another server than AWS is asked."""
        own: str = self.client.meta.region_name
        if self.endpoint is not None:
            return own
        from botocore.exceptions import ClientError

        with aws("open the bucket", f"s3://{self.name}"):
            try:
                answer = self.client.head_bucket(Bucket=self.name)
            except ClientError as error:  # even who may not see it is told where it lies
                answer = error.response
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        found: str = headers.get("x-amz-bucket-region", own)
        return found

    @cached_property
    def filesystem(self) -> pafs.FileSystem:
        """Arrow's client for the bucket; it asks again as often as boto3's does."""
        options: dict[str, Any] = {
            "region": self.region,
            "connect_timeout": CONNECT_SECONDS,
            "request_timeout": READ_SECONDS,
            "retry_strategy": pafs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        }
        if bundle := os.environ.get("AWS_CA_BUNDLE"):
            options["tls_ca_file_path"] = bundle
        return pafs.S3FileSystem(
            **options, **self._keys(), **_server(self.client.meta.endpoint_url, self.endpoint)
        )

    def _keys(self) -> Mapping[str, str | None]:
        credentials = self.session.get_credentials()
        if credentials is None or credentials.method in _RENEWED_BY_ARROW:
            return {}
        keys = credentials.get_frozen_credentials()
        return {
            "access_key": keys.access_key,
            "secret_key": keys.secret_key,
            "session_token": keys.token,
        }


def open_bucket(name: str) -> Bucket:
    """Return clients for a bucket; nothing is called.

    Throttled and failed requests are repeated, up to ten times with growing pauses.

    Raises:
        EnvironmentProblem: boto3 is missing, or the profile of the environment does not exist.
    """
    return _opened(name, tuple(sorted(pair for pair in os.environ.items() if pair[0].startswith("AWS_"))))


@cache
def _opened(name: str, _: tuple[tuple[str, str], ...]) -> Bucket:
    """Connect once for each state of the environment: to look for credentials takes a while."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise missing_boto3() from error
    patient = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
    )
    with aws("connect", f"s3://{name}"):
        session = boto3.session.Session()
        region = session.region_name or "us-east-1"
        return Bucket(name, session, session.client("s3", config=patient, region_name=region))


def forget() -> None:
    """Forget all connections: the next ones look for credentials, regions and endpoints anew."""
    _opened.cache_clear()


def _server(url: str, override: str | None) -> Mapping[str, str]:
    """Return the server that Arrow's client talks to, and the proxy on the way."""
    parts = urlsplit(url)
    found = {"scheme": parts.scheme}
    if override is not None:
        found["endpoint_override"] = parts.netloc
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        found["proxy_options"] = proxy
    return found
