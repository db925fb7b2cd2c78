"""What the scripts in jobs/ share: a command of the program, in the session of spark-submit."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from sparkfeat.cli.app import main


def run_job(command: str, description: str | None, flags: Mapping[str, str]) -> None:
    """Run a command on a configuration; the process ends with the command's exit code.

    Args:
        command: such as "compute".
        description: what `--help` says first.
        flags: options of the command without a value, such as "overwrite", with what they do.
    """
    from sparkfeat.engines.spark.session import active_session

    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--config", required=True, metavar="URI", help="the configuration, in YAML")
    parser.add_argument("--run-id", help="name of the run; a finished one is not repeated")
    for name, meaning in flags.items():
        parser.add_argument(f"--{name}", action="store_true", help=meaning)
    given = parser.parse_args()
    options = [f"--run-id={given.run_id}"] if given.run_id else []
    options += [f"--{name}" for name in flags if getattr(given, name)]
    try:
        main([command, given.config, *options])
    finally:
        # The session is this job's: on Kubernetes a driver does not end while it is open.
        session = active_session()
        if session is not None:
            session.stop()
