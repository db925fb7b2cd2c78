"""Classes that are rarer than others: weights, rows left out or repeated, synthetic rows."""

from sparkfeat.models.sampling.config import ImbalanceConfig
from sparkfeat.models.sampling.resample import resample

__all__ = ["ImbalanceConfig", "resample"]
