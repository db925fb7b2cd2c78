"""A YARN of one resource manager and one node manager, in a process of its own, and spark-submit to it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.hadoop import (
    MAGIC_COMMITTER,
    java_home,
    s3a_jars,
    s3a_settings,
    spark_home,
    write_hadoop_xml,
)
from tests.support.jobs import Job, children_named, kill_tree, started
from tests.support.parts.get import HERE, jars
from tests.support.s3 import S3Server

NODE_MB = 3584
YARN_JARS = ("hadoop-client-minicluster", "junit", "bcprov", "bcpkix")

# What /etc/spark/conf says on EMR's instances.
LOGGED = "-Dorg.apache.logging.log4j.level=INFO"
DEFAULTS = {"spark.master": "yarn", "spark.yarn.report.interval": "500ms", **MAGIC_COMMITTER}


@dataclass(frozen=True)
class Yarn:
    """A cluster that runs; `folder` holds its configuration, and the logs of containers."""

    folder: Path
    server: S3Server
    pid: int

    def submitted(self, arguments: Sequence[str]) -> AbstractContextManager[Job]:
        """Start a command of spark-submit as it would run on the primary node of a cluster."""
        assert arguments[0] == "spark-submit"
        program = str(spark_home() / "bin" / "spark-submit")
        log = self.folder / "submit.log"
        return started([program, *arguments[1:]], log, self._environment(), self.folder)

    def drivers(self) -> list[psutil.Process]:
        """The JVMs of drivers that run."""
        return children_named([self.pid], "deploy.yarn.ApplicationMaster")

    def executors(self) -> list[psutil.Process]:
        """The JVMs of executors that run."""
        return children_named([self.pid], "YarnCoarseGrainedExecutorBackend")

    def containers(self, job: Job) -> list[str]:
        """Names of the containers that a job has had; a driver's is the first of its attempt, and ends so."""
        (application,) = set(re.findall(r"application_\d+_\d+", job.printed()))
        folders = self.folder.rglob(f"yarn-logDir-*/{application}/container_*")
        return sorted({folder.name for folder in folders})

    def drivers_of(self, job: Job) -> list[str]:
        """Names of the containers that its drivers had, one for each attempt."""
        return [name for name in self.containers(job) if name.endswith("_000001")]

    def logs(self) -> str:
        """What the containers wrote, the newest last."""
        files = [file for file in self.folder.rglob("container_*/std*") if file.is_file()]
        files.sort(key=lambda file: file.stat().st_mtime)
        return "\n".join(f"== {file.name}\n{file.read_text(errors='replace')[-4_000:]}" for file in files)

    def _environment(self) -> dict[str, str]:
        conf = str(self.folder / "conf")
        hidden = {key: value for key, value in os.environ.items() if key != "PYSPARK_PYTHON"}
        return hidden | {
            "YARN_CONF_DIR": conf,
            "SPARK_CONF_DIR": conf,
            "JAVA_HOME": java_home(),
            "SPARK_DIST_CLASSPATH": ":".join(s3a_jars()),
            **self.server.environment,
        }


@contextmanager
def cluster(folder: Path, server: S3Server) -> Iterator[Yarn]:
    """Run a cluster whose containers find the S3 server."""
    conf = folder / "conf"
    conf.mkdir(parents=True)
    write_hadoop_xml(conf / "core-site.xml", {"fs.defaultFS": "file:///"} | s3a_settings(server))
    _write_defaults(conf / "spark-defaults.conf")
    log = folder / "yarn.log"
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            _command(conf),
            cwd=folder,
            env=os.environ | server.environment | {"JAVA_HOME": java_home()},
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            Job(process, log).wait_until((conf / "yarn-site.xml").is_file)
            yield Yarn(folder, server, process.pid)
        finally:
            kill_tree(process.pid)


def _command(conf: Path) -> list[str]:
    classes = [str(conf), *map(str, jars(*YARN_JARS)), *s3a_jars(), str(spark_home() / "jars" / "*")]
    options = ["--add-opens=java.base/java.lang=ALL-UNNAMED", "-Xmx384m", "-XX:+UseSerialGC", LOGGED]
    program = str(Path(java_home()) / "bin" / "java")
    return [
        program,
        *options,
        "-cp",
        ":".join(classes),
        str(HERE / "YarnCluster.java"),
        str(conf),
        str(NODE_MB),
    ]


def _write_defaults(file: Path) -> None:
    spark_jars = [f"local:{spark_home() / 'jars'}/*", *(f"local:{jar}" for jar in s3a_jars())]
    settings = DEFAULTS | {"spark.yarn.jars": ",".join(spark_jars)}
    file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
