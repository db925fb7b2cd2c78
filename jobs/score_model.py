"""Score rows and publish the predictions: spark-submit jobs/score_model.py --config URI."""

from __future__ import annotations

from sparkfeat.cli.job import run_job

FLAGS = {
    "overwrite": "replace other predictions",
    "check": "compute rows of the training again first",
}

if __name__ == "__main__":
    run_job("score", __doc__, FLAGS)
