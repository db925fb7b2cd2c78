"""Random features, found by dfs and varied, and the code that makes a feature again."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from random import Random
from typing import Any

import featuretools as ft
import featuretools.primitives as p
from featuretools.feature_base import (
    AggregationFeature,
    DirectFeature,
    FeatureOutputSlice,
    GroupByTransformFeature,
    IdentityFeature,
)

from tests.parity.cases.case import needs_time, parts
from tests.parity.fuzz.primitives import aggregations, transforms
from tests.parity.fuzz.recipe import Recipe

MOST = 12
COMPARISONS = (
    *(p.Equal, p.NotEqual, p.GreaterThan, p.GreaterThanEqualTo, p.LessThan, p.LessThanEqualTo),
    *(p.EqualScalar, p.NotEqualScalar, p.GreaterThanScalar, p.GreaterThanEqualToScalar),
    *(p.LessThanScalar, p.LessThanEqualToScalar),
)
SPANS = ("14 hours", "1 day", "1 mo", "2 observations")


def features(
    dice: Random, entityset: ft.EntitySet, target: str, only: Collection[str], *, at_cutoff: bool
) -> list[ft.Feature]:
    """Let dfs search with random primitives, and keep some of what it finds; some of it varied."""
    found = [
        feature
        for feature in _search(dice, entityset, target, only)
        if not any(map(is_known_difference, parts(feature))) and (at_cutoff or not needs_time(feature))
    ]
    if only:
        found = [one for one in found if any(part.primitive.name in only for part in parts(one))]
    chosen = [_varied(one, dice) for one in dice.sample(found, min(len(found), dice.randint(1, MOST)))]
    named = {feature.get_name(): feature for feature in chosen}
    return list(named.values())


def _search(dice: Random, entityset: ft.EntitySet, target: str, only: Collection[str]) -> list[ft.Feature]:
    aggregated, computed = aggregations(dice, only, 4), transforms(dice, only, 4)
    if dice.random() < 0.5:
        entityset.add_interesting_values(max_values=2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ft.dfs(
                entityset=entityset,
                target_dataframe_name=target,
                agg_primitives=aggregated or ["count"],
                trans_primitives=computed,
                groupby_trans_primitives=transforms(dice, only, 2),
                where_primitives=aggregated[:2],
                max_depth=dice.randint(1, 3),
                max_features=300,
                features_only=True,
            )
    except (ValueError, AssertionError):
        # None of the primitives finds a column, or one does not work in groups.
        return []
    # The order of what dfs finds depends on the hash seed of the process.
    return sorted(found, key=lambda feature: str(feature.get_name()))


def _varied(feature: ft.Feature, dice: Random) -> ft.Feature:
    """Give an aggregation a look back now and then, or a feature another name."""
    kind = dice.random()
    if kind < 0.15 and isinstance(feature, AggregationFeature):
        span = dice.choice(SPANS)
        try:
            return AggregationFeature(
                feature.base_features,
                feature.dataframe_name,
                feature.primitive,
                relationship_path=feature.relationship_path,
                where=feature.where,
                use_previous=span,
            )
        except (AssertionError, AttributeError, TypeError, ValueError):
            return feature
    if kind > 0.95 and feature.number_output_features == 1:
        return feature.rename(f"'{feature.get_name()[:9]}\" ü")
    return feature


def of_own_rows(dice: Random, recipe: Recipe, target: str) -> list[str]:
    """Return features of the rows of the target that refer to a row, or that it refers to, as code."""
    found = []
    for parent, child, key in recipe.links:
        if parent == child == target:
            table = next(one for one in recipe.tables if one.name == target)
            base = f"column({target!r}, {dice.choice(sorted(table.columns.keys() - {key}))!r})"
            link = f"link({target!r}, {key!r})"
            found.append(f"DirectFeature({base}, {target!r}, relationship={link})")
            path = f"relationship_path=RelationshipPath([(False, {link})])"
            for one, name in (("Count", f"column({target!r}, 'id')"), ("Last", base)):
                found.append(f"AggregationFeature([{name}], {target!r}, p.{one}(), {path})")
    return found


def is_known_difference(feature: ft.Feature) -> bool:
    """Tell what test_known_differences holds: Featuretools' answer depends on other rows or kinds of null."""
    if isinstance(feature.primitive, COMPARISONS):
        return compares_aggregations(feature)
    return _overflows(feature) or _has_nan_among_masked(feature) or _ranks_nulls(feature)


