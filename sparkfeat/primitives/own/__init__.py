"""SQL for sparkfeat's own primitives, by class: the same as their functions compute."""

from __future__ import annotations

from sparkfeat.primitives.own.decay import DECAY
from sparkfeat.primitives.own.encoding import ENCODING
from sparkfeat.primitives.own.interactions import INTERACTIONS
from sparkfeat.primitives.own.spread import SPREAD
from sparkfeat.primitives.own.times import TIMES
from sparkfeat.primitives.own.values import VALUES
from sparkfeat.primitives.rows import Row

OWN_FAMILIES: dict[str, dict[type, Row]] = {
    "own_decay": DECAY,
    "own_encoding": ENCODING,
    "own_interactions": INTERACTIONS,
    "own_spread": SPREAD,
    "own_times": TIMES,
    "own_values": VALUES,
}
OWN_ROWS: dict[type, Row] = {given: row for rows in OWN_FAMILIES.values() for given, row in rows.items()}
