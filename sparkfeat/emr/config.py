"""The configuration that `sparkfeat emr` reads: one for a cluster and for EMR Serverless."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sparkfeat.configuration import Location, Section, SparkText
from sparkfeat.emr.releases import Release

EngineKind = Literal["spark", "partitioned", "featuretools"]
Architecture = Literal["x86_64", "aarch64"]

S = TypeVar("S")

_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/]+)*")
PRIMARY_DISK_GIB = 64
"""Disk of the primary instance, which keeps no data of the job."""

_RESERVED_TAGS = ("aws:", "for-use-with-amazon-emr-managed-policies")


def _s3_folder(uri: str) -> str:
    uri = uri.rstrip("/")
    if not _S3.fullmatch(uri):
        raise ValueError("write a folder on S3 as s3://bucket/folder")
    return uri


def _release(label: str) -> str:
    Release.parse(label)
    return label


def _key(arn: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+", arn):
        raise ValueError("write the key as arn:aws:kms:REGION:ACCOUNT:key/ID; EMR takes no alias")
    return arn


def _role(arn: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", arn):
        raise ValueError("write the role as arn:aws:iam::ACCOUNT:role/NAME")
    return arn


def _one_or_many(given: object) -> object:
    return [given] if isinstance(given, str) else given


S3Folder = Annotated[str, AfterValidator(_s3_folder)]
KmsKey = Annotated[str, AfterValidator(_key)]
RoleArn = Annotated[str, AfterValidator(_role)]
InstanceTypes = Annotated[list[str], BeforeValidator(_one_or_many), Field(min_length=1, max_length=30)]


def _no_secrets(settings: dict[str, str]) -> dict[str, str]:
    for key in settings:
        if re.search(r"secret|password|token|access\.key|credential(?!s\.provider)", key, re.IGNORECASE):
            raise ValueError(
                f"{key}: settings are seen in EMR's console and by other processes; give the role access"
            )
    return settings


class JobSection(Section):
    """What runs: one of the scripts of jobs/, with its configuration."""

    script: str = Field("compute_features", pattern=r"^[a-z_]+$", description="Name of a file in jobs/")
    config: Location = Field(description="The job's own YAML; a local file is uploaded")
    engine: EngineKind = Field("spark", description="Which engine the memory is divided for")
    run_id: str | None = Field(None, description="Name of the run; a finished one is not repeated")
    overwrite: bool = Field(False, description="Whether another run's matrix may be replaced")
    timeout_minutes: int = Field(720, ge=5, le=1_000_000, description="A run that takes longer is ended")
    spark: Annotated[dict[str, SparkText], AfterValidator(_no_secrets)] = Field(
        {}, description="Settings that replace those of conf/ and the sizing"
    )


class StorageSection(Section):
    """Where code, data and logs lie on S3."""

    artifacts: S3Folder = Field(description="Code, environment and configurations are uploaded to here")
    logs: S3Folder = Field(description="EMR writes logs to here")
    read: list[S3Folder] = Field([], description="Folders that the job reads; for the policies")
    write: list[S3Folder] = Field([], description="Folders that the job writes; for the policies")


class FleetSection(Section):
    """Instances of one purpose; all of one architecture and one ratio of memory to cores."""

    types: InstanceTypes
    vcpus: int = Field(ge=2, description="Cores to start with")
    max_vcpus: int | None = Field(None, ge=2, description="Cores that managed scaling may go up to")
    disk_gib: int = Field(128, ge=15, le=16_384, description="Disk of each instance, for shuffles and spills")

    @model_validator(mode="after")
    def _scales_up(self) -> Self:
        if self.max_vcpus is not None and self.max_vcpus < self.vcpus:
            raise ValueError("max_vcpus is below vcpus")
        return self


class SpotSection(Section):
    """Instances that may be taken away at any time; nothing but executors runs on them."""

    types: InstanceTypes
    vcpus: int = Field(ge=2, description="Cores to start with; EMR makes no fleet of none")
    max_vcpus: int = Field(ge=2, description="Cores that managed scaling may go up to")
    disk_gib: int = Field(128, ge=15, le=16_384)
    timeout_minutes: int = Field(10, ge=5, le=1440, description="Wait this long for spot, then use on-demand")

    @model_validator(mode="after")
    def _scales_up(self) -> Self:
        if self.max_vcpus < self.vcpus:
            raise ValueError("max_vcpus is below vcpus")
        return self


class ClusterSection(Section):
    """A transient cluster on EC2."""

    primary: InstanceTypes = Field(["m6g.xlarge"])
    core: FleetSection
    task: SpotSection | None = None
    subnets: list[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]] = Field(
        min_length=1, description="Private subnets; EMR takes the one with the most capacity"
    )
    primary_security_group: str | None = Field(None, pattern=r"^sg-[0-9a-f]+$")
    worker_security_group: str | None = Field(None, pattern=r"^sg-[0-9a-f]+$")
    service_security_group: str | None = Field(None, pattern=r"^sg-[0-9a-f]+$")
    service_role: RoleArn
    instance_profile: str = Field(description="Name of the instance profile")
    runtime_role: RoleArn | None = Field(
        None, description="Role that the step runs as. Default: the profile's"
    )
    idle_minutes: int = Field(15, ge=1, le=10_080, description="A cluster without work ends after this")
    environment: Literal["archive", "bootstrap"] = Field(
        "archive", description="Python packages: unpacked for the job, or installed on each instance"
    )
    notebooks: bool = Field(False, description="Whether EMR Studio may attach to a launched cluster")
    executor_cores: int = Field(4, ge=1, le=16, description="Tasks that an executor runs at once")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        groups = [self.primary_security_group, self.worker_security_group]
        if any(groups) and not all([*groups, self.service_security_group]):
            raise ValueError("give all three security groups, or none: EMR then makes its own")
        if self.notebooks and self.environment != "bootstrap":
            raise ValueError("notebooks need environment: bootstrap; an archive is unpacked for one job only")
        return self


class ServerlessSection(Section):
    """EMR Serverless: workers without instances."""

    execution_role: RoleArn
    application_id: str | None = Field(None, pattern=r"^[0-9a-z]{1,64}$", description="Default: one by name")
    architecture: Architecture = "aarch64"
    max_vcpus: int = Field(64, ge=4, description="Most cores at once, the driver's included")
    worker_cores: Literal[2, 4, 8, 16] = 4
    worker_memory_gib: int = Field(16, ge=4, le=120)
    subnets: list[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]] = Field([])
    security_groups: list[Annotated[str, Field(pattern=r"^sg-[0-9a-f]+$")]] = Field([])
    idle_minutes: int = Field(5, ge=1, le=10_080)


class EncryptionSection(Section):
    """At rest with one key; between instances with certificates."""

    kms_key: KmsKey
    certificates: S3Folder | None = Field(
        None, description="Zip on S3 with privateKey.pem and certificateChain.pem, for TLS between instances"
    )
    security_configuration: str | None = Field(None, description="Name of one that exists. Default: made")


class EmrConfig(Section):
    """A job on Amazon EMR: on a cluster, without servers, or on either."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    release: Annotated[str, AfterValidator(_release)]
    target: Literal["cluster", "serverless"] = "cluster"
    job: JobSection
    storage: StorageSection
    encryption: EncryptionSection
    cluster: ClusterSection | None = None
    serverless: ServerlessSection | None = None
    catalog: Literal["glue", "none"] = Field("glue", description="Where Spark keeps tables' names")
    tags: dict[str, str] = Field({})
    prices: Location | None = Field(None, description="Your own price file. Default: the one delivered")

    @model_validator(mode="after")
    def _target_is_described(self) -> Self:
        if getattr(self, self.target) is None:
            raise ValueError(f"target is {self.target}, and there is no section '{self.target}'")
        taken = [key for key in self.tags if key.startswith(_RESERVED_TAGS)]
        if taken:
            raise ValueError(f"tags: {', '.join(taken)} is set by sparkfeat or AWS; leave it out")
        _same_region(self.region, self.encryption.kms_key)
        return self

    def required_cluster(self) -> ClusterSection:
        """Return the section `cluster`.

        Raises:
            ValueError: there is none.
        """
        return _given(self.cluster, "cluster")

    def required_serverless(self) -> ServerlessSection:
        """Return the section `serverless`.

        Raises:
            ValueError: there is none.
        """
        return _given(self.serverless, "serverless")


def _same_region(region: str, *arns: str) -> Iterable[str]:
    for arn in arns:
        if arn.split(":")[3] != region:
            raise ValueError(
                f"the key lies in {arn.split(':')[3]}, the job in {region}; both must be the same"
            )
    return arns


def _given(section: S | None, name: str) -> S:
    if section is None:
        raise ValueError(f"no section '{name}'")
    return section
