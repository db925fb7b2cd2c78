"""How often a text occurs in texts."""

from __future__ import annotations

import re

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.characters import lowered, python_class
from sparkfeat.primitives.inputs import holds, sql_literal
from sparkfeat.primitives.regexes import plain_text, portable

# Characters that Unicode keeps free of any meaning: neither letters nor anything that texts hold.
_MARKS = tuple(chr(code) for code in range(0xFDD0, 0xFDF0))


def count_string(call: Call, dialect: str) -> str:
    """Count the matches of the text, or of a pattern that dialects read alike."""
    sought = _sought(call)
    whole = holds(call, "match_whole_words_only")
    if sought is None:
        pattern = sql_literal(portable(_pattern(call), dialect), dialect)
        return f"size_of(all_matches({_prepared(call, None, dialect)}, {pattern}))"
    # The dotted capital I becomes two characters, an i and a dot, and the dot ends a word.
    alphabet = frozenset(sought) | frozenset("i" if whole or not sought else "")
    text = _prepared(call, alphabet, dialect)
    if whole:
        return _whole_words(text, sought, dialect)
    return _occurrences(text, sought, dialect) if sought else f"length({text}) + 1"


def not_countable(call: Call) -> str | None:
    """Refuse a pattern that only Python reads as Python does."""
    if _sought(call) is not None:
        return None
    if holds(call, "match_whole_words_only") or portable(_pattern(call), "duckdb") is None:
        return f"the pattern {_pattern(call)!r} is read by Python only"
    return None


def _sought(call: Call) -> str | None:
    """Return the text that is counted, None where it is a pattern of several."""
    if holds(call, "is_regex"):
        return plain_text(_pattern(call))
    text = str(call.primitive.argument("string"))
    if holds(call, "ignore_non_alphanumeric"):
        text = re.sub("[^0-9a-zA-Z ]+", "", text)
    return text.lower() if holds(call, "ignore_case") else text


def _pattern(call: Call) -> str:
    pattern = str(call.primitive.argument("string"))
    return pattern.lower() if holds(call, "ignore_case") else pattern


def _prepared(call: Call, alphabet: frozenset[str] | None, dialect: str) -> str:
    """Return the text as it is searched: of some characters only, in lower case."""
    text, ignores_case = "x", holds(call, "ignore_case")
    if holds(call, "ignore_non_alphanumeric"):
        text = "replace_all(x, '[^0-9a-zA-Z ]+', '')"
        return f"lower({text})" if ignores_case else text
    return lowered(text, dialect, alphabet) if ignores_case else text


def _occurrences(text: str, sought: str, dialect: str) -> str:
    without = f"replace({text}, {sql_literal(sought, dialect)}, '')"
    return f"CAST((length({text}) - length({without})) / {len(sought)} AS BIGINT)"


def _whole_words(text: str, sought: str, dialect: str) -> str:
    r"""Count matches between two boundaries of words, Python's `\b`.

    A pair of marks is put on every boundary, of the texts and of what is sought. A match begins with the
    second mark of one pair and ends with the first of another, so that two matches can share a boundary.
    """
    mark, other = [one for one in _MARKS if one not in sought][:2]
    marked = re.sub(r"\w+", lambda word: f"{mark * 2}{word[0]}{mark * 2}", sought)
    inner = marked.removeprefix(mark * 2).removesuffix(mark * 2)
    match = "$0" if dialect == "spark" else "\\0"
    put = sql_literal(mark * 2 + match + mark * 2, dialect)
    words = sql_literal(python_class(r"\w", dialect) + "+", dialect)
    in_marks = f"replace_all(translate({text}, '{mark}', '{other}'), {words}, {put})"
    return _occurrences(in_marks, f"{mark}{inner}{mark}", dialect)
