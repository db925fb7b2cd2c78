"""What AWS refuses, as sparkfeat's errors, each with the next step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sparkfeat.errors import ConfigError, EnvironmentProblem, ServiceError, SparkfeatError, StorageError

THROTTLED = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_FORBIDDEN = frozenset({"403", "AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedOperation"})
_ELSEWHERE = frozenset(
    {"301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}
)
_MISSING_BUCKET = frozenset({"404", "NoSuchBucket"})
_UNFIT = frozenset({"InvalidRequestException", "ResourceNotFoundException", "ValidationException"})
_WRITING = frozenset({"upload", "write"})
_PERMISSIONS = (
    "Give your user or role the permissions of docs/s3.md; of EMR's policies, those that "
    "`sparkfeat emr plan --format iam` prints"
)
_LOG_IN = "Log in again (`aws sso login`, `aws configure`), or set AWS_PROFILE to a profile that works"
_SET_CLOCK = "Set this machine's clock: `sudo chronyc makestep`, or `sudo timedatectl set-ntp true`"
_UNUSABLE = {
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "RequestExpired"),
        ("AWS credentials have expired: cannot", _LOG_IN),
    ),
    **dict.fromkeys(
        ("AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken"),
        ("AWS does not accept the credentials to", _LOG_IN),
    ),
    **dict.fromkeys(
        ("SignatureDoesNotMatch", "UnrecognizedClientException"),
        ("AWS does not accept the credentials to", _LOG_IN),
    ),
    **dict.fromkeys(
        ("RequestInTheFuture", "RequestTimeTooSkewed"), ("The clock is wrong: cannot", _SET_CLOCK)
    ),
}
"""Codes of requests that were not signed as they should: what to say, and what to do."""

_ARROW = re.compile(
    r"AWS Error (?P<code>[A-Z_]+)(?: \(HTTP status (?P<status>\d+)\))? during \w+ operation: (?P<why>.*)"
)
_ARROW_OBJECT = re.compile(r"key '(?P<key>[^']*)' in bucket '(?P<bucket>[^']*)'")
_ARROW_CODES = {
    "ACCESS_DENIED": "AccessDenied",
    "EXPIRED_TOKEN": "ExpiredToken",
    "INVALID_ACCESS_KEY_ID": "InvalidAccessKeyId",
    "NETWORK_CONNECTION": "ServiceUnavailable",
    "NO_SUCH_BUCKET": "NoSuchBucket",
    "REQUEST_TIME_TOO_SKEWED": "RequestTimeTooSkewed",
    "SERVICE_UNAVAILABLE": "ServiceUnavailable",
    "SIGNATURE_DOES_NOT_MATCH": "SignatureDoesNotMatch",
    "SLOW_DOWN": "SlowDown",
    "THROTTLING": "Throttling",
}


@contextmanager
def aws(doing: str, where: str) -> Iterator[None]:
    """Raise what AWS or the way to it refuses inside the block as a SparkfeatError.

    Args:
        doing: the action in the infinitive, e.g. "launch the cluster".
        where: what it is done to.

    Raises:
        EnvironmentProblem: no credentials, or no permission.
        ConfigError: the request names something that is not there or does not fit.
        ServiceError: AWS cannot be reached or asks to be called less often.
        StorageError: anything else.
    """
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _refused(error.response, doing, where) from error
    except S3UploadFailedError as error:
        cause = error.__cause__ or error.__context__
        response = cause.response if isinstance(cause, ClientError) else {"Error": {"Message": str(error)}}
        raise _refused(response, doing, where) from error
    except BotoCoreError as error:
        raise _not_sent(error, doing, where) from error


def problem_of_code(code: str, why: str, doing: str, where: str) -> SparkfeatError:
    """Return the error for a code of S3's that some client has reported in its own way."""
    return _refused({"Error": {"Code": code, "Message": why}}, doing, where)


def problem_of_arrow(text: str, doing: str, where: str) -> SparkfeatError | None:
    """Return what Arrow's client of S3 says, possibly in the words of an engine, as a SparkfeatError.

    Args:
        text: the message; None is returned where it is not of that client.
        doing: the action in the infinitive.
        where: what it is done to; by default the object that the message names.
    """
    found = _ARROW.search(text)
    if found is None:
        return None
    code = _ARROW_CODES.get(found["code"], found["status"] or found["code"])
    named = _ARROW_OBJECT.search(text)
    place = where or (f"s3://{named['bucket']}/{named['key']}" if named else "")
    return problem_of_code(code, found["why"].strip(), doing, place)


