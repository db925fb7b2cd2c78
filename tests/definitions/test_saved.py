"""Files of features: saved here and loaded by Featuretools, the other way round, and other files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import featuretools as ft
import pytest

import sparkfeat as sf
from sparkfeat import errors
from sparkfeat.definitions import read_features
from tests.definitions.kinds import KINDS
from tests.entityset.shop import found, shop
from tests.plan.features import count


@pytest.mark.parametrize("kind", KINDS)
def test_features_saved_here_are_loaded_by_featuretools(kind: str, tmp_path: Path) -> None:
    feature = KINDS[kind]()
    sf.save_features([feature], tmp_path / "features.json")

    (loaded,) = ft.load_features((tmp_path / "features.json").read_text(encoding="utf-8"))
    assert loaded.get_feature_names() == feature.get_feature_names()


@pytest.mark.parametrize("kind", KINDS)
def test_features_saved_by_featuretools_are_loaded_here(kind: str, tmp_path: Path) -> None:
    feature = KINDS[kind]()
    ft.save_features([feature], str(tmp_path / "features.json"))

    (loaded,) = sf.load_features(tmp_path / "features.json")
    assert loaded.get_feature_names() == feature.get_feature_names()
    (node,) = read_features(str(tmp_path / "features.json"), shop()).features
    assert node.names == tuple(feature.get_feature_names())


def test_a_file_of_features_gives_the_same_matrix(tmp_path: Path) -> None:
    sf.save_features(found(), tmp_path / "features.json")

    loaded = sf.calculate_feature_matrix(tmp_path / "features.json", shop(), engine="duckdb")
    assert (
        loaded.sql()
        == sf.calculate_feature_matrix(
            found(), shop(), cutoff_time=loaded._computation.cutoffs.time, engine="duckdb"
        ).sql()
    )


def saved(folder: Path) -> dict[str, Any]:
    sf.save_features([count("sessions", "customers")], folder / "features.json")
    content: dict[str, Any] = json.loads((folder / "features.json").read_text())
    return content


@pytest.mark.parametrize(
    "content", ["", "no JSON", "[]", "{}", '{"schema_version": "1.0"}', '{"a": [1, 2]}', "\x00\x01"], ids=repr
)
def test_a_file_of_something_else_is_told(content: str, tmp_path: Path) -> None:
    (tmp_path / "features.json").write_text(content)

    with pytest.raises(errors.DefinitionError, match=r"Not a file of feature definitions.*features\.json"):
        sf.load_features(tmp_path / "features.json")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "features.json").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(errors.DefinitionError, match="Not a file of feature definitions"):
        sf.load_features(tmp_path / "features.json")


@pytest.mark.parametrize("place", ["gone.json", "folder"])
def test_a_missing_file_is_told(place: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(errors.DefinitionError, match="No such file of feature definitions"):
        sf.load_features(tmp_path / place)


def test_a_file_of_no_features_cannot_be_computed(tmp_path: Path) -> None:
    content = saved(tmp_path)
    (tmp_path / "features.json").write_text(json.dumps({**content, "feature_list": []}))

    with pytest.raises(errors.DefinitionError, match="feature"):
        read_features(tmp_path / "features.json", shop())


def test_no_features_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(errors.DefinitionError, match="feature"):
        sf.save_features([], tmp_path / "features.json")


def test_a_file_of_a_primitive_that_is_not_there_is_told(tmp_path: Path) -> None:
    content = saved(tmp_path)
    text = json.dumps(content).replace('"Count"', '"CountOfMine"')
    (tmp_path / "features.json").write_text(text)

    with pytest.raises(errors.DefinitionError, match="CountOfMine"):
        sf.load_features(tmp_path / "features.json")


def test_a_folder_that_is_not_there_is_told_when_saving(tmp_path: Path) -> None:
    with pytest.raises(errors.SparkfeatError, match=r"features\.json"):
        sf.save_features(found(), tmp_path / "gone" / "features.json")
