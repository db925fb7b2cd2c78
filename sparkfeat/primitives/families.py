"""Every primitive's row, by family: a family is a module here and a module of cases in tests/parity/cases."""

from __future__ import annotations

from sparkfeat.definitions.calls import OUTPUT
from sparkfeat.primitives.aggregation import AGGREGATIONS
from sparkfeat.primitives.booleans import BOOLEANS
from sparkfeat.primitives.calendar import CALENDAR
from sparkfeat.primitives.comparison import COMPARISONS
from sparkfeat.primitives.contacts import CONTACTS
from sparkfeat.primitives.counts import COUNTS
from sparkfeat.primitives.holidays import HOLIDAYS
from sparkfeat.primitives.numeric import ARITHMETIC
from sparkfeat.primitives.order import ROW_ORDER
from sparkfeat.primitives.places import PLACES
from sparkfeat.primitives.rolling import ROLLING
from sparkfeat.primitives.rows import Row, expression
from sparkfeat.primitives.sequences import SEQUENCES
from sparkfeat.primitives.smoothing import SMOOTHING
from sparkfeat.primitives.spread import SPREAD
from sparkfeat.primitives.texts import TEXTS
from sparkfeat.primitives.times import TIMES

FAMILIES: dict[str, tuple[Row, ...]] = {
    "aggregation": AGGREGATIONS,
    "booleans": BOOLEANS,
    "calendar": CALENDAR,
    "comparison": COMPARISONS,
    "contacts": CONTACTS,
    "counts": COUNTS,
    "holidays": HOLIDAYS,
    "numeric": ARITHMETIC,
    "order": ROW_ORDER,
    "places": PLACES,
    "rolling": ROLLING,
    "sequences": SEQUENCES,
    "spread": SPREAD,
    "texts": TEXTS,
    "times": TIMES,
}


def family_of(name: str) -> str:
    """Return the family of a primitive of Featuretools, which its module is called after."""
    families = (family for family, rows in FAMILIES.items() if name in {row.name for row in rows})
    return next(families, "smoothing")


OUTPUT_ROW = expression(
    OUTPUT,
    lambda call: f"list_extract(x, {int(str(call.primitive.argument('position'))) + 1})",
    lambda call: f"get(x, {call.primitive.argument('position')})",
)
WITHOUT_SQL: dict[str, str] = SMOOTHING
"""Why a primitive of Featuretools has no SQL, by name; every other one has a row."""
ROWS: dict[str, Row] = {row.name: row for rows in FAMILIES.values() for row in rows}
