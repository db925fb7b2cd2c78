"""The configuration of a job on EMR, read and checked together with that of the job itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sparkfeat.emr.config import EmrConfig
from sparkfeat.errors import ConfigError, MissingInputError
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.pipelines.config_file import read_config, read_model


def read_emr_config(uri: str | Path, target: str | None = None) -> EmrConfig:
    """Read a configuration of `sparkfeat emr`, and check that of its job where it is a local file.

    Args:
        uri: local path of a YAML file.
        target: "cluster" or "serverless" in place of the configured one.

    Raises:
        ConfigError: one of the two is wrong, or the job names files of this machine.
        MissingInputError: the job's configuration is not there.
    """
    config = read_model(uri, EmrConfig)
    if target is not None:
        config = _retargeted(config, target, str(uri))
    _check_job(config.job.config)
    return config


def _retargeted(config: EmrConfig, target: str, file: str) -> EmrConfig:
    if getattr(config, target) is None:
        raise ConfigError(f"No section '{target}'", where=file, hint="Add it, or leave the target as it is")
    return config.model_copy(update={"target": target})


def _check_job(uri: str) -> None:
    if "://" in uri:
        return
    if not Path(uri).is_file():
        hint = "Correct job.config; a relative path starts at the folder of the configuration that names it"
        raise MissingInputError("No such configuration of the job", where=uri, hint=hint)
    local = [f"{key}: {path}" for key, path in _locations(read_config(uri)) if "://" not in path]
    if local:
        raise ConfigError(
            "The job names files of this machine",
            where=uri,
            why="Instances of EMR cannot see them: " + "; ".join(local),
            hint="Copy the data to S3, and write its s3:// URIs",
        )


def _locations(job: ComputeConfig) -> Iterator[tuple[str, str]]:
    """Yield what the job reads and writes, with the key that names it."""
    for name, dataframe in job.entityset.dataframes.items():
        yield f"entityset.dataframes.{name}.path", dataframe.path
    optional = {
        "features.definitions": job.features.definitions,
        "cutoff_time.path": job.cutoff_time.path,
        "output.path": job.output.path,
    }
    yield from ((key, path) for key, path in optional.items() if path is not None)
