"""Spark's settings for a job on EMR, in the order in which one replaces another."""

from __future__ import annotations

from sparkfeat.configuration import spark_settings
from sparkfeat.emr.config import EmrConfig
from sparkfeat.emr.instances import find_types
from sparkfeat.emr.sizing import Sizing, size_cluster, size_workers
from sparkfeat.storage.s3 import KMS_KEY

ARCHIVE_PYTHON = "./environment/bin/python"
"""Python in the archive, which YARN unpacks beside each container under the name after the "#"."""
BOOTSTRAP_PYTHON = "/opt/sparkfeat/venv/bin/python"
"""Python in the environment that the bootstrap action makes."""
_GLUE = "com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory"

# YARN's, and of no use where there is none.
_YARN_ONLY = ("spark.yarn.",)


def sizing_of(config: EmrConfig) -> Sizing:
    """Divide the memory of the configuration's machines.

    Raises:
        ConfigError: a type is unknown or too small.
    """
    if config.target == "serverless":
        serverless = config.required_serverless()
        return size_workers(
            cores=serverless.worker_cores,
            memory_gib=serverless.worker_memory_gib,
            most_vcpus=serverless.max_vcpus,
            engine=config.job.engine,
        )
    cluster = config.required_cluster()
    task = cluster.task
    return size_cluster(
        find_types(cluster.core.types, "cluster.core.types"),
        find_types(task.types, "cluster.task.types") if task else [],
        core_vcpus=cluster.core.vcpus + (task.vcpus if task else 0),
        most_vcpus=(cluster.core.max_vcpus or cluster.core.vcpus) + (task.max_vcpus if task else 0),
        cores=cluster.executor_cores,
        engine=config.job.engine,
    )


def cluster_settings(config: EmrConfig) -> dict[str, str]:
    """Return the settings of a step: conf/, the sizing, the Python that runs, and the configuration's own."""
    python = python_of(config)
    return {
        **spark_settings("base", "emr"),
        **sizing_of(config).spark_settings(),
        "spark.yarn.appMasterEnv.PYSPARK_PYTHON": python,
        "spark.executorEnv.PYSPARK_PYTHON": python,
        f"spark.yarn.appMasterEnv.{KMS_KEY}": config.encryption.kms_key,
        **config.job.spark,
    }


def serverless_settings(config: EmrConfig) -> dict[str, str]:
    """Return the settings of a job on EMR Serverless."""
    common = spark_settings("base", "emr")
    sizing = sizing_of(config)
    return {
        **{key: value for key, value in common.items() if not key.startswith(_YARN_ONLY)},
        **sizing.spark_settings(),
        "spark.driver.cores": str(sizing.cores),
        "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON": ARCHIVE_PYTHON,
        "spark.emr-serverless.driverEnv.PYSPARK_PYTHON": ARCHIVE_PYTHON,
        "spark.executorEnv.PYSPARK_PYTHON": ARCHIVE_PYTHON,
        f"spark.emr-serverless.driverEnv.{KMS_KEY}": config.encryption.kms_key,
        **{f"spark.hadoop.{key}": value for key, value in s3a_keys(config).items()},
        **({"spark.hadoop.hive.metastore.client.factory.class": _GLUE} if config.catalog == "glue" else {}),
        **config.job.spark,
    }


def python_of(config: EmrConfig) -> str:
    """Return the Python that drivers and executors of the cluster run."""
    bootstrap = config.required_cluster().environment == "bootstrap"
    return BOOTSTRAP_PYTHON if bootstrap else ARCHIVE_PYTHON


def s3a_keys(config: EmrConfig) -> dict[str, str]:
    """Return Hadoop's settings for encrypted objects through S3A."""
    return {
        "fs.s3a.encryption.algorithm": "SSE-KMS",
        "fs.s3a.encryption.key": config.encryption.kms_key,
    }


def emrfs_keys(config: EmrConfig) -> dict[str, str]:
    """Return the same for EMRFS, which older releases read `s3://` with."""
    return {
        "fs.s3.enableServerSideEncryption": "true",
        "fs.s3.serverSideEncryption.kms.keyId": config.encryption.kms_key,
    }


def glue_catalog() -> dict[str, str]:
    """Return Hive's setting for the Glue Data Catalog as metastore."""
    return {"hive.metastore.client.factory.class": _GLUE}
