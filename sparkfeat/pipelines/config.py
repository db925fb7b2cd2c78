"""The configuration that `sparkfeat compute` reads: typed, with no key that is silently ignored."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, JsonValue, model_validator

from sparkfeat.configuration import Location, Section, SparkText
from sparkfeat.errors import did_you_mean
from sparkfeat.storage.locations import is_s3
from sparkfeat.storage.run_checks import RUN_ID

EngineName = Literal["auto", "duckdb", "spark", "partitioned", "featuretools"]


def _read_time(given: object) -> object:
    """Accept what YAML makes of a time: a date, a datetime, a number or text in ISO 8601."""
    if isinstance(given, str):
        given = datetime.fromisoformat(given)
    if isinstance(given, datetime) and given.tzinfo is not None:
        raise ValueError("times of an EntitySet carry no time zone: leave the zone out")
    if isinstance(given, date) and not isinstance(given, datetime):
        return datetime(given.year, given.month, given.day)
    if isinstance(given, bool):
        raise ValueError("write a time as 2024-01-31 or 2024-01-31 18:30:00")
    return given


_HOW = {"run_id", "overwrite", "catalog"}
"""Keys of the output that do not change the matrix."""
Scalar = bool | int | float | str
Time = Annotated[datetime | int | float, BeforeValidator(_read_time)]


class DataframeConfig(Section):
    """A table; everything but `path` is an argument of `EntitySet.add_dataframe`."""

    path: Location = Field(description="A Parquet file, a folder of them, or Hive-style partitions")
    index: str = Field(description="Column of unique values, none null")
    time_index: str | None = Field(None, description="Column that says when a row became known")
    logical_types: dict[str, str] = Field({}, description="Column -> Woodwork's name; others are inferred")
    semantic_tags: dict[str, str | list[str]] = Field({}, description="Column -> tag or tags")
    secondary_time_index: dict[str, list[str]] = Field(
        {}, description="Time column -> columns known only from then on"
    )


class RelationshipConfig(Section):
    """A parent's index and the child's column that refers to it, as `dataframe.column`."""

    parent: str = Field(examples=["customers.customer_id"])
    child: str = Field(examples=["sessions.customer_id"])


class EntitySetConfig(Section):
    """The tables and how they relate."""

    id: str = Field("entityset", description="Name shown in messages")
    dataframes: dict[str, DataframeConfig] = Field(min_length=1)
    relationships: list[RelationshipConfig] = Field([])
    interesting_values: dict[str, int | dict[str, list[Scalar]]] = Field(
        {}, description="Dataframe -> column -> values, or how many of the most frequent ones to take"
    )

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        self.links()
        for name in self.interesting_values:
            self._known_dataframe(name, "interesting_values")
        return self

    def links(self) -> list[tuple[str, str, str, str]]:
        """Return the relationships as (parent, parent column, child, child column)."""
        return [(*self._column(link.parent), *self._column(link.child)) for link in self.relationships]

    def _column(self, dotted: str) -> tuple[str, str]:
        for name in self.dataframes:  # names may contain dots
            if dotted.startswith(f"{name}."):
                return name, dotted.removeprefix(f"{name}.")
        name, dot, _ = dotted.partition(".")
        if not dot:
            raise ValueError(f"relationships: '{dotted}' is not written as dataframe.column")
        return self._known_dataframe(name, "relationships"), ""

    def _known_dataframe(self, name: str, where: str) -> str:
        if name not in self.dataframes:
            raise ValueError(f"{where}: no dataframe '{name}'. {did_you_mean(name, self.dataframes)}")
        return name


class FeaturesConfig(Section):
    """What to compute: saved `definitions`, or arguments of `sf.dfs` with Featuretools' defaults."""

    definitions: Location | None = Field(None, description="A file that save_features wrote")
    target_dataframe_name: str | None = Field(None, description="The table whose rows the features describe")
    agg_primitives: list[str] | None = None
    trans_primitives: list[str] | None = None
    groupby_trans_primitives: list[str] | None = None
    where_primitives: list[str] | None = None
    primitive_options: dict[str, JsonValue] | None = None
    allowed_paths: list[list[str]] | None = None
    ignore_dataframes: list[str] | None = None
    ignore_columns: dict[str, list[str]] | None = None
    drop_contains: list[str] | None = None
    drop_exact: list[str] | None = None
    max_depth: int = Field(2, ge=-1, description="-1: no limit")
    max_features: int = Field(-1, ge=-1, description="-1: no limit")

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        others = sorted(self.model_fields_set - {"definitions"})
        if self.definitions is None and self.target_dataframe_name is None:
            raise ValueError("give definitions, or target_dataframe_name and other arguments of dfs")
        if self.definitions is not None and others:
            raise ValueError(f"definitions says it all; leave out {', '.join(others)}")
        return self

    def dfs_arguments(self) -> dict[str, Any]:
        """Return the arguments that were given, for `sf.dfs`."""
        return self.model_dump(exclude_unset=True, exclude={"definitions"})


