r"""Addresses, names and files in SQL, a row each, under Featuretools' names.

Python's `$` stands before a last newline too, `\z` at the end alone. Where a pattern is not found, both
dialects extract an empty text; what is found here never is one.
"""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.definitions.lists import common_tlds, free_email_domains
from sparkfeat.primitives.characters import python_class
from sparkfeat.primitives.inputs import one_of, sql_literal
from sparkfeat.primitives.rows import Row, expression, in_both

_SPACE = r"\s"

_DOMAIN = r"^(?:https?://)?(?:[^@/\n]+@)?(?:www\.)?([^:/?\n]+)"
_PROTOCOL = "^(https|http):"
_EXTENSION = r"(\.[a-zA-Z|]+)\n?\z"

_NAME = "[A-Z][a-z]+"
_TITLE = rf"({_NAME})\. "
_TITLE_AND_NAME = rf"^{_NAME}\. {_NAME}\n?\z"
_FIRST_NAME = rf"{_NAME} |, {_NAME}\n?\z|^{_NAME}\n?\z"
_LAST_NAME = rf"^[^\n]+?,|{_TITLE_AND_NAME}| {_NAME}\n?\z| {_NAME}[/-]{_NAME}\n?\z"


def _extracted(text: str, pattern: str, dialect: str, group: int = 1) -> str:
    """Return the first match of a pattern, or a group of it; null where there is none."""
    return f"nullif(regexp_extract({text}, {sql_literal(pattern, dialect)}, {group}), '')"


def _without(text: str, pattern: str, dialect: str) -> str:
    return f"replace_all({text}, {sql_literal(pattern, dialect)}, '')"


def _stripped(text: str, dialect: str) -> str:
    space = python_class(_SPACE, dialect)
    return _without(text, rf"^{space}+|{space}+\z", dialect)


def _email_domain(_: Call, dialect: str) -> str:
    """Return what stands between the first and the second '@', which may be nothing."""
    domain = f"regexp_extract({_stripped('x', dialect)}, '@([^@]*)', 1)"
    return f"CASE WHEN contains(x, '@') THEN {domain} END"


def _is_free(call: Call, dialect: str) -> str:
    free = one_of(_email_domain(call, dialect), free_email_domains(), dialect)
    return f"CASE WHEN contains(x, '@') THEN {free} END"


def _url_domain(_: Call, dialect: str) -> str:
    return _extracted("x", _DOMAIN, dialect)


def _protocol(_: Call, dialect: str) -> str:
    return _extracted("x", _PROTOCOL, dialect)


def _tld(call: Call, dialect: str) -> str:
    """Return the last that is found; of those that begin alike, the first of the list."""
    pattern = sql_literal(rf"\.({'|'.join(common_tlds())})", dialect)
    return f"last_of(regexp_extract_all({_url_domain(call, dialect)}, {pattern}, 1))"


def _extension(_: Call, dialect: str) -> str:
    return f"lower({_extracted('x', _EXTENSION, dialect)})"


def _first_name(_: Call, dialect: str) -> str:
    """Return the first name; of a title and one name there is none."""
    name = _extracted(_without("x", _TITLE, dialect), _FIRST_NAME, dialect, group=0)
    alone = f"found_in(x, {sql_literal(_TITLE_AND_NAME, dialect)})"
    return f"CASE WHEN NOT {alone} THEN {_stripped(_without(name, ',', dialect), dialect)} END"


def _last_name(_: Call, dialect: str) -> str:
    found = _without(_extracted("x", _LAST_NAME, dialect, group=0), _TITLE, dialect)
    return _stripped(_without(found, ",", dialect), dialect)


def _title(_: Call, dialect: str) -> str:
    return _extracted("x", _TITLE, dialect)


def _unlike_text(call: Call) -> str | None:
    """Refuse codes whose categories SQL writes otherwise than Python does."""
    for value in call.inputs[0].categories or ():
        if isinstance(value, bool) or not isinstance(value, str | int):
            return f"postal codes of type {type(value).__name__}"
    return None


CONTACTS: tuple[Row, ...] = (
    in_both("email_address_to_domain", _email_domain),
    in_both("is_free_email_domain", _is_free),
    in_both("url_to_domain", _url_domain),
    in_both("url_to_protocol", _protocol),
    in_both("url_to_tld", _tld),
    in_both("file_extension", _extension),
    in_both("full_name_to_first_name", _first_name),
    in_both("full_name_to_last_name", _last_name),
    in_both("full_name_to_title", _title),
    expression(
        "one_digit_postal_code", "left(CAST(x AS VARCHAR), 1)", "left(CAST(x AS STRING), 1)", _unlike_text
    ),
    expression(
        "two_digit_postal_code", "left(CAST(x AS VARCHAR), 2)", "left(CAST(x AS STRING), 2)", _unlike_text
    ),
)
