"""Train and publish a model: spark-submit jobs/train_model.py --config URI."""

from __future__ import annotations

from sparkfeat.cli.job import run_job

FLAGS = {
    "overwrite": "replace another model",
}

if __name__ == "__main__":
    run_job("train", __doc__, FLAGS)
