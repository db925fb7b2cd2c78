"""Which tables the shop has: columns with their logical types, keys and times."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class ShopTable:
    """One table of the shop as an EntitySet wants to know it."""

    name: str
    index: str
    logical_types: dict[str, str]
    time_index: str | None = None
    secondary_time_index: dict[str, list[str]] = field(default_factory=dict)


DECOY_TABLE, DECOY_COLUMN = "customers", "days_since_last_order"
LABELS = "labels"

REGIONS = ShopTable(
    "regions",
    "region_id",
    {"region_id": "Categorical", "region_name": "Categorical", "population": "Integer"},
)
CUSTOMERS = ShopTable(
    "customers",
    "customer_id",
    {
        "customer_id": "Integer",
        "region_id": "Categorical",
        "joined": "Datetime",
        "birthday": "Datetime",
        "full_name": "PersonFullName",
        "email": "EmailAddress",
        "segment": "Categorical",
        "newsletter": "BooleanNullable",
        "home": "LatLong",
        "store": "LatLong",
        DECOY_COLUMN: "Double",
    },
    time_index="joined",
)
SESSIONS = ShopTable(
    "sessions",
    "session_id",
    {
        "session_id": "Integer",
        "customer_id": "Integer",
        "started": "Datetime",
        "device": "Categorical",
        "is_mobile": "Boolean",
        "minutes": "Double",
        "campaign": "Categorical",
    },
    time_index="started",
)
TRANSACTIONS = ShopTable(
    "transactions",
    "transaction_id",
    {
        "transaction_id": "Integer",
        "session_id": "Integer",
        "product_id": "Categorical",
        "purchased_at": "Datetime",
        "quantity": "Integer",
        "amount": "Double",
        "delivered_at": "Datetime",
        "rating": "IntegerNullable",
    },
    time_index="purchased_at",
    # A rating is given on delivery, days after the row's own time: unseen before that.
    secondary_time_index={"delivered_at": ["rating"]},
)
PRODUCTS = ShopTable(
    "products",
    "product_id",
    {"product_id": "Categorical", "category": "Categorical", "brand": "Categorical", "price": "Double"},
)
RETURNS = ShopTable(
    "returns",
    "return_id",
    {
        "return_id": "Integer",
        "transaction_id": "Integer",
        "returned_at": "Datetime",
        "refund": "Double",
        "reason": "NaturalLanguage",
    },
    time_index="returned_at",
)

TABLES = (REGIONS, CUSTOMERS, SESSIONS, TRANSACTIONS, PRODUCTS, RETURNS)

# (parent, parent column, child, child column)
RELATIONSHIPS = (
    ("regions", "region_id", "customers", "region_id"),
    ("customers", "customer_id", "sessions", "customer_id"),
    ("sessions", "session_id", "transactions", "session_id"),
    ("products", "product_id", "transactions", "product_id"),
    ("transactions", "transaction_id", "returns", "transaction_id"),
)

LAT_LONG = pa.struct([("latitude", pa.float64()), ("longitude", pa.float64())])
_STORED = {
    "Integer": pa.int64(),
    "IntegerNullable": pa.int64(),
    "Double": pa.float64(),
    "Boolean": pa.bool_(),
    "BooleanNullable": pa.bool_(),
    "Datetime": pa.timestamp("us"),
    "LatLong": LAT_LONG,
}
LABEL_SCHEMA = pa.schema([("customer_id", pa.int64()), ("time", pa.timestamp("us")), ("label", pa.int64())])


def arrow_schema(table: ShopTable) -> pa.Schema:
    """Return the Parquet columns of a table; categories and text are stored as strings."""
    return pa.schema([(name, _STORED.get(kind, pa.string())) for name, kind in table.logical_types.items()])
