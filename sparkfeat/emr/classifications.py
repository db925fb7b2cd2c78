"""EMR's `Configurations`: what is written into the cluster's own configuration files."""

from __future__ import annotations

from typing import Any

from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.releases import PYTHON, Release
from sparkfeat.emr.spark_settings import BOOTSTRAP_PYTHON, emrfs_keys, glue_catalog, s3a_keys


def classifications(config: EmrConfig) -> list[dict[str, Any]]:
    """Return the configurations of a cluster; the settings of Spark itself belong to the step."""
    python = BOOTSTRAP_PYTHON if config.required_cluster().environment == "bootstrap" else PYTHON
    found = [
        # One executor as large as a node would share one container's memory among all its Python workers.
        _file("spark", {"maximizeResourceAllocation": "false"}),
        _environment("spark-env", {"PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": python}),
        _file("core-site", s3a_keys(config)),
        # The driver stays off spot instances: with it the whole run would be lost.
        _file(
            "yarn-site",
            {"yarn.node-labels.enabled": "true", "yarn.node-labels.am.default-node-label-expression": "CORE"},
        ),
    ]
    if Release.parse(config.release).has_emrfs_keys:
        found.append(_file("emrfs-site", emrfs_keys(config)))
    if config.catalog == "glue":
        found.append(_file("spark-hive-site", glue_catalog()))
    if config.required_cluster().notebooks:
        found += _livy(python)
    return found


def _livy(python: str) -> list[dict[str, Any]]:
    """Livy starts the sessions of notebooks, and reads files of its own."""
    session = "livy.server.session.conf"
    keys = (
        "spark.yarn.appMasterEnv.PYSPARK_PYTHON",
        "spark.executorEnv.PYSPARK_PYTHON",
        "spark.pyspark.python",
    )
    return [
        _environment("livy-env", {"PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": python}),
        _file("livy-conf", {f"{session}.{key}": python for key in keys}),
    ]


def _file(name: str, properties: dict[str, str]) -> dict[str, Any]:
    return {"Classification": name, "Properties": properties}


def _environment(name: str, variables: dict[str, str]) -> dict[str, Any]:
    return {"Classification": name, "Properties": {}, "Configurations": [_file("export", variables)]}
