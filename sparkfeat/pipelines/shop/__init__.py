"""A seeded shop of any size: six tables, a planted label and a decoy column that leaks the future."""

from __future__ import annotations

from sparkfeat.pipelines.shop.generate import ShopSummary, generate
from sparkfeat.pipelines.shop.use import config, load_entityset

__all__ = ["ShopSummary", "config", "generate", "load_entityset"]
