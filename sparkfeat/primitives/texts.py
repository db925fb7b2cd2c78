"""Texts in SQL, a row each, under Featuretools' names: characters, words, marks and quotes are counted.

Where Python's patterns look ahead, which RE2 cannot, texts are first brought to a form in which every letter,
digit and space is an ASCII one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.characters import changed_by_upper, character_class, lowered, python_class
from sparkfeat.primitives.inputs import holds, one_of, sql_literal
from sparkfeat.primitives.regexes import has_groups, portable, single_character
from sparkfeat.primitives.rows import Row, expression, in_both
from sparkfeat.primitives.substrings import count_string, not_countable

Write = Callable[[Call, str], str]

# Featuretools' own delimiters. What stands between them is a word if it is more than ASCII punctuation: from
# its first other character on, or stripped down to the last one too.
_DELIMITERS = "[ \n\t]"
_PUNCTUATION = r"!-/:-@\[-`{-~"
_WORD = rf"[^ \n\t{_PUNCTUATION}][^ \n\t]*"
_STRIPPED_WORD = rf"[^ \n\t{_PUNCTUATION}](?:[^ \n\t]*[^ \n\t{_PUNCTUATION}])?"
_STRIPPED = rf"(?s)[^{_PUNCTUATION}](?:.*[^{_PUNCTUATION}])?"

_END_OF_SENTENCE = r"[!,.:;?]+(?:[ \n]|\z)"

# In texts of ASCII letters, digits and spaces. A hashtag has a letter and does not run into another '#'; a
# mention does not run into another '@', unless an underscore is on the way.
_SPACE = r"\t-\r\x1c- "
_HASHTAG = r"#[0-9A-Za-z_]*[A-Za-z_][0-9A-Za-z_]*(?:[^#0-9A-Za-z_]|\z)"
_MENTION = r"@[0-9A-Za-z_]+(?:[!-/:-?\[-`{-~]|\z)"

_NO_SPACE = r"\S"
_BEYOND_ASCII = r"(?![\x00-\x7f])"

# In texts with no letter but 'a': a quotation mark before a letter, which ends nothing, as a capital.
_OPENING = {"single": ("'", "Q"), "double": ('"', "D")}


def _matches(pattern: str, dialect: str, text: str = "x") -> str:
    return f"size_of(all_matches({text}, {sql_literal(pattern, dialect)}))"


def _replaced(text: str, pattern: str, by: str, dialect: str) -> str:
    return f"replace_all({text}, {sql_literal(pattern, dialect)}, {sql_literal(by, dialect)})"


def _counted(pattern: str) -> Write:
    """Count the matches of a pattern."""

    def write(_: Call, dialect: str) -> str:
        return _matches(pattern, dialect)

    return write


def _characters(members: str) -> Write:
    """Count the characters of a class."""

    def write(_: Call, dialect: str) -> str:
        return f"length(x) - length({_replaced('x', f'[{members}]+', '', dialect)})"

    return write


# Characters and words -------------------------------------------------------------------------------------


def _separators(call: Call, dialect: str) -> str:
    given = call.primitive.argument("separators")
    assert isinstance(given, Iterable)
    single = sorted({one for one in given if isinstance(one, str) and len(one) == 1})
    found = [f"CAST(contains(x, {sql_literal(one, dialect)}) AS BIGINT)" for one in single]
    return " + ".join(found) or "length(x) * 0"


def _title_words(_: Call, dialect: str) -> str:
    return _matches(f"[A-Z]{python_class(_NO_SPACE, dialect)}*", dialect)


def _upper_case_words(_: Call, dialect: str) -> str:
    """Count the words, less those with a character that has an upper case."""
    not_upper = character_class(changed_by_upper(), dialect) + r"[^ \n\t]*"
    return f"{_matches(_WORD, dialect)} - {_matches(not_upper, dialect)}"


def _unique_words(call: Call, dialect: str) -> str:
    text = lowered("x", dialect) if holds(call, "case_insensitive") else "x"
    return f"size_of(distinct_of(all_matches({text}, {sql_literal(_STRIPPED_WORD, dialect)})))"


def _mean_characters(_: Call, dialect: str) -> str:
    text = _replaced("x", _END_OF_SENTENCE, " ", dialect)
    word = sql_literal(python_class(_NO_SPACE, dialect) + "+", dialect)
    return f"CASE WHEN x IS NOT NULL THEN coalesce(mean_length(all_matches({text}, {word})), 0.0e0) END"


def _pieces(text: str, call: Call, dialect: str) -> str:
    delimiter = _delimiter(call, dialect)
    return f"pieces({text}, {sql_literal(delimiter, dialect)})"


def _delimiter(call: Call, dialect: str) -> str | None:
    """Return what texts are split by as a pattern: pandas takes a single character as itself."""
    given = call.primitive.argument("delimiters_regex")
    if not isinstance(given, str) or has_groups(given):
        return None
    return portable(re.escape(given) if len(given) == 1 else given, dialect)


def _median_length(call: Call, dialect: str) -> str:
    return f"median_length(those_of({_pieces('x', call, dialect)}, w <> ''))"


def _common_words(call: Call, dialect: str) -> str:
    given = call.primitive.argument("word_set")
    assert isinstance(given, tuple)
    # No text in lower case has another word.
    words = [one for one in given if isinstance(one, str) and all(char.lower() == char for char in one)]
    text = lowered("x", dialect, frozenset("".join(words)))
    if call.primitive.argument("delimiters_regex") == _DELIMITERS and "" not in words:
        found = f"all_matches({text}, {sql_literal(_STRIPPED_WORD, dialect)})"
    else:
        stripped = f"regexp_extract(w, {sql_literal(_STRIPPED, dialect)}, 0)"
        found = f"each_of({_pieces(text, call, dialect)}, {stripped})"
    return f"size_of(those_of({found}, {one_of('w', words, dialect)}))"


def _unsplittable(call: Call) -> str | None:
    if _delimiter(call, "duckdb") is not None:
        return None
    return f"delimiters_regex={call.primitive.argument('delimiters_regex')!r} is read by Python only"


def _no_word_set(call: Call) -> str | None:
    listed = isinstance(call.primitive.argument("word_set"), tuple)
    return _unsplittable(call) if listed else "word_set is no set of words"


def _word_length(call: Call, dialect: str) -> str:
    given = str(call.primitive.argument("do_not_count"))
    single = single_character(given, dialect)
    if single is not None:
        return f"length({_replaced('x', f'{single}+', '', dialect)})"
    return f"length(x) - {_matches(str(portable(given, dialect)), dialect)}"


def _not_portable(call: Call) -> str | None:
    given = call.primitive.argument("do_not_count")
    readable = isinstance(given, str) and portable(given, "duckdb") is not None
    return None if readable else f"do_not_count={given!r} is read by Python only"


# Hashtags, mentions and quotes ----------------------------------------------------------------------------


def _in_ascii(dialect: str) -> str:
    """Return the text with an ASCII digit, letter or space for others, as many as stand together."""
    text = "x"
    for kind, by in ((r"\d", "0"), (r"\w", "a"), (r"\s", " ")):
        text = _replaced(text, python_class(_BEYOND_ASCII + kind, dialect) + "+", by, dialect)
    return text


def _tagged(mark: str, tag: str) -> Write:
    """Count the words between spaces that begin with a tag; each begins with one at most."""

    def write(_: Call, dialect: str) -> str:
        candidates = sql_literal(rf"(?:\A|[{_SPACE}]){mark}[^{_SPACE}]+", dialect)
        is_tag = sql_literal(rf"\A[{_SPACE}]?{tag}", dialect)
        return f"size_of(those_of(all_matches({_in_ascii(dialect)}, {candidates}), found_in(w, {is_tag})))"

    return write


def _quoted_words(call: Call, dialect: str) -> str:
    """Count the words in what the pattern of quotes matches.

    A match begins with the text or after no letter, and ends with a mark before no letter.
    """
    wanted = call.primitive.argument("quote_type")
    quotes = [pair for name, pair in _OPENING.items() if wanted in {name, "both"}]
    text = _replaced("x", python_class(r"[^\W_]", dialect) + "+", "a", dialect)
    first = "$1" if dialect == "spark" else "\\1"
    for mark, capital in quotes:
        text = _replaced(text, f"{mark}([a_])", f"{capital}{first}", dialect)
    pattern = "|".join(rf"(?:\A|[^a_])[{mark}{capital}].*?{mark}" for mark, capital in quotes)
    found = f"all_matches({text}, {sql_literal(f'(?s){pattern}', dialect)})"
    word = rf"[^ \n\tQD{_PUNCTUATION}][^ \n\t]*"
    return _matches(word, dialect, f"joined({found}, ' ')")


TEXTS: tuple[Row, ...] = (
    in_both("count_string", count_string, not_countable),
    in_both("mean_characters_per_word", _mean_characters),
    in_both("median_word_length", _median_length, _unsplittable),
    expression("num_characters", "CAST(length(x) AS BIGINT)"),
    in_both("num_unique_separators", _separators),
    in_both("num_words", _counted(_WORD)),
    in_both("number_of_common_words", _common_words, _no_word_set),
    in_both("number_of_hashtags", _tagged("#", _HASHTAG)),
    in_both("number_of_mentions", _tagged("@", _MENTION)),
    in_both("number_of_unique_words", _unique_words),
    in_both("number_of_words_in_quotes", _quoted_words),
    in_both("punctuation_count", _characters(_PUNCTUATION)),
    in_both("title_word_count", _title_words),
    in_both("total_word_length", _word_length, _not_portable),
    in_both("upper_case_count", _characters("A-Z")),
    in_both("upper_case_word_count", _upper_case_words),
    expression("whitespace_count", "length(x) - length(replace(x, ' ', ''))"),
)
