"""Compute and publish a feature matrix: spark-submit jobs/compute_features.py --config URI."""

from __future__ import annotations

from sparkfeat.cli.job import run_job

FLAGS = {
    "overwrite": "replace another run's matrix",
    "profile": "write time and rows of every step",
}

if __name__ == "__main__":
    run_job("compute", __doc__, FLAGS)
