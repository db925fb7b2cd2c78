"""Values that nobody else may read, taken out of what is logged."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import JsonValue

HIDDEN = "***"
_SECRET_KEY = re.compile(
    r"password|passwd|secret|credential|(^|[._-])token|(access|private|api)[._-]?key", re.IGNORECASE
)
_PASSWORD = re.compile(r"(?P<before>\w+://[^/@:\s]*:)[^/@\s]+(?=@)")


def hidden(value: JsonValue, key: str = "") -> JsonValue:
    """Return `value` with the secrets in it replaced by asterisks.

    A secret is what stands under a key that names one (password, secret, token, ...), and a password
    in an address.
    """
    if isinstance(value, Mapping):
        return {name: hidden(inner, name) for name, inner in value.items()}
    if value is not None and _SECRET_KEY.search(key):
        return HIDDEN
    if isinstance(value, list):
        return [hidden(inner, key) for inner in value]
    return without_passwords(value) if isinstance(value, str) else value


def without_passwords(text: str) -> str:
    """Return `text` with the passwords of addresses replaced, e.g. `https://user:***@host`."""
    return _PASSWORD.sub(rf"\g<before>{HIDDEN}", text)
