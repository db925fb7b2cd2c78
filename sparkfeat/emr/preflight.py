"""What can be known before money is spent: credentials, buckets, subnets."""

from __future__ import annotations

from collections.abc import Callable

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.cluster import POLICY_TAG
from sparkfeat.emr.config import EmrConfig
from sparkfeat.errors import ConfigError, EnvironmentProblem
from sparkfeat.storage.aws import aws
from sparkfeat.storage.locations import s3_path

Tell = Callable[[str], None]


def check_account(clients: Clients, config: EmrConfig, tell: Tell) -> None:
    """Check that AWS knows the caller, and that buckets and subnets are there and fit.

    Args:
        clients: connections.
        config: the configuration.
        tell: shows a line about what could not be checked.

    Raises:
        EnvironmentProblem: no credentials, or a bucket is forbidden.
        ConfigError: a bucket or subnet is missing, in another region or not fit for EMR.
    """
    with aws("find out who you are", config.region):
        clients.sts.get_caller_identity()
    for bucket in dict.fromkeys(
        s3_path(uri).bucket for uri in (config.storage.artifacts, config.storage.logs)
    ):
        _check_bucket(clients, bucket, config.region)
    if config.target == "cluster":
        _check_subnets(clients, config.required_cluster().subnets, tell)


def _check_bucket(clients: Clients, bucket: str, region: str) -> None:
    where = f"s3://{bucket}"
    with aws("open the bucket", where):
        answer = clients.s3.head_bucket(Bucket=bucket)
    found = answer.get("BucketRegion", region)
    if found != region:
        hint = "Code and logs must lie in the cluster's region: take another bucket, or another region"
        raise ConfigError(f"The bucket lies in {found}, the job in {region}", where=where, hint=hint)


def _check_subnets(clients: Clients, subnets: list[str], tell: Tell) -> None:
    where = ", ".join(subnets)
    try:
        with aws("look at the subnets", where):
            found = clients.ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
    except EnvironmentProblem as problem:
        tell(f"the subnets were not checked: {problem}")
        return
    for subnet in found:
        tags = {tag["Key"]: tag["Value"] for tag in subnet.get("Tags", ())}
        if tags.get(POLICY_TAG) != "true":
            raise ConfigError(
                "EMR's service role may not use the subnet",
                where=subnet["SubnetId"],
                why=f"Its policy demands the tag {POLICY_TAG}=true",
                hint=f"aws ec2 create-tags --resources {where} --tags Key={POLICY_TAG},Value=true",
            )
        if subnet.get("MapPublicIpOnLaunch"):
            tell(f"{subnet['SubnetId']} gives its instances public addresses: take a private subnet")
