"""Aggregations of how often each value occurs, in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import rank
from sparkfeat.primitives.rows import Row, aggregate, value_counts


def _mode(call: Call) -> str:
    return f"first(v ORDER BY v IS NULL, n DESC, {rank('v', call.inputs[0], 'duckdb')})"


def _mode_spark(call: Call) -> str:
    key = rank("v", call.inputs[0], "spark")
    return f"min_by(v, CASE WHEN v IS NOT NULL THEN struct(-n, {key}) END)"


def _entropy(call: Call) -> str:
    """Return ln T - sum(n ln n) / T, T being the number of rows; null is a value unless it is dropped."""
    n = "CASE WHEN v IS NOT NULL THEN n END" if call.primitive.argument("dropna") is True else "n"
    total = f"CAST(sum({n}) AS DOUBLE)"
    base = call.primitive.argument("base")
    unit = "" if base is None else f" / ln({float(str(base))!r})"
    # Groups of the same counts have the same entropy, in whatever order they are added up.
    entropy = f"ln({total}) - compensated_sum({n} * ln({n})) / {total}"
    # scipy divides by the sum, and that of a category column's counts may be 0; of no counts it makes 0.
    none = "NULL" if call.inputs[0].categorical else "0.0e0"
    return f"CASE count({n}) WHEN 0 THEN {none} WHEN 1 THEN 0.0e0 ELSE ({entropy}){unit} END"


def _no_base(call: Call) -> str | None:
    base = call.primitive.argument("base")
    usable = base is None or (isinstance(base, int | float) and base > 0 and base != 1)
    return None if usable else f"base={base!r}"


def _most(call: Call) -> int:
    return int(str(call.primitive.argument("n")))


def _as_asked(listed: str, call: Call, dialect: str) -> str:
    """Return a list of outputs, or its value where one output is asked for: that is no list."""
    if _most(call) > 1:
        return listed
    return f"list_extract({listed}, 1)" if dialect == "duckdb" else f"get({listed}, 0)"


def _n_most_common(call: Call) -> str:
    """List the most frequent values; those as frequent as others in category order."""
    order = f"n DESC, {rank('v', call.inputs[0], 'duckdb')}"
    listed = f"list_slice(list(v ORDER BY {order}) FILTER (WHERE v IS NOT NULL), 1, {_most(call)})"
    return _as_asked(listed, call, "duckdb")


def _n_most_common_spark(call: Call) -> str:
    key = rank("v", call.inputs[0], "spark")
    found = f"collect_list(CASE WHEN v IS NOT NULL THEN named_struct('n', -n, 'k', {key}, 'v', v) END)"
    return _as_asked(f"transform(slice(array_sort({found}), 1, {_most(call)}), w -> w.v)", call, "spark")


def _counted(call: Call) -> str:
    return "CASE WHEN v IS NOT NULL THEN n END" if call.primitive.argument("skipna") is True else "n"


def _unused(call: Call, dialect: str) -> str:
    """Return a list of as many zeros as a category column has values that the group lacks, n at most."""
    column = call.inputs[0]
    listed = len(column.categories or ()) if column.categorical else 0
    zeros = f"least(greatest({listed} - count(v), 0), {_most(call)})"
    if dialect == "duckdb":
        return f"list_transform(range({zeros}), lambda w: CAST(0 AS BIGINT))"
    return f"array_repeat(CAST(0 AS BIGINT), CAST({zeros} AS INT))"


def _frequencies(call: Call) -> str:
    n = _counted(call)
    listed = f"coalesce(list({n} ORDER BY {n} DESC) FILTER (WHERE {n} IS NOT NULL), [])"
    most = f"list_slice(list_concat({listed}, {_unused(call, 'duckdb')}), 1, {_most(call)})"
    return _as_asked(most, call, "duckdb")


def _frequencies_spark(call: Call) -> str:
    listed = f"sort_array(collect_list({_counted(call)}), FALSE)"
    return _as_asked(f"slice(concat({listed}, {_unused(call, 'spark')}), 1, {_most(call)})", call, "spark")


def _average_count(call: Call) -> str:
    """Divide rows by values; of a category column every category is a value, in the group or not."""
    categories = call.inputs[0].categories
    values = "count(DISTINCT x)" if categories is None else str(len(categories))
    if call.primitive.argument("skipna") is True:
        return f"CAST(count(x) AS DOUBLE) / nullif({values}, 0)"
    return f"CAST(count(*) AS DOUBLE) / nullif({values} + CASE WHEN count(x) < count(*) THEN 1 ELSE 0 END, 0)"


def _unknown_categories(call: Call) -> str | None:
    column = call.inputs[0]
    if column.categorical and column.categories is None:
        return "the number of categories is only known to the data"
    return None


COUNTS: tuple[Row, ...] = (
    value_counts("mode", _mode, _mode_spark),
    value_counts("num_unique", "count(v)"),
    value_counts("entropy", _entropy, refuse=_no_base),
    value_counts("n_most_common", _n_most_common, _n_most_common_spark),
    value_counts("n_most_common_frequency", _frequencies, _frequencies_spark),
    aggregate("average_count_per_unique", _average_count, refuse=_unknown_categories),
)
