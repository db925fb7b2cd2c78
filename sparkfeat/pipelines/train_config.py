"""The configuration that `sparkfeat train` reads."""

from __future__ import annotations

from typing import Self

from pydantic import Field, JsonValue, model_validator

from sparkfeat.configuration import Location, Section, SparkText
from sparkfeat.models.evaluation import EvaluationConfig
from sparkfeat.models.training import TrainingConfig
from sparkfeat.pipelines.config import StorageConfig
from sparkfeat.storage.run_checks import RUN_ID
from sparkfeat.tracking import TrackingConfig


class LabelsConfig(Section):
    """A table of labels beside the matrix, joined by instance and, where the matrix has them, cutoff time."""

    path: Location = Field(description="Parquet with instance_id (or the index name), time, and the label")
    columns: list[str] = Field(
        [], description="Columns to take beside the label, e.g. when it became known; they are no features"
    )


class DataConfig(Section):
    """What to learn from. Columns that were passed through the matrix are no features unless included."""

    matrix: Location = Field(description="Folder that `sparkfeat compute` published")
    label: str | None = Field(
        None, description="Column to predict: of the matrix, or of labels; clustering has none"
    )
    labels: LabelsConfig | None = None
    definitions: Location | None = Field(
        None, description="A file of features, e.g. of `sparkfeat select`: no other ones are learned from"
    )
    include: list[str] = Field([], description="Passed through columns that are features; `*` stands for any")
    exclude: list[str] = Field([], description="Columns that are no features; `*` stands for any letters")


class PublishedConfig(Section):
    """Where the results go."""

    path: Location = Field(description="Folder of the results; readers see them when the run has finished")
    run_id: str | None = Field(None, pattern=f"^{RUN_ID}$", description="Default: a new one, from the time")
    overwrite: bool = Field(False, description="Whether what another run published may be replaced")


class TrainConfig(Section):
    """A model to train on a published matrix, to judge, to log and to publish."""

    name: str = Field(
        "sparkfeat", min_length=1, description="Name of the job: of the experiment and of the report"
    )
    data: DataConfig
    training: TrainingConfig = TrainingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    tracking: TrackingConfig = TrackingConfig()
    spark: dict[str, SparkText] = Field({}, description="Settings of the local Spark session")
    storage: StorageConfig = StorageConfig()
    output: PublishedConfig

    @model_validator(mode="after")
    def _label_is_no_feature(self) -> Self:
        if (self.data.label is None) != (self.training.problem == "clustering"):
            raise ValueError("data.label: every problem but clustering needs one, and clustering has none")
        if self.data.label in self.data.include:
            raise ValueError(f"data.include: the label '{self.data.label}' may not be a feature")
        return self

    def override(self, *, run_id: str | None = None, overwrite: bool | None = None) -> Self:
        """Return the configuration with the given values in place of its own; None keeps its own."""
        given = {"run_id": run_id, "overwrite": overwrite}
        changed = {key: value for key, value in given.items() if value is not None}
        return self.model_copy(update={"output": self.output.model_copy(update=changed)})

    def parameters(self) -> dict[str, JsonValue]:
        """Return what is asked of the run, as JSON; how the run is called and stored is left out."""
        return self.model_dump(mode="json", exclude={"output": {"run_id", "overwrite"}, "storage": True})
