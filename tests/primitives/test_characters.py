"""Python's classes of characters and its lower case, in both dialects."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkfeat.primitives.characters import (
    changed_by_upper,
    character_class,
    complement,
    lowered,
    of_characters,
    python_class,
    ranges_of,
    union,
)
from sparkfeat.primitives.inputs import sql_literal
from sparkfeat.sql import DIALECTS
from sparkfeat.sql.expressions import column, render

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CLASSES = (r"\w", r"\W", r"\s", r"(?![\x00-\x7f])\d")
TEXTS = ("ΟΔΟΣ", "ΑΣ.", "Σ", "ΑΣΣ", "ΑΣ'Ω", "ΑΣ' Ω", "1Σ", "Ω\u0301Σ\u0301", "ΑΣ\u0130", "\u0130Σ", "ΩΣ\nΩΣ")


@cache
def characters() -> list[str]:
    """Return all of the first scripts, and all others with a case or beside an end of a class."""
    ends = {
        code + step for name in CLASSES for pair in ranges_of(name) for code in pair for step in (-1, 0, 1)
    }
    cased = {ord(one) for one in map(chr, range(0x110000)) if one.lower() != one or one.upper() != one}
    codes = {*range(1, 0x3000), *ends, *cased}
    return [chr(code) for code in sorted(codes) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000]


def table() -> pa.Table:
    """Return the characters, and texts in which a capital's lower case depends on its place."""
    return pa.table({"t": [*characters(), *TEXTS]})


def sql_of(text: str, dialect: str) -> str:
    """Return a row's text as SQL over the column t."""
    return render(text, {"x": column("t")}, [], DIALECTS[dialect]).sql(dialect)


def found(pattern: str, dialect: str) -> str:
    return sql_of(f"found_in(x, {sql_literal(pattern, dialect)})", dialect)


def query(dialect: str) -> str:
    """Return a query of all classes, of what has another upper case, and of lower case."""
    classes = [found(python_class(name, dialect), dialect) for name in CLASSES]
    upper = found(character_class(changed_by_upper(), dialect), dialect)
    lower = sql_of(lowered("x", dialect), dialect)
    columns = [*classes, upper, lower]
    return (
        "SELECT t, " + ", ".join(f"{one} AS c{number}" for number, one in enumerate(columns)) + " FROM texts"
    )


def assert_as_in_python(rows: list[tuple[str | bool, ...]]) -> None:
    assert len(rows) == len(characters()) + len(TEXTS)
    for text, *classes, upper, lower in rows:
        assert lower == str(text).lower(), ascii(text)
        assert upper == any(one.upper() != one for one in str(text)), ascii(text)
        for name, member in zip(CLASSES, classes, strict=True):
            assert member == bool(re.search(name, str(text))), (name, ascii(text))


def test_duckdb_has_the_classes_and_the_lower_case_of_python() -> None:
    connection = duckdb.connect()
    connection.register("texts", table())

    assert_as_in_python(connection.execute(query("duckdb")).fetchall())


@pytest.mark.spark
def test_spark_has_the_classes_and_the_lower_case_of_python(spark: SparkSession, tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "texts.parquet")
    spark.read.parquet(str(tmp_path / "texts.parquet")).createOrReplaceTempView("texts")

    assert_as_in_python([tuple(row) for row in spark.sql(query("spark")).toPandas().itertuples(index=False)])


def test_ranges_that_touch_are_one() -> None:
    assert union(((5, 7), (1, 2)), ((3, 4),)) == ((1, 7),)
    assert of_characters("cabx") == ((97, 99), (120, 120))


def test_the_complement_of_the_complement_is_the_class() -> None:
    assert complement(complement(ranges_of(r"\d"))) == ranges_of(r"\d")
    assert complement(()) == ((0, 0x10FFFF),)


def test_a_class_is_written_with_no_character_of_a_pattern() -> None:
    assert character_class(of_characters("]^-\\ab9"), "duckdb") == r"[\x{2d}9\x{5c}-\x{5e}a-b]"
