"""Checks of SQL that users give to their primitives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

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
        UserInputError: SQL that cannot be used, or stages or steps called like other letters.
    """
    where = f"SQL of {given.__qualname__}"
    _check_names("stage", row.stage, where)
    inputs = LETTERS[: _most_inputs(given)]
    for dialect in row.dialects:
        if callable(row.steps):
            # Which letters the function will give is known for each call.
            continue
        for part in _parts(
            row, dialect, row.steps, inputs, calc_time=bool(given.uses_calc_time), where=where
        ):
            if isinstance(part.text, str):
                check_text(part.text, dialect, part.letters, part.shape, f"{dialect} {where}")


def check_call(row: Row, call: Call, dialect: str) -> None:
    """Check the SQL of one call, which functions of the user may make.

    Raises:
        UserInputError: SQL that cannot be used, or a function that failed to make it.
    """
    where = f"{dialect} SQL of '{call.alias}'"
    inputs = LETTERS[: len(call.inputs)]
    steps = _made(row.steps, where, call, dialect) if callable(row.steps) else row.steps
    for part in _parts(row, dialect, steps, inputs, calc_time=call.primitive.uses_calc_time, where=where):
        text = part.text if isinstance(part.text, str) else _made(part.text, where, call)
        if not isinstance(text, str):
            raise UserInputError(
                "The function that makes the SQL returned no text", where=where, why=repr(text)
            )
        check_text(text, dialect, part.letters, part.shape, where)


def _made(function: Callable[..., Any], where: str, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except SparkfeatError:
        raise
    except Exception as error:
        raise UserInputError(
            "The function that makes the SQL of a primitive failed",
            where=where,
            why=f"{type(error).__name__}: {error}",
            hint="Arguments of a primitive must be attributes of the same name",
        ) from error


class _Part(NamedTuple):
    """One of the texts of a row, the letters it may use, and what it may be."""

    text: Template
    letters: frozenset[str]
    shape: Shape


def _parts(
    row: Row, dialect: str, steps: Any, inputs: tuple[str, ...], *, calc_time: bool, where: str
) -> list[_Part]:
    """Return the row's templates in a dialect."""
    template = row.spark if dialect == "spark" and row.spark is not None else row.duckdb
    if row.shape is Shape.VALUE_COUNTS:
        return [_Part(template, frozenset({"v", "n"}), row.shape)]
    known = frozenset({*inputs, *({"t"} if calc_time else ())})
    found = [_Part(text, frozenset({*inputs, "o"}), row.shape) for text in row.stage.values()]
    for step in _checked_steps(steps, where):
        found += [_Part(text, known, Shape.WINDOW) for text in step.values()]
        known |= {*step}
    ordered = {"o"} if row.shape is Shape.AGGREGATE else set()
    return [*found, _Part(template, known | ordered | {*row.stage}, row.shape)]


def _checked_steps(steps: Any, where: str) -> list[Mapping[str, Any]]:
    """Check that steps are mappings of letters to texts."""
    if not isinstance(steps, list | tuple) or not all(isinstance(step, Mapping) for step in steps):
        raise UserInputError(
            "Steps that are no mappings", where=where, why=repr(steps), hint='Give ({"a": "SQL"}, ...)'
        )
    for step in steps:
        _check_names("step", step, where)
    return list(steps)


def _check_names(kind: str, names: Iterable[str], where: str) -> None:
    wrong = _RESERVED & {*names}
    if wrong:
        raise UserInputError(
            f"A {kind} cannot be called '{min(wrong)}'",
            where=where,
            why="That letter stands for something else",
            hint="Use a, b, c, ... or m",
        )


def _most_inputs(given: Any) -> int:
    """Return how many inputs a class takes at most; an instance may decide by itself."""
    kinds = given.input_types
    if not kinds:
        return len(LETTERS)
    return max(map(len, kinds)) if isinstance(kinds[0], list) else len(kinds)


@lru_cache(maxsize=1024)
def check_text(text: str, dialect: str, letters: frozenset[str], shape: Shape, where: str) -> None:
    """Check one text: one expression in the dialect, of the letters known, with windows where they may be.

    Raises:
        UserInputError: it is something else.
    """
    tree = parsed(text, dialect, where)
    if next(tree.find_all(exp.Window), None) is not None and shape is not Shape.WINDOW:
        raise UserInputError(
            "A window function in the SQL of an aggregation",
            where=where,
            hint="Aggregate the group's rows; windows can be steps",
        )
    # A lambda's own parameters are known in it.
    own = {name.name for function in tree.find_all(exp.Lambda) for name in function.expressions}
    for column in tree.find_all(exp.Column):
        _check_letter(column, letters | own, where)


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