class CutoffTimeConfig(Section):
    """Up to when rows are known: one `time` for all, or a table at `path`. Default: now."""

    path: Location | None = Field(
        None, description="Parquet with instance_id (or the index name), time, and columns to pass through"
    )
    time: Time | None = Field(None, description="One cutoff for all instances")
    instance_ids: list[int | str] | None = Field(None, description="Compute only these; not with a path")
    training_window: str | None = Field(None, description="Use only rows this long before the cutoff")
    gap: str | None = Field(None, description="Ignore rows this long before the cutoff")
    include_cutoff_time: bool = Field(True, description="Whether rows of the cutoff time itself are used")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.path is not None and self.time is not None:
            raise ValueError("give path or time, not both")
        if self.path is not None and self.instance_ids is not None:
            raise ValueError("the table at path says which instances; leave out instance_ids")
        return self


class EngineConfig(Section):
    """Where it is computed."""

    name: EngineName = "auto"
    fallback: Literal["allow", "error"] = Field(
        "allow", description="What to do with features the engine cannot compute itself"
    )
    memory_limit: str | None = Field(None, description="DuckDB: memory before it spills to disk, e.g. 4GB")
    threads: int | None = Field(None, ge=1, description="DuckDB: cores to use")
    temp_directory: Location | None = Field(None, description="DuckDB: where it spills to")
    spark: dict[str, SparkText] = Field({}, description="Settings of the local Spark session")


class CatalogConfig(Section):
    """A table of the Glue Data Catalog that shows the published matrix, for Athena."""

    database: str = Field(pattern=r"^[a-z0-9_]{1,255}$", description="A database that exists")
    table: str = Field(pattern=r"^[a-z0-9_]{1,255}$", description="Made if it is missing")


class OutputConfig(Section):
    """Where the matrix goes."""

    path: Location = Field(description="Folder of the dataset; readers see it when the run has finished")
    run_id: str | None = Field(None, pattern=f"^{RUN_ID}$", description="Default: a new one, from the time")
    overwrite: bool = Field(False, description="Whether another run's matrix may be replaced")
    cutoff_time_in_index: bool = Field(False, description="Whether the cutoff time is a column beside the id")
    catalog: CatalogConfig | None = Field(None, description="Where Athena finds the matrix; on S3 only")

    @model_validator(mode="after")
    def _catalog_shows_s3(self) -> Self:
        if self.catalog is not None and not is_s3(self.path):
            raise ValueError("catalog: Athena reads from S3 only; write path as s3://bucket/folder")
        return self


class StorageConfig(Section):
    """How objects on S3 are written."""

    kms_key: str | None = Field(
        None,
        min_length=1,
        description="KMS key that encrypts every object: ARN, id or alias. Default: SPARKFEAT_KMS_KEY of the "
        "environment, else the bucket's own default",
    )


class ComputeConfig(Section):
    """A feature matrix to compute and publish."""

    entityset: EntitySetConfig
    features: FeaturesConfig
    cutoff_time: CutoffTimeConfig = CutoffTimeConfig()
    engine: EngineConfig = EngineConfig()
    output: OutputConfig
    storage: StorageConfig = StorageConfig()

    def override(
        self, *, run_id: str | None = None, engine: EngineName | None = None, overwrite: bool | None = None
    ) -> Self:
        """Return the configuration with the given values in place of its own; None keeps its own."""
        output = {"run_id": run_id, "overwrite": overwrite}
        changed = {key: value for key, value in output.items() if value is not None}
        sections: dict[str, BaseModel] = {"output": self.output.model_copy(update=changed)}
        if engine is not None:
            sections["engine"] = self.engine.model_copy(update={"name": engine})
        return self.model_copy(update=sections)

    def parameters(self) -> dict[str, JsonValue]:
        """Return what is asked of the run, as JSON; how the run is called and stored is left out."""
        return self.model_dump(mode="json", exclude={"output": _HOW, "storage": True})
