"""The configuration that `sparkfeat score` reads."""

from __future__ import annotations

from typing import Self

from pydantic import Field, JsonValue, model_validator

from sparkfeat.configuration import Location, Section, SparkText
from sparkfeat.pipelines.config import CutoffTimeConfig, EngineConfig, EntitySetConfig, StorageConfig
from sparkfeat.pipelines.train_config import PublishedConfig
from sparkfeat.tracking import ServerConfig


class CheckConfig(Section):
    """Rows of the training matrix that are computed again before scoring; all values must be equal."""

    rows: int = Field(200, ge=1, le=100_000, description="How many rows to compute again")
    tolerance: float = Field(1e-9, ge=0, description="Largest relative difference of two numbers")


class ScoreConfig(Section):
    """Rows to predict with a trained model; its own definitions compute their features."""

    model: Location = Field(
        description="Folder that `sparkfeat train` published, or models:/name@champion or models:/name/3"
    )
    entityset: EntitySetConfig | None = Field(
        None, description="The tables. Default: those of the training, with what they hold by now"
    )
    cutoff_time: CutoffTimeConfig = Field(
        CutoffTimeConfig(),
        description="Whom to score, and up to when rows are known; windows are the model's",
    )
    matrix: Location | None = Field(
        None, description="A published matrix to score in place of computing features; the same definitions"
    )
    engine: EngineConfig = EngineConfig()
    check: CheckConfig | None = Field(
        None, description="Whether features must equal those of the training, on some of its rows"
    )
    registry: ServerConfig = Field(ServerConfig(), description="MLflow, where the model is models:/...")
    spark: dict[str, SparkText] = Field({}, description="Settings of the local Spark session")
    storage: StorageConfig = StorageConfig()
    output: PublishedConfig

    @model_validator(mode="after")
    def _features_come_from_one_place(self) -> Self:
        given = {"entityset", "cutoff_time", "engine"} & self.model_fields_set
        if self.matrix is not None and given:
            raise ValueError(f"matrix has the rows already; leave out {', '.join(sorted(given))}")
        return self

    def override(
        self, *, run_id: str | None = None, overwrite: bool | None = None, check: bool = False
    ) -> Self:
        """Return the configuration with the given values in place of its own; None keeps its own."""
        given = {"run_id": run_id, "overwrite": overwrite}
        changed = {key: value for key, value in given.items() if value is not None}
        output = self.output.model_copy(update=changed)
        checked = self.check or (CheckConfig() if check else None)
        return self.model_copy(update={"output": output, "check": checked})

    def parameters(self) -> dict[str, JsonValue]:
        """Return what is asked of the run, as JSON; how the run is called and stored is left out."""
        return self.model_dump(mode="json", exclude={"output": {"run_id", "overwrite"}, "storage": True})
