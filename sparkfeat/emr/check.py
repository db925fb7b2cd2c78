"""Requests checked before they are sent: against botocore's model of the API, and against EMR's limits."""

from __future__ import annotations

from functools import cache
from typing import Any

from sparkfeat.errors import ConfigError
from sparkfeat.storage.s3 import missing_boto3

STEP_CHARACTERS = 10_240
BOOTSTRAP_ACTIONS = 16
STEPS = 256
SUBMIT_CHARACTERS = 102_400
TAGS = 50


def check_request(service: str, operation: str, request: dict[str, Any]) -> None:
    """Check the names, types and ranges of a request.

    Args:
        service: botocore's name, e.g. "emr".
        operation: e.g. "RunJobFlow".
        request: its parameters.

    Raises:
        ConfigError: botocore's model does not accept it.
        EnvironmentProblem: botocore is not installed.
    """
    validator, shape = _validator(), _input_shape(service, operation)
    report = validator.validate(request, shape)
    if report.has_errors():
        raise ConfigError(f"{operation} would be refused", why=report.generate_report())


def check_cluster(request: dict[str, Any]) -> None:
    """Check a RunJobFlow request against the limits that its model does not know.

    Raises:
        ConfigError: it breaks one.
    """
    check_request("emr", "RunJobFlow", request)
    _at_most(len(request["BootstrapActions"]), BOOTSTRAP_ACTIONS, "bootstrap actions")
    _at_most(len(request["Tags"]), TAGS, "tags")
    check_steps(request["Steps"])


def check_steps(steps: list[dict[str, Any]]) -> None:
    """Check how many steps there are and how long each is.

    Raises:
        ConfigError: too many or too long.
    """
    _at_most(len(steps), STEPS, "steps")
    for step in steps:
        characters = sum(map(len, step["HadoopJarStep"]["Args"])) + len(step["HadoopJarStep"]["Jar"])
        hint = "Give fewer or shorter settings under job.spark, or shorter folders under storage"
        _at_most(characters, STEP_CHARACTERS, f"characters in the step {step['Name']}", hint)


def check_serverless(request: dict[str, Any]) -> None:
    """Check a StartJobRun request.

    Raises:
        ConfigError: it would be refused.
    """
    check_request("emr-serverless", "StartJobRun", request)
    submit = request["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]
    _at_most(len(submit), SUBMIT_CHARACTERS, "characters of spark-submit's parameters")


def _at_most(count: int, limit: int, what: str, hint: str = "") -> None:
    if count > limit:
        raise ConfigError(f"{count:,} {what}", why=f"EMR takes at most {limit:,}", hint=hint)


@cache
def _session() -> Any:
    try:
        from botocore.session import get_session
    except ImportError as error:
        raise missing_boto3() from error
    return get_session()


def _validator() -> Any:
    _session()
    from botocore.validate import ParamValidator

    return ParamValidator()


@cache
def _input_shape(service: str, operation: str) -> Any:
    return _session().get_service_model(service).operation_model(operation).input_shape
