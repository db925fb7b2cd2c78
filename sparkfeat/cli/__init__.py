"""The command line: `sparkfeat --help`."""

from __future__ import annotations

from sparkfeat.cli.app import main

__all__ = ["main"]
