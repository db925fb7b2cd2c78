"""How an EntitySet shows itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import sparkfeat as sf
from tests.entityset.kinds import as_file, as_folder
from tests.entityset.shop import entityset, shop


def test_the_text_has_a_line_for_each_table_and_relationship() -> None:
    assert repr(shop()).splitlines() == [
        "EntitySet: shop",
        "  DataFrames:",
        "    customers: 6 columns, index customer_id, time joined; 4 rows in memory",
        "    sessions: 5 columns, index session_id, time started; 10 rows in memory",
        "    sales: 6 columns, index sale_id, time sold; 15 rows in memory",
        "    products: 4 columns, index product_id, time launched; 3 rows in memory",
        "  Relationships:",
        "    sessions.customer_id -> customers.customer_id",
        "    sales.session_id -> sessions.session_id",
        "    sales.product_id -> products.product_id",
    ]


def test_an_empty_one_says_so() -> None:
    assert repr(sf.EntitySet("new")) == "EntitySet: new\n  DataFrames:\n    none\n  Relationships:\n    none"


def test_the_text_says_which_files(tmp_path: Path) -> None:
    one = entityset(lambda name, frame: as_file(name, frame, tmp_path), ["products"])
    many = entityset(lambda name, frame: as_folder(name, frame, tmp_path), ["products"])

    assert f"Parquet {tmp_path}/products.parquet (1 file)" in repr(one)
    assert f"Parquet {tmp_path}/products (2 files)" in repr(many)


def test_the_html_holds_what_the_text_holds() -> None:
    html = shop()._repr_html_()

    for told in (
        "shop",
        "customers",
        "customer_id: Integer",
        "4 rows in memory",
        "sales.product_id -&gt; products",
    ):
        assert told in html


def test_the_html_escapes_names() -> None:
    given = sf.EntitySet("<b>")
    given.add_dataframe(pd.DataFrame({"<i>": [1]}), "<u>", index="<i>")
    html = given._repr_html_()

    for name in ("<b>", "<i>", "<u>"):
        assert name not in html
