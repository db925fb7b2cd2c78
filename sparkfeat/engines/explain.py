"""A feature matrix explained: what is computed where, from which rows, and what falls back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape

from sparkfeat.definitions import AggregationFeature, DirectFeature, Feature
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.layout import Layout
from sparkfeat.engines.partitioned.split import reasons_apart
from sparkfeat.engines.windows import Asked
from sparkfeat.plan.cutoffs import TimeRule
from sparkfeat.plan.nodes import Node

_MOST_ROWS = 20


def explain(computation: Computation, engine: str, why: str = "", notes: Sequence[str] = ()) -> str:
    """Return the explanation as text: time rule, features by path, the plan's steps, fallbacks."""
    lines = [f"Feature matrix of {computation.target.name}, engine {engine}"]
    lines += [f"  engine: {why}"] if why else []
    lines += [f"  {note}" for note in notes]
    lines.append(f"  rows: {_rows(computation)}")
    lines += [f"  visible: {_visible(rule)}" for rule in computation.rules]
    apart = reasons_apart(computation) if engine == "partitioned" else {}
    for path, features in _by_path(computation).items():
        lines.append(f"  {path}")
        lines += [f"    {one.name}  [{_where(computation, one, engine, apart)}]" for one in features]
    if computation.native:
        lines.append("  plan")
        lines += [f"    {line}" for line in _steps(computation.plan.matrix)]
    return "\n".join(lines)


def _rows(computation: Computation) -> str:
    cutoffs = computation.cutoffs
    which = "instances asked for" if cutoffs.source is not None else "all visible instances"
    return (
        f"{which} at {cutoffs.time}"
        if cutoffs.time is not None
        else "one for each cutoff row, at its own time"
    )


def _visible(rule: TimeRule) -> str:
    end = "cutoff" if rule.gap is None else f"cutoff - {rule.gap}"
    sign = "<=" if rule.include_cutoff_time else "<"
    if rule.training_window is None:
        return f"rows with time {sign} {end}"
    return f"rows with {end} - {rule.training_window} {'<' if sign == '<=' else '<='} time {sign} {end}"


def _by_path(computation: Computation) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for asked in computation.asked:
        found[_path(asked.feature)].append(asked)
    return found


def _path(feature: Feature) -> str:
    """Return the tables a feature goes through: '<-' to children, '->' to a parent."""
    if isinstance(feature, DirectFeature):
        return f"{feature.table} -> {_path(feature.base)}"
    if isinstance(feature, AggregationFeature):
        middle = "".join(f" <- {link.child}" for link in feature.path[:-1])
        return f"{feature.table}{middle} <- {max((_path(base) for base in feature.bases), key=len)}"
    inputs = [_path(base) for base in feature.inputs]
    return max(inputs, key=len, default=feature.table)


def _where(computation: Computation, asked: Asked, engine: str, apart: Mapping[str, str]) -> str:
    if asked.name in apart:
        return f"spark: {apart[asked.name]}"
    reason = computation.reasons.get(asked.name)
    return engine if reason is None else f"featuretools: {reason}"


def _steps(root: Node) -> list[str]:
    """Return a line for each node, what is read before what reads it, indented by depth."""
    lines: list[str] = []
    seen: set[Node] = set()

    def visit(node: Node, depth: int) -> None:
        again = " (shared)" if node in seen else ""
        lines.append("  " * depth + node.description + again)
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent, depth + 1)

    visit(root, 0)
    return lines


def as_html(computation: Computation, engine: str, layout: Layout) -> str:
    """Return a short table of the columns for notebooks."""
    rows = []
    for column in layout.columns[:_MOST_ROWS]:
        reason = computation.reasons.get(column.name)
        place = engine if reason is None else f"featuretools: {reason}"
        cells = (escape(column.name), column.type_name or "", escape(place))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    more = len(layout.columns) - len(rows)
    tail = f"<p>and {more} more</p>" if more > 0 else ""
    title = (
        f"FeatureMatrix of {escape(computation.target.name)}: {len(layout.columns)} columns, engine {engine}"
    )
    head = "<tr><th>column</th><th>type</th><th>computed by</th></tr>"
    return f"<div><strong>{title}</strong><table>{head}{''.join(rows)}</table>{tail}</div>"
