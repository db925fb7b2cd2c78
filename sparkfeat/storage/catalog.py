"""Published matrices as tables of the Glue Data Catalog, where Athena finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sparkfeat.errors import ConfigError, OutputExistsError, ServiceError
from sparkfeat.storage.aws import aws
from sparkfeat.storage.columns import catalog_names, catalog_type
from sparkfeat.storage.manifest import Manifest, read_manifest
from sparkfeat.storage.s3 import ATTEMPTS, missing_boto3
from sparkfeat.storage.store import Store, open_store

ROOT = "sparkfeat.root"
RUN_ID = "sparkfeat.run_id"
FEATURE = "sparkfeat.feature"
TRIES = 5

_COMMENT = 255
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_LOST_RACE = frozenset({"AlreadyExistsException", "ConcurrentModificationException"})
_NOT_THERE = "EntityNotFoundException"


@dataclass(frozen=True)
class CatalogTable:
    """A table of the Glue Data Catalog in the environment's region."""

    database: str
    table: str

    def __str__(self) -> str:
        return f"{self.database}.{self.table}"

    def check(self, root: str) -> None:
        """Check that the table can be made, or is that of the dataset at `root` already; changes nothing.

        Raises:
            ConfigError: there is no such database.
            OutputExistsError: the table is another's.
            EnvironmentProblem: no credentials or no permission.
        """
        glue = _glue(str(self))
        if _unless_missing(glue.get_database, self.database, Name=self.database) is None:
            raise ConfigError(
                "No such database in the Glue Data Catalog",
                where=self.database,
                hint=f"Correct output.catalog.database, or make it: aws glue create-database "
                f"--database-input Name={self.database}",
            )
        self._check_ours(self._found(glue), root)

    def show(self, output: str) -> bool:
        """Let the table show the run that is visible at `output`; returns whether that changed anything.

        One request switches the table from the old run's folder to the new one's: queries that began before
        it read the old files, which stay. Where two runs do it at once, the visible one is shown in the end.

        Raises:
            OutputExistsError: the table is another's.
            ServiceError: others kept changing the table.
            EnvironmentProblem, ConfigError: AWS refuses.
        """
        glue = _glue(str(self))
        for _ in range(TRIES):
            found = self._found(glue)
            manifest, store = read_manifest(output), open_store(output)
            self._check_ours(found, store.root)
            table = table_input(self.table, store, manifest)
            if found is not None and _location(found) == _location(table):
                return False
            if self._written(glue, found, table):
                return True
        hint = "Run the job again: it is complete, and only has to be shown"
        raise ServiceError("Others keep changing the table", where=str(self), hint=hint)

    def _found(self, glue: Any) -> dict[str, Any] | None:
        answer = _unless_missing(glue.get_table, str(self), DatabaseName=self.database, Name=self.table)
        if answer is None:
            return None
        found: dict[str, Any] = answer["Table"]
        return {"Parameters": {}, **found}

    def _check_ours(self, found: dict[str, Any] | None, root: str) -> None:
        if found is None or found["Parameters"].get(ROOT) == root:
            return
        owner = found["Parameters"].get(ROOT)
        raise OutputExistsError(
            "The table is another's",
            where=str(self),
            why=f"It shows {owner}" if owner else "sparkfeat did not make it",
            hint="Choose another output.catalog.table, or drop that one",
        )

    def _written(self, glue: Any, found: dict[str, Any] | None, table: dict[str, Any]) -> bool:
        """Make the table, or replace the version that was found; False where somebody else was faster."""
        from botocore.exceptions import ClientError

        with aws("write the table", str(self)):
            try:
                if found is None:
                    glue.create_table(DatabaseName=self.database, TableInput=table)
                else:
                    version = {"VersionId": found["VersionId"]} if "VersionId" in found else {}
                    glue.update_table(DatabaseName=self.database, TableInput=table, **version)
            except ClientError as error:
                if error.response["Error"]["Code"] in _LOST_RACE:
                    return False
                raise
        return True


def table_input(name: str, store: Store, manifest: Manifest) -> dict[str, Any]:
    """Return the request's description of a table over the files of a published run.

    Columns are read by their place in the files: their names there are the features'.

    Args:
        name: of the table.
        store: the dataset.
        manifest: of the run.
    """
    file = manifest.files[0].path
    schema = pq.read_schema(store.arrow_path(file), filesystem=store.filesystem)
    return {
        "Name": name,
        "Description": f"Feature matrix published at {store.root}",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "classification": "parquet",
            "recordCount": str(manifest.rows),
            ROOT: store.root,
            RUN_ID: manifest.run_id,
        },
        "StorageDescriptor": {
            "Columns": _columns(schema),
            "Location": store.path(file.rpartition("/")[0]) + "/",
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1", "parquet.column.index.access": "true"},
            },
        },
    }


def _location(table: dict[str, Any]) -> str:
    location: str = table["StorageDescriptor"]["Location"]
    return location


def _columns(schema: pa.Schema) -> list[dict[str, Any]]:
    return [
        {
            "Name": short,
            "Type": catalog_type(schema.field(name).type, name),
            "Comment": _comment(name),
            "Parameters": {FEATURE: name},
        }
        for name, short in catalog_names(schema.names).items()
    ]


def _comment(name: str) -> str:
    """Return a name as the catalog takes a comment: one line, not too long."""
    line = " ".join(name.split())
    return line if len(line) <= _COMMENT else f"{line[: _COMMENT - 3]}..."


def _glue(where: str) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise missing_boto3() from error
    patient = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
    with aws("connect to the Glue Data Catalog", where):
        return boto3.session.Session().client("glue", config=patient)


def _unless_missing(call: Any, where: str, **arguments: str) -> dict[str, Any] | None:
    from botocore.exceptions import ClientError

    with aws("look into the Glue Data Catalog", where):
        try:
            found: dict[str, Any] = call(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] == _NOT_THERE:
                return None
            raise
    return found
