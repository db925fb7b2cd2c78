"""Fixtures of all tests. Spark starts once, when the first test asks for it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The same examples on every machine and every run; the seed is printed where one fails.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
# Other examples every time, more of them: pytest --hypothesis-profile=search
settings.register_profile("search", settings.get_profile("ci"), derandomize=False, max_examples=500)
settings.load_profile("ci")

# Every test brings plans and classes of its own, which run once: compiling them as for a long run, and a
# collector with threads of its own, double the processor time. The code that Spark makes stays the same.
JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

SPARK_CONF = {
    # Two cores: enough that rows are spread and shuffled, on any machine.
    "spark.master": "local[2]",
    "spark.driver.memory": "3g",
    "spark.driver.extraJavaOptions": JVM,
    # A map by several keys takes a page, of 64 MB by default; queries that are done keep theirs a while.
    "spark.buffer.pageSize": "4m",
    "spark.sql.ui.retainedExecutions": "50",
    # A test's data fills no more partitions than this.
    "spark.sql.shuffle.partitions": "3",
    # An operation that Spark 4 refuses by default must not pass here either.
    "spark.sql.ansi.enabled": "true",
    # Wrong where anything depends on the session's zone; far from UTC and with daylight saving.
    "spark.sql.session.timeZone": "America/New_York",
}


OF_MODELS = {"models", "pipelines", "docs"}
"""Folders whose tests of Spark train models, most of them."""

SPARK_WARNINGS = (
    # PySpark 3.5 compares version numbers with a class that setuptools has deprecated.
    "ignore:distutils Version classes are deprecated:DeprecationWarning",
    # toPandas and createDataFrame leave the closing of their sockets to the garbage collector.
    "ignore:unclosed <socket.socket:ResourceWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks; leave what PySpark itself warns of alone; prepare for programs that tests start."""
    config.addinivalue_line("markers", "spark: needs Java and starts Spark")
    config.addinivalue_line("markers", "slow: run by `make test-integration`")
    config.addinivalue_line("markers", "heavy: slow on Spark only")
    config.addinivalue_line("markers", "interpreted: `parity` runs it on Spark by the fixture of this name")
    for warning in SPARK_WARNINGS:
        config.addinivalue_line("filterwarnings", warning)
    # What a shell runs in the background does not hear Ctrl-C, nor do its programs; tests end some by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("JDK_JAVA_OPTIONS", JVM)


# First of all: pytest-xdist reads the groups in a hook of this name.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests together that share what takes long: a session of Spark, a matrix of Featuretools."""
    for item in items:
        if _starts_spark(item) and item.get_closest_marker("heavy"):
            item.add_marker("slow")
        if "integration" in item.path.parts:
            item.add_marker("slow")
        # A module may say what its tests share.
        if not item.get_closest_marker("xdist_group") and (group := _group(item)):
            item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str | None:
    """Name what a test shares with others; two sessions of Spark divide the work on all that needs one."""
    if _starts_spark(item):
        return "models" if OF_MODELS.intersection(item.path.parts) else "spark"
    if engine := getattr(getattr(item, "callspec", None), "params", {}).get("engine"):
        # One process compares all engines with one matrix of Featuretools.
        return item.nodeid.replace(str(engine), "")
    return None


def _starts_spark(item: pytest.Item) -> bool:
    """Tell whether a test asks for the session: by name, by its mark, or as one of several engines."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    named = "spark" in getattr(item, "fixturenames", ()) or item.get_closest_marker("spark") is not None
    return named or parameters.get("engine") == "spark"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One local Spark for the whole run; nothing of it is left in the working directory."""
    folder = tmp_path_factory.mktemp("spark")
    folders = {"spark.local.dir": str(folder / "local"), "spark.sql.warehouse.dir": str(folder / "warehouse")}
    session = _session(SPARK_CONF | folders)
    yield session
    session.stop()


def _session(conf: dict[str, str]) -> SparkSession:
    """Start Spark; its Connect server, and a client of it, where SPARKFEAT_TESTS_CONNECT is set."""
    from sparkfeat.engines.spark.java import ensure_java
    from sparkfeat.engines.spark.session import local_session

    if "SPARKFEAT_TESTS_CONNECT" not in os.environ:
        return local_session("sparkfeat tests", **conf)
    from pyspark.sql import SparkSession

    ensure_java()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    # A client may not set options of the server's JVM; the server that it starts reads them here.
    os.environ["SPARK_SUBMIT_OPTS"] = JVM
    session = SparkSession.builder.remote(conf["spark.master"]).getOrCreate()
    for key in ("spark.sql.shuffle.partitions", "spark.sql.ansi.enabled", "spark.sql.session.timeZone"):
        session.conf.set(key, conf[key])
    return session


@contextmanager
def interpreting(spark: SparkSession) -> Iterator[SparkSession]:
    """Let Spark interpret queries: to compile one takes longer than to run it on these few rows."""
    modes = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    before = {key: spark.conf.get(key) for key in modes}
    for key, value in modes.items():
        spark.conf.set(key, value)
    yield spark
    for key, value in before.items():
        spark.conf.set(key, value)


@pytest.fixture
def interpreted(spark: SparkSession) -> Iterator[SparkSession]:
    """The session, interpreting queries. The tests of whole schemas run compiled code."""
    with interpreting(spark) as session:
        yield session


@pytest.fixture
def other_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Move this process to a zone with daylight saving for the length of a test."""
    zone = "America/New_York"
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    yield zone
    monkeypatch.undo()
    time.tzset()


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-to-be-shown"}


@pytest.fixture(scope="session")
def aws() -> Iterator[tuple[str, Any]]:
    """URL of a server of this process that answers as AWS does, and a client of its S3."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {name.lower(): value for name, value in KEYS.items()}
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)
    yield url, client
    client.close()
    server.stop()


@pytest.fixture
def bucket(aws: tuple[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of S3 and an empty bucket `example-data`; the environment leads to the server, too."""
    url, client = aws
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    place = {"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in (KEYS | place | {"AWS_EC2_METADATA_DISABLED": "true"}).items():
        monkeypatch.setenv(name, value)
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
    client.create_bucket(Bucket="example-data")
    return client
