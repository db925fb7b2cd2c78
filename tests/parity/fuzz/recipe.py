"""An example written down: tables as literals, features as code, options; and the script they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import featuretools as ft
import pandas as pd

_HEAD = """\
import featuretools as ft
import featuretools.primitives as p
import pandas as pd
from featuretools.entityset.relationship import RelationshipPath
from featuretools.feature_base import AggregationFeature, DirectFeature
from featuretools.feature_base import GroupByTransformFeature, TransformFeature
from pandas import NaT, Timestamp
from woodwork.logical_types import Ordinal

import sparkfeat as sf

nan, inf = float("nan"), float("inf")
entityset = ft.EntitySet("fuzz")
"""
_HELPERS = """

def column(table, name):
    return ft.Feature(entityset[table].ww[name])


def link(child, name):
    found = (one for one in entityset.relationships if one.child_dataframe.ww.name == child)
    return next(one for one in found if one.child_column.name == name)

"""
_DTYPES = {'"Datetime"': "datetime64[ns]", '"Double"': "float64"}


@dataclass(frozen=True)
class Table:
    """One table: values by column, logical types as code."""

    name: str
    columns: dict[str, list[Any]]
    types: dict[str, str]
    time_index: str | None = None
    secondary: dict[str, list[str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.columns["id"])

    def code(self) -> str:
        """Return the call that adds the table."""
        columns = ",\n".join(
            f"            {name!r}: pd.Series({values!r}, dtype={_dtype(self.types[name])!r})"
            for name, values in self.columns.items()
        )
        types = ", ".join(f"{name!r}: {code}" for name, code in self.types.items())
        more = f"    time_index={self.time_index!r},\n" if self.time_index else ""
        more += f"    secondary_time_index={self.secondary!r},\n" if self.secondary else ""
        return (
            f"entityset.add_dataframe(\n    pd.DataFrame(\n        {{\n{columns},\n        }}\n    ),\n"
            f"    dataframe_name={self.name!r},\n    index='id',\n"
            f"    logical_types={{{types}}},\n{more})\n"
        )


def _dtype(code: str) -> str:
    """Woodwork wants a time index to look like one before it looks at its type."""
    return _DTYPES.get(code, "object")


@dataclass(frozen=True)
class Recipe:
    """Everything that one example computes. `links` are (parent, child, child's column)."""

    tables: tuple[Table, ...]
    links: tuple[tuple[str, str, str], ...] = ()
    last_times: bool = False
    features: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def entityset_code(self) -> str:
        """Return the code that makes `entityset`, and the helpers that features use."""
        parts = [_HEAD, *(table.code() for table in self.tables)]
        parts += [
            f"entityset.add_relationship({parent!r}, 'id', {child!r}, {name!r})\n"
            for parent, child, name in self.links
        ]
        parts += ["entityset.add_last_time_indexes()\n"] if self.last_times else []
        return "".join([*parts, _HELPERS])

    def features_code(self) -> str:
        """Return the code that makes `features`."""
        listed = "".join(f"    {code},\n" for code in self.features)
        return f"\nfeatures = [\n{listed}]\n"

    def script(self, engine: str, note: str = "", spark: str = "") -> str:
        """Return a script that compares an engine with Featuretools on the recipe."""
        told = f'"""{note}"""\n\n' if note else ""
        given = "".join(f"    {name}={_literal(value)},\n" for name, value in self.options.items())
        session = "    spark=spark,\n" if spark else ""
        call = (
            f"sf.testing.assert_parity(\n    entityset,\n    features,\n    engines=[{engine!r}],\n"
            f"{session}    vacuous=True,\n{given})\n"
        )
        return f"{told}{self.entityset_code()}{self.features_code()}{spark}\n{call}"


def _literal(value: Any) -> str:
    if not isinstance(value, pd.DataFrame):
        return repr(value)
    columns = ", ".join(
        f"{name!r}: pd.Series({list(values)!r}, dtype={str(values.dtype)!r})"
        for name, values in value.items()
    )
    return f"pd.DataFrame({{{columns}}})"


def entityset_of(recipe: Recipe) -> ft.EntitySet:
    """Return the EntitySet of a recipe, made by its own code."""
    return _namespace(recipe.entityset_code())["entityset"]


def features_of(recipe: Recipe) -> tuple[ft.EntitySet, list[ft.Feature]]:
    """Return the EntitySet and the features of a recipe, made by its own code."""
    names = _namespace(recipe.entityset_code() + recipe.features_code())
    return names["entityset"], names["features"]


def run(script: str, **names: Any) -> None:
    """Run a script; it raises what it raises."""
    _namespace(script, **names)


def _namespace(code: str, **names: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"__name__": "fuzz", **names}
    exec(compile(code, "fuzz", "exec"), found)
    return found
