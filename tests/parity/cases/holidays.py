"""Holidays, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform
from tests.parity.data_dates import dates

CASES: dict[str, Case] = {
    "is_federal_holiday": transform(p.IsFederalHoliday, data=dates),
    "is_federal_holiday_england": transform(p.IsFederalHoliday(country="England"), data=dates),
    "date_to_holiday": transform(p.DateToHoliday, data=dates),
    "date_to_holiday_canada": transform(p.DateToHoliday(country="Canada"), data=dates),
    "distance_to_holiday": transform(p.DistanceToHoliday, data=dates),
    # Its date follows the moon: it lasts days, and in some years it comes twice.
    "distance_to_holiday_moon": transform(
        p.DistanceToHoliday(holiday="Eid al-Adha", country="Turkey"), data=dates
    ),
}
