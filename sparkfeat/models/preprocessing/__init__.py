"""Steps from a table's columns to the vector of features, as MLlib's estimators and transformers."""

from sparkfeat.models.preprocessing.assemble import Assembler
from sparkfeat.models.preprocessing.build import build_preprocessing, feature_slots
from sparkfeat.models.preprocessing.categories import CategoryIndexer, FrequencyEncoder, OneHotEncoder
from sparkfeat.models.preprocessing.chained import ChainedImputer
from sparkfeat.models.preprocessing.clip import OutlierClipper
from sparkfeat.models.preprocessing.config import PreprocessingConfig
from sparkfeat.models.preprocessing.impute import Imputer
from sparkfeat.models.preprocessing.nearest import KNNImputer
from sparkfeat.models.preprocessing.power import LogTransformer, PowerTransformer
from sparkfeat.models.preprocessing.raw import WorkingColumns
from sparkfeat.models.preprocessing.scale import Scaler
from sparkfeat.models.preprocessing.slots import Slot

__all__ = [
    "Assembler",
    "CategoryIndexer",
    "ChainedImputer",
    "FrequencyEncoder",
    "Imputer",
    "KNNImputer",
    "LogTransformer",
    "OneHotEncoder",
    "OutlierClipper",
    "PowerTransformer",
    "PreprocessingConfig",
    "Scaler",
    "Slot",
    "WorkingColumns",
    "build_preprocessing",
    "feature_slots",
]
