"""Steps from a table's columns to the vector of features, as MLlib's estimators and transformers."""

from sparkfeat.models.preprocessing.assemble import Assembler
from sparkfeat.models.preprocessing.build import build_preprocessing, feature_slots
from sparkfeat.models.preprocessing.categories import CategoryIndexer, FrequencyEncoder, OneHotEncoder
from sparkfeat.models.preprocessing.chained import ChainedImputer
from sparkfeat.models.preprocessing.clip import OutlierClipper
from sparkfeat.models.preprocessing.config import PreprocessingConfig
from sparkfeat.models.preprocessing.drop import ColumnDropper, RowDropper, training_rows
from sparkfeat.models.preprocessing.hashing import HashEncoder
from sparkfeat.models.preprocessing.impute import Imputer
from sparkfeat.models.preprocessing.mark import MissingIndicator
from sparkfeat.models.preprocessing.nearest import KNNImputer
from sparkfeat.models.preprocessing.power import LogTransformer, PowerTransformer
from sparkfeat.models.preprocessing.raw import WorkingColumns
from sparkfeat.models.preprocessing.reduce import Clusters, FeatureHasher, PrincipalComponents
from sparkfeat.models.preprocessing.scale import Scaler
from sparkfeat.models.preprocessing.slots import Slot, categorical_positions
from sparkfeat.models.preprocessing.target import TargetEncoder

__all__ = [
    "Assembler",
    "CategoryIndexer",
    "ChainedImputer",
    "Clusters",
    "ColumnDropper",
    "FeatureHasher",
    "FrequencyEncoder",
    "HashEncoder",
    "Imputer",
    "KNNImputer",
    "LogTransformer",
    "MissingIndicator",
    "OneHotEncoder",
    "OutlierClipper",
    "PowerTransformer",
    "PreprocessingConfig",
    "PrincipalComponents",
    "RowDropper",
    "Scaler",
    "Slot",
    "TargetEncoder",
    "WorkingColumns",
    "build_preprocessing",
    "categorical_positions",
    "feature_slots",
    "training_rows",
]
