"""Features saved, loaded, described and drawn: by Featuretools and here, in this process and in a new one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import featuretools as ft
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat import errors
from sparkfeat.definitions import read_features, walk
from tests.definitions.kinds import KINDS, commonest
from tests.entityset.shop import column, shop
from tests.plan.features import aggregated, on_phone
from tests.primitives import own


def renamed_columns() -> ft.Feature:
    feature = commonest()
    feature.set_feature_names(["first", "second", "third"])
    return feature


ALL_AT_ONCE: dict[str, Any] = {
    **KINDS,
    "custom": lambda: aggregated(column("sessions", "length"), "customers", own.Newest),
    "custom with an argument": lambda: ft.Feature(column("sales", "amount"), primitive=own.Scaled(3)),
    "custom where": lambda: aggregated(
        column("sessions", "length"), "customers", own.Newest, where=on_phone()
    ),
    "renamed columns": renamed_columns,
    "aggregation of a slice": lambda: ft.Feature(
        ft.Feature(commonest(), dataframe_name="sessions")[0], primitive=p.IsNull
    ),
}


def said(feature: ft.Feature) -> Any:
    """Return all that a definition says, part by part."""
    (node,) = read_features([feature], shop()).features
    return [{key: repr(value) for key, value in vars(part).items()} for part in walk(node)]


@pytest.mark.parametrize("kind", ALL_AT_ONCE)
def test_saved_here_and_loaded_by_featuretools(kind: str, tmp_path: Path) -> None:
    feature = ALL_AT_ONCE[kind]()
    sf.save_features([feature], tmp_path / "features.json")

    (loaded,) = ft.load_features(str(tmp_path / "features.json"))
    assert said(loaded) == said(feature)


@pytest.mark.parametrize("kind", ALL_AT_ONCE)
def test_saved_by_featuretools_and_loaded_here(kind: str, tmp_path: Path) -> None:
    feature = ALL_AT_ONCE[kind]()
    ft.save_features([feature], str(tmp_path / "features.json"))

    (loaded,) = sf.load_features(tmp_path / "features.json")
    assert said(loaded) == said(feature)
    assert sf.describe_feature(loaded) == ft.describe_feature(feature)


NEW_PROCESS = """
import sys
import sparkfeat as sf
{before}
features = sf.load_features(sys.argv[1])
print([sf.describe_feature(feature) for feature in features])
"""


def in_a_new_process(file: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", NEW_PROCESS.format(before=before), str(file)]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)


def test_a_new_process_describes_what_it_loads(tmp_path: Path) -> None:
    features = [make() for make in ALL_AT_ONCE.values()]
    sf.save_features([one for one in features if one.get_name()], tmp_path / "features.json")
    done = in_a_new_process(tmp_path / "features.json", "import tests.primitives.own")

    assert done.stdout.strip() == str([ft.describe_feature(feature) for feature in features]), done.stderr


def test_a_new_process_is_told_to_import_the_module(tmp_path: Path) -> None:
    sf.save_features([ALL_AT_ONCE["custom"]()], tmp_path / "features.json")
    done = in_a_new_process(tmp_path / "features.json")

    assert 'Primitive "Newest" in module "tests.primitives.own" not found' in done.stderr
    assert "Import the primitive's module before." in done.stderr


def test_sql_is_found_again_by_the_class(tmp_path: Path) -> None:
    sf.save_features([ALL_AT_ONCE["custom where"]()], tmp_path / "features.json")

    with own.registered(own.Newest):
        matrix = sf.calculate_feature_matrix(tmp_path / "features.json", shop(), engine="duckdb")
        assert matrix.fallbacks == []
        assert matrix.to_pandas().notna().to_numpy().any()


def test_another_class_of_the_name_is_refused(tmp_path: Path) -> None:
    members = {**vars(own.Newest), "__module__": "tests.here", "__dict__": {}}
    other = type("LookAlike", (p.AggregationPrimitive,), members)
    sf.save_features(
        [aggregated(column("sessions", "length"), "customers", other)], tmp_path / "features.json"
    )
    content = (tmp_path / "features.json").read_text().replace('"tests.here"', '"tests.gone"')
    (tmp_path / "features.json").write_text(content)

    with pytest.raises(errors.DefinitionError, match=r"LookAlike is not the one.*that of tests\.gone"):
        sf.load_features(tmp_path / "features.json")


# In words and pictures ------------------------------------------------------------------------------------


def test_a_description_takes_texts_of_ones_own(tmp_path: Path) -> None:
    feature = ALL_AT_ONCE["custom"]()
    texts = {"sessions: length": "how long it took"}
    (tmp_path / "texts.json").write_text(json.dumps({"feature_descriptions": texts}))

    assert "how long it took" in sf.describe_feature(feature, feature_descriptions=texts)
    assert "how long it took" in sf.describe_feature(feature, metadata_file=tmp_path / "texts.json")
    assert "The newest" in sf.describe_feature(feature, primitive_templates={"newest": "the newest {}"})


def test_texts_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(errors.MissingInputError, match=r"texts\.json"):
        sf.describe_feature(ALL_AT_ONCE["custom"](), metadata_file=tmp_path / "texts.json")


@pytest.mark.parametrize("ask", [sf.describe_feature, sf.graph_feature])
def test_what_is_no_feature_is_told(ask: Any) -> None:
    with pytest.raises(errors.DefinitionError, match="no Featuretools feature"):
        ask("COUNT(sessions)")


def test_a_graph_needs_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)

    with pytest.raises(errors.EnvironmentProblem, match=r"Graphviz is not installed.*features graph"):
        sf.graph_feature(ALL_AT_ONCE["custom"]())


def test_a_graph_is_that_of_featuretools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(ft, "graph_feature", lambda *given, **more: asked.append((given, more)) or "graph")
    feature = ALL_AT_ONCE["stacked"]()

    assert sf.graph_feature(feature, tmp_path / "a.png", description=True, metadata_file="m") == "graph"
    assert asked == [((feature, str(tmp_path / "a.png"), True), {"metadata_file": "m"})]
