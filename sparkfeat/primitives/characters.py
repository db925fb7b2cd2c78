r"""Python's classes of characters and its lower case, said so that DuckDB and Spark mean the same.

In RE2 and Java `\w`, `\s` and `\b` know ASCII only, and each has Unicode tables of an age of its own. Here
classes are lists of ranges, taken from the Python that runs: the one that Featuretools would run in.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import lru_cache

from sparkfeat.primitives.inputs import sql_literal

Ranges = tuple[tuple[int, int], ...]

# Java asks the ranges of a class one after the other: long lists are made into trees.
_BRANCHES = 16

_SIGMA, _FINAL_SIGMA = "\N{GREEK SMALL LETTER SIGMA}", "\N{GREEK SMALL LETTER FINAL SIGMA}"
_CAPITAL_SIGMA = "\N{GREEK CAPITAL LETTER SIGMA}"
_DOTTED_I = "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"


@lru_cache(maxsize=1)
def _every() -> str:
    """Return every character there is; surrogates are none."""
    return "".join(chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)


@lru_cache(maxsize=16)
def ranges_of(pattern: str) -> Ranges:
    """Return the characters that a class of Python's `re` matches, as ranges of code points."""
    return tuple((ord(run[0]), ord(run[-1])) for run in re.findall(f"(?:{pattern})+", _every()))


def union(*parts: Ranges) -> Ranges:
    """Return the ranges that cover all of the given ones."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(one for part in parts for one in part):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    """Return the ranges of all other characters."""
    covered = union(ranges)
    starts = [0, *(high + 1 for _, high in covered)]
    ends = [*(low - 1 for low, _ in covered), sys.maxunicode]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


def of_characters(characters: Iterable[str]) -> Ranges:
    """Return the ranges of single characters."""
    return union(tuple((ord(one), ord(one)) for one in characters))


def character_class(ranges: Ranges, dialect: str) -> str:
    """Return a character class of a regular expression, `[...]`, that matches these ranges."""
    if dialect == "spark" and len(ranges) > _BRANCHES:
        return _tree(ranges)
    return f"[{_listed(ranges)}]"


def _tree(ranges: Ranges) -> str:
    """Return a class of classes: each is asked only if the character lies between its ends."""
    if len(ranges) <= _BRANCHES:
        return f"[{_listed(ranges)}]"
    size = -(-len(ranges) // _BRANCHES)
    parts = [ranges[start : start + size] for start in range(0, len(ranges), size)]
    return "[" + "".join(f"[{_listed(((part[0][0], part[-1][1]),))}&&{_tree(part)}]" for part in parts) + "]"


def _listed(ranges: Ranges) -> str:
    return "".join(escaped(low) if low == high else f"{escaped(low)}-{escaped(high)}" for low, high in ranges)


def escaped(code: int) -> str:
    """Return a character as regular expressions have it, inside a class and outside."""
    one = chr(code)
    return one if one.isascii() and one.isalnum() else f"\\x{{{code:x}}}"


def python_class(pattern: str, dialect: str) -> str:
    r"""Return the character class that matches what a class of Python's, like `\w`, matches."""
    return character_class(ranges_of(pattern), dialect)


@lru_cache(maxsize=1)
def changed_by_upper() -> Ranges:
    """Return the characters that are not their own upper case."""
    return of_characters(one for one in _every() if one.upper() != one)


# Lower case ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _lower_cases() -> dict[str, str]:
    return {one: one.lower() for one in _every() if one.lower() != one}


def lowered(text: str, dialect: str, alphabet: frozenset[str] | None = None) -> str:
    """Return `text`, SQL made of x, in lower case; what becomes a character of no alphabet may stay.

    Characters become what Python makes of them, and do not depend on the tables and the language of a JVM.
    """
    text = spelled_out(text, dialect, alphabet)
    if dialect == "duckdb":
        # Python's, but for the characters that are spelled out.
        return f"lower({text})"
    changed = {
        one: lower
        for one, lower in _lower_cases().items()
        if one != _DOTTED_I and (alphabet is None or lower in alphabet)
    }
    before, after = sql_literal("".join(changed), dialect), sql_literal("".join(changed.values()), dialect)
    ascii_only = "octet_length(x) = length(x)"
    return f"CASE WHEN {ascii_only} THEN lower({text}) ELSE translate({text}, {before}, {after}) END"


def caseless(text: str, dialect: str) -> str:
    """Return the pattern of a text in lower case, in texts that are spelled out but not in lower case."""
    return "".join(_cases_of(one, dialect) for one in text)


def _cases_of(one: str, dialect: str) -> str:
    upper = [other for other, lower in _lower_cases().items() if lower == one]
    return character_class(of_characters([one, *upper]), dialect) if upper else escaped(ord(one))


def spelled_out(text: str, dialect: str, alphabet: frozenset[str] | None = None) -> str:
    """Replace the capitals whose lower case is two characters, or one that depends on their place."""
    if alphabet is None or _FINAL_SIGMA in alphabet or _SIGMA in alphabet:
        text = _with_final_sigmas(text, dialect)
    if alphabet is None or not alphabet.isdisjoint(_DOTTED_I.lower()):
        text = f"replace({text}, '{_DOTTED_I}', '{_DOTTED_I.lower()}')"
    return text


def _with_final_sigmas(text: str, dialect: str) -> str:
    """Replace each capital sigma at the end of a word by the small one that stands there."""
    first, second = ("$1", "$2") if dialect == "spark" else ("\\1", "\\2")
    put = sql_literal(f"{first}{_FINAL_SIGMA}{second}", dialect)
    pattern = sql_literal(_final_sigma(dialect), dialect)
    replaced = f"replace_all({text}, {pattern}, {put})"
    return f"CASE WHEN contains(x, '{_CAPITAL_SIGMA}') THEN {replaced} ELSE {text} END"


@lru_cache(maxsize=2)
def _final_sigma(dialect: str) -> str:
    """Return the pattern of a sigma after a letter and before none, whatever marks stand between."""
    letters = of_characters(one for one in _every() if _ends_word(one))
    marks = of_characters(one for one in _every() if _ends_word(f"A{one}") and not _ends_word(one))
    mark = character_class(marks, dialect)
    other = character_class(complement(union(letters, marks)), dialect)
    return f"({character_class(letters, dialect)}{mark}*){_CAPITAL_SIGMA}({mark}*(?:{other}|\\z))"


def _ends_word(before: str) -> bool:
    return f"{before}{_CAPITAL_SIGMA}".lower().endswith(_FINAL_SIGMA)
