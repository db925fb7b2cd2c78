"""Patterns of Python: those that other dialects read alike find the same, all others are told."""

from __future__ import annotations

import re

import duckdb
import pytest

from sparkfeat.primitives.regexes import has_groups, plain_text, portable, single_character

PORTABLE = [
    "a",
    "a.c",
    r"a\.c",
    "[a-c]+",
    "[^a-c]",
    "[^a]b",
    r"\w+",
    r"[^\W\d]{2,3}",
    r"\S+?[\s,]",
    "(a|bc)d?",
    "(?:ab){2}",
    "(ab){1,3}?c",
    r"^\w",
    r"\Aa",
    r"[.!?]\Z",
    "[][a]",
    "Stra(?:ß|ss)e",
    r"\t|\n",
    "日+",
    "a{3}",
]
NOT_PORTABLE = [
    "",
    "a*",
    "a?",
    "a$",
    r"\bthe\b",
    r"a(?=b)",
    r"(a)\1",
    "(?i)a",
    "(?i:a)",
    "(ab)+",
    "(a?){3}",
    "a++",
    "(?>a)",
    "(a{50}){50}",
    "(unclosed",
]
TEXT = "abc bcd ababab d. abababc! Straße, Strasse? a.c a]c [x] aaa\taaaa\n日日 naïve ३ 42 a\u2003b _x"


@pytest.mark.parametrize("pattern", PORTABLE)
def test_a_portable_pattern_finds_what_it_finds_in_python(pattern: str) -> None:
    matches = [match[0] for match in re.finditer(pattern, TEXT)]

    found = duckdb.execute("SELECT regexp_extract_all(?, ?)", [TEXT, portable(pattern, "duckdb")]).fetchall()
    assert found == [(matches,)]


@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
@pytest.mark.parametrize("pattern", NOT_PORTABLE)
def test_other_patterns_have_no_form(pattern: str, dialect: str) -> None:
    assert portable(pattern, dialect) is None


@pytest.mark.parametrize(("pattern", "text"), [("a b", "a b"), (r"\.\n", ".\n"), ("", ""), ("日", "日")])
def test_a_pattern_of_one_text_is_that_text(pattern: str, text: str) -> None:
    assert plain_text(pattern) == text


@pytest.mark.parametrize("pattern", ["a+", "[ab]", "(?i)a", "(a)", "a|b", "("])
def test_a_pattern_of_several_texts_is_none(pattern: str) -> None:
    assert plain_text(pattern) is None


def test_groups_are_told() -> None:
    assert has_groups("(a)|b")
    assert not has_groups("(?:a)|b")
    assert not has_groups("(")


def test_a_pattern_of_one_character_is_a_class() -> None:
    assert single_character("[a-c]", "duckdb") == "[a-c]"
    assert single_character("ab", "duckdb") is None
    assert single_character("[ab]+", "duckdb") is None
