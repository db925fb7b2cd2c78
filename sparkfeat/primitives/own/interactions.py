"""Who had to do with what before, in SQL. CoCount has none: it is no window over one table."""

from __future__ import annotations

from sparkfeat.definitions import own
from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import seconds
from sparkfeat.primitives.own.row import MICROS, both, earlier
from sparkfeat.primitives.rows import Row, Steps, StepTexts

_PAIR = "x IS NOT NULL AND y IS NOT NULL AND e IS NOT NULL"


def _placed(time: str) -> Steps:
    def steps(_: Call, dialect: str) -> StepTexts:
        return ({"e": MICROS[dialect].format(time=time)},)

    return steps


def _since(call: Call) -> str:
    since = seconds(f"seconds_between(z, max(z) {earlier('x', 'y')})", call)
    return f"CASE WHEN {_PAIR} THEN {since} END"


_SHARE = f"""
CASE WHEN {_PAIR} AND count(*) {earlier("y")} > 0
     THEN CAST(count(*) {earlier("x", "y")} AS DOUBLE) / count(*) {earlier("y")} END
"""

INTERACTIONS: dict[type, Row] = {
    **both(own.PairCount, f"CASE WHEN {_PAIR} THEN count(*) {earlier('x', 'y')} END", steps=_placed("z")),
    **both(own.TimeSincePair, _since, steps=_placed("z")),
    **both(
        own.ItemPopularity,
        f"CASE WHEN x IS NOT NULL AND e IS NOT NULL THEN count(*) {earlier('x')} END",
        steps=_placed("y"),
    ),
    **both(own.PopularityWithinCategory, _SHARE, steps=_placed("z")),
}
