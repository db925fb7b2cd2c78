"""What all typed configuration is made of, and the settings of `conf/` with their reasons."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

REGISTRY = "models:/"
"""What the address of a registered model begins with."""


def _resolve(path: str, info: ValidationInfo) -> str:
    """Make a path absolute: "~" is the home folder, the rest is relative to the configuration file."""
    if "://" in path or path.startswith(REGISTRY):
        return path
    folder = str(info.context["folder"]) if info.context else ""
    own = Path(path).expanduser()
    if "://" in folder and not own.is_absolute():
        return _below(folder, path)
    return str((Path(folder) / own).absolute())


def _below(folder: str, path: str) -> str:
    """Return the URI of a path relative to a folder on S3, where `..` has no meaning."""
    scheme, _, rest = folder.partition("://")
    parts: list[str] = []
    for part in [*rest.split("/"), *path.split("/")]:
        if part == ".." and len(parts) > 1:
            parts.pop()
        elif part not in {"", ".", ".."}:
            parts.append(part)
    return f"{scheme}://{'/'.join(parts)}"


def _as_spark_text(given: object) -> object:
    """Write a setting as Spark reads it: YAML's `true` and numbers are text there."""
    if isinstance(given, bool):
        return str(given).lower()
    return str(given) if isinstance(given, int | float) else given


Location = Annotated[str, AfterValidator(_resolve)]
SparkText = Annotated[str, BeforeValidator(_as_spark_text)]


class Section(BaseModel):
    """Part of a configuration: no key is silently ignored, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Setting(Section):
    """A value of `conf/` and why it is that."""

    value: SparkText
    reason: str


def conf_folder() -> Traversable:
    """Return the folder `conf/`: in the package where a wheel was installed, else beside it."""
    package = files("sparkfeat")
    inside = package / "conf"
    return inside if inside.is_dir() else files("sparkfeat").joinpath("..", "conf")


def settings(name: str) -> dict[str, Setting]:
    """Return the Spark settings of `conf/<name>.yaml`: base, local or emr."""
    found = yaml.safe_load((conf_folder() / f"{name}.yaml").read_text(encoding="utf-8"))
    return {key: Setting.model_validate(setting) for key, setting in found.items()}


def spark_settings(*names: str) -> dict[str, str]:
    """Return the values of several of those files; a later one replaces an earlier one's."""
    return {key: setting.value for name in names for key, setting in settings(name).items()}
