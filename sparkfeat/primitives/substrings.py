"""How often a text occurs in texts."""

from __future__ import annotations

import re

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.characters import caseless, escaped, lowered, python_class, spelled_out
from sparkfeat.primitives.inputs import holds, sql_literal
from sparkfeat.primitives.regexes import plain_text, portable

# Characters that Unicode keeps free of any meaning: neither letters nor anything that texts hold.
_MARKS = tuple(chr(code) for code in range(0xFDD0, 0xFDF0))


def count_string(call: Call, dialect: str) -> str:
    """Count the matches of the text, or of a pattern that dialects read alike."""
    sought = _sought(call)
    if sought is None:
        text = lowered(_searched(call), dialect) if holds(call, "ignore_case") else _searched(call)
        return _matches(text, portable(_pattern(call), dialect), dialect)
    text = _spelled_out(call, sought, dialect) if holds(call, "ignore_case") else _searched(call)
    if holds(call, "match_whole_words_only"):
        return _whole_words(text, sought, call, dialect)
    return _matches(text, _literally(sought, call, dialect), dialect) if sought else f"length({text}) + 1"


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


def _searched(call: Call) -> str:
    return "replace_all(x, '[^0-9a-zA-Z ]+', '')" if holds(call, "ignore_non_alphanumeric") else "x"


def _spelled_out(call: Call, sought: str, dialect: str) -> str:
    """Return the text with the length and the words that it has in lower case."""
    # The dotted capital I becomes two characters, an i and a dot, and the dot ends a word.
    two = "i" if holds(call, "match_whole_words_only") or not sought else ""
    return spelled_out(_searched(call), dialect, frozenset(sought + two))


def _matches(text: str, pattern: str | None, dialect: str) -> str:
    return f"size_of(all_matches({text}, {sql_literal(pattern, dialect)}))"


def _literally(text: str, call: Call, dialect: str) -> str:
    """Return the pattern that matches a text alone, in any case if that is ignored."""
    return (
        caseless(text, dialect) if holds(call, "ignore_case") else "".join(escaped(ord(one)) for one in text)
    )


def _whole_words(text: str, sought: str, call: Call, dialect: str) -> str:
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
    return _matches(in_marks, _literally(f"{mark}{inner}{mark}", call, dialect), dialect)
