"""`compute`, stopped between writing and publishing: waiting_job.py MARK URI.

The first process that comes there writes its number into the file MARK and waits to be killed; those after it go on.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from sparkfeat import FeatureMatrix
from sparkfeat.cli import main

mark = Path(sys.argv[1])
write = FeatureMatrix.write_parquet


def write_and_wait(matrix: FeatureMatrix, *arguments: Any, **options: Any) -> Any:
    """Write the matrix, and wait the first time."""
    files = write(matrix, *arguments, **options)
    if not mark.exists():
        part = mark.with_suffix(".part")
        part.write_text(str(os.getpid()))
        part.replace(mark)
        time.sleep(600)
    return files


FeatureMatrix.write_parquet = write_and_wait  # type: ignore[method-assign]
main(["compute", *sys.argv[2:]])
