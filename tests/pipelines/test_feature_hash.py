from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sparkfeat as sf
from sparkfeat.definitions import load_features, read_features, save_features
from sparkfeat.entityset import EntitySet
from sparkfeat.pipelines.build import build_entityset, find_features
from sparkfeat.pipelines.config import CutoffTimeConfig
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.pipelines.definitions import read_definitions
from sparkfeat.pipelines.feature_hash import feature_hash
from tests.pipelines.small_shop import write_shop

ALL = CutoffTimeConfig()


def definitions(folder: Path, **features: object) -> sf.definitions.Definitions:
    config = read_config(write_shop(folder, features=features))
    entityset = build_entityset(config.entityset)
    return read_features(find_features(config, entityset), entityset)


def test_the_hash_is_that_of_the_definitions_and_not_of_their_order(tmp_path: Path) -> None:
    found = definitions(tmp_path)
    save_features(list(reversed(found.originals)), tmp_path / "saved.json")
    loaded = load_features(tmp_path / "saved.json")
    again = read_features(loaded, EntitySet.from_featuretools(loaded[0].entityset))

    assert feature_hash(found, found.names, ALL) == feature_hash(again, again.names, ALL)


def test_the_hash_is_the_same_in_every_process(tmp_path: Path) -> None:
    found = definitions(tmp_path, agg_primitives=["count", "mean", "last"])
    save_features(found.originals, tmp_path / "saved.json")
    program = (
        "import sys; from sparkfeat.pipelines.definitions import read_definitions as read;"
        "from sparkfeat.pipelines.feature_hash import feature_hash;"
        "from sparkfeat.pipelines.config import CutoffTimeConfig;"
        "found = read(sys.argv[1]); print(feature_hash(found, found.names, CutoffTimeConfig()))"
    )
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(tmp_path / "saved.json")],
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(sf.__file__).parents[1]), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert answer.stdout.strip() == feature_hash(
        read_definitions(str(tmp_path / "saved.json")), found.names, ALL
    )


@pytest.mark.parametrize(
    "rule",
    [{"training_window": "7 days"}, {"gap": "1 day"}, {"include_cutoff_time": False}],
    ids=lambda rule: next(iter(rule)),
)
def test_windows_are_part_of_it_and_instances_are_not(tmp_path: Path, rule: dict[str, object]) -> None:
    found = definitions(tmp_path)
    one = feature_hash(found, found.names, ALL)

    assert feature_hash(found, found.names, CutoffTimeConfig.model_validate(rule)) != one
    assert feature_hash(found, found.names, CutoffTimeConfig(time=3, instance_ids=[1])) == one


def test_what_a_feature_is_made_of_is_part_of_it(tmp_path: Path) -> None:
    sums = definitions(tmp_path, agg_primitives=["sum"])
    (tmp_path / "other").mkdir()
    longest = definitions(tmp_path / "other", agg_primitives=["max"])
    renamed = [feature.rename("SUM(orders.amount)") for feature in longest.originals]
    same_name = read_features(renamed, EntitySet.from_featuretools(renamed[0].entityset))

    assert "SUM(orders.amount)" in sums.names
    assert feature_hash(sums, ["SUM(orders.amount)"], ALL) != feature_hash(
        same_name, ["SUM(orders.amount)"], ALL
    )
