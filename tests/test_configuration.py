from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pydantic import ValidationError

from sparkfeat.configuration import Setting, settings, spark_settings
from sparkfeat.engines.spark.session import LOCAL_CONF


def test_a_setting_needs_a_reason() -> None:
    with pytest.raises(ValidationError, match="reason"):
        Setting.model_validate({"value": 1})


def test_values_are_written_as_spark_reads_them() -> None:
    assert spark_settings("base")["spark.sql.execution.arrow.pyspark.enabled"] == "true"
    assert settings("local")["spark.sql.shuffle.partitions"].value == "16"


def test_a_local_session_is_made_of_conf() -> None:
    assert spark_settings("base", "local") == LOCAL_CONF


def test_a_wheel_carries_its_settings(repository: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "sparkfeat-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("sparkfeat/__init__.py", "")
        archive.write(repository / "sparkfeat" / "configuration.py", "sparkfeat/configuration.py")
        archive.writestr("sparkfeat/conf/base.yaml", "spark.x: {value: true, reason: none}")
    code = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "from sparkfeat.configuration import spark_settings; print(spark_settings('base'))"
    )
    answer = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert answer.stdout == "{'spark.x': 'true'}\n"
