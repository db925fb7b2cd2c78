"""The demonstration: a shop's data, its features on two engines, and what they are good for."""

from __future__ import annotations

from sparkfeat.pipelines.demo.tour import run

__all__ = ["run"]