def compares_aggregations(feature: ft.Feature) -> bool:
    """Tell a comparison of aggregations: False or null where all instances of a time have no rows."""
    aggregated = any(isinstance(part, AggregationFeature) for part in parts(feature))
    return isinstance(feature.primitive, COMPARISONS) and aggregated


def _ranks_nulls(feature: ft.Feature) -> bool:
    """Tell a percentile of nullable integers: pandas ranks what lies under the mask."""
    below = [part for part in parts(feature) if _is_column(part, {"IntegerNullable", "Age"})]
    return feature.primitive.name == "percentile" and bool(below)


def _overflows(feature: ft.Feature) -> bool:
    """Tell a product of two columns of large integers: pandas wraps around."""
    large = [any(_is_column(part, {"Integer"}) for part in parts(base)) for base in feature.base_features]
    return feature.primitive.name == "multiply_numeric" and all(large)


def _has_nan_among_masked(feature: ft.Feature) -> bool:
    """Tell what is made of a quotient or remainder of nullable integers, NaN of which pandas does not miss.

    A modulo itself gives 0 for such a number, if it is not a column.
    """
    for part in parts(feature):
        divided = str(part.primitive.name).startswith(("divide", "modulo"))
        masked = any(_is_column(below, {"IntegerNullable", "Age"}) for below in parts(part))
        if divided and masked and (part is not feature or not all(map(_is_identity, part.base_features))):
            return True
    return False


def _is_identity(feature: ft.Feature) -> bool:
    return isinstance(feature, IdentityFeature)


def _is_column(feature: ft.Feature, names: Collection[str]) -> bool:
    return isinstance(feature, IdentityFeature) and feature.column_name in names


# Features as code -----------------------------------------------------------------------------------------


def code_of(feature: ft.Feature) -> str:
    """Return an expression that makes the feature; see `recipe` for the names it uses."""
    renamed = feature._name is not None and feature._name != feature.generate_name()
    return _plain(feature) + (f".rename({feature._name!r})" if renamed else "")


def _plain(feature: ft.Feature) -> str:
    bases = "[" + ", ".join(map(code_of, feature.base_features)) + "]"
    match feature:
        case IdentityFeature():
            return f"column({feature.dataframe_name!r}, {feature.column_name!r})"
        case DirectFeature():
            ((_, link),) = feature.relationship_path
            return f"DirectFeature({bases[1:-1]}, {feature.dataframe_name!r}, relationship={_link(link)})"
        case FeatureOutputSlice():
            return f"{bases[1:-1]}[{feature.n}]"
        case GroupByTransformFeature():
            own = "[" + ", ".join(map(code_of, feature.base_features[:-1])) + "]"
            return (
                f"GroupByTransformFeature({own}, {_primitive(feature)}, groupby={code_of(feature.groupby)})"
            )
        case AggregationFeature():
            rest = f"{_primitive(feature)}{_more(feature)}"
            return f"AggregationFeature({bases}, {feature.dataframe_name!r}, {rest})"
    return f"TransformFeature({bases}, {_primitive(feature)})"


def _primitive(feature: ft.Feature) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in feature.primitive.get_arguments())
    return f"p.{type(feature.primitive).__name__}({given})"


def _more(feature: AggregationFeature) -> str:
    steps = ", ".join(f"(False, {_link(link)})" for _, link in feature.relationship_path)
    told = f", relationship_path=RelationshipPath([{steps}])"
    if feature.where is not None:
        told += f", where={code_of(feature.where)}"
    if feature.use_previous is not None:
        told += f", use_previous=ft.Timedelta({dict(feature.use_previous.times)!r})"
    return told


def _link(link: Any) -> str:
    return f"link({link.child_dataframe.ww.name!r}, {link._child_column_name!r})"
