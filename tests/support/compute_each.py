"""`compute` for each URI, one after the other in one session."""

from __future__ import annotations

import sys

from sparkfeat.pipelines import compute_features
from sparkfeat.pipelines.config_file import read_config

for uri in sys.argv[1:]:
    compute_features.run(read_config(uri))
