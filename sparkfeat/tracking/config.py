"""Where runs are logged, and which model becomes the champion."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from sparkfeat.configuration import Location, Section


class ServerConfig(Section):
    """Where MLflow is."""

    uri: str | None = Field(
        None,
        description="Server or database. Default: MLFLOW_TRACKING_URI, else mlflow.db in the output folder",
        examples=["http://127.0.0.1:5000"],
    )
    timeout: float = Field(10.0, gt=0, description="Seconds to wait for the server's answer")
    dfs_tmpdir: str | None = Field(
        None, description="Where Spark puts models on their way from or to MLflow; executors must reach it"
    )

    @field_validator("uri")
    @classmethod
    def _has_no_password(cls, given: str | None) -> str | None:
        if given is not None and urlsplit(given).password is not None:
            raise ValueError(
                "a password does not belong into a file: give the address by MLFLOW_TRACKING_URI, "
                "or user and password of a server by MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
            )
        return given

    @property
    def upload_arguments(self) -> dict[str, str]:
        """What boto3 is told when it uploads a file to S3: nothing."""
        return {}


class TrackingConfig(ServerConfig):
    """MLflow: the server, what it is told, and when a model is promoted."""

    enabled: bool = Field(True, description="Whether runs are logged; results are always kept in the output")
    experiment: str | None = Field(None, description="Default: the name of the job")
    tags: dict[str, str] = Field({}, description="Tags of the run beside sparkfeat's own")
    artifacts: Location | None = Field(
        None,
        description="Where a new experiment keeps files. Default: the server's choice, or beside mlflow.db",
    )
    kms_key: str | None = Field(
        None, description="Key that files on S3 are encrypted with (SSE-KMS); needs no other setting"
    )
    s3_upload_extra_args: dict[str, str] = Field(
        {},
        description="What boto3 is told when it uploads files, e.g. {ServerSideEncryption: AES256}",
    )
    log_model: bool = Field(True, description="Whether the model itself is logged, not only what it scored")
    registered_model: str | None = Field(None, description="Name to register the model under")
    promote: Literal["better", "always", "never"] = Field(
        "better", description="When a new version becomes the champion: its interval is above 0, or as said"
    )
    price_per_hour: float | None = Field(
        None, ge=0, description="What the machines cost; `sparkfeat emr plan` estimates it"
    )

    @model_validator(mode="after")
    def _registers_what_is_logged(self) -> Self:
        if self.registered_model is not None and not (self.enabled and self.log_model):
            raise ValueError("registered_model needs enabled: true and log_model: true")
        if self.kms_key is not None and self.s3_upload_extra_args:
            raise ValueError("give kms_key, or s3_upload_extra_args with all that S3 is told, not both")
        return self

    @property
    def upload_arguments(self) -> dict[str, str]:
        """What boto3 is told when it uploads a file to S3; empty: nothing."""
        if self.kms_key is not None:
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key}
        return self.s3_upload_extra_args
