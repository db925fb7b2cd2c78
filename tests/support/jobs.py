"""Jobs in processes of their own: submitted to any Spark, with their tables on the S3 server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from tests.support.hadoop import MAGIC_COMMITTER, java_home, s3a_jars, s3a_settings, spark_home
from tests.support.s3 import S3Server

SECONDS = 900
WAITING_JOB = Path(__file__).with_name("waiting_job.py")

SMALL_HEAPS = {
    "spark.driver.memory": "512m",
    "spark.driver.host": "127.0.0.1",
    "spark.executor.memory": "512m",
    "spark.ui.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    # Small results are not joined into one task: there must be a middle to kill an executor in.
    "spark.sql.shuffle.partitions": "12",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
}


def put_job(server: S3Server, folder: Path, config: dict[str, Any], prefix: str) -> str:
    """Upload a folder, and a configuration that names its files; return the configuration's URI."""
    server.put_folder(folder, prefix)
    return put_config(server, folder, config, prefix, "job.yaml")


def put_config(server: S3Server, folder: Path, config: dict[str, Any], prefix: str, name: str) -> str:
    """Upload a configuration whose local paths become those below `prefix`."""
    text = yaml.safe_dump(config, sort_keys=False).replace(str(folder), server.uri(prefix))
    server.client.put_object(Bucket=server.bucket, Key=f"{prefix}/{name}", Body=text.encode())
    return server.uri(f"{prefix}/{name}")


@dataclass(frozen=True)
class Job:
    """A submitted job, and the file that it prints into."""

    process: subprocess.Popen[bytes]
    log: Path

    def ended_well(self) -> str:
        """Wait for the end, which must be a good one; return what was printed."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(SECONDS)
        assert self.process.poll() == 0, self.printed()[-6_000:]
        return self.printed()

    def printed(self) -> str:
        """What it has printed."""
        return self.log.read_text(errors="replace")

    def wait_until(self, happened: Callable[[], bool]) -> None:
        """Wait for something that the job does; fail where it ends before, or takes too long."""
        until = time.monotonic() + SECONDS
        while not happened():
            running = self.process.poll() is None and time.monotonic() < until
            assert running, f"the job did not get there: {self.printed()[-6_000:]}"
            time.sleep(0.1)


@contextmanager
def started(
    command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path | None = None
) -> Iterator[Job]:
    """Start a job in a folder; it is killed with all that it started if it still runs when the block ends."""
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=stream, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield Job(process, log)
        finally:
            kill_tree(process.pid)


@dataclass(frozen=True)
class Submitter:
    """spark-submit in client mode, to `master`."""

    server: S3Server
    folder: Path
    repository: Path
    master: str = "local[2]"

    def started(self, script: Path, *arguments: str) -> AbstractContextManager[Job]:
        """Start a job, as `started` does."""
        program = str(spark_home() / "bin" / "spark-submit")
        command = [program, "--master", self.master, "--properties-file", str(self._properties())]
        log = self.folder / "job.log"
        return started([*command, str(script), *arguments], log, self._environment())

    def run(self, script: Path, *arguments: str) -> str:
        """Run a job to its end, which must be a good one; return what it printed."""
        with self.started(script, *arguments) as job:
            return job.ended_well()

    def _properties(self) -> Path:
        classes = ":".join(s3a_jars())
        hadoop = {f"spark.hadoop.{key}": value for key, value in s3a_settings(self.server).items()}
        paths = {f"spark.{side}.extraClassPath": classes for side in ("driver", "executor")}
        settings = {**SMALL_HEAPS, **MAGIC_COMMITTER, **hadoop, **paths}
        settings["spark.local.dir"] = str(self.folder / "local")
        file = self.folder / "spark.properties"
        file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        return file

    def _environment(self) -> Mapping[str, str]:
        own = {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(self.repository), "JAVA_HOME": java_home()}
        return os.environ | self.server.environment | own


def kill_tree(pid: int) -> None:
    """Kill a process and all that it started, the way a lost machine would."""
    try:
        root = psutil.Process(pid)
        processes = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue


def children_named(pids: Sequence[int], word: str) -> list[psutil.Process]:
    """The JVMs below those processes, whose command has a word; shells that wait for them are left out."""
    found = [child for pid in pids for child in psutil.Process(pid).children(recursive=True)]
    return [one for one in found if one.name() == "java" and any(word in part for part in one.cmdline())]
