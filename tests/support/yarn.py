"""A YARN of one resource manager and two node managers, in a process of its own, and spark-submit to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.hadoop import java_home, s3a_jars, s3a_settings, spark_home, write_hadoop_xml
from tests.support.parts.get import HERE, jars
from tests.support.s3 import S3Server

NODE_MB = 2560
YARN_JARS = ("hadoop-client-minicluster", "junit", "bcprov", "bcpkix")
SUBMIT_SECONDS = 240

# What is EMR's own in /etc/spark/conf, and settings that keep the heaps small here.
DEFAULTS = {
    "spark.master": "yarn",
    "spark.yarn.am.waitTime": "200s",
    "spark.yarn.report.interval": "300ms",
    "spark.yarn.submit.file.replication": "1",
}


@dataclass(frozen=True)
class Yarn:
    """A cluster that runs; `folder` holds its configuration, and the logs of containers."""

    folder: Path
    server: S3Server

    def submit(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command of spark-submit as it would run on the primary node of a cluster."""
        assert arguments[0] == "spark-submit"
        program = spark_home() / "bin" / "spark-submit"
        return subprocess.run(
            [str(program), *arguments[1:]],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=SUBMIT_SECONDS,
            check=False,
        )

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
    log = (folder / "yarn.log").open("wb")
    with (
        log,
        subprocess.Popen(
            _command(conf),
            cwd=folder,
            env=os.environ | server.environment | {"JAVA_HOME": java_home()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready == b"ready\n", (folder / "yarn.log").read_text()[-3_000:]
            yield Yarn(folder, server)
        finally:
            process.kill()


def _command(conf: Path) -> list[str]:
    classes = [str(conf), *map(str, jars(*YARN_JARS)), *s3a_jars(), str(spark_home() / "jars" / "*")]
    options = ["--add-opens=java.base/java.lang=ALL-UNNAMED", "-Xmx384m", "-XX:+UseSerialGC"]
    program = str(Path(java_home()) / "bin" / "java")
    return [program, *options, "-cp", ":".join(classes), str(HERE / "YarnCluster.java"), str(conf), str(NODE_MB)]


def _write_defaults(file: Path) -> None:
    spark_jars = [f"local:{spark_home() / 'jars'}/*", *(f"local:{jar}" for jar in s3a_jars())]
    settings = DEFAULTS | {"spark.yarn.jars": ",".join(spark_jars)}
    file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
