"""Checks of SQL that users give to their primitives."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from sparkfeat.definitions.calls import Call
from sparkfeat.errors import SparkfeatError, UserInputError
from sparkfeat.primitives.rows import LETTERS, Row, Shape, Template

_RESERVED = frozenset({*LETTERS, "o", "t", "v", "n"})


def check_class_row(row: Row, given: Any) -> None:
    """Check the texts of a class's row; what functions return is checked for each call.

    Raises:
        UserInputError: SQL that cannot be used, or stages called like other letters.
    """
    wrong = _RESERVED & {*row.stage}
    if wrong:
        raise UserInputError(
            f"A stage cannot be called '{min(wrong)}'",
            where=f"SQL of {given.__qualname__}",
            why="That letter stands for something else",
            hint="Use a, b, c, ... or m",
        )
    inputs = LETTERS[: _most_inputs(given)]
    for dialect in row.dialects:
        for text, letters in _texts(row, dialect, inputs, calc_time=bool(given.uses_calc_time)):
            if isinstance(text, str):
                check_text(text, dialect, letters, row.shape, f"{dialect} SQL of {given.__qualname__}")


def check_call(row: Row, call: Call, dialect: str) -> None:
    """Check the SQL of one call, which functions of the user may make.

    Raises:
        UserInputError: SQL that cannot be used, or a function that failed to make it.
    """
    where = f"{dialect} SQL of '{call.alias}'"
    inputs = LETTERS[: len(call.inputs)]
    for template, letters in _texts(row, dialect, inputs, calc_time=call.primitive.uses_calc_time):
        text = template if isinstance(template, str) else _made(template, call, where)
        check_text(text, dialect, letters, row.shape, where)


def _made(template: Any, call: Call, where: str) -> str:
    try:
        text = template(call)
    except SparkfeatError:
        raise
    except Exception as error:
        raise UserInputError(
            "The function that makes the SQL of a primitive failed",
            where=where,
            why=f"{type(error).__name__}: {error}",
            hint="Arguments of a primitive must be attributes of the same name",
        ) from error
    if not isinstance(text, str):
        raise UserInputError("The function that makes the SQL returned no text", where=where, why=repr(text))
    return text


def _texts(
    row: Row, dialect: str, inputs: tuple[str, ...], *, calc_time: bool
) -> list[tuple[Template, frozenset[str]]]:
    """Return the row's templates in a dialect, each with the letters it may use."""
    template = row.spark if dialect == "spark" and row.spark is not None else row.duckdb
    if row.shape is Shape.VALUE_COUNTS:
        return [(template, frozenset({"v", "n"}))]
    ordered = {"o"} if row.shape is Shape.AGGREGATE else set()
    letters = frozenset({*inputs, *ordered, *row.stage, *({"t"} if calc_time else ())})
    return [(template, letters), *((text, frozenset({*inputs, "o"})) for text in row.stage.values())]


def _most_inputs(given: Any) -> int:
    """Return how many inputs a class takes at most; an instance may decide by itself."""
    kinds = given.input_types
    if not kinds:
        return len(LETTERS)
    return max(map(len, kinds)) if isinstance(kinds[0], list) else len(kinds)


@lru_cache(maxsize=1024)
def check_text(text: str, dialect: str, letters: frozenset[str], shape: Shape, where: str) -> None:
    """Check one text: one expression in the dialect, of the letters known, windows left open.

    Raises:
        UserInputError: it is something else.
    """
    tree = parsed(text, dialect, where)
    if next(tree.find_all(exp.Window), None) is not None and shape is not Shape.WINDOW:
        raise UserInputError(
            "A window function in the SQL of an aggregation", where=where, hint="Aggregate the group's rows"
        )
    for window in tree.find_all(exp.Window):
        if window.args.get("partition_by") or window.args.get("order"):
            raise UserInputError(
                "A window with a partition or an order",
                where=where,
                why="Both are filled in: groups of groupby, and the order of the rows",
                hint="Write OVER (), or OVER (ROWS BETWEEN ...)",
            )
    for column in tree.find_all(exp.Column):
        _check_letter(column, letters, where)


def _check_letter(column: exp.Column, letters: frozenset[str], where: str) -> None:
    if column.table:
        raise UserInputError(
            f"'{column.sql()}' is a column of a table",
            where=where,
            hint=f"For a part of a value write ({column.table}).{column.name}",
        )
    if column.name not in letters or column.this.quoted:
        raise UserInputError(
            f"'{column.name}' stands for nothing",
            where=where,
            hint=f"Known: {', '.join(sorted(letters)) or 'none'}; t needs uses_calc_time in the class",
        )


def parsed(text: str, dialect: str, where: str) -> exp.Expr:
    """Return a text as an expression.

    Raises:
        UserInputError: it cannot be read in the dialect, or is no expression.
    """
    try:
        # sqlglot's DuckDB parser closes parentheses at the end of a text by itself.
        open_ = sum(_PARENTHESES.get(token.token_type, 0) for token in sqlglot.tokenize(text, dialect))
        trees = sqlglot.parse(f"SELECT {text}", dialect=dialect) if open_ == 0 else []
    except SqlglotError as error:
        raise _unreadable(text, where, _why(error)) from error
    if not trees:
        raise _unreadable(text, where, "Its parentheses do not match")
    select = trees[0]
    parts = {name for name, value in select.args.items() if value} if select is not None else set()
    columns = select.expressions if select is not None else []
    if len(trees) > 1 or parts != {"expressions"} or len(columns) != 1 or isinstance(columns[0], exp.Alias):
        raise _unreadable(text, where, "It is not one expression")
    found: exp.Expr = columns[0]
    return found


_PARENTHESES = {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}


def _why(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    return str(details[0]["description"]) if details else str(error)


def _unreadable(text: str, where: str, why: str) -> UserInputError:
    shown = " ".join(text.split())
    return UserInputError(
        f"Cannot use {shown!r}", where=where, why=why, hint="Give one SQL expression, without SELECT"
    )
