"""Spark's own cluster: a master and two workers of one core each, in processes of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.hadoop import java_home, spark_home
from tests.support.jobs import Job, children_named, kill_tree
from tests.support.s3 import S3Server, free_port

MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
WORKERS = 2


@dataclass(frozen=True)
class Standalone:
    """A cluster that runs: where jobs are submitted to, and its workers' process numbers."""

    url: str
    workers: tuple[int, ...]

    def executors(self) -> list[psutil.Process]:
        """The JVMs that run tasks."""
        return children_named(self.workers, "CoarseGrainedExecutorBackend")


@contextmanager
def standalone(folder: Path, server: S3Server) -> Iterator[Standalone]:
    """Run a cluster whose executors find the S3 server."""
    environment = os.environ | server.environment | {"JAVA_HOME": java_home(), "SPARK_DAEMON_MEMORY": "192m"}
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    where = ("--host", "127.0.0.1", "--webui-port", "0")
    with ExitStack() as stack:
        arguments = (MASTER, *where, "--port", str(port))
        master = stack.enter_context(_running(folder / "master.log", environment, arguments))
        master.wait_until(lambda: "I have been elected leader" in master.printed())
        workers = []
        for number in range(WORKERS):
            own = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"worker{number}"), url)
            log = folder / f"worker{number}.log"
            workers.append(stack.enter_context(_running(log, environment, (WORKER, *where, *own))))
        for worker in workers:
            worker.wait_until(lambda worker=worker: "Successfully registered" in worker.printed())
        yield Standalone(url, tuple(worker.process.pid for worker in workers))


@contextmanager
def _running(log: Path, environment: Mapping[str, str], arguments: tuple[str, ...]) -> Iterator[Job]:
    program = str(spark_home() / "bin" / "spark-class")
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            [program, *arguments], env=environment, stdout=stream, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield Job(process, log)
        finally:
            kill_tree(process.pid)
