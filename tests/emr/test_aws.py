"""Calls to S3, EC2 and STS, against moto; and what AWS refuses."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.cluster import run_job_flow
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.launch import describe, ensure_security_configuration
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.logs import error_lines, masked, read_log
from sparkfeat.emr.package import sha256_of
from sparkfeat.emr.preflight import check_account
from sparkfeat.emr.upload import upload
from sparkfeat.errors import ConfigError, EnvironmentProblem, ServiceError, SparkfeatError, StorageError
from sparkfeat.storage.aws import aws
from tests.emr.conftest import PACKAGE
from tests.emr.fakes import refusal
from tests.emr.test_cluster import changed

TAG = "for-use-with-amazon-emr-managed-policies"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """What `make package` would have built."""
    names = [PACKAGE.wheel, "jobs/compute_features.py", PACKAGE.environment("aarch64")]
    names += ["bootstrap/install_environment.sh", PACKAGE.wheelhouse("aarch64")]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    description = {"code": PACKAGE.code, "lock": PACKAGE.lock, "version": PACKAGE.version}
    (tmp_path / "package.json").write_text(json.dumps(description))
    sums = [f"{sha256_of(tmp_path / name)}  {name}\n" for name in names]
    (tmp_path / "SHA256SUMS").write_text("".join(sums))
    return tmp_path


def test_uploads_are_encrypted_and_sent_once(account: Clients, locations: Locations, dist: Path) -> None:
    told: list[str] = []

    assert upload(account, locations, dist, told.append) == 5
    assert upload(account, locations, dist, told.append) == 0
    assert len(told) == 5
    for uri in (locations.wheel, locations.script, locations.environment, locations.job_config):
        key = uri.removeprefix("s3://example-sparkfeat/")
        head = account.s3.head_object(Bucket="example-sparkfeat", Key=key)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == (
            "aws:kms",
            locations.config.encryption.kms_key,
        )


def test_the_bootstrap_action_is_uploaded_where_it_runs(
    account: Clients, config: EmrConfig, dist: Path
) -> None:
    locations = Locations(changed(config, "cluster", environment="bootstrap"), PACKAGE)
    upload(account, locations, dist, lambda _: None)
    found = account.s3.list_objects_v2(Bucket="example-sparkfeat")["Contents"]
    names = {item["Key"].rsplit("/", 1)[1] for item in found}

    assert {"install_environment.sh", PACKAGE.wheelhouse("aarch64"), "SHA256SUMS"} <= names
    assert PACKAGE.environment("aarch64") not in names


def test_a_damaged_file_is_not_uploaded(account: Clients, locations: Locations, dist: Path) -> None:
    (dist / PACKAGE.environment("aarch64")).write_text("damaged")

    with pytest.raises(EnvironmentProblem, match=r"is damaged.*environment-aarch64"):
        upload(account, locations, dist, lambda _: None)


def test_an_old_package_is_not_uploaded(account: Clients, locations: Locations, dist: Path) -> None:
    (dist / "package.json").write_text(json.dumps({"code": "old", "lock": PACKAGE.lock, "version": "0.1.0"}))

    with pytest.raises(EnvironmentProblem, match=r"older than the code.*make package"):
        upload(account, locations, dist, lambda _: None)


def test_an_unencrypted_write_that_the_bucket_refuses(
    account: Clients, locations: Locations, dist: Path
) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::example-sparkfeat/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "another"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    account.s3.put_bucket_policy(Bucket="example-sparkfeat", Policy=json.dumps(policy))

    with pytest.raises(EnvironmentProblem, match=r"(permission|forbids) to upload"):
        upload(account, locations, dist, lambda _: None)


def test_an_account_that_fits(account: Clients, config: EmrConfig) -> None:
    subnet = account.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    account.ec2.create_tags(Resources=[subnet], Tags=[{"Key": TAG, "Value": "true"}])
    told: list[str] = []
    check_account(account, changed(config, "cluster", subnets=[subnet]), told.append)

    assert len(told) == 1  # moto's own subnets are public
    assert "private subnet" in told[0]


def test_a_subnet_without_the_tag(account: Clients, config: EmrConfig) -> None:
    subnet = account.ec2.describe_subnets()["Subnets"][0]["SubnetId"]

    with pytest.raises(ConfigError, match=rf"aws ec2 create-tags --resources {subnet}"):
        check_account(account, changed(config, "cluster", subnets=[subnet]), print)


def test_a_subnet_that_is_not_there(account: Clients, config: EmrConfig) -> None:
    with pytest.raises(ConfigError, match=r"cluster.subnets"):
        check_account(account, config, print)


def test_a_bucket_that_is_not_there(empty_account: Clients, config: EmrConfig) -> None:
    with pytest.raises(ConfigError, match=r"No such bucket.*aws s3 mb s3://example-sparkfeat"):
        check_account(empty_account, config, print)


def test_a_bucket_of_another_region(empty_account: Clients, config: EmrConfig) -> None:
    there = {"LocationConstraint": "eu-west-1"}
    empty_account.s3.create_bucket(Bucket="example-sparkfeat", CreateBucketConfiguration=there)

    with pytest.raises(ConfigError, match=r"lies in eu-west-1, the job in us-east-1"):
        check_account(empty_account, config, print)


def test_a_cluster_is_made_at_moto(account: Clients, locations: Locations) -> None:
    name = ensure_security_configuration(account, locations.config)
    cluster_id = account.launcher.run_job_flow(**run_job_flow(locations, token="abc"))["JobFlowId"]
    found = describe(account, cluster_id)

    assert found["SecurityConfiguration"] == name
    assert {"Key": "sparkfeat:run", "Value": "abc"} in found["Tags"]


@pytest.mark.parametrize(
    ("code", "message", "error", "told"),
    [
        ("ExpiredToken", "", EnvironmentProblem, "have expired.*aws sso login"),
        ("UnrecognizedClientException", "", EnvironmentProblem, "does not accept the credentials"),
        ("403", "", EnvironmentProblem, "No permission to test"),
        (
            "AccessDenied",
            "not authorized to perform kms:GenerateDataKey",
            EnvironmentProblem,
            "key's own policy",
        ),
        (
            "AccessDenied",
            "with an explicit deny in a resource-based policy",
            EnvironmentProblem,
            "bucket's policy",
        ),
        ("PermanentRedirect", "", ConfigError, "another region"),
        ("NoSuchBucket", "", ConfigError, "aws s3 mb s3://bucket"),
        ("ValidationException", "Invalid InstanceProfile: x", ConfigError, "cluster.instance_profile"),
        ("ValidationException", "The subnet subnet-1 does not exist", ConfigError, "cluster.subnets"),
        ("SlowDown", "", ServiceError, "too busy"),
        ("SomethingNew", "odd", StorageError, "SomethingNew: odd"),
    ],
)
def test_refusals(code: str, message: str, error: type[SparkfeatError], told: str) -> None:
    with pytest.raises(error, match=told) as raised, aws("test", "s3://bucket/key"):
        raise refusal(code, message)
    assert type(raised.value) is error


def test_no_credentials() -> None:
    with (
        pytest.raises(EnvironmentProblem, match=r"No AWS credentials to test.*aws configure"),
        aws("test", "x"),
    ):
        raise NoCredentialsError


def test_a_region_that_nobody_answers_from() -> None:
    unreachable = EndpointConnectionError(endpoint_url="https://elasticmapreduce.mars-1")

    with pytest.raises(ServiceError, match=r"cannot be reached.*region's name"), aws("test", "mars-1"):
        raise unreachable


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("key AKIAIOSFODNN7EXAMPLE used", "key AKIA*** used"),
        ("fs.s3a.secret.key=wJalrXUtnFEMI done", "fs.s3a.secret.key=*** done"),
        ("url?X-Amz-Signature=abcdef&x=1", "url?X-Amz-Signature=***&x=1"),
        ("postgres://me:hunter2@host/db", "postgres://me:***@host/db"),
        ("MLFLOW_TRACKING_PASSWORD: hunter2", "MLFLOW_TRACKING_PASSWORD: ***"),
        ("nothing to hide: 12 tokens counted", "nothing to hide: 12 tokens counted"),
    ],
)
def test_secrets_are_taken_out_of_logs(line: str, shown: str) -> None:
    assert masked(line) == shown


def test_a_log_that_is_still_being_written(account: Clients) -> None:
    content = gzip.compress("\n".join(f"line {number}" for number in range(5000)).encode())
    account.s3.put_object(Bucket="example-sparkfeat", Key="log.gz", Body=content[: len(content) // 2])

    assert read_log(account, "s3://example-sparkfeat/log.gz").startswith("line 0\nline 1\n")
    assert read_log(account, "s3://example-sparkfeat/other.gz") == ""


def test_long_errors_keep_their_beginning_and_their_end() -> None:
    lines = [
        "Traceback (most recent call last):",
        *(f"  frame {number}" for number in range(50)),
        "ValueError: x",
    ]
    shown = error_lines("\n".join(["before", *lines]))

    assert shown[:2] == ["Traceback (most recent call last):", "..."]
    assert shown[-1] == "ValueError: x"
    assert len(shown) == 20