def _not_sent(error: Exception, doing: str, where: str) -> SparkfeatError:
    """Return the error for a request that did not reach AWS."""
    name = type(error).__name__
    if name in {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}:
        return EnvironmentProblem(f"No AWS credentials to {doing}", where=where, why=str(error), hint=_LOG_IN)
    if "Token" in name or "SSO" in name or name in {"ProfileNotFound", "ConfigNotFound"}:
        return EnvironmentProblem(
            f"AWS credentials cannot be used to {doing}", where=where, why=str(error), hint=_LOG_IN
        )
    if name in {"NoRegionError", "InvalidRegionError"}:
        return ConfigError(
            f"No such region to {doing}", where=where, why=str(error), hint="Correct the region"
        )
    if name == "ParamValidationError":
        return ConfigError(f"The request to {doing} is malformed", where=where, why=str(error))
    hint = "Check the region's name, the network and any proxy, and try again"
    return ServiceError(f"AWS cannot be reached to {doing}", where=where, why=str(error), hint=hint)


def _refused(response: dict[str, Any], doing: str, where: str) -> SparkfeatError:
    """Return the error for AWS's answer."""
    found = response.get("Error", {})
    code, why = str(found.get("Code", "")), str(found.get("Message", ""))
    if code in THROTTLED or response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 503:
        hint = "Try again in some minutes"
        return ServiceError(f"AWS is too busy to {doing}", where=where, why=why, hint=hint)
    if code in _UNUSABLE:
        what, hint = _UNUSABLE[code]
        return EnvironmentProblem(f"{what} {doing}", where=where, why=why, hint=hint)
    if code in _FORBIDDEN:
        return _forbidden(doing, where, why)
    if code.startswith("KMS."):
        hint = "Correct storage.kms_key: the key must be enabled and in the bucket's region"
        return ConfigError(f"The key cannot be used to {doing}", where=where, why=why, hint=hint)
    return _unfit(response, code, why, doing, where)


def _forbidden(doing: str, where: str, why: str) -> SparkfeatError:
    what, hint = f"No permission to {doing}", _PERMISSIONS
    if "kms" in why.lower():
        what = f"The key may not be used to {doing}"
        hint = "Let the key's own policy name your user and the roles of the configuration (docs/emr.md)"
    elif "explicit deny" in why or doing in _WRITING:
        what = f"A policy forbids to {doing}" if "explicit deny" in why else what
        hint = (
            "A bucket's policy may demand a key: compare it with storage.kms_key or encryption.kms_key; "
            + hint
        )
    return EnvironmentProblem(what, where=where, why=why, hint=hint)


def _unfit(response: dict[str, Any], code: str, why: str, doing: str, where: str) -> SparkfeatError:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region")
    if code in _ELSEWHERE or (code == "400" and region):
        there = f"It lies in {region}" if region else why
        hint = "Write that region into the configuration, or take a bucket of its region"
        return ConfigError(
            f"The bucket is in another region: cannot {doing}", where=where, why=there, hint=hint
        )
    if code in _MISSING_BUCKET:
        hint = f"Correct the name, or make it: aws s3 mb s3://{where.removeprefix('s3://').split('/')[0]}"
        return ConfigError(f"No such bucket: cannot {doing}", where=where, hint=hint)
    if code in _UNFIT or code.startswith("InvalidSubnet"):
        return ConfigError(f"AWS refuses to {doing}", where=where, why=why, hint=_hint_for(why))
    return StorageError(f"Could not {doing}", where=where, why=f"{code}: {why}" if code else why)


def _hint_for(why: str) -> str:
    """Return what to do about a reason that EMR gives in words."""
    hints = {
        "instance type": "Choose other types in cluster.primary, cluster.core.types and cluster.task.types",
        "subnet": "Correct cluster.subnets: they must be of the configured region",
        "instanceprofile": "Make the instance profile, or correct cluster.instance_profile",
        "instance profile": "Make the instance profile, or correct cluster.instance_profile",
        "release label": "Correct release: see the list of EMR's releases for the region",
        "service role": "Correct cluster.service_role, or let its trust policy name EMR",
        "cluster id": "Correct the id, and check that the region is the cluster's",
    }
    return next((hint for words, hint in hints.items() if words in why.lower()), "")
