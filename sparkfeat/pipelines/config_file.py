"""Read a configuration file; every problem is told with its line and key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sparkfeat.errors import ConfigError, did_you_mean
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.storage.store import open_store

Key = int | str
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class _Problem:
    """One thing that is wrong; `line` counts from 1."""

    line: int
    path: str
    what: str
    hint: str = ""

    @property
    def place(self) -> str:
        return f"line {self.line}, {self.path}" if self.path else f"line {self.line}"


def read_config(uri: str | Path) -> ComputeConfig:
    """Read and check the configuration of a feature matrix; see `read_model`."""
    return read_model(uri, ComputeConfig)


def read_model(uri: str | Path, model: type[M]) -> M:
    """Read and check a configuration; relative paths in it are relative to its folder.

    Args:
        uri: local path, `file://` or `s3://` URI of a YAML file.
        model: what the file must fit.

    Raises:
        ConfigError: missing, no YAML, or with keys or values that do not fit; all problems are listed.
        UnsupportedError: another scheme.
        EnvironmentProblem: S3 does not let it be read.
    """
    store = open_store(uri, doing="read a configuration from")
    content, file = store.content(""), store.root
    if content is None:
        raise ConfigError("No such configuration file", where=str(uri))
    root, data = _parse(content.data, file)
    _raise_if(_duplicate_keys(root), file)
    try:
        return model.model_validate(data, context={"folder": file.rpartition("/")[0]})
    except ValidationError as error:
        raise _config_error(list(_problems(error, root, data, model)), file) from None


def _parse(content: bytes, file: str) -> tuple[yaml.Node, Any]:
    """Return the YAML as nodes, which know their lines, and as values."""
    try:
        loader = yaml.SafeLoader(content)
        root = loader.get_single_node()
        data = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise _yaml_error(error, file) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError("Not a YAML file", where=file, why=str(error)) from error
    if root is None or not isinstance(data, dict):
        raise ConfigError(
            "The configuration is empty" if data is None else "The configuration is not a mapping of keys",
            where=file,
            hint="`sparkfeat config schema` prints what it may hold",
        )
    return root, data


def _yaml_error(error: yaml.MarkedYAMLError, file: str) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    why = ", ".join(part for part in (error.context, error.problem) if part)
    return ConfigError("Not valid YAML", where=f"{file}{place}", why=why)


def _duplicate_keys(node: yaml.Node, path: str = "") -> Iterator[_Problem]:
    """Yield keys given twice, of which YAML silently takes the last."""
    if isinstance(node, yaml.SequenceNode):
        for at, item in enumerate(node.value):
            yield from _duplicate_keys(item, _join(path, at))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            inner = _join(path, key.value)
            if key.value in seen:
                yield _Problem(key.start_mark.line + 1, inner, f"Key '{key.value}' is given twice")
            seen.add(key.value)
            yield from _duplicate_keys(value, inner)


def _problems(
    error: ValidationError, root: yaml.Node, data: object, model: type[BaseModel]
) -> Iterator[_Problem]:
    """Yield one problem for each place; a place that fits no type of a union has one error for each."""
    places: dict[tuple[Key, ...], list[ErrorDetails]] = {}
    for details in error.errors():
        places.setdefault(_known_part(details, data), []).append(details)
    for path, found in places.items():
        what, hint = _explain(path, found, model)
        yield _Problem(_line(root, path), _dotted(path), what, hint)


def _known_part(details: ErrorDetails, data: Any) -> tuple[Key, ...]:
    """Return the part of an error's place that is in the file; pydantic adds names of types to it."""
    path: list[Key] = []
    for key in details["loc"]:
        found = (isinstance(data, dict) and key in data) or (isinstance(data, list) and isinstance(key, int))
        if not found:
            break
        data = data[key]
        path.append(key)
    return (*path, details["loc"][-1]) if details["type"] == "missing" else tuple(path)


def _explain(path: tuple[Key, ...], found: list[ErrorDetails], model: type[BaseModel]) -> tuple[str, str]:
    first = found[0]
    if first["type"] == "extra_forbidden":
        return f"Unknown key '{path[-1]}'", did_you_mean(str(path[-1]), _keys_at(path[:-1], model))
    if first["type"] == "missing":
        return f"Missing key '{path[-1]}'", ""
    hint = ""
    if first["type"] == "literal_error":
        hint = did_you_mean(str(first["input"]), re.findall("'([^']*)'", first["msg"]))
    reasons = dict.fromkeys(details["msg"].removeprefix("Value error, ") for details in found)
    return ", or: ".join(reasons), hint


def _keys_at(path: tuple[Key, ...], model: type[BaseModel]) -> Iterable[str]:
    """Return the keys that the section at `path` may have."""
    annotation: Any = model
    for key in path:
        annotation = _inner(annotation, key)
    return annotation.model_fields if _is_section(annotation) else ()


def _inner(annotation: Any, key: Key) -> Any:
    if _is_section(annotation):
        return _without_none(annotation.model_fields[key].annotation)
    choices = [choice for choice in get_args(annotation) if choice is not NoneType]
    return choices[-1] if get_origin(annotation) in (dict, list) else None


def _without_none(annotation: Any) -> Any:
    """Return the section of "a section or None", or the annotation as it is."""
    if get_origin(annotation) is not UnionType:
        return annotation
    return next((choice for choice in get_args(annotation) if _is_section(choice)), annotation)


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _line(node: yaml.Node, path: tuple[Key, ...]) -> int:
    """Return the line of the key at `path`, or of the nearest key above it."""
    line = node.start_mark.line + 1
    for key in path:
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for name, value in node.value if name.value == str(key)]
            if not found:
                break
            name, node = found[0]
            line = name.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            node = node.value[key]
            line = node.start_mark.line + 1
    return line


def _dotted(path: tuple[Key, ...]) -> str:
    text = ""
    for key in path:
        text = _join(text, key)
    return text


def _join(path: str, key: Key) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _raise_if(problems: Iterable[_Problem], file: str) -> None:
    if found := list(problems):
        raise _config_error(found, file)


def _config_error(problems: list[_Problem], file: str) -> ConfigError:
    if len(problems) == 1:
        (only,) = problems
        return ConfigError(only.what, where=f"{file}, {only.place}", hint=only.hint)
    lines = [
        f"{problem.place}: {problem.what}" + (f". {problem.hint}" if problem.hint else "")
        for problem in sorted(problems, key=lambda problem: problem.line)
    ]
    return ConfigError(
        f"{len(problems)} problems in the configuration", where=file, why="\n".join(["", *lines])
    )
