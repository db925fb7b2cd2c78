"""Matrices and a model on a server that keeps keys: every object has the configured one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sparkfeat.pipelines import shop
from sparkfeat.storage.manifest import Published, read_manifest, read_record
from sparkfeat.storage.records import ModelManifest
from tests.pipelines.small_training import CUSTOMERS, compute_config, training
from tests.support.hadoop import MAGIC_COMMITTER, s3a_jars
from tests.support.jobs import SMALL_HEAPS, put_config
from tests.support.reader import columns, equal
from tests.support.s3 import S3Server, encrypting

KEY = "arn:aws:kms:us-east-1:111122223333:key/11112222-3333-4444-5555-666677778888"
OTHER = "arn:aws:kms:us-east-1:111122223333:key/99990000-3333-4444-5555-666677778888"
ENGINES = ("duckdb", "spark")
FEW_TASKS = {"spark.sql.shuffle.partitions": "2"}
CHECKED_ROWS = "have a key without a parent"
QUICK = {"replicates": 0, "permutations": 2}
PREFIX = "small"
PROGRAM = (sys.executable, "-c", "from sparkfeat.cli import main; main()")

Ended = subprocess.CompletedProcess[str]

pytestmark = pytest.mark.xdist_group("rig")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encryption")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[S3Server]:
    """A server with the tables of a shop, found by everything in this process that looks for AWS."""
    (folder / "server").mkdir()
    with encrypting(folder / "server") as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        shop.generate(folder / "shop", CUSTOMERS, seed=3)
        server.put_folder(folder / "shop", f"{PREFIX}/shop")
        yield server


def own_session(**more: str) -> dict[str, str]:
    """What a user adds to reach S3 with a Spark of his own: the jars, and EMR's way of writing."""
    return {"spark.jars": ",".join(s3a_jars()), **MAGIC_COMMITTER, **SMALL_HEAPS, **FEW_TASKS, **more}


def compute(folder: Path, server: S3Server, name: str, engine: str, **spark: str) -> Ended:
    """Run `sparkfeat compute` with the key configured; its output is called as `name` says."""
    told = compute_config(folder).model_dump(mode="json", exclude_unset=True)
    told["engine"] = {"name": engine} | ({"spark": own_session(**spark)} if engine == "spark" else {})
    told["output"]["path"] = str(folder / name)
    return run(folder, server, "compute", name, told)


def run(folder: Path, server: S3Server, command: str, name: str, told: dict[str, Any]) -> Ended:
    """Run a command of the program on S3: its configuration and all paths in it are there."""
    uri = put_config(server, folder, told | {"storage": {"kms_key": KEY}}, PREFIX, f"{name}.yaml")
    return subprocess.run([*PROGRAM, command, uri], capture_output=True, text=True, timeout=300, check=False)


def keys_of(server: S3Server, output: str) -> dict[str, tuple[str, str]]:
    """How each object of an output is encrypted, and with which key, as the server tells."""
    found = {}
    for name in server.keys(f"{PREFIX}/{output}/"):
        head = server.client.head_object(Bucket=server.bucket, Key=name)
        found[server.uri(name)] = (head.get("ServerSideEncryption", ""), head.get("SSEKMSKeyId", ""))
    return found


def check_encrypted(server: S3Server, output: str, manifest: Published) -> None:
    """Every object that is there has the key, and what the manifest names is there."""
    found, root = keys_of(server, output), server.uri(f"{PREFIX}/{output}")
    assert {name: key for name, key in found.items() if key != ("aws:kms", KEY)} == {}
    assert {f"{root}/{name}" for name in ("manifest.json", *(file.path for file in manifest.files))} <= set(
        found
    )


@pytest.fixture(scope="module")
def computed(folder: Path, server: S3Server) -> dict[str, Ended]:
    """How the computation ended on each engine."""
    return {engine: compute(folder, server, f"matrix-{engine}", engine) for engine in ENGINES}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_object_of_a_matrix_has_the_key(
    engine: str, server: S3Server, computed: dict[str, Ended]
) -> None:
    assert computed[engine].returncode == 0, computed[engine].stderr
    output = server.uri(f"{PREFIX}/matrix-{engine}")
    manifest = read_manifest(output)

    check_encrypted(server, f"matrix-{engine}", manifest)
    assert manifest.engine == engine
    assert equal(columns(output), columns(server.uri(f"{PREFIX}/matrix-duckdb")))


def test_every_object_of_a_model_has_the_key(
    folder: Path, server: S3Server, computed: dict[str, Ended]
) -> None:
    data = {"matrix": str(folder / "matrix-spark")}
    told = training(folder, data=data, spark=own_session(), evaluation=QUICK)

    ended = run(folder, server, "train", "train", told)

    assert ended.returncode == 0, ended.stderr
    check_encrypted(server, "model", read_record(server.uri(f"{PREFIX}/model"), ModelManifest))


def test_a_session_that_encrypts_with_another_key_is_refused_before_it_computes(
    folder: Path, server: S3Server, computed: dict[str, Ended]
) -> None:
    ended = compute(folder, server, "refused", "spark", **{"spark.hadoop.fs.s3a.encryption.key": OTHER})

    told = " ".join(ended.stderr.split())
    assert ended.returncode == 1
    assert "Spark does not encrypt with the configured key" in told
    assert f"It takes {OTHER}, and {KEY} is wanted" in told
    # The tables' rows are read after that, and what is found in them is told.
    assert CHECKED_ROWS in computed["spark"].stderr
    assert CHECKED_ROWS not in ended.stderr
    assert keys_of(server, "refused") == {}
