"""Regular expressions of Python that RE2 and Java can be made to read alike."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

from sparkfeat.primitives.characters import (
    Ranges,
    character_class,
    complement,
    escaped,
    ranges_of,
    union,
)

# Python's own parser of patterns: the only one that reads all of them as Python does.
_parser: Any = import_module("re._parser")

_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_SINGLE = {"LITERAL", "NOT_LITERAL", "IN", "ANY"}
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT"}
# RE2 writes no part more than a thousand times; Java repeats what is no single character on its stack.
_MOST_COPIES = 1000
_MOST_GROUPS = 50


class _Unlike(Exception):
    """A pattern has a part that dialects read differently."""


@lru_cache(maxsize=64)
def portable(pattern: str, dialect: str) -> str | None:
    """Return a pattern of Python's for DuckDB or Spark, with the same matches; None where there is none.

    Left out are patterns that look around a match, that refer back, or that can match nothing at all.
    """
    tree = _parsed(pattern)
    if tree is None or tree.state.flags != re.UNICODE or tree.getwidth()[0] == 0:
        return None
    try:
        return _sequence(tree, dialect) if _copies(tree) <= _MOST_COPIES else None
    except _Unlike:
        return None


def single_character(pattern: str, dialect: str) -> str | None:
    """Return a pattern that matches one character at a time as a class, None for any other."""
    tree = _parsed(pattern)
    one = tree is not None and tree.state.flags == re.UNICODE and len(tree) == 1
    return portable(pattern, dialect) if one and str(tree[0][0]) in _SINGLE else None


def has_groups(pattern: str) -> bool:
    """Tell whether a pattern has groups, which `re.split` returns too."""
    tree = _parsed(pattern)
    return tree is not None and tree.state.groups > 1


def plain_text(pattern: str) -> str | None:
    """Return the one text that a pattern matches, None where it matches other texts."""
    tree = _parsed(pattern)
    if tree is None or tree.state.flags != re.UNICODE or any(str(kind) != "LITERAL" for kind, _ in tree):
        return None
    return "".join(chr(code) for _, code in tree)


def _parsed(pattern: str) -> Any:
    try:
        return _parser.parse(pattern)
    except re.error:
        return None


def _sequence(parts: Any, dialect: str) -> str:
    return "".join(_part(str(kind), value, dialect) for kind, value in parts)


def _part(kind: str, value: Any, dialect: str) -> str:
    if kind == "LITERAL":
        return escaped(value)
    if kind in _SINGLE:
        return character_class(_ranges(kind, value), dialect)
    if kind == "BRANCH":
        return f"(?:{'|'.join(_sequence(part, dialect) for part in value[1])})"
    if kind == "SUBPATTERN" and not any(value[1:3]):
        return f"(?:{_sequence(value[3], dialect)})"
    if kind in _REPEATS:
        return _repeated(dialect, *value) + ("?" if kind == "MIN_REPEAT" else "")
    if kind == "AT" and str(value) in {"AT_BEGINNING", "AT_BEGINNING_STRING", "AT_END_STRING"}:
        return "\\z" if str(value) == "AT_END_STRING" else "\\A"
    raise _Unlike


def _repeated(dialect: str, least: Any, most: Any, part: Any) -> str:
    """Repeat a part: any number of times a single character, a few times anything that is not nothing."""
    single = len(part) == 1 and str(part[0][0]) in _SINGLE
    if part.getwidth()[0] == 0 or (int(most) > _MOST_GROUPS and not single):
        raise _Unlike
    once = _sequence(part, dialect) if single else f"(?:{_sequence(part, dialect)})"
    return f"{once}{{{least},{'' if most == _parser.MAXREPEAT else most}}}"


def _copies(parts: Any) -> int:
    """Return how often the part that is repeated most is written."""
    return max((_copies_of(str(kind), value) for kind, value in parts), default=1)


def _copies_of(kind: str, value: Any) -> int:
    if kind == "BRANCH":
        return max(map(_copies, value[1]))
    if kind == "SUBPATTERN":
        return _copies(value[3])
    if kind not in _REPEATS:
        return 1
    least, most, part = value
    times = least if most == _parser.MAXREPEAT else most
    return max(int(times), 1) * _copies(part)


def _ranges(kind: str, value: Any) -> Ranges:
    """Return the characters of a class, of all but one character, or of the dot."""
    if kind == "ANY":
        return complement(((10, 10),))
    if kind == "NOT_LITERAL":
        return complement(((value, value),))
    items = [(str(item), what) for item, what in value]
    found = union(*(_item(item, what) for item, what in items if item != "NEGATE"))
    return complement(found) if ("NEGATE", None) in items else found


def _item(kind: str, value: Any) -> Ranges:
    if kind == "LITERAL":
        return ((value, value),)
    if kind == "RANGE":
        return ((value[0], value[1]),)
    return ranges_of(_CATEGORIES[str(value)])
