"""Train and publish a model: spark-submit jobs/train_model.py --config URI."""

from __future__ import annotations

import argparse

from sparkfeat.cli import main
from sparkfeat.engines.spark.session import active_session


def train_model() -> None:
    """Run `sparkfeat train` in the session of spark-submit; exit codes are those of the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, metavar="URI", help="the configuration, in YAML")
    parser.add_argument("--run-id", help="name of the run; a finished one is not repeated")
    parser.add_argument("--overwrite", action="store_true", help="replace another model")
    given = parser.parse_args()
    options = [f"--run-id={given.run_id}"] if given.run_id else []
    options += ["--overwrite"] if given.overwrite else []
    try:
        main(["train", given.config, *options])
    finally:
        # The session is this job's: on Kubernetes a driver does not end while it is open.
        session = active_session()
        if session is not None:
            session.stop()


if __name__ == "__main__":
    train_model()
