"""`compute`, stopped between writing and publishing: waiting_job.py MARK URI.

The first process that comes there writes its number into the file MARK and waits to be killed; those after it
go on.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from sparkfeat.cli import main
from sparkfeat.storage.manifest import Manifest
from sparkfeat.storage.runs import Run

mark = Path(sys.argv[1])
publish = Run.publish


def wait_and_publish(run: Run, manifest: Manifest) -> None:
    """Wait the first time, with every file written."""
    if not mark.exists():
        part = mark.with_suffix(".part")
        part.write_text(str(os.getpid()))
        part.replace(mark)
        time.sleep(600)
    publish(run, manifest)


Run.publish = wait_and_publish  # type: ignore[method-assign]
main(["compute", *sys.argv[2:]])
