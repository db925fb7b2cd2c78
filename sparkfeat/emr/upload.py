"""Uploads: files whose names say their content, so that what is there already is not sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sparkfeat.emr.clients import Clients
from sparkfeat.emr.locations import Locations
from sparkfeat.emr.package import BOOTSTRAP, Package, built_package, checksums, sha256_of
from sparkfeat.errors import EnvironmentProblem
from sparkfeat.storage.aws import aws
from sparkfeat.storage.locations import s3_path

Tell = Callable[[str], None]


def upload(clients: Clients, locations: Locations, dist: Path, tell: Tell) -> int:
    """Upload what the job needs and is not on S3 yet, encrypted with the configured key.

    Args:
        clients: connections.
        locations: where each file belongs.
        dist: folder that `make package` filled.
        tell: shows a line.

    Returns:
        The number of files that were sent.

    Raises:
        EnvironmentProblem: the package was not built, is older than the code, or damaged.
    """
    _check_current(dist, locations.package)
    sums = {name: digest for digest, name in checksums(dist)}
    sent = 0
    for file, uri in _files(locations, dist):
        if _exists(clients, uri):
            continue
        _check_whole(file, dist, sums)
        tell(f"upload {file.name} ({file.stat().st_size / 1e6:,.1f} MB)")
        _send(clients, file, uri, locations.config.encryption.kms_key)
        sent += 1
    return sent


def _files(locations: Locations, dist: Path) -> Iterator[tuple[Path, str]]:
    config, package = locations.config, locations.package
    yield dist / package.wheel, locations.wheel
    yield dist / "jobs" / f"{config.job.script}.py", locations.script
    yield dist / "SHA256SUMS", f"{locations.code}/SHA256SUMS"
    if config.target == "cluster" and config.required_cluster().environment == "bootstrap":
        yield dist / "bootstrap" / BOOTSTRAP, locations.bootstrap
        yield dist / package.wheelhouse(locations.architecture), locations.wheelhouse
    else:
        yield dist / package.environment(locations.architecture), locations.environment
    if "://" not in config.job.config:
        yield Path(config.job.config), locations.job_config


def _check_current(dist: Path, package: Package) -> None:
    if built_package(dist) != package:
        raise EnvironmentProblem(
            "The package is older than the code", where=str(dist), hint="Run `make package`, then try again"
        )


def _check_whole(file: Path, dist: Path, sums: dict[str, str]) -> None:
    """Compare a file of the package with its checksum."""
    name = file.relative_to(dist).as_posix() if file.is_relative_to(dist) else None
    if not file.is_file():
        raise EnvironmentProblem("The package lacks a file", where=str(file), hint="Run `make package` again")
    if name in sums and sha256_of(file) != sums[name]:
        raise EnvironmentProblem(
            "A file of the package is damaged",
            where=str(file),
            why="Its SHA-256 is not the one in SHA256SUMS",
            hint="Remove it and run `make package` again",
        )


def _exists(clients: Clients, uri: str) -> bool:
    from botocore.exceptions import ClientError

    place = s3_path(uri)
    with aws("look for the uploaded file", uri):
        try:
            clients.s3.head_object(Bucket=place.bucket, Key=place.key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return False
            raise
    return True


def _send(clients: Clients, file: Path, uri: str, kms_key: str) -> None:
    place = s3_path(uri)
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}
    with aws("upload", uri):
        clients.s3.upload_file(str(file), place.bucket, place.key, ExtraArgs=encrypted)
