from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

import pytest

from sparkfeat.errors import ConfigError, UnsupportedError
from sparkfeat.pipelines.config import ComputeConfig, EngineName
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.synthesis import ENGINES

SMALLEST = """\
entityset:
  dataframes:
    customers: {path: customers.parquet, index: customer_id}
features:
  target_dataframe_name: customers
output:
  path: out
"""
FULL = """\
entityset:
  id: shop
  dataframes:
    customers: {path: data/customers.parquet, index: customer_id, time_index: joined}
    web.visits:
      path: /data/visits
      index: visit_id
      time_index: began
      logical_types: {device: Categorical}
      semantic_tags: {device: browser, page: [a, b]}
      secondary_time_index: {ended: [pages]}
  relationships:
    - {parent: customers.customer_id, child: web.visits.customer_id}
  interesting_values:
    web.visits: {device: [phone, desktop]}
    customers: 3
features:
  target_dataframe_name: customers
  agg_primitives: [count, sum]
  where_primitives: []
  max_depth: 1
cutoff_time:
  path: cutoffs.parquet
  training_window: 30 days
  gap: 1 day
  include_cutoff_time: false
engine:
  name: spark
  fallback: error
  spark: {spark.sql.shuffle.partitions: 4, spark.ui.enabled: true}
output:
  path: s3://bucket/features
  run_id: first
  overwrite: true
  cutoff_time_in_index: true
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write text as shop.yaml and return its path."""

    def write_text(text: str) -> Path:
        path = tmp_path / "shop.yaml"
        path.write_text(dedent(text))
        return path

    return write_text


def read_changed(write: Any, old: str, new: str) -> ComputeConfig:
    """Read SMALLEST with `old` replaced by `new`."""
    assert old in SMALLEST
    return read_config(write(SMALLEST.replace(old, new)))


def test_smallest_configuration_has_featuretools_defaults(write: Any) -> None:
    config = read_config(write(SMALLEST))

    assert config.features.dfs_arguments() == {"target_dataframe_name": "customers"}
    assert config.engine.name == "auto"
    assert config.cutoff_time.time is None
    assert config.cutoff_time.include_cutoff_time
    assert not config.output.overwrite


def test_everything_is_read(write: Any) -> None:
    config = read_config(write(FULL))

    assert config.entityset.links() == [("customers", "customer_id", "web.visits", "customer_id")]
    assert config.entityset.interesting_values == {
        "web.visits": {"device": ["phone", "desktop"]},
        "customers": 3,
    }
    assert config.features.dfs_arguments() == {
        "target_dataframe_name": "customers",
        "agg_primitives": ["count", "sum"],
        "where_primitives": [],
        "max_depth": 1,
    }
    assert config.engine.spark == {"spark.sql.shuffle.partitions": "4", "spark.ui.enabled": "true"}
    assert config.output.run_id == "first"


def test_relative_paths_are_relative_to_the_file(write: Any, tmp_path: Path) -> None:
    config = read_config(write(FULL))

    assert config.entityset.dataframes["customers"].path == str(tmp_path / "data" / "customers.parquet")
    assert config.entityset.dataframes["web.visits"].path == "/data/visits"
    assert config.cutoff_time.path == str(tmp_path / "cutoffs.parquet")
    assert config.output.path == "s3://bucket/features"


