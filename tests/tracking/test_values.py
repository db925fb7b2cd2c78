"""What is logged is flat, short, and has no secrets in it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sparkfeat.tracking.config import TrackingConfig
from sparkfeat.tracking.flat import finite, flat, metric_name
from sparkfeat.tracking.records import Column
from sparkfeat.tracking.secrets import hidden, without_passwords
from sparkfeat.tracking.signature import schema


def test_secrets_are_hidden_wherever_they_are() -> None:
    given = {
        "path": "s3://bucket/key",
        "engine": {
            "spark": {"spark.hadoop.fs.s3a.secret.key": "abc", "spark.hadoop.fs.s3a.access.key": "id"}
        },
        "uris": ["postgresql://me:hush@host/db", "http://host:5000"],
        "auth": {"DB_PASSWORD": "x", "token": "y", "session.token": ["z"], "tokens_seen": 3, "nothing": None},
        "api_key": None,
    }
    assert hidden(given) == {
        "path": "s3://bucket/key",
        "engine": {
            "spark": {"spark.hadoop.fs.s3a.secret.key": "***", "spark.hadoop.fs.s3a.access.key": "***"}
        },
        "uris": ["postgresql://me:***@host/db", "http://host:5000"],
        "auth": {
            "DB_PASSWORD": "***",
            "token": "***",
            "session.token": "***",
            "tokens_seen": "***",
            "nothing": None,
        },
        "api_key": None,
    }


def test_passwords_of_addresses_are_hidden_in_texts() -> None:
    told = "cannot reach https://user:p:w@mlflow.example:8080/x nor s3://bucket/a:b@c"
    assert (
        without_passwords(told) == "cannot reach https://user:***@mlflow.example:8080/x nor s3://bucket/a:b@c"
    )


def test_parameters_are_flat_and_short() -> None:
    nested = {
        "a": {"b": 1, "c": {"d": True}},
        "none": None,
        "empty": [],
        "list": [1, "é"],
        "SUM(x)": "t",
        "l": "x" * 600,
    }
    found = dict(flat(nested))
    assert found.pop("l") == "x" * 497 + "..."
    assert found == {"a.b": "1", "a.c.d": "true", "list": '[1, "é"]', "SUM_x_": "t"}


def test_metrics_are_numbers_under_names_that_mlflow_takes() -> None:
    given = {"auc": 0.5, "MEAN(a.b)[0]": 1, "nan": float("nan"), "infinite": float("-inf")}
    assert list(finite(given)) == [("auc", 0.5), ("MEAN_a.b__0_", 1.0)]
    assert metric_name("straße/1-a") == "stra_e/1-a"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"uri": "https://me:hush@host"}, "a password does not belong into a file"),
        ({"kms_key": "k", "s3_upload_extra_args": {"ServerSideEncryption": "AES256"}}, "not both"),
        ({"registered_model": "shop", "log_model": False}, "log_model: true"),
        ({"registered_model": "shop", "enabled": False}, "enabled: true"),
        ({"promote": "perhaps"}, "'better', 'always' or 'never'"),
        ({"timeout": 0}, "greater than 0"),
    ],
)
def test_settings_that_do_not_fit_are_refused(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TrackingConfig.model_validate(given)


def test_uploads_are_encrypted_with_the_key() -> None:
    assert TrackingConfig().upload_arguments == {}
    found = TrackingConfig(kms_key="arn:aws:kms:x").upload_arguments
    assert found == {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:x"}


def test_columns_in_the_words_of_mlflow() -> None:
    kinds = ["boolean", "tinyint", "bigint", "double", "decimal(20,0)", "string", "timestamp_ntz", "date"]
    columns = [Column(f"c{n}", kind) for n, kind in enumerate([*kinds, "array<double>", "struct<a:int>"])]
    found = schema(columns)
    assert [str(one.type) for one in found.inputs] == [
        "DataType.boolean",
        "DataType.integer",
        "DataType.long",
        "DataType.double",
        "DataType.double",
        "DataType.string",
        "DataType.datetime",
        "DataType.datetime",
        "Array(double)",
        "Any",
    ]
    assert found.required_input_names() == []
