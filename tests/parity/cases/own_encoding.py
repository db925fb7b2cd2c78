"""Categories as the labels that they went with before, as they are tried."""

from __future__ import annotations

from sparkfeat import primitives as p
from tests.parity.cases.case import Case, along_rows
from tests.parity.data_sequences import sequences

CASES: dict[str, Case] = {
    "target_encoding": along_rows(p.TargetEncoding),
    "target_encoding_plain": along_rows(p.TargetEncoding(smoothing=0), data=sequences),
    "delayed_target_encoding": along_rows(p.DelayedTargetEncoding(smoothing=2.5), data=sequences),
}
