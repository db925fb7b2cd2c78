"""Addresses, names and files, as they are tried."""

from __future__ import annotations

from functools import partial

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform
from tests.parity.data_texts import texts

_of_texts = partial(transform, data=texts)

CASES: dict[str, Case] = {
    "email_address_to_domain": _of_texts(p.EmailAddressToDomain),
    "is_free_email_domain": _of_texts(p.IsFreeEmailDomain),
    "url_to_domain": _of_texts(p.URLToDomain),
    "url_to_protocol": _of_texts(p.URLToProtocol),
    "url_to_tld": _of_texts(p.URLToTLD),
    "file_extension": _of_texts(p.FileExtension),
    "full_name_to_first_name": _of_texts(p.FullNameToFirstName),
    "full_name_to_last_name": _of_texts(p.FullNameToLastName),
    "full_name_to_title": _of_texts(p.FullNameToTitle),
    "one_digit_postal_code": _of_texts(p.OneDigitPostalCode),
    "two_digit_postal_code": _of_texts(p.TwoDigitPostalCode),
}
