"""An EntitySet of texts on which naive SQL goes wrong.

Spaces, digits and letters beyond ASCII, capitals whose lower case is two letters or depends on its place,
tags and quotes that run into one another, names with a title and without, addresses with parts left out.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import featuretools as ft
import pandas as pd

from tests.parity.data import days

TYPES: dict[str, Any] = {
    "text": "NaturalLanguage",
    "name": "PersonFullName",
    "mail": "EmailAddress",
    "page": "URL",
    "file": "Filepath",
    "code": "PostalCode",
}

TEXTS = [
    "The cat and THE dog, then there; the-end",
    None,
    "",
    " \t\n ",
    "... !? '' --",
    "#tag #1 #_ #a#b x#c\u3000#grün #٣ #५a",
    "@me @a_b@ @a@b x@c\u2003@élan @_ @",
    "He said 'one two' and \"three 'four' five\" it's",
    '"\'\u2028\'quoted"no\' "a"b" c"',
    "ΟΔΟΣ οδος οδοσ ΑΣ' Σ ΑΣ'Ω",
    "\u0130stanbul i\u0307stanbul ISTANBUL \u212aelvin Kelvin",
    "Stop! Go?\nWait... end.",
    "a\u00a0b\x1cc\x85d  e\u200bf",
    "ÜBER Straße STRASSE 12 Ⅷ ½ 😀 AA-1",
    "back\\slash [a] ^b `c` {d} ~e ]",
    "I don't, won't; \"can't\" (THE) 'Cat' word-word",
    "the the\tthe\nthe\rthe",
    "x\u0301y \U00010400 ǅ \ufdd0",
    "e.g. v1.2, a-b a_b 3,5",
    "Grüße grüße GRÜSSE",
]
NAMES = [
    "Woolf Spector",
    "Oliva y Ocana, Dona. Fermina",
    None,
    "Ware, Mr. Frederick",
    "Peter, Michael J",
    "Mr. Brown",
    "Mr. Brown\n",
    "",
    ",",
    "Mr. , ",
    "madonna",
    "Cher",
    "Anna Smith-Jones",
    "Anna Smith/Jones\n",
    "Van der Berg, Miss. Ida\r",
    "O'Neil, Mrs. Pat (Kate)",
    "Émile Zola",
    "Dr. Mr. Brown Smith",
    "\u2003Lee , Ann",
    "Two\nLines, Jo",
]
MAILS = [
    "a@gmail.com",
    "b@example.org ",
    None,
    "@",
    "two@yahoo.co.uk@gmail.com",
    "c@GMAIL.com",
    "\u3000d@hotmail.com\u3000",
    "e@ gmail.com @",
]
NO_MAILS = ["gmail.com", "", "  "]
PAGES = [
    "https://www.google.co.in/x?y=1",
    "http://user:pw@www.example.com:80/",
    None,
    "ftp://example.com",
    "HTTPS://example.com",
    "www.",
    "www.a.museum",
    "http:",
    "",
    "//x.de",
    "example.info.bar",
    "https://a@b@c.org/d@e",
    "no tld",
    "http://line\nend.com",
    "http://x.com\u2028y.net",
    "https://sub.domain.solutions#top",
]
FILES = [
    "/home/a/data.JSON",
    "file",
    None,
    "a.tar.gz",
    "dot.",
    "x.txt\n",
    "x.txt\n\n",
    "y.a|b",
    "z.mp3",
    ".bashrc",
    "é.é",
    "",
]
CODES = ["12345", "9", None, "01234-5", " 1", "éa 1", "😀x"]

_CUSTOMERS = [4, 1, 2, 3, 5, 6, 7, 8, 9, 10]
# Of these most have events; 6 joins after its own, 77 is in no table.
_WITH_EVENTS = [1, 4, 8, 2, 1, 3, 10, 8, 6, 77]


@cache
def texts() -> ft.EntitySet:
    """Return the EntitySet described above; it is shared, so leave it as it is."""
    entityset = ft.EntitySet("texts")
    entityset.add_dataframe(
        _customers(), "customers", index="customer_id", time_index="joined", logical_types=TYPES
    )
    entityset.add_dataframe(_events(), "events", index="event_id", time_index="at", logical_types=TYPES)
    entityset.add_relationship("customers", "customer_id", "events", "customer_id")
    return entityset


def _customers() -> pd.DataFrame:
    frame = _rows(len(_CUSTOMERS), start=5)
    frame.insert(0, "customer_id", _CUSTOMERS)
    frame.insert(1, "joined", days(1, 1, 2, 1, 3, 20, 1, 1, 1, 1))
    return frame


def _events() -> pd.DataFrame:
    frame = _rows(40)
    frame.insert(0, "event_id", range(40))
    frame.insert(1, "at", days(*(1 + number / 4 for number in range(40))))
    frame.insert(2, "customer_id", [_WITH_EVENTS[number % len(_WITH_EVENTS)] for number in range(40)])
    # Featuretools fails where no address at all has an '@': the first ones have.
    frame.loc[30:32, "mail"] = NO_MAILS
    return frame


def _rows(count: int, start: int = 0) -> pd.DataFrame:
    columns = {"text": TEXTS, "name": NAMES, "mail": MAILS, "page": PAGES, "file": FILES, "code": CODES}
    return pd.DataFrame(
        {
            name: [values[(start + number) % len(values)] for number in range(count)]
            for name, values in columns.items()
        }
    )
