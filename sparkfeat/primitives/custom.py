"""SQL for users' own primitives: registered by class, checked when it is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from sparkfeat.definitions.catalog import is_standard, kind_of
from sparkfeat.definitions.dtypes import CUSTOM_MASKED
from sparkfeat.definitions.own import OWN
from sparkfeat.errors import UserInputError
from sparkfeat.primitives.check import check_class_row, parsed
from sparkfeat.primitives.rows import DIALECTS, Refusal, Row, Shape, Steps, Template

_ROWS: dict[type, Row] = {}


def register_primitive(
    primitive: type | None = None,
    sql: Template | None = None,
    *,
    duckdb: Template | None = None,
    spark: Template | None = None,
    stage: Mapping[str, Template] | None = None,
    steps: Steps = (),
    refuse: Refusal | None = None,
    masked: bool | None = None,
) -> Any:
    """Give a primitive of your own its SQL; without SQL its Python function computes it.

    Call it with the class, or put `@sf.register_primitive(sql=...)` above the class. What was registered
    for the class before is replaced. `sf.testing.assert_parity` compares the SQL with the function.

    In the SQL x, y and z stand for the inputs in order (x4, x5, ... for those after the third). The SQL
    of an AggregationPrimitive is an aggregate over a group's rows; there `o` is the row order, as in
    `first(x ORDER BY o)`, and in SQL that counts values `v` is a value and `n` how often it occurs. A
    TransformPrimitive's is an expression, or a window function `f(x) OVER ()`: it runs within the group of
    groupby, besides what it partitions by itself, and in the row order unless it gives one. A primitive of
    several outputs returns a list of them. `t` is the cutoff time where the class says uses_calc_time. In
    place of a text a function may be given, which takes the call (`call.primitive.argument("n")`,
    `call.inputs[0].logical_type`) and returns the text.

    Args:
        primitive: the class.
        sql: the SQL in both dialects.
        duckdb, spark: the SQL in one of them. Where a dialect has none, the function is used.
        stage: aggregates of the group that the SQL needs first, by a letter of your choice.
        steps: columns of each row that the SQL needs first, by letters of your choice: a mapping for each
            step, which may use the letters of those before it, or a function of the call and the dialect
            that returns them. They may use windows, which in an aggregation run over the group's rows.
        refuse: takes a call and returns why SQL cannot compute it, None where it can.
        masked: whether nulls of the result are pandas' NA (Int64, boolean, string) rather than NaN:
            comparisons with NA are NA. By default as in the inputs.

    Returns:
        The class, or the decorator that takes it.

    Raises:
        UserInputError: not the class of a user's primitive, or SQL that cannot be used.
    """
    texts = {"duckdb": duckdb or sql, "spark": spark or sql}

    def register(given: type) -> type:
        _check_users(given)
        given_texts = {name: text for name, text in texts.items() if text}
        row = class_row(given, given_texts, stage or {}, steps, refuse)
        check_class_row(row, given)
        _ROWS[given] = row
        CUSTOM_MASKED.pop(given, None)
        if masked is not None:
            CUSTOM_MASKED[given] = masked
        return given

    return register if primitive is None else register(primitive)


def unregister_primitive(primitive: type) -> None:
    """Take back the SQL of a class; its Python function computes it again.

    Raises:
        UserInputError: none is registered for the class.
    """
    if primitive not in _ROWS:
        raise UserInputError(f"No SQL is registered for {primitive!r}", hint="sf.register_primitive gives it")
    del _ROWS[primitive]
    CUSTOM_MASKED.pop(primitive, None)


def custom_rows() -> dict[type, Row]:
    """Return the rows that users registered, by class."""
    return dict(_ROWS)


def custom_row(primitive: type) -> Row | None:
    """Return the row of a user's class, None where it has no SQL."""
    return _ROWS.get(primitive)


def class_row(
    given: type,
    texts: Mapping[str, Template],
    stage: Mapping[str, Template],
    steps: Steps = (),
    refuse: Refusal | None = None,
) -> Row:
    """Return the row of a class that Featuretools does not ship, from its SQL by dialect.

    Raises:
        UserInputError: not such a class, or no SQL.
    """
    kind = _checked_kind(given)
    if not texts:
        raise UserInputError(f"No SQL is given for {given.__qualname__}", hint="Give sql, duckdb or spark")
    shape = _shape(kind, texts, f"SQL of {given.__qualname__}", stepped=bool(steps))
    dialects = tuple(name for name in DIALECTS if name in texts)
    spark = texts.get("spark")
    name = str(getattr(given, "name", None))
    duckdb = texts.get("duckdb") or texts["spark"]
    return Row(name, shape, duckdb, spark, stage, steps=steps, refuse=refuse, dialects=dialects)


def _check_users(given: type) -> None:
    """Refuse the classes that have SQL already."""
    owner = "Featuretools" if is_standard(given) else "sparkfeat" if given in OWN.values() else None
    if owner is not None:
        raise UserInputError(
            f"{given.__qualname__} is a primitive of {owner}",
            why="Its SQL is sparkfeat's own",
            hint="Register a subclass of it",
        )


def _checked_kind(given: Any) -> str:
    kind = kind_of(given)
    if kind is None:
        raise UserInputError(
            f"{given!r} is no class of a primitive",
            hint="Give a subclass of AggregationPrimitive or TransformPrimitive, not an instance of it",
        )
    return kind


def _shape(kind: str, texts: Mapping[str, Template], where: str, *, stepped: bool) -> Shape:
    """Tell how the SQL is used: by the kind of the class, and by the windows and letters in it."""
    trees = [parsed(text, dialect, where) for dialect, text in texts.items() if isinstance(text, str)]
    if kind == "transform":
        # A function may make a window; where it makes none there is none to fill in.
        windows = any(tree.find(exp.Window) for tree in trees) or len(trees) < len(texts)
        return Shape.WINDOW if windows else Shape.EXPRESSION
    letters = {column.name for tree in trees for column in tree.find_all(exp.Column)}
    counts = letters and letters <= {"v", "n"} and not stepped
    return Shape.VALUE_COUNTS if counts else Shape.AGGREGATE
