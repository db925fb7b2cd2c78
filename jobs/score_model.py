"""Score rows and publish the predictions: spark-submit jobs/score_model.py --config URI."""

from __future__ import annotations

import argparse

from sparkfeat.cli import main
from sparkfeat.engines.spark.session import active_session


def score_model() -> None:
    """Run `sparkfeat score` in the session of spark-submit; exit codes are those of the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, metavar="URI", help="the configuration, in YAML")
    parser.add_argument("--run-id", help="name of the run; a finished one is not repeated")
    parser.add_argument("--overwrite", action="store_true", help="replace other predictions")
    parser.add_argument("--check", action="store_true", help="compute rows of the training again first")
    given = parser.parse_args()
    options = [f"--run-id={given.run_id}"] if given.run_id else []
    options += [f"--{name}" for name in ("overwrite", "check") if getattr(given, name)]
    try:
        main(["score", given.config, *options])
    finally:
        # The session is this job's: on Kubernetes a driver does not end while it is open.
        session = active_session()
        if session is not None:
            session.stop()


if __name__ == "__main__":
    score_model()
