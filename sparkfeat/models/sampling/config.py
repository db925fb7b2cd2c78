"""The configuration of what is done about rare classes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from sparkfeat.configuration import Section


class ImbalanceConfig(Section):
    """What is done about rare classes, on training rows only.

    Args:
        method: `none` (default); `class_weight`: a column of weights by which all classes count the same;
            `random_over`: repeat rows of rare classes; `random_under`: leave rows of frequent classes out;
            `smote`: synthetic rows between neighbours of a rare class; `smote_nc`: the same where some
            positions are categories, which the neighbours vote on.
        ratio: how many rows a rare class has afterwards, as a share of the most frequent class's. Default: 1.
        k_neighbors: of how many nearest rows of its class one is chosen. Default: 5.
        max_candidates: rows of a class that may be neighbours. Up to that many are all of them, and
            neighbours
            exact; of more it is a sample, and the time stays proportional to the rows. Default: 10,000.
    """

    method: Literal["none", "class_weight", "random_over", "random_under", "smote", "smote_nc"] = "none"
    ratio: Annotated[float, Field(gt=0, le=1)] = 1.0
    k_neighbors: PositiveInt = 5
    max_candidates: PositiveInt = 10_000
