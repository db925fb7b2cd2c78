"""EMR's releases: what a label stands for, and where releases differ."""

from __future__ import annotations

import re
from dataclasses import dataclass

PYTHON = "/usr/bin/python3.11"
"""On the image of every release that `Release.parse` takes; the default `python3` of EMR 7 is 3.9."""


@dataclass(frozen=True)
class Release:
    """A release label, read.

    `line` is "emr" (Spark 3.5 and the whole of Hadoop) or "emr-spark" (Spark 4.0 and little else).
    """

    label: str
    line: str
    version: tuple[int, int, int]

    @classmethod
    def parse(cls, label: str) -> Release:
        """Read a label.

        Raises:
            ValueError: it is none, or its Spark or Python is not one that sparkfeat runs on.
        """
        found = re.fullmatch(r"(emr|emr-spark)-(\d+)\.(\d+)\.(\d+)", label)
        if found is None:
            raise ValueError(f"'{label}' is no release; write emr-7.13.0 or emr-spark-8.0.0")
        version = (int(found[2]), int(found[3]), int(found[4]))
        release = cls(label, found[1], version)
        if not (release._is_spark_3() or release._is_spark_4()):
            raise ValueError(
                f"{label} has no Spark 3.5 or 4.0 with Python 3.11; use emr-7.13.0 or emr-spark-8.0.0"
            )
        return release

    @property
    def spark(self) -> str:
        """Spark's minor version."""
        return "4.0" if self._is_spark_4() else "3.5"

    @property
    def has_emrfs_keys(self) -> bool:
        """Whether `s3://` goes through EMRFS: S3A took its place in emr-7.10."""
        return self._is_spark_3() and self.version < (7, 10, 0)

    def _is_spark_3(self) -> bool:
        return self.line == "emr" and (7, 1, 0) <= self.version < (8, 0, 0)

    def _is_spark_4(self) -> bool:
        return self.line == "emr-spark" and self.version[:2] == (8, 0)