def test_file_uri_is_read(write: Any) -> None:
    path = write(SMALLEST)

    assert read_config(path.as_uri()) == read_config(path)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-01-31", datetime(2024, 1, 31)),
        ("2024-01-31 18:30:00", datetime(2024, 1, 31, 18, 30)),
        ("'2024-01-31T18:30'", datetime(2024, 1, 31, 18, 30)),
        ("17", 17),
        ("17.5", 17.5),
    ],
)
def test_cutoff_time_may_be_written_as_yaml_allows(write: Any, written: str, read: object) -> None:
    config = read_config(write(SMALLEST + f"cutoff_time: {{time: {written}}}\n"))

    assert config.cutoff_time.time == read
    assert type(config.cutoff_time.time) is type(read)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "  target_dataframe_name: customers",
            "  target_dataframe_name: customers\n  agg_primitves: [sum]",
            r"Unknown key 'agg_primitves' \(.*shop\.yaml, line 6, features\.agg_primitves\)\. Did you mean",
        ),
        (
            "index: customer_id}",
            "index: customer_id, timeindex: joined}",
            r"Unknown key 'timeindex' .*line 3, entityset\.dataframes\.customers\.timeindex.*'time_index'",
        ),
        ("output:", "outputs:", "2 problems"),
        (
            ", index: customer_id",
            "",
            r"Missing key 'index' .*line 3, entityset\.dataframes\.customers\.index",
        ),
        ("path: out", "path: [out]", r"Input should be a valid string .*line 7, output\.path"),
        (
            "output:",
            "engine: {name: duckdv}\noutput:",
            r"Input should be 'auto', .*line 6, engine\.name.*mean 'duckdb'",
        ),
        (
            "output:",
            "cutoff_time: {time: soon}\noutput:",
            r"Invalid isoformat string: 'soon' .*cutoff_time\.time",
        ),
        ("output:", "cutoff_time: {time: 2024-01-31T00:00:00Z}\noutput:", "leave the zone out"),
        ("output:", "cutoff_time: {time: true}\noutput:", "write a time as 2024-01-31"),
        (
            "output:",
            "cutoff_time: {time: 1, path: c.parquet}\noutput:",
            r"give path or time, not both .*line 6",
        ),
        ("output:", "cutoff_time: {instance_ids: [1], path: c}\noutput:", "leave out instance_ids"),
        ("target_dataframe_name: customers", "max_depth: 1", "give definitions, or target_dataframe_name"),
        ("target_dataframe_name: customers", "{definitions: f, max_depth: 1}", "leave out max_depth"),
        ("path: out", "path: out\n  run_id: a/b", r"String should match pattern .*output\.run_id"),
        (
            "features:",
            "  relationships: [{parent: a, child: b}]\nfeatures:",
            "'a' is not written as dataframe.column",
        ),
        (
            "features:",
            "  relationships: [{parent: customers.customer_id, child: customer.id}]\nfeatures:",
            r"no dataframe 'customer'\. Did you mean 'customers'\?",
        ),
        ("features:", "  interesting_values: {sessions: 3}\nfeatures:", "no dataframe 'sessions'"),
        (
            "features:",
            "  interesting_values: {customers: many}\nfeatures:",
            r"valid integer.*, or: Input should be a valid dictionary .*line 4, entityset\.interesting",
        ),
        ("path: out", "path: out\n  path: elsewhere", r"Key 'path' is given twice .*line 8, output\.path"),
    ],
)
def test_wrong_configuration_says_what_and_where(write: Any, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_changed(write, old, new)


def test_all_problems_are_listed_in_the_order_of_the_file(write: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        read_changed(
            write, "target_dataframe_name: customers", "{target_dataframe_name: customers, maxdepth: 2, x: 1}"
        )

    lines = str(caught.value).splitlines()
    assert lines[0].startswith("2 problems in the configuration (")
    assert lines[1] == "line 5, features.maxdepth: Unknown key 'maxdepth'. Did you mean 'max_depth'?"
    assert lines[2].startswith("line 5, features.x: Unknown key 'x'. Known: 'agg_primitives', ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2\n", r"Not valid YAML \(.*shop\.yaml, line 2, column 2\)"),
        ("a: \tb: c\n", r"line 1, column \d+"),
        ("", r"The configuration is empty .*sparkfeat config schema"),
        ("- 1\n", "not a mapping of keys"),
        ("a: !!python/object:os.system {}\n", "could not determine a constructor"),
    ],
)
def test_text_that_is_no_configuration(write: Any, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_config(write(text))


def test_binary_file_is_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_bytes(b"PAR1\x00\xff\xfe")

    with pytest.raises(ConfigError, match="Not a YAML file"):
        read_config(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"No such configuration file \(.*nothing\.yaml\)"):
        read_config(tmp_path / "nothing.yaml")


def test_other_schemes_are_not_supported() -> None:
    with pytest.raises(UnsupportedError, match="Cannot read a configuration from 'gs://'"):
        read_config("gs://bucket/shop.yaml")


def test_command_line_values_replace_those_of_the_file(write: Any) -> None:
    config = read_config(write(SMALLEST))

    changed = config.override(run_id="second", engine="duckdb", overwrite=True)

    assert changed.output.run_id == "second"
    assert changed.output.overwrite
    assert changed.engine.name == "duckdb"
    assert config.override() == config


def test_parameters_leave_out_how_the_run_is_called(write: Any) -> None:
    config = read_config(write(SMALLEST))

    assert config.override(run_id="x", overwrite=True).parameters() == config.parameters()
    assert config.override(engine="spark").parameters() != config.parameters()
    assert json.loads(json.dumps(config.parameters())) == config.parameters()


def test_schema_describes_every_section() -> None:
    schema = ComputeConfig.model_json_schema()

    assert set(schema["properties"]) == {
        *["entityset", "features", "cutoff_time", "engine", "output", "storage"]
    }
    sections = [section for name, section in schema["$defs"].items() if name.endswith("Config")]
    assert len(sections) == 9
    assert not any(section["additionalProperties"] for section in sections)


def test_engines_are_those_of_the_library() -> None:
    assert get_args(EngineName) == ENGINES
