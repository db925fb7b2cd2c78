"""Featuretools itself, called as its users call it: what every engine is compared with."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import featuretools
import pandas as pd
from featuretools.feature_base import FeatureBase


def reference(
    entityset: featuretools.EntitySet, features: Sequence[FeatureBase], **options: Any
) -> pd.DataFrame:
    """Return the feature matrix of `featuretools.calculate_feature_matrix`, without what it warns of."""
    # Featuretools types the frame of cutoff times in place.
    own = {
        name: value.copy() if isinstance(value, pd.DataFrame) else value for name, value in options.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pd.DataFrame(featuretools.calculate_feature_matrix(list(features), entityset, **own))
