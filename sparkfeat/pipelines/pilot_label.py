"""The labels of a pilot, checked before its features are computed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sparkfeat.errors import DataError, SchemaError
from sparkfeat.models.selection import MOST_CLASSES


def check_label(file: str, label: str, problem: str, where: str) -> None:
    """Check that the label of the pilot's rows can be told.

    Args:
        file: the pilot's cutoff times.
        label: the column.
        problem: 'binary', 'multiclass' or 'regression'.
        where: the table that the rows were taken from.

    Raises:
        SchemaError: the column is of a type that no label has.
        DataError: labels are null or infinite, all alike, or of too many or too few classes.
    """
    values = pq.read_table(file, columns=[label]).column(0)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    place = f"{label} in {where}"
    _check_type(values.type, problem, place)
    number = _is_number(values.type)
    known = pc.fill_null(pc.is_finite(values.cast(pa.float64())) if number else pc.is_valid(values), False)
    if missing := len(values) - (pc.sum(known).as_py() or 0):
        raise DataError(
            f"{missing:,} of {len(values):,} rows have no label, or one that is no finite number",
            where=place,
            why="They are those of the pilot; there may be more",
            hint="Leave these rows out of the cutoff times",
        )
    _check_classes(pc.count_distinct(values).as_py(), problem, place)


def _is_number(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(is_one(kind) for is_one in tests)


def _check_type(kind: pa.DataType, problem: str, place: str) -> None:
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if not (_is_number(kind) or pa.types.is_boolean(kind) or (text and problem != "regression")):
        raise SchemaError(
            f"A label of type {kind} cannot be told",
            where=place,
            why=f"The problem is {problem}",
            hint="Take a number or a boolean; problem 'binary' or 'multiclass' takes a string too",
        )


def _check_classes(distinct: int, problem: str, place: str) -> None:
    if distinct < 2:
        hint = "Raise pilot_rows, or take cutoff times with both outcomes"
        raise DataError("All rows of the pilot have the same label", where=place, hint=hint)
    most = {"binary": 2, "multiclass": MOST_CLASSES}.get(problem, distinct)
    if distinct > most:
        raise DataError(
            f"The label has {distinct:,} values, where the problem '{problem}' has at most {most}",
            where=place,
            hint="Set problem: regression for a number, or multiclass for several classes",
        )
