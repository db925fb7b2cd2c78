"""The champion that a model is compared with, where several jobs train at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sparkfeat.pipelines import log_training
from sparkfeat.tracking import Place, Registered
from tests.pipelines.small_training import train_config


def test_a_model_is_compared_with_the_champion_of_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Registered("shop", "3", "run", {})
    champions = iter([None, other, Registered("shop", "3", "run", {"comparison": "told later"})])
    compared = []

    def verdict(*given: Any) -> tuple[bool, str]:
        compared.append(given[-1])
        return given[-1] is None, "as it was"

    monkeypatch.setattr(log_training, "find_version", lambda *_: next(champions))
    monkeypatch.setattr(log_training, "_verdict", verdict)
    place: Any = Place("sqlite:///nowhere", None)
    training: Any = None
    config = train_config(tmp_path)

    assert log_training._against_champion("shop", training, config, place) == (False, "as it was")
    assert compared == [None, other]
