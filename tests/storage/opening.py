"""Runs of matrices, as the pipeline opens them."""

from __future__ import annotations

from functools import partial

from sparkfeat.storage.manifest import Manifest
from sparkfeat.storage.runs import open_run_of

open_run = partial(open_run_of, Manifest)
