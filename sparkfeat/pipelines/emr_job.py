"""The configuration of a job on EMR, read and checked together with that of the job itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sparkfeat.configuration import REGISTRY
from sparkfeat.emr.config import EmrConfig, JobSection
from sparkfeat.errors import ConfigError, MissingInputError
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.pipelines.config_file import read_model

if TYPE_CHECKING:
    from sparkfeat.pipelines.score_config import ScoreConfig
    from sparkfeat.pipelines.train_config import TrainConfig


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
    _check_job(config.job)
    return config


def _retargeted(config: EmrConfig, target: str, file: str) -> EmrConfig:
    if getattr(config, target) is None:
        raise ConfigError(f"No section '{target}'", where=file, hint="Add it, or leave the target as it is")
    return config.model_copy(update={"target": target})


def _check_job(job: JobSection) -> None:
    uri = job.config
    if "://" in uri:
        return
    if not Path(uri).is_file():
        hint = "Correct job.config; a relative path starts at the folder of the configuration that names it"
        raise MissingInputError("No such configuration of the job", where=uri, hint=hint)
    read = read_model(uri, _model(job.script))
    local = [f"{key}: {path}" for key, path in _locations(read) if _is_local(path)]
    if local:
        raise ConfigError(
            "The job names files of this machine",
            where=uri,
            why="Instances of EMR cannot see them: " + "; ".join(local),
            hint="Copy the data to S3, and write its s3:// URIs",
        )


def _model(script: str) -> type[ComputeConfig | TrainConfig | ScoreConfig]:
    """Return what the configuration of a script in jobs/ is; those of models take longer to import."""
    from sparkfeat.pipelines.score_config import ScoreConfig
    from sparkfeat.pipelines.train_config import TrainConfig

    models: dict[str, type[ComputeConfig | TrainConfig | ScoreConfig]] = {
        "train_model": TrainConfig,
        "score_model": ScoreConfig,
    }
    return models.get(script, ComputeConfig)


def _is_local(path: str) -> bool:
    return "://" not in path and not path.startswith(REGISTRY)


def _locations(job: ComputeConfig | TrainConfig | ScoreConfig) -> Iterator[tuple[str, str]]:
    """Yield what the job reads and writes, with the key that names it."""
    from sparkfeat.pipelines.score_config import ScoreConfig
    from sparkfeat.pipelines.train_config import TrainConfig

    named: dict[str, str | None] = {"output.path": job.output.path}
    if isinstance(job, TrainConfig):
        labels = job.data.labels.path if job.data.labels else None
        named |= {"data.matrix": job.data.matrix, "data.labels.path": labels}
        named |= {"data.definitions": job.data.definitions, "tracking.artifacts": job.tracking.artifacts}
    else:
        tables = job.entityset.dataframes if job.entityset is not None else {}
        named |= {f"entityset.dataframes.{name}.path": table.path for name, table in tables.items()}
        named["cutoff_time.path"] = job.cutoff_time.path
    if isinstance(job, ComputeConfig):
        named["features.definitions"] = job.features.definitions
    if isinstance(job, ScoreConfig):
        named |= {"model": job.model, "matrix": job.matrix}
    yield from ((key, path) for key, path in named.items() if path is not None)
